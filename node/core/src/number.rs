//! Registration numbers: form, check digit, the leased list, provisional and slip numbers.
//!
//! A number is an identifier and never a secret; it opens nothing by itself. Permanent numbers
//! come from one permuted list at the centre, so that they show neither place, date nor order;
//! provisional and slip numbers do show them and go to no Building Block.

pub mod list;

pub use list::{lease, provisional};

/// Digits of a permanent number, check digit included.
pub const NUMBER_DIGITS: usize = 10;
/// Digits of a provisional or slip number, check digit included.
pub const LONG_NUMBER_DIGITS: usize = 12;
/// How many bodies of 9 digits exist; the permuted list ends there and a lease gets fewer.
pub const BODIES_MAX: u32 = 1_000_000_000;

/// The digit that makes `digits` valid (Verhoeff's scheme over the dihedral group D5).
///
/// `None` when a character is no ASCII digit. Refuses every single wrong digit and every swap
/// of neighbours.
pub fn check_digit(digits: &str) -> Option<u8> {
    checksum(digits, 1).map(|sum| match sum {
        0..=4 => (5 - sum) % 5,
        reflection => reflection,
    })
}

/// Whether the last digit is the check digit of the others.
pub fn verhoeff(digits: &str) -> bool {
    digits.len() >= 2 && checksum(digits, 0) == Some(0)
}

/// Whether this is a number that we could have issued: length, first digits, filters, check digit.
///
/// Takes permanent, provisional and slip numbers; typed blanks and hyphens must be gone.
pub fn is_valid(digits: &str) -> bool {
    let formed = match digits.len() {
        NUMBER_DIGITS => passes_filters(digits),
        LONG_NUMBER_DIGITS => digits.starts_with('1'),
        _ => false,
    };
    formed && verhoeff(digits)
}

/// The permanent number of a body: its 9 digits and the check digit.
///
/// Bodies of a lease always pass the filters; a body of 10^9 or more wraps, which no lease holds.
pub fn full(body: u32) -> String {
    with_check(format!("{:09}", body % BODIES_MAX))
}

/// A number for a node whose epoch is not certified: `19`, 9 digits, check digit.
///
/// Starts at the random part of the epoch and counts up, modulo 10^9.
pub fn slip(epoch_random: u32, counter: u32) -> String {
    let nine = (u64::from(epoch_random) + u64::from(counter)) % u64::from(BODIES_MAX);
    with_check(format!("19{nine:09}"))
}

/// The last four digits, as texts show a number to people who may not see all of it.
pub fn hint(digits: &str) -> String {
    let skip = digits.chars().count().saturating_sub(4);
    digits.chars().skip(skip).collect()
}

/// Filters that MOSIP publishes for its identity numbers, over all ten digits.
///
/// No 0 or 1 first, no digit twice in a row, no run of three up or down, no pair of digits
/// twice, no three even digits (2, 4, 6, 8) in a row, the halves differ also when reversed, and
/// neither 786 nor 666 inside. About one body in seven passes.
pub fn passes_filters(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    if bytes.len() != NUMBER_DIGITS || !bytes.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let (left, right) = bytes.split_at(NUMBER_DIGITS / 2);
    !matches!(bytes, [b'0' | b'1', ..])
        && !bytes
            .windows(2)
            .any(|pair| matches!(pair, [a, b] if a == b))
        && !bytes.windows(3).any(is_refused_triple)
        && !repeats_a_pair(bytes)
        && left != right
        && !left.iter().eq(right.iter().rev())
}

fn is_refused_triple(triple: &[u8]) -> bool {
    let [a, b, c] = triple else { return false };
    let even = |digit: &u8| matches!(digit, b'2' | b'4' | b'6' | b'8');
    let runs = (a + 1 == *b && b + 1 == *c) || (*a == b + 1 && *b == c + 1);
    runs || (even(a) && even(b) && even(c)) || triple == b"786" || triple == b"666"
}

fn repeats_a_pair(digits: &[u8]) -> bool {
    digits
        .windows(2)
        .enumerate()
        .any(|(at, pair)| digits.windows(2).skip(at + 2).any(|later| later == pair))
}

