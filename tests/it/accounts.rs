//! Signing in and administering users, on every database and with several who act at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use backchannel::app::{App, Argon2id, Clock, Error, Hasher, PasswordTry, Scheme, SignedIn, Tried};
use backchannel::domain::id::UserId;
use backchannel::domain::intake::NewUser;
use backchannel::domain::password::Password;
use backchannel::domain::person::Team;
use backchannel::domain::user::{Actor, User};
use backchannel::domain::vocabulary::{Language, LinkPurpose, Role};
use backchannel::store::session::SignInLink;
use backchannel::store::{self, password, session, user};
use tempfile::TempDir;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::task::JoinHandle;

use crate::support::app::parts;
use crate::support::database::{Database, each};
use crate::support::make;

const PASSWORD: &str = "kelp otter 9 lantern";
const OTHER: &str = "another otter 7 lamp";
const WRONG: &str = "wrong wrong wrong";
const UNA: &str = "una@desk.example";

/// Hashes as ever, counts how often, and can be stopped.
#[derive(Debug, Default)]
struct Watched {
    begun: AtomicU64,
    gate: Arc<Mutex<()>>,
}

impl Watched {
    /// How many hashes were begun, to keep one or to compare with one.
    fn begun(&self) -> u64 {
        self.begun.load(Ordering::SeqCst)
    }

    /// While what it gives is held, no hash that begins comes to its end.
    fn stop(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.gate).try_lock_owned().unwrap()
    }

    fn begin(&self) {
        self.begun.fetch_add(1, Ordering::SeqCst);
        drop(self.gate.blocking_lock());
    }
}

impl Scheme for Watched {
    fn hash(&self, password: &Password) -> Result<String, Error> {
        self.begin();
        Argon2id.hash(password)
    }

    fn fits(&self, password: &Password, hash: &str) -> Result<bool, Error> {
        self.begin();
        Argon2id.fits(password, hash)
    }
}

/// A workspace with Una, who has a password, on a database of the test.
struct Desk<'a> {
    database: &'a Database,
    app: App,
    admin: Actor,
    una: UserId,
    clock: Clock,
    scheme: Arc<Watched>,
    _folder: TempDir,
}

impl<'a> Desk<'a> {
    async fn new(database: &'a Database) -> Self {
        Self::waiting_at_most(database, Duration::from_mins(1)).await
    }

    /// The same, where nobody waits longer for their password to be looked at.
    async fn waiting_at_most(database: &'a Database, longest: Duration) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut parts = parts(database.store.clone(), &folder).await;
        let clock = Clock::fixed(make::NOW);
        let scheme = Arc::new(Watched::default());
        (parts.clock, parts.hasher) = (clock.clone(), Hasher::new(scheme.clone(), longest));
        let app = App::new(parts);
        let email = "ada@desk.example".parse().unwrap();
        let admin = app.create_workspace("desk".parse().unwrap(), "Desk", Language::ENGLISH, email, "Ada").await.unwrap();
        let mut desk = Self { database, app, admin, una: UserId::at(make::NOW, make::random()), clock, scheme, _folder: folder };
        desk.una = desk.with_password(UNA).await.user.id;
        desk
    }

    async fn invite(&self, email: &str) -> (UserId, String) {
        let new = NewUser { email: email.parse().unwrap(), name: "Una".to_owned(), role: Role::Admin, teams: [].into() };
        let linked = self.app.invite_user(&self.admin, new, None).await.unwrap();
        (linked.account.user.id, linked.link.secret)
    }

    async fn with_password(&self, email: &str) -> SignedIn {
        let (_, secret) = self.invite(email).await;
        self.app.sign_in_choosing(&secret, PASSWORD).await.unwrap()
    }

    async fn link(&self) -> String {
        self.app.make_sign_in_link(&self.admin, self.una).await.unwrap()
    }

    async fn sign_in(&self, email: &str, password: &str) -> Result<Tried<SignedIn>, Error> {
        sign_in(self.app.clone(), email, password).await
    }

    async fn is_right(&self, email: &str, password: &str) -> bool {
        matches!(self.sign_in(email, password).await.unwrap(), Tried::Right(_))
    }

    /// Fails where the address is held.
    async fn fail(&self, email: &str) {
        let tried = self.sign_in(email, WRONG).await.unwrap();
        assert!(matches!(tried, Tried::Wrong), "{email}: {tried:?}");
    }

    async fn has_password(&self) -> bool {
        password::get(&self.database.store, self.admin.workspace, self.una).await.unwrap().is_some()
    }

    async fn user(&self) -> User {
        user::get(&self.database.store, self.admin.workspace, self.una).await.unwrap().unwrap()
    }

