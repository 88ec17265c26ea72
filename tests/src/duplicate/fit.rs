//! Fitting weights and bands on the labelled sets of seeds 1–50.
//!
//! A weight is the logarithm of how much more often a level is seen between two captures of one
//! person than between two people drawn at random. The bands are then scanned for the highest
//! recall that keeps a margin to the gate.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use node_core::duplicate::compare::{Agreement, BirthLevel, Levels};
use node_core::duplicate::name::NameLevel;
use node_core::duplicate::weight::{
    AgreementWeights, Band, Bands, BirthWeights, MotherWeights, NameWeights, Weights,
};

use super::{Index, subject};
use crate::people::{Labelled, Set, Truth};
use crate::random::Random;

/// Pairs of two people drawn from each set.
const RANDOM_PAIRS: usize = 200_000;
/// Largest weight of a level either way, in tenths of a bit: rare levels are not trusted further.
const WEIGHT: f64 = 120.0;
/// The same of a phone: families share them, and numbers pass to others.
const PHONE: i32 = 60;
/// Margin to the gate, in thousandths: on other seeds figures are a little worse. With 985 the
/// gate had 979 of the 980 it asks for.
const PRECISION: usize = 990;
const REVIEW: usize = 17;
/// Sums that are scanned as borders of the bands.
const BORDERS: core::ops::RangeInclusive<i32> = 60..=260;

/// Counts of levels between captures of one person, and between two people.
#[derive(Default)]
pub struct Counts {
    one: Tally,
    two: Tally,
}

#[derive(Default)]
struct Tally {
    pairs: usize,
    names: BTreeMap<NameLevel, usize>,
    birth: BTreeMap<BirthLevel, usize>,
    agreements: BTreeMap<(usize, Agreement), usize>,
    mother: BTreeMap<i32, usize>,
}

impl Tally {
    fn add(&mut self, levels: Levels) {
        self.pairs += 1;
        *self.names.entry(levels.names).or_default() += 1;
        *self.birth.entry(levels.birth).or_default() += 1;
        for (field, level) in [levels.sex, levels.village, levels.phone]
            .into_iter()
            .enumerate()
        {
            *self.agreements.entry((field, level)).or_default() += 1;
        }
        *self.mother.entry(mother_class(levels.mother)).or_default() += 1;
    }
}

/// The classes of the mother's names: 0 equal, 1 close, 2 different, 3 missing.
fn mother_class(level: NameLevel) -> i32 {
    match level {
        NameLevel::Equal | NameLevel::OneEqual | NameLevel::Swapped => 0,
        NameLevel::EqualClose
        | NameLevel::Close
        | NameLevel::SwappedClose
        | NameLevel::OneClose => 1,
        NameLevel::GivenDiffers | NameLevel::FamilyDiffers | NameLevel::Different => 2,
        NameLevel::Missing => 3,
    }
}

impl Counts {
    /// Counts the levels of one set.
    pub fn add(&mut self, seed: u64, set: &Set, index: &Index) {
        let table = &index.matcher().table;
        for labelled in &set.registrations {
            if let Truth::Duplicate { of, .. } = labelled.truth {
                let own = subject(index.matcher(), &labelled.person);
                self.one.add(own.compare(index.subject(of), table));
            }
        }
        let mut random = Random(seed);
        for _ in 0..RANDOM_PAIRS {
            let (a, b) = (
                random.below(set.background.len()),
                random.below(set.background.len()),
            );
            if a != b {
                self.two
                    .add(index.subject(a).compare(index.subject(b), table));
            }
        }
    }

    /// The weights of these counts; bands are still open.
    pub fn weights(&self) -> Weights {
        let weigh = |one: Option<&usize>, two: Option<&usize>| self.weigh(one, two);
        let name = |level| weigh(self.one.names.get(&level), self.two.names.get(&level));
        let birth = |level| weigh(self.one.birth.get(&level), self.two.birth.get(&level));
        let agreement = |field: usize| {
            let of = |level| {
                let key = (field, level);
                weigh(self.one.agreements.get(&key), self.two.agreements.get(&key))
            };
            AgreementWeights {
                same: of(Agreement::Same),
                different: of(Agreement::Different),
                missing: 0,
            }
        };
        let mother = |class| weigh(self.one.mother.get(&class), self.two.mother.get(&class));
        let mut phone = agreement(2);
        phone.same = phone.same.min(PHONE);
        Weights {
            names: NameWeights {
                equal: name(NameLevel::Equal),
                equal_close: name(NameLevel::EqualClose),
                close: name(NameLevel::Close),
                swapped: name(NameLevel::Swapped),
                swapped_close: name(NameLevel::SwappedClose),
                one_equal: name(NameLevel::OneEqual),
                one_close: name(NameLevel::OneClose),
                given_differs: name(NameLevel::GivenDiffers),
                family_differs: name(NameLevel::FamilyDiffers),
                different: name(NameLevel::Different),
                missing: 0,
            },
            birth: BirthWeights {
                same: birth(BirthLevel::Same),
                day_month_swapped: birth(BirthLevel::DayMonthSwapped),
                year_by_one: birth(BirthLevel::YearByOne),
                year: birth(BirthLevel::Year),
                near_year: birth(BirthLevel::NearYear),
                same_year: birth(BirthLevel::SameYear),
                different: birth(BirthLevel::Different),
                missing: 0,
            },
            sex: agreement(0),
            village: agreement(1),
            phone,
            mother: MotherWeights {
                equal: mother(0),
                close: mother(1),
                different: mother(2),
                missing: 0,
            },
            bands: Bands { same: 0, review: 0 },
        }
    }

