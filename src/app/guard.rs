//! The verb that looks at a message before it leaves: gathers what it may have been copied from and asks the guard.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use futures::future::try_join_all;

use crate::app::App;
use crate::app::error::Error;
use crate::app::knowledge::Knowledge;
use crate::app::panel::name_of;
use crate::app::pieces::{Piece, Raw};
use crate::copilot::guard::quality::{self, Opening};
use crate::copilot::guard::trust::{Recipient, Trust, Trusted};
use crate::copilot::guard::{self, Belongs, Known, Outgoing, named::Names};
use crate::domain::audience::{Audience, Reader, Scope};
use crate::domain::customer::Customer;
use crate::domain::document::FoundPassage;
use crate::domain::id::{CommentId, MessageId, PassageId, TicketId, WorkspaceId};
use crate::domain::intake::NewCheck;
use crate::domain::leak::Leak;
use crate::domain::person::Directory;
use crate::domain::thread::{Message, ThreadHistory};
use crate::domain::ticket::{Comment, Ticket, TicketHistory};
use crate::domain::triage::Source;
use crate::domain::user::{Actor, Permission};
use crate::domain::vocabulary::{EmailAddress, Kind, Language};
use crate::index::Query;
use crate::store;
use crate::text::clean::clean;
use crate::text::{entity, language, sentence};

/// So many sentences of a message are looked for, the first ones.
const SENTENCES: usize = 60;
/// So many texts are found for each.
const NEAR: usize = 8;
/// Shorter sentences are of everybody.
const LEAST_WORDS: usize = 4;
/// So many customers of a name are looked at.
const NAMED: u32 = 50;
/// What an article quotes in at least so many words is what customers are to be told.
const QUOTED_WORDS: usize = 5;

/// What the guard says of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What must not leave, and what its author should look at.
    pub leaks: Vec<Leak>,
    /// The body without what must not leave.
    pub redacted: String,
}

impl App {
    /// What an author should look at before a message leaves.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a ticket that is not in the actor's workspace; [`Error::Overloaded`] when the index is busy.
    pub async fn check_message(&self, actor: &Actor, check: &NewCheck) -> Result<Checked, Error> {
        self.allow(actor, Permission::Read)?;
        let workspace = actor.workspace;
        let everything = Scope::new(workspace, Reader::Everything);
        let directory = store::person::directory(self.store(), workspace).await?;
        let knowledge = self.knowledge(workspace).await?;
        let ticket = match check.ticket {
            None => None,
            Some(id) => {
                self.ticket_exists(actor, id).await?;
                store::ticket::history(self.store(), &everything, id).await?
            }
        };
        let requester = match &ticket {
            None => None,
            Some(history) => store::customer::get(self.store(), workspace, history.ticket.requester).await?,
        };
        let trusted = Trusted::new(&directory, requester.as_ref().map(|customer| (&customer.email, customer.id)));
        let channels = check.channels.iter().filter_map(|called| directory.channels.values().find(|one| one.is_called(called)));
        let mut recipients: Vec<Recipient> = check.recipients.iter().map(|address| trusted.recipient(address, false)).collect();
        recipients.extend(check.hidden.iter().map(|address| trusted.recipient(address, true)));
        recipients.extend(channels.map(|channel| trusted.channel(channel)));
        let reader = actor.scope().reader().clone();
        let reading = Reading { knowledge: &knowledge, directory: &directory, requester: requester.as_ref(), reader };
        let mut known = Vec::new();
        if let Some(history) = &ticket {
            known.extend(reading.ticket(history));
            for thread in store::thread::of_ticket(self.store(), &everything, history.ticket.id).await? {
                known.extend(reading.thread(&thread));
            }
        }
        known.extend(self.found_for(&everything, check, &reading).await?);
        let others = self.other_customers(workspace, &check.body, requester.as_ref()).await?;
        let entities = entity::find(&check.body, &knowledge.patterns, Some(self.now()));
        let body = check.body.clone();
        let author = match actor.user {
            Some(user) => store::user::get(self.store(), workspace, user).await?.map(|user| user.email),
            None => None,
        };
        let advice =
            ticket.as_ref().map(|history| advice(author.as_ref(), check, &history.ticket, &recipients, &reading)).unwrap_or_default();
        let judge = move || {
            let mut leaks = guard::check(Outgoing { text: &body, entities: &entities, recipients: &recipients }, &known, &others);
            leaks.extend(advice);
            let redacted = guard::redacted(&body, &leaks);
            Checked { leaks, redacted }
        };
        tokio::task::spawn_blocking(judge).await.map_err(Error::internal)
    }

