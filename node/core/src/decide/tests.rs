//! Commands against stores in memory.

mod binding;
mod child;
mod consent;
mod event;
mod shown;
mod staff;
mod village;

use sync_core::{Epoch, Lane, NodeId, Seq};

use crate::apply::world::{
    AREA, Store, WORKER_A, WORKER_B, administrator, child, consent, fields, grant, mother, now,
    pair, register, system, world,
};
use crate::command::{Command, Rejection};
use crate::decide::{PERSONS_PER_PHONE_MAX, needs};
use crate::fact::Fact;
use crate::number;
use crate::person::{Field, PersonFields};
use crate::role::{Principal, Role};
use crate::site::Rules;
use crate::status::Status;
use crate::view::Known;

fn refused(store: &mut Store, principal: &Principal, command: &Command, text: &str) {
    let written = store.log.len();
    let rejection = store.command(principal, command).unwrap_err();
    assert_eq!(rejection.text, text);
    assert_eq!(
        store.log.len(),
        written,
        "a refused command wrote something"
    );
}

fn with(mut fields: PersonFields, field: Field, value: &str) -> PersonFields {
    fields.set(field, value);
    fields
}

fn without(mut fields: PersonFields, field: Field) -> PersonFields {
    fields.0.remove(&field);
    fields
}

#[test]
fn registration_writes_two_people_consent_and_the_registration() {
    let (_, mut a, _) = world();
    let worker = a.caller(WORKER_A);
    let outcome = a.command(&worker, &pair(mother(1), child(1))).unwrap();
    let number = |name: &str| outcome.values[name].clone();
    assert!(number::is_valid(&number("mother_number")));
    assert!(number::is_valid(&number("child_number")));
    assert_ne!(number("mother_number"), number("child_number"));
    assert_eq!(outcome.values["status"], "held");
    assert_eq!(a.views.persons(), 2);
    assert_eq!(a.views.by_status(Status::Held), 1);
    let lanes: Vec<_> = a
        .log
        .iter()
        .rev()
        .take(4)
        .map(|stored| stored.id.scope.lane().unwrap())
        .collect();
    assert_eq!(lanes, [Lane::Registration; 4]);
    assert_eq!(a.log.last().unwrap().id.seq, Seq(4));
    assert_eq!(a.messages.len(), 0, "a claimed number hears nothing yet");
}

#[test]
fn numbers_follow_the_lease_and_then_become_provisional() {
    let (_, mut a, _) = world();
    let worker = a.caller(WORKER_A);
    let mut seen = std::collections::BTreeSet::new();
    for n in 0..110 {
        let outcome = a.command(&worker, &pair(mother(n), child(n))).unwrap();
        for name in ["mother_number", "child_number"] {
            let digits = &outcome.values[name];
            assert_eq!(digits.len(), if n < 100 { 10 } else { 12 });
            assert!(number::is_valid(digits) && seen.insert(digits.clone()));
        }
    }
}

#[test]
fn only_health_workers_register() {
    let (mut hub, mut a, _) = world();
    let command = pair(mother(1), child(1));
    let citizen = a.caller("+254799999999");
    let programmes = crate::programme::usual().unwrap();
    let rules = Rules::new(&a.site, &programmes);
    let known = Known::new();
    assert!(needs(&citizen, &command, &known, &rules, now()).is_empty());
    refused(&mut a, &citizen, &command, "reject-not-allowed");
    refused(&mut hub, &administrator(), &command, "reject-not-allowed");
    let nobody = Principal {
        author: 0,
        ..a.caller(WORKER_A)
    };
    refused(&mut a, &nobody, &command, "reject-not-allowed");
}

