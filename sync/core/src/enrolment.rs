//! Enrolment without I/O: the one-time code, the node's request with its proofs, the hub's answer.
//!
//! Request and answer are `version ‖ postcard`. The request carries two proofs: an Ed25519
//! signature (the sender holds the key) and an HMAC under the stretched code (the sender was given
//! the code). The shell stretches the code with Argon2id, the slot as salt, and passes 32 bytes.
//! This file is a format; a change raises [`ENROLMENT_VERSION`].

mod code;

use core::fmt;

use ring::hmac;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};

use crate::id::Epoch;
use crate::refusal::{Refusal, RefusalCode};

pub use code::{CODE_DIGITS, CodeError, OneTimeCode};

/// Version byte of request and answer; another one is refused.
pub const ENROLMENT_VERSION: u8 = 1;
/// Bytes of a request; a longer one is refused unread.
pub const REQUEST_BYTES_MAX: usize = 1024;
/// Bytes of an answer; a longer one is refused unread. Room for 2,000 leased numbers.
pub const RESPONSE_BYTES_MAX: usize = 64 * 1024;
/// Bytes of a slot's name: longer ones are refused.
pub const SLOT_BYTES_MAX: usize = 64;
/// Bytes of an age recipient: `age1` and 58 letters, with room. Longer ones are refused.
pub const RECIPIENT_BYTES_MAX: usize = 100;

const SIGNATURE_CONTEXT: &[u8] = b"outpost.enrolment.key.1";
const MAC_CONTEXT: &[u8] = b"outpost.enrolment.code.1";

/// What a node asks, before it is anybody.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EnrolRequest {
    /// Name of the slot that an officer opened at the hub.
    pub slot: String,
    /// The node's Ed25519 public key.
    pub public_key: [u8; 32],
    /// The node's age X25519 recipient, `age1…`.
    pub age_recipient: String,
    /// The life that the node would begin; the hub decides.
    pub epoch: Epoch,
}

impl EnrolRequest {
    /// The signed form: `version ‖ postcard ‖ Ed25519 ‖ HMAC`.
    ///
    /// `stretched` is Argon2id(code, slot). The same request gives the same bytes.
    ///
    /// # Errors
    /// `TooLarge` when a field is over its cap; `Signature` when `key` is not that of the request.
    pub fn sign(&self, key: &Ed25519KeyPair, stretched: &[u8; 32]) -> Result<Vec<u8>, Refusal> {
        self.check()?;
        if key.public_key().as_ref() != self.public_key {
            return Err(Refusal::new(
                RefusalCode::Signature,
                "enrolment key is not the request's",
            ));
        }
        let mut bytes = vec![ENROLMENT_VERSION];
        let body = postcard::to_stdvec(self).map_err(|error| malformed(&error))?;
        bytes.extend_from_slice(&body);
        let signature = key.sign(&signed(&bytes));
        bytes.extend_from_slice(signature.as_ref());
        let tag = hmac::sign(&mac_key(stretched), &macced(&bytes));
        bytes.extend_from_slice(tag.as_ref());
        Ok(bytes)
    }

    /// Reads a request and checks that its sender holds the key. Nothing is said about the code.
    ///
    /// # Errors
    /// `TooLarge`, `Version`, `Malformed`, `Signature`.
    pub fn open(bytes: &[u8]) -> Result<UnprovenRequest, Refusal> {
        if bytes.len() > REQUEST_BYTES_MAX {
            return Err(Refusal::new(
                RefusalCode::TooLarge,
                "enrolment request is over 1 KiB",
            ));
        }
        let short = || Refusal::new(RefusalCode::Malformed, "enrolment request is cut short");
        let (proven, tag) = bytes.split_last_chunk::<32>().ok_or_else(short)?;
        let (content, signature) = proven.split_last_chunk::<64>().ok_or_else(short)?;
        let (version, body) = content.split_first().ok_or_else(short)?;
        if *version != ENROLMENT_VERSION {
            return Err(Refusal::new(
                RefusalCode::Version,
                "enrolment version is not 1",
            ));
        }
        let request: Self = exact(body)?;
        request.check()?;
        UnparsedPublicKey::new(&ED25519, request.public_key)
            .verify(&signed(content), signature)
            .map_err(|_unspecified| Refusal::new(RefusalCode::Signature, "enrolment signature"))?;
        Ok(UnprovenRequest {
            request,
            proven: proven.to_vec(),
            tag: *tag,
        })
    }

    fn check(&self) -> Result<(), Refusal> {
        let too_long = |what: &str| Err(Refusal::new(RefusalCode::TooLarge, what));
        if self.slot.is_empty() || self.slot.len() > SLOT_BYTES_MAX {
            return too_long("enrolment slot is empty or over 64 bytes");
        }
        if self.age_recipient.len() > RECIPIENT_BYTES_MAX {
            return too_long("enrolment recipient is over 100 bytes");
        }
        Ok(())
    }
}

/// A request whose key is proven and whose code is not.
#[derive(Clone, PartialEq, Eq)]
pub struct UnprovenRequest {
    request: EnrolRequest,
    proven: Vec<u8>,
    tag: [u8; 32],
}

