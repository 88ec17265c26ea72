//! Bytes of the link to the hub: an enrolled node registers, and one session over HTTPS carries it.
//!
//! Counted are heads and bodies of HTTP in both directions, on a connection that stands; beside it
//! the same with the records of TLS, and what a new connection costs. The form is that of the
//! profile `metered`: packed entries, short frames and receipts.

use node::roles::hub::Hub;
use node::runtime::road::Road;
use node::runtime::uplink::asking;
use node_core::query::{Answer, Query};
use node_store::HubStore;
use sync::https::{Counters, HttpsLink};
use sync_core::session::{Finish, Opening};
use tempfile::TempDir;
use tests::district;
use tests::families::Families;
use tests::wire::{self, Enrolled, clock};

/// Most bytes of a quiet check.
const QUIET_BYTES_MAX: u64 = 150;
/// Most bytes of one registration in one round trip.
const ONE_BYTES_MAX: u64 = 400;
/// Most bytes of each of twenty registrations.
const OF_TWENTY_BYTES_MAX: u64 = 55;

/// A hub that listens on loopback, a node enrolled with it, and the link between.
struct Pair {
    _hub: Hub,
    node: Enrolled,
    road: Road<HttpsLink>,
    _folder: TempDir,
}

async fn pair() -> Pair {
    let folder = TempDir::new().expect("a folder");
    let hub = wire::hub(folder.path()).await;
    let node = wire::enrolled(&hub, folder.path(), "kibo").await;
    Pair {
        road: node.road(None).await,
        _hub: hub,
        node,
        _folder: folder,
    }
}

/// What one session took, of HTTP and of TCP.
#[derive(Clone, Copy, Debug)]
struct Cost {
    plain: u64,
    tls: u64,
}

fn total(counters: Counters) -> u64 {
    counters.sent + counters.received
}

impl Pair {
    async fn session(&mut self, opening: Opening) -> Cost {
        let before = (
            self.road.link().plain_counters(),
            self.road.link().counters(),
        );
        let driver = asking(&self.node.store, clock())
            .await
            .expect("an enrolled node");
        let driver = self.road.carry(driver, opening).await;
        assert_eq!(driver.finish(), Some(Finish::Done));
        let link = self.road.link();
        Cost {
            plain: total(link.plain_counters()) - total(before.0),
            tls: total(link.counters()) - total(before.1),
        }
    }

    /// Fetches what the hub wrote about earlier news.
    async fn settle(&mut self) {
        for _ in 0..4 {
            let before = self
                .node
                .store
                .query(Query::Frontier)
                .await
                .expect("chains");
            self.session(Opening::Delta).await;
            if self
                .node
                .store
                .query(Query::Frontier)
                .await
                .expect("chains")
                == before
            {
                return;
            }
        }
        panic!("the hub has news without end");
    }

    async fn register(&self, families: &mut Families, count: usize) {
        for _ in 0..count {
            let done = district::works(&self.node.store, clock(), 1, families.pair()).await;
            done.expect("a registration");
        }
    }

    async fn not_carried(&self) -> u64 {
        match self.node.store.query(Query::Counts).await {
            Ok(Answer::Counts(counts)) => counts.not_carried,
            other => panic!("no counts: {other:?}"),
        }
    }
}

fn row(what: &str, cost: Cost, each: u64) {
    println!("{what:<36} {:>6} {:>8} {:>8}", each, cost.plain, cost.tls);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn registrations_and_quiet_checks_keep_to_their_bytes() {
    let (mut pair, mut families) = (pair().await, Families::new());
    let first = pair.session(Opening::Full).await;
    pair.settle().await;
    let quiet = pair.session(Opening::Delta).await;
    pair.register(&mut families, 1).await;
    let one = pair.session(Opening::Delta).await;
    assert_eq!(pair.not_carried().await, 0);
    pair.settle().await;
    pair.register(&mut families, 20).await;
    let twenty = pair.session(Opening::Delta).await;
    assert_eq!(pair.not_carried().await, 0);
    let about_them = pair.session(Opening::Delta).await;
    println!("metered, short forms                  each     HTTP      TLS");
    row("first contact, new connection", first, first.plain);
    row("quiet check", quiet, quiet.plain);
    row("one registration of mother and child", one, one.plain);
    row("twenty of them", twenty, twenty.plain / 20);
    row(
        "what the hub writes about these",
        about_them,
        about_them.plain / 20,
    );
    assert!(quiet.plain <= QUIET_BYTES_MAX, "{quiet:?}");
    assert!(one.plain <= ONE_BYTES_MAX, "{one:?}");
    assert!(twenty.plain <= 20 * OF_TWENTY_BYTES_MAX, "{twenty:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_was_closed_between_two_sessions_costs_a_new_one_and_loses_nothing() {
    let (mut pair, mut families) = (pair().await, Families::new());
    pair.session(Opening::Full).await;
    pair.register(&mut families, 1).await;
    let kept = pair.session(Opening::Delta).await;
    pair.register(&mut families, 1).await;
    // Whatever the link believes, nobody is at the other end of this one.
    pair.node.plug.send_replace(false);
    let driver = asking(&pair.node.store, clock()).await.expect("a node");
    let driver = pair.road.carry(driver, Opening::Delta).await;
    assert_eq!(driver.finish(), Some(Finish::LinkDown));
    assert_ne!(pair.not_carried().await, 0);
    pair.node.plug.send_replace(true);
    let again = pair.session(Opening::Delta).await;
    assert!(again.plain > kept.plain, "said whole: {again:?}, {kept:?}");
    assert_eq!(pair.not_carried().await, 0);
}
