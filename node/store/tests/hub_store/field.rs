//! Failures that happened to systems in the field, as named tests on the simulated network.

use std::path::Path;

use channels_core::{Address, SubmitOutcome};
use node_core::contact::Contact;
use node_core::message::breaker::HoldReason;
use node_core::message::budget::{AirtimeAlarm, LinkBudget};
use node_core::message::order::{Order, OrderRefusal};
use node_core::message::policy::Policy;
use node_core::message::quiet::QuietHours;
use node_core::message::state::MessageState;
use node_core::query::{Answer, InboxRow, LinkRow, MessageRow, Query};
use node_core::status::Status;
use node_core::turn::{Acceptance, Claim, Finish, Turn};
use node_core::view::MessageClass;
use node_store::{HubStore, Outbox, SqliteStore, StoreConfig};
use sync_core::{ChainId, Seq};

use crate::network::{LINK, Network, Whim, claim, claim_parts, message, order, queue, set_policy};
use crate::world::{
    WORKER_A, World, at, claim_effects, config, counts, frames, frontier, link, pair, programmes,
    register, registration_chain, registrations, sqlite, sync, worker,
};

const PHONE: &str = "+254711000009";
const HOUR_S: i64 = 3_600;
const DAY_S: i64 = 24 * HOUR_S;

fn open() -> (tempfile::TempDir, SqliteStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(config(&programmes(), folder.path(), "kibo")).unwrap();
    (folder, store)
}

async fn in_state<S: HubStore>(store: &S, state: MessageState) -> Vec<MessageRow> {
    let query = Query::Messages { state, limit: 500 };
    match store.query(query).await.unwrap() {
        Answer::Messages(rows) => rows,
        other => panic!("not messages: {other:?}"),
    }
}

async fn links<S: HubStore>(store: &S, second: i64) -> Vec<LinkRow> {
    let at = at(second).at;
    match store.query(Query::Links { at }).await.unwrap() {
        Answer::Links(rows) => rows,
        other => panic!("not links: {other:?}"),
    }
}

async fn inbox<S: HubStore>(store: &S) -> Vec<InboxRow> {
    match store.query(Query::Inbox { limit: 500 }).await.unwrap() {
        Answer::Inbox(rows) => rows,
        other => panic!("not an inbox: {other:?}"),
    }
}

async fn texts<S: HubStore>(store: &S, from: &str, text: &str, second: i64) {
    let contact = Contact::Sms {
        link: link(),
        from: Address::parse(from).unwrap(),
        text: text.to_owned(),
        sent: None,
    };
    store
        .commit(Turn::Contact(contact), at(second))
        .await
        .unwrap();
}

/// Regression 1: the gateway took it, its answer was lost.
#[tokio::test]
async fn lost_answer_then_resend_sends_one_sms() {
    let (_folder, store) = open();
    let mut network = Network::default();
    queue(&store, message("result:1", PHONE, MessageClass::Health), 1).await;
    queue(&store, message("receipt:1", PHONE, MessageClass::Money), 1).await;
    for claimed in claim(&store, 2).await {
        network.carry(&store, &claimed, Whim::TakeSilently, 3).await;
    }
    // The caller asks again with the same cause: the same id, and nothing leaves.
    let again = message("result:1", PHONE, MessageClass::Health);
    let told = order(&store, Order::Queue(again), 4).await;
    assert_eq!(told, Err(OrderRefusal::Capped));
    assert!(claim(&store, 5).await.is_empty());
    // Money is repeated once, with the same id, and its record says so.
    let repeated = claim(&store, 200).await;
    assert_eq!(repeated.len(), 1);
    assert!(matches!(
        &repeated[0],
        Claim::Message {
            class: MessageClass::Money,
            possible_duplicate: true,
            ..
        }
    ));
    network
        .carry(&store, &repeated[0], Whim::TakeSilently, 201)
        .await;
    for second in [400, HOUR_S, DAY_S] {
        assert!(claim(&store, second).await.is_empty());
    }
    let mut left: Vec<u32> = network.left.values().copied().collect();
    left.sort_unstable();
    assert_eq!(left, [1, 2]);
    let unknown = in_state(&store, MessageState::Unknown).await;
    assert_eq!(unknown.len(), 2);
    assert_eq!(
        unknown.iter().filter(|row| row.possible_duplicate).count(),
        1
    );
}

