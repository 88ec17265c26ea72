//! Findings of broken programmes, each by name; the shipped programme has none.

mod guarded;
mod loaded;
mod mutated;
mod papers;
pub(crate) mod sketch;

use super::*;

/// A small programme with every kind of block, in one language.
pub(crate) fn small() -> Source {
    let service = r#"
code = "small"
version = 3
number = 7
title = "hello"
schemas = [{ name = "person", number = 7 }]
agreement = { code = "small/all", revision = 1, text = "hello", answer = "consent" }
timing = { session_s = 120, person_s = 120, screens_max = 16, sessions_max = 3 }
languages = [{ code = "en", name = "English", bearers = ["ussd", "sms"], words = ["small"] }]
fields = [
  { name = "signs", longest = "Fever, Cough, Swelling" },
  { name = "age", longest = "120" },
  { name = "note", longest = "some words" },
]
values = []

[[dialogues]]
code = "all"
audience = ["health_worker"]
start = "hello"

[[dialogues.blocks]]
kind = "message"
code = "hello"
text = "hello"
next = "signs"

[[dialogues.blocks]]
kind = "select_many"
code = "signs"
ask = { text = "signs", saves = "signs", next = "age", zero = { text = "none" } }
choices = [
  { code = "fever", text = "fever" },
  { code = "cough", text = "cough" },
  { code = "swelling", text = "swelling" },
]

[[dialogues.blocks]]
kind = "numeric"
code = "age"
ask = { text = "age", saves = "age", next = "by-signs" }
min = 0
max = 120

[[dialogues.blocks]]
kind = "case"
code = "by-signs"
on = "signs"
arms = [{ is = "", next = "note" }, { is = "fever", next = "fevered" }]
otherwise = "note"

[[dialogues.blocks]]
kind = "message"
code = "fevered"
text = "fevered"

[[dialogues.blocks]]
kind = "open"
code = "note"
ask = { text = "note", saves = "note", next = "end" }
rule = "text"

[[dialogues.blocks]]
kind = "message"
code = "end"
text = "end"
"#;
    let places = "country = \"KE\"\nutc_offset_min = 180\n\
                  places = [{ code = \"A\", name = \"A\", area = \"a\" }]\n";
    let texts = "hello = Hello.\nsigns = Which signs?\nnone = None\nfever = Fever\ncough = Cough\n\
                 swelling = Swelling\nage = Age in years?\nfevered = Go to the clinic today.\n\
                 note = Anything else about { $signs } at { $age }?\nend = Thank you.\n";
    Source::default()
        .with(SERVICE_FILE, service)
        .with(PLACES_FILE, places)
        .with("texts/en.ftl", texts)
}

/// A source whose file had one passage replaced.
fn replaced(source: &Source, file: &str, from: &str, to: &str) -> Source {
    let text = source.file(file).unwrap();
    assert!(text.contains(from), "{from} is not in {file}");
    source.clone().with(file, text.replace(from, to))
}

/// Compiles a broken programme and looks for a finding with these words.
fn check(source: &Source, place: &str, message: &str) -> Finding {
    let findings = compile(source).unwrap_err();
    let found = findings
        .iter()
        .find(|finding| finding.place.contains(place) && finding.message.contains(message));
    found
        .cloned()
        .unwrap_or_else(|| panic!("no finding {message:?} at {place:?}: {findings:#?}"))
}

fn shipped_with(file: &str, from: &str, to: &str) -> Source {
    replaced(&Source::maternal_child(), file, from, to)
}

#[test]
fn the_shipped_programme_compiles_without_findings() {
    let findings: Vec<String> = match compile(&Source::maternal_child()) {
        Ok(_) => Vec::new(),
        Err(findings) => findings.iter().map(ToString::to_string).collect(),
    };
    assert_eq!(findings, Vec::<String>::new());
}

#[test]
fn a_registration_takes_at_most_sixteen_screens_and_two_sessions() {
    let programmes = shipped().unwrap();
    let programme = programmes.find("maternal-child", 1).unwrap();
    let expected = programme.expectations(programmes.texts());
    assert_eq!(expected.len(), 8);
    for one in expected {
        // Amharic has 70 characters a page: more pages, and no more sessions.
        let most = if one.language == "am" { 27 } else { 16 };
        assert!(one.screens <= most && one.sessions <= 2, "{one:?}");
        assert!(one.dialogue != "register" || one.screens >= 14, "{one:?}");
    }
}

#[test]
fn every_kind_of_block_compiles() {
    let programme = compile(&small()).unwrap();
    assert_eq!((programme.code(), programme.version()), ("small", 3));
    assert_eq!(programme.schema("person"), Some(7));
    assert_eq!(
        programme.place("A").map(|place| place.area.as_str()),
        Some("a")
    );
}

