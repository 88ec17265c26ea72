//! A session that is cut goes on where it stopped, for the same person and for so long.

use channels_core::gsm7;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::super::{
    RESUME_CITIZEN_S, RESUME_STAFF_S, SESSION_VERSION, Session, SessionError, render,
};
use super::walk::{REGISTERS, REGISTRATION, USSD, Walk, noon, principal, programmes};
use crate::contact::{BearerLimits, Moment};
use crate::role::Role;

const QUESTION: &str = "Continue where you stopped?\n1 Yes\n2 No";

fn later(seconds: i64) -> Moment {
    let at = noon()
        .at
        .checked_add(jiff::SignedDuration::from_secs(seconds))
        .unwrap();
    Moment { at, ..noon() }
}

/// What the store does: the bytes survive, nothing else.
fn stored(session: &Session) -> Session {
    Session::decode(&session.encode().unwrap()).unwrap()
}

#[test]
fn a_cut_at_any_step_leads_back_to_the_same_screen() {
    let programmes = programmes();
    let worker = principal(Role::HealthWorker, "en");
    for language in ["en", "fr", "sw"] {
        let worker = crate::role::Principal {
            language: language.to_owned(),
            ..worker.clone()
        };
        for steps in 1..REGISTRATION.len() {
            let mut walk = Walk::dial(&programmes, &worker, noon());
            walk.type_all(&REGISTRATION[..steps]);
            let cut = walk.text();
            let mut again = Walk::redial(
                &programmes,
                &worker,
                Some(stored(&walk.session)),
                later(3_600),
            );
            if language == "en" {
                assert_eq!(again.text(), QUESTION);
            }
            again.checked_text();
            again.type_in("1");
            assert_eq!(again.text(), cut, "after {steps} steps");
            again.type_all(&REGISTRATION[steps..]);
            assert_eq!(again.commands.len(), REGISTERS);
        }
    }
}

#[test]
fn a_bearer_narrower_than_the_programme_gets_pages_of_its_own() {
    let programmes = programmes();
    let worker = principal(Role::HealthWorker, "en");
    let cell = BearerLimits {
        gsm7: 128,
        ucs2: 56,
    };
    let mut walk = Walk::dial(&programmes, &worker, noon());
    let mut pages = 0;
    for input in REGISTRATION {
        walk.session.shown_on(cell);
        walk.type_in(input);
        // Bytes on the disk do not keep the limits: the bearer of each step names them.
        walk.session = stored(&walk.session);
        walk.session.shown_on(cell);
        let screen = render(&programmes, &walk.session, cell);
        assert!(
            gsm7::septets(&screen.text).unwrap() <= 128,
            "{}",
            screen.text
        );
        assert!(!screen.text.contains("cannot show"), "{}", screen.text);
        pages += usize::from(screen.text.contains("99 More"));
    }
    assert!(pages > 0, "no screen was cut: the test proves nothing");
    assert_eq!(walk.commands.len(), REGISTERS);
    // The same session is cut as before on a bearer that carries more.
    let mut walk = Walk::dial(&programmes, &worker, noon());
    walk.type_all(&REGISTRATION[..5]);
    let wide = walk.text();
    walk.session.shown_on(USSD);
    assert_eq!(walk.text(), wide);
    walk.session.shown_on(cell);
    assert_ne!(render(&programmes, &walk.session, cell).text, wide);
}

#[test]
fn a_cut_on_a_second_page_leads_back_to_it() {
    let programmes = programmes();
    let worker = principal(Role::HealthWorker, "en");
    let mut walk = Walk::dial(&programmes, &worker, noon());
    walk.type_all(&REGISTRATION[..5]).type_in("99");
    let page = walk.text();
    let mut again = Walk::redial(&programmes, &worker, Some(stored(&walk.session)), later(60));
    again.type_in("7");
    assert_eq!(
        again.text(),
        format!("Please type one of the numbers shown.\n{QUESTION}")
    );
    again.type_in("1");
    assert_eq!(again.text(), page);
}

#[test]
fn a_second_cut_on_the_question_asks_it_again() {
    let programmes = programmes();
    let worker = principal(Role::HealthWorker, "en");
    let mut walk = Walk::dial(&programmes, &worker, noon());
    walk.type_all(&REGISTRATION[..3]);
    let cut = walk.text();
    let once = Walk::redial(&programmes, &worker, Some(stored(&walk.session)), later(60));
    let mut twice = Walk::redial(
        &programmes,
        &worker,
        Some(stored(&once.session)),
        later(120),
    );
    assert_eq!(twice.text(), QUESTION);
    twice.type_in("1");
    assert_eq!(twice.text(), cut);
}

#[test]
fn no_begins_anew_and_forgets_what_was_typed() {
    let programmes = programmes();
    let worker = principal(Role::HealthWorker, "en");
    let mut walk = Walk::dial(&programmes, &worker, noon());
    walk.type_all(&REGISTRATION[..6]);
    let mut again = Walk::redial(&programmes, &worker, Some(stored(&walk.session)), later(60));
    again.type_in("2");
    assert!(
        again.text().starts_with("Mother and child"),
        "{}",
        again.text()
    );
    assert!(again.session.answers.is_empty());
}

