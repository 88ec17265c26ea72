//! Registrations that travel between stores in memory: repeats, reviews, results, rebuilds.

mod withdraw;

use proptest::prelude::*;
use sync_core::EntryRef;

use super::world::{Store, WORKER_A, WORKER_B, child, mother, register, system, world};
use crate::command::Command;
use crate::person::Field;
use crate::status::Status;

/// Both nodes register pair 1 while apart; the hub hears of A first.
fn repeated() -> (Store, Store, Store, EntryRef, EntryRef) {
    let (mut hub, mut a, mut b) = world();
    let first = register(&mut a, WORKER_A, 1);
    let second = register(&mut b, WORKER_B, 1);
    hub.pull(&a);
    hub.pull(&b);
    b.pull(&hub);
    (hub, a, b, first, second)
}

fn check_rebuild(stores: &mut [&mut Store]) {
    for store in stores {
        assert_eq!(store.rebuilt(), store.views, "{:?}", store.site);
        for stored in store.log.clone() {
            store.apply_again(&stored);
        }
    }
}

#[test]
fn a_registration_becomes_one_effect_with_the_pairs_content() {
    let (mut hub, mut a, _) = world();
    let id = register(&mut a, WORKER_A, 1);
    assert_eq!(a.views.effects.len(), 0);
    hub.pull(&a);
    hub.pull(&a);
    assert_eq!(hub.views.by_status(Status::Carried), 1);
    let [effect] = hub.views.effects.as_slice() else {
        panic!("not one effect")
    };
    assert_eq!(
        (effect.registration, effect.upstream.as_str()),
        (id, super::REGISTRIES)
    );
    assert!(effect.body.contains("\"phone\":\"+254711000001\""));
    hub.registry_accepts(0);
    a.pull(&hub);
    let row = a.views.registration(id);
    assert_eq!(
        (row.status, row.registry_id.as_deref()),
        (Status::Accepted, Some("R0"))
    );
    check_rebuild(&mut [&mut hub, &mut a]);
}

#[test]
fn a_neighbours_registration_is_held_until_a_receipt_covers_it() {
    let (mut hub, mut a, mut b) = world();
    let id = register(&mut a, WORKER_A, 1);
    b.pull(&a);
    assert_eq!(b.views.registration(id).status, Status::Held);
    // The control: the hub has it by then.
    hub.pull(&a);
    assert_eq!(hub.views.registration(id).status, Status::Carried);
    check_rebuild(&mut [&mut a, &mut b]);
}

#[test]
fn an_exact_repeat_waits_and_its_worker_is_asked_once() {
    let (mut hub, mut a, mut b, first, second) = repeated();
    assert_eq!(hub.views.registration(first).status, Status::Carried);
    assert_eq!(hub.views.registration(second).status, Status::Conflict);
    assert_eq!(hub.views.effects.len(), 1);
    assert_eq!(b.views.registration(second).status, Status::Conflict);
    a.pull(&hub);
    assert_eq!(
        (a.count("review:"), b.count("review:"), hub.count("review:")),
        (0, 1, 0)
    );
    let question = b.messages.iter().find(|m| m.cause == "review:1").unwrap();
    assert_eq!(question.to, WORKER_B);
    assert!(question.text.starts_with("Review 1: RN .."));
    assert!(!question.text.contains("Asha"));
    b.command(&system(), &Command::SendDigests).unwrap();
    assert_eq!(b.count("digest:"), 0, "a question is no result");
    check_rebuild(&mut [&mut hub, &mut a, &mut b]);
}

