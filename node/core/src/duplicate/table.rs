//! The name table of a country: how names are spelt, which are one name, how they sound.
//!
//! Tables are data (`names/<cc>.toml`), compiled and checked like a service: a table with findings
//! is not used. They know nothing of people; what they are given is personal data and is not kept.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::fold;

/// Most rows of one list of a table; a longer list is a finding.
pub const ROWS_MAX: usize = 1_000;
/// Letters that a word must have more than, before its ending is dropped.
const ENDING_LETTERS: usize = 3;
/// The tables that come along: file name and text; the last one serves every other country.
const SHIPPED: [(&str, &str); 6] = [
    ("ke", include_str!("../../names/ke.toml")),
    ("sn", include_str!("../../names/sn.toml")),
    ("et", include_str!("../../names/et.toml")),
    ("pk", include_str!("../../names/pk.toml")),
    ("sd", include_str!("../../names/sd.toml")),
    ("any", include_str!("../../names/any.toml")),
];

/// In which order people say their two names.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Either: the better pairing counts.
    Any,
    /// The given name stands first; exchanged names are different names.
    GivenFirst,
    /// The family name stands first; exchanged names are different names.
    FamilyFirst,
}

/// A table as its file says it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    countries: Vec<String>,
    order: Order,
    particles: Vec<String>,
    rules: Vec<(String, String)>,
    before_vowel: Vec<(char, char)>,
    endings: Vec<String>,
    equivalents: Vec<Vec<String>>,
    short_forms: Vec<Vec<String>>,
    sounds: Vec<(String, String)>,
    groups: Vec<String>,
}

/// A compiled table.
pub struct NameTable {
    countries: Vec<String>,
    order: Order,
    particles: BTreeSet<String>,
    rules: Vec<(String, String)>,
    before_vowel: BTreeMap<char, char>,
    endings: Vec<char>,
    equivalents: BTreeMap<String, String>,
    short_forms: BTreeSet<(String, String)>,
    sounds: Vec<(String, String)>,
    groups: BTreeMap<char, char>,
}

impl NameTable {
    /// The table of a country, ISO 3166-1 alpha-2.
    ///
    /// # Errors
    /// The findings of a shipped table; a test of this package shows that there are none.
    pub fn of(country: &str) -> Result<Self, Vec<String>> {
        let mut rest = None;
        for (name, text) in SHIPPED {
            let table = Self::compile(text).map_err(|findings| named(name, findings))?;
            if table.countries.iter().any(|code| code == country) {
                return Ok(table);
            }
            rest = Some(table);
        }
        rest.ok_or_else(Vec::new)
    }

    /// Compiles the text of a table.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its row.
    pub fn compile(text: &str) -> Result<Self, Vec<String>> {
        let source: Source = toml::from_str(text).map_err(|error| vec![error.to_string()])?;
        let mut findings = check(&source);
        let mut table = Self {
            countries: source.countries,
            order: source.order,
            particles: source.particles.into_iter().collect(),
            rules: source.rules,
            before_vowel: source.before_vowel.into_iter().collect(),
            endings: source.endings.iter().flat_map(|e| e.chars()).collect(),
            equivalents: BTreeMap::new(),
            short_forms: BTreeSet::new(),
            sounds: source.sounds,
            groups: source
                .groups
                .iter()
                .flat_map(|group| letters(group))
                .collect(),
        };
        for row in &source.equivalents {
            findings.extend(table.add_equivalents(row));
        }
        for row in &source.short_forms {
            let words: Vec<String> = row.iter().map(|word| table.spell(word)).collect();
            if let Some((long, short)) = words.split_first() {
                let pairs = short.iter().map(|short| (long.clone(), short.clone()));
                table.short_forms.extend(pairs);
            }
        }
        if findings.is_empty() {
            Ok(table)
        } else {
            Err(findings)
        }
    }

    fn add_equivalents(&mut self, row: &[String]) -> Vec<String> {
        // Spelt before the row is known, so that a row cannot lead back into itself.
        let words: Vec<String> = row.iter().map(|word| self.respell(word)).collect();
        let Some((kept, others)) = words.split_first() else {
            return vec!["equivalents: an empty row".to_owned()];
        };
        let mut findings = Vec::new();
        for other in others.iter().filter(|other| *other != kept) {
            let before = self.equivalents.insert(other.clone(), kept.clone());
            if before.is_some_and(|before| before != *kept) {
                findings.push(format!("equivalents: `{other}` stands in two rows"));
            }
        }
        if let Some(to) = self.equivalents.get(kept) {
            findings.push(format!(
                "equivalents: `{kept}` is kept and also becomes `{to}`"
            ));
        }
        findings
    }

    /// In which order people say their names.
    pub fn order(&self) -> Order {
        self.order
    }

