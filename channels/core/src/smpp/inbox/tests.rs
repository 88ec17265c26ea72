//! What comes in, in which order it is answered, and what a peer's repeats do.

use proptest::prelude::*;

use super::super::pdu::{EsmClass, Optional};
use super::super::sms;
use super::*;
use crate::address::Msisdn;
use crate::event::LinkName;
use crate::gsm7::{Language, Tables};
use crate::smpp::alphabet::DefaultAlphabet;

const PHONE: &str = "26878000001";

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

fn inbox() -> Inbox {
    Inbox::new(Profile::new("operator-a"))
}

fn from(ton: u8, number: &str, text: &[u8]) -> ShortMessage {
    let address = |ton, address: &str| SmeAddress {
        ton,
        npi: 1,
        address: address.to_owned(),
    };
    ShortMessage {
        source: address(ton, number),
        destination: address(0, "384"),
        short_message: text.to_vec(),
        ..ShortMessage::default()
    }
}

fn ussd(op: u8, text: &str) -> ShortMessage {
    let optional = Optional {
        ussd_service_op: Some(op),
        its_session_info: Some([9, 0]),
        ..Optional::default()
    };
    ShortMessage {
        optional,
        ..from(1, PHONE, text.as_bytes())
    }
}

/// The parts of a long text, as the network brings them.
fn parts(text: &str, reference: u8) -> Vec<ShortMessage> {
    let contents = sms::contents(text, reference, DefaultAlphabet::Gsm7).unwrap();
    let base = from(1, PHONE, b"");
    let part = |content| {
        let part = sms::short_message(content);
        ShortMessage {
            source: base.source.clone(),
            destination: base.destination.clone(),
            ..part
        }
    };
    contents.into_iter().map(part).collect()
}

fn answer(ticket: u64, status: u32) -> Effect {
    Effect::Answer { ticket, status }
}

/// The one event among the effects, with its key.
fn event(effects: &[Effect]) -> (u64, Inbound) {
    match effects {
        [Effect::Event { key, event }] => (*key, event.clone()),
        other => panic!("{other:?}"),
    }
}

fn text(effects: &[Effect]) -> (u64, String) {
    match event(effects) {
        (key, Inbound::Sms(sms)) => (key, sms.text),
        other => panic!("{other:?}"),
    }
}

fn screen(text: &str, end: bool) -> Reply {
    Reply::Screen {
        text: text.to_owned(),
        end,
    }
}

#[test]
fn a_step_is_answered_first_and_then_shown() {
    let mut inbox = inbox();
    let (key, step) = event(&inbox.asked(at(0), 1, ussd(1, "*384#")));
    let Inbound::Ussd(step) = step else {
        panic!("a step")
    };
    assert_eq!(
        (step.op, step.code.as_str(), step.session.as_str()),
        (UssdOp::Begin, "*384#", "9")
    );
    assert_eq!(
        (step.from.as_str(), step.limits, step.step),
        (PHONE, (182, 80), None)
    );
    let effects = inbox.replied(key, screen("Karibu", false));
    let [
        Effect::Answer {
            ticket: 1,
            status: 0,
        },
        Effect::Screen { message: shown, .. },
    ] = &effects[..]
    else {
        panic!("{effects:?}")
    };
    assert_eq!(
        (
            shown.short_message.as_slice(),
            shown.optional.ussd_service_op
        ),
        (&b"Karibu"[..], Some(2))
    );
    assert_eq!(inbox.replied(key, Reply::Accepted), []);
}

#[test]
fn a_busy_node_makes_the_gateway_repeat_and_the_repeat_is_the_same_step() {
    let mut inbox = inbox();
    let (key, first) = event(&inbox.asked(at(0), 1, ussd(1, "*384#")));
    assert_eq!(
        inbox.replied(key, Reply::Busy),
        [answer(1, status::ESME_TEMPORARY)]
    );
    let (_, again) = event(&inbox.asked(at(1), 2, ussd(1, "*384#")));
    assert_eq!(first, again);
}

/// Key, text and whether the screen before is known as taken, of the one event.
fn step(effects: &[Effect]) -> (u64, String, bool) {
    match event(effects) {
        (key, Inbound::Ussd(step)) => (key, step.text, step.screen_taken),
        other => panic!("{other:?}"),
    }
}

