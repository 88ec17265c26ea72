//! Proof of registration: a signed slip that anybody with the hub's certificate checks offline.
//!
//! The text holds who signed, the day and a salted commitment, never a name, number, village or
//! programme. Whoever presents it says number and birth year; those, stretched by Argon2id with the
//! slip's salt (an action of the shell), open the commitment. A stranger would have to stretch every
//! number with every year. Two slips of one person share neither salt nor commitment, so they do
//! not link. Layout and reasons: docs/decisions/0040-slips-commit-and-do-not-tell.md.
//!
//! It does not read certificates or lists of revoked slips: they come as [`Evidence`].

mod base32;
pub mod code;

use core::fmt;

use jiff::Timestamp;
use ring::hmac;
use ring::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use sync_core::certificate::{NodeCertificate, NodeKind};
use sync_core::{Epoch, HubId, NodeId};

use crate::number;

/// First letters of the text, so that a reader of QR codes sees what it is.
pub const SLIP_PREFIX: &str = "OP:";
/// Version byte of this layout; another one is refused.
const SLIP_VERSION: u8 = 1;
/// Longest text that is read, in characters, blanks included; a longer one is refused.
pub const SLIP_CHARS_MAX: usize = 400;
/// Bytes before the signature.
const CONTENT_BYTES: usize = 51;
/// Seconds of a day.
const DAY_S: i64 = 86_400;

const SIGNED: &[u8] = b"outpost.slip.1";
const COMMITTED: &[u8] = b"outpost.slip.commitment.1";

/// Name of a slip or code on the lists of given and revoked ones; random, it tells nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct SlipId(pub [u8; 8]);

/// What the presenter says: registration number and birth year.
#[derive(Clone, PartialEq, Eq)]
pub struct Claim {
    number: String,
    year: Option<i16>,
}

impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Claim")
    }
}

/// Why a number or year cannot be one of a slip.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ClaimError {
    /// Not one of our numbers: a digit is wrong or missing.
    #[error("the registration number has a wrong or missing digit")]
    Number,
    /// Not a year from 1900 to 2100.
    #[error("the birth year has four digits, from 1900 to 2100")]
    Year,
}

impl Claim {
    /// Reads what was typed; blanks and hyphens in the number do not matter. No year: none is known.
    ///
    /// # Errors
    /// [`ClaimError`] for a number with a wrong check digit, or a year out of range.
    pub fn parse(number: &str, year: Option<&str>) -> Result<Self, ClaimError> {
        let typed = |c: &char| !c.is_whitespace() && *c != '-';
        let number: String = number.chars().filter(typed).collect();
        if !number::is_valid(&number) {
            return Err(ClaimError::Number);
        }
        let year = year
            .map(|year| {
                year.trim()
                    .parse::<i16>()
                    .map_err(|_wrong| ClaimError::Year)
            })
            .transpose()?;
        if year.is_some_and(|year| !(1900..=2100).contains(&year)) {
            return Err(ClaimError::Year);
        }
        Ok(Self { number, year })
    }

    /// The number, digits only.
    pub fn number(&self) -> &str {
        &self.number
    }

    /// The bytes that the shell stretches with the slip's salt.
    pub fn secret(&self) -> Vec<u8> {
        let year = self.year.unwrap_or_default();
        format!("{}/{year:04}", self.number).into_bytes()
    }
}

/// Who signs a slip, and in which life.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Issuer {
    /// The network.
    pub hub: HubId,
    /// The node.
    pub node: NodeId,
    /// Its life.
    pub epoch: Epoch,
}

/// A slip, as its text says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Slip {
    issuer: Issuer,
    day: u16,
    salt: [u8; 16],
    commitment: [u8; 16],
    signature: [u8; 64],
}

/// Why a text is no slip of this release.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SlipError {
    /// Longer than [`SLIP_CHARS_MAX`].
    #[error("the text has more than {SLIP_CHARS_MAX} characters")]
    TooLarge,
    /// Not the letters of a slip, cut off, or with something behind.
    #[error("the text is no slip, or a part of it is missing")]
    Malformed,
    /// Made by another release.
    #[error("the slip has the unknown version {0}")]
    Version(u8),
}

