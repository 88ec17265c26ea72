//! The world: two districts with a hub each, nodes, phones and sticks, and the days that pass.
//!
//! A step takes the earliest deed, moves the clock there, does it, and checks what it touched. At the
//! end of each day everything is checked. After the last day links are whole, sticks are carried, and
//! seven quiet days later the four checks at the end must hold.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use node_core::programme::Programmes;
use sync_core::Scope;
use tempfile::TempDir;

use super::control::Control;
use super::courier::Courier;
use super::fault::{Broken, Coverage};
use super::handset::Worker;
use super::ledger::Ledger;
use super::link::Link;
use super::outward::{Phones, Registry};
use super::site::Site;
use crate::random::Random;

/// Quiet days at the end.
pub const QUIET_DAYS: i64 = 7;
/// Events that a failure shows.
pub const EVENTS_SHOWN: usize = 50;
/// Steps of a day; more are a loop.
const STEPS_A_DAY_MAX: u64 = 2_000;
/// Seconds of a day.
pub(super) const DAY_S: i64 = 86_400;
/// Areas of a district.
pub const AREAS: [Scope; 2] = [Scope(16), Scope(24)];

/// Which world.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Plan {
    /// The seed of everything.
    pub seed: u64,
    /// Days with faults.
    pub days: i64,
    /// A planted fault of the world itself.
    pub control: Option<Control>,
    /// How many nodes; none = drawn.
    pub nodes: Option<usize>,
}

impl Plan {
    /// A world of so many days, the rest drawn.
    pub fn of(seed: u64, days: i64) -> Self {
        Self {
            seed,
            days,
            control: None,
            nodes: None,
        }
    }
}

/// A node by district and place in it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct At {
    /// Which district.
    pub district: usize,
    /// Which node of it.
    pub node: usize,
}

/// Whose texts are handed over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Who {
    /// The hub of a district.
    Hub(usize),
    /// A node.
    Node(At),
}

/// What is to be done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Deed {
    /// Somebody uses a phone at a node.
    Phone(At),
    /// A node calls its hub.
    Contact(At),
    /// A hub brings effects to its registry.
    Registry(usize),
    /// Texts are handed to the network.
    Texts(Who),
    /// A courier comes to the next stop.
    Courier(usize, usize),
    /// Something happens to a machine.
    Trouble(usize),
    /// A clock is set right.
    SetClock(At),
    /// An officer enrols a node again.
    Enrol(At),
    /// A backup is made.
    BackUp(At),
    /// A day ends.
    Evening,
}

/// A node with its people.
pub struct Node {
    /// Its store.
    pub site: Site,
    /// Its area.
    pub area: Scope,
    /// Its road to the hub.
    pub link: Link,
    /// Its worker.
    pub worker: Worker,
    /// Its texts.
    pub phones: Phones,
    /// Whether its life was closed and it waits for another one.
    pub waits: bool,
}

/// A hub with all that belongs to it.
pub struct District {
    /// The hub.
    pub hub: Site,
    /// Its texts.
    pub phones: Phones,
    /// Its registry.
    pub registry: Registry,
    /// Its nodes.
    pub nodes: Vec<Node>,
    /// Couriers and their sticks.
    pub couriers: Vec<Courier>,
    /// What was promised here.
    pub ledger: Ledger,
    /// Families that were registered, by what they were called.
    pub families: u32,
}

impl District {
    /// Where a site stands: the hub, or a node.
    pub fn site(&self, who: Who) -> &Site {
        match who {
            Who::Hub(_) => &self.hub,
            Who::Node(at) => &self.nodes[at.node].site,
        }
    }
}

/// Everything.
pub struct World {
    /// Which.
    pub plan: Plan,
    /// Now.
    pub now: Timestamp,
    /// Districts; a centre above them has its place here once the hub tree is built.
    pub districts: Vec<District>,
    /// What occurred.
    pub coverage: Coverage,
    /// Chance.
    pub random: Random,
    /// Whether faults are over.
    pub calm: bool,
    pub(super) folder: TempDir,
    pub(super) start: Timestamp,
    queue: BTreeMap<(Timestamp, u64), Deed>,
    serial: u64,
    steps: u64,
    today: u64,
    events: VecDeque<String>,
    /// All events, one a line.
    pub journal: String,
}

