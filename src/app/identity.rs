//! Workspaces and the first admin of an empty installation.

use std::collections::BTreeSet;

use crate::app::App;
use crate::app::clock::random;
use crate::app::error::Error;
use crate::app::session::{SignedIn, actor_of};
use crate::domain::id::{UserId, WorkspaceId};
use crate::domain::user::{Actor, User};
use crate::domain::vocabulary::{EmailAddress, Language, Role, Slug};
use crate::domain::workspace::Workspace;
use crate::store::{self, Tx};

const SETUP_SECONDS: i64 = 24 * 3600;

impl App {
    /// Whether the installation has no workspace yet.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn needs_setup(&self) -> Result<bool, Error> {
        Ok(store::workspace::list(self.store()).await?.is_empty())
    }

    /// Makes a link that sets up the first admin, once, within a day and at any replica; gives its secret.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn make_setup_link(&self) -> Result<String, Error> {
        let secret = hex::encode(random::<24>());
        let mut tx = self.store().begin().await?;
        store::session::insert_setup_link(&mut tx, &secret, self.now().plus_seconds(SETUP_SECONDS)).await?;
        tx.commit().await?;
        Ok(secret)
    }

    /// Makes a workspace with its first admin.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the name is taken.
    pub async fn create_workspace(
        &self,
        slug: Slug,
        title: &str,
        language: Language,
        email: EmailAddress,
        name: &str,
    ) -> Result<Actor, Error> {
        let mut tx = self.store().begin().await?;
        let user = self.found_workspace(&mut tx, slug, title, language, email, name).await?;
        tx.commit().await?;
        Ok(actor_of(&user))
    }

    async fn found_workspace(
        &self,
        tx: &mut Tx,
        slug: Slug,
        title: &str,
        language: Language,
        email: EmailAddress,
        name: &str,
    ) -> Result<User, Error> {
        let now = self.now();
        let workspace = Workspace {
            id: WorkspaceId::at(now, random()),
            slug,
            name: title.trim().to_owned(),
            default_language: language,
            created_at: now,
        };
        let user = User {
            id: UserId::at(now, random()),
            workspace: workspace.id,
            email,
            name: name.trim().to_owned(),
            role: Role::Admin,
            teams: BTreeSet::new(),
            created_at: now,
            disabled_at: None,
            signed_in_at: None,
        };
        store::workspace::insert(tx, &workspace).await?;
        // A new workspace has nobody with this address yet, so the id stays the one given.
        let _ = store::user::save(tx, &user).await?;
        self.warn_of_mail(&store::workspace::list(&mut *tx).await?);
        self.record(tx, &actor_of(&user), "workspace.create", &workspace.id.to_string());
        Ok(user)
    }

    /// The first admin of a workspace, or of the first workspace there is: who the command line acts as.
    ///
    /// # Errors
    /// [`Error::Conflict`] when there is no such workspace, or it has no admin.
    pub async fn admin_of(&self, slug: Option<&Slug>) -> Result<Actor, Error> {
        self.find_admin(slug).await?.ok_or_else(|| {
            Error::Conflict(slug.map_or_else(
                || "nobody is set up yet: run `backchannel serve`, and open the link that it prints".to_owned(),
                |slug| format!("there is no workspace `{slug}`: leave `--workspace` out for the first one"),
            ))
        })
    }

    /// As [`App::admin_of`]; `None` when there is no such workspace, or it has no admin.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn find_admin(&self, slug: Option<&Slug>) -> Result<Option<Actor>, Error> {
        let workspaces = store::workspace::list(self.store()).await?;
        let found = workspaces.into_iter().find(|workspace| slug.is_none_or(|slug| workspace.slug == *slug));
        let Some(workspace) = found else { return Ok(None) };
        let users = store::user::list(self.store(), workspace.id).await?;
        Ok(users.iter().find(|user| user.is_acting_admin()).map(actor_of))
    }

    /// Sets up the first workspace and its admin with the link that `serve` printed, and signs them in.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for a wrong link; [`Error::Conflict`] when somebody was faster.
    pub async fn set_up(&self, link_secret: &str, workspace_title: &str, email: EmailAddress, name: &str) -> Result<SignedIn, Error> {
        if workspace_title.trim().is_empty() {
            return Err(Error::invalid("workspace", "give your company's or desk's name"));
        }
        if name.trim().is_empty() {
            return Err(Error::invalid("name", "give your name"));
        }
        let mut tx = self.store().begin().await?;
        if !store::session::redeem_setup_link(&mut tx, link_secret, self.now()).await? {
            return Err(Error::Unauthenticated);
        }
        if !store::workspace::list(&mut tx).await?.is_empty() {
            return Err(Error::Conflict("this installation is set up already: sign in instead".to_owned()));
        }
        let user = self.found_workspace(&mut tx, slug_of(workspace_title), workspace_title, Language::ENGLISH, email, name).await?;
        let signed_in = self.start_session(&mut tx, user).await?;
        tx.commit().await?;
        Ok(signed_in)
    }
}

/// A slug from a title: its letters and digits in lower case, the rest as dashes.
fn slug_of(title: &str) -> Slug {
    let dashed: String = title.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(40).collect();
    dashed.trim_matches('-').parse().or_else(|_| "desk".parse()).expect("`desk` is a slug: this is a bug")
}
