//! People who may be one, once a hub has found them: asked on both nodes, answered by workers,
//! decided, joined and parted again.
//!
//! The hub writes each of its facts into the area of both people, so that both nodes learn of it;
//! an area that holds both gets it once.

use std::collections::BTreeSet;

use sync_core::hlc;

use super::{Applied, Consequences};
use crate::command::Write;
use crate::fact::Fact;
use crate::identity::Pair;
use crate::known;
use crate::matching::{MatchRow, Word, Worker};
use crate::message::{self, Draft};
use crate::schema;
use crate::site::Rules;
use crate::view::{Known, Lookup, NewMessage, ViewChange};

/// A fact about a pair, for the areas of both.
pub(crate) fn to_both(fact: &Fact) -> Vec<Write> {
    let Some(pair) = pair_of(fact) else {
        return Vec::new();
    };
    let mut scopes = BTreeSet::new();
    let places = pair
        .into_iter()
        .filter(|document| scopes.insert(document.scope));
    places
        .map(|document| Write::Fact {
            scope: document.scope,
            schema: schema::of(fact),
            about: Some(document),
            fact: fact.clone(),
        })
        .collect()
}

pub(super) fn pair_of(fact: &Fact) -> Option<Pair> {
    match fact {
        Fact::PersonsMatched { pair, .. }
        | Fact::MatchAnswered { pair, .. }
        | Fact::MatchDecided { pair, .. }
        | Fact::PersonsJoined { pair }
        | Fact::PersonsParted { pair, .. }
        | Fact::PersonsDistinct { pair } => Some(*pair),
        _ => None,
    }
}

/// What must be known to apply a fact about a pair.
pub(super) fn fact_wanted(fact: &Fact, known: &Known, rules: &Rules<'_>) -> Vec<Lookup> {
    match fact {
        Fact::PersonsMatched {
            number,
            pair,
            workers,
            ..
        } => {
            let mut wanted = vec![Lookup::Match(*number)];
            for (document, (scope, index)) in pair.iter().zip(workers) {
                if rules.site.wrote(document) {
                    let staff = Lookup::Staff(*scope, *index);
                    let grants = known::staff(known, &staff).iter();
                    wanted.extend(grants.map(|grant| Lookup::Phone(grant.phone.clone())));
                    wanted.push(staff);
                }
            }
            wanted
        }
        Fact::MatchAnswered { number, .. } | Fact::MatchDecided { number, .. } => {
            vec![Lookup::Match(*number)]
        }
        _ => Vec::new(),
    }
}

/// Applies a fact about a pair.
pub(super) fn apply(
    applied: &Applied<'_>,
    fact: &Fact,
    known: &Known,
    rules: &Rules<'_>,
) -> Consequences {
    match fact {
        Fact::PersonsMatched { .. } => asked(applied, fact, known, rules),
        Fact::MatchAnswered { number, word, .. } => {
            answered(applied, (*number, *word), known, rules)
        }
        Fact::MatchDecided { number, same, .. } => decided(applied, (*number, *same), known, rules),
        Fact::PersonsJoined { pair } => only(ViewChange::PutEdge {
            addition: applied.id,
            pair: *pair,
            removed: false,
        }),
        Fact::PersonsParted {
            pair, additions, ..
        } => Consequences {
            changes: additions
                .iter()
                .map(|addition| ViewChange::PutEdge {
                    addition: *addition,
                    pair: *pair,
                    removed: true,
                })
                .collect(),
            ..Consequences::default()
        },
        Fact::PersonsDistinct { pair } => only(ViewChange::PutDistinct(*pair)),
        _ => Consequences::default(),
    }
}

fn only(change: ViewChange) -> Consequences {
    Consequences {
        changes: vec![change],
        ..Consequences::default()
    }
}

/// The pair is kept, and the workers who captured its people here are asked.
fn asked(applied: &Applied<'_>, fact: &Fact, known: &Known, rules: &Rules<'_>) -> Consequences {
    let Fact::PersonsMatched {
        number,
        pair,
        band,
        reasons,
        hints,
        workers,
    } = fact
    else {
        return Consequences::default();
    };
    if known::match_row(known, *number).is_some() {
        return Consequences::default();
    }
    let row = MatchRow {
        number: *number,
        pair: *pair,
        band: *band,
        reasons: reasons.clone(),
        hints: hints.clone(),
        workers: *workers,
        words: Vec::new(),
        since: hlc::timestamp(applied.meta.hlc),
        decided: None,
    };
    let [one, other] = hints;
    let places = [
        (pair[0], workers[0], [one, other]),
        (pair[1], workers[1], [other, one]),
    ];
    let mut messages: Vec<NewMessage> = Vec::new();
    for (document, worker, hints) in places {
        let asks = rules.site.wrote(&document);
        let message = asks
            .then(|| question(*number, worker, hints, known, rules))
            .flatten();
        // A worker who captured both is asked once.
        messages.extend(message.filter(|new| messages.iter().all(|old| old.cause != new.cause)));
    }
    Consequences {
        changes: vec![ViewChange::PutMatch(row)],
        messages,
        ..Consequences::default()
    }
}

fn question(
    number: u32,
    worker: Worker,
    [own, other]: [&String; 2],
    known: &Known,
    rules: &Rules<'_>,
) -> Option<NewMessage> {
    let grant = known::staff(known, &Lookup::Staff(worker.0, worker.1)).first()?;
    let phone = known::phone(known, &grant.phone);
    if phone.stopped {
        return None;
    }
    let draft = Draft {
        cause: message::match_cause(number, &grant.phone),
        to: grant.phone.clone(),
        language: message::language(&phone, Some(&grant.language), &rules.site.language),
        key: "match-question",
        arguments: message::arguments([
            ("n", number.to_string()),
            ("own", own.clone()),
            ("other", other.clone()),
        ]),
    };
    Some(draft.render(rules))
}

/// A worker's word counts once; when two different workers agree, the hub decides.
fn answered(
    applied: &Applied<'_>,
    (number, word): (u32, Word),
    known: &Known,
    rules: &Rules<'_>,
) -> Consequences {
    let worker = (applied.id.scope.area(), applied.meta.author);
    let Some(row) = known::match_row(known, number).filter(|row| row.waits_for(worker)) else {
        return Consequences::default();
    };
    let mut row = row.clone();
    row.words.push((worker, word));
    let agreed = row.agreed().filter(|_| rules.site.is_hub);
    let writes = agreed.map(|same| {
        to_both(&Fact::MatchDecided {
            number,
            pair: row.pair,
            same,
            by: "workers".to_owned(),
            reason: String::new(),
        })
    });
    Consequences {
        changes: vec![ViewChange::PutMatch(row)],
        writes: writes.unwrap_or_default(),
        ..Consequences::default()
    }
}

/// One person: the hub joins them. Two people: the pair is not asked again.
fn decided(
    applied: &Applied<'_>,
    (number, same): (u32, bool),
    known: &Known,
    rules: &Rules<'_>,
) -> Consequences {
    let Some(row) = known::match_row(known, number).filter(|row| row.decided.is_none()) else {
        return Consequences::default();
    };
    let pair = row.pair;
    let mut changes = vec![ViewChange::PutMatch(MatchRow {
        decided: Some(same),
        ..row.clone()
    })];
    if !same {
        changes.push(ViewChange::PutDistinct(pair));
    }
    let joins = same && super::decides(applied, rules);
    Consequences {
        changes,
        writes: if joins {
            to_both(&Fact::PersonsJoined { pair })
        } else {
            Vec::new()
        },
        ..Consequences::default()
    }
}
