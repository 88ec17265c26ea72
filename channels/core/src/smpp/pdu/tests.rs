//! Golden PDUs, tolerance rules, and properties of decoder and encoder.

mod data_sm;
mod unknown;

use proptest::prelude::*;

use super::*;
use crate::smpp::receipt;
use crate::smpp::session::{Action, Input};
use crate::smpp::sms;
use crate::smpp::ussd::Dialect;

/// Reads a golden file: hex octets, `#` begins a comment.
fn octets(golden: &str) -> Vec<u8> {
    assert!(
        golden.starts_with("# SMPP 3.4 §"),
        "the first line names the clause"
    );
    let lines = golden.lines().filter_map(|line| line.split('#').next());
    let words = lines.flat_map(str::split_whitespace);
    words
        .map(|word| u8::from_str_radix(word, 16).unwrap())
        .collect()
}

macro_rules! golden {
    ($name:literal) => {
        octets(include_str!(concat!(
            "../../../../../tests/golden/pdu/",
            $name,
            ".hex"
        )))
    };
}

fn check(golden: &[u8], expected: &Packet) {
    let decoded = decode(golden).unwrap();
    assert_eq!((&decoded.packet, decoded.set_aside), (expected, 0));
    assert_eq!(encode(expected).unwrap(), golden);
}

fn bind_resp(status: u32, system_id: &str, interface_version: Option<u8>) -> Packet {
    let kind = BindKind::Transceiver;
    let pdu = Pdu::BindResp {
        kind,
        system_id: system_id.to_owned(),
        interface_version,
    };
    Packet {
        status,
        sequence: 1,
        pdu,
    }
}

fn address(ton: u8, address: &str) -> SmeAddress {
    SmeAddress {
        ton,
        npi: 1,
        address: address.to_owned(),
    }
}

fn ussd(text: &str, op: u8) -> ShortMessage {
    ShortMessage {
        service_type: "USSD".to_owned(),
        source: address(1, "26878000001"),
        destination: address(0, "*384*7#"),
        short_message: text.as_bytes().to_vec(),
        optional: Optional {
            ussd_service_op: Some(op),
            its_session_info: Some([9, 0]),
            ..Optional::default()
        },
        ..ShortMessage::default()
    }
}

#[test]
fn binds_match_their_golden_files() {
    let bind = Bind {
        kind: BindKind::Transceiver,
        system_id: "node".to_owned(),
        password: "secret".to_owned(),
        system_type: String::new(),
        interface_version: 0x34,
        address_range: String::new(),
    };
    check(
        &golden!("bind_transceiver"),
        &Packet::new(1, Pdu::Bind(bind)),
    );
    check(
        &golden!("bind_transceiver_resp"),
        &bind_resp(0, "smsc", Some(0x34)),
    );
    check(
        &golden!("bind_transceiver_refused"),
        &bind_resp(0x0E, "", None),
    );
}

#[test]
fn ussd_steps_match_their_golden_files() {
    let begin = ussd("", 1);
    let answer = ussd("1", 18);
    let ask = Dialect::STANDARD.screen(&answer, (0, b"1 New person".to_vec()), false);
    let merci = "Merci".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let end = Dialect::STANDARD.screen(&answer, (8, merci), true);
    let deliver = |sequence, message| Packet::new(sequence, Pdu::DeliverSm(Box::new(message)));
    let submit = |sequence, message| Packet::new(sequence, Pdu::SubmitSm(Box::new(message)));
    check(&golden!("deliver_ussd_begin"), &deliver(2, begin));
    check(&golden!("deliver_ussd_answer"), &deliver(3, answer));
    check(&golden!("submit_ussd_ask"), &submit(4, ask));
    check(&golden!("submit_ussd_end"), &submit(5, end));
}

#[test]
fn sms_and_receipt_match_their_golden_files() {
    let sms = crate::OutgoingSms {
        id: "1".to_owned(),
        to: crate::Msisdn::parse("26878000001").unwrap(),
        from: crate::Address::parse("384").unwrap(),
        data: Vec::new(),
        text: "Hi".to_owned(),
        validity_s: 86_400,
    };
    let submit = sms::submits(&sms, 1, sms::Form::default())
        .unwrap()
        .remove(0);
    let receipt = receipt::write(&submit, "a7", true);
    let resp = Pdu::SubmitSmResp {
        message_id: "a7".to_owned(),
    };
    check(
        &golden!("submit_sm"),
        &Packet::new(6, Pdu::SubmitSm(Box::new(submit))),
    );
    check(&golden!("submit_sm_resp"), &Packet::new(6, resp));
    check(
        &golden!("deliver_receipt"),
        &Packet::new(7, Pdu::DeliverSm(Box::new(receipt))),
    );
}

