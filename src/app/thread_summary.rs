//! A side conversation in short, and what it says about something.

use crate::app::error::Error;
use crate::app::panel::{PAST_THREADS, cut_thread};
use crate::app::pieces::{Piece, Raw};
use crate::app::{App, Needed};
use crate::domain::audience::{Reader, Scope};
use crate::domain::id::ThreadId;
use crate::domain::panel::ThreadSummary;
use crate::domain::triage::Source;
use crate::domain::user::Actor;
use crate::lines::Line;
use crate::store;
use crate::threads::{self, Desk, Reading, ThreadLines, Usuals};
use crate::wire::ask::MAX_CHARS;

impl App {
    /// A side conversation in short, as it stands now; with a question also what it says about that.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is not in the actor's workspace; [`Error::Invalid`] for a question that is too long or has no words;
    /// [`Error::Overloaded`] when the encoder is busy.
    pub async fn thread_summary(&self, actor: &Actor, id: ThreadId, about: Option<&str>) -> Result<ThreadSummary, Error> {
        let thread = self.thread(actor, id).await?;
        let ticket = self.ticket(actor, thread.thread.ticket).await?;
        let customer = self.customer(actor, ticket.ticket.requester).await?;
        let knowledge = self.knowledge(actor.workspace).await?;
        let directory = store::person::directory(self.store(), actor.workspace).await?;
        let everything = Scope::new(actor.workspace, Reader::Everything);
        let past = store::thread::before(self.store(), &everything, self.now(), PAST_THREADS).await?;
        let mut asked = about.map(|about| question(about, knowledge.language)).transpose()?;
        let mut cut = cut_thread(thread, &directory, knowledge.language);
        let mut pieces: Vec<&mut Piece> = cut.pieces.iter_mut().chain(&mut asked).collect();
        self.embed_pieces(&mut pieces, Needed::Now).await?;
        let (usuals, now) = (Usuals::measured(&past, &directory), self.now());
        let summary = move || {
            let lines: Vec<Line<'_>> = cut.pieces.iter().flat_map(Piece::lines).collect();
            let thread = ThreadLines { history: &cut.history, lines: &lines };
            let desk = Desk { history: &ticket, requester: &customer.email, directory: &directory };
            let ends = threads::loose_ends(&desk, &[thread], &usuals, now);
            let reading = Reading { desk: &desk, customer: customer.name.as_deref(), patterns: &knowledge.patterns, ends: &ends };
            let mut summary = threads::summarise(&reading, &thread);
            if let Some(asked) = &asked {
                summary.parts.about = threads::about(&asked.lines(), &reading, &thread);
            }
            summary
        };
        // A side conversation of hundreds of messages takes a while to read.
        tokio::task::spawn_blocking(summary).await.map_err(Error::internal)
    }
}

/// A reader's question as a text with sentences.
fn question(about: &str, otherwise: crate::domain::vocabulary::Language) -> Result<Piece, Error> {
    if about.chars().count() > MAX_CHARS {
        return Err(Error::invalid("about", format!("it has more than {MAX_CHARS} characters: ask for one thing")));
    }
    let raw = Raw { source: Source::Playbook, author: None, title: String::new(), at: None, language: None, otherwise, text: about };
    let piece = Piece::cut(raw);
    if piece.body.is_empty() {
        return Err(Error::invalid("about", "there is nothing asked: write at least one word"));
    }
    Ok(piece)
}
