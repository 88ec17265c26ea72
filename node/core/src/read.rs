//! The read log: who saw what of whom, as facts that the person can ask for (IDENTITY §6.1, DRS-8,
//! DRS-35, DRS-37).
//!
//! Every reader leaves one fact for a query, which lists the persons shown. What the program reads
//! to compute something leaves none, since nobody saw it. The facts travel to the hub on the audit
//! lane; the rows that a person is shown lie sealed under her key and go with her erasure.

use core::cmp::Reverse;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sync_core::{EntryRef, Scope};

use crate::role::Role;

/// Most persons of one fact; a query that shows more leaves several.
pub const PERSONS_READ_MAX: usize = 400;
/// Newest reads of a person that a table keeps; older ones remain as entries.
pub const READS_KEPT_MAX: usize = 200;
/// Records that one reader may see within [`MANY_S`]; above it the auditors are told (*guess* of
/// IDENTITY §6.1).
pub const MANY_MAX: u64 = 50;
/// Seconds that count for [`MANY_MAX`].
pub const MANY_S: i64 = 3_600;

/// Who read.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Reader {
    /// Whoever typed the person's PIN, or holds her phone where nobody shares it.
    Own,
    /// A caller who saw a list that names others.
    Caller,
    /// Staff: scope without lane, index in its list, role at that time.
    Staff(Scope, u32, Role),
    /// Another system or the console, as it was authenticated.
    Client(String),
}

impl Reader {
    /// Key of its name on screens.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Own => "reader-own",
            Self::Caller | Self::Client(_) | Self::Staff(_, _, Role::System | Role::Citizen) => {
                "reader-system"
            }
            Self::Staff(_, _, Role::HealthWorker) => "reader-health-worker",
            Self::Staff(_, _, Role::Vendor) => "reader-vendor",
            Self::Staff(_, _, Role::Clerk) => "reader-clerk",
            Self::Staff(_, _, Role::Officer) => "reader-officer",
            Self::Staff(_, _, Role::Administrator) => "reader-administrator",
            Self::Staff(_, _, Role::Auditor) => "reader-auditor",
        }
    }
}

/// What was shown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Class {
    /// What is the reader's own.
    Own,
    /// One person's record or case.
    Case,
    /// Lines of a list.
    List,
    /// Tasks with the names of their people.
    Task,
    /// What a search found.
    Search,
    /// A page of the console.
    Console,
    /// A record of a served registry.
    Registry,
    /// Data that left as a file.
    Export,
    /// A report with persons.
    Report,
    /// Two records side by side.
    Review,
}

impl Class {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 10] = [
        Self::Own,
        Self::Case,
        Self::List,
        Self::Task,
        Self::Search,
        Self::Console,
        Self::Registry,
        Self::Export,
        Self::Report,
        Self::Review,
    ];

    /// Its number in tables.
    pub fn number(self) -> u8 {
        let before = Self::ALL.into_iter().take_while(|class| *class != self);
        u8::try_from(before.count()).unwrap_or(u8::MAX)
    }

    /// Key of its name on screens.
    pub fn key(self) -> &'static str {
        match self {
            Self::Own => "read-own",
            Self::Case => "read-case",
            Self::List => "read-list",
            Self::Task => "read-task",
            Self::Search => "read-search",
            Self::Console => "read-console",
            Self::Registry => "read-registry",
            Self::Export => "read-export",
            Self::Report => "read-report",
            Self::Review => "read-review",
        }
    }
}

/// A record of a registry that this hub serves.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RecordName {
    /// Registry code.
    pub registry: String,
    /// Version text.
    pub version: String,
    /// The record's id, which may be a number that people know.
    pub id: String,
}

impl core::fmt::Debug for RecordName {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "RecordName({} {})", self.registry, self.version)
    }
}

/// What a query showed; a lane-4 fact.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReadNote {
    /// The persons shown, by document, at most [`PERSONS_READ_MAX`].
    pub persons: Vec<EntryRef>,
    /// What of them.
    pub class: Class,
    /// Who saw it.
    pub reader: Reader,
    /// Name of the site where it was shown.
    pub place: String,
    /// Through what: `ussd`, `sms`, `console`, a client's name.
    pub application: String,
    /// What for: a programme's code, or the reason that was given.
    pub reason: String,
    /// The records of served registries shown, at most [`PERSONS_READ_MAX`].
    pub records: Vec<RecordName>,
}

impl ReadNote {
    /// How many were shown.
    pub fn count(&self) -> u64 {
        let all = self.persons.len().saturating_add(self.records.len());
        u64::try_from(all).unwrap_or(u64::MAX)
    }

    /// What a row of one of its persons keeps.
    pub fn row(&self, entry: EntryRef, at: Timestamp) -> ReadRow {
        ReadRow {
            entry,
            at,
            class: self.class,
            reader: self.reader.clone(),
            place: self.place.clone(),
            application: self.application.clone(),
            reason: self.reason.clone(),
        }
    }
}

/// One read of one person, as her row keeps it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReadRow {
    /// The fact.
    pub entry: EntryRef,
    /// When, by the clock of the site.
    pub at: Timestamp,
    /// What.
    pub class: Class,
    /// Who.
    pub reader: Reader,
    /// Where.
    pub place: String,
    /// Through what.
    pub application: String,
    /// What for.
    pub reason: String,
}

/// Puts a read among those of a person: newest first, each once, whatever the order of arrival.
pub fn keep(rows: &mut Vec<ReadRow>, row: ReadRow) {
    if rows.iter().all(|kept| kept.entry != row.entry) {
        rows.push(row);
    }
    rows.sort_by_key(|row| Reverse((row.at, row.entry)));
    rows.truncate(READS_KEPT_MAX);
}
