//! Enrolment as officer and node see it: the one-time code, the provisioning file, TLS identities.
//!
//! The wire format is `sync_core::enrolment`, the transaction is the store's; here the code is
//! stretched, roots are sealed and opened, and certificates for the link are made.

use std::path::Path;
use std::sync::Arc;

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use node_core::contact::Moment;
use node_store::enrol::{EnrolmentAnswer, Grant};
use node_store::hub::AgeKeys;
use node_store::{SqliteStore, StoreError};
use rustls::{ClientConfig, ServerConfig};
use serde::{Deserialize, Serialize};
use sync::https::{Endpoint, HttpsLink, HttpsTarget, Switch};
use sync::identity::{
    AgeIdentity, CertificateAuthority, IdentityError, SigningKey, Validity, one_time_code, seal,
};
use sync::tls::{self, TimeSource, TlsError, TlsIdentity};
use sync::{Link, LinkError};
use sync_core::NodeId;
use sync_core::enrolment::{EnrolResponse, OneTimeCode, Roots};
use sync_core::refusal::Refusal;

use crate::clock::Clock;

/// Name in the hub's TLS certificate. The CA is pinned, so the name need not be in any directory.
pub const HUB_NAME: &str = "hub.outpost.internal";
/// Subject of the authority's certificate.
const AUTHORITY_NAME: &str = "outpost hub authority";
/// Memory of the stretching in KiB, and its passes (docs/SECURITY.md): half a second on a board.
const STRETCH: (u32, u32) = (19 * 1024, 2);
/// File in a node's folder that says how to reach its hub; nothing in it is secret.
const UPLINK_FILE: &str = "uplink.json";
/// Validity of TLS certificates: they outlive node certificates by far, since an expired node may
/// still hand over what it holds. The node certificate decides.
const TLS_VALIDITY: (&str, &str) = ("2025-01-01T00:00:00Z", "2099-12-31T00:00:00Z");

/// Why an enrolment or the preparation of a link failed.
#[derive(Debug, thiserror::Error)]
pub enum EnrolmentError {
    /// Keys or certificates.
    #[error("make a key or certificate")]
    Identity(#[from] IdentityError),
    /// TLS configuration.
    #[error("configure TLS")]
    Tls(#[from] TlsError),
    /// The store.
    #[error("use the store")]
    Store(#[from] StoreError),
    /// The road to the hub.
    #[error("reach the hub")]
    Link(#[from] LinkError),
    /// A file.
    #[error("read or write the enrolment's file")]
    Io(#[from] std::io::Error),
    /// The hub said no, or something is malformed.
    #[error("{0}")]
    Refused(String),
}

impl From<Refusal> for EnrolmentError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.reason)
    }
}

/// What an officer hands over with a board. The code travels apart from the file.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Provision {
    /// Format of this file.
    pub version: u8,
    /// Name of the slot, which becomes the node's.
    pub slot: String,
    /// Host and port of the hub's link.
    pub hub: String,
    /// Name in the hub's certificate.
    pub server_name: String,
    /// The hub's CA, DER in base 64.
    pub ca: String,
    /// The one-time code, said aloud or written by hand; never in the file.
    #[serde(skip)]
    pub code: String,
}

impl core::fmt::Debug for Provision {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Provision(slot {}, hub {})", self.slot, self.hub)
    }
}

/// How an enrolled node reaches its hub.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct UplinkFile {
    /// Host and port.
    pub hub: String,
    /// Name in the hub's certificate.
    pub server_name: String,
    /// The hub's CA, DER in base 64.
    pub ca: String,
    /// This node's TLS certificate, DER in base 64.
    pub certificate: String,
}

