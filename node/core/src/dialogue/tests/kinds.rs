//! Each kind of block and each rule of input.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::super::page::{Layout, PAGES_MAX, Parts, pages};
use super::super::refusal::Refusal;
use super::super::{INPUT_CHARS_MAX, STEPS_MAX, input, render};
use super::walk::{HTTP, REGISTRATION, SMS, USSD, Walk, noon, principal, programmes};
use crate::contact::BearerLimits;
use crate::programme::Programmes;
use crate::programme::tests::small;
use crate::role::Role;

fn small_walk(programmes: &Programmes) -> Walk<'_> {
    Walk::dial(programmes, &principal(Role::HealthWorker, "en"), noon())
}

/// A worker at a question of the shipped registration.
fn at_question(programmes: &Programmes, steps: usize) -> Walk<'_> {
    let mut walk = small_walk(programmes);
    walk.type_all(&REGISTRATION[..steps]);
    walk
}

#[test]
fn a_message_waits_for_the_key_that_it_prints() {
    let programmes = Programmes::load(&[small()]).unwrap();
    let mut walk = small_walk(&programmes);
    assert_eq!(walk.text(), "Hello.\n99 More");
    walk.type_in("5");
    assert_eq!(
        walk.text(),
        "Please type one of the numbers shown.\nHello.\n99 More"
    );
    walk.type_in("99");
    assert_eq!(
        walk.text(),
        "Which signs?\n1 Fever\n2 Cough\n3 Swelling\n0 None\n00 Back"
    );
}

#[test]
fn several_choices_are_typed_as_their_numbers() {
    let programmes = Programmes::load(&[small()]).unwrap();
    for (typed, saved) in [
        ("13", "fever swelling"),
        ("3 1", "fever swelling"),
        ("2,2", "cough"),
        ("0", ""),
    ] {
        let mut walk = small_walk(&programmes);
        walk.type_all(&["99", typed]);
        assert_eq!(
            walk.session.answers.get("signs").map(String::as_str),
            Some(saved)
        );
    }
    let mut walk = small_walk(&programmes);
    for typed in ["4", "x", "", "10"] {
        walk.type_in("99").type_in(typed);
        assert!(
            walk.text()
                .starts_with("Please type the numbers that fit, like 1 3.\n")
        );
    }
}

#[test]
fn a_number_has_limits_and_a_case_goes_on_by_a_value() {
    let programmes = Programmes::load(&[small()]).unwrap();
    let mut walk = small_walk(&programmes);
    walk.type_all(&["99", "1", "121"]);
    assert_eq!(
        walk.text(),
        "Please type a number from 0 to 120.\nAge in years?\n00 Back"
    );
    walk.type_in("30");
    assert_eq!(walk.text(), "Go to the clinic today.");
    assert!(walk.screen().end);
    let mut other = small_walk(&programmes);
    other.type_all(&["99", "12", "30"]);
    assert_eq!(
        other.text(),
        "Anything else about Fever, Cough at 30?\n00 Back"
    );
    other.type_in("  ");
    assert!(
        other.text().starts_with("Please type an answer.\n"),
        "{}",
        other.text()
    );
    other.type_in("no\u{7}").type_in(&"x".repeat(5_000));
    assert!(
        other
            .text()
            .starts_with("That is too long. Please type at most 182 characters.\n")
    );
    other.type_in("no");
    assert_eq!(other.text(), "Thank you.");
}

#[test]
fn wrong_names_are_refused_with_what_to_type() {
    let programmes = programmes();
    for wrong in [
        "",
        "   ",
        "0",
        "4kinyi",
        "Aki#nyi",
        "<b>",
        "--",
        "Aki\u{202e}nyi",
        "\u{1f476}",
    ] {
        let mut walk = at_question(&programmes, 1);
        walk.type_in(wrong);
        assert_eq!(
            walk.checked_text(),
            "Please type a name, letters only.\nMother's first name?\n00 Back",
            "{wrong:?}"
        );
    }
    for long in ["a".repeat(41), "x".repeat(5_000)] {
        let mut walk = at_question(&programmes, 1);
        walk.type_in(&long);
        assert_eq!(
            walk.checked_text(),
            "That is too long. Please type at most 40 characters.\nMother's first name?\n00 Back"
        );
    }
}

