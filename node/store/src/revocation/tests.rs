//! Who was closed is refused and others are not; lists only go forward; certificates are renewed in
//! time and bring no old grants back.

use node_core::role::{Role, RoleGrant};
use node_core::turn::{Acceptance, Committed, Turn};
use ring::signature::{Ed25519KeyPair, KeyPair};
use sync_core::certificate::{self, NodeCertificate};
use sync_core::{Lane, Scope, Seq};

use super::*;
use crate::world::{
    AREA, WORKER_A, WORKER_B, World, administrator, at, command, frames, frontier, grant, own,
    push, register, registration_chain, sqlite, sync,
};
use crate::{Accepting, HubStore};
use node_core::query::{Answer, Query};
use node_core::revocation::Mode;

const OFFICER: &str = "+254700000009";
const DAY: i64 = 86_400;

/// A world with an officer; who she is.
async fn staffed(folder: &std::path::Path) -> (World<SqliteStore>, Principal) {
    let world = sqlite(folder).await;
    let officer = RoleGrant {
        role: Role::Officer,
        ..grant(OFFICER)
    };
    let order = Command::GrantRole(officer);
    command(&world.hub, &administrator(), order, 6)
        .await
        .unwrap();
    let principal = Principal {
        role: Role::Officer,
        author: 3,
        ..administrator()
    };
    (world, principal)
}

fn closing(node: NodeId, mode: Mode) -> Closing {
    Closing {
        node,
        mode,
        reason: "stolen".to_owned(),
    }
}

async fn list(store: &SqliteStore) -> Option<Vec<u8>> {
    match store.query(Query::Revocations).await.unwrap() {
        Answer::Bytes(bytes) => bytes,
        other => panic!("no list: {other:?}"),
    }
}

async fn take(store: &SqliteStore, bytes: Vec<u8>) -> Committed {
    store
        .commit(Turn::Revocations(bytes), at(90))
        .await
        .unwrap()
}

/// What becomes of each frame of a store's registrations at another one.
async fn offers(from: &SqliteStore, to: &SqliteStore, after: u32) -> Vec<Acceptance> {
    let chain = registration_chain(from).await;
    let mut ends = Vec::new();
    for frame in frames(from, chain, Seq(after)).await {
        ends.push(to.accept(frame, at(60)).await.unwrap());
    }
    ends
}

#[tokio::test]
async fn a_stopped_node_is_refused_above_what_was_taken_and_others_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let (world, officer) = staffed(folder.path()).await;
    let World { hub, a, b, .. } = &world;
    register(a, WORKER_A, 1, 10).await;
    sync(a, hub, 20).await;
    let held = frames(a, registration_chain(a).await, Seq(0)).await;
    register(a, WORKER_A, 2, 30).await;
    register(b, WORKER_B, 3, 30).await;
    let stolen = own(a).await.node;
    let number = hub
        .revoke(officer, closing(stolen, Mode::Stop), at(40))
        .await;
    assert_eq!(number.unwrap(), Ok(1));
    let before = frontier(hub).await;
    let ends = offers(a, hub, 3).await;
    assert!(!ends.is_empty());
    for end in ends {
        let revoked = RefusalCode::Revoked.number();
        assert!(
            matches!(end, Acceptance::Refused { code, .. } if code == revoked),
            "{end:?}"
        );
    }
    assert_eq!(frontier(hub).await, before, "a refusal changes nothing");
    for frame in held {
        let end = hub.accept(frame, at(60)).await.unwrap();
        assert!(matches!(end, Acceptance::Known { .. }), "{end:?}");
    }
    push(b, hub, 70).await;
    assert_ne!(frontier(hub).await, before, "the control: others go on");
    for node in [stolen, own(b).await.node] {
        let asked = Query::Stopped {
            node,
            epoch: Epoch::new(1, 0),
        };
        let stopped = hub.query(asked).await.unwrap();
        assert_eq!(stopped, Answer::Stopped(node == stolen));
    }
}

