//! A complete check of one automerge change chunk, without automerge.
//!
//! Layout: automerge binary format, change chunks. Run lengths are counted before anything is
//! expanded, so a few hostile bytes cannot stand for millions of operations. Accepted is exactly
//! what this release writes: texts put to fields of the root map and values removed from them
//! (automerge's way to decide a conflict for the value that already wins), each field once; no
//! compressed column, no time, no message, no footer.

use std::collections::BTreeSet;

use super::{
    CHANGE_BYTES_MAX, ChangeHead, DEPENDENCIES_MAX, DocumentError, FIELD_NAME_BYTES_MAX,
    OPERATIONS_MAX, TEXT_BYTES_MAX, check_limit,
};
use crate::journal;
use crate::varint::Reader;

/// Most other actors that one change may name: authors of the values that it replaces.
const OTHER_ACTORS_MAX: usize = 64;
/// Most columns; the format has fewer.
const COLUMNS_MAX: u64 = 16;

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const CHANGE_CHUNK: u8 = 1;
const ACTION_PUT: u64 = 1;
const ACTION_DELETE: u64 = 3;
const VALUE_TEXT: u64 = 6;
/// Value of a delete: null, 0 bytes.
const VALUE_NULL_META: u64 = 0;

/// Column numbers: id × 16 + type.
const KEY_TEXT: u64 = 0x15;
const INSERT: u64 = 0x34;
const ACTION: u64 = 0x42;
const VALUE_META: u64 = 0x56;
const VALUE_RAW: u64 = 0x57;
const PREDECESSOR_COUNT: u64 = 0x70;
const PREDECESSOR_ACTOR: u64 = 0x71;
const PREDECESSOR_COUNTER: u64 = 0x73;

const fn malformed(what: &'static str) -> DocumentError {
    DocumentError::Malformed(what)
}

/// A change whose form is right; what it refers to is checked against the document.
pub(super) struct Checked<'a> {
    pub(super) head: ChangeHead,
    /// Counter of its first operation.
    pub(super) start_op: u64,
    pub(super) operations: Vec<Operation<'a>>,
}

/// Counter and actor: automerge's name of an operation.
pub(super) type OpName = (u64, [u8; 8]);

/// One put or delete.
pub(super) struct Operation<'a> {
    pub(super) field: &'a str,
    /// The text put there; `None` for a delete.
    pub(super) value: Option<&'a str>,
    /// The values that it replaces.
    pub(super) predecessors: Vec<OpName>,
}

/// Checks the chunk and reads it.
pub(super) fn parse(bytes: &[u8]) -> Result<Checked<'_>, DocumentError> {
    check_limit("change", bytes.len(), CHANGE_BYTES_MAX)?;
    let (hash, data) = envelope(bytes)?;
    let mut reader = Reader::new(data);
    let dependencies = dependencies(&mut reader)?;
    let Head {
        actor,
        seq,
        start_op,
    } = actor_and_numbers(&mut reader).ok_or(malformed("head"))?;
    let actors = actors(&mut reader, actor).ok_or(malformed("actors"))?;
    let columns = Columns::parse(&mut reader).ok_or(malformed("columns"))?;
    if !reader.is_empty() {
        return Err(malformed("footer"));
    }
    let operations = columns.operations(&Bounds { actors, start_op })?;
    let head = ChangeHead {
        hash,
        actor,
        seq,
        dependencies,
        operations: operations.len(),
    };
    Ok(Checked {
        head,
        start_op,
        operations,
    })
}

/// Hash and content of a chunk.
type Envelope<'a> = ([u8; 32], &'a [u8]);

/// Magic, checksum, type, length; the rest is the content.
fn envelope(bytes: &[u8]) -> Result<Envelope<'_>, DocumentError> {
    let mut reader = Reader::new(bytes);
    if reader.array() != Some(MAGIC) {
        return Err(malformed("magic"));
    }
    let checksum: [u8; 4] = reader.array().ok_or(malformed("checksum"))?;
    let hashed = reader
        .clone()
        .bytes(reader.remaining())
        .ok_or(malformed("length"))?;
    if reader.u8() != Some(CHANGE_CHUNK) {
        return Err(malformed("chunk type is not an uncompressed change"));
    }
    let data = reader.block(CHANGE_BYTES_MAX).ok_or(malformed("length"))?;
    if !reader.is_empty() {
        return Err(malformed("bytes after the chunk"));
    }
    let hash = journal::hash(&[hashed]);
    if !hash.starts_with(&checksum) {
        return Err(malformed("checksum"));
    }
    Ok((hash, data))
}

