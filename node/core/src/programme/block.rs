//! The blocks of a dialogue: what each asks or does and where it leads.

use serde::Deserialize;

use super::condition::{Condition, Formula};
pub use super::prove::Prove;
pub use super::run::Run;

/// One step of a dialogue.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Block {
    /// Shows a text; without `next` the conversation ends with it.
    Message(Message),
    /// One of several choices.
    SelectOne(SelectOne),
    /// Any of several choices, typed as their numbers.
    SelectMany(SelectMany),
    /// A whole number.
    Numeric(Numeric),
    /// A day, or a year where the day may be unknown.
    Date(DateQuestion),
    /// Free text by a rule.
    Open(Open),
    /// Goes on by a value; shows nothing.
    Case(Case),
    /// Gives a command; shows nothing.
    Run(Run),
    /// An amount of money in the site's currency.
    Money(Money),
    /// A secret number for the command that follows; never shown and never saved.
    Pin(Pin),
    /// Saves what comes of answers and values; shows nothing.
    Calculate(Calculate),
    /// Goes through another dialogue, and on when that returns.
    Call(Call),
    /// Ends a dialogue that was called.
    Return(Return),
    /// Goes through some blocks several times.
    Repeat(Repeat),
    /// Asks who is at the phone, by PIN, before what is personal.
    Prove(Prove),
}

/// What all questions have.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// Key of the text.
    pub text: String,
    /// Name under which the answer is saved.
    pub saves: Option<String>,
    /// Where an answer leads; a choice may name its own.
    pub next: Option<String>,
    /// What `0` means here.
    pub zero: Option<Zero>,
    /// When it is asked; otherwise the dialogue goes on to `next` and the answer is none.
    pub when: Option<Condition>,
    /// Most pages of the screen, 1 unless said otherwise; lists have as many as they need.
    pub pages: Option<u8>,
}

/// The choice `0`: none, not known, leave.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Zero {
    /// Key of its text, shown behind the digit.
    pub text: String,
    /// Where it leads; otherwise where every answer leads.
    pub next: Option<String>,
}

/// A numbered choice.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Value that is saved.
    pub code: String,
    /// Key of its text, shown behind the digit.
    pub text: String,
    /// Where it leads; otherwise where every answer leads.
    pub next: Option<String>,
    /// Block to which the answer of `next` returns: for changing one answer.
    pub back_to: Option<String>,
}

/// A `message` block.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// Its code.
    pub code: String,
    /// Key of the text.
    pub text: String,
    /// A line that is repeated.
    pub each: Option<Each>,
    /// Where `99` leads; without it the conversation ends here.
    pub next: Option<String>,
}

/// A line shown for each of several things: the value `status` of the second is `status_2`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Each {
    /// Key of the line's text.
    pub text: String,
    /// Name of the value that says how many.
    pub count: String,
}

/// A `select_one` block.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelectOne {
    /// Its code.
    pub code: String,
    /// The question.
    pub ask: Ask,
    /// Its choices, numbered from 1.
    #[serde(default)]
    pub choices: Vec<Choice>,
    /// A list in place of choices.
    pub list: Option<List>,
    /// Where an empty list of values leads; nothing is shown then.
    pub empty: Option<String>,
}

/// Lists that choices come from.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum List {
    /// The places of the site.
    Places,
    /// The languages of the programme, each in its own name.
    Languages,
    /// What a command gave back: of `found` the words `found_1`, `found_2` …, as many as
    /// `found_count` says; `found_code_1` … are saved, or the number where there is no code.
    Values(String),
}

/// A `select_many` block; the codes are saved with a blank between.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelectMany {
    /// Its code.
    pub code: String,
    /// The question.
    pub ask: Ask,
    /// Its choices, at most nine.
    #[serde(default)]
    pub choices: Vec<Choice>,
    /// A list of values in place of choices; more than nine are left out.
    pub list: Option<List>,
    /// Where an empty list leads; nothing is shown then.
    pub empty: Option<String>,
}

/// A `numeric` block.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Numeric {
    /// Its code.
    pub code: String,
    /// The question.
    pub ask: Ask,
    /// Smallest answer.
    pub min: u32,
    /// Largest answer.
    pub max: u32,
    /// Most decimals, 0 to 3; none unless said otherwise.
    #[serde(default)]
    pub decimals: u8,
    /// Key of the text of its unit, shown behind the number.
    pub unit: Option<String>,
}

