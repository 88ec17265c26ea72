//! What both ends must hold to read packed entries: fields of schemas, usual facts, usual order.
//!
//! Data of the caller; nothing here is built in. A set is named by its content, so two ends that
//! name the same number hold the same set, and a wrong guess is found by the frame's check.

use serde::{Deserialize, Serialize};

use super::field::FieldCodec;
use crate::journal;

/// Most usual facts of one schema that count; more are not looked at.
pub const TEMPLATES_MAX: usize = 8;

/// One field of a document.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PackField {
    /// Its key in the document.
    pub key: String,
    /// How its values are written.
    pub codec: FieldCodec,
    /// How often it is there, of 16 documents: in one behind any other entry, and in one right
    /// behind the beginning of another document. Values below 1 count as 1, above 15 as 15.
    pub present: [u8; 2],
}

/// The fields of the documents of one schema, in the order in which they are written.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PackSchema {
    /// Realm-wide number.
    pub schema: u16,
    /// At most 255 count.
    pub fields: Vec<PackField>,
}

/// A fact as it is usually written.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Template {
    /// Realm-wide number.
    pub schema: u16,
    /// The body in pieces; between two of them stands a reference to an entry of the own chain,
    /// so many places back.
    pub pieces: Vec<TemplatePiece>,
}

/// A part of a [`Template`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum TemplatePiece {
    /// Bytes of the body.
    Bytes(Vec<u8>),
    /// A reference to the entry so many places before this one in the same chain.
    Back(u32),
}

/// An entry as it usually follows others.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Usual {
    /// Whether it is a fact.
    pub is_fact: bool,
    /// Realm-wide number.
    pub schema: u16,
    /// Which document it concerns.
    pub about: About,
}

/// The document that an entry concerns.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum About {
    /// None.
    Nothing,
    /// The one that it creates.
    New,
    /// The one created so many entries before it in the same chain.
    Back(u32),
    /// One of another chain.
    Elsewhere,
}

/// Everything that packing knows beforehand.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct PackSet {
    /// Documents.
    pub schemas: Vec<PackSchema>,
    /// Facts, the most usual first.
    pub templates: Vec<Template>,
    /// Entries in their usual order; the first follows the last.
    pub usual: Vec<Usual>,
}

impl PackSet {
    /// Its number in frames: the first two bytes of the hash of its encoding, never 0.
    pub fn number(&self) -> u16 {
        let encoded = postcard::to_stdvec(self).unwrap_or_default();
        let hash = journal::hash(&[b"outpost.pack.1", &encoded]);
        u16::from_be_bytes(journal::prefix(&hash)).max(1)
    }
}
