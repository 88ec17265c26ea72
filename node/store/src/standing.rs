//! A hub's standing: who it is and what it signed, as it is taken to another database.
//!
//! The secrets are not part of it; they stay in the key file, which the operator copies. The chains
//! of other origins are not either: their nodes still have what no receipt covers.

use core::fmt;

use sync_core::Seq;
use sync_core::certificate;

use crate::hub_store::StoreError;
use crate::revocation::read as read_list;
use crate::sqlite::SqliteStore;
use crate::tx::{Identity, Tx};

/// Who a hub is, its papers, and its own chains.
#[derive(Clone)]
pub struct HubStanding {
    pub(crate) identity: Identity,
    /// Certificates that it issued, each as it was signed.
    pub(crate) certificates: Vec<Vec<u8>>,
    /// The revocation list as it was signed; empty for none.
    pub(crate) revocations: Vec<u8>,
    /// Short names of the documents of erased people.
    pub(crate) erased: Vec<Vec<u8>>,
    /// Its own chains from their beginning.
    pub(crate) frames: Vec<Vec<u8>>,
}

impl fmt::Debug for HubStanding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HubStanding(of {:?})", self.identity.hub)
    }
}

/// A certificate with the columns that it is found by.
pub(crate) struct Paper<'a> {
    pub(crate) node: i64,
    pub(crate) epoch: i64,
    pub(crate) serial: i64,
    pub(crate) bytes: &'a [u8],
}

const CERTIFICATES: &str = "SELECT bytes FROM certificate ORDER BY node, epoch";
const ERASED: &str = "SELECT doc FROM erasure WHERE erased = 1";

impl HubStanding {
    /// The certificates, checked.
    pub(crate) fn papers(&self) -> Result<Vec<Paper<'_>>, StoreError> {
        let mut papers = Vec::with_capacity(self.certificates.len());
        for bytes in &self.certificates {
            let certificate = certificate::verify(bytes, &self.identity.authority)
                .map_err(|refusal| StoreError::Failed(refusal.to_string()))?;
            papers.push(Paper {
                node: i64::from(certificate.node.0),
                epoch: certificate.epoch.0.cast_signed(),
                serial: certificate.serial.cast_signed(),
                bytes,
            });
        }
        Ok(papers)
    }

    /// Whether its revocation list is newer than the one held; both are checked.
    pub(crate) fn is_newer(&self, held: &[u8]) -> Result<bool, StoreError> {
        let key = &self.identity.revocation_key;
        Ok(read_list(&self.revocations, key)?.number > read_list(held, key)?.number)
    }
}

impl SqliteStore {
    /// A founded hub's standing, to be taken to another database.
    ///
    /// # Errors
    /// [`StoreError`] of the transaction; [`StoreError::Failed`] where this is no founded hub.
    pub async fn standing(&self) -> Result<HubStanding, StoreError> {
        self.read(|tx| tx.hub_standing()).await
    }
}

impl Tx<'_> {
    fn hub_standing(&self) -> Result<HubStanding, StoreError> {
        if self.vault.secrets.hub.is_none() {
            return Err(StoreError::Failed("this is no founded hub".to_owned()));
        }
        let mut frames = Vec::new();
        for row in self.chains()? {
            if row.chain.origin == self.identity.node {
                frames.extend(self.frames(&row.chain, (Seq(0), usize::MAX), false)?);
            }
        }
        Ok(HubStanding {
            identity: self.identity.clone(),
            certificates: self.blobs(CERTIFICATES)?,
            revocations: self.revocation_bytes()?,
            erased: self.blobs(ERASED)?,
            frames,
        })
    }

    fn blobs(&self, sql: &str) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut statement = self.db.prepare(sql)?;
        let blobs = statement.query_map([], |row| row.get(0))?;
        Ok(blobs.collect::<Result<_, _>>()?)
    }
}
