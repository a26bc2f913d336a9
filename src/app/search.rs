//! Search: what the index finds, as this actor may see it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error as StdError;

use uuid::Uuid;

use crate::app::App;
use crate::app::error::Error;
use crate::app::panel::name_of;
use crate::domain::id::{CommentId, DocumentId, ExcerptId, MessageId, PassageId, PersonId, TicketId};
use crate::domain::identifier::Identifier;
use crate::domain::intake::InboxFilter;
use crate::domain::panel::{InboxRow, TicketHead};
use crate::domain::sought::Sought;
use crate::domain::ticket::Ticket;
use crate::domain::time::Timestamp;
use crate::domain::triage::{Evidence, Source};
use crate::domain::user::{Actor, Permission};
use crate::domain::vocabulary::Kind;
use crate::index::Query;
use crate::store::{self, PageRequest};
use crate::text::clean::clean;
use crate::text::language;

const LONGEST_QUOTE: usize = 400;

/// What a person looks for: all that has a page to open.
const OPENED: [Kind; 5] = [Kind::Passage, Kind::Ticket, Kind::Comment, Kind::Message, Kind::Attachment];

/// Something that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// What it is.
    pub kind: Kind,
    /// Where it stands and its words.
    pub evidence: Evidence,
    /// The ticket on which it stands or which it is; `None` for passages and people.
    pub ticket: Option<TicketId>,
}

/// How much of what is found a person wants to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// A few results, while the words are still being typed: of a document one passage.
    Glance,
    /// A page of them.
    Page,
}

/// What is found for a person.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Results {
    /// Tickets that hold every word, the newest first.
    pub tickets: Vec<Hit>,
    /// Whether more tickets do.
    pub has_more_tickets: bool,
    /// What is nearest in words and meaning, best first; tickets that are above are left out.
    pub near: Vec<Hit>,
    /// Whether only the tickets could be looked for, because the encoder or the index is busy.
    pub is_partial: bool,
}

/// Something that is found, with where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// What it is.
    pub kind: Kind,
    /// Where it stands.
    pub source: Source,
    /// What it is called: a document's title, a file's name, whoever wrote; empty where its ticket says all.
    pub title: String,
    /// The words around those that were asked for.
    pub excerpt: String,
    /// When it was written or last changed.
    pub at: Option<Timestamp>,
    /// The ticket on which it stands or which it is.
    pub ticket: Option<TicketHead>,
}

impl Reach {
    /// So many tickets by words, and so many results in all.
    const fn limits(self) -> (usize, usize) {
        match self {
            Self::Glance => (4, 8),
            Self::Page => (20, 50),
        }
    }
}

impl App {
    /// Finds passages, tickets, comments, messages and what stands in attachments, best first.
    ///
    /// Before all others come the comments and messages that hold an identifier of the text as it is written, because the index has neither
    /// what they quote nor what looks like somebody's personal number: as many as wanted where nothing else is asked, else a half.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a text without words.
    pub async fn search(&self, actor: &Actor, text: &str, kinds: Vec<Kind>, limit: usize) -> Result<Vec<Found>, Error> {
        let found = self.nearest(actor, text, kinds, limit).await?;
        self.count_usage(actor.workspace, "search", 1);
        Ok(found)
    }

