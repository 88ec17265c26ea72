//! A node keeps the frames of others as they were signed until the hub has receipted them, and the
//! hub's own for those who do not reach it.

use node_core::command::Command;
use node_core::query::{Answer, Query};
use node_core::revocation::{Closing, Mode};
use node_core::role::{Principal, Role, RoleGrant};
use node_core::turn::{Acceptance, Committed, Turn};
use node_store::{Accepting, HubStore, SqliteStore};
use sync_core::refusal::RefusalCode;
use sync_core::{ChainId, Lane, Seq, frame};

use crate::world::{
    AREA, WORKER_A, WORKER_B, administrator, at, command, counts, frames, frontier, grant, own,
    register, registration_chain, registrations, sqlite,
};

/// Two nodes that know each other's certificates, the first with a registration.
async fn neighbours(folder: &std::path::Path) -> (crate::world::World<SqliteStore>, ChainId) {
    let world = sqlite(folder).await;
    for (from, to) in [(&world.a, &world.b), (&world.b, &world.a)] {
        let certificate = own(from).await.certificate.unwrap();
        let done = to.commit(Turn::Certificate(certificate), at(6)).await;
        assert_eq!(done.unwrap(), Committed::Done);
    }
    register(&world.a, WORKER_A, 1, 10).await;
    let chain = registration_chain(&world.a).await;
    (world, chain)
}

async fn give(to: &SqliteStore, frames: &[Vec<u8>], second: i64) {
    for frame in frames {
        let taken = to.accept(frame.clone(), at(second)).await.unwrap();
        assert!(matches!(taken, Acceptance::Accepted { .. }), "{taken:?}");
    }
}

async fn code(to: &SqliteStore, frame: &[u8], second: i64) -> Option<RefusalCode> {
    match to.accept(frame.to_vec(), at(second)).await.unwrap() {
        Acceptance::Refused { code, .. } => RefusalCode::parse(code),
        _ => None,
    }
}

async fn kept(store: &SqliteStore, chain: &ChainId) -> Option<(Seq, Seq)> {
    let mut heads = frontier(store).await.into_iter();
    let head = heads.rfind(|head| head.chain == *chain);
    head.and_then(|head| head.kept)
}

async fn receipt(hub: &SqliteStore, chain: ChainId) -> Vec<u8> {
    match hub.query(Query::Receipt { chain }).await.unwrap() {
        Answer::Bytes(Some(bytes)) => bytes,
        other => panic!("no receipt: {other:?}"),
    }
}

fn sound(store: &SqliteStore) {
    let report = store.check(true).unwrap();
    assert!(report.is_sound(), "{report}");
}

#[tokio::test]
async fn frames_of_a_neighbour_reach_the_hub_as_they_were_signed_and_go_with_its_receipt() {
    let folder = tempfile::tempdir().unwrap();
    let (world, chain) = neighbours(folder.path()).await;
    let sent = frames(&world.a, chain, Seq(0)).await;
    give(&world.b, &sent, 11).await;
    assert_eq!(frames(&world.b, chain, Seq(0)).await, sent, "byte for byte");
    let last = frame::header(sent.last().unwrap()).unwrap().last_seq();
    assert_eq!(kept(&world.b, &chain).await, Some((Seq(1), last)));
    give(&world.hub, &frames(&world.b, chain, Seq(0)).await, 12).await;
    assert_eq!(registrations(&world.hub).await.len(), 1);
    let receipt = receipt(&world.hub, chain).await;
    for store in [&world.b, &world.a] {
        sound(store);
        let done = store.commit(Turn::Receipt(receipt.clone()), at(13)).await;
        assert_eq!(done.unwrap(), Committed::Done);
        sound(store);
    }
    let left = counts(&world.a).await.not_carried;
    assert_eq!(left, 0, "carried by its neighbour");
    // Neighbours get it here as long as there is room.
    assert_eq!(frames(&world.b, chain, Seq(0)).await, sent);
    // A late copy is known, and not kept twice.
    let again = world.b.accept(sent[0].clone(), at(14)).await.unwrap();
    assert!(matches!(again, Acceptance::Known { .. }), "{again:?}");
    sound(&world.b);
}

#[tokio::test]
async fn the_hubs_own_frames_go_on_to_who_does_not_reach_it() {
    let folder = tempfile::tempdir().unwrap();
    let (world, _) = neighbours(folder.path()).await;
    let phone = "+254700000077";
    command(
        &world.hub,
        &administrator(),
        Command::GrantRole(grant(phone)),
        20,
    )
    .await
    .unwrap();
    let hub = own(&world.hub).await;
    let chains = frontier(&world.hub).await.into_iter();
    let grown = chains.filter(|head| head.chain.origin == hub.node);
    let mut brought = 0;
    for head in grown {
        let mut known = frontier(&world.b).await.into_iter();
        let held = known.rfind(|other| other.chain == head.chain);
        let held = held.map_or(Seq(0), |other| other.seq);
        give(&world.b, &frames(&world.hub, head.chain, held).await, 21).await;
        for frame in frames(&world.b, head.chain, held).await {
            give(&world.a, &[frame], 22).await;
            brought += 1;
        }
    }
    assert!(brought > 0);
    let staff = |store: &SqliteStore| {
        let store = store.clone();
        async move { store.query(Query::Staff { scope: AREA }).await.unwrap() }
    };
    assert_eq!(staff(&world.a).await, staff(&world.hub).await);
    sound(&world.a);
}

