//! Findings about last screens: a conversation that ends forgets its answers before it shows them.
//!
//! A text of a `message` block without `next` may name values that a command gave back, and nothing
//! that was typed.

use std::collections::BTreeSet;

use super::block::Block;
use super::finding::Finding;
use super::{Programme, SERVICE_FILE};

/// Answers that a last screen names.
pub(super) fn check(programme: &Programme) -> Vec<Finding> {
    let definition = programme.definition();
    let answers: BTreeSet<&str> = definition
        .fields
        .iter()
        .filter(|field| !definition.gives(&field.name))
        .map(|field| field.name.as_str())
        .collect();
    let first = programme.languages().first();
    let Some(catalogue) = first.and_then(|language| programme.catalogue(&language.code)) else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    for dialogue in &definition.dialogues {
        for block in dialogue.blocks.iter().filter(|block| block.is_end()) {
            let Block::Message(message) = block else {
                continue;
            };
            let shown = catalogue.parameters(&message.text).into_iter().flatten();
            for name in shown.filter(|name| answers.contains(name.as_str())) {
                let place = format!("dialogue {}, block {}", dialogue.code, message.code);
                let text = format!("it shows {name}, which is forgotten when the dialogue ends");
                let fix = "leave it out, or show it before the last screen";
                findings.push(Finding::new(SERVICE_FILE, place, text, fix));
            }
        }
    }
    findings
}
