//! The permuted list of bodies: a keyed Feistel network over 0 … 10^9 − 1, walked and filtered.
//!
//! Only the centre holds the key. A smaller permutation of the same make hides the order of
//! provisional numbers from a casual eye; it hides neither node nor epoch.

use ring::hmac;

use super::{BODIES_MAX, check_digit, full, passes_filters, with_check};

/// Rounds of the network; each is one HMAC-SHA-256.
const ROUNDS: u8 = 10;
/// Bits of a half of the large network: 2^30 is the smallest even power of two above 10^9.
const LIST_HALF_BITS: u32 = 15;
/// Bits of a half of the small network: 2^14 is the smallest even power of two above 10^4.
const RUNNING_HALF_BITS: u32 = 7;
/// Running numbers of one prefix; the next one is refused and the node needs another prefix.
pub const RUNNING_MAX: u32 = 10_000;
/// Largest prefix of provisional numbers: its first digit must not be 9, which marks slips.
pub const PREFIX_MAX: u32 = 899_999;
/// Most numbers of one lease: their fact must stay below its size limit. More are cut off.
pub const LEASE_NUMBERS_MAX: u32 = 2_500;
/// Numbers of one lease, at enrolment and each time that few are left.
pub const REFILL: u32 = 1_000;
/// Numbers left at which a node asks for the next lease: first at half of one, then at a fifth,
/// where it also warns, then near the end.
pub const ASK_AT: [u64; 4] = [500, 200, 50, 0];
/// Numbers left at which the log warns: a fifth of a lease.
pub const FEW: u64 = 200;
/// Numbers that a life may hold unused, as far as its registrations are known at the hub; whoever
/// asks above gets none until more of them have come.
pub const HELD_MAX: u64 = 2_000;

/// The next `count` bodies that pass the filters, and the cursor behind the last one looked at.
///
/// At most [`LEASE_NUMBERS_MAX`]; fewer when the list ends.
pub fn lease(key: &[u8; 32], cursor: u64, count: u32) -> (Vec<u32>, u64) {
    let count = usize::try_from(count.min(LEASE_NUMBERS_MAX)).unwrap_or(0);
    let network = Network::new(key, b"outpost.number.list.1", LIST_HALF_BITS, BODIES_MAX);
    let mut bodies = Vec::with_capacity(count);
    let mut next = cursor;
    while bodies.len() < count {
        let Some(index) = u32::try_from(next).ok().filter(|index| *index < BODIES_MAX) else {
            break;
        };
        next += 1;
        let body = network.permute(index);
        if passes_filters(&full(body)) {
            bodies.push(body);
        }
    }
    (bodies, next)
}

/// A provisional number: `1`, 6 digits of prefix, 4 digits, check digit.
///
/// `running` counts from 0 within the prefix. `None` above [`PREFIX_MAX`] or from [`RUNNING_MAX`].
pub fn provisional(prefix: u32, running: u32, key: &[u8; 32]) -> Option<String> {
    if prefix > PREFIX_MAX || running >= RUNNING_MAX {
        return None;
    }
    let label = format!("outpost.number.running.1.{prefix}");
    let network = Network::new(key, label.as_bytes(), RUNNING_HALF_BITS, RUNNING_MAX);
    let digits = format!("1{prefix:06}{:04}", network.permute(running));
    check_digit(&digits).map(|_| with_check(digits))
}

/// A balanced Feistel network over `0 .. domain`, which its halves slightly exceed.
struct Network {
    key: hmac::Key,
    half_bits: u32,
    domain: u32,
}

