//! Erased at the hub, gone at the registry: the hub's projector against a registry that another
//! store serves, with an answer that is lost, and once without a projector.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use node::roles::hub::{self, FIRST_AREA, RECORDS_AREA};
use node::roles::station::Station;
use node::wiring;
use node_core::query::{Answer, Query};
use node_core::removal::RemovalRow;
use node_core::role::{Role, RoleGrant};
use node_govstack::port::Port;
use node_govstack::registries::client::{Generation, RegistryClient, RegistryTarget};
use node_govstack::registries::fault::{LostAnswers, lossy};
use node_govstack::registries::server::{ServerConfig, router};
use node_govstack::upstream::{Auth, HeaderFamily, Route, UpstreamConfig};
use node_store::{HubStore, SqliteStore};
use tempfile::TempDir;
use tests::district::{self, OFFICER};
use tokio::net::TcpListener;
use tokio::time::{Instant, interval};

const SECOND: &str = "+256770000063";
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A registry served from a store of its own, whose answers can be lost.
struct Registry {
    store: SqliteStore,
    station: Station<SqliteStore>,
    client: RegistryClient,
    lost: Arc<LostAnswers>,
    _folder: TempDir,
}

fn noon(days: i64) -> Timestamp {
    let at: Timestamp = "2026-03-14T10:00:00Z".parse().expect("a time");
    at + SignedDuration::from_hours(24 * days)
}

impl Registry {
    async fn start() -> Self {
        let folder = TempDir::new().expect("a folder");
        let clock = district::clock(noon(0));
        let store = district::founded(folder.path(), clock).await;
        let mut station = Station::start(store.clone(), clock);
        let (port, asks) = Port::new();
        let shutdown = station.shutdown();
        let answers = wiring::serve_port(store.clone(), clock, RECORDS_AREA, asks, shutdown);
        station.spawn(answers);
        let lost = Arc::new(LostAnswers::default());
        let app = lossy(router(port, ServerConfig::default()), Arc::clone(&lost));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        station.spawn(async move { axum::serve(listener, app).await.expect("served") });
        let config = UpstreamConfig {
            name: "registries".to_owned(),
            url: format!("http://{address}"),
            route: Route::Direct,
            base_path: String::new(),
            client_header: HeaderFamily::InformationMediator,
            client: "ET/GOV/90000021/outpost".to_owned(),
            auth: Auth::None,
            timeout: Duration::from_secs(5),
            roots_pem: String::new(),
        };
        let target = RegistryTarget {
            registry: "mcts".to_owned(),
            version: "1.0".to_owned(),
            generation: Generation::Camel,
        };
        Self {
            store,
            station,
            client: RegistryClient::new(&config, &target).expect("a right configuration"),
            lost,
            _folder: folder,
        }
    }

    async fn records(&self) -> Vec<String> {
        let query = Query::Records {
            registry: "mcts".to_owned(),
            version: "1.0".to_owned(),
            offset: 0,
            limit: 100,
        };
        match self.store.query(query).await {
            Ok(Answer::Records { rows, .. }) => rows.into_iter().map(|row| row.content).collect(),
            other => panic!("no records: {other:?}"),
        }
    }

    /// Waits until it holds so many records.
    async fn holds(&self, count: usize) -> Vec<String> {
        let end = Instant::now() + PATIENCE;
        let mut looks = interval(LOOK_EVERY);
        loop {
            let records = self.records().await;
            if records.len() == count {
                return records;
            }
            assert!(Instant::now() < end, "{} records", records.len());
            looks.tick().await;
        }
    }
}

/// The projector of a hub, running on one day.
fn project(store: &SqliteStore, registry: &Registry, day: i64) -> Station<SqliteStore> {
    let mut station = Station::start(store.clone(), district::clock(noon(day)));
    station.project(registry.client.clone());
    station
}

async fn open_removals(store: &SqliteStore) -> Vec<RemovalRow> {
    match store.query(Query::OpenRemovals { limit: 100 }).await {
        Ok(Answer::Removals(rows)) => rows,
        other => panic!("no removals: {other:?}"),
    }
}

/// A hub with two families, and the numbers of the first one.
async fn hub_with_families(folder: &TempDir) -> (SqliteStore, [String; 2]) {
    let clock = district::clock(noon(0));
    let store = district::founded(folder.path(), clock).await;
    let phone = channels_core::Msisdn::parse(SECOND).expect("a number");
    let worker = hub::worker(&phone, "Mary Auma", "en", (FIRST_AREA, noon(0)));
    let grant = RoleGrant {
        role: Role::Administrator,
        ..worker
    };
    hub::grant(&store, clock, grant).await.expect("a grant");
    district::pair(&store, clock).await;
    let query = Query::RegistrationNumbers { limit: 9 };
    let Ok(Answer::RegistrationNumbers(rows)) = store.query(query).await else {
        panic!("no numbers");
    };
    let first = rows.last().expect("a family").numbers.clone();
    (store, first)
}

async fn erase(store: &SqliteStore, numbers: &[String]) {
    for number in numbers {
        for (by, state) in [(OFFICER.0, "approved"), (SECOND, "erased")] {
            let by = channels_core::Msisdn::parse(by).expect("a number");
            let done = hub::erase(store, district::clock(noon(0)), (number, "asked"), &by).await;
            assert_eq!(done.expect("an approval"), state);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_record_of_an_erased_family_is_removed_though_an_answer_is_lost() {
    let registry = Registry::start().await;
    let folder = TempDir::new().expect("a folder");
    let (store, numbers) = hub_with_families(&folder).await;
    let running = project(&store, &registry, 0);
    registry.holds(2).await;
    running.stop().await;

    registry.lost.lose(1);
    erase(&store, &numbers).await;
    // The control: without a projector the record stays, and the list says who has not confirmed.
    assert_eq!(registry.records().await.len(), 2);
    let waits = hub::open_erasures(&store).await.expect("a list");
    assert!(
        waits.iter().any(|line| line.contains("registries")),
        "{waits:?}"
    );
    let running = project(&store, &registry, 0);
    let left = registry.holds(1).await;
    running.stop().await;
    assert!(
        left.iter().all(|record| record.contains("Zawadi")),
        "{left:?}"
    );
    // The deletion was done and its answer lost: asked again, with the same id, until it is known.
    assert_eq!(
        (registry.lost.left(), open_removals(&store).await.len()),
        (0, 1)
    );
    let running = project(&store, &registry, 1);
    let end = Instant::now() + PATIENCE;
    let mut looks = interval(LOOK_EVERY);
    while !open_removals(&store).await.is_empty() {
        assert!(Instant::now() < end, "not confirmed");
        looks.tick().await;
    }
    running.stop().await;
    assert_eq!(registry.records().await, left);
    let waits = hub::open_erasures(&store).await.expect("a list");
    assert!(
        !waits.iter().any(|line| line.contains("registries")),
        "{waits:?}"
    );
    for store in [&store, &registry.store] {
        let report = store.check(true).expect("a check");
        assert!(report.findings.is_empty(), "{:?}", report.findings);
    }
    registry.station.stop().await;
}
