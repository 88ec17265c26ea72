//! What the pages of a district office show: a pair of records side by side, and a person with the
//! edges that join her documents (IDENTITY §3.5, §3.6).
//!
//! Answers to closed questions, and nothing else: who may see them is decided by the command that
//! notes the read ([`crate::command::Command::NoteReads`]), whose persons [`shown`] names.

pub mod log;
pub mod session;

use std::collections::BTreeSet;

use jiff::Timestamp;
use sync_core::{EntryRef, NodeId};

use crate::identity::{Capture, Pair, Whole};
use crate::matching::{MatchRow, Worker};
use crate::person::Field;
use crate::query::Answer;

/// One record as it was captured.
#[derive(Clone, PartialEq, Eq)]
pub struct Captured {
    /// The document with all values of each field.
    pub capture: Capture,
    /// When it was captured, by the clock of its node.
    pub at: Timestamp,
    /// The node.
    pub node: NodeId,
    /// Who captured it; index 0 = the person herself.
    pub worker: Worker,
    /// The worker's name as staff know it.
    pub name: Option<String>,
}

impl core::fmt::Debug for Captured {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Captured({:?})", self.capture.document)
    }
}

/// A pair with both records; one that is not here is missing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PairPage {
    /// The pair.
    pub row: MatchRow,
    /// Its records, in the order of the pair.
    pub sides: [Option<Captured>; 2],
    /// Names of those who captured and answered, as staff know them.
    pub names: Vec<(Worker, String)>,
    /// Whether an edge joins the two now.
    pub joined: bool,
}

/// A person with her documents.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PersonPage {
    /// All documents read as one.
    pub whole: Whole,
    /// Each by itself, the canonical one first.
    pub members: Vec<Captured>,
    /// Edges that join them, each once.
    pub edges: Vec<Pair>,
    /// Pairs in which she stands.
    pub pairs: Vec<MatchRow>,
}

/// One field of two records side by side.
#[derive(Clone, PartialEq, Eq)]
pub struct Line {
    /// The field.
    pub field: Field,
    /// Its values on each side: several where two sides edited it apart, none where it is missing.
    pub values: [Vec<String>; 2],
}

impl core::fmt::Debug for Line {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Line({:?}, differs: {})", self.field, self.differs())
    }
}

impl Line {
    /// Whether the two records do not say the same.
    pub fn differs(&self) -> bool {
        let [one, other] = self
            .values
            .each_ref()
            .map(|all| all.iter().collect::<BTreeSet<_>>());
        one != other
    }
}

/// The fields that one of two records holds, in the order of the fields.
pub fn side_by_side(one: Option<&Capture>, other: Option<&Capture>) -> Vec<Line> {
    let of = |side: Option<&Capture>, field: Field| {
        let values = side.and_then(|capture| capture.values.get(&field));
        values.cloned().unwrap_or_default()
    };
    let lines = Field::ALL.into_iter().map(|field| Line {
        field,
        values: [of(one, field), of(other, field)],
    });
    lines
        .filter(|line| line.values.iter().any(|values| !values.is_empty()))
        .collect()
}

/// The persons whom an answer shows, each once; nobody where it is not about people.
pub fn shown(answer: &Answer) -> Vec<EntryRef> {
    let persons: BTreeSet<EntryRef> = match answer {
        Answer::Matches(rows) => rows.iter().flat_map(|row| row.pair).collect(),
        Answer::Pair(Some(page)) => page.row.pair.into_iter().collect(),
        Answer::PersonPage(Some(page)) => {
            let pairs = page.pairs.iter().flat_map(|row| row.pair);
            page.whole.members.iter().copied().chain(pairs).collect()
        }
        Answer::Person(Some(whole)) => whole.members.iter().copied().collect(),
        Answer::Log(Some(page)) => page
            .person
            .iter()
            .flat_map(|(all, _)| all)
            .copied()
            .collect(),
        Answer::ErasureDesk(desk) => desk.waiting.iter().map(|row| row.person).collect(),
        Answer::Complaints(rows) => rows.iter().map(|row| row.person).collect(),
        _ => BTreeSet::new(),
    };
    persons.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use sync_core::{Epoch, Scope, Seq};

    use super::*;
    use crate::duplicate::weight::Band;

    fn entry(seq: u32) -> EntryRef {
        EntryRef {
            origin: NodeId(1),
            epoch: Epoch(1),
            scope: Scope(16),
            seq: Seq(seq),
        }
    }

    fn capture(seq: u32, values: &[(Field, &[&str])]) -> Capture {
        let own = |(field, all): &(Field, &[&str])| {
            (*field, all.iter().map(|one| (*one).to_owned()).collect())
        };
        Capture {
            document: entry(seq),
            values: values.iter().map(own).collect::<BTreeMap<_, _>>(),
        }
    }

    fn row(one: u32, other: u32) -> MatchRow {
        MatchRow {
            number: 1,
            pair: [entry(one), entry(other)],
            band: Band::Review,
            reasons: Vec::new(),
            hints: [String::new(), String::new()],
            workers: [(Scope(16), 1), (Scope(16), 2)],
            words: Vec::new(),
            since: Timestamp::UNIX_EPOCH,
            decided: None,
        }
    }

    #[test]
    fn fields_that_differ_are_those_whose_values_are_not_the_same() {
        let one = capture(
            1,
            &[
                (Field::GivenName, &["Wanjiru"]),
                (Field::FamilyName, &["Nyambura"]),
                (Field::Village, &["kibo", "moto"]),
                (Field::Sex, &["F"]),
            ],
        );
        let other = capture(
            2,
            &[
                (Field::GivenName, &["Wangiru"]),
                (Field::FamilyName, &["Nyambura"]),
                (Field::Village, &["moto", "kibo"]),
                (Field::Phone, &["+254711000417"]),
            ],
        );
        let lines = side_by_side(Some(&one), Some(&other));
        let differ: Vec<Field> = lines
            .iter()
            .filter(|line| line.differs())
            .map(|line| line.field)
            .collect();
        assert_eq!(differ, [Field::GivenName, Field::Sex, Field::Phone]);
        assert_eq!(lines.len(), 5, "a field that nobody has is no line");
        assert!(side_by_side(None, None).is_empty());
        assert!(
            side_by_side(Some(&one), Some(&one))
                .iter()
                .all(|line| !line.differs())
        );
        assert!(!format!("{lines:?}").contains("Wanjiru"));
    }

    #[test]
    fn everybody_on_a_page_is_named_once() {
        let list = Answer::Matches(vec![row(1, 2), row(2, 3)]);
        assert_eq!(shown(&list), [entry(1), entry(2), entry(3)]);
        let pair = PairPage {
            row: row(1, 2),
            sides: [None, None],
            names: Vec::new(),
            joined: false,
        };
        assert_eq!(
            shown(&Answer::Pair(Some(Box::new(pair)))),
            [entry(1), entry(2)]
        );
        let whole = Whole::new(&[capture(1, &[]), capture(2, &[])]).unwrap();
        let person = PersonPage {
            whole,
            members: Vec::new(),
            edges: vec![[entry(1), entry(2)]],
            pairs: vec![row(1, 4)],
        };
        let person = Answer::PersonPage(Some(Box::new(person)));
        assert_eq!(shown(&person), [entry(1), entry(2), entry(4)]);
        for nobody in [Answer::Pair(None), Answer::PersonPage(None)] {
            assert!(shown(&nobody).is_empty());
        }
    }
}
