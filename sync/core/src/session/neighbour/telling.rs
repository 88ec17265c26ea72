//! Our own turn: what we hold, then what the other side lacks.

use crate::id::{ChainId, Lane, Seq};
use crate::message::{ByeReason, FRAME_BYTES_MAX, HAVE_CHAINS_MAX, Have, Message};
use crate::refusal::RefusalCode;
use crate::session::frontier::item;
use crate::session::offer::Offer;
use crate::session::{Action, Alert, ChainState, Finish, Input, Profile, ROUNDS_MAX};

use super::{Both, Neighbour, Role, State, bye};

impl Neighbour {
    /// What follows from the other side's turn: an answer, another request, or the end.
    pub(super) fn reply(&mut self) -> Vec<Action> {
        if self.role == Role::Answers {
            return self.speak();
        }
        if let Some(finish) = self.ending() {
            return vec![Action::Finished(finish)];
        }
        self.before = self
            .listed
            .clone()
            .map(|theirs| (theirs, self.shared.clone()));
        self.rounds = self.rounds.saturating_add(1);
        self.speak()
    }

    /// How the session ends; `None` where another round can bring something.
    fn ending(&self) -> Option<Finish> {
        if let Some(code) = self.refused {
            return Some(Finish::Refused(code));
        }
        let (Some(bye), Some(listed)) = (self.bye, &self.listed) else {
            return Some(Finish::Garbled);
        };
        match bye.reason {
            ByeReason::Busy => return Some(Finish::Busy),
            ByeReason::Refused => return Some(Finish::Refused(RefusalCode::Certificate)),
            ByeReason::Done | ByeReason::More => {}
        }
        let owed = !self.positions().is_empty() || !self.receipts_owed().is_empty();
        let first = self.rounds == 1 && self.differs(listed);
        let untold = self.refusals.len() > self.refusals_told;
        let again = owed || first || untold || bye.reason == ByeReason::More;
        if !again {
            return Some(Finish::Done);
        }
        if self.budget == 0 {
            return Some(Finish::BudgetSpent);
        }
        let same = |(theirs, ours): &Both| theirs == listed && *ours == self.shared;
        let stalled = self.before.as_ref().is_some_and(same) && !untold;
        (stalled || self.rounds >= ROUNDS_MAX).then_some(Finish::Stalled)
    }

    fn speak(&mut self) -> Vec<Action> {
        self.state = State::Telling;
        let mut turn = vec![Message::Hello(self.own_hello())];
        turn.extend(self.newer_list());
        turn.extend(self.renewed.take().map(Message::Certificate));
        turn.push(Message::Have(self.have()));
        turn.extend(self.refusals.iter().copied().map(Message::Refuse));
        self.refusals_told = self.refusals.len();
        let mut actions: Vec<Action> = turn.into_iter().map(|said| self.send(said)).collect();
        let bytes = usize::try_from(self.budget).unwrap_or(usize::MAX);
        let bytes = bytes.min(self.local.turn_bytes_max);
        let longest = self.hello.as_ref().map(|hello| hello.frame_bytes_max);
        let longest = longest.and_then(|bytes| usize::try_from(bytes).ok());
        let longest = longest.unwrap_or(FRAME_BYTES_MAX).min(FRAME_BYTES_MAX);
        let sets = self.hello.as_ref().map(|hello| hello.sets);
        let packs = self.local.profile == Profile::Metered && sets == Some(self.local.sets);
        let offer = Offer::new(self.positions(), self.local.origin, (bytes, longest));
        self.offer = offer.packing(packs, &self.raw);
        actions.extend(self.go_on());
        actions
    }

    pub(super) fn tell(&mut self, input: Input) -> Vec<Action> {
        match input {
            Input::CertificateLoaded { certificate } => {
                let certificate = certificate.map(Message::Certificate);
                let mut actions: Vec<Action> = certificate
                    .into_iter()
                    .map(|said| self.send(said))
                    .collect();
                actions.extend(self.waiting.take());
                actions
            }
            Input::FramesLoaded {
                chain,
                frames,
                more,
            } => {
                let loaded = self.offer.loaded(chain, frames, more);
                if !loaded.is_empty() {
                    self.sent.insert(chain);
                }
                let mut actions = Vec::new();
                for action in loaded {
                    actions.push(match action {
                        Action::Send(message) => self.send(message),
                        other => other,
                    });
                }
                actions.extend(self.go_on());
                actions
            }
            Input::ReceiptLoaded { receipt, .. } => {
                let receipt = receipt.map(Message::Receipt);
                let mut actions: Vec<Action> =
                    receipt.into_iter().map(|said| self.send(said)).collect();
                actions.extend(self.next_receipt());
                actions
            }
            _ => Vec::new(),
        }
    }

