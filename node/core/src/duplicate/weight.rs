//! Fellegi–Sunter weights: what each agreement is worth, and the bands of the sum.
//!
//! Values are data (`names/weights.toml`, tenths of a bit), fitted on the labelled set and not
//! written by hand. A missing field weighs nothing. The rules that are no weight: a national id
//! decides; twins are two people.

use serde::{Deserialize, Serialize};

use super::compare::{Agreement, BirthLevel, Levels};
use super::name::NameLevel;

/// What a different national id takes away, in tenths of a bit.
const OTHER_ID: i32 = -60;
/// The weights that come along.
const SHIPPED: &str = include_str!("../../names/weights.toml");

/// What a pair looks like.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Band {
    /// Two people.
    Distinct,
    /// A person must look.
    Review,
    /// One person, as far as the fields tell; still nobody is joined without a person's word.
    Same,
}

/// Weights of names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameWeights {
    /// [`NameLevel::Equal`].
    pub equal: i32,
    /// [`NameLevel::EqualClose`].
    pub equal_close: i32,
    /// [`NameLevel::Close`].
    pub close: i32,
    /// [`NameLevel::Swapped`].
    pub swapped: i32,
    /// [`NameLevel::SwappedClose`].
    pub swapped_close: i32,
    /// [`NameLevel::OneEqual`].
    pub one_equal: i32,
    /// [`NameLevel::OneClose`].
    pub one_close: i32,
    /// [`NameLevel::GivenDiffers`].
    pub given_differs: i32,
    /// [`NameLevel::FamilyDiffers`].
    pub family_differs: i32,
    /// [`NameLevel::Different`].
    pub different: i32,
    /// [`NameLevel::Missing`].
    pub missing: i32,
}

/// Weights of birth dates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BirthWeights {
    /// [`BirthLevel::Same`].
    pub same: i32,
    /// [`BirthLevel::DayMonthSwapped`].
    pub day_month_swapped: i32,
    /// [`BirthLevel::YearByOne`].
    pub year_by_one: i32,
    /// [`BirthLevel::Year`].
    pub year: i32,
    /// [`BirthLevel::NearYear`].
    pub near_year: i32,
    /// [`BirthLevel::SameYear`].
    pub same_year: i32,
    /// [`BirthLevel::Different`].
    pub different: i32,
    /// [`BirthLevel::Missing`].
    pub missing: i32,
}

/// Weights of a field that agrees or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgreementWeights {
    /// [`Agreement::Same`].
    pub same: i32,
    /// [`Agreement::Different`].
    pub different: i32,
    /// [`Agreement::Missing`].
    pub missing: i32,
}

/// Weights of the mother's names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MotherWeights {
    /// Both names equal, or the only one.
    pub equal: i32,
    /// Close.
    pub close: i32,
    /// At least one differs.
    pub different: i32,
    /// Not known.
    pub missing: i32,
}

/// Lowest sums of the two upper bands, in tenths of a bit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bands {
    /// From here: *same*.
    pub same: i32,
    /// From here: *review*.
    pub review: i32,
}

/// All weights and bands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// Given and family name.
    pub names: NameWeights,
    /// Birth date.
    pub birth: BirthWeights,
    /// Sex.
    pub sex: AgreementWeights,
    /// Village.
    pub village: AgreementWeights,
    /// Phone.
    pub phone: AgreementWeights,
    /// The mother's names.
    pub mother: MotherWeights,
    /// Bands.
    pub bands: Bands,
}

impl Weights {
    /// The weights that come along.
    ///
    /// # Errors
    /// What is wrong with the file; a test of this package shows that nothing is.
    pub fn shipped() -> Result<Self, String> {
        toml::from_str(SHIPPED).map_err(|error| format!("names/weights.toml: {error}"))
    }

    /// The sum of a pair, in tenths of a bit.
    pub fn sum(&self, levels: &Levels) -> i32 {
        let parts = [
            self.of_names(levels.names),
            self.of_birth(levels.birth),
            of(&self.sex, levels.sex),
            of(&self.village, levels.village),
            of(&self.phone, levels.phone),
            self.of_mother(levels.mother),
        ];
        let other_id = levels.national_id == Agreement::Different;
        let id = if other_id { OTHER_ID } else { 0 };
        parts.into_iter().fold(id, i32::saturating_add)
    }

    /// The band of a pair with this sum.
    pub fn band(&self, levels: &Levels, sum: i32) -> Band {
        if levels.national_id == Agreement::Same {
            return Band::Same;
        }
        if is_twin(*levels) {
            return Band::Distinct;
        }
        let band = if sum >= self.bands.same {
            Band::Same
        } else if sum >= self.bands.review {
            Band::Review
        } else {
            Band::Distinct
        };
        if levels.names == NameLevel::GivenDiffers {
            band.min(Band::Review)
        } else {
            band
        }
    }

    fn of_names(&self, level: NameLevel) -> i32 {
        let weights = &self.names;
        match level {
            NameLevel::Equal => weights.equal,
            NameLevel::EqualClose => weights.equal_close,
            NameLevel::Close => weights.close,
            NameLevel::Swapped => weights.swapped,
            NameLevel::SwappedClose => weights.swapped_close,
            NameLevel::OneEqual => weights.one_equal,
            NameLevel::OneClose => weights.one_close,
            NameLevel::GivenDiffers => weights.given_differs,
            NameLevel::FamilyDiffers => weights.family_differs,
            NameLevel::Different => weights.different,
            NameLevel::Missing => weights.missing,
        }
    }

    fn of_birth(&self, level: BirthLevel) -> i32 {
        let weights = &self.birth;
        match level {
            BirthLevel::Same => weights.same,
            BirthLevel::DayMonthSwapped => weights.day_month_swapped,
            BirthLevel::YearByOne => weights.year_by_one,
            BirthLevel::Year => weights.year,
            BirthLevel::NearYear => weights.near_year,
            BirthLevel::SameYear => weights.same_year,
            BirthLevel::Different => weights.different,
            BirthLevel::Missing => weights.missing,
        }
    }

    fn of_mother(&self, level: NameLevel) -> i32 {
        let weights = &self.mother;
        match level {
            NameLevel::Equal | NameLevel::OneEqual | NameLevel::Swapped => weights.equal,
            NameLevel::EqualClose
            | NameLevel::Close
            | NameLevel::SwappedClose
            | NameLevel::OneClose => weights.close,
            NameLevel::GivenDiffers | NameLevel::FamilyDiffers | NameLevel::Different => {
                weights.different
            }
            NameLevel::Missing => weights.missing,
        }
    }
}

/// Children of one mother, born the same day, with different given names: a twin is a new person.
fn is_twin(levels: Levels) -> bool {
    let one_mother = matches!(
        levels.mother,
        NameLevel::Equal | NameLevel::EqualClose | NameLevel::OneEqual
    );
    one_mother
        && levels.names == NameLevel::GivenDiffers
        && matches!(levels.birth, BirthLevel::Same | BirthLevel::Year)
}

fn of(weights: &AgreementWeights, level: Agreement) -> i32 {
    match level {
        Agreement::Same => weights.same,
        Agreement::Different => weights.different,
        Agreement::Missing => weights.missing,
    }
}
