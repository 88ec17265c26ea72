//! Ten thousand changed frames, bundles and SMS against real stores, mixed, at both ends: none changes
//! a row, none panics, memory rises by less than 32 MB. Alone in its program, so that memory and
//! panics are its own. What each format refuses, and why, is in the suites beside it.

use std::fs;
use std::panic;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use node::stick::{Carrier, Fate};
use node_core::query::{Answer, Query};
use node_core::turn::Acceptance;
use node_store::{Accepting, HubStore, SqliteStore};
use sync::identity::AgeIdentity;
use sync::stick::{Stick, sealed};
use tests::hostile::{mutated, peak, rows};
use tests::random::Random;
use tests::sms::{Air, CALM, DAY, Planted, SMS_ONLY};
use tests::stick::{World, heads};

/// Inputs in all.
const INPUTS: u64 = 10_000;
/// Between two looks at all rows, so that a fault is found near its input.
const LOOK_EVERY: u64 = 1_000;
/// Bytes that memory may grow.
const RISE_BYTES_MAX: u64 = 32_000_000;
/// The panic that shows that panics are counted.
const PLANTED: &str = "a control";
/// Seed of the first input; each next one has the next seed, and is the same alone.
const SEED: u64 = 0x686f_7374_696c_6532;

/// What reaches one store from the other.
struct Road {
    store: SqliteStore,
    /// Its place in the air.
    end: usize,
    carrier: Carrier,
    stick: Stick,
    /// Where the bundle lies, and who can read it.
    place: PathBuf,
    recipient: String,
    /// Frames that the store does not hold yet, raw and packed.
    frames: Vec<Vec<u8>>,
    /// The plain bytes of a bundle that it has taken.
    bundle: Vec<u8>,
    /// SMS that it has taken.
    sms: Vec<Vec<u8>>,
}

impl Road {
    fn is_fed(&self) -> bool {
        self.frames.len() >= 2 && self.sms.len() >= 3 && !self.bundle.is_empty()
    }
}

/// Everything.
struct Attack {
    world: World,
    air: Air,
    roads: [Road; 2],
}

/// Frames of a store that the other one lacks.
async fn news(of: &SqliteStore, at: &SqliteStore) -> Vec<Vec<u8>> {
    let mut news = Vec::new();
    let there = heads(at).await;
    let own = match of.query(Query::Self_).await {
        Ok(Answer::Self_(own)) => own.node,
        other => panic!("nobody: {other:?}"),
    };
    for head in heads(of).await {
        if head.chain.origin != own {
            continue;
        }
        let held = there.iter().find(|other| other.chain == head.chain);
        let after = held.map_or(sync_core::Seq(0), |held| held.seq);
        for packed in [false, true] {
            let query = Query::Frames {
                chain: head.chain,
                after,
                bytes_max: 1 << 20,
                packed,
            };
            match of.query(query).await {
                Ok(Answer::Frames(frames)) => news.extend(frames),
                other => panic!("no frames: {other:?}"),
            }
        }
    }
    news
}

/// A bundle from one store that the other one has taken, and what reads it.
async fn bundle(world: &World, from: &SqliteStore, to: &SqliteStore, name: &str) -> Road {
    let stick = Stick::open(&world.other(name)).expect("a stick");
    let written = world.carrier(from).await.export(&stick, None).await;
    let written = written.expect("an export").written;
    let place = world.other_folder(name).join(written[0].name.to_string());
    let keys = to.bundle_keys().await.expect("keys");
    let key = AgeIdentity::parse(&keys.age_identities[0]).expect("a key");
    let carrier = world.carrier(to).await;
    let report = carrier.take(&stick).await.expect("an import");
    assert_eq!(report.files[0].fate, Fate::Whole);
    Road {
        store: to.clone(),
        end: 0,
        bundle: key.open(&fs::read(&place).expect("a file")).expect("ours"),
        recipient: key.recipient(),
        carrier,
        stick,
        place,
        frames: Vec::new(),
        sms: Vec::new(),
    }
}

/// A hub and its node, which has heard of its worker by stick.
async fn staffed() -> World {
    let world = World::new(1).await;
    let stick = world.stick();
    let hub = world.carrier(&world.hub).await;
    hub.export(&stick, None).await.expect("an export");
    let node = world.carrier(&world.nodes[0]).await;
    node.import(&stick).await.expect("an import");
    world
}

/// SMS of both ends, all of which have arrived.
async fn exchanged(world: &mut World) -> Air {
    world.register(0, 1).await;
    let named = [(world.nodes[0].clone(), "node0".to_owned())];
    let rules = (CALM, Planted::Nothing, SMS_ONLY);
    let mut air = Air::new(&world.hub, &named, rules, SEED).await;
    air.news(1).await;
    air.play_until(2 * DAY).await;
    world.set(air.now);
    air
}

/// News at both ends.
async fn more(world: &World, number: usize) {
    world.register(0, number).await;
    world.grant(&format!("+25677000000{number}")).await;
}

impl Attack {
    async fn new() -> Self {
        let mut world = staffed().await;
        let air = exchanged(&mut world).await;
        let (hub, node) = (world.hub.clone(), world.nodes[0].clone());
        // Bundles of both ends, which were taken.
        more(&world, 2).await;
        let mut up = bundle(&world, &node, &hub, "up").await;
        let mut down = bundle(&world, &hub, &node, "down").await;
        (up.end, down.end) = (0, 1);
        (up.sms, down.sms) = (air.captured(1, 0), air.captured(0, 1));
        // Frames of both ends, which nobody has seen.
        world.later();
        more(&world, 3).await;
        up.frames = news(&node, &hub).await;
        down.frames = news(&hub, &node).await;
        let roads = [up, down];
        assert!(roads.iter().all(Road::is_fed));
        Self { world, air, roads }
    }

