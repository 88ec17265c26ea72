//! Takes a frame: read, verified and parsed outside, compared and written in one transaction.
//!
//! The rules are those of [`crate::admission`]. What was read outside is compared under the chain's
//! lock; where it changed meanwhile, the whole function is repeated. Nothing is answered before
//! COMMIT, and the same frame twice gives the same receipt.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use deadpool_postgres::{GenericClient, Transaction};
use node_core::contact::Moment;
use node_core::fact::Fact;
use node_core::turn::Acceptance;
use sync_core::document::Document;
use sync_core::frame::{self, FrameHeader, Keys, Mark, OpenedFrame, Packing};
use sync_core::journal::{self, BlockSeed};
use sync_core::pack::Shelf;
use sync_core::receipt::{self, Receipt};
use sync_core::refusal::Refusal;
use sync_core::{ChainId, DocId, EntryRef, Epoch, Seq};

use super::PostgresStore;
use super::end::End;
use super::journal::{Added, Columns, Known, Locked, erased};
use super::keys::{data_keys, owner_name};
use crate::admission::{self, Admitted, Fresh, Gate, KnownChain, KnownOrigin, Position};
use crate::hub_store::StoreError;
use crate::keys::signing_key;
use crate::seal::Owner;
use crate::tx::Stop;

const ORIGIN: &str = "SELECT (SELECT bytes FROM certificate WHERE node = $1 AND epoch = $2),
    (SELECT value FROM setting WHERE name = 'revocations')";
const RECEIPT: &str = "SELECT up_to, bytes FROM receipt
    WHERE origin = $1 AND epoch = $2 AND scope = $3";
const GIVE: &str = "INSERT INTO receipt (origin, epoch, scope, up_to, bytes)
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (origin, epoch, scope)
    DO UPDATE SET up_to = excluded.up_to, bytes = excluded.bytes
    WHERE excluded.up_to > receipt.up_to";

/// Whether a frame may hold entries of our own life: only when a database takes a hub over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Sender {
    Outside,
    Ourselves,
}

/// What is signed about an origin, as it was read.
#[derive(PartialEq, Eq)]
struct Papers {
    certificate: Option<Vec<u8>>,
    revocations: Option<Vec<u8>>,
}

/// A frame after all checks that need no transaction.
struct Checked {
    admitted: Admitted,
    papers: Papers,
    head: Position,
    seeds: Vec<BlockSeed>,
    new: Vec<Parsed>,
}

/// A new entry and what its body says; a refusal of it counts only where its person is not erased.
struct Parsed {
    fresh: Fresh,
    said: Result<Option<Fact>, Stop>,
}

impl PostgresStore {
    /// Takes one frame, once; [`End::Repeat`] where another transaction came between.
    pub(super) async fn accept_once(
        &self,
        bytes: &Arc<[u8]>,
        (from, now): (Sender, Moment),
    ) -> Result<Acceptance, End> {
        let header = frame::header(bytes)?;
        let mut client = self.client().await?;
        let mut checked = self.verify(&client, (&header, bytes), now).await?;
        let tx = client.transaction().await?;
        let mut chain = Locked::lock(&tx, &checked.admitted.chain).await?;
        let papers = papers(&tx, &checked.admitted.chain).await?;
        if chain.head != checked.head || papers != checked.papers {
            return Err(End::Repeat);
        }
        let count = u32::try_from(checked.new.len()).unwrap_or(u32::MAX);
        if count > 0 {
            if from == Sender::Outside {
                self.gate(now).check_not_ours(&chain.chain)?;
            }
            self.write(&tx, &mut chain, &mut checked).await?;
            let last = checked
                .new
                .last()
                .map_or(0, |last| last.fresh.entry.meta.hlc);
            chain.clock.observe(last, now.at);
        }
        let clock = chain.clock.last;
        let receipt = self.give_receipt(&tx, &mut chain, now).await?;
        if count > 0 || chain.clock.last != clock {
            chain.write(&tx).await?;
        }
        tx.commit().await?;
        Ok(match count {
            0 => Acceptance::Known { receipt },
            entries => Acceptance::Accepted { entries, receipt },
        })
    }

