//! Kinds of answers: partial dates in two calendars, amounts, decimals, checked numbers, secrets,
//! places of many areas, digits of other scripts.

use super::super::session::Secret;
use super::super::{Session, input};
use super::walk::{Walk, noon, principal};
use crate::number;
use crate::programme::tests::sketch::sketch;
use crate::programme::{PLACES_FILE, Programmes, SERVICE_FILE, Source, compile};
use crate::role::Role;

/// A programme with one question, whose answer the last screen shows.
fn question(block: &str) -> Source {
    let blocks = format!(
        "\n[[blocks]]\n{block}\n\n[[blocks]]\nkind = \"message\"\ncode = \"end\"\ntext = \"end\"\nnext = \"last\"\n\
         \n[[blocks]]\nkind = \"message\"\ncode = \"last\"\ntext = \"last\"\n"
    );
    let fields = "{ name = \"a\", longest = \"30 Meskerem 1986 and more\" }";
    let texts = "ask = What?\nend = Got { $a }.\nlast = Bye.\nkg = kg\n";
    let texts = if block.contains("\"kg\"") {
        texts.to_owned()
    } else {
        texts.replace("kg = kg\n", "")
    };
    sketch((fields, ""), "q", &blocks, &texts)
}

fn asked(programmes: &Programmes) -> Walk<'_> {
    Walk::dial(programmes, &principal(Role::HealthWorker, "en"), noon())
}

/// What is typed, and what becomes of it.
type Case<'a> = (&'a str, Result<(&'a str, &'a str), &'a str>);

