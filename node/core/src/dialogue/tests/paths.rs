//! Whole conversations, screen by screen.

use super::super::{Next, Phase, step};
use super::walk::{REGISTERS, REGISTRATION, Walk, moment, noon, principal, programmes, rejection};
use crate::command::{Command, SubjectName};
use crate::person::Field;
use crate::role::Role;

fn worker(language: &str) -> crate::role::Principal {
    principal(Role::HealthWorker, language)
}

#[test]
fn a_worker_registers_a_mother_and_her_child() {
    let programmes = programmes();
    let mut walk = Walk::dial(&programmes, &worker("en"), noon());
    let mut seen = vec![walk.checked_text()];
    for input in REGISTRATION {
        walk.type_in(input);
        seen.push(walk.checked_text());
    }
    let expected = [
        "Mother and child\n1 Register mother and child\n2 My work\n3 Language\n4 Care\n5 My tasks\n6 My day\n0 Exit",
        "Mother's first name?\n00 Back",
        "Mother's family name?\n00 Back",
        "Mother's birth: year like 1994 or day like 17051994?\n00 Back",
        "Mother's phone number?\n0 No phone\n00 Back",
        "Mother's village?\n1 Apac\n2 Bukoto\n3 Busia\n4 Gulu\n5 Hoima\n6 Iganga\n7 Jinja\n8 Kamuli\n\
         9 Kibo\n10 Kitgum\n11 Kumi\n12 Lira\n13 Masindi\n14 Mbale\n15 Pader\n00 Back\n99 More",
        "Mother's national ID number?\n0 No ID\n00 Back",
        "The Ministry of Health keeps these details to care for mother and child. Do you agree?\n1 Yes\n2 No\n00 Back",
        "Child's first name?\n0 Not named yet\n00 Back",
        "Child's sex?\n1 Female\n2 Male\n00 Back",
        "Child's birth day, like 17052026?\n1 Today\n2 Yesterday\n00 Back",
        "Where was the child born?\n1 At home\n2 In a clinic\n3 Elsewhere\n00 Back",
        "Mother: Akinyi Nyambura, 1994, +256772123456, Kibo\nChild: Amina Nyambura, Female, \
         17 May 2026\n1 Save\n2 Change\n0 Cancel\n00 Back",
        "Registered: held here\nMother 7294058630\nChild 2730594186\nPlease write both numbers \
         down.",
    ];
    assert_eq!(seen, expected);
    assert!(walk.screen().end);
}

#[test]
fn a_registration_carries_every_answer_in_canonical_form() {
    let programmes = programmes();
    let mut walk = Walk::dial(&programmes, &worker("en"), noon());
    walk.type_all(&REGISTRATION);
    assert!(
        walk.session.answers.is_empty(),
        "nothing that was typed stays in an ended session"
    );
    let [
        Command::RegisterPair {
            mother,
            child,
            consent,
            programme,
            programme_version,
        },
        Command::RecordEvent { event, subject, .. },
    ] = walk.commands.as_slice()
    else {
        panic!("one registration, not {:?}", walk.commands);
    };
    // The mother is visited after this birth.
    assert_eq!(*subject, SubjectName::Number("7294058630".to_owned()));
    assert_eq!(
        (event.code.as_str(), event.fields["birth_day"].as_str()),
        ("birth", "2026-05-17")
    );
    assert_eq!(
        (programme.as_str(), *programme_version),
        ("maternal-child", 1)
    );
    let mothers = [
        (Field::GivenName, "Akinyi"),
        (Field::FamilyName, "Nyambura"),
        (Field::BirthDate, "1994"),
        (Field::Sex, "F"),
        (Field::Phone, "+256772123456"),
        (Field::Village, "KB"),
    ];
    assert_eq!(
        mother.0,
        mothers
            .map(|(field, value)| (field, value.to_owned()))
            .into()
    );
    let childs = [
        (Field::GivenName, "Amina"),
        (Field::FamilyName, "Nyambura"),
        (Field::BirthDate, "2026-05-17"),
        (Field::Sex, "F"),
        (Field::PlaceOfBirth, "clinic"),
    ];
    assert_eq!(
        child.0,
        childs
            .map(|(field, value)| (field, value.to_owned()))
            .into()
    );
    assert!(consent.opt_in);
    assert_eq!(consent.agreement, "maternal-child/registration");
    assert_eq!(
        (consent.language.as_str(), consent.channel.as_str()),
        ("en", "ussd")
    );
    assert_ne!(consent.text_hash, [0; 32]);
}

