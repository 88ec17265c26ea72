//! Pairs of people who may be one, as a hub finds them: when a registration arrives, when the first
//! event of a person arrives who was registered alone, and when a record is edited.
//!
//! Each time the best pair of a person is put to people by [`Fact::PersonsMatched`]; what becomes
//! of it stands in [`super::matching`]. A node finds nothing: it asks before it registers.

use sync_core::EntryRef;

use super::{Applied, to_both};
use crate::command::Write;
use crate::duplicate::Verdict;
use crate::fact::{Fact, Registration};
use crate::identity;
use crate::known;
use crate::matching::near::{self, Newcomer};
use crate::matching::{self, PAIRS_MAX, Worker};
use crate::number;
use crate::person::{Field, PersonFields};
use crate::site::Rules;
use crate::view::{Known, Lookup, PersonRow};

/// A person of a registration who is compared.
struct Captured<'a> {
    document: EntryRef,
    newcomer: Newcomer<'a>,
}

/// The people of a registration: the child with the mother.
fn people<'a>(submitted: &Registration, known: &'a Known) -> Vec<Captured<'a>> {
    let mother = known::person(known, submitted.mother);
    let child = known::person(known, submitted.child);
    let (Some(mother), Some(child)) = (mother, child) else {
        return Vec::new();
    };
    let one = |document, fields, mother| Captured {
        document,
        newcomer: Newcomer {
            fields,
            mother,
            own: vec![submitted.mother, submitted.child],
        },
    };
    vec![
        one(submitted.mother, &mother.fields, None),
        one(submitted.child, &child.fields, Some(&mother.fields)),
    ]
}

/// What a hub must know to compare the people of a registration with all others.
pub(super) fn wanted(submitted: &Registration, known: &Known, rules: &Rules<'_>) -> Vec<Lookup> {
    if !rules.site.is_hub {
        return Vec::new();
    }
    let people = people(submitted, known);
    people
        .iter()
        .flat_map(|one| wanted_of(one, known))
        .collect()
}

fn wanted_of(one: &Captured<'_>, known: &Known) -> Vec<Lookup> {
    let mut wanted = near::wanted(&one.newcomer, known);
    for (row, _) in near::close(&one.newcomer, known) {
        wanted.push(Lookup::Distinct(identity::pair(one.document, row.document)));
        wanted.push(Lookup::AuthorOf(row.document));
    }
    wanted.push(Lookup::MatchesOf(one.document));
    wanted.push(Lookup::NextReview);
    wanted
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
    for one in people(submitted, known) {
        let pairs = new_pairs(&one, known, rules);
        for (row, verdict) in pairs.into_iter().take(PAIRS_MAX) {
            let Some(number) = next else { return writes };
            next = number.checked_add(1);
            let fact = matched(number, (&one, worker), (row, verdict), known);
            writes.extend(fact.iter().flat_map(to_both));
        }
    }
    writes
}

/// The person of an entry who stands alone: an edited one, or one whose first event this is. A
/// child is compared with the mother under whom it was captured.
fn alone<'a>(document: EntryRef, fields: &'a PersonFields, known: &'a Known) -> Captured<'a> {
    let captured = known::registrations(known, &Lookup::RegistrationsByPerson(document)).iter();
    let family = captured.flat_map(|row| [row.registration.mother, row.registration.child]);
    Captured {
        document,
        newcomer: Newcomer {
            fields,
            mother: near::mother_of(document, known),
            own: family.chain([document]).collect(),
        },
    }
}

/// What a hub must know to compare a person who stands alone with all others.
pub(super) fn alone_wanted(
    document: EntryRef,
    fields: &PersonFields,
    known: &Known,
    rules: &Rules<'_>,
) -> Vec<Lookup> {
    if !rules.site.is_hub {
        return Vec::new();
    }
    let captured = Lookup::RegistrationsByPerson(document);
    let mothers = known::registrations(known, &captured).iter();
    let mut wanted: Vec<Lookup> = mothers
        .map(|row| Lookup::Person(row.registration.mother))
        .collect();
    wanted.extend(wanted_of(&alone(document, fields, known), known));
    wanted.extend([
        captured,
        Lookup::Person(document),
        Lookup::AuthorOf(document),
    ]);
    wanted
}

