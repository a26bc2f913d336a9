use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use backchannel::domain::event::Usage;
use backchannel::store::{StoreError, event, usage};

use crate::support::database::each;
use crate::support::make;

#[tokio::test]
async fn a_stream_that_is_read_while_many_write_loses_nothing() {
    const WRITERS: usize = 8;
    const EACH: usize = 20;
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let over = Arc::new(AtomicBool::new(false));
        let reader = {
            let (store, over) = (database.store.clone(), Arc::clone(&over));
            tokio::spawn(async move {
                let mut seen = Vec::new();
                loop {
                    let last_look = over.load(Ordering::SeqCst);
                    let after = seen.last().map_or(0, |seen: &event::SeenEvent| seen.seq);
                    let batch = event::after(&store, workspace, after, 7).await.unwrap();
                    if batch.is_empty() && last_look {
                        return seen;
                    }
                    seen.extend(batch);
                    tokio::task::yield_now().await;
                }
            })
        };
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let store = database.store.clone();
                tokio::spawn(async move {
                    for number in 0..EACH {
                        let mut tx = store.begin().await.unwrap();
                        event::append(&mut tx, &make::event(workspace, &format!("{writer}.{number}")));
                        event::append(&mut tx, &make::event(workspace, &format!("{writer}.{number}.second")));
                        if number % 5 == 4 {
                            tx.rollback().await.unwrap();
                        } else {
                            tx.commit().await.unwrap();
                        }
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.await.unwrap();
        }
        over.store(true, Ordering::SeqCst);
        let seen = reader.await.unwrap();
        let expected = i64::try_from(WRITERS * EACH / 5 * 4 * 2).unwrap();
        assert_eq!(seen.iter().map(|seen| seen.seq).collect::<Vec<_>>(), (1..=expected).collect::<Vec<_>>());
        assert_eq!(event::last_seq(&database.store, workspace).await.unwrap(), expected);
        let mut kinds: Vec<_> = seen.iter().map(|seen| seen.event.kind.clone()).collect();
        kinds.sort();
        kinds.dedup();
        assert_eq!(i64::try_from(kinds.len()).unwrap(), expected);
    })
    .await;
}

#[tokio::test]
async fn the_events_of_one_ticket_are_found_and_readers_are_woken() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let ticket = make::ticket(workspace, make::customer(workspace, "ana@mail.example").id);
        let mut arrivals = database.store.event_arrivals();
        let of_ticket = backchannel::domain::event::Event { ticket: Some(ticket.id), ..make::event(workspace, "ticket.triaged") };
        let mut tx = database.begin().await;
        event::append(&mut tx, &make::event(workspace, "other"));
        event::append(&mut tx, &of_ticket);
        assert!(!arrivals.has_changed().unwrap());
        tx.commit().await.unwrap();
        arrivals.changed().await.unwrap();
        let seen = event::after_of_ticket(&database.store, workspace, ticket.id, 0, 10).await.unwrap();
        assert_eq!(seen, [event::SeenEvent { seq: 2, event: of_ticket }]);
        assert!(event::after_of_ticket(&database.store, workspace, ticket.id, 2, 10).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn an_event_of_no_workspace_fails_the_commit() {
    each(async |database| {
        let nowhere = make::workspace().id;
        let mut tx = database.begin().await;
        event::append(&mut tx, &make::event(nowhere, "lost"));
        assert!(matches!(tx.commit().await, Err(StoreError::Missing { .. })));
    })
    .await;
}

#[tokio::test]
async fn usage_adds_up_over_transactions() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let used = |what: &str, day: &str, count| Usage { workspace, what: what.to_owned(), day: day.to_owned(), count };
        for _ in 0..2 {
            let mut tx = database.begin().await;
            usage::add(&mut tx, &used("triage", "2026-11-20", 2));
            usage::add(&mut tx, &used("triage", "2026-11-20", 1));
            usage::add(&mut tx, &used("panel", "2026-11-21", 1));
            tx.commit().await.unwrap();
        }
        let all = usage::list(&database.store, workspace, "2026-11-20", "2026-11-21").await.unwrap();
        assert_eq!(all, [used("triage", "2026-11-20", 6), used("panel", "2026-11-21", 2)]);
        assert_eq!(usage::list(&database.store, workspace, "2026-11-21", "2026-11-30").await.unwrap().len(), 1);
    })
    .await;
}
