//! The SMS link at rest: the machine's state for each peer, its runs, and the purse of a SIM.
//!
//! The state is a value of `sync_core::sms`; it holds runs and is sealed as a whole under the
//! site's key. What ends with a run (carried, told, receipted) is written with the state that no
//! longer holds the run. Roots lie in the key file since enrolment; here stands how often the
//! ratchet went on from them.

mod offers;
mod run;
mod step;

use node_core::contact::Moment;
use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};
use sync_core::sms::key::{Ends, Keyring, Root};
use sync_core::sms::order::{Held, Papers};
use sync_core::{ChainId, Epoch, NodeId, Seq};

use crate::hub_store::StoreError;
use crate::seal::{Owner, Row, decode};
use crate::sqlite::SqliteStore;
use crate::tx::Tx;

pub use offers::{HeldThere, SmsContent, SmsOffer, SmsOffers, SmsPaper};
pub use run::RunForm;
pub use step::{RunEnd, SmsStep};

/// Steps of the ratchet that are made from a root at most: what is beyond them needs a new
/// enrolment, after more than 2,000 years of steps every 90 days.
const STEPS_MAX: u32 = 8_192;
/// Key id of the root that was given at enrolment.
const FIRST_KEY: u8 = 1;

const LINK: &str = "SELECT steps, owner, state FROM sms_link WHERE node = ?1 AND epoch = ?2";
const FORMER: &str = "SELECT epoch FROM sms_link WHERE node = ?1 AND epoch <> ?2";
const RUNS: &str =
    "SELECT ticket, about FROM sms_run WHERE node = ?1 AND epoch = ?2 ORDER BY ticket";
const LAST_TICKET: &str = "SELECT coalesce(max(ticket), 0) FROM sms_run";
const PURSE: &str = "SELECT counts, others, counted FROM sms_purse WHERE sim = ?1";
const TEXTS: &str = "UPDATE sms_purse SET others = others + ?2 WHERE sim = ?1";
const SLOTS: &str = "SELECT node, name FROM slot ORDER BY node";
const DROP_RUNS: &str = "DELETE FROM sms_run WHERE node = ?1 AND epoch = ?2";
const DROP_HAVE: &str = "DELETE FROM sms_have WHERE node = ?1 AND epoch = ?2";
const DROP_LINK: &str = "DELETE FROM sms_link WHERE node = ?1 AND epoch = ?2";

/// A link and the name of its node at the hub.
pub type NamedEnds = (Ends, String);
/// Steps, owner, sealed state.
type LinkRow = (u32, i64, Vec<u8>);
/// Counts, parts of texts, parts counted.
type PurseRow = (Vec<u8>, i64, i64);

/// What a run in flight is about.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum About {
    /// Entries of one of our chains.
    Frame {
        /// Which chain.
        chain: ChainId,
        /// First entry.
        first: Seq,
        /// Last entry.
        last: Seq,
        /// Entries of it whose person was erased when it was sealed.
        erased: u32,
    },
    /// What we hold of the hub's.
    Have {
        /// Lists and certificates.
        papers: Papers,
        /// Its chains.
        chains: Vec<Held>,
    },
    /// A revocation list with this number.
    List(u32),
    /// The node's certificate with this serial.
    Certificate(u64),
    /// The hub's certificate with this serial.
    HubCertificate(u64),
}

/// A run in flight.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SmsRun {
    /// The machine's name for it.
    pub ticket: u64,
    /// What it is about.
    pub about: About,
}

/// One link, as it was committed last.
#[derive(Clone)]
pub struct SmsPeer {
    /// The node of the link, whichever end this is.
    pub ends: Ends,
    /// Name of the node at its hub; empty at the node itself.
    pub name: String,
    /// Roots that are held.
    pub keys: Keyring,
    /// Steps of the ratchet since enrolment.
    pub steps: u32,
    /// The machine's state, none at first.
    pub state: Option<Vec<u8>>,
    /// Runs that the state holds.
    pub runs: Vec<SmsRun>,
}

impl core::fmt::Debug for SmsPeer {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "SmsPeer({:?}, {} runs)", self.ends, self.runs.len())
    }
}

/// What a SIM has sent.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SmsCounts {
    /// Counts of the purse, none at first.
    pub counts: Option<Vec<u8>>,
    /// Parts of texts to people that it has not counted yet.
    pub uncounted: u64,
    /// All parts of texts to people.
    pub others: u64,
}

impl SqliteStore {
    /// All links of this store: on a node the one to its hub, on a hub those of the last life of
    /// each node. Links of former lives are dropped: their roots belong to no life that goes on.
    ///
    /// # Errors
    /// [`StoreError`] of the transaction.
    pub async fn sms_peers(&self, now: Moment) -> Result<Vec<SmsPeer>, StoreError> {
        self.write(now, |tx| {
            let named = tx.sms_links()?;
            let mut peers = Vec::new();
            for (ends, name) in named {
                tx.drop_former_links(&ends)?;
                peers.extend(tx.sms_peer(ends, name)?);
            }
            Ok(peers)
        })
        .await
    }

    /// The nodes of the links that there could be, with their names.
    ///
    /// # Errors
    /// [`StoreError`] of the question.
    pub async fn sms_ends(&self) -> Result<Vec<NamedEnds>, StoreError> {
        self.read(|tx| tx.sms_links()).await
    }

    /// One link, as it was committed last; `None` where there is no root for it.
    ///
    /// # Errors
    /// [`StoreError`] of the question.
    pub async fn sms_peer(&self, ends: Ends, name: String) -> Result<Option<SmsPeer>, StoreError> {
        self.read(move |tx| tx.sms_peer(ends, name)).await
    }

