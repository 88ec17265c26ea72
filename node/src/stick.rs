//! Carrying by stick: what is written for a peer, what is taken of a bundle, and what people hear.
//!
//! Frames and receipts go through the same transactions as over any link; see
//! `docs/protocols/bundle.md` §4 and §5. Files are `sync::stick`'s, the format is
//! `sync_core::bundle`'s. Reading and writing a stick blocks its caller's thread.

mod export;
mod import;
mod inspect;
mod told;

use std::collections::BTreeSet;

use node_core::query::{Answer, ChainHead, Query, SelfState};
use node_core::turn::Turn;
use node_store::{BundleKeys, HubStore, Realm, SqliteStore, StoreError};
use sync::identity::{AgeIdentity, IdentityError, SigningKey};
use sync::stick::StickError;
use sync_core::bundle::{BundleError, Direction, HAVE_MAX};
use sync_core::certificate::{self, NodeCertificate};
use sync_core::message::HaveItem;
use sync_core::refusal::Refusal;
use sync_core::session::{ended, granted, readable};
use sync_core::{Epoch, NodeId, Scope, Seq, revocation};

use crate::clock::Clock;

pub use export::{BUNDLE_BYTES_MAX, ExportReport, Extent, Written};
pub use import::{Fate, FileReport, ImportReport};
pub use inspect::{Content, InspectReport, Inspected};

