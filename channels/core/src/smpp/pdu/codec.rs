//! Between our plain types and the codec package; nothing else names that package.

use bytes::{Bytes, BytesMut};
use rusmpp_core::CommandId;
use rusmpp_core::decode::owned::DecodeWithKeyOptional;
use rusmpp_core::encode::owned::Encode;
use rusmpp_core::pdus::owned as wire;
use rusmpp_core::tlvs::TlvTag;
use rusmpp_core::tlvs::owned::{
    MessageDeliveryRequestTlvValue, MessageSubmissionRequestTlvValue, Tlv, TlvValue,
};
use rusmpp_core::types::owned::{
    AnyOctetString, COctetString, EmptyOrFullCOctetString, OctetString,
};
use rusmpp_core::values as value;

use super::super::split::HEADER_OCTETS;
use super::super::status;
use super::walk::{Fault, Walked, tag};
use super::{Bind, BindKind, EsmClass, Optional, Packet, Pdu, ShortMessage, SmeAddress, id};

/// A value of ours that SMPP cannot carry; surfaces where an account or message is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{field} does not fit into an SMPP PDU")]
pub struct EncodeError {
    /// The field's name in the standard.
    pub field: &'static str,
}

/// Tag and value.
type RawTlv = (TlvTag, AnyOctetString);

/// Writes a whole PDU; an error response has no body (SMPP 3.4 §4.4.2).
///
/// # Errors
/// [`EncodeError`] when a field is too long or not ASCII.
pub fn encode(packet: &Packet) -> Result<Vec<u8>, EncodeError> {
    let (command_id, body) = write_body(&packet.pdu)?;
    let is_error = command_id & id::RESPONSE != 0 && packet.status != status::OK;
    let body = if is_error { BytesMut::new() } else { body };
    let fault = EncodeError {
        field: "command_length",
    };
    let length = u32::try_from(HEADER_OCTETS.saturating_add(body.len()))
        .ok()
        .ok_or(fault)?;
    let words = [length, command_id, packet.status, packet.sequence];
    let mut out: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
    out.extend_from_slice(&body);
    Ok(out)
}

fn write_body(pdu: &Pdu) -> Result<(u32, BytesMut), EncodeError> {
    let pdu = match pdu {
        Pdu::Bind(bind) => write_bind(bind)?,
        Pdu::BindResp {
            kind,
            system_id,
            interface_version,
        } => write_bind_resp(*kind, system_id, *interface_version)?,
        Pdu::SubmitSm(message) => wire::Pdu::SubmitSm(write_submit(message)?),
        Pdu::SubmitSmResp { message_id } => {
            wire::SubmitSmResp::new(text(message_id, "message_id")?, Vec::new()).into()
        }
        Pdu::DeliverSm(message) => wire::Pdu::DeliverSm(write_deliver(message)?),
        // The message id of a deliver_sm_resp is unused and set to NULL (SMPP 3.4 §4.6.2).
        Pdu::DeliverSmResp => wire::DeliverSmResp::new(COctetString::empty(), Vec::new()).into(),
        Pdu::DataSm(message) => write_data(message)?.into(),
        Pdu::DataSmResp { message_id } => {
            wire::DataSmResp::new(text(message_id, "message_id")?, Vec::new()).into()
        }
        Pdu::AlertNotification(source) => write_alert(source)?,
        Pdu::Outbind => wire::Outbind::new(COctetString::empty(), COctetString::empty()).into(),
        Pdu::EnquireLink => wire::Pdu::EnquireLink,
        Pdu::EnquireLinkResp => wire::Pdu::EnquireLinkResp,
        Pdu::Unbind => wire::Pdu::Unbind,
        Pdu::UnbindResp => wire::Pdu::UnbindResp,
        Pdu::GenericNack => wire::Pdu::GenericNack,
        Pdu::OtherResp { command_id } => wire::Pdu::Other {
            command_id: CommandId::from(*command_id),
            body: AnyOctetString::empty(),
        },
    };
    let mut body = BytesMut::new();
    pdu.encode(&mut body);
    Ok((pdu.command_id().into(), body))
}

