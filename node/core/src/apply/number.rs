//! What a hub does when a node says that few registration numbers are left: it leases the next.

use sync_core::{Epoch, NodeId};

use super::{Applied, Consequences};
use crate::decide::hub::control;
use crate::fact::Fact;
use crate::known;
use crate::number::{self, list::HELD_MAX, list::REFILL};
use crate::site::Rules;
use crate::view::{Known, Lookup, ViewChange};

fn held(applied: &Applied<'_>) -> Lookup {
    let (node, epoch): (NodeId, Epoch) = (applied.id.origin, applied.id.epoch);
    Lookup::NumbersHeld(node, epoch)
}

pub(super) fn wanted(applied: &Applied<'_>, rules: &Rules<'_>) -> Vec<Lookup> {
    if rules.site.is_hub && rules.site.number_key.is_some() {
        vec![Lookup::LeaseCursor, held(applied)]
    } else {
        Vec::new()
    }
}

/// Leases the next list to the origin's life. What it holds already, as far as its registrations
/// have come here, counts: an origin that asks without registering gets no more.
pub(super) fn asked(applied: &Applied<'_>, known: &Known, rules: &Rules<'_>) -> Consequences {
    let key = rules.site.number_key.as_ref().filter(|_| rules.site.is_hub);
    let holds = known::count(known, &held(applied)).unwrap_or(u64::MAX);
    let cursor = known::count(known, &Lookup::LeaseCursor);
    let (Some(key), Some(cursor), true) = (key, cursor, holds < HELD_MAX) else {
        return Consequences::default();
    };
    let (numbers, next) = number::lease(key, cursor, REFILL);
    if numbers.is_empty() {
        return Consequences::default();
    }
    let fact = Fact::NumbersLeased {
        node: applied.id.origin,
        epoch: applied.id.epoch,
        numbers,
    };
    Consequences {
        changes: vec![ViewChange::SetLeaseCursor(next)],
        writes: vec![control(applied.id.scope.area(), fact)],
        ..Consequences::default()
    }
}
