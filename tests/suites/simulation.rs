//! The simulated world: seeds, controls and named scenarios (docs/TESTING.md).
//!
//! `SEED=7 cargo test -p tests --test simulation` repeats one run; `WORLD_SEEDS` and `WORLD_DAYS`
//! say how many and how long.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use node_core::programme::Programmes;
use node_core::query::{Answer, Query};
use serde_json::json;
use tests::crash::record::{note, size};
use tests::simulation::control::Control;
use tests::simulation::fault::{Broken, Coverage, Fault};
use tests::simulation::world::{At, Failure, Plan, Report, Who, World};

/// Seeds of an ordinary run, and its days.
const SEEDS: u64 = 60;
const DAYS: u64 = 14;
/// Seeds within which a control must be caught, and days of each.
const CONTROL_SEEDS: u64 = 50;
const CONTROL_DAYS: i64 = 6;

fn programmes() -> Arc<Programmes> {
    Arc::new(node_core::programme::usual().expect("programmes"))
}

/// Runs one world in this thread.
fn run(plan: Plan, programmes: &Arc<Programmes>) -> Result<Report, Box<Failure>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.expect("a runtime");
    runtime.block_on(World::run(plan, programmes))
}

fn threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Runs all seeds, shared out over the cores.
fn run_all(seeds: &[u64], days: i64) -> Vec<Result<Report, Box<Failure>>> {
    let programmes = programmes();
    let next = AtomicU64::new(0);
    let work = || {
        let mut ended = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::SeqCst);
            let Some(seed) = usize::try_from(place).ok().and_then(|at| seeds.get(at)) else {
                return ended;
            };
            ended.push(run(Plan::of(*seed, days), &programmes));
        }
    };
    thread::scope(|scope| {
        let all: Vec<_> = (0..threads()).map(|_| scope.spawn(work)).collect();
        let ended = all.into_iter().map(|one| one.join().expect("a thread"));
        ended.flatten().collect()
    })
}

#[test]
fn worlds_converge_and_nothing_is_lost_or_done_twice() {
    let days = i64::try_from(size("WORLD_DAYS", DAYS)).expect("days");
    let one = std::env::var("SEED")
        .ok()
        .map(|text| text.parse().expect("SEED is a number"));
    let seeds: Vec<u64> = one.map_or_else(
        || (1..=size("WORLD_SEEDS", SEEDS)).collect(),
        |seed| vec![seed],
    );
    let began = Instant::now();
    let mut coverage = Coverage::default();
    let mut failures = Vec::new();
    for ended in run_all(&seeds, days) {
        match ended {
            Ok(report) => coverage.add(&report.coverage),
            Err(failure) => failures.push(failure),
        }
    }
    println!(
        "{:.0} s for {} worlds of {days} days",
        began.elapsed().as_secs_f64(),
        seeds.len()
    );
    for (what, count) in &coverage.deeds {
        println!("  {what}: {count}");
    }
    for (fault, count) in &coverage.faults {
        println!("  {fault:?}: {count}");
    }
    for (code, count) in &coverage.refusals {
        println!("  refused {code:?}: {count}");
    }
    let shown: Vec<String> = failures.iter().take(3).map(ToString::to_string).collect();
    assert!(
        failures.is_empty(),
        "{} of {} worlds broke:\n{}",
        failures.len(),
        seeds.len(),
        shown.join("\n\n")
    );
    if one.is_none() && seeds.len() >= 20 {
        assert_eq!(coverage.tame(), Vec::<Fault>::new(), "too tame");
    }
    let faults: u64 = coverage.faults.values().sum();
    note(
        "world",
        &json!({
            "seeds": seeds.len(), "days": days, "faults": faults, "fault_kinds": coverage.faults.len(),
            "seconds": began.elapsed().as_secs(),
        }),
    );
}

#[test]
fn every_control_is_caught() {
    let programmes = programmes();
    for control in Control::ALL {
        let caught = (1..=CONTROL_SEEDS).find_map(|seed| {
            let plan = Plan {
                control: Some(control),
                ..Plan::of(seed, CONTROL_DAYS)
            };
            run(plan, &programmes).err()
        });
        let caught = caught.unwrap_or_else(|| panic!("{control:?} was caught by no check"));
        println!(
            "{control:?}: seed {}, step {}: {}",
            caught.seed, caught.step, caught.broken
        );
    }
}

