//! An alert that came: sent from here, and passed on by the hub to the other nodes of its area.

use super::{Applied, Consequences};
use crate::alert::Alert;
use crate::command::Write;
use crate::fact::Fact;
use crate::known;
use crate::schema;
use crate::site::Rules;
use crate::view::{Known, Lookup, ViewChange};

/// A step that came by another road before changes nothing.
pub(super) fn raised(
    applied: &Applied<'_>,
    alert: &Alert,
    known: &Known,
    rules: &Rules<'_>,
) -> Consequences {
    if known::flag(known, &Lookup::AlertKnown(alert.id, alert.step)) {
        return Consequences::default();
    }
    let own = rules.site.wrote(&applied.id);
    let fact = Fact::AlertRaised(alert.clone());
    let passed_on = (rules.site.is_hub && !own).then(|| Write::Fact {
        scope: applied.id.scope,
        schema: schema::of(&fact),
        about: None,
        fact,
    });
    Consequences {
        changes: vec![ViewChange::StartAlert {
            scope: applied.id.scope.area(),
            alert: alert.clone(),
            own,
        }],
        writes: passed_on.into_iter().collect(),
        ..Consequences::default()
    }
}
