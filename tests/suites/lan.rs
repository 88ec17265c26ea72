//! Nodes that meet each other: real stores, the driver of every link, turns in memory; and two real
//! programs with sockets on the loopback interface.

#[cfg(test)]
#[path = "lan/sockets.rs"]
mod sockets;

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use node::clock::Clock;
use node::roles::hub::{self, FIRST_AREA, HubConfig};
use node_core::query::{Answer, ChainHead, Counts, Query};
use node_core::revocation::Mode;
use node_core::status::Status;
use node_store::{HubStore, SqliteStore};
use sync_core::message::{Message, Parser};
use sync_core::session::Finish;
use sync_core::{NodeId, Scope, Seq};
use tempfile::TempDir;
use tests::contact::{Meeting, contact, meet, meet_over, node, own};
use tests::district::{self, OFFICER};
use tests::office;

/// An area of which most nodes know nothing.
const OTHER_AREA: Scope = Scope(24);

fn day(days: i64) -> Clock {
    let at: Timestamp = "2026-03-14T10:00:00Z".parse().expect("a time");
    district::clock(at + SignedDuration::from_hours(24 * days))
}

async fn frontier(store: &SqliteStore) -> Vec<ChainHead> {
    match store.query(Query::Frontier).await {
        Ok(Answer::Frontier(heads)) => heads,
        other => panic!("no frontier: {other:?}"),
    }
}

async fn counts(store: &SqliteStore) -> Counts {
    match store.query(Query::Counts).await {
        Ok(Answer::Counts(counts)) => counts,
        other => panic!("no counts: {other:?}"),
    }
}

/// Chains that everybody may hold, without receipts.
async fn holds(store: &SqliteStore) -> Vec<(NodeId, Scope, Seq, [u8; 32])> {
    let heads = frontier(store).await.into_iter();
    let heads = heads.filter(|head| head.chain.scope.area() == FIRST_AREA);
    heads
        .map(|head| (head.chain.origin, head.chain.scope, head.seq, head.hash))
        .collect()
}

async fn registers(store: &SqliteStore, clock: Clock) {
    let done = district::works(store, clock, 1, office::family()).await;
    done.expect("a registration");
}

/// A hub of one area with staff, and nodes that have met it once.
async fn district_of(folder: &Path, names: &[&str]) -> (SqliteStore, Vec<SqliteStore>) {
    let hub = district::founded(folder, day(0)).await;
    let mut nodes = Vec::new();
    for name in names {
        let store = node(&hub, (folder, name), FIRST_AREA, day(0)).await;
        assert_eq!(contact(&store, &hub, day(0)).await, Finish::Done);
        nodes.push(store);
    }
    (hub, nodes)
}

async fn done(a: &SqliteStore, b: &SqliteStore, clock: Clock) -> Meeting {
    let meeting = meet(a, b, clock).await;
    assert_eq!(meeting.finish, Finish::Done, "{meeting:?}");
    assert_eq!(meeting.offenders, [vec![], vec![]]);
    meeting
}

fn sound(stores: &[SqliteStore]) {
    for store in stores {
        let report = store.check(true).expect("a check");
        assert!(report.is_sound(), "{report}");
    }
}

#[tokio::test]
async fn three_in_a_row_without_common_contact_converge_and_receipts_return() {
    let folder = TempDir::new().expect("a folder");
    let (hub, nodes) = district_of(folder.path(), &["kibo", "moto", "nyota"]).await;
    let [a, b, c] = nodes.as_slice() else {
        panic!("three nodes");
    };
    registers(a, day(1)).await;
    registers(a, day(1)).await;
    registers(b, day(1)).await;
    let clerk = (
        "+256770000088",
        "Grace Atim",
        node_core::role::Role::HealthWorker,
    );
    district::staff(&hub, day(1), clerk).await;
    // One link a day; the first one never meets the hub again.
    done(a, b, day(2)).await;
    done(b, c, day(3)).await;
    // No receipt has come here yet, whoever wrote it.
    for store in [a, b, c] {
        let counts = counts(store).await;
        assert_eq!(counts.by_status.get(&Status::Carried), None);
    }
    // What the hub writes about it comes with the next contact.
    for _ in 0..2 {
        assert_eq!(contact(c, &hub, day(4)).await, Finish::Done);
    }
    assert_eq!(counts(&hub).await.registrations, 3);
    done(c, b, day(5)).await;
    done(b, a, day(6)).await;
    for store in [a, b, c] {
        let counts = counts(store).await;
        assert_eq!((counts.registrations, counts.not_carried), (3, 0));
        assert_eq!(counts.by_status.get(&Status::Held), None);
        assert_eq!(holds(store).await, holds(&hub).await);
    }
    // The same news over the other road changes nothing.
    done(a, c, day(7)).await;
    for store in [a, b] {
        assert_eq!(contact(store, &hub, day(8)).await, Finish::Done);
    }
    assert_eq!(counts(&hub).await.registrations, 3);
    sound(&nodes);
}

