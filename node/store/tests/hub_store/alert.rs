//! Alerts: with no uplink, over two roads, expired, past STOP and quiet hours, and ended.

use std::collections::BTreeMap;

use channels_core::Address;
use node_core::alert::{AlertKind, AlertLevel, AlertOrder};
use node_core::command::Command;
use node_core::contact::Contact;
use node_core::message::order::Order;
use node_core::message::policy::Policy;
use node_core::message::quiet::QuietHours;
use node_core::role::{Principal, Role, RoleGrant};
use node_core::turn::{Claim, ClaimKind, Turn};
use node_store::{HubStore, Outbox, SqliteStore};

use crate::world::{
    AREA, WORKER_A, WORKER_B, World, administrator, at, claim_messages, command, grant, link,
    phone, register, sqlite, sync, worker,
};

const OFFICER: &str = "+254700000012";
/// 23:00 by the people's clock: quiet for everything else.
const NIGHT: i64 = 10 * 3_600;

/// Three families at the first node, one at the second, one at the hub itself, all of one area.
async fn valley() -> (tempfile::TempDir, World<SqliteStore>) {
    let folder = tempfile::tempdir().unwrap();
    let world = sqlite(folder.path()).await;
    let officer = RoleGrant {
        role: Role::Officer,
        ..grant(OFFICER)
    };
    command(&world.hub, &administrator(), Command::GrantRole(officer), 5)
        .await
        .unwrap();
    for n in 0..3 {
        register(&world.a, WORKER_A, n, 10 + i64::from(n)).await;
    }
    register(&world.b, WORKER_B, 10, 20).await;
    register(&world.hub, WORKER_B, 20, 21).await;
    for (node, second) in [(&world.a, 30), (&world.b, 31)] {
        sync(node, &world.hub, second).await;
    }
    for store in [&world.a, &world.b, &world.hub] {
        let policy = Policy {
            quiet: Some(QuietHours::default()),
            offset_min: 180,
            ..Policy::default()
        };
        let turn = Turn::Order(Order::SetPolicy(policy));
        store.commit(turn, at(32)).await.unwrap();
        claim_messages(store, 33).await;
    }
    (folder, world)
}

async fn says(store: &SqliteStore, text: &str, second: i64) {
    let sms = Contact::Sms {
        link: link(),
        from: Address::parse(OFFICER).unwrap(),
        text: text.to_owned(),
        sent: None,
    };
    store.commit(Turn::Contact(sms), at(second)).await.unwrap();
}

/// What leaves now, by number; staff are left out.
async fn leaves(store: &SqliteStore, second: i64) -> BTreeMap<String, Vec<String>> {
    let mut sent: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for claim in claim_messages(store, second).await {
        if let Claim::Message { to, text, .. } = claim
            && ![OFFICER, WORKER_A, WORKER_B].contains(&to.as_str())
        {
            sent.entry(to).or_default().push(text.0);
        }
    }
    sent
}

fn numbers(sent: &BTreeMap<String, Vec<String>>) -> Vec<&str> {
    assert!(sent.values().all(|texts| texts.len() == 1), "{sent:?}");
    sent.keys().map(String::as_str).collect()
}

fn own(order: AlertOrder) -> Command {
    Command::RaiseAlert(order)
}

fn flood(level: AlertLevel) -> AlertOrder {
    AlertOrder {
        scope: AREA,
        kind: AlertKind::Raised,
        level,
        text: "The river rises.".to_owned(),
        hours: 6,
        only_here: false,
        fresh: [0; 8],
    }
}

#[tokio::test]
async fn an_alert_works_at_night_with_no_uplink_and_reaches_each_number_once() {
    let (_folder, world) = valley().await;
    says(&world.a, "ALERT The river rises. Go to the school.", NIGHT).await;
    let here = leaves(&world.a, NIGHT + 1).await;
    assert_eq!(numbers(&here), [phone(0), phone(1), phone(2)]);
    let text = &here[&phone(0)][0];
    assert_eq!(text, "ALERT: The river rises. Go to the school.");
    assert!(
        leaves(&world.hub, NIGHT + 2).await.is_empty(),
        "no uplink yet"
    );
    // Two sessions of each, so that everything travels by every road there is.
    for round in 0..2 {
        sync(&world.a, &world.hub, NIGHT + 10 + round).await;
        sync(&world.b, &world.hub, NIGHT + 20 + round).await;
    }
    let hub = leaves(&world.hub, NIGHT + 30).await;
    assert_eq!(
        numbers(&hub),
        [phone(20)],
        "whom it registered itself, and nobody else"
    );
    let other = leaves(&world.b, NIGHT + 30).await;
    assert_eq!(numbers(&other), [phone(10)]);
    for store in [&world.a, &world.b, &world.hub] {
        assert!(
            leaves(store, NIGHT + 60).await.is_empty(),
            "nobody gets it twice"
        );
        let report = store.check(true).unwrap();
        assert!(report.is_sound(), "{report}");
    }
}

