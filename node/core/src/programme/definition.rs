//! The TOML form of a service definition: `service.toml` and `places.toml` of a programme.
//!
//! The kinds of blocks follow the vocabulary of the FLOIP flow specification (`message`,
//! `select_one`, `select_many`, `numeric`, `open`, `case`, `run`) and add `date`. A key that no
//! release knows is refused. This is a format file: a change of meaning needs a new version.

use serde::Deserialize;

use super::block::Block;
use super::event::{EventDefinition, ScheduleDefinition};
use super::form::Form;
use crate::consent::Basis;
use crate::contact::BearerLimits;
pub use crate::dialogue::calendar::Calendar;
use crate::role::Role;

/// `service.toml`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Code of the programme, such as `maternal-child`.
    pub code: String,
    /// Rises with every change that people or other nodes can notice.
    pub version: u32,
    /// Its number on the home menu and behind the dialled code, 1 to 98; people learn it, so it
    /// stays.
    pub number: u8,
    /// Key of the text that names it on the home menu.
    pub title: String,
    /// Numbers of the document and fact types, assigned by the hub for the whole realm.
    pub schemas: Vec<Schema>,
    /// What a person agrees to.
    pub agreement: Agreement,
    /// How much time the strictest declared network gives.
    pub timing: Timing,
    /// Languages, the first being the one that a caller without a choice sees.
    pub languages: Vec<Language>,
    /// Answers that dialogues save.
    pub fields: Vec<FieldDefinition>,
    /// Values that commands give back.
    pub values: Vec<ValueDefinition>,
    /// The dialogues.
    pub dialogues: Vec<Dialogue>,
    /// Forms that one SMS fills.
    #[serde(default)]
    pub forms: Vec<Form>,
    /// What can happen.
    #[serde(default)]
    pub events: Vec<EventDefinition>,
    /// What is due after it.
    #[serde(default)]
    pub schedules: Vec<ScheduleDefinition>,
}

/// Number of a type.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schema {
    /// Type, such as `person`.
    pub name: String,
    /// Number in entry heads.
    pub number: u16,
}

/// A data agreement.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// `programme/agreement`.
    pub code: String,
    /// Pinned revision.
    pub revision: u32,
    /// Key of the text that shows purpose and controller.
    pub text: String,
    /// Name of the answer that holds `yes` or `no`.
    pub answer: String,
    /// What the data are used for, such as `care`, `registry`, `messages`; empty = not told apart.
    #[serde(default)]
    pub purposes: Vec<String>,
    /// What the use rests on, where it is not the person's consent.
    #[serde(default)]
    pub basis: Basis,
}

/// Clocks of the networks, and what a dialogue may cost.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timing {
    /// Seconds that one network session may last.
    pub session_s: u32,
    /// Seconds that a person has for one answer.
    pub person_s: u32,
    /// Most screens of the longest path.
    pub screens_max: u32,
    /// Most network sessions of the longest path.
    pub sessions_max: u32,
    /// Price of one network session to whoever pays it, in minor units of the site's currency.
    pub session_price: Option<u64>,
    /// Price of one SMS, in the same.
    pub sms_price: Option<u64>,
}

/// A language of the programme.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Language {
    /// BCP 47.
    pub code: String,
    /// Its own name, as its speakers spell it.
    pub name: String,
    /// Bearers on which the programme is offered in it.
    pub bearers: Vec<Bearer>,
    /// Words that open the menu by SMS.
    pub words: Vec<String>,
    /// In which calendar its speakers say dates.
    #[serde(default)]
    pub calendar: Calendar,
    /// Most screens of the longest path, where its alphabet leaves less room than that of the others.
    pub screens_max: Option<u32>,
}

/// A bearer with its text limits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bearer {
    /// USSD by the standard (TS 23.038, 160 octets).
    Ussd,
    /// USSD over an HTTP gateway: the cautious limits of those in service.
    Http,
    /// SMS menu, one part a screen.
    Sms,
}

impl Bearer {
    /// What fits on one screen.
    pub fn limits(self) -> BearerLimits {
        match self {
            Self::Ussd => BearerLimits {
                gsm7: 182,
                ucs2: 80,
            },
            Self::Http => BearerLimits { gsm7: 160, ucs2: 0 },
            Self::Sms => BearerLimits {
                gsm7: 160,
                ucs2: 70,
            },
        }
    }
}

