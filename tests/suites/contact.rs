//! Contacts of enrolled nodes with their hub, by the driver that every link uses, over turns in
//! memory: a closed node is turned away and told, a certificate is renewed in the answer.

use std::path::Path;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use node::clock::Clock;
use node::roles::hub::{self, FIRST_AREA};
use node::runtime::hub_link::local;
use node::runtime::session::{Driver, Trust};
use node_core::programme;
use node_core::query::{Answer, Query, SelfState};
use node_core::revocation::Mode;
use node_store::{AgeKeys, Area, EnrolmentAnswer, HubStore, SlotOrder, SqliteStore, StoreConfig};
use sync_core::certificate::{self, NodeCertificate};
use sync_core::message::Elision;
use sync_core::refusal::RefusalCode;
use sync_core::session::{Finish, Input, Opening, Peer, Session};
use tempfile::TempDir;
use tests::district::{self, OFFICER};
use tests::office;

/// Requests of one contact; a longer one goes round in circles.
const ROUNDS_MAX: u32 = 20;
const CODE: [u8; 32] = [7; 32];

fn day(days: i64) -> Clock {
    let at: Timestamp = "2026-03-14T10:00:00Z".parse().expect("a time");
    district::clock(at + SignedDuration::from_hours(24 * days))
}

async fn own(store: &SqliteStore) -> SelfState {
    match store.query(Query::Self_).await {
        Ok(Answer::Self_(state)) => state,
        other => panic!("nobody: {other:?}"),
    }
}

/// A node of the hub's one area, enrolled.
async fn node(hub: &SqliteStore, folder: &Path, name: &str) -> SqliteStore {
    let now = day(0).now();
    let area = Area {
        programme: "maternal-child".to_owned(),
        scope: FIRST_AREA,
    };
    let slot = SlotOrder {
        name: name.to_owned(),
        grants: vec![area.grant()],
        verifier: CODE,
    };
    hub.open_slot(slot, now).await.expect("a slot");
    let config = StoreConfig {
        folder: folder.join(name),
        name: name.to_owned(),
        is_hub: false,
        villages: Arc::default(),
        country: "KE".to_owned(),
        language: "en".to_owned(),
        sender: "384".to_owned(),
        staff_pin_hours: 0,
        programmes: Arc::new(programme::usual().expect("programmes")),
    };
    let node = SqliteStore::open(config).expect("a store");
    let age = AgeKeys {
        identity: "AGE-SECRET-KEY-1TEST".to_owned(),
        recipient: "age1test".to_owned(),
    };
    let request = node.begin_enrolment(name.to_owned(), CODE, age, now).await;
    let answer = hub.enrol(request.expect("a request"), now).await;
    let Ok(EnrolmentAnswer::Granted(grant)) = answer else {
        panic!("not enrolled: {answer:?}");
    };
    let done = node
        .finish_enrolment(grant.response(), grant.roots, now)
        .await;
    done.expect("enrolled");
    node
}

/// One contact; how it ended.
async fn contact(node: &SqliteStore, hub: &SqliteStore, clock: Clock) -> Finish {
    let realm = node.realm().await.expect("a realm");
    let bytes = node.hub_certificate().await.expect("a hub");
    let bytes = bytes.expect("its certificate");
    let known = certificate::verify(&bytes, &realm.authority).expect("certified");
    let trust = |peer_key, is_hub| Trust {
        ca_key: realm.authority,
        receipt_key: realm.receipt_key,
        peer_key,
        is_hub,
    };
    let mine = local(node, &own(node).await, &realm).await.expect("us");
    let session = Session::initiate(mine, Peer::new(&known, &bytes), realm.receipt_key);
    let mut asks = Driver::new(node.clone(), clock, trust(None, false), session);
    let start = Input::Start {
        budget_bytes: u64::MAX,
        opening: Opening::Delta,
    };
    asks.feed(start).await;
    let key = node.node_keys().await.expect("keys").public;
    let mut said = Elision::default();
    for _ in 0..ROUNDS_MAX {
        if let Some(finish) = asks.finish() {
            return finish;
        }
        let theirs = local(hub, &own(hub).await, &realm).await.expect("the hub");
        let session = Session::answer(theirs);
        let answers = Driver::new(hub.clone(), clock, trust(Some(key), true), session);
        let mut answers = answers.over(said);
        answers.feed_turn(&asks.take_turn(), true).await;
        asks.feed_turn(&answers.take_turn(), true).await;
        said = answers.said().clone();
    }
    panic!("no end after {ROUNDS_MAX} rounds");
}