#[tokio::test]
async fn money_is_frozen_alone_and_opened_again_but_a_stop_stays() {
    let folder = tempfile::tempdir().unwrap();
    let (world, officer) = staffed(folder.path()).await;
    let World { hub, a, .. } = &world;
    let node = own(a).await.node;
    let chain = registration_chain_of(a).await;
    let money = sync_core::ChainId {
        scope: AREA.with_lane(Lane::Money),
        ..chain
    };
    let allows = async |chain| {
        let read = hub.read(move |tx| Ok(tx.revocations()?.allows(&chain, Seq(1))));
        read.await.unwrap()
    };
    for (mode, expected) in [
        (Mode::FreezeMoney, (true, false)),
        (Mode::Lift, (true, true)),
        (Mode::Stop, (false, false)),
        (Mode::Lift, (false, false)),
        (Mode::FreezeMoney, (false, false)),
    ] {
        let done = hub
            .revoke(officer.clone(), closing(node, mode), at(40))
            .await;
        done.unwrap().unwrap();
        let now = (allows(chain).await, allows(money).await);
        assert_eq!(now, expected, "{mode:?}");
    }
}

/// The chain of registrations that a store would write next.
async fn registration_chain_of(store: &SqliteStore) -> sync_core::ChainId {
    let scope: Scope = AREA.with_lane(Lane::Registration);
    let read = store.read(move |tx| Ok(tx.own_chain(scope)));
    read.await.unwrap()
}

#[tokio::test]
async fn whoever_may_not_close_and_what_is_no_node_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (world, officer) = staffed(folder.path()).await;
    let World { hub, a, b, .. } = &world;
    let (node, hub_node) = (own(a).await.node, own(hub).await.node);
    let worker = Principal {
        role: Role::HealthWorker,
        ..officer.clone()
    };
    let unsaid = Closing {
        reason: " ".to_owned(),
        ..closing(node, Mode::Stop)
    };
    for (who, what) in [
        (worker, closing(node, Mode::Stop)),
        (officer.clone(), unsaid),
        (officer.clone(), closing(hub_node, Mode::Stop)),
        (officer.clone(), closing(NodeId(99), Mode::Stop)),
    ] {
        let told = format!("{:?} {what:?}", who.role);
        assert!(
            hub.revoke(who, what, at(40)).await.unwrap().is_err(),
            "{told}"
        );
    }
    assert_eq!(list(hub).await, None);
    let at_node = b.revoke(officer, closing(node, Mode::Stop), at(40)).await;
    assert!(at_node.is_err(), "only a hub signs lists");
}

#[tokio::test]
async fn lists_only_go_forward_and_only_the_hub_signs_them() {
    let folder = tempfile::tempdir().unwrap();
    let (world, officer) = staffed(folder.path()).await;
    let World { hub, a, b, .. } = &world;
    let node = own(a).await.node;
    let mut lists = Vec::new();
    for mode in [Mode::FreezeMoney, Mode::Stop] {
        let done = hub
            .revoke(officer.clone(), closing(node, mode), at(40))
            .await;
        done.unwrap().unwrap();
        lists.push(list(hub).await.unwrap());
    }
    let [first, second] = [lists[0].clone(), lists[1].clone()];
    assert_eq!(take(b, second.clone()).await, Committed::Done);
    assert_eq!(take(b, second.clone()).await, Committed::Done, "known");
    let stranger = Ed25519KeyPair::from_seed_unchecked(&[9; 32]).unwrap();
    assert_ne!(stranger.public_key().as_ref(), [0; 32]);
    let forged = RevocationList {
        number: 9,
        entries: Vec::new(),
    };
    let forged = revocation::sign(&forged, &stranger).unwrap();
    let mut flipped = second.clone();
    flipped[3] ^= 1;
    for bad in [first.clone(), forged, flipped, Vec::new()] {
        assert!(matches!(take(b, bad).await, Committed::Refused(_)));
        assert_eq!(list(b).await.as_ref(), Some(&second));
    }
    // The control: to whom the first one is new, it counts.
    assert_eq!(take(a, first.clone()).await, Committed::Done);
    assert_eq!(list(a).await, Some(first));
}

async fn certificate_of(store: &SqliteStore, of: &SqliteStore) -> (Vec<u8>, NodeCertificate) {
    let state = own(of).await;
    let asked = Query::Certificate {
        node: state.node,
        epoch: state.epoch,
    };
    let Answer::Bytes(Some(bytes)) = store.query(asked).await.unwrap() else {
        panic!("no certificate");
    };
    let key = store.realm().await.unwrap().authority;
    let certificate = certificate::verify(&bytes, &key).unwrap();
    (bytes, certificate)
}

async fn renew(hub: &SqliteStore, of: &SqliteStore, day: i64) -> NodeCertificate {
    let state = own(of).await;
    let turn = Turn::Renew {
        node: state.node,
        epoch: state.epoch,
    };
    let done = hub.commit(turn, at(day * DAY)).await.unwrap();
    assert_eq!(done, Committed::Done);
    certificate_of(hub, of).await.1
}

