use backchannel::domain::id::TokenId;
use backchannel::domain::token::{Token, TokenSecret};
use backchannel::domain::user::User;
use backchannel::domain::vocabulary::{LinkPurpose, Role};
use backchannel::store::session::{self, NewSession, SignInLink};
use backchannel::store::{Change, StoreError, token, user};

use crate::support::database::{Database, each};
use crate::support::make;

async fn kept_user(database: &Database) -> User {
    let workspace = make::kept_workspace(&database.store).await;
    let made = make::user(workspace, "owen@alderwick.example");
    let mut tx = database.begin().await;
    assert_eq!(user::save(&mut tx, &made).await.unwrap().change, Change::Created);
    tx.commit().await.unwrap();
    made
}

fn session_of<'a>(user: &User, secret: &'a str) -> NewSession<'a> {
    NewSession {
        workspace: user.workspace,
        user: user.id,
        secret,
        csrf: "csrf",
        created_at: make::NOW,
        idle_until: make::NOW.plus_seconds(60),
        expires_at: make::NOW.plus_seconds(100),
    }
}

#[tokio::test]
async fn a_user_is_known_by_their_address() {
    each(async |database| {
        let owen = kept_user(database).await;
        let promoted = User { role: Role::Admin, ..make::user(owen.workspace, "owen@alderwick.example") };
        let mut tx = database.begin().await;
        assert_eq!(user::save(&mut tx, &owen).await.unwrap().change, Change::Unchanged);
        let saved = user::save(&mut tx, &promoted).await.unwrap();
        assert_eq!((saved.id, saved.change), (owen.id, Change::Updated));
        tx.commit().await.unwrap();
        let kept = User { role: Role::Admin, ..owen.clone() };
        assert_eq!(user::get(&database.store, owen.workspace, owen.id).await.unwrap(), Some(kept.clone()));
        assert_eq!(user::list(&database.store, owen.workspace).await.unwrap(), [kept]);
    })
    .await;
}

#[tokio::test]
async fn of_two_who_use_set_up_links_at_once_one_becomes_the_admin() {
    each(async |database| {
        let mut tx = database.begin().await;
        for secret in ["one", "two"] {
            session::insert_setup_link(&mut tx, secret, make::NOW.plus_seconds(60)).await.unwrap();
        }
        assert!(!session::redeem_setup_link(&mut tx, "three", make::NOW).await.unwrap());
        assert!(!session::redeem_setup_link(&mut tx, "one", make::NOW.plus_seconds(60)).await.unwrap());
        tx.commit().await.unwrap();
        let tries: Vec<_> = ["one", "two", "one", "two"]
            .map(|secret| {
                let store = database.store.clone();
                tokio::spawn(async move {
                    let mut tx = store.begin().await.unwrap();
                    let redeemed = session::redeem_setup_link(&mut tx, secret, make::NOW).await.unwrap();
                    tx.commit().await.unwrap();
                    redeemed
                })
            })
            .into();
        let mut redeemed = 0;
        for tried in tries {
            redeemed += usize::from(tried.await.unwrap());
        }
        assert_eq!(redeemed, 1);
    })
    .await;
}

