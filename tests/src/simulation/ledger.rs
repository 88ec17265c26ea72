//! What was promised: the observer's own book, apart from every store.
//!
//! An entry is promised when a turn that wrote it was answered. The book knows the head of each
//! chain after each answered turn, so a chain that ends in the right hash at the right number holds
//! every entry before it.

use std::collections::{BTreeMap, BTreeSet};

use sync_core::{ChainId, EntryRef, Epoch, NodeId, Seq};

use super::fault::{Broken, must};
use super::site::Site;
use node_core::status::Status;

/// An entry's number and the chain's hash there.
pub type Mark = (Seq, [u8; 32]);

/// How far a site has come with a chain.
#[derive(Clone, Copy, Debug)]
struct Seen {
    mark: Mark,
    receipted: Seq,
}

/// The book of one district.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Heads that a chain's origin has written and answered for, ascending.
    pub written: BTreeMap<ChainId, Vec<Mark>>,
    /// What the hub must hold in the end.
    pub owed: BTreeMap<ChainId, Seq>,
    /// Lives that were closed.
    closed: BTreeSet<(NodeId, Epoch)>,
    /// Of their chains: the last entry that may be taken; of others nothing.
    last: BTreeMap<ChainId, Seq>,
    /// By site: what it was seen to hold.
    seen: BTreeMap<(String, ChainId), Seen>,
    /// By site: how far a registration was shown to be.
    pub shown: BTreeMap<(String, EntryRef), Status>,
}

impl Ledger {
    /// Checks that a site holds all that it held (W1), that frontiers and receipts only grew and no
    /// entry was replaced (W3); then writes down how it stands.
    ///
    /// # Errors
    /// [`Broken`] for each of these promises.
    pub async fn look(&mut self, site: &Site) -> Result<(), Broken> {
        let own = site.own().await?.node;
        let mut heads: BTreeMap<ChainId, Seen> = BTreeMap::new();
        for head in site.heads().await? {
            let seen = Seen {
                mark: (head.seq, head.hash),
                receipted: head.receipted,
            };
            heads.insert(head.chain, seen);
        }
        let before = self.seen.iter().filter(|((name, _), _)| *name == site.name);
        for ((_, chain), seen) in before {
            let (seq, hash) = seen.mark;
            let now = heads.get(chain);
            let (now_seq, receipted) =
                now.map_or((Seq(0), Seq(0)), |now| (now.mark.0, now.receipted));
            let label = || format!("{}: chain {}", site.name, label(chain));
            must(now_seq >= seq, || {
                format!(
                    "W1 {} lost entries: {} of {} are left",
                    label(),
                    now_seq.0,
                    seq.0
                )
            })?;
            must(receipted >= seen.receipted, || {
                format!(
                    "W3 {} lost a receipt: {} of {}",
                    label(),
                    receipted.0,
                    seen.receipted.0
                )
            })?;
            let there = match now {
                Some(now) if now.mark.0 == seq => Some(now.mark.1),
                _ => hash_at(site, *chain, seq).await?,
            };
            must(seq == Seq(0) || there == Some(hash), || {
                format!("W3 {} holds another entry {}", label(), seq.0)
            })?;
        }
        for (chain, seen) in heads {
            must(seen.receipted <= seen.mark.0, || {
                format!(
                    "W3 {}: a receipt is ahead of chain {}",
                    site.name,
                    label(&chain)
                )
            })?;
            if chain.origin == own {
                self.write(chain, seen.mark, site)?;
            }
            self.seen.insert((site.name.clone(), chain), seen);
        }
        Ok(())
    }

    /// The origin wrote so far.
    fn write(&mut self, chain: ChainId, mark: Mark, site: &Site) -> Result<(), Broken> {
        let is_closed = self.is_closed(&chain);
        let marks = self.written.entry(chain).or_default();
        let same = marks.iter().find(|(seq, _)| *seq == mark.0);
        must(same.is_none_or(|same| *same == mark), || {
            format!(
                "{}: two entries {} of chain {}",
                site.name,
                mark.0.0,
                label(&chain)
            )
        })?;
        if marks.last().is_none_or(|last| last.0 < mark.0) {
            marks.push(mark);
            if !is_closed {
                self.owed.insert(chain, mark.0);
            }
        }
        Ok(())
    }

