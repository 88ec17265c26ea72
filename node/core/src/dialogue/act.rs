//! Turns the answers of a session into the command of a `run` block.
//!
//! The one place that knows commands: [`parameters`] says what each takes, [`command`] makes it of
//! what was [`Given`]. A new command is a line in each.

mod event;
mod family;
mod guard;
mod household;
mod people;

pub(crate) use event::{NEW_PREFIX, PERSON_PREFIX};

use std::collections::BTreeMap;

use ring::digest::{SHA256, digest};

use super::refusal::Notice;
use super::screen::View;
use super::session::Session;
use crate::command::{Command, ConsentAnswer};
use crate::consent::Witness;
use crate::person::{Field, PersonFields};
use crate::programme::block::{CommandKind, Run};
use crate::programme::run::{Parameter, Takes, reference};
use crate::text::Catalogue;

/// Parameter and usual answer of the choice of a language.
const LANGUAGE: &str = "language";
/// Answers of the mother begin with this.
pub(crate) const MOTHER_PREFIX: &str = "mother_";
/// Answers of the child begin with this.
pub(crate) const CHILD_PREFIX: &str = "child_";

/// The parameters of a command, which its `run` block must name.
pub(crate) fn parameters(kind: CommandKind) -> &'static [Parameter] {
    match kind {
        CommandKind::RegisterPair | CommandKind::ShowMyStatus | CommandKind::ShowMyWork => &[],
        CommandKind::ChooseLanguage => &[Parameter {
            name: LANGUAGE,
            takes: Takes::Name,
            required: false,
        }],
        other => guard::parameters(other)
            .or_else(|| family::parameters(other))
            .or_else(|| people::parameters(other))
            .or_else(|| household::parameters(other))
            .unwrap_or_else(|| event::parameters(other)),
    }
}

/// The command, or the rejection when something that it needs is missing.
pub(crate) fn command(view: &View<'_>, session: &Session, run: &Run) -> Result<Command, Notice> {
    let given = Given::of(session, run)?;
    match run.command {
        CommandKind::RegisterPair => Ok(people::as_new(session, register_pair(view, session)?)),
        CommandKind::ShowMyStatus => Ok(Command::ShowMyStatus),
        CommandKind::ShowMyWork => Ok(Command::ShowMyWork),
        CommandKind::ChooseLanguage => {
            let named = given.get(LANGUAGE).map(str::to_owned);
            let language = named.or_else(|| language(session, run));
            Ok(Command::ChooseLanguage {
                language: language.ok_or_else(incomplete)?,
            })
        }
        other => {
            if let Some(command) = guard::command(other, &given)? {
                return Ok(command);
            }
            if let Some(command) = people::command(session, other, &given)? {
                return Ok(command);
            }
            if let Some(command) = household::command(session, other, &given)? {
                return Ok(command);
            }
            match family::command(view, session, other, &given)? {
                Some(command) => Ok(command),
                None => event::command(view, session, other, &given)?.ok_or_else(incomplete),
            }
        }
    }
}

/// What a `run` block hands over, by parameter; holds personal data.
struct Given {
    values: BTreeMap<&'static str, String>,
}

impl Given {
    /// Reads the parameters of a block's command from its session.
    fn of(session: &Session, run: &Run) -> Result<Self, Notice> {
        let mut values = BTreeMap::new();
        for parameter in parameters(run.command) {
            let content = match (parameter.takes, run.given(parameter.name)) {
                (Takes::Pin, _) => session.pin.as_ref().map(|pin| pin.0.clone()),
                (_, None) => None,
                (takes, Some(given)) => match reference(takes, given) {
                    Some(name) => session.content(name).map(str::to_owned),
                    None => Some(given.to_owned()),
                },
            };
            match content.filter(|content| !content.is_empty()) {
                Some(content) => {
                    values.insert(parameter.name, content);
                }
                None if parameter.required => return Err(incomplete()),
                None => {}
            }
        }
        Ok(Self { values })
    }

    /// A parameter; what is required is there, otherwise the block was rejected before.
    fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }
}

/// The language that a `choose_language` block chooses: the answer that it names, or `language`.
pub(crate) fn language(session: &Session, run: &Run) -> Option<String> {
    let name = run.given(LANGUAGE).unwrap_or(LANGUAGE);
    session.content(name).map(str::to_owned)
}

fn incomplete() -> Notice {
    Notice::plain("reject-incomplete")
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

/// A person's document keeps a birth date as a day or a year: of a month its year.
fn recorded(field: Field, value: &str) -> String {
    let is_month = field == Field::BirthDate && value.len() == "1994-05".len();
    let year = value.split('-').next().filter(|_| is_month);
    year.unwrap_or(value).to_owned()
}

fn register_pair(view: &View<'_>, session: &Session) -> Result<Command, Notice> {
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
            mother.set(field, recorded(field, value));
        }
        if let Some(field) = field(&answer.name, CHILD_PREFIX) {
            child.set(field, recorded(field, value));
        }
    }
    Ok(Command::RegisterPair {
        programme: session.programme.clone(),
        programme_version: session.programme_version,
        mother,
        child,
        consent: consent_answer(view, session)?,
    })
}

/// What the person said to the programme's agreement, and by which words she was asked.
fn consent_answer(view: &View<'_>, session: &Session) -> Result<ConsentAnswer, Notice> {
    let agreement = &view.programme.definition().agreement;
    let opt_in = session
        .answers
        .get(&agreement.answer)
        .is_some_and(|answer| answer == "yes");
    let catalogue = view
        .programme
        .catalogue(view.language)
        .ok_or_else(incomplete)?;
    Ok(ConsentAnswer {
        agreement: agreement.code.clone(),
        revision: agreement.revision,
        text_hash: text_hash(catalogue, &agreement.text),
        language: view.language.to_owned(),
        opt_in,
        channel: bearer(&session.channel).to_owned(),
        purposes: agreement.purposes.clone(),
        basis: agreement.basis,
        witness: Some(Witness::Keypad),
    })
}

/// SHA-256 of the text that shows purpose and controller.
pub(crate) fn text_hash(catalogue: &Catalogue, key: &str) -> [u8; 32] {
    let text = catalogue.text(key, &BTreeMap::new()).unwrap_or_default();
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
