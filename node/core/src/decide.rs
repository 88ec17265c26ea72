//! From a command to what must be written: one file a family of commands.
//!
//! `needs` is called until it names nothing new (at most [`ROUNDS_MAX`] times); then `decide`
//! answers from what is known. It writes nothing itself and says no with a [`Rejection`].

mod account;
mod alert;
pub(crate) mod binding;
mod broadcast;
mod child;
mod close;
mod consent;
mod digest;
mod due;
mod entitlement;
mod erase;
mod event;
mod find;
pub(crate) mod hold;
mod household;
pub(crate) mod hub;
mod log;
mod matching;
mod number;
mod open;
mod own;
mod phone;
mod pin;
mod prove;
mod read;
mod reference;
mod registration;
mod reminder;
mod review;
mod show;
mod slip;
mod staff;
mod staff_pin;
mod subject;
mod who;
mod withdraw;
mod work;

use std::collections::BTreeMap;

use crate::command::{Command, Decision, Outcome, Rejection};
use crate::contact::Moment;
use crate::role::Principal;
use crate::site::Rules;
use crate::view::{Known, Lookup};

pub use registration::PERSONS_PER_PHONE_MAX;
pub(crate) use registration::after;
pub use reminder::plan_name;
pub(crate) use reminder::{bound, silent};
pub(crate) use review::which as which_review;
pub use slip::revocation;
pub(crate) use subject::short_name;

/// Most rounds of lookups before a decision; every family needs fewer.
pub const ROUNDS_MAX: usize = 4;

/// What must be looked up before this command can be decided; empty when nothing is missing.
pub fn needs(
    principal: &Principal,
    command: &Command,
    known: &Known,
    rules: &Rules<'_>,
    now: Moment,
) -> Vec<Lookup> {
    if let Some(first) = staff_pin::guard_needs(principal, command, known, (rules, now)) {
        return first;
    }
    match command {
        Command::RegisterPair { mother, .. } => registration::needs(principal, mother, known),
        Command::ShowMyStatus => own::status_needs(principal, known),
        Command::ShowMyWork => own::work_needs(principal, known),
        Command::AnswerReview { review, .. } => review::needs(principal, *review, known),
        Command::StopMessages { .. }
        | Command::ChooseLanguage { .. }
        | Command::ChooseVillage { .. } => phone::needs(principal, known),
        Command::SendDigests => digest::needs(known),
        Command::GrantRole(grant) => staff::grant_needs(grant, known),
        Command::LeaseNumbers { .. } => hub::lease_needs(known),
        Command::WriteRecord { fact } => hub::record_needs(fact, known),
        Command::RevokeRole(end) => staff::revoke_needs(end, known),
        Command::RecordEvent { .. } => {
            let mut wanted = event::needs(principal, command, known);
            wanted.extend(entitlement::needs(principal, command, known, rules));
            wanted
        }
        Command::RegisterPerson { .. }
        | Command::UpdatePerson { .. }
        | Command::ShowCase { .. }
        | Command::ShowEvents { .. } => event::needs(principal, command, known),
        Command::ShowTasks
        | Command::OpenTask { .. }
        | Command::ShowMyEntries
        | Command::WithdrawEntry { .. }
        | Command::HandOver { .. } => work::needs(principal, command, known, rules, now),
        Command::SendReminders | Command::SendTaskDigests => {
            reminder::needs(command, known, rules, now)
        }
        Command::SetPin { .. }
        | Command::CheckPin { .. }
        | Command::ChangePin { .. }
        | Command::ResetPin { .. } => pin::needs(principal, command, known),
        Command::AskPin { hint, .. } => prove::needs(principal, hint.as_deref(), known),
        Command::ShowMyReads => read::mine_needs(principal, known),
        Command::GiveConsent(_) | Command::WithdrawConsent { .. } | Command::ShowConsents => {
            consent::needs(principal, known)
        }
        Command::AskErasure { number } => erase::ask_needs(principal, number.as_deref(), known),
        Command::ApproveErasure { number, .. } => erase::approve_needs(principal, number, known),
        other => office_needs(principal, other, known, (rules, now)),
    }
}