/// Regression 2: a task that is planned again and again, with another cause each time.
#[tokio::test]
async fn tasks_due_together_never_repeat_sends() {
    let (_folder, store) = open();
    let mut network = Network::default();
    let mut left = 0;
    for tick in 0..7 * 24 {
        let second = tick * HOUR_S;
        // Two tasks of one time; the first is stuck and comes back under the same cause.
        let stuck = message("task:1", PHONE, MessageClass::Health);
        let _known = order(&store, Order::Queue(stuck), second).await;
        let mut broken = message(&format!("task:2:{tick}"), PHONE, MessageClass::Health);
        broken.text = "Please visit the clinic.".to_owned();
        let _folded = order(&store, Order::Queue(broken), second).await;
        left += network.take_all(&store, second).await.len();
    }
    assert!(network.left.values().all(|times| *times == 1));
    // The stuck one once, the repeated text three times in each 24 h at the most.
    assert!((4..=1 + 3 * 7).contains(&left), "{left} left");
    let held = in_state(&store, MessageState::Held).await;
    assert!(!held.is_empty(), "the operator sees nothing");
    assert!(
        held.iter()
            .all(|row| row.held == Some(HoldReason::SameText))
    );
    assert!(held.iter().all(|row| row.to_hint == "..0009"));
}

/// Regression 3: the link comes back after three weeks.
#[tokio::test]
async fn messages_past_their_validity_expire_visibly() {
    let (_folder, store) = open();
    for n in 0..10 {
        let to = format!("+25471100{n:04}");
        queue(
            &store,
            message(&format!("a:{n}"), &to, MessageClass::Health),
            1,
        )
        .await;
    }
    let weeks = 21 * DAY_S;
    queue(&store, message("fresh", PHONE, MessageClass::Health), weeks).await;
    let claims = claim(&store, weeks).await;
    assert_eq!(claims.len(), 1);
    assert_eq!(claim_parts(&claims[0]).2, "about fresh");
    let expired = in_state(&store, MessageState::Expired).await;
    assert_eq!(expired.len(), 10);
    assert!(
        expired
            .iter()
            .all(|row| row.attempt == 0 && !row.to_hint.is_empty())
    );
    // What became stale between pick and hand-over expires as well.
    let (id, ..) = claim_parts(&claims[0]);
    let link = LINK.to_owned();
    let stale = Finish::MessageStale { id, link };
    store.finish(stale, at(weeks + 5)).await.unwrap();
    assert_eq!(in_state(&store, MessageState::Expired).await.len(), 11);
}

/// Regression 4: one bad text, five replies; machines that answer each other.
#[tokio::test]
async fn one_unknown_sms_gets_exactly_one_reply() {
    let (_folder, store) = open();
    let mut network = Network::default();
    for second in [0, 1, 60, HOUR_S, 23 * HOUR_S] {
        texts(&store, PHONE, "where is my card", second).await;
    }
    let replies = network.take_all(&store, 23 * HOUR_S).await;
    assert_eq!(replies.len(), 1);
    assert_eq!(inbox(&store).await.len(), 5, "all texts reach people");
    // Another machine sends our own words back: silence.
    let ours = replies[0].1.clone();
    texts(&store, PHONE, &ours, 30 * HOUR_S).await;
    assert!(network.take_all(&store, 30 * HOUR_S).await.is_empty());
    // Names and short codes are read and never answered.
    texts(&store, "OPERATOR", "You won a prize", 31 * HOUR_S).await;
    texts(&store, "384", "Service message", 31 * HOUR_S).await;
    assert!(network.take_all(&store, 31 * HOUR_S).await.is_empty());
    assert_eq!(inbox(&store).await.len(), 8);
    // A person who writes the next day is answered again.
    texts(&store, PHONE, "hello", 49 * HOUR_S).await;
    assert_eq!(network.take_all(&store, 49 * HOUR_S).await.len(), 1);
}

