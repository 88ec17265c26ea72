//! Packing: entries of a run as few bits, and back to the same bytes (SYNC §8).
//!
//! Layout: `docs/protocols/packing.md`. Lossless by construction: the writer rebuilds every
//! change, reads its own run back, and sends raw what differs. What packing knows of fields and
//! usual facts is data of the caller ([`PackSet`]); what it knows of documents comes from a
//! [`Shelf`]. Nothing here signs, frames or compresses, and a run without its chain's check
//! proves nothing.

mod change;
mod coder;
mod fact;
mod field;
mod head;
mod model;
mod overlay;
mod set;
mod text;

use std::panic::{AssertUnwindSafe, catch_unwind};

use change::{Base, ChangeModels, ChangePlace, Plan};
use coder::{Coder, Decoder, Encoder, Prob};
use fact::{FactModels, FactPlace};
use head::HeadModels;
use model::{Number, Tree};
use overlay::Overlay;

use crate::document::{self, CHANGE_BYTES_MAX};
use crate::entry::{Entry, EntryKind, EntryMeta};
use crate::frame::{ENTRIES_MAX, EXPANDED_BYTES_MAX};
use crate::id::{ChainId, Seq};

pub use field::{DIGITS_MAX, FieldCodec, Lease};
pub use overlay::{DOCUMENTS_HELD_MAX, EmptyShelf, Shelf};
pub use set::{
    About, PackField, PackSchema, PackSet, TEMPLATES_MAX, Template, TemplatePiece, Usual, sets_hash,
};

/// Most times that a run may grow when unpacked; a reader stops there and refuses it.
pub const UNPACKED_TIMES_MAX: usize = 256;
/// Bytes that any run may have unpacked, however short it is.
const UNPACKED_BYTES_MIN: usize = 4 * 1024;

/// A run of entries, and what both ends know of it.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    /// The chain of all entries.
    pub chain: ChainId,
    /// The origin's actor in this epoch.
    pub actor: [u8; 8],
    /// First entry.
    pub first: Seq,
    /// Hybrid clock of the last entry.
    pub hlc: u64,
    /// What both ends hold.
    pub set: &'a PackSet,
    /// Documents from before the run.
    pub shelf: &'a dyn Shelf,
}

impl core::fmt::Debug for Run<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Run")
            .field("chain", &self.chain)
            .field("first", &self.first)
            .finish_non_exhaustive()
    }
}

/// A run was not unpacked: it is malformed, too large, or rests on something that is not here.
///
/// The answer is the same for all of them: the run is asked for raw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("packed run cannot be rebuilt")]
pub struct UnpackError;

/// Packs consecutive entries; `None` where the run has to travel raw.
pub fn pack(run: &Run<'_>, entries: &[Entry]) -> Option<Vec<u8>> {
    let mut codec = Codec::new(run);
    let mut encoder = Encoder::new();
    for (seq, entry) in (run.first.0..=u32::MAX).zip(entries) {
        if entry.meta.seq.0 != seq {
            return None;
        }
        codec.entry(&mut encoder, Seq(seq), Some(entry))?;
    }
    let bytes = encoder.finish();
    let count = u16::try_from(entries.len()).ok()?;
    let read = unpack_with(run, count, &bytes)?;
    (read == entries).then_some(bytes)
}

/// Rebuilds a run of `count` entries.
///
/// # Errors
/// [`UnpackError`].
pub fn unpack(run: &Run<'_>, count: u16, bytes: &[u8]) -> Result<Vec<Entry>, UnpackError> {
    let read = catch_unwind(AssertUnwindSafe(|| unpack_with(run, count, bytes)));
    read.ok().flatten().ok_or(UnpackError)
}

fn unpack_with(run: &Run<'_>, count: u16, bytes: &[u8]) -> Option<Vec<Entry>> {
    if count > ENTRIES_MAX {
        return None;
    }
    let mut codec = Codec::new(run);
    codec.room = bytes
        .len()
        .saturating_mul(UNPACKED_TIMES_MAX)
        .clamp(UNPACKED_BYTES_MIN, EXPANDED_BYTES_MAX);
    let mut decoder = Decoder::new(bytes);
    let mut entries = Vec::new();
    let end = run.first.0.checked_add(u32::from(count))?;
    for seq in run.first.0..end {
        let entry = codec.entry(&mut decoder, Seq(seq), None)?;
        codec.room = codec.room.checked_sub(entry.body.len())?;
        entries.push(entry);
    }
    decoder.is_at_end().then_some(entries)
}

/// One direction of one run.
struct Codec<'a> {
    run: &'a Run<'a>,
    heads: HeadModels,
    changes: ChangeModels,
    facts: FactModels,
    overlay: Overlay<'a>,
    is_packed: [Prob; 2],
    raw_length: Number,
    raw_bytes: Tree,
    /// Bytes that may still come.
    room: usize,
}