#[test]
fn joined_after_acceptance_takes_the_same_record() {
    let (mut hub, mut a, mut b, first, second) = repeated();
    hub.registry_accepts(0);
    assert_eq!(
        b.sms(WORKER_B, "1"),
        Some(Command::AnswerReview {
            review: Some(1),
            same: true
        })
    );
    hub.pull(&b);
    b.pull(&hub);
    a.pull(&hub);
    for store in [&hub, &a, &b] {
        for id in [first, second] {
            let row = store.views.registration(id);
            assert_eq!(
                (row.status, row.registry_id.as_deref()),
                (Status::Accepted, Some("R0"))
            );
        }
    }
    assert_eq!(hub.views.effects.len(), 1);
    b.command(&system(), &Command::SendDigests).unwrap();
    let digest = b
        .messages
        .iter()
        .find(|m| m.cause.starts_with("digest:"))
        .unwrap();
    assert_eq!(digest.covers, [second]);
    check_rebuild(&mut [&mut hub, &mut a, &mut b]);
}

#[test]
fn joined_before_the_answer_waits_for_it() {
    for accepted in [true, false] {
        let (mut hub, _, mut b, first, second) = repeated();
        b.sms(WORKER_B, "yes");
        hub.pull(&b);
        assert_eq!(hub.views.registration(second).status, Status::Carried);
        if accepted {
            hub.registry_accepts(0);
        } else {
            hub.registry_rejects(0);
        }
        let expected = if accepted {
            Status::Accepted
        } else {
            Status::Rejected
        };
        for id in [first, second] {
            assert_eq!(hub.views.registration(id).status, expected);
        }
        b.pull(&hub);
        assert_eq!(b.views.registration(second).status, expected);
        assert_eq!(hub.views.effects.len(), 1);
        check_rebuild(&mut [&mut hub, &mut b]);
    }
}

#[test]
fn two_families_both_go_to_the_registry() {
    let (mut hub, _, mut b, _, second) = repeated();
    b.sms(WORKER_B, "2");
    hub.pull(&b);
    assert_eq!(hub.views.effects.len(), 2);
    assert_eq!(hub.views.registration(second).status, Status::Carried);
    hub.registry_accepts(0);
    hub.registry_accepts(1);
    b.pull(&hub);
    assert_eq!(
        b.views.registration(second).registry_id.as_deref(),
        Some("R1")
    );
    check_rebuild(&mut [&mut hub, &mut b]);
}

#[test]
fn answers_count_once_and_only_from_the_worker_who_captured() {
    let (mut hub, mut a, mut b, _, second) = repeated();
    a.pull(&hub);
    a.pull(&b);
    let stranger = a.caller(WORKER_A);
    let answer = Command::AnswerReview {
        review: Some(1),
        same: false,
    };
    let rejection = a.command(&stranger, &answer).unwrap_err();
    assert_eq!(rejection.text, "reject-not-allowed");
    let none = Command::AnswerReview {
        review: None,
        same: false,
    };
    assert_eq!(
        a.command(&stranger, &none).unwrap_err().text,
        "reject-no-open-review"
    );
    let worker = b.caller(WORKER_B);
    let yes = Command::AnswerReview {
        review: None,
        same: true,
    };
    b.command(&worker, &yes).unwrap();
    let written = b.log.len();
    let again = Command::AnswerReview {
        review: Some(1),
        same: true,
    };
    b.command(&worker, &again).unwrap();
    assert_eq!(
        b.command(&worker, &answer).unwrap_err().text,
        "reject-review-unknown"
    );
    assert_eq!(b.log.len(), written);
    hub.pull(&b);
    assert_eq!(hub.views.registration(second).status, Status::Carried);
    assert_eq!(
        hub.views
            .reviews()
            .iter()
            .filter(|review| review.decided)
            .count(),
        1
    );
}

#[test]
fn third_repeat_is_compared_with_the_first() {
    let (mut hub, mut a, mut b, first, _) = repeated();
    let third = register(&mut a, WORKER_A, 1);
    hub.pull(&a);
    b.pull(&hub);
    a.pull(&hub);
    let reviews = hub.views.reviews();
    assert_eq!(reviews.iter().map(|r| r.review).collect::<Vec<_>>(), [1, 2]);
    assert_eq!((reviews[1].registration, reviews[1].other), (third, first));
    a.sms(WORKER_A, "1");
    b.sms(WORKER_B, "1");
    hub.pull(&a);
    hub.pull(&b);
    hub.registry_accepts(0);
    assert_eq!(hub.views.by_status(Status::Accepted), 3);
    check_rebuild(&mut [&mut hub]);
}

