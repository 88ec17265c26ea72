//! The short form of a receipt: what the node computes itself is left out, so that a receipt goes
//! with the ack of its run.
//!
//! ```text
//! 1 ‖ scope u32 ‖ up_to u32 ‖ hlc u64 ‖ Ed25519 [64]                 81 octets, of the link's life
//! 2 ‖ epoch u64 ‖ scope u32 ‖ up_to u32 ‖ hlc u64 ‖ Ed25519 [64]     89 octets, of an older life
//! ```
//!
//! Network, origin and chain hash are those that the node holds; the signature covers them, so a
//! node with another chain cannot rebuild the receipt.

use super::SmsError;
use super::key::Ends;
use crate::id::{ChainId, Epoch, Scope, Seq};
use crate::journal;
use crate::receipt::{RECEIPT_BYTES, RECEIPT_VERSION};
use crate::varint::Reader;

const OF_THIS_LIFE: u8 = 1;
const OF_OLDER_LIFE: u8 = 2;

/// A receipt in its short form, without what its chain says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ShortReceipt {
    /// Which chain of the link's node.
    pub chain: ChainId,
    /// Up to which entry.
    pub up_to: Seq,
    hlc: u64,
    signature: [u8; 64],
}

impl ShortReceipt {
    /// The short form of a receipt; `None` when it is none of the link's node.
    pub fn of(receipt: &[u8], ends: &Ends) -> Option<Vec<u8>> {
        if receipt.len() != RECEIPT_BYTES {
            return None;
        }
        let mut reader = Reader::new(receipt);
        let version = reader.u8()?;
        let hub: [u8; 4] = reader.array()?;
        let (node, epoch, scope) = (reader.u32()?, reader.u64()?, reader.u32()?);
        let up_to = reader.u32()?;
        let _hash: [u8; 32] = reader.array()?;
        let rest = reader.remaining();
        let rest = reader.bytes(rest)?;
        if version != RECEIPT_VERSION || hub != ends.hub.0 || node != ends.node.0 {
            return None;
        }
        let mut out = Vec::new();
        if epoch == ends.epoch.0 {
            out.push(OF_THIS_LIFE);
        } else {
            out.push(OF_OLDER_LIFE);
            out.extend(epoch.to_be_bytes());
        }
        out.extend(scope.to_be_bytes());
        out.extend(up_to.to_be_bytes());
        out.extend(rest);
        Some(out)
    }

    /// Reads a short form of the link's node.
    ///
    /// # Errors
    /// `Content` when it has another form or length.
    pub fn read(bytes: &[u8], ends: &Ends) -> Result<Self, SmsError> {
        Self::parse(bytes, ends).ok_or(SmsError::Content)
    }

    fn parse(bytes: &[u8], ends: &Ends) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let epoch = match reader.u8()? {
            OF_THIS_LIFE => ends.epoch,
            // One life has one form.
            OF_OLDER_LIFE => Some(Epoch(reader.u64()?)).filter(|epoch| *epoch != ends.epoch)?,
            _ => return None,
        };
        let (scope, up_to) = (Scope(reader.u32()?), Seq(reader.u32()?));
        let short = Self {
            chain: ChainId {
                hub: ends.hub,
                origin: ends.node,
                epoch,
                scope,
            },
            up_to,
            hlc: reader.u64()?,
            signature: reader.array()?,
        };
        reader.is_empty().then_some(short)
    }

    /// The receipt's bytes with the chain hash after its entry, to be verified as any receipt.
    pub fn whole(&self, hash: &[u8; 32]) -> Vec<u8> {
        let mut out = vec![RECEIPT_VERSION];
        out.extend(journal::chain_bytes(&self.chain));
        out.extend(self.up_to.0.to_be_bytes());
        out.extend(hash);
        out.extend(self.hlc.to_be_bytes());
        out.extend(self.signature);
        out
    }
}
