//! What a run reads documents from: those that it made itself, over those that were there before.
//!
//! Both ends go through the same steps, so they know and forget the same documents. A document
//! that was forgotten, or to which a change of the run could not be applied, is not looked at
//! again: further edits of it travel raw.

use std::collections::{BTreeMap, VecDeque};

use crate::document::Document;
use crate::entry::EntryRef;
use crate::id::{ChainId, Seq};

/// Documents that a run holds at a time; beyond it the oldest is forgotten.
pub const DOCUMENTS_HELD_MAX: usize = 64;

/// What the caller knows of documents and entries before a run.
pub trait Shelf {
    /// The document that this entry created, as it is before the run or later.
    fn document(&self, of: &EntryRef) -> Option<Document>;
    /// Hash of the change that this entry holds.
    fn change(&self, at: &EntryRef) -> Option<[u8; 32]>;
    /// The entry that holds this change of a document.
    fn entry(&self, of: &EntryRef, change: &[u8; 32]) -> Option<EntryRef>;
    /// Hash of the newest change of this document in the run's own chain before `seq`.
    fn own_last(&self, of: &EntryRef, seq: Seq) -> Option<[u8; 32]>;
    /// Numbers leased to the writer, as both ends know them; none is always right.
    fn lease(&self) -> &[String];
}

/// A shelf with nothing on it: edits of documents from before the run travel raw.
#[derive(Clone, Copy, Debug, Default)]
pub struct EmptyShelf;

impl Shelf for EmptyShelf {
    fn document(&self, _of: &EntryRef) -> Option<Document> {
        None
    }

    fn change(&self, _at: &EntryRef) -> Option<[u8; 32]> {
        None
    }

    fn entry(&self, _of: &EntryRef, _change: &[u8; 32]) -> Option<EntryRef> {
        None
    }

    fn own_last(&self, _of: &EntryRef, _seq: Seq) -> Option<[u8; 32]> {
        None
    }

    fn lease(&self) -> &[String] {
        &[]
    }
}

/// Documents and changes of one run over a shelf.
pub(super) struct Overlay<'a> {
    chain: &'a ChainId,
    first: Seq,
    /// `None` is forgotten.
    documents: BTreeMap<EntryRef, Option<Document>>,
    order: VecDeque<EntryRef>,
    /// Hash of each change of the run.
    changes: BTreeMap<Seq, [u8; 32]>,
    /// The newest change of the run to each document.
    newest: BTreeMap<EntryRef, [u8; 32]>,
}

impl<'a> Overlay<'a> {
    pub(super) fn new(chain: &'a ChainId, first: Seq) -> Self {
        Self {
            chain,
            first,
            documents: BTreeMap::new(),
            order: VecDeque::new(),
            changes: BTreeMap::new(),
            newest: BTreeMap::new(),
        }
    }

    fn is_of_run(&self, entry: &EntryRef) -> bool {
        *entry == EntryRef::new(self.chain, entry.seq) && entry.seq >= self.first
    }

    fn hold(&mut self, of: EntryRef, document: Document) {
        self.documents.insert(of, Some(document));
        self.order.push_back(of);
        if self.order.len() > DOCUMENTS_HELD_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.documents.insert(oldest, None);
        }
    }

    /// The document, from the run or from the shelf.
    pub(super) fn document(&mut self, of: &EntryRef, shelf: &dyn Shelf) -> Option<&Document> {
        if !self.documents.contains_key(of) && !self.is_of_run(of) {
            let document = shelf.document(of)?;
            self.hold(*of, document);
        }
        self.held(of)
    }

    /// The document, where it is held.
    pub(super) fn held(&self, of: &EntryRef) -> Option<&Document> {
        self.documents.get(of)?.as_ref()
    }

    /// Hash of the change in an entry.
    pub(super) fn hash(&self, at: &EntryRef, shelf: &dyn Shelf) -> Option<[u8; 32]> {
        if self.is_of_run(at) {
            self.changes.get(&at.seq).copied()
        } else {
            shelf.change(at)
        }
    }

    /// Hash of the origin's newest change of a document before the place that the run has come to.
    pub(super) fn own_last(&self, of: &EntryRef, shelf: &dyn Shelf) -> Option<[u8; 32]> {
        match self.newest.get(of) {
            Some(hash) => Some(*hash),
            None if self.is_of_run(of) => None,
            None => shelf.own_last(of, self.first),
        }
    }

    /// The entry with a change of a document.
    pub(super) fn entry(
        &self,
        of: &EntryRef,
        change: &[u8; 32],
        shelf: &dyn Shelf,
    ) -> Option<EntryRef> {
        let here = self.changes.iter().find(|(_, hash)| *hash == change);
        match here {
            Some((seq, _)) => Some(EntryRef::new(self.chain, *seq)),
            None => shelf.entry(of, change),
        }
    }

    /// A document began in the run.
    pub(super) fn created(&mut self, at: Seq, document: Document) {
        let of = EntryRef::new(self.chain, at);
        if let [hash] = document.heads().as_slice() {
            self.changes.insert(at, *hash);
            self.newest.insert(of, *hash);
        }
        self.hold(of, document);
    }

    /// A change of the run to a document; `change` is its hash and bytes.
    pub(super) fn changed(
        &mut self,
        (of, at): (&EntryRef, Seq),
        actor: [u8; 8],
        (hash, bytes): ([u8; 32], &[u8]),
        shelf: &dyn Shelf,
    ) {
        self.changes.insert(at, hash);
        self.newest.insert(*of, hash);
        if self.document(of, shelf).is_none() {
            self.documents.insert(*of, None);
        }
        if let Some(slot) = self.documents.get_mut(of)
            && let Some(document) = slot
            && document.apply(bytes, actor).is_err()
        {
            *slot = None;
        }
    }
}
