//! A server that is asked to stop while it works.

use backchannel::domain::audience::Audience;
use backchannel::domain::intake::NewDocument;
use backchannel::store::job;
use backchannel::store::job::JobCounts;

use crate::site::{Inside, Site};
use crate::support::database::each;

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
