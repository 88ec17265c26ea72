//! What the loops tell an operator, one place each: a task that ended abnormally, a store that
//! failed. Logged where it is handled, once.

use node_store::StoreError;
use tokio::task::JoinError;

/// A task of a loop has ended; only an abnormal end is worth a line.
pub fn ended(what: &'static str, done: Result<(), JoinError>) {
    if let Err(error) = done {
        tracing::error!(task = what, error = %error, "a task ended abnormally");
    }
}

/// The store did not do something that nobody else will be told of.
pub fn store_failed(what: &'static str, error: &StoreError) {
    tracing::error!(store.step = what, error = %error, "the store failed");
}

/// Nobody waits for this answer any more; that is the asker's business.
pub fn unheard(what: &'static str, is_unheard: bool) {
    if is_unheard {
        tracing::debug!(answer = what, "nobody waits for this answer any more");
    }
}
