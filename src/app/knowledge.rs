//! What a workspace knows before a ticket comes: its playbook, its patterns and its labelled ground, kept in memory.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::app::error::Error;
use crate::app::pieces::{Piece, Raw};
use crate::app::{App, Needed};
use crate::domain::audience::{Reader, Scope};
use crate::domain::id::{TicketId, WorkspaceId};
use crate::domain::label::{self, Label};
use crate::domain::ticket::Ticket;
use crate::domain::triage::Source;
use crate::domain::vocabulary::{GroupName, IntentName, Language, TicketChannel, Tier};
use crate::playbook::Playbook;
use crate::store;
use crate::text::clean::{CleanText, clean};
use crate::text::entity::Patterns;
use crate::text::language;
use crate::triage::ground::{Example, Ground, Labels, features};
use crate::triage::routing::{Facts, rule};
use crate::triage::sought;
use backchannel_learn::features::Features;
use backchannel_learn::ngrams::{Sparse, Vocabulary};

/// What a workspace knows before a ticket comes.
#[derive(Debug)]
pub(crate) struct Knowledge {
    /// The playbook in force.
    pub(crate) playbook: Playbook,
    /// How its numbers look.
    pub(crate) patterns: Patterns,
    /// Its labelled examples, and the heads that learned from them.
    pub(crate) ground: Ground,
    /// The language when nothing else says one.
    pub(crate) language: Language,
    vocabulary: Vocabulary,
    prompts: BTreeMap<(IntentName, Language), Prompt>,
    /// The places of the labelled tickets among the examples.
    tickets: HashMap<TicketId, usize>,
    fingerprint: Fingerprint,
}

/// What an intent is about, in one language.
#[derive(Debug)]
pub(crate) struct Prompt {
    /// Its description and its examples in that language.
    pub(crate) body: CleanText,
    /// The middle of their vectors, of norm 1.
    pub(crate) dense: Vec<f32>,
}

/// What the knowledge was made from; another one means that it must be made again.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fingerprint {
    playbook: Option<String>,
    labels: Vec<Label>,
}

impl Knowledge {
    /// The features of a text whose vector is known, as the heads read them.
    pub(crate) fn features(&self, text: &Piece, dense: Vec<f32>) -> Features {
        features(&self.vocabulary, text.body.as_str(), Some(text.language), dense)
    }

    /// The words of a text, to be compared with those of many others.
    pub(crate) fn words(&self, text: &CleanText) -> Sparse {
        self.vocabulary.features(text.as_str())
    }

    /// A labelled ticket.
    pub(crate) fn labelled(&self, ticket: TicketId) -> Option<&Example> {
        self.ground.examples().get(*self.tickets.get(&ticket)?)
    }

    /// Whether any ticket is labelled.
    pub(crate) fn has_labels(&self) -> bool {
        !self.tickets.is_empty()
    }

    /// What an intent is about, in a language in which it has examples.
    pub(crate) fn prompt(&self, intent: &IntentName, language: Language) -> Option<&Prompt> {
        self.prompts.get(&(intent.clone(), language))
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
        let slot = self.knowledge_of(workspace).await;
        let known = slot.try_lock().ok().and_then(|kept| kept.clone());
        if let Some(known) = known
            && known.fingerprint == self.ground_of(workspace).await?.1
        {
            return Ok(known);
        }
        let app = self.clone();
        // To its end: whoever asked may have left when it is made, and the next one to ask needs it as well.
        let made = self.to_its_end(async move {
            // Held while the knowledge is made, so that a burst of tickets makes it once. What it is made from is read after that: it
            // may have changed while others made theirs.
            let mut kept = slot.lock().await;
            let (files, fingerprint) = app.ground_of(workspace).await?;
            if let Some(known) = kept.as_ref().filter(|known| known.fingerprint == fingerprint) {
                return Ok(Arc::clone(known));
            }
            let playbook = Playbook::parse(&files).map_err(Error::internal)?;
            let made = Arc::new(app.learn(workspace, playbook, fingerprint).await?);
            *kept = Some(Arc::clone(&made));
            Ok(made)
        });
        made.await.map_err(Error::internal)?
    }

