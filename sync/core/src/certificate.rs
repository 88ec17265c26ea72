//! Node certificates: which key speaks for an origin in one life, and what it may write and read.
//!
//! `version ‖ postcard ‖ Ed25519 of the hub CA` over a context string and everything before the
//! signature. This file is a format; a change raises [`CERTIFICATE_VERSION`].

use jiff::Timestamp;
use ring::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};

use crate::hlc;
use crate::id::{Epoch, Lane, NodeId, Scope};
use crate::refusal::{Refusal, RefusalCode};

/// Version byte of this layout; another one is refused.
pub const CERTIFICATE_VERSION: u8 = 1;
/// Longest signed certificate in bytes: with 64 old chain heads it is under 4 KiB. Refused above.
pub const CERTIFICATE_BYTES_MAX: usize = 8 * 1024;
/// Most (grant, lane) pairs, so that a scope index fits one byte. Refused above.
pub const GRANTED_LANES_MAX: usize = 255;
/// Longest text field in bytes: realm, programme, recipient. Refused above.
pub const TEXT_BYTES_MAX: usize = 128;

const CONTEXT: &[u8] = b"outpost.certificate.1";

/// What kind of device the key is in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum NodeKind {
    /// Serves people.
    Node,
    /// Signs receipts and speaks to Building Blocks.
    Hub,
    /// Carries frames of others.
    Relay,
}

/// What a grant allows; flags in one byte.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Rights(pub u8);

impl Rights {
    /// Write control, referral, registration and audit entries.
    pub const CAPTURE: Self = Self(1);
    /// Receive the entries of others.
    pub const READ: Self = Self(2);
    /// Write money entries.
    pub const MONEY: Self = Self(4);
    /// Carry frames of others.
    pub const RELAY: Self = Self(8);
    /// The grant has ended: what the holder wrote before it heard of that is still taken, and it
    /// receives nothing. Stands alone.
    pub const ENDED: Self = Self(16);

    /// Both together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all flags of `other` are here.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    fn is_known(self) -> bool {
        self.0 & !0b1111 == 0 || self == Self::ENDED
    }
}

/// One programme in one area.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ScopeGrant {
    /// Programme code.
    pub programme: String,
    /// Scope number, lane bits 0.
    pub area: Scope,
    /// Lanes, in the order of their indexes.
    pub lanes: Vec<Lane>,
    /// What is allowed in them.
    pub rights: Rights,
}

impl ScopeGrant {
    /// Whether it is over, and stands only so that the indexes of others keep their meaning.
    pub fn is_ended(&self) -> bool {
        self.rights == Rights::ENDED
    }
}

/// Scope, last accepted seq and chain hash of a chain of the epoch before.
pub type OldHead = (u32, u32, [u8; 32]);

/// What a hub says about one key in one life.
///
/// Grants are only appended within an epoch, so that a scope index never changes its meaning.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NodeCertificate {
    /// Name of the network.
    pub realm: String,
    /// The hub that issued it.
    pub hub: NodeId,
    /// Whom it names.
    pub node: NodeId,
    /// In which life.
    pub epoch: Epoch,
    /// Ed25519 public key.
    pub key: [u8; 32],
    /// X25519 recipient for sealed bundles.
    pub age_recipient: String,
    /// Rising number of this issuer.
    pub serial: u64,
    /// What kind of device.
    pub kind: NodeKind,
    /// Issuer of correlation and request ids, below 2^19.
    pub issuer_number: u32,
    /// What it may do where.
    pub scopes: Vec<ScopeGrant>,
    /// Valid from (whole seconds).
    #[serde(with = "seconds")]
    pub not_before: Timestamp,
    /// Valid until (whole seconds).
    #[serde(with = "seconds")]
    pub not_after: Timestamp,
    /// Lowest protocol version that the holder must speak.
    pub min_version: u8,
    /// Where the chains of the epoch before ended, as far as the hub accepted them.
    pub previous_heads: Vec<OldHead>,
}

