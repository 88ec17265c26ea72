//! Numbers over months: who is told what, whatever is answered, silent, moved or untrue.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use proptest::prelude::*;
use sync_core::ClockQuality;

use crate::apply::world::{Store, WORKER_A, child, mother, now, pair, world};
use crate::binding::{STALE_DAYS, wants_note};
use crate::command::Command;
use crate::contact::Moment;
use crate::decide::PERSONS_PER_PHONE_MAX;
use crate::person::{Field, PersonFields};
use crate::role::{Principal, Role};
use crate::view::{Found, Lookup, NewMessage};

const LINES: [&str; 2] = ["+254711000071", "+254711000072"];

fn later(days: i64, quality: ClockQuality) -> Moment {
    Moment {
        at: now().at + SignedDuration::from_hours(24 * days),
        quality,
    }
}

fn with_phone(n: u32, phone: &str) -> PersonFields {
    let mut fields = mother(n);
    fields.set(Field::Phone, phone);
    fields
}

/// The number is heard, as a store notes it at each contact.
fn heard(store: &mut Store, phone: &str) {
    let known = store.know(|known, _| {
        let lookup = Lookup::Phone(phone.to_owned());
        crate::known::missing(known, [lookup])
    });
    let row = crate::known::phone(&known, phone);
    if wants_note(&row, store.clock) {
        let caller = Principal {
            author: 0,
            role: Role::System,
            ..store.caller(phone)
        };
        store.command(&caller, &Command::NoteTraffic).unwrap();
    }
}

fn texted(store: &mut Store, phone: &str, text: &str) {
    heard(store, phone);
    store.sms(phone, text);
}

/// A hub and a node with one mother at the first line, whose number answered.
fn bound() -> (Store, Store) {
    let (hub, mut a, _) = world();
    let worker = a.caller(WORKER_A);
    let first = pair(with_phone(1, LINES[0]), child(1));
    a.command(&worker, &first).unwrap();
    texted(&mut a, LINES[0], "1");
    (hub, a)
}

/// The registry takes a registration, and the node hears of it.
fn accepted(hub: &mut Store, a: &mut Store, at: usize) {
    hub.pull(a);
    hub.registry_accepts(at);
    a.pull(hub);
}

fn persons(store: &Store, phone: &str) -> Vec<bool> {
    let lookup = Lookup::Phone(phone.to_owned());
    let known = store.know(|known, _| crate::known::missing(known, [lookup.clone()]));
    let Some(Found::Phone(row)) = known.get(&lookup) else {
        panic!("a number has a row");
    };
    row.persons.iter().map(|(_, bound)| *bound).collect()
}

#[test]
fn a_silent_number_is_asked_once_and_told_nothing_until_it_answers() {
    let (mut hub, mut a) = bound();
    let late = later(i64::from(STALE_DAYS), ClockQuality::Ntp);
    (hub.clock, a.clock) = (late, late);
    accepted(&mut hub, &mut a, 0);
    assert_eq!((a.count("result:"), a.count("confirm:")), (0, 1));
    let texts: Vec<&str> = a.messages.iter().map(|one| one.text.as_str()).collect();
    assert!(
        texts.iter().any(|text| text.contains("still use it")),
        "{texts:?}"
    );
    // The phone itself is asked too when it is heard, and once.
    heard(&mut a, LINES[0]);
    heard(&mut a, LINES[0]);
    assert_eq!(a.count("confirm:"), 1);
    assert_eq!(persons(&a, LINES[0]), [false]);
    texted(&mut a, LINES[0], "1");
    assert_eq!(persons(&a, LINES[0]), [true]);
    hub.pull(&a);
    assert_eq!(persons(&hub, LINES[0]), [true], "the answer travels");
    assert_eq!(hub.rebuilt(), hub.views);
    // The control: a number in use is never asked.
    let (mut hub, mut a) = bound();
    for days in [20, 60, 100] {
        let at = later(days, ClockQuality::Ntp);
        (hub.clock, a.clock) = (at, at);
        heard(&mut a, LINES[0]);
    }
    accepted(&mut hub, &mut a, 0);
    assert_eq!((a.count("result:"), a.count("confirm:")), (1, 0));
}

#[test]
fn a_clock_that_nobody_can_trust_makes_no_number_stale() {
    let (mut hub, mut a) = bound();
    for quality in [ClockQuality::Fake, ClockQuality::Unknown] {
        let at = later(3_000, quality);
        (hub.clock, a.clock) = (at, at);
        assert_eq!(persons(&a, LINES[0]), [true], "{quality:?}");
    }
    a.clock = later(200, ClockQuality::Rtc);
    assert_eq!(persons(&a, LINES[0]), [false], "the control");
}

