//! Sealing at rest: ChaCha20-Poly1305 under a data key per person, day, record or site.
//!
//! A sealed value is `nonce 12 ‖ ciphertext ‖ tag 16`, the nonce drawn at random; the associated
//! data name table and row, so a value cannot be moved to another row. Data keys are 32 random
//! bytes, wrapped by the key that derives from the master; dropping the wrapped key erases all
//! that it seals.

use ring::aead::{self, Aad, LessSafeKey, Nonce, UnboundKey};
use rusqlite::{OptionalExtension, params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sync_core::DocId;
use zeroize::Zeroize;

use crate::hub_store::StoreError;
use crate::keys::random;
use crate::tx::Tx;

const NONCE_BYTES: usize = 12;
/// Largest value that is sealed; a document has at most 512 KiB of changes.
const PLAIN_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Whose data key seals a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Owner {
    /// What concerns no person: staff, leases, slots.
    Site,
    /// Drafts and messages whose person is not known, by days since 1970.
    Day(i64),
    /// A person, by the short name of the document.
    Person(DocId),
    /// A record of a served registry, by its token.
    Record([u8; 16]),
    /// The id that a Building Block gave to an erased person's record, by the removal's number.
    Removal(i64),
    /// The last text to somebody who was erased, by its outbox id.
    Farewell([u8; 16]),
    /// A frame of another origin, by chain and last entry.
    Frame([u8; 12]),
}

impl Owner {
    /// Whose key seals a body: that of the document's person, or of whom its fact names.
    pub(crate) fn of_body(doc: DocId, otherwise: impl FnOnce() -> Self) -> Self {
        if doc == DocId::NONE {
            otherwise()
        } else {
            Self::Person(doc)
        }
    }

    /// Columns that name it: kind and name.
    pub(crate) fn parts(self) -> (i64, Vec<u8>) {
        match self {
            Self::Site => (0, Vec::new()),
            Self::Day(day) => (1, day.to_be_bytes().to_vec()),
            Self::Person(doc) => (2, doc.0.to_vec()),
            Self::Record(key) => (3, key.to_vec()),
            Self::Removal(number) => (4, number.to_be_bytes().to_vec()),
            Self::Farewell(id) => (5, id.to_vec()),
            Self::Frame(name) => (21, name.to_vec()),
        }
    }
}

/// A data key, unwrapped for one use.
pub(crate) struct DataKey {
    /// Its row.
    pub(crate) id: i64,
    key: [u8; 32],
}

impl Drop for DataKey {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}

/// Which row a value belongs to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'a> {
    /// The table.
    pub(crate) table: &'static str,
    /// The row's name in it.
    pub(crate) name: &'a [u8],
}

impl Row<'_> {
    fn associated_data(&self) -> Vec<u8> {
        let mut bytes = self.table.as_bytes().to_vec();
        bytes.push(0);
        bytes.extend_from_slice(self.name);
        bytes
    }
}

fn cipher(key: &[u8; 32]) -> Result<LessSafeKey, StoreError> {
    UnboundKey::new(&aead::CHACHA20_POLY1305, key)
        .map(LessSafeKey::new)
        .map_err(|ring::error::Unspecified| StoreError::Failed("cipher key".to_owned()))
}

/// Seals `plain` for `row`.
pub(crate) fn seal(key: &[u8; 32], row: Row<'_>, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
    if plain.len() > PLAIN_BYTES_MAX {
        return Err(StoreError::Failed(format!(
            "a value has {} bytes, the limit is {PLAIN_BYTES_MAX}",
            plain.len()
        )));
    }
    let nonce: [u8; NONCE_BYTES] = random()?;
    let mut sealed = plain.to_vec();
    cipher(key)?
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(row.associated_data()),
            &mut sealed,
        )
        .map_err(|ring::error::Unspecified| StoreError::Failed("sealing".to_owned()))?;
    let mut bytes = nonce.to_vec();
    bytes.append(&mut sealed);
    Ok(bytes)
}

/// Opens what [`seal`] made for the same row.
pub(crate) fn open(key: &[u8; 32], row: Row<'_>, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
    let damaged = || StoreError::Failed(format!("a sealed row of {} does not open", row.table));
    let (nonce, rest) = sealed
        .split_first_chunk::<NONCE_BYTES>()
        .ok_or_else(damaged)?;
    let mut bytes = rest.to_vec();
    let length = cipher(key)?
        .open_in_place(
            Nonce::assume_unique_for_key(*nonce),
            Aad::from(row.associated_data()),
            &mut bytes,
        )
        .map_err(|ring::error::Unspecified| damaged())?
        .len();
    bytes.truncate(length);
    Ok(bytes)
}

impl DataKey {
    /// A key of a store that names rows by their owner.
    #[cfg(feature = "postgres")]
    pub(crate) fn new(key: [u8; 32]) -> Self {
        Self { id: 0, key }
    }

    /// Seals bytes for a row.
    pub(crate) fn seal(&self, row: Row<'_>, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        seal(&self.key, row, plain)
    }

    /// Opens a row's bytes.
    pub(crate) fn open(&self, row: Row<'_>, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
        open(&self.key, row, sealed)
    }

    /// Seals a value in its postcard form.
    pub(crate) fn seal_value<T: Serialize>(
        &self,
        row: Row<'_>,
        value: &T,
    ) -> Result<Vec<u8>, StoreError> {
        let mut plain = encode(value)?;
        let sealed = self.seal(row, &plain);
        plain.zeroize();
        sealed
    }

