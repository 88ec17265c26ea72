//! Documents of people: saved in sealed form, loaded to write or merge, then dropped.

use std::collections::BTreeMap;

use node_core::person::{Field, PersonFields};
use rusqlite::{OptionalExtension, params};
use sync_core::document::{Document, DocumentError};
use sync_core::journal;
use sync_core::refusal::{Refusal, RefusalCode};
use sync_core::{EntryKind, EntryRef, Epoch, NodeId, Scope, Seq};

use crate::engine::{Happened, HappenedBody};
use crate::hub_store::StoreError;
use crate::journal::{Concern, NewEntry, Stored};
use crate::keys::public_key;
use crate::name::row_name;
use crate::seal::{Owner, Row};
use crate::tx::{Stop, Tx};

/// Changes of one origin that may wait for what they build on; then its chain is not advanced.
pub(crate) const PARKED_PER_ORIGIN_MAX: i64 = 1_000;
/// Changes of all origins that may wait.
pub(crate) const PARKED_MAX: i64 = 10_000;

const READ: &str = "SELECT owner, sealed FROM document WHERE entry = ?1";
const WRITE: &str = "INSERT INTO document (entry, owner, changes, sealed) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (entry) DO UPDATE SET changes = excluded.changes, sealed = excluded.sealed";
const PARK: &str = "INSERT INTO parked (entry, doc) VALUES (?1, ?2)";
const UNPARK: &str = "DELETE FROM parked WHERE entry = ?1";
const PARKED_OF: &str = "SELECT entry FROM parked WHERE doc = ?1 ORDER BY entry";
const PARKED_COUNT: &str = "SELECT count(*) FROM parked";
const PARKED_BY_ORIGIN: &str = "SELECT count(*) FROM parked
    JOIN entry ON entry.id = parked.entry JOIN chain ON chain.id = entry.chain
    WHERE origin = ?1";

/// A document's place: who writes it, under which schema.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DocumentWrite {
    pub(crate) schema: u16,
    pub(crate) author: u32,
    pub(crate) session_start: Option<Seq>,
}

fn row(name: &[u8]) -> Row<'_> {
    Row {
        table: "document",
        name,
    }
}

fn keyed(fields: &PersonFields) -> BTreeMap<String, String> {
    fields
        .0
        .iter()
        .map(|(field, value)| (field.key().to_owned(), value.clone()))
        .collect()
}

/// Current values and the fields that have more than one.
pub(crate) fn current(document: &Document) -> HappenedBody {
    let mut fields = PersonFields::default();
    let mut conflicts = Vec::new();
    for (key, values) in document.values() {
        let Some(field) = Field::parse(&key) else {
            continue;
        };
        if values.len() > 1 {
            conflicts.push(field);
        }
        if let Some(value) = values.into_iter().next() {
            fields.set(field, value);
        }
    }
    HappenedBody::Document { fields, conflicts }
}