fn write_bind(bind: &Bind) -> Result<wire::Pdu, EncodeError> {
    macro_rules! bind {
        ($type:ident) => {
            wire::$type::new(
                text(&bind.system_id, "system_id")?,
                text(&bind.password, "password")?,
                text(&bind.system_type, "system_type")?,
                value::InterfaceVersion::from(bind.interface_version),
                value::Ton::Unknown,
                value::Npi::Unknown,
                text(&bind.address_range, "address_range")?,
            )
            .into()
        };
    }
    Ok(match bind.kind {
        BindKind::Receiver => bind!(BindReceiver),
        BindKind::Transmitter => bind!(BindTransmitter),
        BindKind::Transceiver => bind!(BindTransceiver),
    })
}

fn write_bind_resp(
    kind: BindKind,
    system_id: &str,
    version: Option<u8>,
) -> Result<wire::Pdu, EncodeError> {
    let system_id = text(system_id, "system_id")?;
    let version = version.map(value::InterfaceVersion::from);
    Ok(match kind {
        BindKind::Receiver => wire::BindReceiverResp::new(system_id, version).into(),
        BindKind::Transmitter => wire::BindTransmitterResp::new(system_id, version).into(),
        BindKind::Transceiver => wire::BindTransceiverResp::new(system_id, version).into(),
    })
}

fn write_alert(source: &SmeAddress) -> Result<wire::Pdu, EncodeError> {
    Ok(wire::AlertNotification::new(
        value::Ton::from(source.ton),
        value::Npi::from(source.npi),
        text(&source.address, "source_addr")?,
        value::Ton::Unknown,
        value::Npi::Unknown,
        COctetString::empty(),
        None,
    )
    .into())
}

/// `submit_sm` and `deliver_sm` have the same fields and share no type in the codec.
macro_rules! write_short_message {
    ($type:ident, $tlv:ident, $message:expr) => {{
        let message: &ShortMessage = $message;
        let tlvs = tlvs(&message.optional)?.into_iter();
        let tlvs = tlvs.map(|(tag, value)| $tlv::Other { tag, value });
        wire::$type::new(
            value::owned::ServiceType::new(text(&message.service_type, "service_type")?),
            value::Ton::from(message.source.ton),
            value::Npi::from(message.source.npi),
            text(&message.source.address, "source_addr")?,
            value::Ton::from(message.destination.ton),
            value::Npi::from(message.destination.npi),
            text(&message.destination.address, "destination_addr")?,
            value::EsmClass::from(message.esm_class.0),
            message.protocol_id,
            value::PriorityFlag::from(message.priority_flag),
            time(&message.schedule_delivery_time, "schedule_delivery_time")?,
            time(&message.validity_period, "validity_period")?,
            value::RegisteredDelivery::from(message.registered_delivery),
            value::ReplaceIfPresentFlag::DoNotReplace,
            value::DataCoding::from(message.data_coding),
            0,
            octets(&message.short_message)?,
            tlvs.collect(),
        )
    }};
}

fn write_submit(message: &ShortMessage) -> Result<wire::SubmitSm, EncodeError> {
    Ok(write_short_message!(
        SubmitSm,
        MessageSubmissionRequestTlvValue,
        message
    ))
}

fn write_deliver(message: &ShortMessage) -> Result<wire::DeliverSm, EncodeError> {
    Ok(write_short_message!(
        DeliverSm,
        MessageDeliveryRequestTlvValue,
        message
    ))
}

/// `data_sm` has no text field of its own: a short text goes into `message_payload` too.
fn write_data(message: &ShortMessage) -> Result<wire::DataSm, EncodeError> {
    let payload = message.optional.message_payload.clone();
    let short = (!message.short_message.is_empty()).then(|| message.short_message.clone());
    let optional = Optional {
        message_payload: payload.or(short),
        ..message.optional.clone()
    };
    let tlvs = tlvs(&optional)?.into_iter();
    let tlvs = tlvs.map(|(tag, value)| MessageSubmissionRequestTlvValue::Other { tag, value });
    Ok(wire::DataSm::new(
        value::owned::ServiceType::new(text(&message.service_type, "service_type")?),
        value::Ton::from(message.source.ton),
        value::Npi::from(message.source.npi),
        text(&message.source.address, "source_addr")?,
        value::Ton::from(message.destination.ton),
        value::Npi::from(message.destination.npi),
        text(&message.destination.address, "destination_addr")?,
        value::EsmClass::from(message.esm_class.0),
        value::RegisteredDelivery::from(message.registered_delivery),
        value::DataCoding::from(message.data_coding),
        tlvs.collect(),
    ))
}