#[tokio::test]
async fn a_receipt_for_more_than_is_held_is_kept_and_compared_with_what_comes() {
    let folder = tempfile::tempdir().unwrap();
    let (world, chain) = neighbours(folder.path()).await;
    let first = frames(&world.a, chain, Seq(0)).await;
    let held = frame::header(first.last().unwrap()).unwrap().last_seq();
    give(&world.b, &first, 11).await;
    register(&world.a, WORKER_A, 2, 12).await;
    let all = frames(&world.a, chain, Seq(0)).await;
    give(&world.hub, &all, 13).await;
    let ahead = Turn::Receipt(receipt(&world.hub, chain).await);
    assert_eq!(
        world.b.commit(ahead, at(14)).await.unwrap(),
        Committed::Done
    );
    sound(&world.b);
    let rest = frames(&world.a, chain, held).await;
    give(&world.b, &rest, 15).await;
    let mut heads = frontier(&world.b).await.into_iter();
    let head = heads.rfind(|head| head.chain == chain).unwrap();
    assert_eq!(head.seq, head.receipted);
    sound(&world.b);
}

#[tokio::test]
async fn nothing_is_handed_on_of_a_closed_life_above_where_it_was_closed() {
    let folder = tempfile::tempdir().unwrap();
    let (world, chain) = neighbours(folder.path()).await;
    let first = frames(&world.a, chain, Seq(0)).await;
    let held = frame::header(first.last().unwrap()).unwrap().last_seq();
    give(&world.hub, &first, 11).await;
    give(&world.b, &first, 11).await;
    register(&world.a, WORKER_A, 2, 12).await;
    let later = frames(&world.a, chain, held).await;
    give(&world.b, &later, 13).await;
    assert_eq!(
        frames(&world.b, chain, Seq(0)).await.len(),
        first.len() + later.len()
    );
    let closing = Closing {
        node: chain.origin,
        mode: Mode::Stop,
        reason: "stolen".to_owned(),
    };
    let officer = RoleGrant {
        role: Role::Officer,
        ..grant("+254700000009")
    };
    let order = Command::GrantRole(officer);
    command(&world.hub, &administrator(), order, 13)
        .await
        .unwrap();
    let principal = Principal {
        role: Role::Officer,
        author: 3,
        ..administrator()
    };
    let closed = world.hub.revoke(principal, closing, at(14)).await.unwrap();
    assert!(closed.is_ok(), "{closed:?}");
    let Answer::Bytes(Some(list)) = world.hub.query(Query::Revocations).await.unwrap() else {
        panic!("no list");
    };
    world
        .b
        .commit(Turn::Revocations(list), at(15))
        .await
        .unwrap();
    assert_eq!(
        frames(&world.b, chain, Seq(0)).await,
        first,
        "up to there it goes on"
    );
    register(&world.a, WORKER_A, 3, 16).await;
    let newest = frames(&world.a, chain, Seq(0)).await;
    let refused = code(&world.b, newest.last().unwrap(), 17).await;
    assert_eq!(refused, Some(RefusalCode::Revoked));
}

#[tokio::test]
async fn a_forged_frame_is_refused_and_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (world, chain) = neighbours(folder.path()).await;
    let sent = frames(&world.a, chain, Seq(0)).await;
    for place in [70, 90, sent[0].len() - 1] {
        let mut forged = sent[0].clone();
        forged[place] ^= 1;
        assert_eq!(
            code(&world.b, &forged, 11).await,
            Some(RefusalCode::Signature)
        );
    }
    assert_eq!(kept(&world.b, &chain).await, None);
    give(&world.b, &sent, 12).await;
}

#[tokio::test]
async fn who_registers_where_reaches_all_and_no_message_leaves_twice() {
    let folder = tempfile::tempdir().unwrap();
    let (world, chain) = neighbours(folder.path()).await;
    let before = counts(&world.b).await.messages;
    give(&world.b, &frames(&world.a, chain, Seq(0)).await, 11).await;
    assert_eq!(registrations(&world.b).await.len(), 1);
    assert_eq!(
        counts(&world.b).await.messages,
        before,
        "its own node tells her"
    );
    // And the other way round.
    register(&world.b, WORKER_B, 2, 12).await;
    let back = registration_chain(&world.b).await;
    assert_eq!(back.scope, AREA.with_lane(Lane::Registration));
    give(&world.a, &frames(&world.b, back, Seq(0)).await, 13).await;
    assert_eq!(registrations(&world.a).await.len(), 2);
    sound(&world.a);
    sound(&world.b);
}
