//! The journal: chains of entries without gaps, appended here or taken from frames, and verified.
//!
//! Entry heads are plain columns, bodies are sealed under the data key of the document that they
//! concern, block seeds are wrapped. No statement here updates or deletes an entry.

use rusqlite::{OptionalExtension, params};
use sync_core::hlc::Clock;
use sync_core::journal;
use sync_core::{
    ChainId, ClockQuality, DocId, Entry, EntryKind, EntryMeta, EntryRef, Epoch, NodeId, Scope, Seq,
};

use crate::hub_store::StoreError;
use crate::keys::random;
use crate::name::{array, name_bytes, parse_name, row_name};
use crate::seal::{DataKey, Owner, Row};
use crate::tx::Tx;

/// A chain as its row says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct ChainRow {
    pub(crate) id: i64,
    pub(crate) chain: ChainId,
    /// Last sequence number, 0 for none.
    pub(crate) seq: Seq,
    /// Chain hash there.
    pub(crate) hash: [u8; 32],
}

/// What an entry to append is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Concern {
    /// No document.
    Nothing,
    /// The document that it creates.
    NewDocument,
    /// A document that exists, here or elsewhere.
    Document(EntryRef),
}

/// An entry to append to our own chain of a scope.
#[derive(Clone, Debug)]
pub(crate) struct NewEntry {
    /// With lane.
    pub(crate) scope: Scope,
    pub(crate) kind: EntryKind,
    pub(crate) concern: Concern,
    pub(crate) schema: u16,
    pub(crate) author: u32,
    /// First entry of the session in this chain, if this is not it.
    pub(crate) session_start: Option<Seq>,
    pub(crate) body: Vec<u8>,
    /// Whose key seals the body where it concerns no document.
    pub(crate) owner: Owner,
}

/// An entry that was just stored.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    /// Arrival number.
    pub(crate) id: i64,
    pub(crate) name: EntryRef,
    pub(crate) meta: EntryMeta,
}

/// Number, last sequence number, hash.
type ChainColumns = (i64, u32, Vec<u8>);

const CHAIN_READ: &str =
    "SELECT id, seq, hash FROM chain WHERE origin = ?1 AND epoch = ?2 AND scope = ?3";
const CHAIN_BY_ID: &str = "SELECT origin, epoch, scope, seq, hash FROM chain WHERE id = ?1";
const CHAIN_INSERT: &str =
    "INSERT INTO chain (origin, epoch, scope, seq, hash) VALUES (?1, ?2, ?3, 0, ?4)";
const CHAIN_ADVANCE: &str = "UPDATE chain SET seq = ?2, hash = ?3 WHERE id = ?1";
const CHAINS: &str = "SELECT id FROM chain ORDER BY origin, epoch, scope";
const ENTRY_INSERT: &str = "INSERT INTO entry
    (chain, seq, kind, quality, hlc, doc, doc_ref, schema, author, session, commitment, hash)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
const ENTRY_ID: &str = "SELECT entry.id FROM entry JOIN chain ON chain.id = entry.chain
    WHERE origin = ?1 AND epoch = ?2 AND scope = ?3 AND entry.seq = ?4";
const ENTRY_NAME: &str = "SELECT origin, epoch, scope, entry.seq FROM entry
    JOIN chain ON chain.id = entry.chain WHERE entry.id = ?1";
const ENTRY_HASH: &str = "SELECT hash FROM entry WHERE chain = ?1 AND seq = ?2";
const ENTRY_META: &str = "SELECT seq, kind, quality, hlc, doc, doc_ref, schema, author, session
    FROM entry WHERE id = ?1";
const BODY_INSERT: &str = "INSERT INTO body (entry, owner, sealed) VALUES (?1, ?2, ?3)";
const BODY_READ: &str = "SELECT owner, sealed FROM body WHERE entry = ?1";
const SEED_READ: &str = "SELECT wrapped FROM seed WHERE chain = ?1 AND block = ?2";
const SEED_INSERT: &str = "INSERT INTO seed (chain, block, wrapped) VALUES (?1, ?2, ?3)";
const CLOCK: &str = "hlc";

