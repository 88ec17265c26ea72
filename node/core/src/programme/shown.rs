//! Answers and days as texts outside a dialogue show them: labels for codes, months in letters.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::Programme;
use crate::dialogue::screen::{Kept, View};
use crate::text::Texts;

/// A day without its year: `14 Mar`.
pub(crate) fn day(texts: &Texts, language: &str, day: Date) -> String {
    let month = texts.plain(language, &format!("month-{}", day.month()));
    format!("{} {month}", day.day())
}

/// One answer as the dialogue that asks for it shows it.
pub(crate) fn answer(
    programme: &Programme,
    texts: &Texts,
    language: &str,
    (name, value): (&str, &str),
) -> String {
    let asks = |dialogue: &&super::definition::Dialogue| {
        let mut saved = dialogue
            .blocks
            .iter()
            .filter_map(|block| block.ask()?.saves.as_deref());
        saved.any(|saved| saved == name)
    };
    let dialogue = programme.definition().dialogues.iter().find(asks);
    let Some(dialogue) = dialogue else {
        return value.to_owned();
    };
    let view = View {
        programme,
        dialogue,
        texts,
        language: programme.language_or_first(language),
        kept: Kept::NOTHING,
    };
    view.answer_shown(name, value)
}

/// All answers.
pub(crate) fn answers(
    programme: &Programme,
    texts: &Texts,
    language: &str,
    answers: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let shown = answers.iter().map(|(name, value)| {
        let value = answer(programme, texts, language, (name, value));
        (name.clone(), value)
    });
    shown.collect()
}