#[test]
fn an_unreachable_block_is_found() {
    let broken = replaced(
        &small(),
        SERVICE_FILE,
        ", { is = \"fever\", next = \"fevered\" }",
        "",
    );
    check(&broken, "dialogue all, block fevered", "no path reaches it");
}

#[test]
fn a_path_without_an_end_is_found() {
    let broken = replaced(
        &small(),
        SERVICE_FILE,
        "text = \"end\"\n",
        "text = \"end\"\nnext = \"hello\"\n",
    );
    let broken = replaced(
        &broken,
        SERVICE_FILE,
        ", { is = \"fever\", next = \"fevered\" }",
        "",
    );
    check(&broken, "block note", "no path from it comes to an end");
}

#[test]
fn a_loop_is_found() {
    let broken = replaced(
        &small(),
        SERVICE_FILE,
        "otherwise = \"note\"",
        "otherwise = \"age\"",
    );
    check(&broken, "dialogue all", "a path comes back to it");
}

#[test]
fn a_block_that_does_not_exist_is_found() {
    let broken = replaced(
        &small(),
        SERVICE_FILE,
        "next = \"end\"",
        "next = \"nowhere\"",
    );
    check(&broken, "block note", "leads to nowhere");
}

#[test]
fn an_answer_that_leads_nowhere_is_found() {
    let broken = replaced(&small(), SERVICE_FILE, ", next = \"end\"", "");
    check(&broken, "block note", "its answer leads nowhere");
}

#[test]
fn a_missing_text_is_found_in_its_language() {
    let broken = shipped_with("texts/sw.ftl", "no-phone = Hana simu\n", "");
    let finding = check(&broken, "key no-phone", "the text is missing");
    assert_eq!(
        (finding.file.as_str(), finding.language.as_deref()),
        ("texts/sw.ftl", Some("sw"))
    );
}

#[test]
fn an_unused_text_is_found() {
    let broken = shipped_with(
        "texts/fr.ftl",
        "cancel = Annuler",
        "cancel = Annuler\nold = Vieux",
    );
    let finding = check(&broken, "key old, line", "no block shows this text");
    assert_eq!(finding.language.as_deref(), Some("fr"));
}

#[test]
fn a_parameter_that_differs_or_is_unknown_is_found() {
    let broken = shipped_with("texts/fr.ftl", ", { $mother_village }", "");
    check(&broken, "key summary", "its parameters differ");
    let broken = shipped_with("texts/en.ftl", "{ $mother_village }", "{ $vilage }");
    check(&broken, "key summary", "parameter vilage is neither");
}

#[test]
fn a_text_too_long_in_one_language_only_is_found_there() {
    let long = "Ni nani jina la kwanza la mama huyu ambaye tunataka kumsajili hapa leo pamoja na \
                mtoto wake aliyezaliwa karibuni nyumbani au katika kituo cha afya cha karibu?";
    let broken = shipped_with(
        "texts/sw.ftl",
        "mother-given-name = Jina la kwanza la mama?",
        &format!("mother-given-name = {long}"),
    );
    let finding = check(
        &broken,
        "block mother-given-name",
        "needs 2 pages of 160 septets",
    );
    assert_eq!(finding.language.as_deref(), Some("sw"));
    let all = compile(&broken).unwrap_err();
    assert!(
        all.iter()
            .all(|finding| finding.language.as_deref() == Some("sw")),
        "{all:?}"
    );
}

#[test]
fn a_screen_that_only_fits_without_its_refusal_is_found() {
    let words = "The Ministry of Health keeps these details to care for mother and child. Do";
    let broken = shipped_with(
        "texts/en.ftl",
        words,
        &format!("{words} you or do others or"),
    );
    check(
        &broken,
        "block consent",
        "does not fit 160 septets behind its longest refusal",
    );
}

#[test]
fn a_character_outside_the_alphabet_is_found_with_a_proposal() {
    let broken = shipped_with("texts/fr.ftl", "male = Masculin", "male = Garçon");
    let finding = check(&broken, "key male, line", "'ç' at character 4");
    assert_eq!(finding.fix, "write \"c\" or another word");
    assert_eq!(finding.language.as_deref(), Some("fr"));
}

#[test]
fn a_language_that_needs_ucs2_is_measured_in_its_units_and_refused_over_http() {
    let amharic = "hello = ሰላም።\nsigns = ምልክቶች?\nnone = የለም\nfever = ትኩሳት\ncough = ሳል\n\
                   swelling = እብጠት\nage = ዕድሜ?\nfevered = ዛሬ ወደ ክሊኒክ ይሂዱ።\n\
                   note = ስለ { $signs } { $age } ሌላ?\nend = እናመሰግናለን።\n";
    let source = small().with("texts/en.ftl", amharic);
    // The shared refusals leave little of 80 units.
    let source = replaced(&source, SERVICE_FILE, "[\"ussd\", \"sms\"]", "[\"ussd\"]");
    let source = replaced(&source, SERVICE_FILE, "rule = \"text\"", "rule = \"phone\"");
    let paged = "text = \"signs\", pages = 2, ";
    let source = replaced(&source, SERVICE_FILE, "text = \"signs\", ", paged);
    let layout = compile(&source).unwrap().layout("en").unwrap();
    assert_eq!(
        layout,
        Layout {
            max: 80,
            ucs2: true
        }
    );
    let http = replaced(&source, SERVICE_FILE, "[\"ussd\"]", "[\"http\", \"ussd\"]");
    check(&http, "key hello", "is not in the default alphabet");
}

