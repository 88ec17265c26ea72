//! Rules of sending against a real store: classes and shares, quiet hours, plans, lists, and one
//! final state for every message whatever is killed.

use node_core::message::budget::LinkBudget;
use node_core::message::order::{MessageId, Order, OrderRefusal, Ordered};
use node_core::message::policy::Policy;
use node_core::message::quiet::QuietHours;
use node_core::message::state::{MessageState, STATES};
use node_core::query::{Answer, BroadcastRow, MessageRow, Query};
use node_core::turn::Claim;
use node_core::view::{MessageClass, NewMessage, Terms};
use node_store::{HubStore, SqliteStore};
use proptest::prelude::*;

use crate::network::{LINK, Network, Whim, claim, claim_parts, message, order, queue, set_policy};
use crate::world::{at, config, counts, programmes};

const HOUR_S: i64 = 3_600;
const DAY_S: i64 = 24 * HOUR_S;

fn open() -> (tempfile::TempDir, SqliteStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(config(&programmes(), folder.path(), "kibo")).unwrap();
    (folder, store)
}

fn phone(n: u32) -> String {
    format!("+2547110{n:05}")
}

async fn in_state<S: HubStore>(store: &S, state: MessageState) -> Vec<MessageRow> {
    let query = Query::Messages { state, limit: 500 };
    match store.query(query).await.unwrap() {
        Answer::Messages(rows) => rows,
        other => panic!("not messages: {other:?}"),
    }
}

async fn broadcast<S: HubStore>(store: &S) -> BroadcastRow {
    match store.query(Query::Broadcasts).await.unwrap() {
        Answer::Broadcasts(mut rows) => rows.pop().unwrap(),
        other => panic!("not broadcasts: {other:?}"),
    }
}

fn classes(claims: &[Claim]) -> Vec<MessageClass> {
    claims
        .iter()
        .map(|claim| match claim {
            Claim::Message { class, .. } => *class,
            _ => panic!("an effect"),
        })
        .collect()
}

#[tokio::test]
async fn classes_leave_in_strict_order_oldest_first() {
    let (_folder, store) = open();
    let order = [
        MessageClass::Broadcast,
        MessageClass::Reminder,
        MessageClass::Health,
        MessageClass::Money,
        MessageClass::Emergency,
    ];
    for (n, class) in (0_u32..).zip(order) {
        queue(&store, message(&format!("c:{n}"), &phone(n), class), 1).await;
    }
    let mut expected = order.to_vec();
    expected.reverse();
    assert_eq!(classes(&claim(&store, 2).await), expected);
}

#[tokio::test]
async fn a_full_link_still_carries_emergencies_and_nothing_else() {
    let (_folder, store) = open();
    let mut policy = Policy::default();
    let budget = LinkBudget {
        hour_parts: 10,
        ..LinkBudget::default()
    };
    policy.links.insert(LINK.to_owned(), budget);
    set_policy(&store, policy).await;
    let mut network = Network::default();
    for n in 0..20 {
        queue(
            &store,
            message(&format!("b:{n}"), &phone(n), MessageClass::Broadcast),
            1,
        )
        .await;
        queue(
            &store,
            message(&format!("h:{n}"), &phone(n), MessageClass::Health),
            1,
        )
        .await;
        queue(
            &store,
            message(&format!("m:{n}"), &phone(n), MessageClass::Money),
            1,
        )
        .await;
    }
    let left = network.take_all(&store, 2).await;
    assert_eq!(
        left.len(),
        8,
        "money has eight of ten parts, others nothing more"
    );
    assert!(left.iter().all(|(_, text)| text.starts_with("about m:")));
    queue(
        &store,
        message("sos", &phone(1), MessageClass::Emergency),
        3,
    )
    .await;
    assert_eq!(network.take_all(&store, 4).await.len(), 1);
    // The next hour has room again.
    assert_eq!(network.take_all(&store, 2 * HOUR_S).await.len(), 8);
}

