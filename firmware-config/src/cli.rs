//! Commands of `outpost-firmware`. A failure is two lines: what happened, and what to do.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};

use crate::settings::{Settings, template};

/// Largest settings file in bytes that is read; a larger one is refused.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// Prints and checks the settings of a node or hub.
#[derive(Debug, Parser)]
#[command(name = "outpost-firmware", version, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print a commented outpost.toml with every setting.
    SettingsTemplate,
    /// Check an outpost.toml and say what is wrong with it.
    SettingsCheck {
        /// The file.
        file: PathBuf,
    },
}

/// What happened and what to do, a line each.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// What happened.
    pub error: String,
    /// What to do.
    pub hint: String,
}

impl Cli {
    /// Does what was asked and writes to `out`.
    ///
    /// # Errors
    /// [`Failure`] with its two lines.
    pub fn run(self, out: &mut impl Write) -> Result<(), Failure> {
        match self.command {
            Command::SettingsTemplate => say(out, template()),
            Command::SettingsCheck { file } => check(&file, out),
        }
    }
}

fn check(file: &Path, out: &mut impl Write) -> Result<(), Failure> {
    let shown = file.display();
    let unreadable = |cause: String| Failure {
        error: format!("failed to read {shown}: {cause}"),
        hint: "run `outpost-firmware settings-template > outpost.toml` to begin one".to_owned(),
    };
    let size = std::fs::metadata(file)
        .map_err(|error| unreadable(error.to_string()))?
        .len();
    if size > FILE_BYTES_MAX {
        return Err(unreadable(format!(
            "{size} bytes, the limit is {FILE_BYTES_MAX}"
        )));
    }
    let text = std::fs::read_to_string(file).map_err(|error| unreadable(error.to_string()))?;
    let settings = Settings::parse(&text).map_err(|error| Failure {
        error: format!("failed to read {shown}, line {}: {error}", error.line),
        hint: error.hint(),
    })?;
    let role = if settings.hub.is_some() {
        "hub"
    } else {
        "node"
    };
    say(
        out,
        &format!(
            "{shown}: settings of the {role} `{}` are complete\n",
            settings.node.name
        ),
    )
}

fn say(out: &mut impl Write, text: &str) -> Result<(), Failure> {
    out.write_all(text.as_bytes()).map_err(|error| Failure {
        error: format!("failed to write the answer: {error}"),
        hint: "check that the program that reads it is still running".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(arguments: &[&str]) -> Result<String, Failure> {
        let mut out = Vec::new();
        let arguments = ["outpost-firmware"].iter().chain(arguments);
        Cli::parse_from(arguments).run(&mut out)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn template_is_printed_as_it_is() {
        assert_eq!(run(&["settings-template"]).unwrap(), template());
    }

    #[test]
    fn a_missing_file_is_told_in_two_lines() {
        let failure = run(&["settings-check", "/nowhere/outpost.toml"]).unwrap_err();
        assert!(
            failure
                .error
                .starts_with("failed to read /nowhere/outpost.toml: ")
        );
        assert!(failure.hint.contains("settings-template"));
        assert!(!failure.error.contains('\n') && !failure.hint.contains('\n'));
    }

    #[test]
    fn the_shipped_template_is_complete_settings() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/outpost.toml");
        assert!(
            run(&["settings-check", file])
                .unwrap()
                .contains("settings of the node")
        );
    }
}
