//! Neighbours on the LAN: found, met and answered; `sync_core::lan` says whom to meet and when.
//!
//! Sessions with them are those of `sync_core::session` over the same HTTPS as to the hub. What
//! they bring rings the uplink, so that a node with a road to the hub empties its neighbours; what
//! the hub gives rings this loop, and goes back the same way.

mod desk;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use node_core::query::{Answer, ChainHead, Query};
use node_store::{HubStore, SqliteStore, StoreError};
use rustls::{ClientConfig, ServerConfig};
use sync::https::{LinkRequest, Switch, serve};
use sync::lan::{Beacon, SIGHTINGS_MAX, Sighting};
use sync_core::lan::{Action, Announcement, Input, Lan, digest};
use sync_core::session::{ChainState, Profile};
use sync_core::{HubId, NodeId};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch as channel};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::clock::Clock;
use crate::runtime::bell::{Bells, Shutdown};
use crate::runtime::watch;
use desk::{Contact, Desk};

/// Requests of neighbours answered at once; more wait in the link's queue.
pub const NEIGHBOURS_AT_ONCE_MAX: usize = 4;
/// Requests of neighbours that wait; beyond that a neighbour hears "busy".
pub const NEIGHBOUR_QUEUE_MAX: usize = 16;
/// Longest pause between two looks at what we hold.
const LOOK: Duration = Duration::from_mins(1);

/// What the settings say of the LAN.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LanConfig {
    /// Where neighbours connect.
    pub listen: SocketAddr,
    /// Port of multicast DNS; `None` = nobody is announced or looked for.
    pub discovery: Option<u16>,
    /// Neighbours that are met also where nobody finds them: number, host and port.
    pub peers: Vec<(NodeId, String)>,
    /// How frames travel.
    pub profile: Profile,
    /// Longest pause between two sessions with a neighbour without news.
    pub interval: Duration,
}

/// What a node brings to its LAN.
#[derive(Clone)]
pub struct Neighbourhood {
    /// The store.
    pub store: SqliteStore,
    /// The clock.
    pub clock: Clock,
    /// TLS with our certificate.
    pub tls: Arc<ClientConfig>,
    /// Wakes the other loops.
    pub bells: Bells,
}

