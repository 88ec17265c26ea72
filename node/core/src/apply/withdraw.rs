//! A worker takes back her own entry: an event that did not happen, or a registration that is none.
//!
//! A hub then sends nothing more of a registration to the registry, has the record removed that may
//! have come there in the meantime, and lets go those that waited because they repeat it.

use sync_core::EntryRef;

use super::{Applied, Consequences, about_registration, registration};
use crate::binding;
use crate::command::Write;
use crate::decide;
use crate::fact::Fact;
use crate::known;
use crate::person::Field;
use crate::site::Rules;
use crate::status::Status;
use crate::view::{Known, Lookup, RegistrationRow, ReviewRow, ViewChange};

pub(super) fn wanted(entry: EntryRef, known: &Known, rules: &Rules<'_>) -> Vec<Lookup> {
    let mut wanted = vec![Lookup::Registration(entry)];
    let Some(row) = known::registration(known, entry) else {
        return wanted;
    };
    let mother = row.registration.mother;
    wanted.extend([
        Lookup::Person(mother),
        Lookup::RegistrationsByPerson(mother),
    ]);
    wanted.extend(number(mother, known).map(|to| Lookup::Phone(to.to_owned())));
    if !rules.site.is_hub {
        return wanted;
    }
    let repeats = Lookup::ReviewsByOther(entry);
    for review in known::reviews(known, &repeats) {
        wanted.push(Lookup::Registration(review.registration));
        if let Some(row) = known::registration(known, review.registration) {
            wanted.push(Lookup::Person(row.registration.mother));
            wanted.push(Lookup::Person(row.registration.child));
            wanted.push(Lookup::Consents(row.registration.mother));
        }
    }
    wanted.push(repeats);
    wanted
}

/// The entry counts no more, and what is due for its people is computed anew.
pub(super) fn withdrawn(
    applied: &Applied<'_>,
    entry: EntryRef,
    known: &Known,
    rules: &Rules<'_>,
) -> Consequences {
    let row = known::registration(known, entry);
    let mother = row.map(|row| row.registration.mother);
    let mut changes = vec![ViewChange::VoidEntry(entry)];
    changes.extend(
        applied
            .about
            .into_iter()
            .chain(mother)
            .map(ViewChange::Replan),
    );
    changes.extend(row.and_then(|row| leaves(row, known)));
    let mut consequences = Consequences {
        changes,
        ..Consequences::default()
    };
    let fresh = row.filter(|row| rules.site.is_hub && row.status != Status::Withdrawn);
    if let Some(row) = fresh {
        release(row, known, rules, &mut consequences);
    }
    consequences
}

fn number(person: EntryRef, known: &Known) -> Option<&str> {
    known::person(known, person)?.fields.get(Field::Phone)
}

/// A mother who came with this registration alone leaves her number: registered anew, she would
/// share it with herself.
fn leaves(row: &RegistrationRow, known: &Known) -> Option<ViewChange> {
    let mother = row.registration.mother;
    if !came_with_withdrawn(mother, Some(row.id), known) {
        return None;
    }
    let to = number(mother, known)?;
    let mut phone = known::phone(known, to);
    binding::leave(&mut phone, mother);
    Some(ViewChange::PutPhone {
        phone: to.to_owned(),
        row: phone,
    })
}

/// Whether a mother was registered with a child, and that and all other registrations of hers were
/// taken back; `now` is one that is taken back by this entry. Asks [`Lookup::RegistrationsByPerson`].
pub(super) fn came_with_withdrawn(mother: EntryRef, now: Option<EntryRef>, known: &Known) -> bool {
    let rows = known::registrations(known, &Lookup::RegistrationsByPerson(mother));
    let gone = |row: &RegistrationRow| row.status == Status::Withdrawn || Some(row.id) == now;
    let came = |row: &RegistrationRow| decide::after(mother, 1) == row.registration.child;
    rows.iter().all(gone) && rows.iter().any(came)
}

/// What repeated this registration goes its own way: a question that is open is answered, and one
/// that was joined to it takes over the record, or is sent itself.
fn release(
    row: &RegistrationRow,
    known: &Known,
    rules: &Rules<'_>,
    consequences: &mut Consequences,
) {
    let mut taken_over = false;
    for review in known::reviews(known, &Lookup::ReviewsByOther(row.id)) {
        let Some(other) = known::registration(known, review.registration) else {
            continue;
        };
        let joined = review.decided && review.answer == Some(true);
        if joined && other.status != Status::Withdrawn {
            taken_over |= other.registry_id.is_some();
            let waits = other.registry_id.is_none() && other.rejection.is_none();
            let effect = registration::effect(other, known, rules).filter(|_| waits);
            consequences.changes.extend(effect);
        } else if !review.decided {
            consequences.writes.push(parted(review, other));
        }
    }
    if !taken_over {
        consequences.changes.push(ViewChange::RemoveRecord {
            registration: row.id,
        });
    }
}

fn parted(review: &ReviewRow, waiting: &RegistrationRow) -> Write {
    let fact = Fact::ReviewDecided {
        review: review.review,
        registration: review.registration,
        other: review.other,
        same: false,
    };
    about_registration(waiting, fact)
}
