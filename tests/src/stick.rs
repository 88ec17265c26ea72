//! A hub and nodes that never meet but by stick: what the suites of sticks begin with.
//!
//! Roles, numbers, registrations and receipts all travel in bundles; only the enrolment, which a
//! stick does not carry in this release, is done beside it.

use std::fs;
use std::path::{Path, PathBuf};

use channels_core::Msisdn;
use jiff::{SignedDuration, Timestamp};
use node::clock::Clock;
use node::enrolment::age_keys;
use node::roles::hub::{self, FIRST_AREA, HubConfig, PROGRAMME};
use node::stick::Carrier;
use node_core::command::{Command, ConsentAnswer, Outcome, SubjectName};
use node_core::person::{Field, PersonFields};
use node_core::query::{Answer, ChainHead, Query};
use node_core::role::{Principal, Role};
use node_core::turn::{Committed, Turn};
use node_store::{Area, EnrolmentAnswer, HubStore, SlotOrder, SqliteStore, StoreConfig};
use sync::stick::Stick;
use sync_core::{ClockQuality, NodeId};
use tempfile::TempDir;

use crate::families::agreed;
use crate::office::fields;
use crate::random::Random;

/// What Argon2id would have made of the one-time code.
const CODE: [u8; 32] = [7; 32];
/// The worker of all nodes.
const WORKER: &str = "+256770000001";

/// A hub, its nodes, and one stick.
pub struct World {
    folder: TempDir,
    services: Vec<String>,
    consent: ConsentAnswer,
    /// The hub's store.
    pub hub: SqliteStore,
    /// The nodes' stores.
    pub nodes: Vec<SqliteStore>,
    seconds: i64,
}

impl World {
    /// A founded hub and enrolled nodes; nobody has heard of the worker.
    pub async fn new(nodes: usize) -> Self {
        Self::with_services(nodes, &[]).await
    }

    /// The same, with services beside the usual programme.
    pub async fn with_services(nodes: usize, services: &[&str]) -> Self {
        let folder = TempDir::new().expect("a folder");
        let services: Vec<String> = services.iter().map(|one| (*one).to_owned()).collect();
        let config = HubConfig {
            services: services.clone(),
            ..hub_config(folder.path())
        };
        let hub = hub::open(&config).await.expect("a hub");
        let mut world = Self {
            folder,
            hub,
            services,
            consent: agreed(PROGRAMME),
            nodes: Vec::new(),
            seconds: 0,
        };
        for number in 0..nodes {
            world.enrol(&format!("node{number}")).await;
        }
        world.grant(WORKER).await;
        fs::create_dir(world.stick_folder()).expect("a folder");
        world
    }

    /// A further node joins.
    pub async fn enrol(&mut self, name: &str) {
        let node = SqliteStore::open(self.config(name)).expect("a store");
        self.enrol_as(&node, name).await;
        self.nodes.push(node);
    }

    fn config(&self, folder: &str) -> StoreConfig {
        StoreConfig {
            folder: self.folder.path().join(folder),
            name: folder.to_owned(),
            is_hub: false,
            villages: std::sync::Arc::default(),
            country: "UG".to_owned(),
            language: "en".to_owned(),
            sender: "384".to_owned(),
            staff_pin_hours: 0,
            programmes: hub::programmes(None, &self.services).expect("programmes"),
        }
    }

    /// A store is enrolled under a name, or once more, as a restored one must be.
    pub async fn enrol_as(&self, node: &SqliteStore, name: &str) {
        let area = Area {
            programme: PROGRAMME.to_owned(),
            scope: FIRST_AREA,
        };
        let order = SlotOrder {
            name: name.to_owned(),
            grants: vec![area.grant()],
            verifier: CODE,
        };
        let now = self.clock().now();
        self.hub.open_slot(order, now).await.expect("a slot");
        let request = node.begin_enrolment(name.to_owned(), CODE, age_keys(), now);
        let request = request.await.expect("a request");
        let Ok(EnrolmentAnswer::Granted(grant)) = self.hub.enrol(request, now).await else {
            panic!("not enrolled");
        };
        let done = node
            .finish_enrolment(grant.response(), grant.roots, now)
            .await;
        done.expect("an enrolled node");
    }

    /// A backup of a node, under a name.
    pub fn back_up(&self, node: usize, backup: &str) {
        let (data, keys) = self.backup_folders(backup);
        self.nodes[node].backup(&data, &keys).expect("a backup");
    }

    fn backup_folders(&self, backup: &str) -> (PathBuf, PathBuf) {
        let folder = |part: &str| self.folder.path().join(format!("{backup}-{part}"));
        (folder("data"), folder("keys"))
    }

