//! Views of the inbox that users keep, each for themselves.

use crate::app::App;
use crate::app::clock::random;
use crate::app::error::Error;
use crate::domain::id::{UserId, ViewId};
use crate::domain::intake::InboxFilter;
use crate::domain::user::{Actor, Permission};
use crate::domain::view::SavedView;
use crate::store;

/// So many views a user can keep.
pub const MOST_VIEWS: usize = 20;
/// The longest name of a view, in characters.
pub const LONGEST_VIEW_NAME_CHARS: usize = 60;
const LONGEST_WORDS_CHARS: usize = 200;

impl App {
    /// The actor's own views of the inbox; a token has none.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not read.
    pub async fn views(&self, actor: &Actor) -> Result<Vec<SavedView>, Error> {
        self.allow(actor, Permission::Read)?;
        let Some(owner) = actor.user else { return Ok(Vec::new()) };
        Ok(store::view::list(self.store(), actor.workspace, owner).await?)
    }

    /// Keeps a filter of the inbox under a name, in place of the actor's view of the same name.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a name or words that are empty or too long; [`Error::Conflict`] when the actor keeps [`MOST_VIEWS`] already.
    pub async fn keep_view(&self, actor: &Actor, name: &str, filter: InboxFilter) -> Result<(), Error> {
        let owner = self.owner(actor)?;
        let name = name.trim();
        if name.is_empty() || name.chars().count() > LONGEST_VIEW_NAME_CHARS {
            return Err(Error::invalid("name", format!("a name of 1 to {LONGEST_VIEW_NAME_CHARS} characters is needed")));
        }
        if filter.words.as_ref().is_some_and(|words| words.chars().count() > LONGEST_WORDS_CHARS) {
            return Err(Error::invalid("words", format!("at most {LONGEST_WORDS_CHARS} characters")));
        }
        let now = self.now();
        let mut tx = self.store().begin().await?;
        store::view::hold(&mut tx, actor.workspace, owner).await?;
        let known = store::view::list(&mut tx, actor.workspace, owner).await?;
        if known.len() >= MOST_VIEWS && known.iter().all(|view| view.name != name) {
            return Err(Error::Conflict(format!("you keep {MOST_VIEWS} views already: remove one first")));
        }
        let view = SavedView { id: ViewId::at(now, random()), name: name.to_owned(), filter };
        store::view::save(&mut tx, actor.workspace, owner, &view, now).await?;
        Ok(tx.commit().await?)
    }

    /// Forgets a view of the actor.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a view that is not the actor's own.
    pub async fn remove_view(&self, actor: &Actor, id: ViewId) -> Result<(), Error> {
        let owner = self.owner(actor)?;
        let mut tx = self.store().begin().await?;
        let was_there = store::view::remove(&mut tx, actor.workspace, owner, id).await?;
        tx.commit().await?;
        if was_there { Ok(()) } else { Err(Error::NotFound { kind: "view", id: id.to_string() }) }
    }

    /// Whose views they are; a token keeps none.
    fn owner(&self, actor: &Actor) -> Result<UserId, Error> {
        self.allow(actor, Permission::Read)?;
        actor.user.ok_or(Error::Forbidden { role: actor.role.as_str() })
    }
}