    /// Begins what looks at a password, and stops it there: until what it gives first is dropped, it is looked at.
    async fn begin<T: Send + 'static>(&self, looking: impl Future<Output = T> + Send + 'static) -> (OwnedMutexGuard<()>, JoinHandle<T>) {
        let (before, stopped) = (self.scheme.begun(), self.scheme.stop());
        let looking = tokio::spawn(looking);
        while self.scheme.begun() == before {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        (stopped, looking)
    }

    /// Does what waits for the end of a transaction in which somebody saves a user; answers what came of it.
    async fn beside_saving<T: Send + 'static>(&self, saved: &User, waiting: impl Future<Output = T> + Send + 'static) -> T {
        let mut tx = self.database.begin().await;
        user::lock(&mut tx, self.admin.workspace).await.unwrap();
        let _ = user::save(&mut tx, saved).await.unwrap();
        let waiting = tokio::spawn(waiting);
        self.database.somebody_waits().await;
        tx.commit().await.unwrap();
        waiting.await.unwrap()
    }
}

async fn sign_in(app: App, email: &str, password: &str) -> Result<Tried<SignedIn>, Error> {
    app.sign_in_with_password(PasswordTry { workspace: None, email, password, from: "192.0.2.1" }).await
}

#[tokio::test]
async fn a_changed_password_voids_the_links_that_are_on_their_way() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let Tried::Right(signed_in) = desk.sign_in(UNA, PASSWORD).await.unwrap() else { panic!("the password is right") };
        let link = desk.link().await;
        let here = desk.app.session(&signed_in.session_secret).await.unwrap();
        let changed = desk.app.change_password(&here, &signed_in.session_secret, PASSWORD, OTHER).await.unwrap();
        assert!(matches!(changed, Tried::Right(())), "{changed:?}");
        assert!(matches!(desk.app.sign_in(&link).await, Err(Error::Unauthenticated)));
        desk.app.session(&signed_in.session_secret).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_link_that_is_used_voids_the_others_of_its_user() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let (one, two) = (desk.link().await, desk.link().await);
        let signed_in = desk.app.sign_in(&one).await.unwrap();
        assert!(matches!(desk.app.sign_in(&two).await, Err(Error::Unauthenticated)));
        // Signing in elsewhere ends no session; choosing a password does.
        let (_, secret) = desk.invite("ben@desk.example").await;
        desk.app.sign_in_choosing(&secret, PASSWORD).await.unwrap();
        desk.app.session(&signed_in.session_secret).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn choosing_a_password_with_a_link_ends_the_sessions_that_there_were() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let (ben, invitation) = desk.invite("ben@desk.example").await;
        // Somebody who got in by another way, and a second link, as an earlier version left it.
        let mut tx = database.begin().await;
        let (workspace, expires_at) = (desk.admin.workspace, make::NOW.plus_seconds(600));
        let link = SignInLink { workspace, user: ben, purpose: LinkPurpose::Reset, secret: "reset", expires_at };
        session::insert_link(&mut tx, &link).await.unwrap();
        let new = session::NewSession {
            workspace,
            user: ben,
            secret: "stolen",
            csrf: "csrf",
            created_at: make::NOW,
            idle_until: expires_at,
            expires_at,
        };
        session::start(&mut tx, &new).await.unwrap();
        tx.commit().await.unwrap();
        desk.app.session("stolen").await.unwrap();
        let chosen = desk.app.sign_in_choosing(&invitation, PASSWORD).await.unwrap();
        assert!(matches!(desk.app.session("stolen").await, Err(Error::Unauthenticated)));
        assert!(matches!(desk.app.sign_in_choosing("reset", OTHER).await, Err(Error::Unauthenticated)));
        desk.app.session(&chosen.session_secret).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn whoever_has_a_password_is_not_told_as_invited() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let mut tx = database.begin().await;
        let (workspace, user, expires_at) = (desk.admin.workspace, desk.una, make::NOW.plus_seconds(600));
        // As a version left it that voided nothing.
        let link = SignInLink { workspace, user, purpose: LinkPurpose::Invite, secret: "old", expires_at };
        session::insert_link(&mut tx, &link).await.unwrap();
        tx.commit().await.unwrap();
        let listed = desk.app.accounts(&desk.admin).await.unwrap().remove(&UNA.parse().unwrap()).unwrap();
        assert_eq!((listed.has_password, listed.invited_until), (true, None));
        assert_eq!(desk.app.account(&desk.admin, user).await.unwrap(), listed);
        let (ben, _) = desk.invite("ben@desk.example").await;
        let invited = desk.app.account(&desk.admin, ben).await.unwrap();
        assert!(!invited.has_password && invited.invited_until.is_some());
        assert_eq!(desk.app.accounts(&desk.admin).await.unwrap()[&invited.user.email], invited);
    })
    .await;
}

