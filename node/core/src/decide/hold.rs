//! A change of a bound number: asked for by a worker who sees the person, with the person's PIN;
//! stopped by the old number, the person or the office; made when its hold is over (IDENTITY §9).
//!
//! A number that was never confirmed is changed at once: nothing personal ever went there. The
//! new number is only claimed when the change is made, and is asked as every other is.

use sync_core::EntryRef;

use super::binding::{about, ended, question};
use super::pin::{self, present};
use super::{consent, outcome, registration, reject};
use crate::binding::Unbound;
use crate::command::{Command, Decision, Rejection, Write};
use crate::contact::{Moment, SMS_CHANNEL};
use crate::fact::Fact;
use crate::hold::{Change, Detail, HeldRow, Step};
use crate::known;
use crate::message::{self, Draft};
use crate::person::{Field, PersonFields};
use crate::pin::{Holder, Purpose};
use crate::role::right::{Right, may};
use crate::role::{Principal, Role};
use crate::schema;
use crate::site::Rules;
use crate::view::{Found, Known, Lookup, MessageClass, NewMessage, PersonRow, PhoneRow};

pub(super) fn needs(principal: &Principal, command: &Command, known: &Known) -> Vec<Lookup> {
    let wanted = match command {
        Command::AskChange { number, .. }
        | Command::AgreeToChange { number }
        | Command::StopChange {
            number: Some(number),
        } => office_needs(principal, number, command, known),
        Command::StopChange { number: None } | Command::ShowMyChange => {
            let mut wanted = consent::needs(principal, known);
            if let Ok(person) = consent::own(principal, known, true) {
                wanted.push(Lookup::HeldOf(person));
            }
            wanted
        }
        Command::DenyChange { .. } => from_number_needs(principal, known),
        Command::SettleChanges => settle_needs(known),
        _ => Vec::new(),
    };
    known::missing(known, wanted)
}

fn office_needs(
    principal: &Principal,
    number: &str,
    command: &Command,
    known: &Known,
) -> Vec<Lookup> {
    if principal.author == 0 || principal.channel == SMS_CHANNEL {
        return Vec::new();
    }
    let mut wanted = vec![known::by_number(number)];
    let Some(person) = present(principal, number, known) else {
        return wanted;
    };
    wanted.push(Lookup::HeldOf(person.document));
    wanted.extend(line(person));
    if let Command::AskChange { new, pin, .. } = command {
        let holder = Holder::Person(person.document);
        wanted.extend([Lookup::Phone(new.clone()), Lookup::Pin(holder)]);
        // A try is charged only where all else would let the change be asked for.
        let told = wanted.iter().all(|lookup| known.contains_key(lookup));
        if told && asked(principal, command, known).is_ok() {
            wanted.push(Lookup::Stretch(holder, pin.clone(), Purpose::Check));
        }
    }
    wanted
}

fn line(person: &PersonRow) -> Option<Lookup> {
    let phone = person.fields.get(Field::Phone)?;
    Some(Lookup::Phone(phone.to_owned()))
}

fn from_number_needs(principal: &Principal, known: &Known) -> Vec<Lookup> {
    let Some(phone) = principal.e164() else {
        return Vec::new();
    };
    let persons = known::phone(known, &phone).persons;
    let held = persons
        .into_iter()
        .map(|(person, _)| Lookup::HeldOf(person));
    held.chain([Lookup::Phone(phone)]).collect()
}

fn settle_needs(known: &Known) -> Vec<Lookup> {
    let mut wanted = vec![Lookup::HeldOpen];
    for row in rows(known, &Lookup::HeldOpen) {
        wanted.push(Lookup::Person(row.person));
        let lines = row.open().map(|change| [&change.old, &change.new]);
        wanted.extend(lines.into_iter().flatten().cloned().map(Lookup::Phone));
    }
    wanted
}

/// Changes by any lookup that gives some.
pub(crate) fn rows<'a>(known: &'a Known, lookup: &Lookup) -> &'a [HeldRow] {
    match known.get(lookup) {
        Some(Found::Held(rows)) => rows,
        _ => &[],
    }
}

fn open(known: &Known, person: EntryRef) -> Option<&HeldRow> {
    let rows = rows(known, &Lookup::HeldOf(person));
    rows.iter().find(|row| row.open().is_some())
}

/// Open changes of which a number is the old one.
pub(crate) fn of_number<'a>(phone: &str, known: &'a Known) -> Vec<&'a HeldRow> {
    let persons = known::phone(known, phone).persons.into_iter();
    let open = persons.filter_map(|(person, _)| open(known, person));
    open.filter(|row| row.open().is_some_and(|change| change.old == phone))
        .collect()
}

