//! Address, identity and trust of one upstream, checked before the first request.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// Most certificates read from one set of roots; more are refused at start.
const ROOTS_MAX: usize = 64;

/// Where an upstream is and how it is spoken to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UpstreamConfig {
    /// Its name in settings and logs, such as `registries`.
    pub name: String,
    /// Scheme, host and port: `https` anywhere, `http` to a loopback address only.
    pub url: String,
    /// Straight to the peer, or through the local security server.
    pub route: Route,
    /// Between service and operation, such as `/v1`; may be empty.
    pub base_path: String,
    /// How the client header is called.
    pub client_header: HeaderFamily,
    /// Who we are: `INSTANCE/CLASS/MEMBER/SUBSYSTEM`.
    pub client: String,
    /// How we prove it.
    pub auth: Auth,
    /// Longest time for one whole request.
    pub timeout: Duration,
    /// Certificates that the peer's chain may end in, PEM; required for `https`.
    pub roots_pem: String,
}

/// Straight to the peer, or through the local security server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Route {
    /// `url + base_path + operation`.
    Direct,
    /// `url + /r1/ + service + base_path + operation`.
    R1 {
        /// `INSTANCE/CLASS/MEMBER/APPLICATION/SERVICE`.
        service: String,
    },
}

/// How the client header is called; its value is always `INSTANCE/CLASS/MEMBER/SUBSYSTEM`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HeaderFamily {
    /// `Information-Mediator-Client`: Registries and Registration files.
    InformationMediator,
    /// `X-GovStack-Client`: Information Mediator files.
    GovStack,
    /// `X-Road-Client`: the GovStack sandbox and any X-Road security server.
    XRoad,
    /// Not sent.
    None,
}

impl HeaderFamily {
    /// The header's name in lower case, `None` when it is not sent.
    pub fn header(self) -> Option<&'static str> {
        match self {
            Self::InformationMediator => Some("information-mediator-client"),
            Self::GovStack => Some("x-govstack-client"),
            Self::XRoad => Some("x-road-client"),
            Self::None => None,
        }
    }
}

/// How we prove who we are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Auth {
    /// Not at all: the security server does it.
    None,
    /// `Authorization: Bearer …`.
    Bearer(Secret),
    /// `Authorization: ApiKey …`.
    ApiKey(Secret),
}

/// A token or key; `Debug` shows none of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl core::fmt::Debug for Secret {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "[secret]")
    }
}

/// Why an upstream cannot be used; surfaces at start.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Not an address.
    #[error("url of upstream `{name}` is not an address")]
    Url {
        /// Upstream.
        name: String,
    },
    /// Plain HTTP to another machine, or another scheme.
    #[error("url of upstream `{name}` must be https, or http to a loopback address")]
    Plain {
        /// Upstream.
        name: String,
    },
    /// A part of the path or the client's name is malformed.
    #[error("{key} of upstream `{name}` must look like {form}")]
    Form {
        /// Upstream.
        name: String,
        /// Which setting.
        key: &'static str,
        /// How it must look.
        form: &'static str,
    },
    /// Secret with characters that no header carries.
    #[error("secret of upstream `{name}` holds characters that no header carries")]
    Secret {
        /// Upstream.
        name: String,
    },
    /// No usable roots for `https`.
    #[error("roots of upstream `{name}` hold no certificate, or one that cannot be read")]
    Roots {
        /// Upstream.
        name: String,
    },
    /// TLS could not be set up.
    #[error("TLS of upstream `{name}` could not be set up")]
    Tls {
        /// Upstream.
        name: String,
        /// Cause.
        #[source]
        source: rustls::Error,
    },
    /// The HTTP client could not be made.
    #[error("HTTP client of upstream `{name}` could not be made")]
    Client {
        /// Upstream.
        name: String,
        /// Cause.
        #[source]
        source: reqwest::Error,
    },
}

