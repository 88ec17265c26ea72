//! One transaction's view of everything: connection, keys, who we are, the moment.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use jiff::Timestamp;
use node_core::command::Rejection;
use node_core::contact::Moment;
use node_core::site::Site;
use rusqlite::{Connection, OptionalExtension, params};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sync_core::{ClockQuality, Epoch, HubId, NodeId, Scope};

use crate::certificate::Opened;
use crate::config::ReadyConfig;
use crate::hub_store::StoreError;
use crate::keys::{Secrets, Vault};
use crate::pin::Guard;
use crate::seal::{decode, encode};
use crate::writer::savepoint;

/// Who this store writes as; all of it is public.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Identity {
    /// The network; zero before enrolment.
    pub(crate) hub: HubId,
    /// Our origin number; 0 before enrolment.
    pub(crate) node: NodeId,
    /// Our current life.
    pub(crate) epoch: Epoch,
    /// Whether a hub certified this life.
    pub(crate) certified: bool,
    /// Name of the realm.
    pub(crate) realm: String,
    /// Our part of correlation ids.
    pub(crate) issuer: u32,
    /// Prefix of our provisional numbers in this life.
    pub(crate) number_prefix: u32,
    /// Areas granted to us (lane bits zero), in the order of the certificate.
    pub(crate) areas: Vec<Scope>,
    /// Origin number of the hub.
    pub(crate) hub_node: NodeId,
    /// Public key that certificates are checked with.
    pub(crate) authority: [u8; 32],
    /// Public key that receipts are checked with.
    pub(crate) receipt_key: [u8; 32],
    /// Public key that revocation lists are checked with.
    pub(crate) revocation_key: [u8; 32],
}

impl Identity {
    /// A store that nobody enrolled yet.
    fn nobody() -> Self {
        Self {
            hub: HubId([0; 4]),
            node: NodeId(0),
            epoch: Epoch(0),
            certified: false,
            realm: String::new(),
            issuer: 0,
            number_prefix: 0,
            areas: Vec::new(),
            hub_node: NodeId(0),
            authority: [0; 32],
            receipt_key: [0; 32],
            revocation_key: [0; 32],
        }
    }

    /// Whether this store has an origin number to write under.
    pub(crate) fn is_enrolled(&self) -> bool {
        self.node != NodeId(0)
    }
}

/// Why a piece of a transaction stopped; its savepoint is rolled back.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The store itself.
    Store(StoreError),
    /// A rule said no to a person.
    Rejected(Rejection),
    /// A peer's bytes were refused.
    Refused(sync_core::refusal::Refusal),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<sync_core::refusal::Refusal> for Stop {
    fn from(refusal: sync_core::refusal::Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(
                rusqlite::ErrorCode::DiskFull
                | rusqlite::ErrorCode::DatabaseBusy
                | rusqlite::ErrorCode::DatabaseLocked,
            ) => Self::Busy(error.to_string()),
            _ => Self::Failed(error.to_string()),
        }
    }
}

/// What every step of a transaction needs.
pub(crate) struct Tx<'a> {
    /// The connection, inside a transaction.
    pub(crate) db: &'a Connection,
    /// Keys.
    pub(crate) vault: Arc<Vault>,
    /// Settings from outside.
    pub(crate) config: &'a ReadyConfig,
    /// Who we are, as of now.
    pub(crate) identity: Identity,
    /// The moment of the transaction; the beginning of 1970 for questions.
    pub(crate) now: Moment,
    /// Certificates that were read in this transaction.
    pub(crate) certificates: RefCell<Opened>,
    /// In a rebuild, the arrival number of the entry that is looked at: later ones are not here yet.
    pub(crate) replayed_to: Cell<Option<i64>>,
    /// Hashes of PINs, and who was proved.
    pub(crate) guard: RefCell<Guard>,
    /// Which wrapping key wraps what is new.
    pub(crate) generation: u32,
}

