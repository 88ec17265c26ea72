//! Frames: a signed run of entries of one chain, the same bytes on every link.
//!
//! Layout and order of checks: `docs/protocols/frames.md`. [`header`] does the first two steps,
//! the store checks certificate, scope and revocation, [`open`] does the rest up to the chain
//! hash. Opening computes on copies and returns a value, so a refusal changes nothing. Packed
//! entries are read by [`open_packed`] alone. Who may sign, and with which key: [`Signer`], [`Keys`].

pub mod bare;
mod body;
mod entries;
mod head;
mod packed;
mod payload;
mod redacted;
mod signer;

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::entry::Entry;
use crate::id::{ChainId, Epoch, HubId, NodeId, Scope, Seq};
use crate::journal::{self, BlockSeed};
use crate::refusal::{Refusal, RefusalCode};
use crate::varint::Reader;

/// Version byte of this layout; another one is refused, there is no fall-back.
pub const FRAME_VERSION: u8 = 1;
/// Length of the header in bytes.
pub const HEADER_BYTES: usize = 78;
/// Length of the signature in bytes.
pub const SIGNATURE_BYTES: usize = 64;
/// Largest payload on the wire in bytes; a larger frame is refused before anything is read.
pub const PAYLOAD_BYTES_MAX: usize = 256 * 1024;
/// Largest frame in bytes.
pub const FRAME_BYTES_MAX: usize = HEADER_BYTES + PAYLOAD_BYTES_MAX + SIGNATURE_BYTES;
/// Largest payload in bytes once expanded; expansion stops there and the frame is refused.
pub const EXPANDED_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Most times that a payload may grow when expanded; beyond it the frame is refused.
pub const EXPANSION_MAX: usize = 50;
/// Most entries of one frame; the sender cuts, the receiver refuses.
pub const ENTRIES_MAX: u16 = 1024;
/// Largest fact in bytes; a larger one is refused at sealing and on acceptance.
pub const FACT_BYTES_MAX: usize = 16 * 1024;

/// Form bit: entries are packed.
const FORM_PACKED: u8 = 0b001;
/// Form bit: the payload is a zstd frame.
const FORM_ZSTD: u8 = 0b010;
/// Form bit: a hub wrote the entries anew and signed.
const FORM_REEXPRESSED: u8 = 0b100;

/// Form bit: bodies of erased persons are gone; entries carry salts in place of seeds.
const FORM_REDACTED: u8 = 0b1000;

pub use packed::{Packing, open_packed, seal_packed};
pub use redacted::{Mark, RedactedInput, seal_redacted};
pub use signer::{Keys, Signer};

/// What is sealed into one frame.
#[derive(Clone, Copy)]
pub struct SealInput<'a> {
    /// The chain of all entries.
    pub chain: ChainId,
    /// Chain hash before the first entry.
    pub previous: [u8; 32],
    /// Seeds by block; the blocks that the entries touch must be among them.
    pub seeds: &'a [BlockSeed],
    /// Consecutive entries.
    pub entries: &'a [Entry],
}

/// Why entries cannot be sealed; all but `TooLarge` are faults of the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Not 1–1,024 entries.
    #[error("frame has {0} entries, not 1 to 1024")]
    Count(usize),
    /// The run is too large for one frame: the caller cuts it.
    #[error("frame has {got} bytes, over its limit of {limit}")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
        /// What it would have.
        got: usize,
    },
    /// A touched block has no seed.
    #[error("block {0} has no seed")]
    Seed(u32),
    /// An entry's head does not fit its place or kind.
    #[error("entry {seq} is not acceptable: {reason}")]
    Entry {
        /// Which.
        seq: u32,
        /// Why a receiver would refuse it.
        reason: String,
    },
    /// The compressor failed.
    #[error("payload cannot be compressed")]
    Compression,
}