fn with_check(mut digits: String) -> String {
    if let Some(check) = check_digit(&digits) {
        digits.push(char::from(b'0' + check));
    }
    digits
}

/// Sum of the digits in D5 from the right; `first` is the exponent of the rightmost one.
fn checksum(digits: &str, first: usize) -> Option<u8> {
    let mut sum = 0;
    for (at, byte) in digits.bytes().rev().enumerate() {
        if !byte.is_ascii_digit() {
            return None;
        }
        sum = multiply(sum, permute((at + first) % 8, byte - b'0'));
    }
    Some(sum)
}

/// Multiplication in D5: 0–4 are rotations, 5–9 reflections.
fn multiply(a: u8, b: u8) -> u8 {
    match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => 5 + (a + b - 5) % 5,
        (false, true) => 5 + (a - b) % 5,
        (false, false) => (a + 5 - b) % 5,
    }
}

/// Verhoeff's permutation (1 5 8 9 4 2 7 0)(3 6), applied `times` times.
fn permute(times: usize, digit: u8) -> u8 {
    (0..times).fold(digit, |digit, _| match digit {
        0 => 1,
        1 => 5,
        2 => 7,
        3 => 6,
        4 => 2,
        5 => 8,
        6 => 3,
        7 => 0,
        8 => 9,
        _ => 4,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    #[test]
    fn published_examples_are_valid() {
        for number in ["7294058630", "100041738527", "193074182653"] {
            assert!(is_valid(number), "{number}");
        }
    }

    #[test]
    fn each_filter_refuses_its_example() {
        for (number, why) in [
            ("0294058639", "0 first"),
            ("1294058636", "1 first"),
            ("7294405863", "a digit twice"),
            ("7123058630", "a run up"),
            ("7943205863", "a run down"),
            ("7294729405", "a pair twice"),
            ("7024605813", "three even digits"),
            ("7294072940", "equal halves"),
            ("7294004927", "mirrored halves"),
            ("5786029413", "a restricted part"),
            ("72940", "too short"),
            ("72940x8630", "no digit"),
        ] {
            assert!(!passes_filters(number), "{why}");
        }
    }

    fn check_errors(number: &str) {
        assert!(verhoeff(number));
        let bytes = number.as_bytes();
        for at in 0..bytes.len() {
            for digit in b'0'..=b'9' {
                let mut wrong = bytes.to_vec();
                wrong[at] = digit;
                let wrong = String::from_utf8(wrong).unwrap();
                assert!(wrong == number || !verhoeff(&wrong));
            }
            let mut swapped = bytes.to_vec();
            if at > 0 && swapped[at] != swapped[at - 1] {
                swapped.swap(at, at - 1);
                assert!(!verhoeff(&String::from_utf8(swapped).unwrap()));
            }
        }
    }

    #[test]
    fn every_wrong_digit_and_every_swap_is_refused() {
        (0..BODIES_MAX)
            .step_by(99_991)
            .for_each(|body| check_errors(&full(body)));
        let long = (0..100).filter_map(|running| provisional(100_041, running, &KEY));
        let slips = (0..100).map(|n| slip(74_182_653, n * 7919));
        for number in long.chain(slips) {
            assert!(is_valid(&number));
            check_errors(&number);
        }
        let (leased, _) = lease(&KEY, 0, 50);
        assert!(leased.into_iter().all(|body| is_valid(&full(body))));
    }

    #[test]
    fn seventh_part_of_all_bodies_passes() {
        let passing = (0..1_000_000_000u32)
            .step_by(9_973)
            .filter(|body| passes_filters(&full(*body)))
            .count();
        let all = 1_000_000_000usize.div_ceil(9_973);
        assert!(
            (passing * 1_000 / all).abs_diff(142) <= 6,
            "{passing} of {all}"
        );
    }

    #[test]
    fn slips_of_one_epoch_differ_and_wrap() {
        assert_eq!(slip(74_182_653, 0).get(..11), Some("19074182653"));
        assert_eq!(slip(999_999_999, 1).get(..11), Some("19000000000"));
        assert_eq!(hint("7294058630"), "8630");
        assert_eq!(hint("30"), "30");
    }
}
