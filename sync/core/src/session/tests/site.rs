//! A node or hub in memory: journal of real frames, receipts, and the loop around the machine.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::Timestamp;
use ring::signature::{Ed25519KeyPair, KeyPair};

use crate::frame::{self, Packing};
use crate::id::{ChainId, Epoch, HubId, Lane, NodeId, Scope, Seq};
use crate::message::{CertificateForm, Elision, Message};
use crate::pack::EmptyShelf;
use crate::receipt;
use crate::refusal::RefusalCode;
use crate::session::*;

mod chains;

pub(super) const HUB: HubId = HubId(*b"test");
pub(super) const AREA: Scope = Scope(64);
pub(super) const NODE: NodeId = NodeId(7);
pub(super) const CENTRE: NodeId = NodeId(1);

/// Sites hold no set and no documents: their facts pack all the same.
const PACKING: Packing<'static> = Packing {
    sets: &[],
    shelf: &EmptyShelf,
};

/// One chain as a store would hold it.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(super) struct Chain {
    pub(super) frames: Vec<Vec<u8>>,
    /// The same frames packed, where this site wrote them.
    pub(super) packed: Vec<Vec<u8>>,
    pub(super) heads: Vec<[u8; 32]>,
    pub(super) receipted: u32,
}

/// Last entry of a frame, and the receipt for its chain.
type Taken = (Seq, Option<Vec<u8>>);

/// Whose frames a site keeps to hand them on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Keeping {
    /// Everybody's.
    All,
    /// Its own alone.
    Own,
}

#[derive(Clone)]
pub(super) struct Site {
    pub(super) seed: [u8; 32],
    pub(super) node: NodeId,
    pub(super) epoch: Epoch,
    pub(super) lanes: Vec<Lane>,
    pub(super) chains: BTreeMap<ChainId, Chain>,
    /// Receipts that a hub gives are signed anew each time: same state, same bytes.
    pub(super) is_hub: bool,
    /// Public key by (node, epoch): what certificates say.
    pub(super) keys: BTreeMap<(NodeId, Epoch), [u8; 32]>,
    /// Frames offered to the store that it held already.
    pub(super) known: u32,
    pub(super) alerts: Vec<Alert>,
    pub(super) new_epoch: Option<Epoch>,
    pub(super) stored_certificates: u32,
    pub(super) certificate_known: bool,
    pub(super) refuse_with: Option<RefusalCode>,
    pub(super) refuse_peer: Option<RefusalCode>,
    pub(super) revocations: Revocations,
    /// What a hub gives to the peer that speaks with it.
    pub(super) renewed: Option<Vec<u8>>,
    pub(super) log: Vec<&'static str>,
    /// How it read frames to send, where there were any.
    pub(super) loads: Vec<&'static str>,
    pub(super) profile: Profile,
    /// What it says of its sets.
    pub(super) sets: [u8; 8],
    /// Why it refuses packed frames, if it does.
    pub(super) refuse_packed: Option<RefusalCode>,
    /// What was said on its connection.
    pub(super) wire: Elision,
    /// Key of the hub's receipts, where the other side of a session is not the hub.
    pub(super) receipt_key: Option<[u8; 32]>,
    /// Receipts that a node was given.
    pub(super) receipts: BTreeMap<ChainId, Vec<u8>>,
    /// Whose frames it keeps.
    pub(super) keeping: Keeping,
    /// Lanes in which its certificate lets it receive the entries of others.
    pub(super) reads: Vec<Lane>,
    /// Scopes whose grant has ended.
    pub(super) ended: BTreeSet<Scope>,
}

