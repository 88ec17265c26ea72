//! SMPP PDUs and their stream: accepted ones come back, refused ones have an answer.

use channels_core::smpp::pdu::{self, BindKind, Packet, Pdu};
use channels_core::smpp::split::{PDU_OCTETS_MAX, Splitter};

use super::Reached;

/// Bit 31 of a `command_id`: a response (SMPP 3.4 §5.1.2.1).
const RESPONSE: u32 = 0x8000_0000;

/// Every PDU type, and what the decoder does besides.
pub(super) const REACHES: &[&str] = &[
    "bind_receiver",
    "bind_transmitter",
    "bind_transceiver",
    "bind_receiver_resp",
    "bind_transmitter_resp",
    "bind_transceiver_resp",
    "submit_sm",
    "submit_sm_resp",
    "deliver_sm",
    "deliver_sm_resp",
    "data_sm",
    "data_sm_resp",
    "alert_notification",
    "outbind",
    "enquire_link",
    "enquire_link_resp",
    "unbind",
    "unbind_resp",
    "generic_nack",
    "other response",
    "refused",
    "something set aside",
    "stream",
    "bad length",
];

/// The name of a PDU's type as in the standard.
pub(super) fn name(pdu: &Pdu) -> &'static str {
    match pdu {
        Pdu::Bind(bind) => match bind.kind {
            BindKind::Receiver => "bind_receiver",
            BindKind::Transmitter => "bind_transmitter",
            BindKind::Transceiver => "bind_transceiver",
        },
        Pdu::BindResp { kind, .. } => match kind {
            BindKind::Receiver => "bind_receiver_resp",
            BindKind::Transmitter => "bind_transmitter_resp",
            BindKind::Transceiver => "bind_transceiver_resp",
        },
        Pdu::SubmitSm(_) => "submit_sm",
        Pdu::SubmitSmResp { .. } => "submit_sm_resp",
        Pdu::DeliverSm(_) => "deliver_sm",
        Pdu::DeliverSmResp => "deliver_sm_resp",
        Pdu::DataSm(_) => "data_sm",
        Pdu::DataSmResp { .. } => "data_sm_resp",
        Pdu::AlertNotification(_) => "alert_notification",
        Pdu::Outbind => "outbind",
        Pdu::EnquireLink => "enquire_link",
        Pdu::EnquireLinkResp => "enquire_link_resp",
        Pdu::Unbind => "unbind",
        Pdu::UnbindResp => "unbind_resp",
        Pdu::GenericNack => "generic_nack",
        Pdu::OtherResp { .. } => "other response",
    }
}

/// One buffer as one PDU.
pub(super) fn packet(octets: &[u8], reached: &mut Reached) {
    if octets.len() > PDU_OCTETS_MAX {
        return;
    }
    match pdu::decode(octets) {
        Ok(decoded) => {
            reached.insert(name(&decoded.packet.pdu));
            if decoded.set_aside > 0 {
                reached.insert("something set aside");
            }
            round_trip(&decoded.packet);
        }
        Err(refused) => {
            reached.insert("refused");
            assert_ne!(refused.status, 0, "a refusal that says fine");
            assert_eq!(refused.command_id & RESPONSE, 0, "a response was refused");
            let answer = refused.answer();
            assert_eq!(
                (answer.sequence, answer.status),
                (refused.sequence, refused.status)
            );
            round_trip(&answer);
        }
    }
}

/// What was read can be written, is one PDU, and reads the same.
fn round_trip(packet: &Packet) {
    let octets = pdu::encode(packet).expect("what was read can be written");
    let (cut, rest) = cut(&octets, octets.len());
    assert_eq!((cut.len(), rest), (1, Some(0)), "written as one PDU");
    let again = pdu::decode(&octets).expect("what was written can be read");
    assert_eq!(again.set_aside, 0, "nothing of our own is set aside");
    assert_eq!(name(&again.packet.pdu), name(&packet.pdu));
    // An error response goes without its body (SMPP 3.4 §4.4.2).
    let is_response = octets[4] & 0x80 != 0;
    if is_response && packet.status != 0 {
        assert_eq!(
            (again.packet.status, again.packet.sequence),
            (packet.status, packet.sequence)
        );
    } else {
        assert!(
            again.packet == *packet,
            "reads as another PDU than was written"
        );
    }
}

/// The PDUs of a stream that arrives in pieces; `None` for a stream that cannot be read on, else
/// how many octets wait.
fn cut(octets: &[u8], piece: usize) -> (Vec<Vec<u8>>, Option<usize>) {
    let mut splitter = Splitter::default();
    let mut pdus = Vec::new();
    for piece in octets.chunks(piece.max(1)) {
        let cut = splitter.push(piece);
        assert!(cut.pdus.iter().all(|pdu| pdu.len() <= PDU_OCTETS_MAX));
        pdus.extend(cut.pdus);
        assert!(
            splitter.waiting() < PDU_OCTETS_MAX,
            "the splitter holds too much"
        );
        if cut.bad.is_some() {
            assert_eq!(splitter.waiting(), 0);
            return (pdus, None);
        }
    }
    (pdus, Some(splitter.waiting()))
}

/// A stream in pieces of any size gives the same PDUs as the whole.
pub(super) fn stream(data: &[u8], reached: &mut Reached) {
    let Some((piece, octets)) = data.split_first() else {
        return;
    };
    let whole = cut(octets, octets.len());
    assert_eq!(
        whole,
        cut(octets, usize::from(*piece)),
        "pieces change the stream"
    );
    let (pdus, rest) = whole;
    reached.insert(if rest.is_some() {
        "stream"
    } else {
        "bad length"
    });
    let taken: usize = pdus.iter().map(Vec::len).sum();
    assert!(octets.starts_with(&pdus.concat()) && taken + rest.unwrap_or(0) <= octets.len());
    for pdu in &pdus {
        packet(pdu, reached);
    }
}
