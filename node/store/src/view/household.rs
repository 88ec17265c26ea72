//! Memberships of households, and everybody who counts as one with a person.

use jiff::Timestamp;
use node_core::event::EventRow;
use node_core::household::{self, Doubt, HouseholdRole, Membership, Unit, Vertex};
use node_core::query::NumberedDoubt;
use rusqlite::{Params, params};
use sync_core::EntryRef;
use sync_core::journal::doc_id;

use crate::hub_store::StoreError;
use crate::name::{name_bytes, parse_name};
use crate::tx::Tx;

/// Most memberships that one question finds; a larger household is a mistake, and is cut.
const FOUND_MAX: u32 = 400;

macro_rules! open {
    ($tail:literal) => {
        concat!(
            "SELECT name, household, person, role, since FROM household_member
             WHERE NOT EXISTS (SELECT 1 FROM household_end WHERE household_end.name =
                household_member.name) AND kind = ?1 ",
            $tail
        )
    };
}
const OF_PERSON: &str = open!("AND person = ?2 ORDER BY since, entry LIMIT ?3");
const OF_HOUSEHOLD: &str = open!("AND household = ?2 ORDER BY since, entry LIMIT ?3");
const ALL: &str = open!("ORDER BY since, entry");
const INSERT: &str = "INSERT OR IGNORE INTO household_member
    (entry, name, household, person, kind, role, since) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
const END: &str = "INSERT OR IGNORE INTO household_end (name) VALUES (?1)";
const IS_MEMBER: &str = "SELECT 1 FROM household_member WHERE person = ?1 LIMIT 1";
const DROP: &str = "DELETE FROM household_member WHERE person = ?1";

fn role_number(role: HouseholdRole) -> i64 {
    let place = HouseholdRole::ALL.iter().position(|one| *one == role);
    place
        .and_then(|place| i64::try_from(place).ok())
        .unwrap_or(0)
}

fn role(number: i64) -> Result<HouseholdRole, StoreError> {
    let role = usize::try_from(number).ok();
    let role = role.and_then(|place| HouseholdRole::ALL.get(place).copied());
    role.ok_or_else(|| StoreError::Failed("a membership has an unknown role".to_owned()))
}

