//! A binary range coder with adaptive probabilities: what packed bits are written and read with.
//!
//! Layout: `docs/protocols/packing.md` §2. Integers only, so that every machine gets the same
//! bits. Models are written once for both directions: [`Coder::bit`] takes the bit to write and
//! answers it, or ignores it and answers the bit that was read. Nothing here knows what a bit
//! means.

/// Observations after which a probability follows at its slowest pace; more are not counted.
const SEEN_MAX: u8 = 127;
/// Smallest probability of either bit in 1/65536, so that no bit is ever impossible.
const ONE_MIN: u16 = 32;
/// Bytes that a reader may take beyond the end: those of its window.
const WINDOW_BYTES: usize = 4;

/// Probability that a bit is 1, in 1/65536, and how often it was looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Prob {
    one: u16,
    seen: u8,
}

impl Prob {
    /// Nothing is known.
    pub(super) const EVEN: Self = Self {
        one: 1 << 15,
        seen: 0,
    };

    /// 1 with `one` in 65,536, as if seen that often.
    pub(super) const fn new(one: u16, seen: u8) -> Self {
        Self { one, seen }
    }

    /// The share of 1 in a sum of weights, as if seen that often.
    pub(super) fn share(one: u64, of: u64, seen: u8) -> Self {
        let share = (one << 16).checked_div(of).unwrap_or(1 << 15);
        let one = u16::try_from(share).unwrap_or(u16::MAX);
        Self {
            one: one.clamp(ONE_MIN, u16::MAX - ONE_MIN),
            seen,
        }
    }

    fn learn(&mut self, bit: bool) {
        let target = if bit {
            i32::from(u16::MAX - ONE_MIN)
        } else {
            i32::from(ONE_MIN)
        };
        let gap = target - i32::from(self.one);
        let moved = i32::from(self.one) + gap * 2 / (2 * i32::from(self.seen) + 3);
        self.one = u16::try_from(moved).unwrap_or(1 << 15);
        self.seen = self.seen.saturating_add(1).min(SEEN_MAX);
    }
}

/// One direction of the coder.
pub(super) trait Coder {
    /// A bit that is 1 with `one` in 65,536 (not 0): writes `bit`, or reads one.
    fn split(&mut self, one: u16, bit: bool) -> bool;

    /// A bit whose probability learns.
    fn bit(&mut self, prob: &mut Prob, bit: bool) -> bool {
        let bit = self.split(prob.one, bit);
        prob.learn(bit);
        bit
    }

    /// A number below `range`, all equally likely; 0 for a range of 0.
    fn uniform(&mut self, range: u64, value: u64) -> u64 {
        let (mut low, mut size) = (0_u64, range);
        while size > 1 {
            let upper = size / 2;
            let lower = size - upper;
            let Prob { one, .. } = Prob::share(upper, size, 0);
            if self.split(one, value >= low.saturating_add(lower)) {
                low = low.saturating_add(lower);
                size = upper;
            } else {
                size = lower;
            }
        }
        low
    }

    /// Whether bytes were read that were never written: what came is malformed.
    fn is_over(&self) -> bool {
        false
    }
}

/// Writes bits.
pub(super) struct Encoder {
    low: u32,
    high: u32,
    out: Vec<u8>,
}

fn middle(low: u32, high: u32, one: u16) -> u32 {
    let part = (u64::from(high - low) * u64::from(one)) >> 16;
    low.saturating_add(u32::try_from(part).unwrap_or(0))
}

fn top(word: u32) -> u8 {
    let [top, ..] = word.to_be_bytes();
    top
}

impl Encoder {
    pub(super) fn new() -> Self {
        Self {
            low: 0,
            high: u32::MAX,
            out: Vec::new(),
        }
    }

    /// The bytes: the shortest ending that a reader, who reads zeros behind it, cannot mistake.
    pub(super) fn finish(mut self) -> Vec<u8> {
        if self.low == 0 {
            return self.out;
        }
        for (kept, mask) in [(1, 0xff00_0000), (2, 0xffff_0000), (3, 0xffff_ff00)] {
            let value = self.high & mask;
            if value >= self.low {
                self.out.extend(value.to_be_bytes().into_iter().take(kept));
                return self.out;
            }
        }
        self.out.extend(self.high.to_be_bytes());
        self.out
    }
}

