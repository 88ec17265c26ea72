//! Who signs a frame, and the keys that it is checked with.
//!
//! A frame is signed by the origin of its entries. What a hub passes on, long after the frames in
//! which it came are gone, it expresses anew and signs with the key of its receipts: like a receipt
//! such a frame says that the hub holds this run of this chain. The chain itself, and what an
//! entry may say, are checked as in any other frame.

use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

use super::{FORM_REEXPRESSED, FrameHeader};
use crate::journal;
use crate::refusal::{Refusal, RefusalCode};

const CONTEXT: &[u8] = b"outpost.frame.1";
const HUB_CONTEXT: &[u8] = b"outpost.frame.hub.1";

/// Who signs a frame.
#[derive(Clone, Copy)]
pub enum Signer<'a> {
    /// The origin of the entries, with its key of their epoch.
    Origin(&'a Ed25519KeyPair),
    /// The hub, with the key of its receipts: a re-expressed frame.
    Hub {
        /// That key.
        receipts: &'a Ed25519KeyPair,
        /// Public key of the origin in the entries' epoch.
        origin: [u8; 32],
    },
}

impl<'a> From<&'a Ed25519KeyPair> for Signer<'a> {
    fn from(origin: &'a Ed25519KeyPair) -> Self {
        Self::Origin(origin)
    }
}

impl core::fmt::Debug for Signer<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Origin(_) => "Origin",
            Self::Hub { .. } => "Hub",
        })
    }
}

impl Signer<'_> {
    /// Public key of the origin, from which its actor follows.
    pub(super) fn origin_key(&self) -> [u8; 32] {
        match self {
            Self::Origin(key) => journal::prefix(key.public_key().as_ref()),
            Self::Hub { origin, .. } => *origin,
        }
    }

    /// The form bits that say who signed.
    pub(super) fn form(&self) -> u8 {
        match self {
            Self::Origin(_) => 0,
            Self::Hub { .. } => FORM_REEXPRESSED,
        }
    }

    pub(super) fn sign(&self, head: &[u8], payload: &[u8]) -> [u8; 64] {
        let (key, context) = match self {
            Self::Origin(key) => (key, CONTEXT),
            Self::Hub { receipts, .. } => (receipts, HUB_CONTEXT),
        };
        journal::prefix(key.sign(&signed(context, head, payload)).as_ref())
    }
}

/// Public keys that a frame is checked with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Keys {
    /// The origin's, from its certificate of the frame's epoch.
    pub origin: [u8; 32],
    /// That of the hub's receipts; without it re-expressed frames are refused with `version`.
    pub receipts: Option<[u8; 32]>,
}

impl From<&[u8; 32]> for Keys {
    fn from(origin: &[u8; 32]) -> Self {
        Self {
            origin: *origin,
            receipts: None,
        }
    }
}

impl Keys {
    /// Checks the signature over a frame's head and payload.
    pub(super) fn verify(
        &self,
        header: &FrameHeader,
        (head, payload): (&[u8], &[u8]),
        signature: &[u8],
    ) -> Result<(), Refusal> {
        let unread = || {
            let reason = "re-expressed frames are not read here";
            Refusal::new(RefusalCode::Version, reason)
        };
        let (key, context) = if header.is_reexpressed() {
            (self.receipts.ok_or_else(unread)?, HUB_CONTEXT)
        } else {
            (self.origin, CONTEXT)
        };
        UnparsedPublicKey::new(&ED25519, &key)
            .verify(&signed(context, head, payload), signature)
            .map_err(|_unspecified| Refusal::new(RefusalCode::Signature, "frame signature"))
    }
}

fn signed(context: &[u8], head: &[u8], payload: &[u8]) -> Vec<u8> {
    [context, head, &journal::hash(&[payload])].concat()
}