#[tokio::test]
async fn nobody_is_let_in_with_a_password_that_was_reset_while_it_was_looked_at() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let (stopped, trying) = desk.begin(sign_in(desk.app.clone(), UNA, PASSWORD)).await;
        desk.app.reset_user(&desk.admin, desk.una).await.unwrap();
        drop(stopped);
        let tried = trying.await.unwrap().unwrap();
        assert!(matches!(tried, Tried::Wrong), "{tried:?}");
    })
    .await;
}

#[tokio::test]
async fn a_sign_in_waits_for_the_end_of_a_reset_that_began() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let (stopped, trying) = desk.begin(sign_in(desk.app.clone(), UNA, PASSWORD)).await;
        let mut tx = database.begin().await;
        user::hold(&mut tx, desk.admin.workspace, desk.una).await.unwrap();
        assert!(password::remove(&mut tx, desk.admin.workspace, desk.una).await.unwrap());
        drop(stopped);
        database.somebody_waits().await;
        tx.commit().await.unwrap();
        let tried = trying.await.unwrap().unwrap();
        assert!(matches!(tried, Tried::Wrong), "{tried:?}");
    })
    .await;
}

#[tokio::test]
async fn a_password_that_is_being_changed_does_not_undo_a_reset() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let secret = desk.app.sign_in(&desk.link().await).await.unwrap().session_secret;
        let here = desk.app.session(&secret).await.unwrap();
        let app = desk.app.clone();
        let (stopped, changing) = desk.begin(async move { app.change_password(&here, &secret, PASSWORD, OTHER).await }).await;
        desk.app.reset_user(&desk.admin, desk.una).await.unwrap();
        drop(stopped);
        let changed = changing.await.unwrap();
        assert!(matches!(changed, Err(Error::Unauthenticated)), "{changed:?}");
        assert!(!desk.has_password().await);
    })
    .await;
}

#[tokio::test]
async fn of_two_who_change_one_password_at_once_the_second_is_told_that_theirs_is_wrong() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let secret = desk.app.sign_in(&desk.link().await).await.unwrap().session_secret;
        let here = desk.app.session(&secret).await.unwrap();
        let app = desk.app.clone();
        let (stopped, changing) = desk.begin(async move { app.change_password(&here, &secret, PASSWORD, OTHER).await }).await;
        let mut tx = database.begin().await;
        password::save(&mut tx, desk.admin.workspace, desk.una, "chosen meanwhile", make::NOW).await.unwrap();
        tx.commit().await.unwrap();
        drop(stopped);
        let changed = changing.await.unwrap().unwrap();
        assert!(matches!(changed, Tried::Wrong), "{changed:?}");
        let kept = password::get(&database.store, desk.admin.workspace, desk.una).await.unwrap();
        assert_eq!(kept.as_deref(), Some("chosen meanwhile"));
    })
    .await;
}

#[tokio::test]
async fn teams_that_are_set_while_a_role_changes_leave_the_role_as_it_became() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let team = Team { name: "hardware".parse().unwrap(), title: "Hardware".to_owned(), external: false };
        desk.app.put_team(&desk.admin, team.clone()).await.unwrap();
        let demoted = User { role: Role::Agent, ..desk.user().await };
        let (app, admin, una) = (desk.app.clone(), desk.admin.clone(), desk.una);
        let set = desk.beside_saving(&demoted, async move { app.set_user_teams(&admin, una, [team.name].into()).await }).await.unwrap();
        assert_eq!((set.role, set.teams.len()), (Role::Agent, 1));
        assert_eq!(desk.user().await, set);
    })
    .await;
}

#[tokio::test]
async fn a_user_who_is_being_disabled_gets_no_new_link() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let disabled = User { disabled_at: Some(make::NOW), ..desk.user().await };
        let (app, admin, una) = (desk.app.clone(), desk.admin.clone(), desk.una);
        let reset = desk.beside_saving(&disabled, async move { app.reset_user(&admin, una).await }).await;
        assert!(matches!(reset, Err(Error::Conflict(_))), "{reset:?}");
    })
    .await;
}

