//! What the shell needs of a hub's identity: its authority key on the hub, its certificate on a
//! node.

use rusqlite::OptionalExtension;

use crate::hub_store::StoreError;
use crate::sqlite::SqliteStore;

const NEWEST: &str = "SELECT bytes FROM certificate WHERE node = ?1 ORDER BY epoch DESC LIMIT 1";

impl SqliteStore {
    /// PKCS#8 of the key that signs node certificates and, as one authority, TLS certificates.
    ///
    /// # Errors
    /// [`StoreError::Failed`] where this is no founded hub.
    pub fn authority_key(&self) -> Result<Vec<u8>, StoreError> {
        let vault = self.vault();
        let hub = vault.secrets.hub.as_ref();
        let none = || StoreError::Failed("only a founded hub has an authority".to_owned());
        hub.map(|hub| hub.authority.clone()).ok_or_else(none)
    }

    /// The newest certificate of our hub; `None` before enrolment.
    ///
    /// # Errors
    /// [`StoreError`] of the question.
    pub async fn hub_certificate(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|tx| {
            let hub = tx.identity.hub_node.0;
            let found = tx
                .db
                .prepare_cached(NEWEST)?
                .query_row([hub], |row| row.get(0));
            Ok(found.optional()?)
        })
        .await
    }
}
