//! Commands that look for people, made of what a `run` block was given.
//!
//! `check_known` is asked after the fields are typed and before a number is given. Whoever is
//! registered in the same session after it is somebody else than those it showed.

use super::super::refusal::Notice;
use super::super::session::Session;
use super::event::{PERSON_PREFIX, people};
use super::{CHILD_PREFIX, Given, MOTHER_PREFIX, incomplete};
use crate::command::{Command, Whose};
use crate::duplicate::candidate::SHOWN_MAX;
use crate::duplicate::find::Question;
use crate::person::{Field, PersonFields};
use crate::programme::block::CommandKind;
use crate::programme::run::{Parameter, Takes};

const fn parameter(name: &'static str, takes: Takes, required: bool) -> Parameter {
    Parameter {
        name,
        takes,
        required,
    }
}

/// `mother`, `child` or `person`.
const WHO: Parameter = parameter("who", Takes::Words, true);

/// The parameters of these commands.
pub(super) fn parameters(kind: CommandKind) -> Option<&'static [Parameter]> {
    Some(match kind {
        CommandKind::FindPerson => {
            const {
                &[
                    parameter("number", Takes::Name, false),
                    parameter("phone", Takes::Name, false),
                    parameter("name", Takes::Name, false),
                    parameter("year", Takes::Name, false),
                    parameter("village", Takes::Name, false),
                ]
            }
        }
        CommandKind::CheckKnown => const { &[WHO] },
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
    let whose = || {
        given
            .get("who")
            .and_then(Whose::parse)
            .ok_or_else(incomplete)
    };
    Ok(Some(match kind {
        CommandKind::FindPerson => Command::FindPerson(Question {
            name: owned("name"),
            number: owned("number"),
            phone: owned("phone"),
            village: owned("village"),
            year: given.get("year").and_then(year),
        }),
        CommandKind::CheckKnown => {
            let whose = whose()?;
            let (person, mother) = typed(session, whose);
            Command::CheckKnown {
                whose,
                person,
                mother,
            }
        }
        _ => return Ok(None),
    }))
}

/// The year of a birth date in canonical form, or a year.
fn year(date: &str) -> Option<i16> {
    date.split('-').next()?.parse().ok()
}

/// The fields typed so far, with the mother's for a child.
fn typed(session: &Session, whose: Whose) -> (PersonFields, Option<PersonFields>) {
    let mut mother = people(session, MOTHER_PREFIX);
    mother.set(Field::Sex, "F");
    match whose {
        Whose::Mother => (mother, None),
        Whose::Child => (people(session, CHILD_PREFIX), Some(mother)),
        Whose::Person => (people(session, PERSON_PREFIX), None),
    }
}

/// A registration, told apart from those whom the checks of this session showed.
pub(super) fn as_new(session: &Session, register: Command) -> Command {
    let all: &[Whose] = match register {
        Command::RegisterPair { .. } => &[Whose::Mother, Whose::Child],
        _ => &[Whose::Person],
    };
    let shown = |whose: &Whose| {
        let whose = *whose;
        let number = move |place: usize| {
            let number = session.content(&format!("known_{}_code_{place}", whose.word()))?;
            Some((whose, number.to_owned()))
        };
        (1..=SHOWN_MAX).filter_map(number)
    };
    let apart: Vec<(Whose, String)> = all.iter().flat_map(shown).collect();
    if apart.is_empty() {
        return register;
    }
    Command::RegisterNew {
        register: Box::new(register),
        apart,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::Moment;
    use crate::role::Principal;

    /// Whoever is registered after a check is told apart from those it showed, and from nobody
    /// else; without a check nothing is said.
    #[test]
    fn a_registration_after_a_check_is_told_apart() {
        let now = Moment {
            at: jiff::Timestamp::UNIX_EPOCH,
            quality: sync_core::ClockQuality::Unknown,
        };
        let mut session = Session::new(&Principal::system(sync_core::Scope(8), "en"), now);
        let register = Command::ShowMyWork;
        assert_eq!(as_new(&session, register.clone()), register);
        for (name, value) in [
            ("known_person_count", "1"),
            ("known_person_1", "A.N., woman, 1994, Kibo"),
            ("known_person_code_1", "2389720294"),
            ("known_child_code_1", "5401728730"),
        ] {
            session.values.insert(name.to_owned(), value.to_owned());
        }
        let told = Command::RegisterNew {
            register: Box::new(register.clone()),
            apart: vec![(Whose::Person, "2389720294".to_owned())],
        };
        assert_eq!(as_new(&session, register), told);
    }

    #[test]
    fn a_year_is_read_from_every_birth_date() {
        assert_eq!(year("1994-05"), Some(1994));
        assert_eq!(year("soon"), None);
        assert_eq!(year("1994-05-17"), Some(1994));
        assert!(parameters(CommandKind::ShowTasks).is_none());
    }
}
