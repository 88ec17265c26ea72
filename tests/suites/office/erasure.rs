//! Erasures at the office: what waits is seen by number alone, two people approve, nobody does it
//! twice or without a reason, and whoever may not approve sees nothing.

use axum::http::StatusCode;
use node_core::command::Command;
use node_core::identity::Whole;
use node_core::person::Field;
use node_core::role::Role;

use super::*;

const ERASURES: &str = "/office/erasures";
const ADMINISTRATOR: (&str, &str) = ("+256770000065", "two old bridges");

impl District {
    async fn person(&self, document: EntryRef) -> Option<Whole> {
        match self.store.query(Query::Person { document }).await {
            Ok(Answer::Person(whole)) => whole,
            other => panic!("no answer: {other:?}"),
        }
    }
}

/// A district where a worker asked for the erasure of a mother; her number.
async fn asked() -> (District, String) {
    let district = District::open().await;
    let clock = district::clock(start());
    let staff = (ADMINISTRATOR.0, "Peter Okello", Role::Administrator);
    district::staff(&district.store, clock, staff).await;
    district::account(&district.store, clock, ADMINISTRATOR, Role::Administrator).await;
    let Ok(Answer::PersonPage(Some(page))) = district
        .store
        .query(Query::PersonPage {
            document: district.pair[0],
        })
        .await
    else {
        panic!("no person");
    };
    let values = &page.members[0].capture.values;
    let number = values[&Field::Number][0].clone();
    let ask = Command::AskErasure {
        number: Some(number.clone()),
    };
    let told = district::works(&district.store, clock, 1, ask).await;
    told.expect("a request");
    (district, number)
}

async fn approves(visitor: &mut Visitor, number: &str, reason: &str) -> Page {
    let form = visitor.get("/office").await.form();
    let fields = [
        ("form", form.as_str()),
        ("number", number),
        ("reason", reason),
    ];
    visitor.post(ERASURES, &fields).await
}

#[tokio::test]
async fn two_people_approve_and_the_person_learns_that_her_number_was_read() {
    let (mut district, number) = asked().await;
    let person = district.pair[0];
    let pages = district.pages(0);
    let mut officer = officer(&pages).await;
    let seen = officer.get(ERASURES).await;
    for words in [
        number.as_str(),
        "Asked for by the person",
        "Nobody has approved it yet",
    ] {
        assert!(seen.says(words), "{words}: {}", seen.html);
    }
    assert!(SPELLINGS.iter().all(|name| !seen.says(name)), "no name");
    let reads = district.reads(person).await;
    assert!(
        reads.iter().any(|read| read.reason == "erasures"),
        "{}",
        reads.len()
    );
    let silent = approves(&mut officer, &number, " ").await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    let first = approves(&mut officer, &number, "she asked").await;
    assert!(
        first.says("Approved first by <b>Ruth Nakato</b>"),
        "{}",
        first.html
    );
    // Nobody is both of them.
    let again = approves(&mut officer, &number, "she asked").await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.says("A second person must approve this"));
    assert!(district.person(person).await.is_some(), "one is not enough");
    let mut second = Visitor::new(&pages);
    signs_in(&mut second, ADMINISTRATOR, "administrator").await;
    let done = approves(&mut second, &number, "she asked").await;
    assert!(done.says("No erasure waits"), "{}", done.html);
    assert!(district.person(person).await.is_none());
    let late = approves(&mut second, &number, "once more").await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    district.station.stop().await;
}

#[tokio::test]
async fn whoever_may_not_approve_sees_nothing_and_garbage_changes_nothing() {
    let (mut district, number) = asked().await;
    let clock = district::clock(start());
    let clerk = (CLERK.0, "Agnes Adong", Role::Clerk);
    district::staff(&district.store, clock, clerk).await;
    district::account(&district.store, clock, CLERK, Role::Clerk).await;
    let pages = district.pages(0);
    for (who, role) in [(CLERK, "clerk"), (AUDITOR, "auditor")] {
        let mut visitor = Visitor::new(&pages);
        signs_in(&mut visitor, who, role).await;
        let seen = visitor.get(ERASURES).await;
        assert_eq!(seen.status, StatusCode::FORBIDDEN, "{role}");
        assert!(!seen.says(&number), "{role}");
        let page = approves(&mut visitor, &number, "let her go").await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{role}");
    }
    let mut officer = officer(&pages).await;
    let forged = [("form", "x"), ("number", &number), ("reason", "yes")];
    assert_eq!(
        officer.post(ERASURES, &forged).await.status,
        StatusCode::FORBIDDEN
    );
    for garbage in ["", "0000000000", "<b>", "'; --"] {
        let page = approves(&mut officer, garbage, "yes").await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{garbage}");
    }
    let long = "x".repeat(81);
    let page = approves(&mut officer, &number, &long).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        officer
            .get(ERASURES)
            .await
            .says("Nobody has approved it yet")
    );
    // The control.
    let first = approves(&mut officer, &number, "she asked").await;
    assert!(first.says("Approved first by"), "{}", first.html);
    district.station.stop().await;
}
