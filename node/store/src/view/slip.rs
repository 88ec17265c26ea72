//! Slips that people have, slips that hold no more, and keys of short codes per area.
//!
//! A slip that was revoked belongs to nobody: its random name is all that is left, so that erasing
//! the person leaves nothing to find.

use node_core::slip::SlipId;
use node_core::slip::code::CodeKey;
use rusqlite::{OptionalExtension, params};
use sync_core::certificate::{self, NodeCertificate};
use sync_core::{EntryRef, Epoch, NodeId, Scope};

use crate::hub_store::StoreError;
use crate::name::row_name;
use crate::seal::{Owner, Row};
use crate::tx::Tx;

const PUT: &str = "INSERT OR IGNORE INTO slip (id, entry, revoked) VALUES (?1, ?2, 0)";
const REVOKE: &str = "INSERT INTO slip (id, entry, revoked) VALUES (?1, NULL, 1)
    ON CONFLICT (id) DO UPDATE SET entry = NULL, revoked = 1";
const REVOKED: &str = "SELECT revoked FROM slip WHERE id = ?1";
const OF_PERSON: &str = "SELECT id FROM slip WHERE entry = ?1 ORDER BY id LIMIT ?2";
const KEYS: &str = "SELECT number, owner, sealed FROM code_key WHERE scope = ?1 ORDER BY number";
const PUT_KEY: &str = "INSERT INTO code_key (scope, number, owner, sealed) VALUES (?1, ?2, ?3, ?4)";

const PUT_ISSUER: &str = "INSERT INTO issuer (node, epoch, serial, bytes) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (node, epoch) DO UPDATE SET serial = excluded.serial, bytes = excluded.bytes
    WHERE excluded.serial > issuer.serial";
const ISSUER: &str = "SELECT bytes FROM issuer WHERE node = ?1 AND epoch = ?2";

/// Slips and codes of one person that are looked at: a revocation of them fits one fact.
const SLIPS_MAX: u32 = 1_000;

fn key_name(area: Scope, number: i64) -> [u8; 8] {
    row_name((i64::from(area.0) << 32) | number)
}

fn key_row(name: &[u8]) -> Row<'_> {
    Row {
        table: "code_key",
        name,
    }
}

impl Tx<'_> {
    /// A person has this slip.
    pub(crate) fn put_slip(&self, slip: SlipId, person: &EntryRef) -> Result<(), StoreError> {
        let entry = self.known_entry(person)?;
        self.db
            .prepare_cached(PUT)?
            .execute(params![slip.0, entry])?;
        Ok(())
    }

    /// These hold no more.
    pub(crate) fn revoke_slips(&self, slips: &[SlipId]) -> Result<(), StoreError> {
        for slip in slips {
            self.db.prepare_cached(REVOKE)?.execute([slip.0])?;
        }
        Ok(())
    }

    /// Whether a slip is on the list of revoked ones.
    pub(crate) fn is_revoked(&self, slip: SlipId) -> Result<bool, StoreError> {
        let found: Option<bool> = self
            .db
            .prepare_cached(REVOKED)?
            .query_row([slip.0], |row| row.get(0))
            .optional()?;
        Ok(found.unwrap_or(false))
    }

    /// Slips of a person that hold.
    pub(crate) fn slips_of(&self, person: &EntryRef) -> Result<Vec<SlipId>, StoreError> {
        let Some(entry) = self.entry_id(person)? else {
            return Ok(Vec::new());
        };
        Ok(self
            .db
            .prepare_cached(OF_PERSON)?
            .query_map(params![entry, SLIPS_MAX], |row| row.get(0).map(SlipId))?
            .collect::<Result<_, _>>()?)
    }

    /// Keys of short codes of an area, oldest first.
    pub(crate) fn code_keys(&self, area: Scope) -> Result<Vec<CodeKey>, StoreError> {
        let mut keys = Vec::new();
        let mut statement = self.db.prepare_cached(KEYS)?;
        let mut found = statement.query([area.area().0])?;
        while let Some(row) = found.next()? {
            let name = key_name(area.area(), row.get(0)?);
            let sealed: Vec<u8> = row.get(2)?;
            keys.push(self.open_owned(row.get(1)?, key_row(&name), &sealed)?);
        }
        Ok(keys)
    }

    /// Appends a key; a known one changes nothing.
    pub(crate) fn put_code_key(&self, area: Scope, key: &CodeKey) -> Result<(), StoreError> {
        let known = self.code_keys(area)?;
        if known.contains(key) {
            return Ok(());
        }
        let number = i64::try_from(known.len())
            .unwrap_or(i64::MAX)
            .saturating_add(1);
        let data_key = self.data_key(Owner::Site)?;
        let name = key_name(area.area(), number);
        let sealed = data_key.seal_value(key_row(&name), key)?;
        self.db.prepare_cached(PUT_KEY)?.execute(params![
            area.area().0,
            number,
            data_key.id,
            sealed
        ])?;
        Ok(())
    }

    /// Keeps the certificate of another node, to check its slips and what the hub passes on of it. It
    /// lies apart from those of origins: that we know a node does not mean that we take its frames.
    pub(crate) fn learn_issuer(&self, bytes: &[u8]) -> Result<(), StoreError> {
        let checked = certificate::verify(bytes, &self.identity.authority);
        let Some(certificate) = checked.ok().filter(|c| c.realm == self.identity.realm) else {
            tracing::warn!("the hub shared a certificate that its authority did not sign");
            return Ok(());
        };
        self.db.prepare_cached(PUT_ISSUER)?.execute(params![
            certificate.node.0,
            certificate.epoch.0.cast_signed(),
            certificate.serial.cast_signed(),
            bytes
        ])?;
        if certificate.node == self.identity.node {
            self.learn_own_life(&certificate, bytes)?;
        }
        Ok(())
    }

    /// The certificate of whoever signed a slip or wrote an entry that is here, checked; `None` = not
    /// heard of.
    pub(crate) fn issuer(
        &self,
        node: NodeId,
        epoch: Epoch,
    ) -> Result<Option<NodeCertificate>, StoreError> {
        if let Some(certificate) = self.certificate_of(node, epoch)? {
            return Ok(Some(certificate));
        }
        let bytes: Option<Vec<u8>> = self
            .db
            .prepare_cached(ISSUER)?
            .query_row(params![node.0, epoch.0.cast_signed()], |row| row.get(0))
            .optional()?;
        bytes
            .map(|bytes| self.vault.verified(bytes, &self.identity.authority))
            .transpose()
            .map_err(|refusal| StoreError::Failed(refusal.to_string()))
    }

    /// Codes of the programmes that are offered here.
    pub(crate) fn programme_codes(&self) -> Vec<String> {
        let all = self.config.programmes.iter();
        let mut codes: Vec<String> = all.map(|programme| programme.code().to_owned()).collect();
        codes.dedup();
        codes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::tests::check_index;

    #[test]
    fn look_ups_of_slips_use_an_index() {
        for sql in [REVOKED, OF_PERSON, KEYS, ISSUER] {
            check_index(sql);
        }
    }
}
