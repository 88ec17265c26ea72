//! Rules about one source file at a time. They read text: a compiler is not needed to count lines.

/// Longest source file, in lines.
const LINES_MAX: usize = 500;
/// Module names that say nothing about what is inside.
const DRAWERS: [&str; 9] = [
    "utils", "util", "helpers", "common", "misc", "types", "manager", "shared", "base",
];

/// One violation.
pub(crate) struct Finding {
    pub(crate) path: String,
    pub(crate) what: String,
}

fn finding(path: &str, what: impl Into<String>) -> Finding {
    Finding {
        path: path.to_owned(),
        what: what.into(),
    }
}

pub(crate) fn too_long(path: &str, text: &str) -> Option<Finding> {
    let lines = text.lines().count();
    (lines > LINES_MAX).then(|| finding(path, format!("{lines} lines, at most {LINES_MAX}")))
}

pub(crate) fn no_header(path: &str, text: &str) -> Option<Finding> {
    (!text.starts_with("//!")).then(|| finding(path, "does not open with `//!`"))
}

pub(crate) fn drawer(path: &str) -> Option<Finding> {
    let names = path.trim_end_matches(".rs").split('/');
    names
        .into_iter()
        .find(|n| DRAWERS.contains(n))
        .map(|n| finding(path, format!("module `{n}`")))
}

pub(crate) fn global_state(path: &str, text: &str) -> Vec<Finding> {
    let cells = [
        "Mutex<", "RwLock<", "OnceLock", "OnceCell", "LazyLock", "Atomic", "RefCell<", "Cell<",
    ];
    let clocks = [
        concat!("Timestamp::", "now("),
        concat!("SystemTime::", "now("),
        concat!("Zoned::", "now("),
    ];
    let may_read_clock = path.ends_with("clock.rs") || path.starts_with("tests/");
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, l)| !is_comment(l)) {
        let is_static = line
            .trim_start()
            .trim_start_matches("pub ")
            .starts_with("static ");
        if is_static && cells.iter().any(|cell| line.contains(cell)) {
            found.push(finding(
                path,
                format!("line {}: static with a cell", index + 1),
            ));
        }
        if !may_read_clock && clocks.iter().any(|clock| line.contains(clock)) {
            found.push(finding(
                path,
                format!("line {}: reads the wall clock", index + 1),
            ));
        }
    }
    found
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

pub(crate) fn stray_sql(path: &str, text: &str) -> Vec<Finding> {
    if path.starts_with("node/store/") || path.starts_with("tests/") {
        return Vec::new();
    }
    let words = [
        "\"SELECT ",
        "\"INSERT ",
        "\"UPDATE ",
        "\"DELETE FROM",
        "\"CREATE TABLE",
        "\"PRAGMA ",
    ];
    let has = |line: &str| words.iter().any(|word| line.contains(word));
    let lines = text.lines().enumerate().filter(|(_, line)| has(line));
    lines
        .map(|(i, _)| finding(path, format!("line {}: SQL outside node/store", i + 1)))
        .collect()
}

pub(crate) fn dependencies_without_reason(manifest: &str) -> Vec<Finding> {
    let block = manifest
        .split("[workspace.dependencies]")
        .nth(1)
        .unwrap_or("");
    let block = block.split("\n[").next().unwrap_or("");
    let bare = block
        .lines()
        .filter(|line| line.contains('=') && !line.contains("   # "));
    bare.map(|line| finding("Cargo.toml", format!("no reason: {line}")))
        .collect()
}

pub(crate) fn open_ends(path: &str, text: &str) -> Vec<Finding> {
    let words = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("X", "XX:"),
    ];
    let open = |line: &str| words.iter().any(|w| line.contains(w)) && !line.contains("issue ");
    let lines = text.lines().enumerate().filter(|(_, line)| open(line));
    lines
        .map(|(i, _)| finding(path, format!("line {}: open end without an issue", i + 1)))
        .collect()
}

/// Test bodies that assert nothing, are switched off, or wait by the clock.
pub(crate) fn idle_tests(path: &str, text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    for word in [
        concat!("#[ig", "nore"),
        concat!("#[should_", "panic"),
        concat!("thread::", "sleep"),
        concat!("time::", "sleep("),
    ] {
        let in_test = path.contains("/tests/") || path.starts_with("tests/");
        let code = text
            .lines()
            .any(|line| !is_comment(line) && line.contains(word));
        if code && (in_test || word.starts_with('#')) {
            found.push(finding(path, format!("uses {word}")));
        }
    }
    for (name, body) in test_bodies(text) {
        let says = [
            "assert",
            "check",
            "panic!",
            "expect_",
            "prop_",
            ".expect(",
            ".unwrap()",
        ];
        if !says.iter().any(|word| body.contains(word)) {
            found.push(finding(path, format!("test `{name}` asserts nothing")));
        }
    }
    found
}

/// The name and body of each `#[test]` or `#[tokio::test]`, by indentation of the closing brace.
fn test_bodies(text: &str) -> Vec<(String, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut bodies = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let attribute = line.trim_start();
        if !(attribute.starts_with("#[test]") || attribute.starts_with("#[tokio::test")) {
            continue;
        }
        let Some(start) = lines[index..].iter().position(|l| l.contains("fn ")) else {
            continue;
        };
        let head = lines[index + start];
        let indent = head.len() - head.trim_start().len();
        let closing = format!("{}}}", " ".repeat(indent));
        let body: Vec<&str> = lines[index + start..]
            .iter()
            .take_while(|l| **l != closing)
            .copied()
            .collect();
        let name = head
            .split("fn ")
            .nth(1)
            .and_then(|t| t.split('(').next())
            .unwrap_or("?");
        bodies.push((name.to_owned(), body.join("\n")));
    }
    bodies
}
