//! Two machines and a hostile network on virtual time: loss, copies, days of delay, power cuts at
//! every action, cards that are rewound in silence (SY17).
//!
//! The world keeps every (key, nonce) that ever left and what was sealed with it. The same octets may
//! leave again; other octets under the same nonce end the run. The controls are machines whose
//! counters are not committed, or whose salt stays the same over a rewind.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::super::link::{Action, Config, Delivery, Input, Link, Outcome, Submission};
use super::super::purse::{Cap, Purse, Tariff};
use super::*;
use crate::id::Lane;

mod faults;
mod hostile;

const MINUTE: i64 = 60;
const DAY: i64 = 24 * 60 * MINUTE;

/// `SplitMix64`, so that a seed is the whole world.
struct Dice(u64);

impl Dice {
    fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.number() % limit
    }

    fn seconds(&mut self, from: i64, to: i64) -> i64 {
        from + i64::try_from(self.below(u64::try_from(to - from).unwrap())).unwrap()
    }

    fn per_cent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }
}

/// What the network and the power do, each in per cent unless said.
#[derive(Clone, Copy)]
struct Faults {
    loss: u64,
    copies: u64,
    days_late: u64,
    /// Of 1,000 actions, how many the power does not live to see.
    cuts: u64,
    /// A card goes back to a state of some days ago, once for each end.
    rewinds: bool,
    /// Everything is lost in these days.
    silence: (i64, i64),
}

/// What a machine forgets in a control.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    Nothing,
    Counters,
    Salt,
}

/// One end with its card: what is on the card survives the power.
struct End {
    config: Config,
    link: Link,
    purse: Purse,
    /// What the last transaction wrote; it is written out when the power comes back.
    card: (Link, Purse),
    backup: Option<(Link, Purse)>,
    /// Runs to send, by ticket; their ends are noted with the state.
    work: BTreeMap<u64, Submission>,
    done: BTreeSet<u64>,
    /// Runs that the peer's runs brought, by content, with how often.
    brought: BTreeMap<Vec<u8>, u32>,
    receipts: u64,
    starts: u32,
    sent: u64,
}

fn config(sends: Direction, carrier: Carrier) -> Config {
    Config {
        ends: ends(7),
        sends,
        carrier,
        lanes: vec![Lane::Referral, Lane::Registration, Lane::Audit],
    }
}

fn tariff() -> Tariff {
    let cap = Cap {
        messages: 1_000_000,
        cost: 100_000_000,
    };
    Tariff {
        price: 10,
        day: cap,
        month: cap,
    }
}

impl End {
    fn new(sends: Direction, carrier: Carrier) -> Self {
        let config = config(sends, carrier);
        let link = Link::new(config.clone(), ring(1), [0; 4]);
        let purse = Purse::new(tariff());
        let card = (link.clone(), purse.clone());
        Self {
            config,
            link,
            purse,
            card,
            backup: None,
            work: BTreeMap::new(),
            done: BTreeSet::new(),
            brought: BTreeMap::new(),
            receipts: 0,
            starts: 0,
            sent: 0,
        }
    }

    fn start(&mut self, dice: &mut Dice, fault: Fault) {
        self.starts += 1;
        let drawn = u32::try_from(dice.number() >> 32).unwrap().to_be_bytes();
        let salt = if fault == Fault::Nothing {
            drawn
        } else {
            [0; 4]
        };
        self.link = if fault == Fault::Counters {
            Link::new(self.config.clone(), ring(1), salt)
        } else {
            Link::restore(self.config.clone(), ring(1), salt, &self.card.0.state()).unwrap()
        };
        self.purse = Purse::restore(tariff(), &self.card.1.state()).unwrap();
    }
}

/// A datagram on its way.
struct Flying {
    at: Timestamp,
    to: usize,
    octets: Vec<u8>,
}

type Sealed = BTreeMap<(usize, Nonce), Vec<u8>>;

