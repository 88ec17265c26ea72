//! Persons: the current values of each person's document, and the other numbers that open it.

use std::collections::BTreeSet;

use node_core::identity::{Capture, Whole};
use node_core::person::{Field, PersonFields, StoredFields};
use node_core::view::{PersonRow, Token, TokenKind};
use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};
use sync_core::EntryRef;
use sync_core::journal::doc_id;
use zeroize::Zeroize;

use crate::hub_store::StoreError;
use crate::name::row_name;
use crate::seal::{Owner, Row};
use crate::token::{About, StoredToken};
use crate::tx::Tx;

#[derive(Serialize, Deserialize)]
struct SealedPerson {
    /// First, so that a comparison reads nothing else.
    fields: PersonFields,
    conflicts: Vec<Field>,
    tokens: Vec<StoredToken>,
}

const READ: &str = "SELECT owner, sealed FROM person WHERE entry = ?1";
const READ_WITH_KEY: &str = "SELECT data_key.id, data_key.kind, data_key.owner, data_key.wrapped,
    person.sealed FROM person JOIN data_key ON data_key.id = person.owner WHERE person.entry = ?1";
const WRITE: &str = "INSERT INTO person (entry, owner, sealed) VALUES (?1, ?2, ?3)
    ON CONFLICT (entry) DO UPDATE SET sealed = excluded.sealed";
const COUNT: &str = "SELECT count(*) FROM person";
const ALIAS: &str = "INSERT INTO alias (entry, owner, sealed) VALUES (?1, ?2, ?3)";

fn row(name: &[u8]) -> Row<'_> {
    Row {
        table: "person",
        name,
    }
}

