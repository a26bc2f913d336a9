//! What heads are learned from: labelled tickets, solved ones, and what the playbook says of its intents.

use std::collections::BTreeMap;

use backchannel_learn::ngrams::Vocabulary;
use sha2::{Digest, Sha256};

use crate::app::error::Error;
use crate::app::heads::{Learned, Learning, Progress};
use crate::app::knowledge::gist;
use crate::app::pieces::Piece;
use crate::app::triage::is_readable;
use crate::app::{App, Needed};
use crate::domain::audience::{Reader, Scope};
use crate::domain::id::{TicketId, WorkspaceId};
use crate::domain::label::{self, Label};
use crate::domain::ticket::Ticket;
use crate::domain::vocabulary::{GroupName, IntentName, Language, TicketChannel, Tier};
use crate::playbook::Playbook;
use crate::store;
use crate::text::clean::{CleanText, clean};
use crate::text::language;
use crate::triage::ground::{Example, Ground, Labels, features};
use crate::triage::routing::{Facts, rule};

/// So many texts are encoded between two steps of the progress.
const STEP: usize = 256;
/// Solved tickets that routes are learned from beside labels, at most, the newest.
const SOLVED: u32 = 20_000;

/// Labelled tickets that are learned from, at most, the newest.
const MOST_LABELS: usize = 100_000;

/// What there is to learn from.
pub(super) struct Material {
    tickets: Vec<(Ticket, Piece)>,
    labels: BTreeMap<TicketId, Label>,
}

impl Material {
    /// Tickets with what people said of them.
    pub(super) fn of(tickets: Vec<Ticket>, labels: BTreeMap<TicketId, Label>, language: Language) -> Self {
        // Of a ticket without words nothing is learned but that such tickets are there.
        let read = tickets.into_iter().map(|ticket| {
            let gist = gist(&ticket, language);
            (ticket, gist)
        });
        Self { tickets: read.filter(|(_, gist)| is_readable(gist)).collect(), labels }
    }

    /// How many of its tickets are labelled otherwise than in another one.
    pub(super) fn labels_that_differ(&self, other: &Self) -> usize {
        let differs = |(ticket, _): &&(Ticket, Piece)| self.labels.get(&ticket.id) != other.labels.get(&ticket.id);
        self.tickets.iter().filter(differs).count()
    }
}

impl App {
    /// The labelled tickets with what people said of them, and the solved ones with the group that had them in the end.
    pub(super) async fn material(&self, workspace: WorkspaceId, playbook: &Playbook, language: Language) -> Result<Material, Error> {
        let labels = store::label::list(self.store(), workspace).await?;
        let labels = label::corrected(labels, &store::correction::list(self.store(), workspace).await?);
        let mut labels: BTreeMap<TicketId, Label> = labels.into_iter().map(|label| (label.ticket, label)).collect();
        // Ids rise with time: the oldest are left out.
        while labels.len() > MOST_LABELS {
            labels.pop_first();
        }
        let ids: Vec<TicketId> = labels.keys().copied().collect();
        let everything = Scope::new(workspace, Reader::Everything);
        let mut tickets = store::ticket::by_ids(self.store(), &everything, &ids).await?;
        for ticket in store::ticket::solved_before(self.store(), &everything, self.now(), SOLVED).await? {
            // Groups that the playbook does not have are never said.
            let Some(group) = ticket.group.as_ref().filter(|group| playbook.routing.groups.contains_key(*group)) else { continue };
            let is_labelled = labels.contains_key(&ticket.id);
            // What somebody said of it counts for more.
            labels.entry(ticket.id).or_insert_with(|| Label::blank(ticket.id)).group.get_or_insert_with(|| group.clone());
            if !is_labelled {
                tickets.push(ticket);
            }
        }
        // In one order whatever the database says, so that the same tickets and labels give the same heads.
        tickets.sort_by_key(|ticket| ticket.id);
        tokio::task::spawn_blocking(move || Material::of(tickets, labels, language)).await.map_err(Error::internal)
    }

