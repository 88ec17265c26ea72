//! Every saved document equals the replay of its changes, and its person row equals it.

use std::collections::BTreeMap;

use sync_core::document::{Document, DocumentError};
use sync_core::{EntryKind, EntryRef};

use super::CheckReport;
use crate::document::current;
use crate::engine::HappenedBody;
use crate::hub_store::StoreError;
use crate::tx::Tx;

const CHANGES: &str = "SELECT id, doc, doc_ref IS NULL FROM entry WHERE kind = 0
    AND doc NOT IN (SELECT doc FROM erasure WHERE erased = 1) ORDER BY id";
const SAVED: &str = "SELECT count(*) FROM document";

impl Tx<'_> {
    /// Replays all documents.
    pub(super) fn check_documents(&self, report: &mut CheckReport) -> Result<(), StoreError> {
        let mut changes: BTreeMap<[u8; 16], Vec<i64>> = BTreeMap::new();
        let mut creating = Vec::new();
        let mut statement = self.db.prepare(CHANGES)?;
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            let (entry, doc): (i64, [u8; 16]) = (row.get(0)?, row.get(1)?);
            changes.entry(doc).or_default().push(entry);
            if row.get(2)? {
                creating.push((entry, doc));
            }
        }
        let saved: i64 = self.db.query_row(SAVED, [], |row| row.get(0))?;
        if usize::try_from(saved).ok() != Some(creating.len()) {
            report.find(format!(
                "{saved} documents are saved, {} were created",
                creating.len()
            ));
        }
        for (entry, doc) in creating {
            report.documents = report.documents.saturating_add(1);
            let name = self.entry_name(entry)?;
            let of = changes.remove(&doc).unwrap_or_default();
            if let Err(error) = self.check_document(&name, of, report) {
                report.find(format!("document {}: {error}", label(&name)));
            }
        }
        Ok(())
    }

    fn check_document(
        &self,
        name: &EntryRef,
        changes: Vec<i64>,
        report: &mut CheckReport,
    ) -> Result<(), StoreError> {
        let entry = self.known_entry(name)?;
        let replayed = self.replay(entry, changes)?;
        let saved = self
            .load_document(entry)?
            .ok_or_else(|| StoreError::Failed("is not saved".to_owned()))?;
        if saved.heads() != replayed.heads() || saved.values() != replayed.values() {
            report.find(format!(
                "document {}: differs from its changes",
                label(name)
            ));
        }
        let HappenedBody::Document { fields, conflicts } = current(&replayed) else {
            return Ok(());
        };
        match self.person(name)? {
            Some(row) if row.fields == fields && row.conflicts == conflicts => {}
            _ => report.find(format!("document {}: its person row differs", label(name))),
        }
        Ok(())
    }

    /// Applies the changes of a document until none goes on; parked ones stay out.
    fn replay(&self, entry: i64, mut waiting: Vec<i64>) -> Result<Document, StoreError> {
        let failed = |error: DocumentError| StoreError::Failed(error.to_string());
        waiting.retain(|id| *id != entry);
        let mut document = self.first_change(entry)?;
        let mut progress = true;
        while progress {
            progress = false;
            let mut left = Vec::new();
            for id in waiting {
                let name = self.entry_name(id)?;
                let actor = self
                    .actor(name.origin, name.epoch)?
                    .ok_or_else(|| StoreError::Failed("origin is not known".to_owned()))?;
                match document.apply(&self.entry_body(id)?, actor) {
                    Ok(()) => progress = true,
                    Err(DocumentError::MissingDependency) => left.push(id),
                    Err(error) => return Err(failed(error)),
                }
            }
            waiting = left;
        }
        Ok(document)
    }

    fn first_change(&self, entry: i64) -> Result<Document, StoreError> {
        let name = self.entry_name(entry)?;
        debug_assert_eq!(self.entry_meta(entry)?.kind, EntryKind::Change);
        let actor = self
            .actor(name.origin, name.epoch)?
            .ok_or_else(|| StoreError::Failed("origin is not known".to_owned()))?;
        Document::from_first_change(&self.entry_body(entry)?, actor)
            .map_err(|error| StoreError::Failed(error.to_string()))
    }
}

fn label(name: &EntryRef) -> String {
    format!(
        "{}.{:x}.{}.{}",
        name.origin.0, name.epoch.0, name.scope.0, name.seq.0
    )
}
