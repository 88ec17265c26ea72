//! Erasing a person: asked for by her or with her present, approved at the hub by two people.

use sync_core::{EntryRef, Lane, NodeId, Scope};

use super::hub::control;
use super::pin::present;
use super::{consent, outcome, read, reject, reject_with, slip};
use crate::command::{Decision, Rejection, Write};
use crate::erasure::{Erasure, ErasureRow, REASON_CHARS_MAX};
use crate::fact::Fact;
use crate::known;
use crate::read::Class;
use crate::role::right::{Right, may};
use crate::role::{Principal, Role};
use crate::schema;
use crate::site::Rules;
use crate::view::{Found, Known, Lookup};

pub(super) fn ask_needs(principal: &Principal, number: Option<&str>, known: &Known) -> Vec<Lookup> {
    match number {
        Some(number) => approve_needs(principal, number, known),
        None => consent::needs(principal, known),
    }
}

/// A request, once; the hub's staff decide about it.
pub(super) fn ask(
    principal: &Principal,
    number: Option<&str>,
    known: &Known,
) -> Result<Decision, Rejection> {
    let person = match number {
        None => consent::own(principal, known, true)?,
        Some(number) => {
            if !may(principal.role, Right::AskErasure) || principal.author == 0 {
                return Err(reject("reject-not-allowed"));
            }
            let person = present(principal, number, known);
            person
                .ok_or_else(|| reject("reject-unknown-number"))?
                .document
        }
    };
    if row(known, person).asked {
        return Ok(told("asked"));
    }
    let fact = Fact::ErasureAsked;
    let write = Write::Fact {
        scope: person.scope.with_lane(Lane::Registration),
        schema: schema::of(&fact),
        about: Some(person),
        fact,
    };
    Ok(Decision {
        writes: vec![write],
        ..told("asked")
    })
}

fn told(state: &str) -> Decision {
    Decision {
        outcome: outcome([("state", state.to_owned())]),
        ..Decision::default()
    }
}

fn row(known: &Known, person: EntryRef) -> ErasureRow {
    match known.get(&Lookup::Erasure(person)) {
        Some(Found::Erasure(row)) => *row,
        _ => ErasureRow::default(),
    }
}

pub(super) fn approve_needs(principal: &Principal, number: &str, known: &Known) -> Vec<Lookup> {
    let own = Lookup::StaffEnded(principal.scope.area(), principal.author);
    let mut wanted = vec![known::by_number(number), own];
    if let Some(person) = present(principal, number, known) {
        wanted.push(Lookup::Erasure(person.document));
        wanted.push(Lookup::SlipsOf(person.document));
        let first = row(known, person.document).approved;
        wanted.extend(first.map(|(scope, index)| Lookup::Staff(scope, index)));
    }
    known::missing(known, wanted)
}

/// The first approval is kept; the second one, of another person, erases. One of them is an
/// officer.
pub(super) fn approve(
    principal: &Principal,
    (number, reason): (&str, &str),
    known: &Known,
    rules: &Rules<'_>,
) -> Result<Decision, Rejection> {
    let own = (principal.scope.area(), principal.author);
    let ended = known.get(&Lookup::StaffEnded(own.0, own.1)) != Some(&Found::Flag(false));
    let allowed = may(principal.role, Right::ApproveErasure) && principal.author != 0;
    if !allowed || ended || !rules.site.is_hub {
        return Err(reject("reject-not-allowed"));
    }
    if reason.trim().is_empty() || reason.chars().count() > REASON_CHARS_MAX {
        let limit = REASON_CHARS_MAX.to_string();
        return Err(reject_with("reject-reason", "limit", limit));
    }
    let person = present(principal, number, known);
    let person = person
        .ok_or_else(|| reject("reject-unknown-number"))?
        .document;
    let area = person.scope.area();
    let Some(first) = row(known, person).approved else {
        let fact = Fact::ErasureApproved { person, by: own };
        return Ok(Decision {
            writes: vec![control(area, fact)],
            ..told("approved")
        });
    };
    if !is_second(principal, first, known) {
        return Err(reject("reject-second-officer"));
    }
    let erasure = Erasure {
        person,
        reason: reason.to_owned(),
        approved: [first, own],
        hub: NodeId(rules.site.node.0),
        signature: [0; 64],
    };
    // Whoever holds a slip of hers learns that it holds no more, before nothing of her is left.
    let slips = match known.get(&Lookup::SlipsOf(person)) {
        Some(Found::Slips(slips)) => slips.as_slice(),
        _ => &[],
    };
    let mut writes = slip::revocation(slips, person.scope, rules.site);
    writes.push(control(area, Fact::PersonErased(erasure)));
    Ok(Decision {
        writes,
        ..told("erased")
    })
}

/// Whoever may approve sees what waits; the people named there learn that their number was read.
pub(super) fn show(
    principal: &Principal,
    persons: &[EntryRef],
    rules: &Rules<'_>,
) -> Result<Decision, Rejection> {
    if !may(principal.role, Right::ApproveErasure) || principal.author == 0 {
        return Err(reject("reject-not-allowed"));
    }
    Ok(Decision {
        writes: read::note(
            principal,
            persons.iter().copied(),
            Class::Console,
            "erasures",
            rules,
        ),
        ..Decision::default()
    })
}

/// Whether the principal is another person than the first approver, and one of both an officer.
fn is_second(principal: &Principal, first: (Scope, u32), known: &Known) -> bool {
    let grants = known::staff(known, &Lookup::Staff(first.0, first.1));
    let Some(grant) = grants.first() else {
        return false;
    };
    let other = principal.e164().is_some_and(|phone| phone != grant.phone);
    other && (grant.role == Role::Officer || principal.role == Role::Officer)
}
