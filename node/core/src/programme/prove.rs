//! `prove` blocks: who is at the phone, asked by PIN before what is personal (IDENTITY §7).
//!
//! A `prove` block is written out before anything is checked, as calls and loops are: digits on a
//! shared phone, the PIN, the choice of a first one. Its texts are those of the system, so they are
//! the same in every programme. Codes show where the blocks come from: `who/pin` is the question
//! for the PIN of the block `who`. What is reachable without one is found in `programme::guarded`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::block::{Arm, Ask, Block, Case, CommandKind, Open, Pin, Rule, Run};
use super::definition::{Definition, FieldDefinition, ValueDefinition};

/// Keys of system texts that `prove` blocks show begin with this.
pub(super) const TEXT_PREFIX: &str = "prove-";
/// The value of [`crate::command::Command::AskPin`].
pub(super) const STATE: &str = "pin_state";
/// Name under which the last four digits of a registration number are saved.
const DIGITS: &str = "pin_digits";

/// A `prove` block.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prove {
    /// Its code.
    pub code: String,
    /// Where it leads when the PIN was right in this conversation.
    pub next: String,
    /// Where it leads a number at which nobody is registered and confirmed.
    pub unknown: String,
    /// Whether a phone that one person uses needs no PIN for what follows: nothing is shown there
    /// but what its texts say as well.
    #[serde(default)]
    pub only_shared: bool,
}

/// Writes out all `prove` blocks of a definition, and declares what they use.
pub(super) fn write_out(definition: &mut Definition) {
    let mut found = false;
    for dialogue in &mut definition.dialogues {
        let mut blocks = Vec::new();
        for block in &dialogue.blocks {
            match block {
                Block::Prove(prove) => {
                    found = true;
                    blocks.extend(written(prove));
                }
                other => blocks.push(other.clone()),
            }
        }
        dialogue.blocks = blocks;
    }
    if !found {
        return;
    }
    if definition.fields.iter().all(|field| field.name != DIGITS) {
        definition.fields.push(FieldDefinition {
            name: DIGITS.to_owned(),
            longest: "8630".to_owned(),
            required: false,
            default_of: None,
        });
    }
    if definition.values.iter().all(|value| value.name != STATE) {
        definition.values.push(ValueDefinition {
            name: STATE.to_owned(),
            longest: "several".to_owned(),
            status: false,
        });
    }
}

fn written(prove: &Prove) -> Vec<Block> {
    let at = |part: &str| format!("{}/{part}", prove.code);
    let own = |name: &str, text: &str, then: &str| {
        Block::Pin(Pin {
            code: at(name),
            ask: ask(text, None, at(then)),
        })
    };
    let takes = |name: &str, command, with, rejected: &str| {
        run(
            at(name),
            command,
            with,
            prove.next.clone(),
            Some(at(rejected)),
        )
    };
    let only_shared = prove.only_shared.then_some(("only_shared", "yes"));
    let digits = || Some(("hint", DIGITS));
    let alone = prove.only_shared.then(|| arm("open", prove.next.clone()));
    let arms = [
        arm("proved", prove.next.clone()),
        arm("several", at("digits")),
        arm("none", at("new")),
        arm("nobody", prove.unknown.clone()),
    ];
    vec![
        run(
            prove.code.clone(),
            CommandKind::AskPin,
            only_shared,
            at("state"),
            None,
        ),
        Block::Case(Case {
            code: at("state"),
            on: Some(STATE.to_owned()),
            arms: arms.into_iter().chain(alone).collect(),
            otherwise: at("pin"),
        }),
        own("pin", "prove-pin", "check"),
        takes("check", CommandKind::CheckPin, None, "pin"),
        own("new", "prove-new", "set"),
        takes("set", CommandKind::SetPin, None, "new"),
        Block::Open(Open {
            code: at("digits"),
            ask: ask("prove-digits", Some(DIGITS), at("asked")),
            rule: Rule::Identifier,
            max: None,
        }),
        run(
            at("asked"),
            CommandKind::AskPin,
            digits(),
            at("asked-state"),
            None,
        ),
        Block::Case(Case {
            code: at("asked-state"),
            on: Some(STATE.to_owned()),
            arms: vec![arm("none", at("new-of"))],
            otherwise: at("pin-of"),
        }),
        own("pin-of", "prove-pin-of", "check-of"),
        takes("check-of", CommandKind::CheckPin, digits(), "digits"),
        own("new-of", "prove-new", "set-of"),
        takes("set-of", CommandKind::SetPin, digits(), "new-of"),
    ]
}

fn arm(is: &str, next: String) -> Arm {
    Arm {
        is: Some(is.to_owned()),
        when: None,
        next,
    }
}

fn ask(text: &str, saves: Option<&str>, next: String) -> Ask {
    Ask {
        text: text.to_owned(),
        saves: saves.map(str::to_owned),
        next: Some(next),
        zero: None,
        when: None,
        pages: None,
    }
}

fn run(
    code: String,
    command: CommandKind,
    with: Option<(&str, &str)>,
    next: String,
    rejected: Option<String>,
) -> Block {
    let with = with.map(|(name, given)| (name.to_owned(), given.to_owned()));
    Block::Run(Run {
        code,
        command,
        event: None,
        subject: None,
        with: with.into_iter().collect::<BTreeMap<_, _>>(),
        next,
        rejected,
    })
}
