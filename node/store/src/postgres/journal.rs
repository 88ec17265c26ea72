//! The journal on a server: the lock of a chain, its hashes, entries added as one statement.

use std::collections::BTreeMap;

use deadpool_postgres::{GenericClient, Transaction};
use sync_core::hlc::Clock;
use sync_core::journal::{self, BlockSeed};
use sync_core::{ChainId, DocId, Entry, EntryRef, Seq};
use tokio_postgres::types::ToSql;

use super::end::End;
use super::keys::{DataKeys, OwnerName, Wrapping};
use crate::admission::Position;
use crate::erase::salt_row;
use crate::hub_store::StoreError;
use crate::journal::{kind_number, quality_number, seed_row};
use crate::name::{array, name_bytes};
use crate::seal::Row;

const HEAD: &str = "SELECT seq, hash FROM chain
    WHERE hub = $1 AND origin = $2 AND epoch = $3 AND scope = $4";
const LOCK: &str = "SELECT seq, hash, clock FROM chain
    WHERE hub = $1 AND origin = $2 AND epoch = $3 AND scope = $4 FOR UPDATE";
const BEGIN: &str = "INSERT INTO chain (hub, origin, epoch, scope, seq, hash, clock)
    VALUES ($1, $2, $3, $4, 0, $5, 0) ON CONFLICT DO NOTHING";
const ADVANCE: &str = "UPDATE chain SET seq = $5, hash = $6, clock = $7
    WHERE hub = $1 AND origin = $2 AND epoch = $3 AND scope = $4";
const HASHES: &str = "SELECT seq, hash FROM entry
    WHERE origin = $1 AND epoch = $2 AND scope = $3 AND seq BETWEEN $4 AND $5";
const ENTRIES: &str = "INSERT INTO entry (origin, epoch, scope, seq, kind, quality, hlc, doc,
    doc_ref, schema, author, session, commitment, hash)
    SELECT $1, $2, $3, new.* FROM unnest($4::bigint[], $5::smallint[], $6::smallint[],
    $7::bigint[], $8::bytea[], $9::bytea[], $10::integer[], $11::bigint[], $12::bigint[],
    $13::bytea[], $14::bytea[]) AS new ON CONFLICT DO NOTHING";
const BODIES: &str = "INSERT INTO body (origin, epoch, scope, seq, kind, owner, sealed)
    SELECT $1, $2, $3, new.* FROM unnest($4::bigint[], $5::smallint[], $6::bytea[], $7::bytea[])
    AS new ON CONFLICT DO NOTHING";
const SEEDS: &str = "SELECT block, wrapped FROM seed
    WHERE origin = $1 AND epoch = $2 AND scope = $3 AND block = ANY($4)";
const ADD_SEEDS: &str = "INSERT INTO seed (origin, epoch, scope, block, wrapped)
    SELECT $1, $2, $3, new.* FROM unnest($4::bigint[], $5::bytea[]) AS new";
const ADD_SALTS: &str = "INSERT INTO salt (origin, epoch, scope, seq, wrapped)
    SELECT $1, $2, $3, new.* FROM unnest($4::bigint[], $5::bytea[]) AS new";
const DROP_SEED: &str = "DELETE FROM seed
    WHERE origin = $1 AND epoch = $2 AND scope = $3 AND block = $4";
const SALTED: &str = "SELECT seq FROM entry
    WHERE origin = $1 AND epoch = $2 AND scope = $3 AND seq BETWEEN $4 AND $5
    AND NOT EXISTS (SELECT 1 FROM erased WHERE erased.doc = entry.doc) ORDER BY seq";
const ERASED: &str = "SELECT doc FROM erased WHERE doc = ANY($1)";

/// The row of a name in associated data.
type RowOf = fn(&[u8]) -> Row<'_>;

/// A chain's number columns.
pub(super) struct Columns {
    pub(super) origin: i64,
    pub(super) epoch: i64,
    pub(super) scope: i64,
}

impl Columns {
    pub(super) fn of(chain: &ChainId) -> Self {
        Self {
            origin: i64::from(chain.origin.0),
            epoch: chain.epoch.0.cast_signed(),
            scope: i64::from(chain.scope.0),
        }
    }

    /// Those of an entry's chain.
    pub(super) fn of_entry(name: &EntryRef) -> Self {
        Self {
            origin: i64::from(name.origin.0),
            epoch: name.epoch.0.cast_signed(),
            scope: i64::from(name.scope.0),
        }
    }
}

/// A number column of an entry or block.
pub(super) fn seq(column: i64) -> Result<Seq, StoreError> {
    let number = u32::try_from(column);
    let number = number.map_err(|_range| StoreError::Failed("a stored seq".to_owned()))?;
    Ok(Seq(number))
}

