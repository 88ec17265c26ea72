//! Short forms: what the listener knows from the connection or from its own journal is left out.
//!
//! A short form loses nothing: signed bytes are put together again before anybody looks at them,
//! so the signature still covers the whole. Who shortens and who restores is in `elision`.

use crate::frame::{FRAME_VERSION, FrameHeader, HEADER_BYTES, SIGNATURE_BYTES, header};
use crate::id::{ChainId, Epoch, HubId, NodeId, Scope, Seq};
use crate::receipt::{RECEIPT_BYTES, RECEIPT_VERSION};
use crate::varint::{self, Reader};

use super::MessageError;

/// Whose entries or receipts: a network, an origin and its life.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Life {
    /// The network.
    pub hub: HubId,
    /// Who.
    pub origin: NodeId,
    /// In which life.
    pub epoch: Epoch,
}

impl Life {
    /// A chain of this life.
    pub fn chain(&self, scope: Scope) -> ChainId {
        ChainId {
            hub: self.hub,
            origin: self.origin,
            epoch: self.epoch,
            scope,
        }
    }

    fn is_of(&self, chain: &ChainId) -> bool {
        self.chain(chain.scope) == *chain
    }
}

/// A `Hello` that repeats the last one of this connection but for two fields.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Again {
    /// Number of the newest revocation list held; 0 for none.
    pub revocations: u32,
    /// Digest of the frontier that both sides hold.
    pub digest: [u8; 8],
}

impl Again {
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        varint::write(out, u64::from(self.revocations));
        out.extend_from_slice(&self.digest);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, MessageError> {
        Ok(Self {
            revocations: number(reader, "revocations")?,
            digest: reader.array().ok_or(MessageError::Truncated)?,
        })
    }
}

/// A frame of the speaker's present life, without what the listener's journal says.
#[derive(Clone, PartialEq, Eq)]
pub struct ShortFrame {
    form: u8,
    /// Partition and lane.
    pub scope: Scope,
    /// First entry.
    pub first_seq: Seq,
    count: u16,
    hlc: u64,
    check: [u8; 4],
    dictionary: u16,
    /// Payload and signature.
    rest: Vec<u8>,
}

impl core::fmt::Debug for ShortFrame {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "ShortFrame({} bytes)", self.rest.len())
    }
}

impl ShortFrame {
    /// The short form of a frame; `None` where it is not of this life.
    pub(super) fn of(frame: &[u8], life: &Life) -> Option<Self> {
        let head = header(frame).ok()?;
        if !life.is_of(&head.chain()) {
            return None;
        }
        Some(Self {
            form: head.form,
            scope: head.scope,
            first_seq: head.first_seq,
            count: head.count,
            hlc: head.hlc,
            check: head.check,
            dictionary: head.dictionary,
            rest: frame.get(HEADER_BYTES..)?.to_vec(),
        })
    }

