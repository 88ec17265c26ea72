//! Reference data: places, option lists, tips and agreements that a hub publishes to its areas.
//!
//! A list has a name, a rising revision and items with codes that are never reused: an item that is
//! not in the next revision is retired, stays readable and never comes back. A revision travels as
//! facts of the hub's ordinary chain in the lane of registrations, each under the fact's size
//! limit; it holds when its last part is there, all of it at once. Nothing here is personal.

pub mod file;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::fact::{FACT_BYTES_MAX, Fact};

/// Longest name of a list and longest code, in characters; longer ones are refused.
pub const CODE_CHARS_MAX: usize = 20;
/// Longest name of an item in one language, in characters, as menus show it; longer is refused.
pub const NAME_CHARS_MAX: usize = 40;
/// Longest text of an item in one language, in characters: about three SMS; longer is refused.
pub const TEXT_CHARS_MAX: usize = 480;
/// Items of one list; more are refused.
pub const ITEMS_MAX: usize = 5_000;
/// Bytes of a fact that its items may not use: list, revision, numbers of the part.
const HEAD_BYTES: usize = 128;

/// The list whose items are the places of menus.
pub const PLACES: &str = "places";

/// One item of a list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReferenceItem {
    /// Its code in records; never reused, not even for a retired one.
    pub code: String,
    /// Names on screens, by language (BCP 47), in alphabetical order of the tags.
    pub names: Vec<(String, String)>,
    /// The area or item that it belongs to.
    pub parent: Option<String>,
    /// Latitude and longitude in millionths of a degree, WGS 84.
    pub position: Option<(i32, i32)>,
    /// Texts such as tips or agreements, by language.
    pub texts: Vec<(String, String)>,
}

impl ReferenceItem {
    /// The name in a language, else in English, else the first one.
    pub fn name(&self, language: &str) -> &str {
        spoken(&self.names, language).unwrap_or(self.code.as_str())
    }

    /// The text in a language, as [`Self::name`]; empty where the item has none.
    pub fn text(&self, language: &str) -> &str {
        spoken(&self.texts, language).unwrap_or_default()
    }
}

fn spoken<'a>(words: &'a [(String, String)], language: &str) -> Option<&'a str> {
    let of = |tag: &str| words.iter().find(|(known, _)| known == tag);
    let primary = language.split('-').next().unwrap_or(language);
    let found = of(language).or_else(|| of(primary)).or_else(|| of("en"));
    let found = found.or_else(|| words.first());
    found.map(|(_, word)| word.as_str())
}

/// An item as a store holds it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KnownItem {
    /// The item, as the last revision that had it says.
    pub item: ReferenceItem,
    /// Not in the newest revision: no menu offers it, records still show its name.
    pub retired: bool,
}

/// A revision of a list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReferenceList {
    /// Its name, such as [`PLACES`] or `crops`.
    pub list: String,
    /// Its items, in the order of menus.
    pub items: Vec<ReferenceItem>,
}

/// A part of a revision, as a fact carries it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReferencePart {
    /// Name of the list.
    pub list: String,
    /// Its revision, from 1.
    pub revision: u32,
    /// Which part, from 1.
    pub part: u16,
    /// How many parts the revision has.
    pub parts: u16,
    /// Its items.
    pub items: Vec<ReferenceItem>,
}

/// What is wrong with a list, where, and what to do.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ReferenceFinding {
    /// The item's code, or the list's name.
    pub place: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub fix: &'static str,
}

impl core::fmt::Display for ReferenceFinding {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}: {}\n  fix: {}", self.place, self.message, self.fix)
    }
}

fn finding(place: &str, message: impl Into<String>, fix: &'static str) -> ReferenceFinding {
    ReferenceFinding {
        place: place.to_owned(),
        message: message.into(),
        fix,
    }
}

impl ReferenceList {
    /// What is wrong with the list by itself; empty when it may be published for the first time.
    pub fn check(&self) -> Vec<ReferenceFinding> {
        let mut found = Vec::new();
        let is_code = |code: &str| {
            (1..=CODE_CHARS_MAX).contains(&code.chars().count())
                && code.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        };
        if !is_code(&self.list) {
            let fix = "name it with letters, digits and hyphens";
            found.push(finding(&self.list, "the list has no good name", fix));
        }
        if !(1..=ITEMS_MAX).contains(&self.items.len()) {
            let message = format!("the list has {} items", self.items.len());
            found.push(finding(&self.list, message, "publish 1 to 5,000 items"));
        }
        let codes: BTreeSet<&str> = self.items.iter().map(|item| item.code.as_str()).collect();
        let mut seen = BTreeSet::new();
        for item in &self.items {
            let mut add = |message: &str, fix| found.push(finding(&item.code, message, fix));
            if !is_code(&item.code) {
                add(
                    "this is no good code",
                    "use letters, digits and hyphens, at most 20",
                );
            }
            if !seen.insert(item.code.as_str()) {
                add("the code stands twice", "give each item a code of its own");
            }
            if item.names.is_empty() || !all_short(&item.names, NAME_CHARS_MAX) {
                add(
                    "a name is missing or too long",
                    "give names of 1 to 40 characters",
                );
            }
            if !all_short(&item.texts, TEXT_CHARS_MAX) {
                add(
                    "a text is empty or too long",
                    "give texts of 1 to 480 characters",
                );
            }
            let parent = item.parent.as_deref();
            if parent.is_some_and(|parent| parent == item.code || !is_code(parent)) {
                add(
                    "its parent is no code, or itself",
                    "name another item or an area",
                );
            }
        }
        found.extend(self.circles(&codes));
        found
    }

