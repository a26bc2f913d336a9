//! The verb that looks at a message before it leaves: gathers what it may have been copied from and asks the guard.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;

use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use crate::app::App;
use crate::app::error::Error;
use crate::app::knowledge::Knowledge;
use crate::app::panel::name_of;
use crate::copilot::guard::named::{self, Names};
use crate::copilot::guard::quality::{self, Opening};
use crate::copilot::guard::trust::{Recipient, Trust, Trusted};
use crate::copilot::guard::{self, Belongs, Known, Others, Outgoing};
use crate::domain::attachment::FoundExcerpt;
use crate::domain::audience::{Audience, Reader, Scope};
use crate::domain::customer::Customer;
use crate::domain::document::FoundPassage;
use crate::domain::id::{CommentId, ExcerptId, MessageId, PassageId, TicketId, WorkspaceId};
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

/// A longer message is not looked at, nor a longer subject, nor one of more pieces.
const MOST_BYTES: usize = 64 << 10;
const MOST_SUBJECT_BYTES: usize = 1 << 10;
const MOST_WINDOWS: usize = 1_200;
/// So many words of a message are looked for together.
const WINDOW: usize = 14;
/// So many pieces of the ticket's own files are read.
const MOST_EXCERPTS: u32 = 2_000;
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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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
        let parts =
            [("subject", check.subject.as_deref().unwrap_or_default(), MOST_SUBJECT_BYTES), ("body", check.body.as_str(), MOST_BYTES)];
        for (field, text, most) in parts {
            if text.len() > most {
                return Err(Error::invalid(field, format!("it has more than {most} bytes: send less, and files as files")));
            }
        }
        let words = [check.subject.as_deref().unwrap_or_default(), check.body.as_str()].map(clean);
        if words.iter().map(|text| windows(text.as_str()).len()).sum::<usize>() > MOST_WINDOWS {
            return Err(Error::invalid(
                "body",
                format!("it has more than {} words: send less, and files as files", MOST_WINDOWS * WINDOW / 2),
            ));
        }
        let workspace = actor.workspace;
        let everything = Scope::new(workspace, Reader::Everything);
        let directory = store::person::directory(self.store(), workspace).await?;
        let knowledge = self.knowledge(workspace).await?;
        let mut gathered = Gathered::default();
        if let Some(id) = check.ticket {
            self.ticket_exists(actor, id).await?;
            gathered.own = store::ticket::history(self.store(), &everything, id).await?;
            gathered.threads = store::thread::of_ticket(self.store(), &everything, id).await?;
            gathered.excerpts = store::attachment::excerpts_of_ticket(self.store(), &everything, id, MOST_EXCERPTS).await?;
        }
        let requester = match &gathered.own {
            None => None,
            Some(history) => store::customer::get(self.store(), workspace, history.ticket.requester).await?,
        };
        let recipients = recipients(check, &directory, requester.as_ref())?;
        self.gather_copied(&everything, check.ticket, &words, &mut gathered).await?;
        let spoken = words.iter().map(CleanText::as_str).collect::<Vec<_>>().join(" ");
        let others = self.other_customers(workspace, &spoken, requester.as_ref(), &directory).await?;
        let users = store::user::list(self.store(), workspace).await?;
        let author = actor.user.and_then(|own| users.iter().find(|user| user.id == own)).map(|user| user.email.clone());
        let desk = users.into_iter().map(|user| user.email).collect();
        let (now, reader, check) = (self.now(), actor.scope().reader().clone(), check.clone());
        let judge = move || {
            let reading = Reading {
                knowledge: &knowledge,
                directory: &directory,
                trusted: Trusted::new(&directory, None),
                desk,
                requester: requester.as_ref(),
                reader,
                here: check.ticket,
            };
            let known = reading.all(&gathered);
            let judged = |text: &CleanText, part| {
                let entities = entity::find(text.as_str(), &knowledge.patterns, Some(now));
                let mut leaks =
                    guard::check(Outgoing { text: text.as_str(), part, entities: &entities, recipients: &recipients }, &known, &others);
                for leak in &mut leaks {
                    leak.span = leak.span.take().map(|span| text.original_span(span));
                }
                leaks
            };
            let [subject, body] = &words;
            let (of_subject, of_body) = (judged(subject, MessagePart::Subject), judged(body, MessagePart::Body));
            let redacted_subject = check.subject.as_deref().map(|subject| guard::redacted(subject, &of_subject));
            let redacted = guard::redacted(&check.body, &of_body);
            let advice = gathered.own.as_ref().map(|own| advice(author.as_ref(), &check, &own.ticket, &recipients, &reading));
            let leaks = of_subject.into_iter().chain(of_body).chain(guard::suspects(&recipients)).chain(advice.into_iter().flatten());
            Checked { leaks: leaks.collect(), redacted_subject, redacted }
        };
        tokio::task::spawn_blocking(judge).await.map_err(Error::internal)
    }

    /// Reads what stands elsewhere in the words of a message.
    async fn gather_copied(
        &self,
        everything: &Scope,
        ticket: Option<TicketId>,
        words: &[CleanText; 2],
        gathered: &mut Gathered,
    ) -> Result<(), Error> {
        let mut searches = Vec::new();
        for part in words {
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
        let excerpts: Vec<ExcerptId> = ids(Kind::Attachment).map(ExcerptId::from_uuid).collect();
        gathered.comments = store::ticket::comments_by_ids(self.store(), everything, &comments).await?;
        let tickets: BTreeSet<TicketId> =
            ids(Kind::Ticket).map(TicketId::from_uuid).chain(gathered.comments.iter().map(|comment| comment.ticket)).collect();
        gathered.tickets = store::ticket::by_ids(self.store(), everything, &tickets.into_iter().collect::<Vec<_>>()).await?;
        gathered.excerpts.extend(store::attachment::excerpts(self.store(), everything, &excerpts).await?);
        gathered.passages = store::document::passages(self.store(), everything, &passages).await?;
        gathered.threads.extend(store::thread::by_messages(self.store(), everything, &messages).await?);
        Ok(())
    }

    /// Other customers who may be meant in a message: by name, unless somebody of the directory or its customer has that family name, and by
    /// their addresses.
    async fn other_customers(
        &self,
        workspace: WorkspaceId,
        text: &str,
        requester: Option<&Customer>,
        directory: &Directory,
    ) -> Result<Others, Error> {
        let mut own: BTreeSet<String> = requester.and_then(|own| own.name.as_deref()).map(named::words).into_iter().flatten().collect();
        own.extend(directory.people.values().filter_map(|person| named::words(&person.name).pop()));
        let names: Vec<String> = Names::of(text).family_names().into_iter().filter(|name| !own.contains(name)).take(MOST_NAMES).collect();
        let mut others = Others::default();
        let is_other = |customer: &Customer| requester.is_none_or(|own| own.id != customer.id);
        for names in names.chunks(NAMES_TOGETHER) {
            let found = store::customer::of_family_names(self.store(), workspace, names, NAMED).await?;
            others.names.extend(found.into_iter().filter(is_other).filter_map(|other| other.name));
        }
        let addresses: BTreeSet<EmailAddress> = addresses(text).take(MOST_NAMES).collect();
        for address in &addresses {
            let found = store::customer::by_email(self.store(), workspace, address).await?;
            others.addresses.extend(found.filter(is_other).map(|other| other.email.to_string()));
        }
        Ok(others)
    }
}

