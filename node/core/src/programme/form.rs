//! Keyword forms: a whole form in one SMS, `REG Achieng, Nyambura, 1994, …`, as part of a programme.
//!
//! A form names a dialogue, the `run` block that takes its answers, a word per language, and its
//! fields in order; how one is read is in [`crate::dialogue::form`]. The check proves that the
//! sample message of each language is read, and that every answer to a faulty one fits one SMS.

use std::collections::BTreeMap;

use serde::Deserialize;
use sync_core::ClockQuality;

use super::block::{Block, Run};
use super::definition::{Bearer, Dialogue, Language};
use super::finding::Finding;
use super::{Programme, Programmes, SERVICE_FILE};
use crate::contact::Moment;
use crate::dialogue::form;
use crate::dialogue::screen::{Kept, View};
use crate::inbox;
use crate::message::is_one_part;
use crate::text::Texts;

/// A form that one message fills.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// Its code.
    pub code: String,
    /// Code of the dialogue whose questions read its answers.
    pub dialogue: String,
    /// Code of the block there that takes them.
    pub run: String,
    /// Signs that part the answers, besides the end of a line; the first is shown in samples.
    pub separators: String,
    /// The word that begins it, by language.
    pub words: BTreeMap<String, String>,
    /// Languages without it, because one SMS in their alphabet does not hold it.
    #[serde(default)]
    pub without: Vec<String>,
    /// Its answers in order.
    pub fields: Vec<FormField>,
}

/// One answer of a form.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormField {
    /// Name under which the dialogue saves it.
    pub answer: String,
    /// Key of the text that names it when something is wrong.
    pub name: String,
    /// What stands for it in the sample message; without it the name of the site's first place.
    pub example: Option<String>,
}

impl FormField {
    /// The block that reads the field.
    pub(crate) fn block<'a>(&self, dialogue: &'a Dialogue) -> Option<&'a Block> {
        let saves = |block: &&Block| {
            let name = block.ask().and_then(|ask| ask.saves.as_deref());
            name == Some(self.answer.as_str())
        };
        dialogue.blocks.iter().find(saves)
    }
}

impl Form {
    /// The sample message in a language; empty where the form has no word.
    pub fn sample(&self, programme: &Programme, language: &str) -> String {
        let Some(word) = self.words.get(language) else {
            return String::new();
        };
        let separator = self.separators.chars().next().unwrap_or(',');
        let place = programme.places().first();
        let place = place.map_or("", |place| place.name.as_str());
        let examples = self.fields.iter();
        let examples: Vec<&str> = examples
            .map(|one| one.example.as_deref().unwrap_or(place))
            .collect();
        format!("{word} {}", examples.join(&format!("{separator} ")))
    }

    /// The block that takes the answers.
    pub(crate) fn run<'a>(&self, dialogue: &'a Dialogue) -> Option<&'a Run> {
        match dialogue.block(&self.run) {
            Some(Block::Run(run)) => Some(run),
            _ => None,
        }
    }
}

impl Programmes {
    /// The form that a text begins, and the language of its word: `language` where that has it.
    pub(crate) fn form(&self, text: &str, language: &str) -> Option<(&Programme, &Form, String)> {
        let word = form::word(text).to_lowercase();
        self.offered().find_map(|programme| {
            let has = |form: &Form, code: &str| {
                let own = form.words.get(code);
                own.is_some_and(|own| own.to_lowercase() == word)
            };
            let forms = &programme.definition().forms;
            let own = forms.iter().find(|form| has(form, language));
            if let Some(form) = own {
                return Some((programme, form, language.to_owned()));
            }
            forms.iter().find_map(|form| {
                let code = form.words.keys().find(|code| has(form, code))?;
                Some((programme, form, code.clone()))
            })
        })
    }
}

impl Programme {
    /// The sample message of each form: its code, the language, the message.
    pub fn samples(&self) -> Vec<(String, String, String)> {
        let forms = self.definition.forms.iter();
        forms
            .flat_map(|form| {
                let languages = form.words.keys();
                languages.map(|code| (form.code.clone(), code.clone(), form.sample(self, code)))
            })
            .collect()
    }
}

