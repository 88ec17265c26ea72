//! The people and machines of the story: a hub with its registry, boards with their workers, phones.
//!
//! Boards are enrolled at the office, over the hub's real link, which is closed before the story
//! begins: from then on nothing here listens.

use std::path::{Path, PathBuf};
use std::time::Duration;

use channels::handset::{Handset, LoopBack, Screen, USSD_LIMITS};
use channels_core::{Address, LinkName, Msisdn};
use jiff::Timestamp;
use node_core::role::{Role, RoleGrant};
use node_core::village::Villages;
use node_store::SqliteStore;
use sync_core::session::Profile;
use sync_core::{ClockQuality, Scope};
use tokio::sync::watch;
use tokio::time::Instant;

use super::super::centre::Centre;
use super::super::families::Family;
use super::super::tap::Tap;
use super::super::{DemoError, any_port, evidence};
use crate::clock::Clock;
use crate::roles::hub::{self, Hub, HubConfig};
use crate::roles::node::{self, NodeConfig};
use crate::roles::station::Station;
use crate::runtime::uplink;

/// The boards: three go by stick, one by SMS, and one is stolen before it is of use.
pub(super) const BOARDS: [&str; 5] = ["Kibo", "Lira", "Apac", "Tororo", "Masindi"];
/// What phones dial at every board.
pub(super) const CODE: &str = "*384*7#";
/// The officer of the district office.
const OFFICER: &str = "+256770000090";
/// Most screens of one registration.
const SCREENS_MAX: usize = 24;
/// Longest wait for a loop of the program, in seconds of the wall clock.
const LOOP_S_MAX: u64 = 30;
/// Pause between two looks.
const LOOK_MS: u64 = 5;

/// One board.
pub(super) struct Board {
    /// Its name.
    pub(super) name: &'static str,
    /// Its area.
    pub(super) area: Scope,
    /// Its store.
    pub(super) store: SqliteStore,
    /// Its worker.
    pub(super) worker: Msisdn,
    /// The mothers that its worker registered and whose numbers the phone has shown, in their order.
    pub(super) registered: Vec<String>,
}

/// Everybody.
pub(super) struct Cast {
    /// The district office.
    pub(super) hub: SqliteStore,
    /// The boards, as [`BOARDS`].
    pub(super) boards: Vec<Board>,
    /// The country's registry.
    pub(super) centre: Centre,
    /// What arrived there.
    pub(super) tap: Tap,
    /// The officer's number.
    pub(super) officer: Msisdn,
}

/// The clock of all at one moment.
pub(super) fn clock(at: Timestamp) -> Clock {
    Clock::fixed(at, ClockQuality::Ntp)
}

pub(super) fn number(text: &str) -> Result<Msisdn, DemoError> {
    Msisdn::parse(text).map_err(DemoError::Address)
}

impl Cast {
    /// Founds the hub, enrols the boards at its desk, and closes its link again.
    ///
    /// # Errors
    /// [`DemoError`] when a folder, socket or store cannot be used.
    pub(super) async fn assemble(folder: &Path, at: Timestamp) -> Result<Self, DemoError> {
        let clock = clock(at);
        let tap = Tap::default();
        let centre = Centre::start(&folder.join("centre"), clock, &tap).await?;
        let desk = Hub::start(&hub_config(folder, clock)).await?;
        let mut boards = Vec::new();
        for (index, name) in BOARDS.into_iter().enumerate() {
            boards.push(enrolled(&desk, folder, (index, name), clock).await?);
        }
        let hub = desk.station.store.clone();
        desk.station.stop().await;
        let officer = number(OFFICER)?;
        let cast = Self {
            hub,
            boards,
            centre,
            tap,
            officer,
        };
        cast.appoint(clock).await?;
        Ok(cast)
    }

    /// Workers and the officer get their roles at the hub; boards hear of it over their roads.
    async fn appoint(&self, clock: Clock) -> Result<(), DemoError> {
        let now = clock.now().at;
        for board in &self.boards {
            let worker = hub::worker(&board.worker, "Health worker", "en", (board.area, now));
            hub::grant(&self.hub, clock, worker).await?;
        }
        let officer = RoleGrant {
            role: Role::Administrator,
            ..hub::worker(&self.officer, "District officer", "en", (area(0), now))
        };
        hub::grant(&self.hub, clock, officer).await?;
        Ok(())
    }

    /// The board at this place.
    ///
    /// # Errors
    /// No such board.
    pub(super) fn board(&self, place: usize) -> Result<&Board, DemoError> {
        self.boards.get(place).ok_or_else(|| no_board(place))
    }

    /// The same, to be used.
    ///
    /// # Errors
    /// No such board.
    pub(super) fn board_mut(&mut self, place: usize) -> Result<&mut Board, DemoError> {
        self.boards.get_mut(place).ok_or_else(|| no_board(place))
    }

