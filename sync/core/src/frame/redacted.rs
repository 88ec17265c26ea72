//! Redacted frames: a run in which some bodies are gone, because their person was erased.
//!
//! The chain commits to H(salt ‖ body), so it verifies with the commitment in place of the body
//! (docs/protocols/frames.md). Blocks give their seed away in the usual form; here each entry that
//! is left carries its own salt, so that nobody can try bodies against the commitments of the
//! others. It is signed as usual; whether a body may be missing is the store's to judge, which
//! knows who was erased.

use super::{
    FORM_REDACTED, FORM_ZSTD, FrameError, FrameHeader, OpenedFrame, Signer, body, entries,
};
use super::{matches_known, payload, run};
use crate::entry::Entry;
use crate::id::ChainId;
use crate::journal;
use crate::refusal::{Refusal, RefusalCode};
use crate::varint::Reader;

/// What stands for an entry's salt.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// The body is here; this is its salt.
    Salt([u8; 16]),
    /// The body is gone; this is what the chain committed to.
    Gone([u8; 32]),
}

// A salt lets its holder try bodies after an erasure, so it is not printed.
impl core::fmt::Debug for Mark {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Salt(_) => "Salt",
            Self::Gone(_) => "Gone",
        })
    }
}

/// Tag of an entry with its salt.
const SALT: u8 = 0;
/// Tag of an entry whose body is gone.
const GONE: u8 = 1;

/// What is sealed into one redacted frame.
#[derive(Clone, Copy, Debug)]
pub struct RedactedInput<'a> {
    /// The chain of all entries.
    pub chain: ChainId,
    /// Chain hash before the first entry.
    pub previous: [u8; 32],
    /// One for each entry.
    pub marks: &'a [Mark],
    /// Consecutive entries; the body of one that is gone is empty.
    pub entries: &'a [Entry],
}

/// Seals consecutive entries of which some bodies are gone.
///
/// # Errors
/// [`FrameError`]: whatever a receiver would refuse is not signed.
pub fn seal_redacted(signer: Signer<'_>, input: &RedactedInput<'_>) -> Result<Vec<u8>, FrameError> {
    run(input.entries)?;
    if input.marks.len() != input.entries.len() {
        return Err(FrameError::Count(input.marks.len()));
    }
    check(
        input.marks,
        input.entries,
        super::rules(&signer, input.chain.epoch),
    )
    .map_err(|(seq, refusal)| FrameError::Entry {
        seq,
        reason: refusal.reason,
    })?;
    let mut plain = Vec::new();
    for mark in input.marks {
        match mark {
            Mark::Salt(salt) => {
                plain.push(SALT);
                plain.extend(salt);
            }
            Mark::Gone(commitment) => {
                plain.push(GONE);
                plain.extend(commitment);
            }
        }
    }
    entries::write(&mut plain, &input.chain, input.entries).map_err(|(seq, reason)| {
        FrameError::Entry {
            seq,
            reason: reason.to_owned(),
        }
    })?;
    let hashes = hashes(input.previous, input.marks, input.entries);
    let sealing = super::Sealing {
        signer,
        chain: input.chain,
        previous: input.previous,
        entries: input.entries,
        dictionary: 0,
    };
    let (compressed, payload) = payload::compress(plain)?;
    sealing.finish(FORM_REDACTED | compressed, payload, &hashes)
}

/// The rules of bodies, for those that are here; one that is gone is empty.
fn check(
    marks: &[Mark],
    entries: &[Entry],
    mut rules: body::BodyRules,
) -> Result<(), (u32, Refusal)> {
    for (mark, entry) in marks.iter().zip(entries) {
        let checked = match mark {
            Mark::Salt(_) => rules.check(entry),
            Mark::Gone(_) if entry.body.is_empty() => Ok(()),
            Mark::Gone(_) => Err(Refusal::new(RefusalCode::Content, "a gone body is here")),
        };
        checked.map_err(|refusal| (entry.meta.seq.0, refusal))?;
    }
    Ok(())
}

fn hashes(previous: [u8; 32], marks: &[Mark], entries: &[Entry]) -> Vec<[u8; 32]> {
    let mut head = previous;
    marks
        .iter()
        .zip(entries)
        .map(|(mark, entry)| {
            let commitment = match mark {
                Mark::Salt(salt) => journal::commitment(salt, &entry.body),
                Mark::Gone(commitment) => *commitment,
            };
            head = journal::link(&head, &entry.meta, &commitment);
            head
        })
        .collect()
}

/// Opens the payload of a redacted frame whose signature and position hold.
pub(super) fn parse(
    header: &FrameHeader,
    wire: &[u8],
    rules: body::BodyRules,
) -> Result<OpenedFrame, Refusal> {
    let content = |reason| Refusal::new(RefusalCode::Content, reason);
    let plain = payload::expand(header.form & FORM_ZSTD != 0, wire)?;
    let mut reader = Reader::new(&plain);
    let mut marks = Vec::new();
    for _ in 0..header.count {
        let mark = match reader.u8() {
            Some(SALT) => reader.array().map(Mark::Salt),
            Some(GONE) => reader.array().map(Mark::Gone),
            _ => None,
        };
        marks.push(mark.ok_or_else(|| content("mark is not well-formed"))?);
    }
    let entries = entries::read(&mut reader, header)?;
    check(&marks, &entries, rules).map_err(|(_seq, refusal)| refusal)?;
    if entries.last().map(|entry| entry.meta.hlc) != Some(header.hlc) {
        return Err(content("last entry's clock differs from the header"));
    }
    let hashes = hashes(header.previous, &marks, &entries);
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
        seeds: Vec::new(),
        marks,
        entries: entries.into_iter().zip(hashes).collect(),
    })
}
