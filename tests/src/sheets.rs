//! Screen sheets and graphs of the shipped programmes, as the docs hold them.
//!
//! They are made by the program's own functions; here they are only compared with the files.

use std::path::{Path, PathBuf};

use node_core::programme;

use crate::tree;

/// Where they lie.
pub const FOLDER: &str = "docs/sheets";

/// Path and text of each.
///
/// # Panics
/// When a shipped programme has findings.
pub fn expected() -> Vec<(PathBuf, String)> {
    let programmes = programme::shipped().expect("the shipped programmes compile");
    let mut all = Vec::new();
    for programme in programmes.offered() {
        let place = |end: &str| PathBuf::from(format!("{FOLDER}/{}.{end}", programme.code()));
        all.push((place("svg"), programme.picture()));
        for language in programme.languages() {
            let sheet = programme.sheet(programmes.texts(), &language.code);
            all.push((place(&format!("{}.md", language.code)), sheet));
        }
    }
    all
}

/// Files that differ from what is expected, are missing, or belong to no programme.
pub fn stale(expected: &[(PathBuf, String)]) -> Vec<PathBuf> {
    let differs = |path: &Path, text: &str| {
        let found = std::fs::read_to_string(tree::root().join(path));
        found.ok().as_deref() != Some(text)
    };
    let changed = expected.iter().filter(|(path, text)| differs(path, text));
    let mut stale: Vec<PathBuf> = changed.map(|(path, _)| path.clone()).collect();
    let entries = std::fs::read_dir(tree::root().join(FOLDER))
        .into_iter()
        .flatten();
    for entry in entries.filter_map(Result::ok) {
        let path = Path::new(FOLDER).join(entry.file_name());
        if expected.iter().all(|(other, _)| *other != path) {
            stale.push(path);
        }
    }
    stale
}
