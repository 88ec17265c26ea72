//! A hub that listens on loopback, nodes that are enrolled with it, and the roads between: what the
//! suites and benchmarks that count bytes and seconds begin with.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use node::clock::Clock;
use node::enrolment::{self, UplinkFile};
use node::roles::hub::{FIRST_AREA, Hub, HubConfig};
use node::roles::node::{self as node_role, NodeConfig};
use node::runtime::road::Road;
use node_core::role::Role;
use node_core::village::Villages;
use node_store::SqliteStore;
use sync::https::{Endpoint, HttpsLink, HttpsTarget};
use sync_core::session::Profile;
use tokio::sync::watch;

use crate::district;

/// Requests and answers of sessions are told by this name in HTTP.
const HUB_NAME: &str = "district";

/// The clock of all; it stands still.
///
/// # Panics
/// Never: the text is a time.
#[must_use]
pub fn clock() -> Clock {
    let at: Timestamp = "2026-03-14T10:00:00Z".parse().expect("a time");
    district::clock(at)
}

/// A hub with a worker, listening.
///
/// # Panics
/// When folder or port cannot be used.
pub async fn hub(folder: &Path) -> Hub {
    let hub = Hub::start(&hub_config(folder)).await.expect("a hub");
    let worker = (district::WORKERS[0], "Neema Wairimu", Role::HealthWorker);
    district::staff(&hub.station.store, clock(), worker).await;
    hub
}

/// A node, and what it needs to reach its hub.
pub struct Enrolled {
    /// Its store.
    pub store: SqliteStore,
    /// Its settings.
    pub config: NodeConfig,
    /// Whether its uplink is plugged in.
    pub plug: watch::Sender<bool>,
    file: UplinkFile,
}

/// Enrols a node of this name over the hub's link.
///
/// # Panics
/// When it is refused.
pub async fn enrolled(hub: &Hub, folder: &Path, name: &str) -> Enrolled {
    let provision = hub.open_slot(name, FIRST_AREA).await.expect("a slot");
    let config = node_config(folder.join(name), name);
    let store = node_role::open(&config).expect("a store");
    let (plug, switch) = watch::channel(true);
    let enrolled = node_role::enrol(&store, &provision, switch, clock()).await;
    enrolled.expect("enrolled");
    let file = UplinkFile::read(&config.folder).expect("a file");
    Enrolled {
        store,
        config,
        plug,
        file: file.expect("enrolled"),
    }
}

impl Enrolled {
    /// A road to the hub, over a line where one is named.
    ///
    /// # Panics
    /// When its keys cannot be used.
    pub async fn road(&self, over: Option<SocketAddr>) -> Road<HttpsLink> {
        let tls = enrolment::node_tls(&self.store, &self.file, clock()).await;
        let target = HttpsTarget {
            address: over.map_or_else(|| self.file.hub.clone(), |line| line.to_string()),
            server_name: self.file.server_name.clone(),
            endpoint: Endpoint::Session,
        };
        let switch = self.plug.subscribe();
        Road::new(HttpsLink::new(target, tls.expect("TLS"), switch))
    }
}

fn hub_config(folder: &Path) -> HubConfig {
    HubConfig {
        folder: folder.join("hub"),
        name: HUB_NAME.to_owned(),
        realm: "wire".to_owned(),
        areas: vec![FIRST_AREA],
        villages: Villages::default(),
        country: "UG".to_owned(),
        language: "en".to_owned(),
        sender: "384".to_owned(),
        programmes: None,
        services: Vec::new(),
        staff_pin_hours: 0,
        listen: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
        clock: clock(),
    }
}

fn node_config(folder: PathBuf, name: &str) -> NodeConfig {
    NodeConfig {
        folder,
        name: name.to_owned(),
        country: "UG".to_owned(),
        language: "en".to_owned(),
        sender: "384".to_owned(),
        dial: "*384*7#".to_owned(),
        programmes: None,
        services: Vec::new(),
        staff_pin_hours: 0,
        smpp: Vec::new(),
        interval: Duration::from_mins(1),
        hub_profile: Profile::Metered,
        lan: None,
        clock: clock(),
    }
}
