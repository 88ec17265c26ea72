//! Service definitions: programmes as data, compiled before anybody sees them.
//!
//! [`compile`] proves that every block can be reached and leads to an end, that every text exists
//! in every declared language and fits the smallest of its bearers, and that a dialogue can be
//! answered within the networks' clocks. What it finds wrong it says with place and fix.

pub mod block;
pub(crate) mod check;
mod closing;
pub mod condition;
pub mod definition;
pub mod event;
mod event_check;
pub(crate) mod expand;
mod finding;
mod fit;
pub mod form;
mod graph;
mod guarded;
mod loaded;
mod locate;
mod pace;
mod parts;
mod picture;
mod price;
pub mod prove;
mod published;
mod question;
pub mod run;
mod sheet;
pub(crate) mod shown;
mod source;
pub mod xlsform;

#[cfg(test)]
pub(crate) mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use phonenumber::country;

use crate::dialogue::page::Layout;
use crate::text::{Catalogue, Texts};
use definition::{Calendar, Definition, Dialogue, Language, Place, Places};
pub use finding::Finding;
pub(crate) use loaded::Service;
pub use loaded::{Over, Programmes, Refused, shipped, usual};
pub use pace::Expectation;
pub use price::{WAYS_FOLLOWED_MAX, WAYS_MAX, Way};
pub use source::{PLACES_FILE, SERVICE_FILE, Source};

/// A compiled programme.
#[derive(Clone, Debug)]
pub struct Programme {
    definition: Definition,
    places: Places,
    country: country::Id,
    catalogues: Arc<BTreeMap<String, Catalogue>>,
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

    /// Its line of the home menu in a language, or in its first.
    pub(crate) fn title(&self, language: &str) -> String {
        let key = &self.definition.title;
        let catalogue = self.catalogue(self.language_or_first(language));
        let title = catalogue.and_then(|catalogue| catalogue.text(key, &BTreeMap::new()));
        title.unwrap_or_else(|| self.definition.code.clone())
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

    /// Areas of the places, code and name on screens, in the order of their first place.
    pub(crate) fn areas(&self) -> Vec<(&str, &str)> {
        let mut seen = BTreeSet::new();
        let codes = self.places().iter().map(|place| place.area.as_str());
        let codes = codes.filter(|code| seen.insert(*code));
        codes
            .map(|code| {
                let named = self.places.areas.iter().find(|area| area.code == code);
                (code, named.map_or(code, |area| area.name.as_str()))
            })
            .collect()
    }

    /// Whether a list of places shows areas first.
    pub(crate) fn places_in_two_levels(&self) -> bool {
        self.places().len() > check::PLACES_FLAT_MAX && self.areas().len() > 1
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

    /// What each way through each dialogue costs in each language, for `outpost service check`.
    pub fn ways(&self, texts: &Texts) -> Vec<Way> {
        price::ways(self, texts)
    }

    /// All screens in one language, as Markdown.
    pub fn sheet(&self, texts: &Texts, language: &str) -> String {
        sheet::sheet(self, texts, language)
    }

    /// All dialogues drawn as graphs, as SVG.
    pub fn picture(&self) -> String {
        picture::picture(self)
    }

    /// Offset of local time from UTC in minutes.
    pub fn utc_offset_min(&self) -> i32 {
        self.places.utc_offset_min
    }

    /// The currency of its amounts.
    pub fn currency(&self) -> Option<&definition::Currency> {
        self.places.currency.as_ref()
    }

    /// SHA-256 of the text by which its agreement is asked for in a language.
    pub fn agreement_hash(&self, language: &str) -> Option<[u8; 32]> {
        let catalogue = self.catalogue(language)?;
        Some(crate::dialogue::text_hash(
            catalogue,
            &self.definition.agreement.text,
        ))
    }

    /// The calendar of a language.
    pub(crate) fn calendar(&self, language: &str) -> Calendar {
        let mut languages = self.languages().iter();
        let own = languages.find(|one| one.code == language);
        own.map(|own| own.calendar).unwrap_or_default()
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
