//! Drives one sync session of `sync_core` against the store: actions in order, answers fed back.
//!
//! The machine decides; here every action is performed before the next input is handled, so that a
//! receipt leaves only after the frame that it covers is committed.

use std::collections::VecDeque;

use node_core::query::{Answer, Query};
use node_core::turn::{Acceptance, Committed, Turn};
use node_store::HubStore;
use sync_core::certificate::{self, NodeCertificate};

use sync_core::message::{CertificateForm, Elision, Heard, Message, MessageError, Parser, Short};
use sync_core::refusal::{Fault, RefusalCode};
use sync_core::session::{self, Action, Alert, ChainState, Doubt, Finish, Input, Peer, Session};
use sync_core::{ChainId, Epoch, NodeId, Seq, frame, hlc, receipt};

use crate::clock::Clock;
use crate::runtime::watch;

/// Most actions of one turn; a session that asks for more is stalled and ends.
pub const ACTIONS_A_TURN_MAX: u32 = 100_000;

/// Public keys against which the other side is checked.
#[derive(Clone, Copy, Debug)]
pub struct Trust {
    /// The hub CA that signed node certificates.
    pub ca_key: [u8; 32],
    /// The key with which the hub signs receipts.
    pub receipt_key: [u8; 32],
    /// The key that the link authenticated; `None` when the link itself pinned the peer, or is not
    /// open yet.
    pub peer_key: Option<[u8; 32]>,
    /// Whether we are the hub of our peers: it renews certificates, also those that are over.
    pub is_hub: bool,
}

/// One session in progress.
pub struct Driver<S> {
    store: S,
    clock: Clock,
    trust: Trust,
    session: Session,
    /// What was said on this connection.
    said: Elision,
    /// Messages of our turn, encoded.
    out: Vec<u8>,
    finish: Option<Finish>,
    accepted: u32,
    receipts: u32,
    /// Who speaks.
    peer: Option<NodeId>,
    /// Who answers for what was refused, once for each refusal.
    offenders: Vec<NodeId>,
    doubt: Option<Doubt>,
    met: Option<NodeId>,
}

impl<S: HubStore> Driver<S> {
    /// Puts a machine beside its store, over a new connection.
    pub fn new(store: S, clock: Clock, trust: Trust, session: Session) -> Self {
        let out = Vec::new();
        Self {
            store,
            clock,
            trust,
            session,
            said: Elision::default(),
            out,
            finish: None,
            accepted: 0,
            receipts: 0,
            peer: None,
            offenders: Vec::new(),
            doubt: None,
            met: None,
        }
    }

    /// Goes on with a connection on which this was said.
    #[must_use]
    pub fn over(mut self, said: Elision) -> Self {
        self.said = said;
        self
    }

    /// What has been said on the connection by now.
    pub fn said(&self) -> &Elision {
        &self.said
    }

    /// Feeds one input and performs all that follows from it.
    pub async fn feed(&mut self, input: Input) {
        let mut inputs = VecDeque::from([input]);
        let mut performed = 0_u32;
        while let Some(next) = inputs.pop_front() {
            for action in self.session.handle(self.clock.now().at, next) {
                performed = performed.saturating_add(1);
                if performed > ACTIONS_A_TURN_MAX {
                    self.finish = Some(Finish::Stalled);
                    return;
                }
                if let Some(answer) = self.perform(action).await {
                    inputs.push_back(answer);
                }
            }
        }
    }

    /// Feeds the bytes of the peer's turn, then its end; a turn that was cut ends with the link.
    pub async fn feed_turn(&mut self, bytes: &[u8], whole: bool) {
        let mut parser = Parser::default();
        if let Err(error) = parser.push(bytes) {
            return self.feed(Input::Garbled(error)).await;
        }
        loop {
            match parser.next_message() {
                Ok(Some(message)) => {
                    let input = self.heard(message).await;
                    self.feed(input).await;
                }
                Ok(None) if whole && parser.pending_bytes() > 0 => {
                    return self.feed(Input::Garbled(MessageError::Truncated)).await;
                }
                Ok(None) => break,
                Err(error) => return self.feed(Input::Garbled(error)).await,
            }
        }
        self.feed(if whole {
            Input::PeerEnded
        } else {
            Input::LinkDown
        })
        .await;
    }