pub(super) fn checked_url(config: &UpstreamConfig) -> Result<Url, ConfigError> {
    let name = || config.name.clone();
    let Ok(url) = Url::parse(&config.url) else {
        return Err(ConfigError::Url { name: name() });
    };
    let loopback = url
        .host_str()
        .map(|host| host.trim_start_matches('[').trim_end_matches(']'))
        .and_then(|host| host.parse::<IpAddr>().ok())
        .is_some_and(|address| address.is_loopback());
    match url.scheme() {
        "https" => {}
        "http" if loopback => {}
        _ => return Err(ConfigError::Plain { name: name() }),
    }
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    if url.host_str().is_none() || !bare || !url.username().is_empty() || url.password().is_some() {
        return Err(ConfigError::Url { name: name() });
    }
    Ok(url)
}

/// Whether `text` is `parts` non-empty names joined by `/`.
pub(crate) fn is_member_path(text: &str, parts: usize) -> bool {
    text.split('/').count() == parts && text.split('/').all(is_path_word)
}

/// Whether `text` can stand between two slashes of a path as it is.
pub(crate) fn is_path_word(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (1..=64).contains(&text.len()) && text.chars().all(plain) && !text.chars().all(|c| c == '.')
}

pub(super) fn path_prefix(config: &UpstreamConfig) -> Result<String, ConfigError> {
    let form = |key, form| ConfigError::Form {
        name: config.name.clone(),
        key,
        form,
    };
    let base = config.base_path.trim_end_matches('/');
    let base_is_path = base.is_empty() || base.split('/').skip(1).all(is_path_word);
    if !base_is_path || !(base.is_empty() || base.starts_with('/')) {
        return Err(form("base_path", "/v1"));
    }
    match &config.route {
        Route::Direct => Ok(base.to_owned()),
        Route::R1 { service } if is_member_path(service, 5) => Ok(format!("/r1/{service}{base}")),
        Route::R1 { .. } => Err(form("service", "INSTANCE/CLASS/MEMBER/APPLICATION/SERVICE")),
    }
}

pub(super) fn fixed_headers(config: &UpstreamConfig) -> Result<HeaderMap, ConfigError> {
    let mut headers = HeaderMap::new();
    // Literally: an emulator in the field answers 501 to `*/*`.
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/json; charset=utf-8"),
    );
    if let Some(header) = config.client_header.header() {
        let client = HeaderValue::from_str(&config.client);
        let (Ok(client), true) = (client, is_member_path(&config.client, 4)) else {
            let form = "INSTANCE/CLASS/MEMBER/SUBSYSTEM";
            return Err(ConfigError::Form {
                name: config.name.clone(),
                key: "client",
                form,
            });
        };
        headers.insert(HeaderName::from_static(header), client);
    }
    let authorization = match &config.auth {
        Auth::None => return Ok(headers),
        Auth::Bearer(secret) => format!("Bearer {}", secret.0),
        Auth::ApiKey(secret) => format!("ApiKey {}", secret.0),
    };
    let Ok(mut value) = HeaderValue::from_str(&authorization) else {
        return Err(ConfigError::Secret {
            name: config.name.clone(),
        });
    };
    value.set_sensitive(true);
    headers.insert(AUTHORIZATION, value);
    Ok(headers)
}

/// TLS 1.3 and nothing else, with the roots of this upstream and nobody else's.
pub(super) fn tls_config(
    config: &UpstreamConfig,
    needed: bool,
) -> Result<rustls::ClientConfig, ConfigError> {
    let name = || config.name.clone();
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(config.roots_pem.as_bytes()).take(ROOTS_MAX) {
        let added = certificate
            .ok()
            .and_then(|certificate| roots.add(certificate).ok());
        if added.is_none() {
            return Err(ConfigError::Roots { name: name() });
        }
    }
    if needed && roots.is_empty() {
        return Err(ConfigError::Roots { name: name() });
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|source| ConfigError::Tls {
            name: name(),
            source,
        })?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
