//! No personal screen without a PIN: commands that read what is the caller's own lie behind a
//! `prove` block, or behind a `pin` block with `check_pin` or `set_pin` (IDENTITY §7, S6).
//!
//! Every way through the written-out dialogue is followed with what was proved on it. The command
//! itself refuses too, whatever a definition says; the finding tells the designer before a person
//! meets the refusal. Screens of staff about other people are no matter of this file:
//! their PIN stands before all of them, whatever a programme says (`dialogue::staff`).

use std::collections::{BTreeMap, BTreeSet};

use super::SERVICE_FILE;
use super::block::{Block, CommandKind, Run};
use super::definition::Dialogue;
use super::finding::Finding;
use super::{graph, prove};

/// How sure it is who is at the phone, on a way through a dialogue.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Sure {
    /// Nobody was asked.
    No,
    /// One person uses the phone, or nobody who is known here, or the PIN was right.
    Alone,
    /// The PIN was right.
    Proved,
}

/// Findings of a written-out dialogue.
pub(super) fn check(dialogue: &Dialogue) -> Vec<Finding> {
    let mut least: BTreeMap<&str, Sure> = BTreeMap::new();
    let mut open = vec![(dialogue.start.as_str(), Sure::No)];
    while let Some((code, sure)) = open.pop() {
        if least.get(code).is_some_and(|known| *known <= sure) {
            continue;
        }
        let Some(block) = dialogue.block(code) else {
            continue;
        };
        least.insert(code, sure);
        let leads = graph::leads(dialogue, block);
        open.extend(
            leads
                .into_iter()
                .map(|(to, _)| (to, behind(block, to, sure))),
        );
    }
    let mut found = Vec::new();
    for block in &dialogue.blocks {
        let Block::Run(run) = block else { continue };
        let Some(sure) = least.get(block.code()) else {
            continue;
        };
        if needed(run).is_some_and(|needed| *sure < needed) {
            let place = format!("dialogue {}, block {}", dialogue.code, run.code);
            let message = "it shows what is the caller's own, and a way to it asks for no PIN";
            let fix = "lead to it through a `prove` block, or a `pin` block with `check_pin`";
            found.push(Finding::new(SERVICE_FILE, place, message, fix));
        }
    }
    found
}

/// How sure it is behind a block, on the way to another.
fn behind(block: &Block, to: &str, before: Sure) -> Sure {
    match block {
        Block::Run(run) if proves(run.command) && run.next == to => {
            // A rejection that leads to the same block proves nothing.
            if run.rejected.as_deref() == Some(to) {
                before
            } else {
                Sure::Proved
            }
        }
        Block::Case(case) if case.on.as_deref() == Some(prove::STATE) => {
            let words: BTreeSet<Option<&str>> = case
                .arms
                .iter()
                .filter(|arm| arm.next == to)
                .map(|arm| arm.is.as_deref())
                .collect();
            let proves = !words.is_empty() && case.otherwise != to;
            if proves && words.iter().all(|word| *word == Some("proved")) {
                Sure::Proved
            } else if proves
                && words
                    .iter()
                    .all(|word| matches!(word, Some("proved" | "open" | "nobody")))
            {
                before.max(Sure::Alone)
            } else {
                before
            }
        }
        _ => before,
    }
}

fn proves(command: CommandKind) -> bool {
    matches!(command, CommandKind::CheckPin | CommandKind::SetPin)
}

/// How sure it must be for a command; `None` where it shows nothing of the caller's own.
fn needed(run: &Run) -> Option<Sure> {
    match run.command {
        CommandKind::ShowCase | CommandKind::ShowDue | CommandKind::UpdatePerson => {
            run.given("subject").is_none().then_some(Sure::Proved)
        }
        CommandKind::ShowEvents => run.given("mine").map(|_| Sure::Proved),
        CommandKind::AskErasure | CommandKind::StopChange => {
            run.given("number").is_none().then_some(Sure::Proved)
        }
        CommandKind::ShowConsents
        | CommandKind::ShowMyChange
        | CommandKind::ShowMyReads
        | CommandKind::ChangePin => Some(Sure::Proved),
        // The status tells no more than the texts that a phone of one person gets anyway, and
        // withdrawing is as easy as agreeing was; of nobody else on a shared phone.
        CommandKind::ShowMyStatus | CommandKind::WithdrawConsent => Some(Sure::Alone),
        _ => None,
    }
}