impl Network {
    fn new(key: &[u8; 32], label: &[u8], half_bits: u32, domain: u32) -> Self {
        let derived = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), label);
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref()),
            half_bits,
            domain,
        }
    }

    /// Walks the cycle until the value lies in the domain again: a permutation of the domain.
    fn permute(&self, index: u32) -> u32 {
        let mut value = self.pass(index);
        while value >= self.domain {
            value = self.pass(value);
        }
        value
    }

    fn pass(&self, value: u32) -> u32 {
        let mask = (1 << self.half_bits) - 1;
        let (mut left, mut right) = (value >> self.half_bits, value & mask);
        for round in 0..ROUNDS {
            let mut input = [0; 5];
            let (number, half) = input.split_at_mut(1);
            number.fill(round);
            half.copy_from_slice(&right.to_be_bytes());
            let mixed = first_word(hmac::sign(&self.key, &input).as_ref());
            (left, right) = (right, left ^ (mixed & mask));
        }
        (left << self.half_bits) | right
    }
}

fn first_word(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .take(4)
        .fold(0, |word, byte| (word << 8) | u32::from(*byte))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::number::is_valid;

    const KEY: [u8; 32] = [42; 32];

    #[test]
    fn leases_continue_each_other_without_repeats() {
        let (together, end) = lease(&KEY, 0, 600);
        let (first, middle) = lease(&KEY, 0, 250);
        let (second, same_end) = lease(&KEY, middle, 350);
        assert_eq!(
            (
                first.iter().chain(&second).copied().collect::<Vec<_>>(),
                same_end
            ),
            (together.clone(), end)
        );
        assert_eq!(together.iter().collect::<BTreeSet<_>>().len(), 600);
        assert!(together.iter().all(|body| is_valid(&full(*body))));
        assert_ne!(lease(&[1; 32], 0, 600).0, together);
    }

    #[test]
    fn list_ends_at_its_last_index() {
        let (_, end) = lease(&KEY, u64::from(BODIES_MAX) - 5, 10);
        assert_eq!(end, u64::from(BODIES_MAX));
        assert_eq!(lease(&KEY, end, 10), (Vec::new(), end));
    }

    #[test]
    fn small_network_is_a_permutation() {
        let network = Network::new(&KEY, b"label", RUNNING_HALF_BITS, RUNNING_MAX);
        let seen: BTreeSet<u32> = (0..RUNNING_MAX).map(|n| network.permute(n)).collect();
        assert_eq!(seen.len(), 10_000);
        assert_eq!(seen.last(), Some(&9_999));
    }

    /// D4 in small: first digits come evenly, and issue order says nothing about value.
    #[test]
    fn issued_numbers_show_no_order() {
        let (bodies, _) = lease(&KEY, 0, 2_400);
        let mut by_first = [0u32; 10];
        for body in &bodies {
            by_first[usize::try_from(*body / 100_000_000).unwrap()] += 1;
        }
        assert_eq!(by_first[0] + by_first[1], 0);
        // 8 classes, 7 degrees of freedom. The filters make the classes a little uneven, so the
        // bound is wider than the 18.5 of an even draw at 1 %.
        let expected = 300i64;
        let chi: i64 = by_first[2..]
            .iter()
            .map(|n| (i64::from(*n) - expected).pow(2))
            .sum();
        assert!(chi / expected < 40, "{by_first:?}");
        let rises = bodies.windows(2).filter(|pair| pair[0] < pair[1]).count();
        assert!((1_100..1_300).contains(&rises), "{rises}");
    }

    #[test]
    fn provisional_numbers_have_their_form() {
        let numbers: BTreeSet<String> = (0..500)
            .map(|running| provisional(417, running, &KEY).unwrap())
            .collect();
        assert_eq!(numbers.len(), 500);
        assert!(
            numbers
                .iter()
                .all(|number| number.starts_with("1000417") && is_valid(number))
        );
        assert_eq!(provisional(900_000, 0, &KEY), None);
        assert_eq!(provisional(0, RUNNING_MAX, &KEY), None);
    }

    proptest! {
        #[test]
        fn different_indices_give_different_bodies(a in 0..BODIES_MAX, b in 0..BODIES_MAX) {
            let network = Network::new(&KEY, b"label", LIST_HALF_BITS, BODIES_MAX);
            prop_assert_eq!(a == b, network.permute(a) == network.permute(b));
            prop_assert!(network.permute(a) < BODIES_MAX);
        }
    }
}
