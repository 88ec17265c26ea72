//! A naming culture: names in falling frequency, short forms, and how clerks spell differently.

use serde::Deserialize;

use crate::random::Random;
use crate::tree;

/// Countries of the set, one file each in `tests/data/people`.
const COUNTRIES: [&str; 5] = ["ET", "KE", "PK", "SD", "SN"];
/// How flat the frequencies are: the n-th name comes with a weight of 1 / (n + this).
const FLATNESS: usize = 5;

/// Where a child's second name comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lineage {
    /// The father's family name.
    Father,
    /// The father's own name.
    Patronym,
}

/// The names of one country.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Culture {
    /// ISO 3166-1 code.
    #[serde(skip)]
    pub country: String,
    /// Where a child's second name comes from.
    pub family: Lineage,
    /// Given names of women.
    pub female: Vec<String>,
    /// Given names of men.
    pub male: Vec<String>,
    /// Family names, or names of fathers.
    pub families: Vec<String>,
    /// Name and short form.
    pub nicknames: Vec<[String; 2]>,
    /// Letters, and how another clerk writes them.
    pub spellings: Vec<[String; 2]>,
}

impl Culture {
    /// All cultures of the set.
    ///
    /// # Panics
    /// When a file is missing or malformed.
    pub fn all() -> Vec<Self> {
        let read = |country: &&str| {
            let path = format!("tests/data/people/{}.toml", country.to_lowercase());
            let mut culture: Self =
                toml::from_str(&tree::text(path.as_ref())).expect("a file of names");
            (*country).clone_into(&mut culture.country);
            culture
        };
        COUNTRIES.iter().map(read).collect()
    }

    /// Whether the culture uses a name.
    pub fn knows(&self, name: &str) -> bool {
        let lists = [&self.female, &self.male, &self.families];
        lists
            .iter()
            .any(|list| list.iter().any(|known| known == name))
    }
}

/// A name, the first ones more often than the last.
pub fn common<'a>(names: &'a [String], random: &mut Random) -> &'a str {
    let weight = |index: usize| 100_000 / (index + FLATNESS);
    let mut left = random.below((0..names.len()).map(weight).sum());
    for (index, name) in names.iter().enumerate() {
        match left.checked_sub(weight(index)) {
            Some(rest) => left = rest,
            None => return name,
        }
    }
    ""
}
