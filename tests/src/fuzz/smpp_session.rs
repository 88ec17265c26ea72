//! The SMPP session machine under a script of a peer, a clock and a shell, all hostile.
//!
//! A script is a run of steps: an octet that says which, then its arguments. After each step the
//! window, the requests that wait and the octets on the wire are checked; in the end time alone
//! must bring every request of ours to exactly one end.

use std::collections::BTreeSet;

use channels_core::smpp::pdu::{self, Bind, BindKind, Packet, Pdu, ShortMessage};
use channels_core::smpp::session::{
    ASKED_MAX, Account, Action, BindMode, Input, Note, Outcome, Session, Settings,
};
use jiff::Timestamp;
use sync_core::varint::Reader;

use super::Reached;

/// Steps of one script; the rest is left unread, so that an input stays quick.
const STEPS_MAX: usize = 128;
/// Requests that may wait without an answer.
const WINDOW: u8 = 4;
/// Rounds in which time must end all requests: queue and window hold far fewer.
const ROUNDS_MAX: usize = 2_000;
/// The account of the script's bind, as [`super::seed`] writes it.
pub(super) const SYSTEM_ID: &str = "node";
/// Its password.
pub(super) const PASSWORD: &str = "secret";

/// States, outcomes and notes of the machine.
pub(super) const REACHES: &[&str] = &[
    "bound as SMSC",
    "bound as ESME",
    "unbound",
    "asked",
    "answered",
    "unknown",
    "not sent",
    "unfit",
    "connect",
    "close",
    "ended",
    "note: refused",
    "note: set aside",
    "note: bad length",
    "note: bind refused",
    "note: bind timeout",
    "note: silent",
    "note: throttled",
    "note: unmatched",
    "note: reachable",
];

struct Play<'a> {
    session: Session,
    bound: &'static str,
    now_ms: i64,
    tokens: u64,
    /// Requests of ours that have not ended.
    open: BTreeSet<u64>,
    /// Requests of the peer that the shell has not answered.
    tickets: BTreeSet<u64>,
    reached: &'a mut Reached,
}

/// Plays a script against our SMSC.
pub(super) fn as_smsc(script: &[u8], reached: &mut Reached) {
    let account = Account {
        system_id: SYSTEM_ID.to_owned(),
        password: PASSWORD.to_owned(),
        mode: BindMode::Any,
        senders: Vec::new(),
        rate_per_s: 30,
    };
    let session = Session::smsc(
        "hub".to_owned(),
        vec![account],
        settings(),
        Timestamp::UNIX_EPOCH,
    );
    play(session, "bound as SMSC", script, reached);
}

/// Plays a script against our ESME.
pub(super) fn as_esme(script: &[u8], reached: &mut Reached) {
    let bind = Bind {
        kind: BindKind::Transceiver,
        system_id: SYSTEM_ID.to_owned(),
        password: PASSWORD.to_owned(),
        system_type: String::new(),
        interface_version: 0x34,
        address_range: String::new(),
    };
    let session = Session::esme(bind, settings(), Timestamp::UNIX_EPOCH);
    play(session, "bound as ESME", script, reached);
}

fn settings() -> Settings {
    Settings {
        window: WINDOW,
        ..Settings::default()
    }
}

fn play(session: Session, bound: &'static str, script: &[u8], reached: &mut Reached) {
    let mut play = Play {
        session,
        bound,
        now_ms: 0,
        tokens: 0,
        open: BTreeSet::new(),
        tickets: BTreeSet::new(),
        reached,
    };
    let mut reader = Reader::new(script);
    for _ in 0..STEPS_MAX {
        let Some(input) = play.next_input(&mut reader) else {
            break;
        };
        play.step(input);
    }
    play.wait_for_ends();
}

