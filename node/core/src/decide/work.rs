//! A worker's day: what is due, what she recorded, handing people over.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan, Zoned};
use sync_core::{EntryRef, Lane};

use super::subject::short_name;
use super::{outcome, read, reject, show, withdraw};
use crate::command::{Command, Decision, Outcome, Rejection, Write};
use crate::contact::Moment;
use crate::event::{EventRow, entry_text, parse_entry_text};
use crate::fact::{Fact, HANDED_OVER_MAX};
use crate::known;
use crate::programme::{Programme, shown};
use crate::read::Class;
use crate::role::{Principal, Role};
use crate::schema;
use crate::site::Rules;
use crate::status::Status;
use crate::view::{Found, Known, Lookup, RegistrationRow, TaskRow};

/// Most tasks that one list shows, the earliest first; the rest comes when these are done.
pub(crate) const TASKS_LISTED_MAX: usize = 20;
/// Days ahead that a worker's list reaches.
const HORIZON_DAYS: i32 = 7;
/// Most people handed over at once; the rest stays and is handed over by a second order.
pub(crate) const PEOPLE_HANDED_MAX: usize = 2_000;

pub(super) fn needs(
    principal: &Principal,
    command: &Command,
    known: &Known,
    rules: &Rules<'_>,
    now: Moment,
) -> Vec<Lookup> {
    if principal.author == 0 {
        return Vec::new();
    }
    let (scope, author) = (principal.scope.area(), principal.author);
    let wanted = match command {
        Command::ShowTasks => {
            let tasks = tasks_of(principal, rules, now);
            let rows = known::tasks(known, &tasks);
            let people = rows.iter().take(TASKS_LISTED_MAX).map(|row| row.subject);
            let mut wanted: Vec<Lookup> = people.map(Lookup::Person).collect();
            wanted.push(tasks);
            wanted
        }
        Command::OpenTask { task } => task_subject(task).map(Lookup::Person).into_iter().collect(),
        Command::ShowMyEntries => {
            let entries = entries_of(principal, rules, now);
            let rows = known::events(known, &entries);
            let people = rows.iter().filter_map(|row| row.subject);
            let registered = registered_since(&entries, known).into_iter();
            let people = people.chain(registered.map(|row| row.registration.child));
            let mut wanted: Vec<Lookup> = people.map(Lookup::Person).collect();
            wanted.push(entries);
            wanted.push(Lookup::RegistrationsByAuthor(scope, author));
            wanted
        }
        Command::WithdrawEntry { entry } => withdraw::needs(principal, entry, known),
        Command::HandOver { to } => vec![
            Lookup::PeopleOf(scope, author),
            Lookup::StaffByPhone(to.clone()),
        ],
        _ => Vec::new(),
    };
    known::missing(known, wanted)
}

pub(super) fn decide(
    principal: &Principal,
    command: &Command,
    known: &Known,
    rules: &Rules<'_>,
    now: Moment,
) -> Result<Decision, Rejection> {
    if principal.author == 0 {
        return Err(reject("reject-not-allowed"));
    }
    match command {
        Command::ShowTasks => Ok(show_tasks(principal, known, rules, now)),
        Command::OpenTask { task } => open_task(principal, task, known, rules),
        Command::ShowMyEntries => Ok(show_entries(principal, known, rules, now)),
        Command::WithdrawEntry { entry } => withdraw::decide(principal, entry, known, rules),
        Command::HandOver { to } => hand_over(principal, to, known),
        _ => Err(reject("failed")),
    }
}

/// The clock on the wall of the site.
fn local(rules: &Rules<'_>, at: Timestamp) -> Zoned {
    let offset_min = rules
        .programmes
        .offered()
        .next()
        .map_or(0, Programme::utc_offset_min);
    let offset = Offset::from_seconds(offset_min.saturating_mul(60)).unwrap_or(Offset::UTC);
    at.to_zoned(TimeZone::fixed(offset))
}

/// Today at the site.
pub(super) fn today(rules: &Rules<'_>, at: Timestamp) -> Date {
    local(rules, at).date()
}

/// The hour at the site.
pub(super) fn hour(rules: &Rules<'_>, at: Timestamp) -> i8 {
    local(rules, at).hour()
}

