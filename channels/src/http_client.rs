//! The way to an aggregator's HTTP API: TLS 1.3 with given roots, or plain to a loopback address.
//!
//! One [`HttpClient`] knows one address. It follows no redirect, repeats nothing, asks no proxy,
//! and reads bounded answers. Logs name neither address nor body. What an answer means is not
//! decided here.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Client, Url};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use channels_core::http_body::BODY_OCTETS_MAX;

/// Longest time for address look-up, TCP and TLS together; after it nothing was sent.
pub const CONNECT_WAIT_MAX: Duration = Duration::from_secs(10);
/// Most certificates of a roots file; further ones are not read.
pub const ROOTS_MAX: usize = 64;

/// Why an address cannot be called; surfaces at start.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// Neither https nor http to a loopback address, or with a user name in it.
    #[error("the address must be https, or http to a loopback address, without a user name")]
    Url,
    /// No or unreadable certificates.
    #[error("https needs a PEM file with the roots of the peer's chain")]
    Roots,
    /// The TLS library refused the configuration.
    #[error("the TLS configuration was refused")]
    Tls(#[source] rustls::Error),
    /// The HTTP library refused the configuration.
    #[error("the HTTP client was refused")]
    Client(#[source] reqwest::Error),
}

/// Why no answer came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CallFailure {
    /// Nothing left this machine.
    NotSent,
    /// The request may have been carried out.
    Unknown,
}

/// One request.
#[derive(Clone)]
pub struct Request {
    /// Media type of the body.
    pub media_type: &'static str,
    /// The body.
    pub body: String,
    /// One more header, such as the one with a key; never logged.
    pub header: Option<(HeaderName, HeaderValue)>,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Request({} octets)", self.body.len())
    }
}

/// One answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Its body; empty when it was longer than any answer of an aggregator.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Answer({}, {} octets)", self.status, self.body.len())
    }
}

impl Answer {
    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// The way to one address.
#[derive(Clone)]
pub struct HttpClient {
    client: Client,
    url: Url,
}

impl std::fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HttpClient")
    }
}

impl HttpClient {
    /// Checks address and roots; opens no connection.
    ///
    /// # Errors
    /// [`TargetError`] says what is wrong.
    pub fn new(url: &str, roots_pem: &str, timeout: Duration) -> Result<Self, TargetError> {
        let url = checked(url)?;
        let tls = tls_config(roots_pem, url.scheme() == "https")?;
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .http1_only()
            .connect_timeout(CONNECT_WAIT_MAX.min(timeout))
            .timeout(timeout)
            .build()
            .map_err(TargetError::Client)?;
        Ok(Self { client, url })
    }

    /// Posts a body and reads the answer.
    ///
    /// # Errors
    /// [`CallFailure`] says whether the request may have arrived.
    pub async fn post(&self, request: Request) -> Result<Answer, CallFailure> {
        let mut call = self
            .client
            .post(self.url.clone())
            .header(CONTENT_TYPE, request.media_type)
            .header(reqwest::header::ACCEPT, "application/json")
            .body(request.body);
        if let Some((name, mut value)) = request.header {
            value.set_sensitive(true);
            call = call.header(name, value);
        }
        let response = match call.send().await {
            Ok(response) => response,
            Err(error) if error.is_builder() || error.is_connect() => {
                return Err(CallFailure::NotSent);
            }
            Err(_) => return Err(CallFailure::Unknown),
        };
        let status = response.status().as_u16();
        let body = read(response).await.ok_or(CallFailure::Unknown)?;
        Ok(Answer { status, body })
    }
}

/// `None` when the answer broke off.
async fn read(mut response: reqwest::Response) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        if body.len().saturating_add(chunk.len()) > BODY_OCTETS_MAX {
            return Some(Vec::new());
        }
        body.extend_from_slice(&chunk);
    }
    Some(body)
}

fn checked(url: &str) -> Result<Url, TargetError> {
    let url = Url::parse(url).ok().ok_or(TargetError::Url)?;
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let local = host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    let secured = url.scheme() == "https" || (url.scheme() == "http" && local);
    let anonymous = url.username().is_empty() && url.password().is_none();
    if secured && anonymous {
        Ok(url)
    } else {
        Err(TargetError::Url)
    }
}

/// TLS 1.3 and nothing else, with the roots of this peer and nobody else's.
fn tls_config(roots_pem: &str, needed: bool) -> Result<rustls::ClientConfig, TargetError> {
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(roots_pem.as_bytes()).take(ROOTS_MAX) {
        let added = certificate.ok().and_then(|root| roots.add(root).ok());
        if added.is_none() {
            return Err(TargetError::Roots);
        }
    }
    if needed && roots.is_empty() {
        return Err(TargetError::Roots);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(TargetError::Tls)?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, roots: &str, good: bool) {
        let client = HttpClient::new(url, roots, Duration::from_secs(1));
        assert_eq!(client.is_ok(), good, "{url}");
    }

    #[test]
    fn only_tls_with_roots_or_a_loopback_address_is_called() {
        check("http://127.0.0.1:9/send", "", true);
        check("http://[::1]:9/send", "", true);
        check("http://192.0.2.1/send", "", false);
        check("http://localhost/send", "", false);
        check("https://api.example/send", "", false);
        check("https://api.example/send", "no certificate", false);
        check("http://user:pass@127.0.0.1/send", "", false);
        check("ftp://127.0.0.1/", "", false);
        check("send", "", false);
    }

    #[tokio::test]
    async fn a_port_that_nobody_serves_is_not_sent() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let client =
            HttpClient::new(&format!("http://{address}/"), "", Duration::from_secs(5)).unwrap();
        let request = Request {
            media_type: "application/json",
            body: "{}".to_owned(),
            header: None,
        };
        assert_eq!(client.post(request).await, Err(CallFailure::NotSent));
    }
}