/// The first 78 bytes of a frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FrameHeader {
    /// Bits: 1 packed, 2 zstd, 4 re-expressed, 8 redacted.
    pub form: u8,
    /// Network.
    pub hub: HubId,
    /// Who wrote the entries.
    pub origin: NodeId,
    /// In which life.
    pub epoch: Epoch,
    /// In which partition and lane.
    pub scope: Scope,
    /// First entry.
    pub first_seq: Seq,
    /// How many entries, 1–1,024.
    pub count: u16,
    /// Hybrid clock of the last entry.
    pub hlc: u64,
    /// Chain hash before the first entry.
    pub previous: [u8; 32],
    /// First 4 bytes of the chain hash after the last entry.
    pub check: [u8; 4],
    /// Dictionary of the packed form; 0 = none.
    pub dictionary: u16,
    /// Length of the payload.
    pub payload_bytes: u32,
}

impl FrameHeader {
    /// The chain of all entries.
    pub fn chain(&self) -> ChainId {
        ChainId {
            hub: self.hub,
            origin: self.origin,
            epoch: self.epoch,
            scope: self.scope,
        }
    }

    /// The last entry.
    pub fn last_seq(&self) -> Seq {
        let more = u32::from(self.count).saturating_sub(1);
        Seq(self.first_seq.0.saturating_add(more))
    }

    /// Whether its entries are packed.
    pub fn is_packed(&self) -> bool {
        self.form & FORM_PACKED != 0
    }

    /// Whether a hub wrote the entries anew and signed.
    pub fn is_reexpressed(&self) -> bool {
        self.form & FORM_REEXPRESSED != 0
    }

    /// The header's bytes, as they are signed.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEADER_BYTES);
        out.push(FRAME_VERSION);
        out.push(self.form);
        out.extend(journal::chain_bytes(&self.chain()));
        out.extend(self.first_seq.0.to_be_bytes());
        out.extend(self.count.to_be_bytes());
        out.extend(self.hlc.to_be_bytes());
        out.extend(self.previous);
        out.extend(self.check);
        out.extend(self.dictionary.to_be_bytes());
        out.extend(self.payload_bytes.to_be_bytes());
        out
    }
}

/// A frame after all checks that need no store.
#[derive(Clone, PartialEq, Eq)]
pub struct OpenedFrame {
    /// Its head.
    pub header: FrameHeader,
    /// Seeds of the blocks that it touches, ascending; none in a redacted frame.
    pub seeds: Vec<BlockSeed>,
    /// One for each entry of a redacted frame, none otherwise.
    pub marks: Vec<Mark>,
    /// Entries, each with the chain hash after it.
    pub entries: Vec<(Entry, [u8; 32])>,
}

// Seeds stay out of logs: who knows one can try bodies against a commitment after erasure.
impl core::fmt::Debug for SealInput<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let mut form = f.debug_struct("SealInput");
        form.field("chain", &self.chain)
            .field("entries", &self.entries.len());
        form.finish_non_exhaustive()
    }
}

impl core::fmt::Debug for OpenedFrame {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let mut form = f.debug_struct("OpenedFrame");
        form.field("header", &self.header)
            .field("entries", &self.entries.len());
        form.finish_non_exhaustive()
    }
}

/// Seals consecutive entries with the signer's key; zstd where it is smaller.
///
/// # Errors
/// [`FrameError`]: whatever a receiver would refuse is not signed.
pub fn seal(signer: Signer<'_>, input: &SealInput<'_>) -> Result<Vec<u8>, FrameError> {
    let (first, _last, count) = run(input.entries)?;
    check_bodies(&signer, input)?;
    let seeds = payload::touched(first.meta.seq, count, input.seeds)?;
    let mut plain = Vec::new();
    payload::write_seeds(&mut plain, &seeds);
    entries::write(&mut plain, &input.chain, input.entries).map_err(|(seq, reason)| {
        FrameError::Entry {
            seq,
            reason: reason.to_owned(),
        }
    })?;
    let hashes = chain_hashes(input.previous, &seeds, input.entries).map_err(FrameError::Seed)?;
    let (form, payload) = payload::compress(plain)?;
    Sealing::of(signer, input, 0).finish(form, payload, &hashes)
}

/// What both forms share once their payload is written.
struct Sealing<'a> {
    signer: Signer<'a>,
    chain: ChainId,
    previous: [u8; 32],
    entries: &'a [Entry],
    /// Number of the pack set, 0 for none.
    dictionary: u16,
}

impl<'a> Sealing<'a> {
    fn of(signer: Signer<'a>, input: &SealInput<'a>, dictionary: u16) -> Self {
        Self {
            signer,
            chain: input.chain,
            previous: input.previous,
            entries: input.entries,
            dictionary,
        }
    }