    /// Opens a value that [`Self::seal_value`] sealed.
    pub(crate) fn open_value<T: DeserializeOwned>(
        &self,
        row: Row<'_>,
        sealed: &[u8],
    ) -> Result<T, StoreError> {
        decode(&self.open(row, sealed)?)
    }
}

/// Postcard form of a stored value.
pub(crate) fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, StoreError> {
    postcard::to_stdvec(value).map_err(|error| StoreError::Failed(format!("encoding: {error}")))
}

/// Reads [`encode`] back.
pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    postcard::from_bytes(bytes).map_err(|error| StoreError::Failed(format!("a row: {error}")))
}

/// Reads a value and what a later build wrote behind it, if anything stands there.
pub(crate) fn decode_before<T: DeserializeOwned, U: DeserializeOwned>(
    bytes: &[u8],
) -> Result<(T, Option<U>), StoreError> {
    let (value, rest) = postcard::take_from_bytes(bytes)
        .map_err(|error| StoreError::Failed(format!("a row: {error}")))?;
    let behind = (!rest.is_empty()).then(|| decode(rest)).transpose()?;
    Ok((value, behind))
}

const KEY_BY_OWNER: &str = "SELECT id, wrapped FROM data_key WHERE kind = ?1 AND owner = ?2";
const KEY_BY_ID: &str = "SELECT kind, owner, wrapped FROM data_key WHERE id = ?1";
const KEY_INSERT: &str = "INSERT INTO data_key (kind, owner, wrapped) VALUES (?1, ?2, ?3)";

impl Tx<'_> {
    /// The data key of an owner, made at its first use.
    pub(crate) fn data_key(&self, owner: Owner) -> Result<DataKey, StoreError> {
        let (kind, name) = owner.parts();
        let found: Option<(i64, Vec<u8>)> = self
            .db
            .prepare_cached(KEY_BY_OWNER)?
            .query_row(params![kind, name], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        if let Some((id, wrapped)) = found {
            return self.unwrap_key(id, kind, &name, &wrapped);
        }
        let key: [u8; 32] = random()?;
        let wrapped = self.wrap(wrapped_row(&key_name(kind, &name)), &key)?;
        self.db
            .prepare_cached(KEY_INSERT)?
            .execute(params![kind, name, wrapped])?;
        let id = self.db.last_insert_rowid();
        if matches!(owner, Owner::Day(_)) {
            self.retire_days(id)?;
        }
        Ok(DataKey { id, key })
    }

    /// The data key of an owner column.
    pub(crate) fn data_key_by_id(&self, id: i64) -> Result<DataKey, StoreError> {
        let (kind, name, wrapped): (i64, Vec<u8>, Vec<u8>) = self
            .db
            .prepare_cached(KEY_BY_ID)?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        self.unwrap_key(id, kind, &name, &wrapped)
    }

    /// Unwraps a data key with the columns of its row.
    pub(crate) fn unwrap_key(
        &self,
        id: i64,
        kind: i64,
        name: &[u8],
        wrapped: &[u8],
    ) -> Result<DataKey, StoreError> {
        let mut bytes = self.unwrap(wrapped_row(&key_name(kind, name)), wrapped)?;
        let key = <[u8; 32]>::try_from(bytes.as_slice())
            .map_err(|_length| StoreError::Failed("a data key has a wrong length".to_owned()))?;
        bytes.zeroize();
        Ok(DataKey { id, key })
    }

    /// Opens a value sealed under the key that the row's `owner` column names.
    pub(crate) fn open_owned<T: DeserializeOwned>(
        &self,
        owner: i64,
        row: Row<'_>,
        sealed: &[u8],
    ) -> Result<T, StoreError> {
        self.data_key_by_id(owner)?.open_value(row, sealed)
    }
}

pub(crate) fn key_name(kind: i64, name: &[u8]) -> Vec<u8> {
    let mut bytes = kind.to_be_bytes().to_vec();
    bytes.extend_from_slice(name);
    bytes
}

pub(crate) fn wrapped_row(name: &[u8]) -> Row<'_> {
    Row {
        table: "data_key",
        name,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn opening_gives_back_what_was_sealed(
            key: [u8; 32], plain in proptest::collection::vec(any::<u8>(), 0..300),
        ) {
            let row = Row { table: "body", name: b"1" };
            let sealed = seal(&key, row, &plain).unwrap();
            prop_assert_eq!(open(&key, row, &sealed).unwrap(), plain);
        }

        #[test]
        fn any_flipped_bit_and_any_other_row_is_refused(
            key: [u8; 32], plain in proptest::collection::vec(any::<u8>(), 0..64), at: usize,
        ) {
            let row = Row { table: "body", name: b"1" };
            let sealed = seal(&key, row, &plain).unwrap();
            let mut damaged = sealed.clone();
            let place = at % damaged.len();
            damaged[place] ^= 1;
            prop_assert!(open(&key, row, &damaged).is_err());
            for (table, name) in [("body", b"2"), ("person", b"1")] {
                let refused = open(&key, Row { table, name }, &sealed).is_err();
                prop_assert!(refused);
            }
        }

        #[test]
        fn opening_never_panics(key: [u8; 32], bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let refused = open(&key, Row { table: "body", name: b"" }, &bytes).is_err();
            prop_assert!(refused);
        }
    }
}
