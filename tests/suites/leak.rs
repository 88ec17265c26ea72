//! Leaks: after the whole tour at TRACE no name, number or id that it typed stands in the log, and
//! none in the files that a thief of the powered-off disks would read without the key file.
//!
//! An empty log proves nothing, so every step must have left a line with its trace id; and the
//! search proves that it finds by finding what is planted into copies.

mod leak {
    pub(crate) mod search;
}

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use node::roles::demo::families;
use tempfile::TempDir;
use tests::tree;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use leak::search::{FORMS, Hit, Search, VALUE_CHARS_MIN, forms};

/// Longest wait for the tour.
const TOUR_S_MAX: u64 = 240;
/// Fewest values that make the search worth something.
const VALUES_MIN: usize = 100;
/// Name of the file that holds the keys; the only one that may open what is sealed.
const KEY_FILE: &str = "keys";
/// Numbers of the demo's workers.
const WORKERS: [&str; 2] = ["256770000001", "256770000002"];

/// A tour that was played, and what it left.
struct Tour {
    folder: TempDir,
    log: Vec<u8>,
    screens: String,
    days: BTreeSet<Date>,
}

#[tokio::test]
async fn the_whole_tour_leaves_no_value_in_its_log_or_on_its_disks() {
    let tour = play().await;
    let values = values(&tour);
    let search = Search::new(&values.iter().map(String::as_str).collect::<Vec<_>>());
    println!(
        "searched for {} values in {} bytes of log",
        search.values(),
        tour.log.len()
    );
    assert!(
        search.values() >= VALUES_MIN,
        "only {} values",
        search.values()
    );

    assert_eq!(
        told(&tour.log, &search.hits(&tour.log)),
        Vec::<String>::new(),
        "leaks in the log"
    );
    check_steps(&tour);
    check_planted_in_log(&search, &tour.log, &values);
    check_disks(&search, &tour, &values);
}

