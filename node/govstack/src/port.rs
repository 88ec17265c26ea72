//! The channel from a served API to whoever answers its questions: closed queries and commands
//! of the domain, one answer each.
//!
//! This package has no edge to the store. `node::wiring` takes the [`Ask`]s from the receiver and
//! answers them from the store; nothing is answered before it is durable.

use std::sync::Arc;
use std::time::Duration;

use node_core::command::{Command, Outcome, Rejection};
use node_core::query::{Answer, Query};
use node_core::read::RecordName;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::time::timeout;

/// Most questions that wait at once; a further one waits [`ANSWER_WAIT_MAX`], then is refused as
/// busy (HTTP 503 with `Retry-After`).
pub const PORT_QUEUE_MAX: usize = 64;
/// Longest wait for a place in the queue and then for the answer; after it the caller hears 503
/// and may repeat the same request, which is recognised if it was done meanwhile.
pub const ANSWER_WAIT_MAX: Duration = Duration::from_secs(20);

/// One question or command, with the way back.
#[derive(Debug)]
pub enum Ask {
    /// A question to the store.
    Query {
        /// The question.
        query: Query,
        /// Where the answer goes.
        reply: Reply<Answer>,
    },
    /// A command; its principal is the system, acting for the client that the fact names.
    Command {
        /// What is to be done.
        command: Command,
        /// Where the outcome goes.
        reply: Reply<Result<Outcome, Rejection>>,
    },
}

/// The way back of one [`Ask`]; dropping it unanswered tells the asker [`PortError::Failed`].
#[derive(Debug)]
pub struct Reply<T> {
    sender: oneshot::Sender<Result<T, PortError>>,
    /// Keeps the write turn until the command is answered, even when the HTTP caller has gone:
    /// otherwise the next writer could read the record before this write is visible.
    turn: Option<Arc<OwnedSemaphorePermit>>,
}

impl<T> Reply<T> {
    /// Answers. A caller who has gone in the meantime is no error.
    pub fn send(self, answer: Result<T, PortError>) {
        let Self { sender, turn } = self;
        if sender.send(answer).is_err() {
            tracing::debug!("the caller left before its answer");
        }
        drop(turn);
    }
}

/// Why there is no answer; surfaces as HTTP 503 or 500.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PortError {
    /// The queue or the store is full: the caller may repeat the same request.
    #[error("store is busy")]
    Busy,
    /// The answerer is gone, or answered something that does not fit the question.
    #[error("store gave no answer")]
    Failed,
}

/// The asking end, cheap to clone.
#[derive(Clone, Debug)]
pub struct Port {
    asks: mpsc::Sender<Ask>,
    turns: Arc<Semaphore>,
}

impl Port {
    /// Both ends of a new channel.
    pub fn new() -> (Self, mpsc::Receiver<Ask>) {
        let (asks, receiver) = mpsc::channel(PORT_QUEUE_MAX);
        (
            Self {
                asks,
                turns: Arc::new(Semaphore::new(1)),
            },
            receiver,
        )
    }

    /// Asks one question.
    ///
    /// # Errors
    /// [`PortError`] when nobody answers in time.
    pub async fn query(&self, query: Query) -> Result<Answer, PortError> {
        self.ask(|sender| Ask::Query {
            query,
            reply: Reply { sender, turn: None },
        })
        .await
    }

    /// Notes what is about to be shown: nothing is answered before the note is durable.
    ///
    /// # Errors
    /// [`PortError`] when it is not: then nothing may be shown.
    pub async fn note(
        &self,
        client: &str,
        operation: &str,
        records: Vec<RecordName>,
    ) -> Result<(), PortError> {
        if records.is_empty() {
            return Ok(());
        }
        let command = Command::NoteRecords {
            client: client.to_owned(),
            operation: operation.to_owned(),
            records,
        };
        let reply = |sender| Ask::Command {
            command,
            reply: Reply { sender, turn: None },
        };
        match self.ask(reply).await? {
            Ok(_) => Ok(()),
            Err(rejection) => {
                tracing::error!(rejection.text = rejection.text, "a read was not noted");
                Err(PortError::Failed)
            }
        }
    }

    /// Waits for the turn to read, check and write a record as one step.
    ///
    /// One turn at a time: two requests for the same record never both find it missing.
    ///
    /// # Errors
    /// [`PortError::Busy`] when the turn does not come in time.
    pub async fn write_turn(&self) -> Result<WriteTurn, PortError> {
        let waiting = Arc::clone(&self.turns).acquire_owned();
        match timeout(ANSWER_WAIT_MAX, waiting).await {
            Ok(Ok(permit)) => Ok(WriteTurn {
                port: self.clone(),
                permit: Arc::new(permit),
            }),
            Ok(Err(_)) => Err(PortError::Failed),
            Err(_) => Err(PortError::Busy),
        }
    }

    async fn ask<T>(
        &self,
        make: impl FnOnce(oneshot::Sender<Result<T, PortError>>) -> Ask,
    ) -> Result<T, PortError> {
        let (sender, receiver) = oneshot::channel();
        match self.asks.send_timeout(make(sender), ANSWER_WAIT_MAX).await {
            Ok(()) => {}
            Err(mpsc::error::SendTimeoutError::Timeout(_)) => return Err(PortError::Busy),
            Err(mpsc::error::SendTimeoutError::Closed(_)) => return Err(PortError::Failed),
        }
        match timeout(ANSWER_WAIT_MAX, receiver).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(PortError::Failed),
            Err(_) => Err(PortError::Busy),
        }
    }
}

/// The right to read, check and write; given back when this and all its replies are gone.
#[derive(Debug)]
pub struct WriteTurn {
    port: Port,
    permit: Arc<OwnedSemaphorePermit>,
}

impl WriteTurn {
    /// Asks one question within the turn.
    ///
    /// # Errors
    /// [`PortError`] when nobody answers in time.
    pub async fn query(&self, query: Query) -> Result<Answer, PortError> {
        self.port.query(query).await
    }

    /// Gives one command within the turn.
    ///
    /// # Errors
    /// [`PortError`] when nobody answers in time; it may have been done all the same.
    pub async fn command(&self, command: Command) -> Result<Result<Outcome, Rejection>, PortError> {
        let turn = Some(Arc::clone(&self.permit));
        self.port
            .ask(|sender| Ask::Command {
                command,
                reply: Reply { sender, turn },
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_dropped_reply_is_a_failure_and_no_hang() {
        let (port, mut asks) = Port::new();
        let drop_it = async { drop(asks.recv().await) };
        let (answer, ()) = tokio::join!(port.query(Query::Counts), drop_it);
        assert_eq!(answer, Err(PortError::Failed));
    }
}
