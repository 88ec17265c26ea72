//! The link at rest: sealed, all or nothing, the same roots at both ends, and dropped with its life.

use node_core::query::{Answer, Query};
use node_core::turn::{Acceptance, Turn};
use sync_core::sms::order::Order;
use sync_core::sms::receipt::ShortReceipt;
use sync_core::{EntryRef, Lane, Seq};

use super::*;
use crate::hub_store::{Accepting, HubStore};
use crate::world::{self, World, at};

async fn joined(folder: &std::path::Path) -> World<SqliteStore> {
    world::sqlite(folder).await
}

async fn only_peer(store: &SqliteStore) -> SmsPeer {
    let mut peers = store.sms_peers(at(10)).await.unwrap();
    assert_eq!(peers.len(), 1);
    peers.remove(0)
}

fn step(peer: &SmsPeer, state: &[u8]) -> SmsStep {
    SmsStep {
        ends: peer.ends,
        steps: peer.steps,
        state: state.to_vec(),
        purse: ("modem".to_owned(), vec![1, 2, 3], 0),
        sends: 1,
        began: Vec::new(),
        ended: Vec::new(),
        receipts: Vec::new(),
        heard: Vec::new(),
        told: None,
        learned: None,
    }
}

async fn registered(world: &World<SqliteStore>) -> SmsOffer {
    world::register(&world.a, world::WORKER_A, 1, 20).await;
    let peer = only_peer(&world.a).await;
    let offers = world.a.sms_offers(peer.ends).await.unwrap();
    let of_lane = |offer: &&SmsOffer| offer.lane == Lane::Registration;
    *offers.entries.iter().find(of_lane).unwrap()
}

#[tokio::test]
async fn both_ends_hold_the_same_roots_after_any_steps() {
    let folder = tempfile::tempdir().unwrap();
    let world = joined(folder.path()).await;
    let node = only_peer(&world.a).await;
    let at_hub = world.hub.sms_peers(at(10)).await.unwrap();
    let names: Vec<&str> = at_hub.iter().map(|peer| peer.name.as_str()).collect();
    assert_eq!(names, ["kibo", "moto"]);
    assert_eq!((at_hub[0].ends, &at_hub[0].keys), (node.ends, &node.keys));
    assert_ne!(at_hub[1].keys, node.keys);
    let mut ahead = step(&node, b"state");
    ahead.steps = 300;
    world.a.persist_sms(ahead, at(11)).await.unwrap();
    let mut ring = node.keys.clone();
    (0..300).for_each(|_| ring.advance());
    assert_eq!(only_peer(&world.a).await.keys, ring);
}

#[tokio::test]
async fn a_store_that_nobody_enrolled_has_no_link() {
    let folder = tempfile::tempdir().unwrap();
    let programmes = world::programmes();
    let config = world::config(&programmes, folder.path(), "alone");
    let store = SqliteStore::open(config).unwrap();
    assert!(store.sms_peers(at(1)).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_state_is_sealed_and_comes_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let world = joined(folder.path()).await;
    let peer = only_peer(&world.a).await;
    let planted = b"planted run of a person";
    world
        .a
        .persist_sms(step(&peer, planted), at(11))
        .await
        .unwrap();
    let again = only_peer(&world.a).await;
    assert_eq!(again.state.as_deref(), Some(planted.as_slice()));
    for entry in std::fs::read_dir(world.a.folder()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let found = bytes.windows(planted.len()).any(|window| window == planted);
        assert!(!found, "the state lies in clear");
    }
}

#[tokio::test]
async fn a_step_that_fails_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let world = joined(folder.path()).await;
    let peer = only_peer(&world.a).await;
    let run = SmsRun {
        ticket: 1,
        about: About::List(1),
    };
    let first = SmsStep {
        began: vec![run.clone()],
        ..step(&peer, b"first")
    };
    world.a.persist_sms(first, at(11)).await.unwrap();
    let twice = SmsStep {
        began: vec![run.clone()],
        purse: ("modem".to_owned(), vec![9], 0),
        ..step(&peer, b"second")
    };
    assert!(world.a.persist_sms(twice, at(12)).await.is_err());
    let after = only_peer(&world.a).await;
    assert_eq!(after.state.as_deref(), Some(b"first".as_slice()));
    assert_eq!(after.runs, [run]);
    let counts = world.a.sms_counts("modem".to_owned()).await.unwrap();
    assert_eq!(counts.counts, Some(vec![1, 2, 3]));
}

