//! What stands on a block's screen: its text with values, its choices, and the keys that apply.

use std::collections::BTreeMap;

use super::date::Partial;
use super::input;
use super::page::Parts;
use crate::duplicate::fold;
use crate::programme::Programme;
use crate::programme::block::{Block, Choice, DateQuestion, List, SelectOne};
use crate::programme::check::MANY_CHOICES_MAX;
use crate::programme::definition::{Dialogue, base_name};
use crate::text::Texts;

/// Most repetitions of a line; further ones are not shown.
pub(crate) const EACH_MAX: usize = 20;

/// Behind a text's key: its wording by SMS.
pub(crate) const SMS_SUFFIX: &str = "-sms";
/// Behind a text's key: its wording on screens that are dialled.
pub(crate) const USSD_SUFFIX: &str = "-ussd";
/// Name of the parameter that says which round of a loop it is.
pub(crate) const ROUND: &str = "round";
/// Most lines of a list of values; further ones are not offered.
pub(crate) const LISTED_MAX: usize = 20;

/// What a session keeps besides its answers: raw values of commands, and words of choices that
/// came from them.
#[derive(Clone, Copy)]
pub(crate) struct Kept<'a> {
    /// Values that commands gave back, by name.
    pub values: &'a BTreeMap<String, String>,
    /// The words of an answer, by its name.
    pub labels: &'a BTreeMap<String, String>,
    /// The area whose places are listed, where places come in two levels.
    pub area: Option<&'a str>,
    /// Whether the screen leaves by SMS, for texts that have a wording of their own there.
    pub by_sms: Option<bool>,
}

impl core::fmt::Debug for Kept<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Kept({} values)", self.values.len())
    }
}

impl Kept<'_> {
    /// Nothing is kept.
    pub(crate) const NOTHING: Kept<'static> = Kept {
        values: &BTreeMap::new(),
        labels: &BTreeMap::new(),
        area: None,
        by_sms: None,
    };

    /// How many lines the list of this name has.
    pub(crate) fn count(&self, list: &str) -> usize {
        let count = self.values.get(&format!("{list}_count"));
        let count = count.and_then(|count| count.parse().ok()).unwrap_or(0);
        LISTED_MAX.min(count)
    }

    fn lines(&self, list: &str) -> impl Iterator<Item = (String, String)> {
        (1..=self.count(list)).map(move |index| {
            let value = |name: String| self.values.get(&name).cloned();
            let code = value(format!("{list}_code_{index}"));
            (
                code.unwrap_or_else(|| index.to_string()),
                value(format!("{list}_{index}")).unwrap_or_default(),
            )
        })
    }
}

/// A dialogue in one language.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    /// The definition.
    pub programme: &'a Programme,
    /// The dialogue.
    pub dialogue: &'a Dialogue,
    /// The system texts.
    pub texts: &'a Texts,
    /// The language.
    pub language: &'a str,
    /// What the session keeps; samples where no session is.
    pub kept: Kept<'a>,
}

/// What a screen depends on besides its block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Situation<'a> {
    /// Values as they are shown, by name.
    pub values: &'a BTreeMap<String, String>,
    /// Whether the shortcuts for today and yesterday are offered.
    pub clock_known: bool,
    /// Whether there is a screen to go back to.
    pub goes_back: bool,
}

/// A numbered choice as it is offered: the value that it saves, its words, its definition.
#[derive(Clone, Debug)]
pub(crate) struct Offer<'a> {
    /// The value.
    pub code: String,
    /// The words behind the digit.
    pub label: String,
    /// The definition, for choices that are spelled out.
    pub choice: Option<&'a Choice>,
}

