//! What could leave by SMS: entries that the other end lacks, lists, certificates, what we hold.
//!
//! The other end holds what it receipted, what it accepted by SMS, and what it told. Nothing here
//! decides about time or money.

use rusqlite::params;
use sync_core::sms::key::Ends;
use sync_core::sms::order::{HAVE_CHAINS_MAX, Held, Order, Papers};
use sync_core::{ChainId, EntryRef, Epoch, Lane, NodeId, Scope, Seq};

use super::{About, SmsRun, link_key};
use crate::hub_store::StoreError;
use crate::journal::ChainRow;
use crate::sqlite::SqliteStore;
use crate::tx::Tx;

const TOLD: &str = "SELECT list, serial, hub_serial FROM sms_link WHERE node = ?1 AND epoch = ?2";
const HAVE: &str = "SELECT up_to FROM sms_have WHERE node = ?1 AND epoch = ?2
    AND origin = ?3 AND chain_epoch = ?4 AND scope = ?5";
const HELD: &str = "SELECT chain_epoch, scope, up_to FROM sms_have
    WHERE node = ?1 AND epoch = ?2 AND origin = ?3 ORDER BY chain_epoch, scope";

/// What a run is about, and its octets.
pub type SmsContent = (About, Vec<u8>);
/// A list or certificate, and the order that brings it.
pub type SmsPaper = (About, Order);
/// Lists and certificates that an end holds, and up to where it holds the hub's chains.
pub type HeldThere = (Papers, Vec<Held>);

/// Entries of one of our chains that the other end lacks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SmsOffer {
    /// Which chain.
    pub chain: ChainId,
    /// Its lane.
    pub lane: Lane,
    /// The last entry that the other end holds.
    pub after: Seq,
    /// Our last entry.
    pub up_to: Seq,
}

/// All that could leave.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SmsOffers {
    /// Entries, the most urgent lane first.
    pub entries: Vec<SmsOffer>,
    /// Lists and certificates, each as its signer signed it.
    pub papers: Vec<SmsPaper>,
    /// Node: what it holds, when its hub does not know that.
    pub have: Option<HeldThere>,
    /// Runs in flight that are of no use any more: another link carried them, or a person in them
    /// was erased since.
    pub stale: Vec<u64>,
}

impl SqliteStore {
    /// What could leave by a link.
    ///
    /// # Errors
    /// [`StoreError`] of the question.
    pub async fn sms_offers(&self, ends: Ends) -> Result<SmsOffers, StoreError> {
        self.read(move |tx| tx.sms_offers(&ends)).await
    }
}

