//! The machine step by step: order, budget, keys, what is forgotten and what begins again.

use jiff::{SignedDuration, Timestamp};

use super::super::link::{
    Action, Alarm, Config, Delivery, Input, Link, Outcome, Rejection, Submission,
};
use super::super::purse::{Budget, Cap, Purse, Tariff};
use super::*;
use crate::id::Lane;

/// One end at a time of day.
struct Bench {
    link: Link,
    purse: Purse,
    now: Timestamp,
}

fn config(sends: Direction) -> Config {
    Config {
        ends: ends(7),
        sends,
        carrier: Carrier::Binary,
        lanes: vec![Lane::Registration],
    }
}

fn purse(messages: u64) -> Purse {
    let cap = Cap {
        messages,
        cost: messages,
    };
    Purse::new(Tariff {
        price: 1,
        day: cap,
        month: Cap {
            messages: 100 * messages,
            cost: 100 * messages,
        },
    })
}

impl Bench {
    fn new(sends: Direction) -> Self {
        Self {
            link: Link::new(config(sends), ring(1), [7; 4]),
            purse: purse(1_000_000),
            now: "2026-03-01T08:00:00Z".parse().unwrap(),
        }
    }

    fn give(&mut self, input: Input) -> Vec<Action> {
        self.link.handle(self.now, &mut self.purse, input)
    }

    fn wait(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
    }

    fn submit(&mut self, ticket: u64, lane: Lane, octets: usize) -> Vec<Action> {
        let content = vec![u8::try_from(ticket).unwrap(); octets];
        self.give(Input::Submit(Submission {
            ticket,
            lane,
            class: Class::Entries,
            content,
        }))
    }

    /// All SMS that leave within so many seconds, following the deadlines.
    fn run(&mut self, seconds: i64) -> Vec<Action> {
        let end = self.now + SignedDuration::from_secs(seconds);
        let mut actions = Vec::new();
        while let Some(due) = self.link.deadline(&self.purse).filter(|due| *due <= end) {
            self.now = self.now.max(due);
            actions.extend(self.give(Input::Timeout));
        }
        self.now = end;
        actions
    }

    fn hear(&mut self, octets: &[u8]) -> Vec<Action> {
        let keys = self.link.keys().clone();
        let candidate = Candidate {
            by_number: true,
            ends: ends(7),
            keys: &keys,
        };
        let way = [Direction::ToHub, Direction::ToNode];
        let mut found = way
            .iter()
            .filter_map(|way| find(octets, *way, &[candidate]));
        let opened = found.next().unwrap().opened;
        self.give(Input::Received(opened))
    }
}

fn sms(actions: &[Action]) -> Vec<Vec<u8>> {
    let sent = actions.iter().filter_map(|action| match action {
        Action::Send(octets) => Some(octets.clone()),
        _ => None,
    });
    sent.collect()
}

fn kinds(actions: &[Action]) -> Vec<Kind> {
    let heads = sms(actions).into_iter();
    heads
        .map(|octets| Head::parse(&octets).unwrap().kind)
        .collect()
}

fn delivery(actions: &[Action]) -> Option<Delivery> {
    actions.iter().find_map(|action| match action {
        Action::Deliver(run) => Some(run.clone()),
        _ => None,
    })
}

fn accepted(run: &Delivery) -> Input {
    let receipt = vec![5; 74];
    Input::Answered {
        run: run.run,
        outcome: Outcome::Accepted { receipt },
    }
}

#[test]
fn every_sms_is_committed_first_and_an_order_overtakes_a_backlog() {
    let mut node = Bench::new(Direction::ToHub);
    for ticket in 0..4 {
        let actions = node.submit(ticket, Lane::Registration, 600);
        assert!(matches!(actions.first(), Some(Action::Persist)));
    }
    node.wait(5);
    let before = sms(&node.submit(9, Lane::Control, 30));
    let content = Head::parse(&before[0]).unwrap();
    assert_eq!(content.kind, Kind::Single, "the one SMS run goes first");
    let rest = node.run(600);
    assert_eq!(
        sms(&rest).len(),
        3 * 6 - 1,
        "three ordinary runs fly, the fourth waits"
    );
    for (at, action) in rest.iter().enumerate() {
        let is_send = matches!(action, Action::Send(_));
        assert!(!is_send || matches!(rest[at - 1], Action::Persist));
    }
    node.submit(10, Lane::Money, 30);
    assert!(kinds(&node.run(10)).is_empty(), "left with the submission");
}