#[test]
fn a_claimed_number_is_asked_once_however_often_it_was_captured() {
    let (mut hub, mut a, mut b, first, _) = repeated();
    let again = register(&mut a, WORKER_A, 2);
    a.views.registration(again);
    hub.pull(&a);
    hub.registry_accepts(0);
    b.sms(WORKER_B, "1");
    hub.pull(&b);
    hub.registry_accepts(1);
    a.pull(&hub);
    b.pull(&hub);
    assert_eq!(a.views.registration(first).status, Status::Accepted);
    assert_eq!(
        (a.count("ask:"), b.count("ask:"), hub.count("ask:")),
        (2, 0, 0)
    );
    let asked = &a
        .messages
        .iter()
        .find(|m| m.cause.starts_with("ask:"))
        .unwrap()
        .text;
    assert!(asked.contains("Reply 1") && !asked.contains("Asha"));
    check_rebuild(&mut [&mut hub, &mut a, &mut b]);
}

#[test]
fn only_a_bound_number_hears_of_the_result() {
    for binds in [true, false] {
        let (mut hub, mut a, _) = world();
        register(&mut a, WORKER_A, 1);
        let phone = mother(1).get(Field::Phone).unwrap().to_owned();
        if binds {
            assert_eq!(a.sms(&phone, "1"), Some(Command::BindNumber));
            assert_eq!(a.sms(&phone, "1"), None);
            assert_eq!(a.count("bound:"), 1);
        }
        hub.pull(&a);
        hub.registry_accepts(0);
        a.pull(&hub);
        assert_eq!(a.count("result:"), usize::from(binds));
        assert_eq!(hub.count("result:"), 0);
        check_rebuild(&mut [&mut hub, &mut a]);
    }
}

#[test]
fn stopped_numbers_get_their_confirmation_and_nothing_else() {
    let (mut hub, mut a, _) = world();
    register(&mut a, WORKER_A, 1);
    let phone = mother(1).get(Field::Phone).unwrap().to_owned();
    a.sms(&phone, "1");
    a.sms(&phone, "Stop. Thank you");
    assert_eq!(
        a.messages.iter().filter(|m| m.to == phone).count(),
        1,
        "queued ones are gone"
    );
    assert!(a.messages.last().unwrap().text.contains("Send START"));
    hub.pull(&a);
    hub.registry_accepts(0);
    a.pull(&hub);
    assert_eq!(a.count("result:"), 0);
    a.sms(&phone, "START");
    assert!(!a.views.phones[&phone].stopped);
    check_rebuild(&mut [&mut hub, &mut a]);
}

#[test]
fn equal_names_with_another_birth_date_are_no_repeat() {
    let (mut hub, mut a, _) = world();
    let worker = a.caller(WORKER_A);
    register(&mut a, WORKER_A, 1);
    let mut other = child(1);
    other.set(Field::BirthDate, "2026-03-03");
    a.command(&worker, &super::world::pair(mother(1), other))
        .unwrap();
    hub.pull(&a);
    assert_eq!(hub.views.effects.len(), 2);
}

#[derive(Clone, Debug)]
enum Step {
    Register { node: bool, pair: u32 },
    Sync { node: bool },
    Text { node: bool, text: usize },
    Mother { node: bool, pair: u32, text: usize },
    Registry { accept: bool },
    Digest { node: bool },
}

