//! What both ends know for packing (docs/protocols/packing.md §10): one set for each programme.
//!
//! A set follows from the programme's definition alone, so two sites with the same
//! programme version hold the same set. It says what is usual; whatever else is written packs too,
//! only less well.

use sync_core::pack::{
    About, FieldCodec, PackField, PackSchema, PackSet, TEMPLATES_MAX, Template, Usual,
};
use sync_core::{ChainId, EntryRef, Epoch, HubId, NodeId, Scope, Seq};

use crate::command::ConsentAnswer;
use crate::consent::{self, Witness};
use crate::fact::{Fact, Registration};
use crate::number::NUMBER_DIGITS;
use crate::person::Field;
use crate::programme::Programme;
use crate::schema;

/// Country, its code in E.164 and the digits of its mobile numbers behind that (ITU-T E.164
/// annex and national plans). A number of another form is written as text.
const PLANS: [(&str, &str, u8); 22] = [
    ("BD", "880", 10),
    ("BI", "257", 8),
    ("CD", "243", 9),
    ("CI", "225", 10),
    ("ET", "251", 9),
    ("GH", "233", 9),
    ("HT", "509", 8),
    ("IN", "91", 10),
    ("KE", "254", 9),
    ("ML", "223", 8),
    ("MW", "265", 9),
    ("MZ", "258", 9),
    ("NG", "234", 10),
    ("PK", "92", 10),
    ("RW", "250", 9),
    ("SD", "249", 9),
    ("SN", "221", 9),
    ("SS", "211", 9),
    ("TZ", "255", 9),
    ("UG", "256", 9),
    ("ZM", "260", 9),
    ("ZW", "263", 9),
];

/// The chain in which examples of facts are written: no real origin has this number.
const EXAMPLE: ChainId = ChainId {
    hub: HubId([0; 4]),
    origin: NodeId(u32::MAX),
    epoch: Epoch(u64::MAX),
    scope: Scope(u32::MAX),
};

/// The set of a programme.
pub fn set(programme: &Programme) -> PackSet {
    let usual = |is_fact, schema, about| Usual {
        is_fact,
        schema,
        about,
    };
    let mut templates = consents(programme);
    templates.extend(registration(programme));
    PackSet {
        schemas: vec![PackSchema {
            schema: schema::PERSON,
            fields: ORDER
                .iter()
                .map(|(field, present)| PackField {
                    key: field.key().to_owned(),
                    codec: codec(*field, programme),
                    present: *present,
                })
                .collect(),
        }],
        templates,
        // Mother, child, consent, registration: what a worker's last key writes.
        usual: vec![
            usual(false, schema::PERSON, About::New),
            usual(false, schema::PERSON, About::New),
            usual(true, schema::CONSENT_RECORDED, About::Back(2)),
            usual(true, schema::REGISTRATION_SUBMITTED, About::Back(2)),
        ],
    }
}

/// Fields in the order in which they are written, and how often of 16 they are there: in a
/// mother's document and in a child's.
const ORDER: [(Field, [u8; 2]); 10] = [
    (Field::Number, [15, 15]),
    (Field::GivenName, [15, 12]),
    (Field::FamilyName, [14, 4]),
    (Field::BirthDate, [15, 15]),
    (Field::Sex, [15, 15]),
    (Field::Phone, [14, 1]),
    (Field::Village, [15, 2]),
    (Field::NationalId, [4, 1]),
    (Field::PlaceOfBirth, [1, 15]),
    (Field::Language, [2, 1]),
];

fn codec(field: Field, programme: &Programme) -> FieldCodec {
    let choice = |all: &[&str]| FieldCodec::Choice(all.iter().map(|it| (*it).to_owned()).collect());
    match field {
        Field::GivenName | Field::FamilyName => FieldCodec::Name,
        Field::BirthDate => FieldCodec::Date,
        Field::Sex => choice(&["F", "M"]),
        Field::Phone => PLANS
            .iter()
            .find(|(code, ..)| code.eq_ignore_ascii_case(programme.country().as_ref()))
            .map_or(FieldCodec::Code, |(_, country, digits)| FieldCodec::Phone {
                country: (*country).to_owned(),
                digits: *digits,
            }),
        Field::Village => match programme.places() {
            [] => FieldCodec::Name,
            places => FieldCodec::Choice(places.iter().map(|it| it.code.clone()).collect()),
        },
        Field::NationalId => FieldCodec::Code,
        Field::PlaceOfBirth => choice(&["clinic", "home", "other"]),
        Field::Number => FieldCodec::Leased {
            digits: u8::try_from(NUMBER_DIGITS).unwrap_or(10),
        },
        Field::Language => {
            let languages = programme.languages().iter();
            FieldCodec::Choice(languages.map(|it| it.code.clone()).collect())
        }
    }
}

/// A yes to the programme's agreement on a keypad, in each of its languages.
fn consents(programme: &Programme) -> Vec<Template> {
    let agreement = &programme.definition().agreement;
    let languages = programme.languages().iter().take(TEMPLATES_MAX);
    let answer = languages.filter_map(|language| {
        Some(ConsentAnswer {
            agreement: agreement.code.clone(),
            revision: agreement.revision,
            text_hash: programme.agreement_hash(&language.code)?,
            language: language.code.clone(),
            opt_in: true,
            channel: "ussd".to_owned(),
            purposes: agreement.purposes.clone(),
            basis: agreement.basis,
            witness: Some(Witness::Keypad),
        })
    });
    answer
        .filter_map(|answer| template(&consent::recorded(&answer, Vec::new())))
        .collect()
}

/// Names the two documents before it.
fn registration(programme: &Programme) -> Option<Template> {
    template(&Fact::RegistrationSubmitted(Registration {
        programme: programme.code().to_owned(),
        programme_version: programme.version(),
        mother: EntryRef::new(&EXAMPLE, Seq(1)),
        child: EntryRef::new(&EXAMPLE, Seq(2)),
    }))
}

/// As the fourth entry of the example chain.
fn template(fact: &Fact) -> Option<Template> {
    let body = fact.encode().ok()?;
    Some(Template::of(schema::of(fact), &body, &EXAMPLE, Seq(4)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programme;

    #[test]
    fn every_programme_has_a_set_of_its_own_that_names_all_fields() {
        let programmes = programme::usual().expect("programmes");
        let mut numbers = std::collections::BTreeSet::new();
        for programme in programmes.iter() {
            let set = set(programme);
            assert_eq!(set.schemas[0].fields.len(), Field::ALL.len());
            assert_eq!(set.templates.len(), programme.languages().len().min(8) + 1);
            numbers.insert(set.number());
        }
        assert_eq!(numbers.len(), programmes.iter().count());
    }
}
