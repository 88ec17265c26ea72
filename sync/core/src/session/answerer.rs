//! The side that answers one request: takes frames, gives receipts and its own frames.

mod closing;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::Timestamp;

use crate::frame;
use crate::id::{ChainId, Epoch, HubId, NodeId, Scope, Seq};
use crate::message::{
    Bye, ByeReason, CertificateForm, FRAME_BYTES_MAX, Have, HaveItem, Hello, Message, Refuse,
    VERSION, WANT_RANGES_MAX,
};
use crate::refusal::RefusalCode;

use super::frontier::{Frontier, head, is_granted};
use super::offer::Offer;
use super::{
    Action, Alert, Finish, Input, Local, Peer, RECEIPT_WAIT_S_MAX, TURN_FRAMES_MAX, after,
    certificate_hash,
};

/// Where the answer stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// Nothing heard.
    Idle,
    /// The peer's certificate is being checked.
    Greeting,
    /// Taking what the request holds.
    Exchanging,
    /// The request ended: receipts, then frames.
    Closing,
}

/// What the peer says it holds.
#[derive(Debug, Default)]
struct Listed {
    /// By a `Have`: every chain that it holds.
    items: BTreeMap<ChainId, HaveItem>,
    /// Whether there was a `Have`: then a chain that is not listed is not held.
    whole: bool,
    /// By a `Held`: of our present life.
    held: BTreeMap<ChainId, Seq>,
}

/// A hub towards a node.
#[derive(Debug)]
pub(super) struct Answerer {
    local: Local,
    state: State,
    hello: Option<Hello>,
    peer: Option<Peer>,
    frontier: Frontier,
    have: Listed,
    /// Lives of the peer of which nothing is taken in this request.
    frozen: BTreeSet<Epoch>,
    /// Chains of which nothing more is taken in this request.
    stopped: BTreeSet<ChainId>,
    /// Chains that the peer does not want from us.
    unwanted: BTreeSet<ChainId>,
    /// Chains whose frames the peer wants raw.
    raw: BTreeSet<ChainId>,
    wanted: BTreeMap<ChainId, Seq>,
    receipts: BTreeMap<ChainId, Vec<u8>>,
    frames_unreceipted: usize,
    receipt_deadline: Option<Timestamp>,
    receipt_queue: VecDeque<ChainId>,
    /// Chains of others that were given to their end: their receipts follow.
    given: VecDeque<ChainId>,
    peer_frame_bytes_max: usize,
    certificate_asked: bool,
    busy: bool,
    offer: Offer,
}

impl Answerer {
    pub(super) fn new(local: Local) -> Self {
        Self {
            local,
            state: State::Idle,
            hello: None,
            peer: None,
            frontier: Frontier::default(),
            have: Listed::default(),
            frozen: BTreeSet::new(),
            stopped: BTreeSet::new(),
            unwanted: BTreeSet::new(),
            raw: BTreeSet::new(),
            wanted: BTreeMap::new(),
            receipts: BTreeMap::new(),
            frames_unreceipted: 0,
            receipt_deadline: None,
            receipt_queue: VecDeque::new(),
            given: VecDeque::new(),
            peer_frame_bytes_max: FRAME_BYTES_MAX,
            certificate_asked: false,
            busy: false,
            offer: Offer::default(),
        }
    }

    pub(super) fn receipt_deadline(&self) -> Option<Timestamp> {
        self.receipt_deadline
    }

