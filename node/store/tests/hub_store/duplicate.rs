//! The same person on two nodes: flagged on both, asked, joined, parted; reads exact throughout.

use node_core::command::{Command, Whose};
use node_core::duplicate::find::Question;
use node_core::identity::{Pair, Whole};
use node_core::matching::{MatchRow, Reason};
use node_core::person::Field;
use node_core::query::{Answer, Query};
use node_core::role::{Principal, Role};
use node_core::turn::Claim;
use node_store::{HubStore, SqliteStore};
use sync_core::{EntryRef, Lane, Scope};

use crate::district::{District, KIBO, MOTO, texts};
use crate::world::{
    WORKER_A, WORKER_B, agreed, claim_messages, command, fields, frontier, registrations, worker,
};

const KIBO_AT: usize = 0;
const MOTO_AT: usize = 1;

/// A registration; the mother's given name as this worker writes it.
pub(crate) fn registration(mother: &str, born: &str, phone: &str) -> Command {
    Command::RegisterPair {
        programme: "maternal-child".to_owned(),
        programme_version: 1,
        mother: fields(&[
            (Field::GivenName, mother),
            (Field::FamilyName, "Nyambura"),
            (Field::BirthDate, born),
            (Field::Phone, phone),
            (Field::Village, "kibo"),
            (Field::Sex, "F"),
        ]),
        child: fields(&[
            (Field::GivenName, &format!("{mother} Baraka")),
            (Field::FamilyName, "Kamau"),
            (Field::BirthDate, "2026-03-02"),
            (Field::Sex, "M"),
        ]),
        consent: agreed(),
    }
}

pub(crate) fn of(scope: Scope, phone: &str) -> Principal {
    Principal {
        scope,
        ..worker(phone, 1)
    }
}

pub(crate) fn officer() -> Principal {
    Principal {
        role: Role::Officer,
        ..of(KIBO, "+254700000009")
    }
}

pub(crate) async fn matches(store: &SqliteStore) -> Vec<MatchRow> {
    match store.query(Query::Matches { limit: 100 }).await.unwrap() {
        Answer::Matches(rows) => rows,
        other => panic!("not pairs: {other:?}"),
    }
}

async fn whole(store: &SqliteStore, document: EntryRef) -> Option<Whole> {
    match store.query(Query::Person { document }).await.unwrap() {
        Answer::Person(whole) => whole,
        other => panic!("not a person: {other:?}"),
    }
}

/// Questions about pairs that wait for a number at a store.
async fn questions(store: &SqliteStore, to: &str, second: i64) -> Vec<String> {
    let claims = claim_messages(store, second).await.into_iter();
    let texts = claims.filter_map(|claim| match claim {
        Claim::Message {
            to: phone, text, ..
        } if phone == to => Some(text.0),
        _ => None,
    });
    texts.filter(|text| text.starts_with("Review")).collect()
}

/// Two nodes without a hub register one family, each in its own spelling, and a stranger; then
/// both meet the hub.
async fn registered_apart(district: &District) -> Pair {
    let phone = "+254711000417";
    for (at, principal, mother, stranger) in [
        (
            KIBO_AT,
            of(KIBO, WORKER_A),
            "Wanjiru",
            ("Halima", "1989", "+254711000501"),
        ),
        (
            MOTO_AT,
            of(MOTO, WORKER_B),
            "Wangiru",
            ("Rehema", "2001", "+254711000502"),
        ),
    ] {
        let node = &district.nodes[at];
        let (name, year, other) = stranger;
        command(node, &principal, registration(name, year, other), 90)
            .await
            .unwrap();
        let captured = registration(mother, "1994-05-17", phone);
        command(node, &principal, captured, 100).await.unwrap();
    }
    for (at, second) in [
        (KIBO_AT, 200),
        (MOTO_AT, 210),
        (KIBO_AT, 220),
        (MOTO_AT, 230),
    ] {
        district.meets(at, second).await;
    }
    let rows = registrations(&district.hub).await;
    let mother = |scope: Scope| {
        let mut own = rows.iter().filter(|row| row.id.scope.area() == scope);
        own.next().unwrap().registration.mother
    };
    node_core::identity::pair(mother(KIBO), mother(MOTO))
}

fn assert_exact(store: &SqliteStore) {
    let report = store.check(true).unwrap();
    assert!(report.findings.is_empty(), "{:?}", report.findings);
}

