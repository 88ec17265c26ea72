//! One person compared with thousands: each candidate is read once and not kept, and a name that
//! comes again, as common names do, is compared once.
//!
//! The verdicts are those of [`candidate::judge`] where no mother is known.

use std::collections::BTreeMap;

use super::candidate::{self, Ranked};
use super::compare::{Levels, Plain, Subject};
use super::name::{self, Against, Name};
use super::{Matcher, Verdict};
use crate::person::{Field, StoredFields};

/// A person under comparison; `K` is the caller's name of a candidate.
pub struct Comparison<'a, K> {
    matcher: &'a Matcher,
    subject: Subject,
    /// Names of candidates that were compared, as they are written.
    names: BTreeMap<String, Against>,
    compared: Vec<(K, Levels)>,
}

impl<'a, K: Copy> Comparison<'a, K> {
    /// Begins with the one who is compared with all others.
    pub fn of(subject: Subject, matcher: &'a Matcher) -> Self {
        Self {
            matcher,
            subject,
            names: BTreeMap::new(),
            compared: Vec::new(),
        }
    }

    /// Compares with a candidate.
    pub fn add(&mut self, key: K, fields: &StoredFields<'_>) {
        let given = self.against(fields.get(Field::GivenName));
        let family = self.against(fields.get(Field::FamilyName));
        let names = name::level(given, family, self.matcher.table.order());
        let plain = Plain::read(|field| fields.get(field));
        self.compared
            .push((key, self.subject.beside(names, &plain)));
    }

    fn against(&mut self, written: Option<&str>) -> Against {
        let Some(written) = written else {
            return Against::default();
        };
        if let Some(against) = self.names.get(written) {
            return *against;
        }
        let table = &self.matcher.table;
        let against = Name::new(written, table)
            .map(|name| self.subject.names().against(&name, table))
            .unwrap_or_default();
        self.names.insert(written.to_owned(), against);
        against
    }

    /// How all candidates compare, in the order given.
    pub fn levels(self) -> Vec<(K, Levels)> {
        self.compared
    }

    /// The verdicts of all candidates, in the order given.
    pub fn verdicts(self) -> Vec<(K, Verdict)> {
        let judged = candidate::weigh(self.matcher, self.compared).into_iter();
        judged
            .map(|Ranked { key, verdict }| (key, verdict))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::person::PersonFields;

    const GIVEN: [&str; 6] = ["Asha", "ASHA", "Grace", "Mary Grace", "Wangiru", ""];
    const FAMILY: [&str; 5] = ["Mwangi", "Mwanji", "Asha", "Otieno", ""];
    const BORN: [&str; 4] = ["1994-05-17", "1994", "1995-05-17", ""];

    fn person(values: &[(Field, &str)]) -> PersonFields {
        let mut fields = PersonFields::default();
        for (field, value) in values.iter().filter(|(_, value)| !value.is_empty()) {
            fields.set(*field, *value);
        }
        fields
    }

    fn everybody() -> Vec<PersonFields> {
        let mut all = Vec::new();
        for (at, given) in GIVEN.into_iter().enumerate() {
            for (next, family) in FAMILY.into_iter().enumerate() {
                for birth in BORN {
                    all.push(person(&[
                        (Field::GivenName, given),
                        (Field::FamilyName, family),
                        (Field::BirthDate, birth),
                        (Field::Sex, ["F", "M", ""][at % 3]),
                        (Field::Village, ["KOO1", "KOO2", ""][next % 3]),
                        (Field::NationalId, ["", "ab-12", "AB12"][(at + next) % 3]),
                    ]));
                }
            }
        }
        all
    }

    /// Everybody with everybody: the same verdicts as of prepared people, in each order of names.
    #[test]
    fn verdicts_are_those_of_prepared_people() {
        for country in ["KE", "ET"] {
            let matcher = Matcher::of(country).unwrap();
            let all = everybody();
            let prepared: Vec<Subject> = all.iter().map(|one| matcher.subject(one, None)).collect();
            let others: Vec<(usize, &Subject)> = prepared.iter().enumerate().collect();
            for subject in &prepared {
                let mut comparison = Comparison::of(subject.clone(), &matcher);
                for (at, one) in all.iter().enumerate() {
                    comparison.add(at, &StoredFields::from(one));
                }
                let judged = candidate::judge(&matcher, subject, &others);
                let judged: Vec<_> = judged.iter().map(|one| (one.key, one.verdict)).collect();
                assert_eq!(comparison.verdicts(), judged, "{country}");
            }
        }
    }

    /// What is read in place is what was stored.
    #[test]
    fn stored_fields_are_read_in_place() {
        for one in everybody() {
            let bytes = postcard::to_stdvec(&one).unwrap();
            let stored: StoredFields<'_> = postcard::from_bytes(&bytes).unwrap();
            for field in Field::ALL {
                assert_eq!(stored.get(field), one.get(field), "{field:?}");
            }
        }
    }
}
