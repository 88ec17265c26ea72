//! A number answered, or wants no more texts.

use sync_core::EntryRef;

use super::{Applied, Consequences};
use crate::consent;
use crate::known;
use crate::view::{Known, PhoneRow, ViewChange};

pub(super) fn bound(applied: &Applied<'_>, phone: &str, known: &Known) -> Consequences {
    let Some(document) = applied.about else {
        return Consequences::default();
    };
    let before = known::phone(known, phone);
    let mut row = before.clone();
    match row
        .persons
        .iter_mut()
        .find(|(person, _)| *person == document)
    {
        Some((_, bound)) => *bound = true,
        None => row.persons.push((document, true)),
    }
    row.persons.sort_unstable();
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
