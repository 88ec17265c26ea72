//! Delivery receipts: which message each is about, whatever the spelling, the bind and the moment.
//!
//! A link is an account with all its binds, so a receipt that arrives on another bind, or after
//! the one that submitted is gone, reaches the store as the same call.

use channels_core::smpp::receipt::reference;
use channels_core::{Address, LinkName, Msisdn, SmsStatus, SubmitOutcome};
use node_core::contact::Contact;
use node_core::turn::{Claim, Finish, Turn};
use node_store::{HubStore, Outbox, SqliteStore};

use crate::world::{World, at, claim_messages, counts, link, phone, sqlite};

/// A node that answers STOP and START: one message a text.
struct Desk {
    world: World<SqliteStore>,
    second: i64,
    texts: u32,
    _folder: tempfile::TempDir,
}

impl Desk {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            world: sqlite(folder.path()).await,
            second: 100,
            texts: 0,
            _folder: folder,
        }
    }

    fn store(&self) -> &SqliteStore {
        &self.world.a
    }

    /// A message to this phone, claimed but not reported; its outbox id.
    async fn claimed(&mut self, to: &str) -> String {
        self.second += 1;
        self.texts += 1;
        let text = if self.texts % 2 == 1 { "STOP" } else { "START" };
        let contact = Contact::Sms {
            link: link(),
            from: Address::parse(to).unwrap(),
            text: text.to_owned(),
            sent: None,
        };
        let turn = Turn::Contact(contact);
        self.store().commit(turn, at(self.second)).await.unwrap();
        let claims = claim_messages(self.store(), self.second).await;
        let [Claim::Message { id, .. }] = &claims[..] else {
            panic!("one message")
        };
        id.clone()
    }

    async fn report(&self, id: &str, outcome: SubmitOutcome) {
        let finish = Finish::Message {
            id: id.to_owned(),
            link: link().0,
            outcome,
        };
        self.store().finish(finish, at(self.second)).await.unwrap();
    }

    /// A message to this phone that the network took under this id.
    async fn sent(&mut self, to: &str, network_id: &str) -> String {
        let id = self.claimed(to).await;
        self.report(&id, sent(network_id)).await;
        id
    }

    async fn receipt(&self, status: SmsStatus) {
        let turn = Turn::MessageStatus(status);
        self.store().commit(turn, at(self.second)).await.unwrap();
    }

    async fn state(&self, word: &str) -> u64 {
        let counts = counts(self.store()).await.messages;
        counts.get(word).copied().unwrap_or(0)
    }
}

fn sent(network_id: &str) -> SubmitOutcome {
    SubmitOutcome::Sent {
        message_id: network_id.to_owned(),
    }
}

fn about(to: &str, network_id: &str, delivered: bool) -> SmsStatus {
    SmsStatus {
        recipient: Some(Msisdn::parse(to).unwrap()),
        ..SmsStatus::new(link(), network_id.to_owned(), Some(delivered))
    }
}

/// Response and receipt of one message, as real networks spell them.
const SPELLINGS: [(&str, &str); 9] = [
    ("a7", "a7"),
    ("10", "A"),
    ("1e240", "123456"),
    ("123457", "1E241"),
    ("42000", "0000042000"),
    ("0000042001", "42001"),
    ("7220BB00", "7220bb00"),
    ("f47ac10b-58cc", "F47AC10B-58CC"),
    ("00000000000000000000ffffffffffff", "281474976710655"),
];

#[tokio::test]
async fn delivery_report_matches_any_id_spelling_on_any_bind() {
    let mut desk = Desk::new().await;
    for (n, (ours, theirs)) in (1..).zip(SPELLINGS) {
        let to = phone(n);
        desk.sent(&to, ours).await;
        desk.receipt(about(&to, theirs, true)).await;
        assert_eq!(
            desk.state("delivered").await,
            u64::from(n),
            "{ours} {theirs}"
        );
    }
    // While unbound nothing is lost: it comes later, and twice.
    let to = phone(50);
    desk.sent(&to, "500").await;
    desk.second += 3_600;
    desk.receipt(about(&to, "0500", true)).await;
    desk.receipt(about(&to, "0500", true)).await;
    assert_eq!(
        (desk.state("delivered").await, desk.state("sent").await),
        (10, 0)
    );
}

