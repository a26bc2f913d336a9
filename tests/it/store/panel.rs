use std::collections::BTreeMap;

use backchannel::domain::audience::Audience;
use backchannel::domain::id::TicketId;
use backchannel::domain::job::{JobKind, NewJob};
use backchannel::domain::time::Timestamp;
use backchannel::store::job::{self, Cause, Failure};
use backchannel::store::panel::{self, InboxColumns, PreparedPanel};
use backchannel::store::playbook::{self, NewVersion};
use backchannel::store::{document, knowledge, pending};

use crate::support::database::{Database, each};
use crate::support::make;

fn made(ticket: TicketId, made_at: Timestamp, knowledge: &str) -> PreparedPanel {
    PreparedPanel {
        ticket,
        made_at,
        knowledge: knowledge.to_owned(),
        json: "{}".to_owned(),
        inbox: InboxColumns::default(),
        is_answered: None,
    }
}

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
            panel::save(&mut tx, workspace, &made(ticket, make::NOW, "")).await.unwrap();
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
        let mut tx = database.begin().await;
        panel::save(&mut tx, workspace, &made(tickets[0], make::NOW, "")).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!((unfinished().await, panel::early(&database.store, workspace).await.unwrap()), (0, vec![]));
    })
    .await;
}

#[tokio::test]
async fn a_panel_is_behind_once_something_else_is_known_and_can_be_found_whatever_ids_and_moments_say() {
    each(async |database| {
        let Database { store, .. } = database;
        let workspace = make::kept_workspace(store).await;
        let ticket = make::kept_ticket(store, workspace).await.id;
        let is_behind = async || panel::is_behind(store, workspace, ticket).await.unwrap();
        let keep = async |early: bool| {
            // Later than whatever comes: what commits late may have an early id and an early moment.
            let panel = made(ticket, make::NOW.plus_seconds(3600), &knowledge::revision(store, workspace).await.unwrap());
            let mut tx = database.begin().await;
            panel::save(&mut tx, workspace, &panel).await.unwrap();
            if early {
                panel::mark_early(&mut tx, workspace, ticket).await.unwrap();
            }
            tx.commit().await.unwrap();
        };
        keep(false).await;
        assert!(!is_behind().await);

        let article = make::document(workspace, "a.md", Audience::Public);
        let mut tx = database.begin().await;
        let _ = document::replace(&mut tx, &article, &[make::passage(article.id, 0)]).await.unwrap();
        tx.commit().await.unwrap();
        assert!(!is_behind().await, "a panel made while the article is pending would be behind at once");
        let lease = make::index_lease(store, workspace).await;
        let rows = pending::pending(store, workspace, 9).await.unwrap();
        let mut tx = database.begin().await;
        pending::clear_pending(&mut tx, &lease, &rows).await.unwrap();
        tx.commit().await.unwrap();
        assert!(is_behind().await);

        keep(false).await;
        assert!(!is_behind().await);
        let mut tx = database.begin().await;
        let _ = document::replace(&mut tx, &article, &[make::passage(article.id, 0)]).await.unwrap();
        tx.commit().await.unwrap();
        assert!(!is_behind().await, "the same article again is nothing else");
        let mut tx = database.begin().await;
        assert!(document::remove(&mut tx, workspace, article.id).await.unwrap());
        tx.commit().await.unwrap();
        assert!(is_behind().await);

        keep(true).await;
        let files = BTreeMap::new();
        let version = NewVersion { workspace, hash: "h", files: &files, created_by: "user:1", created_at: make::NOW };
        let mut tx = database.begin().await;
        let n = playbook::insert(&mut tx, &version).await.unwrap();
        assert!(playbook::promote(&mut tx, workspace, n, make::NOW).await.unwrap());
        tx.commit().await.unwrap();
        assert!(!is_behind().await, "an early panel is made again anyway");
        let mut tx = database.begin().await;
        panel::save(&mut tx, workspace, &made(ticket, make::NOW.plus_seconds(3600), "older")).await.unwrap();
        tx.commit().await.unwrap();
        assert!(is_behind().await);
    })
    .await;
}
