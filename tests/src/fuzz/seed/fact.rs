//! Seeds of facts, one of each, and of dialogue sessions from a walk through the shipped programme.

use std::collections::BTreeMap;

use channels_core::Msisdn;
use node_core::alert::{Alert, AlertId, AlertKind, AlertLevel};
use node_core::contact::Moment;
use node_core::dialogue::{Next, SESSION_BYTES_MAX, SESSION_VERSION, Session, open, resume, step};
use node_core::duplicate::weight::Band;
use node_core::erasure::Erasure;
use node_core::event::Event;
use node_core::fact::{FACT_BYTES_MAX, FACT_VERSION, Fact, Registration};
use node_core::hold::{Change, Detail, Step};
use node_core::household::{HouseholdRole, Joining};
use node_core::hub_signed::HubSigned;
use node_core::matching::{Reason, Word};
use node_core::programme::usual;
use node_core::reference::{ReferenceItem, ReferencePart};
use node_core::revocation::{Closing, Mode};
use node_core::role::{Principal, Role, RoleEnd, RoleGrant, StaffCode};
use node_core::slip::SlipId;
use node_core::slip::code::CodeKey;
use sync_core::{ClockQuality, EntryRef, Epoch, NodeId, Scope, Seq};

use super::super::frame::origin;
use super::form;

pub(super) fn inputs() -> Vec<Vec<u8>> {
    let bodies: Vec<Vec<u8>> = facts()
        .iter()
        .map(|fact| fact.encode().expect("a fact of a seed"))
        .collect();
    let mut inputs: Vec<Vec<u8>> = bodies.iter().map(|body| form(0, body)).collect();
    inputs.push(form(0, [&bodies[0][..], &[0]].concat()));
    inputs.push(form(0, [FACT_VERSION + 1]));
    inputs.push(form(0, [FACT_VERSION, 0xFF]));
    // Only its length counts; one byte repeats, so that the repository stays small.
    inputs.push(form(0, vec![FACT_VERSION; FACT_BYTES_MAX + 1]));
    let sessions = sessions();
    inputs.extend(sessions.iter().map(|session| form(1, session)));
    inputs.push(form(1, [&sessions[0][..], &[0]].concat()));
    inputs.push(form(1, [99]));
    inputs.push(form(1, [SESSION_VERSION, 0xFF]));
    inputs.push(form(1, vec![SESSION_VERSION; SESSION_BYTES_MAX + 1]));
    inputs
}

