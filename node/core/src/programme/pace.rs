//! How long a dialogue takes on a keypad: each screen within the time for an answer, each path
//! within so many network sessions. A screen is saved before it is shown, so a path may be cut
//! between any two of them.
//!
//! The speeds are guesses on the cautious side; nobody has measured them with our users yet.

use super::block::{Block, Rule};
use super::check::MANY_CHOICES_MAX;
use super::definition::Dialogue;
use super::finding::Finding;
use super::{Programme, SERVICE_FILE, fit, graph};
use crate::dialogue::screen::{Kept, Situation, View};
use crate::dialogue::{INPUT_CHARS_MAX, PIN_DIGITS_MAX, page};
use crate::number::LONG_NUMBER_DIGITS;
use crate::person::NAME_CHARS_MAX;
use crate::text::Texts;

/// Milliseconds to read a character of a screen: 20 a second, about 230 words a minute.
const READ_CHARACTER_MS: u64 = 50;
/// Milliseconds to type a letter with T9, about 20 words a minute.
const TYPE_LETTER_MS: u64 = 600;
/// Milliseconds to type a digit.
const TYPE_DIGIT_MS: u64 = 400;
/// Milliseconds between sending an answer and seeing the next screen, by network and node.
const ROUND_TRIP_MS: u64 = 1_500;
/// Most digits of an answer that is a number.
const NUMBER_DIGITS: usize = 10;
/// Most characters of a telephone number as typed.
const PHONE_CHARACTERS: usize = 16;
/// Most characters of an identifier.
const IDENTIFIER_CHARACTERS: usize = 20;

/// What the longest path of a dialogue costs in one language.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Expectation {
    /// Code of the dialogue.
    pub dialogue: String,
    /// The language.
    pub language: String,
    /// Screens of the longest path.
    pub screens: u64,
    /// Seconds of the slowest path.
    pub seconds: u64,
    /// Network sessions that it needs.
    pub sessions: u64,
}

/// What each dialogue costs in each language.
pub(super) fn expectations(programme: &Programme, texts: &Texts) -> Vec<Expectation> {
    let values = fit::longest_values(programme);
    let languages = programme.languages().iter();
    languages
        .flat_map(|language| {
            programme.definition().dialogues.iter().map(|dialogue| {
                let view = View {
                    programme,
                    dialogue,
                    texts,
                    language: &language.code,
                    kept: Kept {
                        values: &values,
                        ..Kept::NOTHING
                    },
                };
                expectation(&view)
            })
        })
        .collect()
}

/// Findings about time.
pub(super) fn check(programme: &Programme, texts: &Texts) -> Vec<Finding> {
    let timing = programme.definition().timing;
    let values = fit::longest_values(programme);
    let mut findings = Vec::new();
    for language in programme.languages() {
        for dialogue in &programme.definition().dialogues {
            let view = View {
                programme,
                dialogue,
                texts,
                language: &language.code,
                kept: Kept {
                    values: &values,
                    ..Kept::NOTHING
                },
            };
            let slow = dialogue
                .blocks
                .iter()
                .filter(|block| block.is_shown())
                .find(|block| {
                    slowest_page_ms(&view, block) > u64::from(timing.person_s).saturating_mul(1_000)
                });
            if let Some(block) = slow {
                let message = format!("answering takes more than {} s", timing.person_s);
                findings.push(finding(&view, Some(block), message, "ask in two steps"));
            }
            let expected = expectation(&view);
            let screens_max = language.screens_max.unwrap_or(timing.screens_max);
            if expected.screens > u64::from(screens_max) {
                let message = format!(
                    "its longest path has {} screens, {screens_max} allowed",
                    expected.screens
                );
                findings.push(finding(&view, None, message, "ask for less"));
            }
            if expected.sessions > u64::from(timing.sessions_max) {
                let message = format!(
                    "its slowest path takes {} s in {} sessions, {} allowed",
                    expected.seconds, expected.sessions, timing.sessions_max
                );
                findings.push(finding(&view, None, message, "ask for less"));
            }
        }
    }
    findings
}

fn finding(view: &View<'_>, block: Option<&Block>, message: String, fix: &str) -> Finding {
    let of_block = block.map_or_else(String::new, |block| format!(", block {}", block.code()));
    let place = format!("dialogue {}{of_block}", view.dialogue.code);
    Finding::new(SERVICE_FILE, place, message, fix).in_language(view.language)
}

fn expectation(view: &View<'_>) -> Expectation {
    let dialogue: &Dialogue = view.dialogue;
    let screens = |block: &Block| pages_of(view, block);
    let longest = graph::longest_path(dialogue, &screens);
    let time = |block: &Block| block_ms(view, block);
    let slowest = graph::longest_path(dialogue, &time);
    let seconds: u64 = slowest.iter().map(|block| time(block)).sum();
    Expectation {
        dialogue: dialogue.code.clone(),
        language: view.language.to_owned(),
        screens: longest.iter().map(|block| screens(block)).sum(),
        seconds: seconds.div_ceil(1_000),
        sessions: legs(view, &slowest),
    }
}

