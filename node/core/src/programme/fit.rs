//! Texts of a programme: complete in every language, no unused ones, and each screen within the
//! smallest limit of the bearers that the programme declares for that language.

use std::collections::{BTreeMap, BTreeSet};

use channels_core::gsm7;

use super::block::Block;
use super::definition::Language;
use super::event_check::{self, MESSAGE_VALUES};
use super::expand::ROUNDS_MAX;
use super::finding::Finding;
use super::prove;
use super::{Programme, SERVICE_FILE};
use crate::dialogue::page;
use crate::dialogue::refusal::Refusal;
use crate::dialogue::screen::{
    EACH_MAX, Kept, LISTED_MAX, ROUND, SMS_SUFFIX, Situation, USSD_SUFFIX, View,
};
use crate::text::{Catalogue, Texts};

/// Longest title of a programme, in characters: a line of the home menu. A longer one is refused.
const TITLE_CHARS_MAX: usize = 30;
/// Most pages of a list or of a repeated line; longer ones are refused.
const LIST_PAGES_MAX: usize = 12;

/// Findings about texts.
pub(super) fn check(programme: &Programme, texts: &Texts) -> Vec<Finding> {
    let mut findings = keys(programme);
    findings.extend(titles(programme));
    findings.extend(samples(programme, texts));
    if !findings.is_empty() {
        return findings;
    }
    let values = longest_values(programme);
    for language in programme.languages() {
        findings.extend(misfits(programme, language));
        for dialogue in &programme.definition().dialogues {
            let view = View {
                programme,
                dialogue,
                texts,
                language: &language.code,
                kept: Kept {
                    values: &values,
                    ..Kept::NOTHING
                },
            };
            findings.extend(
                dialogue
                    .blocks
                    .iter()
                    .filter_map(|block| too_long(&view, block)),
            );
        }
    }
    findings
}

/// Whether a language's own words are outside the default alphabet for the most part.
///
/// A single stray character is no reason for UCS-2; it becomes a finding instead.
pub(super) fn needs_ucs2(catalogue: &Catalogue) -> bool {
    let none = BTreeMap::new();
    let text: String = catalogue
        .keys()
        .filter_map(|key| catalogue.text(key, &none))
        .collect();
    let letters = text.chars().filter(|c| c.is_alphabetic());
    let (mut inside, mut outside) = (0_usize, 0_usize);
    for letter in letters {
        let mut buffer = [0; 4];
        match gsm7::septets(letter.encode_utf8(&mut buffer)) {
            Some(_) => inside = inside.saturating_add(1),
            None => outside = outside.saturating_add(1),
        }
    }
    outside > inside
}

/// The longest value of every parameter, as screens show it.
pub(super) fn longest_values(programme: &Programme) -> BTreeMap<String, String> {
    let definition = programme.definition();
    let fields = definition
        .fields
        .iter()
        .map(|one| (&one.name, &one.longest));
    let values = definition
        .values
        .iter()
        .map(|one| (&one.name, &one.longest));
    let mut all: BTreeMap<String, String> = fields
        .chain(values)
        .map(|(name, longest)| (name.clone(), longest.clone()))
        .collect();
    for (name, longest) in MESSAGE_VALUES {
        all.entry(name.to_owned())
            .or_insert_with(|| longest.to_owned());
    }
    all.insert(ROUND.to_owned(), ROUNDS_MAX.to_string());
    let blocks = definition.dialogues.iter().flat_map(|one| &one.blocks);
    let counts = blocks.filter_map(|block| match block {
        Block::Message(message) => all.get(&message.each.as_ref()?.count)?.parse().ok(),
        block => {
            let (list, _) = block.lists_values()?;
            all.get(&format!("{list}_count"))?.parse().ok()
        }
    });
    // Numbered samples are made for the lines that are shown, never for more.
    let most = counts.max().unwrap_or(0).min(EACH_MAX.max(LISTED_MAX));
    for index in 1..=most {
        for value in &definition.values {
            all.insert(format!("{}_{index}", value.name), value.longest.clone());
        }
    }
    all
}

