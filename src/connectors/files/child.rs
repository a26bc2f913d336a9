//! The child: puts itself under limits, reads a file from its standard input, answers on its standard output.

use std::io::{BufRead, BufReader, Read, Write, stdin, stdout};
use std::process::ExitCode;

use super::Options;
use super::protocol::{Answer, Ask};
use crate::text::extract::{Format, extract};

/// The longest first line that is read, in bytes.
const ASK_BYTES_MAX: u64 = 4_096;

/// Runs the hidden sub-command `extract-child --format FORMAT`: the child's whole life.
///
/// Must be called before any other thread or the asynchronous runtime is started.
#[must_use]
pub fn run_child(format: Format) -> ExitCode {
    let mut input = BufReader::new(stdin());
    let mut line = String::new();
    let asked = input.by_ref().take(ASK_BYTES_MAX).read_line(&mut line).is_ok();
    let Some(ask) = asked.then(|| serde_json::from_str::<Ask>(&line).ok()).flatten() else { return ExitCode::from(2) };
    if restrict(&ask.options).is_err() {
        return ExitCode::from(3);
    }
    // A panic is an answer like another, and its message could hold words of the file.
    std::panic::set_hook(Box::new(|_| {}));
    let limits = ask.limits();
    let mut bytes = Vec::new();
    let most = u64::try_from(limits.max_input_bytes).unwrap_or(u64::MAX).saturating_add(1);
    if input.take(most).read_to_end(&mut bytes).is_err() {
        return ExitCode::from(4);
    }
    let answer = Answer::from(extract(&bytes, format, &limits));
    let mut output = stdout().lock();
    match serde_json::to_writer(&mut output, &answer).map(|()| output.flush()) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(_)) | Err(_) => ExitCode::from(5),
    }
}

/// Limits memory and computing time, and takes away writing to files, opening more of them and leaving a core dump.
#[cfg(unix)]
fn restrict(options: &Options) -> std::io::Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    /// Standard input, output and error: they stay open, and no other file has a number below this.
    const OPEN_FILES: u64 = 3;
    let limits = [
        (Resource::As, options.memory_bytes),
        (Resource::Cpu, options.cpu_seconds),
        (Resource::Fsize, 0),
        (Resource::Core, 0),
        (Resource::Nofile, OPEN_FILES),
    ];
    for (resource, wanted) in limits {
        let allowed = getrlimit(resource).maximum.map_or(wanted, |maximum| maximum.min(wanted));
        setrlimit(resource, Rlimit { current: Some(allowed), maximum: Some(allowed) })?;
    }
    // A limit that the system does not keep protects nobody, so no file is read then.
    if fs_err::File::open("/").is_ok() { Err(std::io::Error::other("files can still be opened")) } else { Ok(()) }
}

/// Elsewhere only the parent's clock limits the child.
#[cfg(not(unix))]
fn restrict(_options: &Options) -> std::io::Result<()> {
    Ok(())
}
