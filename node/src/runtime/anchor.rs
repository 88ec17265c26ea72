//! The anchor of a running program: compared at the start, taken down every hour and at the end.

use std::path::PathBuf;
use std::time::Duration;

use node_store::{Anchored, SqliteStore};
use tokio::sync::Notify;

use crate::clock::Clock;
use crate::runtime::bell::{Shutdown, wait};
use crate::runtime::watch;

/// Seconds between two marks.
pub const MARK_INTERVAL_S: u64 = 3_600;

/// Compares the store with its anchor, before anything is written. A start goes on in every case:
/// an anchor that cannot be used is said, and people are served.
pub async fn weigh(store: &SqliteStore, anchor: &Option<PathBuf>, clock: Clock) {
    let Some(path) = anchor else {
        return;
    };
    match store.drop_anchor(path, clock.now()).await {
        Ok(Anchored::First | Anchored::Fast) => {}
        Ok(Anchored::SetBack) => set_back(),
        Ok(Anchored::Adrift) => adrift(),
        Err(error) => watch::store_failed("compare the store with its anchor", &error),
    }
}

fn set_back() {
    tracing::error!(
        security = true,
        "the data folder is an older copy, or another board's: a new life began here. Ask the \
         district office for a code and enrol this node again; it goes on registering until then"
    );
}

fn adrift() {
    tracing::warn!(
        security = true,
        "the data folder is not the one that the anchor knows; it waits to be enrolled anyway"
    );
}

/// Takes down how far the store is, until the program shuts down and once then.
pub async fn keep(store: SqliteStore, anchor: PathBuf, mut shutdown: Shutdown) {
    let silent = Notify::new();
    let interval = Duration::from_secs(MARK_INTERVAL_S);
    loop {
        let goes_on = wait(&silent, interval, &mut shutdown).await;
        if let Err(error) = store.raise_mark(&anchor).await {
            watch::store_failed("write the anchor", &error);
        }
        if !goes_on {
            return;
        }
    }
}
