//! What a command comes to: rejected, or decided with its entries, changes, texts and values.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sync_core::EntryRef;

use crate::fact::Fact;
use crate::person::PersonFields;
use crate::view::{NewMessage, ViewChange};

/// Why a command was not done: a citizen's or worker's wrong input is no error.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Rejection {
    /// Key of the system text that says what to do, such as `reject-no-open-review`.
    pub text: String,
    /// Parameters of that text; never personal data.
    pub arguments: BTreeMap<String, String>,
}

/// What a done command tells the dialogue: values for its texts.
///
/// Statuses are words of [`crate::status::Status::word`], counts are decimal.
///
/// | command | values |
/// |---|---|
/// | `RegisterPair` | `mother_number`, `child_number`, `status` |
/// | `ShowMyStatus` | `count`; for each registration from 1: `number_1` (`..` and the last four digits), `status_1`, … |
/// | `ShowMyWork` | `total`, and one count per status word: `held`, `carried`, `accepted`, `effective`, `rejected`, `conflict` |
/// | `ChooseLanguage`, `ChooseVillage` | none |
/// | `SetPin`, `ChangePin`, `CheckPin` | none |
/// | `GiveConsent`, `WithdrawConsent` | `count`: agreements that changed |
/// | `ShowConsents` | `count`; for each agreement from 1: `agreement_1`, `state_1` (`yes` or `no`), `purposes_1`; of those that hold `agreements_count`, `agreements_1` (its programme), `agreements_code_1` |
/// | `AskErasure`, `ApproveErasure` | `state`: `asked`, `approved` or `erased` |
/// | `ResetPin` | `hint`: the last four digits of the number |
/// | `RecordEvent` | `event` (its name), `status`, `who` where a worker named a person |
/// | `RegisterPerson` | `person` (her number), `status` |
/// | `UpdatePerson`, `WithdrawEntry` | `status` |
/// | `ShowCase` | `found` (`yes`, `no`; of a caller also `nobody` = not registered here, `several` = the phone is shared), `case` (code of the event), `case_day`, and each answer as `case_…` |
/// | `ShowEvents` | `events_count`; from 1: `events_1` (its line), `events_code_1` (its name) |
/// | `ShowTasks` | `tasks_count`, `tasks_late`; from 1: `tasks_1`, `tasks_code_1` |
/// | `OpenTask` | `person`, `who`, `task` (its code), `schedule`, `number` |
/// | `ShowMyEntries` | `entries_count`, `registrations`; from 1: `entries_1`, `entries_code_1` |
/// | `HandOver` | `count`, `to` (the other's name) |
/// | `SendReminders`, `SendTaskDigests` | `messages` |
/// | `NoteSlip` | none |
/// | `GiveSlipCode` | `code`, `month` |
/// | `RevokeSlips` | `revoked` (how many) |
/// | `DecideBroadcast`, `ShowProposals`, `ShowErasures`, `CloseNode`, `RaiseAlert` | none |
/// | `ShowList` | `list_count`; for each item from 1: `list_1` (its name), `list_code_1`, `list_text_1`, … |
/// | `RegisterChild` | `child_number`, `who` (the mother), `status` |
/// | `OpenPerson` | `person` (the number), `who`, `agreed` (`yes`, `no`), `age` (whole years; none where the birth year is not known) |
/// | `OpenEvent` | `event` (its code), `event_day`; about a person as `OpenPerson` |
/// | `TakePerson` | `who` |
/// | `ShowDue` | `due_count`; from 1: `due_1`, `due_code_1` (code of the task) |
/// | `AskNumbers` | none |
/// | `AssignNumbers` | `assigned`, `messages` (how many) |
/// | `ShowMyReads` | `reads_count`; from 1: `reads_1` (its line), `reads_code_1` (its name) |
/// | `NoteReads`, `NoteRecords` | `count` |
/// | `ReadLog` | `person` (her document) of a number, else `count` |
/// | `JoinHousehold`, `LeaveHousehold` | `who` (the person), `status` |
/// | `ShowHousehold` | `who`, `members_total`, `heads` (how many), `members_count` (how many are listed); from 1, the head first: `members_1` (name and role), `members_code_1` (number); all 0 without a household |
/// | `LinkHouseholds` | none |
/// | `AskPin` | `pin_state`: `proved`, `open` (no PIN is needed), `set` (it is asked), `none` (one is chosen), `several` (digits are asked first), `nobody` (not registered here) |
/// | `PublishReference` | `revision`, `items`, `parts`, `retired` |
/// | `FindPerson` | `found_count`; for each person from 1: `found_1` (initials, sex, birth year, village), `found_code_1` (registration number), … |
/// | `CheckKnown` | the same as `known_mother_count`, `known_mother_1`, `known_mother_code_1`, or with `child` or `person` |
/// | `RegisterNew` | those of the registration |
/// | `AnswerMatch`, `DecideMatch` | `review` |
/// | `OpenAccount`, `SignIn` | `scope`, `index` (the place in the staff list) |
/// | `BindNumber`, `DenyNumber`, `TakeNumberAlone` | `bound` (how many) |
/// | `NoteTraffic` | none |
/// | `AskChange`, `AgreeToChange`, `StopChange`, `DenyChange`, `ShowMyChange` | `change_state`: `none`, `held` or `done` |
/// | `SettleChanges` | `made` (how many), `messages` |
/// | `OpenStaff`, `ProveStaffCode`, `ChooseStaffPin`, `GiveStaffCode` | none |
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// Named values, such as `mother_number`, `status`, `accepted`.
    pub values: BTreeMap<String, String>,
}

/// What the store must write for a command, in this order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Decision {
    /// Entries to append; the n-th entry of a scope gets the n-th next sequence number, so
    /// `decide` knows every name in advance from [`crate::view::Lookup::NextEntry`].
    pub writes: Vec<Write>,
    /// View changes that follow from no entry (numbers used, languages chosen).
    pub changes: Vec<ViewChange>,
    /// Messages to queue in the same transaction.
    pub messages: Vec<NewMessage>,
    /// What the dialogue learns.
    pub outcome: Outcome,
}

/// One entry to append.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Write {
    /// Create a document with these fields.
    CreateDocument {
        /// Scope with lane.
        scope: sync_core::Scope,
        /// Schema number of the document type.
        schema: u16,
        /// First values.
        fields: PersonFields,
    },
    /// Change fields of a document.
    EditDocument {
        /// Which.
        document: EntryRef,
        /// Schema number.
        schema: u16,
        /// New values of the fields that change.
        fields: PersonFields,
    },
    /// Write a fact.
    Fact {
        /// Scope with lane.
        scope: sync_core::Scope,
        /// Schema number of the fact type.
        schema: u16,
        /// The document it is about: body and views are sealed under that document's key.
        about: Option<EntryRef>,
        /// The fact.
        fact: Fact,
    },
}

impl Write {
    /// The scope, with lane, of the chain that it goes to.
    pub fn scope(&self) -> sync_core::Scope {
        match self {
            Self::CreateDocument { scope, .. } | Self::Fact { scope, .. } => *scope,
            Self::EditDocument { document, .. } => document.scope,
        }
    }
}
