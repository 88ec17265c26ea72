//! TP-UDL and TP-UD: septets with fill bits after a header, octets, UCS-2 (TS 23.040 §9.2.3.24).
//!
//! A header is kept as octets; [`crate::segment::udh`] says what it means. A header that does not
//! fit into its message is no header: everything is text, and the value says so.

use core::fmt;

use super::{Alphabet, Class, Dcs, Reader, TpduError};
use crate::gsm7::{Encoding, packing};
use crate::segment::{self, Segment, joiner, udh};

/// Most septets of one message, its header counted in septets (TS 23.040 §9.2.3.16);
/// more are refused.
pub const SEPTETS_MAX: usize = 160;
/// Most octets of one message, its header included (TS 23.040 §9.2.3.16); more are refused.
pub const OCTETS_MAX: usize = 140;

/// Text and header of one message with the scheme that explains them.
#[derive(Clone, PartialEq, Eq)]
pub struct UserData {
    dcs: Dcs,
    header: Header,
    payload: Vec<u8>,
}

/// What TP-UDHI announced.
#[derive(Clone, PartialEq, Eq)]
enum Header {
    /// Nothing.
    Absent,
    /// A header, its length octet first.
    Udh(Vec<u8>),
    /// A header that runs past the end.
    Broken,
}

impl UserData {
    /// Header (its length octet first; empty for none) and payload: unpacked septets where the
    /// scheme says GSM-7, octets otherwise.
    ///
    /// # Errors
    /// [`TpduError::BadUserData`] when the header's length is wrong or a septet is over 0x7F,
    /// [`TpduError::TooLong`] when both together are more than one message.
    pub fn try_new(dcs: Dcs, udh: Vec<u8>, payload: Vec<u8>) -> Result<Self, TpduError> {
        let header = match udh.split_first() {
            None => Header::Absent,
            Some((&length, elements)) if usize::from(length) == elements.len() => Header::Udh(udh),
            Some(_) => return Err(TpduError::BadUserData),
        };
        let packed = dcs.alphabet() == Alphabet::Gsm7;
        if packed && payload.iter().any(|&septet| septet > 0x7F) {
            return Err(TpduError::BadUserData);
        }
        let user_data = Self {
            dcs,
            header,
            payload,
        };
        let (got, limit) = (user_data.units(), units_max(packed));
        if got > limit {
            return Err(TpduError::TooLong { got, limit });
        }
        Ok(user_data)
    }

    /// One part of a split text, with a class where the handset should treat it so.
    ///
    /// # Errors
    /// As [`UserData::try_new`]; a part that [`segment::split`] made always fits.
    pub fn of_segment(part: Segment, class: Option<Class>) -> Result<Self, TpduError> {
        let alphabet = match part.encoding {
            Encoding::Gsm7(_) => Alphabet::Gsm7,
            Encoding::Ucs2 => Alphabet::Ucs2,
        };
        Self::try_new(Dcs::of(alphabet, class), part.udh, part.payload)
    }

    /// The data coding scheme, TP-DCS.
    pub fn dcs(&self) -> Dcs {
        self.dcs
    }

    /// The header with its length octet; empty when there is none.
    pub fn udh(&self) -> &[u8] {
        match &self.header {
            Header::Udh(udh) => udh,
            Header::Absent | Header::Broken => &[],
        }
    }

    /// Unpacked septets, or octets, after the header.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// Whether TP-UDHI announced a header that does not fit; the payload then is everything.
    pub fn is_broken(&self) -> bool {
        self.header == Header::Broken
    }

    /// Data for a program behind these ports, 133 octets beside ports of two octets each.
    ///
    /// # Errors
    /// [`TpduError::TooLong`] when they are more than one message.
    pub fn datagram(ports: udh::Ports, data: Vec<u8>) -> Result<Self, TpduError> {
        let header = udh::Header {
            ports: Some(ports),
            ..udh::Header::default()
        };
        Self::try_new(Dcs::of(Alphabet::Octets, None), header.to_octets(), data)
    }