/// Who would read a message.
fn recipients(check: &NewCheck, directory: &Directory, requester: Option<&Customer>) -> Result<Vec<Recipient>, Error> {
    let trusted = Trusted::new(directory, requester.map(|customer| (&customer.email, customer.id)));
    let mut recipients: Vec<Recipient> = check.recipients.iter().map(|address| trusted.recipient(address, false)).collect();
    recipients.extend(check.hidden.iter().map(|address| trusted.recipient(address, true)));
    for (place, called) in check.channels.iter().enumerate() {
        let channel = directory.channels.values().find(|one| one.is_called(called));
        let unknown =
            || Error::invalid(format!("channels/{place}"), format!("there is no channel `{called}`: name it as the playbook does"));
        recipients.extend(trusted.channel(channel.ok_or_else(unknown)?));
    }
    Ok(recipients)
}

/// The e-mail addresses that stand in a text.
fn addresses(text: &str) -> impl Iterator<Item = EmailAddress> {
    let words = text.split(|c: char| c.is_whitespace() || "<>()[],;:\"«»".contains(c)).filter(|word| word.contains('@'));
    words.filter_map(|word| word.trim_end_matches(['.', '!', '?']).parse().ok())
}

/// What a message may have been copied from, as it is kept.
#[derive(Debug, Default)]
struct Gathered {
    /// Its ticket, whole.
    own: Option<TicketHistory>,
    threads: Vec<ThreadHistory>,
    excerpts: Vec<FoundExcerpt>,
    tickets: Vec<Ticket>,
    comments: Vec<Comment>,
    passages: Vec<FoundPassage>,
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
    /// Whom addresses belong to, by the directory alone.
    trusted: Trusted<'a>,
    /// The addresses of whoever signs in.
    desk: BTreeSet<EmailAddress>,
    requester: Option<&'a Customer>,
    /// Who asks: they learn that something must not leave, and not what it is called where they may not read it.
    reader: Reader,
    /// The message's own ticket.
    here: Option<TicketId>,
}

