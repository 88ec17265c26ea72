//! SMPP 3.4 PDUs in plain types, and the only door to the codec package.
//!
//! [`decode`] takes one whole buffer of [`super::split::Splitter`]: it reads the header itself,
//! walks the body itself, and only then asks the codec, so that a malformed PDU always becomes
//! an answer with the right sequence number and the session stays bound.

mod codec;
mod message;
mod walk;

use super::split::HEADER_OCTETS;
use super::status;

pub use codec::{EncodeError, encode};
pub use message::{EsmClass, MessageType, Optional, ShortMessage, SmeAddress};

/// The three kinds of bind (SMPP 3.4 §2.2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum BindKind {
    /// The ESME only receives.
    Receiver,
    /// The ESME only sends.
    Transmitter,
    /// Both ways.
    Transceiver,
}

impl BindKind {
    /// Whether the ESME may send `submit_sm`.
    pub fn submits(self) -> bool {
        self != Self::Receiver
    }

    /// Whether the ESME gets `deliver_sm`.
    pub fn receives(self) -> bool {
        self != Self::Transmitter
    }
}

/// A bind request (SMPP 3.4 §4.1).
#[derive(Clone, PartialEq, Eq)]
pub struct Bind {
    /// Which of the three.
    pub kind: BindKind,
    /// The account, ≤ 15 ASCII characters.
    pub system_id: String,
    /// Its password, ≤ 8 ASCII characters.
    pub password: String,
    /// Kind of the ESME, ≤ 12 ASCII characters, usually empty.
    pub system_type: String,
    /// 0x34 for SMPP 3.4; 0x33 and less allow no optional parameter.
    pub interface_version: u8,
    /// Numbers that the ESME serves, as the SMSC reads them (SMPP 3.4 §5.2.7), ≤ 40 ASCII
    /// characters; usually empty, because the account says it.
    pub address_range: String,
}

/// What a PDU holds, as far as we use it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Pdu {
    /// `bind_receiver`, `bind_transmitter`, `bind_transceiver`.
    Bind(Bind),
    /// The answer to a bind; the body is missing when the status is an error.
    BindResp {
        /// Which of the three.
        kind: BindKind,
        /// The SMSC's name.
        system_id: String,
        /// `sc_interface_version` (TLV 0x0210); many peers leave it out.
        interface_version: Option<u8>,
    },
    /// `submit_sm`: ESME to SMSC.
    SubmitSm(Box<ShortMessage>),
    /// `submit_sm_resp`.
    SubmitSmResp {
        /// The SMSC's id; empty when the status is an error.
        message_id: String,
    },
    /// `deliver_sm`: SMSC to ESME.
    DeliverSm(Box<ShortMessage>),
    /// `deliver_sm_resp`.
    DeliverSmResp,
    /// `data_sm`: either way; its text is always in `message_payload` (SMPP 3.4 §4.7).
    DataSm(Box<ShortMessage>),
    /// `data_sm_resp`.
    DataSmResp {
        /// The SMSC's id; empty when the status is an error.
        message_id: String,
    },
    /// `alert_notification`: this phone is reachable now; has no response.
    AlertNotification(SmeAddress),
    /// `outbind`: the SMSC asks us to bind; has no response.
    Outbind,
    /// `enquire_link`.
    EnquireLink,
    /// `enquire_link_resp`.
    EnquireLinkResp,
    /// `unbind`.
    Unbind,
    /// `unbind_resp`.
    UnbindResp,
    /// `generic_nack`.
    GenericNack,
    /// Another response, matched by its sequence number only.
    OtherResp {
        /// Its `command_id`, bit 31 set.
        command_id: u32,
    },
}

/// One PDU with the header fields that matter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Packet {
    /// `command_status`; 0 in requests.
    pub status: u32,
    /// `sequence_number`.
    pub sequence: u32,
    /// The rest.
    pub pdu: Pdu,
}

impl Packet {
    /// A request, or a response that says "fine".
    pub fn new(sequence: u32, pdu: Pdu) -> Self {
        Self {
            status: status::OK,
            sequence,
            pdu,
        }
    }
}

/// A PDU as read, with what had to be repaired.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decoded {
    /// The PDU.
    pub packet: Packet,
    /// Parts that did not fit and were left out: padding, misfit TLVs, octets after the body.
    pub set_aside: u16,
}

/// A request that cannot be taken; the session answers it and goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("command {command_id:#010x} refused with status {status:#x}: {reason}")]
pub struct Refused {
    /// Its `sequence_number`.
    pub sequence: u32,
    /// Its `command_id`.
    pub command_id: u32,
    /// The `command_status` to answer with.
    pub status: u32,
    /// What is wrong, without any of the content.
    pub reason: &'static str,
}