struct World {
    now: Timestamp,
    dice: Dice,
    faults: Faults,
    fault: Fault,
    ends: [End; 2],
    air: Vec<Flying>,
    sealed: Sealed,
    repeats: u64,
    /// Set by the first nonce that was used for two contents.
    collision: Option<Nonce>,
}

impl World {
    fn new(seed: u64, faults: Faults, fault: Fault, carrier: Carrier) -> Self {
        let mut world = Self {
            now: "2026-01-01T00:00:00Z".parse().unwrap(),
            dice: Dice(seed),
            faults,
            fault,
            ends: [
                End::new(Direction::ToHub, carrier),
                End::new(Direction::ToNode, carrier),
            ],
            air: Vec::new(),
            sealed: Sealed::new(),
            repeats: 0,
            collision: None,
        };
        for end in 0..2 {
            world.ends[end].start(&mut world.dice, fault);
        }
        world
    }

    fn day(&self) -> i64 {
        let began: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        self.now.duration_since(began).as_secs() / DAY
    }

    fn after(&self, seconds: i64) -> Timestamp {
        self.now + SignedDuration::from_secs(seconds)
    }

    /// Adds a run of so many octets; no two are equal.
    fn add(&mut self, end: usize, lane: Lane, octets: usize) {
        let ticket = u64::try_from(self.ends[end].work.len()).unwrap();
        let name = [u8::try_from(end).unwrap(), u8::try_from(ticket).unwrap()];
        let content: Vec<u8> = name.iter().copied().cycle().take(octets).collect();
        let class = if lane == Lane::Control {
            Class::Control
        } else {
            Class::Entries
        };
        let run = Submission {
            ticket,
            lane,
            class,
            content,
        };
        self.ends[end].work.insert(ticket, run);
    }

    /// Performs what a machine asks; the power may go before any action. Says whether it stayed.
    fn perform(&mut self, end: usize, actions: Vec<Action>) -> bool {
        for action in actions {
            if self.dice.below(1000) < self.faults.cuts {
                self.power_cut(end);
                return false;
            }
            match action {
                Action::Persist => {
                    let it = &mut self.ends[end];
                    it.card = (it.link.clone(), it.purse.clone());
                }
                Action::Send(octets) => self.fly(end, &octets),
                Action::Deliver(run) => {
                    if !self.deliver(end, run) {
                        return false;
                    }
                }
                Action::Accepted(ticket) => {
                    self.ends[end].done.insert(ticket);
                }
                Action::Receipt(_) => self.ends[end].receipts += 1,
                Action::Rejected(..) | Action::Alarm(_) | Action::KeyAdvanced(_) => {}
                Action::Refused(_, code) => panic!("nobody refuses here: {code:?}"),
            }
        }
        true
    }

    fn deliver(&mut self, end: usize, run: Delivery) -> bool {
        *self.ends[end].brought.entry(run.content).or_default() += 1;
        let receipt = vec![0x5a; if end == 1 { 74 } else { 0 }];
        let outcome = Outcome::Accepted { receipt };
        self.step(
            end,
            Input::Answered {
                run: run.run,
                outcome,
            },
        )
    }

    fn step(&mut self, end: usize, input: Input) -> bool {
        let it = &mut self.ends[end];
        let actions = it.link.handle(self.now, &mut it.purse, input);
        self.perform(end, actions)
    }

    fn power_cut(&mut self, end: usize) {
        let (dice, fault) = (&mut self.dice, self.fault);
        self.ends[end].start(dice, fault);
        // What follows a start may be cut as well; the next turn of the world goes on.
        self.step(end, Input::Start);
    }