    /// The board is lost; its backup comes back in its place, in a life that is not certified yet.
    pub fn restore(&mut self, node: usize, backup: &str) {
        let (data, keys) = self.backup_folders(backup);
        let config = self.config(&format!("{backup}-restored"));
        let restored = SqliteStore::restore(&data, &keys, config, self.clock().now());
        self.nodes[node] = restored.expect("a restored store");
    }

    /// A backup of the hub, under a name.
    pub fn back_up_hub(&self, backup: &str) {
        let (data, keys) = self.backup_folders(backup);
        self.hub.backup(&data, &keys).expect("a backup");
    }

    /// The hub is lost; its backup comes back in its place, in a life that it certifies itself.
    pub fn restore_hub(&mut self, backup: &str) {
        let (data, keys) = self.backup_folders(backup);
        let config = StoreConfig {
            name: "hub".to_owned(),
            is_hub: true,
            ..self.config(&format!("{backup}-restored"))
        };
        let restored = SqliteStore::restore(&data, &keys, config, self.clock().now());
        self.hub = restored.expect("a restored hub");
    }

    /// Somebody copies the files of a backup back by hand: the board does not notice.
    pub fn set_back(&mut self, node: usize, backup: &str) {
        let (data, keys) = self.backup_folders(backup);
        let config = self.config(&format!("{backup}-copied"));
        fs::create_dir(&config.folder).expect("a folder");
        for part in [data, keys] {
            for (path, bytes) in files(&part) {
                fs::write(config.folder.join(path), bytes).expect("a file");
            }
        }
        self.nodes[node] = SqliteStore::open(config).expect("a store");
    }

    /// A minute later than the last time.
    pub fn later(&mut self) {
        self.seconds += 60;
    }

    /// So many seconds after the start.
    pub fn set(&mut self, seconds: i64) {
        self.seconds = seconds;
    }

    /// So many days later.
    pub fn days_later(&mut self, days: i64) {
        self.seconds += days * 86_400;
    }

    /// The clock of all.
    pub fn clock(&self) -> Clock {
        let start: Timestamp = "2026-03-14T10:00:00Z".parse().expect("a time");
        let at = start + SignedDuration::from_secs(self.seconds);
        Clock::fixed(at, ClockQuality::Ntp)
    }

    /// The hub gives a role: news for all nodes.
    pub async fn grant(&self, phone: &str) {
        let phone = Msisdn::parse(phone).expect("a number");
        let now = self.clock().now().at;
        let worker = hub::worker(&phone, "Neema Wairimu", "en", (FIRST_AREA, now));
        let granted = hub::grant(&self.hub, self.clock(), worker).await;
        granted.expect("a grant");
    }

    /// A family is registered at a node, which must have heard of the worker.
    pub async fn register(&self, node: usize, number: usize) {
        let letters = [
            "Amina", "Baraka", "Chege", "Dalila", "Eshe", "Furaha", "Gathoni",
        ];
        let who = number + 11 * node;
        let one = letters[who % 7];
        let command = Command::RegisterPair {
            programme: PROGRAMME.to_owned(),
            programme_version: 1,
            mother: fields(&[
                (Field::GivenName, one),
                (Field::FamilyName, letters[(who / 7) % 7]),
                (Field::BirthDate, &format!("19{}-05-17", 60 + who % 40)),
                (Field::Phone, &format!("+2567711{node}{number:04}")),
                (Field::Village, "kibo"),
                (Field::Sex, "F"),
            ]),
            child: fields(&[
                (Field::GivenName, "Zawadi"),
                (Field::FamilyName, one),
                (Field::BirthDate, "2026-03-02"),
                (Field::Sex, "M"),
            ]),
            consent: self.consent.clone(),
        };
        self.work(node, command).await;
    }

    /// The worker changes what is known of a person, at any store.
    pub async fn update(&self, store: &SqliteStore, (number, fields): (&str, PersonFields)) {
        let subject = SubjectName::Number(number.to_owned());
        self.work_at(store, Command::UpdatePerson { subject, fields })
            .await;
    }

    /// The worker does something at a node, which must have heard of her.
    pub async fn work(&self, node: usize, command: Command) -> Outcome {
        self.work_at(&self.nodes[node], command).await
    }

    async fn work_at(&self, store: &SqliteStore, command: Command) -> Outcome {
        let principal = Principal {
            role: Role::HealthWorker,
            author: 1,
            scope: FIRST_AREA,
            phone: Msisdn::parse(WORKER).ok(),
            channel: "operator".to_owned(),
            language: "en".to_owned(),
        };
        let turn = Turn::Command { principal, command };
        match store.commit(turn, self.clock().now()).await {
            Ok(Committed::Command(Ok(outcome))) => outcome,
            other => panic!("not done: {other:?}"),
        }
    }

