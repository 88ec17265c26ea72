//! The end of an answer: receipts, what was lost here, our own frames, `Bye`.

use crate::id::{ChainId, Seq};
use crate::message::{Bye, ByeReason, Message, Range, WANT_RANGES_MAX};
use crate::refusal::RefusalCode;
use crate::session::offer::Offer;
use crate::session::{Action, Alert, Finish, Profile};

use super::{Answerer, State};

impl Answerer {
    pub(super) fn close(&mut self) -> Vec<Action> {
        self.state = State::Closing;
        let mut actions = Vec::new();
        if self.certificate_asked {
            actions.push(self.send_hello());
        }
        actions.extend(self.flush_receipts());
        let (node, _epoch) = self.peer_life();
        let unreceipted = self.have.items.values().filter(|item| {
            let held = self.frontier.up_to(&item.chain);
            let stopped = self.stopped.contains(&item.chain);
            let is_complete = held <= item.up_to;
            // Of a third origin more may be here than the peer holds. What it reads it is given
            // first, and the receipt after it.
            let sure = if item.chain.origin == node {
                is_complete
            } else {
                item.chain.origin != self.local.origin
                    && (is_complete || !self.frontier.is_read_by_node(&item.chain))
            };
            sure && !stopped && held > item.receipted
        });
        self.receipt_queue = unreceipted.map(|item| item.chain).collect();
        actions.extend(self.lost());
        let limits = (self.local.turn_bytes_max, self.peer_frame_bytes_max);
        let offer = Offer::new(self.positions(), self.local.origin, limits);
        let sets = self.hello.as_ref().map(|hello| hello.sets);
        let packs = self.local.profile == Profile::Metered && sets == Some(self.local.sets);
        self.offer = offer.packing(packs, &self.raw);
        actions.extend(self.continue_closing());
        actions
    }

    /// Entries that the peer believes receipted and that are not here any more.
    fn lost(&self) -> Option<Action> {
        // Also of what others wrote: it may be the last who holds it.
        let items = self
            .have
            .items
            .values()
            .filter(|item| item.chain.origin != self.local.origin);
        let ranges = items.filter_map(|item| {
            let held = self.frontier.up_to(&item.chain);
            let lost = item.receipted != Seq(u32::MAX) && held < item.receipted;
            let from = Seq(held.0.saturating_add(1));
            lost.then_some(Range {
                chain: item.chain,
                from,
                to: item.up_to,
            })
        });
        let ranges: Vec<Range> = ranges.take(WANT_RANGES_MAX).collect();
        (!ranges.is_empty()).then_some(Action::Send(Message::Want(ranges)))
    }

    /// Our chains, old lives of the peer, and chains of others that it reads, that go on after what
    /// it has.
    fn positions(&self) -> Vec<(ChainId, Seq)> {
        let of_others = self.frontier.read_by_node().filter(|_| self.have.whole);
        let chains = self.frontier.chains.values().filter(|state| {
            state.chain.origin == self.local.origin || self.is_lost_by_peer(&state.chain)
        });
        let chains = chains.chain(of_others).filter(|state| {
            !self.stopped.contains(&state.chain) && !self.unwanted.contains(&state.chain)
        });
        let positions = chains.map(|state| {
            let listed = self.have.items.get(&state.chain).map(|item| item.up_to);
            let held = listed.or_else(|| self.have.held.get(&state.chain).copied());
            let held = held.unwrap_or(Seq(0));
            let at = self.wanted.get(&state.chain).copied().unwrap_or(held);
            (state, at)
        });
        positions
            .filter(|(state, at)| state.up_to > *at)
            .map(|(state, at)| (state.chain, at))
            .collect()
    }

    /// Whether the peer was set back, and holds less of an older life of its own than is here.
    pub(super) fn is_lost_by_peer(&self, chain: &ChainId) -> bool {
        let (node, epoch) = self.peer_life();
        let listed = self.have.items.get(chain).map_or(Seq(0), |item| item.up_to);
        let is_older = chain.origin == node && chain.epoch < epoch;
        is_older && self.have.whole && listed < self.frontier.up_to(chain)
    }

    /// Sends what was read of a chain.
    pub(super) fn give(&mut self, chain: ChainId, frames: Vec<Vec<u8>>, more: bool) -> Vec<Action> {
        let sent = self.offer.loaded(chain, frames, more);
        let ended = self.offer.take_ended();
        let of_others = ended
            .into_iter()
            .filter(|chain| chain.origin != self.local.origin);
        self.given.extend(of_others);
        sent
    }

    pub(super) fn continue_closing(&mut self) -> Vec<Action> {
        if let Some(chain) = self.receipt_queue.pop_front() {
            return vec![Action::LoadReceipt { chain }];
        }
        if let Some(load) = self.offer.next_load() {
            return vec![load];
        }
        if let Some(chain) = self.given.pop_front() {
            return vec![Action::LoadReceipt { chain }];
        }
        let too_large = self.offer.too_large();
        let reason = match (self.busy, self.offer.has_more()) {
            (true, _) => ByeReason::Busy,
            (false, true) => ByeReason::More,
            (false, false) => ByeReason::Done,
        };
        let code = RefusalCode::TooLarge;
        let alert = too_large.map(|chain| Action::Alert(Alert::Refused { code, chain }));
        let end = [
            Action::Send(Message::Bye(Bye {
                reason,
                next_contact_s: 0,
            })),
            Action::EndTurn,
            Action::Finished(Finish::Done),
        ];
        alert.into_iter().chain(end).collect()
    }

    /// Sends the receipts that waited for each other.
    pub(in crate::session) fn flush_receipts(&mut self) -> Vec<Action> {
        self.frames_unreceipted = 0;
        self.receipt_deadline = None;
        let receipts = core::mem::take(&mut self.receipts);
        for chain in receipts.keys() {
            self.have
                .items
                .entry(*chain)
                .and_modify(|item| item.receipted = Seq(u32::MAX));
        }
        receipts
            .into_values()
            .map(|bytes| Action::Send(Message::Receipt(bytes)))
            .collect()
    }
}
