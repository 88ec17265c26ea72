//! Texts for people: Fluent catalogues per language, and the system texts of `texts/*.ftl`.
//!
//! [`Texts::shipped`] is built once at start and handed on by reference; there is no global.
//! Rules that render a message take `&Texts` (a dialogue's [`Programmes`] holds one, too:
//! [`Programmes::texts`]). A rejection's key is a key of these files: `reject-*`. Further keys,
//! with their parameters, stand in `texts/en.ftl`; every key exists in every language.
//!
//! [`Programmes`]: crate::programme::Programmes
//! [`Programmes::texts`]: crate::programme::Programmes::texts

mod catalogue;

use std::collections::BTreeMap;

pub use catalogue::{Catalogue, CatalogueError};

/// The language in which every text exists; the fallback of all others.
pub const FALLBACK_LANGUAGE: &str = "en";

/// The system texts of all shipped languages.
#[derive(Debug)]
pub struct Texts {
    catalogues: BTreeMap<String, Catalogue>,
}

impl Texts {
    /// Parses the texts that are built into the program.
    ///
    /// # Errors
    /// The first line that is not Fluent; only a broken build has one.
    pub fn shipped() -> Result<Self, CatalogueError> {
        let files = [
            ("am", include_str!("../texts/am.ftl")),
            ("ar", include_str!("../texts/ar.ftl")),
            ("en", include_str!("../texts/en.ftl")),
            ("fr", include_str!("../texts/fr.ftl")),
            ("sw", include_str!("../texts/sw.ftl")),
        ];
        let mut catalogues = BTreeMap::new();
        for (language, source) in files {
            catalogues.insert(language.to_owned(), Catalogue::parse(language, source)?);
        }
        Ok(Self { catalogues })
    }

    /// A system text; English where the language or the key is missing in it.
    ///
    /// An unknown key gives the key itself, so that a person at least sees something to report.
    pub fn system(
        &self,
        language: &str,
        key: &str,
        arguments: &BTreeMap<String, String>,
    ) -> String {
        let primary = language.split('-').next().unwrap_or(language);
        [language, primary, FALLBACK_LANGUAGE]
            .into_iter()
            .filter_map(|code| self.catalogues.get(code))
            .find_map(|catalogue| catalogue.text(key, arguments))
            .unwrap_or_else(|| key.to_owned())
    }

    /// A system text without parameters.
    pub fn plain(&self, language: &str, key: &str) -> String {
        self.system(language, key, &BTreeMap::new())
    }

    /// Codes of the languages (BCP 47), in alphabetical order.
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        self.catalogues.keys().map(String::as_str)
    }

    /// The catalogue of one language.
    pub fn catalogue(&self, language: &str) -> Option<&Catalogue> {
        self.catalogues.get(language)
    }
}

#[cfg(test)]
mod tests {
    use channels_core::gsm7;
    use channels_core::gsup::string;

    use super::*;

    /// Languages whose script is outside the default alphabet.
    const UCS2_LANGUAGES: [&str; 2] = ["am", "ar"];

