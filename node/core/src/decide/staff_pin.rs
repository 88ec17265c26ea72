//! The staff PIN: nothing of a worker's screens before it, first chosen behind a one-time code of
//! her office (IDENTITY §7, §8; decision 0051).
//!
//! Every command of a worker on a phone is refused without an opening, whatever screen or text it
//! came from, except the few of [`is_free`]: those that lead to the PIN, and words of one reply that
//! show nobody's data. Tries are charged and waited for as those of all PINs ([`crate::pin`]).
//! Pages of an office have passphrases of their own and are no matter of this file.

use sync_core::Scope;

use super::hub::{control, may_administer};
use super::{reject, who};
use crate::command::{Command, Decision, Rejection};
use crate::contact::{Moment, SMS_CHANNEL};
use crate::fact::Fact;
use crate::known;
use crate::pin::{self, Gate, Holder, Pin, PinRow, PinSecret, Purpose, is_weak};
use crate::role::{CodeOrder, Principal, Role, StaffCode};
use crate::site::Rules;
use crate::view::{Found, Known, Lookup, ViewChange};

/// Channels that are no phones: their people came in another way.
const NO_PHONES: [&str; 3] = ["console", "api", "system"];

/// Whether a command needs no opening. None of them shows anything of a person: the answer to a
/// review tells its number alone, and that stood in the question to the same phone.
fn is_free(command: &Command) -> bool {
    matches!(
        command,
        Command::OpenStaff { .. }
            | Command::ProveStaffCode { .. }
            | Command::ChooseStaffPin { .. }
            | Command::ChooseLanguage { .. }
            | Command::ChooseVillage { .. }
            | Command::StopMessages { .. }
            | Command::BindNumber
            | Command::DenyNumber
            | Command::TakeNumberAlone
            | Command::DenyChange { .. }
            | Command::NoteTraffic
            | Command::AnswerReview { .. }
            | Command::AnswerMatch { .. }
    )
}

/// The worker whose opening a command needs; `None` where none is asked.
fn guarded(principal: &Principal, command: &Command, rules: &Rules<'_>) -> Option<Holder> {
    let on_phone = !NO_PHONES.contains(&principal.channel.as_str());
    let is_staff = principal.author != 0 && principal.role != Role::System;
    let asked = rules.site.staff_pin_hours > 0 && on_phone && is_staff && !is_free(command);
    asked.then(|| own(principal))
}

fn own(principal: &Principal) -> Holder {
    Holder::Staff(principal.scope.area(), principal.author)
}

fn code_of(principal: &Principal) -> Holder {
    Holder::Code(principal.scope.area(), principal.author)
}

