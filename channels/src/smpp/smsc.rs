//! SMSC role over TCP: accounts, binds, what applications submit and what we deliver to them.
//!
//! Serves the simulated operator and local applications. One task listens, one task serves each
//! connection; all end when the last [`SmscHandle`] is dropped.

mod connection;
mod content;
mod listener;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

pub use channels_core::smpp::session::{Account, BindMode};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};

use listener::Registry;

/// Settings of the SMSC; `data_coding` 0 is GSM-7, window and times are the usual ones.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SmscConfig {
    /// Who may bind.
    pub accounts: Vec<Account>,
}

/// Our name in bind responses.
const SYSTEM_ID: &str = "outpost";

/// USSD fields of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ussd {
    /// `ussd_service_op`, in decimal (CHANNELS.md table of op codes).
    pub op: u8,
    /// `its_session_info`, both octets as they are on the wire; bit 0 of the second = end.
    pub session: [u8; 2],
}

/// What a delivery receipt says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReceiptFields {
    /// The id that our `submit_sm_resp` carried.
    pub message_id: String,
    /// DELIVRD, otherwise UNDELIV.
    pub delivered: bool,
}

/// A `deliver_sm` to an application.
#[derive(Clone, PartialEq, Eq)]
pub struct Deliver {
    /// Source address: the phone.
    pub from: String,
    /// Destination address: the short code.
    pub to: String,
    /// Text; long texts go as several parts.
    pub text: String,
    /// USSD fields, for a step of a USSD session.
    pub ussd: Option<Ussd>,
    /// Makes it a delivery receipt; `text` is then ignored.
    pub receipt: Option<ReceiptFields>,
}

/// A whole message that an application submitted: parts are joined, the text is decoded.
#[derive(Clone, PartialEq, Eq)]
pub struct Submit {
    /// Source address: a short code or name.
    pub from: String,
    /// Destination address: the phone.
    pub to: String,
    /// The text.
    pub text: String,
    /// USSD fields, for a screen of a USSD session.
    pub ussd: Option<Ussd>,
    /// Whether a delivery receipt is wanted.
    pub registered_delivery: bool,
    /// How many `submit_sm` it took.
    pub parts: u8,
}

/// What the SMSC answers to a submit.
#[derive(Debug)]
pub struct SubmitReply {
    /// `command_status`; 0 = accepted.
    pub status: u32,
    /// The id of an accepted message; the receipt names it.
    pub message_id: String,
    /// Told when the response has left, so that what follows from it comes after it; dropped
    /// when it did not.
    pub written: Option<oneshot::Sender<()>>,
}

impl SubmitReply {
    /// A reply after which nothing waits.
    pub fn new(status: u32, message_id: String) -> Self {
        Self {
            status,
            message_id,
            written: None,
        }
    }
}

/// What happens at the SMSC.
#[derive(Debug)]
pub enum SmscEvent {
    /// An application submitted a message.
    Submit {
        /// By which account.
        system_id: String,
        /// The message.
        submit: Submit,
        /// Answered once; dropped means 0x08, system error.
        reply: oneshot::Sender<SubmitReply>,
    },
    /// An application bound.
    Bound {
        /// By which account.
        system_id: String,
    },
    /// An application's bind ended.
    Unbound {
        /// By which account.
        system_id: String,
    },
}

/// Why a delivery did not get an answer; surfaces at the caller of [`SmscHandle::deliver`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SmscError {
    /// No bind of that account receives.
    #[error("no receiving bind of that account")]
    NotBound,
    /// Too many deliveries wait for that bind.
    #[error("the queue of that bind is full")]
    Busy,
    /// No answer came: it may have arrived.
    #[error("no answer to the delivery")]
    Unknown,
    /// The text, or another field, does not fit into SMPP.
    #[error("the message does not fit into SMPP")]
    TooLong,
}

/// The SMSC; see [`Smsc::bind`].
#[derive(Debug)]
pub struct Smsc;

impl Smsc {
    /// Listens on `address` (port 0: any free one) and serves until the last handle is dropped.
    ///
    /// # Errors
    /// When the address is not a loopback address (plain SMPP carries passwords and numbers in
    /// the clear), or cannot be listened on.
    pub async fn bind(
        address: SocketAddr,
        config: SmscConfig,
        events: mpsc::Sender<SmscEvent>,
    ) -> io::Result<SmscHandle> {
        if !address.ip().is_loopback() {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "plain SMPP is only served on loopback addresses, and TLS is not built yet",
            ));
        }
        let listener = TcpListener::bind(address).await?;
        let local_addr = listener.local_addr()?;
        let registry = Arc::new(Registry::default());
        let (alive, ended) = mpsc::channel(1);
        let served = Arc::clone(&registry);
        tokio::spawn(listener::serve(
            listener,
            Arc::new(config),
            events,
            served,
            ended,
        ));
        Ok(SmscHandle {
            local_addr,
            registry,
            _alive: alive,
        })
    }
}

/// A way to the running SMSC; cheap to clone.
#[derive(Clone, Debug)]
pub struct SmscHandle {
    local_addr: SocketAddr,
    registry: Arc<Registry>,
    _alive: mpsc::Sender<()>,
}

impl SmscHandle {
    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Sends a `deliver_sm` (or several parts) and waits for the answer's `command_status`.
    ///
    /// # Errors
    /// [`SmscError`] when there was no answer.
    pub async fn deliver(&self, system_id: &str, deliver: Deliver) -> Result<u32, SmscError> {
        let requests = self
            .registry
            .receiver(system_id)
            .ok_or(SmscError::NotBound)?;
        let (done, answer) = oneshot::channel();
        requests
            .try_send(listener::Request { deliver, done })
            .map_err(|refused| match refused {
                mpsc::error::TrySendError::Full(_) => SmscError::Busy,
                mpsc::error::TrySendError::Closed(_) => SmscError::NotBound,
            })?;
        answer.await.unwrap_or(Err(SmscError::Unknown))
    }

    /// The accounts that are bound now, one entry a bind, in the order of their binds.
    pub fn bound(&self) -> Vec<String> {
        self.registry.bound()
    }
}

impl fmt::Debug for Deliver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let characters = self.text.chars().count();
        write!(
            f,
            "Deliver({characters} characters, {:?}, {:?})",
            self.ussd, self.receipt
        )
    }
}

impl fmt::Debug for Submit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let characters = self.text.chars().count();
        write!(
            f,
            "Submit({characters} characters in {} parts, {:?})",
            self.parts, self.ussd
        )
    }
}

#[cfg(test)]
mod tests;
