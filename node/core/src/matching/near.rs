//! Who of the people that are known here may be a newcomer, best first.
//!
//! Candidates come from the store under the tokens of [`key`]; the nearest are looked at again with
//! the mothers under whom they were captured, so that a twin is told from a repeat. The same
//! comparing serves a worker at capture and the hub after sync. Nothing is decided here.

use core::cmp::Reverse;

use sync_core::EntryRef;

use crate::duplicate::comparison::Comparison;
use crate::duplicate::weight::Band;
use crate::duplicate::{Matcher, Verdict, key};
use crate::known;
use crate::person::PersonFields;
use crate::site::Rules;
use crate::view::{Found, Known, Lookup, PersonRow, Token};

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

/// A person, and how near she comes.
pub type Close = (PersonRow, Verdict);

/// Whom to look for among the people known here, and whom to leave out.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sought {
    /// Her fields.
    pub fields: PersonFields,
    /// Documents that she is not compared with.
    pub own: Vec<EntryRef>,
}

impl core::fmt::Debug for Sought {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Sought")
    }
}

impl Sought {
    /// The tokens of her candidates, the narrow ones first.
    pub fn tokens(&self, matcher: &Matcher) -> Vec<Token> {
        key::asked(&self.fields, &matcher.table)
    }

    /// Begins the comparison with her candidates. The store runs it, so that thousands are opened
    /// and compared once for a question and not in each round of it; `K` is its own name of a row.
    pub fn comparison<'a, K: Copy>(&self, matcher: &'a Matcher) -> Comparison<'a, K> {
        Comparison::of(matcher.subject(&self.fields, None), matcher)
    }

    /// Those of a comparison who come near enough when mothers are left out, in any order.
    pub fn near<K: Copy>(comparison: Comparison<'_, K>, matcher: &Matcher) -> Vec<(K, Verdict)> {
        let bands = &matcher.weights.bands;
        let least = bands
            .review
            .saturating_sub(matcher.weights.mother.equal.max(0));
        let mut near = comparison.verdicts();
        near.retain(|(_, verdict)| verdict.sum >= least || verdict.band > Band::Distinct);
        near
    }

    /// The closest of those that are near, best first; the same wherever they are known.
    pub fn closest(mut near: Vec<Close>) -> Vec<Close> {
        near.sort_by_key(|(row, verdict)| (Reverse(verdict.sum), row.document));
        near.truncate(CLOSE_MAX);
        near
    }
}

/// The question for those who come near her.
fn asked(newcomer: &Newcomer<'_>) -> Lookup {
    Lookup::Near(Sought {
        fields: newcomer.fields.clone(),
        own: newcomer.own.clone(),
    })
}

/// What must be known to compare her.
pub(crate) fn wanted(newcomer: &Newcomer<'_>, known: &Known) -> Vec<Lookup> {
    let mut wanted = vec![asked(newcomer)];
    for (row, _) in close(newcomer, known) {
        let captured = Lookup::RegistrationsByPerson(row.document);
        let registrations = known::registrations(known, &captured).iter();
        let as_child = registrations.filter(|one| one.registration.child == row.document);
        wanted.extend(as_child.map(|one| Lookup::Person(one.registration.mother)));
        wanted.push(captured);
    }
    wanted
}

/// The candidates that come near enough when mothers are left out, best first.
pub(crate) fn close<'a>(newcomer: &Newcomer<'_>, known: &'a Known) -> &'a [Close] {
    match known.get(&asked(newcomer)) {
        Some(Found::Near(near)) => near,
        _ => &[],
    }
}

/// Those who are above *distinct* with everything that is known, best first.
pub(crate) fn best<'a>(
    newcomer: &Newcomer<'_>,
    known: &'a Known,
    rules: &Rules<'_>,
) -> Vec<(&'a PersonRow, Verdict)> {
    let mut best: Vec<(&PersonRow, Verdict)> = close(newcomer, known)
        .iter()
        .map(|(row, alone)| (row, whole(newcomer, (row, *alone), known, rules)))
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
