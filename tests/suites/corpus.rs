//! Replays the fuzz corpus: every committed input keeps its promise, every type is reached.
//!
//! Negative controls in the same run: a planted fault is found by mutation within ten seconds, and
//! a corpus that lacks one type is noticed.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use tests::fuzz::{self, Reached, TARGETS, Target, planted, seed};
use tests::hostile::mutated;
use tests::random::Random;
use tests::tree;

/// Longest time until the planted fault is found; TESTING names it for every control.
const CONTROL: Duration = Duration::from_secs(10);
/// Mutated inputs that each real target survives here; long runs are the fuzzer's.
const MUTATIONS: u64 = 3_000;
/// Bytes of one corpus folder, so that the repository stays small.
const FOLDER_BYTES_MAX: usize = 200 * 1024;
/// Seed of all mutations; the same seed gives the same run.
const SEED: u64 = 0x0075_7470_6f73_7431;

fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder: PathBuf = tree::root().join("tests/fuzz/corpus").join(target);
    let entries = fs::read_dir(&folder).expect("a corpus folder");
    let mut inputs: Vec<(String, Vec<u8>)> = entries
        .map(|entry| entry.expect("a readable entry").path())
        .map(|path| {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            (name, fs::read(&path).expect("a readable input"))
        })
        .collect();
    inputs.sort();
    inputs
}

fn contents(inputs: &[(String, Vec<u8>)]) -> Vec<&[u8]> {
    inputs.iter().map(|(_, input)| input.as_slice()).collect()
}

/// What a target does with an input, or that it broke its promise.
fn play(run: fn(&[u8]) -> Reached, input: &[u8]) -> Option<Reached> {
    catch_unwind(AssertUnwindSafe(|| run(input))).ok()
}

fn missing(target: &Target, reached: &Reached) -> Vec<&'static str> {
    let wanted = target.reaches.iter().copied().flatten().copied();
    wanted.filter(|name| !reached.contains(name)).collect()
}

fn hex(input: &[u8]) -> String {
    let mut text = String::new();
    for octet in input {
        write!(text, "{octet:02x}").expect("a string takes anything");
    }
    text
}

#[test]
fn every_input_keeps_its_promise_and_every_type_is_reached() {
    for target in TARGETS {
        let mut reached = Reached::new();
        let inputs = corpus(target.name);
        for (name, input) in &inputs {
            let played = play(target.run, input);
            reached.extend(played.unwrap_or_else(|| panic!("{} breaks on {name}", target.name)));
        }
        let missing = missing(&target, &reached);
        assert!(
            missing.is_empty(),
            "corpus of {} does not reach {missing:?}",
            target.name
        );
        println!(
            "{}: {} inputs reach {} names",
            target.name,
            inputs.len(),
            reached.len()
        );
    }
}

#[test]
fn every_corpus_is_small_and_its_files_are_named_by_their_hash() {
    for target in TARGETS {
        let inputs = corpus(target.name);
        let bytes: usize = inputs.iter().map(|(_, input)| input.len()).sum();
        assert!(
            bytes <= FOLDER_BYTES_MAX,
            "corpus of {} has {bytes} bytes",
            target.name
        );
        for (name, input) in &inputs {
            assert_eq!(*name, seed::file_name(input), "a file of {}", target.name);
        }
    }
}

#[test]
fn every_target_survives_its_mutated_corpus() {
    for target in TARGETS {
        let inputs = corpus(target.name);
        let inputs = contents(&inputs);
        let mut random = Random(SEED);
        for number in 0..MUTATIONS {
            let input = mutated(&inputs, &mut random);
            assert!(
                play(target.run, &input).is_some(),
                "{} breaks at mutation {number}: {}",
                target.name,
                hex(&input)
            );
        }
    }
}

#[test]
fn the_planted_fault_is_found_within_ten_seconds() {
    let inputs = corpus("smpp_pdu");
    assert!(
        inputs
            .iter()
            .all(|(_, input)| play(planted::smpp_pdu, input).is_some()),
        "the corpus itself finds the fault: then finding it proves nothing about mutation"
    );
    let inputs = contents(&inputs);
    let mut random = Random(SEED);
    let began = Instant::now();
    let mut tries = 0_u64;
    let found = loop {
        tries += 1;
        let input = mutated(&inputs, &mut random);
        if play(planted::smpp_pdu, &input).is_none() {
            break Some(input);
        }
        if began.elapsed() > CONTROL {
            break None;
        }
    };
    let input = found.unwrap_or_else(|| panic!("the planted fault was not found in {tries} tries"));
    println!(
        "planted fault found after {tries} tries in {:?}",
        began.elapsed()
    );
    assert!(
        play(fuzz::smpp_pdu, &input).is_some(),
        "the real decoder breaks on it too"
    );
}

#[test]
fn a_corpus_that_lacks_one_type_is_noticed() {
    let target = TARGETS[0];
    let played: Vec<Reached> = corpus(target.name)
        .iter()
        .map(|(_, input)| (target.run)(input))
        .collect();
    for lacking in ["outbind", "deliver_sm", "note: throttled"] {
        let rest = played.iter().filter(|reached| !reached.contains(lacking));
        let reached: BTreeSet<&str> = rest.flatten().copied().collect();
        assert!(
            missing(&target, &reached).contains(&lacking),
            "{lacking} is not missed"
        );
    }
}