/// The name of a block of seeds in associated data: that of an entry, with the block for its seq.
pub(super) fn place(chain: &ChainId, number: u32) -> [u8; crate::name::NAME_BYTES] {
    name_bytes(&EntryRef::new(chain, Seq(number)))
}

pub(super) fn body_row(name: &[u8]) -> Row<'_> {
    Row {
        table: "body",
        name,
    }
}

/// A chain as it was read: its head, and the hashes around a frame.
pub(super) struct Known {
    chain: ChainId,
    pub(super) head: Position,
    hashes: BTreeMap<Seq, [u8; 32]>,
}

impl Known {
    /// Reads a chain without its lock, with the hashes from one entry to another.
    pub(super) async fn read(
        client: &impl GenericClient,
        chain: &ChainId,
        (from, to): (Seq, Seq),
    ) -> Result<Self, End> {
        let at = Columns::of(chain);
        let head = client.prepare_cached(HEAD).await?;
        let hub = chain.hub.0.as_slice();
        let head = client
            .query_opt(&head, &[&hub, &at.origin, &at.epoch, &at.scope])
            .await?;
        let head = match head {
            Some(row) => (seq(row.try_get(0)?)?, array(row.try_get(1)?)?),
            None => (Seq(0), journal::genesis(chain)),
        };
        let hashes = if from > head.0 {
            BTreeMap::new()
        } else {
            hashes(client, chain, (from, to)).await?
        };
        Ok(Self {
            chain: *chain,
            head,
            hashes,
        })
    }

    /// The hash after an entry that was read; that of the beginning for 0.
    pub(super) fn hash_at(&self, seq: Seq) -> Result<[u8; 32], StoreError> {
        match self.hashes.get(&seq) {
            _ if seq == Seq(0) => Ok(journal::genesis(&self.chain)),
            Some(hash) => Ok(*hash),
            None => Err(StoreError::Failed("an entry is missing".to_owned())),
        }
    }
}

/// Stored hashes of a range of entries.
pub(super) async fn hashes(
    client: &impl GenericClient,
    chain: &ChainId,
    (from, to): (Seq, Seq),
) -> Result<BTreeMap<Seq, [u8; 32]>, End> {
    let at = Columns::of(chain);
    let read = client.prepare_cached(HASHES).await?;
    let (from, to) = (i64::from(from.0), i64::from(to.0));
    let rows = client
        .query(&read, &[&at.origin, &at.epoch, &at.scope, &from, &to])
        .await?;
    let mut hashes = BTreeMap::new();
    for row in rows {
        hashes.insert(seq(row.try_get(0)?)?, array(row.try_get(1)?)?);
    }
    Ok(hashes)
}

/// A chain whose row is locked until the end of the transaction.
pub(super) struct Locked {
    pub(super) chain: ChainId,
    pub(super) head: Position,
    pub(super) clock: Clock,
}

impl Locked {
    /// Locks a chain; makes its row where none is.
    pub(super) async fn lock(tx: &Transaction<'_>, chain: &ChainId) -> Result<Self, End> {
        let at = Columns::of(chain);
        let hub = chain.hub.0.as_slice();
        let lock = tx.prepare_cached(LOCK).await?;
        let mut row = tx
            .query_opt(&lock, &[&hub, &at.origin, &at.epoch, &at.scope])
            .await?;
        if row.is_none() {
            let begin = tx.prepare_cached(BEGIN).await?;
            let genesis = journal::genesis(chain);
            let genesis = genesis.as_slice();
            tx.execute(&begin, &[&hub, &at.origin, &at.epoch, &at.scope, &genesis])
                .await?;
            row = tx
                .query_opt(&lock, &[&hub, &at.origin, &at.epoch, &at.scope])
                .await?;
        }
        // Not seen where another transaction of a stricter isolation made it: it is there next time.
        let row = row.ok_or(End::Repeat)?;
        Ok(Self {
            chain: *chain,
            head: (seq(row.try_get(0)?)?, array(row.try_get(1)?)?),
            clock: Clock::new(row.try_get::<_, i64>(2)?.cast_unsigned()),
        })
    }

    /// Writes the head and the clock.
    pub(super) async fn write(&self, tx: &Transaction<'_>) -> Result<(), End> {
        let at = Columns::of(&self.chain);
        let advance = tx.prepare_cached(ADVANCE).await?;
        let (seq, hash) = (i64::from(self.head.0.0), self.head.1.as_slice());
        let (hub, clock) = (self.chain.hub.0.as_slice(), self.clock.last.cast_signed());
        let values: [&(dyn ToSql + Sync); 7] =
            [&hub, &at.origin, &at.epoch, &at.scope, &seq, &hash, &clock];
        tx.execute(&advance, &values).await?;
        Ok(())
    }

