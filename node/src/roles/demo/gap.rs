//! The days without a line: a district that moves by stick, and a village that has SMS alone.
//!
//! Stores, dialogues, sticks, desks, modem machines and the registry's client are the program's
//! own; simulated are phones, the modem at its line, the network and the courier. Every wait is on
//! virtual time, so a week takes seconds.

mod air;
mod evidence;
mod modem;
mod site;
mod tale;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use node_core::revocation::Mode;
use sync::stick::{Found, Stick};
use sync_core::NodeId;

use super::{DemoError, families};
use crate::roles::hub;
use crate::stick::{Carrier, CarryError};
use air::{Air, Side, Traffic};
use site::{Cast, clock, number};
use tale::Tale;

pub use evidence::Evidence;

/// When the story begins.
const BEGIN: &str = "2026-06-01T08:00:00Z";
/// The boards that the courier visits, by their place in the cast.
const BY_STICK: [usize; 3] = [0, 1, 2];
/// The board that has nothing but SMS.
const BY_SMS: usize = 3;
/// The board that is stolen.
const STOLEN: usize = 4;
/// The board at which the stick is pulled too early.
const PULLED_AT: usize = 1;
/// The board at which a family is registered that another one has.
const TWICE_AT: usize = 2;
/// Families that each worker registers.
const FAMILIES_EACH: usize = 2;
/// Numbers of the SIMs of hub and village.
const SIMS: [&str; 2] = ["+256770000080", "+256770000083"];

/// What goes wrong.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Mishap {
    /// One board's copy is cut half way.
    StickPulled,
    /// The network loses the village's first SMS with registrations.
    SmsLost,
    /// The courier does not come a last time: what was promised does not come true.
    LastTripMissed,
    /// A family is registered at two boards: one more than there are.
    RegisteredTwice,
}

/// What goes wrong in the tour, and is made good.
pub const MISHAPS: [Mishap; 2] = [Mishap::StickPulled, Mishap::SmsLost];

/// Plays the days and returns what came true.
///
/// # Errors
/// [`DemoError`] when a folder, store or socket cannot be used, a screen is not shown, or the output
/// is closed.
pub async fn play(
    folder: &Path,
    mishaps: &[Mishap],
    out: &mut impl Write,
) -> Result<Evidence, DemoError> {
    let began = Instant::now();
    let folder = folder.join("gap");
    if folder.exists() {
        let again = "these days were played in this folder before: name another one with `--data`";
        return Err(DemoError::Script(again.to_owned()));
    }
    let mut days = Days::begin(&folder, mishaps, out).await?;
    let played = days.play().await;
    let Days { cast, .. } = days;
    cast.centre.stop().await;
    let mut evidence = played?;
    evidence.seconds = began.elapsed().as_secs();
    Ok(evidence)
}

/// The story so far.
struct Days<'a, W> {
    cast: Cast,
    air: Air,
    stick: Stick,
    mishaps: &'a [Mishap],
    tale: Tale<'a, W>,
}

impl<'a, W: Write> Days<'a, W> {
    async fn begin(
        folder: &Path,
        mishaps: &'a [Mishap],
        out: &'a mut W,
    ) -> Result<Self, DemoError> {
        let begin = begin();
        let cast = Cast::assemble(folder, begin).await?;
        let village = cast.board(BY_SMS)?;
        let [of_hub, of_village] = SIMS;
        let numbers = [number(of_hub)?, number(of_village)?];
        let named = (&village.store, village.slot());
        let air = Air::open(&cast.hub, named, &numbers, begin).await?;
        let medium = folder.join("stick");
        fs::create_dir_all(&medium)?;
        Ok(Self {
            air,
            stick: Stick::open(&medium).map_err(CarryError::from)?,
            mishaps,
            tale: Tale::new(out, medium),
            cast,
        })
    }

    async fn play(&mut self) -> Result<Evidence, DemoError> {
        self.the_line_is_dead().await?;
        let held = self.families_are_registered().await?;
        self.the_village_writes().await?;
        self.a_board_is_stolen().await?;
        self.the_stick_goes_up().await?;
        self.the_stick_comes_back().await?;
        if !self.has(Mishap::LastTripMissed) {
            self.the_last_trip().await?;
        }
        let mut evidence = Evidence::collect(&self.cast, &self.air, held).await?;
        self.workers_are_told().await?;
        evidence.told(&self.cast, self.bundles()?.len()).await?;
        Ok(evidence)
    }

    fn has(&self, mishap: Mishap) -> bool {
        self.mishaps.contains(&mishap)
    }

