//! Ranges of questions: what a number, a date, an amount or a text may be, and where a PIN goes.

use super::SERVICE_FILE;
use super::block::{Block, Rule};
use super::check::DECIMALS_MAX;
use super::definition::Dialogue;
use super::finding::Finding;
use super::run::Takes;
use crate::dialogue::{INPUT_CHARS_MAX, parameters};

/// Findings about the questions of a dialogue.
pub(super) fn check(dialogue: &Dialogue, has_currency: bool) -> Vec<Finding> {
    let found = dialogue.blocks.iter().filter_map(|block| {
        let (message, fix) = wrong(dialogue, block, has_currency)?;
        let place = format!("dialogue {}, block {}", dialogue.code, block.code());
        Some(Finding::new(SERVICE_FILE, place, message, fix))
    });
    found.collect()
}

fn wrong(
    dialogue: &Dialogue,
    block: &Block,
    has_currency: bool,
) -> Option<(&'static str, &'static str)> {
    match block {
        Block::Numeric(numeric) if numeric.min > numeric.max => Some((
            "its smallest answer is above its largest",
            "swap min and max",
        )),
        Block::Numeric(numeric) if numeric.decimals > DECIMALS_MAX => {
            Some(("it has more than 3 decimals", "ask for a smaller unit"))
        }
        Block::Date(date) if date.days_ahead > 0 => {
            let both = date.years_min > 0;
            both.then_some(("it must lie both ahead and years back", "drop one of them"))
        }
        Block::Date(date) if date.years_min >= date.years_max => {
            Some(("years_min is not below years_max", "widen the span"))
        }
        Block::Money(_) if !has_currency => {
            Some(("the site has no currency", "add `currency` to places.toml"))
        }
        Block::Money(money) if money.min > money.max => Some((
            "its smallest amount is above its largest",
            "swap min and max",
        )),
        Block::Open(open) => match open.max {
            Some(_) if open.rule != Rule::Text => {
                Some(("only free text has a `max`", "drop `max`"))
            }
            Some(max) if max == 0 || usize::from(max) > INPUT_CHARS_MAX => Some((
                "its `max` is 0 or longer than an input may be",
                "give 1 to 182",
            )),
            _ => None,
        },
        Block::Pin(pin) => {
            let next = pin.ask.next.as_ref().and_then(|next| dialogue.block(next));
            let takes_it = matches!(next, Some(Block::Run(run))
                if parameters(run.command).iter().any(|one| one.takes == Takes::Pin));
            if pin.ask.saves.is_some() || pin.ask.zero.is_some() {
                Some((
                    "a PIN is never saved and has no choice 0",
                    "drop `saves` and `zero`",
                ))
            } else if takes_it {
                None
            } else {
                Some((
                    "nothing takes the PIN",
                    "lead it to a `run` block whose command takes a PIN",
                ))
            }
        }
        _ => None,
    }
}