const SETTING_READ: &str = "SELECT value FROM setting WHERE name = ?1";
const SETTING_WRITE: &str = "INSERT INTO setting (name, value) VALUES (?1, ?2)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value";
const IDENTITY: &str = "identity";
/// Setting with the generation of the wrapping key in use.
pub(crate) const GENERATION: &str = "wrapping";

/// The site as the rules see it.
pub(crate) fn site(identity: &Identity, config: &ReadyConfig, vault: &Vault) -> Site {
    Site {
        hub: identity.hub,
        node: identity.node,
        hub_node: identity.hub_node,
        name: config.name.clone(),
        is_hub: config.is_hub,
        home: identity.areas.first().copied().unwrap_or(Scope(0)),
        areas: identity.areas.clone(),
        villages: Arc::clone(&config.villages),
        language: config.language.clone(),
        country: config.country.clone(),
        matcher: Arc::clone(&config.matcher),
        sender: config.sender.clone(),
        staff_pin_hours: config.staff_pin_hours,
        number_key: vault.secrets.hub.as_ref().map(|hub| hub.numbers),
    }
}

impl<'a> Tx<'a> {
    /// Begins work inside an open transaction.
    pub(crate) fn new(
        db: &'a Connection,
        vault: Arc<Vault>,
        config: &'a ReadyConfig,
        now: Moment,
    ) -> Result<Self, StoreError> {
        let mut tx = Self {
            db,
            generation: vault.newest_generation(),
            vault,
            config,
            identity: Identity::nobody(),
            now,
            certificates: RefCell::new(Opened::new()),
            replayed_to: Cell::new(None),
            guard: RefCell::default(),
        };
        if let Some(identity) = tx.setting(IDENTITY)? {
            tx.identity = identity;
        }
        if let Some(generation) = tx.setting(GENERATION)? {
            tx.generation = generation;
        }
        Ok(tx)
    }

    /// The moment of a question.
    pub(crate) fn no_moment() -> Moment {
        Moment {
            at: Timestamp::UNIX_EPOCH,
            quality: ClockQuality::Unknown,
        }
    }

    /// Replaces who we are.
    pub(crate) fn set_identity(&mut self, identity: Identity) -> Result<(), StoreError> {
        self.put_setting(IDENTITY, &identity)?;
        self.identity = identity;
        Ok(())
    }

    /// Puts new secrets on the medium and goes on with them.
    pub(crate) fn use_secrets(&mut self, secrets: &Secrets) -> Result<(), StoreError> {
        secrets.write(&self.config.folder)?;
        self.vault = Arc::new(Vault::new(secrets.clone())?);
        Ok(())
    }

    /// Reads a named value.
    pub(crate) fn setting<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StoreError> {
        let bytes: Option<Vec<u8>> = self
            .db
            .prepare_cached(SETTING_READ)?
            .query_row([name], |row| row.get(0))
            .optional()?;
        bytes.map(|bytes| decode(&bytes)).transpose()
    }

    /// Writes a named value.
    pub(crate) fn put_setting<T: Serialize>(
        &self,
        name: &str,
        value: &T,
    ) -> Result<(), StoreError> {
        self.db
            .prepare_cached(SETTING_WRITE)?
            .execute(params![name, encode(value)?])?;
        Ok(())
    }

    /// A named counter, 0 at first.
    pub(crate) fn counter(&self, name: &str) -> Result<u64, StoreError> {
        Ok(self.setting(name)?.unwrap_or(0))
    }

    /// Runs `work` so that its writes stay only when it succeeds.
    pub(crate) fn attempt<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        savepoint(self.db, work)
    }

    /// The site as the rules see it.
    pub(crate) fn site(&self) -> Site {
        site(&self.identity, self.config, &self.vault)
    }

    /// Milliseconds since 1970 of the moment.
    pub(crate) fn now_ms(&self) -> i64 {
        self.now.at.as_millisecond()
    }

    /// Days since 1970 of the moment.
    pub(crate) fn today(&self) -> i64 {
        self.now_ms().div_euclid(86_400_000)
    }
}
