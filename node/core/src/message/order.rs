//! Orders about messages: what an operator, a scheduler or a link asks of the outbox.
//!
//! They change queue and lists only; nothing here is a fact of the journal. The operator is
//! whoever may run the program on this machine; roles of several people come with the console.

use core::fmt;

use sync_core::EntryRef;

use super::approval::ApprovalRefusal;
use super::audience::Audience;
use super::broadcast::Oversize;
use super::policy::Policy;
use crate::view::NewMessage;

/// One order.
#[derive(Clone, PartialEq, Eq)]
pub enum Order {
    /// Replace the rules of sending.
    SetPolicy(Policy),
    /// A link's balance was read, in minor units (`+CUSD`, an API).
    Balance {
        /// The link.
        link: String,
        /// Minor units.
        balance_minor: i64,
    },
    /// Queue a message: a reminder with its plan, a task, an alert.
    Queue(NewMessage),
    /// Withdraw what waits of a plan.
    CancelPlan(String),
    /// Keep a waiting message back.
    Hold(MessageId),
    /// Let a held message go; the breaker does not hold it again.
    Release(MessageId),
    /// Withdraw a waiting or held message.
    Cancel(MessageId),
    /// Begin a broadcast.
    DraftBroadcast {
        /// The text.
        text: String,
        /// Seconds for each recipient, from when it is queued.
        validity_s: u32,
    },
    /// Add lines to the list of a draft, at most [`super::broadcast::LIST_LINES_MAX`].
    AddRecipients {
        /// Which.
        broadcast: u32,
        /// E.164 with `+`.
        numbers: Vec<String>,
    },
    /// Start a broadcast whose preview was seen.
    StartBroadcast {
        /// Which.
        broadcast: u32,
        /// The parts of the preview.
        parts: u64,
    },
    /// Stop it at its place.
    PauseBroadcast(u32),
    /// Go on.
    ResumeBroadcast(u32),
    /// End it.
    CancelBroadcast(u32),
    /// Answer a thread of the inbox.
    Reply {
        /// The thread.
        thread: i64,
        /// The text.
        text: String,
    },
    /// Add the next people of an audience to the list of a draft ([`Ordered::Page`]).
    AddAudience {
        /// Which.
        broadcast: u32,
        /// Who.
        audience: Audience,
        /// Where the last page ended; 0 at first.
        after: u64,
    },
    /// Add people by their documents, such as those whose visit is due; at most
    /// [`super::broadcast::LIST_LINES_MAX`].
    AddPeople {
        /// Which.
        broadcast: u32,
        /// Their documents.
        people: Vec<EntryRef>,
    },
    /// Ask a second person to approve a draft whose preview was seen.
    ProposeBroadcast {
        /// Which.
        broadcast: u32,
        /// The parts of the preview.
        parts: u64,
        /// Number of the member of staff who proposes, E.164 with `+`.
        by: String,
    },
    /// Approve or refuse what somebody else proposed.
    DecideBroadcast {
        /// Which.
        broadcast: u32,
        /// Yes or no.
        approve: bool,
        /// Number of the member of staff who decides, E.164 with `+`.
        by: String,
    },
}

impl fmt::Debug for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SetPolicy(_) => "SetPolicy",
            Self::Balance { .. } => "Balance",
            Self::Queue(_) => "Queue",
            Self::CancelPlan(_) => "CancelPlan",
            Self::Hold(_) => "Hold",
            Self::Release(_) => "Release",
            Self::Cancel(_) => "Cancel",
            Self::DraftBroadcast { .. } => "DraftBroadcast",
            Self::AddRecipients { .. } => "AddRecipients",
            Self::StartBroadcast { .. } => "StartBroadcast",
            Self::PauseBroadcast(_) => "PauseBroadcast",
            Self::ResumeBroadcast(_) => "ResumeBroadcast",
            Self::CancelBroadcast(_) => "CancelBroadcast",
            Self::Reply { .. } => "Reply",
            Self::AddAudience { .. } => "AddAudience",
            Self::AddPeople { .. } => "AddPeople",
            Self::ProposeBroadcast { .. } => "ProposeBroadcast",
            Self::DecideBroadcast { .. } => "DecideBroadcast",
        })
    }
}

