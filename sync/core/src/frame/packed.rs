//! Packed frames: the same header and seeds, the entries as one packed run (form bit 0).
//!
//! Layout of the run: `docs/protocols/packing.md`. The signature covers the payload as sent, the
//! header's check the entries as rebuilt, so a wrong rebuild is refused with `rebuild` and never
//! held against the origin: its raw repeat decides.

use super::{
    FORM_PACKED, FrameError, FrameHeader, Keys, OpenedFrame, SealInput, Sealing, Signer, body,
    chain_hashes, check_bodies, entries, matches_known, open_with, payload, rules, run, seal,
};
use crate::entry::Entry;
use crate::id::Seq;
use crate::journal::{self, BlockSeed};
use crate::pack::{self, PackSet, Run, Shelf};
use crate::refusal::{Refusal, RefusalCode};
use crate::varint::Reader;

/// What this side knows for packed frames.
#[derive(Clone, Copy)]
pub struct Packing<'a> {
    /// Sets that it holds, the newest first; that one is written with.
    pub sets: &'a [&'a PackSet],
    /// Documents and changes that it holds.
    pub shelf: &'a dyn Shelf,
}

impl core::fmt::Debug for Packing<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Packing")
            .field("sets", &self.sets.len())
            .finish_non_exhaustive()
    }
}

impl<'a> Packing<'a> {
    /// The set of this number; 0 is the empty one, which everybody holds.
    fn set(&self, number: u16) -> Option<&'a PackSet> {
        let mut sets = self.sets.iter().copied();
        sets.find(|set| set.number() == number)
    }
}

/// Entries packed, with what goes around them.
pub(super) struct Packed {
    /// Seeds and packed entries.
    pub(super) plain: Vec<u8>,
    /// Chain hash after each entry.
    pub(super) hashes: Vec<[u8; 32]>,
    /// Number of the set.
    pub(super) dictionary: u16,
}

/// Seals consecutive entries packed, or raw where they do not pack.
///
/// # Errors
/// As [`seal`].
pub fn seal_packed(
    signer: Signer<'_>,
    input: &SealInput<'_>,
    packing: &Packing<'_>,
) -> Result<Vec<u8>, FrameError> {
    let Some(packed) = pack(signer, input, packing)? else {
        return seal(signer, input);
    };
    let (compressed, payload) = payload::compress(packed.plain)?;
    let sealing = Sealing::of(signer, input, packed.dictionary);
    sealing.finish(FORM_PACKED | compressed, payload, &packed.hashes)
}

/// Packs consecutive entries with the newest set; `None` where they do not pack.
pub(super) fn pack(
    signer: Signer<'_>,
    input: &SealInput<'_>,
    packing: &Packing<'_>,
) -> Result<Option<Packed>, FrameError> {
    let (first, last, count) = run(input.entries)?;
    check_bodies(&signer, input)?;
    entries::check_all(&input.chain, input.entries).map_err(|(seq, reason)| FrameError::Entry {
        seq,
        reason: reason.to_owned(),
    })?;
    let seeds = payload::touched(first.meta.seq, count, input.seeds)?;
    let empty = PackSet::default();
    let newest = packing.sets.first().copied();
    let packed = pack::pack(
        &Run {
            chain: input.chain,
            actor: rules(&signer, input.chain.epoch).actor(),
            first: first.meta.seq,
            hlc: last.meta.hlc,
            set: newest.unwrap_or(&empty),
            shelf: packing.shelf,
        },
        input.entries,
    );
    let Some(packed) = packed else {
        return Ok(None);
    };
    let mut plain = Vec::new();
    payload::write_seeds(&mut plain, &seeds);
    plain.extend(packed);
    let hashes = chain_hashes(input.previous, &seeds, input.entries).map_err(FrameError::Seed)?;
    Ok(Some(Packed {
        plain,
        hashes,
        dictionary: newest.map_or(0, PackSet::number),
    }))
}

