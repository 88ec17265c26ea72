//! The TOML file that an office writes for `outpost hub publish`.
//!
//! Unknown keys are refused. Names are one text for all languages, or a table by language.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ReferenceFinding, ReferenceItem, ReferenceList};

/// Largest file in bytes; a larger one is refused.
pub const FILE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Millionths of a degree.
const MICRO_DIGITS: usize = 6;

/// What the file says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReferenceFile {
    /// The list.
    pub list: ReferenceList,
    /// Codes whose names all change although they mean the same.
    pub renamed: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    list: String,
    #[serde(default)]
    renamed: Vec<String>,
    #[serde(default)]
    item: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    code: String,
    name: Option<String>,
    #[serde(default)]
    names: BTreeMap<String, String>,
    parent: Option<String>,
    position: Option<String>,
    text: Option<String>,
    #[serde(default)]
    texts: BTreeMap<String, String>,
}

/// Reads a file; its list is not checked yet.
///
/// # Errors
/// Findings with line or item: no TOML, an unknown key, a position that is none.
pub fn read(text: &str) -> Result<ReferenceFile, Vec<ReferenceFinding>> {
    if text.len() > FILE_BYTES_MAX {
        return Err(vec![super::finding(
            "file",
            format!("it has {} bytes", text.len()),
            "split the list: 4 MiB are read",
        )]);
    }
    let file: File = toml::from_str(text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        let before = text.bytes().take(start);
        let line = before
            .filter(|byte| *byte == b'\n')
            .count()
            .saturating_add(1);
        let place = format!("line {line}");
        vec![super::finding(
            &place,
            error.message(),
            "correct the key or its value",
        )]
    })?;
    let mut findings = Vec::new();
    let mut items = Vec::new();
    for item in file.item {
        let position = item.position.as_deref().map(position);
        if position == Some(None) {
            let fix = "write latitude and longitude in degrees, like `2.2456 32.5361`";
            findings.push(super::finding(&item.code, "this is no position", fix));
        }
        items.push(ReferenceItem {
            code: item.code,
            names: by_language(item.name, item.names),
            parent: item.parent,
            position: position.flatten(),
            texts: by_language(item.text, item.texts),
        });
    }
    if !findings.is_empty() {
        return Err(findings);
    }
    Ok(ReferenceFile {
        list: ReferenceList {
            list: file.list,
            items,
        },
        renamed: file.renamed,
    })
}

fn by_language(one: Option<String>, more: BTreeMap<String, String>) -> Vec<(String, String)> {
    let mut all = more;
    if let Some(one) = one {
        all.entry("en".to_owned()).or_insert(one);
    }
    all.into_iter().collect()
}

/// `2.2456 32.5361` as millionths of a degree.
fn position(text: &str) -> Option<(i32, i32)> {
    let mut parts = text.split([' ', ',']).filter(|part| !part.is_empty());
    let (latitude, longitude) = (micro(parts.next()?)?, micro(parts.next()?)?);
    let is_on_earth = latitude.abs() <= 90_000_000 && longitude.abs() <= 180_000_000;
    (parts.next().is_none() && is_on_earth).then_some((latitude, longitude))
}

fn micro(text: &str) -> Option<i32> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(rest) || rest.len() > MICRO_DIGITS {
        return None;
    }
    let joined = format!("{whole}{rest:0<MICRO_DIGITS$}");
    joined.parse::<i32>().ok()?.checked_mul(sign)
}
