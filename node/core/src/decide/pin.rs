//! PINs: chosen, checked, changed, and reset by a second person who sees the first.
//!
//! `needs` asks for a hash only where the answer depends on it; the store charges the try then.

use sync_core::{EntryRef, Lane};

use super::who::{self, Line};
use super::{outcome, reject};
use crate::command::{Command, Decision, Rejection, Write};
use crate::contact::{Moment, SMS_CHANNEL};
use crate::fact::Fact;
use crate::known;
use crate::message::{self, Draft};
use crate::number;
use crate::person::Field;
use crate::pin::{self, Gate, Holder, Pin, PinRow, PinSecret, Purpose, is_weak};
use crate::role::Principal;
use crate::role::right::{Right, may};
use crate::schema;
use crate::site::Rules;
use crate::view::{Found, Known, Lookup, NewMessage, PersonRow, ViewChange};

/// What a person types about a PIN of her own.
struct Typed<'a> {
    old: Option<&'a Pin>,
    new: Option<&'a Pin>,
    hint: Option<&'a str>,
    short: bool,
    /// Whether the old one was right in this conversation, or the command fails.
    again: bool,
}

fn typed(command: &Command) -> Option<Typed<'_>> {
    let (old, new, hint, short) = match command {
        Command::SetPin { pin, hint, short } => (None, Some(pin), hint, *short),
        Command::CheckPin { pin, hint } => (Some(pin), None, hint, true),
        Command::ChangePin {
            old,
            new,
            hint,
            short,
        } => (old.as_ref(), Some(new), hint, *short),
        _ => return None,
    };
    Some(Typed {
        old,
        new,
        hint: hint.as_deref(),
        short,
        again: matches!(command, Command::ChangePin { old: None, .. }),
    })
}

pub(super) fn needs(principal: &Principal, command: &Command, known: &Known) -> Vec<Lookup> {
    if principal.channel == SMS_CHANNEL {
        return Vec::new();
    }
    let mut wanted = match command {
        Command::ResetPin { number, pin } => reset_needs(principal, number, pin.as_ref(), known),
        _ => typed(command).map_or_else(Vec::new, |typed| own_needs(principal, &typed, known)),
    };
    wanted.retain(|lookup| !known.contains_key(lookup));
    known::missing(known, wanted)
}

fn own_needs(principal: &Principal, typed: &Typed<'_>, known: &Known) -> Vec<Lookup> {
    let mut wanted = who::needs(principal, known);
    let line = who::line(principal, known);
    let Some(holder) = holder(&line, typed.hint, known).filter(|_| is_told(principal, known))
    else {
        return wanted;
    };
    wanted.push(Lookup::Pin(holder));
    if !known.contains_key(&Lookup::Pin(holder)) {
        return wanted;
    }
    let row = known::pin(known, holder);
    let sound = typed
        .new
        .is_none_or(|new| check_new(new, typed, &line, holder).is_ok());
    if let Some(old) = typed.old.filter(|_| sound) {
        wanted.push(Lookup::Stretch(holder, old.clone(), Purpose::Check));
    }
    let may_choose = match typed.old {
        Some(old) => is_right(known, &row, holder, old),
        None if typed.again => who::proved(known) == Some(holder),
        None => row.secret.is_none() && holder != Holder::Nobody,
    };
    if let Some(new) = typed.new.filter(|_| sound && may_choose) {
        wanted.push(Lookup::Stretch(holder, new.clone(), Purpose::Choose));
    }
    wanted
}

/// Whether all people of the number were looked up.
fn is_told(principal: &Principal, known: &Known) -> bool {
    who::needs(principal, known)
        .iter()
        .all(|lookup| known.contains_key(lookup))
}

/// Whose PIN is meant: of whoever was proved in this conversation, else as the digits say.
fn holder(line: &Line<'_>, hint: Option<&str>, known: &Known) -> Option<Holder> {
    match (hint, who::proved(known)) {
        (None, Some(proved)) => Some(proved),
        _ => line.meant(hint),
    }
}

fn is_right(known: &Known, row: &PinRow, holder: Holder, pin: &Pin) -> bool {
    let secret = row
        .secret
        .as_ref()
        .map(|secret| (secret.salt, secret.digest));
    secret.is_some() && known::stretched(known, holder, pin, Purpose::Check) == secret
}