    /// Items whose parents lead back to them.
    fn circles(&self, codes: &BTreeSet<&str>) -> Vec<ReferenceFinding> {
        let parents: BTreeMap<&str, &str> = self
            .items
            .iter()
            .filter_map(|item| Some((item.code.as_str(), item.parent.as_deref()?)))
            .filter(|(_, parent)| codes.contains(parent))
            .collect();
        let leads_back = |code: &&str| {
            let mut at = *code;
            for _ in 0..codes.len() {
                match parents.get(at) {
                    Some(parent) if parent == code => return true,
                    Some(parent) => at = parent,
                    None => return false,
                }
            }
            false
        };
        let circling = parents.keys().filter(|code| leads_back(code));
        let fix = "let the parents end at an area";
        circling
            .map(|code| finding(code, "its parents lead back to it", fix))
            .collect()
    }

    /// What is wrong with it after what was published: changed meanings and codes that come back.
    ///
    /// A name may be corrected in some languages; a code none of whose names stayed means something
    /// else, unless `renamed` lists it.
    pub fn check_after(&self, known: &[KnownItem], renamed: &[String]) -> Vec<ReferenceFinding> {
        let known: BTreeMap<&str, &KnownItem> = known
            .iter()
            .map(|known| (known.item.code.as_str(), known))
            .collect();
        let mut found = Vec::new();
        for item in &self.items {
            let Some(before) = known.get(item.code.as_str()) else {
                continue;
            };
            if before.retired {
                let fix = "give it a new code: records name the old one";
                found.push(finding(&item.code, "the code is retired", fix));
            }
            let same = item
                .names
                .iter()
                .any(|name| before.item.names.contains(name));
            if !same && !renamed.contains(&item.code) {
                let fix = "use a new code, or list it under `renamed` if it is the same thing";
                found.push(finding(
                    &item.code,
                    "the code would mean something else",
                    fix,
                ));
            }
        }
        found
    }

    /// The facts of a revision, each under the limit of a fact.
    ///
    /// # Errors
    /// The item that is alone too large, or too many parts, as a finding.
    pub fn parts(&self, revision: u32) -> Result<Vec<Fact>, ReferenceFinding> {
        let mut groups: Vec<Vec<ReferenceItem>> = Vec::new();
        let mut bytes = FACT_BYTES_MAX;
        for item in &self.items {
            let size = size(item);
            if size > FACT_BYTES_MAX.saturating_sub(HEAD_BYTES) {
                let fix = "shorten its texts or take a language out";
                return Err(finding(&item.code, "the item is too large", fix));
            }
            bytes = bytes.saturating_add(size);
            match groups.last_mut() {
                Some(group) if bytes <= FACT_BYTES_MAX.saturating_sub(HEAD_BYTES) => {
                    group.push(item.clone());
                }
                _ => {
                    bytes = size;
                    groups.push(vec![item.clone()]);
                }
            }
        }
        let large = |_error| finding(&self.list, "the list has too many parts", "split the list");
        let parts = u16::try_from(groups.len()).map_err(large)?;
        let numbered = (1..=parts).zip(groups);
        let facts = numbered.map(|(part, items)| {
            Fact::ReferencePublished(ReferencePart {
                list: self.list.clone(),
                revision,
                part,
                parts,
                items,
            })
        });
        Ok(facts.collect())
    }
}

/// Bytes of an item in a fact; one that cannot be written counts as too large.
fn size(item: &ReferenceItem) -> usize {
    postcard::to_stdvec(item).map_or(FACT_BYTES_MAX, |bytes| bytes.len())
}

fn all_short(pairs: &[(String, String)], limit: usize) -> bool {
    pairs.iter().all(|(tag, text)| {
        !tag.is_empty()
            && tag.len() <= CODE_CHARS_MAX
            && (1..=limit).contains(&text.chars().count())
            && text.trim() == text
    })
}

/// What holds after a whole revision: its items in their order, then what it retires.
pub fn after(before: &[KnownItem], items: &[ReferenceItem]) -> Vec<KnownItem> {
    let codes: BTreeSet<&str> = items.iter().map(|item| item.code.as_str()).collect();
    let gone = before
        .iter()
        .filter(|known| !codes.contains(known.item.code.as_str()))
        .map(|known| KnownItem {
            retired: true,
            ..known.clone()
        });
    let here = items.iter().map(|item| KnownItem {
        item: item.clone(),
        retired: false,
    });
    here.chain(gone).collect()
}

#[cfg(test)]
mod tests;
