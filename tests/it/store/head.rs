//! Versions of heads, and the revision of labels.

use backchannel::domain::head::HeadMetrics;
use backchannel::domain::id::WorkspaceId;
use backchannel::domain::label::Label;
use backchannel::domain::triage::Correction;
use backchannel::domain::vocabulary::{HeadPart, Sentiment};
use backchannel::store::head::{self, NewHeads};
use backchannel::store::{Store, correction, label, ticket};

use crate::support::database::each;
use crate::support::make;

async fn keep(store: &Store, workspace: WorkspaceId, made_from: &str) -> i64 {
    let metrics = [HeadMetrics {
        part: HeadPart::Intent,
        classes: 3,
        examples: 40,
        judged: 30,
        accuracy: Some(0.9),
        macro_f1: Some(0.88),
        ece: None,
        calibration: Some("temperature".to_owned()),
        cost: 10.0,
        words: 0.7,
    }];
    let new = NewHeads {
        workspace,
        made_from,
        encoder: "e1",
        playbook: "p1",
        data_hash: "d1",
        examples: 40,
        seconds: 1.25,
        metrics: &metrics,
        bytes: &[0, 1, 255, made_from.len().try_into().unwrap()],
        created_by: "user:una",
        created_at: make::NOW,
    };
    let mut tx = store.begin().await.unwrap();
    let version = head::insert(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    version
}

#[tokio::test]
async fn a_version_keeps_its_bytes_its_metrics_and_what_it_was_made_from() {
    each(async |database| {
        let (store, workspace) = (&database.store, make::kept_workspace(&database.store).await);
        assert_eq!(head::state(store, workspace).await.unwrap().newest, None);
        assert_eq!((keep(store, workspace, "a").await, keep(store, workspace, "bb").await), (1, 2));
        assert_eq!(head::bytes(store, workspace, 2).await.unwrap().unwrap(), [0, 1, 255, 2]);
        assert_eq!(head::bytes(store, workspace, 3).await.unwrap(), None);
        assert_eq!(head::made_from(store, workspace, "a").await.unwrap(), Some(1));
        assert_eq!(head::made_from(store, workspace, "c").await.unwrap(), None);
        let versions = head::list(store, workspace).await.unwrap();
        assert_eq!(versions.iter().map(|version| (version.n, version.held)).collect::<Vec<_>>(), [(2, false), (1, false)]);
        let first = &versions[1];
        assert_eq!((first.examples, first.seconds.to_bits(), first.created_by.as_str()), (40, 1.25_f64.to_bits(), "user:una"));
        assert_eq!((first.metrics[0].part, first.metrics[0].accuracy, first.metrics[0].ece), (HeadPart::Intent, Some(0.9), None));
    })
    .await;
}

#[tokio::test]
async fn a_held_version_outlives_the_newer_ones_that_push_others_out() {
    each(async |database| {
        let (store, workspace) = (&database.store, make::kept_workspace(&database.store).await);
        keep(store, workspace, "first").await;
        let mut tx = store.begin().await.unwrap();
        assert!(head::hold(&mut tx, workspace, 1, "user:una", make::NOW).await.unwrap());
        assert!(!head::hold(&mut tx, workspace, 9, "user:una", make::NOW).await.unwrap(), "there is no ninth");
        tx.commit().await.unwrap();
        for _ in 0..14 {
            keep(store, workspace, "later").await;
        }
        let kept: Vec<(i64, bool)> = head::list(store, workspace).await.unwrap().iter().map(|version| (version.n, version.held)).collect();
        assert_eq!((kept.len(), kept[0], kept[kept.len() - 1]), (7, (15, false), (1, true)));
        let state = head::state(store, workspace).await.unwrap();
        assert_eq!((state.newest, state.held), (Some(15), Some(1)));
        let mut tx = store.begin().await.unwrap();
        assert!(head::let_go(&mut tx, workspace).await.unwrap());
        assert!(!head::let_go(&mut tx, workspace).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(head::state(store, workspace).await.unwrap().held, None);
    })
    .await;
}

#[tokio::test]
async fn the_revision_of_labels_is_another_one_after_each_change_and_after_nothing_else() {
    each(async |database| {
        let (store, workspace) = (&database.store, make::kept_workspace(&database.store).await);
        let kept = make::kept_ticket(store, workspace).await;
        let revision = async || head::state(store, workspace).await.unwrap().labels;
        assert_eq!(revision().await, "");
        let mut said = Label { sentiment: Some(Sentiment::Negative), ..Label::blank(kept.id) };
        let save = async |label: &Label| {
            let mut tx = store.begin().await.unwrap();
            label::save(&mut tx, workspace, label).await.unwrap();
            tx.commit().await.unwrap();
            revision().await
        };
        let first = save(&said).await;
        assert_ne!(first, "");
        assert_eq!(save(&said).await, first, "the same label again");
        said.intents = Some(vec!["refund".parse().unwrap()]);
        let second = save(&said).await;
        assert_ne!(second, first);
        let mut tx = store.begin().await.unwrap();
        let group = Some("billing".parse().unwrap());
        let corrected = Correction { matter: None, group, by: "Una".to_owned(), at: make::NOW };
        correction::save(&mut tx, workspace, kept.id, &corrected).await.unwrap();
        tx.commit().await.unwrap();
        let third = revision().await;
        assert_ne!(third, second);
        let mut tx = store.begin().await.unwrap();
        assert!(correction::remove(&mut tx, workspace, kept.id).await.unwrap());
        tx.commit().await.unwrap();
        let fourth = revision().await;
        assert_ne!(fourth, third);
        let mut tx = store.begin().await.unwrap();
        assert!(ticket::remove(&mut tx, workspace, kept.id).await.unwrap());
        tx.commit().await.unwrap();
        assert_ne!(revision().await, fourth, "its label went with it");
    })
    .await;
}