/// Types each text; `Ok` is what is saved and shown, `Err` the beginning of the refusal.
fn check(source: &Source, cases: &[Case<'_>]) {
    let programmes = Programmes::load(std::slice::from_ref(source)).unwrap();
    for (typed, expected) in cases {
        let mut walk = asked(&programmes);
        walk.type_in(typed);
        match expected {
            Ok((saved, shown)) => {
                let answer = walk.session.answers.get("a").map(String::as_str);
                assert_eq!(answer, Some(*saved), "{typed}: {}", walk.text());
                let text = walk.checked_text();
                assert!(
                    text.starts_with(&format!("Got {shown}.")),
                    "{typed}: {text}"
                );
            }
            Err(sentence) => {
                let text = walk.checked_text();
                assert!(text.starts_with(sentence), "{typed}: {text}");
            }
        }
    }
}

const DATE: &str = "kind = \"date\"\ncode = \"q\"\nask = { text = \"ask\", saves = \"a\", next = \"end\" }\n\
                    year = true\nmonth = true\nyears_min = 0\nyears_max = 90";

#[test]
fn a_date_is_a_day_a_month_or_a_year() {
    check(
        &question(DATE),
        &[
            ("17051994", Ok(("1994-05-17", "17 May 1994"))),
            (
                "5-1994",
                Err("Please type a year, month or day like 1994, 051994 or 17051994."),
            ),
            ("05 1994", Ok(("1994-05", "May 1994"))),
            ("1994", Ok(("1994", "1994"))),
            ("131994", Err("Please type a year, month or day")),
            ("062026", Err("That day is still to come.")),
            ("052026", Ok(("2026-05", "May 2026"))),
            ("2027", Err("That day is still to come.")),
            (
                "041936",
                Err("That is too long ago. Please type 051936 or later."),
            ),
            (
                "1935",
                Err("That is too long ago. Please type 1936 or later."),
            ),
        ],
    );
    check(
        &question(&DATE.replace("year = true\n", "")),
        &[
            (
                "1994",
                Err("Please type a month like 051994 or a day like 17051994."),
            ),
            ("051994", Ok(("1994-05", "May 1994"))),
        ],
    );
}

#[test]
fn a_language_of_another_calendar_types_and_shows_dates_in_it() {
    let source = question(DATE);
    let text = source.files[SERVICE_FILE].replace(
        "words = [\"sketch\"]",
        "words = [\"sketch\"], calendar = \"ethiopian\"",
    );
    let source = source.with(SERVICE_FILE, text);
    check(
        &source,
        &[
            ("09091986", Ok(("1994-05-17", "9 Ginbot 1986"))),
            ("06132015", Ok(("2023-09-11", "6 Pagume 2015"))),
            (
                "06132016",
                Err("Please type a year, month or day like 1986, 091986 or 09091986."),
            ),
            ("091986", Ok(("1994-05", "Ginbot 1986"))),
            ("1986", Ok(("1994", "1986"))),
            // 17 May 2026 is 9 Ginbot 2018.
            ("09092018", Ok(("2026-05-17", "9 Ginbot 2018"))),
            ("10092018", Err("That day is still to come.")),
            ("2019", Err("That day is still to come.")),
            (
                "1920",
                Err("That is too long ago. Please type 1928 or later."),
            ),
        ],
    );
}

#[test]
fn a_sample_that_is_shorter_than_a_month_of_the_language_is_found() {
    let source = question(DATE);
    let text = source.files[SERVICE_FILE].replace("30 Meskerem 1986 and more", "1 May 94");
    let findings = compile(&source.with(SERVICE_FILE, text)).unwrap_err();
    assert!(
        findings[0]
            .message
            .contains("is longer than its longest sample")
    );
}

const MONEY: &str = "kind = \"money\"\ncode = \"q\"\nask = { text = \"ask\", saves = \"a\", next = \"end\" }\n\
                     min = 5000\nmax = 1250000";

fn with_currency(source: &Source, currency: &str) -> Source {
    let text = format!("currency = {currency}\n{}", source.files[PLACES_FILE]);
    source.clone().with(PLACES_FILE, text)
}

#[test]
fn money_is_kept_in_minor_units_of_the_sites_currency() {
    let wrong = "Please type an amount from 50 to 12500.";
    let shillings = with_currency(&question(MONEY), "{ code = \"KES\", decimals = 2 }");
    check(
        &shillings,
        &[
            ("50", Ok(("5000", "50.00 KES"))),
            ("1250.5", Ok(("125050", "1250.50 KES"))),
            ("1250,50", Ok(("125050", "1250.50 KES"))),
            ("49.99", Err(wrong)),
            ("12500.01", Err(wrong)),
            ("1.250.00", Err(wrong)),
            ("1 250", Err(wrong)),
            ("100.555", Err(wrong)),
            ("100.", Err(wrong)),
            (".5", Err(wrong)),
            ("-60", Err(wrong)),
            ("99999999999999999999999", Err(wrong)),
        ],
    );
    let whole = with_currency(&question(MONEY), "{ code = \"UGX\", decimals = 0 }");
    check(
        &whole,
        &[
            ("12500", Ok(("12500", "12500 UGX"))),
            (
                "12500.0",
                Err("Please type an amount from 5000 to 1250000."),
            ),
        ],
    );
    let findings = compile(&question(MONEY)).unwrap_err();
    assert_eq!(findings[0].message, "the site has no currency");
}

#[test]
fn a_number_may_have_decimals_and_a_unit() {
    let block = "kind = \"numeric\"\ncode = \"q\"\nask = { text = \"ask\", saves = \"a\", next = \"end\" }\n\
                 min = 1\nmax = 200\ndecimals = 1\nunit = \"kg\"";
    let wrong = "Please type a number from 1 to 200.";
    check(
        &question(block),
        &[
            ("3.2", Ok(("3.2", "3.2 kg"))),
            ("3,0", Ok(("3", "3 kg"))),
            ("\u{663},\u{662}", Ok(("3.2", "3.2 kg"))),
            ("200.1", Err(wrong)),
            ("3.25", Err(wrong)),
            ("0.9", Err(wrong)),
        ],
    );
}

#[test]
fn a_registration_number_proves_itself() {
    let block = "kind = \"open\"\ncode = \"q\"\nask = { text = \"ask\", saves = \"a\", next = \"end\" }\n\
                 rule = \"registration_number\"";
    let body = (0..1_000).find(|body| number::is_valid(&number::full(729_405_863 + body)));
    let good = number::full(729_405_863 + body.unwrap());
    let mut wrong = good.clone();
    wrong.pop();
    let last = good.bytes().last().unwrap() - b'0';
    wrong.push(char::from(b'0' + (last + 1) % 10));
    let (first, second) = good.split_at(5);
    let spaced = format!("{first} {second}");
    check(
        &question(block),
        &[
            (good.as_str(), Ok((good.as_str(), good.as_str()))),
            (spaced.as_str(), Ok((good.as_str(), good.as_str()))),
            (
                wrong.as_str(),
                Err("One digit is wrong. Please check the number"),
            ),
            (
                "12345",
                Err("Please type the 10 or 12 digits of the number."),
            ),
            ("abc", Err("Please type the 10 or 12 digits of the number.")),
        ],
    );
}

#[test]
fn free_text_has_the_length_that_the_question_says() {
    let block = "kind = \"open\"\ncode = \"q\"\nask = { text = \"ask\", saves = \"a\", next = \"end\" }\n\
                 rule = \"text\"\nmax = 12";
    check(
        &question(block),
        &[
            ("Fever, cough", Ok(("Fever, cough", "Fever, cough"))),
            (
                "Fever, coughs",
                Err("That is too long. Please type at most 12 characters."),
            ),
        ],
    );
    let findings = compile(&question(&block.replace("12", "183"))).unwrap_err();
    assert!(
        findings[0].message.contains("longer than an input"),
        "{findings:?}"
    );
}

#[test]
fn a_pin_goes_to_a_command_or_nowhere() {
    let block = "kind = \"pin\"\ncode = \"q\"\nask = { text = \"ask\", next = \"end\" }";
    let findings = compile(&question(block)).unwrap_err();
    assert!(
        findings
            .iter()
            .any(|one| one.message == "nothing takes the PIN")
    );
    let saved = block.replace("next", "saves = \"a\", next");
    let findings = compile(&question(&saved)).unwrap_err();
    assert!(
        findings
            .iter()
            .any(|one| one.message.starts_with("a PIN is never saved"))
    );
    for (typed, good) in [
        ("1234", true),
        ("123456", true),
        ("123", false),
        ("1234567", false),
        ("12a4", false),
    ] {
        assert_eq!(input::pin(typed).is_ok(), good, "{typed}");
    }
    // Whatever a session holds of it is neither written nor printed.
    let programmes = Programmes::load(&[question(DATE)]).unwrap();
    let mut session = asked(&programmes).session;
    session.pin = Some(Secret("902817".to_owned()));
    let bytes = session.encode().unwrap();
    assert!(!bytes.windows(6).any(|window| window == b"902817"));
    assert_eq!(Session::decode(&bytes).unwrap().pin, None);
    assert!(!format!("{session:?} {:?}", session.pin).contains("902817"));
}

/// Places of many areas: 4 areas with 12 places each, the first area with a name.
fn many_places(source: &Source) -> Source {
    let places: Vec<String> = (0..48)
        .map(|index| {
            let area = ["north", "south", "east", "west"][index % 4];
            format!("{{ code = \"P{index}\", name = \"Place {index}\", area = \"{area}\" }}")
        })
        .collect();
    let text = format!(
        "country = \"KE\"\nutc_offset_min = 180\nareas = [{{ code = \"north\", name = \"Northern hills\" }}]\nplaces = [{}]\n",
        places.join(", ")
    );
    source.clone().with(PLACES_FILE, text)
}

const PLACE: &str = "kind = \"select_one\"\ncode = \"q\"\nask = { text = \"ask\", saves = \"a\", next = \"end\" }\n\
                     list = \"places\"";

#[test]
fn many_places_are_chosen_by_their_area() {
    let programmes = Programmes::load(&[many_places(&question(PLACE))]).unwrap();
    let mut walk = asked(&programmes);
    assert_eq!(
        walk.checked_text(),
        "What?\n1 Northern hills\n2 south\n3 east\n4 west"
    );
    walk.type_in("5");
    assert!(
        walk.text()
            .starts_with("Please type one of the numbers shown.\nWhat?\n1 North")
    );
    walk.type_in("2");
    assert!(
        walk.checked_text()
            .starts_with("What?\n1 Place 1\n2 Place 5\n"),
        "{}",
        walk.text()
    );
    walk.type_in("00");
    assert!(
        walk.text().starts_with("What?\n1 Northern hills"),
        "{}",
        walk.text()
    );
    walk.type_all(&["2", "3"]);
    assert_eq!(
        walk.session.answers.get("a").map(String::as_str),
        Some("P9")
    );
    assert_eq!(walk.checked_text(), "Got Place 9.\n00 Back\n99 More");
}

#[test]
fn a_place_may_be_typed_by_its_code_or_name() {
    let source = many_places(&question(PLACE));
    check(
        &source,
        &[
            ("p13", Ok(("P13", "Place 13"))),
            ("place 7", Ok(("P7", "Place 7"))),
            ("P99", Err("Please type one of the numbers shown.")),
        ],
    );
}

#[test]
fn digits_of_other_scripts_are_keys_and_numbers() {
    let programmes = Programmes::load(&[question(DATE)]).unwrap();
    for typed in [
        "\u{661}\u{669}\u{669}\u{664}",
        "\u{6f1}\u{6f9}\u{6f9}\u{6f4}",
    ] {
        let mut walk = asked(&programmes);
        walk.type_in(typed);
        assert_eq!(
            walk.session.answers.get("a").map(String::as_str),
            Some("1994")
        );
        walk.type_in("\u{660}\u{660}");
        assert!(walk.text().starts_with("What?"), "{}", walk.text());
    }
    assert_eq!(
        input::plain_digits("Amina \u{661}"),
        "Amina \u{661}",
        "a text stays"
    );
}
