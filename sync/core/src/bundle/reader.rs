//! Reads a bundle in pieces: the manifest, then each whole item, then the end.
//!
//! Nothing is held but the item that is being read. An error is final; items that were given out
//! before it are as good as without it.

use core::fmt;

use ring::digest::{Context, SHA256};

use super::{
    BundleError, END_CONTEXT, FILE_BYTES_MAX, ITEM_BYTES_MAX, ITEM_HEAD_BYTES, Item,
    MANIFEST_BYTES_MAX, PIECE_BYTES_MAX, SignedManifest, too_large,
};
use crate::varint::Reader;

/// Bytes of the hash at the end.
const END_BYTES: usize = 32;
/// Bytes that wait unread at most: the longest part and one piece.
const WAITING_BYTES_MAX: usize = ITEM_BYTES_MAX + ITEM_HEAD_BYTES + PIECE_BYTES_MAX;

/// What a reader gives out, in the order of the file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Part {
    /// The beginning; open it before anything that follows is used.
    Manifest(Box<SignedManifest>),
    /// One whole item.
    Item(Item),
    /// Everything that the manifest promised was read, and the end hash is right.
    End,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Manifest,
    Items,
    Ended,
    Failed,
}

/// A bundle as it comes in.
#[derive(Clone)]
pub struct BundleReader {
    waiting: Vec<u8>,
    /// How many of them were read.
    read: usize,
    hash: Context,
    state: State,
    /// All bytes given so far.
    bytes: u64,
    items_left: u32,
    frames_left: u32,
    bytes_left: u64,
}

impl Default for BundleReader {
    fn default() -> Self {
        let mut hash = Context::new(&SHA256);
        hash.update(END_CONTEXT);
        Self {
            waiting: Vec::new(),
            read: 0,
            hash,
            state: State::Manifest,
            bytes: 0,
            items_left: 0,
            frames_left: 0,
            bytes_left: 0,
        }
    }
}

impl fmt::Debug for BundleReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BundleReader")
            .field("state", &self.state)
            .field("bytes", &self.bytes)
            .field("items_left", &self.items_left)
            .finish_non_exhaustive()
    }
}

impl BundleReader {
    /// Takes the next bytes, at most [`PIECE_BYTES_MAX`]. Read all parts before the next call.
    ///
    /// # Errors
    /// `TooLarge` for a longer piece, a longer file, or a reader that is not read from.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), BundleError> {
        let got = u64::try_from(piece.len()).unwrap_or(u64::MAX);
        self.bytes = self.bytes.saturating_add(got);
        self.waiting.drain(..self.read.min(self.waiting.len()));
        self.read = 0;
        let waiting = self.waiting.len().saturating_add(piece.len());
        let limits = [
            ("piece", PIECE_BYTES_MAX, piece.len()),
            ("unread part", WAITING_BYTES_MAX, waiting),
        ];
        let over = limits.into_iter().find(|(_, limit, got)| got > limit);
        if let Some((field, limit, got)) = over {
            return self.fail(too_large(field, limit, got));
        }
        if self.bytes > FILE_BYTES_MAX {
            let (limit, got) = (FILE_BYTES_MAX, self.bytes);
            let field = "file";
            return self.fail(BundleError::TooLarge { field, limit, got });
        }
        self.waiting.extend_from_slice(piece);
        Ok(())
    }

    /// The next whole part of what was given; `None` when more bytes are needed.
    ///
    /// # Errors
    /// [`BundleError`], which is final: every later call gives `Malformed`.
    pub fn next_part(&mut self) -> Result<Option<Part>, BundleError> {
        let part = match self.state {
            State::Manifest => self.manifest(),
            State::Items if self.items_left == 0 => self.end(),
            State::Items => self.item(),
            State::Ended if self.rest().is_empty() => Ok(None),
            State::Ended => Err(BundleError::Trailing),
            State::Failed => Err(BundleError::Malformed("file")),
        };
        part.or_else(|error| self.fail(error))
    }

    /// Says at the end of the file whether the bundle is whole.
    ///
    /// # Errors
    /// `Truncated` when it is not; `Trailing` for bytes behind it.
    pub fn finish(&self) -> Result<(), BundleError> {
        match self.state {
            State::Ended if self.rest().is_empty() => Ok(()),
            State::Ended => Err(BundleError::Trailing),
            State::Manifest | State::Items => Err(BundleError::Truncated),
            State::Failed => Err(BundleError::Malformed("file")),
        }
    }

    fn fail<T>(&mut self, error: BundleError) -> Result<T, BundleError> {
        self.state = State::Failed;
        self.waiting = Vec::new();
        self.read = 0;
        Err(error)
    }

    fn rest(&self) -> &[u8] {
        self.waiting.get(self.read..).unwrap_or_default()
    }

    fn manifest(&mut self) -> Result<Option<Part>, BundleError> {
        let Some((signed, length)) = SignedManifest::parse(self.rest())? else {
            return Ok(None);
        };
        if length > MANIFEST_BYTES_MAX {
            return Err(too_large("manifest", MANIFEST_BYTES_MAX, length));
        }
        let manifest = signed.unproven();
        self.items_left = manifest.items;
        self.frames_left = manifest.frames;
        self.bytes_left = manifest.bytes;
        self.consume(length);
        self.state = State::Items;
        Ok(Some(Part::Manifest(Box::new(signed))))
    }

    fn item(&mut self) -> Result<Option<Part>, BundleError> {
        let mut reader = Reader::new(self.rest());
        let (Some(kind), Some(length)) = (reader.u8(), reader.u32()) else {
            return Ok(None);
        };
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length > ITEM_BYTES_MAX {
            return Err(too_large("item", ITEM_BYTES_MAX, length));
        }
        let whole = length.saturating_add(ITEM_HEAD_BYTES);
        let left = u64::try_from(whole).unwrap_or(u64::MAX);
        self.bytes_left
            .checked_sub(left)
            .ok_or(BundleError::Malformed("bytes"))?;
        let Some(body) = reader.bytes(length) else {
            return Ok(None);
        };
        let item = Item::parse(kind, body.to_vec()).ok_or(BundleError::Malformed("item kind"))?;
        self.bytes_left = self.bytes_left.saturating_sub(left);
        self.items_left = self.items_left.saturating_sub(1);
        if matches!(item, Item::Frame(_)) {
            let frames = self.frames_left.checked_sub(1);
            self.frames_left = frames.ok_or(BundleError::Malformed("frames"))?;
        }
        self.consume(whole);
        Ok(Some(Part::Item(item)))
    }

    fn end(&mut self) -> Result<Option<Part>, BundleError> {
        if self.frames_left > 0 || self.bytes_left > 0 {
            return Err(BundleError::Malformed("counts"));
        }
        let Some(end) = self.rest().first_chunk::<END_BYTES>().copied() else {
            return Ok(None);
        };
        if self.hash.clone().finish().as_ref() != end.as_slice() {
            return Err(BundleError::EndHash);
        }
        self.read = self.read.saturating_add(END_BYTES);
        self.state = State::Ended;
        Ok(Some(Part::End))
    }

    /// Moves read bytes into the hash.
    fn consume(&mut self, length: usize) {
        let end = self.read.saturating_add(length);
        if let Some(read) = self.waiting.get(self.read..end) {
            self.hash.update(read);
            self.read = end;
        }
    }
}
