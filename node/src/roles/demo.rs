//! The demo: centre, hub, two nodes and an operator with phones, in one process, over real loopback
//! protocols. SMPP over TCP between operator and nodes, HTTPS between nodes and hub, HTTP between
//! hub and registry.

pub mod bearers;
pub mod centre;
pub mod evidence;
pub mod families;
pub mod gap;
pub mod office;
pub mod page;
pub mod tap;
pub mod tour;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use channels::Channel;
use channels::handset::HandsetError;
use channels::operator::{Application, Operator, OperatorTimes};
use channels_core::{Address, Msisdn};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use node_store::StoreError;
use sync_core::Scope;
use sync_core::session::Profile;
use tokio::sync::watch;

pub use families::FAMILY_COUNT;

use crate::clock::Clock;
use crate::roles::hub::{self, Hub, HubConfig, HubError};
use crate::roles::node::{self, Node, NodeConfig, NodeError, SmppLink};
use crate::stick::CarryError;
use centre::Centre;
use tap::Tap;

/// Names of the demo's nodes, one area each.
pub const NODES: [&str; 2] = ["Kibo", "Tororo"];
/// Numbers of the demo's health workers, one a node.
const WORKERS: [&str; 2] = ["+256770000001", "+256770000002"];
/// Number of the demo's mother.
pub const MOTHER: &str = "+256770000003";
/// Longest pause between two sessions of a node with the hub.
const SYNC_INTERVAL: Duration = Duration::from_millis(500);
/// How long a phone is waited for a message.
const MESSAGE_WAIT_S_MAX: u64 = 60;

/// Everything that runs.
pub struct World {
    /// The country's registry.
    pub centre: Centre,
    /// Counts and loses what arrives at the registry.
    pub tap: Tap,
    /// The district office.
    pub hub: Hub,
    /// The boards.
    pub nodes: Vec<DemoNode>,
    /// The mobile operator with its phones.
    pub operator: Operator,
    clock: Clock,
    folder: PathBuf,
}

/// One board of the demo.
pub struct DemoNode {
    /// The running node.
    pub node: Node,
    /// Its name.
    pub name: String,
    /// The code that phones dial to reach it.
    pub code: String,
    /// The number that phones text to.
    pub short_code: String,
    /// Its worker's number.
    pub worker: Msisdn,
    switch: watch::Sender<bool>,
}

impl std::ops::Deref for DemoNode {
    type Target = Node;

    fn deref(&self) -> &Node {
        &self.node
    }
}

