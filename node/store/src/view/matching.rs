//! Pairs of people who may be one, edges between people who are, and who was called distinct.

use std::collections::BTreeSet;

use jiff::Timestamp;
use node_core::duplicate::CANDIDATES_MAX;
use node_core::duplicate::find::{FOUND_MAX, Question};
use node_core::duplicate::weight::Band;
use node_core::identity::{CLUSTER_MAX, Edge, Pair};
use node_core::matching::near::{Close, Sought};
use node_core::matching::{MatchRow, Reason, Stand, Word, Worker};
use node_core::view::{PersonRow, Token, TokenKind};
use rusqlite::{Params, Row as SqlRow, params};
use serde::{Deserialize, Serialize};
use sync_core::journal::doc_id;
use sync_core::{EntryRef, Scope};

use crate::hub_store::StoreError;
use crate::name::{name_bytes, parse_name, row_name};
use crate::seal::{Owner, Row};
use crate::token::About;
use crate::tx::Tx;

#[derive(Serialize, Deserialize)]
struct SealedMatch {
    band: Band,
    reasons: Vec<Reason>,
    hints: [String; 2],
    workers: [Worker; 2],
    words: Vec<(Worker, Word)>,
    since: Timestamp,
}

const ADD: &str = "INSERT INTO edge (addition, one, other, removed) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (addition) DO UPDATE SET removed = max(removed, excluded.removed)";
const EDGES: &str = "SELECT addition, one, other FROM edge WHERE one = ?1 AND removed = 0
    UNION ALL SELECT addition, one, other FROM edge WHERE other = ?1 AND removed = 0";
const DISTINCT: &str = "INSERT OR IGNORE INTO distinct_pair (one, other) VALUES (?1, ?2)";
const IS_DISTINCT: &str = "SELECT count(*) FROM distinct_pair WHERE one = ?1 AND other = ?2";
const WRITE: &str = "INSERT INTO match (number, one, other, decided, owner, sealed)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (number) DO UPDATE SET
    decided = excluded.decided, owner = excluded.owner, sealed = excluded.sealed";

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT number, one, other, decided, owner, sealed FROM match ",
            $tail
        )
    };
}
const BY_NUMBER: &str = select!("WHERE number = ?1");
const OF_PERSON: &str = select!(
    "WHERE number IN (SELECT number FROM match WHERE one = ?1 UNION
             SELECT number FROM match WHERE other = ?1)"
);
const OPEN: &str = select!("WHERE decided IS NULL ORDER BY number");
const NEWEST: &str = select!("ORDER BY number DESC LIMIT ?1");
const LAST: &str = "SELECT coalesce(max(number), 0) FROM match";

const DROP: [&str; 3] = [
    "DELETE FROM match WHERE one = ?1 OR other = ?1",
    "DELETE FROM edge WHERE one = ?1 OR other = ?1",
    "DELETE FROM distinct_pair WHERE one = ?1 OR other = ?1",
];

type Columns = (u32, Vec<u8>, Vec<u8>, Option<bool>, i64, Vec<u8>);

fn columns(row: &SqlRow<'_>) -> rusqlite::Result<Columns> {
    Ok((
        row.get(0)?,
        row.get(1)?,
        row.get(2)?,
        row.get(3)?,
        row.get(4)?,
        row.get(5)?,
    ))
}

fn sealed_row(name: &[u8]) -> Row<'_> {
    Row {
        table: "match",
        name,
    }
}

