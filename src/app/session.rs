//! Signing in, with a one-time link or a password, and the sessions that begin so.

use crate::app::App;
use crate::app::clock::random;
use crate::app::error::Error;
use crate::domain::id::UserId;
use crate::domain::password::Password;
use crate::domain::time::Timestamp;
use crate::domain::user::{Actor, Permission, User};
use crate::domain::vocabulary::{EmailAddress, LinkPurpose, Slug};
use crate::domain::workspace::Workspace;
use crate::store::attempt::{self, Backoff};
use crate::store::session::{KeptLink, NewSession, SignInLink};
use crate::store::{self, Tx};

const LINK_SECONDS: i64 = 15 * 60;
const IDLE_SECONDS: i64 = 12 * 3600;
const SESSION_SECONDS: i64 = 7 * 24 * 3600;
/// A session's end is moved on at most this often, so that reads do not become writes.
const USED_EVERY_SECONDS: i64 = 60;

/// An account is held after five wrong passwords in a row: from 30 seconds on, twice as long each time, 15 minutes at most. NIST SP
/// 800-63B (section 3.2.2) asks for at most 100 failures in a row; at this pace those take a day, during which no more than 24 heal.
/// No failure is forgotten before it has healed, and none heals more slowly than these.
pub(super) const ACCOUNT: Backoff = Backoff { free: 5, first_seconds: 30, longest_seconds: 15 * 60, heals_every_seconds: 3600 };
/// A network address may stand for a whole office, so more of its tries are free. Its failures heal no faster than it may try at the
/// longest hold, so that whoever goes on guessing stays there.
const ADDRESS: Backoff = Backoff { free: 20, first_seconds: 30, longest_seconds: 15 * 60, heals_every_seconds: 15 * 60 };
/// What an account owes of an address's failures, which its success forgives; by itself it holds nobody.
const OWED: Backoff = Backoff { free: u32::MAX, ..ADDRESS };

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

/// What became of a try that a password decides about.
#[derive(Debug, Clone)]
pub enum Tried<T> {
    /// It was right.
    Right(T),
    /// The password is wrong, or there is no such user, or one who may not sign in: which, is not told.
    Wrong,
    /// There were too many wrong ones before: it was not looked at.
    Held {
        /// When to try again.
        retry_after_seconds: u32,
    },
}

/// What a one-time link is good for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// It makes the first admin of an empty installation.
    SetUp,
    /// It can be used.
    Open {
        /// Why it was made.
        purpose: LinkPurpose,
        /// Who is signed in by it.
        user: Box<User>,
        /// Their workspace.
        workspace: Workspace,
        /// Until when it works.
        expires_at: Timestamp,
    },
    /// It was used, or a newer one took its place, or its user was disabled.
    Used,
    /// It is too old.
    Expired {
        /// When it stopped working.
        at: Timestamp,
    },
    /// There never was such a link, or it is long gone.
    Unknown,
}

/// Somebody who tries to sign in with a password.
#[derive(Debug, Clone, Copy)]
pub struct PasswordTry<'a> {
    /// The workspace; may be left out where there is one only.
    pub workspace: Option<&'a str>,
    /// The address, as typed.
    pub email: &'a str,
    /// The password, as typed.
    pub password: &'a str,
    /// The network address that the try came from, as far as it is known.
    pub from: &'a str,
}

impl App {
    /// Makes a link that signs a user of the workspace in, once, within 15 minutes; gives its secret.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for anybody but an admin; [`Error::NotFound`] for a user who is not in the workspace.
    pub async fn make_sign_in_link(&self, actor: &Actor, user: UserId) -> Result<String, Error> {
        self.allow(actor, Permission::Administer)?;
        let mut tx = self.store().begin().await?;
        // A link that is made while somebody secures the account is voided with the others.
        store::user::hold(&mut tx, actor.workspace, user).await?;
        let known = store::user::get(&mut tx, actor.workspace, user).await?;
        let known = known.ok_or_else(|| Error::NotFound { kind: "user", id: user.to_string() })?;
        if known.disabled_at.is_some() {
            return Err(Error::Conflict("this user is disabled: enable them first".to_owned()));
        }
        let (secret, _) = self.insert_link(&mut tx, &known, LinkPurpose::SignIn, LINK_SECONDS).await?;
        self.record(&mut tx, actor, "sign_in_link.create", &user.to_string());
        tx.commit().await?;
        Ok(secret)
    }

