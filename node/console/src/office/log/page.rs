//! Draws the auditor's pages and writes the file; all words are here and in
//! `templates/office_log.html`, `templates/office_complaints.html`.

use askama::Template;
use node_core::office::log::{
    BulkReads, Complaint, Kind, LogFilter, LogLine, LogPage, LogPlace, reader_text,
};
use node_core::read::{Class, MANY_MAX, Reader};
use node_core::role::Role;

use super::super::page::{Head, Notice, moment, name};
use super::super::{OfficePages, Seen, csv};
use super::LOG;

/// A part as the words of an address or of a form.
struct Words {
    reader: String,
    person: String,
    day: String,
    kind: &'static str,
}

impl Words {
    fn new(filter: &LogFilter) -> Self {
        Self {
            reader: filter.reader.as_ref().map(reader_text).unwrap_or_default(),
            person: filter.person.as_ref().map(name).unwrap_or_default(),
            day: filter.day.map(|day| day.to_string()).unwrap_or_default(),
            kind: filter.kind.word(),
        }
    }

    fn address(&self, before: Option<LogPlace>) -> String {
        let before = before.map(|place| place.text()).unwrap_or_default();
        let words = [
            ("reader", self.reader.as_str()),
            ("person", &self.person),
            ("day", &self.day),
            ("kind", self.kind),
            ("before", &before),
        ];
        let named = words.into_iter().filter(|(_, word)| !word.is_empty());
        let named: Vec<String> = named
            .map(|(key, word)| format!("{key}={}", encoded(word)))
            .collect();
        format!("{LOG}?{}", named.join("&"))
    }
}

/// A word in an address (RFC 3986 §2.1).
fn encoded(word: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    word.bytes().map(byte).collect()
}

/// One read as it stands on a page.
struct Line {
    at: String,
    who: String,
    /// Address of what this reader read.
    by: String,
    what: &'static str,
    count: u64,
    place: String,
    reason: String,
    is_file: bool,
}

impl Line {
    fn new(line: &LogLine) -> Self {
        let by = LogFilter {
            reader: Some(line.reader.clone()),
            ..LogFilter::default()
        };
        let kind = if line.reader == Reader::Own {
            Kind::Own
        } else {
            Kind::Others
        };
        Self {
            at: moment(line.place.at),
            who: who(&line.reader, line.name.as_deref()),
            by: Words::new(&LogFilter { kind, ..by }).address(None),
            what: what(line.class),
            count: line.count,
            place: format!("{} ({})", line.site, line.application),
            reason: line.reason.clone(),
            is_file: line.class == Class::Export,
        }
    }
}

/// Many reads within an hour.
struct Bulk {
    at: String,
    who: String,
    count: u64,
    /// Address of what this reader read on that day.
    by: String,
}

impl Bulk {
    fn new(bulk: &BulkReads) -> Self {
        let day = bulk.at.to_zoned(jiff::tz::TimeZone::UTC).date();
        let part = LogFilter {
            reader: Some(bulk.reader.clone()),
            day: Some(day),
            ..LogFilter::default()
        };
        Self {
            at: moment(bulk.at),
            who: who(&bulk.reader, bulk.name.as_deref()),
            count: bulk.count,
            by: Words::new(&part).address(None),
        }
    }
}

#[derive(Template)]
#[template(path = "office_log.html")]
struct LogView<'a> {
    head: Head<'a>,
    form: &'a str,
    /// The end of the number of the person whose log it is.
    person: Option<&'a str>,
    words: Words,
    /// The reader, where it is only one.
    reader: Option<String>,
    /// Whether it is the whole log from its beginning.
    whole: bool,
    many: u64,
    kinds: Vec<(&'static str, &'static str)>,
    complaints: u64,
    bulk: Vec<Bulk>,
    bulk_only: bool,
    lines: Vec<Line>,
    next: Option<String>,
}

