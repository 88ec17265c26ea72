//! Registrations as the programmes' dialogues write them, drawn from the people of the generator.
//!
//! A family of `maternal-child` is four entries: the mother's document (number, two names, birth
//! date, sex, phone, village), the child's (number, name, birth date, sex, place of birth), the
//! mother's consent, the registration. One person of `cash-transfer` is three: her document (number,
//! two names, birth date, sex, phone, village), her consent, the event with four answers.

use std::collections::BTreeMap;

use node_core::command::{Command, ConsentAnswer, EventDraft};
use node_core::consent::Witness;
use node_core::person::{Field, PersonFields};
use node_core::programme;

use crate::people::culture::Culture;
use crate::people::household;
use crate::random::Random;

/// Mothers with a child each: names of the generator's first culture, the fields that the
/// programme's dialogue asks for, numbers and villages of the programme's country.
pub struct Families {
    culture: Culture,
    random: Random,
    /// A mother's, and that of a household.
    consents: [ConsentAnswer; 2],
}

impl Families {
    /// Names of the generator's first culture, always the same ones.
    ///
    /// # Panics
    /// Without cultures.
    pub fn new() -> Self {
        Self {
            culture: Culture::all().swap_remove(0),
            random: Random(11),
            consents: ["maternal-child", "cash-transfer"].map(agreed),
        }
    }

    /// A mother with her child, as a worker's last key submits them.
    ///
    /// # Panics
    /// When the programme is not there.
    pub fn pair(&mut self) -> Command {
        let (mut mother, mut child) = loop {
            let mut people = Vec::new();
            household::add(&self.culture, &mut self.random, &mut people);
            let mother = people.pop().expect("a mother").fields;
            let child = people.into_iter().find(|person| person.mother.is_some());
            if let Some(child) = child {
                break (mother, child.fields);
            }
        };
        let random = &mut self.random;
        let prefix = *random.one_of(&["+25677", "+25678", "+25670", "+25675"]);
        mother.set(
            Field::Phone,
            format!("{prefix}{:07}", random.below(10_000_000)),
        );
        mother.set(Field::Village, *random.one_of(&["KB", "GL", "LR", "AP"]));
        child.0.remove(&Field::Village);
        child.0.remove(&Field::FamilyName);
        let day = format!("2026-0{}-{:02}", 1 + random.below(2), 1 + random.below(28));
        child.set(Field::BirthDate, day);
        child.set(
            Field::PlaceOfBirth,
            *random.one_of(&["clinic", "clinic", "home"]),
        );
        register(mother, child, self.consents[0].clone())
    }

    /// The head of a household, registered alone with the answers of the household.
    ///
    /// # Panics
    /// When the programme is not there.
    pub fn alone(&mut self) -> Command {
        let Command::RegisterPair { mother, .. } = self.pair() else {
            panic!("not a pair");
        };
        let random = &mut self.random;
        let members = 1 + random.below(9);
        let answers = [
            ("members", members.to_string()),
            ("children", random.below(members).to_string()),
            (
                "income",
                (*random.one_of(&["none", "day", "farm", "wage"])).to_owned(),
            ),
            (
                "house",
                (*random.one_of(&["grass", "iron", "tiles"])).to_owned(),
            ),
        ];
        let answers = answers.map(|(name, value)| (name.to_owned(), value));
        Command::RegisterPerson {
            person: mother,
            consent: self.consents[1].clone(),
            event: EventDraft {
                programme: "cash-transfer".to_owned(),
                programme_version: 1,
                code: "household".to_owned(),
                fields: BTreeMap::from(answers),
            },
        }
    }
}

impl Default for Families {
    fn default() -> Self {
        Self::new()
    }
}

/// A yes on a keypad to a programme's agreement, as its dialogue writes it.
///
/// # Panics
/// Where no such programme is shipped.
pub fn agreed(code: &str) -> ConsentAnswer {
    let programmes = programme::shipped().expect("programmes");
    let mut shipped = programmes.iter();
    let programme = shipped.find(|it| it.code() == code).expect("a programme");
    let agreement = &programme.definition().agreement;
    ConsentAnswer {
        agreement: agreement.code.clone(),
        revision: agreement.revision,
        text_hash: programme.agreement_hash("en").expect("texts"),
        language: "en".to_owned(),
        opt_in: true,
        channel: "ussd".to_owned(),
        purposes: agreement.purposes.clone(),
        basis: agreement.basis,
        witness: Some(Witness::Keypad),
    }
}

fn register(mother: PersonFields, child: PersonFields, consent: ConsentAnswer) -> Command {
    Command::RegisterPair {
        programme: "maternal-child".to_owned(),
        programme_version: 1,
        mother,
        child,
        consent,
    }
}