    pub(super) fn handle(&mut self, now: Timestamp, input: Input) -> Vec<Action> {
        match (self.state, input) {
            (State::Idle, Input::Received(Message::Hello(hello))) => self.greet(hello),
            (
                State::Greeting,
                Input::PeerLoaded {
                    peer,
                    renewed,
                    chains,
                },
            ) => {
                self.frontier = Frontier::of_hub(chains, &self.local, &peer);
                self.meet(peer, renewed)
            }
            (State::Greeting, Input::PeerRefused { code }) => self.turn_away(code),
            (State::Exchanging, Input::Received(message)) => self.receive(message),
            (
                State::Exchanging,
                Input::FrameAccepted {
                    chain,
                    up_to,
                    receipt,
                },
            ) => self.accepted(now, chain, up_to, receipt),
            (State::Exchanging, Input::FrameRefused { chain, code }) => {
                self.refuse_frame(chain, code)
            }
            (State::Exchanging, Input::PeerEnded) => self.close(),
            (State::Closing, Input::ReceiptLoaded { receipt, .. }) => {
                let receipt = receipt.map(|bytes| Action::Send(Message::Receipt(bytes)));
                receipt.into_iter().chain(self.continue_closing()).collect()
            }
            (
                State::Closing,
                Input::FramesLoaded {
                    chain,
                    frames,
                    more,
                },
            ) => {
                let mut actions = self.give(chain, frames, more);
                actions.extend(self.continue_closing());
                actions
            }
            (State::Idle, Input::PeerEnded | Input::Received(_)) => {
                vec![Action::Finished(Finish::Garbled)]
            }
            _ => Vec::new(),
        }
    }

    fn greet(&mut self, hello: Hello) -> Vec<Action> {
        let (version, hub) = (hello.version, hello.hub);
        let load = Action::LoadPeer {
            node: hello.origin,
            epoch: hello.epoch,
            certificate: hello.certificate.clone(),
        };
        self.peer_frame_bytes_max = usize::try_from(hello.frame_bytes_max)
            .unwrap_or(FRAME_BYTES_MAX)
            .min(FRAME_BYTES_MAX);
        self.hello = Some(hello);
        self.state = State::Greeting;
        if version != VERSION {
            return self.turn_away(RefusalCode::Version);
        }
        if hub != self.local.hub {
            return self.turn_away(RefusalCode::Network);
        }
        vec![load]
    }

    /// `Hello`, the reason, `Bye`: nothing else is said to a peer that does not fit.
    fn turn_away(&mut self, code: RefusalCode) -> Vec<Action> {
        let chain = self.whole_peer();
        let bye = Bye {
            reason: ByeReason::Refused,
            next_contact_s: 0,
        };
        let mut actions = vec![self.send_hello()];
        // Also whoever is turned away learns who is revoked, above all itself.
        actions.extend(self.revocations());
        actions.extend([
            refuse(code, chain, Seq(0), Epoch(0)),
            Action::Send(Message::Bye(bye)),
            Action::EndTurn,
            Action::Finished(Finish::Refused(code)),
        ]);
        actions
    }

    /// The revocation list, before anything else is said, where the peer holds an older one.
    fn revocations(&self) -> Option<Action> {
        let held = self.hello.as_ref().map_or(0, |hello| hello.revocations);
        self.local.revocations.newer_than(held).map(Action::Send)
    }

    fn meet(&mut self, peer: Peer, renewed: Option<Vec<u8>>) -> Vec<Action> {
        let said = self.hello.as_ref().map(|hello| (hello.origin, hello.epoch));
        if said != Some((peer.node, peer.epoch)) {
            return self.turn_away(RefusalCode::Certificate);
        }
        self.peer = Some(peer);
        self.state = State::Exchanging;
        let mut actions = vec![self.send_hello()];
        actions.extend(self.revocations());
        actions.extend(renewed.map(|bytes| Action::Send(Message::Certificate(bytes))));
        actions.extend(self.outlived());
        actions
    }

    /// A peer that speaks in a life older than one that we know was restored from a backup.
    fn outlived(&mut self) -> Vec<Action> {
        let (node, epoch) = self.peer_life();
        let newer = self
            .frontier
            .of(node)
            .filter(|state| state.chain.epoch > epoch);
        let newer = newer.last().copied();
        newer.map_or_else(Vec::new, |state| {
            self.rewound(state.chain, state.up_to, RefusalCode::Rewound)
        })
    }

    fn receive(&mut self, message: Message) -> Vec<Action> {
        match message {
            Message::Have(have) => self.compare(have),
            Message::Held(items) => self.hold(items),
            Message::Frame(bytes) => self.take_frame(bytes),
            Message::Refuse(refuse) => self.refused(&refuse),
            Message::Want(ranges) => {
                for range in ranges.iter().take(WANT_RANGES_MAX) {
                    self.wanted
                        .insert(range.chain, Seq(range.from.0.saturating_sub(1)));
                }
                Vec::new()
            }
            Message::Revocations(bytes) => vec![Action::StoreRevocations(bytes)],
            // Nobody renews us but our own hub. Receipts of relays are not used yet; the end of
            // the turn is told by the link.
            Message::Receipt(_) | Message::Bye(_) | Message::Hello(_) | Message::Certificate(_) => {
                Vec::new()
            }
            Message::Again(_) | Message::ShortFrame(_) | Message::ShortReceipt(_) => Vec::new(),
        }
    }