fn tasks_of(principal: &Principal, rules: &Rules<'_>, now: Moment) -> Lookup {
    let today = today(rules, now.at);
    let by = today.checked_add(HORIZON_DAYS.days()).unwrap_or(today);
    Lookup::TasksOf(principal.scope.area(), principal.author, by)
}

fn entries_of(principal: &Principal, rules: &Rules<'_>, now: Moment) -> Lookup {
    let midnight = local(rules, now.at).start_of_day();
    let since = midnight.map_or(now.at, |zoned| zoned.timestamp());
    Lookup::EventsByAuthor(principal.scope.area(), principal.author, since)
}

fn show_tasks(principal: &Principal, known: &Known, rules: &Rules<'_>, now: Moment) -> Decision {
    let today = today(rules, now.at);
    let rows = known::tasks(known, &tasks_of(principal, rules, now));
    let open: Vec<&TaskRow> = rows
        .iter()
        .filter(|row| row.planned.for_worker && row.planned.days.expires > today)
        .collect();
    let mut late = 0_usize;
    let mut values = BTreeMap::new();
    let mut shown = 0_usize;
    let mut lines: BTreeSet<(EntryRef, String)> = BTreeSet::new();
    for row in open {
        if shown == TASKS_LISTED_MAX {
            break;
        }
        let Some(line) = task_line(principal, row, known, rules) else {
            continue;
        };
        // The doses of one visit read the same and are one line.
        if !lines.insert((row.subject, line.clone())) {
            continue;
        }
        shown = shown.saturating_add(1);
        late = late.saturating_add(usize::from(row.planned.days.due < today));
        values.insert(format!("tasks_{shown}"), line);
        values.insert(format!("tasks_code_{shown}"), task_code(row));
    }
    values.insert("tasks_count".to_owned(), shown.to_string());
    values.insert("tasks_late".to_owned(), late.to_string());
    let persons = lines.iter().map(|(person, _)| *person);
    Decision {
        writes: read::note(principal, persons, Class::Task, "tasks", rules),
        outcome: Outcome { values },
        ..Decision::default()
    }
}

/// The line of a task; `None` when its person or its definition is gone.
fn task_line(
    principal: &Principal,
    row: &TaskRow,
    known: &Known,
    rules: &Rules<'_>,
) -> Option<String> {
    let name = &row.planned.name;
    let programme = rules.programmes.current(&name.programme)?;
    let task = programme.task(&name.schedule, &name.code)?;
    let person = known::person(known, row.subject)?;
    let language = principal.language.as_str();
    let day = shown::day(rules.texts, language, row.planned.days.due);
    let values = crate::message::arguments([
        ("who", short_name(&person.fields)),
        ("day", day),
        ("number", name.number.to_string()),
    ]);
    programme.text(language, task.line.as_ref()?, &values)
}

/// A task as one word: whose, and which.
fn task_code(row: &TaskRow) -> String {
    let name = &row.planned.name;
    let person = entry_text(&row.subject);
    format!("{person}/{}/{}/{}", name.schedule, name.code, name.number)
}

fn task_subject(task: &str) -> Option<EntryRef> {
    parse_entry_text(task.split('/').next()?)
}

fn open_task(
    principal: &Principal,
    task: &str,
    known: &Known,
    rules: &Rules<'_>,
) -> Result<Decision, Rejection> {
    let gone = || reject("reject-no-task");
    let parts: Vec<&str> = task.split('/').collect();
    let [_, schedule, code, number] = parts.as_slice() else {
        return Err(gone());
    };
    let subject = task_subject(task).ok_or_else(gone)?;
    let person = known::person(known, subject).ok_or_else(gone)?;
    let digits = person.fields.get(crate::person::Field::Number);
    Ok(Decision {
        writes: read::note(principal, [subject], Class::Task, schedule, rules),
        outcome: outcome([
            ("person", digits.unwrap_or_default().to_owned()),
            ("who", short_name(&person.fields)),
            ("schedule", (*schedule).to_owned()),
            ("task", (*code).to_owned()),
            ("number", (*number).to_owned()),
        ]),
        ..Decision::default()
    })
}