#[test]
fn a_number_that_went_to_another_person_is_taken_from_the_first() {
    for (days, text, left) in [
        // Silent for long, then it answers for the newcomer.
        (120, "1", vec![true]),
        // In use, and only hers.
        (10, "3", vec![true]),
        // In use, and shared: the control.
        (10, "1", vec![true, true]),
        // Not the newcomer's.
        (10, "2", vec![true]),
        // Nobody's whom it was asked about.
        (120, "2", vec![]),
    ] {
        let (mut hub, mut a) = bound();
        a.clock = later(days, ClockQuality::Ntp);
        let worker = a.caller(WORKER_A);
        let second = pair(with_phone(2, LINES[0]), child(2));
        a.command(&worker, &second).unwrap();
        hub.clock = a.clock;
        hub.pull(&a);
        texted(&mut a, LINES[0], text);
        assert_eq!(persons(&a, LINES[0]), left, "{days} {text}");
        hub.pull(&a);
        assert_eq!(persons(&hub, LINES[0]), left, "{days} {text}");
        assert_eq!(a.rebuilt(), a.views);
        assert_eq!(hub.rebuilt(), hub.views);
    }
}

#[test]
fn one_more_person_at_a_number_in_use_is_asked_about() {
    let (mut hub, mut a) = bound();
    let worker = a.caller(WORKER_A);
    for n in [2, 3] {
        let more = pair(with_phone(n, LINES[0]), child(n));
        a.command(&worker, &more).unwrap();
    }
    for at in 0..3 {
        accepted(&mut hub, &mut a, at);
    }
    assert_eq!((a.count("ask:"), a.count("ask-again:")), (0, 2));
    assert_eq!(a.count("result:"), 1, "the one who has it hears hers");
}

#[derive(Clone, Debug)]
enum Step {
    Registers(u8),
    Texts(u8, &'static str),
    Heard(u8),
    Waits(i64),
    Jumps(i64),
    Accepts,
}

fn step() -> impl Strategy<Value = Step> {
    let word = prop_oneof![
        Just("1"),
        Just("1"),
        Just("2"),
        Just("3"),
        Just("yes"),
        Just("hello")
    ];
    prop_oneof![
        (0_u8..2).prop_map(Step::Registers),
        (0_u8..2, word).prop_map(|(line, text)| Step::Texts(line, text)),
        (0_u8..2).prop_map(Step::Heard),
        (1_i64..70).prop_map(Step::Waits),
        (1_i64..4_000).prop_map(Step::Jumps),
        Just(Step::Accepts),
    ]
}

/// What people know of a line: who has it, and when it was last heard; kept without the code under
/// test.
#[derive(Default)]
struct Line {
    /// Per person: whether she has it, and the last noted day.
    people: BTreeMap<u32, (bool, Option<i64>)>,
}

impl Line {
    fn is_bound(&self, n: u32, day: Option<i64>) -> bool {
        let known = self.people.get(&n);
        known.is_some_and(|(bound, heard)| {
            let silent = day.zip(*heard).map(|(day, heard)| day - heard);
            *bound && silent.is_none_or(|days| days < i64::from(STALE_DAYS))
        })
    }

    fn answers(&mut self, text: &str, day: Option<i64>) {
        let stale: Vec<u32> = self.of(|line, n| line.people[&n].0 && !line.is_bound(n, day));
        let claimed: Vec<u32> = self.of(|line, n| !line.people[&n].0);
        let beside = !claimed.is_empty() && claimed.len() < self.people.len();
        let (takes, leaves) = match text {
            "1" | "yes" if claimed.is_empty() => (stale, vec![]),
            "1" | "yes" => (claimed, stale),
            "2" => (vec![], [claimed, stale].concat()),
            "3" if beside => {
                let others = self.of(|_, n| !claimed.contains(&n));
                (claimed, others)
            }
            _ => return,
        };
        for n in takes {
            // Without a trusted day the last one that was heard stands.
            let heard = day.or(self.people[&n].1);
            self.people.insert(n, (true, heard));
        }
        for n in leaves {
            self.people.remove(&n);
        }
    }

    fn of(&self, wanted: impl Fn(&Self, u32) -> bool) -> Vec<u32> {
        self.people
            .keys()
            .copied()
            .filter(|n| wanted(self, *n))
            .collect()
    }