/// Decides.
pub(super) fn decide(
    principal: &Principal,
    command: &Command,
    known: &Known,
    (rules, now): (&Rules<'_>, Moment),
) -> Result<Decision, Rejection> {
    match command {
        Command::AskChange { .. } => ask(principal, command, known, (rules, now)),
        Command::AgreeToChange { number } => {
            let person = seen(principal, number, known, Right::Approve)?;
            let row = open(known, person.document).ok_or_else(|| reject("reject-change-none"))?;
            if row.by == (principal.scope.area(), principal.author) {
                return Err(reject("reject-second-person"));
            }
            Ok(moved(row, Step::Agreed, Vec::new()))
        }
        Command::StopChange { number: None } => {
            let person = consent::own(principal, known, true)?;
            stop(open(known, person), (known, rules, now))
        }
        Command::StopChange {
            number: Some(number),
        } => {
            let person = seen(principal, number, known, Right::ResetPin)
                .or_else(|_no| seen(principal, number, known, Right::Approve))?;
            stop(open(known, person.document), (known, rules, now))
        }
        Command::DenyChange { code } => {
            let phone = principal.e164().unwrap_or_default();
            let meant = meant(&phone, *code, known);
            meant.map_or_else(
                || Err(reject("reject-change-none")),
                |row| Ok(moved(row, Step::Stopped, Vec::new())),
            )
        }
        Command::ShowMyChange => {
            let person = consent::own(principal, known, true)?;
            let state = open(known, person).map_or("none", |_| "held");
            Ok(told(state))
        }
        Command::SettleChanges => settle(principal, known, (rules, now)),
        _ => Err(reject("failed")),
    }
}

/// The change that a NO of this number means: by its code, or the only one.
pub(crate) fn meant<'a>(phone: &str, code: Option<u16>, known: &'a Known) -> Option<&'a HeldRow> {
    let mut open = of_number(phone, known);
    match code {
        Some(code) => open.retain(|row| row.open().is_some_and(|change| change.code == code)),
        None if open.len() > 1 => return None,
        None => {}
    }
    open.first().copied()
}

fn told(state: &str) -> Decision {
    Decision {
        outcome: outcome([("change_state", state.to_owned())]),
        ..Decision::default()
    }
}

fn moved(row: &HeldRow, step: Step, messages: Vec<NewMessage>) -> Decision {
    let fact = Fact::ChangeMoved {
        change: row.id,
        step,
    };
    let state = if step == Step::Stopped {
        "none"
    } else {
        "held"
    };
    Decision {
        writes: vec![about((row.person, fact))],
        messages,
        ..told(state)
    }
}

/// The person who stands before this member of staff.
fn seen<'a>(
    principal: &Principal,
    number: &str,
    known: &'a Known,
    right: Right,
) -> Result<&'a PersonRow, Rejection> {
    if !may(principal.role, right) || principal.author == 0 || principal.channel == SMS_CHANNEL {
        return Err(reject("reject-not-allowed"));
    }
    present(principal, number, known).ok_or_else(|| reject("reject-unknown-number"))
}

fn stop(
    row: Option<&HeldRow>,
    (known, rules, now): (&Known, &Rules<'_>, Moment),
) -> Result<Decision, Rejection> {
    let row = row.ok_or_else(|| reject("reject-change-none"))?;
    let change = row.open().ok_or_else(|| reject("reject-change-none"))?;
    let cause = format!("answer:change-stopped:{}", now.at.as_millisecond());
    let text = notice(cause, "change-stopped", change, (known, rules));
    Ok(moved(row, Step::Stopped, vec![text]))
}

/// A change that may be asked for, but for the PIN.
struct Asked<'a> {
    person: &'a PersonRow,
    /// Her present number.
    old: Option<&'a str>,
    /// Whether it is confirmed.
    confirmed: bool,
}

/// What is wrong with a change before its PIN is looked at.
fn asked<'a>(
    principal: &Principal,
    command: &Command,
    known: &'a Known,
) -> Result<Asked<'a>, Rejection> {
    let Command::AskChange { number, new, .. } = command else {
        return Err(reject("failed"));
    };
    let person = seen(principal, number, known, Right::ResetPin)?;
    let old = person.fields.get(Field::Phone);
    if old.is_some() && old == principal.e164().as_deref() {
        return Err(reject("reject-second-person"));
    }
    let mut values = PersonFields::default();
    values.set(Field::Phone, new.as_str());
    registration::check_values(&values)?;
    if old == Some(new) || Some(new) == principal.e164().as_ref() {
        return Err(reject("reject-change-same"));
    }
    if open(known, person.document).is_some() {
        return Err(reject("reject-change-open"));
    }
    registration::check_room(new, known)?;
    let row = old.map(|old| known::phone(known, old)).unwrap_or_default();
    let confirmed = is_confirmed(person.document, &row);
    Ok(Asked {
        person,
        old,
        confirmed,
    })
}

