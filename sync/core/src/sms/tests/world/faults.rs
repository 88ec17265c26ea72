//! Convergence, its price, and the nonces, under each kind of fault and all together.

use super::*;

pub(super) const CALM: Faults = Faults {
    loss: 0,
    copies: 0,
    days_late: 0,
    cuts: 0,
    rewinds: false,
    silence: (0, 0),
};

/// Loss, copies and delays of SY17.
const HOSTILE: Faults = Faults {
    loss: 30,
    copies: 10,
    days_late: 2,
    ..CALM
};

/// Runs of a node and answers of its hub: full ones, middle ones, single ones, orders.
fn usual(world: &mut World) {
    for _ in 0..3 {
        world.add(0, Lane::Registration, RUN_OCTETS_MAX);
        world.add(0, Lane::Registration, 16 * PART_OCTETS_MAX);
        world.add(0, Lane::Money, 107);
        world.add(1, Lane::Registration, 8 * PART_OCTETS_MAX);
        world.add(1, Lane::Control, 150);
        world.add(1, Lane::Control, 60);
    }
}

/// SMS of both ends when nothing is lost: each part once, one ack for each run.
fn minimum(world: &World) -> u64 {
    let runs = world.ends.iter().flat_map(|end| end.work.values());
    runs.map(|run| {
        let parts = match run.content.len() {
            0..=107 => 1,
            octets => octets.div_ceil(PART_OCTETS_MAX),
        };
        u64::try_from(parts).unwrap() + 1
    })
    .sum()
}

#[test]
fn a_calm_network_costs_the_minimum() {
    let mut world = World::new(1, CALM, Fault::Nothing, Carrier::Binary);
    usual(&mut world);
    assert!(world.play(2));
    world.check_brought();
    let (sent, least) = (world.sent(), minimum(&world));
    // Acks of runs that end together share an SMS.
    assert!(sent <= least && world.repeats == 0, "{sent} of {least}");
    assert!(world.ends[0].receipts > 0 && world.day() < 1);
}

/// Plays a world under SY17's faults; SMS sent, and the minimum.
fn price(seed: u64, fill: impl Fn(&mut World)) -> (u64, u64) {
    let mut world = World::new(seed, HOSTILE, Fault::Nothing, Carrier::Binary);
    fill(&mut world);
    assert!(world.play(30), "seed {seed}");
    world.check_brought();
    assert_eq!(world.collision, None, "seed {seed}");
    (world.sent(), minimum(&world))
}

#[test]
fn loss_copies_and_days_of_delay_cost_at_most_six_tenths_more() {
    let (mut sent, mut least) = (0, 0);
    for seed in 0..8 {
        let (more, fewest) = price(seed, |world| {
            for octets in [64, 48, 32, 16, 64].map(|parts| parts * PART_OCTETS_MAX) {
                world.add(0, Lane::Registration, octets);
                world.add(1, Lane::Registration, octets);
            }
        });
        sent += more;
        least += fewest;
    }
    assert!(sent * 10 <= least * 16, "{sent} SMS for {least}");
}

#[test]
fn small_runs_cost_a_quarter_more_than_the_loss_itself() {
    let (mut sent, mut least) = (0, 0);
    for seed in 0..8 {
        let (more, fewest) = price(seed, usual);
        sent += more;
        // Of ten SMS three are lost, whoever sends them.
        least += fewest * 10 / 7;
    }
    assert!(sent * 4 <= least * 5, "{sent} SMS for {least}");
}

#[test]
fn the_text_form_converges_too() {
    let mut world = World::new(3, HOSTILE, Fault::Nothing, Carrier::Text);
    world.add(0, Lane::Registration, Carrier::Text.run_octets());
    world.add(1, Lane::Registration, 94);
    assert!(world.play(30));
    world.check_brought();
    let longest = world.sealed.values().map(Vec::len).max();
    assert_eq!(longest, Some(TEXT_DATAGRAM_OCTETS_MAX));
}

#[test]
fn power_cuts_at_every_action_and_rewound_cards_repeat_no_nonce() {
    let faults = Faults {
        cuts: 60,
        rewinds: true,
        silence: (2, 3),
        ..HOSTILE
    };
    let mut starts = 0;
    for seed in 0..6 {
        let mut world = World::new(seed, faults, Fault::Nothing, Carrier::Binary);
        for _ in 0..2 {
            usual(&mut world);
        }
        assert!(world.play(90), "seed {seed} on day {}", world.day());
        world.check_brought();
        assert_eq!(world.collision, None, "seed {seed}");
        starts += world.ends.iter().map(|end| end.starts).sum::<u32>();
    }
    assert!(starts > 200, "{starts} starts");
}

#[test]
fn machines_that_forget_counters_or_salt_are_caught() {
    let faults = Faults {
        cuts: 60,
        rewinds: true,
        silence: (1, 2),
        ..HOSTILE
    };
    for fault in [Fault::Counters, Fault::Salt] {
        let caught = (0..10).filter(|seed| {
            let mut world = World::new(*seed, faults, fault, Carrier::Binary);
            usual(&mut world);
            usual(&mut world);
            world.play(30);
            world.collision.is_some()
        });
        assert!(caught.count() > 0);
    }
}

#[test]
fn five_days_without_network_are_survived_by_asking_once_a_day() {
    let faults = Faults {
        silence: (0, 5),
        ..CALM
    };
    let mut world = World::new(1, faults, Fault::Nothing, Carrier::Binary);
    world.add(0, Lane::Registration, 4 * PART_OCTETS_MAX);
    assert!(world.play(8), "day {}", world.day());
    world.check_brought();
    assert!(world.sent() <= 4 + 9 + 5 + 8, "{} SMS", world.sent());
}
