//! What a hub passes on: to a node the entries of others in its scopes, to a board that was set back
//! what only its hub still holds (SYNC SY1, field failure 17).

#[path = "downward/order.rs"]
mod order;

use std::collections::BTreeSet;

use channels_core::Msisdn;
use node::roles::hub::{self, FIRST_AREA};
use node_core::identity::Whole;
use node_core::message::state::MessageState;
use node_core::person::Field;
use node_core::query::{Answer, ChainHead, Query};
use node_core::role::{Role, RoleGrant};
use node_core::status::Status;
use node_core::turn::{self, Acceptance, Claim, ClaimKind, EffectOutcome};
use node_core::view::RegistrationRow;
use node_store::{Accepting, HubStore, Outbox, Share, SqliteStore};
use sync::stick::Stick;
use sync_core::refusal::RefusalCode;
use sync_core::session::{Doubt, Finish, Opening};
use sync_core::{ChainId, EntryRef, Epoch, Lane, Seq, frame};
use tests::contact::{contact, contact_of, own};
use tests::office::fields;
use tests::stick::{World, differences, heads};

async fn registrations(store: &SqliteStore) -> Vec<RegistrationRow> {
    match store.query(Query::Registrations { limit: 100 }).await {
        Ok(Answer::Registrations(rows)) => rows,
        other => panic!("no registrations: {other:?}"),
    }
}

/// Correlation ids, each once.
async fn names(store: &SqliteStore) -> BTreeSet<String> {
    let rows = registrations(store).await;
    let names: BTreeSet<String> = rows.iter().map(|row| row.correlation_id.clone()).collect();
    assert_eq!(names.len(), rows.len(), "one name, one registration");
    names
}

/// Each node meets the hub, twice round, so that what the first one brings reaches the last.
async fn everybody_meets(world: &mut World) {
    for _ in 0..2 {
        for node in &world.nodes {
            let met = contact(node, &world.hub, world.clock()).await;
            assert_eq!(met, Finish::Done);
        }
        world.later();
    }
}

async fn all_hold_the_same(world: &World, families: usize) {
    let at_hub = names(&world.hub).await;
    assert_eq!(at_hub.len(), families);
    for node in &world.nodes {
        let unequal = differences(&world.hub, node).await;
        assert!(unequal.is_empty(), "{unequal:#?}");
        assert_eq!(names(node).await, at_hub);
        for row in registrations(node).await {
            assert_ne!(row.status, Status::Held, "the hub holds it");
        }
    }
    for store in world.nodes.iter().chain([&world.hub]) {
        let report = store.check(true).expect("a check");
        assert!(report.is_sound(), "{report}");
    }
}

/// The chain of registrations of a node's present life, as the hub passes it on.
async fn passed_on(world: &World, node: usize) -> (ChainId, Vec<Vec<u8>>) {
    let own = own(&world.nodes[node]).await;
    let heads = heads(&world.hub).await;
    let chain = heads.iter().map(|head| head.chain).find(|chain| {
        let of_node = (chain.origin, chain.epoch) == (own.node, own.epoch);
        of_node && chain.scope.lane() == Some(Lane::Registration)
    });
    let chain = chain.expect("a chain");
    (chain, frames_of(&world.hub, (chain, Seq(0))).await)
}

async fn frames_of(store: &SqliteStore, (chain, after): (ChainId, Seq)) -> Vec<Vec<u8>> {
    let query = Query::Frames {
        chain,
        after,
        bytes_max: 1_000_000,
        packed: true,
    };
    match store.query(query).await {
        Ok(Answer::Frames(frames)) => frames,
        other => panic!("no frames: {other:?}"),
    }
}

async fn person(store: &SqliteStore, document: &EntryRef) -> Whole {
    let query = Query::Person {
        document: *document,
    };
    match store.query(query).await {
        Ok(Answer::Person(Some(whole))) => whole,
        other => panic!("nobody: {other:?}"),
    }
}

async fn number_of(store: &SqliteStore, document: &EntryRef) -> String {
    let whole = person(store, document).await;
    whole.values[&Field::Number][0].clone()
}

