//! Everything that a panel is made of, read from store and index and cut into sentences with vectors.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use uuid::Uuid;

use crate::app::duplicate::Twins;
use crate::app::error::Error;
use crate::app::incident::Sighting;
use crate::app::knowledge::{Knowledge, gist};
use crate::app::panel::matters::Matters;
use crate::app::panel::similar;
use crate::app::panel::wanted::Wanted;
use crate::app::pieces::{Piece, Raw};
use crate::app::{App, Needed};
use crate::domain::audience::{Reader, Scope};
use crate::domain::customer::Customer;
use crate::domain::document::FoundPassage;
use crate::domain::id::{MessageId, PassageId, ThreadId, TicketId, WorkspaceId};
use crate::domain::person::Directory;
use crate::domain::thread::ThreadHistory;
use crate::domain::ticket::{Comment, Ticket, TicketHistory};
use crate::domain::triage::{Correction, Source};
use crate::domain::vocabulary::{EmailAddress, Kind, Language, PersonRole};
use crate::index::{Hit, Query};
use crate::lines::acts::{Act, Acts};
use crate::store;
use crate::text::clean::{CleanText, clean};
use crate::text::{quotes, sentence};

/// How many tickets of the same customer the card shows.
const CUSTOMER_TICKETS: u32 = 6;
/// So many of a ticket's comments are read, the newest; on longer tickets, which machines write, the rest is found by searching.
const NEWEST_COMMENTS: usize = 200;
/// From how many past threads, the newest, usual reply times come and who usually answers what.
pub(crate) const PAST_THREADS: u32 = 500;

/// A thing that the index found, with how alike it is to the ticket in \[0, 1\].
#[derive(Debug)]
pub(super) struct Near<T> {
    pub(super) likeness: f32,
    pub(super) item: T,
}

/// A past ticket in sentences.
#[derive(Debug)]
pub(super) struct PastTicket {
    pub(super) history: TicketHistory,
    /// Its last public comments by somebody of the desk, oldest first.
    pub(super) replies: Vec<Piece>,
}

/// A thread in sentences.
#[derive(Debug)]
pub(crate) struct CutThread {
    pub(crate) history: ThreadHistory,
    pub(crate) pieces: Vec<Piece>,
}

/// Everything that a panel is made of.
#[derive(Debug)]
pub(super) struct Gathered {
    pub(super) knowledge: Arc<Knowledge>,
    /// What the ticket may be about.
    pub(super) matters: Matters,
    /// What somebody of the desk said of it in place of what was guessed.
    pub(super) correction: Option<Correction>,
    pub(super) history: TicketHistory,
    pub(super) customer: Customer,
    pub(super) customer_tickets: Vec<Ticket>,
    pub(super) directory: Directory,
    /// Subject and body as one text, by which the ticket is compared.
    pub(super) gist: Piece,
    pub(super) dense: Vec<f32>,
    /// The ticket's body and its comments, oldest first.
    pub(super) pieces: Vec<Piece>,
    pub(super) threads: Vec<CutThread>,
    pub(super) passages: Vec<Wanted>,
    pub(super) past_tickets: Vec<Near<PastTicket>>,
    pub(super) past_threads: Vec<Near<CutThread>>,
    pub(super) people: Vec<Near<EmailAddress>>,
    pub(super) open_threads: BTreeMap<EmailAddress, u32>,
    pub(super) reply_times: Vec<ThreadHistory>,
    /// What was seen when the ticket was held against those around it.
    pub(super) sighting: Sighting,
    /// Other tickets, each with what the comparison came to, and how many were compared.
    pub(super) twins: Twins,
}

