//! A question in plain words about a ticket, answered with sentences that somebody wrote.

use std::collections::{BTreeSet, HashMap};

use crate::app::error::Error;
use crate::app::panel::gather::{CutThread, cut_thread, ticket_pieces};
use crate::app::pieces::{Piece, Raw};
use crate::app::triage::first_replies;
use crate::app::{App, Needed};
use crate::copilot::answer::{Readable, answer};
use crate::copilot::named::Named;
use crate::domain::attachment::FoundExcerpt;
use crate::domain::id::{AttachmentId, ThreadId, TicketId};
use crate::domain::panel::Cited;
use crate::domain::triage::Source;
use crate::domain::user::{Actor, Permission};
use crate::domain::vocabulary::{Kind, Language};
use crate::index::Query;
use crate::lines::Line;
use crate::store;
use crate::text::entity::Patterns;
use crate::wire::ask::MAX_CHARS;

/// How many sentences an answer has at most.
const SENTENCES: usize = 3;
/// How many passages and earlier side conversations are read.
const PASSAGES: usize = 8;
const THREADS: usize = 4;
/// How many pieces of the ticket's files are read.
const OWN_EXCERPTS: u32 = 48;
/// Several messages of one side conversation may be found.
const MESSAGES: usize = 16;

/// What a question was answered with.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The sentences, best first; empty when nothing that was read answers.
    pub sentences: Vec<Cited>,
    /// How many comments of the ticket were read, its own text among them.
    pub comments: usize,
    /// How many side conversations were read, those of the ticket first.
    pub threads: usize,
    /// How many passages of articles were read.
    pub passages: usize,
    /// How many files of the ticket were read.
    pub attachments: usize,
}

impl App {
    /// Answers a question about a ticket from its comments, its files, its side conversations, earlier ones and articles, all as the actor
    /// may read them.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a ticket that is not in the actor's workspace; [`Error::Overloaded`] when the encoder is busy.
    pub async fn ask(&self, actor: &Actor, ticket: TicketId, question: &str) -> Result<Answer, Error> {
        self.allow(actor, Permission::Read)?;
        if question.chars().count() > MAX_CHARS {
            return Err(Error::invalid("question", format!("it has more than {MAX_CHARS} characters: ask for one thing")));
        }
        let scope = actor.scope();
        let history = store::ticket::history(self.store(), &scope, ticket)
            .await?
            .ok_or_else(|| Error::NotFound { kind: "ticket", id: ticket.to_string() })?;
        let customer = store::customer::get(self.store(), actor.workspace, history.ticket.requester)
            .await?
            .ok_or_else(|| Error::internal("a ticket has no requester: this is a bug"))?;
        let directory = store::person::directory(self.store(), actor.workspace).await?;
        let knowledge = self.knowledge(actor.workspace).await?;
        let mut asked = Piece::cut(Raw {
            source: Source::Ticket(ticket),
            author: None,
            title: String::new(),
            at: None,
            language: None,
            otherwise: knowledge.language,
            text: question,
        });
        if asked.body.is_empty() {
            return Err(Error::invalid("question", "there is nothing asked: write at least one word"));
        }
        let dense = self.embed_one(&asked.body).await?;
        let search = |kind: Kind, limit: usize| {
            let mut query = Query::new(scope.clone(), asked.body.clone(), limit);
            query.kinds = vec![kind];
            query.language = Some(asked.language);
            query.dense = Some(dense.clone());
            // The ticket itself is read whole.
            query.not_ticket = Some(ticket);
            self.index().search(query)
        };
        let (passages, messages) = tokio::try_join!(search(Kind::Passage, PASSAGES), search(Kind::Message, MESSAGES))?;

        let mut comments = ticket_pieces(&history, &customer, &directory, knowledge.language);
        let mut threads: Vec<_> = store::thread::of_ticket(self.store(), &scope, ticket)
            .await?
            .into_iter()
            .map(|history| cut_thread(history, &directory, knowledge.language))
            .collect();
        let own_threads: Vec<ThreadId> = threads.iter().map(|thread| thread.history.thread.id).collect();
        let earlier = self.near_threads(&scope, &knowledge, &asked, &messages, &directory).await?;
        threads.extend(earlier.into_iter().take(THREADS).map(|near| near.item));
        let mut passages = self.near_passages(&scope, &knowledge, &asked, &passages).await?;
        // Files of other tickets are other customers': what they sent says nothing of this one.
        let found = store::attachment::excerpts_of_ticket(self.store(), &scope, ticket, OWN_EXCERPTS).await?;
        let attachments: BTreeSet<AttachmentId> = found.iter().map(|found| found.excerpt.attachment).collect();
        let triage = self.kept_triage(actor, ticket).await?;
        let speaking = triage.map(|triage| first_replies(&knowledge, &history.ticket, customer.tier, &triage)).unwrap_or_default();
        let mut rules: Vec<Piece> = speaking.into_iter().filter_map(|rule| Piece::of_rule(rule, asked.language)).collect();
        let mut excerpts: Vec<Piece> = found.iter().map(|found| excerpt_piece(found, knowledge.language)).collect();

        let mut pieces: Vec<&mut Piece> = vec![&mut asked];
        pieces.extend(&mut comments);
        pieces.extend(threads.iter_mut().flat_map(|thread| &mut thread.pieces));
        pieces.extend(passages.iter_mut().map(|near| &mut near.item.1));
        pieces.extend(&mut excerpts);
        pieces.extend(&mut rules);
        self.embed_pieces(&mut pieces, Needed::Now).await?;
        let mut answered = Answer {
            sentences: Vec::new(),
            comments: comments.len(),
            threads: threads.len(),
            passages: passages.len(),
            attachments: attachments.len(),
        };
        let named = Named::of(question, &customer, &directory);
        let passages = passages.into_iter().map(|near| near.item.1).collect();
        let read = Read { ticket, subject: history.ticket.subject, asked, comments, own_threads, threads, passages, excerpts, rules };
        // A ticket of hundreds of comments takes a while to read.
        let sentences = tokio::task::spawn_blocking(move || read.answer(&named, &knowledge.patterns));
        answered.sentences = sentences.await.map_err(Error::internal)?;
        if answered.sentences.is_empty() {
            self.keep_unanswered(actor.workspace, ticket, question).await?;
        }
        self.count_usage(actor.workspace, "ask", 1);
        Ok(answered)
    }
}