/// A power cut leaves the write-ahead log as it is, so the disks of a killed demo are read, too.
#[tokio::test]
async fn a_killed_demo_leaves_no_value_on_its_disks() {
    let folder = TempDir::new().expect("a folder");
    let began = today();
    let mut demo = demo(folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut lines = BufReader::new(demo.stdout.take().expect("piped")).lines();
    let mut screens = String::new();
    let held = async {
        while let Some(line) = lines.next_line().await.expect("readable") {
            let done = line.contains("registrations are held on the nodes");
            screens.extend([line.as_str(), "\n"]);
            if done {
                return true;
            }
        }
        false
    };
    let limit = Duration::from_secs(TOUR_S_MAX);
    let held = tokio::time::timeout(limit, held)
        .await
        .expect("registered in time");
    assert!(held, "the demo ended early");
    demo.kill().await.expect("it can be killed");
    let tour = Tour {
        folder,
        log: Vec::new(),
        screens,
        days: BTreeSet::from([began, today()]),
    };
    let values = values(&tour);
    let search = Search::new(&values.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(
        search.values() >= VALUES_MIN,
        "only {} values",
        search.values()
    );
    let logs = data_files(tour.folder.path())
        .into_iter()
        .filter(|f| f.ends_with("outpost.db-wal"));
    assert!(logs.count() >= 2, "a kill leaves write-ahead logs");
    check_disks(&search, &tour, &values);
}

/// Every step typed left at least one line with its trace id.
fn check_steps(tour: &Tour) {
    let typed = tour
        .screens
        .lines()
        .filter(|line| line.contains(" types "))
        .count();
    let log = String::from_utf8_lossy(&tour.log);
    let lines = log
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let ids: BTreeSet<String> = lines
        .filter(|line: &serde_json::Value| line["fields"]["contact.kind"] == "ussd")
        .filter_map(|line| line["fields"]["trace.id"].as_str().map(str::to_owned))
        .collect();
    println!(
        "{typed} steps typed, {} trace ids of steps in the log",
        ids.len()
    );
    assert!(typed > 200, "the tour typed only {typed} steps");
    assert!(
        ids.len() >= typed,
        "{} trace ids for {typed} steps",
        ids.len()
    );
}

fn check_planted_in_log(search: &Search, log: &[u8], values: &[String]) {
    for (form, bytes) in forms(&values[0]) {
        let mut copy = log.to_vec();
        copy.extend_from_slice(b"\n{\"message\":\"hello ");
        copy.extend_from_slice(&bytes);
        copy.extend_from_slice(b"\"}\n");
        let hits = search.hits(&copy);
        assert!(!hits.is_empty(), "a planted {form} was not found");
    }
}

fn check_disks(search: &Search, tour: &Tour, values: &[String]) {
    let files = data_files(tour.folder.path());
    let bytes: usize = files
        .iter()
        .map(|file| fs::read(file).expect("readable").len())
        .sum();
    println!("searched {} files of data, {bytes} bytes", files.len());
    let stores = files
        .iter()
        .filter(|file| file.ends_with("outpost.db"))
        .count();
    assert_eq!(stores, 4, "centre, hub and two nodes have a store each");
    for file in &files {
        let content = fs::read(file).expect("readable");
        let found = told(&content, &search.hits(&content));
        assert_eq!(found, Vec::<String>::new(), "{}", file.display());
    }
    let mut copy = fs::read(&files[0]).expect("readable");
    let middle = copy.len() / 2;
    copy.splice(middle..middle, format!(" {} ", values[1]).into_bytes());
    assert!(
        !search.hits(&copy).is_empty(),
        "a value in clear was not found in a copy"
    );
}

/// What was found where, without the value: the log of a test must not leak either.
fn told(haystack: &[u8], hits: &[Hit]) -> Vec<String> {
    let line = |hit: &Hit| haystack[..hit.offset].split(|byte| *byte == b'\n').count();
    let tell = |hit: &Hit| format!("value {} as {} in line {}", hit.value, hit.form, line(hit));
    hits.iter().map(tell).collect()
}

/// Plays the tour of the real program with everything logged.
async fn play() -> Tour {
    let folder = TempDir::new().expect("a folder");
    let (log, screens) = (folder.path().join("log"), folder.path().join("screens"));
    let began = today();
    let mut demo = demo(folder.path())
        .args(["--log", "trace", "--log-json"])
        .stdout(File::create(&screens).expect("a file"))
        .stderr(File::create(&log).expect("a file"))
        .spawn()
        .expect("the program starts");
    let limit = Duration::from_secs(TOUR_S_MAX);
    let status = tokio::time::timeout(limit, demo.wait()).await;
    let status = status
        .expect("the tour ends in time")
        .expect("the program can be waited for");
    let screens = fs::read_to_string(&screens).expect("screens");
    let end = screens
        .get(screens.len().saturating_sub(2_000)..)
        .unwrap_or(&screens);
    assert!(status.success(), "the tour failed:\n{end}");
    let log = fs::read(&log).expect("a log");
    Tour {
        folder,
        log,
        screens,
        days: BTreeSet::from([began, today()]),
    }
}

/// The tour with its data in a folder below.
fn demo(folder: &Path) -> Command {
    let mut command = Command::new(tree::program("outpost"));
    command
        .args(["demo", "--tour", "--data"])
        .arg(folder.join("data"));
    command
        .env_remove("OUTPOST_LOG")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

/// Everything personal that the tour typed or was shown, without repeats.
fn values(tour: &Tour) -> Vec<String> {
    let mut values = BTreeSet::new();
    for family in tour.days.iter().flat_map(|day| families::all(*day)) {
        values.extend(family.inputs("1"));
        // A number without its plus and without its country, a day as records write it.
        values.extend([1, 4].map(|start| family.phone.split_at(start).1.to_owned()));
        values.extend(
            [&family.mother_birth, &family.child_birth]
                .into_iter()
                .filter_map(|d| iso(d)),
        );
    }
    values.extend(
        WORKERS
            .iter()
            .flat_map(|worker| [*worker, worker.split_at(3).1])
            .map(str::to_owned),
    );
    values.extend(shown_numbers(&tour.screens));
    values.retain(|value| value.chars().count() >= VALUE_CHARS_MIN);
    values.into_iter().collect()
}

/// `DDMMYYYY` in ISO 8601.
fn iso(typed: &str) -> Option<String> {
    let day: Vec<char> = typed.chars().collect();
    let part = |range: std::ops::Range<usize>| day[range].iter().collect::<String>();
    (day.len() == 8).then(|| format!("{}-{}-{}", part(4..8), part(2..4), part(0..2)))
}

/// Registration numbers on the screens.
fn shown_numbers(screens: &str) -> BTreeSet<String> {
    let words = screens.split(|c: char| !c.is_ascii_digit());
    words
        .filter(|word| node_core::number::is_valid(word))
        .map(str::to_owned)
        .collect()
}

/// All files below the folder's stores but the key files.
fn data_files(folder: &Path) -> Vec<PathBuf> {
    let mut folders = vec![folder.join("data")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)
            .expect("readable")
            .map(|entry| entry.expect("readable"))
        {
            if entry.file_type().expect("a type").is_dir() {
                folders.push(entry.path());
            } else if entry.file_name() != KEY_FILE {
                files.push(entry.path());
            }
        }
    }
    files.sort_by_key(|file| std::cmp::Reverse(fs::metadata(file).expect("a size").len()));
    files
}

#[test]
fn every_form_of_a_value_is_found_at_every_place() {
    let value = "Wanjiru O'Neil";
    let search = Search::new(&[value]);
    let mut seen = BTreeSet::new();
    for (form, bytes) in forms(value) {
        for before in 0..5 {
            let text = [&vec![b'-'; before], bytes.as_slice(), b"-"].concat();
            assert!(
                search.hits(&text).iter().any(|hit| hit.form == form),
                "{form}"
            );
        }
        seen.insert(form);
    }
    assert_eq!(seen, BTreeSet::from(FORMS));
    for before in 0..3 {
        use base64::Engine;
        let text = format!("{}{value} and more", "x".repeat(before));
        let encoded = base64::engine::general_purpose::STANDARD.encode(text);
        assert!(
            !search.hits(encoded.as_bytes()).is_empty(),
            "base64 after {before} bytes"
        );
    }
}

#[test]
fn words_within_words_and_short_values_are_no_leaks() {
    let search = Search::new(&["Grace", "1985", "20111985", "256770010000"]);
    assert_eq!(search.values(), 3);
    check(
        &search,
        "graceful Graceful disgrace 1985 920111985 201119850",
        0,
    );
    check(&search, "Grace grace \"Grace\" (20111985)", 4);
    check(&search, "tel256770010000", 1);
}

fn check(search: &Search, text: &str, expected: usize) {
    let hits = search.hits(text.as_bytes());
    assert_eq!(hits.len(), expected, "{text}: {hits:?}");
}