/// Both nodes and the hub hold the pair, with reasons that tell no value, and both workers were
/// asked on their own numbers, without a name; its number.
async fn flagged_on_both(district: &District, pair: Pair) -> u32 {
    let [kibo, moto] = [&district.nodes[KIBO_AT], &district.nodes[MOTO_AT]];
    let found = matches(&district.hub).await;
    let mothers = found.iter().find(|row| row.pair == pair).unwrap();
    assert!(
        mothers.reasons.contains(&Reason::NamesClose),
        "{:?}",
        mothers.reasons
    );
    assert!(mothers.reasons.contains(&Reason::Phone));
    assert_eq!(matches(kibo).await, found);
    assert_eq!(matches(moto).await, found);
    // The children of the pair may be asked about as well, the strangers are not.
    assert!(found.len() <= 2, "{found:?}");
    let number = mothers.number;
    for (node, phone) in [(kibo, WORKER_A), (moto, WORKER_B)] {
        let asked = questions(node, phone, 240).await;
        let own = asked
            .iter()
            .find(|text| text.starts_with(&format!("Review {number}:")));
        let own = own.unwrap_or_else(|| panic!("{asked:?}"));
        assert!(!own.contains("njiru") && !own.contains("Nyambura"), "{own}");
    }
    number
}

/// One yes is not enough; two different workers are.
async fn joined_by_two(district: &District, pair: Pair, number: u32) {
    let [kibo, moto] = [&district.nodes[KIBO_AT], &district.nodes[MOTO_AT]];
    let before = whole(&district.hub, pair[0]).await;
    texts(kibo, WORKER_A, &format!("{number} 1"), 300).await;
    district.meets(KIBO_AT, 310).await;
    assert_eq!(whole(&district.hub, pair[0]).await, before);
    texts(moto, WORKER_B, &format!("{number} 1"), 320).await;
    for (at, second) in [(MOTO_AT, 330), (KIBO_AT, 340)] {
        district.meets(at, second).await;
    }
    assert_read_as_one(&district.hub, pair).await;
    for store in [&district.hub, kibo, moto] {
        let rows = matches(store).await;
        let row = rows.iter().find(|row| row.number == number).unwrap();
        assert_eq!(row.decided, Some(true));
        assert_exact(store);
    }
}

/// Both documents give one person, with every value of both.
async fn assert_read_as_one(hub: &SqliteStore, pair: Pair) {
    let joined = whole(hub, pair[0]).await.unwrap();
    assert_eq!(joined.members, pair);
    assert_eq!(whole(hub, pair[1]).await.as_ref(), Some(&joined));
    assert_eq!(
        joined.values[&Field::GivenName].len(),
        2,
        "both spellings are shown"
    );
    let numbers = &joined.values[&Field::Number];
    assert_eq!(
        numbers.first(),
        numbers.iter().min(),
        "the smallest number stands for her"
    );
}

/// Field failure 7: opencrvs-core #7215, avni-server #902. Rules M1 and M2.
#[tokio::test]
async fn same_person_created_on_two_offline_nodes_is_flagged_on_both() {
    let folder = tempfile::tempdir().unwrap();
    let district = District::open(folder.path()).await;
    let pair = registered_apart(&district).await;
    let number = flagged_on_both(&district, pair).await;
    let before = [
        whole(&district.hub, pair[0]).await,
        whole(&district.hub, pair[1]).await,
    ];
    assert!(before.iter().flatten().all(|one| one.members.len() == 1));
    joined_by_two(&district, pair, number).await;
    // Taking the edge away gives back exactly what was read before.
    let part = Command::PartPersons {
        pair,
        reason: "two cards were shown".to_owned(),
    };
    let refused = command(&district.hub, &of(KIBO, WORKER_A), part.clone(), 400).await;
    assert_eq!(refused.unwrap_err().text, "reject-not-allowed");
    command(&district.hub, &officer(), part.clone(), 410)
        .await
        .unwrap();
    for (at, second) in [(KIBO_AT, 420), (MOTO_AT, 430)] {
        district.meets(at, second).await;
    }
    let after = [
        whole(&district.hub, pair[0]).await,
        whole(&district.hub, pair[1]).await,
    ];
    assert_eq!(after, before);
    let again = command(&district.hub, &officer(), part, 440).await;
    assert_eq!(again.unwrap_err().text, "reject-not-joined");
    for store in district.nodes.iter().chain([&district.hub]) {
        assert_exact(store);
    }
}

