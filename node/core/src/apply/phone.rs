//! A number answered, was heard, is not a person's any more, or wants no more texts.

use sync_core::EntryRef;

use super::{Applied, Consequences};
use crate::binding;
use crate::consent;
use crate::fact::Fact;
use crate::known;
use crate::person::Field;
use crate::view::{Known, Lookup, PhoneRow, ViewChange};

/// What a fact about a number and a person needs: a person whose record names another number by
/// now has nothing at this one.
pub(super) fn wanted(applied: &Applied<'_>, phone: &str) -> Vec<Lookup> {
    let person = applied.about.map(Lookup::Person);
    [Lookup::Phone(phone.to_owned())]
        .into_iter()
        .chain(person)
        .collect()
}

/// A number answered, was heard, or is not hers any more.
pub(super) fn changed(applied: &Applied<'_>, fact: &Fact, known: &Known) -> Consequences {
    let (Fact::NumberBound { phone, .. }
    | Fact::NumberSeen { phone, .. }
    | Fact::NumberUnbound { phone, .. }) = fact
    else {
        return Consequences::default();
    };
    let Some(document) = applied.about else {
        return Consequences::default();
    };
    let person = known::person(known, document);
    let names_another = person.is_some_and(|row| row.fields.get(Field::Phone) != Some(phone));
    if names_another {
        return Consequences::default();
    }
    let before = known::phone(known, phone);
    let mut row = before.clone();
    match fact {
        Fact::NumberSeen { day, .. } => binding::hear(&mut row, document, *day),
        Fact::NumberUnbound { additions, .. } => binding::unbind(&mut row, document, additions),
        Fact::NumberBound { day, .. } => binding::bind(&mut row, document, applied.id, *day),
        _ => {}
    }
    put(phone, &before, row)
}

pub(super) fn stopped(
    applied: &Applied<'_>,
    phone: &str,
    (stopped, after): (bool, &[EntryRef]),
    known: &Known,
) -> Consequences {
    let before = known::phone(known, phone);
    let mut row = before.clone();
    if stopped {
        consent::note_stop(&mut row, applied.id);
    } else {
        consent::note_start(&mut row, after);
    }
    let stops_now = row.stopped && !before.stopped;
    let mut consequences = put(phone, &before, row);
    if stops_now {
        consequences.changes.push(ViewChange::CancelMessages {
            to: phone.to_owned(),
        });
    }
    consequences
}

fn put(phone: &str, before: &PhoneRow, row: PhoneRow) -> Consequences {
    let change = (row != *before).then(|| ViewChange::PutPhone {
        phone: phone.to_owned(),
        row,
    });
    Consequences {
        changes: change.into_iter().collect(),
        ..Consequences::default()
    }
}
