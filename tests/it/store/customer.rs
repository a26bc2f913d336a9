use backchannel::domain::customer::Customer;
use backchannel::store::{Change, PageRequest, StoreError, customer};

use crate::support::database::each;
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