#[test]
fn every_field_is_looked_at_again() {
    let (_, mut a, _) = world();
    let worker = a.caller(WORKER_A);
    let (m, c) = (|| mother(1), || child(1));
    for (mother, child) in [
        (with(m(), Field::GivenName, ""), c()),
        (with(m(), Field::GivenName, " "), c()),
        (with(m(), Field::GivenName, "4sha"), c()),
        (with(m(), Field::FamilyName, &"x".repeat(41)), c()),
        (with(m(), Field::FamilyName, "Mwa\nngi"), c()),
        (without(m(), Field::GivenName), c()),
        (without(m(), Field::BirthDate), c()),
        (without(m(), Field::Village), c()),
        (with(m(), Field::Village, "  "), c()),
        (with(m(), Field::BirthDate, "1994-02-30"), c()),
        (with(m(), Field::Phone, "0711000001"), c()),
        (with(m(), Field::Phone, "254711000001"), c()),
        (with(m(), Field::Phone, "+2547"), c()),
        (with(m(), Field::Number, "7294058630"), c()),
        (with(m(), Field::NationalId, &"9".repeat(33)), c()),
        (m(), without(c(), Field::BirthDate)),
        (m(), with(c(), Field::Sex, "X")),
        (m(), with(c(), Field::Phone, "+254711000001")),
        (m(), with(c(), Field::Number, "7294058630")),
        (m(), fields(&[])),
    ] {
        refused(&mut a, &worker, &pair(mother, child), "reject-incomplete");
    }
    for (mother, child) in [
        (with(m(), Field::BirthDate, "2026"), c()),
        (with(m(), Field::BirthDate, "1930"), c()),
        (m(), with(c(), Field::BirthDate, "2026-03-16")),
        (m(), with(c(), Field::BirthDate, "2019-12-31")),
        (m(), with(c(), Field::BirthDate, "2027")),
    ] {
        refused(&mut a, &worker, &pair(mother, child), "reject-births");
    }
    let Command::RegisterPair {
        programme,
        programme_version,
        mother,
        child,
        ..
    } = pair(m(), c())
    else {
        panic!("not a registration");
    };
    let consent = consent(false);
    let no = Command::RegisterPair {
        programme,
        programme_version,
        mother,
        child,
        consent,
    };
    refused(&mut a, &worker, &no, "reject-no-consent");
    let minimal = without(without(m(), Field::Phone), Field::FamilyName);
    a.command(&worker, &pair(minimal, without(c(), Field::Sex)))
        .unwrap();
    assert_eq!(a.count("ask:"), 0);
    let nameless = without(with(c(), Field::FamilyName, "Mwangi"), Field::GivenName);
    a.command(&worker, &pair(m(), nameless)).unwrap();
    let tomorrow = with(c(), Field::BirthDate, "2026-03-15");
    a.command(&worker, &pair(m(), tomorrow)).unwrap();
}

#[test]
fn one_number_serves_eight_people_and_no_more() {
    let (_, mut a, _) = world();
    let worker = a.caller(WORKER_A);
    let shared = |n| with(mother(n), Field::Phone, "+254711555555");
    for n in 0..u32::try_from(PERSONS_PER_PHONE_MAX).unwrap() {
        a.command(&worker, &pair(shared(n), child(n))).unwrap();
    }
    refused(
        &mut a,
        &worker,
        &pair(shared(9), child(9)),
        "reject-phone-full",
    );
    // Whose registrations would be shown? Nobody's, before a PIN.
    let caller = a.caller("+254711555555");
    refused(&mut a, &caller, &Command::ShowMyStatus, "reject-pin-first");
}

#[test]
fn a_workers_own_number_can_be_a_mothers_number() {
    let (_, mut a, _) = world();
    let worker = a.caller(WORKER_A);
    a.command(
        &worker,
        &pair(with(mother(1), Field::Phone, WORKER_A), child(1)),
    )
    .unwrap();
    assert_eq!(a.caller(WORKER_A).role, Role::HealthWorker);
    let status = a
        .command(&a.caller(WORKER_A), &Command::ShowMyStatus)
        .unwrap();
    assert_eq!(
        (
            status.values["count"].as_str(),
            status.values["status_1"].as_str()
        ),
        ("1", "held")
    );
    let work = a
        .command(&a.caller(WORKER_A), &Command::ShowMyWork)
        .unwrap();
    assert_eq!(
        (
            work.values["held"].as_str(),
            work.values["reviews"].as_str()
        ),
        ("1", "0")
    );
}

#[test]
fn status_shows_only_the_end_of_a_number() {
    let (_, mut a, _) = world();
    let outcome = a
        .command(&a.caller(WORKER_A), &pair(mother(1), child(1)))
        .unwrap();
    let phone = mother(1).get(Field::Phone).unwrap().to_owned();
    let status = a
        .command(&a.caller(&phone), &Command::ShowMyStatus)
        .unwrap();
    let hint = number::hint(&outcome.values["child_number"]);
    assert_eq!(status.values["number_1"], format!("..{hint}"));
    let stranger = a.caller("+254799999999");
    refused(
        &mut a,
        &stranger,
        &Command::ShowMyStatus,
        "reject-not-registered",
    );
    refused(
        &mut a,
        &stranger,
        &Command::ShowMyWork,
        "reject-not-allowed",
    );
}