impl Tx<'_> {
    /// Adds an edge, or the removal of one; whichever comes first, a removal stays.
    pub(crate) fn put_edge(
        &self,
        addition: &EntryRef,
        pair: Pair,
        removed: bool,
    ) -> Result<(), StoreError> {
        if self.is_pair_erased(pair)? {
            return Ok(());
        }
        let [one, other] = pair.map(|document| name_bytes(&document));
        let values = params![name_bytes(addition), one, other, removed];
        self.db.prepare_cached(ADD)?.execute(values)?;
        Ok(())
    }

    /// Whether one of two people was erased: nothing is kept of such a pair, whatever comes later.
    fn is_pair_erased(&self, pair: Pair) -> Result<bool, StoreError> {
        for document in pair {
            if self.is_erased(doc_id(self.identity.hub, &document))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Forgets every pair in which an erased person stands.
    pub(crate) fn drop_pairs(&self, person: &EntryRef) -> Result<(), StoreError> {
        let name = name_bytes(person);
        for sql in DROP {
            self.db.prepare_cached(sql)?.execute([&name])?;
        }
        Ok(())
    }

    /// Live edges that touch a document, with what added them.
    pub(crate) fn edges(&self, document: &EntryRef) -> Result<Vec<Edge>, StoreError> {
        let mut statement = self.db.prepare_cached(EDGES)?;
        let mut rows = statement.query([name_bytes(document)])?;
        let mut edges = Vec::new();
        while let Some(row) = rows.next()? {
            let name = |at: usize| parse_name(&row.get::<_, Vec<u8>>(at)?);
            edges.push((name(0)?, [name(1)?, name(2)?]));
        }
        edges.sort_unstable();
        Ok(edges)
    }

    /// Everybody who is one person with a document, itself included.
    pub(crate) fn members(&self, document: &EntryRef) -> Result<Vec<EntryRef>, StoreError> {
        let mut members = BTreeSet::from([*document]);
        let mut open = vec![*document];
        while let Some(next) = open.pop() {
            for (_, pair) in self.edges(&next)? {
                for member in pair {
                    if members.len() < CLUSTER_MAX && members.insert(member) {
                        open.push(member);
                    }
                }
            }
        }
        Ok(members.into_iter().collect())
    }

    /// Remembers that two documents are two people.
    pub(crate) fn put_distinct(&self, pair: Pair) -> Result<(), StoreError> {
        if self.is_pair_erased(pair)? {
            return Ok(());
        }
        let [one, other] = pair.map(|document| name_bytes(&document));
        self.db.prepare_cached(DISTINCT)?.execute([one, other])?;
        Ok(())
    }

    /// Whether two documents were called two people.
    pub(crate) fn is_distinct(&self, pair: Pair) -> Result<bool, StoreError> {
        let [one, other] = pair.map(|document| name_bytes(&document));
        let mut statement = self.db.prepare_cached(IS_DISTINCT)?;
        Ok(statement.query_row([one, other], |row| row.get::<_, i64>(0))? > 0)
    }

    /// Inserts or replaces a pair; sealed with the first of both.
    pub(crate) fn put_match(&self, row: &MatchRow) -> Result<(), StoreError> {
        if self.is_pair_erased(row.pair)? {
            return Ok(());
        }
        let [one, other] = row.pair;
        let key = self.data_key(Owner::Person(doc_id(self.identity.hub, &one)))?;
        let name = row_name(i64::from(row.number));
        let sealed = SealedMatch {
            band: row.band,
            reasons: row.reasons.clone(),
            hints: row.hints.clone(),
            workers: row.workers,
            words: row.words.clone(),
            since: row.since,
        };
        let sealed = key.seal_value(sealed_row(&name), &sealed)?;
        self.db.prepare_cached(WRITE)?.execute(params![
            row.number,
            name_bytes(&one),
            name_bytes(&other),
            row.decided,
            key.id,
            sealed
        ])?;
        Ok(())
    }

    fn matches(&self, sql: &str, parameters: impl Params) -> Result<Vec<MatchRow>, StoreError> {
        let mut statement = self.db.prepare_cached(sql)?;
        let found: Vec<Columns> = statement
            .query_map(parameters, columns)?
            .collect::<Result<_, _>>()?;
        let mut rows = Vec::new();
        for (number, one, other, decided, owner, sealed) in found {
            let name = row_name(i64::from(number));
            let opened: SealedMatch = self.open_owned(owner, sealed_row(&name), &sealed)?;
            rows.push(MatchRow {
                number,
                pair: [parse_name(&one)?, parse_name(&other)?],
                band: opened.band,
                reasons: opened.reasons,
                hints: opened.hints,
                workers: opened.workers,
                words: opened.words,
                since: opened.since,
                decided,
            });
        }
        Ok(rows)
    }

    /// A pair by its number.
    pub(crate) fn match_by_number(&self, number: u32) -> Result<Vec<MatchRow>, StoreError> {
        self.matches(BY_NUMBER, [number])
    }

    /// Pairs in which a document stands.
    pub(crate) fn matches_of(&self, document: &EntryRef) -> Result<Vec<MatchRow>, StoreError> {
        self.matches(OF_PERSON, [name_bytes(document)])
    }

    /// Pairs that wait for a worker.
    pub(crate) fn matches_waiting(
        &self,
        scope: Scope,
        author: u32,
    ) -> Result<Vec<MatchRow>, StoreError> {
        let mut rows = self.matches(OPEN, [])?;
        rows.retain(|row| row.waits_for((scope, author)));
        Ok(rows)
    }

    /// Pairs that wait for an officer at a moment, longest first.
    pub(crate) fn officer_pairs(
        &self,
        at: Timestamp,
        limit: u32,
    ) -> Result<Vec<MatchRow>, StoreError> {
        let mut rows = self.matches(OPEN, [])?;
        rows.retain(|row| row.stand(at) == Stand::Officer);
        rows.sort_by_key(|row| (row.since, row.number));
        rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(rows)
    }

    /// The newest pairs.
    pub(crate) fn newest_matches(&self, limit: u32) -> Result<Vec<MatchRow>, StoreError> {
        self.matches(NEWEST, [limit])
    }

    /// The largest number of a pair; 0 without any.
    pub(crate) fn last_match(&self) -> Result<i64, StoreError> {
        let mut statement = self.db.prepare_cached(LAST)?;
        Ok(statement.query_row([], |row| row.get(0))?)
    }

    /// Who of an area fits a question, the closest names first; `None` when it is too broad.
    pub(crate) fn fitting(
        &self,
        question: &Question,
        area: Scope,
    ) -> Result<Option<Vec<PersonRow>>, StoreError> {
        let matcher = &self.config.matcher;
        let Some(tokens) = question.tokens(&matcher.table) else {
            return Ok(None);
        };
        let (entries, false) = self.entries_by_tokens(&tokens)? else {
            return Ok(None);
        };
        let mut comparison = question.comparison(matcher);
        self.read_fields(entries, |entry, fields| comparison.add(entry, fields))?;
        let mut fitting = Vec::new();
        for (entry, level) in question.fitting(comparison) {
            let document = self.entry_name(entry)?;
            if document.scope.area() == area {
                fitting.push((level, document, entry));
            }
        }
        fitting.sort_unstable();
        let mut rows = Vec::new();
        for (_, _, entry) in fitting.into_iter().take(FOUND_MAX) {
            rows.extend(self.person_at(entry)?);
        }
        Ok(Some(rows))
    }

    /// Who of the people here come near to one. Of thousands only what is compared is read, and of
    /// the few that are near the rest.
    pub(crate) fn closest(&self, sought: &Sought) -> Result<Vec<Close>, StoreError> {
        let matcher = &self.config.matcher;
        let (mut entries, _) = self.entries_by_tokens(&sought.tokens(matcher))?;
        for own in &sought.own {
            if let Some(entry) = self.entry_id(own)? {
                entries.remove(&entry);
            }
        }
        let mut comparison = sought.comparison(matcher);
        self.read_fields(entries, |entry, fields| comparison.add(entry, fields))?;
        let mut near = Vec::new();
        for (entry, verdict) in Sought::near(comparison, matcher) {
            near.extend(self.person_at(entry)?.map(|row| (row, verdict)));
        }
        Ok(Sought::closest(near))
    }

    /// Arrival numbers of the persons under any of these tokens, and whether some were left out.
    fn entries_by_tokens(&self, tokens: &[Token]) -> Result<(BTreeSet<i64>, bool), StoreError> {
        let (mut entries, mut cut) = (BTreeSet::new(), false);
        for token in tokens {
            let stored = self.stored_token(token);
            let mut found = self.find_token(&stored, About::Person)?;
            if token.kind == TokenKind::Number {
                found.extend(self.aliased(&stored)?);
            }
            // The store cuts one token's rows at the same limit.
            cut |= found.len() >= CANDIDATES_MAX;
            for entry in found {
                if entries.len() < CANDIDATES_MAX {
                    entries.insert(entry);
                } else {
                    cut |= !entries.contains(&entry);
                }
            }
        }
        Ok((entries, cut))
    }
}

#[cfg(test)]
mod tests;
