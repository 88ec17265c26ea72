//! The machine against the simulated modem, on virtual time.

mod datagram;
mod properties;
mod receiving;
mod recovery;
mod sending;
mod states;

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

use super::inbox::Effect;
use super::{Action, Alarm, Inbox, Input, Modem, Note, Outcome, Settings, State, Step};
use crate::event::{Inbound, LinkName, Reply};
use crate::modem_simulator::{self, Fault, Output, Simulator, Submitted};
use crate::segment;
use crate::tpdu::{Options, Submit, TpAddress, UserData};
use crate::{Address, Msisdn};

/// Most things that may happen at one moment; more is a loop.
const AT_ONCE_MAX: u32 = 20_000;

fn phone(last: u32) -> Msisdn {
    Msisdn::parse(&format!("25677200{last:04}")).unwrap()
}

fn start() -> Timestamp {
    "2026-11-28T08:00:00Z".parse().unwrap()
}

/// How the node answers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Node {
    Commits,
    Busy,
    Silent,
}

/// A modem, its driver, and a node that sends and listens.
struct World {
    now: Timestamp,
    modem: Modem,
    inbox: Inbox,
    simulator: Simulator,
    is_open: bool,
    node: Node,
    queue: VecDeque<(u64, Vec<u8>)>,
    events: Vec<Inbound>,
    finished: Vec<(u64, Outcome)>,
    submitted: Vec<(Timestamp, Submitted)>,
    handed: Vec<Timestamp>,
    alarms: Vec<(i64, Alarm)>,
    notes: Vec<Note>,
    hardware: Vec<Step>,
    pin_tries: u32,
    balances: Vec<Option<u64>>,
    clocks: Vec<Timestamp>,
    written: Vec<String>,
}

impl World {
    fn new(settings: Settings, faults: &[Fault]) -> Self {
        let number = phone(9_999);
        let mut simulator = Simulator::new(modem_simulator::Settings::new(number.clone()));
        for fault in faults {
            simulator.handle(start(), modem_simulator::Input::Switch(*fault, true));
        }
        Self {
            now: start(),
            modem: Modem::new(settings, start()),
            inbox: Inbox::new(LinkName("sim".to_owned()), Address::Phone(number)),
            simulator,
            is_open: false,
            node: Node::Commits,
            queue: VecDeque::new(),
            events: Vec::new(),
            finished: Vec::new(),
            submitted: Vec::new(),
            handed: Vec::new(),
            alarms: Vec::new(),
            notes: Vec::new(),
            hardware: Vec::new(),
            pin_tries: 0,
            balances: Vec::new(),
            clocks: Vec::new(),
            written: Vec::new(),
        }
    }

    /// A modem that is ready, with these faults.
    fn ready(faults: &[Fault]) -> Self {
        let mut world = Self::new(Settings::default(), faults);
        world.run(120);
        assert_eq!(
            world.modem.state(),
            State::Ready,
            "{:?}",
            world.written.last()
        );
        world
    }

    fn send(&mut self, token: u64) {
        let part = segment::split("Hello", 1).unwrap().remove(0);
        let user_data = UserData::of_segment(part, None).unwrap();
        let to = TpAddress::of(&Address::Phone(phone(u32::try_from(token).unwrap()))).unwrap();
        let mut submit = Submit::to(to, user_data);
        submit.options = Options::REPORT;
        self.queue.push_back((token, submit.encode()));
    }

    fn text(&mut self, from: u32, text: &str) {
        let from = TpAddress::of(&Address::Phone(phone(from))).unwrap();
        let text = text.to_owned();
        self.simulate(modem_simulator::Input::Text { from, text });
    }

    fn switch(&mut self, fault: Fault, on: bool) {
        self.simulate(modem_simulator::Input::Switch(fault, on));
    }

    fn texts(&self) -> Vec<String> {
        let texts = self.events.iter().filter_map(|event| match event {
            Inbound::Sms(sms) => Some(sms.text.clone()),
            _ => None,
        });
        texts.collect()
    }

    fn outcomes(&self) -> Vec<Outcome> {
        self.finished.iter().map(|(_, outcome)| *outcome).collect()
    }

    fn seconds(&self) -> i64 {
        self.now.duration_since(start()).as_secs()
    }

