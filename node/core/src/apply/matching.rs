//! People who may be one: found at the hub when a registration arrives, asked on both nodes,
//! answered by workers, decided, joined and parted again.
//!
//! The hub writes each of its facts into the area of both people, so that both nodes learn of it;
//! an area that holds both gets it once.

use std::collections::BTreeSet;

use sync_core::{EntryRef, hlc};

use super::{Applied, Consequences};
use crate::command::Write;
use crate::duplicate::compare::Subject;
use crate::duplicate::weight::Band;
use crate::duplicate::{Verdict, candidate, key};
use crate::fact::{Fact, Registration};
use crate::identity::{self, Pair};
use crate::known;
use crate::matching::{self, MatchRow, PAIRS_MAX, Word, Worker};
use crate::message::{self, Draft};
use crate::number;
use crate::person::{Field, PersonFields};
use crate::schema;
use crate::site::Rules;
use crate::view::{Known, Lookup, NewMessage, PersonRow, ViewChange};

/// Candidates that are looked at with their mothers; the others are too far off for that to help.
const CLOSE_MAX: usize = 8;

/// A person of a registration who is compared, with the mother for a child.
struct Newcomer<'a> {
    document: EntryRef,
    fields: &'a PersonFields,
    mother: Option<&'a PersonFields>,
}

fn newcomers<'a>(submitted: &Registration, known: &'a Known) -> Vec<Newcomer<'a>> {
    let mother = known::person(known, submitted.mother);
    let child = known::person(known, submitted.child);
    let (Some(mother), Some(child)) = (mother, child) else {
        return Vec::new();
    };
    vec![
        Newcomer {
            document: submitted.mother,
            fields: &mother.fields,
            mother: None,
        },
        Newcomer {
            document: submitted.child,
            fields: &child.fields,
            mother: Some(&mother.fields),
        },
    ]
}

/// What a hub must know to compare the people of a registration with all others.
pub(super) fn wanted(submitted: &Registration, known: &Known, rules: &Rules<'_>) -> Vec<Lookup> {
    let mut wanted = Vec::new();
    if !rules.site.is_hub {
        return wanted;
    }
    for newcomer in newcomers(submitted, known) {
        let asked = Lookup::Candidates(key::asked(newcomer.fields, &rules.site.matcher.table));
        for (row, _) in close(&newcomer, submitted, known, rules) {
            let captured = Lookup::RegistrationsByPerson(row.document);
            let mothers = known::registrations(known, &captured).iter();
            wanted.extend(mothers.map(|row| Lookup::Person(row.registration.mother)));
            wanted.push(captured);
            wanted.push(Lookup::Distinct(identity::pair(
                newcomer.document,
                row.document,
            )));
        }
        wanted.push(Lookup::MatchesOf(newcomer.document));
        wanted.push(asked);
    }
    if !wanted.is_empty() {
        wanted.push(Lookup::NextReview);
    }
    wanted
}

/// The candidates that come near enough when mothers are left out, best first.
fn close<'a>(
    newcomer: &Newcomer<'_>,
    submitted: &Registration,
    known: &'a Known,
    rules: &Rules<'_>,
) -> Vec<(&'a PersonRow, Verdict)> {
    let matcher = &rules.site.matcher;
    let own = [submitted.mother, submitted.child];
    let asked = Lookup::Candidates(key::asked(newcomer.fields, &matcher.table));
    let subject = matcher.subject(newcomer.fields, None);
    let least = matcher.weights.bands.review - matcher.weights.mother.equal.max(0);
    let rows: Vec<&PersonRow> = known::candidates(known, &asked)
        .iter()
        .filter(|row| !own.contains(&row.document))
        .collect();
    let subjects: Vec<Subject> = rows
        .iter()
        .map(|row| matcher.subject(&row.fields, None))
        .collect();
    let others: Vec<(&PersonRow, &Subject)> = rows.into_iter().zip(&subjects).collect();
    let mut close: Vec<(&PersonRow, Verdict)> = candidate::judge(matcher, &subject, &others)
        .into_iter()
        .map(|judged| (judged.key, judged.verdict))
        .filter(|(_, verdict)| verdict.sum >= least || verdict.band > Band::Distinct)
        .collect();
    close.sort_by_key(|(row, verdict)| (core::cmp::Reverse(verdict.sum), row.document));
    close.truncate(CLOSE_MAX);
    close
}