#[tokio::test]
async fn at_night_only_what_may_wake_people_leaves() {
    let (_folder, store) = open();
    let policy = Policy {
        quiet: Some(QuietHours::default()),
        ..Policy::default()
    };
    set_policy(&store, policy).await;
    let mut network = Network::default();
    // 22:00 in Nairobi; in Ghana it is 19:00.
    let night = 9 * HOUR_S;
    let mut urgent = message("urgent", &phone(1), MessageClass::Health);
    urgent.terms.urgent = true;
    queue(&store, urgent, night).await;
    queue(
        &store,
        message("plain", &phone(2), MessageClass::Health),
        night,
    )
    .await;
    queue(
        &store,
        message("answer:1:1", &phone(3), MessageClass::Health),
        night,
    )
    .await;
    queue(
        &store,
        message("ghana", "+233201234567", MessageClass::Health),
        night,
    )
    .await;
    queue(
        &store,
        message("paid", &phone(4), MessageClass::Money),
        night,
    )
    .await;
    queue(
        &store,
        message("old", &phone(5), MessageClass::Money),
        night - 660,
    )
    .await;
    let mut left: Vec<String> = network
        .take_all(&store, night + 1)
        .await
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    left.sort();
    let awake = [
        "about answer:1:1",
        "about ghana",
        "about old",
        "about paid",
        "about urgent",
    ];
    let expected: Vec<&str> = awake
        .into_iter()
        .filter(|text| *text != "about old")
        .collect();
    assert_eq!(left, expected);
    let morning = 18 * HOUR_S + 1;
    assert_eq!(network.take_all(&store, morning).await.len(), 2);
}

#[tokio::test]
async fn a_changed_plan_withdraws_the_old_reminder() {
    let (_folder, store) = open();
    let remind = |cause: &str, due: i64| NewMessage {
        terms: Terms {
            due: Some(at(due).at),
            plan: Some("visit:1".to_owned()),
            ..Terms::default()
        },
        ..message(cause, &phone(1), MessageClass::Reminder)
    };
    queue(&store, remind("visit:1:v1", 5 * DAY_S), 1).await;
    queue(&store, remind("visit:1:v2", 40 * DAY_S), 2).await;
    let mut network = Network::default();
    assert!(network.take_all(&store, 6 * DAY_S).await.is_empty());
    // A plan outlives the day keys of the month in which it was made.
    let left = network.take_all(&store, 40 * DAY_S + 1).await;
    assert_eq!(left, [(phone(1), "about visit:1:v2".to_owned())]);
    queue(&store, remind("visit:1:v3", 50 * DAY_S), 41 * DAY_S).await;
    let plan = "visit:1".to_owned();
    order(&store, Order::CancelPlan(plan), 41 * DAY_S)
        .await
        .unwrap();
    assert!(network.take_all(&store, 51 * DAY_S).await.is_empty());
    assert_eq!(counts(&store).await.messages.get("cancelled"), Some(&2));
}

async fn draft<S: HubStore>(store: &S, people: u32) -> u32 {
    let draft = Order::DraftBroadcast {
        text: "The clinic is closed on Friday.".to_owned(),
        validity_s: 86_400,
    };
    let Ordered::Broadcast(id) = order(store, draft, 1).await.unwrap() else {
        panic!("no number")
    };
    for from in (0..people).step_by(100) {
        // Every list names some people twice.
        let numbers = (from.saturating_sub(5)..(from + 100).min(people)).map(phone);
        let add = Order::AddRecipients {
            broadcast: id,
            numbers: numbers.collect(),
        };
        order(store, add, 1).await.unwrap();
    }
    id
}

