//! Which purposes a person agrees to now: opt-out wins over every opt-in that does not name it.
//!
//! The state is the set of answers, so order, repetition and delay do not matter (C1, C2). An
//! answer without purposes speaks of its whole agreement.

use serde::{Deserialize, Serialize};
use sync_core::EntryRef;

/// Purpose: content for a registry of the ministry.
pub const REGISTRY: &str = "registry";
/// Purpose: reminders and results to the person's phone.
pub const MESSAGES: &str = "messages";
/// Most answers remembered for one person. Beyond it an opt-in makes room for an opt-out, and a
/// further opt-in is not kept, so that at the limit nothing is agreed to by accident.
pub const ANSWERS_MAX: usize = 64;

/// Why data may be used (Consent BB 7.2, `lawfulBasis`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The person agreed.
    #[default]
    Consent,
    /// A contract with the person.
    Contract,
    /// The law asks for it.
    LegalObligation,
    /// Somebody's life depends on it.
    VitalInterest,
    /// A task in the public interest.
    PublicTask,
    /// A legitimate interest, weighed and written down.
    LegitimateInterest,
}

/// Who saw the person answer, or how it was proved.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Witness {
    /// The person's PIN was right.
    Pin,
    /// The person typed the answer on a keypad.
    Keypad,
    /// A thumb print on paper.
    ThumbPrint,
    /// Somebody answered for the person.
    Delegate,
}

/// One answer as the views hold it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Answered {
    /// Its entry.
    pub entry: EntryRef,
    /// Data agreement, `programme/agreement`.
    pub agreement: String,
    /// Its pinned revision.
    pub revision: u32,
    /// What it speaks of; empty = the whole agreement.
    pub purposes: Vec<String>,
    /// Yes or no.
    pub opt_in: bool,
    /// What the use rests on.
    pub basis: Basis,
    /// The opt-outs that a yes undoes.
    pub after: Vec<EntryRef>,
}

impl Answered {
    fn covers(&self, agreement: &str, purpose: &str) -> bool {
        self.agreement == agreement && self.speaks_of(purpose)
    }

    fn speaks_of(&self, purpose: &str) -> bool {
        self.purposes.is_empty() || self.purposes.iter().any(|one| one == purpose)
    }
}

/// All answers of one person, in the order of their names.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ConsentRow {
    /// The answers.
    pub answers: Vec<Answered>,
}

impl ConsentRow {
    /// Takes one answer; one that is known changes nothing.
    pub fn note(&mut self, answered: Answered) {
        let place = self
            .answers
            .binary_search_by_key(&answered.entry, |one| one.entry);
        let Err(mut place) = place else {
            return;
        };
        if self.answers.len() >= ANSWERS_MAX {
            let yes = self.answers.iter().position(|one| one.opt_in);
            let Some(yes) = yes.filter(|_| !answered.opt_in) else {
                return;
            };
            self.answers.remove(yes);
            place = place.saturating_sub(usize::from(yes < place));
        }
        self.answers.insert(place, answered);
    }

    /// Whether a purpose of an agreement is agreed to now, or rests on another legal basis.
    pub fn is_live(&self, agreement: &str, purpose: &str) -> bool {
        let covering = || {
            let answers = self.answers.iter();
            answers.filter(move |one| one.covers(agreement, purpose))
        };
        covering().filter(|one| one.opt_in).any(|yes| {
            yes.basis != Basis::Consent
                || covering()
                    .filter(|one| !one.opt_in)
                    .all(|no| yes.after.contains(&no.entry))
        })
    }

    /// Whether any agreement allows a purpose now.
    pub fn allows(&self, purpose: &str) -> bool {
        self.agreements()
            .iter()
            .any(|agreement| self.is_live(agreement, purpose))
    }

    /// The agreements that were answered, in order.
    pub fn agreements(&self) -> Vec<&str> {
        let mut agreements: Vec<&str> = self
            .answers
            .iter()
            .map(|one| one.agreement.as_str())
            .collect();
        agreements.sort_unstable();
        agreements.dedup();
        agreements
    }

    /// The purposes of an agreement that a yes ever named, in order; empty = none was named.
    pub fn purposes(&self, agreement: &str) -> Vec<&str> {
        let answers = self.answers.iter();
        let answers = answers.filter(|one| one.agreement == agreement && one.opt_in);
        let mut purposes: Vec<&str> = answers
            .flat_map(|one| one.purposes.iter().map(String::as_str))
            .collect();
        purposes.sort_unstable();
        purposes.dedup();
        purposes
    }