    /// Finds what a person looks for: tickets by their words first, then what is nearest; the latter is left out while the encoder is busy.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not read, and whatever the store says.
    ///
    /// # Cancel safety
    /// May be dropped at any time: what is not encoded yet never will be.
    pub async fn look_for(&self, actor: &Actor, text: &str, reach: Reach) -> Result<Results, Error> {
        self.allow(actor, Permission::Read)?;
        let (most_tickets, most) = reach.limits();
        let sought = Sought::of(text);
        let nearest = async {
            // Twice as many as are shown, because some are left out below.
            if clean(text).is_empty() { Ok(Vec::new()) } else { self.nearest(actor, text, OPENED.to_vec(), most * 2).await }
        };
        let (rows, nearest) = tokio::join!(self.holding(actor, &sought, text, most_tickets + 1), nearest);
        let (mut rows, (found, is_partial)) = (rows?, unless_busy(nearest)?);
        let has_more_tickets = rows.len() > most_tickets;
        rows.truncate(most_tickets);
        let ids: Vec<TicketId> = rows.iter().map(|row| row.head.id).chain(found.iter().filter_map(|found| found.ticket)).collect();
        let tickets = store::ticket::by_ids(self.store(), &actor.scope(), &ids).await?;
        let tickets: BTreeMap<TicketId, Ticket> = tickets.into_iter().map(|ticket| (ticket.id, ticket)).collect();
        let excerpt = |id: &TicketId| tickets.get(id).map(|ticket| sought.excerpt(&ticket.body, LONGEST_QUOTE)).unwrap_or_default();
        let is_above = |found: &Found| found.kind == Kind::Ticket && rows.iter().any(|row| Some(row.head.id) == found.ticket);
        let near = found.into_iter().filter(|found| !is_above(found)).filter_map(|found| {
            let Found { kind, evidence, ticket } = found;
            // A ticket that is gone meanwhile takes along what stands on it.
            let ticket = ticket.map(|id| tickets.get(&id).map(head_of).ok_or(id)).transpose().ok()?;
            let is_ticket = kind == Kind::Ticket;
            let own = ticket.as_ref().filter(|_| is_ticket).map(|head| excerpt(&head.id));
            let title = if is_ticket { String::new() } else { evidence.title };
            Some(Hit { kind, source: evidence.source, title, excerpt: own.unwrap_or(evidence.quote), at: evidence.at, ticket })
        });
        // Who types a number wants what has it, and nothing like it.
        let is_number = matches!(sought.terms(), [only] if only.identifier.is_some());
        let near = near.filter(|hit| !is_number || [&hit.excerpt, &hit.title].iter().any(|text| !sought.marks(text).is_empty()));
        // In a short list each document and each ticket stands once.
        let mut documents = BTreeSet::new();
        let mut on: BTreeSet<TicketId> = rows.iter().map(|row| row.head.id).collect();
        let near = near.filter(|hit| {
            let mut is_new = || {
                document_of(hit).is_none_or(|document| documents.insert(document))
                    && hit.ticket.as_ref().is_none_or(|ticket| on.insert(ticket.id))
            };
            reach == Reach::Page || is_new()
        });
        let near = near.take(most.saturating_sub(rows.len())).collect();
        let hit = |InboxRow { head, requester, .. }: InboxRow| Hit {
            kind: Kind::Ticket,
            source: Source::Ticket(head.id),
            title: requester,
            excerpt: excerpt(&head.id),
            at: Some(head.created_at),
            ticket: Some(head),
        };
        let tickets = rows.into_iter().map(hit).collect();
        if reach == Reach::Page {
            self.count_usage(actor.workspace, "search", 1);
        }
        Ok(Results { tickets, has_more_tickets, near, is_partial })
    }

    /// The newest tickets that hold every word.
    async fn holding(&self, actor: &Actor, sought: &Sought, text: &str, limit: usize) -> Result<Vec<InboxRow>, Error> {
        if sought.terms().is_empty() {
            return Ok(Vec::new());
        }
        let filter = InboxFilter { words: Some(text.to_owned()), ..InboxFilter::default() };
        let page = PageRequest::first(u32::try_from(limit).unwrap_or(u32::MAX));
        Ok(store::ticket::inbox(self.store(), &actor.scope(), &filter, &page).await?.items)
    }