/// Whether a number is or was bound to her: then it waits before it gives way.
pub(super) fn is_confirmed(person: EntryRef, row: &PhoneRow) -> bool {
    row.persons.contains(&(person, true)) || row.stale.contains(&person)
}

fn ask(
    principal: &Principal,
    command: &Command,
    known: &Known,
    (rules, now): (&Rules<'_>, Moment),
) -> Result<Decision, Rejection> {
    let Command::AskChange {
        new,
        lost,
        pin,
        code,
        ..
    } = command
    else {
        return Err(reject("failed"));
    };
    let Asked {
        person,
        old,
        confirmed,
    } = asked(principal, command, known)?;
    let kept = pin::checked(person.document, pin, !confirmed, known, now)?;
    let Some(old) = old.filter(|_| confirmed) else {
        let made = make(person, new, known, rules);
        return Ok(Decision {
            changes: kept,
            writes: made.0,
            messages: made.1,
            ..told("done")
        });
    };
    let change = Change {
        detail: Detail::Phone,
        old: old.to_owned(),
        new: new.clone(),
        code: *code,
        lost: *lost,
        at: now.shown(),
    };
    let stopped = known::phone(known, old).stopped;
    let key = if stopped {
        "change-asked-stopped"
    } else {
        "change-asked"
    };
    let cause = message::change_cause(old, *code, now.at);
    let text = notice(cause, key, &change, (known, rules));
    Ok(Decision {
        writes: vec![about((person.document, Fact::ChangeAsked(change)))],
        changes: kept,
        messages: vec![text],
        ..told("held")
    })
}

/// A text to the old number. It leaves after a STOP too, since the law asks for it, and says so.
fn notice(
    cause: String,
    key: &str,
    change: &Change,
    (known, rules): (&Known, &Rules<'_>),
) -> NewMessage {
    let row = known::phone(known, &change.old);
    let class = MessageClass::Money;
    let draft = Draft {
        cause,
        to: change.old.clone(),
        language: message::language(&row, None, &rules.site.language),
        key,
        arguments: message::arguments([("code", change.code.to_string())]),
    };
    NewMessage {
        class,
        validity_s: message::validity_s(class),
        ..draft.render(rules)
    }
}

/// The new number stands in her record, the old one is hers no more, and the new one is asked.
fn make(
    person: &PersonRow,
    new: &str,
    known: &Known,
    rules: &Rules<'_>,
) -> (Vec<Write>, Vec<NewMessage>) {
    let mut fields = PersonFields::default();
    fields.set(Field::Phone, new);
    let mut writes = Vec::new();
    if let Some(old) = person.fields.get(Field::Phone) {
        let row = known::phone(known, old);
        let gone = ended(old, &row, person.document, Unbound::Changed);
        writes.push(about((person.document, gone)));
    }
    writes.push(Write::EditDocument {
        document: person.document,
        schema: schema::PERSON,
        fields,
    });
    let mut after = person.fields.clone();
    after.set(Field::Phone, new);
    let mut row = known::phone(known, new);
    row.persons.push((person.document, false));
    let asks = question((person.document, &after), &row, rules);
    (writes, asks.into_iter().collect())
}

/// Begins holds that no trusted clock saw begin, and makes the changes whose hold is over. Each is
/// made by the site that asked for it, so that it is made once.
fn settle(
    principal: &Principal,
    known: &Known,
    (rules, now): (&Rules<'_>, Moment),
) -> Result<Decision, Rejection> {
    if principal.role != Role::System {
        return Err(reject("reject-not-allowed"));
    }
    let mut decision = Decision::default();
    let mut made = 0_u32;
    let own = rows(known, &Lookup::HeldOpen).iter();
    for row in own.filter(|row| rules.site.wrote(&row.id)) {
        let (Some(change), Some(shown)) = (row.open(), now.shown()) else {
            continue;
        };
        let Some(person) = known::person(known, row.person) else {
            continue;
        };
        let step = if row.begun.is_none() {
            Step::Begun(shown)
        } else if !is_possible(person, change, known) {
            Step::Stopped
        } else if row.is_due(now) {
            let (writes, messages) = make(person, &change.new, known, rules);
            decision.writes.extend(writes);
            decision.messages.extend(messages);
            made = made.saturating_add(1);
            Step::Done
        } else {
            continue;
        };
        decision.writes.extend(moved(row, step, Vec::new()).writes);
    }
    decision.outcome = outcome([
        ("made", made.to_string()),
        ("messages", decision.messages.len().to_string()),
    ]);
    Ok(decision)
}

/// Whether what was to be changed is still there, and the new number has room.
fn is_possible(person: &PersonRow, change: &Change, known: &Known) -> bool {
    person.fields.get(Field::Phone) == Some(&change.old)
        && registration::check_room(&change.new, known).is_ok()
}
