//! The desk: all SMS links of this program over one SIM, driven by whoever tells it the time.
//!
//! Every step of a machine is committed before its SMS are given out; when that fails the machine
//! goes back to what was committed last, under a fresh salt, as after a power cut.

mod offer;
mod step;

use std::collections::BTreeMap;

use channels_core::{Address, Msisdn};
use jiff::{SignedDuration, Timestamp};
use node_core::contact::Moment;
use node_core::turn::Turn;
use node_store::{HubStore, SqliteStore, StoreError};
use sync_core::Lane;
use sync_core::sms::SmsError;
use sync_core::sms::datagram::{Candidate, find};
use sync_core::sms::key::Ends;
use sync_core::sms::link::Input;
use sync_core::sms::purse::{Purse, Share, Tariff};

use super::peer::{Build, Peer, sends};
use crate::runtime::ip_contact::IpContacts;

pub use super::peer::fresh_salt;
pub(super) use step::Extra;

/// Links of one SIM; further nodes are not served by SMS.
pub const PEERS_MAX: usize = 64;
/// How often nodes that were enrolled or closed since are looked for, in minutes.
const REFRESH_MINUTES: i64 = 60;

/// What a desk is opened with.
#[derive(Clone, Debug)]
pub struct SmsLinkConfig {
    /// Name of the channel whose SIM carries the link.
    pub sim: String,
    /// What the SIM may send.
    pub tariff: Tariff,
    /// Lanes 2–4 that may leave by SMS; lanes 0 and 1 always may.
    pub lanes: Vec<Lane>,
    /// How long no contact over IP was, before anything leaves.
    pub after: SignedDuration,
    /// How long entries of lanes 2–4 wait for others.
    pub gather: SignedDuration,
    /// Whether this is the hub's end.
    pub is_hub: bool,
    /// Where the salt of each start comes from: [`fresh_salt`].
    pub salt: fn() -> Option<[u8; 4]>,
    /// Numbers of nodes by name; on a node that of the hub, under the empty name.
    pub numbers: BTreeMap<String, Msisdn>,
}

/// One SMS on its way out.
#[derive(Clone, PartialEq, Eq)]
pub struct DataSms {
    /// To whom.
    pub to: Msisdn,
    /// Sealed octets.
    pub octets: Vec<u8>,
}

impl core::fmt::Debug for DataSms {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "DataSms({} octets)", self.octets.len())
    }
}

/// What follows from one call.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Done {
    /// SMS to send, each once; a failure counts as lost on the way.
    pub sms: Vec<DataSms>,
    /// Whether the journal has entries that it did not have before.
    pub is_news: bool,
}

/// The desk of one SIM.
pub struct SmsDesk {
    store: SqliteStore,
    config: SmsLinkConfig,
    contacts: IpContacts,
    peers: Vec<Peer>,
    purse: Purse,
    /// Parts of texts to people that the purse holds.
    counted: u64,
    next_ticket: u64,
    /// Runs that this process began.
    began: u64,
    started: Timestamp,
    refresh_at: Timestamp,
}

impl core::fmt::Debug for SmsDesk {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "SmsDesk({} links)", self.peers.len())
    }
}

impl SmsDesk {
    /// Continues with what was committed, under fresh salts; [`Self::start`] comes next.
    ///
    /// # Errors
    /// A store that fails.
    pub async fn open(
        store: SqliteStore,
        config: SmsLinkConfig,
        contacts: IpContacts,
        now: Moment,
    ) -> Result<Self, StoreError> {
        let mut desk = Self {
            store,
            contacts,
            peers: Vec::new(),
            purse: Purse::new(config.tariff),
            counted: 0,
            config,
            next_ticket: 0,
            began: 0,
            started: now.at,
            refresh_at: now.at,
        };
        desk.refresh(now).await?;
        desk.next_ticket = desk.store.sms_last_ticket().await?.saturating_add(1);
        desk.restore_purse().await?;
        Ok(desk)
    }