    /// The next chain's frames, behind the certificate of who signed them; then receipts.
    fn go_on(&mut self) -> Vec<Action> {
        let Some(load) = self.offer.next_load() else {
            self.receipts = self.receipts_owed().into();
            return self.next_receipt();
        };
        let Action::LoadFrames { chain, .. } = &load else {
            return vec![load];
        };
        let (node, epoch) = (chain.origin, chain.epoch);
        let is_us = (node, epoch) == (self.local.origin, self.local.epoch);
        if is_us || !self.vouched.insert((node, epoch)) {
            return vec![load];
        }
        self.waiting = Some(load);
        vec![Action::LoadCertificate { node, epoch }]
    }

    fn next_receipt(&mut self) -> Vec<Action> {
        if let Some(chain) = self.receipts.pop_front() {
            return vec![Action::LoadReceipt { chain }];
        }
        let mut actions = Vec::new();
        if let Some(chain) = self.offer.too_large() {
            self.stopped.insert(chain);
            let code = RefusalCode::TooLarge;
            actions.push(Action::Alert(Alert::Refused { code, chain }));
        }
        if self.role == Role::Answers {
            let more = self.offer.has_more();
            let reason = if more {
                ByeReason::More
            } else {
                ByeReason::Done
            };
            actions.push(self.send(bye(reason)));
            actions.push(Action::EndTurn);
            actions.push(Action::Finished(Finish::Done));
            return actions;
        }
        (self.bye, self.listed) = (None, None);
        self.state = State::Listening;
        actions.push(Action::EndTurn);
        actions
    }

    /// Everything that both may read, the oldest lives left out where a list is too short for it.
    fn have(&self) -> Have {
        let held = self.shared.values().filter(|state| state.up_to > Seq(0));
        let mut held: Vec<&ChainState> = held.collect();
        held.sort_by_key(|state| core::cmp::Reverse(state.chain.epoch));
        held.truncate(HAVE_CHAINS_MAX);
        held.sort_by_key(|state| state.chain);
        let items = held.into_iter().map(item).collect();
        Have { items }
    }

    /// What the other side has of a chain; `None` where it is not spoken of.
    fn told(&self, chain: &ChainId) -> Option<(Seq, Seq)> {
        let listed = self.listed.as_ref()?;
        match listed.items.get(chain) {
            Some(item) => Some((item.up_to, item.receipted)),
            None => (!listed.is_cut).then_some((Seq(0), Seq(0))),
        }
    }

    /// Chains of which we can send what the other side lacks, and where it stands.
    fn positions(&self) -> Vec<(ChainId, Seq)> {
        let (node, epoch) = self.peer_life();
        let held = self.shared.values().filter(|state| {
            let chain = &state.chain;
            let theirs = chain.origin == node && chain.epoch >= epoch;
            let leaves = !self.local.frozen
                || (chain.scope.lane() == Some(Lane::Control) && chain.origin == self.local.origin);
            !theirs && leaves && !self.stopped.contains(chain)
        });
        let at = held.filter_map(|state| Some((state, self.told(&state.chain)?.0)));
        at.filter(|(state, at)| state.goes_on_after(*at))
            .map(|(state, at)| (state.chain, at))
            .collect()
    }

    /// Chains of which we hold a newer receipt than the other side, which holds some of them.
    fn receipts_owed(&self) -> Vec<ChainId> {
        let newer = self.shared.values().filter(|state| {
            let told = self.told(&state.chain);
            let holds = told.is_some_and(|(up_to, _)| up_to > Seq(0));
            let lacks = told.is_some_and(|(_, receipted)| receipted < state.receipted);
            let here = holds || self.sent.contains(&state.chain);
            here && lacks && !self.stopped.contains(&state.chain)
        });
        newer.map(|state| state.chain).collect()
    }
}
