//! What one store transaction does: a turn in, its committed result out; claims of outward effects.
//!
//! The store opens the transaction, asks the pure rules, writes, commits, and only then returns.

use channels_core::{SmsStatus, SubmitOutcome};
use sync_core::{Epoch, NodeId};

use crate::application::{ApplicationMessage, ApplicationReceipt};
use crate::command::{Command, Outcome, Rejection};
use crate::contact::{Contact, ContactAnswer};
use crate::message::order::{Order, OrderRefusal, Ordered};
use crate::pin::{Stretch, Stretched};
use crate::removal::RemovalOutcome;
use crate::role::Principal;
use crate::view::MessageClass;

/// One transaction's worth of input.
#[derive(Clone, Debug)]
pub enum Turn {
    /// A phone did something.
    Contact(Contact),
    /// A principal gives a command outside a dialogue (console, API, scheduler).
    Command {
        /// Who.
        principal: Principal,
        /// What.
        command: Command,
    },
    /// A receipt of our hub for a chain that we wrote: marks rows as carried.
    Receipt(Vec<u8>),
    /// A certificate of a peer, issued by a hub CA that we trust.
    Certificate(Vec<u8>),
    /// A revocation list that our hub signed; taken when its number is higher than that of ours.
    Revocations(Vec<u8>),
    /// Hub: sign the certificate of a life anew when half of its time is over; else nothing.
    Renew {
        /// Whose.
        node: NodeId,
        /// Which life.
        epoch: Epoch,
    },
    /// The network told what became of a message.
    MessageStatus(SmsStatus),
    /// An operator, a scheduler or a link orders something of the outbox.
    Order(Order),
    /// A local application submitted a message.
    Submit(ApplicationMessage),
    /// A turn once more, with the hashes that it asked for ([`Committed::Stretch`]).
    Stretched {
        /// The same turn.
        turn: Box<Turn>,
        /// All hashes computed for it so far.
        done: Vec<Stretched>,
    },
}

/// What was committed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Committed {
    /// A contact's answer.
    Contact(ContactAnswer),
    /// A command's outcome, or why it was not done.
    Command(Result<Outcome, Rejection>),
    /// The outbox id of an application's message; `None`: its queue is full.
    Submitted(Option<String>),
    /// Stored.
    Done,
    /// Refused with a reason; nothing was changed.
    Refused(String),
    /// What an order did, or why not.
    Ordered(Result<Ordered, OrderRefusal>),
    /// Nothing yet but a charged try: compute this hash outside the store, then give the same
    /// turn again as [`Turn::Stretched`].
    Stretch(Stretch),
}

/// Which outbox a claim takes from.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ClaimKind {
    /// Messages to phones, whatever link will carry them.
    Messages,
    /// Messages to phones over one link, within its budget.
    MessagesOver {
        /// Its name.
        link: String,
    },
    /// Effects at one upstream.
    Effects {
        /// Upstream name.
        upstream: String,
    },
    /// Ends of messages that a local application is owed; not leased.
    ApplicationReceipts {
        /// Its account.
        application: String,
    },
    /// Records of erased people to be removed at one upstream.
    Removals {
        /// Upstream name.
        upstream: String,
    },
}

/// One outbox row, leased to the caller for 60 s. A lapsed lease means *unknown outcome*.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Claim {
    /// A message.
    Message {
        /// Outbox id, committed before.
        id: String,
        /// Recipient, E.164 with `+`.
        to: String,
        /// Text.
        text: Private,
        /// Class.
        class: MessageClass,
        /// Seconds of validity left.
        validity_s: u32,
        /// From 1.
        attempt: u32,
        /// Handed over before, without an answer (CH24).
        possible_duplicate: bool,
    },
    /// The end of an application's message.
    ApplicationReceipt(ApplicationReceipt),
    /// An effect.
    Effect {
        /// Request id, committed before; the same for every attempt.
        request_id: String,
        /// Correlation id of the phone session.
        correlation_id: String,
        /// Canonical JSON of the request.
        body: Private,
        /// From 1.
        attempt: u32,
    },
    /// A record of an erased person.
    Removal {
        /// Request id, committed before; the same for every attempt.
        request_id: String,
        /// Ids that the record may have at the upstream: theirs where they told one, and ours.
        records: Vec<Private>,
        /// From 1.
        attempt: u32,
    },
}

/// Text that `Debug` does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct Private(pub String);

impl core::fmt::Debug for Private {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "[{} bytes]", self.0.len())
    }
}

/// What became of a claimed row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Finish {
    /// A message.
    Message {
        /// Outbox id.
        id: String,
        /// Link that carried it, for matching receipts.
        link: String,
        /// Result.
        outcome: SubmitOutcome,
    },
    /// A message became stale before it was handed to its link.
    MessageStale {
        /// Outbox id.
        id: String,
        /// The link that would have carried it.
        link: String,
    },
    /// An application was told the end of its message.
    ApplicationReceipt {
        /// Outbox id.
        id: String,
    },
    /// An effect.
    Effect {
        /// Request id.
        request_id: String,
        /// Result.
        outcome: EffectOutcome,
    },
    /// A record of an erased person.
    Removal {
        /// Request id.
        request_id: String,
        /// Result.
        outcome: RemovalOutcome,
    },
}

/// Result of bringing an effect to a Building Block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EffectOutcome {
    /// Taken; the registry's id.
    Accepted {
        /// Theirs.
        registry_id: String,
    },
    /// Refused for good.
    Rejected {
        /// Their code.
        code: String,
        /// The field they name.
        field: Option<String>,
        /// Their words.
        reason: String,
    },
    /// Certainly not sent, or the peer said "later".
    TryLater {
        /// Seconds.
        after_s: u32,
    },
    /// It may have happened: retried with the same id.
    Unknown,
}

/// What came of offering a frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Acceptance {
    /// Committed. A hub returns its receipt bytes.
    Accepted {
        /// Entries that were new.
        entries: u32,
        /// Signed receipt, from a hub only.
        receipt: Option<Vec<u8>>,
    },
    /// All entries were known with the same hashes. A hub returns its receipt again.
    Known {
        /// Signed receipt, from a hub only.
        receipt: Option<Vec<u8>>,
    },
    /// Refused; no row changed.
    Refused {
        /// Code of docs/protocols/frames.md.
        code: u8,
        /// For people and logs; no personal data.
        reason: String,
    },
}