/// Every key in every language with the same parameters, each parameter known, no key unused.
fn keys(programme: &Programme) -> Vec<Finding> {
    let definition = programme.definition();
    let names: BTreeSet<&str> = definition
        .fields
        .iter()
        .map(|one| one.name.as_str())
        .chain(definition.values.iter().map(|one| one.name.as_str()))
        .chain(MESSAGE_VALUES.iter().map(|(name, _)| *name))
        .chain([ROUND])
        .collect();
    let mut used: BTreeSet<&str> = definition
        .dialogues
        .iter()
        .flat_map(|dialogue| &dialogue.blocks)
        .flat_map(Block::text_keys)
        .collect();
    used.retain(|key| !key.starts_with(prove::TEXT_PREFIX));
    used.extend(event_check::keys(definition));
    used.extend([&definition.agreement.text, &definition.title].map(String::as_str));
    let form_fields = definition.forms.iter().flat_map(|form| &form.fields);
    used.extend(form_fields.map(|field| field.name.as_str()));
    let first = definition
        .languages
        .first()
        .and_then(|one| programme.catalogue(&one.code));
    let mut findings = Vec::new();
    for language in &definition.languages {
        let Some(catalogue) = programme.catalogue(&language.code) else {
            continue;
        };
        for key in &used {
            let expected = first.and_then(|first| first.parameters(key));
            findings.extend(
                key_finding(catalogue, key, expected, &names)
                    .map(|(message, fix)| text_finding(language, catalogue, key, message, fix)),
            );
        }
        for key in catalogue.keys().filter(|key| !used.contains(key)) {
            let base = [SMS_SUFFIX, USSD_SUFFIX]
                .into_iter()
                .find_map(|suffix| key.strip_suffix(suffix));
            if let Some(base) = base.filter(|base| used.contains(base)) {
                let expected = first.and_then(|first| first.parameters(base));
                findings.extend(
                    key_finding(catalogue, key, expected, &names)
                        .map(|(message, fix)| text_finding(language, catalogue, key, message, fix)),
                );
                continue;
            }
            let message = "no block shows this text".to_owned();
            findings.push(text_finding(language, catalogue, key, message, "delete it"));
        }
    }
    findings
}

/// A title is one line of the home menu.
fn titles(programme: &Programme) -> Vec<Finding> {
    let key = &programme.definition().title;
    let languages = programme.languages().iter().filter_map(|language| {
        let catalogue = programme.catalogue(&language.code)?;
        let title = catalogue.text(key, &BTreeMap::new())?;
        if title.lines().count() <= 1 && title.chars().count() <= TITLE_CHARS_MAX {
            return None;
        }
        let message = format!("the title has more than {TITLE_CHARS_MAX} characters or one line");
        let fix = "name another text as `title`";
        Some(text_finding(language, catalogue, key, message, fix))
    });
    languages.collect()
}

fn key_finding(
    catalogue: &Catalogue,
    key: &str,
    expected: Option<&BTreeSet<String>>,
    names: &BTreeSet<&str>,
) -> Option<(String, &'static str)> {
    let Some(parameters) = catalogue.parameters(key) else {
        return Some(("the text is missing".to_owned(), "translate it"));
    };
    if let Some(unknown) = parameters
        .iter()
        .find(|name| !names.contains(name.as_str()))
    {
        let message = format!("parameter {unknown} is neither a field nor a value");
        return Some((message, "declare it in service.toml or correct its name"));
    }
    if expected.is_some_and(|expected| expected != parameters) {
        let message = "its parameters differ from those of the first language".to_owned();
        return Some((message, "name the same parameters in every language"));
    }
    None
}

fn text_finding(
    language: &Language,
    catalogue: &Catalogue,
    key: &str,
    message: String,
    fix: &str,
) -> Finding {
    let line = catalogue
        .line(key)
        .map_or_else(String::new, |line| format!(", line {line}"));
    let file = format!("texts/{}.ftl", language.code);
    Finding::new(&file, format!("key {key}{line}"), message, fix).in_language(&language.code)
}

