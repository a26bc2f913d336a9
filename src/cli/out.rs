//! What a command prints: words for people, JSON for scripts, progress on a terminal.

use std::error::Error;
use std::io::{IsTerminal as _, Write as _, stderr, stdout};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

/// Where a command prints.
#[derive(Debug, Clone, Copy)]
pub(super) struct Out {
    json: bool,
}

impl Out {
    pub(super) const fn new(json: bool) -> Self {
        Self { json }
    }

    /// A line of the result.
    #[expect(clippy::unused_self, reason = "one handle for everything that is printed")]
    pub(super) fn line(self, text: &str) {
        // A reader that went away (`| head`) is no error of ours.
        let _ = writeln!(stdout(), "{text}");
    }

    /// A line beside the result: what is being done.
    #[expect(clippy::unused_self, reason = "one handle for everything that is printed")]
    pub(super) fn note(self, text: &str) {
        let _ = writeln!(stderr(), "{text}");
    }

    /// The result: JSON for scripts, else what `words` makes of it.
    pub(super) fn result<T: Serialize>(self, value: &T, words: impl FnOnce(&T) -> String) {
        if self.json {
            self.line(&serde_json::to_string_pretty(value).unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}")));
        } else {
            self.line(&words(value));
        }
    }

    /// An error with its causes, and what to do on a line of its own where the message has a hint.
    pub(super) fn error(self, error: &dyn Error) {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(inner) = cause {
            let said = inner.to_string();
            if !text.contains(&said) {
                text = format!("{text}: {said}");
            }
            cause = inner.source();
        }
        self.note(&format!("error: {text}"));
    }

    /// A bar on a terminal; on anything else, nothing until it is finished.
    #[expect(clippy::unused_self, reason = "one handle for everything that is printed")]
    pub(super) fn bar(self, what: &'static str, unit: Unit) -> Bar {
        let bar = if stderr().is_terminal() {
            let template = match unit {
                Unit::Bytes => "{msg:<22} [{bar:28}] {bytes} of {total_bytes} · {bytes_per_sec} · {eta} left",
                Unit::Things => "{msg:<22} [{bar:28}] {pos} of {len} · {per_sec:.1} · {eta} left",
            };
            let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
            let bar = ProgressBar::new(0).with_style(style.progress_chars("━╸ ")).with_message(what);
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        } else {
            ProgressBar::hidden()
        };
        Bar { shown: bar, what, unit }
    }
}

/// What a bar counts.
#[derive(Debug, Clone, Copy)]
pub(super) enum Unit {
    Bytes,
    Things,
}

/// The progress of something long.
#[derive(Debug, Clone)]
pub(super) struct Bar {
    shown: ProgressBar,
    what: &'static str,
    unit: Unit,
}

impl Bar {
    /// So much is done of so much.
    pub(super) fn set(&self, done: u64, total: u64) {
        self.shown.set_length(total);
        self.shown.set_position(done);
    }

    /// Ends the bar, and says in a plain line what was done at what rate.
    pub(super) fn finish(&self) {
        let (done, seconds) = (self.shown.position(), self.shown.elapsed().as_secs_f64());
        self.shown.finish_and_clear();
        if done == 0 {
            return;
        }
        #[expect(clippy::cast_precision_loss, reason = "a rate for people needs no 53 bits")]
        let rate = done as f64 / seconds.max(0.001);
        let line = match self.unit {
            Unit::Bytes => format!("{}: {:.1} MB in {seconds:.1} s", self.what, rate * seconds / 1e6),
            Unit::Things => format!("{}: {done} in {seconds:.1} s ({rate:.1}/s)", self.what),
        };
        let _ = writeln!(stderr(), "{line}");
    }

    /// Ends the bar where some of what was looked at was refused, and says how many were not.
    pub(super) fn finish_with(&self, done: u64, refused: usize) {
        self.shown.set_position(done);
        if refused == 0 {
            return self.finish();
        }
        let seconds = self.shown.elapsed().as_secs_f64();
        self.shown.finish_and_clear();
        let _ = writeln!(stderr(), "{}: {done} in {seconds:.1} s, and {refused} refused", self.what);
    }
}
