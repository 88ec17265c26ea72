//! The short run: a packed frame in an SMS run without what both ends of the link know.
//!
//! ```text
//! form u8 ‖ scope index u8 ‖ first u8 [‖ count varint] [‖ set u8] ‖ clock varint [‖ counter varint]
//!      [‖ for each block touched: 0, or 1 ‖ seed [16]] ‖ packed entries ‖ Ed25519 [64]
//! form     bits 7–6: 10; bits 5, 4, 3: set, seeds, counter follow; bits 2–0: entries, 0: count follows
//! scope    index in the certificate of the link's node, whose grants are only appended
//! first    low octet of the first entry's number: the highest one up to head + 1 is meant
//! set      high octet of the pack set's number, 0 for none; else the one set that both ends hold
//! clock    milliseconds since the entry before the run, since 1970 for the first one of a chain
//! counter  of the last entry's clock, else entries less one: what one turn wrote counts from 0
//! ```
//!
//! Hub, origin, epoch, scope, hash before the run and seeds are those that the receiver holds, the
//! check is computed. The signature is over the whole frame, so anything that does not fit is found
//! before it is used, and the run is asked for whole (docs/protocols/sms.md §3.2).

use crate::frame::bare::{self, Bare, Stripped};
use crate::frame::{ENTRIES_MAX, Packing, SIGNATURE_BYTES};
use crate::id::{ChainId, Seq};
use crate::journal::{self, BlockSeed};
use crate::refusal::{Refusal, RefusalCode};
use crate::varint::{self, Reader};

/// Bits 7 and 6 of the first octet; a whole frame begins with 1.
const MARK: u8 = 0b1000_0000;
const MARK_BITS: u8 = 0b1100_0000;
const SET_FOLLOWS: u8 = 0b0010_0000;
const SEEDS_LISTED: u8 = 0b0001_0000;
const COUNTER_FOLLOWS: u8 = 0b0000_1000;
/// Entries of a short count, 0 where it follows.
const COUNT_BITS: u8 = 0b0000_0111;
/// Low bits of a hybrid clock that count within a millisecond.
const CLOCK_COUNTER_BITS: u32 = 16;

const SEED_KNOWN: u8 = 0;
const SEED_FOLLOWS: u8 = 1;

/// What an end of the link knows of a chain, up to the entry before a run.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// The chain.
    pub chain: ChainId,
    /// Its scope in the certificate of the link's node.
    pub scope_index: u8,
    /// First entry of the run.
    pub first: Seq,
    /// Chain hash before it.
    pub previous: [u8; 32],
    /// Hybrid clock of the entry before it, 0 for none.
    pub hlc: u64,
    /// Seeds that the receiver holds or derives, by block.
    pub seeds: &'a [BlockSeed],
    /// The origin's public key in this life.
    pub key: [u8; 32],
}

impl core::fmt::Debug for Known<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Known")
            .field("chain", &self.chain)
            .field("first", &self.first)
            .finish_non_exhaustive()
    }
}

/// A short run as it was read.
#[derive(Clone, PartialEq, Eq)]
pub struct ShortRun {
    /// Scope and lane, by its index in the certificate of the link's node.
    pub scope_index: u8,
    first: u8,
    count: u16,
    /// Nothing for the one set of both ends.
    set: Option<u8>,
    millis: u64,
    counter: u16,
    /// One for each block touched, `None` for a known one; nothing where all are known.
    listed: Option<Vec<Option<[u8; 16]>>>,
    packed: Vec<u8>,
    signature: [u8; SIGNATURE_BYTES],
}

// Seeds stay out of logs.
impl core::fmt::Debug for ShortRun {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "ShortRun({} entries)", self.count)
    }
}

/// Whether a run of entries is in the short form, of whatever layout.
pub fn is_short(run: &[u8]) -> bool {
    run.first().is_some_and(|form| form & MARK_BITS == MARK)
}

