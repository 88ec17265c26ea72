//! Reviews: pairs of registrations about which a person must decide.

use node_core::view::ReviewRow;
use rusqlite::{Params, params};
use sync_core::{EntryRef, Scope};

use crate::hub_store::StoreError;
use crate::name::{name_bytes, parse_name, row_name};
use crate::seal::{Owner, Row};
use crate::tx::Tx;

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT review.review, review.registration, other, answer, decided, review.owner,
             review.sealed FROM review ",
            $tail
        )
    };
}

const BY_NUMBER: &str = select!("WHERE review.review = ?1");
const NEWEST: &str = select!("ORDER BY 1 DESC LIMIT ?1");
const BY_OTHER: &str = select!("WHERE other = ?1 ORDER BY 1");
const OPEN: &str = select!(
    "JOIN registration ON registration.entry = review.entry
     WHERE decided = 0 AND answer IS NULL AND scope = ?1 AND author = ?2 ORDER BY 1"
);
const WRITE: &str = "INSERT INTO review
    (review, registration, other, entry, answer, decided, owner, sealed)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
    ON CONFLICT (review) DO UPDATE SET registration = excluded.registration,
    other = excluded.other, entry = excluded.entry, answer = excluded.answer,
    decided = excluded.decided, owner = excluded.owner, sealed = excluded.sealed";
const LAST: &str = "SELECT coalesce(max(review), 0) FROM review";
const COUNT_OPEN: &str = "SELECT count(*) FROM review WHERE decided = 0";

fn sealed_row(name: &[u8]) -> Row<'_> {
    Row {
        table: "review",
        name,
    }
}

impl Tx<'_> {
    fn reviews(&self, sql: &str, parameters: impl Params) -> Result<Vec<ReviewRow>, StoreError> {
        let mut statement = self.db.prepare_cached(sql)?;
        let mut found = statement.query(parameters)?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            let review: u32 = row.get(0)?;
            let sealed: Vec<u8> = row.get(6)?;
            let name = row_name(i64::from(review));
            rows.push(ReviewRow {
                review,
                registration: parse_name(&row.get::<_, Vec<u8>>(1)?)?,
                other: parse_name(&row.get::<_, Vec<u8>>(2)?)?,
                other_hint: self.open_owned(row.get(5)?, sealed_row(&name), &sealed)?,
                answer: row.get(3)?,
                decided: row.get(4)?,
            });
        }
        Ok(rows)
    }

    /// A review by its short number.
    pub(crate) fn review(&self, number: u32) -> Result<Vec<ReviewRow>, StoreError> {
        self.reviews(BY_NUMBER, [number])
    }

    /// The newest reviews.
    pub(crate) fn newest_reviews(&self, limit: u32) -> Result<Vec<ReviewRow>, StoreError> {
        self.reviews(NEWEST, [limit])
    }

    /// Reviews in which a registration is the earlier one.
    pub(crate) fn reviews_by_other(&self, other: &EntryRef) -> Result<Vec<ReviewRow>, StoreError> {
        self.reviews(BY_OTHER, [name_bytes(other)])
    }

    /// Reviews that wait for the answer of a worker.
    pub(crate) fn open_reviews(
        &self,
        scope: Scope,
        author: u32,
    ) -> Result<Vec<ReviewRow>, StoreError> {
        self.reviews(OPEN, params![scope.0, author])
    }

    /// The number of the next review.
    pub(crate) fn next_review(&self) -> Result<u64, StoreError> {
        let last: i64 = self
            .db
            .prepare_cached(LAST)?
            .query_row([], |row| row.get(0))?;
        // Reviews of registrations and pairs of people share their numbers.
        let last = last.max(self.last_match()?);
        Ok(last.cast_unsigned().saturating_add(1))
    }

    /// How many reviews nobody decided.
    pub(crate) fn count_open_reviews(&self) -> Result<u64, StoreError> {
        let count: i64 = self
            .db
            .prepare_cached(COUNT_OPEN)?
            .query_row([], |row| row.get(0))?;
        Ok(count.cast_unsigned())
    }

    /// Inserts or replaces a review; the hint is sealed with the earlier registration.
    pub(crate) fn put_review(&self, row: &ReviewRow) -> Result<(), StoreError> {
        let key = match self.registration_key(&row.other)? {
            Some((_, key)) => key,
            None => self.data_key(Owner::Site)?,
        };
        let name = row_name(i64::from(row.review));
        let sealed = key.seal_value(sealed_row(&name), &row.other_hint)?;
        let entry = self.entry_id(&row.registration)?;
        self.db.prepare_cached(WRITE)?.execute(params![
            row.review,
            name_bytes(&row.registration),
            name_bytes(&row.other),
            entry,
            row.answer,
            row.decided,
            key.id,
            sealed
        ])?;
        if let Some(entry) = entry {
            self.set_review(entry, row.review)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::tests::check_index;

    #[test]
    fn questions_use_an_index() {
        for sql in [BY_NUMBER, BY_OTHER, OPEN] {
            check_index(sql);
        }
    }
}
