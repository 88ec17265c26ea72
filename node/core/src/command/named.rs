//! How commands name people, events, tasks and answers.
//!
//! These are the parts that several commands and the dialogues share; the commands themselves
//! stand in [`super::Command`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::consent::{Basis, Witness};

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

/// An event before it is recorded.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EventDraft {
    /// Programme code.
    pub programme: String,
    /// Its version.
    pub programme_version: u32,
    /// Code of the event.
    pub code: String,
    /// Answers in canonical form; those that the event does not take along are left out.
    pub fields: BTreeMap<String, String>,
}

/// How a dialogue names a person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum SubjectName {
    /// Nobody.
    Nobody,
    /// The caller herself; where several share the phone, whoever typed her PIN.
    Caller,
    /// By registration number or an alias of it.
    Number(String),
}

/// What was agreed to, and by which words.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ConsentAnswer {
    /// Data agreement.
    pub agreement: String,
    /// Its pinned revision.
    pub revision: u32,
    /// SHA-256 of the text shown.
    pub text_hash: [u8; 32],
    /// Its language.
    pub language: String,
    /// Yes or no.
    pub opt_in: bool,
    /// `ussd`, `sms`, `console`.
    pub channel: String,
    /// What it speaks of; empty = the whole agreement.
    pub purposes: Vec<String>,
    /// What the use rests on.
    pub basis: Basis,
    /// Who saw it, or how it was proved.
    pub witness: Option<Witness>,
}