/// What must be looked up for proof, reference data, broadcasts, alerts, and about people.
fn office_needs(
    principal: &Principal,
    command: &Command,
    known: &Known,
    (rules, now): (&Rules<'_>, Moment),
) -> Vec<Lookup> {
    match command {
        Command::NoteSlip { .. }
        | Command::AskNumbers { .. }
        | Command::NoteReads { .. }
        | Command::ShowErasures { .. }
        | Command::CloseNode(_)
        | Command::ShowProposals => Vec::new(),
        Command::GiveSlipCode { number, .. } => slip::code_needs(number, known),
        Command::RevokeSlips { number } => slip::revoke_needs(number, known),
        Command::PublishReference { scope, list } => reference::needs(*scope, list, known),
        Command::ShowList { list, .. } => reference::list_needs(principal, list, known),
        Command::DecideBroadcast { broadcast, .. } => {
            broadcast::needs(principal, *broadcast, known)
        }
        Command::RaiseAlert(order) => alert::needs(order, known),
        Command::AssignNumbers => number::assign_needs(principal, known),
        Command::RegisterChild { mother, .. } => child::needs(principal, mother, known),
        Command::OpenPerson { .. } | Command::OpenEvent { .. } | Command::TakePerson { .. } => {
            open::needs(principal, command, known)
        }
        Command::ShowDue(order) => due::needs(principal, order, known),
        Command::ReadLog(order) => log::needs(principal, order, known),
        other => people_needs(principal, other, known, (rules, now)),
    }
}

/// The same, of commands that look for people, say who is one, or say whose a number is.
fn people_needs(
    principal: &Principal,
    command: &Command,
    known: &Known,
    (rules, now): (&Rules<'_>, Moment),
) -> Vec<Lookup> {
    match command {
        Command::FindPerson(question) => find::needs(principal, question, known),
        Command::CheckKnown { person, mother, .. } => {
            find::check_needs(principal, (person, mother.as_ref()), known)
        }
        Command::AnswerMatch { number, .. } | Command::DecideMatch { number, .. } => {
            matching::needs(*number, known)
        }
        Command::PartPersons { pair, .. } => matching::part_needs(*pair, known),
        Command::RegisterNew { register, apart } => {
            let mut wanted = needs(principal, register, known, rules, now);
            wanted.extend(find::apart_needs(principal, apart, known));
            wanted
        }
        Command::JoinHousehold { .. }
        | Command::LeaveHousehold { .. }
        | Command::ShowHousehold { .. }
        | Command::LinkHouseholds { .. } => household::needs(principal, command, known),
        Command::OpenAccount { .. } | Command::SignIn { .. } => {
            account::needs(principal, command, known, now)
        }
        Command::BindNumber
        | Command::DenyNumber
        | Command::TakeNumberAlone
        | Command::NoteTraffic => phone::needs(principal, known),
        Command::OpenStaff { .. }
        | Command::ProveStaffCode { .. }
        | Command::ChooseStaffPin { .. }
        | Command::GiveStaffCode(_) => staff_pin::needs(principal, command, known, now),
        other => hold::needs(principal, other, known),
    }
}

/// Decides a command.
///
/// # Errors
/// A [`Rejection`] when the principal may not, or the input is wrong: nothing is written.
pub fn decide(
    principal: &Principal,
    command: &Command,
    known: &Known,
    rules: &Rules<'_>,
    now: Moment,
) -> Result<Decision, Rejection> {
    staff_pin::guard(principal, command, known, (rules, now))?;
    match command {
        Command::RegisterPair {
            programme,
            programme_version,
            mother,
            child,
            consent,
        } => {
            let pair = registration::Pair {
                programme,
                programme_version: *programme_version,
                mother,
                child,
                consent,
            };
            registration::register(principal, &pair, known, rules, now)
        }
        Command::ShowMyStatus => own::show_status(principal, known, rules),
        Command::ShowMyWork => own::show_work(principal, known),
        Command::AnswerReview { review, same } => review::answer(principal, *review, *same, known),
        Command::StopMessages { stopped } => phone::stop(principal, *stopped, known, rules),
        Command::ChooseLanguage { language } => {
            phone::choose_language(principal, language, known, rules)
        }
        Command::ChooseVillage { code } => phone::choose_village(principal, code, known, rules),
        Command::SendDigests => digest::send(principal, known, rules),
        Command::GrantRole(grant) => staff::grant(principal, grant, known, rules, now),
        Command::LeaseNumbers {
            scope,
            node,
            epoch,
            count,
        } => {
            let lease = hub::Lease {
                scope: *scope,
                node: *node,
                epoch: *epoch,
                count: *count,
            };
            hub::lease(principal, lease, known, rules)
        }
        Command::WriteRecord { fact } => hub::write_record(principal, fact, known),
        Command::RevokeRole(end) => staff::revoke(principal, end, known, rules),
        Command::RecordEvent { .. }
        | Command::RegisterPerson { .. }
        | Command::UpdatePerson { .. }
        | Command::ShowCase { .. }
        | Command::ShowEvents { .. } => event::decide(principal, command, known, rules, now),
        Command::ShowTasks
        | Command::OpenTask { .. }
        | Command::ShowMyEntries
        | Command::WithdrawEntry { .. }
        | Command::HandOver { .. } => work::decide(principal, command, known, rules, now),
        Command::SendReminders => reminder::remind(principal, known, rules, now),
        Command::SendTaskDigests => reminder::digests(principal, known, rules, now),
        Command::SetPin { .. }
        | Command::CheckPin { .. }
        | Command::ChangePin { .. }
        | Command::ResetPin { .. } => pin::decide(principal, command, known, rules, now),
        Command::GiveConsent(_) | Command::WithdrawConsent { .. } | Command::ShowConsents => {
            consent::decide(principal, command, known, rules)
        }
        Command::AskErasure { number } => erase::ask(principal, number.as_deref(), known),
        Command::ApproveErasure { number, reason } => {
            erase::approve(principal, (number, reason), known, rules)
        }
        _ => office(principal, command, known, (rules, now)),
    }
}

/// Proof, reference data, broadcasts, alerts, what a worker opens, and what comes before
/// personal screens.
fn office(
    principal: &Principal,
    command: &Command,
    known: &Known,
    (rules, now): (&Rules<'_>, Moment),
) -> Result<Decision, Rejection> {
    match command {
        Command::NoteSlip { person, slip } => slip::note(principal, *person, *slip),
        Command::GiveSlipCode { number, nonce } => {
            slip::give_code(principal, (number, *nonce), known, rules, now)
        }
        Command::RevokeSlips { number } => slip::revoke(principal, number, known, rules),
        Command::PublishReference { scope, list } => {
            reference::publish(principal, *scope, list, known, rules)
        }
        Command::ShowList { list, parent } => Ok(reference::show(principal, list, parent, known)),
        Command::DecideBroadcast {
            broadcast,
            approve,
            reason,
        } => broadcast::settle(principal, (*broadcast, *approve), reason, known, now),
        Command::ShowProposals => broadcast::show(principal),
        Command::CloseNode(closing) => close::close(principal, closing, rules),
        Command::ShowErasures { persons } => erase::show(principal, persons, rules),
        Command::RaiseAlert(order) => alert::raise(principal, order, known, (rules, now)),
        Command::AskNumbers { left } => number::ask(principal, *left),
        Command::AssignNumbers => number::assign(principal, known, rules),
        Command::RegisterChild { .. } => child::register(principal, command, known, (rules, now)),
        Command::OpenPerson { .. } | Command::OpenEvent { .. } | Command::TakePerson { .. } => {
            open::decide(principal, command, known, (rules, now))
        }
        Command::ShowDue(order) => due::show(principal, order, known, (rules, now)),
        Command::ShowMyReads => read::mine(principal, known, rules),
        Command::ReadLog(order) => log::decide(principal, order, known, rules),
        Command::NoteReads {
            persons,
            class,
            reason,
        } => read::tell(principal, persons, (*class, reason), rules),
        Command::AskPin { hint, only_shared } => {
            prove::ask(principal, (hint.as_deref(), *only_shared), known, now)
        }
        Command::RegisterNew { register, apart } => {
            let decision = decide(principal, register, known, rules, now)?;
            find::told_apart(principal, decision, apart, known)
        }
        Command::NoteRecords {
            client,
            operation,
            records,
        } => read::tell_records(principal, records, (client, operation), rules),
        Command::OpenAccount { .. } | Command::SignIn { .. } => {
            account::decide(principal, command, known, (rules, now))
        }
        Command::BindNumber
        | Command::DenyNumber
        | Command::TakeNumberAlone
        | Command::NoteTraffic => binding::decide(principal, command, known, (rules, now)),
        other => decide_about_people(principal, other, known, (rules, now)),
    }
}

/// Commands that look for people, say who is one, and who lives with whom.
fn decide_about_people(
    principal: &Principal,
    command: &Command,
    known: &Known,
    (rules, now): (&Rules<'_>, Moment),
) -> Result<Decision, Rejection> {
    match command {
        Command::FindPerson(question) => find::find(principal, question, known, rules),
        Command::CheckKnown {
            whose,
            person,
            mother,
        } => find::check(principal, *whose, (person, mother.as_ref()), known, rules),
        Command::AnswerMatch { number, word } => matching::answer(principal, *number, *word, known),
        Command::DecideMatch {
            number,
            same,
            reason,
        } => {
            let what = (*number, *same);
            matching::decide(principal, what, reason, known, rules.site.is_hub)
        }
        Command::PartPersons { pair, reason } => {
            matching::part(principal, *pair, reason, known, rules.site.is_hub)
        }
        Command::JoinHousehold { .. }
        | Command::LeaveHousehold { .. }
        | Command::ShowHousehold { .. }
        | Command::LinkHouseholds { .. } => household::decide(principal, command, known, rules),
        Command::OpenStaff { .. }
        | Command::ProveStaffCode { .. }
        | Command::ChooseStaffPin { .. }
        | Command::GiveStaffCode(_) => staff_pin::decide(principal, command, known, (rules, now)),
        other => hold::decide(principal, other, known, (rules, now)),
    }
}

/// A rejection without parameters.
fn reject(text: &str) -> Rejection {
    Rejection {
        text: text.to_owned(),
        arguments: BTreeMap::new(),
    }
}

/// A rejection with one parameter.
fn reject_with(text: &str, name: &str, value: String) -> Rejection {
    Rejection {
        text: text.to_owned(),
        arguments: BTreeMap::from([(name.to_owned(), value)]),
    }
}

/// An outcome from pairs.
fn outcome<const N: usize>(pairs: [(&str, String); N]) -> Outcome {
    Outcome {
        values: crate::message::arguments(pairs),
    }
}

#[cfg(test)]
mod tests;