    /// Seeds of blocks, unwrapped.
    pub(super) async fn seeds(
        &self,
        tx: &Transaction<'_>,
        wrapping: Wrapping<'_>,
        blocks: &[u32],
    ) -> Result<BTreeMap<u32, [u8; 16]>, End> {
        let at = Columns::of(&self.chain);
        let read = tx.prepare_cached(SEEDS).await?;
        let blocks: Vec<i64> = blocks.iter().map(|block| i64::from(*block)).collect();
        let rows = tx
            .query(&read, &[&at.origin, &at.epoch, &at.scope, &blocks])
            .await?;
        let mut seeds = BTreeMap::new();
        for row in rows {
            let block = seq(row.try_get(0)?)?.0;
            let name = place(&self.chain, block);
            let seed = wrapping.unwrap(seed_row(&name), row.try_get(1)?)?;
            seeds.insert(block, seed);
        }
        Ok(seeds)
    }

    /// Whether a block began and has no seed: an erasure left salts alone.
    pub(super) fn is_salted(&self, block: u32, seeds: &BTreeMap<u32, [u8; 16]>) -> bool {
        let began = self.head.0.0 > 0 && journal::block(self.head.0) >= block;
        began && !seeds.contains_key(&block)
    }

    /// Stores seeds of blocks that begin here.
    pub(super) async fn add_seeds(
        &self,
        tx: &Transaction<'_>,
        wrapping: Wrapping<'_>,
        seeds: &[BlockSeed],
    ) -> Result<(), End> {
        self.add_wrapped(tx, wrapping, (ADD_SEEDS, seed_row), seeds)
            .await
    }

    /// Stores salts of entries whose block has no seed.
    pub(super) async fn add_salts(
        &self,
        tx: &Transaction<'_>,
        wrapping: Wrapping<'_>,
        salts: &[(Seq, [u8; 16])],
    ) -> Result<(), End> {
        let salts: Vec<_> = salts.iter().map(|(seq, salt)| (seq.0, *salt)).collect();
        self.add_wrapped(tx, wrapping, (ADD_SALTS, salt_row), &salts)
            .await
    }

    /// Replaces the seed of a block by the salts of its entries of which nobody is erased.
    pub(super) async fn salt_block(
        &self,
        tx: &Transaction<'_>,
        wrapping: Wrapping<'_>,
        (block, seed): (u32, [u8; 16]),
    ) -> Result<(), End> {
        let at = Columns::of(&self.chain);
        let block = i64::from(block);
        let first = block.saturating_mul(i64::from(journal::BLOCK_ENTRIES));
        let last = first.saturating_add(i64::from(journal::BLOCK_ENTRIES).saturating_sub(1));
        let read = tx.prepare_cached(SALTED).await?;
        let rows = tx
            .query(&read, &[&at.origin, &at.epoch, &at.scope, &first, &last])
            .await?;
        let mut salts = Vec::new();
        for row in rows {
            let seq = seq(row.try_get(0)?)?;
            salts.push((seq, journal::salt(&seed, seq)));
        }
        self.add_salts(tx, wrapping, &salts).await?;
        let drop = tx.prepare_cached(DROP_SEED).await?;
        tx.execute(&drop, &[&at.origin, &at.epoch, &at.scope, &block])
            .await?;
        Ok(())
    }

    async fn add_wrapped(
        &self,
        tx: &Transaction<'_>,
        wrapping: Wrapping<'_>,
        (sql, row): (&str, RowOf),
        values: &[(u32, [u8; 16])],
    ) -> Result<(), End> {
        if values.is_empty() {
            return Ok(());
        }
        let at = Columns::of(&self.chain);
        let (mut numbers, mut wrapped) = (Vec::new(), Vec::new());
        for (number, plain) in values {
            numbers.push(i64::from(*number));
            wrapped.push(wrapping.wrap(row(&place(&self.chain, *number)), plain)?);
        }
        let add = tx.prepare_cached(sql).await?;
        let values: [&(dyn ToSql + Sync); 5] =
            [&at.origin, &at.epoch, &at.scope, &numbers, &wrapped];
        tx.execute(&add, &values).await?;
        Ok(())
    }

