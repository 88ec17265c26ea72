//! The user data header and its elements (3GPP TS 23.040 §9.2.3.24).
//!
//! Read and written: place in a long text, application ports, national tables. Other elements are
//! skipped. A header that makes no sense never fails: the message is kept as one part and flagged.

use crate::gsm7::{Language, Tables};

/// Element identifier of the 8-bit concatenation reference (TS 23.040 §9.2.3.24.1).
const CONCATENATED_8: u8 = 0x00;
/// Element identifier of 8-bit application ports (TS 23.040 §9.2.3.24.3).
const PORTS_8: u8 = 0x04;
/// Element identifier of 16-bit application ports (TS 23.040 §9.2.3.24.4).
const PORTS_16: u8 = 0x05;
/// Element identifier of the 16-bit concatenation reference (TS 23.040 §9.2.3.24.8).
const CONCATENATED_16: u8 = 0x08;
/// Element identifier of the single shift table (TS 23.040 §9.2.3.24.15).
const SINGLE_SHIFT: u8 = 0x24;
/// Element identifier of the locking shift table (TS 23.040 §9.2.3.24.16).
const LOCKING_SHIFT: u8 = 0x25;

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

    /// A header of this alone, with its length octet: six octets for a reference of one, seven
    /// for two.
    pub fn to_udh(self) -> Vec<u8> {
        Header {
            concatenation: Some(self),
            ..Header::default()
        }
        .to_octets()
    }

    fn write(self, elements: &mut Vec<u8>) {
        let Self {
            reference,
            total,
            index,
        } = self;
        match reference {
            Reference::Eight(reference) => {
                elements.extend([CONCATENATED_8, 3, reference, total, index]);
            }
            Reference::Sixteen(reference) => {
                let [high, low] = reference.to_be_bytes();
                elements.extend([CONCATENATED_16, 4, high, low, total, index]);
            }
        }
    }
}

/// Application ports, as data for programs carry them (TS 23.040 §9.2.3.24.3, §9.2.3.24.4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Ports {
    /// Of one octet.
    Eight {
        /// The program that gets it.
        destination: u8,
        /// The program that sent it.
        source: u8,
    },
    /// Of two octets.
    Sixteen {
        /// The program that gets it.
        destination: u16,
        /// The program that sent it.
        source: u16,
    },
}

impl Ports {
    fn write(self, elements: &mut Vec<u8>) {
        match self {
            Self::Eight {
                destination,
                source,
            } => elements.extend([PORTS_8, 2, destination, source]),
            Self::Sixteen {
                destination,
                source,
            } => {
                elements.extend([PORTS_16, 4]);
                elements.extend(destination.to_be_bytes());
                elements.extend(source.to_be_bytes());
            }
        }
    }
}

/// What a header of ours says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Header {
    /// Where the part stands in a long text.
    pub concatenation: Option<Concatenation>,
    /// The programs that exchange it.
    pub ports: Option<Ports>,
    /// The tables that its septets are in.
    pub tables: Tables,
}

impl Header {
    /// The header with its length octet; nothing when there is nothing to say.
    pub fn to_octets(self) -> Vec<u8> {
        let mut elements = Vec::new();
        if let Some(concatenation) = self.concatenation {
            concatenation.write(&mut elements);
        }
        if let Some(ports) = self.ports {
            ports.write(&mut elements);
        }
        if let Some(language) = self.tables.single {
            elements.extend([SINGLE_SHIFT, 1, language.identifier()]);
        }
        if let Some(language) = self.tables.locking {
            elements.extend([LOCKING_SHIFT, 1, language.identifier()]);
        }
        if let Ok(length) = u8::try_from(elements.len())
            && length > 0
        {
            elements.insert(0, length);
        }
        elements
    }
}

/// Zero bits between a header of so many octets and the first septet, which begins on a septet
/// boundary (TS 23.040 §9.2.3.24).
pub fn fill_bits(octets: usize) -> u8 {
    let over = octets.saturating_mul(8) % 7;
    u8::try_from((7 - over) % 7).unwrap_or(0)
}

/// Septets that a header of so many octets and its fill bits take.
pub fn septets(octets: usize) -> usize {
    octets.saturating_mul(8).div_ceil(7)
}

/// A message's user data, parted into what the header says and the payload after it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct UserData<'a> {
    /// The concatenation element, if there is a plausible one and nothing else is wrong.
    pub concatenation: Option<Concatenation>,
    /// The port element.
    pub ports: Option<Ports>,
    /// The tables that septets are to be read with; an unknown language means the default one.
    pub tables: Tables,
    /// What follows the header; everything when the header runs past the end.
    pub payload: &'a [u8],
    /// Whether the header was broken, doubled or implausible.
    pub malformed: bool,
}

impl<'a> UserData<'a> {
    /// User data without a header.
    pub fn plain(payload: &'a [u8]) -> Self {
        Self {
            concatenation: None,
            ports: None,
            tables: Tables::DEFAULT,
            payload,
            malformed: false,
        }
    }
}

impl core::fmt::Debug for UserData<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "UserData({:?}, {:?}, {:?}, {} octets, malformed: {})",
            self.concatenation,
            self.ports,
            self.tables,
            self.payload.len(),
            self.malformed
        )
    }
}

