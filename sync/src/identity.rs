//! Keys and certificates made on a node or hub: Ed25519, age X25519, the hub's X.509 authority.
//!
//! Randomness is drawn here and in no core. X.509 carries a name and a key and nothing else; what
//! a key may do is said by the node certificate of `sync-core`.

use core::fmt;

use jiff::{Timestamp, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ED25519, PublicKeyData, SanType, SignatureAlgorithm, date_time_ymd,
};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use rustls::pki_types::PrivatePkcs8KeyDer;
use sync_core::enrolment::{CODE_DIGITS, OneTimeCode};

/// Random bytes below this give even digits: 25 tens. The others are drawn again.
const EVEN_DIGIT_BYTE_MAX: u8 = 250;
/// Draws for one code at most; a generator that needs more is broken.
const CODE_DRAWS_MAX: usize = 1_000;
/// Bytes of a sealed secret at most; a longer one is refused unread.
const SEALED_BYTES_MAX: usize = 64 * 1024;

/// Why a key or certificate cannot be made or used. Never says what is in it.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The system has no randomness.
    #[error("failed to draw random bytes")]
    Randomness,
    /// Stored bytes are no Ed25519 key in PKCS#8.
    #[error("stored key is not an Ed25519 key: {0}")]
    Key(String),
    /// The authority refuses to sign this.
    #[error("failed to make a certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// Not a recipient or identity of age.
    #[error("not an age key: {0}")]
    AgeKey(&'static str),
    /// Sealing failed.
    #[error("failed to seal a secret: {0}")]
    Seal(#[from] age::EncryptError),
    /// It is not sealed to us, or was changed.
    #[error("failed to open a sealed secret: {0}")]
    Open(#[from] age::DecryptError),
    /// Longer than a sealed secret may be.
    #[error("sealed secret has {got} bytes, over its limit of {limit}")]
    TooLarge {
        /// Bytes.
        limit: usize,
        /// Bytes.
        got: usize,
    },
}

/// An Ed25519 key as it is stored: PKCS#8 with its public key. `Debug` prints nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey {
    pkcs8: Vec<u8>,
    public: [u8; 32],
}

impl SigningKey {
    /// A new key.
    ///
    /// # Errors
    /// `Randomness`.
    pub fn generate() -> Result<Self, IdentityError> {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
            .map_err(|_unspecified| IdentityError::Randomness)?;
        Self::from_pkcs8(document.as_ref().to_vec())
    }

    /// A key from the key store.
    ///
    /// # Errors
    /// `Key`.
    pub fn from_pkcs8(pkcs8: Vec<u8>) -> Result<Self, IdentityError> {
        let pair = Ed25519KeyPair::from_pkcs8(&pkcs8)
            .map_err(|rejected| IdentityError::Key(rejected.to_string()))?;
        let public = pair.public_key().as_ref().try_into();
        let public = public.map_err(|_length| IdentityError::Key("public key".to_owned()))?;
        Ok(Self { pkcs8, public })
    }

    /// The form for the key store.
    pub fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// The public half.
    pub fn public_key(&self) -> [u8; 32] {
        self.public
    }

    /// The key that signs frames, receipts, certificates.
    ///
    /// # Errors
    /// `Key`, which a key that was made here does not give.
    pub fn pair(&self) -> Result<Ed25519KeyPair, IdentityError> {
        Ed25519KeyPair::from_pkcs8(&self.pkcs8)
            .map_err(|rejected| IdentityError::Key(rejected.to_string()))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey")
    }
}

/// An X25519 key of age, to which secrets are sealed. `Debug` prints nothing of it.
#[derive(Clone)]
pub struct AgeIdentity(age::x25519::Identity);

impl AgeIdentity {
    /// A new key.
    pub fn generate() -> Self {
        Self(age::x25519::Identity::generate())
    }

    /// A key from the key store, `AGE-SECRET-KEY-1…`.
    ///
    /// # Errors
    /// `AgeKey`.
    pub fn parse(secret: &str) -> Result<Self, IdentityError> {
        secret.parse().map(Self).map_err(IdentityError::AgeKey)
    }

    /// The form for the key store; nothing else may see it.
    pub fn secret(&self) -> String {
        use age::secrecy::ExposeSecret;
        self.0.to_string().expose_secret().to_owned()
    }

    /// What others seal to, `age1…`.
    pub fn recipient(&self) -> String {
        self.0.to_public().to_string()
    }

    /// The key itself, for files that are opened in pieces.
    pub(crate) fn inner(&self) -> &age::x25519::Identity {
        &self.0
    }

    /// Opens what was sealed to this key.
    ///
    /// # Errors
    /// `Open`, `TooLarge`.
    pub fn open(&self, sealed: &[u8]) -> Result<Vec<u8>, IdentityError> {
        within_limit(sealed)?;
        Ok(age::decrypt(&self.0, sealed)?)
    }
}

impl fmt::Debug for AgeIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AgeIdentity")
    }
}

