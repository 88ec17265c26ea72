//! A GSM modem at the other end of a serial line: the pure machine that commands it.
//!
//! [`Modem`] takes octets and the passing of time and says what to write, what arrived and what
//! became of a message (3GPP TS 27.005, TS 27.007). It brings the modem up, sends paced, fetches
//! what is stored and deletes it only after the node has committed it, tells missed calls, and
//! climbs the recovery ladder. [`inbox`] makes events of what arrived. The port itself, its lock
//! and the power line belong to the shell; SIM toolkit, data and voice are not here.

pub mod answer;
pub mod call;
pub mod cms;
mod command;
pub mod inbox;
pub mod ladder;
pub mod line;
mod machine;
pub mod network_time;
pub mod pace;
pub mod repeat;
mod setup;
mod store;
pub mod ussd;

use core::fmt;

use jiff::Timestamp;

use crate::Msisdn;

pub use inbox::Inbox;
pub use ladder::Step;
pub use machine::Modem;
pub use pace::Rates;
pub use ussd::BalanceQuery;

/// The secret of a SIM: four to eight digits.
#[derive(Clone, PartialEq, Eq)]
pub struct Pin(String);

impl Pin {
    /// Takes four to eight digits (TS 31.101 §9.3); `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.chars().all(|c| c.is_ascii_digit());
        (digits && (4..=8).contains(&text.len())).then(|| Self(text.to_owned()))
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[PIN]")
    }
}

/// The country code, rates and habits of one modem and its SIM.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// The SIM's PIN, if it asks for one.
    pub pin: Option<Pin>,
    /// Whether the PIN was tried before without a known success: it is not tried again.
    pub pin_was_tried: bool,
    /// Country code without `+`, for callers in national form.
    pub country_code: Option<String>,
    /// What the SIM may send.
    pub rates: Rates,
    /// How its airtime balance is asked for.
    pub balance: Option<BalanceQuery>,
    /// Whether the modem takes USSD codes as packed hex only.
    pub ussd_is_packed: bool,
}

impl Default for Settings {
    /// No PIN, no balance, the rates that operators bear.
    fn default() -> Self {
        Self {
            pin: None,
            pin_was_tried: false,
            country_code: None,
            rates: Rates::default(),
            balance: None,
            ussd_is_packed: false,
        }
    }
}

/// Where the modem stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum State {
    /// The port is not open; opening is tried again and again.
    Closed,
    /// `AT` until it answers.
    Probing,
    /// The commands of the bring-up.
    SettingUp,
    /// No SIM, a PIN that must not be tried, or a PUK: a person is needed; asked again each minute.
    Locked,
    /// Sends and receives.
    Ready,
    /// An answer did not come: escape and `AT` until it answers or the ladder goes on.
    Repeating,
    /// The node ended; nothing follows.
    Stopped,
}

/// What happens to the machine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input {
    /// The port was opened.
    Opened,
    /// The port could not be opened, or is gone.
    Lost,
    /// Octets came.
    Received(Vec<u8>),
    /// Send one part; only when [`Modem::is_free`].
    Send {
        /// Comes back in [`Action::Finished`].
        token: u64,
        /// The SUBMIT without SMSC prefix.
        tpdu: Vec<u8>,
    },
    /// What the node said about an arrived message.
    Settled {
        /// The ticket of [`Action::Arrived`].
        ticket: u64,
        /// Committed: it may be deleted. Otherwise it is told again later.
        committed: bool,
    },
    /// Whether the try of the PIN is on disk; it is not tried otherwise.
    PinTryRecorded(bool),
    /// Take a part back, if it is not under way: answered with [`Outcome::NotSent`] then.
    Withdraw {
        /// Of [`Input::Send`].
        token: u64,
    },
    /// Ask for the airtime balance now, if there is a way.
    AskBalance,
    /// The deadline passed.
    Timeout,
    /// The node ends.
    Shutdown,
}

/// What the shell does next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Action {
    /// Open the port; answered by [`Input::Opened`] or [`Input::Lost`].
    Open,
    /// Close the port; not answered.
    Close,
    /// Write octets.
    Write(Vec<u8>),
    /// Write down that the PIN is tried; answered by [`Input::PinTryRecorded`].
    RecordPinTry,
    /// The PIN was right: forget the try.
    ForgetPinTry,
    /// Rebind the USB device, pulse the reset line or cut the power, where the shell can.
    Hardware(Step),
    /// A part came to its end.
    Finished {
        /// Of [`Input::Send`].
        token: u64,
        /// What became of it.
        outcome: Outcome,
    },
    /// A message or status report, to be answered with [`Input::Settled`].
    Arrived {
        /// Names it.
        ticket: u64,
        /// The PDU with its SMSC prefix.
        pdu: Vec<u8>,
    },
    /// How full the store of messages is.
    Stored {
        /// Messages in it.
        used: u32,
        /// Messages that it can hold.
        total: u32,
    },
    /// All tickets are void: the store is read anew.
    TicketsVoid,
    /// Somebody rang; once for a number in two minutes.
    Called(Msisdn),
    /// The network's time.
    Clock(Timestamp),
    /// The airtime balance in hundredths; `None`: the answer had no amount.
    Balance(Option<u64>),
    /// Something an operator must see.
    Alarm(Alarm),
    /// Something to count.
    Note(Note),
}

/// What became of one part.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The network took it.
    Sent {
        /// TP-MR as the modem says; 0 with some modems for ever.
        reference: u8,
    },
    /// It did not leave; try it again here or elsewhere.
    NotSent,
    /// The network or the modem said "not now".
    Later,
    /// Refused for good.
    Failed {
        /// The number of `+CMS ERROR`.
        code: u16,
    },
    /// It may have left: no answer came.
    Unknown,
}

/// What an operator must see; said once when it begins.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Alarm {
    /// The modem does not answer, and the ladder is at step 3.
    Deaf,
    /// The port had to be reopened twice within an hour.
    Unsteady,
    /// No network for half an hour.
    NoNetwork,
    /// No SIM in the modem.
    NoSim,
    /// The SIM asks for a PIN and none may be tried: none is set, or it was tried.
    PinNeeded,
    /// The SIM refused the PIN; it is not tried again.
    PinRefused,
    /// The SIM is blocked and asks for its PUK.
    PukNeeded,
    /// The modem complains about its supply.
    UnderVoltage,
    /// Another SIM is in the modem than before.
    SimChanged,
    /// Messages cannot be stored: the modem acknowledges them itself, a power cut loses them.
    NotStored,
}

/// What is counted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Note {
    /// A step of the ladder began.
    Climbed(Step),
    /// The modem answers again.
    Recovered,
    /// The bring-up is over.
    Ready,
    /// Registered with the network, or not any more.
    Registered(bool),
    /// Signal strength 0–31 (TS 27.007 §8.5).
    Signal(u8),
    /// A feature that this modem does not have, by its command.
    FeatureOff(&'static str),
    /// A PDU that was cut short.
    BrokenPdu,
    /// Octets or messages that make no sense here.
    Odd(&'static str),
}

#[cfg(test)]
mod tests;