/// The pair that an edited record makes: one that was asked or called two people before is asked
/// again only when the records have come nearer to each other.
pub(super) fn edited(
    document: EntryRef,
    fields: &PersonFields,
    known: &Known,
    rules: &Rules<'_>,
) -> Vec<Write> {
    let Some(before) = known::person(known, document).filter(|_| rules.site.is_hub) else {
        return Vec::new();
    };
    if before.fields == *fields {
        return Vec::new();
    }
    let one = alone(document, fields, known);
    let matcher = &rules.site.matcher;
    let weigh = |own: &PersonFields, other: &PersonFields| {
        let own = matcher.subject(own, None);
        let levels = own.compare(&matcher.subject(other, None), &matcher.table);
        matcher.weights.sum(&levels)
    };
    let asked = known::matches(known, &Lookup::MatchesOf(document));
    let mut best = near::best(&one.newcomer, known, rules);
    best.retain(|(row, _)| {
        let pair = identity::pair(document, row.document);
        let mut earlier = asked.iter().filter(|asked| asked.pair == pair);
        let is_new = !known::flag(known, &Lookup::Distinct(pair)) && earlier.clone().count() == 0;
        let is_settled = earlier.all(|asked| asked.decided == Some(false));
        is_new || (is_settled && weigh(fields, &row.fields) > weigh(&before.fields, &row.fields))
    });
    ask_best(&one, best, known)
}

/// The pair that a person makes who was registered without a registration of mother and child:
/// she is compared when the first event about her arrives.
pub(super) fn first_event_wanted(
    applied: &Applied<'_>,
    known: &Known,
    rules: &Rules<'_>,
) -> Vec<Lookup> {
    let Some(person) = applied.about.filter(|_| rules.site.is_hub) else {
        return Vec::new();
    };
    let mut wanted = vec![
        Lookup::EventsBySubject(person),
        Lookup::RegistrationsByPerson(person),
        Lookup::Person(person),
    ];
    if let Some(row) = came_alone(person, known) {
        wanted.extend(alone_wanted(person, &row.fields, known, rules));
    }
    wanted
}

/// See [`first_event_wanted`].
pub(super) fn first_event(applied: &Applied<'_>, known: &Known, rules: &Rules<'_>) -> Vec<Write> {
    let person = applied.about.filter(|_| rules.site.is_hub);
    let Some(row) = person.and_then(|person| came_alone(person, known)) else {
        return Vec::new();
    };
    let one = alone(row.document, &row.fields, known);
    let pairs = new_pairs(&one, known, rules);
    ask_best(&one, pairs, known)
}

/// A person of whom no event and no registration is known yet.
fn came_alone(person: EntryRef, known: &Known) -> Option<&PersonRow> {
    let events = known::events(known, &Lookup::EventsBySubject(person));
    let registered = known::registrations(known, &Lookup::RegistrationsByPerson(person));
    let is_first = events.is_empty() && registered.is_empty();
    known::person(known, person).filter(|_| is_first)
}

/// Puts the best pairs of one person to people.
fn ask_best(one: &Captured<'_>, pairs: Vec<(&PersonRow, Verdict)>, known: &Known) -> Vec<Write> {
    let next = known::count(known, &Lookup::NextReview).and_then(|n| u32::try_from(n).ok());
    let worker = captured_by(one.document, known);
    let (Some(number), Some(worker)) = (next, worker) else {
        return Vec::new();
    };
    let best = pairs.into_iter().next();
    let fact = best.and_then(|best| matched(number, (one, worker), best, known));
    fact.iter().flat_map(to_both).collect()
}

/// Her best pairs without those that were asked or called two people before.
fn new_pairs<'a>(
    one: &Captured<'_>,
    known: &'a Known,
    rules: &Rules<'_>,
) -> Vec<(&'a PersonRow, Verdict)> {
    let asked = known::matches(known, &Lookup::MatchesOf(one.document));
    let mut best = near::best(&one.newcomer, known, rules);
    best.retain(|(row, _)| {
        let pair = identity::pair(one.document, row.document);
        !known::flag(known, &Lookup::Distinct(pair)) && asked.iter().all(|m| m.pair != pair)
    });
    best
}

/// Who captured a person: the author of the document's first entry.
fn captured_by(person: EntryRef, known: &Known) -> Option<Worker> {
    let author = known::count(known, &Lookup::AuthorOf(person))?;
    Some((person.scope.area(), u32::try_from(author).ok()?))
}

fn matched(
    number: u32,
    (one, worker): (&Captured<'_>, Worker),
    (row, verdict): (&PersonRow, Verdict),
    known: &Known,
) -> Option<Fact> {
    let hint = |fields: &PersonFields| fields.get(Field::Number).map(number::hint);
    let own = (one.document, hint(one.newcomer.fields)?, worker);
    let other = (
        row.document,
        hint(&row.fields)?,
        captured_by(row.document, known)?,
    );
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
