//! What follows from facts that guard people: a PIN was reset.

use super::{Applied, Consequences};
use crate::contact::Moment;
use crate::fact::Fact;
use crate::pin::{Holder, PinRow};
use crate::site::Rules;
use crate::view::{Known, Lookup, ViewChange};

pub(super) fn wanted(_applied: &Applied<'_>, _fact: &Fact, _known: &Known) -> Vec<Lookup> {
    Vec::new()
}

pub(super) fn applied(
    applied: &Applied<'_>,
    fact: &Fact,
    _known: &Known,
    (rules, _now): (&Rules<'_>, Moment),
) -> Consequences {
    let change = match fact {
        Fact::PinReset { .. } => reset(applied, rules),
        _ => None,
    };
    Consequences {
        changes: change.into_iter().collect(),
        ..Consequences::default()
    }
}

/// The old PIN holds nowhere any more. Where the person was seen, the decision did it already and
/// opened the way to a new one.
fn reset(applied: &Applied<'_>, rules: &Rules<'_>) -> Option<ViewChange> {
    let holder = Holder::Person(applied.about?);
    let row = PinRow::default();
    (!rules.site.wrote(&applied.id)).then_some(ViewChange::PutPin { holder, row })
}
