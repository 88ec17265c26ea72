//! The graph of a dialogue: unknown and unreachable blocks, paths without an end, loops, and the
//! longest path.
//!
//! Two kinds of edges may lead back, because the engine's limit of inputs bounds them: to the
//! dialogue's first block, and the detour that changes one answer (`back_to`, `rejected`).

use std::collections::{BTreeMap, BTreeSet};

use super::SERVICE_FILE;
use super::block::Block;
use super::definition::Dialogue;
use super::finding::Finding;

/// Where a block leads.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Edge<'a> {
    to: &'a str,
    /// Whether it belongs to the straight way, which must not come back to itself.
    straight: bool,
}

/// Greatest sum from each block to an end, and the block behind it on that way.
type Best<'a> = BTreeMap<&'a str, (u64, Option<&'a str>)>;

/// Findings of one dialogue.
pub(super) fn check(dialogue: &Dialogue) -> Vec<Finding> {
    let mut findings = unknown(dialogue);
    if !findings.is_empty() {
        return findings;
    }
    let reached = reached_from_start(dialogue);
    for block in &dialogue.blocks {
        if !reached.contains(block.code()) {
            findings.push(finding(
                dialogue,
                block.code(),
                "no path reaches it",
                "lead a choice to it or delete it",
            ));
        }
    }
    let ending = blocks_with_end(dialogue);
    for block in &dialogue.blocks {
        if !ending.contains(block.code()) {
            findings.push(finding(
                dialogue,
                block.code(),
                "no path from it comes to an end",
                "lead it to a message without `next`",
            ));
        }
    }
    if let Some(code) = looping(dialogue) {
        findings.push(finding(
            dialogue,
            &code,
            "a path comes back to it",
            "lead to the first block instead, or use `back_to` for changing an answer",
        ));
    }
    findings
}

fn finding(dialogue: &Dialogue, block: &str, message: &str, fix: &str) -> Finding {
    Finding::new(
        SERVICE_FILE,
        format!("dialogue {}, block {block}", dialogue.code),
        message,
        fix,
    )
}

/// All edges of a block, `Err` with what is missing when an answer leads nowhere.
fn edges<'a>(dialogue: &'a Dialogue, block: &'a Block) -> Result<Vec<Edge<'a>>, String> {
    let mut edges = Vec::new();
    let mut add = |to: &'a str, straight: bool| {
        edges.push(Edge {
            to,
            straight: straight && to != dialogue.start,
        });
    };
    match block {
        Block::Message(message) => {
            if let Some(next) = &message.next {
                add(next, true);
            }
        }
        Block::Case(case) => {
            case.arms.iter().for_each(|arm| add(&arm.next, true));
            add(&case.otherwise, true);
        }
        Block::Run(run) => {
            add(&run.next, true);
            if let Some(rejected) = &run.rejected {
                add(rejected, false);
            }
        }
        Block::Calculate(calculate) => add(&calculate.next, true),
        Block::Call(_) | Block::Return(_) | Block::Repeat(_) | Block::Prove(_) => {}
        _ => {
            let ask = block.ask().ok_or("it is no question")?;
            if ask.when.is_some() {
                let next = ask.next.as_ref();
                add(
                    next.ok_or("it may be skipped, and then leads nowhere")?,
                    true,
                );
            }
            for choice in block.choices() {
                let next = choice.next.as_ref().or(ask.next.as_ref());
                let next = next.ok_or(format!("choice {} leads nowhere", choice.code))?;
                add(next, choice.back_to.is_none());
                if let Some(back_to) = &choice.back_to {
                    add(back_to, false);
                }
            }
            if let Some(zero) = &ask.zero {
                let next = zero.next.as_ref().or(ask.next.as_ref());
                add(next.ok_or("choice 0 leads nowhere")?, true);
            }
            if let Some((_, empty)) = block.lists_values() {
                add(empty, true);
            }
            if block.choices().is_empty() {
                add(ask.next.as_ref().ok_or("its answer leads nowhere")?, true);
            }
        }
    }
    Ok(edges)
}

/// Every block that a block leads to, where that is known.
pub(super) fn targets(dialogue: &Dialogue, block: &Block) -> Vec<String> {
    let edges = edges(dialogue, block).unwrap_or_default();
    edges.into_iter().map(|edge| edge.to.to_owned()).collect()
}

/// Every block that a block leads to, and whether that is on a straight way.
pub(super) fn leads<'a>(dialogue: &'a Dialogue, block: &'a Block) -> Vec<(&'a str, bool)> {
    let mut leads: Vec<(&str, bool)> = Vec::new();
    for edge in edges(dialogue, block).unwrap_or_default() {
        if !leads.iter().any(|(to, _)| *to == edge.to) {
            leads.push((edge.to, edge.straight));
        }
    }
    leads
}

/// Whether straight ways part at a block.
pub(super) fn is_fork(dialogue: &Dialogue, block: &Block) -> bool {
    let straight = leads(dialogue, block).into_iter();
    straight
        .filter(|(_, is_straight)| *is_straight)
        .nth(1)
        .is_some()
}

/// Straight paths from the first block to an end, at most `max`.
pub(super) fn paths(dialogue: &Dialogue, max: usize) -> Vec<Vec<&Block>> {
    let mut done = Vec::new();
    let mut open: Vec<Vec<&Block>> = dialogue
        .block(&dialogue.start)
        .map(|one| vec![one])
        .into_iter()
        .collect();
    while let (Some(path), true) = (open.pop(), done.len() < max) {
        let Some(last) = path.last() else { continue };
        if last.is_end() {
            done.push(path);
            continue;
        }
        // From the last to the first, so that the first is taken next.
        for (to, is_straight) in leads(dialogue, last).into_iter().rev() {
            if let (Some(block), true) = (dialogue.block(to), is_straight) {
                let mut longer = path.clone();
                longer.push(block);
                open.push(longer);
            }
        }
    }
    done
}

