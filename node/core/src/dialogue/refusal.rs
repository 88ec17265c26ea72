//! Sentences that precede a screen: why an input was refused and what to type instead.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::calendar::Calendar;
use super::date::Partial;
use super::input::{self, PIN_DIGITS_MAX, PIN_DIGITS_MIN};
use super::screen::View;
use crate::number::{LONG_NUMBER_DIGITS, NUMBER_DIGITS};
use crate::person::NAME_CHARS_MAX;
use crate::programme::block::{Block, DateQuestion, List, Open, Rule};

/// Most characters of an input; a longer one is refused. A USSD string has at most 182.
pub const INPUT_CHARS_MAX: usize = 182;
/// Fewest characters of an identifier; shorter ones are refused.
pub(crate) const IDENTIFIER_CHARS_MIN: usize = 4;
/// Most characters of an identifier; longer ones are refused.
pub(crate) const IDENTIFIER_CHARS_MAX: usize = 20;
/// The day that refusals show as an example, also by its month and year.
const EXAMPLE: Date = Date::constant(1994, 5, 17);

/// A system text with its parameters, shown on one page of a screen.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Notice {
    /// Key of the system text.
    pub key: String,
    /// Its parameters; never personal data.
    pub arguments: BTreeMap<String, String>,
    /// Page, from 0, that it stands on.
    pub page: u16,
}

impl Notice {
    /// A system text without parameters.
    pub(crate) fn plain(key: &str) -> Self {
        Self {
            key: key.to_owned(),
            arguments: BTreeMap::new(),
            page: 0,
        }
    }
}

/// Why an input was refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Refusal {
    Choice,
    Choices,
    Empty,
    Name,
    Text,
    Identifier,
    Phone,
    Number { min: u32, max: u32 },
    Day(Calendar),
    YearOrDay(Calendar),
    MonthOrDay(Calendar),
    AnyDate(Calendar),
    Future,
    Old { earliest: String },
    Recent { latest: String },
    Ahead { latest: String },
    Long { limit: usize },
    Page,
    RegistrationNumber,
    CheckDigit,
    Amount { min: String, max: String },
    Pin,
}

impl Refusal {
    /// What a question says to something that is no date.
    pub(crate) fn date_form(question: &DateQuestion, calendar: Calendar) -> Self {
        match (question.year, question.month) {
            (false, false) => Self::Day(calendar),
            (true, false) => Self::YearOrDay(calendar),
            (false, true) => Self::MonthOrDay(calendar),
            (true, true) => Self::AnyDate(calendar),
        }
    }