/// Seals a small secret to a recipient `age1…`; every call gives other bytes.
///
/// # Errors
/// `AgeKey`, `Seal`, `TooLarge`.
pub fn seal(recipient: &str, secret: &[u8]) -> Result<Vec<u8>, IdentityError> {
    let recipient: age::x25519::Recipient = recipient.parse().map_err(IdentityError::AgeKey)?;
    within_limit(secret)?;
    Ok(age::encrypt(&recipient, secret)?)
}

fn within_limit(bytes: &[u8]) -> Result<(), IdentityError> {
    let (limit, got) = (SEALED_BYTES_MAX, bytes.len());
    if got > limit {
        Err(IdentityError::TooLarge { limit, got })
    } else {
        Ok(())
    }
}

/// 32 random bytes, for roots and master keys.
///
/// # Errors
/// `Randomness`.
pub fn random_key() -> Result<[u8; 32], IdentityError> {
    let mut bytes = [0; 32];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_unspecified| IdentityError::Randomness)?;
    Ok(bytes)
}

/// A one-time code of evenly drawn digits.
///
/// # Errors
/// `Randomness`.
pub fn one_time_code() -> Result<OneTimeCode, IdentityError> {
    let random = SystemRandom::new();
    let mut digits = [0; CODE_DIGITS - 1];
    for digit in &mut digits {
        *digit = even_digit(&random)?;
    }
    Ok(OneTimeCode::generate(&digits))
}

fn even_digit(random: &SystemRandom) -> Result<u8, IdentityError> {
    for _draw in 0..CODE_DRAWS_MAX {
        let mut byte = [0_u8; 1];
        random
            .fill(&mut byte)
            .map_err(|_unspecified| IdentityError::Randomness)?;
        let [byte] = byte;
        if byte < EVEN_DIGIT_BYTE_MAX {
            return Ok(byte % 10);
        }
    }
    Err(IdentityError::Randomness)
}

/// When a certificate is valid; whole days in UTC, both ends included.
///
/// A TLS certificate should outlive the node certificate by far: the hub still takes frames of a
/// node whose certificate expired, so TLS must not shut it out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Validity {
    /// First day.
    pub not_before: Timestamp,
    /// Last day.
    pub not_after: Timestamp,
}

/// The hub's authority for TLS certificates.
#[derive(Debug)]
pub struct CertificateAuthority {
    name: String,
    key: SigningKey,
    certificate: Vec<u8>,
}

impl CertificateAuthority {
    /// A new authority that signs itself with `key`.
    ///
    /// # Errors
    /// `Certificate`.
    pub fn create(name: &str, key: SigningKey, validity: Validity) -> Result<Self, IdentityError> {
        let mut params = params(name, validity)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let certificate = params.self_signed(&key_pair(&key)?)?.der().to_vec();
        Ok(Self {
            name: name.to_owned(),
            key,
            certificate,
        })
    }

    /// An authority from the key store: the name, key and certificate of [`Self::create`].
    pub fn stored(name: &str, key: SigningKey, certificate: Vec<u8>) -> Self {
        Self {
            name: name.to_owned(),
            key,
            certificate,
        }
    }

    /// What nodes pin, DER.
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// The key, which also signs node certificates.
    pub fn key(&self) -> &SigningKey {
        &self.key
    }

    /// A certificate for a bare public key; `name` is both its subject and the name that a client
    /// checks, so a server's must be a DNS name.
    ///
    /// # Errors
    /// `Certificate`.
    pub fn issue(
        &self,
        public_key: &[u8; 32],
        name: &str,
        validity: Validity,
    ) -> Result<Vec<u8>, IdentityError> {
        let mut subject = params(name, validity)?;
        subject.subject_alt_names = vec![SanType::DnsName(name.try_into()?)];
        let mut issuer = CertificateParams::default();
        issuer.distinguished_name = common_name(&self.name);
        issuer.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let issuer = Issuer::new(issuer, key_pair(&self.key)?);
        Ok(subject
            .signed_by(&BareKey(*public_key), &issuer)?
            .der()
            .to_vec())
    }
}

/// A public key without the private half: the node keeps that.
struct BareKey([u8; 32]);

impl PublicKeyData for BareKey {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ED25519
    }
}

fn params(name: &str, validity: Validity) -> Result<CertificateParams, IdentityError> {
    let mut params = CertificateParams::new(Vec::<String>::new())?;
    params.distinguished_name = common_name(name);
    let (year, month, day) = date(validity.not_before);
    params.not_before = date_time_ymd(year, month, day);
    let (year, month, day) = date(validity.not_after);
    params.not_after = date_time_ymd(year, month, day);
    Ok(params)
}

fn date(time: Timestamp) -> (i32, u8, u8) {
    let day = time.to_zoned(TimeZone::UTC).date();
    // X.509 times before 1950 and after 9999 have no form; rcgen panics on a day that is none.
    let part = |number: i8| u8::try_from(number).unwrap_or(1);
    (
        i32::from(day.year()).clamp(1950, 9999),
        part(day.month()),
        part(day.day()),
    )
}

fn common_name(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

fn key_pair(key: &SigningKey) -> Result<KeyPair, IdentityError> {
    let der = PrivatePkcs8KeyDer::from(key.pkcs8());
    Ok(KeyPair::from_pkcs8_der_and_sign_algo(&der, &PKCS_ED25519)?)
}

#[cfg(test)]
mod tests;
