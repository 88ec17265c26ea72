//! The body that `submit_sm` and `deliver_sm` have in common (SMPP 3.4 §4.4.1, §4.6.1).

use core::fmt;

/// An SME's address as it stands in a PDU.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct SmeAddress {
    /// Type of number (SMPP 3.4 §5.2.5): 0 unknown, 1 international, 5 alphanumeric.
    pub ton: u8,
    /// Numbering plan (SMPP 3.4 §5.2.6): 1 = E.164.
    pub npi: u8,
    /// ≤ 20 ASCII characters; may be empty.
    pub address: String,
}

/// `esm_class` (SMPP 3.4 §5.2.12), to be read by masks only: peers fill bits that mean nothing.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct EsmClass(pub u8);

/// The message type bits 0x3C of `esm_class`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MessageType {
    /// An ordinary message.
    Message,
    /// The SMSC's delivery receipt.
    Receipt,
    /// The SME's delivery or user acknowledgement.
    Acknowledgement,
    /// An intermediate notification: not final.
    Intermediate,
    /// A reserved combination.
    Reserved,
}

impl EsmClass {
    /// A delivery receipt.
    pub const RECEIPT: Self = Self(0x04);

    /// What kind of message it is.
    pub fn message_type(self) -> MessageType {
        match self.0 & 0x3C {
            0x00 => MessageType::Message,
            0x04 => MessageType::Receipt,
            0x08 | 0x10 => MessageType::Acknowledgement,
            0x20 => MessageType::Intermediate,
            _ => MessageType::Reserved,
        }
    }

    /// Whether the text starts with a user data header.
    pub fn has_udh(self) -> bool {
        self.0 & 0x40 != 0
    }

    /// The same with the user data header bit.
    #[must_use]
    pub fn with_udh(self) -> Self {
        Self(self.0 | 0x40)
    }
}

/// The optional parameters (TLVs) that we use; others pass by.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Optional {
    /// 0x0424: the text, when `short_message` is empty.
    pub message_payload: Option<Vec<u8>>,
    /// 0x020C: which long message a part belongs to.
    pub sar_msg_ref_num: Option<u16>,
    /// 0x020E: how many parts there are.
    pub sar_total_segments: Option<u8>,
    /// 0x020F: which part this is, from 1.
    pub sar_segment_seqnum: Option<u8>,
    /// 0x0501: USSD operation.
    pub ussd_service_op: Option<u8>,
    /// 0x1383: USSD session, both octets.
    pub its_session_info: Option<[u8; 2]>,
    /// 0x0204: the ESME's own number of a message.
    pub user_message_reference: Option<u16>,
    /// 0x001E: the message that a receipt is about.
    pub receipted_message_id: Option<String>,
    /// 0x0427: its state, 1–8.
    pub message_state: Option<u8>,
    /// 0x0423: network and reason of a failure.
    pub network_error_code: Option<[u8; 3]>,
}

/// The body of `submit_sm` and `deliver_sm`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct ShortMessage {
    /// ≤ 5 ASCII characters; `USSD` with most USSD gateways.
    pub service_type: String,
    /// Who sends.
    pub source: SmeAddress,
    /// Who gets it.
    pub destination: SmeAddress,
    /// Mode, type and features.
    pub esm_class: EsmClass,
    /// TP-PID.
    pub protocol_id: u8,
    /// Priority.
    pub priority_flag: u8,
    /// Empty, or 16 characters (SMPP 3.4 §7.1.1).
    pub schedule_delivery_time: String,
    /// Empty, or 16 characters (SMPP 3.4 §7.1.1).
    pub validity_period: String,
    /// Whether a receipt is wanted (SMPP 3.4 §5.2.17).
    pub registered_delivery: u8,
    /// Alphabet (SMPP 3.4 §5.2.19).
    pub data_coding: u8,
    /// ≤ 255 octets; the standard allows 254.
    pub short_message: Vec<u8>,
    /// Optional parameters.
    pub optional: Optional,
}

impl ShortMessage {
    /// The octets of the text, from whichever field holds them.
    pub fn content(&self) -> &[u8] {
        match &self.optional.message_payload {
            Some(payload) if self.short_message.is_empty() => payload,
            _ => &self.short_message,
        }
    }
}

impl fmt::Debug for SmeAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "[address, {} characters, ton {}]",
            self.address.len(),
            self.ton
        )
    }
}

impl fmt::Debug for Optional {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Optional")
            .field(
                "message_payload",
                &self.message_payload.as_ref().map(Vec::len),
            )
            .field("sar_segment_seqnum", &self.sar_segment_seqnum)
            .field("ussd_service_op", &self.ussd_service_op)
            .field("message_state", &self.message_state)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ShortMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShortMessage")
            .field("source", &self.source)
            .field("destination", &self.destination)
            .field("esm_class", &self.esm_class)
            .field("data_coding", &self.data_coding)
            .field("octets", &self.short_message.len())
            .field("optional", &self.optional)
            .finish_non_exhaustive()
    }
}
