//! The connection under a session, TCP or TLS over it: bounded reads, writes with a time limit.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

/// Octets taken from the socket at a time.
const READ_OCTETS_MAX: usize = 16_384;
/// Longest wait for a peer that does not read, in seconds; then the connection is given up.
const WRITE_S_MAX: u64 = 10;

/// A connection that is up.
pub(crate) enum Stream {
    /// To a loopback address only.
    Plain(TcpStream),
    /// TLS 1.3.
    Tls(Box<TlsStream<TcpStream>>),
}

/// A connection, or none.
#[derive(Default)]
pub(crate) struct Wire {
    stream: Option<Stream>,
}

impl Stream {
    fn tcp(&self) -> &TcpStream {
        match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => stream.get_ref().0,
        }
    }

    async fn read(&mut self, octets: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(octets).await,
            Self::Tls(stream) => stream.read(octets).await,
        }
    }

    async fn write_all(&mut self, octets: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.write_all(octets).await,
            Self::Tls(stream) => {
                stream.write_all(octets).await?;
                // TLS keeps a record back until it is told that nothing follows.
                stream.flush().await
            }
        }
    }

    async fn shutdown(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.shutdown().await,
            Self::Tls(stream) => stream.shutdown().await,
        }
    }
}

impl Wire {
    pub(crate) fn open(&mut self, stream: Stream) {
        // One PDU is one small packet and a person waits for it; the default only costs time.
        if let Err(error) = stream.tcp().set_nodelay(true) {
            tracing::debug!(%error, "cannot switch off delayed sending");
        }
        self.stream = Some(stream);
    }

    pub(crate) fn is_open(&self) -> bool {
        self.stream.is_some()
    }

    /// The next octets; `None` when the connection ended, which also forgets it.
    ///
    /// Cancel safe: `read` gives all that it takes, and TLS keeps unfinished records to itself.
    /// Without a connection it never ends.
    pub(crate) async fn read(&mut self) -> Option<Vec<u8>> {
        let Some(stream) = &mut self.stream else {
            return std::future::pending().await;
        };
        let mut octets = vec![0; READ_OCTETS_MAX];
        match stream.read(&mut octets).await {
            Ok(count) if count > 0 => {
                octets.truncate(count);
                Some(octets)
            }
            Ok(_) | Err(_) => {
                self.stream = None;
                None
            }
        }
    }

    /// Writes all of it, or forgets the connection.
    ///
    /// # Errors
    /// When there is no connection, or the peer does not read in time.
    pub(crate) async fn write(&mut self, octets: &[u8]) -> io::Result<()> {
        let Some(stream) = &mut self.stream else {
            return Err(io::ErrorKind::NotConnected.into());
        };
        let limit = Duration::from_secs(WRITE_S_MAX);
        let written = match timeout(limit, stream.write_all(octets)).await {
            Ok(written) => written,
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        };
        if written.is_err() {
            self.stream = None;
        }
        written
    }

    /// Closes after what was written.
    pub(crate) async fn close(&mut self) {
        let Some(mut stream) = self.stream.take() else {
            return;
        };
        let limit = Duration::from_secs(WRITE_S_MAX);
        if let Ok(Err(error)) = timeout(limit, stream.shutdown()).await {
            tracing::debug!(%error, "connection was gone before it was closed");
        }
    }
}
