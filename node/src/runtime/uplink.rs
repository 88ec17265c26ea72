//! The node's side of the link: a session whenever there is news or the interval is over.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use node_core::command::Command;
use node_core::query::{Answer, Query};
use node_core::role::Principal;
use node_core::status::Status;
use node_core::turn::Turn;
use node_store::{HubStore, SqliteStore};
use rustls::ClientConfig;
use sync::https::{Endpoint, HttpsLink, HttpsTarget, Switch};
use sync_core::certificate;
use sync_core::session::{Finish, Local, Opening, Peer, Profile, Session, back_off};

use crate::clock::Clock;
use crate::enrolment::UplinkFile;
use crate::runtime::bell::{Bells, Shutdown, wait};
use crate::runtime::hub_link::local;
use crate::runtime::ip_contact::IpContacts;
use crate::runtime::road::Road;
use crate::runtime::session::{Driver, Trust};
use crate::runtime::trace;
use crate::runtime::watch;

/// Longest that results wait for the rest of their sync before they are told: the hub asks the
/// registry one after the other, and a worker wants one message, not one a result.
pub const DIGEST_WAIT_S_MAX: i64 = 60;

/// A node's road to its hub.
pub struct Uplink {
    /// The store.
    pub store: SqliteStore,
    /// The clock.
    pub clock: Clock,
    /// How the hub is reached.
    pub file: UplinkFile,
    /// TLS with our certificate.
    pub tls: Arc<ClientConfig>,
    /// Whether the uplink is plugged in.
    pub switch: Switch,
    /// Longest pause between sessions without news.
    pub interval: Duration,
    /// How frames travel to the hub.
    pub profile: Profile,
    /// Wakes the other loops.
    pub bells: Bells,
    /// Where sessions with the hub are noted.
    pub contacts: IpContacts,
}

impl Uplink {
    /// Keeps the node in touch until the program shuts down.
    pub async fn run(mut self, mut shutdown: Shutdown) {
        let target = HttpsTarget {
            address: self.file.hub.clone(),
            server_name: self.file.server_name.clone(),
            endpoint: Endpoint::Session,
        };
        let link = HttpsLink::new(target, Arc::clone(&self.tls), self.switch.clone());
        let mut road = Road::new(link);
        let mut opening = Opening::Full;
        let mut failures = 0_u32;
        let mut waiting_since = None;
        // What waited while the program was off leaves at once.
        self.bells.news.notify_one();
        loop {
            let pause = self.pause(failures);
            let news = Arc::clone(&self.bells.news);
            // A plug that is put in again is news, too.
            tokio::select! {
                go = wait(&news, pause, &mut shutdown) => if !go { break; },
                changed = self.switch.changed() => if changed.is_err() { break; },
            }
            if !*self.switch.borrow() {
                continue;
            }
            let finish = self.session(&mut road, opening).await;
            // Stalled: everything moved that can; what cannot is told by an alert.
            let good = matches!(
                finish,
                Some(Finish::Done | Finish::BudgetSpent | Finish::Stalled)
            );
            failures = if good { 0 } else { failures.saturating_add(1) };
            opening = finish.map_or(Opening::Full, Finish::next_opening);
            if self.is_time_to_tell(&mut waiting_since).await {
                digest(&self.store, self.clock, &self.bells).await;
            }
        }
        road.into_link().close().await;
    }

    /// The interval, or a growing pause after failures.
    fn pause(&self, failures: u32) -> Duration {
        if failures == 0 {
            self.interval
        } else {
            back_off(failures, trace::jitter()).min(self.interval * 60)
        }
    }

    /// One session; a kept connection that turns out to be closed costs a second beginning.
    async fn session(&self, road: &mut Road<HttpsLink>, opening: Opening) -> Option<Finish> {
        let mut driver = road
            .carry(
                asking_over(&self.store, self.clock, self.profile).await?,
                opening,
            )
            .await;
        if road.was_closed() {
            driver = road
                .carry(
                    asking_over(&self.store, self.clock, self.profile).await?,
                    opening,
                )
                .await;
        }
        told(&driver);
        self.doubted(&driver).await;
        if matches!(driver.finish(), Some(Finish::Done | Finish::BudgetSpent)) {
            self.note_contact().await;
        }
        if driver.accepted() > 0 {
            self.bells.ring();
        } else if driver.receipts() > 0 {
            self.bells.lan.notify_one();
        }
        driver.finish()
    }

