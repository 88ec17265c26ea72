//! Commands about households, made of what a `run` block was given.

use super::super::refusal::Notice;
use super::super::session::Session;
use super::{Given, incomplete};
use crate::command::Command;
use crate::household::HouseholdRole;
use crate::programme::block::CommandKind;
use crate::programme::run::{Parameter, Takes};

const SUBJECT: Parameter = Parameter {
    name: "subject",
    takes: Takes::Name,
    required: true,
};

/// The parameters of these commands, `None` for those of other files.
pub(super) fn parameters(kind: CommandKind) -> Option<&'static [Parameter]> {
    Some(match kind {
        CommandKind::JoinHousehold => {
            const {
                &[
                    SUBJECT,
                    Parameter {
                        name: "with",
                        takes: Takes::Name,
                        required: false,
                    },
                    // `$name` of an answer, or the role itself.
                    Parameter {
                        name: "role",
                        takes: Takes::Either,
                        required: true,
                    },
                ]
            }
        }
        CommandKind::LeaveHousehold | CommandKind::ShowHousehold => const { &[SUBJECT] },
        _ => return None,
    })
}

/// The command, `None` for those of other files.
pub(super) fn command(
    session: &Session,
    kind: CommandKind,
    given: &Given,
) -> Result<Option<Command>, Notice> {
    let owned = |name: &str| given.get(name).map(str::to_owned);
    let person = || owned("subject").ok_or_else(incomplete);
    let programme = session.programme.clone();
    Ok(Some(match kind {
        CommandKind::JoinHousehold => Command::JoinHousehold {
            programme,
            person: person()?,
            with: owned("with"),
            role: given
                .get("role")
                .and_then(HouseholdRole::parse)
                .ok_or_else(incomplete)?,
        },
        CommandKind::LeaveHousehold => Command::LeaveHousehold {
            programme,
            person: person()?,
        },
        CommandKind::ShowHousehold => Command::ShowHousehold {
            programme,
            person: person()?,
        },
        _ => return Ok(None),
    }))
}