#[test]
fn names_of_any_script_are_taken_as_typed() {
    for name in [
        "Anne-Marie",
        "N'Goran",
        "Françoise",
        "አበበ",
        "प्रियंका",
        "محمد",
        "Nguyễn Thị",
        "สมชาย",
    ] {
        assert_eq!(input::name(name), Ok(name.to_owned()), "{name}");
    }
    assert_eq!(
        input::name("  O\u{2019}Neill   Ann "),
        Ok("O'Neill Ann".to_owned())
    );
}

#[test]
fn phones_are_read_in_the_sites_country_or_internationally() {
    let uganda = phonenumber::country::UG;
    for typed in [
        "0772123456",
        "0772 123 456",
        "+256772123456",
        "256772123456",
        "00256-772-123456",
        "772123456",
    ] {
        assert_eq!(
            input::phone(typed, uganda),
            Ok("+256772123456".to_owned()),
            "{typed}"
        );
    }
    assert_eq!(
        input::phone("+254711123456", uganda),
        Ok("+254711123456".to_owned())
    );
    for wrong in [
        "",
        "12",
        "07721",
        "0000000000",
        "abc",
        "077212345678901",
        "+0772123456",
        "++",
    ] {
        assert_eq!(input::phone(wrong, uganda), Err(Refusal::Phone), "{wrong}");
    }
}

#[test]
fn dates_are_checked_for_form_and_for_the_childs_age() {
    let programmes = programmes();
    let mut walk = at_question(&programmes, 10);
    for (typed, sentence) in [
        ("31022026", "Please type the day like 17051994."),
        ("2026", "Please type the day like 17051994."),
        ("3", "Please type the day like 17051994."),
        (
            "18052026",
            "That day is still to come. Please type an earlier one.",
        ),
        (
            "16052021",
            "That is too long ago. Please type 17052021 or later.",
        ),
    ] {
        walk.type_in(typed);
        assert_eq!(
            walk.checked_text().lines().next(),
            Some(sentence),
            "{typed}"
        );
    }
    for (typed, saved) in [
        ("1", "2026-05-17"),
        ("2", "2026-05-16"),
        ("17/05/2026", "2026-05-17"),
        ("1-12-2025", ""),
        ("29 02 2024", "2024-02-29"),
    ] {
        let mut walk = at_question(&programmes, 10);
        walk.type_in(typed);
        let answer = walk
            .session
            .answers
            .get("child_birth_date")
            .map_or("", String::as_str);
        assert_eq!(answer, saved, "{typed}");
    }
}

#[test]
fn the_mothers_birth_may_be_a_year() {
    let programmes = programmes();
    let mut walk = at_question(&programmes, 3);
    for (typed, sentence) in [
        ("94", "Please type a year like 1994 or a day like 17051994."),
        ("2020", "That is too recent. Please type 2016 or earlier."),
        (
            "18052016",
            "That is too recent. Please type 17052016 or earlier.",
        ),
        ("1950", "That is too long ago. Please type 1956 or later."),
    ] {
        walk.type_in(typed);
        assert_eq!(
            walk.checked_text().lines().next(),
            Some(sentence),
            "{typed}"
        );
    }
    walk.type_in("17051994");
    assert_eq!(walk.session.answers["mother_birth_date"], "1994-05-17");
}

#[test]
fn identifiers_lose_blanks_and_become_capitals() {
    assert_eq!(input::identifier("cf 9405-123"), Ok("CF9405123".to_owned()));
    for wrong in ["", "1", "abc", "x#yz1", "123456789012345678901"] {
        assert_eq!(
            input::identifier(wrong),
            Err(Refusal::Identifier),
            "{wrong}"
        );
    }
}

#[test]
fn choices_refuse_everything_else_even_five_thousand_characters() {
    let programmes = programmes();
    for wrong in [
        "",
        "7",
        "01",
        "1 Register",
        "x",
        "-1",
        "٩",
        "99999999999999999999",
        "\u{0}",
    ] {
        let mut walk = small_walk(&programmes);
        walk.type_in(wrong);
        assert!(
            walk.checked_text()
                .starts_with("Please type one of the numbers shown.\n")
        );
    }
    let mut walk = small_walk(&programmes);
    walk.type_in(&"1".repeat(5_000));
    assert!(
        walk.text()
            .starts_with("Please type one of the numbers shown.\n")
    );
    assert!(walk.session.encode().unwrap().len() < 1_000);
}