impl App {
    pub(super) async fn gather(&self, workspace: WorkspaceId, id: TicketId) -> Result<Gathered, Error> {
        let everything = Scope::new(workspace, Reader::Everything);
        let history = store::ticket::history(self.store(), &everything, id)
            .await?
            .ok_or_else(|| Error::NotFound { kind: "ticket", id: id.to_string() })?;
        let customer = store::customer::get(self.store(), workspace, history.ticket.requester)
            .await?
            .ok_or_else(|| Error::internal("a ticket has no requester: this is a bug"))?;
        let customer_tickets = store::ticket::of_customer(self.store(), &everything, customer.id, CUSTOMER_TICKETS + 1).await?;
        let directory = store::person::directory(self.store(), workspace).await?;
        let knowledge = self.knowledge(workspace).await?;
        let otherwise = customer.language.unwrap_or(knowledge.language);
        let gist = gist(&history.ticket, otherwise);
        let dense = self.embed_one(&gist.body).await?;

        let search = |kind: Kind, limit: usize| {
            let mut query = Query::new(everything.clone(), gist.body.clone(), limit);
            query.kinds = vec![kind];
            query.language = Some(gist.language);
            query.dense = (!gist.body.is_empty()).then(|| dense.clone());
            query.not_ticket = Some(id);
            self.index().search(query)
        };
        let nothing_asked = gist.body.is_empty();
        let (tickets, messages, people) = if nothing_asked {
            Default::default()
        } else {
            tokio::try_join!(search(Kind::Ticket, 10), search(Kind::Message, 24), search(Kind::Person, 8))?
        };

        let correction = store::correction::get(self.store(), workspace, id).await?;
        let said = correction.as_ref().and_then(|correction| correction.matter.as_ref());
        let matters = Matters::of(&knowledge, id, said, &gist, dense.clone());
        let sighting = self.sight(workspace, &knowledge, &history.ticket, (&gist, &dense)).await?;
        let past_tickets = self.near_tickets(&everything, &knowledge, &gist, &tickets, &directory).await?;
        let near = past_tickets.iter().map(|near| (near.likeness, &near.item.history.ticket)).collect();
        let twins = self.twins(&knowledge, (&history.ticket, &gist, &dense), near, &customer_tickets).await?;
        let mut past_threads = self.near_threads(&everything, &knowledge, &gist, &messages, &directory).await?;
        similar::weigh(&mut past_threads, &matters, &knowledge);
        let mut gathered = Gathered {
            matters,
            correction,
            passages: self.wanted_passages(&everything, &knowledge, &history.ticket, (&gist, &dense)).await?,
            past_tickets,
            sighting,
            twins,
            past_threads,
            people: self.near_people(workspace, &people).await?,
            pieces: ticket_pieces(&history, &customer, &directory, gist.language),
            threads: store::thread::of_ticket(self.store(), &everything, id)
                .await?
                .into_iter()
                .map(|history| cut_thread(history, &directory, knowledge.language))
                .collect(),
            open_threads: self.open_threads(&everything).await?,
            reply_times: store::thread::before(self.store(), &everything, self.now(), PAST_THREADS).await?,
            knowledge,
            history,
            customer,
            customer_tickets,
            directory,
            gist,
            dense,
        };
        let mut pieces: Vec<&mut Piece> = gathered.pieces.iter_mut().collect();
        pieces.extend(gathered.threads.iter_mut().flat_map(|thread| &mut thread.pieces));
        pieces.extend(gathered.passages.iter_mut().take(6).map(|wanted| &mut wanted.piece));
        pieces.extend(gathered.past_tickets.iter_mut().take(4).flat_map(|near| &mut near.item.replies));
        pieces.extend(gathered.past_threads.iter_mut().take(4).flat_map(|near| &mut near.item.pieces));
        self.embed_pieces(&mut pieces, Needed::Later).await?;
        Ok(gathered)
    }

    pub(super) async fn near_passages(
        &self,
        scope: &Scope,
        knowledge: &Knowledge,
        gist: &Piece,
        hits: &[Hit],
    ) -> Result<Vec<Near<(FoundPassage, Piece)>>, Error> {
        let ids: Vec<PassageId> = hits.iter().map(|hit| PassageId::from_uuid(hit.id)).collect();
        let found = store::document::passages(self.store(), scope, &ids).await?;
        let mut by_id: HashMap<Uuid, FoundPassage> = found.into_iter().map(|found| (found.passage.id.as_uuid(), found)).collect();
        Ok(hits
            .iter()
            .filter_map(|hit| {
                let found = by_id.remove(&hit.id)?;
                let piece = cut_passage(&found, knowledge.language);
                Some(Near { likeness: likeness(knowledge, gist.language, &gist.body, &piece, hit), item: (found, piece) })
            })
            .collect())
    }

