//! The node: captures on its bearers, keeps everything, brings it to its hub when a road opens.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use channels::smpp::esme::{Esme, EsmeConfig, EsmeError};
use channels_core::Address;
use node_core::query::{Answer, Query};
use node_core::village::Villages;
use node_store::{HubStore, SqliteStore, StoreConfig, StoreError};
use sync::https::Switch;
use sync_core::Scope;
use sync_core::session::Profile;

use crate::clock::Clock;
use crate::enrolment::{self, EnrolmentError, Provision, UplinkFile};
use crate::roles::hub::{HubError, programmes};
use crate::roles::station::Station;
use crate::runtime::lan::{LanConfig, LanError, LanLoop, Neighbourhood};
use crate::runtime::rewrap;
use crate::runtime::uplink::Uplink;

/// An operator's SMPP link.
#[derive(Clone)]
pub struct SmppLink {
    /// Its name.
    pub name: String,
    /// Where the SMSC, or the tunnel to it, listens.
    pub address: SocketAddr,
    /// Account.
    pub system_id: String,
    /// Password.
    pub password: String,
    /// Sender that recipients see.
    pub from: Address,
}

/// What a node is started with.
#[derive(Clone)]
pub struct NodeConfig {
    /// Folder of its store.
    pub folder: PathBuf,
    /// Its name.
    pub name: String,
    /// ISO 3166 code of the country.
    pub country: String,
    /// Language of callers of whom nothing is known.
    pub language: String,
    /// Short code that recipients of SMS see.
    pub sender: String,
    /// The code that people dial; a service's number may stand behind it.
    pub dial: String,
    /// Folder of the site's own programmes.
    pub programmes: Option<PathBuf>,
    /// Codes of the shipped programmes that are offered; empty = that for mother and child.
    pub services: Vec<String>,
    /// Hours for which a right staff PIN opens the screens of staff on phones; 0 = none is asked.
    pub staff_pin_hours: u16,
    /// Operators.
    pub smpp: Vec<SmppLink>,
    /// Longest pause between sessions with the hub.
    pub interval: Duration,
    /// How frames travel to the hub.
    pub hub_profile: Profile,
    /// Neighbours on the LAN; `None` = none are met.
    pub lan: Option<LanConfig>,
    /// Its clock.
    pub clock: Clock,
}

/// A running node.
pub struct Node {
    /// Store and loops.
    pub station: Station<SqliteStore>,
    /// Where neighbours connect, where they do.
    pub lan: Option<SocketAddr>,
}

/// Why a node did not start.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// Store or programmes.
    #[error(transparent)]
    Hub(#[from] HubError),
    /// The store.
    #[error("use the node's store")]
    Store(#[from] StoreError),
    /// Identity or link.
    #[error("prepare the link to the hub")]
    Enrolment(#[from] EnrolmentError),
    /// The LAN.
    #[error("prepare the LAN")]
    Lan(#[from] LanError),
    /// An SMPP link.
    #[error("configure an SMPP link")]
    Smpp(#[from] EsmeError),
}

/// Opens a node's store.
///
/// # Errors
/// [`NodeError`] when folder or programmes cannot be used.
pub fn open(config: &NodeConfig) -> Result<SqliteStore, NodeError> {
    Ok(SqliteStore::open(StoreConfig {
        folder: config.folder.clone(),
        name: config.name.clone(),
        is_hub: false,
        villages: Arc::new(Villages {
            dial: config.dial.clone(),
            list: Vec::new(),
        }),
        country: config.country.clone(),
        language: config.language.clone(),
        sender: config.sender.clone(),
        staff_pin_hours: config.staff_pin_hours,
        programmes: programmes(config.programmes.as_deref(), &config.services)?,
    })?)
}

/// Enrols a node's store; nothing else of the node runs.
///
/// # Errors
/// [`NodeError`] says what to look at; a repeat ends the same.
pub async fn enrol(
    store: &SqliteStore,
    provision: &Provision,
    switch: Switch,
    clock: Clock,
) -> Result<(), NodeError> {
    Ok(enrolment::enrol(store, provision, switch, clock).await?)
}

impl Node {
    /// Starts bearers and, when the node is enrolled, its uplink. A hub that cannot be reached
    /// is no reason not to start.
    ///
    /// # Errors
    /// [`NodeError`] when a setting cannot be used.
    pub async fn start(
        config: &NodeConfig,
        store: SqliteStore,
        switch: Switch,
    ) -> Result<Self, NodeError> {
        let mut station = Station::start(store.clone(), config.clock);
        let rewrapping = rewrap::run(store.clone(), config.clock, station.shutdown());
        station.spawn(rewrapping);
        for link in &config.smpp {
            let esme = EsmeConfig::new(&link.name, link.address, &link.system_id, &link.password);
            station.attach(Esme::new(esme)?, link.from.clone());
        }
        let mut bound = None;
        if let Some(file) = UplinkFile::read(&config.folder)? {
            let tls = enrolment::node_tls(&store, &file, config.clock).await?;
            if let Some(settings) = &config.lan {
                let neighbours = Neighbourhood {
                    store: store.clone(),
                    clock: config.clock,
                    tls: Arc::clone(&tls),
                    bells: station.bells.clone(),
                };
                let served = enrolment::neighbour_tls(&store, &file, config.clock).await?;
                let lan = LanLoop::open(settings.clone(), neighbours, served).await?;
                bound = Some(lan.address());
                station.spawn(lan.run(station.shutdown()));
            }
            let uplink = Uplink {
                store,
                clock: config.clock,
                file,
                tls,
                switch,
                interval: config.interval,
                profile: config.hub_profile,
                bells: station.bells.clone(),
                contacts: station.contacts.clone(),
            };
            let shutdown = station.shutdown();
            station.spawn(uplink.run(shutdown));
        } else {
            tracing::warn!("this node is not enrolled: callers hear that there is no service yet");
        }
        Ok(Self {
            station,
            lan: bound,
        })
    }
}

/// Whether a node's folder holds an enrolment.
///
/// # Errors
/// A file that cannot be read.
pub fn is_enrolled(folder: &Path) -> Result<bool, NodeError> {
    Ok(UplinkFile::read(folder)?.is_some())
}

/// Points an enrolled node at a hub that has moved.
///
/// # Errors
/// A file that cannot be read or written.
pub fn use_hub_address(folder: &Path, hub: &str) -> Result<(), NodeError> {
    Ok(UplinkFile::point_at(folder, hub)?)
}

/// Whether the store has heard of staff in an area.
///
/// # Errors
/// A store that cannot be read.
pub async fn knows_staff(store: &SqliteStore, scope: Scope) -> Result<bool, NodeError> {
    let answer = store.query(Query::Staff { scope }).await?;
    Ok(matches!(answer, Answer::Staff(staff) if !staff.is_empty()))
}