    fn compare(&mut self, have: Have) -> Vec<Action> {
        let items = have.items.into_iter().map(|item| (item.chain, item));
        self.have = Listed {
            items: items.collect(),
            whole: true,
            held: BTreeMap::new(),
        };
        let mut actions = Vec::new();
        let (node, epoch) = self.peer_life();
        let theirs: Vec<_> = self.frontier.of(node).copied().collect();
        for state in theirs {
            let item = self.have.items.get(&state.chain);
            let up_to = item.map_or(Seq(0), |item| item.up_to);
            let forked = item.is_some_and(|item| up_to == state.up_to && item.head != head(&state));
            if forked {
                actions.extend(self.rewound(state.chain, state.up_to, RefusalCode::Forked));
            } else if state.chain.epoch == epoch && up_to < state.up_to {
                actions.extend(self.rewound(state.chain, state.up_to, RefusalCode::Rewound));
            }
        }
        actions.extend(self.own_doubts());
        actions
    }

    /// The short list, of our present life alone; more than we wrote is a doubt about ourselves.
    fn hold(&mut self, items: Vec<(Scope, Seq)>) -> Vec<Action> {
        let mut actions = Vec::new();
        for (scope, seq) in items {
            let chain = ChainId {
                hub: self.local.hub,
                origin: self.local.origin,
                epoch: self.local.epoch,
                scope,
            };
            if seq > self.frontier.up_to(&chain) {
                let code = RefusalCode::Rewound;
                actions.push(Action::Alert(Alert::Refused { code, chain }));
            }
            self.have.held.insert(chain, seq);
        }
        actions
    }

    /// A peer that holds more of our chain than we do, or another end of it.
    fn own_doubts(&self) -> Vec<Action> {
        let own = self
            .have
            .items
            .values()
            .filter(|item| item.chain.origin == self.local.origin);
        let doubts = own.filter_map(|item| {
            let chain = item.chain;
            let state = self.frontier.chains.get(&chain);
            let up_to = state.map_or(Seq(0), |state| state.up_to);
            let forked = state.is_some_and(|state| item.head != head(state));
            let code = match item.up_to.cmp(&up_to) {
                core::cmp::Ordering::Greater => RefusalCode::Rewound,
                core::cmp::Ordering::Equal if forked => RefusalCode::Forked,
                _ => return None,
            };
            Some(Action::Alert(Alert::Refused { code, chain }))
        });
        doubts.collect()
    }

    fn rewound(&mut self, chain: ChainId, seq: Seq, code: RefusalCode) -> Vec<Action> {
        let (node, epoch) = self.peer_life();
        self.stopped.insert(chain);
        self.frozen.insert(chain.epoch.min(epoch));
        vec![
            refuse(code, chain, seq, self.frontier.highest_epoch(node, epoch)),
            Action::Alert(Alert::Offended { code, chain }),
        ]
    }

    fn take_frame(&mut self, bytes: Vec<u8>) -> Vec<Action> {
        let header = match frame::header(&bytes) {
            Ok(header) => header,
            Err(refusal) => return self.refuse_frame(self.whole_peer(), refusal.code),
        };
        let chain = header.chain();
        let (node, epoch) = self.peer_life();
        let peer_scopes = self.peer.as_ref().map(|peer| &peer.scopes);
        let granted =
            peer_scopes.is_some_and(|scopes| is_granted(chain.scope, &self.local.scopes, scopes));
        let is_own = chain.origin == node;
        let is_frozen = is_own && self.frozen.contains(&chain.epoch);
        if self.busy || self.stopped.contains(&chain) || is_frozen {
            return Vec::new();
        }
        // Whose frames a peer hands on, their signature says; it may bring those of its scopes.
        let is_foreign = chain.hub != self.local.hub || chain.origin == self.local.origin;
        if is_foreign || (is_own && chain.epoch > epoch) || !granted {
            return self.refuse_frame(chain, RefusalCode::Scope);
        }
        vec![Action::AcceptFrame {
            chain,
            up_to: header.last_seq(),
            bytes,
        }]
    }

