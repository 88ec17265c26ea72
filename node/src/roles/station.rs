//! A station: what node and hub have in common. A store, its loops, and the bearers attached to it.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use channels::{Channel, ChannelIo, Delivery, INBOUND_QUEUE_MAX, OUTGOING_QUEUE_MAX, Outgoing};
use channels_core::Address;
use node_govstack::registries::client::RegistryClient;
use node_store::{HubStore, SqliteStore, StoreError};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::runtime::applications::{self, Desk};
use crate::runtime::bell::{Bells, Shutdown};
use crate::runtime::contacts::DataDoor;
use crate::runtime::ip_contact::IpContacts;
use crate::runtime::messages::SmsLink;
use crate::runtime::sms_link::desk::{SmsDesk, SmsLinkConfig};
use crate::runtime::sms_link::{self, DATA_QUEUE_MAX, SmsLinkIo};
use crate::runtime::{airtime, anchor, contacts, effects, messages, reminders};

/// Longest wait for loops to end at shutdown; then they are cut off, which loses nothing that was
/// acknowledged.
pub const STOP_S_MAX: u64 = 10;

/// A running node or hub.
pub struct Station<S> {
    /// Its store.
    pub store: S,
    /// Its clock.
    pub clock: Clock,
    /// Wakes its loops.
    pub bells: Bells,
    /// When nodes and hub met over IP.
    pub contacts: IpContacts,
    /// Opened by an SMS link: where data for a program go.
    data: DataDoor,
    /// Bearers that send messages, by name.
    links: Vec<SmsLink>,
    inbound: mpsc::Sender<Delivery>,
    end: watch::Sender<bool>,
    /// Queues of bearers that send no messages: kept open, because a channel runs until then.
    silent: Vec<mpsc::Sender<Outgoing>>,
    tasks: JoinSet<()>,
}

impl<S: HubStore> Station<S> {
    /// Starts the loop that turns contacts into committed turns.
    pub fn start(store: S, clock: Clock) -> Self {
        let (inbound, events) = mpsc::channel(INBOUND_QUEUE_MAX);
        let (end, _) = watch::channel(false);
        let bells = Bells::default();
        let mut tasks = JoinSet::new();
        let data = DataDoor::default();
        let doors = (bells.clone(), Arc::clone(&data));
        tasks.spawn(contacts::run(store.clone(), clock, events, doors));
        tasks.spawn(airtime::run(store.clone(), clock, end.subscribe()));
        let shutdown = end.subscribe();
        tasks.spawn(reminders::run(
            store.clone(),
            clock,
            bells.clone(),
            shutdown,
        ));
        Self {
            store,
            clock,
            bells,
            contacts: IpContacts::default(),
            data,
            links: Vec::new(),
            inbound,
            end,
            silent: Vec::new(),
            tasks,
        }
    }

    /// Attaches a bearer: its events come in, messages go out by it, shown as coming from `from`.
    pub fn attach<C: Channel>(&mut self, channel: C, from: Address) {
        let window = channel.window().clamp(1, OUTGOING_QUEUE_MAX);
        let (queue, outgoing) = mpsc::channel(window);
        let link = SmsLink {
            name: channel.name().0.clone(),
            queue,
            window,
            ready: channel.ready().unwrap_or_else(|| watch::channel(1).1),
            from,
        };
        let io = ChannelIo {
            inbound: self.inbound.clone(),
            outgoing,
        };
        self.tasks.spawn(channel.run(io));
        self.links.push(link.clone());
        let loops = messages::run(
            self.store.clone(),
            self.clock,
            link,
            self.bells.clone(),
            self.shutdown(),
        );
        self.tasks.spawn(loops);
    }

    /// Attaches a bearer that only answers, such as a USSD gateway: messages leave by others.
    pub fn listen<C: Channel>(&mut self, channel: C) {
        let (queue, outgoing) = mpsc::channel(1);
        self.silent.push(queue);
        let inbound = self.inbound.clone();
        self.tasks
            .spawn(channel.run(ChannelIo { inbound, outgoing }));
    }

    /// Serves local applications: their messages leave by the bearers of this station.
    pub fn serve_applications(&mut self, desk: Desk) {
        let loops = applications::run(
            self.store.clone(),
            self.clock,
            desk,
            self.bells.clone(),
            self.shutdown(),
        );
        self.tasks.spawn(loops);
    }

    /// Brings planned effects to a registry.
    pub fn project(&mut self, client: RegistryClient) {
        let store = self.store.clone();
        let (bells, shutdown) = (self.bells.clone(), self.shutdown());
        self.tasks
            .spawn(effects::run(store, self.clock, client, bells, shutdown));
    }

    /// Runs a loop as part of this station.
    pub fn spawn(&mut self, future: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(future);
    }

    /// Where channels that are not attached send their events.
    pub fn inbound(&self) -> mpsc::Sender<Delivery> {
        self.inbound.clone()
    }

    /// Turns true when the station stops.
    pub fn shutdown(&self) -> Shutdown {
        self.end.subscribe()
    }

    /// Stops all loops: what is on its way is finished or left to its lease.
    pub async fn stop(mut self) {
        self.end.send_replace(true);
        drop(self.inbound);
        drop(self.silent);
        drop(self.links);
        drop(self.data);
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(Duration::from_secs(STOP_S_MAX), all)
            .await
            .is_err()
        {
            tracing::warn!(limit_s = STOP_S_MAX, "some loops did not end in time");
        }
    }
}

impl Station<SqliteStore> {
    /// Keeps the store's anchor, where it has one, until the program shuts down.
    pub fn keep_anchor(&mut self, anchor: Option<PathBuf>) {
        if let Some(anchor) = anchor {
            let kept = anchor::keep(self.store.clone(), anchor, self.shutdown());
            self.tasks.spawn(kept);
        }
    }

    /// Joins node and hub by SMS, over a bearer that was attached before.
    ///
    /// # Errors
    /// A store that fails, or a bearer that is not there.
    pub async fn join_by_sms(&mut self, config: SmsLinkConfig) -> Result<(), StoreError> {
        let sim = config.sim.clone();
        let link = self.links.iter().find(|link| link.name == sim).cloned();
        let link = link.ok_or_else(|| StoreError::Failed(format!("no bearer is named {sim}")))?;
        let (store, contacts) = (self.store.clone(), self.contacts.clone());
        let desk = SmsDesk::open(store, config, contacts, self.clock.now()).await?;
        let (door, data) = mpsc::channel(DATA_QUEUE_MAX);
        if self.data.set(door).is_err() {
            return Err(StoreError::Failed("one SMS link is enough".to_owned()));
        }
        let bells = self.bells.clone();
        let io = SmsLinkIo { data, link, bells };
        let shutdown = self.shutdown();
        self.spawn(sms_link::run(desk, self.clock, io, shutdown));
        Ok(())
    }
}
