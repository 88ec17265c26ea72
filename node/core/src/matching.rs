//! Pairs of people who may be one: what is asked, who has answered, where the pair stands.
//!
//! Two different workers must agree; when they differ, are not sure, or are silent for
//! [`ANSWER_DAYS`], the pair waits for an officer. Pure: the moment is an argument.

pub mod near;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sync_core::Scope;

use crate::duplicate::Verdict;
use crate::duplicate::compare::{Agreement, BirthLevel};
use crate::duplicate::name::NameLevel;
use crate::duplicate::weight::Band;
use crate::identity::Pair;

/// Days that workers have for their answers; then an officer's queue has the pair.
pub const ANSWER_DAYS: i64 = 14;
/// Most pairs of one new person that are put to people; the best ones are.
pub const PAIRS_MAX: usize = 1;

/// Why a pair is one; tells no value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Reason {
    /// Names are equal, also when exchanged.
    NamesEqual,
    /// Names are close.
    NamesClose,
    /// One of both names agrees.
    NamePart,
    /// Same day of birth.
    BirthEqual,
    /// Birth dates are near: year only, day and month exchanged, year off by one.
    BirthClose,
    /// Same village.
    Village,
    /// Same phone.
    Phone,
    /// The mother's names agree.
    Mother,
    /// Same national identity number.
    NationalId,
}

/// The reasons of a verdict, in a fixed order.
pub fn reasons(verdict: &Verdict) -> Vec<Reason> {
    let levels = &verdict.levels;
    let names = match levels.names {
        NameLevel::Equal | NameLevel::Swapped => Some(Reason::NamesEqual),
        NameLevel::EqualClose | NameLevel::Close | NameLevel::SwappedClose => {
            Some(Reason::NamesClose)
        }
        NameLevel::Different | NameLevel::Missing => None,
        _ => Some(Reason::NamePart),
    };
    let birth = match levels.birth {
        BirthLevel::Same => Some(Reason::BirthEqual),
        BirthLevel::DayMonthSwapped
        | BirthLevel::YearByOne
        | BirthLevel::Year
        | BirthLevel::NearYear => Some(Reason::BirthClose),
        _ => None,
    };
    let mother = matches!(
        levels.mother,
        NameLevel::Equal
            | NameLevel::EqualClose
            | NameLevel::Close
            | NameLevel::Swapped
            | NameLevel::OneEqual
    );
    let same = |level, reason| (level == Agreement::Same).then_some(reason);
    [
        names,
        birth,
        same(levels.village, Reason::Village),
        same(levels.phone, Reason::Phone),
        mother.then_some(Reason::Mother),
        same(levels.national_id, Reason::NationalId),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A worker's word about a pair.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Word {
    /// One person.
    Same,
    /// Two people.
    Different,
    /// Cannot say.
    NotSure,
}

/// A worker: area (lane bits zero) and index in its staff list.
pub type Worker = (Scope, u32);

/// A pair as the views hold it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MatchRow {
    /// Short number, shared with reviews of registrations.
    pub number: u32,
    /// The two documents.
    pub pair: Pair,
    /// How sure the comparison is.
    pub band: Band,
    /// Why.
    pub reasons: Vec<Reason>,
    /// Last four digits of each one's number.
    pub hints: [String; 2],
    /// Who captured each.
    pub workers: [Worker; 2],
    /// What workers said, one word each.
    pub words: Vec<(Worker, Word)>,
    /// When it was found.
    pub since: Timestamp,
    /// One person or two, once decided.
    pub decided: Option<bool>,
}

/// Where a pair stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Stand {
    /// Workers are asked.
    Asked,
    /// An officer must decide.
    Officer,
    /// Decided: one person, or two.
    Decided(bool),
}

impl MatchRow {
    /// Whether this worker is asked and has not answered.
    pub fn waits_for(&self, worker: Worker) -> bool {
        self.decided.is_none()
            && self.workers.contains(&worker)
            && self.words.iter().all(|(who, _)| *who != worker)
    }

    /// What the workers' words come to: a decision only when two different workers agree.
    pub fn agreed(&self) -> Option<bool> {
        let said = |word: Word| self.words.iter().filter(|(_, said)| *said == word).count();
        match (said(Word::Same), said(Word::Different), said(Word::NotSure)) {
            (2.., 0, 0) => Some(true),
            (0, 2.., 0) => Some(false),
            _ => None,
        }
    }

    /// Where it stands at a moment.
    pub fn stand(&self, now: Timestamp) -> Stand {
        if let Some(same) = self.decided {
            return Stand::Decided(same);
        }
        let mut words = self.words.iter().map(|(_, word)| *word);
        let first = words.next();
        let differ = first.is_some_and(|first| words.any(|word| word != first));
        let unsure = self.words.iter().any(|(_, word)| *word == Word::NotSure);
        // One worker who captured both cannot agree with herself.
        let alone = self.workers[0] == self.workers[1] && first.is_some();
        let late = now.duration_since(self.since) >= SignedDuration::from_hours(24 * ANSWER_DAYS);
        if differ || unsure || alone || late {
            Stand::Officer
        } else {
            Stand::Asked
        }
    }
}

#[cfg(test)]
mod tests {
    use sync_core::{EntryRef, Epoch, NodeId, Seq};

    use super::*;

    const A: Worker = (Scope(16), 1);
    const B: Worker = (Scope(16), 2);

    fn row(workers: [Worker; 2], words: &[(Worker, Word)]) -> MatchRow {
        let entry = |seq| EntryRef {
            origin: NodeId(1),
            epoch: Epoch(1),
            scope: Scope(16),
            seq: Seq(seq),
        };
        MatchRow {
            number: 417,
            pair: [entry(1), entry(2)],
            band: Band::Same,
            reasons: Vec::new(),
            hints: ["8630".to_owned(), "0937".to_owned()],
            workers,
            words: words.to_vec(),
            since: Timestamp::UNIX_EPOCH,
            decided: None,
        }
    }

    #[test]
    fn two_different_workers_must_agree() {
        use Word::{Different, NotSure, Same};
        let days = |days: i64| Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * days);
        for (workers, words, agreed, stand) in [
            ([A, B], vec![], None, Stand::Asked),
            ([A, B], vec![(A, Same)], None, Stand::Asked),
            ([A, B], vec![(A, Same), (B, Same)], Some(true), Stand::Asked),
            (
                [A, B],
                vec![(A, Different), (B, Different)],
                Some(false),
                Stand::Asked,
            ),
            (
                [A, B],
                vec![(A, Same), (B, Different)],
                None,
                Stand::Officer,
            ),
            ([A, B], vec![(A, NotSure)], None, Stand::Officer),
            ([A, B], vec![(A, Same), (B, NotSure)], None, Stand::Officer),
            ([A, A], vec![(A, Same)], None, Stand::Officer),
        ] {
            let row = row(workers, &words);
            assert_eq!(
                (row.agreed(), row.stand(days(1))),
                (agreed, stand),
                "{words:?}"
            );
            assert_eq!(
                row.waits_for(B),
                workers.contains(&B) && words.iter().all(|w| w.0 != B)
            );
        }
        assert_eq!(row([A, B], &[]).stand(days(14)), Stand::Officer);
        let decided = MatchRow {
            decided: Some(true),
            ..row([A, B], &[])
        };
        assert_eq!(decided.stand(days(99)), Stand::Decided(true));
        assert!(!decided.waits_for(A));
    }
}