/// Regression 18: too big is said at once, and nothing of it is kept.
#[tokio::test]
async fn oversize_record_is_refused_at_capture() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    let before = frontier(&world.a).await;
    let mut command = pair(1);
    if let node_core::command::Command::RegisterPair { mother, .. } = &mut command {
        mother.set(node_core::person::Field::Village, "x".repeat(20_000));
    }
    let turn = Turn::Command {
        principal: worker(WORKER_A, 1),
        command,
    };
    let told = world.a.commit(turn, at(10)).await;
    let refused = !matches!(&told, Ok(node_core::turn::Committed::Command(Ok(_))));
    assert!(refused, "{told:?}");
    assert_eq!(frontier(&world.a).await, before);
    let text = "a".repeat(4_000);
    let validity_s = 3_600;
    let drafted = order(&world.a, Order::DraftBroadcast { text, validity_s }, 11).await;
    assert!(
        matches!(drafted, Err(OrderRefusal::Oversize(_))),
        "{drafted:?}"
    );
}

/// Regression 19: the alarm comes first, and an empty account sends nothing.
#[tokio::test]
async fn low_airtime_alarms_before_the_first_failure() {
    let (_folder, store) = open();
    let mut policy = Policy::default();
    let budget = LinkBudget {
        price_minor: 10,
        ..LinkBudget::default()
    };
    policy.links.insert(LINK.to_owned(), budget);
    set_policy(&store, policy).await;
    let mut network = Network::default();
    let mut balance = 1_000_i64;
    let mut alarmed_at = None;
    let mut failed_at = None;
    for day in 0..20_i64 {
        let second = day * DAY_S;
        let reading = Order::Balance {
            link: LINK.to_owned(),
            balance_minor: balance,
        };
        order(&store, reading, second).await.unwrap();
        for n in 0..10 {
            let to = format!("+2547110{n:05}");
            queue(
                &store,
                message(&format!("{day}:{n}"), &to, MessageClass::Health),
                second,
            )
            .await;
        }
        for claimed in claim(&store, second + 60).await {
            if balance >= 10 {
                balance -= 10;
                network
                    .carry(&store, &claimed, Whim::Take, second + 61)
                    .await;
            } else {
                failed_at.get_or_insert(day);
                let (id, ..) = claim_parts(&claimed);
                let outcome = SubmitOutcome::NoCredit;
                let link = LINK.to_owned();
                let finish = Finish::Message { id, link, outcome };
                store.finish(finish, at(second + 61)).await.unwrap();
            }
        }
        let rows = links(&store, second + 120).await;
        if matches!(rows[0].alarm, Some(AirtimeAlarm::Low { .. })) {
            alarmed_at.get_or_insert(day);
        }
    }
    let (alarmed, empty) = (alarmed_at.expect("no alarm"), 10);
    assert!(
        (empty - 4..empty).contains(&alarmed),
        "alarm on day {alarmed}"
    );
    assert!(failed_at.is_none_or(|day| day > alarmed));
    assert_eq!(network.left.len(), 100, "sent without credit");
    assert_eq!(
        links(&store, 20 * DAY_S).await[0].alarm,
        Some(AirtimeAlarm::Empty)
    );
    assert_eq!(counts(&store).await.messages.get("failed"), None);
}