    /// Key of its sentence.
    pub(crate) fn key(&self) -> &'static str {
        match self {
            Self::Choice => "refuse-choice",
            Self::Choices => "refuse-choices",
            Self::Empty => "refuse-empty",
            Self::Name => "refuse-name",
            Self::Text => "refuse-text",
            Self::Identifier => "refuse-identifier",
            Self::Phone => "refuse-phone",
            Self::Number { .. } => "refuse-number",
            Self::Day(_) => "refuse-day",
            Self::YearOrDay(_) => "refuse-year-or-day",
            Self::MonthOrDay(_) => "refuse-month-or-day",
            Self::AnyDate(_) => "refuse-any-date",
            Self::RegistrationNumber => "refuse-registration-number",
            Self::CheckDigit => "refuse-check-digit",
            Self::Amount { .. } => "refuse-amount",
            Self::Pin => "refuse-pin",
            Self::Future => "refuse-future",
            Self::Old { .. } => "refuse-old",
            Self::Recent { .. } => "refuse-recent",
            Self::Ahead { .. } => "refuse-ahead",
            Self::Long { .. } => "refuse-long",
            Self::Page => "refuse-page",
        }
    }

    /// The sentence for a page.
    pub(crate) fn notice(&self, page: u16) -> Notice {
        let pairs: Vec<(&str, String)> = match self {
            Self::Identifier => vec![
                ("min", IDENTIFIER_CHARS_MIN.to_string()),
                ("max", IDENTIFIER_CHARS_MAX.to_string()),
            ],
            Self::Number { min, max } => {
                vec![("min", min.to_string()), ("max", max.to_string())]
            }
            Self::Day(calendar) => vec![("example", example_day(*calendar))],
            Self::YearOrDay(calendar) => {
                vec![
                    ("year", example_year(*calendar)),
                    ("example", example_day(*calendar)),
                ]
            }
            Self::MonthOrDay(calendar) => {
                vec![
                    ("month", example_month(*calendar)),
                    ("example", example_day(*calendar)),
                ]
            }
            Self::AnyDate(calendar) => {
                vec![
                    ("year", example_year(*calendar)),
                    ("month", example_month(*calendar)),
                    ("example", example_day(*calendar)),
                ]
            }
            Self::RegistrationNumber => vec![
                ("short", NUMBER_DIGITS.to_string()),
                ("long", LONG_NUMBER_DIGITS.to_string()),
            ],
            Self::Amount { min, max } => vec![("min", min.clone()), ("max", max.clone())],
            Self::Pin => vec![
                ("min", PIN_DIGITS_MIN.to_string()),
                ("max", PIN_DIGITS_MAX.to_string()),
            ],
            Self::Old { earliest } => vec![("earliest", earliest.clone())],
            Self::Recent { latest } | Self::Ahead { latest } => vec![("latest", latest.clone())],
            Self::Long { limit } => vec![("limit", limit.to_string())],
            _ => Vec::new(),
        };
        Notice {
            key: self.key().to_owned(),
            arguments: pairs
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
            page,
        }
    }

    /// All refusals that a block can give in a view's language, with their longest parameters.
    pub(crate) fn of_view(view: &View<'_>, block: &Block) -> Vec<Self> {
        if let (Block::Money(money), Some(currency)) = (block, view.programme.currency()) {
            let refused = input::money("", (money.min, money.max), currency);
            return refused.err().into_iter().collect();
        }
        Self::of_block(block, view.programme.calendar(view.language))
    }

    /// All refusals that a block can give in a calendar, with their longest parameters.
    pub(crate) fn of_block(block: &Block, calendar: Calendar) -> Vec<Self> {
        match block {
            Block::SelectOne(_) | Block::Message(_) => vec![Self::Choice],
            Block::SelectMany(_) => vec![Self::Choices],
            Block::Numeric(numeric) => {
                vec![Self::Number {
                    min: numeric.min,
                    max: numeric.max,
                }]
            }
            Block::Date(date) => {
                let late = if date.days_ahead > 0 {
                    Self::Ahead {
                        latest: example_day(calendar),
                    }
                } else if date.years_min == 0 {
                    Self::Future
                } else {
                    Self::Recent {
                        latest: example_day(calendar),
                    }
                };
                let earliest = example_day(calendar);
                vec![
                    Self::date_form(date, calendar),
                    late,
                    Self::Old { earliest },
                ]
            }
            Block::Open(open) => match open.rule {
                Rule::Name => vec![
                    Self::Name,
                    Self::Long {
                        limit: NAME_CHARS_MAX,
                    },
                ],
                Rule::Phone => vec![Self::Phone],
                Rule::Identifier => vec![Self::Identifier],
                Rule::RegistrationNumber => vec![Self::RegistrationNumber, Self::CheckDigit],
                Rule::Text => {
                    let limit = open.max.map_or(INPUT_CHARS_MAX, usize::from);
                    vec![Self::Empty, Self::Text, Self::Long { limit }]
                }
            },
            Block::Money(money) => vec![Self::Amount {
                min: money.min.to_string(),
                max: money.max.to_string(),
            }],
            Block::Pin(_) => vec![Self::Pin],
            Block::Case(_)
            | Block::Run(_)
            | Block::Calculate(_)
            | Block::Call(_)
            | Block::Return(_)
            | Block::Repeat(_)
            | Block::Prove(_) => Vec::new(),
        }
    }

    /// What a block says to an input that no question takes: its own sentence, which names what
    /// to type, unless it is free text that was too long.
    pub(crate) fn at_block(self, view: &View<'_>, block: &Block) -> Self {
        match (block, self) {
            (
                Block::Open(Open {
                    rule: Rule::Text, ..
                }),
                refusal,
            ) => refusal,
            (
                Block::Open(Open {
                    rule: Rule::Name, ..
                }),
                Self::Long { .. },
            ) => Self::Long {
                limit: NAME_CHARS_MAX,
            },
            (block, refusal) => {
                let own = Self::of_view(view, block).into_iter().next();
                own.unwrap_or(refusal)
            }
        }
    }
}

fn example_day(calendar: Calendar) -> String {
    Partial::Day(EXAMPLE).typed(calendar)
}

fn example_month(calendar: Calendar) -> String {
    Partial::Month(EXAMPLE.year(), EXAMPLE.month()).typed(calendar)
}

fn example_year(calendar: Calendar) -> String {
    Partial::Year(EXAMPLE.year()).typed(calendar)
}

/// Keys of all refusals that a dialogue's blocks can give.
///
/// `refuse-page` is added where a screen has several pages, which depends on the site's places.
pub fn refusals(dialogue: &crate::programme::definition::Dialogue) -> BTreeSet<&'static str> {
    let mut keys: BTreeSet<&'static str> = dialogue
        .blocks
        .iter()
        .filter(|block| !block.is_end())
        .flat_map(|block| Refusal::of_block(block, Calendar::Gregorian))
        .map(|refusal| refusal.key())
        .collect();
    let paged = |block: &Block| match block {
        Block::SelectOne(select) => select.list == Some(List::Places) || select.ask.pages.is_some(),
        _ => false,
    };
    if dialogue.blocks.iter().any(paged) {
        keys.insert(Refusal::Page.key());
    }
    keys
}
