//! Compiles a programme's files: reads them, then asks each check for its findings.

use std::collections::{BTreeMap, BTreeSet};

use phonenumber::country;

use super::block::{Block, List};
use super::condition::Condition;
use super::definition::{Definition, Dialogue, Language, Places, base_name};
use super::finding::Finding;
use super::{
    PLACES_FILE, Programme, SERVICE_FILE, Source, closing, event_check, expand, fit, form, graph,
    guarded, locate, pace, question, run,
};
use crate::dialogue::page::Layout;
use crate::dialogue::{CHILD_PREFIX, MOTHER_PREFIX, NEW_PREFIX, PERSON_PREFIX, field};
use crate::role::Role;
use crate::text::{Catalogue, Texts};

/// Most choices of a screen: `99` is the next page. More are refused.
const CHOICES_MAX: usize = 98;
/// Largest number of a programme on the home menu: `99` is the next page. A larger one is refused.
const NUMBER_MAX: u8 = 98;
/// Most choices of a `select_many` block: each is one digit. More are refused, and more values of a
/// list are left out.
pub(crate) const MANY_CHOICES_MAX: usize = 9;
/// Most places that are listed at once; of more, their areas come first.
pub(super) const PLACES_FLAT_MAX: usize = 30;
/// Most decimals of a number or of a currency's minor unit; more are refused.
pub(super) const DECIMALS_MAX: u8 = 3;
/// Most blocks of a dialogue. More are refused.
const BLOCKS_MAX: usize = 200;

/// Reads and checks a programme.
pub(super) fn compile(source: &Source, texts: &Texts) -> Result<Programme, Vec<Finding>> {
    compiled(source, texts).map_err(|mut findings| {
        locate::lines(source, &mut findings);
        findings
    })
}

fn compiled(source: &Source, texts: &Texts) -> Result<Programme, Vec<Finding>> {
    let mut findings = Vec::new();
    let mut definition: Option<Definition> = read(source, SERVICE_FILE, &mut findings);
    if let Some(definition) = &mut definition {
        codes_check(definition, &mut findings);
        expand::expand(definition, &mut findings);
    }
    let places: Option<Places> = read(source, PLACES_FILE, &mut findings);
    let (Some(definition), Some(places)) = (definition, places) else {
        return Err(findings);
    };
    let catalogues = catalogues(source, &definition.languages, &mut findings);
    let layouts = layouts(&definition.languages, &catalogues, &mut findings);
    let country = country_of(&places, &mut findings);
    places_check(&places, &mut findings);
    entries_check(&definition, &mut findings);
    for dialogue in &definition.dialogues {
        dialogue_check(&definition, dialogue, &mut findings);
        let has_currency = places.currency.is_some();
        findings.extend(question::check(dialogue, has_currency));
        findings.extend(graph::check(dialogue));
        findings.extend(guarded::check(dialogue));
        findings.extend(event_check::runs(&definition, dialogue));
    }
    findings.extend(event_check::check(&definition));
    let (Some(country), true) = (country, findings.is_empty()) else {
        return Err(findings);
    };
    let programme = Programme {
        definition,
        places,
        country,
        catalogues: catalogues.into(),
        layouts,
    };
    findings.extend(fit::check(&programme, texts));
    findings.extend(closing::check(&programme));
    if findings.is_empty() {
        findings.extend(pace::check(&programme, texts));
        findings.extend(form::check(&programme, texts));
        findings.extend(event_check::texts(&programme));
    }
    if findings.is_empty() {
        Ok(programme)
    } else {
        Err(findings)
    }
}

fn read<T: serde::de::DeserializeOwned>(
    source: &Source,
    name: &str,
    findings: &mut Vec<Finding>,
) -> Option<T> {
    let Some(text) = source.file(name) else {
        let fix = "add it to the programme's folder";
        findings.push(Finding::new(name, "file", "the file is missing", fix));
        return None;
    };
    match toml::from_str(text) {
        Ok(value) => Some(value),
        Err(error) => {
            let start = error.span().map_or(0, |span| span.start);
            let line = text
                .bytes()
                .take(start)
                .filter(|byte| *byte == b'\n')
                .count();
            findings.push(Finding::new(
                name,
                format!("line {}", line.saturating_add(1)),
                error.message(),
                "correct the key or its value",
            ));
            None
        }
    }
}

