//! The one set of statuses that phone, console and API show.
//!
//! A status is always derived from a signed fact or receipt, never from "the request returned".

use serde::{Deserialize, Serialize};

/// How far a registration has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Status {
    /// Durable on the node that captured it.
    Held,
    /// A hub's receipt covers it.
    Carried,
    /// The Building Block took it and gave its own id.
    Accepted,
    /// It has its outcome.
    Effective,
    /// The Building Block refused it.
    Rejected,
    /// A person must decide.
    Conflict,
    /// Taken back by the worker who captured it; nobody's any more.
    Withdrawn,
}

impl Status {
    /// The word on screens, pages and in JSON; the same in every language of the API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Carried => "carried",
            Self::Accepted => "accepted",
            Self::Effective => "effective",
            Self::Rejected => "rejected",
            Self::Conflict => "conflict",
            Self::Withdrawn => "withdrawn",
        }
    }
}
