//! People who were captured more than once: `same_as` edges, clusters, and reading through them.
//!
//! A merge moves nothing. Edges are an observed-remove set: an edge is named by the entry that adds
//! it, a removal names the additions that it has seen, and the set is a function of the entries
//! alone, whatever their order and however often they come. A cluster is a connected component;
//! its canonical member has the smallest registration number. Taking an edge away gives back what
//! was read before. Edges carry no signature of their own: the signature of their frame covers them.

use std::collections::{BTreeMap, BTreeSet};

use sync_core::EntryRef;

use crate::person::Field;

/// Most members of a cluster that are read together; beyond that the rest is read apart, because
/// nobody is captured so often: a larger cluster is a wrong edge.
pub const CLUSTER_MAX: usize = 32;

/// Two documents of people, the smaller name first.
pub type Pair = [EntryRef; 2];

/// An edge: the entry that added it, and the two documents.
pub type Edge = (EntryRef, Pair);

/// The pair of two documents, in the one order in which pairs are kept.
pub fn pair(one: EntryRef, other: EntryRef) -> Pair {
    if one <= other {
        [one, other]
    } else {
        [other, one]
    }
}

/// All edges of a set of entries.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EdgeSet {
    added: BTreeMap<EntryRef, Pair>,
    removed: BTreeSet<EntryRef>,
}

impl EdgeSet {
    /// An entry added an edge.
    pub fn add(&mut self, entry: EntryRef, pair: Pair) {
        self.added.insert(entry, pair);
    }

    /// An entry removed these additions, whether they have arrived or not.
    pub fn remove(&mut self, additions: &[EntryRef]) {
        self.removed.extend(additions);
    }

    /// Edges that hold.
    pub fn live(&self) -> BTreeSet<Pair> {
        let holds = |(entry, _): &(&EntryRef, &Pair)| !self.removed.contains(entry);
        self.added
            .iter()
            .filter(holds)
            .map(|(_, pair)| *pair)
            .collect()
    }

    /// The entries whose removal takes an edge away.
    pub fn additions(&self, pair: Pair) -> Vec<EntryRef> {
        let of =
            |(entry, edge): &(&EntryRef, &Pair)| **edge == pair && !self.removed.contains(entry);
        self.added
            .iter()
            .filter(of)
            .map(|(entry, _)| *entry)
            .collect()
    }

    /// Everybody who is one person with `member`, in the order of names.
    pub fn cluster(&self, member: EntryRef) -> Vec<EntryRef> {
        cluster(member, &self.live())
    }
}

/// The connected component of a document among edges, at most [`CLUSTER_MAX`] members.
pub fn cluster(member: EntryRef, edges: &BTreeSet<Pair>) -> Vec<EntryRef> {
    let mut members = BTreeSet::from([member]);
    let mut grows = true;
    while grows && members.len() < CLUSTER_MAX {
        let before = members.len();
        for [one, other] in edges {
            if members.len() < CLUSTER_MAX && members.contains(one) != members.contains(other) {
                members.insert(*one);
                members.insert(*other);
            }
        }
        grows = members.len() > before;
    }
    members.into_iter().collect()
}

/// One person as all captures together tell it.
#[derive(Clone, PartialEq, Eq)]
pub struct Whole {
    /// The member whose number stands for the person.
    pub canonical: EntryRef,
    /// All members.
    pub members: Vec<EntryRef>,
    /// The values of each field: one, or several that must be shown side by side. The canonical
    /// member's comes first.
    pub values: BTreeMap<Field, Vec<String>>,
    /// Fields of which a member itself holds several values, because two sides edited it.
    pub edited_apart: BTreeSet<Field>,
}

impl core::fmt::Debug for Whole {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "Whole({:?}, {} members)",
            self.canonical,
            self.members.len()
        )
    }
}

/// One document of a person: every field with all its values, the winner first.
#[derive(Clone, PartialEq, Eq)]
pub struct Capture {
    /// The document.
    pub document: EntryRef,
    /// Its values: several where two sides edited a field apart.
    pub values: BTreeMap<Field, Vec<String>>,
}

impl Capture {
    fn number(&self) -> &str {
        let number = self.values.get(&Field::Number).and_then(|all| all.first());
        number.map(String::as_str).unwrap_or_default()
    }
}

impl core::fmt::Debug for Capture {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Capture({:?})", self.document)
    }
}

impl Whole {
    /// Reads a cluster; `None` when no member is here.
    pub fn new(captures: &[Capture]) -> Option<Self> {
        let mut captures: Vec<&Capture> = captures.iter().collect();
        captures.sort_by_key(|one| (seniority(one.number()), one.document));
        captures.dedup_by_key(|one| one.document);
        let canonical = captures.first()?.document;
        let mut values: BTreeMap<Field, Vec<String>> = BTreeMap::new();
        let mut edited_apart = BTreeSet::new();
        for (field, own) in captures.iter().flat_map(|one| &one.values) {
            if own.len() > 1 {
                edited_apart.insert(*field);
            }
            let all = values.entry(*field).or_default();
            for value in own {
                if !all.contains(value) {
                    all.push(value.clone());
                }
            }
        }
        let mut members: Vec<EntryRef> = captures.iter().map(|one| one.document).collect();
        members.sort_unstable();
        Some(Self {
            canonical,
            members,
            values,
            edited_apart,
        })
    }

    /// The number that stands for the person.
    pub fn number(&self) -> Option<&str> {
        let numbers = self.values.get(&Field::Number)?;
        numbers.first().map(String::as_str)
    }
}

/// Order of numbers: permanent ones before longer provisional ones, then by value; none comes last.
fn seniority(number: &str) -> (bool, usize, String) {
    (number.is_empty(), number.len(), number.to_owned())
}

#[cfg(test)]
mod tests;
