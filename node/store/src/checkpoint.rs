//! The checkpointer: a thread that moves the write-ahead log into the database file.
//!
//! SQLite's own checkpoint runs inside the COMMIT that finds the log long, so the people of that
//! group wait for some thousand page writes and two syncs. Here the writer never does that work:
//! after a commit it rings, and this thread, on a connection of its own, copies what the log
//! holds (`PASSIVE`, which hinders neither writer nor readers). When the log has grown to
//! [`RESTART_PAGES`] it takes the writer's lock for the few pages that came meanwhile
//! (`RESTART`), so that the next commit begins the log anew and the file keeps its size.
//!
//! What is acknowledged does not depend on it: a commit is durable in the log.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{Builder, JoinHandle};

use rusqlite::Connection;

use crate::hub_store::StoreError;

/// Pages in the log that were not copied yet, at which copying begins.
pub(crate) const COPY_PAGES: i64 = 2_000;
/// Pages in the log at which it is begun anew after copying: 6 MiB of 1 KiB pages, below
/// `journal_size_limit`, so that the file is reused and not cut.
pub(crate) const RESTART_PAGES: i64 = 6_000;
/// Pages in the log at which an operator hears that it cannot be begun anew: 64 MiB.
const ALARM_PAGES: i64 = 64_000;

/// How long the log is, without doing anything; then how far it was copied.
const LOOK: &str = "PRAGMA wal_checkpoint(NOOP)";
const COPY: &str = "PRAGMA wal_checkpoint(PASSIVE)";
const CUT: &str = "PRAGMA wal_checkpoint(TRUNCATE)";
const RESTART: &str = "PRAGMA wal_checkpoint(RESTART)";

/// Handle of the checkpointer thread.
pub(crate) struct Checkpointer {
    bell: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Rings the checkpointer; held by the writer.
#[derive(Clone)]
pub(crate) struct CheckpointBell {
    rings: SyncSender<()>,
    cuts: Arc<AtomicBool>,
}

impl CheckpointBell {
    /// Says that something was committed. Never waits: one ring that is not yet heard suffices.
    pub(crate) fn ring(&self) {
        match self.rings.try_send(()) {
            Ok(()) | Err(TrySendError::Full(()) | TrySendError::Disconnected(())) => {}
        }
    }

    /// Says that what the log holds must not stay in it, because a person was erased.
    pub(crate) fn cut(&self) {
        self.cuts.store(true, Ordering::SeqCst);
        self.ring();
    }
}

impl Checkpointer {
    /// Starts the thread on a connection that may write.
    pub(crate) fn start(db: Connection) -> Result<(Self, CheckpointBell), StoreError> {
        let (bell, rings) = sync_channel(1);
        let cuts = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&cuts);
        let thread = Builder::new()
            .name("store-checkpoint".to_owned())
            .spawn(move || run(&db, &rings, &asked))
            .map_err(|error| StoreError::Failed(format!("checkpoint thread: {error}")))?;
        let handle = Self {
            bell: Some(bell.clone()),
            thread: Some(thread),
        };
        Ok((handle, CheckpointBell { rings: bell, cuts }))
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.bell = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("store checkpointer ended by a panic");
        }
    }
}

fn run(db: &Connection, rings: &Receiver<()>, cuts: &AtomicBool) {
    while rings.recv().is_ok() {
        let done = if cuts.swap(false, Ordering::SeqCst) {
            cut(db, cuts)
        } else {
            tend(db)
        };
        if let Err(error) = done {
            tracing::warn!(error = %error, "the log could not be copied");
        }
    }
}

/// What SQLite tells of the log, in pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Log {
    pages: i64,
    copied: i64,
}

/// Copies the whole log and cuts it to nothing; where a reader hinders it, the next ring tries again.
fn cut(db: &Connection, cuts: &AtomicBool) -> Result<(), StoreError> {
    let log = checkpoint(db, CUT)?;
    if log.pages > 0 {
        cuts.store(true, Ordering::SeqCst);
    }
    Ok(())
}

fn tend(db: &Connection) -> Result<(), StoreError> {
    let log = checkpoint(db, LOOK)?;
    if log.pages.saturating_sub(log.copied) < COPY_PAGES && log.pages < RESTART_PAGES {
        return Ok(());
    }
    let log = checkpoint(db, COPY)?;
    if log.pages < RESTART_PAGES {
        return Ok(());
    }
    let log = checkpoint(db, RESTART)?;
    if log.pages >= ALARM_PAGES {
        tracing::error!(wal.pages = log.pages, "the log grows: a reader holds it");
    }
    Ok(())
}

