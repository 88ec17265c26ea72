//! What rules read from the store and what they change in its tables.
//!
//! Two closed lists keep SQL out of the rules and rules out of the SQL: [`Lookup`] → [`Found`]
//! for reading, [`ViewChange`] for writing. The rules say first what they need, the store answers
//! inside the transaction, and the rules return the changes.

mod change;
mod outward;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sync_core::{EntryRef, Epoch, NodeId, Scope};

use crate::alert::{AlertId, AlertLevel};
use crate::binding::Binding;
use crate::consent::ConsentRow;
use crate::duplicate::find::Question;
use crate::erasure::ErasureRow;
use crate::event::EventRow;
use crate::fact::Registration;
use crate::hold::HeldRow;
use crate::household::{Membership, Unit};
use crate::identity::{Edge, Pair};
use crate::matching::MatchRow;
use crate::matching::near::{Close, Sought};
use crate::message::approval::Proposal;
use crate::person::PersonFields;
use crate::pin::{Holder, Pin, PinRow, Purpose};
use crate::read::{ReadRow, Reader};
use crate::reference::KnownItem;
use crate::role::{Role, RoleGrant};
use crate::schedule::Planned;
use crate::slip::SlipId;
use crate::slip::code::CodeKey;
use crate::status::Status;

pub use change::ViewChange;
pub use outward::{Effect, MessageClass, NewMessage, Terms};

/// One question of the rules.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Lookup {
    /// The name that the next entry of this scope (with lane) in our own chain will get.
    NextEntry(Scope),
    /// The next `count` registration numbers (by kind: leased, provisional, slip).
    NextNumbers(u32),
    /// A person's row.
    Person(EntryRef),
    /// Persons by exact token.
    PersonsByToken(Token),
    /// A registration's row.
    Registration(EntryRef),
    /// Registrations that carry this token.
    RegistrationsByToken(Token),
    /// Registrations of an author (scope without lane, staff index).
    RegistrationsByAuthor(Scope, u32),
    /// Staff with this number (E.164 with `+`).
    StaffByPhone(String),
    /// Staff by scope (without lane) and index.
    Staff(Scope, u32),
    /// How many staff a scope has.
    StaffCount(Scope),
    /// Open reviews that wait for the author of a registration (scope without lane, index).
    OpenReviews(Scope, u32),
    /// A review by number.
    Review(u32),
    /// Hub: the number that the next review gets ([`Found::Number`]); rises, never reused.
    NextReview,
    /// Reviews in which this registration is the earlier one.
    ReviewsByOther(EntryRef),
    /// Registrations in which this person is the mother or the child.
    RegistrationsByPerson(EntryRef),
    /// What is known of a number: bindings, language, stop.
    Phone(String),
    /// Results since the last digest, per worker of every scope that we own.
    Undigested,
    /// Whether our epoch is certified by the hub.
    EpochCertified,
    /// A record of a served registry.
    Record {
        /// Registry code.
        registry: String,
        /// Version text.
        version: String,
        /// Record id.
        id: String,
    },
    /// Names of the numbers not yet leased out: how many are left.
    LeaseLeft,
    /// Index of the next number in the hub's permuted list.
    LeaseCursor,
    /// Whether a place of a staff list was ended (scope without lane, index).
    StaffEnded(Scope, u32),
    /// An event.
    Event(EntryRef),
    /// Events about a person, in order of capture.
    EventsBySubject(EntryRef),
    /// Events of an author (scope without lane, staff index) since a moment, newest first.
    EventsByAuthor(Scope, u32, Timestamp),
    /// Events of one code of a programme, newest first.
    EventsByCode {
        /// Programme code.
        programme: String,
        /// Code of the event.
        code: String,
    },
    /// Events that refer to an event.
    EventsReferring(EntryRef),
    /// Open tasks of a worker (scope without lane, staff index) that are due by a day.
    TasksOf(Scope, u32, Date),
    /// People whose reminder is to leave on a day, from this node.
    TasksToRemind(Date),
    /// Open tasks for workers that are due by a day, of people registered here.
    TasksToTell(Date),
    /// Staff index of the worker to whom a person is assigned ([`Found::Number`]).
    WorkerOf(EntryRef),
    /// People assigned to a worker (scope without lane, staff index).
    PeopleOf(Scope, u32),
    /// Staff of a scope (without lane) with a role.
    StaffByRole(Scope, Role),
    /// A holder's PIN on this node.
    Pin(Holder),
    /// The hash of a PIN, computed by the shell; a first question for a check charges the try.
    Stretch(Holder, Pin, Purpose),
    /// Whose PIN was right in this conversation, not long ago.
    Proved,
    /// What a person answered when asked to agree.
    Consents(EntryRef),
    /// How far the erasure of a person has come.
    Erasure(EntryRef),
    /// Slips and codes of a person that hold ([`Found::Slips`]).
    SlipsOf(EntryRef),
    /// Whether a slip was revoked ([`Found::Flag`]).
    SlipRevoked(SlipId),
    /// Keys of short codes of an area (lane bits zero), oldest first ([`Found::CodeKeys`]).
    CodeKeys(Scope),
    /// Codes of the programmes that are offered here ([`Found::Words`]).
    ProgrammeCodes,
    /// A list of an area (lane bits zero) ([`Found::Reference`]).
    Reference(Scope, String),
    /// A broadcast that was proposed ([`Found::Proposal`]).
    Proposal(u32),
    /// Whether a step of an alert is known here ([`Found::Flag`]).
    AlertKnown(AlertId, u32),
    /// The newest step of the newest alert of an area that has no all-clear ([`Found::Alert`]).
    LiveAlert(Scope),
    /// Hub: numbers leased to a life of a node, less the people whom it has registered.
    NumbersHeld(NodeId, Epoch),
    /// People registered by this node who have no permanent number, at most so many.
    Unnumbered(u32),
    /// Who of an area (lane bits zero) fits a question ([`Found::Fitting`]).
    Fitting(Question, Scope),
    /// Who of the people known here come near to one ([`Found::Near`]).
    Near(Sought),
    /// A pair of people by its number.
    Match(u32),
    /// Pairs in which a document stands.
    MatchesOf(EntryRef),
    /// Pairs that wait for a worker's word (scope without lane, staff index).
    MatchesWaiting(Scope, u32),
    /// Edges that touch a document.
    Edges(EntryRef),
    /// Whether two documents were called two people.
    Distinct(Pair),
    /// Who saw a person's data, newest first ([`Found::Reads`]).
    ReadsOf(EntryRef),
    /// How many records a reader saw since a moment ([`Found::Number`]).
    ReadsBy(Reader, Timestamp),
    /// Staff index of the author of an entry ([`Found::Number`]).
    AuthorOf(EntryRef),
    /// Memberships of a person in households of a programme that have not ended.
    MembershipsOf(EntryRef, String),
    /// Memberships of a household in a programme that have not ended.
    MembersOf(EntryRef, String),
    /// Who counts as one with a person ([`Found::Unit`]); in a programme with her household.
    Unit(EntryRef, Option<String>),
    /// Events of one code that concern a unit: about its persons, or answers to those; all events,
    /// ended ones too.
    UnitEvents {
        /// A person of the unit.
        person: EntryRef,
        /// Programme code.
        programme: String,
        /// Code of the event.
        code: String,
        /// Whether households count.
        households: bool,
    },
    /// Changes of a person's details ([`Found::Held`]).
    HeldOf(EntryRef),
    /// Changes that wait ([`Found::Held`]).
    HeldOpen,
}