    /// What stands elsewhere in the words of a message.
    async fn found_for(&self, everything: &Scope, check: &NewCheck, reading: &Reading<'_>) -> Result<Vec<Known>, Error> {
        let body = clean(&check.body);
        let spoken = language::detect(body.as_str()).map(|(language, _)| language);
        let sentences = sentence::sentences(&body, spoken.unwrap_or(reading.knowledge.language));
        let searches = sentences.into_iter().filter(|one| one.text.split_whitespace().count() >= LEAST_WORDS).take(SENTENCES).map(|one| {
            let mut query = Query::new(everything.clone(), body.slice(one.span), NEAR);
            query.kinds = vec![Kind::Passage, Kind::Ticket, Kind::Comment, Kind::Message];
            query.language = spoken;
            // What stands on the ticket is read whole.
            query.not_ticket = check.ticket;
            self.index().search(query)
        });
        let hits: HashSet<(Kind, uuid::Uuid)> = try_join_all(searches).await?.into_iter().flatten().map(|hit| (hit.kind, hit.id)).collect();
        let ids = |kind: Kind| hits.iter().filter(move |hit| hit.0 == kind).map(|hit| hit.1);
        let passages: Vec<PassageId> = ids(Kind::Passage).map(PassageId::from_uuid).collect();
        let comments: Vec<CommentId> = ids(Kind::Comment).map(CommentId::from_uuid).collect();
        let messages: Vec<MessageId> = ids(Kind::Message).map(MessageId::from_uuid).collect();
        let comments = store::ticket::comments_by_ids(self.store(), everything, &comments).await?;
        let tickets: BTreeSet<TicketId> =
            ids(Kind::Ticket).map(TicketId::from_uuid).chain(comments.iter().map(|comment| comment.ticket)).collect();
        let tickets = store::ticket::by_ids(self.store(), everything, &tickets.into_iter().collect::<Vec<_>>()).await?;
        let tickets: BTreeMap<TicketId, Ticket> = tickets.into_iter().map(|ticket| (ticket.id, ticket)).collect();
        let mut known: Vec<Known> = tickets.values().map(|ticket| reading.opening(ticket)).collect();
        known.extend(comments.iter().filter_map(|comment| Some(reading.comment(comment, tickets.get(&comment.ticket)?))));
        for passage in store::document::passages(self.store(), everything, &passages).await? {
            known.extend(reading.passage(&passage));
        }
        for thread in store::thread::by_messages(self.store(), everything, &messages).await? {
            known.extend(reading.thread(&thread));
        }
        Ok(known)
    }

    /// The names of other customers who may be meant in a message.
    async fn other_customers(&self, workspace: WorkspaceId, body: &str, requester: Option<&Customer>) -> Result<Vec<String>, Error> {
        let names: Vec<String> = Names::of(body).family_names().into_iter().collect();
        let found = store::customer::of_family_names(self.store(), workspace, &names, NAMED).await?;
        Ok(found
            .into_iter()
            .filter(|customer| requester.is_none_or(|own| own.id != customer.id))
            .filter_map(|customer| customer.name)
            .collect())
    }
}

/// Whether a message to colleagues or partners asks something, and whose ticket it is; of a reply to the customer nothing.
fn advice(author: Option<&EmailAddress>, check: &NewCheck, ticket: &Ticket, recipients: &[Recipient], reading: &Reading<'_>) -> Vec<Leak> {
    if recipients.iter().any(|one| one.trust == Trust::Customer) {
        return Vec::new();
    }
    let others = ticket.assignee.as_ref().filter(|assignee| author.is_some_and(|author| author != *assignee));
    let assignee = others.map(|assignee| name_of(reading.directory, assignee));
    quality::check(Opening {
        subject: check.subject.as_deref(),
        sentences: &reading.sentences(&check.body, None),
        recipients: recipients.len(),
        assignee: assignee.as_deref(),
    })
}

