//! Certificates of origins: which key speaks for whom in which life.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, params};
use sync_core::certificate::{self, NodeCertificate};
use sync_core::refusal::{Refusal, RefusalCode};
use sync_core::{Epoch, NodeId};

use crate::hub_store::StoreError;
use crate::tx::{Stop, Tx};

/// Certificates opened in one transaction.
pub(crate) type Opened = BTreeMap<(NodeId, Epoch), Option<NodeCertificate>>;

const READ: &str = "SELECT bytes FROM certificate WHERE node = ?1 AND epoch = ?2";
const WRITE: &str = "INSERT INTO certificate (node, epoch, serial, bytes) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (node, epoch) DO UPDATE SET serial = excluded.serial, bytes = excluded.bytes
    WHERE excluded.serial > certificate.serial";
const SERIAL: &str = "SELECT coalesce(max(serial), 0) FROM certificate";

impl Tx<'_> {
    /// The stored bytes.
    pub(crate) fn certificate_bytes(
        &self,
        node: NodeId,
        epoch: Epoch,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self
            .db
            .prepare_cached(READ)?
            .query_row(params![node.0, epoch.0.cast_signed()], |row| row.get(0))
            .optional()?)
    }

    /// The certificate of an origin in one life, read and checked once per transaction.
    pub(crate) fn certificate_of(
        &self,
        node: NodeId,
        epoch: Epoch,
    ) -> Result<Option<NodeCertificate>, StoreError> {
        if let Some(opened) = self.certificates.borrow().get(&(node, epoch)) {
            return Ok(opened.clone());
        }
        let opened = self
            .certificate_bytes(node, epoch)?
            .map(|bytes| self.vault.verified(bytes, &self.identity.authority))
            .transpose()
            .map_err(|refusal| StoreError::Failed(refusal.to_string()))?;
        self.certificates
            .borrow_mut()
            .insert((node, epoch), opened.clone());
        Ok(opened)
    }

    /// Takes a certificate that our hub's CA signed; an older one than ours changes nothing.
    pub(crate) fn take_certificate(&mut self, bytes: &[u8]) -> Result<NodeCertificate, Stop> {
        if !self.identity.is_enrolled() {
            return Err(Refusal::new(RefusalCode::Network, "not enrolled").into());
        }
        let certificate = certificate::verify(bytes, &self.identity.authority)?;
        if certificate.realm != self.identity.realm {
            return Err(Refusal::new(RefusalCode::Network, "certificate of another realm").into());
        }
        let key = (certificate.node, certificate.epoch);
        let newer = self.db.prepare_cached(WRITE)?.execute(params![
            key.0.0,
            key.1.0.cast_signed(),
            certificate.serial.cast_signed(),
            bytes
        ])?;
        self.certificates.borrow_mut().remove(&key);
        // An old one that comes again brings no old grants back (S16).
        if newer > 0 && key == (self.identity.node, self.identity.epoch) {
            self.adopt_certificate(&certificate)?;
        }
        Ok(certificate)
    }

    /// A life of ours that was given up before it was certified has got its certificate after all:
    /// what it captured can be named and sent.
    pub(crate) fn learn_own_life(
        &self,
        certificate: &NodeCertificate,
        bytes: &[u8],
    ) -> Result<(), StoreError> {
        let key = (certificate.node, certificate.epoch);
        if key.1 >= self.identity.epoch || self.certificate_of(key.0, key.1)?.is_some() {
            return Ok(());
        }
        self.db.prepare_cached(WRITE)?.execute(params![
            key.0.0,
            key.1.0.cast_signed(),
            certificate.serial.cast_signed(),
            bytes
        ])?;
        self.certificates.borrow_mut().remove(&key);
        self.correlate_again(key.1)
    }

    /// Our own certificate: its areas and numbers are ours from now on.
    pub(crate) fn adopt_certificate(
        &mut self,
        certificate: &NodeCertificate,
    ) -> Result<(), StoreError> {
        let mut identity = self.identity.clone();
        identity.certified = true;
        identity.issuer = certificate.issuer_number;
        identity.areas = certificate.areas();
        if identity == self.identity {
            Ok(())
        } else {
            self.set_identity(identity)
        }
    }

    /// The serial of the next certificate that we issue.
    pub(crate) fn next_serial(&self) -> Result<u64, StoreError> {
        let last: i64 = self
            .db
            .prepare_cached(SERIAL)?
            .query_row([], |row| row.get(0))?;
        Ok(last.cast_unsigned().saturating_add(1))
    }
}
