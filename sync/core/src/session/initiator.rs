//! The side that starts: asks, sends what the hub lacks, also of its neighbours, takes receipts and
//! the hub's frames.

mod answer;

use std::collections::{BTreeMap, BTreeSet};

use crate::frame;
use crate::id::{ChainId, Lane, Seq};
use crate::message::{
    Bye, ByeReason, CERTIFICATE_BYTES_MAX, CertificateForm, FRAME_BYTES_MAX, Hello, Message,
    Refuse, VERSION,
};
use crate::refusal::RefusalCode;

use super::frontier::Frontier;
use super::offer::Offer;
use super::{
    Action, Alert, ChainState, Finish, Input, Local, Opening, Peer, Profile, ROUNDS_MAX,
    certificate_hash,
};

/// Where a round stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// Not started.
    Idle,
    /// Waiting for our own frontier.
    Comparing,
    /// Reading and sending frames.
    Sending,
    /// The request is out.
    Exchanging,
}

/// What one round brought.
#[derive(Debug, Default)]
struct Round {
    hello: Option<Hello>,
    bye: Option<Bye>,
    /// Something changed on either side, so that another round can bring more.
    moved: bool,
    /// The next round must say again what this one could not.
    again: bool,
}

/// A node towards its hub.
#[derive(Debug)]
pub(super) struct Initiator {
    local: Local,
    hub: Peer,
    receipt_key: [u8; 32],
    state: State,
    budget: u64,
    opening: Opening,
    /// The next request lists every chain; else frames alone say where our own chains stand.
    full: bool,
    whole_certificate: bool,
    frontier: Frontier,
    /// Chains that went on since the frontier was read: their ends are not known here.
    grown: BTreeSet<ChainId>,
    /// Where the hub stands by its own word, when that is not the last receipt.
    positions: BTreeMap<ChainId, Seq>,
    /// Chains that are left alone until the next session.
    stopped: BTreeSet<ChainId>,
    /// Chains whose frames the hub wants raw.
    raw: BTreeSet<ChainId>,
    refusals: Vec<Refuse>,
    hub_frame_bytes_max: usize,
    offer: Offer,
    round: Round,
    rounds: u32,
    ending: Option<Finish>,
    revocations: Owed,
}

/// Our revocation list, where the hub has an older one since it was restored.
#[derive(Debug)]
enum Owed {
    /// Not known to be needed.
    No,
    /// Goes with the next request.
    Due(Message),
    /// Went out; a hub that does not take it is not asked twice.
    Told,
}

impl Initiator {
    pub(super) fn new(local: Local, hub: Peer, receipt_key: [u8; 32]) -> Self {
        let whole_certificate = !local.certificate_known;
        Self {
            local,
            hub,
            receipt_key,
            state: State::Idle,
            budget: 0,
            opening: Opening::Delta,
            full: false,
            whole_certificate,
            frontier: Frontier::default(),
            grown: BTreeSet::new(),
            positions: BTreeMap::new(),
            stopped: BTreeSet::new(),
            raw: BTreeSet::new(),
            refusals: Vec::new(),
            hub_frame_bytes_max: FRAME_BYTES_MAX,
            offer: Offer::default(),
            round: Round::default(),
            rounds: 0,
            ending: None,
            revocations: Owed::No,
        }
    }

    pub(super) fn handle(&mut self, input: Input) -> Vec<Action> {
        match (self.state, input) {
            (
                State::Idle,
                Input::Start {
                    budget_bytes,
                    opening,
                },
            ) => {
                self.budget = budget_bytes;
                self.opening = opening;
                self.full = opening == Opening::Full;
                self.begin_round()
            }
            (State::Comparing, Input::FrontierLoaded { chains }) => self.open_turn(chains),
            (
                State::Sending,
                Input::FramesLoaded {
                    chain,
                    frames,
                    more,
                },
            ) => {
                let sent = self.offer.loaded(chain, frames, more);
                self.note_sent(&sent);
                let mut actions = self.spend_all(sent);
                actions.extend(self.continue_turn());
                actions
            }
            (State::Exchanging, Input::Received(message)) => {
                self.spend(&message);
                self.receive(message)
            }
            (State::Exchanging, Input::FrameAccepted { chain, up_to, .. }) => {
                self.round.moved |= up_to > self.frontier.up_to(&chain);
                self.went_on(chain, up_to);
                Vec::new()
            }
            (State::Exchanging, Input::FrameRefused { chain, code }) => self.offended(chain, code),
            (State::Exchanging, Input::ReceiptRefused { chain }) => {
                self.stopped.insert(chain);
                vec![Action::Alert(Alert::ReceiptInvalid)]
            }
            (State::Exchanging, Input::PeerEnded) => self.end_round(),
            _ => Vec::new(),
        }
    }

    fn begin_round(&mut self) -> Vec<Action> {
        self.state = State::Comparing;
        self.rounds = self.rounds.saturating_add(1);
        self.round = Round::default();
        vec![Action::LoadFrontier]
    }