impl Reading<'_> {
    fn all(&self, gathered: &Gathered) -> Vec<Known> {
        let Gathered { own, threads, excerpts, tickets, comments, passages } = gathered;
        let mut known: Vec<Known> = own.iter().map(|own| &own.ticket).chain(tickets).map(|ticket| self.opening(ticket)).collect();
        let own_comments = own.iter().flat_map(|own| own.comments.iter().map(|comment| (comment, &own.ticket)));
        let by_id: BTreeMap<TicketId, &Ticket> = tickets.iter().map(|ticket| (ticket.id, ticket)).collect();
        let others = comments.iter().filter_map(|comment| Some((comment, *by_id.get(&comment.ticket)?)));
        known.extend(own_comments.chain(others).map(|(comment, ticket)| self.comment(comment, ticket)));
        known.extend(threads.iter().flat_map(|thread| self.thread(thread)));
        known.extend(excerpts.iter().map(|excerpt| self.excerpt(excerpt)));
        known.extend(passages.iter().flat_map(|passage| self.passage(passage)));
        known
    }

    fn opening(&self, ticket: &Ticket) -> Known {
        let is_own = self.requester.is_some_and(|own| own.id == ticket.requester);
        Known {
            source: Source::Ticket(ticket.id),
            title: ticket.reference(),
            audience: ticket.audience(),
            participants: Vec::new(),
            belongs: if is_own { Belongs::Ticket } else { Belongs::Other(ticket.requester) },
            is_here: self.here == Some(ticket.id),
            is_hidden: false,
            sentences: self.sentences(&ticket.text(), ticket.language),
        }
    }

    fn comment(&self, comment: &Comment, ticket: &Ticket) -> Known {
        let is_own = self.requester.is_some_and(|own| own.id == ticket.requester);
        let belongs = match comment.public {
            false => Belongs::Desk,
            true if is_own => Belongs::Ticket,
            // Words that the desk chose for one customer it chooses for others.
            true if self.is_of_the_desk(&comment.author) => Belongs::Told,
            true => Belongs::Other(ticket.requester),
        };
        Known {
            source: Source::Comment(comment.ticket, comment.id),
            title: ticket.reference(),
            audience: comment.audience(ticket.requester),
            participants: Vec::new(),
            belongs,
            is_here: self.here == Some(ticket.id),
            is_hidden: false,
            sentences: self.sentences(&comment.body, ticket.language),
        }
    }

    fn is_of_the_desk(&self, author: &EmailAddress) -> bool {
        self.desk.contains(author) || self.trusted.is_colleague(author)
    }

    fn thread(&self, ThreadHistory { thread, messages }: &ThreadHistory) -> Vec<Known> {
        let participants: Vec<String> = thread.participants.iter().chain([&thread.opened_by]).map(EmailAddress::to_string).collect();
        let message = |message: &Message| Known {
            source: Source::Message(thread.id, message.id),
            title: thread.reference(),
            audience: Audience::Internal,
            participants: participants.clone(),
            belongs: Belongs::Desk,
            is_here: self.here == Some(thread.ticket),
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
            is_here: false,
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
            is_here: self.here == Some(found.ticket),
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