fn catalogues(
    source: &Source,
    languages: &[Language],
    findings: &mut Vec<Finding>,
) -> BTreeMap<String, Catalogue> {
    let mut catalogues = BTreeMap::new();
    if languages.is_empty() {
        findings.push(Finding::new(
            SERVICE_FILE,
            "key languages",
            "no language is declared",
            "declare at least one",
        ));
    }
    for language in languages {
        let name = format!("texts/{}.ftl", language.code);
        let Some(text) = source.file(&name) else {
            findings.push(
                Finding::new(
                    &name,
                    "file",
                    "the file is missing",
                    "add it or drop the language",
                )
                .in_language(&language.code),
            );
            continue;
        };
        match Catalogue::parse(&language.code, text) {
            Ok(catalogue) => {
                catalogues.insert(language.code.clone(), catalogue);
            }
            Err(error) => findings.push(
                Finding::new(
                    &name,
                    format!("line {}", error.line),
                    error.reason,
                    "correct it",
                )
                .in_language(&language.code),
            ),
        }
    }
    catalogues
}

/// The smallest limits of a language's bearers, in the alphabet that its texts need.
fn layouts(
    languages: &[Language],
    catalogues: &BTreeMap<String, Catalogue>,
    findings: &mut Vec<Finding>,
) -> BTreeMap<String, Layout> {
    let mut layouts = BTreeMap::new();
    for language in languages {
        let limits = language.bearers.iter().map(|bearer| bearer.limits());
        let gsm7 = limits.clone().map(|limits| limits.gsm7).min();
        let ucs2 = limits.map(|limits| limits.ucs2).min();
        let (Some(gsm7), Some(ucs2)) = (gsm7, ucs2) else {
            findings.push(
                Finding::new(
                    SERVICE_FILE,
                    "key languages",
                    "no bearer is declared",
                    "declare the bearers on which the programme is offered in this language",
                )
                .in_language(&language.code),
            );
            continue;
        };
        let needs_ucs2 = catalogues.get(&language.code).is_some_and(fit::needs_ucs2);
        // Where a bearer refuses UCS-2, each character outside the alphabet becomes a finding.
        let layout = if needs_ucs2 && ucs2 > 0 {
            Layout {
                max: usize::from(ucs2),
                ucs2: true,
            }
        } else {
            Layout {
                max: usize::from(gsm7),
                ucs2: false,
            }
        };
        layouts.insert(language.code.clone(), layout);
    }
    layouts
}

fn country_of(places: &Places, findings: &mut Vec<Finding>) -> Option<country::Id> {
    let parsed = places.country.parse().ok();
    if parsed.is_none() {
        findings.push(Finding::new(
            PLACES_FILE,
            "key country",
            "this is no country",
            "give two capital letters of ISO 3166-1, such as UG",
        ));
    }
    parsed
}

pub(super) fn places_check(places: &Places, findings: &mut Vec<Finding>) {
    let mut codes = BTreeSet::new();
    for place in &places.places {
        if !codes.insert(&place.code) || place.code.is_empty() || place.name.is_empty() {
            findings.push(Finding::new(
                PLACES_FILE,
                format!("place {}", place.code),
                "its code stands twice, or code or name is empty",
                "give each place a code of its own and a name",
            ));
        }
    }
    let mut areas: BTreeMap<&str, usize> = BTreeMap::new();
    for place in &places.places {
        let count = areas.entry(&place.area).or_default();
        *count = count.saturating_add(1);
    }
    let listed = if places.places.len() > PLACES_FLAT_MAX && areas.len() > 1 {
        areas.values().copied().max().unwrap_or(0).max(areas.len())
    } else {
        places.places.len()
    };
    if !(1..=CHOICES_MAX).contains(&listed) {
        findings.push(Finding::new(
            PLACES_FILE,
            "key places",
            format!("a list of places has {listed} lines"),
            format!("list 1 to {CHOICES_MAX} places, areas, and places of one area"),
        ));
    }
    let unused = places.areas.iter();
    for area in unused.filter(|area| !areas.contains_key(area.code.as_str())) {
        let place = format!("area {}", area.code);
        let fix = "correct its code or delete it";
        findings.push(Finding::new(PLACES_FILE, place, "no place is in it", fix));
    }
    let decimals = places.currency.as_ref().map_or(0, |own| own.decimals);
    if decimals > DECIMALS_MAX {
        let message = format!("{decimals} decimals are too many");
        let fix = format!("give those of ISO 4217, at most {DECIMALS_MAX}");
        findings.push(Finding::new(PLACES_FILE, "key currency", message, fix));
    }
}

