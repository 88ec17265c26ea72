//! Trust that travels by stick alone: the list of closed boards, and certificates that are renewed.

use node::roles::hub::FIRST_AREA;
use node::stick::{Carrier, ExportReport, ImportReport};
use node_core::query::{Answer, Query};
use node_core::revocation::{Closing, Mode};
use node_core::role::{Principal, Role};
use node_store::{HubStore, SqliteStore};
use sync::identity::AgeIdentity;
use sync::stick::Stick;
use sync::stick::sealed::SealedBundle;
use sync_core::bundle::{BundleName, Item, Part};
use sync_core::{NodeId, certificate};
use tests::stick::{World, differences};

async fn export(carrier: &Carrier, stick: &Stick) -> ExportReport {
    carrier.export(stick, None).await.expect("an export")
}

async fn import(carrier: &Carrier, stick: &Stick) -> ImportReport {
    carrier.import(stick).await.expect("an import")
}

/// The stick at the hub, then at every node.
async fn round(world: &mut World, stick: &Stick) {
    world.later();
    let hub = world.carrier(&world.hub).await;
    import(&hub, stick).await;
    export(&hub, stick).await;
    for node in &world.nodes {
        import(&world.carrier(node).await, stick).await;
    }
}

/// An officer closes the first node; the number of its origin.
async fn close(world: &World) -> NodeId {
    let closing = Closing {
        node: own(&world.nodes[0]).await,
        mode: Mode::Stop,
        reason: "stolen".to_owned(),
    };
    let officer = Principal {
        role: Role::Officer,
        author: 1,
        ..Principal::system(FIRST_AREA, "en")
    };
    let now = world.clock().now();
    let done = world.hub.revoke(officer, closing.clone(), now).await;
    done.expect("a list").expect("closed");
    closing.node
}

async fn list(store: &SqliteStore) -> Option<Vec<u8>> {
    match store.query(Query::Revocations).await {
        Ok(Answer::Bytes(list)) => list,
        other => panic!("no list: {other:?}"),
    }
}

/// Whoever was closed is given nothing but the list that says so, and what it brings is not taken;
/// others go on (S2).
#[tokio::test]
async fn a_closed_node_is_given_the_list_alone_and_nothing_more_is_taken_of_it() {
    let mut world = World::new(2).await;
    let stick = world.stick();
    round(&mut world, &stick).await;
    for node in 0..2 {
        world.register(node, node).await;
        export(&world.carrier(&world.nodes[node]).await, &stick).await;
    }
    let stolen = world.carrier(&world.nodes[0]).await;
    let closed = close(&world).await;
    world.grant("+256770000777").await;
    world.later();
    let hub = world.carrier(&world.hub).await;
    let report = import(&hub, &stick).await;
    let mut of = report.files.iter().map(|file| (file.name.from, file.taken));
    assert!(
        of.any(|(from, taken)| from != closed && taken > 0),
        "{report}"
    );
    for file in report.files.iter().filter(|file| file.name.from == closed) {
        assert_eq!((file.taken, file.refused > 0), (0, true), "{report}");
    }
    let answer = export(&hub, &Stick::open(&world.other("fresh")).expect("a stick")).await;
    let to: Vec<NodeId> = answer
        .written
        .iter()
        .map(|written| written.name.to)
        .collect();
    assert!(to.iter().any(|to| *to != closed), "{answer}");
    let its = answer.written.iter().filter(|it| it.name.to == closed);
    for written in its {
        assert_eq!(
            (written.frames, written.receipts, written.list),
            (0, 0, true)
        );
    }
    // It goes on writing for its hub; nothing of it is lost at its place.
    assert!(!export(&stolen, &stick).await.written.is_empty());
}

/// The list travels where nobody meets on a line: to the closed board, to the others, and back to a
/// hub that was set up again from an older copy.
#[tokio::test]
async fn the_list_of_closed_boards_travels_by_stick_and_is_carried_until_it_is_held() {
    let mut world = World::new(3).await;
    let stick = world.stick();
    round(&mut world, &stick).await;
    close(&world).await;
    let held = list(&world.hub).await;
    assert!(held.is_some());
    // Lost on the way: the next stick carries it again.
    let hub = world.carrier(&world.hub).await;
    let lost = Stick::open(&world.other("lost")).expect("a stick");
    let written = export(&hub, &lost).await.written;
    assert!(
        written.len() == 3 && written.iter().all(|it| it.list),
        "{written:?}"
    );
    round(&mut world, &stick).await;
    for node in &world.nodes {
        assert_eq!(list(node).await, held);
    }
    // Who told to hold it gets it no more; the closed board cannot tell.
    for node in 1..3 {
        world.register(node, node).await;
        export(&world.carrier(&world.nodes[node]).await, &stick).await;
    }
    round(&mut world, &stick).await;
    world.grant("+256770000778").await;
    world.later();
    let hub = world.carrier(&world.hub).await;
    let fresh = Stick::open(&world.other("fresh")).expect("a stick");
    let written = export(&hub, &fresh).await.written;
    assert_eq!(
        written.iter().filter(|it| it.list).count(),
        1,
        "{written:?}"
    );
    assert_eq!(
        written.iter().filter(|it| it.frames > 0).count(),
        2,
        "{written:?}"
    );
}

