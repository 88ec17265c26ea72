//! All programmes that are offered here: the shipped ones, a site's own in their place, and old
//! versions for the sessions that began on them.
//!
//! A programme of the site takes the place of the shipped one with its code. One that has
//! findings, or that clashes with another, is not loaded and says why; what was there stays.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::definition::{Bearer, Dialogue};
use super::form::Form;
use super::{Finding, Programme, SERVICE_FILE, Source, check, system_texts};
use crate::dialogue::page::Layout;
use crate::role::Role;
use crate::text::Texts;
use crate::village::{self, Given};

/// All programmes that are offered here, old versions for their running sessions included.
#[derive(Clone, Debug)]
pub struct Programmes {
    pub(super) loaded: BTreeMap<(String, u32), Programme>,
    /// The version in which new sessions begin, by code.
    offered: BTreeMap<String, u32>,
    texts: Arc<Texts>,
}

/// A programme of the site that was not loaded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused {
    /// Name of its folder.
    pub folder: String,
    /// Why.
    pub findings: Vec<Finding>,
}

/// What was loaded, and what of the site's own was not.
pub type Over = (Programmes, Vec<Refused>);

/// What one role gets from one programme: a line of the home menu.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Service<'a> {
    /// The programme, in the version in which new sessions begin.
    pub programme: &'a Programme,
    /// Its dialogue for the role.
    pub dialogue: &'a Dialogue,
}

/// The programmes that are built into the program.
///
/// # Errors
/// Findings; a test proves that the shipped ones have none.
pub fn shipped() -> Result<Programmes, Vec<Finding>> {
    Programmes::load(&Source::shipped())
}

/// The programme that a site offers where its settings name none.
///
/// # Errors
/// As [`shipped`].
pub fn usual() -> Result<Programmes, Vec<Finding>> {
    Programmes::load(&Source::chosen(&[]))
}

impl Programmes {
    /// Compiles and loads programmes.
    ///
    /// # Errors
    /// The findings of all of them.
    pub fn load(sources: &[Source]) -> Result<Self, Vec<Finding>> {
        let (programmes, refused) = Self::load_over(&[], sources)?;
        if refused.is_empty() {
            Ok(programmes)
        } else {
            Err(refused.into_iter().flat_map(|one| one.findings).collect())
        }
    }

    /// Loads the shipped programmes, and a site's own in the place of those with their codes.
    ///
    /// # Errors
    /// The findings of a shipped programme; those of the site's own come back as [`Refused`].
    pub fn load_over(shipped: &[Source], own: &[Source]) -> Result<Over, Vec<Finding>> {
        let mut programmes = if shipped.is_empty() {
            Self {
                loaded: BTreeMap::new(),
                offered: BTreeMap::new(),
                texts: system_texts()?.into(),
            }
        } else {
            Self::load(shipped)?
        };
        let mut refused = Vec::new();
        let mut round = BTreeSet::new();
        for source in own {
            let added = check::compile(source, &programmes.texts)
                .and_then(|programme| programmes.add(programme, &mut round));
            if let Err(findings) = added {
                refused.push(Refused {
                    folder: source.folder.clone(),
                    findings,
                });
            }
        }
        Ok((programmes, refused))
    }

    /// Adds a programme; of several versions the highest is offered, but one of this round goes
    /// before all that were there before it.
    fn add(
        &mut self,
        programme: Programme,
        round: &mut BTreeSet<(String, u32)>,
    ) -> Result<(), Vec<Finding>> {
        let (code, version) = (programme.code().to_owned(), programme.version());
        let mut findings = self.clashes(&programme);
        if !round.insert((code.clone(), version)) {
            let message = format!("version {version} of {code} is there twice");
            let fix = "raise `version`, or remove one of the folders";
            findings.push(Finding::new(SERVICE_FILE, "key version", message, fix));
        }
        if !findings.is_empty() {
            return Err(findings);
        }
        let highest = round.iter().filter(|(of, _)| *of == code);
        let highest = highest.map(|(_, version)| *version).max();
        self.offered
            .insert(code.clone(), highest.unwrap_or(version));
        self.loaded.insert((code, version), programme);
        Ok(())
    }

