//! Golden transcripts: one file is one conversation, played against the real engine and store.
//!
//! The format is described in docs/TESTING.md. Playing writes the file anew from what really
//! happened; a transcript is right when that changes nothing. Registration numbers differ from run
//! to run and are therefore written as `{1}`, `{2}` … in the order in which they are shown.

pub mod difference;
pub mod exchange;
pub mod head;
mod line;
pub mod number;
mod player;

pub use player::play;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::tree;
use head::Head;
use line::Line;

/// Where the transcripts lie, relative to the root; one folder a language.
pub const FOLDER: &str = "tests/golden/transcripts";

/// A conversation as it is written down.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Transcript {
    /// Who calls, when, over what.
    pub head: Head,
    /// The lines of the head as they stand, comments included, up to the empty line.
    preamble: String,
    lines: Vec<Line>,
}

impl Transcript {
    /// Reads a transcript.
    ///
    /// # Errors
    /// The number of the line that says nothing, or what the head lacks.
    pub fn parse(text: &str) -> Result<Self> {
        let mut lines = text.lines().enumerate();
        let mut preamble = String::new();
        let mut pairs = String::new();
        for (_, line) in lines.by_ref().take_while(|(_, line)| !line.is_empty()) {
            preamble.push_str(line);
            preamble.push('\n');
            if !line.starts_with('#') {
                pairs.push_str(line);
                pairs.push(' ');
            }
        }
        if !preamble.starts_with("# ") {
            bail!("a transcript starts with `# ` and what it shows");
        }
        let read = |(index, line)| Line::parse(line).with_context(|| format!("line {}", index + 1));
        Ok(Self {
            head: Head::parse(&pairs)?,
            preamble,
            lines: lines.map(read).collect::<Result<_>>()?,
        })
    }
}

/// All transcripts of the tree, relative to the root.
pub fn files() -> Vec<PathBuf> {
    let all = tree::files(&[".txt"]);
    all.into_iter()
        .filter(|path| path.starts_with(FOLDER))
        .collect()
}

#[cfg(test)]
mod tests;
