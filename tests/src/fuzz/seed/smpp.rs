//! Seeds of SMPP: every PDU type, streams, and scripts that walk through the session machine.

use channels_core::smpp::pdu::{
    self, BindKind, EsmClass, Optional, Packet, Pdu, ShortMessage, SmeAddress,
};

use super::super::smpp_session::{PASSWORD, bind, received};
use super::form;

/// Steps of a script; see the session target.
const TIMEOUT_AT_DEADLINE: &[u8] = &[2];
const REQUEST: &[u8] = &[3];
const LONG_REQUEST: &[u8] = &[4];
const CONNECTED: &[u8] = &[6];
const LOST: &[u8] = &[7, 9];
const SHUTDOWN: &[u8] = &[8];

pub(super) fn inputs() -> Vec<Vec<u8>> {
    let mut inputs: Vec<Vec<u8>> = every_pdu().iter().map(|pdu| form(0, pdu)).collect();
    inputs.extend(broken_pdus().into_iter().map(|pdu| form(0, pdu)));
    inputs.push(form(1, [vec![3], every_pdu().concat()].concat()));
    inputs.push(form(
        1,
        [&[64][..], &pdu_of(Pdu::Unbind), &[0xFF; 20]].concat(),
    ));
    inputs.extend(smsc_scripts().into_iter().map(|script| form(2, script)));
    inputs.extend(esme_scripts().into_iter().map(|script| form(3, script)));
    inputs
}

fn pdu_of(pdu: Pdu) -> Vec<u8> {
    pdu::encode(&Packet::new(7, pdu)).expect("a PDU of a seed")
}

fn address(ton: u8, npi: u8, text: &str) -> SmeAddress {
    SmeAddress {
        ton,
        npi,
        address: text.to_owned(),
    }
}

fn message(optional: Optional, text: &[u8]) -> Box<ShortMessage> {
    Box::new(ShortMessage {
        service_type: "USSD".to_owned(),
        source: address(1, 1, "256772000001"),
        destination: address(0, 1, "384"),
        validity_period: "000001010101000R".to_owned(),
        registered_delivery: 1,
        short_message: text.to_vec(),
        optional,
        ..ShortMessage::default()
    })
}

fn ussd() -> Optional {
    Optional {
        ussd_service_op: Some(2),
        its_session_info: Some([9, 1]),
        ..Optional::default()
    }
}

fn all_optional() -> Optional {
    Optional {
        message_payload: Some(b"id:42 stat:DELIVRD err:000".to_vec()),
        sar_msg_ref_num: Some(258),
        sar_total_segments: Some(3),
        sar_segment_seqnum: Some(2),
        user_message_reference: Some(77),
        receipted_message_id: Some("42".to_owned()),
        message_state: Some(2),
        network_error_code: Some([3, 0, 5]),
        ..ussd()
    }
}

fn every_pdu() -> Vec<Vec<u8>> {
    let id = |text: &str| text.to_owned();
    let resp = |kind, interface_version| Pdu::BindResp {
        kind,
        system_id: id("smsc"),
        interface_version,
    };
    let long = ShortMessage {
        esm_class: EsmClass(0).with_udh(),
        data_coding: 8,
        short_message: vec![5, 0, 3, 7, 2, 1, 4, 0x10],
        ..*message(Optional::default(), b"")
    };
    let mut pdus = vec![
        bind(PASSWORD),
        resp(BindKind::Receiver, Some(0x34)),
        resp(BindKind::Transmitter, None),
        resp(BindKind::Transceiver, Some(0x34)),
        Pdu::SubmitSm(message(ussd(), b"1 New person")),
        Pdu::SubmitSm(Box::new(long)),
        Pdu::SubmitSmResp {
            message_id: id("1f"),
        },
        Pdu::DeliverSm(message(ussd(), b"*384#")),
        Pdu::DeliverSm(message(all_optional(), b"")),
        Pdu::DeliverSmResp,
        Pdu::DataSm(message(all_optional(), b"")),
        Pdu::DataSmResp {
            message_id: id("2f"),
        },
        Pdu::AlertNotification(address(1, 1, "256772000001")),
        Pdu::Outbind,
        Pdu::EnquireLink,
        Pdu::EnquireLinkResp,
        Pdu::Unbind,
        Pdu::UnbindResp,
        Pdu::GenericNack,
        Pdu::OtherResp {
            command_id: 0x8000_0003,
        },
    ];
    for kind in [BindKind::Receiver, BindKind::Transmitter] {
        if let Pdu::Bind(bind) = bind(PASSWORD) {
            pdus.push(Pdu::Bind(pdu::Bind { kind, ..bind }));
        }
    }
    let mut pdus: Vec<Vec<u8>> = pdus.into_iter().map(pdu_of).collect();
    let refused = Packet {
        status: 0x0E,
        sequence: 8,
        pdu: resp(BindKind::Transceiver, None),
    };
    pdus.push(pdu::encode(&refused).expect("an error response"));
    pdus
}

