//! Each row of the table of dialects, both directions.

use proptest::prelude::*;

use super::super::pdu::SmeAddress;
use super::*;

fn asked(op: u8, session: Option<[u8; 2]>, reference: Option<u16>) -> ShortMessage {
    let address = |address: &str| SmeAddress {
        ton: 1,
        npi: 1,
        address: address.to_owned(),
    };
    ShortMessage {
        service_type: "USSD".to_owned(),
        source: address("26878000001"),
        destination: address("384"),
        optional: Optional {
            ussd_service_op: Some(op),
            its_session_info: session,
            user_message_reference: reference,
            ..Optional::default()
        },
        ..ShortMessage::default()
    }
}

fn read(dialect: &Dialect, message: &ShortMessage, text: &str) -> (UssdOp, String, String) {
    match dialect.read(message, text, false) {
        Reading::Step(Step { op, code, text, .. }) => (op, code, text),
        other => panic!("{other:?}"),
    }
}

fn step(op: UssdOp, code: &str, text: &str) -> (UssdOp, String, String) {
    (op, code.to_owned(), text.to_owned())
}

#[test]
fn a_beginning_finds_its_code_in_either_place() {
    let begin = asked(1, Some([9, 0]), None);
    for (text, code, rest) in [
        ("*384*7#", "*384*7#", ""),
        ("", "384", ""),
        ("384", "384", ""),
        ("7", "384", "7"),
        ("hello#", "384", "hello#"),
    ] {
        for dialect in Dialect::ALL {
            assert_eq!(
                read(&dialect, &begin, text),
                step(UssdOp::Begin, code, rest)
            );
        }
    }
}

#[test]
fn each_dialect_knows_its_answers_and_aborts() {
    use UssdOp::{Abort, Continue};
    for (dialect, op, second, expected) in [
        (Dialect::STANDARD, 18, 0, Continue),
        (Dialect::STANDARD, 18, 1, Abort),
        (Dialect::MICA, 18, 1, Continue),
        (Dialect::MICA, 129, 0, Abort),
        (Dialect::SIX_D, 18, 0, Continue),
        (Dialect::SIX_D, 129, 0, Abort),
        (Dialect::TATA, 2, 0, Continue),
        (Dialect::TATA, 18, 0, Continue),
        (Dialect::TATA, 17, 0, Abort),
        (Dialect::TATA, 2, 1, Abort),
        (Dialect::CALLER, 18, 0, Continue),
    ] {
        let (seen, ..) = read(&dialect, &asked(op, Some([9, second]), Some(5)), "1");
        assert_eq!(seen, expected, "{} {op}", dialect.name);
    }
}

#[test]
fn sessions_are_named_as_the_gateway_names_them() {
    let name =
        |dialect: Dialect, session, reference| dialect.session(&asked(18, session, reference));
    assert_eq!(name(Dialect::STANDARD, Some([9, 4]), None), "9");
    assert_eq!(name(Dialect::TATA, Some([1, 3]), None), "258");
    assert_eq!(name(Dialect::SIX_D, Some([1, 2]), None), "258");
    assert_eq!(name(Dialect::MICA, Some([1, 2]), Some(7)), "7");
    assert_eq!(name(Dialect::CALLER, Some([1, 2]), Some(7)), "-");
    assert_eq!(name(Dialect::STANDARD, None, None), "-");
}

#[test]
fn only_a_gateway_that_counts_gives_a_step() {
    let step = |dialect: Dialect, second| match dialect.read(
        &asked(18, Some([9, second]), None),
        "1",
        true,
    ) {
        Reading::Step(step) => step.step,
        other => panic!("{other:?}"),
    };
    assert_eq!(step(Dialect::STANDARD, 4), None);
    assert_eq!(step(Dialect::STANDARD_COUNTED, 4), Some("2".to_owned()));
    assert_eq!(step(Dialect::STANDARD_COUNTED, 6), Some("3".to_owned()));
}

#[test]
fn an_unknown_operation_is_an_answer_a_new_session_or_stray() {
    let message = asked(200, Some([9, 0]), None);
    let read = |text, open| Dialect::STANDARD.read(&message, text, open);
    assert!(matches!(
        read("1", true),
        Reading::Step(Step {
            op: UssdOp::Continue,
            ..
        })
    ));
    assert!(matches!(
        read("*384#", false),
        Reading::Step(Step {
            op: UssdOp::Begin,
            ..
        })
    ));
    assert_eq!(read("1", false), Reading::Stray { op: 200 });
    assert_eq!(
        Dialect::STANDARD.read(&ShortMessage::default(), "1", true),
        Reading::NotUssd
    );
}

