//! Schema numbers of documents and facts, the lane of each, and who may write it.
//!
//! The low ones are those that the shipped programme declares. A number is never reused. The store compares an incoming entry's schema with the certificate
//! and the scope's lane before anything is applied; an unknown number is refused.

use sync_core::{Lane, Scope};

use crate::fact::Fact;

/// Document of a person.
pub const PERSON: u16 = 1;
/// [`Fact::EpochStarted`].
pub const EPOCH_STARTED: u16 = 16;
/// [`Fact::RoleGranted`].
pub const ROLE_GRANTED: u16 = 17;
/// [`Fact::NumbersLeased`].
pub const NUMBERS_LEASED: u16 = 18;
/// [`Fact::MessagesStopped`].
pub const MESSAGES_STOPPED: u16 = 19;
/// [`Fact::RegistrationSubmitted`].
pub const REGISTRATION_SUBMITTED: u16 = 2;
/// [`Fact::ConsentRecorded`].
pub const CONSENT_RECORDED: u16 = 3;
/// [`Fact::ReviewAnswered`].
pub const REVIEW_ANSWERED: u16 = 34;
/// [`Fact::NumberBound`].
pub const NUMBER_BOUND: u16 = 35;
/// [`Fact::AliasAssigned`].
pub const ALIAS_ASSIGNED: u16 = 36;
/// [`Fact::EventRecorded`].
pub const EVENT_RECORDED: u16 = 40;
/// [`Fact::EntryWithdrawn`].
pub const ENTRY_WITHDRAWN: u16 = 41;
/// [`Fact::PeopleHandedOver`].
pub const PEOPLE_HANDED_OVER: u16 = 42;
/// [`Fact::EffectPlanned`].
pub const EFFECT_PLANNED: u16 = 48;
/// [`Fact::RegistryAccepted`].
pub const REGISTRY_ACCEPTED: u16 = 49;
/// [`Fact::RegistryRejected`].
pub const REGISTRY_REJECTED: u16 = 50;
/// [`Fact::DuplicateFlagged`].
pub const DUPLICATE_FLAGGED: u16 = 51;
/// [`Fact::ReviewDecided`].
pub const REVIEW_DECIDED: u16 = 52;
/// [`Fact::RecordWritten`].
pub const RECORD_WRITTEN: u16 = 53;
/// [`Fact::RecordsRead`].
pub const RECORDS_READ: u16 = 64;
/// [`Fact::SlipIssued`].
pub const SLIP_ISSUED: u16 = 80;
/// [`Fact::SlipsRevoked`].
pub const SLIPS_REVOKED: u16 = 81;
/// [`Fact::SlipKeyGiven`].
pub const SLIP_KEY_GIVEN: u16 = 82;
/// [`Fact::CertificateShared`].
pub const CERTIFICATE_SHARED: u16 = 83;
/// [`Fact::ReferencePublished`].
pub const REFERENCE_PUBLISHED: u16 = 84;

/// [`Fact::RoleRevoked`].
pub const ROLE_REVOKED: u16 = 20;
/// [`Fact::ErasureAsked`].
pub const ERASURE_ASKED: u16 = 38;
/// [`Fact::ErasureApproved`].
pub const ERASURE_APPROVED: u16 = 21;
/// [`Fact::PersonErased`].
pub const PERSON_ERASED: u16 = 22;
/// [`Fact::ErasureConfirmed`].
pub const ERASURE_CONFIRMED: u16 = 23;
/// [`Fact::PinReset`].
pub const PIN_RESET: u16 = 37;
/// [`Fact::AlertRaised`].
pub const ALERT_RAISED: u16 = 85;
/// [`Fact::NumbersAsked`].
pub const NUMBERS_ASKED: u16 = 86;
/// [`Fact::PersonsMatched`].
pub const PERSONS_MATCHED: u16 = 70;
/// [`Fact::MatchAnswered`].
pub const MATCH_ANSWERED: u16 = 71;
/// [`Fact::MatchDecided`].
pub const MATCH_DECIDED: u16 = 72;
/// [`Fact::PersonsJoined`].
pub const PERSONS_JOINED: u16 = 73;
/// [`Fact::PersonsParted`].
pub const PERSONS_PARTED: u16 = 74;
/// [`Fact::PersonsDistinct`].
pub const PERSONS_DISTINCT: u16 = 75;
/// [`Fact::HouseholdJoined`].
pub const HOUSEHOLD_JOINED: u16 = 95;
/// [`Fact::HouseholdLeft`].
pub const HOUSEHOLD_LEFT: u16 = 96;
/// [`Fact::HouseholdsLinked`].
pub const HOUSEHOLDS_LINKED: u16 = 97;
/// [`Fact::HouseholdsUnlinked`].
pub const HOUSEHOLDS_UNLINKED: u16 = 98;

