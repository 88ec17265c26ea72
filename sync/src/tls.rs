//! The one place that builds TLS configurations: TLS 1.3 only, ring, our own certificate authority.
//!
//! A node pins the hub CA and uses no system roots. A server asks every client for a certificate
//! of that CA and lets those without one in for enrolment only; `https::server` refuses them the
//! session. Validity is checked against the time that the caller gives, because a board may have
//! no clock: the later of its hybrid clock and its build time (S14).

use core::fmt;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, UnixTime};
use rustls::server::{ParsedCertificate, WebPkiClientVerifier};
use rustls::time_provider::TimeProvider;
use rustls::version::TLS13;
use rustls::{ClientConfig, RootCertStore, ServerConfig};

use crate::identity::SigningKey;

/// `SubjectPublicKeyInfo` of an Ed25519 key is these bytes and the key (RFC 8410 §4).
const ED25519_SPKI_PREFIX: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

/// Tells the seconds since 1970 against which certificates are checked.
#[derive(Clone)]
pub struct TimeSource(Arc<dyn Fn() -> u64 + Send + Sync>);

impl TimeSource {
    /// From a callback; it must be quick and must not go back behind certificates it accepted.
    pub fn new(seconds: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(seconds))
    }
}

impl fmt::Debug for TimeSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TimeSource")
    }
}

impl TimeProvider for TimeSource {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_secs((self.0)())))
    }
}

/// A certificate and its key, for one side of a connection.
#[derive(Clone, Debug)]
pub struct TlsIdentity {
    /// X.509 certificate, DER.
    pub certificate: Vec<u8>,
    /// Its key.
    pub key: SigningKey,
}

/// Why a configuration cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A certificate or key does not fit.
    #[error("failed to build the TLS configuration: {0}")]
    Configuration(#[from] rustls::Error),
    /// The CA is no certificate.
    #[error("failed to build the client certificate check: {0}")]
    Verifier(#[from] rustls::server::VerifierBuilderError),
}

/// A server that names itself by `identity` and knows clients by certificates of `client_ca`.
///
/// # Errors
/// [`TlsError`] when a certificate or key does not fit.
pub fn server(
    identity: &TlsIdentity,
    client_ca: &[u8],
    time: TimeSource,
) -> Result<Arc<ServerConfig>, TlsError> {
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots(client_ca)?), provider())
            .allow_unauthenticated()
            .build()?;
    let mut config = ServerConfig::builder_with_details(provider(), Arc::new(time))
        .with_protocol_versions(&[&TLS13])?
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain(identity), private_key(identity))?;
    // One ticket is enough for one connection after another, and costs a node half the bytes.
    config.send_tls13_tickets = 1;
    config.max_early_data_size = 0;
    Ok(Arc::new(config))
}

/// A client that trusts `hub_ca` alone, and shows `identity` when it has one.
///
/// # Errors
/// [`TlsError`] when a certificate or key does not fit.
pub fn client(
    hub_ca: &[u8],
    identity: Option<&TlsIdentity>,
    time: TimeSource,
) -> Result<Arc<ClientConfig>, TlsError> {
    let builder = ClientConfig::builder_with_details(provider(), Arc::new(time))
        .with_protocol_versions(&[&TLS13])?
        .with_root_certificates(roots(hub_ca)?);
    let mut config = match identity {
        Some(identity) => builder.with_client_auth_cert(chain(identity), private_key(identity))?,
        None => builder.with_no_client_auth(),
    };
    config.enable_early_data = false;
    config.resumption = Resumption::in_memory_sessions(1);
    Ok(Arc::new(config))
}

/// The Ed25519 public key of an X.509 certificate, `None` for another kind of key.
///
/// The key joins a connection to a node certificate; nothing else in X.509 is believed.
pub fn public_key(certificate: &[u8]) -> Option<[u8; 32]> {
    let der = CertificateDer::from(certificate);
    let parsed = ParsedCertificate::try_from(&der).ok()?;
    let spki = parsed.subject_public_key_info();
    spki.strip_prefix(&ED25519_SPKI_PREFIX)
        .and_then(|key| key.try_into().ok())
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn roots(ca: &[u8]) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(ca.to_vec()))?;
    Ok(roots)
}

fn chain(identity: &TlsIdentity) -> Vec<CertificateDer<'static>> {
    vec![CertificateDer::from(identity.certificate.clone())]
}

fn private_key(identity: &TlsIdentity) -> PrivateKeyDer<'static> {
    PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(identity.key.pkcs8().to_vec()))
}

#[cfg(test)]
mod tests;
