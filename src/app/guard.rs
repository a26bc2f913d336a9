//! The verb that looks at a message before it leaves: gathers what it may have been copied from and asks the guard.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use crate::app::App;
use crate::app::error::Error;
use crate::app::knowledge::Knowledge;
use crate::app::panel::name_of;
use crate::copilot::guard::named::{self, Names};
use crate::copilot::guard::quality::{self, Opening};
use crate::copilot::guard::trust::{Recipient, Trust, Trusted};
use crate::copilot::guard::{self, Belongs, Known, Outgoing};
use crate::domain::attachment::FoundExcerpt;
use crate::domain::audience::{Audience, Reader, Scope};
use crate::domain::customer::Customer;
use crate::domain::document::FoundPassage;
use crate::domain::id::{CommentId, CustomerId, ExcerptId, MessageId, PassageId, TicketId, WorkspaceId};
use crate::domain::intake::NewCheck;
use crate::domain::leak::{Leak, MessagePart};
use crate::domain::person::Directory;
use crate::domain::thread::{Message, ThreadHistory};
use crate::domain::ticket::{Comment, Ticket, TicketHistory};
use crate::domain::triage::Source;
use crate::domain::user::{Actor, Permission};
use crate::domain::vocabulary::{EmailAddress, Kind, Language};
use crate::index::{Hit, Query};
use crate::store;
use crate::text::clean::{CleanText, clean};
use crate::text::{entity, language, sentence};

/// A longer message is not looked at.
const MOST_BYTES: usize = 64 << 10;
/// So many words of a message are looked for together.
const WINDOW: usize = 14;
/// So many texts are found for each.
const NEAR: usize = 10;
/// So many searches are under way at once.
const TOGETHER: usize = 8;
/// Shorter sentences are of everybody.
const LEAST_WORDS: usize = 4;
/// So many customers of some names are looked at, and so many names at once, at most so many in all.
const NAMED: u32 = 200;
const NAMES_TOGETHER: usize = 20;
const MOST_NAMES: usize = 100;
/// What an article quotes in at least so many words is what customers are to be told.
const QUOTED_WORDS: usize = 5;

/// What the guard says of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What must not leave, and what its author should look at.
    pub leaks: Vec<Leak>,
    /// The subject without what must not leave.
    pub redacted_subject: Option<String>,
    /// The body without what must not leave.
    pub redacted: String,
}

