//! The `console` blocks of documents: commands behind `$ `, and what they print.
//!
//! `…` in a line stands for any text, alone on a line for any lines. A block that needs a server or
//! writes outside its folder is marked `console no-run`.

use std::path::{Path, PathBuf};

/// One block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Block {
    pub(crate) place: String,
    pub(crate) runs: bool,
    pub(crate) steps: Vec<Step>,
}

/// One command and the lines shown below it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Step {
    pub(crate) command: String,
    pub(crate) shown: Vec<String>,
}

/// All blocks of a document.
pub(crate) fn blocks(path: &Path, text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (index, line) in text.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(kind @ ("console" | "console no-run"))) => {
                let place = format!("{}:{}", path.display(), index + 1);
                open = Some(Block {
                    place,
                    runs: kind == "console",
                    steps: Vec::new(),
                });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => add(block, line),
            (None, _) => {}
        }
    }
    blocks
}

fn add(block: &mut Block, line: &str) {
    if let Some(command) = line.strip_prefix("$ ") {
        block.steps.push(Step {
            command: command.to_owned(),
            shown: Vec::new(),
        });
    } else if let Some(step) = block.steps.last_mut() {
        step.shown.push(line.trim_end().to_owned());
    }
}

/// Whether these lines are the ones shown.
pub(crate) fn fits(shown: &[String], lines: &[&str]) -> bool {
    match (shown, lines) {
        ([], []) => true,
        ([any, rest @ ..], _) if any == "…" => (0..=lines.len()).any(|n| fits(rest, &lines[n..])),
        ([first, rest @ ..], [line, others @ ..]) => line_fits(first, line) && fits(rest, others),
        _ => false,
    }
}

fn line_fits(shown: &str, line: &str) -> bool {
    let line = line.trim_end();
    let Some((before, after)) = shown.split_once('…') else {
        return shown == line;
    };
    let Some(rest) = line.strip_prefix(before) else {
        return false;
    };
    let mut starts = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
    starts.any(|at| line_fits(after, rest.split_at(at).1))
}

/// The `outpost` command line in a step, as far as the shell hands it over.
pub(crate) fn outpost_line(command: &str) -> Option<String> {
    let command = command
        .split(['|', '>', '&', ';'])
        .next()
        .unwrap_or("")
        .trim();
    let arguments = command
        .strip_prefix("outpost ")
        .or_else(|| command.strip_prefix("cargo run --release -- "))
        .or_else(|| command.strip_prefix("cargo phone").map(|_| "phone"))?;
    Some(format!("outpost {arguments}"))
}

/// Documents whose blocks are run.
pub(crate) fn documents(files: Vec<PathBuf>) -> Vec<PathBuf> {
    let is_ours = |path: &PathBuf| path == Path::new("README.md") || path.starts_with("docs");
    files.into_iter().filter(is_ours).collect()
}