#[tokio::test]
async fn a_user_who_was_just_added_is_not_changed_by_whoever_adds_them_too() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let added = User { role: Role::Admin, teams: [].into(), ..make::user(desk.admin.workspace, "ben@desk.example") };
        let (app, admin) = (desk.app.clone(), desk.admin.clone());
        let adding = async move { app.put_user(&admin, "ben@desk.example".parse().unwrap(), "Ben", Role::Light).await };
        assert_eq!(desk.beside_saving(&added, adding).await.unwrap(), added);
    })
    .await;
}

#[tokio::test]
async fn a_try_that_nobody_looked_at_is_not_counted_as_wrong() {
    each(async |database| {
        let desk = Desk::waiting_at_most(database, Duration::ZERO).await;
        let secret = desk.app.sign_in(&desk.link().await).await.unwrap().session_secret;
        let here = desk.app.session(&secret).await.unwrap();
        // Two are looked at, at most.
        let (before, stopped) = (desk.scheme.begun(), desk.scheme.stop());
        let looked_at = ["ben@desk.example", "cy@desk.example"].map(|email| tokio::spawn(sign_in(desk.app.clone(), email, WRONG)));
        while desk.scheme.begun() < before + 2 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        for _ in 0..25 {
            let tried = desk.sign_in(UNA, PASSWORD).await;
            assert!(matches!(tried, Err(Error::Overloaded { .. })), "{tried:?}");
            let changed = desk.app.change_password(&here, &secret, PASSWORD, OTHER).await;
            assert!(matches!(changed, Err(Error::Overloaded { .. })), "{changed:?}");
        }
        drop(stopped);
        for looked_at in looked_at {
            assert!(matches!(looked_at.await.unwrap().unwrap(), Tried::Wrong));
        }
        assert!(desk.is_right(UNA, PASSWORD).await);
    })
    .await;
}

#[tokio::test]
async fn a_right_password_forgives_its_account_what_it_owed_the_network_address() {
    each(async |database| {
        let desk = Desk::new(database).await;
        for _ in 0..8 {
            for _ in 0..3 {
                desk.fail(UNA).await;
            }
            assert!(desk.is_right(UNA, PASSWORD).await);
        }
    })
    .await;
}

#[tokio::test]
async fn a_right_password_forgives_nothing_that_others_owe() {
    each(async |database| {
        let desk = Desk::new(database).await;
        desk.with_password("mallory@desk.example").await;
        for number in 0..20 {
            desk.fail(&format!("nobody{number}@desk.example")).await;
            let own = desk.sign_in("mallory@desk.example", PASSWORD).await.unwrap();
            assert_eq!(matches!(own, Tried::Right(_)), number < 19, "{number}: {own:?}");
        }
        let held = desk.sign_in(UNA, PASSWORD).await.unwrap();
        assert!(matches!(held, Tried::Held { .. }), "{held:?}");
    })
    .await;
}

#[tokio::test]
async fn an_office_that_mistypes_now_and_then_is_never_held() {
    each(async |database| {
        let desk = Desk::new(database).await;
        for number in 0..30 {
            desk.clock.advance(20 * 60);
            desk.fail(&format!("nobody{number}@desk.example")).await;
        }
        assert!(desk.is_right(UNA, PASSWORD).await);
    })
    .await;
}

#[tokio::test]
async fn every_try_costs_as_many_hashes_whoever_it_is_for() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let (_, _invitation) = desk.invite("new@desk.example").await;
        let (off, secret) = desk.invite("off@desk.example").await;
        desk.app.sign_in_choosing(&secret, PASSWORD).await.unwrap();
        let disabled = backchannel::domain::user::UserChange { disabled: Some(true), ..Default::default() };
        desk.app.change_user(&desk.admin, off, disabled).await.unwrap();
        // The first try of all makes the decoy.
        desk.fail(UNA).await;
        for email in [UNA, "new@desk.example", "off@desk.example", "nobody@desk.example", "no address"] {
            let before = desk.scheme.begun();
            desk.fail(email).await;
            assert_eq!(desk.scheme.begun() - before, 1, "{email}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_list_is_read_out_while_others_write() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let customer = make::customer(desk.admin.workspace, "ana@mail.example");
        let mut tx = database.begin().await;
        let _ = store::customer::save(&mut tx, &customer).await.unwrap();
        tx.commit().await.unwrap();
        database.tamper("UPDATE customers SET orders = 'no list'").await;
        // That it finds what is wrong shows that it reads; were it to wait for the writer, it would wait for ever.
        let writer = database.begin().await;
        let (of, format) = (backchannel::domain::vocabulary::Register::Customers, backchannel::domain::vocabulary::RegisterFormat::Csv);
        assert!(matches!(desk.app.export(&desk.admin, of, format).await, Err(Error::Internal(_))));
        writer.rollback().await.unwrap();
    })
    .await;
}
