//! Read connections: a few threads that answer questions from committed state.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::{Builder, JoinHandle};

use rusqlite::Connection;

use crate::hub_store::StoreError;
use crate::writer::Job;

/// Questions that wait for a reader; one more is answered "busy".
pub(crate) const QUESTIONS_MAX: usize = 256;
/// Read connections.
pub(crate) const READERS: usize = 2;

/// Handle of the reader threads.
pub(crate) struct Readers {
    queue: Option<SyncSender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    /// Starts a thread per connection.
    pub(crate) fn start(connections: Vec<Connection>) -> Result<Self, StoreError> {
        let (queue, jobs) = sync_channel(QUESTIONS_MAX);
        let jobs = Arc::new(Mutex::new(jobs));
        let mut threads = Vec::new();
        for db in connections {
            let jobs = Arc::clone(&jobs);
            let thread = Builder::new()
                .name("store-reader".to_owned())
                .spawn(move || run(&db, &jobs))
                .map_err(|error| StoreError::Failed(format!("reader thread: {error}")))?;
            threads.push(thread);
        }
        Ok(Self {
            queue: Some(queue),
            threads,
        })
    }

    /// Queues a question, or says at once that the queue is full.
    pub(crate) fn send(&self, job: Job) -> Result<(), StoreError> {
        let stopped = || StoreError::Failed("store has stopped".to_owned());
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        queue.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::Busy("reader queue is full".to_owned()),
            TrySendError::Disconnected(_) => stopped(),
        })
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.queue = None;
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("store reader ended by a panic");
            }
        }
    }
}

fn run(db: &Connection, jobs: &Mutex<Receiver<Job>>) {
    while let Some(job) = next(jobs) {
        answer(db, job);
    }
}

fn next(jobs: &Mutex<Receiver<Job>>) -> Option<Job> {
    jobs.lock().ok()?.recv().ok()
}

fn answer(db: &Connection, job: Job) {
    if let Err(error) = db.execute_batch("BEGIN") {
        let error = StoreError::from(error);
        job(Err(&error))(Some(&error));
        return;
    }
    let answer = job(Ok(db));
    let failure = db.execute_batch("COMMIT").err().map(StoreError::from);
    answer(failure.as_ref());
}
