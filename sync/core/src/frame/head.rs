//! Steps 1 and 2 of acceptance: lengths, version, form, range. Nothing is trusted yet.

use super::{
    ENTRIES_MAX, FORM_PACKED, FORM_REDACTED, FORM_REEXPRESSED, FORM_ZSTD, FRAME_VERSION,
    FrameHeader, HEADER_BYTES, PAYLOAD_BYTES_MAX, SIGNATURE_BYTES,
};
use crate::id::{Epoch, HubId, NodeId, Scope, Seq};
use crate::refusal::{Refusal, RefusalCode};
use crate::varint::Reader;

pub(super) fn check_version(reader: &mut Reader<'_>) -> Option<Result<(), Refusal>> {
    let version = reader.u8()?;
    let form = reader.u8()?;
    let refuse = |code, reason| Some(Err(Refusal::new(code, reason)));
    if version != FRAME_VERSION {
        return refuse(RefusalCode::Version, "frame version is not 1");
    }
    if form & !(FORM_PACKED | FORM_ZSTD | FORM_REEXPRESSED | FORM_REDACTED) != 0 {
        return refuse(RefusalCode::Version, "frame has unknown form bits");
    }
    if form & FORM_PACKED != 0 && form & FORM_REDACTED != 0 {
        return refuse(RefusalCode::Version, "redacted frames are never packed");
    }
    Some(Ok(()))
}

pub(super) fn parse_header(reader: &mut Reader<'_>) -> Option<FrameHeader> {
    let _version = reader.u8()?;
    Some(FrameHeader {
        form: reader.u8()?,
        hub: HubId(reader.array()?),
        origin: NodeId(reader.u32()?),
        epoch: Epoch(reader.u64()?),
        scope: Scope(reader.u32()?),
        first_seq: Seq(reader.u32()?),
        count: reader.u16()?,
        hlc: reader.u64()?,
        previous: reader.array()?,
        check: reader.array()?,
        dictionary: reader.u16()?,
        payload_bytes: reader.u32()?,
    })
}

pub(super) fn check_header(header: &FrameHeader, len: usize) -> Result<(), Refusal> {
    let payload_bytes = usize::try_from(header.payload_bytes).unwrap_or(usize::MAX);
    if payload_bytes > PAYLOAD_BYTES_MAX {
        return Err(Refusal::new(
            RefusalCode::TooLarge,
            "payload is over 256 KiB",
        ));
    }
    if len != HEADER_BYTES + payload_bytes + SIGNATURE_BYTES {
        return Err(Refusal::new(
            RefusalCode::Malformed,
            "frame has another length than it says",
        ));
    }
    if header.dictionary != 0 && header.form & FORM_PACKED == 0 {
        return Err(Refusal::new(
            RefusalCode::UnknownDictionary,
            "dictionary is not known",
        ));
    }
    if header.scope.lane().is_none() {
        return Err(Refusal::new(
            RefusalCode::Scope,
            "scope names no lane of this version",
        ));
    }
    let more = u32::from(header.count).saturating_sub(1);
    let fits = header.first_seq.0 > 0 && header.first_seq.0.checked_add(more).is_some();
    if header.count == 0 || header.count > ENTRIES_MAX || !fits {
        return Err(Refusal::new(
            RefusalCode::Malformed,
            "frame's range is not 1 to 1024 entries",
        ));
    }
    Ok(())
}
