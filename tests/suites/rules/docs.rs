//! Rules about documents: links resolve, named code exists, tables tell the truth.

use std::path::Path;

use tests::tree;

use super::source::Finding;

/// Crate name in code, folder of its sources.
const CRATES: [(&str, &str); 10] = [
    ("channels_core", "channels/core/src"),
    ("sync_core", "sync/core/src"),
    ("node_core", "node/core/src"),
    ("channels", "channels/src"),
    ("sync", "sync/src"),
    ("node_store", "node/store/src"),
    ("node_govstack", "node/govstack/src"),
    ("node_console", "node/console/src"),
    ("firmware_config", "firmware-config/src"),
    ("node", "node/src"),
];

fn finding(path: &str, what: String) -> Finding {
    Finding {
        path: path.to_owned(),
        what,
    }
}

/// Relative links whose target is missing.
pub(crate) fn broken_links(path: &str, text: &str) -> Vec<Finding> {
    let folder = Path::new(path).parent().unwrap_or(Path::new(""));
    let mut found = Vec::new();
    for part in text.split("](").skip(1) {
        let target = part.split([')', '#', ' ']).next().unwrap_or("");
        if target.is_empty() || target.contains("://") || target.starts_with("mailto:") {
            continue;
        }
        if !tree::root().join(folder).join(target).exists() {
            found.push(finding(path, format!("link to {target} leads nowhere")));
        }
    }
    found
}

/// `` `package::module::item` `` in documents whose module or item is not in the sources.
pub(crate) fn unknown_paths(path: &str, text: &str) -> Vec<Finding> {
    let quoted = text.split('`').skip(1).step_by(2);
    let named = quoted
        .filter(|q| q.contains("::") && q.chars().all(|c| c.is_alphanumeric() || "_:".contains(c)));
    named
        .filter(|q| !resolves(q))
        .map(|q| finding(path, format!("`{q}` names nothing")))
        .collect()
}

fn resolves(name: &str) -> bool {
    let mut parts = name.split("::");
    let first = parts.next().unwrap_or("");
    let Some((_, folder)) = CRATES.iter().find(|(krate, _)| *krate == first) else {
        return true;
    };
    let mut place = tree::root().join(folder);
    let mut file = place.join("lib.rs");
    for part in parts {
        let module = place.join(format!("{part}.rs"));
        if module.is_file() {
            file = module;
            place = place.join(part);
        } else {
            let source = std::fs::read_to_string(&file).unwrap_or_default();
            let below = std::fs::read_dir(&place)
                .into_iter()
                .flatten()
                .filter_map(Result::ok);
            let deeper = below.map(|e| std::fs::read_to_string(e.path()).unwrap_or_default());
            return source.contains(part) || deeper.into_iter().any(|text| text.contains(part));
        }
    }
    file.is_file()
}

pub(crate) fn silent_changelog(text: &str) -> Vec<Finding> {
    let section = text.split("\n## ").nth(1).unwrap_or("");
    if section.lines().any(|line| line.starts_with("- ")) {
        Vec::new()
    } else {
        vec![finding(
            "CHANGELOG.md",
            "the top section is empty".to_owned(),
        )]
    }
}

/// Rows of the status table: `works` names a suite or package whose file exists.
pub(crate) fn status_table(text: &str) -> Vec<Finding> {
    let table = text
        .split("## Status")
        .nth(1)
        .unwrap_or("")
        .split("\n## ")
        .next()
        .unwrap_or("");
    let rows: Vec<Vec<&str>> = table
        .lines()
        .filter(|line| {
            line.starts_with("| ") && !line.starts_with("|--") && !line.starts_with("| What")
        })
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    let mut found = Vec::new();
    if rows.len() < 5 {
        found.push(finding(
            "README.md",
            "the status table is missing".to_owned(),
        ));
    }
    for row in rows {
        let (Some(state), Some(proof)) = (row.get(1), row.get(2)) else {
            found.push(finding(
                "README.md",
                format!("row without state or proof: {row:?}"),
            ));
            continue;
        };
        if !["works", "simulated only", "not built"].contains(state) {
            found.push(finding(
                "README.md",
                format!("`{state}` is no state of the table"),
            ));
        }
        let files = proof.split('`').skip(1).step_by(2);
        for file in files.filter(|_| *state != "not built") {
            if !tree::root().join(file).exists() {
                found.push(finding("README.md", format!("proof {file} does not exist")));
            }
        }
        if *state != "not built" && !proof.contains('`') {
            found.push(finding("README.md", format!("row names no proof: {row:?}")));
        }
    }
    found
}
