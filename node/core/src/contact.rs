//! One contact from a phone, as the store's transaction sees it.

use channels_core::{Address, LinkName, Msisdn, UssdOp};
use jiff::Timestamp;
use sync_core::ClockQuality;

/// A moment and how far it can be trusted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Moment {
    /// The wall clock.
    pub at: Timestamp,
    /// Its quality.
    pub quality: ClockQuality,
}

impl Moment {
    /// The moment, if the clock can show it (MONEY A4): days and holds are counted by nothing else.
    pub fn shown(self) -> Option<Timestamp> {
        let shows = matches!(
            self.quality,
            ClockQuality::Ntp | ClockQuality::Nitz | ClockQuality::Rtc
        );
        shows.then_some(self.at)
    }
}

/// What a bearer can carry in one screen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BearerLimits {
    /// Most septets of the default alphabet.
    pub gsm7: u16,
    /// Most UTF-16 units when the text needs UCS-2; 0 = the bearer refuses UCS-2.
    pub ucs2: u16,
}

/// Name of the channel of everything that comes by SMS or missed call, whatever the link: the
/// number is then only claimed (rule S5), and rules ask for it by this name.
pub const SMS_CHANNEL: &str = "sms";

/// A USSD step, an SMS or a missed call that may start, continue or answer something.
#[derive(Clone, Debug)]
pub enum Contact {
    /// A USSD step.
    Ussd {
        /// The link.
        link: LinkName,
        /// The gateway's session.
        session: String,
        /// The caller.
        from: Msisdn,
        /// The code that was dialled, such as `*384*12#`; empty when the gateway does not tell.
        code: String,
        /// Where in the session.
        op: UssdOp,
        /// What was typed.
        text: String,
        /// Names the step, to recognise a retry.
        step: Option<String>,
        /// Whether the gateway took our screen before this step; if that is not known, a nameless
        /// step equal to the last one is a retry.
        screen_taken: bool,
        /// What fits on a screen.
        limits: BearerLimits,
    },
    /// An SMS.
    Sms {
        /// The link.
        link: LinkName,
        /// The claimed sender.
        from: Address,
        /// The text.
        text: String,
        /// The SMSC's stamp; with sender and text it recognises a repeat.
        sent: Option<Timestamp>,
    },
    /// A call that nobody answered: asks for the menu by SMS (CH26).
    MissedCall {
        /// The link.
        link: LinkName,
        /// The claimed caller.
        from: Msisdn,
    },
}

/// What a contact is answered with, after commit.
#[derive(Clone, PartialEq, Eq)]
pub enum ContactAnswer {
    /// A screen.
    Screen {
        /// Within the bearer's limits.
        text: String,
        /// Whether the session closes.
        end: bool,
    },
    /// Nothing to show; answers to an SMS are outbox rows.
    Done,
}

impl core::fmt::Debug for ContactAnswer {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Screen { text, end } => {
                write!(f, "Screen({} characters, end: {end})", text.chars().count())
            }
            Self::Done => write!(f, "Done"),
        }
    }
}
