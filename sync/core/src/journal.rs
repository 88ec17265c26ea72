//! Journal chains: hashes, salts and the names that follow from an entry's position.
//!
//! The chain commits to `H(salt ‖ body)`, so a body can be erased and the chain still verifies.
//! Layouts: `docs/protocols/frames.md`. Nothing here keeps state; the store owns rows.

use ring::{digest, hmac};

use crate::entry::{ClockQuality, EntryKind, EntryMeta, EntryRef};
use crate::id::{ChainId, DocId, Epoch, HubId, Scope, Seq};
use crate::varint;

/// Entries of one chain that share a seed: aligned runs of this many sequence numbers.
pub const BLOCK_ENTRIES: u32 = 64;

/// A block's number and its seed.
pub type BlockSeed = (u32, [u8; 16]);

const CHAIN_CONTEXT: &[u8] = b"outpost.chain.1";
const UUID_CONTEXT: &[u8] = b"outpost.uuid.1";
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// SHA-256 over the parts, one after the other.
pub(crate) fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    out
}

/// The first `N` bytes of a hash; `N` is at most 32.
pub(crate) fn prefix<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    for (to, from) in out.iter_mut().zip(bytes) {
        *to = *from;
    }
    out
}

pub(crate) fn keyed(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    for part in parts {
        context.update(part);
    }
    prefix(context.sign().as_ref())
}

/// Network name: the first 4 bytes of the hash of the root hub's public key.
pub fn hub_id(root_public_key: &[u8; 32]) -> HubId {
    HubId(prefix(&hash(&[root_public_key])))
}

/// The hash before the first entry of a chain, `h_0`.
pub fn genesis(chain: &ChainId) -> [u8; 32] {
    hash(&[CHAIN_CONTEXT, &chain_bytes(chain)])
}

/// `hub ‖ origin ‖ epoch ‖ scope`, 20 bytes: how a chain is named inside hashes and messages.
pub fn chain_bytes(chain: &ChainId) -> [u8; 20] {
    let mut out = [0; 20];
    let fields = chain
        .hub
        .0
        .into_iter()
        .chain(chain.origin.0.to_be_bytes())
        .chain(chain.epoch.0.to_be_bytes())
        .chain(chain.scope.0.to_be_bytes());
    for (to, from) in out.iter_mut().zip(fields) {
        *to = from;
    }
    out
}

fn entry_bytes(hub: HubId, entry: &EntryRef) -> [u8; 24] {
    let chain = ChainId {
        hub,
        origin: entry.origin,
        epoch: entry.epoch,
        scope: entry.scope,
    };
    let mut out = [0; 24];
    let fields = chain_bytes(&chain)
        .into_iter()
        .chain(entry.seq.0.to_be_bytes());
    for (to, from) in out.iter_mut().zip(fields) {
        *to = from;
    }
    out
}

/// Short form of the internal id of the document that `entry` created.
pub fn doc_id(hub: HubId, entry: &EntryRef) -> DocId {
    DocId(prefix(&hash(&[&[0x03], &entry_bytes(hub, entry)])))
}

/// The block of a sequence number: all its entries draw their salts from one seed.
pub fn block(seq: Seq) -> u32 {
    seq.0 / BLOCK_ENTRIES
}

/// The salt of one entry, from the seed of its block.
pub fn salt(seed: &[u8; 16], seq: Seq) -> [u8; 16] {
    prefix(&keyed(seed, &[&seq.0.to_be_bytes()]))
}

/// The seed of a block where it derives from a root that the hub holds too: HKDF-SHA-256.
///
/// RFC 5869 without salt; one output block is enough for 16 bytes.
pub fn derive_seed(root: &[u8; 32], epoch: Epoch, scope: Scope, block: u32) -> [u8; 16] {
    let extracted = keyed(&[0; 32], &[root]);
    let info: [&[u8]; 5] = [
        b"salt",
        &epoch.0.to_be_bytes(),
        &scope.0.to_be_bytes(),
        &block.to_be_bytes(),
        &[0x01],
    ];
    prefix(&keyed(&extracted, &info))
}

