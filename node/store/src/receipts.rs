//! Receipts: given by a hub for what it holds, kept by a node for what was carried.

use rusqlite::{OptionalExtension, params};
use sync_core::receipt::{self, Receipt};
use sync_core::refusal::{Refusal, RefusalCode};
use sync_core::{ChainId, Seq};

use crate::hub_store::StoreError;
use crate::journal::ChainRow;
use crate::keys::signing_key;
use crate::tx::{Stop, Tx};

/// Up to where, and the receipt's bytes.
type Covered = (Seq, Vec<u8>);

const READ: &str = "SELECT up_to, bytes FROM receipt WHERE chain = ?1";
const WRITE: &str = "INSERT INTO receipt (chain, up_to, bytes) VALUES (?1, ?2, ?3)
    ON CONFLICT (chain) DO UPDATE SET up_to = excluded.up_to, bytes = excluded.bytes
    WHERE excluded.up_to > receipt.up_to";

impl Tx<'_> {
    fn receipt_row(&self, chain: i64) -> Result<Option<Covered>, StoreError> {
        Ok(self
            .db
            .prepare_cached(READ)?
            .query_row([chain], |row| Ok((Seq(row.get(0)?), row.get(1)?)))
            .optional()?)
    }

    /// Up to where a receipt covers a chain; 0 for nowhere.
    pub(crate) fn receipted(&self, chain: i64) -> Result<Seq, StoreError> {
        Ok(self.receipt_row(chain)?.map_or(Seq(0), |(up_to, _)| up_to))
    }

    /// The stored bytes of a chain's receipt.
    pub(crate) fn receipt_bytes(&self, chain: &ChainId) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(row) = self.chain(chain)? else {
            return Ok(None);
        };
        Ok(self.receipt_row(row.id)?.map(|(_, bytes)| bytes))
    }

    /// Hub: the receipt of a chain's head; the same bytes again while the head stays.
    pub(crate) fn give_receipt(&self, chain: &ChainRow) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(hub) = &self.vault.secrets.hub else {
            return Ok(None);
        };
        if let Some((up_to, bytes)) = self.receipt_row(chain.id)?
            && up_to == chain.seq
        {
            return Ok(Some(bytes));
        }
        let receipt = Receipt {
            chain: chain.chain,
            up_to: chain.seq,
            hash: chain.hash,
            hlc: self.tick()?,
        };
        let bytes = receipt::sign(&receipt, &signing_key(&hub.receipt)?);
        self.db
            .prepare_cached(WRITE)?
            .execute(params![chain.id, chain.seq.0, bytes])?;
        Ok(Some(bytes))
    }

    /// Node: keeps a receipt of our hub, for us or, beside what it proves, for another origin.
    /// Everything that it covers is carried from now on, and no longer owed to the hub.
    pub(crate) fn take_receipt(&self, bytes: &[u8]) -> Result<(), Stop> {
        let receipt = receipt::verify(bytes, &self.identity.receipt_key)?;
        if receipt.chain.hub != self.identity.hub {
            return Err(Refusal::new(RefusalCode::Network, "receipt of another network").into());
        }
        if receipt.chain.origin == self.identity.hub_node || self.config.is_hub {
            return Err(Refusal::new(RefusalCode::Scope, "receipt for no node").into());
        }
        let rewound = || Refusal::new(RefusalCode::Rewound, "receipt covers entries not here");
        let chain = self.chain(&receipt.chain)?.ok_or_else(rewound)?;
        let is_ahead = receipt.up_to > chain.seq;
        if is_ahead && receipt.chain.origin == self.identity.node {
            return Err(rewound().into());
        }
        // Of another origin the hub may hold more than we do: compared when the rest arrives.
        if !is_ahead && self.hash_at(&chain, receipt.up_to)? != receipt.hash {
            tracing::error!(
                sync.origin = receipt.chain.origin.0,
                sync.seq = receipt.up_to.0,
                "receipt names another hash than our chain: the chain is forked"
            );
            return Err(Refusal::new(RefusalCode::Forked, "receipt names another hash").into());
        }
        self.db
            .prepare_cached(WRITE)?
            .execute(params![chain.id, receipt.up_to.0, bytes])?;
        Ok(self.release_frames(chain.id, receipt.up_to)?)
    }

    /// Whether the hub's receipt covers one of these entries and names another hash for it.
    pub(crate) fn contradicts_receipt(
        &self,
        chain: &ChainRow,
        arrived: impl Iterator<Item = (Seq, [u8; 32])>,
    ) -> Result<bool, StoreError> {
        let Some((up_to, bytes)) = self.receipt_row(chain.id)? else {
            return Ok(false);
        };
        if up_to <= chain.seq {
            return Ok(false);
        }
        let receipt = receipt::verify(&bytes, &self.identity.receipt_key)
            .map_err(|refusal| StoreError::Failed(refusal.to_string()))?;
        let mut arrived = arrived;
        Ok(arrived.any(|(seq, hash)| seq == up_to && hash != receipt.hash))
    }
}
