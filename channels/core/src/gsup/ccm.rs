//! Connection management of IPA: signs of life, and who we are.
//!
//! `osmo-hlr` asks with `ID_GET` and closes the link when the answer lacks the unit id. It routes to
//! an external USSD entity by the serial number, which is `EUSE-` and the entity's name. No `ID_ACK`
//! comes, and nobody checks the name: the link is for loopback addresses only.

use super::{Reason, Refused};

/// Most tags that are read of one message; more are refused.
pub const TAGS_MAX: usize = 32;
/// Most octets of an entity's name, so that a tag's length stays far below two octets.
pub const ENTITY_CHARS_MAX: usize = 32;

/// What a tag of an identity names.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum IdTag {
    /// 0x00: serial number, the name that the home register routes to.
    SerialNumber,
    /// 0x01: name of the unit.
    UnitName,
    /// Location, type, version, addresses: asked for, never needed.
    Other(u8),
    /// 0x08: unit id, three numbers; without it the link is closed.
    Unit,
}

impl IdTag {
    fn of(octet: u8) -> Self {
        match octet {
            0x00 => Self::SerialNumber,
            0x01 => Self::UnitName,
            0x08 => Self::Unit,
            other => Self::Other(other),
        }
    }

    fn octet(self) -> u8 {
        match self {
            Self::SerialNumber => 0x00,
            Self::UnitName => 0x01,
            Self::Other(octet) => octet,
            Self::Unit => 0x08,
        }
    }
}

/// Tags and what they say.
pub type Identity = Vec<(IdTag, String)>;

/// A message of connection management.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ccm {
    /// 0x00: are you there?
    Ping,
    /// 0x01: yes.
    Pong,
    /// 0x04: who are you? With the tags that are asked for.
    IdGet(Vec<IdTag>),
    /// 0x05: that is who. Not personal: names of programs.
    IdResp(Identity),
    /// 0x06: known.
    IdAck,
}

impl Ccm {
    /// Who an external USSD entity is: all that is ever asked for, in the order of the question.
    pub fn identity(entity: &str) -> Self {
        let name = format!("EUSE-{entity}");
        Self::IdResp(vec![
            (IdTag::Unit, "0/0/0".to_owned()),
            (IdTag::Other(0x07), String::new()),
            (IdTag::Other(0x02), String::new()),
            (IdTag::Other(0x03), String::new()),
            (IdTag::Other(0x04), String::new()),
            (IdTag::Other(0x05), String::new()),
            (IdTag::UnitName, name.clone()),
            (IdTag::SerialNumber, name),
        ])
    }

    /// Reads the content of a frame.
    ///
    /// # Errors
    /// An unknown type, tags that end too early, or more than [`TAGS_MAX`] of them.
    pub fn decode(content: &[u8]) -> Result<Self, Refused> {
        match content {
            [] => Err(Reason::Truncated.at(0)),
            [0x00] => Ok(Self::Ping),
            [0x01] => Ok(Self::Pong),
            [0x04, tags @ ..] => asked(tags).map(Self::IdGet),
            [0x05, tags @ ..] => told(tags).map(Self::IdResp),
            [0x06] => Ok(Self::IdAck),
            [0x00 | 0x01 | 0x06, ..] => Err(Reason::Leftover.at(1)),
            [other, ..] => Err(Reason::UnknownType(*other).at(0)),
        }
    }

    /// The content of its frame; a value over 65,000 octets is cut.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Ping => vec![0x00],
            Self::Pong => vec![0x01],
            Self::IdGet(tags) => {
                let pairs = tags.iter().flat_map(|tag| [0x01, tag.octet()]);
                [0x04].into_iter().chain(pairs).collect()
            }
            Self::IdResp(values) => {
                let mut content = vec![0x05];
                for (tag, value) in values {
                    write(&mut content, *tag, value);
                }
                content
            }
            Self::IdAck => vec![0x06],
        }
    }
}

/// One tag of `ID_RESP`: a length of two octets that counts the tag, the tag, a string with NUL.
fn write(content: &mut Vec<u8>, tag: IdTag, value: &str) {
    let counted = value.len().saturating_add(2);
    let length = u16::try_from(counted).unwrap_or(u16::MAX);
    content.extend(length.to_be_bytes());
    content.push(tag.octet());
    let room = usize::from(length).saturating_sub(2);
    content.extend(value.bytes().take(room));
    content.push(0);
}

