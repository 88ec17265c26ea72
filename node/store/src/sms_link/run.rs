//! What a run of entries holds: a signed frame, without what the other end knows where it has that.
//!
//! The short form and its rules: `sync_core::sms::run`. Here stands what an end knows of a chain, and
//! what it may take for known at the other one: the entries before the run, and the seeds that
//! derive from the root of the enrolment.

use sync_core::journal::{self, BlockSeed};
use sync_core::refusal::{Refusal, RefusalCode};
use sync_core::sms::key::Ends;
use sync_core::sms::run::{Known, ShortRun, shorten};
use sync_core::{ChainId, Entry, EntryRef, Seq};

use super::About;
use super::offers::SmsContent;
use crate::hub_store::StoreError;
use crate::journal::ChainRow;
use crate::sqlite::SqliteStore;
use crate::tx::{Stop, Tx};

/// In which form entries are sent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum RunForm {
    /// Packed, without what the other end knows; whole where that is not possible.
    Short,
    /// A whole frame, packed.
    Whole,
    /// A whole frame, not packed.
    Raw,
}

impl RunForm {
    /// The form that needs less of the other end; none behind the last one.
    pub fn plainer(self) -> Option<Self> {
        match self {
            Self::Short => Some(Self::Whole),
            Self::Whole => Some(Self::Raw),
            Self::Raw => None,
        }
    }
}

/// A place in a chain: the chain, its row, and the entry before.
#[derive(Clone, Copy)]
struct Place<'a> {
    row: &'a ChainRow,
    after: Seq,
}

impl SqliteStore {
    /// A signed run of at most so many octets with entries of one of our chains behind `after`, and
    /// what it is about; at least one entry if there is any.
    ///
    /// # Errors
    /// [`StoreError`] of the question.
    pub async fn sms_frame(
        &self,
        ends: Ends,
        (chain, after): (ChainId, Seq),
        octets_max: usize,
        form: RunForm,
    ) -> Result<Option<SmsContent>, StoreError> {
        self.read(move |tx| tx.sms_frame(&ends, (&chain, after), octets_max, form))
            .await
    }

    /// The frame that a short run of the other end stands for. Nothing is changed by it.
    ///
    /// # Errors
    /// [`StoreError`] of the question; inside it a refusal: what is known here does not fit.
    pub async fn sms_whole(
        &self,
        ends: Ends,
        run: Vec<u8>,
    ) -> Result<Result<Vec<u8>, Refusal>, StoreError> {
        self.read(move |tx| match tx.sms_whole(&ends, &run) {
            Ok(frame) => Ok(Ok(frame)),
            Err(Stop::Refused(refusal)) => Ok(Err(refusal)),
            Err(Stop::Store(error)) => Err(error),
            Err(Stop::Rejected(rejection)) => Err(StoreError::Failed(rejection.text)),
        })
        .await
    }
}

fn unknown(reason: &str) -> Stop {
    Refusal::new(RefusalCode::Rebuild, reason).into()
}