#[tokio::test]
async fn a_certificate_is_renewed_when_half_of_it_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let (world, officer) = staffed(folder.path()).await;
    let World { hub, a, b, .. } = &world;
    let (_, first) = certificate_of(hub, a).await;
    assert_eq!(renew(hub, a, 190).await, first, "not due yet");
    let second = renew(hub, a, 201).await;
    assert!(second.serial > first.serial && second.not_after > first.not_after);
    let same = NodeCertificate {
        serial: first.serial,
        not_before: first.not_before,
        not_after: first.not_after,
        ..second.clone()
    };
    assert_eq!(same, first, "nothing else is changed");
    assert_eq!(renew(hub, a, 202).await, second, "once");
    // Long over, but not revoked: it is renewed all the same.
    assert!(renew(hub, a, 900).await.serial > second.serial);
    let before = certificate_of(hub, b).await.1;
    let node = own(b).await.node;
    let stop = hub.revoke(officer, closing(node, Mode::Stop), at(40)).await;
    stop.unwrap().unwrap();
    assert_eq!(
        renew(hub, b, 300).await,
        before,
        "who was stopped gets none"
    );
    let own_first = certificate_of(hub, hub).await.1;
    assert!(renew(hub, hub, 300).await.serial > own_first.serial);
    let at_node = renew(a, a, 900).await;
    assert_eq!(at_node, first, "a node signs nothing");
}

#[tokio::test]
async fn an_old_certificate_brings_no_old_grants_back() {
    let folder = tempfile::tempdir().unwrap();
    let (world, _) = staffed(folder.path()).await;
    let World { hub, a, .. } = &world;
    let (old, first) = certificate_of(a, a).await;
    let wider = hub
        .write_keys(at(50), move |tx, secrets| {
            let mut next = NodeCertificate {
                serial: tx.next_serial()?,
                ..first
            };
            let mut more = next.scopes[0].clone();
            more.area = Scope(64);
            next.scopes.push(more);
            let key = signing_key(&secrets.hub.as_ref().unwrap().authority)?;
            Ok(certificate::sign(&next, &key).unwrap())
        })
        .await
        .unwrap();
    for (bytes, areas) in [
        (wider.clone(), vec![AREA, Scope(64)]),
        (old, vec![AREA, Scope(64)]),
        (wider, vec![AREA, Scope(64)]),
    ] {
        let done = a.commit(Turn::Certificate(bytes), at(60)).await.unwrap();
        assert_eq!(done, Committed::Done);
        assert_eq!(own(a).await.scopes, areas);
    }
}

/// The change from the list of a number, as a hub sends it by SMS.
async fn change(hub: &SqliteStore, base: u32) -> Option<ListChange> {
    hub.read(move |tx| tx.list_change(base)).await.unwrap()
}

#[tokio::test]
async fn a_list_by_its_change_is_the_hubs_list_and_one_that_does_not_fit_is_asked_for_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (world, officer) = staffed(folder.path()).await;
    let lost = [own(&world.a).await.node, own(&world.b).await.node];
    let mut lists = Vec::new();
    for (node, mode) in [
        (lost[0], Mode::FreezeMoney),
        (lost[0], Mode::Stop),
        (lost[1], Mode::FreezeMoney),
    ] {
        let done = world
            .hub
            .revoke(officer.clone(), closing(node, mode), at(80));
        done.await.unwrap().unwrap();
        lists.push(list(&world.hub).await.unwrap());
    }
    // Node b heard of none of them, then of the first.
    let newest = lists[2].clone();
    let from_nothing = change(&world.hub, 0).await.unwrap();
    let whole = world.b.changed_list(from_nothing.clone()).await.unwrap();
    assert_eq!(whole, Some(newest.clone()));
    take(&world.b, lists[0].clone()).await;
    assert_eq!(world.b.changed_list(from_nothing).await.unwrap(), None);
    let from_first = change(&world.hub, 1).await.unwrap();
    let whole = world.b.changed_list(from_first).await.unwrap().unwrap();
    assert_eq!(whole, newest);
    take(&world.b, whole).await;
    assert_eq!(list(&world.b).await, Some(newest));
    // What a node never wrote it knows no change of, nor anybody one of a list to come.
    assert_eq!(change(&world.b, 1).await, None);
    assert_eq!(change(&world.hub, 3).await, None);
}
