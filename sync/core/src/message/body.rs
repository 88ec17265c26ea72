//! Bodies of the messages: fixed fields, big-endian, lists in one order only.

use crate::id::{ChainId, Epoch, HubId, NodeId, Scope, Seq};
use crate::refusal::RefusalCode;
use crate::varint::{self, Reader};

use super::short::{Again, ShortFrame, ShortReceipt, number};
use super::{
    AGAIN_BYTES_MAX, BYE_BYTES_MAX, Bye, ByeReason, CERTIFICATE_BYTES_MAX, CertificateForm,
    FRAME_BYTES_MAX, HAVE_BYTES_MAX, HAVE_CHAINS_MAX, HELD_BYTES_MAX, HELLO_BYTES_MAX, Have,
    HaveItem, Hello, Message, MessageError, RECEIPT_BYTES_MAX, REFUSE_BYTES_MAX, RENEWED_BYTES_MAX,
    REVOCATIONS_BYTES_MAX, Range, Refuse, WANT_BYTES_MAX, WANT_RANGES_MAX,
};

/// What a body of this type may be long, bytes.
pub(super) fn bytes_max(kind: u8) -> Result<usize, MessageError> {
    match kind {
        1 => Ok(HELLO_BYTES_MAX),
        2 => Ok(HAVE_BYTES_MAX),
        3 => Ok(WANT_BYTES_MAX),
        4 | 12 => Ok(FRAME_BYTES_MAX),
        5 | 13 => Ok(RECEIPT_BYTES_MAX),
        6 => Ok(REFUSE_BYTES_MAX),
        7 => Ok(BYE_BYTES_MAX),
        8 => Ok(RENEWED_BYTES_MAX),
        9 => Ok(REVOCATIONS_BYTES_MAX),
        10 => Ok(HELD_BYTES_MAX),
        11 => Ok(AGAIN_BYTES_MAX),
        other => Err(MessageError::UnknownType(other)),
    }
}

/// Writes a body.
pub(super) fn encode(message: &Message) -> Vec<u8> {
    match message {
        Message::Hello(hello) => encode_hello(hello),
        Message::Have(have) => encode_have(have),
        Message::Want(ranges) => encode_want(ranges),
        Message::Frame(bytes)
        | Message::Receipt(bytes)
        | Message::Certificate(bytes)
        | Message::Revocations(bytes) => bytes.clone(),
        Message::Refuse(refuse) => encode_refuse(refuse),
        Message::Bye(bye) => {
            let mut out = vec![bye.reason.number()];
            varint::write(&mut out, u64::from(bye.next_contact_s));
            out
        }
        Message::Held(items) => encode_held(items),
        Message::Again(again) => written(|out| again.write(out)),
        Message::ShortFrame(short) => written(|out| short.write(out)),
        Message::ShortReceipt(short) => written(|out| short.write(out)),
    }
}

/// Reads a body; all of it must belong to the message.
pub(super) fn decode(kind: u8, bytes: &[u8]) -> Result<Message, MessageError> {
    let mut reader = Reader::new(bytes);
    let message = match kind {
        1 => Message::Hello(decode_hello(&mut reader)?),
        2 => Message::Have(decode_have(&mut reader)?),
        3 => Message::Want(decode_want(&mut reader)?),
        4 => Message::Frame(rest(&mut reader)?.to_vec()),
        5 => Message::Receipt(rest(&mut reader)?.to_vec()),
        6 => Message::Refuse(decode_refuse(&mut reader)?),
        7 => {
            let reason = ByeReason::parse(byte(&mut reader)?);
            let reason = reason.ok_or(MessageError::Malformed("bye reason"))?;
            Message::Bye(Bye {
                reason,
                next_contact_s: number(&mut reader, "next contact")?,
            })
        }
        8 => Message::Certificate(rest(&mut reader)?.to_vec()),
        9 => Message::Revocations(rest(&mut reader)?.to_vec()),
        10 => Message::Held(decode_held(&mut reader)?),
        11 => Message::Again(Again::read(&mut reader)?),
        12 => Message::ShortFrame(ShortFrame::read(&mut reader)?),
        13 => Message::ShortReceipt(ShortReceipt::read(&mut reader)?),
        other => return Err(MessageError::UnknownType(other)),
    };
    if reader.is_empty() {
        Ok(message)
    } else {
        Err(MessageError::Trailing)
    }
}

