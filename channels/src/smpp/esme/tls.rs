//! TLS 1.3 under a link: the server is known by its name and by roots that the settings name.
//!
//! A client certificate is not shown: the account's password proves who binds.

use std::fmt;
use std::io;
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::TLS13;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::EsmeError;

/// How a link knows its SMSC.
#[derive(Clone)]
pub struct TlsClient {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
}

impl TlsClient {
    /// Trusts servers called `name` whose chain ends in one of `roots` (PEM).
    ///
    /// # Errors
    /// [`EsmeError::Tls`] when the name is none, or no certificate can be read.
    pub fn try_new(name: &str, roots: &[u8]) -> Result<Self, EsmeError> {
        let name = ServerName::try_from(name.to_owned()).ok();
        let name = name.ok_or(EsmeError::Tls(
            "the server's name is neither name nor address",
        ))?;
        let mut store = RootCertStore::empty();
        for root in CertificateDer::pem_slice_iter(roots) {
            let root = root.ok().ok_or(EsmeError::Tls("the roots are not PEM"))?;
            let added = store.add(root).is_ok();
            if !added {
                return Err(EsmeError::Tls("a root is no certificate"));
            }
        }
        if store.is_empty() {
            return Err(EsmeError::Tls("the file of roots holds no certificate"));
        }
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&TLS13]);
        let builder = builder.ok().ok_or(EsmeError::Tls("TLS 1.3 is not there"))?;
        let config = builder.with_root_certificates(store).with_no_client_auth();
        Ok(Self {
            config: Arc::new(config),
            name,
        })
    }

    /// Shakes hands on a connection.
    pub(super) async fn connect(self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        TlsConnector::from(self.config)
            .connect(self.name, stream)
            .await
    }
}

impl PartialEq for TlsClient {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.config, &other.config) && self.name == other.name
    }
}

impl Eq for TlsClient {}

impl fmt::Debug for TlsClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TlsClient({:?})", self.name)
    }
}
