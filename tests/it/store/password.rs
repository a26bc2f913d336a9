use backchannel::domain::id::UserId;
use backchannel::domain::user::User;
use backchannel::domain::vocabulary::LinkPurpose;
use backchannel::store::attempt::{self, Backoff};
use backchannel::store::session::{self, SignInLink};
use backchannel::store::{StoreError, password, user};

use crate::support::database::{Database, each};
use crate::support::make;

const BACKOFF: Backoff = Backoff { free: 3, first_seconds: 30, longest_seconds: 60, heals_every_seconds: 3600 };

async fn kept_user(database: &Database) -> User {
    let workspace = make::kept_workspace(&database.store).await;
    let made = make::user(workspace, "owen@alderwick.example");
    let mut tx = database.begin().await;
    let _ = user::save(&mut tx, &made).await.unwrap();
    tx.commit().await.unwrap();
    made
}

#[tokio::test]
async fn a_password_is_kept_once_and_gone_with_its_user() {
    each(async |database| {
        let owen = kept_user(database).await;
        let mut tx = database.begin().await;
        for hash in ["one", "two"] {
            password::save(&mut tx, owen.workspace, owen.id, hash, make::NOW).await.unwrap();
        }
        assert_eq!(password::get(&mut tx, owen.workspace, owen.id).await.unwrap().as_deref(), Some("two"));
        assert_eq!(password::holders(&mut tx, owen.workspace).await.unwrap(), [owen.id].into());
        assert!(password::remove(&mut tx, owen.workspace, owen.id).await.unwrap());
        assert!(!password::remove(&mut tx, owen.workspace, owen.id).await.unwrap());
        password::save(&mut tx, owen.workspace, owen.id, "three", make::NOW).await.unwrap();
        assert!(user::remove(&mut tx, owen.workspace, owen.id).await.unwrap());
        assert_eq!(password::get(&mut tx, owen.workspace, owen.id).await.unwrap(), None);
        let nobody = UserId::at(make::NOW, make::random());
        let refused = password::save(&mut tx, owen.workspace, nobody, "x", make::NOW).await;
        assert!(matches!(refused, Err(StoreError::Missing { .. })));
    })
    .await;
}

