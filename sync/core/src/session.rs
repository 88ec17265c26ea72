//! The sync session: a pure machine of values. A node starts, a hub answers; links carry bytes.
//!
//! One round is a request and an answer, so the news of a registration needs one round trip:
//!
//! ```text
//! request   Hello  Held  frames above the last receipt, by lane        end of turn
//! answer    Hello  Receipts  Refusals  the hub's own frames  Bye       end
//! ```
//!
//! Two nodes on one LAN meet in rounds of the same messages (`neighbour`): each tells what it
//! holds, and passes on the frames of all origins as they were signed, and the hub's receipts.
//!
//! There is no session to resume: state is the two frontiers. Whatever is cut, the next session
//! starts from what both sides committed. The shell performs the actions in order and answers each
//! `Load…` and `AcceptFrame` with its one input before it feeds the next message.

mod answerer;
mod back_off;
mod frontier;
mod initiator;
mod neighbour;
mod offer;
mod side;

use jiff::{SignedDuration, Timestamp};

use crate::id::{ChainId, Epoch, NodeId, Seq};
use crate::message::{CertificateForm, Message, MessageError};
use crate::refusal::RefusalCode;

use answerer::Answerer;
use initiator::Initiator;
use neighbour::Neighbour;

pub use back_off::back_off;
pub use frontier::certificate_hash;
pub use side::{
    ChainState, Doubt, Known, Local, Peer, Profile, Revocations, ended, granted, readable,
};

/// Silence of the peer after which the session ends; what was committed stays.
pub const IDLE_S_MAX: i64 = 90;
/// Longest wait of a receipt for others to share its turn, on links that stream.
pub const RECEIPT_WAIT_S_MAX: i64 = 5;
/// Frames in one turn, also the most that a receipt covers; the rest goes in the next round.
pub const TURN_FRAMES_MAX: usize = 8;
/// Bytes of frames in one turn, unless the link asks for less; the rest goes in the next round.
pub const TURN_BYTES_MAX: usize = 256 * 1024;
/// Rounds of one session; 10,000 entries need about 20. At the limit the session ends as stalled.
pub const ROUNDS_MAX: u32 = 10_000;

/// How a session opens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Opening {
    /// The usual one: news travels in the first request.
    Delta,
    /// After a cut, after a process start, and daily: asks first what arrived, and compares every
    /// chain. Costs one round trip more and repeats no frame.
    Full,
}

/// What the shell tells the machine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input {
    /// Begin. Only the side that starts gets it.
    Start {
        /// Bytes that may be sent and received together.
        budget_bytes: u64,
        /// How to open.
        opening: Opening,
    },
    /// Answers [`Action::LoadFrontier`]: every chain held here.
    FrontierLoaded {
        /// In any order.
        chains: Vec<ChainState>,
    },
    /// Answers [`Action::LoadPeer`]: the certificate is valid, not revoked, and holds the key that
    /// the link authenticated.
    PeerLoaded {
        /// Its grants.
        peer: Peer,
        /// Its certificate signed anew, where the one that it speaks with is not the newest.
        renewed: Option<Vec<u8>>,
        /// Every chain held here.
        chains: Vec<ChainState>,
    },
    /// Answers [`Action::LoadPeer`]: not taken. `Certificate` for a hash that is not known.
    PeerRefused {
        /// Why.
        code: RefusalCode,
    },
    /// A whole message arrived.
    Received(Message),
    /// A message arrived short and was put together with a hash of ours (`message::Short`). A
    /// frame of it whose signature does not fit is asked for again, raw and whole: the hash may
    /// be another one than its signer saw.
    Restored(Message),
    /// What arrived is no message; the link is of no more use.
    Garbled(MessageError),
    /// Answers [`Action::AcceptFrame`]: committed, or known with the same hashes.
    FrameAccepted {
        /// The chain.
        chain: ChainId,
        /// Last entry of the frame.
        up_to: Seq,
        /// Signed receipt of the chain, from a hub only.
        receipt: Option<Vec<u8>>,
    },
    /// Answers [`Action::AcceptFrame`]: nothing was changed.
    FrameRefused {
        /// The chain.
        chain: ChainId,
        /// Why.
        code: RefusalCode,
    },
    /// Answers [`Action::LoadFrames`].
    FramesLoaded {
        /// The chain.
        chain: ChainId,
        /// Signed frames, the first one starting right after the asked entry.
        frames: Vec<Vec<u8>>,
        /// Whether the chain goes on after them.
        more: bool,
    },
    /// Answers [`Action::LoadReceipt`].
    ReceiptLoaded {
        /// The chain.
        chain: ChainId,
        /// Stored receipt.
        receipt: Option<Vec<u8>>,
    },
    /// Answers [`Action::LoadCertificate`].
    CertificateLoaded {
        /// Its bytes, where it is here.
        certificate: Option<Vec<u8>>,
    },
    /// The store did not take a receipt: its hash is not ours. Follows [`Action::StoreReceipt`].
    ReceiptRefused {
        /// The chain.
        chain: ChainId,
    },
    /// The peer's turn is complete: end of the request or of the answer.
    PeerEnded,
    /// The deadline passed.
    Timeout,
    /// The link is gone; nothing more arrives.
    LinkDown,
}