impl Tx<'_> {
    fn memberships(&self, sql: &str, values: impl Params) -> Result<Vec<Membership>, StoreError> {
        let mut statement = self.db.prepare_cached(sql)?;
        let mut found = statement.query(values)?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            let name = |at: usize| parse_name(&row.get::<_, Vec<u8>>(at)?);
            let since = Timestamp::from_millisecond(row.get(4)?)
                .map_err(|_range| StoreError::Failed("a moment is out of range".to_owned()))?;
            rows.push(Membership {
                id: name(0)?,
                household: name(1)?,
                person: name(2)?,
                role: role(row.get(3)?)?,
                since,
            });
        }
        Ok(rows)
    }

    fn household_kind(&self, programme: &str) -> [u8; 16] {
        self.exact_token("household", &[programme.as_bytes()])
    }

    /// Memberships of a person in a programme that have not ended, the oldest first.
    pub(crate) fn memberships_of(
        &self,
        person: &EntryRef,
        programme: &str,
    ) -> Result<Vec<Membership>, StoreError> {
        let kind = self.household_kind(programme);
        self.memberships(OF_PERSON, params![kind, name_bytes(person), FOUND_MAX])
    }

    /// Memberships of a household in a programme that have not ended, the oldest first.
    pub(crate) fn members_of(
        &self,
        household: &EntryRef,
        programme: &str,
    ) -> Result<Vec<Membership>, StoreError> {
        let kind = self.household_kind(programme);
        self.memberships(
            OF_HOUSEHOLD,
            params![kind, name_bytes(household), FOUND_MAX],
        )
    }

    /// What an officer must settle in a programme, with the registration numbers that name it.
    pub(crate) fn household_doubts(
        &self,
        programme: &str,
    ) -> Result<Vec<NumberedDoubt>, StoreError> {
        let open = self.memberships(ALL, [self.household_kind(programme)])?;
        let mut named = Vec::new();
        for doubt in household::doubts(&open) {
            let persons: Vec<EntryRef> = match &doubt {
                Doubt::SeveralHeads { heads, .. } => heads.clone(),
                Doubt::SeveralHouseholds { person, households } => {
                    let other = |home: &EntryRef| {
                        let mut others = open.iter().filter(|one| one.household == *home);
                        others.find(|one| one.person != *person)
                    };
                    let others = households.iter().filter_map(other);
                    std::iter::once(*person)
                        .chain(others.map(|one| one.person))
                        .collect()
                }
            };
            let numbers = persons.iter().map(|person| self.number_of(person));
            named.push((doubt, numbers.collect::<Result<_, _>>()?));
        }
        Ok(named)
    }

    /// Inserts a membership; a known one stays as it is.
    pub(crate) fn put_membership(
        &self,
        programme: &str,
        row: &Membership,
    ) -> Result<(), StoreError> {
        if self.is_erased(doc_id(self.identity.hub, &row.person))? {
            return Ok(());
        }
        self.db.prepare_cached(INSERT)?.execute(params![
            self.known_entry(&row.id)?,
            name_bytes(&row.id),
            name_bytes(&row.household),
            name_bytes(&row.person),
            self.household_kind(programme),
            role_number(row.role),
            row.since.as_millisecond(),
        ])?;
        self.weigh(&row.person)
    }

    /// Whether a person ever was a member of a household.
    pub(crate) fn is_member(&self, person: &EntryRef) -> Result<bool, StoreError> {
        Ok(self
            .db
            .prepare_cached(IS_MEMBER)?
            .exists([name_bytes(person)])?)
    }

    /// Ends memberships, whether they have arrived or not.
    pub(crate) fn end_memberships(&self, memberships: &[EntryRef]) -> Result<(), StoreError> {
        for one in memberships {
            self.db.prepare_cached(END)?.execute([name_bytes(one)])?;
        }
        Ok(())
    }

    /// Forgets where an erased person lived.
    pub(crate) fn drop_memberships(&self, person: &EntryRef) -> Result<(), StoreError> {
        self.db
            .prepare_cached(DROP)?
            .execute([name_bytes(person)])?;
        Ok(())
    }

    /// Everybody who counts as one with a person; in a programme with her household.
    pub(crate) fn unit(
        &self,
        person: &EntryRef,
        programme: Option<&str>,
    ) -> Result<Unit, StoreError> {
        Unit::around(Vertex::Person(*person), |vertex| {
            let (name, mut next) = match (vertex, programme) {
                (Vertex::Person(person), Some(programme)) => {
                    let homes = self.memberships_of(&person, programme)?.into_iter();
                    (
                        person,
                        homes.map(|one| Vertex::Household(one.household)).collect(),
                    )
                }
                (Vertex::Household(household), Some(programme)) => {
                    let members = self.members_of(&household, programme)?.into_iter();
                    (
                        household,
                        members.map(|one| Vertex::Person(one.person)).collect(),
                    )
                }
                (Vertex::Person(name) | Vertex::Household(name), None) => (name, Vec::new()),
            };
            let ends = self.edges(&name)?.into_iter().flat_map(|(_, pair)| pair);
            next.extend(ends.map(|end| match vertex {
                Vertex::Person(_) => Vertex::Person(end),
                Vertex::Household(_) => Vertex::Household(end),
            }));
            Ok(next)
        })
    }

    /// Events of one code about a unit's persons, and those that answer an event about them.
    pub(crate) fn unit_events(
        &self,
        unit: &Unit,
        (programme, code): (&str, &str),
    ) -> Result<Vec<EventRow>, StoreError> {
        let is_it = |row: &EventRow| row.event.programme == programme && row.event.code == code;
        let mut rows = Vec::new();
        for person in &unit.persons {
            for row in self.events_by_subject(person)? {
                let answers = self.events_referring(&row.id)?.into_iter();
                rows.extend(answers.filter(is_it));
                rows.extend(Some(row).filter(is_it));
            }
        }
        rows.sort_by_key(|row| row.id);
        rows.dedup_by_key(|row| row.id);
        Ok(rows)
    }
}