/// The answers, by question.
pub type Known = BTreeMap<Lookup, Found>;

/// One answer of the store.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Found {
    /// Nothing there.
    None,
    /// [`Lookup::NextEntry`].
    Entry(EntryRef),
    /// [`Lookup::NextNumbers`]: texts of the numbers and what they are.
    Numbers(Vec<IssuedNumber>),
    /// Persons.
    Persons(Vec<PersonRow>),
    /// Registrations.
    Registrations(Vec<RegistrationRow>),
    /// Staff.
    Staff(Vec<RoleGrant>),
    /// Reviews.
    Reviews(Vec<ReviewRow>),
    /// A phone.
    Phone(PhoneRow),
    /// [`Lookup::Undigested`].
    Undigested(Vec<RegistrationRow>),
    /// A count, an index.
    Number(u64),
    /// Yes or no.
    Flag(bool),
    /// A served record: canonical JSON.
    Record(RecordRow),
    /// Events.
    Events(Vec<EventRow>),
    /// Tasks.
    Tasks(Vec<TaskRow>),
    /// Entries.
    Entries(Vec<EntryRef>),
    /// [`Lookup::Pin`].
    Pin(PinRow),
    /// [`Lookup::Stretch`]: the salt that was used, and the hash.
    Stretched([u8; 16], [u8; 32]),
    /// [`Lookup::Proved`].
    Holder(Holder),
    /// [`Lookup::Consents`].
    Consents(ConsentRow),
    /// [`Lookup::Erasure`].
    Erasure(ErasureRow),
    /// [`Lookup::SlipsOf`].
    Slips(Vec<SlipId>),
    /// [`Lookup::CodeKeys`].
    CodeKeys(Vec<CodeKey>),
    /// Words that are no personal data.
    Words(Vec<String>),
    /// Revision and items of a list, retired ones included; revision 0 and none = not published.
    Reference(u32, Vec<KnownItem>),
    /// [`Lookup::Proposal`].
    Proposal(Option<Proposal>),
    /// [`Lookup::LiveAlert`]: its name, its level, its last step.
    Alert(Option<(AlertId, AlertLevel, u32)>),
    /// [`Lookup::Fitting`]: the closest [`crate::duplicate::find::FOUND_MAX`] of them, the closest names first; `None` when
    /// the question is too broad.
    Fitting(Option<Vec<PersonRow>>),
    /// [`Lookup::Near`]: [`Sought::closest`] of her candidates.
    Near(Vec<Close>),
    /// Pairs of people.
    Matches(Vec<MatchRow>),
    /// Edges with the entries that added them.
    Edges(Vec<Edge>),
    /// [`Lookup::ReadsOf`].
    Reads(Vec<ReadRow>),
    /// Memberships of households.
    Memberships(Vec<Membership>),
    /// [`Lookup::Unit`].
    Unit(Unit),
    /// Changes that wait or waited.
    Held(Vec<HeldRow>),
}

