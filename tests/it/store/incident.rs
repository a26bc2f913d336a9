//! Incidents, and what people say of duplicates.

use backchannel::domain::id::IncidentId;
use backchannel::domain::ticket::Ticket;
use backchannel::domain::triage::SaidDuplicate;
use backchannel::store::{PageRequest, StoreError, incident, said_duplicate, ticket};

use crate::support::database::{Database, each};
use crate::support::make;

/// A ticket that was written so many seconds after tests begin.
async fn written(database: &Database, workspace: backchannel::domain::id::WorkspaceId, seconds: i64) -> Ticket {
    let kept = make::kept_ticket(&database.store, workspace).await;
    let moved = Ticket { created_at: make::NOW.plus_seconds(seconds), ..kept };
    let mut tx = database.begin().await;
    let _ = ticket::save(&mut tx, &moved).await.unwrap();
    tx.commit().await.unwrap();
    moved
}

#[tokio::test]
async fn a_ticket_is_part_of_one_incident_and_whoever_opens_the_database_again_finds_it() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let scope = make::service(workspace);
        let (late, early) = (written(database, workspace, 900).await, written(database, workspace, 0).await);
        let (first, second) = (IncidentId::at(make::NOW, make::random()), IncidentId::at(make::NOW, make::random()));
        let about = ["Wick Hub".to_owned(), "offline".to_owned()];
        let mut tx = database.begin().await;
        incident::hold(&mut tx, workspace).await.unwrap();
        incident::save(&mut tx, workspace, first, &about, make::NOW).await.unwrap();
        incident::save(&mut tx, workspace, second, &[], make::NOW).await.unwrap();
        assert!(incident::join(&mut tx, workspace, first, late.id).await.unwrap());
        assert!(incident::join(&mut tx, workspace, first, early.id).await.unwrap());
        assert!(!incident::join(&mut tx, workspace, second, early.id).await.unwrap(), "it has its place");
        tx.commit().await.unwrap();

        let again = database.open_again().await;
        let found = incident::of_ticket(&again, &scope, late.id).await.unwrap().unwrap();
        assert_eq!((found.id, found.about.as_slice()), (first, about.as_slice()));
        assert_eq!(found.tickets.iter().map(|head| head.id).collect::<Vec<_>>(), [early.id, late.id], "oldest first");
        // One without tickets is shown to nobody.
        assert_eq!(incident::get(&again, &scope, second).await.unwrap(), None);
        let listed = incident::list(&again, &scope, &PageRequest::first(9)).await.unwrap();
        assert_eq!(listed.items, std::slice::from_ref(&found));
        let since = async |seconds| incident::since(&again, &scope, make::NOW.plus_seconds(seconds), 9).await.unwrap().len();
        assert_eq!((since(900).await, since(901).await), (1, 0));
        let tally = incident::tally(&again, workspace, make::NOW, make::NOW.plus_seconds(900)).await.unwrap();
        assert_eq!((tally.tickets, tally.first), (1, Some(make::NOW)));

        // A ticket that goes leaves it, and the last one leaves nothing.
        for (id, left) in [(late.id, 1), (early.id, 0)] {
            let mut tx = again.begin().await.unwrap();
            assert!(ticket::remove(&mut tx, workspace, id).await.unwrap());
            tx.commit().await.unwrap();
            let found = incident::get(&again, &scope, first).await.unwrap();
            assert_eq!(found.map_or(0, |found| found.tickets.len()), left);
        }
        again.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_said_of_two_tickets_is_said_of_both_and_can_be_taken_back() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let (one, other) = (make::kept_ticket(&database.store, workspace).await.id, make::kept_ticket(&database.store, workspace).await.id);
        let said = |other, is_same| SaidDuplicate { other, is_same, by: "Una".to_owned(), at: make::NOW };
        for is_same in [true, false] {
            let mut tx = database.begin().await;
            said_duplicate::save(&mut tx, workspace, other, &said(one, is_same)).await.unwrap();
            tx.commit().await.unwrap();
            for (ticket, about) in [(one, other), (other, one)] {
                assert_eq!(said_duplicate::of_ticket(&database.store, workspace, ticket).await.unwrap(), [said(about, is_same)]);
            }
        }
        let mut tx = database.begin().await;
        assert!(said_duplicate::remove(&mut tx, workspace, one, other).await.unwrap());
        assert!(!said_duplicate::remove(&mut tx, workspace, other, one).await.unwrap());
        tx.commit().await.unwrap();
        let mut tx = database.begin().await;
        let nobody = make::ticket(workspace, make::customer(workspace, "x@mail.example").id).id;
        let lost = said_duplicate::save(&mut tx, workspace, one, &said(nobody, true)).await;
        assert!(matches!(lost, Err(StoreError::Missing { .. })));
    })
    .await;
}
