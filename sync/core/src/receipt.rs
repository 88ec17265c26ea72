//! Receipts: a hub's signature over how far it holds a chain. Only a receipt prunes.
//!
//! 129 bytes: `version ‖ hub ‖ origin ‖ epoch ‖ scope ‖ up_to ‖ hash ‖ hlc ‖ Ed25519`. The hlc is
//! that of the hub's commit, so the same state gives the same bytes.

use ring::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};

use crate::id::{ChainId, Epoch, HubId, NodeId, Scope, Seq};
use crate::journal;
use crate::refusal::{Refusal, RefusalCode};
use crate::varint::Reader;

/// Version byte of this layout; another one is refused.
pub const RECEIPT_VERSION: u8 = 1;
/// Length in bytes, signature included; another one is refused.
pub const RECEIPT_BYTES: usize = 129;

const CONTEXT: &[u8] = b"outpost.receipt.1";

/// What a hub says it holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Receipt {
    /// Of which chain.
    pub chain: ChainId,
    /// Up to and with which entry.
    pub up_to: Seq,
    /// Chain hash after that entry.
    pub hash: [u8; 32],
    /// Hybrid clock of the hub's commit of that entry.
    pub hlc: u64,
}

/// The signed form.
pub fn sign(receipt: &Receipt, key: &Ed25519KeyPair) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(RECEIPT_BYTES);
    bytes.push(RECEIPT_VERSION);
    bytes.extend(journal::chain_bytes(&receipt.chain));
    bytes.extend(receipt.up_to.0.to_be_bytes());
    bytes.extend(receipt.hash);
    bytes.extend(receipt.hlc.to_be_bytes());
    let signature = key.sign(&signed(&bytes));
    bytes.extend(signature.as_ref());
    bytes
}

/// Reads a receipt and checks the hub's signature.
///
/// # Errors
/// `Malformed` (length), `Version`, `Signature`.
pub fn verify(bytes: &[u8], hub_key: &[u8; 32]) -> Result<Receipt, Refusal> {
    let malformed = || {
        Refusal::new(
            RefusalCode::Malformed,
            "receipt has another length than 129",
        )
    };
    let (content, signature) = bytes
        .split_last_chunk::<64>()
        .filter(|_| bytes.len() == RECEIPT_BYTES)
        .ok_or_else(malformed)?;
    let mut reader = Reader::new(content);
    if reader.u8() != Some(RECEIPT_VERSION) {
        return Err(Refusal::new(
            RefusalCode::Version,
            "receipt version is not 1",
        ));
    }
    UnparsedPublicKey::new(&ED25519, hub_key)
        .verify(&signed(content), signature)
        .map_err(|_unspecified| Refusal::new(RefusalCode::Signature, "receipt signature"))?;
    parse(&mut reader).ok_or_else(malformed)
}

fn parse(reader: &mut Reader<'_>) -> Option<Receipt> {
    Some(Receipt {
        chain: ChainId {
            hub: HubId(reader.array()?),
            origin: NodeId(reader.u32()?),
            epoch: Epoch(reader.u64()?),
            scope: Scope(reader.u32()?),
        },
        up_to: Seq(reader.u32()?),
        hash: reader.array()?,
        hlc: reader.u64()?,
    })
}

fn signed(content: &[u8]) -> Vec<u8> {
    [CONTEXT, content].concat()
}

#[cfg(test)]
mod tests;
