//! One code over one real bind: a hub answers the people of three nodes over SMPP, the nodes hear
//! of their own over HTTPS, and the one that is out of contact hears of it later.

use std::path::Path;
use std::time::Duration;

use channels::operator::{Application, Operator, OperatorTimes};
use channels::smpp::esme::{Esme, EsmeConfig};
use channels_core::{Address, Msisdn};
use node::clock::Clock;
use node::roles::hub::{self, Hub, HubConfig};
use node::roles::node::{self as node_role, Node, NodeConfig};
use node_core::query::{Answer, Counts, Query};
use node_core::village::{Village, Villages};
use node_store::{HubStore, SqliteStore};
use sync_core::session::Profile;
use sync_core::{ClockQuality, Scope};
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::time::{Instant, interval};

const VILLAGES: [(&str, &str, Scope); 3] = [
    ("kibo", "12", Scope(16)),
    ("moto", "22", Scope(24)),
    ("pader", "32", Scope(32)),
];
const DIAL: &str = "*384#";
const WORKERS: [&str; 2] = ["+256770000001", "+256770000002"];
const STRANGER: &str = "+256770000009";
/// A registration behind the worker's menu; the mother has no phone.
const REGISTERS: [&str; 13] = [
    "1", "Achieng", "Nyambura", "1994", "0", "1", "0", "1", "Neema", "2", "1", "3", "1",
];
/// How long what must come is waited for, and how often it is looked for.
const PATIENCE: Duration = Duration::from_mins(1);
const LOOK_EVERY: Duration = Duration::from_millis(50);

struct Board {
    node: Node,
    store: SqliteStore,
    uplink: watch::Sender<bool>,
}

fn clock() -> Clock {
    let at = "2026-06-02T09:00:00Z".parse().expect("a moment");
    Clock::fixed(at, ClockQuality::Ntp)
}

fn number(text: &str) -> Msisdn {
    Msisdn::parse(text).expect("a number")
}

async fn start_hub(folder: &Path, operator: &Operator) -> Hub {
    let list = VILLAGES.map(|(_, code, area)| Village {
        code: code.to_owned(),
        area,
    });
    let config = HubConfig {
        areas: VILLAGES.map(|(.., area)| area).into(),
        villages: Villages {
            dial: DIAL.to_owned(),
            list: list.into(),
        },
        listen: Some(([127, 0, 0, 1], 0).into()),
        ..hub::solo_config(&folder.join("hub"), clock(), "en")
    };
    let mut hub = Hub::start(&config).await.expect("the hub starts");
    let bind = EsmeConfig::new("operator-a", operator.local_addr(), "hub", "secret");
    let bind = Esme::new(bind).expect("a bind");
    let sender = Address::ShortCode("384".to_owned());
    hub.station.attach(bind, sender);
    operator.bound("hub").await;
    hub
}

async fn start_board(folder: &Path, hub: &Hub, (name, _, area): (&str, &str, Scope)) -> Board {
    let config = NodeConfig {
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
        lan: None,
        clock: clock(),
    };
    let (uplink, plugged) = watch::channel(true);
    let store = node_role::open(&config).expect("the node's store opens");
    let provision = hub.open_slot(name, area).await.expect("a slot");
    let enrolled = node_role::enrol(&store, &provision, plugged.clone(), clock()).await;
    enrolled.expect("the node is enrolled");
    let node = Node::start(&config, store.clone(), plugged).await;
    Board {
        node: node.expect("the node starts"),
        store,
        uplink,
    }
}

async fn counts(store: &SqliteStore) -> Counts {
    match store.query(Query::Counts).await {
        Ok(Answer::Counts(counts)) => counts,
        other => panic!("no counts: {other:?}"),
    }
}

/// Waits until a board holds so many registrations.
async fn holds(board: &Board, registrations: u64) {
    let end = Instant::now() + PATIENCE;
    let mut looks = interval(LOOK_EVERY);
    while counts(&board.store).await.registrations < registrations {
        assert!(Instant::now() < end, "the registration did not come");
        looks.tick().await;
    }
}

/// Dials, then types one after the other; all screens.
async fn calls(operator: &Operator, from: &str, code: &str, inputs: &[&str]) -> Vec<String> {
    let phone = number(from);
    let mut screens = vec![operator.dial(&phone, code).await.text];
    for input in inputs {
        screens.push(operator.answer(&phone, input).await.text);
    }
    screens
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bind_serves_three_villages() {
    let folder = TempDir::new().expect("a folder");
    let application = Application {
        system_id: "hub".to_owned(),
        password: "secret".to_owned(),
        short_code: "384".to_owned(),
        ussd_code: DIAL.to_owned(),
    };
    let any_port = ([127, 0, 0, 1], 0).into();
    let operator = Operator::start(any_port, vec![application], OperatorTimes::default())
        .await
        .expect("an operator");
    let hub = start_hub(folder.path(), &operator).await;
    let mut boards = Vec::new();
    for village in VILLAGES {
        boards.push(start_board(folder.path(), &hub, village).await);
    }
    for (worker, (.., area)) in WORKERS.iter().zip(VILLAGES) {
        let order = hub::worker(&number(worker), "worker", "en", (area, clock().now().at));
        let granted = hub::grant(&hub.station.store, clock(), order).await;
        granted.expect("the worker is granted her role");
    }
    boards[1].uplink.send_replace(false);
    let allotment = |counts: Counts| counts.numbers_left;
    let mut before = Vec::new();
    for board in &boards {
        before.push(allotment(counts(&board.store).await));
    }

    // Two workers register over the one code; nobody asks them where.
    for worker in WORKERS {
        let screens = calls(&operator, worker, DIAL, &REGISTERS).await;
        assert!(screens[0].contains("1 Register"), "{}", screens[0]);
        let last = &screens[REGISTERS.len()];
        assert!(last.starts_with("Registered: carried"), "{last}");
    }
    // A stranger is asked, once; what stands behind the code is an answer, too.
    let screens = calls(&operator, STRANGER, DIAL, &["77", "32", "1"]).await;
    assert!(screens[0].starts_with("Please type the code of your village."));
    assert!(screens[1].starts_with("No village has this code."));
    assert!(screens[2].contains("1 English"), "{}", screens[2]);
    for code in [DIAL, "*384*12#"] {
        let again = calls(&operator, STRANGER, code, &[]).await;
        assert_eq!(again[0], screens[3]);
    }
    let asked = calls(&operator, "+256770000010", "*384*12#", &[]).await;
    assert!(asked[0].contains("1 English"), "{}", asked[0]);

    holds(&boards[0], 1).await;
    assert_eq!(counts(&boards[1].store).await.registrations, 0);
    boards[1].uplink.send_replace(true);
    holds(&boards[1], 1).await;
    for (board, expected) in boards.iter().zip([1, 1, 0]) {
        let now = counts(&board.store).await;
        assert_eq!((now.registrations, now.persons), (expected, 2 * expected));
    }
    for (board, before) in boards.iter().zip(before) {
        assert_eq!(allotment(counts(&board.store).await), before);
    }
    assert_eq!(counts(&hub.station.store).await.registrations, 2);
    for board in boards {
        board.node.station.stop().await;
    }
    hub.station.stop().await;
}
