//! One-time codes with which staff choose their first PIN, given at a hub's command line
//! (decision 0051).
//!
//! Whoever is granted a role gets one, and gets another when the PIN is locked, forgotten or may be
//! known to somebody else: it ends the PIN on every node that hears of it.

use channels_core::Msisdn;
use jiff::SignedDuration;
use node_core::command::Command;
use node_core::pin::{Pin, STAFF_CODE_DAYS_MAX, STAFF_CODE_DIGITS_MAX};
use node_core::role::{CodeOrder, Role, RoleGrant};
use node_core::turn::{Committed, Turn};
use node_store::SqliteStore;
use sync_core::Scope;

use super::hub::{self, HubError, administrator};
use super::office::grants;
use crate::clock::Clock;
use crate::enrolment;
use crate::runtime::pin::Stretcher;

/// A code that nobody can foresee.
///
/// # Errors
/// [`HubError::Enrolment`] when the system gives no random numbers.
pub fn new_code() -> Result<Pin, HubError> {
    let drawn = enrolment::new_code()?;
    let digits: String = drawn.digits().chars().take(STAFF_CODE_DIGITS_MAX).collect();
    Pin::code(&digits).ok_or_else(|| HubError::Rejected("failed".to_owned()))
}

/// Gives a code for a place of a staff list; a PIN there ends.
///
/// # Errors
/// [`HubError`] when the store fails, or the place holds no role any more.
pub async fn give_code(
    store: &SqliteStore,
    clock: Clock,
    (scope, index): (Scope, u32),
    code: &Pin,
) -> Result<(), HubError> {
    let days = SignedDuration::from_hours(24 * STAFF_CODE_DAYS_MAX);
    let now = clock.now().at;
    let command = Command::GiveStaffCode(CodeOrder {
        scope,
        index,
        code: code.clone(),
        not_after: now.checked_add(days).unwrap_or(now),
    });
    let principal = administrator(scope);
    let turn = Turn::Command { principal, command };
    match Stretcher::default()
        .commit(store, turn, || clock.now())
        .await?
    {
        Committed::Command(Ok(_)) => Ok(()),
        Committed::Command(Err(rejection)) => Err(HubError::Rejected(rejection.text)),
        _ => Err(HubError::Rejected("failed".to_owned())),
    }
}

/// Gives a role, with a code for its first PIN; `None` where the number held the role before, so
/// that a grant that is repeated ends nobody's PIN.
///
/// # Errors
/// As [`hub::grant`] and [`give_code`].
pub async fn grant(
    store: &SqliteStore,
    clock: Clock,
    order: RoleGrant,
) -> Result<Option<Pin>, HubError> {
    let phone = Msisdn::parse(&order.phone);
    let phone = phone.map_err(|_wrong| HubError::Rejected("reject-incomplete".to_owned()))?;
    let whose = (&phone, order.role);
    let scope = order.scope;
    let before = places(store, clock, whose, scope).await?;
    hub::grant(store, clock, order).await?;
    let mut given = None;
    for place in places(store, clock, whose, scope).await? {
        if !before.contains(&place) {
            let code = new_code()?;
            give_code(store, clock, (scope, place), &code).await?;
            given = Some(code);
        }
    }
    Ok(given)
}

/// Gives a new code to a number that holds a role.
///
/// # Errors
/// As [`give_code`]; the number does not hold the role there.
pub async fn renew_code(
    store: &SqliteStore,
    clock: Clock,
    phone: &Msisdn,
    (scope, role): (Scope, Role),
) -> Result<Pin, HubError> {
    let held = places(store, clock, (phone, role), scope).await?;
    // The first of several is the one that its calls are answered as.
    let place = held.into_iter().min();
    let place = place.ok_or_else(|| HubError::Rejected("reject-no-role".to_owned()))?;
    let code = new_code()?;
    give_code(store, clock, (scope, place), &code).await?;
    Ok(code)
}

/// The places of a number with a role in an area's staff list.
async fn places(
    store: &SqliteStore,
    clock: Clock,
    whose: (&Msisdn, Role),
    scope: Scope,
) -> Result<Vec<u32>, HubError> {
    let held = grants(store, clock, whose).await?;
    let here = held.into_iter().filter(|grant| grant.scope == scope);
    Ok(here.map(|grant| grant.index).collect())
}