/// What a verifier knows besides the slip.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// The network whose certificates it holds.
    pub hub: HubId,
    /// The issuer's certificate in that life, its signature checked; `None` = not known here.
    pub certificate: Option<&'a NodeCertificate>,
    /// Today, in days since 1970, where the clock can be trusted.
    pub today: Option<u16>,
    /// Whether the slip stands on the list of revoked ones.
    pub is_revoked: bool,
}

/// Why a slip proves nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, thiserror::Error)]
pub enum SlipFault {
    /// No certificate of the node that it names: another network, or not heard of yet.
    #[error("unknown issuer")]
    UnknownIssuer,
    /// Not signed by the node that it names: forged or altered.
    #[error("not valid: the signature is wrong")]
    Forged,
    /// Dated outside the time of the issuer's certificate.
    #[error("not valid: the issuer had no certificate on that day")]
    Certificate,
    /// Dated after today.
    #[error("not valid: the date lies in the future")]
    Future,
    /// Signed, but for another number, birth year or programme.
    #[error("not valid for this number and birth year")]
    OtherPerson,
    /// The registration was withdrawn or erased.
    #[error("revoked: the registration does not hold any more")]
    Revoked,
}

/// The day of a moment, in days since 1970; 0 before, the last one after 2149.
pub fn day_of(at: Timestamp) -> u16 {
    u16::try_from(at.as_second().div_euclid(DAY_S).max(0)).unwrap_or(u16::MAX)
}

/// What binds a slip to a person: 16 bytes of an HMAC over the programme under the stretched claim.
pub fn commitment(stretched: &[u8; 32], programme: &str) -> [u8; 16] {
    let key = hmac::Key::new(hmac::HMAC_SHA256, stretched);
    let full = hmac::sign(&key, &[COMMITTED, programme.as_bytes()].concat());
    let mut cut = [0; 16];
    for (to, from) in cut.iter_mut().zip(full.as_ref()) {
        *to = *from;
    }
    cut
}

impl Slip {
    /// Signs a slip of this day; `salt` must be fresh and random.
    pub fn issue(
        issuer: Issuer,
        day: u16,
        salt: [u8; 16],
        commitment: [u8; 16],
        key: &Ed25519KeyPair,
    ) -> Self {
        let mut slip = Self {
            issuer,
            day,
            salt,
            commitment,
            signature: [0; 64],
        };
        let signature = key.sign(&slip.signed());
        // Ed25519 signatures have 64 bytes (RFC 8032 §5.1.6).
        slip.signature = signature.as_ref().try_into().unwrap_or([0; 64]);
        slip
    }

    /// Reads a text; small letters, blanks, line ends and hyphens do not matter.
    ///
    /// # Errors
    /// [`SlipError`] for anything that [`Self::text`] does not write.
    pub fn parse(text: &str) -> Result<Self, SlipError> {
        if text.chars().count() > SLIP_CHARS_MAX {
            return Err(SlipError::TooLarge);
        }
        let text = text.trim().to_ascii_uppercase();
        let body = text.strip_prefix(SLIP_PREFIX).ok_or(SlipError::Malformed)?;
        let bytes = base32::decode(body).ok_or(SlipError::Malformed)?;
        let (content, signature) = bytes.split_last_chunk::<64>().ok_or(SlipError::Malformed)?;
        match content.split_first() {
            Some((&SLIP_VERSION, _)) => {}
            Some((version, _)) => return Err(SlipError::Version(*version)),
            None => return Err(SlipError::Malformed),
        }
        Self::of_content(content, *signature).ok_or(SlipError::Malformed)
    }

