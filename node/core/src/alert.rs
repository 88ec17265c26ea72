//! Alerts to an area: raised by an officer or a hub, followed up, and ended by an all-clear.
//!
//! An alert is a fact of the control lane, so it works where it is raised with no uplink, and travels
//! when there is one. Each site sends to the people whom it registered itself: hub and node both know
//! a number, and only one of them sends. A hub that fears that a node is dead sends to all whom it
//! knows, and the nodes keep still.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sync_core::NodeId;

/// Longest text of an alert, in characters: about two SMS; longer is refused.
pub const ALERT_CHARS_MAX: usize = 300;
/// Longest life of an alert in hours; a longer one is refused.
pub const ALERT_HOURS_MAX: u32 = 72;

/// Name of an alert with everything that follows it; random.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct AlertId(pub [u8; 8]);

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum AlertLevel {
    /// Worth knowing. Not to numbers that said STOP.
    Advice,
    /// Act soon. Not to numbers that said STOP.
    Warning,
    /// Danger to life: also to numbers that said STOP.
    Danger,
}

impl AlertLevel {
    /// Whether it reaches a number that said STOP.
    pub fn passes_stop(self) -> bool {
        self == Self::Danger
    }

    /// The level with this name.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "advice" => Some(Self::Advice),
            "warning" => Some(Self::Warning),
            "danger" => Some(Self::Danger),
            _ => None,
        }
    }
}

/// What a step of an alert is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum AlertKind {
    /// The first word.
    Raised,
    /// More about it.
    FollowUp,
    /// It is over; steps before it that did not leave are withdrawn.
    AllClear,
}

impl AlertKind {
    /// Key of the text that carries it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Raised => "alert-raised",
            Self::FollowUp => "alert-more",
            Self::AllClear => "alert-clear",
        }
    }
}

/// One step of an alert.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Alert {
    /// Which.
    pub id: AlertId,
    /// From 0.
    pub step: u32,
    /// What it is.
    pub kind: AlertKind,
    /// How bad.
    pub level: AlertLevel,
    /// The words; no personal data.
    pub text: String,
    /// After it nothing is sent.
    pub expires_at: Timestamp,
    /// The only site that sends, to all whom it knows; `None` = every site to its own people.
    pub only: Option<NodeId>,
}

/// What somebody wants to tell an area.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AlertOrder {
    /// Area, lane bits zero.
    pub scope: sync_core::Scope,
    /// What it is; a follow-up and an all-clear belong to the newest alert of the area.
    pub kind: AlertKind,
    /// How bad; of what follows the first step decides.
    pub level: AlertLevel,
    /// The words.
    pub text: String,
    /// Hours until it expires, 1 to [`ALERT_HOURS_MAX`].
    pub hours: u32,
    /// Whether only this site sends, to all whom it knows.
    pub only_here: bool,
    /// Fresh random name; the store fills it.
    pub fresh: [u8; 8],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_danger_passes_a_stop() {
        for (name, passes) in [("advice", false), ("warning", false), ("danger", true)] {
            assert_eq!(
                AlertLevel::parse(name).map(AlertLevel::passes_stop),
                Some(passes)
            );
        }
        assert_eq!(AlertLevel::parse("Danger!"), None);
    }
}