    /// What [`search`](Self::search) finds.
    async fn nearest(&self, actor: &Actor, text: &str, kinds: Vec<Kind>, limit: usize) -> Result<Vec<Found>, Error> {
        self.allow(actor, Permission::Read)?;
        let sought = Sought::of(text);
        let asked = clean(text);
        if asked.is_empty() {
            return Err(Error::invalid("text", "there is nothing to search for: write at least one word"));
        }
        let limit = limit.clamp(1, 100);
        let is_alone = Identifier::of(asked.as_str()).is_some();
        let named = self.naming(actor, asked.as_str(), &kinds, if is_alone { limit } else { limit.div_ceil(2) }).await?;
        let dense = self.embed_one(&asked).await?;
        let language = language::detect(asked.as_str()).map(|(language, _)| language);
        let mut query = Query::new(actor.scope(), asked, limit);
        query.kinds = kinds;
        query.language = language;
        query.dense = Some(dense);
        let near = self.index().search(query).await?.into_iter().map(|hit| (hit.kind, hit.id));
        let near = near.filter(|hit| !named.contains(hit)).collect::<Vec<_>>();
        let hits: Vec<_> = named.into_iter().chain(near).take(limit).collect();
        self.found(actor, &sought, &hits).await
    }

    /// The comments and messages that hold an identifier of a text, newest first.
    async fn naming(&self, actor: &Actor, text: &str, kinds: &[Kind], limit: usize) -> Result<Vec<(Kind, Uuid)>, Error> {
        let identifiers = Identifier::all_in(text);
        let (scope, each) = (actor.scope(), u32::try_from(limit).unwrap_or(u32::MAX));
        let wants = |kind: Kind| !identifiers.is_empty() && (kinds.is_empty() || kinds.contains(&kind));
        let mut named = Vec::new();
        if wants(Kind::Comment) {
            let found = store::ticket::comments_naming(self.store(), &scope, &identifiers, each).await?;
            named.extend(found.iter().map(|id| (Kind::Comment, id.as_uuid())));
        }
        if wants(Kind::Message) {
            let found = store::thread::messages_naming(self.store(), &scope, &identifiers, each).await?;
            named.extend(found.iter().map(|id| (Kind::Message, id.as_uuid())));
        }
        // Ids begin with the moment at which they were made.
        named.sort_by_key(|(_, id)| Reverse(*id));
        named.truncate(limit);
        Ok(named)
    }

