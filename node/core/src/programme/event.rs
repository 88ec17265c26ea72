//! `[[events]]` and `[[schedules]]` of a service definition: what can happen, and what is due then.
//!
//! A format file. The meaning of a schedule is [`crate::schedule::plan`].

use std::collections::BTreeMap;

use serde::Deserialize;

use super::definition::Audience;
use crate::household::{Cycle, Decides};

/// Something that can happen in a programme, recorded once.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventDefinition {
    /// Code, such as `antenatal-visit`; stays with its meaning for ever.
    pub code: String,
    /// Key of the text that names it in lists of entries.
    pub title: String,
    /// Whom it is about.
    pub subject: Subject,
    /// Who may record it.
    pub audience: Vec<Audience>,
    /// Names of the answers that it takes along.
    #[serde(default)]
    pub fields: Vec<String>,
    /// Those of them without which it is not recorded.
    #[serde(default)]
    pub required: Vec<String>,
    /// Name of the answer that tells the day on which it happened; otherwise that of capture.
    pub day: Option<String>,
    /// Whether the person has died or left: nothing is due for her afterwards, and no text goes
    /// to her.
    #[serde(default)]
    pub last: bool,
    /// Key of the text of its line in `show_events`; parameters are its answers.
    pub line: Option<String>,
    /// Texts that leave when it is recorded.
    #[serde(default)]
    pub notify: Vec<Notify>,
    /// It is given once in a cycle; without it as often as it is recorded.
    pub entitlement: Option<Entitlement>,
}

/// What is given once: to whom, how often, and where that is decided (M3).
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entitlement {
    /// To each person, or to all who live together.
    pub to: Entitled,
    /// How often.
    pub cycle: Cycle,
    /// Who decides.
    #[serde(default)]
    pub decides: Decides,
}

/// Who gets a thing once.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entitled {
    /// A person, however often she was captured.
    Person,
    /// A household, with everybody in it.
    Household,
}

/// Whom an event is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The person whose registration number an answer holds.
    Person,
    /// The caller herself.
    Caller,
    /// Nobody: a price, the answer to a question.
    Nobody,
    /// The caller where she is registered here, otherwise nobody: an incident that anyone reports.
    CallerIfKnown,
}

/// One text that an event causes.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notify {
    /// Who gets it.
    pub to: Recipient,
    /// Key of the text; parameters are the event's answers.
    pub text: String,
    /// Whether it goes in the class of alerts, before everything else and in quiet hours.
    #[serde(default)]
    pub urgent: bool,
}

/// Who gets the text of an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// The person that it is about, or her mother, at a bound number.
    Subject,
    /// The person that the event is about to which this one refers, at a bound number.
    Referred,
    /// The worker to whom the person is assigned.
    Worker,
    /// The officers of the area.
    Officers,
    /// All health workers of the area.
    Workers,
    /// The auditors of the area.
    Auditors,
}

/// What is due after an event.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduleDefinition {
    /// Code, such as `immunisation`.
    pub code: String,
    /// Code of the event that begins it; a later one of the same person begins it anew.
    /// `mother-registered` and `child-registered` come with a registration of a pair.
    pub from: String,
    /// Answers that the event must have.
    #[serde(default, rename = "where")]
    pub matching: BTreeMap<String, String>,
    /// Where days are counted from: name of an answer of the event, or `birth_date` of the person;
    /// otherwise the day of the event.
    pub anchor: Option<String>,
    /// Codes of events after which nothing of it is due.
    #[serde(default)]
    pub ends: Vec<String>,
    /// What is due.
    pub tasks: Vec<TaskDefinition>,
}

/// One thing that is due.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskDefinition {
    /// Code within the schedule.
    pub code: String,
    /// Days after the anchor.
    pub due_days: u16,
    /// Repeats it.
    pub repeat: Option<Repeat>,
    /// Event that does it; without one it is only a reminder.
    pub done_by: Option<DoneBy>,
    /// Days before the due day from which the event counts; without it any after the beginning.
    pub early_days: Option<u16>,
    /// Days after the due day from which it is late and goes to the officer.
    pub late_days: Option<u16>,
    /// Days after the due day from which it is no longer asked for.
    pub expires_days: u16,
    /// Key of its text in the worker's list; without it no worker sees it. Tasks of one person
    /// whose lines read the same are one line.
    pub line: Option<String>,
    /// Key of its name where the tasks of one person are listed.
    pub title: Option<String>,
    /// It waits for another task of the schedule, and some days more.
    pub after: Option<After>,
    /// Key of the text that reminds the person.
    pub reminder: Option<String>,
    /// Days before the due day on which the reminder leaves.
    #[serde(default)]
    pub remind_days: u16,
}

/// What a task waits for: it is planned once the other one is done, and is due no earlier than so
/// many days after that.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct After {
    /// Code of the other task, which stands before it in the same schedule and is not repeated.
    pub task: String,
    /// Days that must pass, such as the least interval of two doses.
    pub days: u16,
}

/// How often a task comes again.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repeat {
    /// Days between two.
    pub every_days: u16,
    /// How many in all.
    pub times: u16,
}

/// The event that does a task.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DoneBy {
    /// Its code.
    pub event: String,
    /// Answers that it must have.
    #[serde(default, rename = "where")]
    pub matching: BTreeMap<String, String>,
}

impl TaskDefinition {
    /// How many there are of it.
    pub fn times(&self) -> u16 {
        self.repeat.map_or(1, |repeat| repeat.times)
    }
}