/// What the home menu needs: a number, and one dialogue a role.
fn entries_check(definition: &Definition, findings: &mut Vec<Finding>) {
    if !(1..=NUMBER_MAX).contains(&definition.number) {
        let message = format!("{} is no number of a choice", definition.number);
        let fix = format!("give one from 1 to {NUMBER_MAX}");
        findings.push(Finding::new(SERVICE_FILE, "key number", message, fix));
    }
    let mut first: BTreeMap<Role, &str> = BTreeMap::new();
    for dialogue in &definition.dialogues {
        for role in dialogue.audience.iter().map(|audience| audience.role()) {
            let code = dialogue.code.as_str();
            let other = *first.entry(role).or_insert(code);
            if other != code {
                let place = format!("dialogue {code}");
                let message = format!("{other} has the same audience, so nobody gets this one");
                let fix = "drop the role here, and lead to it from a menu there";
                findings.push(Finding::new(SERVICE_FILE, place, message, fix));
            }
        }
    }
}

/// What the graph does not show: doubled codes, unknown names, choices, missing answers.
fn dialogue_check(definition: &Definition, dialogue: &Dialogue, findings: &mut Vec<Finding>) {
    let mut codes = BTreeSet::new();
    for block in &dialogue.blocks {
        let mut add = |message: &str, fix: &str| {
            let place = format!("dialogue {}, block {}", dialogue.code, block.code());
            findings.push(Finding::new(SERVICE_FILE, place, message, fix));
        };
        if !codes.insert(block.code()) {
            add(
                "its code stands twice in the dialogue",
                "rename one of them",
            );
        }
        let saves = block.saves();
        if saves.is_some_and(|name| !definition.fields.iter().any(|field| field.name == name)) {
            add(
                "it saves an answer that is no field",
                "add the name to `fields`",
            );
        }
        choices_check(block, &mut add);
        logic_check(block, &mut add);
        for name in block
            .uses()
            .into_iter()
            .filter(|name| !definition.knows(name))
        {
            add(
                &format!("{name} is neither a field nor a value"),
                "add the name to `fields` or `values`",
            );
        }
    }
    findings.extend(run::check(definition, dialogue));
    if dialogue.blocks.len() > BLOCKS_MAX {
        let place = format!("dialogue {}", dialogue.code);
        let message = format!("it has {} blocks", dialogue.blocks.len());
        let fix = format!("split it; {BLOCKS_MAX} are allowed");
        findings.push(Finding::new(SERVICE_FILE, place, message, fix));
    }
    answers_check(definition, dialogue, findings);
}

/// Codes and names that written-out blocks and rounds could be confused with.
fn codes_check(definition: &Definition, findings: &mut Vec<Finding>) {
    for dialogue in &definition.dialogues {
        let codes = dialogue.blocks.iter().map(Block::code);
        for code in codes.filter(|code| code.contains(expand::SIGNS) || code.is_empty()) {
            let place = format!("dialogue {}, block {code}", dialogue.code);
            let message = "its code is empty, or has / or # in it";
            let fix = "use letters, digits and hyphens";
            findings.push(Finding::new(SERVICE_FILE, place, message, fix));
        }
    }
}

/// What is wrong with the conditions and formulas of a block.
fn logic_check(block: &Block, add: &mut impl FnMut(&str, &str)) {
    let mut faults: Vec<&str> = Vec::new();
    let when = block.ask().and_then(|ask| ask.when.as_ref());
    faults.extend(when.and_then(Condition::fault));
    match block {
        Block::Case(case) => {
            for arm in &case.arms {
                faults.extend(arm.when.as_ref().and_then(Condition::fault));
                if arm.is.is_some() == arm.when.is_some() || arm.is.is_some() && case.on.is_none() {
                    faults.push("an arm needs either `when`, or `is` and the block `on`");
                }
            }
        }
        Block::Calculate(calculate) => faults.extend(calculate.value.fault()),
        _ => {}
    }
    for fault in faults {
        add(fault, "write it as the guide shows");
    }
}