    /// What a message from the link asks of the machine; a short one is put together first.
    async fn heard(&mut self, message: Message) -> Input {
        match self.said.hear(message) {
            Ok(Heard::Whole(message)) => Input::Received(message),
            Ok(Heard::Short(short)) => self.restored(&short).await,
            Err(error) => Input::Garbled(error),
        }
    }

    async fn restored(&self, short: &Short) -> Input {
        let (chain, seq) = (short.chain, short.at);
        match self.ask(Query::ChainHash { chain, seq }).await {
            Some(Answer::Hash(Some(hash))) => Input::Restored(short.whole(hash)),
            // A receipt for what is not held has no hash that fits: the machine alerts.
            Some(Answer::Hash(None)) if !short.is_frame() => Input::Restored(short.whole([0; 32])),
            Some(Answer::Hash(None)) => {
                let code = RefusalCode::Gap;
                Input::FrameRefused { chain, code }
            }
            _ => {
                let code = RefusalCode::Busy;
                Input::FrameRefused { chain, code }
            }
        }
    }

    /// Takes the bytes of our turn.
    pub fn take_turn(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// How it ended, once it did.
    pub fn finish(&self) -> Option<Finish> {
        self.finish
    }

    /// Frames that were committed here.
    pub fn accepted(&self) -> u32 {
        self.accepted
    }

    /// Receipts that were stored here.
    pub fn receipts(&self) -> u32 {
        self.receipts
    }

    /// Who answers for what was refused here, once for each refusal.
    pub fn offenders(&self) -> &[NodeId] {
        &self.offenders
    }

    /// The key that the link has authenticated by now; what its holder says is checked against it.
    pub fn authenticated(&mut self, key: Option<[u8; 32]>) {
        self.trust.peer_key = key;
    }

    /// Why the hub doubts our present life, if it does.
    pub fn doubt(&self) -> Option<Doubt> {
        self.doubt
    }

    /// The peer, once it has shown a certificate that holds.
    pub fn met(&self) -> Option<NodeId> {
        self.met
    }

    async fn perform(&mut self, action: Action) -> Option<Input> {
        match action {
            Action::Send(message) => {
                self.out.extend(self.said.shorten(message).encode());
                None
            }
            Action::EndTurn => None,
            Action::LoadFrontier => Some(Input::FrontierLoaded {
                chains: self.frontier().await,
            }),
            Action::LoadPeer {
                node,
                epoch,
                certificate,
            } => {
                self.peer = Some(node);
                let loaded = self.load_peer(node, epoch, certificate).await;
                if matches!(loaded, Input::PeerLoaded { .. }) {
                    self.met = Some(node);
                }
                Some(loaded)
            }
            Action::LoadCertificate { node, epoch } => {
                let certificate = self.bytes(Query::Certificate { node, epoch }).await;
                Some(Input::CertificateLoaded { certificate })
            }
            Action::AcceptFrame {
                chain,
                up_to,
                bytes,
            } => Some(self.accept(chain, up_to, bytes).await),
            Action::StoreReceipt(bytes) => self.store_receipt(bytes).await,
            Action::LoadFrames {
                chain,
                after,
                bytes_max,
                packed,
            } => {
                let query = Query::Frames {
                    chain,
                    after,
                    bytes_max,
                    packed,
                };
                let frames = match self.ask(query).await {
                    Some(Answer::Frames(frames)) => frames,
                    _ => Vec::new(),
                };
                let more = self.has_more(&chain, after, &frames).await;
                Some(Input::FramesLoaded {
                    chain,
                    frames,
                    more,
                })
            }
            Action::LoadReceipt { chain } => {
                let receipt = self.bytes(Query::Receipt { chain }).await;
                Some(Input::ReceiptLoaded { chain, receipt })
            }
            other => {
                self.note(other).await;
                None
            }
        }
    }

    /// Actions that the machine expects no answer to.
    async fn note(&mut self, action: Action) {
        match action {
            Action::StoreCertificate(bytes)
                if certificate::verify(&bytes, &self.trust.ca_key).is_ok() =>
            {
                self.commit(Turn::Certificate(bytes)).await;
            }
            Action::StoreRevocations(bytes) => {
                self.commit(Turn::Revocations(bytes)).await;
            }
            Action::NewEpoch(doubt) => self.doubt = Some(doubt),
            Action::Alert(alert) => {
                let answers = self.answers_for(alert);
                self.offenders.extend(answers);
                let answers = answers.map(|node| node.0);
                tracing::warn!(sync.alert = ?alert, sync.answers = answers, "sync needs a look");
            }
            Action::Finished(finish) => self.finish = Some(finish),
            _ => {}
        }
    }

    /// Who answers for what was refused: the peer up to the signature, then who signed. A peer that
    /// hands frames on cannot know whether we still know their origin.
    fn answers_for(&self, alert: Alert) -> Option<NodeId> {
        let (code, chain) = match alert {
            Alert::Offended { code, chain } => (code, chain),
            Alert::ReceiptInvalid => return self.peer,
            _ => return None,
        };
        let is_handed_on = self.peer != Some(chain.origin);
        match code.fault() {
            Fault::Nobody => None,
            Fault::Origin => Some(chain.origin),
            Fault::Peer => {
                let of_origin = matches!(code, RefusalCode::Certificate | RefusalCode::Revoked);
                self.peer.filter(|_| !(is_handed_on && of_origin))
            }
        }
    }

    async fn frontier(&self) -> Vec<ChainState> {
        let Some(Answer::Frontier(heads)) = self.ask(Query::Frontier).await else {
            return Vec::new();
        };
        let state = |head: node_core::query::ChainHead| ChainState {
            chain: head.chain,
            up_to: head.seq,
            head: head.hash,
            receipted: head.receipted,
            kept: head.kept,
        };
        heads.into_iter().map(state).collect()
    }

    async fn load_peer(&self, node: NodeId, epoch: Epoch, form: CertificateForm) -> Input {
        match self.meet(node, epoch, form).await {
            Ok((peer, renewed)) => Input::PeerLoaded {
                peer,
                renewed,
                chains: self.frontier().await,
            },
            Err(code) => Input::PeerRefused { code },
        }
    }

    /// Who speaks, and its certificate signed anew where the one that it knows is not the newest.
    async fn meet(
        &self,
        node: NodeId,
        epoch: Epoch,
        form: CertificateForm,
    ) -> Result<(Peer, Option<Vec<u8>>), RefusalCode> {
        let (bytes, known) = match form {
            CertificateForm::Whole(bytes) => (bytes, false),
            CertificateForm::Hash(hash) => {
                let held = self.bytes(Query::Certificate { node, epoch }).await;
                let named = held.filter(|bytes| session::certificate_hash(bytes) == hash);
                (named.ok_or(RefusalCode::Certificate)?, true)
            }
        };
        let certificate = self.verified(&bytes)?;
        if certificate.node != node || certificate.epoch != epoch {
            return Err(RefusalCode::Certificate);
        }
        if !known && !self.commit(Turn::Certificate(bytes.clone())).await {
            return Err(RefusalCode::Busy);
        }
        if self.is_stopped(node, epoch).await {
            tracing::warn!(
                security = true,
                node = node.0,
                "a closed node is turned away"
            );
            return Err(RefusalCode::Revoked);
        }
        // What it may is what its newest certificate says, whichever one it knows.
        let newest = self.newest(node, epoch).await.unwrap_or(bytes.clone());
        let granted = certificate::verify(&newest, &self.trust.ca_key);
        let granted = granted.map_err(|refusal| refusal.code)?;
        let peer = if self.trust.is_hub {
            Peer::new(&granted, &newest)
        } else {
            Peer::neighbour(&granted, &newest)
        };
        Ok((peer, (newest != bytes).then_some(newest)))
    }

    /// The newest certificate of a life; a hub signs it anew when it is due.
    async fn newest(&self, node: NodeId, epoch: Epoch) -> Option<Vec<u8>> {
        if self.trust.is_hub {
            self.commit(Turn::Renew { node, epoch }).await;
        }
        self.bytes(Query::Certificate { node, epoch }).await
    }

    /// Whether a life may say nothing more; also where the store cannot tell.
    async fn is_stopped(&self, node: NodeId, epoch: Epoch) -> bool {
        let stopped = self.ask(Query::Stopped { node, epoch }).await;
        stopped != Some(Answer::Stopped(false))
    }

    fn verified(&self, bytes: &[u8]) -> Result<NodeCertificate, RefusalCode> {
        let certificate = certificate::verify(bytes, &self.trust.ca_key).map_err(|r| r.code)?;
        if !self.trust.is_hub {
            let now = hlc::physical(self.clock.now().at);
            certificate::check_validity(&certificate, now).map_err(|r| r.code)?;
        }
        match self.trust.peer_key {
            Some(key) if key != certificate.key => Err(RefusalCode::Certificate),
            _ => Ok(certificate),
        }
    }

    async fn accept(&mut self, chain: ChainId, up_to: Seq, bytes: Vec<u8>) -> Input {
        match self.store.accept(bytes, self.clock.now()).await {
            Ok(Acceptance::Accepted { receipt, .. }) => {
                self.accepted = self.accepted.saturating_add(1);
                Input::FrameAccepted {
                    chain,
                    up_to,
                    receipt,
                }
            }
            Ok(Acceptance::Known { receipt }) => Input::FrameAccepted {
                chain,
                up_to,
                receipt,
            },
            Ok(Acceptance::Refused { code, reason }) => {
                tracing::warn!(refusal.code = code, reason = %reason, "frame refused");
                let code = RefusalCode::parse(code).unwrap_or(RefusalCode::Malformed);
                Input::FrameRefused { chain, code }
            }
            Err(error) => {
                watch::store_failed("accept a frame", &error);
                Input::FrameRefused {
                    chain,
                    code: RefusalCode::Busy,
                }
            }
        }
    }

    async fn store_receipt(&mut self, bytes: Vec<u8>) -> Option<Input> {
        let chain = receipt::verify(&bytes, &self.trust.receipt_key).ok()?.chain;
        let taken = self.commit(Turn::Receipt(bytes)).await;
        self.receipts = self.receipts.saturating_add(u32::from(taken));
        (!taken).then_some(Input::ReceiptRefused { chain })
    }

    async fn has_more(&self, chain: &ChainId, after: Seq, frames: &[Vec<u8>]) -> bool {
        let last = frames.last().and_then(|frame| frame::header(frame).ok());
        let reached = last.map_or(after, |header| header.last_seq());
        let chains = self.frontier().await;
        let mut chains = chains.iter().filter(|state| state.chain == *chain);
        chains.any(|state| state.goes_on_after(reached))
    }

    async fn ask(&self, query: Query) -> Option<Answer> {
        match self.store.query(query).await {
            Ok(answer) => Some(answer),
            Err(error) => {
                watch::store_failed("read for sync", &error);
                None
            }
        }
    }

    async fn bytes(&self, query: Query) -> Option<Vec<u8>> {
        match self.ask(query).await {
            Some(Answer::Bytes(bytes)) => bytes,
            _ => None,
        }
    }

    async fn commit(&self, turn: Turn) -> bool {
        match self.store.commit(turn, self.clock.now()).await {
            Ok(Committed::Refused(reason)) => {
                tracing::warn!(reason = %reason, "the store refused what sync brought");
                false
            }
            Ok(_) => true,
            Err(error) => {
                watch::store_failed("write for sync", &error);
                false
            }
        }
    }
}