    fn weigh(&self, one: Option<&usize>, two: Option<&usize>) -> i32 {
        let share = |count: Option<&usize>, all: usize| {
            let count = u32::try_from(count.copied().unwrap_or(0)).unwrap_or(u32::MAX);
            (f64::from(count) + 0.5) / f64::from(u32::try_from(all).unwrap_or(u32::MAX).max(1))
        };
        let ratio = share(one, self.one.pairs) / share(two, self.two.pairs);
        whole((ratio.log2() * 10.0).clamp(-WEIGHT, WEIGHT))
    }
}

fn whole(value: f64) -> i32 {
    (-2_000..=2_000)
        .min_by(|a: &i32, b| {
            let away = |n: &i32| (f64::from(*n) - value).abs();
            away(a).total_cmp(&away(b))
        })
        .unwrap_or(0)
}

/// What a registration found under open bands: sums of its candidates, the best first.
pub struct Found {
    is_duplicate: bool,
    /// Sum, whether it is the right person, whether it may rank above *review*.
    candidates: Vec<(i32, bool, bool)>,
}

/// Looks at a registration with bands that let everything through but twins.
pub fn look(labelled: &Labelled, index: &Index) -> Found {
    let original = match labelled.truth {
        Truth::Duplicate { of, .. } => Some(of),
        _ => None,
    };
    let mut candidates: Vec<(i32, bool, bool)> = index
        .judged(&labelled.person)
        .into_iter()
        .filter(|judged| judged.verdict.band > Band::Distinct)
        .map(|judged| {
            let may = judged.verdict.band == Band::Same;
            (judged.verdict.sum, Some(judged.key) == original, may)
        })
        .collect();
    candidates.sort_by_key(|(sum, _, may)| core::cmp::Reverse((*may, *sum)));
    candidates.truncate(8);
    Found {
        is_duplicate: original.is_some(),
        candidates,
    }
}

/// The bands with the highest recall that keep the margins.
///
/// # Errors
/// When no bands keep them.
pub fn bands(found: &[Found]) -> Result<Bands> {
    let mut best: Option<(usize, usize, Bands)> = None;
    for same in BORDERS {
        for review in *BORDERS.start()..=same {
            let figures = figures(found, same, review);
            let [recall, precision, load] = figures.thousandths();
            if precision >= PRECISION && load <= REVIEW {
                let better = best.as_ref().is_none_or(|(known, loaded, _)| {
                    (recall, core::cmp::Reverse(load)) > (*known, core::cmp::Reverse(*loaded))
                });
                if better {
                    best = Some((recall, load, Bands { same, review }));
                }
            }
        }
    }
    ensure!(best.is_some(), "no bands keep the margins");
    Ok(best.map(|(_, _, bands)| bands).expect("just checked"))
}

/// The figures that these bands would give.
pub fn figures(found: &[Found], same: i32, review: i32) -> super::Figures {
    let mut figures = super::Figures::default();
    for one in found {
        figures.registrations += 1;
        figures.duplicates += usize::from(one.is_duplicate);
        let above = |(sum, _, _): &&(i32, bool, bool)| *sum >= review;
        let mut shown = one.candidates.iter().filter(above).take(3);
        figures.found += usize::from(shown.any(|(_, right, _)| *right));
        let sure = |(sum, _, may): &&(i32, bool, bool)| *may && *sum >= same;
        if let Some((_, right, _)) = one.candidates.iter().find(sure) {
            figures.same += 1;
            figures.right += usize::from(*right);
        } else if one.candidates.iter().any(|(sum, _, _)| *sum >= review) {
            figures.review += 1;
        }
    }
    figures
}
