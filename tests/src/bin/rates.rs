//! The benchmark of roads: 10,000 people from their node to the hub and from it to a fresh node
//! over a line of 20 kbit/s, and to another fresh one that is a neighbour on the LAN.
//!
//! The line is spoken packed, the LAN raw. Both ends are the program's own: session driver, acceptance, stores on disk, HTTP and TLS 1.3
//! over real sockets. The line is emulated between them (`tests::shaper`) and counts all octets of
//! TCP payload, so HTTP and the records and handshake of TLS, and 52 octets of heads a segment. Time
//! is that of the wall. `cargo run --release -p tests --bin rates`; `OUTPOST_PEOPLE` changes the number.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use node::roles::hub::Hub;
use node::roles::node::{Node, NodeConfig};
use node::runtime::lan::LanConfig;
use node::runtime::uplink::asking;
use node_core::query::{Answer, Counts, Query};
use node_store::{HubStore, SqliteStore};
use sync_core::NodeId;
use sync_core::session::{Finish, Opening, Profile};
use tests::contact::own;
use tests::district;
use tests::families::Families;
use tests::shaper::{Carried, Line, Shaper};
use tests::wire::{self, Enrolled, clock};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

/// People, two a registration.
const PEOPLE: u64 = 10_000;
/// The line: a GPRS phone in a village.
const LINE: Line = Line {
    bits_s: 20_000,
    delay: Duration::from_millis(300),
};
/// Goals: to the hub, to a fresh node, both over the line; to a neighbour on the LAN.
const UP_S_MAX: f64 = 180.0;
const DOWN_S_MAX: f64 = 240.0;
const LAN_S_MAX: f64 = 10.0;
/// Writes on their way at once; fills a group commit.
const WRITES_AT_ONCE: usize = 64;
/// Sessions of one transfer; more go round in circles.
const SESSIONS_MAX: u32 = 50;
/// Between two looks at a store that a running node fills.
const LOOK: Duration = Duration::from_millis(20);
/// Longest wait for that.
const PATIENCE: Duration = Duration::from_mins(5);

#[tokio::main]
async fn main() -> Result<()> {
    let people = match std::env::var("OUTPOST_PEOPLE") {
        Ok(text) => text.parse().context("OUTPOST_PEOPLE is a number")?,
        Err(_) => PEOPLE,
    };
    let folder = tempfile::tempdir()?;
    let hub = wire::hub(folder.path()).await;
    let kibo = wire::enrolled(&hub, folder.path(), "kibo").await;
    transfer(&kibo, None).await?;
    register(&kibo.store, people / 2).await?;
    let up = over_the_line(&kibo, &hub).await?;
    tell("to the hub", people, &up, UP_S_MAX);
    let fresh = wire::enrolled(&hub, folder.path(), "moto").await;
    let down = over_the_line(&fresh, &hub).await?;
    tell("to a fresh node", people, &down, DOWN_S_MAX);
    for store in [&kibo.store, &hub.station.store, &fresh.store] {
        let counts = counts(store).await?;
        ensure!(counts.registrations == people / 2, "{counts:?}");
    }
    ensure!(counts(&kibo.store).await?.not_carried == 0, "no receipts");
    let lan_s = to_a_neighbour(&hub, &kibo, folder.path()).await?;
    println!(
        "{:<18} {lan_s:>7.1} s  (goal under {LAN_S_MAX} s)",
        "over a LAN"
    );
    report(people, [&up, &down], lan_s)
}

/// What one transfer took.
struct Took {
    seconds: f64,
    /// Octets with heads on the line.
    line: Carried,
}

/// Sessions with the hub until both hold the same, from a new connection on.
async fn over_the_line(node: &Enrolled, hub: &Hub) -> Result<Took> {
    let target = hub.link.context("the hub has no link")?;
    let shaper = Shaper::start(target, LINE).await?;
    let seconds = transfer(node, Some(shaper.address())).await?;
    not_faster(seconds, &shaper)
}

/// The control of the emulation: no direction was faster than the line.
fn not_faster(seconds: f64, shaper: &Shaper) -> Result<Took> {
    let line = shaper.carried();
    let busiest = u32::try_from(line.up.max(line.down))?;
    let least = f64::from(busiest) * 8.0 / f64::from(u32::try_from(LINE.bits_s)?);
    ensure!(seconds >= least, "faster than the line: {least:.1} s");
    Ok(Took { seconds, line })
}

/// The seconds that it took.
async fn transfer(node: &Enrolled, over: Option<SocketAddr>) -> Result<f64> {
    let mut road = node.road(over).await;
    let began = Instant::now();
    let mut opening = Opening::Full;
    for _ in 0..SESSIONS_MAX {
        let driver = asking(&node.store, clock()).await.context("not enrolled")?;
        let driver = road.carry(driver, opening).await;
        let finish = driver.finish().context("no end")?;
        let took = began.elapsed();
        ensure!(
            matches!(finish, Finish::Done | Finish::BudgetSpent),
            "a session ended with {finish:?} after {took:?}"
        );
        if finish == Finish::Done {
            return Ok(took.as_secs_f64());
        }
        opening = finish.next_opening();
    }
    bail!("no end after {SESSIONS_MAX} sessions")
}