/// A `money` block; the answer is saved in minor units of the site's currency.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Its code.
    pub code: String,
    /// The question.
    pub ask: Ask,
    /// Smallest amount in minor units.
    pub min: u64,
    /// Largest amount in minor units.
    pub max: u64,
}

/// A `pin` block. Its `next` is the `run` block that takes what was typed.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// Its code.
    pub code: String,
    /// The question; it saves nothing.
    pub ask: Ask,
}

/// A `date` block; the answer is saved in ISO 8601, as precisely as it is known.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DateQuestion {
    /// Its code.
    pub code: String,
    /// The question.
    pub ask: Ask,
    /// Whether a year alone will do.
    #[serde(default)]
    pub year: bool,
    /// Whether a month and a year will do.
    #[serde(default)]
    pub month: bool,
    /// Years that must have passed since.
    pub years_min: u16,
    /// Most years that may have passed since.
    pub years_max: u16,
    /// Most days that it may lie ahead; none unless said otherwise.
    #[serde(default)]
    pub days_ahead: u16,
    /// Shortcuts `1` for today and `2` for yesterday, while the clock is known.
    pub recent: Option<Recent>,
}

/// Texts of the shortcuts of a date.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recent {
    /// Key of the text for today.
    pub today: String,
    /// Key of the text for yesterday.
    pub yesterday: String,
}

/// An `open` block.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    /// Its code.
    pub code: String,
    /// The question.
    pub ask: Ask,
    /// What may be typed.
    pub rule: Rule,
    /// Most characters of free text; as many as an input may have unless said otherwise.
    pub max: Option<u16>,
}

/// What a free answer may hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// A name of a person.
    Name,
    /// A telephone number, national or international; saved as E.164.
    Phone,
    /// A number or code of another register: letters and digits.
    Identifier,
    /// Any printable text.
    Text,
    /// A registration number with its check digit.
    RegistrationNumber,
}

/// A `case` block.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Its code.
    pub code: String,
    /// Name of the answer or value that arms with `is` speak of; `language_chosen` is `yes` or `no`.
    pub on: Option<String>,
    /// Arms, tried in order.
    pub arms: Vec<Arm>,
    /// Where everything else leads.
    pub otherwise: String,
}

/// One arm of a `case` block.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arm {
    /// The value.
    pub is: Option<String>,
    /// A condition in place of a value.
    pub when: Option<Condition>,
    /// Where it leads.
    pub next: String,
}

/// A `calculate` block.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calculate {
    /// Its code.
    pub code: String,
    /// Name under which the result is saved; none when it cannot be calculated.
    pub saves: String,
    /// The result.
    pub value: Formula,
    /// Where it leads.
    pub next: String,
}

/// A `call` block.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// Its code.
    pub code: String,
    /// Code of the dialogue; usually one without an audience.
    pub dialogue: String,
    /// Where its `return` leads.
    pub next: String,
}

/// A `return` block.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Return {
    /// Its code.
    pub code: String,
}

/// A `repeat` block. Its body leads back to it; what the body saves gets the number of the round.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repeat {
    /// Its code.
    pub code: String,
    /// Name of the answer or value that says how many rounds there are.
    pub count: String,
    /// Most rounds.
    pub max: u8,
    /// First block of the body.
    pub first: String,
    /// Where it leads after the last round.
    pub next: String,
}

