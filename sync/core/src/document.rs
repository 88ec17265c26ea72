//! Documents: one automerge document per person or household, and the fence around automerge.
//!
//! Only uncompressed change chunks cross this boundary, checked by [`inspect`] before automerge
//! sees them and applied on a copy under `catch_unwind`. In this release a change puts texts to
//! fields of the root map or removes values from them, and does nothing else. Automerge's sync protocol and document loading
//! are never fed from outside; [`Document::load`] is for the store's own saved bytes.

mod chunk;
mod repeat;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, Automerge, Change, ChangeHash, ObjId, ROOT, ReadDoc, ScalarValue, Value};

use crate::refusal::{Refusal, RefusalCode};

pub use repeat::{Step, steps};

/// Largest change in bytes; a larger edit is refused at capture, a larger chunk on acceptance.
pub const CHANGE_BYTES_MAX: usize = 64 * 1024;
/// Longest field value in bytes; a longer one is refused at capture and on acceptance.
pub const TEXT_BYTES_MAX: usize = 4 * 1024;
/// Longest field name in bytes; a longer one is refused.
pub const FIELD_NAME_BYTES_MAX: usize = 64;
/// Most operations in one change (and in one frame); more are refused.
pub const OPERATIONS_MAX: usize = 10_000;
/// Most changes that one change may depend on; more are refused.
pub const DEPENDENCIES_MAX: usize = 8;
/// Most changes of one document; at the limit an edit is refused at capture.
pub const CHANGES_MAX: u32 = 5_000;
/// Most bytes of changes of one document; at the limit an edit is refused at capture.
pub const DOCUMENT_BYTES_MAX: usize = 512 * 1024;
/// How many times these two limits a merge may reach: edits made apart, each within its limit,
/// must never be refused later. Beyond it the change is refused.
const MERGED_TIMES_MAX: usize = 2;

/// Why a change was not made or not applied; the document is as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// The bytes are not one plain change of fields.
    #[error("change is not acceptable: {0}")]
    Malformed(&'static str),
    /// A value, name, change or document is over its limit.
    #[error("{what} has {got}, over its limit of {limit}")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// The limit.
        limit: usize,
        /// What it has.
        got: usize,
    },
    /// The change was made by another actor than the frame's origin.
    #[error("change is by another actor than its frame's origin")]
    Actor,
    /// Something that it builds on has not arrived: the caller parks the change.
    #[error("change builds on changes that are not here")]
    MissingDependency,
    /// The actor made another change with this number: two lives share one actor.
    #[error("actor has another change with this number")]
    Forked,
    /// The edit changes nothing; there is nothing to write.
    #[error("edit changes nothing")]
    Unchanged,
    /// automerge refused the change or panicked on it.
    #[error("change cannot be applied")]
    Unapplicable,
    /// Saved bytes do not load.
    #[error("saved document does not load")]
    Unloadable,
}

impl From<DocumentError> for Refusal {
    fn from(error: DocumentError) -> Self {
        let code = match error {
            DocumentError::Actor => RefusalCode::Actor,
            DocumentError::Forked => RefusalCode::Forked,
            _ => RefusalCode::Content,
        };
        Self::new(code, error.to_string())
    }
}

/// What the head of a change says, after its whole content was checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChangeHead {
    /// Hash of the change: its name in dependencies.
    pub hash: [u8; 32],
    /// Who made it.
    pub actor: [u8; 8],
    /// Running number of the actor in this document, from 1.
    pub seq: u64,
    /// Hashes of the changes that it builds on; empty for the creating change.
    pub dependencies: Vec<[u8; 32]>,
    /// How many fields it sets.
    pub operations: usize,
}

/// Checks the bytes of one change completely, without automerge.
///
/// # Errors
/// [`DocumentError::Malformed`] or [`DocumentError::TooLarge`].
pub fn inspect(change: &[u8]) -> Result<ChangeHead, DocumentError> {
    chunk::parse(change).map(|checked| checked.head)
}

/// The actor of a change.
///
/// # Errors
/// As [`inspect`].
pub fn change_actor(change: &[u8]) -> Result<[u8; 8], DocumentError> {
    inspect(change).map(|head| head.actor)
}

/// Number and hash of an actor's last change.
type LastChange = (u64, [u8; 32]);

/// A document in memory: load to write or merge, then drop.
#[derive(Clone)]
pub struct Document {
    inner: Automerge,
    /// Last number and change of each actor.
    last: BTreeMap<[u8; 8], LastChange>,
    changes: u32,
    change_bytes: usize,
}

impl core::fmt::Debug for Document {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Document")
            .field("changes", &self.changes)
            .field("change_bytes", &self.change_bytes)
            .finish_non_exhaustive()
    }
}

impl Document {
    /// Makes a document and its creating change, as raw uncompressed bytes.
    ///
    /// # Errors
    /// [`DocumentError::TooLarge`]; [`DocumentError::Unchanged`] without any field.
    pub fn create(
        actor: [u8; 8],
        fields: &BTreeMap<String, String>,
    ) -> Result<(Self, Vec<u8>), DocumentError> {
        let mut document = Self::blank(actor);
        let change = document.edit(actor, fields)?;
        Ok((document, change))
    }

