//! Random keys: 18,000 presses a dialogue, 70 % of them choices drawn from the screen shown.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::super::{Phase, refusals};
use super::walk::{Walk, noon, principal, programmes, rejection};
use crate::programme::Programmes;
use crate::programme::block::{Block, Rule};
use crate::role::Role;

const PRESSES: usize = 18_000;

fn below(rng: &mut TestRng, count: usize) -> usize {
    usize::try_from(rng.next_u32()).unwrap() % count.max(1)
}

fn pick<'a>(rng: &mut TestRng, from: &[&'a str]) -> &'a str {
    from[below(rng, from.len())]
}

/// Names that are hard to show: long ones, other scripts, marks, extension characters.
const NAMES: [&str; 8] = [
    "Akinyi",
    "Anne-Marie N'Goran",
    "Françoise",
    "Wolimbwa Nabukwasi Nanyonjo Kyomuhangi A",
    "Ärzte Ëlfriede Ïda Öde Übel Ÿvonne Åsa X",
    "Владислава Константиновна Преображенская",
    "प्रियंका",
    "አበበ",
];

const ANYTHING: [&str; 18] = [
    "", " ", "00", "99", "0", "7", "1994", "31022020", "01012090", "01011901", "17052026",
    "17052030", "052019", "hello", "+++", "\u{7}", "1 2 3", "'; drop",
];

/// A valid answer to the screen shown.
fn valid(rng: &mut TestRng, programmes: &Programmes, walk: &Walk<'_>) -> String {
    if walk.session.page > 0 && below(rng, 4) == 0 {
        return "99".to_owned();
    }
    let text = walk.text();
    let mut choices: Vec<&str> = text
        .lines()
        .filter_map(|line| line.split(' ').next())
        .filter(|word| !word.is_empty() && word.chars().all(|c| c.is_ascii_digit()))
        .collect();
    let programme = programmes.iter().next().unwrap();
    let block = programme
        .dialogue(&walk.session.dialogue)
        .and_then(|dialogue| dialogue.block(&walk.session.block));
    // Leaving and going back are choices, too, but seldom ones, or no walk would get far.
    if below(rng, 8) != 0 {
        choices.retain(|choice| !choice.starts_with('0'));
    }
    let typed = match block {
        Some(Block::Open(open)) => match open.rule {
            Rule::Name => pick(rng, &NAMES),
            Rule::Phone => pick(rng, &["0772123456", "+256 772 123456", "00254711123456"]),
            Rule::Identifier => pick(rng, &["CF9405123", "1234567890"]),
            Rule::RegistrationNumber => pick(rng, &["7294058630", "2730594186"]),
            Rule::Text => "text",
        },
        Some(Block::Date(date)) if date.month => pick(rng, &["092026", "092030"]),
        Some(Block::Date(date)) if date.days_ahead > 0 => pick(rng, &["17092026", "17052030"]),
        Some(Block::Date(date)) if date.year => pick(rng, &["1994", "17051994"]),
        Some(Block::Date(_)) => pick(rng, &["17052025", "1", "2"]),
        _ => "",
    };
    if typed.is_empty() || (!choices.is_empty() && below(rng, 6) == 0) {
        if choices.is_empty() {
            "1".to_owned()
        } else {
            pick(rng, &choices).to_owned()
        }
    } else {
        typed.to_owned()
    }
}

fn anything(rng: &mut TestRng) -> String {
    match below(rng, 4) {
        0 => "x".repeat(5_000),
        1 => {
            let count = below(rng, 45);
            (0..count)
                .map(|_| char::from_u32(rng.next_u32() % 0x3000).unwrap_or('\u{fffd}'))
                .collect()
        }
        _ => pick(rng, &ANYTHING).to_owned(),
    }
}

struct Tally {
    blocks: BTreeSet<String>,
    refusals: BTreeSet<String>,
    commands: usize,
}

/// Presses keys; whenever a conversation ends, the next one is in another language.
fn press(programmes: &Programmes, role: Role, rng: &mut TestRng) -> Tally {
    let mut tally = Tally {
        blocks: BTreeSet::new(),
        refusals: BTreeSet::new(),
        commands: 0,
    };
    let people = ["en", "fr", "sw"].map(|language| principal(role, language));
    let mut walk = Walk::dial(programmes, &people[0], noon());
    for _ in 0..PRESSES {
        walk.checked_text();
        tally.blocks.insert(walk.session.block.clone());
        tally.refusals.extend(
            walk.session
                .notice
                .as_ref()
                .map(|notice| notice.key.clone()),
        );
        if walk.session.is_finished() || below(rng, 200) == 0 {
            tally.commands += walk.commands.len();
            let kept = walk.session.clone();
            walk = Walk::redial(programmes, &people[below(rng, 3)], Some(kept), noon());
            continue;
        }
        if below(rng, 20) == 0 {
            walk.rejection = Some(rejection("reject-incomplete"));
        }
        walk.known = ["0", "1", "2"][below(rng, 3)];
        walk.pin_state = ["open", "set", "none", "several", "nobody"][below(rng, 5)];
        let input = if below(rng, 10) < 7 {
            valid(rng, programmes, &walk)
        } else {
            anything(rng)
        };
        walk.type_in(&input);
        assert_ne!(walk.session.phase, Phase::Running);
    }
    tally
}

#[test]
#[expect(
    clippy::print_stdout,
    reason = "the gate's figures belong into the log"
)]
fn random_keys_visit_the_screens_and_every_refusal_and_break_nothing() {
    let programmes = programmes();
    let programme = programmes.iter().next().unwrap();
    let seeds: BTreeMap<&str, Role> = [
        ("register", Role::HealthWorker),
        ("my-status", Role::Citizen),
    ]
    .into();
    for (code, role) in seeds {
        let dialogue = programme.dialogue(code).unwrap();
        let expected: BTreeSet<&str> = refusals(dialogue);
        let shown: BTreeSet<&str> = dialogue
            .blocks
            .iter()
            .filter(|b| b.is_shown())
            .map(Block::code)
            .collect();
        let mut runner = TestRunner::new_with_rng(
            Config::default(),
            TestRng::deterministic_rng(RngAlgorithm::ChaCha),
        );
        let tally = press(&programmes, role, runner.rng());
        let visited = shown
            .iter()
            .filter(|code| tally.blocks.contains(**code))
            .count();
        let unseen: Vec<&&str> = expected
            .iter()
            .filter(|key| !tally.refusals.contains(**key))
            .collect();
        println!(
            "{code}: {visited} of {} screens, {} refusals, {} commands",
            shown.len(),
            tally.refusals.len(),
            tally.commands
        );
        assert!(
            visited * 10 >= shown.len() * 9,
            "{visited} of {}",
            shown.len()
        );
        assert!(unseen.is_empty(), "never seen: {unseen:?}");
        assert!(tally.commands > 10);
    }
}
