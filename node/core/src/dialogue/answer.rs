//! What an input means at a block: the value to save and where it leads, or a refusal.

use jiff::civil::Date;
use jiff::tz::Offset;
use sync_core::ClockQuality;

use super::refusal::{INPUT_CHARS_MAX, Refusal};
use super::screen::View;
use super::{date, input};
use crate::contact::Moment;
use crate::programme::Programme;
use crate::programme::block::{Ask, Block, DateQuestion, List, Open, Rule};

/// An accepted answer.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Answer<'a> {
    /// Value to save; `None` when the block saves nothing.
    pub value: Option<String>,
    /// The words of a choice that came from a command's values, which may be gone later.
    pub label: Option<String>,
    /// The area that was chosen; its places come next, on the same block.
    pub area: Option<String>,
    /// The next block; `None` only in a definition that was never compiled.
    pub next: Option<&'a str>,
    /// Block to which the answer of the next one returns.
    pub back_to: Option<&'a str>,
}

/// Whether the clock is good enough for "today" and for refusing days to come.
pub(crate) fn clock_known(now: Moment) -> bool {
    now.quality != ClockQuality::Unknown
}

/// The day at the site.
pub(crate) fn today(programme: &Programme, now: Moment) -> Option<Date> {
    if !clock_known(now) {
        return None;
    }
    let seconds = programme.utc_offset_min().saturating_mul(60);
    let offset = Offset::from_seconds(seconds).unwrap_or(Offset::UTC);
    Some(offset.to_datetime(now.at).date())
}

/// Reads a cleaned input at a block.
pub(crate) fn answer<'a>(
    view: &View<'_>,
    block: &'a Block,
    typed: &str,
    now: Moment,
) -> Result<Answer<'a>, Refusal> {
    let Some(ask) = block.ask() else {
        return Err(Refusal::Choice);
    };
    if let (Some(zero), "0") = (&ask.zero, typed) {
        let next = zero.next.as_deref().or(ask.next.as_deref());
        return Ok(Answer {
            value: Some(String::new()),
            label: None,
            area: None,
            next,
            back_to: None,
        });
    }
    let value = match block {
        Block::SelectOne(_) => return select_one(view, block, ask, typed),
        Block::SelectMany(_) => {
            let offers = view.offers(block, true);
            let places = input::several(typed, offers.len())?;
            let chosen = offers
                .iter()
                .enumerate()
                .filter(|(place, _)| places.contains(place));
            chosen
                .map(|(_, offer)| offer.code.as_str())
                .collect::<Vec<_>>()
                .join(" ")
        }
        Block::Numeric(numeric) => {
            input::number(typed, (numeric.min, numeric.max), numeric.decimals)?
        }
        Block::Date(question) => day(view, question, typed, now)?,
        Block::Open(open) => free(view, open, typed)?,
        Block::Money(money) => {
            let currency = view.programme.currency().ok_or(Refusal::Choice)?;
            input::money(typed, (money.min, money.max), currency)?
        }
        Block::Pin(_) => input::pin(typed)?,
        Block::Message(_)
        | Block::Case(_)
        | Block::Run(_)
        | Block::Calculate(_)
        | Block::Call(_)
        | Block::Return(_)
        | Block::Repeat(_)
        | Block::Prove(_) => return Err(Refusal::Choice),
    };
    Ok(Answer {
        value: Some(value),
        label: None,
        area: None,
        next: ask.next.as_deref(),
        back_to: None,
    })
}

fn select_one<'a>(
    view: &View<'_>,
    block: &'a Block,
    ask: &'a Ask,
    typed: &str,
) -> Result<Answer<'a>, Refusal> {
    let of_places = matches!(block, Block::SelectOne(select) if select.list == Some(List::Places));
    let place = choice_place(typed);
    let offer = place.and_then(|place| view.offers(block, true).into_iter().nth(place));
    let Some(offer) = offer else {
        let place = view.place_typed(typed).filter(|_| of_places);
        return Ok(Answer {
            value: Some(place.ok_or(Refusal::Choice)?.to_owned()),
            label: None,
            area: None,
            next: ask.next.as_deref(),
            back_to: None,
        });
    };
    let own = offer.choice.and_then(|choice| choice.next.as_deref());
    let is_area = of_places && view.chooses_area();
    Ok(Answer {
        area: is_area.then(|| offer.code.clone()),
        label: is_of_values(block).then_some(offer.label),
        value: Some(offer.code),
        next: own.or(ask.next.as_deref()),
        back_to: offer.choice.and_then(|choice| choice.back_to.as_deref()),
    })
}

fn is_of_values(block: &Block) -> bool {
    matches!(block, Block::SelectOne(select) if matches!(select.list, Some(List::Values(_))))
}

/// Place, from 0, of the choice with this number: digits without a leading 0, `.` or `)` behind.
pub(crate) fn choice_place(typed: &str) -> Option<usize> {
    let digits = typed.trim_end_matches(['.', ')', '#']).trim_end();
    let canonical = !digits.starts_with('0') && digits.chars().all(|c| c.is_ascii_digit());
    if canonical {
        digits.parse::<usize>().ok()?.checked_sub(1)
    } else {
        None
    }
}

fn day(
    view: &View<'_>,
    question: &DateQuestion,
    typed: &str,
    now: Moment,
) -> Result<String, Refusal> {
    let today = today(view.programme, now);
    if let (Some(today), Some(_), Some(place)) = (today, &question.recent, choice_place(typed)) {
        let day = match place {
            0 => Some(today),
            1 => today.yesterday().ok(),
            _ => None,
        };
        if let Some(day) = day {
            return Ok(day.to_string());
        }
    }
    let calendar = view.programme.calendar(view.language);
    date::read(typed, question, calendar, today)
}

fn free(view: &View<'_>, open: &Open, typed: &str) -> Result<String, Refusal> {
    match open.rule {
        Rule::Name => input::name(typed),
        Rule::Phone => input::phone(typed, view.programme.country()),
        Rule::Identifier => input::identifier(typed),
        Rule::RegistrationNumber => input::registration_number(typed),
        Rule::Text if typed.is_empty() => Err(Refusal::Empty),
        Rule::Text => {
            let limit = open.max.map_or(INPUT_CHARS_MAX, usize::from);
            if typed.chars().nth(limit).is_some() {
                return Err(Refusal::Long { limit });
            }
            Ok(typed.to_owned())
        }
    }
}
