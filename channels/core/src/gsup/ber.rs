//! BER elements with one tag octet and definite lengths (ITU-T X.690 §8.1.2, §8.1.3), as
//! supplementary-service components use them (TS 24.080 §3.6.1).
//!
//! The long form of a length is read (up to two octets) and never written: `osmo-hlr` 1.5.0 drops
//! a component with a long form in silence. Tags of more than one octet and the indefinite form
//! are refused.

use super::{Reason, Refused};

/// Most octets of an element that is written: the short form of a length (ITU-T X.690 §8.1.3.4);
/// a longer one is refused when it is written.
pub const ELEMENT_OCTETS_MAX: usize = 127;

/// Marks the long form of a length (ITU-T X.690 §8.1.3.5).
const LONG_FORM: u8 = 0x80;
/// Tag number that announces more tag octets (ITU-T X.690 §8.1.2.4).
const LONG_TAG: u8 = 0x1F;

/// One element.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Element<'a> {
    /// Its tag octet.
    pub tag: u8,
    /// What it holds.
    pub content: &'a [u8],
    /// Where its tag stands.
    pub at: usize,
    /// Where its content begins.
    pub offset: usize,
}

/// Reads elements one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    /// Reads octets that stand at `offset` of what a refusal shall name.
    pub fn new(octets: &'a [u8], offset: usize) -> Self {
        Self {
            rest: octets,
            offset,
        }
    }

    /// Reads what an element holds.
    pub fn inside(element: &Element<'a>) -> Self {
        Self::new(element.content, element.offset)
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Where the next element would stand.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The next element; `None` at the end.
    ///
    /// # Errors
    /// A tag of several octets, a length that is not read, or content that ends too early.
    pub fn next_element(&mut self) -> Result<Option<Element<'a>>, Refused> {
        let at = self.offset;
        let Some((&tag, rest)) = self.rest.split_first() else {
            return Ok(None);
        };
        if tag & LONG_TAG == LONG_TAG {
            return Err(Reason::UnknownType(tag).at(at));
        }
        let (length, header, rest) = length(rest, at.saturating_add(1))?;
        let offset = at.saturating_add(header).saturating_add(1);
        let (content, rest) = rest
            .split_at_checked(length)
            .ok_or(Reason::Truncated.at(offset))?;
        self.rest = rest;
        self.offset = offset.saturating_add(length);
        Ok(Some(Element {
            tag,
            content,
            at,
            offset,
        }))
    }

    /// The next element, which must have this tag.
    ///
    /// # Errors
    /// As [`Self::next_element`], and when `what` is missing or another element stands there.
    pub fn expect(&mut self, tag: u8, what: &'static str) -> Result<Element<'a>, Refused> {
        let at = self.offset;
        match self.next_element()? {
            Some(element) if element.tag == tag => Ok(element),
            Some(_) | None => Err(Reason::Missing(what).at(at)),
        }
    }

    /// The next element, which must have this tag and hold one octet.
    ///
    /// # Errors
    /// As [`Self::expect`], and when it holds more or less.
    pub fn expect_octet(&mut self, tag: u8, what: &'static str) -> Result<u8, Refused> {
        octet(&self.expect(tag, what)?, what)
    }
}

/// The one octet that an element holds.
///
/// # Errors
/// [`Reason::WrongForm`] when it holds more or less.
pub fn octet(element: &Element<'_>, what: &'static str) -> Result<u8, Refused> {
    match element.content {
        [octet] => Ok(*octet),
        _ => Err(Reason::WrongForm(what).at(element.offset)),
    }
}

/// A length, the octets that it took, and what follows it.
type Length<'a> = (usize, usize, &'a [u8]);

