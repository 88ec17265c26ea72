//! What people answered when they were asked to agree, a row a person.

use node_core::consent::ConsentRow;
use rusqlite::{OptionalExtension, params};
use sync_core::EntryRef;
use sync_core::journal::doc_id;

use crate::hub_store::StoreError;
use crate::name::name_bytes;
use crate::seal::{Owner, Row};
use crate::tx::Tx;

const READ: &str = "SELECT owner, sealed FROM consent WHERE person = ?1";
const WRITE: &str = "INSERT INTO consent (person, owner, sealed) VALUES (?1, ?2, ?3)
    ON CONFLICT (person) DO UPDATE SET sealed = excluded.sealed";

fn row(name: &[u8]) -> Row<'_> {
    Row {
        table: "consent",
        name,
    }
}

impl Tx<'_> {
    /// What a person answered; empty where nothing is known.
    pub(crate) fn consents(&self, person: &EntryRef) -> Result<ConsentRow, StoreError> {
        let name = name_bytes(person);
        let found: Option<(i64, Vec<u8>)> = self
            .db
            .prepare_cached(READ)?
            .query_row([&name], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        found.map_or_else(
            || Ok(ConsentRow::default()),
            |(owner, sealed)| self.open_owned(owner, row(&name), &sealed),
        )
    }

    /// Replaces what a person answered, whether the document is here yet or not.
    pub(crate) fn put_consents(
        &self,
        person: &EntryRef,
        kept: &ConsentRow,
    ) -> Result<(), StoreError> {
        let name = name_bytes(person);
        let key = self.data_key(Owner::Person(doc_id(self.identity.hub, person)))?;
        let sealed = key.seal_value(row(&name), kept)?;
        self.db
            .prepare_cached(WRITE)?
            .execute(params![name, key.id, sealed])?;
        Ok(())
    }
}