/// Reads user data that begins with a header (octets, the length octet first).
pub fn parse(user_data: &[u8]) -> UserData<'_> {
    let whole = UserData {
        malformed: true,
        ..UserData::plain(user_data)
    };
    let Some((&length, after)) = user_data.split_first() else {
        return whole;
    };
    let Some((octets, payload)) = after.split_at_checked(usize::from(length)) else {
        return whole;
    };
    let elements = Elements::read(octets);
    UserData {
        concatenation: elements.concatenation.filter(|_| !elements.malformed),
        ports: elements.ports,
        tables: Tables {
            locking: elements.locking.and_then(Language::of_identifier),
            single: elements.single.and_then(Language::of_identifier),
        },
        payload,
        malformed: elements.malformed,
    }
}

/// The elements of a header. Of a doubled one the last counts (TS 23.040 §9.2.3.24), but then
/// the header is not trusted to place a part.
#[derive(Default)]
struct Elements {
    concatenation: Option<Concatenation>,
    ports: Option<Ports>,
    locking: Option<u8>,
    single: Option<u8>,
    malformed: bool,
}

impl Elements {
    fn read(octets: &[u8]) -> Self {
        let mut elements = Self::default();
        let mut rest = octets;
        while !rest.is_empty() {
            let Some((identifier, value)) = element(&mut rest) else {
                elements.malformed = true;
                break;
            };
            elements.malformed |= elements.add(identifier, value);
        }
        elements
    }

    /// Whether the element is wrong, or there was one like it.
    fn add(&mut self, identifier: u8, value: &[u8]) -> bool {
        match (identifier, value) {
            (CONCATENATED_8, &[reference, total, index]) => {
                self.place(Reference::Eight(reference), total, index)
            }
            (CONCATENATED_16, &[high, low, total, index]) => {
                let reference = u16::from_be_bytes([high, low]);
                self.place(Reference::Sixteen(reference), total, index)
            }
            (PORTS_8, &[destination, source]) => {
                let ports = Ports::Eight {
                    destination,
                    source,
                };
                self.ports.replace(ports).is_some()
            }
            (PORTS_16, &[high, low, source_high, source_low]) => {
                let ports = Ports::Sixteen {
                    destination: u16::from_be_bytes([high, low]),
                    source: u16::from_be_bytes([source_high, source_low]),
                };
                self.ports.replace(ports).is_some()
            }
            (SINGLE_SHIFT, &[language]) => self.single.replace(language).is_some(),
            (LOCKING_SHIFT, &[language]) => self.locking.replace(language).is_some(),
            (
                CONCATENATED_8 | CONCATENATED_16 | PORTS_8 | PORTS_16 | SINGLE_SHIFT
                | LOCKING_SHIFT,
                _,
            ) => true,
            _ => false,
        }
    }

    fn place(&mut self, reference: Reference, total: u8, index: u8) -> bool {
        let place = Concatenation {
            reference,
            total,
            index,
        };
        self.concatenation.replace(place).is_some() || !place.is_plausible()
    }
}

/// Takes identifier and value of the first element off the octets.
fn element<'a>(rest: &mut &'a [u8]) -> Option<(u8, &'a [u8])> {
    let (&identifier, after) = rest.split_first()?;
    let (&length, after) = after.split_first()?;
    let (value, later) = after.split_at_checked(usize::from(length))?;
    *rest = later;
    Some((identifier, value))
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
    fn ports_and_tables_are_read_with_the_place() {
        let header = Header {
            concatenation: Some(Concatenation {
                reference: Reference::Eight(7),
                total: 2,
                index: 1,
            }),
            ports: Some(Ports::Sixteen {
                destination: 0x1234,
                source: 0x5678,
            }),
            tables: Tables::both(Language::Hindi),
        };
        let octets = header.to_octets();
        let hindi = [0x24, 1, 6, 0x25, 1, 6];
        assert_eq!(
            octets[..12],
            [17, 0, 3, 7, 2, 1, 5, 4, 0x12, 0x34, 0x56, 0x78]
        );
        assert_eq!(octets[12..], hindi);
        let read = parse(&octets);
        assert_eq!(
            (read.concatenation, read.ports, read.tables, read.malformed),
            (header.concatenation, header.ports, header.tables, false)
        );
        // TS 23.040 §9.2.3.24.3: destination first.
        let eight = parse(&[4, 4, 2, 0xF0, 1, b'x']);
        let ports = Ports::Eight {
            destination: 0xF0,
            source: 1,
        };
        assert_eq!((eight.ports, eight.payload), (Some(ports), &b"x"[..]));
    }

    #[test]
    fn an_unknown_language_and_a_doubled_table_leave_a_readable_text() {
        let unknown = parse(&[3, 0x25, 1, 99, b'x']);
        assert_eq!(
            (unknown.tables, unknown.malformed),
            (Tables::DEFAULT, false)
        );
        let doubled = parse(&[6, 0x24, 1, 1, 0x24, 1, 2, b'x']);
        assert_eq!(doubled.tables, Tables::single(Language::Spanish));
        assert!(doubled.malformed);
        assert!(parse(&[4, 0x25, 2, 1, 1]).malformed && parse(&[3, 5, 1, 0]).malformed);
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
            let concatenation = Some(Concatenation { reference, total, index });
            let ports = (share & 1 == 0).then_some(Ports::Eight { destination: total, source: index });
            let tables = Tables {
                locking: Language::of_identifier(share % 14),
                single: Language::of_identifier(total % 14),
            };
            let mut octets = Header { concatenation, ports, tables }.to_octets();
            octets.extend(payload);
            let parsed = parse(&octets);
            prop_assert_eq!(parsed.concatenation, concatenation);
            prop_assert_eq!((parsed.ports, parsed.tables), (ports, tables));
            prop_assert_eq!(parsed.payload, &payload);
        }
    }
}
