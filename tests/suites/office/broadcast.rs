//! Large broadcasts at the office: what is shown, that a second person decides with a reason and
//! once, and that neither the proposer nor whoever has no right to approve does.

use axum::http::StatusCode;
use node_core::message::broadcast::BroadcastState;
use node_core::role::Role;
use tests::district::NOTICE;

use super::*;

const BROADCASTS: &str = "/office/broadcasts";

impl District {
    async fn broadcast(&self, number: u32) -> BroadcastState {
        match self.store.query(Query::Broadcasts).await {
            Ok(Answer::Broadcasts(rows)) => {
                let own = rows.iter().find(|row| row.id == number);
                own.expect("a broadcast").state
            }
            other => panic!("no broadcasts: {other:?}"),
        }
    }
}

/// A district with a clerk, and a broadcast that she proposed.
async fn proposed() -> (District, u32) {
    let district = District::open().await;
    let clock = district::clock(start());
    let clerk = (CLERK.0, "Agnes Adong", Role::Clerk);
    district::staff(&district.store, clock, clerk).await;
    let number = district::proposal(&district.store, clock, CLERK.0).await;
    (district, number)
}

async fn settles(visitor: &mut Visitor, number: u32, answer: &str, reason: &str) -> Page {
    let form = visitor.get("/office").await.form();
    let fields = [
        ("form", form.as_str()),
        ("answer", answer),
        ("reason", reason),
    ];
    let path = format!("{BROADCASTS}/{number}");
    visitor.post(&path, &fields).await
}

#[tokio::test]
async fn an_officer_sees_what_would_be_sent_and_decides_once_with_a_reason() {
    let (mut district, number) = proposed().await;
    let mut officer = officer(&district.pages(0)).await;
    let page = officer.get(BROADCASTS).await;
    for words in [
        NOTICE,
        "To <b>3 people</b>",
        "<b>3 parts</b> together",
        "Proposed by Agnes Adong",
        "Approve and send",
    ] {
        assert!(page.says(words), "{words}: {}", page.html);
    }
    let silent = settles(&mut officer, number, "approve", " ").await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(silent.says("Please write why"));
    let other = settles(&mut officer, number, "perhaps", "yes").await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
    let path = format!("{BROADCASTS}/{number}");
    let forged = [("form", "x"), ("answer", "approve"), ("reason", "yes")];
    let forged = officer.post(&path, &forged).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    assert_eq!(district.broadcast(number).await, BroadcastState::Proposed);
    let done = settles(&mut officer, number, "approve", "the ministry <asked>").await;
    for words in [
        "No broadcast waits",
        "approved by Ruth Nakato",
        "“the ministry &#60;asked&#62;”",
    ] {
        assert!(done.says(words), "{words}: {}", done.html);
    }
    assert_ne!(district.broadcast(number).await, BroadcastState::Proposed);
    let late = settles(&mut officer, number, "refuse", "changed my mind").await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_ne!(district.broadcast(number).await, BroadcastState::Refused);
    district.station.stop().await;
}

#[tokio::test]
async fn a_refused_broadcast_is_not_sent_and_says_why() {
    let (mut district, number) = proposed().await;
    let mut officer = officer(&district.pages(0)).await;
    let done = settles(&mut officer, number, "refuse", "wrong week").await;
    assert!(
        done.says("refused by Ruth Nakato") && done.says("“wrong week”"),
        "{}",
        done.html
    );
    assert_eq!(district.broadcast(number).await, BroadcastState::Refused);
    district.station.stop().await;
}

#[tokio::test]
async fn neither_the_proposer_nor_who_may_not_approve_decides() {
    let (mut district, number) = proposed().await;
    let clock = district::clock(start());
    let second = ("+256770000064", "Esther Lamwaka", Role::Officer);
    district::staff(&district.store, clock, second).await;
    district::account(&district.store, clock, CLERK, Role::Clerk).await;
    let own = district::proposal(&district.store, clock, OFFICER.0).await;
    let pages = district.pages(0);
    let mut officer = officer(&pages).await;
    let page = settles(&mut officer, own, "approve", "it is mine").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.says("Broadcasts that wait"), "{}", page.html);
    assert_eq!(district.broadcast(own).await, BroadcastState::Proposed);
    let mut clerk = Visitor::new(&pages);
    signs_in(&mut clerk, CLERK, "clerk").await;
    let seen = clerk.get(BROADCASTS).await;
    assert!(seen.says(NOTICE) && !seen.says("Approve and send"));
    let mut auditor = Visitor::new(&pages);
    signs_in(&mut auditor, AUDITOR, "auditor").await;
    assert_eq!(auditor.get(BROADCASTS).await.status, StatusCode::FORBIDDEN);
    for visitor in [&mut clerk, &mut auditor] {
        let page = settles(visitor, own, "approve", "let it go").await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.html);
    }
    assert!(
        Visitor::new(&pages)
            .get(BROADCASTS)
            .await
            .says("Passphrase")
    );
    assert_eq!(district.broadcast(own).await, BroadcastState::Proposed);
    let other = settles(&mut officer, number, "refuse", "the control").await;
    assert!(other.says("refused by Ruth Nakato"));
    district.station.stop().await;
}