impl Tx<'_> {
    /// The actor of an origin in one life; `None` while its key is not known.
    pub(crate) fn actor(
        &self,
        origin: NodeId,
        epoch: Epoch,
    ) -> Result<Option<[u8; 8]>, StoreError> {
        if origin == self.identity.node
            && let Ok(pair) = self.vault.epoch_key(epoch)
        {
            return Ok(Some(journal::actor(&public_key(&pair), epoch)));
        }
        Ok(self
            .issuer(origin, epoch)?
            .map(|certificate| journal::actor(&certificate.key, epoch)))
    }

    fn own_actor(&self) -> Result<[u8; 8], StoreError> {
        self.actor(self.identity.node, self.identity.epoch)?
            .ok_or_else(|| StoreError::Failed("this life has no key".to_owned()))
    }

    /// Loads a document by the arrival number of its first entry.
    pub(crate) fn load_document(&self, entry: i64) -> Result<Option<Document>, StoreError> {
        let found: Option<(i64, Vec<u8>)> = self
            .db
            .prepare_cached(READ)?
            .query_row([entry], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((owner, sealed)) = found else {
            return Ok(None);
        };
        let plain = self
            .data_key_by_id(owner)?
            .open(row(&row_name(entry)), &sealed)?;
        Document::load(&plain)
            .map(Some)
            .map_err(|error| StoreError::Failed(error.to_string()))
    }

    fn save_document(
        &self,
        entry: i64,
        name: &EntryRef,
        document: &Document,
    ) -> Result<(), StoreError> {
        let key = self.data_key(Owner::Person(journal::doc_id(self.identity.hub, name)))?;
        let sealed = key.seal(row(&row_name(entry)), &document.save())?;
        self.db.prepare_cached(WRITE)?.execute(params![
            entry,
            key.id,
            document.changes(),
            sealed
        ])?;
        Ok(())
    }

    /// Creates a document and its entry.
    pub(crate) fn create_document(
        &self,
        scope: Scope,
        write: DocumentWrite,
        fields: &PersonFields,
    ) -> Result<Happened, Stop> {
        let (document, body) = Document::create(self.own_actor()?, &keyed(fields))
            .map_err(|error| StoreError::Failed(error.to_string()))?;
        let stored = self.append(NewEntry {
            scope,
            kind: EntryKind::Change,
            concern: Concern::NewDocument,
            schema: write.schema,
            author: write.author,
            session_start: write.session_start,
            body,
            owner: Owner::Site,
        })?;
        self.save_document(stored.id, &stored.name, &document)?;
        let about = Some(stored.name);
        Ok(Happened {
            stored,
            body: current(&document),
            about,
        })
    }

    /// Edits a document in our own chain of its scope; `None` when nothing changes.
    pub(crate) fn edit_document(
        &self,
        of: &EntryRef,
        write: DocumentWrite,
        fields: &PersonFields,
    ) -> Result<Option<Happened>, Stop> {
        let missing = || StoreError::Failed("the edited document is not here".to_owned());
        let entry = self.entry_id(of)?.ok_or_else(missing)?;
        let mut document = self.load_document(entry)?.ok_or_else(missing)?;
        let body = match document.edit(self.own_actor()?, &keyed(fields)) {
            Ok(body) => body,
            Err(DocumentError::Unchanged) => return Ok(None),
            Err(error) => return Err(StoreError::Failed(error.to_string()).into()),
        };
        let stored = self.append(NewEntry {
            scope: of.scope,
            kind: EntryKind::Change,
            concern: Concern::Document(*of),
            schema: write.schema,
            author: write.author,
            session_start: write.session_start,
            body,
            owner: Owner::Site,
        })?;
        self.save_document(entry, of, &document)?;
        Ok(Some(Happened {
            stored,
            body: current(&document),
            about: Some(*of),
        }))
    }

    /// Applies a stored change entry to its document; what it lets go on follows.
    pub(crate) fn apply_change(&self, stored: Stored, body: &[u8]) -> Result<Vec<Happened>, Stop> {
        let doc = stored.meta.doc;
        let mut happened = Vec::new();
        match self.apply_one(stored, body)? {
            Applying::Done(done) => happened.push(done),
            Applying::Waits(stored) => {
                self.park(&stored)?;
                return Ok(happened);
            }
        }
        // A change that arrived may be what others waited for.
        let mut progress = true;
        while progress {
            progress = false;
            for entry in self.parked_of(&doc.0)? {
                let stored = Stored {
                    id: entry,
                    name: self.entry_name(entry)?,
                    meta: self.entry_meta(entry)?,
                };
                let body = self.entry_body(entry)?;
                if let Applying::Done(done) = self.apply_one(stored, &body)? {
                    self.db.prepare_cached(UNPARK)?.execute([entry])?;
                    happened.push(done);
                    progress = true;
                }
            }
        }
        Ok(happened)
    }

    fn apply_one(&self, stored: Stored, body: &[u8]) -> Result<Applying, Stop> {
        let (origin, epoch) = (stored.name.origin, stored.name.epoch);
        let actor = self.actor(origin, epoch)?.ok_or_else(|| {
            Refusal::new(RefusalCode::Certificate, "origin of a change is not known")
        })?;
        let Some(of) = stored.meta.doc_ref else {
            let document = Document::from_first_change(body, actor).map_err(Refusal::from)?;
            self.save_document(stored.id, &stored.name, &document)?;
            let about = Some(stored.name);
            return Ok(Applying::Done(Happened {
                stored,
                body: current(&document),
                about,
            }));
        };
        let loaded = match self.entry_id(&of)? {
            Some(entry) => self.load_document(entry)?.map(|document| (entry, document)),
            None => None,
        };
        let Some((entry, mut document)) = loaded else {
            return Ok(Applying::Waits(stored));
        };
        match document.apply(body, actor) {
            Ok(()) => {
                self.save_document(entry, &of, &document)?;
                let body = current(&document);
                Ok(Applying::Done(Happened {
                    stored,
                    body,
                    about: Some(of),
                }))
            }
            Err(DocumentError::MissingDependency) => Ok(Applying::Waits(stored)),
            Err(error) => Err(Refusal::from(error).into()),
        }
    }

    fn parked_of(&self, doc: &[u8; 16]) -> Result<Vec<i64>, StoreError> {
        Ok(self
            .db
            .prepare_cached(PARKED_OF)?
            .query_map([doc], |row| row.get(0))?
            .collect::<Result<_, _>>()?)
    }

    fn park(&self, stored: &Stored) -> Result<(), Stop> {
        let all: i64 = self
            .db
            .prepare_cached(PARKED_COUNT)?
            .query_row([], |row| row.get(0))?;
        let of_origin: i64 = self
            .db
            .prepare_cached(PARKED_BY_ORIGIN)?
            .query_row([stored.name.origin.0], |row| row.get(0))?;
        if all >= PARKED_MAX || of_origin >= PARKED_PER_ORIGIN_MAX {
            let reason = "too many changes wait for what they build on";
            return Err(Refusal::new(RefusalCode::Busy, reason).into());
        }
        self.db
            .prepare_cached(PARK)?
            .execute(params![stored.id, stored.meta.doc.0])?;
        Ok(())
    }
}

/// How far an apply came.
enum Applying {
    Done(Happened),
    Waits(Stored),
}

#[cfg(test)]
mod tests;