/// [`Fact::NumberSeen`].
pub const NUMBER_SEEN: u16 = 90;
/// [`Fact::NumberUnbound`].
pub const NUMBER_UNBOUND: u16 = 91;
/// [`Fact::ChangeAsked`].
pub const CHANGE_ASKED: u16 = 92;
/// [`Fact::ChangeMoved`].
pub const CHANGE_MOVED: u16 = 93;

/// [`Fact::StaffCodeGiven`].
pub const STAFF_CODE_GIVEN: u16 = 94;
/// [`Fact::NodeClosed`].
pub const NODE_CLOSED: u16 = 99;

/// Who may write an entry of a schema.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Writer {
    /// Every certified origin: it speaks about itself.
    Anyone,
    /// An origin with the right to capture in the scope.
    Capture,
    /// A hub.
    Hub,
}

/// The lane and the writer of a schema number, `None` when we do not know it.
pub fn rule(schema: u16) -> Option<(Lane, Writer)> {
    Some(match schema {
        EPOCH_STARTED | ERASURE_CONFIRMED => (Lane::Control, Writer::Anyone),
        ROLE_GRANTED | NUMBERS_LEASED | ROLE_REVOKED | ERASURE_APPROVED | PERSON_ERASED
        | SLIP_KEY_GIVEN | CERTIFICATE_SHARED | STAFF_CODE_GIVEN | NODE_CLOSED => {
            (Lane::Control, Writer::Hub)
        }
        MESSAGES_STOPPED | SLIPS_REVOKED | ALERT_RAISED | NUMBERS_ASKED => {
            (Lane::Control, Writer::Capture)
        }
        PERSON
        | REGISTRATION_SUBMITTED
        | CONSENT_RECORDED
        | REVIEW_ANSWERED
        | NUMBER_BOUND
        | ALIAS_ASSIGNED
        | EVENT_RECORDED
        | ENTRY_WITHDRAWN
        | PEOPLE_HANDED_OVER
        | PIN_RESET
        | ERASURE_ASKED
        | SLIP_ISSUED
        | MATCH_ANSWERED
        | PERSONS_DISTINCT
        | HOUSEHOLD_JOINED
        | HOUSEHOLD_LEFT
        | NUMBER_SEEN
        | NUMBER_UNBOUND
        | CHANGE_ASKED
        | CHANGE_MOVED => (Lane::Registration, Writer::Capture),
        EFFECT_PLANNED | REGISTRY_ACCEPTED | REGISTRY_REJECTED | DUPLICATE_FLAGGED
        | REVIEW_DECIDED | RECORD_WRITTEN | REFERENCE_PUBLISHED | PERSONS_MATCHED
        | MATCH_DECIDED | PERSONS_JOINED | PERSONS_PARTED | HOUSEHOLDS_LINKED
        | HOUSEHOLDS_UNLINKED => (Lane::Registration, Writer::Hub),
        RECORDS_READ => (Lane::Audit, Writer::Anyone),
        _ => return None,
    })
}

/// Whether an origin with this right in the scope may write this schema there.
pub fn allowed(schema: u16, scope: Scope, capture: Capture) -> bool {
    let Some((lane, writer)) = rule(schema) else {
        return false;
    };
    let may = match writer {
        Writer::Anyone => true,
        Writer::Capture => capture != Capture::None,
        Writer::Hub => capture == Capture::Hub,
    };
    may && scope.lane() == Some(lane)
}

/// What a certificate lets its origin write in a scope.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Capture {
    /// Nothing about people.
    None,
    /// A node with the right to capture.
    Node,
    /// A hub: captures, decides, leases and grants.
    Hub,
}

