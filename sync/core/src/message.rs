//! The messages of a sync session: `type u8 ‖ length varint ‖ body`, the same on every link.
//!
//! One value has one encoding, and every decoder refuses the others. Bodies are bounded by type
//! before a byte of them is kept. Frames and receipts are carried as the bytes their signers
//! wrote; they are checked in `frame` and `receipt`, never here.

mod body;
mod elision;
mod short;
mod stream;

use core::fmt;

use crate::id::{ChainId, Epoch, HubId, NodeId, Scope, Seq};
use crate::refusal::RefusalCode;
use crate::varint;

pub use elision::{Elision, Heard, Short};
pub use short::{Again, Life, ShortFrame, ShortReceipt};
pub use stream::Parser;

/// The only protocol version; another one is refused, there is no fall-back.
pub const VERSION: u8 = 1;

/// Bytes of a `Hello` body at most; a longer one ends the session.
pub const HELLO_BYTES_MAX: usize = 1024;
/// Bytes of a certificate inside `Hello`, so that the message keeps its cap.
pub const CERTIFICATE_BYTES_MAX: usize = 900;
/// Bytes of a `Have` body at most; a longer one ends the session.
pub const HAVE_BYTES_MAX: usize = 32 * 1024;
/// Chains in one `Have`: what fits its cap. The sender leaves out the oldest lives beyond it.
pub const HAVE_CHAINS_MAX: usize = 1_000;
/// Ranges in one `Want`; more are asked for in the next round.
pub const WANT_RANGES_MAX: usize = 64;
/// Bytes of a `Want` body at most; a longer one ends the session.
pub const WANT_BYTES_MAX: usize = 2 * 1024;
/// Bytes of a `Held` body at most; a longer one ends the session.
pub const HELD_BYTES_MAX: usize = 12 * 1024;
/// Bytes of an `Again` body at most; a longer one ends the session.
pub const AGAIN_BYTES_MAX: usize = 16;
/// Bytes of a frame: 256 KiB of payload, its head of 78 and its signature of 64.
pub const FRAME_BYTES_MAX: usize = 256 * 1024 + 142;
/// Bytes of a receipt body at most; a longer one ends the session.
pub const RECEIPT_BYTES_MAX: usize = 160;
/// Bytes of a `Refuse` body at most; a longer one ends the session.
pub const REFUSE_BYTES_MAX: usize = 64;
/// Bytes of a `Bye` body at most; a longer one ends the session.
pub const BYE_BYTES_MAX: usize = 16;
/// Bytes of a renewed certificate at most; a longer one ends the session.
pub const RENEWED_BYTES_MAX: usize = crate::certificate::CERTIFICATE_BYTES_MAX;
/// Bytes of a revocation list at most; a longer one ends the session.
pub const REVOCATIONS_BYTES_MAX: usize = crate::revocation::REVOCATION_BYTES_MAX;

/// One message.
#[derive(Clone, PartialEq, Eq)]
pub enum Message {
    /// Who speaks, with which certificate, and a digest of what is held.
    Hello(Hello),
    /// What is held, chain by chain.
    Have(Have),
    /// Ranges that the sender asks for.
    Want(Vec<Range>),
    /// One frame, as its origin signed it.
    Frame(Vec<u8>),
    /// One receipt, as the hub signed it.
    Receipt(Vec<u8>),
    /// Something was not taken; nothing was changed by it.
    Refuse(Refuse),
    /// The sender has nothing more to say in this round.
    Bye(Bye),
    /// The listener's own certificate, as its hub signed it anew.
    Certificate(Vec<u8>),
    /// The newest revocation list, as the hub signed it.
    Revocations(Vec<u8>),
    /// How far chains of the listener's present life are held; goes in place of a `Have` where
    /// nothing else is in doubt. Each chain once, in ascending order of scope.
    Held(Vec<(Scope, Seq)>),
    /// A `Hello` like the last one of this connection.
    Again(Again),
    /// A frame of the speaker's present life.
    ShortFrame(ShortFrame),
    /// A receipt of a chain of the listener's present life.
    ShortReceipt(ShortReceipt),
}

impl Message {
    /// The type byte.
    pub fn kind(&self) -> u8 {
        match self {
            Self::Hello(_) => 1,
            Self::Have(_) => 2,
            Self::Want(_) => 3,
            Self::Frame(_) => 4,
            Self::Receipt(_) => 5,
            Self::Refuse(_) => 6,
            Self::Bye(_) => 7,
            Self::Certificate(_) => 8,
            Self::Revocations(_) => 9,
            Self::Held(_) => 10,
            Self::Again(_) => 11,
            Self::ShortFrame(_) => 12,
            Self::ShortReceipt(_) => 13,
        }
    }

    /// The bytes on the wire, type and length included.
    pub fn encode(&self) -> Vec<u8> {
        let body = body::encode(self);
        let mut out = Vec::with_capacity(body.len() + 4);
        out.push(self.kind());
        varint::write_len(&mut out, body.len());
        out.extend_from_slice(&body);
        out
    }

    /// Length of [`Message::encode`], bytes.
    pub fn wire_bytes(&self) -> usize {
        match self {
            Self::Frame(bytes) | Self::Receipt(bytes) => {
                let mut length = Vec::new();
                varint::write_len(&mut length, bytes.len());
                bytes.len().saturating_add(length.len()).saturating_add(1)
            }
            other => other.encode().len(),
        }
    }