/// All TLVs as tag and octets, in the order of their tags.
fn tlvs(optional: &Optional) -> Result<Vec<RawTlv>, EncodeError> {
    let id = optional.receipted_message_id.as_deref();
    let id = id
        .map(|id| text::<65>(id, "receipted_message_id"))
        .transpose()?;
    let payload = optional.message_payload.as_ref();
    if payload.is_some_and(|payload| payload.len() > usize::from(u16::MAX)) {
        return Err(EncodeError {
            field: "message_payload",
        });
    }
    let word = |number: Option<u16>| number.map(|number| number.to_be_bytes().to_vec());
    let octet = |number: Option<u8>| number.map(|number| vec![number]);
    let error_code = optional.network_error_code.map(|octets| octets.to_vec());
    let all = [
        (tag::RECEIPTED_MESSAGE_ID, id.map(COctetString::into_vec)),
        (
            tag::USER_MESSAGE_REFERENCE,
            word(optional.user_message_reference),
        ),
        (tag::SAR_MSG_REF_NUM, word(optional.sar_msg_ref_num)),
        (tag::SAR_TOTAL_SEGMENTS, octet(optional.sar_total_segments)),
        (tag::SAR_SEGMENT_SEQNUM, octet(optional.sar_segment_seqnum)),
        (tag::NETWORK_ERROR_CODE, error_code),
        (tag::MESSAGE_PAYLOAD, payload.cloned()),
        (tag::MESSAGE_STATE, octet(optional.message_state)),
        (tag::USSD_SERVICE_OP, octet(optional.ussd_service_op)),
        (
            tag::ITS_SESSION_INFO,
            optional.its_session_info.map(|octets| octets.to_vec()),
        ),
    ];
    let present = all
        .into_iter()
        .filter_map(|(tag, octets)| Some((tag, octets?)));
    Ok(present
        .map(|(tag, octets)| (TlvTag::from(tag), AnyOctetString::from_vec(octets)))
        .collect())
}

fn text<const MAX: usize>(
    text: &str,
    field: &'static str,
) -> Result<COctetString<1, MAX>, EncodeError> {
    COctetString::from_vec([text.as_bytes(), &[0]].concat())
        .ok()
        .ok_or(EncodeError { field })
}

fn time(text: &str, field: &'static str) -> Result<EmptyOrFullCOctetString<17>, EncodeError> {
    EmptyOrFullCOctetString::from_vec([text.as_bytes(), &[0]].concat())
        .ok()
        .ok_or(EncodeError { field })
}

fn octets(octets: &[u8]) -> Result<OctetString<0, 255>, EncodeError> {
    OctetString::from_slice(octets).ok().ok_or(EncodeError {
        field: "short_message",
    })
}

/// Reads a walked body.
pub(super) fn read(command_id: u32, walked: &Walked) -> Result<Pdu, Fault> {
    // Bodiless in our types, or with nothing that we use.
    match command_id {
        id::OUTBIND => return Ok(Pdu::Outbind),
        id::ENQUIRE_LINK => return Ok(Pdu::EnquireLink),
        id::ENQUIRE_LINK_RESP => return Ok(Pdu::EnquireLinkResp),
        id::UNBIND => return Ok(Pdu::Unbind),
        id::UNBIND_RESP => return Ok(Pdu::UnbindResp),
        id::GENERIC_NACK => return Ok(Pdu::GenericNack),
        id::DELIVER_SM_RESP => return Ok(Pdu::DeliverSmResp),
        _ => {}
    }
    let mut source = BytesMut::from(walked.body.as_slice());
    let length = source.len();
    let read = wire::Pdu::decode(CommandId::from(command_id), &mut source, length);
    match read {
        Ok(Some((pdu, _))) => plain(command_id, pdu),
        Ok(None) => bodiless(command_id),
        Err(_) if command_id & id::RESPONSE != 0 => bodiless(command_id),
        Err(_) => Err((status::INVALID_COMMAND_LENGTH, "the body cannot be read")),
    }
}