    fn accepted(
        &mut self,
        now: Timestamp,
        chain: ChainId,
        up_to: Seq,
        receipt: Option<Vec<u8>>,
    ) -> Vec<Action> {
        let is_third = chain.origin != self.peer_life().0;
        self.frontier.grew(chain, up_to, is_third);
        // Who lacks something of an older life gets that first, and its receipt after it.
        if let Some(receipt) = receipt.filter(|_| !self.is_lost_by_peer(&chain)) {
            self.receipts.insert(chain, receipt);
            self.receipt_deadline
                .get_or_insert(after(now, RECEIPT_WAIT_S_MAX));
        }
        self.frames_unreceipted = self.frames_unreceipted.saturating_add(1);
        if self.frames_unreceipted >= TURN_FRAMES_MAX {
            self.flush_receipts()
        } else {
            Vec::new()
        }
    }

    fn refuse_frame(&mut self, chain: ChainId, code: RefusalCode) -> Vec<Action> {
        if !self.stopped.insert(chain) {
            return Vec::new();
        }
        let (node, epoch) = self.peer_life();
        let held = self.frontier.up_to(&chain);
        let seq = if code == RefusalCode::Gap {
            Seq(held.0.saturating_add(1))
        } else {
            held
        };
        let mut actions = Vec::new();
        let known = match code {
            RefusalCode::Forked | RefusalCode::Rewound if chain.origin == node => {
                self.frozen.insert(chain.epoch);
                self.frontier.highest_epoch(node, epoch)
            }
            _ => Epoch(0),
        };
        actions.push(refuse(code, chain, seq, known));
        match code {
            RefusalCode::Busy => self.busy = true,
            RefusalCode::Gap | RefusalCode::Duplicate => {}
            code if code.asks_for_raw() => {}
            _ => actions.push(Action::Alert(Alert::Offended { code, chain })),
        }
        actions
    }

    fn refused(&mut self, refuse: &Refuse) -> Vec<Action> {
        if refuse.code == RefusalCode::Certificate && refuse.chain.scope == Scope(0) {
            self.certificate_asked = true;
            return Vec::new();
        }
        if refuse.code.asks_for_raw() && self.raw.insert(refuse.chain) {
            return Vec::new();
        }
        self.unwanted.insert(refuse.chain);
        vec![Action::Alert(Alert::Refused {
            code: refuse.code,
            chain: refuse.chain,
        })]
    }

    fn send_hello(&self) -> Action {
        let certificate = if self.certificate_asked {
            CertificateForm::Whole(self.local.certificate.clone())
        } else {
            CertificateForm::Hash(certificate_hash(&self.local.certificate))
        };
        Action::Send(Message::Hello(Hello {
            version: VERSION,
            hub: self.local.hub,
            origin: self.local.origin,
            epoch: self.local.epoch,
            certificate,
            sets: self.local.sets,
            frame_bytes_max: u32::try_from(FRAME_BYTES_MAX).unwrap_or(u32::MAX),
            revocations: self.local.revocations.number,
            digest: self.frontier.digest(),
        }))
    }

    fn peer_life(&self) -> (NodeId, Epoch) {
        self.hello
            .as_ref()
            .map_or((NodeId(0), Epoch(0)), |hello| (hello.origin, hello.epoch))
    }

    /// The name under which a whole peer is refused.
    fn whole_peer(&self) -> ChainId {
        let hub = self.hello.as_ref().map_or(HubId([0; 4]), |hello| hello.hub);
        let (origin, epoch) = self.peer_life();
        ChainId {
            hub,
            origin,
            epoch,
            scope: Scope(0),
        }
    }
}

fn refuse(code: RefusalCode, chain: ChainId, seq: Seq, epoch: Epoch) -> Action {
    Action::Send(Message::Refuse(Refuse {
        code,
        chain,
        seq,
        epoch,
    }))
}
