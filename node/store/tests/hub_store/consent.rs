//! Consent on stores: a withdrawal without a link stops what is queued (C2), and travels.

use node_core::command::Command;
use node_core::consent::{MESSAGES, REGISTRY};
use node_core::view::MessageClass;

use crate::network::{message, queue};
use crate::pin::{citizen, does};
use crate::world::{WORKER_A, World, claim_effects, claim_messages, phone, register, sqlite, sync};

fn withdraw(purpose: &str) -> Command {
    Command::WithdrawConsent {
        agreement: None,
        purpose: Some(purpose.to_owned()),
    }
}

#[tokio::test]
async fn a_hundred_queued_texts_do_not_leave_after_a_withdrawal() {
    let folder = tempfile::tempdir().unwrap();
    let World { a, .. } = sqlite(folder.path()).await;
    for n in 1..3 {
        register(&a, WORKER_A, n, 10).await;
    }
    for n in 0..100 {
        let cause = format!("reminder:{n}");
        let reminder = message(&cause, &phone(1), MessageClass::Reminder);
        queue(&a, reminder, 11).await;
    }
    let control = message("reminder:other", &phone(2), MessageClass::Reminder);
    queue(&a, control, 11).await;
    let woman = citizen(&phone(1));
    does(&a, &woman, withdraw(REGISTRY), 12).await.unwrap();
    let told = does(&a, &woman, withdraw(MESSAGES), 13).await.unwrap();
    assert_eq!(told.values["count"], "1");
    let left = claim_messages(&a, 14).await;
    assert_eq!(left.len(), 1, "only the control: {left:?}");
    assert!(a.check(true).unwrap().is_sound());
}

#[tokio::test]
async fn an_effect_that_was_not_attempted_is_taken_back_when_the_hub_hears_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let World { a, hub, .. } = sqlite(folder.path()).await;
    for n in 1..3 {
        register(&a, WORKER_A, n, 10).await;
    }
    sync(&a, &hub, 11).await;
    does(&a, &citizen(&phone(1)), withdraw(REGISTRY), 12)
        .await
        .unwrap();
    sync(&a, &hub, 13).await;
    assert_eq!(
        claim_effects(&hub, 14).await.len(),
        1,
        "only the other one's"
    );
    for store in [&a, &hub] {
        let report = store.check(true).unwrap();
        assert!(report.is_sound(), "{report}");
    }
}
