//! Wraps all keys anew after an erasure, and ends the old wrapping key.
//!
//! The store knows whether it is time: at most once a day, and only after an erasure. It works in
//! slices, so phones are answered meanwhile; one that was cut goes on at the next look.

use std::time::Duration;

use node_store::SqliteStore;
use tokio::sync::Notify;

use crate::clock::Clock;
use crate::runtime::bell::{Shutdown, wait};
use crate::runtime::watch;

/// Seconds between two looks.
pub const REWRAP_INTERVAL_S: u64 = 1_800;

/// Looks until the program shuts down.
pub async fn run(store: SqliteStore, clock: Clock, mut shutdown: Shutdown) {
    let silent = Notify::new();
    loop {
        match store.rewrap(clock.now()).await {
            Ok(true) => tracing::info!("all keys are wrapped anew, the old wrapping key ended"),
            Ok(false) => {}
            Err(error) => watch::store_failed("wrap all keys anew", &error),
        }
        let interval = Duration::from_secs(REWRAP_INTERVAL_S);
        if !wait(&silent, interval, &mut shutdown).await {
            return;
        }
    }
}