/// An unknown command, a cut `submit_sm`, padding, a text without end, a TLV that runs out.
fn broken_pdus() -> Vec<Vec<u8>> {
    let submit = pdu_of(Pdu::SubmitSm(message(ussd(), b"1")));
    let unknown = [&[0, 0, 0, 16, 0, 0, 1, 4][..], &[0; 8]].concat();
    vec![
        unknown,
        submit[..40].to_vec(),
        [&submit[..], &[0, 0, 0]].concat(),
        [&pdu_of(Pdu::EnquireLink)[..], b"padding"].concat(),
        submit.iter().map(|octet| (*octet).max(1)).collect(),
        [&submit[..], &[0x05, 0x01, 0xFF, 0xFF]].concat(),
    ]
}

fn step(sequence: u32, status: u32, pdu: Pdu) -> Vec<u8> {
    received(&Packet {
        status,
        sequence,
        pdu,
    })
}

fn smsc_scripts() -> Vec<Vec<u8>> {
    let bound = step(1, 0, bind(PASSWORD));
    let submit = step(2, 0, Pdu::SubmitSm(message(ussd(), b"1")));
    let deliver_resp = step(1, 0, Pdu::DeliverSmResp);
    let unbind = step(3, 0, Pdu::Unbind);
    let bad_length = [0, 0, 4, 0xFF, 0xFF, 0xFF, 0xFF].to_vec();
    let refused = [&[0, 0, 16, 0, 0, 0, 16, 0, 0, 1, 3][..], &[0; 8]].concat();
    let padded = [&[0, 0, 18, 0, 0, 0, 18, 0, 0, 0, 0x15][..], &[0; 10]].concat();
    let silence = TIMEOUT_AT_DEADLINE.repeat(4);
    vec![
        [
            &bound[..],
            &submit,
            &[5, 0],
            REQUEST,
            &deliver_resp,
            &unbind,
            LOST,
        ]
        .concat(),
        [REQUEST, &bound, LONG_REQUEST, REQUEST, &silence].concat(),
        [&bound[..], &refused, &padded, &bad_length].concat(),
        step(1, 0, bind("wrong")),
        TIMEOUT_AT_DEADLINE.to_vec(),
        [
            &bound[..],
            &REQUEST.repeat(12),
            SHUTDOWN,
            TIMEOUT_AT_DEADLINE,
            LOST,
        ]
        .concat(),
        [&bound[..], &submit.repeat(3), LOST].concat(),
    ]
}

fn esme_scripts() -> Vec<Vec<u8>> {
    let answer = Pdu::BindResp {
        kind: BindKind::Transceiver,
        system_id: "smsc".to_owned(),
        interface_version: Some(0x34),
    };
    let connect = [TIMEOUT_AT_DEADLINE, CONNECTED].concat();
    let bound = [connect.clone(), step(1, 0, answer.clone())].concat();
    let deliver = step(5, 0, Pdu::DeliverSm(message(ussd(), b"*384#")));
    let taken = step(
        2,
        0,
        Pdu::SubmitSmResp {
            message_id: "1f".to_owned(),
        },
    );
    let throttled = step(
        2,
        0x58,
        Pdu::SubmitSmResp {
            message_id: String::new(),
        },
    );
    let reachable = step(6, 0, Pdu::AlertNotification(address(1, 1, "256772000001")));
    let stranger = step(
        900,
        0,
        Pdu::SubmitSmResp {
            message_id: "2".to_owned(),
        },
    );
    vec![
        [
            &bound[..],
            &deliver,
            &[5, 0],
            REQUEST,
            &taken,
            &reachable,
            &stranger,
        ]
        .concat(),
        [
            &bound[..],
            REQUEST,
            &throttled,
            &TIMEOUT_AT_DEADLINE.repeat(3),
        ]
        .concat(),
        [
            connect,
            step(1, 0x0E, answer),
            LOST.to_vec(),
            TIMEOUT_AT_DEADLINE.to_vec(),
        ]
        .concat(),
        [
            &bound[..],
            REQUEST,
            LOST,
            TIMEOUT_AT_DEADLINE,
            CONNECTED,
            SHUTDOWN,
            LOST,
        ]
        .concat(),
    ]
}
