//! Adapters of the bearers: SMPP, GSM modem, HTTP aggregators, own cell, loop-back handset.
//!
//! An adapter turns what its peer sends into [`Delivery`] values and sends what it gets as
//! [`Outgoing`]; it holds no meaning. Every queue is bounded: when the node is busy the peer
//! hears so in its own protocol.

pub mod callback;
pub mod gsm_modem;
pub mod gsup;
pub mod handset;
pub mod http_client;
pub mod http_sms;
pub mod modem_simulator;
pub mod operator;
pub mod smpp;
pub mod ussd_gateway;

use channels_core::{Inbound, OutgoingSms, Reply, SubmitOutcome};
use tokio::sync::{mpsc, oneshot};

/// Most events of one link that wait for the node; beyond that the peer hears "busy".
pub const INBOUND_QUEUE_MAX: usize = 256;
/// Most messages handed to one link at a time; the rest waits in the outbox on disk.
pub const OUTGOING_QUEUE_MAX: usize = 32;

/// One inbound event and the place for its one answer.
#[derive(Debug)]
pub struct Delivery {
    /// What came.
    pub event: Inbound,
    /// Answered after commit; dropped without an answer means "busy".
    pub reply: oneshot::Sender<Reply>,
}

/// One SMS to send and the place for what became of it.
#[derive(Debug)]
pub struct Outgoing {
    /// The message.
    pub sms: OutgoingSms,
    /// Answered exactly once; dropped without an answer means "unknown".
    pub done: oneshot::Sender<SubmitOutcome>,
}

/// The two ends that a channel works on.
#[derive(Debug)]
pub struct ChannelIo {
    /// Towards the node.
    pub inbound: mpsc::Sender<Delivery>,
    /// From the node.
    pub outgoing: mpsc::Receiver<Outgoing>,
}

/// A bearer's adapter: runs until its outgoing queue closes, and reconnects by itself.
pub trait Channel: Send + 'static {
    /// The link's name, for logs and pages.
    fn name(&self) -> &channels_core::LinkName;

    /// Most messages that it has on their way at once. The node claims no more, so that a power cut
    /// leaves no more in doubt.
    fn window(&self) -> usize {
        OUTGOING_QUEUE_MAX
    }

    /// How many connections could take a message now; `None`: the bearer always takes them.
    ///
    /// While it is 0 the node gives the bearer nothing, so that another one carries the queue.
    fn ready(&self) -> Option<tokio::sync::watch::Receiver<u8>> {
        None
    }

    /// Runs the adapter until `io.outgoing` is closed by the node.
    fn run(self, io: ChannelIo) -> impl Future<Output = ()> + Send;
}