/// Findings about forms.
pub(super) fn check(programme: &Programme, texts: &Texts) -> Vec<Finding> {
    let forms = programme.definition.forms.iter();
    forms
        .flat_map(|form| {
            let mut findings = names(programme, form);
            if findings.is_empty() {
                let sms = |language: &&Language| {
                    language.bearers.contains(&Bearer::Sms)
                        && !form.without.contains(&language.code)
                };
                for language in programme.languages().iter().filter(sms) {
                    findings.extend(word(programme, form, language));
                    findings.extend(messages(programme, form, language, texts));
                }
            }
            findings
        })
        .collect()
}

fn finding(form: &Form, message: impl Into<String>, fix: &str) -> Finding {
    Finding::new(SERVICE_FILE, format!("form {}", form.code), message, fix)
}

/// Blocks that do not exist, and required answers that the form leaves out.
fn names(programme: &Programme, form: &Form) -> Vec<Finding> {
    let Some(dialogue) = programme.dialogue(&form.dialogue) else {
        return vec![finding(
            form,
            "its dialogue does not exist",
            "correct the name",
        )];
    };
    let mut findings = Vec::new();
    if form.run(dialogue).is_none() {
        let fix = "name a block of kind run of its dialogue";
        findings.push(finding(form, "its run block does not exist", fix));
    }
    if form.separators.is_empty() || form.separators.chars().any(char::is_alphanumeric) {
        let fix = "name at least one sign, no letters or digits";
        findings.push(finding(form, "its separators are not signs", fix));
    }
    for code in form
        .without
        .iter()
        .filter(|code| form.words.contains_key(*code))
    {
        let message = format!("{code} has a word and is left out");
        findings.push(finding(form, message, "drop one of the two"));
    }
    for field in &form.fields {
        if field.block(dialogue).is_none() {
            let message = format!("its dialogue never asks for {}", field.answer);
            findings.push(finding(form, message, "correct the name or drop the field"));
        }
    }
    let definition = &programme.definition;
    let missing = definition.fields.iter().filter(|one| {
        let in_form = form.fields.iter().any(|field| field.answer == one.name);
        one.required && one.default_of.is_none() && !in_form
    });
    findings.extend(missing.map(|one| {
        let message = format!("it leaves out {}, which is required", one.name);
        finding(form, message, "add the field")
    }));
    findings
}

fn word(programme: &Programme, form: &Form, language: &Language) -> Option<Finding> {
    let fix = "give each form a word of its own in every language with sms";
    let message = match form.words.get(&language.code) {
        None => "it has no word".to_owned(),
        Some(word) => {
            let opens = language
                .words
                .iter()
                .any(|opener| opener.eq_ignore_ascii_case(word));
            let same = |other: &&Form| {
                other.code != form.code
                    && other
                        .words
                        .values()
                        .any(|own| own.eq_ignore_ascii_case(word))
            };
            let twice = programme.definition.forms.iter().any(|other| same(&other));
            if !opens && !twice && !inbox::is_reserved(word) && form::word(word) == word {
                return None;
            }
            format!("its word {word} already means something else, or is not one word")
        }
    };
    Some(finding(form, message, fix).in_language(&language.code))
}

/// The sample is read, and it and every refusal fit one SMS.
fn messages(
    programme: &Programme,
    form: &Form,
    language: &Language,
    texts: &Texts,
) -> Vec<Finding> {
    let Some(dialogue) = programme.dialogue(&form.dialogue) else {
        return Vec::new();
    };
    let view = View {
        programme,
        dialogue,
        texts,
        language: &language.code,
        kept: Kept::NOTHING,
    };
    // Days of an example grow old: only their form counts.
    let now = Moment {
        at: jiff::Timestamp::UNIX_EPOCH,
        quality: ClockQuality::Unknown,
    };
    let sample = form.sample(programme, &language.code);
    let mut findings = Vec::new();
    let mut add = |message: String, fix: &str| {
        findings.push(finding(form, message, fix).in_language(&language.code));
    };
    if let Err(refused) = form::answers(&view, form, &sample, now) {
        add(
            format!("its sample is not read: {refused}"),
            "correct the example of that field",
        );
    }
    let replies = form::replies(&view, form);
    for text in replies.iter().filter(|text| !is_one_part(text)) {
        add(
            format!("an answer to a faulty message does not fit one SMS: {text}"),
            "shorten the names of its fields, or ask for less",
        );
    }
    findings
}
