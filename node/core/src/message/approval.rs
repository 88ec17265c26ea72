//! Large broadcasts need a second person: who may propose, who may approve, and until when.
//!
//! A number above which this holds stands in the settings; 0 means never. The proposer is excluded
//! by the telephone number, because one person may have several roles.

use jiff::Timestamp;

use super::broadcast::{BroadcastState, Preview};
use crate::role::RoleGrant;
use crate::role::right::{Right, may};

/// Hours after which a proposal that nobody answered is refused.
pub const PROPOSAL_HOURS: i64 = 48;

/// A broadcast that waits for a second person.
#[derive(Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Number of the proposer, E.164 with `+`.
    pub by: String,
    /// When it lapses.
    pub expires_at: Timestamp,
    /// Whether it still waits for an answer.
    pub is_open: bool,
}

impl core::fmt::Debug for Proposal {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Proposal(open: {})", self.is_open)
    }
}

/// A proposal as staff see it, open or settled.
#[derive(Clone, PartialEq, Eq)]
pub struct ProposalRow {
    /// The broadcast's number.
    pub broadcast: u32,
    /// What it says; empty when its day is over.
    pub text: String,
    /// Recipients, parts and price.
    pub preview: Preview,
    /// Name of the proposer as staff know it.
    pub by: String,
    /// When it lapses.
    pub until: Timestamp,
    /// Where the broadcast stands.
    pub state: BroadcastState,
    /// What the second person said.
    pub decided: Option<Decided>,
}

/// A second person's word.
#[derive(Clone, PartialEq, Eq)]
pub struct Decided {
    /// Yes or no.
    pub approve: bool,
    /// Name as staff know it.
    pub by: String,
    /// Why; empty where it was answered by SMS.
    pub reason: String,
}

impl ProposalRow {
    /// Whether it still waits for an answer.
    pub fn is_open(&self, now: Timestamp) -> bool {
        let waits = self.decided.is_none() && self.state == BroadcastState::Proposed;
        waits && now < self.until
    }
}

impl core::fmt::Debug for ProposalRow {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "ProposalRow({}, {:?})", self.broadcast, self.state)
    }
}

/// Why somebody may not decide on a broadcast.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, thiserror::Error)]
pub enum ApprovalRefusal {
    /// Nothing waits under this number, or it was answered or lapsed.
    #[error("no broadcast waits under this number")]
    NotOpen,
    /// No role that may.
    #[error("this number has no role that may do this")]
    NotAllowed,
    /// Whoever proposes does not approve.
    #[error("the one who proposed may not decide")]
    OwnProposal,
}

impl ApprovalRefusal {
    /// Key of the text that tells it.
    pub fn key(self) -> &'static str {
        match self {
            Self::NotOpen => "reject-no-proposal",
            Self::NotAllowed => "reject-not-allowed",
            Self::OwnProposal => "reject-own-proposal",
        }
    }
}

/// Whether so many recipients need a second person; `above` is the setting, 0 = never.
pub fn is_needed(recipients: u64, above: u32) -> bool {
    above > 0 && recipients > u64::from(above)
}

/// Whether a member of staff may propose a broadcast: one who may approve it may, too.
pub fn may_propose(grant: &RoleGrant, now: Timestamp) -> bool {
    let rights = [Right::Propose, Right::Approve, Right::Administer];
    grant.is_live(now) && rights.into_iter().any(|right| may(grant.role, right))
}

/// Whether a member of staff may approve what others propose.
pub fn may_approve(grant: &RoleGrant, now: Timestamp) -> bool {
    grant.is_live(now) && may(grant.role, Right::Approve)
}

/// Whether the holder of these grants, who calls from `phone`, may decide on a proposal.
///
/// # Errors
/// [`ApprovalRefusal`], the first that stands against it.
pub fn decide(
    proposal: Option<&Proposal>,
    grants: &[RoleGrant],
    phone: &str,
    now: Timestamp,
) -> Result<(), ApprovalRefusal> {
    if !grants.iter().any(|grant| may_approve(grant, now)) {
        return Err(ApprovalRefusal::NotAllowed);
    }
    let open = proposal.filter(|proposal| proposal.is_open && now < proposal.expires_at);
    let open = open.ok_or(ApprovalRefusal::NotOpen)?;
    if open.by == phone {
        return Err(ApprovalRefusal::OwnProposal);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use sync_core::{NodeId, Scope};

    use super::*;
    use crate::role::Role;

    fn grant(role: Role, phone: &str) -> RoleGrant {
        RoleGrant {
            index: 1,
            role,
            phone: phone.to_owned(),
            name: "Neema".to_owned(),
            language: "en".to_owned(),
            scope: Scope(16),
            not_after: "2027-01-01T00:00:00Z".parse().unwrap(),
            hub: NodeId(1),
            signature: [0; 64],
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_second_person_with_the_right_decides_once_and_in_time() {
        let open = Proposal {
            by: "+254700000001".to_owned(),
            expires_at: at("2026-03-16T00:00:00Z"),
            is_open: true,
        };
        let now = at("2026-03-15T00:00:00Z");
        let other = "+254700000002";
        let told = |proposal: Option<&Proposal>, role, phone: &str, now| {
            decide(proposal, &[grant(role, phone)], phone, now)
        };
        assert_eq!(told(Some(&open), Role::Officer, other, now), Ok(()));
        let own = told(Some(&open), Role::Officer, "+254700000001", now);
        assert_eq!(own, Err(ApprovalRefusal::OwnProposal));
        let worker = told(Some(&open), Role::HealthWorker, other, now);
        assert_eq!(worker, Err(ApprovalRefusal::NotAllowed));
        let late = told(
            Some(&open),
            Role::Officer,
            other,
            at("2026-03-16T00:00:00Z"),
        );
        assert_eq!(late, Err(ApprovalRefusal::NotOpen));
        let closed = Proposal {
            is_open: false,
            ..open
        };
        for proposal in [None, Some(&closed)] {
            let told = told(proposal, Role::Officer, other, now);
            assert_eq!(told, Err(ApprovalRefusal::NotOpen));
        }
        assert!(!is_needed(500, 0) && !is_needed(500, 500) && is_needed(501, 500));
    }
}
