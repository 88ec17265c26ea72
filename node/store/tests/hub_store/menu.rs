//! The menu by SMS and missed call: the same conversation as over USSD, one screen for one text,
//! resumed on another bearer, never offered to a stranger on a shared phone.

use channels_core::{Address, Msisdn, SubmitOutcome, UssdOp};
use node_core::contact::{BearerLimits, Contact, ContactAnswer};
use node_core::turn::{Claim, Committed, EffectOutcome, Finish, Turn};
use node_core::view::MessageClass;
use node_store::{HubStore, Outbox, SqliteStore};

use crate::world::{
    WORKER_A, WORKER_B, World, at, claim_messages, config, counts, link, phone, register, sqlite,
};

const STRANGER: &str = "+254733000010";
const OFFER: &str = "Continue where you stopped?\n1 Yes\n2 No";
const FAMILY_NAME: &str = "Mother's family name?\n00 Back";

/// Commits a contact and returns the screen it shows, empty for none.
async fn contact(store: &SqliteStore, contact: Contact, second: i64) -> String {
    match store.commit(Turn::Contact(contact), at(second)).await {
        Ok(Committed::Contact(ContactAnswer::Screen { text, .. })) => text,
        Ok(Committed::Contact(ContactAnswer::Done)) => String::new(),
        other => panic!("no answer: {other:?}"),
    }
}

async fn texts(store: &SqliteStore, from: &str, text: &str, sent: Option<i64>, second: i64) {
    let sms = Contact::Sms {
        link: link(),
        from: Address::parse(from).unwrap(),
        text: text.to_owned(),
        sent: sent.map(|second| at(second).at),
    };
    assert_eq!(contact(store, sms, second).await, "");
}

async fn rings(store: &SqliteStore, from: &str, second: i64) {
    let call = Contact::MissedCall {
        link: link(),
        from: Msisdn::parse(from).unwrap(),
    };
    assert_eq!(contact(store, call, second).await, "");
}

/// Dials in a new session, or answers in it.
async fn types(store: &SqliteStore, from: &str, text: &str, second: i64) -> String {
    let op = if text.starts_with('*') {
        UssdOp::Begin
    } else {
        UssdOp::Continue
    };
    let ussd = Contact::Ussd {
        link: link(),
        session: "s1".to_owned(),
        from: Msisdn::parse(from).unwrap(),
        code: String::new(),
        op,
        text: text.trim_matches(['*', '#']).to_owned(),
        step: Some(second.to_string()),
        screen_taken: true,
        limits: BearerLimits {
            gsm7: 182,
            ucs2: 80,
        },
    };
    contact(store, ussd, second).await
}

/// What the network takes now: recipient and text of each message.
async fn leaves(store: &SqliteStore, second: i64) -> Vec<(String, String)> {
    let mut left = Vec::new();
    for claim in claim_messages(store, second).await {
        let Claim::Message {
            id,
            to,
            text,
            class,
            ..
        } = claim
        else {
            panic!("not a message")
        };
        assert_eq!(class, MessageClass::Health);
        let finish = Finish::Message {
            id: id.clone(),
            link: "operator-a".to_owned(),
            outcome: SubmitOutcome::Sent { message_id: id },
        };
        store.finish(finish, at(second)).await.unwrap();
        left.push((to, text.0));
    }
    left
}

/// The one message that leaves now, to this number.
async fn told(store: &SqliteStore, to: &str, second: i64) -> String {
    let left = leaves(store, second).await;
    let [(number, text)] = left.as_slice() else {
        panic!("{} messages leave", left.len())
    };
    assert_eq!(number, to);
    text.clone()
}

/// Texts and returns the one answer.
async fn asks(store: &SqliteStore, from: &str, text: &str, second: i64) -> String {
    texts(store, from, text, None, second).await;
    told(store, from, second).await
}

#[tokio::test]
async fn a_registration_by_sms_writes_the_same_as_over_ussd() {
    let folder = tempfile::tempdir().unwrap();
    let World { a, .. } = sqlite(folder.path()).await;
    let menu = asks(&a, WORKER_A, "Menu", 10).await;
    assert!(menu.starts_with("Mother and child\n1 Register"), "{menu}");
    let mut second = 11;
    for text in [
        "1", "Achieng", "Nyambura", "1994", "0", "1", "0", "1", "Neema", "2", "1", "3",
    ] {
        let screen = asks(&a, WORKER_A, text, second).await;
        assert!(screen.chars().count() <= 160, "{screen}");
        second += 1;
    }
    assert_eq!(counts(&a).await.registrations, 0);
    let last = asks(&a, WORKER_A, "1", second).await;
    assert!(last.starts_with("Registered: held here"), "{last}");
    assert_eq!(counts(&a).await.registrations, 1);
    let after = asks(&a, WORKER_A, "1", second + 1).await;
    assert!(after.starts_with("No question waits"), "{after}");
}

