//! Who is asking: tokens, sign-in links, sessions, and the first admin of an empty installation.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::App;
use crate::app::clock::random;
use crate::app::error::Error;
use crate::domain::id::{TokenId, UserId, WorkspaceId};
use crate::domain::token::{Token, TokenSecret};
use crate::domain::user::{Actor, Permission, User};
use crate::domain::vocabulary::{EmailAddress, Language, Role, Slug, TeamName};
use crate::domain::workspace::Workspace;
use crate::store::session::{NewSession, SignInLink};
use crate::store::{self, Change, Tx};

const LINK_SECONDS: i64 = 15 * 60;
const SETUP_SECONDS: i64 = 24 * 3600;
const IDLE_SECONDS: i64 = 12 * 3600;
const SESSION_SECONDS: i64 = 7 * 24 * 3600;
/// A token's last use is written at most this often, so that reads do not become writes.
const USED_EVERY_SECONDS: i64 = 60;

/// What a sign-in link is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkPurpose {
    /// It makes the first admin of an empty installation.
    SetUp,
    /// It signs somebody in.
    SignIn,
}

/// Somebody who just signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// What the cookie holds; shown to nobody else.
    pub session_secret: String,
    /// What forms must send back.
    pub csrf: String,
    /// Who they are.
    pub user: User,
}

/// A session that goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Who acts.
    pub actor: Actor,
    /// The user behind it.
    pub user: User,
    /// What forms must send back.
    pub csrf: String,
    /// Their workspace.
    pub workspace: Workspace,
}

impl App {
    /// Who sent this bearer token.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for anything but a token in force.
    pub async fn authenticate(&self, token: &str) -> Result<Actor, Error> {
        let secret = TokenSecret::parse(token).map_err(|_| Error::Unauthenticated)?;
        let token = store::token::by_secret(self.store(), &secret).await?.ok_or(Error::Unauthenticated)?;
        let now = self.now();
        if token.last_used_at.is_none_or(|last| now.seconds_since(last) >= USED_EVERY_SECONDS) {
            let mut tx = self.store().begin().await?;
            store::token::mark_used(&mut tx, token.workspace, token.id, now).await?;
            tx.commit().await?;
        }
        Ok(Actor { workspace: token.workspace, name: format!("token:{}", token.id), user: None, role: token.role, teams: token.teams })
    }

    /// Makes a token; its secret is given once and never again.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for anybody but an admin.
    pub async fn create_token(
        &self,
        actor: &Actor,
        name: &str,
        role: Role,
        teams: BTreeSet<TeamName>,
    ) -> Result<(Token, TokenSecret), Error> {
        self.allow(actor, Permission::Administer)?;
        let name = name.trim();
        if name.is_empty() || name.chars().count() > 100 {
            return Err(Error::invalid("name", "expected 1 to 100 characters that say what the token is for"));
        }
        self.expect_teams(actor, &teams).await?;
        let now = self.now();
        let token = Token {
            id: TokenId::at(now, random()),
            workspace: actor.workspace,
            name: name.to_owned(),
            role,
            teams,
            created_at: now,
            last_used_at: None,
            revoked_at: None,
        };
        let secret = TokenSecret::from_random(&random());
        let mut tx = self.store().begin().await?;
        store::token::insert(&mut tx, &token, &secret).await?;
        self.record(&mut tx, actor, "token.create", &token.id.to_string());
        tx.commit().await?;
        Ok((token, secret))
    }

    /// The tokens of the workspace, revoked ones included.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for anybody but an admin.
    pub async fn tokens(&self, actor: &Actor) -> Result<Vec<Token>, Error> {
        self.allow(actor, Permission::Administer)?;
        Ok(store::token::list(self.store(), actor.workspace).await?)
    }