    /// Adds entries behind the head as one statement and moves it. Where one stands there already,
    /// which the lock should exclude, its hash is compared.
    pub(super) async fn add(&mut self, tx: &Transaction<'_>, new: &[Added]) -> Result<(), End> {
        let (mut rows, first) = (Rows::default(), Seq(self.head.0.0.saturating_add(1)));
        for added in new {
            let hash = journal::link(&self.head.1, &added.entry.meta, &added.commitment);
            rows.push(added, hash);
            self.head = (added.entry.meta.seq, hash);
        }
        let at = Columns::of(&self.chain);
        let written = rows.insert(tx, &at).await?;
        if usize::try_from(written).ok() != Some(new.len()) {
            let stored = hashes(tx, &self.chain, (first, self.head.0)).await?;
            if !rows.equal(&stored) {
                return Err(End::failed("an entry differs from the one stored before"));
            }
        }
        Ok(())
    }

    /// Seals and adds the bodies of entries just added.
    pub(super) async fn add_bodies(
        &self,
        tx: &Transaction<'_>,
        new: &[Added],
        keys: &DataKeys,
    ) -> Result<(), End> {
        let (mut seqs, mut kinds) = (Vec::new(), Vec::new());
        let (mut owners, mut sealed) = (Vec::new(), Vec::new());
        for added in new {
            let Some(owner) = &added.owner else { continue };
            let seq = added.entry.meta.seq;
            let name = place(&self.chain, seq.0);
            seqs.push(i64::from(seq.0));
            kinds.push(owner.0);
            owners.push(owner.1.as_slice());
            sealed.push(keys.of(owner)?.seal(body_row(&name), &added.entry.body)?);
        }
        let at = Columns::of(&self.chain);
        let add = tx.prepare_cached(BODIES).await?;
        let values: [&(dyn ToSql + Sync); 7] = [
            &at.origin, &at.epoch, &at.scope, &seqs, &kinds, &owners, &sealed,
        ];
        tx.execute(&add, &values).await?;
        Ok(())
    }
}

/// An entry to add.
pub(super) struct Added {
    pub(super) entry: Entry,
    pub(super) commitment: [u8; 32],
    /// Whose key seals its body; none where no body is kept.
    pub(super) owner: Option<OwnerName>,
}

/// Columns of entries.
#[derive(Default)]
struct Rows {
    seqs: Vec<i64>,
    kinds: Vec<i16>,
    qualities: Vec<i16>,
    clocks: Vec<i64>,
    docs: Vec<Vec<u8>>,
    doc_refs: Vec<Option<Vec<u8>>>,
    schemas: Vec<i32>,
    authors: Vec<i64>,
    sessions: Vec<i64>,
    commitments: Vec<Vec<u8>>,
    hashes: Vec<Vec<u8>>,
}

impl Rows {
    fn push(&mut self, added: &Added, hash: [u8; 32]) {
        let meta = &added.entry.meta;
        self.seqs.push(i64::from(meta.seq.0));
        self.kinds.push(i16::from(kind_number(meta.kind)));
        self.qualities.push(i16::from(quality_number(meta.quality)));
        self.clocks.push(meta.hlc.cast_signed());
        self.docs.push(meta.doc.0.to_vec());
        let doc_ref = meta.doc_ref.as_ref();
        self.doc_refs
            .push(doc_ref.map(|of| name_bytes(of).to_vec()));
        self.schemas.push(i32::from(meta.schema));
        self.authors.push(i64::from(meta.author));
        self.sessions.push(i64::from(meta.session));
        self.commitments.push(added.commitment.to_vec());
        self.hashes.push(hash.to_vec());
    }

    async fn insert(&self, tx: &Transaction<'_>, at: &Columns) -> Result<u64, End> {
        let insert = tx.prepare_cached(ENTRIES).await?;
        let values: [&(dyn ToSql + Sync); 14] = [
            &at.origin,
            &at.epoch,
            &at.scope,
            &self.seqs,
            &self.kinds,
            &self.qualities,
            &self.clocks,
            &self.docs,
            &self.doc_refs,
            &self.schemas,
            &self.authors,
            &self.sessions,
            &self.commitments,
            &self.hashes,
        ];
        Ok(tx.execute(&insert, &values).await?)
    }

    fn equal(&self, stored: &BTreeMap<Seq, [u8; 32]>) -> bool {
        stored.len() == self.hashes.len()
            && stored
                .values()
                .zip(&self.hashes)
                .all(|(a, b)| a.as_slice() == b.as_slice())
    }
}

/// Which of these documents are erased.
pub(super) async fn erased(tx: &Transaction<'_>, docs: &[DocId]) -> Result<Vec<DocId>, End> {
    let docs: Vec<&[u8]> = docs.iter().map(|doc| doc.0.as_slice()).collect();
    let read = tx.prepare_cached(ERASED).await?;
    let mut found = Vec::new();
    for row in tx.query(&read, &[&docs]).await? {
        found.push(DocId(array(row.try_get(0)?)?));
    }
    Ok(found)
}