#[test]
fn the_window_is_a_day_for_staff_and_half_an_hour_for_citizens() {
    let programmes = programmes();
    for (role, window) in [
        (Role::HealthWorker, RESUME_STAFF_S),
        (Role::Citizen, RESUME_CITIZEN_S),
    ] {
        let person = principal(role, "en");
        let mut walk = Walk::dial(&programmes, &person, noon());
        let first = walk.text();
        walk.type_in(if role == Role::Citizen { "2" } else { "1" });
        let kept = Some(stored(&walk.session));
        let within = Walk::redial(&programmes, &person, kept.clone(), later(window));
        assert_eq!(within.text(), QUESTION);
        let outside = Walk::redial(&programmes, &person, kept, later(window + 1));
        assert_eq!(outside.text(), first);
    }
}

#[test]
fn another_person_another_role_or_an_ended_session_begins_anew() {
    let programmes = programmes();
    let worker = principal(Role::HealthWorker, "en");
    let mut walk = Walk::dial(&programmes, &worker, noon());
    walk.type_all(&REGISTRATION[..6]);
    let other = crate::role::Principal {
        author: 2,
        ..worker.clone()
    };
    let citizen = principal(Role::Citizen, "en");
    for stranger in [other, citizen] {
        let again = Walk::redial(
            &programmes,
            &stranger,
            Some(stored(&walk.session)),
            later(60),
        );
        assert!(!again.text().starts_with("Continue"), "{}", again.text());
        assert!(again.session.answers.is_empty());
    }
    walk.type_all(&REGISTRATION[6..]);
    let again = Walk::redial(&programmes, &worker, Some(stored(&walk.session)), later(60));
    assert!(
        again.text().starts_with("Mother and child"),
        "{}",
        again.text()
    );
}

#[test]
fn a_clock_that_went_back_does_not_lose_the_session() {
    let programmes = programmes();
    let worker = principal(Role::HealthWorker, "en");
    let mut walk = Walk::dial(&programmes, &worker, noon());
    walk.type_all(&REGISTRATION[..4]);
    let back = later(-40 * 365 * 24 * 3_600);
    let again = Walk::redial(&programmes, &worker, Some(stored(&walk.session)), back);
    assert_eq!(again.text(), QUESTION);
}

#[test]
fn another_version_and_bytes_left_over_are_refused() {
    let programmes = programmes();
    let walk = Walk::dial(&programmes, &principal(Role::HealthWorker, "en"), noon());
    let mut bytes = walk.session.encode().unwrap();
    bytes.push(0);
    assert!(matches!(
        Session::decode(&bytes),
        Err(SessionError::Leftover)
    ));
    bytes[0] = SESSION_VERSION + 1;
    assert!(matches!(
        Session::decode(&bytes),
        Err(SessionError::Version { .. })
    ));
    assert!(matches!(
        Session::decode(&[]),
        Err(SessionError::Version { got: 0 })
    ));
}

#[test]
fn a_session_prints_nothing_that_was_typed() {
    let programmes = programmes();
    let mut walk = Walk::dial(&programmes, &principal(Role::HealthWorker, "en"), noon());
    walk.type_all(&REGISTRATION[..12]);
    let printed = format!("{:?} {:?}", walk.session, walk.screen());
    for planted in ["Akinyi", "Nyambura", "1994", "772", "Amina", "KB", "Kibo"] {
        assert!(!printed.contains(planted), "{printed}");
    }
}

proptest! {
    #[test]
    fn decoding_never_panics_and_reads_back_what_it_wrote(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        for bytes in [bytes.clone(), [vec![SESSION_VERSION], bytes].concat()] {
            if let Ok(session) = Session::decode(&bytes) {
                let again = Session::decode(&session.encode().unwrap()).unwrap();
                prop_assert_eq!(again, session);
            }
        }
    }
}

#[test]
fn damaged_sessions_never_panic() {
    let programmes = programmes();
    let worker = principal(Role::HealthWorker, "en");
    let input = (0..600_usize, any::<u8>(), 0..13_usize);
    let outcome = TestRunner::default().run(&input, |(place, value, steps)| {
        let mut walk = Walk::dial(&programmes, &worker, noon());
        walk.type_all(&REGISTRATION[..steps]);
        let mut bytes = walk.session.encode().unwrap();
        let place = place % bytes.len();
        bytes[place] = value;
        if let Ok(session) = Session::decode(&bytes) {
            let mut damaged = Walk { session, ..walk };
            damaged.type_all(&["1", "00", "99"]);
            let text = damaged.text();
            prop_assert!(gsm7::ucs2_units(&text) <= 182, "{}", text);
        }
        Ok(())
    });
    assert_eq!(outcome, Ok(()));
}
