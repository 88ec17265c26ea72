//! Commands and responses that nobody serves (SMPP 3.4 §4.3).

use super::*;

#[test]
fn an_unknown_command_gets_a_generic_nack_and_an_unknown_response_none() {
    for command_id in [0x9A, 0x0104, 0x0021, 0] {
        let refused = decode(&pdu(command_id, 5, b"body")).unwrap_err();
        let expected = Packet {
            status: 3,
            sequence: 5,
            pdu: Pdu::GenericNack,
        };
        assert_eq!(refused.answer(), expected);
    }
    let command_id = 0x8000_0003;
    let packet = decode(&pdu(command_id, 5, b"body")).unwrap().packet;
    assert_eq!(packet.pdu, Pdu::OtherResp { command_id });
}
