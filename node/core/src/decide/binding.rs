//! The life of a number as its phone tells it: it is hers, it is not hers, it is only hers, it was
//! heard (IDENTITY §9, decision 0048).
//!
//! An answer binds the number to everybody whose record names it. Where it was silent for long and
//! somebody else's record names it by now, the answer counts for the newcomer, and the number is
//! taken from those who had it before: it was given to another person.

use sync_core::{EntryRef, Lane};

use super::{outcome, reject};
use crate::binding::{self, Unbound, trusted_day};
use crate::command::{Command, Decision, Rejection, Write};
use crate::contact::Moment;
use crate::fact::Fact;
use crate::known;
use crate::message::{self, Draft};
use crate::person::PersonFields;
use crate::role::Principal;
use crate::schema;
use crate::site::Rules;
use crate::view::{Known, NewMessage, PhoneRow};

/// Decides what an answer of the number comes to; `needs` are those of [`super::phone`].
pub(super) fn decide(
    principal: &Principal,
    command: &Command,
    known: &Known,
    (rules, now): (&Rules<'_>, Moment),
) -> Result<Decision, Rejection> {
    let phone = principal
        .e164()
        .ok_or_else(|| reject("reject-not-allowed"))?;
    let row = known::phone(known, &phone);
    if *command == Command::NoteTraffic {
        return Ok(heard(&phone, &row, (rules, now)));
    }
    if row.persons.is_empty() {
        return Err(reject("reject-not-registered"));
    }
    let claimed = claimed(&row);
    let (binds, ends) = match command {
        // Silent for long, and somebody else's by now.
        Command::BindNumber if !claimed.is_empty() => (claimed, row.stale.clone()),
        Command::BindNumber => (row.stale.clone(), Vec::new()),
        Command::TakeNumberAlone => {
            let others = row.persons.iter().map(|(person, _)| *person);
            let others = others.filter(|person| !claimed.contains(person)).collect();
            (claimed, others)
        }
        _ => (Vec::new(), [claimed, row.stale.clone()].concat()),
    };
    let why = match command {
        Command::BindNumber => Unbound::Recycled,
        Command::TakeNumberAlone => Unbound::Moved,
        _ => Unbound::Denied,
    };
    let told = outcome([("bound", binds.len().to_string())]);
    let binds = binds.into_iter().map(|person| (person, bound(&phone, now)));
    let ends = ends
        .into_iter()
        .map(|person| (person, ended(&phone, &row, person, why)));
    Ok(Decision {
        writes: binds.chain(ends).map(about).collect(),
        outcome: told,
        ..Decision::default()
    })
}

/// Those whose record names the number and for whom it never answered.
pub(crate) fn claimed(row: &PhoneRow) -> Vec<EntryRef> {
    let open = row.persons.iter().filter(|(_, bound)| !bound);
    open.map(|(person, _)| *person)
        .filter(|person| !row.stale.contains(person))
        .collect()
}

/// Whether somebody's claim waits beside people who have the number already.
pub(crate) fn waits_beside(row: &PhoneRow) -> bool {
    let claimed = claimed(row).len();
    claimed > 0 && claimed < row.persons.len()
}

/// The number answered.
pub(super) fn bound(phone: &str, now: Moment) -> Fact {
    Fact::NumberBound {
        phone: phone.to_owned(),
        day: trusted_day(now),
    }
}

/// The number is not a person's any more, as far as is known of it.
pub(super) fn ended(phone: &str, row: &PhoneRow, person: EntryRef, why: Unbound) -> Fact {
    let mut all = row.bindings.iter();
    let binding = all.find(|binding| binding.person == person);
    Fact::NumberUnbound {
        phone: phone.to_owned(),
        additions: binding.map_or_else(|| vec![person], binding::Binding::additions),
        why,
    }
}

pub(super) fn about((person, fact): (EntryRef, Fact)) -> Write {
    Write::Fact {
        scope: person.scope.with_lane(Lane::Registration),
        schema: schema::of(&fact),
        about: Some(person),
        fact,
    }
}

/// The number was heard: noted now and then while it is bound, asked once when it is stale.
fn heard(phone: &str, row: &PhoneRow, (rules, now): (&Rules<'_>, Moment)) -> Decision {
    let today = trusted_day(now);
    let unheard = today.map(|today| (today, binding::unheard(row, today)));
    let notes = unheard.into_iter().flat_map(|(day, persons)| {
        let fact = Fact::NumberSeen {
            phone: phone.to_owned(),
            day,
        };
        persons
            .into_iter()
            .map(move |one| about((one, fact.clone())))
    });
    Decision {
        writes: notes.collect(),
        messages: confirm(phone, row, None, rules).into_iter().collect(),
        ..Decision::default()
    }
}

/// The neutral question to a number that was silent for long, once a silence.
pub(crate) fn confirm(
    phone: &str,
    row: &PhoneRow,
    own: Option<&str>,
    rules: &Rules<'_>,
) -> Option<NewMessage> {
    if row.stopped || row.stale.is_empty() {
        return None;
    }
    let draft = Draft {
        cause: message::confirm_cause(phone, row),
        to: phone.to_owned(),
        language: message::language(row, own, &rules.site.language),
        key: "confirm",
        arguments: message::arguments([]),
    };
    Some(draft.render(rules))
}

/// The question that a person's own number is asked before anything personal goes to it: whether
/// it is hers, once, or whether it still is. `None` where it is bound, stopped or was asked.
pub(crate) fn question(
    person: (EntryRef, &PersonFields),
    row: &PhoneRow,
    rules: &Rules<'_>,
) -> Option<NewMessage> {
    let (document, fields) = person;
    let phone = fields.get(crate::person::Field::Phone)?;
    let own = fields.get(crate::person::Field::Language);
    if row.stale.contains(&document) {
        return confirm(phone, row, own, rules);
    }
    if row.stopped || !row.persons.contains(&(document, false)) {
        return None;
    }
    let shared = waits_beside(row);
    if row.asked && !shared {
        return None;
    }
    let draft = Draft {
        cause: if shared {
            message::ask_again_cause(phone, &document)
        } else {
            message::ask_cause(phone)
        },
        to: phone.to_owned(),
        language: message::language(row, own, &rules.site.language),
        key: if shared { "claim-shared" } else { "claim" },
        arguments: message::arguments([]),
    };
    Some(draft.render(rules))
}
