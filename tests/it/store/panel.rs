use backchannel::domain::job::{JobKind, NewJob};
use backchannel::store::job::{self, Cause, Failure};
use backchannel::store::panel::{self, InboxColumns, PreparedPanel};

use crate::support::database::each;
use crate::support::make;

#[tokio::test]
async fn only_panels_count_as_panels_to_be_prepared_each_once_and_no_dead_ones() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let tickets = [make::kept_ticket(&database.store, workspace).await.id, make::kept_ticket(&database.store, workspace).await.id];
        let unfinished = async || panel::unfinished(&database.store, workspace).await.unwrap();
        let mut tx = database.begin().await;
        for kind in [JobKind::Reconcile, JobKind::IndexPending, JobKind::Nothing(1)] {
            job::enqueue(&mut tx, &NewJob { kind, ..make::job(workspace, 0) });
        }
        tx.commit().await.unwrap();
        assert_eq!(unfinished().await, 0, "upkeep prepares no panel");

        let mut tx = database.begin().await;
        for (ticket, early) in [(tickets[0], true), (tickets[1], false)] {
            let made = PreparedPanel { ticket, made_at: make::NOW, json: "{}".to_owned(), inbox: InboxColumns::default() };
            panel::save(&mut tx, workspace, &made).await.unwrap();
            if early {
                panel::mark_early(&mut tx, workspace, ticket).await.unwrap();
            }
        }
        for ticket in tickets {
            job::enqueue(&mut tx, &NewJob { kind: JobKind::PreparePanel(ticket), ..make::job(workspace, 0) });
        }
        tx.commit().await.unwrap();
        assert_eq!(unfinished().await, 2);

        while let Some(held) = job::claim(&database.store, "w", make::NOW, 60).await.unwrap() {
            let failure = Failure { error: "never", cause: Cause::Hopeless, jitter: 0.5 };
            job::fail(&database.store, &held, &failure, make::NOW).await.unwrap();
        }
        assert_eq!((unfinished().await, panel::early(&database.store, workspace).await.unwrap()), (1, vec![tickets[0]]));
        let made = PreparedPanel { ticket: tickets[0], made_at: make::NOW, json: "{}".to_owned(), inbox: InboxColumns::default() };
        let mut tx = database.begin().await;
        panel::save(&mut tx, workspace, &made).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!((unfinished().await, panel::early(&database.store, workspace).await.unwrap()), (0, vec![]));
    })
    .await;
}
