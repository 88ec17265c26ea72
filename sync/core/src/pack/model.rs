//! Models of numbers over the coder: trees of learning bits, and numbers of any size.
//!
//! Layout: `docs/protocols/packing.md` §3. A model starts with weights that the page names and
//! learns from each use; both ends use it in the same order, so they stay equal.

use super::coder::{Coder, Prob};

/// Leading bits of a large number that learn; those below them are even.
const LEARNING_BITS: u32 = 3;
/// Observations that a starting weight stands for.
const START_SEEN: u8 = 2;

/// A symbol of up to 8 bits, highest bit first; each bit learns under those before it.
#[derive(Clone)]
pub(super) struct Tree {
    bits: u32,
    /// By node: 1 for the first bit, then 2 × node + bit.
    probs: Vec<Prob>,
}

impl Tree {
    /// All symbols equally likely.
    pub(super) fn even(bits: u32) -> Self {
        Self {
            bits,
            probs: vec![Prob::EVEN; 1 << bits],
        }
    }

    /// Each symbol as likely as its share of the weights; missing weights are 0.
    pub(super) fn weighted(bits: u32, weights: &[u64], seen: u8) -> Self {
        let leaves = 1_usize << bits;
        // Sums of the subtrees, by node; leaves come last.
        let mut sums = vec![0_u64; leaves * 2];
        for (sum, weight) in sums.iter_mut().skip(leaves).zip(weights) {
            *sum = *weight;
        }
        for node in (1..leaves).rev() {
            let both = (sums.get(2 * node), sums.get(2 * node + 1));
            if let (Some(zero), Some(one)) = both {
                let sum = zero.saturating_add(*one);
                if let Some(place) = sums.get_mut(node) {
                    *place = sum;
                }
            }
        }
        let prob = |node: usize| {
            let one = sums.get(2 * node + 1).copied().unwrap_or(0);
            Prob::share(one, sums.get(node).copied().unwrap_or(0), seen)
        };
        Self {
            bits,
            probs: (0..leaves).map(prob).collect(),
        }
    }

    /// Writes or reads a symbol.
    pub(super) fn code<C: Coder>(&mut self, coder: &mut C, symbol: u8) -> u8 {
        let mut node = 1_usize;
        for place in (0..self.bits).rev() {
            let bit = symbol >> place & 1 == 1;
            let Some(prob) = self.probs.get_mut(node) else {
                return 0;
            };
            node = node * 2 + usize::from(coder.bit(prob, bit));
        }
        u8::try_from(node.saturating_sub(1 << self.bits)).unwrap_or(0)
    }
}

/// A number of up to 64 bits: its length in bits, then the bits below the first.
#[derive(Clone)]
pub(super) struct Number {
    length: Tree,
    /// By length: trees of the bits behind the first.
    leading: Vec<Tree>,
}

impl Number {
    /// Numbers of about this many bits are the likely ones.
    pub(super) fn around(bits: u32) -> Self {
        let weight = |length: u32| 1_u64.max(256 >> length.abs_diff(bits).min(8));
        let weights: Vec<_> = (0..=u64::BITS).map(weight).collect();
        Self {
            length: Tree::weighted(7, &weights, START_SEEN),
            leading: (0..=u64::BITS)
                .map(|length| Tree::even(LEARNING_BITS.min(length.saturating_sub(1))))
                .collect(),
        }
    }

    /// Writes or reads a number.
    pub(super) fn code<C: Coder>(&mut self, coder: &mut C, value: u64) -> u64 {
        let length = u64::BITS - value.leading_zeros();
        let length = self.length.code(coder, u8::try_from(length).unwrap_or(64));
        let length = u32::from(length).min(u64::BITS);
        let Some(below) = length.checked_sub(1) else {
            return 0;
        };
        let learned = below.min(LEARNING_BITS);
        let rest = below - learned;
        let mut number = 1_u64;
        if learned > 0 {
            let part = (value >> rest) & ((1 << learned) - 1);
            let symbol = u8::try_from(part).unwrap_or(0);
            let tree = usize::try_from(length)
                .ok()
                .and_then(|it| self.leading.get_mut(it));
            let read = tree.map_or(0, |it| it.code(coder, symbol));
            number = number << learned | u64::from(read);
        }
        for place in (0..rest).rev() {
            let bit = coder.split(1 << 15, value >> place & 1 == 1);
            number = number << 1 | u64::from(bit);
        }
        number
    }
}

/// The last values of something, the newest first.
#[derive(Clone)]
pub(super) struct Recent<T> {
    values: Vec<T>,
    which: Tree,
}

/// Values that are kept to be named again; the oldest goes.
const RECENT_MAX: usize = 8;

impl<T: Clone + PartialEq> Recent<T> {
    /// Starts with these, the newest first; those beyond the eighth are dropped.
    pub(super) fn new(values: Vec<T>) -> Self {
        let mut values = values;
        values.truncate(RECENT_MAX);
        Self {
            values,
            which: Tree::weighted(3, &[32, 16, 8, 4, 4, 2, 2, 2], START_SEEN),
        }
    }

    /// Where a value stands.
    pub(super) fn position(&self, value: &T) -> Option<usize> {
        self.values.iter().position(|it| it == value)
    }

    /// The value at a position.
    pub(super) fn get(&self, position: usize) -> Option<&T> {
        self.values.get(position)
    }

    /// Writes or reads a position.
    pub(super) fn code<C: Coder>(&mut self, coder: &mut C, position: usize) -> usize {
        let position = u8::try_from(position).unwrap_or(0);
        usize::from(self.which.code(coder, position))
    }

    /// Puts a value first.
    pub(super) fn note(&mut self, value: T) {
        self.values.retain(|it| *it != value);
        self.values.insert(0, value);
        self.values.truncate(RECENT_MAX);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::coder::{Decoder, Encoder};
    use super::*;

    proptest! {
        #[test]
        fn numbers_are_read_back(values in proptest::collection::vec(any::<(u64, u32)>(), 0..60)) {
            let values: Vec<u64> = values.into_iter().map(|(it, by)| it >> (by % 64)).collect();
            let (mut encoder, mut model) = (Encoder::new(), Number::around(8));
            for value in &values {
                model.code(&mut encoder, *value);
            }
            let bytes = encoder.finish();
            let (mut decoder, mut model) = (Decoder::new(&bytes), Number::around(8));
            for value in &values {
                prop_assert_eq!(model.code(&mut decoder, 0), *value);
            }
            prop_assert!(decoder.is_at_end());
        }

        #[test]
        fn symbols_are_read_back(symbols in proptest::collection::vec(0_u8..64, 0..200)) {
            let start = || Tree::weighted(6, &[9, 0, 4, 1], 3);
            let (mut encoder, mut tree) = (Encoder::new(), start());
            for symbol in &symbols {
                tree.code(&mut encoder, *symbol);
            }
            let bytes = encoder.finish();
            let (mut decoder, mut tree) = (Decoder::new(&bytes), start());
            for symbol in &symbols {
                prop_assert_eq!(tree.code(&mut decoder, 0), *symbol);
            }
        }
    }

    #[test]
    fn the_newest_value_stands_first_and_the_ninth_is_forgotten() {
        let mut recent = Recent::new(vec![100]);
        for value in 0..8 {
            recent.note(value);
        }
        assert_eq!(recent.position(&7), Some(0));
        assert_eq!(recent.position(&100), None);
        recent.note(3);
        assert_eq!((recent.get(0), recent.get(8)), (Some(&3), None));
    }
}
