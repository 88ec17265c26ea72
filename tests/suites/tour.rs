//! The tour of the demo: the program ends 0, and what it counted is what the issue of the main path
//! promises. The counts come from the stores, the registry and the SMSC. Below it the week without a
//! line, and what the demo does not show: one code for several villages.

#[cfg(test)]
mod tour {
    mod gap;
    mod village;
}

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::tree;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

/// Longest wait for the tour.
const TOUR_S_MAX: u64 = 240;
/// Longest time from start to first screen of the program that ships, and of an unoptimised one.
const START_MS_MAX: [(&str, u128); 2] = [("release", 2_000), ("debug", 10_000)];
/// Starts that are timed; the fastest counts, because the machine does other things, too.
const STARTS: usize = 3;

fn demo(tour: &str) -> Command {
    let mut command = Command::new(tree::program("outpost"));
    command
        .args(["demo", "--tour", tour])
        .env_remove("OUTPOST_LOG");
    command.stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// Plays a tour to its good end: what it counted, how long it took left out, and its screens.
async fn play(tour: &str) -> (Value, String) {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("evidence.json");
    let run = demo(tour).arg("--json").arg(&file).output();
    let limit = Duration::from_secs(TOUR_S_MAX);
    let output = tokio::time::timeout(limit, run)
        .await
        .expect("in time")
        .expect("it runs");
    let screens = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{screens}\n{errors}");
    let text = std::fs::read_to_string(&file).expect("the evidence was written");
    let mut evidence: Value = serde_json::from_str(&text).expect("JSON");
    let seconds = evidence
        .as_object_mut()
        .expect("an object")
        .remove("seconds");
    assert!(seconds.is_some_and(|seconds| seconds.as_u64() < Some(TOUR_S_MAX)));
    (evidence, screens)
}

#[tokio::test]
async fn the_tour_of_registrations_comes_true() {
    let (evidence, screens) = play("registration").await;
    let promised = json!({
        "people": 20, "held": 21, "carried": 21, "accepted": 21,
        "effects_at_registry": 20, "write_calls_at_registry": 21,
        "correlation_ids_at_registry": 20, "duplicates_flagged": 1,
        "confirmed_by_sms": 21, "messages_sent_twice": 0,
    });
    assert_eq!(evidence, promised);
    check_screens(&screens);
}

/// The tour shows each registration as the person sees it.
fn check_screens(screens: &str) {
    let count = |text: &str| screens.lines().filter(|line| line.contains(text)).count();
    assert_eq!(count("| Registered: held here"), 21);
    assert_eq!(count("types *384*7#") + count("types *384*8#"), 21);
    assert!(
        screens.contains("\nSMS at +256770000001: "),
        "no message to the first worker"
    );
    assert!(
        screens.contains("\nSMS at +256770000002: "),
        "no message to the second worker"
    );
    assert!(
        count("Review 1: RN ..") >= 1,
        "nobody was asked about the pair"
    );
}

#[tokio::test]
async fn the_tour_of_bearers_comes_true() {
    let (evidence, screens) = play("bearers").await;
    let promised = json!({
        "registered_by_menu": 1, "registered_by_keyword": 1,
        "missed_calls": 2, "menus_after_missed_calls": 1,
        "restarts": 1, "resumed_on_another_bearer": 1, "registered_after_restart": 1,
        "messages_not_sent": 0, "messages_sent_twice": 0,
    });
    assert_eq!(evidence, promised);
    assert!(screens.contains("Continue where you stopped?"), "{screens}");
}

#[tokio::test]
async fn the_demo_shows_its_first_screen_at_once() {
    let mut fastest = u128::MAX;
    for _ in 0..STARTS {
        fastest = fastest.min(first_screen().await.as_millis());
    }
    let profile = tree::program("outpost");
    let profile = profile
        .parent()
        .and_then(|folder| folder.file_name())
        .expect("a profile");
    let (_, limit) = START_MS_MAX
        .into_iter()
        .find(|(name, _)| profile == *name)
        .expect("a known profile");
    println!(
        "first screen after {fastest} ms, limit {limit} ms in {}",
        profile.display()
    );
    assert!(
        fastest < limit,
        "the first screen came after {fastest} ms, limit {limit} ms"
    );
}

/// Time until the first screen; the program is stopped then.
async fn first_screen() -> Duration {
    let began = Instant::now();
    let mut child = demo("registration")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let screen = async {
        while let Some(line) = lines.next_line().await.expect("readable") {
            if line.starts_with("    | ") {
                return;
            }
        }
        panic!("the program ended without a screen");
    };
    let limit = Duration::from_secs(TOUR_S_MAX);
    tokio::time::timeout(limit, screen)
        .await
        .expect("a screen in time");
    let took = began.elapsed();
    child.kill().await.expect("it can be stopped");
    took
}