#[test]
fn what_may_not_go_or_finds_no_room_is_rejected() {
    let mut node = Bench::new(Direction::ToHub);
    let why = |actions: Vec<Action>| {
        actions.iter().find_map(|action| match action {
            Action::Rejected(_, why) => Some(*why),
            _ => None,
        })
    };
    assert_eq!(why(node.submit(1, Lane::Audit, 10)), Some(Rejection::Lane));
    assert_eq!(why(node.submit(1, Lane::Money, 0)), Some(Rejection::Length));
    let over = RUN_OCTETS_MAX + 1;
    assert_eq!(
        why(node.submit(1, Lane::Money, over)),
        Some(Rejection::Length)
    );
    for ticket in 1..=16 {
        assert_eq!(why(node.submit(ticket, Lane::Money, RUN_OCTETS_MAX)), None);
    }
    assert_eq!(
        why(node.submit(16, Lane::Money, 10)),
        Some(Rejection::Known)
    );
    assert_eq!(why(node.submit(17, Lane::Money, 10)), Some(Rejection::Full));
    node.give(Input::Carried(16));
    assert_eq!(why(node.submit(17, Lane::Money, 10)), None);
}

#[test]
fn an_empty_budget_holds_the_backlog_warns_before_and_lets_alerts_go() {
    let mut node = Bench::new(Direction::ToHub);
    node.purse = purse(20);
    let mut actions = node.submit(1, Lane::Registration, 30 * PART_OCTETS_MAX);
    actions.extend(node.run(3_600));
    assert_eq!(sms(&actions).len(), 12);
    let alarms: Vec<Alarm> = actions
        .iter()
        .filter_map(|action| match action {
            Action::Alarm(alarm) => Some(*alarm),
            _ => None,
        })
        .collect();
    assert_eq!(alarms, [Budget::Low, Budget::Empty].map(Alarm::Budget));
    let midnight = "2026-03-02T00:00:00Z".parse().unwrap();
    assert_eq!(node.link.deadline(&node.purse), Some(midnight));
    let mut alerts = Vec::new();
    for ticket in 2..12 {
        alerts.extend(node.submit(ticket, Lane::Control, 10));
        alerts.extend(node.run(60));
    }
    assert_eq!(kinds(&alerts), [Kind::Single; 3], "four may fly, one flies");
    assert_eq!(
        node.link.deadline(&node.purse).map(|due| due <= midnight),
        Some(true)
    );
    let next_day = midnight.duration_since(node.now).as_secs() + 3_600;
    let sent = kinds(&node.run(next_day));
    let data = sent.iter().filter(|kind| **kind == Kind::Data).count();
    assert_eq!(data, 12, "held, and on the next day sent");
}

#[test]
fn the_peer_follows_the_ratchet_and_stores_the_root_first() {
    let (mut node, mut hub) = (Bench::new(Direction::ToHub), Bench::new(Direction::ToNode));
    let mut keys = node.link.keys().clone();
    keys.advance();
    node.give(Input::Keys(keys.clone()));
    let sent = sms(&node.submit(1, Lane::Money, 10));
    let heard = hub.hear(&sent[0]);
    assert!(matches!(
        heard[..2],
        [Action::KeyAdvanced(_), Action::Persist]
    ));
    assert_eq!(hub.link.keys(), &keys);
    let answer = hub.give(accepted(&delivery(&heard).unwrap()));
    assert_eq!(Head::parse(&sms(&answer)[0]).unwrap().nonce.key, 2);
    let end = node.hear(&sms(&answer)[0]);
    assert!(
        end.iter()
            .any(|action| matches!(action, Action::Accepted(1)))
    );
    assert!(
        end.iter()
            .any(|action| matches!(action, Action::Receipt(it) if it == &[5; 74]))
    );
    assert_eq!(node.link.keys_in_use(), [2]);
}

#[test]
fn a_run_whose_root_is_gone_begins_again_under_the_newest() {
    let mut node = Bench::new(Direction::ToHub);
    let mut sent = sms(&node.submit(1, Lane::Money, 200));
    let mut keys = node.link.keys().clone();
    keys.advance();
    node.give(Input::Keys(keys.clone()));
    assert_eq!(node.link.keys_in_use(), [1, 2]);
    assert!(keys.destroy(1));
    node.give(Input::Keys(keys));
    sent.extend(sms(&node.run(60)));
    let ids = sent
        .iter()
        .map(|octets| Head::parse(octets).unwrap().nonce.key);
    assert_eq!(ids.collect::<Vec<_>>(), [1, 2, 2]);
}

