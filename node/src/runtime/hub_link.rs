//! The hub's side of the link: each request is one turn of a session, or an enrolment.

use std::sync::{Arc, PoisonError};

use node_core::query::{Answer, Query, SelfState};
use node_core::turn::Turn;
use node_store::enrol::Realm;
use node_store::{HubStore, SqliteStore};
use sync::https::{Endpoint, LinkReply, LinkRequest, Said};
use sync_core::message::Elision;
use sync_core::session::{
    Local, Profile, Revocations, Session, TURN_BYTES_MAX, ended, granted, readable,
};
use sync_core::{certificate, revocation};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::enrolment;
use crate::runtime::bell::{Bells, Shutdown};
use crate::runtime::ip_contact::IpContacts;
use crate::runtime::session::{Driver, Trust};
use crate::runtime::watch;

/// Most requests answered at once; more wait in the link's queue.
pub const REQUESTS_AT_ONCE_MAX: usize = 16;

/// What every request needs.
#[derive(Clone)]
pub struct Desk {
    store: SqliteStore,
    clock: Clock,
    bells: Bells,
    contacts: IpContacts,
    ca_key: [u8; 32],
    receipt_key: [u8; 32],
    /// One enrolment at a time: stretching and certificate work is bounded.
    enrolling: Arc<tokio::sync::Semaphore>,
}

impl Desk {
    /// A desk for a founded hub.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub async fn open(
        store: SqliteStore,
        clock: Clock,
        (bells, contacts): (Bells, IpContacts),
    ) -> Result<Self, node_store::StoreError> {
        let realm = store.realm().await?;
        let (ca_key, receipt_key) = (realm.authority, realm.receipt_key);
        let enrolling = Arc::new(tokio::sync::Semaphore::new(1));
        Ok(Self {
            store,
            clock,
            bells,
            contacts,
            ca_key,
            receipt_key,
            enrolling,
        })
    }

    async fn answer(self, request: LinkRequest) {
        let reply = match request.endpoint {
            Endpoint::Session => self.session(&request).await,
            Endpoint::Enrol => self.enrol(request.body.to_vec()).await,
        };
        watch::unheard("link request", request.reply.send(reply).is_err());
        self.bells.ring();
    }

    async fn session(&self, request: &LinkRequest) -> LinkReply {
        let Some(local) = self.local().await else {
            return LinkReply {
                status: 503,
                body: Vec::new(),
            };
        };
        let trust = Trust {
            ca_key: self.ca_key,
            receipt_key: self.receipt_key,
            peer_key: request.peer_key,
            is_hub: true,
        };
        let session = Session::answer(local);
        let mut driver = Driver::new(self.store.clone(), self.clock, trust, session)
            .over(said(&request.said).clone());
        driver.feed_turn(&request.body, request.whole).await;
        *said(&request.said) = driver.said().clone();
        if let Some(node) = driver.met() {
            self.contacts.note(node, self.clock.now().at);
        }
        LinkReply {
            status: 200,
            body: driver.take_turn(),
        }
    }

    async fn local(&self) -> Option<Local> {
        match self.store.query(Query::Self_).await {
            Ok(Answer::Self_(state)) => {
                self.renew_own(&state).await;
                local(&self.store, &state, &self.store.realm().await.ok()?).await
            }
            Ok(_) => None,
            Err(error) => {
                tracing::error!(error = %error, "hub cannot say who it is");
                None
            }
        }
    }

    /// A hub's own certificate is signed anew by itself; nodes ask for the one that they lack.
    async fn renew_own(&self, state: &SelfState) {
        let (node, epoch) = (state.node, state.epoch);
        let renewed = self
            .store
            .commit(Turn::Renew { node, epoch }, self.clock.now());
        if let Err(error) = renewed.await {
            watch::store_failed("renew the hub's certificate", &error);
        }
    }

    async fn enrol(&self, request: Vec<u8>) -> LinkReply {
        let Ok(_turn) = self.enrolling.acquire().await else {
            return LinkReply {
                status: 503,
                body: Vec::new(),
            };
        };
        match enrolment::admit(&self.store, request, self.clock.now()).await {
            Ok(body) => LinkReply { status: 200, body },
            Err(error) => {
                tracing::warn!(security = true, error = %error, "enrolment refused");
                LinkReply {
                    status: 403,
                    body: Vec::new(),
                }
            }
        }
    }
}

/// The memory of a connection; its requests come one after the other, so nobody waits here.
pub(crate) fn said(memory: &Said) -> std::sync::MutexGuard<'_, Elision> {
    memory.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a session says of us; `None` without a certificate.
pub async fn local(store: &SqliteStore, state: &SelfState, realm: &Realm) -> Option<Local> {
    let bytes = state.certificate.clone()?;
    let certified = certificate::verify(&bytes, &realm.authority).ok()?;
    let list = match store.query(Query::Revocations).await {
        Ok(Answer::Bytes(list)) => list.unwrap_or_default(),
        _ => return None,
    };
    let held = revocation::verify(&list, &realm.revocation_key).unwrap_or_default();
    Some(Local {
        hub: realm.hub,
        origin: state.node,
        epoch: state.epoch,
        certificate: bytes,
        certificate_known: false,
        scopes: granted(&certified),
        readable: readable(&certified),
        ended: ended(&certified),
        sets: state.sets,
        frozen: held.is_stopped(state.node, state.epoch),
        revocations: Revocations {
            number: held.number,
            bytes: list,
        },
        turn_bytes_max: TURN_BYTES_MAX,
        profile: Profile::Metered,
    })
}

/// Answers until the link closes or the program shuts down.
pub async fn run(desk: Desk, mut requests: mpsc::Receiver<LinkRequest>, mut shutdown: Shutdown) {
    let mut answers = JoinSet::new();
    loop {
        // All arms are cancel safe: `recv`, `join_next` and `changed` lose nothing.
        tokio::select! {
            request = requests.recv(), if answers.len() < REQUESTS_AT_ONCE_MAX => match request {
                Some(request) => { answers.spawn(desk.clone().answer(request)); }
                None => break,
            },
            Some(done) = answers.join_next(), if !answers.is_empty() => watch::ended("link request", done),
            changed = shutdown.changed() => if changed.is_err() || *shutdown.borrow() { break; },
        }
    }
    requests.close();
    while answers.join_next().await.is_some() {}
}
