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
    // A longer grant is another place of the list, but calls stand for the first one until its end.
    let is_held = !places(store, clock, whose, scope).await?.is_empty();
    hub::grant(store, clock, order).await?;
    if is_held {
        return Ok(None);
    }
    let place = (scope, whose.1);
    renew_code(store, clock, &phone, place).await.map(Some)
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

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use node_core::query::{Answer, Query};
    use node_store::HubStore;
    use sync_core::ClockQuality;

    use super::*;
    use crate::roles::hub::{FIRST_AREA, Solo};

    const NUMBER: &str = "+256770000001";

    #[tokio::test]
    async fn a_grant_gives_a_code_once_and_a_new_code_is_another_one() {
        let at: Timestamp = "2026-03-14T10:00:00Z".parse().unwrap();
        let clock = Clock::fixed(at, ClockQuality::Ntp);
        let Solo { store, folder } = hub::solo(None, clock, ("en", None), &[]).await.unwrap();
        let phone = Msisdn::parse(NUMBER).unwrap();
        let order = |hours| {
            let later = at + SignedDuration::from_hours(hours);
            hub::worker(&phone, "Neema", "en", (FIRST_AREA, later))
        };
        let first = grant(&store, clock, order(0)).await.unwrap().unwrap();
        assert_eq!(first.digits().len(), STAFF_CODE_DIGITS_MAX);
        let same = grant(&store, clock, order(0)).await.unwrap();
        assert_eq!(same, None, "nobody's PIN ends by a repeated order");
        let longer = grant(&store, clock, order(48)).await.unwrap();
        assert_eq!(longer, None, "nor by a longer one");
        let query = Query::Staff { scope: FIRST_AREA };
        let Answer::Staff(staff) = store.query(query).await.unwrap() else {
            panic!("no staff");
        };
        assert_eq!(staff.len(), 2, "the control: it is another place");
        let place = (FIRST_AREA, Role::HealthWorker);
        let anew = renew_code(&store, clock, &phone, place).await.unwrap();
        assert_ne!(anew, first);
        let other = Msisdn::parse("+256770000002").unwrap();
        let nobody = renew_code(&store, clock, &other, place).await.unwrap_err();
        assert!(matches!(nobody, HubError::Rejected(text) if text == "reject-no-role"));
        drop(folder);
    }
}