/// No choice, place or status is longer than the sample that texts are measured with.
fn samples(programme: &Programme, texts: &Texts) -> Vec<Finding> {
    let mut findings = Vec::new();
    let values = longest_values(programme);
    for language in programme.languages() {
        let Some(layout) = programme.layout(&language.code) else {
            continue;
        };
        let statuses: Vec<String> = texts.catalogue("en").map_or_else(Vec::new, |catalogue| {
            let keys = catalogue.keys().filter(|key| key.starts_with("status-"));
            keys.map(|key| texts.plain(&language.code, key)).collect()
        });
        let status_fields = programme
            .definition()
            .values
            .iter()
            .filter(|one| one.status);
        let mut shown: Vec<(&str, Vec<String>)> = status_fields
            .map(|one| (one.name.as_str(), statuses.clone()))
            .collect();
        for dialogue in &programme.definition().dialogues {
            let view = View {
                programme,
                dialogue,
                texts,
                language: &language.code,
                kept: Kept {
                    values: &values,
                    ..Kept::NOTHING
                },
            };
            shown.extend(
                dialogue
                    .blocks
                    .iter()
                    .filter_map(|block| labels(&view, block)),
            );
        }
        for (name, labels) in shown {
            let sample = values.get(name).map_or(0, |sample| layout.length(sample));
            let label = labels.iter().find(|label| layout.length(label) > sample);
            findings.extend(label.map(|label| {
                let message = format!("{label:?} is longer than its longest sample");
                let fix = "lengthen the sample or shorten the text";
                Finding::new(SERVICE_FILE, format!("key {name}"), message, fix)
                    .in_language(&language.code)
            }));
        }
    }
    findings
}

/// What the answer to a question can be shown as, where the definition says so.
fn labels<'a>(view: &View<'a>, block: &'a Block) -> Option<(&'a str, Vec<String>)> {
    let ask = block.ask()?;
    let name = ask.saves.as_deref()?;
    let mut labels: Vec<String> = match block {
        Block::SelectOne(_) => view
            .offers(block, true)
            .into_iter()
            .map(|offer| offer.label)
            .collect(),
        Block::Date(_) => dates(view).collect(),
        _ => Vec::new(),
    };
    let zero = ask.zero.as_ref();
    labels.extend(zero.map(|zero| view.text(&zero.text, &BTreeMap::new())));
    Some((name, labels))
}

/// A day of each month, in the calendar of the language; two digits, as the longest have.
fn dates<'a>(view: &View<'a>) -> impl Iterator<Item = String> + use<'a> {
    let view = *view;
    let calendar = view.programme.calendar(view.language);
    let days = (1..=12).filter_map(move |month| calendar.to_iso((1994, month, 28)));
    days.map(move |day| view.date_shown(&day.to_string()))
}

/// Characters outside the default alphabet where the bearers need it.
fn misfits(programme: &Programme, language: &Language) -> Vec<Finding> {
    let (Some(catalogue), Some(layout)) = (
        programme.catalogue(&language.code),
        programme.layout(&language.code),
    ) else {
        return Vec::new();
    };
    if layout.ucs2 {
        return Vec::new();
    }
    let values = longest_values(programme);
    let in_text = catalogue.keys().filter_map(|key| {
        let (place, character) = gsm7::first_misfit(&catalogue.text(key, &values)?)?;
        let message = format!(
            "{character:?} at character {} is not in the default alphabet",
            place.saturating_add(1)
        );
        let fix = format!("write {:?} or another word", plain_form(character));
        Some(text_finding(language, catalogue, key, message, &fix))
    });
    let in_names = programme.places().iter().map(|place| place.name.as_str());
    let in_names = in_names.chain([language.name.as_str()]).filter_map(|name| {
        let (_, character) = gsm7::first_misfit(name)?;
        let message = format!("{character:?} is not in the default alphabet");
        let fix = format!("write {:?}", plain_form(character));
        Some(
            Finding::new(SERVICE_FILE, format!("name {name}"), message, fix)
                .in_language(&language.code),
        )
    });
    in_text.chain(in_names).collect()
}

/// What to type instead; a proposal only, the translator decides.
fn plain_form(character: char) -> &'static str {
    match character {
        'á' | 'â' | 'ã' => "a",
        'ç' => "c",
        'ê' | 'ë' => "e",
        'í' | 'î' | 'ï' => "i",
        'ó' | 'ô' | 'õ' => "o",
        'ú' | 'û' => "u",
        'œ' => "oe",
        '\u{2018}' | '\u{2019}' | '`' => "'",
        '\u{201c}' | '\u{201d}' | '«' | '»' => "\"",
        '\u{2013}' | '\u{2014}' => "-",
        '\u{2026}' => "...",
        _ => "?",
    }
}

