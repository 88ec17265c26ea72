//! Service definitions: programmes as data, compiled before anybody sees them.
//!
//! [`compile`] proves that every block can be reached and leads to an end, that every text exists
//! in every declared language and fits the smallest of its bearers, and that a dialogue can be
//! answered within the networks' clocks. What it finds wrong it says with place and fix.

pub mod block;
mod check;
pub mod definition;
pub mod event;
mod event_check;
mod finding;
mod fit;
pub mod form;
mod graph;
mod pace;
pub mod run;
pub(crate) mod shown;

#[cfg(test)]
pub(crate) mod tests;

use std::collections::BTreeMap;

use phonenumber::country;

use crate::dialogue::page::Layout;
use crate::role::Role;
use crate::text::{Catalogue, Texts};
use crate::village;
use definition::{Definition, Dialogue, Language, Place, Places};
pub use finding::Finding;
pub use pace::Expectation;

/// Name of the service definition in a programme's folder.
pub const SERVICE_FILE: &str = "service.toml";
/// Name of the list of places in a programme's folder.
pub const PLACES_FILE: &str = "places.toml";

/// The files of a programme: name relative to its folder, and text.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Source {
    /// `service.toml`, `places.toml`, `texts/en.ftl` …
    pub files: BTreeMap<String, String>,
}

impl Source {
    /// The programme for mother and child that is built into the program.
    pub fn maternal_child() -> Self {
        let files = [
            (
                SERVICE_FILE,
                include_str!("../../programmes/maternal-child/service.toml"),
            ),
            (
                PLACES_FILE,
                include_str!("../../programmes/maternal-child/places.toml"),
            ),
            (
                "texts/en.ftl",
                include_str!("../../programmes/maternal-child/texts/en.ftl"),
            ),
            (
                "texts/fr.ftl",
                include_str!("../../programmes/maternal-child/texts/fr.ftl"),
            ),
            (
                "texts/sw.ftl",
                include_str!("../../programmes/maternal-child/texts/sw.ftl"),
            ),
        ];
        let owned = files.map(|(name, text)| (name.to_owned(), text.to_owned()));
        Self {
            files: owned.into(),
        }
    }

    /// The same programme with one file replaced, such as a site's own `places.toml`.
    #[must_use]
    pub fn with(mut self, name: &str, text: impl Into<String>) -> Self {
        self.files.insert(name.to_owned(), text.into());
        self
    }

    fn file(&self, name: &str) -> Option<&str> {
        self.files.get(name).map(String::as_str)
    }
}

/// A compiled programme.
#[derive(Debug)]
pub struct Programme {
    definition: Definition,
    places: Places,
    country: country::Id,
    catalogues: BTreeMap<String, Catalogue>,
    layouts: BTreeMap<String, Layout>,
}

/// Compiles a programme, or says everything that is wrong with it.
///
/// # Errors
/// All findings, in the order of files, places and languages.
pub fn compile(source: &Source) -> Result<Programme, Vec<Finding>> {
    let texts = system_texts()?;
    check::compile(source, &texts)
}

fn system_texts() -> Result<Texts, Vec<Finding>> {
    Texts::shipped().map_err(|error| {
        let place = format!("line {}", error.line);
        let fix = "correct the shipped file and build again";
        vec![
            Finding::new("core/texts", place, error.reason.clone(), fix)
                .in_language(&error.language),
        ]
    })
}

impl Programme {
    /// Its code.
    pub fn code(&self) -> &str {
        &self.definition.code
    }

    /// Its version.
    pub fn version(&self) -> u32 {
        self.definition.version
    }

    /// The definition that it was compiled from.
    pub fn definition(&self) -> &Definition {
        &self.definition
    }

    /// The dialogue with this code.
    pub fn dialogue(&self, code: &str) -> Option<&Dialogue> {
        self.definition
            .dialogues
            .iter()
            .find(|dialogue| dialogue.code == code)
    }

    /// Its languages, the first being that of callers without a choice.
    pub fn languages(&self) -> &[Language] {
        &self.definition.languages
    }

    /// Its places, in the order of the list.
    pub fn places(&self) -> &[Place] {
        &self.places.places
    }

    /// The place with this code.
    pub fn place(&self, code: &str) -> Option<&Place> {
        self.places().iter().find(|place| place.code == code)
    }

    /// The event with this code.
    pub fn event(&self, code: &str) -> Option<&event::EventDefinition> {
        self.definition
            .events
            .iter()
            .find(|event| event.code == code)
    }

    /// The task of a schedule.
    pub fn task(&self, schedule: &str, code: &str) -> Option<&event::TaskDefinition> {
        let mut schedules = self.definition.schedules.iter();
        let schedule = schedules.find(|one| one.code == schedule)?;
        schedule.tasks.iter().find(|task| task.code == code)
    }

    /// A text in a language of the programme, or in its first.
    pub(crate) fn text(
        &self,
        language: &str,
        key: &str,
        values: &BTreeMap<String, String>,
    ) -> Option<String> {
        self.catalogue(self.language_or_first(language))?
            .text(key, values)
    }

