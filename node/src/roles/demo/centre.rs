//! The demo's centre: a registry that a hub store serves over HTTP, as a country without one starts.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use node_core::query::{Answer, Query};
use node_govstack::port::Port;
use node_govstack::registries::client::{Generation, RegistryClient, RegistryTarget};
use node_govstack::registries::server::{self, ServerConfig};
use node_govstack::upstream::{Auth, ConfigError, HeaderFamily, Route, UpstreamConfig};
use node_store::HubStore;
use tokio::net::TcpListener;

use super::tap::Tap;
use super::{DemoError, any_port};
use crate::clock::Clock;
use crate::roles::hub::{Hub, HubConfig, RECORDS_AREA};
use crate::wiring;

/// Registry code and version that hub and centre agree on.
pub const REGISTRY: (&str, &str) = ("mcts", "1.0");
/// How long the hub waits for the registry; a lost answer costs the demo this long.
const REGISTRY_WAIT: Duration = Duration::from_secs(1);

/// The running centre.
pub struct Centre {
    /// Store and loops.
    pub hub: Hub,
    /// Where the registry is served.
    pub address: SocketAddr,
}

impl Centre {
    /// Starts it with the tap in front.
    ///
    /// # Errors
    /// [`DemoError`] when folder or socket cannot be used.
    pub async fn start(folder: &Path, clock: Clock, tap: &Tap) -> Result<Self, DemoError> {
        let config = HubConfig {
            programmes: None,
            services: Vec::new(),
            staff_pin_hours: 0,
            folder: folder.to_path_buf(),
            name: "National registry".to_owned(),
            realm: "demo-centre".to_owned(),
            areas: vec![RECORDS_AREA],
            villages: node_core::village::Villages::default(),
            country: "UG".to_owned(),
            language: "en".to_owned(),
            sender: "384".to_owned(),
            listen: None,
            clock,
        };
        let mut hub = Hub::start(&config).await?;
        let (port, asks) = Port::new();
        let answers = wiring::serve_port(
            hub.station.store.clone(),
            clock,
            RECORDS_AREA,
            asks,
            hub.station.shutdown(),
        );
        hub.station.spawn(answers);
        let listener = TcpListener::bind(any_port()).await?;
        let address = listener.local_addr()?;
        let router = tap.in_front_of(server::router(port, ServerConfig::default()));
        let mut shutdown = hub.station.shutdown();
        hub.station.spawn(async move {
            let served = axum::serve(listener, router);
            // Dropping the server ends its connections; nothing unanswered was promised.
            tokio::select! {
                ended = served => if let Err(error) = ended {
                    tracing::error!(error = %error, "registry stopped");
                },
                _ = shutdown.changed() => {}
            }
        });
        Ok(Self { hub, address })
    }

    /// The hub's client towards it.
    ///
    /// # Errors
    /// When the address is refused.
    pub fn client(&self) -> Result<RegistryClient, DemoError> {
        let upstream = UpstreamConfig {
            name: "registries".to_owned(),
            url: format!("http://{}", self.address),
            route: Route::Direct,
            base_path: String::new(),
            client_header: HeaderFamily::InformationMediator,
            client: "DEMO/GOV/10000001/outpost".to_owned(),
            auth: Auth::None,
            timeout: REGISTRY_WAIT,
            roots_pem: String::new(),
        };
        let target = RegistryTarget {
            registry: REGISTRY.0.to_owned(),
            version: REGISTRY.1.to_owned(),
            generation: Generation::Camel,
        };
        let unusable = |error: ConfigError| DemoError::Script(error.to_string());
        RegistryClient::new(&upstream, &target).map_err(unusable)
    }

    /// Records that it holds.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub async fn records(&self) -> Result<u64, DemoError> {
        let query = Query::Records {
            registry: REGISTRY.0.to_owned(),
            version: REGISTRY.1.to_owned(),
            offset: 0,
            limit: 1,
        };
        match self.hub.station.store.query(query).await? {
            Answer::Records { total, .. } => Ok(total),
            _ => Err(DemoError::Script(
                "the store answered another question".to_owned(),
            )),
        }
    }

    /// Stops it.
    pub async fn stop(self) {
        self.hub.station.stop().await;
    }
}