    /// Who a store is to a stick.
    pub async fn carrier(&self, store: &SqliteStore) -> Carrier {
        let carrier = Carrier::open(store.clone(), self.clock()).await;
        carrier.expect("an enrolled store")
    }

    /// Where the stick is.
    pub fn stick_folder(&self) -> PathBuf {
        self.folder.path().join("stick")
    }

    /// The stick.
    pub fn stick(&self) -> Stick {
        Stick::open(&self.stick_folder()).expect("a stick")
    }

    /// Where a folder of this name lies beside the stick.
    pub fn other_folder(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A folder of this name, new and empty, beside the stick.
    pub fn other(&self, name: &str) -> PathBuf {
        let other = self.other_folder(name);
        if other.exists() {
            fs::remove_dir_all(&other).expect("removed");
        }
        fs::create_dir(&other).expect("a folder");
        other
    }

    /// The folder of the hub's database.
    pub fn hub_folder(&self) -> PathBuf {
        self.hub.folder()
    }

    /// A copy of the stick with each bundle cut at a random byte.
    pub fn cut_copy(&self, random: &mut Random) -> Stick {
        let copy = self.other("copy");
        for (path, bytes) in files(&self.stick_folder()) {
            let to = copy.join(path);
            fs::create_dir_all(to.parent().expect("a folder")).expect("folders");
            let end = random.below(bytes.len() + 1);
            fs::write(to, &bytes[..end]).expect("a file");
        }
        Stick::open(&copy).expect("a stick")
    }
}

fn hub_config(folder: &Path) -> HubConfig {
    HubConfig {
        folder: folder.join("hub"),
        name: "hub".to_owned(),
        realm: "test".to_owned(),
        areas: vec![FIRST_AREA],
        villages: node_core::village::Villages::default(),
        country: "UG".to_owned(),
        language: "en".to_owned(),
        sender: "384".to_owned(),
        programmes: None,
        services: Vec::new(),
        staff_pin_hours: 0,
        listen: None,
        clock: Clock::fixed(
            "2026-03-14T10:00:00Z".parse().expect("a time"),
            ClockQuality::Ntp,
        ),
    }
}

/// All files below a folder, by path, with their bytes.
pub fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let bytes = fs::read(&path).expect("a file");
                let below = path.strip_prefix(folder).expect("below").to_path_buf();
                found.push((below, bytes));
            }
        }
    }
    found.sort();
    found
}

/// Where every chain stands.
pub async fn heads(store: &SqliteStore) -> Vec<ChainHead> {
    match store.query(Query::Frontier).await {
        Ok(Answer::Frontier(mut heads)) => {
            heads.sort_by_key(|head| head.chain);
            heads
        }
        other => panic!("no frontier: {other:?}"),
    }
}

/// What keeps a node and its hub from holding the same of their area; empty when they do.
pub async fn differences(hub: &SqliteStore, node: &SqliteStore) -> Vec<String> {
    differences_of(hub, node, |_origin| true).await
}

/// The same of what the two wrote themselves: a road such as SMS carries no more.
pub async fn differences_of_both(hub: &SqliteStore, node: &SqliteStore) -> Vec<String> {
    differences_of(hub, node, |origin| origin == NodeId(1)).await
}

/// The node must hold what the hub holds of these origins, and the hub all that the node holds.
async fn differences_of(
    hub: &SqliteStore,
    node: &SqliteStore,
    is_owed: impl Fn(NodeId) -> bool,
) -> Vec<String> {
    let (at_hub, at_node) = (heads(hub).await, heads(node).await);
    let mut differences = Vec::new();
    for head in &at_node {
        let there = at_hub.iter().find(|other| other.chain == head.chain);
        let same = there.is_some_and(|other| (other.seq, other.hash) == (head.seq, head.hash));
        let is_hubs = head.chain.origin == NodeId(1);
        let is_receipted = is_hubs || head.receipted == head.seq;
        if !same || !is_receipted {
            differences.push(format!("node: {head:?}"));
        }
    }
    let shared = at_hub
        .iter()
        .filter(|head| head.chain.scope.area() == FIRST_AREA && is_owed(head.chain.origin));
    for head in shared.filter(|head| head.seq.0 > 0) {
        if !at_node
            .iter()
            .any(|other| other.chain == head.chain && other.seq == head.seq)
        {
            differences.push(format!("hub: {head:?}"));
        }
    }
    differences
}
