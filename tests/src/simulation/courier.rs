//! Couriers and their sticks: one goes from some nodes to the hub and back, lies in a drawer, is
//! copied in part, is full, and comes back as it was months ago.

use std::collections::{BTreeSet, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

use node::stick::{Carrier, Extent, Fate};
use sync::stick::Stick;
use sync_core::bundle::FILES_MAX;

use super::fault::{Broken, Fault, must};
use super::site::Site;
use super::world::{At, DAY_S, Deed, Who, World};
use crate::random::Random;
use crate::stick::files;

/// Bytes of a stick that has hardly any room.
const SMALL_STICK_BYTES: u64 = 3_000;
/// Longest time in a drawer in days.
const DRAWER_DAYS_MAX: i64 = 30;

/// A place on a courier's way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stop {
    /// A node writes its news.
    Collect(usize),
    /// The hub takes all and writes answers.
    Hub,
    /// A node takes its answers.
    Deliver(usize),
}

/// A courier with a stick.
#[derive(Debug)]
pub struct Courier {
    /// Where the stick is.
    pub stick: PathBuf,
    /// What the stick held on an earlier trip.
    old: PathBuf,
    way: VecDeque<Stop>,
    was_in_drawer: bool,
}

impl Courier {
    /// A courier with a new stick.
    ///
    /// # Errors
    /// [`Broken`] when a folder cannot be made.
    pub fn new(root: &Path, name: &str) -> Result<Self, Broken> {
        let (stick, old) = (root.join(name), root.join(format!("{name}-old")));
        for folder in [&stick, &old] {
            fs::create_dir_all(folder).map_err(|error| io(&error))?;
        }
        Ok(Self {
            stick,
            old,
            way: VecDeque::new(),
            was_in_drawer: false,
        })
    }
}

fn io(error: &std::io::Error) -> Broken {
    Broken(format!("a folder: {error}"))
}

/// Copies a stick's files; each is cut by `end`, which gets its length.
fn copy(from: &Path, to: &Path, mut end: impl FnMut(usize) -> usize) -> Result<(), Broken> {
    if to.exists() {
        fs::remove_dir_all(to).map_err(|error| io(&error))?;
    }
    fs::create_dir_all(to).map_err(|error| io(&error))?;
    for (path, bytes) in files(from) {
        let to = to.join(path);
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder).map_err(|error| io(&error))?;
        }
        fs::write(to, &bytes[..end(bytes.len())]).map_err(|error| io(&error))?;
    }
    Ok(())
}

/// A copy with each bundle cut at a random byte.
///
/// # Errors
/// [`Broken`] when it cannot be written.
pub fn cut_copy(from: &Path, to: &Path, random: &mut Random) -> Result<(), Broken> {
    copy(from, to, |length| random.below(length + 1))
}

/// A site as it is to a stick; `None` while it has no certificate.
///
/// # Errors
/// [`Broken`] when the store fails.
pub async fn carrier(world: &World, site: &Site) -> Result<Option<Carrier>, Broken> {
    match Carrier::open(site.store().clone(), site.clock(world.now)).await {
        Ok(carrier) => Ok(Some(carrier)),
        Err(node::stick::CarryError::NotEnrolled) => Ok(None),
        Err(error) => Err(Broken(format!("{}: a stick: {error:?}", site.name))),
    }
}

fn open(path: &Path) -> Result<Stick, Broken> {
    Stick::open(path).map_err(|error| Broken(format!("a stick: {error}")))
}

impl World {
    /// A courier comes to the next stop, or sets out.
    ///
    /// # Errors
    /// [`Broken`] when a promise does not hold.
    pub async fn travel(&mut self, district: usize, courier: usize) -> Result<(), Broken> {
        if self.calm {
            return Ok(());
        }
        let next = self.districts[district].couriers[courier].way.pop_front();
        let Some(stop) = next else {
            self.set_out(district, courier);
            return Ok(());
        };
        self.stop(district, courier, stop).await?;
        let pause = if self.chance(12) {
            self.districts[district].couriers[courier].was_in_drawer = true;
            self.between(DAY_S, DRAWER_DAYS_MAX.min(self.plan.days) * DAY_S)
        } else {
            self.between(1_800, DAY_S / 2)
        };
        self.after(pause, Deed::Courier(district, courier));
        Ok(())
    }

    fn set_out(&mut self, district: usize, courier: usize) {
        let count = self.districts[district].nodes.len();
        let mut of_trip = BTreeSet::from([self.random.below(count)]);
        if self.random.below(2) == 0 {
            of_trip.insert(self.random.below(count));
        }
        if of_trip.len() > 1 {
            self.coverage.fault(Fault::StickShared);
        }
        let there = of_trip.iter().map(|node| Stop::Collect(*node));
        let back = of_trip.iter().map(|node| Stop::Deliver(*node));
        let way: VecDeque<Stop> = there.chain([Stop::Hub]).chain(back).collect();
        self.districts[district].couriers[courier].way = way;
        let pause = self.between(3_600, DAY_S);
        self.after(pause, Deed::Courier(district, courier));
    }

