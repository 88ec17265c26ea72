//! Roles of staff: given and taken back by a hub, as it signed them.

use channels_core::Msisdn;

use super::hub::{control, may_administer};
use super::{outcome, reject};
use crate::command::{Decision, Rejection};
use crate::contact::Moment;
use crate::fact::Fact;
use crate::known;
use crate::person::NAME_CHARS_MAX;
use crate::role::right::go_together;
use crate::role::{Principal, REASON_CHARS_MAX, Role, RoleEnd, RoleGrant};
use crate::site::Rules;
use crate::view::{Found, Known, Lookup};

pub(super) fn grant_needs(grant: &RoleGrant, known: &Known) -> Vec<Lookup> {
    let scope = grant.scope.area();
    known::missing(
        known,
        [
            Lookup::StaffCount(scope),
            Lookup::StaffByPhone(grant.phone.clone()),
        ],
    )
}

/// Gives a role to a number, as the store signed it. Equal and live already: nothing to write.
pub(super) fn grant(
    principal: &Principal,
    grant: &RoleGrant,
    known: &Known,
    rules: &Rules<'_>,
    now: Moment,
) -> Result<Decision, Rejection> {
    may_administer(principal, rules)?;
    let scope = grant.scope.area();
    let name_length = grant.name.chars().count();
    let phone = Msisdn::parse(&grant.phone)
        .map_err(|_wrong| reject("reject-incomplete"))?
        .to_e164();
    let sound = phone == grant.phone
        && grant.scope == scope
        && (1..=NAME_CHARS_MAX).contains(&name_length)
        && grant.is_live(now.at)
        && rules
            .texts
            .languages()
            .any(|language| language == grant.language)
        && !matches!(grant.role, Role::Citizen | Role::System);
    if !sound {
        return Err(reject("reject-incomplete"));
    }
    let held = known::staff(known, &Lookup::StaffByPhone(phone));
    let mut here = held.iter().filter(|held| held.scope == scope);
    let parted = |held: &RoleGrant| held.is_live(now.at) && !go_together(held.role, grant.role);
    if here.clone().any(parted) {
        return Err(reject("reject-maker-checker"));
    }
    let same = here.find(|held| held.role == grant.role && held.not_after >= grant.not_after);
    if let Some(held) = same {
        let told = outcome([("index", held.index.to_string())]);
        return Ok(Decision {
            outcome: told,
            ..Decision::default()
        });
    }
    let count = known::count(known, &Lookup::StaffCount(scope)).unwrap_or(0);
    let index = u32::try_from(count.saturating_add(1)).map_err(|_large| reject("failed"))?;
    // Index and hub are what the store filled in before it signed; its signature stays.
    let granted = RoleGrant {
        index,
        hub: rules.site.node,
        ..grant.clone()
    };
    Ok(Decision {
        writes: vec![control(scope, Fact::RoleGranted(granted))],
        outcome: outcome([("index", index.to_string())]),
        ..Decision::default()
    })
}

pub(super) fn revoke_needs(end: &RoleEnd, known: &Known) -> Vec<Lookup> {
    let scope = end.scope.area();
    known::missing(
        known,
        [
            Lookup::Staff(scope, end.index),
            Lookup::StaffEnded(scope, end.index),
        ],
    )
}

/// Takes a role back, as the store signed it. Ended already: nothing to write.
pub(super) fn revoke(
    principal: &Principal,
    end: &RoleEnd,
    known: &Known,
    rules: &Rules<'_>,
) -> Result<Decision, Rejection> {
    may_administer(principal, rules)?;
    let scope = end.scope.area();
    let reason = end.reason.chars().count();
    if end.scope != scope || !(1..=REASON_CHARS_MAX).contains(&reason) {
        return Err(reject("reject-incomplete"));
    }
    let told = outcome([("index", end.index.to_string())]);
    let ended = known.get(&Lookup::StaffEnded(scope, end.index)) == Some(&Found::Flag(true));
    if ended {
        return Ok(Decision {
            outcome: told,
            ..Decision::default()
        });
    }
    if known::staff(known, &Lookup::Staff(scope, end.index)).is_empty() {
        return Err(reject("reject-no-role"));
    }
    let ended = RoleEnd {
        hub: rules.site.node,
        ..end.clone()
    };
    Ok(Decision {
        writes: vec![control(scope, Fact::RoleRevoked(ended))],
        outcome: told,
        ..Decision::default()
    })
}
