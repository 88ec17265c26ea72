//! The user data header and its concatenation elements (3GPP TS 23.040 §9.2.3.24).
//!
//! Elements other than 0x00 and 0x08 are skipped. A header that makes no sense never fails: the
//! message is kept as one part and flagged.

/// Element identifier of the 8-bit concatenation reference (TS 23.040 §9.2.3.24.1).
const CONCATENATED_8: u8 = 0x00;
/// Element identifier of the 16-bit concatenation reference (TS 23.040 §9.2.3.24.8).
const CONCATENATED_16: u8 = 0x08;

/// The number that the parts of one text share.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Reference {
    /// Of one octet.
    Eight(u8),
    /// Of two octets, also that of SMPP's `sar_msg_ref_num`.
    Sixteen(u16),
}

/// Where a part stands in its text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Concatenation {
    /// The number that all parts share.
    pub reference: Reference,
    /// How many parts there are, from 1.
    pub total: u8,
    /// Which one this is, from 1.
    pub index: u8,
}

impl Concatenation {
    /// Whether the index lies within the total, and both are at least 1.
    pub fn is_plausible(&self) -> bool {
        (1..=self.total).contains(&self.index)
    }

    /// The header with its length octet: six octets for a reference of one, seven for two.
    pub fn to_udh(self) -> Vec<u8> {
        let Self {
            reference,
            total,
            index,
        } = self;
        match reference {
            Reference::Eight(reference) => vec![5, CONCATENATED_8, 3, reference, total, index],
            Reference::Sixteen(reference) => {
                let [high, low] = reference.to_be_bytes();
                vec![6, CONCATENATED_16, 4, high, low, total, index]
            }
        }
    }
}

/// A message's user data, parted into what the header says and the payload after it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct UserData<'a> {
    /// The concatenation element, if there is a plausible one.
    pub concatenation: Option<Concatenation>,
    /// What follows the header; everything when the header runs past the end.
    pub payload: &'a [u8],
    /// Whether the header was broken, doubled or implausible.
    pub malformed: bool,
}

impl core::fmt::Debug for UserData<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "UserData({:?}, {} octets, malformed: {})",
            self.concatenation,
            self.payload.len(),
            self.malformed
        )
    }
}

/// Reads user data that begins with a header (octets, the length octet first).
pub fn parse(user_data: &[u8]) -> UserData<'_> {
    let whole = UserData {
        concatenation: None,
        payload: user_data,
        malformed: true,
    };
    let Some((&length, after)) = user_data.split_first() else {
        return whole;
    };
    let Some((elements, payload)) = after.split_at_checked(usize::from(length)) else {
        return whole;
    };
    match concatenation(elements) {
        Ok(concatenation) => UserData {
            concatenation,
            payload,
            malformed: false,
        },
        Err(Broken) => UserData {
            concatenation: None,
            payload,
            malformed: true,
        },
    }
}

/// The header's elements do not add up.
struct Broken;

fn concatenation(mut elements: &[u8]) -> Result<Option<Concatenation>, Broken> {
    let mut found = None;
    while let Some((&identifier, after)) = elements.split_first() {
        let (&length, after) = after.split_first().ok_or(Broken)?;
        let (value, later) = after.split_at_checked(usize::from(length)).ok_or(Broken)?;
        elements = later;
        let element = match (identifier, value) {
            (CONCATENATED_8, &[reference, total, index]) => Concatenation {
                reference: Reference::Eight(reference),
                total,
                index,
            },
            (CONCATENATED_16, &[high, low, total, index]) => {
                let reference = Reference::Sixteen(u16::from_be_bytes([high, low]));
                Concatenation {
                    reference,
                    total,
                    index,
                }
            }
            (CONCATENATED_8 | CONCATENATED_16, _) => return Err(Broken),
            _ => continue,
        };
        if found.is_some() || !element.is_plausible() {
            return Err(Broken);
        }
        found = Some(element);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(user_data: &[u8], concatenation: Option<(u8, u8)>, payload: &[u8], malformed: bool) {
        let parsed = parse(user_data);
        assert_eq!(
            parsed.concatenation.map(|part| (part.total, part.index)),
            concatenation
        );
        assert_eq!(parsed.payload, payload);
        assert_eq!(parsed.malformed, malformed);
    }

    #[test]
    fn both_widths_of_reference_are_read() {
        check(&[5, 0, 3, 7, 3, 2, b'x'], Some((3, 2)), b"x", false);
        check(
            &[6, 8, 4, 1, 2, 3, 1, b'x', b'y'],
            Some((3, 1)),
            b"xy",
            false,
        );
    }

    #[test]
    fn other_elements_are_skipped() {
        check(&[3, 0x24, 1, 6, b'x'], None, b"x", false);
        check(
            &[9, 4, 2, 1, 2, 0, 3, 7, 2, 2, b'x'],
            Some((2, 2)),
            b"x",
            false,
        );
    }

    #[test]
    fn implausible_headers_leave_one_flagged_part() {
        check(&[5, 0, 3, 7, 0, 0, b'x'], None, b"x", true);
        check(&[5, 0, 3, 7, 2, 3, b'x'], None, b"x", true);
        check(&[5, 0, 3, 7, 2, 0, b'x'], None, b"x", true);
        check(&[10, 0, 3, 7, 2, 1, 0, 3, 8, 2, 1, b'x'], None, b"x", true);
        check(&[4, 0, 3, 7, 2, b'x'], None, b"x", true);
        check(&[9, 0, 3, 7], None, &[9, 0, 3, 7], true);
        check(&[], None, &[], true);
    }

    proptest! {
        #[test]
        fn parsing_never_panics(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
            let parsed = parse(&octets);
            prop_assert!(octets.ends_with(parsed.payload));
            prop_assert!(parsed.concatenation.is_none_or(|part| part.is_plausible()));
        }

        #[test]
        fn a_written_header_reads_back(
            reference in prop_oneof![
                any::<u8>().prop_map(Reference::Eight), any::<u16>().prop_map(Reference::Sixteen)
            ],
            total in 1..=255_u8, share in any::<u8>(), payload in any::<[u8; 9]>(),
        ) {
            let index = share % total + 1;
            let concatenation = Concatenation { reference, total, index };
            let mut octets = concatenation.to_udh();
            octets.extend(payload);
            let parsed = parse(&octets);
            prop_assert_eq!(parsed.concatenation, Some(concatenation));
            prop_assert_eq!(parsed.payload, &payload);
        }
    }
}
