//! Staff look for a person, or ask whether somebody is already known.
//!
//! On a citizen's own phone nobody is ever shown. Whoever is shown is written down, as the read log
//! asks: one fact a question, with the internal ids.

use std::collections::BTreeMap;

use super::{read, reject, reject_with};
use crate::command::{Decision, Outcome, Rejection};
use crate::duplicate::find::{self, FOUND_MAX, Question};
use crate::duplicate::{CANDIDATES_MAX, key};
use crate::known;
use crate::person::{Field, PersonFields};
use crate::read::Class;
use crate::role::{Principal, Role};
use crate::site::Rules;
use crate::view::{Candidates, Found, Known, Lookup, PersonRow};

/// A person about to be registered, and the mother for a child.
type Newcomer<'a> = (&'a PersonFields, Option<&'a PersonFields>);

fn may(principal: &Principal) -> Result<(), Rejection> {
    let staff = matches!(principal.role, Role::HealthWorker | Role::Officer);
    if staff && principal.author != 0 {
        Ok(())
    } else {
        Err(reject("reject-not-allowed"))
    }
}

pub(super) fn needs(
    principal: &Principal,
    question: &Question,
    known: &Known,
    rules: &Rules<'_>,
) -> Vec<Lookup> {
    let tokens = may(principal)
        .ok()
        .and_then(|()| question.tokens(&rules.site.matcher.table));
    known::missing(known, tokens.map(Lookup::Candidates))
}

pub(super) fn find(
    principal: &Principal,
    question: &Question,
    known: &Known,
    rules: &Rules<'_>,
) -> Result<Decision, Rejection> {
    may(principal)?;
    let limit = CANDIDATES_MAX.to_string();
    let too_many = || reject_with("reject-too-many", "limit", limit);
    let table = &rules.site.matcher.table;
    let Some(tokens) = question.tokens(table) else {
        return Err(too_many());
    };
    let candidates = candidates(known, tokens);
    if candidates.cut {
        return Err(too_many());
    }
    let fitting = question.fitting(&candidates.persons, table);
    Ok(shown(principal, &fitting, "search", rules))
}

pub(super) fn check_needs(
    principal: &Principal,
    (person, _): Newcomer<'_>,
    known: &Known,
    rules: &Rules<'_>,
) -> Vec<Lookup> {
    let tokens = may(principal)
        .ok()
        .map(|()| key::asked(person, &rules.site.matcher.table));
    known::missing(known, tokens.map(Lookup::Candidates))
}

pub(super) fn check(
    principal: &Principal,
    newcomer: Newcomer<'_>,
    known: &Known,
    rules: &Rules<'_>,
) -> Result<Decision, Rejection> {
    may(principal)?;
    let matcher = &rules.site.matcher;
    let candidates = candidates(known, key::asked(newcomer.0, &matcher.table));
    let best = find::known(newcomer, &candidates.persons, matcher);
    Ok(shown(principal, &best, "already known?", rules))
}

fn candidates(known: &Known, tokens: Vec<crate::view::Token>) -> Candidates {
    match known.get(&Lookup::Candidates(tokens)) {
        Some(Found::Candidates(found)) => found.clone(),
        _ => Candidates::default(),
    }
}

/// The people shown, and the fact that says so.
fn shown(
    principal: &Principal,
    persons: &[&PersonRow],
    reason: &str,
    rules: &Rules<'_>,
) -> Decision {
    let persons: Vec<&PersonRow> = persons.iter().take(FOUND_MAX).copied().collect();
    let mut values = BTreeMap::from([("count".to_owned(), persons.len().to_string())]);
    for (at, row) in persons.iter().enumerate() {
        let place = at.saturating_add(1);
        let word = match row.fields.get(Field::Sex) {
            Some("F") => rules.texts.plain(&principal.language, "sex-female"),
            Some("M") => rules.texts.plain(&principal.language, "sex-male"),
            _ => String::new(),
        };
        let label = find::label(&row.fields, &word);
        values.insert(format!("found_{place}"), label);
        let number = row.fields.get(Field::Number).unwrap_or_default();
        values.insert(format!("found_code_{place}"), number.to_owned());
    }
    let documents = persons.iter().map(|row| row.document);
    Decision {
        writes: read::note(principal, documents, Class::Search, reason, rules),
        outcome: Outcome { values },
        ..Decision::default()
    }
}