    async fn stop(&mut self, district: usize, courier: usize, stop: Stop) -> Result<(), Broken> {
        let of = &mut self.districts[district].couriers[courier];
        let path = of.stick.clone();
        if std::mem::take(&mut of.was_in_drawer) {
            self.coverage.fault(Fault::StickForgotten);
        }
        match stop {
            Stop::Collect(node) => self.collect(At { district, node }, &path).await,
            Stop::Hub => {
                self.odd_sticks(district, courier).await?;
                self.import(Who::Hub(district), &path).await
            }
            Stop::Deliver(node) => {
                let who = Who::Node(At { district, node });
                if self.chance(25) {
                    self.import_cut(who, &path).await?;
                }
                self.import(who, &path).await
            }
        }
    }

    /// Before the stick itself: an old state of it, or a copy that broke off.
    async fn odd_sticks(&mut self, district: usize, courier: usize) -> Result<(), Broken> {
        let of = &self.districts[district].couriers[courier];
        let (path, old) = (of.stick.clone(), of.old.clone());
        let hub = Who::Hub(district);
        if self.chance(30) && !files(&old).is_empty() {
            self.coverage.fault(Fault::StickOld);
            self.import(hub, &old).await?;
        }
        if self.chance(40) {
            copy(&path, &old, |length| length)?;
        }
        if self.chance(30) {
            self.import_cut(hub, &path).await?;
        }
        Ok(())
    }

    pub(super) async fn import_cut(&mut self, who: Who, path: &Path) -> Result<(), Broken> {
        self.coverage.fault(Fault::StickCut);
        let copy = self.folder.path().join("copy");
        cut_copy(path, &copy, &mut self.random)?;
        self.import(who, &copy).await
    }

    /// A node writes onto the stick.
    ///
    /// # Errors
    /// [`Broken`] when a promise does not hold.
    pub async fn collect(&mut self, at: At, path: &Path) -> Result<(), Broken> {
        let small = self.chance(10);
        let site = &self.districts[at.district].nodes[at.node].site;
        let name = site.name.clone();
        let Some(carrier) = carrier(self, site).await? else {
            return Ok(());
        };
        let mut stick = open(path)?;
        if small {
            stick = stick.with_quota(SMALL_STICK_BYTES);
        }
        let report = carrier.export(&stick, None).await;
        let report = report.map_err(|error| Broken(format!("{name}: an export: {error:?}")))?;
        drop(carrier);
        if report.extent == Extent::Full {
            self.coverage.fault(Fault::StickFull);
        }
        let frames: usize = report.written.iter().map(|written| written.frames).sum();
        self.coverage.deed("exports");
        self.tell(
            &name,
            &format!("writes {frames} frames onto a stick: {:?}", report.extent),
        );
        let count = files(path).len();
        must(count <= FILES_MAX, || {
            format!("W5 {count} files on a stick")
        })?;
        self.check_touched(Who::Node(at)).await
    }

    /// A site takes what is on a stick.
    ///
    /// # Errors
    /// [`Broken`] when a promise does not hold.
    pub async fn import(&mut self, who: Who, path: &Path) -> Result<(), Broken> {
        let district = match who {
            Who::Hub(district) => district,
            Who::Node(at) => at.district,
        };
        let site = self.districts[district].site(who);
        let name = site.name.clone();
        let Some(carrier) = carrier(self, site).await? else {
            return Ok(());
        };
        let report = carrier.import(&open(path)?).await;
        let report = report.map_err(|error| Broken(format!("{name}: an import: {error:?}")))?;
        drop(carrier);
        let (mut taken, mut damaged) = (0, 0);
        for file in &report.files {
            taken += file.taken;
            damaged += u32::from(file.fate != Fate::Whole);
            for reason in &file.reasons {
                self.tell(&name, &format!("a stick: {}", plain(reason)));
            }
        }
        self.coverage.deeds_of("frames by stick", u64::from(taken));
        self.coverage
            .deeds_of("bundles damaged", u64::from(damaged));
        self.tell(&name, &format!("takes {taken} frames from a stick"));
        self.check_touched(who).await
    }

    /// Every stick is carried to its end.
    ///
    /// # Errors
    /// [`Broken`] when a promise does not hold.
    pub async fn carry_all(&mut self) -> Result<(), Broken> {
        for district in 0..self.districts.len() {
            for courier in 0..self.districts[district].couriers.len() {
                let of = &self.districts[district].couriers[courier];
                let (path, old) = (of.stick.clone(), of.old.clone());
                for stick in [&old, &path] {
                    self.import(Who::Hub(district), stick).await?;
                }
                for node in 0..self.districts[district].nodes.len() {
                    self.import(Who::Node(At { district, node }), &path).await?;
                }
            }
        }
        Ok(())
    }
}

/// A reason without numbers that the product drew.
fn plain(reason: &str) -> String {
    reason.chars().filter(|c| !c.is_ascii_digit()).collect()
}
