//! The sealed row of a number's conversation, read and written.

use rusqlite::{OptionalExtension, params};

use super::Conversation;
use crate::hub_store::StoreError;
use crate::seal::{Owner, Row};
use crate::tx::Tx;

const READ: &str = "SELECT owner, sealed FROM session WHERE phone = ?1";
const WRITE: &str = "INSERT INTO session (phone, owner, sealed) VALUES (?1, ?2, ?3)
    ON CONFLICT (phone) DO UPDATE SET owner = excluded.owner, sealed = excluded.sealed";

pub(crate) fn row_number(phone: &[u8; 16]) -> i64 {
    let mut bytes = [0; 8];
    for (to, from) in bytes.iter_mut().zip(phone) {
        *to = *from;
    }
    i64::from_be_bytes(bytes)
}

fn row(phone: &[u8; 16]) -> Row<'_> {
    Row {
        table: "session",
        name: phone,
    }
}

impl Tx<'_> {
    pub(crate) fn conversation(&self, phone: [u8; 16]) -> Result<Option<Conversation>, StoreError> {
        let found: Option<(i64, Vec<u8>)> = self
            .db
            .prepare_cached(READ)?
            .query_row([row_number(&phone)], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((owner, sealed)) = found else {
            return Ok(None);
        };
        // Another number with the same 64 bits is as good as none.
        Ok(self.open_owned(owner, row(&phone), &sealed).ok())
    }

    pub(crate) fn save_conversation(&self, conversation: &Conversation) -> Result<(), StoreError> {
        let key = self.data_key(Owner::Day(self.today()))?;
        let sealed = key.seal_value(row(&conversation.phone), conversation)?;
        let number = row_number(&conversation.phone);
        self.db
            .prepare_cached(WRITE)?
            .execute(params![number, key.id, sealed])?;
        Ok(())
    }
}
