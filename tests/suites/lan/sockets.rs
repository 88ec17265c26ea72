//! Two running nodes and a hub on the loopback interface: TLS, HTTP and the loops that join them.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use node::clock::Clock;
use node::roles::hub::{self, FIRST_AREA, Hub, HubConfig};
use node::roles::node::{self as node_role, Node, NodeConfig};
use node::runtime::lan::LanConfig;
use node_store::SqliteStore;
use sync_core::session::Profile;
use sync_core::{ClockQuality, NodeId};
use tempfile::TempDir;
use tests::contact::own;
use tests::{district, office};
use tokio::sync::watch;
use tokio::time::{Instant, interval};

use super::counts;

const PATIENCE: Duration = Duration::from_mins(1);

fn clock() -> Clock {
    let at: Timestamp = "2026-03-14T10:00:00Z".parse().expect("a time");
    Clock::fixed(at, ClockQuality::Ntp)
}

fn lan(peers: &[(NodeId, SocketAddr)]) -> LanConfig {
    let peers = peers.iter();
    LanConfig {
        listen: ([127, 0, 0, 1], 0).into(),
        discovery: None,
        peers: peers.map(|(node, at)| (*node, at.to_string())).collect(),
        profile: Profile::Lan,
        interval: Duration::from_secs(30),
    }
}

fn config(folder: &Path, name: &str, lan: Option<LanConfig>) -> NodeConfig {
    NodeConfig {
        programmes: None,
        services: Vec::new(),
        staff_pin_hours: 0,
        dial: "*384*7#".to_owned(),
        folder: folder.join(name),
        name: name.to_owned(),
        country: "UG".to_owned(),
        language: "en".to_owned(),
        sender: "384".to_owned(),
        smpp: Vec::new(),
        interval: Duration::from_millis(200),
        hub_profile: Profile::Metered,
        lan,
        clock: clock(),
    }
}

async fn until(what: &str, store: &SqliteStore, is_true: impl Fn(u64, u64) -> bool) {
    let end = Instant::now() + PATIENCE;
    let mut looks = interval(Duration::from_millis(50));
    loop {
        let now = counts(store).await;
        if is_true(now.registrations, now.not_carried) {
            return;
        }
        assert!(Instant::now() < end, "{what}: {now:?}");
        looks.tick().await;
    }
}

/// An enrolled node that has heard of its staff.
async fn enrolled(hub: &Hub, config: &NodeConfig) -> SqliteStore {
    let (_switch, plugged) = watch::channel(true);
    let store = node_role::open(config).expect("a store");
    let provision = hub
        .open_slot(&config.name, FIRST_AREA)
        .await
        .expect("a slot");
    let done = node_role::enrol(&store, &provision, plugged.clone(), clock()).await;
    done.expect("enrolled");
    let node = Node::start(config, store.clone(), plugged).await;
    let node = node.expect("the node starts");
    until("the first contact", &store, |_, not_carried| {
        not_carried == 0
    })
    .await;
    node.station.stop().await;
    store
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_without_a_road_reaches_the_hub_by_its_neighbour_over_real_sockets() {
    let folder = TempDir::new().expect("a folder");
    let config_of_hub = HubConfig {
        listen: Some(([127, 0, 0, 1], 0).into()),
        ..hub::solo_config(&folder.path().join("hub"), clock(), "en")
    };
    let hub = Hub::start(&config_of_hub).await.expect("the hub starts");
    let phone = channels_core::Msisdn::parse(district::WORKERS[0]).expect("a number");
    let granted = hub::grant_worker(&hub.station.store, clock(), &phone, "en").await;
    granted.expect("a worker");
    let far = config(folder.path(), "far", Some(lan(&[])));
    let near = config(folder.path(), "near", None);
    let far_store = enrolled(&hub, &far).await;
    let near_store = enrolled(&hub, &near).await;
    district::works(&far_store, clock(), 1, office::family())
        .await
        .expect("a registration");

    // The far one has no road to the hub; the near one finds it in its settings.
    let (_off, unplugged) = watch::channel(false);
    let far_node = Node::start(&far, far_store.clone(), unplugged).await;
    let far_node = far_node.expect("the node starts");
    let at = far_node.lan.expect("neighbours connect");
    let near = NodeConfig {
        lan: Some(lan(&[(own(&far_store).await.node, at)])),
        ..near
    };
    let (_on, plugged) = watch::channel(true);
    let first = Node::start(&near, near_store.clone(), plugged.clone()).await;
    let first = first.expect("the node starts");
    until("it reaches the neighbour", &near_store, |n, _| n == 1).await;
    until("and the hub", &hub.station.store, |n, _| n == 1).await;
    first.station.stop().await;
    // The next meeting brings the receipts back; a new start is the quickest one.
    let second = Node::start(&near, near_store.clone(), plugged).await;
    let second = second.expect("the node starts");
    until("receipts return", &far_store, |_, not_carried| {
        not_carried == 0
    })
    .await;
    second.station.stop().await;
    far_node.station.stop().await;
    hub.station.stop().await;
}