    /// Reads exactly one message.
    ///
    /// # Errors
    /// [`MessageError`] when the bytes are not the one encoding of one message.
    pub fn decode(bytes: &[u8]) -> Result<Self, MessageError> {
        let mut parser = Parser::default();
        parser.push(bytes)?;
        let message = parser.next_message()?.ok_or(MessageError::Truncated)?;
        if parser.pending_bytes() == 0 {
            Ok(message)
        } else {
            Err(MessageError::Trailing)
        }
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hello(hello) => hello.fmt(f),
            Self::Have(have) => write!(f, "Have({} chains)", have.items.len()),
            Self::Want(ranges) => write!(f, "Want({} ranges)", ranges.len()),
            Self::Frame(bytes) => write!(f, "Frame({} bytes)", bytes.len()),
            Self::Receipt(bytes) => write!(f, "Receipt({} bytes)", bytes.len()),
            Self::Refuse(refuse) => refuse.fmt(f),
            Self::Bye(bye) => bye.fmt(f),
            Self::Certificate(bytes) => write!(f, "Certificate({} bytes)", bytes.len()),
            Self::Revocations(bytes) => write!(f, "Revocations({} bytes)", bytes.len()),
            Self::Held(items) => write!(f, "Held({} chains)", items.len()),
            Self::Again(again) => again.fmt(f),
            Self::ShortFrame(short) => short.fmt(f),
            Self::ShortReceipt(short) => short.fmt(f),
        }
    }
}

/// The certificate of the speaker, or the name of one that the listener holds.
#[derive(Clone, PartialEq, Eq)]
pub enum CertificateForm {
    /// First 16 bytes of SHA-256 over the certificate.
    Hash([u8; 16]),
    /// The certificate, at most [`CERTIFICATE_BYTES_MAX`] bytes.
    Whole(Vec<u8>),
}

impl fmt::Debug for CertificateForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hash(_) => f.write_str("Hash"),
            Self::Whole(bytes) => write!(f, "Whole({} bytes)", bytes.len()),
        }
    }
}

/// First message of each side.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hello {
    /// [`VERSION`].
    pub version: u8,
    /// The network.
    pub hub: HubId,
    /// Who speaks.
    pub origin: NodeId,
    /// In which life.
    pub epoch: Epoch,
    /// With which certificate.
    pub certificate: CertificateForm,
    /// Hash of the set of schemas and dictionaries held, first 8 bytes.
    pub sets: [u8; 8],
    /// Longest frame that the speaker takes, bytes.
    pub frame_bytes_max: u32,
    /// Number of the newest revocation list held; 0 for none.
    pub revocations: u32,
    /// Digest of the frontier that both sides hold.
    pub digest: [u8; 8],
}

/// All that a peer holds of the chains that concern the other; a chain that is not listed is not
/// held.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Have {
    /// In ascending order of (origin, epoch, scope), each chain once.
    pub items: Vec<HaveItem>,
}

/// One chain of a [`Have`]. The network is that of the sender's `Hello`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HaveItem {
    /// The chain.
    pub chain: ChainId,
    /// Last entry held.
    pub up_to: Seq,
    /// Last entry of it with a receipt stored here; 0 for none.
    pub receipted: Seq,
    /// First 8 bytes of the chain hash at `up_to`.
    pub head: [u8; 8],
}

/// Entries that a peer asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Range {
    /// The chain.
    pub chain: ChainId,
    /// First wanted entry, from 1.
    pub from: Seq,
    /// Last wanted entry.
    pub to: Seq,
}

/// Something was not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Refuse {
    /// Why. `Certificate` for a hash that is not known here: send it whole.
    pub code: RefusalCode,
    /// The chain concerned; for a refused `Hello` its origin and epoch, scope 0.
    pub chain: ChainId,
    /// `Gap`: the next entry that would be taken; else the last entry held.
    pub seq: Seq,
    /// `Rewound`, `Forked`: the highest epoch known of that origin; else 0.
    pub epoch: Epoch,
}

/// Why a side stops.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ByeReason {
    /// Both sides hold the same, or everything was sent.
    Done,
    /// The turn is full; there is more to come in another round.
    More,
    /// The peer's `Hello` or behaviour was refused.
    Refused,
    /// No capacity now.
    Busy,
}

impl ByeReason {
    const ALL: [Self; 4] = [Self::Done, Self::More, Self::Refused, Self::Busy];

    fn number(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::More => 1,
            Self::Refused => 2,
            Self::Busy => 3,
        }
    }

    fn parse(number: u8) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|reason| reason.number() == number)
    }
}

/// Last message of each side in a round.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bye {
    /// Why.
    pub reason: ByeReason,
    /// Earliest next contact, seconds from now; 0 = any time.
    pub next_contact_s: u32,
}

/// Why bytes are no message.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MessageError {
    /// The type byte names no message of this version.
    #[error("message type {0} is unknown")]
    UnknownType(u8),
    /// The body would be longer than its type allows.
    #[error("message is longer than {limit} bytes: {got}")]
    TooLarge {
        /// What its type allows, bytes.
        limit: usize,
        /// What was announced or buffered, bytes.
        got: usize,
    },
    /// The body ends too early.
    #[error("message is cut short")]
    Truncated,
    /// The body goes on after its last field.
    #[error("message has bytes after its end")]
    Trailing,
    /// A field has a value or an encoding that it cannot have.
    #[error("message field {0} is malformed")]
    Malformed(&'static str),
}

#[cfg(test)]
mod tests;
