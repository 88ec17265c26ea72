//! What each way through a dialogue costs a person: screens, seconds, network sessions, money.
//!
//! A way is told by the choices at which ways part. Where there are very many, those that begin
//! and end alike are told as one, with the cost of the dearest.

use std::collections::BTreeMap;

use super::block::Block;
use super::definition::Dialogue;
use super::{Programme, fit, graph, pace};
use crate::dialogue::money_shown;
use crate::dialogue::screen::{Kept, View};
use crate::text::Texts;

/// Most ways of a dialogue that are told one by one; of more, those alike are told as one.
pub const WAYS_MAX: usize = 40;
/// Most ways that are followed; the rest of a larger dialogue is left out.
pub const WAYS_FOLLOWED_MAX: usize = 5_000;

/// One way through a dialogue in one language, or several alike.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Way {
    /// Code of the dialogue.
    pub dialogue: String,
    /// The language.
    pub language: String,
    /// Codes of the blocks behind the choices, the last being the end.
    pub by: Vec<String>,
    /// How many ways this stands for.
    pub ways: usize,
    /// Most screens.
    pub screens: u64,
    /// Most seconds at keypad speed.
    pub seconds: u64,
    /// Most network sessions over USSD.
    pub sessions: u64,
    /// Price of those sessions, with currency; `None` where the programme names no price.
    pub ussd_price: Option<String>,
    /// Price of as many messages as there are screens, with currency.
    pub sms_price: Option<String>,
}

/// All ways of all dialogues in all languages.
pub(super) fn ways(programme: &Programme, texts: &Texts) -> Vec<Way> {
    let values = fit::longest_values(programme);
    let mut all = Vec::new();
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
            all.extend(of_dialogue(&view));
        }
    }
    all
}

fn of_dialogue(view: &View<'_>) -> Vec<Way> {
    let dialogue: &Dialogue = view.dialogue;
    // Measuring a screen takes long, and each stands on many ways.
    let costs: BTreeMap<&str, (u64, u64)> = dialogue
        .blocks
        .iter()
        .map(|block| (block.code(), pace::cost(view, block)))
        .collect();
    let paths = graph::paths(dialogue, WAYS_FOLLOWED_MAX);
    let mut ways: Vec<Way> = paths.iter().map(|path| way(view, path, &costs)).collect();
    if ways.len() > WAYS_MAX {
        ways = alike(ways);
    }
    for way in &mut ways {
        let timing = view.programme.definition().timing;
        way.ussd_price = price(view.programme, timing.session_price, way.sessions);
        way.sms_price = price(view.programme, timing.sms_price, way.screens);
    }
    ways
}

fn way(view: &View<'_>, path: &[&Block], costs: &BTreeMap<&str, (u64, u64)>) -> Way {
    let cost = |block: &&Block| costs.get(block.code()).copied().unwrap_or_default();
    let forks = path.windows(2).filter_map(|pair| match pair {
        [from, to] if graph::is_fork(view.dialogue, from) => Some(to.code().to_owned()),
        _ => None,
    });
    let mut by: Vec<String> = forks.collect();
    let end = path.last().map(|block| block.code().to_owned());
    if by.last() != end.as_ref() {
        by.extend(end);
    }
    Way {
        dialogue: view.dialogue.code.clone(),
        language: view.language.to_owned(),
        by,
        ways: 1,
        screens: path.iter().map(|block| cost(block).0).sum(),
        seconds: path
            .iter()
            .map(|block| cost(block).1)
            .sum::<u64>()
            .div_ceil(1_000),
        sessions: pace::legs(view, path),
        ussd_price: None,
        sms_price: None,
    }
}

/// The first choice and the end of a way.
type Ends = (Option<String>, Option<String>);

/// Ways with the same first choice and the same end, as one with the most of each.
fn alike(ways: Vec<Way>) -> Vec<Way> {
    let mut merged: BTreeMap<Ends, Way> = BTreeMap::new();
    for way in ways {
        let ends = (way.by.first().cloned(), way.by.last().cloned());
        merged
            .entry(ends)
            .and_modify(|most| {
                most.ways = most.ways.saturating_add(1);
                most.screens = most.screens.max(way.screens);
                most.seconds = most.seconds.max(way.seconds);
                most.sessions = most.sessions.max(way.sessions);
            })
            .or_insert_with_key(|(first, last)| {
                let mut by: Vec<String> = first.iter().cloned().collect();
                by.extend(
                    last.iter()
                        .filter(|last| first.as_ref() != Some(last))
                        .cloned(),
                );
                Way { by, ..way }
            });
    }
    merged.into_values().collect()
}

fn price(programme: &Programme, each: Option<u64>, count: u64) -> Option<String> {
    let total = each?.saturating_mul(count);
    Some(money_shown(&total.to_string(), programme.currency()?))
}