async fn register(store: &SqliteStore, families: u64) -> Result<()> {
    let began = Instant::now();
    let mut next = Families::new();
    let mut writes = JoinSet::new();
    for _ in 0..families {
        let (store, command) = (store.clone(), next.pair());
        writes.spawn(async move { district::works(&store, clock(), 1, command).await });
        while writes.len() >= WRITES_AT_ONCE {
            registered(writes.join_next().await)?;
        }
    }
    while !writes.is_empty() {
        registered(writes.join_next().await)?;
    }
    println!(
        "prepared: {families} registrations in {:.0} s",
        began.elapsed().as_secs_f64()
    );
    Ok(())
}

type Written = Result<node_core::command::Outcome, node_core::command::Rejection>;

fn registered(done: Option<Result<Written, tokio::task::JoinError>>) -> Result<()> {
    match done.context("a write")?? {
        Ok(_) => Ok(()),
        Err(rejection) => bail!("not registered: {rejection:?}"),
    }
}

async fn counts(store: &SqliteStore) -> Result<Counts> {
    match store.query(Query::Counts).await? {
        Answer::Counts(counts) => Ok(counts),
        other => bail!("no counts: {other:?}"),
    }
}

/// A fresh node meets the one that has the people, both running as they do in a village and without
/// any road to the hub. Gives the seconds from its start to the last entry.
async fn to_a_neighbour(hub: &Hub, full: &Enrolled, folder: &Path) -> Result<f64> {
    let fresh = wire::enrolled(hub, folder, "nyota").await;
    let origin = own(&full.store).await.node;
    let wanted = entries(&full.store, origin).await?;
    let (_off, unplugged) = watch::channel(false);
    let served = running(full, Vec::new(), unplugged.clone()).await?;
    let at = served.lan.context("neighbours connect")?;
    let began = Instant::now();
    let peers = vec![(origin, at.to_string())];
    let meeting = running(&fresh, peers, unplugged).await?;
    let arrived = hold(&fresh.store, origin, wanted);
    let in_time = tokio::time::timeout(PATIENCE, arrived).await;
    in_time.context("the neighbour did not bring all")??;
    let seconds = began.elapsed().as_secs_f64();
    meeting.station.stop().await;
    served.station.stop().await;
    let there = counts(&fresh.store).await?.registrations;
    ensure!(there == counts(&full.store).await?.registrations, "{there}");
    Ok(seconds)
}

/// Waits until a store holds so many entries of an origin.
async fn hold(store: &SqliteStore, origin: NodeId, wanted: u64) -> Result<()> {
    while entries(store, origin).await? < wanted {
        sleep(LOOK).await;
    }
    Ok(())
}

async fn running(
    node: &Enrolled,
    peers: Vec<(NodeId, String)>,
    switch: watch::Receiver<bool>,
) -> Result<Node> {
    let lan = LanConfig {
        listen: ([127, 0, 0, 1], 0).into(),
        discovery: None,
        peers,
        profile: Profile::Lan,
        interval: Duration::from_secs(30),
    };
    let config = NodeConfig {
        lan: Some(lan),
        ..node.config.clone()
    };
    Ok(Node::start(&config, node.store.clone(), switch).await?)
}

/// Entries of an origin that a store holds.
async fn entries(store: &SqliteStore, origin: NodeId) -> Result<u64> {
    let Answer::Frontier(heads) = store.query(Query::Frontier).await? else {
        bail!("no frontier")
    };
    let of_origin = heads.iter().filter(|head| head.chain.origin == origin);
    Ok(of_origin.map(|head| u64::from(head.seq.0)).sum())
}

fn tell(what: &str, people: u64, took: &Took, goal: f64) {
    let Took { seconds, line } = took;
    let all = line.up + line.down;
    println!(
        "{what:<18} {seconds:>7.1} s  (goal under {goal} s); line up {} B, down {} B, {} B a person",
        line.up,
        line.down,
        all / people.max(1)
    );
}

fn report(people: u64, [up, down]: [&Took; 2], lan_s: f64) -> Result<()> {
    let of = |took: &Took| {
        let Took { seconds, line } = took;
        serde_json::json!({
            "seconds": seconds, "line_up_bytes": line.up, "line_down_bytes": line.down,
        })
    };
    let delay_ms = u64::try_from(LINE.delay.as_millis())?;
    let record = serde_json::json!({
        "people": people, "bits_s": LINE.bits_s, "delay_ms": delay_ms,
        "to_the_hub": of(up), "to_a_fresh_node": of(down), "lan_s": lan_s,
    });
    if let Ok(path) = std::env::var("OUTPOST_RECORD") {
        std::fs::write(path, format!("{record}\n"))?;
    }
    ensure!(up.seconds < UP_S_MAX, "too slow to the hub");
    ensure!(down.seconds < DOWN_S_MAX, "too slow to a fresh node");
    ensure!(lan_s < LAN_S_MAX, "too slow on a LAN");
    println!("goals reached");
    Ok(())
}
