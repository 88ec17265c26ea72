//! Closing a node that was lost or stolen: who may, and what the journal keeps of it.
//!
//! One person is enough: whoever stops a board protects people, and a board that was found is
//! enrolled again. What is refused from then on stands in the list that the store signs.

use super::hub::control;
use super::{reject, reject_with};
use crate::command::{Decision, Rejection};
use crate::fact::Fact;
use crate::revocation::{Closing, REASON_CHARS_MAX};
use crate::role::Principal;
use crate::role::right::{Right, may};
use crate::site::Rules;

pub(super) fn close(
    principal: &Principal,
    closing: &Closing,
    rules: &Rules<'_>,
) -> Result<Decision, Rejection> {
    let rights = [Right::Administer, Right::Approve];
    let allowed = rights.into_iter().any(|right| may(principal.role, right));
    if !allowed || principal.author == 0 || !rules.site.is_hub {
        return Err(reject("reject-not-allowed"));
    }
    let length = closing.reason.chars().count();
    if closing.reason.trim().is_empty() || length > REASON_CHARS_MAX {
        let limit = REASON_CHARS_MAX.to_string();
        return Err(reject_with("reject-reason", "limit", limit));
    }
    Ok(Decision {
        writes: vec![control(
            principal.scope.area(),
            Fact::NodeClosed(closing.clone()),
        )],
        ..Decision::default()
    })
}
