//! Every chain from its first entry: numbers without gaps, commitments, links, head, receipt.

use rusqlite::params;
use sync_core::{EntryRef, Seq, certificate, journal, receipt};

use super::CheckReport;
use crate::hub_store::StoreError;
use crate::journal::ChainRow;
use crate::name::array;
use crate::tx::Tx;

const ENTRIES: &str = "SELECT id, seq, commitment, hash FROM entry WHERE chain = ?1 ORDER BY seq";
const CERTIFICATES: &str = "SELECT bytes FROM certificate ORDER BY node, epoch";

impl Tx<'_> {
    /// Verifies all chains.
    pub(super) fn check_chains(&self, report: &mut CheckReport) -> Result<(), StoreError> {
        for row in self.chains()? {
            report.chains = report.chains.saturating_add(1);
            self.check_chain(&row, report)?;
            self.check_receipt(&row, report)?;
            if let Some(defect) = self.relay_defect(&row)? {
                report.find(format!("{}: {defect}", label(&row)));
            }
        }
        let mut statement = self.db.prepare(CERTIFICATES)?;
        let mut found = statement.query([])?;
        while let Some(columns) = found.next()? {
            let bytes: Vec<u8> = columns.get(0)?;
            if let Err(refusal) = certificate::verify(&bytes, &self.identity.authority) {
                report.find(format!("certificate: {refusal}"));
            }
        }
        Ok(())
    }

    fn check_chain(&self, row: &ChainRow, report: &mut CheckReport) -> Result<(), StoreError> {
        let mut hash = journal::genesis(&row.chain);
        let mut last = Seq(0);
        let mut statement = self.db.prepare_cached(ENTRIES)?;
        let mut found = statement.query(params![row.id])?;
        while let Some(columns) = found.next()? {
            let seq = Seq(columns.get(1)?);
            if seq.0 != last.0.saturating_add(1) {
                report.find(format!("{}: gap before entry {}", label(row), seq.0));
                return Ok(());
            }
            last = seq;
            report.entries = report.entries.saturating_add(1);
            let commitment: [u8; 32] = array(&columns.get::<_, Vec<u8>>(2)?)?;
            let id: i64 = columns.get(0)?;
            match self.recommit(row, id, seq) {
                Ok(None) => {}
                Ok(Some(known)) if known == commitment => {}
                Ok(_) => report.find(format!("{}: body {} was changed", label(row), seq.0)),
                Err(error) => {
                    report.find(format!("{}: body {} is lost: {error}", label(row), seq.0));
                }
            }
            let meta = self.entry_meta(id)?;
            let named = meta
                .doc_ref
                .map(|of| journal::doc_id(row.chain.hub, &of))
                .or_else(|| {
                    let own = journal::doc_id(row.chain.hub, &EntryRef::new(&row.chain, seq));
                    meta.creates_document().then_some(own)
                });
            if named.is_some_and(|doc| doc != meta.doc) {
                report.find(format!(
                    "{}: document of entry {} differs",
                    label(row),
                    seq.0
                ));
            }
            hash = journal::link(&hash, &meta, &commitment);
            if hash != array::<32>(&columns.get::<_, Vec<u8>>(3)?)? {
                report.find(format!("{}: hash of entry {} differs", label(row), seq.0));
                return Ok(());
            }
        }
        if last != row.seq || hash != row.hash {
            report.find(format!("{}: head is not the last entry", label(row)));
        }
        Ok(())
    }

    /// What a body commits to; `None` where it is gone, since its person was erased.
    fn recommit(&self, row: &ChainRow, id: i64, seq: Seq) -> Result<Option<[u8; 32]>, StoreError> {
        if self.is_erased(self.entry_meta(id)?.doc)? {
            return match self.body_if_kept(id)? {
                Some(_) => Err(StoreError::Failed("its person was erased".to_owned())),
                None => Ok(None),
            };
        }
        let salt = self
            .salt_of(row.id, seq)?
            .ok_or_else(|| StoreError::Failed("it has no salt".to_owned()))?;
        Ok(Some(journal::commitment(&salt, &self.entry_body(id)?)))
    }

    fn check_receipt(&self, row: &ChainRow, report: &mut CheckReport) -> Result<(), StoreError> {
        let Some(bytes) = self.receipt_bytes(&row.chain)? else {
            return Ok(());
        };
        match receipt::verify(&bytes, &self.identity.receipt_key) {
            Err(refusal) => report.find(format!("{}: receipt: {refusal}", label(row))),
            Ok(receipt) => {
                let is_ahead = receipt.up_to > row.seq;
                let may_be_ahead = row.chain.origin != self.identity.node;
                let fits = receipt.chain == row.chain && (!is_ahead || may_be_ahead);
                if !fits || (!is_ahead && self.hash_at(row, receipt.up_to)? != receipt.hash) {
                    report.find(format!("{}: receipt is for another chain", label(row)));
                }
            }
        }
        Ok(())
    }
}

fn label(row: &ChainRow) -> String {
    let chain = &row.chain;
    format!(
        "chain {}.{:x}.{}",
        chain.origin.0, chain.epoch.0, chain.scope.0
    )
}