/// Everything that was read for a question, cut into sentences with vectors.
struct Read {
    ticket: TicketId,
    subject: String,
    asked: Piece,
    comments: Vec<Piece>,
    own_threads: Vec<ThreadId>,
    threads: Vec<CutThread>,
    passages: Vec<Piece>,
    excerpts: Vec<Piece>,
    /// What rules that hold of the ticket want its customer told.
    rules: Vec<Piece>,
}

impl Read {
    fn answer(&self, named: &Named, patterns: &Patterns) -> Vec<Cited> {
        let subjects: HashMap<ThreadId, &str> =
            self.threads.iter().map(|thread| (thread.history.thread.id, thread.history.thread.subject.as_str())).collect();
        let is_own = |line: &Line<'_>| match line.source {
            Source::Ticket(id) | Source::Comment(id, _) | Source::Attachment(id, ..) => id == self.ticket,
            Source::Message(thread, _) => self.own_threads.contains(&thread),
            Source::Playbook => true,
            Source::Passage(..) => false,
        };
        let of_threads = self.threads.iter().flat_map(|thread| &thread.pieces);
        let pieces = self.comments.iter().chain(of_threads).chain(&self.passages).chain(&self.excerpts).chain(&self.rules);
        let readable: Vec<Readable<'_>> = pieces
            .flat_map(Piece::lines)
            .map(|line| Readable { about: self.about(&subjects, &line), is_own: is_own(&line), line })
            .collect();
        let elsewhere: HashMap<ThreadId, String> = self
            .threads
            .iter()
            .filter(|thread| !self.own_threads.contains(&thread.history.thread.id))
            .map(|thread| (thread.history.thread.id, thread.history.thread.reference()))
            .collect();
        let sentences = answer(&self.asked.lines(), named, &readable, patterns, SENTENCES);
        sentences.into_iter().map(|cited| said_where(cited, &elsewhere)).collect()
    }

    /// What the source of a line is about.
    fn about<'a>(&'a self, subjects: &HashMap<ThreadId, &'a str>, line: &Line<'a>) -> &'a str {
        match line.source {
            Source::Ticket(_) | Source::Comment(..) => &self.subject,
            Source::Message(thread, _) => subjects.get(&thread).copied().unwrap_or_default(),
            Source::Attachment(..) | Source::Passage(..) | Source::Playbook => line.title,
        }
    }
}

/// A sentence of another ticket's side conversation says which one it is from.
fn said_where(mut cited: Cited, elsewhere: &HashMap<ThreadId, String>) -> Cited {
    for evidence in &mut cited.evidence {
        if let Source::Message(thread, _) = evidence.source
            && let Some(reference) = elsewhere.get(&thread)
        {
            evidence.title = format!("{}, {reference}", evidence.title);
        }
    }
    cited
}

fn excerpt_piece(found: &FoundExcerpt, otherwise: Language) -> Piece {
    Piece::cut(Raw {
        source: Source::Attachment(found.ticket, found.excerpt.attachment, found.excerpt.id),
        author: None,
        title: found.title(),
        at: Some(found.at),
        language: None,
        otherwise,
        text: &found.excerpt.text,
    })
}