impl Tx<'_> {
    fn sms_offers(&self, ends: &Ends) -> Result<SmsOffers, StoreError> {
        let told = self.told_papers(ends)?;
        let mut offers = SmsOffers {
            stale: self.stale_runs(ends)?,
            ..SmsOffers::default()
        };
        if self.config.is_hub {
            // A node that told nothing yet may hold anything: it tells first.
            let Some(told) = told else {
                return Ok(offers);
            };
            offers.papers = self.papers_due(ends, &told)?;
        } else {
            offers.have = self.have_due(ends, told)?;
        }
        offers.entries = self.entries_due(ends)?;
        Ok(offers)
    }

    fn entries_due(&self, ends: &Ends) -> Result<Vec<SmsOffer>, StoreError> {
        let granted = self.certificate_of(ends.node, ends.epoch)?;
        let mut due = Vec::new();
        for row in self.chains()? {
            let chain = row.chain;
            let is_granted = granted.as_ref().is_some_and(|it| {
                // Of an area that it serves no more a node only brings its own.
                let is_over = self.config.is_hub && it.is_ended(chain.scope);
                it.grants(chain.scope) && !is_over
            });
            let Some(lane) = chain.scope.lane() else {
                continue;
            };
            if chain.origin != self.identity.node || !is_granted {
                continue;
            }
            let after = self.held_there(ends, &row)?;
            if after < row.seq {
                due.push(SmsOffer {
                    chain,
                    lane,
                    after,
                    up_to: row.seq,
                });
            }
        }
        due.sort_by_key(|offer| offer.lane);
        Ok(due)
    }

    /// How far the other end holds one of our chains.
    fn held_there(&self, ends: &Ends, row: &ChainRow) -> Result<Seq, StoreError> {
        let told = self.have(ends, &row.chain)?;
        // Receipts are a hub's word to its nodes; its own say nothing of what nodes hold.
        let receipted = if self.config.is_hub {
            Seq(0)
        } else {
            self.receipted(row.id)?
        };
        Ok(told.max(receipted))
    }

    fn have(&self, ends: &Ends, chain: &ChainId) -> Result<Seq, StoreError> {
        let [node, epoch] = link_key(ends);
        let of = params![
            node,
            epoch,
            chain.origin.0,
            chain.epoch.0.cast_signed(),
            chain.scope.0
        ];
        let mut statement = self.db.prepare_cached(HAVE)?;
        let mut rows = statement.query(of)?;
        match rows.next()? {
            Some(row) => Ok(Seq(row.get(0)?)),
            None => Ok(Seq(0)),
        }
    }

    /// What the other end told; `None` for nothing yet.
    fn told_papers(&self, ends: &Ends) -> Result<Option<Papers>, StoreError> {
        let mut statement = self.db.prepare_cached(TOLD)?;
        let mut rows = statement.query(link_key(ends))?;
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        let (list, serial, hub_serial): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let Ok(list) = u32::try_from(list) else {
            return Ok(None);
        };
        Ok(Some(Papers {
            list,
            serial: serial.cast_unsigned(),
            hub_serial: hub_serial.cast_unsigned(),
        }))
    }

    /// Node: what it holds, where the hub was told less or something else.
    fn have_due(&self, ends: &Ends, told: Option<Papers>) -> Result<Option<HeldThere>, StoreError> {
        let hub = self.identity.hub_node;
        let mut held = Vec::new();
        for row in self.chains()? {
            if row.chain.origin == hub {
                held.push(Held {
                    epoch: row.chain.epoch,
                    scope: row.chain.scope,
                    up_to: row.seq,
                });
            }
        }
        held.sort_unstable();
        held.truncate(HAVE_CHAINS_MAX);
        let papers = Papers {
            list: self.revocations()?.number,
            serial: self.serial_of(ends.node, ends.epoch)?,
            hub_serial: self.newest_serial(hub)?,
        };
        let is_known = told == Some(papers) && held == self.told_held(ends, hub)?;
        Ok((!is_known).then_some((papers, held)))
    }

    fn told_held(&self, ends: &Ends, hub: NodeId) -> Result<Vec<Held>, StoreError> {
        let [node, epoch] = link_key(ends);
        let mut statement = self.db.prepare_cached(HELD)?;
        let rows = statement.query_map(params![node, epoch, hub.0], |row| {
            let epoch: i64 = row.get(0)?;
            Ok(Held {
                epoch: Epoch(epoch.cast_unsigned()),
                scope: Scope(row.get(1)?),
                up_to: Seq(row.get(2)?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn serial_of(&self, node: NodeId, epoch: Epoch) -> Result<u64, StoreError> {
        let certificate = self.certificate_of(node, epoch)?;
        Ok(certificate.map_or(0, |certificate| certificate.serial))
    }

    fn newest_serial(&self, node: NodeId) -> Result<u64, StoreError> {
        let certificate = self.last_certificate(node)?;
        Ok(certificate.map_or(0, |certificate| certificate.serial))
    }

    /// Hub: the list and the certificates that the node lacks.
    fn papers_due(&self, ends: &Ends, told: &Papers) -> Result<Vec<SmsPaper>, StoreError> {
        let mut due = Vec::new();
        let list = self.revocations()?.number;
        if list > told.list {
            let order = match self.list_change(told.list)? {
                Some(change) => Order::ListChange(change),
                None => Order::Revocations(self.revocation_bytes()?),
            };
            due.push((About::List(list), order));
        }
        let own = (self.identity.node, self.identity.epoch);
        let hub_serial = self.serial_of(own.0, own.1)?;
        if hub_serial > told.hub_serial {
            let bytes = self.certificate_bytes(own.0, own.1)?;
            let order = bytes.map(Order::Certificate);
            due.extend(order.map(|order| (About::HubCertificate(hub_serial), order)));
        }
        let serial = self.serial_of(ends.node, ends.epoch)?;
        if serial > told.serial {
            let bytes = self.certificate_bytes(ends.node, ends.epoch)?;
            let order = bytes.map(Order::Certificate);
            due.extend(order.map(|order| (About::Certificate(serial), order)));
        }
        Ok(due)
    }

    fn stale_runs(&self, ends: &Ends) -> Result<Vec<u64>, StoreError> {
        let mut stale = Vec::new();
        for SmsRun { ticket, about } in self.sms_runs(ends)? {
            let About::Frame {
                chain,
                first,
                last,
                erased,
            } = about
            else {
                continue;
            };
            let Some(row) = self.chain(&chain)? else {
                stale.push(ticket);
                continue;
            };
            let is_carried = self.held_there(ends, &row)? >= last;
            if is_carried || self.erased_between(&chain, first, last)? != erased {
                stale.push(ticket);
            }
        }
        Ok(stale)
    }

    /// Entries of a range whose person is erased.
    pub(super) fn erased_between(
        &self,
        chain: &ChainId,
        first: Seq,
        last: Seq,
    ) -> Result<u32, StoreError> {
        let mut erased = 0_u32;
        for seq in first.0..=last.0 {
            let Some(id) = self.entry_id(&EntryRef::new(chain, Seq(seq)))? else {
                continue;
            };
            if self.is_erased(self.entry_meta(id)?.doc)? {
                erased = erased.saturating_add(1);
            }
        }
        Ok(erased)
    }
}