    async fn near_tickets(
        &self,
        scope: &Scope,
        knowledge: &Knowledge,
        gist: &Piece,
        hits: &[Hit],
        directory: &Directory,
    ) -> Result<Vec<Near<PastTicket>>, Error> {
        let ids: Vec<TicketId> = hits.iter().map(|hit| TicketId::from_uuid(hit.id)).collect();
        let found = store::ticket::histories(self.store(), scope, &ids).await?;
        let mut by_id: HashMap<Uuid, TicketHistory> = found.into_iter().map(|found| (found.ticket.id.as_uuid(), found)).collect();
        Ok(hits
            .iter()
            .filter_map(|hit| {
                let history = by_id.remove(&hit.id)?;
                let own = crate::app::knowledge::gist(&history.ticket, knowledge.language);
                let replies = told_to_customer(&history, directory, own.language);
                Some(Near { likeness: likeness(knowledge, gist.language, &gist.body, &own, hit), item: PastTicket { history, replies } })
            })
            .collect())
    }

    pub(super) async fn near_threads(
        &self,
        scope: &Scope,
        knowledge: &Knowledge,
        gist: &Piece,
        hits: &[Hit],
        directory: &Directory,
    ) -> Result<Vec<Near<CutThread>>, Error> {
        let ids: Vec<MessageId> = hits.iter().map(|hit| MessageId::from_uuid(hit.id)).collect();
        let found = store::thread::by_messages(self.store(), scope, &ids).await?;
        let mut by_id: HashMap<ThreadId, ThreadHistory> = found.into_iter().map(|found| (found.thread.id, found)).collect();
        let mut near: Vec<Near<CutThread>> = hits
            .iter()
            .filter_map(|hit| {
                let thread = cut_thread(by_id.remove(&hit.thread?)?, directory, knowledge.language);
                // How it began says what it is about: of a long thread some message is like anything.
                let like = |piece: &Piece| likeness(knowledge, gist.language, &gist.body, piece, hit);
                let best = thread.pieces.iter().map(like).fold(0.0, f32::max);
                let opening = thread.pieces.first().map_or(0.0, like);
                Some(Near { likeness: f32::midpoint(best, opening), item: thread })
            })
            .collect();
        near.sort_by(|a, b| b.likeness.total_cmp(&a.likeness));
        Ok(near)
    }

    async fn near_people(&self, workspace: WorkspaceId, hits: &[Hit]) -> Result<Vec<Near<EmailAddress>>, Error> {
        let ids: Vec<_> = hits.iter().map(|hit| crate::domain::id::PersonId::from_uuid(hit.id)).collect();
        let people = store::person::by_ids(self.store(), workspace, &ids).await?;
        Ok(hits
            .iter()
            .filter_map(|hit| {
                let person = people.iter().find(|person| person.id.as_uuid() == hit.id)?;
                Some(Near { likeness: hit.cosine.unwrap_or(0.0).clamp(0.0, 1.0), item: person.email.clone() })
            })
            .collect())
    }

    async fn open_threads(&self, scope: &Scope) -> Result<BTreeMap<EmailAddress, u32>, Error> {
        let mut counts = BTreeMap::new();
        for thread in store::thread::open(self.store(), scope).await? {
            for participant in thread.participants {
                *counts.entry(participant).or_default() += 1;
            }
        }
        Ok(counts)
    }
}

/// How alike a found text is to what was asked: the hit's cosine and the overlap of words.
fn likeness(knowledge: &Knowledge, language: Language, asked: &CleanText, found: &Piece, hit: &Hit) -> f32 {
    let words = knowledge.words(asked).dot(&knowledge.words(&found.body));
    knowledge.ground.blend(language, hit.cosine.unwrap_or(0.0), words)
}