    fn of_content(content: &[u8], signature: [u8; 64]) -> Option<Self> {
        let (_version, rest) = content.split_first()?;
        let (hub, rest) = rest.split_first_chunk::<4>()?;
        let (node, rest) = rest.split_first_chunk::<4>()?;
        let (epoch, rest) = rest.split_first_chunk::<8>()?;
        let (day, rest) = rest.split_first_chunk::<2>()?;
        let (salt, rest) = rest.split_first_chunk::<16>()?;
        let (commitment, rest) = rest.split_first_chunk::<16>()?;
        rest.is_empty().then_some(Self {
            issuer: Issuer {
                hub: HubId(*hub),
                node: NodeId(u32::from_be_bytes(*node)),
                epoch: Epoch(u64::from_be_bytes(*epoch)),
            },
            day: u16::from_be_bytes(*day),
            salt: *salt,
            commitment: *commitment,
            signature,
        })
    }

    /// The text of the QR code: all its letters are in that code's alphanumeric set.
    pub fn text(&self) -> String {
        let bytes = [self.content().as_slice(), &self.signature].concat();
        format!("{SLIP_PREFIX}{}", base32::encode(&bytes))
    }

    /// Its name on lists.
    pub fn id(&self) -> SlipId {
        let mut id = [0; 8];
        for (to, from) in id.iter_mut().zip(self.salt) {
            *to = from;
        }
        SlipId(id)
    }

    /// Who says to have signed it.
    pub fn issuer(&self) -> Issuer {
        self.issuer
    }

    /// The day of issue, in days since 1970.
    pub fn day(&self) -> u16 {
        self.day
    }

    /// The salt with which a claim is stretched.
    pub fn salt(&self) -> [u8; 16] {
        self.salt
    }

    /// Whether the node that it names signed it, while certified, and not tomorrow.
    ///
    /// # Errors
    /// The first [`SlipFault`] found; never [`SlipFault::OtherPerson`] or [`SlipFault::Revoked`].
    pub fn check(&self, evidence: &Evidence<'_>) -> Result<(), SlipFault> {
        let certificate = evidence.certificate.filter(|certificate| {
            self.issuer.hub == evidence.hub
                && certificate.node == self.issuer.node
                && certificate.epoch == self.issuer.epoch
                && certificate.kind != NodeKind::Relay
        });
        let certificate = certificate.ok_or(SlipFault::UnknownIssuer)?;
        UnparsedPublicKey::new(&ED25519, &certificate.key)
            .verify(&self.signed(), &self.signature)
            .map_err(|_unspecified| SlipFault::Forged)?;
        let certified = day_of(certificate.not_before)..=day_of(certificate.not_after);
        if !certified.contains(&self.day) {
            return Err(SlipFault::Certificate);
        }
        // A day more, because the issuer's local day may be ahead of ours.
        if evidence
            .today
            .is_some_and(|today| self.day > today.saturating_add(1))
        {
            return Err(SlipFault::Future);
        }
        Ok(())
    }

    /// The programme in which the claimed person was registered, among those known here.
    ///
    /// `stretched` is the claim, stretched with [`Self::salt`].
    ///
    /// # Errors
    /// Any [`SlipFault`]. Who does not know the person is not told that a slip was revoked.
    pub fn programme<'a>(
        &self,
        evidence: &Evidence<'_>,
        stretched: &[u8; 32],
        programmes: impl IntoIterator<Item = &'a str>,
    ) -> Result<&'a str, SlipFault> {
        self.check(evidence)?;
        let mut known = programmes.into_iter();
        let found = known.find(|programme| commitment(stretched, programme) == self.commitment);
        let found = found.ok_or(SlipFault::OtherPerson)?;
        if evidence.is_revoked {
            return Err(SlipFault::Revoked);
        }
        Ok(found)
    }

    fn content(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(CONTENT_BYTES);
        bytes.push(SLIP_VERSION);
        bytes.extend(self.issuer.hub.0);
        bytes.extend(self.issuer.node.0.to_be_bytes());
        bytes.extend(self.issuer.epoch.0.to_be_bytes());
        bytes.extend(self.day.to_be_bytes());
        bytes.extend(self.salt);
        bytes.extend(self.commitment);
        bytes
    }

    fn signed(&self) -> Vec<u8> {
        [SIGNED, self.content().as_slice()].concat()
    }
}

#[cfg(test)]
mod tests;
