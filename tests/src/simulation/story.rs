//! How a world begins, and what named scenarios tell it to do, in words of a story.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use channels_core::Msisdn;
use node::enrolment::age_keys;
use node::roles::hub;
use node_core::programme::Programmes;
use node_core::query::{Answer, Query};
use node_core::role::{Role, RoleGrant};
use node_store::Founding;
use sync_core::Scope;

use super::courier::Courier;
use super::fault::{Broken, must};
use super::handset::Worker;
use super::ledger::Ledger;
use super::link::{Link, Weather};
use super::outward::{Phones, Registry};
use super::site::Site;
use super::trouble::{OFFICER, area, enrol};
use super::world::{AREAS, At, DAY_S, District, Node, Plan, Who, World};

/// Fewest nodes of a world, and how many more there may be.
const NODES: (usize, usize) = (3, 3);
/// Names of nodes.
const NAMES: [&str; 5] = ["amudat", "kibo", "moroto", "nakapiripirit", "pader"];

impl World {
    /// Founds the districts, enrols the nodes, gives roles, and lets everybody meet once.
    pub(super) async fn settle(&mut self, programmes: &Arc<Programmes>) -> Result<(), Broken> {
        for district in 0..2 {
            let of = self.found(district, programmes).await?;
            self.districts.push(of);
        }
        let drawn = NODES.0 + self.random.below(NODES.1);
        let count = self.plan.nodes.unwrap_or(drawn);
        for (number, name) in NAMES.iter().enumerate().take(count) {
            let (district, place) = (number % 2, number / 2);
            self.add_node(district, (name, AREAS[place % 2]), programmes)
                .await?;
        }
        for district in 0..2 {
            for courier in 0..2 {
                let name = format!("stick-{district}-{courier}");
                let courier = Courier::new(self.folder.path(), &name)?;
                self.districts[district].couriers.push(courier);
            }
        }
        for at in self.all() {
            self.first_meeting(at).await?;
        }
        Ok(())
    }

    async fn found(
        &mut self,
        district: usize,
        programmes: &Arc<Programmes>,
    ) -> Result<District, Broken> {
        let root = self.folder.path().join(format!("district-{district}"));
        fs::create_dir_all(&root).map_err(|error| Broken(error.to_string()))?;
        let mut site = Site::new(&root, &format!("hub-{district}"), true, programmes);
        site.open()?;
        let founding = Founding {
            realm: format!("district {district}"),
            areas: AREAS.map(area).into(),
            age: age_keys(),
        };
        let clock = site.clock(self.now);
        let founded = site.store().found_hub(founding, clock.now()).await;
        founded.map_err(|error| Broken(error.to_string()))?;
        for scope in AREAS {
            self.staff(&site, scope, OFFICER, Role::Officer).await?;
        }
        let mut registry = Registry::new(self.random.number());
        registry.renames = self.renames();
        Ok(District {
            hub: site,
            phones: Phones::new(self.random.number()),
            registry,
            nodes: Vec::new(),
            couriers: Vec::new(),
            ledger: Ledger::default(),
            families: 0,
        })
    }

    /// Gives a role; the place in the list.
    async fn staff(
        &self,
        hub: &Site,
        scope: Scope,
        phone: &str,
        role: Role,
    ) -> Result<u32, Broken> {
        let number = Msisdn::parse(phone).map_err(|error| Broken(error.to_string()))?;
        let clock = hub.clock(self.now);
        let worker = hub::worker(&number, "Neema Wairimu", "en", (scope, self.now));
        let grant = RoleGrant { role, ..worker };
        let granted = hub::grant(hub.store(), clock, grant).await;
        granted.map_err(|error| Broken(error.to_string()))?;
        let Answer::Staff(list) = hub.ask(Query::Staff { scope }).await? else {
            return Err(Broken("no staff".to_owned()));
        };
        let own = list.iter().find(|grant| grant.phone == phone);
        own.map(|grant| grant.index)
            .ok_or_else(|| Broken("no place in the list".to_owned()))
    }