impl Tx<'_> {
    /// As many entries as fit: the run is cut until it does.
    fn sms_frame(
        &self,
        ends: &Ends,
        (chain, after): (&ChainId, Seq),
        octets_max: usize,
        form: RunForm,
    ) -> Result<Option<SmsContent>, StoreError> {
        let Some(row) = self.chain(chain)? else {
            return Ok(None);
        };
        let place = Place { row: &row, after };
        let all = self.run_of_entries(&row, after)?;
        let (mut fits, mut tries) = (1, all.len());
        let mut best = None;
        // The first try takes all; then between what fits and what does not.
        let mut over = all.len().saturating_add(1);
        while fits < over && tries > 0 {
            let entries = all.get(..tries).unwrap_or_default();
            let frame = self.sealed_run(ends, place, entries, form)?;
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

    fn sealed_run(
        &self,
        ends: &Ends,
        place: Place<'_>,
        entries: &[Entry],
        form: RunForm,
    ) -> Result<Vec<u8>, StoreError> {
        if form == RunForm::Short
            && let Some(run) = self.short_run(ends, place, entries)?
        {
            return Ok(run);
        }
        self.seal_entries(place.row, place.after, entries, form != RunForm::Raw)
    }

    /// The short form of a run of the link's present life, where there is one.
    fn short_run(
        &self,
        ends: &Ends,
        place: Place<'_>,
        entries: &[Entry],
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let chain = place.row.chain;
        let scopes = self.certificate_of(ends.node, ends.epoch)?;
        let index = scopes.and_then(|it| it.scope_index(chain.scope));
        let own = self.certificate_of(chain.origin, chain.epoch)?;
        let (Some(scope_index), Some(own)) = (index, own) else {
            return Ok(None);
        };
        if chain.epoch != self.identity.epoch {
            return Ok(None);
        }
        let Some(frame) = self.seal_bare_entries(place.row, place.after, entries)? else {
            return Ok(None);
        };
        let end = entries.last().map_or(place.after, |entry| entry.meta.seq);
        let known = Known {
            chain,
            scope_index,
            first: next(place.after),
            previous: self.hash_at(place.row, place.after)?,
            hlc: self.hlc_at(place)?,
            seeds: &self.seeds_there(ends, place, end)?,
            key: own.key,
        };
        Ok(self.with_packing(&chain, |packing| shorten(&frame, &known, packing)))
    }

    /// Seeds of a run's blocks that the other end holds or derives.
    fn seeds_there(
        &self,
        ends: &Ends,
        place: Place<'_>,
        end: Seq,
    ) -> Result<Vec<BlockSeed>, StoreError> {
        let chain = &place.row.chain;
        let begun = (place.after.0 > 0).then(|| journal::block(place.after));
        let mut seeds = Vec::new();
        for block in journal::block(next(place.after))..=journal::block(end) {
            let Some(seed) = self.seed(place.row.id, block)? else {
                continue;
            };
            if begun == Some(block) || self.derived_seed(ends, chain, block) == Some(seed) {
                seeds.push((block, seed));
            }
        }
        Ok(seeds)
    }

    /// The seed that both ends can derive, of a block of the link's node.
    fn derived_seed(&self, ends: &Ends, chain: &ChainId, block: u32) -> Option<[u8; 16]> {
        let root = self.vault.sms_root(chain.origin, chain.epoch)?;
        (chain.origin == ends.node)
            .then(|| journal::derive_seed(root, chain.epoch, chain.scope, block))
    }

    fn hlc_at(&self, place: Place<'_>) -> Result<u64, StoreError> {
        let name = EntryRef::new(&place.row.chain, place.after);
        match self.entry_id(&name)? {
            Some(id) => Ok(self.entry_meta(id)?.hlc),
            None => Ok(0),
        }
    }

    fn sms_whole(&self, ends: &Ends, run: &[u8]) -> Result<Vec<u8>, Stop> {
        let short = ShortRun::read(run)?;
        let certificate = self.certificate_of(ends.node, ends.epoch)?;
        let certificate = certificate.ok_or_else(|| unknown("link without a certificate"))?;
        let scope = certificate
            .granted()
            .nth(usize::from(short.scope_index))
            .ok_or_else(|| unknown("short run of a scope that is not granted here"))?;
        let origin = if self.config.is_hub {
            certificate
        } else {
            let hub = self.last_certificate(self.identity.hub_node)?;
            hub.ok_or_else(|| unknown("hub without a certificate"))?
        };
        let chain = ChainId {
            hub: ends.hub,
            origin: origin.node,
            epoch: origin.epoch,
            scope,
        };
        let row = self.chain(&chain)?;
        let head = row.as_ref().map_or(Seq(0), |row| row.seq);
        let first = short
            .first(head)
            .ok_or_else(|| unknown("short run begins before its chain"))?;
        let after = Seq(first.0.saturating_sub(1));
        let place = row.as_ref().map(|row| Place { row, after });
        let needed = short.needed(first);
        let known = Known {
            chain,
            scope_index: short.scope_index,
            first,
            previous: match place {
                Some(place) => self.hash_at(place.row, after)?,
                None => journal::genesis(&chain),
            },
            hlc: place.map_or(Ok(0), |place| self.hlc_at(place))?,
            seeds: &self.seeds_here(ends, (&chain, row.as_ref()), &needed)?,
            key: origin.key,
        };
        let whole = self.with_packing(&chain, |packing| short.whole(&known, packing));
        whole.map_err(Stop::Refused)
    }

    fn seeds_here(
        &self,
        ends: &Ends,
        (chain, row): (&ChainId, Option<&ChainRow>),
        blocks: &[u32],
    ) -> Result<Vec<BlockSeed>, StoreError> {
        let mut seeds = Vec::new();
        for block in blocks {
            let held = row.map_or(Ok(None), |row| self.seed(row.id, *block))?;
            let seed = held.or_else(|| self.derived_seed(ends, chain, *block));
            seeds.extend(seed.map(|seed| (*block, seed)));
        }
        Ok(seeds)
    }
}

fn next(after: Seq) -> Seq {
    Seq(after.0.saturating_add(1))
}
