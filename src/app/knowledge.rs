//! What a workspace knows before a ticket comes: its playbook, its patterns and its labelled ground, kept in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::app::App;
use crate::app::error::Error;
use crate::app::pieces::{Piece, Raw};
use crate::domain::audience::{Reader, Scope};
use crate::domain::id::{TicketId, WorkspaceId};
use crate::domain::label::Label;
use crate::domain::ticket::Ticket;
use crate::domain::triage::Source;
use crate::domain::vocabulary::{GroupName, Language, TicketChannel, Tier};
use crate::learn::calibration::Platt;
use crate::learn::neighbours::Features;
use crate::learn::ngrams::Vocabulary;
use crate::playbook::{Check, Playbook};
use crate::store;
use crate::text::clean::{CleanText, clean};
use crate::text::entity::{Check as TextCheck, Pattern, Patterns};
use crate::text::language;
use crate::triage::ground::{Example, Ground, Labels};
use crate::triage::mood;
use crate::triage::routing::{Facts, rule};

/// What a workspace knows before a ticket comes.
#[derive(Debug)]
pub(crate) struct Knowledge {
    /// The playbook in force.
    pub(crate) playbook: Playbook,
    /// How its numbers look.
    pub(crate) patterns: Patterns,
    /// Its labelled examples, calibrated.
    pub(crate) ground: Ground,
    /// How likely the lexicon's sentiment is right here, by how much feeling its words show; `None` while too few labels are there.
    pub(crate) sentiment: Option<Platt>,
    /// How likely the lexicon's urgency is right here, by how much pressure its words show.
    pub(crate) urgency: Option<Platt>,
    /// The language when nothing else says one.
    pub(crate) language: Language,
    vocabulary: Vocabulary,
    fingerprint: Fingerprint,
}

/// What the knowledge was made from; another one means that it must be made again.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fingerprint {
    playbook: Option<String>,
    labels: Vec<Label>,
}

impl Knowledge {
    /// The features of a text whose vector is known.
    pub(crate) fn features(&self, text: &CleanText, dense: Vec<f32>) -> Features {
        Features { dense, sparse: self.vocabulary.features(text.as_str()) }
    }
}

/// The text by which a ticket is compared: its subject and its body without quotes and signatures.
pub(crate) fn gist(ticket: &Ticket, otherwise: Language) -> Piece {
    let text = ticket.text();
    Piece::cut(Raw {
        source: Source::Ticket(ticket.id),
        author: None,
        title: ticket.reference(),
        at: Some(ticket.created_at),
        language: ticket.language,
        otherwise,
        text: &text,
    })
}

impl App {
    /// The knowledge of a workspace, made again when its playbook or its labels changed.
    pub(crate) async fn knowledge(&self, workspace: WorkspaceId) -> Result<Arc<Knowledge>, Error> {
        let version = store::playbook::current(self.store(), workspace).await?;
        let labels = store::label::list(self.store(), workspace).await?;
        let fingerprint = Fingerprint { playbook: version.as_ref().map(|version| version.hash.clone()), labels };
        // Held while the knowledge is made, so that a burst of tickets makes it once.
        let mut kept = self.knowledge_of(workspace).await.lock_owned().await;
        if let Some(known) = kept.as_ref().filter(|known| known.fingerprint == fingerprint) {
            return Ok(Arc::clone(known));
        }
        let files = version.map(|version| version.files).unwrap_or_default();
        let playbook = Playbook::parse(&files).map_err(Error::internal)?;
        let made = Arc::new(self.learn(workspace, playbook, fingerprint).await?);
        *kept = Some(Arc::clone(&made));
        Ok(made)
    }

