//! What the hub's answer means to the side that started.

use crate::frame;
use crate::id::{ChainId, Scope, Seq};
use crate::message::{
    CertificateForm, FRAME_BYTES_MAX, Hello, Message, Range, Refuse, VERSION, WANT_RANGES_MAX,
};
use crate::receipt;
use crate::refusal::RefusalCode;
use crate::session::frontier::is_granted;
use crate::session::{Action, Alert, Doubt, Finish, certificate_hash};

use super::{Initiator, Owed};

impl Initiator {
    pub(super) fn receive(&mut self, message: Message) -> Vec<Action> {
        match message {
            Message::Hello(hello) => self.greet(hello),
            Message::Frame(bytes) => self.take_frame(bytes),
            Message::Receipt(bytes) => self.take_receipt(bytes),
            Message::Refuse(refuse) => self.refused(refuse),
            Message::Want(ranges) => self.wanted(&ranges),
            Message::Bye(bye) => {
                self.round.bye = Some(bye);
                Vec::new()
            }
            Message::Certificate(bytes) => vec![Action::StoreCertificate(bytes)],
            Message::Revocations(bytes) => vec![Action::StoreRevocations(bytes)],
            // A hub's list of chains: it offers by itself what we lack. Short forms were put
            // together before.
            Message::Have(_)
            | Message::Held(_)
            | Message::Again(_)
            | Message::ShortFrame(_)
            | Message::ShortReceipt(_) => Vec::new(),
        }
    }

    fn greet(&mut self, hello: Hello) -> Vec<Action> {
        let finish = |code| vec![Action::Finished(Finish::Refused(code))];
        if hello.version != VERSION {
            return finish(RefusalCode::Version);
        }
        if hello.hub != self.local.hub || hello.origin != self.hub.node {
            return finish(RefusalCode::Network);
        }
        self.hub_frame_bytes_max = usize::try_from(hello.frame_bytes_max)
            .unwrap_or(FRAME_BYTES_MAX)
            .min(FRAME_BYTES_MAX);
        let mut actions = Vec::new();
        match &hello.certificate {
            CertificateForm::Hash(hash) if *hash != self.hub.certificate => {
                let asked = Refuse {
                    code: RefusalCode::Certificate,
                    chain: self.whole_side(),
                    seq: Seq(0),
                    epoch: self.hub.epoch,
                };
                self.round.again |= self.refuse_once(asked);
            }
            CertificateForm::Whole(bytes) if certificate_hash(bytes) != self.hub.certificate => {
                actions.push(Action::StoreCertificate(bytes.clone()));
            }
            CertificateForm::Hash(_) | CertificateForm::Whole(_) => {}
        }
        let newer = self.local.revocations.newer_than(hello.revocations);
        if let (Owed::No, Some(list)) = (&self.revocations, newer) {
            self.revocations = Owed::Due(list);
            self.round.again = true;
        }
        self.round.hello = Some(hello);
        actions
    }

    fn take_frame(&mut self, bytes: Vec<u8>) -> Vec<Action> {
        let header = match frame::header(&bytes) {
            Ok(header) => header,
            Err(refusal) => return self.offended(self.whole_side(), refusal.code),
        };
        let chain = header.chain();
        let is_for_us = if chain.origin == self.hub.node {
            true
        } else if chain.origin == self.local.origin {
            // What we lost when we were set back.
            chain.epoch < self.local.epoch
        } else {
            self.local.readable.contains(&chain.scope)
        };
        if self.round.hello.is_none()
            || chain.hub != self.local.hub
            || !is_for_us
            || !is_granted(chain.scope, &self.local.scopes, &self.hub.scopes)
        {
            return self.offended(chain, RefusalCode::Scope);
        }
        // What was asked for raw is taken raw.
        let mut refused = self.refusals.iter().filter(|refuse| refuse.chain == chain);
        if refused.any(|refuse| header.is_packed() || !refuse.code.asks_for_raw()) {
            return Vec::new();
        }
        vec![Action::AcceptFrame {
            chain,
            up_to: header.last_seq(),
            bytes,
        }]
    }

