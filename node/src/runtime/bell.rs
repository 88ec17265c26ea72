//! Bells: a commit rings, the loops that may have work wake up. Lost rings cost one interval.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};

/// Wakes the loops of one node or hub.
#[derive(Clone, Debug, Default)]
pub struct Bells {
    /// Something may be waiting in the outbox of messages.
    pub messages: Arc<Notify>,
    /// Something may be waiting for a Building Block.
    pub effects: Arc<Notify>,
    /// There may be news for the hub.
    pub news: Arc<Notify>,
    /// There may be news for the other end of an SMS link.
    pub sms: Arc<Notify>,
    /// There may be news for neighbours.
    pub lan: Arc<Notify>,
}

impl Bells {
    /// Rings all of them.
    pub fn ring(&self) {
        self.messages.notify_one();
        self.effects.notify_one();
        self.news.notify_one();
        self.sms.notify_one();
        self.lan.notify_one();
    }
}

/// Ends the loops: true once the program shuts down.
pub type Shutdown = watch::Receiver<bool>;

/// Waits for the bell, the interval, or the end; false means that the program shuts down.
pub async fn wait(bell: &Notify, interval: Duration, shutdown: &mut Shutdown) -> bool {
    if *shutdown.borrow() {
        return false;
    }
    // All three are cancel safe: a lost notification is made up for by the interval.
    tokio::select! {
        () = bell.notified() => true,
        () = tokio::time::sleep(interval) => true,
        changed = shutdown.changed() => changed.is_ok() && !*shutdown.borrow(),
    }
}
