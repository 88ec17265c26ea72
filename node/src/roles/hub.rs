//! The hub: accepts frames and gives receipts, enrols nodes, serves phones of its own, projects
//! registrations to the registry.

mod erasures;
mod nodes;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use channels_core::Msisdn;
use jiff::{SignedDuration, Timestamp};
use node_core::command::{Command, Outcome, Rejection};
use node_core::programme::Programmes;
use node_core::query::{Answer, Query};
use node_core::role::right::{self, Right};
use node_core::role::{Principal, Role, RoleEnd, RoleGrant};
use node_core::turn::{Committed, Turn};
use node_core::village::Villages;
use node_store::hub::{Area, Founding, SlotOrder};
use node_store::{HubStore, SqliteStore, StoreConfig, StoreError};
use sync_core::enrolment::OneTimeCode;
use sync_core::{NodeId, Scope};
use tempfile::TempDir;
use tokio::sync::mpsc;

use crate::clock::Clock;
use crate::enrolment::{self, EnrolmentError, Provision};
use crate::roles::station::Station;
use crate::runtime::hub_link::{self, Desk};
use crate::runtime::rewrap;

pub use erasures::open_erasures;
pub use nodes::{change_areas, close, nodes};

/// The programme that ships with this release.
pub const PROGRAMME: &str = "maternal-child";
/// The area of a hub that was configured without any.
pub const FIRST_AREA: Scope = Scope(16);
/// Where a hub keeps the records of registries that it serves: an area that no node is granted,
/// so that they never flow down. Settings number areas from 16.
pub const RECORDS_AREA: Scope = Scope(8);
/// The code that a phone without operator dials.
const DIAL: &str = "*384*7#";
/// How long a role granted at the command line lasts.
const GRANT_DAYS: i64 = 365;
/// Requests of nodes that wait; beyond that a node hears "busy".
const LINK_QUEUE_MAX: usize = 64;

/// What a hub is started with.
#[derive(Clone, Debug)]
pub struct HubConfig {
    /// Folder of its store.
    pub folder: PathBuf,
    /// Its name.
    pub name: String,
    /// Name of the network.
    pub realm: String,
    /// Areas that it serves (lane bits zero).
    pub areas: Vec<Scope>,
    /// Their villages, as people who call one code name them; empty = nobody is asked.
    pub villages: Villages,
    /// ISO 3166 code of the country.
    pub country: String,
    /// Language of callers of whom nothing is known.
    pub language: String,
    /// Short code that recipients of SMS see.
    pub sender: String,
    /// Folder of the site's own programmes.
    pub programmes: Option<PathBuf>,
    /// Codes of the shipped programmes that are offered; empty = that for mother and child.
    pub services: Vec<String>,
    /// Hours for which a right staff PIN opens the screens of staff on phones; 0 = none is asked.
    pub staff_pin_hours: u16,
    /// Where nodes connect; `None` = no link.
    pub listen: Option<SocketAddr>,
    /// Its clock.
    pub clock: Clock,
}

/// A running hub.
pub struct Hub {
    /// Store and loops.
    pub station: Station<SqliteStore>,
    /// Where nodes connect.
    pub link: Option<SocketAddr>,
}