    /// The frame as it was signed, if `previous` is the chain hash before its first entry.
    pub(super) fn whole(&self, life: &Life, previous: [u8; 32]) -> Vec<u8> {
        let payload_bytes = self.rest.len().saturating_sub(SIGNATURE_BYTES);
        let head = FrameHeader {
            form: self.form,
            hub: life.hub,
            origin: life.origin,
            epoch: life.epoch,
            scope: self.scope,
            first_seq: self.first_seq,
            count: self.count,
            hlc: self.hlc,
            previous,
            check: self.check,
            dictionary: self.dictionary,
            payload_bytes: u32::try_from(payload_bytes).unwrap_or(u32::MAX),
        };
        let mut out = write_header(&head);
        out.extend_from_slice(&self.rest);
        out
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.push(self.form);
        varint::write(out, u64::from(self.scope.0));
        varint::write(out, u64::from(self.first_seq.0));
        varint::write(out, u64::from(self.count));
        out.extend_from_slice(&self.hlc.to_be_bytes());
        out.extend_from_slice(&self.check);
        varint::write(out, u64::from(self.dictionary));
        out.extend_from_slice(&self.rest);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, MessageError> {
        let malformed = |field| move |_over| MessageError::Malformed(field);
        let form = reader.u8().ok_or(MessageError::Truncated)?;
        let scope = Scope(number(reader, "scope")?);
        let first_seq = Seq(number(reader, "first entry")?);
        let count = number(reader, "count")?;
        let hlc = reader.u64().ok_or(MessageError::Truncated)?;
        let check = reader.array().ok_or(MessageError::Truncated)?;
        let dictionary = number(reader, "dictionary")?;
        let rest = reader.bytes(reader.remaining()).unwrap_or_default();
        if rest.len() < SIGNATURE_BYTES {
            return Err(MessageError::Truncated);
        }
        if first_seq == Seq(0) {
            return Err(MessageError::Malformed("first entry"));
        }
        Ok(Self {
            form,
            scope,
            first_seq,
            count: u16::try_from(count).map_err(malformed("count"))?,
            hlc,
            check,
            dictionary: u16::try_from(dictionary).map_err(malformed("dictionary"))?,
            rest: rest.to_vec(),
        })
    }
}

fn write_header(head: &FrameHeader) -> Vec<u8> {
    let mut out = vec![FRAME_VERSION, head.form];
    out.extend_from_slice(&head.hub.0);
    out.extend_from_slice(&head.origin.0.to_be_bytes());
    out.extend_from_slice(&head.epoch.0.to_be_bytes());
    out.extend_from_slice(&head.scope.0.to_be_bytes());
    out.extend_from_slice(&head.first_seq.0.to_be_bytes());
    out.extend_from_slice(&head.count.to_be_bytes());
    out.extend_from_slice(&head.hlc.to_be_bytes());
    out.extend_from_slice(&head.previous);
    out.extend_from_slice(&head.check);
    out.extend_from_slice(&head.dictionary.to_be_bytes());
    out.extend_from_slice(&head.payload_bytes.to_be_bytes());
    out
}

/// A receipt of a chain of the listener's present life, without the hash that it holds itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ShortReceipt {
    /// Partition and lane.
    pub scope: Scope,
    /// Last entry that is covered.
    pub up_to: Seq,
    hlc: u64,
    signature: [u8; SIGNATURE_BYTES],
}

impl ShortReceipt {
    /// The short form of a receipt; `None` where it is not of this life.
    pub(super) fn of(receipt: &[u8], life: &Life) -> Option<Self> {
        let mut reader = Reader::new(receipt);
        if receipt.len() != RECEIPT_BYTES || reader.u8()? != RECEIPT_VERSION {
            return None;
        }
        let chain = ChainId {
            hub: HubId(reader.array()?),
            origin: NodeId(reader.u32()?),
            epoch: Epoch(reader.u64()?),
            scope: Scope(reader.u32()?),
        };
        let up_to = Seq(reader.u32()?);
        let _hash: [u8; 32] = reader.array()?;
        let (hlc, signature) = (reader.u64()?, reader.array()?);
        life.is_of(&chain).then_some(Self {
            scope: chain.scope,
            up_to,
            hlc,
            signature,
        })
    }

    /// The receipt as it was signed, if `hash` is the chain hash after its last entry.
    pub(super) fn whole(&self, life: &Life, hash: [u8; 32]) -> Vec<u8> {
        let mut out = vec![RECEIPT_VERSION];
        out.extend(crate::journal::chain_bytes(&life.chain(self.scope)));
        out.extend(self.up_to.0.to_be_bytes());
        out.extend(hash);
        out.extend(self.hlc.to_be_bytes());
        out.extend(self.signature);
        out
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        varint::write(out, u64::from(self.scope.0));
        varint::write(out, u64::from(self.up_to.0));
        out.extend_from_slice(&self.hlc.to_be_bytes());
        out.extend_from_slice(&self.signature);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, MessageError> {
        Ok(Self {
            scope: Scope(number(reader, "scope")?),
            up_to: Seq(number(reader, "entry")?),
            hlc: reader.u64().ok_or(MessageError::Truncated)?,
            signature: reader.array().ok_or(MessageError::Truncated)?,
        })
    }
}

/// A varint of at most 32 bits in its shortest form.
pub(super) fn number(reader: &mut Reader<'_>, field: &'static str) -> Result<u32, MessageError> {
    if reader.is_empty() {
        return Err(MessageError::Truncated);
    }
    let value = reader.varint().ok_or(MessageError::Malformed(field))?;
    u32::try_from(value).map_err(|_over| MessageError::Malformed(field))
}