impl UnprovenRequest {
    /// The slot, to find the stretched code by.
    pub fn slot(&self) -> &str {
        &self.request.slot
    }

    /// The request, when its sender knew the code of the slot. Compares in constant time.
    ///
    /// # Errors
    /// `Certificate`: the code is wrong; the caller counts the try.
    pub fn prove(self, stretched: &[u8; 32]) -> Result<EnrolRequest, Refusal> {
        hmac::verify(&mac_key(stretched), &macced(&self.proven), &self.tag).map_err(
            |_unspecified| Refusal::new(RefusalCode::Certificate, "enrolment code is wrong"),
        )?;
        Ok(self.request)
    }
}

impl fmt::Debug for UnprovenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnprovenRequest").finish_non_exhaustive()
    }
}

/// What the hub gives. The same request gets the same answer, for ever.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolResponse {
    /// The node's signed certificate.
    pub certificate: Vec<u8>,
    /// The hub's own signed certificate.
    pub hub_certificate: Vec<u8>,
    /// The node's X.509 certificate for TLS, DER.
    pub tls_certificate: Vec<u8>,
    /// The hub CA's X.509 certificate, DER.
    pub ca_certificate: Vec<u8>,
    /// Key that signs node certificates.
    pub ca_key: [u8; 32],
    /// Key that verifies receipts.
    pub receipt_key: [u8; 32],
    /// Key that verifies revocation lists.
    pub revocation_key: [u8; 32],
    /// Issuer number for derived correlation ids.
    pub issuer_number: u32,
    /// Leased registration numbers, without check digit.
    pub leased_numbers: Vec<u32>,
    /// Prefix of provisional numbers while the lease is empty.
    pub provisional_prefix: String,
    /// [`Roots`], sealed to the node's age recipient.
    pub sealed_roots: Vec<u8>,
    /// The newest revocation list, empty for none.
    pub revocation_list: Vec<u8>,
}

impl EnrolResponse {
    /// `version ‖ postcard`.
    ///
    /// # Errors
    /// `TooLarge` above [`RESPONSE_BYTES_MAX`].
    pub fn encode(&self) -> Result<Vec<u8>, Refusal> {
        let mut bytes = vec![ENROLMENT_VERSION];
        bytes.extend(postcard::to_stdvec(self).map_err(|error| malformed(&error))?);
        if bytes.len() > RESPONSE_BYTES_MAX {
            return Err(Refusal::new(
                RefusalCode::TooLarge,
                "enrolment answer is over 64 KiB",
            ));
        }
        Ok(bytes)
    }

    /// Reads an answer. Its certificates are to be verified by the caller.
    ///
    /// # Errors
    /// `TooLarge`, `Version`, `Malformed`.
    pub fn decode(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() > RESPONSE_BYTES_MAX {
            return Err(Refusal::new(
                RefusalCode::TooLarge,
                "enrolment answer is over 64 KiB",
            ));
        }
        match bytes.split_first() {
            Some((&ENROLMENT_VERSION, body)) => exact(body),
            Some(_) => Err(Refusal::new(
                RefusalCode::Version,
                "enrolment version is not 1",
            )),
            None => Err(Refusal::new(
                RefusalCode::Malformed,
                "enrolment answer is empty",
            )),
        }
    }
}

impl fmt::Debug for EnrolResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnrolResponse")
            .field("certificate_bytes", &self.certificate.len())
            .field("leased_count", &self.leased_numbers.len())
            .finish_non_exhaustive()
    }
}

/// Secrets that node and hub share from enrolment on.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roots {
    /// Voucher peppers derive from it.
    pub enrolment: [u8; 32],
    /// Keys and block seeds of SMS derive from it.
    pub sms: [u8; 32],
}

impl Roots {
    /// The form that is sealed.
    ///
    /// # Errors
    /// `Malformed` only when memory runs out.
    pub fn encode(&self) -> Result<Vec<u8>, Refusal> {
        postcard::to_stdvec(self).map_err(|error| malformed(&error))
    }

    /// Reads what was unsealed.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn decode(bytes: &[u8]) -> Result<Self, Refusal> {
        exact(bytes)
    }
}

impl fmt::Debug for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Roots")
    }
}

fn exact<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Refusal> {
    let (value, rest) = postcard::take_from_bytes(bytes).map_err(|error| malformed(&error))?;
    if rest.is_empty() {
        Ok(value)
    } else {
        Err(Refusal::new(
            RefusalCode::Malformed,
            "enrolment has bytes after its end",
        ))
    }
}

fn malformed(error: &postcard::Error) -> Refusal {
    Refusal::new(RefusalCode::Malformed, format!("enrolment field: {error}"))
}

fn signed(content: &[u8]) -> Vec<u8> {
    [SIGNATURE_CONTEXT, content].concat()
}

fn macced(proven: &[u8]) -> Vec<u8> {
    [MAC_CONTEXT, proven].concat()
}

fn mac_key(stretched: &[u8; 32]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, stretched)
}

#[cfg(test)]
mod tests;
