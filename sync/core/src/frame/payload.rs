//! The payload around the entries: seeds of the touched blocks, and zstd with a cap.

use super::{
    EXPANDED_BYTES_MAX, EXPANSION_MAX, FORM_ZSTD, FrameError, FrameHeader, PAYLOAD_BYTES_MAX,
};
use crate::id::Seq;
use crate::journal::{self, BlockSeed};
use crate::refusal::{Refusal, RefusalCode};
use crate::varint::Reader;

/// Compression level: the sizes of level 19 within a few per cent, at a tenth of its time.
const ZSTD_LEVEL: i32 = 9;

/// Marker of a block whose seed follows; the other markers belong to later forms.
const SEED_FOLLOWS: u8 = 0;

/// The seeds of the blocks that a run touches, ascending.
pub(super) fn touched(
    first: Seq,
    count: u16,
    known: &[BlockSeed],
) -> Result<Vec<BlockSeed>, FrameError> {
    blocks(first, count)
        .map(|block| {
            known
                .iter()
                .find(|(number, _)| *number == block)
                .copied()
                .ok_or(FrameError::Seed(block))
        })
        .collect()
}

fn blocks(first: Seq, count: u16) -> impl Iterator<Item = u32> {
    let last = Seq(first.0.saturating_add(u32::from(count).saturating_sub(1)));
    journal::block(first)..=journal::block(last)
}

pub(super) fn write_seeds(out: &mut Vec<u8>, seeds: &[BlockSeed]) {
    for (_, seed) in seeds {
        out.push(SEED_FOLLOWS);
        out.extend(seed);
    }
}

pub(super) fn read_seeds(
    reader: &mut Reader<'_>,
    header: &FrameHeader,
) -> Result<Vec<BlockSeed>, Refusal> {
    let short = || Refusal::new(RefusalCode::Content, "payload ends within the seeds");
    let mut seeds = Vec::new();
    for block in blocks(header.first_seq, header.count) {
        if reader.u8().ok_or_else(short)? != SEED_FOLLOWS {
            let reason = "derived and lost seeds are not read by this version";
            return Err(Refusal::new(RefusalCode::Rebuild, reason));
        }
        seeds.push((block, reader.array().ok_or_else(short)?));
    }
    Ok(seeds)
}

/// The smaller of plain and compressed form, with its form bits.
pub(super) fn compress(plain: Vec<u8>) -> Result<(u8, Vec<u8>), FrameError> {
    if plain.len() > EXPANDED_BYTES_MAX {
        return Err(FrameError::TooLarge {
            limit: EXPANDED_BYTES_MAX,
            got: plain.len(),
        });
    }
    let packed = zstd::bulk::compress(&plain, ZSTD_LEVEL).map_err(|_io| FrameError::Compression)?;
    let grows_too_much = plain.len() > packed.len().saturating_mul(EXPANSION_MAX);
    let (form, payload) = if packed.len() < plain.len() && !grows_too_much {
        (FORM_ZSTD, packed)
    } else {
        (0, plain)
    };
    if payload.len() > PAYLOAD_BYTES_MAX {
        return Err(FrameError::TooLarge {
            limit: PAYLOAD_BYTES_MAX,
            got: payload.len(),
        });
    }
    Ok((form, payload))
}

/// The payload in clear; expansion stops at the cap, whatever the compressed bytes announce.
pub(super) fn expand(is_compressed: bool, wire: &[u8]) -> Result<Vec<u8>, Refusal> {
    if !is_compressed {
        return Ok(wire.to_vec());
    }
    let cap = wire
        .len()
        .saturating_mul(EXPANSION_MAX)
        .min(EXPANDED_BYTES_MAX);
    zstd::bulk::decompress(wire, cap).map_err(|_io| {
        Refusal::new(
            RefusalCode::Content,
            "payload does not expand within 50 times and 4 MiB",
        )
    })
}
