//! A worker takes her own entry back: an event, or a registration that nothing else rests on yet.
//!
//! A registration goes together with the birth that it told: the event about the mother that follows
//! it in its chain at the same moment (the dialogue records both in one step). Its people stay as entries, and are found by nobody.

use sync_core::{EntryRef, Lane};

use super::pin::present;
use super::{event, outcome, registration, reject};
use crate::command::{Decision, Rejection, Write};
use crate::event::{EventRow, parse_entry_text};
use crate::fact::Fact;
use crate::known;
use crate::role::{Principal, Role};
use crate::schema;
use crate::site::Rules;
use crate::status::Status;
use crate::view::{Known, Lookup, RegistrationRow};

/// An entry that is taken back, and whom it is about.
type Taken = (EntryRef, Option<EntryRef>);

pub(super) fn needs(principal: &Principal, entry: &str, known: &Known) -> Vec<Lookup> {
    let mut wanted = Vec::new();
    if principal.role == Role::Officer && parse_entry_text(entry).is_none() {
        wanted.push(known::by_number(entry));
        let child = present(principal, entry, known);
        wanted.extend(child.map(|row| Lookup::RegistrationsByPerson(row.document)));
    }
    let Some(id) = named(principal, entry, known) else {
        return wanted;
    };
    wanted.extend([Lookup::Event(id), Lookup::Registration(id)]);
    if let Some(row) = known::registration(known, id) {
        let (mother, child) = (row.registration.mother, row.registration.child);
        wanted.extend([
            Lookup::EventsBySubject(mother),
            Lookup::EventsBySubject(child),
            Lookup::RegistrationsByPerson(mother),
            Lookup::RegistrationsByPerson(child),
        ]);
    }
    wanted
}

pub(super) fn decide(
    principal: &Principal,
    entry: &str,
    known: &Known,
    rules: &Rules<'_>,
) -> Result<Decision, Rejection> {
    let gone = || reject("reject-no-entry");
    let id = named(principal, entry, known).ok_or_else(gone)?;
    let facts = match (known::registration(known, id), known::event(known, id)) {
        (Some(row), _) if may(principal, row.author) => of_registration(principal, row, known)?,
        (_, Some(row)) if row.live && may(principal, row.author) => vec![(id, row.subject)],
        _ => return Err(gone()),
    };
    let scope = principal.scope.with_lane(Lane::Registration);
    let writes = facts.into_iter().map(|(entry, about)| {
        let fact = Fact::EntryWithdrawn { entry };
        Write::Fact {
            scope,
            schema: schema::of(&fact),
            about,
            fact,
        }
    });
    Ok(Decision {
        writes: writes.collect(),
        outcome: outcome([("status", event::held(rules).word().to_owned())]),
        ..Decision::default()
    })
}

/// The entry that is meant: by its name from a list, or by the registration number of the child,
/// which is what an officer has.
fn named(principal: &Principal, entry: &str, known: &Known) -> Option<EntryRef> {
    if let Some(id) = parse_entry_text(entry) {
        return Some(id);
    }
    let of_officer = principal.role == Role::Officer;
    let child = present(principal, entry, known)
        .filter(|_| of_officer)?
        .document;
    let rows = known::registrations(known, &Lookup::RegistrationsByPerson(child)).iter();
    let mut counting =
        rows.filter(|row| row.registration.child == child && row.status != Status::Withdrawn);
    counting.next().map(|row| row.id)
}

/// Her own, or an officer for the area.
fn may(principal: &Principal, author: (sync_core::Scope, u32)) -> bool {
    let own = author == (principal.scope.area(), principal.author) && principal.author != 0;
    own || (principal.role == Role::Officer && author.0 == principal.scope.area())
}

/// The registration and the birth that it told, each with the person that it is about.
fn of_registration(
    principal: &Principal,
    row: &RegistrationRow,
    known: &Known,
) -> Result<Vec<Taken>, Rejection> {
    match row.status {
        Status::Held | Status::Carried | Status::Rejected => {}
        // The hub has the record removed; whether it should is for the office to say.
        Status::Accepted | Status::Effective if principal.role == Role::Officer => {}
        Status::Withdrawn => return Err(reject("reject-no-entry")),
        Status::Accepted | Status::Effective | Status::Conflict => {
            return Err(reject("reject-entry-left"));
        }
    }
    let (mother, child) = (row.registration.mother, row.registration.child);
    let told = birth_told(row, known::events(known, &Lookup::EventsBySubject(mother)));
    let rests = |person| {
        let events = known::events(known, &Lookup::EventsBySubject(person)).iter();
        let mut others = events.filter(|event| event.live && Some(event.id) != told);
        let captured = known::registrations(known, &Lookup::RegistrationsByPerson(person)).iter();
        let mut registered =
            captured.filter(|other| other.id != row.id && other.status != Status::Withdrawn);
        (others.next().is_some(), registered.next().is_some())
    };
    // What a mother did before, or with another child, does not rest on this registration.
    let (entries, as_mother) = rests(child);
    let (of_mother, registered) = rests(mother);
    let came_with_it = registration::after(mother, 1) == child && !registered;
    if entries || as_mother || (came_with_it && of_mother) {
        return Err(reject("reject-entry-used"));
    }
    let birth = told.map(|birth| (birth, Some(mother)));
    Ok(birth.into_iter().chain([(row.id, Some(child))]).collect())
}

/// The event by which a registration told the birth, if it still counts.
pub(super) fn birth_told(row: &RegistrationRow, events: &[EventRow]) -> Option<EntryRef> {
    let follows = |event: &&EventRow| {
        let same_chain = EntryRef {
            seq: row.id.seq,
            ..event.id
        } == row.id;
        same_chain && event.id.seq > row.id.seq && event.at == row.captured_at
    };
    events
        .iter()
        .filter(|event| event.live && event.subject == Some(row.registration.mother))
        .filter(|event| event.author == row.author)
        .filter(follows)
        .map(|event| event.id)
        .min_by_key(|id| id.seq)
}
