//! The settings of docs/guides/modem.md start a node on two simulated modems: it hears a call and
//! shows the airtime.

use std::cell::Cell;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::peer::Program;
use tests::tree;

/// Longest wait for a line.
const LINE: Duration = Duration::from_mins(1);

/// The first TOML block of the guide.
fn example() -> String {
    let guide = tree::text("docs/guides/modem.md".as_ref());
    let block = guide.split("```toml\n").nth(1).expect("an example");
    block.split("```").next().expect("its end").to_owned()
}

fn simulate(number: &str, link: &std::path::Path) -> Program {
    let program = Program::start(
        Command::new(tree::program("outpost"))
            .args([
                "simulate",
                "modem",
                "--time-scale",
                "20",
                "--number",
                number,
            ])
            .arg("--link")
            .arg(link),
    );
    assert!(program.line(LINE).starts_with("modem at "));
    program
}

#[test]
fn the_guides_modems_are_brought_up_and_a_missed_call_brings_the_menu() {
    let folder = TempDir::new().expect("a folder");
    let place = |name: &str| folder.path().join(name);
    let mut settings = example();
    let mut modems = Vec::new();
    for (name, number) in [("main", "+256772000100"), ("spare", "+256752000100")] {
        let link = place(name);
        let port = format!("/dev/outpost/{name}-at");
        assert!(settings.contains(&port) && settings.contains(number));
        settings = settings.replace(&port, &link.display().to_string());
        modems.push(simulate(number, &link));
    }
    let store = place("store");
    std::fs::create_dir(&store).expect("made");
    settings = settings.replace("/var/lib/outpost", &store.display().to_string());
    let board = place("board").display().to_string();
    settings = settings.replace("/run/outpost/modem-main", &board);
    std::fs::write(place("outpost.toml"), settings).expect("written");
    let mut node = Program::start(
        Command::new(tree::program("outpost"))
            .args(["--log", "info", "run", "--config"])
            .arg(place("outpost.toml")),
    );
    assert_eq!(node.line(LINE), "node Clinic runs");
    // Both are ready, and the airtime of the one that asks is known; in any order.
    let (ready, read) = (Cell::new(0), Cell::new(0));
    node.error_line(LINE, |line| {
        ready.set(ready.get() + u32::from(line.contains("modem.note=Ready")));
        read.set(read.get() + u32::from(line.contains("contact.kind=\"balance\"")));
        (ready.get(), read.get()) == (2, 1)
    });
    modems[0].feed("ring +256772000001\n");
    let heard = node.error_line(LINE, |line| line.contains("contact.kind=\"call\""));
    assert!(
        !heard.contains("256772000001"),
        "no number in a log: {heard}"
    );
    let menu = modems[0].line(LINE);
    assert!(menu.starts_with("submitted to 256772000001"), "{menu}");
    assert!(node.stop().success(), "{}", node.complaints());
    let links = Command::new(tree::program("outpost"))
        .args(["message", "--json", "--data"])
        .arg(&store)
        .arg("links")
        .output()
        .expect("the program starts");
    let links: Value = serde_json::from_slice(&links.stdout).expect("JSON");
    let told = (&links[0]["link"], &links[0]["balance_minor"]);
    assert_eq!(told, (&json!("modem"), &json!(1_234_550)), "{links}");
}
