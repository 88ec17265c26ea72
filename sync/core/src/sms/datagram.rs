//! The datagram: ten octets in clear, the sealed content, the tag. ChaCha20-Poly1305 of ring.
//!
//! Follows SYNC §11.4 and SECURITY §6. Ports and user data header belong to the channel, the form
//! of the content to `content`. Opening tells nothing about replays: that is `window`.

use core::fmt;

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce as AeadNonce, UnboundKey};

use super::key::{Direction, Ends, Keyring, LinkKey, TRIALS_MAX};
use super::{Carrier, DATAGRAM_OCTETS_MAX, Kind, Nonce, SmsError};
use crate::varint::Reader;

/// The only version; in the high four bits of the first octet.
pub const VERSION: u8 = 1;
/// Octets before the content: version and kind 1, key id 1, salt 4, counter 4. All authenticated.
pub const HEAD_OCTETS: usize = 10;
/// Octets of the tag.
pub const TAG_OCTETS: usize = 16;

/// The octets in clear.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Head {
    /// What the content is.
    pub kind: Kind,
    /// Key and nonce.
    pub nonce: Nonce,
}

impl Head {
    /// The ten octets.
    pub fn encode(&self) -> [u8; HEAD_OCTETS] {
        let [s0, s1, s2, s3] = self.nonce.salt;
        let [c0, c1, c2, c3] = self.nonce.counter.to_be_bytes();
        let first = VERSION << 4 | self.kind.number();
        [first, self.nonce.key, s0, s1, s2, s3, c0, c1, c2, c3]
    }

    /// Reads the head of a datagram, whose tag is not verified by this.
    ///
    /// # Errors
    /// `Length` outside 26–133 octets, then `Version`, `Kind`, `KeyId`.
    pub fn parse(datagram: &[u8]) -> Result<Self, SmsError> {
        let octets = datagram.len();
        if !(HEAD_OCTETS + TAG_OCTETS..=DATAGRAM_OCTETS_MAX).contains(&octets) {
            return Err(SmsError::Length);
        }
        let mut reader = Reader::new(datagram);
        let first = reader.u8().ok_or(SmsError::Length)?;
        if first >> 4 != VERSION {
            return Err(SmsError::Version);
        }
        let kind = Kind::parse(first & 0x0f).ok_or(SmsError::Kind)?;
        let key = reader.u8().ok_or(SmsError::Length)?;
        if key == 0 || key == u8::MAX {
            return Err(SmsError::KeyId);
        }
        let salt = reader.array().ok_or(SmsError::Length)?;
        let counter = reader.u32().ok_or(SmsError::Length)?;
        let nonce = Nonce { key, salt, counter };
        Ok(Self { kind, nonce })
    }

    /// `salt ‖ 0⁴ ‖ counter`.
    fn aead_nonce(&self) -> AeadNonce {
        let [s0, s1, s2, s3] = self.nonce.salt;
        let [c0, c1, c2, c3] = self.nonce.counter.to_be_bytes();
        AeadNonce::assume_unique_for_key([s0, s1, s2, s3, 0, 0, 0, 0, c0, c1, c2, c3])
    }
}

/// A datagram whose tag was verified.
#[derive(Clone, PartialEq, Eq)]
pub struct Opened {
    /// What was in clear.
    pub head: Head,
    /// The content, at most 107 octets.
    pub content: Vec<u8>,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened")
            .field("head", &self.head)
            .field("content_octets", &self.content.len())
            .finish()
    }
}

/// Seals content under a nonce that was never used with another content.
///
/// # Errors
/// `Length` above 107 octets, `KeyId` for 0 and 255.
pub fn seal(key: &LinkKey, head: &Head, content: &[u8]) -> Result<Vec<u8>, SmsError> {
    if content.len() > Carrier::Binary.content_octets() {
        return Err(SmsError::Length);
    }
    if head.nonce.key == 0 || head.nonce.key == u8::MAX {
        return Err(SmsError::KeyId);
    }
    let clear = head.encode();
    let mut sealed = content.to_vec();
    cipher(key)?
        .seal_in_place_append_tag(head.aead_nonce(), Aad::from(&clear), &mut sealed)
        .map_err(|_unspecified| SmsError::Tag)?;
    Ok([clear.as_slice(), &sealed].concat())
}

/// Opens a datagram of the other end.
///
/// # Errors
/// Those of [`Head::parse`], then `Tag`.
pub fn open(key: &LinkKey, datagram: &[u8]) -> Result<Opened, SmsError> {
    let head = Head::parse(datagram)?;
    let (clear, sealed) = datagram
        .split_at_checked(HEAD_OCTETS)
        .ok_or(SmsError::Length)?;
    let mut buffer = sealed.to_vec();
    let content = cipher(key)?
        .open_in_place(head.aead_nonce(), Aad::from(clear), &mut buffer)
        .map_err(|_unspecified| SmsError::Tag)?
        .to_vec();
    Ok(Opened { head, content })
}

fn cipher(key: &LinkKey) -> Result<LessSafeKey, SmsError> {
    UnboundKey::new(&CHACHA20_POLY1305, key.bytes())
        .map(LessSafeKey::new)
        .map_err(|_unspecified| SmsError::Tag)
}

/// A peer whose keys may open a datagram.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// Whether the datagram came from a number that is known as this peer's. It only decides who is
    /// tried first.
    pub by_number: bool,
    /// The node of the link.
    pub ends: Ends,
    /// Its roots.
    pub keys: &'a Keyring,
}

/// Whose datagram it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    /// Position among the candidates.
    pub peer: usize,
    /// What was opened.
    pub opened: Opened,
}

/// Finds the peer whose key opens a datagram: those of its number first, then by key id, at most
/// [`TRIALS_MAX`] trials together. A key id that follows the newest is tried with the ratchet.
///
/// `None` when it is no datagram of anybody known: forged, damaged or text of a person.
pub fn find(datagram: &[u8], direction: Direction, candidates: &[Candidate<'_>]) -> Option<Found> {
    let head = Head::parse(datagram).ok()?;
    let numbered = candidates.iter().enumerate();
    let first = numbered.clone().filter(|(_, it)| it.by_number);
    let then = numbered.filter(|(_, it)| !it.by_number);
    let mut trials = 0_usize;
    for (peer, candidate) in first.chain(then) {
        let following = candidate.keys.following();
        let root = match candidate.keys.get(head.nonce.key) {
            Some(root) => root,
            None if following.0 == head.nonce.key => &following.1,
            None => continue,
        };
        if trials >= TRIALS_MAX {
            return None;
        }
        trials = trials.saturating_add(1);
        let key = root.link_key(&candidate.ends, direction);
        if let Ok(opened) = open(&key, datagram) {
            return Some(Found { peer, opened });
        }
    }
    None
}