    /// What the header says, with the payload; flagged when the header was no good.
    pub fn parsed(&self) -> udh::UserData<'_> {
        let said = match &self.header {
            Header::Udh(octets) => udh::parse(octets),
            Header::Absent | Header::Broken => udh::UserData::plain(&[]),
        };
        udh::UserData {
            payload: &self.payload,
            malformed: said.malformed || self.is_broken(),
            ..said
        }
    }

    /// The encoding of the text; `None` for 8-bit data and compressed text.
    pub fn encoding(&self) -> Option<Encoding> {
        match self.dcs.alphabet() {
            Alphabet::Gsm7 => Some(Encoding::Gsm7(self.parsed().tables)),
            Alphabet::Ucs2 => Some(Encoding::Ucs2),
            Alphabet::Octets => None,
        }
    }

    /// Where this part stands in a long text; `None` for a message of its own.
    pub fn concatenation(&self) -> Option<udh::Concatenation> {
        self.parsed().concatenation
    }

    /// The payload for [`joiner::Joiner`]; `None` for 8-bit data and compressed text.
    pub fn content(&self) -> Option<joiner::Content> {
        let encoding = self.encoding()?;
        Some(joiner::Content::Encoded(encoding, self.payload.clone()))
    }

    /// The text of this message alone; `None` for 8-bit data and compressed text.
    pub fn text(&self) -> Option<String> {
        Some(segment::decode(self.encoding()?, &self.payload))
    }

    /// Whether TP-UDHI is to be set.
    pub(super) fn has_udhi(&self) -> bool {
        self.header != Header::Absent
    }

    /// Reads TP-UDL and TP-UD.
    pub(super) fn read(reader: &mut Reader<'_>, dcs: Dcs, udhi: bool) -> Result<Self, TpduError> {
        let units = usize::from(reader.octet("TP-UDL")?);
        let packed = dcs.alphabet() == Alphabet::Gsm7;
        let limit = units_max(packed);
        if units > limit {
            return Err(TpduError::TooLong { got: units, limit });
        }
        let count = if packed { octets_of(units) } else { units };
        let mut octets = reader.take(count, "TP-UD")?.to_vec();
        if packed {
            clear_spare_bits(&mut octets, units);
        }
        let udh = if udhi { header_of(&octets) } else { None };
        let header = match udh {
            Some(udh) => Header::Udh(udh.to_vec()),
            None if udhi => Header::Broken,
            None => Header::Absent,
        };
        let (udh, text) = octets.split_at_checked(header.len()).unwrap_or_default();
        let payload = if !packed {
            text.to_vec()
        } else if let Some(count) = units.checked_sub(udh::septets(udh.len())) {
            packing::unpack(text, count, udh::fill_bits(udh.len()))
        } else {
            return Ok(Self::broken(dcs, &octets, units));
        };
        Ok(Self {
            dcs,
            header,
            payload,
        })
    }

    /// A header whose fill bits run past the last septet.
    fn broken(dcs: Dcs, octets: &[u8], units: usize) -> Self {
        Self {
            dcs,
            header: Header::Broken,
            payload: packing::unpack(octets, units, 0),
        }
    }

    /// Writes TP-UDL and TP-UD.
    pub(super) fn write(&self, octets: &mut Vec<u8>) {
        octets.push(u8::try_from(self.units()).unwrap_or(u8::MAX));
        let udh = self.udh();
        octets.extend_from_slice(udh);
        if self.dcs.alphabet() == Alphabet::Gsm7 {
            octets.extend(packing::pack(&self.payload, udh::fill_bits(udh.len())));
        } else {
            octets.extend_from_slice(&self.payload);
        }
    }

    /// TP-UDL: septets or octets, header and fill included.
    fn units(&self) -> usize {
        let header = self.header.len();
        let header = match self.dcs.alphabet() {
            Alphabet::Gsm7 => udh::septets(header),
            Alphabet::Octets | Alphabet::Ucs2 => header,
        };
        header.saturating_add(self.payload.len())
    }
}

impl Header {
    fn len(&self) -> usize {
        match self {
            Self::Udh(udh) => udh.len(),
            Self::Absent | Self::Broken => 0,
        }
    }
}

