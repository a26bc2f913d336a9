//! Setting suggestions aside: for good, or for a while, and for whoever says so alone.

use crate::app::App;
use crate::app::error::Error;
use crate::domain::feedback::{SetAside, Suggestion};
use crate::domain::id::SuggestionId;
use crate::domain::time::Timestamp;
use crate::domain::user::{Actor, Permission};
use crate::domain::vocabulary::Part;
use crate::store;

/// A suggestion is set aside for so many days at most, or for good.
const LONGEST_ASIDE_DAYS: i64 = 90;

impl App {
    /// Has the actor not see a suggestion on its ticket any more, also on panels that are made anew: until a moment, or for good.
    ///
    /// A part that is there once, such as a draft, comes back earlier when something is said on the ticket or in its side conversations.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a suggestion that is not in the actor's workspace; [`Error::Invalid`] for the triage and the summary, which
    /// are no suggestions to act on, and for a moment that is past or more than 90 days away.
    pub async fn set_aside(&self, actor: &Actor, id: SuggestionId, until: Option<Timestamp>) -> Result<(), Error> {
        let Suggestion { ticket, target, created_at: made_at, .. } = self.suggestion(actor, id).await?;
        if matches!(target.part, Part::Triage | Part::Summary) {
            return Err(Error::invalid("suggestion", format!("the {} cannot be set aside: correct it, or give it a thumb", target.part)));
        }
        let now = self.now();
        if until.is_some_and(|until| until <= now || until > now.plus_seconds(LONGEST_ASIDE_DAYS * 24 * 3600)) {
            return Err(Error::invalid(
                "until",
                format!("a moment within the next {LONGEST_ASIDE_DAYS} days is needed; leave it out for good"),
            ));
        }
        let mut tx = self.store().begin().await?;
        let aside = SetAside { target, made_at, at: now, until };
        store::set_aside::save(&mut tx, actor.workspace, ticket, &actor.name, &aside).await?;
        Ok(tx.commit().await?)
    }

    /// Shows the actor again what they set aside; what is not aside stays as it is.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a suggestion that is not in the actor's workspace.
    pub async fn bring_back(&self, actor: &Actor, id: SuggestionId) -> Result<(), Error> {
        let Suggestion { ticket, target, .. } = self.suggestion(actor, id).await?;
        let mut tx = self.store().begin().await?;
        store::set_aside::remove(&mut tx, actor.workspace, ticket, &actor.name, &target).await?;
        Ok(tx.commit().await?)
    }

    /// A suggestion that the actor may act on.
    pub(super) async fn suggestion(&self, actor: &Actor, id: SuggestionId) -> Result<Suggestion, Error> {
        self.allow(actor, Permission::Work)?;
        let found = store::suggestion::get(self.store(), actor.workspace, id).await?;
        found.ok_or_else(|| Error::NotFound { kind: "suggestion", id: id.to_string() })
    }
}
