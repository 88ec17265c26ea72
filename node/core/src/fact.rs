//! Facts: what must happen once. Immutable bodies of journal entries, in a versioned encoding.
//!
//! A body is one version byte and the postcard form. Variants are only ever added at the end; a
//! golden file of every release keeps old bodies readable.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sync_core::{EntryRef, Epoch, NodeId};

use crate::alert::Alert;
use crate::binding::Unbound;
use crate::consent::{Basis, Witness};
use crate::duplicate::weight::Band;
use crate::erasure::{Approver, Erasure};
use crate::event::Event;
use crate::hold::{Change, Step};
use crate::household::Joining;
use crate::identity::Pair;
use crate::matching::{Reason, Word, Worker};
use crate::read::ReadNote;
use crate::reference::ReferencePart;
use crate::role::{RoleEnd, RoleGrant, StaffCode};
use crate::slip::SlipId;
use crate::slip::code::CodeKey;

/// Version byte of this encoding.
pub const FACT_VERSION: u8 = 1;
/// Largest encoded fact in bytes; a larger one is refused at capture and on acceptance.
pub const FACT_BYTES_MAX: usize = 16 * 1024;

/// Most people handed over by one fact; more go into several.
pub const HANDED_OVER_MAX: usize = 400;

/// Scope, last sequence number and chain hash of a chain in the life before.
pub type EpochHead = (u32, u32, [u8; 32]);

