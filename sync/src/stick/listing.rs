//! What lies on a stick: bundles by their names, and how many other things were passed over.
//!
//! Folders are read entry by entry and only as far as the limits go; nothing is opened that is not
//! of the pattern. A name that is none of ours is counted and never shown: it may be anything.

use std::os::fd::OwnedFd;

use rustix::fs::{AtFlags, Dir, FileType, statat};
use sync_core::bundle::{BundleName, FILES_MAX, FOLDER};

use super::{Stick, StickError, open_folder};

/// Entries of one folder that are looked at; further ones are left and told.
pub const ENTRIES_MAX: usize = 4_096;
/// Folders of networks or receivers on one stick that are looked at; further ones are left and told.
pub const FOLDERS_MAX: usize = 512;

/// A bundle on a stick.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Found {
    /// What its name says.
    pub name: BundleName,
    /// Length of the file in bytes.
    pub bytes: u64,
}

/// Why entries were passed over.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct PassedOver {
    /// Names that are not of the pattern, temporary files of cut copies among them.
    pub strange_names: usize,
    /// Links, folders and devices under a bundle's name, or links in the place of a folder.
    pub not_regular: usize,
    /// Bundles beyond [`FILES_MAX`], or folders and entries beyond their limits.
    pub too_many: usize,
}

/// What lies on a stick.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Listing {
    /// Bundles by network, receiver, direction, sender, life and number.
    pub found: Vec<Found>,
    /// What is not among them.
    pub passed_over: PassedOver,
}

impl Stick {
    /// Lists the bundles; a stick without our folder has none.
    ///
    /// # Errors
    /// `Io` when the stick cannot be read; single strange entries are passed over.
    pub fn list(&self) -> Result<Listing, StickError> {
        let mut listing = Listing::default();
        let folder = match open_folder(&self.root, FOLDER) {
            Ok(folder) => folder,
            Err(rustix::io::Errno::NOENT) => return Ok(listing),
            Err(error) => return Err(error.into()),
        };
        let mut folders = 0_usize;
        for hub in listing.names(&folder)? {
            let Some(of_hub) = listing.folder(&folder, &hub, &mut folders)? else {
                continue;
            };
            for to in listing.names(&of_hub)? {
                if let Some(of_receiver) = listing.folder(&of_hub, &to, &mut folders)? {
                    listing.bundles(&of_receiver, &hub, &to)?;
                }
            }
        }
        listing.found.sort();
        Ok(listing)
    }
}

impl Listing {
    /// The names in a folder, in order; those that are no text are passed over.
    fn names(&mut self, folder: &OwnedFd) -> Result<Vec<String>, StickError> {
        let mut names = Vec::new();
        for entry in Dir::read_from(folder)? {
            let entry = entry?;
            match entry.file_name().to_str() {
                Ok("." | "..") => {}
                Ok(_) if names.len() >= ENTRIES_MAX => {
                    self.passed_over.too_many = self.passed_over.too_many.saturating_add(1);
                    break;
                }
                Ok(name) => names.push(name.to_owned()),
                Err(_no_text) => self.strange(),
            }
        }
        names.sort();
        Ok(names)
    }

    /// A folder below another, unless it is none or one too many.
    fn folder(
        &mut self,
        above: &OwnedFd,
        name: &str,
        count: &mut usize,
    ) -> Result<Option<OwnedFd>, StickError> {
        let is_number = name.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_number {
            self.strange();
            return Ok(None);
        }
        *count = count.saturating_add(1);
        if *count > FOLDERS_MAX {
            self.passed_over.too_many = self.passed_over.too_many.saturating_add(1);
            return Ok(None);
        }
        match open_folder(above, name) {
            Ok(folder) => Ok(Some(folder)),
            Err(rustix::io::Errno::LOOP | rustix::io::Errno::NOTDIR) => {
                self.not_regular();
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn bundles(&mut self, folder: &OwnedFd, hub: &str, to: &str) -> Result<(), StickError> {
        for file in self.names(folder)? {
            let Some(name) = BundleName::parse(hub, to, &file) else {
                self.strange();
                continue;
            };
            let status = statat(folder, &file, AtFlags::SYMLINK_NOFOLLOW)?;
            if FileType::from_raw_mode(status.st_mode) != FileType::RegularFile {
                self.not_regular();
            } else if self.found.len() >= FILES_MAX {
                self.passed_over.too_many = self.passed_over.too_many.saturating_add(1);
            } else {
                let bytes = u64::try_from(status.st_size).unwrap_or(0);
                self.found.push(Found { name, bytes });
            }
        }
        Ok(())
    }

    fn strange(&mut self) {
        self.passed_over.strange_names = self.passed_over.strange_names.saturating_add(1);
    }

    fn not_regular(&mut self) {
        self.passed_over.not_regular = self.passed_over.not_regular.saturating_add(1);
    }
}
