//! An officer at a real browser (`tests/peers/officer.js`), at the pages that the real program
//! serves from a hub's store: signs in, decides a pair, parts it again, on a window of 360 dots.
//!
//! `OUTPOST_SCREENSHOTS=1` writes the pictures of the guide to `docs/images`.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use node::clock::Clock;
use node_core::role::Role;
use serde_json::{Value, json};
use sync_core::ClockQuality;
use tempfile::TempDir;
use tests::district::{self, AUDITOR, CLERK, NOTICE, OFFICER, SPELLINGS};
use tests::peer::{self, Program, Skip};
use tests::tree;
use tokio::runtime::Runtime;

/// How long the hub may take to start, and the officer to reach the end.
const START: Duration = Duration::from_mins(1);
const VISIT: Duration = Duration::from_mins(2);
/// Narrowest window in which the pages are read.
const WIDTH: u32 = 360;

pub(crate) fn an_officer_settles_a_pair_at_a_browser_and_parts_it_again() -> Result<(), Skip> {
    let chromium = peer::installed("chromium")?;
    let mut officer = peer::node_script("officer.js", "playwright-core")?;
    let folder = TempDir::new().expect("a folder");
    seed(&folder.path().join("store"));
    let config = folder.path().join("outpost.toml");
    std::fs::write(&config, settings(folder.path())).expect("settings");
    open_account(&config);
    let mut hub = Program::start(outpost().arg("--config").arg(&config));
    let line = hub.line(START);
    let address = line.split_whitespace().last().expect("an address");
    let pictures = std::env::var("OUTPOST_SCREENSHOTS").is_ok_and(|value| value == "1");
    let task = json!({
        "address": address, "chromium": chromium, "profile": folder.path().join("profile"),
        "number": OFFICER.0, "wrong": "four wide bridges", "phrase": OFFICER.1, "width": WIDTH,
        "auditor": { "number": AUDITOR.0, "phrase": AUDITOR.1 },
        "pictures": pictures.then(|| peer::image("")),
    });
    let mut officer = Program::start(&mut officer);
    officer.feed(&task.to_string());
    let seen = peer::document(&officer.line(VISIT));
    assert!(officer.ended(START).success(), "{}", officer.complaints());
    check_seen(&seen);
    assert!(hub.stop().success(), "{}", hub.complaints());
    Ok(())
}

/// A pair that waits for the officer, in the store that the program opens then.
fn seed(folder: &Path) {
    let clock = Clock::system(ClockQuality::Ntp);
    Runtime::new().expect("a runtime").block_on(async {
        let store = district::founded(folder, clock).await;
        district::pair(&store, clock).await;
        let clerk = (CLERK.0, "Agnes Adong", Role::Clerk);
        district::staff(&store, clock, clerk).await;
        district::proposal(&store, clock, CLERK.0).await;
    });
}

fn outpost() -> Command {
    let mut command = Command::new(tree::program("outpost"));
    command.arg("hub");
    command
}

/// The order as an administrator gives it; a weak passphrase is refused.
fn open_account(config: &Path) {
    for ((phone, role, phrase), opens) in [
        ((OFFICER.0, "officer", "officer"), false),
        ((OFFICER.0, "officer", OFFICER.1), true),
        ((AUDITOR.0, "auditor", AUDITOR.1), true),
    ] {
        let mut order = outpost();
        order.arg("--config").arg(config);
        let order = order.args(["account", "--phone", phone, "--role", role]);
        let mut order = Program::start(order);
        order.feed(&format!("{phrase}\n"));
        assert_eq!(
            order.ended(START).success(),
            opens,
            "{}",
            order.complaints()
        );
    }
}

fn settings(folder: &Path) -> String {
    let store = folder.join("store");
    format!(
        r#"
        [node]
        name = "Kibo district"
        folder = "{}"
        country = "UG"
        language = "en"
        sender = "384"
        clock = "ntp"

        [hub]
        listen = "127.0.0.1:0"
        realm = "phone"

        [[hub.area]]
        name = "Kibo"
        scope = 16

        [hub.office]
        listen = "127.0.0.1:0"
        "#,
        store.display()
    )
}