impl App {
    /// What an author should look at before a message leaves.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a ticket that is not in the actor's workspace; [`Error::Invalid`] for a channel that nobody knows and a text
    /// that is too long; [`Error::Overloaded`] when the index is busy.
    pub async fn check_message(&self, actor: &Actor, check: &NewCheck) -> Result<Checked, Error> {
        self.allow(actor, Permission::Work)?;
        for (field, text) in [("subject", check.subject.as_deref().unwrap_or_default()), ("body", check.body.as_str())] {
            if text.len() > MOST_BYTES {
                return Err(Error::invalid(field, format!("it has more than {MOST_BYTES} bytes: send less, and files as files")));
            }
        }
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
        let mut channels = Vec::new();
        for (place, called) in check.channels.iter().enumerate() {
            let channel = directory.channels.values().find(|one| one.is_called(called));
            let unknown =
                || Error::invalid(format!("channels/{place}"), format!("there is no channel `{called}`: name it as the playbook does"));
            channels.push(channel.ok_or_else(unknown)?);
        }
        let mut recipients: Vec<Recipient> = check.recipients.iter().map(|address| trusted.recipient(address, false)).collect();
        recipients.extend(check.hidden.iter().map(|address| trusted.recipient(address, true)));
        recipients.extend(channels.into_iter().map(|channel| trusted.channel(channel)));
        let reader = actor.scope().reader().clone();
        let reading = Reading { knowledge: &knowledge, directory: &directory, requester: requester.as_ref(), reader };
        let mut known = Vec::new();
        if let Some(history) = &ticket {
            known.extend(reading.ticket(history));
            for thread in store::thread::of_ticket(self.store(), &everything, history.ticket.id).await? {
                known.extend(reading.thread(&thread));
            }
        }
        let (subject, body) = (clean(check.subject.as_deref().unwrap_or_default()), clean(&check.body));
        known.extend(self.found_for(&everything, check.ticket, [&subject, &body], &reading).await?);
        let spoken = format!("{} {}", subject.as_str(), body.as_str());
        let others = self.other_customers(workspace, &spoken, requester.as_ref(), &directory).await?;
        let author = match actor.user {
            Some(user) => store::user::get(self.store(), workspace, user).await?.map(|user| user.email),
            None => None,
        };
        let advice =
            ticket.as_ref().map(|history| advice(author.as_ref(), check, &history.ticket, &recipients, &reading)).unwrap_or_default();
        let (now, patterns) = (self.now(), Arc::clone(&knowledge));
        let (written_subject, written_body) = (check.subject.clone(), check.body.clone());
        let judge = move || {
            let judged = |text: &CleanText, part| {
                let entities = entity::find(text.as_str(), &patterns.patterns, Some(now));
                let mut leaks =
                    guard::check(Outgoing { text: text.as_str(), part, entities: &entities, recipients: &recipients }, &known, &others);
                for leak in &mut leaks {
                    leak.span = leak.span.take().map(|span| text.original_span(span));
                }
                leaks
            };
            let of_subject = judged(&subject, MessagePart::Subject);
            let of_body = judged(&body, MessagePart::Body);
            let redacted_subject = written_subject.map(|subject| guard::redacted(&subject, &of_subject));
            let redacted = guard::redacted(&written_body, &of_body);
            let leaks = of_subject.into_iter().chain(of_body).chain(guard::suspects(&recipients)).chain(advice).collect();
            Checked { leaks, redacted_subject, redacted }
        };
        tokio::task::spawn_blocking(judge).await.map_err(Error::internal)
    }

    /// What stands elsewhere in the words of a message.
    async fn found_for(
        &self,
        everything: &Scope,
        ticket: Option<TicketId>,
        parts: [&CleanText; 2],
        reading: &Reading<'_>,
    ) -> Result<Vec<Known>, Error> {
        let mut searches = Vec::new();
        for part in parts {
            let spoken = language::detect(part.as_str()).map(|(language, _)| language);
            searches.extend(windows(part.as_str()).into_iter().map(|window| {
                let mut query = Query::new(everything.clone(), part.slice(window), NEAR);
                query.kinds = vec![Kind::Passage, Kind::Ticket, Kind::Comment, Kind::Message, Kind::Attachment];
                query.language = spoken;
                // What stands on the ticket is read whole.
                query.not_ticket = ticket;
                self.index().search(query)
            }));
        }
        let found: Vec<Vec<Hit>> = stream::iter(searches).buffer_unordered(TOGETHER).try_collect().await?;
        let hits: HashSet<(Kind, uuid::Uuid)> = found.into_iter().flatten().map(|hit| (hit.kind, hit.id)).collect();
        let ids = |kind: Kind| hits.iter().filter(move |hit| hit.0 == kind).map(|hit| hit.1);
        let passages: Vec<PassageId> = ids(Kind::Passage).map(PassageId::from_uuid).collect();
        let comments: Vec<CommentId> = ids(Kind::Comment).map(CommentId::from_uuid).collect();
        let messages: Vec<MessageId> = ids(Kind::Message).map(MessageId::from_uuid).collect();
        let comments = store::ticket::comments_by_ids(self.store(), everything, &comments).await?;
        let tickets: BTreeSet<TicketId> =
            ids(Kind::Ticket).map(TicketId::from_uuid).chain(comments.iter().map(|comment| comment.ticket)).collect();
        let tickets = store::ticket::by_ids(self.store(), everything, &tickets.into_iter().collect::<Vec<_>>()).await?;
        let tickets: BTreeMap<TicketId, Ticket> = tickets.into_iter().map(|ticket| (ticket.id, ticket)).collect();
        let requesters: BTreeSet<CustomerId> = tickets.values().map(|ticket| ticket.requester).collect();
        let requesters = store::customer::by_ids(self.store(), everything.workspace(), &requesters.into_iter().collect::<Vec<_>>()).await?;
        let written_by: HashMap<CustomerId, EmailAddress> = requesters.into_iter().map(|customer| (customer.id, customer.email)).collect();
        let mut known: Vec<Known> = tickets.values().map(|ticket| reading.opening(ticket)).collect();
        known.extend(comments.iter().filter_map(|comment| {
            let ticket = tickets.get(&comment.ticket)?;
            Some(reading.comment(comment, ticket, written_by.get(&ticket.requester)))
        }));
        let excerpts: Vec<ExcerptId> = ids(Kind::Attachment).map(ExcerptId::from_uuid).collect();
        for found in store::attachment::excerpts(self.store(), everything, &excerpts).await? {
            known.push(reading.excerpt(&found));
        }
        for passage in store::document::passages(self.store(), everything, &passages).await? {
            known.extend(reading.passage(&passage));
        }
        for thread in store::thread::by_messages(self.store(), everything, &messages).await? {
            known.extend(reading.thread(&thread));
        }
        Ok(known)
    }

