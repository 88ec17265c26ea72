//! What came true in the days without a line, counted from stores, registry, stick and network.

use std::collections::BTreeSet;
use std::io::Write;

use node_core::query::{Answer, ChainHead, Query, SelfState};
use node_core::status::Status;
use node_store::{HubStore, SqliteStore};
use serde::Serialize;
use sync_core::{NodeId, revocation};

use super::super::{DemoError, evidence};
use super::air::Air;
use super::site::{Board, Cast};
use super::{BY_SMS, BY_STICK, FAMILIES_EACH, STOLEN};

/// The tour's result; the JSON has these names.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Evidence {
    /// Registrations that phones were told are held.
    pub registered: u64,
    /// Registrations held on the boards before any road was used.
    pub held: u64,
    /// Registrations on the boards that a receipt covers.
    pub carried: u64,
    /// Registrations on the boards with a registry's id.
    pub accepted: u64,
    /// Registrations that the hub holds.
    pub registrations_at_hub: u64,
    /// Records in the registry.
    pub records_at_registry: u64,
    /// Write calls that reached the registry.
    pub write_calls_at_registry: u64,
    /// Boards of whose entries the hub holds each, under the same hash, and its receipt is back.
    pub boards_equal_to_hub: u64,
    /// Boards that hold the signed list which closes the stolen one.
    pub boards_with_list: u64,
    /// Defects that `outpost check --rebuild` finds in the stores of hub and boards.
    pub defects: u64,
    /// Bundles on the stick at the end: one each way for each board.
    pub bundles_on_stick: u64,
    /// SMS that the village's SIM sent.
    pub sms_to_office: u64,
    /// SMS that the hub's SIM sent.
    pub sms_to_village: u64,
    /// SMS that the network lost.
    pub sms_lost: u64,
    /// What all SMS cost, as the purses of both SIMs counted, in the smallest unit of the money.
    pub sms_cost: u64,
    /// SMS that a purse counted and no network took, or the other way round.
    pub sms_miscounted: u64,
    /// Registrations whose result a delivered message told.
    pub confirmed_by_sms: u64,
    /// How long it took.
    pub seconds: u64,
}

impl Evidence {
    /// Whether everything that the tour promises came true.
    pub fn is_complete(&self) -> bool {
        let boards = count(BY_STICK.len() + 1);
        let families = boards * count(FAMILIES_EACH);
        let of_families = [
            self.registered,
            self.held,
            self.carried,
            self.accepted,
            self.registrations_at_hub,
            self.records_at_registry,
            self.write_calls_at_registry,
            self.confirmed_by_sms,
        ];
        let of_boards = [self.boards_equal_to_hub, self.boards_with_list];
        let faults = [self.defects, self.sms_miscounted];
        of_families.iter().all(|number| *number == families)
            && of_boards.iter().all(|number| *number == boards)
            && faults.iter().all(|number| *number == 0)
            && self.bundles_on_stick == 2 * count(BY_STICK.len())
            && self.sms_to_office > self.sms_lost
            && self.sms_to_village > 0
    }

    /// The table that the tour prints.
    ///
    /// # Errors
    /// A closed output.
    pub fn print(&self, out: &mut impl Write) -> std::io::Result<()> {
        let rows = [
            ("registrations told to phones", self.registered),
            ("held on the boards before any road", self.held),
            ("carried (receipt of the hub)", self.carried),
            ("accepted (id of the registry)", self.accepted),
            ("registrations at the hub", self.registrations_at_hub),
            ("records in the registry", self.records_at_registry),
            ("write calls at the registry", self.write_calls_at_registry),
            (
                "boards whose entries the hub holds",
                self.boards_equal_to_hub,
            ),
            ("boards with the list of closed ones", self.boards_with_list),
            ("defects found by the check", self.defects),
            ("bundles on the stick", self.bundles_on_stick),
            ("SMS to the office", self.sms_to_office),
            ("SMS to the village", self.sms_to_village),
            ("SMS lost by the network", self.sms_lost),
            ("cost of all SMS", self.sms_cost),
            ("SMS counted wrongly", self.sms_miscounted),
            ("results told by a delivered SMS", self.confirmed_by_sms),
            ("seconds", self.seconds),
        ];
        for (what, number) in rows {
            writeln!(out, "{what:36} {number:5}")?;
        }
        Ok(())
    }

