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
    /// Starts the thread.
    pub(crate) fn start(db: Connection) -> Result<Self, StoreError> {
        let (queue, jobs) = sync_channel(QUEUE_JOBS_MAX);
        let thread = Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || run(&db, &jobs))
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

fn run(db: &Connection, jobs: &Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        group(db, first, jobs);
    }
}

fn group(db: &Connection, first: Job, jobs: &Receiver<Job>) {
    if let Err(error) = db.execute_batch("BEGIN IMMEDIATE") {
        let error = StoreError::from(error);
        tracing::error!(error = %error, "store cannot begin a transaction");
        first(Err(&error))(Some(&error));
        return;
    }
    let opened = monotonic();
    let mut answers = vec![first(Ok(db))];
    while answers.len() < GROUP_JOBS_MAX && opened.elapsed() < GROUP_TIME_MAX {
        let Ok(job) = jobs.try_recv() else { break };
        answers.push(job(Ok(db)));
    }
    let failure = db.execute_batch("COMMIT").err().map(StoreError::from);
    if let Some(error) = &failure {
        tracing::error!(error = %error, store.group = answers.len(), "store cannot commit");
        // After some errors SQLite has rolled back by itself; then this one is refused.
        if !db.is_autocommit()
            && let Err(error) = db.execute_batch("ROLLBACK")
        {
            tracing::error!(error = %error, "store cannot roll back");
        }
    }
    for answer in answers {
        answer(failure.as_ref());
    }
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