async fn registered(store: &SqliteStore) -> usize {
    match store.query(Query::Registrations { limit: 10 }).await {
        Ok(Answer::Registrations(rows)) => rows.len(),
        other => panic!("no registrations: {other:?}"),
    }
}

async fn list(store: &SqliteStore) -> Option<Vec<u8>> {
    match store.query(Query::Revocations).await {
        Ok(Answer::Bytes(list)) => list,
        other => panic!("no list: {other:?}"),
    }
}

async fn own_certificate(store: &SqliteStore) -> NodeCertificate {
    let key = store.realm().await.expect("a realm").authority;
    let bytes = own(store).await.certificate.expect("a certificate");
    certificate::verify(&bytes, &key).expect("certified")
}

#[tokio::test]
async fn a_closed_node_is_turned_away_and_told_and_goes_on_capturing() {
    let folder = TempDir::new().expect("a folder");
    let hub = district::founded(folder.path(), day(0)).await;
    let (kibo, moto) = (
        node(&hub, folder.path(), "kibo").await,
        node(&hub, folder.path(), "moto").await,
    );
    for store in [&kibo, &moto] {
        assert_eq!(contact(store, &hub, day(0)).await, Finish::Done);
    }
    let register = async |store: &SqliteStore| {
        let done = district::works(store, day(1), 1, office::family()).await;
        done.expect("a registration");
    };
    register(&kibo).await;
    let by = channels_core::Msisdn::parse(OFFICER.0).expect("a number");
    let what = ("kibo", Mode::Stop, "stolen");
    assert_eq!(
        hub::close(&hub, day(1), what, &by).await.expect("closed"),
        1
    );
    let refused = Finish::Refused(RefusalCode::Revoked);
    for _ in 0..2 {
        assert_eq!(contact(&kibo, &hub, day(2)).await, refused);
    }
    assert_eq!(registered(&hub).await, 0, "nothing of it was taken");
    assert!(list(&kibo).await.is_some(), "it knows");
    assert_eq!(contact(&moto, &hub, day(2)).await, Finish::Done);
    assert_eq!(list(&moto).await, list(&hub).await, "and so do the others");
    // Capture never stops for lack of contact, and the other node is the control.
    register(&kibo).await;
    register(&moto).await;
    assert_eq!(contact(&moto, &hub, day(3)).await, Finish::Done);
    assert_eq!((registered(&kibo).await, registered(&hub).await), (2, 1));
}

#[tokio::test]
async fn a_certificate_is_renewed_in_the_answer_also_when_it_is_over() {
    let folder = TempDir::new().expect("a folder");
    let hub = district::founded(folder.path(), day(0)).await;
    let kibo = node(&hub, folder.path(), "kibo").await;
    let mut last = own_certificate(&kibo).await;
    // Not yet due; due; long over.
    for (days, renewed) in [(100, false), (250, true), (251, false), (1_500, true)] {
        assert_eq!(
            contact(&kibo, &hub, day(days)).await,
            Finish::Done,
            "{days}"
        );
        let now = own_certificate(&kibo).await;
        assert_eq!(now.not_after > last.not_after, renewed, "{days}");
        assert_eq!((now.key, now.epoch), (last.key, last.epoch));
        last = now;
    }
}
