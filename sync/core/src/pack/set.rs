//! What both ends must hold to read packed entries: fields of schemas, usual facts, usual order.
//!
//! Data of the caller; nothing here is built in. A set is named by its content, so two ends that
//! name the same number hold the same set, and a wrong guess is found by the frame's check.

use serde::{Deserialize, Serialize};

use super::fact::{FactPlace, Token};
use super::field::FieldCodec;
use crate::entry::Entry;
use crate::id::{ChainId, Seq};
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

impl Template {
    /// From a body that was written as entry `seq` of a chain.
    pub fn of(schema: u16, body: &[u8], chain: &ChainId, seq: Seq) -> Self {
        let place = FactPlace {
            chain,
            seq,
            about: None,
        };
        let mut pieces = Vec::new();
        let mut bytes = Vec::new();
        for token in place.tokens(body) {
            match token {
                Token::Byte(byte) => bytes.push(byte),
                Token::Back(back) => {
                    pieces.push(TemplatePiece::Bytes(core::mem::take(&mut bytes)));
                    pieces.push(TemplatePiece::Back(back));
                }
                Token::About => {}
            }
        }
        pieces.push(TemplatePiece::Bytes(bytes));
        Self { schema, pieces }
    }
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

/// What `Hello` says of the sets that a side holds: equal, when both hold the same ones.
pub fn sets_hash(sets: &[&PackSet]) -> [u8; 8] {
    let encoded = sets
        .iter()
        .map(|set| postcard::to_stdvec(set).unwrap_or_default());
    let mut bytes = b"outpost.pack.sets.1".to_vec();
    for set in encoded {
        bytes.extend(journal::hash(&[&set]));
    }
    journal::prefix(&journal::hash(&[&bytes]))
}

impl PackSet {
    /// Whether one of its usual facts begins as this one does.
    pub fn knows(&self, fact: &Entry) -> bool {
        let mut templates = self.templates.iter();
        templates.any(|it| {
            let start = match it.pieces.first() {
                Some(TemplatePiece::Bytes(bytes)) => bytes.as_slice(),
                _ => &[],
            };
            it.schema == fact.meta.schema && fact.body.starts_with(start)
        })
    }

    /// Its number in frames: the first two bytes of the hash of its encoding, never 0.
    pub fn number(&self) -> u16 {
        let encoded = postcard::to_stdvec(self).unwrap_or_default();
        let hash = journal::hash(&[b"outpost.pack.1", &encoded]);
        u16::from_be_bytes(journal::prefix(&hash)).max(1)
    }
}