/// Decides.
pub(super) fn decide(
    principal: &Principal,
    command: &Command,
    known: &Known,
    rules: &Rules<'_>,
    now: Moment,
) -> Result<Decision, Rejection> {
    if principal.channel == SMS_CHANNEL {
        return Err(reject("reject-pin-sms"));
    }
    if let Command::ResetPin { number, pin } = command {
        return reset(principal, (number, pin.as_ref()), known, rules, now);
    }
    let typed = typed(command).ok_or_else(|| reject("failed"))?;
    let line = who::line(principal, known);
    let holder = holder(&line, typed.hint, known).ok_or_else(|| reject("reject-pin-who"))?;
    let row = known::pin(known, holder);
    if let Some(new) = typed.new {
        check_new(new, &typed, &line, holder)?;
    }
    if typed.again {
        return another(&typed, holder, known);
    }
    let Some(old) = typed.old else {
        return first(&typed, &line, holder, (&row, known, now));
    };
    check_gate(&row, &line, (holder, old), known, now)?;
    let mut kept = row.cleared();
    if let Some(new) = typed.new {
        kept = chosen(known, holder, new)?;
    }
    Ok(Decision {
        changes: vec![
            ViewChange::PutPin { holder, row: kept },
            ViewChange::RefundTry,
            ViewChange::Prove(holder),
        ],
        ..Decision::default()
    })
}

/// Whether a person who stands before a worker typed her PIN: what follows for its row. Where
/// nothing is lost by it, a person without a PIN passes.
pub(super) fn checked(
    person: EntryRef,
    pin: &Pin,
    without: bool,
    known: &Known,
    now: Moment,
) -> Result<Vec<ViewChange>, Rejection> {
    let holder = Holder::Person(person);
    let row = known::pin(known, holder);
    if is_right(known, &row, holder, pin) {
        let row = row.cleared();
        return Ok(vec![
            ViewChange::PutPin { holder, row },
            ViewChange::RefundTry,
        ]);
    }
    if known::stretched(known, holder, pin, Purpose::Check).is_some() {
        return Err(reject("reject-pin-wrong"));
    }
    match row.gate(now.at) {
        Gate::Unset if without => Ok(Vec::new()),
        Gate::Unset => Err(reject("reject-change-pin")),
        Gate::Wait => Err(reject("reject-pin-wait")),
        Gate::Locked => Err(reject("reject-pin-locked")),
        Gate::Open => Err(reject("failed")),
    }
}

/// Says no unless the PIN is right; on a shared number every no sounds the same.
fn check_gate(
    row: &PinRow,
    line: &Line<'_>,
    (holder, old): (Holder, &Pin),
    known: &Known,
    now: Moment,
) -> Result<(), Rejection> {
    if is_right(known, row, holder, old) {
        return Ok(());
    }
    if known::stretched(known, holder, old, Purpose::Check).is_some() {
        return Err(reject("reject-pin-wrong"));
    }
    Err(reject(match row.gate(now.at) {
        Gate::Unset if line.is_shared() || holder == Holder::Nobody => "reject-pin-wrong",
        Gate::Unset => "reject-pin-none",
        Gate::Wait => "reject-pin-wait",
        Gate::Locked => "reject-pin-locked",
        Gate::Open => "failed",
    }))
}

/// A first PIN: on an own number that was confirmed, or where a worker opened the way.
fn first(
    typed: &Typed<'_>,
    line: &Line<'_>,
    holder: Holder,
    (row, known, now): (&PinRow, &Known, Moment),
) -> Result<Decision, Rejection> {
    if holder == Holder::Nobody {
        return Err(reject("reject-pin-worker"));
    }
    if row.secret.is_some() {
        return Err(reject("reject-pin-set"));
    }
    let confirmed = match holder {
        Holder::Person(document) => {
            let person = line.person(document);
            person.is_some_and(|(_, bound)| bound) && !line.is_shared()
        }
        // Where no staff PIN is asked, whoever holds the phone acts as the worker anyway; where it
        // is, nothing comes here without an opening.
        Holder::Staff(..) => true,
        // An account is opened on a page, a code is given by the hub: never by a phone.
        Holder::Nobody | Holder::Account(..) | Holder::Code(..) => false,
    };
    if !row.is_open(now.at) && !confirmed {
        return Err(reject("reject-pin-worker"));
    }
    let new = typed.new.ok_or_else(|| reject("failed"))?;
    let row = chosen(known, holder, new)?;
    Ok(Decision {
        changes: vec![
            ViewChange::PutPin { holder, row },
            ViewChange::Prove(holder),
        ],
        ..Decision::default()
    })
}

/// Another PIN of whoever typed the old one in this conversation.
fn another(typed: &Typed<'_>, holder: Holder, known: &Known) -> Result<Decision, Rejection> {
    if who::proved(known) != Some(holder) {
        return Err(reject("reject-pin-first"));
    }
    let new = typed.new.ok_or_else(|| reject("failed"))?;
    let row = chosen(known, holder, new)?;
    Ok(Decision {
        changes: vec![ViewChange::PutPin { holder, row }],
        ..Decision::default()
    })
}

