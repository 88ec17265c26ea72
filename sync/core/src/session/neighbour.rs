//! Two nodes of one network on a LAN: each turn has the same form, whoever starts.
//!
//! ```text
//! request   Hello                                                                       end of turn
//! answer    Hello  [Revocations]  [Certificate]  Have  Bye                              end
//! request   Hello  [Revocations]  Have  Refuse …  (Certificate  Frame …) …  Receipt …   end of turn
//! answer    Hello  [Revocations]  Have  Refuse …  (Certificate  Frame …) …  Receipt …  Bye   end
//! ```
//!
//! Nothing is said of chains before both have shown what they may read. Then each lists all that it
//! holds of it and hands on what the other lacks: frames as their origin signed them, whoever that
//! is, and the hub's receipts. A node signs nothing for another and gives no receipts.

mod taking;
mod telling;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::id::{ChainId, Epoch, HubId, NodeId, Scope, Seq};
use crate::message::{
    Bye, ByeReason, CERTIFICATE_BYTES_MAX, CertificateForm, FRAME_BYTES_MAX, HaveItem, Hello,
    Message, Refuse, VERSION, WANT_RANGES_MAX,
};
use crate::refusal::RefusalCode;

use super::frontier::{digest, is_granted};
use super::offer::Offer;
use super::{Action, ChainState, Finish, Input, Known, Local, Peer, Revocations, certificate_hash};

/// Who began, and where that side stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Role {
    /// We dialled this node.
    Asks(NodeId),
    /// We answer one request.
    Answers,
}

/// Where a turn stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// Nothing was said.
    Idle,
    /// The other side's turn: nothing of it was heard.
    Listening,
    /// Its certificate is being checked.
    Greeting,
    /// Taking what its turn holds.
    Taking,
    /// It is turned away: the rest of its turn is not heard, but for the revocation list.
    Deaf,
    /// It was told; nothing more is heard but the list.
    Parting,
    /// Its turn is over, our own frontier is being read.
    Comparing,
    /// Reading and sending.
    Telling,
}

/// The other side's `Have`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Listed {
    items: BTreeMap<ChainId, HaveItem>,
    /// It is as long as a list may be: chains that it does not name are not spoken of.
    is_cut: bool,
}

/// What the other side listed, and what we held.
type Both = (Listed, BTreeMap<ChainId, ChainState>);

/// A node towards another node.
#[derive(Debug)]
pub(super) struct Neighbour {
    local: Local,
    known: Known,
    role: Role,
    state: State,
    hello: Option<Hello>,
    peer: Option<Peer>,
    /// The peer's own certificate, where it speaks with one that is not the newest.
    renewed: Option<Vec<u8>>,
    /// Chains here that both may read.
    shared: BTreeMap<ChainId, ChainState>,
    listed: Option<Listed>,
    /// Chains that are left alone, both ways.
    stopped: BTreeSet<ChainId>,
    /// Chains of ours whose frames the peer wants raw.
    raw: BTreeSet<ChainId>,
    /// Chains whose frames we want raw.
    asked_raw: BTreeSet<ChainId>,
    /// Lives of the peer of which nothing is taken.
    frozen: BTreeSet<Epoch>,
    /// What the peer is told in each turn, since whoever answers remembers nothing.
    refusals: Vec<Refuse>,
    /// How many of them it has heard.
    refusals_told: usize,
    /// Why the peer does not speak with us.
    refused: Option<RefusalCode>,
    bye: Option<Bye>,
    offer: Offer,
    /// A read of frames that waits for the certificate of their origin.
    waiting: Option<Action>,
    /// Lives whose certificate was handed on.
    vouched: BTreeSet<(NodeId, Epoch)>,
    /// Chains of which frames left in this session.
    sent: BTreeSet<ChainId>,
    receipts: VecDeque<ChainId>,
    budget: u64,
    rounds: u32,
    /// Both frontiers at the end of the round before.
    before: Option<Both>,
}

impl Neighbour {
    /// The side that dials.
    pub(super) fn dialling(local: Local, node: NodeId, known: Known) -> Self {
        Self::new(local, Role::Asks(node), known)
    }

    /// The side that answers one request.
    pub(super) fn answering(local: Local, known: Known) -> Self {
        let state = State::Listening;
        Self {
            state,
            budget: u64::MAX,
            ..Self::new(local, Role::Answers, known)
        }
    }