    /// The names of other customers who may be meant in a message: nobody who is called like its customer or like somebody of the directory.
    async fn other_customers(
        &self,
        workspace: WorkspaceId,
        text: &str,
        requester: Option<&Customer>,
        directory: &Directory,
    ) -> Result<Vec<String>, Error> {
        let mut own: BTreeSet<String> = requester.and_then(|own| own.name.as_deref()).map(named::words).into_iter().flatten().collect();
        own.extend(directory.people.values().flat_map(|person| named::words(&person.name)));
        let names: Vec<String> = Names::of(text).family_names().into_iter().filter(|name| !own.contains(name)).take(MOST_NAMES).collect();
        let mut others = Vec::new();
        for names in names.chunks(NAMES_TOGETHER) {
            let found = store::customer::of_family_names(self.store(), workspace, names, NAMED).await?;
            others.extend(found.into_iter().filter(|other| requester.is_none_or(|own| own.id != other.id)).filter_map(|other| other.name));
        }
        Ok(others)
    }
}

/// A text in pieces of so many words, each beginning in the middle of the one before.
fn windows(text: &str) -> Vec<Range<usize>> {
    let words: Vec<Range<usize>> = text
        .split_whitespace()
        .map(|word| {
            let start = word.as_ptr().addr() - text.as_ptr().addr();
            start..start + word.len()
        })
        .collect();
    if words.len() < LEAST_WORDS {
        return Vec::new();
    }
    let mut windows: Vec<Range<usize>> = Vec::new();
    for from in (0..words.len()).step_by(WINDOW / 2) {
        let last = (from + WINDOW).min(words.len()) - 1;
        if windows.last().is_none_or(|before| before.end < words[last].end) {
            windows.push(words[from].start..words[last].end);
        }
    }
    windows
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
        let written_by = self.requester.map(|own| &own.email);
        std::iter::once(self.opening(ticket)).chain(comments.iter().map(|comment| self.comment(comment, ticket, written_by))).collect()
    }

    fn opening(&self, ticket: &Ticket) -> Known {
        let is_own = self.requester.is_some_and(|own| own.id == ticket.requester);
        Known {
            source: Source::Ticket(ticket.id),
            title: ticket.reference(),
            audience: ticket.audience(),
            participants: Vec::new(),
            belongs: if is_own { Belongs::Ticket } else { Belongs::Other(ticket.requester) },
            is_hidden: false,
            sentences: self.sentences(&ticket.text(), ticket.language),
        }
    }

    fn comment(&self, comment: &Comment, ticket: &Ticket, written_by: Option<&EmailAddress>) -> Known {
        let is_own = self.requester.is_some_and(|own| own.id == ticket.requester);
        let belongs = match comment.public {
            false => Belongs::Desk,
            true if is_own => Belongs::Ticket,
            true if written_by == Some(&comment.author) => Belongs::Other(ticket.requester),
            // Words that the desk chose for one customer it chooses for others.
            true => Belongs::Told,
        };
        Known {
            source: Source::Comment(comment.ticket, comment.id),
            title: ticket.reference(),
            audience: comment.audience(ticket.requester),
            participants: Vec::new(),
            belongs,
            is_hidden: false,
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
            is_hidden: false,
            sentences: self.sentences(&message.body, None),
        };
        messages.iter().map(message).collect()
    }

    fn passage(&self, found: &FoundPassage) -> Vec<Known> {
        let is_hidden = !self.reader.may_see(&found.audience);
        let known = |belongs, text: &str| Known {
            source: Source::Passage(found.passage.document, found.passage.id),
            title: if is_hidden { "…".to_owned() } else { found.title.clone() },
            is_hidden,
            audience: found.audience.clone(),
            participants: Vec::new(),
            belongs,
            sentences: self.sentences(text, found.language),
        };
        let mut all = vec![known(Belongs::Desk, &found.passage.text)];
        if matches!(found.audience, Audience::Internal) {
            all.extend(quoted(&found.passage.text).into_iter().map(|text| known(Belongs::Told, text)));
        }
        all
    }

    fn excerpt(&self, found: &FoundExcerpt) -> Known {
        Known {
            source: Source::Attachment(found.ticket, found.excerpt.attachment, found.excerpt.id),
            title: found.name.clone(),
            audience: found.audience.clone(),
            participants: Vec::new(),
            belongs: Belongs::Desk,
            is_hidden: !self.reader.may_see(&found.audience),
            sentences: self.sentences(&found.excerpt.text, None),
        }
    }

    /// All sentences of a text, with what it quotes: what is closed there is closed here.
    fn sentences(&self, text: &str, language: Option<Language>) -> Vec<String> {
        let text = clean(text);
        let language =
            language.or_else(|| language::detect(text.as_str()).map(|(language, _)| language)).unwrap_or(self.knowledge.language);
        sentence::sentences(&text, language).into_iter().map(|sentence| sentence.text).collect()
    }
}