fn length(octets: &[u8], at: usize) -> Result<Length<'_>, Refused> {
    match octets {
        [] | [0x81 | 0x82] | [0x82, _] => Err(Reason::Truncated.at(at)),
        [short, rest @ ..] if *short < LONG_FORM => Ok((usize::from(*short), 1, rest)),
        [0x81, length, rest @ ..] => Ok((usize::from(*length), 2, rest)),
        [0x82, high, low, rest @ ..] => {
            Ok((usize::from(u16::from_be_bytes([*high, *low])), 3, rest))
        }
        [_, ..] => Err(Reason::LengthForm.at(at)),
    }
}

/// Writes an element with a length in the short form.
///
/// # Errors
/// [`Reason::TooLarge`] when it holds more than [`ELEMENT_OCTETS_MAX`] octets.
pub fn element(tag: u8, content: &[u8]) -> Result<Vec<u8>, Refused> {
    let got = content.len();
    let length = u8::try_from(got).ok().filter(|length| *length < LONG_FORM);
    let length = length.ok_or(
        Reason::TooLarge {
            limit: ELEMENT_OCTETS_MAX,
            got,
        }
        .at(0),
    )?;
    Ok([&[tag, length][..], content].concat())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A tag and what its element holds.
    type Read<'a> = (u8, &'a [u8]);

    fn check(octets: &[u8], expected: Result<Read<'_>, Refused>) {
        let read = Reader::new(octets, 0).next_element();
        let read = read.map(|element| element.map(|element| (element.tag, element.content)));
        assert_eq!(read, expected.map(Some));
    }

    #[test]
    fn every_form_of_a_length_is_read_or_refused_with_its_place() {
        let long = [&[0x04, 0x81, 0x80][..], &[7; 128]].concat();
        let longer = [&[0x04, 0x82, 0x01, 0x00][..], &[7; 256]].concat();
        check(&[0x04, 0x02, 1, 2], Ok((4, &[1, 2])));
        check(&[0x04, 0x00], Ok((4, &[])));
        // ITU-T X.690 §8.1.3.5 lets a sender use the long form for a short length.
        check(&[0x04, 0x81, 0x01, 9], Ok((4, &[9])));
        check(&long, Ok((4, &[7; 128])));
        check(&longer, Ok((4, &[7; 256])));
        check(&[0x04], Err(Reason::Truncated.at(1)));
        check(&[0x04, 0x81], Err(Reason::Truncated.at(1)));
        check(&[0x04, 0x82, 0], Err(Reason::Truncated.at(1)));
        check(&[0x04, 0x03, 1, 2], Err(Reason::Truncated.at(2)));
        check(&[0x30, 0x80, 0, 0], Err(Reason::LengthForm.at(1)));
        check(&[0x04, 0x83, 0, 0, 1, 9], Err(Reason::LengthForm.at(1)));
        check(&[0x1F, 0x81, 0x01, 0], Err(Reason::UnknownType(0x1F).at(0)));
    }

    #[test]
    fn a_length_over_the_short_form_is_never_written() {
        assert_eq!(element(4, &[0; 127]).unwrap().len(), 129);
        let refused = Reason::TooLarge {
            limit: ELEMENT_OCTETS_MAX,
            got: 128,
        };
        assert_eq!(element(4, &[0; 128]), Err(refused.at(0)));
    }

    proptest! {
        #[test]
        fn reading_never_panics_and_stays_inside(octets in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut reader = Reader::new(&octets, 0);
            let mut seen = 0;
            while let Ok(Some(element)) = reader.next_element() {
                prop_assert!(element.offset + element.content.len() == reader.offset());
                prop_assert!(element.at >= seen);
                seen = reader.offset();
                prop_assert!(seen <= octets.len());
            }
        }

        #[test]
        fn what_is_written_is_read(
            tag in (0_u8..=255).prop_filter("one octet", |tag| tag & LONG_TAG != LONG_TAG),
            content in prop::collection::vec(any::<u8>(), 0..=127),
        ) {
            let written = element(tag, &content).unwrap();
            let mut reader = Reader::new(&written, 0);
            let read = reader.next_element().unwrap().unwrap();
            prop_assert_eq!((read.tag, read.content), (tag, &content[..]));
            prop_assert!(reader.is_empty());
        }
    }
}
