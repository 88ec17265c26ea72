//! One session with a neighbour, from either side.

use std::collections::BTreeSet;
use std::sync::Arc;

use node_core::query::{Answer, Query};
use node_store::enrol::Realm;
use node_store::{HubStore, SqliteStore};
use sync::https::{Endpoint, HttpsLink, HttpsTarget, LinkReply, LinkRequest, Switch};
use sync_core::session::{Finish, Known, Local, Opening, Profile, Session, readable};
use sync_core::{NodeId, certificate};

use super::Neighbourhood;
use crate::enrolment;
use crate::runtime::hub_link::{local, said};
use crate::runtime::road::Road;
use crate::runtime::session::{Driver, Trust};
use crate::runtime::watch;

/// What a contact left behind.
#[derive(Debug, Default)]
pub(super) struct Contact {
    /// Whom we dialled, and whether both were heard to the end.
    pub(super) dialled: Option<(NodeId, bool)>,
    /// Whether it brought entries or receipts.
    pub(super) brought: bool,
    /// Who answers for what was refused.
    pub(super) offenders: Vec<NodeId>,
}

/// What every session needs.
#[derive(Clone)]
pub(super) struct Desk {
    pub(super) home: Neighbourhood,
    profile: Profile,
    plugged: Switch,
    realm: Realm,
}

impl Desk {
    pub(super) fn new(
        home: Neighbourhood,
        profile: Profile,
        plugged: Switch,
        realm: &Realm,
    ) -> Self {
        let realm = realm.clone();
        Self {
            home,
            profile,
            plugged,
            realm,
        }
    }

    /// Dials a neighbour, who must prove to be this node.
    pub(super) async fn meet(
        self,
        node: NodeId,
        address: String,
        aside: BTreeSet<NodeId>,
    ) -> Contact {
        let Some(mine) = self.mine().await else {
            return Contact {
                dialled: Some((node, false)),
                ..Contact::default()
            };
        };
        let target = HttpsTarget {
            address,
            server_name: enrolment::node_name(node),
            endpoint: Endpoint::Session,
        };
        let tls = Arc::clone(&self.home.tls);
        let mut road = Road::new(HttpsLink::new(target, tls, self.plugged.clone()));
        let session = Session::meet(mine, node, self.known(aside));
        let driver = self.driver(session, None);
        let driver = road.carry(driver, Opening::Full).await;
        road.into_link().close().await;
        told(&driver, node);
        let met = matches!(
            driver.finish(),
            Some(Finish::Done | Finish::Stalled | Finish::BudgetSpent)
        );
        Contact {
            dialled: Some((node, met)),
            ..contact(&driver)
        }
    }

    /// Answers one request of a neighbour.
    pub(super) async fn answer(self, request: LinkRequest, aside: BTreeSet<NodeId>) -> Contact {
        let (reply, contact) = self.reply(&request, aside).await;
        watch::unheard("neighbour's request", request.reply.send(reply).is_err());
        contact
    }

    async fn reply(&self, request: &LinkRequest, aside: BTreeSet<NodeId>) -> (LinkReply, Contact) {
        let nothing = |status| {
            let body = Vec::new();
            (LinkReply { status, body }, Contact::default())
        };
        if request.endpoint == Endpoint::Enrol {
            // A node enrols nobody.
            return nothing(404);
        }
        let Some(mine) = self.mine().await else {
            return nothing(503);
        };
        let session = Session::answer_neighbour(mine, self.known(aside));
        let driver = self.driver(session, request.peer_key);
        let mut driver = driver.over(said(&request.said).clone());
        driver.feed_turn(&request.body, request.whole).await;
        *said(&request.said) = driver.said().clone();
        let reply = LinkReply {
            status: 200,
            body: driver.take_turn(),
        };
        (reply, contact(&driver))
    }

    fn driver(&self, session: Session, peer_key: Option<[u8; 32]>) -> Driver<SqliteStore> {
        let trust = Trust {
            ca_key: self.realm.authority,
            receipt_key: self.realm.receipt_key,
            peer_key,
            is_hub: false,
        };
        Driver::new(self.home.store.clone(), self.home.clock, trust, session)
    }

    fn known(&self, quarantined: BTreeSet<NodeId>) -> Known {
        Known {
            receipt_key: self.realm.receipt_key,
            quarantined,
        }
    }

    /// What we say of us to a neighbour: of what we may read.
    async fn mine(&self) -> Option<Local> {
        let store = &self.home.store;
        let Ok(Answer::Self_(state)) = store.query(Query::Self_).await else {
            return None;
        };
        let mine = local(store, &state, &self.realm).await?;
        let certificate = certificate::verify(&mine.certificate, &self.realm.authority).ok()?;
        Some(Local {
            scopes: readable(&certificate),
            profile: self.profile,
            ..mine
        })
    }
}

fn contact(driver: &Driver<SqliteStore>) -> Contact {
    Contact {
        dialled: None,
        brought: driver.accepted() > 0 || driver.receipts() > 0,
        offenders: driver.offenders().to_vec(),
    }
}

fn told(driver: &Driver<SqliteStore>, node: NodeId) {
    let finish = driver.finish();
    tracing::info!(
        node = node.0, sync.finish = ?finish, sync.frames = driver.accepted(),
        sync.receipts = driver.receipts(), "met a neighbour"
    );
}
