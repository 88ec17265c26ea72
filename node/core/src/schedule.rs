//! What is due for a person: computed from what happened to her, for months ahead, without a hub.
//!
//! A plan is a pure function of the person, her events and the definitions: it is made anew
//! whenever one of them changes, so a changed plan leaves no old task behind. Days are civil days
//! of the site; no clock is asked.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use sync_core::EntryRef;

use crate::event::EventRow;
use crate::person::{BirthDate, PersonFields};
use crate::programme::event::{DoneBy, ScheduleDefinition, TaskDefinition};
use crate::programme::{Programme, Programmes};
use crate::status::Status;
use crate::view::RegistrationRow;

/// Most tasks planned for one person; those due last are left out until others are done.
pub const TASKS_MAX: usize = 200;
/// Code of the event that a registration of a pair is for the mother.
pub const MOTHER_REGISTERED: &str = "mother-registered";
/// Code of the event that a registration of a pair is for the child.
pub const CHILD_REGISTERED: &str = "child-registered";
/// Anchor that stands for the person's birth.
pub const BIRTH_ANCHOR: &str = "birth_date";

/// Everything that a plan follows from.
#[derive(Clone, Copy, Debug)]
pub struct Life<'a> {
    /// The person.
    pub person: EntryRef,
    /// Her current values.
    pub fields: &'a PersonFields,
    /// Registrations in which she is mother or child.
    pub registrations: &'a [RegistrationRow],
    /// Events about her.
    pub events: &'a [EventRow],
}

/// What a task is, as it is kept; its days stand beside it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TaskName {
    /// Programme code.
    pub programme: String,
    /// Version of the programme that planned it.
    pub programme_version: u32,
    /// Schedule code.
    pub schedule: String,
    /// Task code.
    pub code: String,
    /// Which of a repeated task, from 1.
    pub number: u16,
}

impl core::fmt::Debug for TaskName {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "TaskName({})", self.programme)
    }
}

/// The days of a task.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct TaskDays {
    /// When it is due.
    pub due: Date,
    /// When the person is reminded.
    pub remind: Option<Date>,
    /// From when the officer hears of it.
    pub late: Option<Date>,
    /// From when it is no longer asked for.
    pub expires: Date,
}

/// One open task of a person.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Planned {
    /// Its days, which order it.
    pub days: TaskDays,
    /// What it is.
    pub name: TaskName,
    /// Whom a reminder goes to: the person, or the mother of a child.
    pub contact: EntryRef,
    /// Whether a worker has to do it.
    pub for_worker: bool,
}

/// An event as plans see it, whatever it was recorded by.
struct Happened<'a> {
    code: &'a str,
    day: Date,
    at: Timestamp,
    fields: Option<&'a BTreeMap<String, String>>,
}

/// All open tasks of a person, in order of their days.
pub fn plan(programmes: &Programmes, life: &Life<'_>) -> Vec<Planned> {
    let mut planned = Vec::new();
    if has_left(programmes, life.events) {
        return planned;
    }
    for programme in programmes.offered() {
        let events = happened(programme, life);
        if events.is_empty() {
            continue;
        }
        for schedule in &programme.definition().schedules {
            planned.extend(schedule_tasks(programme, schedule, &events, life));
        }
    }
    planned.sort();
    planned.truncate(TASKS_MAX);
    planned
}

/// Whether an event says that the person died or left.
pub fn has_left(programmes: &Programmes, events: &[EventRow]) -> bool {
    let is_last = |row: &EventRow| {
        let event = programmes
            .current(&row.event.programme)
            .and_then(|programme| programme.event(&row.event.code));
        event.is_some_and(|event| event.last)
    };
    events.iter().any(|row| row.live && is_last(row))
}

/// The civil day of a moment at the site.
pub fn local_day(programme: &Programme, at: Timestamp) -> Date {
    let offset = Offset::from_seconds(programme.utc_offset_min().saturating_mul(60));
    at.to_zoned(TimeZone::fixed(offset.unwrap_or(Offset::UTC)))
        .date()
}

fn happened<'a>(programme: &Programme, life: &Life<'a>) -> Vec<Happened<'a>> {
    let mut all: Vec<Happened<'a>> = Vec::new();
    let as_mother = |row: &&RegistrationRow| row.registration.mother == life.person;
    let counts = |row: &&RegistrationRow| row.status != Status::Withdrawn;
    // A further child registers the mother no second time.
    let first = life
        .registrations
        .iter()
        .filter(counts)
        .filter(as_mother)
        .min_by_key(|row| (row.captured_at, row.id));
    for row in life.registrations.iter().filter(counts) {
        if row.registration.programme == programme.code() {
            let code = if row.registration.child == life.person {
                CHILD_REGISTERED
            } else if first.is_some_and(|first| first.id == row.id) {
                MOTHER_REGISTERED
            } else {
                continue;
            };
            all.push(Happened {
                code,
                day: local_day(programme, row.captured_at),
                at: row.captured_at,
                fields: None,
            });
        }
    }
    for row in life.events {
        if row.live && row.event.programme == programme.code() {
            all.push(Happened {
                code: &row.event.code,
                day: event_day(programme, row),
                at: row.at,
                fields: Some(&row.event.fields),
            });
        }
    }
    all.sort_by_key(|one| (one.day, one.at));
    all
}

