//! A health office that serves phones by itself, bound to SMSCs, and what its store holds at the
//! end.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use channels::smpp::esme::{Esme, EsmeConfig};
use channels_core::smpp::ussd::Dialect;
use channels_core::{Address, Msisdn};
use node::clock::Clock;
use node::roles::hub;
use node::roles::station::Station;
use node_core::query::{Answer, Counts, Query};
use node_store::{HubStore, SqliteStore};
use sync_core::ClockQuality;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Where people text to.
pub(crate) const SHORT_CODE: &str = "3847";
/// What people dial.
pub(crate) const CODE: &str = "*384*7#";
/// The password of its account at each SMSC.
pub(crate) const PASSWORD: &str = "secret";

/// A running office.
pub(crate) struct Office {
    runtime: Runtime,
    station: Station<SqliteStore>,
    _folder: TempDir,
}

/// What a store holds when nothing moves any more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct State {
    pub(crate) persons: u64,
    pub(crate) registrations: u64,
    pub(crate) by_status: BTreeMap<&'static str, u64>,
    pub(crate) messages: BTreeMap<String, u64>,
}

impl Office {
    /// Founds it, grants the workers their role, and binds it to the SMSCs.
    pub(crate) fn start(workers: &[String], smscs: &[SocketAddr]) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let folder = TempDir::new().expect("a folder");
        let clock = Clock::system(ClockQuality::Ntp);
        let station = runtime.block_on(async {
            let solo = hub::solo(Some(folder.path()), clock, "en").await.expect("a store");
            for worker in workers {
                let phone = Msisdn::parse(worker).expect("a number");
                hub::grant_worker(&solo.store, clock, &phone, "en").await.expect("granted");
            }
            let mut station = Station::start(solo.store.clone(), clock);
            for (index, smsc) in smscs.iter().enumerate() {
                let mut config = EsmeConfig::new(&format!("link-{index}"), *smsc, "office", PASSWORD);
                config.profile.dialect = Dialect::STANDARD_COUNTED;
                let from = Address::ShortCode(SHORT_CODE.to_owned());
                station.attach(Esme::new(config).expect("a loopback address"), from);
            }
            station
        });
        Self { runtime, station, _folder: folder }
    }

    /// Ends it and returns what its store holds.
    pub(crate) fn stop(self) -> State {
        let store = self.station.store.clone();
        self.runtime.block_on(async {
            self.station.stop().await;
            match store.query(Query::Counts).await {
                Ok(Answer::Counts(counts)) => State::of(counts),
                other => panic!("no counts: {other:?}"),
            }
        })
    }
}

impl State {
    fn of(counts: Counts) -> Self {
        let by_status = counts.by_status.iter().filter(|(_, count)| **count > 0);
        Self {
            persons: counts.persons,
            registrations: counts.registrations,
            by_status: by_status.map(|(status, count)| (status.word(), *count)).collect(),
            messages: counts.messages.into_iter().filter(|(_, count)| *count > 0).collect(),
        }
    }
}
