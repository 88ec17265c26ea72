//! A hub and two enrolled nodes with a worker each, generic over the store.

use std::path::Path;
use std::sync::Arc;

use channels_core::{LinkName, Msisdn};
use jiff::SignedDuration;
use node_core::command::{Command, ConsentAnswer, Outcome, Rejection};
use node_core::contact::Moment;
use node_core::person::{Field, PersonFields};
use node_core::programme::{self, Programmes};
use node_core::query::{Answer, ChainHead, Counts, Query, SelfState};
use node_core::role::{Principal, Role, RoleGrant};
use node_core::turn::{Acceptance, Claim, ClaimKind, Committed, EffectOutcome, Finish, Turn};
use node_core::view::RegistrationRow;
use node_store::{
    AgeKeys, Area, EnrolmentAnswer, Founding, HubStore, SlotOrder, SqliteStore, StoreConfig,
};
use sync_core::{ChainId, ClockQuality, Lane, NodeId, Scope, Seq};

pub(crate) const AREA: Scope = Scope(16);
pub(crate) const WORKER_A: &str = "+254700000001";
pub(crate) const WORKER_B: &str = "+254700000002";
pub(crate) const CODE: [u8; 32] = [7; 32];

/// Seconds after the beginning of the test day.
pub(crate) fn at(seconds: i64) -> Moment {
    let start: jiff::Timestamp = "2026-03-14T10:00:00Z".parse().unwrap();
    Moment {
        at: start + SignedDuration::from_secs(seconds),
        quality: ClockQuality::Ntp,
    }
}

pub(crate) struct World<S> {
    pub(crate) programmes: Arc<Programmes>,
    pub(crate) hub: S,
    pub(crate) a: S,
    pub(crate) b: S,
}

pub(crate) fn programmes() -> Arc<Programmes> {
    Arc::new(programme::usual().unwrap())
}

pub(crate) fn config(programmes: &Arc<Programmes>, folder: &Path, name: &str) -> StoreConfig {
    StoreConfig {
        folder: folder.join(name),
        name: name.to_owned(),
        is_hub: name == "hub",
        villages: Arc::default(),
        country: "KE".to_owned(),
        language: "en".to_owned(),
        sender: "384".to_owned(),
        staff_pin_hours: 0,
        programmes: Arc::clone(programmes),
    }
}

pub(crate) fn area() -> Area {
    Area {
        programme: "maternal-child".to_owned(),
        scope: AREA,
    }
}

pub(crate) fn age() -> AgeKeys {
    AgeKeys {
        identity: "AGE-SECRET-KEY-1TEST".to_owned(),
        recipient: "age1test".to_owned(),
    }
}

pub(crate) async fn found(programmes: &Arc<Programmes>, folder: &Path) -> SqliteStore {
    let hub = SqliteStore::open(config(programmes, folder, "hub")).unwrap();
    let founding = Founding {
        realm: "test".to_owned(),
        areas: vec![area()],
        age: age(),
    };
    hub.found_hub(founding, at(0)).await.unwrap();
    hub
}

pub(crate) async fn order(hub: &SqliteStore, name: &str) -> NodeId {
    let order = SlotOrder {
        name: name.to_owned(),
        grants: vec![area().grant()],
        verifier: CODE,
    };
    hub.open_slot(order, at(0)).await.unwrap()
}

pub(crate) async fn enrol(hub: &SqliteStore, node: &SqliteStore, name: &str) {
    order(hub, name).await;
    let request = node
        .begin_enrolment(name.to_owned(), CODE, age(), at(1))
        .await
        .unwrap();
    finish(hub, node, request).await;
}

pub(crate) async fn finish(hub: &SqliteStore, node: &SqliteStore, request: Vec<u8>) {
    let EnrolmentAnswer::Granted(grant) = hub.enrol(request, at(2)).await.unwrap() else {
        panic!("refused");
    };
    node.finish_enrolment(grant.response(), grant.roots, at(3))
        .await
        .unwrap();
}

/// Hub, nodes and workers on SQLite, all synchronised.
pub(crate) async fn sqlite(folder: &Path) -> World<SqliteStore> {
    sqlite_of(programmes(), folder).await
}