#[tokio::test]
async fn a_broadcast_pauses_and_resumes_at_its_exact_place() {
    let (folder, store) = open();
    let id = draft(&store, 450).await;
    let wrong = Order::StartBroadcast {
        broadcast: id,
        parts: 449,
    };
    let told = order(&store, wrong, 2).await;
    assert_eq!(told, Err(OrderRefusal::PreviewDiffers { parts: 450 }));
    let right = Order::StartBroadcast {
        broadcast: id,
        parts: 450,
    };
    order(&store, right, 2).await.unwrap();
    let mut network = Network::default();
    for claimed in claim(&store, 3).await {
        network.carry(&store, &claimed, Whim::Take, 3).await;
    }
    order(&store, Order::PauseBroadcast(id), 4).await.unwrap();
    let paused = broadcast(&store).await;
    assert!(paused.place < 450 && network.left.len() == 100);
    assert!(network.take_all(&store, 5).await.is_empty());
    // The place survives a restart.
    drop(store);
    let store = SqliteStore::open(config(&programmes(), folder.path(), "kibo")).unwrap();
    assert_eq!(broadcast(&store).await.place, paused.place);
    order(&store, Order::ResumeBroadcast(id), 6).await.unwrap();
    network.take_all(&store, 7).await;
    assert_eq!(network.left.len(), 450);
    assert!(network.left.values().all(|times| *times == 1));
    assert_eq!(broadcast(&store).await.state.word(), "finished");
}

#[tokio::test]
async fn a_cancelled_broadcast_sends_nothing_more_and_stopped_people_nothing_at_all() {
    let (_folder, store) = open();
    let id = draft(&store, 300).await;
    let start = Order::StartBroadcast {
        broadcast: id,
        parts: 300,
    };
    order(&store, start, 2).await.unwrap();
    let mut network = Network::default();
    for claimed in claim(&store, 3).await {
        network.carry(&store, &claimed, Whim::Take, 3).await;
    }
    order(&store, Order::CancelBroadcast(id), 4).await.unwrap();
    assert!(network.take_all(&store, 5).await.is_empty());
    assert_eq!(network.left.len(), 100);
    let again = order(&store, Order::ResumeBroadcast(id), 6).await;
    assert_eq!(again, Err(OrderRefusal::NotNow));
}

#[tokio::test]
async fn an_operator_releases_a_held_message_and_cancels_another() {
    let (_folder, store) = open();
    let mut network = Network::default();
    for n in 0..7 {
        queue(
            &store,
            message(&format!("n:{n}"), &phone(1), MessageClass::Health),
            1,
        )
        .await;
    }
    assert_eq!(network.take_all(&store, 2).await.len(), 5);
    let held = in_state(&store, MessageState::Held).await;
    assert_eq!(held.len(), 2);
    order(&store, Order::Release(held[0].id), 3).await.unwrap();
    order(&store, Order::Cancel(held[1].id), 3).await.unwrap();
    let gone = order(&store, Order::Release(held[1].id), 4).await;
    assert_eq!(gone, Err(OrderRefusal::NotNow));
    let nobody = order(&store, Order::Release(MessageId([9; 16])), 4).await;
    assert_eq!(nobody, Err(OrderRefusal::NotThere));
    assert_eq!(network.take_all(&store, 5).await.len(), 1);
    assert!(in_state(&store, MessageState::Held).await.is_empty());
}

#[tokio::test]
async fn a_missing_receipt_ends_in_unknown_and_without_receipts_in_sent() {
    let (_folder, store) = open();
    let mut network = Network::default();
    queue(&store, message("a", &phone(1), MessageClass::Health), 0).await;
    network.take_all(&store, 1).await;
    assert!(claim(&store, 3 * DAY_S - 10).await.is_empty());
    assert_eq!(in_state(&store, MessageState::Sent).await.len(), 1);
    assert!(claim(&store, 3 * DAY_S + 10).await.is_empty());
    assert_eq!(in_state(&store, MessageState::Unknown).await.len(), 1);
    let mut policy = Policy::default();
    let budget = LinkBudget {
        receipts: false,
        ..LinkBudget::default()
    };
    policy.links.insert(LINK.to_owned(), budget);
    set_policy(&store, policy).await;
    queue(
        &store,
        message("b", &phone(2), MessageClass::Health),
        4 * DAY_S,
    )
    .await;
    network.taken.clear();
    network.take_all(&store, 4 * DAY_S + 1).await;
    assert!(claim(&store, 6 * DAY_S + 10).await.is_empty());
    assert_eq!(in_state(&store, MessageState::Settled).await.len(), 1);
    // A receipt that comes after all is believed.
    network.deliver_all(&store, 7 * DAY_S).await;
    assert_eq!(in_state(&store, MessageState::Delivered).await.len(), 1);
}