#[tokio::test]
async fn a_list_that_enters_at_one_end_of_a_line_of_five_holds_at_the_other() {
    let folder = TempDir::new().expect("a folder");
    let names = ["kibo", "moto", "nyota", "simba", "tembo"];
    let (hub, nodes) = district_of(folder.path(), &names).await;
    let thief = node(&hub, (folder.path(), "stolen"), FIRST_AREA, day(0)).await;
    contact(&thief, &hub, day(0)).await;
    registers(&thief, day(1)).await;
    let last = nodes.last().expect("the far end");
    // The control: before the list it is a neighbour like any other.
    done(&thief, last, day(1)).await;
    assert_eq!(counts(last).await.registrations, 1);
    let by = channels_core::Msisdn::parse(OFFICER.0).expect("a number");
    let what = ("stolen", Mode::Stop, "stolen");
    hub::close(&hub, day(2), what, &by).await.expect("closed");
    assert_eq!(contact(&nodes[0], &hub, day(2)).await, Finish::Done);
    for pair in nodes.windows(2) {
        done(&pair[0], &pair[1], day(3)).await;
    }
    registers(&thief, day(4)).await;
    for store in &nodes {
        let before = holds(store).await;
        let meeting = meet(&thief, store, day(4)).await;
        assert!(matches!(meeting.finish, Finish::Refused(_)), "{meeting:?}");
        let meeting = meet(store, &thief, day(4)).await;
        assert!(matches!(meeting.finish, Finish::Refused(_)), "{meeting:?}");
        assert_eq!(holds(store).await, before);
        let Ok(Answer::Bytes(list)) = store.query(Query::Revocations).await else {
            panic!("no answer");
        };
        assert!(list.is_some(), "the list came here");
    }
    // What was closed does not reach the hub by a neighbour, either.
    assert_eq!(contact(last, &hub, day(5)).await, Finish::Done);
    assert_eq!(counts(&hub).await.registrations, 0);
    let Ok(Answer::Bytes(told)) = thief.query(Query::Revocations).await else {
        panic!("no answer");
    };
    assert!(told.is_some(), "whoever is turned away learns why");
}

#[tokio::test]
async fn a_node_of_another_area_gets_nothing_and_can_bring_nothing() {
    let folder = TempDir::new().expect("a folder");
    let config = HubConfig {
        areas: vec![FIRST_AREA, OTHER_AREA],
        ..hub::solo_config(&folder.path().join("hub"), day(0), "en")
    };
    let hub = hub::open(&config).await.expect("a hub");
    let phone = channels_core::Msisdn::parse(district::WORKERS[0]).expect("a number");
    hub::grant_worker(&hub, day(0), &phone, "en")
        .await
        .expect("a worker");
    let place = folder.path();
    let a = node(&hub, (place, "kibo"), FIRST_AREA, day(0)).await;
    let b = node(&hub, (place, "moto"), FIRST_AREA, day(0)).await;
    let foreign = node(&hub, (place, "far"), OTHER_AREA, day(0)).await;
    for store in [&a, &b, &foreign] {
        contact(store, &hub, day(0)).await;
    }
    registers(&a, day(1)).await;
    let before = frontier(&foreign).await;
    // Straight, and through who may read it.
    done(&a, &foreign, day(1)).await;
    done(&a, &b, day(1)).await;
    done(&b, &foreign, day(1)).await;
    done(&foreign, &b, day(1)).await;
    assert_eq!(frontier(&foreign).await, before);
    assert_eq!(counts(&b).await.registrations, 1, "the control may");
    // With a valid key it hands on what it should not have, to a neighbour and to the hub.
    let chain = frontier(&a).await.into_iter().map(|head| head.chain);
    let (us, lane) = (own(&a).await.node, sync_core::Lane::Registration);
    let mut chain = chain.filter(|c| c.origin == us && c.scope == FIRST_AREA.with_lane(lane));
    let query = Query::Frames {
        chain: chain.next().expect("its chain"),
        after: Seq(0),
        bytes_max: 1 << 20,
        packed: false,
    };
    let Ok(Answer::Frames(frames)) = a.query(query).await else {
        panic!("no frames");
    };
    let stolen: Vec<u8> = frames
        .into_iter()
        .flat_map(|frame| Message::Frame(frame).encode())
        .collect();
    let c = node(&hub, (place, "simba"), FIRST_AREA, day(0)).await;
    contact(&c, &hub, day(0)).await;
    let held = frontier(&c).await;
    let meeting = meet_over(&c, &foreign, day(2), |turn| with(&turn, &stolen)).await;
    assert_eq!(frontier(&c).await, held);
    let guilty = own(&foreign).await.node;
    assert_eq!(meeting.offenders[0], [guilty], "who delivered it");
}

/// A turn with more messages behind its list.
fn with(turn: &[u8], more: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for message in messages(turn) {
        let is_list = matches!(message, Message::Have(_));
        out.extend(message.encode());
        if is_list {
            out.extend(more);
        }
    }
    out
}

fn messages(turn: &[u8]) -> Vec<Message> {
    let mut parser = Parser::default();
    parser.push(turn).expect("a turn");
    let mut messages = Vec::new();
    while let Some(message) = parser.next_message().expect("messages") {
        messages.push(message);
    }
    messages
}

#[tokio::test]
async fn who_forges_answers_for_it_and_not_who_wrote() {
    let folder = TempDir::new().expect("a folder");
    let (_hub, nodes) = district_of(folder.path(), &["kibo", "moto", "nyota"]).await;
    let [a, b, c] = nodes.as_slice() else {
        panic!("three nodes");
    };
    registers(a, day(1)).await;
    done(a, b, day(1)).await;
    let forge = |turn: Vec<u8>| {
        let changed = messages(&turn).into_iter().map(|message| match message {
            Message::Frame(mut frame) => {
                let at = frame.len() - 1;
                frame[at] ^= 1;
                Message::Frame(frame).encode()
            }
            other => other.encode(),
        });
        changed.flatten().collect()
    };
    let held = holds(c).await;
    let meeting = meet_over(c, b, day(2), forge).await;
    assert_eq!(holds(c).await, held);
    let relay = own(b).await.node;
    let blamed = &meeting.offenders[0];
    assert!(!blamed.is_empty() && blamed.iter().all(|node| *node == relay));
    // The control: what was not changed is taken.
    done(c, b, day(2)).await;
    assert_eq!(holds(c).await, holds(b).await);
}
