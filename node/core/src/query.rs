//! Closed questions to the store from runtime, console and served APIs, and their answers.
//!
//! Console and Building Block routers have no edge to the store: they send these over a bounded
//! channel that `node::wiring` connects.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sync_core::revocation::RevocationMode;
use sync_core::{ChainId, EntryRef, Epoch, NodeId, Scope, Seq};

use crate::household::Doubt;
use crate::identity::Whole;
use crate::matching::MatchRow;
use crate::message::breaker::HoldReason;
use crate::message::broadcast::{BroadcastState, Preview};
use crate::message::budget::{AirtimeAlarm, LinkBudget, Used};
use crate::message::order::MessageId;
use crate::message::state::MessageState;
use crate::office::{PairPage, PersonPage};
use crate::read::ReadRow;
use crate::removal::RemovalRow;
use crate::role::RoleGrant;
use crate::status::Status;
use crate::view::{MessageClass, NumbersRow, RecordRow, RegistrationRow, ReviewRow};

/// A doubt about households, with the registration numbers that name it.
pub type NumberedDoubt = (Doubt, Vec<String>);

/// A question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Query {
    /// The newest registrations, at most `limit` (1–500).
    Registrations {
        /// How many.
        limit: u32,
    },
    /// Registration numbers of mother and child in the newest registrations, at most `limit`
    /// (1–500), as their phones showed them.
    RegistrationNumbers {
        /// How many.
        limit: u32,
    },
    /// Open and decided reviews, newest first.
    Reviews {
        /// How many.
        limit: u32,
    },
    /// Counts for pages and proofs.
    Counts,
    /// Who we are and how we stand.
    Self_,
    /// Heads of all chains that we hold.
    Frontier,
    /// Signed frames of one chain above `after`, the first of which may begin before it, at most `bytes_max` together, at least one
    /// if there is anything.
    Frames {
        /// The chain.
        chain: ChainId,
        /// Last seq the peer has.
        after: Seq,
        /// Budget in bytes.
        bytes_max: usize,
        /// Whether entries are packed where they pack.
        packed: bool,
    },
    /// The chain hash after an entry; that before the first one for 0.
    ChainHash {
        /// The chain.
        chain: ChainId,
        /// The entry.
        seq: Seq,
    },
    /// The stored receipt bytes of a chain that we wrote, or that we as hub gave.
    Receipt {
        /// The chain.
        chain: ChainId,
    },
    /// The certificate bytes that we hold of an origin and epoch.
    Certificate {
        /// Whose.
        node: NodeId,
        /// Of which life.
        epoch: Epoch,
    },
    /// Whether a life was stopped by the revocation list.
    Stopped {
        /// Whose.
        node: NodeId,
        /// Which life.
        epoch: Epoch,
    },
    /// Hub: the nodes that it enrolled, by name.
    Nodes,
    /// The newest revocation list, as it was signed; none where nobody was ever revoked.
    Revocations,
    /// The staff of a scope.
    Staff {
        /// Without lane.
        scope: Scope,
    },
    /// One record of a served registry.
    Record {
        /// Registry code.
        registry: String,
        /// Version text.
        version: String,
        /// Record id.
        id: String,
    },
    /// A page of a served registry, in the order of first writing, without tombstones.
    Records {
        /// Registry code.
        registry: String,
        /// Version text.
        version: String,
        /// Rows to skip.
        offset: u32,
        /// Rows at most (1–2,000).
        limit: u32,
    },
    /// Messages in one state, newest first, at most `limit` (1–500).
    Messages {
        /// The state.
        state: MessageState,
        /// How many.
        limit: u32,
    },
    /// How these messages stand; of an unknown id there is no row.
    MessageStates {
        /// Their ids, at least one ([`MessageId::parse_all`]).
        ids: Vec<MessageId>,
    },
    /// Use, balance and alarm of the links that have limits.
    Links {
        /// The moment to which use is counted.
        at: Timestamp,
    },
    /// Broadcasts, newest first.
    Broadcasts,
    /// What a broadcast takes.
    BroadcastPreview {
        /// Which.
        broadcast: u32,
    },
    /// Texts of people that no rule understood, newest first, at most `limit` (1–500).
    Inbox {
        /// How many.
        limit: u32,
    },
    /// Erasures that some certified holder has not confirmed.
    OpenErasures,
    /// A person as all documents tell it that are known to be of one person: canonical number,
    /// members, and every value of every field.
    Person {
        /// One of the documents.
        document: EntryRef,
    },
    /// Pairs of people that are asked about or decided, newest first, at most `limit` (1–500).
    Matches {
        /// How many.
        limit: u32,
    },
    /// What is to be settled about households of a programme.
    HouseholdDoubts {
        /// Programme code.
        programme: String,
    },
    /// Pairs that wait for an officer at a moment, longest first, at most `limit` (1–500).
    OfficerPairs {
        /// The moment.
        at: Timestamp,
        /// How many.
        limit: u32,
    },
    /// A pair with both records side by side.
    Pair {
        /// Its short number.
        number: u32,
    },
    /// A person with her documents and the edges between them.
    PersonPage {
        /// One of the documents.
        document: EntryRef,
    },
    /// Who saw a person's data, newest first ([`crate::read::READS_KEPT_MAX`]).
    ReadsOf {
        /// Her document.
        document: EntryRef,
    },
    /// Who saw a record of a served registry, newest first.
    RecordReads(crate::read::RecordName),
    /// The grant of a place of a staff list, unless it was taken back.
    StaffPlace {
        /// Without lane.
        scope: Scope,
        /// Place in the list.
        index: u32,
    },
    /// Whether a claimed effect is still to be brought: an erasure takes it back.
    EffectHeld {
        /// Its request id.
        request_id: String,
    },
    /// Removals of erased people's records that no Building Block has confirmed, oldest first, at
    /// most `limit` (1–500).
    OpenRemovals {
        /// How many.
        limit: u32,
    },
    /// A part of the read log.
    Log(crate::office::log::LogQuestion),
    /// Large broadcasts that were proposed, newest first, at most `limit` (1–500).
    Proposals {
        /// How many.
        limit: u32,
    },
    /// Erasures of an area (lane bits zero) that are not at their end, at most `limit` (1–500) of
    /// those that wait.
    ErasureDesk {
        /// The area.
        area: Scope,
        /// How many.
        limit: u32,
    },
    /// Complaints of an area (lane bits zero) that nobody has answered, newest first, at most
    /// `limit` (1–500).
    Complaints {
        /// The area.
        area: Scope,
        /// How many.
        limit: u32,
    },
}