fn reference(seq: u32) -> EntryRef {
    EntryRef {
        origin: NodeId(7),
        epoch: Epoch::new(1, 0),
        scope: Scope(0x103),
        seq: Seq(seq),
    }
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn grant() -> RoleGrant {
    let mut grant = RoleGrant {
        index: 1,
        role: Role::HealthWorker,
        phone: text("+256772000001"),
        name: text("Neema"),
        language: text("sw"),
        scope: Scope(0x100),
        not_after: "2027-01-01T00:00:00Z".parse().expect("a time"),
        hub: NodeId(1),
        signature: [0; 64],
    };
    grant.sign(&origin()).expect("a grant can be signed");
    grant
}

fn facts() -> Vec<Fact> {
    [
        capture(),
        registry(),
        review(),
        guard(),
        happened(),
        proof(),
        pairs(),
        lines(),
    ]
    .concat()
}

fn proof() -> Vec<Fact> {
    let slip = SlipId([6; 8]);
    vec![
        Fact::SlipIssued { slip },
        Fact::SlipsRevoked { slips: vec![slip] },
        Fact::SlipKeyGiven {
            key: CodeKey([7; 32]),
        },
        Fact::CertificateShared {
            certificate: vec![1, 2, 3],
        },
        Fact::AlertRaised(Alert {
            id: AlertId([8; 8]),
            step: 1,
            kind: AlertKind::AllClear,
            level: AlertLevel::Danger,
            text: text("The water is gone."),
            expires_at: "2027-01-01T00:00:00Z".parse().expect("a time"),
            only: Some(NodeId(1)),
        }),
        Fact::ReferencePublished(ReferencePart {
            list: text("places"),
            revision: 2,
            part: 1,
            parts: 1,
            items: vec![ReferenceItem {
                code: text("AP"),
                names: vec![(text("en"), text("Apac"))],
                parent: Some(text("north")),
                position: Some((1_975_600, 32_500_000)),
                texts: Vec::new(),
            }],
        }),
    ]
}

fn capture() -> Vec<Fact> {
    let epoch = Epoch::new(2, 0);
    vec![
        Fact::EpochStarted {
            previous: Epoch::new(1, 0),
            heads: vec![(0x103, 9, [2; 32])],
            reason: text("restore"),
            key: [3; 32],
            signature: Some(vec![4; 64]),
        },
        Fact::RoleGranted(grant()),
        Fact::NumbersAsked { left: 200 },
        Fact::NumbersLeased {
            node: NodeId(7),
            epoch,
            numbers: vec![1, 999_999_999],
        },
        Fact::RegistrationSubmitted(Registration {
            programme: text("maternal-child"),
            programme_version: 1,
            mother: reference(1),
            child: reference(2),
        }),
        Fact::ConsentRecorded {
            agreement: text("maternal-child/registration"),
            revision: 1,
            text_hash: [5; 32],
            language: text("en"),
            opt_in: true,
            channel: text("ussd"),
            purposes: vec![text("registry")],
            basis: node_core::consent::Basis::Consent,
            witness: Some(node_core::consent::Witness::Keypad),
            after: vec![reference(3)],
        },
        Fact::NumberBound {
            phone: text("+256772000001"),
            day: Some(20_526),
        },
        Fact::MessagesStopped {
            phone: text("+256772000001"),
            stopped: false,
            after: vec![reference(3)],
        },
        Fact::AliasAssigned {
            old: text("7K-0001"),
            new: text("1000000009"),
        },
        Fact::RecordsRead(node_core::read::ReadNote {
            persons: vec![reference(1), reference(2)],
            class: node_core::read::Class::Review,
            reader: node_core::read::Reader::Staff(Scope(16), 2, Role::Officer),
            place: text("Kibo"),
            application: text("console"),
            reason: text("review"),
            records: Vec::new(),
        }),
        Fact::RecordsRead(node_core::read::ReadNote {
            persons: Vec::new(),
            class: node_core::read::Class::Registry,
            reader: node_core::read::Reader::Client(text("ET/GOV/90000021/outpost")),
            place: text("Hub"),
            application: text("outpost"),
            reason: text("read"),
            records: vec![node_core::read::RecordName {
                registry: text("mcts"),
                version: text("1.0"),
                id: text("0d9c6d5e"),
            }],
        }),
    ]
}

fn registry() -> Vec<Fact> {
    let registration = reference(3);
    vec![
        Fact::EffectPlanned {
            registration,
            upstream: text("registries"),
            request_id: text("0123456789AB"),
        },
        Fact::RegistryAccepted {
            registration,
            registry_id: text("5f1e"),
            request_id: text("0123456789AB"),
        },
        Fact::RegistryRejected {
            registration,
            code: text("422"),
            field: Some(text("birth_date")),
            reason: text("in the future"),
        },
        Fact::RecordWritten {
            registry: text("mother-child"),
            version: text("1.0"),
            id: text("5f1e"),
            content: Some(text("{\"a\":1}")),
            client: text("hub"),
            at: "2026-05-17T09:00:00Z".parse().expect("a time"),
            replay_key: text("00ff"),
        },
    ]
}

fn review() -> Vec<Fact> {
    let (review, registration, other) = (1, reference(9), reference(3));
    vec![
        Fact::DuplicateFlagged {
            review,
            registration,
            other,
            other_hint: text("0009"),
        },
        Fact::ReviewAnswered {
            review,
            registration,
            same: true,
        },
        Fact::ReviewDecided {
            review,
            registration,
            other,
            same: false,
        },
    ]
}

fn guard() -> Vec<Fact> {
    let mut end = RoleEnd {
        scope: Scope(0x100),
        index: 1,
        at: "2026-05-17T09:00:00Z".parse().expect("a time"),
        reason: text("left"),
        hub: NodeId(1),
        signature: [0; 64],
    };
    end.sign(&origin()).expect("an end can be signed");
    let person = reference(1);
    let mut erasure = Erasure {
        person,
        reason: text("asked"),
        approved: [(Scope(0x100), 1), (Scope(0x100), 2)],
        hub: NodeId(1),
        signature: [0; 64],
    };
    erasure.sign(&origin()).expect("an erasure can be signed");
    let mut code = StaffCode {
        scope: Scope(0x100),
        index: 1,
        salt: [3; 16],
        digest: [4; 32],
        not_after: "2026-06-17T09:00:00Z".parse().expect("a time"),
        hub: NodeId(1),
        signature: [0; 64],
    };
    code.sign(&origin()).expect("a code can be signed");
    let by = (Scope(0x100), 1);
    vec![
        Fact::StaffCodeGiven(code),
        Fact::NodeClosed(Closing {
            node: NodeId(7),
            mode: Mode::Stop,
            reason: "stolen at the market".to_owned(),
        }),
        Fact::RoleRevoked(end),
        Fact::PinReset { locked: true },
        Fact::ErasureAsked,
        Fact::ErasureApproved { person, by },
        Fact::PersonErased(erasure),
        Fact::ErasureConfirmed { person },
    ]
}

fn happened() -> Vec<Fact> {
    let event = Event {
        programme: text("maternal-child"),
        programme_version: 2,
        code: text("visit"),
        refers: Some(reference(3)),
        replaces: None,
        fields: BTreeMap::from([(text("weight"), text("61"))]),
    };
    vec![
        Fact::EventRecorded(event),
        Fact::EntryWithdrawn {
            entry: reference(4),
        },
        Fact::PeopleHandedOver {
            to: 2,
            persons: vec![reference(1), reference(2)],
        },
    ]
}

fn pairs() -> Vec<Fact> {
    let pair = [reference(3), reference(9)];
    let number = 2;
    vec![
        Fact::PersonsMatched {
            number,
            pair,
            band: Band::Review,
            reasons: vec![Reason::NamesClose, Reason::BirthEqual],
            hints: [text("8630"), text("0937")],
            workers: [(Scope(0x100), 1), (Scope(0x100), 2)],
        },
        Fact::MatchAnswered {
            number,
            pair,
            word: Word::NotSure,
        },
        Fact::MatchDecided {
            number,
            pair,
            same: true,
            by: text("officer 256.1"),
            reason: text("both papers seen"),
        },
        Fact::PersonsJoined { pair },
        Fact::PersonsParted {
            pair,
            additions: vec![reference(11)],
            by: text("officer 256.1"),
            reason: text("two cards"),
        },
        Fact::PersonsDistinct { pair },
        Fact::HouseholdJoined(Joining {
            programme: text("cash-transfer"),
            household: Some(reference(12)),
            role: HouseholdRole::Spouse,
            leaves: vec![reference(13)],
        }),
        Fact::HouseholdLeft {
            memberships: vec![reference(14)],
        },
        Fact::HouseholdsLinked {
            pair,
            by: text("officer 256.1"),
            reason: text("one roof"),
        },
        Fact::HouseholdsUnlinked {
            pair,
            additions: vec![reference(15)],
            by: text("officer 256.1"),
            reason: text("two roofs"),
        },
    ]
}

fn lines() -> Vec<Fact> {
    vec![
        Fact::NumberSeen {
            phone: text("+256772000001"),
            day: 20_541,
        },
        Fact::NumberUnbound {
            phone: text("+256772000001"),
            additions: vec![reference(1), reference(5)],
            why: node_core::binding::Unbound::Recycled,
        },
        Fact::ChangeAsked(Change {
            detail: Detail::Phone,
            old: text("+256772000001"),
            new: text("+256772000002"),
            code: 471,
            lost: true,
            at: Some("2026-05-17T09:00:00Z".parse().expect("a time")),
        }),
        Fact::ChangeMoved {
            change: reference(12),
            step: Step::Agreed,
        },
    ]
}

/// Sessions after each input of a worker and of a citizen.
fn sessions() -> Vec<Vec<u8>> {
    let registration = [
        "1",
        "Akinyi",
        "Nyambura",
        "1994",
        "0772123456",
        "9",
        "0",
        "1",
        "Amina",
        "1",
        "1",
        "2",
        "x",
        "1",
    ];
    let worker = walk(Role::HealthWorker, "en", &registration);
    let citizen = walk(Role::Citizen, "", &["3", "1", "1", "0"]);
    let left = walk(Role::HealthWorker, "fr", &["0"]);
    let sessions = worker.into_iter().chain(citizen).chain(left);
    sessions
        .map(|session| session.encode().expect("a session of a seed"))
        .collect()
}

fn walk(role: Role, language: &str, typed: &[&str]) -> Vec<Session> {
    let programmes = usual().expect("the shipped programme compiles");
    let at = "2026-05-17T09:00:00Z".parse().expect("a time");
    let now = Moment {
        at,
        quality: ClockQuality::Ntp,
    };
    let principal = Principal {
        role,
        author: u32::from(role != Role::Citizen),
        scope: Scope(0x100),
        phone: Msisdn::parse("256772000001").ok(),
        channel: text("operator-a"),
        language: text(language),
    };
    let mut sessions = vec![open(&programmes, &principal, None, now).session];
    for input in typed {
        let last = sessions.last().cloned().expect("one at least");
        let mut next = step(&programmes, last, input, now);
        if let Next::Act(_) = next.next {
            // The store would decide; a refusal shows its sentence and is the shorter way.
            let rejection = node_core::command::Rejection {
                text: text("refuse-choice"),
                arguments: BTreeMap::new(),
            };
            sessions.push(next.session.clone());
            next = resume(&programmes, next.session, Err(rejection), now);
        }
        sessions.push(next.session);
    }
    sessions
}
