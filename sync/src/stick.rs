//! A stick: bundles as files below the folder `OUTPOST` of a medium that any hand may have touched.
//!
//! Every folder and file is opened from the one above it, never over a link and never by a name
//! that was read: names are matched against the pattern of `sync_core::bundle` and built from it.
//! Only regular files are opened. A file counts as written once it was synced, renamed, its folder
//! synced, and its bytes read back from the medium and compared; before that it is told as not
//! copied, and what was there before is untouched. Nothing here looks into a bundle: [`sealed`]
//! opens one.

pub mod listing;
pub mod sealed;

use std::ffi::CString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rustix::fs::{
    Advice, AtFlags, FileType, Mode, OFlags, fadvise, fstat, fstatvfs, mkdirat, openat, renameat,
    statat, unlinkat,
};
use sync_core::bundle::{BundleError, BundleName, FILE_BYTES_MAX, FOLDER};

pub use listing::{Found, Listing, PassedOver};

/// Bytes that are compared at a time when a file is read back.
const COMPARED_BYTES: usize = 64 * 1024;

/// Why a file of a stick cannot be used. No variant names anything that was found on the stick.
#[derive(Debug, thiserror::Error)]
pub enum StickError {
    /// Reading or writing failed; also a stick that was pulled.
    #[error("failed to use the stick: {0}")]
    Io(#[from] io::Error),
    /// No room is left; nothing that counts was written.
    #[error("the stick is full")]
    Full,
    /// The medium cannot be written to.
    #[error("the stick is read-only")]
    ReadOnly,
    /// A folder, a link or a device in the place of a file.
    #[error("not a regular file")]
    NotRegular,
    /// Nothing is in it.
    #[error("the file is empty")]
    Empty,
    /// Over [`FILE_BYTES_MAX`].
    #[error("the file has {got} bytes, over its limit of {limit}")]
    TooLarge {
        /// Bytes.
        limit: u64,
        /// Bytes.
        got: u64,
    },
    /// A bundle of this name is there already.
    #[error("a bundle of this number is on the stick already")]
    Exists,
    /// What was read back is not what was written.
    #[error("the stick does not give back what was written")]
    NotVerified,
    /// Not a sealed file, or its beginning is damaged.
    #[error("the file is no sealed bundle: {0}")]
    NoSeal(String),
    /// Sealed with a passphrase, which is refused.
    #[error("the file is sealed with a passphrase, not to a key")]
    Passphrase,
    /// Sealed to others.
    #[error("the file is not sealed to us")]
    NotOurs,
    /// Not a recipient of age.
    #[error("no recipient to seal to: {0}")]
    Recipient(String),
    /// The sealed bytes were changed or end too early; what came before them is as it was written.
    #[error("the file is damaged")]
    Damaged,
    /// What is inside is no bundle, or ends too early.
    #[error(transparent)]
    Bundle(#[from] BundleError),
}

impl From<rustix::io::Errno> for StickError {
    fn from(number: rustix::io::Errno) -> Self {
        use rustix::io::Errno;
        match number {
            Errno::NOSPC | Errno::DQUOT | Errno::FBIG => Self::Full,
            Errno::ROFS | Errno::ACCESS | Errno::PERM => Self::ReadOnly,
            Errno::LOOP | Errno::NOTDIR | Errno::ISDIR => Self::NotRegular,
            other => Self::Io(other.into()),
        }
    }
}

/// A mounted stick, or any folder in its place.
#[derive(Debug)]
pub struct Stick {
    root: OwnedFd,
    /// Bytes that all bundles on it may have together.
    quota: Option<u64>,
}

impl Stick {
    /// Opens the folder at which a stick is mounted.
    ///
    /// # Errors
    /// `Io` when it is no folder.
    pub fn open(folder: &Path) -> Result<Self, StickError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = rustix::fs::open(folder, flags, Mode::empty()).map_err(io::Error::from)?;
        Ok(Self { root, quota: None })
    }

    /// The same stick, of which all bundles together use no more than `bytes`; room that others
    /// need stays free.
    #[must_use]
    pub fn with_quota(self, bytes: u64) -> Self {
        let quota = Some(bytes);
        Self { quota, ..self }
    }

    /// Bytes that are free for us.
    ///
    /// # Errors
    /// `Io`.
    pub fn room(&self) -> Result<u64, StickError> {
        let about = fstatvfs(&self.root)?;
        let free = about.f_bavail.saturating_mul(about.f_frsize);
        let Some(quota) = self.quota else {
            return Ok(free);
        };
        let used: u64 = self.list()?.found.iter().map(|found| found.bytes).sum();
        Ok(free.min(quota.saturating_sub(used)))
    }

    /// Opens a bundle for reading.
    ///
    /// # Errors
    /// `NotRegular`, `Empty`, `TooLarge`, `Io`.
    pub fn read(&self, name: &BundleName) -> Result<File, StickError> {
        let folder = self.folder(name)?;
        let file = open_regular(&folder, &name.file())?;
        let got = file.metadata()?.len();
        match got {
            0 => Err(StickError::Empty),
            got if got > FILE_BYTES_MAX => {
                let limit = FILE_BYTES_MAX;
                Err(StickError::TooLarge { limit, got })
            }
            _ => Ok(file),
        }
    }

    /// Writes a bundle; when this returns, it is on the medium.
    ///
    /// # Errors
    /// `Full`, `ReadOnly`, `Exists`, `NotVerified`, `Io`: the bundle does not count as copied, and
    /// every other file is as it was.
    pub fn write(&self, name: &BundleName, bytes: &[u8]) -> Result<(), StickError> {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if self.quota.is_some() && self.room()? < length {
            return Err(StickError::Full);
        }
        self.write_from(name, &mut &*bytes)?;
        let mut written = self.read(name)?;
        let is_same = same(&mut written, &mut &*bytes)?;
        is_same.then_some(()).ok_or(StickError::NotVerified)
    }

    /// Copies a bundle of anybody from another stick, as it is.
    ///
    /// # Errors
    /// Those of [`Self::read`] there and of [`Self::write`] here.
    pub fn carry(&self, from: &Self, name: &BundleName) -> Result<(), StickError> {
        self.write_from(name, &mut from.read(name)?)?;
        let is_same = same(&mut self.read(name)?, &mut from.read(name)?)?;
        is_same.then_some(()).ok_or(StickError::NotVerified)
    }

    /// Removes a bundle; one that is not there is no failure.
    ///
    /// # Errors
    /// `ReadOnly`, `Io`.
    pub fn remove(&self, name: &BundleName) -> Result<(), StickError> {
        let folder = self.folder(name)?;
        match unlinkat(&folder, name.file(), AtFlags::empty()) {
            Ok(()) | Err(rustix::io::Errno::NOENT) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn write_from(&self, name: &BundleName, from: &mut dyn Read) -> Result<(), StickError> {
        let folder = self.made_folder(name)?;
        let (file, temporary) = (name.file(), format!("{}.tmp", name.file()));
        if statat(&folder, &file, AtFlags::SYMLINK_NOFOLLOW).is_ok() {
            return Err(StickError::Exists);
        }
        // Whatever lies there is a copy of ours that was cut; a link would be removed, not followed.
        match unlinkat(&folder, &temporary, AtFlags::empty()) {
            Ok(()) | Err(rustix::io::Errno::NOENT) => {}
            Err(error) => return Err(error.into()),
        }
        let written = write_synced(&folder, &temporary, from)
            .and_then(|()| Ok(renameat(&folder, &temporary, &folder, &file)?));
        if let Err(error) = written {
            // Frees the room; on a stick that was pulled the next copy does it.
            if let Err(left) = unlinkat(&folder, &temporary, AtFlags::empty()) {
                tracing::debug!(error = %left, "a cut copy stays on the stick");
            }
            return Err(error);
        }
        sync_folder(&folder)
    }

    fn folder(&self, name: &BundleName) -> Result<OwnedFd, StickError> {
        let [hub, to, _file] = name.parts();
        let mut folder = open_folder(&self.root, FOLDER)?;
        for part in [hub, to] {
            folder = open_folder(&folder, &part)?;
        }
        Ok(folder)
    }

    fn made_folder(&self, name: &BundleName) -> Result<OwnedFd, StickError> {
        let [hub, to, _file] = name.parts();
        let mut folder = make_folder(&self.root, FOLDER)?;
        for part in [hub, to] {
            folder = make_folder(&folder, &part)?;
        }
        Ok(folder)
    }
}

fn make_folder(above: &OwnedFd, name: &str) -> Result<OwnedFd, StickError> {
    match mkdirat(above, name, Mode::RWXU | Mode::RGRP | Mode::XGRP) {
        Ok(()) => sync_folder(above)?,
        Err(rustix::io::Errno::EXIST) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(open_folder(above, name)?)
}

/// Opens a folder below another one; a link in its place fails.
fn open_folder(above: impl AsFd, name: &str) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(above, name, flags, Mode::empty())
}

/// Opens a regular file; a device or a pipe in its place is not waited for.
fn open_regular(folder: &OwnedFd, name: &str) -> Result<File, StickError> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = openat(folder, name, flags, Mode::empty())?;
    match FileType::from_raw_mode(fstat(&file)?.st_mode) {
        FileType::RegularFile => Ok(File::from(file)),
        _ => Err(StickError::NotRegular),
    }
}

fn write_synced(folder: &OwnedFd, name: &str, from: &mut dyn Read) -> Result<(), StickError> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let name = CString::new(name).map_err(io::Error::from)?;
    let file = openat(folder, &*name, flags, Mode::RUSR | Mode::WUSR | Mode::RGRP)?;
    let mut file = File::from(file);
    let copied = io::copy(from, &mut file)
        .and_then(|_bytes| file.flush())
        .and_then(|()| file.sync_all());
    copied.map_err(|error| {
        let number = rustix::io::Errno::from_io_error(&error);
        number.map_or(StickError::Io(error), StickError::from)
    })?;
    // So that reading back asks the medium and not the memory; where that has no effect, nothing
    // is lost but this proof.
    if let Err(error) = fadvise(&file, 0, None, Advice::DontNeed) {
        tracing::debug!(error = %error, "what is read back may come from memory");
    }
    Ok(())
}

/// Syncs a folder; file systems that cannot do it say so and are taken as they are.
fn sync_folder(folder: &OwnedFd) -> Result<(), StickError> {
    match rustix::fs::fsync(folder) {
        Ok(()) | Err(rustix::io::Errno::INVAL) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn same(left: &mut dyn Read, right: &mut dyn Read) -> io::Result<bool> {
    loop {
        let (left, right) = (piece(left)?, piece(right)?);
        if left != right {
            return Ok(false);
        }
        if left.is_empty() {
            return Ok(true);
        }
    }
}

fn piece(from: &mut dyn Read) -> io::Result<Vec<u8>> {
    let limit = u64::try_from(COMPARED_BYTES).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    from.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
