//! The one writer: a thread that takes jobs from a bounded queue and commits them in groups.
//!
//! A group is what waits when the writer is free: at most [`GROUP_JOBS_MAX`] jobs or
//! [`GROUP_TIME_MAX`] of work. Each job runs in its own savepoint, one COMMIT makes the group
//! durable, and only then is anybody answered. A job that fails leaves no trace and does not
//! disturb the others.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use rusqlite::Connection;

use crate::checkpoint::CheckpointBell;
use crate::clock::monotonic;
use crate::hub_store::StoreError;

/// Jobs that wait for the writer; one more is answered "busy".
pub(crate) const QUEUE_JOBS_MAX: usize = 256;
/// Jobs that share a commit; the next ones go to the next group.
pub(crate) const GROUP_JOBS_MAX: usize = 64;
/// Time after which a group takes no further job.
pub(crate) const GROUP_TIME_MAX: Duration = Duration::from_millis(5);

/// Tells the asker how its job ended; called once, after COMMIT or after a failure.
pub(crate) type Answer = Box<dyn FnOnce(Option<&StoreError>) + Send>;
/// One job: gets the connection inside the group's transaction, or why there is none.
pub(crate) type Job = Box<dyn FnOnce(Result<&Connection, &StoreError>) -> Answer + Send>;

/// Handle of the writer thread.
pub(crate) struct Writer {
    queue: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread; it rings the checkpointer after each commit.
    pub(crate) fn start(db: Connection, bell: CheckpointBell) -> Result<Self, StoreError> {
        let (queue, jobs) = sync_channel(QUEUE_JOBS_MAX);
        let thread = Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || run(&db, &jobs, &bell))
            .map_err(|error| StoreError::Failed(format!("writer thread: {error}")))?;
        Ok(Self {
            queue: Some(queue),
            thread: Some(thread),
        })
    }

    /// Queues a job, or says at once that the queue is full.
    pub(crate) fn send(&self, job: Job) -> Result<(), StoreError> {
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        queue.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::Busy("writer queue is full".to_owned()),
            TrySendError::Disconnected(_) => stopped(),
        })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("store writer ended by a panic");
        }
    }
}

fn stopped() -> StoreError {
    StoreError::Failed("store has stopped".to_owned())
}

fn run(db: &Connection, jobs: &Receiver<Job>, bell: &CheckpointBell) {
    while let Ok(first) = jobs.recv() {
        group(db, first, jobs);
        bell.ring();
    }
}

fn group(db: &Connection, first: Job, jobs: &Receiver<Job>) {
    if let Err(error) = db.execute_batch("BEGIN IMMEDIATE") {
        let error = StoreError::from(error);
        alarm("begin", &error, 1);
        first(Err(&error))(Some(&error));
        return;
    }
    let opened = monotonic();
    let mut answers = vec![first(Ok(db))];
    // A full disk may end the whole transaction; nothing more may run in it then.
    while !db.is_autocommit() && answers.len() < GROUP_JOBS_MAX && opened.elapsed() < GROUP_TIME_MAX
    {
        let Ok(job) = jobs.try_recv() else { break };
        answers.push(job(Ok(db)));
    }
    let failure = commit(db).err();
    if let Some(error) = &failure {
        alarm("commit", error, answers.len());
    }
    for answer in answers {
        answer(failure.as_ref());
    }
}

fn alarm(step: &str, error: &StoreError, jobs: usize) {
    tracing::error!(error = %error, store.step = step, store.group = jobs, "transaction failed");
}

fn commit(db: &Connection) -> Result<(), StoreError> {
    if db.is_autocommit() {
        return Err(StoreError::Busy("the disk is full".to_owned()));
    }
    let failed = db.execute_batch("COMMIT").map_err(StoreError::from);
    if failed.is_err() && !db.is_autocommit() {
        db.execute_batch("ROLLBACK")?;
    }
    failed
}