    /// The document that a creating change of `actor` makes.
    ///
    /// # Errors
    /// As [`Document::apply`].
    pub fn from_first_change(change: &[u8], actor: [u8; 8]) -> Result<Self, DocumentError> {
        let mut document = Self::blank(actor);
        document.apply(change, actor)?;
        Ok(document)
    }

    /// Sets fields and returns the change as raw uncompressed bytes.
    ///
    /// A field that already has exactly this value is left alone; one with several visible values
    /// gets this single one.
    ///
    /// # Errors
    /// [`DocumentError::Unchanged`] when nothing differs; [`DocumentError::TooLarge`] at a limit.
    pub fn edit(
        &mut self,
        actor: [u8; 8],
        fields: &BTreeMap<String, String>,
    ) -> Result<Vec<u8>, DocumentError> {
        check_fields(fields)?;
        let current = self.values();
        let wanted: Vec<_> = fields
            .iter()
            .filter(|(name, value)| current.get(*name) != Some(&vec![(*value).clone()]))
            .collect();
        if wanted.is_empty() {
            return Err(DocumentError::Unchanged);
        }
        let mut next = self.clone();
        next.inner.set_actor(ActorId::from(actor.as_slice()));
        let done = next
            .inner
            .transact_with::<_, _, automerge::AutomergeError, _>(
                |()| CommitOptions::default().with_time(0),
                |transaction| {
                    for (name, value) in wanted {
                        transaction.put(ROOT, name.as_str(), value.as_str())?;
                    }
                    Ok(())
                },
            )
            .map_err(|_failure| DocumentError::Unapplicable)?;
        let hash = done.hash.ok_or(DocumentError::Unchanged)?;
        let change = next
            .inner
            .get_change_by_hash(&hash)
            .ok_or(DocumentError::Unapplicable)?;
        let bytes = change.raw_bytes().to_vec();
        // What peers would refuse must not be written here either.
        let head = inspect(&bytes)?;
        next.account(&head, bytes.len(), 1)?;
        *self = next;
        Ok(bytes)
    }

    /// Applies one change of `actor`; a change that is here already changes nothing.
    ///
    /// # Errors
    /// Any [`DocumentError`]; the document is as it was.
    pub fn apply(&mut self, change: &[u8], actor: [u8; 8]) -> Result<(), DocumentError> {
        let checked = chunk::parse(change)?;
        let head = &checked.head;
        if head.actor != actor {
            return Err(DocumentError::Actor);
        }
        if self.has(&head.hash) {
            return Ok(());
        }
        self.check_order(head)?;
        self.check_references(&checked)?;
        let mut next = self.clone();
        let hash = head.hash;
        let applied = catch_unwind(AssertUnwindSafe(move || {
            let parsed = Change::from_bytes(change.to_vec()).ok()?;
            next.inner.apply_changes([parsed]).ok()?;
            // automerge keeps operations and rebuilds changes from them. A change in another
            // encoding than automerge's own would leave a document that saves but does not load.
            let rebuilt = next.inner.get_change_by_hash(&ChangeHash(hash))?;
            (rebuilt.raw_bytes() == change).then_some(next)
        }));
        let mut next = applied.ok().flatten().ok_or(DocumentError::Unapplicable)?;
        next.account(head, change.len(), MERGED_TIMES_MAX)?;
        *self = next;
        Ok(())
    }

    /// The whole history in automerge's compact form, for the store's document table.
    pub fn save(&self) -> Vec<u8> {
        self.inner.save()
    }

    /// Loads what [`Document::save`] wrote; never bytes from outside.
    ///
    /// # Errors
    /// [`DocumentError::Unloadable`].
    pub fn load(bytes: &[u8]) -> Result<Self, DocumentError> {
        let loaded = catch_unwind(AssertUnwindSafe(|| load_inner(bytes)));
        let inner = loaded.ok().flatten().ok_or(DocumentError::Unloadable)?;
        let mut document = Self {
            inner,
            last: BTreeMap::new(),
            changes: 0,
            change_bytes: 0,
        };
        for change in document.inner.get_changes(&[]) {
            let head = inspect(change.raw_bytes()).map_err(|_inner| DocumentError::Unloadable)?;
            document.note(&head, change.raw_bytes().len());
        }
        Ok(document)
    }

    /// All visible values of each field, the one that counts first, equal ones once.
    pub fn values(&self) -> BTreeMap<String, Vec<String>> {
        self.inner
            .keys(ROOT)
            .map(|name| (name.clone(), self.visible(&name)))
            .collect()
    }

    /// Hashes of the changes that nothing builds on, ascending: equal heads, equal documents.
    pub fn heads(&self) -> Vec<[u8; 32]> {
        let mut heads: Vec<_> = self.inner.get_heads().iter().map(|hash| hash.0).collect();
        heads.sort_unstable();
        heads
    }

    /// How many changes it consists of.
    pub fn changes(&self) -> u32 {
        self.changes
    }

