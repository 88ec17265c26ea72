//! Facts that a hub signs by themselves: a grant of a role, its end, an erasure.
//!
//! The frame around a fact is signed by the node that wrote it; these hold however they came, so
//! they carry a signature of their own: Ed25519 (RFC 8032) by the hub's node key over a context and
//! the postcard form of all fields but the signature.

use ring::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};

/// A fact with the signature of the hub that ordered it.
pub trait HubSigned {
    /// Marks what the signature covers, so that no other signature can stand in for it.
    const CONTEXT: &'static [u8];

    /// The postcard form of every field but the signature.
    ///
    /// # Errors
    /// Those of the encoder, which no such fact causes.
    fn fields(&self) -> Result<Vec<u8>, postcard::Error>;

    /// The signature.
    fn signature(&self) -> &[u8; 64];

    /// Puts another signature in its place.
    fn set_signature(&mut self, signature: [u8; 64]);

    /// Signs with the hub's node key.
    ///
    /// # Errors
    /// Those of [`Self::fields`].
    fn sign(&mut self, key: &Ed25519KeyPair) -> Result<(), postcard::Error> {
        let bytes = [Self::CONTEXT, &self.fields()?].concat();
        // Ed25519 signatures have 64 bytes (RFC 8032 §5.1.6).
        let signature = key.sign(&bytes).as_ref().try_into();
        self.set_signature(signature.unwrap_or([0; 64]));
        Ok(())
    }

    /// Whether the holder of this public key signed exactly these fields.
    fn verify(&self, public_key: &[u8; 32]) -> bool {
        self.fields().is_ok_and(|fields| {
            UnparsedPublicKey::new(&ED25519, public_key)
                .verify(&[Self::CONTEXT, &fields].concat(), self.signature())
                .is_ok()
        })
    }
}

/// Each change of a field breaks the signature; so do a wrong key, and none.
#[cfg(test)]
pub(crate) fn check_signature<T: HubSigned + Clone>(unsigned: T, changes: &[fn(&mut T)]) {
    use ring::signature::KeyPair;

    let key = Ed25519KeyPair::from_seed_unchecked(&[3; 32]).unwrap();
    let public: [u8; 32] = key.public_key().as_ref().try_into().unwrap();
    let mut signed = unsigned;
    assert!(!signed.verify(&public));
    signed.sign(&key).unwrap();
    assert!(signed.verify(&public));
    assert!(!signed.verify(&[9; 32]));
    for change in changes {
        let mut forged = signed.clone();
        change(&mut forged);
        assert!(!forged.verify(&public));
    }
}
