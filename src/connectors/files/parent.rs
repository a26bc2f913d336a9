//! The parent: starts the child, feeds it, listens to it, and ends it when it takes too long or says too much.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::protocol::{Answer, Ask};
use super::{FileError, Options};
use crate::text::extract::{ExtractError, Extracted, Format, Limits};

/// Takes the text out of a file in a child process: `program extract-child --format FORMAT`.
///
/// The child gets no environment and no other open file than its three pipes.
///
/// # Errors
/// The file can't be read, crashed its parser or took too long; or the child could not be run.
///
/// # Cancel safety
/// Dropping the future kills the child.
pub async fn extract_in_child(
    program: &Path,
    bytes: &[u8],
    format: Format,
    limits: &Limits,
    options: &Options,
) -> Result<Extracted, FileError> {
    if bytes.is_empty() {
        return Err(ExtractError::Empty.into());
    }
    if bytes.len() > limits.max_input_bytes {
        return Err(ExtractError::TooLarge { what: "bytes", limit: limits.max_input_bytes }.into());
    }
    let failed = |source| FileError::Start { program: program.display().to_string(), source };
    let mut child = Command::new(program)
        .args(["extract-child", "--format", format.as_str()])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(failed)?;
    let limit = Duration::from_secs(options.timeout_seconds);
    let ask = Ask::new(options, limits);
    let done = timeout(limit, async {
        let heard = talk(&mut child, bytes, &ask, options.output_bytes).await?;
        let status = if heard.len() > options.output_bytes { None } else { Some(child.wait().await?) };
        Ok((heard, status))
    });
    let (heard, status) = match done.await {
        Ok(Ok((heard, Some(status)))) => (heard, status),
        // The child is reaped in every case.
        Ok(Ok((_, None))) => {
            child.kill().await.map_err(failed)?;
            return Err(FileError::TooMuchText { limit: options.output_bytes });
        }
        Ok(Err(source)) => {
            child.kill().await.map_err(failed)?;
            return Err(failed(source));
        }
        Err(_) => {
            child.kill().await.map_err(failed)?;
            return Err(FileError::TimedOut { seconds: options.timeout_seconds });
        }
    };
    match status.code() {
        Some(0) => match serde_json::from_slice::<Answer>(&heard) {
            Ok(answer) => Ok(answer.into_result(format, limits)?),
            Err(_) => Err(FileError::Protocol { program: program.display().to_string() }),
        },
        // No code: a signal ended it, be it the memory's limit, the processor's or a broken stack. 101: a panic that nothing caught.
        None | Some(101) => Err(FileError::Crashed),
        Some(_) => Err(FileError::Protocol { program: program.display().to_string() }),
    }
}

/// Sends the file and hears the answer at the same time, so that neither side waits for the other for ever.
async fn talk(child: &mut Child, bytes: &[u8], ask: &Ask, output_bytes: usize) -> std::io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(ask)?;
    line.push(b'\n');
    let stdin = child.stdin.take();
    let send = async move {
        if let Some(mut stdin) = stdin {
            // The child may end before it has read everything; its status tells why.
            if stdin.write_all(&line).await.is_ok() {
                drop(stdin.write_all(bytes).await);
            }
            drop(stdin.shutdown().await);
        }
    };
    let stdout = child.stdout.take();
    let hear = async move {
        let mut heard = Vec::new();
        if let Some(stdout) = stdout {
            let most = u64::try_from(output_bytes).unwrap_or(u64::MAX).saturating_add(1);
            stdout.take(most).read_to_end(&mut heard).await?;
        }
        Ok(heard)
    };
    let ((), heard) = tokio::join!(send, hear);
    heard
}