    /// Learns from it; takes seconds to minutes.
    pub(super) async fn learn(&self, material: Material, playbook: &Playbook, progress: Progress) -> Result<Learned, Error> {
        let Material { tickets, labels } = material;
        let written = written_of(playbook);
        let texts: Vec<CleanText> =
            tickets.iter().map(|(_, gist)| gist.body.clone()).chain(written.iter().map(|(text, _)| text.clone())).collect();
        let counted = texts.clone();
        let count = move || Vocabulary::of(counted.iter().map(CleanText::as_str));
        let vocabulary = tokio::task::spawn_blocking(count).await.map_err(Error::internal)?;
        let mut vectors = Vec::with_capacity(texts.len());
        for step in texts.chunks(STEP) {
            vectors.extend(self.embed(step.to_vec(), Needed::Later).await?);
            progress(Learning::Encoding(vectors.len(), texts.len()));
        }
        // What the rules would say of a ticket like it: so that a route is learned before anybody labelled one.
        let of_playbook: Vec<(CleanText, IntentName, Option<GroupName>)> =
            written.into_iter().map(|(text, intent)| (text, intent.clone(), group_of(playbook, intent))).collect();
        let languages = self.encoder_languages();
        // Minutes of computing for a large desk.
        let fit = move || {
            let mut vectors = vectors.into_iter();
            let mut examples = Vec::new();
            for (ticket, gist) in &tickets {
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
            for ((text, intent, group), dense) in of_playbook.into_iter().zip(vectors) {
                let language = language::detect(text.as_str()).map(|(language, _)| language);
                examples.push(Example {
                    ticket: None,
                    at: None,
                    language,
                    features: features(&vocabulary, text.as_str(), language, dense),
                    title: intent.to_string(),
                    quote: text.as_str().to_owned(),
                    labels: Labels { intent: Some(Some(intent)), group, ..Labels::default() },
                });
            }
            let ground = Ground::watched(examples, languages, &|done, total| progress(Learning::Fitting(done, total)));
            Learned { vocabulary, ground }
        };
        tokio::task::spawn_blocking(fit).await.map_err(Error::internal)
    }
}

/// Every text of a playbook that says what an intent is, with the intent: its examples, then its description.
pub(super) fn written_of(playbook: &Playbook) -> Vec<(CleanText, &IntentName)> {
    let intents = playbook.intents.iter();
    intents.flat_map(|(name, intent)| intent.examples.iter().chain([&intent.description]).map(move |text| (clean(text), name))).collect()
}

/// The sum over what is learned from, in the order of tickets: the same texts with the same labels have the same.
pub(super) fn data_hash(material: &Material, playbook: &Playbook) -> String {
    let mut sum = Sha256::new();
    let mut add = |text: &str| {
        sum.update(text.len().to_le_bytes());
        sum.update(text.as_bytes());
    };
    let mut tickets: Vec<&(Ticket, Piece)> = material.tickets.iter().collect();
    tickets.sort_by_key(|(ticket, _)| ticket.id);
    for (ticket, gist) in tickets {
        add(gist.body.as_str());
        add(&format!("{:?}", material.labels.get(&ticket.id).map(labels_of)));
    }
    for (text, intent) in written_of(playbook) {
        add(text.as_str());
        add(intent.as_str());
    }
    hex::encode(sum.finalize())
}

/// The group that the rules give to an intent when nothing else is known of the ticket.
fn group_of(playbook: &Playbook, intent: &IntentName) -> Option<GroupName> {
    let facts = Facts {
        intent: Some(intent),
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
        also: label.intents.iter().flatten().skip(1).cloned().collect(),
        sentiment: label.sentiment,
        urgency: label.urgency,
        priority: label.priority,
        group: label.group.clone(),
        next_step: label.next_step,
    }
}