/// What the machine asks of the shell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Action {
    /// Put the message on the link.
    Send(Message),
    /// Our turn is complete: post the request. On a link that streams, flush.
    EndTurn,
    /// Answer with [`Input::FrontierLoaded`].
    LoadFrontier,
    /// Find and check the peer's certificate; store it when it came whole.
    LoadPeer {
        /// Who speaks.
        node: NodeId,
        /// In which life.
        epoch: Epoch,
        /// Its certificate or the hash of it.
        certificate: CertificateForm,
    },
    /// Offer the frame to the store: every check, commit, receipt on a hub.
    AcceptFrame {
        /// Its chain.
        chain: ChainId,
        /// Its last entry.
        up_to: Seq,
        /// The frame.
        bytes: Vec<u8>,
    },
    /// Store a receipt; its signature was checked.
    StoreReceipt(Vec<u8>),
    /// Read frames above `after`, at most `bytes_max` together but at least one.
    LoadFrames {
        /// The chain.
        chain: ChainId,
        /// Last entry that the peer has.
        after: Seq,
        /// Budget.
        bytes_max: usize,
        /// Whether frames are packed where they pack; else they are raw.
        packed: bool,
    },
    /// Read our newest receipt of the chain.
    LoadReceipt {
        /// The chain.
        chain: ChainId,
    },
    /// Read the certificate of an origin whose frames follow.
    LoadCertificate {
        /// The origin.
        node: NodeId,
        /// In which life.
        epoch: Epoch,
    },
    /// A new certificate, the peer's or our own: verify and store it for the next session.
    StoreCertificate(Vec<u8>),
    /// A revocation list: verify and store it when it is newer.
    StoreRevocations(Vec<u8>),
    /// The hub saw another history of ours: begin a new life before the next entry, unless what it
    /// saw is here by now.
    NewEpoch(Doubt),
    /// Tell an operator.
    Alert(Alert),
    /// The session is over; no action follows.
    Finished(Finish),
}

/// What an operator should know. No personal data.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Alert {
    /// The peer refused something of this chain.
    Refused {
        /// Why.
        code: RefusalCode,
        /// The chain.
        chain: ChainId,
    },
    /// We refused something that the peer sent of this chain.
    Offended {
        /// Why.
        code: RefusalCode,
        /// The chain.
        chain: ChainId,
    },
    /// We hold entries of a chain that both certificates do not grant: they stay here.
    NotGranted {
        /// The chain.
        chain: ChainId,
    },
    /// A receipt is not signed by the hub or does not fit our chain; nothing was changed.
    ReceiptInvalid,
}

/// How a session ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Finish {
    /// Both sides hold what they may.
    Done,
    /// The budget is spent; there is more.
    BudgetSpent,
    /// The peer has no capacity now.
    Busy,
    /// The session was refused, by either side.
    Refused(RefusalCode),
    /// A new epoch is due and must be certified before the next session.
    NewEpoch,
    /// Something remains that a further round does not move; see the alerts.
    Stalled,
    /// The peer was silent for [`IDLE_S_MAX`].
    TimedOut,
    /// The link broke.
    LinkDown,
    /// The peer does not keep to the protocol.
    Garbled,
}

impl Finish {
    /// How the next session opens: after a cut it is not known what arrived.
    pub fn next_opening(self) -> Opening {
        match self {
            Self::Done | Self::BudgetSpent | Self::Busy | Self::Refused(_) => Opening::Delta,
            _ => Opening::Full,
        }
    }
}

