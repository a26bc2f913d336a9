//! Files from outside: their text is taken out, the risky formats in a child process that may die without harm.
//!
//! Holds the child's entry, the parent's side and the few lines that they speak with each other. Knows nothing of where files come from
//! or go to. `app` calls [`extract_any`]; `cli` calls [`run_child`] for the hidden sub-command `extract-child`.

mod child;
mod parent;
mod protocol;

use std::path::Path;

use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

pub use self::child::run_child;
pub use self::parent::extract_in_child;
use crate::text::extract::{ExtractError, Extracted, Format, Limits, extract};

/// What the extraction child may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// How long the child may run by the clock on the wall, in seconds.
    pub timeout_seconds: u64,
    /// How long the child may compute, in seconds.
    pub cpu_seconds: u64,
    /// How much address space the child may use, in bytes.
    pub memory_bytes: u64,
    /// How much the child may answer, in bytes.
    pub output_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { timeout_seconds: 60, cpu_seconds: 30, memory_bytes: 2 << 30, output_bytes: 32 << 20 }
    }
}

/// The places for children: as many run at once, the others wait. Each may take its whole memory, and a core.
#[derive(Debug)]
pub struct Places(Semaphore);

impl Places {
    /// So many places; at least one.
    #[must_use]
    pub fn new(places: usize) -> Self {
        Self(Semaphore::new(places.max(1)))
    }
}

impl Default for Places {
    /// One for each core.
    fn default() -> Self {
        Self::new(std::thread::available_parallelism().map_or(1, std::num::NonZero::get))
    }
}

/// How files are read.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// The binary that is executed again for risky formats.
    pub program: &'a Path,
    /// What a file may cost.
    pub limits: &'a Limits,
    /// What a child may cost.
    pub options: &'a Options,
    /// Where children run.
    pub places: &'a Places,
}

/// Why a file gave no text.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The file itself is the reason; the message says what to do.
    #[error(transparent)]
    Unreadable(#[from] ExtractError),
    /// The file isn't of a kind that holds text.
    #[error("`{name}` is of no format that can be read: upload Markdown, HTML, plain text, PDF, DOCX or a mail")]
    UnknownFormat {
        /// The file's name.
        name: String,
    },
    /// The file crashed its parser or used up what it may use.
    #[error("unreadable file: its parser gave up; open it in its program, save it anew and upload it again")]
    Crashed,
    /// The file took too long.
    #[error("unreadable file: it was not read after {seconds} seconds; split it into parts and upload them again")]
    TimedOut {
        /// The limit, in seconds.
        seconds: u64,
    },
    /// The text is larger than what the child may answer.
    #[error("unreadable file: its text is longer than {limit} bytes; split it into parts and upload them again")]
    TooMuchText {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The child could not be started or talked to.
    #[error("the extraction process could not be run: check that `{program}` can be executed and that memory is left")]
    Start {
        /// The program that was run.
        program: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The child answered something that is no answer.
    #[error("the extraction process answered what is no answer: check that `{program}` is the version that runs")]
    Protocol {
        /// The program that was run.
        program: String,
    },
    /// The thread that read the file gave up.
    #[error("unreadable file: reading it stopped unexpectedly; save it anew and upload it again")]
    Stopped,
}

/// Takes the text out of a file of any format that [`Format::sniff`] knows: the risky ones in a child process, the others on a thread.
///
/// # Errors
/// The format is unknown, or the file can't be read.
///
/// # Cancel safety
/// Dropping the future kills the child; work on a thread goes on unseen until it is done.
pub async fn extract_any(reading: &Reading<'_>, name: &str, bytes: Vec<u8>) -> Result<Extracted, FileError> {
    let Reading { program, limits, options, places } = *reading;
    if bytes.is_empty() {
        return Err(ExtractError::Empty.into());
    }
    let Some(format) = Format::sniff(name, &bytes) else { return Err(FileError::UnknownFormat { name: name.chars().take(200).collect() }) };
    if format.is_risky() {
        let _place = places.0.acquire().await.expect("the places are never closed: this is a bug");
        return extract_in_child(program, &bytes, format, limits, options).await;
    }
    let limits = *limits;
    let done = tokio::task::spawn_blocking(move || extract(&bytes, format, &limits)).await;
    Ok(done.map_err(|_| FileError::Stopped)??)
}

/// Takes a mail apart in a child process, whatever it is called.
///
/// # Errors
/// It can't be read.
///
/// # Cancel safety
/// Dropping the future kills the child.
pub async fn extract_mail(reading: &Reading<'_>, mail: Vec<u8>) -> Result<Extracted, FileError> {
    let Reading { program, limits, options, places } = *reading;
    let _place = places.0.acquire().await.expect("the places are never closed: this is a bug");
    extract_in_child(program, &mail, Format::Eml, limits, options).await
}
