//! What each role may do: one table that `decide` asks and that docs/SECURITY.md shows.
//!
//! A right is one thing that a person can ask for; a role has it or not, everywhere in its scope.
//! Limits of one case (own record, own review, somebody else's item) stand with the command. What
//! a number may do as a citizen, whoever holds it may do: staff are people as well.

use super::Role;

/// One thing to be done, as docs/SECURITY.md lists it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Right {
    /// See, correct and withdraw what is one's own; own PIN, own consents, who read it.
    OwnRecord,
    /// Register people.
    Register,
    /// Count one's own registrations.
    OwnWork,
    /// Answer a review of one's own registration.
    AnswerReview,
    /// Open one person's record.
    ReadRecord,
    /// Give somebody present a fresh start with the PIN, or confirm a change of number.
    ResetPin,
    /// Take part in giving up a person's data: ask for it with the person present.
    AskErasure,
    /// Approve an erasure that somebody else asked for.
    ApproveErasure,
    /// Redeem vouchers and see own totals.
    Redeem,
    /// Propose payments, enrol vendors.
    Propose,
    /// Approve or refuse what somebody else proposed.
    Approve,
    /// Give and take roles, lease numbers, open slots.
    Administer,
    /// Take data out of the system.
    Export,
    /// Read the read log and what people complain about.
    ReadLog,
    /// What only the program itself does: digests, timers, records of served registries.
    Run,
}

impl Right {
    /// All rights, in the order of the table.
    pub const ALL: [Self; 15] = [
        Self::OwnRecord,
        Self::Register,
        Self::OwnWork,
        Self::AnswerReview,
        Self::ReadRecord,
        Self::ResetPin,
        Self::AskErasure,
        Self::ApproveErasure,
        Self::Redeem,
        Self::Propose,
        Self::Approve,
        Self::Administer,
        Self::Export,
        Self::ReadLog,
        Self::Run,
    ];

    /// How the table names it.
    pub fn words(self) -> &'static str {
        match self {
            Self::OwnRecord => "own record, consents, PIN, who read it",
            Self::Register => "register people",
            Self::OwnWork => "count own registrations",
            Self::AnswerReview => "answer a review of an own registration",
            Self::ReadRecord => "open one record",
            Self::ResetPin => "reset a PIN or confirm a number, person present",
            Self::AskErasure => "ask for an erasure, person present",
            Self::ApproveErasure => "approve an erasure that another one asked for",
            Self::Redeem => "redeem vouchers, own totals",
            Self::Propose => "propose payments, enrol vendors",
            Self::Approve => "approve or refuse what another one proposed",
            Self::Administer => "roles, leases, slots, links",
            Self::Export => "export",
            Self::ReadLog => "read log, complaints",
            Self::Run => "timers, digests, records of served registries",
        }
    }

    /// The roles that have it.
    pub fn roles(self) -> &'static [Role] {
        match self {
            Self::OwnRecord => &[
                Role::Citizen,
                Role::HealthWorker,
                Role::Vendor,
                Role::Clerk,
                Role::Officer,
                Role::Administrator,
                Role::Auditor,
            ],
            Self::Register | Self::OwnWork | Self::ResetPin => &[Role::HealthWorker],
            Self::AnswerReview => &[Role::HealthWorker, Role::Officer],
            Self::ReadRecord | Self::AskErasure => {
                &[Role::HealthWorker, Role::Clerk, Role::Officer]
            }
            Self::ApproveErasure => &[Role::Officer, Role::Administrator],
            Self::Redeem => &[Role::Vendor],
            Self::Propose => &[Role::Clerk],
            Self::Approve | Self::Export => &[Role::Officer],
            Self::Administer => &[Role::Administrator, Role::System],
            Self::ReadLog => &[Role::Auditor],
            Self::Run => &[Role::System],
        }
    }
}

/// Whether a role has a right.
pub fn may(role: Role, right: Right) -> bool {
    right.roles().contains(&role)
}

/// Whether one person may hold both roles in one scope: who proposes money does not approve it
/// (S9).
pub fn go_together(one: Role, other: Role) -> bool {
    let proposes = |role| may(role, Right::Propose);
    let approves = |role| may(role, Right::Approve);
    !(proposes(one) && approves(other) || approves(one) && proposes(other))
}

/// The table of docs/SECURITY.md: a row a right, a column a role that people hold.
pub fn table() -> String {
    let mut lines = vec![
        format!("| may | {} |", Role::HELD.map(Role::words).join(" | ")),
        format!("|---|{}", "---|".repeat(Role::HELD.len())),
    ];
    for right in Right::ALL {
        if !Role::HELD.iter().any(|role| may(*role, right)) {
            continue;
        }
        let marks = Role::HELD.map(|role| if may(role, right) { "yes" } else { "" });
        lines.push(format!("| {} | {} |", right.words(), marks.join(" | ")));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn docs_show_the_table_that_decide_asks() {
        let page = include_str!("../../../../docs/SECURITY.md");
        assert!(
            page.contains(&table()),
            "docs/SECURITY.md lacks:\n{}",
            table()
        );
        assert!(!page.contains(&table().replace("yes", "no")), "the control");
    }

    #[test]
    fn who_proposes_does_not_approve() {
        for one in Role::HELD {
            for other in Role::HELD {
                let both = may(one, Right::Propose) || may(other, Right::Propose);
                let approve = may(one, Right::Approve) || may(other, Right::Approve);
                assert_eq!(
                    go_together(one, other),
                    !(both && approve),
                    "{one:?} {other:?}"
                );
            }
            assert!(
                !(may(one, Right::Propose) && may(one, Right::Approve)),
                "{one:?} checks itself"
            );
        }
        assert!(!go_together(Role::Clerk, Role::Officer));
        assert!(go_together(Role::HealthWorker, Role::Vendor));
    }

    #[test]
    fn auditors_change_nothing_and_administrators_read_nobody() {
        let changes = [
            Right::Register,
            Right::AnswerReview,
            Right::ResetPin,
            Right::Propose,
            Right::Approve,
            Right::Administer,
        ];
        assert!(changes.iter().all(|right| !may(Role::Auditor, *right)));
        assert!(!may(Role::Administrator, Right::ReadRecord));
        assert!(!may(Role::Administrator, Right::Approve));
        assert!(!may(Role::HealthWorker, Right::Export));
    }
}