/// An answer that dialogues save under its name; texts use it as a parameter.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldDefinition {
    /// Name, such as `mother_given_name`.
    pub name: String,
    /// The longest value that a screen may have to show: what texts are measured with.
    pub longest: String,
    /// Whether commands need it.
    #[serde(default)]
    pub required: bool,
    /// Name of the answer that stands in while this one is missing.
    pub default_of: Option<String>,
}

/// A value that a command gives back; texts use it as a parameter.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueDefinition {
    /// Name, such as `mother_number`.
    pub name: String,
    /// The longest value.
    pub longest: String,
    /// Whether it is a status word, which is shown translated.
    #[serde(default)]
    pub status: bool,
}

/// One conversation with one audience.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dialogue {
    /// Code, such as `register`.
    pub code: String,
    /// Who gets it when dialling.
    pub audience: Vec<Audience>,
    /// Code of the first block.
    pub start: String,
    /// Its blocks; codes are unique within the dialogue.
    pub blocks: Vec<Block>,
}

/// A role as definitions spell it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// [`Role::Citizen`].
    Citizen,
    /// [`Role::HealthWorker`].
    HealthWorker,
    /// [`Role::Officer`].
    Officer,
    /// [`Role::Administrator`].
    Administrator,
    /// [`Role::Vendor`].
    Vendor,
    /// [`Role::Clerk`].
    Clerk,
    /// [`Role::Auditor`].
    Auditor,
}

impl Audience {
    /// Its word in definitions.
    pub fn word(self) -> String {
        let word = match self {
            Self::Citizen => "citizen",
            Self::HealthWorker => "health_worker",
            Self::Officer => "officer",
            Self::Administrator => "administrator",
            Self::Vendor => "vendor",
            Self::Clerk => "clerk",
            Self::Auditor => "auditor",
        };
        word.to_owned()
    }

    /// The role.
    pub fn role(self) -> Role {
        match self {
            Self::Citizen => Role::Citizen,
            Self::HealthWorker => Role::HealthWorker,
            Self::Officer => Role::Officer,
            Self::Administrator => Role::Administrator,
            Self::Vendor => Role::Vendor,
            Self::Clerk => Role::Clerk,
            Self::Auditor => Role::Auditor,
        }
    }
}

/// `places.toml`: where the programme runs; a site may bring its own.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Places {
    /// ISO 3166-1 alpha-2: whose numbering plan national telephone numbers follow.
    pub country: String,
    /// Offset of local time from UTC in minutes, for "today".
    pub utc_offset_min: i32,
    /// The currency of amounts; without it no programme asks for one.
    pub currency: Option<Currency>,
    /// Names of areas on screens; an area without one is shown by its code.
    #[serde(default)]
    pub areas: Vec<Area>,
    /// The villages.
    pub places: Vec<Place>,
}

/// A currency.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Currency {
    /// ISO 4217, such as `UGX`.
    pub code: String,
    /// Decimals of its minor unit by ISO 4217.
    pub decimals: u8,
}

/// An area.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Area {
    /// Code, as places name it.
    pub code: String,
    /// Name on screens.
    pub name: String,
}

/// A village.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Code in records; never reused.
    pub code: String,
    /// Name on screens.
    pub name: String,
    /// Area that it belongs to; the hub maps areas to scopes.
    pub area: String,
}

impl Dialogue {
    /// The block with this code.
    pub fn block(&self, code: &str) -> Option<&Block> {
        self.blocks.iter().find(|block| block.code() == code)
    }
}

impl Definition {
    /// Whether a name is that of an answer or of a value.
    pub fn knows(&self, name: &str) -> bool {
        let is_field = self.fields.iter().any(|field| field.name == name);
        is_field || self.gives(name)
    }

    /// Whether commands give back values of this name, alone or numbered: `found_2` and
    /// `found_code_2` are of `found`.
    pub fn gives(&self, name: &str) -> bool {
        let base = base_name(name);
        let owner = base.strip_suffix("_code").unwrap_or(base);
        let of = |one: &ValueDefinition| [name, base, owner].contains(&one.name.as_str());
        self.values.iter().any(of)
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A name without its number: `status_2` is one of `status`.
pub(crate) fn base_name(name: &str) -> &str {
    match name.rsplit_once('_') {
        Some((base, number)) if is_number(number) => base,
        _ => name,
    }
}
