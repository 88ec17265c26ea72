//! What surrounds the node that is killed: its hub, a registry, its enrolled folder, its settings.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use channels_core::Msisdn;
use node::clock::Clock;
use node::roles::demo::centre::Centre;
use node::roles::demo::tap::Tap;
use node::roles::hub::{self, FIRST_AREA, Hub, HubConfig};
use node::roles::node::{self as node_role, Node, NodeConfig};
use node_core::status::Status;
use sync_core::ClockQuality;
use sync_core::session::Profile;
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::time::{Instant, interval};

use super::network::{PASSWORD, SHORT_CODE, SYSTEM_ID};
use super::person::{LINK, WORKER};
use super::probe::{Probe, counts};
use crate::tree;

/// Environment variable with the operator's password.
const PASSWORD_VARIABLE: &str = "OUTPOST_CRASH_PASSWORD";
/// Time for anything that is waited for.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often a count is looked at while it is waited for.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Hub and registry in this process, and the folder of one enrolled node.
pub struct World {
    /// The registry.
    pub centre: Centre,
    /// What really reached it.
    pub tap: Tap,
    /// The hub.
    pub hub: Hub,
    folder: TempDir,
    clock: Clock,
}

fn any_port() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

impl World {
    /// Founds the network, enrols the node and lets it hear of its worker.
    pub async fn start() -> Self {
        // Another case of the same process may have done it before.
        drop(rustls::crypto::ring::default_provider().install_default());
        let folder = TempDir::new().expect("make a folder");
        let clock = Clock::system(ClockQuality::Ntp);
        let tap = Tap::default();
        let centre = Centre::start(&folder.path().join("centre"), clock, &tap).await;
        let centre = centre.expect("the registry starts");
        let config = HubConfig {
            programmes: None,
            services: Vec::new(),
            staff_pin_hours: 0,
            folder: folder.path().join("hub"),
            name: "District office".to_owned(),
            realm: "crash".to_owned(),
            areas: vec![FIRST_AREA],
            villages: node_core::village::Villages::default(),
            country: "UG".to_owned(),
            language: "en".to_owned(),
            sender: SHORT_CODE.to_owned(),
            listen: Some(any_port()),
            clock,
        };
        let mut hub = Hub::start(&config).await.expect("the hub starts");
        hub.station
            .project(centre.client().expect("a client of the registry"));
        let world = Self {
            centre,
            tap,
            hub,
            folder,
            clock,
        };
        world.enrol().await;
        world
    }

    async fn enrol(&self) {
        let config = NodeConfig {
            programmes: None,
            services: Vec::new(),
            staff_pin_hours: 0,
            dial: "*384*7#".to_owned(),
            folder: self.node(),
            name: "Clinic".to_owned(),
            country: "UG".to_owned(),
            language: "en".to_owned(),
            sender: SHORT_CODE.to_owned(),
            smpp: Vec::new(),
            interval: Duration::from_millis(200),
            hub_profile: Profile::Metered,
            lan: None,
            clock: self.clock,
        };
        let (_switch, plugged) = watch::channel(true);
        let store = node_role::open(&config).expect("the node's store opens");
        let provision = self
            .hub
            .open_slot("clinic", FIRST_AREA)
            .await
            .expect("a slot");
        let enrolled = node_role::enrol(&store, &provision, plugged.clone(), self.clock).await;
        enrolled.expect("the node is enrolled");
        let phone = Msisdn::parse(WORKER).expect("a number");
        let granted = hub::grant_worker(&self.hub.station.store, self.clock, &phone, "en").await;
        granted.expect("the worker is granted her role");
        let node = Node::start(&config, store.clone(), plugged)
            .await
            .expect("the node starts");
        let mut looks = interval(LOOK_EVERY);
        let end = Instant::now() + PATIENCE;
        while !node_role::knows_staff(&store, FIRST_AREA)
            .await
            .expect("a question")
        {
            assert!(Instant::now() < end, "the node did not hear of its worker");
            looks.tick().await;
        }
        node.station.stop().await;
    }

    /// The folder of the node.
    pub fn node(&self) -> PathBuf {
        self.folder.path().join("node")
    }

    /// Where the node's log goes.
    pub fn log(&self) -> PathBuf {
        self.folder.path().join("node.log")
    }

    /// The folder around everything.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The program itself, `outpost run`, over the node's folder and bound to an operator.
    pub fn program(&self, operator: SocketAddr) -> Command {
        let link = self.hub.link.expect("the hub has a link");
        let folder = self.node();
        let settings = format!(
            "[node]\nname = \"Clinic\"\nfolder = \"{}\"\ncountry = \"UG\"\nlanguage = \"en\"\n\
             sender = \"{SHORT_CODE}\"\nhub_address = \"{link}\"\n\
             staff_pin_hours = 0\n\n\
             [messages]\nquiet_hours = false\n\n[[smpp]]\nname = \"{LINK}\"\n\
             address = \"{operator}\"\nsystem_id = \"{SYSTEM_ID}\"\n\
             password_variable = \"{PASSWORD_VARIABLE}\"\ndialect = \"standard-counted\"\nrate = 100\n",
            folder.display(),
        );
        let path = self.folder().join("outpost.toml");
        fs::write(&path, settings).expect("write the settings");
        let mut command = Command::new(tree::program("outpost"));
        command
            .arg("run")
            .arg("--config")
            .arg(path)
            .env(PASSWORD_VARIABLE, PASSWORD);
        command.env("OUTPOST_LOG", "warn");
        command
    }

    /// Waits until that many registrations have reached the registry and come back to the hub.
    ///
    /// # Errors
    /// What is there instead when the time is over.
    pub async fn accepted(&self, registrations: u64) -> Result<(), String> {
        let mut looks = interval(LOOK_EVERY);
        let end = Instant::now() + PATIENCE;
        loop {
            let counted = counts(&self.hub.station.store)
                .await
                .map_err(|error| error.to_string())?;
            let accepted = counted
                .by_status
                .get(&Status::Accepted)
                .copied()
                .unwrap_or(0);
            if accepted == registrations && counted.registrations == registrations {
                return Ok(());
            }
            if Instant::now() >= end {
                return Err(format!(
                    "the hub has {:?} of {registrations}",
                    counted.by_status
                ));
            }
            looks.tick().await;
        }
    }

    /// Stops hub and registry.
    pub async fn stop(self) {
        self.hub.station.stop().await;
        self.centre.stop().await;
    }

    /// A probe for the node's store.
    pub fn probe(&self) -> Probe {
        Probe::shipped(false)
    }
}
