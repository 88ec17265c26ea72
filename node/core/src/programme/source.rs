//! The files of a programme, and those that are built into the program.

use std::collections::BTreeMap;

/// Name of the service definition in a programme's folder.
pub const SERVICE_FILE: &str = "service.toml";
/// Name of the list of places: one for all programmes beside their folders, or a programme's own.
pub const PLACES_FILE: &str = "places.toml";

/// The places that every shipped programme has; a site brings its own.
const PLACES: &str = include_str!("../../../programmes/places.toml");
/// Name and text of each file of a folder.
type Files = &'static [(&'static str, &'static str)];
/// Folders and their files; listed when the program is built.
const EMBEDDED: &[(&str, Files)] = include!(concat!(env!("OUT_DIR"), "/programmes.rs"));

/// The shipped programme that is offered where a site names none.
const USUAL: &str = "maternal-child";

/// The files of a programme: name relative to its folder, and text.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Source {
    /// Name of the folder, for people who look for it.
    pub folder: String,
    /// `service.toml`, `places.toml`, `texts/en.ftl` …
    pub files: BTreeMap<String, String>,
}

impl Source {
    /// All programmes that are built into the program, by the names of their folders.
    pub fn shipped() -> Vec<Self> {
        let folders = EMBEDDED.iter();
        folders
            .map(|(folder, files)| {
                let files = files.iter();
                let files = files.map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
                Self {
                    folder: (*folder).to_owned(),
                    files: files.collect(),
                }
                .with_places(PLACES)
            })
            .collect()
    }

    /// The shipped programmes with these codes, or the usual one where none is named: a service
    /// that nobody works for is worse than none, so a site names those that it runs.
    pub fn chosen(services: &[String]) -> Vec<Self> {
        let is_wanted = |one: &Self| match services {
            [] => one.folder == USUAL,
            named => named.contains(&one.folder),
        };
        Self::shipped().into_iter().filter(is_wanted).collect()
    }

    /// The programme for mother and child that is built into the program.
    pub fn maternal_child() -> Self {
        let mut all = Self::shipped().into_iter();
        all.find(|one| one.folder == USUAL).unwrap_or_default()
    }

    /// The same programme with one file replaced, such as a site's own `places.toml`.
    #[must_use]
    pub fn with(mut self, name: &str, text: impl Into<String>) -> Self {
        self.files.insert(name.to_owned(), text.into());
        self
    }

    /// The same programme with these places, unless it has its own.
    #[must_use]
    pub fn with_places(mut self, text: &str) -> Self {
        let own = self.files.entry(PLACES_FILE.to_owned());
        own.or_insert_with(|| text.to_owned());
        self
    }

    /// The places of shipped programmes, for folders that bring none.
    pub fn shipped_places() -> &'static str {
        PLACES
    }

    pub(super) fn file(&self, name: &str) -> Option<&str> {
        self.files.get(name).map(String::as_str)
    }
}
