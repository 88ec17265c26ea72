//! Conditions on answers and values, and what is calculated from them.
//!
//! A condition is a table: `{ answer = "age", less = "18" }`, joined by `all`, `any` and `not`.
//! Numbers are compared as numbers and dates as dates; what is not there fulfils nothing.

use serde::Deserialize;

/// What must hold.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Name of the answer or value that the keys below speak of.
    pub answer: Option<String>,
    /// It is this; an empty text stands for the choice `0`.
    pub is: Option<String>,
    /// It is one of these.
    pub one_of: Option<Vec<String>>,
    /// Of several choices, this one was among them.
    pub has: Option<String>,
    /// It is a number or date below this; `$name` for that of another answer.
    pub less: Option<String>,
    /// It is a number or date above this; `$name` for that of another answer.
    pub more: Option<String>,
    /// It was given (`true`) or not (`false`).
    pub given: Option<bool>,
    /// All of these hold.
    #[serde(default)]
    pub all: Vec<Self>,
    /// At least one of these holds.
    #[serde(default)]
    pub any: Vec<Self>,
    /// This does not hold.
    pub not: Option<Box<Self>>,
}

impl Condition {
    /// Calls `with` for every name of an answer or value in it, to be replaced.
    pub(super) fn rename(&mut self, with: &dyn Fn(&str) -> String) {
        if let Some(name) = &mut self.answer {
            *name = with(name);
        }
        for bound in [&mut self.less, &mut self.more].into_iter().flatten() {
            if let Some(name) = bound.strip_prefix('$') {
                *bound = format!("${}", with(name));
            }
        }
        let parts = self.all.iter_mut().chain(&mut self.any);
        for part in parts.chain(self.not.as_deref_mut()) {
            part.rename(with);
        }
    }

    /// Every name of an answer or value in it.
    pub(super) fn names(&self) -> Vec<&str> {
        let bounds = [&self.less, &self.more].into_iter().flatten();
        let bounds = bounds.filter_map(|bound| bound.strip_prefix('$'));
        let own = self.answer.as_deref().into_iter().chain(bounds);
        let parts = self.all.iter().chain(&self.any).chain(self.not.as_deref());
        own.chain(parts.flat_map(Self::names)).collect()
    }

    /// Why it can mean nothing; `None` when it is well formed.
    pub(super) fn fault(&self) -> Option<&'static str> {
        let tests = [
            self.is.is_some(),
            self.one_of.is_some(),
            self.has.is_some(),
            self.less.is_some(),
            self.more.is_some(),
            self.given.is_some(),
        ];
        let tests = tests.iter().filter(|test| **test).count();
        let joins = !self.all.is_empty() || !self.any.is_empty() || self.not.is_some();
        match (&self.answer, tests) {
            (Some(_), 0) => Some("a condition names an answer and says nothing of it"),
            (None, 1..) => Some("a condition names no answer"),
            (None, 0) if !joins => Some("a condition is empty"),
            _ => {
                let mut parts = self.all.iter().chain(&self.any).chain(self.not.as_deref());
                parts.find_map(Self::fault)
            }
        }
    }
}

/// How a value is made of others. Operands are names of answers or values, or numbers.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Formula {
    /// All of them together.
    Sum(Vec<String>),
    /// The first less the second.
    Difference(Vec<String>),
    /// Whole units of time from a date to today; nothing while the clock is unknown.
    Age(Span),
    /// Whole units of time from one date to another.
    Between(Between),
    /// The day so many days after a date, such as the expected day of birth.
    DaysAfter(DaysAfter),
}

/// Time since a date.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// The date.
    pub of: String,
    /// Unit of the result.
    #[serde(rename = "in")]
    pub unit: TimeUnit,
}

/// Time between two dates.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Between {
    /// The earlier date.
    pub from: String,
    /// The later date.
    pub to: String,
    /// Unit of the result.
    #[serde(rename = "in")]
    pub unit: TimeUnit,
}

/// A day counted from another.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DaysAfter {
    /// The date.
    pub of: String,
    /// How many days later; negative = earlier.
    pub days: i32,
}

/// A unit of time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeUnit {
    /// Days.
    Days,
    /// Weeks of seven days.
    Weeks,
    /// Months of the calendar.
    Months,
    /// Years.
    Years,
}

impl Formula {
    /// Calls `with` for every operand, to be replaced.
    pub(super) fn rename(&mut self, with: &dyn Fn(&str) -> String) {
        let operands: Vec<&mut String> = match self {
            Self::Sum(names) | Self::Difference(names) => names.iter_mut().collect(),
            Self::Age(span) => vec![&mut span.of],
            Self::Between(between) => vec![&mut between.from, &mut between.to],
            Self::DaysAfter(after) => vec![&mut after.of],
        };
        for operand in operands {
            *operand = with(operand);
        }
    }

    /// Every operand that is a name.
    pub(super) fn names(&self) -> Vec<&str> {
        let operands: Vec<&str> = match self {
            Self::Sum(names) | Self::Difference(names) => {
                names.iter().map(String::as_str).collect()
            }
            Self::Age(span) => vec![&span.of],
            Self::Between(between) => vec![&between.from, &between.to],
            Self::DaysAfter(after) => vec![&after.of],
        };
        let is_name = |operand: &&str| operand.parse::<i64>().is_err();
        operands.into_iter().filter(is_name).collect()
    }

    /// Whether the result is a date.
    pub(crate) fn is_date(&self) -> bool {
        matches!(self, Self::DaysAfter(_))
    }

    /// Why it can mean nothing; `None` when it is well formed.
    pub(super) fn fault(&self) -> Option<&'static str> {
        match self {
            Self::Sum(names) if names.len() < 2 => Some("a sum needs two operands or more"),
            Self::Difference(names) if names.len() != 2 => Some("a difference needs two operands"),
            _ => None,
        }
    }
}
