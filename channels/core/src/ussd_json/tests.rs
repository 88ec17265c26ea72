//! Every shipped dialect: requests read, answers written, repeats recognised, sessions apart.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::memory::{Memory, SESSIONS_MAX};
use super::*;
use crate::event::{LinkName, UssdStep};

const NEW: &str = r#"{"sessionId":"s","phone":"256770000001","network":"MTN","serviceCode":"*123#",
    "type":"new","input":null,"timestamp":"2024-01-15T10:30:01Z"}"#;
const OLTRANZ: &str = r#"{"sessionId":"13245200800899890","serviceCode":"123","text":"2",
    "phoneNumber":"250780000001","response":"","action":"CON","transactionId":"",
    "requestTime":"2019-01-01 02:10:10","newRequest":0,"charge":"N","amount":0.0}"#;
const IDEAMART: &str = r#"{"version":"1.0","applicationId":"APP_000001","message":"*345#",
    "requestId":"r1","sessionId":"1330929317043","ussdOperation":"mo-init",
    "sourceAddress":"tel:94771234567","vlrAddress":"tel:9477","encoding":"440"}"#;
const HOLLATAGS: &str = "session_msisdn=2347000000000&session_operation=continue&session_msg=1\
    &session_id=5456657676&session_from=*7006%23&session_type=1&session_mno=MTN";

fn dialect(name: &str) -> Dialect {
    Dialect::named(name).unwrap()
}

fn memory() -> Memory {
    Memory::new(LinkName("link".to_owned()), (160, 0), "nonce".to_owned())
}

fn check(name: &str, request: &str, expected: (Option<UssdOp>, &str, &str)) -> Asked {
    let asked = dialect(name).read(request.as_bytes()).unwrap();
    assert_eq!(
        (asked.op, asked.code.as_str(), asked.text.as_str()),
        expected
    );
    asked
}