fn choices_check(block: &Block, add: &mut impl FnMut(&str, &str)) {
    let count = block.choices().len();
    match block {
        Block::SelectOne(select) => {
            if select.list.is_some() == (count > 0) {
                add("it needs either choices or a list", "keep one of the two");
            }
            let of_values = matches!(select.list, Some(List::Values(_)));
            if of_values != select.empty.is_some() {
                add(
                    "a list of values needs `empty`, and nothing else may have it",
                    "name the block that is shown when nothing was found",
                );
            }
            if count > CHOICES_MAX {
                add("it has too many choices", "split it; 98 are allowed");
            }
        }
        Block::SelectMany(many)
            if many.list.is_some() && (count > 0 || block.lists_values().is_none()) =>
        {
            let fix = "give `list = { values = … }` and `empty`, or choices";
            add("its list is not of values, or it has choices as well", fix);
        }
        Block::SelectMany(many)
            if many.list.is_none() && !(1..=MANY_CHOICES_MAX).contains(&count) =>
        {
            add("it needs 1 to 9 choices, each being one digit", "split it");
        }
        _ => {}
    }
    let saves_many = block
        .choices()
        .iter()
        .any(|choice| choice.code.contains(' '));
    if saves_many {
        add("the code of a choice has a blank", "use a hyphen");
    }
}

/// A dialogue that registers asks for every required field, and each field has its place.
fn answers_check(definition: &Definition, dialogue: &Dialogue, findings: &mut Vec<Finding>) {
    use super::block::CommandKind;
    let registers = dialogue
        .blocks
        .iter()
        .any(|block| matches!(block, Block::Run(run) if run.command == CommandKind::RegisterPair));
    if !registers {
        return;
    }
    let saved: BTreeSet<&str> = dialogue.blocks.iter().filter_map(Block::saves).collect();
    let answer = definition.agreement.answer.as_str();
    for one in &definition.fields {
        let place = format!("field {}", one.name);
        if one.required && !saved.contains(one.name.as_str()) {
            let message = format!("dialogue {} never asks for it", dialogue.code);
            let fix = "add a block that saves it, or drop `required`";
            findings.push(Finding::new(SERVICE_FILE, place, message, fix));
            continue;
        }
        let of_person = [MOTHER_PREFIX, CHILD_PREFIX]
            .iter()
            .any(|prefix| field(&one.name, prefix).is_some());
        if saved.contains(one.name.as_str())
            && !of_person
            && one.name != answer
            && one.name != "language"
            && !is_used(definition, dialogue, &one.name)
        {
            let message = "no record has a place for it, and nothing uses it";
            let fix = "name it mother_ or child_ and a field of a person, or use it";
            findings.push(Finding::new(SERVICE_FILE, place, message, fix));
        }
    }
    if !saved.contains(answer) {
        let fix = "add a question whose text shows purpose and controller";
        let place = format!("dialogue {}", dialogue.code);
        findings.push(Finding::new(
            SERVICE_FILE,
            place,
            "it never asks for consent",
            fix,
        ));
    }
}

/// Whether an event takes an answer along, a command gets it, or the way depends on it.
fn is_used(definition: &Definition, dialogue: &Dialogue, name: &str) -> bool {
    let is_it = |one: &str| base_name(one) == base_name(name);
    let recorded = definition.events.iter().flat_map(|event| &event.fields);
    let hands_over = |block: &Block| match block {
        Block::Run(run) => run.references().iter().any(|one| is_it(one)),
        block => block.uses().iter().any(|one| is_it(one)),
    };
    let own = [PERSON_PREFIX, NEW_PREFIX];
    own.iter().any(|prefix| field(name, prefix).is_some())
        || recorded.map(String::as_str).any(is_it)
        || dialogue.blocks.iter().any(hands_over)
}
