//! A failure of a command: what failed, and a hint that can be acted upon.

use std::error::Error;
use std::io;

/// Exit code of a command that could not do its work.
pub(crate) const FAILED: u8 = 1;

/// What the two lines on standard error say.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    hint: String,
    closed_pipe: bool,
}

impl Failure {
    /// From two sentences.
    pub(crate) fn new(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            hint: hint.into(),
            closed_pipe: false,
        }
    }

    /// From an error with all its causes.
    pub(crate) fn of(what: &str, error: &dyn Error, hint: impl Into<String>) -> Self {
        let mut text = format!("failed to {what}: {error}");
        let mut cause = error.source();
        while let Some(next) = cause {
            text.push_str(": ");
            text.push_str(&next.to_string());
            cause = next.source();
        }
        Self::new(text, hint)
    }

    /// The output could not be written; a closed pipe is no failure.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the form that `map_err` takes"
    )]
    pub(crate) fn output(error: io::Error) -> Self {
        let closed_pipe = error.kind() == io::ErrorKind::BrokenPipe;
        let what = format!("failed to write the output: {error}");
        Self {
            what,
            hint: "check where the output goes".to_owned(),
            closed_pipe,
        }
    }

    pub(crate) fn what(&self) -> &str {
        &self.what
    }

    pub(crate) fn hint(&self) -> &str {
        &self.hint
    }

    pub(crate) fn is_closed_pipe(&self) -> bool {
        self.closed_pipe
    }
}
