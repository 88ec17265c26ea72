//! The read log as tables: the newest reads of each person, and how many records a reader saw.
//!
//! A record of a served registry has rows as a person has, under its token and its own key.
//! Rows of a person are sealed under her key and deleted with it; a read of somebody who was
//! erased leaves none. Counts name no person.

use jiff::Timestamp;
use node_core::read::{self, ReadNote, ReadRow, Reader};
use rusqlite::{OptionalExtension, params};
use sync_core::EntryRef;
use sync_core::journal::doc_id;

use crate::hub_store::StoreError;
use crate::name::name_bytes;
use crate::seal::{Owner, Row};
use crate::tx::Tx;
use crate::view::record::RecordKey;

const READ: &str = "SELECT owner, sealed FROM read_log WHERE person = ?1";
const WRITE: &str = "INSERT INTO read_log (person, owner, sealed) VALUES (?1, ?2, ?3)
    ON CONFLICT (person) DO UPDATE SET owner = excluded.owner, sealed = excluded.sealed";
const COUNT: &str = "INSERT OR IGNORE INTO read_count (reader, at, entry, persons, class, area)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const SUM: &str = "SELECT coalesce(sum(persons), 0) FROM read_count WHERE reader = ?1 AND at > ?2";

fn row(name: &[u8]) -> Row<'_> {
    Row {
        table: "read_log",
        name,
    }
}

/// A served record in the place of a person: longer than any name of a document.
fn record_name(token: [u8; 16]) -> Vec<u8> {
    [b"record ".as_slice(), &token].concat()
}

/// A reader as a key.
pub(super) fn reader_name(reader: &Reader) -> Result<Vec<u8>, StoreError> {
    let name = postcard::to_stdvec(reader);
    name.map_err(|error| StoreError::Failed(format!("a reader cannot be written: {error}")))
}

impl Tx<'_> {
    /// Who saw a person's data, newest first.
    pub(crate) fn reads_of(&self, person: &EntryRef) -> Result<Vec<ReadRow>, StoreError> {
        self.kept_reads(&name_bytes(person))
    }

    /// Who saw a record of a served registry, newest first.
    pub(crate) fn record_reads(&self, record: RecordKey<'_>) -> Result<Vec<ReadRow>, StoreError> {
        self.kept_reads(&record_name(self.record_token(record)))
    }

    fn kept_reads(&self, name: &[u8]) -> Result<Vec<ReadRow>, StoreError> {
        let found: Option<(i64, Vec<u8>)> = self
            .db
            .prepare_cached(READ)?
            .query_row([name], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        found.map_or_else(
            || Ok(Vec::new()),
            |(owner, sealed)| self.open_owned(owner, row(name), &sealed),
        )
    }

    /// Adds a read to the rows of one person or record.
    fn put_read(&self, name: &[u8], owner: Owner, read: ReadRow) -> Result<(), StoreError> {
        let mut kept = self.kept_reads(name)?;
        read::keep(&mut kept, read);
        let key = self.data_key(owner)?;
        let sealed = key.seal_value(row(name), &kept)?;
        self.db
            .prepare_cached(WRITE)?
            .execute(params![name, key.id, sealed])?;
        Ok(())
    }

    /// How many records a reader saw since a moment.
    pub(crate) fn reads_by(&self, reader: &Reader, since: Timestamp) -> Result<u64, StoreError> {
        let sum: i64 = self.db.prepare_cached(SUM)?.query_row(
            params![reader_name(reader)?, since.as_millisecond()],
            |row| row.get(0),
        )?;
        Ok(sum.unsigned_abs())
    }

    /// Puts a read into the rows of its persons, whether their documents are here yet or not.
    pub(crate) fn put_reads(
        &self,
        entry: &EntryRef,
        at: Timestamp,
        note: &ReadNote,
    ) -> Result<(), StoreError> {
        let persons = i64::try_from(note.count()).unwrap_or(i64::MAX);
        self.db.prepare_cached(COUNT)?.execute(params![
            reader_name(&note.reader)?,
            at.as_millisecond(),
            name_bytes(entry),
            persons,
            note.class.number(),
            entry.scope.area().0
        ])?;
        for person in &note.persons {
            let doc = doc_id(self.identity.hub, person);
            if self.is_erased(doc)? {
                continue;
            }
            let name = name_bytes(person);
            self.put_read(&name, Owner::Person(doc), note.row(*entry, at))?;
        }
        for record in &note.records {
            let record = RecordKey {
                registry: &record.registry,
                version: &record.version,
                id: &record.id,
            };
            let name = record_name(self.record_token(record));
            self.put_read(&name, self.record_owner(record), note.row(*entry, at))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::tests::check_index;

    #[test]
    fn look_ups_use_an_index() {
        for sql in [READ, SUM] {
            check_index(sql);
        }
    }
}