/// A response without its body, as error responses are.
fn bodiless(command_id: u32) -> Result<Pdu, Fault> {
    let bind = |kind| Pdu::BindResp {
        kind,
        system_id: String::new(),
        interface_version: None,
    };
    match command_id {
        id::BIND_RECEIVER_RESP => Ok(bind(BindKind::Receiver)),
        id::BIND_TRANSMITTER_RESP => Ok(bind(BindKind::Transmitter)),
        id::BIND_TRANSCEIVER_RESP => Ok(bind(BindKind::Transceiver)),
        id::SUBMIT_SM_RESP => Ok(Pdu::SubmitSmResp {
            message_id: String::new(),
        }),
        id::DATA_SM_RESP => Ok(Pdu::DataSmResp {
            message_id: String::new(),
        }),
        _ if command_id & id::RESPONSE != 0 => Ok(Pdu::OtherResp { command_id }),
        _ => Err((status::INVALID_COMMAND_ID, "this command is not served")),
    }
}

/// The way back for the same two.
macro_rules! short_message {
    ($message:expr) => {{
        let optional = optional($message.tlvs());
        let short_message = $message.short_message().clone().into_vec();
        ShortMessage {
            service_type: ascii(&$message.service_type.value().clone().into_bytes()),
            source: SmeAddress {
                ton: $message.source_addr_ton.into(),
                npi: $message.source_addr_npi.into(),
                address: ascii(&$message.source_addr.into_bytes()),
            },
            destination: SmeAddress {
                ton: $message.dest_addr_ton.into(),
                npi: $message.dest_addr_npi.into(),
                address: ascii(&$message.destination_addr.into_bytes()),
            },
            esm_class: EsmClass($message.esm_class.into()),
            protocol_id: $message.protocol_id,
            priority_flag: $message.priority_flag.into(),
            schedule_delivery_time: ascii(&$message.schedule_delivery_time.into_bytes()),
            validity_period: ascii(&$message.validity_period.into_bytes()),
            registered_delivery: $message.registered_delivery.into(),
            data_coding: $message.data_coding.into(),
            short_message,
            optional,
        }
    }};
}
fn plain(command_id: u32, pdu: wire::Pdu) -> Result<Pdu, Fault> {
    macro_rules! bind {
        ($kind:ident, $bind:expr) => {
            Ok(Pdu::Bind(Bind {
                kind: BindKind::$kind,
                system_id: ascii(&$bind.system_id.into_bytes()),
                password: ascii(&$bind.password.into_bytes()),
                system_type: ascii(&$bind.system_type.into_bytes()),
                interface_version: $bind.interface_version.into(),
                address_range: ascii(&$bind.address_range.into_bytes()),
            }))
        };
    }
    macro_rules! bind_resp {
        ($kind:ident, $resp:expr) => {
            Ok(Pdu::BindResp {
                kind: BindKind::$kind,
                interface_version: $resp.sc_interface_version().map(Into::into),
                system_id: ascii(&$resp.system_id.into_bytes()),
            })
        };
    }
    match pdu {
        wire::Pdu::BindReceiver(bind) => bind!(Receiver, bind),
        wire::Pdu::BindTransmitter(bind) => bind!(Transmitter, bind),
        wire::Pdu::BindTransceiver(bind) => bind!(Transceiver, bind),
        wire::Pdu::BindReceiverResp(resp) => bind_resp!(Receiver, resp),
        wire::Pdu::BindTransmitterResp(resp) => bind_resp!(Transmitter, resp),
        wire::Pdu::BindTransceiverResp(resp) => bind_resp!(Transceiver, resp),
        wire::Pdu::SubmitSm(message) => Ok(Pdu::SubmitSm(Box::new(short_message!(message)))),
        wire::Pdu::DeliverSm(message) => Ok(Pdu::DeliverSm(Box::new(short_message!(message)))),
        wire::Pdu::SubmitSmResp(resp) => Ok(Pdu::SubmitSmResp {
            message_id: ascii(&resp.message_id().clone().into_bytes()),
        }),
        wire::Pdu::DataSm(data) => Ok(Pdu::DataSm(Box::new(data_message(data)))),
        wire::Pdu::DataSmResp(resp) => Ok(Pdu::DataSmResp {
            message_id: ascii(&resp.message_id().clone().into_bytes()),
        }),
        wire::Pdu::AlertNotification(alert) => Ok(Pdu::AlertNotification(SmeAddress {
            ton: alert.source_addr_ton.into(),
            npi: alert.source_addr_npi.into(),
            address: ascii(&alert.source_addr.into_bytes()),
        })),
        _ => bodiless(command_id),
    }
}

