//! What is due for one person, on the screen of her worker or on her own.
//!
//! The plan is made from her life as it is known here, so an answer that was recorded a moment ago
//! counts. Her own screen also shows what is due for her children.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use sync_core::EntryRef;

use super::subject::{self, short_name};
use super::{read, reject, work};
use crate::command::{Decision, DueOrder, Outcome, Rejection, SubjectName};
use crate::contact::Moment;
use crate::known;
use crate::person::PersonFields;
use crate::programme::event::{ScheduleDefinition, TaskDefinition};
use crate::programme::shown;
use crate::read::Class;
use crate::role::Principal;
use crate::schedule::{self, Life, Planned};
use crate::site::Rules;
use crate::view::{Known, Lookup, PersonRow};

/// Most tasks that one answer lists, the earliest first: each is one digit. The rest is left out.
pub(crate) const DUE_LISTED_MAX: usize = 9;

pub(super) fn needs(principal: &Principal, order: &DueOrder, known: &Known) -> Vec<Lookup> {
    let mut wanted = subject::needs(principal, &order.subject, known);
    if let Ok(Some(row)) = subject::shown(principal, &order.subject, known) {
        for person in people(row.document, order, known) {
            wanted.push(Lookup::Person(person));
            wanted.push(Lookup::RegistrationsByPerson(person));
            wanted.push(Lookup::EventsBySubject(person));
        }
    }
    known::missing(known, wanted)
}

/// She, and where asked for, her children.
fn people(person: EntryRef, order: &DueOrder, known: &Known) -> Vec<EntryRef> {
    let rows = known::registrations(known, &Lookup::RegistrationsByPerson(person));
    let children = rows
        .iter()
        .filter(|row| order.family && row.registration.mother == person)
        .map(|row| row.registration.child);
    let mut people = vec![person];
    people.extend(children);
    people.dedup();
    people
}

pub(super) fn show(
    principal: &Principal,
    order: &DueOrder,
    known: &Known,
    (rules, now): (&Rules<'_>, Moment),
) -> Result<Decision, Rejection> {
    let row = subject::shown(principal, &order.subject, known)?;
    let row = row.ok_or_else(|| reject("reject-no-person"))?;
    let today = work::today(rules, now.at);
    let mut open: Vec<(Planned, &PersonRow)> = Vec::new();
    for person in people(row.document, order, known) {
        let Some(row) = known::person(known, person) else {
            continue;
        };
        let life = Life {
            person,
            fields: &row.fields,
            registrations: known::registrations(known, &Lookup::RegistrationsByPerson(person)),
            events: known::events(known, &Lookup::EventsBySubject(person)),
        };
        let planned = schedule::plan(rules.programmes, &life).into_iter();
        let wanted = planned.filter(|task| is_wanted(task, order, today));
        open.extend(wanted.map(|task| (task, row)));
    }
    // Of one day in the order of the definition, as health cards have it.
    open.sort_by_key(|(task, _)| (task.days.due, place(task, rules)));
    let most = order.most.unwrap_or(DUE_LISTED_MAX).min(DUE_LISTED_MAX);
    let mut lines: Vec<(String, String, EntryRef)> = Vec::new();
    let own = order.subject == SubjectName::Caller;
    let class = if own { Class::Own } else { Class::Case };
    for (task, of) in open {
        let line = line(principal, order, (&task, &of.fields), rules);
        let line = line.filter(|line| lines.iter().all(|(known, ..)| known != line));
        lines.extend(line.map(|line| (line, task.name.code, of.document)));
    }
    lines.truncate(most);
    // Whose tasks are on the screen, and she who was named.
    let mut persons: Vec<EntryRef> = lines.iter().map(|(.., person)| *person).collect();
    persons.push(row.document);
    let mut values = BTreeMap::from([("due_count".to_owned(), lines.len().to_string())]);
    for (at, (line, code, _)) in (1_usize..).zip(lines) {
        values.insert(format!("due_{at}"), line);
        values.insert(format!("due_code_{at}"), code);
    }
    Ok(Decision {
        writes: read::note(principal, persons, class, &order.programme, rules),
        outcome: Outcome { values },
        ..Decision::default()
    })
}

/// Where a task stands in its schedule.
fn place(task: &Planned, rules: &Rules<'_>) -> usize {
    let programme = rules.programmes.current(&task.name.programme);
    let schedules = programme.map(|programme| &programme.definition().schedules);
    let tasks = schedules
        .into_iter()
        .flatten()
        .flat_map(|schedule| schedule.tasks.iter().map(move |task| (schedule, task)));
    let is_it = |one: &(&ScheduleDefinition, &TaskDefinition)| {
        one.0.code == task.name.schedule && one.1.code == task.name.code
    };
    tasks
        .into_iter()
        .position(|one| is_it(&one))
        .unwrap_or(usize::MAX)
}

fn is_wanted(task: &Planned, order: &DueOrder, today: Date) -> bool {
    let asked = order.schedules.is_empty() || order.schedules.contains(&task.name.schedule);
    let last = order
        .days
        .map(|days| today.checked_add(i64::from(days).days()));
    let by_then = match last {
        Some(Ok(last)) => task.days.due <= last,
        _ => true,
    };
    asked && by_then && task.name.programme == order.programme && task.days.expires > today
}

/// Its title, or on her own screen the line that a worker sees.
fn line(
    principal: &Principal,
    order: &DueOrder,
    (planned, fields): (&Planned, &PersonFields),
    rules: &Rules<'_>,
) -> Option<String> {
    let name = &planned.name;
    let programme = rules.programmes.current(&name.programme)?;
    let task = programme.task(&name.schedule, &name.code)?;
    // What has no name there is a worker's alone.
    task.title.as_ref()?;
    let key = if order.family {
        task.line.as_ref()
    } else {
        task.title.as_ref()
    };
    let language = principal.language.as_str();
    let values = crate::message::arguments([
        ("who", short_name(fields)),
        ("day", shown::day(rules.texts, language, planned.days.due)),
        ("number", name.number.to_string()),
    ]);
    programme.text(language, key?, &values)
}
