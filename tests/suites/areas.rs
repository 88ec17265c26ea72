//! Areas of a node that are added, moved and ended without a new enrolment: what it is given and may
//! write follows its newest certificate, and nothing that people were told of is lost.

use std::collections::BTreeSet;
use std::path::Path;

use channels_core::Msisdn;
use jiff::{SignedDuration, Timestamp};
use node::clock::Clock;
use node::roles::hub::{self, FIRST_AREA, HubConfig, PROGRAMME};
use node_core::command::{Command, Rejection};
use node_core::person::Field;
use node_core::query::{Answer, ChainHead, Query};
use node_core::revocation::{Closing, Mode};
use node_core::role::{Principal, Role, RoleGrant};
use node_core::status::Status;
use node_core::turn::{Committed, Turn};
use node_core::view::RegistrationRow;
use node_store::{Area, AreaChange, AreaRefusal, HubStore, SmsStep, SqliteStore};
use sync_core::certificate::{self, NodeCertificate};
use sync_core::session::{Finish, Opening};
use sync_core::{NodeId, Scope};
use tempfile::TempDir;
use tests::contact::{self, contact_of, own};
use tests::district::{self, WORKERS};
use tests::office::{agreed, fields};

const SECOND_AREA: Scope = Scope(24);
const STRANGE_AREA: Scope = Scope(800);

fn day(days: i64) -> Clock {
    let at: Timestamp = "2026-03-14T10:00:00Z".parse().expect("a time");
    district::clock(at + SignedDuration::from_hours(24 * days))
}

/// A change that does not fit: node, areas added and ended, and why.
type Refused<'a> = (NodeId, &'a [Scope], &'a [Scope], AreaRefusal);

/// A hub of two areas with a worker in each.
async fn hub_of_two(folder: &Path) -> SqliteStore {
    let config = HubConfig {
        areas: vec![FIRST_AREA, SECOND_AREA],
        ..hub::solo_config(&folder.join("hub"), day(0), "en")
    };
    let hub = hub::open(&config).await.expect("a hub");
    for (area, phone) in [FIRST_AREA, SECOND_AREA].into_iter().zip(WORKERS) {
        let phone = Msisdn::parse(phone).expect("a number");
        let worker = hub::worker(&phone, "Neema Wairimu", "en", (area, day(0).now().at));
        let granted = hub::grant(&hub, day(0), worker).await;
        granted.expect("a grant");
    }
    hub
}

async fn meets(node: &SqliteStore, hub: &SqliteStore, at: Clock) {
    let met = contact_of(node, hub, (at, Opening::Delta)).await;
    assert_eq!(met.finish(), Some(Finish::Done));
    // Nothing was sent that had to be refused (SY2).
    assert!(met.offenders().is_empty());
}

async fn registers(
    store: &SqliteStore,
    (area, number): (Scope, u32),
    at: Clock,
) -> Result<(), Rejection> {
    let command = Command::RegisterPair {
        programme: PROGRAMME.to_owned(),
        programme_version: 1,
        mother: fields(&[
            (Field::GivenName, "Amina"),
            (
                Field::FamilyName,
                &format!(
                    "Family{}",
                    char::from_digit(number + 10, 36).expect("a letter")
                ),
            ),
            (Field::BirthDate, &format!("19{}-05-17", 60 + number)),
            (Field::Phone, &format!("+25677110{number:04}")),
            (Field::Village, "kibo"),
            (Field::Sex, "F"),
        ]),
        child: fields(&[
            (Field::GivenName, "Zawadi"),
            (Field::BirthDate, "2026-03-02"),
            (Field::Sex, "M"),
        ]),
        consent: agreed(),
    };
    let principal = Principal {
        role: Role::HealthWorker,
        author: 1,
        scope: area,
        phone: None,
        channel: "operator".to_owned(),
        language: "en".to_owned(),
    };
    let turn = Turn::Command { principal, command };
    match store.commit(turn, at.now()).await.expect("an answer") {
        Committed::Command(done) => done.map(|_outcome| ()),
        other => panic!("no command: {other:?}"),
    }
}

async fn rows(store: &SqliteStore, area: Scope) -> Vec<RegistrationRow> {
    let Ok(Answer::Registrations(rows)) = store.query(Query::Registrations { limit: 50 }).await
    else {
        panic!("no registrations");
    };
    let of_area = rows.into_iter().filter(|row| row.id.scope.area() == area);
    of_area.collect()
}

async fn held_of(store: &SqliteStore, area: Scope) -> Vec<ChainHead> {
    let Ok(Answer::Frontier(heads)) = store.query(Query::Frontier).await else {
        panic!("no frontier");
    };
    let of_area = heads
        .into_iter()
        .filter(|head| head.chain.scope.area() == area);
    of_area.filter(|head| head.seq.0 > 0).collect()
}