#[test]
fn screens_ask_and_end_in_the_dialect_and_echo_the_session() {
    for (dialect, end_op, end_session) in [
        (Dialect::STANDARD, 17, [9, 5]),
        (Dialect::MICA, 17, [9, 4]),
        (Dialect::SIX_D, 23, [9, 5]),
        (Dialect::TATA, 2, [9, 5]),
    ] {
        let to = asked(18, Some([9, 4]), Some(7));
        let ask = dialect.screen(&to, (0, b"1 Next".to_vec()), false);
        let end = dialect.screen(&to, (0, b"Done".to_vec()), true);
        let fields = |screen: &ShortMessage| {
            (
                screen.optional.ussd_service_op.unwrap(),
                screen.optional.its_session_info.unwrap(),
            )
        };
        assert_eq!(
            (fields(&ask), fields(&end)),
            ((2, [9, 4]), (end_op, end_session))
        );
        assert!(!dialect.closes(2, Some([9, 4])) && dialect.closes(end_op, Some(end_session)));
        assert_eq!(
            (&end.source, &end.destination),
            (&to.destination, &to.source)
        );
        assert_eq!(end.optional.user_message_reference, Some(7));
        assert_eq!(end.service_type, "USSD");
    }
}

#[test]
fn a_screen_over_254_octets_goes_as_payload() {
    let screen = Dialect::STANDARD.screen(&asked(18, None, None), (8, vec![0; 255]), false);
    assert_eq!(
        (screen.short_message.len(), screen.content().len()),
        (0, 255)
    );
    assert_eq!(screen.optional.its_session_info, None);
}

#[test]
fn a_dialect_says_where_the_code_is_and_what_goes_back() {
    let begin = asked(1, Some([9, 0]), Some(5));
    let text = Dialect {
        code: CodePlace::Text,
        echo: Cow::Borrowed(&[Echo::Reference]),
        ..Dialect::STANDARD
    };
    assert_eq!(read(&text, &begin, "7"), step(UssdOp::Begin, "7", ""));
    let screen = text.screen(&begin, (0, vec![]), false);
    let back = (
        screen.optional.its_session_info,
        screen.optional.user_message_reference,
    );
    assert_eq!(back, (None, Some(5)));
    let destination = Dialect {
        code: CodePlace::Destination,
        echo: Cow::Borrowed(&[Echo::SessionInfo]),
        ..Dialect::STANDARD
    };
    let expected = step(UssdOp::Begin, "384", "*7#");
    assert_eq!(read(&destination, &begin, "*7#"), expected);
    let screen = destination.screen(&begin, (0, vec![]), true);
    let back = (
        screen.optional.its_session_info,
        screen.optional.user_message_reference,
    );
    assert_eq!(back, (Some([9, 1]), None));
}

#[test]
fn names_find_their_dialects() {
    for dialect in Dialect::ALL {
        assert_eq!(Dialect::named(&dialect.name), Some(dialect.clone()));
    }
    assert_eq!(Dialect::named("esperanto"), None);
}

#[test]
fn the_oldest_session_is_forgotten_first() {
    let mut open = OpenSessions::default();
    for number in 0..=open::OPEN_MAX {
        open.step(&number.to_string(), "1", UssdOp::Begin, "");
    }
    assert!(!open.contains("0", "1") && open.contains("1", "1"));
    open.close("1", "1");
    assert!(!open.contains("1", "1") && !open.contains("2", "2"));
}

proptest! {
    #[test]
    fn anything_a_gateway_sends_is_read_and_answered(
        op: u8, session: Option<[u8; 2]>, reference: Option<u16>, text in "\\PC{0,20}", open: bool,
    ) {
        let message = asked(op, session, reference);
        for dialect in Dialect::ALL {
            prop_assert!(!dialect.session(&message).is_empty());
            let screen = dialect.screen(&message, (0, vec![]), true);
            prop_assert_eq!(screen.optional.its_session_info.is_some(), session.is_some());
            prop_assert_ne!(dialect.read(&message, &text, open), Reading::NotUssd);
        }
    }
}
