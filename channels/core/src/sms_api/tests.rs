//! Both shipped APIs: bodies, what an answer means, receipts, inbound, and descriptions refused.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::address::Msisdn;

fn api(name: &str) -> SmsApi {
    SmsApi::named(name).unwrap()
}

fn link() -> LinkName {
    LinkName("sms".to_owned())
}

fn sms(text: &str) -> OutgoingSms {
    OutgoingSms {
        id: "00ff".to_owned(),
        to: Msisdn::parse("+254700000001").unwrap(),
        from: Address::parse("384").unwrap(),
        data: Vec::new(),
        text: text.to_owned(),
        validity_s: 0,
    }
}

fn account() -> Account {
    Account {
        name: "clinic".to_owned(),
        secret: "secret".to_owned(),
    }
}

fn talking(status: &str) -> String {
    json!({"SMSMessageData": {"Message": "Sent to 1/1", "Recipients": [{"statusCode": 101,
        "number": "+254700000001", "status": status, "cost": "KES 0.8", "messageId": "ATXid_1"}]}})
    .to_string()
}

fn check(name: &str, (status, body): (u16, &str), expected: &SubmitOutcome) {
    let outcome = api(name).outcome((status, body.as_bytes()), &sms("a"));
    assert_eq!(outcome, *expected, "{name}: {status} {body}");
}

fn sent(message_id: &str) -> SubmitOutcome {
    SubmitOutcome::Sent {
        message_id: message_id.to_owned(),
    }
}

#[test]
fn the_shipped_apis_are_data_like_any_other() {
    assert_eq!(SmsApi::shipped().count(), SHIPPED.len());
    assert_eq!(SmsApi::named("unknown"), None);
}

#[test]
fn a_message_is_written_in_the_words_of_the_api() {
    let body = api("africas-talking").submit(&sms("Amina & 5"), &account());
    let form = "username=clinic&to=%2B254700000001&message=Amina%20%26%205&from=384";
    assert_eq!(body, form);
    let header = api("africas-talking").submit.key_header.unwrap();
    assert_eq!(header.value(&account()).0, "secret");
    let body = api("json").submit(&sms("a"), &account());
    let expected = json!({"account": "clinic", "reference": "00ff", "to": "+254700000001",
        "from": "384", "text": "a"});
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&body).unwrap(),
        expected
    );
    let question = api("json").query(&sms("a"), &account()).unwrap();
    assert!(question.contains("00ff") && !question.contains("+254700000001"));
    assert_eq!(api("africas-talking").query(&sms("a"), &account()), None);
}

#[test]
fn two_hundred_does_not_mean_sent() {
    let name = "africas-talking";
    check(name, (201, &talking("Success")), &sent("ATXid_1"));
    check(
        name,
        (200, &talking("InsufficientBalance")),
        &SubmitOutcome::NoCredit,
    );
    check(
        name,
        (200, &talking("GatewayError")),
        &SubmitOutcome::TryLater { after_s: BUSY_S },
    );
    check(
        name,
        (200, &talking("UserInBlacklist")),
        &SubmitOutcome::Failed { code: 0 },
    );
    check(name, (200, &talking("Sideways")), &SubmitOutcome::Unknown);
    for body in ["", "{}", "OK", "{\"SMSMessageData\":{\"Recipients\":[]}}"] {
        check(name, (200, body), &SubmitOutcome::Unknown);
    }
    // Taken, but without an id: no receipt could be matched.
    let nameless = talking("Success").replace("ATXid_1", "");
    check(name, (200, &nameless), &SubmitOutcome::Unknown);
}

#[test]
fn other_statuses_of_http_are_told_apart() {
    let name = "africas-talking";
    check(name, (402, ""), &SubmitOutcome::NoCredit);
    check(
        name,
        (400, &talking("InsufficientBalance")),
        &SubmitOutcome::NoCredit,
    );
    check(name, (400, ""), &SubmitOutcome::Failed { code: 400 });
    check(
        name,
        (400, &talking("Success")),
        &SubmitOutcome::Failed { code: 400 },
    );
    check(
        name,
        (429, ""),
        &SubmitOutcome::TryLater { after_s: BUSY_S },
    );
    for status in [301, 401, 403, 404] {
        assert!(SmsApi::is_closed(status));
        check(
            name,
            (status, ""),
            &SubmitOutcome::TryLater { after_s: CLOSED_S },
        );
    }
    for status in [408, 500, 502, 503, 504] {
        check(name, (status, ""), &SubmitOutcome::Unknown);
    }
}