#[test]
fn silence_is_answered_by_a_query_and_after_eight_the_run_waits_for_any_link() {
    let mut node = Bench::new(Direction::ToHub);
    node.submit(1, Lane::Registration, 200);
    let day = node.run(27 * 3600);
    let expected = [vec![Kind::Data], vec![Kind::Query; 8]].concat();
    assert_eq!(kinds(&day), expected);
    assert_eq!(kinds(&node.run(72 * 3600)), [Kind::Query; 2], "one a day");
    node.give(Input::Carried(1));
    assert_eq!(node.link.deadline(&node.purse), None);
}

#[test]
fn a_run_that_the_peer_forgot_is_sent_anew() {
    let (mut node, mut hub) = (Bench::new(Direction::ToHub), Bench::new(Direction::ToNode));
    let first = sms(&node.submit(1, Lane::Money, 200));
    hub.hear(&first[0]);
    hub.run(8 * 24 * 3600);
    let mut sent = Vec::new();
    while kinds(&sent) != [Kind::Query] {
        sent = node
            .run(60)
            .into_iter()
            .filter(|it| matches!(it, Action::Send(_)))
            .collect();
    }
    hub.wait(10);
    let answer = sms(&hub.hear(&sms(&sent)[0]));
    let again = [sms(&node.hear(&answer[0])), sms(&node.run(10))].concat();
    let parts: Vec<Vec<Action>> = again.iter().map(|octets| hub.hear(octets)).collect();
    assert!(parts.iter().any(|actions| delivery(actions).is_some()));
    assert!(!again.contains(&first[0]), "under counters of its own");
}

#[test]
fn a_run_that_met_busy_or_a_power_cut_is_delivered_again() {
    let (mut node, mut hub) = (Bench::new(Direction::ToHub), Bench::new(Direction::ToNode));
    let sent = sms(&node.submit(1, Lane::Money, 50));
    let run = delivery(&hub.hear(&sent[0])).unwrap();
    hub.give(Input::Answered {
        run: run.run,
        outcome: Outcome::Refused(RefusalCode::Busy),
    });
    assert!(delivery(&hub.run(599)).is_none());
    assert_eq!(delivery(&hub.run(2)), Some(run.clone()));
    let state = hub.link.state();
    hub.link = Link::restore(config(Direction::ToNode), ring(1), [8; 4], &state).unwrap();
    assert_eq!(delivery(&hub.give(Input::Start)), Some(run.clone()));
    let refused = hub.give(Input::Answered {
        run: run.run,
        outcome: Outcome::Refused(RefusalCode::Rebuild),
    });
    let end = node.hear(&sms(&refused)[0]);
    assert!(
        end.iter()
            .any(|it| matches!(it, Action::Refused(1, RefusalCode::Rebuild)))
    );
}

#[test]
fn a_word_of_the_hub_leaves_once_and_runs_are_never_more_than_eight() {
    let mut hub = Bench::new(Direction::ToNode);
    let beacon = hub.give(Input::Once {
        kind: Kind::Control,
        lane: Lane::Control,
        content: vec![1; 80],
    });
    assert_eq!(kinds(&beacon), [Kind::Control]);
    assert_eq!(kinds(&hub.run(24 * 3600)), []);
    let key = ring(1).newest().1.link_key(&ends(7), Direction::ToHub);
    let mut longest = 0;
    for run in 1..100 {
        let part = Part {
            number: 0,
            parts: 64,
            piece: &[1; PART_OCTETS_MAX],
        };
        let sealed = seal(&key, &head(Kind::Data, run * 64), &part.encode()).unwrap();
        hub.hear(&sealed);
        longest = longest.max(hub.link.state().len());
        hub.wait(1);
    }
    assert!(
        longest < 8 * (PART_OCTETS_MAX + 150) + 600,
        "{longest} octets"
    );
}

#[test]
fn a_damaged_or_foreign_state_is_refused() {
    let state = Bench::new(Direction::ToHub).link.state();
    for bad in [&state[..0], &[2, 0], &state[..state.len() - 1]] {
        let restored = Link::restore(config(Direction::ToHub), ring(1), [1; 4], bad);
        assert_eq!(restored.err(), Some(SmsError::State));
    }
}