/// Edges of a dialogue that was checked for unknown blocks.
/// The screens that may be the first: those that the start leads to past blocks that show nothing.
pub(super) fn first_screens(dialogue: &Dialogue) -> BTreeSet<&str> {
    let mut open = vec![dialogue.start.as_str()];
    let mut seen = BTreeSet::new();
    let mut first = BTreeSet::new();
    while let Some(block) = open.pop().and_then(|code| dialogue.block(code)) {
        if block.is_shown() {
            first.insert(block.code());
        } else if seen.insert(block.code()) {
            open.extend(leads(dialogue, block).into_iter().map(|(to, _)| to));
        }
    }
    first
}

fn known_edges<'a>(dialogue: &'a Dialogue, code: &str) -> Vec<Edge<'a>> {
    let block = dialogue.block(code);
    block
        .and_then(|block| edges(dialogue, block).ok())
        .unwrap_or_default()
}

fn unknown(dialogue: &Dialogue) -> Vec<Finding> {
    let mut findings = Vec::new();
    if dialogue.block(&dialogue.start).is_none() {
        findings.push(finding(
            dialogue,
            &dialogue.start,
            "the first block is missing",
            "add it",
        ));
    }
    for block in &dialogue.blocks {
        match edges(dialogue, block) {
            Err(message) => {
                findings.push(finding(
                    dialogue,
                    block.code(),
                    &message,
                    "give it a `next`",
                ));
            }
            Ok(edges) => {
                let missing = edges
                    .iter()
                    .filter(|edge| dialogue.block(edge.to).is_none());
                findings.extend(missing.map(|edge| {
                    let message = format!("it leads to {}, which does not exist", edge.to);
                    finding(dialogue, block.code(), &message, "correct the name")
                }));
            }
        }
    }
    findings
}

fn reached_from_start(dialogue: &Dialogue) -> BTreeSet<&str> {
    let mut reached = BTreeSet::new();
    let mut open = vec![dialogue.start.as_str()];
    while let Some(code) = open.pop() {
        if reached.insert(code) {
            open.extend(known_edges(dialogue, code).iter().map(|edge| edge.to));
        }
    }
    reached
}

fn blocks_with_end(dialogue: &Dialogue) -> BTreeSet<&str> {
    let mut ending: BTreeSet<&str> = dialogue
        .blocks
        .iter()
        .filter(|block| block.is_end())
        .map(Block::code)
        .collect();
    // A rejection without a block of its own ends the conversation, too, but is no way to plan for.
    for _ in 0..dialogue.blocks.len() {
        let more: Vec<&str> = dialogue
            .blocks
            .iter()
            .map(Block::code)
            .filter(|code| !ending.contains(code))
            .filter(|code| {
                known_edges(dialogue, code)
                    .iter()
                    .any(|e| ending.contains(e.to))
            })
            .collect();
        if more.is_empty() {
            break;
        }
        ending.extend(more);
    }
    ending
}

/// Takes away blocks whose straight edges all lead to blocks taken away; a loop remains.
fn looping(dialogue: &Dialogue) -> Option<String> {
    let mut left: BTreeSet<&str> = dialogue.blocks.iter().map(Block::code).collect();
    loop {
        let leaf = left.iter().copied().find(|code| {
            known_edges(dialogue, code)
                .iter()
                .all(|edge| !edge.straight || !left.contains(edge.to))
        });
        match leaf {
            Some(code) => left.remove(code),
            None => return left.first().map(|code| (*code).to_owned()),
        };
    }
}

/// The path from the first block to an end with the greatest sum of `weight`, without detours.
pub(super) fn longest_path<'a>(
    dialogue: &'a Dialogue,
    weight: &dyn Fn(&Block) -> u64,
) -> Vec<&'a Block> {
    let mut best = Best::new();
    longest_from(dialogue, &dialogue.start, weight, &mut best);
    let mut path = Vec::new();
    let mut code = Some(dialogue.start.as_str());
    while let Some(block) = code.and_then(|code| dialogue.block(code)) {
        path.push(block);
        code = best.get(block.code()).and_then(|(_, next)| *next);
        if path.len() > dialogue.blocks.len() {
            break;
        }
    }
    path
}

/// Greatest sum from a block and the block behind it; `None` when no straight path ends.
fn longest_from<'a>(
    dialogue: &'a Dialogue,
    code: &'a str,
    weight: &dyn Fn(&Block) -> u64,
    best: &mut Best<'a>,
) -> Option<u64> {
    if let Some((sum, _)) = best.get(code) {
        return Some(*sum);
    }
    let block = dialogue.block(code)?;
    let mut longest: Option<(u64, Option<&'a str>)> = block.is_end().then_some((0, None));
    for edge in known_edges(dialogue, code) {
        if !edge.straight {
            continue;
        }
        let behind = longest_from(dialogue, edge.to, weight, best);
        if let Some(sum) = behind.filter(|sum| longest.is_none_or(|(most, _)| *sum > most)) {
            longest = Some((sum, Some(edge.to)));
        }
    }
    let (sum, next) = longest?;
    let sum = sum.saturating_add(weight(block));
    best.insert(block.code(), (sum, next));
    Some(sum)
}