/// Runs `work` in a savepoint: its writes stay only when it returns `Ok`.
pub(crate) fn savepoint<T, E>(db: &Connection, work: impl FnOnce() -> Result<T, E>) -> Result<T, E>
where
    E: From<StoreError>,
{
    let step = |sql: &str| {
        db.prepare_cached(sql)
            .and_then(|mut statement| statement.execute([]))
            .map_err(|error| E::from(StoreError::from(error)))
    };
    step("SAVEPOINT job")?;
    let outcome = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_panic| {
        Err(E::from(StoreError::Failed(
            "a job ended by a panic".to_owned(),
        )))
    });
    match outcome {
        Ok(value) => {
            step("RELEASE job")?;
            Ok(value)
        }
        Err(error) => {
            // After a full disk SQLite may have ended the whole transaction already.
            if !db.is_autocommit() {
                step("ROLLBACK TO job")?;
                step("RELEASE job")?;
            }
            Err(error)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::Checkpointer;
    use crate::migrate::{Access, connect, migrate};

    const PUT: &str = "INSERT INTO setting (name, value) VALUES (?1, x'00')";
    const COUNT: &str = "SELECT count(*) FROM setting WHERE name LIKE ?1";

    type Outcome = Result<(), StoreError>;

    /// A writer and its checkpointer, which must end after it: later names are dropped first.
    fn open(folder: &std::path::Path) -> (Checkpointer, Writer) {
        let db = connect(folder, Access::Write).unwrap();
        migrate(&db).unwrap();
        start(db, folder)
    }

    fn start(db: Connection, folder: &std::path::Path) -> (Checkpointer, Writer) {
        let log = connect(folder, Access::Checkpoint).unwrap();
        let (checkpointer, bell) = Checkpointer::start(log).unwrap();
        (checkpointer, Writer::start(db, bell).unwrap())
    }

    /// A job whose end is told over the channel.
    fn job(
        told: &SyncSender<Result<(), String>>,
        work: impl FnOnce(&Connection) -> Outcome + Send + 'static,
    ) -> Job {
        let told = told.clone();
        Box::new(move |db| {
            let outcome = match db {
                Ok(db) => savepoint(db, || work(db)),
                Err(error) => Err(StoreError::Failed(error.to_string())),
            };
            Box::new(move |failure| {
                let outcome = match failure {
                    Some(error) => Err(error.to_string()),
                    None => outcome.map_err(|error| error.to_string()),
                };
                told.send(outcome).unwrap();
            })
        })
    }

    fn put(name: &str) -> impl FnOnce(&Connection) -> Outcome + Send + 'static {
        let name = name.to_owned();
        move |db| {
            db.execute(PUT, [name])?;
            Ok(())
        }
    }

    fn count(folder: &std::path::Path, like: &str) -> i64 {
        let db = connect(folder, Access::Read).unwrap();
        db.query_row(COUNT, [like], |row| row.get(0)).unwrap()
    }

    #[test]
    fn an_answer_comes_only_when_another_connection_sees_the_row() {
        let folder = tempfile::tempdir().unwrap();
        let (_checkpointer, writer) = open(folder.path());
        let (told, answers) = sync_channel(1);
        for n in 0..20 {
            writer.send(job(&told, put(&format!("row-{n}")))).unwrap();
            answers.recv().unwrap().unwrap();
            assert_eq!(count(folder.path(), "row-%"), n + 1);
        }
    }

    #[test]
    fn the_log_is_moved_while_nobody_asks_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let (checkpointer, writer) = open(folder.path());
        // Kept open, so that no connection is the last one, whose end would move the log anyway.
        let witness = connect(folder.path(), Access::Checkpoint).unwrap();
        let (told, answers) = sync_channel(1);
        for n in 0..40 {
            let rows = move |db: &Connection| {
                for row in 0..100 {
                    put(&format!("{n}-{row}-{}", "x".repeat(900)))(db)?;
                }
                Ok(())
            };
            writer.send(job(&told, rows)).unwrap();
            answers.recv().unwrap().unwrap();
        }
        drop(writer);
        drop(checkpointer);
        let copied: i64 = witness
            .query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| row.get(2))
            .unwrap();
        assert!(copied >= crate::checkpoint::COPY_PAGES, "{copied} pages");
        assert_eq!(count(folder.path(), "%"), 4_000);
    }

    #[test]
    fn a_failing_or_panicking_job_leaves_no_trace_and_disturbs_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let (_checkpointer, writer) = open(folder.path());
        let (told, answers) = sync_channel(8);
        let (hold, gate) = sync_channel::<()>(0);
        writer
            .send(job(&told, move |_db| {
                gate.recv().unwrap();
                Ok(())
            }))
            .unwrap();
        writer.send(job(&told, put("good-1"))).unwrap();
        writer
            .send(job(&told, |db| {
                db.execute(PUT, ["bad-1"])?;
                Err(StoreError::Failed("no".to_owned()))
            }))
            .unwrap();
        writer
            .send(job(&told, |db| {
                db.execute(PUT, ["bad-2"])?;
                let none: Option<u8> = None;
                none.map(|_| ()).expect("planted panic");
                Ok(())
            }))
            .unwrap();
        writer.send(job(&told, put("good-2"))).unwrap();
        hold.send(()).unwrap();
        let outcomes: Vec<bool> = (0..5).map(|_| answers.recv().unwrap().is_ok()).collect();
        assert_eq!(outcomes, [true, true, false, false, true]);
        assert_eq!(count(folder.path(), "good-%"), 2);
        assert_eq!(count(folder.path(), "bad-%"), 0);
    }

    #[test]
    fn a_full_queue_is_busy_at_once_and_empties_again() {
        let folder = tempfile::tempdir().unwrap();
        let (_checkpointer, writer) = open(folder.path());
        let (told, answers) = sync_channel(QUEUE_JOBS_MAX + 2);
        let (hold, gate) = sync_channel::<()>(0);
        let (started, begun) = sync_channel::<()>(1);
        writer
            .send(job(&told, move |_db| {
                started.send(()).unwrap();
                gate.recv().unwrap();
                Ok(())
            }))
            .unwrap();
        begun.recv().unwrap();
        for n in 0..QUEUE_JOBS_MAX {
            writer.send(job(&told, put(&format!("row-{n}")))).unwrap();
        }
        let refused = writer.send(job(&told, put("too-much"))).unwrap_err();
        assert!(matches!(refused, StoreError::Busy(_)));
        hold.send(()).unwrap();
        for _ in 0..=QUEUE_JOBS_MAX {
            answers.recv().unwrap().unwrap();
        }
        writer.send(job(&told, put("after"))).unwrap();
        answers.recv().unwrap().unwrap();
        assert_eq!(count(folder.path(), "too-much"), 0);
    }

    #[test]
    fn a_full_disk_is_busy_and_leaves_nothing_half() {
        let folder = tempfile::tempdir().unwrap();
        let db = connect(folder.path(), Access::Write).unwrap();
        migrate(&db).unwrap();
        let pages: i64 = db
            .pragma_query_value(None, "page_count", |row| row.get(0))
            .unwrap();
        db.pragma_update(None, "max_page_count", pages + 1).unwrap();
        let (_checkpointer, writer) = start(db, folder.path());
        let (told, answers) = sync_channel(1);
        let mut refused = 0;
        for n in 0..40 {
            let name = format!("{n:0900}");
            writer.send(job(&told, put(&name))).unwrap();
            refused += u32::from(
                answers
                    .recv()
                    .unwrap()
                    .is_err_and(|why| why.contains("busy")),
            );
        }
        assert!(refused > 0);
        assert_eq!(count(folder.path(), "0%"), 40 - i64::from(refused));
    }
}
