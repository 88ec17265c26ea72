//! Sentences that precede a screen: why an input was refused and what to type instead.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::person::NAME_CHARS_MAX;
use crate::programme::block::{Block, List, Open, Rule};

/// Most characters of an input; a longer one is refused. A USSD string has at most 182.
pub const INPUT_CHARS_MAX: usize = 182;
/// Fewest characters of an identifier; shorter ones are refused.
pub(crate) const IDENTIFIER_CHARS_MIN: usize = 4;
/// Most characters of an identifier; longer ones are refused.
pub(crate) const IDENTIFIER_CHARS_MAX: usize = 20;
/// The day that refusals show as an example, as it is typed.
const EXAMPLE_DAY: &str = "17051994";
/// The year that refusals show as an example.
const EXAMPLE_YEAR: &str = "1994";

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
    Day,
    YearOrDay,
    Future,
    Old { earliest: String },
    Recent { latest: String },
    Long { limit: usize },
    Page,
}

impl Refusal {
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
            Self::Day => "refuse-day",
            Self::YearOrDay => "refuse-year-or-day",
            Self::Future => "refuse-future",
            Self::Old { .. } => "refuse-old",
            Self::Recent { .. } => "refuse-recent",
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
            Self::Day => vec![("example", EXAMPLE_DAY.to_owned())],
            Self::YearOrDay => {
                vec![
                    ("year", EXAMPLE_YEAR.to_owned()),
                    ("example", EXAMPLE_DAY.to_owned()),
                ]
            }
            Self::Old { earliest } => vec![("earliest", earliest.clone())],
            Self::Recent { latest } => vec![("latest", latest.clone())],
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

    /// All refusals that a block can give, with their longest parameters.
    pub(crate) fn of_block(block: &Block) -> Vec<Self> {
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
                let form = if date.year {
                    Self::YearOrDay
                } else {
                    Self::Day
                };
                let late = if date.years_min == 0 {
                    Self::Future
                } else {
                    Self::Recent {
                        latest: EXAMPLE_DAY.to_owned(),
                    }
                };
                vec![
                    form,
                    late,
                    Self::Old {
                        earliest: EXAMPLE_DAY.to_owned(),
                    },
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
                Rule::Text => {
                    vec![
                        Self::Empty,
                        Self::Text,
                        Self::Long {
                            limit: INPUT_CHARS_MAX,
                        },
                    ]
                }
            },
            Block::Case(_) | Block::Run(_) => Vec::new(),
        }
    }

    /// What a block says to an input that no question takes: its own sentence, which names what
    /// to type, unless it is free text that was too long.
    pub(crate) fn at_block(self, block: &Block) -> Self {
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
            (block, refusal) => Self::of_block(block).into_iter().next().unwrap_or(refusal),
        }
    }
}

/// Keys of all refusals that a dialogue's blocks can give.
///
/// `refuse-page` is added where a screen has several pages, which depends on the site's places.
pub fn refusals(dialogue: &crate::programme::definition::Dialogue) -> BTreeSet<&'static str> {
    let mut keys: BTreeSet<&'static str> = dialogue
        .blocks
        .iter()
        .filter(|block| !block.is_end())
        .flat_map(Refusal::of_block)
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