impl Refused {
    /// The answer: the fitting response, or `generic_nack` for a command that we do not know.
    pub fn answer(&self) -> Packet {
        let pdu = match self.command_id {
            id::BIND_RECEIVER => bind_refusal(BindKind::Receiver),
            id::BIND_TRANSMITTER => bind_refusal(BindKind::Transmitter),
            id::BIND_TRANSCEIVER => bind_refusal(BindKind::Transceiver),
            id::SUBMIT_SM => Pdu::SubmitSmResp {
                message_id: String::new(),
            },
            id::DELIVER_SM => Pdu::DeliverSmResp,
            id::DATA_SM => Pdu::DataSmResp {
                message_id: String::new(),
            },
            _ => Pdu::GenericNack,
        };
        Packet {
            status: self.status,
            sequence: self.sequence,
            pdu,
        }
    }
}

fn bind_refusal(kind: BindKind) -> Pdu {
    Pdu::BindResp {
        kind,
        system_id: String::new(),
        interface_version: None,
    }
}

/// `command_id` values (SMPP 3.4 §5.1.2.1).
mod id {
    pub(super) const BIND_RECEIVER: u32 = 0x0000_0001;
    pub(super) const BIND_TRANSMITTER: u32 = 0x0000_0002;
    pub(super) const SUBMIT_SM: u32 = 0x0000_0004;
    pub(super) const DELIVER_SM: u32 = 0x0000_0005;
    pub(super) const UNBIND: u32 = 0x0000_0006;
    pub(super) const BIND_TRANSCEIVER: u32 = 0x0000_0009;
    pub(super) const OUTBIND: u32 = 0x0000_000B;
    pub(super) const ENQUIRE_LINK: u32 = 0x0000_0015;
    pub(super) const ALERT_NOTIFICATION: u32 = 0x0000_0102;
    pub(super) const DATA_SM: u32 = 0x0000_0103;
    pub(super) const GENERIC_NACK: u32 = 0x8000_0000;
    /// Set in every response.
    pub(super) const RESPONSE: u32 = 0x8000_0000;
    pub(super) const BIND_RECEIVER_RESP: u32 = BIND_RECEIVER | RESPONSE;
    pub(super) const BIND_TRANSMITTER_RESP: u32 = BIND_TRANSMITTER | RESPONSE;
    pub(super) const BIND_TRANSCEIVER_RESP: u32 = BIND_TRANSCEIVER | RESPONSE;
    pub(super) const SUBMIT_SM_RESP: u32 = SUBMIT_SM | RESPONSE;
    pub(super) const DELIVER_SM_RESP: u32 = DELIVER_SM | RESPONSE;
    pub(super) const DATA_SM_RESP: u32 = DATA_SM | RESPONSE;
    pub(super) const ENQUIRE_LINK_RESP: u32 = ENQUIRE_LINK | RESPONSE;
    pub(super) const UNBIND_RESP: u32 = UNBIND | RESPONSE;
}

/// Decodes one whole PDU as the splitter gives it.
///
/// A response is never refused: what does not fit in it is set aside, because its sequence
/// number alone ends the request that it answers.
///
/// # Errors
/// [`Refused`], whose [`Refused::answer`] the session sends.
pub fn decode(buffer: &[u8]) -> Result<Decoded, Refused> {
    let header = Header::read(buffer);
    let body = buffer.get(HEADER_OCTETS..).unwrap_or_default();
    let refuse = |(status, reason)| Refused {
        sequence: header.sequence,
        command_id: header.command_id,
        status,
        reason,
    };
    let walked = walk::walk(header.command_id, body).map_err(refuse)?;
    let pdu = codec::read(header.command_id, &walked).map_err(refuse)?;
    let packet = Packet {
        status: header.status,
        sequence: header.sequence,
        pdu,
    };
    Ok(Decoded {
        packet,
        set_aside: walked.set_aside,
    })
}

struct Header {
    command_id: u32,
    status: u32,
    sequence: u32,
}

impl Header {
    /// Reads what is there; missing octets count as 0, which is an unknown command.
    fn read(buffer: &[u8]) -> Self {
        let word = |at: usize| {
            let octets = buffer.get(at..).and_then(|rest| rest.first_chunk::<4>());
            octets.map_or(0, |octets| u32::from_be_bytes(*octets))
        };
        Self {
            command_id: word(4),
            status: word(8),
            sequence: word(12),
        }
    }
}

impl core::fmt::Debug for Bind {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "Bind({:?}, version {:#x})",
            self.kind, self.interface_version
        )
    }
}

#[cfg(test)]
mod tests;
