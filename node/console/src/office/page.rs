//! Draws the pages of the office. All words are in `templates/office_*.html` and here; refusals
//! come from the shared texts.

use askama::Template;
use axum::http::StatusCode;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use node_core::event::entry_text;
use node_core::matching::{MatchRow, Reason, Stand, Word, Worker};
use node_core::office::session::Secret;
use node_core::office::{Captured, Line, PairPage, PersonPage, side_by_side};
use node_core::person::Field;
use node_core::role::Role;
use node_core::role::right::{Right, may};
use sync_core::EntryRef;

use super::broadcast::BROADCASTS;
use super::erasure::ERASURES;
use super::log::LOG;
use super::{OfficePages, PAIRS, Seen, Who};

/// What went wrong, in a summary on top.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Notice {
    /// The session is over.
    SignedOut,
    /// The form is an old one.
    StaleForm,
    /// The form cannot be read.
    Malformed,
    /// Too many tries within a minute.
    TooMany,
    /// No answer in time.
    Busy,
    /// Nothing with this number.
    Missing,
    /// The role may not.
    NotAllowed(String),
    /// A rule says no.
    Rejected(String),
}

impl Notice {
    /// A refused form is no success for programs; people see the same page.
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::SignedOut | Self::StaleForm | Self::NotAllowed(_) => StatusCode::FORBIDDEN,
            Self::Malformed | Self::Rejected(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Missing => StatusCode::NOT_FOUND,
        }
    }

    fn words(&self) -> &str {
        match self {
            Self::SignedOut => "You are signed out. Please sign in again.",
            Self::StaleForm => {
                "This form is out of date and nothing was done. Please go back, load the page \
                 again, then repeat it."
            }
            Self::Malformed => "Please fill in every field.",
            Self::TooMany => "Too many people tried to sign in. Please wait a minute.",
            Self::Busy => "The office is busy and nothing was done. Please try again in a minute.",
            Self::Missing => "There is nothing with this number. Please choose from the list.",
            Self::NotAllowed(text) | Self::Rejected(text) => text,
        }
    }
}

/// What stands on top of each page.
pub(super) struct Head<'a> {
    pub(super) office: &'a str,
    pub(super) who: Option<&'a Who>,
    pub(super) notice: Option<&'a str>,
    /// Pages of the role: address and name.
    pub(super) links: Vec<Link>,
}

/// Address and name of a page.
type Link = (&'static str, &'static str);

/// Each page with the right that it needs.
const PAGES: [(Right, Link); 6] = [
    (Right::ReadRecord, (PAIRS, "Pairs")),
    (Right::Approve, (BROADCASTS, "Broadcasts")),
    (Right::Propose, (BROADCASTS, "Broadcasts")),
    (Right::Administer, (BROADCASTS, "Broadcasts")),
    (Right::ApproveErasure, (ERASURES, "Erasures")),
    (Right::ReadLog, (LOG, "Read log")),
];

/// The pages that a role sees.
fn links(role: Role) -> impl Iterator<Item = Link> {
    let own = PAGES
        .into_iter()
        .filter(move |(right, _)| may(role, *right));
    own.map(|(_, page)| page)
}

/// The first page of a role; whoever has none is told so by that of pairs.
pub(super) fn home(role: Role) -> &'static str {
    links(role).next().map_or(PAIRS, |(address, _)| address)
}

impl<'a> Head<'a> {
    pub(super) fn new(
        pages: &'a OfficePages,
        who: Option<&'a Who>,
        notice: Option<&'a Notice>,
    ) -> Self {
        Self {
            office: &pages.name,
            who,
            links: who.into_iter().flat_map(|who| links(who.role)).collect(),
            notice: notice.map(Notice::words),
        }
    }
}

#[derive(Template)]
#[template(path = "office_sign_in.html")]
struct SignInPage<'a> {
    head: Head<'a>,
    door: &'a str,
    number: &'a str,
    /// Value and words of each role that can sign in.
    roles: Vec<(String, &'static str)>,
}

/// Roles that have something to do on the pages, the usual one first.
const ROLES: [Role; 4] = [
    Role::Officer,
    Role::Auditor,
    Role::Clerk,
    Role::Administrator,
];

pub(super) fn sign_in(
    pages: &OfficePages,
    door: &Secret,
    notice: Option<&Notice>,
    number: &str,
) -> Result<String, askama::Error> {
    let role = |role: Role| (role.words().replace(' ', "-"), role.words());
    SignInPage {
        head: Head::new(pages, None, notice),
        door: door.text(),
        number,
        roles: ROLES.map(role).to_vec(),
    }
    .render()
}

