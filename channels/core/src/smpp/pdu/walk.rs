//! Our own walk over a PDU body before the codec sees it: lengths, NULs, padding, TLVs.
//!
//! Mandatory fields of a request that do not fit are refused with the status of SMPP 3.4
//! §5.1.3 that names them. TLVs that do not fit are left out, so that one vendor's padding never
//! costs a whole receipt.

use super::super::status;
use super::id;

/// TLV tags (SMPP 3.4 §5.3.2).
pub(super) mod tag {
    pub(in super::super) const RECEIPTED_MESSAGE_ID: u16 = 0x001E;
    pub(in super::super) const USER_MESSAGE_REFERENCE: u16 = 0x0204;
    pub(in super::super) const SAR_MSG_REF_NUM: u16 = 0x020C;
    pub(in super::super) const SAR_TOTAL_SEGMENTS: u16 = 0x020E;
    pub(in super::super) const SAR_SEGMENT_SEQNUM: u16 = 0x020F;
    pub(in super::super) const SC_INTERFACE_VERSION: u16 = 0x0210;
    pub(in super::super) const NETWORK_ERROR_CODE: u16 = 0x0423;
    pub(in super::super) const MESSAGE_PAYLOAD: u16 = 0x0424;
    pub(in super::super) const MESSAGE_STATE: u16 = 0x0427;
    pub(in super::super) const USSD_SERVICE_OP: u16 = 0x0501;
    pub(in super::super) const ITS_SESSION_INFO: u16 = 0x1383;
}

/// The TLVs of a message that we use.
const MESSAGE_TAGS: [u16; 10] = [
    tag::RECEIPTED_MESSAGE_ID,
    tag::USER_MESSAGE_REFERENCE,
    tag::SAR_MSG_REF_NUM,
    tag::SAR_TOTAL_SEGMENTS,
    tag::SAR_SEGMENT_SEQNUM,
    tag::NETWORK_ERROR_CODE,
    tag::MESSAGE_PAYLOAD,
    tag::MESSAGE_STATE,
    tag::USSD_SERVICE_OP,
    tag::ITS_SESSION_INFO,
];

/// Most characters of a message id (SMPP 3.4 §5.2.23); a longer one is set aside.
const MESSAGE_ID_CHARS_MAX: usize = 64;

/// A body that the codec can read without surprise.
#[derive(Default)]
pub(super) struct Walked {
    /// Mandatory fields, then the TLVs that we use, each once.
    pub(super) body: Vec<u8>,
    /// What was left out.
    pub(super) set_aside: u16,
}

/// Why a request is refused: `command_status` and a sentence.
pub(super) type Fault = (u32, &'static str);

/// Checks and cleans the body of a PDU.
pub(super) fn walk(command_id: u32, body: &[u8]) -> Result<Walked, Fault> {
    let mut walk = Walk {
        rest: body,
        out: Walked::default(),
        seen: Vec::new(),
    };
    match command_id {
        id::BIND_RECEIVER | id::BIND_TRANSMITTER | id::BIND_TRANSCEIVER => walk.bind()?,
        id::SUBMIT_SM | id::DELIVER_SM => walk.short_message()?,
        id::DATA_SM => walk.data()?,
        id::ALERT_NOTIFICATION => walk.alert()?,
        id::BIND_RECEIVER_RESP | id::BIND_TRANSMITTER_RESP | id::BIND_TRANSCEIVER_RESP => {
            walk.response(15, &[tag::SC_INTERFACE_VERSION]);
        }
        id::SUBMIT_SM_RESP | id::DATA_SM_RESP => walk.response(MESSAGE_ID_CHARS_MAX, &[]),
        id::ENQUIRE_LINK
        | id::UNBIND
        | id::GENERIC_NACK
        | id::ENQUIRE_LINK_RESP
        | id::UNBIND_RESP => walk.leave_rest(),
        // A body that we do not use.
        _ => {}
    }
    Ok(walk.out)
}

struct Walk<'a> {
    rest: &'a [u8],
    out: Walked,
    seen: Vec<u16>,
}

impl<'a> Walk<'a> {
    fn bind(&mut self) -> Result<(), Fault> {
        self.text(15, (status::INVALID_SYSTEM_ID, "system_id does not fit"))?;
        self.text(8, (status::INVALID_PASSWORD, "password does not fit"))?;
        self.text(
            12,
            (status::INVALID_SYSTEM_TYPE, "system_type does not fit"),
        )?;
        self.octets(3)?;
        self.text(40, (status::BIND_FAILED, "address_range does not fit"))?;
        self.leave_rest();
        Ok(())
    }

    fn short_message(&mut self) -> Result<(), Fault> {
        self.addresses()?;
        self.octets(3)?;
        self.time((
            status::INVALID_SCHEDULE,
            "schedule_delivery_time does not fit",
        ))?;
        self.time((status::INVALID_VALIDITY, "validity_period does not fit"))?;
        let last = self.octets(5)?;
        let length = last.last().copied().map_or(0, usize::from);
        let fault = (
            status::INVALID_MESSAGE_LENGTH,
            "sm_length is longer than the PDU",
        );
        let text = self.take(length).ok_or(fault)?;
        self.out.body.extend_from_slice(text);
        let payload = self.tlvs(&MESSAGE_TAGS);
        if payload && length > 0 {
            let reason = "both short_message and message_payload are filled";
            return Err((status::PARAMETER_NOT_ALLOWED, reason));
        }
        Ok(())
    }