/// The first item of a bundle, as its receiver reads it.
async fn first_item(stick: &Stick, name: &BundleName, to: &SqliteStore) -> Item {
    let keys = to.bundle_keys().await.expect("keys").age_identities;
    let keys = keys.iter().map(|key| AgeIdentity::parse(key));
    let keys: Vec<_> = keys.collect::<Result<_, _>>().expect("identities");
    let file = stick.read(name).expect("a file");
    let mut bundle = SealedBundle::open(file, &keys).expect("sealed to it");
    assert!(matches!(bundle.next_part(), Ok(Some(Part::Manifest(_)))));
    match bundle.next_part() {
        Ok(Some(Part::Item(item))) => item,
        other => panic!("no item: {other:?}"),
    }
}

/// The beginning of a bundle is what survives a cut copy and a full stick.
#[tokio::test]
async fn the_list_lies_before_anything_else() {
    let mut world = World::new(2).await;
    let stick = world.stick();
    round(&mut world, &stick).await;
    close(&world).await;
    world.grant("+256770000779").await;
    world.later();
    let hub = world.carrier(&world.hub).await;
    let fresh = Stick::open(&world.other("fresh")).expect("a stick");
    let written = export(&hub, &fresh).await.written;
    let to = own(&world.nodes[1]).await;
    let written = written.iter().find(|it| it.name.to == to).expect("news");
    assert!(written.frames > 0 && written.list, "{written:?}");
    let first = first_item(&fresh, &written.name, &world.nodes[1]).await;
    assert_eq!(Some(first), list(&world.hub).await.map(Item::Revocations));
}

/// An old stick that comes late brings no older list back and is no fault.
#[tokio::test]
async fn an_older_list_on_a_late_stick_changes_nothing() {
    let mut world = World::new(2).await;
    let late = world.stick();
    round(&mut world, &late).await;
    close(&world).await;
    world.later();
    let hub = world.carrier(&world.hub).await;
    let first = Stick::open(&world.other("first")).expect("a stick");
    export(&hub, &first).await;
    let older = list(&world.hub).await;
    close(&world).await;
    let second = Stick::open(&world.other("second")).expect("a stick");
    world.later();
    export(&world.carrier(&world.hub).await, &second).await;
    let newest = list(&world.hub).await;
    assert_ne!(older, newest);
    let node = world.carrier(&world.nodes[1]).await;
    for stick in [&second, &first] {
        let report = import(&node, stick).await;
        assert!(
            report.files.iter().all(|file| file.reasons.is_empty()),
            "{report}"
        );
        assert_eq!(list(&world.nodes[1]).await, newest);
    }
}

async fn own(store: &SqliteStore) -> NodeId {
    match store.query(Query::Self_).await {
        Ok(Answer::Self_(state)) => state.node,
        other => panic!("nobody: {other:?}"),
    }
}

/// Where nobody ever meets on a line, certificates are renewed all the same, of node and hub.
#[tokio::test]
async fn certificates_are_renewed_by_stick() {
    let mut world = World::new(1).await;
    let stick = world.stick();
    round(&mut world, &stick).await;
    let mut last = periods(&world.nodes[0]).await;
    for (days, renewed) in [(100, false), (150, true), (1, false)] {
        world.days_later(days);
        world
            .register(0, usize::try_from(days).expect("a number"))
            .await;
        export(&world.carrier(&world.nodes[0]).await, &stick).await;
        round(&mut world, &stick).await;
        let now = periods(&world.nodes[0]).await;
        assert_eq!(
            now.iter()
                .zip(last)
                .map(|(now, last)| *now > last)
                .collect::<Vec<_>>(),
            [renewed; 2],
            "{days}"
        );
        last = now;
    }
    let differ = differences(&world.hub, &world.nodes[0]).await;
    assert_eq!(differ, Vec::<String>::new());
}

/// Until when a node's certificate and that of its hub hold, as the node knows them.
async fn periods(node: &SqliteStore) -> [i64; 2] {
    let key = node.realm().await.expect("a realm").authority;
    let Ok(Answer::Self_(state)) = node.query(Query::Self_).await else {
        panic!("nobody");
    };
    let hub = node.hub_certificate().await.expect("an answer");
    [state.certificate, hub].map(|bytes| {
        let certificate = certificate::verify(&bytes.expect("a certificate"), &key);
        certificate.expect("certified").not_after.as_second()
    })
}
