//! Commands: what a principal asks for. What one comes to is an [`Outcome`] or a [`Rejection`].

mod named;
mod outcome;

use std::collections::BTreeMap;

use sync_core::{EntryRef, Epoch, NodeId};

pub use named::{ConsentAnswer, DueOrder, EventDraft, Mine, SubjectName, Whose};
pub use outcome::{Decision, Outcome, Rejection, Write};

use crate::fact::Fact;
use crate::household::HouseholdRole;
use crate::person::PersonFields;
use crate::pin::Pin;
use crate::slip::SlipId;

/// Something to be done, once. It is never written down: some hold a PIN.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Register a mother and her child.
    RegisterPair {
        /// Programme code.
        programme: String,
        /// Its version.
        programme_version: u32,
        /// The mother's fields, without number.
        mother: PersonFields,
        /// The child's fields, without number.
        child: PersonFields,
        /// The consent that was asked: agreement, revision, hash of the text, answer.
        consent: ConsentAnswer,
    },
    /// The caller asks how far the registrations of her number have come (status of each).
    ShowMyStatus,
    /// A worker asks how her own registrations stand (counts by status).
    ShowMyWork,
    /// A worker answers a review.
    AnswerReview {
        /// The review's short number; `None` = the only one open for this worker.
        review: Option<u32>,
        /// Same people or not.
        same: bool,
    },
    /// The number that the message came from confirms that it belongs to the person.
    BindNumber,
    /// The number asks for no more texts, or for them again.
    StopMessages {
        /// Stop or start.
        stopped: bool,
    },
    /// Tell each worker in one SMS what changed since the last one.
    SendDigests,
    /// Remember in which language a number wants its screens.
    ChooseLanguage {
        /// BCP 47.
        language: String,
    },
    /// Hub: give a role to a number; `grant.index` and `signature` are filled by the store.
    GrantRole(crate::role::RoleGrant),
    /// Hub: lease this many numbers to a node.
    LeaseNumbers {
        /// Area (lane bits zero) whose control lane carries the lease to the node.
        scope: sync_core::Scope,
        /// To whom.
        node: NodeId,
        /// In which life.
        epoch: Epoch,
        /// How many.
        count: u32,
    },
    /// Hub serving a registry: write one record.
    WriteRecord {
        /// The finished fact ([`Fact::RecordWritten`]).
        fact: Fact,
    },
    /// Remember to which village a number belongs that is known in none or several.
    ChooseVillage {
        /// What was typed.
        code: String,
    },
    /// Hub: take a role back; `hub` and `signature` are filled by the store.
    RevokeRole(crate::role::RoleEnd),
    /// Choose a first PIN, or a new one after a reset.
    SetPin {
        /// The PIN.
        pin: Pin,
        /// Last four digits of the registration number, on a shared phone.
        hint: Option<String>,
        /// Whether the programme allows four digits.
        short: bool,
    },
    /// Prove who is at the phone; the conversation is that person's from then on.
    CheckPin {
        /// The PIN.
        pin: Pin,
        /// Last four digits of the registration number, on a shared phone.
        hint: Option<String>,
    },
    /// Choose another PIN.
    ChangePin {
        /// The one that holds; `None` where it was right in this conversation already.
        old: Option<Pin>,
        /// The one that is to hold.
        new: Pin,
        /// Last four digits of the registration number, on a shared phone.
        hint: Option<String>,
        /// Whether the programme allows four digits.
        short: bool,
    },
    /// A worker who sees the person gives a fresh start.
    ResetPin {
        /// The person's registration number.
        number: String,
        /// A PIN that the person typed herself on the worker's phone, if she has none.
        pin: Option<Pin>,
    },
    /// The person agrees to something once more, over what she withdrew and knows of.
    GiveConsent(ConsentAnswer),
    /// The person withdraws an agreement or one purpose of it.
    WithdrawConsent {
        /// Which agreement; `None` = all.
        agreement: Option<String>,
        /// Which purpose; `None` = all of it.
        purpose: Option<String>,
    },
    /// The person asks what she agreed to.
    ShowConsents,
    /// Record what happened.
    RecordEvent {
        /// What.
        event: EventDraft,
        /// To whom.
        subject: SubjectName,
        /// The event that it answers, as [`crate::event::entry_text`].
        refers: Option<String>,
        /// The own event that it corrects.
        replaces: Option<String>,
        /// What she said to the agreement, where the event takes that answer along.
        consent: Option<Box<ConsentAnswer>>,
    },
    /// Register one person, or the caller herself.
    RegisterPerson {
        /// Her fields, without number.
        person: PersonFields,
        /// The consent that was asked.
        consent: ConsentAnswer,
        /// The event that tells it, with the programme's further answers.
        event: EventDraft,
    },
    /// Correct fields of a person.
    UpdatePerson {
        /// Whom.
        subject: SubjectName,
        /// The new values.
        fields: PersonFields,
    },
    /// What happened last to a person, of these events.
    ShowCase {
        /// To whom.
        subject: SubjectName,
        /// Programme code.
        programme: String,
        /// Codes of the events.
        codes: Vec<String>,
    },
    /// List events of one code, newest first.
    ShowEvents {
        /// Programme code.
        programme: String,
        /// Code of the event.
        code: String,
        /// Answers that they must have.
        matching: BTreeMap<String, String>,
        /// Leave out those to which an event of this code refers.
        without: Option<String>,
        /// Only those of the caller.
        mine: Option<Mine>,
        /// At most so many, the newest.
        most: Option<usize>,
    },
    /// What is due for a worker's people.
    ShowTasks,
    /// Open a task of that list.
    OpenTask {
        /// Its code there.
        task: String,
    },
    /// What a worker recorded today.
    ShowMyEntries,
    /// Take an own entry back; an officer any of the area.
    WithdrawEntry {
        /// Its code in that list; of an officer also the registration number of the child of a
        /// registration.
        entry: String,
    },
    /// Give one's people to another worker.
    HandOver {
        /// The other's number, E.164 with `+`.
        to: String,
    },
    /// Queue the reminders of the day.
    SendReminders,
    /// Tell workers and officers once a day what is due and late.
    SendTaskDigests,
    /// Note that a slip was signed for a person ([`crate::slip`]); staff only.
    NoteSlip {
        /// The person's document.
        person: EntryRef,
        /// The slip's name.
        slip: SlipId,
    },
    /// Give the person with this number a short code; staff only. The store fills `nonce`.
    GiveSlipCode {
        /// Registration number, digits only.
        number: String,
        /// 20 random bits.
        nonce: u32,
    },
    /// Revoke all slips and codes of the person with this number; staff only.
    RevokeSlips {
        /// Registration number, digits only.
        number: String,
    },
    /// Hub: publish the next revision of a list in an area.
    PublishReference {
        /// Area, lane bits zero.
        scope: sync_core::Scope,
        /// The list.
        list: crate::reference::file::ReferenceFile,
    },
    /// A dialogue offers a published list; `parent` narrows it to the items below one.
    ShowList {
        /// Name of the list.
        list: String,
        /// Code of the item or area that they belong to; empty = all.
        parent: String,
    },
    /// An officer approves or refuses a broadcast that somebody else proposed.
    DecideBroadcast {
        /// Its number.
        broadcast: u32,
        /// Yes or no.
        approve: bool,
        /// Why; empty where it is answered by SMS.
        reason: String,
    },
    /// Tell an area of a danger, of how it goes on, or of its end; officers and hubs.
    RaiseAlert(crate::alert::AlertOrder),
    /// The person asks that her data be erased, or a worker who sees her does.
    AskErasure {
        /// Her registration number; `None` = the caller's own.
        number: Option<String>,
    },
    /// Hub: approve an erasure; the second of two people's approvals erases.
    ApproveErasure {
        /// The person's registration number.
        number: String,
        /// Why, without names.
        reason: String,
    },
    /// Register a child of a mother who is registered already.
    RegisterChild {
        /// Programme code.
        programme: String,
        /// Its version.
        programme_version: u32,
        /// The mother.
        mother: SubjectName,
        /// The child's fields, without number; without a family name it gets the mother's.
        child: PersonFields,
        /// What the mother said, where she was asked; else her earlier answer must hold.
        consent: Option<Box<ConsentAnswer>>,
    },
    /// A worker names a person: who she is, and whether she agreed to the programme.
    OpenPerson {
        /// Programme code.
        programme: String,
        /// Her registration number.
        number: String,
    },
    /// A worker opens an event of a list.
    OpenEvent {
        /// Its name, as [`crate::event::entry_text`].
        entry: String,
    },
    /// What is due for one person.
    ShowDue(DueOrder),
    /// The node says to its hub how many numbers are left.
    AskNumbers {
        /// How many.
        left: u32,
    },
    /// People with a provisional or slip number get their permanent one.
    AssignNumbers,
    /// Staff look for a person: by number, phone, or names with birth year or village.
    FindPerson(crate::duplicate::find::Question),
    /// Staff ask whether a person who is about to be registered is already known.
    CheckKnown {
        /// Who of a registration it is; part of the names of the values.
        whose: Whose,
        /// The fields typed so far.
        person: PersonFields,
        /// The mother's, for a child.
        mother: Option<PersonFields>,
    },
    /// A worker says whether two documents are one person.
    AnswerMatch {
        /// The pair's short number.
        number: u32,
        /// What she says.
        word: crate::matching::Word,
    },
    /// Hub: an officer decides about a pair.
    DecideMatch {
        /// The pair's short number.
        number: u32,
        /// One person, or two.
        same: bool,
        /// Why.
        reason: String,
    },
    /// Hub: an officer takes two people apart again.
    PartPersons {
        /// The two documents, the smaller name first.
        pair: crate::identity::Pair,
        /// Why.
        reason: String,
    },
    /// What a person at this number must do before she sees what is personal.
    AskPin {
        /// Last four digits of the registration number, on a shared phone.
        hint: Option<String>,
        /// Whether only a phone of several people needs a PIN for what follows.
        only_shared: bool,
    },
    /// A worker takes a person on: she is among her people from then on.
    TakePerson {
        /// Her registration number.
        number: String,
    },
    /// The person asks who saw her data.
    ShowMyReads,
    /// A reader outside a dialogue tells what it shows: a page, a served registry, an export.
    NoteReads {
        /// The persons shown.
        persons: Vec<EntryRef>,
        /// What of them.
        class: crate::read::Class,
        /// What for; an export needs one.
        reason: String,
    },
    /// A worker puts a person into a household, or makes her the head of a new one.
    JoinHousehold {
        /// Programme code.
        programme: String,
        /// Her registration number.
        person: String,
        /// The number of somebody who lives there; `None` = a new household.
        with: Option<String>,
        /// What she is in it.
        role: HouseholdRole,
    },
    /// A worker takes a person out of her household.
    LeaveHousehold {
        /// Programme code.
        programme: String,
        /// Her registration number.
        person: String,
    },
    /// A worker asks who lives with a person.
    ShowHousehold {
        /// Programme code.
        programme: String,
        /// Her registration number.
        person: String,
    },
    /// Hub: an officer says that the households of two people are one, or are not.
    LinkHouseholds {
        /// Programme code.
        programme: String,
        /// The registration numbers.
        persons: [String; 2],
        /// One household, or two.
        same: bool,
        /// Why.
        reason: String,
    },
    /// Register, though the worker was shown people who are like those registered: they are told
    /// apart, before anything is compared again.
    RegisterNew {
        /// The registration.
        register: Box<Command>,
        /// Whom of it, and the registration number of one who was shown.
        apart: Vec<(Whose, String)>,
    },
    /// Hub serving a registry: which records it shows to a client.
    NoteRecords {
        /// Who reads, as authenticated: `INSTANCE/CLASS/MEMBER/SUBSYSTEM`.
        client: String,
        /// By which operation.
        operation: String,
        /// The records.
        records: Vec<crate::read::RecordName>,
    },
    /// Hub: open the account of a place of a staff list on its pages, or give it another
    /// passphrase; tries begin anew.
    OpenAccount {
        /// Area of the list, lane bits zero.
        scope: sync_core::Scope,
        /// Place in it.
        index: u32,
        /// The passphrase, [`Pin::passphrase`].
        passphrase: Pin,
    },
    /// Hub: somebody types number and passphrase on its pages; by the pages themselves.
    SignIn {
        /// The number that holds the role, E.164 with `+`.
        number: String,
        /// In which role.
        role: crate::role::Role,
        /// The passphrase as typed; `None` = what was typed can be none.
        passphrase: Option<Pin>,
    },
    /// The phone says that its number is not that of whom it is asked about.
    DenyNumber,
    /// The number is only that of the person whose record names it last.
    TakeNumberAlone,
    /// A number that somebody here has was heard.
    NoteTraffic,
    /// A worker who sees a person asks that her number be changed, with the person's PIN.
    AskChange {
        /// Her registration number.
        number: String,
        /// The new number, E.164 with `+`.
        new: String,
        /// Whether the old number is lost.
        lost: bool,
        /// Her PIN, which she typed on the worker's phone.
        pin: Pin,
        /// What the old number sends back behind NO; filled by the store.
        code: u16,
    },
    /// An officer agrees to a change of a number that is lost.
    AgreeToChange {
        /// The person's registration number.
        number: String,
    },
    /// The office or the person stops a change.
    StopChange {
        /// The person's registration number; `None` = the caller's own change.
        number: Option<String>,
    },
    /// The old number says that the change is not hers.
    DenyChange {
        /// The code of the text; `None` = the only change.
        code: Option<u16>,
    },
    /// The person asks whether a change waits.
    ShowMyChange,
    /// Make the changes whose hold is over.
    SettleChanges,
    /// A worker types her staff PIN: her screens open for the site's hours.
    OpenStaff {
        /// Her PIN.
        pin: Pin,
    },
    /// A worker without a PIN types the one-time code that her office gave her.
    ProveStaffCode {
        /// The code.
        code: Pin,
    },
    /// A worker who typed her code in this conversation chooses her PIN; the screens open.
    ChooseStaffPin {
        /// The PIN.
        pin: Pin,
    },
    /// Hub: give a one-time code for a place of a staff list; a PIN there ends on every node.
    GiveStaffCode(crate::role::CodeOrder),
    /// Hub: an auditor looks at the read log, or takes a part of it away.
    ReadLog(crate::office::log::LogOrder),
    /// Staff look at large broadcasts that wait for a second person.
    ShowProposals,
    /// Hub: close a node, or open it for money again.
    CloseNode(crate::revocation::Closing),
    /// Staff look at erasures that wait for an approval.
    ShowErasures {
        /// Documents of the people whom they see.
        persons: Vec<EntryRef>,
    },
}