impl Tx<'_> {
    /// Our chain of a scope in our current life.
    pub(crate) fn own_chain(&self, scope: Scope) -> ChainId {
        ChainId {
            hub: self.identity.hub,
            origin: self.identity.node,
            epoch: self.identity.epoch,
            scope,
        }
    }

    /// A chain's row, if any entry of it is here.
    pub(crate) fn chain(&self, chain: &ChainId) -> Result<Option<ChainRow>, StoreError> {
        let found: Option<ChainColumns> = self
            .db
            .prepare_cached(CHAIN_READ)?
            .query_row(
                params![chain.origin.0, chain.epoch.0.cast_signed(), chain.scope.0],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .optional()?;
        found
            .map(|(id, seq, hash)| {
                Ok(ChainRow {
                    id,
                    chain: *chain,
                    seq: Seq(seq),
                    hash: array(&hash)?,
                })
            })
            .transpose()
    }

    /// A chain's row by its number.
    pub(crate) fn chain_by_id(&self, id: i64) -> Result<ChainRow, StoreError> {
        let (origin, epoch, scope, seq, hash): (u32, i64, u32, u32, Vec<u8>) = self
            .db
            .prepare_cached(CHAIN_BY_ID)?
            .query_row([id], |row| {
                Ok((
                    row.get(0)?,
                    row.get(1)?,
                    row.get(2)?,
                    row.get(3)?,
                    row.get(4)?,
                ))
            })?;
        let chain = ChainId {
            hub: self.identity.hub,
            origin: NodeId(origin),
            epoch: Epoch(epoch.cast_unsigned()),
            scope: Scope(scope),
        };
        Ok(ChainRow {
            id,
            chain,
            seq: Seq(seq),
            hash: array(&hash)?,
        })
    }

    /// All chains, in key order.
    pub(crate) fn chains(&self) -> Result<Vec<ChainRow>, StoreError> {
        let ids: Vec<i64> = self
            .db
            .prepare_cached(CHAINS)?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        ids.into_iter().map(|id| self.chain_by_id(id)).collect()
    }

    /// A chain's row, made where it is missing.
    pub(crate) fn chain_or_new(&self, chain: &ChainId) -> Result<ChainRow, StoreError> {
        if let Some(row) = self.chain(chain)? {
            return Ok(row);
        }
        let hash = journal::genesis(chain);
        self.db.prepare_cached(CHAIN_INSERT)?.execute(params![
            chain.origin.0,
            chain.epoch.0.cast_signed(),
            chain.scope.0,
            hash
        ])?;
        Ok(ChainRow {
            id: self.db.last_insert_rowid(),
            chain: *chain,
            seq: Seq(0),
            hash,
        })
    }

    /// The next number of our hybrid clock, persisted.
    pub(crate) fn tick(&self) -> Result<u64, StoreError> {
        let mut clock = Clock::new(self.counter(CLOCK)?);
        let hlc = clock.tick(self.now.at);
        self.put_setting(CLOCK, &clock.last)?;
        Ok(hlc)
    }

    /// Takes notice of a peer's clock.
    pub(crate) fn observe(&self, hlc: u64) -> Result<(), StoreError> {
        let mut clock = Clock::new(self.counter(CLOCK)?);
        clock.observe(hlc, self.now.at);
        self.put_setting(CLOCK, &clock.last)
    }

    /// Appends an entry to our own chain.
    pub(crate) fn append(&self, new: NewEntry) -> Result<Stored, StoreError> {
        let mut chain = self.chain_or_new(&self.own_chain(new.scope))?;
        let seq = Seq(chain.seq.0.checked_add(1).ok_or_else(|| {
            StoreError::Failed("a chain is full; a new life must begin".to_owned())
        })?);
        let name = EntryRef::new(&chain.chain, seq);
        let (doc, doc_ref) = match new.concern {
            Concern::Nothing => (DocId::NONE, None),
            Concern::NewDocument => (journal::doc_id(self.identity.hub, &name), None),
            Concern::Document(of) => (journal::doc_id(self.identity.hub, &of), Some(of)),
        };
        let meta = EntryMeta {
            seq,
            kind: new.kind,
            quality: self.now.quality,
            hlc: self.tick()?,
            doc,
            doc_ref,
            schema: new.schema,
            author: new.author,
            session: new
                .session_start
                .map_or(0, |start| seq.0.saturating_sub(start.0)),
        };
        let salt = self.salt_for_append(&chain, seq)?;
        let entry = Entry {
            meta,
            body: new.body,
        };
        let commitment = journal::commitment(&salt, &entry.body);
        let owner = Owner::of_body(doc, || new.owner);
        self.store_entry(&mut chain, &entry, commitment, owner)
    }

    /// Stores the entry behind a chain's head and moves the head; no body of an erased person.
    pub(crate) fn store_entry(
        &self,
        chain: &mut ChainRow,
        entry: &Entry,
        commitment: [u8; 32],
        owner: Owner,
    ) -> Result<Stored, StoreError> {
        let meta = &entry.meta;
        let hash = journal::link(&chain.hash, meta, &commitment);
        self.db.prepare_cached(ENTRY_INSERT)?.execute(params![
            chain.id,
            meta.seq.0,
            kind_number(meta.kind),
            quality_number(meta.quality),
            meta.hlc.cast_signed(),
            meta.doc.0,
            meta.doc_ref.as_ref().map(name_bytes),
            meta.schema,
            meta.author,
            meta.session,
            commitment,
            hash
        ])?;
        let id = self.db.last_insert_rowid();
        if !self.is_erased(meta.doc)? {
            self.store_body(id, &entry.body, owner)?;
        }
        self.db
            .prepare_cached(CHAIN_ADVANCE)?
            .execute(params![chain.id, meta.seq.0, hash])?;
        chain.seq = meta.seq;
        chain.hash = hash;
        Ok(Stored {
            id,
            name: EntryRef::new(&chain.chain, meta.seq),
            meta: meta.clone(),
        })
    }

    fn store_body(&self, id: i64, body: &[u8], owner: Owner) -> Result<(), StoreError> {
        let key = self.data_key(owner)?;
        let place = Row {
            table: "body",
            name: &row_name(id),
        };
        let sealed = key.seal(place, body)?;
        self.db
            .prepare_cached(BODY_INSERT)?
            .execute(params![id, key.id, sealed])?;
        Ok(())
    }

    fn salt_for_append(&self, chain: &ChainRow, seq: Seq) -> Result<[u8; 16], StoreError> {
        let block = journal::block(seq);
        if self.is_salted(chain, block)? {
            return self.new_salt(chain.id, seq);
        }
        let seed = self.seed_for_append(chain, block)?;
        Ok(journal::salt(&seed, seq))
    }

    fn seed_for_append(&self, chain: &ChainRow, block: u32) -> Result<[u8; 16], StoreError> {
        if let Some(seed) = self.seed(chain.id, block)? {
            return Ok(seed);
        }
        let ChainId {
            origin,
            epoch,
            scope,
            ..
        } = chain.chain;
        let seed = match self.vault.sms_root(origin, epoch) {
            Some(root) if !self.config.is_hub => journal::derive_seed(root, epoch, scope, block),
            _ => random()?,
        };
        self.put_seed(chain.id, block, &seed)?;
        Ok(seed)
    }

    /// Stores the seed of a block, wrapped.
    pub(crate) fn put_seed(
        &self,
        chain: i64,
        block: u32,
        seed: &[u8; 16],
    ) -> Result<(), StoreError> {
        let name = seed_name(chain, block);
        let wrapped = self.wrap(seed_row(&name), seed)?;
        self.db
            .prepare_cached(SEED_INSERT)?
            .execute(params![chain, block, wrapped])?;
        Ok(())
    }

    /// The seed of a block.
    pub(crate) fn seed(&self, chain: i64, block: u32) -> Result<Option<[u8; 16]>, StoreError> {
        let wrapped: Option<Vec<u8>> = self
            .db
            .prepare_cached(SEED_READ)?
            .query_row(params![chain, block], |row| row.get(0))
            .optional()?;
        let Some(wrapped) = wrapped else {
            return Ok(None);
        };
        let name = seed_name(chain, block);
        let plain = self.unwrap(seed_row(&name), &wrapped)?;
        array(&plain).map(Some)
    }

    /// Arrival number of an entry, if it is here.
    pub(crate) fn entry_id(&self, name: &EntryRef) -> Result<Option<i64>, StoreError> {
        Ok(self
            .db
            .prepare_cached(ENTRY_ID)?
            .query_row(
                params![
                    name.origin.0,
                    name.epoch.0.cast_signed(),
                    name.scope.0,
                    name.seq.0
                ],
                |row| row.get(0),
            )
            .optional()?)
    }

    /// The name of an entry by its arrival number.
    pub(crate) fn entry_name(&self, id: i64) -> Result<EntryRef, StoreError> {
        Ok(self.db.prepare_cached(ENTRY_NAME)?.query_row([id], |row| {
            Ok(EntryRef {
                origin: NodeId(row.get(0)?),
                epoch: Epoch(row.get::<_, i64>(1)?.cast_unsigned()),
                scope: Scope(row.get(2)?),
                seq: Seq(row.get(3)?),
            })
        })?)
    }

    /// Chain hash after an entry; the genesis hash for 0.
    pub(crate) fn hash_at(&self, chain: &ChainRow, seq: Seq) -> Result<[u8; 32], StoreError> {
        if seq == Seq(0) {
            return Ok(journal::genesis(&chain.chain));
        }
        let hash: Vec<u8> = self
            .db
            .prepare_cached(ENTRY_HASH)?
            .query_row(params![chain.id, seq.0], |row| row.get(0))?;
        array(&hash)
    }

    /// The head of an entry.
    pub(crate) fn entry_meta(&self, id: i64) -> Result<EntryMeta, StoreError> {
        let mut statement = self.db.prepare_cached(ENTRY_META)?;
        let mut rows = statement.query([id])?;
        let row = rows
            .next()?
            .ok_or_else(|| StoreError::Failed("entry is missing".to_owned()))?;
        let doc_ref: Option<Vec<u8>> = row.get(5)?;
        Ok(EntryMeta {
            seq: Seq(row.get(0)?),
            kind: parse_kind(row.get(1)?)?,
            quality: parse_quality(row.get(2)?)?,
            hlc: row.get::<_, i64>(3)?.cast_unsigned(),
            doc: DocId(array(&row.get::<_, Vec<u8>>(4)?)?),
            doc_ref: doc_ref.map(|bytes| parse_name(&bytes)).transpose()?,
            schema: row.get(6)?,
            author: row.get(7)?,
            session: row.get(8)?,
        })
    }

    /// The body of an entry, opened.
    pub(crate) fn entry_body(&self, id: i64) -> Result<Vec<u8>, StoreError> {
        self.body_if_kept(id)?
            .ok_or_else(|| StoreError::Failed("a body is not here".to_owned()))
    }

    /// The body of an entry, opened; `None` where it is not here, as after an erasure.
    pub(crate) fn body_if_kept(&self, id: i64) -> Result<Option<Vec<u8>>, StoreError> {
        let found: Option<(i64, Vec<u8>)> = self
            .db
            .prepare_cached(BODY_READ)?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((owner, sealed)) = found else {
            return Ok(None);
        };
        let key: DataKey = self.data_key_by_id(owner)?;
        let name = row_name(id);
        let place = Row {
            table: "body",
            name: &name,
        };
        key.open(place, &sealed).map(Some)
    }

    /// Arrival number of an entry of a chain by its number.
    pub(crate) fn entry_id_in(&self, chain: i64, seq: Seq) -> Result<i64, StoreError> {
        const SQL: &str = "SELECT id FROM entry WHERE chain = ?1 AND seq = ?2";
        Ok(self
            .db
            .prepare_cached(SQL)?
            .query_row(params![chain, seq.0], |row| row.get(0))?)
    }
}

