//! Blocking keys: the tokens by which a person is found again, exactly or as a candidate.
//!
//! Exact tokens lead to one person; the others are cut to 16 bits by the store, on purpose, so
//! that a card tells little, and false candidates fall out when they are compared.

use super::compare::{Subject, plain_id};
use super::table::NameTable;
use crate::person::{BirthDate, Field, PersonFields};
use crate::view::{Token, TokenKind};

/// The tokens under which a person is stored.
pub fn stored(fields: &PersonFields, table: &NameTable) -> Vec<Token> {
    let mut tokens = exact(fields);
    let subject = Subject::new(fields, None, table);
    if let Some(year) = subject.birth().map(BirthDate::year) {
        tokens.extend(name_years(&subject, year));
        tokens.extend(village_year(fields, year));
    }
    tokens.extend(pair(&subject));
    tokens
}

/// The tokens by which the same person, or a likely one, is asked for: the narrow ones first.
pub fn asked(fields: &PersonFields, table: &NameTable) -> Vec<Token> {
    let mut tokens = exact(fields);
    let subject = Subject::new(fields, None, table);
    let year = subject.birth().map(BirthDate::year);
    tokens.extend(year.and_then(|year| village_year(fields, year)));
    tokens.extend(pair(&subject));
    tokens.extend(year.into_iter().flat_map(|year| name_years(&subject, year)));
    for near in year.into_iter().flat_map(|year| [year - 1, year + 1]) {
        tokens.extend(name_years(&subject, near));
        tokens.extend(village_year(fields, near));
    }
    tokens
}

/// Tokens that lead to one person: phone, numbers, national id.
pub fn exact(fields: &PersonFields) -> Vec<Token> {
    let value = |field: Field| match field {
        Field::NationalId => fields.get(field).map(plain_id),
        _ => fields.get(field).map(str::to_owned),
    };
    let kinds = [
        (Field::Phone, TokenKind::Phone),
        (Field::Number, TokenKind::Number),
        (Field::NationalId, TokenKind::NationalId),
    ];
    let tokens = kinds.into_iter().filter_map(|(field, kind)| {
        let value = value(field).filter(|value| !value.is_empty())?;
        Some(Token { kind, value })
    });
    tokens.collect()
}

/// Each word of each name with a birth year, whichever of both names it is: forms swap them.
pub fn name_years(subject: &Subject, year: i16) -> Vec<Token> {
    let names = subject.names().all();
    let mut tokens: Vec<Token> = names
        .flat_map(|name| name.codes().map(str::to_owned).collect::<Vec<_>>())
        .map(|code| Token {
            kind: TokenKind::NameYear,
            value: format!("{code}|{year}"),
        })
        .collect();
    tokens.sort_unstable();
    tokens.dedup();
    tokens
}

/// The village with a birth year.
pub fn village_year(fields: &PersonFields, year: i16) -> Option<Token> {
    fields.get(Field::Village).map(|village| Token {
        kind: TokenKind::VillageYear,
        value: format!("{village}|{year}"),
    })
}

/// Both names as a sorted pair, of any year.
pub fn pair(subject: &Subject) -> Option<Token> {
    let names = subject.names();
    let mut codes = [names.given.as_ref()?.code(), names.family.as_ref()?.code()];
    codes.sort_unstable();
    Some(Token {
        kind: TokenKind::NamePair,
        value: codes.join("&"),
    })
}