    /// The hub saw another history of this node: what is written from now on belongs to a new life.
    async fn doubted(&self, driver: &Driver<SqliteStore>) {
        let Some(doubt) = driver.doubt() else {
            return;
        };
        match self.store.begin_life(doubt, self.clock.now()).await {
            Ok(true) => tracing::error!(
                security = true,
                sync.doubt = doubt.code.word(),
                "the hub saw another history of this node: a new life began here. Ask the district                  office for a code and enrol this node again; it goes on registering until then"
            ),
            Ok(false) => {}
            Err(error) => watch::store_failed("begin a new life", &error),
        }
    }

    async fn note_contact(&self) {
        if let Ok(Answer::Self_(state)) = self.store.query(Query::Self_).await {
            self.contacts.note(state.node, self.clock.now().at);
        }
    }

    /// Whether nothing that was carried is still at the registry, or that took too long.
    async fn is_time_to_tell(&self, waiting_since: &mut Option<Timestamp>) -> bool {
        let Ok(Answer::Counts(counts)) = self.store.query(Query::Counts).await else {
            return false;
        };
        let now = self.clock.now().at;
        let is_settled = counts
            .by_status
            .get(&Status::Carried)
            .is_none_or(|count| *count == 0);
        let since = *waiting_since.get_or_insert(now);
        let waited_s = now.as_second().saturating_sub(since.as_second());
        if is_settled || waited_s >= DIGEST_WAIT_S_MAX {
            *waiting_since = None;
            return true;
        }
        false
    }
}

/// Results since the last digest become one SMS a worker.
pub(crate) async fn digest(store: &SqliteStore, clock: Clock, bells: &Bells) {
    let Ok(Answer::Self_(state)) = store.query(Query::Self_).await else {
        return;
    };
    let Some(scope) = state.scopes.first().copied() else {
        return;
    };
    let turn = Turn::Command {
        principal: Principal::system(scope, "en"),
        command: Command::SendDigests,
    };
    match store.commit(turn, clock.now()).await {
        Ok(_) => bells.messages.notify_one(),
        Err(error) => tracing::warn!(error = %error, "digests not written"),
    }
}

/// A session of an enrolled node towards its hub; `None` before its enrolment or where the store
/// cannot say who we are.
pub async fn asking(store: &SqliteStore, clock: Clock) -> Option<Driver<SqliteStore>> {
    asking_over(store, clock, Profile::Metered).await
}

/// The same, with how frames travel.
async fn asking_over(
    store: &SqliteStore,
    clock: Clock,
    profile: Profile,
) -> Option<Driver<SqliteStore>> {
    let Ok(Answer::Self_(state)) = store.query(Query::Self_).await else {
        return None;
    };
    let realm = store.realm().await.ok()?;
    let mine = Local {
        profile,
        ..local(store, &state, &realm).await?
    };
    let bytes = store.hub_certificate().await.ok().flatten()?;
    let certified = certificate::verify(&bytes, &realm.authority).ok()?;
    let hub = Peer::new(&certified, &bytes);
    let trust = Trust {
        ca_key: realm.authority,
        receipt_key: realm.receipt_key,
        peer_key: None,
        is_hub: false,
    };
    let session = Session::initiate(mine, hub, realm.receipt_key);
    Some(Driver::new(store.clone(), clock, trust, session))
}

fn told(driver: &Driver<SqliteStore>) {
    let (finish, frames) = (driver.finish(), driver.accepted());
    let is_doubted = driver.doubt().is_some();
    tracing::info!(sync.finish = ?finish, sync.frames = frames, sync.doubted = is_doubted, "session over");
}