/// How a run ended.
#[derive(Clone, Debug)]
pub struct Report {
    /// What occurred.
    pub coverage: Coverage,
    /// All events.
    pub journal: String,
}

/// How a run failed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The seed.
    pub seed: u64,
    /// Which step.
    pub step: u64,
    /// Which promise.
    pub broken: Broken,
    /// The last events.
    pub events: Vec<String>,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(
            f,
            "seed {} broke at step {}: {}",
            self.seed, self.step, self.broken
        )?;
        for event in &self.events {
            writeln!(f, "  {event}")?;
        }
        write!(
            f,
            "repeat it: SEED={} cargo test -p tests --test simulation",
            self.seed
        )
    }
}

/// A folder in memory where the machine has one.
fn folder() -> TempDir {
    let memory = std::path::Path::new("/dev/shm");
    let made = if memory.is_dir() {
        TempDir::with_prefix_in("outpost-world-", memory)
    } else {
        TempDir::new()
    };
    made.expect("a folder")
}

impl World {
    /// The world of a plan on its first morning: enrolled nodes that have met their hub.
    ///
    /// # Errors
    /// [`Broken`] when a store fails.
    pub async fn new(plan: Plan, programmes: &Arc<Programmes>) -> Result<Self, Broken> {
        let start: Timestamp = "2026-03-14T06:00:00Z".parse().expect("a time");
        let mut world = Self {
            plan,
            now: start,
            districts: Vec::new(),
            coverage: Coverage::default(),
            random: Random(plan.seed),
            calm: false,
            folder: folder(),
            start,
            queue: BTreeMap::new(),
            serial: 0,
            steps: 0,
            today: 0,
            events: VecDeque::new(),
            journal: String::new(),
        };
        world.settle(programmes).await?;
        Ok(world)
    }

    /// Runs a plan to its end.
    ///
    /// # Errors
    /// [`Failure`] with the promise that did not hold.
    pub async fn run(plan: Plan, programmes: &Arc<Programmes>) -> Result<Report, Box<Failure>> {
        let mut world = Self::new(plan, programmes).await.map_err(|broken| {
            Box::new(Failure {
                seed: plan.seed,
                step: 0,
                broken,
                events: Vec::new(),
            })
        })?;
        match world.live().await {
            Ok(()) => Ok(Report {
                coverage: world.coverage,
                journal: world.journal,
            }),
            Err(broken) => Err(Box::new(Failure {
                seed: plan.seed,
                step: world.steps,
                broken,
                events: world.events.into(),
            })),
        }
    }

    async fn live(&mut self) -> Result<(), Broken> {
        self.first_deeds();
        let end = self.start + SignedDuration::from_hours(24 * self.plan.days);
        self.until(end).await?;
        self.make_calm();
        let end = end + SignedDuration::from_hours(24 * QUIET_DAYS);
        self.until(end).await?;
        self.reconcile().await?;
        self.check_end().await
    }

    fn first_deeds(&mut self) {
        self.after(DAY_S - 60, Deed::Evening);
        for district in 0..self.districts.len() {
            self.soon(4 * 3_600, Deed::Registry(district));
            self.soon(DAY_S / 2, Deed::Trouble(district));
            self.soon(DAY_S / 2, Deed::Texts(Who::Hub(district)));
            for courier in 0..self.districts[district].couriers.len() {
                self.soon(DAY_S, Deed::Courier(district, courier));
            }
            for node in 0..self.districts[district].nodes.len() {
                let at = At { district, node };
                self.soon(3_600, Deed::Phone(at));
                self.soon(6 * 3_600, Deed::Contact(at));
                self.soon(DAY_S / 2, Deed::Texts(Who::Node(at)));
                self.soon(DAY_S, Deed::BackUp(at));
            }
        }
    }

    /// Puts a deed so many seconds from now.
    pub fn after(&mut self, seconds: i64, deed: Deed) {
        self.serial += 1;
        let at = self.now + SignedDuration::from_secs(seconds);
        self.queue.insert((at, self.serial), deed);
    }

    /// Puts a deed at some moment of the next seconds.
    pub fn soon(&mut self, seconds: i64, deed: Deed) {
        let within = self.between(60, seconds.max(61));
        self.after(within, deed);
    }