/// An erased document, and the holders that have not confirmed it.
pub type OpenErasure = (EntryRef, Vec<NodeId>);

/// A message as an operator sees it: no text, and of the number only the end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MessageRow {
    /// Its id.
    pub id: MessageId,
    /// Its class.
    pub class: MessageClass,
    /// Where it stands.
    pub state: MessageState,
    /// Why it is held, for held ones.
    pub held: Option<HoldReason>,
    /// Code of the refusal or of the fence; 0 = none.
    pub reason: u32,
    /// `..` and the last four digits; empty when its text is gone with its day.
    pub to_hint: String,
    /// Milliseconds since 1970.
    pub created_at_ms: i64,
    /// End of the validity, milliseconds since 1970.
    pub expires_at_ms: i64,
    /// Attempts so far.
    pub attempt: u32,
    /// Handed over a second time after a lost answer (CH24).
    pub possible_duplicate: bool,
}

/// A link with its limits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkRow {
    /// Its name.
    pub link: String,
    /// Its limits and price.
    pub budget: LinkBudget,
    /// Parts that left lately.
    pub used: Used,
    /// Minor units, at the last reading.
    pub balance_minor: Option<i64>,
    /// Hours until the balance is used up.
    pub supply_hours: Option<i64>,
    /// What a person must know.
    pub alarm: Option<AirtimeAlarm>,
}

/// A broadcast and how far it has come.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BroadcastRow {
    /// Its number.
    pub id: u32,
    /// Where it stands.
    pub state: BroadcastState,
    /// Lines queued so far.
    pub place: u64,
    /// What all of it takes.
    pub preview: Preview,
    /// Its messages by state.
    pub counts: Vec<(MessageState, u64)>,
}

/// One text of a thread.
#[derive(Clone, PartialEq, Eq)]
pub struct InboxRow {
    /// The thread: one per number.
    pub thread: i64,
    /// Whether we wrote it.
    pub ours: bool,
    /// The desk to which its first word sent it; empty = the general one.
    pub desk: String,
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// The other side, as it was told.
    pub from: String,
    /// The text.
    pub text: String,
}

impl core::fmt::Debug for InboxRow {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "InboxRow({} bytes, ours: {})",
            self.text.len(),
            self.ours
        )
    }
}

