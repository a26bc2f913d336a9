use backchannel::domain::customer::{Customer, Order};
use backchannel::domain::id::WorkspaceId;
use backchannel::domain::intake::InboxFilter;
use backchannel::store::{Change, PageRequest, StoreError, customer, ticket};

use crate::store::BEFORE_LIBRARY;
use crate::support::database::{Database, each};
use crate::support::make;

#[tokio::test]
async fn a_customer_is_kept_with_their_orders_and_found_in_every_way() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let ana = Customer { external_id: Some("C-1".to_owned()), ..make::customer(workspace, "ana@mail.example") };
        let mut tx = database.begin().await;
        assert_eq!(customer::save(&mut tx, &ana).await.unwrap().change, Change::Created);
        assert_eq!(customer::save(&mut tx, &ana).await.unwrap().change, Change::Unchanged);
        tx.commit().await.unwrap();
        assert_eq!(customer::get(&database.store, workspace, ana.id).await.unwrap(), Some(ana.clone()));
        assert_eq!(customer::by_email(&database.store, workspace, &ana.email).await.unwrap(), Some(ana.clone()));
        assert_eq!(customer::by_ids(&database.store, workspace, &[ana.id]).await.unwrap(), std::slice::from_ref(&ana));
        let page = customer::list(&database.store, workspace, None, &PageRequest::first(5)).await.unwrap();
        assert_eq!(page.items, [ana]);
    })
    .await;
}

#[tokio::test]
async fn a_customer_with_a_new_address_is_known_by_their_external_id() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let ana = Customer { external_id: Some("C-1".to_owned()), ..make::customer(workspace, "ana@mail.example") };
        let moved = Customer { external_id: Some("C-1".to_owned()), ..make::customer(workspace, "ana@new.example") };
        let mut tx = database.begin().await;
        let _ = customer::save(&mut tx, &ana).await.unwrap();
        let saved = customer::save(&mut tx, &moved).await.unwrap();
        assert_eq!((saved.id, saved.change), (ana.id, Change::Updated));
        let _ = customer::save(&mut tx, &make::customer(workspace, "ben@mail.example")).await.unwrap();
        let stolen = Customer { external_id: Some("C-1".to_owned()), ..make::customer(workspace, "ben@mail.example") };
        let refused = customer::save(&mut tx, &stolen).await;
        assert!(matches!(refused, Err(StoreError::Conflict { constraint }) if constraint == "customers_workspace_email_key"));
    })
    .await;
}

#[tokio::test]
async fn a_ticket_never_overwrites_what_is_known_of_its_requester() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let known = Customer { name: None, ..make::customer(workspace, "ana@mail.example") };
        let seen = Customer {
            name: Some("Ana".to_owned()),
            external_id: Some("C-1".to_owned()),
            orders: Vec::new(),
            ..make::customer(workspace, "ana@mail.example")
        };
        let mut tx = database.begin().await;
        assert_eq!(customer::ensure(&mut tx, &known).await.unwrap().change, Change::Created);
        let saved = customer::ensure(&mut tx, &seen).await.unwrap();
        assert_eq!((saved.id, saved.change), (known.id, Change::Updated));
        let renamed = Customer { name: Some("Somebody".to_owned()), ..seen };
        assert_eq!(customer::ensure(&mut tx, &renamed).await.unwrap().change, Change::Unchanged);
        let kept = customer::get(&mut tx, workspace, known.id).await.unwrap().unwrap();
        assert_eq!((kept.name.as_deref(), kept.external_id.as_deref(), kept.orders.len()), (Some("Ana"), Some("C-1"), 1));
    })
    .await;
}

async fn found(database: &Database, workspace: WorkspaceId, words: &str) -> Vec<String> {
    let page = customer::list(&database.store, workspace, Some(words), &PageRequest::first(9)).await.unwrap();
    let mut found: Vec<String> = page.items.into_iter().map(|customer| customer.email.to_string()).collect();
    found.sort();
    found
}

/// Évelyne, whose letters ASCII does not know, and Max, in whose name stand the wildcards of `LIKE`.
async fn evelyne_and_max(database: &Database) -> WorkspaceId {
    let workspace = make::kept_workspace(&database.store).await;
    let name = |name: &str| Some(name.to_owned());
    let evelyne = Customer {
        name: name("Évelyne Straße"),
        organisation: name("ΟΔΟΣ"),
        external_id: name("C_100"),
        ..make::customer(workspace, "e.roy@mail.example")
    };
    let order = Order { number: "AWX1".to_owned(), items: vec!["50%_off!".to_owned()], tracking: None, ..evelyne.orders[0].clone() };
    let max = Customer { name: name("Max_50% O'Neill!"), orders: vec![order], ..make::customer(workspace, "max@mail.example") };
    let mut tx = database.begin().await;
    for customer in [&evelyne, &max] {
        let _ = customer::save(&mut tx, customer).await.unwrap();
    }
    tx.commit().await.unwrap();
    workspace
}

