//! Packed frames: the sets of the programmes, and the shelf that `sync_core::pack` reads from.
//!
//! What fails here fails softly: an edit whose document or base is not found travels raw, or is
//! asked for raw.

use node_core::packing;
use node_core::programme::Programmes;
use rusqlite::{OptionalExtension, params};
use sync_core::document::{self, Document};
use sync_core::frame::{self, FrameError, Keys, OpenedFrame, Packing, SealInput, Signer, bare};
use sync_core::pack::{PackSet, Shelf};
use sync_core::refusal::Refusal;
use sync_core::{ChainId, Entry, EntryKind, EntryRef, Seq, journal};

use crate::hub_store::StoreError;
use crate::tx::Tx;

/// Changes of a document, the newest of a chain before an entry first.
const OWN_LAST: &str = "SELECT entry.id FROM entry JOIN chain ON chain.id = entry.chain
    WHERE doc = ?1 AND kind = 0 AND origin = ?2 AND epoch = ?3 AND scope = ?4 AND entry.seq < ?5
    ORDER BY entry.seq DESC LIMIT 1";
const CHANGES: &str = "SELECT id FROM entry WHERE doc = ?1 AND kind = 0 ORDER BY id";

/// The sets of all programmes, by code and version.
pub(crate) fn sets(programmes: &Programmes) -> Vec<PackSet> {
    let each = programmes.iter();
    each.map(packing::set).collect()
}

/// The sets with the one first that knows most of the entries' facts.
fn best_first<'a>(sets: &'a [PackSet], entries: &[Entry]) -> Vec<&'a PackSet> {
    let facts = || {
        let facts = entries.iter();
        facts.filter(|entry| entry.meta.kind == EntryKind::Fact)
    };
    let known = |set: &PackSet| facts().filter(|entry| set.knows(entry)).count();
    let mut sets: Vec<_> = sets.iter().collect();
    sets.sort_by_key(|set| std::cmp::Reverse(known(set)));
    sets
}

impl Tx<'_> {
    /// Seals a run, packed where that is asked for.
    pub(crate) fn seal_run(
        &self,
        signer: Signer<'_>,
        input: &SealInput<'_>,
        packed: bool,
    ) -> Result<Vec<u8>, FrameError> {
        if !packed {
            return frame::seal(signer, input);
        }
        self.with_sets(&input.chain, &self.best_first(input), |packing| {
            frame::seal_packed(signer, input, packing)
        })
    }

    /// Seals a run packed and without zstd, where it packs.
    pub(crate) fn seal_bare_run(
        &self,
        signer: Signer<'_>,
        input: &SealInput<'_>,
    ) -> Result<Option<Vec<u8>>, FrameError> {
        self.with_sets(&input.chain, &self.best_first(input), |packing| {
            bare::seal_bare(signer, input, packing)
        })
    }

    fn best_first(&self, input: &SealInput<'_>) -> Vec<&PackSet> {
        best_first(&self.config.sets, input.entries)
    }

    /// What this side knows for runs of a chain.
    pub(crate) fn with_packing<T>(
        &self,
        chain: &ChainId,
        then: impl FnOnce(&Packing<'_>) -> T,
    ) -> T {
        let sets: Vec<_> = self.config.sets.iter().collect();
        self.with_sets(chain, &sets, then)
    }

    fn with_sets<T>(
        &self,
        chain: &ChainId,
        sets: &[&PackSet],
        then: impl FnOnce(&Packing<'_>) -> T,
    ) -> T {
        let shelf = TxShelf {
            tx: self,
            chain: *chain,
        };
        then(&Packing {
            sets,
            shelf: &shelf,
        })
    }

    /// Checks and opens a frame, packed or raw.
    pub(crate) fn open_frame(
        &self,
        bytes: &[u8],
        head: (Seq, [u8; 32]),
        (chain, origin): (&ChainId, &[u8; 32]),
    ) -> Result<OpenedFrame, Refusal> {
        let keys = Keys {
            origin: *origin,
            receipts: Some(self.identity.receipt_key),
        };
        self.with_packing(chain, |packing| {
            frame::open_packed(bytes, head, keys, packing)
        })
    }
}

/// Documents and changes of a transaction, for runs of one chain.
pub(crate) struct TxShelf<'a> {
    pub(crate) tx: &'a Tx<'a>,
    pub(crate) chain: ChainId,
}

impl TxShelf<'_> {
    fn hash_of(&self, entry: i64) -> Option<[u8; 32]> {
        let body = soft(self.tx.body_if_kept(entry))??;
        Some(document::inspect(&body).ok()?.hash)
    }

    fn changes(&self, of: &EntryRef) -> Result<Vec<i64>, StoreError> {
        let doc = journal::doc_id(self.chain.hub, of);
        Ok(self
            .tx
            .db
            .prepare_cached(CHANGES)?
            .query_map([doc.0], |row| row.get(0))?
            .collect::<Result<_, _>>()?)
    }

    fn newest(&self, of: &EntryRef, seq: Seq) -> Result<Option<i64>, StoreError> {
        let (doc, chain) = (journal::doc_id(self.chain.hub, of), &self.chain);
        Ok(self
            .tx
            .db
            .prepare_cached(OWN_LAST)?
            .query_row(
                params![
                    doc.0,
                    chain.origin.0,
                    chain.epoch.0.cast_signed(),
                    chain.scope.0,
                    seq.0
                ],
                |row| row.get(0),
            )
            .optional()?)
    }
}

impl Shelf for TxShelf<'_> {
    fn document(&self, of: &EntryRef) -> Option<Document> {
        let entry = soft(self.tx.entry_id(of))??;
        soft(self.tx.load_document(entry))?
    }

    fn change(&self, at: &EntryRef) -> Option<[u8; 32]> {
        self.hash_of(soft(self.tx.entry_id(at))??)
    }

    fn entry(&self, of: &EntryRef, change: &[u8; 32]) -> Option<EntryRef> {
        let found = soft(self.changes(of))?
            .into_iter()
            .find(|entry| self.hash_of(*entry).as_ref() == Some(change))?;
        soft(self.tx.entry_name(found))
    }

    fn own_last(&self, of: &EntryRef, seq: Seq) -> Option<[u8; 32]> {
        self.hash_of(soft(self.newest(of, seq))??)
    }

    fn lease(&self) -> &[String] {
        &[]
    }
}

/// A read that failed counts as not found; the run then travels raw.
fn soft<T>(read: Result<T, StoreError>) -> Option<T> {
    match read {
        Ok(found) => Some(found),
        Err(error) => {
            tracing::warn!(error = %error, "cannot read for packing");
            None
        }
    }
}
