//! A stranger at a real browser, who was told the demo's address and reads what is visible there
//! (`tests/peers/stranger.js`).
//!
//! `OUTPOST_SCREENSHOTS=1` writes the pictures of the README to `docs/images`.

use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::peer::{self, Program, Skip};
use tests::tree;

/// How long the demo may take to print its address, and the stranger to reach the end.
const START: Duration = Duration::from_mins(1);
const VISIT: Duration = Duration::from_mins(2);
/// Largest picture for the README, in bytes.
const PICTURE_BYTES_MAX: u64 = 300_000;

/// What the stranger does with the page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Browser {
    WithScript,
    WithoutScript,
}

pub(crate) fn a_stranger_reaches_accepted_using_only_the_page() -> Result<(), Skip> {
    check(Browser::WithScript)
}

pub(crate) fn a_stranger_without_script_reaches_accepted_by_reloading() -> Result<(), Skip> {
    check(Browser::WithoutScript)
}

fn check(browser: Browser) -> Result<(), Skip> {
    let chromium = peer::installed("chromium")?;
    let mut stranger = peer::node_script("stranger.js", "playwright-core")?;
    let mut demo = Program::start(Command::new(tree::program("outpost")).args([
        "demo",
        "--listen",
        "127.0.0.1:0",
    ]));
    let line = demo.line(START);
    let address = line
        .split_whitespace()
        .find(|word| word.starts_with("http://"));
    let profile = TempDir::new().expect("a folder");
    let pictures = (browser == Browser::WithScript && wants_pictures()).then(|| peer::image(""));
    let task = json!({
        "address": address.expect("where to click"), "chromium": chromium,
        "profile": profile.path(), "script": browser == Browser::WithScript, "pictures": pictures,
    });
    let mut stranger = Program::start(&mut stranger);
    stranger.feed(&task.to_string());
    let seen = peer::document(&stranger.line(VISIT));
    assert!(stranger.ended(START).success(), "{}", stranger.complaints());
    check_seen(&seen);
    if pictures.is_some() {
        check_pictures();
    }
    assert!(demo.stop().success(), "{}", demo.complaints());
    Ok(())
}

fn text<'a>(seen: &'a Value, name: &str) -> &'a str {
    seen[name].as_str().expect("a text")
}

fn check_seen(seen: &Value) {
    assert!(text(seen, "held").contains("not yet"), "{seen}");
    let accepted = text(seen, "accepted");
    assert!(
        !accepted.contains("not yet"),
        "an id of the registry: {seen}"
    );
    assert!(text(seen, "message").contains("1 accepted"), "{seen}");
    // The numbers to be written down are those in the table.
    let screens = seen["screens"].as_array().expect("screens");
    let last = screens
        .last()
        .and_then(Value::as_str)
        .expect("a last screen");
    let is_number = |word: &&str| word.len() >= 9 && word.bytes().all(|byte| byte.is_ascii_digit());
    let numbers: Vec<&str> = last.split_whitespace().filter(is_number).collect();
    assert_eq!(numbers.len(), 2, "{last}");
    assert!(
        numbers.iter().all(|number| accepted.contains(number)),
        "{last}: {accepted}"
    );
}

fn wants_pictures() -> bool {
    let wanted = std::env::var("OUTPOST_SCREENSHOTS").is_ok_and(|value| value == "1");
    if wanted {
        std::fs::create_dir_all(peer::image("")).expect("docs/images");
    }
    wanted
}

fn check_pictures() {
    for name in ["demo-start.png", "demo-held.png", "demo-accepted.png"] {
        let bytes = std::fs::metadata(peer::image(name))
            .expect("a picture")
            .len();
        assert!(bytes <= PICTURE_BYTES_MAX, "{name} has {bytes} bytes");
    }
}
