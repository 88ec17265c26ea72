//! Households: who lives with whom in a programme, and who therefore gets a thing only once.
//!
//! A household has no document and no field of its own: it is the set of its memberships. Each is a
//! fact about one person, sealed and erased with her, so nothing of a household outlives its people.
//! The household is named by the entry that founded it. Memberships are an observed-remove set: an
//! end names the memberships that it has seen, so every order of arrival gives the same households.
//! People captured twice and households captured twice are joined by edges ([`crate::identity`]).
//! Rule M3 is [`decide`]; money is moved elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sync_core::{EntryRef, NodeId};

/// Most persons and households that are one for an entitlement; a larger one is a wrong edge, and
/// waits for an officer.
pub const UNIT_MAX: usize = 200;
/// Most memberships that one move ends; a person has one at a time, so more are a mistake.
pub const LEFT_MAX: usize = 8;

/// What a person is in a household.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum HouseholdRole {
    /// Speaks for it.
    Head,
    /// Husband or wife of the head.
    Spouse,
    /// A child.
    Child,
    /// Anybody else.
    Other,
}

impl HouseholdRole {
    /// All roles; the place is their number in the store.
    pub const ALL: [Self; 4] = [Self::Head, Self::Spouse, Self::Child, Self::Other];

    /// The word for it in definitions.
    pub fn word(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Spouse => "spouse",
            Self::Child => "child",
            Self::Other => "other",
        }
    }

    /// Reads [`Self::word`] back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }

    /// Key of its name on screens.
    pub fn key(self) -> &'static str {
        match self {
            Self::Head => "household-head",
            Self::Spouse => "household-spouse",
            Self::Child => "household-child",
            Self::Other => "household-other",
        }
    }
}

/// A person joins a household; the person is named by the entry's head.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Joining {
    /// Programme code.
    pub programme: String,
    /// Which household; `None` = a new one, named by this entry.
    pub household: Option<EntryRef>,
    /// What she is in it.
    pub role: HouseholdRole,
    /// Her memberships that end with it, at most [`LEFT_MAX`].
    pub leaves: Vec<EntryRef>,
}

/// A membership as the views hold it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Membership {
    /// The entry that began it.
    pub id: EntryRef,
    /// The household.
    pub household: EntryRef,
    /// The person's document.
    pub person: EntryRef,
    /// What she is in it.
    pub role: HouseholdRole,
    /// Since when, by the entry's clock.
    pub since: Timestamp,
}

/// What an officer must settle about households of one programme.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Doubt {
    /// A person lives in several: two sides moved her apart.
    SeveralHouseholds {
        /// Her document.
        person: EntryRef,
        /// The households.
        households: Vec<EntryRef>,
    },
    /// A household has several heads.
    SeveralHeads {
        /// The household.
        household: EntryRef,
        /// Their documents.
        heads: Vec<EntryRef>,
    },
}

/// The doubts among memberships of one programme that have not ended.
pub fn doubts(open: &[Membership]) -> Vec<Doubt> {
    let mut homes: BTreeMap<EntryRef, BTreeSet<EntryRef>> = BTreeMap::new();
    let mut heads: BTreeMap<EntryRef, BTreeSet<EntryRef>> = BTreeMap::new();
    for one in open {
        homes.entry(one.person).or_default().insert(one.household);
        if one.role == HouseholdRole::Head {
            heads.entry(one.household).or_default().insert(one.person);
        }
    }
    let several = homes.into_iter().filter(|(_, all)| all.len() > 1);
    let several = several.map(|(person, all)| Doubt::SeveralHouseholds {
        person,
        households: all.into_iter().collect(),
    });
    let headed = heads.into_iter().filter(|(_, all)| all.len() > 1);
    let headed = headed.map(|(household, all)| Doubt::SeveralHeads {
        household,
        heads: all.into_iter().collect(),
    });
    several.chain(headed).collect()
}

/// A person or a household, as a point between edges and memberships.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Vertex {
    /// A document.
    Person(EntryRef),
    /// The entry that founded it.
    Household(EntryRef),
}

/// Everybody who counts as one for an entitlement.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Unit {
    /// Their documents, in the order of names.
    pub persons: Vec<EntryRef>,
    /// Whether more than [`UNIT_MAX`] hang together.
    pub is_cut: bool,
}

impl Unit {
    /// Everybody who hangs together with `start`; `next` gives the neighbours of a point.
    ///
    /// # Errors
    /// Those of `next`.
    pub fn around<E>(
        start: Vertex,
        mut next: impl FnMut(Vertex) -> Result<Vec<Vertex>, E>,
    ) -> Result<Self, E> {
        let mut seen = BTreeSet::from([start]);
        let mut open = vec![start];
        let mut is_cut = false;
        while let Some(vertex) = open.pop() {
            for other in next(vertex)? {
                if seen.contains(&other) {
                    continue;
                }
                if seen.len() >= UNIT_MAX {
                    is_cut = true;
                    continue;
                }
                seen.insert(other);
                open.push(other);
            }
        }
        let persons = seen.into_iter().filter_map(|vertex| match vertex {
            Vertex::Person(person) => Some(person),
            Vertex::Household(_) => None,
        });
        Ok(Self {
            persons: persons.collect(),
            is_cut,
        })
    }
}

/// How often a thing is given.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cycle {
    /// Once in a calendar month.
    Month,
    /// Once in a calendar year.
    Year,
    /// Once.
    Ever,
}

impl Cycle {
    /// Whether two days lie in one cycle.
    pub fn holds(self, one: Date, other: Date) -> bool {
        match self {
            Self::Month => (one.year(), one.month()) == (other.year(), other.month()),
            Self::Year => one.year() == other.year(),
            Self::Ever => true,
        }
    }
}

/// Where it is decided who gets a thing. For each unit that is exactly one place, so that two places
/// out of touch cannot both give it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decides {
    /// Only at the hub.
    #[default]
    Hub,
    /// At the node that registered every person of the unit; otherwise at the hub.
    WhereRegistered,
}

/// The place that would give.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// Its origin number.
    pub node: NodeId,
    /// Whether it is the hub.
    pub is_hub: bool,
}

/// Why a thing is not given here and now.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum NotGiven {
    /// The unit has had it in this cycle.
    Given,
    /// The hub decides about this unit.
    AskHub,
    /// A node decides about this unit.
    AskNode,
    /// Too many hang together.
    TooMany,
}

/// Whether `place` may give a thing to a unit today, which has had it on `given` days (M3).
///
/// # Errors
/// Why it may not.
pub fn decide(
    unit: &Unit,
    place: Place,
    (decides, cycle): (Decides, Cycle),
    today: Date,
    given: &[Date],
) -> Result<(), NotGiven> {
    if given.iter().any(|day| cycle.holds(*day, today)) {
        return Err(NotGiven::Given);
    }
    if unit.is_cut {
        return Err(NotGiven::TooMany);
    }
    let mut origins = unit.persons.iter().map(|person| person.origin);
    let first = origins.next();
    let one = first.filter(|first| origins.all(|origin| origin == *first));
    let here = one == Some(place.node);
    match (decides, place.is_hub) {
        // What one node registered alone is that node's to give.
        (Decides::WhereRegistered, true) if one.is_some() && !here => Err(NotGiven::AskNode),
        (Decides::WhereRegistered, false) if here => Ok(()),
        (_, false) => Err(NotGiven::AskHub),
        (_, true) => Ok(()),
    }
}

#[cfg(test)]
mod tests;
