//! The faults of modems, SIMs and networks that can be switched on, each under one name.

/// One fault.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Fault {
    /// The echo stays on after `ATE0`.
    EchoStays,
    /// There is no store `ME`: choosing it is an error.
    NoMeStore,
    /// `ME` and `SM` name the same store.
    SharedStores,
    /// Status reports cannot be stored: they come as `+CDS`.
    DirectReports,
    /// Nothing can be stored: messages come as `+CMT`.
    DirectMessages,
    /// `+CSMS=1` is refused: the modem acknowledges messages itself.
    NoAcknowledgement,
    /// `+CPIN:` comes after the answer to the next command.
    LateSim,
    /// The SIM is busy (`+CME ERROR: 14`).
    SimBusy,
    /// No SIM is in the modem.
    NoSim,
    /// The SIM asks for its PIN after each start.
    PinWanted,
    /// The SIM asks for its PUK.
    PukWanted,
    /// No network.
    NoNetwork,
    /// The prompt does not come.
    NoPrompt,
    /// The network takes messages, but the answer is lost.
    LostAnswers,
    /// The network answers after 60 seconds.
    LateAnswers,
    /// The network refuses messages with the error of the settings.
    Refusing,
    /// TP-MR is always 0.
    ReferenceZero,
    /// No status reports.
    NoReports,
    /// The modem does not answer and does not announce anything.
    Hang,
    /// `^RSSI` lines without end.
    Flood,
    /// A line of noise between any two octets of what the modem says.
    CutLines,
    /// The clock stands in 1980.
    WrongClock,
    /// The SMSC's time stamps are days old.
    OldStamps,
    /// The modem was unplugged.
    Unplugged,
    /// USSD texts come as UCS-2 in hex.
    UssdInUcs2,
}

impl Fault {
    /// All faults.
    pub const ALL: [Self; 25] = [
        Self::EchoStays,
        Self::NoMeStore,
        Self::SharedStores,
        Self::DirectReports,
        Self::DirectMessages,
        Self::NoAcknowledgement,
        Self::LateSim,
        Self::SimBusy,
        Self::NoSim,
        Self::PinWanted,
        Self::PukWanted,
        Self::NoNetwork,
        Self::NoPrompt,
        Self::LostAnswers,
        Self::LateAnswers,
        Self::Refusing,
        Self::ReferenceZero,
        Self::NoReports,
        Self::Hang,
        Self::Flood,
        Self::CutLines,
        Self::WrongClock,
        Self::OldStamps,
        Self::Unplugged,
        Self::UssdInUcs2,
    ];

    /// The word for it on a command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::EchoStays => "echo-stays",
            Self::NoMeStore => "no-me-store",
            Self::SharedStores => "shared-stores",
            Self::DirectReports => "direct-reports",
            Self::DirectMessages => "direct-messages",
            Self::NoAcknowledgement => "no-acknowledgement",
            Self::LateSim => "late-sim",
            Self::SimBusy => "sim-busy",
            Self::NoSim => "no-sim",
            Self::PinWanted => "pin-wanted",
            Self::PukWanted => "puk-wanted",
            Self::NoNetwork => "no-network",
            Self::NoPrompt => "no-prompt",
            Self::LostAnswers => "lost-answers",
            Self::LateAnswers => "late-answers",
            Self::Refusing => "refusing",
            Self::ReferenceZero => "reference-zero",
            Self::NoReports => "no-reports",
            Self::Hang => "hang",
            Self::Flood => "flood",
            Self::CutLines => "cut-lines",
            Self::WrongClock => "wrong-clock",
            Self::OldStamps => "old-stamps",
            Self::Unplugged => "unplugged",
            Self::UssdInUcs2 => "ussd-in-ucs2",
        }
    }

    /// The fault of a word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.word() == word)
    }
}
