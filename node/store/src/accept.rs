//! Takes frames of other origins, in the order of checks of docs/protocols/frames.md.
//!
//! Lengths, version and form, then certificate, epoch, scope and lane; then signature, position
//! and content in `sync-core`; then schema and right per entry; then everything is written, with
//! all that follows from it. A refusal at any step leaves no row changed. The checks themselves are
//! those of [`crate::admission`]; here stands what is read for them and what is written after.

use node_core::turn::Acceptance;
use sync_core::certificate::{NodeCertificate, NodeKind};
use sync_core::frame::{self, FrameHeader, OpenedFrame};
use sync_core::journal::{self, BlockSeed};
use sync_core::{Epoch, Seq};

use crate::admission::{self, Admitted, Fresh, Gate, KnownChain, KnownOrigin};
use crate::engine::{Happened, HappenedBody};
use crate::epoch::failed;
use crate::hub_store::StoreError;
use crate::journal::ChainRow;
use crate::relay::{Arrived, bodied};
use crate::seal::Owner;
use crate::tx::{Stop, Tx};

/// What a frame that was not taken is answered; an error of the store stays one.
pub(crate) fn answered(stop: Stop) -> Result<Acceptance, StoreError> {
    match stop {
        Stop::Refused(refusal) => {
            tracing::warn!(
                sync.refusal = refusal.code.word(),
                sync.reason = refusal.reason,
                "refused a frame"
            );
            Ok(Acceptance::Refused {
                code: refusal.code.number(),
                reason: refusal.reason,
            })
        }
        other => Err(failed(other)),
    }
}