    fn fly(&mut self, from: usize, octets: &[u8]) {
        let nonce = Head::parse(octets).unwrap().nonce;
        match self.sealed.insert((from, nonce), octets.to_vec()) {
            Some(before) if before != octets => self.collision = Some(nonce),
            Some(_same) => self.repeats += 1,
            None => {}
        }
        self.ends[from].sent += 1;
        let (from_day, to_day) = self.faults.silence;
        let is_silent = (from_day..to_day).contains(&self.day());
        let copies = if self.dice.per_cent(self.faults.copies) {
            2
        } else {
            1
        };
        for _ in 0..copies {
            let late = if self.dice.per_cent(self.faults.days_late) {
                self.dice.seconds(DAY, 3 * DAY)
            } else {
                self.dice.seconds(3, 2 * MINUTE)
            };
            if is_silent || self.dice.per_cent(self.faults.loss) {
                continue;
            }
            self.air.push(Flying {
                at: self.after(late),
                to: 1 - from,
                octets: octets.to_vec(),
            });
        }
    }

    /// The modem keeps an SMS until the state that took it is committed.
    fn land(&mut self, flying: &Flying) {
        let to = flying.to;
        let keys = self.ends[to].link.keys().clone();
        let candidate = Candidate {
            by_number: false,
            ends: ends(7),
            keys: &keys,
        };
        let direction = self.ends[to].config.sends.back();
        let found = find(&flying.octets, direction, &[candidate]).unwrap();
        for _ in 0..20 {
            if self.step(to, Input::Received(found.opened.clone())) {
                return;
            }
        }
    }

    fn offer(&mut self, end: usize) {
        let it = &self.ends[end];
        let open: Vec<Submission> = it
            .work
            .iter()
            .filter(|(ticket, _)| !it.done.contains(ticket))
            .map(|(_, run)| run.clone())
            .take(20)
            .collect();
        for run in open {
            self.step(end, Input::Submit(run));
        }
    }

    fn is_done(&self) -> bool {
        self.ends.iter().all(|end| end.done.len() == end.work.len())
    }

    /// Plays until all is acknowledged, or so many days; says whether it converged.
    fn play(&mut self, days: i64) -> bool {
        let mut offered = self.now;
        while !self.is_done() && self.day() < days && self.collision.is_none() {
            if offered <= self.now {
                (0..2).for_each(|end| self.offer(end));
                offered = self.after(10 * MINUTE);
            }
            self.rewind();
            let landing = self.air.iter().map(|flying| flying.at);
            let deadlines = self
                .ends
                .iter()
                .filter_map(|it| it.link.deadline(&it.purse));
            let next = landing
                .chain(deadlines)
                .min()
                .unwrap_or(offered)
                .min(offered);
            self.now = self.now.max(next);
            let now = self.now;
            let landed: Vec<Flying> = self.air.extract_if(.., |it| it.at <= now).collect();
            for flying in &landed {
                self.land(flying);
            }
            for end in 0..2 {
                let it = &self.ends[end];
                if it.link.deadline(&it.purse).is_some_and(|due| due <= now) {
                    self.step(end, Input::Timeout);
                }
            }
        }
        self.is_done()
    }

    /// On day 1 a copy of each card is taken, on day 3 it takes the card's place.
    fn rewind(&mut self) {
        for end in 0..2 {
            let day = self.day();
            let it = &mut self.ends[end];
            if self.faults.rewinds && day == 1 && it.backup.is_none() {
                it.backup = Some(it.card.clone());
            }
            if let Some(backup) = it.backup.take_if(|_| day >= 3) {
                self.faults.rewinds = false;
                it.card = backup;
                self.power_cut(end);
            }
        }
    }

    fn sent(&self) -> u64 {
        self.ends.iter().map(|end| end.sent).sum()
    }

    /// Every run came, to the octet.
    fn check_brought(&self) {
        for (from, to) in [(0, 1), (1, 0)] {
            for run in self.ends[from].work.values() {
                assert!(self.ends[to].brought.contains_key(&run.content));
            }
            assert_eq!(self.ends[to].brought.len(), self.ends[from].work.len());
        }
    }
}
