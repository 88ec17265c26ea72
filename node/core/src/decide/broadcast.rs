//! A second person's word on a large broadcast; the rule is [`crate::message::approval`]'s.

use super::reject;
use crate::command::{Decision, Rejection};
use crate::contact::Moment;
use crate::known;
use crate::message::approval;
use crate::role::Principal;
use crate::view::{Found, Known, Lookup, ViewChange};

pub(super) fn needs(principal: &Principal, broadcast: u32, known: &Known) -> Vec<Lookup> {
    let staff = principal.e164().map(Lookup::StaffByPhone);
    known::missing(
        known,
        staff.into_iter().chain([Lookup::Proposal(broadcast)]),
    )
}

pub(super) fn settle(
    principal: &Principal,
    (broadcast, approve): (u32, bool),
    known: &Known,
    now: Moment,
) -> Result<Decision, Rejection> {
    let phone = principal
        .e164()
        .ok_or_else(|| reject("reject-not-allowed"))?;
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
    };
    Ok(Decision {
        changes: vec![settled],
        ..Decision::default()
    })
}
