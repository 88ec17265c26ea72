//! `data_sm` and its response (SMPP 3.4 §4.7): the text is in `message_payload`, nothing else.

use super::*;

#[test]
fn a_short_text_of_data_sm_goes_into_the_payload() {
    let message = ShortMessage {
        source: address(1, "26878000001"),
        destination: address(0, "384"),
        short_message: b"hello".to_vec(),
        ..ShortMessage::default()
    };
    let octets = encode(&Packet::new(3, Pdu::DataSm(Box::new(message)))).unwrap();
    assert_eq!(octets[4..8], [0, 0, 1, 3]);
    assert_eq!(octets[octets.len() - 9..], *b"\x04\x24\x00\x05hello");
    let Pdu::DataSm(read) = decode(&octets).unwrap().packet.pdu else {
        panic!("a data_sm")
    };
    assert_eq!(read.content(), b"hello");
    assert_eq!(
        read.optional.message_payload.as_deref(),
        Some(&b"hello"[..])
    );
}

#[test]
fn a_data_sm_that_does_not_fit_is_refused_in_its_own_response() {
    let body = [&b"\0\x01\x01"[..], &[b'1'; 21], b"\0"].concat();
    let refused = decode(&pdu(0x0103, 9, &body)).unwrap_err();
    let expected = Packet {
        status: status::INVALID_SOURCE,
        sequence: 9,
        pdu: Pdu::DataSmResp {
            message_id: String::new(),
        },
    };
    assert_eq!(refused.answer(), expected);
    let cut = decode(&pdu(0x0103, 9, b"\0\x01\x011\0\x01\x012\0\x00")).unwrap_err();
    assert_eq!(cut.status, status::INVALID_COMMAND_LENGTH);
}

proptest! {
    #[test]
    fn what_is_written_as_data_sm_is_read_again(
        mut message in short_message(),
        sequence: u32,
        has_text: bool,
    ) {
        message.optional.message_payload = has_text.then(|| message.content().to_vec());
        message.short_message.clear();
        message.protocol_id = 0;
        message.priority_flag = 0;
        message.schedule_delivery_time.clear();
        message.validity_period.clear();
        for pdu in [
            Pdu::DataSm(Box::new(message.clone())),
            Pdu::DataSmResp { message_id: "a7".to_owned() },
        ] {
            let packet = Packet::new(sequence, pdu);
            let octets = encode(&packet).unwrap();
            prop_assert_eq!(decode(&octets).unwrap().packet, packet);
        }
    }
}
