//! Writing bundles: what lies above the last receipt or the frontier that a peer told, by lane.

use std::collections::{BTreeMap, BTreeSet};

use node_core::query::{Answer, ChainHead, Query};
use node_store::{HubStore, ToldChain};
use sync::stick::{Listing, Stick, StickError, sealed};
use sync_core::bundle::{BundleName, Draft, Item, Manifest};
use sync_core::{ChainId, Lane, NodeId, Seq, frame};

use super::{Carrier, CarryError, Peer};

/// Bytes of items in one bundle that we write: it is made in memory, and damage costs one bundle.
/// More go into the next one.
pub const BUNDLE_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Bundles of one export for one receiver; beyond them the stick counts as full.
pub(super) const BUNDLES_MAX: usize = 64;
/// Bytes of frames that are read from the store at a time.
const LOADED_BYTES: usize = 256 * 1024;
/// Which part of a stick's room is left to folders, seal and manifest: an eighth.
const SPARE_PART: u64 = 8;
/// Bytes of items below which a bundle for a full stick is not worth its head.
const SHORT_BYTES: usize = 1024;

/// A chain, and behind which of its entries it goes on.
type Place = (ChainId, Seq);
/// Receipts, and where each chain goes on.
type News = (Vec<Item>, Vec<Place>);

/// What a peer told last: its frontier, and whether it was in its present life.
struct LastTold {
    chains: BTreeMap<ChainId, ToldChain>,
    is_of_this_life: bool,
}

impl LastTold {
    fn up_to(&self, chain: &ChainId) -> Seq {
        self.chains.get(chain).map_or(Seq(0), |item| item.up_to)
    }
}

/// A bundle that lies on the stick, verified.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Written {
    /// Its name.
    pub name: BundleName,
    /// Frames in it.
    pub frames: usize,
    /// Receipts in it.
    pub receipts: usize,
    /// Whether the list of closed boards is in it.
    pub list: bool,
    /// Bytes of the file.
    pub bytes: usize,
}

/// How far an export came.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Extent {
    /// Everything that is new was copied.
    #[default]
    All,
    /// The stick has no room for the rest.
    Full,
    /// Nothing can be written to the stick.
    ReadOnly,
}

/// What an export did.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ExportReport {
    /// What was copied.
    pub written: Vec<Written>,
    /// Older bundles of ours that the new ones replace, removed.
    pub replaced: usize,
    /// How far it came.
    pub extent: Extent,
    /// The stick holds a later bundle of ours than we ever wrote: this device was set back.
    pub was_set_back: bool,
}