#[test]
fn pdus_without_a_body_match_their_golden_files() {
    let error = |status, sequence, pdu| Packet {
        status,
        sequence,
        pdu,
    };
    check(
        &golden!("deliver_sm_resp_busy"),
        &error(0x64, 3, Pdu::DeliverSmResp),
    );
    check(&golden!("generic_nack"), &error(3, 8, Pdu::GenericNack));
    check(&golden!("enquire_link"), &Packet::new(9, Pdu::EnquireLink));
    check(&golden!("unbind"), &Packet::new(10, Pdu::Unbind));
}

/// A PDU of these body octets.
fn pdu(command_id: u32, sequence: u32, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(HEADER_OCTETS + body.len()).unwrap();
    let header = [length, command_id, 0, sequence]
        .map(u32::to_be_bytes)
        .concat();
    [header, body.to_vec()].concat()
}

/// The mandatory part of a `deliver_sm` with these fields.
fn sm(service: &str, source: &str, destination: &str, times: [&str; 2], text: &[u8]) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap();
    let [schedule, validity] = times;
    [
        format!("{service}\0\x01\x01{source}\0\x01\x01{destination}\0").as_bytes(),
        &[0, 0, 0],
        format!("{schedule}\0{validity}\0").as_bytes(),
        &[0, 0, 0, 0, length],
        text,
    ]
    .concat()
}

fn check_refused(body: &[u8], status: u32) {
    let refused = decode(&pdu(id::DELIVER_SM, 77, body)).unwrap_err();
    assert_eq!(
        (refused.status, refused.sequence),
        (status, 77),
        "{}",
        refused.reason
    );
    let expected = Packet {
        status,
        sequence: 77,
        pdu: Pdu::DeliverSmResp,
    };
    assert_eq!(refused.answer(), expected);
}

#[test]
fn a_field_that_does_not_fit_is_refused_with_its_own_status() {
    let (no, text) = (["", ""], &b"x"[..]);
    check_refused(&sm("TOOLONG", "1", "2", no, text), 0x15);
    check_refused(&sm("", &"1".repeat(21), "2", no, text), 0x0A);
    check_refused(&sm("", "é", "2", no, text), 0x0A);
    check_refused(&sm("", "1", &"2".repeat(21), no, text), 0x0B);
    check_refused(&sm("", "1", "2", ["1", ""], text), 0x61);
    check_refused(&sm("", "1", "2", ["", "12345"], text), 0x62);
    let whole = sm("", "1", "2", no, b"text");
    check_refused(&whole[..whole.len() - 1], 0x01);
    check_refused(&whole[..5], 0x02);
    check_refused(b"", 0x02);
    let both = [whole, vec![0x04, 0x24, 0, 1, b'y']].concat();
    check_refused(&both, 0xC1);
}

#[test]
fn tlvs_that_do_not_fit_cost_nothing_but_themselves() {
    let body = [
        &sm("", "1", "2", ["", ""], b"id:9 stat:DELIVRD")[..],
        &[0x00, 0x1E, 0, 2, b'a', b'7'], // no NUL: repaired
        &[0x13, 0x83, 0, 1, 9],          // one octet instead of two: set aside
        &[0x14, 0x01, 0, 3, 1, 2, 3],    // a vendor's: passed by
        &[0x04, 0x27, 0, 1, 2],          // kept
        &[0x04, 0x27, 0, 1, 5],          // doubled: the first wins
        &[0x05, 0x01, 0, 9, 1],          // longer than the PDU: padding
    ]
    .concat();
    let decoded = decode(&pdu(id::DELIVER_SM, 1, &body)).unwrap();
    let Pdu::DeliverSm(message) = decoded.packet.pdu else {
        panic!("deliver_sm")
    };
    let expected = Optional {
        receipted_message_id: Some("a7".to_owned()),
        message_state: Some(2),
        ..Optional::default()
    };
    assert_eq!((message.optional, decoded.set_aside), (expected, 3));
}