/// Commands that a dialogue can give.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandKind {
    /// [`crate::command::Command::RegisterPair`].
    RegisterPair,
    /// [`crate::command::Command::ShowMyStatus`].
    ShowMyStatus,
    /// [`crate::command::Command::ShowMyWork`].
    ShowMyWork,
    /// [`crate::command::Command::ChooseLanguage`].
    ChooseLanguage,
    /// [`crate::command::Command::RecordEvent`].
    RecordEvent,
    /// [`crate::command::Command::RegisterPerson`].
    RegisterPerson,
    /// [`crate::command::Command::UpdatePerson`].
    UpdatePerson,
    /// [`crate::command::Command::ShowCase`].
    ShowCase,
    /// [`crate::command::Command::ShowEvents`].
    ShowEvents,
    /// [`crate::command::Command::ShowTasks`].
    ShowTasks,
    /// [`crate::command::Command::OpenTask`].
    OpenTask,
    /// [`crate::command::Command::ShowMyEntries`].
    ShowMyEntries,
    /// [`crate::command::Command::WithdrawEntry`].
    WithdrawEntry,
    /// [`crate::command::Command::HandOver`].
    HandOver,
    /// [`crate::command::Command::SetPin`].
    SetPin,
    /// [`crate::command::Command::CheckPin`].
    CheckPin,
    /// [`crate::command::Command::ChangePin`], after the old one was right.
    ChangePin,
    /// [`crate::command::Command::ResetPin`].
    ResetPin,
    /// [`crate::command::Command::ShowConsents`].
    ShowConsents,
    /// [`crate::command::Command::WithdrawConsent`].
    WithdrawConsent,
    /// [`crate::command::Command::AskErasure`].
    AskErasure,
    /// [`crate::command::Command::RegisterChild`].
    RegisterChild,
    /// [`crate::command::Command::OpenPerson`].
    OpenPerson,
    /// [`crate::command::Command::OpenEvent`].
    OpenEvent,
    /// [`crate::command::Command::ShowDue`].
    ShowDue,
    /// [`crate::command::Command::AskPin`].
    AskPin,
    /// [`crate::command::Command::TakePerson`].
    TakePerson,
    /// [`crate::command::Command::ShowMyReads`].
    ShowMyReads,
    /// [`crate::command::Command::StopMessages`].
    StopMessages,
    /// [`crate::command::Command::FindPerson`].
    FindPerson,
    /// [`crate::command::Command::CheckKnown`].
    CheckKnown,
    /// [`crate::command::Command::JoinHousehold`].
    JoinHousehold,
    /// [`crate::command::Command::LeaveHousehold`].
    LeaveHousehold,
    /// [`crate::command::Command::ShowHousehold`].
    ShowHousehold,
    /// [`crate::command::Command::AskChange`].
    AskChange,
    /// [`crate::command::Command::AgreeToChange`].
    AgreeToChange,
    /// [`crate::command::Command::StopChange`].
    StopChange,
    /// [`crate::command::Command::ShowMyChange`].
    ShowMyChange,
}

impl CommandKind {
    /// Whether it only looks for people in between two questions, so that the way back leads over
    /// it; it is asked again when the person comes forward.
    pub fn only_looks(self) -> bool {
        matches!(self, Self::CheckKnown | Self::FindPerson)
    }
}

impl Block {
    /// Its code.
    pub fn code(&self) -> &str {
        match self {
            Self::Message(block) => &block.code,
            Self::SelectOne(block) => &block.code,
            Self::SelectMany(block) => &block.code,
            Self::Numeric(block) => &block.code,
            Self::Date(block) => &block.code,
            Self::Open(block) => &block.code,
            Self::Case(block) => &block.code,
            Self::Run(block) => &block.code,
            Self::Money(block) => &block.code,
            Self::Pin(block) => &block.code,
            Self::Calculate(block) => &block.code,
            Self::Call(block) => &block.code,
            Self::Return(block) => &block.code,
            Self::Repeat(block) => &block.code,
            Self::Prove(block) => &block.code,
        }
    }

    /// The question, if it asks one.
    pub fn ask(&self) -> Option<&Ask> {
        match self {
            Self::SelectOne(block) => Some(&block.ask),
            Self::SelectMany(block) => Some(&block.ask),
            Self::Numeric(block) => Some(&block.ask),
            Self::Date(block) => Some(&block.ask),
            Self::Open(block) => Some(&block.ask),
            Self::Money(block) => Some(&block.ask),
            Self::Pin(block) => Some(&block.ask),
            _ => None,
        }
    }

    /// Its numbered choices, for blocks that spell them out.
    pub fn choices(&self) -> &[Choice] {
        match self {
            Self::SelectOne(block) => &block.choices,
            Self::SelectMany(block) => &block.choices,
            _ => &[],
        }
    }

    /// Whether its choices are the places of the site.
    pub fn lists_places(&self) -> bool {
        matches!(self, Self::SelectOne(select) if select.list == Some(List::Places))
    }

    /// Whether it shows a screen.
    pub fn is_shown(&self) -> bool {
        self.ask().is_some() || matches!(self, Self::Message(_))
    }

    /// Whether the conversation ends with it.
    pub fn is_end(&self) -> bool {
        matches!(self, Self::Message(message) if message.next.is_none())
    }
}