/// Why the demo stopped.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The hub or the centre.
    #[error("run the demo's hub: {0}")]
    Hub(#[from] HubError),
    /// A node.
    #[error("run the demo's node: {0}")]
    Node(#[from] NodeError),
    /// A store.
    #[error("use the demo's store: {0}")]
    Store(#[from] StoreError),
    /// A socket, a folder or the output.
    #[error("open a socket or folder, or write the output: {0}")]
    Io(#[from] std::io::Error),
    /// A stick.
    #[error("carry by stick: {0}")]
    Carry(#[from] CarryError),
    /// A phone without an answer.
    #[error("use a phone: {0}")]
    Handset(#[from] HandsetError),
    /// A number that is none.
    #[error("read a phone number: {0}")]
    Address(channels_core::address::AddressError),
    /// The script did not find what it expects.
    #[error("play the script: {0}")]
    Script(String),
}

/// A loopback address with a port that the system chooses.
pub(crate) fn any_port() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

impl World {
    /// Starts everything in `folder`; what lies there from an earlier demo goes on.
    ///
    /// # Errors
    /// [`DemoError`] when a folder, socket or store cannot be used.
    pub async fn start(folder: &Path, clock: Clock) -> Result<Self, DemoError> {
        let tap = Tap::default();
        let centre = Centre::start(&folder.join("centre"), clock, &tap).await?;
        let mut hub = Hub::start(&hub_config(folder, clock)).await?;
        hub.station.project(centre.client()?);
        let operator =
            Operator::start(any_port(), applications(), OperatorTimes::default()).await?;
        let mut nodes = Vec::new();
        for index in 0..NODES.len() {
            let (switch, _) = watch::channel(true);
            let node = start_node(folder, (clock, switch), index, (&hub, &operator)).await?;
            nodes.push(node);
        }
        let world = Self {
            centre,
            tap,
            hub,
            nodes,
            operator,
            clock,
            folder: folder.to_path_buf(),
        };
        world.settle_grants().await?;
        Ok(world)
    }

    /// Plugs a node's uplink in or out.
    pub fn plug(&self, node: usize, on: bool) {
        if let Some(node) = self.nodes.get(node) {
            node.switch.send_replace(on);
        }
    }

    /// Attaches a bearer to a node that only brings events; a restart forgets it.
    ///
    /// # Errors
    /// No such node.
    pub fn listen<C: Channel>(&mut self, node: usize, channel: C) -> Result<(), DemoError> {
        let missing = || DemoError::Script(format!("no node {node}"));
        let node = self.nodes.get_mut(node).ok_or_else(missing)?;
        node.node.station.listen(channel);
        Ok(())
    }

    /// Stops a node and starts it again on the same folder; its uplink stays as it was.
    ///
    /// # Errors
    /// No such node, or it does not start.
    pub async fn restart(&mut self, node: usize) -> Result<(), DemoError> {
        self.node(node)?;
        let stopped = self.nodes.remove(node);
        stopped.node.station.stop().await;
        let with = (&self.hub, &self.operator);
        let clock = (self.clock, stopped.switch);
        let started = start_node(&self.folder, clock, node, with).await?;
        self.nodes.insert(node, started);
        Ok(())
    }

    /// Whether a node's uplink is plugged in.
    pub fn is_plugged(&self, node: usize) -> bool {
        self.nodes
            .get(node)
            .is_some_and(|node| *node.switch.borrow())
    }

    /// The number of a node's worker.
    ///
    /// # Errors
    /// No such node.
    pub fn worker(&self, node: usize) -> Result<Msisdn, DemoError> {
        Ok(self.node(node)?.worker.clone())
    }

    /// The code that reaches a node.
    ///
    /// # Errors
    /// No such node.
    pub fn code(&self, node: usize) -> Result<String, DemoError> {
        Ok(self.node(node)?.code.clone())
    }

    fn node(&self, node: usize) -> Result<&DemoNode, DemoError> {
        self.nodes
            .get(node)
            .ok_or_else(|| DemoError::Script(format!("no node {node}")))
    }

    /// Today, as the nodes' people count it.
    pub fn today(&self) -> Date {
        self.clock.now().at.to_zoned(TimeZone::UTC).date()
    }

    /// Records in the registry.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub async fn records_at_centre(&self) -> Result<u64, DemoError> {
        self.centre.records().await
    }

    /// Sends an SMS from a phone to a node.
    ///
    /// # Errors
    /// [`DemoError::Script`] when it did not arrive.
    pub async fn send_sms(&self, from: &Msisdn, node: usize, text: &str) -> Result<(), DemoError> {
        let short_code = &self.node(node)?.short_code;
        let sent = self.operator.send_sms(from, short_code, text).await;
        sent.map_err(|error| DemoError::Script(error.to_string()))
    }

    /// Waits until a phone has a message of this kind and returns its text.
    ///
    /// # Errors
    /// [`DemoError::Script`] when none comes in time.
    pub async fn await_message(
        &self,
        phone: &Msisdn,
        is_wanted: impl Fn(&str) -> bool,
    ) -> Result<String, DemoError> {
        let wanted = async {
            let mut count = 0;
            loop {
                let inbox = self.operator.inbox_reaches(phone, count).await;
                if let Some(sms) = inbox.iter().find(|sms| is_wanted(&sms.text)) {
                    return sms.text.clone();
                }
                count = inbox.len().saturating_add(1);
            }
        };
        let limit = Duration::from_secs(MESSAGE_WAIT_S_MAX);
        let late = |_| DemoError::Script("an expected message did not come in time".to_owned());
        tokio::time::timeout(limit, wanted).await.map_err(late)
    }

    /// Waits until each node knows its worker, which the first session brings.
    async fn settle_grants(&self) -> Result<(), DemoError> {
        let limit = Duration::from_secs(MESSAGE_WAIT_S_MAX);
        let late = |_| DemoError::Script("a node did not hear of its worker".to_owned());
        tokio::time::timeout(limit, self.workers_known())
            .await
            .map_err(late)?
    }

    async fn workers_known(&self) -> Result<(), DemoError> {
        for (index, node) in self.nodes.iter().enumerate() {
            while !node::knows_staff(&node.station.store, area(index)).await? {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        Ok(())
    }

    /// Stops everything in the order in which it depends on each other.
    pub async fn stop(self) {
        for node in self.nodes {
            node.node.station.stop().await;
        }
        self.hub.station.stop().await;
        self.centre.stop().await;
    }
}

/// The area of a node: 16, 24, …
fn area(index: usize) -> Scope {
    Scope(16 + 8 * u32::try_from(index).unwrap_or(0))
}

fn hub_config(folder: &Path, clock: Clock) -> HubConfig {
    HubConfig {
        programmes: None,
        services: Vec::new(),
        staff_pin_hours: 0,
        folder: folder.join("hub"),
        name: "District office".to_owned(),
        realm: "demo".to_owned(),
        areas: (0..NODES.len()).map(area).collect(),
        villages: node_core::village::Villages::default(),
        country: "UG".to_owned(),
        language: "en".to_owned(),
        sender: "384".to_owned(),
        listen: Some(any_port()),
        clock,
    }
}

fn applications() -> Vec<Application> {
    let application = |index: usize| Application {
        system_id: format!("node{index}"),
        password: "secret".to_owned(),
        short_code: short_code(index),
        ussd_code: code(index),
    };
    (0..NODES.len()).map(application).collect()
}

/// The first node answers `*384*7#`, the next one `*384*8#`.
fn code(index: usize) -> String {
    format!("*384*{}#", 7 + index)
}

fn short_code(index: usize) -> String {
    format!("384{}", 7 + index)
}

async fn start_node(
    folder: &Path,
    (clock, switch): (Clock, watch::Sender<bool>),
    index: usize,
    (hub, operator): (&Hub, &Operator),
) -> Result<DemoNode, DemoError> {
    let name = NODES.get(index).copied().unwrap_or("node").to_owned();
    let worker = WORKERS.get(index).copied().unwrap_or(MOTHER);
    let worker = Msisdn::parse(worker).map_err(DemoError::Address)?;
    let short_code = short_code(index);
    let smpp = SmppLink {
        name: format!("operator-{index}"),
        address: operator.local_addr(),
        system_id: format!("node{index}"),
        password: "secret".to_owned(),
        from: Address::ShortCode(short_code.clone()),
    };
    let config = NodeConfig {
        programmes: None,
        services: Vec::new(),
        staff_pin_hours: 0,
        dial: code(index),
        folder: node_folder(folder, index),
        name: name.clone(),
        country: "UG".to_owned(),
        language: "en".to_owned(),
        sender: short_code.clone(),
        smpp: vec![smpp],
        interval: SYNC_INTERVAL,
        hub_profile: Profile::Metered,
        lan: None,
        clock,
    };
    let plugged = switch.subscribe();
    let store = node::open(&config)?;
    if !node::is_enrolled(&config.folder)? {
        let provision = hub.open_slot(&name.to_lowercase(), area(index)).await?;
        node::enrol(&store, &provision, plugged.clone(), clock).await?;
        let order = hub::worker(
            &worker,
            "Health worker",
            "en",
            (area(index), clock.now().at),
        );
        hub::grant(&hub.station.store, clock, order).await?;
    }
    let link = hub
        .link
        .ok_or_else(|| DemoError::Script("the hub has no link".to_owned()))?;
    node::use_hub_address(&config.folder, &link.to_string())?;
    let node = Node::start(&config, store, plugged).await?;
    operator.bound(&format!("node{index}")).await;
    Ok(DemoNode {
        node,
        name,
        code: code(index),
        short_code,
        worker,
        switch,
    })
}

fn node_folder(folder: &Path, index: usize) -> PathBuf {
    folder.join(format!("node-{index}"))
}