#[test]
fn a_choice_longer_than_its_sample_is_found() {
    let broken = shipped_with(
        "texts/en.ftl",
        "female = Female",
        "female = Female or girl child",
    );
    check(
        &broken,
        "key child_sex",
        "is longer than its longest sample",
    );
}

#[test]
fn a_slow_screen_and_a_long_path_are_found() {
    let broken = shipped_with(SERVICE_FILE, "person_s = 30", "person_s = 20");
    check(
        &broken,
        "block mother-given-name",
        "answering takes more than 20 s",
    );
    let broken = shipped_with(SERVICE_FILE, "screens_max = 16", "screens_max = 12");
    check(&broken, "dialogue register", "screens, 12 allowed");
    let broken = shipped_with(SERVICE_FILE, "sessions_max = 2", "sessions_max = 1");
    check(&broken, "dialogue register", "sessions, 1 allowed");
}

#[test]
fn unknown_keys_and_broken_files_are_found_with_their_line() {
    let broken = shipped_with(
        SERVICE_FILE,
        "version = 1\n",
        "version = 1\ncolour = \"red\"\n",
    );
    let finding = check(&broken, "line 10", "unknown field `colour`");
    assert_eq!(finding.file, SERVICE_FILE);
    let broken = shipped_with(
        SERVICE_FILE,
        "years_min = 10",
        "years_min = 10\nyear_max = 3",
    );
    check(&broken, "line", "year_max");
    let broken = shipped_with("texts/en.ftl", "yes = Yes", "yes = { $");
    check(&broken, "line", "");
    let mut missing = Source::maternal_child();
    missing.files.remove("texts/sw.ftl");
    check(&missing, "file", "the file is missing");
}

#[test]
fn a_required_field_that_nobody_asks_for_is_found() {
    let broken = shipped_with(SERVICE_FILE, ", saves = \"child_sex\"", "");
    check(&broken, "field child_sex", "never asks for it");
    let broken = shipped_with(SERVICE_FILE, ", saves = \"consent\"", "");
    check(&broken, "dialogue register", "never asks for consent");
}

#[test]
fn doubled_codes_and_unknown_names_are_found() {
    let broken = replaced(
        &small(),
        SERVICE_FILE,
        "code = \"fevered\"",
        "code = \"end\"",
    );
    check(&broken, "block end", "its code stands twice");
    let broken = replaced(
        &small(),
        SERVICE_FILE,
        "saves = \"note\"",
        "saves = \"notes\"",
    );
    check(&broken, "block note", "it saves an answer that is no field");
    let broken = shipped_with(PLACES_FILE, "code = \"BK\"", "code = \"AP\"");
    check(&broken, "place AP", "its code stands twice");
    let broken = shipped_with(PLACES_FILE, "country = \"UG\"", "country = \"XY\"");
    check(&broken, "key country", "this is no country");
}

#[test]
fn a_site_brings_its_own_places() {
    let own = "country = \"KE\"\nutc_offset_min = 180\n\
               places = [{ code = \"Z1\", name = \"Zeta\", area = \"west\" }]\n";
    let source = Source::maternal_child().with(PLACES_FILE, own);
    let programme = compile(&source).unwrap();
    assert_eq!(programme.places().len(), 1);
    assert_eq!(
        programme.place("Z1").map(|place| place.name.as_str()),
        Some("Zeta")
    );
}

#[test]
fn menu_words_are_known_in_any_case_and_with_a_full_stop() {
    let programmes = shipped().unwrap();
    for word in ["menu", " MENU ", "Menyu."] {
        assert!(programmes.opens(word), "{word}");
    }
    for word in ["", "1", "menus", "the menu"] {
        assert!(!programmes.opens(word), "{word}");
    }
}

#[test]
fn findings_read_well() {
    let broken = shipped_with("texts/sw.ftl", "no-phone = Hana simu\n", "");
    assert_eq!(
        check(&broken, "key no-phone", "missing").to_string(),
        "texts/sw.ftl, key no-phone [sw]: the text is missing\nhint: translate it"
    );
}

#[test]
fn programmes_are_handed_to_any_thread() {
    fn thread_safe<T: Send + Sync>(value: T) -> T {
        value
    }
    assert!(thread_safe(shipped().unwrap()).iter().count() > 0);
}