    /// Day 1: the hub writes what boards must know, a courier brings it, SMS bring it to the village.
    async fn the_line_is_dead(&mut self) -> Result<(), DemoError> {
        self.wait_until(0, 8).await?;
        self.tale.day(
            self.air.now,
            "The boards were enrolled at the district office. Now its line is dead.",
        )?;
        self.tale.line(
            "Kibo, Lira, Apac and Masindi meet the office by a courier's stick, Tororo by SMS alone.",
        )?;
        self.tale
            .line("The office writes onto the stick what each board must know:")?;
        self.export_at_the_office().await?;
        self.air.news(Side::Hub).await?;
        self.wait_until(0, 14).await?;
        self.tale
            .day(self.air.now, "The courier comes to the boards.")?;
        for board in BY_STICK {
            self.import_at(board).await?;
        }
        self.tale.line(
            "Tororo has the same by SMS: its worker, registration numbers, certificates of the others.",
        )?;
        self.tale.since(Traffic::default(), self.air.traffic())
    }

    /// Day 2, morning: everything is held where it was typed.
    async fn families_are_registered(&mut self) -> Result<u64, DemoError> {
        self.wait_until(1, 9).await?;
        self.tale.day(
            self.air.now,
            "Health workers register mothers and children by dialling.",
        )?;
        let all = families::all(begin().to_zoned(jiff::tz::TimeZone::UTC).date());
        let mut families = all.chunks(FAMILIES_EACH);
        for board in BY_STICK.into_iter().chain([BY_SMS]) {
            for family in families.next().unwrap_or_default() {
                self.register(board, family).await?;
            }
        }
        if self.has(Mishap::RegisteredTwice)
            && let Some(family) = all.first()
        {
            self.register(TWICE_AT, family).await?;
        }
        self.tale.statuses(&self.cast).await
    }

    async fn register(&mut self, board: usize, family: &families::Family) -> Result<(), DemoError> {
        let now = self.air.now;
        let board_of = self.cast.board_mut(board)?;
        let shown = board_of.register(family, now).await?;
        self.tale.registration((board_of, family), &shown)?;
        if board == BY_SMS {
            self.air.news(Side::Village).await?;
        }
        let soon = now.saturating_add(SignedDuration::from_mins(4));
        self.air.play_until(soon.unwrap_or(now)).await
    }

    /// Day 2, noon: the village's registrations go up, and the registry's answers come down.
    async fn the_village_writes(&mut self) -> Result<(), DemoError> {
        let before = self.air.traffic();
        if self.has(Mishap::SmsLost) {
            self.air.lose(1);
        }
        self.wait_until(1, 12).await?;
        self.tale.day(
            self.air.now,
            "Tororo's modem has written to the office and has its receipt.",
        )?;
        self.tale.lost(self.air.traffic())?;
        self.tale.statuses(&self.cast).await?;
        self.cast.ask_registry(self.air.now).await?;
        self.air.news(Side::Hub).await?;
        self.wait_until(1, 15).await?;
        self.tale.day(
            self.air.now,
            "The office has asked the registry, and its answers went to Tororo by SMS.",
        )?;
        self.tale.statuses(&self.cast).await?;
        self.tale.since(before, self.air.traffic())
    }

    /// Day 2, evening: an officer closes a board; the list of closed boards goes by SMS at once.
    async fn a_board_is_stolen(&mut self) -> Result<(), DemoError> {
        let before = self.air.traffic();
        self.wait_until(1, 16).await?;
        self.tale.day(
            self.air.now,
            "Masindi's board was stolen on its way. The officer closes it.",
        )?;
        let name = self.cast.board(STOLEN)?.slot();
        let order = (name.as_str(), Mode::Stop, "stolen on the way");
        let clock = clock(self.air.now);
        hub::close(&self.cast.hub, clock, order, &self.cast.officer).await?;
        self.air.news(Side::Hub).await?;
        self.wait_until(1, 20).await?;
        self.tale
            .line("The signed list of closed boards is in Tororo by the evening.")?;
        self.tale.since(before, self.air.traffic())
    }

    /// Day 3: the courier collects, and the office takes what is whole.
    async fn the_stick_goes_up(&mut self) -> Result<(), DemoError> {
        self.wait_until(2, 9).await?;
        self.tale
            .day(self.air.now, "The courier collects what the boards hold.")?;
        for board in BY_STICK {
            self.export_at(board).await?;
        }
        if self.has(Mishap::StickPulled) {
            self.pull(PULLED_AT).await?;
        }
        self.wait_until(2, 15).await?;
        self.tale.day(self.air.now, "The stick is at the office.")?;
        self.import_at_the_office().await?;
        self.tale
            .line("Receipts lie on the same stick; the courier takes it back at once.")?;
        self.tale.line("Then the office asks the registry.")?;
        self.cast.ask_registry(self.air.now).await
    }

