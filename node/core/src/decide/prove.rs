//! What a person must do before she sees what is personal (IDENTITY §7, decision 0039).
//!
//! Asked before the PIN, so that a dialogue can lead to the right question: the last four digits
//! on a phone of several people, the PIN, or the choice of a first one. The answer is the same for
//! digits that fit nobody and for those of a person without a PIN, so it tells nobody who is
//! registered. Whether a PIN is right is decided in [`super::pin`].

use super::who::{self, Line};
use super::{outcome, reject};
use crate::command::{Decision, Rejection};
use crate::contact::{Moment, SMS_CHANNEL};
use crate::known;
use crate::pin::{Gate, Holder, PinRow};
use crate::role::Principal;
use crate::view::{Found, Known, Lookup};

pub(super) fn needs(principal: &Principal, hint: Option<&str>, known: &Known) -> Vec<Lookup> {
    let mut wanted = who::needs(principal, known);
    let line = who::line(principal, known);
    wanted.extend(meant(&line, hint).map(Lookup::Pin));
    known::missing(known, wanted)
}

/// Whose PIN is asked; nobody yet on a phone of several people before the digits.
fn meant(line: &Line<'_>, hint: Option<&str>) -> Option<Holder> {
    if line.is_shared() && hint.is_none() {
        return None;
    }
    line.meant(hint)
}

/// Says what comes next.
pub(super) fn ask(
    principal: &Principal,
    (hint, only_shared): (Option<&str>, bool),
    known: &Known,
    now: Moment,
) -> Result<Decision, Rejection> {
    let line = who::line(principal, known);
    let bound = who::bound(principal, &line);
    let by_sms = principal.channel == SMS_CHANNEL;
    let open = only_shared && !line.is_shared();
    let state = match who::proved(known) {
        _ if open => "open",
        _ if bound.is_empty() && by_sms && !line.persons.is_empty() => {
            return Err(reject("reject-not-bound"));
        }
        _ if bound.is_empty() => "nobody",
        // A PIN is never asked by SMS: the text would lie in the phone (IDENTITY §7).
        _ if by_sms => return Err(reject("reject-pin-sms")),
        Some(Holder::Person(person)) if bound.iter().any(|one| one.document == person) => "proved",
        _ => match meant(&line, hint) {
            None => "several",
            Some(holder) => next(holder, &line, known, now)?,
        },
    };
    Ok(Decision {
        outcome: outcome([("pin_state", state.to_owned())]),
        ..Decision::default()
    })
}

/// The PIN, or the choice of a first one where that needs nobody else.
fn next(
    holder: Holder,
    line: &Line<'_>,
    known: &Known,
    now: Moment,
) -> Result<&'static str, Rejection> {
    let row = match known.get(&Lookup::Pin(holder)) {
        Some(Found::Pin(row)) => row.clone(),
        _ => PinRow::default(),
    };
    match row.gate(now.at) {
        Gate::Unset if row.is_open(now.at) || !line.is_shared() => Ok("none"),
        // One sentence for every no, so that it does not matter whose digits were typed.
        _ if line.is_shared() => Ok("set"),
        Gate::Wait => Err(reject("reject-pin-wait")),
        Gate::Locked => Err(reject("reject-pin-locked")),
        Gate::Unset | Gate::Open => Ok("set"),
    }
}