    /// The process started: what became of whole runs is not known.
    ///
    /// # Errors
    /// A store that fails; what follows comes again.
    pub async fn start(&mut self, now: Moment) -> Result<Done, StoreError> {
        let mut done = Done::default();
        for at in 0..self.peers.len() {
            self.feed(at, now, (Input::Start, Extra::default()), &mut done)
                .await?;
        }
        Ok(done)
    }

    /// Takes data that came by SMS; what no key opens changes nothing and is not answered.
    ///
    /// # Errors
    /// A store that fails: the SMS stays where it is and comes again.
    pub async fn received(
        &mut self,
        from: &Address,
        octets: &[u8],
        now: Moment,
    ) -> Result<Done, StoreError> {
        let mut done = Done::default();
        let direction = sends(self.config.is_hub).back();
        let candidates: Vec<Candidate<'_>> = self
            .peers
            .iter()
            .map(|peer| Candidate {
                by_number: matches!(from, Address::Phone(number) if *number == peer.number),
                ends: peer.ends,
                keys: peer.link.keys(),
            })
            .collect();
        let Some(found) = find(octets, direction, &candidates) else {
            tracing::debug!("data by SMS that no key opens");
            return Ok(done);
        };
        let before = self.peers.get(found.peer).map(|peer| peer.runs.len());
        self.count_texts(now).await?;
        let input = (Input::Received(found.opened), Extra::default());
        self.feed(found.peer, now, input, &mut done).await?;
        let after = self.peers.get(found.peer).map(|peer| peer.runs.len());
        if before != after {
            // A run ended: the next one of its chain may go.
            self.offer_to(found.peer, now, &mut done).await?;
        }
        Ok(done)
    }

    /// Offers what is new, where there was no contact over IP for the set time.
    ///
    /// # Errors
    /// A store that fails.
    pub async fn offer(&mut self, now: Moment) -> Result<Done, StoreError> {
        let mut done = Done::default();
        if now.at >= self.refresh_at {
            self.refresh(now).await?;
        }
        self.count_texts(now).await?;
        for at in 0..self.peers.len() {
            self.offer_to(at, now, &mut done).await?;
        }
        Ok(done)
    }

    /// The deadline passed.
    ///
    /// # Errors
    /// A store that fails.
    pub async fn timeout(&mut self, now: Moment) -> Result<Done, StoreError> {
        let mut done = Done::default();
        self.count_texts(now).await?;
        for at in 0..self.peers.len() {
            let due = self
                .peers
                .get(at)
                .and_then(|peer| peer.link.deadline(&self.purse));
            if due.is_some_and(|due| due <= now.at) {
                self.feed(at, now, (Input::Timeout, Extra::default()), &mut done)
                    .await?;
            }
        }
        if self.offer_at() <= now.at {
            let more = self.offer(now).await?;
            done.sms.extend(more.sms);
            done.is_news |= more.is_news;
        }
        Ok(done)
    }

    /// When to call [`Self::timeout`].
    pub fn deadline(&self) -> Timestamp {
        let links = self
            .peers
            .iter()
            .filter_map(|peer| peer.link.deadline(&self.purse));
        links
            .chain([self.offer_at()])
            .min()
            .unwrap_or(Timestamp::MAX)
    }

    /// What the SIM has sent in the running month: messages and money.
    pub fn bill(&self) -> (u64, u64) {
        (self.purse.month_messages(), self.purse.month_cost())
    }

    /// Whether this is the hub's end.
    pub fn is_hub(&self) -> bool {
        self.config.is_hub
    }

    /// Its store.
    pub fn store(&self) -> &SqliteStore {
        &self.store
    }

    /// Runs that this process began.
    pub fn runs(&self) -> u64 {
        self.began
    }

    /// Links that are open.
    pub fn links(&self) -> usize {
        self.peers.len()
    }

    /// When offers are worth a look without news: enough was gathered, or nodes may have changed.
    fn offer_at(&self) -> Timestamp {
        let gathered = self.peers.iter();
        let gathered = gathered.filter_map(|peer| peer.gathered_at(self.config.gather));
        gathered
            .chain([self.refresh_at])
            .min()
            .unwrap_or(self.refresh_at)
    }

    fn salt(&self) -> Result<[u8; 4], StoreError> {
        let none = || StoreError::Failed("no randomness".to_owned());
        (self.config.salt)().ok_or_else(none)
    }

