//! Audiences of broadcasts, and large ones that a second person must approve.

use node_core::command::{Command, Rejection};
use node_core::message::approval::ApprovalRefusal;
use node_core::message::audience::Audience;
use node_core::message::broadcast::BroadcastState;
use node_core::message::order::{Order, OrderRefusal, Ordered};
use node_core::message::policy::Policy;
use node_core::query::{Answer, Query};
use node_core::role::{Principal, Role, RoleGrant};
use node_core::turn::{Claim, Committed, Turn};
use node_store::{HubStore, SqliteStore};

use crate::district::texts;
use crate::world::{
    WORKER_A, administrator, at, claim_messages, command, grant, phone, register, sqlite, sync,
    worker,
};

const CLERK: &str = "+254700000011";
const OFFICER: &str = "+254700000012";
const OTHER_OFFICER: &str = "+254700000013";

async fn give(store: &SqliteStore, order: Order, second: i64) -> Result<Ordered, OrderRefusal> {
    match store.commit(Turn::Order(order), at(second)).await.unwrap() {
        Committed::Ordered(told) => told,
        other => panic!("no order: {other:?}"),
    }
}

async fn draft(store: &SqliteStore, second: i64) -> u32 {
    let order = Order::DraftBroadcast {
        text: "The clinic is closed on Friday.".to_owned(),
        validity_s: 86_400,
    };
    match give(store, order, second).await {
        Ok(Ordered::Broadcast(number)) => number,
        other => panic!("no draft: {other:?}"),
    }
}

async fn added(store: &SqliteStore, broadcast: u32, audience: Audience, second: i64) -> u64 {
    let order = Order::AddAudience {
        broadcast,
        audience,
        after: 0,
    };
    match give(store, order, second).await {
        Ok(Ordered::Page { added, next: None }) => added,
        other => panic!("no page: {other:?}"),
    }
}

/// A node with four families, three of them with a number that answered, and staff.
async fn node() -> (tempfile::TempDir, SqliteStore) {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    for (number, role) in [
        (CLERK, Role::Clerk),
        (OFFICER, Role::Officer),
        (OTHER_OFFICER, Role::Officer),
    ] {
        let grant = RoleGrant {
            role,
            ..grant(number)
        };
        command(&world.hub, &administrator(), Command::GrantRole(grant), 5)
            .await
            .unwrap();
    }
    sync(&world.a, &world.hub, 6).await;
    for n in 0..4 {
        register(&world.a, WORKER_A, n, 10 + i64::from(n)).await;
    }
    for n in 0..3 {
        let own = Principal {
            role: Role::Citizen,
            author: 0,
            ..worker(&phone(n), 0)
        };
        command(&world.a, &own, Command::BindNumber, 20)
            .await
            .unwrap();
    }
    let policy = Policy {
        approve_above: 2,
        ..Policy::default()
    };
    give(&world.a, Order::SetPolicy(policy), 21).await.unwrap();
    claim_messages(&world.a, 22).await;
    (folder, world.a)
}

#[tokio::test]
async fn audiences_hold_those_who_answered_and_nobody_else() {
    let (_folder, node) = node().await;
    let named = |programme: Option<&str>, village: Option<&str>, role| Audience {
        programme: programme.map(str::to_owned),
        village: village.map(str::to_owned),
        role,
        ..Audience::default()
    };
    for (audience, expected) in [
        (Audience::default(), 3),
        (named(Some("maternal-child"), None, None), 3),
        (named(Some("cash-transfer"), None, None), 0),
        (named(None, Some("kibo"), None), 3),
        (named(Some("maternal-child"), Some("kibo"), None), 3),
        (named(Some("cash-transfer"), Some("kibo"), None), 0),
        (named(None, Some("moto"), None), 0),
        (named(None, None, Some(Role::Officer)), 2),
        (named(None, None, Some(Role::Auditor)), 0),
    ] {
        let broadcast = draft(&node, 30).await;
        let count = added(&node, broadcast, audience.clone(), 30).await;
        assert_eq!(count, expected, "{audience:?}");
        let again = added(&node, broadcast, audience, 31).await;
        assert_eq!(again, 0, "nobody stands in a list twice");
    }
    let stop = Principal {
        role: Role::Citizen,
        author: 0,
        ..worker(&phone(0), 0)
    };
    let stopped = Command::StopMessages { stopped: true };
    command(&node, &stop, stopped, 32).await.unwrap();
    let broadcast = draft(&node, 33).await;
    assert_eq!(added(&node, broadcast, Audience::default(), 33).await, 2);
    let report = node.check(true).unwrap();
    assert!(report.is_sound(), "{report}");
}

async fn state(store: &SqliteStore, broadcast: u32) -> BroadcastState {
    let Answer::Broadcasts(rows) = store.query(Query::Broadcasts).await.unwrap() else {
        panic!("no broadcasts");
    };
    rows.iter().find(|row| row.id == broadcast).unwrap().state
}

