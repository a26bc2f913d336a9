//! A file on its way in: hashed, counted and written, and gone again unless it is kept.

use std::path::{Path, PathBuf};

use fs_err::tokio as fs;
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;

use super::BlobError;
use crate::domain::attachment::ContentHash;

/// So much of a file's start is remembered, for telling what it is.
const HEAD_BYTES: usize = 64 << 10;

/// A file that is being written; dropping it removes it.
#[derive(Debug)]
pub struct Incoming {
    file: fs::File,
    draft: Draft,
    hash: Sha256,
    size_bytes: u64,
    limit_bytes: u64,
    head: Vec<u8>,
}

/// A whole file that is durable and has no name of its own yet; dropping it removes it.
#[derive(Debug)]
pub struct Sealed {
    draft: Draft,
    hash: ContentHash,
    size_bytes: u64,
    head: Vec<u8>,
}

/// A file that goes with this value.
#[derive(Debug)]
struct Draft(PathBuf);

impl Drop for Draft {
    fn drop(&mut self) {
        if let Err(error) = fs_err::remove_file(&self.0) {
            tracing::warn!(problem.causes = %error, "the draft of a file stays until the next sweep");
        }
    }
}

impl Incoming {
    pub(super) async fn begin(folder: &Path, limit_bytes: u64) -> Result<Self, BlobError> {
        let path = folder.join(format!("{:032x}", rand::random::<u128>()));
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        options.mode(0o600);
        let file = options.open(&path).await.map_err(|source| BlobError::Disk { tried: "begin a file", source })?;
        Ok(Self { file, draft: Draft(path), hash: Sha256::new(), size_bytes: 0, limit_bytes, head: Vec::new() })
    }

    /// Writes the next piece.
    ///
    /// # Errors
    /// [`BlobError::TooLarge`] as soon as the limit is passed: whoever sends need not be heard to the end.
    pub async fn write(&mut self, piece: &[u8]) -> Result<(), BlobError> {
        self.size_bytes = self.size_bytes.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        if self.size_bytes > self.limit_bytes {
            return Err(BlobError::TooLarge { limit_bytes: self.limit_bytes });
        }
        let left = HEAD_BYTES - self.head.len();
        self.head.extend_from_slice(&piece[..piece.len().min(left)]);
        self.hash.update(piece);
        self.file.write_all(piece).await.map_err(|source| BlobError::Disk { tried: "write a file", source })
    }

    /// Makes the file durable and tells its hash.
    pub async fn seal(mut self) -> Result<Sealed, BlobError> {
        let durable = async {
            self.file.flush().await?;
            self.file.sync_all().await
        };
        durable.await.map_err(|source| BlobError::Disk { tried: "make a file durable", source })?;
        let Self { file: _, draft, hash, size_bytes, limit_bytes: _, head } = self;
        let hash = hex::encode(hash.finalize()).parse().expect("a sha256 has 64 hexadecimal digits: this is a bug");
        Ok(Sealed { draft, hash, size_bytes, head })
    }
}

impl Sealed {
    /// The sha256 of its bytes.
    #[must_use]
    pub const fn hash(&self) -> &ContentHash {
        &self.hash
    }

    /// How many bytes it has.
    #[must_use]
    pub const fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Its first 64 KiB.
    #[must_use]
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    pub(super) fn path(&self) -> &Path {
        &self.draft.0
    }
}