const TEXTS: [&str; 8] = [
    "1",
    "2",
    "1 1",
    "2 2",
    "stop",
    "start",
    "oui merci",
    "hello",
];

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (any::<bool>(), 0u32..4).prop_map(|(node, pair)| Step::Register { node, pair }),
        3 => any::<bool>().prop_map(|node| Step::Sync { node }),
        2 => (any::<bool>(), 0..TEXTS.len()).prop_map(|(node, text)| Step::Text { node, text }),
        1 => (any::<bool>(), 0u32..4, 0..TEXTS.len())
            .prop_map(|(node, pair, text)| Step::Mother { node, pair, text }),
        2 => any::<bool>().prop_map(|accept| Step::Registry { accept }),
        1 => any::<bool>().prop_map(|node| Step::Digest { node }),
    ]
}

fn play(steps: Vec<Step>, hub: &mut Store, a: &mut Store, b: &mut Store) {
    let mut answered = 0;
    for step in steps {
        match step {
            Step::Register { node, pair } => {
                let (store, worker) = if node {
                    (&mut *a, WORKER_A)
                } else {
                    (&mut *b, WORKER_B)
                };
                let principal = store.caller(worker);
                let pair = super::world::pair(mother(pair), child(pair));
                if let Err(rejection) = store.command(&principal, &pair) {
                    assert_eq!(rejection.text, "reject-phone-full");
                }
            }
            Step::Sync { node } => {
                let store = if node { &mut *a } else { &mut *b };
                hub.pull(store);
                store.pull(hub);
            }
            Step::Text { node, text } => {
                let (store, worker) = if node {
                    (&mut *a, WORKER_A)
                } else {
                    (&mut *b, WORKER_B)
                };
                store.sms(worker, TEXTS[text]);
            }
            Step::Mother { node, pair, text } => {
                let store = if node { &mut *a } else { &mut *b };
                store.sms(mother(pair).get(Field::Phone).unwrap(), TEXTS[text]);
            }
            Step::Registry { accept } => {
                if answered < hub.views.effects.len() {
                    if accept {
                        hub.registry_accepts(answered);
                    } else {
                        hub.registry_rejects(answered);
                    }
                    answered += 1;
                }
            }
            Step::Digest { node } => {
                let store = if node { &mut *a } else { &mut *b };
                store.command(&system(), &Command::SendDigests).unwrap();
            }
        }
    }
    while answered < hub.views.effects.len() {
        hub.registry_accepts(answered);
        answered += 1;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever happens in whatever order: after everybody met, all agree on every registration,
    /// each went to the registry at most once, none hangs but in an open review, and the tables
    /// equal their rebuild.
    #[test]
    fn stores_agree_after_any_history(steps in proptest::collection::vec(step(), 0..40)) {
        let (mut hub, mut a, mut b) = world();
        play(steps, &mut hub, &mut a, &mut b);
        for _ in 0..2 {
            hub.pull(&a);
            hub.pull(&b);
            while hub.views.effects.iter().any(|e| hub.views.registration(e.registration).status == Status::Carried) {
                let at = hub.views.effects.iter().position(|e| {
                    hub.views.registration(e.registration).status == Status::Carried
                }).unwrap();
                hub.registry_accepts(at);
            }
            a.pull(&hub);
            b.pull(&hub);
        }
        let ids: Vec<EntryRef> = hub
            .log
            .iter()
            .map(|stored| stored.id)
            .filter(|id| hub.views.has_registration(*id))
            .collect();
        let open = hub.views.reviews().iter().filter(|review| review.answer.is_none()).count();
        prop_assert_eq!(hub.views.by_status(Status::Conflict), open);
        prop_assert_eq!(
            hub.views.by_status(Status::Accepted) + hub.views.by_status(Status::Rejected) + open,
            ids.len()
        );
        for store in [&a, &b] {
            for id in &ids {
                let (here, there) = (store.views.registration(*id), hub.views.registration(*id));
                prop_assert_eq!(here.status, there.status);
                prop_assert_eq!(&here.registry_id, &there.registry_id);
            }
        }
        check_rebuild(&mut [&mut hub, &mut a, &mut b]);
    }
}