    /// Whether the change with this hash is part of it.
    pub fn has(&self, hash: &[u8; 32]) -> bool {
        self.inner
            .get_change_meta_by_hash(&ChangeHash(*hash))
            .is_some()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the drawn actor is replaced at once"
    )]
    fn blank(actor: [u8; 8]) -> Self {
        let inner = Automerge::new().with_actor(ActorId::from(actor.as_slice()));
        Self {
            inner,
            last: BTreeMap::new(),
            changes: 0,
            change_bytes: 0,
        }
    }

    fn visible(&self, name: &str) -> Vec<String> {
        let mut values = Vec::new();
        // automerge lists concurrent values in ascending order; the last one is its winner.
        for (value, _) in self
            .inner
            .get_all(ROOT, name)
            .unwrap_or_default()
            .into_iter()
            .rev()
        {
            let text = text_of(&value);
            if !values.contains(&text) {
                values.push(text);
            }
        }
        values
    }

    /// Order rules: the actor's next number, on its own last change, with everything here.
    fn check_order(&self, head: &ChangeHead) -> Result<(), DocumentError> {
        let own = self.last.get(&head.actor);
        let expected = own.map_or(1, |(seq, _)| seq.saturating_add(1));
        if head.seq < expected {
            return Err(DocumentError::Forked);
        }
        if head.seq > expected || head.dependencies.iter().any(|hash| !self.has(hash)) {
            return Err(DocumentError::MissingDependency);
        }
        if own.is_some_and(|(_, hash)| !head.dependencies.contains(hash)) {
            return Err(DocumentError::Malformed(
                "not built on the actor's own last change",
            ));
        }
        match (self.changes, head.dependencies.is_empty()) {
            (0, true) | (1.., false) => Ok(()),
            (0, false) => Err(DocumentError::MissingDependency),
            (1.., true) => Err(DocumentError::Malformed("creates a document that exists")),
        }
    }

    /// Operations begin right above those they build on, and replace values visible there.
    ///
    /// Without this an origin could use up the counter or leave a document that does not load.
    fn check_references(&self, checked: &chunk::Checked<'_>) -> Result<(), DocumentError> {
        let heads: Vec<_> = checked
            .head
            .dependencies
            .iter()
            .copied()
            .map(ChangeHash)
            .collect();
        let metas = heads
            .iter()
            .filter_map(|hash| self.inner.get_change_meta_by_hash(hash));
        let top = metas.map(|meta| meta.max_op).max().unwrap_or(0);
        if checked.start_op != top.saturating_add(1) {
            return Err(DocumentError::Malformed(
                "operations are not numbered from the next one",
            ));
        }
        for operation in checked
            .operations
            .iter()
            .filter(|it| !it.predecessors.is_empty())
        {
            let visible = self
                .inner
                .get_all_at(ROOT, operation.field, &heads)
                .unwrap_or_default();
            let is_visible = |(counter, actor): &(u64, [u8; 8])| {
                visible.iter().any(|(_, id)| match id {
                    ObjId::Id(number, by, _) => number == counter && by.to_bytes() == actor,
                    ObjId::Root => false,
                })
            };
            if !operation.predecessors.iter().all(is_visible) {
                return Err(DocumentError::Malformed(
                    "replaces a value that was not visible",
                ));
            }
        }
        Ok(())
    }

    fn account(
        &mut self,
        head: &ChangeHead,
        bytes: usize,
        times: usize,
    ) -> Result<(), DocumentError> {
        self.note(head, bytes);
        let changes = usize::try_from(self.changes).unwrap_or(usize::MAX);
        let changes_max = usize::try_from(CHANGES_MAX).unwrap_or(usize::MAX);
        check_limit(
            "document's changes",
            changes,
            changes_max.saturating_mul(times),
        )?;
        let bytes_max = DOCUMENT_BYTES_MAX.saturating_mul(times);
        check_limit("document's bytes", self.change_bytes, bytes_max)
    }

    fn note(&mut self, head: &ChangeHead, bytes: usize) {
        self.last.insert(head.actor, (head.seq, head.hash));
        self.changes = self.changes.saturating_add(1);
        self.change_bytes = self.change_bytes.saturating_add(bytes);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the drawn actor is replaced before any edit"
)]
fn load_inner(bytes: &[u8]) -> Option<Automerge> {
    Automerge::load(bytes).ok()
}

fn text_of(value: &Value<'_>) -> String {
    match value {
        Value::Scalar(scalar) => match scalar.as_ref() {
            ScalarValue::Str(text) => text.to_string(),
            other => other.to_string(),
        },
        Value::Object(_) => String::new(),
    }
}

fn check_fields(fields: &BTreeMap<String, String>) -> Result<(), DocumentError> {
    for (name, value) in fields {
        if name.is_empty() {
            return Err(DocumentError::Malformed("field without a name"));
        }
        check_limit("field name", name.len(), FIELD_NAME_BYTES_MAX)?;
        check_limit("field value", value.len(), TEXT_BYTES_MAX)?;
    }
    Ok(())
}

fn check_limit(what: &'static str, got: usize, limit: usize) -> Result<(), DocumentError> {
    if got > limit {
        Err(DocumentError::TooLarge { what, limit, got })
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
