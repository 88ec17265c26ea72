//! Signed callbacks: an HMAC (RFC 2104) of the octets of the body in a header, both as settings say.
//!
//! With a `GET` the query is signed. `ring` makes the comparison, in constant time. A signature
//! says who wrote the octets, not when: a repeat is as valid as the first one, and is recognised
//! as the same step, message or receipt. Where a signed time stamp is sent, it is not looked at.

use std::fmt;

use axum::http::{HeaderMap, HeaderName};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

/// Fewest octets of a signing key; a shorter one is refused at start.
pub const KEY_OCTETS_MIN: usize = 16;

/// How a caller signs.
#[derive(Clone)]
pub struct Signature {
    header: HeaderName,
    key: hmac::Key,
    before: String,
    spelling: Spelling,
}

/// The hash under the HMAC.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Algorithm {
    /// HMAC-SHA-256.
    Sha256,
    /// HMAC-SHA-512.
    Sha512,
}

/// How a signature is spelled in the header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Spelling {
    /// Hexadecimal digits, of either case.
    Hex,
    /// Base64 with padding (RFC 4648 §4).
    Base64,
}

/// Why a signature cannot be checked; surfaces at start.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadSignature {
    /// Not the name of a header.
    #[error("the signature's header is no header name")]
    Header,
    /// The key is too short.
    #[error("the signing key needs {minimum} octets or more")]
    Key {
        /// [`KEY_OCTETS_MIN`].
        minimum: usize,
    },
}

impl Signature {
    /// Signatures in `header`, after the words `before` such as `sha256=`.
    ///
    /// # Errors
    /// [`BadSignature`] when the header or the key cannot be used.
    pub fn try_new(
        (header, before): (&str, &str),
        (algorithm, spelling): (Algorithm, Spelling),
        key: &str,
    ) -> Result<Self, BadSignature> {
        let header = HeaderName::from_bytes(header.as_bytes())
            .ok()
            .ok_or(BadSignature::Header)?;
        if key.len() < KEY_OCTETS_MIN {
            return Err(BadSignature::Key {
                minimum: KEY_OCTETS_MIN,
            });
        }
        let algorithm = match algorithm {
            Algorithm::Sha256 => hmac::HMAC_SHA256,
            Algorithm::Sha512 => hmac::HMAC_SHA512,
        };
        Ok(Self {
            header,
            key: hmac::Key::new(algorithm, key.as_bytes()),
            before: before.to_owned(),
            spelling,
        })
    }

    /// Whether exactly one header of that name signs these octets.
    pub fn verify(&self, headers: &HeaderMap, signed: &[u8]) -> bool {
        let mut values = headers.get_all(&self.header).iter();
        let (Some(value), None) = (values.next(), values.next()) else {
            return false;
        };
        let spelled = value
            .to_str()
            .ok()
            .and_then(|value| value.strip_prefix(&self.before));
        let tag = spelled.and_then(|spelled| match self.spelling {
            Spelling::Hex => from_hex(spelled),
            Spelling::Base64 => STANDARD.decode(spelled).ok(),
        });
        tag.is_some_and(|tag| hmac::verify(&self.key, signed, &tag).is_ok())
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature(in `{}`)", self.header)
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let digit = |octet: u8| char::from(octet).to_digit(16);
    let octet = |[high, low]: &[u8; 2]| u8::try_from(digit(*high)? * 16 + digit(*low)?).ok();
    let octets: Option<Vec<u8>> = pairs.iter().map(octet).collect();
    octets.filter(|_| rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231 §4.2, test case 1 has a key of 20 octets 0x0b.
    const KEY: &str = "\u{b}\u{b}\u{b}\u{b}\u{b}\u{b}\u{b}\u{b}\u{b}\u{b}\u{b}\u{b}\u{b}\u{b}\u{b}\u{b}\u{b}\u{b}\u{b}\u{b}";
    const HEX: &str = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7";
    const BASE64: &str = "sDRMYdjbOFNcqK/OrwvxK4gdwgDJgz2nJuk3bC4yz/c=";

    fn signature(before: &str, spelling: Spelling) -> Signature {
        Signature::try_new(("X-Signature", before), (Algorithm::Sha256, spelling), KEY).unwrap()
    }

    fn check(signature: &Signature, values: &[&str], body: &str, good: bool) {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("x-signature", value.parse().unwrap());
        }
        assert_eq!(
            signature.verify(&headers, body.as_bytes()),
            good,
            "{values:?}"
        );
    }

    #[test]
    fn the_published_vector_is_accepted_in_either_spelling() {
        check(&signature("", Spelling::Hex), &[HEX], "Hi There", true);
        check(
            &signature("", Spelling::Hex),
            &[&HEX.to_uppercase()],
            "Hi There",
            true,
        );
        check(
            &signature("sha256=", Spelling::Hex),
            &[&format!("sha256={HEX}")],
            "Hi There",
            true,
        );
        check(
            &signature("", Spelling::Base64),
            &[BASE64],
            "Hi There",
            true,
        );
    }

    #[test]
    fn anything_else_is_refused() {
        let hex = signature("", Spelling::Hex);
        check(&hex, &[HEX], "Hi there", false);
        check(&hex, &[], "Hi There", false);
        check(&hex, &[HEX, HEX], "Hi There", false);
        check(&hex, &[""], "Hi There", false);
        check(&hex, &[HEX.strip_suffix("f7").unwrap()], "Hi There", false);
        check(&hex, &[HEX.strip_suffix('7').unwrap()], "Hi There", false);
        check(&hex, &[&HEX.replace('b', "g")], "Hi There", false);
        check(&hex, &[BASE64], "Hi There", false);
        check(
            &signature("sha256=", Spelling::Hex),
            &[HEX],
            "Hi There",
            false,
        );
    }

    #[test]
    fn short_keys_and_odd_headers_do_not_start() {
        let new = |header, key| {
            Signature::try_new((header, ""), (Algorithm::Sha512, Spelling::Hex), key).unwrap_err()
        };
        assert_eq!(new("x signature", KEY), BadSignature::Header);
        assert_eq!(
            new("x-signature", "short"),
            BadSignature::Key { minimum: 16 }
        );
    }
}
