//! Messages of local applications: durable, limited, and told their end once.

use channels_core::{Msisdn, SmsStatus, SubmitOutcome};
use node_core::application::{ApplicationMessage, ApplicationReceipt};
use node_core::turn::{Claim, ClaimKind, Committed, Finish, Private, Turn};
use node_core::view::MessageClass;
use node_store::{HubStore, Outbox, SqliteStore};

use crate::world::{at, claim_messages, link, phone, sqlite};

fn message(to: u32, queue_max: u32) -> ApplicationMessage {
    ApplicationMessage {
        application: "records".to_owned(),
        source: "384".to_owned(),
        to: Msisdn::parse(&phone(to)).unwrap(),
        text: Private("Your result is here.".to_owned()),
        class: MessageClass::Reminder,
        validity_s: 3_600,
        wants_receipt: true,
        queue_max,
    }
}

async fn submit(store: &SqliteStore, message: ApplicationMessage, second: i64) -> Option<String> {
    let turn = Turn::Submit(message);
    match store.commit(turn, at(second)).await.unwrap() {
        Committed::Submitted(id) => id,
        other => panic!("{other:?}"),
    }
}

async fn ends(store: &SqliteStore, second: i64) -> Vec<ApplicationReceipt> {
    let kind = ClaimKind::ApplicationReceipts {
        application: "records".to_owned(),
    };
    let claims = store.claim(kind, 10, at(second)).await.unwrap();
    let receipts = claims.into_iter().map(|claim| match claim {
        Claim::ApplicationReceipt(receipt) => receipt,
        other => panic!("{other:?}"),
    });
    receipts.collect()
}

async fn told(store: &SqliteStore, id: &str, second: i64) {
    let finish = Finish::ApplicationReceipt { id: id.to_owned() };
    store.finish(finish, at(second)).await.unwrap();
}

#[tokio::test]
async fn an_application_hears_the_end_of_its_message_until_it_was_told() {
    let folder = tempfile::tempdir().unwrap();
    let store = sqlite(folder.path()).await.a;
    let id = submit(&store, message(1, 10), 100).await.unwrap();
    let claims = claim_messages(&store, 101).await;
    let [
        Claim::Message {
            id: claimed, text, ..
        },
    ] = &claims[..]
    else {
        panic!("one message")
    };
    assert_eq!((claimed, text.0.as_str()), (&id, "Your result is here."));
    let finish = Finish::Message {
        id: id.clone(),
        link: link().0,
        outcome: SubmitOutcome::Sent {
            message_id: "77".to_owned(),
        },
    };
    store.finish(finish, at(102)).await.unwrap();
    assert_eq!(ends(&store, 103).await, []);
    let status = SmsStatus {
        recipient: Some(Msisdn::parse(&phone(1)).unwrap()),
        ..SmsStatus::new(link(), "77".to_owned(), Some(true))
    };
    store
        .commit(Turn::MessageStatus(status), at(104))
        .await
        .unwrap();
    let expected = ApplicationReceipt {
        id: id.clone(),
        source: "384".to_owned(),
        to: Private(phone(1)),
        delivered: true,
    };
    for second in [105, 106] {
        assert_eq!(ends(&store, second).await, std::slice::from_ref(&expected));
    }
    told(&store, &id, 107).await;
    assert_eq!(ends(&store, 108).await, []);
}

#[tokio::test]
async fn a_full_queue_takes_no_more_until_an_end_was_told() {
    let folder = tempfile::tempdir().unwrap();
    let store = sqlite(folder.path()).await.a;
    let first = submit(&store, message(1, 2), 100).await.unwrap();
    assert!(submit(&store, message(2, 2), 101).await.is_some());
    assert_eq!(submit(&store, message(3, 2), 102).await, None);
    // Another application has a queue of its own.
    let other = ApplicationMessage {
        application: "alerts".to_owned(),
        ..message(3, 2)
    };
    assert!(submit(&store, other, 103).await.is_some());
    // Both go stale unsent, and the application is told so.
    claim_messages(&store, 4_000).await;
    let stale = ends(&store, 4_001).await;
    assert_eq!(stale.iter().filter(|end| !end.delivered).count(), 2);
    told(&store, &first, 4_002).await;
    assert!(submit(&store, message(3, 2), 4_003).await.is_some());
}

#[tokio::test]
async fn without_a_receipt_the_row_goes_when_the_message_has_left() {
    let folder = tempfile::tempdir().unwrap();
    let store = sqlite(folder.path()).await.a;
    let silent = |to| ApplicationMessage {
        wants_receipt: false,
        ..message(to, 1)
    };
    let id = submit(&store, silent(1), 100).await.unwrap();
    assert_eq!(submit(&store, silent(2), 101).await, None);
    claim_messages(&store, 102).await;
    let finish = Finish::Message {
        id,
        link: link().0,
        outcome: SubmitOutcome::Unknown,
    };
    store.finish(finish, at(103)).await.unwrap();
    assert_eq!(ends(&store, 104).await, []);
    assert!(submit(&store, silent(2), 105).await.is_some());
}
