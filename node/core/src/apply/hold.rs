//! A change was asked for, or moved on: its row, whatever arrives first.

use super::{Applied, Consequences};
use crate::decide::hold::rows;
use crate::fact::Fact;
use crate::hold::HeldRow;
use crate::view::{Known, Lookup, ViewChange};

pub(super) fn wanted(applied: &Applied<'_>) -> Vec<Lookup> {
    applied.about.map(Lookup::HeldOf).into_iter().collect()
}

pub(super) fn applied(applied: &Applied<'_>, fact: &Fact, known: &Known) -> Consequences {
    let Some(person) = applied.about else {
        return Consequences::default();
    };
    let id = match fact {
        Fact::ChangeMoved { change, .. } => *change,
        _ => applied.id,
    };
    let mut all = rows(known, &Lookup::HeldOf(person)).iter();
    let before = all.find(|row| row.id == id).cloned();
    let mut row = before.clone().unwrap_or_else(|| HeldRow::new(id, person));
    match fact {
        Fact::ChangeAsked(change) => {
            row.by = (applied.id.scope.area(), applied.meta.author);
            row.asked = Some(change.clone());
            if let Some(at) = change.at {
                row.begin(at);
            }
        }
        Fact::ChangeMoved { step, .. } => row.take(*step),
        _ => {}
    }
    let put = (before.as_ref() != Some(&row)).then_some(ViewChange::PutHeld(row));
    Consequences {
        changes: put.into_iter().collect(),
        ..Consequences::default()
    }
}