pub(crate) fn seed_row(name: &[u8]) -> Row<'_> {
    Row {
        table: "seed",
        name,
    }
}

pub(crate) fn seed_name(chain: i64, block: u32) -> [u8; 12] {
    let mut name = [0; 12];
    for (to, from) in name
        .iter_mut()
        .zip(chain.to_be_bytes().into_iter().chain(block.to_be_bytes()))
    {
        *to = from;
    }
    name
}

pub(crate) fn kind_number(kind: EntryKind) -> u8 {
    match kind {
        EntryKind::Change => 0,
        EntryKind::Fact => 1,
    }
}

pub(crate) fn parse_kind(number: u8) -> Result<EntryKind, StoreError> {
    [EntryKind::Change, EntryKind::Fact]
        .into_iter()
        .find(|kind| kind_number(*kind) == number)
        .ok_or_else(|| StoreError::Failed("entry has an unknown kind".to_owned()))
}

pub(crate) fn quality_number(quality: ClockQuality) -> u8 {
    match quality {
        ClockQuality::Ntp => 0,
        ClockQuality::Nitz => 1,
        ClockQuality::Rtc => 2,
        ClockQuality::Fake => 3,
        ClockQuality::Unknown => 4,
    }
}

pub(crate) fn parse_quality(number: u8) -> Result<ClockQuality, StoreError> {
    [
        ClockQuality::Ntp,
        ClockQuality::Nitz,
        ClockQuality::Rtc,
        ClockQuality::Fake,
        ClockQuality::Unknown,
    ]
    .into_iter()
    .find(|quality| quality_number(*quality) == number)
    .ok_or_else(|| StoreError::Failed("entry has an unknown clock quality".to_owned()))
}
