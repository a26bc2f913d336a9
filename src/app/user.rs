//! Users: inviting, changing, disabling and resetting those who sign in.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::App;
use crate::app::clock::random;
use crate::app::error::Error;
use crate::app::people::expect_teams;
use crate::domain::id::UserId;
use crate::domain::intake::NewUser;
use crate::domain::time::Timestamp;
use crate::domain::user::{Account, Actor, Permission, User, UserChange};
use crate::domain::vocabulary::{EmailAddress, LinkPurpose, Role, TeamName};
use crate::store::{self, Change, Tx};

/// How long an invitation works when nobody says it, and at most, in hours.
pub const INVITE_HOURS: u32 = 72;
/// The longest that an invitation can work, in hours.
pub const LONGEST_INVITE_HOURS: u32 = 14 * 24;
/// How long the link of a reset works, in hours.
const RESET_HOURS: u32 = 24;
const LONGEST_NAME_CHARS: usize = 200;

/// A link that was just made; its secret is known to nobody else and kept nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneTimeLink {
    /// What stands behind the page's address.
    pub secret: String,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// Somebody with a fresh link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    /// Who it is for.
    pub account: Account,
    /// The link.
    pub link: OneTimeLink,
}

impl App {
    /// The users of the workspace with how they sign in, by address.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not audit.
    pub async fn accounts(&self, actor: &Actor) -> Result<BTreeMap<EmailAddress, Account>, Error> {
        self.allow(actor, Permission::Audit)?;
        let users = store::user::list(self.store(), actor.workspace).await?;
        let holders = store::password::holders(self.store(), actor.workspace).await?;
        let invited = store::session::open_links(self.store(), actor.workspace, LinkPurpose::Invite, self.now()).await?;
        let account = |user: User| {
            let (has_password, invited_until) = (holders.contains(&user.id), invited.get(&user.id).copied());
            account_of(user, has_password, invited_until)
        };
        Ok(users.into_iter().map(|user| (user.email.clone(), account(user))).collect())
    }

    /// A user with how they sign in.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one who is not in the actor's workspace.
    pub async fn account(&self, actor: &Actor, id: UserId) -> Result<Account, Error> {
        self.allow(actor, Permission::Audit)?;
        let user = store::user::get(self.store(), actor.workspace, id).await?.ok_or_else(|| not_found(id))?;
        let has_password = store::password::get(self.store(), actor.workspace, id).await?.is_some();
        let invited_until = store::session::open_link(self.store(), actor.workspace, id, LinkPurpose::Invite, self.now()).await?;
        Ok(account_of(user, has_password, invited_until))
    }

    /// Invites somebody: adds them as a user, and makes the link with which they choose their password, once, within some hours.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the address belongs to a user already; [`Error::Invalid`] for what cannot be.
    pub async fn invite_user(&self, actor: &Actor, new: NewUser, valid_hours: Option<u32>) -> Result<Linked, Error> {
        self.allow(actor, Permission::Administer)?;
        let NewUser { email, name, role, teams } = new;
        let name = checked_name(&name)?;
        let hours = valid_hours.unwrap_or(INVITE_HOURS);
        if !(1..=LONGEST_INVITE_HOURS).contains(&hours) {
            return Err(Error::invalid("valid_hours", format!("expected 1 to {LONGEST_INVITE_HOURS} hours")));
        }
        expect_for_people(role)?;
        let now = self.now();
        let user = User {
            id: UserId::at(now, random()),
            workspace: actor.workspace,
            email,
            name,
            role,
            teams,
            created_at: now,
            disabled_at: None,
            signed_in_at: None,
        };
        let mut tx = self.store().begin().await?;
        store::user::lock(&mut tx, actor.workspace).await?;
        expect_teams(&store::person::team_names(&mut tx, actor.workspace).await?, "teams", &user.teams)?;
        if store::user::by_email(&mut tx, actor.workspace, &user.email).await?.is_some() {
            return Err(already(&user.email));
        }
        if store::user::save(&mut tx, &user).await?.change != Change::Created {
            return Err(already(&user.email));
        }
        let (secret, expires_at) = self.insert_link(&mut tx, &user, LinkPurpose::Invite, i64::from(hours) * 3600).await?;
        self.record(&mut tx, actor, "user.invite", &user.id.to_string());
        tx.commit().await?;
        let account = Account { user, has_password: false, invited_until: Some(expires_at) };
        Ok(Linked { account, link: OneTimeLink { secret, expires_at } })
    }