fn data_message(data: wire::DataSm) -> ShortMessage {
    let optional = optional(data.tlvs());
    ShortMessage {
        service_type: ascii(&data.service_type.value().clone().into_bytes()),
        source: SmeAddress {
            ton: data.source_addr_ton.into(),
            npi: data.source_addr_npi.into(),
            address: ascii(&data.source_addr.into_bytes()),
        },
        destination: SmeAddress {
            ton: data.dest_addr_ton.into(),
            npi: data.dest_addr_npi.into(),
            address: ascii(&data.destination_addr.into_bytes()),
        },
        esm_class: EsmClass(data.esm_class.into()),
        registered_delivery: data.registered_delivery.into(),
        data_coding: data.data_coding.into(),
        optional,
        ..ShortMessage::default()
    }
}

fn optional(tlvs: &[Tlv]) -> Optional {
    let mut out = Optional::default();
    // The codec keeps no value of length 0; an empty payload is one all the same.
    if tlvs.iter().any(|tlv| tlv.tag() == TlvTag::MessagePayload) {
        out.message_payload = Some(vec![]);
    }
    for value in tlvs.iter().filter_map(Tlv::value) {
        match value {
            TlvValue::MessagePayload(payload) => {
                out.message_payload = Some(payload.value.clone().into_vec());
            }
            TlvValue::SarMsgRefNum(number) => out.sar_msg_ref_num = Some(*number),
            TlvValue::SarTotalSegments(number) => out.sar_total_segments = Some(*number),
            TlvValue::SarSegmentSeqnum(number) => out.sar_segment_seqnum = Some(*number),
            TlvValue::UssdServiceOp(op) => out.ussd_service_op = Some((*op).into()),
            TlvValue::ItsSessionInfo(session) => {
                out.its_session_info = Some([session.session_number, session.sequence_number]);
            }
            TlvValue::UserMessageReference(reference) => {
                out.user_message_reference = Some(reference.value);
            }
            TlvValue::ReceiptedMessageId(id) => {
                out.receipted_message_id = Some(ascii(&id.clone().into_bytes()));
            }
            TlvValue::MessageState(state) => out.message_state = Some((*state).into()),
            TlvValue::NetworkErrorCode(code) => {
                let [high, low] = code.error_code.to_be_bytes();
                out.network_error_code = Some([code.network_type.into(), high, low]);
            }
            _ => {}
        }
    }
    out
}

/// The characters before the NUL; the walk let only ASCII through.
fn ascii(octets: &Bytes) -> String {
    let text = octets.split(|octet| *octet == 0).next().unwrap_or_default();
    String::from_utf8_lossy(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::super::{decode, encode};
    use super::*;

    /// Found by 20,000 cases of `what_is_written_is_read_again`: an empty value was read as none.
    #[test]
    fn an_empty_message_payload_is_read_as_one() {
        let mut message = ShortMessage::default();
        message.optional.message_payload = Some(vec![]);
        let packet = Packet::new(1, Pdu::SubmitSm(Box::new(message)));
        let read = decode(&encode(&packet).unwrap()).unwrap();
        assert_eq!(read.packet, packet);
    }
}
