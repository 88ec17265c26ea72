//! Collects what goes into one bundle and writes it, in the order in which it was offered.
//!
//! The caller offers the most urgent lane first, so that a shorter bundle, for a stick that is
//! nearly full, is the beginning of a longer one.

use ring::digest::{Context, SHA256};
use ring::signature::Ed25519KeyPair;

use super::{
    BundleError, END_CONTEXT, ITEM_BYTES_MAX, ITEM_HEAD_BYTES, Item, Manifest, RANGES_MAX,
    too_large,
};
use crate::frame;
use crate::message::Range;

/// Items of a bundle that is being made, within its bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Draft {
    items: Vec<Item>,
    ranges: Vec<Range>,
    bytes: usize,
    limit: usize,
}

impl Draft {
    /// An empty one for at most `limit` bytes of items.
    pub fn new(limit: usize) -> Self {
        Self {
            items: Vec::new(),
            ranges: Vec::new(),
            bytes: 0,
            limit,
        }
    }

    /// Takes an item if it still fits; the first one always does.
    ///
    /// # Errors
    /// `TooLarge` for an item over its cap, `Malformed` for a frame without a frame's head.
    pub fn offer(&mut self, item: &Item) -> Result<bool, BundleError> {
        let length = item.bytes().len();
        if length > ITEM_BYTES_MAX {
            return Err(too_large("item", ITEM_BYTES_MAX, length));
        }
        let bytes = self
            .bytes
            .saturating_add(length)
            .saturating_add(ITEM_HEAD_BYTES);
        if bytes > self.limit && !self.items.is_empty() {
            return Ok(false);
        }
        if let Item::Frame(frame) = item
            && !self.extend(frame)?
        {
            return Ok(false);
        }
        self.bytes = bytes;
        self.items.push(item.clone());
        Ok(true)
    }

    /// Joins a frame to the range that it continues; `false` when there is no room for its range.
    fn extend(&mut self, bytes: &[u8]) -> Result<bool, BundleError> {
        let header = frame::header(bytes).map_err(|_refusal| BundleError::Malformed("frame"))?;
        let (chain, from, to) = (header.chain(), header.first_seq, header.last_seq());
        let is_full = self.ranges.len() >= RANGES_MAX;
        let continued = self
            .ranges
            .last_mut()
            .filter(|range| range.chain == chain && range.to.0.checked_add(1) == Some(from.0));
        match continued {
            Some(range) => range.to = to,
            None if is_full => return Ok(false),
            None => self.ranges.push(Range { chain, from, to }),
        }
        Ok(true)
    }

    /// Whether nothing was taken.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Bytes of the items with their heads.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The items.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The beginning of it that fits `limit` bytes.
    ///
    /// # Errors
    /// None for a draft that was made by [`Self::offer`].
    pub fn shortened(&self, limit: usize) -> Result<Self, BundleError> {
        let mut shorter = Self::new(limit);
        for item in &self.items {
            if !shorter.offer(item)? {
                break;
            }
        }
        Ok(shorter)
    }

    /// The bundle's bytes. Counts and ranges of `manifest` are set here.
    ///
    /// # Errors
    /// Those of [`Manifest::sign`].
    pub fn write(
        &self,
        mut manifest: Manifest,
        key: &Ed25519KeyPair,
    ) -> Result<Vec<u8>, BundleError> {
        let frames = self.items.iter();
        let frames = frames.filter(|item| matches!(item, Item::Frame(_))).count();
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        manifest.frames = number(frames);
        manifest.items = number(self.items.len());
        manifest.bytes = u64::try_from(self.bytes).unwrap_or(u64::MAX);
        manifest.ranges.clone_from(&self.ranges);
        let mut out = manifest.sign(key)?;
        for item in &self.items {
            out.push(item.kind());
            out.extend(number(item.bytes().len()).to_be_bytes());
            out.extend(item.bytes());
        }
        let mut hash = Context::new(&SHA256);
        hash.update(END_CONTEXT);
        hash.update(&out);
        out.extend(hash.finish().as_ref());
        Ok(out)
    }
}
