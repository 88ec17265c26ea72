//! What an auditor does with the read log: find a person's, see a part, take a part away as a file.
//!
//! The right is to read the log and nothing else (IDENTITY §8): this command is no way to a record.
//! Who looks at the log of a person leaves a note in it; a file is an export with its reason, which
//! the auditors are told of whether it is about somebody or only counts.

use sync_core::{EntryRef, Scope};

use super::pin::present;
use super::{matching, outcome, read, reject};
use crate::command::{Decision, Rejection};
use crate::event::entry_text;
use crate::known;
use crate::office::log::LogOrder;
use crate::read::Class;
use crate::role::Principal;
use crate::role::right::{Right, may};
use crate::site::Rules;
use crate::view::{Found, Known, Lookup};

/// What the note of a look at a person's log says.
const LOOKED: &str = "read log";

pub(super) fn needs(principal: &Principal, order: &LogOrder, known: &Known) -> Vec<Lookup> {
    let (scope, index): (Scope, u32) = (principal.scope.area(), principal.author);
    let mut wanted = vec![Lookup::StaffEnded(scope, index)];
    if let LogOrder::Find { number } = order {
        wanted.push(known::by_number(number));
    }
    known::missing(known, wanted)
}

pub(super) fn decide(
    principal: &Principal,
    order: &LogOrder,
    known: &Known,
    rules: &Rules<'_>,
) -> Result<Decision, Rejection> {
    let own = Lookup::StaffEnded(principal.scope.area(), principal.author);
    let holds = known.get(&own) == Some(&Found::Flag(false));
    if !may(principal.role, Right::ReadLog) || principal.author == 0 || !holds {
        return Err(reject("reject-not-allowed"));
    }
    match order {
        LogOrder::Find { number } => {
            let person = present(principal, number, known);
            let person = person.ok_or_else(|| reject("reject-unknown-number"))?;
            Ok(Decision {
                outcome: outcome([("person", entry_text(&person.document))]),
                ..Decision::default()
            })
        }
        LogOrder::Show { persons } => {
            Ok(noted(principal, persons, (Class::Console, LOOKED), rules))
        }
        LogOrder::Export { persons, reason } => {
            matching::check_reason(reason)?;
            let reason = reason.trim();
            if persons.is_empty() {
                return Ok(Decision {
                    writes: vec![read::note_of_nobody(
                        principal,
                        Class::Export,
                        reason,
                        rules,
                    )],
                    ..told(0)
                });
            }
            Ok(noted(principal, persons, (Class::Export, reason), rules))
        }
    }
}

fn told(count: usize) -> Decision {
    Decision {
        outcome: outcome([("count", count.to_string())]),
        ..Decision::default()
    }
}

fn noted(
    principal: &Principal,
    persons: &[EntryRef],
    (class, reason): (Class, &str),
    rules: &Rules<'_>,
) -> Decision {
    let all = persons.iter().copied();
    Decision {
        writes: read::note(principal, all, class, reason, rules),
        ..told(persons.len())
    }
}