/// One session, either side of it.
#[derive(Debug)]
pub struct Session {
    side: Side,
    deadline: Option<Timestamp>,
    finished: bool,
    /// The message that is being handled was put together here.
    restored: bool,
}

#[derive(Debug)]
enum Side {
    Initiator(Box<Initiator>),
    Answerer(Box<Answerer>),
    Neighbour(Box<Neighbour>),
}

impl Session {
    /// The side that starts: a node towards its hub, whose receipts `receipt_key` verifies.
    pub fn initiate(local: Local, hub: Peer, receipt_key: [u8; 32]) -> Self {
        Self::over(Side::Initiator(Box::new(Initiator::new(
            local,
            hub,
            receipt_key,
        ))))
    }

    /// The side that answers: a hub, for one request.
    pub fn answer(local: Local) -> Self {
        Self::over(Side::Answerer(Box::new(Answerer::new(local))))
    }

    /// A node that dialled another one on its LAN.
    pub fn meet(local: Local, node: NodeId, told: Known) -> Self {
        let side = Neighbour::dialling(local, node, told);
        Self::over(Side::Neighbour(Box::new(side)))
    }

    /// A node that answers one request of a neighbour.
    pub fn answer_neighbour(local: Local, told: Known) -> Self {
        Self::over(Side::Neighbour(Box::new(Neighbour::answering(local, told))))
    }

    fn over(side: Side) -> Self {
        Self {
            side,
            deadline: None,
            finished: false,
            restored: false,
        }
    }

    /// Takes one input and says what to do. After `Finished` every input is ignored.
    pub fn handle(&mut self, now: Timestamp, input: Input) -> Vec<Action> {
        if self.finished {
            return Vec::new();
        }
        let mut actions = match self.weigh(input) {
            Input::Timeout if self.deadline.is_some_and(|deadline| now < deadline) => {
                return self.receipts_due(now);
            }
            Input::Timeout => vec![Action::Finished(Finish::TimedOut)],
            Input::LinkDown => vec![Action::Finished(Finish::LinkDown)],
            Input::Garbled(_error) => vec![Action::Finished(Finish::Garbled)],
            // Short forms are put together before; see `message::Elision`.
            Input::Received(
                Message::Again(_) | Message::ShortFrame(_) | Message::ShortReceipt(_),
            ) => {
                vec![Action::Finished(Finish::Garbled)]
            }
            other => {
                self.deadline = Some(after(now, IDLE_S_MAX));
                match &mut self.side {
                    Side::Initiator(side) => side.handle(other),
                    Side::Answerer(side) => side.handle(now, other),
                    Side::Neighbour(side) => side.handle(other),
                }
            }
        };
        let end = actions
            .iter()
            .position(|action| matches!(action, Action::Finished(_)));
        if let Some(end) = end {
            actions.truncate(end.saturating_add(1));
            self.finished = true;
            self.deadline = None;
        }
        actions
    }

    /// What an input means, given how the message in hand arrived.
    fn weigh(&mut self, input: Input) -> Input {
        match input {
            Input::Restored(message) => {
                self.restored = true;
                Input::Received(message)
            }
            Input::Received(message) => {
                self.restored = false;
                Input::Received(message)
            }
            Input::FrameRefused { chain, code } if code == RefusalCode::Signature => {
                let asked = self.restored.then_some(RefusalCode::Rebuild);
                let code = asked.unwrap_or(code);
                Input::FrameRefused { chain, code }
            }
            other => other,
        }
    }

    /// When to call `handle(now, Input::Timeout)`; `None` before the start and after the end.
    pub fn deadline(&self) -> Option<Timestamp> {
        let receipts = match &self.side {
            Side::Answerer(side) => side.receipt_deadline(),
            Side::Initiator(_) | Side::Neighbour(_) => None,
        };
        receipts.into_iter().chain(self.deadline).min()
    }

    /// Whether the session is over.
    pub fn is_finished(&self) -> bool {
        self.finished
    }

    fn receipts_due(&mut self, now: Timestamp) -> Vec<Action> {
        match &mut self.side {
            Side::Answerer(side) if side.receipt_deadline().is_some_and(|due| due <= now) => {
                side.flush_receipts()
            }
            _ => Vec::new(),
        }
    }
}

fn after(now: Timestamp, seconds: i64) -> Timestamp {
    now.checked_add(SignedDuration::from_secs(seconds))
        .unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
