//! Who may tell an area of a danger, and what belongs to which alert.

use jiff::SignedDuration;
use sync_core::Lane;

use super::reject;
use crate::alert::{ALERT_CHARS_MAX, ALERT_HOURS_MAX, Alert, AlertId, AlertKind, AlertOrder};
use crate::command::{Decision, Rejection, Write};
use crate::contact::Moment;
use crate::fact::Fact;
use crate::known;
use crate::role::{Principal, Role};
use crate::schema;
use crate::site::Rules;
use crate::view::{Found, Known, Lookup};

pub(super) fn needs(order: &AlertOrder, known: &Known) -> Vec<Lookup> {
    known::missing(known, [Lookup::LiveAlert(order.scope.area())])
}

/// An officer in the own area; whoever runs the machine, and a hub's administrator, in any.
pub(super) fn raise(
    principal: &Principal,
    order: &AlertOrder,
    known: &Known,
    (rules, now): (&Rules<'_>, Moment),
) -> Result<Decision, Rejection> {
    let scope = order.scope.area();
    let may = match principal.role {
        Role::Officer => principal.scope.area() == scope,
        Role::Administrator | Role::System => true,
        _ => false,
    };
    if !may || !rules.site.serves(scope) {
        return Err(reject("reject-not-allowed"));
    }
    let text = order.text.trim();
    let sound = (1..=ALERT_CHARS_MAX).contains(&text.chars().count())
        && (1..=ALERT_HOURS_MAX).contains(&order.hours);
    if !sound {
        return Err(reject("reject-alert"));
    }
    let live = match known.get(&Lookup::LiveAlert(scope)) {
        Some(Found::Alert(live)) => *live,
        _ => None,
    };
    let (id, level, step) = match (order.kind, live) {
        (AlertKind::Raised, _) => (AlertId(order.fresh), order.level, 0),
        (_, Some((id, level, last))) => (id, level, last.saturating_add(1)),
        (_, None) => return Err(reject("reject-no-alert")),
    };
    let hours = SignedDuration::from_hours(i64::from(order.hours));
    let fact = Fact::AlertRaised(Alert {
        id,
        step,
        kind: order.kind,
        level,
        text: text.to_owned(),
        expires_at: now.at.checked_add(hours).unwrap_or(now.at),
        only: order.only_here.then_some(rules.site.node),
    });
    Ok(Decision {
        writes: vec![Write::Fact {
            scope: scope.with_lane(Lane::Control),
            schema: schema::of(&fact),
            about: None,
            fact,
        }],
        ..Decision::default()
    })
}
