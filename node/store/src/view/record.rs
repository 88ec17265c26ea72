//! Records of the registries that this hub serves.
//!
//! A record is found by a token of registry, version and id; content and id are sealed under a
//! key of its own.

use jiff::Timestamp;
use node_core::fact::Fact;
use node_core::view::RecordRow;
use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};

use crate::hub_store::StoreError;
use crate::keys::Vault;
use crate::name::cut;
use crate::seal::{Owner, Row};
use crate::tx::Tx;

/// Which record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecordKey<'a> {
    pub(crate) registry: &'a str,
    pub(crate) version: &'a str,
    pub(crate) id: &'a str,
}

#[derive(Serialize, Deserialize)]
struct SealedRecord {
    id: String,
    content: Option<String>,
    replay_key: String,
    created_ms: i64,
    modified_ms: i64,
}

const READ: &str = "SELECT owner, sealed FROM record WHERE key = ?1";
const WRITE: &str = "INSERT INTO record (key, registry, version, live, owner, sealed)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)
    ON CONFLICT (key) DO UPDATE SET live = excluded.live, sealed = excluded.sealed";
const PAGE: &str = "SELECT key, owner, sealed FROM record
    WHERE registry = ?1 AND version = ?2 AND live = 1 ORDER BY id LIMIT ?3 OFFSET ?4";
const TOTAL: &str = "SELECT count(*) FROM record WHERE registry = ?1 AND version = ?2 AND live = 1";

fn row(name: &[u8]) -> Row<'_> {
    Row {
        table: "record",
        name,
    }
}

fn parse(sealed: SealedRecord) -> Option<RecordRow> {
    let time = |ms| Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MIN);
    sealed.content.map(|content| RecordRow {
        id: sealed.id,
        content,
        replay_key: sealed.replay_key,
        created_at: time(sealed.created_ms),
        modified_at: time(sealed.modified_ms),
    })
}

/// The token of a record.
fn token(vault: &Vault, key: RecordKey<'_>) -> [u8; 16] {
    let fields = [key.registry, key.version, key.id].map(str::as_bytes);
    cut(&vault.token("record", &fields))
}

/// Whose key seals a fact that concerns no document.
pub(crate) fn fact_owner(vault: &Vault, fact: &Fact) -> Owner {
    match fact {
        Fact::RecordWritten {
            registry,
            version,
            id,
            ..
        } => Owner::Record(token(
            vault,
            RecordKey {
                registry,
                version,
                id,
            },
        )),
        _ => Owner::Site,
    }
}

impl Tx<'_> {
    pub(crate) fn record_token(&self, key: RecordKey<'_>) -> [u8; 16] {
        token(&self.vault, key)
    }

    /// Whose key seals a record, and the fact that wrote it.
    pub(crate) fn record_owner(&self, key: RecordKey<'_>) -> Owner {
        Owner::Record(self.record_token(key))
    }

    fn sealed_record(&self, token: [u8; 16]) -> Result<Option<SealedRecord>, StoreError> {
        let found: Option<(i64, Vec<u8>)> = self
            .db
            .prepare_cached(READ)?
            .query_row([token], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((owner, sealed)) = found else {
            return Ok(None);
        };
        self.open_owned(owner, row(&token), &sealed).map(Some)
    }

    /// A live record.
    pub(crate) fn record(&self, key: RecordKey<'_>) -> Result<Option<RecordRow>, StoreError> {
        Ok(self.sealed_record(self.record_token(key))?.and_then(parse))
    }

    /// Inserts, replaces or deletes a record; a deleted one leaves a tombstone.
    pub(crate) fn put_record(
        &self,
        key: RecordKey<'_>,
        content: Option<String>,
        replay_key: String,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let token = self.record_token(key);
        let modified_ms = at.as_millisecond();
        let created_ms = self
            .sealed_record(token)?
            .filter(|old| old.content.is_some())
            .map_or(modified_ms, |old| old.created_ms);
        let live = content.is_some();
        let value = SealedRecord {
            id: key.id.to_owned(),
            content,
            replay_key,
            created_ms,
            modified_ms,
        };
        let data_key = self.data_key(Owner::Record(token))?;
        let sealed = data_key.seal_value(row(&token), &value)?;
        self.db.prepare_cached(WRITE)?.execute(params![
            token,
            key.registry,
            key.version,
            live,
            data_key.id,
            sealed
        ])?;
        Ok(())
    }

    /// A page of live records in the order of their first writing, and how many there are.
    pub(crate) fn records(
        &self,
        registry: &str,
        version: &str,
        offset: u32,
        limit: u32,
    ) -> Result<(Vec<RecordRow>, u64), StoreError> {
        let total: i64 = self
            .db
            .prepare_cached(TOTAL)?
            .query_row(params![registry, version], |row| row.get(0))?;
        let mut statement = self.db.prepare_cached(PAGE)?;
        let mut found = statement.query(params![registry, version, limit, offset])?;
        let mut rows = Vec::new();
        while let Some(columns) = found.next()? {
            let token: Vec<u8> = columns.get(0)?;
            let sealed: Vec<u8> = columns.get(2)?;
            let record: SealedRecord = self.open_owned(columns.get(1)?, row(&token), &sealed)?;
            rows.extend(parse(record));
        }
        Ok((rows, total.cast_unsigned()))
    }
}