/// The schema number of a fact.
pub fn of(fact: &Fact) -> u16 {
    match fact {
        Fact::EpochStarted { .. } => EPOCH_STARTED,
        Fact::RoleGranted(_) => ROLE_GRANTED,
        Fact::NumbersLeased { .. } => NUMBERS_LEASED,
        Fact::RegistrationSubmitted(_) => REGISTRATION_SUBMITTED,
        Fact::ConsentRecorded { .. } => CONSENT_RECORDED,
        Fact::EffectPlanned { .. } => EFFECT_PLANNED,
        Fact::RegistryAccepted { .. } => REGISTRY_ACCEPTED,
        Fact::RegistryRejected { .. } => REGISTRY_REJECTED,
        Fact::DuplicateFlagged { .. } => DUPLICATE_FLAGGED,
        Fact::ReviewAnswered { .. } => REVIEW_ANSWERED,
        Fact::ReviewDecided { .. } => REVIEW_DECIDED,
        Fact::NumberBound { .. } => NUMBER_BOUND,
        Fact::MessagesStopped { .. } => MESSAGES_STOPPED,
        Fact::AliasAssigned { .. } => ALIAS_ASSIGNED,
        Fact::RecordWritten { .. } => RECORD_WRITTEN,
        Fact::RecordsRead(_) => RECORDS_READ,
        Fact::RoleRevoked(_) => ROLE_REVOKED,
        Fact::EventRecorded(_) => EVENT_RECORDED,
        Fact::EntryWithdrawn { .. } => ENTRY_WITHDRAWN,
        Fact::PeopleHandedOver { .. } => PEOPLE_HANDED_OVER,
        Fact::PinReset { .. } => PIN_RESET,
        Fact::ErasureAsked => ERASURE_ASKED,
        Fact::ErasureApproved { .. } => ERASURE_APPROVED,
        Fact::PersonErased(_) => PERSON_ERASED,
        Fact::ErasureConfirmed { .. } => ERASURE_CONFIRMED,
        Fact::SlipIssued { .. } => SLIP_ISSUED,
        Fact::SlipsRevoked { .. } => SLIPS_REVOKED,
        Fact::SlipKeyGiven { .. } => SLIP_KEY_GIVEN,
        Fact::CertificateShared { .. } => CERTIFICATE_SHARED,
        Fact::ReferencePublished(_) => REFERENCE_PUBLISHED,
        Fact::AlertRaised(_) => ALERT_RAISED,
        Fact::NumbersAsked { .. } => NUMBERS_ASKED,
        Fact::PersonsMatched { .. } => PERSONS_MATCHED,
        Fact::MatchAnswered { .. } => MATCH_ANSWERED,
        Fact::MatchDecided { .. } => MATCH_DECIDED,
        Fact::PersonsJoined { .. } => PERSONS_JOINED,
        Fact::PersonsParted { .. } => PERSONS_PARTED,
        Fact::PersonsDistinct { .. } => PERSONS_DISTINCT,
        Fact::HouseholdJoined(_) => HOUSEHOLD_JOINED,
        Fact::HouseholdLeft { .. } => HOUSEHOLD_LEFT,
        Fact::HouseholdsLinked { .. } => HOUSEHOLDS_LINKED,
        Fact::HouseholdsUnlinked { .. } => HOUSEHOLDS_UNLINKED,
        Fact::NumberSeen { .. } => NUMBER_SEEN,
        Fact::NumberUnbound { .. } => NUMBER_UNBOUND,
        Fact::ChangeAsked(_) => CHANGE_ASKED,
        Fact::ChangeMoved { .. } => CHANGE_MOVED,
        Fact::StaffCodeGiven(_) => STAFF_CODE_GIVEN,
        Fact::NodeClosed(_) => NODE_CLOSED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_hub_decides_and_only_in_the_right_lane() {
        let registrations = Scope(8).with_lane(Lane::Registration);
        for schema in [
            REGISTRY_ACCEPTED,
            DUPLICATE_FLAGGED,
            REVIEW_DECIDED,
            RECORD_WRITTEN,
            PERSONS_MATCHED,
            MATCH_DECIDED,
            PERSONS_JOINED,
            PERSONS_PARTED,
            HOUSEHOLDS_LINKED,
            HOUSEHOLDS_UNLINKED,
        ] {
            assert!(allowed(schema, registrations, Capture::Hub));
            assert!(!allowed(schema, registrations, Capture::Node));
            assert!(!allowed(
                schema,
                Scope(8).with_lane(Lane::Control),
                Capture::Hub
            ));
        }
        assert!(allowed(
            REGISTRATION_SUBMITTED,
            registrations,
            Capture::Node
        ));
        assert!(!allowed(
            REGISTRATION_SUBMITTED,
            registrations,
            Capture::None
        ));
        let control = Scope(8).with_lane(Lane::Control);
        for schema in [ROLE_GRANTED, ROLE_REVOKED, STAFF_CODE_GIVEN, NODE_CLOSED] {
            assert!(allowed(schema, control, Capture::Hub));
            assert!(!allowed(schema, control, Capture::Node));
        }
        assert!(!allowed(9_999, registrations, Capture::Hub));
        assert!(allowed(EPOCH_STARTED, Scope(8), Capture::None));
    }
}
