//! Lists that come from a command, and what a `run` block hands over.

use super::walk::{Walk, noon, principal};
use crate::command::Command;
use crate::programme::tests::sketch::sketch;
use crate::programme::{Finding, Programmes, Source, compile};
use crate::role::Role;

const FIELDS: &str = "{ name = \"person\", longest = \"Achieng Nyambura 1994\" }, \
                      { name = \"tongue\", longest = \"English\" }";
const VALUES: &str = "{ name = \"found\", longest = \"Achieng Nyambura 1994\" }, \
                      { name = \"found_count\", longest = \"20\" }, \
                      { name = \"total\", longest = \"99\" }";
const BLOCKS: &str = r#"
[[blocks]]
kind = "message"
code = "hello"
text = "hello"
next = "find"

[[blocks]]
kind = "run"
code = "find"
command = "show_my_entries"
next = "who"

[[blocks]]
kind = "select_one"
code = "who"
ask = { text = "who", saves = "person", next = "work" }
list = { values = "found" }
empty = "nobody"

[[blocks]]
kind = "message"
code = "nobody"
text = "nobody"

[[blocks]]
kind = "run"
code = "work"
command = "show_my_work"
next = "end"

[[blocks]]
kind = "message"
code = "end"
text = "end"
next = "nobody"
"#;
const TEXTS: &str = "hello = Hello.\nwho = Which of { $found_count }?\nnobody = Nobody was found.\n\
                     end = { $person } of { $found_count }: { $total }\n";

fn source() -> Source {
    sketch((FIELDS, VALUES), "hello", BLOCKS, TEXTS)
}

fn found(names: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut values = vec![("found_count".to_owned(), names.len().to_string())];
    for (place, (code, label)) in (1..).zip(names) {
        values.push((format!("found_{place}"), (*label).to_owned()));
        values.push((format!("found_code_{place}"), (*code).to_owned()));
    }
    values.push(("undeclared".to_owned(), "x".to_owned()));
    values
}

fn asked<'a>(programmes: &'a Programmes, names: &[(&str, &str)]) -> Walk<'a> {
    let mut walk = Walk::dial(programmes, &principal(Role::HealthWorker, "en"), noon());
    walk.values = found(names);
    walk.type_in("99");
    walk
}

#[test]
fn choices_come_from_the_last_command_and_save_its_codes() {
    let programmes = Programmes::load(&[source()]).unwrap();
    let mut walk = asked(&programmes, &[("p7", "Achieng"), ("p9", "Amina")]);
    assert_eq!(walk.checked_text(), "Which of 2?\n1 Achieng\n2 Amina");
    walk.type_in("3");
    assert!(walk.text().starts_with("Please type one of the numbers"));
    walk.type_in("2");
    walk.type_in("99");
    let answer = walk.session.answers.get("person").map(String::as_str);
    assert_eq!(answer, None, "the last screen forgets what was typed");
}

#[test]
fn values_stay_until_a_command_gives_others_of_their_name() {
    let programmes = Programmes::load(&[source()]).unwrap();
    let mut walk = asked(&programmes, &[("p7", "Achieng"), ("p9", "Amina")]);
    assert!(!walk.session.values.contains_key("undeclared"));
    // The next command lists other people: of the first list nothing is left, `total` is new.
    walk.values = found(&[("p1", "Zawadi")]);
    walk.values.push(("total".to_owned(), "21".to_owned()));
    let mut again = walk;
    again.session.block = "who".to_owned();
    again.type_in("2");
    let left: Vec<&str> = again.session.values.keys().map(String::as_str).collect();
    assert_eq!(left, ["found_1", "found_code_1", "found_count", "total"]);
}

#[test]
fn words_of_a_chosen_value_are_shown_after_the_list_is_gone() {
    // One more message follows, so that the answer is still there when it is shown.
    let programmes = Programmes::load(&[source()]).unwrap();
    let mut walk = asked(&programmes, &[("p7", "Achieng"), ("p9", "Amina")]);
    walk.type_in("2");
    assert_eq!(
        walk.session.answers.get("person").map(String::as_str),
        Some("p9")
    );
    assert_eq!(walk.checked_text(), "Amina of 2: 21\n99 More");
}

#[test]
fn an_empty_list_leads_to_its_own_block() {
    let programmes = Programmes::load(&[source()]).unwrap();
    let walk = asked(&programmes, &[]);
    assert_eq!(walk.text(), "Nobody was found.");
    assert!(walk.screen().end);
}

#[test]
fn a_long_list_is_paged_and_bounded() {
    let programmes = Programmes::load(&[source()]).unwrap();
    let names = [("p", "Achieng Nyambura 1994"); 30];
    let mut walk = asked(&programmes, &names);
    let mut screens = String::new();
    for _ in 0..8 {
        screens.push_str(&walk.checked_text());
        walk.type_in("99");
    }
    assert!(screens.contains("\n20 Achieng"), "{screens}");
    assert!(!screens.contains("\n21 Achieng"), "{screens}");
}

fn check(blocks: &str, message: &str) -> Finding {
    let source = sketch((FIELDS, VALUES), "hello", blocks, TEXTS);
    let findings = compile(&source).unwrap_err();
    let found = findings.iter().find(|one| one.message.contains(message));
    found
        .cloned()
        .unwrap_or_else(|| panic!("no finding {message:?}: {findings:#?}"))
}

#[test]
fn a_list_without_a_way_out_or_of_an_unknown_name_is_found() {
    check(
        &BLOCKS.replace("empty = \"nobody\"\n", ""),
        "a list of values needs `empty`",
    );
    check(
        &BLOCKS.replace("values = \"found\"", "values = \"lost\""),
        "lost is neither a field nor a value",
    );
    check(
        &BLOCKS.replace("empty = \"nobody\"", "empty = \"nowhere\""),
        "it leads to nowhere",
    );
}

/// The blocks with a choice of language behind the list, handed over as said.
fn language_run(with: &str) -> String {
    let language = r#"
[[blocks]]
kind = "select_one"
code = "tongue"
ask = { text = "hello", saves = "tongue", next = "choose" }
list = "languages"

[[blocks]]
kind = "run"
code = "choose"
command = "choose_language"
WITH
next = "work"
"#;
    let language = language.replace("WITH", with);
    BLOCKS.replace("next = \"work\"", "next = \"tongue\"") + &language
}

#[test]
fn a_run_block_hands_over_the_answer_that_it_names() {
    let blocks = language_run("with = { language = \"tongue\" }");
    let source = sketch((FIELDS, VALUES), "hello", &blocks, TEXTS);
    let programmes = Programmes::load(&[source]).unwrap();
    let mut walk = asked(&programmes, &[("p7", "Achieng")]);
    walk.type_all(&["1", "1"]);
    let language = Command::ChooseLanguage {
        language: "en".to_owned(),
    };
    assert!(walk.commands.contains(&language), "{:?}", walk.commands);
}

#[test]
fn an_unknown_parameter_or_reference_is_found() {
    let finding = check(
        &language_run("with = { colour = \"red\" }"),
        "its command has no parameter colour",
    );
    assert_eq!(finding.fix, "the command takes language");
    check(
        &language_run("event = \"visit\""),
        "its command has no parameter event",
    );
    check(
        &language_run("with = { language = \"tonge\" }"),
        "tonge is neither a field nor a value",
    );
}
