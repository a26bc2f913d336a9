//! `ingest` beside a server that no longer does its part.

use std::process::Output;

use backchannel::store::Store;
use rustix::process::Signal;
use tokio::process::Child;
use tokio::time::timeout;

use crate::site::{LONGEST, Serving, Site, said};
use crate::support::database::{Database, each};

const DOCUMENTS: i64 = 40;

/// An installation with documents to take in, and a server that does not move any more.
async fn stalled(database: &Database) -> (Site, Store, Serving) {
    database.store.close().await;
    let site = Site::set_up(database.folder(), database.options.clone()).await;
    for number in 0..DOCUMENTS {
        site.write(&format!("{number}.md"), format!("# Lamp {number}\n\nLamp {number} is mended with a screwdriver.\n"));
    }
    let serving = site.serve().await;
    let store = site.store().await;
    site.until(&store, "nothing is left to do", |counts, pending| counts.ready + counts.running + pending == 0).await;
    loop {
        serving.signal(Signal::STOP);
        // Stopped in the middle of a transaction, it would keep everybody out of SQLite.
        if let Ok(tx) = store.begin().await {
            tx.rollback().await.unwrap();
            return (site, store, serving);
        }
        serving.signal(Signal::CONT);
    }
}

/// An `ingest` that has written everything and waits for the server.
async fn waiting(site: &Site, store: &Store) -> Child {
    let documents = site.documents();
    let child = site.command(&["ingest", documents.to_str().unwrap()]).spawn().unwrap();
    site.until(store, "all documents are taken in", |_, pending| pending >= DOCUMENTS).await;
    child
}

async fn ended(child: Child) -> Output {
    timeout(LONGEST, child.wait_with_output()).await.expect("`ingest` ends").unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_server_dies_ingest_says_so_and_indexes_by_itself() {
    each(async |database| {
        let (site, store, serving) = stalled(database).await;
        let child = waiting(&site, &store).await;
        serving.signal(Signal::KILL);
        let output = ended(child).await;
        let text = said(&output);
        assert!(output.status.success() && text.contains("is gone: indexing goes on here"), "{text}");
        assert!(text.contains(&format!("{DOCUMENTS} new, 0 changed, 0 unchanged, 0 refused; {DOCUMENTS} indexed")), "{text}");
        store.close().await;
        let inside = site.look().await;
        inside.assert_indexed().await;
        inside.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_no_job_is_left_to_index_what_was_taken_in_ingest_says_so_and_ends() {
    each(async |database| {
        let (site, store, serving) = stalled(database).await;
        let child = waiting(&site, &store).await;
        database.tamper("DELETE FROM jobs").await;
        let output = ended(child).await;
        let text = said(&output);
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(text.contains(&format!("{DOCUMENTS} rows are safe in the database")) && text.contains("`backchannel jobs list`"), "{text}");
        store.close().await;
        serving.signal(Signal::CONT);
        serving.stop().await;
        site.drain().await;
        let inside = site.look().await;
        inside.assert_indexed().await;
        inside.close().await;
    })
    .await;
}