    fn new(local: Local, role: Role, known: Known) -> Self {
        Self {
            local,
            known,
            role,
            state: State::Idle,
            hello: None,
            peer: None,
            renewed: None,
            shared: BTreeMap::new(),
            listed: None,
            stopped: BTreeSet::new(),
            raw: BTreeSet::new(),
            asked_raw: BTreeSet::new(),
            frozen: BTreeSet::new(),
            refusals: Vec::new(),
            refusals_told: 0,
            refused: None,
            bye: None,
            offer: Offer::default(),
            waiting: None,
            vouched: BTreeSet::new(),
            sent: BTreeSet::new(),
            receipts: VecDeque::new(),
            budget: 0,
            rounds: 0,
            before: None,
        }
    }

    pub(super) fn handle(&mut self, input: Input) -> Vec<Action> {
        match (self.state, input) {
            (State::Idle, Input::Start { budget_bytes, .. }) => {
                self.budget = budget_bytes;
                self.open()
            }
            (State::Listening, Input::Received(Message::Hello(hello))) => self.greet(hello),
            (State::Listening, Input::Received(_) | Input::PeerEnded) => {
                vec![Action::Finished(Finish::Garbled)]
            }
            (
                State::Greeting,
                Input::PeerLoaded {
                    peer,
                    renewed,
                    chains,
                },
            ) => self.met(peer, renewed, chains),
            (State::Greeting, Input::PeerRefused { code }) => self.turn_away(code),
            (State::Taking, Input::Received(message)) => self.hear(message),
            (State::Deaf | State::Parting, Input::Received(Message::Revocations(list))) => {
                self.take_list(list)
            }
            (State::Deaf | State::Parting, Input::PeerEnded) => self.part(),
            (State::Taking, Input::FrameAccepted { chain, up_to, .. }) => {
                self.took(chain, up_to);
                Vec::new()
            }
            (State::Taking, Input::FrameRefused { chain, code }) => self.offended(chain, code),
            (State::Taking, Input::ReceiptRefused { chain }) => self.receipt_refused(chain),
            (State::Taking, Input::PeerEnded) => {
                self.state = State::Comparing;
                vec![Action::LoadFrontier]
            }
            (State::Comparing, Input::FrontierLoaded { chains }) => {
                self.share(chains);
                self.reply()
            }
            (State::Telling, input) => self.tell(input),
            _ => Vec::new(),
        }
    }

    /// The first request says who we are and nothing else.
    fn open(&mut self) -> Vec<Action> {
        self.rounds = 1;
        self.state = State::Listening;
        let hello = self.send(Message::Hello(self.own_hello()));
        vec![hello, Action::EndTurn]
    }

    fn greet(&mut self, hello: Hello) -> Vec<Action> {
        let load = Action::LoadPeer {
            node: hello.origin,
            epoch: hello.epoch,
            certificate: hello.certificate.clone(),
        };
        let (version, hub, node) = (hello.version, hello.hub, hello.origin);
        let is_other = match self.role {
            Role::Asks(dialled) => node != dialled,
            Role::Answers => node == self.local.origin,
        };
        let life = |hello: &Hello| (hello.origin, hello.epoch);
        let changed = self
            .hello
            .as_ref()
            .map(life)
            .is_some_and(|before| before != life(&hello));
        self.hello = Some(hello);
        if version != VERSION {
            return self.turn_away(RefusalCode::Version);
        }
        if hub != self.local.hub || is_other || changed {
            return self.turn_away(RefusalCode::Network);
        }
        if self.peer.is_some() {
            self.state = State::Taking;
            return Vec::new();
        }
        self.state = State::Greeting;
        vec![load]
    }

    fn met(
        &mut self,
        peer: Peer,
        renewed: Option<Vec<u8>>,
        chains: Vec<ChainState>,
    ) -> Vec<Action> {
        let (node, epoch) = self.peer_life();
        if (peer.node, peer.epoch) != (node, epoch) {
            return self.turn_away(RefusalCode::Certificate);
        }
        if self.known.quarantined.contains(&node) {
            return self.turn_away(RefusalCode::Quarantined);
        }
        self.peer = Some(peer);
        self.renewed = renewed;
        self.share(chains);
        self.state = State::Taking;
        Vec::new()
    }

    /// What we hold of what both may read.
    fn share(&mut self, chains: Vec<ChainState>) {
        let chains = chains
            .into_iter()
            .filter(|state| state.chain.hub == self.local.hub && self.is_shared(state.chain.scope));
        self.shared = chains.map(|state| (state.chain, state)).collect();
    }