/// A passage in sentences.
pub(super) fn cut_passage(found: &FoundPassage, otherwise: Language) -> Piece {
    Piece::cut(Raw {
        source: Source::Passage(found.passage.document, found.passage.id),
        author: None,
        title: found.title.clone(),
        at: Some(found.updated_at),
        language: found.language,
        otherwise,
        text: &found.passage.text,
    })
}

/// The name of a person, or their address.
pub(crate) fn name_of(directory: &Directory, email: &EmailAddress) -> String {
    directory.people.get(email).map_or_else(|| email.to_string(), |person| person.name.clone())
}

pub(super) fn ticket_pieces(history: &TicketHistory, customer: &Customer, directory: &Directory, language: Language) -> Vec<Piece> {
    let ticket = &history.ticket;
    let customer_name = customer.name.clone().unwrap_or_else(|| customer.email.to_string());
    let own = Piece::cut(Raw {
        source: Source::Ticket(ticket.id),
        author: Some(&customer.email),
        title: ticket.reference(),
        at: Some(ticket.created_at),
        language: ticket.language,
        otherwise: language,
        text: &ticket.body,
    });
    let skipped = history.comments.len().saturating_sub(NEWEST_COMMENTS);
    let comments = history.comments.iter().skip(skipped).map(|comment| {
        Piece::cut(Raw {
            source: Source::Comment(ticket.id, comment.id),
            author: Some(&comment.author),
            title: if comment.author == customer.email { customer_name.clone() } else { name_of(directory, &comment.author) },
            at: Some(comment.created_at),
            language: None,
            otherwise: language,
            text: &comment.body,
        })
    });
    std::iter::once(own).chain(comments).collect()
}

/// What somebody of the desk told a ticket's customer, oldest first.
pub(super) fn told_to_customer(history: &TicketHistory, directory: &Directory, otherwise: Language) -> Vec<Piece> {
    let told = history.comments.iter().filter(|comment| comment.public && directory.people.contains_key(&comment.author));
    let cut = |comment: &Comment| {
        Piece::cut(Raw {
            source: Source::Comment(history.ticket.id, comment.id),
            author: Some(&comment.author),
            title: name_of(directory, &comment.author),
            at: Some(comment.created_at),
            language: None,
            otherwise,
            text: &comment.body,
        })
    };
    told.map(cut).collect()
}

pub(crate) fn cut_thread(mut history: ThreadHistory, directory: &Directory, otherwise: Language) -> CutThread {
    let pieces = history
        .messages
        .iter()
        .map(|message| {
            Piece::cut(Raw {
                source: Source::Message(history.thread.id, message.id),
                author: Some(&message.author),
                title: name_of(directory, &message.author),
                at: Some(message.created_at),
                language: None,
                otherwise,
                text: &message.body,
            })
        })
        .collect();
    ask_as_one(&mut history, directory);
    CutThread { history, pieces }
}

/// Counts what another of the desk asks or reminds of in a side conversation as asked by who opened it: no answer came with it.
fn ask_as_one(history: &mut ThreadHistory, directory: &Directory) {
    let ThreadHistory { thread, messages } = history;
    let is_of_desk = |email: &EmailAddress| {
        let person = directory.people.get(email);
        !thread.participants.contains(email) && person.is_some_and(|person| person.role == PersonRole::Agent)
    };
    for message in messages.iter_mut().filter(|message| message.author != thread.opened_by && is_of_desk(&message.author)) {
        if asks_alone(&message.body) {
            message.author = thread.opened_by.clone();
        }
    }
}

/// Whether a message asks and settles nothing.
fn asks_alone(body: &str) -> bool {
    let body = quotes::strip(&clean(body)).kept;
    let acts: Vec<Acts> = sentence::sentences(&body, Language::ENGLISH).into_iter().map(|one| Acts::of_text(&one.text)).collect();
    acts.iter().any(|acts| acts.asks()) && !acts.iter().any(|acts| acts.has(Act::Decision))
}