fn chosen(known: &Known, holder: Holder, new: &Pin) -> Result<PinRow, Rejection> {
    let (salt, digest) =
        known::stretched(known, holder, new, Purpose::Choose).ok_or_else(|| reject("failed"))?;
    let short = new.is_short();
    Ok(PinRow {
        secret: Some(PinSecret {
            salt,
            digest,
            short,
        }),
        ..PinRow::default()
    })
}

fn check_new(
    new: &Pin,
    typed: &Typed<'_>,
    line: &Line<'_>,
    holder: Holder,
) -> Result<(), Rejection> {
    if new.is_short() && !typed.short {
        return Err(reject("reject-pin-length"));
    }
    let person = match holder {
        Holder::Person(document) => line.person(document).map(|(person, _)| person),
        _ => None,
    };
    check_strength(new, person)
}

fn check_strength(new: &Pin, person: Option<&PersonRow>) -> Result<(), Rejection> {
    let field = |field| person.and_then(|person| person.fields.get(field));
    let others = pin::Known {
        birth: person.and_then(|person| person.fields.birth_date()),
        number: field(Field::Number),
        phones: [field(Field::Phone), None],
    };
    if is_weak(new, &others) {
        return Err(reject("reject-pin-weak"));
    }
    Ok(())
}

fn reset_needs(
    principal: &Principal,
    number: &str,
    pin: Option<&Pin>,
    known: &Known,
) -> Vec<Lookup> {
    if !may(principal.role, Right::ResetPin) {
        return Vec::new();
    }
    let mut wanted = vec![known::by_number(number)];
    if let Some(person) = present(principal, number, known) {
        let holder = Holder::Person(person.document);
        wanted.push(Lookup::Pin(holder));
        let phone = person.fields.get(Field::Phone);
        wanted.extend(phone.map(|phone| Lookup::Phone(phone.to_owned())));
        let strong = |pin: &&Pin| check_strength(pin, Some(person)).is_ok();
        wanted.extend(
            pin.filter(strong)
                .map(|pin| Lookup::Stretch(holder, pin.clone(), Purpose::Choose)),
        );
    }
    wanted
}

/// The one person with this number, in the worker's area.
pub(super) fn present<'a>(
    principal: &Principal,
    number: &str,
    known: &'a Known,
) -> Option<&'a PersonRow> {
    let Some(Found::Persons(rows)) = known.get(&known::by_number(number)) else {
        return None;
    };
    let mut rows = rows
        .iter()
        .filter(|row| row.document.scope.area() == principal.scope.area());
    match (rows.next(), rows.next()) {
        (Some(person), None) => Some(person),
        _ => None,
    }
}

/// A fresh start, by a worker who sees the person and is not that person.
fn reset(
    principal: &Principal,
    (digits, pin): (&str, Option<&Pin>),
    known: &Known,
    rules: &Rules<'_>,
    now: Moment,
) -> Result<Decision, Rejection> {
    if !may(principal.role, Right::ResetPin) || principal.author == 0 {
        return Err(reject("reject-not-allowed"));
    }
    let person =
        present(principal, digits, known).ok_or_else(|| reject("reject-unknown-number"))?;
    let phone = person.fields.get(Field::Phone);
    if phone.is_some() && phone == principal.e164().as_deref() {
        return Err(reject("reject-second-person"));
    }
    let holder = Holder::Person(person.document);
    let before = known::pin(known, holder);
    let after = match pin {
        Some(pin) => {
            check_strength(pin, Some(person))?;
            chosen(known, holder, pin)?
        }
        None => PinRow::reset(now.at),
    };
    let fact = Fact::PinReset {
        locked: before.gate(now.at) == Gate::Locked,
    };
    let write = Write::Fact {
        scope: person.document.scope.with_lane(Lane::Registration),
        schema: schema::of(&fact),
        about: Some(person.document),
        fact,
    };
    Ok(Decision {
        writes: vec![write],
        changes: vec![ViewChange::PutPin { holder, row: after }],
        messages: told(person, known, rules, now).into_iter().collect(),
        outcome: outcome([("hint", format!("..{}", number::hint(digits)))]),
    })
}

/// A confirmed number hears of it, neutrally.
fn told(person: &PersonRow, known: &Known, rules: &Rules<'_>, now: Moment) -> Option<NewMessage> {
    let phone = person.fields.get(Field::Phone)?;
    let row = known::phone(known, phone);
    if !row.persons.contains(&(person.document, true)) {
        return None;
    }
    let draft = Draft {
        cause: format!("pin-reset:{phone}:{}", now.at.as_second()),
        to: phone.to_owned(),
        language: message::language(
            &row,
            person.fields.get(Field::Language),
            &rules.site.language,
        ),
        key: "pin-was-reset",
        arguments: std::collections::BTreeMap::new(),
    };
    Some(draft.render(rules))
}