fn whim(number: u8) -> Whim {
    match number % 7 {
        0 => Whim::Take,
        1 => Whim::TakeSilently,
        2 => Whim::Lose,
        3 => Whim::Later,
        4 => Whim::Refuse,
        5 => Whim::DieBefore,
        _ => Whim::DieAfter,
    }
}

async fn queue_one_of_each<S: HubStore>(store: &S) {
    let all = [
        MessageClass::Emergency,
        MessageClass::Money,
        MessageClass::Health,
        MessageClass::Reminder,
    ];
    for (n, class) in (0_u32..).zip(all) {
        queue(store, message(&format!("w:{n}"), &phone(n), class), 0).await;
    }
}

/// Walks messages of every class through a network of whims, with restarts, then lets time pass.
async fn walk(whims: &[u8], receipts: bool) {
    let (folder, mut store) = open();
    let mut network = Network::default();
    queue_one_of_each(&store).await;
    let mut second = 1;
    for (step, number) in whims.iter().enumerate() {
        for claimed in claim(&store, second).await {
            network.carry(&store, &claimed, whim(*number), second).await;
        }
        if matches!(whim(*number), Whim::DieBefore | Whim::DieAfter) {
            drop(store);
            store = SqliteStore::open(config(&programmes(), folder.path(), "kibo")).unwrap();
        }
        if receipts && step % 3 == 2 {
            network.deliver_all(&store, second).await;
        }
        second += 61;
    }
    let_time_pass(&store, &mut network, second).await;
    check_ends(&store, &network).await;
}

async fn let_time_pass<S: HubStore>(store: &S, network: &mut Network, second: i64) {
    for hours in [4, 80, 120, 240] {
        let late = second + hours * HOUR_S;
        for claimed in claim(store, late).await {
            network.carry(store, &claimed, Whim::Take, late).await;
        }
    }
}

async fn check_ends<S: HubStore>(store: &S, network: &Network) {
    let mut ended = 0;
    for state in STATES.into_iter().filter(|state| state.is_final()) {
        for row in in_state(store, state).await {
            ended += 1;
            left_as_allowed(&row, network);
        }
    }
    assert_eq!(ended, 4, "each message has one final state");
}

fn left_as_allowed(row: &MessageRow, network: &Network) {
    let left = network.left.get(&row.id.to_string()).copied().unwrap_or(0);
    let allowed = if row.possible_duplicate { 2 } else { 1 };
    assert!(left <= allowed, "{left} left: {row:?}");
    assert!(left < 2 || row.class <= MessageClass::Money, "{row:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn whatever_dies_each_message_has_one_end_and_leaves_at_most_once(
        whims in proptest::collection::vec(any::<u8>(), 1..10), receipts: bool,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(walk(&whims, receipts));
    }
}

#[tokio::test]
async fn two_claimers_never_get_the_same_message() {
    let (_folder, store) = open();
    for n in 0..150 {
        queue(
            &store,
            message(&format!("n:{n}"), &phone(n), MessageClass::Health),
            1,
        )
        .await;
    }
    let (one, two) = tokio::join!(claim(&store, 2), claim(&store, 2));
    let mut ids: Vec<String> = one.iter().chain(&two).map(|c| claim_parts(c).0).collect();
    assert_eq!(ids.len(), 150);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 150);
}