#[tokio::test]
async fn customers_are_found_by_what_was_typed_in_whatever_case() {
    each(async |database| {
        let workspace = evelyne_and_max(database).await;
        let (evelyne, max) = ("e.roy@mail.example", "max@mail.example");
        for (words, emails) in [
            ("évelyne", vec![evelyne]),
            ("ÉVELYNE STRASSE", vec![evelyne]),
            ("E\u{301}velyne", vec![evelyne]),
            ("evelyne", vec![evelyne]),
            ("οδοσ", vec![evelyne]),
            ("c_100", vec![evelyne]),
            ("E.ROY@", vec![evelyne]),
            ("aw-204518-6", vec![evelyne]),
            ("nvk123456789gb", vec![evelyne]),
            ("x_50% o'neill!", vec![max]),
            ("50%_OFF!", vec![max]),
            ("_", vec![evelyne, max]),
            ("%", vec![max]),
            ("!", vec![max]),
            ("a_1", vec![]),
            ("c%0", vec![]),
            ("\\", vec![]),
            // What the rows are made of is not what customers are found by.
            ("number", vec![]),
            ("shipped", vec![]),
        ] {
            assert_eq!(found(database, workspace, words).await, emails, "{words}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_customer_who_changes_is_found_by_the_new_words_alone() {
    each(async |database| {
        let workspace = evelyne_and_max(database).await;
        let mut tx = database.begin().await;
        let renamed = Customer { name: Some("Ömer".to_owned()), orders: vec![], ..make::customer(workspace, "max@mail.example") };
        assert_eq!(customer::save(&mut tx, &renamed).await.unwrap().change, Change::Updated);
        tx.commit().await.unwrap();
        assert_eq!(found(database, workspace, "ömer").await, ["max@mail.example"]);
        assert!(found(database, workspace, "o'neill").await.is_empty() && found(database, workspace, "awx1").await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn rows_that_an_earlier_layout_kept_are_found_like_new_ones() {
    each(async |database| {
        let workspace = evelyne_and_max(database).await;
        let ticket = make::kept_ticket(&database.store, workspace).await;
        database.tamper(BEFORE_LIBRARY).await;
        database
            .tamper(
                "ALTER TABLE customers DROP COLUMN folded_name; ALTER TABLE customers DROP COLUMN folded_rest;
                 ALTER TABLE tickets DROP COLUMN folded; DELETE FROM schema_migrations WHERE version = 19",
            )
            .await;
        let again = database.open_again().await;
        assert_eq!(found(database, workspace, "évelyne").await, ["e.roy@mail.example"]);
        assert_eq!(found(database, workspace, "50%_off").await, ["max@mail.example"]);
        let filter = InboxFilter { words: Some("CAMERA'S light".to_owned()), ..InboxFilter::default() };
        let rows = ticket::inbox(&again, &make::service(workspace), &filter, &PageRequest::first(9)).await.unwrap().items;
        assert_eq!(rows.iter().map(|row| row.head.id).collect::<Vec<_>>(), [ticket.id]);
        again.close().await;
    })
    .await;
}

#[tokio::test]
async fn rows_that_kept_their_accents_are_found_without_them_after_the_step_that_folds_them() {
    each(async |database| {
        let workspace = evelyne_and_max(database).await;
        let folds = "UPDATE customers SET folded_name = 'évelyne roy'; DROP INDEX tickets_unsolved;
            ALTER TABLE views DROP COLUMN intent; DROP TABLE webhook_deliveries; DROP TABLE webhooks; DROP TABLE held_heads; DROP TABLE head_versions; DROP TABLE label_state;
            DROP TABLE incident_tickets; DROP TABLE incidents; DROP TABLE said_duplicates;
    DROP TABLE incoming_mails; DROP TABLE mailboxes; DROP TABLE message_recipients; DROP TABLE message_deliveries; DROP TABLE chat_events; DROP TABLE postings; DROP TABLE thread_places; DROP TABLE ask_finds; DROP TABLE asks;
            DELETE FROM schema_migrations WHERE version >= 23";
        database.tamper(folds).await;
        let again = database.open_again().await;
        assert_eq!(found(database, workspace, "evelyne").await, ["e.roy@mail.example"]);
        again.close().await;
    })
    .await;
}
