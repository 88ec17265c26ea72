//! `data_sm` in both roles, and peers of other versions (SMPP 3.4 §4.7, §5.2.4).

use super::super::super::pdu::Optional;
use super::*;

fn data(sequence: u32) -> Vec<u8> {
    encode(&Packet::new(sequence, Pdu::DataSm(message("x")))).unwrap()
}

fn data_resp(status: u32, message_id: &str) -> Packet {
    Packet {
        status,
        sequence: 900,
        pdu: Pdu::DataSmResp {
            message_id: message_id.to_owned(),
        },
    }
}

#[test]
fn data_sm_is_asked_and_answered_at_both_ends() {
    let mut pair = Pair::bound();
    pair.smsc(Input::Received(data(900)));
    let (ticket, asked) = pair.smsc_told.asked()[0].clone();
    assert_eq!(asked.content(), b"x");
    pair.smsc(Input::Answered {
        ticket,
        status: 0,
        message_id: "d1".to_owned(),
    });
    assert!(pair.line.contains(&(false, data_resp(0, "d1"))));
    pair.esme(Input::Received(data(900)));
    let (ticket, _) = pair.esme_told.asked()[0].clone();
    pair.esme(Input::Answered {
        ticket,
        status: 0x64,
        message_id: String::new(),
    });
    assert!(pair.line.contains(&(true, data_resp(0x64, ""))));
}

#[test]
fn data_sm_needs_a_bind_of_its_direction() {
    let mut pair = Pair::new(BindKind::Receiver, account(), Settings::default());
    pair.esme(Input::Timeout);
    pair.smsc(Input::Received(data(900)));
    assert!(pair.line.contains(&(false, data_resp(0x04, ""))));
}

/// An ESME bound to a peer that says this version, or none.
fn bound_to(version: Option<u8>) -> Session {
    let mut esme = Session::esme(bind(BindKind::Transceiver), Settings::default(), at(0));
    esme.handle(at(0), Input::Timeout);
    esme.handle(at(0), Input::Connected);
    let resp = Pdu::BindResp {
        kind: BindKind::Transceiver,
        system_id: "smsc".to_owned(),
        interface_version: version,
    };
    let resp = encode(&Packet::new(1, resp)).unwrap();
    esme.handle(at(0), Input::Received(resp));
    assert_eq!(esme.bound(), Some(BindKind::Transceiver));
    esme
}

fn sent(actions: &[Action]) -> Option<Packet> {
    actions.iter().find_map(|action| match action {
        Action::Send(octets) => decode(octets).ok().map(|decoded| decoded.packet),
        _ => None,
    })
}

#[test]
fn only_peers_of_3_4_and_later_get_optional_parameters() {
    for (version, optional) in [
        (None, true),
        (Some(0x33), false),
        (Some(0x34), true),
        (Some(0x50), true),
    ] {
        let mut esme = bound_to(version);
        let packet = sent(&esme.handle(at(1), request(1, false))).unwrap();
        let Pdu::SubmitSm(message) = packet.pdu else {
            panic!("a submit_sm")
        };
        let reference = message.optional.user_message_reference;
        assert_eq!(reference.is_some(), optional, "{version:?}");
    }
}

#[test]
fn what_needs_optional_parameters_is_not_sent_without_them() {
    let mut esme = bound_to(Some(0x33));
    for optional in [
        Optional {
            message_payload: Some(b"long".to_vec()),
            ..Optional::default()
        },
        Optional {
            ussd_service_op: Some(2),
            ..Optional::default()
        },
    ] {
        let message = ShortMessage {
            optional,
            ..ShortMessage::default()
        };
        let input = Input::Request {
            token: 7,
            message: Box::new(message),
            urgent: false,
        };
        let field = "optional parameters";
        let outcome = Outcome::Unfit { field };
        let expected = [Action::Finished { token: 7, outcome }];
        assert_eq!(esme.handle(at(2), input), expected);
    }
}

#[test]
fn an_smsc_serves_binds_of_3_3_3_4_and_5_0() {
    for (version, said) in [(0x33, None), (0x34, Some(0x34)), (0x50, Some(0x34))] {
        let mut smsc = Session::smsc(
            "smsc".to_owned(),
            vec![account()],
            Settings::default(),
            at(0),
        );
        let bind = Bind {
            interface_version: version,
            ..bind(BindKind::Transceiver)
        };
        let octets = encode(&Packet::new(1, Pdu::Bind(bind))).unwrap();
        let packet = sent(&smsc.handle(at(0), Input::Received(octets))).unwrap();
        let Pdu::BindResp {
            interface_version, ..
        } = packet.pdu
        else {
            panic!("a bind response")
        };
        assert_eq!(
            (packet.status, interface_version),
            (0, said),
            "{version:#x}"
        );
    }
}
