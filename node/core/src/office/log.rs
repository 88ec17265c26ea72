//! The read log as an auditor reads it: who saw how many people, when, through what and what for,
//! newest first; what came near to a bulk read; what people complain about (IDENTITY §6.1, §8).
//!
//! Questions and answers only. Who may ask is decided by [`LogOrder`]'s command, which also notes
//! whose log was shown; a page gets its answer after that. The log tells counts, no names of
//! people: whom a read showed stands in the log of each person.

use core::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sync_core::{EntryRef, Scope};

use crate::event::{entry_text, parse_entry_text};
use crate::read::{Class, Reader};
use crate::role::Role;

/// Longest name of a reader in an address, in bytes; a longer one is no reader.
pub const READER_TEXT_BYTES_MAX: usize = 200;

/// Which reads are looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Kind {
    /// Every read by somebody else than the person herself.
    #[default]
    Others,
    /// Many records by one reader within an hour.
    Bulk,
    /// Data that left as a file.
    Exports,
    /// Pages of an office.
    Console,
    /// Served registries.
    Registry,
    /// Records, lists, tasks and searches on phones.
    Phones,
    /// Reports.
    Reports,
    /// People who looked at what is their own.
    Own,
}

impl Kind {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 8] = [
        Self::Others,
        Self::Bulk,
        Self::Exports,
        Self::Console,
        Self::Registry,
        Self::Phones,
        Self::Reports,
        Self::Own,
    ];

    /// Its word in an address.
    pub fn word(self) -> &'static str {
        match self {
            Self::Others => "others",
            Self::Bulk => "bulk",
            Self::Exports => "exports",
            Self::Console => "console",
            Self::Registry => "registry",
            Self::Phones => "phones",
            Self::Reports => "reports",
            Self::Own => "own",
        }
    }

    /// Reads [`Kind::word`] back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// What such reads show; bulk reads are counted over all that others read.
    pub fn classes(self) -> &'static [Class] {
        match self {
            Self::Others | Self::Bulk => &[
                Class::Case,
                Class::List,
                Class::Task,
                Class::Search,
                Class::Console,
                Class::Registry,
                Class::Export,
                Class::Report,
                Class::Review,
            ],
            Self::Exports => &[Class::Export],
            Self::Console => &[Class::Console, Class::Review],
            Self::Registry => &[Class::Registry],
            Self::Phones => &[Class::Case, Class::List, Class::Task, Class::Search],
            Self::Reports => &[Class::Report],
            Self::Own => &[Class::Own],
        }
    }
}

/// Which part of the log.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LogFilter {
    /// Only this reader.
    pub reader: Option<Reader>,
    /// Only reads of this person, by one of her documents; then her own reads stand there, too.
    pub person: Option<EntryRef>,
    /// Only this day, UTC.
    pub day: Option<Date>,
    /// Only this kind.
    pub kind: Kind,
}

impl LogFilter {
    /// First and last moment of its day in milliseconds; all time without one.
    pub fn span_ms(&self) -> (i64, i64) {
        let day = self.day.and_then(|day| day.to_zoned(TimeZone::UTC).ok());
        day.map_or((i64::MIN, i64::MAX), |start| {
            let first = start.timestamp().as_millisecond();
            (first, first.saturating_add(DAY_MS - 1))
        })
    }

    /// Whether a read of a person's own log stands in this part.
    pub fn takes(&self, line: &LogLine) -> bool {
        let (first, last) = self.span_ms();
        let at = line.place.at.as_millisecond();
        let by = self.reader.as_ref().is_none_or(|one| *one == line.reader);
        // Of one person everything is shown unless a kind is named.
        let kind = self.kind == Kind::Others || self.kind.classes().contains(&line.class);
        by && kind && (first..=last).contains(&at)
    }
}

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// A place in the log: the moment of a read, then its fact.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct LogPlace {
    /// When, by the clock of the site.
    pub at: Timestamp,
    /// The fact.
    pub entry: EntryRef,
}

impl LogPlace {
    /// As one word of an address.
    pub fn text(&self) -> String {
        format!("{}-{}", self.at.as_millisecond(), entry_text(&self.entry))
    }

    /// Reads [`LogPlace::text`] back; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (at, entry) = text.split_once('-')?;
        let place = Self {
            at: Timestamp::from_millisecond(at.parse().ok()?).ok()?,
            entry: parse_entry_text(entry)?,
        };
        (place.text() == text).then_some(place)
    }
}