async fn change(
    hub: &SqliteStore,
    node: NodeId,
    (add, end): (&[Scope], &[Scope]),
) -> Result<Vec<Scope>, AreaRefusal> {
    let area = |scope: &Scope| Area {
        programme: PROGRAMME.to_owned(),
        scope: *scope,
    };
    let change = AreaChange {
        node,
        add: add.iter().map(area).collect(),
        end: end.to_vec(),
    };
    hub.change_areas(change, day(2).now())
        .await
        .expect("an answer")
}

async fn certified(store: &SqliteStore) -> NodeCertificate {
    let key = store.realm().await.expect("a realm").authority;
    let bytes = own(store).await.certificate.expect("a certificate");
    certificate::verify(&bytes, &key).expect("certified")
}

#[tokio::test]
async fn an_area_that_is_added_is_given_and_served() {
    let folder = TempDir::new().expect("a folder");
    let hub = hub_of_two(folder.path()).await;
    let a = contact::node(&hub, (folder.path(), "a"), FIRST_AREA, day(0)).await;
    let b = contact::node(&hub, (folder.path(), "b"), SECOND_AREA, day(0)).await;
    for node in [&a, &b, &a] {
        meets(node, &hub, day(1)).await;
    }
    registers(&b, (SECOND_AREA, 0), day(1))
        .await
        .expect("registered");
    meets(&b, &hub, day(1)).await;
    meets(&a, &hub, day(1)).await;
    assert!(
        held_of(&a, SECOND_AREA).await.is_empty(),
        "control: not its area"
    );
    assert!(registers(&a, (SECOND_AREA, 1), day(1)).await.is_err());
    // As the office orders it: by name, and only an administrator.
    let phone = Msisdn::parse("+256770000060").expect("a number");
    let add = ("a", &[SECOND_AREA][..], &[][..]);
    let stranger = hub::change_areas(&hub, day(2), add, &phone).await;
    assert!(matches!(stranger, Err(hub::HubError::Rejected(_))));
    let administrator = RoleGrant {
        role: Role::Administrator,
        ..hub::worker(&phone, "Grace Atim", "en", (FIRST_AREA, day(2).now().at))
    };
    let granted = hub::grant(&hub, day(2), administrator).await;
    granted.expect("a grant");
    let served = hub::change_areas(&hub, day(2), add, &phone).await;
    assert_eq!(served.expect("changed"), [FIRST_AREA, SECOND_AREA]);
    // The first contact brings the certificate, the next one what it grants.
    meets(&a, &hub, day(2)).await;
    assert_eq!(certified(&a).await.areas(), [FIRST_AREA, SECOND_AREA]);
    meets(&a, &hub, day(2)).await;
    assert_eq!(rows(&a, SECOND_AREA).await.len(), 1);
    registers(&a, (SECOND_AREA, 1), day(3))
        .await
        .expect("registered");
    meets(&a, &hub, day(3)).await;
    meets(&b, &hub, day(3)).await;
    for store in [&hub, &b, &a] {
        assert_eq!(rows(store, SECOND_AREA).await.len(), 2);
        assert!(store.check(true).expect("a check").is_sound());
    }
}

#[tokio::test]
async fn what_was_registered_before_the_end_was_heard_of_arrives_and_nothing_after_it() {
    let folder = TempDir::new().expect("a folder");
    let hub = hub_of_two(folder.path()).await;
    let a = contact::node(&hub, (folder.path(), "a"), FIRST_AREA, day(0)).await;
    let b = contact::node(&hub, (folder.path(), "b"), FIRST_AREA, day(0)).await;
    for node in [&a, &b] {
        meets(node, &hub, day(1)).await;
    }
    registers(&a, (FIRST_AREA, 0), day(1))
        .await
        .expect("registered");
    meets(&a, &hub, day(1)).await;
    let index = certified(&a).await.scopes.len();
    // It moves to the other area while it has no road; people are still told that it registers.
    let node = own(&a).await.node;
    let moved = change(&hub, node, (&[SECOND_AREA], &[FIRST_AREA])).await;
    assert_eq!(moved, Ok(vec![SECOND_AREA]));
    registers(&a, (FIRST_AREA, 1), day(2))
        .await
        .expect("registered");
    meets(&a, &hub, day(3)).await;
    assert_eq!(rows(&hub, FIRST_AREA).await.len(), 2);
    for row in rows(&a, FIRST_AREA).await {
        assert_ne!(row.status, Status::Held, "the hub holds it");
    }
    // From now on it serves the other area alone, and hears nothing more of the first.
    assert_eq!(own(&a).await.scopes, [SECOND_AREA]);
    assert!(registers(&a, (FIRST_AREA, 2), day(3)).await.is_err());
    registers(&a, (SECOND_AREA, 3), day(3))
        .await
        .expect("registered");
    registers(&b, (FIRST_AREA, 4), day(3))
        .await
        .expect("registered");
    let before = held_of(&a, FIRST_AREA).await;
    meets(&b, &hub, day(3)).await;
    for _ in 0..2 {
        meets(&a, &hub, day(3)).await;
    }
    assert_eq!(held_of(&a, FIRST_AREA).await, before);
    assert_eq!(
        rows(&hub, FIRST_AREA).await.len(),
        3,
        "control: there is news"
    );
    assert_eq!(rows(&hub, SECOND_AREA).await.len(), 1);
    let quiet = contact_of(&a, &hub, (day(3), Opening::Delta)).await;
    assert_eq!((quiet.accepted(), quiet.receipts()), (0, 0));
    // Back again: the grant stands in its old place, and it catches up.
    let back = change(&hub, node, (&[FIRST_AREA], &[])).await;
    assert_eq!(back, Ok(vec![FIRST_AREA, SECOND_AREA]));
    for _ in 0..2 {
        meets(&a, &hub, day(4)).await;
    }
    assert_eq!(certified(&a).await.scopes.len(), index + 1);
    assert_eq!(rows(&a, FIRST_AREA).await.len(), 3);
    for store in [&hub, &b, &a] {
        assert!(store.check(true).expect("a check").is_sound());
    }
}

