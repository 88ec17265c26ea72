//! What goes wrong in the world, and how often it did: a run in which a fault never occurred proves
//! nothing about it.

use std::collections::BTreeMap;
use std::fmt;

use sync_core::refusal::RefusalCode;

/// A kind of fault.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Fault {
    /// No session for hours or days.
    Partition,
    /// Requests arrive, answers do not.
    OneWay,
    /// A request is lost as a whole.
    Lost,
    /// A request is cut after some byte.
    CutRequest,
    /// An answer is cut after some byte.
    CutAnswer,
    /// A request arrives twice.
    Repeated,
    /// A request of an earlier contact arrives before that of today.
    OldRequest,
    /// A bit of a request is another one.
    FlippedRequest,
    /// A bit of an answer is another one.
    FlippedAnswer,
    /// The hub loses power behind a request, anywhere in what it wrote.
    HubCut,
    /// A node loses power behind an answer, anywhere in what it wrote.
    NodeCut,
    /// The power goes in the middle of a turn: nothing of it stays.
    PowerCutInside,
    /// The power goes behind COMMIT and before the answer: all of it stays.
    PowerCutBehind,
    /// The clock starts in 1970.
    ClockAtStart,
    /// The clock is ten years ahead.
    ClockAhead,
    /// The clock goes back two hours.
    ClockBack,
    /// A backup of any age comes back, and the node is enrolled again.
    Restored,
    /// A board is closed and enrolled again.
    Closed,
    /// A stick lies in a drawer for days.
    StickForgotten,
    /// A stick is copied in part.
    StickCut,
    /// One stick carries several nodes.
    StickShared,
    /// The state of a stick from an earlier trip arrives once more.
    StickOld,
    /// A stick has no room.
    StickFull,
    /// The registry took it, and its answer is lost.
    RegistryAnswerLost,
    /// The registry says "later".
    RegistryBusy,
    /// The registry never got it, and nobody knows.
    RegistrySilent,
    /// The same call arrives twice.
    RegistryTwice,
    /// The registry refuses for good.
    RegistryRefuses,
    /// The hub dies between the call and its outcome.
    RegistryForgotten,
    /// The network took a message, and its answer is lost.
    MessageUnknown,
    /// The network says "later".
    MessageLater,
    /// Whoever claimed a message died.
    MessageClaimLost,
    /// A gateway sends a step twice.
    StepTwice,
    /// A session is cut by the operator, and taken up again.
    SessionLost,
}

impl Fault {
    /// All kinds.
    pub const ALL: [Self; 34] = [
        Self::Partition,
        Self::OneWay,
        Self::Lost,
        Self::CutRequest,
        Self::CutAnswer,
        Self::Repeated,
        Self::OldRequest,
        Self::FlippedRequest,
        Self::FlippedAnswer,
        Self::HubCut,
        Self::NodeCut,
        Self::PowerCutInside,
        Self::PowerCutBehind,
        Self::ClockAtStart,
        Self::ClockAhead,
        Self::ClockBack,
        Self::Restored,
        Self::Closed,
        Self::StickForgotten,
        Self::StickCut,
        Self::StickShared,
        Self::StickOld,
        Self::StickFull,
        Self::RegistryAnswerLost,
        Self::RegistryBusy,
        Self::RegistrySilent,
        Self::RegistryTwice,
        Self::RegistryRefuses,
        Self::RegistryForgotten,
        Self::MessageUnknown,
        Self::MessageLater,
        Self::MessageClaimLost,
        Self::StepTwice,
        Self::SessionLost,
    ];
}

/// A promise that did not hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broken(pub String);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Breaks the run unless a promise holds.
///
/// # Errors
/// [`Broken`] with the words.
pub fn must(holds: bool, words: impl FnOnce() -> String) -> Result<(), Broken> {
    if holds { Ok(()) } else { Err(Broken(words())) }
}

/// How often what happened.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Coverage {
    /// Faults.
    pub faults: BTreeMap<Fault, u64>,
    /// Refusals by code, by whatever road they were said.
    pub refusals: BTreeMap<RefusalCode, u64>,
    /// Deeds and checks, by word.
    pub deeds: BTreeMap<&'static str, u64>,
}

impl Coverage {
    /// A fault occurred.
    pub fn fault(&mut self, fault: Fault) {
        *self.faults.entry(fault).or_default() += 1;
    }

    /// A refusal was said.
    pub fn refusal(&mut self, code: RefusalCode) {
        *self.refusals.entry(code).or_default() += 1;
    }

    /// Something was done.
    pub fn deed(&mut self, word: &'static str) {
        self.deeds_of(word, 1);
    }

    /// Something was done so often.
    pub fn deeds_of(&mut self, word: &'static str, count: u64) {
        *self.deeds.entry(word).or_default() += count;
    }

    /// Adds what another run saw.
    pub fn add(&mut self, other: &Self) {
        for (fault, count) in &other.faults {
            *self.faults.entry(*fault).or_default() += count;
        }
        for (code, count) in &other.refusals {
            *self.refusals.entry(*code).or_default() += count;
        }
        for (word, count) in &other.deeds {
            *self.deeds.entry(word).or_default() += count;
        }
    }

    /// Faults that never occurred.
    pub fn tame(&self) -> Vec<Fault> {
        let never = Fault::ALL
            .into_iter()
            .filter(|fault| !self.faults.contains_key(fault));
        never.collect()
    }
}