    fn rows(&self) -> Vec<Vec<(String, String)>> {
        let roads = self.roads.iter();
        roads.map(|road| rows(&road.store.folder())).collect()
    }

    /// One changed input of a kind, by its seed.
    async fn one(&mut self, seed: u64) {
        let mut random = Random(seed);
        let to = random.below(2);
        match random.below(5) {
            0 | 1 => self.frame(to, &mut random).await,
            2 => self.bundle(to, &mut random).await,
            _ => self.sms(to, &mut random).await,
        }
    }

    async fn frame(&mut self, to: usize, random: &mut Random) {
        let road = &self.roads[to];
        let frame = changed(&road.frames, random);
        let now = self.world.clock().now();
        let taken = road.store.accept(frame, now).await.expect("an answer");
        assert!(matches!(taken, Acceptance::Refused { .. }), "{taken:?}");
    }

    async fn bundle(&mut self, to: usize, random: &mut Random) {
        let plain = changed(std::slice::from_ref(&self.roads[to].bundle), random);
        let files = self.take(to, &plain).await;
        assert_eq!(files, 0);
    }

    /// Frames that a store takes of a bundle with these bytes.
    async fn take(&self, to: usize, plain: &[u8]) -> u32 {
        let road = &self.roads[to];
        let sealed = sealed::seal(&[&road.recipient], plain).expect("sealed");
        fs::write(&road.place, sealed).expect("a file");
        let report = road.carrier.take(&road.stick).await.expect("an import");
        report.files.iter().map(|file| file.taken).sum()
    }

    async fn sms(&mut self, to: usize, random: &mut Random) {
        let octets = changed(&self.roads[to].sms, random);
        let end = self.roads[to].end;
        let from = [1 - end, 7][random.below(2)];
        assert_eq!(self.air.forge(end, from, &octets).await, 0);
    }

    /// The controls: of each kind one untouched input changes rows.
    async fn untouched(&mut self) {
        for to in 0..2 {
            let before = self.rows();
            let now = self.world.clock().now();
            let road = &self.roads[to];
            let taken = road.store.accept(road.frames[0].clone(), now).await;
            assert!(
                matches!(taken, Ok(Acceptance::Accepted { .. })),
                "{taken:?}"
            );
            assert_ne!(self.rows()[to], before[to], "a frame");
        }
        let before = self.rows();
        self.world.register(0, 4).await;
        let node = self.world.nodes[0].clone();
        let hub = self.world.hub.clone();
        let again = bundle(&self.world, &node, &hub, "again").await;
        assert!(!again.bundle.is_empty());
        let by_stick = self.rows();
        assert_ne!(by_stick[0], before[0], "a bundle");
        self.world.register(0, 5).await;
        self.air.news(1).await;
        self.air.play_until(self.air.now + DAY).await;
        assert_ne!(self.rows()[0], by_stick[0], "SMS");
    }
}

/// A changed input that none of the originals is.
fn changed(originals: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let inputs: Vec<&[u8]> = originals.iter().map(Vec::as_slice).collect();
    loop {
        let input = mutated(&inputs, random);
        if !originals.contains(&input) {
            return input;
        }
    }
}

/// Counts panics, also those that somebody catches.
fn counted_panics() -> Arc<AtomicU64> {
    let count = Arc::new(AtomicU64::new(0));
    let (counted, told) = (Arc::clone(&count), panic::take_hook());
    panic::set_hook(Box::new(move |info| {
        counted.fetch_add(1, Ordering::Relaxed);
        // A backtrace costs more memory than all that is measured here.
        if info.payload_as_str() != Some(PLANTED) {
            told(info);
        }
    }));
    count
}

#[tokio::test]
async fn ten_thousand_changed_frames_bundles_and_sms_change_no_row_and_cost_little_memory() {
    let mut attack = Attack::new().await;
    let panics = counted_panics();
    assert!(panic::catch_unwind(|| panic!("{PLANTED}")).is_err());
    assert_eq!(panics.swap(0, Ordering::Relaxed), 1, "panics are counted");
    println!("seeds {SEED:#x} to {:#x}", SEED + INPUTS - 1);
    let before = attack.rows();
    // The first of each kind warms what is read once.
    for seed in 0..50 {
        attack.one(seed).await;
    }
    let _forgotten = peak();
    let begun = peak();
    for number in 0..INPUTS {
        attack.one(SEED + number).await;
        if (number + 1) % LOOK_EVERY == 0 {
            let last = SEED + number;
            assert_eq!(
                attack.rows(),
                before,
                "the {LOOK_EVERY} seeds up to {last:#x}"
            );
        }
    }
    let risen = peak().saturating_sub(begun);
    println!("memory rose by {risen} bytes");
    assert!(risen < RISE_BYTES_MAX, "{risen} bytes");
    assert_eq!(panics.load(Ordering::Relaxed), 0);
    attack.untouched().await;
    // The control of the memory: what is held for a moment is seen.
    let _forgotten = peak();
    let begun = peak();
    let held = vec![1_u8; usize::try_from(2 * RISE_BYTES_MAX).expect("a length")];
    assert!(peak().saturating_sub(begun) > RISE_BYTES_MAX);
    assert_eq!(held.last(), Some(&1));
}