/// What is looked up to know whether the screens are open; `None` once they are known to be, or
/// where that does not matter. Nothing else is looked up before, so that nothing else happens.
pub(super) fn guard_needs(
    principal: &Principal,
    command: &Command,
    known: &Known,
    (rules, now): (&Rules<'_>, Moment),
) -> Option<Vec<Lookup>> {
    let holder = guarded(principal, command, rules)?;
    let lookup = Lookup::Pin(holder);
    if !known.contains_key(&lookup) {
        return Some(vec![lookup]);
    }
    let open = known::pin(known, holder).is_opened(now.at, rules.site.staff_pin_hours);
    (!open).then(Vec::new)
}

/// Refuses what a worker asks without an opening.
pub(super) fn guard(
    principal: &Principal,
    command: &Command,
    known: &Known,
    (rules, now): (&Rules<'_>, Moment),
) -> Result<(), Rejection> {
    match guarded(principal, command, rules) {
        Some(holder)
            if !known::pin(known, holder).is_opened(now.at, rules.site.staff_pin_hours) =>
        {
            Err(reject("reject-staff-pin"))
        }
        _ => Ok(()),
    }
}

pub(super) fn needs(
    principal: &Principal,
    command: &Command,
    known: &Known,
    now: Moment,
) -> Vec<Lookup> {
    if let Command::GiveStaffCode(order) = command {
        return give_needs(order, known, now);
    }
    if principal.author == 0 || principal.channel == SMS_CHANNEL {
        return Vec::new();
    }
    let (own, code) = (own(principal), code_of(principal));
    let rows = [Lookup::Pin(own), Lookup::Pin(code)];
    let told = rows.iter().all(|lookup| known.contains_key(lookup));
    let mut wanted: Vec<Lookup> = rows.into();
    wanted.push(Lookup::Proved);
    if told {
        wanted.extend(match command {
            Command::OpenStaff { pin } => Some(Lookup::Stretch(own, pin.clone(), Purpose::Check)),
            Command::ProveStaffCode { code: typed } if is_asked(known, (own, code), now) => {
                Some(Lookup::Stretch(code, typed.clone(), Purpose::Check))
            }
            Command::ChooseStaffPin { pin } if may_choose(principal, pin, known, now).is_ok() => {
                Some(Lookup::Stretch(own, pin.clone(), Purpose::Choose))
            }
            _ => None,
        });
    }
    known::missing(known, wanted)
}

fn give_needs(order: &CodeOrder, known: &Known, now: Moment) -> Vec<Lookup> {
    let scope = order.scope.area();
    let place = [
        Lookup::Staff(scope, order.index),
        Lookup::StaffEnded(scope, order.index),
    ];
    let mut wanted: Vec<Lookup> = place.into();
    if holds(order, known, now) {
        let holder = Holder::Code(scope, order.index);
        wanted.push(Lookup::Stretch(holder, order.code.clone(), Purpose::Choose));
    }
    known::missing(known, wanted)
}

/// Whether a code is what is asked: there is no PIN, and the code holds.
fn is_asked(known: &Known, (own, code): (Holder, Holder), now: Moment) -> bool {
    known::pin(known, own).secret.is_none() && known::pin(known, code).is_open(now.at)
}

/// Decides.
pub(super) fn decide(
    principal: &Principal,
    command: &Command,
    known: &Known,
    (rules, now): (&Rules<'_>, Moment),
) -> Result<Decision, Rejection> {
    if let Command::GiveStaffCode(order) = command {
        may_administer(principal, rules)?;
        return give(order, known, (rules, now));
    }
    if principal.author == 0 {
        return Err(reject("reject-not-allowed"));
    }
    if principal.channel == SMS_CHANNEL {
        return Err(reject("reject-staff-pin"));
    }
    let (own, code) = (own(principal), code_of(principal));
    let changes = match command {
        Command::OpenStaff { pin } => {
            let kept = right((own, pin), known, now, "reject-pin-wrong")?;
            vec![put(own, kept.opened(now.at)), ViewChange::RefundTry]
        }
        Command::ProveStaffCode { code: typed } => {
            if !is_asked(known, (own, code), now) {
                return Err(reject("staff-code-none"));
            }
            let kept = right((code, typed), known, now, "staff-code-wrong")?;
            vec![
                put(code, kept),
                ViewChange::RefundTry,
                ViewChange::Prove(code),
            ]
        }
        Command::ChooseStaffPin { pin } => {
            may_choose(principal, pin, known, now)?;
            let (salt, digest) = known::stretched(known, own, pin, Purpose::Choose)
                .ok_or_else(|| reject("failed"))?;
            let secret = PinSecret {
                salt,
                digest,
                short: pin.is_short(),
            };
            let kept = PinRow {
                secret: Some(secret),
                ..PinRow::default()
            };
            // The code was for one use.
            vec![put(own, kept.opened(now.at)), put(code, PinRow::default())]
        }
        _ => return Err(reject("failed")),
    };
    Ok(Decision {
        changes,
        ..Decision::default()
    })
}

fn put(holder: Holder, row: PinRow) -> ViewChange {
    ViewChange::PutPin { holder, row }
}

/// The row after a right try, or why it was none.
fn right(
    (holder, typed): (Holder, &Pin),
    known: &Known,
    now: Moment,
    wrong: &str,
) -> Result<PinRow, Rejection> {
    let row = known::pin(known, holder);
    let secret = row.secret.as_ref();
    let secret = secret.map(|secret| (secret.salt, secret.digest));
    let hashed = known::stretched(known, holder, typed, Purpose::Check);
    if secret.is_some() && hashed == secret {
        return Ok(row.cleared());
    }
    if hashed.is_some() {
        return Err(reject(wrong));
    }
    Err(reject(match row.gate(now.at) {
        Gate::Unset => "staff-code-none",
        Gate::Wait => "reject-pin-wait",
        Gate::Locked => "staff-pin-locked",
        Gate::Open => "failed",
    }))
}

/// Whether this worker may choose this PIN: her code was right in this conversation.
fn may_choose(
    principal: &Principal,
    pin: &Pin,
    known: &Known,
    now: Moment,
) -> Result<(), Rejection> {
    let (own, code) = (own(principal), code_of(principal));
    if who::proved(known) != Some(code) || !is_asked(known, (own, code), now) {
        return Err(reject("staff-code-none"));
    }
    if pin.digits().len() != pin::DIGITS {
        return Err(reject("reject-pin-length"));
    }
    let phone = principal.e164();
    let others = pin::Known {
        phones: [phone.as_deref(), None],
        ..pin::Known::default()
    };
    if is_weak(pin, &others) {
        return Err(reject("reject-pin-weak"));
    }
    Ok(())
}

/// Whether the place holds a role that was not taken back.
fn holds(order: &CodeOrder, known: &Known, now: Moment) -> bool {
    let (scope, index) = (order.scope.area(), order.index);
    let ended = known.get(&Lookup::StaffEnded(scope, index)) == Some(&Found::Flag(true));
    let grants = known::staff(known, &Lookup::Staff(scope, index));
    !ended && grants.first().is_some_and(|grant| grant.is_live(now.at))
}

/// Gives a code: a fact, so that every node of the area forgets the PIN and asks for the code.
fn give(
    order: &CodeOrder,
    known: &Known,
    (rules, now): (&Rules<'_>, Moment),
) -> Result<Decision, Rejection> {
    let scope: Scope = order.scope.area();
    if order.not_after <= now.at || !holds(order, known, now) {
        return Err(reject("reject-no-role"));
    }
    let holder = Holder::Code(scope, order.index);
    let (salt, digest) = known::stretched(known, holder, &order.code, Purpose::Choose)
        .ok_or_else(|| reject("failed"))?;
    let code = StaffCode {
        scope,
        index: order.index,
        salt,
        digest,
        not_after: order.not_after,
        hub: rules.site.node,
        // The store signs what it writes.
        signature: [0; 64],
    };
    Ok(Decision {
        writes: vec![control(scope, Fact::StaffCodeGiven(code))],
        ..Decision::default()
    })
}

#[cfg(test)]
mod tests;
