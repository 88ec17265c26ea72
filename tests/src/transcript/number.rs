//! Registration numbers in transcripts: drawn by chance, so written by their order.
//!
//! A run of 10 or 12 digits without `+` before it whose check digit is right is a registration
//! number. The first one that a conversation shows becomes `{1}`, the next new one `{2}`; the same
//! number keeps its place. `..8630` becomes `..{1:4}` when a shown number ends so. The three digits
//! behind the NO of a change are `{code}`.

use std::fmt::Write;

use node_core::number::is_valid;

/// Digits by which a short form names a number.
const HINT_DIGITS: usize = 4;

/// Words of the texts behind which the digits of a change stand.
const NO: [&str; 5] = ["NO ", "NON ", "HAPANA ", "አይ ", "لا "];
/// Digits of a change.
const CODE_DIGITS: usize = 3;

/// The numbers that a conversation showed so far, and the last code of a change.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Numbers(Vec<String>, Option<String>);

impl Numbers {
    /// The text with places instead of numbers.
    pub fn hidden(&mut self, text: &str) -> String {
        let mut hidden = String::new();
        let mut rest = text;
        while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
            let (before, from) = rest.split_at(start);
            let end = from
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(from.len());
            let (digits, after) = from.split_at(end);
            hidden.push_str(before);
            match self.place(before, digits) {
                Some(place) => hidden.push_str(&place),
                None => hidden.push_str(digits),
            }
            rest = after;
        }
        hidden + rest
    }

    /// The text with numbers instead of places, as a person types it.
    pub fn shown(&self, text: &str) -> String {
        let mut shown = text.to_owned();
        if let Some(code) = &self.1 {
            shown = shown.replace("{code}", code);
        }
        for (index, number) in self.0.iter().enumerate() {
            shown = shown.replace(&format!("{{{}}}", index + 1), number);
        }
        shown
    }

    /// How many different numbers were shown.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The numbers, in the order in which they were shown.
    pub fn all(&self) -> &[String] {
        &self.0
    }

    fn place(&mut self, before: &str, digits: &str) -> Option<String> {
        let mut place = String::new();
        if before.ends_with("..") && digits.len() == HINT_DIGITS {
            let known = self.0.iter().position(|number| number.ends_with(digits))?;
            write!(place, "{{{}:{HINT_DIGITS}}}", known + 1).ok()?;
            return Some(place);
        }
        if digits.len() == CODE_DIGITS && NO.iter().any(|no| before.ends_with(no)) {
            self.1 = Some(digits.to_owned());
            return Some("{code}".to_owned());
        }
        if before.ends_with('+') || !matches!(digits.len(), 10 | 12) || !is_valid(digits) {
            return None;
        }
        let known = self
            .0
            .iter()
            .position(|number| number == digits)
            .unwrap_or_else(|| {
                self.0.push(digits.to_owned());
                self.0.len() - 1
            });
        write!(place, "{{{}}}", known + 1).ok()?;
        Some(place)
    }
}