impl Play<'_> {
    /// The next step of the script; `None` at its end.
    fn next_input(&mut self, reader: &mut Reader<'_>) -> Option<Input> {
        Some(match reader.u8()? % 10 {
            0 => {
                let length = usize::from(reader.u16()?).min(reader.remaining());
                Input::Received(reader.bytes(length)?.to_vec())
            }
            1 => {
                self.now_ms += i64::from(reader.u16()?);
                Input::Timeout
            }
            2 => {
                let due = self
                    .session
                    .deadline()
                    .map_or(self.now_ms, Timestamp::as_millisecond);
                self.now_ms = self.now_ms.max(due + 1);
                Input::Timeout
            }
            3 => self.request("x"),
            // Longer than any PDU can carry.
            4 => self.request(&"x".repeat(256)),
            5 => {
                let status = u32::from(reader.u8()?);
                // An unknown ticket when nothing waits: a shell that answers too late.
                let ticket = self.tickets.pop_first().unwrap_or(7);
                Input::Answered {
                    ticket,
                    status,
                    message_id: "1".to_owned(),
                }
            }
            6 => Input::Connected,
            7 => Input::Disconnected {
                jitter: reader.u8()?,
            },
            8 => Input::Shutdown,
            _ => Input::Timeout,
        })
    }

    fn request(&mut self, text: &str) -> Input {
        self.tokens += 1;
        self.open.insert(self.tokens);
        let message = ShortMessage {
            short_message: text.into(),
            ..ShortMessage::default()
        };
        let urgent = self.tokens.is_multiple_of(2);
        Input::Request {
            token: self.tokens,
            message: Box::new(message),
            urgent,
        }
    }

    fn step(&mut self, input: Input) {
        let now = Timestamp::from_millisecond(self.now_ms).unwrap_or(Timestamp::MAX);
        let is_loss = matches!(input, Input::Disconnected { .. });
        for action in self.session.handle(now, input) {
            self.check(action);
        }
        if is_loss {
            self.tickets.clear();
        }
        assert!(
            self.session.in_flight() <= usize::from(WINDOW),
            "window exceeded"
        );
        assert!(
            self.tickets.len() <= ASKED_MAX,
            "too many requests of the peer wait"
        );
        if self.session.is_ended() {
            self.reached.insert("ended");
        }
    }

    fn check(&mut self, action: Action) {
        let name = match action {
            Action::Connect => "connect",
            Action::Send(octets) => return check_sent(&octets),
            Action::Close => {
                self.tickets.clear();
                "close"
            }
            Action::Bound { .. } => self.bound,
            Action::Unbound => "unbound",
            Action::Asked { ticket, .. } => {
                assert!(self.tickets.insert(ticket), "one ticket for two requests");
                "asked"
            }
            Action::Finished { token, outcome } => {
                assert!(
                    self.open.remove(&token),
                    "a request ended twice, or was never made"
                );
                outcome_name(&outcome)
            }
            Action::Note(note) => note_name(&note),
        };
        self.reached.insert(name);
    }

    /// Time alone ends what is open, and the machine never asks to be woken in a circle.
    fn wait_for_ends(&mut self) {
        for _ in 0..ROUNDS_MAX {
            if self.open.is_empty() {
                return;
            }
            let due = self
                .session
                .deadline()
                .expect("open requests have a deadline");
            self.now_ms = self.now_ms.max(due.as_millisecond() + 1);
            self.step(Input::Timeout);
        }
        assert!(self.open.is_empty(), "requests that never end");
    }
}

/// What goes out is one whole PDU that our own decoder takes as it is.
fn check_sent(octets: &[u8]) {
    let length = u32::try_from(octets.len()).expect("a PDU is short");
    assert!(
        octets.starts_with(&length.to_be_bytes()),
        "command_length is wrong"
    );
    let decoded = pdu::decode(octets).expect("what we send can be read");
    assert_eq!(decoded.set_aside, 0, "what we send fits");
}

fn outcome_name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Answered { .. } => "answered",
        Outcome::Unknown => "unknown",
        Outcome::NotSent => "not sent",
        Outcome::Unfit { .. } => "unfit",
    }
}

fn note_name(note: &Note) -> &'static str {
    match note {
        Note::Refused(_) => "note: refused",
        Note::SetAside { .. } => "note: set aside",
        Note::BadLength { .. } => "note: bad length",
        Note::BindRefused { .. } => "note: bind refused",
        Note::BindTimeout => "note: bind timeout",
        Note::Silent => "note: silent",
        Note::Throttled { .. } => "note: throttled",
        Note::Unsendable { .. } => unsendable(),
        Note::Unmatched => "note: unmatched",
        Note::Reachable(_) => "note: reachable",
    }
}

/// Nothing that a peer sends leads to an answer that cannot be written.
fn unsendable() -> &'static str {
    panic!("an answer of ours cannot be written");
}

/// One step of a script: these octets arrive. For seeds.
pub(super) fn received(packet: &Packet) -> Vec<u8> {
    let octets = pdu::encode(packet).expect("a PDU of a seed");
    let length = u16::try_from(octets.len()).expect("a short PDU");
    [&[0][..], &length.to_be_bytes(), &octets].concat()
}

/// The bind of the script's account. For seeds.
pub(super) fn bind(password: &str) -> Pdu {
    Pdu::Bind(Bind {
        kind: BindKind::Transceiver,
        system_id: SYSTEM_ID.to_owned(),
        password: password.to_owned(),
        system_type: String::new(),
        interface_version: 0x34,
        address_range: String::new(),
    })
}