fn dependencies(reader: &mut Reader<'_>) -> Result<Vec<[u8; 32]>, DocumentError> {
    let count = reader.varint().ok_or(malformed("dependencies"))?;
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    check_limit("dependencies", count, DEPENDENCIES_MAX)?;
    let hashes: Option<Vec<_>> = (0..count).map(|_| reader.array()).collect();
    let hashes = hashes.ok_or(malformed("dependencies"))?;
    let distinct: BTreeSet<_> = hashes.iter().collect();
    if distinct.len() == hashes.len() {
        Ok(hashes)
    } else {
        Err(malformed("dependencies"))
    }
}

struct Head {
    actor: [u8; 8],
    seq: u64,
    start_op: u64,
}

fn actor_and_numbers(reader: &mut Reader<'_>) -> Option<Head> {
    let actor = actor(reader)?;
    let seq = reader
        .varint()
        .filter(|seq| (1..=u64::from(u32::MAX)).contains(seq))?;
    let start_op = reader
        .varint()
        .filter(|op| (1..=u64::from(u32::MAX / 2)).contains(op))?;
    // A signed varint of 0 and a text of length 0: no time, no message.
    let is_bare = reader.array() == Some([0, 0]);
    is_bare.then_some(Head {
        actor,
        seq,
        start_op,
    })
}

fn actor(reader: &mut Reader<'_>) -> Option<[u8; 8]> {
    reader.block(8)?.try_into().ok()
}

/// The actor table: the change's own, then the others that it names.
fn actors(reader: &mut Reader<'_>, own: [u8; 8]) -> Option<Vec<[u8; 8]>> {
    let count = usize::try_from(reader.varint()?).ok()?;
    if count > OTHER_ACTORS_MAX {
        return None;
    }
    let others: Option<Vec<_>> = (0..count).map(|_| actor(reader)).collect();
    Some([&[own], others?.as_slice()].concat())
}

/// What operation columns may refer to.
struct Bounds {
    actors: Vec<[u8; 8]>,
    start_op: u64,
}

#[derive(Default)]
struct Columns<'a> {
    key: &'a [u8],
    insert: &'a [u8],
    action: &'a [u8],
    value_meta: &'a [u8],
    value: &'a [u8],
    predecessor_count: &'a [u8],
    predecessor_actor: &'a [u8],
    predecessor_counter: &'a [u8],
}

impl<'a> Columns<'a> {
    fn parse(reader: &mut Reader<'a>) -> Option<Self> {
        let count = reader.varint().filter(|count| *count <= COLUMNS_MAX)?;
        let mut heads = Vec::new();
        for _ in 0..count {
            heads.push((reader.varint()?, usize::try_from(reader.varint()?).ok()?));
        }
        if !heads.is_sorted_by(|(left, _), (right, _)| left < right) {
            return None;
        }
        let mut columns = Self::default();
        for (number, len) in heads {
            let data = reader.bytes(len)?;
            *columns.slot(number)? = data;
        }
        Some(columns)
    }

