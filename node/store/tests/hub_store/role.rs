//! Roles on a node: given and taken back by the hub, kept through a rebuild, used without a link.

use node_core::command::Command;
use node_core::query::{Answer, Query};
use node_core::role::{Role, RoleEnd, RoleGrant};
use node_core::turn::Acceptance;
use node_store::{Accepting, HubStore};
use sync_core::{Lane, NodeId, Seq};

use crate::world::{
    AREA, WORKER_A, administrator, at, command, frames, frontier, grant, pair, sqlite, sync, worker,
};

fn end(index: u32) -> RoleEnd {
    RoleEnd {
        scope: AREA,
        index,
        at: at(10).at,
        reason: "lost phone".to_owned(),
        hub: NodeId(0),
        signature: [0; 64],
    }
}

#[tokio::test]
async fn a_revoked_role_ends_on_the_node_with_one_session_and_stays_ended() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    let said = |index: u32| worker(WORKER_A, index);
    command(&world.a, &said(1), pair(1), 10).await.unwrap();
    command(
        &world.hub,
        &administrator(),
        Command::RevokeRole(end(1)),
        11,
    )
    .await
    .unwrap();
    sync(&world.a, &world.hub, 12).await;
    let Answer::Staff(list) = world.a.query(Query::Staff { scope: AREA }).await.unwrap() else {
        panic!("no staff");
    };
    assert_eq!(list.len(), 2, "the list is append-only");
    let screen = crate::conversation::dial(&world.a, WORKER_A, 20).await;
    let citizen = crate::conversation::dial(&world.a, "+254799000001", 20).await;
    assert_eq!(screen, citizen, "whose role ended dials as a citizen");
    let other = crate::conversation::dial(&world.a, crate::world::WORKER_B, 20).await;
    assert_ne!(other, citizen, "the control");
    for store in [&world.a, &world.hub] {
        let report = store.check(true).unwrap();
        assert!(report.is_sound(), "{report}");
    }
}

#[tokio::test]
async fn an_end_that_its_hub_did_not_sign_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    let vendor = RoleGrant {
        role: Role::Vendor,
        ..grant("+254700000077")
    };
    command(&world.hub, &administrator(), Command::GrantRole(vendor), 9)
        .await
        .unwrap();
    command(
        &world.hub,
        &administrator(),
        Command::RevokeRole(end(1)),
        10,
    )
    .await
    .unwrap();
    let control = AREA.with_lane(Lane::Control);
    let head = frontier(&world.hub)
        .await
        .into_iter()
        .find(|head| head.chain.scope == control && head.chain.origin == NodeId(1))
        .unwrap();
    let frame = frames(&world.hub, head.chain, Seq(0)).await.remove(0);
    for at_byte in [frame.len() - 1, frame.len() - 70, frame.len() / 2] {
        let mut forged = frame.clone();
        forged[at_byte] ^= 1;
        let refused = world.a.accept(forged, at(12)).await.unwrap();
        assert!(matches!(refused, Acceptance::Refused { .. }), "{refused:?}");
    }
    let taken = world.a.accept(frame, at(13)).await.unwrap();
    assert!(matches!(taken, Acceptance::Accepted { .. }), "{taken:?}");
}