#[derive(Template)]
#[template(path = "office_message.html")]
struct MessagePage<'a> {
    head: Head<'a>,
}

pub(super) fn message(
    pages: &OfficePages,
    who: Option<&Who>,
    notice: &Notice,
) -> Result<String, askama::Error> {
    MessagePage {
        head: Head::new(pages, who, Some(notice)),
    }
    .render()
}

/// A pair in a list.
struct PairLine {
    number: u32,
    hints: [String; 2],
    why: &'static str,
    reasons: String,
    since: String,
    stand: &'static str,
}

impl PairLine {
    fn new(row: &MatchRow, at: Timestamp) -> Self {
        Self {
            number: row.number,
            hints: row.hints.clone(),
            why: why(row),
            reasons: reasons(row),
            since: day(row.since),
            stand: stand(row.stand(at)),
        }
    }
}

#[derive(Template)]
#[template(path = "office_pairs.html")]
struct PairsPage<'a> {
    head: Head<'a>,
    rows: Vec<PairLine>,
}

pub(super) fn pairs(
    pages: &OfficePages,
    seen: &Seen,
    rows: &[MatchRow],
) -> Result<String, askama::Error> {
    let line = |row: &MatchRow| PairLine::new(row, seen.at);
    PairsPage {
        head: Head::new(pages, Some(&seen.who), None),
        rows: rows.iter().map(line).collect(),
    }
    .render()
}

/// Who captured a record, and when.
struct Side {
    document: String,
    captured: String,
    by: String,
    node: u64,
}

impl Side {
    fn new(one: &Captured) -> Self {
        let by = match (&one.name, one.worker) {
            (Some(name), _) => name.clone(),
            (None, (_, 0)) => "the person alone".to_owned(),
            (None, (scope, index)) => format!("worker {index} of area {}", scope.0),
        };
        Self {
            document: name(&one.capture.document),
            captured: moment(one.at),
            by,
            node: one.node.0.into(),
        }
    }
}

/// A field of both records.
struct FieldLine {
    label: &'static str,
    values: [Vec<String>; 2],
    differs: bool,
}

impl From<Line> for FieldLine {
    fn from(line: Line) -> Self {
        Self {
            label: label(line.field),
            differs: line.differs(),
            values: line.values.map(|all| shown(line.field, &all)),
        }
    }
}

#[derive(Template)]
#[template(path = "office_pair.html")]
struct PairView<'a> {
    head: Head<'a>,
    form: &'a str,
    line: PairLine,
    sides: [Option<Side>; 2],
    fields: Vec<FieldLine>,
    /// Who said what.
    words: Vec<(String, &'static str)>,
    /// Who was asked and has not answered.
    silent: Vec<String>,
    decided: Option<bool>,
    joined: bool,
    differing: usize,
}

pub(super) fn pair(
    pages: &OfficePages,
    seen: &Seen,
    pair: &PairPage,
    notice: Option<&Notice>,
) -> Result<String, askama::Error> {
    let row = &pair.row;
    let [one, other] = &pair.sides;
    let capture = |side: &Option<Captured>| side.as_ref().map(|side| side.capture.clone());
    let (left, right) = (capture(one), capture(other));
    let lines = side_by_side(left.as_ref(), right.as_ref()).into_iter();
    let fields: Vec<FieldLine> = lines.map(FieldLine::from).collect();
    let who = |worker: Worker| worker_name(pair, worker);
    let said = row.words.iter().map(|(worker, word)| {
        let word = match word {
            Word::Same => "one person",
            Word::Different => "two people",
            Word::NotSure => "not sure",
        };
        (who(*worker), word)
    });
    let mut silent: Vec<String> = row
        .workers
        .into_iter()
        .filter(|worker| row.words.iter().all(|(said, _)| said != worker))
        .map(who)
        .collect();
    silent.dedup();
    PairView {
        head: Head::new(pages, Some(&seen.who), notice),
        form: seen.who.form.text(),
        line: PairLine::new(row, seen.at),
        sides: [one, other].map(|side| side.as_ref().map(Side::new)),
        differing: fields.iter().filter(|field| field.differs).count(),
        fields,
        words: said.collect(),
        silent,
        decided: row.decided,
        joined: pair.joined,
    }
    .render()
}

fn worker_name(pair: &PairPage, worker: Worker) -> String {
    let named = pair.names.iter().find(|(known, _)| *known == worker);
    named.map_or_else(
        || format!("worker {} of area {}", worker.1, worker.0.0),
        |(_, name)| name.clone(),
    )
}