    fn is_shared(&self, scope: Scope) -> bool {
        let theirs = self.peer.as_ref().map(|peer| &peer.scopes);
        theirs.is_some_and(|theirs| is_granted(scope, &self.local.scopes, theirs))
    }

    /// The peer is not spoken with. It hears why, and who is revoked, above all itself: at once
    /// where it asks, behind its answer where we did.
    fn turn_away(&mut self, code: RefusalCode) -> Vec<Action> {
        self.refused = Some(code);
        self.state = State::Deaf;
        match self.role {
            Role::Asks(_) => Vec::new(),
            Role::Answers => {
                let mut actions = self.farewell(code);
                actions.push(Action::Finished(Finish::Refused(code)));
                actions
            }
        }
    }

    /// The end of a turn that was not heard.
    fn part(&mut self) -> Vec<Action> {
        let code = self.refused.unwrap_or(RefusalCode::Certificate);
        if self.state == State::Deaf && self.newer_list().is_some() {
            self.state = State::Parting;
            return self.farewell(code);
        }
        vec![Action::Finished(Finish::Refused(code))]
    }

    fn farewell(&mut self, code: RefusalCode) -> Vec<Action> {
        let refuse = Refuse {
            code,
            chain: self.whole_peer(),
            seq: Seq(0),
            epoch: Epoch(0),
        };
        let mut turn = vec![Message::Hello(self.own_hello())];
        turn.extend(self.newer_list());
        turn.push(Message::Refuse(refuse));
        if self.role == Role::Answers {
            turn.push(bye(ByeReason::Refused));
        }
        let mut actions: Vec<Action> = turn.into_iter().map(|said| self.send(said)).collect();
        actions.push(Action::EndTurn);
        actions
    }

    fn own_hello(&self) -> Hello {
        let certificate = if self.local.certificate.len() <= CERTIFICATE_BYTES_MAX {
            CertificateForm::Whole(self.local.certificate.clone())
        } else {
            CertificateForm::Hash(certificate_hash(&self.local.certificate))
        };
        Hello {
            version: VERSION,
            hub: self.local.hub,
            origin: self.local.origin,
            epoch: self.local.epoch,
            certificate,
            sets: self.local.sets,
            frame_bytes_max: u32::try_from(FRAME_BYTES_MAX).unwrap_or(u32::MAX),
            revocations: self.local.revocations.number,
            digest: digest(&self.shared.values().collect::<Vec<_>>()),
        }
    }

    /// The peer's list is stored where it is valid and newer; in this session it is not asked for
    /// again.
    fn take_list(&mut self, bytes: Vec<u8>) -> Vec<Action> {
        let number = self.hello.as_ref().map_or(0, |hello| hello.revocations);
        if number > self.local.revocations.number {
            let bytes = bytes.clone();
            self.local.revocations = Revocations { number, bytes };
        }
        vec![Action::StoreRevocations(bytes)]
    }

    fn newer_list(&self) -> Option<Message> {
        let held = self.hello.as_ref().map_or(0, |hello| hello.revocations);
        self.local.revocations.newer_than(held)
    }

    fn peer_life(&self) -> (NodeId, Epoch) {
        let hello = self.hello.as_ref();
        hello.map_or((NodeId(0), Epoch(0)), |hello| (hello.origin, hello.epoch))
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

    /// What the peer is told that we do not take; once a chain.
    fn refuse_once(&mut self, code: RefusalCode, chain: ChainId) -> bool {
        let is_new = self.stopped.insert(chain);
        if is_new {
            self.say_refused(code, chain);
        }
        is_new
    }

    fn say_refused(&mut self, code: RefusalCode, chain: ChainId) {
        if self.refusals.len() < WANT_RANGES_MAX {
            let seq = self.shared.get(&chain).map_or(Seq(0), |state| state.up_to);
            let epoch = self.peer_life().1;
            self.refusals.push(Refuse {
                code,
                chain,
                seq,
                epoch,
            });
        }
    }

    fn send(&mut self, message: Message) -> Action {
        let bytes = u64::try_from(message.wire_bytes()).unwrap_or(u64::MAX);
        self.budget = self.budget.saturating_sub(bytes);
        Action::Send(message)
    }
}

fn bye(reason: ByeReason) -> Message {
    Message::Bye(Bye {
        reason,
        next_contact_s: 0,
    })
}