#[tokio::test]
async fn an_alert_of_the_hub_travels_down_and_an_expired_one_sends_nothing() {
    let (_folder, world) = valley().await;
    command(
        &world.hub,
        &administrator(),
        own(flood(AlertLevel::Warning)),
        100,
    )
    .await
    .unwrap();
    assert_eq!(numbers(&leaves(&world.hub, 101).await), [phone(20)]);
    sync(&world.a, &world.hub, 110).await;
    let node = leaves(&world.a, 111).await;
    assert_eq!(numbers(&node), [phone(0), phone(1), phone(2)]);
    // The other node hears of it a minute after its end.
    let late = 100 + 6 * 3_600 + 60;
    sync(&world.b, &world.hub, late).await;
    assert!(leaves(&world.b, late + 1).await.is_empty());
}

#[tokio::test]
async fn a_hub_that_fears_for_a_node_sends_to_all_and_the_nodes_keep_still() {
    let (_folder, world) = valley().await;
    let alone = AlertOrder {
        only_here: true,
        ..flood(AlertLevel::Warning)
    };
    command(&world.hub, &administrator(), own(alone), 100)
        .await
        .unwrap();
    let all = leaves(&world.hub, 101).await;
    let expected = [phone(0), phone(1), phone(2), phone(10), phone(20)];
    assert_eq!(numbers(&all), expected);
    sync(&world.a, &world.hub, 110).await;
    assert!(leaves(&world.a, 111).await.is_empty());
}

#[tokio::test]
async fn only_danger_passes_a_stop_and_only_officers_raise() {
    let (_folder, world) = valley().await;
    let citizen = Principal {
        role: Role::Citizen,
        author: 0,
        ..worker(&phone(0), 0)
    };
    let stop = Command::StopMessages { stopped: true };
    command(&world.a, &citizen, stop, 90).await.unwrap();
    let node = Principal::system(AREA, "en");
    command(&world.a, &node, own(flood(AlertLevel::Warning)), 100)
        .await
        .unwrap();
    assert_eq!(numbers(&leaves(&world.a, 101).await), [phone(1), phone(2)]);
    command(&world.a, &node, own(flood(AlertLevel::Danger)), 200)
        .await
        .unwrap();
    let all = leaves(&world.a, 201).await;
    assert_eq!(numbers(&all), [phone(0), phone(1), phone(2)]);
    // Whoever said STOP is told why it comes all the same, and nobody else.
    for (number, texts) in &all {
        let told = texts.iter().all(|text| text.contains("also after STOP"));
        assert_eq!(told, *number == phone(0), "{texts:?}");
    }
    for who in [worker(WORKER_A, 1), citizen] {
        let refused = command(&world.a, &who, own(flood(AlertLevel::Danger)), 300).await;
        assert_eq!(refused.unwrap_err().text, "reject-not-allowed");
    }
    let long = AlertOrder {
        text: "x".repeat(301),
        ..flood(AlertLevel::Danger)
    };
    let refused = command(&world.a, &node, own(long), 301).await;
    assert_eq!(refused.unwrap_err().text, "reject-alert");
}

#[tokio::test]
async fn an_all_clear_overtakes_what_has_not_left_and_ends_the_alert() {
    let (_folder, world) = valley().await;
    says(&world.a, "ALERT The river rises.", 100).await;
    // One message leaves, the others wait for the link.
    let first = world
        .a
        .claim(ClaimKind::Messages, 1, at(101))
        .await
        .unwrap();
    assert_eq!(first.len(), 1);
    says(&world.a, "UPDATE Take water with you.", 102).await;
    says(&world.a, "CLEAR The water is gone.", 103).await;
    let sent = leaves(&world.a, 104).await;
    assert_eq!(numbers(&sent), [phone(0), phone(1), phone(2)]);
    for texts in sent.values() {
        assert_eq!(texts, &["ALL CLEAR: The water is gone."]);
    }
    says(&world.a, "UPDATE More.", 110).await;
    let claims = claim_messages(&world.a, 111).await;
    let told: Vec<String> = claims
        .into_iter()
        .filter_map(|claim| match claim {
            Claim::Message { text, .. } => Some(text.0),
            _ => None,
        })
        .collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("No alert holds"), "{told:?}");
}