    fn finish(
        &self,
        form: u8,
        payload: Vec<u8>,
        hashes: &[[u8; 32]],
    ) -> Result<Vec<u8>, FrameError> {
        let (first, last, count) = run(self.entries)?;
        let header = FrameHeader {
            form: form | self.signer.form(),
            hub: self.chain.hub,
            origin: self.chain.origin,
            epoch: self.chain.epoch,
            scope: self.chain.scope,
            first_seq: first.meta.seq,
            count,
            hlc: last.meta.hlc,
            previous: self.previous,
            check: hashes.last().map_or([0; 4], |hash| journal::prefix(hash)),
            dictionary: self.dictionary,
            payload_bytes: u32::try_from(payload.len()).unwrap_or(u32::MAX),
        };
        let mut bytes = header.encode();
        let signature = self.signer.sign(&bytes, &payload);
        bytes.extend(payload);
        bytes.extend(signature);
        Ok(bytes)
    }
}

fn rules(signer: &Signer<'_>, epoch: Epoch) -> body::BodyRules {
    body::BodyRules::new(&signer.origin_key(), epoch)
}

/// Reads and checks lengths, version and form: steps 1 and 2. Nothing is trusted yet.
///
/// # Errors
/// `TooLarge`, `Malformed`, `Version`, `UnknownDictionary` (not packed), `Scope`.
pub fn header(bytes: &[u8]) -> Result<FrameHeader, Refusal> {
    if bytes.len() > FRAME_BYTES_MAX {
        return Err(Refusal::new(
            RefusalCode::TooLarge,
            "frame is over its length cap",
        ));
    }
    let short = || Refusal::new(RefusalCode::Malformed, "frame is shorter than its header");
    let mut reader = Reader::new(bytes);
    head::check_version(&mut reader).ok_or_else(short)??;
    let mut reader = Reader::new(bytes);
    let header = head::parse_header(&mut reader).ok_or_else(short)?;
    head::check_header(&header, bytes.len())?;
    Ok(header)
}

/// Checks and opens a frame against the chain's head: steps 4 to 8 and 10.
///
/// `head` is the last accepted entry and its chain hash, (0, [`journal::genesis`]) for a new
/// chain; the origin's key comes from its certificate of this epoch.
///
/// # Errors
/// Those of [`header`], `Rebuild` for packed entries, `Version` for re-expressed ones without a key
/// for them, then in this order `Signature`, `Duplicate` or `Gap`, `Forked`, `Content`, `Actor`,
/// `Check`.
pub fn open(
    bytes: &[u8],
    head: (Seq, [u8; 32]),
    keys: impl Into<Keys>,
) -> Result<OpenedFrame, Refusal> {
    open_with(bytes, head, keys.into(), None)
}

fn open_with(
    bytes: &[u8],
    head: (Seq, [u8; 32]),
    keys: Keys,
    packing: Option<&Packing<'_>>,
) -> Result<OpenedFrame, Refusal> {
    let header = header(bytes)?;
    packed::check_form(&header, packing)?;
    let payload = verify(&header, bytes, keys)?;
    check_position(&header, head)?;
    let parsed = catch_unwind(AssertUnwindSafe(|| {
        parse(&header, payload, &keys.origin, packing)
    }));
    parsed.unwrap_or_else(|_panic| {
        Err(Refusal::new(
            RefusalCode::Content,
            "payload stopped its parser",
        ))
    })
}

/// Whether a duplicate frame is the run that is known: compares its end with the stored hash.
///
/// `known_hash_at_last` is the stored chain hash after entry [`FrameHeader::last_seq`]. The
/// store calls this for a frame that [`open`] refused as `Duplicate`, so its signature holds;
/// `false` is a fork.
pub fn matches_known(header: &FrameHeader, known_hash_at_last: [u8; 32]) -> bool {
    known_hash_at_last.starts_with(&header.check)
}

fn run(entries: &[Entry]) -> Result<(&Entry, &Entry, u16), FrameError> {
    let wrong = FrameError::Count(entries.len());
    let count = u16::try_from(entries.len()).map_err(|_large| wrong.clone())?;
    match (entries.first(), entries.last()) {
        (Some(first), Some(last)) if count <= ENTRIES_MAX => Ok((first, last, count)),
        _ => Err(wrong),
    }
}

