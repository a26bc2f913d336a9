//! A server that is asked to stop while it works.

use std::collections::BTreeSet;
use std::time::Duration;

use backchannel::domain::audience::Audience;
use backchannel::domain::intake::NewDocument;
use backchannel::domain::job::JobState;
use backchannel::domain::vocabulary::Role;
use backchannel::store::job;
use backchannel::store::job::JobCounts;
use rustix::process::Signal;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::site::{Inside, Site};
use crate::support::database::each;
use crate::support::make;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_stopped_at_work_leaves_no_job_running() {
    each(async |database| {
        database.store.close().await;
        let site = Site::set_up(database.folder(), database.options.clone()).await;
        let inside = site.look().await;
        for number in 0..300 {
            put(&inside, number).await;
        }
        let workspace = inside.actor.workspace;
        inside.close().await;

        let serving = site.serve().await;
        let store = site.store().await;
        site.until(&store, "a job runs or all are done", |counts, pending| counts.running > 0 || counts.ready + pending == 0).await;
        serving.stop().await;
        let counts = job::counts(&store, workspace).await.unwrap();
        assert_eq!((counts.running, counts.dead), (0, 0), "{counts:?}");
        store.close().await;

        site.drain().await;
        let inside = site.look().await;
        inside.assert_indexed().await;
        assert_eq!(job::counts(&inside.store, workspace).await.unwrap(), JobCounts::default());
        inside.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_asked_to_stop_begins_no_job_while_calls_finish() {
    const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";
    each(async |database| {
        database.store.close().await;
        let site = Site::set_up(database.folder(), database.options.clone()).await;
        let inside = site.look().await;
        let (_, secret) = inside.app.create_token(&inside.actor, "a call", Role::Admin, BTreeSet::new()).await.unwrap();
        let workspace = inside.actor.workspace;
        inside.close().await;

        let serving = site.serve_with(&[("BACKCHANNEL__SERVER__DRAIN_SECONDS", "4")]).await;
        let store = site.store().await;
        site.until(&store, "nothing is left to do", |counts, pending| counts.ready + counts.running + pending == 0).await;
        // A call that never ends: it is under way once the server asks for its body.
        let mut call = TcpStream::connect(&serving.address).await.unwrap();
        let head = format!(
            "POST /v1/tickets HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
             content-length: 100\r\nexpect: 100-continue\r\n\r\n",
            serving.address,
            secret.expose()
        );
        call.write_all(head.as_bytes()).await.unwrap();
        let mut answer = [0; CONTINUE.len()];
        call.read_exact(&mut answer).await.unwrap();
        assert_eq!(answer, CONTINUE);

        serving.signal(Signal::TERM);
        while TcpStream::connect(&serving.address).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // The workers look for jobs every second, and the call is cut after four.
        let mut tx = store.begin().await.unwrap();
        job::enqueue(&mut tx, &make::job(workspace, 1));
        tx.commit().await.unwrap();
        serving.ended().await;
        let left = job::list(&store, workspace, None, 9).await.unwrap();
        assert_eq!(left.iter().map(|job| (job.state, job.attempts)).collect::<Vec<_>>(), [(JobState::Ready, 0)]);
        drop(call);
        store.close().await;
    })
    .await;
}

async fn put(inside: &Inside, number: usize) {
    let document = NewDocument {
        external_id: format!("kb-{number}"),
        title: None,
        file_name: format!("{number}.md"),
        bytes: format!("# Lamp {number}\n\nLamp {number} is mended with a screwdriver and some patience.\n").into_bytes(),
        language: None,
        audience: Audience::Public,
        updated_at: None,
    };
    inside.app.put_document(&inside.actor, document).await.unwrap();
}
