//! Commands about a mother's family and a worker's list, made of what a `run` block was given.
//!
//! A child's fields are named one by one, so that each round of a loop registers its own child.

use super::super::refusal::Notice;
use super::super::screen::View;
use super::super::session::Session;
use super::{Given, consent_answer, incomplete, recorded};
use crate::command::{Command, DueOrder, SubjectName, Whose};
use crate::person::{Field, PersonFields};
use crate::programme::block::CommandKind;
use crate::programme::run::{Parameter, Takes};

/// Which parameter holds which field of a child.
const CHILD: [(&str, Field); 6] = [
    ("given_name", Field::GivenName),
    ("family_name", Field::FamilyName),
    ("birth_date", Field::BirthDate),
    ("sex", Field::Sex),
    ("place", Field::PlaceOfBirth),
    ("national_id", Field::NationalId),
];

const fn parameter(name: &'static str, takes: Takes, required: bool) -> Parameter {
    Parameter {
        name,
        takes,
        required,
    }
}

/// The parameters of these commands, `None` for those of other files.
pub(super) fn parameters(kind: CommandKind) -> Option<&'static [Parameter]> {
    Some(match kind {
        CommandKind::RegisterChild => {
            const {
                &[
                    parameter("subject", Takes::Name, true),
                    parameter("given_name", Takes::Name, false),
                    parameter("family_name", Takes::Name, false),
                    parameter("birth_date", Takes::Name, true),
                    parameter("sex", Takes::Name, true),
                    parameter("place", Takes::Name, false),
                    parameter("national_id", Takes::Name, false),
                    parameter("twin", Takes::Name, false),
                ]
            }
        }
        CommandKind::OpenPerson | CommandKind::TakePerson => {
            const { &[parameter("subject", Takes::Name, true)] }
        }
        CommandKind::OpenEvent => const { &[parameter("entry", Takes::Name, true)] },
        CommandKind::ShowDue => {
            const {
                &[
                    parameter("subject", Takes::Name, false),
                    parameter("schedules", Takes::Words, false),
                    parameter("days", Takes::Words, false),
                    parameter("most", Takes::Words, false),
                    parameter("family", Takes::Words, false),
                ]
            }
        }
        _ => return None,
    })
}

/// The command, `None` for those of other files.
pub(super) fn command(
    view: &View<'_>,
    session: &Session,
    kind: CommandKind,
    given: &Given,
) -> Result<Option<Command>, Notice> {
    let text = |name: &str| given.get(name).map(str::to_owned);
    let number = || text("subject").map(SubjectName::Number);
    Ok(Some(match kind {
        CommandKind::RegisterChild => {
            let mut child = PersonFields::default();
            for (name, field) in CHILD {
                if let Some(value) = given.get(name) {
                    child.set(field, recorded(field, value));
                }
            }
            let answer = &view.programme.definition().agreement.answer;
            let asked = session.answers.contains_key(answer);
            let consent = asked.then(|| consent_answer(view, session)).transpose()?;
            let register = Command::RegisterChild {
                programme: session.programme.clone(),
                programme_version: session.programme_version,
                mother: number().ok_or_else(incomplete)?,
                child,
                consent: consent.map(Box::new),
            };
            match text("twin") {
                // Twins may have nothing that tells them apart but that their worker says so.
                Some(twin) => Command::RegisterNew {
                    register: Box::new(register),
                    apart: vec![(Whose::Person, twin)],
                },
                None => register,
            }
        }
        CommandKind::OpenPerson => Command::OpenPerson {
            programme: session.programme.clone(),
            number: text("subject").ok_or_else(incomplete)?,
        },
        CommandKind::TakePerson => Command::TakePerson {
            number: text("subject").ok_or_else(incomplete)?,
        },
        CommandKind::OpenEvent => Command::OpenEvent {
            entry: text("entry").ok_or_else(incomplete)?,
        },
        CommandKind::ShowDue => Command::ShowDue(DueOrder {
            subject: number().unwrap_or(SubjectName::Caller),
            programme: session.programme.clone(),
            schedules: given
                .get("schedules")
                .unwrap_or_default()
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
            days: given.get("days").and_then(|days| days.parse().ok()),
            most: given.get("most").and_then(|most| most.parse().ok()),
            family: given.get("family") == Some("yes"),
        }),
        _ => return Ok(None),
    }))
}
