//! The question for the village: one screen, before anything else is shown.

use std::collections::BTreeMap;

use channels_core::gsm7;

use super::super::{Next, Session, open, render, resume, step};
use super::walk::{HTTP, SMS, USSD, Walk, noon, principal, programmes};
use crate::command::{Command, Outcome, Rejection};
use crate::contact::BearerLimits;
use crate::programme::Programmes;
use crate::role::{Principal, Role};
use crate::village::NOWHERE;

/// What an own cell carries.
const CELL: BearerLimits = BearerLimits {
    gsm7: 128,
    ucs2: 56,
};

fn stranger(language: &str) -> Principal {
    Principal {
        scope: NOWHERE,
        ..principal(Role::Citizen, language)
    }
}

fn asked(programmes: &Programmes, language: &str) -> Session {
    let step = open(programmes, &stranger(language), None, noon());
    assert_eq!(step.next, Next::Screen);
    step.session
}

fn text(programmes: &Programmes, session: &Session) -> String {
    let screen = render(programmes, session, USSD);
    assert!(!screen.end);
    screen.text
}

fn unknown_code() -> Rejection {
    Rejection {
        text: "reject-village".to_owned(),
        arguments: BTreeMap::new(),
    }
}

/// Types a code that no village has.
fn refused(programmes: &Programmes, session: Session, typed: &str) -> Session {
    let step = step(programmes, session, typed, noon());
    let Next::Act(command) = step.next else {
        panic!("{typed} is no code");
    };
    let Command::ChooseVillage { code } = *command else {
        panic!("{typed} chooses no village");
    };
    assert_eq!(code, typed);
    let again = resume(programmes, step.session, Err(unknown_code()), noon());
    assert_eq!(again.next, Next::Screen);
    assert!(again.session.is_refused());
    again.session
}

#[test]
fn the_question_is_one_screen_in_the_callers_language() {
    let programmes = programmes();
    let session = asked(&programmes, "sw");
    assert_eq!(text(&programmes, &session), "Andika namba ya kijiji chako.");
    let wrong = refused(&programmes, session, "77");
    assert_eq!(
        text(&programmes, &wrong),
        "Hakuna kijiji chenye namba hii. Andika ya kijiji chako."
    );
}

#[test]
fn a_caller_without_a_language_reads_it_in_each_of_the_service() {
    let programmes = programmes();
    let session = asked(&programmes, "");
    assert_eq!(
        text(&programmes, &session),
        "Please type the code of your village.\nTapez le code de votre village.\n\
         Andika namba ya kijiji chako."
    );
    let wrong = refused(&programmes, session.clone(), "kibo");
    assert_eq!(text(&programmes, &wrong).lines().count(), 3);
    for session in [session, wrong] {
        for limits in [USSD, HTTP, SMS] {
            let screen = render(&programmes, &session, limits).text;
            assert_eq!(screen.lines().count(), 3, "{screen}");
            assert!(gsm7::septets(&screen).is_some_and(|n| n <= limits.gsm7.into()));
        }
    }
}

#[test]
fn a_screen_that_is_too_long_for_a_narrow_bearer_has_pages() {
    let programmes = programmes();
    let narrow = |mut session: Session| {
        session.shown_on(CELL);
        session
    };
    let wrong = narrow(refused(&programmes, asked(&programmes, ""), "77"));
    let first = render(&programmes, &wrong, CELL).text;
    assert!(first.ends_with("99 More"), "{first}");
    let second = narrow(step(&programmes, wrong, "99", noon()).session);
    let text = render(&programmes, &second, CELL).text;
    assert!(
        text.contains("kijiji") && text.ends_with("00 Back"),
        "{text}"
    );
    let back = narrow(step(&programmes, second, "00", noon()).session);
    assert_eq!(render(&programmes, &back, CELL).text, first);
    // Where one page holds everything, the keys are codes that no village has.
    let whole = refused(&programmes, asked(&programmes, "en"), "99");
    refused(&programmes, whole, "00");
}

#[test]
fn a_known_code_begins_the_dialogue_of_whoever_calls() {
    let programmes = programmes();
    let wrong = refused(&programmes, asked(&programmes, "en"), "77");
    let asked = step(&programmes, wrong, "12", noon());
    let done = resume(&programmes, asked.session, Ok(Outcome::default()), noon());
    assert_eq!(done.next, Next::Begin);
    let worker = principal(Role::HealthWorker, "en");
    let begun = open(&programmes, &worker, Some(done.session), noon());
    assert!(text(&programmes, &begun.session).contains("1 Register"));
}

#[test]
fn what_lies_unfinished_is_not_offered_before_the_village_is_known() {
    let programmes = programmes();
    let worker = principal(Role::HealthWorker, "en");
    let mut walk = Walk::dial(&programmes, &worker, noon());
    walk.type_all(&["1", "Akinyi"]);
    let again = open(
        &programmes,
        &stranger("en"),
        Some(walk.session.clone()),
        noon(),
    );
    let question = text(&programmes, &again.session);
    assert_eq!(question, "Please type the code of your village.");
    // The control: for the worker herself it is.
    let hers = open(&programmes, &worker, Some(walk.session), noon());
    assert!(text(&programmes, &hers.session).starts_with("Continue"));
}

#[test]
fn an_input_that_no_question_takes_gets_the_same_sentence() {
    let programmes = programmes();
    let long = "1".repeat(200);
    for typed in [long.as_str(), "1\u{200b}2"] {
        let step = step(&programmes, asked(&programmes, "fr"), typed, noon());
        assert_eq!(step.next, Next::Screen);
        assert_eq!(
            text(&programmes, &step.session),
            "Ce code est inconnu. Tapez celui de votre village."
        );
    }
}