/// A screen that needs more pages than it may have, bare or behind any of its refusals.
fn too_long(view: &View<'_>, block: &Block) -> Option<Finding> {
    let layout = view.programme.layout(view.language)?;
    if !block.is_shown() {
        return None;
    }
    let (bare, refused) = page_counts(view, block);
    let allowed = pages_allowed(block);
    let allowed_refused = if allowed == 1 {
        1
    } else {
        allowed.saturating_add(1)
    };
    if bare <= allowed && refused <= allowed_refused {
        return None;
    }
    let key = block.text_keys().first().copied().unwrap_or_default();
    let unit = if layout.ucs2 {
        "UCS-2 units"
    } else {
        "septets"
    };
    let message = if bare > allowed {
        format!(
            "its screen needs {bare} pages of {} {unit}, {allowed} allowed",
            layout.max
        )
    } else {
        format!(
            "its screen does not fit {} {unit} behind its longest refusal",
            layout.max
        )
    };
    let place = format!(
        "dialogue {}, block {}, text {key}",
        view.dialogue.code,
        block.code()
    );
    let file = format!("texts/{}.ftl", view.language);
    Some(Finding::new(&file, place, message, "shorten the text").in_language(view.language))
}

/// Pages of a screen with the longest values.
pub(super) fn page_count(view: &View<'_>, block: &Block) -> usize {
    counts(view, block, false).0
}

/// Pages of a screen with the longest values: bare, and behind the worst refusal.
pub(super) fn page_counts(view: &View<'_>, block: &Block) -> (usize, usize) {
    counts(view, block, true)
}

/// The same; refusals are looked at where asked for, because they take most of the time.
fn counts(view: &View<'_>, block: &Block, refused: bool) -> (usize, usize) {
    if block.lists_places() && view.chooses_area() {
        let areas = view.programme.areas();
        let listed = areas.iter().map(|(code, _)| {
            let kept = Kept {
                area: Some(code),
                ..view.kept
            };
            level_counts(&View { kept, ..*view }, block, refused)
        });
        let most =
            |one: (usize, usize), other: (usize, usize)| (one.0.max(other.0), one.1.max(other.1));
        return listed.fold(level_counts(view, block, refused), most);
    }
    let catalogue = view.programme.catalogue(view.language);
    let has_wordings = catalogue.is_some_and(|catalogue| {
        let mut keys = catalogue.keys();
        keys.any(|key| key.ends_with(SMS_SUFFIX) || key.ends_with(USSD_SUFFIX))
    });
    if !has_wordings {
        return level_counts(view, block, refused);
    }
    let counts = [true, false].map(|by_sms| {
        let kept = Kept {
            by_sms: Some(by_sms),
            ..view.kept
        };
        level_counts(&View { kept, ..*view }, block, refused)
    });
    let [sms, ussd] = counts;
    (sms.0.max(ussd.0), sms.1.max(ussd.1))
}

/// The same for one level of a list.
fn level_counts(view: &View<'_>, block: &Block, refused: bool) -> (usize, usize) {
    let Some(layout) = view.programme.layout(view.language) else {
        return (1, 1);
    };
    let values = view.kept.values;
    let mut parts = view.parts(
        block,
        Situation {
            values,
            clock_known: true,
            // From the first screen one goes back to the home menu.
            goes_back: true,
        },
    );
    let bare = page::pages(&parts, layout).len();
    let mut worst = bare;
    for refusal in Refusal::of_view(view, block) {
        if !refused || (block.is_end() && bare == 1) {
            break;
        }
        let notice = refusal.notice(0);
        let sentence = view
            .texts
            .system(view.language, &notice.key, &notice.arguments);
        for place in 0..bare {
            parts.notice = Some((sentence.clone(), place));
            worst = worst.max(page::pages(&parts, layout).len());
        }
    }
    (bare, worst)
}

fn pages_allowed(block: &Block) -> usize {
    match block {
        Block::Message(message) if message.each.is_some() => LIST_PAGES_MAX,
        Block::SelectOne(select) if select.list.is_some() => LIST_PAGES_MAX,
        Block::SelectMany(select) if select.list.is_some() => LIST_PAGES_MAX,
        _ => block.ask().and_then(|ask| ask.pages).map_or(1, usize::from),
    }
}
