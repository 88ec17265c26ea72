//! The program's own loops, from store to serial port: a node and a hub with a modem each and no
//! other road. A registration reaches the hub and its receipt comes back.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use channels::gsm_modem::{BAUD, Board, GsmModems, ModemConfig};
use channels::modem_simulator::ModemSimulator;
use channels_core::modem::Settings as Habits;
use channels_core::modem_simulator::{Input as Order, Settings as Simulated, Submitted};
use channels_core::tpdu::{Deliver, Options, Scts, TpAddress};
use channels_core::{Address, LinkName, Msisdn};
use jiff::{SignedDuration, Timestamp};
use node::clock::Clock;
use node::roles::station::Station;
use node::runtime::sms_link::desk::{SmsLinkConfig, fresh_salt};
use node_core::query::{Answer, Query};
use node_store::{Accepting, HubStore, SqliteStore};
use sync_core::sms::purse::{Cap, Tariff};
use sync_core::{ClockQuality, Lane, NodeId, Seq};
use tests::stick::{World, heads};
use tokio::time::{interval, timeout};

/// Longest wait for a registration and its receipt: some ten SMS, five seconds apart.
const LIMIT: Duration = Duration::from_mins(4);
const LOOK_EVERY: Duration = Duration::from_millis(200);

fn number(end: usize) -> Msisdn {
    Msisdn::parse(&format!("+25677200090{end}")).unwrap()
}

/// A modem with its SIM at a terminal.
fn simulator(end: usize, port: &Path) -> ModemSimulator {
    let settings = Simulated {
        time_scale: 50,
        ..Simulated::new(number(end))
    };
    ModemSimulator::start(settings, Some(port.to_owned())).unwrap()
}

fn modems(end: usize, port: &Path, folder: &Path) -> GsmModems {
    let modem = ModemConfig {
        name: format!("sim{end}"),
        port: port.to_owned(),
        baud: BAUD,
        own: Address::Phone(number(end)),
        settings: Habits::default(),
        board: Board::default(),
        folder: folder.to_owned(),
    };
    GsmModems::new(LinkName("modem".to_owned()), vec![modem]).unwrap()
}

fn config(is_hub: bool) -> SmsLinkConfig {
    let cap = Cap {
        messages: 200,
        cost: 10_000,
    };
    let peer = if is_hub {
        ("node0".to_owned(), number(1))
    } else {
        (String::new(), number(0))
    };
    SmsLinkConfig {
        sim: "modem".to_owned(),
        tariff: Tariff {
            price: 50,
            day: cap,
            month: cap,
        },
        lanes: vec![Lane::Registration],
        after: SignedDuration::ZERO,
        gather: SignedDuration::ZERO,
        is_hub,
        salt: fresh_salt,
        numbers: BTreeMap::from([peer]),
    }
}

/// What one network took is brought to the other modem, as the SMSC of both would.
async fn carry(taken: Submitted, from: usize, to: &ModemSimulator) {
    let deliver = Deliver {
        options: Options::default(),
        origin: TpAddress::of(&Address::Phone(number(from))).unwrap(),
        protocol: 0,
        submitted: Scts::of(Timestamp::now(), 0).unwrap_or_default(),
        user_data: taken.submit.user_data,
    };
    to.order(Order::Deliver(deliver.encode())).await;
}

/// What the hub wrote so far came to the node before it left the office.
async fn at_the_office(hub: &SqliteStore, node: &SqliteStore, clock: Clock) {
    for head in heads(hub).await {
        let frames = Query::Frames {
            chain: head.chain,
            after: Seq(0),
            bytes_max: 1 << 20,
            packed: false,
        };
        let Ok(Answer::Frames(frames)) = hub.query(frames).await else {
            panic!("no frames");
        };
        for frame in frames {
            node.accept(frame, clock.now()).await.unwrap();
        }
    }
}

async fn station(store: &SqliteStore, end: usize, folder: &Path) -> Station<SqliteStore> {
    let clock = Clock::system(ClockQuality::Ntp);
    let mut station = Station::start(store.clone(), clock);
    let port = folder.join(format!("port{end}"));
    let channel = modems(end, &port, &store.folder());
    station.attach(channel, Address::parse("384").unwrap());
    station.join_by_sms(config(end == 0)).await.unwrap();
    station
}

async fn is_receipted(node: &SqliteStore) -> bool {
    match node.query(Query::Counts).await {
        Ok(Answer::Counts(counts)) => (counts.registrations, counts.not_carried) == (1, 0),
        other => panic!("no counts: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_registration_goes_up_and_its_receipt_comes_back_by_two_modems() {
    let world = World::new(1).await;
    at_the_office(&world.hub, &world.nodes[0], world.clock()).await;
    world.register(0, 1).await;
    let folder = tempfile::tempdir().unwrap();
    let ports = [0, 1].map(|end: usize| folder.path().join(format!("port{end}")));
    let mut at_hub = simulator(0, &ports[0]);
    let mut at_node = simulator(1, &ports[1]);
    let hub = station(&world.hub, 0, folder.path()).await;
    let node = station(&world.nodes[0], 1, folder.path()).await;
    let mut looks = interval(LOOK_EVERY);
    let mut carried = [0, 0];
    let all = async {
        while !is_receipted(&world.nodes[0]).await {
            tokio::select! {
                taken = at_hub.submitted() => {
                    carry(taken.unwrap(), 0, &at_node).await;
                    carried[0] += 1;
                }
                taken = at_node.submitted() => {
                    carry(taken.unwrap(), 1, &at_hub).await;
                    carried[1] += 1;
                }
                _ = looks.tick() => {}
            }
        }
    };
    timeout(LIMIT, all).await.expect("a receipt in time");
    let there = heads(&world.hub).await;
    let own = heads(&world.nodes[0]).await;
    let own = own.iter().filter(|head| head.chain.origin != NodeId(1));
    for head in own {
        assert!(
            there
                .iter()
                .any(|it| (it.chain, it.hash) == (head.chain, head.hash))
        );
    }
    assert!(carried[0] > 0 && carried[1] >= 3, "{carried:?}");
    node.stop().await;
    hub.stop().await;
}
