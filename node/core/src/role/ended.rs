//! The end of a role before its time, signed by the hub that gave it.
//!
//! An end names a place in a scope's append-only staff list, so it holds whether the grant came
//! before it or comes after it, and no later grant of that place undoes it.

use jiff::Timestamp;
use ring::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use sync_core::{NodeId, Scope};

/// Marks what the signature covers, so that no other signature can stand in for it.
const END_CONTEXT: &[u8] = b"outpost.role-end.1";
/// Longest reason in characters; a longer one is refused.
pub const REASON_CHARS_MAX: usize = 80;

/// A role that was taken back; travels as a lane-0 fact.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RoleEnd {
    /// The scope of the grant (lane bits zero).
    pub scope: Scope,
    /// Its place in the scope's staff list, from 1.
    pub index: u32,
    /// When it was taken back, by the hub's clock.
    pub at: Timestamp,
    /// Why, in staff's words: `left`, `lost phone`; names no person.
    pub reason: String,
    /// The hub that takes it back.
    pub hub: NodeId,
    /// Ed25519 by the hub's node key over the postcard form of all fields above.
    #[serde(with = "crate::fact::signature_bytes")]
    pub signature: [u8; 64],
}

impl RoleEnd {
    /// The bytes under the signature: a context and the postcard form of all other fields.
    ///
    /// # Errors
    /// Those of the encoder, which these fields never cause.
    pub fn signed_bytes(&self) -> Result<Vec<u8>, postcard::Error> {
        let fields = (
            self.scope,
            self.index,
            self.at,
            self.reason.as_str(),
            self.hub,
        );
        let mut bytes = END_CONTEXT.to_vec();
        bytes.extend(postcard::to_stdvec(&fields)?);
        Ok(bytes)
    }

    /// Signs with the hub's node key.
    ///
    /// # Errors
    /// Those of [`Self::signed_bytes`].
    pub fn sign(&mut self, key: &Ed25519KeyPair) -> Result<(), postcard::Error> {
        let signature = key.sign(&self.signed_bytes()?);
        // Ed25519 signatures have 64 bytes (RFC 8032 §5.1.6).
        self.signature = signature.as_ref().try_into().unwrap_or([0; 64]);
        Ok(())
    }

    /// Whether the holder of this public key signed exactly these fields.
    pub fn verify(&self, public_key: &[u8; 32]) -> bool {
        self.signed_bytes().is_ok_and(|bytes| {
            UnparsedPublicKey::new(&ED25519, public_key)
                .verify(&bytes, &self.signature)
                .is_ok()
        })
    }
}

#[cfg(test)]
mod tests {
    use ring::signature::KeyPair;

    use super::*;

    #[test]
    fn signature_covers_every_field() {
        let key = Ed25519KeyPair::from_seed_unchecked(&[3; 32]).unwrap();
        let public: [u8; 32] = key.public_key().as_ref().try_into().unwrap();
        let mut signed = RoleEnd {
            scope: Scope(16),
            index: 1,
            at: "2026-03-14T10:00:00Z".parse().unwrap(),
            reason: "left".to_owned(),
            hub: NodeId(1),
            signature: [0; 64],
        };
        assert!(!signed.verify(&public));
        signed.sign(&key).unwrap();
        assert!(signed.verify(&public));
        assert!(!signed.verify(&[9; 32]));
        let changes: [fn(&mut RoleEnd); 5] = [
            |end| end.scope = Scope(24),
            |end| end.index = 2,
            |end| end.at = "2026-03-14T10:00:01Z".parse().unwrap(),
            |end| end.reason.push('x'),
            |end| end.hub = NodeId(2),
        ];
        for change in changes {
            let mut forged = signed.clone();
            change(&mut forged);
            assert!(!forged.verify(&public));
        }
    }
}
