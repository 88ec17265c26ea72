//! What stands inside a datagram: parts of runs, acks with their maps, queries.
//!
//! Each value has one encoding; every decoder refuses the others. Kinds *single*, *control* and
//! *receipt* are opaque here: their content is the run or the receipt itself.

use super::{Nonce, PARTS_MAX, SmsError};
use crate::refusal::RefusalCode;
use crate::varint::Reader;

/// Octets before a part's content: its number and how many parts the run has.
pub const PART_HEAD_OCTETS: usize = 2;
/// Items of a query: nine of 11 octets fill an SMS; more wait for the next one.
pub const QUERY_ITEMS_MAX: usize = 9;
/// Items of an ack: nine of 11 octets fill an SMS; more wait for the next one.
pub const ACK_ITEMS_MAX: usize = 9;

const OPEN: u8 = 0;
const ACCEPTED: u8 = 1;
const LOST: u8 = 2;
const REFUSED: u8 = 0x80;

/// One part of a run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Part<'a> {
    /// Its number, from 0.
    pub number: u8,
    /// How many parts the run has, 2–64.
    pub parts: u8,
    /// Its piece of the run, at least one octet.
    pub piece: &'a [u8],
}

impl core::fmt::Debug for Part<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Part({} of {})", self.number, self.parts)
    }
}

impl<'a> Part<'a> {
    /// The content of a `Data` or `ControlPart` datagram.
    pub fn encode(&self) -> Vec<u8> {
        [&[self.number, self.parts], self.piece].concat()
    }

    /// Reads it.
    ///
    /// # Errors
    /// `Content` when the numbers do not fit or nothing follows them.
    pub fn decode(content: &'a [u8]) -> Result<Self, SmsError> {
        match content {
            [number, parts, piece @ ..]
                if (2..=PARTS_MAX).contains(parts) && number < parts && !piece.is_empty() =>
            {
                Ok(Self {
                    number: *number,
                    parts: *parts,
                    piece,
                })
            }
            _ => Err(SmsError::Content),
        }
    }
}

/// What the receiver says of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It holds these parts: bit `n` is part `n`.
    Open(u64),
    /// All arrived, was checked and is committed.
    Accepted,
    /// It took parts of it that it no longer holds: send it again as a new run.
    Lost,
    /// All arrived and nothing was changed by it.
    Refused(RefusalCode),
}

/// One line of an ack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AckItem {
    /// The run.
    pub run: Nonce,
    /// Number of the newest query for it that the receiver saw, 0 for none.
    pub asked: u8,
    /// What it holds.
    pub verdict: Verdict,
}

/// The content of an `Ack`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ack {
    /// 1–9 lines.
    pub items: Vec<AckItem>,
    /// A receipt of the hub, empty for none. Opaque here.
    pub receipt: Vec<u8>,
}

impl Ack {
    /// `count ‖ items ‖ receipt`.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![u8::try_from(self.items.len()).unwrap_or(u8::MAX)];
        for item in &self.items {
            item.write(&mut out);
        }
        out.extend(&self.receipt);
        out
    }

    /// Reads it.
    ///
    /// # Errors
    /// `Content` when it is not the one encoding of an ack.
    pub fn decode(content: &[u8]) -> Result<Self, SmsError> {
        let mut reader = Reader::new(content);
        let count = usize::from(reader.u8().ok_or(SmsError::Content)?);
        if count == 0 || count > ACK_ITEMS_MAX {
            return Err(SmsError::Content);
        }
        let mut items = Vec::new();
        for _ in 0..count {
            items.push(AckItem::read(&mut reader).ok_or(SmsError::Content)?);
        }
        let rest = reader.remaining();
        let receipt = reader.bytes(rest).ok_or(SmsError::Content)?.to_vec();
        Ok(Self { items, receipt })
    }
}

impl AckItem {
    /// Octets of the line: 19 with a map, else 11.
    pub fn octets(&self) -> usize {
        match self.verdict {
            Verdict::Open(_) => 19,
            _ => 11,
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        write_nonce(out, self.run);
        out.push(self.asked);
        match self.verdict {
            Verdict::Open(map) => {
                out.push(OPEN);
                out.extend(map.to_be_bytes());
            }
            Verdict::Accepted => out.push(ACCEPTED),
            Verdict::Lost => out.push(LOST),
            Verdict::Refused(code) => out.push(REFUSED | code.number()),
        }
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let run = read_nonce(reader)?;
        let asked = reader.u8()?;
        let verdict = match reader.u8()? {
            OPEN => Verdict::Open(reader.u64()?),
            ACCEPTED => Verdict::Accepted,
            LOST => Verdict::Lost,
            other if other & REFUSED != 0 => {
                Verdict::Refused(RefusalCode::parse(other & !REFUSED)?)
            }
            _ => return None,
        };
        Some(Self {
            run,
            asked,
            verdict,
        })
    }
}

/// One line of a query.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct QueryItem {
    /// The run.
    pub run: Nonce,
    /// How many parts it has, 1–64.
    pub parts: u8,
    /// Number of this query for this run, 1–255; the ack repeats it.
    pub asked: u8,
}

/// Writes the content of a `Query`: `count ‖ items`.
pub fn write_query(items: &[QueryItem]) -> Vec<u8> {
    let mut out = vec![u8::try_from(items.len()).unwrap_or(u8::MAX)];
    for item in items {
        write_nonce(&mut out, item.run);
        out.extend([item.parts, item.asked]);
    }
    out
}

/// Reads the content of a `Query`.
///
/// # Errors
/// `Content` when it is not the one encoding of 1–9 lines.
pub fn read_query(content: &[u8]) -> Result<Vec<QueryItem>, SmsError> {
    let mut reader = Reader::new(content);
    let count = usize::from(reader.u8().ok_or(SmsError::Content)?);
    if count == 0 || count > QUERY_ITEMS_MAX {
        return Err(SmsError::Content);
    }
    let mut items = Vec::new();
    for _ in 0..count {
        items.push(read_query_item(&mut reader).ok_or(SmsError::Content)?);
    }
    if reader.is_empty() {
        Ok(items)
    } else {
        Err(SmsError::Content)
    }
}

fn read_query_item(reader: &mut Reader<'_>) -> Option<QueryItem> {
    let run = read_nonce(reader)?;
    let (parts, asked) = (reader.u8()?, reader.u8()?);
    let fits = (1..=PARTS_MAX).contains(&parts) && asked > 0;
    fits.then_some(QueryItem { run, parts, asked })
}

fn write_nonce(out: &mut Vec<u8>, nonce: Nonce) {
    out.push(nonce.key);
    out.extend(nonce.salt);
    out.extend(nonce.counter.to_be_bytes());
}

fn read_nonce(reader: &mut Reader<'_>) -> Option<Nonce> {
    let (key, salt, counter) = (reader.u8()?, reader.array()?, reader.u32()?);
    let is_id = key != 0 && key != u8::MAX;
    is_id.then_some(Nonce { key, salt, counter })
}
