//! Layers: who may depend on whom, and who alone may name which outside package.
//!
//! Read from `cargo metadata` and compared with the table both ways.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use tests::tree;

use super::source::Finding;

type Names = &'static [&'static str];

/// Package, packages of ours that it may name, outside packages that it alone may name.
const LAYERS: [(&str, Names, Names); 11] = [
    ("channels-core", &[], &["rusmpp-core"]),
    ("sync-core", &[], &["automerge", "zstd"]),
    (
        "node-core",
        &["channels-core", "sync-core"],
        &["calamine", "phonenumber", "fluent-bundle", "strsim"],
    ),
    ("channels", &["channels-core"], &["tokio-serial"]),
    ("sync", &["sync-core"], &["age", "rcgen"]),
    (
        "node-store",
        &["node-core", "channels-core", "sync-core"],
        &[
            "rusqlite",
            "tokio-postgres",
            "deadpool-postgres",
            "tokio-postgres-rustls",
        ],
    ),
    (
        "node-govstack",
        &["node-core", "channels-core", "sync-core"],
        &[],
    ),
    (
        "node-console",
        &["node-core", "channels-core", "sync-core"],
        &["askama", "qrcode"],
    ),
    ("firmware-config", &[], &[]),
    (
        "node",
        &[
            "channels-core",
            "sync-core",
            "node-core",
            "channels",
            "sync",
            "node-store",
            "node-govstack",
            "node-console",
            "firmware-config",
        ],
        &["tracing-subscriber", "argon2"],
    ),
    (
        "tests",
        &[
            "channels-core",
            "sync-core",
            "node-core",
            "channels",
            "sync",
            "node-store",
            "node-govstack",
            "node-console",
            "firmware-config",
            "node",
        ],
        &[],
    ),
];

/// What no core may name.
const SHELL_ONLY: [&str; 9] = [
    "tokio",
    "tokio-util",
    "axum",
    "hyper",
    "reqwest",
    "rusqlite",
    "tokio-postgres",
    "rand",
    "tracing-subscriber",
];
const CORES: [&str; 3] = ["channels-core", "sync-core", "node-core"];

fn finding(what: String) -> Finding {
    Finding {
        path: "Cargo.toml".to_owned(),
        what,
    }
}

/// Normal dependencies of each package of the workspace.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new("cargo")
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .current_dir(tree::root())
        .output()
        .expect("cargo runs");
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).expect("metadata is JSON");
    let packages = metadata["packages"].as_array().expect("a list of packages");
    let names = |package: &serde_json::Value| {
        let all = package["dependencies"].as_array().expect("a list").iter();
        let normal = all.filter(|d| d["kind"].is_null());
        normal
            .map(|d| d["name"].as_str().expect("a name").to_owned())
            .collect()
    };
    packages
        .iter()
        .map(|p| (p["name"].as_str().expect("a name").to_owned(), names(p)))
        .collect()
}

pub(crate) fn violations() -> Vec<Finding> {
    let packages = dependencies();
    let mut found = Vec::new();
    let known: BTreeSet<&str> = LAYERS.iter().map(|(name, ..)| *name).collect();
    for name in packages
        .keys()
        .filter(|name| !known.contains(name.as_str()))
    {
        found.push(finding(format!("{name} has no row in the layer table")));
    }
    for (name, may, _) in LAYERS {
        let Some(uses) = packages.get(name) else {
            found.push(finding(format!(
                "the table has a row for {name}, which is gone"
            )));
            continue;
        };
        let ours = uses
            .iter()
            .filter(|d| known.contains(d.as_str()) && !may.contains(&d.as_str()));
        found.extend(ours.map(|d| finding(format!("{name} must not depend on {d}"))));
        if CORES.contains(&name) {
            let shell = uses.iter().filter(|d| SHELL_ONLY.contains(&d.as_str()));
            found.extend(shell.map(|d| finding(format!("core {name} must not name {d}"))));
        }
    }
    found.extend(trespasses(&packages));
    found
}

fn trespasses(packages: &BTreeMap<String, BTreeSet<String>>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (owner, _, alone) in LAYERS {
        for outside in alone {
            let others = packages.iter().filter(|(name, uses)| {
                name.as_str() != owner && name.as_str() != "tests" && uses.contains(*outside)
            });
            found.extend(
                others.map(|(n, _)| finding(format!("{n} names {outside}, which is {owner}'s"))),
            );
        }
    }
    found
}

pub(crate) fn clippy_differences() -> Vec<Finding> {
    let root = tree::text("clippy.toml".as_ref());
    let thresholds: Vec<&str> = root
        .lines()
        .take_while(|l| !l.starts_with("disallowed"))
        .collect();
    let texts: Vec<String> = ["channels/core", "sync/core", "node/core"]
        .iter()
        .map(|folder| tree::text(format!("{folder}/clippy.toml").as_ref()))
        .collect();
    let mut found = Vec::new();
    if texts.iter().any(|text| *text != texts[0]) {
        found.push(finding("the three core clippy.toml differ".to_owned()));
    }
    let missing = thresholds.iter().filter(|line| !texts[0].contains(**line));
    found.extend(missing.map(|line| finding(format!("core clippy.toml lacks `{line}`"))));
    found
}
