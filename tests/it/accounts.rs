//! Signing in and administering users, on every database and with several who act at once.

use std::time::Duration;

use backchannel::app::{App, Clock, Error, Hasher, PasswordTry, SignedIn, Tried};
use backchannel::domain::id::UserId;
use backchannel::domain::intake::NewUser;
use backchannel::domain::person::Team;
use backchannel::domain::user::{Actor, User};
use backchannel::domain::vocabulary::{Language, LinkPurpose, Role};
use backchannel::store::session::SignInLink;
use backchannel::store::{self, password, session, user};
use tempfile::TempDir;

use crate::support::app::parts;
use crate::support::database::{Database, each};
use crate::support::make;

const PASSWORD: &str = "kelp otter 9 lantern";
const OTHER: &str = "another otter 7 lamp";
const WRONG: &str = "wrong wrong wrong";
const UNA: &str = "una@desk.example";

/// A workspace with Una, who has a password, on a database of the test.
struct Desk<'a> {
    database: &'a Database,
    app: App,
    admin: Actor,
    una: UserId,
    clock: Clock,
    hasher: Hasher,
    _folder: TempDir,
}

impl<'a> Desk<'a> {
    async fn new(database: &'a Database) -> Self {
        Self::with(database, Hasher::default()).await
    }

    async fn with(database: &'a Database, hasher: Hasher) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut parts = parts(database.store.clone(), &folder).await;
        let clock = Clock::fixed(make::NOW);
        (parts.clock, parts.hasher) = (clock.clone(), hasher.clone());
        let app = App::new(parts);
        let email = "ada@desk.example".parse().unwrap();
        let admin = app.create_workspace("desk".parse().unwrap(), "Desk", Language::ENGLISH, email, "Ada").await.unwrap();
        let mut desk = Self { database, app, admin, una: UserId::at(make::NOW, make::random()), clock, hasher, _folder: folder };
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

    /// Waits until somebody more than `before` stands at the hasher's door.
    async fn somebody_asks(&self, before: u64) {
        while self.hasher.asked() == before {
            tokio::task::yield_now().await;
        }
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
        let (asked, paused) = (desk.hasher.asked(), desk.hasher.pause().await);
        let trying = tokio::spawn(sign_in(desk.app.clone(), UNA, PASSWORD));
        desk.somebody_asks(asked).await;
        desk.app.reset_user(&desk.admin, desk.una).await.unwrap();
        drop(paused);
        let tried = trying.await.unwrap().unwrap();
        assert!(matches!(tried, Tried::Wrong), "{tried:?}");
    })
    .await;
}

#[tokio::test]
async fn a_sign_in_waits_for_the_end_of_a_reset_that_began() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let (asked, paused) = (desk.hasher.asked(), desk.hasher.pause().await);
        let trying = tokio::spawn(sign_in(desk.app.clone(), UNA, PASSWORD));
        desk.somebody_asks(asked).await;
        let mut tx = database.begin().await;
        user::hold(&mut tx, desk.admin.workspace, desk.una).await.unwrap();
        assert!(password::remove(&mut tx, desk.admin.workspace, desk.una).await.unwrap());
        drop(paused);
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
        let (asked, paused) = (desk.hasher.asked(), desk.hasher.pause().await);
        let app = desk.app.clone();
        let changing = tokio::spawn(async move { app.change_password(&here, &secret, PASSWORD, OTHER).await });
        desk.somebody_asks(asked).await;
        desk.app.reset_user(&desk.admin, desk.una).await.unwrap();
        drop(paused);
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
        let (asked, paused) = (desk.hasher.asked(), desk.hasher.pause().await);
        let app = desk.app.clone();
        let changing = tokio::spawn(async move { app.change_password(&here, &secret, PASSWORD, OTHER).await });
        desk.somebody_asks(asked).await;
        let mut tx = database.begin().await;
        password::save(&mut tx, desk.admin.workspace, desk.una, "chosen meanwhile", make::NOW).await.unwrap();
        tx.commit().await.unwrap();
        drop(paused);
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
        let mut tx = database.begin().await;
        user::lock(&mut tx, desk.admin.workspace).await.unwrap();
        let demoted = User { role: Role::Agent, ..desk.user().await };
        let _ = user::save(&mut tx, &demoted).await.unwrap();
        let (app, admin, una) = (desk.app.clone(), desk.admin.clone(), desk.una);
        let setting = tokio::spawn(async move { app.set_user_teams(&admin, una, [team.name].into()).await });
        database.somebody_waits().await;
        tx.commit().await.unwrap();
        let set = setting.await.unwrap().unwrap();
        assert_eq!((set.role, set.teams.len()), (Role::Agent, 1));
        assert_eq!(desk.user().await, set);
    })
    .await;
}

#[tokio::test]
async fn a_user_who_is_being_disabled_gets_no_new_link() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let mut tx = database.begin().await;
        user::lock(&mut tx, desk.admin.workspace).await.unwrap();
        let disabled = User { disabled_at: Some(make::NOW), ..desk.user().await };
        let _ = user::save(&mut tx, &disabled).await.unwrap();
        let (app, admin, una) = (desk.app.clone(), desk.admin.clone(), desk.una);
        let resetting = tokio::spawn(async move { app.reset_user(&admin, una).await });
        database.somebody_waits().await;
        tx.commit().await.unwrap();
        let reset = resetting.await.unwrap();
        assert!(matches!(reset, Err(Error::Conflict(_))), "{reset:?}");
    })
    .await;
}

#[tokio::test]
async fn a_user_who_was_just_added_is_not_changed_by_whoever_adds_them_too() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let mut tx = database.begin().await;
        user::lock(&mut tx, desk.admin.workspace).await.unwrap();
        let added = User { role: Role::Admin, teams: [].into(), ..make::user(desk.admin.workspace, "ben@desk.example") };
        let _ = user::save(&mut tx, &added).await.unwrap();
        let (app, admin) = (desk.app.clone(), desk.admin.clone());
        let adding = tokio::spawn(async move { app.put_user(&admin, "ben@desk.example".parse().unwrap(), "Ben", Role::Light).await });
        database.somebody_waits().await;
        tx.commit().await.unwrap();
        assert_eq!(adding.await.unwrap().unwrap(), added);
    })
    .await;
}

#[tokio::test]
async fn a_try_that_nobody_looked_at_is_not_counted_as_wrong() {
    each(async |database| {
        let desk = Desk::with(database, Hasher::waiting_at_most(Duration::ZERO)).await;
        let secret = desk.app.sign_in(&desk.link().await).await.unwrap().session_secret;
        let here = desk.app.session(&secret).await.unwrap();
        let paused = desk.hasher.pause().await;
        for _ in 0..25 {
            let tried = desk.sign_in(UNA, PASSWORD).await;
            assert!(matches!(tried, Err(Error::Overloaded { .. })), "{tried:?}");
            let changed = desk.app.change_password(&here, &secret, PASSWORD, OTHER).await;
            assert!(matches!(changed, Err(Error::Overloaded { .. })), "{changed:?}");
        }
        drop(paused);
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
            let before = desk.hasher.hashed();
            desk.fail(email).await;
            assert_eq!(desk.hasher.hashed() - before, 1, "{email}");
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