/// The tags of `ID_GET`: pairs of a length, which is 1, and a tag.
fn asked(mut octets: &[u8]) -> Result<Vec<IdTag>, Refused> {
    let mut tags = Vec::new();
    let mut at = 1_usize;
    while let [length, rest @ ..] = octets {
        let (tag, rest) = rest
            .split_at_checked(usize::from(*length))
            .ok_or(Reason::Truncated.at(at))?;
        let tag = tag.first().ok_or(Reason::WrongForm("tag").at(at))?;
        push(&mut tags, IdTag::of(*tag), at)?;
        at = at.saturating_add(usize::from(*length)).saturating_add(1);
        octets = rest;
    }
    Ok(tags)
}

fn told(mut octets: &[u8]) -> Result<Identity, Refused> {
    let mut values = Vec::new();
    let mut at = 1_usize;
    while let [high, low, rest @ ..] = octets {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let (value, rest) = rest
            .split_at_checked(length)
            .ok_or(Reason::Truncated.at(at))?;
        let (tag, text) = value.split_first().ok_or(Reason::WrongForm("tag").at(at))?;
        let text = text.strip_suffix(&[0]).unwrap_or(text);
        let text = core::str::from_utf8(text).ok();
        let text = text.ok_or(Reason::WrongForm("name").at(at))?;
        push(&mut values, (IdTag::of(*tag), text.to_owned()), at)?;
        at = at.saturating_add(length).saturating_add(2);
        octets = rest;
    }
    if octets.is_empty() {
        Ok(values)
    } else {
        Err(Reason::Truncated.at(at))
    }
}

fn push<T>(list: &mut Vec<T>, value: T, at: usize) -> Result<(), Refused> {
    if list.len() >= TAGS_MAX {
        let (limit, got) = (TAGS_MAX, list.len().saturating_add(1));
        return Err(Reason::TooLarge { limit, got }.at(at));
    }
    list.push(value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn malformed_messages_are_refused_with_their_place() {
        let cases: [(&[u8], Refused); 8] = [
            (&[], Reason::Truncated.at(0)),
            (&[0x00, 1], Reason::Leftover.at(1)),
            (&[0x09], Reason::UnknownType(9).at(0)),
            (&[0x04, 0x01, 0x08, 0x01], Reason::Truncated.at(3)),
            (&[0x04, 0x00], Reason::WrongForm("tag").at(1)),
            (&[0x05, 0x00], Reason::Truncated.at(1)),
            (&[0x05, 0x00, 0x04, 0x08, b'x'], Reason::Truncated.at(1)),
            (
                &[0x05, 0x00, 0x02, 0x08, 0xFF],
                Reason::WrongForm("name").at(1),
            ),
        ];
        for (content, refused) in cases {
            assert_eq!(Ccm::decode(content), Err(refused), "{content:02x?}");
        }
        let many = [&[0x04][..], &[0x01, 0x00].repeat(TAGS_MAX + 1)].concat();
        let too_large = Reason::TooLarge {
            limit: TAGS_MAX,
            got: TAGS_MAX + 1,
        };
        assert_eq!(Ccm::decode(&many), Err(too_large.at(1 + 2 * TAGS_MAX)));
    }

    #[test]
    fn an_entity_names_itself_and_never_without_its_unit_id() {
        let Ccm::IdResp(values) = Ccm::identity("menu") else {
            panic!("an identity");
        };
        let value = |tag| values.iter().find(|(known, _)| *known == tag).unwrap();
        assert_eq!(value(IdTag::SerialNumber).1, "EUSE-menu");
        assert_eq!(value(IdTag::Unit).1, "0/0/0");
    }

    proptest! {
        #[test]
        fn decoding_never_panics_and_comes_back(content in prop::collection::vec(any::<u8>(), 0..120)) {
            if let Ok(message) = Ccm::decode(&content) {
                prop_assert_eq!(Ccm::decode(&message.encode()), Ok(message));
            }
        }

        #[test]
        fn identities_come_back(entity in "[a-z0-9-]{1,32}") {
            let identity = Ccm::identity(&entity);
            prop_assert_eq!(Ccm::decode(&identity.encode()), Ok(identity));
        }
    }
}