    /// The longest value of each parameter.
    fn longest() -> BTreeMap<String, String> {
        [
            ("accepted", "99999"),
            ("rejected", "99999"),
            ("review", "99999"),
            ("short", "10"),
            ("long", "12"),
            ("month", "051994"),
            ("n", "999999"),
            ("own", "8630"),
            ("other", "8630"),
            ("min", "1000"),
            ("max", "1000"),
            ("limit", "182"),
            ("year", "1994"),
            ("example", "17051994"),
            ("earliest", "17051994"),
            ("latest", "17051994"),
            ("field", "Naissance de la mere 1"),
            ("fix", "Please type a year like 1994 or a day like 17051994. Please type a year or a day."),
            (
                "choices",
                "1 Female, 2 Male, 3 and as many as sixty characters take up.",
            ),
            (
                "sample",
                "REG Achieng, Nyambura, 1994, 0772123456, Apac, 0, 1, Baraka, F, 14032026, clinic and twelve more",
            ),
            ("old", "193074182653"),
            ("due", "999"),
            ("late", "999"),
            ("workers", "999"),
            ("new", "7294058630"),
            ("code", "AB3D-5FGH7-9KMNP"),
            ("month", "2026-03"),
            ("alert", "The river rises. Go to the school on the hill now and take water for two days."),
            ("people", "100000"),
            ("parts", "200000"),
            ("price", "5000000"),
            ("finding", "BK: the code is retired"),
            ("who", "Wolimbwa Nab K."),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
    }

    #[test]
    fn every_key_has_the_same_parameters_in_every_language() {
        let texts = Texts::shipped().unwrap();
        let english = texts.catalogue("en").unwrap();
        for language in ["am", "ar", "fr", "sw"] {
            let other = texts.catalogue(language).unwrap();
            let theirs: Vec<&str> = other.keys().collect();
            assert_eq!(english.keys().collect::<Vec<_>>(), theirs, "{language}");
            for key in theirs {
                assert_eq!(
                    english.parameters(key),
                    other.parameters(key),
                    "{language} {key}"
                );
            }
        }
    }

    /// Texts that dialogues stand on; a language that is new may leave the others to English.
    const OF_SCREENS: [&str; 12] = [
        "key-",
        "resume-",
        "home-",
        "refuse-",
        "status-",
        "month-",
        "ethiopian-",
        "village-",
        "prove-",
        "reader-",
        "read-",
        "staff-",
    ];

    #[test]
    fn languages_in_their_own_script_have_every_text_of_screens_within_their_limits() {
        let texts = Texts::shipped().unwrap();
        let english = texts.catalogue("en").unwrap();
        let samples = longest();
        let is_of_screens = |key: &&str| OF_SCREENS.iter().any(|begin| key.starts_with(begin));
        for language in UCS2_LANGUAGES {
            let own = texts.catalogue(language).unwrap();
            let missing: Vec<&str> = english
                .keys()
                .filter(is_of_screens)
                .filter(|key| own.line(key).is_none())
                .collect();
            assert!(missing.is_empty(), "{language}: {missing:?}");
            for key in own.keys() {
                assert_eq!(
                    own.parameters(key),
                    english.parameters(key),
                    "{language} {key}"
                );
                // One message of 70 units on screens, two joined ones of 67 elsewhere.
                let most = if is_of_screens(&key) { 70 } else { 2 * 67 };
                let units = gsm7::ucs2_units(&own.text(key, &samples).unwrap());
                let is_of_form = key.starts_with("form-");
                assert!(
                    is_of_form || units <= most,
                    "{language} {key}: {units} units"
                );
            }
        }
    }

    #[test]
    fn every_text_fits_one_sms_with_its_longest_parameters() {
        let texts = Texts::shipped().unwrap();
        let samples = longest();
        for language in texts.languages() {
            if UCS2_LANGUAGES.contains(&language) {
                continue;
            }
            let catalogue = texts.catalogue(language).unwrap();
            for key in catalogue.keys() {
                for parameter in catalogue.parameters(key).unwrap() {
                    assert!(
                        samples.contains_key(parameter),
                        "{key} has the new {parameter}"
                    );
                }
                let text = catalogue.text(key, &samples).unwrap();
                let septets = gsm7::septets(&text);
                assert!(
                    septets.is_some_and(|count| count <= 160),
                    "{language} {key}: {septets:?} septets, first misfit {:?}",
                    gsm7::first_misfit(&text)
                );
            }
        }
    }

    #[test]
    fn what_an_own_cell_says_by_itself_fits_its_screen() {
        let texts = Texts::shipped().unwrap();
        let (septets, units) = (string::SCREEN_SEPTETS_MAX, string::SCREEN_UNITS_MAX);
        for language in texts.languages() {
            for key in ["phone-without-number", "busy", "session-ended"] {
                let text = texts.plain(language, key);
                let fit = gsm7::fits(&text, septets.into(), units.into());
                assert!(
                    !matches!(fit, gsm7::Fit::TooLong { .. }),
                    "{language} {key}: {fit:?}"
                );
            }
        }
    }

    #[test]
    fn plural_forms_follow_the_number() {
        let texts = Texts::shipped().unwrap();
        let mut values = longest();
        for (name, value) in [("accepted", "12"), ("rejected", "0"), ("review", "1")] {
            values.insert(name.to_owned(), value.to_owned());
        }
        assert_eq!(
            texts.system("en", "digest", &values),
            "12 accepted, 0 rejected, 1 needs you."
        );
        values.insert("review".to_owned(), "2".to_owned());
        assert_eq!(
            texts.system("en", "digest", &values),
            "12 accepted, 0 rejected, 2 need you."
        );
    }

    #[test]
    fn a_missing_language_falls_back_to_english_and_a_region_to_its_language() {
        let texts = Texts::shipped().unwrap();
        assert_eq!(texts.plain("lg", "resume-yes"), "Yes");
        assert_eq!(texts.plain("fr-CD", "resume-yes"), "Oui");
        assert_eq!(texts.plain("en", "no-such-key"), "no-such-key");
    }
}