#[tokio::test]
async fn what_was_accepted_or_receipted_is_not_offered_again() {
    let folder = tempfile::tempdir().unwrap();
    let world = joined(folder.path()).await;
    let offer = registered(&world).await;
    let peer = only_peer(&world.a).await;
    let frame = world
        .a
        .sms_frame(peer.ends, (offer.chain, offer.after), 6_720, RunForm::Whole)
        .await;
    let (about, frame) = frame.unwrap().unwrap();
    let run = SmsRun { ticket: 5, about };
    let began = SmsStep {
        began: vec![run.clone()],
        ..step(&peer, b"1")
    };
    world.a.persist_sms(began, at(21)).await.unwrap();
    let accepted = world.hub.accept(frame, at(22)).await.unwrap();
    let Acceptance::Accepted { receipt, .. } = accepted else {
        panic!("{accepted:?}");
    };
    let short = ShortReceipt::of(&receipt.unwrap(), &peer.ends).unwrap();
    let ended = SmsStep {
        ended: vec![(run, RunEnd::Accepted)],
        receipts: vec![short],
        ..step(&peer, b"2")
    };
    world.a.persist_sms(ended, at(23)).await.unwrap();
    let offers = world.a.sms_offers(peer.ends).await.unwrap();
    assert!(offers.entries.iter().all(|it| it.chain != offer.chain));
    assert!(only_peer(&world.a).await.runs.is_empty());
    let Answer::Frontier(heads) = world.a.query(Query::Frontier).await.unwrap() else {
        panic!("no frontier");
    };
    let own = heads.iter().find(|head| head.chain == offer.chain).unwrap();
    assert_eq!((own.receipted, own.seq), (offer.up_to, offer.up_to));
}

#[tokio::test]
async fn a_receipt_that_our_chain_does_not_bear_out_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let world = joined(folder.path()).await;
    let offer = registered(&world).await;
    let peer = only_peer(&world.a).await;
    let mut forged = vec![1];
    forged.extend(offer.chain.scope.0.to_be_bytes());
    forged.extend(offer.up_to.0.to_be_bytes());
    forged.extend([0; 72]);
    let mut beyond = forged.clone();
    beyond[5..9].copy_from_slice(&u32::MAX.to_be_bytes());
    let hostile = SmsStep {
        receipts: vec![forged, beyond, vec![1, 2, 3], Vec::new()],
        ..step(&peer, b"kept")
    };
    world.a.persist_sms(hostile, at(24)).await.unwrap();
    let after = only_peer(&world.a).await;
    assert_eq!(after.state.as_deref(), Some(b"kept".as_slice()));
    let offers = world.a.sms_offers(peer.ends).await.unwrap();
    assert!(offers.entries.contains(&offer), "still open");
}

#[tokio::test]
async fn a_hub_offers_nothing_before_the_node_told_what_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    let world = joined(folder.path()).await;
    let node = only_peer(&world.a).await;
    let nothing = world.hub.sms_offers(node.ends).await.unwrap();
    assert_eq!(nothing, SmsOffers::default());
    let told = world.a.sms_offers(node.ends).await.unwrap().have.unwrap();
    let order = Order::Have {
        papers: told.0,
        chains: told.1.clone(),
    };
    assert_eq!(Order::decode(&order.encode()), Ok(order));
    let at_hub = &world.hub.sms_peers(at(10)).await.unwrap()[0];
    let heard = SmsStep {
        told: Some(told),
        ..step(at_hub, b"hub")
    };
    world.hub.persist_sms(heard, at(30)).await.unwrap();
    let synced = world.hub.sms_offers(node.ends).await.unwrap();
    assert!(synced.entries.is_empty() && synced.papers.is_empty());
    // A node that was set back holds less; the hub begins where it stands.
    let lost = SmsStep {
        told: Some((Papers::default(), Vec::new())),
        ..step(at_hub, b"hub")
    };
    world.hub.persist_sms(lost, at(31)).await.unwrap();
    let all = world.hub.sms_offers(node.ends).await.unwrap();
    assert!(all.entries.iter().all(|offer| offer.after == Seq(0)));
    assert!(!all.entries.is_empty() && all.papers.len() == 2);
}

#[tokio::test]
async fn a_frame_is_cut_to_its_octets_and_holds_at_least_one_entry() {
    let folder = tempfile::tempdir().unwrap();
    let world = joined(folder.path()).await;
    for pair in 1..6 {
        world::register(&world.a, world::WORKER_A, pair, i64::from(pair)).await;
    }
    let offer = registered(&world).await;
    let ends = only_peer(&world.a).await.ends;
    let frame = |octets| {
        world
            .a
            .sms_frame(ends, (offer.chain, offer.after), octets, RunForm::Whole)
    };
    let mut lengths = Vec::new();
    for octets in [1, 700, 6_720] {
        let (about, bytes) = frame(octets).await.unwrap().unwrap();
        let About::Frame { first, last, .. } = about else {
            panic!("not entries");
        };
        assert_eq!(first.0, offer.after.0 + 1);
        assert!(bytes.len() <= octets || first == last);
        lengths.push(last.0);
    }
    assert!(lengths.is_sorted() && lengths[0] < lengths[2]);
    assert_eq!(lengths[2], offer.up_to.0);
}

