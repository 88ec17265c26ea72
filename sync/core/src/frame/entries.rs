//! Entries inside a payload: heads relative to their place, then the body.
//!
//! Reading accepts exactly what writing makes, so entries read and written again give the same
//! bytes.

use super::FrameHeader;
use crate::document::CHANGE_BYTES_MAX;
use crate::entry::{Entry, EntryKind, EntryMeta, EntryRef};
use crate::id::{ChainId, DocId, Epoch, NodeId, Scope, Seq};
use crate::journal;
use crate::refusal::{Refusal, RefusalCode};
use crate::varint::{self, Reader};

/// Tag bit: the entry creates the document that it concerns.
const NEW_DOCUMENT: u8 = 1 << 2;
/// Tag bits of the packed and the re-expressed form; not read in this one.
const OTHER_FORMS: u8 = 1 << 3 | 1 << 4;

/// Chain index 0: no document. 1: this chain. 2: a chain named here. From 3: one named before.
const NO_DOCUMENT: u64 = 0;
const THIS_CHAIN: u64 = 1;
const NAMED_CHAIN: u64 = 2;
const NAMED_BEFORE: u64 = 3;

type ChainName = (NodeId, Epoch, Scope);

/// Appends all entries; the error names the entry and what is wrong with its head.
pub(super) fn write(
    out: &mut Vec<u8>,
    chain: &ChainId,
    entries: &[Entry],
) -> Result<(), (u32, &'static str)> {
    let mut named = Vec::new();
    // The first delta is from the header's clock, which is that of the last entry.
    let mut hlc = entries.last().map_or(0, |entry| entry.meta.hlc);
    let first = entries.first().map_or(0, |entry| entry.meta.seq.0);
    for (seq, entry) in (first..=u32::MAX).zip(entries) {
        let meta = &entry.meta;
        if meta.seq.0 != seq || seq == 0 {
            return Err((meta.seq.0, "not at the next position"));
        }
        check_head(meta, chain).map_err(|reason| (seq, reason))?;
        let new = if meta.creates_document() {
            NEW_DOCUMENT
        } else {
            0
        };
        out.push(journal::kind_bits(meta.kind) | new | journal::quality_bits(meta.quality));
        varint::write(out, u64::from(meta.schema));
        varint::write(
            out,
            varint::zigzag(meta.hlc.wrapping_sub(hlc).cast_signed()),
        );
        varint::write(out, u64::from(meta.author));
        varint::write(out, u64::from(meta.session));
        if new == 0 {
            write_reference(out, meta.doc_ref.as_ref(), chain, &mut named);
        }
        varint::write_len(out, entry.body.len());
        out.extend(&entry.body);
        hlc = meta.hlc;
    }
    Ok(())
}

fn write_reference(
    out: &mut Vec<u8>,
    reference: Option<&EntryRef>,
    chain: &ChainId,
    named: &mut Vec<ChainName>,
) {
    let Some(reference) = reference else {
        varint::write(out, NO_DOCUMENT);
        return;
    };
    let name = (reference.origin, reference.epoch, reference.scope);
    let before = (NAMED_BEFORE..)
        .zip(named.iter())
        .find(|(_, known)| **known == name);
    if name == (chain.origin, chain.epoch, chain.scope) {
        varint::write(out, THIS_CHAIN);
    } else if let Some((index, _)) = before {
        varint::write(out, index);
    } else {
        varint::write(out, NAMED_CHAIN);
        out.extend(name.0.0.to_be_bytes());
        out.extend(name.1.0.to_be_bytes());
        out.extend(name.2.0.to_be_bytes());
        named.push(name);
    }
    varint::write(out, u64::from(reference.seq.0));
}

/// Checks the heads of consecutive entries; the error names the entry and what is wrong.
pub(super) fn check_all(chain: &ChainId, entries: &[Entry]) -> Result<(), (u32, &'static str)> {
    let first = entries.first().map_or(0, |entry| entry.meta.seq.0);
    for (seq, entry) in (first..=u32::MAX).zip(entries) {
        if entry.meta.seq.0 != seq || seq == 0 {
            return Err((entry.meta.seq.0, "not at the next position"));
        }
        check_head(&entry.meta, chain).map_err(|reason| (seq, reason))?;
    }
    Ok(())
}

