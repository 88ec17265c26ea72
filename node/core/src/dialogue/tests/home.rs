//! The home menu of callers who have several services, and the ways past it.

use super::super::{Next, open_at, render};
use super::walk::{SMS, USSD, Walk, noon, principal};
use crate::programme::tests::sketch::sketch;
use crate::programme::tests::small;
use crate::programme::{Programmes, SERVICE_FILE, Source};
use crate::role::Role;
use crate::village::Given;

const BLOCKS: &str = r#"
[[blocks]]
kind = "open"
code = "name"
ask = { text = "name", saves = "name", next = "end" }
rule = "name"

[[blocks]]
kind = "message"
code = "end"
text = "end"
"#;

fn second() -> Source {
    let fields = "{ name = \"name\", longest = \"Achieng\" }";
    sketch(
        (fields, ""),
        "name",
        BLOCKS,
        "name = Whose name?\nend = Thank you.\n",
    )
}

/// `small` has the number 7, `sketch` the number 9.
fn two() -> Programmes {
    Programmes::load(&[small(), second()]).unwrap()
}

fn worker(programmes: &Programmes) -> Walk<'_> {
    Walk::dial(programmes, &principal(Role::HealthWorker, "en"), noon())
}

#[test]
fn several_services_are_listed_by_their_numbers() {
    let programmes = two();
    let mut walk = worker(&programmes);
    assert_eq!(
        walk.checked_text(),
        "Services\n7 Hello.\n9 Do you agree?\n0 Exit"
    );
    for wrong in ["1", "2", "07", "x", "", "99", "00"] {
        walk.type_in(wrong);
        let text = walk.text();
        assert!(
            text.starts_with("Please type one of the numbers shown.\nServices\n"),
            "{wrong}: {text}"
        );
    }
    walk.type_in("9");
    assert_eq!(walk.text(), "Whose name?\n00 Back");
    walk.type_in("00");
    assert!(walk.text().starts_with("Services\n"), "{}", walk.text());
    walk.type_in("0");
    assert_eq!(walk.text(), "Thank you. Goodbye.");
    assert!(walk.screen().end);
}

#[test]
fn one_service_is_entered_at_once() {
    let programmes = two();
    let mut source = small();
    let text = source.files[SERVICE_FILE].replace("health_worker", "officer");
    source = source.with(SERVICE_FILE, text);
    let one = Programmes::load(&[source, second()]).unwrap();
    assert_eq!(worker(&one).text(), "Whose name?");
    let citizen = Walk::dial(&programmes, &principal(Role::Citizen, "en"), noon());
    assert!(citizen.text().starts_with("There is no service"));
}

#[test]
fn a_caller_without_a_language_chooses_it_once_for_all_services() {
    let mut source = small();
    let text = source.files[SERVICE_FILE].replace("health_worker", "citizen");
    source = source.with(SERVICE_FILE, text);
    let mut sources = Source::chosen(&[]);
    sources.push(source);
    let programmes = Programmes::load(&sources).unwrap();
    let mut walk = Walk::dial(&programmes, &principal(Role::Citizen, ""), noon());
    assert_eq!(
        walk.checked_text(),
        "Language - Langue - Lugha\n1 English\n2 Francais\n3 Kiswahili\n4 Amarinya\n0 Exit"
    );
    walk.type_in("2");
    assert_eq!(
        walk.checked_text(),
        "Services\n1 Mère et enfant\n7 Hello.\n0 Quitter"
    );
    walk.type_in("1");
    assert!(
        walk.text().starts_with("Services publics"),
        "{}",
        walk.text()
    );
    assert!(!walk.text().contains("Langue - Language"), "it asks again");
}

#[test]
fn many_services_are_paged_and_chosen_from_any_page() {
    let sources: Vec<Source> = (10..=30)
        .map(|number| {
            let source = second();
            let text = source.files[SERVICE_FILE]
                .replace("number = 9", &format!("number = {number}"))
                .replace("code = \"sketch\"", &format!("code = \"s{number}\""));
            source.with(SERVICE_FILE, text)
        })
        .collect();
    let programmes = Programmes::load(&sources).unwrap();
    let mut walk = worker(&programmes);
    let mut pages = String::new();
    for _ in 0..4 {
        pages.push('\n');
        pages.push_str(&walk.checked_text());
        assert!(render(&programmes, &walk.session, SMS).text.len() <= 160);
        walk.type_in("99");
    }
    for number in 10..=30 {
        assert!(
            pages.contains(&format!("\n{number} Do you")),
            "{number}: {pages}"
        );
    }
    walk.type_in("12");
    assert_eq!(walk.session.programme, "s12");
}

#[test]
fn a_number_behind_the_code_and_a_word_lead_past_the_menu() {
    let programmes = two();
    let named = |dialled, text| {
        let given = Given { dialled, text };
        programmes.named(given, "*384*7#", |part| part == "22")
    };
    assert_eq!(named("*384*7*9#", ""), Some("sketch"));
    assert_eq!(
        named("*384*7*22*9#", ""),
        Some("sketch"),
        "behind a village"
    );
    assert_eq!(named("", "*384*7*7#"), Some("small"));
    assert_eq!(named("", "Sketch."), Some("sketch"));
    assert_eq!(named("", "small 22"), Some("small"));
    for (dialled, text) in [
        ("*384*7#", ""),
        ("*384*7*8#", ""),
        ("*384*7*22#", ""),
        ("*384*7*x#", ""),
        ("", "menu"),
    ] {
        assert_eq!(named(dialled, text), None, "{dialled} {text}");
    }
    let given = Given {
        dialled: "*384*7*9#",
        text: "",
    };
    assert_eq!(
        programmes.named(given, "", |_| false),
        None,
        "no code is known"
    );
    let who = principal(Role::HealthWorker, "en");
    let step = open_at(&programmes, &who, None, Some("sketch"), noon());
    assert_eq!(step.next, Next::Screen);
    assert_eq!(render(&programmes, &step.session, USSD).text, "Whose name?");
    let unknown = open_at(&programmes, &who, None, Some("gone"), noon());
    assert!(
        render(&programmes, &unknown.session, USSD)
            .text
            .starts_with("Services")
    );
}

#[test]
fn an_unfinished_dialogue_is_offered_before_another_service() {
    let programmes = two();
    let who = principal(Role::HealthWorker, "en");
    let mut walk = worker(&programmes);
    walk.type_all(&["7", "99", "1"]);
    assert_eq!(walk.text(), "Age in years?\n00 Back");
    let step = open_at(
        &programmes,
        &who,
        Some(walk.session.clone()),
        Some("sketch"),
        noon(),
    );
    walk.session = step.session;
    assert!(walk.text().starts_with("Continue where you stopped?"));
    let mut declined = walk.session.clone();
    walk.type_in("1");
    assert_eq!(walk.text(), "Age in years?\n00 Back");
    core::mem::swap(&mut walk.session, &mut declined);
    walk.type_in("2");
    assert_eq!(walk.text(), "Whose name?");
    // Somebody who only looked at a first screen has nothing to go on with.
    let mut looked = worker(&programmes);
    looked.type_in("9");
    let again = Walk::redial(&programmes, &who, Some(looked.session), noon());
    assert!(again.text().starts_with("Services\n"), "{}", again.text());
}
