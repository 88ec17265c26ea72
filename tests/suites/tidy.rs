//! Rules of docs/CONVENTIONS.md that a machine can keep, T1–T17. One test a rule, each with what
//! it found; `planted_violations_are_found` is the negative control.

mod rules {
    pub(crate) mod docs;
    pub(crate) mod layers;
    pub(crate) mod source;
}

use std::path::Path;

use tests::tree;

use rules::source::{self, Finding};

fn check(rule: &str, findings: impl IntoIterator<Item = Finding>) {
    let list: Vec<String> = findings
        .into_iter()
        .map(|f| format!("  {}: {}", f.path, f.what))
        .collect();
    assert!(list.is_empty(), "{rule}:\n{}", list.join("\n"));
}

fn sources() -> Vec<(String, String)> {
    tree::files(&[".rs"])
        .iter()
        .map(|path| with_text(path))
        .collect()
}

fn with_text(path: &Path) -> (String, String) {
    let text = tree::text(path);
    (path.display().to_string(), text)
}

#[test]
fn t1_no_source_file_is_longer_than_500_lines() {
    check(
        "T1",
        sources().iter().filter_map(|(p, t)| source::too_long(p, t)),
    );
}

#[test]
fn t2_every_source_file_opens_with_a_header() {
    check(
        "T2",
        sources()
            .iter()
            .filter_map(|(p, t)| source::no_header(p, t)),
    );
}

#[test]
fn t3_no_module_is_a_drawer() {
    check(
        "T3",
        sources().iter().filter_map(|(p, _)| source::drawer(p)),
    );
}

#[test]
fn t4_no_global_state_and_clocks_only_in_clock_files() {
    check(
        "T4",
        sources()
            .iter()
            .flat_map(|(p, t)| source::global_state(p, t)),
    );
}

#[test]
fn t5_packages_keep_their_layers_and_sql_its_room() {
    check("T5 layers", rules::layers::violations());
    check(
        "T5 SQL",
        sources().iter().flat_map(|(p, t)| source::stray_sql(p, t)),
    );
}

#[test]
fn t6_core_clippy_files_are_equal_and_repeat_the_thresholds() {
    check("T6", rules::layers::clippy_differences());
}

#[test]
fn t8_links_and_paths_in_documents_resolve() {
    let documents: Vec<_> = tree::files(&[".md"])
        .iter()
        .map(|path| with_text(path))
        .collect();
    check(
        "T8",
        documents
            .iter()
            .flat_map(|(p, t)| rules::docs::broken_links(p, t)),
    );
    check(
        "T8 paths",
        documents
            .iter()
            .flat_map(|(p, t)| rules::docs::unknown_paths(p, t)),
    );
}

#[test]
fn t10_every_dependency_gives_its_reason() {
    check(
        "T10",
        source::dependencies_without_reason(&tree::text("Cargo.toml".as_ref())),
    );
}

#[test]
fn t13_every_open_end_names_an_issue() {
    check(
        "T13",
        sources().iter().flat_map(|(p, t)| source::open_ends(p, t)),
    );
}

#[test]
fn t14_the_changelog_has_something_to_say() {
    check(
        "T14",
        rules::docs::silent_changelog(&tree::text("CHANGELOG.md".as_ref())),
    );
}

#[test]
fn t15_every_test_asserts_and_none_sleeps() {
    check(
        "T15",
        sources().iter().flat_map(|(p, t)| source::idle_tests(p, t)),
    );
}

#[test]
fn t17_the_status_table_names_suites_that_exist() {
    check(
        "T17",
        rules::docs::status_table(&tree::text("README.md".as_ref())),
    );
}

#[test]
fn planted_violations_are_found() {
    let long = "//! x\n".repeat(501);
    assert!(source::too_long("a.rs", &long).is_some());
    assert!(source::no_header("a.rs", "fn main() {}").is_some());
    assert!(source::drawer("node/src/utils.rs").is_some());
    let global = concat!("static COUNT: Atomic", "Usize = x;");
    assert_eq!(source::global_state("a.rs", global).len(), 1);
    let clock = concat!("let t = Timestamp::", "now();");
    assert_eq!(source::global_state("node/src/lib.rs", clock).len(), 1);
    assert_eq!(
        source::stray_sql("node/core/src/x.rs", concat!("\"SELECT ", "a FROM b\"")).len(),
        1
    );
    assert_eq!(
        source::dependencies_without_reason("[workspace.dependencies]\na = \"1\"\n").len(),
        1
    );
    assert_eq!(
        source::open_ends("a.rs", concat!("// TO", "DO later")).len(),
        1
    );
    let idle = "#[test]\nfn nothing_is_said() {\n    let x = 1;\n}\n";
    assert_eq!(source::idle_tests("a.rs", idle).len(), 1);
    assert_eq!(
        rules::docs::broken_links("README.md", "[x](no/such/file.md)").len(),
        1
    );
    assert_eq!(
        rules::docs::unknown_paths("README.md", "`node_core::no_such_module`").len(),
        1
    );
    assert_eq!(
        rules::docs::silent_changelog("# Changelog\n\n## 0.1.0\n\n## 0.0.1\n- x\n").len(),
        1
    );
}
