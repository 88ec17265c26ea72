//! One pseudo-terminal, in raw mode, read and written without blocking.

use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::pty::OpenptFlags;
use rustix::termios::OptionalActions;
use tokio::net::unix::pipe::{Receiver, Sender};
use tokio::time::timeout;

/// Octets that are read at once.
const READ_OCTETS: usize = 1_024;
/// Longest wait for a client that does not read, in milliseconds; then what the modem says is
/// lost, as on a serial line.
const WRITE_MS_MAX: u64 = 500;

/// The modem's end of the terminal.
#[derive(Debug)]
pub(super) struct Pty {
    from_client: Receiver,
    to_client: Sender,
    /// Held, so that the terminal lives while no client has it open.
    _client: OwnedFd,
    path: PathBuf,
    link: Option<PathBuf>,
}

impl Pty {
    /// Opens a new one and points the link at it.
    pub(super) fn open(link: Option<&Path>) -> io::Result<Self> {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let modem = rustix::pty::openpt(flags)?;
        rustix::pty::grantpt(&modem)?;
        rustix::pty::unlockpt(&modem)?;
        let name = rustix::pty::ptsname(&modem, Vec::new())?;
        let path = PathBuf::from(OsString::from_vec(name.into_bytes()));
        let client = rustix::pty::ioctl_tiocgptpeer(&modem, flags)?;
        let mut modes = rustix::termios::tcgetattr(&client)?;
        modes.make_raw();
        rustix::termios::tcsetattr(&client, OptionalActions::Now, &modes)?;
        rustix::io::ioctl_fionbio(&modem, true)?;
        if let Some(link) = link {
            point(link, &path)?;
        }
        // Tokio's pipes wait for any descriptor that does not block; a terminal is read like one.
        let writer = modem.try_clone()?;
        Ok(Self {
            from_client: Receiver::from_owned_fd_unchecked(modem)?,
            to_client: Sender::from_owned_fd_unchecked(writer)?,
            _client: client,
            path,
            link: link.map(Path::to_owned),
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What the client wrote. Cancel safe: octets are taken only when they are returned.
    pub(super) async fn read(&self) -> Vec<u8> {
        loop {
            let mut octets = [0; READ_OCTETS];
            if self.from_client.readable().await.is_err() {
                return Vec::new();
            }
            if let Ok(count) = self.from_client.try_read(&mut octets) {
                return octets.get(..count).unwrap_or_default().to_vec();
            }
        }
    }

    /// Writes what fits; the rest waits for the client a moment and is lost then.
    pub(super) async fn write(&self, octets: &[u8]) {
        let mut rest = octets;
        while !rest.is_empty() {
            let limit = Duration::from_millis(WRITE_MS_MAX);
            let Ok(Ok(())) = timeout(limit, self.to_client.writable()).await else {
                return;
            };
            match self.to_client.try_write(rest) {
                Ok(count) => rest = rest.get(count..).unwrap_or_default(),
                // Not ready after all: wait again.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return,
            }
        }
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        if let Some(link) = &self.link
            && let Err(error) = std::fs::remove_file(link)
        {
            tracing::debug!(%error, "the link was gone already");
        }
    }
}

/// Makes a link, in place of one that was there before.
fn point(link: &Path, target: &Path) -> io::Result<()> {
    let beside = link.with_extension("new");
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    std::os::unix::fs::symlink(target, &beside)?;
    std::fs::rename(&beside, link)
}