    /// Day 4: receipts are back, and the boards write what is still missing.
    async fn the_stick_comes_back(&mut self) -> Result<(), DemoError> {
        self.wait_until(3, 9).await?;
        self.tale
            .day(self.air.now, "The same stick is back at the boards.")?;
        for board in BY_STICK {
            self.import_at(board).await?;
            self.export_at(board).await?;
        }
        self.tale.statuses(&self.cast).await?;
        Ok(())
    }

    /// Days 5 and 8: once more to the office and back.
    async fn the_last_trip(&mut self) -> Result<(), DemoError> {
        self.wait_until(4, 15).await?;
        self.tale
            .day(self.air.now, "The stick is at the office once more.")?;
        self.import_at_the_office().await?;
        self.cast.ask_registry(self.air.now).await?;
        self.tale.line(
            "The registry has answered; the office writes that, too, before the courier leaves:",
        )?;
        self.export_at_the_office().await?;
        self.wait_until(7, 9).await?;
        self.tale
            .day(self.air.now, "The courier is at the boards.")?;
        for board in BY_STICK {
            self.import_at(board).await?;
        }
        self.tale.statuses(&self.cast).await?;
        Ok(())
    }

    async fn workers_are_told(&mut self) -> Result<(), DemoError> {
        self.tale.day(
            self.air.now,
            "Each worker's phone is told by its own board:",
        )?;
        for board in BY_STICK.into_iter().chain([BY_SMS]) {
            let board = self.cast.board(board)?;
            for text in board.tell(self.air.now).await? {
                super::tour::show_sms(self.tale.out(), &board.worker, &text)?;
            }
        }
        Ok(())
    }

    /// Lets time pass until this hour of a day, counted from 0.
    async fn wait_until(&mut self, day: i64, hour: i64) -> Result<(), DemoError> {
        let since_midnight = SignedDuration::from_hours(day * 24 + hour - 8);
        let at = begin()
            .saturating_add(since_midnight)
            .unwrap_or(self.air.now);
        self.air.play_until(at).await
    }

    async fn export_at_the_office(&mut self) -> Result<(), DemoError> {
        let visited = self.visited().await?;
        let carrier = Carrier::open(self.cast.hub.clone(), clock(self.air.now)).await?;
        let report = carrier.export(&self.stick, Some(&visited)).await?;
        self.tale.report("office", &report)
    }

    async fn import_at_the_office(&mut self) -> Result<(), DemoError> {
        let carrier = Carrier::open(self.cast.hub.clone(), clock(self.air.now)).await?;
        self.tale
            .report("on the stick", &carrier.inspect(&self.stick)?)?;
        let report = carrier.import(&self.stick).await?;
        self.tale.report("office", &report)
    }

    async fn export_at(&mut self, board: usize) -> Result<(), DemoError> {
        let board = self.cast.board(board)?;
        let carrier = Carrier::open(board.store.clone(), clock(self.air.now)).await?;
        let report = carrier.export(&self.stick, None).await?;
        self.tale.report(board.name, &report)
    }

    async fn import_at(&mut self, board: usize) -> Result<(), DemoError> {
        let board = self.cast.board(board)?;
        let carrier = Carrier::open(board.store.clone(), clock(self.air.now)).await?;
        let report = carrier.import(&self.stick).await?;
        self.tale.report(board.name, &report)
    }

    /// The stick is pulled before the board has said "copied": half of each of its files is there.
    async fn pull(&mut self, board: usize) -> Result<(), DemoError> {
        let board = self.cast.board(board)?;
        let own = evidence::own(&board.store).await?.node;
        for found in self.bundles()? {
            if found.name.from == own {
                self.tale.cut(board.name, &found)?;
            }
        }
        Ok(())
    }

    fn bundles(&self) -> Result<Vec<Found>, DemoError> {
        Ok(self.stick.list().map_err(CarryError::from)?.found)
    }

    /// The boards that the courier visits.
    async fn visited(&self) -> Result<BTreeSet<NodeId>, DemoError> {
        let mut visited = BTreeSet::new();
        for board in BY_STICK {
            visited.insert(evidence::own(&self.cast.board(board)?.store).await?.node);
        }
        Ok(visited)
    }
}

fn begin() -> Timestamp {
    BEGIN.parse().unwrap_or(Timestamp::UNIX_EPOCH)
}