fn encode_hello(hello: &Hello) -> Vec<u8> {
    let mut out = vec![hello.version];
    out.extend_from_slice(&hello.hub.0);
    out.extend_from_slice(&hello.origin.0.to_be_bytes());
    out.extend_from_slice(&hello.epoch.0.to_be_bytes());
    out.extend_from_slice(&hello.sets);
    out.extend_from_slice(&hello.frame_bytes_max.to_be_bytes());
    out.extend_from_slice(&hello.revocations.to_be_bytes());
    out.extend_from_slice(&hello.digest);
    match &hello.certificate {
        CertificateForm::Hash(hash) => {
            out.push(0);
            out.extend_from_slice(hash);
        }
        CertificateForm::Whole(bytes) => {
            out.push(1);
            out.extend_from_slice(bytes);
        }
    }
    out
}

fn decode_hello(reader: &mut Reader<'_>) -> Result<Hello, MessageError> {
    let version = byte(reader)?;
    let hub = HubId(array(reader)?);
    let origin = NodeId(word(reader)?);
    let epoch = Epoch(long(reader)?);
    let sets = array(reader)?;
    let frame_bytes_max = word(reader)?;
    let revocations = word(reader)?;
    let digest = array(reader)?;
    let certificate = match byte(reader)? {
        0 => CertificateForm::Hash(array(reader)?),
        1 => {
            let bytes = rest(reader)?;
            if bytes.is_empty() || bytes.len() > CERTIFICATE_BYTES_MAX {
                return Err(MessageError::Malformed("certificate"));
            }
            CertificateForm::Whole(bytes.to_vec())
        }
        _other => return Err(MessageError::Malformed("certificate form")),
    };
    Ok(Hello {
        version,
        hub,
        origin,
        epoch,
        certificate,
        sets,
        frame_bytes_max,
        revocations,
        digest,
    })
}

fn encode_have(have: &Have) -> Vec<u8> {
    let mut items = have.items.clone();
    items.sort_by_key(|item| order(&item.chain));
    items.dedup_by_key(|item| order(&item.chain));
    items.truncate(HAVE_CHAINS_MAX);
    let hub = items.first().map_or(HubId([0; 4]), |item| item.chain.hub);
    let mut out = hub.0.to_vec();
    for item in &items {
        write_chain(&mut out, &item.chain);
        out.extend_from_slice(&item.up_to.0.to_be_bytes());
        out.extend_from_slice(&item.receipted.0.to_be_bytes());
        out.extend_from_slice(&item.head);
    }
    out
}

fn decode_have(reader: &mut Reader<'_>) -> Result<Have, MessageError> {
    let hub = HubId(array(reader)?);
    let mut items: Vec<HaveItem> = Vec::new();
    while !reader.is_empty() {
        if items.len() >= HAVE_CHAINS_MAX {
            return Err(MessageError::Malformed("have chains"));
        }
        let chain = read_chain(reader, hub)?;
        let item = HaveItem {
            chain,
            up_to: Seq(word(reader)?),
            receipted: Seq(word(reader)?),
            head: array(reader)?,
        };
        if items
            .last()
            .is_some_and(|last| order(&last.chain) >= order(&chain))
        {
            return Err(MessageError::Malformed("have order"));
        }
        items.push(item);
    }
    if items.is_empty() && hub != HubId([0; 4]) {
        return Err(MessageError::Malformed("have network"));
    }
    Ok(Have { items })
}

fn order(chain: &ChainId) -> (NodeId, Epoch, Scope) {
    (chain.origin, chain.epoch, chain.scope)
}

fn written(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out);
    out
}

/// A chain of a life, and an entry of it.
type Place = (Scope, Seq);

fn encode_held(items: &[(Scope, Seq)]) -> Vec<u8> {
    let mut items = items.to_vec();
    items.sort();
    items.dedup_by_key(|(scope, _seq)| *scope);
    let mut out = Vec::new();
    for (scope, seq) in items.iter().take(HAVE_CHAINS_MAX) {
        varint::write(&mut out, u64::from(scope.0));
        varint::write(&mut out, u64::from(seq.0));
    }
    out
}

