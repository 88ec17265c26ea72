//! Judging candidates together, and the few that a person is asked about, best first.
//!
//! How much equal names tell depends on how common they are: it is counted among the candidates
//! themselves, who hold everybody of the same names whatever the year.

use super::compare::{Levels, Subject};
use super::name::NameLevel;
use super::weight::Band;
use super::{Matcher, Verdict};

/// Most candidates that a person is shown; the rest is left out.
pub const SHOWN_MAX: usize = 3;
/// Bearers of the same names at which equal names weigh what the table says: 2 to this power.
const BEARERS_LOG2: i32 = 4;
/// What each doubling of their number takes away, in tenths of a bit.
const DOUBLING: i32 = 10;
/// Most that rarity adds or commonness takes away, in tenths of a bit.
const RARITY_MAX: i32 = 40;

/// A candidate with its verdict.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ranked<K> {
    /// Who.
    pub key: K,
    /// How it compares.
    pub verdict: Verdict,
}

/// The verdicts of all candidates of one question, in the order given.
pub fn judge<K: Copy>(
    matcher: &Matcher,
    subject: &Subject,
    others: &[(K, &Subject)],
) -> Vec<Ranked<K>> {
    let compared: Vec<(K, Levels)> = others
        .iter()
        .map(|(key, other)| (*key, subject.compare(other, &matcher.table)))
        .collect();
    weigh(matcher, compared)
}

/// Weighs all candidates of one question that were compared.
pub(super) fn weigh<K>(matcher: &Matcher, compared: Vec<(K, Levels)>) -> Vec<Ranked<K>> {
    let bearers = compared.iter().filter(|(_, levels)| is_equal(*levels));
    let rarity = rarity(bearers.count());
    let judged = compared.into_iter().map(|(key, levels)| {
        let extra = if is_equal(levels) { rarity } else { 0 };
        let verdict = matcher.verdict(levels, extra);
        Ranked { key, verdict }
    });
    judged.collect()
}

fn is_equal(levels: Levels) -> bool {
    matches!(levels.names, NameLevel::Equal | NameLevel::Swapped)
}

/// What equal names weigh more or less for being rare or common.
fn rarity(bearers: usize) -> i32 {
    let doublings = bearers.checked_ilog2().unwrap_or(0);
    let doublings = i32::try_from(doublings).unwrap_or(i32::MAX);
    let extra = BEARERS_LOG2
        .saturating_sub(doublings)
        .saturating_mul(DOUBLING);
    extra.clamp(-RARITY_MAX, RARITY_MAX)
}

/// The candidates above *distinct*, best first, at most [`SHOWN_MAX`]. Equal sums keep the order of
/// their keys, so that every node ranks alike.
pub fn rank<K: Ord + Copy>(
    matcher: &Matcher,
    subject: &Subject,
    others: &[(K, &Subject)],
) -> Vec<Ranked<K>> {
    let mut ranked = judge(matcher, subject, others);
    ranked.retain(|ranked| ranked.verdict.band > Band::Distinct);
    ranked.sort_by_key(|ranked| {
        let Verdict { band, sum, .. } = ranked.verdict;
        (core::cmp::Reverse((band, sum)), ranked.key)
    });
    ranked.truncate(SHOWN_MAX);
    ranked
}