impl Tx<'_> {
    fn sealed_person(&self, entry: i64) -> Result<Option<SealedPerson>, StoreError> {
        let found: Option<(i64, Vec<u8>)> = self
            .db
            .prepare_cached(READ)?
            .query_row([entry], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((owner, sealed)) = found else {
            return Ok(None);
        };
        self.open_owned(owner, row(&row_name(entry)), &sealed)
            .map(Some)
    }

    /// A person by the entry that created the document.
    pub(crate) fn person(&self, document: &EntryRef) -> Result<Option<PersonRow>, StoreError> {
        let Some(entry) = self.entry_id(document)? else {
            return Ok(None);
        };
        Ok(self.sealed_person(entry)?.map(|person| PersonRow {
            document: *document,
            fields: person.fields,
            conflicts: person.conflicts,
        }))
    }

    /// A person by the arrival number of that entry.
    pub(crate) fn person_at(&self, entry: i64) -> Result<Option<PersonRow>, StoreError> {
        let Some(person) = self.sealed_person(entry)? else {
            return Ok(None);
        };
        Ok(Some(PersonRow {
            document: self.entry_name(entry)?,
            fields: person.fields,
            conflicts: person.conflicts,
        }))
    }

    /// A person's document with all values of each field, the winner first.
    pub(crate) fn capture(&self, document: &EntryRef) -> Result<Option<Capture>, StoreError> {
        let loaded = match self.entry_id(document)? {
            Some(entry) => self.load_document(entry)?,
            None => None,
        };
        Ok(loaded.map(|loaded| {
            let values = loaded.values().into_iter();
            let known = values.filter_map(|(key, all)| Some((Field::parse(&key)?, all)));
            Capture {
                document: *document,
                values: known.collect(),
            }
        }))
    }

    /// A person as all captures together tell it.
    pub(crate) fn whole(&self, document: &EntryRef) -> Result<Option<Whole>, StoreError> {
        let mut captures = Vec::new();
        for member in self.members(document)? {
            captures.extend(self.capture(&member)?);
        }
        Ok(Whole::new(&captures))
    }

    /// Hands over the values of persons by the arrival numbers of their documents, one after the
    /// other; nothing else of them is read, and nothing is kept.
    pub(crate) fn read_fields(
        &self,
        entries: BTreeSet<i64>,
        mut read: impl FnMut(i64, &StoredFields<'_>),
    ) -> Result<(), StoreError> {
        let mut statement = self.db.prepare_cached(READ_WITH_KEY)?;
        for entry in entries {
            let mut rows = statement.query([entry])?;
            let Some(columns) = rows.next()? else {
                continue;
            };
            let key = self.unwrap_key(
                columns.get(0)?,
                columns.get(1)?,
                columns
                    .get_ref(2)?
                    .as_blob()
                    .map_err(rusqlite::Error::from)?,
                columns
                    .get_ref(3)?
                    .as_blob()
                    .map_err(rusqlite::Error::from)?,
            )?;
            let sealed = columns
                .get_ref(4)?
                .as_blob()
                .map_err(rusqlite::Error::from)?;
            let mut opened = key.open(row(&row_name(entry)), sealed)?;
            let (fields, _) = postcard::take_from_bytes(&opened)
                .map_err(|error| StoreError::Failed(format!("decoding: {error}")))?;
            read(entry, &fields);
            opened.zeroize();
        }
        Ok(())
    }

    /// Persons whom another number opens, but for those of whom nothing counts any more.
    pub(crate) fn aliased(&self, number: &StoredToken) -> Result<Vec<i64>, StoreError> {
        let mut entries = self.find_token(number, About::Alias)?;
        let mut gone = Vec::new();
        for entry in &entries {
            if self.is_gone(&self.entry_name(*entry)?)? {
                gone.push(*entry);
            }
        }
        entries.retain(|entry| !gone.contains(entry));
        Ok(entries)
    }

    /// Persons that carry a token, aliases included.
    pub(crate) fn persons_by_token(&self, token: &Token) -> Result<Vec<PersonRow>, StoreError> {
        let stored = self.stored_token(token);
        let mut entries = self.find_token(&stored, About::Person)?;
        if token.kind == TokenKind::Number {
            entries.extend(self.aliased(&stored)?);
        }
        entries.sort_unstable();
        entries.dedup();
        let mut rows = Vec::new();
        for entry in entries {
            rows.extend(self.person(&self.entry_name(entry)?)?);
        }
        Ok(rows)
    }

    /// Inserts or replaces a person and all tokens.
    pub(crate) fn put_person(&self, person: PersonRow, tokens: &[Token]) -> Result<(), StoreError> {
        let person_name = person.document;
        let entry = self.known_entry(&person_name)?;
        if let Some(old) = self.sealed_person(entry)? {
            for token in &old.tokens {
                self.drop_token(token, About::Person, entry)?;
            }
        }
        let tokens: Vec<StoredToken> = tokens
            .iter()
            .map(|token| self.stored_token(token))
            .collect();
        let village = person.fields.get(Field::Village);
        let village = village.map(|village| self.village_token(village));
        let tokens: Vec<StoredToken> = tokens.into_iter().chain(village).collect();
        for token in &tokens {
            self.put_token(token, About::Person, entry)?;
        }
        self.note_unnumbered(entry, &person)?;
        let key = self.data_key(Owner::Person(doc_id(self.identity.hub, &person.document)))?;
        let sealed = SealedPerson {
            fields: person.fields,
            conflicts: person.conflicts,
            tokens,
        };
        let sealed = key.seal_value(row(&row_name(entry)), &sealed)?;
        self.db
            .prepare_cached(WRITE)?
            .execute(params![entry, key.id, sealed])?;
        self.weigh(&person_name)
    }

    /// Puts the tokens of a person's row in place, or takes them away.
    pub(crate) fn set_found(&self, entry: i64, found: bool) -> Result<(), StoreError> {
        let Some(person) = self.sealed_person(entry)? else {
            return Ok(());
        };
        for token in &person.tokens {
            if found {
                self.put_token(token, About::Person, entry)?;
            } else {
                self.drop_token(token, About::Person, entry)?;
            }
        }
        Ok(())
    }

    /// Another number that opens the same person.
    pub(crate) fn put_alias(&self, document: &EntryRef, number: &str) -> Result<(), StoreError> {
        let entry = self.known_entry(document)?;
        let key = self.data_key(Owner::Person(doc_id(self.identity.hub, document)))?;
        let sealed = key.seal(
            Row {
                table: "alias",
                name: &row_name(entry),
            },
            number.as_bytes(),
        )?;
        self.db
            .prepare_cached(ALIAS)?
            .execute(params![entry, key.id, sealed])?;
        let token = Token {
            kind: TokenKind::Number,
            value: number.to_owned(),
        };
        self.put_token(&self.stored_token(&token), About::Alias, entry)
    }

    /// How many persons are known.
    pub(crate) fn count_persons(&self) -> Result<u64, StoreError> {
        let count: i64 = self
            .db
            .prepare_cached(COUNT)?
            .query_row([], |row| row.get(0))?;
        Ok(count.cast_unsigned())
    }

    /// Arrival number of an entry that a view row hangs on.
    pub(crate) fn known_entry(&self, name: &EntryRef) -> Result<i64, StoreError> {
        self.entry_id(name)?
            .ok_or_else(|| StoreError::Failed("a view row names an entry that is not here".into()))
    }
}