#[tokio::test]
async fn what_one_node_registers_is_known_at_the_others() {
    let mut world = World::new(3).await;
    everybody_meets(&mut world).await;
    for (node, families) in [(0, 3), (1, 2)] {
        for number in 0..families {
            world.register(node, number).await;
        }
    }
    everybody_meets(&mut world).await;
    all_hold_the_same(&world, 5).await;
    // Nothing is left to say.
    for node in &world.nodes {
        let quiet = contact_of(node, &world.hub, (world.clock(), Opening::Delta)).await;
        assert_eq!((quiet.finish(), quiet.accepted()), (Some(Finish::Done), 0));
        assert_eq!(quiet.receipts(), 0);
    }
}

#[tokio::test]
async fn who_joins_when_the_others_certificates_are_over_is_given_everything() {
    let mut world = World::new(1).await;
    everybody_meets(&mut world).await;
    for number in 0..3 {
        world.register(0, number).await;
    }
    everybody_meets(&mut world).await;
    world.days_later(800);
    world.enrol("late").await;
    let late = &world.nodes[1];
    assert_eq!(contact(late, &world.hub, world.clock()).await, Finish::Done);
    assert_eq!(names(late).await, names(&world.hub).await);
    let unequal = differences(&world.hub, late).await;
    assert!(unequal.is_empty(), "{unequal:#?}");
}

#[tokio::test]
async fn who_was_erased_is_passed_on_without_a_word_of_her() {
    let mut world = World::new(1).await;
    everybody_meets(&mut world).await;
    for number in 0..2 {
        world.register(0, number).await;
    }
    everybody_meets(&mut world).await;
    let rows = registrations(&world.hub).await;
    let (gone, left) = (rows[0].registration.mother, rows[1].registration.mother);
    let number = number_of(&world.hub, &gone).await;
    let of_other = person(&world.hub, &left).await;
    for (phone, name) in [
        ("+256770000061", "Grace Atim"),
        ("+256770000062", "Joy Okello"),
    ] {
        let phone = Msisdn::parse(phone).expect("a number");
        let officer = RoleGrant {
            role: Role::Officer,
            ..hub::worker(&phone, name, "en", (FIRST_AREA, world.clock().now().at))
        };
        let granted = hub::grant(&world.hub, world.clock(), officer).await;
        granted.expect("a grant");
        let approved = hub::erase(&world.hub, world.clock(), (&number, "asked"), &phone).await;
        approved.expect("an approval");
    }
    world.enrol("late").await;
    everybody_meets(&mut world).await;
    let unequal = differences(&world.hub, &world.nodes[1]).await;
    assert!(unequal.is_empty(), "{unequal:#?}");
    for store in world.nodes.iter().chain([&world.hub]) {
        let nobody = store.query(Query::Person { document: gone }).await;
        assert_eq!(nobody.expect("an answer"), Answer::Person(None));
        assert_eq!(
            person(store, &left).await,
            of_other,
            "the other one is whole"
        );
        let report = store.check(true).expect("a check");
        assert!(report.is_sound(), "{report}");
    }
}

#[tokio::test]
async fn restored_database_gets_a_new_epoch() {
    let mut world = World::new(2).await;
    everybody_meets(&mut world).await;
    world.register(0, 0).await;
    everybody_meets(&mut world).await;
    world.back_up(0, "old");
    for number in 1..4 {
        world.register(0, number).await;
    }
    everybody_meets(&mut world).await;
    let before = own(&world.nodes[0]).await.epoch;
    world.days_later(10);
    world.restore(0, "old");
    // What it registers before it is enrolled again is of the new life.
    world.register(0, 4).await;
    assert_eq!(names(&world.nodes[0]).await.len(), 2);
    world.enrol_as(&world.nodes[0], "node0").await;
    let after = own(&world.nodes[0]).await.epoch;
    assert!(after.counter() > before.counter());
    everybody_meets(&mut world).await;
    all_hold_the_same(&world, 5).await;
}