impl Coder for Encoder {
    fn split(&mut self, one: u16, bit: bool) -> bool {
        let middle = middle(self.low, self.high, one);
        if bit {
            self.high = middle;
        } else {
            self.low = middle.saturating_add(1);
        }
        while top(self.low) == top(self.high) {
            self.out.push(top(self.high));
            self.low <<= 8;
            self.high = self.high << 8 | 0xff;
        }
        bit
    }
}

/// Reads bits.
pub(super) struct Decoder<'a> {
    low: u32,
    high: u32,
    value: u32,
    rest: core::slice::Iter<'a, u8>,
    beyond: usize,
}

impl<'a> Decoder<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let mut decoder = Self {
            low: 0,
            high: u32::MAX,
            value: 0,
            rest: bytes.iter(),
            beyond: 0,
        };
        for _ in 0..WINDOW_BYTES {
            decoder.shift();
        }
        decoder
    }

    fn shift(&mut self) {
        let next = self.rest.next();
        if next.is_none() {
            self.beyond = self.beyond.saturating_add(1);
        }
        self.value = self.value << 8 | u32::from(next.copied().unwrap_or(0));
    }

    /// Whether every byte was taken in.
    pub(super) fn is_at_end(&self) -> bool {
        self.rest.len() == 0 && !self.is_over()
    }
}

impl Coder for Decoder<'_> {
    fn split(&mut self, one: u16, _bit: bool) -> bool {
        let middle = middle(self.low, self.high, one);
        let bit = self.value <= middle;
        if bit {
            self.high = middle;
        } else {
            self.low = middle.saturating_add(1);
        }
        while top(self.low) == top(self.high) {
            self.low <<= 8;
            self.high = self.high << 8 | 0xff;
            self.shift();
        }
        bit
    }

    fn is_over(&self) -> bool {
        self.beyond > WINDOW_BYTES
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bits_of_any_probability_are_read_back(
            bits in proptest::collection::vec((1_u16..=u16::MAX, any::<bool>()), 0..400),
        ) {
            let mut encoder = Encoder::new();
            for (one, bit) in &bits {
                encoder.split(*one, *bit);
            }
            let bytes = encoder.finish();
            let mut decoder = Decoder::new(&bytes);
            for (one, bit) in &bits {
                prop_assert_eq!(decoder.split(*one, !*bit), *bit);
            }
            prop_assert!(decoder.is_at_end());
        }

        #[test]
        fn learning_probabilities_and_even_ranges_are_read_back(
            bits in proptest::collection::vec(any::<bool>(), 0..2_000),
            numbers in proptest::collection::vec((1_u64..1 << 40, any::<u64>()), 0..50),
        ) {
            let mut encoder = Encoder::new();
            let mut prob = Prob::EVEN;
            for bit in &bits {
                encoder.bit(&mut prob, *bit);
            }
            for (range, value) in &numbers {
                encoder.uniform(*range, value % range);
            }
            let bytes = encoder.finish();
            let (mut decoder, mut prob) = (Decoder::new(&bytes), Prob::EVEN);
            for bit in &bits {
                prop_assert_eq!(decoder.bit(&mut prob, false), *bit);
            }
            for (range, value) in &numbers {
                prop_assert_eq!(decoder.uniform(*range, 0), value % range);
            }
            prop_assert!(decoder.is_at_end());
        }
    }

    #[test]
    fn what_never_changes_costs_next_to_nothing_and_a_reader_notices_the_end() {
        let mut encoder = Encoder::new();
        let mut prob = Prob::EVEN;
        for _ in 0..10_000 {
            encoder.bit(&mut prob, true);
        }
        let bytes = encoder.finish();
        assert!(bytes.len() < 20, "{} bytes", bytes.len());
        let mut decoder = Decoder::new(&bytes);
        for _ in 0..2_000 {
            decoder.split(1 << 15, false);
        }
        assert!(decoder.is_over() && !decoder.is_at_end());
    }
}
