//! A person who presses keys: mostly what the screen offers, otherwise anything.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::{Result, bail, ensure};
use node_core::contact::ContactAnswer;
use node_core::number::is_valid;
use node_core::programme;
use tests::random::Random;
use tests::transcript::exchange::{Exchange, Phone};

use super::screens::{Asks, Screens};

/// Of a hundred presses so many are valid choices.
const VALID_PERCENT: usize = 70;
/// One step of so many is sent twice.
const RETRY_EVERY: usize = 10;
/// One press of so many dials anew, as after a lost session.
const REDIAL_EVERY: usize = 60;
const CODE: &str = "*384*7#";
/// Screens that say that a pair, or a child of a known mother, was registered.
const SAVED: [&str; 4] = [
    "maternal-child/register/registered",
    "maternal-child/register/child-registered",
    "maternal-child/register/baby-registered#1",
    "maternal-child/register/baby-registered#2",
];
/// Registration numbers that a person remembers.
const NUMBERS_KEPT: usize = 6;
/// PINs that a walker types. Above 120 wrong ones in an hour the node slows its answers, and here
/// no time passes.
const PINS_MAX: usize = 14;

/// What a walk saw.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) presses: usize,
    pub(crate) retries: usize,
    /// Numbers of the children whose registration was shown, on however many pages.
    pub(crate) registered: BTreeSet<String>,
    pub(crate) screens: BTreeSet<String>,
    pub(crate) refusals: BTreeSet<&'static str>,
}

impl Seen {
    /// Puts another walk beside this one.
    pub(crate) fn add(&mut self, other: Self) {
        self.presses += other.presses;
        self.retries += other.retries;
        self.registered.extend(other.registered);
        self.screens.extend(other.screens);
        self.refusals.extend(other.refusals);
    }
}

/// Presses keys on one phone.
///
/// # Errors
/// A step that fails, shows nothing, or is answered differently when it is sent again.
pub(crate) async fn walk(
    exchange: Arc<Exchange>,
    mut phone: Phone,
    seed: u64,
    presses: usize,
) -> Result<Seen> {
    let programmes = programme::usual().expect("the shipped programme compiles");
    let screens = Screens::of(&programmes);
    let mut random = Random(seed);
    let mut seen = Seen::default();
    let mut next = CODE.to_owned();
    let mut numbers: Vec<String> = Vec::new();
    let mut pins = 0;
    while seen.presses < presses {
        let step = phone.types(&next);
        let answer = exchange.contact(step.clone()).await?;
        seen.presses += 1;
        if random.below(RETRY_EVERY) == 0 {
            seen.retries += 1;
            ensure!(
                exchange.contact(step).await? == answer,
                "a retry was answered anew"
            );
        }
        let ContactAnswer::Screen { text, end } = answer else {
            bail!("a step showed nothing")
        };
        ensure!(!text.trim().is_empty(), "an empty screen");
        let asks = note(&screens, &text, &mut seen)?;
        pins += usize::from(asks == Asks::Pin);
        let gives_up = asks == Asks::Pin && pins > PINS_MAX;
        let redials = end || gives_up || random.below(REDIAL_EVERY) == 0;
        next = if redials {
            CODE.to_owned()
        } else {
            press(&mut random, (&text, &numbers), asks)
        };
        // Whoever is registered on this phone can be asked for by her number.
        numbers.extend(numbers_in(&text));
        let old = numbers.len().saturating_sub(NUMBERS_KEPT);
        numbers.drain(..old);
    }
    Ok(seen)
}

/// The registration numbers on a screen.
fn numbers_in(text: &str) -> impl DoubleEndedIterator<Item = String> {
    let words = text.split(|c: char| !c.is_ascii_digit());
    words.filter(|word| is_valid(word)).map(str::to_owned)
}

