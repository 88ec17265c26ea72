//! Reminders of the day, and what workers and officers are told once a day.
//!
//! Each person's reminders leave from the node on which she was registered, so that two nodes with
//! the same people never remind twice. A clock that cannot be trusted reminds nobody.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::Date;
use sync_core::{ClockQuality, EntryRef, Scope};

use super::binding::confirm;
use super::{outcome, reject, work};
use crate::command::{Command, Decision, Rejection};
use crate::consent;
use crate::contact::Moment;
use crate::event::entry_text;
use crate::known;
use crate::message::{self, Draft};
use crate::person::{Field, PersonFields};
use crate::programme::{Programme, shown};
use crate::role::{Principal, Role};
use crate::schedule;
use crate::site::Rules;
use crate::view::{Known, Lookup, MessageClass, NewMessage, PhoneRow, TaskRow, Terms, ViewChange};

/// Local hour from which staff are told what is due and late.
const DIGEST_HOUR: i8 = 6;

/// Days after the due day on which a reminder still leaves, if the node was off on its day.
const LATE_REMINDER_DAYS: i32 = 7;

/// Whether the clock is good enough to say which day it is.
fn is_clock_good(now: Moment) -> bool {
    !matches!(now.quality, ClockQuality::Unknown | ClockQuality::Fake)
}

pub(super) fn needs(
    command: &Command,
    known: &Known,
    rules: &Rules<'_>,
    now: Moment,
) -> Vec<Lookup> {
    if !is_clock_good(now) {
        return Vec::new();
    }
    let today = work::today(rules, now.at);
    let wanted = match command {
        Command::SendReminders => remind_needs(known, today),
        _ if work::hour(rules, now.at) < DIGEST_HOUR => Vec::new(),
        _ => digest_needs(known, today),
    };
    known::missing(known, wanted)
}

fn remind_needs(known: &Known, today: Date) -> Vec<Lookup> {
    let lookup = Lookup::TasksToRemind(today);
    let mut wanted = Vec::new();
    for row in known::tasks(known, &lookup) {
        let contact = row.planned.contact;
        let phone = known::person(known, contact).and_then(|row| row.fields.get(Field::Phone));
        wanted.extend(phone.map(|phone| Lookup::Phone(phone.to_owned())));
        wanted.push(Lookup::Person(contact));
        wanted.push(Lookup::EventsBySubject(contact));
        wanted.push(Lookup::Consents(contact));
    }
    wanted.push(lookup);
    wanted
}

pub(super) fn remind(
    principal: &Principal,
    known: &Known,
    rules: &Rules<'_>,
    now: Moment,
) -> Result<Decision, Rejection> {
    if principal.role != Role::System {
        return Err(reject("reject-not-allowed"));
    }
    let today = work::today(rules, now.at);
    let rows = known::tasks(known, &Lookup::TasksToRemind(today));
    let mut messages: Vec<NewMessage> = Vec::new();
    let timely = rows.iter().filter(|row| is_timely(row, today));
    for message in timely.filter_map(|row| reminder(row, known, rules)) {
        // The doses of one visit, and those of twins, are one reminder.
        let same = |one: &NewMessage| one.to == message.to && one.text == message.text;
        if !messages.iter().any(same) {
            messages.push(message);
        }
    }
    let mut decision = Decision {
        outcome: outcome([("messages", messages.len().to_string())]),
        messages,
        ..Decision::default()
    };
    if !rows.is_empty() {
        // Those without a bound number too: they are looked at once, not every minute.
        decision
            .changes
            .push(ViewChange::MarkReminded(rows.to_vec()));
    }
    Ok(decision)
}

/// Whether a reminder still helps: a child registered late gets no text for each day long past.
fn is_timely(row: &TaskRow, today: Date) -> bool {
    let days = row.planned.days;
    let last = days.due.checked_add(LATE_REMINDER_DAYS.days());
    today < days.expires && last.is_ok_and(|last| today <= last)
}

