//! A worker names a person or opens an event of a list: who it is about, so that the screens that
//! follow can say it. She takes a person on who is nobody's yet.
//!
//! Only staff of the person's own area may; her documents are not shown, only a short name.

use jiff::civil::Date;
use sync_core::Lane;

use super::subject::{self, short_name};
use super::{child, outcome, read, reject, work};
use crate::command::{Command, Decision, Outcome, Rejection, SubjectName, Write};
use crate::contact::Moment;
use crate::event::parse_entry_text;
use crate::fact::Fact;
use crate::known;
use crate::person::{BirthDate, Field, PersonFields};
use crate::programme::{Programme, shown};
use crate::read::Class;
use crate::role::Principal;
use crate::role::right::{Right, may};
use crate::schedule;
use crate::schema;
use crate::site::Rules;
use crate::status::Status;
use crate::view::{Known, Lookup, PersonRow};

/// What the value `event` of an opened entry says where it is a registration.
const REGISTRATION: &str = "registration";

pub(super) fn needs(principal: &Principal, command: &Command, known: &Known) -> Vec<Lookup> {
    if principal.author == 0 {
        return Vec::new();
    }
    let mut wanted = Vec::new();
    match command {
        Command::OpenPerson { number, .. } | Command::TakePerson { number } => {
            let subject = SubjectName::Number(number.clone());
            wanted.extend(subject::needs(principal, &subject, known));
            if let Ok(Some(row)) = subject::find(principal, &subject, known) {
                wanted.push(Lookup::Consents(row.document));
            }
        }
        Command::OpenEvent { entry } => {
            let Some(id) = parse_entry_text(entry) else {
                return Vec::new();
            };
            wanted.extend([Lookup::Event(id), Lookup::Registration(id)]);
            let event = known::event(known, id).and_then(|row| row.subject);
            let child = known::registration(known, id).map(|row| row.registration.child);
            if let Some(person) = event.or(child) {
                wanted.extend([Lookup::Person(person), Lookup::Consents(person)]);
            }
        }
        _ => {}
    }
    known::missing(known, wanted)
}

pub(super) fn decide(
    principal: &Principal,
    command: &Command,
    known: &Known,
    (rules, now): (&Rules<'_>, Moment),
) -> Result<Decision, Rejection> {
    if principal.author == 0 || !may(principal.role, Right::ReadRecord) {
        return Err(reject("reject-not-allowed"));
    }
    let today = work::today(rules, now.at);
    let current = |code: &str| rules.programmes.current(code);
    match command {
        Command::OpenPerson { programme, number } => {
            let programme = current(programme).ok_or_else(|| reject("failed"))?;
            let subject = SubjectName::Number(number.clone());
            let row = subject::find(principal, &subject, known)?;
            let row = row.ok_or_else(|| reject("reject-no-person"))?;
            let code = programme.code();
            Ok(Decision {
                writes: read::note(principal, [row.document], Class::Case, code, rules),
                outcome: person(programme, row, known, today),
                ..Decision::default()
            })
        }
        Command::OpenEvent { entry } => entry_opened(principal, entry, known, (rules, today)),
        Command::TakePerson { number } => take(principal, number, known, rules),
        _ => Err(reject("failed")),
    }
}

/// An entry of a worker's list: an event, or a registration, which is about its child.
fn entry_opened(
    principal: &Principal,
    entry: &str,
    known: &Known,
    (rules, today): (&Rules<'_>, Date),
) -> Result<Decision, Rejection> {
    let gone = || reject("reject-no-entry");
    let id = parse_entry_text(entry).ok_or_else(gone)?;
    let found = known::event(known, id).filter(|row| row.live);
    let registered = known::registration(known, id).filter(|row| row.status != Status::Withdrawn);
    let (author, code, kind, subject) = match (found, registered) {
        (Some(row), _) => {
            let event = &row.event;
            (
                row.author,
                &event.programme,
                event.code.as_str(),
                row.subject,
            )
        }
        (None, Some(row)) => {
            let child = Some(row.registration.child);
            (row.author, &row.registration.programme, REGISTRATION, child)
        }
        (None, None) => return Err(gone()),
    };
    if author.0 != principal.scope.area() {
        return Err(gone());
    }
    let programme = rules.programmes.current(code).ok_or_else(gone)?;
    let day = match (found, registered) {
        (Some(row), _) => schedule::event_day(programme, row),
        (None, Some(row)) => schedule::local_day(programme, row.captured_at),
        (None, None) => today,
    };
    let subject = subject.and_then(|subject| known::person(known, subject));
    let mut told = match subject {
        Some(row) => person(programme, row, known, today),
        None => outcome([("person", String::new()), ("who", String::new())]),
    };
    let day = shown::day(rules.texts, &principal.language, day);
    told.values.insert("event_day".to_owned(), day);
    told.values.insert("event".to_owned(), kind.to_owned());
    let shown = subject.map(|row| row.document);
    Ok(Decision {
        writes: read::note(principal, shown, Class::Case, programme.code(), rules),
        outcome: told,
        ..Decision::default()
    })
}

/// The fact by which people are handed over, to oneself: the latest one counts everywhere.
fn take(
    principal: &Principal,
    number: &str,
    known: &Known,
    rules: &Rules<'_>,
) -> Result<Decision, Rejection> {
    let subject = SubjectName::Number(number.to_owned());
    let row = subject::find(principal, &subject, known)?;
    let row = row.ok_or_else(|| reject("reject-no-person"))?;
    let fact = Fact::PeopleHandedOver {
        to: principal.author,
        persons: vec![row.document],
    };
    let mut writes = vec![Write::Fact {
        scope: principal.scope.with_lane(Lane::Registration),
        schema: schema::of(&fact),
        about: None,
        fact,
    }];
    let read = read::note(principal, [row.document], Class::Case, "taken on", rules);
    writes.extend(read);
    Ok(Decision {
        writes,
        outcome: outcome([("who", short_name(&row.fields))]),
        ..Decision::default()
    })
}

fn person(programme: &Programme, row: &PersonRow, known: &Known, today: Date) -> Outcome {
    let consents = known::consents(known, row.document);
    let agreed = if child::agrees(programme, &consents) {
        "yes"
    } else {
        "no"
    };
    let number = row.fields.get(Field::Number).unwrap_or_default();
    outcome([
        ("person", number.to_owned()),
        ("who", short_name(&row.fields)),
        ("agreed", agreed.to_owned()),
        ("age", age(&row.fields, today)),
    ])
}

/// Whole years; of a birth of which only the year is known, the most that it can be.
fn age(fields: &PersonFields, today: Date) -> String {
    let years = fields.birth_date().map(|birth| match birth {
        BirthDate::Year(year) => today.year().saturating_sub(year),
        BirthDate::Day(day) => {
            let had = (today.month(), today.day()) >= (day.month(), day.day());
            let years = today.year().saturating_sub(day.year());
            years.saturating_sub(i16::from(!had))
        }
    });
    years.map_or_else(String::new, |years| years.to_string())
}
