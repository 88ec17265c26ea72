//! In which line of `service.toml` or `places.toml` a finding has its cause.
//!
//! Findings are made from the read definition, which knows no lines; here the file's own lines are
//! searched for the dialogue, block, form, field, place or key that a finding names. Blocks of
//! written-out calls and loops are found where they are defined.

use super::Source;
use super::finding::Finding;

/// Gives each finding its line, where the file shows it.
pub(super) fn lines(source: &Source, findings: &mut [Finding]) {
    for finding in findings {
        if finding.line.is_none() {
            let text = source.file(&finding.file);
            finding.line = named_line(&finding.place).or_else(|| line(text?, &finding.place));
        }
    }
}

/// `line 12` at the end of a place.
fn named_line(place: &str) -> Option<usize> {
    let part = place.split(", ").last()?;
    part.strip_prefix("line ")?.parse().ok()
}

fn line(text: &str, place: &str) -> Option<usize> {
    let mut parts = place.split(", ");
    let (kind, name) = parts.next()?.split_once(' ')?;
    match kind {
        "dialogue" => {
            let block = parts.find_map(|part| part.strip_prefix("block "));
            match block {
                Some(block) => block_line(text, name, block),
                None => section(text, "[[dialogues]]", name).map(|(line, _)| line),
            }
        }
        "form" => section(text, "[[forms]]", name).map(|(line, _)| line),
        "field" | "name" => containing(text, &format!("name = \"{name}\"")),
        "place" | "area" => containing(text, &format!("code = \"{name}\"")),
        "key" => {
            let of_value = containing(text, &format!("name = \"{name}\""));
            let key = format!("{name} =");
            let own = text
                .lines()
                .position(|line| line.trim_start().starts_with(&key));
            own.map(|index| index.saturating_add(1)).or(of_value)
        }
        _ => None,
    }
}

/// The line of a block: in its dialogue or, when it was called, in any. What a `prove` block was
/// written out to is found at that block.
fn block_line(text: &str, dialogue: &str, block: &str) -> Option<usize> {
    let own = block.split('/').next_back().unwrap_or(block);
    let whole = block.split('/').next().unwrap_or(block);
    let (_, from) = section(text, "[[dialogues]]", dialogue)?;
    [own, whole].into_iter().find_map(|code| {
        let code = code.split('#').next().unwrap_or(code);
        let here = section(from, "[[dialogues.blocks]]", code).map(|(_, rest)| rest);
        let found = here
            .or_else(|| inline(from.split("[[dialogues]]").next()?, from, code))
            .or_else(|| Some(section(text, "[[dialogues.blocks]]", code)?.1))
            .or_else(|| inline(text, text, code))?;
        // What is left of the file tells how far it has been read; the line of the code is the last.
        let left = text.len().saturating_sub(found.len());
        Some(text.get(..left)?.lines().count())
    })
}

/// What of `rest` follows the line `{ kind = …, code = "…" …` in its first part.
fn inline<'a>(part: &str, rest: &'a str, code: &str) -> Option<&'a str> {
    let wanted = format!("code = \"{code}\"");
    let mut at = 0_usize;
    for line in part.split_inclusive('\n') {
        at = at.saturating_add(line.len());
        if line.trim_start().starts_with("{ kind =") && line.contains(&wanted) {
            return rest.get(at..);
        }
    }
    None
}

/// The line of `code = "…"` in the section of that kind with that code, and the text behind it.
fn section<'a>(text: &'a str, header: &str, code: &str) -> Option<(usize, &'a str)> {
    let wanted = format!("code = \"{code}\"");
    let mut inside = false;
    let mut at = 0_usize;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        at = at.saturating_add(line.len());
        let line = line.trim();
        if line.starts_with("[[") {
            inside = line == header;
        } else if inside && line.starts_with(&wanted) {
            return Some((index.saturating_add(1), text.get(at..)?));
        }
    }
    None
}

fn containing(text: &str, part: &str) -> Option<usize> {
    let found = text.lines().position(|line| line.contains(part))?;
    Some(found.saturating_add(1))
}
