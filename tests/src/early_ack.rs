//! The negative control of the crash suite: a store that acknowledges before COMMIT.
//!
//! It answers each contact from a shadow copy and lets the real store know a little later, as a
//! program would that keeps a step in memory and saves it soon.

use std::time::Duration;

use node_core::contact::Moment;
use node_core::query::{Answer, Query};
use node_core::turn::{Acceptance, Claim, ClaimKind, Committed, Finish, Turn};
use node_store::{Accepting, HubStore, Outbox, SqliteStore, StoreError};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// How much later the real store hears of a step.
const LATER: Duration = Duration::from_millis(50);
/// Steps that wait; more wait at the sender.
const WAITING_MAX: usize = 256;

/// A step that was answered and is not in the store.
struct Unsaved {
    turn: Turn,
    now: Moment,
    due: Instant,
}

/// The wrong store.
#[derive(Clone, Debug)]
pub struct EarlyAck {
    shadow: SqliteStore,
    real: SqliteStore,
    unsaved: mpsc::Sender<Unsaved>,
}

impl EarlyAck {
    /// A wrong store over a real one; `shadow` starts as its equal copy.
    pub fn start(shadow: SqliteStore, real: SqliteStore) -> Self {
        let (unsaved, waiting) = mpsc::channel(WAITING_MAX);
        tokio::spawn(save(real.clone(), waiting));
        Self {
            shadow,
            real,
            unsaved,
        }
    }
}

async fn save(real: SqliteStore, mut waiting: mpsc::Receiver<Unsaved>) {
    while let Some(Unsaved { turn, now, due }) = waiting.recv().await {
        sleep_until(due).await;
        real.commit(turn, now)
            .await
            .expect("the real store takes the step");
    }
}

impl Accepting for EarlyAck {
    async fn accept(&self, frame: Vec<u8>, now: Moment) -> Result<Acceptance, StoreError> {
        self.real.accept(frame, now).await
    }
}

impl Outbox for EarlyAck {
    async fn claim(
        &self,
        kind: ClaimKind,
        limit: u32,
        now: Moment,
    ) -> Result<Vec<Claim>, StoreError> {
        self.real.claim(kind, limit, now).await
    }

    async fn finish(&self, finish: Finish, now: Moment) -> Result<(), StoreError> {
        self.real.finish(finish, now).await
    }
}

impl HubStore for EarlyAck {
    async fn commit(&self, turn: Turn, now: Moment) -> Result<Committed, StoreError> {
        if !matches!(turn, Turn::Contact(_)) {
            return self.real.commit(turn, now).await;
        }
        let answer = self.shadow.commit(turn.clone(), now).await?;
        let unsaved = Unsaved {
            turn,
            now,
            due: Instant::now() + LATER,
        };
        let gone = |_| StoreError::Failed("the saving task has ended".to_owned());
        self.unsaved.send(unsaved).await.map_err(gone)?;
        Ok(answer)
    }

    async fn query(&self, query: Query) -> Result<Answer, StoreError> {
        self.real.query(query).await
    }
}