/// What an order did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ordered {
    /// Done.
    Done,
    /// The number of the new broadcast.
    Broadcast(u32),
    /// How many lines were new.
    Added(u64),
    /// How many lines of a page were new, and where the next page begins, if there is one.
    Page {
        /// New lines.
        added: u64,
        /// For the next [`Order::AddAudience`].
        next: Option<u64>,
    },
}

/// Why an order was not done; nothing was changed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum OrderRefusal {
    /// Nothing has that id.
    #[error("nothing has this id")]
    NotThere,
    /// Its state does not allow it.
    #[error("it is not in a state that allows this")]
    NotNow,
    /// The text is too long.
    #[error(transparent)]
    Oversize(#[from] Oversize),
    /// The preview that was approved is not the one that holds.
    #[error("the broadcast takes {parts} parts")]
    PreviewDiffers {
        /// Parts that it takes.
        parts: u64,
    },
    /// The message was refused by a cap, or its cause had one before.
    #[error("a cap or an earlier message with the same cause stands against it")]
    Capped,
    /// So many recipients need a second person.
    #[error("a broadcast to {recipients} people needs a second person")]
    NeedsApproval {
        /// People in its list.
        recipients: u64,
    },
    /// Nobody here could approve it.
    #[error("nobody else here may approve it")]
    NobodyApproves,
    /// Not by this person, or not now.
    #[error(transparent)]
    Approval(#[from] ApprovalRefusal),
}

/// Name of a message: 16 bytes, written as 32 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct MessageId(pub [u8; 16]);

/// A text that is no message id, or a question that names none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MessageIdError {
    /// Not 32 hex digits.
    #[error("a message id has 32 hex digits")]
    Malformed,
    /// Asking for nothing is no question (regression 11).
    #[error("no message id was given")]
    NoneGiven,
}

impl MessageId {
    /// Reads 32 hex digits.
    ///
    /// # Errors
    /// [`MessageIdError::Malformed`] for anything else.
    pub fn parse(text: &str) -> Result<Self, MessageIdError> {
        let mut bytes = [0; 16];
        let digits: Vec<char> = text.chars().collect();
        let (pairs, rest) = digits.as_chunks::<2>();
        if pairs.len() != bytes.len() || !rest.is_empty() {
            return Err(MessageIdError::Malformed);
        }
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            let digit = |c: &char| c.to_digit(16).and_then(|value| u8::try_from(value).ok());
            let (Some(high), Some(low)) = (digit(high), digit(low)) else {
                return Err(MessageIdError::Malformed);
            };
            *byte = (high << 4) | low;
        }
        Ok(Self(bytes))
    }

    /// Reads the ids of a status question.
    ///
    /// # Errors
    /// [`MessageIdError`] when there is none, or one is malformed.
    pub fn parse_all(texts: &[String]) -> Result<Vec<Self>, MessageIdError> {
        if texts.is_empty() {
            return Err(MessageIdError::NoneGiven);
        }
        texts.iter().map(|text| Self::parse(text)).collect()
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MessageId({self})")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn status_request_without_ids_is_an_error() {
        assert_eq!(MessageId::parse_all(&[]), Err(MessageIdError::NoneGiven));
        let ids = ["00".repeat(16)];
        assert_eq!(MessageId::parse_all(&ids), Ok(vec![MessageId([0; 16])]));
        let short = ["00".to_owned()];
        assert_eq!(MessageId::parse_all(&short), Err(MessageIdError::Malformed));
    }

    #[test]
    fn orders_print_no_number_and_no_text() {
        let order = Order::AddRecipients {
            broadcast: 1,
            numbers: vec!["+256770000001".to_owned()],
        };
        assert_eq!(format!("{order:?}"), "AddRecipients");
    }

    proptest! {
        #[test]
        fn ids_read_back_and_other_texts_are_refused(bytes: [u8; 16], text in "\\PC{0,40}") {
            let id = MessageId(bytes);
            prop_assert_eq!(MessageId::parse(&id.to_string()), Ok(id));
            if let Ok(read) = MessageId::parse(&text) {
                prop_assert_eq!(read.to_string(), text.to_lowercase());
            }
        }
    }
}
