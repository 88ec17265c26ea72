//! Rules for the bodies of one frame, the same at sealing and at opening.

use super::FACT_BYTES_MAX;
use crate::document::{self, DocumentError, OPERATIONS_MAX};
use crate::entry::{Entry, EntryKind};
use crate::id::Epoch;
use crate::journal;
use crate::refusal::{Refusal, RefusalCode};

/// Rules for the bodies of one frame.
pub(super) struct BodyRules {
    actor: [u8; 8],
    operations: usize,
}

impl BodyRules {
    pub(super) fn new(origin_key: &[u8; 32], epoch: Epoch) -> Self {
        Self {
            actor: journal::actor(origin_key, epoch),
            operations: 0,
        }
    }

    pub(super) fn actor(&self) -> [u8; 8] {
        self.actor
    }

    pub(super) fn check(&mut self, entry: &Entry) -> Result<(), Refusal> {
        match entry.meta.kind {
            EntryKind::Change => self.check_change(entry),
            EntryKind::Fact if entry.body.is_empty() || entry.body.len() > FACT_BYTES_MAX => Err(
                Refusal::new(RefusalCode::Content, "fact is empty or over 16 KiB"),
            ),
            EntryKind::Fact => Ok(()),
        }
    }

    fn check_change(&mut self, entry: &Entry) -> Result<(), Refusal> {
        let head = document::inspect(&entry.body)?;
        if head.actor != self.actor {
            return Err(DocumentError::Actor.into());
        }
        if head.dependencies.is_empty() != entry.meta.creates_document() {
            let reason = "change and head differ on whether a document begins";
            return Err(Refusal::new(RefusalCode::Content, reason));
        }
        self.operations = self.operations.saturating_add(head.operations);
        if self.operations > OPERATIONS_MAX {
            return Err(Refusal::new(
                RefusalCode::Content,
                "frame has over 10000 operations",
            ));
        }
        Ok(())
    }
}
