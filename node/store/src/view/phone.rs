//! What is known of a number: whose it may be, its language, whether texts are stopped.
//!
//! The number itself is nowhere in this table; its row is found by token.

use node_core::view::PhoneRow;
use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};
use sync_core::EntryRef;

use crate::hub_store::StoreError;
use crate::seal::{Owner, Row};
use crate::tx::Tx;

#[derive(Serialize, Deserialize)]
struct SealedPhone {
    persons: Vec<(EntryRef, bool)>,
    asked: bool,
    language: Option<String>,
    stopped: bool,
    stops: Vec<EntryRef>,
    undone: Vec<EntryRef>,
}

const READ: &str = "SELECT owner, sealed FROM phone WHERE token = ?1";
const WRITE: &str = "INSERT INTO phone (token, owner, sealed) VALUES (?1, ?2, ?3)
    ON CONFLICT (token) DO UPDATE SET owner = excluded.owner, sealed = excluded.sealed";

fn row(name: &[u8]) -> Row<'_> {
    Row {
        table: "phone",
        name,
    }
}

impl Tx<'_> {
    /// What is known of a number, E.164 with `+`; empty when nothing is.
    pub(crate) fn phone(&self, phone: &str) -> Result<PhoneRow, StoreError> {
        self.phone_by_token(&self.exact_token("phone-row", &[phone.as_bytes()]))
    }

    /// What is known of the number behind a token.
    pub(crate) fn phone_by_token(&self, token: &[u8]) -> Result<PhoneRow, StoreError> {
        let found: Option<(i64, Vec<u8>)> = self
            .db
            .prepare_cached(READ)?
            .query_row([token], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((owner, sealed)) = found else {
            return Ok(PhoneRow::default());
        };
        let sealed: SealedPhone = self.open_owned(owner, row(token), &sealed)?;
        Ok(PhoneRow {
            persons: sealed.persons,
            asked: sealed.asked,
            language: sealed.language,
            stopped: sealed.stopped,
            stops: sealed.stops,
            undone: sealed.undone,
        })
    }

    /// Replaces what is known of a number.
    pub(crate) fn put_phone(&self, phone: &str, known: PhoneRow) -> Result<(), StoreError> {
        self.put_phone_by_token(&self.exact_token("phone-row", &[phone.as_bytes()]), known)
    }

    /// Replaces what is known of the number behind a token.
    pub(crate) fn put_phone_by_token(
        &self,
        token: &[u8],
        known: PhoneRow,
    ) -> Result<(), StoreError> {
        let key = self.data_key(Owner::Site)?;
        let value = SealedPhone {
            persons: known.persons,
            asked: known.asked,
            language: known.language,
            stopped: known.stopped,
            stops: known.stops,
            undone: known.undone,
        };
        let sealed = key.seal_value(row(token), &value)?;
        self.db
            .prepare_cached(WRITE)?
            .execute(params![token, key.id, sealed])?;
        Ok(())
    }
}