fn text<'a>(seen: &'a Value, name: &str) -> &'a str {
    seen[name]
        .as_str()
        .unwrap_or_else(|| panic!("no {name}: {seen}"))
}

fn check_seen(seen: &Value) {
    assert!(text(seen, "refused").contains("is not right"), "{seen}");
    assert!(
        text(seen, "list").contains("a worker is not sure"),
        "{seen}"
    );
    let names = |text: &str| SPELLINGS.iter().all(|name| text.contains(name));
    assert!(
        names(text(seen, "pair")) && names(text(seen, "joined")),
        "{seen}"
    );
    assert!(seen["marked"].as_u64() >= Some(2), "{seen}");
    assert!(text(seen, "silent").contains("Please write why"), "{seen}");
    assert!(text(seen, "decided").contains("one person"), "{seen}");
    assert!(text(seen, "joined").contains("2 records"), "{seen}");
    assert!(text(seen, "parted").contains("One record"), "{seen}");
    check_paper_and_traces(seen);
    let waits = text(seen, "waits");
    assert!(
        waits.contains(NOTICE) && waits.contains("3 people"),
        "{waits}"
    );
    let settled = text(seen, "settled");
    assert!(
        settled.contains("No broadcast waits") && settled.contains("wrong week"),
        "{settled}"
    );
    check_audit(&seen["audit"]);
}

/// The auditor saw what the officer read, no page of pairs, and no name of those who were read.
fn check_audit(seen: &Value) {
    let log = text(seen, "log");
    for words in [
        "No complaint waits",
        "Ruth Nakato, officer",
        "two records side by side",
    ] {
        assert!(log.contains(words), "{words}: {log}");
    }
    assert_eq!(text(seen, "links").trim(), "Read log");
    assert!(text(seen, "none").contains("Nothing was read"), "{seen}");
    assert!(
        text(seen, "one").contains("Only what was read by Ruth Nakato"),
        "{seen}"
    );
    assert!(text(seen, "silent").contains("Please write why"), "{seen}");
    let name = text(seen, "name");
    let day = name.strip_prefix("read-log-20");
    let day = day.and_then(|rest| rest.strip_suffix(".csv"));
    assert!(day.is_some(), "{name}");
    let file = text(seen, "content");
    assert!(
        file.contains("\"Ruth Nakato, officer\",\"officer\""),
        "{file}"
    );
    assert!(text(seen, "exported").contains("yearly report"), "{seen}");
    for name in SPELLINGS {
        assert!(!seen.to_string().contains(name), "{seen}");
    }
}

fn check_paper_and_traces(seen: &Value) {
    let names = |text: &str| SPELLINGS.iter().all(|name| text.contains(name));
    // On paper: both records, nothing to press, and no other page.
    assert_eq!(seen["printed"]["buttons"], 0, "{seen}");
    assert!(
        seen["printed"]["text"].as_str().is_some_and(names),
        "{seen}"
    );
    assert_eq!(seen["wide"], json!([]), "a page is wider than its window");
    // Nothing personal in an address, and no script reads the cookie.
    let addresses = seen["addresses"].to_string();
    assert!(SPELLINGS.iter().all(|name| !addresses.contains(name)));
    assert!(!addresses.contains("256770"), "{addresses}");
    let session = json!(["outpost-session", true, "Strict"]);
    let cookies = seen["cookies"].as_array().expect("cookies");
    assert!(cookies.contains(&session), "{cookies:?}");
    // Signed out: neither the way back nor the address shows a record.
    for name in ["after", "shut"] {
        assert!(!names(text(seen, name)), "{name}: {seen}");
    }
    assert!(text(seen, "shut").contains("Passphrase"), "{seen}");
}