#[tokio::test]
async fn a_text_that_the_network_brings_twice_moves_the_menu_once() {
    let folder = tempfile::tempdir().unwrap();
    let World { a, .. } = sqlite(folder.path()).await;
    texts(&a, WORKER_A, "MENU", None, 10).await;
    texts(&a, WORKER_A, "MENU", None, 11).await;
    told(&a, WORKER_A, 12).await;
    texts(&a, WORKER_A, "1", Some(13), 13).await;
    texts(&a, WORKER_A, "1", Some(13), 14).await;
    let question = told(&a, WORKER_A, 15).await;
    assert!(question.starts_with("Mother's first name?"), "{question}");
    texts(&a, WORKER_A, "Amina", None, 16).await;
    texts(&a, WORKER_A, "Amina", None, 17).await;
    assert_eq!(told(&a, WORKER_A, 18).await, FAMILY_NAME);
    // The answer has left, so the same word again is the next answer.
    let birth = asks(&a, WORKER_A, "Amina", 19).await;
    assert!(birth.starts_with("Mother's birth"), "{birth}");
}

#[tokio::test]
async fn stop_leaves_the_menu_and_is_no_answer_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let World { a, .. } = sqlite(folder.path()).await;
    asks(&a, WORKER_A, "menu", 10).await;
    asks(&a, WORKER_A, "1", 11).await;
    let stopped = asks(&a, WORKER_A, "Stop. Thank you", 12).await;
    assert!(stopped.starts_with("You get no more"), "{stopped}");
    texts(&a, WORKER_A, "Amina", None, 13).await;
    assert_eq!(leaves(&a, 13).await, []);
    // The word for the menu is a known command; what was typed is still there.
    assert_eq!(asks(&a, WORKER_A, "menu", 14).await, OFFER);
}

#[tokio::test]
async fn a_bare_number_answers_what_was_asked_last() {
    let folder = tempfile::tempdir().unwrap();
    let World { a, hub, .. } = sqlite(folder.path()).await;
    let mother = phone(7);
    register(&a, WORKER_A, 7, 9).await;
    let menu = asks(&a, &mother, "menu", 10).await;
    assert!(menu.contains("1 English"), "{menu}");
    is_accepted(&a, &hub).await;
    let asked = told(&a, &mother, 33).await;
    assert!(asked.contains("Reply 1"), "{asked}");
    let bound = asks(&a, &mother, "1", 34).await;
    assert!(bound.starts_with("Thank you. Messages now"), "{bound}");
    // The question is answered, and the menu still waits.
    let chosen = asks(&a, &mother, "1", 35).await;
    assert!(chosen.starts_with("Public services"), "{chosen}");
}

/// The registry takes what the node registered, and the node hears of it.
async fn is_accepted(node: &SqliteStore, hub: &SqliteStore) {
    crate::world::sync(node, hub, 20).await;
    for claim in crate::world::claim_effects(hub, 30).await {
        let Claim::Effect { request_id, .. } = claim else {
            panic!("not an effect")
        };
        let accepted = EffectOutcome::Accepted {
            registry_id: "record-1".to_owned(),
        };
        crate::world::finish_effect(hub, &request_id, accepted, 31).await;
    }
    crate::world::sync(node, hub, 32).await;
}

#[tokio::test]
async fn a_cut_over_ussd_goes_on_by_sms_after_a_restart_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let World {
        programmes,
        hub,
        a,
        b,
    } = sqlite(folder.path()).await;
    types(&a, WORKER_A, "*384*7#", 10).await;
    types(&a, WORKER_A, "1", 11).await;
    assert_eq!(types(&a, WORKER_A, "Amina", 12).await, FAMILY_NAME);
    drop((a, b, hub));
    let a = SqliteStore::open(config(&programmes, folder.path(), "kibo")).unwrap();
    assert_eq!(asks(&a, WORKER_A, "MENU", 60).await, OFFER);
    assert_eq!(asks(&a, WORKER_A, "1", 61).await, FAMILY_NAME);
    let birth = asks(&a, WORKER_A, "Nyambura", 62).await;
    drop(a);
    let a = SqliteStore::open(config(&programmes, folder.path(), "kibo")).unwrap();
    assert_eq!(types(&a, WORKER_A, "*384*7#", 90).await, OFFER);
    assert_eq!(types(&a, WORKER_A, "1", 91).await, birth);
    // The menu by SMS is not open any more: its number is no answer to the USSD screen.
    let words = asks(&a, WORKER_A, "1994", 92).await;
    assert!(words.starts_with("We did not understand"), "{words}");
}

