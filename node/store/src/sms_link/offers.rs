//! What could leave by SMS: entries that the other end lacks, lists, certificates, what we hold.
//!
//! The other end holds what it receipted, what it accepted by SMS, and what it told. Nothing here
//! decides about time or money.

use rusqlite::params;
use sync_core::sms::key::Ends;
use sync_core::sms::order::{HAVE_CHAINS_MAX, Held, Papers};
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
    /// Lists and certificates, each with the bytes that its signer signed.
    pub papers: Vec<SmsContent>,
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

    /// A signed frame of at most so many octets with entries of one of our chains behind `after`,
    /// and what it is about; at least one entry if there is any.
    ///
    /// # Errors
    /// [`StoreError`] of the question.
    pub async fn sms_frame(
        &self,
        chain: ChainId,
        after: Seq,
        octets_max: usize,
        packed: bool,
    ) -> Result<Option<SmsContent>, StoreError> {
        self.read(move |tx| tx.sms_frame(&chain, after, octets_max, packed))
            .await
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
            let is_granted = granted.as_ref().is_some_and(|it| it.grants(chain.scope));
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
    fn papers_due(&self, ends: &Ends, told: &Papers) -> Result<Vec<SmsContent>, StoreError> {
        let mut due = Vec::new();
        let list = self.revocations()?.number;
        if list > told.list {
            due.push((About::List(list), self.revocation_bytes()?));
        }
        let own = (self.identity.node, self.identity.epoch);
        let hub_serial = self.serial_of(own.0, own.1)?;
        if hub_serial > told.hub_serial {
            let bytes = self.certificate_bytes(own.0, own.1)?;
            due.extend(bytes.map(|bytes| (About::HubCertificate(hub_serial), bytes)));
        }
        let serial = self.serial_of(ends.node, ends.epoch)?;
        if serial > told.serial {
            let bytes = self.certificate_bytes(ends.node, ends.epoch)?;
            due.extend(bytes.map(|bytes| (About::Certificate(serial), bytes)));
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
    fn erased_between(&self, chain: &ChainId, first: Seq, last: Seq) -> Result<u32, StoreError> {
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

    /// As many entries as fit: the run is cut until its frame does.
    fn sms_frame(
        &self,
        chain: &ChainId,
        after: Seq,
        octets_max: usize,
        packed: bool,
    ) -> Result<Option<SmsContent>, StoreError> {
        let Some(row) = self.chain(chain)? else {
            return Ok(None);
        };
        let all = self.run_of_entries(&row, after)?;
        let (mut fits, mut tries) = (1, all.len());
        let mut best = None;
        // The first try takes all; then between what fits and what does not.
        let mut over = all.len().saturating_add(1);
        while fits < over && tries > 0 {
            let entries = all.get(..tries).unwrap_or_default();
            let frame = self.seal_entries(&row, after, entries, packed)?;
            if frame.len() <= octets_max || tries == 1 {
                fits = tries;
                best = Some((tries, frame));
            } else {
                over = tries;
            }
            if over.saturating_sub(fits) <= 1 && best.is_some() {
                break;
            }
            tries = fits.saturating_add(over).div_euclid(2).max(1);
        }
        let Some((count, frame)) = best else {
            return Ok(None);
        };
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let (first, last) = (
            Seq(after.0.saturating_add(1)),
            Seq(after.0.saturating_add(count)),
        );
        let about = About::Frame {
            chain: *chain,
            first,
            last,
            erased: self.erased_between(chain, first, last)?,
        };
        Ok(Some((about, frame)))
    }
}