    /// The highest ticket of a run in flight; 0 for none.
    ///
    /// # Errors
    /// [`StoreError`] of the question.
    pub async fn sms_last_ticket(&self) -> Result<u64, StoreError> {
        self.read(|tx| {
            let last: i64 = tx
                .db
                .prepare_cached(LAST_TICKET)?
                .query_row([], |row| row.get(0))?;
            Ok(last.cast_unsigned())
        })
        .await
    }

    /// What a SIM has sent.
    ///
    /// # Errors
    /// [`StoreError`] of the question.
    pub async fn sms_counts(&self, sim: String) -> Result<SmsCounts, StoreError> {
        self.read(move |tx| tx.sms_counts(&sim)).await
    }
}

/// The roots of a link after so many steps of the ratchet.
fn ring(root: &[u8; 32], steps: u32) -> Keyring {
    let mut ring = Keyring::new(FIRST_KEY, Root::new(*root));
    for _ in 0..steps.min(STEPS_MAX) {
        ring.advance();
    }
    ring
}

impl Tx<'_> {
    /// The links that there are roots for, with the names of their nodes.
    fn sms_links(&self) -> Result<Vec<NamedEnds>, StoreError> {
        let identity = &self.identity;
        let hub = identity.hub;
        if !self.config.is_hub {
            let own = Ends {
                hub,
                node: identity.node,
                epoch: identity.epoch,
            };
            let is_ready = identity.is_enrolled() && identity.certified;
            return Ok(is_ready.then(|| (own, String::new())).into_iter().collect());
        }
        let mut statement = self.db.prepare_cached(SLOTS)?;
        let slots = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let slots: Vec<(u32, String)> = slots.collect::<Result<_, _>>()?;
        let mut links = Vec::new();
        for (node, name) in slots {
            let node = NodeId(node);
            let Some(last) = self.last_certificate(node)? else {
                continue;
            };
            let epoch = last.epoch;
            if !self.revocations()?.is_stopped(node, epoch) {
                links.push((Ends { hub, node, epoch }, name));
            }
        }
        Ok(links)
    }

    fn sms_peer(&self, ends: Ends, name: String) -> Result<Option<SmsPeer>, StoreError> {
        let Some(root) = self.vault.sms_root(ends.node, ends.epoch) else {
            return Ok(None);
        };
        let key = link_key(&ends);
        let stored: Option<LinkRow> = self
            .db
            .prepare_cached(LINK)?
            .query_row(key, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let (steps, state) = match stored {
            Some((steps, owner, sealed)) => {
                let name = row_name(&ends);
                let opened = self.data_key_by_id(owner)?.open(row(&name), &sealed)?;
                (steps, Some(opened))
            }
            None => (0, None),
        };
        Ok(Some(SmsPeer {
            ends,
            name,
            keys: ring(root, steps),
            steps,
            state,
            runs: self.sms_runs(&ends)?,
        }))
    }

    fn sms_runs(&self, ends: &Ends) -> Result<Vec<SmsRun>, StoreError> {
        let mut statement = self.db.prepare_cached(RUNS)?;
        let rows = statement.query_map(link_key(ends), |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut runs = Vec::new();
        for row in rows {
            let (ticket, about): (i64, Vec<u8>) = row?;
            runs.push(SmsRun {
                ticket: ticket.cast_unsigned(),
                about: decode(&about)?,
            });
        }
        Ok(runs)
    }

    fn drop_former_links(&self, ends: &Ends) -> Result<(), StoreError> {
        let mut statement = self.db.prepare_cached(FORMER)?;
        let former = statement.query_map(link_key(ends), |row| row.get(0))?;
        let former: Vec<i64> = former.collect::<Result<_, _>>()?;
        for epoch in former {
            for sql in [DROP_RUNS, DROP_HAVE, DROP_LINK] {
                self.db
                    .prepare_cached(sql)?
                    .execute(params![ends.node.0, epoch])?;
            }
        }
        Ok(())
    }

    fn sms_counts(&self, sim: &str) -> Result<SmsCounts, StoreError> {
        let stored: Option<PurseRow> = self
            .db
            .prepare_cached(PURSE)?
            .query_row([sim], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        Ok(
            stored.map_or_else(SmsCounts::default, |(counts, others, counted)| SmsCounts {
                counts: Some(counts),
                uncounted: others.saturating_sub(counted).max(0).cast_unsigned(),
                others: others.cast_unsigned(),
            }),
        )
    }

    /// Counts parts of texts to people by a SIM that also carries a link. Given back is nothing:
    /// that can only make the link slower.
    pub(crate) fn note_texts(&self, sim: &str, parts: u32) -> Result<(), StoreError> {
        if parts > 0 {
            self.db
                .prepare_cached(TEXTS)?
                .execute(params![sim, parts])?;
        }
        Ok(())
    }

    /// The site's key, and the sealed state.
    fn seal_sms_state(&self, ends: &Ends, state: &[u8]) -> Result<(i64, Vec<u8>), StoreError> {
        let key = self.data_key(Owner::Site)?;
        let sealed = key.seal(row(&row_name(ends)), state)?;
        Ok((key.id, sealed))
    }
}

fn link_key(ends: &Ends) -> [i64; 2] {
    [i64::from(ends.node.0), ends.epoch.0.cast_signed()]
}

fn row_name(ends: &Ends) -> Vec<u8> {
    let epoch: Epoch = ends.epoch;
    [ends.node.0.to_be_bytes().as_slice(), &epoch.0.to_be_bytes()].concat()
}

fn row(name: &[u8]) -> Row<'_> {
    Row {
        table: "sms_link",
        name,
    }
}

#[cfg(test)]
mod tests;
