//! `run` blocks: the command that a dialogue gives, and what it hands over.
//!
//! A parameter is named in the table `with`, or, for the two that nearly every command has, by the
//! keys `event` and `subject`. Which parameters a command has stands beside the mapping to
//! [`crate::command::Command`], in `dialogue::act`. One that is unknown or missing is a finding.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::SERVICE_FILE;
use super::block::{Block, CommandKind};
use super::definition::{Definition, Dialogue};
use super::finding::Finding;
use crate::dialogue::parameters;

/// A `run` block.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Its code.
    pub code: String,
    /// The command.
    pub command: CommandKind,
    /// Short for the parameter `event`.
    pub event: Option<String>,
    /// Short for the parameter `subject`.
    pub subject: Option<String>,
    /// What it hands to the command, by parameter.
    #[serde(default)]
    pub with: BTreeMap<String, String>,
    /// Where it leads when done.
    pub next: String,
    /// Block that is shown with the rejection; without it the conversation ends with its text.
    pub rejected: Option<String>,
}

/// What a parameter is made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Takes {
    /// The words of the definition, such as the code of an event.
    Words,
    /// The name of an answer or value; its content is handed over.
    Name,
    /// `$name` for the content of an answer or value, anything else as it stands.
    Either,
    /// What the `pin` block before it took; the definition does not name it.
    Pin,
}

/// A parameter of a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it is made of.
    pub takes: Takes,
    /// Whether the block must name it. At run time an empty required one is rejected as incomplete.
    pub required: bool,
}

impl Run {
    /// What the definition gives for a parameter.
    pub fn given(&self, name: &str) -> Option<&str> {
        let own = match name {
            "event" => self.event.as_ref(),
            "subject" => self.subject.as_ref(),
            _ => None,
        };
        own.or_else(|| self.with.get(name)).map(String::as_str)
    }

    /// The names of answers and values that it hands over.
    pub(super) fn references(&self) -> Vec<&str> {
        let known = parameters(self.command).iter();
        let given = known.filter_map(|one| reference(one.takes, self.given(one.name)?));
        given.collect()
    }

    /// The names of all parameters that it gives.
    fn names(&self) -> impl Iterator<Item = &str> {
        let short = [
            ("event", self.event.is_some()),
            ("subject", self.subject.is_some()),
        ];
        let short = short
            .into_iter()
            .filter_map(|(name, is)| is.then_some(name));
        short.chain(self.with.keys().map(String::as_str))
    }
}

/// The answer or value that a parameter refers to, `None` for words.
pub(crate) fn reference(takes: Takes, given: &str) -> Option<&str> {
    match takes {
        Takes::Name => Some(given),
        Takes::Either => given.strip_prefix('$'),
        Takes::Words | Takes::Pin => None,
    }
}

/// Findings about what the blocks of a dialogue hand over.
pub(super) fn check(definition: &Definition, dialogue: &Dialogue) -> Vec<Finding> {
    let runs = dialogue.blocks.iter().filter_map(|block| match block {
        Block::Run(run) => Some(run),
        _ => None,
    });
    runs.flat_map(|run| {
        wrong(definition, run).into_iter().map(|(message, fix)| {
            let place = format!("dialogue {}, block {}", dialogue.code, run.code);
            Finding::new(SERVICE_FILE, place, message, fix)
        })
    })
    .collect()
}

fn wrong(definition: &Definition, run: &Run) -> Vec<(String, String)> {
    let known = parameters(run.command);
    let names: Vec<&str> = known.iter().map(|one| one.name).collect();
    let mut found = Vec::new();
    for name in run.names().filter(|name| !names.contains(name)) {
        let fix = if names.is_empty() {
            "drop it; the command has no parameters".to_owned()
        } else {
            format!("the command takes {}", names.join(", "))
        };
        found.push((format!("its command has no parameter {name}"), fix));
    }
    for parameter in known {
        let Some(given) = run.given(parameter.name) else {
            if parameter.required && parameter.takes != Takes::Pin {
                let message = format!("the parameter {} is missing", parameter.name);
                found.push((message, "name it in `with`".to_owned()));
            }
            continue;
        };
        if let Some(name) = reference(parameter.takes, given)
            && !definition.knows(name)
        {
            let message = format!("{name} is neither a field nor a value");
            let fix = "name an answer, or a value that an earlier command gives back";
            found.push((message, fix.to_owned()));
        }
    }
    found
}