/// A number handed out.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct IssuedNumber {
    /// Its digits.
    pub digits: String,
    /// Where it comes from.
    pub kind: NumberKind,
}

/// Where a number comes from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum NumberKind {
    /// From the leased list: permanent.
    Leased,
    /// The lease is empty: 12 digits, first 1.
    Provisional,
    /// The epoch is not certified: 12 digits, first two 19.
    Slip,
}

/// A keyed look-up: the store turns it into an HMAC and never stores the value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// The normalised value.
    pub value: String,
}

impl core::fmt::Debug for Token {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Token({:?})", self.kind)
    }
}

/// Kinds of tokens, with their stored length.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum TokenKind {
    /// Phone number, E.164: 128 bits.
    Phone,
    /// Registration number or alias: 128 bits.
    Number,
    /// National id: 128 bits.
    NationalId,
    /// Exact repeat of a registration (normalised names, birth dates, phone): 128 bits.
    Repeat,
    /// How a word of a name sounds, and birth year: 16 bits, on purpose.
    NameYear,
    /// Village and birth year: 16 bits, on purpose.
    VillageYear,
    /// How both names sound, as a sorted pair: 16 bits, on purpose.
    NamePair,
}

/// A person as the views hold it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PersonRow {
    /// The document.
    pub document: EntryRef,
    /// Current values.
    pub fields: PersonFields,
    /// Fields with more than one visible value, for review.
    pub conflicts: Vec<crate::person::Field>,
}

/// A registration as the views hold it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RegistrationRow {
    /// Its entry.
    pub id: EntryRef,
    /// What was submitted.
    pub registration: Registration,
    /// Scope without lane and staff index of the worker.
    pub author: (Scope, u32),
    /// Derived status, receipts included.
    pub status: Status,
    /// The registry's id once accepted.
    pub registry_id: Option<String>,
    /// Code and reason once rejected.
    pub rejection: Option<(String, String)>,
    /// The open or decided review, if any.
    pub review: Option<u32>,
    /// Derived correlation id, id12.
    pub correlation_id: String,
    /// When it was captured, by the entry's clock.
    pub captured_at: Timestamp,
}

/// The registration numbers of the two people of a registration.
#[derive(Clone, PartialEq, Eq)]
pub struct NumbersRow {
    /// The registration's entry.
    pub registration: EntryRef,
    /// Mother and child; empty where the document is not here.
    pub numbers: [String; 2],
}

impl core::fmt::Debug for NumbersRow {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "NumbersRow({:?})", self.registration)
    }
}

/// A review as the views hold it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReviewRow {
    /// Short number.
    pub review: u32,
    /// The registration that waits.
    pub registration: EntryRef,
    /// The earlier one.
    pub other: EntryRef,
    /// Last four digits of the earlier one's number.
    pub other_hint: String,
    /// `None` = open; same or not once answered.
    pub answer: Option<bool>,
    /// Whether the hub decided.
    pub decided: bool,
}

/// An open task as the views hold it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct TaskRow {
    /// What is due, and when.
    pub planned: Planned,
    /// For whom.
    pub subject: EntryRef,
    /// Staff index of the worker to whom the person is assigned; 0 = nobody.
    pub worker: u32,
}

/// What is known of a phone number.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PhoneRow {
    /// Persons whose document names it, with whether it is bound to them now. Derived from
    /// `bindings` and the day by [`crate::binding::settle`], as `stale` is.
    pub persons: Vec<(EntryRef, bool)>,
    /// Those of `persons` to whom it was bound before it fell silent.
    pub stale: Vec<EntryRef>,
    /// Whether the neutral text that asks to reply 1 was queued.
    pub asked: bool,
    /// Chosen language.
    pub language: Option<String>,
    /// The area that the number chose, where it is known in none or several (lane bits zero).
    pub area: Option<Scope>,
    /// Whether texts are stopped: some opt-out was not undone.
    pub stopped: bool,
    /// Entries of all opt-outs known, in order of their names.
    pub stops: Vec<EntryRef>,
    /// Opt-outs that some opt-in named; may hold names that have not arrived in `stops` yet.
    pub undone: Vec<EntryRef>,
    /// What is known of each person at it, in order of the documents' names.
    pub bindings: Vec<Binding>,
}

/// A served registry's record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecordRow {
    /// Record id.
    pub id: String,
    /// Canonical JSON.
    pub content: String,
    /// Key of the write that made it.
    pub replay_key: String,
    /// First written.
    pub created_at: Timestamp,
    /// Last written.
    pub modified_at: Timestamp,
}

/// Role shown with a number, for the console.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StaffSummary {
    /// Index in the scope.
    pub index: u32,
    /// Role.
    pub role: Role,
    /// Scope without lane.
    pub scope: Scope,
}
