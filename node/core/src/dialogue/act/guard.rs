//! Commands about PINs, consent and erasure, made of what a `run` block was given.
//!
//! The PIN is what the `pin` block before took: it is handed over once and saved nowhere.

use super::super::refusal::Notice;
use super::{Given, incomplete};
use crate::command::Command;
use crate::pin::Pin;
use crate::programme::block::CommandKind;
use crate::programme::run::{Parameter, Takes};

const PIN: Parameter = parameter("pin", Takes::Pin, true);
const HINT: Parameter = parameter("hint", Takes::Name, false);
/// `yes` where the programme allows four digits.
const SHORT: Parameter = parameter("short", Takes::Words, false);

const fn parameter(name: &'static str, takes: Takes, required: bool) -> Parameter {
    Parameter {
        name,
        takes,
        required,
    }
}

/// The parameters of these commands.
pub(super) fn parameters(kind: CommandKind) -> Option<&'static [Parameter]> {
    Some(match kind {
        CommandKind::CheckPin => const { &[PIN, HINT] },
        CommandKind::SetPin | CommandKind::ChangePin => const { &[PIN, HINT, SHORT] },
        CommandKind::ResetPin => {
            const {
                &[
                    parameter("number", Takes::Name, true),
                    parameter("pin", Takes::Pin, false),
                ]
            }
        }
        CommandKind::AskChange => {
            const {
                &[
                    parameter("number", Takes::Name, true),
                    parameter("new", Takes::Name, true),
                    parameter("lost", Takes::Either, false),
                    PIN,
                ]
            }
        }
        CommandKind::AgreeToChange => const { &[parameter("number", Takes::Name, true)] },
        CommandKind::WithdrawConsent => {
            const {
                &[
                    parameter("agreement", Takes::Either, false),
                    parameter("purpose", Takes::Either, false),
                ]
            }
        }
        CommandKind::AskErasure | CommandKind::StopChange => {
            const { &[parameter("number", Takes::Name, false)] }
        }
        CommandKind::ShowConsents | CommandKind::ShowMyReads | CommandKind::ShowMyChange => &[],
        CommandKind::StopMessages => const { &[parameter("stop", Takes::Words, true)] },
        CommandKind::AskPin => const { &[HINT, parameter("only_shared", Takes::Words, false)] },
        _ => return None,
    })
}

/// The command, `None` for those of other files.
pub(super) fn command(kind: CommandKind, given: &Given) -> Result<Option<Command>, Notice> {
    let text = |name: &str| given.get(name).map(str::to_owned);
    let pin = || {
        let typed = given.get("pin").ok_or_else(incomplete)?;
        Pin::parse(typed).ok_or_else(|| Notice::plain("reject-pin-length"))
    };
    let hint = text("hint");
    let short = given.get("short") == Some("yes");
    Ok(Some(match kind {
        CommandKind::CheckPin => Command::CheckPin { pin: pin()?, hint },
        CommandKind::SetPin => Command::SetPin {
            pin: pin()?,
            hint,
            short,
        },
        CommandKind::ChangePin => Command::ChangePin {
            old: None,
            new: pin()?,
            hint,
            short,
        },
        CommandKind::ResetPin => Command::ResetPin {
            number: text("number").ok_or_else(incomplete)?,
            pin: given.get("pin").map(|_| pin()).transpose()?,
        },
        CommandKind::AskChange => Command::AskChange {
            number: text("number").ok_or_else(incomplete)?,
            new: text("new").ok_or_else(incomplete)?,
            lost: given.get("lost") == Some("yes"),
            pin: pin()?,
            code: 0,
        },
        CommandKind::AgreeToChange => Command::AgreeToChange {
            number: text("number").ok_or_else(incomplete)?,
        },
        CommandKind::StopChange => Command::StopChange {
            number: text("number"),
        },
        CommandKind::ShowMyChange => Command::ShowMyChange,
        CommandKind::WithdrawConsent => Command::WithdrawConsent {
            agreement: text("agreement"),
            purpose: text("purpose"),
        },
        CommandKind::AskErasure => Command::AskErasure {
            number: text("number"),
        },
        CommandKind::ShowConsents => Command::ShowConsents,
        CommandKind::ShowMyReads => Command::ShowMyReads,
        CommandKind::StopMessages => Command::StopMessages {
            stopped: given.get("stop") == Some("yes"),
        },
        CommandKind::AskPin => Command::AskPin {
            hint,
            only_shared: given.get("only_shared") == Some("yes"),
        },
        _ => return Ok(None),
    }))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn made(kind: CommandKind, values: &[(&'static str, &str)]) -> Result<Option<Command>, Notice> {
        let values = values
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()));
        let values: BTreeMap<&'static str, String> = values.collect();
        command(kind, &Given { values })
    }

    #[test]
    fn each_command_takes_what_its_parameters_name() {
        let pin = Pin::parse("491507").unwrap();
        let hint = Some("8630".to_owned());
        let given = [("pin", "491507"), ("hint", "8630")];
        let checked = made(CommandKind::CheckPin, &given).unwrap();
        assert_eq!(
            checked,
            Some(Command::CheckPin {
                pin: pin.clone(),
                hint: hint.clone()
            })
        );
        let set = made(CommandKind::SetPin, &[("pin", "491507"), ("short", "yes")]).unwrap();
        let first = Command::SetPin {
            pin: pin.clone(),
            hint: None,
            short: true,
        };
        assert_eq!(set, Some(first));
        let reset = made(CommandKind::ResetPin, &[("number", "7294058630")]).unwrap();
        let number = "7294058630".to_owned();
        assert_eq!(reset, Some(Command::ResetPin { number, pin: None }));
        let withdrawn = made(CommandKind::WithdrawConsent, &[("purpose", "messages")]).unwrap();
        let purpose = Some("messages".to_owned());
        assert_eq!(
            withdrawn,
            Some(Command::WithdrawConsent {
                agreement: None,
                purpose
            })
        );
        made(CommandKind::CheckPin, &[]).unwrap_err();
        made(CommandKind::SetPin, &[("pin", "12")]).unwrap_err();
        assert_eq!(made(CommandKind::ShowMyWork, &[]).unwrap(), None);
    }

    #[test]
    fn every_command_of_this_file_has_parameters_and_others_have_none_here() {
        let ours = [
            CommandKind::CheckPin,
            CommandKind::SetPin,
            CommandKind::ChangePin,
            CommandKind::ResetPin,
            CommandKind::WithdrawConsent,
            CommandKind::AskErasure,
            CommandKind::ShowConsents,
        ];
        assert!(ours.into_iter().all(|kind| parameters(kind).is_some()));
        assert!(parameters(CommandKind::ShowTasks).is_none());
    }
}