/// Why a hub did not start or did not do something.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// The store.
    #[error("use the hub's store")]
    Store(#[from] StoreError),
    /// A programme does not compile.
    #[error("compile the programmes: {0} findings, see `outpost service check`")]
    Programmes(usize),
    /// A socket or folder.
    #[error("open a folder or socket of the hub")]
    Io(#[from] std::io::Error),
    /// Keys or certificates of the link.
    #[error("prepare the hub's link")]
    Enrolment(#[from] EnrolmentError),
    /// A rule said no.
    #[error("carry out the order: {0}")]
    Rejected(String),
}

impl Hub {
    /// Opens the store, founds the network at the first start, and listens for nodes.
    ///
    /// # Errors
    /// [`HubError`] when folder, store or address cannot be used.
    pub async fn start(config: &HubConfig) -> Result<Self, HubError> {
        Self::start_on(config, open(config).await?).await
    }

    /// The same on a store that is open and founded.
    ///
    /// # Errors
    /// As [`Hub::start`].
    pub async fn start_on(config: &HubConfig, store: SqliteStore) -> Result<Self, HubError> {
        let mut station = Station::start(store.clone(), config.clock);
        let rewrapping = rewrap::run(store.clone(), config.clock, station.shutdown());
        station.spawn(rewrapping);
        let link = match config.listen {
            Some(address) => Some(listen(&mut station, config, address).await?),
            None => None,
        };
        Ok(Self { station, link })
    }

    /// Opens a slot for a node: what an officer hands over with the board.
    ///
    /// # Errors
    /// [`HubError`] when the store fails or this hub has no link.
    pub async fn open_slot(&self, name: &str, area: Scope) -> Result<Provision, HubError> {
        let link = self
            .link
            .ok_or_else(|| HubError::Rejected("this hub has no link".to_owned()))?;
        open_slot(
            &self.station.store,
            self.station.clock,
            name,
            (area, &link.to_string()),
        )
        .await
    }
}

/// Opens and founds a hub's store.
///
/// # Errors
/// [`HubError`] when folder or store cannot be used.
pub async fn open(config: &HubConfig) -> Result<SqliteStore, HubError> {
    let store = SqliteStore::open(StoreConfig {
        folder: config.folder.clone(),
        name: config.name.clone(),
        is_hub: true,
        villages: Arc::new(config.villages.clone()),
        country: config.country.clone(),
        language: config.language.clone(),
        sender: config.sender.clone(),
        staff_pin_hours: config.staff_pin_hours,
        programmes: programmes(config.programmes.as_deref(), &config.services)?,
    })?;
    let area = |scope: &Scope| Area {
        programme: PROGRAMME.to_owned(),
        scope: *scope,
    };
    let founding = Founding {
        realm: config.realm.clone(),
        areas: config.areas.iter().map(area).collect(),
        age: enrolment::age_keys(),
    };
    store.found_hub(founding, config.clock.now()).await?;
    Ok(store)
}

/// The shipped programmes, compiled, with those of a folder in their place.
///
/// # Errors
/// [`HubError::Programmes`] when a shipped one has findings.
pub fn programmes(own: Option<&Path>, services: &[String]) -> Result<Arc<Programmes>, HubError> {
    crate::programmes::load(own, services).map_err(|findings| HubError::Programmes(findings.len()))
}

async fn listen(
    station: &mut Station<SqliteStore>,
    config: &HubConfig,
    address: SocketAddr,
) -> Result<SocketAddr, HubError> {
    let tls = enrolment::hub_tls(&station.store, config.clock).await?;
    let listener = tokio::net::TcpListener::bind(address).await?;
    let bound = listener.local_addr()?;
    let (requests, queue) = mpsc::channel(LINK_QUEUE_MAX);
    let shutdown = station.shutdown();
    station.spawn(sync::https::serve(listener, tls, requests));
    let desk = Desk::open(
        station.store.clone(),
        station.clock,
        (station.bells.clone(), station.contacts.clone()),
    )
    .await?;
    station.spawn(hub_link::run(desk, queue, shutdown));
    Ok(bound)
}

/// Opens a slot in a store, also one that another process of the same hub serves.
///
/// # Errors
/// [`HubError`] when the store fails.
pub async fn open_slot(
    store: &SqliteStore,
    clock: Clock,
    name: &str,
    (area, link): (Scope, &str),
) -> Result<Provision, HubError> {
    let code: OneTimeCode = enrolment::new_code()?;
    let verifier = enrolment::stretch(&code, name)?;
    let area = Area {
        programme: PROGRAMME.to_owned(),
        scope: area,
    };
    let order = SlotOrder {
        name: name.to_owned(),
        grants: vec![area.grant()],
        verifier,
    };
    store.open_slot(order, clock.now()).await?;
    Ok(enrolment::provision(store, name, link, &code)?)
}

/// Gives the role of a health worker to a number.
///
/// # Errors
/// [`HubError`] when the store fails or the rules say no.
pub async fn grant(store: &SqliteStore, clock: Clock, grant: RoleGrant) -> Result<(), HubError> {
    let principal = administrator(grant.scope);
    order(store, clock, principal, Command::GrantRole(grant)).await
}

/// Takes a role back from a number; says how many grants ended.
///
/// # Errors
/// [`HubError`] when the store fails, the number does not hold the role there, or the rules say no.
pub async fn revoke(
    store: &SqliteStore,
    clock: Clock,
    phone: &Msisdn,
    (scope, role): (Scope, Role),
    reason: &str,
) -> Result<usize, HubError> {
    let Answer::Staff(staff) = store.query(Query::Staff { scope }).await? else {
        return Ok(0);
    };
    let phone = phone.to_e164();
    let held: Vec<RoleGrant> = staff
        .into_iter()
        .filter(|grant| grant.phone == phone && grant.role == role)
        .collect();
    if held.is_empty() {
        return Err(HubError::Rejected("reject-no-role".to_owned()));
    }
    for grant in &held {
        let end = RoleEnd {
            scope: grant.scope,
            index: grant.index,
            at: clock.now().at,
            reason: reason.to_owned(),
            hub: NodeId(0),
            signature: [0; 64],
        };
        let command = Command::RevokeRole(end);
        order(store, clock, administrator(scope), command).await?;
    }
    Ok(held.len())
}

/// Approves an erasure in the name of the staff member with this number; says how far it is.
///
/// # Errors
/// [`HubError`] when the store fails, the number holds no role that may, or the rules say no.
pub async fn erase(
    store: &SqliteStore,
    clock: Clock,
    (number, reason): (&str, &str),
    by: &Msisdn,
) -> Result<String, HubError> {
    let command = Command::ApproveErasure {
        number: number.to_owned(),
        reason: reason.to_owned(),
    };
    let done = in_the_name_of(store, clock, (by, Right::ApproveErasure), command).await?;
    Ok(done.values.get("state").cloned().unwrap_or_default())
}

/// Gives a command in the name of the staff member with this number, in each area where she holds
/// a role with this right, until one takes it.
///
/// # Errors
/// [`HubError`] when the store fails, the number holds no role that may, or the rules say no.
pub async fn in_the_name_of(
    store: &SqliteStore,
    clock: Clock,
    (by, right): (&Msisdn, Right),
    command: Command,
) -> Result<Outcome, HubError> {
    let mut refused = "reject-not-allowed".to_owned();
    for principal in whose_name(store, clock, (by, &[right])).await? {
        let command = command.clone();
        let turn = Turn::Command { principal, command };
        match store.commit(turn, clock.now()).await? {
            Committed::Command(Ok(done)) => return Ok(done),
            Committed::Command(Err(rejection)) => refused = rejection.text,
            _ => {}
        }
    }
    Err(HubError::Rejected(refused))
}

/// The staff member with this number, once for each role of hers that has one of these rights.
async fn whose_name(
    store: &SqliteStore,
    clock: Clock,
    (by, rights): (&Msisdn, &[Right]),
) -> Result<Vec<Principal>, HubError> {
    let phone = by.to_e164();
    let held = staff(store).await?.into_iter().filter(|grant| {
        let may = rights.iter().any(|right| right::may(grant.role, *right));
        grant.phone == phone && may && grant.is_live(clock.now().at)
    });
    let principals = held.map(|grant| Principal {
        role: grant.role,
        author: grant.index,
        phone: Some(by.clone()),
        ..administrator(grant.scope)
    });
    Ok(principals.collect())
}

/// The staff of all areas that this hub serves, without roles that were taken back.
async fn staff(store: &SqliteStore) -> Result<Vec<RoleGrant>, HubError> {
    let mut all = Vec::new();
    let Answer::Self_(own) = store.query(Query::Self_).await? else {
        return Ok(all);
    };
    for scope in own.scopes {
        let Answer::Staff(listed) = store.query(Query::Staff { scope }).await? else {
            continue;
        };
        for grant in listed {
            let (scope, index) = (grant.scope, grant.index);
            let place = Query::StaffPlace { scope, index };
            if let Answer::Staff(held) = store.query(place).await? {
                all.extend(held);
            }
        }
    }
    Ok(all)
}

/// Who gives orders at a hub's command line.
pub(crate) fn administrator(scope: Scope) -> Principal {
    Principal {
        role: Role::Administrator,
        channel: "console".to_owned(),
        ..Principal::system(scope, "en")
    }
}

/// A grant to be completed and signed by the hub's store.
pub fn worker(
    phone: &Msisdn,
    name: &str,
    language: &str,
    (scope, now): (Scope, Timestamp),
) -> RoleGrant {
    let year = SignedDuration::from_hours(24 * GRANT_DAYS);
    RoleGrant {
        index: 0,
        role: Role::HealthWorker,
        phone: phone.to_e164(),
        name: name.to_owned(),
        language: language.to_owned(),
        scope,
        not_after: now.checked_add(year).unwrap_or(now),
        hub: NodeId(0),
        signature: [0; 64],
    }
}

/// Gives the role of a health worker in the first area, unless the number has it.
///
/// # Errors
/// As [`grant`].
pub async fn grant_worker(
    store: &SqliteStore,
    clock: Clock,
    phone: &Msisdn,
    language: &str,
) -> Result<(), HubError> {
    let order = worker(
        phone,
        "health worker",
        language,
        (FIRST_AREA, clock.now().at),
    );
    grant(store, clock, order).await
}

async fn order(
    store: &SqliteStore,
    clock: Clock,
    principal: Principal,
    command: Command,
) -> Result<(), HubError> {
    match store
        .commit(Turn::Command { principal, command }, clock.now())
        .await?
    {
        Committed::Command(Err(Rejection { text, .. })) | Committed::Refused(text) => {
            Err(HubError::Rejected(text))
        }
        _ => Ok(()),
    }
}

/// A store that serves phones by itself, with the folder that it must outlive.
pub struct Solo {
    /// The store.
    pub store: SqliteStore,
    /// Removed when dropped; `None` when the folder was given.
    pub folder: Option<TempDir>,
}

/// A hub without link or registry, for one phone at a terminal and for recorded conversations.
///
/// # Errors
/// [`HubError`] when folder or store cannot be used.
pub async fn solo(
    folder: Option<&Path>,
    clock: Clock,
    (language, programmes): (&str, Option<&Path>),
    services: &[String],
) -> Result<Solo, HubError> {
    let kept = if folder.is_some() {
        None
    } else {
        Some(TempDir::new()?)
    };
    let temporary = kept.as_ref().map(TempDir::path);
    let path = folder.or(temporary).unwrap_or(Path::new("."));
    let config = HubConfig {
        services: services.to_vec(),
        programmes: programmes.map(Path::to_path_buf),
        ..solo_config(path, clock, language)
    };
    Ok(Solo {
        store: open(&config).await?,
        folder: kept,
    })
}

/// The settings of such a hub.
pub fn solo_config(folder: &Path, clock: Clock, language: &str) -> HubConfig {
    HubConfig {
        programmes: None,
        services: Vec::new(),
        staff_pin_hours: 0,
        folder: folder.to_path_buf(),
        name: "phone".to_owned(),
        realm: "phone".to_owned(),
        areas: vec![FIRST_AREA],
        villages: Villages {
            dial: DIAL.to_owned(),
            list: Vec::new(),
        },
        country: "UG".to_owned(),
        language: language.to_owned(),
        sender: "384".to_owned(),
        listen: None,
        clock,
    }
}
