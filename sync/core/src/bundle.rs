//! Bundles: what one side has for another, in one file that any hand may carry.
//!
//! Layout: `docs/protocols/bundle.md`. A bundle is a manifest, signed by its sender, then a list
//! of closed boards, certificates, receipts and frames as their signers wrote them, then a hash of
//! it all. It is read in
//! pieces, and whole items before a damaged place are given out: each has its own signature. This
//! module neither seals nor opens files; that is the shell's, and so is what the items do.
//! This file is a format; a change raises the last byte of [`MARK`].

mod manifest;
mod name;
mod reader;
mod writer;

use core::fmt;

use crate::frame::FRAME_BYTES_MAX;

pub use manifest::{Manifest, SignedManifest};
pub use name::{BundleName, FOLDER};
pub use reader::{BundleReader, Part};
pub use writer::Draft;

/// First bytes of every bundle; the last one is the version.
pub const MARK: [u8; 4] = *b"OPB1";
/// Bytes of one file at most, sealed or opened; a longer one is refused unread.
pub const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Files of one stick that are looked at; further ones are left and told.
pub const FILES_MAX: usize = 256;
/// Bytes of a manifest with its signature; a longer one is refused.
pub const MANIFEST_BYTES_MAX: usize = 72 * 1024;
/// Chains of the sender's frontier in a manifest; further ones are left out, oldest lives first.
pub const HAVE_MAX: usize = 1_000;
/// Ranges that a manifest names; the writer ends the bundle there.
pub const RANGES_MAX: usize = 1_000;
/// Bytes of one item: the largest frame. A longer one is refused before its bytes are kept.
pub const ITEM_BYTES_MAX: usize = FRAME_BYTES_MAX;
/// Bytes that are given to a reader at a time; more are refused, so that memory is bounded.
pub const PIECE_BYTES_MAX: usize = 64 * 1024;
/// Bytes of an item before its body: kind and length.
pub const ITEM_HEAD_BYTES: usize = 5;

const CONTEXT: &[u8] = b"outpost.bundle.1";
const END_CONTEXT: &[u8] = b"outpost.bundle.end.1";

/// Which way a bundle goes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Direction {
    /// A node brings its news to its hub.
    News,
    /// A hub brings receipts and its own news to a node.
    Answer,
}

impl Direction {
    fn number(self) -> u8 {
        match self {
            Self::News => 0,
            Self::Answer => 1,
        }
    }

    fn parse(number: u8) -> Option<Self> {
        [Self::News, Self::Answer]
            .into_iter()
            .find(|direction| direction.number() == number)
    }
}

/// One thing in a bundle, as its signer wrote it. Nothing of it was checked.
#[derive(Clone, PartialEq, Eq)]
pub enum Item {
    /// A frame, for `frame::open`.
    Frame(Vec<u8>),
    /// A receipt, for `receipt::verify`.
    Receipt(Vec<u8>),
    /// A certificate of the receiver, for `certificate::verify`.
    Certificate(Vec<u8>),
    /// The revocation list, for `revocation::verify`.
    Revocations(Vec<u8>),
}

impl Item {
    /// The kind byte; the numbers are those of the session's messages where there is one.
    fn kind(&self) -> u8 {
        match self {
            Self::Certificate(_) => 1,
            Self::Frame(_) => 4,
            Self::Receipt(_) => 5,
            Self::Revocations(_) => 9,
        }
    }

    fn parse(kind: u8, body: Vec<u8>) -> Option<Self> {
        match kind {
            1 => Some(Self::Certificate(body)),
            4 => Some(Self::Frame(body)),
            5 => Some(Self::Receipt(body)),
            9 => Some(Self::Revocations(body)),
            _ => None,
        }
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Frame(bytes)
            | Self::Receipt(bytes)
            | Self::Certificate(bytes)
            | Self::Revocations(bytes) => bytes,
        }
    }
}

impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Item({}, {} bytes)", self.kind(), self.bytes().len())
    }
}

/// Why bytes are no bundle, or no whole one. What was given out before it stays valid.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BundleError {
    /// The first bytes are not [`MARK`].
    #[error("file is no bundle of this version")]
    Version,
    /// Over a length cap; nothing of it was kept.
    #[error("bundle's {field} has {got} bytes, over its limit of {limit}")]
    TooLarge {
        /// What.
        field: &'static str,
        /// Its limit in bytes.
        limit: u64,
        /// What was announced or given, in bytes.
        got: u64,
    },
    /// A field has a value or an encoding that it cannot have.
    #[error("bundle field {0} is malformed")]
    Malformed(&'static str),
    /// The bytes end before the bundle does.
    #[error("bundle is cut short")]
    Truncated,
    /// The bytes go on after the bundle's end.
    #[error("bundle has bytes after its end")]
    Trailing,
    /// The hash at the end is of other bytes.
    #[error("bundle is damaged: its end hash differs")]
    EndHash,
}

fn too_large(field: &'static str, limit: usize, got: usize) -> BundleError {
    let wide = |bytes: usize| u64::try_from(bytes).unwrap_or(u64::MAX);
    BundleError::TooLarge {
        field,
        limit: wide(limit),
        got: wide(got),
    }
}

#[cfg(test)]
mod tests;