    /// What a link is good for; asking does not use it up.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn link(&self, link_secret: &str) -> Result<Link, Error> {
        if self.needs_setup().await? {
            return Ok(Link::SetUp);
        }
        let Some(KeptLink { workspace, user, purpose, expires_at, used_at }) = store::session::link(self.store(), link_secret).await?
        else {
            return Ok(Link::Unknown);
        };
        if used_at.is_some() {
            return Ok(Link::Used);
        }
        if expires_at <= self.now() {
            return Ok(Link::Expired { at: expires_at });
        }
        let user = store::user::get(self.store(), workspace, user).await?.filter(|user| user.disabled_at.is_none());
        let workspace = store::workspace::get(self.store(), workspace).await?;
        Ok(user.zip(workspace).map_or(Link::Used, |(user, workspace)| Link::Open { purpose, user: Box::new(user), workspace, expires_at }))
    }

    /// Whether somebody who signs in with a password must name their workspace: where there is more than one.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn has_several_workspaces(&self) -> Result<bool, Error> {
        Ok(store::workspace::list(self.store()).await?.len() > 1)
    }

    /// Signs in with a link, which is then used up.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for a link that is wrong, used or too old, or whose user is disabled; [`Error::Invalid`] for one with
    /// which a password is to be chosen.
    pub async fn sign_in(&self, link_secret: &str) -> Result<SignedIn, Error> {
        self.redeem(link_secret, None).await
    }

    /// Chooses a password with the link of an invitation or a reset, and signs in; the link is then used up.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a password that cannot be chosen; [`Error::Unauthenticated`] for a link that is wrong, used or too old.
    pub async fn sign_in_choosing(&self, link_secret: &str, password: &str) -> Result<SignedIn, Error> {
        let Link::Open { user, .. } = self.link(link_secret).await? else { return Err(Error::Unauthenticated) };
        let hash = self.hasher().hash(chosen(password, &user.email)?).await?;
        self.redeem(link_secret, Some(hash)).await
    }

    /// Signs in with address and password.
    ///
    /// The answer says the same and takes the same time whether the address is unknown, the user disabled or the password wrong. Tries are
    /// counted by account and by network address, before they are looked at. One that was right forgives the wrong ones that this account
    /// made from this network address, and no others: else whoever has one account could guess at all the rest.
    ///
    /// # Errors
    /// [`Error::Overloaded`] when too many sign in at once.
    pub async fn sign_in_with_password(&self, tried: PasswordTry<'_>) -> Result<Tried<SignedIn>, Error> {
        let PasswordTry { workspace, email, password, from } = tried;
        let workspace = self.workspace_meant(workspace).await?;
        let place = workspace.as_ref().map_or_else(|| "nowhere".to_owned(), |workspace| workspace.id.to_string());
        let email: Option<EmailAddress> = email.parse().ok();
        let account = subject_of_account(&place, email.as_ref().map_or("nobody", EmailAddress::as_str));
        let (address, owed) = (format!("address:{from}"), format!("owed:{from}:{account}"));
        let subjects = [(account.as_str(), &ACCOUNT), (address.as_str(), &ADDRESS), (owed.as_str(), &OWED)];
        if let Some(retry_after_seconds) = self.held(&subjects).await? {
            return Ok(Tried::Held { retry_after_seconds });
        }
        let credential = match workspace.as_ref().zip(email) {
            Some((workspace, email)) => store::password::by_email(self.store(), workspace.id, &email).await?,
            None => None,
        };
        let (user, hash) = credential.map_or((None, None), |credential| (Some(credential.user), credential.hash));
        let is_right = self.looked_at(&subjects, self.hasher().is_right(Password::typed(password), hash.clone())).await?;
        let (Some(user), Some(workspace), true) = (user, workspace, is_right) else { return Ok(Tried::Wrong) };
        let mut tx = self.store().begin().await?;
        // While the hash was made they may have been disabled or reset.
        store::user::hold(&mut tx, workspace.id, user).await?;
        if store::password::get(&mut tx, workspace.id, user).await? != hash {
            return Ok(Tried::Wrong);
        }
        let Some(user) = store::user::get(&mut tx, workspace.id, user).await?.filter(|user| user.disabled_at.is_none()) else {
            return Ok(Tried::Wrong);
        };
        attempt::forget(&mut tx, &account).await?;
        let owed = attempt::forget(&mut tx, &owed).await?;
        attempt::take_back(&mut tx, &address, owed).await?;
        let signed_in = self.start_session(&mut tx, user).await?;
        tx.commit().await?;
        Ok(Tried::Right(signed_in))
    }

    /// Changes the password of whoever is signed in, and ends their other sessions and links. Whoever has none yet needs to give none.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a password that cannot be chosen; [`Error::Unauthenticated`] when the session ended meanwhile;
    /// [`Error::Overloaded`] when too many passwords are looked at at once.
    pub async fn change_password(&self, session: &Session, session_secret: &str, current: &str, wanted: &str) -> Result<Tried<()>, Error> {
        let User { id, workspace, email, .. } = &session.user;
        let wanted = chosen(wanted, email)?;
        let account = subject_of_account(&workspace.to_string(), email.as_str());
        let subjects = [(account.as_str(), &ACCOUNT)];
        let kept = store::password::get(self.store(), *workspace, *id).await?;
        if kept.is_some() {
            if let Some(retry_after_seconds) = self.held(&subjects).await? {
                return Ok(Tried::Held { retry_after_seconds });
            }
            if !self.looked_at(&subjects, self.hasher().is_right(Password::typed(current), kept.clone())).await? {
                return Ok(Tried::Wrong);
            }
        }
        let subjects = if kept.is_some() { subjects.as_slice() } else { &[] };
        let hash = self.looked_at(subjects, self.hasher().hash(wanted)).await?;
        let now = self.now();
        let mut tx = self.store().begin().await?;
        // While the hashes were made they may have been reset, which this must not undo.
        store::user::hold(&mut tx, *workspace, *id).await?;
        store::session::get(&mut tx, session_secret, now).await?.ok_or(Error::Unauthenticated)?;
        if store::password::get(&mut tx, *workspace, *id).await? != kept {
            return Ok(Tried::Wrong);
        }
        store::password::save(&mut tx, *workspace, *id, &hash, now).await?;
        store::session::end_others(&mut tx, *workspace, *id, session_secret).await?;
        store::session::void_links(&mut tx, *workspace, *id, now).await?;
        attempt::forget(&mut tx, &account).await?;
        self.record(&mut tx, &session.actor, "password.change", &id.to_string());
        tx.commit().await?;
        Ok(Tried::Right(()))
    }

    /// Whether whoever is signed in has a password.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn has_password(&self, session: &Session) -> Result<bool, Error> {
        Ok(store::password::get(self.store(), session.user.workspace, session.user.id).await?.is_some())
    }

    /// The session behind a cookie; being asked keeps it from falling idle.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when there is none, or it ended, or its user is disabled.
    pub async fn session(&self, session_secret: &str) -> Result<Session, Error> {
        let now = self.now();
        let session = store::session::get(self.store(), session_secret, now).await?.ok_or(Error::Unauthenticated)?;
        let user = store::user::get(self.store(), session.workspace, session.user).await?;
        let user = user.filter(|user| user.disabled_at.is_none()).ok_or(Error::Unauthenticated)?;
        let idle_until = now.plus_seconds(IDLE_SECONDS).min(session.expires_at);
        if idle_until.seconds_since(session.idle_until) >= USED_EVERY_SECONDS {
            let mut tx = self.store().begin().await?;
            store::session::touch(&mut tx, session_secret, now, idle_until).await?;
            tx.commit().await?;
        }
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

    /// Makes a one-time link for a user in the caller's transaction; gives its secret and when it stops working.
    pub(crate) async fn insert_link(
        &self,
        tx: &mut Tx,
        user: &User,
        purpose: LinkPurpose,
        seconds: i64,
    ) -> Result<(String, Timestamp), Error> {
        let secret = hex::encode(random::<24>());
        let expires_at = self.now().plus_seconds(seconds);
        let link = SignInLink { workspace: user.workspace, user: user.id, purpose, secret: &secret, expires_at };
        store::session::insert_link(tx, &link).await?;
        Ok((secret, expires_at))
    }

    /// Uses a link up with all others of its user, and starts a session; with the hash of a password where one is chosen, which ends those
    /// that there were.
    async fn redeem(&self, link_secret: &str, hash: Option<String>) -> Result<SignedIn, Error> {
        let now = self.now();
        let mut tx = self.store().begin().await?;
        // The user before their link, in the order in which a reset takes them: else both could wait for each other.
        let link = store::session::link(&mut tx, link_secret).await?.ok_or(Error::Unauthenticated)?;
        store::user::hold(&mut tx, link.workspace, link.user).await?;
        let link = store::session::redeem_link(&mut tx, link_secret, now).await?.ok_or(Error::Unauthenticated)?;
        store::session::void_links(&mut tx, link.workspace, link.user, now).await?;
        let user = store::user::get(&mut tx, link.workspace, link.user).await?;
        let user = user.filter(|user| user.disabled_at.is_none()).ok_or(Error::Unauthenticated)?;
        match (link.purpose, hash) {
            (LinkPurpose::SignIn, _) => {}
            (LinkPurpose::Invite | LinkPurpose::Reset, None) => return Err(Error::invalid("password", "choose a password")),
            (LinkPurpose::Invite | LinkPurpose::Reset, Some(hash)) => {
                store::password::save(&mut tx, user.workspace, user.id, &hash, now).await?;
                store::session::end_all(&mut tx, user.workspace, user.id).await?;
                attempt::forget(&mut tx, &subject_of_account(&user.workspace.to_string(), user.email.as_str())).await?;
                self.record(&mut tx, &actor_of(&user), "password.choose", &user.id.to_string());
            }
        }
        // One transaction: a link is used up only by a session that began.
        let signed_in = self.start_session(&mut tx, user).await?;
        tx.commit().await?;
        Ok(signed_in)
    }

    pub(crate) async fn start_session(&self, tx: &mut Tx, user: User) -> Result<SignedIn, Error> {
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
        store::user::mark_signed_in(tx, user.workspace, user.id, now).await?;
        self.record(tx, &actor_of(&user), "session.start", &user.id.to_string());
        Ok(SignedIn { session_secret, csrf, user })
    }

    /// The workspace of the name that was given, or the only one.
    async fn workspace_meant(&self, name: Option<&str>) -> Result<Option<Workspace>, Error> {
        match name.map(str::parse::<Slug>) {
            Some(Ok(slug)) => Ok(store::workspace::by_slug(self.store(), &slug).await?),
            Some(Err(_)) => Ok(None),
            None => {
                let mut all = store::workspace::list(self.store()).await?;
                Ok(if all.len() == 1 { all.pop() } else { None })
            }
        }
    }

    /// What came of looking at a try that [`App::held`] counted as failed; it is taken back where it was not looked at, because too many
    /// were waiting: that says nothing of the password.
    async fn looked_at<T>(&self, subjects: &[(&str, &Backoff)], look: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let looked = look.await;
        if looked.is_err() {
            let mut tx = self.store().begin().await?;
            for (subject, _) in subjects {
                attempt::take_back(&mut tx, subject, 1).await?;
            }
            tx.commit().await?;
        }
        looked
    }

    /// Counts a try of each subject, unless one of them is held: then gives for how long, in seconds.
    async fn held(&self, subjects: &[(&str, &Backoff)]) -> Result<Option<u32>, Error> {
        let now = self.now();
        let mut tx = self.store().begin().await?;
        let mut longest = None;
        for (subject, backoff) in subjects {
            longest = longest.max(attempt::note(&mut tx, subject, now, backoff).await?);
        }
        let Some(until) = longest else {
            tx.commit().await?;
            return Ok(None);
        };
        // Not counted for the others either: nobody at a held address can hold the accounts of others.
        tx.rollback().await?;
        Ok(Some(u32::try_from(until.seconds_since(now)).unwrap_or(0).max(1)))
    }
}

/// Who a user is to the verbs.
pub(crate) fn actor_of(user: &User) -> Actor {
    Actor { workspace: user.workspace, name: format!("user:{}", user.id), user: Some(user.id), role: user.role, teams: user.teams.clone() }
}

fn subject_of_account(workspace: &str, email: &str) -> String {
    format!("account:{workspace}:{email}")
}

/// A password that may be chosen by somebody with this address.
fn chosen(password: &str, email: &EmailAddress) -> Result<Password, Error> {
    let chosen = Password::choose(password).map_err(|weak| Error::invalid("password", weak))?;
    if chosen.expose().eq_ignore_ascii_case(email.as_str()) {
        return Err(Error::invalid("password", "too easy to guess: it is your address; use something else"));
    }
    Ok(chosen)
}
