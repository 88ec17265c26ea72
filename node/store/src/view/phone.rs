//! What is known of a number: whose it may be, its language and area, whether texts are stopped.
//!
//! Who is at it, and whether the number fell silent, is derived at each look from its bindings and
//! the day. The number itself is nowhere in this table; its row is found by token. Behind the sealed value
//! stands what later builds added, in the order in which they did; a row without it reads, too.

use node_core::binding::{self, Binding};
use node_core::view::PhoneRow;
use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};
use sync_core::{EntryRef, Scope};

use crate::hub_store::StoreError;
use crate::seal::{Owner, Row, decode_before, encode};
use crate::tx::Tx;

#[derive(Serialize, Deserialize)]
struct SealedPhone {
    bindings: Vec<Binding>,
    asked: bool,
    language: Option<String>,
    stopped: bool,
    stops: Vec<EntryRef>,
    undone: Vec<EntryRef>,
}

/// What stands behind a [`SealedPhone`].
#[derive(Default, Serialize, Deserialize)]
struct Added {
    area: Option<Scope>,
}

const READ: &str = "SELECT owner, sealed FROM phone WHERE token = ?1";
const WRITE: &str = "INSERT INTO phone (token, owner, sealed) VALUES (?1, ?2, ?3)
    ON CONFLICT (token) DO UPDATE SET owner = excluded.owner, sealed = excluded.sealed";
const DROP: &str = "DELETE FROM phone WHERE token = ?1";

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
        let plain = self.data_key_by_id(owner)?.open(row(token), &sealed)?;
        let (sealed, added): (SealedPhone, Option<Added>) = decode_before(&plain)?;
        let Added { area } = added.unwrap_or_default();
        let mut known = PhoneRow {
            asked: sealed.asked,
            language: sealed.language,
            area,
            stopped: sealed.stopped,
            stops: sealed.stops,
            undone: sealed.undone,
            bindings: sealed.bindings,
            ..PhoneRow::default()
        };
        if !known.bindings.is_empty() {
            let stale_days = self.policy()?.stale_days();
            binding::settle(&mut known, binding::trusted_day(self.now), stale_days);
        }
        Ok(known)
    }

    /// Replaces what is known of a number.
    pub(crate) fn put_phone(&self, phone: &str, known: PhoneRow) -> Result<(), StoreError> {
        self.put_phone_by_token(&self.exact_token("phone-row", &[phone.as_bytes()]), known)
    }

    /// The same, but nothing is kept of a number of which nothing is known.
    pub(crate) fn put_phone_or_drop(&self, phone: &str, known: PhoneRow) -> Result<(), StoreError> {
        if known != PhoneRow::default() {
            return self.put_phone(phone, known);
        }
        let token = self.exact_token("phone-row", &[phone.as_bytes()]);
        self.db.prepare_cached(DROP)?.execute([token])?;
        Ok(())
    }

    /// Replaces what is known of the number behind a token.
    pub(crate) fn put_phone_by_token(
        &self,
        token: &[u8],
        known: PhoneRow,
    ) -> Result<(), StoreError> {
        let key = self.data_key(Owner::Site)?;
        let value = SealedPhone {
            bindings: known.bindings,
            asked: known.asked,
            language: known.language,
            stopped: known.stopped,
            stops: known.stops,
            undone: known.undone,
        };
        let added = Added { area: known.area };
        let sealed = key.seal(row(token), &encode(&(value, added))?)?;
        self.db
            .prepare_cached(WRITE)?
            .execute(params![token, key.id, sealed])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_a_build_without_areas_reads_and_the_other_way_round() {
        let value = |language: &str| SealedPhone {
            bindings: Vec::new(),
            asked: true,
            language: Some(language.to_owned()),
            stopped: false,
            stops: Vec::new(),
            undone: Vec::new(),
        };
        let earlier = encode(&value("sw")).unwrap();
        let (row, added): (SealedPhone, Option<Added>) = decode_before(&earlier).unwrap();
        assert_eq!(row.language.as_deref(), Some("sw"));
        assert!(added.is_none());
        let added = Added {
            area: Some(Scope(24)),
        };
        let now = encode(&(value("fr"), added)).unwrap();
        let (_, added): (SealedPhone, Option<Added>) = decode_before(&now).unwrap();
        assert_eq!(added.and_then(|added| added.area), Some(Scope(24)));
        let by_earlier: SealedPhone = crate::seal::decode(&now).unwrap();
        assert_eq!(by_earlier.language.as_deref(), Some("fr"));
    }
}