/// The same, with programmes of one's own.
pub(crate) async fn sqlite_of(programmes: Arc<Programmes>, folder: &Path) -> World<SqliteStore> {
    let hub = found(&programmes, folder).await;
    let a = SqliteStore::open(config(&programmes, folder, "kibo")).unwrap();
    let b = SqliteStore::open(config(&programmes, folder, "moto")).unwrap();
    enrol(&hub, &a, "kibo").await;
    enrol(&hub, &b, "moto").await;
    for phone in [WORKER_A, WORKER_B] {
        command(&hub, &administrator(), Command::GrantRole(grant(phone)), 4)
            .await
            .unwrap();
    }
    let world = World {
        programmes,
        hub,
        a,
        b,
    };
    sync(&world.a, &world.hub, 5).await;
    sync(&world.b, &world.hub, 5).await;
    world
}

pub(crate) fn administrator() -> Principal {
    Principal {
        role: Role::Administrator,
        ..Principal::system(AREA, "en")
    }
}

pub(crate) fn grant(phone: &str) -> RoleGrant {
    RoleGrant {
        index: 0,
        role: Role::HealthWorker,
        phone: phone.to_owned(),
        name: "Neema Wairimu".to_owned(),
        language: "en".to_owned(),
        scope: AREA,
        not_after: "2027-01-01T00:00:00Z".parse().unwrap(),
        hub: NodeId(0),
        signature: [0; 64],
    }
}

pub(crate) fn worker(phone: &str, index: u32) -> Principal {
    Principal {
        role: Role::HealthWorker,
        author: index,
        scope: AREA,
        phone: Some(Msisdn::parse(phone).unwrap()),
        channel: "operator-a".to_owned(),
        language: "en".to_owned(),
    }
}

pub(crate) async fn command<S: HubStore>(
    store: &S,
    principal: &Principal,
    command: Command,
    second: i64,
) -> Result<Outcome, Rejection> {
    let turn = Turn::Command {
        principal: principal.clone(),
        command,
    };
    match store.commit(turn, at(second)).await.unwrap() {
        Committed::Command(result) => result,
        other => panic!("not a command's end: {other:?}"),
    }
}

pub(crate) fn fields(pairs: &[(Field, &str)]) -> PersonFields {
    let mut fields = PersonFields::default();
    for (field, value) in pairs {
        fields.set(*field, *value);
    }
    fields
}

pub(crate) fn letters(n: u32) -> String {
    n.to_string()
        .bytes()
        .map(|digit| char::from(digit - b'0' + b'a'))
        .collect()
}

pub(crate) fn phone(n: u32) -> String {
    format!("+2547110{n:05}")
}

/// A mother said yes to the agreement of the usual programme.
pub(crate) fn agreed() -> ConsentAnswer {
    ConsentAnswer {
        agreement: "maternal-child/registration".to_owned(),
        revision: 1,
        text_hash: [4; 32],
        language: "en".to_owned(),
        opt_in: true,
        channel: "ussd".to_owned(),
        purposes: Vec::new(),
        basis: node_core::consent::Basis::Consent,
        witness: None,
    }
}

pub(crate) fn pair(n: u32) -> Command {
    Command::RegisterPair {
        programme: "maternal-child".to_owned(),
        programme_version: 1,
        mother: fields(&[
            (Field::GivenName, &format!("Asha {}", letters(n))),
            (Field::FamilyName, "Mwangi"),
            (Field::BirthDate, "1994"),
            (Field::Phone, &phone(n)),
            (Field::Village, "kibo"),
            (Field::NationalId, &format!("ID{n:06}")),
        ]),
        child: fields(&[
            (Field::GivenName, &format!("Juma {}", letters(n))),
            (Field::BirthDate, "2026-03-02"),
            (Field::Sex, "M"),
            (Field::PlaceOfBirth, "home"),
        ]),
        consent: agreed(),
    }
}

/// Registers pair `n` at a node as its worker.
pub(crate) async fn register<S: HubStore>(store: &S, phone: &str, n: u32, second: i64) -> Outcome {
    let index = if phone == WORKER_A { 1 } else { 2 };
    command(store, &worker(phone, index), pair(n), second)
        .await
        .unwrap()
}

pub(crate) async fn frontier<S: HubStore>(store: &S) -> Vec<ChainHead> {
    match store.query(Query::Frontier).await.unwrap() {
        Answer::Frontier(heads) => heads,
        other => panic!("not a frontier: {other:?}"),
    }
}

pub(crate) async fn own<S: HubStore>(store: &S) -> SelfState {
    match store.query(Query::Self_).await.unwrap() {
        Answer::Self_(state) => state,
        other => panic!("not ourselves: {other:?}"),
    }
}

