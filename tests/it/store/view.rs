use backchannel::domain::id::{UserId, ViewId};
use backchannel::domain::intake::InboxFilter;
use backchannel::domain::view::SavedView;
use backchannel::domain::vocabulary::{TicketOrder, TicketStatus};
use backchannel::store::{StoreError, user, view};

use crate::support::database::each;
use crate::support::make;

fn saved(name: &str, filter: InboxFilter) -> SavedView {
    SavedView { id: ViewId::at(make::NOW, make::random()), name: name.to_owned(), filter }
}

#[tokio::test]
async fn a_view_is_its_owners_alone_and_goes_with_them() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let (one, other) = (make::user(workspace, "one@desk.example"), make::user(workspace, "two@desk.example"));
        let narrow = InboxFilter {
            statuses: vec![TicketStatus::Open],
            group: Some("billing".parse().unwrap()),
            intent: Some("invoice_copy".parse().unwrap()),
            words: Some("50% «été»".to_owned()),
            order: Some(TicketOrder::Urgency),
        };
        let first = saved("Mine", narrow);
        let again = saved("Mine", InboxFilter::default());
        let mut tx = database.begin().await;
        for owner in [&one, &other] {
            let _ = user::save(&mut tx, owner).await.unwrap();
            view::hold(&mut tx, workspace, owner.id).await.unwrap();
        }
        view::save(&mut tx, workspace, one.id, &first, make::NOW).await.unwrap();
        tx.commit().await.unwrap();
        let of = async |owner: UserId| view::list(&database.store, workspace, owner).await.unwrap();
        assert_eq!((of(one.id).await, of(other.id).await), (vec![first.clone()], Vec::new()));

        let mut tx = database.begin().await;
        view::save(&mut tx, workspace, one.id, &again, make::NOW).await.unwrap();
        assert!(!view::remove(&mut tx, workspace, other.id, first.id).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(of(one.id).await, [SavedView { id: first.id, ..again }], "one name is one view");

        let mut tx = database.begin().await;
        let nobody = UserId::at(make::NOW, make::random());
        assert!(matches!(view::hold(&mut tx, workspace, nobody).await, Err(StoreError::Missing { .. })));
        assert!(user::remove(&mut tx, workspace, one.id).await.unwrap());
        tx.commit().await.unwrap();
        assert!(of(one.id).await.is_empty());
    })
    .await;
}