#[test]
fn a_mother_who_says_no_leaves_nothing_behind() {
    let programmes = programmes();
    let mut walk = Walk::dial(&programmes, &worker("en"), noon());
    walk.type_all(&["1", "Akinyi", "Nyambura", "1994", "0", "9", "0", "2"]);
    assert_eq!(
        walk.text(),
        "Nothing is saved. The mother gets the same care as before."
    );
    assert!(walk.screen().end);
    assert!(walk.commands.is_empty());
    assert!(walk.session.answers.is_empty());
}

#[test]
fn one_answer_is_changed_without_typing_the_others_again() {
    let programmes = programmes();
    let mut walk = Walk::dial(&programmes, &worker("en"), noon());
    walk.type_all(&REGISTRATION[..12]);
    let before = walk.text();
    walk.type_all(&["2", "8"]);
    assert_eq!(walk.text(), "Child's family name?\n00 Back");
    walk.type_in("Okello");
    assert_eq!(
        walk.text(),
        before.replace("Amina Nyambura", "Amina Okello")
    );
    // Back leads to the question before the summary, as it did the first time.
    walk.type_in("00");
    assert!(
        walk.text().starts_with("Where was the child born?"),
        "{}",
        walk.text()
    );
    walk.type_all(&["2", "1"]);
    let [Command::RegisterPair { child, .. }, _] = walk.commands.as_slice() else {
        panic!("one registration");
    };
    assert_eq!(child.get(Field::FamilyName), Some("Okello"));
}

#[test]
fn changing_an_answer_can_be_given_up() {
    let programmes = programmes();
    let mut walk = Walk::dial(&programmes, &worker("en"), noon());
    walk.type_all(&REGISTRATION[..12]);
    let summary = walk.text();
    walk.type_all(&["2", "1", "00", "00"]);
    assert_eq!(walk.text(), summary);
    walk.type_in("1");
    assert_eq!(walk.commands.len(), REGISTERS);
}

#[test]
fn a_long_list_is_paged_and_takes_the_number_of_any_page() {
    let programmes = programmes();
    let mut walk = Walk::dial(&programmes, &worker("en"), noon());
    walk.type_all(&["1", "Akinyi", "Nyambura", "1994", "0"]);
    let first = walk.checked_text();
    walk.type_in("99");
    assert_eq!(
        walk.checked_text(),
        "16 Pallisa\n17 Soroti\n18 Tororo\n00 Back"
    );
    walk.type_in("99");
    assert_eq!(
        walk.checked_text(),
        "There is no more to show. Please type one of the numbers shown.\n16 Pallisa\n\
         17 Soroti\n18 Tororo\n00 Back"
    );
    walk.type_in("00");
    assert_eq!(walk.checked_text(), first);
    walk.type_in("18");
    assert_eq!(walk.session.answers["mother_village"], "TR");
}

#[test]
fn going_back_shows_each_screen_again() {
    let programmes = programmes();
    let mut walk = Walk::dial(&programmes, &worker("en"), noon());
    let mut seen = vec![walk.text()];
    for input in &REGISTRATION[..12] {
        walk.type_in(input);
        seen.push(walk.text());
    }
    while let Some(screen) = seen.pop() {
        assert_eq!(walk.text(), screen);
        walk.type_in("00");
    }
    // Before the first screen there is nothing: the menu stays, with its sentence.
    assert_eq!(
        walk.text(),
        "Please type one of the numbers shown.\nMother and child\n1 Register mother and child\n\
         2 My work\n3 Language\n4 Care\n5 My tasks\n6 My day\n0 Exit"
    );
}

#[test]
fn a_rejected_registration_keeps_what_was_typed() {
    let programmes = programmes();
    let mut walk = Walk::dial(&programmes, &worker("en"), noon());
    walk.type_all(&REGISTRATION[..12]);
    walk.rejection = Some(rejection("reject-numbers"));
    walk.type_in("1");
    let text = walk.checked_text();
    assert!(
        text.starts_with("No registration number is left here."),
        "{text}"
    );
    assert!(text.contains("Akinyi Nyambura"), "{text}");
    walk.type_in("1");
    assert!(
        walk.text().starts_with("Registered: held here"),
        "{}",
        walk.text()
    );
    assert_eq!(walk.commands.len(), 1 + REGISTERS);
}

#[test]
fn a_worker_sees_her_own_counts() {
    let programmes = programmes();
    let mut walk = Walk::dial(&programmes, &worker("en"), noon());
    walk.type_in("2");
    assert_eq!(
        walk.checked_text(),
        "Your registrations: 21\n1 held here, 2 at the hub\n17 accepted, 0 complete\n0 rejected, \
         1 under review"
    );
    assert!(walk.screen().end);
}