impl UplinkFile {
    /// Reads it from a node's folder; `None` before enrolment.
    ///
    /// # Errors
    /// A file that cannot be read or is malformed.
    pub fn read(folder: &Path) -> Result<Option<Self>, EnrolmentError> {
        match std::fs::read_to_string(folder.join(UPLINK_FILE)) {
            Ok(text) => serde_json::from_str(&text)
                .map(Some)
                .map_err(|error| malformed(&error)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Changes where the hub is reached; nothing happens before enrolment.
    ///
    /// # Errors
    /// A file that cannot be read or written.
    pub fn point_at(folder: &Path, hub: &str) -> Result<(), EnrolmentError> {
        match Self::read(folder)? {
            Some(file) if file.hub != hub => Self {
                hub: hub.to_owned(),
                ..file
            }
            .write(folder),
            _ => Ok(()),
        }
    }

    fn write(&self, folder: &Path) -> Result<(), EnrolmentError> {
        let text = serde_json::to_string_pretty(self).map_err(|error| malformed(&error))?;
        let temporary = folder.join(format!("{UPLINK_FILE}.tmp"));
        std::fs::write(&temporary, text)?;
        std::fs::rename(temporary, folder.join(UPLINK_FILE))?;
        Ok(())
    }
}

fn malformed(error: &dyn std::error::Error) -> EnrolmentError {
    EnrolmentError::Refused(format!("file is malformed: {error}"))
}

/// A fresh pair of sealing keys.
pub fn age_keys() -> AgeKeys {
    let identity = AgeIdentity::generate();
    AgeKeys {
        identity: identity.secret(),
        recipient: identity.recipient(),
    }
}

/// A fresh one-time code.
///
/// # Errors
/// When the system gives no randomness.
pub fn new_code() -> Result<OneTimeCode, EnrolmentError> {
    Ok(one_time_code()?)
}

/// Stretches a code, so that guessing it from a captured request costs memory and time.
///
/// # Errors
/// Only when the parameters are out of range.
pub fn stretch(code: &OneTimeCode, slot: &str) -> Result<[u8; 32], EnrolmentError> {
    let refused =
        |error: argon2::Error| EnrolmentError::Refused(format!("stretch the code: {error}"));
    let params = Params::new(STRETCH.0, STRETCH.1, 1, Some(32)).map_err(refused)?;
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    // Argon2 wants at least eight octets of salt, and a slot's name may be shorter.
    let salt = format!("outpost.slot.1/{slot}");
    let mut out = [0_u8; 32];
    argon
        .hash_password_into(code.digits().as_bytes(), salt.as_bytes(), &mut out)
        .map_err(refused)?;
    Ok(out)
}

fn validity() -> Result<Validity, EnrolmentError> {
    let parse = |text: &str| text.parse::<Timestamp>().map_err(|error| malformed(&error));
    Ok(Validity {
        not_before: parse(TLS_VALIDITY.0)?,
        not_after: parse(TLS_VALIDITY.1)?,
    })
}

fn time_source(clock: Clock) -> TimeSource {
    TimeSource::new(move || u64::try_from(clock.now().at.as_second()).unwrap_or(0))
}

/// The hub's authority for TLS, from its store.
///
/// # Errors
/// When the store is no hub's.
pub fn authority(store: &SqliteStore) -> Result<CertificateAuthority, EnrolmentError> {
    let key = SigningKey::from_pkcs8(store.authority_key()?)?;
    Ok(CertificateAuthority::create(
        AUTHORITY_NAME,
        key,
        validity()?,
    )?)
}

/// TLS of the hub's link.
///
/// # Errors
/// When a certificate cannot be made.
pub async fn hub_tls(
    store: &SqliteStore,
    clock: Clock,
) -> Result<Arc<ServerConfig>, EnrolmentError> {
    let authority = authority(store)?;
    let key = SigningKey::from_pkcs8(store.node_keys().await?.pkcs8)?;
    let certificate = authority.issue(&key.public_key(), HUB_NAME, validity()?)?;
    let identity = TlsIdentity { certificate, key };
    Ok(tls::server(
        &identity,
        authority.certificate(),
        time_source(clock),
    )?)
}

/// TLS of a node's link.
///
/// # Errors
/// When a certificate does not fit.
pub async fn node_tls(
    store: &SqliteStore,
    uplink: &UplinkFile,
    clock: Clock,
) -> Result<Arc<ClientConfig>, EnrolmentError> {
    let key = SigningKey::from_pkcs8(store.node_keys().await?.pkcs8)?;
    let identity = TlsIdentity {
        certificate: decoded(&uplink.certificate)?,
        key,
    };
    Ok(tls::client(
        &decoded(&uplink.ca)?,
        Some(&identity),
        time_source(clock),
    )?)
}

fn decoded(text: &str) -> Result<Vec<u8>, EnrolmentError> {
    STANDARD.decode(text).map_err(|error| malformed(&error))
}

/// The name in a node's TLS certificate.
pub fn node_name(node: NodeId) -> String {
    format!("node-{}.outpost.internal", node.0)
}

/// TLS of a node where its neighbours connect.
///
/// # Errors
/// When a certificate does not fit.
pub async fn neighbour_tls(
    store: &SqliteStore,
    uplink: &UplinkFile,
    clock: Clock,
) -> Result<Arc<ServerConfig>, EnrolmentError> {
    let key = SigningKey::from_pkcs8(store.node_keys().await?.pkcs8)?;
    let identity = TlsIdentity {
        certificate: decoded(&uplink.certificate)?,
        key,
    };
    let authority = decoded(&uplink.ca)?;
    Ok(tls::server(&identity, &authority, time_source(clock))?)
}

/// What is handed over with a board.
///
/// # Errors
/// When the store is no hub's.
pub fn provision(
    store: &SqliteStore,
    slot: &str,
    link: &str,
    code: &OneTimeCode,
) -> Result<Provision, EnrolmentError> {
    Ok(Provision {
        version: 1,
        slot: slot.to_owned(),
        hub: link.to_owned(),
        server_name: HUB_NAME.to_owned(),
        ca: STANDARD.encode(authority(store)?.certificate()),
        code: code.digits(),
    })
}

/// The hub's side: checks a request in one transaction and answers it, sealed.
///
/// # Errors
/// [`EnrolmentError::Refused`] with the reason for the node's screen.
pub async fn admit(
    store: &SqliteStore,
    request: Vec<u8>,
    now: Moment,
) -> Result<Vec<u8>, EnrolmentError> {
    let grant = match store.enrol(request, now).await? {
        EnrolmentAnswer::Granted(grant) => grant,
        EnrolmentAnswer::Refused { reason } => return Err(EnrolmentError::Refused(reason)),
    };
    Ok(answer(store, &grant)?.encode()?)
}

fn answer(store: &SqliteStore, grant: &Grant) -> Result<EnrolResponse, EnrolmentError> {
    let authority = authority(store)?;
    let name = node_name(grant.node);
    let tls_certificate = authority.issue(&grant.request.public_key, &name, validity()?)?;
    let sealed_roots = seal(&grant.request.age_recipient, &grant.roots.encode()?)?;
    Ok(EnrolResponse {
        tls_certificate,
        ca_certificate: authority.certificate().to_vec(),
        sealed_roots,
        ..grant.response()
    })
}

/// The node's side: asks the hub, and commits everything that it gives. A cut at any point and a
/// repeat end the same.
///
/// # Errors
/// [`EnrolmentError`] says what to look at; nothing is half done.
pub async fn enrol(
    store: &SqliteStore,
    provision: &Provision,
    switch: Switch,
    clock: Clock,
) -> Result<(), EnrolmentError> {
    let wrong = |error: sync_core::enrolment::CodeError| EnrolmentError::Refused(error.to_string());
    let code = OneTimeCode::parse(&provision.code).map_err(wrong)?;
    let stretched = stretch(&code, &provision.slot)?;
    let request = store
        .begin_enrolment(provision.slot.clone(), stretched, age_keys(), clock.now())
        .await?;
    let ca = decoded(&provision.ca)?;
    let target = HttpsTarget {
        address: provision.hub.clone(),
        server_name: provision.server_name.clone(),
        endpoint: Endpoint::Enrol,
    };
    let mut link = HttpsLink::new(target, tls::client(&ca, None, time_source(clock))?, switch);
    let answer = link.round(request, false).await?;
    let response = EnrolResponse::decode(&answer.body)?;
    let identity = AgeIdentity::parse(&store.enrolment_identity()?)?;
    let roots = Roots::decode(&identity.open(&response.sealed_roots)?)?;
    let uplink = UplinkFile {
        hub: provision.hub.clone(),
        server_name: provision.server_name.clone(),
        ca: provision.ca.clone(),
        certificate: STANDARD.encode(&response.tls_certificate),
    };
    store.finish_enrolment(response, roots, clock.now()).await?;
    uplink.write(&store.folder())
}
