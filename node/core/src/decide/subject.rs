//! Which person a command means, and how people are named on a worker's screen.

use crate::command::{Rejection, SubjectName};
use crate::contact::SMS_CHANNEL;
use crate::known;
use crate::number;
use crate::person::{Field, PersonFields};
use crate::role::{Principal, Role};
use crate::view::{Known, Lookup, PersonRow, Token, TokenKind};

use super::reject;

/// Most letters of a given name on a worker's list, behind which one letter of the family name
/// stands: lines stay short, and two people of one list can still be told apart.
const GIVEN_CHARS_MAX: usize = 12;

pub(super) fn needs(principal: &Principal, subject: &SubjectName, known: &Known) -> Vec<Lookup> {
    match subject {
        SubjectName::Nobody => Vec::new(),
        SubjectName::Number(number) => vec![by_number(number)],
        SubjectName::Caller { .. } => {
            let Some(phone) = principal.e164() else {
                return Vec::new();
            };
            let persons = known::phone(known, &phone).persons;
            let mut wanted = vec![Lookup::Phone(phone)];
            wanted.extend(
                persons
                    .into_iter()
                    .map(|(person, _)| Lookup::Person(person)),
            );
            wanted
        }
    }
}

/// The person, if this principal may act for her.
pub(super) fn find<'a>(
    principal: &Principal,
    subject: &SubjectName,
    known: &'a Known,
) -> Result<Option<&'a PersonRow>, Rejection> {
    match subject {
        SubjectName::Nobody => Ok(None),
        SubjectName::Number(number) => {
            if principal.author == 0 || principal.role == Role::Citizen {
                return Err(reject("reject-not-allowed"));
            }
            let rows = known::persons(known, &by_number(number));
            rows.iter()
                .find(|row| row.document.scope.area() == principal.scope.area())
                .map(Some)
                .ok_or_else(|| reject("reject-no-person"))
        }
        SubjectName::Caller { hint } => caller(principal, hint.as_deref(), known).map(Some),
    }
}

/// The caller's own record: at a bound number only, because the sender of an SMS is only claimed
/// (S5); where several people share the number, by the last four digits of hers.
fn caller<'a>(
    principal: &Principal,
    hint: Option<&str>,
    known: &'a Known,
) -> Result<&'a PersonRow, Rejection> {
    let phone = principal
        .e164()
        .ok_or_else(|| reject("reject-not-allowed"))?;
    let persons = known::phone(known, &phone).persons;
    let here = |person: &&PersonRow| person.document.scope.area() == principal.scope.area();
    let bound: Vec<&PersonRow> = persons
        .iter()
        .filter(|(_, bound)| *bound)
        .filter_map(|(person, _)| known::person(known, *person))
        .filter(here)
        .collect();
    match (bound.as_slice(), hint) {
        ([], _) if persons.is_empty() => Err(reject("reject-not-registered")),
        ([], _) if principal.channel == SMS_CHANNEL => Err(reject("reject-not-bound")),
        ([], _) => Err(reject("reject-not-registered")),
        ([only], None) => Ok(only),
        (_, None) => Err(reject("reject-which-person")),
        (several, Some(hint)) => {
            let is_hers = |row: &&&PersonRow| {
                let digits = row.fields.get(Field::Number);
                digits.is_some_and(|digits| number::hint(digits) == hint)
            };
            let mut hers = several.iter().filter(is_hers);
            match (hers.next(), hers.next()) {
                (Some(only), None) => Ok(only),
                _ => Err(reject("reject-which-person")),
            }
        }
    }
}

fn by_number(number: &str) -> Lookup {
    Lookup::PersonsByToken(Token {
        kind: TokenKind::Number,
        value: number.to_owned(),
    })
}

/// A person on a worker's screen: given name and the first letter of the family name.
pub(crate) fn short_name(fields: &PersonFields) -> String {
    let given = fields.get(Field::GivenName).unwrap_or_default();
    let family = fields.get(Field::FamilyName).unwrap_or_default();
    if given.is_empty() {
        return family.chars().take(GIVEN_CHARS_MAX).collect();
    }
    let given: String = given.chars().take(GIVEN_CHARS_MAX).collect();
    match family.chars().next() {
        Some(letter) => format!("{} {letter}.", given.trim_end()),
        None => given,
    }
}
