//! Whom and what a command means: who of a registration, whose tasks, which events.

use serde::{Deserialize, Serialize};

use super::SubjectName;

/// Who of a registration is meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Whose {
    /// The mother of a pair.
    Mother,
    /// The child of a pair.
    Child,
    /// A person who is registered alone.
    Person,
}

impl Whose {
    /// The one whom a word of a definition names.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Mother, Self::Child, Self::Person]
            .into_iter()
            .find(|whose| whose.word() == word)
    }

    /// The word for it in definitions and names of values.
    pub fn word(self) -> &'static str {
        match self {
            Self::Mother => "mother",
            Self::Child => "child",
            Self::Person => "person",
        }
    }
}

/// Of whose tasks which are shown, and how.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DueOrder {
    /// The person.
    pub subject: SubjectName,
    /// Programme code.
    pub programme: String,
    /// Codes of schedules; empty = all.
    pub schedules: Vec<String>,
    /// Only what is due by so many days ahead; `None` = all.
    pub days: Option<u16>,
    /// At most so many, the earliest.
    pub most: Option<usize>,
    /// Whether the tasks of her children are hers too, and all are shown by the worker's lines.
    pub family: bool,
}

/// Which events are the caller's.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Mine {
    /// Those about her.
    Own,
    /// Those that answer one about her.
    Replies,
}