    /// Revokes a token; from then on it opens nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a token that is not in force in this workspace.
    pub async fn revoke_token(&self, actor: &Actor, id: TokenId) -> Result<(), Error> {
        self.allow(actor, Permission::Administer)?;
        let mut tx = self.store().begin().await?;
        if !store::token::revoke(&mut tx, actor.workspace, id, self.now()).await? {
            return Err(Error::NotFound { kind: "token", id: id.to_string() });
        }
        self.record(&mut tx, actor, "token.revoke", &id.to_string());
        Ok(tx.commit().await?)
    }

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
        };
        store::workspace::insert(tx, &workspace).await?;
        // A new workspace has nobody with this address yet, so the id stays the one given.
        let _ = store::user::save(tx, &user).await?;
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
        Ok(users.iter().find(|user| user.role == Role::Admin).map(actor_of))
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

    /// What a link is for; asking does not use it up.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn link_purpose(&self) -> Result<LinkPurpose, Error> {
        Ok(if self.needs_setup().await? { LinkPurpose::SetUp } else { LinkPurpose::SignIn })
    }

    /// The user of the actor's workspace with this address; makes one with the role when there is none.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for anybody but an admin.
    pub async fn put_user(&self, actor: &Actor, email: EmailAddress, name: &str, role: Role) -> Result<User, Error> {
        self.allow(actor, Permission::Administer)?;
        if let Some(known) = store::user::by_email(self.store(), actor.workspace, &email).await? {
            return Ok(known);
        }
        let now = self.now();
        let teams = BTreeSet::new();
        let id = UserId::at(now, random());
        let user = User { id, workspace: actor.workspace, email, name: name.to_owned(), role, teams, created_at: now };
        let mut tx = self.store().begin().await?;
        let saved = store::user::save(&mut tx, &user).await?;
        self.record(&mut tx, actor, "user.create", &saved.id.to_string());
        tx.commit().await?;
        Ok(User { id: saved.id, ..user })
    }

    /// What the users of the workspace are called, by address.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not read.
    pub async fn user_names(&self, actor: &Actor) -> Result<BTreeMap<EmailAddress, String>, Error> {
        self.allow(actor, Permission::Read)?;
        let users = store::user::list(self.store(), actor.workspace).await?;
        Ok(users.into_iter().map(|user| (user.email, user.name)).collect())
    }

    /// Sets the teams whose restricted items a user may read.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a team that the workspace does not have; [`Error::NotFound`] for a user who is not in it.
    pub async fn set_user_teams(&self, actor: &Actor, id: UserId, teams: BTreeSet<TeamName>) -> Result<User, Error> {
        self.allow(actor, Permission::Administer)?;
        self.expect_teams(actor, &teams).await?;
        let mut tx = self.store().begin().await?;
        let known = store::user::get(&mut tx, actor.workspace, id).await?;
        let user = User { teams, ..known.ok_or_else(|| Error::NotFound { kind: "user", id: id.to_string() })? };
        if store::user::save(&mut tx, &user).await?.change != Change::Unchanged {
            self.record(&mut tx, actor, "user.teams", &id.to_string());
        }
        tx.commit().await?;
        Ok(user)
    }

    /// A misspelt team would restrict nothing and open nothing, and nobody would notice.
    async fn expect_teams(&self, actor: &Actor, teams: &BTreeSet<TeamName>) -> Result<(), Error> {
        if teams.is_empty() {
            return Ok(());
        }
        let known = store::person::directory(self.store(), actor.workspace).await?.teams;
        match teams.iter().find(|team| !known.contains_key(*team)) {
            Some(team) => Err(Error::invalid("team", format!("there is no team `{team}`: add it to `people.toml` first"))),
            None => Ok(()),
        }
    }

    /// Makes a link that signs a user of the workspace in, once, within 15 minutes; gives its secret.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for anybody but an admin.
    pub async fn make_sign_in_link(&self, actor: &Actor, user: UserId) -> Result<String, Error> {
        self.allow(actor, Permission::Administer)?;
        let secret = hex::encode(random::<24>());
        let link = SignInLink { workspace: actor.workspace, user, secret: &secret, expires_at: self.now().plus_seconds(LINK_SECONDS) };
        let mut tx = self.store().begin().await?;
        store::session::insert_link(&mut tx, &link).await?;
        self.record(&mut tx, actor, "sign_in_link.create", &user.to_string());
        tx.commit().await?;
        Ok(secret)
    }

    /// Signs in with a link, which is then used up.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for a link that is wrong, used or too old.
    pub async fn sign_in(&self, link_secret: &str) -> Result<SignedIn, Error> {
        let mut tx = self.store().begin().await?;
        let (workspace, user) = store::session::redeem_link(&mut tx, link_secret, self.now()).await?.ok_or(Error::Unauthenticated)?;
        let user = store::user::get(&mut tx, workspace, user).await?.ok_or(Error::Unauthenticated)?;
        // One transaction: a link is used up only by a session that began.
        let signed_in = self.start_session(&mut tx, user).await?;
        tx.commit().await?;
        Ok(signed_in)
    }

    /// The session behind a cookie; being asked keeps it from falling idle.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when there is none, or it ended.
    pub async fn session(&self, session_secret: &str) -> Result<Session, Error> {
        let now = self.now();
        let session = store::session::get(self.store(), session_secret, now).await?.ok_or(Error::Unauthenticated)?;
        let idle_until = now.plus_seconds(IDLE_SECONDS).min(session.expires_at);
        if idle_until.seconds_since(session.idle_until) >= USED_EVERY_SECONDS {
            let mut tx = self.store().begin().await?;
            store::session::touch(&mut tx, session_secret, now, idle_until).await?;
            tx.commit().await?;
        }
        let user = store::user::get(self.store(), session.workspace, session.user).await?.ok_or(Error::Unauthenticated)?;
        let workspace = store::workspace::get(self.store(), session.workspace).await?.ok_or(Error::Unauthenticated)?;
        Ok(Session { actor: actor_of(&user), user, csrf: session.csrf, workspace })
    }

    /// Ends a session.
    ///
    /// # Errors
    /// Whatever the store says; ending one that is not there is fine.
    pub async fn sign_out(&self, session_secret: &str) -> Result<(), Error> {
        let mut tx = self.store().begin().await?;
        store::session::end(&mut tx, session_secret).await?;
        Ok(tx.commit().await?)
    }

    async fn start_session(&self, tx: &mut Tx, user: User) -> Result<SignedIn, Error> {
        let now = self.now();
        let (session_secret, csrf) = (hex::encode(random::<32>()), hex::encode(random::<24>()));
        let session = NewSession {
            workspace: user.workspace,
            user: user.id,
            secret: &session_secret,
            csrf: &csrf,
            created_at: now,
            idle_until: now.plus_seconds(IDLE_SECONDS),
            expires_at: now.plus_seconds(SESSION_SECONDS),
        };
        store::session::start(tx, &session).await?;
        self.record(tx, &actor_of(&user), "session.start", &user.id.to_string());
        Ok(SignedIn { session_secret, csrf, user })
    }
}

fn actor_of(user: &User) -> Actor {
    Actor { workspace: user.workspace, name: format!("user:{}", user.id), user: Some(user.id), role: user.role, teams: user.teams.clone() }
}

/// A slug from a title: its letters and digits in lower case, the rest as dashes.
fn slug_of(title: &str) -> Slug {
    let dashed: String = title.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(40).collect();
    dashed.trim_matches('-').parse().or_else(|_| "desk".parse()).expect("`desk` is a slug: this is a bug")
}