    /// The place of a column, `None` for one that plain puts do not have.
    fn slot(&mut self, number: u64) -> Option<&mut &'a [u8]> {
        match number {
            KEY_TEXT => Some(&mut self.key),
            INSERT => Some(&mut self.insert),
            ACTION => Some(&mut self.action),
            VALUE_META => Some(&mut self.value_meta),
            VALUE_RAW => Some(&mut self.value),
            PREDECESSOR_COUNT => Some(&mut self.predecessor_count),
            PREDECESSOR_ACTOR => Some(&mut self.predecessor_actor),
            PREDECESSOR_COUNTER => Some(&mut self.predecessor_counter),
            _ => None,
        }
    }

    fn operations(&self, bounds: &Bounds) -> Result<Vec<Operation<'a>>, DocumentError> {
        let actions = rows(self.action, Reader::varint).ok_or(malformed("actions"))?;
        let count = actions.len();
        if count == 0
            || actions
                .iter()
                .any(|it| !matches!(*it, ACTION_PUT | ACTION_DELETE))
        {
            return Err(malformed("does something else than putting texts"));
        }
        let fields = self.fields(count)?;
        let values = self.values(&actions)?;
        let predecessors = self.predecessors(&actions, bounds)?;
        // One run of `false`, as long as there are operations.
        let mut insert = Reader::new(self.insert);
        let falses = insert.varint().and_then(|run| usize::try_from(run).ok());
        if falses != Some(count) || !insert.is_empty() {
            return Err(malformed("inserts"));
        }
        let all = fields.into_iter().zip(values).zip(predecessors);
        Ok(all
            .map(|((field, value), predecessors)| Operation {
                field,
                value,
                predecessors,
            })
            .collect())
    }

    fn fields(&self, count: usize) -> Result<Vec<&'a str>, DocumentError> {
        let read = |reader: &mut Reader<'a>| {
            let name = reader.block(FIELD_NAME_BYTES_MAX)?;
            core::str::from_utf8(name)
                .ok()
                .filter(|name| !name.is_empty())
        };
        let names = rows(self.key, read).ok_or(malformed("field names"))?;
        let distinct: BTreeSet<_> = names.iter().collect();
        if names.len() == count && distinct.len() == count {
            Ok(names)
        } else {
            Err(malformed("field names"))
        }
    }

    fn values(&self, actions: &[u64]) -> Result<Vec<Option<&'a str>>, DocumentError> {
        let metas = rows(self.value_meta, Reader::varint).ok_or(malformed("values"))?;
        if metas.len() != actions.len() {
            return Err(malformed("values"));
        }
        let mut raw = Reader::new(self.value);
        let mut values = Vec::with_capacity(metas.len());
        for (meta, action) in metas.into_iter().zip(actions) {
            if *action == ACTION_DELETE && meta == VALUE_NULL_META {
                values.push(None);
                continue;
            }
            if *action == ACTION_DELETE || meta & 0xf != VALUE_TEXT {
                return Err(malformed("value is not a text"));
            }
            let len = usize::try_from(meta >> 4).unwrap_or(usize::MAX);
            check_limit("field value", len, TEXT_BYTES_MAX)?;
            let text = raw.bytes(len).ok_or(malformed("values"))?;
            let text = core::str::from_utf8(text);
            values.push(Some(text.map_err(|_utf8| malformed("value is not UTF-8"))?));
        }
        if raw.is_empty() {
            Ok(values)
        } else {
            Err(malformed("values"))
        }
    }

    /// Counter and actor of the replaced values, per operation.
    fn predecessors(
        &self,
        actions: &[u64],
        bounds: &Bounds,
    ) -> Result<Vec<Vec<OpName>>, DocumentError> {
        let wrong = malformed("predecessors");
        let counts = rows(self.predecessor_count, Reader::varint).ok_or(wrong)?;
        if counts
            .iter()
            .zip(actions)
            .any(|(it, action)| *it == 0 && *action == ACTION_DELETE)
        {
            return Err(wrong);
        }
        let total = counts
            .iter()
            .fold(0_u64, |sum, count| sum.saturating_add(*count));
        let total = usize::try_from(total).unwrap_or(usize::MAX);
        check_limit("predecessors", total, OPERATIONS_MAX)?;
        let actors = rows(self.predecessor_actor, Reader::varint).ok_or(wrong)?;
        let deltas = rows(self.predecessor_counter, signed).ok_or(wrong)?;
        if counts.len() != actions.len() || actors.len() != total || deltas.len() != total {
            return Err(wrong);
        }
        let mut counter = 0_i64;
        let mut names = Vec::with_capacity(total);
        for (actor, delta) in actors.into_iter().zip(deltas) {
            counter = counter.checked_add(delta).ok_or(wrong)?;
            let number = u64::try_from(counter)
                .ok()
                .filter(|it| *it < bounds.start_op);
            let actor = usize::try_from(actor)
                .ok()
                .and_then(|index| bounds.actors.get(index));
            names.push((number.ok_or(wrong)?, *actor.ok_or(wrong)?));
        }
        let mut names = names.into_iter();
        let sizes = counts
            .into_iter()
            .map(|count| usize::try_from(count).unwrap_or(usize::MAX));
        Ok(sizes
            .map(|size| names.by_ref().take(size).collect())
            .collect())
    }
}

/// Expands a run-length column, at most [`OPERATIONS_MAX`] rows; nulls are refused.
fn rows<'a, V: Copy>(
    column: &'a [u8],
    mut read: impl FnMut(&mut Reader<'a>) -> Option<V>,
) -> Option<Vec<V>> {
    let mut reader = Reader::new(column);
    let mut values = Vec::new();
    while !reader.is_empty() {
        let run = signed(&mut reader)?;
        let len = usize::try_from(run.unsigned_abs()).ok()?;
        if len == 0 || len > OPERATIONS_MAX - values.len() {
            return None;
        }
        if run > 0 {
            let value = read(&mut reader)?;
            values.extend(core::iter::repeat_n(value, len));
        } else {
            for _ in 0..len {
                values.push(read(&mut reader)?);
            }
        }
    }
    Some(values)
}

/// A signed LEB128 number of at most 64 bits.
fn signed(reader: &mut Reader<'_>) -> Option<i64> {
    let mut value = 0_i64;
    for position in 0..10_u32 {
        let byte = reader.u8()?;
        let shift = position * 7;
        value |= i64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            let is_negative = byte & 0x40 != 0;
            let sign = if is_negative {
                (-1_i64).checked_shl(shift + 7).unwrap_or(0)
            } else {
                0
            };
            return Some(value | sign);
        }
    }
    None
}
