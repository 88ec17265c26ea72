//! Sub-dialogues and loops, written out before anything is checked.
//!
//! A `call` block becomes the blocks of the dialogue that it calls, a `repeat` block as many rounds
//! of its body as it may have. What remains is one graph without calls, so every proof about
//! screens, paths and time holds for it, and going back works as anywhere. Codes of blocks show
//! where they come from: `find/who` is block `who` of the dialogue that `find` calls, `name#2`
//! the second round of `name`, which saves `name_2`.

use std::collections::{BTreeMap, BTreeSet};

use super::SERVICE_FILE;
use super::block::{Arm, Block, Call, Case, Repeat};
use super::condition::Condition;
use super::definition::{Definition, Dialogue, FieldDefinition};
use super::finding::Finding;
use super::{graph, prove};

/// Most sub-dialogues inside one another; more are refused.
const CALLS_DEEP_MAX: usize = 4;
/// Most rounds of a loop: each is written out, and a person counts no further on a keypad.
pub(super) const ROUNDS_MAX: u8 = 9;
/// Most blocks of a dialogue once all is written out; beyond it, calls are left as they are.
const BLOCKS_MAX: usize = 400;

/// Signs that written-out codes are made of; a definition must not use them.
pub(crate) const SIGNS: [char; 2] = ['/', '#'];

/// Writes out all calls and loops; sub-dialogues are gone afterwards.
pub(super) fn expand(definition: &mut Definition, findings: &mut Vec<Finding>) {
    prove::write_out(definition);
    let all = definition.dialogues.clone();
    let mut called = BTreeSet::new();
    for dialogue in &mut definition.dialogues {
        for depth in 0.. {
            let calls = dialogue
                .blocks
                .iter()
                .any(|block| matches!(block, Block::Call(_)));
            if !calls {
                break;
            }
            if depth >= CALLS_DEEP_MAX || dialogue.blocks.len() > BLOCKS_MAX {
                let message =
                    format!("sub-dialogues call each other more than {CALLS_DEEP_MAX} deep");
                findings.push(finding(dialogue, None, &message, "let none call itself"));
                break;
            }
            write_out_calls(dialogue, &all, &mut called, findings);
        }
        write_out_loops(dialogue, &mut definition.fields, findings);
        let returns = dialogue
            .blocks
            .iter()
            .find(|block| matches!(block, Block::Return(_)));
        if let (Some(block), false) = (returns, dialogue.audience.is_empty()) {
            let code = block.code().to_owned();
            let fix = "end with a message, or drop the audience";
            findings.push(finding(
                dialogue,
                Some(&code),
                "nobody called this dialogue",
                fix,
            ));
        }
    }
    for dialogue in all.iter().filter(|one| one.audience.is_empty()) {
        if !called.contains(dialogue.code.as_str()) {
            let fix = "give it an audience, or call it";
            findings.push(finding(
                dialogue,
                None,
                "nobody gets it and nothing calls it",
                fix,
            ));
        }
    }
    definition
        .dialogues
        .retain(|dialogue| !dialogue.audience.is_empty());
}

fn finding(dialogue: &Dialogue, block: Option<&str>, message: &str, fix: &str) -> Finding {
    let block = block.map_or_else(String::new, |code| format!(", block {code}"));
    let place = format!("dialogue {}{block}", dialogue.code);
    Finding::new(SERVICE_FILE, place, message, fix)
}

fn write_out_calls(
    dialogue: &mut Dialogue,
    all: &[Dialogue],
    called: &mut BTreeSet<String>,
    findings: &mut Vec<Finding>,
) {
    let mut blocks = Vec::new();
    let mut entries: BTreeMap<String, String> = BTreeMap::new();
    for block in &dialogue.blocks {
        let Block::Call(call) = block else {
            blocks.push(block.clone());
            continue;
        };
        called.insert(call.dialogue.clone());
        if blocks.len() > BLOCKS_MAX {
            // Sub-dialogues of sub-dialogues may be very many; the rest is left as it is.
            blocks.push(block.clone());
            continue;
        }
        let Some(sub) = all.iter().find(|one| one.code == call.dialogue) else {
            let message = format!("it calls {}, which does not exist", call.dialogue);
            findings.push(finding(
                dialogue,
                Some(&call.code),
                &message,
                "correct the name",
            ));
            continue;
        };
        entries.insert(call.code.clone(), format!("{}/{}", call.code, sub.start));
        blocks.extend(inside(call, sub));
    }
    for block in &mut blocks {
        block.lead(&|target| {
            entries
                .get(target)
                .cloned()
                .unwrap_or_else(|| target.to_owned())
        });
    }
    if let Some(entry) = entries.get(&dialogue.start) {
        dialogue.start.clone_from(entry);
    }
    dialogue.blocks = blocks;
}