impl View<'_> {
    /// A text of the programme; its key when it is missing, which `compile` excludes.
    pub(crate) fn text(&self, key: &str, values: &BTreeMap<String, String>) -> String {
        let catalogue = self.programme.catalogue(self.language);
        let wording = self.kept.by_sms.map(|by_sms| {
            let suffix = if by_sms { SMS_SUFFIX } else { USSD_SUFFIX };
            format!("{key}{suffix}")
        });
        let own = catalogue.and_then(|catalogue| catalogue.text(&wording?, values));
        own.or_else(|| catalogue?.text(key, values))
            // Blocks that the system writes out itself have its texts.
            .unwrap_or_else(|| self.texts.system(self.language, key, values))
    }

    fn label(&self, key: &str) -> String {
        self.text(key, &BTreeMap::new())
    }

    /// The numbered choices of a block, in their order.
    pub(crate) fn offers<'b>(&self, block: &'b Block, clock_known: bool) -> Vec<Offer<'b>> {
        match block {
            Block::SelectOne(SelectOne {
                list: Some(List::Places),
                ..
            }) => self.places(),
            Block::SelectOne(SelectOne {
                list: Some(List::Languages),
                ..
            }) => self
                .programme
                .languages()
                .iter()
                .map(|one| Offer {
                    code: one.code.clone(),
                    label: one.name.clone(),
                    choice: None,
                })
                .collect(),
            block if block.lists_values().is_some() => self
                .lines(block)
                .map(|(code, label)| Offer {
                    code,
                    label,
                    choice: None,
                })
                .collect(),
            Block::Date(DateQuestion {
                recent: Some(recent),
                ..
            }) if clock_known => [("today", &recent.today), ("yesterday", &recent.yesterday)]
                .map(|(code, key)| Offer {
                    code: code.to_owned(),
                    label: self.label(key),
                    choice: None,
                })
                .into(),
            _ => block
                .choices()
                .iter()
                .map(|choice| Offer {
                    code: choice.code.clone(),
                    label: self.label(&choice.text),
                    choice: Some(choice),
                })
                .collect(),
        }
    }

    /// The values that a block lists: codes and words; of several choices each is one digit.
    fn lines(&self, block: &Block) -> impl Iterator<Item = (String, String)> {
        let most = match block {
            Block::SelectMany(_) => MANY_CHOICES_MAX,
            _ => usize::MAX,
        };
        let list = block.lists_values().map_or("", |(list, _)| list);
        self.kept
            .lines(list)
            .take(most)
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// The places to choose from: all, or first their areas, where there are many.
    fn places<'b>(&self) -> Vec<Offer<'b>> {
        let offer = |(code, label): (&str, &str)| Offer {
            code: code.to_owned(),
            label: label.to_owned(),
            choice: None,
        };
        if self.chooses_area() {
            let areas = self.programme.areas();
            return areas.into_iter().map(offer).collect();
        }
        let places = self.programme.places().iter();
        let listed = places.filter(|place| {
            let area = self.kept.area;
            area.is_none_or(|area| place.area == area)
        });
        listed
            .map(|place| offer((&place.code, &place.name)))
            .collect()
    }

    /// Whether a list of places shows its areas now.
    pub(crate) fn chooses_area(&self) -> bool {
        self.kept.area.is_none() && self.programme.places_in_two_levels()
    }

    /// The place that was typed by its code or name, whatever is listed.
    pub(crate) fn place_typed(&self, typed: &str) -> Option<&str> {
        let typed = fold::words(typed);
        let is_meant = |text: &str| !typed.is_empty() && fold::words(text) == typed;
        let places = self.programme.places();
        let by_code = places.iter().find(|place| is_meant(&place.code));
        let mut named = places.iter().filter(|place| is_meant(&place.name));
        // A name that two places have says nothing.
        let by_name = named.next().filter(|_| named.next().is_none());
        let found = by_code.or(by_name)?;
        Some(&found.code)
    }

    /// Everything on the screen of a block, before it is cut into pages.
    pub(crate) fn parts(&self, block: &Block, situation: Situation<'_>) -> Parts {
        let mut parts = Parts {
            back: self.texts.plain(self.language, "key-back"),
            more: self.texts.plain(self.language, "key-more"),
            goes_back: situation.goes_back && !block.is_end(),
            ..Parts::default()
        };
        if let Some(key) = block.text_keys().first() {
            let text = self.text(key, situation.values);
            parts.text.extend(text.lines().map(str::to_owned));
        }
        if let Block::Message(message) = block {
            parts.goes_on = message.next.is_some();
            if let Some(each) = &message.each {
                let count = situation
                    .values
                    .get(&each.count)
                    .and_then(|count| count.parse().ok());
                for index in 1..=count.unwrap_or(0).min(EACH_MAX) {
                    parts
                        .text
                        .push(self.text(&each.text, &numbered(situation.values, index)));
                }
            }
        }
        let offers = self.offers(block, situation.clock_known);
        parts.choices = (1_usize..)
            .zip(offers)
            .map(|(digit, offer)| format!("{digit} {}", offer.label))
            .collect();
        let zero = block.ask().and_then(|ask| ask.zero.as_ref());
        parts.zero = zero.map(|zero| format!("0 {}", self.label(&zero.text)));
        parts
    }

    /// Answers and values as screens show them: labels for codes, months in letters.
    pub(crate) fn shown(&self, answers: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let mut shown = BTreeMap::new();
        for field in &self.programme.definition().fields {
            let default = || answers.get(field.default_of.as_ref()?);
            if let Some(answer) = answers.get(&field.name).or_else(default) {
                shown.insert(field.name.clone(), self.answer_shown(&field.name, answer));
            }
        }
        for (name, value) in self.kept.values {
            let base = base_name(name);
            let is_status = self
                .programme
                .definition()
                .values
                .iter()
                .any(|one| one.status && (one.name == *name || one.name == base));
            let value = if is_status {
                self.texts.plain(self.language, &format!("status-{value}"))
            } else {
                value.clone()
            };
            shown.insert(name.clone(), value);
        }
        shown
    }

    /// One answer: the label of a choice, the words of a date.
    pub(crate) fn answer_shown(&self, name: &str, answer: &str) -> String {
        if let Some(label) = self.kept.labels.get(name) {
            return label.clone();
        }
        let saves = |block: &&Block| block.saves() == Some(name);
        let Some(block) = self.dialogue.blocks.iter().find(saves) else {
            return answer.to_owned();
        };
        if answer.is_empty() {
            let zero = block.ask().and_then(|ask| ask.zero.as_ref());
            return zero.map_or_else(String::new, |zero| self.label(&zero.text));
        }
        match block {
            Block::SelectOne(SelectOne {
                list: Some(List::Places),
                ..
            }) => {
                let place = self.programme.place(answer);
                place.map_or(answer, |place| &place.name).to_owned()
            }
            Block::SelectOne(_) | Block::SelectMany(_) => {
                let offers = self.offers(block, true);
                let label = |code: &str| {
                    offers
                        .iter()
                        .find(|offer| offer.code == code)
                        .map(|offer| offer.label.clone())
                };
                let labels: Vec<String> = answer.split(' ').filter_map(label).collect();
                labels.join(", ")
            }
            Block::Date(_) => self.date_shown(answer),
            Block::Calculate(calculate) if calculate.value.is_date() => self.date_shown(answer),
            Block::Numeric(numeric) => self.number_shown(answer, numeric.unit.as_ref()),
            Block::Money(_) => self.money_shown(answer),
            _ => answer.to_owned(),
        }
    }

    /// A date in the calendar of the language, months in letters.
    pub(crate) fn date_shown(&self, iso: &str) -> String {
        let calendar = self.programme.calendar(self.language);
        let month_name = |month| self.texts.plain(self.language, &calendar.month_key(month));
        match Partial::parse(iso) {
            Some(Partial::Day(date)) => {
                let (year, month, day) = calendar.said(date);
                format!("{day} {} {year}", month_name(month))
            }
            Some(Partial::Month(year, month)) => {
                let (year, month) = calendar.month_said(year, month);
                format!("{} {year}", month_name(month))
            }
            Some(Partial::Year(year)) => calendar.year_said(year).to_string(),
            None => iso.to_owned(),
        }
    }

    fn number_shown(&self, number: &str, unit: Option<&String>) -> String {
        match unit {
            Some(unit) => format!("{number} {}", self.label(unit)),
            None => number.to_owned(),
        }
    }

    fn money_shown(&self, minor: &str) -> String {
        let currency = self.programme.currency();
        currency.map_or_else(
            || minor.to_owned(),
            |currency| input::money_shown(minor, currency),
        )
    }
}

/// The values of the thing with this number: `status_2` becomes `status`.
pub(super) fn numbered(
    values: &BTreeMap<String, String>,
    index: usize,
) -> BTreeMap<String, String> {
    let suffix = format!("_{index}");
    let own = values
        .iter()
        .filter_map(|(name, value)| Some((name.strip_suffix(&suffix)?.to_owned(), value.clone())));
    own.collect()
}
