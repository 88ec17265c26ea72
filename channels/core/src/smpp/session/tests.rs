//! Each rule of the session on a virtual clock: two machines wired to each other, or one machine
//! and hand-made PDUs.

mod data_sm;
mod hostile;
mod page;
mod rules;

use std::collections::VecDeque;

use super::super::pdu::{Packet, Pdu, decode, encode};
use super::*;

/// Milliseconds after the start of a test.
fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap()
}

fn account() -> Account {
    Account {
        system_id: "node".to_owned(),
        password: "secret".to_owned(),
        mode: BindMode::Any,
        senders: vec![],
        rate_per_s: 1_000,
    }
}

fn bind(kind: BindKind) -> Bind {
    Bind {
        kind,
        system_id: "node".to_owned(),
        password: "secret".to_owned(),
        system_type: String::new(),
        interface_version: 0x34,
        address_range: String::new(),
    }
}

fn message(text: &str) -> Box<ShortMessage> {
    let mut message = ShortMessage {
        short_message: text.into(),
        ..ShortMessage::default()
    };
    message.source.address = "384".to_owned();
    message.optional.user_message_reference = Some(1);
    Box::new(message)
}

fn request(token: u64, urgent: bool) -> Input {
    Input::Request {
        token,
        message: message("x"),
        urgent,
    }
}

/// What a machine told its shell, without the octets.
#[derive(Default)]
struct Told {
    actions: Vec<Action>,
}

impl Told {
    fn finished(&self) -> Vec<(u64, Outcome)> {
        let finished = |action: &Action| match action {
            Action::Finished { token, outcome } => Some((*token, outcome.clone())),
            _ => None,
        };
        self.actions.iter().filter_map(finished).collect()
    }

    fn asked(&self) -> Vec<(u64, Box<ShortMessage>)> {
        let asked = |action: &Action| match action {
            Action::Asked { ticket, message } => Some((*ticket, message.clone())),
            _ => None,
        };
        self.actions.iter().filter_map(asked).collect()
    }

    fn has(&self, action: &Action) -> bool {
        self.actions.contains(action)
    }
}

/// An ESME and an SMSC on one virtual clock and a perfect line.
struct Pair {
    now_ms: i64,
    esme: Session,
    smsc: Session,
    esme_told: Told,
    smsc_told: Told,
    /// Every PDU in the order of sending, `true` from the ESME.
    line: Vec<(bool, Packet)>,
    accounts: Vec<Account>,
    settings: Settings,
}

impl Pair {
    fn new(kind: BindKind, account: Account, settings: Settings) -> Self {
        let accounts = vec![account];
        Self {
            now_ms: 0,
            esme: Session::esme(bind(kind), settings, at(0)),
            smsc: Session::smsc("smsc".to_owned(), accounts.clone(), settings, at(0)),
            esme_told: Told::default(),
            smsc_told: Told::default(),
            line: Vec::new(),
            accounts,
            settings,
        }
    }

    fn bound() -> Self {
        let mut pair = Self::new(BindKind::Transceiver, account(), Settings::default());
        pair.esme(Input::Timeout);
        let both = Some(BindKind::Transceiver);
        assert_eq!((pair.esme.bound(), pair.smsc.bound()), (both, both));
        pair
    }

    fn esme(&mut self, input: Input) {
        self.settle(VecDeque::from([(true, input)]));
    }

    fn smsc(&mut self, input: Input) {
        self.settle(VecDeque::from([(false, input)]));
    }