impl ShortRun {
    /// Reads a run; nothing is trusted yet.
    ///
    /// # Errors
    /// `Version` for another layout, `Malformed` for what is not the one encoding of a run.
    pub fn read(run: &[u8]) -> Result<Self, Refusal> {
        let form = run.first().copied().unwrap_or_default();
        if form & MARK_BITS != MARK {
            return Err(Refusal::new(RefusalCode::Version, "layout of a short run"));
        }
        Self::parse(run).ok_or_else(|| Refusal::new(RefusalCode::Malformed, "short run"))
    }

    fn parse(run: &[u8]) -> Option<Self> {
        let (content, signature) = run.split_last_chunk::<SIGNATURE_BYTES>()?;
        let mut reader = Reader::new(content);
        let form = reader.u8()?;
        let (scope_index, first) = (reader.u8()?, reader.u8()?);
        // What fits the form does not follow: a run has one encoding.
        let count = match form & COUNT_BITS {
            0 => u16::try_from(reader.varint()?).ok()?,
            count => u16::from(count),
        };
        let is_followed = form & COUNT_BITS == 0;
        if count > ENTRIES_MAX || is_followed != (count > u16::from(COUNT_BITS)) {
            return None;
        }
        let set = if form & SET_FOLLOWS == 0 {
            None
        } else {
            Some(reader.u8()?)
        };
        let millis = reader.varint()?;
        let usual = count.saturating_sub(1);
        let counter = if form & COUNTER_FOLLOWS == 0 {
            usual
        } else {
            let counter = u16::try_from(reader.varint()?).ok()?;
            Some(counter).filter(|counter| *counter != usual)?
        };
        let listed = if form & SEEDS_LISTED == 0 {
            None
        } else {
            Some(read_list(&mut reader, first, count)?)
        };
        let packed = reader.bytes(reader.remaining())?.to_vec();
        Some(Self {
            scope_index,
            first,
            count,
            set,
            millis,
            counter,
            listed,
            packed,
            signature: *signature,
        })
    }

    /// The first entry that is meant where the chain's last one is `head`; `None` where there is
    /// none.
    pub fn first(&self, head: Seq) -> Option<Seq> {
        let next = head.0.checked_add(1)?;
        let back = next.wrapping_sub(u32::from(self.first)) & 0xff;
        let first = next.checked_sub(back)?;
        (first > 0).then_some(Seq(first))
    }

    /// The blocks whose seeds the receiver must know, of those from `first` on.
    pub fn needed(&self, first: Seq) -> Vec<u32> {
        let listed = self.listed.as_deref().unwrap_or_default();
        let blocks = blocks(first, self.count).enumerate();
        let unknown = blocks.filter(|(at, _)| !matches!(listed.get(*at), Some(Some(_))));
        unknown.map(|(_, block)| block).collect()
    }

    /// The frame as its origin signed it.
    ///
    /// # Errors
    /// `Rebuild` when it does not fit what is known; nothing was changed by it.
    pub fn whole(&self, known: &Known<'_>, packing: &Packing<'_>) -> Result<Vec<u8>, Refusal> {
        let refused = |reason| Refusal::new(RefusalCode::Rebuild, reason);
        let dictionary = self
            .set(packing)
            .ok_or_else(|| refused("short run names no one set"))?;
        let hlc = self
            .clock(known.hlc)
            .ok_or_else(|| refused("short run's clock is beyond all clocks"))?;
        let mut seeds = known.seeds.to_vec();
        let listed = self.listed.as_deref().unwrap_or_default();
        let given = blocks(known.first, self.count).zip(listed);
        for (block, seed) in given.filter_map(|(block, seed)| Some((block, (*seed)?))) {
            seeds.retain(|(of, _)| *of != block);
            seeds.push((block, seed));
        }
        let bare = Bare {
            chain: known.chain,
            first: known.first,
            previous: known.previous,
            count: self.count,
            hlc,
            dictionary,
            seeds: &seeds,
            packed: &self.packed,
            signature: self.signature,
        };
        bare::whole(&bare, &known.key, packing)
    }

    /// The one set that is meant.
    fn set(&self, packing: &Packing<'_>) -> Option<u16> {
        let mut numbers = packing.sets.iter().map(|set| set.number());
        match self.set {
            None => numbers.next().filter(|_| packing.sets.len() == 1),
            Some(0) => Some(0),
            Some(octet) => {
                let mut meant = numbers.filter(|number| high(*number) == octet);
                let one = meant.next()?;
                meant.all(|other| other == one).then_some(one)
            }
        }
    }