#[test]
fn a_payload_of_nine_thousand_octets_is_read() {
    let payload = vec![b'x'; 9_000];
    let tlv = [&[0x04, 0x24][..], &9_000_u16.to_be_bytes(), &payload].concat();
    let body = [sm("", "1", "2", ["", ""], b""), tlv].concat();
    let Pdu::DeliverSm(message) = decode(&pdu(id::DELIVER_SM, 1, &body)).unwrap().packet.pdu else {
        panic!("deliver_sm")
    };
    assert_eq!(message.content(), payload);
}

#[test]
fn responses_are_repaired_and_never_refused() {
    let id_of = |body: &[u8]| match decode(&pdu(id::SUBMIT_SM_RESP, 1, body))
        .unwrap()
        .packet
        .pdu
    {
        Pdu::SubmitSmResp { message_id } => message_id,
        other => panic!("{other:?}"),
    };
    assert_eq!(id_of(b"a7\0"), "a7");
    assert_eq!(id_of(b"a7"), "a7");
    assert_eq!(id_of(b""), "");
    assert_eq!(id_of(&[b'9'; 65]), "");
    assert_eq!(id_of("é\0".as_bytes()), "");
    let decoded = decode(&pdu(id::ENQUIRE_LINK, 1, b"body")).unwrap();
    assert_eq!(
        (decoded.packet.pdu, decoded.set_aside),
        (Pdu::EnquireLink, 1)
    );
}

#[test]
fn what_cannot_be_carried_is_not_written() {
    let field = |message: ShortMessage| {
        encode(&Packet::new(1, Pdu::SubmitSm(Box::new(message))))
            .unwrap_err()
            .field
    };
    let plain = ShortMessage::default;
    assert_eq!(
        field(ShortMessage {
            source: address(1, &"1".repeat(21)),
            ..plain()
        }),
        "source_addr"
    );
    assert_eq!(
        field(ShortMessage {
            destination: address(1, "é"),
            ..plain()
        }),
        "destination_addr"
    );
    assert_eq!(
        field(ShortMessage {
            validity_period: "1".to_owned(),
            ..plain()
        }),
        "validity_period"
    );
    assert_eq!(
        field(ShortMessage {
            short_message: vec![0; 256],
            ..plain()
        }),
        "short_message"
    );
}

#[test]
fn debug_shows_nothing_personal() {
    let mut message = ussd("Thandi Dlamini", 18);
    message.optional.message_payload = Some(b"Thandi".to_vec());
    let packet = Packet::new(1, Pdu::DeliverSm(Box::new(message)));
    let bind = Bind {
        kind: BindKind::Receiver,
        system_id: "Thandi".to_owned(),
        password: "26878000001".to_owned(),
        system_type: String::new(),
        interface_version: 0x34,
        address_range: String::new(),
    };
    let octets = encode(&packet).unwrap();
    let (sent, received) = (Action::Send(octets.clone()), Input::Received(octets));
    let shown = format!("{packet:?} {bind:?} {sent:?} {received:?}");
    for planted in ["Thandi", "26878", "84, 104", "50, 54"] {
        assert!(!shown.contains(planted), "{shown}");
    }
}

prop_compose! {
    fn optional()(
        message_payload in prop::option::of(prop::collection::vec(any::<u8>(), 0..400)),
        sar: Option<(u16, u8, u8)>,
        ussd: Option<(u8, [u8; 2])>,
        user_message_reference: Option<u16>,
        receipted_message_id in prop::option::of("[!-~]{1,64}"),
        message_state: Option<u8>,
        network_error_code: Option<[u8; 3]>,
    ) -> Optional {
        Optional {
            message_payload,
            sar_msg_ref_num: sar.map(|(reference, ..)| reference),
            sar_total_segments: sar.map(|(_, total, _)| total),
            sar_segment_seqnum: sar.map(|(.., index)| index),
            ussd_service_op: ussd.map(|(op, _)| op),
            its_session_info: ussd.map(|(_, session)| session),
            user_message_reference,
            receipted_message_id,
            message_state,
            network_error_code,
        }
    }
}

