//! Data over SMPP: written, read, told from texts. Over modems: `modem::tests::datagram`.

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::event::{Inbound, Reply};
use crate::smpp::inbox::{Effect, Inbox, Profile};
use crate::smpp::pdu::EsmClass;
use crate::smpp::status;

fn phone() -> Address {
    Address::parse("+26878000001").unwrap()
}

/// What an SMSC brings when the other end wrote these octets.
fn brought(octets: &[u8]) -> ShortMessage {
    let code = Address::parse("384").unwrap();
    submit_sm((&phone(), &code), CodePlan::default(), octets).unwrap()
}

fn hear(message: ShortMessage) -> (Inbox, u64, Inbound) {
    let mut inbox = Inbox::new(Profile::new("operator-a"));
    let effects = inbox.asked(Timestamp::UNIX_EPOCH, 1, message);
    match &effects[..] {
        [Effect::Event { key, event }] => (inbox, *key, event.clone()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn data_are_an_event_of_their_own_and_answered_after_the_commit() {
    for data_coding in [2, SMPP_BINARY, 0xF5] {
        let message = ShortMessage {
            data_coding,
            ..brought(b"sealed")
        };
        let (mut inbox, key, event) = hear(message);
        let Inbound::Data(data) = event else {
            panic!("not data: {event:?}");
        };
        assert_eq!(
            (data.octets.as_slice(), data.from),
            (b"sealed".as_slice(), phone())
        );
        let answer = inbox.replied(key, Reply::Accepted);
        let status = status::OK;
        assert_eq!(answer, [Effect::Answer { ticket: 1, status }]);
    }
}

#[test]
fn texts_other_ports_and_messages_without_a_header_are_no_data() {
    let base = brought(b"sealed");
    let text = ShortMessage {
        data_coding: 0,
        ..base.clone()
    };
    let bare = ShortMessage {
        esm_class: EsmClass(0),
        ..base.clone()
    };
    let mut elsewhere = base.clone();
    elsewhere.short_message[4] ^= 1;
    for message in [text, bare, elsewhere] {
        assert_eq!(data_of_sm(&message), None);
        assert!(matches!(hear(message).2, Inbound::Sms(_)));
    }
    assert_eq!(data_of_sm(&base), Some(b"sealed".as_slice()), "the control");
}

proptest! {
    #[test]
    fn data_come_back_as_they_went(octets in proptest::collection::vec(any::<u8>(), 0..134)) {
        let message = brought(&octets);
        prop_assert!(message.content().len() <= 140);
        prop_assert_eq!(data_of_sm(&message), Some(octets.as_slice()));
        let tpdu = Submit::parse(&submit(&phone(), &octets).unwrap()).unwrap();
        prop_assert_eq!(data_of(&tpdu.user_data), Some(octets.as_slice()));
    }

    #[test]
    fn any_content_is_data_or_not(
        octets in proptest::collection::vec(any::<u8>(), 0..200), data_coding: u8,
    ) {
        let message = ShortMessage {
            data_coding,
            short_message: octets.clone(),
            ..brought(b"")
        };
        if let Some(data) = data_of_sm(&message) {
            prop_assert!(octets.ends_with(data));
        }
    }
}