impl NodeCertificate {
    /// Whether the scope, with its lane, is granted at all.
    pub fn grants(&self, scope: Scope) -> bool {
        self.grant(scope).is_some()
    }

    /// Running number of the (grant, lane) pair: the 8 bits in a correlation id.
    pub fn scope_index(&self, scope: Scope) -> Option<u8> {
        let pairs = self
            .scopes
            .iter()
            .flat_map(|grant| grant.lanes.iter().map(|lane| grant.area.with_lane(*lane)));
        (0..=u8::MAX)
            .zip(pairs)
            .find(|(_, pair)| *pair == scope)
            .map(|(index, _)| index)
    }

    /// Whether the holder may write entries of this scope and lane, or may have: see
    /// [`Rights::ENDED`].
    pub fn may_write(&self, scope: Scope) -> bool {
        let needed = match scope.lane() {
            Some(Lane::Money) => Rights::MONEY,
            Some(_) => Rights::CAPTURE,
            None => return false,
        };
        self.grant(scope).is_some_and(|grant| {
            let had = grant.is_ended() && needed == Rights::CAPTURE;
            had || grant.rights.contains(needed)
        })
    }

    /// Whether the grant of this scope and lane has ended.
    pub fn is_ended(&self, scope: Scope) -> bool {
        self.grant(scope).is_some_and(ScopeGrant::is_ended)
    }

    /// The areas in which the holder serves, in the order of their grants.
    pub fn areas(&self) -> Vec<Scope> {
        let grants = self.scopes.iter().filter(|grant| !grant.is_ended());
        grants.map(|grant| grant.area.area()).collect()
    }

    /// Whether the holder may receive the entries of others in this scope and lane.
    pub fn may_read(&self, scope: Scope) -> bool {
        self.grant(scope)
            .is_some_and(|grant| grant.rights.contains(Rights::READ))
    }

    /// Whether the holder may carry frames of others in this scope and lane.
    pub fn may_relay(&self, scope: Scope) -> bool {
        self.grant(scope)
            .is_some_and(|grant| grant.rights.contains(Rights::RELAY))
    }

    /// All granted scopes with their lanes, in the order of their indexes.
    pub fn granted(&self) -> impl Iterator<Item = Scope> + '_ {
        self.scopes
            .iter()
            .flat_map(|grant| grant.lanes.iter().map(|lane| grant.area.with_lane(*lane)))
    }

    fn grant(&self, scope: Scope) -> Option<&ScopeGrant> {
        let lane = scope.lane()?;
        self.scopes
            .iter()
            .find(|grant| grant.area.area() == scope.area() && grant.lanes.contains(&lane))
    }
}

/// Why a certificate cannot be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// A text, list or the whole is too long; nothing was signed.
    #[error("certificate field {field} is over its limit of {limit}")]
    TooLarge {
        /// Which field.
        field: &'static str,
        /// Its limit.
        limit: usize,
    },
    /// A field has a value that no verifier takes.
    #[error("certificate field {0} is not allowed")]
    Field(&'static str),
}

/// Signs a certificate with the hub's CA key.
///
/// # Errors
/// Where a field is over its limit or has a value that [`verify`] would refuse.
pub fn sign(
    certificate: &NodeCertificate,
    ca: &Ed25519KeyPair,
) -> Result<Vec<u8>, CertificateError> {
    check_fields(certificate)?;
    let mut bytes = encode(certificate).ok_or(CertificateError::Field("encoding"))?;
    let signature = ca.sign(&signed(&bytes));
    bytes.extend(signature.as_ref());
    if bytes.len() > CERTIFICATE_BYTES_MAX {
        let limit = CERTIFICATE_BYTES_MAX;
        return Err(CertificateError::TooLarge {
            field: "certificate",
            limit,
        });
    }
    Ok(bytes)
}