/// Reads texts as the guard wants them.
struct Reading<'a> {
    knowledge: &'a Knowledge,
    directory: &'a Directory,
    requester: Option<&'a Customer>,
    /// Who asks: they learn that something must not leave, and not what it is called where they may not read it.
    reader: Reader,
}

impl Reading<'_> {
    fn ticket(&self, history: &TicketHistory) -> Vec<Known> {
        let TicketHistory { ticket, comments } = history;
        std::iter::once(self.opening(ticket)).chain(comments.iter().map(|comment| self.comment(comment, ticket))).collect()
    }

    fn opening(&self, ticket: &Ticket) -> Known {
        let is_own = self.requester.is_some_and(|own| own.id == ticket.requester);
        Known {
            source: Source::Ticket(ticket.id),
            title: ticket.reference(),
            audience: ticket.audience(),
            participants: Vec::new(),
            belongs: if is_own { Belongs::Ticket } else { Belongs::Other(ticket.requester) },
            sentences: self.sentences(&ticket.text(), ticket.language),
        }
    }

    fn comment(&self, comment: &Comment, ticket: &Ticket) -> Known {
        let is_own = self.requester.is_some_and(|own| own.id == ticket.requester);
        let belongs = match comment.public {
            false => Belongs::Desk,
            true if is_own => Belongs::Ticket,
            // Words that the desk chose for one customer it chooses for others.
            true if self.directory.people.contains_key(&comment.author) => Belongs::Told,
            true => Belongs::Other(ticket.requester),
        };
        Known {
            source: Source::Comment(comment.ticket, comment.id),
            title: ticket.reference(),
            audience: comment.audience(ticket.requester),
            participants: Vec::new(),
            belongs,
            sentences: self.sentences(&comment.body, ticket.language),
        }
    }

    fn thread(&self, ThreadHistory { thread, messages }: &ThreadHistory) -> Vec<Known> {
        let participants: Vec<String> = thread.participants.iter().chain([&thread.opened_by]).map(EmailAddress::to_string).collect();
        let message = |message: &Message| Known {
            source: Source::Message(thread.id, message.id),
            title: thread.reference(),
            audience: Audience::Internal,
            participants: participants.clone(),
            belongs: Belongs::Desk,
            sentences: self.sentences(&message.body, None),
        };
        messages.iter().map(message).collect()
    }

    fn passage(&self, found: &FoundPassage) -> Vec<Known> {
        let known = |belongs, text: &str| Known {
            source: Source::Passage(found.passage.document, found.passage.id),
            title: if self.reader.may_see(&found.audience) { found.title.clone() } else { "…".to_owned() },
            audience: found.audience.clone(),
            participants: Vec::new(),
            belongs,
            sentences: self.sentences(text, found.language),
        };
        let mut all = vec![known(Belongs::Desk, &found.passage.text)];
        all.extend(quoted(&found.passage.text).into_iter().map(|text| known(Belongs::Told, text)));
        all
    }

    fn sentences(&self, text: &str, language: Option<Language>) -> Vec<String> {
        let otherwise = self.knowledge.language;
        let piece = Piece::cut(Raw { source: Source::Playbook, author: None, title: String::new(), at: None, language, otherwise, text });
        piece.lines().into_iter().map(|line| line.text.to_owned()).collect()
    }
}

/// What an article quotes, because that is how it is to be said.
fn quoted(text: &str) -> Vec<&str> {
    let mut quoted = Vec::new();
    for (open, close) in [('«', '»'), ('“', '”')] {
        let mut rest = text;
        while let Some(start) = rest.find(open) {
            let inside = &rest[start + open.len_utf8()..];
            let Some(end) = inside.find(close) else { break };
            if inside[..end].split_whitespace().count() >= QUOTED_WORDS {
                quoted.push(&inside[..end]);
            }
            rest = &inside[end..];
        }
    }
    quoted
}
