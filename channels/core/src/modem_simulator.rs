//! A simulated GSM modem with its SIM and its network, for tests and for `outpost simulate modem`.
//!
//! Pure: octets, switches and the passing of time go in, octets and submitted messages come out.
//! Clients that nobody here wrote must be able to use it (gammu, smstools), so it speaks like a
//! modem: echo, prompt, stores, announcements, delays. Every fault of the field has a switch.
//! Voice, data and text mode are not here.

mod fault;
mod message;
mod network;
mod parse;
mod port;
mod reply;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::{SignedDuration, Timestamp};

use crate::Msisdn;
use crate::modem::ladder::Step;
use crate::tpdu::{Submit, TpAddress};

pub use fault::Fault;

/// Most octets of one command line or PDU; what exceeds it is dropped up to its end.
pub const INPUT_OCTETS_MAX: usize = 1_024;
/// Most messages that the simulated network keeps for a modem that cannot take them; the oldest
/// then counts as expired.
pub const KEPT_MAX: usize = 10_000;

/// What the simulated modem is like.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// The number of its SIM; messages to it come back to it.
    pub number: Msisdn,
    /// The PIN, wanted under [`Fault::PinWanted`].
    pub pin: String,
    /// IMSI of the SIM.
    pub imsi: String,
    /// Messages that each store holds.
    pub capacity: u32,
    /// Milliseconds that the network takes for a message, about 3,000 in the field.
    pub submit_ms: i64,
    /// Milliseconds until a status report comes.
    pub report_ms: i64,
    /// What the network shows after `*131#`.
    pub balance: String,
    /// The `+CMS ERROR` under [`Fault::Refusing`].
    pub error: u16,
    /// How old stamps are under [`Fault::OldStamps`], in hours.
    pub stamp_age_h: i64,
    /// The step that ends [`Fault::Hang`].
    pub cure: Step,
    /// Divides every delay; 1 is real time.
    pub time_scale: u32,
}

impl Settings {
    /// A modem as in the field, whose SIM has this number.
    pub fn new(number: Msisdn) -> Self {
        Self {
            number,
            pin: "1234".to_owned(),
            imsi: "641010000000001".to_owned(),
            capacity: 20,
            submit_ms: 3_000,
            report_ms: 5_000,
            balance: "Your balance is UGX 12,345.50. Dial *150# for offers".to_owned(),
            error: 38,
            stamp_age_h: 72,
            cure: Step::Rebind,
            time_scale: 1,
        }
    }
}

/// What happens to the simulated modem.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input {
    /// The client wrote octets.
    Received(Vec<u8>),
    /// The client opened the port, maybe anew.
    Opened,
    /// The board did something to the modem's USB, reset line or power.
    Hardware(Step),
    /// Somebody sends a text to the SIM.
    Text {
        /// The sender.
        from: TpAddress,
        /// The text, split as the network would.
        text: String,
    },
    /// A DELIVER of the network, as it is.
    Deliver(Vec<u8>),
    /// Somebody rings; `None` withholds the number.
    Ring(Option<Msisdn>),
    /// A fault begins or ends.
    Switch(Fault, bool),
    /// Another SIM is put in, and the modem restarts.
    SwapSim {
        /// IMSI of the new SIM.
        imsi: String,
    },
    /// The deadline passed.
    Timeout,
}

/// What comes out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Output {
    /// Octets for the client.
    Write(Vec<u8>),
    /// The network took a message.
    Submitted(Submitted),
    /// The port goes away: unplugged, or restarting.
    Gone,
    /// The port is back, maybe under another name.
    Back,
}

/// A message that the network took.
#[derive(Clone, PartialEq, Eq)]
pub struct Submitted {
    /// The message.
    pub submit: Submit,
    /// TP-MR that the modem told.
    pub reference: u8,
}

impl core::fmt::Debug for Submitted {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Submitted(reference {})", self.reference)
    }
}

/// What is said or done later.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Later {
    Write(String),
    Submit(Box<Submitted>),
    Report(Vec<u8>),
    Back,
    NotAcknowledged,
    Flood,
}

/// A stored message.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Stored {
    is_read: bool,
    pdu: Vec<u8>,
}

/// What is on or off.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Mode {
    /// `ATE1`.
    Echo,
    /// `ATV1`: results as words.
    Words,
    /// `+CMEE`.
    NumericErrors,
    /// `+CSMS=1`.
    Acknowledges,
    /// `+CLIP`.
    ShowsCaller,
    /// The PIN was given.
    Unlocked,
}

/// What the client has set.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Registers {
    modes: BTreeSet<Mode>,
    /// `+CNMI` mt and ds.
    routes: (u32, u32),
    memory: String,
    received: String,
    creg: u32,
    cscs: String,
}

