//! What leaves a node or hub: effects at Building Blocks, messages to phones.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sync_core::EntryRef;

/// One effect to bring to a Building Block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Effect {
    /// Upstream name, such as `registries`.
    pub upstream: String,
    /// The registration it projects; one effect each.
    pub registration: EntryRef,
    /// Derived correlation id, id12.
    pub correlation_id: String,
    /// Request body, canonical JSON; sealed under the child's key.
    pub body: String,
    /// Lane, for the order of claims.
    pub lane: u8,
}

/// Class of a message: the order of sending.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum MessageClass {
    /// Alerts.
    Emergency,
    /// Receipts, codes, payout notices.
    Money,
    /// Referral, result, task for a worker, direct answers.
    Health,
    /// Reminders.
    Reminder,
    /// Broadcast.
    Broadcast,
}

/// A message to queue.
#[derive(Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// One cause yields one message: a second one with the same cause is not queued.
    pub cause: String,
    /// Recipient, E.164 with `+`.
    pub to: String,
    /// The text, rendered.
    pub text: String,
    /// Its class.
    pub class: MessageClass,
    /// Seconds after which it is stale.
    pub validity_s: u32,
    /// Registrations whose result it tells (for proof of confirmation).
    pub covers: Vec<EntryRef>,
    /// When it may leave and what replaces it.
    pub terms: Terms,
}

/// When a message may leave and what replaces it; usually at once and nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Terms {
    /// Not before; the validity counts from here.
    pub due: Option<Timestamp>,
    /// The plan that it belongs to: a later message of the same plan withdraws it while it waits.
    pub plan: Option<String>,
    /// Marked urgent: leaves in quiet hours too.
    pub urgent: bool,
    /// The broadcast that it belongs to.
    pub broadcast: Option<u32>,
}

impl core::fmt::Debug for NewMessage {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "NewMessage({:?}, {} characters)",
            self.class,
            self.text.chars().count()
        )
    }
}