/// The day on which an event happened: the answer that tells it, or the day of its capture.
pub fn event_day(programme: &Programme, row: &EventRow) -> Date {
    let named = programme
        .event(&row.event.code)
        .and_then(|event| event.day.as_deref());
    named
        .and_then(|name| row.event.fields.get(name))
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(|| local_day(programme, row.at))
}

fn schedule_tasks(
    programme: &Programme,
    schedule: &ScheduleDefinition,
    events: &[Happened<'_>],
    life: &Life<'_>,
) -> Vec<Planned> {
    let begins = |one: &&Happened<'_>| {
        one.code == schedule.from && has_answers(one.fields, &schedule.matching)
    };
    let Some(begin) = events.iter().rfind(begins) else {
        return Vec::new();
    };
    let is_over = events.iter().any(|one| {
        schedule.ends.iter().any(|end| end == one.code)
            && (one.day, one.at) >= (begin.day, begin.at)
            && one.code != schedule.from
    });
    let (Some(anchor), false) = (anchor(schedule, begin, life.fields), is_over) else {
        return Vec::new();
    };
    let contact = contact(life);
    let mut planned = Vec::new();
    for task in &schedule.tasks {
        let Some(earliest) = earliest(task, schedule, begin.day, events) else {
            continue;
        };
        for number in 1..=task.times() {
            let Some(days) = days(task, number, anchor, earliest) else {
                continue;
            };
            if done(task, days.due, begin.day, events).is_some() {
                continue;
            }
            planned.push(Planned {
                days,
                name: TaskName {
                    programme: programme.code().to_owned(),
                    programme_version: programme.version(),
                    schedule: schedule.code.clone(),
                    code: task.code.clone(),
                    number,
                },
                contact,
                for_worker: task.line.is_some(),
            });
        }
    }
    planned
}

/// A child is reached through its mother.
fn contact(life: &Life<'_>) -> EntryRef {
    let as_child = life
        .registrations
        .iter()
        .filter(|row| row.registration.child == life.person)
        .min_by_key(|row| (row.captured_at, row.id));
    as_child.map_or(life.person, |row| row.registration.mother)
}

/// The day from which a schedule counts. A year alone is not precise enough for any.
fn anchor(
    schedule: &ScheduleDefinition,
    begin: &Happened<'_>,
    fields: &PersonFields,
) -> Option<Date> {
    match schedule.anchor.as_deref() {
        None => Some(begin.day),
        Some(name) => {
            let answer = begin.fields.and_then(|fields| fields.get(name));
            let day = answer.and_then(|text| text.parse().ok());
            day.or(match fields.birth_date() {
                Some(BirthDate::Day(day)) if name == BIRTH_ANCHOR => Some(day),
                _ => None,
            })
        }
    }
}

/// The day before which a task cannot be due; `None` while what it waits for is not done.
fn earliest(
    task: &TaskDefinition,
    schedule: &ScheduleDefinition,
    begin: Date,
    events: &[Happened<'_>],
) -> Option<Date> {
    let Some(after) = &task.after else {
        return Some(Date::MIN);
    };
    let other = schedule.tasks.iter().find(|one| one.code == after.task)?;
    later(
        done(other, Date::MIN, begin, events)?,
        i64::from(after.days),
    )
}

fn days(task: &TaskDefinition, number: u16, anchor: Date, earliest: Date) -> Option<TaskDays> {
    let every = task.repeat.map_or(0, |repeat| repeat.every_days);
    let nth = i64::from(number.saturating_sub(1)).saturating_mul(i64::from(every));
    let due = later(anchor, i64::from(task.due_days).saturating_add(nth))?.max(earliest);
    let remind = match task.reminder {
        Some(_) => Some(due.checked_sub(i64::from(task.remind_days).days()).ok()?),
        None => None,
    };
    let late = match task.late_days {
        Some(days) => Some(later(due, i64::from(days))?),
        None => None,
    };
    Some(TaskDays {
        due,
        remind,
        late,
        expires: later(due, i64::from(task.expires_days))?,
    })
}

fn later(day: Date, days: i64) -> Option<Date> {
    day.checked_add(days.days()).ok()
}

/// The day on which it was done.
fn done(task: &TaskDefinition, due: Date, begin: Date, events: &[Happened<'_>]) -> Option<Date> {
    let DoneBy { event, matching } = task.done_by.as_ref()?;
    let from = match task.early_days {
        Some(early) => due
            .checked_sub(i64::from(early).days())
            .unwrap_or(Date::MIN),
        // A second pregnancy is not done by the visits of the first.
        None => begin,
    };
    let does = |one: &&Happened<'_>| {
        one.code == event && one.day >= from && has_answers(one.fields, matching)
    };
    events.iter().find(does).map(|one| one.day)
}

fn has_answers(
    fields: Option<&BTreeMap<String, String>>,
    matching: &BTreeMap<String, String>,
) -> bool {
    // The answer of a question with several choices holds the codes with a blank between.
    let has = |name: &String, wanted: &String| {
        fields
            .and_then(|fields| fields.get(name))
            .is_some_and(|answer| answer.split(' ').any(|code| code == wanted))
    };
    matching.iter().all(|(name, wanted)| has(name, wanted))
}

#[cfg(test)]
mod tests;