/// The text of a task to the person or her mother, at a bound number that takes texts.
fn reminder(row: &TaskRow, known: &Known, rules: &Rules<'_>) -> Option<NewMessage> {
    let contact = row.planned.contact;
    let person = known::person(known, contact)?;
    let events = known::events(known, &Lookup::EventsBySubject(contact));
    if schedule::has_left(rules.programmes, events) {
        return None;
    }
    let name = &row.planned.name;
    let programme = rules.programmes.current(&name.programme)?;
    let Some((to, phone)) = bound(contact, &person.fields, programme, known) else {
        return silent(contact, &person.fields, programme, known, rules);
    };
    let task = programme.task(&name.schedule, &name.code)?;
    let own = person.fields.get(Field::Language);
    let language = message::language(&phone, own, &rules.site.language);
    let village = person.fields.get(Field::Village).unwrap_or_default();
    let place = programme.place(village).map(|place| place.name.clone());
    let values = message::arguments([
        (
            "day",
            shown::day(rules.texts, language, row.planned.days.due),
        ),
        ("number", name.number.to_string()),
        ("place", place.unwrap_or_default()),
    ]);
    let text = programme.text(language, task.reminder.as_ref()?, &values)?;
    let class = MessageClass::Reminder;
    Some(NewMessage {
        cause: cause(row),
        to,
        text,
        class,
        validity_s: message::validity_s(class),
        covers: Vec::new(),
        terms: Terms {
            plan: Some(plan_name(row)),
            ..Terms::default()
        },
    })
}

/// The bound number of a person that takes texts, if she agrees to texts of the programme now (C1).
pub(crate) fn bound(
    person: EntryRef,
    fields: &PersonFields,
    programme: &Programme,
    known: &Known,
) -> Option<(String, PhoneRow)> {
    let number = fields.get(Field::Phone)?;
    let phone = known::phone(known, number);
    let is_hers = phone
        .persons
        .iter()
        .any(|(one, bound)| *one == person && *bound);
    let agreement = &programme.definition().agreement.code;
    let agrees = known::consents(known, person).is_live(agreement, consent::MESSAGES);
    (is_hers && agrees && !phone.stopped).then(|| (number.to_owned(), phone))
}

/// What a number that fell silent gets in place of a text for its person: the question whether it
/// is still in use, once.
pub(crate) fn silent(
    person: EntryRef,
    fields: &PersonFields,
    programme: &Programme,
    known: &Known,
    rules: &Rules<'_>,
) -> Option<NewMessage> {
    let number = fields.get(Field::Phone)?;
    let row = known::phone(known, number);
    let agreement = &programme.definition().agreement.code;
    let agrees = known::consents(known, person).is_live(agreement, consent::MESSAGES);
    let is_silent = agrees && row.stale.contains(&person);
    is_silent
        .then(|| confirm(number, &row, fields.get(Field::Language), rules))
        .flatten()
}

/// One reminder for one task on one day.
fn cause(row: &TaskRow) -> String {
    format!("remind:{}", message::hex_digest(&[&plan_name(row)]))
}

/// The plan of a task's reminder: withdrawn while it waits when the task is done or moved.
pub fn plan_name(row: &TaskRow) -> String {
    let name = &row.planned.name;
    let parts = [
        entry_text(&row.subject),
        name.programme.clone(),
        name.schedule.clone(),
        name.code.clone(),
        name.number.to_string(),
        row.planned.days.due.to_string(),
    ];
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    format!("task:{}", message::hex_digest(&parts))
}

/// Scope without lane and staff index.
type Worker = (Scope, u32);
/// How many tasks are due, and how many of them late.
type Counts = (usize, usize);