#[tokio::test]
async fn who_is_disabled_has_no_hash_to_sign_in_with() {
    each(async |database| {
        let owen = kept_user(database).await;
        let mut tx = database.begin().await;
        let found = password::by_email(&mut tx, owen.workspace, &owen.email).await.unwrap().unwrap();
        assert_eq!((found.user, found.hash), (owen.id, None));
        password::save(&mut tx, owen.workspace, owen.id, "hash", make::NOW).await.unwrap();
        let found = password::by_email(&mut tx, owen.workspace, &owen.email).await.unwrap().unwrap();
        assert_eq!(found.hash.as_deref(), Some("hash"));
        let disabled = User { disabled_at: Some(make::NOW), ..owen.clone() };
        let _ = user::save(&mut tx, &disabled).await.unwrap();
        let found = password::by_email(&mut tx, owen.workspace, &owen.email).await.unwrap().unwrap();
        assert_eq!(found.hash, None);
        let nobody = "nobody@alderwick.example".parse().unwrap();
        assert_eq!(password::by_email(&mut tx, owen.workspace, &nobody).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn failures_hold_a_subject_for_longer_each_time_until_it_succeeds_or_rests() {
    each(async |database| {
        let at = |seconds| make::NOW.plus_seconds(seconds);
        let mut tx = database.begin().await;
        for _ in 0..3 {
            assert_eq!(attempt::note(&mut tx, "una", at(0), &BACKOFF).await.unwrap(), None);
        }
        assert_eq!(attempt::note(&mut tx, "una", at(1), &BACKOFF).await.unwrap(), Some(at(30)));
        assert_eq!(attempt::note(&mut tx, "ben", at(1), &BACKOFF).await.unwrap(), None);
        assert_eq!(attempt::note(&mut tx, "una", at(30), &BACKOFF).await.unwrap(), None);
        assert_eq!(attempt::note(&mut tx, "una", at(89), &BACKOFF).await.unwrap(), Some(at(90)));
        attempt::forget(&mut tx, "una").await.unwrap();
        for _ in 0..3 {
            assert_eq!(attempt::note(&mut tx, "una", at(90), &BACKOFF).await.unwrap(), None);
        }
        // What was right is taken back with the hold that it made itself.
        attempt::take_back(&mut tx, "una", 1).await.unwrap();
        assert_eq!(attempt::note(&mut tx, "una", at(91), &BACKOFF).await.unwrap(), None);
        assert_eq!(attempt::note(&mut tx, "una", at(92), &BACKOFF).await.unwrap(), Some(at(91 + 30)));
        // After a while one failure is forgotten, and the next one is the last that is free again.
        assert_eq!(attempt::note(&mut tx, "una", at(90 + 3600), &BACKOFF).await.unwrap(), None);
        assert_eq!(attempt::note(&mut tx, "una", at(90 + 3601), &BACKOFF).await.unwrap(), Some(at(90 + 3600 + 30)));
        assert_eq!(attempt::note(&mut tx, "una", at(90 + 4 * 3600), &BACKOFF).await.unwrap(), None);
        assert_eq!(attempt::note(&mut tx, "una", at(90 + 4 * 3600), &BACKOFF).await.unwrap(), None);
        assert_eq!(attempt::forget(&mut tx, "una").await.unwrap(), 2);
        assert_eq!(attempt::forget(&mut tx, "una").await.unwrap(), 0);
        assert_eq!(attempt::note(&mut tx, "una", at(5 * 3600), &BACKOFF).await.unwrap(), None);
        // Ben's failure heals an hour after it; nothing is forgotten before.
        assert_eq!(attempt::sweep(&mut tx, at(3600), &BACKOFF).await.unwrap(), 0);
        assert_eq!(attempt::sweep(&mut tx, at(3601), &BACKOFF).await.unwrap(), 1);
        tx.commit().await.unwrap();
        let found = database.number("SELECT COUNT(*) FROM sign_in_attempts WHERE subject LIKE '%una%'").await;
        assert_eq!(found, 0, "no name stands in the clear");
    })
    .await;
}

#[tokio::test]
async fn no_failure_is_forgotten_before_it_has_healed() {
    each(async |database| {
        let hours = |hours: i64| make::NOW.plus_seconds(hours * 3600);
        let backoff = Backoff { free: 1000, ..BACKOFF };
        let mut tx = database.begin().await;
        for _ in 0..30 {
            assert_eq!(attempt::note(&mut tx, "una", make::NOW, &backoff).await.unwrap(), None);
        }
        assert_eq!(attempt::sweep(&mut tx, hours(25), &backoff).await.unwrap(), 0, "a day of silence heals no more than 24");
        assert_eq!(attempt::sweep(&mut tx, hours(29), &backoff).await.unwrap(), 0);
        assert_eq!(attempt::sweep(&mut tx, hours(30), &backoff).await.unwrap(), 1);
        tx.rollback().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn of_many_tries_at_once_no_more_than_the_free_ones_pass() {
    each(async |database| {
        let tries: Vec<_> = (0..12)
            .map(|_| {
                let store = database.store.clone();
                tokio::spawn(async move {
                    let mut tx = store.begin().await.unwrap();
                    let held = attempt::note(&mut tx, "una", make::NOW, &BACKOFF).await.unwrap();
                    tx.commit().await.unwrap();
                    held.is_none()
                })
            })
            .collect();
        let mut passed = 0;
        for tried in tries {
            passed += usize::from(tried.await.unwrap());
        }
        assert_eq!(passed, 3);
    })
    .await;
}

#[tokio::test]
async fn a_link_that_is_over_is_still_known_for_a_while() {
    each(async |database| {
        let owen = kept_user(database).await;
        let at = |seconds| make::NOW.plus_seconds(seconds);
        let mut tx = database.begin().await;
        for (secret, purpose) in [("one", LinkPurpose::Invite), ("two", LinkPurpose::Invite), ("three", LinkPurpose::SignIn)] {
            let link = SignInLink { workspace: owen.workspace, user: owen.id, purpose, secret, expires_at: at(60) };
            session::insert_link(&mut tx, &link).await.unwrap();
        }
        let invited = session::open_links(&mut tx, owen.workspace, LinkPurpose::Invite, at(0)).await.unwrap();
        assert_eq!(invited, [(owen.id, at(60))].into());
        let until = session::open_link(&mut tx, owen.workspace, owen.id, LinkPurpose::Invite, at(0)).await.unwrap();
        assert_eq!(until, Some(at(60)));
        for (purpose, now) in [(LinkPurpose::Reset, at(0)), (LinkPurpose::Invite, at(60))] {
            assert_eq!(session::open_link(&mut tx, owen.workspace, owen.id, purpose, now).await.unwrap(), None);
        }
        assert!(session::redeem_link(&mut tx, "one", at(1)).await.unwrap().is_some());
        assert_eq!(session::link(&mut tx, "one").await.unwrap().unwrap().used_at, Some(at(1)));
        assert_eq!(session::void_links(&mut tx, owen.workspace, owen.id, at(2)).await.unwrap(), 2);
        assert!(session::redeem_link(&mut tx, "two", at(3)).await.unwrap().is_none());
        assert!(session::open_links(&mut tx, owen.workspace, LinkPurpose::Invite, at(3)).await.unwrap().is_empty());
        session::sweep(&mut tx, at(3600)).await.unwrap();
        assert!(session::link(&mut tx, "two").await.unwrap().is_some());
        session::sweep(&mut tx, at(31 * 24 * 3600)).await.unwrap();
        assert!(session::link(&mut tx, "two").await.unwrap().is_none());
    })
    .await;
}