/// Regression 20: at night, with the day's cap used up, STOP is still confirmed, then blocks.
#[tokio::test]
async fn stop_is_confirmed_before_it_blocks() {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    let store = &world.a;
    set_policy(
        store,
        Policy {
            quiet: Some(QuietHours::default()),
            ..Policy::default()
        },
    )
    .await;
    let mut network = Network::default();
    for n in 0..7 {
        queue(
            store,
            message(&format!("n:{n}"), PHONE, MessageClass::Health),
            60,
        )
        .await;
    }
    assert_eq!(network.take_all(store, 61).await.len(), 5);
    // 23:30 by the recipient's clock.
    let night = 10 * HOUR_S + 1_800;
    for (polite, second) in [
        ("Stop. Thank you", night),
        ("Acha, asante sana", night + 60),
    ] {
        texts(store, PHONE, polite, second).await;
        let told = network.take_all(store, second + 1).await;
        assert_eq!(told.len(), 1, "{polite}");
        assert!(told[0].1.contains("no more messages"), "{}", told[0].1);
        texts(store, PHONE, "START", second + 2).await;
        assert_eq!(network.take_all(store, second + 3).await.len(), 1);
    }
    texts(store, PHONE, "arrêtez s'il vous plaît", night + 120).await;
    network.take_all(store, night + 121).await;
    network.deliver_all(store, night + 122).await;
    assert_eq!(in_state(store, MessageState::Held).await.len(), 0);
    blocked_but_for_money(store, &mut network, night + 200).await;
}

async fn blocked_but_for_money<S: HubStore>(store: &S, network: &mut Network, second: i64) {
    let health = message("late:1", PHONE, MessageClass::Health);
    assert_eq!(
        order(store, Order::Queue(health), second).await,
        Err(OrderRefusal::Capped)
    );
    queue(
        store,
        message("sos", PHONE, MessageClass::Emergency),
        second,
    )
    .await;
    let left = network.take_all(store, second + 1).await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].1, "about sos");
    let cancelled = in_state(store, MessageState::Cancelled).await;
    assert!(cancelled.len() >= 3, "held and late ones are withdrawn");
}
/// Gives a chain's frames to a hub; returns the receipts, and whether it knew the frames.
async fn give<S: HubStore>(from: &S, to: &S, chain: ChainId, second: i64) -> (Vec<u8>, bool) {
    let mut last = None;
    for frame in frames(from, chain, Seq(0)).await {
        last = match to.accept(frame, at(second)).await.unwrap() {
            Acceptance::Accepted { receipt, .. } => receipt.map(|receipt| (receipt, false)),
            Acceptance::Known { receipt } => receipt.map(|receipt| (receipt, true)),
            Acceptance::Refused { code, reason } => panic!("refused {code}: {reason}"),
        };
    }
    last.unwrap()
}

/// What lies on the disk at this moment, without the WAL's index, which is memory.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if !entry.file_name().to_string_lossy().ends_with("-shm") {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// Regression 6: the hub has committed, and is killed before its receipt leaves.
#[tokio::test]
async fn kill_between_hub_commit_and_receipt_yields_one_record() {
    let (folder, medium) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let World {
        programmes, hub, a, ..
    } = sqlite(folder.path()).await;
    register(&a, WORKER_A, 1, 10).await;
    let chain = registration_chain(&a).await;
    let before = medium.path().join("before");
    copy(&folder.path().join("hub"), &before);
    let (lost, known) = give(&a, &hub, chain, 20).await;
    assert!(!known);
    copy(&folder.path().join("hub"), &medium.path().join("hub"));
    drop(hub);
    let hub = SqliteStore::open(config(&programmes, medium.path(), "hub")).unwrap();
    assert!(counts(&a).await.not_carried > 0, "the node heard nothing");
    // The node sends again, and once more: the same receipt each time.
    for second in [30, 40] {
        assert_eq!(give(&a, &hub, chain, second).await, (lost.clone(), true));
    }
    sync(&a, &hub, 50).await;
    assert_eq!(counts(&a).await.not_carried, 0);
    assert_eq!(registrations(&a).await[0].status, Status::Carried);
    assert_eq!(registrations(&hub).await.len(), 1);
    assert_eq!(claim_effects(&hub, 60).await.len(), 1);
    assert_eq!(claim_effects(&hub, 61).await.len(), 0);
    // The control: a hub that was killed before its commit does not know the frames.
    std::fs::rename(&before, medium.path().join("early")).unwrap();
    let early = StoreConfig {
        folder: medium.path().join("early"),
        ..config(&programmes, medium.path(), "hub")
    };
    let early = SqliteStore::open(early).unwrap();
    assert_eq!(registrations(&early).await.len(), 0);
    assert!(!give(&a, &early, chain, 70).await.1);
}