/// What stays of a body after its erasure: `c_i`.
pub fn commitment(salt: &[u8; 16], body: &[u8]) -> [u8; 32] {
    hash(&[&[0x02], salt, body])
}

/// The chain hash after an entry: `h_i` from `h_(i-1)`, the head and the commitment.
pub fn link(previous: &[u8; 32], meta: &EntryMeta, commitment: &[u8; 32]) -> [u8; 32] {
    hash(&[&[0x01], previous, &meta_bytes(meta), commitment])
}

/// The head as the chain hashes it:
/// `seq ‖ kind and quality ‖ hlc ‖ doc ‖ schema ‖ author ‖ session`.
pub fn meta_bytes(meta: &EntryMeta) -> Vec<u8> {
    let mut out = Vec::with_capacity(41);
    out.extend(meta.seq.0.to_be_bytes());
    out.push(kind_bits(meta.kind) | quality_bits(meta.quality));
    out.extend(meta.hlc.to_be_bytes());
    out.extend(meta.doc.0);
    out.extend(meta.schema.to_be_bytes());
    varint::write(&mut out, u64::from(meta.author));
    varint::write(&mut out, u64::from(meta.session));
    out
}

/// Kind in bits 0–1 of the tag and of the hashed head.
pub(crate) fn kind_bits(kind: EntryKind) -> u8 {
    match kind {
        EntryKind::Change => 0,
        EntryKind::Fact => 1,
    }
}

pub(crate) fn parse_kind(tag: u8) -> Option<EntryKind> {
    match tag & 0b11 {
        0 => Some(EntryKind::Change),
        1 => Some(EntryKind::Fact),
        _ => None,
    }
}

/// Clock quality in bits 5–7 of the tag and of the hashed head.
pub(crate) fn quality_bits(quality: ClockQuality) -> u8 {
    let number: u8 = match quality {
        ClockQuality::Ntp => 0,
        ClockQuality::Nitz => 1,
        ClockQuality::Rtc => 2,
        ClockQuality::Fake => 3,
        ClockQuality::Unknown => 4,
    };
    number << 5
}

pub(crate) fn parse_quality(tag: u8) -> Option<ClockQuality> {
    match tag >> 5 {
        0 => Some(ClockQuality::Ntp),
        1 => Some(ClockQuality::Nitz),
        2 => Some(ClockQuality::Rtc),
        3 => Some(ClockQuality::Fake),
        4 => Some(ClockQuality::Unknown),
        _ => None,
    }
}

/// The automerge actor of an origin in one life.
pub fn actor(public_key: &[u8; 32], epoch: Epoch) -> [u8; 8] {
    prefix(&hash(&[public_key, &epoch.0.to_be_bytes()]))
}

/// The correlation id of a session, from its first entry: 12 characters, Crockford base 32.
///
/// Issuer 20 bits ‖ index of the scope in the certificate 8 bits ‖ seq 32 bits. Higher bits of
/// the issuer are dropped.
pub fn correlation_id(issuer: u32, scope_index: u8, seq: Seq) -> String {
    let number =
        u64::from(issuer & 0xf_ffff) << 40 | u64::from(scope_index) << 32 | u64::from(seq.0);
    id12(number)
}

/// The low 60 bits of a number as 12 characters, Crockford base 32, upper case.
pub fn id12(number: u64) -> String {
    (0..12_u32)
        .rev()
        .filter_map(|position| {
            let digit = usize::try_from((number >> (position * 5)) & 31).ok()?;
            CROCKFORD.get(digit).map(|byte| char::from(*byte))
        })
        .collect()
}

/// The entry's name as a UUID of version 8, for peers that want one (RFC 9562 §5.8).
pub fn record_uuid(hub: HubId, entry: &EntryRef) -> String {
    let bytes: [u8; 16] = prefix(&hash(&[UUID_CONTEXT, &entry_bytes(hub, entry)]));
    let number = u128::from_be_bytes(bytes);
    let versioned = number & !(0xf << 76) & !(0b11 << 62) | 0x8 << 76 | 0b10 << 62;
    let hex = format!("{versioned:032x}");
    let mut text = String::with_capacity(36);
    for (position, digit) in hex.chars().enumerate() {
        if matches!(position, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests;
