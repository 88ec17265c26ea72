//! The labelled synthetic set of the duplicate gate: a background of people, and registrations of
//! which it is known whether each is new, a repeat with typing errors, a twin, or a stranger of the
//! same name and birth year. Follows the gate of duplicate detection in docs/TESTING.md.
//!
//! One seed is one set: seeds 1–50 are for fitting weights, 51–100 for the gate. It was written and
//! committed before the matcher; it knows nothing of the matcher's tables.

pub mod culture;
pub mod error;
pub mod household;

use std::ops::RangeInclusive;

use node_core::person::PersonFields;

use crate::random::Random;
use culture::Culture;
use error::ErrorKind;

/// Seeds on which weights and bands are fitted.
pub const FIT: RangeInclusive<u64> = 1..=50;
/// Seeds of the gate; no weight is fitted on them.
pub const GATE: RangeInclusive<u64> = 51..=100;
/// Seeds of the second gate: nobody had looked at them when the margin of the fit was chosen.
pub const UNSEEN: RangeInclusive<u64> = 101..=150;
/// People who are known before the registrations of a set.
pub const BACKGROUND: usize = 100_000;
/// Registrations of a set that repeat a person of the background.
pub const DUPLICATES: usize = 100;
/// Of a hundred duplicates, those with two errors.
const DOUBLE_PERCENT: usize = 20;
/// Twins in a set, and as many strangers: together 5 % of its registrations.
pub const LOOKALIKES: usize = 25;
/// Registrations of people who are new and look like nobody on purpose.
pub const NEW: usize = 850;
/// Of a hundred people, those of the site's main culture.
const MAIN_PERCENT: usize = 80;

/// A person as captured, with the mother where she is known.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// What was typed.
    pub fields: PersonFields,
    /// The mother's names, for a child.
    pub mother: Option<PersonFields>,
}

/// What is true of a registration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Truth {
    /// Nobody in the background.
    New,
    /// A person of the background, with these errors.
    Duplicate {
        /// Index in the background.
        of: usize,
        /// What went wrong, in order.
        errors: Vec<ErrorKind>,
    },
    /// A twin of a child of the background; another person.
    Twin {
        /// Index in the background.
        of: usize,
    },
    /// Same names and birth year as a person of the background; another person.
    Stranger {
        /// Index in the background.
        of: usize,
    },
}

/// One registration with its label.
#[derive(Clone, PartialEq, Eq)]
pub struct Labelled {
    /// What is registered.
    pub person: Person,
    /// What is true.
    pub truth: Truth,
}

/// A set.
pub struct Set {
    /// ISO 3166-1 code of the site; the country whose names are most of the set.
    pub country: String,
    /// Who is known.
    pub background: Vec<Person>,
    /// What arrives.
    pub registrations: Vec<Labelled>,
}

impl Set {
    /// The set of a seed, with a background of [`BACKGROUND`] people.
    pub fn new(seed: u64) -> Self {
        Self::with_background(seed, BACKGROUND)
    }

    /// The same with fewer people, for tests of the generator itself.
    pub fn with_background(seed: u64, people: usize) -> Self {
        let cultures = Culture::all();
        let main = usize::try_from(seed).unwrap_or(0) % cultures.len();
        let mut random = Random(seed.wrapping_mul(0x5851_F42D_4C95_7F2D));
        let mut background = Vec::with_capacity(people + 8);
        while background.len() < people {
            let culture = draw(&cultures, main, &mut random);
            household::add(culture, &mut random, &mut background);
        }
        background.truncate(people);
        let mut set = Self {
            country: cultures[main].country.clone(),
            background,
            registrations: Vec::new(),
        };
        set.add_duplicates(&cultures, &mut random);
        set.add_lookalikes(&cultures[main], &mut random);
        while set.registrations.len() < DUPLICATES + 2 * LOOKALIKES + NEW {
            let mut family = Vec::new();
            household::add(draw(&cultures, main, &mut random), &mut random, &mut family);
            let person = random.one_of(&family).clone();
            let truth = Truth::New;
            set.registrations.push(Labelled { person, truth });
        }
        set
    }

    /// Ten of each kind of error; two of each have a second one of another kind.
    fn add_duplicates(&mut self, cultures: &[Culture], random: &mut Random) {
        let mut made = 0;
        while made < DUPLICATES {
            let of = random.below(self.background.len());
            let mut person = self.background[of].clone();
            let culture = error::culture_of(&person, cultures);
            let first = ErrorKind::ALL[made % ErrorKind::ALL.len()];
            let mut errors = vec![first];
            if made % DUPLICATES < DUPLICATES * DOUBLE_PERCENT / 100 {
                let others: Vec<ErrorKind> = ErrorKind::ALL
                    .into_iter()
                    .filter(|kind| !kind.clashes(first))
                    .collect();
                errors.push(*random.one_of(&others));
            }
            if errors
                .iter()
                .all(|kind| error::make(*kind, &mut person, culture, random))
            {
                error::drift(&mut person, random);
                let truth = Truth::Duplicate { of, errors };
                self.registrations.push(Labelled { person, truth });
                made += 1;
            }
        }
    }

    fn add_lookalikes(&mut self, culture: &Culture, random: &mut Random) {
        let (mut twins, mut strangers) = (0, 0);
        while twins < LOOKALIKES {
            let of = random.below(self.background.len());
            if let Some(person) = household::twin(&self.background[of], culture, random) {
                let truth = Truth::Twin { of };
                self.registrations.push(Labelled { person, truth });
                twins += 1;
            }
        }
        while strangers < LOOKALIKES {
            let of = random.below(self.background.len());
            let person = household::stranger(&self.background[of], culture, random);
            let truth = Truth::Stranger { of };
            self.registrations.push(Labelled { person, truth });
            strangers += 1;
        }
    }
}

fn draw<'a>(cultures: &'a [Culture], main: usize, random: &mut Random) -> &'a Culture {
    if random.below(100) < MAIN_PERCENT {
        &cultures[main]
    } else {
        random.one_of(cultures)
    }
}

#[cfg(test)]
mod tests;