#[tokio::test]
async fn a_change_that_does_not_fit_is_refused_and_changes_nothing() {
    let folder = TempDir::new().expect("a folder");
    let hub = hub_of_two(folder.path()).await;
    let a = contact::node(&hub, (folder.path(), "a"), FIRST_AREA, day(0)).await;
    meets(&a, &hub, day(1)).await;
    let node = own(&a).await.node;
    let hub_node = own(&hub).await.node;
    let before = held_of(&hub, FIRST_AREA).await;
    let cases: [Refused<'_>; 7] = [
        (NodeId(77), &[SECOND_AREA], &[], AreaRefusal::NoNode),
        (hub_node, &[SECOND_AREA], &[], AreaRefusal::NoNode),
        (node, &[FIRST_AREA], &[], AreaRefusal::Known(FIRST_AREA)),
        (
            node,
            &[STRANGE_AREA],
            &[],
            AreaRefusal::NotOurs(STRANGE_AREA),
        ),
        (
            node,
            &[],
            &[SECOND_AREA],
            AreaRefusal::NotServed(SECOND_AREA),
        ),
        (node, &[], &[FIRST_AREA], AreaRefusal::Last),
        (
            node,
            &[],
            &[FIRST_AREA, FIRST_AREA],
            AreaRefusal::NotServed(FIRST_AREA),
        ),
    ];
    for (node, add, end, refusal) in cases {
        assert_eq!(
            change(&hub, node, (add, end)).await,
            Err(refusal),
            "{add:?} {end:?}"
        );
        assert!(!refusal.to_string().is_empty());
    }
    assert_eq!(
        change(&a, node, (&[SECOND_AREA], &[])).await,
        Err(AreaRefusal::NoHub)
    );
    let closing = Closing {
        node,
        mode: Mode::Stop,
        reason: "stolen".to_owned(),
    };
    let officer = Principal {
        role: Role::Officer,
        author: 1,
        ..Principal::system(FIRST_AREA, "en")
    };
    assert_eq!(held_of(&hub, FIRST_AREA).await, before);
    let closed = hub.revoke(officer, closing, day(1).now()).await;
    closed.expect("a list").expect("closed");
    assert_eq!(
        change(&hub, node, (&[SECOND_AREA], &[])).await,
        Err(AreaRefusal::Closed)
    );
    assert_eq!(certified(&a).await.areas(), [FIRST_AREA]);
}

/// What the hub would send a node by SMS: the areas of its own chains.
async fn offered_by_sms(hub: &SqliteStore, node: &SqliteStore, at: Clock) -> BTreeSet<Scope> {
    let ends = node.sms_ends().await.expect("ends")[0].0;
    let told = node.sms_offers(ends).await.expect("offers").have;
    let peers = hub.sms_peers(at.now()).await.expect("peers");
    let peer = peers.into_iter().find(|peer| peer.ends == ends);
    let step = SmsStep {
        ends,
        steps: peer.expect("the link").steps,
        state: Vec::new(),
        purse: ("modem".to_owned(), Vec::new(), 0),
        sends: 0,
        began: Vec::new(),
        ended: Vec::new(),
        receipts: Vec::new(),
        heard: Vec::new(),
        told,
        learned: None,
    };
    hub.persist_sms(step, at.now()).await.expect("told");
    let offers = hub.sms_offers(ends).await.expect("offers");
    let entries = offers.entries.iter();
    entries.map(|offer| offer.chain.scope.area()).collect()
}

#[tokio::test]
async fn nothing_of_an_ended_area_leaves_by_sms() {
    let folder = TempDir::new().expect("a folder");
    let hub = hub_of_two(folder.path()).await;
    let a = contact::node(&hub, (folder.path(), "a"), FIRST_AREA, day(0)).await;
    let node = own(&a).await.node;
    let before = offered_by_sms(&hub, &a, day(1)).await;
    assert_eq!(before, BTreeSet::from([FIRST_AREA]));
    let moved = change(&hub, node, (&[SECOND_AREA], &[FIRST_AREA])).await;
    assert_eq!(moved, Ok(vec![SECOND_AREA]));
    let after = offered_by_sms(&hub, &a, day(2)).await;
    assert_eq!(after, BTreeSet::from([SECOND_AREA]));
}