/// Runs a checkpoint of a kind. A busy one did what it could and did not wait long, because the
/// writer waits with it; the next ring tries again.
fn checkpoint(db: &Connection, kind: &str) -> Result<Log, StoreError> {
    let log = db.prepare_cached(kind)?.query_row([], |row| {
        Ok(Log {
            pages: row.get(1)?,
            copied: row.get(2)?,
        })
    })?;
    Ok(log)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::clock::monotonic;
    use crate::migrate::{Access, connect, migrate};

    const PUT: &str = "INSERT INTO setting (name, value) VALUES (?1, zeroblob(900))";

    /// A writer's connection whose log holds about this many pages, and the checkpointer's own.
    fn logged(folder: &std::path::Path, pages: i64) -> (Connection, Connection) {
        let writer = connect(folder, Access::Write).unwrap();
        migrate(&writer).unwrap();
        let log = connect(folder, Access::Checkpoint).unwrap();
        let mut n = 0;
        while checkpoint(&log, LOOK).unwrap().pages < pages {
            writer.execute_batch("BEGIN IMMEDIATE").unwrap();
            for _ in 0..200 {
                n += 1;
                writer.execute(PUT, [format!("row-{n}")]).unwrap();
            }
            writer.execute_batch("COMMIT").unwrap();
        }
        (writer, log)
    }

    #[test]
    fn a_commit_never_copies_and_the_checkpointer_does() {
        let folder = tempfile::tempdir().unwrap();
        let (_writer, log) = logged(folder.path(), RESTART_PAGES - 500);
        let before = checkpoint(&log, LOOK).unwrap();
        assert!(
            before.pages > COPY_PAGES && before.copied == 0,
            "{before:?}"
        );
        tend(&log).unwrap();
        let after = checkpoint(&log, LOOK).unwrap();
        assert_eq!(after.copied, after.pages);
    }

    #[test]
    fn a_short_log_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (_writer, log) = logged(folder.path(), COPY_PAGES / 2);
        let before = checkpoint(&log, LOOK).unwrap();
        tend(&log).unwrap();
        assert_eq!(checkpoint(&log, LOOK).unwrap(), before);
    }

    #[test]
    fn a_long_log_begins_anew_and_its_file_stops_growing() {
        let folder = tempfile::tempdir().unwrap();
        let (writer, log) = logged(folder.path(), RESTART_PAGES);
        let file = folder.path().join("outpost.db-wal");
        let length = std::fs::metadata(&file).unwrap().len();
        tend(&log).unwrap();
        writer.execute(PUT, ["next"]).unwrap();
        let next = checkpoint(&log, LOOK).unwrap();
        assert!(next.pages < 20, "{next:?}");
        assert_eq!(std::fs::metadata(&file).unwrap().len(), length);
    }

    #[test]
    fn a_reader_delays_the_new_log_and_nothing_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let (writer, log) = logged(folder.path(), COPY_PAGES);
        let reader = connect(folder.path(), Access::Read).unwrap();
        reader
            .execute_batch("BEGIN; SELECT count(*) FROM setting")
            .unwrap();
        for n in 0..RESTART_PAGES {
            writer.execute(PUT, [format!("late-{n}")]).unwrap();
        }
        // Whoever writes meanwhile waits much less than it takes to make him give up.
        let tending = std::thread::spawn(move || {
            tend(&log).unwrap();
            log
        });
        let (mut writes, mut longest) = (0, Duration::ZERO);
        while !tending.is_finished() {
            writes += 1;
            let began = monotonic();
            writer.execute(PUT, [format!("beside-{writes}")]).unwrap();
            longest = longest.max(began.elapsed());
        }
        assert!(longest < Duration::from_secs(3), "{longest:?}");
        let log = tending.join().unwrap();
        let held = checkpoint(&log, LOOK).unwrap();
        assert!(
            held.pages >= RESTART_PAGES && held.copied < held.pages,
            "{held:?}"
        );
        reader.execute_batch("COMMIT").unwrap();
        tend(&log).unwrap();
        writer.execute(PUT, ["next"]).unwrap();
        let count: i64 = reader
            .query_row(
                "SELECT count(*) FROM setting WHERE name LIKE 'late-%'",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(count, RESTART_PAGES);
        assert!(checkpoint(&log, LOOK).unwrap().pages < 20);
    }
}