    fn take_receipt(&mut self, bytes: Vec<u8>) -> Vec<Action> {
        let Ok(receipt) = receipt::verify(&bytes, &self.receipt_key) else {
            return vec![Action::Alert(Alert::ReceiptInvalid)];
        };
        let origin = receipt.chain.origin;
        let Some(state) = self.frontier.state_mut(&receipt.chain) else {
            return vec![Action::Alert(Alert::ReceiptInvalid)];
        };
        let is_known = !self.grown.contains(&receipt.chain);
        let contradicts = is_known && receipt.up_to == state.up_to && receipt.hash != state.head;
        if origin == self.hub.node || contradicts {
            self.stopped.insert(receipt.chain);
            return vec![Action::Alert(Alert::ReceiptInvalid)];
        }
        // Of others a neighbour may have told the hub more than us; of our own chains only who
        // was set back lacks something. The list of all chains says what.
        if receipt.up_to > state.up_to && origin == self.local.origin {
            self.round.again |= !self.full;
            self.full = true;
            return Vec::new();
        }
        let is_newer = receipt.up_to > state.receipted;
        state.receipted = state.receipted.max(receipt.up_to);
        // A hub that was set back gives again what it had given before.
        let asked = self.positions.get(&receipt.chain);
        if is_newer || asked.is_some_and(|at| receipt.up_to > *at) {
            self.positions.remove(&receipt.chain);
            self.round.moved = true;
        }
        if is_newer {
            vec![Action::StoreReceipt(bytes)]
        } else {
            Vec::new()
        }
    }

    fn refused(&mut self, refuse: Refuse) -> Vec<Action> {
        let Refuse { code, chain, .. } = refuse;
        let alert = Action::Alert(Alert::Refused { code, chain });
        let this_life = chain.origin == self.local.origin
            && (chain.epoch >= self.local.epoch || refuse.epoch > self.local.epoch);
        match code {
            RefusalCode::Rewound | RefusalCode::Forked if this_life => {
                if self.ending.replace(Finish::NewEpoch) == Some(Finish::NewEpoch) {
                    return Vec::new();
                }
                let doubt = Doubt {
                    code,
                    chain,
                    seq: refuse.seq,
                    above: refuse.epoch.max(self.local.epoch),
                };
                vec![Action::NewEpoch(doubt), alert]
            }
            RefusalCode::Certificate if !self.whole_certificate && !self.is_carried(&chain) => {
                self.whole_certificate = true;
                self.round.again = true;
                Vec::new()
            }
            RefusalCode::Gap => self.resume(chain, Seq(refuse.seq.0.saturating_sub(1))),
            RefusalCode::Duplicate => self.resume(chain, refuse.seq),
            code if code.asks_for_raw() && self.raw.insert(chain) => {
                self.round.again = true;
                Vec::new()
            }
            RefusalCode::Busy => {
                self.ending.get_or_insert(Finish::Busy);
                Vec::new()
            }
            _ if chain.scope == Scope(0) => {
                self.ending.get_or_insert(Finish::Refused(code));
                vec![alert]
            }
            _ => {
                self.stopped.insert(chain);
                vec![alert]
            }
        }
    }

    /// Whether a chain is of a third origin.
    fn is_carried(&self, chain: &ChainId) -> bool {
        self.frontier.others.contains_key(chain)
    }

    /// The hub says where it stands: believed once a chain until its next receipt.
    fn resume(&mut self, chain: ChainId, held: Seq) -> Vec<Action> {
        let before = self.positions.get(&chain).copied();
        if before == Some(held) {
            return Vec::new();
        }
        let believed = self
            .frontier
            .state(&chain)
            .is_some_and(|state| held <= state.up_to);
        if !believed || before.is_some() {
            self.stopped.insert(chain);
            let code = RefusalCode::Gap;
            return vec![Action::Alert(Alert::Refused { code, chain })];
        }
        self.positions.insert(chain, held);
        self.round.moved = true;
        Vec::new()
    }

    fn wanted(&mut self, ranges: &[Range]) -> Vec<Action> {
        let ranges = ranges.iter().take(WANT_RANGES_MAX);
        ranges
            .flat_map(|range| self.resume(range.chain, Seq(range.from.0.saturating_sub(1))))
            .collect()
    }

    /// We do not take something: the hub hears it in the next request.
    pub(super) fn offended(&mut self, chain: ChainId, code: RefusalCode) -> Vec<Action> {
        let (seq, epoch) = (self.frontier.up_to(&chain), self.local.epoch);
        if self.refuse_once(Refuse {
            code,
            chain,
            seq,
            epoch,
        }) {
            self.round.again = true;
            if code.asks_for_raw() {
                return Vec::new();
            }
            return vec![Action::Alert(Alert::Offended { code, chain })];
        }
        Vec::new()
    }

    fn refuse_once(&mut self, refuse: Refuse) -> bool {
        let known = self.refusals.iter().any(|old| old.chain == refuse.chain);
        let room = self.refusals.len() < WANT_RANGES_MAX;
        if !known && room {
            self.refusals.push(refuse);
        }
        !known && room
    }

    /// The name under which a whole peer is refused.
    fn whole_side(&self) -> ChainId {
        ChainId {
            hub: self.local.hub,
            origin: self.hub.node,
            epoch: self.hub.epoch,
            scope: Scope(0),
        }
    }
}