impl Tx<'_> {
    /// Takes one frame.
    pub(crate) fn accept(&self, bytes: &[u8]) -> Result<Acceptance, StoreError> {
        self.attempt(|| self.accept_frame(bytes)).or_else(answered)
    }

    fn accept_frame(&self, bytes: &[u8]) -> Result<Acceptance, Stop> {
        let header = frame::header(bytes)?;
        let site = self.site();
        let gate = Gate {
            identity: &self.identity,
            site: &site,
            at: self.now.at,
        };
        let admitted = gate.admit(&header, self.known_origin(&header)?)?;
        let row = self.chain(&admitted.chain)?;
        let genesis = || (Seq(0), journal::genesis(&admitted.chain));
        let mut known = KnownChain {
            head: row.map_or_else(genesis, |row| (row.seq, row.hash)),
            hash_at: |seq| row.map_or_else(|| Ok(genesis().1), |row| self.hash_at(&row, seq)),
        };
        let base = admission::base(&header, &mut known)?;
        let opened = self.open_frame(bytes, base, (&admitted.chain, &admitted.certificate.key))?;
        let arrived = Arrived {
            header: &header,
            bytes,
            of_hub: admitted.certificate.kind == NodeKind::Hub || header.is_reexpressed(),
        };
        let told = bodied(&opened);
        self.check_receipted(row.as_ref(), &opened)?;
        let new = admission::fresh(opened, &mut known)?;
        let Some(last) = new.entries.last() else {
            if let Some(row) = &row {
                self.keep_frame(arrived, row, &told)?;
            }
            let receipt = row.map(|row| self.give_receipt(&row)).transpose()?;
            return Ok(Acceptance::Known {
                receipt: receipt.flatten(),
            });
        };
        gate.check_not_ours(&admitted.chain)?;
        self.check_relay_room(arrived, row.as_ref())?;
        self.observe(last.entry.meta.hlc)?;
        let mut row = self.chain_or_new(&admitted.chain)?;
        self.take_seeds(&row, &new.seeds)?;
        for entry in &new.entries {
            self.take_entry(&mut row, entry, &admitted, (&header, &new.seeds))?;
        }
        self.keep_frame(arrived, &row, &told)?;
        Ok(Acceptance::Accepted {
            entries: u32::try_from(new.entries.len()).unwrap_or(u32::MAX),
            receipt: self.give_receipt(&row)?,
        })
    }

    /// A receipt that came before the entries, by another road, names the chain that the hub holds.
    fn check_receipted(&self, row: Option<&ChainRow>, opened: &OpenedFrame) -> Result<(), Stop> {
        let Some(row) = row else {
            return Ok(());
        };
        let arrived = opened.entries.iter();
        let named = arrived.map(|(entry, hash)| (entry.meta.seq, *hash));
        if self.contradicts_receipt(row, named)? {
            return Err(admission::forked(&opened.header, opened.header.last_seq()).into());
        }
        Ok(())
    }

    fn known_origin(&self, header: &FrameHeader) -> Result<KnownOrigin, StoreError> {
        Ok(KnownOrigin {
            certificate: self.certificate_for(header, header.epoch)?,
            revocations: self.revocations()?,
        })
    }

    /// The certificate of a frame's origin in one of its lives. Of others a node takes only what its
    /// hub passes on: of those who never met it, it knows what the hub shared.
    fn certificate_for(
        &self,
        header: &FrameHeader,
        epoch: Epoch,
    ) -> Result<Option<NodeCertificate>, StoreError> {
        if header.is_reexpressed() {
            self.issuer(header.origin, epoch)
        } else {
            self.certificate_of(header.origin, epoch)
        }
    }

    fn take_seeds(&self, row: &ChainRow, seeds: &[BlockSeed]) -> Result<(), Stop> {
        for (block, seed) in seeds {
            let known = self.seed(row.id, *block)?;
            let is_salted = known.is_none() && self.is_salted(row, *block)?;
            if admission::is_new_seed(known, is_salted, seed)? {
                self.put_seed(row.id, *block, seed)?;
            }
        }
        Ok(())
    }

    /// What an entry commits to; a salt that no seed gives is kept.
    fn commit(
        &self,
        row: &ChainRow,
        fresh: &Fresh,
        (seeds, is_erased): (&[BlockSeed], bool),
    ) -> Result<[u8; 32], Stop> {
        let commitment = fresh.commitment(seeds, is_erased)?;
        let Some(salt) = commitment.salt else {
            return Ok(commitment.value);
        };
        let seq = fresh.entry.meta.seq;
        let block = journal::block(seq);
        if is_erased {
            self.salt_block(row.id, block)?;
        } else if self.seed(row.id, block)?.is_none() {
            self.put_salt(row.id, seq, &salt)?;
        }
        Ok(commitment.value)
    }

    fn take_entry(
        &self,
        row: &mut ChainRow,
        fresh: &Fresh,
        admitted: &Admitted,
        (header, seeds): (&FrameHeader, &[BlockSeed]),
    ) -> Result<(), Stop> {
        let entry = &fresh.entry;
        let is_erased = self.is_erased(entry.meta.doc)?;
        let commitment = self.commit(row, fresh, (seeds, is_erased))?;
        if is_erased {
            // Whatever it says, older or newer, nothing of it is kept or follows from it (E2).
            admitted.check_writer(entry)?;
            let stored = self.store_entry(row, entry, commitment, Owner::Site)?;
            return Ok(self.plan_removal_of_arrived(&stored)?);
        }
        let fact = admitted.check_entry(entry)?;
        if let Some(fact) = &fact {
            let before = match admission::life_before(fact) {
                Some(epoch) => self.certificate_for(header, epoch)?,
                None => None,
            };
            admitted.check_epoch_start(row.seq, fact, before.as_ref())?;
        }
        let owner = fresh.owner(fact.as_ref(), &self.vault);
        let stored = self.store_entry(row, entry, commitment, owner)?;
        let happened = match fact {
            Some(fact) => {
                let about = stored.meta.doc_ref;
                vec![Happened {
                    stored,
                    body: HappenedBody::Fact(fact),
                    about,
                }]
            }
            None => self.apply_change(stored, &entry.body)?,
        };
        let mut messages = Vec::new();
        self.settle(happened.into(), &mut messages)?;
        if row.chain.origin == self.identity.node {
            // What a board lost and is given back it has told people of before, perhaps.
            return Ok(());
        }
        for message in &messages {
            self.queue_message(message)?;
        }
        Ok(())
    }
}
