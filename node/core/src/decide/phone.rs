//! What a number says about itself: it is ours, no more texts, texts again, this language.

use std::collections::BTreeSet;

use sync_core::{Lane, Scope};

use super::{outcome, reject};
use crate::command::{Decision, Rejection, Write};
use crate::consent;
use crate::fact::Fact;
use crate::known;
use crate::role::Principal;
use crate::schema;
use crate::site::Rules;
use crate::view::{Known, Lookup, PhoneRow, ViewChange};

pub(super) fn needs(principal: &Principal, known: &Known) -> Vec<Lookup> {
    let lookups = |phone: String| [Lookup::StaffByPhone(phone.clone()), Lookup::Phone(phone)];
    known::missing(known, principal.e164().into_iter().flat_map(lookups))
}

/// Stops or starts messages; saying it twice writes it once.
pub(super) fn stop(
    principal: &Principal,
    stopped: bool,
    known: &Known,
    rules: &Rules<'_>,
) -> Result<Decision, Rejection> {
    let phone = principal
        .e164()
        .ok_or_else(|| reject("reject-not-allowed"))?;
    let mut row = known::phone(known, &phone);
    let told = outcome([("stopped", stopped.to_string())]);
    if row.stopped == stopped {
        return Ok(Decision {
            outcome: told,
            ..Decision::default()
        });
    }
    let after = if stopped {
        Vec::new()
    } else {
        consent::in_force(&row)
    };
    let areas = switched_areas(principal, &row, known, rules);
    if areas.is_empty() {
        // No area knows the number, so nobody but this site could text it: it is kept here.
        row.stopped = stopped;
        let put = ViewChange::PutPhone {
            phone: phone.clone(),
            row,
        };
        let cancel = stopped.then_some(ViewChange::CancelMessages { to: phone });
        return Ok(Decision {
            changes: [put].into_iter().chain(cancel).collect(),
            outcome: told,
            ..Decision::default()
        });
    }
    let fact = Fact::MessagesStopped {
        phone,
        stopped,
        after,
    };
    Ok(Decision {
        writes: areas.into_iter().map(|area| switch(area, &fact)).collect(),
        outcome: told,
        ..Decision::default()
    })
}

/// The areas that must hear of an opt-out or opt-in: the caller's own; where several villages call
/// one code, every area that knows the number.
fn switched_areas(
    principal: &Principal,
    row: &PhoneRow,
    known: &Known,
    rules: &Rules<'_>,
) -> BTreeSet<Scope> {
    let mut areas = BTreeSet::new();
    if principal.is_placed() || !rules.site.asks_village() {
        areas.insert(principal.scope.area());
    }
    if rules.site.asks_village() {
        let staff = principal.e164().map(Lookup::StaffByPhone);
        let granted = staff.iter().flat_map(|lookup| known::staff(known, lookup));
        let persons = row.persons.iter().map(|(person, _)| person.scope);
        let stops = row.stops.iter().map(|stop| stop.scope);
        let all = granted.map(|grant| grant.scope).chain(persons).chain(stops);
        areas.extend(all.map(Scope::area).filter(|area| rules.site.serves(*area)));
    }
    areas
}

fn switch(area: Scope, fact: &Fact) -> Write {
    Write::Fact {
        scope: area.with_lane(Lane::Control),
        schema: schema::of(fact),
        about: None,
        fact: fact.clone(),
    }
}

/// Remembers the village of a number. An opt-out that no area has heard of is told to it.
pub(super) fn choose_village(
    principal: &Principal,
    code: &str,
    known: &Known,
    rules: &Rules<'_>,
) -> Result<Decision, Rejection> {
    let phone = principal
        .e164()
        .ok_or_else(|| reject("reject-not-allowed"))?;
    let area = rules.site.village(code);
    let area = area.ok_or_else(|| reject("reject-village"))?;
    let mut row = known::phone(known, &phone);
    row.area = Some(area);
    let fact = Fact::MessagesStopped {
        phone: phone.clone(),
        stopped: true,
        after: Vec::new(),
    };
    let untold = row.stopped && row.stops.is_empty();
    Ok(Decision {
        writes: untold.then(|| switch(area, &fact)).into_iter().collect(),
        changes: vec![ViewChange::PutPhone { phone, row }],
        ..Decision::default()
    })
}

pub(super) fn choose_language(
    principal: &Principal,
    language: &str,
    known: &Known,
    rules: &Rules<'_>,
) -> Result<Decision, Rejection> {
    let phone = principal
        .e164()
        .ok_or_else(|| reject("reject-not-allowed"))?;
    if !rules.texts.languages().any(|shipped| shipped == language) {
        return Err(reject("reject-language"));
    }
    let mut row = known::phone(known, &phone);
    row.language = Some(language.to_owned());
    Ok(Decision {
        changes: vec![ViewChange::PutPhone { phone, row }],
        outcome: outcome([("language", language.to_owned())]),
        ..Decision::default()
    })
}