/// An answer; the variant fits the question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// Registrations.
    Registrations(Vec<RegistrationRow>),
    /// Registration numbers.
    RegistrationNumbers(Vec<NumbersRow>),
    /// Reviews.
    Reviews(Vec<ReviewRow>),
    /// Counts.
    Counts(Counts),
    /// Ourselves.
    Self_(SelfState),
    /// Chain heads: seq and hash.
    Frontier(Vec<ChainHead>),
    /// [`Query::ChainHash`]; none of an entry that is not held.
    Hash(Option<[u8; 32]>),
    /// Frame bytes, in order.
    Frames(Vec<Vec<u8>>),
    /// Bytes of a receipt or certificate.
    Bytes(Option<Vec<u8>>),
    /// [`Query::Staff`], [`Query::StaffPlace`].
    Staff(Vec<RoleGrant>),
    /// A record.
    Record(Option<RecordRow>),
    /// Records and how many there are in all.
    Records {
        /// The page.
        rows: Vec<RecordRow>,
        /// All live records of the registry.
        total: u64,
    },
    /// [`Query::Messages`], [`Query::MessageStates`].
    Messages(Vec<MessageRow>),
    /// [`Query::Links`].
    Links(Vec<LinkRow>),
    /// [`Query::Broadcasts`].
    Broadcasts(Vec<BroadcastRow>),
    /// [`Query::BroadcastPreview`].
    BroadcastPreview(Option<Preview>),
    /// [`Query::Inbox`].
    Inbox(Vec<InboxRow>),
    /// [`Query::OpenErasures`]: the erased document and who has not confirmed.
    Erasures(Vec<OpenErasure>),
    /// [`Query::Person`].
    Person(Option<Whole>),
    /// [`Query::Matches`], [`Query::OfficerPairs`].
    Matches(Vec<MatchRow>),
    /// [`Query::HouseholdDoubts`]: each with registration numbers: of several heads theirs; of a
    /// person in several households hers, then one of somebody else in each.
    Doubts(Vec<NumberedDoubt>),
    /// [`Query::Pair`].
    Pair(Option<Box<PairPage>>),
    /// [`Query::ReadsOf`], [`Query::RecordReads`].
    Reads(Vec<ReadRow>),
    /// [`Query::PersonPage`].
    PersonPage(Option<Box<PersonPage>>),
    /// [`Query::EffectHeld`].
    EffectHeld(bool),
    /// [`Query::Stopped`].
    Stopped(bool),
    /// [`Query::Nodes`].
    Nodes(Vec<NodeRow>),
    /// [`Query::OpenRemovals`].
    Removals(Vec<RemovalRow>),
    /// [`Query::Log`]; `None` where the person is not of the area.
    Log(Option<Box<crate::office::log::LogPage>>),
    /// [`Query::Proposals`].
    Proposals(Vec<crate::message::approval::ProposalRow>),
    /// [`Query::ErasureDesk`].
    ErasureDesk(crate::erasure::ErasureDesk),
    /// [`Query::Complaints`].
    Complaints(Vec<crate::office::log::Complaint>),
}

/// A node as its hub knows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NodeRow {
    /// Its number.
    pub node: NodeId,
    /// Its name.
    pub name: String,
    /// Its last life, and until when its certificate holds; none before its enrolment.
    pub life: Option<(Epoch, Timestamp)>,
    /// How that life was closed, if it was.
    pub closed: Option<RevocationMode>,
}

/// Head of a chain.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChainHead {
    /// The chain.
    pub chain: ChainId,
    /// Last sequence number held.
    pub seq: Seq,
    /// Chain hash at that entry.
    pub hash: [u8; 32],
    /// Up to which entry a receipt of our hub covers it; 0 = none. Of another origin it may be
    /// more than is held.
    pub receipted: Seq,
    /// First and last entry that frames can be sent of from here without a gap.
    pub kept: Option<(Seq, Seq)>,
}

/// Counts, from the tables.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Persons with a document here.
    pub persons: u64,
    /// Registrations submitted here, whatever became of them.
    pub registrations: u64,
    /// Registrations by derived status.
    pub by_status: BTreeMap<Status, u64>,
    /// Registrations that were covered by a message which a receipt proved delivered.
    pub confirmed: u64,
    /// Messages by state word (`queued`, `sent`, `delivered`, `failed`, `expired`, `unknown`).
    pub messages: BTreeMap<String, u64>,
    /// Effects by state word (`pending`, `sent`, `unknown`, `acknowledged`, `refused`).
    pub effects: BTreeMap<String, u64>,
    /// Open reviews.
    pub open_reviews: u64,
    /// Leased numbers left.
    pub numbers_left: u64,
    /// Entries written here that no receipt covers yet.
    pub not_carried: u64,
}

/// Who we are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SelfState {
    /// Our origin number; 0 before enrolment.
    pub node: NodeId,
    /// Our name.
    pub name: String,
    /// Our current life.
    pub epoch: Epoch,
    /// Whether the hub has certified it.
    pub certified: bool,
    /// Our certificate, if any.
    pub certificate: Option<Vec<u8>>,
    /// Areas granted to us (lane bits zero).
    pub scopes: Vec<Scope>,
    /// Names the pack sets held, as `Hello` does.
    pub sets: [u8; 8],
}
