//! Commands about events, people and a worker's day, made of what a `run` block was given.
//!
//! Answers that begin with `person_` are fields of a person who is registered, those with `new_`
//! corrections; all others go to the event, which takes along what its definition names.

use std::collections::BTreeMap;

use super::super::refusal::Notice;
use super::super::screen::View;
use super::super::session::Session;
use super::people::as_new;
use super::{Given, consent_answer, field, incomplete};
use crate::command::{Command, ConsentAnswer, EventDraft, Mine, SubjectName};
use crate::person::{Field, PersonFields};
use crate::programme::block::CommandKind;
use crate::programme::event::Subject;
use crate::programme::run::{Parameter, Takes};

/// Answers of a person who is registered alone begin with this.
pub(crate) const PERSON_PREFIX: &str = "person_";
/// Answers that correct a person's record begin with this.
pub(crate) const NEW_PREFIX: &str = "new_";

const fn parameter(name: &'static str, takes: Takes, required: bool) -> Parameter {
    Parameter {
        name,
        takes,
        required,
    }
}

/// The parameters of these commands.
pub(super) fn parameters(kind: CommandKind) -> &'static [Parameter] {
    const EVENT: Parameter = parameter("event", Takes::Words, true);
    const SUBJECT: Parameter = parameter("subject", Takes::Name, false);
    match kind {
        CommandKind::RecordEvent => {
            const {
                &[
                    EVENT,
                    SUBJECT,
                    parameter("refers", Takes::Name, false),
                    parameter("replaces", Takes::Name, false),
                ]
            }
        }
        CommandKind::RegisterPerson => const { &[EVENT, parameter("sex", Takes::Words, false)] },
        CommandKind::UpdatePerson => const { &[SUBJECT] },
        CommandKind::ShowCase => const { &[EVENT, SUBJECT] },
        CommandKind::ShowEvents => {
            const {
                &[
                    EVENT,
                    parameter("same", Takes::Words, false),
                    parameter("without", Takes::Words, false),
                    parameter("mine", Takes::Words, false),
                    parameter("most", Takes::Words, false),
                ]
            }
        }
        CommandKind::OpenTask => const { &[parameter("task", Takes::Name, true)] },
        CommandKind::WithdrawEntry => const { &[parameter("entry", Takes::Name, true)] },
        CommandKind::HandOver => const { &[parameter("to", Takes::Name, true)] },
        _ => &[],
    }
}

/// The command; `None` for kinds that are made elsewhere.
pub(super) fn command(
    view: &View<'_>,
    session: &Session,
    kind: CommandKind,
    given: &Given,
) -> Result<Option<Command>, Notice> {
    let owned = |name: &str| given.get(name).map(str::to_owned);
    let required = |name: &str| owned(name).ok_or_else(incomplete);
    Ok(Some(match kind {
        CommandKind::RecordEvent => {
            let event = draft(session, &required("event")?);
            Command::RecordEvent {
                subject: event_subject(view, &event.code, given)?,
                event,
                refers: owned("refers"),
                replaces: owned("replaces"),
                consent: event_consent(view, session, given)?.map(Box::new),
            }
        }
        CommandKind::RegisterPerson => {
            let mut person = people(session, PERSON_PREFIX);
            if let Some(sex) = given.get("sex") {
                person.set(Field::Sex, sex);
            }
            if session.language_chosen {
                person.set(Field::Language, session.language.as_str());
            }
            let register = Command::RegisterPerson {
                person,
                consent: consent_answer(view, session)?,
                event: draft(session, &required("event")?),
            };
            as_new(session, register)
        }
        CommandKind::UpdatePerson => Command::UpdatePerson {
            subject: subject(given),
            fields: people(session, NEW_PREFIX),
        },
        CommandKind::ShowCase => Command::ShowCase {
            subject: subject(given),
            programme: session.programme.clone(),
            codes: words(&required("event")?),
        },
        CommandKind::ShowEvents => Command::ShowEvents {
            programme: session.programme.clone(),
            code: required("event")?,
            matching: same(session, given.get("same").unwrap_or_default()),
            without: owned("without"),
            mine: given.get("mine").map(|which| match which {
                "replies" => Mine::Replies,
                _ => Mine::Own,
            }),
            most: given.get("most").and_then(|most| most.parse().ok()),
        },
        CommandKind::ShowTasks => Command::ShowTasks,
        CommandKind::OpenTask => Command::OpenTask {
            task: required("task")?,
        },
        CommandKind::ShowMyEntries => Command::ShowMyEntries,
        CommandKind::WithdrawEntry => Command::WithdrawEntry {
            entry: required("entry")?,
        },
        CommandKind::HandOver => Command::HandOver {
            to: required("to")?,
        },
        _ => return Ok(None),
    }))
}

fn draft(session: &Session, code: &str) -> EventDraft {
    EventDraft {
        programme: session.programme.clone(),
        programme_version: session.programme_version,
        code: code.to_owned(),
        fields: session.answers.clone(),
    }
}

/// Whom the definition of the event wants it to be about.
fn event_subject(view: &View<'_>, code: &str, given: &Given) -> Result<SubjectName, Notice> {
    let event = view.programme.event(code).ok_or_else(incomplete)?;
    Ok(match event.subject {
        Subject::Nobody => SubjectName::Nobody,
        Subject::Caller | Subject::CallerIfKnown => SubjectName::Caller,
        Subject::Person => {
            SubjectName::Number(given.get("subject").ok_or_else(incomplete)?.to_owned())
        }
    })
}

/// What the person said to the agreement, where she was asked and the event takes it along.
fn event_consent(
    view: &View<'_>,
    session: &Session,
    given: &Given,
) -> Result<Option<ConsentAnswer>, Notice> {
    let answer = &view.programme.definition().agreement.answer;
    let event = given
        .get("event")
        .and_then(|code| view.programme.event(code));
    let asked = session.content(answer).is_some();
    if asked && event.is_some_and(|event| event.fields.contains(answer)) {
        Ok(Some(consent_answer(view, session)?))
    } else {
        Ok(None)
    }
}

/// The named person, or the caller where the block names none.
fn subject(given: &Given) -> SubjectName {
    match given.get("subject") {
        Some(number) => SubjectName::Number(number.to_owned()),
        None => SubjectName::Caller,
    }
}

pub(super) fn people(session: &Session, prefix: &str) -> PersonFields {
    let mut person = PersonFields::default();
    for (name, value) in &session.answers {
        if let (Some(field), false) = (field(name, prefix), value.is_empty()) {
            person.set(field, value.clone());
        }
    }
    person
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// Answers of the session that listed events must have too.
fn same(session: &Session, names: &str) -> BTreeMap<String, String> {
    let answer = |name: &str| {
        let value = session.content(name).filter(|value| !value.is_empty())?;
        Some((name.to_owned(), value.to_owned()))
    };
    names.split_whitespace().filter_map(answer).collect()
}
