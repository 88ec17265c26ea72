//! What the rules want changed in tables.

use jiff::Timestamp;
use sync_core::{EntryRef, Epoch, NodeId, Scope};

use crate::alert::Alert;
use crate::consent::ConsentRow;
use crate::erasure::ErasureRow;
use crate::event::{Assignment, EventRow};
use crate::hold::HeldRow;
use crate::household::Membership;
use crate::identity::Pair;
use crate::matching::MatchRow;
use crate::pin::{Holder, PinRow};
use crate::read::ReadNote;
use crate::reference::ReferencePart;
use crate::role::RoleGrant;
use crate::slip::SlipId;
use crate::slip::code::CodeKey;
use crate::status::Status;

use super::{
    Effect, IssuedNumber, PersonRow, PhoneRow, RegistrationRow, ReviewRow, TaskRow, Token,
};

/// One change of a table. Applying the same list in the same order gives the same tables.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ViewChange {
    /// Insert or replace a person and all its tokens.
    PutPerson {
        /// The row.
        row: PersonRow,
        /// Its tokens; old ones go.
        tokens: Vec<Token>,
    },
    /// Insert a registration; its status starts as held, or carried on a hub.
    PutRegistration {
        /// The row.
        row: RegistrationRow,
        /// Its tokens.
        tokens: Vec<Token>,
    },
    /// Move a registration on.
    SetOutcome {
        /// Which.
        registration: EntryRef,
        /// Accepted, Rejected, Conflict, or Carried (a conflict that a person decided).
        status: Status,
        /// The registry's id.
        registry_id: Option<String>,
        /// Code and reason.
        rejection: Option<(String, String)>,
    },
    /// Insert or replace a review; its number becomes [`RegistrationRow::review`] of the one that
    /// waits.
    PutReview(ReviewRow),
    /// Append to the staff list.
    PutStaff(RoleGrant),
    /// Replace what is known of a number.
    PutPhone {
        /// E.164 with `+`.
        phone: String,
        /// The row.
        row: PhoneRow,
    },
    /// Append leased numbers (only when node and epoch are ours).
    AddNumbers {
        /// To whom.
        node: NodeId,
        /// In which life.
        epoch: Epoch,
        /// 9-digit bodies.
        numbers: Vec<u32>,
    },
    /// These numbers are used up: moves the high-water mark.
    UseNumbers(Vec<IssuedNumber>),
    /// Another number opens the same person.
    PutAlias {
        /// The person's document.
        document: EntryRef,
        /// The other number.
        number: String,
    },
    /// Insert, replace or delete a served record.
    PutRecord {
        /// Registry code.
        registry: String,
        /// Version text.
        version: String,
        /// Record id.
        id: String,
        /// `None` = tombstone.
        content: Option<String>,
        /// Replay key of the write.
        replay_key: String,
        /// When.
        at: Timestamp,
    },
    /// Hub: queue one effect at a Building Block; a second one for the same registration and
    /// upstream changes nothing. Its request id is minted by the store in the
    /// same transaction and written as [`crate::fact::Fact::EffectPlanned`].
    AddEffect(Effect),
    /// Hub: move the cursor of the permuted number list.
    SetLeaseCursor(u64),
    /// These results were told to their worker; a later [`ViewChange::SetOutcome`] that changes
    /// the status makes the registration untold again.
    MarkDigested(Vec<EntryRef>),
    /// Insert an event.
    PutEvent(EventRow),
    /// An event or a registration no longer counts, whether it is here yet or not. People of whom
    /// nothing else counts are found by nobody any more.
    VoidEntry(EntryRef),
    /// Assign people to a worker; an older assignment changes nothing.
    AssignPeople {
        /// Whom.
        persons: Vec<EntryRef>,
        /// To whom, and by which entry.
        assignment: Assignment,
    },
    /// Compute anew what is due for a person.
    Replan(EntryRef),
    /// These reminders were queued.
    MarkReminded(Vec<TaskRow>),
    /// Cancel what is queued for a number in the classes health, reminder and broadcast. Done
    /// before the messages of the same turn are queued, so that their confirmation still leaves.
    CancelMessages {
        /// E.164 with `+`.
        to: String,
    },
    /// A place of a staff list holds nothing any more, whether its grant is here yet or not.
    EndStaff {
        /// Without lane.
        scope: Scope,
        /// Its index.
        index: u32,
    },
    /// Replace what is kept of a PIN on this node; the row of nobody is not kept.
    PutPin {
        /// Whose.
        holder: Holder,
        /// The row.
        row: PinRow,
    },
    /// The try that was charged last turned out right: the node's budget gets it back.
    RefundTry,
    /// The person in this conversation is the holder.
    Prove(Holder),
    /// Replace what a person answered when asked to agree.
    PutConsents {
        /// The person's document.
        person: EntryRef,
        /// The row.
        row: ConsentRow,
    },
    /// Hub: an effect that has not left yet does not leave any more.
    DropEffect {
        /// The registration that it projects.
        registration: EntryRef,
    },
    /// Hub: an effect does not leave any more, and the record that it may have brought is removed.
    RemoveRecord {
        /// The registration that it projects.
        registration: EntryRef,
    },
    /// Replace how far an erasure has come; what is erased stays so.
    PutErasure {
        /// The person's document.
        person: EntryRef,
        /// The row.
        row: ErasureRow,
    },
    /// Give up everything about a person, and take nothing of her again.
    ErasePerson(EntryRef),
    /// A holder gave it up.
    ConfirmErasure {
        /// The person's document.
        person: EntryRef,
        /// Who.
        node: NodeId,
    },
    /// A person has this slip; one that was revoked before stays revoked.
    PutSlip {
        /// Its name.
        slip: SlipId,
        /// The person's document.
        person: EntryRef,
    },
    /// These slips hold no more, and belong to nobody.
    RevokeSlips(Vec<SlipId>),
    /// Append a key of short codes; one that is known changes nothing.
    PutCodeKey {
        /// Area, lane bits zero.
        scope: Scope,
        /// The key.
        key: CodeKey,
    },
    /// Keep the certificate of another node, if our hub's authority signed it.
    PutIssuer(Vec<u8>),
    /// A part of a revision of a list is here; with the last one the revision holds.
    PutReference {
        /// Area, lane bits zero.
        scope: Scope,
        /// The part.
        part: ReferencePart,
    },
    /// Start a proposed broadcast, or refuse it; no fact, so no rebuild does it again.
    SettleProposal {
        /// Its number.
        broadcast: u32,
        /// Yes or no.
        approve: bool,
        /// Who decided: scope without lane and staff index.
        by: (Scope, u32),
        /// Why; empty where nobody was asked for it.
        reason: String,
    },
    /// Send a step of an alert to the people of an area; outward, so no rebuild does it again.
    StartAlert {
        /// Area, lane bits zero.
        scope: Scope,
        /// The step.
        alert: Alert,
        /// Whether it was raised here: then staff get it from here, too.
        own: bool,
    },
    /// Insert or replace a pair of people.
    PutMatch(MatchRow),
    /// An edge between two documents was added, or that addition removed; a removal stays.
    PutEdge {
        /// The entry that added it.
        addition: EntryRef,
        /// The documents.
        pair: Pair,
        /// Whether it is the removal.
        removed: bool,
    },
    /// Two documents are two people.
    PutDistinct(Pair),
    /// Put a read into the rows of the persons whom it showed.
    PutReads {
        /// The fact.
        entry: EntryRef,
        /// When.
        at: Timestamp,
        /// What was shown to whom.
        note: ReadNote,
    },
    /// A membership of a household began, in a programme.
    PutMembership {
        /// Programme code.
        programme: String,
        /// The membership.
        row: Membership,
    },
    /// These memberships ended, whether they have arrived or not.
    EndMemberships(Vec<EntryRef>),
    /// Insert or replace a change that waits or waited.
    PutHeld(HeldRow),
}