/// One thing that happened.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Fact {
    /// A new life of this origin began (first entry of an epoch, lane 0).
    EpochStarted {
        /// The life before.
        previous: Epoch,
        /// Last sequence number and chain hash per scope of that life.
        heads: Vec<EpochHead>,
        /// `restore`, `enrolment`, `rewound`, `forked`.
        reason: String,
        /// The new public key.
        key: [u8; 32],
        /// By the old key over all of the above; `None` for the first life.
        signature: Option<Vec<u8>>,
    },
    /// The hub gave a role to a number.
    RoleGranted(RoleGrant),
    /// The hub leased registration numbers to one node and epoch.
    NumbersLeased {
        /// To whom.
        node: NodeId,
        /// In which life.
        epoch: Epoch,
        /// Bodies of 9 digits, in the order of use.
        numbers: Vec<u32>,
    },
    /// A mother and a child were registered together; names their two documents.
    RegistrationSubmitted(Registration),
    /// A person agreed or did not; `about` is the document named in the entry's head.
    ConsentRecorded {
        /// Data agreement, `programme/agreement`.
        agreement: String,
        /// Its pinned revision.
        revision: u32,
        /// SHA-256 of the text that was shown.
        text_hash: [u8; 32],
        /// Language of that text.
        language: String,
        /// What the person said.
        opt_in: bool,
        /// `ussd`, `sms`, `console`.
        channel: String,
        /// What it speaks of; empty = the whole agreement.
        purposes: Vec<String>,
        /// What the use rests on.
        basis: Basis,
        /// Who saw it, or how it was proved.
        witness: Option<Witness>,
        /// The opt-outs that a yes undoes; one that it does not name stays in force.
        after: Vec<EntryRef>,
    },
    /// The hub committed to one effect at a Building Block, before the first attempt.
    EffectPlanned {
        /// The registration it projects.
        registration: EntryRef,
        /// Upstream name, such as `registries`.
        upstream: String,
        /// The minted request id, id12.
        request_id: String,
    },
    /// The registry took a registration.
    RegistryAccepted {
        /// Which.
        registration: EntryRef,
        /// The registry's own id of the record.
        registry_id: String,
        /// The request id that brought it; for a registration that was joined to another one,
        /// the correlation id of that other one, because nothing was sent for it.
        request_id: String,
    },
    /// The registry refused a registration.
    RegistryRejected {
        /// Which.
        registration: EntryRef,
        /// The peer's code.
        code: String,
        /// The field it complains about, if it says.
        field: Option<String>,
        /// The peer's reason.
        reason: String,
    },
    /// The hub holds a registration, because it repeats another exactly.
    DuplicateFlagged {
        /// Short number of the review, shown to people.
        review: u32,
        /// The later registration, which waits.
        registration: EntryRef,
        /// The earlier one.
        other: EntryRef,
        /// Last four digits of the earlier one's number; no other datum of it.
        other_hint: String,
    },
    /// A worker answered a review.
    ReviewAnswered {
        /// Which review.
        review: u32,
        /// The registration that waits.
        registration: EntryRef,
        /// Whether both are the same people.
        same: bool,
    },
    /// The hub joined a waiting registration to an earlier one (`same_as`), or let it go on.
    ReviewDecided {
        /// Which review.
        review: u32,
        /// The registration that waited.
        registration: EntryRef,
        /// The earlier one.
        other: EntryRef,
        /// Joined, or two different families.
        same: bool,
    },
    /// A claimed number answered: it is bound to the person of the entry's document.
    NumberBound {
        /// E.164 with `+`.
        phone: String,
        /// The day, since 1970, if a trusted clock showed one.
        day: Option<u16>,
    },
    /// A number asked for no more texts, or for them again.
    MessagesStopped {
        /// E.164 with `+`.
        phone: String,
        /// Whether they stop or start.
        stopped: bool,
        /// The opt-outs that an opt-in undoes; one that it does not name stays in force. Empty
        /// for an opt-out.
        after: Vec<EntryRef>,
    },
    /// A provisional or slip number got its permanent one; both open the same record.
    AliasAssigned {
        /// The number shown before.
        old: String,
        /// The permanent one.
        new: String,
    },
    /// A record of a registry that this hub serves was written; the body is canonical JSON.
    RecordWritten {
        /// Registry code.
        registry: String,
        /// Version text of the registry.
        version: String,
        /// The record's id.
        id: String,
        /// Canonical JSON of its content; `None` = deleted (tombstone).
        content: Option<String>,
        /// Who wrote it, as authenticated.
        client: String,
        /// When.
        at: Timestamp,
        /// Replay key: hex SHA-256 of client, operation, id and canonical body.
        replay_key: String,
    },
    /// Personal data was read.
    RecordsRead(ReadNote),
    /// The hub took a role back.
    RoleRevoked(RoleEnd),
    /// Something happened in a programme, to the person of the entry's document or to nobody.
    EventRecorded(Event),
    /// A worker takes back her own entry: the event did not happen, or the registration is none.
    EntryWithdrawn {
        /// Which event or registration.
        entry: EntryRef,
    },
    /// People are another worker's from now on.
    PeopleHandedOver {
        /// Staff index in this scope.
        to: u32,
        /// Their documents, at most [`HANDED_OVER_MAX`].
        persons: Vec<EntryRef>,
    },
    /// A worker saw the person and opened the way to a new PIN; the old one holds nowhere.
    PinReset {
        /// Whether it was locked at that time.
        locked: bool,
    },
    /// A person, or a worker who sees her, asks that her data be erased; `about` is the document.
    ErasureAsked,
    /// The first of two people at the hub approved an erasure.
    ErasureApproved {
        /// The person's document.
        person: EntryRef,
        /// Who approved.
        by: Approver,
    },
    /// The hub orders every holder to give up a person's data.
    PersonErased(Erasure),
    /// The writer has given up a person's data.
    ErasureConfirmed {
        /// The person's document.
        person: EntryRef,
    },
    /// A slip or short code was given to the person of the entry's document.
    SlipIssued {
        /// Its name.
        slip: SlipId,
    },
    /// These slips hold no more: the registration was withdrawn or erased. No person is named.
    SlipsRevoked {
        /// Their names.
        slips: Vec<SlipId>,
    },
    /// The hub gave the nodes of the entry's area a key of short codes; earlier ones stay good.
    SlipKeyGiven {
        /// The key.
        key: CodeKey,
    },
    /// The hub tells its nodes the certificate of one of them, so that each checks the others.
    CertificateShared {
        /// Signed bytes ([`sync_core::certificate`]).
        certificate: Vec<u8>,
    },
    /// The hub published a part of a revision of a list.
    ReferencePublished(ReferencePart),
    /// An alert to the entry's area, or what follows it.
    AlertRaised(Alert),
    /// Few of the registration numbers leased to the entry's origin are left.
    NumbersAsked {
        /// How many.
        left: u32,
    },
    /// The hub found two documents that may be one person. Written into the areas of both.
    PersonsMatched {
        /// Short number, shown to people.
        number: u32,
        /// The documents, the smaller name first.
        pair: Pair,
        /// How sure the comparison is.
        band: Band,
        /// Why.
        reasons: Vec<Reason>,
        /// Last four digits of each one's number.
        hints: [String; 2],
        /// Who captured each.
        workers: [Worker; 2],
    },
    /// A worker said whether two documents are one person.
    MatchAnswered {
        /// Which pair.
        number: u32,
        /// The documents.
        pair: Pair,
        /// What was said.
        word: Word,
    },
    /// The hub decided about a pair: two workers agreed, or an officer decided.
    MatchDecided {
        /// Which pair.
        number: u32,
        /// The documents.
        pair: Pair,
        /// One person, or two.
        same: bool,
        /// `workers`, or the officer's area and staff index.
        by: String,
        /// Why, in an officer's words.
        reason: String,
    },
    /// Two documents are one person: an edge, named by this entry.
    PersonsJoined {
        /// The documents.
        pair: Pair,
    },
    /// These additions of the edge between two documents no longer hold.
    PersonsParted {
        /// The documents.
        pair: Pair,
        /// The entries that added it, as far as they were seen.
        additions: Vec<EntryRef>,
        /// The officer's area and staff index.
        by: String,
        /// Why.
        reason: String,
    },
    /// Somebody who saw both said that they are two people.
    PersonsDistinct {
        /// The documents.
        pair: Pair,
    },
    /// The person of the entry's document joins a household, or founds one.
    HouseholdJoined(Joining),
    /// These memberships of the person of the entry's document ended.
    HouseholdLeft {
        /// The entries that began them, as far as they were seen.
        memberships: Vec<EntryRef>,
    },
    /// Two households are one.
    HouseholdsLinked {
        /// The households, the smaller name first.
        pair: Pair,
        /// The officer's area and staff index.
        by: String,
        /// Why.
        reason: String,
    },
    /// These additions of the edge between two households no longer hold.
    HouseholdsUnlinked {
        /// The households.
        pair: Pair,
        /// The entries that added it, as far as they were seen.
        additions: Vec<EntryRef>,
        /// The officer's area and staff index.
        by: String,
        /// Why.
        reason: String,
    },
    /// A number that is bound to the person of the entry's document was heard.
    NumberSeen {
        /// E.164 with `+`.
        phone: String,
        /// The day, since 1970, by a trusted clock.
        day: u16,
    },
    /// A number is not the person's any more: the bindings that it names hold no more.
    NumberUnbound {
        /// E.164 with `+`.
        phone: String,
        /// What ends: entries of answers, and the document for the claim itself.
        additions: Vec<EntryRef>,
        /// Why.
        why: Unbound,
    },
    /// A worker who sees the person asked for a change, with the person's PIN; `about` is the
    /// document. It waits.
    ChangeAsked(Change),
    /// What became of a change.
    ChangeMoved {
        /// Which: the entry that asked for it.
        change: EntryRef,
        /// What.
        step: Step,
    },
    /// The hub gave a worker a one-time code for her first PIN.
    StaffCodeGiven(StaffCode),
    /// A node was closed, or opened for money again; the author says by whom.
    NodeClosed(crate::revocation::Closing),
}

