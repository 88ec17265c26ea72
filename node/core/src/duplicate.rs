//! Who may be the same person: name tables, comparing, weights and bands, blocking keys, and the
//! exact repeat of a registration.
//!
//! Pure: candidates are found by the store under the tokens of [`key`], compared here
//! ([`compare`]), weighed and put into a band ([`weight`]). Nobody is joined here; that takes a
//! person's word.

pub mod candidate;
pub mod compare;
pub mod comparison;
pub mod find;
pub mod fold;
pub mod key;
pub mod name;
pub mod table;
pub mod weight;

use compare::{Levels, Subject, comparable_birth};
use table::NameTable;
use weight::{Band, Weights};

use crate::person::{Field, PersonFields};
use crate::view::{Token, TokenKind};

/// Most candidates of one question; above that the answer is to ask a narrower one.
pub const CANDIDATES_MAX: usize = 2_000;

/// A country's name table with the weights: all that comparing needs.
#[derive(Debug)]
pub struct Matcher {
    /// The name table.
    pub table: NameTable,
    /// Weights and bands.
    pub weights: Weights,
}

/// How a pair came out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// The band.
    pub band: Band,
    /// The sum of weights, in tenths of a bit.
    pub sum: i32,
    /// Field by field.
    pub levels: Levels,
}

impl Matcher {
    /// The matcher of a country, ISO 3166-1 alpha-2.
    ///
    /// # Errors
    /// Findings of the tables that come along; a test of this package shows that there are none.
    pub fn of(country: &str) -> Result<Self, Vec<String>> {
        Ok(Self {
            table: NameTable::of(country)?,
            weights: Weights::shipped().map_err(|finding| vec![finding])?,
        })
    }

    /// Prepares a person for comparing.
    pub fn subject(&self, fields: &PersonFields, mother: Option<&PersonFields>) -> Subject {
        Subject::new(fields, mother, &self.table)
    }

    /// Weighs a comparison; `extra` is what the rarity of the names adds, in tenths of a bit.
    pub fn verdict(&self, levels: Levels, extra: i32) -> Verdict {
        let sum = self.weights.sum(&levels).saturating_add(extra);
        Verdict {
            band: self.weights.band(&levels, sum),
            sum,
            levels,
        }
    }

    /// The token of an exact repeat: both people's normalised names and births, phone, child's sex.
    ///
    /// Given and family name are compared as a sorted pair, because forms swap them.
    pub fn repeat_token(&self, mother: &PersonFields, child: &PersonFields) -> Token {
        let parts = [
            self.name_pair(mother),
            birth_text(mother),
            mother.get(Field::Phone).unwrap_or_default().to_owned(),
            self.name_pair(child),
            birth_text(child),
            child.get(Field::Sex).unwrap_or_default().to_owned(),
        ];
        Token {
            kind: TokenKind::Repeat,
            value: parts.join("|"),
        }
    }

    fn name_pair(&self, fields: &PersonFields) -> String {
        let mut pair = [Field::GivenName, Field::FamilyName].map(|field| {
            let name = fields.get(field);
            name.map(|name| self.table.normalise(name))
                .unwrap_or_default()
        });
        pair.sort_unstable();
        pair.join("&")
    }
}

fn birth_text(fields: &PersonFields) -> String {
    fields
        .birth_date()
        .map(|birth| comparable_birth(birth).to_iso())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
