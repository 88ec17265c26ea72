//! A packed frame without what its receiver knows or computes, and the same frame again.
//!
//! For links where every byte costs money (`sync_core::sms::run`). The chain, the hash before the
//! run, the seeds and the check are the receiver's own; what was signed is put together from them
//! and verified before anybody looks at it. One that cannot be put together is refused with
//! `rebuild`, as a packed one is that cannot be read: its sender repeats it whole.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{
    FORM_PACKED, FrameError, FrameHeader, Keys, Packing, SIGNATURE_BYTES, SealInput, Sealing,
    Signer, header, packed, payload, verify,
};
use crate::id::{ChainId, Seq};
use crate::journal::BlockSeed;
use crate::refusal::{Refusal, RefusalCode};
use crate::varint::Reader;

/// What the receiver knows of a run, and what is left of the run itself.
#[derive(Clone, Copy)]
pub struct Bare<'a> {
    /// The chain of all entries.
    pub chain: ChainId,
    /// First entry.
    pub first: Seq,
    /// Chain hash before it.
    pub previous: [u8; 32],
    /// How many entries.
    pub count: u16,
    /// Hybrid clock of the last one.
    pub hlc: u64,
    /// Number of the pack set, 0 for none.
    pub dictionary: u16,
    /// Seeds by block; those of the blocks that the run touches must be among them.
    pub seeds: &'a [BlockSeed],
    /// Entries as they were packed.
    pub packed: &'a [u8],
    /// The origin's signature over the whole frame.
    pub signature: [u8; SIGNATURE_BYTES],
}

impl core::fmt::Debug for Bare<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Bare")
            .field("chain", &self.chain)
            .field("first", &self.first)
            .field("count", &self.count)
            .finish_non_exhaustive()
    }
}

/// What is left of a frame.
#[derive(Clone, PartialEq, Eq)]
pub struct Stripped {
    /// Its head.
    pub header: FrameHeader,
    /// Seeds of the blocks that it touches, ascending.
    pub seeds: Vec<BlockSeed>,
    /// Entries as they were packed.
    pub packed: Vec<u8>,
    /// The origin's signature.
    pub signature: [u8; SIGNATURE_BYTES],
}

impl core::fmt::Debug for Stripped {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Stripped")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

/// Seals consecutive entries packed and without zstd; `None` where they do not pack.
///
/// # Errors
/// As [`super::seal`].
pub fn seal_bare(
    signer: Signer<'_>,
    input: &SealInput<'_>,
    packing: &Packing<'_>,
) -> Result<Option<Vec<u8>>, FrameError> {
    let Some(packed) = packed::pack(signer, input, packing)? else {
        return Ok(None);
    };
    let sealing = Sealing::of(signer, input, packed.dictionary);
    let frame = sealing.finish(FORM_PACKED, packed.plain, &packed.hashes)?;
    Ok(Some(frame))
}

/// Takes a frame apart that [`seal_bare`] made; `None` for any other form.
pub fn strip(frame: &[u8]) -> Option<Stripped> {
    let head = header(frame).ok()?;
    if head.form != FORM_PACKED {
        return None;
    }
    let (rest, signature) = frame.split_last_chunk::<SIGNATURE_BYTES>()?;
    let mut reader = Reader::new(rest);
    reader.bytes(super::HEADER_BYTES)?;
    let seeds = payload::read_seeds(&mut reader, &head).ok()?;
    let packed = reader.bytes(reader.remaining())?.to_vec();
    Some(Stripped {
        header: head,
        seeds,
        packed,
        signature: *signature,
    })
}

/// The frame as it was signed by the holder of `origin_key`.
///
/// # Errors
/// `Rebuild` when what the receiver knows and what was sent do not make one.
pub fn whole(
    bare: &Bare<'_>,
    origin_key: &[u8; 32],
    packing: &Packing<'_>,
) -> Result<Vec<u8>, Refusal> {
    let built = catch_unwind(AssertUnwindSafe(|| build(bare, origin_key, packing)));
    let refused = || {
        Refusal::new(
            RefusalCode::Rebuild,
            "short run gives no frame of its origin",
        )
    };
    built.ok().flatten().ok_or_else(refused)
}

fn build(bare: &Bare<'_>, origin_key: &[u8; 32], packing: &Packing<'_>) -> Option<Vec<u8>> {
    let seeds = payload::touched(bare.first, bare.count, bare.seeds).ok()?;
    let mut plain = Vec::new();
    payload::write_seeds(&mut plain, &seeds);
    plain.extend(bare.packed);
    let mut head = FrameHeader {
        form: FORM_PACKED,
        hub: bare.chain.hub,
        origin: bare.chain.origin,
        epoch: bare.chain.epoch,
        scope: bare.chain.scope,
        first_seq: bare.first,
        count: bare.count,
        hlc: bare.hlc,
        previous: bare.previous,
        check: [0; 4],
        dictionary: bare.dictionary,
        payload_bytes: u32::try_from(plain.len()).ok()?,
    };
    // Lengths and range first: nothing is unpacked that no frame could hold.
    let length = super::HEADER_BYTES + plain.len() + SIGNATURE_BYTES;
    super::head::check_header(&head, length).ok()?;
    head.check = packed::check_of(&head, &seeds, bare.packed, origin_key, packing)?;
    let mut bytes = head.encode();
    bytes.extend(plain);
    bytes.extend(bare.signature);
    verify(&head, &bytes, Keys::from(origin_key)).ok()?;
    Some(bytes)
}
