use backchannel::domain::audience::{Reader, Scope};
use backchannel::domain::thread::{Message, Thread};
use backchannel::domain::vocabulary::{Kind, ThreadStatus};
use backchannel::store::{Change, PageRequest, StoreError, pending, thread};

use crate::support::database::each;
use crate::support::make;

#[tokio::test]
async fn a_side_conversation_is_kept_with_its_messages_in_order() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let service = make::service(workspace);
        let ticket = make::kept_ticket(&database.store, workspace).await;
        let side = Thread { external_id: Some("SC-1".to_owned()), ..make::thread(workspace, ticket.id) };
        let late = Message { created_at: make::NOW.plus_seconds(60), ..make::message(side.id, "Firmware 2.1") };
        let early = make::message(side.id, "Which firmware?");
        let mut tx = database.begin().await;
        assert_eq!(thread::save(&mut tx, &side).await.unwrap().change, Change::Created);
        assert_eq!(thread::add_message(&mut tx, workspace, &late).await.unwrap().change, Change::Created);
        assert_eq!(thread::add_message(&mut tx, workspace, &early).await.unwrap().change, Change::Created);
        let again = Message { id: make::message(side.id, "").id, ..late.clone() };
        let saved = thread::add_message(&mut tx, workspace, &again).await.unwrap();
        assert_eq!((saved.id, saved.change), (late.id, Change::Unchanged));
        tx.commit().await.unwrap();
        let kept = thread::get(&database.store, &service, side.id).await.unwrap().unwrap();
        assert_eq!(kept.messages, [early, late.clone()]);
        assert_eq!(kept.thread.updated_at, late.created_at);
        assert_eq!(thread::by_external_id(&database.store, &service, "SC-1").await.unwrap(), Some(kept.clone()));
        assert_eq!(thread::of_ticket(&database.store, &service, ticket.id).await.unwrap(), std::slice::from_ref(&kept));
        assert_eq!(
            thread::by_messages(&database.store, &service, &[late.id, kept.messages[0].id]).await.unwrap(),
            std::slice::from_ref(&kept)
        );
        assert_eq!(thread::before(&database.store, &service, make::NOW.plus_seconds(1), 5).await.unwrap(), std::slice::from_ref(&kept));
        assert!(thread::before(&database.store, &service, make::NOW, 5).await.unwrap().is_empty());
        let page = thread::list_of_ticket(&database.store, &service, ticket.id, &PageRequest::first(5)).await.unwrap();
        assert_eq!(page.items, [kept.thread]);
    })
    .await;
}

#[tokio::test]
async fn a_thread_that_comes_again_is_the_same_and_a_new_subject_reaches_the_index() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let ticket = make::kept_ticket(&database.store, workspace).await;
        let side = Thread { external_id: Some("SC-1".to_owned()), ..make::thread(workspace, ticket.id) };
        let lease = make::index_lease(&database.store, workspace).await;
        let mut tx = database.begin().await;
        let _ = thread::save(&mut tx, &side).await.unwrap();
        let _ = thread::add_message(&mut tx, workspace, &make::message(side.id, "Which firmware?")).await.unwrap();
        let again = Thread { id: make::thread(workspace, ticket.id).id, ..side.clone() };
        let saved = thread::save(&mut tx, &again).await.unwrap();
        assert_eq!((saved.id, saved.change), (side.id, Change::Unchanged));
        let rows = pending::pending(&mut tx, workspace, 10).await.unwrap();
        let message = rows.iter().find(|row| row.kind == Kind::Message).unwrap();
        assert_eq!(pending::clear_pending(&mut tx, &lease, &[*message]).await.unwrap(), 1);
        tx.commit().await.unwrap();
        let mut tx = database.begin().await;
        let renamed = Thread { subject: "Red light, solved".to_owned(), ..side };
        assert_eq!(thread::save(&mut tx, &renamed).await.unwrap().change, Change::Updated);
        let rows = pending::pending(&mut tx, workspace, 10).await.unwrap();
        assert!(rows.iter().any(|row| row.kind == Kind::Message));
    })
    .await;
}

