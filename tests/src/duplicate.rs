//! Judging the matcher on labelled sets: an index of the background, what each registration finds,
//! and the figures of the gate. It uses the matcher as the node does; only the store is a map.

pub mod fit;

use std::collections::{BTreeMap, BTreeSet};

use node_core::duplicate::candidate::{self, Ranked};
use node_core::duplicate::compare::Subject;
use node_core::duplicate::weight::{Band, Weights};
use node_core::duplicate::{CANDIDATES_MAX, Matcher, key};
use node_core::view::Token;

use crate::people::{Person, Set, Truth};

/// Least share of duplicates that are found as *same* or *review*, in thousandths.
pub const RECALL_MIN: usize = 950;
/// Least share of *same* that is right, in thousandths.
pub const PRECISION_MIN: usize = 980;
/// Largest share of registrations that a person must look at, in thousandths.
pub const REVIEW_MAX: usize = 20;

/// A background that can be asked.
pub struct Index {
    matcher: Matcher,
    subjects: Vec<Subject>,
    tokens: BTreeMap<Token, Vec<usize>>,
}

impl Index {
    /// The background of a set.
    ///
    /// # Panics
    /// When the tables that come along do not compile.
    pub fn new(set: &Set) -> Self {
        let matcher = Matcher::of(&set.country).expect("the shipped tables");
        let mut tokens: BTreeMap<Token, Vec<usize>> = BTreeMap::new();
        let mut subjects = Vec::with_capacity(set.background.len());
        for (at, person) in set.background.iter().enumerate() {
            for token in key::stored(&person.fields, &matcher.table) {
                tokens.entry(token).or_default().push(at);
            }
            subjects.push(subject(&matcher, person));
        }
        Self {
            matcher,
            subjects,
            tokens,
        }
    }

    /// The matcher of the set's country.
    pub fn matcher(&self) -> &Matcher {
        &self.matcher
    }

    /// Replaces the weights.
    pub fn set_weights(&mut self, weights: Weights) {
        self.matcher.weights = weights;
    }

    /// A person of the background.
    pub fn subject(&self, at: usize) -> &Subject {
        &self.subjects[at]
    }

    /// People who share a token with a registration, the narrow tokens first, up to the limit.
    pub fn candidates(&self, person: &Person) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        for token in key::asked(&person.fields, &self.matcher.table) {
            let rows = self.tokens.get(&token).map_or(&[][..], Vec::as_slice);
            for row in rows {
                if found.len() < CANDIDATES_MAX {
                    found.insert(*row);
                }
            }
        }
        found
    }

    /// The candidates that a worker would be shown.
    pub fn ranked(&self, person: &Person) -> Vec<Ranked<usize>> {
        let others = self.others(person);
        candidate::rank(&self.matcher, &subject(&self.matcher, person), &others)
    }

    /// All candidates with their verdicts.
    pub fn judged(&self, person: &Person) -> Vec<Ranked<usize>> {
        let others = self.others(person);
        candidate::judge(&self.matcher, &subject(&self.matcher, person), &others)
    }

    fn others(&self, person: &Person) -> Vec<(usize, &Subject)> {
        let candidates = self.candidates(person).into_iter();
        candidates.map(|at| (at, &self.subjects[at])).collect()
    }
}

/// A person, prepared.
pub fn subject(matcher: &Matcher, person: &Person) -> Subject {
    matcher.subject(&person.fields, person.mother.as_ref())
}

/// The figures of the gate, as counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Figures {
    /// Registrations looked at.
    pub registrations: usize,
    /// Of them, duplicates.
    pub duplicates: usize,
    /// Duplicates whose person was among those shown.
    pub found: usize,
    /// Registrations in the band *same*.
    pub same: usize,
    /// Of them, those whose best candidate is the right person.
    pub right: usize,
    /// Registrations whose best candidate is in the band *review*.
    pub review: usize,
}

impl Figures {
    /// Judges one set.
    pub fn of(set: &Set, index: &Index) -> Self {
        let mut figures = Self::default();
        for labelled in &set.registrations {
            figures.count(&labelled.truth, &index.ranked(&labelled.person));
        }
        figures
    }

    fn count(&mut self, truth: &Truth, ranked: &[Ranked<usize>]) {
        let original = match truth {
            Truth::Duplicate { of, .. } => Some(*of),
            _ => None,
        };
        self.registrations += 1;
        self.duplicates += usize::from(original.is_some());
        let shown = |of| ranked.iter().any(|ranked| ranked.key == of);
        self.found += usize::from(original.is_some_and(shown));
        match ranked.first() {
            Some(best) if best.verdict.band == Band::Same => {
                self.same += 1;
                self.right += usize::from(original == Some(best.key));
            }
            Some(_) => self.review += 1,
            None => {}
        }
    }

    /// Adds the figures of another set.
    pub fn add(&mut self, other: &Self) {
        self.registrations += other.registrations;
        self.duplicates += other.duplicates;
        self.found += other.found;
        self.same += other.same;
        self.right += other.right;
        self.review += other.review;
    }

    /// Recall, precision of *same*, and review load, in thousandths; a set without any *same* has
    /// no precision.
    pub fn thousandths(&self) -> [usize; 3] {
        let share = |part: usize, all: usize| part * 1000 / all.max(1);
        let review = (self.review * 1000).div_ceil(self.registrations.max(1));
        [
            share(self.found, self.duplicates),
            share(self.right, self.same),
            review,
        ]
    }

    /// Whether the gate is passed.
    pub fn pass(&self) -> bool {
        let [recall, precision, review] = self.thousandths();
        recall >= RECALL_MIN && precision >= PRECISION_MIN && review <= REVIEW_MAX
    }
}
