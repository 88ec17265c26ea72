//! Registration numbers in number: D1, D2 and D4 over as many as `OUTPOST_NUMBERS` says.
//!
//! The long gate takes the sizes that the requirements name; the ordinary run a fiftieth. What
//! a number shows about the order in which it was given out is tested against its own control:
//! numbers in sorted order, and a block of neighbours.

use std::collections::BTreeSet;

use node_core::number::list::{LEASE_NUMBERS_MAX, lease, provisional};
use node_core::number::{full, is_valid, passes_filters};
use serde_json::json;
use tests::crash::record::{note, size};
use tests::random::Random;

/// Numbers in the ordinary run.
const NUMBERS: u64 = 2_000;
/// Nodes that lease them.
const NODES: u32 = 50;
const KEY: [u8; 32] = [42; 32];
const SEED: u64 = 0x0b57_2206;
/// Bodies of all that pass the filters: 14.3 % of 10^9 (measured over every 9,973rd).
const ALL: f64 = 142_800_000.0;

fn numbers() -> usize {
    usize::try_from(size("OUTPOST_NUMBERS", NUMBERS)).expect("a number of numbers")
}

/// The first bodies of the list, in the order of issue.
fn issued(count: usize) -> Vec<u32> {
    let (mut bodies, mut cursor) = (Vec::new(), 0);
    while bodies.len() < count {
        let (some, next) = lease(&KEY, cursor, LEASE_NUMBERS_MAX);
        bodies.extend(some);
        cursor = next;
    }
    bodies.truncate(count);
    bodies
}

/// D1: whichever node asks next, for how many, and whatever list is lost on the way.
#[test]
fn no_two_persons_get_the_same_number() {
    let wanted = numbers() * 10;
    let mut random = Random(SEED);
    let (mut seen, mut cursor, mut lost) = (BTreeSet::new(), 0, 0);
    while seen.len() < wanted {
        let count = u32::try_from(1 + random.below(1_000)).expect("few");
        let (bodies, next) = lease(&KEY, cursor, count);
        cursor = next;
        // A returned, frozen or lost list is never leased again.
        if random.below(10) == 0 {
            lost += bodies.len();
            continue;
        }
        for body in bodies {
            assert!(seen.insert(full(body)), "leased twice: {body}");
        }
    }
    for node in 0..NODES {
        for running in 0..200 {
            let number = provisional(100_041 + node, running, &KEY).expect("a number");
            assert!(seen.insert(number), "two provisional numbers");
        }
    }
    note(
        "numbers_once",
        &json!({ "different": seen.len(), "lost": lost }),
    );
}

/// D2: every wrong digit and every swap of neighbours, of every number.
#[test]
fn every_single_error_is_refused() {
    let mut tried = 0_u64;
    for body in issued(numbers()) {
        let number = full(body).into_bytes();
        for at in 0..number.len() {
            for digit in b'0'..=b'9' {
                let mut wrong = number.clone();
                wrong[at] = digit;
                tried += u64::from(digit != number[at]);
                assert_eq!(valid(&wrong), digit == number[at], "{body}");
            }
            if at > 0 && number[at] != number[at - 1] {
                let mut swapped = number.clone();
                swapped.swap(at, at - 1);
                tried += 1;
                assert!(!valid(&swapped), "{body}");
            }
        }
    }
    note("number_errors_refused", &json!(tried));
}

fn valid(digits: &[u8]) -> bool {
    is_valid(core::str::from_utf8(digits).expect("digits"))
}

fn float(count: usize) -> f64 {
    f64::from(u32::try_from(count).expect("fewer than 2^32"))
}

/// Spearman's correlation of order of issue and value.
fn rank_correlation(bodies: &[u32]) -> f64 {
    let mut order: Vec<usize> = (0..bodies.len()).collect();
    order.sort_by_key(|at| bodies[*at]);
    let count = float(bodies.len());
    let squares: f64 = order
        .iter()
        .enumerate()
        .map(|(rank, at)| (float(rank) - float(*at)).powi(2))
        .sum();
    1.0 - 6.0 * squares / (count * (count * count - 1.0))
}

/// Issued neighbours of issued numbers, and how many there would be by chance.
fn neighbours(bodies: &[u32]) -> (f64, f64) {
    let all: BTreeSet<u32> = bodies.iter().copied().collect();
    let (mut valid, mut found) = (0, 0);
    for body in bodies {
        for next in [body - 1, body + 1] {
            valid += usize::from(passes_filters(&full(next)));
            found += usize::from(all.contains(&next));
        }
    }
    (float(found), float(valid) * float(bodies.len() - 1) / ALL)
}

/// D4: neither order nor neighbourhood shows.
#[test]
fn a_number_shows_neither_its_order_nor_its_neighbours() {
    let bodies = issued(numbers());
    let correlation = rank_correlation(&bodies);
    // By chance it strays by 1/√n: three times that is 0.0095 for 10^5, the bound is 0.01.
    let bound = 0.01_f64.max(3.0 / float(bodies.len()).sqrt());
    assert!(correlation.abs() < bound, "{correlation}");
    let (found, expected) = neighbours(&bodies);
    // One degree of freedom at 1 %: 6.63.
    let chi = (found - expected).powi(2) / expected;
    assert!(chi < 6.63, "{found} neighbours, {expected} expected");
    note(
        "number_order",
        &json!({ "numbers": bodies.len(), "rank_correlation": correlation,
            "neighbours": found, "expected": expected, "chi_square": chi }),
    );
    // The controls: a list that was sorted, and one that was cut out of a block.
    let mut sorted = bodies.clone();
    sorted.sort_unstable();
    assert!(rank_correlation(&sorted) > 0.99);
    let block = (200_000_000..).filter(|body| passes_filters(&full(*body)));
    let block: Vec<u32> = block.take(1_000).collect();
    let (found, expected) = neighbours(&block);
    assert!((found - expected).powi(2) / expected > 6.63);
}
