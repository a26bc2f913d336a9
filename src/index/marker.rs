//! The note beside each stored index that says which encoder it was made for.

use std::io;
use std::path::Path;

use fs_err as fs;
use serde::{Deserialize, Serialize};

use crate::index::error::IndexError;

/// The file's name.
const FILE: &str = "revision.json";

/// The layout of points and the making of BM25 vectors: raised whenever either changes, so that old folders are rebuilt.
const SCHEMA: u32 = 1;

/// What a stored index was made for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Marker {
    encoder: String,
    dimensions: usize,
    /// [`SCHEMA`] at that time.
    schema: u32,
}

impl Marker {
    /// What an index of this encoder says.
    pub(super) fn new(encoder: &str, dimensions: usize) -> Self {
        Self { encoder: encoder.to_owned(), dimensions, schema: SCHEMA }
    }

    /// The encoder revision.
    pub(super) fn encoder(&self) -> &str {
        &self.encoder
    }

    /// The length of its vectors.
    pub(super) const fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// A name for this marker, good for folders and collections: the readable part of the revision and a sum of the whole marker.
    pub(super) fn slug(&self) -> String {
        let readable: String = self
            .encoder
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || c == '.' { c.to_ascii_lowercase() } else { '-' })
            .skip_while(|c| !c.is_ascii_alphanumeric())
            .take(48)
            .collect();
        let sum = crc32fast::hash(self.describe().as_bytes());
        format!("{readable}-{sum:08x}")
    }

    fn describe(&self) -> String {
        let Self { encoder, dimensions, schema } = self;
        format!("encoder `{encoder}` with {dimensions} dimensions, layout {schema}")
    }

    /// Refuses anything that was made for another encoder.
    pub(super) fn check(&self, found: &Self) -> Result<(), IndexError> {
        if found == self { Ok(()) } else { Err(IndexError::Mismatch { found: found.describe(), expected: self.describe() }) }
    }

    /// Whether a folder has lost its note; not when that cannot be told.
    pub(super) fn is_gone_from(folder: &Path) -> bool {
        matches!(folder.join(FILE).try_exists(), Ok(false))
    }

    /// Reads the note of a folder and refuses what was made for another encoder.
    pub(super) fn check_folder(&self, folder: &Path) -> Result<(), IndexError> {
        let corrupt = |source| IndexError::Corrupt { doing: "read what the index was made for", source };
        let bytes = fs::read(folder.join(FILE)).map_err(|error| corrupt(error.into()))?;
        let found = serde_json::from_slice(&bytes).map_err(|error| corrupt(error.into()))?;
        self.check(&found)
    }

    /// Writes the note into a folder, whole or not at all.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        let draft = folder.join("revision.json.new");
        let file = fs::File::create(&draft)?;
        serde_json::to_writer_pretty(&file, self)?;
        file.sync_all()?;
        fs::rename(&draft, folder.join(FILE))?;
        fs::File::open(folder)?.sync_all()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_readable_and_tells_revisions_apart() {
        let slug = Marker::new("sentence-transformers/all-MiniLM-L6-v2@c9745ed1", 384).slug();
        assert!(slug.starts_with("sentence-transformers-all-minilm-l6-v2-c9745ed1"), "{slug}");
        assert_ne!(Marker::new("a/b", 384).slug(), Marker::new("a-b", 384).slug());
        assert_ne!(Marker::new("a", 384).slug(), Marker::new("a", 768).slug());
        assert!(!Marker::new("../..", 1).slug().contains('/'));
    }

    #[test]
    fn a_folder_of_another_encoder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        Marker::new("one", 4).write(folder.path()).unwrap();
        assert!(Marker::new("one", 4).check_folder(folder.path()).is_ok());
        let error = Marker::new("two", 4).check_folder(folder.path()).unwrap_err();
        assert!(matches!(error, IndexError::Mismatch { .. }));
        assert!(error.to_string().contains("`backchannel reindex`"), "{error}");
    }
}
