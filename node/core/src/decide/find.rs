//! Staff look for a person, or ask whether somebody is already known.
//!
//! On a citizen's own phone nobody is ever shown. Whoever is shown is written down, as the read log
//! asks: one fact a question, with the internal ids.

use std::collections::{BTreeMap, BTreeSet};

use super::registration::after;
use super::{read, reject, reject_with};
use crate::command::{Decision, Outcome, Rejection, Whose, Write};
use crate::duplicate::CANDIDATES_MAX;
use crate::duplicate::candidate::SHOWN_MAX;
use crate::duplicate::find::{self, FOUND_MAX, Question};
use crate::fact::Fact;
use crate::identity::{self, Pair};
use crate::known;
use crate::matching::near::{self, Newcomer};
use crate::person::{Field, PersonFields};
use crate::read::Class;
use crate::role::{Principal, Role};
use crate::schema;
use crate::site::Rules;
use crate::view::{Found, Known, Lookup, PersonRow};
use sync_core::{EntryRef, Lane};

/// A person about to be registered, and the mother for a child.
type Typed<'a> = (&'a PersonFields, Option<&'a PersonFields>);

fn may(principal: &Principal) -> Result<(), Rejection> {
    let staff = matches!(principal.role, Role::HealthWorker | Role::Officer);
    if staff && principal.author != 0 {
        Ok(())
    } else {
        Err(reject("reject-not-allowed"))
    }
}

fn asked(principal: &Principal, question: &Question) -> Lookup {
    Lookup::Fitting(question.clone(), principal.scope.area())
}

pub(super) fn needs(principal: &Principal, question: &Question, known: &Known) -> Vec<Lookup> {
    let asked = may(principal).map(|()| asked(principal, question));
    known::missing(known, asked)
}

pub(super) fn find(
    principal: &Principal,
    question: &Question,
    known: &Known,
    rules: &Rules<'_>,
) -> Result<Decision, Rejection> {
    may(principal)?;
    let Some(Found::Fitting(Some(rows))) = known.get(&asked(principal, question)) else {
        let limit = CANDIDATES_MAX.to_string();
        return Err(reject_with("reject-too-many", "limit", limit));
    };
    let fitting: Vec<&PersonRow> = rows.iter().collect();
    Ok(shown(principal, ("found", &fitting), "search", rules))
}

pub(super) fn check_needs(
    principal: &Principal,
    newcomer: Typed<'_>,
    known: &Known,
) -> Vec<Lookup> {
    let wanted = may(principal).map(|()| near::wanted(&unnamed(newcomer), known));
    known::missing(known, wanted.into_iter().flatten())
}

/// Staff see the people of their area, also where a hub holds others; likeness across areas is
/// found by the hub and asked about without a name.
fn is_of_area(principal: &Principal, row: &PersonRow) -> bool {
    row.document.scope.area() == principal.scope.area()
}

/// A person who has no document yet.
fn unnamed((fields, mother): Typed<'_>) -> Newcomer<'_> {
    Newcomer {
        fields,
        mother,
        own: Vec::new(),
    }
}

pub(super) fn check(
    principal: &Principal,
    whose: Whose,
    newcomer: Typed<'_>,
    known: &Known,
    rules: &Rules<'_>,
) -> Result<Decision, Rejection> {
    may(principal)?;
    let best = near::best(&unnamed(newcomer), known, rules);
    let best: Vec<&PersonRow> = best
        .into_iter()
        .map(|(row, _)| row)
        .filter(|row| is_of_area(principal, row))
        .take(SHOWN_MAX)
        .collect();
    let place = format!("known_{}", whose.word());
    Ok(shown(principal, (&place, &best), "already known?", rules))
}

pub(super) fn apart_needs(
    principal: &Principal,
    apart: &[(Whose, String)],
    known: &Known,
) -> Vec<Lookup> {
    if may(principal).is_err() {
        return Vec::new();
    }
    let numbers = apart.iter().map(|(_, number)| known::by_number(number));
    known::missing(known, numbers)
}

/// The worker saw those whom the check found, and said that it is none of them. That stands right
/// behind the documents, so that whoever compares them later knows it.
pub(super) fn told_apart(
    principal: &Principal,
    mut decision: Decision,
    apart: &[(Whose, String)],
    known: &Known,
) -> Result<Decision, Rejection> {
    may(principal)?;
    let scope = principal.scope.with_lane(Lane::Registration);
    let first = known::next_entry(known, scope).ok_or_else(|| reject("failed"))?;
    let is_document = |write: &Write| matches!(write, Write::CreateDocument { .. });
    let documents = decision
        .writes
        .iter()
        .take_while(|write| is_document(write))
        .count();
    let pairs: BTreeSet<(EntryRef, Pair)> = apart
        .iter()
        .filter_map(|(whose, number)| {
            let steps = u32::from(*whose == Whose::Child);
            let new = after(first, steps);
            let rows = known::persons(known, &known::by_number(number)).iter();
            let mut here = rows.filter(|row| row.document.scope.area() == principal.scope.area());
            let other = here.next()?.document;
            Some((new, identity::pair(new, other)))
        })
        .collect();
    let facts: Vec<Write> = pairs
        .into_iter()
        .map(|(new, pair)| {
            let fact = Fact::PersonsDistinct { pair };
            Write::Fact {
                scope,
                schema: schema::of(&fact),
                about: Some(new),
                fact,
            }
        })
        .collect();
    decision.writes.splice(documents..documents, facts);
    Ok(decision)
}

/// The people shown, and the fact that says so.
fn shown(
    principal: &Principal,
    (name, persons): (&str, &[&PersonRow]),
    reason: &str,
    rules: &Rules<'_>,
) -> Decision {
    let persons: Vec<&PersonRow> = persons.iter().take(FOUND_MAX).copied().collect();
    let mut values = BTreeMap::from([(format!("{name}_count"), persons.len().to_string())]);
    for (at, row) in persons.iter().enumerate() {
        let place = at.saturating_add(1);
        let word = match row.fields.get(Field::Sex) {
            Some("F") => rules.texts.plain(&principal.language, "sex-female"),
            Some("M") => rules.texts.plain(&principal.language, "sex-male"),
            _ => String::new(),
        };
        let code = row.fields.get(Field::Village);
        let named = code.and_then(|code| {
            let mut programmes = rules.programmes.iter();
            programmes.find_map(|programme| programme.place(code))
        });
        // A code that no list names is shown as it stands.
        let village = named.map(|place| place.name.as_str()).or(code);
        let label = find::label(&row.fields, &word, village);
        values.insert(format!("{name}_{place}"), label);
        let number = row.fields.get(Field::Number).unwrap_or_default();
        values.insert(format!("{name}_code_{place}"), number.to_owned());
    }
    let documents = persons.iter().map(|row| row.document);
    Decision {
        writes: read::note(principal, documents, Class::Search, reason, rules),
        outcome: Outcome { values },
        ..Decision::default()
    }
}