#[test]
fn an_api_that_gives_our_reference_back_is_matched_by_it() {
    check(
        "json",
        (200, r#"{"message":{"status":"accepted","id":"x"}}"#),
        &sent("00ff"),
    );
    let status = |body: &str| api("json").receipt(body.as_bytes(), &link()).unwrap();
    let receipt = status(r#"{"id":"x","reference":"00ff","status":"delivered"}"#);
    assert_eq!(
        (receipt.message_id.as_str(), receipt.delivered),
        ("00ff", Some(true))
    );
    let receipt = status(r#"{"id":"x","status":"buffered"}"#);
    assert_eq!(
        (receipt.message_id.as_str(), receipt.delivered),
        ("x", None)
    );
}

#[test]
fn a_question_settles_only_what_its_answer_says() {
    let found = |status, word: &str| {
        let body = json!({"message": {"status": word, "id": "x"}}).to_string();
        api("json").found((status, body.as_bytes()), &sms("a"))
    };
    assert_eq!(found(200, "accepted"), sent("00ff"));
    assert_eq!(
        found(200, "not-found"),
        SubmitOutcome::TryLater { after_s: BUSY_S }
    );
    assert_eq!(found(200, ""), SubmitOutcome::Unknown);
    assert_eq!(found(404, "not-found"), SubmitOutcome::Unknown);
    assert_eq!(
        api("africas-talking").found((200, b"{}"), &sms("a")),
        SubmitOutcome::Unknown
    );
}

#[test]
fn receipts_and_messages_in_a_form() {
    let talking = api("africas-talking");
    for (word, delivered) in [
        ("Success", Some(true)),
        ("Buffered", None),
        ("Expired", Some(false)),
    ] {
        let body = format!("id=ATXid_1&status={word}&phoneNumber=%2B254700000001");
        let receipt = talking.receipt(body.as_bytes(), &link()).unwrap();
        assert_eq!(
            (receipt.message_id.as_str(), receipt.delivered),
            ("ATXid_1", delivered)
        );
    }
    let body = b"id=1&from=%2B254700000001&to=384&text=1&date=2017-05-03+06%3A04%3A45";
    let message = talking.inbound(body, &link()).unwrap();
    assert_eq!(message.sent.unwrap().to_string(), "2017-05-03T06:04:45Z");
    assert_eq!((message.text.as_str(), message.to.as_str()), ("1", "384"));
    let missing = talking.inbound(b"from=1&to=384", &link()).unwrap_err();
    assert_eq!(missing, Refused::Missing("text".to_owned()));
}

#[test]
fn descriptions_that_cannot_work_are_refused() {
    let good = SHIPPED[1];
    for (old, new) in [
        ("\"is\": \"text\"", "\"value\": \"text\""),
        (
            "{ \"at\": \"/reference\", \"is\": \"reference\" },\n      { \"at\": \"/to\"",
            "{ \"at\": \"/to\"",
        ),
        ("\"name\": \"json\"", "\"name\": \"\""),
        ("\"receipt\"", "\"reciept\""),
    ] {
        assert!(good.contains(old), "{old}");
        assert_eq!(
            SmsApi::parse(&good.replacen(old, new, 1)).ok(),
            None,
            "{new}"
        );
    }
}

proptest! {
    #[test]
    fn any_octets_are_read_or_refused(
        octets in proptest::collection::vec(any::<u8>(), 0..300),
        status in 100_u16..600,
    ) {
        for api in SmsApi::shipped() {
            let outcome = api.outcome((status, &octets), &sms("a"));
            // Nothing but a success can make a message sent.
            let is_sent = matches!(outcome, SubmitOutcome::Sent { .. });
            prop_assert!(!is_sent || (200..300).contains(&status));
            if let Ok(receipt) = api.receipt(&octets, &link()) {
                prop_assert!(receipt.message_id.len() <= ID_OCTETS_MAX);
            }
            if let Ok(message) = api.inbound(&octets, &link()) {
                prop_assert!(message.text.len() <= octets.len());
            }
        }
    }

    #[test]
    fn the_text_of_a_message_arrives_whole(text in "[^\u{0}]{0,160}") {
        for api in SmsApi::shipped() {
            let body = api.submit(&sms(&text), &account());
            let field = if api.submit.encoding == Encoding::Json { "/text" } else { "message" };
            let read = Body::parse(api.submit.encoding, body.as_bytes()).unwrap();
            prop_assert_eq!(read.text(field, 1_000).unwrap(), Some(text.clone()));
        }
    }
}