/// The registry takes everything that waits at the hub.
async fn the_registry_answers(world: &World) {
    let now = world.clock().now();
    let kind = ClaimKind::Effects {
        upstream: "registries".to_owned(),
    };
    for claim in world.hub.claim(kind, 32, now).await.expect("claims") {
        let Claim::Effect { request_id, .. } = claim else {
            panic!("not an effect");
        };
        let outcome = EffectOutcome::Accepted {
            registry_id: format!("record of {request_id}"),
        };
        let finish = turn::Finish::Effect {
            request_id,
            outcome,
        };
        world.hub.finish(finish, now).await.expect("finished");
    }
}

/// Texts that wait to leave.
async fn texts(store: &SqliteStore) -> usize {
    let query = Query::Messages {
        state: MessageState::Queued,
        limit: 50,
    };
    match store.query(query).await {
        Ok(Answer::Messages(rows)) => rows.len(),
        other => panic!("no messages: {other:?}"),
    }
}

/// What a board is given back it has told people of before, perhaps (decision 0072).
#[tokio::test]
async fn what_a_board_is_given_back_causes_no_text() {
    let mut world = World::new(1).await;
    everybody_meets(&mut world).await;
    world.back_up(0, "old");
    world.register(0, 0).await;
    everybody_meets(&mut world).await;
    the_registry_answers(&world).await;
    everybody_meets(&mut world).await;
    assert!(
        texts(&world.nodes[0]).await > 0,
        "control: the mother is asked"
    );
    world.restore(0, "old");
    world.enrol_as(&world.nodes[0], "node0").await;
    everybody_meets(&mut world).await;
    all_hold_the_same(&world, 1).await;
    assert_eq!(texts(&world.nodes[0]).await, 0);
}

#[tokio::test]
async fn a_board_that_was_set_back_by_hand_is_told_and_lives_on() {
    let mut world = World::new(2).await;
    everybody_meets(&mut world).await;
    world.register(0, 0).await;
    everybody_meets(&mut world).await;
    world.back_up(0, "copy");
    world.register(0, 1).await;
    everybody_meets(&mut world).await;
    world.set_back(0, "copy");
    let node = &world.nodes[0];
    let before = own(node).await;
    let told = contact_of(node, &world.hub, (world.clock(), Opening::Full)).await;
    assert_eq!(told.finish(), Some(Finish::NewEpoch));
    let doubt = told.doubt().expect("a reason");
    assert_eq!(doubt.code, RefusalCode::Rewound);
    let now = world.clock().now();
    assert!(node.begin_life(doubt, now).await.expect("begun"));
    assert!(!node.begin_life(doubt, now).await.expect("begun once"));
    let after = own(node).await;
    assert!(!after.certified && after.epoch.counter() > before.epoch.counter());
    world.register(0, 2).await;
    world.enrol_as(&world.nodes[0], "node0").await;
    everybody_meets(&mut world).await;
    all_hold_the_same(&world, 3).await;
}

/// The hub may have heard of the newest entries by stick or SMS while a session was under way.
#[tokio::test]
async fn what_the_hub_heard_by_another_road_is_no_other_history() {
    let mut world = World::new(1).await;
    everybody_meets(&mut world).await;
    world.register(0, 0).await;
    let node = &world.nodes[0];
    let before = own(node).await;
    let held = heads(node).await;
    let held = held.iter().find(|head| {
        head.chain.origin == before.node && head.chain.scope.lane() == Some(Lane::Registration)
    });
    let head = held.expect("a chain");
    let doubt = |code, seq: u32| Doubt {
        code,
        chain: head.chain,
        seq: Seq(seq),
        above: before.epoch,
    };
    let of_older_life = Doubt {
        chain: ChainId {
            epoch: Epoch(before.epoch.0 - 1),
            ..head.chain
        },
        ..doubt(RefusalCode::Forked, 1)
    };
    let no_doubts = [
        doubt(RefusalCode::Rewound, head.seq.0),
        doubt(RefusalCode::Gap, head.seq.0 + 1),
        of_older_life,
    ];
    for doubt in no_doubts {
        let begun = node.begin_life(doubt, world.clock().now()).await;
        assert!(!begun.expect("weighed"), "{doubt:?}");
        assert_eq!(own(node).await, before);
    }
    let more = doubt(RefusalCode::Rewound, head.seq.0 + 1);
    let begun = node.begin_life(more, world.clock().now()).await;
    assert!(begun.expect("weighed"), "control: this is one");
}

