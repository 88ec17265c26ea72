//! A second person's word on a large broadcast; the rule is [`crate::message::approval`]'s.

use super::{matching, reject};
use crate::command::{Decision, Rejection};
use crate::contact::Moment;
use crate::known;
use crate::message::approval;
use crate::role::Principal;
use crate::role::right::{Right, may};
use crate::view::{Found, Known, Lookup, ViewChange};

/// Name of the channel of the office's pages.
const CONSOLE: &str = "console";

pub(super) fn needs(principal: &Principal, broadcast: u32, known: &Known) -> Vec<Lookup> {
    let staff = principal.e164().map(Lookup::StaffByPhone);
    known::missing(
        known,
        staff.into_iter().chain([Lookup::Proposal(broadcast)]),
    )
}

/// Whoever may propose or approve may see what waits; it names nobody but staff.
pub(super) fn show(principal: &Principal) -> Result<Decision, Rejection> {
    let rights = [Right::Propose, Right::Approve, Right::Administer];
    let sees = rights.into_iter().any(|right| may(principal.role, right));
    if principal.author == 0 || !sees {
        return Err(reject("reject-not-allowed"));
    }
    Ok(Decision::default())
}

pub(super) fn settle(
    principal: &Principal,
    (broadcast, approve): (u32, bool),
    reason: &str,
    known: &Known,
    now: Moment,
) -> Result<Decision, Rejection> {
    let phone = principal
        .e164()
        .ok_or_else(|| reject("reject-not-allowed"))?;
    if principal.channel == CONSOLE {
        // On a page the account's own role counts, and there is room for a reason.
        if !may(principal.role, Right::Approve) {
            return Err(reject("reject-not-allowed"));
        }
        matching::check_reason(reason)?;
    }
    let grants = known::staff(known, &Lookup::StaffByPhone(phone.clone()));
    let proposal = match known.get(&Lookup::Proposal(broadcast)) {
        Some(Found::Proposal(proposal)) => proposal.as_ref(),
        _ => None,
    };
    approval::decide(proposal, grants, &phone, now.at).map_err(|refusal| reject(refusal.key()))?;
    let settled = ViewChange::SettleProposal {
        broadcast,
        approve,
        by: (principal.scope.area(), principal.author),
        reason: reason.trim().to_owned(),
    };
    Ok(Decision {
        changes: vec![settled],
        ..Decision::default()
    })
}
