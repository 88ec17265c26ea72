//! Slips that hold no more: remembered here, and repeated by the hub in every area.

use sync_core::Lane;

use super::{Applied, Consequences};
use crate::command::Write;
use crate::fact::Fact;
use crate::known;
use crate::schema;
use crate::site::Rules;
use crate::slip::SlipId;
use crate::view::{Known, Lookup, ViewChange};

pub(super) fn revoked_wanted(slips: &[SlipId]) -> Vec<Lookup> {
    slips
        .iter()
        .map(|slip| Lookup::SlipRevoked(*slip))
        .collect()
}

/// A node tells its hub only; the hub tells all, once, since slips are checked everywhere.
pub(super) fn revoked(
    applied: &Applied<'_>,
    slips: &[SlipId],
    known: &Known,
    rules: &Rules<'_>,
) -> Consequences {
    let is_new = |slip: &&SlipId| !known::flag(known, &Lookup::SlipRevoked(**slip));
    let new: Vec<SlipId> = slips.iter().filter(is_new).copied().collect();
    let from_node = rules.site.is_hub && !rules.site.wrote(&applied.id);
    let areas = rules
        .site
        .areas
        .iter()
        .filter(|_| from_node && !new.is_empty());
    let fact = Fact::SlipsRevoked { slips: new.clone() };
    Consequences {
        writes: areas
            .map(|area| Write::Fact {
                scope: area.with_lane(Lane::Control),
                schema: schema::of(&fact),
                about: None,
                fact: fact.clone(),
            })
            .collect(),
        changes: vec![ViewChange::RevokeSlips(new)],
        ..Consequences::default()
    }
}