    fn gate(&self, now: Moment) -> Gate<'_> {
        Gate {
            identity: &self.shared.identity,
            site: &self.shared.site,
            at: now.at,
        }
    }

    /// Everything that needs no lock: who may write it, signature, position, content, its facts.
    async fn verify(
        &self,
        client: &impl GenericClient,
        (header, bytes): (&FrameHeader, &Arc<[u8]>),
        now: Moment,
    ) -> Result<Checked, End> {
        let papers = papers(client, &header.chain()).await?;
        let origin = self.known_origin(&papers)?;
        let admitted = self.gate(now).admit(header, origin)?;
        let before = Seq(header.first_seq.0.saturating_sub(1));
        let known = Known::read(client, &admitted.chain, (before, header.last_seq())).await?;
        let mut chain = KnownChain {
            head: known.head,
            hash_at: |seq| known.hash_at(seq),
        };
        let base = admission::base(header, &mut chain)?;
        let opened = self.open_frame(bytes, base, self.keys(&admitted)).await?;
        let new = admission::fresh(opened, &mut chain)?;
        let mut lives = BTreeMap::new();
        let mut parsed = Vec::with_capacity(new.entries.len());
        for fresh in new.entries {
            let said = admitted.check_entry(&fresh.entry).map_err(Stop::from);
            if let Ok(Some(fact)) = &said
                && let Some(epoch) = admission::life_before(fact)
            {
                let chain = ChainId {
                    epoch,
                    ..admitted.chain
                };
                let before = self::papers(client, &chain).await?;
                lives.insert(epoch, self.known_origin(&before)?.certificate);
            }
            let said = said.and_then(|fact| begins_rightly(&admitted, &fresh, fact, &lives));
            parsed.push(Parsed { fresh, said });
        }
        Ok(Checked {
            admitted,
            papers,
            head: known.head,
            seeds: new.seeds,
            new: parsed,
        })
    }

    fn known_origin(&self, papers: &Papers) -> Result<KnownOrigin, StoreError> {
        let identity = &self.shared.identity;
        let damaged = |refusal: Refusal| StoreError::Failed(refusal.to_string());
        let certificate = papers.certificate.clone();
        let certificate =
            certificate.map(|bytes| self.shared.vault.verified(bytes, &identity.authority));
        let revocations = papers.revocations.as_deref().unwrap_or_default();
        Ok(KnownOrigin {
            certificate: certificate.transpose().map_err(damaged)?,
            revocations: crate::revocation::read(revocations, &identity.revocation_key)?,
        })
    }

    fn keys(&self, admitted: &Admitted) -> Keys {
        Keys {
            origin: admitted.certificate.key,
            receipts: Some(self.shared.identity.receipt_key),
        }
    }

    /// Opens a frame beside the loop that serves the others: it may be large, or made to hurt.
    async fn open_frame(
        &self,
        bytes: &Arc<[u8]>,
        base: Position,
        keys: Keys,
    ) -> Result<OpenedFrame, End> {
        let (bytes, sets) = (Arc::clone(bytes), Arc::clone(&self.shared.config.sets));
        let opened = tokio::task::spawn_blocking(move || {
            let packing = Packing {
                sets: &sets.iter().collect::<Vec<_>>(),
                shelf: &NoDocuments,
            };
            frame::open_packed(&bytes, base, keys, &packing)
        });
        match opened.await {
            Ok(opened) => Ok(opened?),
            Err(_ended) => Err(End::failed("opening a frame was broken off")),
        }
    }

    /// Writes what is new behind the head of a locked chain.
    async fn write(
        &self,
        tx: &Transaction<'_>,
        chain: &mut Locked,
        checked: &mut Checked,
    ) -> Result<(), End> {
        let wrapping = self.wrapping()?;
        let docs: Vec<_> = checked
            .new
            .iter()
            .map(|new| new.fresh.entry.meta.doc)
            .collect();
        let erased = erased(tx, &docs).await?;
        let seeds = self.take_seeds(tx, chain, (checked, &erased)).await?;
        let (mut salts, mut added) = (Vec::new(), Vec::new());
        for new in &mut checked.new {
            let is_erased = erased.contains(&new.fresh.entry.meta.doc);
            let commitment = new.fresh.commitment(&checked.seeds, is_erased)?;
            if let Some(salt) = commitment.salt
                && !is_erased
                && !seeds.contains(&new.block())
            {
                salts.push((new.fresh.entry.meta.seq, salt));
            }
            let owner = new.owner(self, &checked.admitted, is_erased)?;
            added.push(Added {
                entry: new.fresh.entry.clone(),
                commitment: commitment.value,
                owner: owner.map(owner_name),
            });
        }
        let owners = added.iter().filter_map(|added| added.owner.clone());
        let keys = data_keys(tx, wrapping, owners.collect()).await?;
        chain.add_salts(tx, wrapping, &salts).await?;
        chain.add(tx, &added).await?;
        chain.add_bodies(tx, &added, &keys).await
    }

    /// Stores the seeds of blocks that begin here and gives the blocks that keep one: none in which
    /// an entry of somebody erased arrives, since a seed lets a guess of its body be tried.
    async fn take_seeds(
        &self,
        tx: &Transaction<'_>,
        chain: &Locked,
        (checked, erased): (&Checked, &[DocId]),
    ) -> Result<BTreeSet<u32>, End> {
        let wrapping = self.wrapping()?;
        let blocks: Vec<_> = checked.new.iter().map(Parsed::block).collect();
        let stored = chain.seeds(tx, wrapping, &blocks).await?;
        let mut begun = Vec::new();
        for (block, seed) in &checked.seeds {
            let known = stored.get(block).copied();
            if admission::is_new_seed(known, chain.is_salted(*block, &stored), seed)? {
                begun.push((*block, *seed));
            }
        }
        let gone = checked.new.iter().filter(|new| new.is_of(erased));
        let gone: BTreeSet<u32> = gone.map(Parsed::block).collect();
        begun.retain(|(block, _)| !gone.contains(block));
        chain.add_seeds(tx, wrapping, &begun).await?;
        let mut kept: BTreeSet<u32> = begun.into_iter().map(|(block, _)| block).collect();
        for (block, seed) in stored {
            if gone.contains(&block) {
                chain.salt_block(tx, wrapping, (block, seed)).await?;
            } else {
                kept.insert(block);
            }
        }
        Ok(kept)
    }

    /// The receipt of a chain's head; the same bytes again while the head stays.
    async fn give_receipt(
        &self,
        tx: &Transaction<'_>,
        chain: &mut Locked,
        now: Moment,
    ) -> Result<Option<Vec<u8>>, End> {
        let Some(hub) = &self.shared.vault.secrets.hub else {
            return Ok(None);
        };
        let at = Columns::of(&chain.chain);
        let up_to = i64::from(chain.head.0.0);
        let read = tx.prepare_cached(RECEIPT).await?;
        let given = tx
            .query_opt(&read, &[&at.origin, &at.epoch, &at.scope])
            .await?;
        if let Some(row) = given
            && row.try_get::<_, i64>(0)? == up_to
        {
            return Ok(row.try_get(1)?);
        }
        let receipt = Receipt {
            chain: chain.chain,
            up_to: chain.head.0,
            hash: chain.head.1,
            hlc: chain.clock.tick(now.at),
        };
        let bytes = receipt::sign(&receipt, &signing_key(&hub.receipt)?);
        let give = tx.prepare_cached(GIVE).await?;
        tx.execute(&give, &[&at.origin, &at.epoch, &at.scope, &up_to, &bytes])
            .await?;
        Ok(Some(bytes))
    }
}

