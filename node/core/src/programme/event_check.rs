//! Findings about events and schedules: names that lead nowhere, texts that do not fit, endless plans.

use std::collections::BTreeSet;

use channels_core::gsm7;

use super::block::{Block, CommandKind};
use super::definition::{Definition, Dialogue};
use super::event::{EventDefinition, Recipient, ScheduleDefinition, Subject, TaskDefinition};
use super::finding::Finding;
use super::{Programme, SERVICE_FILE, fit};
use crate::event::EVENT_FIELDS_MAX;
use crate::message::PART_SEPTETS_MAX;
use crate::schedule::{BIRTH_ANCHOR, CHILD_REGISTERED, MOTHER_REGISTERED};

/// Most tasks of one schedule, repetitions included: what one person may have open. More are
/// refused.
const TASKS_MAX: usize = 120;
/// Most UTF-16 units of a text in another alphabet: two parts. A longer one is refused.
const UNITS_MAX: usize = 134;

/// What texts of events and schedules may show besides answers, each with its longest value.
pub(super) const MESSAGE_VALUES: [(&str, &str); 5] = [
    ("who", "Wolimbwa Nabukwasi N."),
    ("day", "30 Sept 2026"),
    ("number", "120"),
    ("caller", "+256700000001234"),
    ("place", "Namutumba Town 2"),
];

/// Names, days and counts; texts are looked at by [`texts`] once they all exist.
pub(super) fn check(definition: &Definition) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut codes: BTreeSet<&str> = BTreeSet::new();
    for event in &definition.events {
        let mut add = |message: String, fix: &str| {
            let place = format!("event {}", event.code);
            findings.push(Finding::new(SERVICE_FILE, place, message, fix));
        };
        if !codes.insert(&event.code) || is_implied(&event.code) {
            add(
                "its code stands twice or is one of ours".to_owned(),
                "rename it",
            );
        }
        event_check(definition, event, &mut add);
    }
    let mut codes: BTreeSet<&str> = BTreeSet::new();
    for schedule in &definition.schedules {
        let mut add = |message: String, fix: &str| {
            let place = format!("schedule {}", schedule.code);
            findings.push(Finding::new(SERVICE_FILE, place, message, fix));
        };
        if !codes.insert(&schedule.code) {
            add("its code stands twice".to_owned(), "rename one of them");
        }
        schedule_check(definition, schedule, &mut add);
    }
    findings
}

/// Findings about commands of a dialogue: events that do not exist, a registration without consent.
pub(super) fn runs(definition: &Definition, dialogue: &Dialogue) -> Vec<Finding> {
    let mut findings = Vec::new();
    let asks = dialogue.blocks.iter().any(|block| {
        block.ask().and_then(|ask| ask.saves.as_ref()) == Some(&definition.agreement.answer)
    });
    for block in &dialogue.blocks {
        let Block::Run(run) = block else { continue };
        let mut add = |message: String, fix: &str| {
            let place = format!("dialogue {}, block {}", dialogue.code, run.code);
            findings.push(Finding::new(SERVICE_FILE, place, message, fix));
        };
        let codes = run.given("event").into_iter().chain(run.given("without"));
        for code in codes.flat_map(str::split_whitespace) {
            let event = definition.events.iter().find(|event| event.code == code);
            let takes_subject = event.is_some_and(|event| event.subject == Subject::Person);
            let records = run.command == CommandKind::RecordEvent;
            if event.is_none() {
                add(format!("{code} is no event"), "add it to `events`");
            } else if records && takes_subject && run.given("subject").is_none() {
                let message = format!("{code} is about a person and the block names none");
                add(message, "name the answer with her number in `subject`");
            }
        }
        if run.command == CommandKind::RegisterPerson && !asks {
            let fix = "add a question whose text shows purpose and controller";
            add(
                "it registers somebody who was not asked for consent".to_owned(),
                fix,
            );
        }
    }
    findings
}

fn is_implied(code: &str) -> bool {
    matches!(code, MOTHER_REGISTERED | CHILD_REGISTERED)
}

fn event_check(
    definition: &Definition,
    event: &EventDefinition,
    add: &mut impl FnMut(String, &str),
) {
    let known = |name: &String| definition.fields.iter().any(|field| field.name == *name);
    let day = event.day.as_ref();
    for name in event.fields.iter().chain(&event.required).chain(day) {
        if !known(name) {
            add(format!("{name} is no field"), "add it to `fields`");
        }
    }
    for name in event.required.iter().chain(day) {
        if !event.fields.contains(name) {
            let message = format!("it needs {name} and does not take it along");
            add(message, "add it to the event's fields");
        }
    }
    if event.fields.len() > EVENT_FIELDS_MAX {
        let message = format!("it has {} answers", event.fields.len());
        add(message, "split it; 40 are allowed");
    }
    if event.audience.is_empty() {
        add("nobody may record it".to_owned(), "name an audience");
    }
    let about_nobody = event.subject == Subject::Nobody;
    let to_person =
        |notify: &super::event::Notify| matches!(notify.to, Recipient::Subject | Recipient::Worker);
    if about_nobody && (event.last || event.notify.iter().any(to_person)) {
        add(
            "it is about nobody, and yet somebody's end or text".to_owned(),
            "give it a subject or drop `last` and the text",
        );
    }
}