/// Network sessions for a path: a new one begins where the next page would not fit any more.
pub(super) fn legs(view: &View<'_>, path: &[&Block]) -> u64 {
    let session_ms = u64::from(view.programme.definition().timing.session_s).saturating_mul(1_000);
    let (mut legs, mut used) = (1_u64, 0_u64);
    for block in path.iter().filter(|block| block.is_shown()) {
        let pages = pages_of(view, block).max(1);
        let page_ms = block_ms(view, block).checked_div(pages).unwrap_or(0);
        for _ in 0..pages {
            used = used.saturating_add(page_ms);
            if used > session_ms {
                legs = legs.saturating_add(1);
                // Dialling again shows the question whether to go on, then the screen.
                used = page_ms.saturating_add(ROUND_TRIP_MS.saturating_mul(2));
            }
        }
    }
    legs
}

/// Screens of a block, and milliseconds that they take.
pub(super) fn cost(view: &View<'_>, block: &Block) -> (u64, u64) {
    (pages_of(view, block), block_ms(view, block))
}

fn pages_of(view: &View<'_>, block: &Block) -> u64 {
    if !block.is_shown() {
        return 0;
    }
    u64::try_from(fit::page_count(view, block)).unwrap_or(u64::MAX)
}

fn block_ms(view: &View<'_>, block: &Block) -> u64 {
    if !block.is_shown() {
        return 0;
    }
    let pages = pages_of(view, block);
    let turning = ROUND_TRIP_MS.saturating_add(TYPE_DIGIT_MS.saturating_mul(2));
    reading_ms(view, block)
        .saturating_add(typing_ms(block))
        .saturating_add(ROUND_TRIP_MS)
        .saturating_add(turning.saturating_mul(pages.saturating_sub(1)))
}

/// Reading and answering the page on which most is to be done.
fn slowest_page_ms(view: &View<'_>, block: &Block) -> u64 {
    let max = view
        .programme
        .layout(view.language)
        .map_or(0, |layout| layout.max);
    let page_ms = u64::try_from(max)
        .unwrap_or(0)
        .saturating_mul(READ_CHARACTER_MS);
    reading_ms(view, block)
        .min(page_ms)
        .saturating_add(typing_ms(block))
}

fn reading_ms(view: &View<'_>, block: &Block) -> u64 {
    let situation = Situation {
        values: view.kept.values,
        clock_known: true,
        goes_back: true,
    };
    let Some(layout) = view.programme.layout(view.language) else {
        return 0;
    };
    let pages = page::pages(&view.parts(block, situation), layout);
    let characters: usize = pages.iter().map(|page| page.chars().count()).sum();
    u64::try_from(characters)
        .unwrap_or(u64::MAX)
        .saturating_mul(READ_CHARACTER_MS)
}

fn typing_ms(block: &Block) -> u64 {
    let (count, each_ms) = match block {
        Block::Message(_)
        | Block::Case(_)
        | Block::Run(_)
        | Block::Calculate(_)
        | Block::Call(_)
        | Block::Return(_)
        | Block::Repeat(_)
        | Block::Prove(_) => (0, 0),
        Block::SelectOne(_) => (2, TYPE_DIGIT_MS),
        Block::SelectMany(many) if many.list.is_some() => (MANY_CHOICES_MAX, TYPE_DIGIT_MS),
        Block::SelectMany(many) => (many.choices.len(), TYPE_DIGIT_MS),
        Block::Numeric(_) | Block::Money(_) => (NUMBER_DIGITS, TYPE_DIGIT_MS),
        Block::Date(_) => ("DDMMYYYY".len(), TYPE_DIGIT_MS),
        Block::Open(open) => match open.rule {
            Rule::Name => (NAME_CHARS_MAX, TYPE_LETTER_MS),
            Rule::Phone => (PHONE_CHARACTERS, TYPE_DIGIT_MS),
            Rule::Identifier => (IDENTIFIER_CHARACTERS, TYPE_LETTER_MS),
            Rule::RegistrationNumber => (LONG_NUMBER_DIGITS, TYPE_DIGIT_MS),
            Rule::Text => (
                open.max.map_or(INPUT_CHARS_MAX, usize::from),
                TYPE_LETTER_MS,
            ),
        },
        Block::Pin(_) => (PIN_DIGITS_MAX, TYPE_DIGIT_MS),
    };
    u64::try_from(count)
        .unwrap_or(u64::MAX)
        .saturating_mul(each_ms)
}