#[test]
fn a_session_ends_after_its_limit_of_inputs() {
    let programmes = programmes();
    let mut walk = small_walk(&programmes);
    for _ in 0..STEPS_MAX {
        walk.type_in("x");
    }
    assert!(!walk.screen().end);
    walk.type_in("x");
    assert_eq!(walk.text(), "This took too many steps. Please dial again.");
    assert!(walk.screen().end);
}

#[test]
fn a_name_outside_the_alphabet_is_whole_where_ucs2_fits_and_marked_where_it_does_not() {
    let programmes = programmes();
    let mut walk = small_walk(&programmes);
    let mut typed = REGISTRATION;
    typed[8] = "Zoë";
    walk.type_all(&typed[..12]);
    let over = |limits| render(&programmes, &walk.session, limits).text;
    assert!(over(HTTP).contains("Child: Zo? Nyambura"), "{}", over(HTTP));
    assert!(
        over(SMS).contains("Zo? "),
        "the page is longer than one SMS of UCS-2"
    );
    let wide = BearerLimits {
        gsm7: 182,
        ucs2: 160,
    };
    assert!(over(wide).contains("Child: Zoë Nyambura"), "{}", over(wide));
}

#[test]
fn a_line_below_the_declared_bearers_gets_a_sentence_that_names_sms() {
    let programmes = programmes();
    let walk = at_question(&programmes, 7);
    let narrow = BearerLimits {
        gsm7: 100,
        ucs2: 40,
    };
    let screen = render(&programmes, &walk.session, narrow);
    assert_eq!(
        screen.text,
        "This line cannot show this service. Please use SMS."
    );
    assert!(screen.end);
    assert!(!render(&programmes, &walk.session, USSD).end);
}

#[test]
fn pages_fit_lose_nothing_and_are_bounded() {
    let line = "[a-zé€ ]{0,200}";
    let input = (
        proptest::collection::vec(line, 0..4),
        proptest::collection::vec("[a-z]{1,30}", 0..30),
        40..182_usize,
        any::<bool>(),
        proptest::option::of(0..3_usize),
    );
    let outcome = TestRunner::default().run(&input, |(text, choices, max, ucs2, notice)| {
        let parts = Parts {
            text: text.clone(),
            choices: choices.clone(),
            zero: Some("0 Exit".to_owned()),
            back: "00 Back".to_owned(),
            more: "99 More".to_owned(),
            notice: notice.map(|page| ("Please type one of these.".to_owned(), page)),
            ..Parts::default()
        };
        let layout = Layout { max, ucs2 };
        let cut = pages(&parts, layout);
        prop_assert!(!cut.is_empty() && cut.len() <= PAGES_MAX);
        for page in &cut {
            prop_assert!(
                layout.length(page) <= max,
                "{} of {max}: {page}",
                layout.length(page)
            );
        }
        if cut.len() < PAGES_MAX {
            let shown: String = cut.concat().chars().filter(|c| c.is_alphabetic()).collect();
            for line in text.iter().chain(&choices) {
                for word in line.split_whitespace().filter(|word| word.len() < 20) {
                    let letters: String = word.chars().filter(|c| c.is_alphabetic()).collect();
                    prop_assert!(shown.contains(&letters), "{word} is lost");
                }
            }
        }
        Ok(())
    });
    assert_eq!(outcome, Ok(()));
}

proptest! {
    #[test]
    fn no_input_panics_a_rule(text in "\\PC{0,60}", raw in any::<String>()) {
        for typed in [text.as_str(), raw.as_str()] {
            let Ok(clean) = input::clean(typed) else { continue };
            prop_assert!(clean.chars().count() <= INPUT_CHARS_MAX);
            if let Ok(name) = input::name(clean) {
                prop_assert!(!name.chars().any(|c| c.is_ascii_digit() || c.is_control()));
                prop_assert_eq!(input::name(&name), Ok(name.clone()));
            }
            if let Ok(phone) = input::phone(clean, phonenumber::country::UG) {
                prop_assert!(phone.starts_with('+'));
            }
            if let Ok(code) = input::identifier(clean) {
                prop_assert!(code.chars().all(|c| c.is_ascii_alphanumeric()));
            }
        }
    }

    #[test]
    fn any_digits_are_a_phone_or_refused(digits in "[+0-9]{0,20}") {
        if let Ok(phone) = input::phone(&digits, phonenumber::country::UG) {
            prop_assert_eq!(input::phone(&phone, phonenumber::country::UG), Ok(phone.clone()));
        }
    }
}