/// Runs a story in this thread.
fn tell(story: impl Future<Output = Result<(), Broken>>) {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let told = runtime.expect("a runtime").block_on(story);
    assert_eq!(told, Ok(()));
}

/// The backup of day 10 comes back on day 20; days 5 to 10 were not receipted. What the backup holds
/// leaves as the frames that it is; then a stick of day 15 arrives and goes on behind it.
#[test]
fn old_backup_and_late_stick_give_one_person() {
    let programmes = programmes();
    tell(async {
        let mut world = World::quiet((10, 3), &programmes).await?;
        let at = At {
            district: 0,
            node: 0,
        };
        world.registers(at, 1).await?;
        world.meets(at).await?;
        world.days_later(5);
        world.registers(at, 2).await?;
        world.days_later(5);
        world.back_up(at)?;
        world.days_later(3);
        world.registers(at, 1).await?;
        world.days_later(2);
        let stick = world.new_stick("old-stick")?;
        world.collect(at, &stick).await?;
        world.days_later(5);
        world.restore_from(at, 0).await?;
        world.enrol_again(at).await?;
        world.meets(at).await?;
        assert_eq!(families(&world).await?, (3, 6), "as far as the backup");
        world.registry_takes(0).await?;
        world.days_later(10);
        world.import(Who::Hub(0), &stick).await?;
        world.import(Who::Node(at), &stick).await?;
        assert_eq!(
            families(&world).await?,
            (4, 8),
            "and what the stick brought"
        );
        for _ in 0..2 {
            world.registry_takes(0).await?;
            world.meets(at).await?;
        }
        // The same stick once more: one person, one record.
        world.import(Who::Hub(0), &stick).await?;
        world.registry_takes(0).await?;
        for at in world.all() {
            world.meets(at).await?;
        }
        world.check_end().await?;
        assert_eq!(families(&world).await?, (4, 8));
        assert_eq!(world.districts[0].registry.live(), 4);
        Ok(())
    });
}

/// Registrations and persons of the first hub.
async fn families(world: &World) -> Result<(u64, u64), Broken> {
    match world.districts[0].hub.ask(Query::Counts).await? {
        Answer::Counts(counts) => Ok((counts.registrations, counts.persons)),
        other => panic!("no counts: {other:?}"),
    }
}

/// One stick goes from three nodes to the hub and back, three times; copies of it that were cut at
/// random bytes arrive before it everywhere. No session helps.
#[test]
fn a_stick_to_the_hub_and_back_to_three_nodes_with_cut_copies_converges() {
    let programmes = programmes();
    tell(async {
        let mut world = World::quiet((11, 5), &programmes).await?;
        let nodes = [0, 1, 2].map(|node| At { district: 0, node });
        let stick = world.new_stick("one-stick")?;
        for trip in 0..3 {
            for at in nodes {
                // On the last trip only receipts and outcomes travel.
                world.registers(at, if trip < 2 { 2 } else { 0 }).await?;
                world.collect(at, &stick).await?;
            }
            world.days_later(3);
            for _ in 0..2 {
                world.cut_copy_comes(Who::Hub(0), &stick).await?;
            }
            world.import(Who::Hub(0), &stick).await?;
            world.registry_takes(0).await?;
            for at in nodes {
                world.days_later(1);
                world.cut_copy_comes(Who::Node(at), &stick).await?;
                world.import(Who::Node(at), &stick).await?;
            }
        }
        world.check_end().await?;
        assert_eq!(families(&world).await?, (12, 24));
        assert_eq!(world.districts[0].registry.live(), 12);
        Ok(())
    });
}

#[test]
fn a_seed_repeats_its_run_byte_for_byte() {
    let programmes = programmes();
    for seed in [1, 2] {
        let plan = Plan::of(seed, 3);
        let [first, second] = [(); 2].map(|()| run(plan, &programmes).expect("a world").journal);
        assert_eq!(first, second);
        assert!(first.lines().count() > 50);
    }
}
