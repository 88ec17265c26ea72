//! The serial port with its lock, the board's help, and the mark that a PIN was tried.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use channels_core::modem::Step;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;
use tokio_serial::{SerialPort, SerialPortBuilderExt, SerialStream};

use super::{Board, ModemConfig};

/// Longest wait for a write, in seconds: a port that takes nothing is as good as gone.
const WRITE_S_MAX: u64 = 5;
/// Longest time for the board's command, in seconds; then it is killed.
const BOARD_S_MAX: u64 = 60;
/// Octets that are read at once.
const READ_OCTETS: usize = 1_024;

/// An open port. It has one owner: a lock file between processes, and the port's exclusive mode.
#[derive(Debug)]
pub(super) struct Port {
    stream: SerialStream,
    _lock: File,
}

/// Opens a port.
///
/// # Errors
/// A port that is not there, or that somebody else holds.
pub(super) async fn open(config: ModemConfig) -> io::Result<Port> {
    let lock = lock_path(&config.folder, &config.port);
    let locked = tokio::task::spawn_blocking(move || lock_file(&lock)).await;
    let lock = locked.map_err(io::Error::other)??;
    let name = config.port.to_string_lossy().into_owned();
    let mut stream = tokio_serial::new(name, config.baud).open_native_async()?;
    stream.set_exclusive(true)?;
    stream.clear(tokio_serial::ClearBuffer::All)?;
    Ok(Port {
        stream,
        _lock: lock,
    })
}

/// `LCK..ttyUSB0`, by the device that the port's name leads to.
fn lock_path(folder: &Path, port: &Path) -> PathBuf {
    let device = port
        .canonicalize()
        .unwrap_or_else(|_absent| port.to_owned());
    let name = device.to_string_lossy().replace(['/', '\\'], "_");
    folder.join(format!("LCK..{}", name.trim_start_matches("_dev_")))
}

fn lock_file(path: &Path) -> io::Result<File> {
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let text = "the port has an owner already";
            Err(io::Error::new(io::ErrorKind::AddrInUse, text))
        }
        Err(TryLockError::Error(error)) => Err(error),
    }
}

impl Port {
    /// Reads what came; an end or an error means that the port is gone. Cancel safe.
    pub(super) async fn read(&mut self) -> io::Result<Vec<u8>> {
        let mut octets = [0; READ_OCTETS];
        let count = self.stream.read(&mut octets).await?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(octets.get(..count).unwrap_or_default().to_vec())
    }

    pub(super) async fn write(&mut self, octets: &[u8]) -> io::Result<()> {
        let limit = Duration::from_secs(WRITE_S_MAX);
        match timeout(limit, self.stream.write_all(octets)).await {
            Ok(written) => written,
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }
}

/// Asks the board for a step; false when it has no way to do it.
pub(super) async fn help(board: Board, step: Step) -> io::Result<bool> {
    let word = word(step);
    if let Some(file) = board.file {
        tokio::fs::write(file, word).await?;
        return Ok(true);
    }
    let Some((program, arguments)) = board.command.split_first() else {
        return Ok(false);
    };
    let mut child = tokio::process::Command::new(program)
        .args(arguments)
        .arg(word)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    match timeout(Duration::from_secs(BOARD_S_MAX), child.wait()).await {
        Ok(Ok(ended)) if ended.success() => Ok(true),
        Ok(Ok(_)) => Err(io::Error::other("the command did not succeed")),
        Ok(Err(error)) => Err(error),
        Err(_) => Err(io::ErrorKind::TimedOut.into()),
    }
}

fn word(step: Step) -> &'static str {
    match step {
        Step::Reset => "reset",
        Step::PowerCut => "power-cut",
        _ => "rebind",
    }
}

/// Where it is written that a PIN was tried and its success is not known.
pub(super) fn pin_mark(config: &ModemConfig) -> PathBuf {
    config
        .folder
        .join(format!("modem-{}.pin-tried", config.name))
}

/// Writes the mark durably, before the PIN is tried.
pub(super) async fn mark_pin(path: PathBuf) -> io::Result<()> {
    let written = tokio::task::spawn_blocking(move || {
        let file = File::create(&path)?;
        file.sync_all()?;
        let folder = path.parent().map(File::open).transpose()?;
        folder.map_or(Ok(()), |folder| folder.sync_all())
    });
    written.await.map_err(io::Error::other)?
}