#[tokio::test]
async fn workers_who_differ_leave_the_pair_to_an_officer() {
    let folder = tempfile::tempdir().unwrap();
    let district = District::open(folder.path()).await;
    let pair = registered_apart(&district).await;
    let found = matches(&district.hub).await;
    let number = found.iter().find(|row| row.pair == pair).unwrap().number;
    texts(
        &district.nodes[KIBO_AT],
        WORKER_A,
        &format!("{number} 1"),
        300,
    )
    .await;
    texts(
        &district.nodes[MOTO_AT],
        WORKER_B,
        &format!("{number} 3"),
        310,
    )
    .await;
    for (at, second) in [(KIBO_AT, 320), (MOTO_AT, 330)] {
        district.meets(at, second).await;
    }
    let row = |rows: Vec<MatchRow>| rows.into_iter().find(|row| row.number == number).unwrap();
    let open = row(matches(&district.hub).await);
    assert_eq!((open.words.len(), open.decided), (2, None));
    let decide = Command::DecideMatch {
        number,
        same: false,
        reason: "two cards were shown".to_owned(),
    };
    command(&district.hub, &officer(), decide, 400)
        .await
        .unwrap();
    assert_eq!(row(matches(&district.hub).await).decided, Some(false));
    let one = whole(&district.hub, pair[0]).await.unwrap();
    assert_eq!(one.members, [pair[0]]);
    assert_exact(&district.hub);
}

/// Staff find people by what they know; a citizen's phone shows nobody; what is shown is written
/// down.
#[tokio::test]
async fn people_are_found_by_number_phone_names_village_and_year() {
    let folder = tempfile::tempdir().unwrap();
    let district = District::open(folder.path()).await;
    let node = &district.nodes[KIBO_AT];
    let staff = of(KIBO, WORKER_A);
    let captured = registration("Wanjiru", "1994-05-17", "+254711000417");
    let done = command(node, &staff, captured, 100).await.unwrap();
    let other = registration("Halima", "1989", "+254711000501");
    command(node, &staff, other, 110).await.unwrap();
    let number = done.values["mother_number"].clone();
    let text = |text: &str| Some(text.to_owned());
    for question in [
        Question {
            number: text(&number),
            ..Question::default()
        },
        Question {
            phone: text("+254711000417"),
            ..Question::default()
        },
        Question {
            name: text("Nyambora Wangiru"),
            ..Question::default()
        },
        Question {
            name: text("Wanjiru"),
            village: text("kibo"),
            year: Some(1995),
            ..Question::default()
        },
        Question {
            name: text("wangiru"),
            year: Some(1994),
            ..Question::default()
        },
    ] {
        let find = Command::FindPerson(question);
        let found = command(node, &staff, find, 200).await.unwrap();
        assert_eq!(found.values["found_count"], "1");
        assert_eq!(found.values["found_1"], "W.N., woman, 1994, kibo");
        assert_eq!(found.values["found_code_1"], number);
    }
}

#[tokio::test]
async fn broad_questions_citizens_and_strangers_find_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let district = District::open(folder.path()).await;
    let node = &district.nodes[KIBO_AT];
    let staff = of(KIBO, WORKER_A);
    let captured = registration("Wanjiru", "1994-05-17", "+254711000417");
    let done = command(node, &staff, captured, 100).await.unwrap();
    let number = done.values["mother_number"].clone();
    let by_year = Question {
        name: Some("wangiru".to_owned()),
        year: Some(1994),
        ..Question::default()
    };
    let none = Question {
        name: Some("Rehema".to_owned()),
        ..by_year.clone()
    };
    let found = command(node, &staff, Command::FindPerson(none), 210).await;
    assert_eq!(found.unwrap().values["found_count"], "0");
    let broad = Question {
        year: None,
        ..by_year.clone()
    };
    let refused = command(node, &staff, Command::FindPerson(broad), 220).await;
    assert_eq!(refused.unwrap_err().text, "reject-too-many");
    // Before a number is given: is she already known?
    let person = fields(&[
        (Field::GivenName, "Wangiru"),
        (Field::FamilyName, "Nyambura"),
        (Field::BirthDate, "1994-05-17"),
        (Field::Village, "kibo"),
        (Field::Sex, "F"),
    ]);
    let check = Command::CheckKnown {
        whose: Whose::Mother,
        person,
        mother: None,
    };
    let found = command(node, &staff, check.clone(), 230).await.unwrap();
    assert_eq!(found.values["known_mother_code_1"], number);
    let citizen = Principal {
        role: Role::Citizen,
        author: 0,
        ..staff.clone()
    };
    for asked in [check, Command::FindPerson(by_year)] {
        let refused = command(node, &citizen, asked, 240).await;
        assert_eq!(refused.unwrap_err().text, "reject-not-allowed");
    }
    let audit = KIBO.with_lane(Lane::Audit);
    let heads = frontier(node).await.into_iter();
    let read: u32 = heads
        .filter(|head| head.chain.scope == audit)
        .map(|head| head.seq.0)
        .sum();
    assert_eq!(read, 1, "each answer that shows somebody is a fact");
}