    fn open_turn(&mut self, chains: Vec<ChainState>) -> Vec<Action> {
        self.state = State::Sending;
        self.frontier = Frontier::of_node(chains, &self.local, &self.hub);
        self.grown.clear();
        self.full |= self.is_first_contact();
        let mut actions = self.withheld_alerts();
        let mut opening = vec![Message::Hello(self.hello())];
        if let Owed::Due(list) = &self.revocations {
            opening.push(list.clone());
            self.revocations = Owed::Told;
        }
        opening.push(if self.full {
            Message::Have(self.frontier.have(&self.local, &self.hub))
        } else {
            Message::Held(self.frontier.held(&self.hub))
        });
        opening.extend(self.refusals.iter().copied().map(Message::Refuse));
        actions.extend(self.spend_all(opening.into_iter().map(Action::Send).collect()));
        let positions = if self.is_probing() {
            Vec::new()
        } else {
            self.unsent()
        };
        let bytes = usize::try_from(self.budget).unwrap_or(usize::MAX);
        let bytes = bytes.min(self.local.turn_bytes_max);
        let packs = self.local.profile == Profile::Metered;
        let limits = (bytes, self.hub_frame_bytes_max);
        let offer = Offer::new(positions, self.local.origin, limits);
        self.offer = offer.packing(packs, &self.raw);
        actions.extend(self.continue_turn());
        actions
    }

    /// What was written after the frontier was read may be in what is sent.
    fn note_sent(&mut self, sent: &[Action]) {
        for action in sent {
            let header = match action {
                Action::Send(Message::Frame(bytes)) => frame::header(bytes).ok(),
                _ => None,
            };
            if let Some(header) = header {
                self.went_on(header.chain(), header.last_seq());
            }
        }
    }

    fn went_on(&mut self, chain: ChainId, up_to: Seq) {
        if up_to > self.frontier.up_to(&chain) {
            let is_third = chain.origin != self.local.origin && chain.origin != self.hub.node;
            self.frontier.grew(chain, up_to, is_third);
            self.grown.insert(chain);
        }
    }

    fn continue_turn(&mut self) -> Vec<Action> {
        if let Some(load) = self.offer.next_load() {
            return vec![load];
        }
        self.state = State::Exchanging;
        let mut actions = Vec::new();
        if let Some(chain) = self.offer.too_large() {
            self.stopped.insert(chain);
            let code = RefusalCode::TooLarge;
            actions.push(Action::Alert(Alert::Refused { code, chain }));
        }
        actions.push(Action::EndTurn);
        actions
    }

    fn end_round(&mut self) -> Vec<Action> {
        let finished = |finish| vec![Action::Finished(finish)];
        if let Some(finish) = self.ending {
            return finished(finish);
        }
        let Some(bye) = self.round.bye else {
            return finished(Finish::Garbled);
        };
        match bye.reason {
            ByeReason::Busy => return finished(Finish::Busy),
            ByeReason::Refused if !self.round.again => {
                return finished(Finish::Refused(RefusalCode::Certificate));
            }
            ByeReason::Done | ByeReason::More | ByeReason::Refused => {}
        }
        let remains = bye.reason == ByeReason::More || !self.unsent().is_empty();
        let again = self.round.again || self.must_compare_all();
        if !remains && !again {
            return finished(Finish::Done);
        }
        if self.budget == 0 {
            return finished(Finish::BudgetSpent);
        }
        if !(again || self.is_probing() || self.round.moved) || self.rounds >= ROUNDS_MAX {
            return finished(Finish::Stalled);
        }
        self.begin_round()
    }

    /// Another digest over the chains of others, or a quiet round with another one over our own: the
    /// delta hid something, so list everything once.
    fn must_compare_all(&mut self) -> bool {
        let digest = self.round.hello.as_ref().map(|hello| hello.digest);
        let (sides, others) = digest.map_or((false, false), |digest| self.frontier.differs(digest));
        let differs = others || (sides && !self.round.moved);
        let first = differs && !self.full && self.unsent().is_empty();
        self.full |= first;
        first
    }

    /// Chains, ours and our neighbours', that go on after what the hub has, and where.
    fn unsent(&self) -> Vec<(ChainId, Seq)> {
        let own = self
            .frontier
            .of(self.local.origin)
            .chain(self.frontier.others.values());
        let own = own.map(|state| {
            let at = self
                .positions
                .get(&state.chain)
                .copied()
                .unwrap_or(state.receipted);
            (state, at)
        });
        own.filter(|(state, at)| state.goes_on_after(*at) && !self.stopped.contains(&state.chain))
            .filter(|(state, _at)| {
                !self.local.frozen || state.chain.scope.lane() == Some(Lane::Control)
            })
            .map(|(state, at)| (state.chain, at))
            .collect()
    }

    /// The first request of a full opening carries no frames: it asks what arrived.
    fn is_probing(&self) -> bool {
        self.opening == Opening::Full && self.rounds == 1
    }

    fn is_first_contact(&self) -> bool {
        let mut life = self
            .frontier
            .of(self.local.origin)
            .filter(|s| s.chain.epoch == self.local.epoch);
        !life.any(|state| state.receipted > Seq(0))
    }

    fn withheld_alerts(&mut self) -> Vec<Action> {
        let first = self.rounds == 1;
        let withheld = self.frontier.withheld.iter().filter(|_chain| first);
        withheld
            .map(|chain| Action::Alert(Alert::NotGranted { chain: *chain }))
            .collect()
    }

    fn hello(&self) -> Hello {
        let fits = self.local.certificate.len() <= CERTIFICATE_BYTES_MAX;
        let certificate = if self.whole_certificate && fits {
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
            digest: self.frontier.digest(),
        }
    }

    fn spend_all(&mut self, actions: Vec<Action>) -> Vec<Action> {
        for action in &actions {
            if let Action::Send(message) = action {
                self.spend(message);
            }
        }
        actions
    }

    fn spend(&mut self, message: &Message) {
        let bytes = u64::try_from(message.wire_bytes()).unwrap_or(u64::MAX);
        self.budget = self.budget.saturating_sub(bytes);
    }
}
