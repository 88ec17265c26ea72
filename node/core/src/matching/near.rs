//! Who of the people that are known here may be a newcomer, best first.
//!
//! Candidates come from the store under the tokens of [`key`]; the nearest are looked at again with
//! the mothers under whom they were captured, so that a twin is told from a repeat. The same
//! comparing serves a worker at capture and the hub after sync. Nothing is decided here.

use core::cmp::Reverse;

use sync_core::EntryRef;

use crate::duplicate::compare::Subject;
use crate::duplicate::weight::Band;
use crate::duplicate::{Verdict, candidate, key};
use crate::known;
use crate::person::PersonFields;
use crate::site::Rules;
use crate::view::{Known, Lookup, PersonRow};

/// Candidates that are looked at with their mothers; the others are too far off for that to help.
const CLOSE_MAX: usize = 8;

/// A person who is compared with all others.
pub(crate) struct Newcomer<'a> {
    /// Her fields.
    pub(crate) fields: &'a PersonFields,
    /// The mother's, for a child.
    pub(crate) mother: Option<&'a PersonFields>,
    /// Documents that she is not compared with: her own and her family's.
    pub(crate) own: Vec<EntryRef>,
}

/// The question for her candidates.
fn asked(newcomer: &Newcomer<'_>, rules: &Rules<'_>) -> Lookup {
    Lookup::Candidates(key::asked(newcomer.fields, &rules.site.matcher.table))
}

/// What must be known to compare her.
pub(crate) fn wanted(newcomer: &Newcomer<'_>, known: &Known, rules: &Rules<'_>) -> Vec<Lookup> {
    let mut wanted = vec![asked(newcomer, rules)];
    for (row, _) in close(newcomer, known, rules) {
        let captured = Lookup::RegistrationsByPerson(row.document);
        let registrations = known::registrations(known, &captured).iter();
        let as_child = registrations.filter(|one| one.registration.child == row.document);
        wanted.extend(as_child.map(|one| Lookup::Person(one.registration.mother)));
        wanted.push(captured);
    }
    wanted
}

/// The candidates that come near enough when mothers are left out, best first.
pub(crate) fn close<'a>(
    newcomer: &Newcomer<'_>,
    known: &'a Known,
    rules: &Rules<'_>,
) -> Vec<(&'a PersonRow, Verdict)> {
    let matcher = &rules.site.matcher;
    let subject = matcher.subject(newcomer.fields, None);
    let least = matcher
        .weights
        .bands
        .review
        .saturating_sub(matcher.weights.mother.equal.max(0));
    let rows: Vec<&PersonRow> = known::candidates(known, &asked(newcomer, rules))
        .iter()
        .filter(|row| !newcomer.own.contains(&row.document))
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
    close.sort_by_key(|(row, verdict)| (Reverse(verdict.sum), row.document));
    close.truncate(CLOSE_MAX);
    close
}

/// Those who are above *distinct* with everything that is known, best first.
pub(crate) fn best<'a>(
    newcomer: &Newcomer<'_>,
    known: &'a Known,
    rules: &Rules<'_>,
) -> Vec<(&'a PersonRow, Verdict)> {
    let mut best: Vec<(&PersonRow, Verdict)> = close(newcomer, known, rules)
        .into_iter()
        .map(|(row, alone)| (row, whole(newcomer, (row, alone), known, rules)))
        .filter(|(_, verdict)| verdict.band > Band::Distinct)
        .collect();
    best.sort_by_key(|(row, verdict)| (Reverse((verdict.band, verdict.sum)), row.document));
    best
}

/// The verdict with mothers; what the rarity of her names adds stays.
fn whole(
    newcomer: &Newcomer<'_>,
    (row, alone): (&PersonRow, Verdict),
    known: &Known,
    rules: &Rules<'_>,
) -> Verdict {
    let matcher = &rules.site.matcher;
    let subject = matcher.subject(newcomer.fields, newcomer.mother);
    let other = matcher.subject(&row.fields, mother_of(row.document, known));
    let rarity = alone.sum.saturating_sub(matcher.weights.sum(&alone.levels));
    matcher.verdict(subject.compare(&other, &matcher.table), rarity)
}

/// The mother under whom a person was captured as a child.
pub(crate) fn mother_of(person: EntryRef, known: &Known) -> Option<&PersonFields> {
    let captured = known::registrations(known, &Lookup::RegistrationsByPerson(person));
    let as_child = captured
        .iter()
        .find(|row| row.registration.child == person)?;
    known::person(known, as_child.registration.mother).map(|row| &row.fields)
}
