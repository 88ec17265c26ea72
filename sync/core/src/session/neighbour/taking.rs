//! What the other side's turn brings: its list, certificates, receipts, frames of all origins.

use std::collections::BTreeMap;

use crate::frame;
use crate::id::{ChainId, Scope, Seq};
use crate::message::{HAVE_CHAINS_MAX, Have, HaveItem, Message, Refuse};
use crate::receipt;
use crate::refusal::RefusalCode;
use crate::session::frontier::head;
use crate::session::{Action, Alert, ChainState};

use super::{Listed, Neighbour};

impl Neighbour {
    pub(super) fn hear(&mut self, message: Message) -> Vec<Action> {
        match message {
            Message::Have(have) => self.compare(have),
            Message::Frame(bytes) => self.take_frame(bytes),
            Message::Receipt(bytes) => self.take_receipt(bytes),
            Message::Refuse(refuse) => self.turned_down(refuse),
            Message::Certificate(bytes) => vec![Action::StoreCertificate(bytes)],
            Message::Revocations(bytes) => self.take_list(bytes),
            Message::Bye(bye) => {
                self.bye = Some(bye);
                Vec::new()
            }
            // Each offers by itself what the other lacks.
            Message::Hello(_)
            | Message::Want(_)
            | Message::Held(_)
            | Message::Again(_)
            | Message::ShortFrame(_)
            | Message::ShortReceipt(_) => Vec::new(),
        }
    }

    fn compare(&mut self, have: Have) -> Vec<Action> {
        let is_cut = have.items.len() >= HAVE_CHAINS_MAX;
        let items = have.items.into_iter().map(|item| (item.chain, item));
        let items: BTreeMap<ChainId, HaveItem> = items.collect();
        let mut actions = Vec::new();
        for item in items.values() {
            if let Some(state) = self.shared.get(&item.chain).copied() {
                actions.extend(self.contradiction(item, &state));
            } else if item.chain.origin == self.local.origin {
                actions.extend(self.own_doubt(RefusalCode::Rewound, item));
            }
        }
        self.listed = Some(Listed { items, is_cut });
        actions
    }

    /// Two ends of one chain, or an origin that holds less of its own life than others do.
    fn contradiction(&mut self, item: &HaveItem, state: &ChainState) -> Vec<Action> {
        let chain = item.chain;
        let forked = item.up_to == state.up_to && item.head != head(state);
        let (node, epoch) = self.peer_life();
        let is_own = chain.origin == self.local.origin;
        if is_own && item.up_to > state.up_to {
            return self.own_doubt(RefusalCode::Rewound, item);
        }
        if is_own && forked {
            return self.own_doubt(RefusalCode::Forked, item);
        }
        let code = if forked {
            RefusalCode::Forked
        } else if (chain.origin, chain.epoch) == (node, epoch) && item.up_to < state.up_to {
            RefusalCode::Rewound
        } else {
            return Vec::new();
        };
        if chain.origin == node {
            self.frozen.insert(chain.epoch);
        }
        self.refuse_once(code, chain);
        vec![Action::Alert(Alert::Offended { code, chain })]
    }

    /// A neighbour that says to hold more of our own life than we do, or another end of it. The
    /// hub decides about that; here nothing of the chain moves. Older lives come back.
    fn own_doubt(&mut self, code: RefusalCode, item: &HaveItem) -> Vec<Action> {
        let chain = item.chain;
        if chain.epoch != self.local.epoch {
            return Vec::new();
        }
        self.stopped.insert(chain);
        vec![Action::Alert(Alert::Refused { code, chain })]
    }