/// What an article quotes within a paragraph, because that is how it is to be said.
fn quoted(text: &str) -> Vec<&str> {
    let mut quoted = Vec::new();
    for paragraph in text.lines() {
        for (open, close) in [('«', '»'), ('“', '”')] {
            let mut rest = paragraph;
            while let Some(start) = rest.find(open) {
                let inside = &rest[start + open.len_utf8()..];
                let Some(end) = inside.find(close) else { break };
                if inside[..end].split_whitespace().count() >= QUOTED_WORDS {
                    quoted.push(&inside[..end]);
                }
                rest = &inside[end..];
            }
        }
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_looked_for_in_pieces_that_overlap() {
        let text = (0..30).map(|word| word.to_string()).collect::<Vec<_>>().join("  ");
        let pieces: Vec<&str> = windows(&text).into_iter().map(|window| &text[window]).collect();
        assert!(pieces[0].starts_with("0  1") && pieces[0].ends_with("13") && pieces[1].starts_with("7  8"), "{pieces:?}");
        assert!(pieces.last().unwrap().ends_with("29") && pieces.len() == 4, "{pieces:?}");
        assert!(windows("too few words").is_empty());
    }

    #[test]
    fn what_an_article_quotes_is_told_within_a_paragraph() {
        assert_eq!(
            quoted("Say: “Your credit is booked and shows soon.” Never “no”.\nSay «\nnothing of the limit at all » to them"),
            ["Your credit is booked and shows soon."]
        );
    }
}