/// A question about the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogQuestion {
    /// The auditor's area; reads in areas that are none of the hub's (served registries) are
    /// everybody's.
    pub area: Scope,
    /// Which part.
    pub filter: LogFilter,
    /// Only what stands behind this place.
    pub before: Option<LogPlace>,
    /// How many lines at most (1–2,000).
    pub limit: u32,
    /// The moment, from which bulk reads are looked for backwards.
    pub at: Timestamp,
}

/// One read.
#[derive(Clone, PartialEq, Eq)]
pub struct LogLine {
    /// When, and which fact.
    pub place: LogPlace,
    /// What.
    pub class: Class,
    /// Who.
    pub reader: Reader,
    /// The reader's name as staff know it.
    pub name: Option<String>,
    /// Where.
    pub site: String,
    /// Through what.
    pub application: String,
    /// What for.
    pub reason: String,
    /// How many people or records it showed.
    pub count: u64,
}

impl fmt::Debug for LogLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogLine({:?}, {:?})", self.place, self.class)
    }
}

/// More than [`crate::read::MANY_MAX`] records by one reader within an hour, as the auditors were
/// told.
#[derive(Clone, PartialEq, Eq)]
pub struct BulkReads {
    /// Who.
    pub reader: Reader,
    /// The reader's name as staff know it.
    pub name: Option<String>,
    /// The last of these reads.
    pub at: Timestamp,
    /// The most that were seen within an hour.
    pub count: u64,
}

impl fmt::Debug for BulkReads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BulkReads({:?}, {})", self.at, self.count)
    }
}

/// The person of a log: all her documents, and the end of her number.
pub type Logged = (Vec<EntryRef>, String);

/// A page of the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogPage {
    /// Which part it is.
    pub filter: LogFilter,
    /// The person whose log it is.
    pub person: Option<Logged>,
    /// Newest first.
    pub lines: Vec<LogLine>,
    /// Where the next page begins, if there is one.
    pub next: Option<LogPlace>,
    /// Bulk reads, newest first; only in a part that is about everybody.
    pub bulk: Vec<BulkReads>,
    /// Complaints of the area that nobody has answered.
    pub complaints: u64,
}

/// A complaint that waits for an auditor.
#[derive(Clone, PartialEq, Eq)]
pub struct Complaint {
    /// The person.
    pub person: EntryRef,
    /// When.
    pub at: Timestamp,
    /// The end of her number.
    pub hint: String,
    /// Her answers, by their names in the programme.
    pub words: Vec<String>,
    /// The read that she complains about, where she named one.
    pub about: Option<LogLine>,
}

impl fmt::Debug for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Complaint({:?})", self.person)
    }
}

/// What an auditor does with the log; the command of its pages.
#[derive(Clone, PartialEq, Eq)]
pub enum LogOrder {
    /// Find the person of a registration number.
    Find {
        /// As typed.
        number: String,
    },
    /// A part of the log is shown.
    Show {
        /// The persons whom it is about; nobody where it only counts.
        persons: Vec<EntryRef>,
    },
    /// A part of it leaves as a file: an export.
    Export {
        /// The persons whom it is about.
        persons: Vec<EntryRef>,
        /// What for.
        reason: String,
    },
}

impl fmt::Debug for LogOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Find { .. } => "Find",
            Self::Show { .. } => "Show",
            Self::Export { .. } => "Export",
        })
    }
}

/// A reader as one word of an address: staff by their place, other systems by their name.
pub fn reader_text(reader: &Reader) -> String {
    match reader {
        Reader::Own => "own".to_owned(),
        Reader::Caller => "caller".to_owned(),
        Reader::Staff(scope, index, role) => {
            let role = role.words().replace(' ', "-");
            format!("staff.{}.{index}.{role}", scope.0)
        }
        Reader::Client(name) => format!("client.{name}"),
    }
}

/// Reads [`reader_text`] back; `None` for anything else.
pub fn parse_reader(text: &str) -> Option<Reader> {
    if text.len() > READER_TEXT_BYTES_MAX {
        return None;
    }
    let reader = match text.split_once('.') {
        None if text == "own" => Reader::Own,
        None if text == "caller" => Reader::Caller,
        Some(("client", name)) => Reader::Client(name.to_owned()),
        Some(("staff", place)) => {
            let (scope, rest) = place.split_once('.')?;
            let (index, role) = rest.split_once('.')?;
            Reader::Staff(
                Scope(scope.parse().ok()?),
                index.parse().ok()?,
                Role::parse_granted(role)?,
            )
        }
        _ => return None,
    };
    (reader_text(&reader) == text).then_some(reader)
}

#[cfg(test)]
mod tests;