impl<'a> Codec<'a> {
    fn new(run: &'a Run<'a>) -> Self {
        Self {
            run,
            heads: HeadModels::new(&run.chain, run.hlc, run.set),
            changes: ChangeModels::new(),
            facts: FactModels::new(run.set),
            overlay: Overlay::new(&run.chain, run.first),
            is_packed: [Prob::new(63_000, 6); 2],
            raw_length: Number::around(8),
            raw_bytes: Tree::even(8),
            room: usize::MAX,
        }
    }

    fn entry<C: Coder>(&mut self, coder: &mut C, seq: Seq, given: Option<&Entry>) -> Option<Entry> {
        let is_after_new = self.heads.is_after_new();
        let meta = self.heads.code(coder, seq, given.map(|it| &it.meta))?;
        let body = given.map(|it| it.body.as_slice());
        let body = match meta.kind {
            EntryKind::Change => self.change(coder, &meta, is_after_new, body)?,
            EntryKind::Fact => {
                let place = FactPlace {
                    chain: &self.run.chain,
                    seq,
                    about: meta.doc_ref,
                };
                self.facts
                    .code(coder, meta.schema, &place, body.unwrap_or_default())?
            }
        };
        if coder.is_over() {
            return None;
        }
        Some(Entry { meta, body })
    }

    fn change<C: Coder>(
        &mut self,
        coder: &mut C,
        meta: &EntryMeta,
        is_after_new: bool,
        given: Option<&[u8]>,
    ) -> Option<Vec<u8>> {
        let shelf = self.run.shelf;
        let place = ChangePlace {
            meta,
            actor: self.run.actor,
            set: self.run.set,
            lease: shelf.lease(),
            is_after_new,
        };
        let plan = given.and_then(|it| Plan::of(&place, &mut self.overlay, shelf, it));
        let is_edit = usize::from(meta.doc_ref.is_some());
        let is_packed = coder.bit(self.is_packed.get_mut(is_edit)?, plan.is_some());
        let body = if is_packed {
            let plan = self
                .changes
                .code(coder, &mut self.heads, &place, plan.as_ref())?;
            self.rebuild(&plan, meta, given)?
        } else {
            self.raw(coder, given.unwrap_or_default())?
        };
        self.note(meta, &body, is_packed);
        Some(body)
    }

    fn rebuild(&mut self, plan: &Plan, meta: &EntryMeta, given: Option<&[u8]>) -> Option<Vec<u8>> {
        let actor = self.run.actor;
        let (base, steps) = match plan {
            Plan::Create(_) => {
                let (document, body) = plan.create(actor)?;
                self.overlay.created(meta.seq, document);
                return Some(body);
            }
            Plan::Edit(base, steps) => (base, steps),
        };
        // What was compared already needs no second time.
        if let Some(body) = given {
            return Some(body.to_vec());
        }
        let (of, shelf) = (meta.doc_ref?, self.run.shelf);
        let dependencies = match base {
            Base::OwnLast => vec![self.overlay.own_last(&of, shelf)?],
            Base::First => vec![self.overlay.hash(&of, shelf)?],
            Base::Listed(entries) => {
                let hashes = entries.iter().map(|it| self.overlay.hash(it, shelf));
                hashes.collect::<Option<_>>()?
            }
        };
        let document = self.overlay.document(&of, shelf)?;
        document.repeat(actor, &dependencies, steps).ok()
    }

    fn raw<C: Coder>(&mut self, coder: &mut C, given: &[u8]) -> Option<Vec<u8>> {
        let length = u64::try_from(given.len()).unwrap_or(u64::MAX);
        let length = usize::try_from(self.raw_length.code(coder, length)).ok()?;
        if length > CHANGE_BYTES_MAX {
            return None;
        }
        let mut given = given.iter();
        let mut body = Vec::new();
        for _ in 0..length {
            let byte = given.next().copied().unwrap_or(0);
            body.push(self.raw_bytes.code(coder, byte));
            if coder.is_over() {
                return None;
            }
        }
        Some(body)
    }

    /// What later edits of the run build on.
    fn note(&mut self, meta: &EntryMeta, body: &[u8], is_packed: bool) {
        let (actor, shelf) = (self.run.actor, self.run.shelf);
        match meta.doc_ref {
            Some(of) => {
                if let Ok(head) = document::inspect(body) {
                    let change = (head.hash, body);
                    self.overlay.changed((&of, meta.seq), actor, change, shelf);
                }
            }
            None if is_packed => {}
            None => {
                if let Ok(document) = document::Document::from_first_change(body, actor) {
                    self.overlay.created(meta.seq, document);
                }
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
