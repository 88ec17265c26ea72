//! The TCP connection under a session: bounded reads, writes with a time limit.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Octets taken from the socket at a time.
const READ_OCTETS_MAX: usize = 16_384;
/// Longest wait for a peer that does not read, in seconds; then the connection is given up.
const WRITE_S_MAX: u64 = 10;

/// A connection, or none.
#[derive(Default)]
pub(crate) struct Wire {
    stream: Option<TcpStream>,
}

impl Wire {
    pub(crate) fn open(&mut self, stream: TcpStream) {
        // One PDU is one small packet and a person waits for it; the default only costs time.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot switch off delayed sending");
        }
        self.stream = Some(stream);
    }

    pub(crate) fn is_open(&self) -> bool {
        self.stream.is_some()
    }

    /// The next octets; `None` when the connection ended, which also forgets it.
    ///
    /// Cancel safe: `read` takes nothing from the socket unless it completes. Without a
    /// connection it never ends.
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
