//! Who signs what leaves: we ourselves what we wrote, a hub what it passes on of others.

use std::sync::Arc;

use ring::signature::Ed25519KeyPair;
use sync_core::ChainId;
use sync_core::frame::Signer;

use crate::hub_store::StoreError;
use crate::keys::signing_key;
use crate::tx::Tx;

/// The key for frames of one chain.
pub(crate) enum Signing {
    /// Ours in the chain's life.
    Own(Arc<Ed25519KeyPair>),
    /// That of our receipts, for a chain of an origin with this public key.
    Hub {
        receipts: Box<Ed25519KeyPair>,
        origin: [u8; 32],
    },
}

impl Signing {
    pub(crate) fn signer(&self) -> Signer<'_> {
        match self {
            Self::Own(key) => Signer::Origin(key),
            Self::Hub { receipts, origin } => Signer::Hub {
                receipts,
                origin: *origin,
            },
        }
    }
}

impl Tx<'_> {
    /// The key with which we sign frames of a chain.
    ///
    /// # Errors
    /// `Failed` for a chain of another origin where this is no hub, or knows no certificate of it.
    pub(crate) fn signing(&self, chain: &ChainId) -> Result<Signing, StoreError> {
        if chain.origin == self.identity.node {
            return self.vault.epoch_key(chain.epoch).map(Signing::Own);
        }
        let failed = |what: &str| StoreError::Failed(what.to_owned());
        let hub = self.vault.secrets.hub.as_ref();
        let hub = hub.ok_or_else(|| failed("only a hub passes on what others wrote"))?;
        let certificate = self.certificate_of(chain.origin, chain.epoch)?;
        let certificate = certificate.ok_or_else(|| failed("an origin has no certificate"))?;
        Ok(Signing::Hub {
            receipts: Box::new(signing_key(&hub.receipt)?),
            origin: certificate.key,
        })
    }
}