fn show_entries(principal: &Principal, known: &Known, rules: &Rules<'_>, now: Moment) -> Decision {
    let lookup = entries_of(principal, rules, now);
    let registrations = registered_since(&lookup, known);
    let rows = known::events(known, &lookup);
    let births = registrations
        .iter()
        .filter_map(|row| withdraw::birth_told(row, rows));
    let births: BTreeSet<EntryRef> = births.collect();
    let events = rows
        .iter()
        .filter(|row| row.live && !births.contains(&row.id));
    let events = events.map(|row| {
        let line = entry_line(principal, row, known, rules);
        (row.at, row.id, row.subject, line)
    });
    let registered = registrations.iter().map(|row| {
        let child = row.registration.child;
        let line = registered_line(principal, child, known, rules);
        (row.captured_at, row.id, Some(child), line)
    });
    let mut listed: Vec<_> = events.chain(registered).collect();
    listed.sort_by_key(|(at, id, ..)| (core::cmp::Reverse(*at), *id));
    listed.truncate(show::EVENTS_LISTED_MAX);
    let mut values = BTreeMap::from([
        ("entries_count".to_owned(), listed.len().to_string()),
        ("registrations".to_owned(), registrations.len().to_string()),
    ]);
    let subjects = listed.iter().filter_map(|(_, _, subject, _)| *subject);
    let here = subjects.filter(|subject| known::person(known, *subject).is_some());
    let writes = read::note(principal, here, Class::List, "entries", rules);
    for (at, (_, id, _, line)) in listed.into_iter().enumerate() {
        let place = at.saturating_add(1);
        values.insert(format!("entries_{place}"), line);
        values.insert(format!("entries_code_{place}"), entry_text(&id));
    }
    Decision {
        writes,
        outcome: Outcome { values },
        ..Decision::default()
    }
}

/// Registrations of the author of a list of entries that were not taken back.
fn registered_since<'a>(entries: &Lookup, known: &'a Known) -> Vec<&'a RegistrationRow> {
    let Lookup::EventsByAuthor(scope, author, since) = entries else {
        return Vec::new();
    };
    let own = Lookup::RegistrationsByAuthor(*scope, *author);
    known::registrations(known, &own)
        .iter()
        .filter(|row| row.captured_at >= *since && row.status != Status::Withdrawn)
        .collect()
}

/// That somebody was registered, and who.
fn registered_line(
    principal: &Principal,
    child: EntryRef,
    known: &Known,
    rules: &Rules<'_>,
) -> String {
    let who = known::person(known, child).map(|person| short_name(&person.fields));
    let values = crate::message::arguments([("who", who.unwrap_or_default())]);
    rules
        .texts
        .system(&principal.language, "entry-registered", &values)
}

/// The title of an event and whom it is about.
fn entry_line(principal: &Principal, row: &EventRow, known: &Known, rules: &Rules<'_>) -> String {
    let programme = rules.programmes.current(&row.event.programme);
    let title = programme.and_then(|programme| {
        let event = programme.event(&row.event.code)?;
        programme.text(&principal.language, &event.title, &BTreeMap::new())
    });
    let title = title.unwrap_or_else(|| row.event.code.clone());
    match row
        .subject
        .and_then(|subject| known::person(known, subject))
    {
        Some(person) => format!("{title} {}", short_name(&person.fields)),
        None => title,
    }
}

fn hand_over(principal: &Principal, to: &str, known: &Known) -> Result<Decision, Rejection> {
    let scope = principal.scope.area();
    let grants = known::staff(known, &Lookup::StaffByPhone(to.to_owned()));
    let other = grants
        .iter()
        .find(|grant| {
            grant.scope.area() == scope
                && grant.role == Role::HealthWorker
                && grant.index != principal.author
        })
        .ok_or_else(|| reject("reject-no-worker"))?;
    let people = match known.get(&Lookup::PeopleOf(scope, principal.author)) {
        Some(Found::Entries(people)) => people.as_slice(),
        _ => &[],
    };
    let people = people.get(..PEOPLE_HANDED_MAX).unwrap_or(people);
    let writes = people.chunks(HANDED_OVER_MAX).map(|persons| {
        let fact = Fact::PeopleHandedOver {
            to: other.index,
            persons: persons.to_vec(),
        };
        Write::Fact {
            scope: principal.scope.with_lane(Lane::Registration),
            schema: schema::of(&fact),
            about: None,
            fact,
        }
    });
    Ok(Decision {
        writes: writes.collect(),
        outcome: outcome([
            ("count", people.len().to_string()),
            ("to", other.name.clone()),
        ]),
        ..Decision::default()
    })
}