    /// Lets virtual time pass.
    fn run(&mut self, seconds: i64) {
        let end = self
            .now
            .checked_add(SignedDuration::from_secs(seconds))
            .unwrap();
        let mut at_once = 0;
        self.drive(Input::Timeout);
        loop {
            self.feed();
            let deadlines = [
                self.modem.deadline(),
                self.simulator.deadline(),
                self.inbox.deadline(),
                (self.modem.is_free() && !self.queue.is_empty()).then(|| self.modem.may_send_at()),
            ];
            let Some(next) = deadlines
                .into_iter()
                .flatten()
                .min()
                .filter(|at| *at <= end)
            else {
                break;
            };
            at_once = if next > self.now { 0 } else { at_once + 1 };
            assert!(at_once < AT_ONCE_MAX, "stuck in {:?}", self.modem);
            self.now = self.now.max(next);
            self.simulate(modem_simulator::Input::Timeout);
            self.drive(Input::Timeout);
            let effects = self.inbox.timeout(self.now);
            self.follow(effects);
        }
        self.now = end;
        self.drive(Input::Timeout);
    }

    fn feed(&mut self) {
        if self.modem.is_free()
            && self.modem.may_send_at() <= self.now
            && let Some((token, tpdu)) = self.queue.pop_front()
        {
            self.handed.push(self.now);
            self.drive(Input::Send { token, tpdu });
        }
    }

    fn simulate(&mut self, input: modem_simulator::Input) {
        for output in self.simulator.handle(self.now, input) {
            match output {
                Output::Write(octets) if self.is_open => self.drive(Input::Received(octets)),
                Output::Gone if self.is_open => {
                    self.is_open = false;
                    self.drive(Input::Lost);
                }
                Output::Submitted(submitted) => self.submitted.push((self.now, submitted)),
                Output::Write(_) | Output::Gone | Output::Back => {}
            }
        }
    }

    fn drive(&mut self, input: Input) {
        for action in self.modem.handle(self.now, input) {
            self.perform(action);
        }
    }

    fn perform(&mut self, action: Action) {
        match action {
            Action::Open if self.simulator.is_gone() => self.drive(Input::Lost),
            Action::Open => {
                self.is_open = true;
                self.simulate(modem_simulator::Input::Opened);
                self.drive(Input::Opened);
            }
            Action::Close => self.is_open = false,
            Action::Write(octets) => {
                self.written
                    .push(String::from_utf8_lossy(&octets).into_owned());
                self.simulate(modem_simulator::Input::Received(octets));
            }
            Action::RecordPinTry => {
                self.pin_tries += 1;
                self.drive(Input::PinTryRecorded(true));
            }
            Action::ForgetPinTry => self.pin_tries = 0,
            Action::Hardware(step) => {
                self.hardware.push(step);
                self.simulate(modem_simulator::Input::Hardware(step));
            }
            Action::Finished { token, outcome } => self.finished.push((token, outcome)),
            Action::Arrived { ticket, pdu } => {
                let effects = self.inbox.arrived(self.now, ticket, &pdu);
                self.follow(effects);
            }
            Action::Stored { used, total } => {
                if used * 5 >= total * 4 {
                    let effects = self.inbox.crowded();
                    self.follow(effects);
                }
            }
            Action::TicketsVoid => self.inbox.void(),
            Action::Called(caller) => {
                let effects = self.inbox.called(caller);
                self.follow(effects);
            }
            Action::Clock(time) => self.clocks.push(time),
            Action::Balance(amount) => self.balances.push(amount),
            Action::Alarm(alarm) => self.alarms.push((self.seconds(), alarm)),
            Action::Note(note) => self.notes.push(note),
        }
    }

    fn follow(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Event { key, event } => {
                    let reply = match self.node {
                        Node::Commits => {
                            self.events.push(event);
                            Reply::Accepted
                        }
                        Node::Busy => Reply::Busy,
                        Node::Silent => continue,
                    };
                    let effects = self.inbox.replied(self.now, key, &reply);
                    self.follow(effects);
                }
                Effect::Settle { ticket, committed } => {
                    self.drive(Input::Settled { ticket, committed });
                }
                Effect::Stamp(_) | Effect::Odd(_) => {}
            }
        }
    }
}