/// The same rules as on the receiving side, before anything is signed.
fn check_bodies(signer: &Signer<'_>, input: &SealInput<'_>) -> Result<(), FrameError> {
    let mut rules = rules(signer, input.chain.epoch);
    for entry in input.entries {
        rules.check(entry).map_err(|refusal| FrameError::Entry {
            seq: entry.meta.seq.0,
            reason: refusal.reason,
        })?;
    }
    Ok(())
}

/// Checks the signature and returns the payload.
fn verify<'a>(header: &FrameHeader, bytes: &'a [u8], keys: Keys) -> Result<&'a [u8], Refusal> {
    let malformed = || Refusal::new(RefusalCode::Malformed, "frame is shorter than its header");
    let (head, rest) = bytes.split_at_checked(HEADER_BYTES).ok_or_else(malformed)?;
    let (payload, signature) = rest
        .split_last_chunk::<SIGNATURE_BYTES>()
        .ok_or_else(malformed)?;
    keys.verify(header, (head, payload), signature)?;
    Ok(payload)
}

fn check_position(header: &FrameHeader, head: (Seq, [u8; 32])) -> Result<(), Refusal> {
    let (seq, hash) = head;
    if header.first_seq <= seq {
        return Err(Refusal::new(
            RefusalCode::Duplicate,
            "frame begins at or below the head",
        ));
    }
    if header.first_seq.0 - 1 != seq.0 {
        return Err(Refusal::new(
            RefusalCode::Gap,
            "frame begins beyond the head",
        ));
    }
    if header.previous != hash {
        return Err(Refusal::new(
            RefusalCode::Forked,
            "frame continues another chain",
        ));
    }
    Ok(())
}

fn parse(
    header: &FrameHeader,
    wire: &[u8],
    key: &[u8; 32],
    packing: Option<&Packing<'_>>,
) -> Result<OpenedFrame, Refusal> {
    if header.form & FORM_REDACTED != 0 {
        return redacted::parse(header, wire, body::BodyRules::new(key, header.epoch));
    }
    let plain = payload::expand(header.form & FORM_ZSTD != 0, wire)?;
    if let Some(packing) = packing.filter(|_| header.form & FORM_PACKED != 0) {
        return packed::parse(header, &plain, key, packing);
    }
    let mut reader = Reader::new(&plain);
    let seeds = payload::read_seeds(&mut reader, header)?;
    let entries = entries::read(&mut reader, header)?;
    let mut rules = body::BodyRules::new(key, header.epoch);
    for entry in &entries {
        rules.check(entry)?;
    }
    let content = |reason| Refusal::new(RefusalCode::Content, reason);
    if entries.last().map(|entry| entry.meta.hlc) != Some(header.hlc) {
        return Err(content("last entry's clock differs from the header"));
    }
    let hashes = chain_hashes(header.previous, &seeds, &entries)
        .map_err(|_block| content("entry without a seed"))?;
    if !hashes
        .last()
        .is_some_and(|hash| matches_known(header, *hash))
    {
        return Err(Refusal::new(
            RefusalCode::Check,
            "chain does not end in the frame's check",
        ));
    }
    Ok(OpenedFrame {
        header: header.clone(),
        seeds,
        marks: Vec::new(),
        entries: entries.into_iter().zip(hashes).collect(),
    })
}

/// Chain hash after each entry; the error is the block without a seed.
fn chain_hashes(
    previous: [u8; 32],
    seeds: &[BlockSeed],
    entries: &[Entry],
) -> Result<Vec<[u8; 32]>, u32> {
    let mut head = previous;
    let mut hashes = Vec::new();
    for entry in entries {
        let block = journal::block(entry.meta.seq);
        let (_, seed) = seeds
            .iter()
            .find(|(number, _)| *number == block)
            .ok_or(block)?;
        let salt = journal::salt(seed, entry.meta.seq);
        head = journal::link(&head, &entry.meta, &journal::commitment(&salt, &entry.body));
        hashes.push(head);
    }
    Ok(hashes)
}

#[cfg(test)]
mod tests;
