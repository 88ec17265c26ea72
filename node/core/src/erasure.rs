//! The end of a person's data, signed by the hub: every holder gives them up, and keeps the end.
//!
//! Whoever hears of it deletes keys, bodies, documents, views, sessions and texts of the person, and
//! takes nothing of her again, whether older or newer. A later registration is a new person with a
//! new number (E1–E3). The fact names a document, never a value.

use ring::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use sync_core::{EntryRef, NodeId, Scope};

/// Marks what the signature covers, so that no other signature can stand in for it.
const CONTEXT: &[u8] = b"outpost.erasure.1";
/// Longest reason in characters; a longer one is refused.
pub const REASON_CHARS_MAX: usize = 80;

/// A place of a staff list: scope without lane, index.
pub type Approver = (Scope, u32);

/// The order to erase a person; travels as a lane-0 fact.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Erasure {
    /// The person's document.
    pub person: EntryRef,
    /// Why, in staff's words; names no person.
    pub reason: String,
    /// The two people who approved it.
    pub approved: [Approver; 2],
    /// The hub that orders it.
    pub hub: NodeId,
    /// Ed25519 by the hub's node key over the postcard form of all fields above.
    #[serde(with = "crate::fact::signature_bytes")]
    pub signature: [u8; 64],
}

impl Erasure {
    /// The bytes under the signature: a context and the postcard form of all other fields.
    ///
    /// # Errors
    /// Those of the encoder, which these fields never cause.
    pub fn signed_bytes(&self) -> Result<Vec<u8>, postcard::Error> {
        let fields = (self.person, self.reason.as_str(), self.approved, self.hub);
        let mut bytes = CONTEXT.to_vec();
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

/// How far an erasure has come here.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ErasureRow {
    /// Whether the person, or a worker for her, asked for it.
    pub asked: bool,
    /// Who approved it first.
    pub approved: Option<Approver>,
    /// Whether the person is erased.
    pub erased: bool,
}

#[cfg(test)]
mod tests {
    use ring::signature::KeyPair;
    use sync_core::{Epoch, Seq};

    use super::*;

    #[test]
    fn signature_covers_every_field() {
        let key = Ed25519KeyPair::from_seed_unchecked(&[3; 32]).unwrap();
        let public: [u8; 32] = key.public_key().as_ref().try_into().unwrap();
        let person = EntryRef {
            origin: NodeId(2),
            epoch: Epoch(1),
            scope: Scope(16),
            seq: Seq(1),
        };
        let mut signed = Erasure {
            person,
            reason: "asked".to_owned(),
            approved: [(Scope(16), 1), (Scope(16), 2)],
            hub: NodeId(1),
            signature: [0; 64],
        };
        assert!(!signed.verify(&public));
        signed.sign(&key).unwrap();
        assert!(signed.verify(&public) && !signed.verify(&[9; 32]));
        let changes: [fn(&mut Erasure); 4] = [
            |one| one.person.seq = Seq(2),
            |one| one.reason.push('x'),
            |one| one.approved[1].1 = 3,
            |one| one.hub = NodeId(2),
        ];
        for change in changes {
            let mut forged = signed.clone();
            change(&mut forged);
            assert!(!forged.verify(&public));
        }
    }
}