    async fn learn(&self, workspace: WorkspaceId, playbook: Playbook, fingerprint: Fingerprint) -> Result<Knowledge, Error> {
        let language = store::workspace::get(self.store(), workspace).await?.map_or(Language::ENGLISH, |found| found.default_language);
        let everything = Scope::new(workspace, Reader::Everything);
        let labels: BTreeMap<TicketId, &Label> = fingerprint.labels.iter().map(|label| (label.ticket, label)).collect();
        let ids: Vec<TicketId> = labels.keys().copied().collect();
        let tickets = store::ticket::by_ids(self.store(), &everything, &ids).await?;
        let gists: Vec<(Ticket, Piece)> = tickets.into_iter().map(|ticket| (ticket.clone(), gist(&ticket, language))).collect();
        let written: Vec<(CleanText, &str)> = playbook
            .intents
            .iter()
            .flat_map(|(name, intent)| intent.examples.iter().chain([&intent.description]).map(|text| (clean(text), name.as_str())))
            .collect();
        let vocabulary =
            Vocabulary::of(gists.iter().map(|(_, gist)| gist.body.as_str()).chain(written.iter().map(|(text, _)| text.as_str())));
        let texts = gists.iter().map(|(_, gist)| gist.body.clone()).chain(written.iter().map(|(text, _)| text.clone())).collect();
        let mut vectors = self.embed(texts).await?.into_iter();

        let mut examples = Vec::new();
        let (mut sentiments, mut urgencies) = (Vec::new(), Vec::new());
        for (ticket, gist) in &gists {
            let (Some(label), Some(dense)) = (labels.get(&ticket.id), vectors.next()) else { continue };
            let mood = mood::read(gist.body.as_str(), Some(gist.language));
            // The more the words say, the surer the lexicon is: the fit tells how sure, in this workspace.
            sentiments.extend(label.sentiment.map(|right| (mood.feeling, right == mood.sentiment)));
            urgencies.extend(label.urgency.map(|right| (mood.pressure, right == mood.urgency)));
            examples.push(Example {
                ticket: Some(ticket.id),
                at: Some(ticket.created_at),
                language: Some(gist.language),
                features: Features { dense, sparse: vocabulary.features(gist.body.as_str()) },
                title: ticket.reference(),
                quote: ticket.subject.clone(),
                labels: labels_of(label),
            });
        }
        for ((text, intent), dense) in written.iter().zip(vectors) {
            examples.push(Example {
                ticket: None,
                at: None,
                language: language::detect(text.as_str()).map(|(language, _)| language),
                features: Features { dense, sparse: vocabulary.features(text.as_str()) },
                title: (*intent).to_owned(),
                quote: text.as_str().to_owned(),
                labels: Labels {
                    intent: Some(intent.parse().ok()),
                    // What the rules would say of a ticket like it: so that a route is learned before anybody labelled one.
                    group: group_of(&playbook, intent),
                    ..Labels::default()
                },
            });
        }
        Ok(Knowledge {
            patterns: patterns(&playbook)?,
            ground: Ground::new(examples, self.encoder_languages()),
            sentiment: Platt::fit(&sentiments),
            urgency: Platt::fit(&urgencies),
            playbook,
            language,
            vocabulary,
            fingerprint,
        })
    }
}

/// The group that the rules give to an intent when nothing else is known of the ticket.
fn group_of(playbook: &Playbook, intent: &str) -> Option<GroupName> {
    let intent = intent.parse().ok()?;
    let facts = Facts {
        intent: Some(&intent),
        language: None,
        tier: Tier::Standard,
        channel: TicketChannel::Email,
        text: "",
        entities: &[],
        urgency: None,
    };
    rule(&playbook.routing, facts).group.map(|(group, _)| group)
}

fn labels_of(label: &Label) -> Labels {
    Labels {
        intent: Some(label.intents.first().cloned()),
        sentiment: label.sentiment,
        urgency: label.urgency,
        priority: label.priority,
        group: label.group.clone(),
        next_step: label.next_step,
    }
}

/// The playbook's patterns as the text room takes them.
pub(crate) fn patterns(playbook: &Playbook) -> Result<Patterns, Error> {
    let patterns = playbook
        .entities
        .patterns
        .iter()
        .map(|pattern| Pattern {
            kind: pattern.kind.clone(),
            regex: pattern.pattern.clone(),
            check: match pattern.check {
                Check::None => TextCheck::None,
                Check::Mod7 => TextCheck::Mod7,
                Check::Luhn => TextCheck::Luhn,
                Check::Iban => TextCheck::Iban,
            },
        })
        .collect();
    Patterns::new(patterns, playbook.entities.products.clone()).map_err(|error| Error::invalid("entities.toml", error))
}