fn decode_held(reader: &mut Reader<'_>) -> Result<Vec<Place>, MessageError> {
    let mut items: Vec<Place> = Vec::new();
    while !reader.is_empty() {
        let item = (
            Scope(number(reader, "scope")?),
            Seq(number(reader, "entry")?),
        );
        let after = items.last().is_none_or(|(last, _seq)| *last < item.0);
        if !after || items.len() >= HAVE_CHAINS_MAX {
            return Err(MessageError::Malformed("held chains"));
        }
        items.push(item);
    }
    Ok(items)
}

fn encode_want(ranges: &[Range]) -> Vec<u8> {
    let hub = ranges
        .first()
        .map_or(HubId([0; 4]), |range| range.chain.hub);
    let mut out = hub.0.to_vec();
    for range in ranges.iter().take(WANT_RANGES_MAX) {
        write_chain(&mut out, &range.chain);
        out.extend_from_slice(&range.from.0.to_be_bytes());
        out.extend_from_slice(&range.to.0.to_be_bytes());
    }
    out
}

fn decode_want(reader: &mut Reader<'_>) -> Result<Vec<Range>, MessageError> {
    let hub = HubId(array(reader)?);
    let mut ranges = Vec::new();
    while !reader.is_empty() {
        if ranges.len() >= WANT_RANGES_MAX {
            return Err(MessageError::Malformed("want ranges"));
        }
        let range = Range {
            chain: read_chain(reader, hub)?,
            from: Seq(word(reader)?),
            to: Seq(word(reader)?),
        };
        if range.from == Seq(0) || range.to < range.from {
            return Err(MessageError::Malformed("want range"));
        }
        ranges.push(range);
    }
    if ranges.is_empty() {
        return Err(MessageError::Malformed("want ranges"));
    }
    Ok(ranges)
}

fn encode_refuse(refuse: &Refuse) -> Vec<u8> {
    let mut out = vec![refuse.code.number()];
    out.extend_from_slice(&refuse.chain.hub.0);
    write_chain(&mut out, &refuse.chain);
    out.extend_from_slice(&refuse.seq.0.to_be_bytes());
    out.extend_from_slice(&refuse.epoch.0.to_be_bytes());
    out
}

fn decode_refuse(reader: &mut Reader<'_>) -> Result<Refuse, MessageError> {
    let code = RefusalCode::parse(byte(reader)?).ok_or(MessageError::Malformed("refusal code"))?;
    let hub = HubId(array(reader)?);
    let chain = read_chain(reader, hub)?;
    Ok(Refuse {
        code,
        chain,
        seq: Seq(word(reader)?),
        epoch: Epoch(long(reader)?),
    })
}

/// A chain without its network, which is said once a message.
fn write_chain(out: &mut Vec<u8>, chain: &ChainId) {
    out.extend_from_slice(&chain.origin.0.to_be_bytes());
    out.extend_from_slice(&chain.epoch.0.to_be_bytes());
    out.extend_from_slice(&chain.scope.0.to_be_bytes());
}

fn read_chain(reader: &mut Reader<'_>, hub: HubId) -> Result<ChainId, MessageError> {
    let origin = NodeId(word(reader)?);
    let epoch = Epoch(long(reader)?);
    Ok(ChainId {
        hub,
        origin,
        epoch,
        scope: Scope(word(reader)?),
    })
}

fn byte(reader: &mut Reader<'_>) -> Result<u8, MessageError> {
    reader.u8().ok_or(MessageError::Truncated)
}

fn word(reader: &mut Reader<'_>) -> Result<u32, MessageError> {
    reader.u32().ok_or(MessageError::Truncated)
}

fn long(reader: &mut Reader<'_>) -> Result<u64, MessageError> {
    reader.u64().ok_or(MessageError::Truncated)
}

fn array<const N: usize>(reader: &mut Reader<'_>) -> Result<[u8; N], MessageError> {
    reader.array().ok_or(MessageError::Truncated)
}

fn rest<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], MessageError> {
    reader
        .bytes(reader.remaining())
        .ok_or(MessageError::Truncated)
}