pub(in crate::office) fn log(
    pages: &OfficePages,
    seen: &Seen,
    part: &LogPage,
    notice: Option<&Notice>,
) -> Result<String, askama::Error> {
    let filter = &part.filter;
    let words = Words::new(filter);
    let next = part.next.map(|place| words.address(Some(place)));
    let reader = filter.reader.as_ref().map(|reader| {
        let named = part.lines.iter().find(|line| line.reader == *reader);
        who(reader, named.and_then(|line| line.name.as_deref()))
    });
    LogView {
        head: Head::new(pages, Some(&seen.who), notice),
        form: seen.who.form.text(),
        person: part.person.as_ref().map(|(_, hint)| hint.as_str()),
        words,
        reader,
        whole: *filter == LogFilter::default(),
        many: MANY_MAX,
        kinds: Kind::ALL
            .map(|kind| (kind.word(), kind_words(kind)))
            .to_vec(),
        complaints: part.complaints,
        bulk: part.bulk.iter().map(Bulk::new).collect(),
        bulk_only: filter.kind == Kind::Bulk && part.person.is_none(),
        lines: part.lines.iter().map(Line::new).collect(),
        next,
    }
    .render()
}

/// A complaint as it stands on a page.
struct ComplaintLine {
    at: String,
    hint: String,
    words: Vec<String>,
    about: Option<Line>,
    /// Address of the person's log.
    log: String,
}

impl ComplaintLine {
    fn new(complaint: &Complaint) -> Self {
        Self {
            at: moment(complaint.at),
            hint: complaint.hint.clone(),
            words: complaint.words.clone(),
            about: complaint.about.as_ref().map(Line::new),
            log: format!("{LOG}?person={}", name(&complaint.person)),
        }
    }
}

#[derive(Template)]
#[template(path = "office_complaints.html")]
struct ComplaintsView<'a> {
    head: Head<'a>,
    rows: Vec<ComplaintLine>,
}

pub(in crate::office) fn complaints(
    pages: &OfficePages,
    seen: &Seen,
    rows: &[Complaint],
) -> Result<String, askama::Error> {
    ComplaintsView {
        head: Head::new(pages, Some(&seen.who), None),
        rows: rows.iter().map(ComplaintLine::new).collect(),
    }
    .render()
}

/// The lines of a part as a file.
pub(super) fn file(part: &LogPage) -> String {
    let heads = [
        "when (UTC)",
        "reader",
        "role",
        "what",
        "how many",
        "site",
        "application",
        "reason",
        "entry",
    ];
    let row = |line: &LogLine| {
        [
            line.place.at.to_string(),
            who(&line.reader, line.name.as_deref()),
            role(&line.reader).to_owned(),
            what(line.class).to_owned(),
            line.count.to_string(),
            line.site.clone(),
            line.application.clone(),
            line.reason.clone(),
            name(&line.place.entry),
        ]
    };
    csv::file(heads, part.lines.iter().map(row))
}

fn role(reader: &Reader) -> &'static str {
    match reader {
        Reader::Own => "citizen",
        Reader::Caller => "caller",
        Reader::Staff(_, _, role) => role.words(),
        Reader::Client(_) => Role::System.words(),
    }
}

fn who(reader: &Reader, name: Option<&str>) -> String {
    match (reader, name) {
        (Reader::Own, _) => "the person alone".to_owned(),
        (Reader::Caller, _) => "a caller".to_owned(),
        (Reader::Client(name), _) => name.clone(),
        (Reader::Staff(_, _, role), Some(name)) => format!("{name}, {}", role.words()),
        (Reader::Staff(scope, index, role), None) => {
            format!("{} {index} of area {}", role.words(), scope.0)
        }
    }
}

fn what(class: Class) -> &'static str {
    match class {
        Class::Own => "what is her own",
        Class::Case => "a record",
        Class::List => "a list",
        Class::Task => "tasks",
        Class::Search => "a search",
        Class::Console => "a page of the office",
        Class::Registry => "a served registry",
        Class::Export => "a file (export)",
        Class::Report => "a report",
        Class::Review => "two records side by side",
    }
}

fn kind_words(kind: Kind) -> &'static str {
    match kind {
        Kind::Others => "reads by others",
        Kind::Bulk => "bulk reads",
        Kind::Exports => "exports",
        Kind::Console => "pages of the office",
        Kind::Registry => "served registries",
        Kind::Phones => "phones",
        Kind::Reports => "reports",
        Kind::Own => "people's own",
    }
}
