//! Clearing up after files that nobody needs, as the one who keeps their bytes may not know it: see invariant 12.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::App;
use crate::app::error::Error;
use crate::blobs::{BlobError, LeftBehind};
use crate::domain::attachment::ContentHash;
use crate::domain::id::WorkspaceId;
use crate::domain::time::Timestamp;
use crate::store;

/// What nobody has sent after so long is forgotten.
const UNSENT_SECONDS: i64 = 24 * 3600;
/// A file that the database does not know is kept aside for a week: the database may be an older one that was put back, or a wrong one.
const KEPT_ASIDE_SECONDS: i64 = 7 * 24 * 3600;
/// So many files are asked for at once.
const FILES_AT_ONCE: usize = 256;

impl App {
    /// Forgets what was uploaded a day ago and never sent; tidying finds its bytes, as a newer database may say that it was sent. Due once
    /// an hour.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn forget_unsent(&self) -> Result<(), Error> {
        let mut tx = self.store().begin().await?;
        store::attachment::sweep(&mut tx, self.now().plus_seconds(-UNSENT_SECONDS)).await?;
        Ok(tx.commit().await?)
    }

    /// Compares the files on the disk with the database: what it needs is put back where it was set aside, what it does not need is set
    /// aside, and removed after a week. Files of workspaces that it does not know are left as they are. Due once a day.
    ///
    /// # Errors
    /// Whatever the store says, or the disk where no file can be looked for; what the disk says of one file is logged.
    pub async fn tidy_attachments(&self) -> Result<(), Error> {
        let now = self.now();
        let mut left: BTreeMap<WorkspaceId, Vec<LeftBehind>> = BTreeMap::new();
        for file in self.blobs().left_behind(now).await? {
            left.entry(file.workspace).or_default().push(file);
        }
        // Asked after the files were looked for: a workspace whose first file came meanwhile is known by now.
        let known: BTreeSet<WorkspaceId> = store::workspace::list(self.store()).await?.into_iter().map(|workspace| workspace.id).collect();
        for (workspace, files) in left {
            if !known.contains(&workspace) {
                tracing::warn!(
                    workspace.id = %workspace,
                    files.count = files.len(),
                    "attachments of a workspace that the database does not know stay as they are: check `database.url` and `attachments.dir`, \
                     or remove the workspace's folder"
                );
                continue;
            }
            for files in files.chunks(FILES_AT_ONCE) {
                self.tidy(workspace, files, now).await?;
            }
        }
        Ok(())
    }

    /// Does with each of some files of a workspace what is right by the database.
    async fn tidy(&self, workspace: WorkspaceId, files: &[LeftBehind], now: Timestamp) -> Result<(), Error> {
        let hashes: Vec<ContentHash> = files.iter().map(|file| file.hash.clone()).collect();
        let needed = store::attachment::kept_among(self.store(), workspace, &hashes).await?;
        let mut moved = Vec::new();
        for LeftBehind { workspace: _, hash, aside } in files {
            match (needed.contains(hash), aside) {
                (true, Some(aside)) => {
                    told(self.blobs().restore(workspace, hash, aside).await);
                }
                (false, None) => {
                    // One that is gone was set aside by somebody else, who looks after it.
                    let aside = told(self.blobs().set_aside(workspace, hash, now).await).flatten();
                    moved.extend(aside.map(|aside| (hash.clone(), aside)));
                }
                (false, Some(aside)) if now.seconds_since(aside.since()) >= KEPT_ASIDE_SECONDS => {
                    told(self.blobs().drop_aside(aside).await);
                }
                (true, None) | (false, Some(_)) => {}
            }
        }
        // Somebody may have kept the same bytes meanwhile.
        let hashes: Vec<ContentHash> = moved.iter().map(|(hash, _)| hash.clone()).collect();
        let needed = store::attachment::kept_among(self.store(), workspace, &hashes).await?;
        for (hash, aside) in moved.iter().filter(|(hash, _)| needed.contains(hash)) {
            told(self.blobs().restore(workspace, hash, aside).await);
        }
        Ok(())
    }

    /// Removes the file of an attachment that somebody has just removed, unless another one has its bytes; see
    /// [`Blobs::set_aside`](crate::blobs::Blobs::set_aside) for why in this order. Where the disk refuses, tidying finds it again.
    pub(super) async fn discard(&self, workspace: WorkspaceId, hash: &ContentHash) -> Result<(), Error> {
        let one = std::slice::from_ref(hash);
        if !store::attachment::kept_among(self.store(), workspace, one).await?.is_empty() {
            return Ok(());
        }
        // One that is gone was set aside by somebody else, who looks after it.
        let Some(aside) = told(self.blobs().set_aside(workspace, hash, self.now()).await).flatten() else { return Ok(()) };
        if store::attachment::kept_among(self.store(), workspace, one).await?.is_empty() {
            told(self.blobs().drop_aside(&aside).await);
        } else {
            told(self.blobs().restore(workspace, hash, &aside).await);
        }
        Ok(())
    }
}

/// One file that cannot be moved or removed keeps nobody from the others.
fn told<T>(done: Result<T, BlobError>) -> Option<T> {
    let told = |error: &BlobError| {
        tracing::warn!(problem.causes = error as &dyn std::error::Error, "a file that nobody may need is left for the next tidying");
    };
    done.inspect_err(told).ok()
}