    /// Counts what is true now; `held` was counted before any road was used.
    pub(super) async fn collect(cast: &Cast, air: &Air, held: u64) -> Result<Self, DemoError> {
        let mut found = Self {
            held,
            ..Self::default()
        };
        found.of_hub(cast).await?;
        for place in BY_STICK.into_iter().chain([BY_SMS]) {
            found.of_board(cast, cast.board(place)?).await?;
        }
        found.of_network(air);
        Ok(found)
    }

    /// Adds what the workers were told, and what lies on the stick.
    pub(super) async fn told(&mut self, cast: &Cast, bundles: usize) -> Result<(), DemoError> {
        for board in &cast.boards {
            self.confirmed_by_sms += evidence::counts(&board.store).await?.confirmed;
        }
        self.bundles_on_stick = count(bundles);
        Ok(())
    }

    async fn of_hub(&mut self, cast: &Cast) -> Result<(), DemoError> {
        self.registrations_at_hub = evidence::counts(&cast.hub).await?.registrations;
        self.records_at_registry = cast.centre.records().await?;
        self.write_calls_at_registry = cast.tap.counts().write_calls;
        self.defects = cast.hub.check(true)?.defects;
        Ok(())
    }

    async fn of_board(&mut self, cast: &Cast, board: &Board) -> Result<(), DemoError> {
        self.registered += count(board.registered.len());
        for row in evidence::registrations(&board.store).await? {
            self.carried += u64::from(row.status != Status::Held);
            self.accepted += u64::from(row.registry_id.is_some());
        }
        self.boards_equal_to_hub += u64::from(is_equal(cast, board).await?);
        let stolen = own(&cast.board(STOLEN)?.store).await?.node;
        self.boards_with_list += u64::from(closes(&board.store, stolen).await?);
        self.defects += board.store.check(true)?.defects;
        Ok(())
    }

    fn of_network(&mut self, air: &Air) {
        let traffic = air.traffic();
        let [hub, village] = air.bills();
        self.sms_to_office = traffic.from_village;
        self.sms_to_village = traffic.from_hub;
        self.sms_lost = traffic.lost;
        self.sms_cost = hub.1.saturating_add(village.1);
        let off = hub.0.abs_diff(traffic.from_hub);
        let off = off.saturating_add(village.0.abs_diff(traffic.from_village));
        self.sms_miscounted = off.saturating_add(air.unsent());
    }
}

/// Who a store is.
pub(super) async fn own(store: &SqliteStore) -> Result<SelfState, DemoError> {
    match store.query(Query::Self_).await? {
        Answer::Self_(own) => Ok(own),
        _ => Err(another()),
    }
}

/// Whether the hub holds every entry of the board under the same hash, and the board its receipts.
async fn is_equal(cast: &Cast, board: &Board) -> Result<bool, DemoError> {
    let own = own(&board.store).await?.node;
    let there = heads(&cast.hub).await?;
    let here = heads(&board.store).await?;
    let mut written = here.iter().filter(|head| head.chain.origin == own);
    Ok(written.all(|head| {
        let same = there
            .iter()
            .any(|other| (other.chain, other.seq, other.hash) == (head.chain, head.seq, head.hash));
        same && head.receipted == head.seq
    }))
}

async fn heads(store: &SqliteStore) -> Result<Vec<ChainHead>, DemoError> {
    match store.query(Query::Frontier).await? {
        Answer::Frontier(heads) => Ok(heads),
        _ => Err(another()),
    }
}

/// Whether the store holds a list of the hub's that closes this node.
async fn closes(store: &SqliteStore, node: NodeId) -> Result<bool, DemoError> {
    let key = store.realm().await?.revocation_key;
    let Answer::Bytes(Some(list)) = store.query(Query::Revocations).await? else {
        return Ok(false);
    };
    let list = revocation::verify(&list, &key);
    let closed: BTreeSet<NodeId> = list.map_or_else(
        |_refused| BTreeSet::new(),
        |list| list.entries.iter().map(|entry| entry.node).collect(),
    );
    Ok(closed.contains(&node))
}

fn another() -> DemoError {
    DemoError::Script("the store answered another question".to_owned())
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