    /// Changes a user. Whoever is disabled is signed out everywhere, and their links stop working.
    ///
    /// # Errors
    /// [`Error::Conflict`] for one's own role or state, and for the last admin; [`Error::NotFound`] for a user who is not in the workspace.
    pub async fn change_user(&self, actor: &Actor, id: UserId, change: UserChange) -> Result<Account, Error> {
        self.allow(actor, Permission::Administer)?;
        let UserChange { name, role, teams, disabled } = change;
        let name = name.as_deref().map(checked_name).transpose()?;
        if let Some(role) = role {
            expect_for_people(role)?;
        }
        let now = self.now();
        let mut tx = self.store().begin().await?;
        store::user::lock(&mut tx, actor.workspace).await?;
        if let Some(teams) = &teams {
            expect_teams(&store::person::team_names(&mut tx, actor.workspace).await?, "teams", teams)?;
        }
        let known = store::user::get(&mut tx, actor.workspace, id).await?.ok_or_else(|| not_found(id))?;
        let wanted = User {
            name: name.unwrap_or_else(|| known.name.clone()),
            role: role.unwrap_or(known.role),
            teams: teams.unwrap_or_else(|| known.teams.clone()),
            disabled_at: match disabled {
                Some(true) => known.disabled_at.or(Some(now)),
                Some(false) => None,
                None => known.disabled_at,
            },
            ..known.clone()
        };
        let is_own = actor.user == Some(id);
        if is_own && (wanted.role, wanted.disabled_at) != (known.role, known.disabled_at) {
            return Err(Error::Conflict("nobody changes their own role or disables themselves: ask another admin".to_owned()));
        }
        if known.is_acting_admin() && !wanted.is_acting_admin() {
            let users = store::user::list(&mut tx, actor.workspace).await?;
            if !users.iter().any(|user| user.id != id && user.is_acting_admin()) {
                return Err(Error::Conflict("this is the last admin: make somebody else an admin first".to_owned()));
            }
        }
        let _ = store::user::save(&mut tx, &wanted).await?;
        self.record_changes(&mut tx, actor, &known, &wanted);
        if known.disabled_at.is_none() && wanted.disabled_at.is_some() {
            store::session::end_all(&mut tx, actor.workspace, id).await?;
            store::session::void_links(&mut tx, actor.workspace, id, now).await?;
        }
        tx.commit().await?;
        self.account(actor, id).await
    }

    /// Takes a user's password away and signs them out everywhere; gives the link with which they choose another, within a day. Whoever
    /// never followed their invitation gets a new one.
    ///
    /// # Errors
    /// [`Error::Conflict`] for oneself and for a disabled user; [`Error::NotFound`] for a user who is not in the workspace.
    pub async fn reset_user(&self, actor: &Actor, id: UserId) -> Result<Linked, Error> {
        self.allow(actor, Permission::Administer)?;
        if actor.user == Some(id) {
            return Err(Error::Conflict("change your own password on the page of your account".to_owned()));
        }
        let now = self.now();
        let mut tx = self.store().begin().await?;
        store::user::lock(&mut tx, actor.workspace).await?;
        store::user::hold(&mut tx, actor.workspace, id).await?;
        let user = store::user::get(&mut tx, actor.workspace, id).await?.ok_or_else(|| not_found(id))?;
        if user.disabled_at.is_some() {
            return Err(Error::Conflict("this user is disabled: enable them first".to_owned()));
        }
        store::password::remove(&mut tx, actor.workspace, id).await?;
        store::session::end_all(&mut tx, actor.workspace, id).await?;
        store::session::void_links(&mut tx, actor.workspace, id, now).await?;
        let (purpose, hours) =
            if user.signed_in_at.is_none() { (LinkPurpose::Invite, INVITE_HOURS) } else { (LinkPurpose::Reset, RESET_HOURS) };
        let (secret, expires_at) = self.insert_link(&mut tx, &user, purpose, i64::from(hours) * 3600).await?;
        self.record(&mut tx, actor, "user.reset", &id.to_string());
        tx.commit().await?;
        let invited_until = (purpose == LinkPurpose::Invite).then_some(expires_at);
        Ok(Linked { account: Account { user, has_password: false, invited_until }, link: OneTimeLink { secret, expires_at } })
    }