#[test]
fn forty_results_are_one_text_and_are_told_once() {
    let (mut hub, mut a, b) = world();
    for n in 0..40 {
        register(&mut a, WORKER_A, n);
    }
    hub.pull(&a);
    for at in 0..40 {
        if at == 7 {
            hub.registry_rejects(at);
        } else {
            hub.registry_accepts(at);
        }
    }
    a.pull(&hub);
    for _ in 0..3 {
        a.command(&system(), &Command::SendDigests).unwrap();
    }
    assert_eq!(a.count("digest:"), 1);
    let digest = a
        .messages
        .iter()
        .find(|m| m.cause.starts_with("digest:"))
        .unwrap();
    assert_eq!(digest.text, "39 accepted, 1 rejected, 0 need you.");
    assert_eq!((digest.to.as_str(), digest.covers.len()), (WORKER_A, 40));
    let mut neighbour = b;
    neighbour.pull(&hub);
    neighbour.command(&system(), &Command::SendDigests).unwrap();
    assert_eq!(
        neighbour.count("digest:"),
        0,
        "only the capturing node tells"
    );
    let worker = a.caller(WORKER_A);
    refused(&mut a, &worker, &Command::SendDigests, "reject-not-allowed");
}

#[test]
fn roles_and_leases_are_given_by_the_hub_only() {
    let (mut hub, mut a, _) = world();
    let again = hub
        .command(&administrator(), &Command::GrantRole(grant(WORKER_B)))
        .unwrap();
    assert_eq!(again.values["index"], "2");
    let third = hub
        .command(
            &administrator(),
            &Command::GrantRole(grant("+254700000003")),
        )
        .unwrap();
    assert_eq!(third.values["index"], "3");
    let worker = hub.caller(WORKER_A);
    let command = Command::GrantRole(grant("+254700000004"));
    refused(&mut hub, &worker, &command, "reject-not-allowed");
    refused(&mut a, &administrator(), &command, "reject-not-allowed");
    for wrong in [
        crate::role::RoleGrant {
            phone: "0700".to_owned(),
            ..grant(WORKER_A)
        },
        crate::role::RoleGrant {
            name: String::new(),
            ..grant(WORKER_A)
        },
        crate::role::RoleGrant {
            role: Role::System,
            ..grant(WORKER_A)
        },
        crate::role::RoleGrant {
            language: "xx".to_owned(),
            ..grant(WORKER_A)
        },
        crate::role::RoleGrant {
            not_after: now().at,
            ..grant(WORKER_A)
        },
    ] {
        refused(
            &mut hub,
            &administrator(),
            &Command::GrantRole(wrong),
            "reject-incomplete",
        );
    }
    let lease = Command::LeaseNumbers {
        scope: AREA,
        node: NodeId(2),
        epoch: Epoch(1),
        count: 10,
    };
    let cursor = hub.cursor;
    hub.command(&administrator(), &lease).unwrap();
    assert!(hub.cursor > cursor);
    refused(&mut a, &administrator(), &lease, "reject-not-allowed");
}

#[test]
fn a_record_is_written_once_for_one_write() {
    let (mut hub, _, _) = world();
    let fact = |replay_key: &str| Command::WriteRecord {
        fact: Fact::RecordWritten {
            registry: "mcts".to_owned(),
            version: "1.0".to_owned(),
            id: "x".to_owned(),
            content: Some("{}".to_owned()),
            client: "demo".to_owned(),
            at: now().at,
            replay_key: replay_key.to_owned(),
        },
    };
    let written = hub.log.len();
    for key in ["k1", "k1", "k2", "k2"] {
        hub.command(&system(), &fact(key)).unwrap();
    }
    assert_eq!(hub.log.len(), written + 2);
    let worker = hub.caller(WORKER_A);
    refused(&mut hub, &worker, &fact("k3"), "reject-not-allowed");
    let other = Command::WriteRecord {
        fact: Fact::NumberBound {
            day: None,
            phone: String::new(),
        },
    };
    refused(&mut hub, &system(), &other, "reject-not-allowed");
}

#[test]
fn a_chosen_language_is_kept_and_an_unknown_one_refused() {
    let (mut hub, mut a, _) = world();
    let caller = a.caller("+254711777777");
    a.command(
        &caller,
        &Command::ChooseLanguage {
            language: "sw".to_owned(),
        },
    )
    .unwrap();
    assert_eq!(a.caller("+254711777777").language, "sw");
    let unknown = Command::ChooseLanguage {
        language: "xx".to_owned(),
    };
    refused(&mut a, &caller, &unknown, "reject-language");
    let worker = a.caller(WORKER_A);
    a.command(
        &worker,
        &pair(with(mother(1), Field::Phone, "+254711777777"), child(1)),
    )
    .unwrap();
    hub.pull(&a);
    hub.registry_accepts(0);
    a.pull(&hub);
    assert!(
        a.messages
            .iter()
            .any(|message| message.text.starts_with("Ofisi ya umma"))
    );
}

#[test]
fn rejections_carry_no_personal_data() {
    let (_, mut a, _) = world();
    let rejection: Rejection = a
        .command(
            &a.caller("+254711000001"),
            &Command::AnswerReview {
                review: None,
                same: true,
            },
        )
        .unwrap_err();
    assert!(rejection.arguments.is_empty());
}
