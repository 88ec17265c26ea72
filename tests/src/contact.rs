//! Contacts by the driver that every link uses, over turns in memory: nodes with their hub, and
//! nodes with each other.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use node::clock::Clock;
use node::runtime::hub_link::local;
use node::runtime::session::{Driver, Trust};
use node::runtime::uplink::asking;
use node_core::programme;
use node_core::query::{Answer, Query, SelfState};
use node_core::turn::Turn;
use node_store::{AgeKeys, Area, EnrolmentAnswer, HubStore, SlotOrder, SqliteStore, StoreConfig};
use sync_core::certificate;
use sync_core::message::Elision;
use sync_core::session::{Finish, Input, Known, Local, Opening, Profile, Session, readable};
use sync_core::{NodeId, Scope};

/// Requests of one contact; a longer one goes round in circles.
const ROUNDS_MAX: u32 = 200;
const CODE: [u8; 32] = [7; 32];

/// Who a store is.
pub async fn own(store: &SqliteStore) -> SelfState {
    match store.query(Query::Self_).await {
        Ok(Answer::Self_(state)) => state,
        other => panic!("nobody: {other:?}"),
    }
}

/// A node of one of the hub's areas, enrolled.
pub async fn node(
    hub: &SqliteStore,
    (folder, name): (&Path, &str),
    area: Scope,
    clock: Clock,
) -> SqliteStore {
    let now = clock.now();
    let area = Area {
        programme: "maternal-child".to_owned(),
        scope: area,
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

async fn trust(store: &SqliteStore, peer_key: Option<[u8; 32]>, is_hub: bool) -> Trust {
    let realm = store.realm().await.expect("a realm");
    Trust {
        ca_key: realm.authority,
        receipt_key: realm.receipt_key,
        peer_key,
        is_hub,
    }
}

async fn key(store: &SqliteStore) -> [u8; 32] {
    store.node_keys().await.expect("keys").public
}

async fn us(store: &SqliteStore) -> Local {
    let realm = store.realm().await.expect("a realm");
    local(store, &own(store).await, &realm).await.expect("us")
}

/// One contact of a node with its hub; how it ended.
pub async fn contact(node: &SqliteStore, hub: &SqliteStore, clock: Clock) -> Finish {
    let driver = contact_of(node, hub, (clock, Opening::Delta)).await;
    driver.finish().expect("an end")
}

/// The same with any opening; the node's side of it, at its end.
pub async fn contact_of(
    node: &SqliteStore,
    hub: &SqliteStore,
    (clock, opening): (Clock, Opening),
) -> Driver<SqliteStore> {
    let mut asks = asking(node, clock).await.expect("an enrolled node");
    let start = Input::Start {
        budget_bytes: u64::MAX,
        opening,
    };
    asks.feed(start).await;
    let key = key(node).await;
    let mut said = Elision::default();
    for _ in 0..ROUNDS_MAX {
        if asks.finish().is_some() {
            return asks;
        }
        let SelfState { node, epoch, .. } = own(hub).await;
        let renewed = hub.commit(Turn::Renew { node, epoch }, clock.now()).await;
        renewed.expect("a hub's own certificate");
        let session = Session::answer(us(hub).await);
        let trust = trust(hub, Some(key), true).await;
        let mut answers = Driver::new(hub.clone(), clock, trust, session).over(said);
        answers.feed_turn(&asks.take_turn(), true).await;
        asks.feed_turn(&answers.take_turn(), true).await;
        said = answers.said().clone();
    }
    panic!("no end after {ROUNDS_MAX} rounds");
}

/// What a meeting of two nodes left behind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Meeting {
    /// How it ended.
    pub finish: Finish,
    /// Requests that it took.
    pub rounds: u32,
    /// Bytes that went over, both ways.
    pub bytes: usize,
    /// Who answers, in the eyes of the one that dialled and of the one that answered.
    pub offenders: [Vec<NodeId>; 2],
}

/// What a node says of itself to a neighbour.
pub async fn neighbour(store: &SqliteStore) -> Local {
    let realm = store.realm().await.expect("a realm");
    let us = us(store).await;
    let mine = certificate::verify(&us.certificate, &realm.authority).expect("certified");
    Local {
        scopes: readable(&mine),
        profile: Profile::Lan,
        ..us
    }
}

async fn known(store: &SqliteStore) -> Known {
    Known {
        receipt_key: store.realm().await.expect("a realm").receipt_key,
        quarantined: BTreeSet::new(),
    }
}

/// One meeting of two nodes.
pub async fn meet(a: &SqliteStore, b: &SqliteStore, clock: Clock) -> Meeting {
    meet_over(a, b, clock, |turn| turn).await
}

/// The same over a road that changes what the one that dialled hears.
pub async fn meet_over(
    a: &SqliteStore,
    b: &SqliteStore,
    clock: Clock,
    change: impl Fn(Vec<u8>) -> Vec<u8>,
) -> Meeting {
    let (key_a, key_b) = (key(a).await, key(b).await);
    let session = Session::meet(neighbour(a).await, own(b).await.node, known(a).await);
    let trusted = trust(a, Some(key_b), false).await;
    let mut asks = Driver::new(a.clone(), clock, trusted, session);
    let start = Input::Start {
        budget_bytes: u64::MAX,
        opening: Opening::Full,
    };
    asks.feed(start).await;
    let (mut bytes, mut guilty, mut said) = (0, Vec::new(), Elision::default());
    for rounds in 0..ROUNDS_MAX {
        if let Some(finish) = asks.finish() {
            return Meeting {
                finish,
                rounds,
                bytes,
                offenders: [asks.offenders().to_vec(), guilty],
            };
        }
        let session = Session::answer_neighbour(neighbour(b).await, known(b).await);
        let trusted = trust(b, Some(key_a), false).await;
        let mut answers = Driver::new(b.clone(), clock, trusted, session).over(said);
        let request = asks.take_turn();
        answers.feed_turn(&request, true).await;
        let answer = change(answers.take_turn());
        guilty.extend(answers.offenders());
        said = answers.said().clone();
        bytes += request.len() + answer.len();
        asks.feed_turn(&answer, true).await;
    }
    panic!("no end after {ROUNDS_MAX} rounds");
}
