//! From a registration to the content that a Digital Registries Building Block takes.
//!
//! The shape is the schema `MCC` of the Data API file: names as published, misspelling of
//! `registraionDate` included. Members are written in alphabetical order, so that equal content
//! gives equal bytes. Left out, not guessed: a birth date of which only the year is known, an
//! unknown sex, registration numbers (ours are no citizen ids), place of birth.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use sync_core::{EntryRef, HubId, journal};

use crate::person::{BirthDate, Field, PersonFields};

/// What one registration is projected from.
#[derive(Clone, Copy, Debug)]
pub struct Projection<'a> {
    /// The network, for the record's id.
    pub hub: HubId,
    /// The registration's entry.
    pub registration: EntryRef,
    /// When it was captured, by the entry's clock.
    pub captured_at: Timestamp,
    /// The mother's values.
    pub mother: &'a PersonFields,
    /// The child's values.
    pub child: &'a PersonFields,
}

/// Canonical JSON of the record's content for `updateOrCreate`; its `id` is the record's uuid.
///
/// `None` never happens for text fields; it stands for a serializer that refused.
pub fn content(projection: &Projection<'_>) -> Option<String> {
    let Projection { mother, child, .. } = projection;
    let owned = |fields: &PersonFields, field| fields.get(field).map(str::to_owned);
    let record = Record {
        caretaker: Caretaker {
            birthdate: exact_birth(mother),
            first_name: owned(mother, Field::GivenName),
            id: owned(mother, Field::NationalId),
            last_name: owned(mother, Field::FamilyName),
            phone: owned(mother, Field::Phone),
        },
        child: Child {
            address: owned(child, Field::Village).or_else(|| owned(mother, Field::Village)),
            birthdate: exact_birth(child),
            first_name: owned(child, Field::GivenName),
            gender: gender(child),
            id: owned(child, Field::NationalId),
            last_name: owned(child, Field::FamilyName),
        },
        id: journal::record_uuid(projection.hub, &projection.registration),
        registered: projection
            .captured_at
            .to_zoned(TimeZone::UTC)
            .date()
            .to_string(),
    };
    serde_json::to_string(&record).ok()
}

fn exact_birth(fields: &PersonFields) -> Option<String> {
    match fields.birth_date()? {
        BirthDate::Day(date) => Some(date.to_string()),
        BirthDate::Year(_) => None,
    }
}

fn gender(fields: &PersonFields) -> Option<&'static str> {
    match fields.get(Field::Sex)? {
        "F" => Some("Female"),
        "M" => Some("Male"),
        _ => None,
    }
}

/// Schema `MCC`; members in alphabetical order.
#[derive(Serialize)]
struct Record {
    caretaker: Caretaker,
    child: Child,
    id: String,
    #[serde(rename = "registraionDate")]
    registered: String,
}

/// Schema `Caretaker`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Caretaker {
    #[serde(skip_serializing_if = "Option::is_none")]
    birthdate: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
}

/// Schema `Child`, with the member `gender` of the registry's example content.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Child {
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    birthdate: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gender: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use sync_core::{Epoch, NodeId, Scope, Seq};

    use super::*;

    fn person(fields: &[(Field, &str)]) -> PersonFields {
        let mut person = PersonFields::default();
        for (field, value) in fields {
            person.set(*field, *value);
        }
        person
    }

    fn project(mother: &PersonFields, child: &PersonFields) -> String {
        content(&Projection {
            hub: HubId([1, 2, 3, 4]),
            registration: EntryRef {
                origin: NodeId(2),
                epoch: Epoch(1),
                scope: Scope(11),
                seq: Seq(4),
            },
            captured_at: "2026-03-14T23:30:00Z".parse().unwrap(),
            mother,
            child,
        })
        .unwrap()
    }

    #[test]
    fn content_has_the_published_members_in_order() {
        let mother = person(&[
            (Field::GivenName, "Asha"),
            (Field::FamilyName, "Mwangi"),
            (Field::BirthDate, "1994-05-17"),
            (Field::Phone, "+254711000001"),
            (Field::Village, "kibo"),
            (Field::NationalId, "12345678"),
            (Field::Number, "7294058630"),
        ]);
        let child = person(&[
            (Field::GivenName, "Juma"),
            (Field::FamilyName, "Mwangi"),
            (Field::BirthDate, "2026-03-02"),
            (Field::Sex, "M"),
            (Field::PlaceOfBirth, "home"),
        ]);
        let text = project(&mother, &child);
        let value: Value = serde_json::from_str(&text).unwrap();
        let id = value["id"].as_str().unwrap();
        assert_eq!(
            text,
            format!(
                "{{\"caretaker\":{{\"birthdate\":\"1994-05-17\",\"firstName\":\"Asha\",\
                 \"id\":\"12345678\",\"lastName\":\"Mwangi\",\"phone\":\"+254711000001\"}},\
                 \"child\":{{\"address\":\"kibo\",\"birthdate\":\"2026-03-02\",\
                 \"firstName\":\"Juma\",\"gender\":\"Male\",\"lastName\":\"Mwangi\"}},\
                 \"id\":\"{id}\",\"registraionDate\":\"2026-03-14\"}}"
            )
        );
        assert_eq!(id.len(), 36);
        assert!(!text.contains("7294058630"));
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let mother = person(&[(Field::GivenName, "Asha"), (Field::BirthDate, "1994")]);
        let child = person(&[(Field::GivenName, "Juma"), (Field::Sex, "?")]);
        let value: Value = serde_json::from_str(&project(&mother, &child)).unwrap();
        assert_eq!(
            value["caretaker"],
            serde_json::json!({ "firstName": "Asha" })
        );
        assert_eq!(value["child"], serde_json::json!({ "firstName": "Juma" }));
    }
}
