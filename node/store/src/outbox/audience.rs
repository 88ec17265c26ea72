//! The people of an audience, found by keyed views, a page at a time.
//!
//! A programme is found by the registrations' column, a village by a token, staff by their list. Only
//! language and what is left are read in the opened person, of whom the number is needed anyway.

use node_core::message::audience::{AUDIENCE_PAGE_MAX, Audience};
use node_core::message::order::{OrderRefusal, Ordered};
use node_core::person::Field;
use node_core::view::PersonRow;
use rusqlite::{Params, params};
use sync_core::EntryRef;

use crate::hub_store::StoreError;
use crate::name::parse_name;
use crate::token::StoredToken;
use crate::tx::Tx;

const BY_PROGRAMME: &str = "SELECT entry, mother FROM registration
    WHERE programme = ?1 AND entry > ?2 ORDER BY entry LIMIT ?3";
const BY_VILLAGE: &str = "SELECT target FROM token
    WHERE kind = ?1 AND value = ?2 AND about = 0 AND target > ?3 ORDER BY target LIMIT ?4";
pub(super) const EVERYBODY: &str =
    "SELECT entry FROM person WHERE entry > ?1 ORDER BY entry LIMIT ?2";
const IN_PROGRAMME: &str = "SELECT count(*) FROM registration WHERE entry IN
    (SELECT target FROM token WHERE kind = 101 AND value = ?1 AND about = 4) AND programme = ?2";

/// A page: where each row stands, and whom it leads to.
type Page = Vec<(i64, EntryRef)>;

impl Tx<'_> {
    /// Adds the next people of an audience to a draft.
    pub(crate) fn add_audience(
        &self,
        broadcast: u32,
        audience: &Audience,
        after: u64,
    ) -> Result<Result<Ordered, OrderRefusal>, StoreError> {
        if audience.role.is_some() {
            let numbers = self.staff_numbers(audience)?;
            let added = self.add_recipients(broadcast, &numbers)?;
            return Ok(added.map(|added| Ordered::Page { added, next: None }));
        }
        let page = self.audience_page(audience, after.cast_signed())?;
        let is_full = u32::try_from(page.len()).unwrap_or(u32::MAX) >= AUDIENCE_PAGE_MAX;
        let next = page.last().map(|(place, _)| place.cast_unsigned());
        let next = next.filter(|_| is_full);
        let mut people = Vec::new();
        for (_, person) in page {
            let Some(row) = self.person(&person)? else {
                continue;
            };
            if audience.holds(person.scope, &row.fields) && self.is_in_programme(audience, &row)? {
                people.push(person);
            }
        }
        let numbers = self.bound_numbers(&people)?;
        let added = self.add_recipients(broadcast, &numbers)?;
        Ok(added.map(|added| Ordered::Page { added, next }))
    }

    /// The next rows by the narrowest view that the audience names.
    fn audience_page(&self, audience: &Audience, after: i64) -> Result<Page, StoreError> {
        if let Some(village) = &audience.village {
            let StoredToken { kind, value } = self.village_token(village);
            let found = params![kind, value, after, AUDIENCE_PAGE_MAX];
            return self.page_of_people(BY_VILLAGE, found);
        }
        let Some(programme) = &audience.programme else {
            return self.page_of_people(EVERYBODY, params![after, AUDIENCE_PAGE_MAX]);
        };
        let mut statement = self.db.prepare_cached(BY_PROGRAMME)?;
        let mut rows = statement.query(params![programme, after, AUDIENCE_PAGE_MAX])?;
        let mut page = Vec::new();
        while let Some(row) = rows.next()? {
            page.push((row.get(0)?, parse_name(&row.get::<_, Vec<u8>>(1)?)?));
        }
        Ok(page)
    }

    pub(super) fn page_of_people(&self, sql: &str, found: impl Params) -> Result<Page, StoreError> {
        let entries: Vec<i64> = self
            .db
            .prepare_cached(sql)?
            .query_map(found, |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let named = entries.into_iter();
        named
            .map(|entry| Ok((entry, self.entry_name(entry)?)))
            .collect()
    }

    /// Whether a person stands in the programme; asked only where the village led to her.
    fn is_in_programme(&self, audience: &Audience, row: &PersonRow) -> Result<bool, StoreError> {
        let (Some(programme), true) = (&audience.programme, audience.village.is_some()) else {
            return Ok(true);
        };
        let name = crate::name::name_bytes(&row.document);
        let count: i64 = self
            .db
            .prepare_cached(IN_PROGRAMME)?
            .query_row(params![name, programme], |row| row.get(0))?;
        Ok(count > 0)
    }

    fn staff_numbers(&self, audience: &Audience) -> Result<Vec<String>, StoreError> {
        let mut numbers = Vec::new();
        for area in &self.identity.areas {
            for grant in self.staff_of(*area)? {
                let live =
                    grant.is_live(self.now.at) && !self.is_staff_ended(grant.scope, grant.index)?;
                if live && audience.holds_staff(&grant) {
                    numbers.push(grant.phone);
                }
            }
        }
        Ok(numbers)
    }

    /// Numbers of people that answered for them.
    pub(crate) fn bound_numbers(&self, people: &[EntryRef]) -> Result<Vec<String>, StoreError> {
        let mut numbers = Vec::new();
        for person in people {
            let Some(row) = self.person(person)? else {
                continue;
            };
            let Some(number) = row.fields.get(Field::Phone) else {
                continue;
            };
            if self.phone(number)?.persons.contains(&(*person, true)) {
                numbers.push(number.to_owned());
            }
        }
        Ok(numbers)
    }

    /// How people of a village are found.
    pub(crate) fn village_token(&self, village: &str) -> StoredToken {
        let value = self
            .exact_token("audience-village", &[village.as_bytes()])
            .to_vec();
        StoredToken { kind: 102, value }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::tests::check_index;

    #[test]
    fn audiences_are_found_by_an_index() {
        for sql in [BY_PROGRAMME, BY_VILLAGE, IN_PROGRAMME] {
            check_index(sql);
        }
    }
}
