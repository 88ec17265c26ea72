//! A failure of a command: what failed, and a hint that can be acted upon.

use std::error::Error;
use std::io;

/// Exit code of a command that could not do its work.
const FAILED: u8 = 1;
/// Exit code of a command line that cannot be understood.
const MISUSED: u8 = 2;

/// What the two lines on standard error say.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    hint: String,
    code: u8,
    closed_pipe: bool,
}

impl Failure {
    /// From two sentences.
    pub(crate) fn new(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            hint: hint.into(),
            code: FAILED,
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
            code: FAILED,
            closed_pipe,
        }
    }

    /// A command line that cannot be understood, from the parser's many lines.
    pub(crate) fn usage(error: &clap::Error) -> Self {
        let text = error.render().to_string();
        let mut hint = "give the same command `--help` to see what it takes".to_owned();
        if let Some(usage) = text.lines().find_map(|line| line.strip_prefix("Usage: ")) {
            hint = format!("write it as `{usage}`");
        }
        if let Some(tip) = text
            .lines()
            .find_map(|line| line.trim().strip_prefix("tip: "))
        {
            tip.clone_into(&mut hint);
        }
        let what = text
            .trim_start_matches("error: ")
            .lines()
            .map(str::trim)
            .take_while(|line| !line.is_empty());
        let mut what = what.collect::<Vec<_>>().join(" ");
        if error.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
            "no command was given".clone_into(&mut what);
            "`outpost help` lists the commands; begin with `outpost demo`".clone_into(&mut hint);
        }
        Self {
            code: MISUSED,
            ..Self::new(format!("failed to read the command line: {what}"), hint)
        }
    }

    pub(crate) fn what(&self) -> &str {
        &self.what
    }

    pub(crate) fn hint(&self) -> &str {
        &self.hint
    }

    pub(crate) fn code(&self) -> u8 {
        self.code
    }

    pub(crate) fn is_closed_pipe(&self) -> bool {
        self.closed_pipe
    }
}
