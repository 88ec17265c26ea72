//! What stands before the screens of staff: shown in every language on every bearer, telling
//! nothing of what is behind it.

use std::collections::BTreeMap;

use channels_core::gsm7;

use super::super::{Next, Session, Step, hold_back, open_at, render, resume, stand_before, step};
use super::walk::{HTTP, USSD, Walk, moment, noon, principal, programmes};
use crate::command::{Command, Outcome, Rejection};
use crate::contact::{BearerLimits, SMS_CHANNEL};
use crate::pin::{Pin, Standing};
use crate::programme::Programmes;
use crate::role::{Principal, Role};

/// What an own cell carries.
const CELL: BearerLimits = BearerLimits {
    gsm7: 128,
    ucs2: 56,
};

fn worker() -> Principal {
    Principal {
        author: 3,
        ..principal(Role::HealthWorker, "en")
    }
}

fn before(standing: Standing, previous: Option<Session>) -> Step {
    stand_before(&worker(), previous, None, (standing, noon()))
}

fn text(programmes: &Programmes, step: &Step) -> String {
    render(programmes, &step.session, USSD).text
}

fn rejected(step: Step, programmes: &Programmes, text: &str) -> Step {
    let rejection = Rejection {
        text: text.to_owned(),
        arguments: BTreeMap::new(),
    };
    resume(programmes, step.session, Err(rejection), noon())
}

fn done(step: Step, programmes: &Programmes) -> Step {
    resume(programmes, step.session, Ok(Outcome::default()), noon())
}

#[test]
fn every_screen_of_it_fits_the_narrowest_bearers_in_every_language() {
    let programmes = programmes();
    let all = [
        Standing::Pin,
        Standing::Code,
        Standing::NoCode,
        Standing::Wait,
        Standing::Locked,
    ];
    for language in ["en", "fr", "sw"] {
        let worker = Principal {
            language: language.to_owned(),
            ..worker()
        };
        for standing in all {
            let asked = stand_before(&worker, None, None, (standing, noon()));
            assert_eq!(asked.next, Next::Screen);
            let ends = !matches!(standing, Standing::Pin | Standing::Code);
            for limits in [USSD, HTTP, CELL] {
                let mut session = asked.session.clone();
                session.shown_on(limits);
                let screen = render(&programmes, &session, limits);
                assert_eq!(screen.end, ends, "{standing:?} {language}");
                let septets = gsm7::septets(&screen.text).unwrap();
                assert!(septets <= usize::from(limits.gsm7), "{}", screen.text);
                assert!(!screen.text.is_empty());
            }
        }
    }
}

#[test]
fn what_is_typed_becomes_a_command_and_is_in_no_session() {
    let programmes = programmes();
    let asked = before(Standing::Pin, None);
    assert_eq!(text(&programmes, &asked), "Your staff PIN?");
    for typed in ["", "4915", "abc", "00", "99", "4915 07", "4915071"] {
        let again = step(&programmes, asked.session.clone(), typed, noon());
        assert_eq!(again.next, Next::Screen, "{typed}");
        let said = text(&programmes, &again);
        assert!(said.starts_with("Please type 6 digits."), "{typed}: {said}");
    }
    let typed = step(&programmes, asked.session, "491507", noon());
    let Next::Act(command) = &typed.next else {
        panic!("no command");
    };
    let pin = Pin::parse("491507").unwrap();
    assert_eq!(**command, Command::OpenStaff { pin });
    let kept = typed.session.encode().unwrap();
    assert!(!kept.windows(6).any(|bytes| bytes == b"491507"));
    assert!(!format!("{typed:?}").contains("491507"));
    let wrong = rejected(typed.clone(), &programmes, "reject-pin-wrong");
    assert!(text(&programmes, &wrong).ends_with("Your staff PIN?"));
    let locked = rejected(typed.clone(), &programmes, "staff-pin-locked");
    let screen = render(&programmes, &locked.session, USSD);
    assert!(screen.end && screen.text.starts_with("This PIN is locked"));
    let right = done(typed, &programmes);
    assert_eq!(right.next, Next::Begin);
}

#[test]
fn the_code_leads_to_the_choice_and_the_choice_on() {
    let programmes = programmes();
    let asked = before(Standing::Code, None);
    let short = step(&programmes, asked.session.clone(), "4829173", noon());
    let said = text(&programmes, &short);
    assert!(said.starts_with("That code is not right"), "{said}");
    let typed = step(&programmes, asked.session, "4829 1736", noon());
    assert!(matches!(typed.next, Next::Act(_)), "{typed:?}");
    let choice = done(typed, &programmes);
    let said = text(&programmes, &choice);
    assert!(said.starts_with("Choose a staff PIN"), "{said}");
    let chosen = step(&programmes, choice.session, "123456", noon());
    let weak = rejected(chosen, &programmes, "reject-pin-weak");
    let said = text(&programmes, &weak);
    assert!(
        said.ends_with("work.") && !said.contains("123456"),
        "{said}"
    );
    let chosen = step(&programmes, weak.session, "491507", noon());
    assert_eq!(done(chosen, &programmes).next, Next::Begin);
}

#[test]
fn what_was_left_unfinished_is_hidden_kept_and_offered_behind_it() {
    let programmes = programmes();
    let plain = Principal {
        author: 0,
        ..worker()
    };
    let mut walk = Walk::dial(&programmes, &plain, noon());
    walk.type_all(&["1", "Achieng", "Nyambura"]);
    let left = walk.session.clone();
    let asked = stand_before(&plain, Some(left.clone()), None, (Standing::Pin, noon()));
    for limits in [USSD, HTTP] {
        let shown = render(&programmes, &asked.session, limits).text;
        assert_eq!(shown, "Your staff PIN?");
    }
    assert!(asked.session.clone().behind().is_none(), "the control");
    let passed = done(
        step(&programmes, asked.session, "491507", noon()),
        &programmes,
    );
    let behind = passed.session.behind();
    let offered = open_at(&programmes, &plain, behind, None, noon());
    assert!(text(&programmes, &offered).starts_with("Continue where you stopped?"));
    let on = step(&programmes, offered.session, "1", noon());
    assert!(text(&programmes, &on).starts_with("Mother's birth"));
    // By SMS the neutral sentence ends the contact, and what was left is kept for the next one.
    let by_sms = Principal {
        channel: SMS_CHANNEL.to_owned(),
        ..plain.clone()
    };
    let told = stand_before(
        &by_sms,
        Some(left.clone()),
        None,
        (Standing::Locked, noon()),
    );
    let screen = render(&programmes, &told.session, USSD);
    let neutral = "This opens with your staff PIN. Please dial the service code.";
    assert!(screen.end && screen.text == neutral, "{screen:?}");
    let kept = Session::decode(&told.session.encode().unwrap()).unwrap();
    let offered = open_at(&programmes, &plain, Some(kept), None, noon());
    assert!(text(&programmes, &offered).starts_with("Continue where you stopped?"));
    // In the middle: the key is not taken, and waiting at the PIN makes nothing fresh.
    let held = hold_back(left, Standing::Pin);
    assert_eq!(text(&programmes, &held), "Your staff PIN?");
    let updated = held.session.updated();
    let later = moment("2026-05-17T20:00:00Z");
    let again = step(&programmes, held.session, "12", later);
    assert_eq!(again.session.updated(), updated);
}
