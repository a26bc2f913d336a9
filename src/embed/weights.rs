//! A file of weights, mapped into memory: what is never asked for is never read.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use backchannel_kernels::add_stored;
use half::{bf16, f16};
use memmap2::Mmap;
use safetensors::tensor::Metadata;
use safetensors::{Dtype, SafeTensors};

use crate::embed::error::EmbedError;
use crate::embed::manifest::WEIGHTS_FILE;

/// What frameworks put before the name of every weight of an encoder.
pub(super) const PREFIXES: [&str; 4] = ["", "bert.", "roberta.", "model."];
pub(super) const WORDS: &str = "embeddings.word_embeddings.weight";

/// The weights of a model by their names.
pub(super) struct Weights {
    map: Arc<Mmap>,
    metadata: Metadata,
    /// Where the numbers begin.
    start: usize,
    prefix: &'static str,
}

/// Rows that stay in the file and are read one by one, `[rows, width]`.
#[derive(Debug)]
pub(super) struct Table {
    map: Arc<Mmap>,
    bytes: Range<usize>,
    number: Number,
    width: usize,
}

/// How a number is stored.
#[derive(Debug, Clone, Copy)]
enum Number {
    F32,
    F16,
    Bf16,
}

impl Weights {
    /// Maps a file.
    ///
    /// # Errors
    /// It cannot be read, is not in the safetensors format, or has no embeddings of words.
    pub(super) fn open(folder: &Path) -> Result<Self, EmbedError> {
        let file = fs_err::File::open(folder.join(WEIGHTS_FILE)).map_err(|error| EmbedError::open(WEIGHTS_FILE, error))?;
        // SAFETY: the file must not change while it is mapped. Model files are put into the cache whole, by renaming, and never written
        // again; whoever writes to one by hand may as well write to the program.
        #[expect(unsafe_code, reason = "mapping a file cannot be done without")]
        let map = unsafe { Mmap::map(file.file()) }.map_err(|error| EmbedError::open(WEIGHTS_FILE, error))?;
        let (header, metadata) = SafeTensors::read_metadata(&map).map_err(|error| EmbedError::open(WEIGHTS_FILE, error))?;
        let start = header + size_of::<u64>();
        let prefix = PREFIXES.into_iter().find(|prefix| metadata.info(&format!("{prefix}{WORDS}")).is_some());
        let prefix = prefix.ok_or_else(|| EmbedError::Mismatch(format!("`{WEIGHTS_FILE}` has no `{WORDS}`")))?;
        Ok(Self { map: Arc::new(map), metadata, start, prefix })
    }

    /// The numbers of a weight that must have this shape.
    ///
    /// # Errors
    /// There is none of that name, or it has another shape or kind of numbers.
    pub(super) fn numbers(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, EmbedError> {
        let (number, found, bytes) = self.find(name)?;
        if found != shape {
            return Err(EmbedError::Mismatch(format!("`{name}` has the shape {found:?} instead of {shape:?}")));
        }
        Ok(number.read(&self.map[bytes]).collect())
    }

    /// Gain and bias of a norm; old files call them gamma and beta.
    ///
    /// # Errors
    /// As [`Weights::numbers`].
    pub(super) fn norm(&self, name: &str, width: usize) -> Result<[Vec<f32>; 2], EmbedError> {
        let old = self.metadata.info(&format!("{}{name}.gamma", self.prefix)).is_some();
        let [gain, bias] = if old { ["gamma", "beta"] } else { ["weight", "bias"] };
        Ok([self.numbers(&format!("{name}.{gain}"), &[width])?, self.numbers(&format!("{name}.{bias}"), &[width])?])
    }

    /// A table of rows of this width.
    ///
    /// # Errors
    /// As [`Weights::numbers`].
    pub(super) fn table(&self, name: &str, width: usize) -> Result<Table, EmbedError> {
        let (number, found, bytes) = self.find(name)?;
        match found {
            [rows, columns] if *columns == width && *rows > 0 => Ok(Table { map: self.map.clone(), bytes, number, width }),
            _ => Err(EmbedError::Mismatch(format!("`{name}` has the shape {found:?} instead of rows of {width}"))),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "every other kind of number is refused alike")]
    fn find(&self, name: &str) -> Result<(Number, &[usize], Range<usize>), EmbedError> {
        let info = self.metadata.info(&format!("{}{name}", self.prefix));
        let info = info.ok_or_else(|| EmbedError::Mismatch(format!("`{WEIGHTS_FILE}` has no `{name}`")))?;
        let number = match info.dtype {
            Dtype::F32 => Number::F32,
            Dtype::F16 => Number::F16,
            Dtype::BF16 => Number::Bf16,
            other => return Err(EmbedError::Mismatch(format!("`{name}` has numbers of the kind {other:?}"))),
        };
        let (from, to) = info.data_offsets;
        Ok((number, &info.shape, self.start + from..self.start + to))
    }
}

impl Table {
    /// How many rows there are.
    pub(super) fn rows(&self) -> usize {
        self.bytes.len() / (self.width * self.number.size())
    }

    /// Whether every number of it is one.
    pub(super) fn is_finite(&self) -> bool {
        self.number.read(&self.map[self.bytes.clone()]).all(f32::is_finite)
    }

    /// Whether every number of a row is one; so is a row that there is not.
    pub(super) fn is_row_finite(&self, row: usize) -> bool {
        let size = self.width * self.number.size();
        let bytes = self.map[self.bytes.clone()].get(row * size..(row + 1) * size).unwrap_or_default();
        self.number.read(bytes).all(f32::is_finite)
    }

    /// Adds a row to numbers; `None` when there is no such row.
    pub(super) fn add(&self, row: usize, to: &mut [f32]) -> Option<()> {
        let size = self.width * self.number.size();
        let bytes = self.map[self.bytes.clone()].get(row * size..(row + 1) * size)?;
        match self.number {
            Number::F32 => add_stored(bytes, to),
            Number::F16 | Number::Bf16 => to.iter_mut().zip(self.number.read(bytes)).for_each(|(to, number)| *to += number),
        }
        Some(())
    }
}

impl Number {
    const fn size(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::Bf16 => 2,
        }
    }

    fn read(self, bytes: &[u8]) -> impl Iterator<Item = f32> {
        let size = self.size();
        bytes.chunks_exact(size).map(move |bytes| match self {
            Self::F32 => f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]),
            Self::F16 => f16::from_le_bytes([bytes[0], bytes[1]]).to_f32(),
            Self::Bf16 => bf16::from_le_bytes([bytes[0], bytes[1]]).to_f32(),
        })
    }
}
