//! The texts of one language: a Fluent resource with the parameters and line of each key.
//!
//! Isolation marks are off (phones show them as boxes) and no-break spaces become plain ones;
//! nothing else is changed.

use core::fmt;
use std::collections::{BTreeMap, BTreeSet};

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

/// Longest digit run that counts as a number for plural rules; longer ones stay text, because
/// a registration number is no quantity.
const PLURAL_DIGITS_MAX: usize = 6;

/// The texts of one language.
pub struct Catalogue {
    bundle: FluentBundle<FluentResource>,
    entries: BTreeMap<String, Entry>,
}

struct Entry {
    line: usize,
    parameters: BTreeSet<String>,
}

/// Why a text file could not be read; surfaces when a programme is compiled.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("text file of language {language:?} is wrong at line {line}: {reason}")]
pub struct CatalogueError {
    /// The language.
    pub language: String,
    /// Line, from 1.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

impl Catalogue {
    /// Reads a Fluent file.
    ///
    /// # Errors
    /// A line that is not Fluent, a key that stands twice, or a language tag that is none.
    pub fn parse(language: &str, source: &str) -> Result<Self, CatalogueError> {
        let fail = |line: usize, reason: String| CatalogueError {
            language: language.to_owned(),
            line,
            reason,
        };
        let tag: LanguageIdentifier = language
            .parse()
            .map_err(|error| fail(0, format!("language tag: {error}")))?;
        let resource = FluentResource::try_new(source.to_owned()).map_err(|(_, errors)| {
            let error = errors.into_iter().next();
            let start = error.as_ref().map_or(0, |error| error.pos.start);
            let reason = error.map_or_else(String::new, |error| error.to_string());
            fail(line_at(source, start), reason)
        })?;
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        bundle.set_use_isolating(false);
        bundle.add_resource(resource).map_err(|errors| {
            fail(
                0,
                errors
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join("; "),
            )
        })?;
        Ok(Self {
            bundle,
            entries: entries(source),
        })
    }

    /// The text of a key, `None` when the key is missing here.
    pub fn text(&self, key: &str, arguments: &BTreeMap<String, String>) -> Option<String> {
        let pattern = self.bundle.get_message(key)?.value()?;
        // Only what the text names: checks hand over hundreds of sample values.
        let mut values = FluentArgs::new();
        for name in &self.entries.get(key)?.parameters {
            if let Some(value) = arguments.get(name) {
                values.set(name.as_str(), fluent_value(value));
            }
        }
        // A missing parameter shows its name in braces; `compile` has proved that there is none.
        let mut errors = Vec::new();
        let text = self
            .bundle
            .format_pattern(pattern, Some(&values), &mut errors);
        Some(text.replace(['\u{a0}', '\u{202f}', '\u{2007}'], " "))
    }

    /// All keys, in alphabetical order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// The parameters that a text names, `None` when the key is missing.
    pub fn parameters(&self, key: &str) -> Option<&BTreeSet<String>> {
        self.entries.get(key).map(|entry| &entry.parameters)
    }

    /// The line on which a key stands, from 1.
    pub fn line(&self, key: &str) -> Option<usize> {
        self.entries.get(key).map(|entry| entry.line)
    }
}

impl fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Catalogue({} texts)", self.entries.len())
    }
}

/// Short numbers take part in plural rules, everything else is text.
fn fluent_value(value: &str) -> FluentValue<'_> {
    let canonical = value == "0" || !value.starts_with('0');
    let short = value.len() <= PLURAL_DIGITS_MAX && value.chars().all(|c| c.is_ascii_digit());
    if canonical
        && short
        && let Ok(number) = value.parse::<u32>()
    {
        return FluentValue::from(number);
    }
    FluentValue::from(value)
}

fn line_at(source: &str, position: usize) -> usize {
    let before = source
        .bytes()
        .take(position)
        .filter(|byte| *byte == b'\n')
        .count();
    before.saturating_add(1)
}

/// Keys with their lines and parameters, read from the file's own lines: a key begins a line, the
/// rest of its text is indented.
fn entries(source: &str) -> BTreeMap<String, Entry> {
    let mut found: BTreeMap<String, Entry> = BTreeMap::new();
    let mut current: Option<String> = None;
    for (index, line) in source.lines().enumerate() {
        if line.starts_with('#') {
            current = None;
            continue;
        }
        if line.starts_with(|c: char| c.is_ascii_alphabetic()) {
            let key = line.split('=').next().unwrap_or("").trim().to_owned();
            let entry = Entry {
                line: index.saturating_add(1),
                parameters: BTreeSet::new(),
            };
            found.insert(key.clone(), entry);
            current = Some(key);
        }
        if let Some(entry) = current.as_ref().and_then(|key| found.get_mut(key)) {
            entry.parameters.extend(parameters(line));
        }
    }
    found
}

fn parameters(line: &str) -> impl Iterator<Item = String> + '_ {
    line.split('$').skip(1).map(|rest| {
        rest.chars()
            .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(values: &[(&str, &str)]) -> BTreeMap<String, String> {
        values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn no_isolation_marks_and_no_break_spaces_reach_a_phone() {
        let catalogue = Catalogue::parse("fr", "sum = Total\u{a0}: { $sum }\u{202f}F\n").unwrap();
        assert_eq!(
            catalogue.text("sum", &arguments(&[("sum", "12")])).unwrap(),
            "Total : 12 F"
        );
    }

    #[test]
    fn a_long_digit_run_is_text_and_not_a_number() {
        let catalogue = Catalogue::parse("en", "rn = RN { $rn }\n").unwrap();
        for rn in ["7294058630", "0123", "193074182653"] {
            assert_eq!(
                catalogue.text("rn", &arguments(&[("rn", rn)])).unwrap(),
                format!("RN {rn}")
            );
        }
    }

    #[test]
    fn parameters_are_found_over_several_lines() {
        let source =
            "# $no\na = x { $one ->\n    [one] { $two }\n   *[other] b\n } { $three }\nb = y\n";
        let catalogue = Catalogue::parse("en", source).unwrap();
        let names: Vec<&str> = catalogue
            .parameters("a")
            .unwrap()
            .iter()
            .map(String::as_str)
            .collect();
        assert_eq!(names, ["one", "three", "two"]);
        assert_eq!(catalogue.line("b"), Some(6));
        assert!(catalogue.parameters("b").unwrap().is_empty());
    }

    #[test]
    fn a_broken_line_and_a_doubled_key_are_refused() {
        let error = Catalogue::parse("en", "a = b\nc = { $\n").unwrap_err();
        assert_eq!(error.line, 2);
        let error = Catalogue::parse("en", "a = b\na = c\n").unwrap_err();
        assert!(error.reason.contains('a'), "{error}");
    }
}