    async fn add_node(
        &mut self,
        district: usize,
        (name, scope): (&str, Scope),
        programmes: &Arc<Programmes>,
    ) -> Result<(), Broken> {
        let root = self.folder.path().join(format!("district-{district}"));
        let mut site = Site::new(&root, name, false, programmes);
        site.open()?;
        let of = &self.districts[district];
        enrol(&of.hub, &site, scope, self.now).await?;
        let phone = format!("+25677000{district}00{}", of.nodes.len());
        let index = self
            .staff(&of.hub, scope, &phone, Role::HealthWorker)
            .await?;
        let node = Node {
            site,
            area: scope,
            link: Link::default(),
            worker: Worker::new(&phone, index),
            phones: Phones::new(self.random.number()),
            waits: false,
        };
        self.districts[district].nodes.push(node);
        Ok(())
    }

    async fn first_meeting(&mut self, at: At) -> Result<(), Broken> {
        self.check_touched(Who::Node(at)).await?;
        let contact = self.meet(at, Weather::default()).await?;
        must(contact.finish.is_some(), || {
            "a first contact failed".to_owned()
        })?;
        self.check_touched(Who::Node(at)).await?;
        self.check_touched(Who::Hub(at.district)).await
    }

    /// A world in which nothing goes wrong but what the story tells.
    ///
    /// # Errors
    /// [`Broken`] when a store fails.
    pub async fn quiet(
        (seed, nodes): (u64, usize),
        programmes: &Arc<Programmes>,
    ) -> Result<Self, Broken> {
        let plan = Plan {
            nodes: Some(nodes),
            ..Plan::of(seed, 0)
        };
        let mut world = Self::new(plan, programmes).await?;
        world.calm = true;
        Ok(world)
    }

    /// The worker of a node registers so many families.
    ///
    /// # Errors
    /// [`Broken`] when a promise does not hold.
    pub async fn registers(&mut self, at: At, families: u32) -> Result<(), Broken> {
        for _ in 0..families {
            self.register(at).await?;
        }
        self.check_touched(Who::Node(at)).await
    }

    /// The registry of a district takes what is due.
    ///
    /// # Errors
    /// [`Broken`] when a promise does not hold.
    pub async fn registry_takes(&mut self, district: usize) -> Result<(), Broken> {
        let how = (&mut self.coverage, self.calm);
        let of = &mut self.districts[district];
        of.registry.visit(&of.hub, self.now, how).await?;
        self.check_touched(Who::Hub(district)).await
    }

    /// A copy of a stick with each bundle cut at a random byte comes to a site.
    ///
    /// # Errors
    /// [`Broken`] when a promise does not hold.
    pub async fn cut_copy_comes(&mut self, who: Who, stick: &Path) -> Result<(), Broken> {
        self.import_cut(who, stick).await
    }

    /// Days pass; nothing happens by itself.
    pub fn days_later(&mut self, days: i64) {
        self.now += jiff::SignedDuration::from_secs(days * DAY_S);
    }

    /// A node and its hub meet, and nothing goes wrong.
    ///
    /// # Errors
    /// [`Broken`] when a promise does not hold.
    pub async fn meets(&mut self, at: At) -> Result<(), Broken> {
        self.meet(at, Weather::default()).await?;
        self.check_touched(Who::Node(at)).await?;
        self.check_touched(Who::Hub(at.district)).await
    }

    /// A new folder that is a stick.
    ///
    /// # Errors
    /// [`Broken`] when it cannot be made.
    pub fn new_stick(&self, name: &str) -> Result<PathBuf, Broken> {
        let path = self.folder.path().join(name);
        fs::create_dir_all(&path).map_err(|error| Broken(error.to_string()))?;
        Ok(path)
    }
}