    /// The opt-outs of an agreement: what a new yes must name.
    pub fn opt_outs(&self, agreement: &str) -> Vec<EntryRef> {
        let answers = self.answers.iter();
        answers
            .filter(|one| one.agreement == agreement && !one.opt_in)
            .map(|one| one.entry)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sync_core::{Epoch, NodeId, Scope, Seq};

    use super::*;

    fn entry(origin: u32, seq: u32) -> EntryRef {
        EntryRef {
            origin: NodeId(origin),
            epoch: Epoch(1),
            scope: Scope(8),
            seq: Seq(seq),
        }
    }

    fn answered(seq: u32, opt_in: bool, purposes: &[&str], after: &[EntryRef]) -> Answered {
        Answered {
            entry: entry(1, seq),
            agreement: "a".to_owned(),
            revision: 1,
            purposes: purposes.iter().map(|one| (*one).to_owned()).collect(),
            opt_in,
            basis: Basis::Consent,
            after: after.to_vec(),
        }
    }

    fn row(answers: &[Answered]) -> ConsentRow {
        let mut row = ConsentRow::default();
        for one in answers {
            row.note(one.clone());
        }
        row
    }

    #[test]
    fn a_no_holds_for_its_purpose_until_a_yes_names_it() {
        let yes = answered(1, true, &[REGISTRY, MESSAGES], &[]);
        let no = answered(2, false, &[MESSAGES], &[]);
        let blind = answered(3, true, &[MESSAGES], &[]);
        let seeing = answered(4, true, &[MESSAGES], &[no.entry]);
        let now = row(&[yes.clone(), no.clone(), blind.clone()]);
        assert!(now.allows(REGISTRY) && !now.allows(MESSAGES));
        let later = row(&[seeing, blind, no, yes]);
        assert!(later.allows(REGISTRY) && later.allows(MESSAGES));
        assert!(!row(&[]).allows(REGISTRY));
        let whole = row(&[answered(1, true, &[], &[]), answered(2, false, &[], &[])]);
        assert!(!whole.allows(REGISTRY));
    }

    #[test]
    fn another_legal_basis_is_not_withdrawn() {
        let law = Answered {
            basis: Basis::LegalObligation,
            ..answered(1, true, &[REGISTRY], &[])
        };
        let now = row(&[law, answered(2, false, &[], &[])]);
        assert!(now.allows(REGISTRY) && !now.allows(MESSAGES));
    }

    #[test]
    fn at_the_limit_nothing_is_agreed_to_by_accident() {
        let mut kept = ConsentRow::default();
        for seq in 1..=u32::try_from(ANSWERS_MAX).unwrap() {
            kept.note(answered(seq, true, &[], &[]));
        }
        assert!(kept.allows(MESSAGES));
        kept.note(answered(900, false, &[], &[]));
        assert!(!kept.allows(MESSAGES) && kept.answers.len() == ANSWERS_MAX);
        kept.note(answered(901, true, &[], &[entry(1, 900)]));
        assert!(!kept.allows(MESSAGES));
    }

    proptest! {
        /// C1, C2: whatever the order and however often, the answer is the one of the definition.
        #[test]
        fn order_and_repetition_do_not_matter(
            events in proptest::collection::vec((1_u32..3, 1_u32..12, any::<bool>(), 0_usize..3,
                proptest::collection::vec((1_u32..3, 1_u32..12), 0..4)), 0..12),
            turn in any::<prop::sample::Index>(),
        ) {
            let purposes: [&[&str]; 3] = [&[], &[REGISTRY], &[MESSAGES]];
            let mut answers: Vec<Answered> = events.iter().map(|(origin, seq, opt_in, kind, after)| {
                let after: Vec<EntryRef> = after.iter().map(|(o, s)| entry(*o, *s)).collect();
                Answered { entry: entry(*origin, *seq), ..answered(*seq, *opt_in, purposes[*kind], &after) }
            }).collect();
            // An entry has one body.
            answers.sort();
            answers.dedup_by_key(|one| one.entry);
            let forward = row(&answers);
            let mut other = answers.clone();
            if !other.is_empty() {
                let at = turn.index(other.len());
                other.rotate_left(at);
            }
            other.reverse();
            other.extend(answers.clone());
            prop_assert_eq!(&forward, &row(&other));
            for purpose in [REGISTRY, MESSAGES] {
                let covers = |one: &&Answered| one.purposes.is_empty() || one.purposes.contains(&purpose.to_owned());
                let live = answers.iter().filter(covers).filter(|one| one.opt_in).any(|yes| {
                    answers.iter().filter(covers).filter(|one| !one.opt_in)
                        .all(|no| yes.after.contains(&no.entry))
                });
                prop_assert_eq!(forward.allows(purpose), live);
                // A further no always wins.
                let mut withdrawn = forward.clone();
                withdrawn.note(Answered { entry: entry(9, 1), ..answered(1, false, &[], &[]) });
                prop_assert!(!withdrawn.allows(purpose));
            }
        }
    }
}
