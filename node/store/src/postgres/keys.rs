//! Keys of data on a server: as on SQLite, wrapped under the key file's wrapping key.
//!
//! A data key is named by its owner, never by a number of the database, so that two replicas which
//! need it at once end with one: the first that commits.

use std::collections::BTreeMap;

use deadpool_postgres::{GenericClient, Transaction};
use zeroize::Zeroize;

use super::end::End;
use crate::hub_store::StoreError;
use crate::keys::{Vault, random};
use crate::seal::{DataKey, Owner, Row, key_name, open, seal, wrapped_row};

const ADD: &str = "INSERT INTO data_key (kind, owner, wrapped)
    SELECT * FROM unnest($1::smallint[], $2::bytea[], $3::bytea[]) ON CONFLICT DO NOTHING";
const READ: &str = "SELECT d.kind, d.owner, d.wrapped FROM data_key d
    JOIN unnest($1::smallint[], $2::bytea[]) AS asked (kind, owner)
    ON d.kind = asked.kind AND d.owner = asked.owner";

/// Kind and name of an owner, as columns.
pub(super) type OwnerName = (i16, Vec<u8>);

/// The two columns of several.
type OwnerColumns<'a> = (Vec<i16>, Vec<&'a [u8]>);

/// The wrapping key of one generation.
#[derive(Clone, Copy)]
pub(super) struct Wrapping<'a> {
    key: &'a [u8; 32],
}

impl<'a> Wrapping<'a> {
    /// The key of a generation.
    pub(super) fn of(vault: &'a Vault, generation: u32) -> Result<Self, StoreError> {
        let missing = || {
            StoreError::Failed(format!(
                "the key file has no wrapping key of generation {generation}"
            ))
        };
        let key = vault.wrapping_key(generation).ok_or_else(missing)?;
        Ok(Self { key })
    }

    /// Wraps a key or a seed.
    pub(super) fn wrap(self, row: Row<'_>, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        seal(self.key, row, plain)
    }

    /// Unwraps one of `N` bytes.
    pub(super) fn unwrap<const N: usize>(
        self,
        row: Row<'_>,
        wrapped: &[u8],
    ) -> Result<[u8; N], StoreError> {
        let mut plain = open(self.key, row, wrapped)?;
        let bytes = <[u8; N]>::try_from(plain.as_slice());
        plain.zeroize();
        bytes.map_err(|_length| StoreError::Failed("a wrapped key has a wrong length".to_owned()))
    }

    fn unwrap_key(self, (kind, owner): &OwnerName, wrapped: &[u8]) -> Result<DataKey, StoreError> {
        let name = key_name(i64::from(*kind), owner);
        Ok(DataKey::new(self.unwrap(wrapped_row(&name), wrapped)?))
    }
}

/// The columns that name an owner.
pub(super) fn owner_name(owner: Owner) -> OwnerName {
    let (kind, name) = owner.parts();
    (i16::try_from(kind).unwrap_or(i16::MAX), name)
}

/// Data keys that were unwrapped for one transaction.
pub(super) struct DataKeys(BTreeMap<OwnerName, DataKey>);

impl DataKeys {
    /// The key of an owner that was asked for.
    pub(super) fn of(&self, owner: &OwnerName) -> Result<&DataKey, StoreError> {
        let missing = || StoreError::Failed("a data key is missing".to_owned());
        self.0.get(owner).ok_or_else(missing)
    }
}

/// The data keys of owners, made at their first use; added in one order, so that two transactions
/// do not wait for each other.
pub(super) async fn data_keys(
    tx: &Transaction<'_>,
    wrapping: Wrapping<'_>,
    owners: Vec<OwnerName>,
) -> Result<DataKeys, End> {
    let mut known = read(tx, wrapping, &owners).await?;
    let mut missing: Vec<_> = owners
        .into_iter()
        .filter(|owner| !known.contains_key(owner))
        .collect();
    missing.sort();
    missing.dedup();
    if !missing.is_empty() {
        let mut wrapped = Vec::with_capacity(missing.len());
        for (kind, owner) in &missing {
            let mut key: [u8; 32] = random()?;
            let name = key_name(i64::from(*kind), owner);
            wrapped.push(wrapping.wrap(wrapped_row(&name), &key)?);
            key.zeroize();
        }
        let (kinds, names) = columns(&missing);
        let add = tx.prepare_cached(ADD).await?;
        tx.execute(&add, &[&kinds, &names, &wrapped]).await?;
        // Another replica may have been first: what stands there counts.
        known.extend(read(tx, wrapping, &missing).await?);
    }
    Ok(DataKeys(known))
}

/// The data key of one owner, which must be here.
pub(super) async fn owner_key(
    client: &impl GenericClient,
    wrapping: Wrapping<'_>,
    owner: &OwnerName,
) -> Result<DataKey, End> {
    let owners = core::slice::from_ref(owner);
    let key = read(client, wrapping, owners).await?.remove(owner);
    key.ok_or_else(|| End::failed("a data key is missing"))
}

async fn read(
    client: &impl GenericClient,
    wrapping: Wrapping<'_>,
    owners: &[OwnerName],
) -> Result<BTreeMap<OwnerName, DataKey>, End> {
    let (kinds, names) = columns(owners);
    let read = client.prepare_cached(READ).await?;
    let mut keys = BTreeMap::new();
    for row in client.query(&read, &[&kinds, &names]).await? {
        let owner = (row.try_get(0)?, row.try_get(1)?);
        let key = wrapping.unwrap_key(&owner, row.try_get(2)?)?;
        keys.insert(owner, key);
    }
    Ok(keys)
}

fn columns(owners: &[OwnerName]) -> OwnerColumns<'_> {
    let owners = owners.iter();
    owners.map(|(kind, name)| (*kind, name.as_slice())).unzip()
}