/// The blocks of a sub-dialogue at the place of a call.
fn inside(call: &Call, sub: &Dialogue) -> Vec<Block> {
    let is_return = |block: &&Block| matches!(block, Block::Return(_));
    let returns: BTreeSet<&str> = sub
        .blocks
        .iter()
        .filter(is_return)
        .map(Block::code)
        .collect();
    let blocks = sub.blocks.iter().filter(|block| !is_return(block));
    blocks
        .map(|block| {
            let mut block = block.clone();
            let code = format!("{}/{}", call.code, block.code());
            *block.code_mut() = code;
            block.lead(&|target| {
                if returns.contains(target) {
                    call.next.clone()
                } else {
                    format!("{}/{target}", call.code)
                }
            });
            block
        })
        .collect()
}

fn write_out_loops(
    dialogue: &mut Dialogue,
    fields: &mut Vec<FieldDefinition>,
    findings: &mut Vec<Finding>,
) {
    while let Some(repeat) = dialogue.blocks.iter().find_map(|block| match block {
        Block::Repeat(repeat) => Some(repeat.clone()),
        _ => None,
    }) {
        let body = body(dialogue, &repeat);
        let nested = body.iter().any(|block| matches!(block, Block::Repeat(_)));
        let bounded = (1..=ROUNDS_MAX).contains(&repeat.max);
        if nested || !bounded || body.is_empty() {
            let message = "a loop is empty, has another inside, or has too many rounds";
            let fix = format!("give it a body, at most {ROUNDS_MAX} rounds and no loop inside");
            findings.push(finding(dialogue, Some(&repeat.code), message, &fix));
            dialogue.blocks.retain(|block| block.code() != repeat.code);
            continue;
        }
        let codes: BTreeSet<String> = body.iter().map(|block| block.code().to_owned()).collect();
        dialogue
            .blocks
            .retain(|block| block.code() != repeat.code && !codes.contains(block.code()));
        for round in 1..=repeat.max {
            dialogue.blocks.push(gate(&repeat, round));
            dialogue
                .blocks
                .extend(rounds(&body, &codes, &repeat, round));
        }
        let saved: BTreeSet<&str> = body.iter().filter_map(Block::saves).collect();
        let numbered: Vec<FieldDefinition> = fields
            .iter()
            .filter(|field| saved.contains(field.name.as_str()))
            .flat_map(|field| {
                (1..=repeat.max).map(|round| FieldDefinition {
                    name: format!("{}_{round}", field.name),
                    required: false,
                    ..field.clone()
                })
            })
            .filter(|field| fields.iter().all(|one| one.name != field.name))
            .collect();
        fields.extend(numbered);
    }
}

/// What lies between the first block of a loop and the way back to it.
fn body(dialogue: &Dialogue, repeat: &Repeat) -> Vec<Block> {
    let mut seen = BTreeSet::from([repeat.code.clone(), repeat.next.clone()]);
    let mut open = vec![repeat.first.clone()];
    let mut found = Vec::new();
    while let Some(code) = open.pop() {
        if !seen.insert(code.clone()) {
            continue;
        }
        if let Some(block) = dialogue.block(&code) {
            open.extend(graph::targets(dialogue, block));
            found.push(block.clone());
        }
    }
    // In the order of the definition, so that screens and graphs read as it does.
    let place = |block: &Block| {
        let mut all = dialogue.blocks.iter();
        all.position(|one| one.code() == block.code())
    };
    found.sort_by_key(place);
    found
}

fn in_round(code: &str, round: u8) -> String {
    format!("{code}#{round}")
}

/// Where a round begins: out of the loop when there are fewer.
fn gate(repeat: &Repeat, round: u8) -> Block {
    let code = if round == 1 {
        repeat.code.clone()
    } else {
        in_round(&repeat.code, round)
    };
    let fewer = Condition {
        answer: Some(repeat.count.clone()),
        more: Some((round - 1).to_string()),
        ..Condition::default()
    };
    Block::Case(Case {
        code,
        on: None,
        arms: vec![Arm {
            is: None,
            when: Some(fewer),
            next: in_round(&repeat.first, round),
        }],
        otherwise: repeat.next.clone(),
    })
}

fn rounds<'a>(
    body: &'a [Block],
    codes: &'a BTreeSet<String>,
    repeat: &'a Repeat,
    round: u8,
) -> impl Iterator<Item = Block> + use<'a> {
    let saved: BTreeSet<&str> = body.iter().filter_map(Block::saves).collect();
    body.iter().map(move |block| {
        let mut block = block.clone();
        let code = in_round(block.code(), round);
        *block.code_mut() = code;
        block.lead(&|target| {
            if target == repeat.code {
                if round == repeat.max {
                    repeat.next.clone()
                } else {
                    in_round(target, round + 1)
                }
            } else if codes.contains(target) {
                in_round(target, round)
            } else {
                target.to_owned()
            }
        });
        block.rename(&|name| {
            if saved.contains(name) {
                format!("{name}_{round}")
            } else {
                name.to_owned()
            }
        });
        block
    })
}

/// The round that a written-out block belongs to.
pub(crate) fn round_of(code: &str) -> Option<usize> {
    code.rsplit_once('#')?.1.parse().ok()
}