    /// A hub holds of its nodes only what they wrote, and nothing behind a closing.
    ///
    /// # Errors
    /// [`Broken`] where it holds more.
    pub async fn nothing_else(&self, hub: &Site) -> Result<(), Broken> {
        for head in hub.heads().await? {
            let (chain, seq) = (head.chain, head.seq);
            if self.is_closed(&chain) {
                let last = self.last.get(&chain).copied().unwrap_or(Seq(0));
                must(seq <= last, || {
                    format!("S2 {} took entry {} of a closed life", hub.name, seq.0)
                })?;
            }
            let none = Vec::new();
            let marks = self.written.get(&chain).unwrap_or(&none);
            let last = marks.last().map_or(Seq(0), |mark| mark.0);
            must(seq <= last, || {
                format!(
                    "{} holds entry {} of chain {}, which nobody wrote",
                    hub.name,
                    seq.0,
                    label(&chain)
                )
            })?;
            let below = marks.iter().rfind(|mark| mark.0 <= seq);
            if let Some((at, hash)) = below {
                let there = hash_at(hub, chain, *at).await?;
                must(there == Some(*hash), || {
                    format!(
                        "{} holds another entry {} of chain {}",
                        hub.name,
                        at.0,
                        label(&chain)
                    )
                })?;
            }
        }
        Ok(())
    }

    /// Set-full: the hub holds every entry that was answered for.
    ///
    /// # Errors
    /// [`Broken`] with the first one that it lacks.
    pub async fn all_there(&self, hub: &Site) -> Result<u64, Broken> {
        let heads: BTreeMap<ChainId, Seq> = hub
            .heads()
            .await?
            .into_iter()
            .map(|head| (head.chain, head.seq))
            .collect();
        let mut entries = 0;
        for (chain, owed) in &self.owed {
            let there = heads.get(chain).copied().unwrap_or(Seq(0));
            must(there >= *owed, || {
                format!(
                    "set-full: {} lacks entries {} to {} of chain {}",
                    hub.name,
                    there.0 + 1,
                    owed.0,
                    label(chain)
                )
            })?;
            entries += u64::from(owed.0);
        }
        self.nothing_else(hub).await?;
        Ok(entries)
    }

    /// A site was set back to an image: what it must hold is what lies in the image. What the image
    /// lacks and the hub does not hold is in no store any more; a stick may still bring it.
    ///
    /// # Errors
    /// [`Broken`] when a store cannot answer, or the image holds what nobody wrote.
    pub async fn set_back(&mut self, site: &Site, hub: &Site) -> Result<u64, Broken> {
        let own = site.own().await?.node;
        self.forget(&site.name);
        let mut left: BTreeMap<ChainId, Seq> = BTreeMap::new();
        for store in [site, hub] {
            for head in store.heads().await? {
                let most = left.entry(head.chain).or_insert(Seq(0));
                *most = (*most).max(head.seq);
            }
        }
        let mut lost = 0;
        for (chain, owed) in &mut self.owed {
            if chain.origin == own {
                let most = left.get(chain).copied().unwrap_or(Seq(0)).min(*owed);
                lost += u64::from(owed.0 - most.0);
                *owed = most;
            }
        }
        Ok(lost)
    }

    /// Forgets what a site was seen to hold.
    pub fn forget(&mut self, name: &str) {
        self.seen.retain(|(site, _), _| site != name);
        self.shown.retain(|(site, _), _| site != name);
    }

    /// Whether a chain is of a closed life.
    pub fn is_closed(&self, chain: &ChainId) -> bool {
        self.closed.contains(&(chain.origin, chain.epoch))
    }

    /// A hub closed all lives of a node as far as it holds them.
    ///
    /// # Errors
    /// [`Broken`] when the hub cannot answer.
    pub async fn close(&mut self, node: NodeId, hub: &Site) -> Result<(), Broken> {
        let heads = hub.heads().await?;
        let chains = self.written.keys().filter(|chain| chain.origin == node);
        let new: Vec<ChainId> = chains
            .filter(|chain| !self.is_closed(chain))
            .copied()
            .collect();
        for chain in new {
            let head = heads.iter().find(|head| head.chain == chain);
            let last = head.map_or(Seq(0), |head| head.seq);
            self.last.insert(chain, last);
            self.owed.insert(chain, last);
        }
        let lives = self.written.keys().filter(|chain| chain.origin == node);
        self.closed.extend(lives.map(|chain| (node, chain.epoch)));
        Ok(())
    }
}

/// The hash of a chain at an entry.
///
/// # Errors
/// [`Broken`] when the store cannot answer.
pub async fn hash_at(site: &Site, chain: ChainId, seq: Seq) -> Result<Option<[u8; 32]>, Broken> {
    let found = site.store().entry_hash(chain, seq).await;
    found.map_err(|error| Broken(format!("{}: {error}", site.name)))
}

/// A chain without what the product drew: origin, how often it began a life, scope.
pub fn label(chain: &ChainId) -> String {
    format!(
        "{}.{}.{}",
        chain.origin.0,
        chain.epoch.counter(),
        chain.scope.0
    )
}
