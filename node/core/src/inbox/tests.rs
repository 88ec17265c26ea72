//! Texts against stores in memory.

use std::sync::Arc;

use channels_core::{Address, Msisdn};
use sync_core::Scope;

use crate::apply::world::{
    AREA, Store, WORKER_A, WORKER_B, child, mother, now, pair, register, world,
};
use crate::command::Command;
use crate::contact::Moment;
use crate::inbox::{Menu, Reader, interpret, needs, questions, reader, speaker};
use crate::person::Field;
use crate::role::{Principal, Role};
use crate::site::{Rules, Site};
use crate::village::{NOWHERE, Village, Villages};

fn last(store: &Store) -> &str {
    &store.messages.last().unwrap().text
}

/// Two pairs that both nodes register: two reviews wait for the worker of B.
fn two_reviews() -> Store {
    let (mut hub, mut a, mut b) = world();
    for n in [1, 2] {
        register(&mut a, WORKER_A, n);
        register(&mut b, WORKER_B, n);
    }
    hub.pull(&a);
    hub.pull(&b);
    b.pull(&hub);
    assert_eq!(b.count("review:"), 2);
    b
}

#[test]
fn with_two_open_reviews_the_number_is_asked_for() {
    let mut b = two_reviews();
    assert_eq!(b.sms(WORKER_B, "1"), None);
    assert!(last(&b).contains("1 1"), "{}", last(&b));
    assert_eq!(
        b.sms(WORKER_B, "2 no"),
        Some(Command::AnswerReview {
            review: Some(2),
            same: false
        })
    );
    assert_eq!(
        b.sms(WORKER_B, "1"),
        Some(Command::AnswerReview {
            review: Some(1),
            same: true
        })
    );
    assert_eq!(
        b.sms(WORKER_B, "1 1"),
        None,
        "the same answer again is silent"
    );
    assert_eq!(b.sms(WORKER_B, "7 1"), None);
    assert!(last(&b).contains("no open review 7"), "{}", last(&b));
}

#[test]
fn unknown_text_gets_exactly_one_reply_a_day() {
    let (_, mut a, _) = world();
    for _ in 0..5 {
        assert_eq!(a.sms("+254799999999", "hello there"), None);
    }
    assert_eq!(a.messages.len(), 1);
    assert!(last(&a).contains("Send MENU"));
}

#[test]
fn names_and_short_codes_are_never_answered() {
    let (_, a, _) = world();
    let programmes = crate::programme::usual().unwrap();
    let rules = Rules::new(&a.site, &programmes);
    let now: Moment = now();
    let principal = crate::apply::world::system();
    for sender in ["OPERATOR", "384"] {
        let from = Address::parse(sender).unwrap();
        let known = crate::view::Known::new();
        assert!(needs(&from, "hello", &known).is_empty());
        let read = interpret(&principal, "hello", &known, &rules, now);
        assert_eq!((read.command, read.messages.len()), (None, 0));
    }
}

#[test]
fn a_review_and_a_claimed_number_are_not_confused() {
    let (mut hub, mut a, mut b) = world();
    register(&mut a, WORKER_A, 1);
    register(&mut b, WORKER_B, 1);
    let mut own = mother(2);
    own.set(Field::Phone, WORKER_B);
    b.command(&b.caller(WORKER_B), &pair(own, child(2)))
        .unwrap();
    hub.pull(&a);
    hub.pull(&b);
    b.pull(&hub);
    assert_eq!(b.sms(WORKER_B, "1"), None, "both questions are open");
    assert!(last(&b).contains("1 1"));
    let answer = Command::AnswerReview {
        review: Some(1),
        same: true,
    };
    assert_eq!(b.sms(WORKER_B, "1 1"), Some(answer));
    assert_eq!(b.sms(WORKER_B, "1"), Some(Command::BindNumber));
}

#[test]
fn a_worker_without_a_question_is_told_so() {
    let (_, mut a, _) = world();
    assert_eq!(a.sms(WORKER_A, "1"), None);
    assert!(last(&a).starts_with("No question waits"));
    assert_eq!(a.sms("+254799999999", "1"), None);
    assert!(last(&a).starts_with("We did not understand"));
}

#[test]
fn after_a_stop_only_start_is_answered() {
    let (_, mut a, _) = world();
    let phone = "+254799999999";
    a.sms(phone, "STOP").unwrap();
    let told = a.messages.len();
    assert_eq!(a.sms(phone, "hello there"), None);
    assert_eq!(a.messages.len(), told);
    let start = Command::StopMessages { stopped: false };
    assert_eq!(a.sms(phone, "START"), Some(start));
}

#[test]
fn a_named_review_goes_before_an_open_menu_and_another_number_does_not() {
    let b = two_reviews();
    let worker = b.caller(WORKER_B);
    let from = Address::parse(WORKER_B).unwrap();
    let programmes = crate::programme::usual().unwrap();
    let menu = Menu {
        waits: true,
        asked_since: false,
    };
    for (text, expected) in [
        ("2 1", Reader::Words),
        ("1: no", Reader::Words),
        ("7 1", Reader::Answers),
        ("1", Reader::Answers),
    ] {
        let known = b.know(|known, _| needs(&from, text, known));
        let found = reader(text, &worker, &known, &programmes, menu);
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn questions_are_those_that_a_bare_number_answers() {
    let b = two_reviews();
    let worker = b.caller(WORKER_B);
    let from = Address::parse(WORKER_B).unwrap();
    let known = b.know(|known, _| needs(&from, "1", known));
    assert_eq!(questions(&worker, &known), ["review:1", "review:2"]);
}

#[test]
fn a_worker_of_two_villages_speaks_for_the_one_whose_review_is_meant() {
    let b = two_reviews();
    let one_village = b.site.clone();
    let mut site = b.site.clone();
    let other = Scope(AREA.0 + 8);
    site.areas.push(other);
    site.villages = Arc::new(Villages {
        dial: "*384#".to_owned(),
        list: [("12", AREA), ("22", other)]
            .map(|(code, area)| Village {
                code: code.to_owned(),
                area,
            })
            .into(),
    });
    let nowhere = Principal {
        role: Role::Citizen,
        author: 0,
        scope: NOWHERE,
        ..b.caller(WORKER_B)
    };
    let speaks = |text: &str, site: &Site| {
        let from = Address::Phone(Msisdn::parse(WORKER_B).unwrap());
        let known = b.know(|known, _| needs(&from, text, known));
        let speaker = speaker(nowhere.clone(), text, &known, site, now());
        (speaker.scope, speaker.role, speaker.author)
    };
    let unplaced = (NOWHERE, Role::Citizen, 0);
    let worker = b.caller(WORKER_B);
    let hers = (AREA, Role::HealthWorker, worker.author);
    for text in ["2 1", "1 no", "1", "no"] {
        assert_eq!(speaks(text, &site), hers, "{text}");
        assert_eq!(speaks(text, &one_village), unplaced, "{text}");
    }
    for text in ["7 1", "hello", "STOP"] {
        assert_eq!(speaks(text, &site), unplaced, "{text}");
    }
}