    /// What the knowledge of a workspace is made from.
    async fn ground_of(&self, workspace: WorkspaceId) -> Result<(BTreeMap<String, String>, Fingerprint), Error> {
        let version = store::playbook::current(self.store(), workspace).await?;
        let labels = store::label::list(self.store(), workspace).await?;
        let labels = label::corrected(labels, &store::correction::list(self.store(), workspace).await?);
        let fingerprint = Fingerprint { playbook: version.as_ref().map(|version| version.hash.clone()), labels };
        Ok((version.map(|version| version.files).unwrap_or_default(), fingerprint))
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
        let mut vectors = self.embed(texts, Needed::Later).await?.into_iter();

        let mut examples = Vec::new();
        for (ticket, gist) in &gists {
            let (Some(label), Some(dense)) = (labels.get(&ticket.id), vectors.next()) else { continue };
            examples.push(Example {
                ticket: Some(ticket.id),
                at: Some(ticket.created_at),
                language: Some(gist.language),
                features: features(&vocabulary, gist.body.as_str(), Some(gist.language), dense),
                title: ticket.reference(),
                quote: ticket.subject.clone(),
                labels: labels_of(label),
            });
        }
        let vectors: Vec<Vec<f32>> = vectors.collect();
        let prompts = prompts(&playbook, &written, &vectors);
        for ((text, intent), dense) in written.iter().zip(vectors) {
            let language = language::detect(text.as_str()).map(|(language, _)| language);
            examples.push(Example {
                ticket: None,
                at: None,
                language,
                features: features(&vocabulary, text.as_str(), language, dense),
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
        let tickets = examples.iter().enumerate().filter_map(|(place, example)| Some((example.ticket?, place))).collect();
        let languages = self.encoder_languages();
        let ground = tokio::task::spawn_blocking(move || Ground::new(examples, languages)).await.map_err(Error::internal)?;
        Ok(Knowledge { patterns: patterns(&playbook)?, ground, playbook, language, vocabulary, prompts, tickets, fingerprint })
    }
}

/// What each intent is about, in every language in which it has examples; texts and vectors as they were written, in their order.
fn prompts(playbook: &Playbook, written: &[(CleanText, &str)], vectors: &[Vec<f32>]) -> BTreeMap<(IntentName, Language), Prompt> {
    let mut prompts = BTreeMap::new();
    for (name, intent) in &playbook.intents {
        let own: Vec<(&CleanText, &[f32])> = written
            .iter()
            .zip(vectors)
            .filter(|((_, of), _)| *of == name.as_str())
            .map(|((text, _), dense)| (text, dense.as_slice()))
            .collect();
        // The description speaks for every language: it is what the admin means.
        let description = clean(&intent.description);
        let spoken = |text: &CleanText| language::detect(text.as_str()).map(|(language, _)| language);
        let languages: BTreeSet<Language> = own.iter().filter_map(|(text, _)| spoken(text)).collect();
        for language in languages {
            let of_it: Vec<&(&CleanText, &[f32])> =
                own.iter().filter(|(text, _)| **text == description || spoken(text) == Some(language)).collect();
            let body: Vec<&str> = of_it.iter().map(|(text, _)| text.as_str()).collect();
            let prompt = Prompt { body: clean(&body.join("\n")), dense: middle(of_it.iter().map(|(_, dense)| *dense)) };
            prompts.insert((name.clone(), language), prompt);
        }
    }
    prompts
}

/// The middle of unit vectors, of norm 1 itself.
fn middle<'a>(vectors: impl Iterator<Item = &'a [f32]>) -> Vec<f32> {
    let mut sum: Vec<f32> = Vec::new();
    for vector in vectors {
        sum.resize(vector.len(), 0.0);
        for (sum, value) in sum.iter_mut().zip(vector) {
            *sum += value;
        }
    }
    let norm = sum.iter().map(|value| value * value).sum::<f32>().sqrt();
    if norm > 0.0 {
        for value in &mut sum {
            *value /= norm;
        }
    }
    sum
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
        intent: label.intents.as_ref().map(|intents| intents.first().cloned()),
        sentiment: label.sentiment,
        urgency: label.urgency,
        priority: label.priority,
        group: label.group.clone(),
        next_step: label.next_step,
    }
}

/// The playbook's patterns as the text room takes them.
pub(crate) fn patterns(playbook: &Playbook) -> Result<Patterns, Error> {
    sought::patterns(playbook).map_err(|error| Error::invalid("entities.toml", error))
}