#[tokio::test]
async fn a_sign_in_link_works_once_and_in_time() {
    each(async |database| {
        let owen = kept_user(database).await;
        let mut tx = database.begin().await;
        for secret in ["one", "two"] {
            let link = SignInLink {
                workspace: owen.workspace,
                user: owen.id,
                purpose: LinkPurpose::SignIn,
                secret,
                expires_at: make::NOW.plus_seconds(60),
            };
            session::insert_link(&mut tx, &link).await.unwrap();
        }
        let used = session::redeem_link(&mut tx, "one", make::NOW).await.unwrap().unwrap();
        assert_eq!((used.workspace, used.user, used.purpose), (owen.workspace, owen.id, LinkPurpose::SignIn));
        assert_eq!(session::redeem_link(&mut tx, "one", make::NOW).await.unwrap(), None);
        assert_eq!(session::redeem_link(&mut tx, "two", make::NOW.plus_seconds(60)).await.unwrap(), None);
        assert_eq!(session::redeem_link(&mut tx, "three", make::NOW).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_session_ends_when_idle_when_old_or_when_told() {
    each(async |database| {
        let owen = kept_user(database).await;
        let at = |seconds| make::NOW.plus_seconds(seconds);
        let mut tx = database.begin().await;
        session::start(&mut tx, &session_of(&owen, "s")).await.unwrap();
        tx.commit().await.unwrap();
        let live = session::get(&database.store, "s", at(59)).await.unwrap().unwrap();
        assert_eq!((live.workspace, live.user, live.csrf.as_str()), (owen.workspace, owen.id, "csrf"));
        assert!(session::get(&database.store, "s", at(60)).await.unwrap().is_none());
        assert!(session::get(&database.store, "other", at(0)).await.unwrap().is_none());
        let mut tx = database.begin().await;
        assert!(session::touch(&mut tx, "s", at(59), at(200)).await.unwrap());
        assert!(session::get(&mut tx, "s", at(99)).await.unwrap().is_some());
        assert!(session::get(&mut tx, "s", at(100)).await.unwrap().is_none());
        assert!(!session::touch(&mut tx, "s", at(100), at(300)).await.unwrap());
        assert!(session::end(&mut tx, "s").await.unwrap());
        assert!(session::get(&mut tx, "s", at(0)).await.unwrap().is_none());
        session::start(&mut tx, &session_of(&owen, "a")).await.unwrap();
        session::start(&mut tx, &session_of(&owen, "b")).await.unwrap();
        assert_eq!(session::sweep(&mut tx, at(59)).await.unwrap(), 0);
        assert_eq!(session::end_all(&mut tx, owen.workspace, owen.id).await.unwrap(), 2);
        session::start(&mut tx, &session_of(&owen, "c")).await.unwrap();
        assert!(user::remove(&mut tx, owen.workspace, owen.id).await.unwrap());
        assert!(session::get(&mut tx, "c", at(0)).await.unwrap().is_none(), "a removed user has no sessions");
    })
    .await;
}

#[tokio::test]
async fn a_token_is_found_by_its_secret_until_it_is_revoked_and_the_secret_is_nowhere() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let secret = TokenSecret::from_random(&[3; 40]);
        let made = Token {
            id: TokenId::at(make::NOW, make::random()),
            workspace,
            name: "pipeline".to_owned(),
            role: Role::Service,
            teams: [].into(),
            created_by: None,
            created_at: make::NOW,
            last_used_at: None,
            revoked_at: None,
        };
        let mut tx = database.begin().await;
        token::insert(&mut tx, &made, &secret).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(token::by_secret(&database.store, &secret).await.unwrap(), Some(made.clone()));
        assert_eq!(token::by_secret(&database.store, &TokenSecret::from_random(&[4; 40])).await.unwrap(), None);
        let mut tx = database.begin().await;
        for (second, noted) in [(10, 10), (40, 10), (71, 71)] {
            token::mark_used(&mut tx, workspace, made.id, make::NOW.plus_seconds(second)).await.unwrap();
            let kept = token::by_secret(&mut tx, &secret).await.unwrap().unwrap();
            assert_eq!(kept.last_used_at, Some(make::NOW.plus_seconds(noted)));
        }
        assert!(token::revoke(&mut tx, workspace, made.id, make::NOW).await.unwrap());
        assert!(!token::revoke(&mut tx, workspace, made.id, make::NOW).await.unwrap());
        assert_eq!(token::by_secret(&mut tx, &secret).await.unwrap(), None);
        assert_eq!(token::list(&mut tx, workspace).await.unwrap().len(), 1);
        tx.commit().await.unwrap();
        let shown = &secret.expose()[3..11];
        let columns = "hash || name || id";
        let found = database.number(&format!("SELECT COUNT(*) FROM tokens WHERE {columns} LIKE '%{shown}%'")).await;
        assert_eq!(found, 0);
        let mut tx = database.begin().await;
        let twice = Token { id: TokenId::at(make::NOW, make::random()), ..made };
        let refused = token::insert(&mut tx, &twice, &secret).await;
        assert!(matches!(refused, Err(StoreError::Conflict { constraint }) if constraint == "tokens_hash_key"));
    })
    .await;
}
