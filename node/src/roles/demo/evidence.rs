//! What came true, counted from the stores and from what registry and SMSC really received.

use std::io::Write;

use node_core::query::{Answer, Counts, Query};
use node_core::status::Status;
use node_core::view::{NumbersRow, RegistrationRow};
use node_store::{HubStore, SqliteStore};
use serde::Serialize;

use super::{DemoError, FAMILY_COUNT, World};

/// Most registrations that the evidence reads from a store.
const ROWS_MAX: u32 = 500;
/// Registrations that the tour makes: every family once, the first one twice.
const REGISTRATIONS: u64 = 21;

/// The tour's result; the JSON has these names.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Evidence {
    /// Different mother–child pairs that the hub knows after joining.
    pub people: u64,
    /// Registrations held on the nodes before any of them left.
    pub held: u64,
    /// Registrations on the nodes that a receipt covers.
    pub carried: u64,
    /// Registrations on the nodes with a registry's id.
    pub accepted: u64,
    /// Records in the registry.
    pub effects_at_registry: u64,
    /// Write calls that reached the registry.
    pub write_calls_at_registry: u64,
    /// Distinct correlation ids among them.
    pub correlation_ids_at_registry: u64,
    /// Pairs that the hub flagged.
    pub duplicates_flagged: u64,
    /// Registrations whose result a delivered message told.
    pub confirmed_by_sms: u64,
    /// Messages that the SMSC received more than once.
    pub messages_sent_twice: u64,
    /// How long the day took.
    pub seconds: u64,
}

impl Evidence {
    /// Whether everything that the tour promises came true.
    pub fn is_complete(&self) -> bool {
        let families = u64::try_from(FAMILY_COUNT).unwrap_or(u64::MAX);
        let nodes = [
            self.held,
            self.carried,
            self.accepted,
            self.confirmed_by_sms,
        ];
        nodes.iter().all(|count| *count == REGISTRATIONS)
            && [
                self.people,
                self.effects_at_registry,
                self.correlation_ids_at_registry,
            ]
            .iter()
            .all(|count| *count == families)
            && self.write_calls_at_registry == families + 1
            && self.duplicates_flagged == 1
            && self.messages_sent_twice == 0
    }

    /// The table that the tour prints.
    ///
    /// # Errors
    /// A closed output.
    pub fn print(&self, out: &mut impl Write) -> std::io::Result<()> {
        let rows = [
            ("mother and child pairs", self.people),
            ("registrations held on the nodes", self.held),
            ("carried (receipt of the hub)", self.carried),
            ("accepted (id of the registry)", self.accepted),
            ("records in the registry", self.effects_at_registry),
            ("write calls at the registry", self.write_calls_at_registry),
            (
                "distinct correlation ids there",
                self.correlation_ids_at_registry,
            ),
            ("duplicates flagged", self.duplicates_flagged),
            ("results told by a delivered SMS", self.confirmed_by_sms),
            ("messages sent twice", self.messages_sent_twice),
            ("seconds", self.seconds),
        ];
        for (what, count) in rows {
            writeln!(out, "{what:34} {count:4}")?;
        }
        Ok(())
    }
}

/// Registrations on the nodes that have status *held*.
///
/// # Errors
/// A store that cannot be read.
pub async fn held(world: &World) -> Result<u64, DemoError> {
    let mut held = 0;
    for node in &world.nodes {
        let counts = counts(&node.station.store).await?;
        held += counts.by_status.get(&Status::Held).copied().unwrap_or(0);
    }
    Ok(held)
}

/// Counts what is true now; `held` was counted before the uplinks came back.
///
/// # Errors
/// A store that cannot be read.
pub async fn collect(world: &World, held: u64) -> Result<Evidence, DemoError> {
    let mut evidence = Evidence {
        held,
        ..Evidence::default()
    };
    for node in &world.nodes {
        let counts = counts(&node.station.store).await?;
        evidence.confirmed_by_sms += counts.confirmed;
        for row in registrations(&node.station.store).await? {
            evidence.carried += u64::from(row.status != Status::Held);
            evidence.accepted += u64::from(row.registry_id.is_some());
        }
    }
    let rows = registrations(&world.hub.station.store).await?;
    let ids: std::collections::BTreeSet<_> =
        rows.into_iter().filter_map(|row| row.registry_id).collect();
    evidence.people = len(ids.len());
    evidence.duplicates_flagged = reviews(&world.hub.station.store).await?;
    let tap = world.tap.counts();
    evidence.write_calls_at_registry = tap.write_calls;
    evidence.correlation_ids_at_registry = len(tap.correlation_ids.len());
    evidence.effects_at_registry = world.records_at_centre().await?;
    evidence.messages_sent_twice = world.operator.evidence().duplicate_texts;
    Ok(evidence)
}

fn len(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// Whether the hub has certified the store's current life.
///
/// # Errors
/// A store that cannot be read.
pub async fn is_certified(store: &SqliteStore) -> Result<bool, DemoError> {
    match store.query(Query::Self_).await? {
        Answer::Self_(state) => Ok(state.certified),
        _ => Err(DemoError::Script(
            "the store answered another question".to_owned(),
        )),
    }
}

/// Counts of one store.
///
/// # Errors
/// A store that cannot be read.
pub async fn counts(store: &SqliteStore) -> Result<Counts, DemoError> {
    match store.query(Query::Counts).await? {
        Answer::Counts(counts) => Ok(counts),
        _ => Err(DemoError::Script(
            "the store answered another question".to_owned(),
        )),
    }
}

/// The registrations of one store, newest first.
///
/// # Errors
/// A store that cannot be read.
pub async fn registrations(store: &SqliteStore) -> Result<Vec<RegistrationRow>, DemoError> {
    match store
        .query(Query::Registrations { limit: ROWS_MAX })
        .await?
    {
        Answer::Registrations(rows) => Ok(rows),
        _ => Err(DemoError::Script(
            "the store answered another question".to_owned(),
        )),
    }
}

/// The registration numbers of one store's registrations, newest first.
///
/// # Errors
/// A store that cannot be read.
pub async fn numbers(store: &SqliteStore) -> Result<Vec<NumbersRow>, DemoError> {
    match store
        .query(Query::RegistrationNumbers { limit: ROWS_MAX })
        .await?
    {
        Answer::RegistrationNumbers(rows) => Ok(rows),
        _ => Err(DemoError::Script(
            "the store answered another question".to_owned(),
        )),
    }
}

async fn reviews(store: &SqliteStore) -> Result<u64, DemoError> {
    match store.query(Query::Reviews { limit: ROWS_MAX }).await? {
        Answer::Reviews(rows) => Ok(len(rows.len())),
        _ => Err(DemoError::Script(
            "the store answered another question".to_owned(),
        )),
    }
}