#[tokio::test]
async fn a_receipt_of_another_account_or_phone_marks_nothing() {
    let mut desk = Desk::new().await;
    desk.sent(&phone(1), "77").await;
    desk.receipt(SmsStatus {
        link: LinkName("operator-b".to_owned()),
        ..about(&phone(1), "77", true)
    })
    .await;
    desk.receipt(about(&phone(2), "77", true)).await;
    assert_eq!(desk.state("sent").await, 1);
    desk.second += 200_000_000;
    desk.receipt(about(&phone(1), "77", true)).await;
    assert_eq!(desk.state("sent").await, 1, "past its validity");
}

#[tokio::test]
async fn two_candidates_are_no_match() {
    let mut desk = Desk::new().await;
    desk.sent(&phone(1), "10").await;
    desk.sent(&phone(1), "16").await;
    // Decimal for the second, or the first one's hexadecimal written as decimal.
    desk.receipt(about(&phone(1), "16", true)).await;
    assert_eq!(desk.state("sent").await, 2);
    // Another phone makes it certain.
    desk.sent(&phone(2), "16").await;
    desk.receipt(about(&phone(2), "16", true)).await;
    assert_eq!(desk.state("delivered").await, 1);
}

#[tokio::test]
async fn a_receipt_before_the_response_waits_for_it() {
    let mut desk = Desk::new().await;
    let id = desk.claimed(&phone(1)).await;
    desk.receipt(about(&phone(1), "FF", true)).await;
    assert_eq!(desk.state("submitting").await, 1);
    desk.report(&id, sent("255")).await;
    assert_eq!(desk.state("delivered").await, 1);
}

#[tokio::test]
async fn a_converted_id_waits_while_another_message_has_none_yet() {
    let mut desk = Desk::new().await;
    desk.sent(&phone(1), "10").await;
    let second = desk.claimed(&phone(1)).await;
    // "16" is the second one's own id and the first one's in decimal.
    desk.receipt(about(&phone(1), "16", false)).await;
    assert_eq!(desk.state("failed").await, 0);
    desk.report(&second, sent("16")).await;
    assert_eq!(
        (desk.state("sent").await, desk.state("failed").await),
        (2, 0)
    );
}

#[tokio::test]
async fn a_parked_receipt_gets_its_last_try_after_ten_minutes() {
    let mut desk = Desk::new().await;
    desk.sent(&phone(1), "msg_id_not_implemented").await;
    let other = desk.claimed(&phone(1)).await;
    desk.receipt(about(&phone(1), "00000001", true)).await;
    let later = SubmitOutcome::TryLater { after_s: 3_000 };
    desk.report(&other, later).await;
    desk.second += 599;
    claim_messages(desk.store(), desk.second).await;
    assert_eq!(desk.state("delivered").await, 0);
    desk.second += 2;
    claim_messages(desk.store(), desk.second).await;
    assert_eq!(desk.state("delivered").await, 1);
}

#[tokio::test]
async fn a_final_state_changes_only_to_delivered_and_only_from_where_it_may() {
    let mut desk = Desk::new().await;
    desk.sent(&phone(1), "1001").await;
    desk.receipt(about(&phone(1), "1001", false)).await;
    desk.receipt(about(&phone(1), "1001", true)).await;
    assert_eq!(desk.state("failed").await, 1, "failed stays failed");
    desk.sent(&phone(2), "1002").await;
    desk.receipt(about(&phone(2), "1002", true)).await;
    desk.receipt(about(&phone(2), "1002", false)).await;
    assert_eq!(
        desk.state("delivered").await,
        1,
        "delivered stays delivered"
    );
    let unknown = desk.claimed(&phone(3)).await;
    desk.report(&unknown, SubmitOutcome::Unknown).await;
    desk.receipt(about(&phone(3), "1003", true)).await;
    assert_eq!(
        desk.state("delivered").await,
        2,
        "unknown becomes delivered"
    );
}