    /// The number that the hub gave to a type, such as `person`.
    pub fn schema(&self, name: &str) -> Option<u16> {
        let named = |schema: &&definition::Schema| schema.name == name;
        self.definition
            .schemas
            .iter()
            .find(named)
            .map(|schema| schema.number)
    }

    /// What each dialogue costs in each language, for `outpost service check`.
    pub fn expectations(&self, texts: &Texts) -> Vec<Expectation> {
        pace::expectations(self, texts)
    }

    /// Offset of local time from UTC in minutes.
    pub fn utc_offset_min(&self) -> i32 {
        self.places.utc_offset_min
    }

    pub(crate) fn country(&self) -> country::Id {
        self.country
    }

    pub(crate) fn catalogue(&self, language: &str) -> Option<&Catalogue> {
        self.catalogues.get(language)
    }

    pub(crate) fn layout(&self, language: &str) -> Option<Layout> {
        self.layouts.get(language).copied()
    }

    /// The language if the programme has it, else its first.
    pub(crate) fn language_or_first<'a>(&'a self, language: &str) -> &'a str {
        let first = self
            .definition
            .languages
            .first()
            .map_or("en", |first| first.code.as_str());
        self.catalogues
            .get_key_value(language)
            .map_or(first, |(code, _)| code.as_str())
    }
}

/// All programmes that are offered here, old versions for their running sessions included.
#[derive(Debug)]
pub struct Programmes {
    loaded: BTreeMap<(String, u32), Programme>,
    texts: Texts,
}

/// The programmes that are built into the program.
///
/// # Errors
/// Findings; a test proves that the shipped ones have none.
pub fn shipped() -> Result<Programmes, Vec<Finding>> {
    Programmes::load(&[Source::maternal_child()])
}

impl Programmes {
    /// Compiles and loads programmes.
    ///
    /// # Errors
    /// The findings of all of them.
    pub fn load(sources: &[Source]) -> Result<Self, Vec<Finding>> {
        let texts = system_texts()?;
        let mut loaded = BTreeMap::new();
        let mut findings = Vec::new();
        for source in sources {
            match check::compile(source, &texts) {
                Ok(programme) => {
                    loaded.insert(
                        (programme.code().to_owned(), programme.version()),
                        programme,
                    );
                }
                Err(more) => findings.extend(more),
            }
        }
        if findings.is_empty() {
            Ok(Self { loaded, texts })
        } else {
            Err(findings)
        }
    }

    /// The system texts.
    pub fn texts(&self) -> &Texts {
        &self.texts
    }

    /// A programme in one version.
    pub fn find(&self, code: &str, version: u32) -> Option<&Programme> {
        self.loaded.get(&(code.to_owned(), version))
    }

    /// All programmes, by code and version.
    pub fn iter(&self) -> impl Iterator<Item = &Programme> {
        self.loaded.values()
    }

    /// The newest version of each programme, by code.
    pub fn newest(&self) -> impl Iterator<Item = &Programme> {
        let mut newest: BTreeMap<&str, &Programme> = BTreeMap::new();
        for programme in self.loaded.values() {
            // Keys are ordered by version, so a later one replaces an earlier one.
            newest.insert(programme.code(), programme);
        }
        newest.into_values()
    }

    /// The newest version of a programme.
    pub fn newest_of(&self, code: &str) -> Option<&Programme> {
        let from = (code.to_owned(), u32::MIN);
        let to = (code.to_owned(), u32::MAX);
        let (_, programme) = self.loaded.range(from..=to).next_back()?;
        Some(programme)
    }

    /// Whether a text is one of the words that open the menu by SMS, in a language that is offered
    /// by SMS; a village code may stand behind it.
    pub fn opens(&self, text: &str) -> bool {
        let (words, _) = village::split(text.trim().trim_end_matches(['.', '!']));
        let text = words.trim_end_matches(['.', '!', ',']).to_lowercase();
        let languages = self.loaded.values().flat_map(Programme::languages);
        languages
            .filter(|language| language.bearers.contains(&definition::Bearer::Sms))
            .flat_map(|language| &language.words)
            .any(|word| word.to_lowercase() == text)
    }

    /// The dialogue that a role gets when it dials, from the newest version.
    pub(crate) fn dialogue_for(&self, role: Role) -> Option<(&Programme, &Dialogue)> {
        let is_for = |dialogue: &&Dialogue| {
            dialogue
                .audience
                .iter()
                .any(|audience| audience.role() == role)
        };
        self.loaded.values().rev().find_map(|programme| {
            let dialogue = programme.definition.dialogues.iter().find(is_for)?;
            Some((programme, dialogue))
        })
    }

    /// How screens of a programme are cut; the limits of one SMS where it is unknown.
    pub(crate) fn layout(&self, code: &str, version: u32, language: &str) -> Layout {
        self.find(code, version)
            .and_then(|programme| programme.layout(programme.language_or_first(language)))
            .unwrap_or(Layout {
                max: 160,
                ucs2: false,
            })
    }
}