fn object(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn the_shipped_dialects_are_data_like_any_other() {
    assert_eq!(Dialect::shipped().count(), SHIPPED.len());
    for dialect in Dialect::shipped() {
        assert_eq!(Dialect::named(&dialect.name), Some(dialect));
    }
    assert_eq!(Dialect::named("unknown"), None);
}

#[test]
fn type_and_should_close() {
    let asked = check("sendexa", NEW, (Some(UssdOp::Begin), "*123#", ""));
    assert_eq!(asked.stamp.as_deref(), Some("2024-01-15T10:30:01Z"));
    let answer = dialect("sendexa").answer(&asked, "1 Yes", false);
    assert_eq!(
        object(&answer),
        json!({"message": "1 Yes", "shouldClose": false})
    );
    let answer = dialect("sendexa").answer(&asked, "Bye", true);
    assert_eq!(
        object(&answer),
        json!({"message": "Bye", "shouldClose": true})
    );
}

#[test]
fn the_request_is_given_back() {
    let asked = check("oltranz", OLTRANZ, (None, "123", "2"));
    let mut expected = object(OLTRANZ);
    expected["response"] = json!("Bye");
    expected["action"] = json!("END");
    assert_eq!(
        object(&dialect("oltranz").answer(&asked, "Bye", true)),
        expected
    );
}

#[test]
fn the_screen_goes_by_a_request_of_our_own() {
    let ideamart = dialect("ideamart");
    let asked = check("ideamart", IDEAMART, (Some(UssdOp::Begin), "*345#", ""));
    let answer = ideamart.answer(&asked, "1 Yes", false);
    assert_eq!(
        object(&answer),
        json!({"statusCode": "S1000", "statusDetail": "Success"})
    );
    let account = Account {
        name: "APP_000001".to_owned(),
        secret: "secret".to_owned(),
    };
    let push = ideamart.push(&asked, &account, ("1 Yes", false)).unwrap();
    let expected = json!({
        "applicationId": "APP_000001", "password": "secret", "version": "1.0",
        "message": "1 Yes", "sessionId": "1330929317043", "ussdOperation": "mt-cont",
        "destinationAddress": "tel:94771234567",
    });
    assert_eq!(object(&push), expected);
    let push = ideamart.push(&asked, &account, ("Bye", true)).unwrap();
    assert_eq!(object(&push)["ussdOperation"], "mt-fin");
    assert!(ideamart.was_taken(br#"{"statusCode":"S1000"}"#));
    for answer in [&b"{\"statusCode\":\"E1325\"}"[..], b"{}", b"", b"S1000"] {
        assert!(!ideamart.was_taken(answer));
    }
}

#[test]
fn fields_of_a_query_and_an_operation_name() {
    let asked = check(
        "hollatags",
        HOLLATAGS,
        (Some(UssdOp::Continue), "*7006#", "1"),
    );
    let answer = dialect("hollatags").answer(&asked, "Bye", true);
    let expected = json!({
        "session_operation": "end", "session_type": 4, "session_id": "5456657676",
        "session_msg": "Bye",
    });
    assert_eq!(object(&answer), expected);
    let end = HOLLATAGS.replace("continue", "end");
    check("hollatags", &end, (Some(UssdOp::Abort), "*7006#", "1"));
}

#[test]
fn requests_without_their_fields_are_refused_by_name() {
    let refused = |name: &str, request: String| dialect(name).read(request.as_bytes()).unwrap_err();
    assert_eq!(
        refused("sendexa", NEW.replace("sessionId", "session")),
        Refused::Missing("/sessionId".to_owned())
    );
    assert_eq!(
        refused("sendexa", NEW.replace("new", "old")),
        Refused::WrongForm("/type".to_owned())
    );
    // A number that the gateway hides names nobody.
    assert_eq!(
        refused("ideamart", IDEAMART.replace("94771234567", "5C74B588F97")),
        Refused::WrongForm("/sourceAddress".to_owned())
    );
    let shown = refused("hollatags", HOLLATAGS.replace("2347000000000", "Amina")).to_string();
    assert!(!shown.contains("Amina"), "{shown}");
}

#[test]
fn descriptions_that_cannot_work_are_refused() {
    let good = SHIPPED[0];
    for (old, new) in [
        ("\"post\"", "\"get\""),
        ("\"is\": \"text\"", "\"value\": \"text\""),
        ("\"sendexa\"", "\"\""),
        ("\"session\"", "\"sesion\""),
        ("\"/message\"", "\"message\""),
        ("\"json\"", "\"form\", \"step\": \"x\""),
    ] {
        assert!(
            Dialect::parse(&good.replacen(old, new, 1)).is_err(),
            "{new}"
        );
    }
    let long = format!("{good}{}", " ".repeat(20_000));
    assert!(matches!(
        Dialect::parse(&long),
        Err(BadDescription::TooLarge { .. })
    ));
}

/// One request of a session, without what its dialect does not say.
fn request(name: &str, session: usize, (step, text): (usize, &str)) -> String {
    let (first, phone) = (step == 0, 256_770_000_000_usize + session);
    let stamp = format!("2026-01-01 00:00:{step:02}");
    match name {
        "sendexa" => json!({"sessionId": session, "phone": phone, "input": text,
            "type": if first { "new" } else { "continue" }, "timestamp": stamp})
        .to_string(),
        "oltranz" => json!({"sessionId": session, "phoneNumber": phone, "text": text,
            "requestTime": stamp})
        .to_string(),
        "ideamart" => json!({"sessionId": session, "sourceAddress": format!("tel:{phone}"),
            "ussdOperation": if first { "mo-init" } else { "mo-cont" }, "message": text,
            "requestId": stamp})
        .to_string(),
        _ => format!(
            "session_id={session}&session_msisdn={phone}&session_msg={text}&session_operation={}",
            if first { "begin" } else { "continue" }
        ),
    }
}

fn take(memory: &mut Memory, name: &str, request: &str, written: bool) -> UssdStep {
    let dialect = dialect(name);
    let asked = dialect.read(request.as_bytes()).unwrap();
    let (step, pending) = memory.step(&dialect, &asked);
    memory.answered(&pending, written);
    step
}

#[test]
fn a_stamped_repeat_is_the_same_step_at_any_time() {
    for name in ["sendexa", "oltranz", "ideamart"] {
        let mut memory = memory();
        let texts = ["", "1", "1", "2"];
        let steps: Vec<UssdStep> = texts
            .iter()
            .enumerate()
            .map(|(at, text)| take(&mut memory, name, &request(name, 1, (at, text)), true))
            .collect();
        let names: std::collections::BTreeSet<_> = steps.iter().map(|step| &step.step).collect();
        assert_eq!(
            names.len(),
            texts.len(),
            "{name}: each step has its own name"
        );
        assert_eq!(steps[0].op, UssdOp::Begin);
        assert!(steps[1..].iter().all(|step| step.op == UssdOp::Continue));
        for (at, text) in texts.iter().enumerate() {
            let again = take(&mut memory, name, &request(name, 1, (at, text)), true);
            assert_eq!(again, steps[at], "{name}");
        }
    }
}

#[test]
fn without_a_stamp_only_an_unwritten_answer_makes_a_repeat() {
    let (mut memory, name) = (memory(), "hollatags");
    let ask = |memory: &mut Memory, step, written| {
        take(memory, name, &request(name, 1, (step, "1")), written)
    };
    let begin = ask(&mut memory, 0, true);
    let lost = ask(&mut memory, 1, false);
    let repeat = ask(&mut memory, 1, true);
    assert_eq!(lost, repeat);
    // The same digit on the next screen is another answer.
    let next = ask(&mut memory, 1, true);
    assert_ne!(next.step, repeat.step);
    assert_ne!(next.step, begin.step);
}

#[test]
fn a_repeat_under_a_new_stamp_is_recognised_while_the_answer_was_not_written() {
    let (mut memory, name) = (memory(), "sendexa");
    take(&mut memory, name, &request(name, 1, (0, "")), true);
    let lost = take(&mut memory, name, &request(name, 1, (1, "1")), false);
    let repeat = take(&mut memory, name, &request(name, 1, (2, "1")), true);
    assert_eq!(lost, repeat);
    let next = take(&mut memory, name, &request(name, 1, (3, "1")), true);
    assert_ne!(next.step, repeat.step);
}

#[test]
fn names_of_an_earlier_run_are_not_given_again() {
    let name = "hollatags";
    let mut first = memory();
    let before = take(&mut first, name, &request(name, 1, (1, "1")), true);
    let mut second = Memory::new(LinkName("link".to_owned()), (160, 0), "other".to_owned());
    let after = take(&mut second, name, &request(name, 1, (1, "1")), true);
    assert_ne!(before.step, after.step);
}

#[test]
fn an_end_is_an_abort_and_forgets_the_session() {
    let (mut memory, name) = (memory(), "hollatags");
    take(&mut memory, name, &request(name, 1, (0, "")), true);
    let end = request(name, 1, (1, "9")).replace("continue", "end");
    let step = take(&mut memory, name, &end, true);
    assert_eq!(
        (step.op, step.text.as_str(), step.step),
        (UssdOp::Abort, "", None)
    );
    assert!(memory.is_empty());
}

#[test]
fn joined_texts_of_a_json_gateway_give_the_newest_answer() {
    let description = SHIPPED[1].replace(
        "\"text\": \"/text\",",
        "\"text\": \"/text\", \"joined\": true,",
    );
    let joined = Dialect::parse(&description).unwrap();
    let mut memory = memory();
    let mut text_of = |text: &str| {
        let asked = joined
            .read(request("oltranz", 1, (0, text)).as_bytes())
            .unwrap();
        memory.step(&joined, &asked).0.text
    };
    assert_eq!(["", "1", "1*a*b"].map(&mut text_of), ["", "1", "a*b"]);
}

#[test]
fn the_memory_is_bounded() {
    let mut memory = memory();
    for session in 0..SESSIONS_MAX + 10 {
        take(
            &mut memory,
            "sendexa",
            &request("sendexa", session, (0, "")),
            true,
        );
    }
    assert_eq!(memory.len(), SESSIONS_MAX);
}

proptest! {
    #[test]
    fn any_octets_are_read_or_refused(octets in proptest::collection::vec(any::<u8>(), 0..300)) {
        for dialect in Dialect::shipped() {
            if let Ok(asked) = dialect.read(&octets) {
                prop_assert!(asked.text.len() <= octets.len());
            }
        }
    }

    /// Whatever is typed comes back unchanged, in any dialect, and the answer holds the screen.
    #[test]
    fn what_is_typed_arrives(text in "[0-9A-Za-z ]{0,40}", screen in "[ -~\n]{1,160}", end in any::<bool>()) {
        for dialect in Dialect::shipped() {
            let name = dialect.name.clone();
            let request = request(&name, 1, (1, &text));
            let asked = dialect.read(request.as_bytes()).unwrap();
            prop_assert_eq!(&asked.text, &text);
            let answer = dialect
                .push(&asked, &Account::default(), (&screen, end))
                .unwrap_or_else(|| dialect.answer(&asked, &screen, end));
            let shown = object(&answer);
            let holds = shown.as_object().unwrap().values().any(|value| *value == screen.as_str());
            prop_assert!(holds, "{}: {}", name, answer);
        }
    }
}
