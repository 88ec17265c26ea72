//! Forms as gateways post them, every refusal by name, and bodies that nobody would post.

use proptest::prelude::*;

use super::*;

fn check(body: &str, reason: Reason, offset: usize) {
    assert_eq!(parse_step(body.as_bytes()), Err(Refused { reason, offset }));
}

#[test]
fn a_posted_step_is_read() {
    let body = b"sessionId=ATUid_1&phoneNumber=%2B254700000001&networkCode=63902\
        &serviceCode=*384*7%23&text=1*Amina+W.*caf%C3%A9&unknown=%20";
    let form = parse_step(body).unwrap();
    assert_eq!(form.session, "ATUid_1");
    assert_eq!(form.from.to_e164(), "+254700000001");
    assert_eq!(
        (form.network.as_str(), form.code.as_str()),
        ("63902", "*384*7#")
    );
    assert_eq!(form.text, "1*Amina W.*café");
}

#[test]
fn a_plus_that_was_not_escaped_is_still_a_number() {
    assert_eq!(
        parse_step(b"sessionId=a&phoneNumber=+254700000001")
            .unwrap()
            .text,
        ""
    );
}

#[test]
fn refusals_name_the_field_and_the_place() {
    check("", Reason::Missing("sessionId"), 0);
    check(
        "sessionId=&phoneNumber=254700000001",
        Reason::Missing("sessionId"),
        0,
    );
    check("sessionId=a", Reason::Missing("phoneNumber"), 0);
    check(
        "sessionId=a&phoneNumber=12ab",
        Reason::WrongForm("phoneNumber"),
        24,
    );
    check("sessionId=a&sessionId=b", Reason::Doubled("sessionId"), 12);
    check("sessionId=a%2", Reason::PercentEscape, 11);
    check("sessionId=a%zz", Reason::PercentEscape, 11);
    check("sessionId=a%+1", Reason::PercentEscape, 11);
    check("sessionId=%FF", Reason::NotUtf8, 10);
    check("%C3=1", Reason::NotUtf8, 0);
    check(
        &format!("sessionId={}", "a".repeat(129)),
        Reason::TooLong("sessionId"),
        10,
    );
    check(&"a=1&".repeat(33), Reason::TooManyFields(32), 128);
}

#[test]
fn a_body_over_the_limit_is_refused_and_five_thousand_characters_are_read() {
    let text = "1".repeat(5_000);
    let body = format!("sessionId=a&phoneNumber=254700000001&text={text}");
    assert_eq!(parse_step(body.as_bytes()).unwrap().text.len(), 5_000);
    let body = "a".repeat(BODY_OCTETS_MAX + 1);
    check(
        &body,
        Reason::TooLarge {
            limit: 8_192,
            got: 8_193,
        },
        8_192,
    );
}

#[test]
fn an_incoming_sms_is_read_with_either_date() {
    let link = LinkName("at".to_owned());
    for date in ["2017-05-03T06:04:45Z", "2017-05-03+06%3A04%3A45"] {
        let body = format!("id=x&from=%2B254700000001&to=384&text=REVIEW-NO+1&date={date}");
        let sms = parse_sms(body.as_bytes(), &link).unwrap();
        assert_eq!(sms.text, "REVIEW-NO 1");
        assert_eq!(sms.to, Address::ShortCode("384".to_owned()));
        assert_eq!(sms.sent, "2017-05-03T06:04:45Z".parse().ok());
    }
    let sms = parse_sms(b"from=254700000001&to=384&text=1&date=yesterday", &link).unwrap();
    assert_eq!(sms.sent, None);
    let refused = parse_sms(b"from=254700000001&to=384", &link).unwrap_err();
    assert_eq!(refused.reason, Reason::Missing("text"));
}

#[test]
fn a_receipt_is_final_only_for_final_words() {
    let link = LinkName("at".to_owned());
    for (status, delivered) in [
        ("Success", Some(true)),
        ("Failed", Some(false)),
        ("Rejected", Some(false)),
        ("Sent", None),
    ] {
        let body = format!("id=ATXid_1&status={status}");
        assert_eq!(
            parse_receipt(body.as_bytes(), &link).unwrap().delivered,
            delivered
        );
    }
}

#[test]
fn screens_begin_with_the_word_that_the_gateway_wants() {
    assert_eq!(screen("1 New person", false), "CON 1 New person");
    assert_eq!(screen("Thank you.", true), "END Thank you.");
}

#[test]
fn nothing_personal_is_in_the_debug_form_or_the_refusal() {
    let form = parse_step(b"sessionId=a&phoneNumber=254700000001&text=secret").unwrap();
    let refused = parse_step(b"sessionId=a&phoneNumber=secret").unwrap_err();
    let shown = format!("{form:?} {refused:?} {refused}");
    assert!(!shown.contains("secret") && !shown.contains("254700000001"));
}

fn escaped(text: &str) -> String {
    text.bytes()
        .fold(String::new(), |body, octet| body + &format!("%{octet:02x}"))
}

proptest! {
    #[test]
    fn any_body_is_read_or_refused(octets in proptest::collection::vec(any::<u8>(), 0..300)) {
        let link = LinkName("at".to_owned());
        for refused in [
            parse_step(&octets).err(),
            parse_end(&octets).err(),
            parse_sms(&octets, &link).err(),
            parse_receipt(&octets, &link).err(),
        ] {
            prop_assert!(refused.is_none_or(|refused| refused.offset <= octets.len()));
        }
    }

    #[test]
    fn likely_bodies_are_read_or_refused(
        body in "(sessionId|phoneNumber|text|[a%=&+*]{0,4})(=|&|%[0-9a-fg]{2}|[0-9*]{0,12}){0,20}",
    ) {
        if let Ok(form) = parse_step(body.as_bytes()) {
            prop_assert!(form.text.len() <= body.len());
        }
    }

    #[test]
    fn escaped_values_come_back(session in "[^\u{0}]{1,30}", text in any::<String>()) {
        let body = format!(
            "sessionId={}&phoneNumber=%2B254700000001&text={}", escaped(&session), escaped(&text)
        );
        prop_assume!(body.len() <= BODY_OCTETS_MAX);
        let form = parse_step(body.as_bytes()).unwrap();
        prop_assert_eq!((form.session, form.text), (session, text));
    }
}
