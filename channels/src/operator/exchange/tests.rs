//! Sessions, inboxes and counters of the operator, without a network.

use super::*;

fn phone() -> Msisdn {
    Msisdn::parse("+254700000001").unwrap()
}

fn sms(text: &str) -> Submit {
    Submit {
        from: "384".to_owned(),
        to: "254700000001".to_owned(),
        text: text.to_owned(),
        ussd: None,
        registered_delivery: true,
        parts: 1,
    }
}

fn screen(text: &str, op: u8, session: [u8; 2]) -> Submit {
    Submit {
        ussd: Some(Ussd { op, session }),
        registered_delivery: false,
        ..sms(text)
    }
}

fn status(exchange: &Exchange, submit: Submit) -> u32 {
    let taken = exchange.submit("node", submit);
    if let Some(shown) = taken.shown {
        shown.show();
    }
    taken.reply.status
}

#[test]
fn repeated_texts_are_counted_and_each_message_asks_for_its_receipt() {
    let exchange = Exchange::default();
    let Taken {
        reply: first,
        receipt,
        ..
    } = exchange.submit("node", sms("Reply 1."));
    assert_eq!(
        (first.status, receipt.unwrap().message_id),
        (0, first.message_id.clone())
    );
    let second = exchange.submit("node", sms("Reply 1.")).reply;
    assert_ne!(first.message_id, second.message_id);
    assert_eq!(status(&exchange, sms("Other.")), 0);
    let evidence = exchange.evidence();
    assert_eq!((evidence.submits, evidence.duplicate_texts), (3, 1));
    let texts: Vec<String> = exchange
        .inbox(&phone())
        .into_iter()
        .map(|sms| sms.text)
        .collect();
    assert_eq!(texts, ["Reply 1.", "Reply 1.", "Other."]);
}

#[test]
fn a_destination_that_is_no_phone_is_refused() {
    let exchange = Exchange::default();
    let submit = Submit {
        to: "MyName".to_owned(),
        ..sms("a")
    };
    assert_eq!(status(&exchange, submit), STATUS_BAD_DESTINATION);
    assert_eq!(exchange.evidence().submits, 0);
}

#[test]
fn a_session_runs_step_by_step_and_ends_with_17() {
    let exchange = Exchange::default();
    let mut turn = exchange.begin(&phone(), "node");
    assert_eq!(turn.session(), [1, 0]);
    assert!(exchange.go_on(&phone()).is_none(), "no screen is there yet");
    assert_eq!(status(&exchange, screen("Menu", 2, [1, 0])), 0);
    assert!(turn.shown.try_recv().unwrap().open);
    assert_eq!(
        status(&exchange, screen("Menu", 2, [1, 0])),
        0,
        "a repeat is swallowed"
    );
    let mut turn = exchange.go_on(&phone()).unwrap();
    assert_eq!(turn.session(), [1, 2]);
    assert_eq!(status(&exchange, screen("Bye", 17, [1, 3])), 0);
    assert!(!turn.shown.try_recv().unwrap().open);
    assert!(exchange.go_on(&phone()).is_none());
    let evidence = exchange.evidence();
    assert_eq!(
        (
            evidence.screens,
            evidence.screens_repeated,
            evidence.screens_stray
        ),
        (2, 1, 0)
    );
}

#[test]
fn a_2_with_the_end_bit_closes_as_well() {
    let exchange = Exchange::default();
    let mut turn = exchange.begin(&phone(), "node");
    assert_eq!(status(&exchange, screen("Bye", 2, [1, 1])), 0);
    assert!(!turn.shown.try_recv().unwrap().open);
}

#[test]
fn screens_of_other_sessions_and_applications_are_stray() {
    let exchange = Exchange::default();
    assert_eq!(
        status(&exchange, screen("Menu", 2, [1, 0])),
        STATUS_BAD_DESTINATION
    );
    let _old = exchange.begin(&phone(), "node");
    let mut turn = exchange.begin(&phone(), "node");
    assert_eq!(
        status(&exchange, screen("Old", 2, [1, 0])),
        STATUS_BAD_DESTINATION
    );
    let other = exchange.submit("other", screen("Menu", 2, [2, 0])).reply;
    assert_eq!(other.status, STATUS_BAD_DESTINATION);
    assert_eq!(status(&exchange, screen("Menu", 2, [2, 0])), 0);
    assert_eq!(turn.shown.try_recv().unwrap().text, "Menu");
    exchange.close(&phone(), 1);
    assert!(
        exchange.go_on(&phone()).is_some(),
        "only its own number closes a session"
    );
    exchange.close(&phone(), 2);
    assert_eq!(
        status(&exchange, screen("Late", 2, [2, 2])),
        STATUS_BAD_DESTINATION
    );
    assert_eq!(exchange.evidence().screens_stray, 4);
}

#[test]
fn an_inbox_keeps_the_newest_thousand_and_the_counters_keep_all() {
    let exchange = Exchange::default();
    for number in 0..=INBOX_MAX {
        assert_eq!(status(&exchange, sms(&number.to_string())), 0);
    }
    let inbox = exchange.inbox(&phone());
    assert_eq!((inbox.len(), inbox[0].text.as_str()), (INBOX_MAX, "1"));
    assert_eq!(exchange.evidence().submits, 1_001);
    assert_eq!(exchange.phones(), [phone()]);
}