    /// Handles inputs and all that follows from them at this moment.
    fn settle(&mut self, mut inputs: VecDeque<(bool, Input)>) {
        while let Some((to_esme, input)) = inputs.pop_front() {
            let now = at(self.now_ms);
            let machine = if to_esme {
                &mut self.esme
            } else {
                &mut self.smsc
            };
            for action in machine.handle(now, input) {
                match &action {
                    Action::Send(octets) => {
                        self.line.push((to_esme, decode(octets).unwrap().packet));
                        inputs.push_back((!to_esme, Input::Received(octets.clone())));
                    }
                    Action::Close => {
                        inputs.push_back((true, Input::Disconnected { jitter: 0 }));
                        inputs.push_back((false, Input::Disconnected { jitter: 0 }));
                    }
                    Action::Connect => {
                        let (accounts, settings) = (self.accounts.clone(), self.settings);
                        self.smsc = Session::smsc("smsc".to_owned(), accounts, settings, now);
                        inputs.push_back((true, Input::Connected));
                    }
                    _ => {}
                }
                let told = if to_esme {
                    &mut self.esme_told
                } else {
                    &mut self.smsc_told
                };
                told.actions.push(action);
            }
        }
    }

    /// Lets time pass, from deadline to deadline.
    fn run_until(&mut self, ms: i64) {
        loop {
            let esme = self.esme.deadline().map(|due| (due, true));
            let smsc = self.smsc.deadline().map(|due| (due, false));
            let next = [esme, smsc].into_iter().flatten().min();
            let Some((due, to_esme)) = next.filter(|(due, _)| *due <= at(ms)) else {
                break;
            };
            self.now_ms = self
                .now_ms
                .max(due.as_millisecond() + i64::from(due.subsec_nanosecond() % 1_000_000 > 0));
            self.settle(VecDeque::from([(to_esme, Input::Timeout)]));
        }
        self.now_ms = ms;
    }

    fn sent(&self, from_esme: bool, is: impl Fn(&Pdu) -> bool) -> usize {
        let matches = |(from, packet): &&(bool, Packet)| *from == from_esme && is(&packet.pdu);
        self.line.iter().filter(matches).count()
    }
}

/// One ESME with a hand-made peer.
struct Alone {
    session: Session,
    told: Told,
    sent: Vec<Packet>,
}

impl Alone {
    fn bound(settings: Settings) -> Self {
        let session = Session::esme(bind(BindKind::Transceiver), settings, at(0));
        let mut alone = Self {
            session,
            told: Told::default(),
            sent: Vec::new(),
        };
        alone.give(0, Input::Timeout);
        alone.give(0, Input::Connected);
        let sequence = alone.sent[0].sequence;
        let (kind, system_id) = (BindKind::Transceiver, "smsc".to_owned());
        alone.packet(
            0,
            &Packet::new(
                sequence,
                Pdu::BindResp {
                    kind,
                    system_id,
                    interface_version: None,
                },
            ),
        );
        assert_eq!(alone.session.bound(), Some(BindKind::Transceiver));
        alone
    }

    fn give(&mut self, ms: i64, input: Input) {
        for action in self.session.handle(at(ms), input) {
            if let Action::Send(octets) = &action {
                self.sent.push(decode(octets).unwrap().packet);
            }
            self.told.actions.push(action);
        }
    }

    fn packet(&mut self, ms: i64, packet: &Packet) {
        self.give(ms, Input::Received(encode(packet).unwrap()));
    }

    fn submits(&self) -> Vec<u32> {
        let submits = self
            .sent
            .iter()
            .filter(|packet| matches!(packet.pdu, Pdu::SubmitSm(_)));
        submits.map(|packet| packet.sequence).collect()
    }

    /// The answer to the submit with this number.
    fn answer(&mut self, ms: i64, sequence: u32, status: u32) {
        let pdu = Pdu::SubmitSmResp {
            message_id: "id".to_owned(),
        };
        self.packet(
            ms,
            &Packet {
                status,
                sequence,
                pdu,
            },
        );
    }

    fn run_until(&mut self, ms: i64) {
        while let Some(due) = self.session.deadline().filter(|due| *due <= at(ms)) {
            // The next whole millisecond at which the deadline has passed.
            let due = due.as_millisecond() + i64::from(due.subsec_nanosecond() % 1_000_000 > 0);
            self.give(due, Input::Timeout);
        }
    }
}