    fn take_frame(&mut self, bytes: Vec<u8>) -> Vec<Action> {
        let header = match frame::header(&bytes) {
            Ok(header) => header,
            Err(refusal) => return self.offended(self.whole_peer(), refusal.code),
        };
        let chain = header.chain();
        let (node, epoch) = self.peer_life();
        let is_theirs = chain.origin == node;
        let is_own = (chain.origin, chain.epoch) == (self.local.origin, self.local.epoch);
        let is_frozen = is_theirs && self.frozen.contains(&chain.epoch);
        // What was asked for raw is taken raw.
        let is_packed_again = header.is_packed() && self.asked_raw.contains(&chain);
        if self.stopped.contains(&chain) || is_frozen || is_own || is_packed_again {
            return Vec::new();
        }
        let is_early = is_theirs && chain.epoch > epoch;
        if chain.hub != self.local.hub || is_early || !self.is_shared(chain.scope) {
            return self.offended(chain, RefusalCode::Scope);
        }
        if self.known.quarantined.contains(&chain.origin) {
            return self.offended(chain, RefusalCode::Quarantined);
        }
        vec![Action::AcceptFrame {
            chain,
            up_to: header.last_seq(),
            bytes,
        }]
    }

    pub(super) fn took(&mut self, chain: ChainId, up_to: Seq) {
        if let Some(state) = self.shared.get_mut(&chain) {
            state.up_to = state.up_to.max(up_to);
        }
    }

    fn take_receipt(&mut self, bytes: Vec<u8>) -> Vec<Action> {
        let invalid = || vec![Action::Alert(Alert::ReceiptInvalid)];
        let Ok(receipt) = receipt::verify(&bytes, &self.known.receipt_key) else {
            return invalid();
        };
        let chain = receipt.chain;
        if !self.is_shared(chain.scope) || self.stopped.contains(&chain) {
            return Vec::new();
        }
        let known = self.shared.get(&chain).copied();
        if known.is_some_and(|state| receipt.up_to <= state.receipted) {
            return Vec::new();
        }
        let is_own = (chain.origin, chain.epoch) == (self.local.origin, self.local.epoch);
        if is_own && known.is_none_or(|state| receipt.up_to > state.up_to) {
            self.stopped.insert(chain);
            return invalid();
        }
        if let Some(state) = self.shared.get_mut(&chain) {
            state.receipted = receipt.up_to;
        }
        vec![Action::StoreReceipt(bytes)]
    }

    pub(super) fn receipt_refused(&mut self, chain: ChainId) -> Vec<Action> {
        self.stopped.insert(chain);
        vec![Action::Alert(Alert::ReceiptInvalid)]
    }

    fn turned_down(&mut self, refuse: Refuse) -> Vec<Action> {
        let Refuse { code, chain, .. } = refuse;
        if chain.scope == Scope(0) {
            self.refused = Some(code);
        }
        // Only who signed a run can repeat it raw.
        let is_ours = chain.origin == self.local.origin;
        if is_ours && code.asks_for_raw() && self.raw.insert(chain) {
            return Vec::new();
        }
        self.stopped.insert(chain);
        vec![Action::Alert(Alert::Refused { code, chain })]
    }

    /// We do not take something: the peer hears it in our turn, once a chain.
    pub(super) fn offended(&mut self, chain: ChainId, code: RefusalCode) -> Vec<Action> {
        if code.asks_for_raw() && self.asked_raw.insert(chain) {
            self.say_refused(code, chain);
            return Vec::new();
        }
        if !self.refuse_once(code, chain) {
            return Vec::new();
        }
        vec![Action::Alert(Alert::Offended { code, chain })]
    }

    /// Whether the other side's list differs from what we hold, in anything that we know of.
    pub(super) fn differs(&self, listed: &Listed) -> bool {
        let items = listed.items.values();
        let mut theirs = items.filter(|item| self.is_shared(item.chain.scope));
        let told = |item: &HaveItem| {
            let state = self.shared.get(&item.chain);
            let known = state.map(|state| (state.up_to, state.receipted));
            known != Some((item.up_to, item.receipted))
        };
        theirs.any(|item| !self.stopped.contains(&item.chain) && told(item))
    }
}