/// A draft to three people, proposed by the clerk.
async fn proposed(store: &SqliteStore, second: i64) -> u32 {
    let broadcast = draft(store, second).await;
    added(store, broadcast, Audience::default(), second).await;
    let start = Order::StartBroadcast {
        broadcast,
        parts: 3,
    };
    let refused = give(store, start, second).await;
    assert_eq!(refused, Err(OrderRefusal::NeedsApproval { recipients: 3 }));
    let propose = |by: &str| Order::ProposeBroadcast {
        broadcast,
        parts: 3,
        by: by.to_owned(),
    };
    let worker = give(store, propose(WORKER_A), second).await;
    assert_eq!(worker, Err(ApprovalRefusal::NotAllowed.into()));
    assert_eq!(give(store, propose(CLERK), second).await, Ok(Ordered::Done));
    broadcast
}

async fn told(store: &SqliteStore, to: &str, second: i64) -> Vec<String> {
    let claims = claim_messages(store, second).await.into_iter();
    claims
        .filter_map(|claim| match claim {
            Claim::Message {
                to: number, text, ..
            } if number == to => Some(text.0),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn a_large_broadcast_begins_with_the_yes_of_another_officer_by_sms() {
    let (_folder, node) = node().await;
    let broadcast = proposed(&node, 30).await;
    let asked = told(&node, OFFICER, 31).await;
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert!(
        asked
            .iter()
            .any(|text| text.contains("3 people, 3 parts, price 0")),
        "{asked:?}"
    );
    assert!(asked.iter().any(|text| text.contains("closed on Friday")));
    let yes = format!("YES {broadcast}");
    let clerk = texts(&node, CLERK, &yes, 40).await.concat();
    assert!(
        !clerk.contains("begins"),
        "who proposed may not approve: {clerk}"
    );
    let worker = texts(&node, WORKER_A, &yes, 41).await.concat();
    assert!(!worker.contains("begins"), "{worker}");
    assert_eq!(state(&node, broadcast).await, BroadcastState::Proposed);
    let wrong = texts(&node, OFFICER, "YES 99", 42).await.concat();
    assert!(wrong.contains("No broadcast waits"), "{wrong}");
    let officer = texts(&node, OFFICER, &yes, 43).await.concat();
    assert!(officer.contains("begins"), "{officer}");
    let late = texts(&node, OTHER_OFFICER, &format!("NO {broadcast}"), 44)
        .await
        .concat();
    assert!(
        late.contains("No broadcast waits"),
        "the first word counts: {late}"
    );
    assert_ne!(state(&node, broadcast).await, BroadcastState::Refused);
}

#[tokio::test]
async fn a_refused_or_lapsed_proposal_sends_nothing() {
    let (_folder, node) = node().await;
    let refused = proposed(&node, 30).await;
    let no = texts(&node, OFFICER, &format!("NO {refused}"), 40)
        .await
        .concat();
    assert!(no.contains("is not sent"), "{no}");
    assert_eq!(state(&node, refused).await, BroadcastState::Refused);
    let lapsed = proposed(&node, 50).await;
    let days_later = 50 + 49 * 3_600;
    for n in 0..3 {
        assert_eq!(
            told(&node, &phone(n), days_later).await,
            Vec::<String>::new()
        );
    }
    assert_eq!(state(&node, lapsed).await, BroadcastState::Refused);
    let decide = Order::DecideBroadcast {
        broadcast: lapsed,
        approve: true,
        by: OFFICER.to_owned(),
    };
    let late = give(&node, decide, days_later).await;
    assert_eq!(late, Err(ApprovalRefusal::NotOpen.into()));
}

#[tokio::test]
async fn an_officer_who_proposes_needs_another_officer_on_the_command_line_too() {
    let (_folder, node) = node().await;
    let broadcast = draft(&node, 30).await;
    added(&node, broadcast, Audience::default(), 30).await;
    let propose = Order::ProposeBroadcast {
        broadcast,
        parts: 3,
        by: OFFICER.to_owned(),
    };
    assert_eq!(give(&node, propose, 31).await, Ok(Ordered::Done));
    let decide = |by: &str| Order::DecideBroadcast {
        broadcast,
        approve: true,
        by: by.to_owned(),
    };
    let own = give(&node, decide(OFFICER), 32).await;
    assert_eq!(own, Err(ApprovalRefusal::OwnProposal.into()));
    let command_of = Command::DecideBroadcast {
        broadcast,
        approve: true,
        reason: String::new(),
    };
    let officer = Principal {
        role: Role::Officer,
        ..worker(OFFICER, 4)
    };
    let by_menu = command(&node, &officer, command_of, 33).await;
    assert!(matches!(by_menu, Err(Rejection { text, .. }) if text == "reject-own-proposal"));
    assert_eq!(
        give(&node, decide(OTHER_OFFICER), 34).await,
        Ok(Ordered::Done)
    );
    let sent = told(&node, &phone(1), 40).await;
    assert_eq!(sent, ["The clinic is closed on Friday."]);
}