prop_compose! {
    fn short_message()(
        service_type in "[A-Z]{0,5}",
        source in ("[0-9A-Za-z ]{0,20}", any::<u8>(), any::<u8>()),
        destination in ("[0-9*#]{0,20}", any::<u8>(), any::<u8>()),
        octets: [u8; 5],
        schedule_delivery_time in "([0-9]{15}[+R])?",
        validity_period in "([0-9]{15}[+R])?",
        text in prop::collection::vec(any::<u8>(), 0..=255),
        optional in optional(),
    ) -> ShortMessage {
        let [esm_class, protocol_id, priority_flag, registered_delivery, data_coding] = octets;
        let address = |(address, ton, npi)| SmeAddress { ton, npi, address };
        // Both texts at once are refused by rule.
        let short_message = if optional.message_payload.is_some() { vec![] } else { text };
        ShortMessage {
            service_type,
            source: address(source),
            destination: address(destination),
            esm_class: EsmClass(esm_class),
            protocol_id,
            priority_flag,
            schedule_delivery_time,
            validity_period,
            registered_delivery,
            data_coding,
            short_message,
            optional,
        }
    }
}

fn kind() -> impl Strategy<Value = BindKind> {
    use BindKind as Kind;
    prop_oneof![
        Just(Kind::Receiver),
        Just(Kind::Transmitter),
        Just(Kind::Transceiver)
    ]
}

fn any_pdu() -> impl Strategy<Value = Pdu> {
    let bind = (
        kind(),
        "[!-~]{0,15}",
        "[!-~]{0,8}",
        "[A-Z]{0,12}",
        (any::<u8>(), "[!-~]{0,40}"),
    );
    let bind = bind.prop_map(
        |(kind, system_id, password, system_type, (interface_version, address_range))| {
            Pdu::Bind(Bind {
                kind,
                system_id,
                password,
                system_type,
                interface_version,
                address_range,
            })
        },
    );
    let bind_resp = (kind(), "[!-~]{0,15}", any::<Option<u8>>()).prop_map(
        |(kind, system_id, interface_version)| Pdu::BindResp {
            kind,
            system_id,
            interface_version,
        },
    );
    let alert = ("[0-9]{0,20}", any::<u8>(), any::<u8>())
        .prop_map(|(address, ton, npi)| Pdu::AlertNotification(SmeAddress { ton, npi, address }));
    prop_oneof![
        bind,
        bind_resp,
        alert,
        short_message().prop_map(|message| Pdu::SubmitSm(Box::new(message))),
        short_message().prop_map(|message| Pdu::DeliverSm(Box::new(message))),
        "[!-~]{0,64}".prop_map(|message_id| Pdu::SubmitSmResp { message_id }),
        Just(Pdu::DeliverSmResp),
        Just(Pdu::EnquireLink),
        Just(Pdu::EnquireLinkResp),
        Just(Pdu::Unbind),
        Just(Pdu::UnbindResp),
        Just(Pdu::GenericNack),
        Just(Pdu::Outbind),
        Just(Pdu::OtherResp {
            command_id: 0x8000_0003
        }),
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(pdu in any_pdu(), sequence: u32) {
        let packet = Packet::new(sequence, pdu);
        let octets = encode(&packet).unwrap();
        let decoded = decode(&octets).unwrap();
        prop_assert_eq!(&decoded.packet, &packet);
        prop_assert_eq!(decoded.set_aside, 0);
        prop_assert_eq!(encode(&decoded.packet).unwrap(), octets);
    }

    #[test]
    fn any_octets_are_read_or_refused(octets in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Err(refused) = decode(&octets) {
            prop_assert!(encode(&refused.answer()).is_ok_and(|answer| answer.len() == 16));
        }
    }

    #[test]
    fn any_damage_to_a_pdu_is_read_or_refused(
        pdu in any_pdu(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut octets = encode(&Packet::new(1, pdu)).unwrap();
        for (place, octet) in damage {
            let place = place.index(octets.len());
            octets[place] = octet;
        }
        octets.truncate(cut.index(octets.len() + 1));
        match decode(&octets) {
            // What was read can be written, and is then stable.
            Ok(decoded) => {
                let again = encode(&decoded.packet).unwrap();
                prop_assert_eq!(decode(&again).map(|d| d.packet.sequence).ok(), Some(decoded.packet.sequence));
            }
            Err(refused) => prop_assert!(refused.command_id & id::RESPONSE == 0),
        }
    }
}