/// Why a stick was not carried to its end. What was committed or copied before stays.
#[derive(Debug, thiserror::Error)]
pub enum CarryError {
    /// The store.
    #[error("use the store")]
    Store(#[from] StoreError),
    /// The stick.
    #[error(transparent)]
    Stick(#[from] StickError),
    /// Keys.
    #[error("use our keys")]
    Identity(#[from] IdentityError),
    /// A bundle cannot be made.
    #[error("make a bundle")]
    Bundle(#[from] BundleError),
    /// A certificate of ours or of a peer.
    #[error("use a certificate: {0}")]
    Certificate(Refusal),
    /// No enrolment, so no keys and no peer.
    #[error("this device is not enrolled")]
    NotEnrolled,
}

impl From<Refusal> for CarryError {
    fn from(refusal: Refusal) -> Self {
        Self::Certificate(refusal)
    }
}

/// The other side.
#[derive(Clone, Debug)]
struct Peer {
    node: NodeId,
    epoch: Epoch,
    recipient: String,
    scopes: BTreeSet<Scope>,
    /// Where it receives what others write.
    readable: BTreeSet<Scope>,
    /// Where it did until its grant ended.
    ended: BTreeSet<Scope>,
    certificate: Vec<u8>,
    /// Closed: it is given nothing but the list that says so (S2).
    closed: bool,
}

impl Peer {
    fn new(bytes: Vec<u8>, authority: &[u8; 32]) -> Result<Self, Refusal> {
        let certificate = certificate::verify(&bytes, authority)?;
        Ok(Self {
            node: certificate.node,
            epoch: certificate.epoch,
            recipient: certificate.age_recipient.clone(),
            scopes: granted(&certificate),
            readable: readable(&certificate),
            ended: ended(&certificate),
            certificate: bytes,
            closed: false,
        })
    }
}

/// Who we are to a stick.
#[derive(Debug)]
pub struct Carrier {
    store: SqliteStore,
    clock: Clock,
    realm: Realm,
    state: SelfState,
    certificate: Vec<u8>,
    scopes: BTreeSet<Scope>,
    /// Where we receive what others write.
    readable: BTreeSet<Scope>,
    signing: SigningKey,
    opening: Vec<AgeIdentity>,
}

async fn own(store: &SqliteStore) -> Result<SelfState, CarryError> {
    match store.query(Query::Self_).await? {
        Answer::Self_(state) => Ok(state),
        _ => Err(CarryError::NotEnrolled),
    }
}

impl Carrier {
    /// Reads who we are.
    ///
    /// # Errors
    /// `NotEnrolled`; `Store`, `Identity`.
    pub async fn open(store: SqliteStore, clock: Clock) -> Result<Self, CarryError> {
        // A hub that meets its nodes by stick alone renews its own certificate here.
        let SelfState { node, epoch, .. } = own(&store).await?;
        store
            .commit(Turn::Renew { node, epoch }, clock.now())
            .await?;
        let state = own(&store).await?;
        let realm = store.realm().await?;
        let certificate = state.certificate.clone().ok_or(CarryError::NotEnrolled)?;
        let own: NodeCertificate = certificate::verify(&certificate, &realm.authority)?;
        let BundleKeys {
            pkcs8,
            age_identities,
        } = store.bundle_keys().await?;
        let opening = age_identities.iter().map(|text| AgeIdentity::parse(text));
        Ok(Self {
            opening: opening.collect::<Result<_, _>>()?,
            signing: SigningKey::from_pkcs8(pkcs8)?,
            scopes: granted(&own),
            readable: readable(&own),
            store,
            clock,
            realm,
            state,
            certificate,
        })
    }

    /// Whether nodes bring their news to us.
    pub fn is_hub(&self) -> bool {
        self.state.node == self.realm.hub_node
    }

    /// Which way our bundles go.
    fn direction(&self) -> Direction {
        if self.is_hub() {
            Direction::Answer
        } else {
            Direction::News
        }
    }

    /// Whom we write for: a node its hub, a hub every node that it certified.
    async fn peers(&self) -> Result<Vec<Peer>, CarryError> {
        let certificates = if self.is_hub() {
            self.store.node_certificates().await?
        } else {
            self.store.hub_certificate().await?.into_iter().collect()
        };
        let mut peers = Vec::new();
        for bytes in certificates {
            let peer = Peer::new(bytes, &self.realm.authority)?;
            let (node, epoch) = (peer.node, peer.epoch);
            let stopped = self.store.query(Query::Stopped { node, epoch }).await?;
            peers.push(if stopped == Answer::Stopped(false) {
                self.renewed(peer).await?
            } else {
                Peer {
                    closed: true,
                    ..peer
                }
            });
        }
        Ok(peers)
    }

    /// A node under its certificate as it is now: a hub signs it anew when it is due.
    async fn renewed(&self, peer: Peer) -> Result<Peer, CarryError> {
        let (node, epoch) = (peer.node, peer.epoch);
        let turn = Turn::Renew { node, epoch };
        self.store.commit(turn, self.clock.now()).await?;
        match self.store.query(Query::Certificate { node, epoch }).await? {
            Answer::Bytes(Some(bytes)) => Ok(Peer::new(bytes, &self.realm.authority)?),
            _ => Ok(peer),
        }
    }

    /// The newest revocation list and its number; nothing and 0 where nobody was ever closed.
    async fn list(&self) -> Result<(Vec<u8>, u32), CarryError> {
        let list = match self.store.query(Query::Revocations).await? {
            Answer::Bytes(list) => list.unwrap_or_default(),
            _ => Vec::new(),
        };
        let held = revocation::verify(&list, &self.realm.revocation_key);
        Ok((list, held.map_or(0, |held| held.number)))
    }

    async fn heads(&self) -> Result<Vec<ChainHead>, CarryError> {
        match self.store.query(Query::Frontier).await? {
            Answer::Frontier(heads) => Ok(heads),
            _ => Ok(Vec::new()),
        }
    }

    /// What we hold of our own chains, of the peer's, and, as a node, of others that we read; the
    /// newest lives where there are too many.
    fn have(&self, heads: &[ChainHead], peer: &Peer) -> Vec<HaveItem> {
        let of_both = heads.iter().filter(|head| {
            let origin = head.chain.origin;
            let is_read = !self.is_hub() && self.readable.contains(&head.chain.scope);
            head.seq > Seq(0) && (origin == self.state.node || origin == peer.node || is_read)
        });
        let item = |head: &ChainHead| HaveItem {
            chain: head.chain,
            up_to: head.seq,
            receipted: head.receipted,
            head: head.hash.first_chunk().copied().unwrap_or([0; 8]),
        };
        let mut items: Vec<HaveItem> = of_both.map(item).collect();
        items.sort_by_key(|item| core::cmp::Reverse((item.chain.epoch, item.chain)));
        items.truncate(HAVE_MAX);
        items.sort_by_key(|item| item.chain);
        items
    }
}