#[tokio::test]
async fn a_stick_brings_back_what_a_board_lost_and_what_others_wrote() {
    let mut world = World::new(2).await;
    let stick = world.stick();
    round(&mut world, &stick).await;
    world.register(0, 0).await;
    world.register(1, 0).await;
    round(&mut world, &stick).await;
    world.back_up(0, "old");
    world.register(0, 1).await;
    world.register(1, 1).await;
    round(&mut world, &stick).await;
    world.restore(0, "old");
    world.register(0, 2).await;
    world.enrol_as(&world.nodes[0], "node0").await;
    assert!(names(&world.nodes[0]).await.len() < 5);
    for _ in 0..3 {
        round(&mut world, &stick).await;
    }
    all_hold_the_same(&world, 5).await;
}

/// The stick at every node, at the hub, and at every node again.
async fn round(world: &mut World, stick: &Stick) {
    for node in &world.nodes {
        let node = world.carrier(node).await;
        node.export(stick, None).await.expect("an export");
    }
    world.later();
    let hub = world.carrier(&world.hub).await;
    hub.import(stick).await.expect("an import");
    hub.export(stick, None).await.expect("an export");
    for node in &world.nodes {
        let node = world.carrier(node).await;
        node.import(stick).await.expect("an import");
    }
}

#[tokio::test]
async fn what_is_passed_on_is_taken_only_as_the_hub_signed_it() {
    let mut world = World::new(2).await;
    everybody_meets(&mut world).await;
    world.register(0, 0).await;
    let met = contact(&world.nodes[0], &world.hub, world.clock()).await;
    assert_eq!(met, Finish::Done);
    let (_, frames) = passed_on(&world, 0).await;
    let header = frame::header(&frames[0]).expect("a frame");
    assert!(header.is_reexpressed());
    let node = &world.nodes[1];
    let before = heads(node).await;
    let now = world.clock().now();
    for at in (0..frames[0].len()).step_by(3) {
        let mut changed = frames[0].clone();
        changed[at] ^= 4;
        let answer = node.accept(changed, now).await.expect("an answer");
        assert!(
            matches!(answer, Acceptance::Refused { .. }),
            "byte {at}: {answer:?}"
        );
    }
    assert_eq!(heads(node).await, before);
    // The hub of another network, however it names itself.
    let strangers = World::new(2).await;
    let foreign = strangers.nodes[1].accept(frames[0].clone(), now).await;
    let Ok(Acceptance::Refused { code, .. }) = foreign else {
        panic!("taken: {foreign:?}");
    };
    assert_eq!(RefusalCode::parse(code), Some(RefusalCode::Network));
    let answer = node
        .accept(frames[0].clone(), now)
        .await
        .expect("an answer");
    assert!(
        matches!(answer, Acceptance::Accepted { .. }),
        "control: {answer:?}"
    );
}

/// A hub that was set back takes again from any node what it had passed on to it.
#[tokio::test]
async fn a_hub_that_lost_entries_takes_back_what_it_passed_on() {
    let mut world = World::new(2).await;
    everybody_meets(&mut world).await;
    world.back_up_hub("hub-copy");
    world.register(0, 0).await;
    everybody_meets(&mut world).await;
    let (chain, _) = passed_on(&world, 0).await;
    world.restore_hub("hub-copy");
    assert!(names(&world.hub).await.is_empty());
    // The board that wrote them does not come any more; its neighbour does.
    let lost = world.nodes.remove(0);
    everybody_meets(&mut world).await;
    assert_eq!(names(&world.hub).await, names(&lost).await);
    let held = heads(&world.hub).await;
    let theirs = heads(&world.nodes[0]).await;
    let end = |heads: &[ChainHead]| {
        let head = heads.iter().find(|head| head.chain == chain);
        head.map(|head| (head.seq, head.hash))
    };
    assert!(end(&held).is_some());
    assert_eq!(end(&held), end(&theirs));
    let report = world.hub.check(true).expect("a check");
    assert!(report.is_sound(), "{report}");
}