/// The pairs that are put to people: the best of each person of a registration.
pub(super) fn found(
    submitted: &Registration,
    worker: Worker,
    known: &Known,
    rules: &Rules<'_>,
) -> Vec<Write> {
    let mut next = known::count(known, &Lookup::NextReview).and_then(|n| u32::try_from(n).ok());
    let mut writes = Vec::new();
    for newcomer in newcomers(submitted, known) {
        let pairs = best(&newcomer, submitted, known, rules);
        for (row, verdict) in pairs.into_iter().take(PAIRS_MAX) {
            let Some(number) = next else { return writes };
            next = number.checked_add(1);
            let fact = matched(number, (&newcomer, worker), (row, verdict), known);
            writes.extend(fact.iter().flat_map(to_both));
        }
    }
    writes
}

fn best<'a>(
    newcomer: &Newcomer<'_>,
    submitted: &Registration,
    known: &'a Known,
    rules: &Rules<'_>,
) -> Vec<(&'a PersonRow, Verdict)> {
    let matcher = &rules.site.matcher;
    let subject = matcher.subject(newcomer.fields, newcomer.mother);
    let asked = known::matches(known, &Lookup::MatchesOf(newcomer.document));
    let mut best: Vec<(&PersonRow, Verdict)> = close(newcomer, submitted, known, rules)
        .into_iter()
        .filter(|(row, _)| {
            let pair = identity::pair(newcomer.document, row.document);
            !known::flag(known, &Lookup::Distinct(pair)) && asked.iter().all(|m| m.pair != pair)
        })
        .map(|(row, alone)| {
            let other = matcher.subject(&row.fields, mother_of(row.document, known));
            let rarity = alone.sum.saturating_sub(matcher.weights.sum(&alone.levels));
            let levels = subject.compare(&other, &matcher.table);
            (row, matcher.verdict(levels, rarity))
        })
        .filter(|(_, verdict)| verdict.band > Band::Distinct)
        .collect();
    best.sort_by_key(|(row, verdict)| {
        (
            core::cmp::Reverse((verdict.band, verdict.sum)),
            row.document,
        )
    });
    best
}

/// The mother under whom a person was captured as a child.
fn mother_of(person: EntryRef, known: &Known) -> Option<&PersonFields> {
    let captured = known::registrations(known, &Lookup::RegistrationsByPerson(person));
    let as_child = captured
        .iter()
        .find(|row| row.registration.child == person)?;
    known::person(known, as_child.registration.mother).map(|row| &row.fields)
}

fn matched(
    number: u32,
    (newcomer, worker): (&Newcomer<'_>, Worker),
    (row, verdict): (&PersonRow, Verdict),
    known: &Known,
) -> Option<Fact> {
    let captured = known::registrations(known, &Lookup::RegistrationsByPerson(row.document));
    let other = captured.first()?.author;
    let hint = |fields: &PersonFields| fields.get(Field::Number).map(number::hint);
    let own = (newcomer.document, hint(newcomer.fields)?, worker);
    let other = (row.document, hint(&row.fields)?, other);
    let (first, second) = if own.0 <= other.0 {
        (own, other)
    } else {
        (other, own)
    };
    Some(Fact::PersonsMatched {
        number,
        pair: [first.0, second.0],
        band: verdict.band,
        reasons: matching::reasons(&verdict),
        hints: [first.1, second.1],
        workers: [first.2, second.2],
    })
}

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
