//! Who may take up what was typed before a cut, and over which bearer (docs/SECURITY.md, S5).
//!
//! * A number that stands for more than one person is shared: what one of them typed is offered
//!   to nobody, because nothing here tells them apart. The next contact begins anew.
//! * Over USSD the network vouches for the number, and that is enough for a number of one person.
//! * By SMS and missed call the number is only claimed. It counts when the number is proved: the
//!   hub granted it to staff, or its person answered the text that binds it.
//!
//! How long a session can be taken up, and that role, author and area are still the same, is
//! [`super::Session`]'s own rule.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::role::Caller;

/// How sure the number of a contact is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Seen {
    /// The network vouches for it (USSD).
    Vouched,
    /// Only claimed (SMS, missed call).
    Claimed,
}

/// Whether an unfinished session of this number may be offered to whoever uses it now.
pub fn may_resume(caller: &Caller<'_>, seen: Seen, now: Timestamp) -> bool {
    let staff: BTreeSet<&str> = caller
        .staff
        .iter()
        .filter(|grant| grant.is_live(now))
        .map(|grant| grant.name.as_str())
        .collect();
    let persons = &caller.row.persons;
    if persons.len().saturating_add(staff.len()) > 1 {
        return false;
    }
    let proved = !staff.is_empty() || persons.iter().any(|(_, bound)| *bound);
    seen == Seen::Vouched || proved
}

#[cfg(test)]
mod tests {
    use channels_core::Msisdn;
    use sync_core::{EntryRef, Epoch, NodeId, Scope, Seq};

    use super::*;
    use crate::role::{Role, RoleGrant};
    use crate::view::PhoneRow;

    fn now() -> Timestamp {
        "2026-03-14T09:00:00Z".parse().unwrap()
    }

    fn grant(name: &str, scope: u32, not_after: &str) -> RoleGrant {
        RoleGrant {
            index: 1,
            role: Role::HealthWorker,
            phone: "+254711000001".to_owned(),
            name: name.to_owned(),
            language: "en".to_owned(),
            scope: Scope(scope),
            not_after: not_after.parse().unwrap(),
            hub: NodeId(1),
            signature: [0; 64],
        }
    }

    fn person(seq: u32, bound: bool) -> (EntryRef, bool) {
        let entry = EntryRef {
            origin: NodeId(1),
            epoch: Epoch(1),
            scope: Scope(16),
            seq: Seq(seq),
        };
        (entry, bound)
    }

    /// Whether the session is offered over USSD and by SMS.
    fn offered(staff: &[RoleGrant], persons: &[(EntryRef, bool)]) -> (bool, bool) {
        let phone = Msisdn::parse("+254711000001").unwrap();
        let row = PhoneRow {
            persons: persons.to_vec(),
            ..PhoneRow::default()
        };
        let caller = Caller {
            phone: &phone,
            staff,
            row: &row,
            channel: "link",
        };
        (
            may_resume(&caller, Seen::Vouched, now()),
            may_resume(&caller, Seen::Claimed, now()),
        )
    }

    #[test]
    fn an_unknown_or_claimed_number_resumes_over_ussd_only() {
        assert_eq!(offered(&[], &[]), (true, false));
        assert_eq!(offered(&[], &[person(1, false)]), (true, false));
        assert_eq!(offered(&[], &[person(1, true)]), (true, true));
    }

    #[test]
    fn a_granted_number_resumes_on_every_bearer() {
        let later = "2027-01-01T00:00:00Z";
        let once = grant("Neema", 16, later);
        assert_eq!(offered(core::slice::from_ref(&once), &[]), (true, true));
        let twice = [once, grant("Neema", 24, later)];
        assert_eq!(offered(&twice, &[]), (true, true), "one person, two areas");
    }

    #[test]
    fn a_shared_number_resumes_nowhere() {
        let later = "2027-01-01T00:00:00Z";
        let two = [person(1, true), person(2, true)];
        assert_eq!(offered(&[], &two), (false, false));
        let worker = [grant("Neema", 16, later)];
        assert_eq!(offered(&worker, &two[..1]), (false, false));
        let workers = [grant("Neema", 16, later), grant("Juma", 16, later)];
        assert_eq!(offered(&workers, &[]), (false, false));
        let ended = [
            grant("Neema", 16, later),
            grant("Juma", 16, "2026-01-01T00:00:00Z"),
        ];
        assert_eq!(
            offered(&ended, &[]),
            (true, true),
            "an ended grant is nobody"
        );
    }
}