    fn data(&mut self) -> Result<(), Fault> {
        self.addresses()?;
        self.octets(3)?;
        self.tlvs(&MESSAGE_TAGS);
        Ok(())
    }

    /// `service_type` and both addresses, as all messages begin.
    fn addresses(&mut self) -> Result<(), Fault> {
        self.text(
            5,
            (status::INVALID_SERVICE_TYPE, "service_type does not fit"),
        )?;
        self.octets(2)?;
        self.text(20, (status::INVALID_SOURCE, "source_addr does not fit"))?;
        self.octets(2)?;
        self.text(
            20,
            (status::INVALID_DESTINATION, "destination_addr does not fit"),
        )?;
        Ok(())
    }

    fn alert(&mut self) -> Result<(), Fault> {
        for fault in ["source_addr does not fit", "esme_addr does not fit"] {
            self.octets(2)?;
            self.text(64, (status::INVALID_SOURCE, fault))?;
        }
        self.leave_rest();
        Ok(())
    }

    /// A response with one text field. Never fails: a missing NUL is put there, a text that does
    /// not fit becomes empty, and a missing body stays missing.
    fn response(&mut self, characters_max: usize, tags: &[u16]) {
        if self.rest.is_empty() {
            return;
        }
        let end = self.rest.iter().position(|octet| *octet == 0);
        let text = self
            .take(end.unwrap_or(self.rest.len()))
            .unwrap_or_default();
        if end.is_some() {
            self.take(1);
        }
        if text.is_ascii() && text.len() <= characters_max {
            self.out.body.extend_from_slice(text);
        } else {
            self.left_out();
        }
        self.out.body.push(0);
        self.tlvs(tags);
    }

    /// Copies a NUL-ended ASCII text of at most `characters_max` characters.
    fn text(&mut self, characters_max: usize, fault: Fault) -> Result<usize, Fault> {
        let end = self.rest.iter().position(|octet| *octet == 0);
        let end = end.ok_or((
            status::INVALID_COMMAND_LENGTH,
            "a text has no end in this PDU",
        ))?;
        let text = self.take(end).unwrap_or_default();
        self.take(1);
        if end > characters_max || !text.is_ascii() {
            return Err(fault);
        }
        self.out.body.extend_from_slice(text);
        self.out.body.push(0);
        Ok(end)
    }

    /// A time is empty or 16 characters.
    fn time(&mut self, fault: Fault) -> Result<(), Fault> {
        match self.text(16, fault)? {
            0 | 16 => Ok(()),
            _ => Err(fault),
        }
    }

    fn octets(&mut self, count: usize) -> Result<&'a [u8], Fault> {
        let fault = (
            status::INVALID_COMMAND_LENGTH,
            "the PDU ends within its mandatory fields",
        );
        let octets = self.take(count).ok_or(fault)?;
        self.out.body.extend_from_slice(octets);
        Ok(octets)
    }

    /// Copies the wanted TLVs that fit, the first of each tag; tells whether a payload was there.
    fn tlvs(&mut self, wanted: &[u16]) -> bool {
        while let Some((number, value)) = self.next_tlv() {
            if !wanted.contains(&number) {
                continue;
            }
            match fitted(number, value) {
                Some(value) if !self.seen.contains(&number) => self.put_tlv(number, &value),
                _ => self.left_out(),
            }
        }
        self.leave_rest();
        self.seen.contains(&tag::MESSAGE_PAYLOAD)
    }

    fn put_tlv(&mut self, number: u16, value: &[u8]) {
        self.seen.push(number);
        self.out.body.extend_from_slice(&number.to_be_bytes());
        // A value came from a 16-bit length and grows by at most the NUL that replaces one.
        let length = u16::try_from(value.len()).unwrap_or(u16::MAX);
        self.out.body.extend_from_slice(&length.to_be_bytes());
        self.out.body.extend_from_slice(value);
    }

    fn next_tlv(&mut self) -> Option<(u16, &'a [u8])> {
        let (number, rest) = self.rest.split_first_chunk::<2>()?;
        let (length, rest) = rest.split_first_chunk::<2>()?;
        let value = rest.get(..usize::from(u16::from_be_bytes(*length)))?;
        self.rest = rest.get(value.len()..).unwrap_or_default();
        Some((u16::from_be_bytes(*number), value))
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    fn leave_rest(&mut self) {
        if !self.rest.is_empty() {
            self.left_out();
        }
        self.rest = &[];
    }

    fn left_out(&mut self) {
        self.out.set_aside = self.out.set_aside.saturating_add(1);
    }
}

/// The value as the codec wants it; `None` when it cannot be made to fit.
fn fitted(number: u16, value: &[u8]) -> Option<Vec<u8>> {
    let octets = match number {
        tag::RECEIPTED_MESSAGE_ID => {
            let text = value.split(|octet| *octet == 0).next().unwrap_or_default();
            let fits = text.is_ascii() && text.len() <= MESSAGE_ID_CHARS_MAX && !text.is_empty();
            return fits.then(|| [text, &[0]].concat());
        }
        tag::MESSAGE_PAYLOAD => value.len(),
        tag::NETWORK_ERROR_CODE => 3,
        tag::USER_MESSAGE_REFERENCE | tag::SAR_MSG_REF_NUM | tag::ITS_SESSION_INFO => 2,
        _ => 1,
    };
    (value.len() == octets).then(|| value.to_vec())
}