pub(crate) async fn counts<S: HubStore>(store: &S) -> Counts {
    match store.query(Query::Counts).await.unwrap() {
        Answer::Counts(counts) => counts,
        other => panic!("not counts: {other:?}"),
    }
}

pub(crate) async fn registrations<S: HubStore>(store: &S) -> Vec<RegistrationRow> {
    match store
        .query(Query::Registrations { limit: 500 })
        .await
        .unwrap()
    {
        Answer::Registrations(rows) => rows,
        other => panic!("not registrations: {other:?}"),
    }
}

pub(crate) async fn frames<S: HubStore>(store: &S, chain: ChainId, after: Seq) -> Vec<Vec<u8>> {
    let query = Query::Frames {
        chain,
        after,
        bytes_max: 1 << 20,
        packed: false,
    };
    match store.query(query).await.unwrap() {
        Answer::Frames(frames) => frames,
        other => panic!("not frames: {other:?}"),
    }
}

/// The registration chain of a store's current life.
pub(crate) async fn registration_chain<S: HubStore>(store: &S) -> ChainId {
    let state = own(store).await;
    let scope = AREA.with_lane(Lane::Registration);
    frontier(store)
        .await
        .into_iter()
        .map(|head| head.chain)
        .find(|chain| {
            chain.origin == state.node && chain.epoch == state.epoch && chain.scope == scope
        })
        .unwrap()
}

/// Sends what one store wrote to another and takes the receipts back.
pub(crate) async fn push<S: HubStore>(from: &S, to: &S, second: i64) {
    push_of(from, to, None, second).await;
}

/// The same, of one area only.
pub(crate) async fn push_of<S: HubStore>(from: &S, to: &S, area: Option<Scope>, second: i64) {
    let node = own(from).await.node;
    let theirs = frontier(to).await;
    for head in frontier(from)
        .await
        .into_iter()
        .filter(|head| head.chain.origin == node)
        .filter(|head| area.is_none_or(|area| head.chain.scope.area() == area))
    {
        let known = theirs.iter().find(|other| other.chain == head.chain);
        let after = known.map_or(Seq(0), |other| other.seq);
        if after == head.seq && head.receipted < head.seq {
            take_receipt(from, to, head.chain, second).await;
        }
        for frame in frames(from, head.chain, after).await {
            match to.accept(frame, at(second)).await.unwrap() {
                Acceptance::Accepted { receipt, .. } | Acceptance::Known { receipt } => {
                    if let Some(receipt) = receipt {
                        let done = from
                            .commit(Turn::Receipt(receipt), at(second))
                            .await
                            .unwrap();
                        assert_eq!(done, Committed::Done);
                    }
                }
                Acceptance::Refused { code, reason } => panic!("refused {code}: {reason}"),
            }
        }
    }
}

/// Fetches the receipt of a chain that the other side holds already.
async fn take_receipt<S: HubStore>(from: &S, to: &S, chain: ChainId, second: i64) {
    let query = Query::Receipt { chain };
    if let Answer::Bytes(Some(bytes)) = to.query(query).await.unwrap() {
        let done = from.commit(Turn::Receipt(bytes), at(second)).await.unwrap();
        assert_eq!(done, Committed::Done);
    }
}

/// Both ways.
pub(crate) async fn sync<S: HubStore>(node: &S, hub: &S, second: i64) {
    push(node, hub, second).await;
    push(hub, node, second).await;
}

pub(crate) async fn claim_effects<S: HubStore>(hub: &S, second: i64) -> Vec<Claim> {
    let kind = ClaimKind::Effects {
        upstream: "registries".to_owned(),
    };
    hub.claim(kind, 100, at(second)).await.unwrap()
}

pub(crate) async fn claim_messages<S: HubStore>(store: &S, second: i64) -> Vec<Claim> {
    store
        .claim(ClaimKind::Messages, 100, at(second))
        .await
        .unwrap()
}

pub(crate) async fn finish_effect<S: HubStore>(
    hub: &S,
    request_id: &str,
    outcome: EffectOutcome,
    second: i64,
) {
    let finish = Finish::Effect {
        request_id: request_id.to_owned(),
        outcome,
    };
    hub.finish(finish, at(second)).await.unwrap();
}

pub(crate) fn link() -> LinkName {
    LinkName("operator-a".to_owned())
}