    /// The words of a name as they are compared: folded, without particles, in one spelling.
    /// Empty only when the name has no letter.
    pub fn words(&self, name: &str) -> Vec<String> {
        let folded = fold::words(name);
        let is_particle = |word: &String| self.particles.contains(word);
        let all = folded.iter().all(is_particle);
        folded
            .iter()
            .filter(|word| all || !is_particle(word))
            .map(|word| self.spell(word))
            .collect()
    }

    /// The same as one text.
    pub fn normalise(&self, name: &str) -> String {
        self.words(name).join(" ")
    }

    fn spell(&self, word: &str) -> String {
        let spelt = self.respell(word);
        self.equivalents.get(&spelt).cloned().unwrap_or(spelt)
    }

    fn respell(&self, word: &str) -> String {
        let mut spelt = replaced(word, &self.rules);
        if !self.before_vowel.is_empty() {
            spelt = self.softened(&spelt);
        }
        let mut letters: Vec<char> = spelt.chars().collect();
        letters.dedup();
        let drops = |last: &char| self.endings.contains(last);
        if letters.len() > ENDING_LETTERS && letters.last().is_some_and(drops) {
            letters.pop();
        }
        letters.into_iter().collect()
    }

    fn softened(&self, word: &str) -> String {
        let next = word.chars().skip(1).map(Some).chain([None]);
        word.chars()
            .zip(next)
            .map(|(letter, next)| match next {
                Some('a' | 'e' | 'i' | 'o' | 'u') => {
                    self.before_vowel.get(&letter).copied().unwrap_or(letter)
                }
                _ => letter,
            })
            .collect()
    }

    /// How a spelt word sounds: one letter for each group of consonants, `a` for a first vowel.
    ///
    /// Letters of other scripts pass as they are. Empty only for an empty word.
    pub fn code(&self, word: &str) -> String {
        let sounded = replaced(word, &self.sounds);
        let mut code = String::with_capacity(sounded.len());
        for letter in sounded.chars() {
            let sound = match letter {
                'a'..='z' => self.groups.get(&letter).copied(),
                other => Some(other),
            };
            match sound {
                Some(sound) if !code.ends_with(sound) => code.push(sound),
                None if code.is_empty() => code.push('a'),
                _ => {}
            }
        }
        code
    }

    /// Whether one of two spelt words is a short form of the other.
    pub fn is_short_form(&self, one: &str, other: &str) -> bool {
        let has = |long: &str, short: &str| {
            self.short_forms
                .contains(&(long.to_owned(), short.to_owned()))
        };
        has(one, other) || has(other, one)
    }
}

impl core::fmt::Debug for NameTable {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "NameTable({})", self.countries.join(" "))
    }
}

fn replaced(word: &str, rules: &[(String, String)]) -> String {
    let mut text = word.to_owned();
    for (from, to) in rules {
        if text.contains(from.as_str()) {
            text = text.replace(from.as_str(), to);
        }
    }
    text
}

/// Each letter of a group with the first one.
fn letters(group: &str) -> Vec<(char, char)> {
    let first = group.chars().next();
    let pairs = group
        .chars()
        .map(|letter| first.map(|first| (letter, first)));
    pairs.flatten().collect()
}

fn named(name: &str, findings: Vec<String>) -> Vec<String> {
    let rows = findings.into_iter();
    rows.map(|finding| format!("names/{name}.toml: {finding}"))
        .collect()
}

fn check(source: &Source) -> Vec<String> {
    let mut findings = Vec::new();
    for code in &source.countries {
        if code.len() != 2 || !code.bytes().all(|byte| byte.is_ascii_uppercase()) {
            findings.push(format!("countries: `{code}` is no ISO 3166-1 code"));
        }
    }
    let plain = |word: &str| !word.is_empty() && fold::words(word) == [word];
    let froms = source
        .rules
        .iter()
        .chain(&source.sounds)
        .map(|(from, _)| from);
    let rows = source
        .equivalents
        .iter()
        .chain(&source.short_forms)
        .flatten();
    for word in froms
        .chain(rows)
        .chain(&source.particles)
        .chain(&source.groups)
    {
        if !plain(word) {
            findings.push(format!(
                "`{word}` is not one word in lower case without marks"
            ));
        }
    }
    for row in source.equivalents.iter().chain(&source.short_forms) {
        if row.len() < 2 {
            findings.push(format!("a row of one word: {row:?}"));
        }
    }
    let mut seen = BTreeSet::new();
    for letter in source.groups.iter().flat_map(|group| group.chars()) {
        if !seen.insert(letter) {
            findings.push(format!("groups: `{letter}` stands in two groups"));
        }
    }
    let longest = [
        source.rules.len(),
        source.equivalents.len(),
        source.short_forms.len(),
        source.sounds.len(),
        source.particles.len(),
    ];
    if longest.into_iter().any(|rows| rows > ROWS_MAX) {
        findings.push(format!("a list has more than {ROWS_MAX} rows"));
    }
    findings
}

#[cfg(test)]
mod tests;