impl Registers {
    fn at_start(is_unlocked: bool) -> Self {
        let mut modes = BTreeSet::from([Mode::Echo, Mode::Words]);
        if is_unlocked {
            modes.insert(Mode::Unlocked);
        }
        Self {
            modes,
            routes: (0, 0),
            memory: "SM".to_owned(),
            received: "SM".to_owned(),
            creg: 0,
            cscs: "GSM".to_owned(),
        }
    }

    fn is(&self, mode: Mode) -> bool {
        self.modes.contains(&mode)
    }

    fn set(&mut self, mode: Mode, on: bool) {
        if on {
            self.modes.insert(mode);
        } else {
            self.modes.remove(&mode);
        }
    }
}

/// What the client is writing.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Typing {
    Command,
    /// A PDU of so many octets without SMSC prefix.
    Pdu(usize),
}

/// The simulated modem.
#[derive(Debug)]
pub struct Simulator {
    settings: Settings,
    faults: BTreeSet<Fault>,
    registers: Registers,
    typing: Typing,
    typed: Vec<u8>,
    stores: BTreeMap<String, BTreeMap<u32, Stored>>,
    /// DELIVER and STATUS-REPORT that the network still has.
    kept: VecDeque<Vec<u8>>,
    /// What was delivered directly and waits for `+CNMA`.
    direct: Option<Vec<u8>>,
    later: BTreeMap<(Timestamp, u64), Later>,
    order: u64,
    reference: u8,
    part_reference: u8,
    late_sim: Option<String>,
    cuts: usize,
    is_gone: bool,
    outputs: Vec<Output>,
}

impl Simulator {
    /// A modem that has just been plugged in.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            faults: BTreeSet::new(),
            registers: Registers::at_start(false),
            typing: Typing::Command,
            typed: Vec::new(),
            stores: BTreeMap::new(),
            kept: VecDeque::new(),
            direct: None,
            later: BTreeMap::new(),
            order: 0,
            reference: 0,
            part_reference: 0,
            late_sim: None,
            cuts: 0,
            is_gone: false,
            outputs: Vec::new(),
        }
    }

    /// Whether the port is there.
    pub fn is_gone(&self) -> bool {
        self.is_gone
    }

    /// Messages in all stores, and messages that the network keeps.
    pub fn waiting(&self) -> (usize, usize) {
        let stored = self.stores.values().map(BTreeMap::len).sum();
        let direct = usize::from(self.direct.is_some());
        (stored, self.kept.len().saturating_add(direct))
    }

    /// Takes an input and says what comes out.
    pub fn handle(&mut self, now: Timestamp, input: Input) -> Vec<Output> {
        self.play_later(now);
        match input {
            Input::Received(octets) => self.received(now, &octets),
            Input::Opened => self.opened(now),
            Input::Hardware(step) => self.hardware(now, step),
            Input::Text { from, text } => self.text(now, &from, &text),
            Input::Deliver(tpdu) => self.offer(now, tpdu),
            Input::Ring(caller) => self.ring(now, caller.as_ref()),
            Input::Switch(fault, on) => self.switch(now, fault, on),
            Input::SwapSim { imsi } => {
                self.settings.imsi = imsi;
                self.stores.clear();
                self.restart(now, true);
            }
            Input::Timeout => {}
        }
        self.play_later(now);
        core::mem::take(&mut self.outputs)
    }

    /// When [`Input::Timeout`] is due.
    pub fn deadline(&self) -> Option<Timestamp> {
        self.later.keys().next().map(|(at, _)| *at)
    }

    fn has(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }

    /// A moment that lies so many milliseconds of the modem's time ahead.
    fn in_ms(&self, now: Timestamp, milliseconds: i64) -> Timestamp {
        let scale = i64::from(self.settings.time_scale.max(1));
        let micros = milliseconds.saturating_mul(1_000) / scale;
        now.checked_add(SignedDuration::from_micros(micros))
            .unwrap_or(now)
    }

    fn plan(&mut self, at: Timestamp, later: Later) {
        self.order = self.order.saturating_add(1);
        self.later.insert((at, self.order), later);
    }

    fn play_later(&mut self, now: Timestamp) {
        while let Some(entry) = self.later.first_entry() {
            if entry.key().0 > now {
                break;
            }
            match entry.remove() {
                Later::Write(text) => self.write(&text),
                Later::Submit(submitted) => self.submitted(now, *submitted),
                Later::Report(tpdu) => self.offer(now, tpdu),
                Later::Back => self.back(now),
                Later::NotAcknowledged => self.not_acknowledged(now),
                Later::Flood => self.flood(now),
            }
        }
    }
}
