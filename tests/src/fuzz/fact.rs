//! Bodies of facts and stored dialogue sessions: what is read can be written and reads the same.
//!
//! The postcard form lets a peer write a number or a map in several ways, so values are compared
//! and not bytes; what is written again is never longer, but for a moment in time.

use node_core::dialogue::{SESSION_BYTES_MAX, Session, SessionError};
use node_core::fact::{FACT_BYTES_MAX, Fact, FactError};
use node_core::hub_signed::HubSigned;
use node_core::role::RoleGrant;

use super::Reached;
use super::frame::{origin, public};

/// How much a time may grow when it is written again in full, bytes: `RFC 3339` with nanoseconds.
const TIME_BYTES_MAX: usize = 40;

/// Every fact, sessions, and every reason to refuse one.
pub(super) const REACHES: &[&str] = &[
    "epoch started",
    "role granted",
    "numbers leased",
    "registration submitted",
    "consent recorded",
    "effect planned",
    "registry accepted",
    "registry rejected",
    "duplicate flagged",
    "review answered",
    "review decided",
    "number bound",
    "messages stopped",
    "alias assigned",
    "record written",
    "records read",
    "role revoked",
    "event recorded",
    "entry withdrawn",
    "people handed over",
    "pin reset",
    "erasure asked",
    "erasure approved",
    "person erased",
    "erasure confirmed",
    "slip issued",
    "slips revoked",
    "slip key given",
    "certificate shared",
    "reference published",
    "alert raised",
    "numbers asked",
    "persons matched",
    "match answered",
    "match decided",
    "persons joined",
    "persons parted",
    "persons distinct",
    "number seen",
    "number unbound",
    "change asked",
    "change moved",
    "staff code given",
    "fact: too large",
    "fact: version",
    "fact: leftover",
    "fact: malformed",
    "open session",
    "finished session",
    "signed grant",
    "session: too large",
    "session: version",
    "session: leftover",
    "session: malformed",
];

fn name(fact: &Fact) -> &'static str {
    match fact {
        Fact::EpochStarted { .. } => "epoch started",
        Fact::RoleGranted(_) => "role granted",
        Fact::NumbersLeased { .. } => "numbers leased",
        Fact::RegistrationSubmitted(_) => "registration submitted",
        Fact::ConsentRecorded { .. } => "consent recorded",
        Fact::EffectPlanned { .. } => "effect planned",
        Fact::RegistryAccepted { .. } => "registry accepted",
        Fact::RegistryRejected { .. } => "registry rejected",
        Fact::DuplicateFlagged { .. } => "duplicate flagged",
        Fact::ReviewAnswered { .. } => "review answered",
        Fact::ReviewDecided { .. } => "review decided",
        Fact::NumberBound { .. } => "number bound",
        Fact::MessagesStopped { .. } => "messages stopped",
        Fact::AliasAssigned { .. } => "alias assigned",
        Fact::RecordWritten { .. } => "record written",
        Fact::RecordsRead(_) => "records read",
        Fact::RoleRevoked(_) => "role revoked",
        Fact::EventRecorded(_) => "event recorded",
        Fact::EntryWithdrawn { .. } => "entry withdrawn",
        Fact::PeopleHandedOver { .. } => "people handed over",
        Fact::PinReset { .. } => "pin reset",
        Fact::ErasureAsked => "erasure asked",
        Fact::ErasureApproved { .. } => "erasure approved",
        Fact::PersonErased(_) => "person erased",
        Fact::ErasureConfirmed { .. } => "erasure confirmed",
        Fact::SlipIssued { .. } => "slip issued",
        Fact::SlipsRevoked { .. } => "slips revoked",
        Fact::SlipKeyGiven { .. } => "slip key given",
        Fact::CertificateShared { .. } => "certificate shared",
        Fact::ReferencePublished(_) => "reference published",
        Fact::AlertRaised(_) => "alert raised",
        Fact::NumbersAsked { .. } => "numbers asked",
        Fact::PersonsMatched { .. } => "persons matched",
        Fact::MatchAnswered { .. } => "match answered",
        Fact::MatchDecided { .. } => "match decided",
        Fact::PersonsJoined { .. } => "persons joined",
        Fact::PersonsParted { .. } => "persons parted",
        Fact::PersonsDistinct { .. } => "persons distinct",
        Fact::HouseholdJoined(_) => "household joined",
        Fact::HouseholdLeft { .. } => "household left",
        Fact::HouseholdsLinked { .. } => "households linked",
        Fact::HouseholdsUnlinked { .. } => "households unlinked",
        Fact::NumberSeen { .. } => "number seen",
        Fact::NumberUnbound { .. } => "number unbound",
        Fact::ChangeAsked(_) => "change asked",
        Fact::ChangeMoved { .. } => "change moved",
        Fact::StaffCodeGiven(_) => "staff code given",
        Fact::NodeClosed(_) => "node closed",
    }
}

/// A body of a fact.
pub(super) fn fact(body: &[u8], reached: &mut Reached) {
    let fact = match Fact::decode(body) {
        Ok(fact) => fact,
        Err(error) => {
            reached.insert(match error {
                FactError::TooLarge { limit, got } => {
                    assert!(limit == FACT_BYTES_MAX && got == body.len() && got > limit);
                    "fact: too large"
                }
                FactError::Version { .. } => "fact: version",
                FactError::Leftover => "fact: leftover",
                FactError::Decode(_) => "fact: malformed",
                FactError::Encode(_) => panic!("reading does not write"),
            });
            return;
        }
    };
    reached.insert(name(&fact));
    assert!(body.len() <= FACT_BYTES_MAX);
    if let Fact::RoleGranted(grant) = &fact {
        check_grant(grant, reached);
    }
    match fact.encode() {
        Ok(again) => {
            assert!(again.len() <= body.len() + TIME_BYTES_MAX, "a fact grew");
            let reread = Fact::decode(&again).expect("what was written can be read");
            assert!(reread == fact, "a fact reads as another than was written");
            assert_eq!(
                reread.encode().ok(),
                Some(again),
                "a fact has no settled form"
            );
        }
        Err(_) => assert!(
            body.len() + TIME_BYTES_MAX > FACT_BYTES_MAX,
            "a fact cannot be written"
        ),
    }
}

/// A grant whose signature holds does not hold under any other name.
fn check_grant(grant: &RoleGrant, reached: &mut Reached) {
    let key = public(&origin());
    if grant.verify(&key) {
        reached.insert("signed grant");
        let mut other = grant.clone();
        other.name.push('x');
        assert!(!other.verify(&key), "a signature covers two names");
    }
}

/// A stored session.
pub(super) fn session(bytes: &[u8], reached: &mut Reached) {
    let session = match Session::decode(bytes) {
        Ok(session) => session,
        Err(error) => {
            reached.insert(match error {
                SessionError::TooLarge { .. } => "session: too large",
                SessionError::Version { .. } => "session: version",
                SessionError::Leftover => "session: leftover",
                SessionError::Decode(_) => "session: malformed",
                SessionError::Encode(_) => panic!("reading does not write"),
            });
            return;
        }
    };
    reached.insert(if session.is_finished() {
        "finished session"
    } else {
        "open session"
    });
    match session.encode() {
        Ok(again) => {
            let reread = Session::decode(&again).expect("what was written can be read");
            assert!(
                reread == session,
                "a session reads as another than was written"
            );
        }
        Err(_) => assert!(bytes.len() + 2 * TIME_BYTES_MAX > SESSION_BYTES_MAX),
    }
}
