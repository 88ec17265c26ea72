//! What a page of the office asks the store, and the command that must be taken before it is
//! answered: whoever may not give that command sees nothing.

use jiff::Timestamp;
use node_console::office::Look;
use node_core::command::Command;
use node_core::office::log::{LogOrder, LogQuestion};
use node_core::office::shown;
use node_core::query::{Answer, Query};
use node_core::read::Class;
use node_core::role::Principal;

/// Pairs on one page, those that wait longest; the rest comes when these are settled.
const PAIRS_SHOWN_MAX: u32 = 100;
/// Reads on one page of the log, newest first; older ones are on the next.
const LOG_LINES_MAX: u32 = 50;
/// Reads in one file of the log, newest first; older ones are left out, by day they are reached.
const EXPORT_LINES_MAX: u32 = 2_000;
/// Proposed broadcasts on one page, newest first; older ones are left out.
const PROPOSALS_SHOWN_MAX: u32 = 20;
/// Erasures that wait on one page; the rest comes when these are settled.
const ERASURES_SHOWN_MAX: u32 = 100;
/// Complaints on one page, newest first; older ones come when these are answered.
const COMPLAINTS_SHOWN_MAX: u32 = 50;

/// The question behind a page; `None` where it shows nothing but the session.
pub(super) fn query(look: &Look, principal: &Principal, at: Timestamp) -> Option<Query> {
    Some(match look {
        Look::Desk => return None,
        Look::Pairs => Query::OfficerPairs {
            at,
            limit: PAIRS_SHOWN_MAX,
        },
        Look::Pair(number) => Query::Pair { number: *number },
        Look::Person(document) => Query::PersonPage {
            document: *document,
        },
        Look::Log(filter, before) => Query::Log(LogQuestion {
            area: principal.scope,
            filter: filter.clone(),
            before: *before,
            limit: LOG_LINES_MAX,
            at,
        }),
        Look::Broadcasts => Query::Proposals {
            limit: PROPOSALS_SHOWN_MAX,
        },
        Look::Erasures => Query::ErasureDesk {
            area: principal.scope,
            limit: ERASURES_SHOWN_MAX,
        },
        Look::Complaints => Query::Complaints {
            area: principal.scope,
            limit: COMPLAINTS_SHOWN_MAX,
        },
    })
}

/// The note that must be taken before an answer is shown.
pub(super) fn note(look: &Look, answer: &Answer) -> Command {
    let persons = shown(answer);
    let (class, reason) = match look {
        Look::Log(..) | Look::Complaints => return Command::ReadLog(LogOrder::Show { persons }),
        Look::Broadcasts => return Command::ShowProposals,
        Look::Erasures => return Command::ShowErasures { persons },
        Look::Desk | Look::Pairs => (Class::Review, "pairs"),
        Look::Pair(_) => (Class::Review, "pair"),
        Look::Person(_) => (Class::Console, "person"),
    };
    Command::NoteReads {
        persons,
        class,
        reason: reason.to_owned(),
    }
}

/// The question behind a file, and what must be noted before it leaves; `None` for a page that is
/// not given as a file.
pub(super) fn file_query(look: &Look, principal: &Principal, at: Timestamp) -> Option<Query> {
    match query(look, principal, at) {
        Some(Query::Log(question)) => Some(Query::Log(LogQuestion {
            before: None,
            limit: EXPORT_LINES_MAX,
            ..question
        })),
        _ => None,
    }
}

/// The export that must be noted before a file leaves.
pub(super) fn export(answer: &Answer, reason: String) -> Command {
    let persons = shown(answer);
    Command::ReadLog(LogOrder::Export { persons, reason })
}
