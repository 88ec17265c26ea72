//! What a modem says, in any order and at any time: the splitter, the machine, the simulator.

use channels_core::modem::line::{LINE_OCTETS_MAX, Splitter, Token};
use channels_core::modem::{
    Action, BalanceQuery, Inbox, Input, Modem, Note, Outcome, Settings, State,
};
use channels_core::modem_simulator::{self, Fault, Output, Simulator};
use channels_core::tpdu::{Options, Submit, TpAddress, UserData};
use channels_core::{Address, LinkName, Msisdn, segment};
use jiff::{SignedDuration, Timestamp};

use super::Reached;

/// Every state, every outcome, and what else a modem brings.
pub(super) const REACHES: &[&str] = &[
    "line",
    "prompt",
    "discarded",
    "Closed",
    "Probing",
    "SettingUp",
    "Locked",
    "Ready",
    "Repeating",
    "Sent",
    "NotSent",
    "Later",
    "Failed",
    "Unknown",
    "arrived",
    "called",
    "clock",
    "balance",
    "alarm",
    "hardware",
    "broken PDU",
];

/// Most things that may happen at one moment; more is a loop.
const AT_ONCE_MAX: u32 = 2_000;
/// Most orders and seconds of one input, so that one run stays short.
const ORDERS_MAX: usize = 40;
const SECONDS_MAX: i64 = 300;

/// Feeds octets to the splitter, whole and in pieces.
pub(super) fn split(data: &[u8], reached: &mut Reached) {
    let mut whole = Splitter::default();
    let tokens = whole.feed(data);
    assert!(whole.waiting() <= LINE_OCTETS_MAX, "the line grows");
    let mut pieces = Splitter::default();
    let again: Vec<Token> = data
        .chunks(3)
        .flat_map(|piece| pieces.feed(piece))
        .collect();
    assert_eq!(tokens, again, "the cut of a stream shows");
    for token in &tokens {
        reached.insert(match token {
            Token::Line(_) => "line",
            Token::Prompt => "prompt",
        });
    }
    if whole.discarded() > 0 {
        reached.insert("discarded");
    }
}

struct World<'a> {
    now: Timestamp,
    modem: Modem,
    inbox: Inbox,
    simulator: Simulator,
    is_open: bool,
    seconds_left: i64,
    given: u64,
    ended: Vec<u64>,
    reached: &'a mut Reached,
}

fn number() -> Msisdn {
    Msisdn::parse("256772000001").expect("a number")
}

/// Plays a script: each order is an octet, some take the next one.
pub(super) fn play(script: &[u8], reached: &mut Reached) {
    let start: Timestamp = "2026-11-28T08:00:00Z".parse().expect("a time");
    let balance = BalanceQuery {
        code: "*131#".to_owned(),
        pattern: "balance is UGX {amount}".to_owned(),
    };
    let settings = Settings {
        balance: Some(balance),
        ..Settings::default()
    };
    let mut world = World {
        now: start,
        modem: Modem::new(settings, start),
        inbox: Inbox::new(LinkName("sim".to_owned()), Address::Phone(number())),
        simulator: Simulator::new(modem_simulator::Settings::new(number())),
        is_open: false,
        seconds_left: SECONDS_MAX,
        given: 0,
        ended: Vec::new(),
        reached,
    };
    let mut rest = script;
    for _ in 0..ORDERS_MAX {
        let Some((&order, after)) = rest.split_first() else {
            break;
        };
        rest = world.order(order, after);
    }
    world.drive(Input::Shutdown);
    world.ended.sort_unstable();
    let all: Vec<u64> = (1..=world.given).collect();
    assert_eq!(world.ended, all, "every part ends once");
}