impl Parsed {
    fn block(&self) -> u32 {
        journal::block(self.fresh.entry.meta.seq)
    }

    /// Whether it brings a body of one of these documents.
    fn is_of(&self, erased: &[DocId]) -> bool {
        let is_gone = matches!(self.fresh.mark, Some(Mark::Gone(_)));
        !is_gone && erased.contains(&self.fresh.entry.meta.doc)
    }

    /// Whose key seals the body; none of an erased person is kept, older or newer (E2).
    fn owner(
        &mut self,
        store: &PostgresStore,
        admitted: &Admitted,
        is_erased: bool,
    ) -> Result<Option<Owner>, Stop> {
        if is_erased {
            admitted.check_writer(&self.fresh.entry)?;
            return Ok(None);
        }
        let fact = core::mem::replace(&mut self.said, Ok(None))?;
        Ok(Some(self.fresh.owner(fact.as_ref(), &store.shared.vault)))
    }
}

/// An entry that begins a life stands first and bears the word of the key before.
fn begins_rightly(
    admitted: &Admitted,
    fresh: &Fresh,
    fact: Option<Fact>,
    lives: &BTreeMap<Epoch, Option<sync_core::certificate::NodeCertificate>>,
) -> Result<Option<Fact>, Stop> {
    if let Some(fact) = &fact {
        let before = admission::life_before(fact).and_then(|epoch| lives.get(&epoch)?.as_ref());
        let head = Seq(fresh.entry.meta.seq.0.saturating_sub(1));
        admitted.check_epoch_start(head, fact, before)?;
    }
    Ok(fact)
}

async fn papers(client: &impl GenericClient, chain: &ChainId) -> Result<Papers, End> {
    let at = Columns::of(chain);
    let read = client.prepare_cached(ORIGIN).await?;
    let row = client.query_one(&read, &[&at.origin, &at.epoch]).await?;
    Ok(Papers {
        certificate: row.try_get(0)?,
        revocations: row.try_get(1)?,
    })
}

/// No document stands here yet: packed edits are asked for raw, as the frame page provides.
struct NoDocuments;

impl Shelf for NoDocuments {
    fn document(&self, _of: &EntryRef) -> Option<Document> {
        None
    }

    fn change(&self, _at: &EntryRef) -> Option<[u8; 32]> {
        None
    }

    fn entry(&self, _of: &EntryRef, _change: &[u8; 32]) -> Option<EntryRef> {
        None
    }

    fn own_last(&self, _of: &EntryRef, _seq: Seq) -> Option<[u8; 32]> {
        None
    }

    fn lease(&self) -> &[String] {
        &[]
    }
}