/// A mother–child registration, as submitted by a worker.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Registration {
    /// Programme code, `maternal-child`.
    pub programme: String,
    /// Version of the programme under which it was captured.
    pub programme_version: u32,
    /// The mother's document.
    pub mother: EntryRef,
    /// The child's document.
    pub child: EntryRef,
}

/// Serde form of an Ed25519 signature: 64 bytes, which serde's arrays do not reach.
pub mod signature_bytes {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    /// Writes the bytes.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(bytes: &[u8; 64], serializer: S) -> Result<S::Ok, S::Error> {
        bytes.as_slice().serialize(serializer)
    }

    /// Reads exactly 64 bytes.
    ///
    /// # Errors
    /// Any other length.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 64], D::Error> {
        let bytes = Vec::<u8>::deserialize(deserializer)?;
        <[u8; 64]>::try_from(bytes).map_err(|_wrong| D::Error::custom("signature is not 64 bytes"))
    }
}

impl Fact {
    /// The body of the journal entry.
    ///
    /// # Errors
    /// [`FactError::TooLarge`] above [`FACT_BYTES_MAX`].
    pub fn encode(&self) -> Result<Vec<u8>, FactError> {
        let mut body = vec![FACT_VERSION];
        body.extend(postcard::to_stdvec(self).map_err(FactError::Encode)?);
        if body.len() > FACT_BYTES_MAX {
            return Err(FactError::TooLarge {
                limit: FACT_BYTES_MAX,
                got: body.len(),
            });
        }
        Ok(body)
    }

    /// Reads a body.
    ///
    /// # Errors
    /// An unknown version, a malformed body, or bytes left over.
    pub fn decode(body: &[u8]) -> Result<Self, FactError> {
        match body {
            [FACT_VERSION, rest @ ..] if body.len() <= FACT_BYTES_MAX => {
                let (fact, left) = postcard::take_from_bytes(rest).map_err(FactError::Decode)?;
                if left.is_empty() {
                    Ok(fact)
                } else {
                    Err(FactError::Leftover)
                }
            }
            [FACT_VERSION, ..] => Err(FactError::TooLarge {
                limit: FACT_BYTES_MAX,
                got: body.len(),
            }),
            [version, ..] => Err(FactError::Version { got: *version }),
            [] => Err(FactError::Version { got: 0 }),
        }
    }
}

/// Why a fact could not be written or read; surfaces at commit and at frame acceptance.
#[derive(Debug, thiserror::Error)]
pub enum FactError {
    /// Above [`FACT_BYTES_MAX`].
    #[error("fact has {got} bytes, the limit is {limit}")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
        /// What came.
        got: usize,
    },
    /// A version byte of another release.
    #[error("fact has the unknown version {got}")]
    Version {
        /// The byte.
        got: u8,
    },
    /// Bytes behind the fact.
    #[error("fact is followed by bytes that belong to nothing")]
    Leftover,
    /// Malformed.
    #[error("fact is malformed")]
    Decode(#[source] postcard::Error),
    /// Cannot be written.
    #[error("fact could not be encoded")]
    Encode(#[source] postcard::Error),
}