/// Rules for heads, the same at both ends.
fn check_head(meta: &EntryMeta, chain: &ChainId) -> Result<(), &'static str> {
    if meta.session >= meta.seq.0 {
        return Err("session begins before the chain");
    }
    let expected = match meta.doc_ref {
        Some(reference) => {
            let is_here = reference == EntryRef::new(chain, reference.seq);
            if reference.seq.0 == 0 || (is_here && reference.seq >= meta.seq) {
                return Err("document reference does not point back");
            }
            journal::doc_id(chain.hub, &reference)
        }
        None if meta.creates_document() => {
            if meta.kind == EntryKind::Fact {
                return Err("fact creates a document");
            }
            journal::doc_id(chain.hub, &EntryRef::new(chain, meta.seq))
        }
        None if meta.kind == EntryKind::Change => return Err("change concerns no document"),
        None => DocId::NONE,
    };
    if meta.doc == expected {
        Ok(())
    } else {
        Err("document id is not that of its entry")
    }
}

/// Reads exactly the announced number of entries and the end of the payload.
pub(super) fn read(reader: &mut Reader<'_>, header: &FrameHeader) -> Result<Vec<Entry>, Refusal> {
    let chain = header.chain();
    let mut source = Source {
        chain,
        named: Vec::new(),
        hlc: header.hlc,
    };
    let mut entries = Vec::new();
    for seq in header.first_seq.0..=header.last_seq().0 {
        let malformed = || Refusal::new(RefusalCode::Content, "entry is not well-formed");
        let entry = source.entry(reader, Seq(seq)).ok_or_else(malformed)?;
        check_head(&entry.meta, &chain)
            .map_err(|reason| Refusal::new(RefusalCode::Content, reason))?;
        source.hlc = entry.meta.hlc;
        entries.push(entry);
    }
    if !reader.is_empty() {
        return Err(Refusal::new(
            RefusalCode::Content,
            "bytes after the last entry",
        ));
    }
    Ok(entries)
}

struct Source {
    chain: ChainId,
    named: Vec<ChainName>,
    /// Clock of the entry before.
    hlc: u64,
}

impl Source {
    fn entry(&mut self, reader: &mut Reader<'_>, seq: Seq) -> Option<Entry> {
        let tag = reader.u8()?;
        if tag & OTHER_FORMS != 0 {
            return None;
        }
        let kind = journal::parse_kind(tag)?;
        let quality = journal::parse_quality(tag)?;
        let schema = u16::try_from(reader.varint()?).ok()?;
        let delta = varint::unzigzag(reader.varint()?);
        let author = reader.varint_u32()?;
        let session = reader.varint_u32()?;
        let is_new = tag & NEW_DOCUMENT != 0;
        let doc_ref = if is_new {
            None
        } else {
            self.reference(reader)?
        };
        let own = is_new.then(|| EntryRef::new(&self.chain, seq));
        let doc = own
            .or(doc_ref)
            .map_or(DocId::NONE, |it| journal::doc_id(self.chain.hub, &it));
        let body = reader.block(CHANGE_BYTES_MAX)?.to_vec();
        let hlc = self.hlc.wrapping_add(delta.cast_unsigned());
        let meta = EntryMeta {
            seq,
            kind,
            quality,
            hlc,
            doc,
            doc_ref,
            schema,
            author,
            session,
        };
        Some(Entry { meta, body })
    }

    /// `None` is malformed, `Some(None)` names no document.
    #[expect(
        clippy::option_option,
        reason = "the outer level is the reader's end of bytes"
    )]
    fn reference(&mut self, reader: &mut Reader<'_>) -> Option<Option<EntryRef>> {
        let here = (self.chain.origin, self.chain.epoch, self.chain.scope);
        let (origin, epoch, scope) = match reader.varint()? {
            NO_DOCUMENT => return Some(None),
            THIS_CHAIN => here,
            NAMED_CHAIN => {
                let name = (
                    NodeId(reader.u32()?),
                    Epoch(reader.u64()?),
                    Scope(reader.u32()?),
                );
                // Each chain is named once, so that a reference has one encoding.
                if name == here || self.named.contains(&name) {
                    return None;
                }
                self.named.push(name);
                name
            }
            index => *self
                .named
                .get(usize::try_from(index - NAMED_BEFORE).ok()?)?,
        };
        let seq = Seq(reader.varint_u32()?);
        Some(Some(EntryRef {
            origin,
            epoch,
            scope,
            seq,
        }))
    }
}
