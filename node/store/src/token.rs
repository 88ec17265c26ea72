//! Keyed tokens: how rows are found by a value that is nowhere stored.
//!
//! A token is HMAC-SHA-256 over field and value under the node's index key, cut to 128 bits for
//! exact look-ups and on purpose to 16 bits for candidates. Tokens never leave this store.

use node_core::view::{Token, TokenKind};
use rusqlite::params;

use crate::hub_store::StoreError;
use crate::name::cut;
use crate::tx::Tx;

/// Most rows that a token may find; more are cut off, and the rules ask for a narrower question.
pub(crate) const CANDIDATES_MAX: i64 = 2_000;

/// What a token row leads to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum About {
    Person,
    Registration,
    Alias,
    Staff,
    /// Registration by one of its two persons.
    Participant,
}

impl About {
    fn number(self) -> i64 {
        match self {
            Self::Person => 0,
            Self::Registration => 1,
            Self::Alias => 2,
            Self::Staff => 3,
            Self::Participant => 4,
        }
    }
}

/// A token as its columns hold it.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct StoredToken {
    pub(crate) kind: u8,
    pub(crate) value: Vec<u8>,
}

const INSERT: &str = "INSERT OR IGNORE INTO token (kind, value, about, target)
    VALUES (?1, ?2, ?3, ?4)";
const DELETE: &str =
    "DELETE FROM token WHERE kind = ?1 AND value = ?2 AND about = ?3 AND target = ?4";
const FIND: &str = "SELECT target FROM token WHERE kind = ?1 AND value = ?2 AND about = ?3
    ORDER BY target LIMIT ?4";

impl Tx<'_> {
    /// The column form of a token of the rules.
    pub(crate) fn stored_token(&self, token: &Token) -> StoredToken {
        let (kind, field, bits) = describe(token.kind);
        let full = self.vault.token(field, &[token.value.as_bytes()]);
        let value = if bits == 16 {
            cut::<2>(&full).to_vec()
        } else {
            cut::<16>(&full).to_vec()
        };
        StoredToken { kind, value }
    }

    /// A 128-bit token of one of our own fields.
    pub(crate) fn exact_token(&self, field: &str, values: &[&[u8]]) -> [u8; 16] {
        cut(&self.vault.token(field, values))
    }

    /// The token row of a staff number.
    pub(crate) fn staff_token(&self, phone: &str) -> StoredToken {
        let value = self
            .exact_token("staff-phone", &[phone.as_bytes()])
            .to_vec();
        StoredToken { kind: 100, value }
    }

    /// The token row of a person in a registration; the name of an entry is not personal.
    pub(crate) fn participant_token(name: &[u8]) -> StoredToken {
        StoredToken {
            kind: 101,
            value: name.to_vec(),
        }
    }

    /// Adds a way to find `target`.
    pub(crate) fn put_token(
        &self,
        token: &StoredToken,
        about: About,
        target: i64,
    ) -> Result<(), StoreError> {
        self.db.prepare_cached(INSERT)?.execute(params![
            token.kind,
            token.value,
            about.number(),
            target
        ])?;
        Ok(())
    }

    /// Takes a way to find `target` away.
    pub(crate) fn drop_token(
        &self,
        token: &StoredToken,
        about: About,
        target: i64,
    ) -> Result<(), StoreError> {
        self.db.prepare_cached(DELETE)?.execute(params![
            token.kind,
            token.value,
            about.number(),
            target
        ])?;
        Ok(())
    }

    /// What a token leads to, in order of arrival.
    pub(crate) fn find_token(
        &self,
        token: &StoredToken,
        about: About,
    ) -> Result<Vec<i64>, StoreError> {
        Ok(self
            .db
            .prepare_cached(FIND)?
            .query_map(
                params![token.kind, token.value, about.number(), CANDIDATES_MAX],
                |row| row.get(0),
            )?
            .collect::<Result<_, _>>()?)
    }
}

fn describe(kind: TokenKind) -> (u8, &'static str, u8) {
    match kind {
        TokenKind::Phone => (0, "phone", 128),
        TokenKind::Number => (1, "number", 128),
        TokenKind::NationalId => (2, "national-id", 128),
        TokenKind::Repeat => (3, "repeat", 128),
        TokenKind::NameYear => (4, "name-year", 16),
        TokenKind::VillageYear => (5, "village-year", 16),
        TokenKind::NamePair => (6, "name-pair", 16),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::tests::check_index;

    #[test]
    fn look_ups_use_an_index() {
        check_index(FIND);
        check_index(DELETE);
    }
}