    /// The hub's program runs until the registry has answered for all that came in.
    ///
    /// # Errors
    /// [`DemoError::Script`] when it does not in time.
    pub(super) async fn ask_registry(&self, at: Timestamp) -> Result<(), DemoError> {
        let mut station = Station::start(self.hub.clone(), clock(at));
        station.project(self.centre.client()?);
        let end = Instant::now() + Duration::from_secs(LOOP_S_MAX);
        let answered = loop {
            let counts = evidence::counts(&self.hub).await?;
            let of = |word: &str| counts.effects.get(word).copied().unwrap_or(0);
            if of("pending") + of("sent") + of("unknown") == 0 {
                break Ok(());
            }
            if Instant::now() >= end {
                let late = "the registry did not answer in time";
                break Err(DemoError::Script(late.to_owned()));
            }
            tokio::time::sleep(Duration::from_millis(LOOK_MS)).await;
        };
        station.stop().await;
        answered
    }
}

impl Board {
    /// The name of its slot at the hub.
    pub(super) fn slot(&self) -> String {
        self.name.to_lowercase()
    }

    /// The worker registers a family by dialling; gives what was typed and what the phone showed.
    ///
    /// # Errors
    /// [`DemoError::Script`] when the dialogue does not end as it should.
    pub(super) async fn register(
        &mut self,
        family: &Family,
        at: Timestamp,
    ) -> Result<Vec<(String, Screen)>, DemoError> {
        let (station, mut handset) = self.phones(at);
        let dialled = dial(&mut handset, &family.inputs("1")).await;
        station.stop().await;
        let shown = dialled?;
        if shown.last().is_none_or(|(_, screen)| screen.open) {
            let open = "a registration did not come to its end";
            return Err(DemoError::Script(open.to_owned()));
        }
        let who = format!("{} {}", family.mother, family.family);
        self.registered.push(who);
        Ok(shown)
    }

    /// What came back is told to the worker's phone, as the program does after news; gives the texts.
    ///
    /// # Errors
    /// A store that fails, or a message that does not leave in time.
    pub(super) async fn tell(&self, at: Timestamp) -> Result<Vec<String>, DemoError> {
        let (station, handset) = self.phones(at);
        uplink::digest(&self.store, station.clock, &station.bells).await;
        let end = Instant::now() + Duration::from_secs(LOOP_S_MAX);
        loop {
            let messages = evidence::counts(&self.store).await?.messages;
            let of = |word: &str| messages.get(word).copied().unwrap_or(0);
            if of("queued") + of("submitting") + of("sent") == 0 || Instant::now() >= end {
                break;
            }
            tokio::time::sleep(Duration::from_millis(LOOK_MS)).await;
        }
        let inbox = handset.inbox();
        station.stop().await;
        Ok(inbox.into_iter().map(|sms| sms.text).collect())
    }

    /// The board's program with its phones, and the phone of its worker.
    fn phones(&self, at: Timestamp) -> (Station<SqliteStore>, Handset) {
        let mut station = Station::start(self.store.clone(), clock(at));
        let (bearer, channel) = LoopBack::new(LinkName("phones".to_owned()));
        station.attach(channel, Address::ShortCode("384".to_owned()));
        let handset = bearer.handset(self.worker.clone(), USSD_LIMITS);
        (station, handset)
    }
}

async fn dial(
    handset: &mut Handset,
    inputs: &[String],
) -> Result<Vec<(String, Screen)>, DemoError> {
    let mut screen = handset.dial(CODE).await?;
    let mut shown = vec![(CODE.to_owned(), screen.clone())];
    for input in inputs.iter().take(SCREENS_MAX) {
        if !screen.open {
            break;
        }
        screen = handset.answer(input).await?;
        shown.push((input.clone(), screen.clone()));
    }
    Ok(shown)
}

fn no_board(place: usize) -> DemoError {
    DemoError::Script(format!("no board {place}"))
}

fn area(index: usize) -> Scope {
    super::super::area(index)
}

async fn enrolled(
    desk: &Hub,
    folder: &Path,
    (index, name): (usize, &'static str),
    clock: Clock,
) -> Result<Board, DemoError> {
    let config = node_config(folder.join(name.to_lowercase()), name, clock);
    let store = node::open(&config)?;
    let provision = desk.open_slot(&name.to_lowercase(), area(index)).await?;
    let (switch, plugged) = watch::channel(true);
    node::enrol(&store, &provision, plugged, clock).await?;
    drop(switch);
    Ok(Board {
        name,
        area: area(index),
        store,
        worker: number(&format!("+25677000001{index}"))?,
        registered: Vec::new(),
    })
}

fn node_config(folder: PathBuf, name: &str, clock: Clock) -> NodeConfig {
    NodeConfig {
        programmes: None,
        services: Vec::new(),
        staff_pin_hours: 0,
        dial: CODE.to_owned(),
        folder,
        name: name.to_owned(),
        country: "UG".to_owned(),
        language: "en".to_owned(),
        sender: "384".to_owned(),
        smpp: Vec::new(),
        interval: Duration::from_mins(1),
        hub_profile: Profile::Metered,
        lan: None,
        clock,
    }
}

fn hub_config(folder: &Path, clock: Clock) -> HubConfig {
    HubConfig {
        programmes: None,
        services: Vec::new(),
        staff_pin_hours: 0,
        folder: folder.join("hub"),
        name: "District office".to_owned(),
        realm: "demo".to_owned(),
        areas: (0..BOARDS.len()).map(area).collect(),
        villages: Villages::default(),
        country: "UG".to_owned(),
        language: "en".to_owned(),
        sender: "384".to_owned(),
        listen: Some(any_port()),
        clock,
    }
}