impl fmt::Debug for UserData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "UserData(dcs {:#04x}, header of {}, payload of {}, broken: {})",
            self.dcs.0,
            self.header.len(),
            self.payload.len(),
            self.is_broken()
        )
    }
}

fn octets_of(septets: usize) -> usize {
    septets.saturating_mul(7).div_ceil(8)
}

fn units_max(packed: bool) -> usize {
    if packed { SEPTETS_MAX } else { OCTETS_MAX }
}

/// The header at the start of user data, if it ends inside of it.
fn header_of(octets: &[u8]) -> Option<&[u8]> {
    let length = usize::from(*octets.first()?);
    octets.get(..=length)
}

/// Bits after the last septet mean nothing, and no length octet may be read from them.
fn clear_spare_bits(octets: &mut [u8], septets: usize) {
    let used = septets.saturating_mul(7) % 8;
    if used != 0
        && let Some(last) = octets.last_mut()
    {
        *last &= u8::MAX >> (8 - used);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gsm7;

    fn septets(text: &str) -> Vec<u8> {
        gsm7::encode(text).unwrap()
    }

    fn check_fill(header: usize, fill: u8, room: usize) {
        assert_eq!(udh::fill_bits(header), fill);
        let mut udh = vec![0; header];
        udh[0] = u8::try_from(header - 1).unwrap();
        let full = UserData::try_new(Dcs(0), udh.clone(), vec![b'a'; room]);
        assert_eq!(full.unwrap().payload().len(), room);
        let over = UserData::try_new(Dcs(0), udh, vec![b'a'; room + 1]);
        assert_eq!(
            over,
            Err(TpduError::TooLong {
                got: 161,
                limit: 160
            })
        );
    }

    #[test]
    fn text_after_a_header_begins_on_a_septet() {
        // TS 23.040 §9.2.3.24: fill bits and what is left of 160 septets.
        check_fill(4, 3, 155);
        check_fill(6, 1, 153);
        check_fill(7, 0, 152);
        check_fill(9, 5, 149);
        check_fill(12, 2, 146);
    }

    #[test]
    fn octets_after_a_header_leave_what_the_header_does_not_take() {
        for (header, room) in [(0, 140), (6, 134), (7, 133)] {
            let mut udh = vec![0; header];
            if let Some(length) = udh.first_mut() {
                *length = u8::try_from(header - 1).unwrap();
            }
            let of = |count| UserData::try_new(Dcs(8), udh.clone(), vec![0; count]);
            assert_eq!(of(room).unwrap().payload().len(), room);
            let over = TpduError::TooLong {
                got: 141,
                limit: 140,
            };
            assert_eq!(of(room + 1), Err(over));
        }
    }

    #[test]
    fn a_header_of_wrong_length_and_a_wide_septet_are_refused() {
        let refused = Err(TpduError::BadUserData);
        assert_eq!(UserData::try_new(Dcs(0), vec![2, 0], vec![]), refused);
        assert_eq!(UserData::try_new(Dcs(0), vec![], vec![0x80]), refused);
        let octet = UserData::try_new(Dcs(4), vec![], vec![0x80]).unwrap();
        assert_eq!(octet.payload(), [0x80]);
    }

    #[test]
    fn a_header_past_the_end_leaves_everything_as_text() {
        // Length octet 0x41 in a message of two septets: "A" and a second one.
        let mut octets = vec![2];
        octets.extend(packing::pack(&septets("AB"), 0));
        let read = UserData::read(&mut Reader(&octets), Dcs(0), true).unwrap();
        assert!(read.is_broken() && read.concatenation().is_none());
        assert_eq!(read.text().as_deref(), Some("AB"));
        // A header that ends in time but whose fill bits do not.
        let read = UserData::read(&mut Reader(&[1, 0]), Dcs(0), true).unwrap();
        assert!(read.is_broken());
        assert_eq!(read.payload(), [0]);
    }

    #[test]
    fn eight_bit_and_compressed_data_have_no_text() {
        for dcs in [Dcs(0x04), Dcs(0x20), Dcs(0xF5)] {
            let data = UserData::try_new(dcs, vec![], vec![0xFF, 0]).unwrap();
            assert_eq!((data.text(), data.content()), (None, None));
        }
    }
}
