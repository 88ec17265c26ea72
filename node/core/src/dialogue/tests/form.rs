//! Keyword forms: the same command as by the menu, and a sentence for every answer that is wrong.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::super::form::{Filled, fill};
use super::walk::{Walk, noon, principal, programmes};
use crate::command::Command;
use crate::contact::SMS_CHANNEL;
use crate::message::is_one_part;
use crate::programme::Programmes;
use crate::programme::Source;
use crate::role::{Principal, Role};

const FORM: &str =
    "REG Akinyi, Nyambura, 1994, 0772123456, Kibo, 0, yes, Amina, F, 17052026, clinic";

fn worker(language: &str) -> Principal {
    Principal {
        channel: SMS_CHANNEL.to_owned(),
        ..principal(Role::HealthWorker, language)
    }
}

fn command(programmes: &Programmes, language: &str, text: &str) -> Command {
    match fill(programmes, &worker(language), text, noon()) {
        Some(Filled::Act { command, .. }) => *command,
        other => panic!("{text} is not read: {other:?}"),
    }
}

fn refused(programmes: &Programmes, language: &str, text: &str) -> String {
    match fill(programmes, &worker(language), text, noon()) {
        Some(Filled::Refused(sentence)) => sentence,
        other => panic!("{text} is read: {other:?}"),
    }
}

#[test]
fn a_form_gives_the_command_of_the_menu() {
    let programmes = programmes();
    let mut walk = Walk::dial(&programmes, &worker("en"), noon());
    walk.type_all(&super::walk::REGISTRATION);
    let by_menu = walk.commands.first().unwrap();
    assert_eq!(&command(&programmes, "en", FORM), by_menu);
}

#[test]
fn signs_lines_numbers_and_words_are_the_same_form() {
    let programmes = programmes();
    let expected = command(&programmes, "en", FORM);
    for text in [
        "reg: akinyi".replace("akinyi", "Akinyi")
            + "*Nyambura*1994*0772 123 456*9**1*Amina*1*17/05/2026*2",
        FORM.replace(", ", "\n"),
        FORM.replace(',', ";").replace("REG", " Reg."),
        FORM.replace("Kibo", "kb")
            .replace("yes", "YES")
            .replace("clinic", "In a clinic,"),
    ] {
        assert_eq!(command(&programmes, "en", &text), expected, "{text}");
    }
}

#[test]
fn the_word_chooses_the_language_and_the_senders_own_goes_first() {
    let programmes = programmes();
    let french = FORM.replace("REG", "ENR").replace("yes", "oui");
    let Command::RegisterPair { consent, .. } = command(&programmes, "en", &french) else {
        panic!("another command")
    };
    assert_eq!(consent.language, "fr");
    assert_eq!(consent.channel, "sms");
    let wrong = FORM.replace("REG", "SAJILI").replace("1994", "94");
    let sentence = refused(&programmes, "en", &wrong);
    assert!(sentence.starts_with("Kuzaliwa kwa mama: "), "{sentence}");
}

#[test]
fn a_wrong_answer_is_named_with_what_to_type() {
    let programmes = programmes();
    for (right, wrong, expected) in [
        (
            "1994",
            "94",
            "Mother's birth: Please type a year like 1994 or a day like 17051994.",
        ),
        (
            "Akinyi",
            "4kinyi",
            "Mother's first name: Please type a name, letters only.",
        ),
        ("Kibo", "Kibbo", "Village: Please type its name, like Apac."),
        (
            ", F,",
            ", X,",
            "Child's sex: Please type one of these: 1 Female, 2 Male.",
        ),
        (
            ", F,",
            ",,",
            "Child's sex: Please type one of these: 1 Female, 2 Male.",
        ),
        (
            "0772123456",
            "0772",
            "Phone: Please type a whole phone number.",
        ),
        (
            "17052026",
            "17052027",
            "Child's birth day: That day is still to come. Please type an earlier one.",
        ),
        (
            ", clinic",
            "",
            "Place of birth: Please type one of these: 1 At home, 2 In a clinic, 3 Elsewhere.",
        ),
    ] {
        let sentence = refused(&programmes, "en", &FORM.replacen(right, wrong, 1));
        assert_eq!(sentence, format!("{expected} Nothing was saved."));
    }
    for text in ["REG", "reg ?", &format!("{FORM}, more")] {
        let sentence = refused(&programmes, "en", text);
        let shows =
            sentence.contains("REG Achieng, Nyambura, 1994") || sentence.contains("first name");
        assert!(shows, "{text}: {sentence}");
    }
}

#[test]
fn only_who_gets_the_dialogue_may_send_its_form() {
    let programmes = programmes();
    let citizen = principal(Role::Citizen, "en");
    let Some(Filled::Refused(sentence)) = fill(&programmes, &citizen, FORM, noon()) else {
        panic!("a citizen registers")
    };
    assert!(
        sentence.starts_with("Your number may not do this"),
        "{sentence}"
    );
    assert_eq!(
        fill(&programmes, &worker("en"), "REGISTER me", noon()),
        None
    );
}

#[test]
fn any_text_behind_the_word_is_read_or_refused_in_one_sms() {
    let programmes = programmes();
    let mut runner = TestRunner::new(ProptestConfig::with_cases(64));
    let run = runner.run(&"\\PC{0,120}", |rest| {
        let text = format!("REG {rest}");
        if let Some(Filled::Refused(sentence)) = fill(&programmes, &worker("en"), &text, noon()) {
            prop_assert!(is_one_part(&sentence), "{sentence}");
        }
        Ok(())
    });
    assert_eq!(run, Ok(()));
}

#[test]
fn a_form_that_cannot_be_filled_is_a_finding() {
    let shipped = Source::maternal_child();
    let service = shipped.files["service.toml"].clone();
    for (right, wrong, expected) in [
        (
            "en = \"REG\"",
            "en = \"STOP\"",
            "already means something else",
        ),
        (
            "en = \"REG\"",
            "en = \"MENU\"",
            "already means something else",
        ),
        ("en = \"REG\", ", "", "it has no word"),
        (
            "example = \"M\"",
            "example = \"maybe\"",
            "its sample is not read",
        ),
        (
            "run = \"register-run\"",
            "run = \"summary\"",
            "its run block does not exist",
        ),
        (
            "  { answer = \"child_sex\"",
            "# { answer = \"child_sex\"",
            "leaves out child_sex",
        ),
        (
            "separators = \",;*#\"",
            "separators = \"x\"",
            "are not signs",
        ),
    ] {
        let broken = service.replace(right, wrong);
        assert_ne!(broken, service, "{right}");
        let findings = crate::programme::compile(&shipped.clone().with("service.toml", broken));
        let findings = findings.map(drop).unwrap_err();
        let found = findings.iter().any(|one| one.message.contains(expected));
        assert!(found, "{wrong}: {findings:?}");
    }
}