/// Checks and opens a frame as [`open`](super::open) does, packed ones too.
///
/// # Errors
/// Those of [`open`](super::open); `UnknownDictionary` for a set that is not here, `Rebuild` when
/// packed entries do not give the chain that the header names.
pub fn open_packed(
    bytes: &[u8],
    head: (Seq, [u8; 32]),
    keys: impl Into<Keys>,
    packing: &Packing<'_>,
) -> Result<OpenedFrame, Refusal> {
    open_with(bytes, head, keys.into(), Some(packing))
}

/// Whether this side can read the form and the dictionary of a frame: the end of step 2.
pub(super) fn check_form(
    header: &FrameHeader,
    packing: Option<&Packing<'_>>,
) -> Result<(), Refusal> {
    if header.form & FORM_PACKED == 0 {
        return Ok(());
    }
    let Some(packing) = packing else {
        let reason = "packed entries are not read here";
        return Err(Refusal::new(RefusalCode::Rebuild, reason));
    };
    if header.dictionary == 0 || packing.set(header.dictionary).is_some() {
        return Ok(());
    }
    let reason = "pack set is not known";
    Err(Refusal::new(RefusalCode::UnknownDictionary, reason))
}

/// Reads the expanded payload of a packed frame.
pub(super) fn parse(
    header: &FrameHeader,
    plain: &[u8],
    key: &[u8; 32],
    packing: &Packing<'_>,
) -> Result<OpenedFrame, Refusal> {
    let rebuild = |reason| Refusal::new(RefusalCode::Rebuild, reason);
    let mut reader = Reader::new(plain);
    let seeds = payload::read_seeds(&mut reader, header)?;
    let packed = reader.bytes(reader.remaining()).unwrap_or_default();
    let entries = unpack(header, packed, key, packing)
        .ok_or_else(|| rebuild("packed entries cannot be rebuilt"))?;
    let hashes = chain_hashes(header.previous, &seeds, &entries)
        .map_err(|_block| rebuild("entry without a seed"))?;
    if !hashes
        .last()
        .is_some_and(|hash| matches_known(header, *hash))
    {
        return Err(rebuild("packed entries give another chain"));
    }
    check(header, &entries, key)?;
    Ok(OpenedFrame {
        header: header.clone(),
        seeds,
        marks: Vec::new(),
        entries: entries.into_iter().zip(hashes).collect(),
    })
}

fn unpack(
    header: &FrameHeader,
    packed: &[u8],
    key: &[u8; 32],
    packing: &Packing<'_>,
) -> Option<Vec<Entry>> {
    let empty = PackSet::default();
    let run = Run {
        chain: header.chain(),
        actor: journal::actor(key, header.epoch),
        first: header.first_seq,
        hlc: header.hlc,
        set: packing.set(header.dictionary).unwrap_or(&empty),
        shelf: packing.shelf,
    };
    pack::unpack(&run, header.count, packed).ok()
}

/// The check of a frame whose header lacks it.
pub(super) fn check_of(
    header: &FrameHeader,
    seeds: &[BlockSeed],
    packed: &[u8],
    key: &[u8; 32],
    packing: &Packing<'_>,
) -> Option<[u8; 4]> {
    let entries = unpack(header, packed, key, packing)?;
    let hashes = chain_hashes(header.previous, seeds, &entries).ok()?;
    hashes.last().map(|hash| journal::prefix(hash))
}

/// The rules of raw entries, once it is known that these are the ones that were meant.
fn check(header: &FrameHeader, read: &[Entry], key: &[u8; 32]) -> Result<(), Refusal> {
    let content = |reason| Refusal::new(RefusalCode::Content, reason);
    entries::check_all(&header.chain(), read).map_err(|(_seq, reason)| content(reason))?;
    if read.last().map(|entry| entry.meta.hlc) != Some(header.hlc) {
        return Err(content("last entry's clock differs from the header"));
    }
    let mut rules = body::BodyRules::new(key, header.epoch);
    read.iter().try_for_each(|entry| rules.check(entry))
}
