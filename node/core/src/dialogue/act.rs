//! Turns the answers of a session into the command of a `run` block.

use ring::digest::{SHA256, digest};

use super::refusal::Notice;
use super::screen::View;
use super::session::Session;
use crate::command::{Command, ConsentAnswer};
use crate::person::{Field, PersonFields};
use crate::programme::block::CommandKind;
use crate::text::Catalogue;

/// Answers of the mother begin with this.
pub(crate) const MOTHER_PREFIX: &str = "mother_";
/// Answers of the child begin with this.
pub(crate) const CHILD_PREFIX: &str = "child_";

/// The command, or the rejection when an answer that it needs is missing.
pub(crate) fn command(
    view: &View<'_>,
    session: &Session,
    kind: CommandKind,
) -> Result<Command, Notice> {
    match kind {
        CommandKind::RegisterPair => register_pair(view, session),
        CommandKind::ShowMyStatus => Ok(Command::ShowMyStatus),
        CommandKind::ShowMyWork => Ok(Command::ShowMyWork),
        CommandKind::ChooseLanguage => {
            let language = session.answers.get("language").cloned();
            let language = language.ok_or_else(|| Notice::plain("reject-incomplete"))?;
            Ok(Command::ChooseLanguage { language })
        }
    }
}

/// The field of a person that an answer goes into: `mother_given_name` is the given name.
pub(crate) fn field(name: &str, prefix: &str) -> Option<Field> {
    match name.strip_prefix(prefix)? {
        "given_name" => Some(Field::GivenName),
        "family_name" => Some(Field::FamilyName),
        "birth_date" => Some(Field::BirthDate),
        "sex" => Some(Field::Sex),
        "phone" => Some(Field::Phone),
        "village" => Some(Field::Village),
        "national_id" => Some(Field::NationalId),
        "place_of_birth" => Some(Field::PlaceOfBirth),
        _ => None,
    }
}

fn register_pair(view: &View<'_>, session: &Session) -> Result<Command, Notice> {
    let incomplete = || Notice::plain("reject-incomplete");
    let definition = view.programme.definition();
    let (mut mother, mut child) = (PersonFields::default(), PersonFields::default());
    mother.set(Field::Sex, "F");
    for answer in &definition.fields {
        let default = || session.answers.get(answer.default_of.as_ref()?);
        let value = session.answers.get(&answer.name).or_else(default);
        let Some(value) = value.filter(|value| !value.is_empty()) else {
            if answer.required {
                return Err(incomplete());
            }
            continue;
        };
        if let Some(field) = field(&answer.name, MOTHER_PREFIX) {
            mother.set(field, value.clone());
        }
        if let Some(field) = field(&answer.name, CHILD_PREFIX) {
            child.set(field, value.clone());
        }
    }
    let agreement = &definition.agreement;
    let opt_in = session
        .answers
        .get(&agreement.answer)
        .is_some_and(|answer| answer == "yes");
    let catalogue = view
        .programme
        .catalogue(view.language)
        .ok_or_else(incomplete)?;
    Ok(Command::RegisterPair {
        programme: session.programme.clone(),
        programme_version: session.programme_version,
        mother,
        child,
        consent: ConsentAnswer {
            agreement: agreement.code.clone(),
            revision: agreement.revision,
            text_hash: text_hash(catalogue, &agreement.text),
            language: view.language.to_owned(),
            opt_in,
            channel: bearer(&session.channel).to_owned(),
        },
    })
}

/// SHA-256 of the text that shows purpose and controller.
fn text_hash(catalogue: &Catalogue, key: &str) -> [u8; 32] {
    let text = catalogue
        .text(key, &std::collections::BTreeMap::new())
        .unwrap_or_default();
    <[u8; 32]>::try_from(digest(&SHA256, text.as_bytes()).as_ref()).unwrap_or_default()
}

/// How the consent fact names the channel; a link's name says nothing to its readers.
fn bearer(channel: &str) -> &'static str {
    match channel {
        "console" => "console",
        "sms" => "sms",
        _ => "ussd",
    }
}
