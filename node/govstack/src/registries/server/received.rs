//! Counts of what a served registry really received, for proofs and for the console.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// Most different correlation ids that are remembered; later ones are not counted as different.
const CORRELATION_IDS_MAX: usize = 100_000;
/// Longest correlation id that is remembered, in characters; GovStack allows at most 36.
const CORRELATION_CHARS_MAX: usize = 36;

/// Counts since the start of the process, whatever was answered and whether it arrived.
#[derive(Debug, Default)]
pub struct Received {
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    reads: u64,
    writes: u64,
    correlation_ids: BTreeSet<String>,
}

impl Received {
    /// Requests that read: list, exists, read, readValue.
    pub fn reads(&self) -> u64 {
        self.counts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .reads
    }

    /// Requests that write: create, update, updateEntries, updateOrCreate, delete.
    pub fn writes(&self) -> u64 {
        self.counts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .writes
    }

    /// Different `X-CorrelationID` values among the writes.
    pub fn correlation_ids(&self) -> usize {
        self.counts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .correlation_ids
            .len()
    }

    pub(super) fn count_read(&self) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.reads = counts.reads.saturating_add(1);
    }

    pub(super) fn count_write(&self, correlation_id: Option<&str>) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.writes = counts.writes.saturating_add(1);
        let fits = |id: &&str| (1..=CORRELATION_CHARS_MAX).contains(&id.len());
        if let Some(id) = correlation_id.filter(fits)
            && counts.correlation_ids.len() < CORRELATION_IDS_MAX
        {
            counts.correlation_ids.insert(id.to_owned());
        }
    }
}