#[tokio::test]
async fn ids_that_cannot_match_go_by_reference_or_the_only_open_message() {
    let mut desk = Desk::new().await;
    let constant = "msg_id_not_implemented";
    desk.sent(&phone(1), constant).await;
    desk.receipt(about(&phone(1), "00000001", true)).await;
    assert_eq!(desk.state("delivered").await, 1, "the only open one");
    let first = desk.sent(&phone(2), constant).await;
    desk.sent(&phone(2), constant).await;
    desk.receipt(about(&phone(2), "00000002", true)).await;
    assert_eq!(desk.state("delivered").await, 1, "two are open");
    desk.receipt(SmsStatus {
        reference: reference(&first),
        ..about(&phone(2), "00000003", true)
    })
    .await;
    assert_eq!(desk.state("delivered").await, 2, "named by its reference");
}

#[tokio::test]
async fn an_id_that_could_have_matched_is_another_message() {
    let mut desk = Desk::new().await;
    desk.sent(&phone(1), "2001").await;
    desk.receipt(about(&phone(1), "1999", false)).await;
    assert_eq!(desk.state("sent").await, 1);
    desk.receipt(about(&phone(1), "", true)).await;
    assert_eq!(desk.state("delivered").await, 1, "no id at all");
}

#[tokio::test]
async fn an_unusual_spelling_is_no_proof_while_a_message_has_no_id() {
    let mut desk = Desk::new().await;
    desk.sent(&phone(1), "10").await;
    let lost = desk.claimed(&phone(1)).await;
    desk.report(&lost, SubmitOutcome::Unknown).await;
    // The lost one's own id, or the first one's written in decimal.
    desk.receipt(about(&phone(1), "16", true)).await;
    assert_eq!(desk.state("delivered").await, 0);
}

#[tokio::test]
async fn small_counters_are_told_apart_by_how_the_account_writes_them() {
    let mut desk = Desk::new().await;
    // Decimal in receipts, hexadecimal in answers, to three phones.
    for (n, (ours, theirs)) in (10..).zip([("1a", "26"), ("1b", "27"), ("1c", "28")]) {
        desk.sent(&phone(n), ours).await;
        desk.receipt(about(&phone(n), theirs, true)).await;
    }
    desk.sent(&phone(1), "10").await;
    desk.sent(&phone(1), "16").await;
    desk.receipt(about(&phone(1), "16", false)).await;
    desk.receipt(about(&phone(1), "22", true)).await;
    assert_eq!(
        (desk.state("failed").await, desk.state("delivered").await),
        (1, 4)
    );
    // Another habit is not believed at once, and the old one is not any more.
    desk.sent(&phone(20), "2f").await;
    desk.receipt(about(&phone(20), "2F", true)).await;
    desk.sent(&phone(2), "30").await;
    desk.sent(&phone(2), "48").await;
    desk.receipt(about(&phone(2), "48", true)).await;
    assert_eq!(desk.state("sent").await, 2);
}

#[tokio::test]
async fn a_counter_of_eight_bits_that_repeats_means_the_message_without_a_receipt() {
    let mut desk = Desk::new().await;
    desk.sent(&phone(1), "17-a3b4").await;
    desk.receipt(about(&phone(1), "17-a3b4", false)).await;
    desk.second += 3_600;
    desk.sent(&phone(1), "17-a3b4").await;
    desk.receipt(about(&phone(1), "17-a3b4", true)).await;
    assert_eq!(
        (desk.state("failed").await, desk.state("delivered").await),
        (1, 1)
    );
    desk.receipt(SmsStatus::new(link(), "17-a3b4".to_owned(), Some(true)))
        .await;
    assert_eq!(desk.state("failed").await, 1, "both are told");
}

#[tokio::test]
async fn two_open_messages_with_one_id_take_no_receipt() {
    let mut desk = Desk::new().await;
    desk.sent(&phone(1), "18-a3b4").await;
    desk.sent(&phone(1), "18-a3b4").await;
    desk.receipt(about(&phone(1), "18-a3b4", true)).await;
    assert_eq!(desk.state("sent").await, 2);
}
