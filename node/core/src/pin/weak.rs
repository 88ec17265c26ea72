//! PINs that are refused, because somebody else would try them first.
//!
//! Patterns stand for lists: the hundred commonest PINs of published counts are repeats, runs,
//! pairs, mirrors, years, dates and shapes on the keypad, and the few that are none of these are
//! named. Whatever a finder of the phone or of the person's card can read is refused as well.

use super::Pin;
use crate::person::BirthDate;

/// Common ones that follow no pattern here: keypad shapes and numbers of songs and films.
const COMMON: [&str; 22] = [
    "159753", "159357", "147258", "258369", "147852", "258456", "369258", "789456", "456789",
    "123654", "321654", "292513", "696969", "142536", "147369", "520131", "2580", "0852", "1004",
    "1379", "1597", "6969",
];
/// Years that people use as a PIN.
const YEARS: core::ops::RangeInclusive<u16> = 1900..=2039;

/// What others may know of the person.
#[derive(Clone, Copy, Default)]
pub struct Known<'a> {
    /// Birth date.
    pub birth: Option<BirthDate>,
    /// Registration number.
    pub number: Option<&'a str>,
    /// Phone numbers, E.164.
    pub phones: [Option<&'a str>; 2],
}

/// Whether a PIN is refused.
pub fn is_weak(pin: &Pin, known: &Known<'_>) -> bool {
    let digits = pin.digits();
    is_pattern(digits)
        || is_date(digits)
        || COMMON.contains(&digits)
        || known.birth.is_some_and(|birth| has_year(digits, birth))
        || is_part(digits, known.number)
        || known.phones.iter().any(|phone| is_part(digits, *phone))
}

/// One digit or block repeated, a run up or down, pairs, a mirror.
fn is_pattern(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    let repeats = |length: usize| {
        let mut blocks = bytes.chunks(length);
        let first = blocks.next();
        blocks.all(|block| Some(block) == first)
    };
    let runs = |step: u8| {
        let pairs = bytes.iter().zip(bytes.iter().skip(1));
        let next = |digit: u8| (digit.wrapping_sub(b'0').wrapping_add(step)) % 10;
        pairs
            .map(|(one, other)| (next(*one), other.wrapping_sub(b'0')))
            .all(|(wanted, found)| wanted == found)
    };
    let pairs = bytes.chunks(2).all(|pair| pair.first() == pair.last());
    let mirror = bytes.iter().eq(bytes.iter().rev());
    let kinds: std::collections::BTreeSet<&u8> = bytes.iter().collect();
    // A run down is a run up by nine.
    repeats(1)
        || repeats(2)
        || repeats(3)
        || runs(1)
        || runs(9)
        || pairs
        || mirror
        || kinds.len() <= 2
}

/// A year, or a day written as ddmmyy, mmddyy or yymmdd.
fn is_date(digits: &str) -> bool {
    let part = |from: usize, to: usize| digits.get(from..to).and_then(|text| text.parse().ok());
    if digits.len() == super::DIGITS_SHORT {
        let year: Option<u16> = part(0, 4);
        return year.is_some_and(|year| YEARS.contains(&year));
    }
    let [a, b, c]: [Option<u16>; 3] = [part(0, 2), part(2, 4), part(4, 6)];
    let day = |n: Option<u16>| n.is_some_and(|n| (1..=31).contains(&n));
    let month = |n: Option<u16>| n.is_some_and(|n| (1..=12).contains(&n));
    day(a) && month(b) || month(a) && day(b) || month(b) && day(c)
}

fn has_year(digits: &str, birth: BirthDate) -> bool {
    let year = format!("{:04}", birth.year());
    digits.contains(&year)
}

/// Whether it is a run of digits of a number.
fn is_part(digits: &str, number: Option<&str>) -> bool {
    number.is_some_and(|number| number.contains(digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weak(digits: &str, known: &Known<'_>) -> bool {
        is_weak(&Pin::parse(digits).unwrap(), known)
    }

    #[test]
    fn patterns_years_and_common_ones_are_refused() {
        let refused = [
            "000000", "111111", "123456", "654321", "012345", "890123", "121212", "123123",
            "112233", "123321", "111222", "100001", "101010", "159753", "147258", "789456",
            "696969", "170594", "051794", "940517", "1234", "4321", "1111", "1212", "1122", "1221",
            "1994", "2010", "2580", "6969", "1000",
        ];
        for digits in refused {
            assert!(weak(digits, &Known::default()), "{digits}");
        }
        for digits in ["491507", "837264", "604938", "4917", "8305"] {
            assert!(!weak(digits, &Known::default()), "{digits}");
        }
    }

    #[test]
    fn what_others_can_read_is_refused() {
        let known = Known {
            birth: Some(BirthDate::Year(1994)),
            number: Some("7294058630"),
            phones: [Some("+254711049150"), None],
        };
        for digits in [
            "199473", "741994", "294058", "058630", "711049", "9150", "8630",
        ] {
            assert!(weak(digits, &known), "{digits}");
        }
        assert!(!weak("199537", &known) && !weak("491507", &known));
    }

    #[test]
    fn enough_pins_are_left() {
        let strong = (0..1_000_000_u32)
            .filter(|n| !weak(&format!("{n:06}"), &Known::default()))
            .count();
        assert!((900_000..1_000_000).contains(&strong), "{strong}");
        let short = (0..10_000_u32)
            .filter(|n| !weak(&format!("{n:04}"), &Known::default()))
            .count();
        assert!((8_500..10_000).contains(&short), "{short}");
    }
}