impl Carrier {
    /// Writes for everybody for whom there is news, or for the named receivers alone.
    ///
    /// # Errors
    /// [`CarryError`]; a full or read-only stick is no error but told.
    pub async fn export(
        &self,
        stick: &Stick,
        only: Option<&BTreeSet<NodeId>>,
    ) -> Result<ExportReport, CarryError> {
        let mut report = ExportReport::default();
        let listing = stick.list()?;
        let heads = self.heads().await?;
        for peer in self.peers().await? {
            if only.is_some_and(|only| !only.contains(&peer.node)) {
                continue;
            }
            let mut writing = Writing::new(self, stick, &peer, &heads);
            let outcome = writing.run(&listing).await;
            report.written.append(&mut writing.written);
            report.was_set_back |= writing.was_set_back;
            match outcome {
                Ok(()) => report.replaced += replace(stick, &listing, peer.node, &report)?,
                Err(CarryError::Stick(StickError::Full)) => {
                    report.extent = Extent::Full;
                    break;
                }
                Err(CarryError::Stick(StickError::ReadOnly)) => {
                    report.extent = Extent::ReadOnly;
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(report)
    }

    /// What the peer is not known to hold of what both are granted: our chains, and from a hub also
    /// those of others that the peer reads and what it lost of its own older lives. Most urgent
    /// first, in each lane ours first.
    fn positions(&self, peer: &Peer, heads: &[ChainHead], told: &LastTold) -> Vec<Place> {
        let shared = heads.iter().filter(|head| {
            let chain = &head.chain;
            let is_for_peer = if chain.origin == self.state.node {
                !self.is_hub() || !peer.ended.contains(&chain.scope)
            } else if chain.origin == peer.node {
                self.is_hub() && told.is_of_this_life && chain.epoch < peer.epoch
            } else {
                self.is_hub() && peer.readable.contains(&chain.scope)
            };
            is_for_peer && self.scopes.contains(&chain.scope) && peer.scopes.contains(&chain.scope)
        });
        let after = shared.map(|head| {
            let held = if self.is_hub() {
                told.up_to(&head.chain)
            } else {
                head.receipted
            };
            (head, held)
        });
        let mut positions: Vec<Place> = after
            .filter(|(head, held)| {
                let end = head.kept.map_or(Seq(0), |(_, last)| last);
                end > *held
            })
            .map(|(head, held)| (head.chain, held))
            .collect();
        positions.sort_by_key(|(chain, _held)| {
            let lane = chain.scope.lane().map_or(u8::MAX, Lane::number);
            (lane, chain.origin != self.state.node, *chain)
        });
        positions
    }

    /// Receipts of the peer's chains that it did not tell to hold, and of those of others of which it
    /// holds all. The rest of them follow the frames that they cover.
    async fn receipts(
        &self,
        peer: &Peer,
        heads: &[ChainHead],
        (told, positions): (&LastTold, &[Place]),
    ) -> Result<Vec<Item>, CarryError> {
        let mut receipts = Vec::new();
        for head in heads.iter().filter(|_| self.is_hub()) {
            let known = told.chains.get(&head.chain);
            let is_told = known.is_some_and(|item| item.receipted >= head.receipted);
            let is_sent = positions.iter().any(|(chain, _)| *chain == head.chain);
            let is_for_peer = head.chain.origin == peer.node || known.is_some();
            if is_for_peer && !is_told && !is_sent {
                receipts.extend(self.receipt(head.chain).await?);
            }
        }
        Ok(receipts)
    }

    async fn receipt(&self, chain: ChainId) -> Result<Option<Item>, CarryError> {
        match self.store.query(Query::Receipt { chain }).await? {
            Answer::Bytes(bytes) => Ok(bytes.map(Item::Receipt)),
            _ => Ok(None),
        }
    }

    async fn frames(&self, chain: ChainId, after: Seq) -> Result<Vec<Vec<u8>>, CarryError> {
        let query = Query::Frames {
            chain,
            after,
            bytes_max: LOADED_BYTES,
            packed: false,
        };
        match self.store.query(query).await? {
            Answer::Frames(frames) => Ok(frames),
            _ => Ok(Vec::new()),
        }
    }
}

/// Removes our older bundles of this life for a receiver for whom all was written.
///
/// A later number than ours was written by another copy of us: it and all others stay.
fn replace(
    stick: &Stick,
    listing: &Listing,
    to: NodeId,
    report: &ExportReport,
) -> Result<usize, CarryError> {
    let is_new = |written: &&Written| written.name.to == to;
    let Some(first) = report.written.iter().find(is_new) else {
        return Ok(0);
    };
    if report.was_set_back {
        return Ok(0);
    }
    let mut replaced = 0_usize;
    for found in listing.found.iter().map(|found| found.name) {
        let is_older = BundleName {
            number: found.number,
            ..first.name
        } == found
            && found.number < first.name.number;
        if is_older {
            stick.remove(&found)?;
            replaced = replaced.saturating_add(1);
        }
    }
    Ok(replaced)
}

/// Bundles for one receiver, one after the other.
struct Writing<'a> {
    carrier: &'a Carrier,
    stick: &'a Stick,
    peer: &'a Peer,
    heads: &'a [ChainHead],
    /// Number of our revocation list.
    list: u32,
    draft: Draft,
    /// The highest number of ours on the stick.
    seen: u32,
    written: Vec<Written>,
    was_set_back: bool,
}

impl<'a> Writing<'a> {
    fn new(carrier: &'a Carrier, stick: &'a Stick, peer: &'a Peer, heads: &'a [ChainHead]) -> Self {
        Self {
            carrier,
            stick,
            peer,
            heads,
            list: 0,
            draft: Draft::new(BUNDLE_BYTES_MAX),
            seen: 0,
            written: Vec::new(),
            was_set_back: false,
        }
    }

    async fn run(&mut self, listing: &Listing) -> Result<(), CarryError> {
        let carrier = self.carrier;
        let own = listing.found.iter().map(|found| found.name).filter(|name| {
            (name.hub, name.from, name.epoch)
                == (carrier.realm.hub, carrier.state.node, carrier.state.epoch)
        });
        self.seen = own.map(|name| name.number).max().unwrap_or(0);
        self.was_set_back = self.seen > carrier.store.last_bundle_number().await?;
        let (list, number) = carrier.list().await?;
        self.list = number;
        let is_owed = number > carrier.store.told_list(self.peer.node).await?;
        let (receipts, positions) = self.news().await?;
        if receipts.is_empty() && positions.is_empty() && !is_owed {
            return Ok(());
        }
        self.draft = self.fresh()?;
        // Before anything else, so that nothing of a closed board behind it is taken.
        let list = is_owed.then_some(Item::Revocations(list));
        let is_met = carrier.is_hub() && !self.peer.closed;
        let paper = is_met.then(|| Item::Certificate(self.peer.certificate.clone()));
        for item in list.into_iter().chain(paper).chain(receipts) {
            self.put(item).await?;
        }
        for (chain, after) in positions {
            self.chain(chain, after).await?;
        }
        self.flush().await
    }

    /// Receipts and beginnings of chains for the receiver; nothing for a closed one.
    async fn news(&self) -> Result<News, CarryError> {
        if self.peer.closed {
            return Ok((Vec::new(), Vec::new()));
        }
        let (carrier, peer) = (self.carrier, self.peer);
        let told = carrier.store.told(peer.node).await?;
        let told = LastTold {
            chains: told.into_iter().map(|item| (item.chain, item)).collect(),
            is_of_this_life: carrier.store.told_life(peer.node).await? == Some(peer.epoch),
        };
        let positions = carrier.positions(peer, self.heads, &told);
        let known = (&told, positions.as_slice());
        let receipts = carrier.receipts(peer, self.heads, known).await?;
        Ok((receipts, positions))
    }

    async fn chain(&mut self, chain: ChainId, after: Seq) -> Result<(), CarryError> {
        let mut after = after;
        loop {
            let frames = self.carrier.frames(chain, after).await?;
            let Some(last) = frames.last() else {
                return self.covered(chain).await;
            };
            let reached = frame::header(last)?.last_seq();
            for frame in frames {
                self.put(Item::Frame(frame)).await?;
            }
            if self.written.len() >= BUNDLES_MAX {
                self.flush().await?;
                return Err(StickError::Full.into());
            }
            if reached <= after {
                return Ok(());
            }
            after = reached;
        }
    }

    /// The receipt of a chain of others that lies before it to its end.
    async fn covered(&mut self, chain: ChainId) -> Result<(), CarryError> {
        if !self.carrier.is_hub() || chain.origin == self.carrier.state.node {
            return Ok(());
        }
        match self.carrier.receipt(chain).await? {
            Some(receipt) => self.put(receipt).await,
            None => Ok(()),
        }
    }

    /// Puts an item into this bundle or the next one.
    async fn put(&mut self, item: Item) -> Result<(), CarryError> {
        if !self.draft.offer(&item)? {
            self.flush().await?;
            self.draft = self.fresh()?;
            self.draft.offer(&item)?;
        }
        Ok(())
    }

    /// A draft for what the stick has room for.
    fn fresh(&self) -> Result<Draft, CarryError> {
        let room = self.stick.room()?;
        let room = room.saturating_sub(room / SPARE_PART);
        let room = usize::try_from(room).unwrap_or(usize::MAX);
        if room < SHORT_BYTES {
            return Err(StickError::Full.into());
        }
        Ok(Draft::new(room.min(BUNDLE_BYTES_MAX)))
    }

    /// Writes the draft; where the stick turns out to be full, its beginning, and then no more.
    async fn flush(&mut self) -> Result<(), CarryError> {
        if self.draft.is_empty() {
            return Ok(());
        }
        let now = self.carrier.clock.now();
        let stamp = self.carrier.store.next_bundle(self.seen, now).await?;
        let mut draft = std::mem::replace(&mut self.draft, Draft::new(0));
        let mut is_short = false;
        loop {
            match self.write(&draft, (stamp.number, stamp.hlc)) {
                Ok(written) => self.written.push(written),
                Err(CarryError::Stick(StickError::Full)) if draft.bytes() >= SHORT_BYTES => {
                    is_short = true;
                    let shorter = draft.shortened(draft.bytes() / 2)?;
                    if shorter.bytes() >= draft.bytes() {
                        return Err(StickError::Full.into());
                    }
                    draft = shorter;
                    continue;
                }
                Err(error) => return Err(error),
            }
            return if is_short {
                Err(StickError::Full.into())
            } else {
                Ok(())
            };
        }
    }

    fn write(&self, draft: &Draft, (number, hlc): (u32, u64)) -> Result<Written, CarryError> {
        let carrier = self.carrier;
        let manifest = Manifest {
            hub: carrier.realm.hub,
            direction: carrier.direction(),
            to: self.peer.node,
            from: carrier.state.node,
            epoch: carrier.state.epoch,
            number,
            hlc,
            revocations: self.list,
            frames: 0,
            items: 0,
            bytes: 0,
            certificate: carrier.certificate.clone(),
            have: carrier.have(self.heads, self.peer),
            ranges: Vec::new(),
        };
        let name = BundleName {
            hub: manifest.hub,
            to: manifest.to,
            direction: manifest.direction,
            from: manifest.from,
            epoch: manifest.epoch,
            number,
        };
        let bundle = draft.write(manifest, &carrier.signing.pair()?)?;
        let sealed = sealed::seal(&[&self.peer.recipient], &bundle)?;
        self.stick.write(&name, &sealed)?;
        let count = |is: fn(&Item) -> bool| draft.items().iter().filter(|item| is(item)).count();
        Ok(Written {
            name,
            frames: count(|item| matches!(item, Item::Frame(_))),
            receipts: count(|item| matches!(item, Item::Receipt(_))),
            list: count(|item| matches!(item, Item::Revocations(_))) > 0,
            bytes: sealed.len(),
        })
    }
}
