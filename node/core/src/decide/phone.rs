//! What a number says about itself: it is ours, no more texts, texts again, this language.

use sync_core::Lane;

use super::{outcome, reject};
use crate::command::{Decision, Rejection, Write};
use crate::consent;
use crate::fact::Fact;
use crate::known;
use crate::role::Principal;
use crate::schema;
use crate::site::Rules;
use crate::view::{Known, Lookup, ViewChange};

pub(super) fn needs(principal: &Principal, known: &Known) -> Vec<Lookup> {
    known::missing(known, principal.e164().map(Lookup::Phone))
}

/// Binds the number to everybody whose document names it.
pub(super) fn bind(principal: &Principal, known: &Known) -> Result<Decision, Rejection> {
    let phone = principal
        .e164()
        .ok_or_else(|| reject("reject-not-allowed"))?;
    let row = known::phone(known, &phone);
    if row.persons.is_empty() {
        return Err(reject("reject-not-registered"));
    }
    let claimed = row.persons.iter().filter(|(_, bound)| !bound);
    let writes: Vec<Write> = claimed
        .map(|(person, _)| {
            let fact = Fact::NumberBound {
                phone: phone.clone(),
            };
            Write::Fact {
                scope: person.scope.with_lane(Lane::Registration),
                schema: schema::of(&fact),
                about: Some(*person),
                fact,
            }
        })
        .collect();
    let bound = outcome([("bound", writes.len().to_string())]);
    Ok(Decision {
        writes,
        outcome: bound,
        ..Decision::default()
    })
}

/// Stops or starts messages; saying it twice writes it once.
pub(super) fn stop(
    principal: &Principal,
    stopped: bool,
    known: &Known,
) -> Result<Decision, Rejection> {
    let phone = principal
        .e164()
        .ok_or_else(|| reject("reject-not-allowed"))?;
    let row = known::phone(known, &phone);
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
    let fact = Fact::MessagesStopped {
        phone,
        stopped,
        after,
    };
    let write = Write::Fact {
        scope: principal.scope.with_lane(Lane::Control),
        schema: schema::of(&fact),
        about: None,
        fact,
    };
    Ok(Decision {
        writes: vec![write],
        outcome: told,
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
