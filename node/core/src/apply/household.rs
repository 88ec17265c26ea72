//! Memberships of households, and edges between households, as they arrive.

use super::{Applied, Consequences};
use crate::fact::Fact;
use crate::household::{Joining, LEFT_MAX, Membership};
use crate::view::ViewChange;
use sync_core::hlc;

/// Applies a fact about households.
pub(super) fn applied(applied: &Applied<'_>, fact: &Fact) -> Consequences {
    let changes = match fact {
        Fact::HouseholdJoined(joining) => joined(applied, joining),
        Fact::HouseholdLeft { memberships } => vec![ViewChange::EndMemberships(
            memberships.iter().copied().take(LEFT_MAX).collect(),
        )],
        Fact::HouseholdsLinked { pair, .. } => vec![ViewChange::PutEdge {
            addition: applied.id,
            pair: *pair,
            removed: false,
        }],
        Fact::HouseholdsUnlinked {
            pair, additions, ..
        } => additions
            .iter()
            .map(|addition| ViewChange::PutEdge {
                addition: *addition,
                pair: *pair,
                removed: true,
            })
            .collect(),
        _ => Vec::new(),
    };
    Consequences {
        changes,
        ..Consequences::default()
    }
}

fn joined(applied: &Applied<'_>, joining: &Joining) -> Vec<ViewChange> {
    // Without a person there is no membership.
    let Some(person) = applied.about else {
        return Vec::new();
    };
    let row = Membership {
        id: applied.id,
        household: joining.household.unwrap_or(applied.id),
        person,
        role: joining.role,
        since: hlc::timestamp(applied.meta.hlc),
    };
    let leaves = joining.leaves.iter().copied().take(LEFT_MAX).collect();
    vec![
        ViewChange::PutMembership {
            programme: joining.programme.clone(),
            row,
        },
        ViewChange::EndMemberships(leaves),
    ]
}