    fn build(&self) -> Build {
        Build {
            is_hub: self.config.is_hub,
            lanes: self.config.lanes.clone(),
        }
    }

    /// Opens links of nodes that were enrolled since, and ends those of nodes that were closed.
    async fn refresh(&mut self, now: Moment) -> Result<(), StoreError> {
        let minutes = SignedDuration::from_mins(REFRESH_MINUTES);
        self.refresh_at = now.at.saturating_add(minutes).unwrap_or(Timestamp::MAX);
        self.renew(now).await?;
        let named = self.store.sms_ends().await?;
        let served = |name: &String| self.config.numbers.contains_key(name);
        let open = |ends: &Ends| self.peers.iter().any(|peer| peer.ends == *ends);
        let is_known = named.iter().all(|(ends, name)| open(ends) || !served(name));
        let is_over = |peer: &Peer| named.iter().all(|(ends, _)| *ends != peer.ends);
        if is_known && !self.peers.iter().any(is_over) && !self.peers.is_empty() {
            return Ok(());
        }
        let stored = self.store.sms_peers(now).await?;
        let known: Vec<Ends> = stored.iter().map(|peer| peer.ends).collect();
        self.peers.retain(|peer| known.contains(&peer.ends));
        for peer in stored {
            let number = self.config.numbers.get(&peer.name).cloned();
            let is_open = self.peers.iter().any(|open| open.ends == peer.ends);
            if let (Some(number), false) = (number, is_open)
                && self.peers.len() < PEERS_MAX
            {
                let opened = Peer::open(peer, number, &self.build(), self.salt()?);
                self.peers.push(opened.map_err(damaged)?);
            }
        }
        Ok(())
    }

    /// After a step that could not be committed: the link as it was committed last.
    async fn reopen(&mut self, at: usize) -> Result<(), StoreError> {
        let Some(peer) = self.peers.get(at) else {
            return Ok(());
        };
        let (ends, name, number) = (peer.ends, peer.name.clone(), peer.number.clone());
        let stored = self.store.sms_peer(ends, name).await?;
        self.restore_purse().await?;
        let opened = match stored {
            Some(stored) => Peer::open(stored, number, &self.build(), self.salt()?),
            None => return Ok(()),
        };
        if let Some(slot) = self.peers.get_mut(at) {
            *slot = opened.map_err(damaged)?;
        }
        Ok(())
    }

    async fn restore_purse(&mut self) -> Result<(), StoreError> {
        let counts = self.store.sms_counts(self.config.sim.clone()).await?;
        self.purse = purse(self.config.tariff, counts.counts.as_deref());
        self.counted = counts.others.saturating_sub(counts.uncounted);
        Ok(())
    }

    /// Texts to people that left by the same SIM since are counted first.
    async fn count_texts(&mut self, now: Moment) -> Result<(), StoreError> {
        let counts = self.store.sms_counts(self.config.sim.clone()).await?;
        let more = counts.others.saturating_sub(self.counted);
        if more > 0 {
            self.purse.count_others(now.at, more, Share::Ordinary);
            self.counted = counts.others;
        }
        Ok(())
    }

    /// Hub: signs certificates of nodes anew that are due, so that they can travel.
    async fn renew(&self, now: Moment) -> Result<(), StoreError> {
        if !self.config.is_hub {
            return Ok(());
        }
        for peer in &self.peers {
            let (node, epoch) = (peer.ends.node, peer.ends.epoch);
            self.store.commit(Turn::Renew { node, epoch }, now).await?;
        }
        Ok(())
    }
}

fn purse(tariff: Tariff, counts: Option<&[u8]>) -> Purse {
    let restored = counts.map(|counts| Purse::restore(tariff, counts));
    match restored {
        Some(Ok(purse)) => purse,
        Some(Err(error)) => {
            tracing::error!(error = %error, "counts of a SIM are damaged: counting begins anew");
            Purse::new(tariff)
        }
        None => Purse::new(tariff),
    }
}

fn damaged(error: SmsError) -> StoreError {
    StoreError::Failed(error.to_string())
}