    fn clock(&self, before: u64) -> Option<u64> {
        let millis = (before >> CLOCK_COUNTER_BITS).checked_add(self.millis)?;
        let upper = millis.checked_mul(1 << CLOCK_COUNTER_BITS)?;
        Some(upper | u64::from(self.counter))
    }

    /// The one encoding.
    pub fn encode(&self) -> Vec<u8> {
        let has_counter = self.counter != self.count.saturating_sub(1);
        let short_count = u8::try_from(self.count).ok();
        let short_count = short_count.filter(|count| *count <= COUNT_BITS);
        let mut form = MARK | short_count.unwrap_or(0);
        for (is_there, bit) in [
            (self.set.is_some(), SET_FOLLOWS),
            (self.listed.is_some(), SEEDS_LISTED),
            (has_counter, COUNTER_FOLLOWS),
        ] {
            form |= if is_there { bit } else { 0 };
        }
        let mut out = vec![form, self.scope_index, self.first];
        if short_count.is_none() {
            varint::write(&mut out, u64::from(self.count));
        }
        out.extend(self.set);
        varint::write(&mut out, self.millis);
        if has_counter {
            varint::write(&mut out, u64::from(self.counter));
        }
        for seed in self.listed.iter().flatten() {
            match seed {
                None => out.push(SEED_KNOWN),
                Some(seed) => {
                    out.push(SEED_FOLLOWS);
                    out.extend(seed);
                }
            }
        }
        out.extend(&self.packed);
        out.extend(self.signature);
        out
    }
}

/// The short form of a frame for a receiver that knows this much; `None` where it has none, or
/// where the receiver would not get the same frame back.
pub fn shorten(frame: &[u8], known: &Known<'_>, packing: &Packing<'_>) -> Option<Vec<u8>> {
    let Stripped {
        header,
        seeds,
        packed,
        signature,
    } = bare::strip(frame)?;
    let given: Vec<_> = seeds
        .iter()
        .map(|(block, seed)| (!known.seeds.contains(&(*block, *seed))).then_some(*seed))
        .collect();
    let before = known.hlc >> CLOCK_COUNTER_BITS;
    let counter = header.hlc & ((1 << CLOCK_COUNTER_BITS) - 1);
    let short = ShortRun {
        scope_index: known.scope_index,
        first: u8::try_from(header.first_seq.0 & 0xff).ok()?,
        count: header.count,
        set: (packing.sets.len() != 1 || header.dictionary == 0).then(|| high(header.dictionary)),
        millis: (header.hlc >> CLOCK_COUNTER_BITS).checked_sub(before)?,
        counter: u16::try_from(counter).ok()?,
        listed: given.iter().any(Option::is_some).then_some(given),
        packed,
        signature,
    };
    let run = short.encode();
    let again = ShortRun::read(&run).ok()?.whole(known, packing).ok()?;
    (again == frame).then_some(run)
}

fn high(set: u16) -> u8 {
    let [high, _] = set.to_be_bytes();
    high
}

fn blocks(first: Seq, count: u16) -> impl Iterator<Item = u32> {
    let more = u32::from(count).saturating_sub(1);
    let last = Seq(first.0.saturating_add(more));
    journal::block(first)..=journal::block(last)
}

/// Blocks are aligned to 64 and numbers to 256, so the low octet says how many are touched.
fn read_list(reader: &mut Reader<'_>, first: u8, count: u16) -> Option<Vec<Option<[u8; 16]>>> {
    let mut listed = Vec::new();
    for _ in blocks(Seq(u32::from(first)), count) {
        listed.push(match reader.u8()? {
            SEED_KNOWN => None,
            SEED_FOLLOWS => Some(reader.array()?),
            _ => return None,
        });
    }
    // A list without a seed says nothing.
    listed.iter().any(Option::is_some).then_some(listed)
}

#[cfg(test)]
mod tests;
