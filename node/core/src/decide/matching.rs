//! Words about pairs of people who may be one: a worker's answer, an officer's decision, and
//! taking two people apart again.

use super::{outcome, reject, reject_with};
use crate::apply::to_both;
use crate::command::{Decision, Rejection, Write};
use crate::fact::Fact;
use crate::identity::Pair;
use crate::known;
use crate::matching::Word;
use crate::role::{Principal, Role};
use crate::schema;
use crate::view::{Known, Lookup};

/// Most characters of a reason; a longer one is refused.
const REASON_CHARS_MAX: usize = 200;

pub(super) fn needs(number: u32, known: &Known) -> Vec<Lookup> {
    known::missing(known, [Lookup::Match(number)])
}

/// A worker's word about a pair that waits for it.
pub(super) fn answer(
    principal: &Principal,
    number: u32,
    word: Word,
    known: &Known,
) -> Result<Decision, Rejection> {
    let may = matches!(principal.role, Role::HealthWorker | Role::Officer);
    if !may || principal.author == 0 {
        return Err(reject("reject-not-allowed"));
    }
    let worker = (principal.scope.area(), principal.author);
    let unknown = || reject_with("reject-review-unknown", "n", number.to_string());
    let row = known::match_row(known, number).ok_or_else(unknown)?;
    let told = outcome([("review", number.to_string())]);
    if row.words.contains(&(worker, word)) {
        // The same word once more: nothing to write.
        return Ok(Decision {
            outcome: told,
            ..Decision::default()
        });
    }
    if !row.waits_for(worker) {
        return Err(unknown());
    }
    let own = row
        .pair
        .iter()
        .zip(row.workers)
        .find(|(_, who)| *who == worker);
    let (document, _) = own.ok_or_else(unknown)?;
    let fact = Fact::MatchAnswered {
        number,
        pair: row.pair,
        word,
    };
    Ok(Decision {
        writes: vec![Write::Fact {
            scope: document.scope,
            schema: schema::of(&fact),
            about: Some(*document),
            fact,
        }],
        outcome: told,
        ..Decision::default()
    })
}

/// An officer's decision at the hub: final, with its reason.
pub(super) fn decide(
    principal: &Principal,
    (number, same): (u32, bool),
    reason: &str,
    known: &Known,
    is_hub: bool,
) -> Result<Decision, Rejection> {
    check(principal, reason, is_hub)?;
    let unknown = || reject_with("reject-review-unknown", "n", number.to_string());
    let row = known::match_row(known, number).ok_or_else(unknown)?;
    if row.decided.is_some() {
        return Err(unknown());
    }
    Ok(Decision {
        writes: to_both(&Fact::MatchDecided {
            number,
            pair: row.pair,
            same,
            by: by(principal),
            reason: reason.to_owned(),
        }),
        outcome: outcome([("review", number.to_string())]),
        ..Decision::default()
    })
}

pub(super) fn part_needs(pair: Pair, known: &Known) -> Vec<Lookup> {
    known::missing(known, [Lookup::Edges(pair[0])])
}

/// Takes the edge between two people away, as far as it has been seen here.
pub(super) fn part(
    principal: &Principal,
    pair: Pair,
    reason: &str,
    known: &Known,
    is_hub: bool,
) -> Result<Decision, Rejection> {
    check(principal, reason, is_hub)?;
    let edges = known::edges(known, &Lookup::Edges(pair[0])).iter();
    let additions: Vec<_> = edges
        .filter(|(_, edge)| *edge == pair)
        .map(|(addition, _)| *addition)
        .collect();
    if additions.is_empty() {
        return Err(reject("reject-not-joined"));
    }
    Ok(Decision {
        writes: to_both(&Fact::PersonsParted {
            pair,
            additions,
            by: by(principal),
            reason: reason.to_owned(),
        }),
        ..Decision::default()
    })
}

/// An officer at the hub, with a short reason.
pub(super) fn check(principal: &Principal, reason: &str, is_hub: bool) -> Result<(), Rejection> {
    if !is_hub || principal.role != Role::Officer {
        return Err(reject("reject-not-allowed"));
    }
    check_reason(reason)
}

/// A reason that says something and is short.
pub(super) fn check_reason(reason: &str) -> Result<(), Rejection> {
    if reason.trim().is_empty() || reason.chars().count() > REASON_CHARS_MAX {
        let limit = REASON_CHARS_MAX.to_string();
        return Err(reject_with("reject-reason", "limit", limit));
    }
    Ok(())
}

/// Who decided: area and staff index, no name.
pub(super) fn by(principal: &Principal) -> String {
    format!("officer {}.{}", principal.scope.0, principal.author)
}
