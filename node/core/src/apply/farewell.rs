//! The last text to somebody who was erased (IDENTITY §6.2 (7), decision 0054).
//!
//! It names nobody and nothing, so it may be read at a shared phone. It goes to a number that has
//! answered for her, from the place where she was registered and from nowhere else, in her
//! language, not past a STOP, and in the hours in which people may be texted. The store keeps the
//! number under a key of its own until the text ends.

use sync_core::journal;

use crate::erasure::Erasure;
use crate::known;
use crate::message::{self, Draft};
use crate::person::Field;
use crate::site::Rules;
use crate::view::{Known, Lookup, MessageClass, NewMessage};

/// Longest wait of the text in seconds: three days. Then it is given up and its number forgotten.
const FAREWELL_S_MAX: u32 = 3 * 86_400;

pub(super) fn wanted(erasure: &Erasure, known: &Known) -> Vec<Lookup> {
    let mut wanted = vec![
        Lookup::Erasure(erasure.person),
        Lookup::Person(erasure.person),
    ];
    let person = known::person(known, erasure.person);
    if let Some(number) = person.and_then(|person| person.fields.get(Field::Phone)) {
        wanted.push(Lookup::Phone(number.to_owned()));
    }
    wanted
}

/// The text, made before everything about her goes.
pub(super) fn text(erasure: &Erasure, known: &Known, rules: &Rules<'_>) -> Option<NewMessage> {
    let person = known::person(known, erasure.person)?;
    let number = person.fields.get(Field::Phone)?;
    let phone = known::phone(known, number);
    let is_bound = phone.persons.contains(&(erasure.person, true));
    if !rules.site.wrote(&erasure.person) || !is_bound || phone.stopped {
        return None;
    }
    let own = person.fields.get(Field::Language);
    let draft = Draft {
        cause: format!(
            "erased:{}",
            journal::record_uuid(rules.site.hub, &erasure.person)
        ),
        to: number.to_owned(),
        language: message::language(&phone, own, &rules.site.language),
        key: "erased",
        arguments: message::arguments([]),
    };
    Some(NewMessage {
        class: MessageClass::Health,
        validity_s: FAREWELL_S_MAX,
        ..draft.render(rules)
    })
}