    /// A number of seconds between two.
    pub fn between(&mut self, least: i64, most: i64) -> i64 {
        let span = usize::try_from((most - least).max(1)).unwrap_or(1);
        least + i64::try_from(self.random.below(span)).unwrap_or(0)
    }

    /// Yes so often in a hundred, while there are faults.
    pub fn chance(&mut self, percent: usize) -> bool {
        let drawn = self.random.below(100);
        !self.calm && drawn < percent
    }

    async fn until(&mut self, end: Timestamp) -> Result<(), Broken> {
        while let Some(entry) = self.queue.first_entry() {
            let at = entry.key().0;
            if at >= end {
                break;
            }
            let deed = entry.remove();
            self.now = self.now.max(at);
            self.steps += 1;
            self.today += 1;
            if self.today > STEPS_A_DAY_MAX {
                return Err(Broken(format!(
                    "W8 more than {STEPS_A_DAY_MAX} steps a day"
                )));
            }
            self.act(deed).await?;
        }
        self.now = self.now.max(end);
        Ok(())
    }

    async fn act(&mut self, deed: Deed) -> Result<(), Broken> {
        match deed {
            Deed::Phone(at) => self.phone(at).await,
            Deed::Contact(at) => self.contact(at).await,
            Deed::Registry(district) => self.registry(district).await,
            Deed::Texts(who) => self.texts(who).await,
            Deed::Courier(district, courier) => self.travel(district, courier).await,
            Deed::Trouble(district) => self.trouble(district).await,
            Deed::SetClock(at) => self.set_clock(at),
            Deed::Enrol(at) => self.enrol_again(at).await,
            Deed::BackUp(at) => self.back_up(at),
            Deed::Evening => {
                self.today = 0;
                self.after(DAY_S, Deed::Evening);
                self.evening().await
            }
        }
    }

    /// Writes an event down.
    pub fn tell(&mut self, who: &str, what: &str) {
        let passed = self.now.duration_since(self.start).as_secs();
        let (day, second) = (passed / DAY_S, passed % DAY_S);
        let (hour, minute) = (second / 3_600, second / 60 % 60);
        let line = format!("day {day:>2} {hour:02}:{minute:02} {who}: {what}");
        self.journal.push_str(&line);
        self.journal.push('\n');
        if self.events.len() == EVENTS_SHOWN {
            self.events.pop_front();
        }
        self.events.push_back(line);
    }

    async fn registry(&mut self, district: usize) -> Result<(), Broken> {
        let pause = self.between(3 * 3_600, 6 * 3_600);
        self.after(pause, Deed::Registry(district));
        let of = &mut self.districts[district];
        let how = (&mut self.coverage, self.calm);
        let done = of.registry.visit(&of.hub, self.now, how).await?;
        let name = of.hub.name.clone();
        if done > 0 {
            self.tell(&name, &format!("{done} outcomes of the registry"));
        }
        self.coverage
            .deeds_of("effects", u64::try_from(done).unwrap_or(0));
        self.check_touched(Who::Hub(district)).await
    }

    async fn texts(&mut self, who: Who) -> Result<(), Broken> {
        let pause = self.between(8 * 3_600, 16 * 3_600);
        self.after(pause, Deed::Texts(who));
        self.digests(who).await?;
        let how = (&mut self.coverage, self.calm);
        let done = match who {
            Who::Hub(district) => {
                let of = &mut self.districts[district];
                of.phones.visit(&of.hub, self.now, how).await?
            }
            Who::Node(At { district, node }) => {
                let of = &mut self.districts[district].nodes[node];
                of.phones.visit(&of.site, self.now, how).await?
            }
        };
        self.coverage
            .deeds_of("texts", u64::try_from(done).unwrap_or(0));
        self.check_touched(who).await
    }

    fn make_calm(&mut self) {
        self.calm = true;
        self.tell(
            "world",
            "links are whole, clocks right, sticks carried; quiet days begin",
        );
        for district in &mut self.districts {
            for node in &mut district.nodes {
                node.link.down_until = None;
                node.link.one_way_until = None;
                node.site.skew = super::site::Skew::None;
            }
            district.hub.skew = super::site::Skew::None;
        }
    }
}