#[test]
fn a_worker_changes_the_language_of_her_screens() {
    let programmes = programmes();
    let mut walk = Walk::dial(&programmes, &worker("en"), noon());
    walk.type_in("3");
    assert_eq!(
        walk.text(),
        "Language - Langue - Lugha\n1 English\n2 Francais\n3 Kiswahili\n4 Amarinya\n00 Back"
    );
    walk.type_in("3");
    assert_eq!(
        walk.text(),
        "Mama na mtoto\n1 Sajili mama na mtoto\n2 Kazi yangu\n3 Lugha\n4 Huduma\n\
         5 Kazi za kufanya\n6 Siku yangu\n0 Toka"
    );
    assert_eq!(
        walk.commands,
        [Command::ChooseLanguage {
            language: "sw".to_owned()
        }]
    );
}

#[test]
fn a_citizen_without_a_language_chooses_one_before_anything_else() {
    let programmes = programmes();
    let mut walk = Walk::dial(&programmes, &principal(Role::Citizen, ""), noon());
    assert!(
        walk.text()
            .starts_with("Language - Langue - Lugha\n1 English"),
        "{}",
        walk.text()
    );
    walk.type_in("2");
    assert_eq!(
        walk.text(),
        "Services publics\n1 Mon inscription\n2 Langue\n3 Ce qui est prévu pour nous\n\
         4 M'inscrire\n0 Quitter"
    );
    walk.type_in("1");
    assert_eq!(
        walk.text(),
        "Vos inscriptions :\n..4186 accepté\n..8630 à vérifier"
    );
    assert!(walk.screen().end);
}

#[test]
fn a_citizen_with_a_language_sees_the_menu_and_an_unknown_number_hears_so() {
    let programmes = programmes();
    let mut walk = Walk::dial(&programmes, &principal(Role::Citizen, "en"), noon());
    assert_eq!(
        walk.text(),
        "Public services\n1 My registration\n2 Language\n3 What is due for us\n4 Register me\n0 Exit"
    );
    walk.rejection = Some(rejection("reject-not-registered"));
    walk.type_in("1");
    assert_eq!(
        walk.text(),
        "Number not registered. Ask a health worker or the office."
    );
    assert!(walk.screen().end);
}

#[test]
fn a_language_that_the_programme_lacks_gives_its_first() {
    let programmes = programmes();
    let walk = Walk::dial(&programmes, &worker("lg"), noon());
    assert!(
        walk.text().starts_with("Mother and child"),
        "{}",
        walk.text()
    );
}

#[test]
fn a_role_without_a_dialogue_gets_one_sentence() {
    let programmes = programmes();
    let walk = Walk::dial(&programmes, &principal(Role::System, "en"), noon());
    assert_eq!(
        walk.text(),
        "There is no service for this number here. Please ask a health worker."
    );
    assert!(walk.screen().end);
}

#[test]
fn yesterday_is_counted_in_local_time() {
    let programmes = programmes();
    // 22:30 UTC is 01:30 of the next day at the site.
    let late = moment("2026-02-28T22:30:00Z");
    let mut walk = Walk::dial(&programmes, &worker("en"), late);
    walk.type_all(&REGISTRATION[..10]).type_in("2");
    assert_eq!(walk.session.answers["child_birth_date"], "2026-02-28");
}

#[test]
fn an_unknown_clock_offers_no_shortcut_and_checks_the_form_only() {
    let programmes = programmes();
    let mut unknown = moment("1970-01-01T00:00:05Z");
    unknown.quality = sync_core::ClockQuality::Unknown;
    let mut walk = Walk::dial(&programmes, &worker("en"), unknown);
    walk.type_all(&REGISTRATION[..10]);
    assert_eq!(walk.text(), "Child's birth day, like 17052026?\n00 Back");
    walk.type_in("1");
    assert!(
        walk.text().starts_with("Please type the day like"),
        "{}",
        walk.text()
    );
    walk.type_in("17052026");
    assert_eq!(walk.session.answers["child_birth_date"], "2026-05-17");
}

#[test]
fn the_same_step_twice_gives_the_same_session_and_screen() {
    let programmes = programmes();
    let mut walk = Walk::dial(&programmes, &worker("en"), noon());
    for input in REGISTRATION {
        let first = step(&programmes, walk.session.clone(), input, noon());
        let again = step(&programmes, walk.session.clone(), input, noon());
        assert_eq!(first, again);
        if let Next::Act(_) = first.next {
            assert_eq!(first.session.phase, Phase::Running);
        }
        walk.type_in(input);
    }
}

#[test]
fn an_ended_session_takes_nothing_more() {
    let programmes = programmes();
    let mut walk = Walk::dial(&programmes, &worker("en"), noon());
    walk.type_all(&REGISTRATION);
    let last = walk.text();
    walk.type_all(&["1", "99", "00"]);
    assert_eq!(walk.text(), last);
    assert_eq!(walk.commands.len(), REGISTERS);
}