#[tokio::test]
async fn side_conversations_are_hidden_from_customers() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let ticket = make::kept_ticket(&database.store, workspace).await;
        let side = make::thread(workspace, ticket.id);
        let message = make::message(side.id, "Which firmware?");
        let mut tx = database.begin().await;
        let _ = thread::save(&mut tx, &side).await.unwrap();
        let _ = thread::add_message(&mut tx, workspace, &message).await.unwrap();
        tx.commit().await.unwrap();
        for reader in [Reader::Anyone, Reader::Customer(ticket.requester)] {
            let scope = Scope::new(workspace, reader);
            assert_eq!(thread::get(&database.store, &scope, side.id).await.unwrap(), None);
            assert!(thread::of_ticket(&database.store, &scope, ticket.id).await.unwrap().is_empty());
            assert!(thread::by_messages(&database.store, &scope, &[message.id]).await.unwrap().is_empty());
            assert!(thread::open(&database.store, &scope).await.unwrap().is_empty());
            assert!(thread::before(&database.store, &scope, make::NOW.plus_seconds(9), 9).await.unwrap().is_empty());
        }
        let colleague = Scope::new(workspace, Reader::Colleague([].into()));
        assert_eq!(thread::of_ticket(&database.store, &colleague, ticket.id).await.unwrap()[0].messages, [message]);
    })
    .await;
}

#[tokio::test]
async fn a_closed_thread_is_no_longer_among_the_open_ones() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let ticket = make::kept_ticket(&database.store, workspace).await;
        let side = make::thread(workspace, ticket.id);
        let mut tx = database.begin().await;
        let _ = thread::save(&mut tx, &side).await.unwrap();
        assert_eq!(thread::open(&mut tx, &make::service(workspace)).await.unwrap(), std::slice::from_ref(&side));
        assert!(thread::set_status(&mut tx, workspace, side.id, ThreadStatus::Closed, make::NOW.plus_seconds(9)).await.unwrap());
        assert!(thread::open(&mut tx, &make::service(workspace)).await.unwrap().is_empty());
        let lost = make::thread(workspace, make::ticket(workspace, ticket.requester).id);
        assert!(matches!(thread::save(&mut tx, &lost).await, Err(StoreError::Missing { .. })));
    })
    .await;
}

#[tokio::test]
async fn conversations_that_go_on_with_somebody_are_counted_as_far_as_the_reader_sees_them() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let ticket = make::kept_ticket(&database.store, workspace).await;
        let with = |email: &str| Thread { participants: vec![email.parse().unwrap()], ..make::thread(workspace, ticket.id) };
        let closed = Thread { status: ThreadStatus::Closed, ..with("a_b@x.example") };
        let both = Thread { participants: vec!["a_b@x.example".parse().unwrap(), "axb@x.example".parse().unwrap()], ..with("a@b") };
        let mut tx = database.begin().await;
        for thread in [with("a_b@x.example"), with("axb@x.example"), with("aa_b@x.example"), with("a\"b\\@x.example"), closed, both] {
            let _ = thread::save(&mut tx, &thread).await.unwrap();
        }
        tx.commit().await.unwrap();
        let service = make::service(workspace);
        for (email, count) in [("a_b@x.example", 2), ("axb@x.example", 2), ("a\"b\\@x.example", 1), ("b@x.example", 0)] {
            let counted = thread::count_open_with(&database.store, &service, &email.parse().unwrap()).await.unwrap();
            assert_eq!(counted, count, "{email}");
        }
        let elsewhere = make::service(make::kept_workspace(&database.store).await);
        let nobody = thread::count_open_with(&database.store, &elsewhere, &"a_b@x.example".parse().unwrap()).await.unwrap();
        assert_eq!(nobody, 0);
    })
    .await;
}