#[tokio::test]
async fn a_stranger_on_a_shared_phone_finds_no_draft() {
    let folder = tempfile::tempdir().unwrap();
    let World { a, .. } = sqlite(folder.path()).await;
    for (second, worker, shared) in [(10, WORKER_A, true), (100, WORKER_B, false)] {
        types(&a, worker, "*384*7#", second).await;
        types(&a, worker, "1", second + 1).await;
        types(&a, worker, "Amina", second + 2).await;
        if shared {
            // A mother is registered with the worker's own number: two people answer it now.
            let mut pair = crate::world::pair(3);
            if let node_core::command::Command::RegisterPair { mother, .. } = &mut pair {
                mother.set(node_core::person::Field::Phone, worker);
            }
            let principal = crate::world::worker(worker, 1);
            crate::world::command(&a, &principal, pair, second + 3)
                .await
                .unwrap();
            leaves(&a, second + 4).await;
        }
        let by_sms = asks(&a, worker, "menu", second + 5).await;
        let dialled = types(&a, worker, "*384*7#", second + 6).await;
        for screen in [by_sms, dialled] {
            assert_eq!(screen == OFFER, !shared, "{worker}: {screen}");
            assert!(shared || !screen.contains("Amina"));
        }
    }
}

#[tokio::test]
async fn a_claimed_number_is_told_nothing_by_sms_until_it_is_bound() {
    let folder = tempfile::tempdir().unwrap();
    let World { a, .. } = sqlite(folder.path()).await;
    register(&a, WORKER_A, 7, 9).await;
    let mother = phone(7);
    leaves(&a, 10).await;
    asks(&a, &mother, "menu", 11).await;
    asks(&a, &mother, "1", 12).await;
    let refused = asks(&a, &mother, "1", 13).await;
    assert!(
        refused.starts_with("This number is not confirmed"),
        "{refused}"
    );
    // Over USSD the network vouches for the number.
    types(&a, &mother, "*384*7#", 14).await;
    let told_there = types(&a, &mother, "1", 15).await;
    assert!(
        told_there.starts_with("Your registrations:"),
        "{told_there}"
    );
    let binds = node_core::command::Command::BindNumber;
    let principal = node_core::role::Principal {
        role: node_core::role::Role::Citizen,
        author: 0,
        ..crate::world::worker(&mother, 0)
    };
    crate::world::command(&a, &principal, binds, 16)
        .await
        .unwrap();
    asks(&a, &mother, "menu", 17).await;
    let told_here = asks(&a, &mother, "1", 18).await;
    assert!(told_here.starts_with("Your registrations:"), "{told_here}");
}

#[tokio::test]
async fn a_missed_call_brings_the_menu_once_in_two_minutes() {
    let folder = tempfile::tempdir().unwrap();
    let World { a, .. } = sqlite(folder.path()).await;
    rings(&a, STRANGER, 10).await;
    rings(&a, STRANGER, 20).await;
    rings(&a, STRANGER, 129).await;
    let menu = told(&a, STRANGER, 129).await;
    assert!(menu.contains("1 English"), "{menu}");
    // The caller's language, once it is chosen.
    let citizens = asks(&a, STRANGER, "3", 130).await;
    assert!(citizens.starts_with("Huduma"), "{citizens}");
    rings(&a, STRANGER, 131).await;
    assert!(told(&a, STRANGER, 131).await.starts_with("Huduma"));
    asks(&a, STRANGER, "STOP", 132).await;
    rings(&a, STRANGER, 400).await;
    assert_eq!(leaves(&a, 400).await, [], "texts are stopped");
}

#[tokio::test]
async fn an_answering_machine_hears_three_screens_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let World { a, .. } = sqlite(folder.path()).await;
    asks(&a, STRANGER, "menu", 10).await;
    let mut answers = 0;
    for second in 11..30 {
        texts(&a, STRANGER, "I am driving now", None, second).await;
        answers += leaves(&a, second).await.len();
    }
    assert_eq!(
        answers, 4,
        "three refusals and the one reply to unknown text"
    );
    let menu = asks(&a, STRANGER, "menu", 31).await;
    assert!(menu.contains("1 English"), "{menu}");
}

const FORM: &str = "REG Achieng, Nyambura, 1994, 0, Apac, 0, 1, Neema, M, 01032026, 2";

#[tokio::test]
async fn a_form_in_one_sms_registers_once_and_leaves_the_menu_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let World { a, .. } = sqlite(folder.path()).await;
    asks(&a, WORKER_A, "menu", 10).await;
    asks(&a, WORKER_A, "1", 11).await;
    let wrong = asks(&a, WORKER_A, &FORM.replace(", M,", ", K,"), 12).await;
    assert!(
        wrong.starts_with("Child's sex: Please type one of"),
        "{wrong}"
    );
    assert_eq!(counts(&a).await.registrations, 0);
    texts(&a, WORKER_A, FORM, None, 13).await;
    texts(&a, WORKER_A, FORM, None, 14).await;
    let first = told(&a, WORKER_A, 15).await;
    assert!(first.starts_with("Registered: held here"), "{first}");
    // The worker did not get the answer and sends it again: the same numbers, nothing more.
    assert_eq!(asks(&a, WORKER_A, FORM, 60).await, first);
    assert_eq!(counts(&a).await.registrations, 1);
    assert_eq!(asks(&a, WORKER_A, "Amina", 61).await, FAMILY_NAME);
    let citizen = asks(&a, STRANGER, FORM, 62).await;
    assert!(citizen.starts_with("Your number may not"), "{citizen}");
    assert_eq!(counts(&a).await.registrations, 1);
}