    fn hears(&mut self, day: Option<i64>) {
        let Some(day) = day else { return };
        for n in self.of(|line, n| line.is_bound(n, Some(day))) {
            if self.people[&n].1.is_none_or(|heard| day - heard >= 15) {
                self.people.insert(n, (true, Some(day)));
            }
        }
    }
}

/// Personal texts to a number that is nobody's, or whose people have not confirmed it.
fn wrong(messages: &[NewMessage], lines: &[Line; 2], day: Option<i64>) -> usize {
    let personal = messages
        .iter()
        .filter(|one| one.cause.starts_with("result:"));
    personal
        .filter(|one| {
            let line = &lines[LINES.iter().position(|line| *line == one.to).unwrap()];
            line.of(|line, n| line.is_bound(n, day)).is_empty()
        })
        .count()
}

#[derive(Default)]
struct Play {
    lines: [Line; 2],
    registered: Vec<(u32, usize)>,
    accepted: usize,
    day: i64,
    jumped: i64,
}

impl Play {
    /// The day, where the clock is trusted.
    fn shown(&self) -> Option<i64> {
        (self.jumped == 0).then_some(self.day)
    }

    fn step(&mut self, step: &Step, hub: &mut Store, a: &mut Store) {
        match step {
            Step::Registers(line) => {
                let line = usize::from(*line);
                let n = u32::try_from(self.registered.len() + 1).unwrap();
                let worker = a.caller(WORKER_A);
                let more = pair(with_phone(n, LINES[line]), child(n));
                let room = self.lines[line].people.len() < PERSONS_PER_PHONE_MAX;
                assert_eq!(a.command(&worker, &more).is_ok(), room);
                if room {
                    self.registered.push((n, line));
                    self.lines[line].people.insert(n, (false, None));
                }
            }
            Step::Texts(line, text) => {
                let day = self.shown();
                let known = &mut self.lines[usize::from(*line)];
                known.hears(day);
                known.answers(text, day);
                texted(a, LINES[usize::from(*line)], text);
            }
            Step::Heard(line) => {
                let day = self.shown();
                self.lines[usize::from(*line)].hears(day);
                heard(a, LINES[usize::from(*line)]);
            }
            Step::Waits(days) => {
                // Grants end after a year.
                self.day = (self.day + days).min(280);
                self.jumped = 0;
            }
            Step::Jumps(days) => self.jumped = *days,
            Step::Accepts if self.accepted < self.registered.len() => {
                accepted(hub, a, self.accepted);
                self.accepted += 1;
            }
            Step::Accepts => {}
        }
        let quality = if self.jumped == 0 {
            ClockQuality::Ntp
        } else {
            ClockQuality::Fake
        };
        // Grants hold: only what is counted from the clock is played with.
        let at = later(if self.jumped == 0 { self.day } else { 290 }, quality);
        (hub.clock, a.clock) = (at, at);
        hub.pull(a);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever is answered in whatever order, with any clock: only a number whose person has it
    /// now is told anything, it serves no more people than it may, and node and hub agree.
    #[test]
    fn no_personal_text_goes_to_a_number_that_is_not_bound(
        steps in proptest::collection::vec(step(), 1..28),
    ) {
        let (mut hub, mut a, _) = world();
        let mut play = Play::default();
        for step in &steps {
            let before = a.messages.len();
            play.step(step, &mut hub, &mut a);
            prop_assert_eq!(wrong(&a.messages[before..], &play.lines, play.shown()), 0, "{:?}", step);
            for (at, line) in LINES.iter().enumerate() {
                let known = &play.lines[at];
                let model: Vec<bool> = known.people.keys().map(|n| known.is_bound(*n, play.shown())).collect();
                let mut here = persons(&a, line);
                prop_assert!(here.len() <= PERSONS_PER_PHONE_MAX);
                prop_assert_eq!(here.len(), persons(&hub, line).len());
                prop_assert_eq!(here.iter().filter(|one| **one).count(), model.iter().filter(|one| **one).count(), "{:?}", step);
                here.sort_unstable();
            }
        }
        prop_assert_eq!(hub.rebuilt().phones, hub.views.phones);
    }
}

#[test]
fn a_personal_text_to_a_claimed_number_would_be_found() {
    let mut lines: [Line; 2] = Default::default();
    lines[0].people.insert(1, (false, None));
    let (mut hub, mut a) = bound();
    accepted(&mut hub, &mut a, 0);
    let sent = a.messages.clone();
    assert_eq!(wrong(&sent, &lines, Some(0)), 1);
    lines[0].people.insert(1, (true, Some(0)));
    assert_eq!(wrong(&sent, &lines, Some(0)), 0);
    assert_eq!(wrong(&sent, &lines, Some(90)), 1);
}