    /// Reads what was found from the store, once a kind, under the actor's scope; what is gone meanwhile is left out.
    async fn found(&self, actor: &Actor, sought: &Sought, hits: &[(Kind, Uuid)]) -> Result<Vec<Found>, Error> {
        let scope = actor.scope();
        let ids = |kind: Kind| hits.iter().filter(move |hit| hit.0 == kind).map(|hit| hit.1);
        let passages =
            store::document::passages(self.store(), &scope, &ids(Kind::Passage).map(PassageId::from_uuid).collect::<Vec<_>>()).await?;
        let tickets = store::ticket::by_ids(self.store(), &scope, &ids(Kind::Ticket).map(TicketId::from_uuid).collect::<Vec<_>>()).await?;
        let comments =
            store::ticket::comments_by_ids(self.store(), &scope, &ids(Kind::Comment).map(CommentId::from_uuid).collect::<Vec<_>>()).await?;
        let threads =
            store::thread::by_messages(self.store(), &scope, &ids(Kind::Message).map(MessageId::from_uuid).collect::<Vec<_>>()).await?;
        let people =
            store::person::by_ids(self.store(), actor.workspace, &ids(Kind::Person).map(PersonId::from_uuid).collect::<Vec<_>>()).await?;
        let excerpts =
            store::attachment::excerpts(self.store(), &scope, &ids(Kind::Attachment).map(ExcerptId::from_uuid).collect::<Vec<_>>()).await?;
        let directory = store::person::directory(self.store(), actor.workspace).await?;
        let shortened = |text: &str| sought.excerpt(text, LONGEST_QUOTE);
        let on = |source: Source| match source {
            Source::Ticket(ticket) | Source::Comment(ticket, _) | Source::Attachment(ticket, ..) => Some(ticket),
            Source::Message(thread, _) => threads.iter().find(|history| history.thread.id == thread).map(|history| history.thread.ticket),
            Source::Passage(..) | Source::Playbook => None,
        };
        let evidence = |kind: Kind, id: Uuid| match kind {
            Kind::Passage => passages.iter().find(|found| found.passage.id.as_uuid() == id).map(|found| Evidence {
                source: Source::Passage(found.passage.document, found.passage.id),
                title: found.title.clone(),
                quote: shortened(&found.passage.text),
                span: None,
                at: Some(found.updated_at),
            }),
            Kind::Ticket => tickets.iter().find(|ticket| ticket.id.as_uuid() == id).map(|ticket| Evidence {
                source: Source::Ticket(ticket.id),
                title: ticket.reference(),
                quote: shortened(&ticket.subject),
                span: None,
                at: Some(ticket.created_at),
            }),
            Kind::Comment => comments.iter().find(|comment| comment.id.as_uuid() == id).map(|comment| Evidence {
                source: Source::Comment(comment.ticket, comment.id),
                title: name_of(&directory, &comment.author),
                quote: shortened(&comment.body),
                span: None,
                at: Some(comment.created_at),
            }),
            Kind::Message => threads.iter().find_map(|history| {
                let message = history.messages.iter().find(|message| message.id.as_uuid() == id)?;
                Some(Evidence {
                    source: Source::Message(history.thread.id, message.id),
                    title: format!("{} · {}", history.thread.reference(), name_of(&directory, &message.author)),
                    quote: shortened(&message.body),
                    span: None,
                    at: Some(message.created_at),
                })
            }),
            Kind::Person => people.iter().find(|person| person.id.as_uuid() == id).map(|person| Evidence {
                source: Source::Playbook,
                title: person.name.clone(),
                quote: person.skills.join(", "),
                span: None,
                at: None,
            }),
            Kind::Attachment => excerpts.iter().find(|found| found.excerpt.id.as_uuid() == id).map(|found| Evidence {
                source: Source::Attachment(found.ticket, found.excerpt.attachment, found.excerpt.id),
                title: found.title(),
                quote: shortened(&found.excerpt.text),
                span: None,
                at: Some(found.at),
            }),
        };
        let found = hits.iter().filter_map(|(kind, id)| {
            let evidence = evidence(*kind, *id)?;
            Some(Found { kind: *kind, ticket: on(evidence.source), evidence })
        });
        Ok(found.collect())
    }
}

/// Nothing and `true` where only the encoder or the index is in the way: what the store finds is shown without them.
fn unless_busy(nearest: Result<Vec<Found>, Error>) -> Result<(Vec<Found>, bool), Error> {
    match nearest {
        Ok(found) => Ok((found, false)),
        Err(error @ (Error::Overloaded { .. } | Error::Unavailable { .. })) => {
            tracing::warn!(problem.causes = &error as &dyn StdError, "a search was answered by words alone");
            Ok((Vec::new(), true))
        }
        Err(error) => Err(error),
    }
}

fn document_of(hit: &Hit) -> Option<DocumentId> {
    match hit.source {
        Source::Passage(document, _) => Some(document),
        Source::Ticket(_) | Source::Comment(..) | Source::Message(..) | Source::Attachment(..) | Source::Playbook => None,
    }
}

fn head_of(ticket: &Ticket) -> TicketHead {
    TicketHead {
        id: ticket.id,
        reference: ticket.reference(),
        subject: ticket.subject.clone(),
        status: ticket.status,
        created_at: ticket.created_at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_encoder_leaves_what_the_store_finds_and_other_errors_are_errors() {
        for busy in [Error::Overloaded { retry_after_seconds: 1 }, Error::Unavailable { part: "index", source: "down".into() }] {
            assert_eq!(unless_busy(Err(busy)).unwrap(), (Vec::new(), true));
        }
        assert_eq!(unless_busy(Ok(Vec::new())).unwrap(), (Vec::new(), false));
        assert!(unless_busy(Err(Error::Internal("bug".into()))).is_err());
        assert!(unless_busy(Err(Error::Forbidden { role: "light" })).is_err());
    }
}