/// Why neighbours cannot be met.
#[derive(Debug, thiserror::Error)]
pub enum LanError {
    /// The address cannot be used.
    #[error("listen for neighbours")]
    Listen(#[from] std::io::Error),
    /// The store.
    #[error("read who we are")]
    Store(#[from] StoreError),
}

/// The loop.
pub struct LanLoop {
    desk: Desk,
    bells: Bells,
    config: LanConfig,
    address: SocketAddr,
    network: (HubId, NodeId),
    machine: Lan,
    /// Time of the machine: monotonic, since the wall clock may be set.
    started: Instant,
    beacon: Option<Beacon>,
    sightings: mpsc::Receiver<Sighting>,
    requests: mpsc::Receiver<LinkRequest>,
    contacts: JoinSet<Contact>,
    answers: JoinSet<Contact>,
    server: JoinSet<()>,
    _plug: channel::Sender<bool>,
}

/// What the loop waits for.
enum Event {
    /// A neighbour was seen, or is gone.
    Seen(Sighting),
    /// A neighbour asks.
    Asked(LinkRequest),
    /// A session or an answer has ended.
    Over(Result<Contact, tokio::task::JoinError>),
    /// It is time to look at what we hold.
    Look,
}

impl LanLoop {
    /// Listens for neighbours. That nobody can be found by multicast is told and no reason not to
    /// start.
    ///
    /// # Errors
    /// [`LanError`] when the address or the store cannot be used.
    pub async fn open(
        config: LanConfig,
        home: Neighbourhood,
        tls: Arc<ServerConfig>,
    ) -> Result<Self, LanError> {
        let listener = TcpListener::bind(config.listen).await?;
        let address = listener.local_addr()?;
        let realm = home.store.realm().await?;
        let Answer::Self_(state) = home.store.query(Query::Self_).await? else {
            return Err(StoreError::Failed("nobody".to_owned()).into());
        };
        let (seen, sightings) = mpsc::channel(SIGHTINGS_MAX);
        let beacon = config.discovery.and_then(|port| {
            let started = Beacon::start(address, port, seen);
            let told = started.inspect_err(|error| tracing::warn!(error = %error, "no discovery"));
            told.ok()
        });
        let (asks, requests) = mpsc::channel(NEIGHBOUR_QUEUE_MAX);
        let mut server = JoinSet::new();
        server.spawn(serve(listener, tls, asks));
        let (plug, plugged): (_, Switch) = channel::channel(true);
        let network = (realm.hub, state.node);
        let seconds = i64::try_from(config.interval.as_secs()).unwrap_or(i64::MAX);
        let bells = home.bells.clone();
        let desk = Desk::new(home, config.profile, plugged, &realm);
        Ok(Self {
            desk,
            bells,
            address,
            network,
            machine: Lan::new(network.0, network.1, seconds),
            started: Instant::now(),
            beacon,
            sightings,
            requests,
            contacts: JoinSet::new(),
            answers: JoinSet::new(),
            server,
            _plug: plug,
            config,
        })
    }

    /// Where neighbours connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Meets neighbours until the program shuts down.
    pub async fn run(mut self, mut shutdown: Shutdown) {
        for (node, address) in self.config.peers.clone() {
            self.tell(Input::Configured { node, address });
        }
        self.look().await;
        while let Some(event) = self.next(&mut shutdown).await {
            self.happened(event).await;
        }
        self.server.shutdown().await;
        self.contacts.shutdown().await;
        // What is being answered is committed before anybody hears of it.
        while self.answers.join_next().await.is_some() {}
    }

    /// What happens next; `None` at shutdown.
    async fn next(&mut self, shutdown: &mut Shutdown) -> Option<Event> {
        let bell = Arc::clone(&self.bells.lan);
        let pause = self.pause();
        // All arms are cancel safe: receivers, join sets, bell and watch lose nothing.
        tokio::select! {
            Some(sighting) = self.sightings.recv() => Some(Event::Seen(sighting)),
            Some(request) = self.requests.recv(),
                if self.answers.len() < NEIGHBOURS_AT_ONCE_MAX => Some(Event::Asked(request)),
            Some(done) = self.contacts.join_next(), if !self.contacts.is_empty() => {
                Some(Event::Over(done))
            }
            Some(done) = self.answers.join_next(), if !self.answers.is_empty() => {
                Some(Event::Over(done))
            }
            () = bell.notified() => Some(Event::Look),
            () = tokio::time::sleep(pause) => Some(Event::Look),
            _ended = shutdown.wait_for(|ends| *ends) => None,
        }
    }

    async fn happened(&mut self, event: Event) {
        match event {
            Event::Seen(sighting) => self.heard(sighting),
            Event::Asked(request) => self.answer(request),
            Event::Over(done) => self.over(done).await,
            Event::Look => self.look().await,
        }
    }

    fn now(&self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.started.elapsed());
        let elapsed = elapsed.unwrap_or(SignedDuration::MAX);
        Timestamp::UNIX_EPOCH
            .checked_add(elapsed)
            .unwrap_or(Timestamp::MAX)
    }

    fn pause(&self) -> Duration {
        let due = self
            .machine
            .deadline()
            .map(|at| at.duration_since(self.now()));
        let due = due.map(|wait| Duration::try_from(wait).unwrap_or(Duration::ZERO));
        due.map_or(LOOK, |wait| wait.min(LOOK))
    }

    fn tell(&mut self, input: Input) {
        let now = self.now();
        for action in self.machine.handle(now, input) {
            match action {
                Action::Dial { node, address } => {
                    let aside = self.machine.set_aside(now);
                    let meeting = self.desk.clone().meet(node, address, aside);
                    self.contacts.spawn(meeting);
                }
                Action::Announce(digest) => self.announce(digest),
                Action::Crowded(node) => crowded(node),
                Action::SetAside(node) => set_aside(node),
            }
        }
    }

    fn announce(&self, digest: [u8; 8]) {
        let Some(beacon) = &self.beacon else {
            return;
        };
        let (hub, node) = self.network;
        let announcement = Announcement { hub, node, digest };
        if let Err(error) = beacon.announce(&announcement) {
            tracing::warn!(error = %error, "not announced to neighbours");
        }
    }

    fn heard(&mut self, sighting: Sighting) {
        self.tell(match sighting {
            Sighting::Seen {
                announcement,
                addresses,
            } => Input::Announced {
                announcement,
                addresses,
            },
            Sighting::Gone(node) => Input::Withdrawn { node },
        });
    }

    fn answer(&mut self, request: LinkRequest) {
        let aside = self.machine.set_aside(self.now());
        self.answers.spawn(self.desk.clone().answer(request, aside));
    }

    /// A session that we dialled, or a request that we answered, is over.
    async fn over(&mut self, done: Result<Contact, tokio::task::JoinError>) {
        let contact = match done {
            Ok(contact) => contact,
            Err(error) => return watch::ended("contact with a neighbour", Err(error)),
        };
        if contact.brought {
            self.bells.ring();
        }
        self.look().await;
        for node in contact.offenders {
            self.tell(Input::Offended { node });
        }
        if let Some((node, met)) = contact.dialled {
            self.tell(Input::Ended { node, met });
        }
    }

    /// Whether there is news to announce.
    async fn look(&mut self) {
        match self.desk.home.store.query(Query::Frontier).await {
            Ok(Answer::Frontier(heads)) => {
                let chains: Vec<ChainState> = heads.iter().map(state).collect();
                self.tell(Input::Holds(digest(&chains)));
            }
            Ok(_) => self.tell(Input::Timeout),
            Err(error) => watch::store_failed("look for news for neighbours", &error),
        }
    }
}

fn crowded(node: NodeId) {
    tracing::warn!(node = node.0, "more neighbours than are listened to");
}

fn set_aside(node: NodeId) {
    tracing::error!(
        security = true,
        node = node.0,
        "what this node sent was refused again and again: it is left alone for a day"
    );
}

fn state(head: &ChainHead) -> ChainState {
    ChainState {
        chain: head.chain,
        up_to: head.seq,
        head: head.hash,
        receipted: head.receipted,
        kept: head.kept,
    }
}
