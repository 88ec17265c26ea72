//! Bodies read and written: fields by name and pointer, refusals, what was written is read again.

use proptest::prelude::*;
use serde_json::json;

use super::reading::Body;
use super::writing::{Member, Word, compose};
use super::*;

fn check(encoding: Encoding, octets: &str, field: &str, found: Result<Option<&str>, Refused>) {
    let body = Body::parse(encoding, octets.as_bytes()).unwrap();
    assert_eq!(
        body.text(field, 16),
        found.map(|text| text.map(str::to_owned)),
        "{octets}"
    );
}

#[test]
fn fields_are_found_by_name_and_by_pointer() {
    check(Encoding::Json, r#"{"a":{"b":"x"}}"#, "/a/b", Ok(Some("x")));
    check(Encoding::Json, r#"{"a":42}"#, "/a", Ok(Some("42")));
    check(Encoding::Json, r#"{"a":true}"#, "/a", Ok(Some("true")));
    check(Encoding::Json, r#"{"a":null}"#, "/a", Ok(None));
    check(
        Encoding::Json,
        r#"{"a":[{"b":1}]}"#,
        "/a/0/b",
        Ok(Some("1")),
    );
    check(Encoding::Form, "a=x+y&b=%2B1", "a", Ok(Some("x y")));
    check(Encoding::Form, "a=x+y&b=%2B1", "b", Ok(Some("+1")));
    check(Encoding::Form, "a=x", "c", Ok(None));
}

#[test]
fn what_is_no_single_value_is_refused_by_its_name() {
    let wrong = || Err(Refused::WrongForm("/a".to_owned()));
    check(Encoding::Json, r#"{"a":1.5}"#, "/a", wrong());
    check(Encoding::Json, r#"{"a":{}}"#, "/a", wrong());
    check(Encoding::Json, r#"{"a":["x"]}"#, "/a", wrong());
    let long = Err(Refused::TooLong("/a".to_owned()));
    check(Encoding::Json, r#"{"a":"12345678901234567"}"#, "/a", long);
    let doubled = Err(Refused::Doubled("a".to_owned()));
    check(Encoding::Form, "a=1&a=2", "a", doubled);
    let body = Body::parse(Encoding::Json, b"{\"a\":\"\"}").unwrap();
    let missing = Err(Refused::Missing("/a".to_owned()));
    assert_eq!(body.required("/a", 16), missing);
}

#[test]
fn what_is_no_body_is_refused() {
    for octets in ["", "[1]", "1", "{", "{\"a\":}", "\u{FEFF}{}"] {
        let refused = Body::parse(Encoding::Json, octets.as_bytes()).unwrap_err();
        assert!(matches!(refused, Refused::NotJson { .. }), "{octets}");
    }
    let refused = Body::parse(Encoding::Form, b"a=%4").unwrap_err();
    assert!(matches!(refused, Refused::NotForm(_)));
    let many = "a=1&".repeat(FIELDS_MAX + 1);
    let refused = Body::parse(Encoding::Form, many.as_bytes()).unwrap_err();
    assert!(matches!(refused, Refused::NotForm(_)));
    let large = vec![b' '; BODY_OCTETS_MAX + 1];
    for encoding in [Encoding::Form, Encoding::Json] {
        let refused = Body::parse(encoding, &large).unwrap_err();
        assert_eq!(
            refused,
            Refused::TooLarge {
                limit: BODY_OCTETS_MAX,
                got: BODY_OCTETS_MAX + 1
            }
        );
    }
    // Nesting beyond any body of an aggregator is refused, not followed.
    let deep = format!("{{\"a\":{}", "[".repeat(4_000));
    let refused = Body::parse(Encoding::Json, deep.as_bytes()).unwrap_err();
    assert!(matches!(refused, Refused::NotJson { .. }));
}

fn member(at: &str) -> Member {
    Member {
        at: at.to_owned(),
        is: None,
        before: String::new(),
        value: None,
        on_screen: None,
        on_end: None,
    }
}

#[test]
fn members_are_placed_and_the_base_is_kept() {
    let members = [
        Member {
            is: Some(Word::Text),
            ..member("/out/text")
        },
        Member {
            is: Some(Word::Phone),
            before: "tel:".to_owned(),
            ..member("/to")
        },
        Member {
            on_screen: Some(json!("CON")),
            on_end: Some(json!("END")),
            ..member("/action")
        },
    ];
    let words = |word| match word {
        Word::Text => "Name?".to_owned(),
        _ => "256770000001".to_owned(),
    };
    let base = json!({"session": 7, "action": "", "out": 1});
    let body = compose((Encoding::Json, &members), Some(&base), &words, true);
    let expected = json!({
        "session": 7, "action": "END", "to": "tel:256770000001", "out": {"text": "Name?"}
    });
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&body).unwrap(),
        expected
    );
    assert_eq!(
        compose((Encoding::Form, &members[1..2]), None, &words, false),
        "%2Fto=tel%3A256770000001"
    );
}

#[test]
fn members_that_cannot_be_written_are_refused() {
    let both = Member {
        is: Some(Word::Text),
        value: Some(json!(1)),
        ..member("/a")
    };
    let half = Member {
        on_end: Some(json!(1)),
        ..member("/a")
    };
    let nowhere = Member {
        value: Some(json!(1)),
        ..member("a")
    };
    let deep = Member {
        value: Some(json!(1)),
        ..member(&"/a".repeat(9))
    };
    for bad in [member("/a"), both, half, nowhere, deep] {
        assert!(writing::check(&[bad], Encoding::Json).is_err());
    }
}

proptest! {
    #[test]
    fn what_was_written_is_read_again(text in ".{0,200}", at in "[a-z]{1,8}", json in any::<bool>()) {
        let (encoding, at) = if json { (Encoding::Json, format!("/{at}")) } else { (Encoding::Form, at) };
        let members = [Member { is: Some(Word::Text), ..member(&at) }];
        let body = compose((encoding, &members), None, &|_: Word| text.clone(), false);
        let read = Body::parse(encoding, body.as_bytes()).unwrap();
        prop_assert_eq!(read.text(&at, 1_000).unwrap(), Some(text));
    }

    #[test]
    fn any_octets_are_read_or_refused(octets in proptest::collection::vec(any::<u8>(), 0..400), field in ".{0,20}") {
        for encoding in [Encoding::Form, Encoding::Json] {
            if let Ok(body) = Body::parse(encoding, &octets) {
                let text = body.text(&field, 64);
                prop_assert!(text.is_err() || text.unwrap().is_none_or(|text| text.len() <= 64));
            }
        }
    }
}
