//! A server that is killed while a file comes in.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use backchannel::app::StoredFile;
use backchannel::domain::id::{AttachmentId, WorkspaceId};
use backchannel::domain::user::Actor;
use backchannel::domain::vocabulary::Role;
use rustix::process::Signal;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::site::{Inside, Site};
use crate::support::database::each;

const BYTES: usize = 1 << 20;

/// How many files stand under their final names, and how many are on their way.
fn files(data: &Path, workspace: WorkspaceId) -> (usize, usize) {
    let count = |folder: &Path| {
        let entries = walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok);
        entries.filter(|entry| entry.file_type().is_file()).count()
    };
    let folder = data.join("attachments");
    (count(&folder.join(workspace.to_string())), count(&folder.join("incoming")))
}

async fn begin(address: &str, token: &str) -> TcpStream {
    let mut call = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /v1/attachments?name=half.txt HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
         content-type: text/plain\r\ncontent-length: {BYTES}\r\nconnection: close\r\n\r\n"
    );
    call.write_all(head.as_bytes()).await.unwrap();
    call.write_all(&vec![b'a'; BYTES / 2]).await.unwrap();
    call.flush().await.unwrap();
    call
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_cut_off_by_a_kill_is_never_seen_and_one_that_was_acknowledged_is_whole() {
    each(async |database| {
        database.store.close().await;
        let data = database.folder();
        let site = Site::set_up(data, database.options.clone()).await;
        let inside = site.look().await;
        let (token, secret) = inside.app.create_token(&inside.actor, "uploads", Role::Agent, BTreeSet::new()).await.unwrap();
        let workspace = inside.actor.workspace;
        let uploader = Actor { name: format!("token:{}", token.id), ..inside.actor.clone() };
        inside.close().await;

        let serving = site.serve().await;
        let half = begin(&serving.address, secret.expose()).await;
        // Half of it is on the disk.
        while files(data, workspace).1 == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        serving.signal(Signal::KILL);
        drop((half, serving));
        assert_eq!(files(data, workspace).0, 0, "nothing half stands under a name");

        let serving = site.serve().await;
        let mut call = begin(&serving.address, secret.expose()).await;
        call.write_all(&vec![b'a'; BYTES / 2]).await.unwrap();
        let mut answer = String::new();
        call.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
        serving.signal(Signal::KILL);
        drop(serving);
        let id = answer.split("\"id\":\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap();
        let inside = site.look().await;
        assert_eq!(read(&inside, &uploader, id).await, BYTES);
        assert_eq!(files(data, workspace).0, 1);
        inside.close().await;
    })
    .await;
}

async fn read(inside: &Inside, actor: &Actor, id: AttachmentId) -> usize {
    let StoredFile { attachment, mut file, .. } = inside.app.attachment_file(actor, id).await.unwrap();
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).await.unwrap();
    assert_eq!(usize::try_from(attachment.size_bytes).unwrap(), bytes.len());
    bytes.len()
}