/// Notes what the screen is; a screen that nobody knows fails the walk.
fn note(screens: &Screens, text: &str, seen: &mut Seen) -> Result<Asks> {
    let refusal = screens.refusal(text);
    seen.refusals.extend(refusal);
    let (names, asks) = screens.recognise(text);
    // Later pages and rejections have no beginning of their own.
    if names.iter().any(|name| SAVED.contains(name)) {
        let child = numbers_in(text).next_back();
        ensure!(child.is_some(), "registered without a number: {text}");
        seen.registered.extend(child);
    }
    seen.screens.extend(names.into_iter().map(str::to_owned));
    let unknown_end = refusal.is_some_and(|_| !text.contains('\n'));
    ensure!(!unknown_end, "a refusal without its question: {text}");
    Ok(asks)
}

fn press(random: &mut Random, (text, numbers): (&str, &[String]), asks: Asks) -> String {
    if random.below(100) < VALID_PERCENT {
        valid(random, (text, numbers), asks)
    } else {
        anything(random, asks)
    }
}

/// One of the keys that the screen shows, or an answer of the kind that it asks for.
fn valid(random: &mut Random, (text, numbers): (&str, &[String]), asks: Asks) -> String {
    let offered: Vec<&str> = text
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(key, _)| key)
        .filter(|key| key.chars().all(|c| c.is_ascii_digit()))
        .collect();
    if let (Asks::Number, [_, ..]) = (asks, numbers) {
        return random.one_of(numbers).clone();
    }
    let answers: &[&str] = match asks {
        Asks::Choice => &[],
        Asks::Count => &["0", "1", "2", "3"],
        Asks::Pin => &["491507"],
        Asks::Number => &["7294058630"],
        Asks::Name => &["Achieng", "Wanjiru Njeri", "N'Guessan", "Mary-Anne", "Zoé"],
        Asks::Phone => &[
            "0770000001",
            "+256770000003",
            "256 770 000005",
            "0770-000007",
            "0772123459",
        ],
        Asks::Identifier => &["CF9405123ABCDE", "cf 12-34", "123456"],
        Asks::LongAgo => &["1994", "17051994", "1/2/1990", "01-02-1990", "2001"],
        Asks::Recent => &[
            "01032026",
            "1 March",
            "13032026",
            "28.02.2026",
            "092026",
            "20062026",
        ],
    };
    let answers: Vec<&str> = answers.iter().copied().chain(forward(&offered)).collect();
    if answers.is_empty() {
        "1".to_owned()
    } else {
        (*random.one_of(&answers)).to_owned()
    }
}

/// The keys shown; the way back counts less and the next page more, so that a walk gets on.
fn forward<'a>(offered: &[&'a str]) -> Vec<&'a str> {
    let times = |key: &&'a str| match *key {
        "00" => 1,
        "99" => 15,
        _ => 3,
    };
    offered
        .iter()
        .flat_map(|key| std::iter::repeat_n(*key, times(key)))
        .collect()
}

/// Days and years that are wrong for one question or the other.
const DATES: &[&str] = &[
    "20122027", "052029", "122028", "20062028", "31022020", "15032026", "01012027", "01012019",
    "2025", "1900", "01011900", "01012020", "1994",
];

/// What thumbs and children type; where a day is asked for, often a wrong day.
fn anything(random: &mut Random, asks: Asks) -> String {
    if matches!(asks, Asks::LongAgo | Asks::Recent) && random.below(2) == 0 {
        return (*random.one_of(DATES)).to_owned();
    }
    if asks == Asks::Number && random.below(2) == 0 {
        return "7294058631".to_owned();
    }
    match random.below(5) {
        0 => random.below(1_000).to_string(),
        1 => format!("{:08}", random.below(100_000_000)),
        2 => (*random.one_of(&["0", "00", "99", "99", "99", "000", "#"])).to_owned(),
        3 => "Achieng ".repeat(random.below(40)),
        _ => (*random.one_of(&[
            "",
            " ",
            "*",
            "*1#",
            "12",
            "-1",
            "1.",
            "1)",
            "x",
            "\u{202e}",
            "\u{0}",
            "\u{1f600}",
            "\u{e9}",
            "\u{3a9}",
            "\u{661}",
            "+256",
            "0772",
            "07721234567890123",
            "Robert'); DROP TABLE person;--",
            "{ $count }",
            "<script>",
            "\\",
            "\u{1b}[2J",
        ]))
        .to_owned(),
    }
}