fn digest_needs(known: &Known, today: Date) -> Vec<Lookup> {
    let lookup = Lookup::TasksToTell(today);
    let mut wanted = Vec::new();
    for (scope, worker) in by_worker(known, today).into_keys() {
        wanted.push(Lookup::Staff(scope, worker));
        wanted.push(Lookup::StaffByRole(scope, Role::Officer));
    }
    let named = wanted.clone();
    for staff in &named {
        let grants = known::staff(known, staff);
        wanted.extend(
            grants
                .iter()
                .map(|grant| Lookup::Phone(grant.phone.clone())),
        );
    }
    wanted.push(lookup);
    wanted
}

/// Due and late tasks by worker.
fn by_worker(known: &Known, today: Date) -> BTreeMap<Worker, Counts> {
    let mut counts: BTreeMap<Worker, Counts> = BTreeMap::new();
    let mut counted = BTreeSet::new();
    for row in known::tasks(known, &Lookup::TasksToTell(today)) {
        let days = row.planned.days;
        // The doses of one visit are one task of a worker's day.
        let visit = (row.subject, &row.planned.name.schedule, days.due);
        if row.worker == 0 || days.expires <= today || !counted.insert(visit) {
            continue;
        }
        let (due, late) = counts
            .entry((row.subject.scope.area(), row.worker))
            .or_default();
        *due = due.saturating_add(1);
        if days.late.is_some_and(|day| day <= today) {
            *late = late.saturating_add(1);
        }
    }
    counts
}

pub(super) fn digests(
    principal: &Principal,
    known: &Known,
    rules: &Rules<'_>,
    now: Moment,
) -> Result<Decision, Rejection> {
    if principal.role != Role::System {
        return Err(reject("reject-not-allowed"));
    }
    let mut messages = Vec::new();
    if is_clock_good(now) {
        let today = work::today(rules, now.at);
        let counts = by_worker(known, today);
        for ((scope, worker), (due, late)) in &counts {
            let told = Told {
                staff: Lookup::Staff(*scope, *worker),
                key: "tasks-due",
                counts: [("due", *due), ("late", *late)],
                today,
            };
            messages.extend(told.messages(known, rules, now));
        }
        let scopes: BTreeSet<Scope> = counts.keys().map(|(scope, _)| *scope).collect();
        for scope in scopes {
            let late = counts.iter().filter(|((one, _), _)| *one == scope);
            let workers = late.clone().filter(|(_, (_, late))| *late > 0).count();
            let told = Told {
                staff: Lookup::StaffByRole(scope, Role::Officer),
                key: "tasks-late",
                counts: [
                    ("late", late.map(|(_, (_, late))| late).sum()),
                    ("workers", workers),
                ],
                today,
            };
            if workers > 0 {
                messages.extend(told.messages(known, rules, now));
            }
        }
    }
    Ok(Decision {
        outcome: outcome([("messages", messages.len().to_string())]),
        messages,
        ..Decision::default()
    })
}

/// One text of the day to staff.
struct Told {
    staff: Lookup,
    key: &'static str,
    counts: [(&'static str, usize); 2],
    today: Date,
}

impl Told {
    fn messages(&self, known: &Known, rules: &Rules<'_>, now: Moment) -> Vec<NewMessage> {
        let live = known::staff(known, &self.staff).iter();
        live.filter(|grant| grant.is_live(now.at))
            .filter_map(|grant| {
                let phone = known::phone(known, &grant.phone);
                if phone.stopped {
                    return None;
                }
                let day = self.today.to_string();
                let digest = message::hex_digest(&[&grant.phone, &day, self.key]);
                let draft = Draft {
                    cause: format!("tasks:{digest}"),
                    to: grant.phone.clone(),
                    language: message::language(
                        &phone,
                        Some(&grant.language),
                        &rules.site.language,
                    ),
                    key: self.key,
                    arguments: message::arguments(
                        self.counts.map(|(name, count)| (name, count.to_string())),
                    ),
                };
                Some(draft.render(rules))
            })
            .collect()
    }
}