#[tokio::test]
async fn texts_to_people_are_counted_where_a_link_has_a_purse() {
    let folder = tempfile::tempdir().unwrap();
    let world = joined(folder.path()).await;
    let peer = only_peer(&world.a).await;
    let note = |parts| {
        let note = move |tx: &mut Tx<'_>| tx.note_texts("modem", parts);
        world.a.write(at(40), note)
    };
    note(7).await.unwrap();
    let counts = || world.a.sms_counts("modem".to_owned());
    assert_eq!(counts().await.unwrap().uncounted, 0, "no link yet");
    world
        .a
        .persist_sms(step(&peer, b"1"), at(41))
        .await
        .unwrap();
    note(3).await.unwrap();
    assert_eq!(counts().await.unwrap().uncounted, 3);
    let counted = SmsStep {
        purse: ("modem".to_owned(), vec![4], 3),
        ..step(&peer, b"2")
    };
    world.a.persist_sms(counted, at(42)).await.unwrap();
    let now = counts().await.unwrap();
    assert_eq!((now.uncounted, now.others), (0, 3));
}

#[tokio::test]
async fn links_of_former_lives_are_dropped_with_their_runs() {
    let folder = tempfile::tempdir().unwrap();
    let world = joined(folder.path()).await;
    let mut former = only_peer(&world.a).await;
    former.ends.epoch = Epoch::new(7, 7);
    let run = SmsRun {
        ticket: 3,
        about: About::List(1),
    };
    let old = SmsStep {
        began: vec![run],
        told: Some((Papers::default(), Vec::new())),
        ..step(&former, b"old")
    };
    world.a.persist_sms(old, at(11)).await.unwrap();
    let count = |tx: &mut Tx<'_>| {
        let sql = "SELECT (SELECT count(*) FROM sms_link) + (SELECT count(*) FROM sms_run)";
        Ok(tx.db.query_row(sql, [], |row| row.get::<_, i64>(0))?)
    };
    assert_eq!(world.a.read(count).await.unwrap(), 2);
    let peer = only_peer(&world.a).await;
    assert_eq!(world.a.read(count).await.unwrap(), 0);
    assert_eq!((peer.state, peer.runs), (None, Vec::new()));
}

/// A run of a registration that is under way by SMS, and its frame.
async fn under_way(world: &World<SqliteStore>) -> (SmsPeer, SmsOffer, Vec<u8>) {
    let offer = registered(world).await;
    let peer = only_peer(&world.a).await;
    let frame = world
        .a
        .sms_frame(peer.ends, (offer.chain, offer.after), 6_720, RunForm::Whole)
        .await;
    let (about, frame) = frame.unwrap().unwrap();
    let began = SmsStep {
        began: vec![SmsRun { ticket: 5, about }],
        ..step(&peer, b"1")
    };
    world.a.persist_sms(began, at(21)).await.unwrap();
    (peer, offer, frame)
}

async fn stale(world: &World<SqliteStore>, peer: &SmsPeer) -> Vec<u64> {
    world.a.sms_offers(peer.ends).await.unwrap().stale
}

#[tokio::test]
async fn a_run_that_another_link_carried_is_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let world = joined(folder.path()).await;
    let (peer, _offer, frame) = under_way(&world).await;
    assert_eq!(stale(&world, &peer).await, Vec::<u64>::new(), "the control");
    let Acceptance::Accepted { receipt, .. } = world.hub.accept(frame, at(22)).await.unwrap()
    else {
        panic!("not taken");
    };
    let turn = Turn::Receipt(receipt.unwrap());
    world.a.commit(turn, at(23)).await.unwrap();
    assert_eq!(stale(&world, &peer).await, [5]);
}

#[tokio::test]
async fn a_run_with_a_person_who_was_erased_since_is_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let world = joined(folder.path()).await;
    let (peer, offer, _frame) = under_way(&world).await;
    assert_eq!(stale(&world, &peer).await, Vec::<u64>::new(), "the control");
    let mother = EntryRef::new(&offer.chain, Seq(offer.after.0 + 1));
    let erased = world
        .a
        .write(at(24), move |tx| tx.erase_person(&mother))
        .await;
    erased.unwrap();
    assert_eq!(stale(&world, &peer).await, [5]);
}
