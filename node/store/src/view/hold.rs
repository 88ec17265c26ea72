//! Changes of people's details that wait or waited, a row a change.
//!
//! What is changed is sealed under the person's key and goes with it. Open ones are found by an
//! index, so that a look each minute costs nothing where none waits.

use node_core::hold::HeldRow;
use rusqlite::{Params, params};
use sync_core::EntryRef;
use sync_core::journal::doc_id;

use crate::hub_store::StoreError;
use crate::name::name_bytes;
use crate::seal::{Owner, Row};
use crate::tx::Tx;

/// Most open changes that one look settles, the oldest first; the rest waits for the next look.
const SETTLED_MAX: u32 = 100;

const OF: &str = "SELECT name, owner, sealed FROM held_change WHERE person = ?1 ORDER BY name";
const OPEN: &str = "SELECT name, owner, sealed FROM held_change WHERE open = 1
    ORDER BY name LIMIT ?1";
const WRITE: &str = "INSERT INTO held_change (name, person, open, owner, sealed)
    VALUES (?1, ?2, ?3, ?4, ?5)
    ON CONFLICT (name) DO UPDATE SET open = excluded.open, sealed = excluded.sealed";

fn row(name: &[u8]) -> Row<'_> {
    Row {
        table: "held_change",
        name,
    }
}

impl Tx<'_> {
    /// Changes of a person's details.
    pub(crate) fn held_of(&self, person: &EntryRef) -> Result<Vec<HeldRow>, StoreError> {
        self.held(OF, [name_bytes(person)])
    }

    /// Changes that wait.
    pub(crate) fn held_open(&self) -> Result<Vec<HeldRow>, StoreError> {
        self.held(OPEN, [SETTLED_MAX])
    }

    fn held(&self, sql: &str, named: impl Params) -> Result<Vec<HeldRow>, StoreError> {
        let mut statement = self.db.prepare_cached(sql)?;
        let mut found = statement.query(named)?;
        let mut rows = Vec::new();
        while let Some(columns) = found.next()? {
            let name: Vec<u8> = columns.get(0)?;
            let sealed: Vec<u8> = columns.get(2)?;
            rows.push(self.open_owned(columns.get(1)?, row(&name), &sealed)?);
        }
        Ok(rows)
    }

    /// Replaces a change.
    pub(crate) fn put_held(&self, held: &HeldRow) -> Result<(), StoreError> {
        let name = name_bytes(&held.id);
        let key = self.data_key(Owner::Person(doc_id(self.identity.hub, &held.person)))?;
        let sealed = key.seal_value(row(&name), held)?;
        self.db.prepare_cached(WRITE)?.execute(params![
            name,
            name_bytes(&held.person),
            held.open().is_some(),
            key.id,
            sealed
        ])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::tests::check_index;

    #[test]
    fn changes_use_an_index() {
        for sql in [OF, OPEN] {
            check_index(sql);
        }
    }
}