impl Site {
    pub(super) fn new(seed: u8, node: NodeId, is_hub: bool) -> Self {
        let mut site = Self {
            seed: [seed; 32],
            node,
            epoch: Epoch::new(1, 0),
            lanes: Lane::ALL.to_vec(),
            chains: BTreeMap::new(),
            is_hub,
            keys: BTreeMap::new(),
            known: 0,
            alerts: Vec::new(),
            new_epoch: None,
            stored_certificates: 0,
            certificate_known: true,
            refuse_with: None,
            refuse_peer: None,
            revocations: Revocations::default(),
            renewed: None,
            log: Vec::new(),
            loads: Vec::new(),
            profile: Profile::Lan,
            sets: [0; 8],
            refuse_packed: None,
            wire: Elision::default(),
            receipt_key: None,
            receipts: BTreeMap::new(),
            keeping: Keeping::All,
            reads: Lane::ALL.to_vec(),
            ended: BTreeSet::new(),
        };
        site.keys.insert((node, site.epoch), site.public_key());
        site
    }

    pub(super) fn key(&self) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&self.seed).unwrap()
    }

    pub(super) fn public_key(&self) -> [u8; 32] {
        let derive = || self.key().public_key().as_ref().try_into().unwrap();
        let known = self.keys.get(&(self.node, self.epoch));
        known.copied().unwrap_or_else(derive)
    }

    pub(super) fn scopes(&self) -> BTreeSet<Scope> {
        self.lanes
            .iter()
            .map(|lane| AREA.with_lane(*lane))
            .collect()
    }

    fn readable(&self) -> BTreeSet<Scope> {
        let reads = self.reads.iter().map(|lane| AREA.with_lane(*lane));
        reads
            .filter(|scope| self.scopes().contains(scope))
            .collect()
    }

    pub(super) fn certificate(&self) -> Vec<u8> {
        [
            b"certificate of ".as_slice(),
            &self.node.0.to_be_bytes(),
            &self.epoch.0.to_be_bytes(),
        ]
        .concat()
    }

    pub(super) fn chain_id(&self, lane: Lane) -> ChainId {
        ChainId {
            hub: HUB,
            origin: self.node,
            epoch: self.epoch,
            scope: AREA.with_lane(lane),
        }
    }

    pub(super) fn local(&self) -> Local {
        Local {
            hub: HUB,
            origin: self.node,
            epoch: self.epoch,
            certificate: self.certificate(),
            certificate_known: self.certificate_known,
            scopes: self.scopes(),
            readable: self.readable(),
            ended: self.ended.clone(),
            sets: self.sets,
            revocations: self.revocations.clone(),
            frozen: false,
            turn_bytes_max: TURN_BYTES_MAX,
            profile: self.profile,
        }
    }

    pub(super) fn as_peer(&self) -> Peer {
        Peer {
            node: self.node,
            epoch: self.epoch,
            scopes: self.scopes(),
            readable: self.readable(),
            ended: self.ended.clone(),
            certificate: certificate_hash(&self.certificate()),
        }
    }

    /// Performs actions until the machine waits for the link. Returns the bytes for the link.
    pub(super) fn perform(
        &mut self,
        session: &mut Session,
        other: &Site,
        actions: Vec<Action>,
    ) -> (Vec<u8>, Option<Finish>) {
        let mut queue: VecDeque<Action> = actions.into();
        let mut out = Vec::new();
        while let Some(action) = queue.pop_front() {
            let input = match action {
                Action::Send(message) => {
                    self.log.push(word(&message));
                    out.extend(self.wire.shorten(message).encode());
                    continue;
                }
                Action::Finished(finish) => return (out, Some(finish)),
                Action::Alert(alert) => {
                    self.alerts.push(alert);
                    continue;
                }
                Action::NewEpoch(doubt) => {
                    self.new_epoch = Some(doubt.above);
                    continue;
                }
                Action::StoreReceipt(bytes) => {
                    let key = self.receipt_key.unwrap_or_else(|| other.public_key());
                    let receipt = receipt::verify(&bytes, &key).unwrap();
                    let chain = self.chains.get_mut(&receipt.chain).unwrap();
                    let at = usize::try_from(receipt.up_to.0).unwrap();
                    if let Some(head) = chain.heads.get(at - 1) {
                        assert_eq!(*head, receipt.hash);
                    }
                    chain.receipted = receipt.up_to.0;
                    self.receipts.insert(receipt.chain, bytes);
                    continue;
                }
                Action::StoreCertificate(bytes) => {
                    self.stored_certificates += 1;
                    // The first four bytes of a certificate that is handed on stand for its node.
                    let node = NodeId(u32::from_be_bytes(bytes[..4].try_into().unwrap()));
                    for (life, key) in &other.keys {
                        if life.0 == node {
                            self.keys.insert(*life, *key);
                        }
                    }
                    continue;
                }
                Action::StoreRevocations(bytes) => {
                    self.take_revocations(&bytes);
                    continue;
                }
                Action::EndTurn => continue,
                load => self.answer(load, other),
            };
            queue.extend(session.handle(now(), input));
        }
        (out, None)
    }

    /// The last byte of a list stands for its number.
    fn take_revocations(&mut self, bytes: &[u8]) {
        let number = u32::from(*bytes.last().unwrap());
        assert!(number > self.revocations.number, "an old list was sent");
        self.revocations = Revocations {
            number,
            bytes: bytes.to_vec(),
        };
    }

    fn answer(&mut self, load: Action, other: &Site) -> Input {
        match load {
            Action::LoadFrontier => Input::FrontierLoaded {
                chains: self.frontier(),
            },
            Action::LoadPeer { certificate, .. } => {
                let unknown = !other.certificate_known;
                if matches!(certificate, CertificateForm::Whole(_)) {
                    let key = other.public_key();
                    self.keys.insert((other.node, other.epoch), key);
                }
                match (self.refuse_peer, certificate) {
                    (Some(code), _) => Input::PeerRefused { code },
                    (None, CertificateForm::Hash(_)) if unknown => Input::PeerRefused {
                        code: RefusalCode::Certificate,
                    },
                    _ => Input::PeerLoaded {
                        peer: other.as_peer(),
                        renewed: self.renewed.clone(),
                        chains: self.frontier(),
                    },
                }
            }
            Action::AcceptFrame {
                chain,
                up_to,
                bytes,
            } => match self.accept(&bytes) {
                Ok((last, receipt)) => {
                    assert_eq!(last, up_to);
                    Input::FrameAccepted {
                        chain,
                        up_to,
                        receipt,
                    }
                }
                Err(code) => Input::FrameRefused { chain, code },
            },
            Action::LoadFrames {
                chain,
                after,
                bytes_max,
                packed,
            } => {
                let (frames, more) = self.frames(&chain, (after, bytes_max), packed);
                if !frames.is_empty() {
                    self.loads
                        .push(if packed { "loads packed" } else { "loads raw" });
                }
                Input::FramesLoaded {
                    chain,
                    frames,
                    more,
                }
            }
            Action::LoadReceipt { chain } => Input::ReceiptLoaded {
                chain,
                receipt: self
                    .receipt(&chain)
                    .or_else(|| self.receipts.get(&chain).cloned()),
            },
            Action::LoadCertificate { node, epoch } => {
                let known = self.keys.contains_key(&(node, epoch));
                let name = [node.0.to_be_bytes(), [0; 4]].concat();
                Input::CertificateLoaded {
                    certificate: known.then_some(name),
                }
            }
            other => panic!("no answer to {other:?}"),
        }
    }
}

pub(super) fn now() -> Timestamp {
    "2026-03-01T08:00:00Z".parse().unwrap()
}

fn word(message: &Message) -> &'static str {
    match message {
        Message::Hello(_) => "hello",
        Message::Have(_) => "have",
        Message::Want(_) => "want",
        Message::Frame(_) => "frame",
        Message::Receipt(_) => "receipt",
        Message::Refuse(_) => "refuse",
        Message::Bye(_) => "bye",
        Message::Certificate(_) => "certificate",
        Message::Revocations(_) => "revocations",
        Message::Held(_) => "held",
        Message::Again(_) | Message::ShortFrame(_) | Message::ShortReceipt(_) => "short",
    }
}