impl World<'_> {
    fn order<'a>(&mut self, order: u8, after: &'a [u8]) -> &'a [u8] {
        let next = after.first().copied().unwrap_or(0);
        let left = after.get(1..).unwrap_or_default();
        match order % 8 {
            0 => self.run(1),
            1 => self.run(i64::from(next) * 2),
            2 => self.send(),
            3 => {
                let from = TpAddress::of(&Address::Phone(number())).expect("an address");
                let text = "REG ".repeat(usize::from(next) + 1);
                self.simulate(modem_simulator::Input::Text { from, text });
            }
            4 => self.simulate(modem_simulator::Input::Ring(Some(number()))),
            5 => {
                let fault = Fault::ALL[usize::from(next / 2) % Fault::ALL.len()];
                self.simulate(modem_simulator::Input::Switch(fault, next % 2 == 0));
            }
            6 => {
                let (octets, left) = left.split_at(usize::from(next).min(left.len()));
                if self.is_open {
                    self.drive(Input::Received(octets.to_vec()));
                }
                return left;
            }
            _ => {
                let (octets, left) = left.split_at(usize::from(next).min(left.len()));
                self.simulate(modem_simulator::Input::Received(octets.to_vec()));
                return left;
            }
        }
        if matches!(order % 8, 1 | 3 | 5) {
            left
        } else {
            after
        }
    }

    fn send(&mut self) {
        let part = segment::split("Hello", 1).expect("one part").remove(0);
        let user_data = UserData::of_segment(part, None).expect("it fits");
        let to = TpAddress::of(&Address::Phone(number())).expect("an address");
        let mut submit = Submit::to(to, user_data);
        submit.options = Options::REPORT;
        if self.modem.is_free() || self.modem.is_deaf() {
            self.given += 1;
            let token = self.given;
            let tpdu = submit.encode();
            self.drive(Input::Send { token, tpdu });
        }
    }

    fn run(&mut self, seconds: i64) {
        let seconds = seconds.min(self.seconds_left);
        self.seconds_left -= seconds;
        let end = self
            .now
            .checked_add(SignedDuration::from_secs(seconds))
            .expect("a time");
        let mut at_once = 0;
        self.drive(Input::Timeout);
        while let Some(next) = [self.modem.deadline(), self.simulator.deadline()]
            .into_iter()
            .flatten()
            .min()
            .filter(|at| *at <= end)
        {
            at_once = if next > self.now { 0 } else { at_once + 1 };
            assert!(
                at_once < AT_ONCE_MAX,
                "time stands still in {:?}",
                self.modem.state()
            );
            self.now = self.now.max(next);
            self.simulate(modem_simulator::Input::Timeout);
            self.drive(Input::Timeout);
        }
        self.now = end;
    }

    fn simulate(&mut self, input: modem_simulator::Input) {
        for output in self.simulator.handle(self.now, input) {
            match output {
                Output::Write(octets) if self.is_open => self.drive(Input::Received(octets)),
                Output::Gone if self.is_open => {
                    self.is_open = false;
                    self.drive(Input::Lost);
                }
                _ => {}
            }
        }
    }

    fn drive(&mut self, input: Input) {
        for action in self.modem.handle(self.now, input) {
            self.perform(action);
        }
        self.reached.insert(match self.modem.state() {
            State::Closed => "Closed",
            State::Probing => "Probing",
            State::SettingUp => "SettingUp",
            State::Locked => "Locked",
            State::Ready => "Ready",
            State::Repeating => "Repeating",
            State::Stopped => "stopped",
        });
    }

    fn perform(&mut self, action: Action) {
        let name = match action {
            Action::Open if self.simulator.is_gone() => return self.drive(Input::Lost),
            Action::Open => {
                self.is_open = true;
                self.simulate(modem_simulator::Input::Opened);
                return self.drive(Input::Opened);
            }
            Action::Close => {
                self.is_open = false;
                return;
            }
            Action::Write(octets) => {
                return self.simulate(modem_simulator::Input::Received(octets));
            }
            Action::RecordPinTry => return self.drive(Input::PinTryRecorded(true)),
            Action::Hardware(step) => {
                self.simulate(modem_simulator::Input::Hardware(step));
                "hardware"
            }
            Action::Finished { token, outcome } => {
                self.ended.push(token);
                outcome_name(outcome)
            }
            Action::Arrived { ticket, pdu } => {
                // What the inbox makes of it must not panic; the node says yes to every second.
                drop(self.inbox.arrived(self.now, ticket, &pdu));
                let committed = ticket % 2 == 0;
                self.drive(Input::Settled { ticket, committed });
                "arrived"
            }
            Action::Called(_) => "called",
            Action::Clock(_) => "clock",
            Action::Balance(_) => "balance",
            Action::Alarm(_) => "alarm",
            Action::Note(Note::BrokenPdu) => "broken PDU",
            Action::ForgetPinTry
            | Action::Stored { .. }
            | Action::TicketsVoid
            | Action::Note(_) => return,
        };
        self.reached.insert(name);
    }
}

fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Sent { .. } => "Sent",
        Outcome::NotSent => "NotSent",
        Outcome::Later => "Later",
        Outcome::Failed { .. } => "Failed",
        Outcome::Unknown => "Unknown",
    }
}