    /// The user of the actor's workspace with this address; makes one with the role when there is none.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for anybody but an admin.
    pub async fn put_user(&self, actor: &Actor, email: EmailAddress, name: &str, role: Role) -> Result<User, Error> {
        self.allow(actor, Permission::Administer)?;
        let now = self.now();
        let teams = BTreeSet::new();
        let id = UserId::at(now, random());
        let user = User {
            id,
            workspace: actor.workspace,
            email,
            name: name.to_owned(),
            role,
            teams,
            created_at: now,
            disabled_at: None,
            signed_in_at: None,
        };
        let mut tx = self.store().begin().await?;
        store::user::lock(&mut tx, actor.workspace).await?;
        if let Some(known) = store::user::by_email(&mut tx, actor.workspace, &user.email).await? {
            return Ok(known);
        }
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
        let mut tx = self.store().begin().await?;
        store::user::lock(&mut tx, actor.workspace).await?;
        expect_teams(&store::person::team_names(&mut tx, actor.workspace).await?, "teams", &teams)?;
        let known = store::user::get(&mut tx, actor.workspace, id).await?.ok_or_else(|| not_found(id))?;
        let user = User { teams, ..known };
        if store::user::save(&mut tx, &user).await?.change != Change::Unchanged {
            self.record(&mut tx, actor, "user.teams", &id.to_string());
        }
        tx.commit().await?;
        Ok(user)
    }

    /// One line of the audit trail for each thing that changed.
    fn record_changes(&self, tx: &mut Tx, actor: &Actor, known: &User, wanted: &User) {
        let target = known.id.to_string();
        if known.name != wanted.name {
            self.record(tx, actor, "user.name", &target);
        }
        if known.role != wanted.role {
            self.record(tx, actor, &format!("user.role.{}", wanted.role), &target);
        }
        if known.teams != wanted.teams {
            self.record(tx, actor, "user.teams", &target);
        }
        match (known.disabled_at, wanted.disabled_at) {
            (None, Some(_)) => self.record(tx, actor, "user.disable", &target),
            (Some(_), None) => self.record(tx, actor, "user.enable", &target),
            (None, None) | (Some(_), Some(_)) => {}
        }
    }
}

/// A user with how they sign in; whoever has a password has followed their invitation, whatever became of the link.
fn account_of(user: User, has_password: bool, invited_until: Option<Timestamp>) -> Account {
    Account { user, has_password, invited_until: invited_until.filter(|_| !has_password) }
}

fn not_found(id: UserId) -> Error {
    Error::NotFound { kind: "user", id: id.to_string() }
}

fn already(email: &EmailAddress) -> Error {
    Error::Conflict(format!("`{email}` is a user already: reset them to give them a new link"))
}

fn expect_for_people(role: Role) -> Result<(), Error> {
    match role {
        Role::Service => Err(Error::invalid("role", "`service` is a role of tokens: choose another for a person")),
        Role::Light | Role::Agent | Role::Approver | Role::Admin | Role::Auditor => Ok(()),
    }
}

/// A name as it is kept: one line of visible text.
fn checked_name(given: &str) -> Result<String, Error> {
    let name = given.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME_CHARS || name.chars().any(char::is_control) {
        return Err(Error::invalid("name", format!("expected 1 to {LONGEST_NAME_CHARS} characters on one line")));
    }
    Ok(name.to_owned())
}