/// Shows a screen; returns its key.
fn show(inbox: &mut Inbox, event: u64) -> u64 {
    match &inbox.replied(event, screen("1 Next", false))[..] {
        [Effect::Answer { .. }, Effect::Screen { key, .. }] => *key,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_equal_step_is_an_answer_only_after_the_gateway_took_the_screen() {
    let mut inbox = inbox();
    let (key, _, taken) = step(&inbox.asked(at(0), 1, ussd(1, "*384#")));
    assert!(!taken);
    let shown = show(&mut inbox, key);
    inbox.screen_ended(shown, true);
    let (key, _, taken) = step(&inbox.asked(at(1), 2, ussd(18, "1")));
    assert!(taken);
    // Repeated before the node answered, after it did, and after the gateway refused the screen.
    let (_, _, taken) = step(&inbox.asked(at(1), 3, ussd(18, "1")));
    assert!(!taken);
    let shown = show(&mut inbox, key);
    let (again, _, taken) = step(&inbox.asked(at(9), 4, ussd(18, "1")));
    assert!(!taken);
    inbox.screen_ended(shown, false);
    let (_, _, taken) = step(&inbox.asked(at(20), 5, ussd(18, "1")));
    assert!(!taken);
    // An older screen that ends late says nothing of the newer one.
    let newer = show(&mut inbox, again);
    inbox.screen_ended(shown, true);
    let (_, _, taken) = step(&inbox.asked(at(21), 6, ussd(18, "1")));
    assert!(!taken);
    inbox.screen_ended(newer, true);
    let (_, _, taken) = step(&inbox.asked(at(22), 7, ussd(18, "1")));
    assert!(taken);
}

#[test]
fn a_gateway_that_answers_screens_late_is_known_by_the_first_answer_to_one() {
    let mut inbox = inbox();
    let (key, _, _) = step(&inbox.asked(at(0), 1, ussd(1, "*384#")));
    show(&mut inbox, key);
    let (key, _, taken) = step(&inbox.asked(at(1), 2, ussd(18, "1")));
    assert!(taken, "another step than the last is an answer");
    show(&mut inbox, key);
    let (_, _, taken) = step(&inbox.asked(at(2), 3, ussd(18, "1")));
    assert!(taken, "or the person could never type a digit twice");
}

#[test]
fn after_a_restart_nobody_knows_whether_the_last_screen_was_taken() {
    let (_, text, taken) = step(&inbox().asked(at(0), 1, ussd(18, "1")));
    assert_eq!((text.as_str(), taken), ("1", false));
}

#[test]
fn a_session_that_ended_is_not_open_any_more() {
    let mut inbox = inbox();
    let (key, _) = event(&inbox.asked(at(0), 1, ussd(1, "")));
    event(&inbox.asked(at(0), 2, ussd(99, "1")));
    inbox.replied(key, screen("Bye", true));
    let stray = inbox.asked(at(0), 3, ussd(99, "1"));
    assert!(matches!(
        stray[..],
        [
            Effect::Odd(_),
            Effect::Answer {
                ticket: 3,
                status: 0
            }
        ]
    ));
}

#[test]
fn callers_in_national_form_get_the_country_code_or_are_refused() {
    let message = |ton, number: &str| {
        let mut message = ussd(1, "");
        (message.source.ton, message.source.address) = (ton, number.to_owned());
        message
    };
    let mut strict = inbox();
    assert_eq!(
        strict.asked(at(0), 1, message(1, "078000001")),
        [answer(1, status::INVALID_SOURCE)]
    );
    let mut profile = Profile::new("operator-a");
    profile.country_code = Some("268".to_owned());
    let mut inbox = Inbox::new(profile);
    for (ton, number) in [
        (1, "26878000001"),
        (2, "78000001"),
        (0, "078000001"),
        (0, "0026878000001"),
    ] {
        let (_, step) = event(&inbox.asked(at(0), 1, message(ton, number)));
        assert!(matches!(step, Inbound::Ussd(step) if step.from.as_str() == PHONE));
    }
}

#[test]
fn an_sms_keeps_sender_recipient_and_text() {
    for (ton, sender) in [(1, PHONE), (0, "555"), (5, "Clinic")] {
        let mut inbox = inbox();
        let (key, sms) = event(&inbox.asked(at(0), 1, from(ton, sender, b"REVIEW-NO 1\x00")));
        let Inbound::Sms(sms) = sms else {
            panic!("an SMS")
        };
        assert_eq!(
            (sms.from.as_str(), sms.to.as_str(), sms.text.as_str()),
            (sender, "384", "REVIEW-NO 1@")
        );
        assert_eq!(inbox.replied(key, Reply::Accepted), [answer(1, 0)]);
    }
    let nobody = inbox().asked(at(0), 1, from(1, "", b"x"));
    assert_eq!(nobody, [answer(1, status::INVALID_SOURCE)]);
}

#[test]
fn a_receipt_becomes_a_status_and_an_unreadable_one_is_not_repeated() {
    let mut inbox = inbox();
    let submitted = ShortMessage {
        destination: from(1, PHONE, b"").source,
        source: from(1, PHONE, b"").destination,
        ..ShortMessage::default()
    };
    let receipt = receipt::write(&submitted, "a7", true);
    let (_, status) = event(&inbox.asked(at(0), 1, receipt.clone()));
    let link = LinkName("operator-a".to_owned());
    let expected = SmsStatus {
        recipient: Some(Msisdn::parse(PHONE).unwrap()),
        ..SmsStatus::new(link, "a7".to_owned(), Some(true))
    };
    assert_eq!(status, Inbound::Status(expected.clone()));
    // An intermediate notification is never final.
    let notification = ShortMessage {
        esm_class: EsmClass(0x20),
        ..receipt
    };
    let (_, status) = event(&inbox.asked(at(0), 2, notification));
    assert_eq!(
        status,
        Inbound::Status(SmsStatus {
            delivered: None,
            ..expected
        })
    );
    let empty = ShortMessage {
        esm_class: EsmClass(0x04),
        ..from(1, PHONE, b"hello")
    };
    let dropped = inbox.asked(at(0), 3, empty);
    assert!(matches!(
        dropped[..],
        [
            Effect::Odd(_),
            Effect::Answer {
                ticket: 3,
                status: 0
            }
        ]
    ));
}

#[test]
fn esm_class_is_read_by_its_masks() {
    let mut inbox = inbox();
    let message = ShortMessage {
        esm_class: EsmClass(0x03),
        ..from(1, PHONE, b"hi")
    };
    assert_eq!(text(&inbox.asked(at(0), 1, message)).1, "hi");
    let mut ack = from(1, PHONE, b"hi");
    ack.esm_class = EsmClass(0x10);
    assert!(matches!(
        inbox.asked(at(0), 2, ack)[..],
        [Effect::Odd(_), Effect::Answer { .. }]
    ));
}

#[test]
fn parts_in_any_order_are_answered_together_after_the_commit() {
    let long = "€ mtoto ".repeat(60);
    let mut parts = parts(&long, 7);
    parts.reverse();
    let mut inbox = inbox();
    let last = parts.pop().unwrap();
    for (ticket, part) in (1..).zip(parts) {
        assert_eq!(inbox.asked(at(0), ticket, part), []);
    }
    let (key, seen) = text(&inbox.asked(at(1), 9, last));
    assert_eq!(seen, long);
    let answers = inbox.replied(key, Reply::Accepted);
    assert_eq!(answers, [1, 2, 3, 9].map(|ticket| answer(ticket, 0)));
}

#[test]
fn an_smsc_that_sends_one_part_at_a_time_brings_the_whole_text() {
    let long = "a".repeat(200);
    let [first, second] = &parts(&long, 7)[..] else {
        panic!("two parts")
    };
    let mut inbox = inbox();
    assert_eq!(inbox.asked(at(0), 1, first.clone()), []);
    assert_eq!(inbox.deadline(), Some(at(5)));
    assert_eq!(inbox.timeout(at(5)), [answer(1, status::ESME_TEMPORARY)]);
    let (key, seen) = text(&inbox.asked(at(6), 2, second.clone()));
    assert_eq!(seen, long);
    assert_eq!(inbox.replied(key, Reply::Accepted), [answer(2, 0)]);
    // The repeat of the first part is known now.
    assert_eq!(inbox.asked(at(60), 3, first.clone()), [answer(3, 0)]);
}

#[test]
fn a_text_that_was_not_committed_comes_again_with_a_repeated_part() {
    let [first, second] = &parts(&"a".repeat(200), 7)[..] else {
        panic!("two parts")
    };
    let mut inbox = inbox();
    inbox.asked(at(0), 1, first.clone());
    let (key, _) = text(&inbox.asked(at(0), 2, second.clone()));
    // A repeat while the node works on it comes too early.
    let early = inbox.asked(at(1), 3, second.clone());
    assert_eq!(early, [answer(3, status::ESME_TEMPORARY)]);
    let busy = inbox.replied(key, Reply::Busy);
    assert_eq!(
        busy,
        [1, 2].map(|ticket| answer(ticket, status::ESME_TEMPORARY))
    );
    let (key, seen) = text(&inbox.asked(at(2), 4, second.clone()));
    assert_eq!(seen.len(), 200);
    assert_eq!(inbox.replied(key, Reply::Accepted), [answer(4, 0)]);
}

#[test]
fn parts_beyond_the_limit_come_singly_and_none_is_taken_for_another() {
    let mut inbox = inbox();
    let part = |index: u8| ShortMessage {
        esm_class: EsmClass(0).with_udh(),
        ..from(1, PHONE, &[5, 0, 3, 7, 25, index, b'a' + index])
    };
    let (key, first) = text(&inbox.asked(at(0), 1, part(1)));
    assert_eq!(
        inbox.asked(at(0), 2, part(2)),
        [answer(2, status::ESME_TEMPORARY)]
    );
    assert_eq!(inbox.replied(key, Reply::Accepted), [answer(1, 0)]);
    let (_, second) = text(&inbox.asked(at(1), 3, part(2)));
    assert_eq!([first, second], ["b", "c"]);
}

#[test]
fn sar_parameters_and_payload_are_read_too() {
    let mut inbox = inbox();
    let part = |index, text: &[u8]| ShortMessage {
        optional: Optional {
            sar_msg_ref_num: Some(700),
            sar_total_segments: Some(2),
            sar_segment_seqnum: Some(index),
            ..Optional::default()
        },
        ..from(1, PHONE, text)
    };
    assert_eq!(inbox.asked(at(0), 1, part(2, b"toto")), []);
    assert_eq!(text(&inbox.asked(at(0), 2, part(1, b"m"))).1, "mtoto");
    let message_payload = Some("ሰላም".encode_utf16().flat_map(u16::to_be_bytes).collect());
    let optional = Optional {
        message_payload,
        ..Optional::default()
    };
    let whole = ShortMessage {
        data_coding: 8,
        optional,
        ..from(1, PHONE, b"")
    };
    assert_eq!(text(&inbox.asked(at(0), 3, whole)).1, "ሰላም");
}

#[test]
fn national_tables_that_the_header_names_are_read() {
    let mut inbox = inbox();
    let septets = Tables::single(Language::Spanish).encode("días").unwrap();
    let mut message = from(1, PHONE, &[&[3, 0x24, 1, 2], &septets[..]].concat());
    message.esm_class = EsmClass(0).with_udh();
    assert_eq!(text(&inbox.asked(at(0), 1, message)).1, "días");
    let without = from(1, PHONE, &septets);
    assert_eq!(text(&inbox.asked(at(0), 2, without)).1, "dias");
}

#[test]
fn a_new_connection_voids_tickets_and_keeps_parts() {
    let [first, second] = &parts(&"a".repeat(200), 7)[..] else {
        panic!("two parts")
    };
    let mut inbox = inbox();
    inbox.asked(at(0), 1, first.clone());
    let (key, _) = event(&inbox.asked(at(0), 2, ussd(1, "")));
    inbox.disconnected();
    assert_eq!((inbox.deadline(), inbox.timeout(at(100))), (None, vec![]));
    assert!(matches!(
        inbox.replied(key, screen("x", false))[..],
        [Effect::Screen { .. }]
    ));
    assert_eq!(text(&inbox.asked(at(101), 3, second.clone())).1.len(), 200);
}

#[test]
fn more_events_than_the_node_can_hold_are_answered_later() {
    let mut inbox = inbox();
    for ticket in 0..300 {
        let effects = inbox.asked(at(0), ticket, ussd(18, "1"));
        let busy = effects == [answer(ticket, status::ESME_TEMPORARY)];
        assert_eq!(busy, ticket >= 256);
    }
}

proptest! {
    #[test]
    fn anything_delivered_is_answered_once_in_the_end(
        messages in prop::collection::vec((any::<u8>(), any::<u8>(), prop::collection::vec(any::<u8>(), 0..40), any::<Option<u8>>()), 1..40),
        replies in prop::collection::vec(any::<bool>(), 40),
    ) {
        let mut inbox = inbox();
        let mut answers: BTreeMap<u64, u32> = BTreeMap::new();
        let mut effects = Vec::new();
        for (ticket, (class, coding, octets, op)) in (0..).zip(&messages) {
            let mut message = from(1, PHONE, octets);
            (message.esm_class, message.data_coding) = (EsmClass(*class), *coding);
            message.optional.ussd_service_op = *op;
            effects.extend(inbox.asked(at(0), ticket, message));
        }
        effects.extend(inbox.timeout(at(5)));
        let mut replies = replies.into_iter().cycle();
        while let Some(effect) = effects.pop() {
            match effect {
                Effect::Event { key, .. } => {
                    let reply = if replies.next() == Some(true) { Reply::Accepted } else { Reply::Busy };
                    effects.extend(inbox.replied(key, reply));
                }
                Effect::Answer { ticket, .. } => *answers.entry(ticket).or_default() += 1,
                Effect::Screen { .. } | Effect::Odd(_) => {}
            }
        }
        prop_assert_eq!(answers.len(), messages.len());
        prop_assert!(answers.values().all(|times| *times == 1));
    }
}
