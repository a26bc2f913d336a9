//! Thumbs on suggestions.

use std::collections::BTreeMap;

use crate::app::App;
use crate::app::clock::random;
use crate::app::error::Error;
use crate::domain::feedback::Feedback;
use crate::domain::id::{FeedbackId, SuggestionId, TicketId};
use crate::domain::user::{Actor, Permission};
use crate::domain::vocabulary::Verdict;
use crate::store;

const LONGEST_NOTE: usize = 2_000;

impl App {
    /// Keeps what the actor thinks of a suggestion; a later thumb replaces an earlier one.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a suggestion that is not in the actor's workspace.
    pub async fn give_feedback(&self, actor: &Actor, id: SuggestionId, verdict: Verdict, note: Option<String>) -> Result<Feedback, Error> {
        self.allow(actor, Permission::Work)?;
        if note.as_ref().is_some_and(|note| note.chars().count() > LONGEST_NOTE) {
            return Err(Error::invalid("note", format!("at most {LONGEST_NOTE} characters")));
        }
        self.suggestion(actor, id).await?;
        let now = self.now();
        let feedback =
            Feedback { id: FeedbackId::at(now, random()), suggestion: id, by: actor.name.clone(), verdict, note, created_at: now };
        let mut tx = self.store().begin().await?;
        store::feedback::save(&mut tx, actor.workspace, &feedback).await?;
        tx.commit().await?;
        Ok(feedback)
    }

    /// The actor's own thumbs on a ticket's suggestions.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a ticket that is not in the actor's workspace.
    pub async fn verdicts(&self, actor: &Actor, ticket: TicketId) -> Result<BTreeMap<SuggestionId, Verdict>, Error> {
        self.allow(actor, Permission::Read)?;
        self.ticket_exists(actor, ticket).await?;
        let all = store::feedback::of_ticket(self.store(), actor.workspace, ticket).await?;
        Ok(all.into_iter().filter(|feedback| feedback.by == actor.name).map(|feedback| (feedback.suggestion, feedback.verdict)).collect())
    }
}