/// An edge that can be taken away.
struct EdgeLine {
    one: String,
    other: String,
    numbers: [String; 2],
}

#[derive(Template)]
#[template(path = "office_person.html")]
struct PersonView<'a> {
    head: Head<'a>,
    form: &'a str,
    document: String,
    number: String,
    fields: Vec<(&'static str, Vec<String>)>,
    members: Vec<(String, Side)>,
    edges: Vec<EdgeLine>,
    pairs: Vec<PairLine>,
}

pub(super) fn person(
    pages: &OfficePages,
    seen: &Seen,
    person: &PersonPage,
    notice: Option<&Notice>,
) -> Result<String, askama::Error> {
    let number = |document: &EntryRef| {
        let mut members = person.members.iter();
        let own = members.find(|one| one.capture.document == *document);
        let numbers = own.and_then(|one| one.capture.values.get(&Field::Number));
        let number = numbers.and_then(|all| all.first().cloned());
        number.unwrap_or_else(|| "without number".to_owned())
    };
    let edge = |[one, other]: &[EntryRef; 2]| EdgeLine {
        one: name(one),
        other: name(other),
        numbers: [number(one), number(other)],
    };
    let field = |(field, all): (&Field, &Vec<String>)| (label(*field), shown(*field, all));
    let member = |one: &Captured| (number(&one.capture.document), Side::new(one));
    PersonView {
        head: Head::new(pages, Some(&seen.who), notice),
        form: seen.who.form.text(),
        document: name(&person.whole.canonical),
        number: number(&person.whole.canonical),
        fields: person.whole.values.iter().map(field).collect(),
        members: person.members.iter().map(member).collect(),
        edges: person.edges.iter().map(edge).collect(),
        pairs: person
            .pairs
            .iter()
            .map(|row| PairLine::new(row, seen.at))
            .collect(),
    }
    .render()
}

/// A document in an address.
pub(super) fn name(document: &EntryRef) -> String {
    entry_text(document)
}

fn label(field: Field) -> &'static str {
    match field {
        Field::GivenName => "Given name",
        Field::FamilyName => "Family name",
        Field::BirthDate => "Born",
        Field::Sex => "Sex",
        Field::Phone => "Phone",
        Field::Village => "Village",
        Field::NationalId => "National id",
        Field::PlaceOfBirth => "Place of birth",
        Field::Number => "Number",
        Field::Language => "Language",
    }
}

/// Values as people read them.
fn shown(field: Field, values: &[String]) -> Vec<String> {
    let one = |value: &String| match (field, value.as_str()) {
        (Field::Sex, "F") => "female".to_owned(),
        (Field::Sex, "M") => "male".to_owned(),
        _ => value.clone(),
    };
    values.iter().map(one).collect()
}

fn reasons(row: &MatchRow) -> String {
    let word = |reason: &Reason| match reason {
        Reason::NamesEqual => "same names",
        Reason::NamesClose => "names sound alike",
        Reason::NamePart => "one name agrees",
        Reason::BirthEqual => "same day of birth",
        Reason::BirthClose => "birth dates are near",
        Reason::Village => "same village",
        Reason::Phone => "same phone",
        Reason::Mother => "same mother",
        Reason::NationalId => "same national id",
    };
    let words: Vec<&str> = row.reasons.iter().map(word).collect();
    words.join(", ")
}

/// Why it waits for an officer.
fn why(row: &MatchRow) -> &'static str {
    let mut words = row.words.iter().map(|(_, word)| *word);
    let Some(first) = words.next() else {
        return "the workers have not answered";
    };
    if words.any(|word| word != first) {
        "the workers differ"
    } else if first == Word::NotSure {
        "a worker is not sure"
    } else if row.words.len() == 1 {
        "only one worker has answered"
    } else {
        "both workers have answered"
    }
}

fn stand(stand: Stand) -> &'static str {
    match stand {
        Stand::Asked => "workers are asked",
        Stand::Officer => "waits for an officer",
        Stand::Decided(true) => "decided: one person",
        Stand::Decided(false) => "decided: two people",
    }
}

/// Months in letters: 03/04 is read in two ways.
fn day(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%-d %b %Y").to_string()
}

pub(super) fn moment(at: Timestamp) -> String {
    let there = at.to_zoned(TimeZone::UTC);
    there.strftime("%-d %b %Y, %H:%M UTC").to_string()
}
