//! Registering a child of a mother who is registered already: a birth after her pregnancy was
//! followed, a second child, a twin.
//!
//! The facts are those of a pair ([`super::registration`]): the child's document, what the mother
//! agreed to where she was asked, and the registration that names both. So the hub looks for
//! repeats, sends it to the registry and reports on it as on any other. The mother is not changed.

use sync_core::Lane;

use super::event::held;
use super::subject::{self, short_name};
use super::{outcome, read, registration, reject};
use crate::command::{Command, ConsentAnswer, Decision, Rejection, SubjectName, Write};
use crate::consent::{self, ConsentRow};
use crate::contact::Moment;
use crate::fact::{Fact, Registration};
use crate::known;
use crate::person::{Field, PersonFields};
use crate::programme::Programme;
use crate::read::Class;
use crate::role::Principal;
use crate::role::right::{Right, may};
use crate::schema;
use crate::site::Rules;
use crate::view::{Known, Lookup, PersonRow, ViewChange};

/// Registration numbers that a child uses.
const NUMBERS: u32 = 1;

pub(super) fn needs(principal: &Principal, mother: &SubjectName, known: &Known) -> Vec<Lookup> {
    if !may(principal.role, Right::Register) {
        return Vec::new();
    }
    let mut wanted = subject::needs(principal, mother, known);
    if let Ok(Some(row)) = subject::find(principal, mother, known) {
        wanted.push(Lookup::Consents(row.document));
    }
    wanted.push(Lookup::NextEntry(
        principal.scope.with_lane(Lane::Registration),
    ));
    wanted.push(Lookup::NextNumbers(NUMBERS));
    known::missing(known, wanted)
}

pub(super) fn register(
    principal: &Principal,
    command: &Command,
    known: &Known,
    (rules, now): (&Rules<'_>, Moment),
) -> Result<Decision, Rejection> {
    let Command::RegisterChild {
        programme: code,
        programme_version,
        mother,
        child,
        consent,
    } = command
    else {
        return Err(reject("failed"));
    };
    if !may(principal.role, Right::Register) || principal.author == 0 {
        return Err(reject("reject-not-allowed"));
    }
    let programme = rules.programmes.find(code, *programme_version);
    let programme = programme.ok_or_else(|| reject("failed"))?;
    let mother = subject::find(principal, mother, known)?;
    let mother = mother.ok_or_else(|| reject("reject-no-person"))?;
    let consents = known::consents(known, mother.document);
    check_consent(programme, consent.as_deref(), &consents)?;
    let mut child = inherited(child, mother);
    check_child(&child, mother, now)?;

    let scope = principal.scope.with_lane(Lane::Registration);
    let entry = known::next_entry(known, scope).ok_or_else(|| reject("failed"))?;
    let [number] = known::numbers(known, NUMBERS) else {
        return Err(reject("reject-numbers"));
    };
    child.set(Field::Number, number.digits.as_str());
    let fact = |about, fact: Fact| Write::Fact {
        scope,
        schema: schema::of(&fact),
        about: Some(about),
        fact,
    };
    // Once is enough: the answer before a first twin holds for the second.
    let asked = consent.as_deref();
    let new = asked.filter(|_| !agrees(programme, &consents));
    let answer = new.map(|answer| {
        // A yes after a withdrawal undoes exactly what she has seen.
        let after = consents.opt_outs(&answer.agreement);
        fact(mother.document, consent::recorded(answer, after))
    });
    let submitted = Fact::RegistrationSubmitted(Registration {
        programme: code.clone(),
        programme_version: *programme_version,
        mother: mother.document,
        child: entry,
    });
    let document = Write::CreateDocument {
        scope,
        schema: schema::PERSON,
        fields: child,
    };
    // Consent stands before what rests on it: a frame may end anywhere in between.
    let writes = [Some(document), answer, Some(fact(entry, submitted))];
    // The screen that follows names the mother.
    let seen = read::note(principal, [mother.document], Class::Case, code, rules);
    Ok(Decision {
        writes: writes.into_iter().flatten().chain(seen).collect(),
        changes: vec![ViewChange::UseNumbers(vec![number.clone()])],
        messages: Vec::new(),
        outcome: outcome([
            ("child_number", number.digits.clone()),
            ("who", short_name(&mother.fields)),
            ("status", held(rules).word().to_owned()),
        ]),
    })
}

/// Whether she agrees to some use of the programme's agreement now.
pub(super) fn agrees(programme: &Programme, consents: &ConsentRow) -> bool {
    let agreement = &programme.definition().agreement;
    let purposes = agreement.purposes.iter().map(String::as_str);
    let whole = agreement.purposes.is_empty().then_some("");
    purposes
        .chain(whole)
        .any(|purpose| consents.is_live(&agreement.code, purpose))
}

/// She says yes now, or her earlier yes to this programme holds.
fn check_consent(
    programme: &Programme,
    answer: Option<&ConsentAnswer>,
    consents: &ConsentRow,
) -> Result<(), Rejection> {
    let agreement = &programme.definition().agreement.code;
    let says_yes = match answer {
        Some(answer) => answer.opt_in && answer.agreement == *agreement,
        None => agrees(programme, consents),
    };
    if says_yes {
        Ok(())
    } else {
        Err(reject("reject-no-consent"))
    }
}

/// A child without a family name has its mother's.
fn inherited(child: &PersonFields, mother: &PersonRow) -> PersonFields {
    let mut child = child.clone();
    let own = child.get(Field::FamilyName).is_some();
    // Some people have one name only, and a child without any must be found again, too.
    let name = [Field::FamilyName, Field::GivenName]
        .into_iter()
        .find_map(|field| mother.fields.get(field));
    if let (false, Some(name)) = (own, name) {
        child.set(Field::FamilyName, name);
    }
    child
}

fn check_child(child: &PersonFields, mother: &PersonRow, now: Moment) -> Result<(), Rejection> {
    // A phone stands for the mother: her child is reached through her.
    if child.get(Field::Phone).is_some() {
        return Err(reject("reject-incomplete"));
    }
    registration::check_person(child, now)?;
    if mother.fields.get(Field::Sex) == Some("M") {
        return Err(reject("reject-no-mother"));
    }
    if mother.fields.birth_date().is_none() {
        return Err(reject("reject-no-mother"));
    }
    registration::check_births(&mother.fields, child, now)
}