/// Reads a certificate and checks the CA's signature; the time is checked by [`check_validity`].
///
/// # Errors
/// `TooLarge`, `Malformed`, `Version`, `Signature`, `Content`.
pub fn verify(bytes: &[u8], ca_key: &[u8; 32]) -> Result<NodeCertificate, Refusal> {
    if bytes.len() > CERTIFICATE_BYTES_MAX {
        return Err(Refusal::new(
            RefusalCode::TooLarge,
            "certificate is over 8 KiB",
        ));
    }
    let malformed = || Refusal::new(RefusalCode::Malformed, "certificate bytes");
    let (content, signature) = bytes.split_last_chunk::<64>().ok_or_else(malformed)?;
    let (version, body) = content.split_first().ok_or_else(malformed)?;
    if *version != CERTIFICATE_VERSION {
        return Err(Refusal::new(
            RefusalCode::Version,
            "certificate version is not 1",
        ));
    }
    UnparsedPublicKey::new(&ED25519, ca_key)
        .verify(&signed(content), signature)
        .map_err(|_unspecified| Refusal::new(RefusalCode::Signature, "certificate signature"))?;
    let certificate: NodeCertificate = postcard::from_bytes(body)
        .map_err(|error| Refusal::new(RefusalCode::Content, format!("certificate: {error}")))?;
    // One encoding per certificate: its hash is its name in Hello.
    if encode(&certificate).as_deref() != Some(content) {
        return Err(Refusal::new(
            RefusalCode::Content,
            "certificate is not in its one encoding",
        ));
    }
    check_fields(&certificate)
        .map_err(|error| Refusal::new(RefusalCode::Content, error.to_string()))?;
    Ok(certificate)
}

/// Checks the period against a hybrid clock; both ends belong to it.
///
/// # Errors
/// `Certificate` when `now_hlc` lies outside.
pub fn check_validity(certificate: &NodeCertificate, now_hlc: u64) -> Result<(), Refusal> {
    let now = hlc::timestamp(now_hlc);
    if now < certificate.not_before {
        return Err(Refusal::new(
            RefusalCode::Certificate,
            "certificate is not valid yet",
        ));
    }
    if now > certificate.not_after {
        return Err(Refusal::new(
            RefusalCode::Certificate,
            "certificate is not valid any more",
        ));
    }
    Ok(())
}

fn encode(certificate: &NodeCertificate) -> Option<Vec<u8>> {
    let body = postcard::to_stdvec(certificate).ok()?;
    Some([&[CERTIFICATE_VERSION], body.as_slice()].concat())
}

fn signed(content: &[u8]) -> Vec<u8> {
    [CONTEXT, content].concat()
}

fn check_fields(certificate: &NodeCertificate) -> Result<(), CertificateError> {
    let programmes = certificate
        .scopes
        .iter()
        .map(|grant| ("programme", &grant.programme));
    let texts = [
        ("realm", &certificate.realm),
        ("age_recipient", &certificate.age_recipient),
    ];
    for (field, text) in texts.into_iter().chain(programmes) {
        if text.len() > TEXT_BYTES_MAX {
            return Err(CertificateError::TooLarge {
                field,
                limit: TEXT_BYTES_MAX,
            });
        }
    }
    let pairs: usize = certificate
        .scopes
        .iter()
        .map(|grant| grant.lanes.len())
        .sum();
    if pairs > GRANTED_LANES_MAX {
        return Err(CertificateError::TooLarge {
            field: "scopes",
            limit: GRANTED_LANES_MAX,
        });
    }
    if certificate.issuer_number >= 1 << 19 {
        return Err(CertificateError::Field("issuer_number"));
    }
    if certificate.not_before > certificate.not_after {
        return Err(CertificateError::Field("not_after"));
    }
    let is_plain = |grant: &ScopeGrant| grant.area == grant.area.area() && grant.rights.is_known();
    if certificate.scopes.iter().all(is_plain) {
        Ok(())
    } else {
        Err(CertificateError::Field("scopes"))
    }
}

/// Whole seconds since 1970 as the wire form of a time.
mod seconds {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(time: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        time.as_second().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        Timestamp::from_second(i64::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