    /// Where a programme wants what another one has: its number on the menu, or a word of a form.
    fn clashes(&self, programme: &Programme) -> Vec<Finding> {
        let others = self.offered().filter(|one| one.code() != programme.code());
        let mut findings = Vec::new();
        for other in others {
            let number = programme.definition().number;
            if other.definition().number == number {
                let message = format!("{} already has the number {number}", other.code());
                let fix = "give it a number of its own";
                findings.push(Finding::new(SERVICE_FILE, "key number", message, fix));
            }
            for form in &programme.definition().forms {
                let taken = form.words.values().find(|word| other.takes(word));
                findings.extend(taken.map(|word| {
                    let message = format!(
                        "its word {word} already means something in {}",
                        other.code()
                    );
                    let place = format!("form {}", form.code);
                    Finding::new(SERVICE_FILE, place, message, "choose another word")
                }));
            }
            let forms = other.definition().forms.iter();
            for word in forms.flat_map(|form| form.words.values()) {
                if programme.opened_by(word) {
                    let message = format!("its word {word} begins a form of {}", other.code());
                    let fix = "choose another word";
                    findings.push(Finding::new(SERVICE_FILE, "key languages", message, fix));
                }
            }
        }
        findings
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

    /// The programmes in which new sessions begin, by code.
    pub fn offered(&self) -> impl Iterator<Item = &Programme> {
        let offered = self.offered.iter();
        offered.filter_map(|(code, version)| self.find(code, *version))
    }

    /// A programme in the version that is offered.
    pub fn current(&self, code: &str) -> Option<&Programme> {
        self.find(code, *self.offered.get(code)?)
    }

    /// Whether a text is one of the words that open a menu by SMS, in a language that is offered
    /// by SMS; a village code may stand behind it.
    pub fn opens(&self, text: &str) -> bool {
        let word = opening_word(text);
        self.offered().any(|programme| programme.opened_by(&word))
    }

    /// Code of the service that an opening asks for: the one whose number stands behind the
    /// dialled code, or the only one that a word opens. `is_village` says which digits behind the
    /// code name a village; a service may follow them.
    pub fn named(
        &self,
        given: Given<'_>,
        dial: &str,
        is_village: impl Fn(&str) -> bool,
    ) -> Option<&str> {
        let dialled = if given.dialled.is_empty() {
            given.text
        } else {
            given.dialled
        };
        let mut behind = village::behind(dialled, dial).filter(|part| !is_village(part));
        if let Some(number) = behind.next() {
            let number: u8 = number.parse().ok()?;
            let mut offered = self.offered();
            let found = offered.find(|one| one.definition().number == number);
            return found.map(Programme::code);
        }
        let word = opening_word(given.text);
        let mut opened = self.offered().filter(|one| one.opened_by(&word));
        match (opened.next(), opened.next()) {
            (Some(only), None) => Some(only.code()),
            _ => None,
        }
    }

    /// What a role gets, in the order of their numbers.
    pub(crate) fn services(&self, role: Role) -> Vec<Service<'_>> {
        let mut services: Vec<Service<'_>> = self
            .offered()
            .filter_map(|programme| {
                let dialogue = programme.entry(role)?;
                Some(Service {
                    programme,
                    dialogue,
                })
            })
            .collect();
        services.sort_by_key(|service| service.programme.definition().number);
        services
    }

    /// How screens of a programme are cut; the limits of one SMS where it is unknown.
    pub(crate) fn layout(&self, code: &str, version: u32, language: &str) -> Layout {
        self.find(code, version)
            .and_then(|programme| programme.layout(programme.language_or_first(language)))
            .unwrap_or(Layout::ONE_SMS)
    }
}

impl Programme {
    /// The dialogue that a role gets when it comes in.
    pub(crate) fn entry(&self, role: Role) -> Option<&Dialogue> {
        let is_for = |dialogue: &&Dialogue| {
            let mut audience = dialogue.audience.iter();
            audience.any(|audience| audience.role() == role)
        };
        self.definition().dialogues.iter().find(is_for)
    }

    /// Whether a word opens it by SMS.
    fn opened_by(&self, word: &str) -> bool {
        let languages = self.languages().iter();
        languages
            .filter(|language| language.bearers.contains(&Bearer::Sms))
            .flat_map(|language| &language.words)
            .any(|own| own.to_lowercase() == word.to_lowercase())
    }

    /// Whether a word opens it or begins one of its forms.
    fn takes(&self, word: &str) -> bool {
        let has = |form: &Form| {
            let mut own = form.words.values();
            own.any(|own| own.to_lowercase() == word.to_lowercase())
        };
        self.opened_by(word) || self.definition().forms.iter().any(has)
    }
}

/// A text as words are compared: without village code, case and signs at its end.
fn opening_word(text: &str) -> String {
    let (words, _) = village::split(text.trim().trim_end_matches(['.', '!']));
    words.trim_end_matches(['.', '!', ',']).to_lowercase()
}