fn schedule_check(
    definition: &Definition,
    schedule: &ScheduleDefinition,
    add: &mut impl FnMut(String, &str),
) {
    let done_by = schedule
        .tasks
        .iter()
        .filter_map(|task| task.done_by.as_ref());
    let done = done_by.map(|done| &done.event);
    for code in schedule.ends.iter().chain([&schedule.from]).chain(done) {
        let known = definition.events.iter().any(|event| event.code == *code);
        if !known && !is_implied(code) {
            add(format!("{code} is no event"), "add it to `events`");
        }
    }
    let begins = definition
        .events
        .iter()
        .find(|event| event.code == schedule.from);
    if let Some(anchor) = schedule
        .anchor
        .as_ref()
        .filter(|name| *name != BIRTH_ANCHOR)
    {
        let has = begins.is_some_and(|event| event.fields.contains(anchor));
        if !has {
            add(
                format!("the event that begins it has no answer {anchor}"),
                "count from `birth_date` or from an answer of the event",
            );
        }
    }
    if begins.is_some_and(|event| event.subject == Subject::Nobody) {
        let message = "it begins with an event about nobody".to_owned();
        add(message, "begin it with an event about a person");
    }
    let mut codes: BTreeSet<&str> = BTreeSet::new();
    for task in &schedule.tasks {
        let after = task.after.as_ref().map(|after| after.task.as_str());
        let is_done_once = |one: &TaskDefinition| one.done_by.is_some() && one.repeat.is_none();
        let waits = |code: &str| {
            let mut other = schedule.tasks.iter().filter(|one| one.code == code);
            codes.contains(code) && other.all(is_done_once)
        };
        if let Some(code) = after.filter(|code| !waits(code)) {
            let message = format!("task {} waits for {code}", task.code);
            let fix = "name a task before it that an event does and that is not repeated";
            add(message, fix);
        }
        if !codes.insert(&task.code) {
            add(format!("task {} stands twice", task.code), "rename one");
        }
        task_check(task, add);
    }
    let count: usize = schedule
        .tasks
        .iter()
        .map(|task| usize::from(task.times()))
        .sum();
    if !(1..=TASKS_MAX).contains(&count) {
        let message = format!("it has {count} tasks with their repetitions");
        add(message, "have 1 to 120 of them");
    }
}

fn task_check(task: &TaskDefinition, add: &mut impl FnMut(String, &str)) {
    let code = &task.code;
    if task.line.is_none() && task.reminder.is_none() && task.title.is_none() {
        add(
            format!("task {code} is shown to nobody and reminds nobody"),
            "give it a line or a reminder",
        );
    }
    if task.line.is_some() && task.done_by.is_none() {
        let message = format!("task {code} is in a worker's list and nothing does it");
        add(message, "name the event in `done_by`");
    }
    let endless = task
        .repeat
        .is_some_and(|repeat| repeat.every_days == 0 || repeat.times == 0);
    if endless {
        let message = format!("task {code} is repeated after 0 days or 0 times");
        add(message, "give 1 or more");
    }
    let needs_window = task.repeat.is_some() && task.done_by.is_some();
    if needs_window && task.early_days.is_none() {
        add(
            format!("one event would do all repetitions of task {code}"),
            "say in `early_days` from when an event counts",
        );
    }
    if task.late_days.is_some_and(|late| late >= task.expires_days) {
        let message = format!("task {code} expires before it is late");
        add(message, "make `expires_days` greater than `late_days`");
    }
}

/// Keys of all texts of events and schedules.
pub(super) fn keys(definition: &Definition) -> Vec<&str> {
    let mut keys = Vec::new();
    for event in &definition.events {
        keys.push(event.title.as_str());
        keys.extend(event.line.as_deref());
        keys.extend(event.notify.iter().map(|notify| notify.text.as_str()));
    }
    for task in definition.schedules.iter().flat_map(|one| &one.tasks) {
        keys.extend(task.line.as_deref());
        keys.extend(task.title.as_deref());
        keys.extend(task.reminder.as_deref());
    }
    keys
}

/// Texts that leave by SMS, titles and lines of lists that do not fit: one part, or two in an
/// alphabet of 16 bits.
pub(super) fn texts(programme: &Programme) -> Vec<Finding> {
    let definition = programme.definition();
    let keys: BTreeSet<&str> = keys(definition).into_iter().collect();
    let longest = fit::longest_values(programme);
    let mut findings = Vec::new();
    for language in programme.languages() {
        for key in &keys {
            let catalogue = programme.catalogue(&language.code);
            let Some(text) = catalogue.and_then(|one| one.text(key, &longest)) else {
                continue;
            };
            let too_long = match gsm7::septets(&text) {
                Some(septets) => septets > PART_SEPTETS_MAX,
                None => gsm7::ucs2_units(&text) > UNITS_MAX,
            };
            if too_long {
                let line = catalogue.and_then(|one| one.line(key)).unwrap_or(0);
                let finding = Finding::new(
                    &format!("texts/{}.ftl", language.code),
                    format!("line {line}"),
                    format!("{key} is too long for one SMS with its longest values"),
                    "shorten it",
                );
                findings.push(finding.in_language(&language.code));
            }
        }
    }
    findings
}
