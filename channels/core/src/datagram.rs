//! Data for a program in an SMS: 8-bit data behind a 16-bit application port.
//!
//! What the octets say is sealed and belongs to the node. Here are the port that marks them, the
//! SUBMIT that carries them, and the test that tells them from texts: such a message is never shown
//! to a person and never joined from parts (TS 23.040 §9.2.3.24.4).

use crate::address::Address;
use crate::segment::udh::{self, Ports};
use crate::smpp::pdu::ShortMessage;
use crate::smpp::sms::{self, CodePlan, Coded};
use crate::tpdu::{Alphabet, RelativeValidity, Submit, TpAddress, TpduError, UserData, Validity};

/// Application port of synchronisation between nodes and hubs, at both ends: from the range that
/// applications may take without registration (TS 23.040 §9.2.3.24.4: 16000–16999).
pub const SYNC_PORT: u16 = 16_010;
/// Octets of data in one message: 140 less a header with ports; more are refused when sent.
pub const DATA_OCTETS_MAX: usize = 133;
/// How long the network tries, in seconds: a day. The sender asks sooner, and a part that comes
/// late is still of use.
const VALIDITY_S: u32 = 86_400;
/// `data_coding` of 8-bit binary (SMPP 3.4 §5.2.19).
const SMPP_BINARY: u8 = 4;

/// The SUBMIT without SMSC prefix that brings data to the other end's port, without a report.
///
/// # Errors
/// [`TpduError`] when the data are more than one message, or the address cannot be written.
pub fn submit(to: &Address, octets: &[u8]) -> Result<Vec<u8>, TpduError> {
    let user_data = UserData::datagram(ports(), octets.to_vec())?;
    let mut submit = Submit::to(TpAddress::of(to)?, user_data);
    submit.validity = Some(Validity::Relative(RelativeValidity::at_most(VALIDITY_S)));
    Ok(submit.encode())
}

/// The `submit_sm` of the same message (SMPP 3.4 §5.2.12, §5.2.19).
///
/// # Errors
/// [`TpduError::TooLong`] when the data are more than one message.
pub fn submit_sm(
    (from, to): (&Address, &Address),
    plan: CodePlan,
    octets: &[u8],
) -> Result<ShortMessage, TpduError> {
    let user_data = UserData::datagram(ports(), octets.to_vec())?;
    let coded = Coded {
        has_udh: true,
        data_coding: SMPP_BINARY,
        octets: [user_data.udh(), user_data.payload()].concat(),
    };
    Ok(ShortMessage {
        source: sms::sme_address(from, plan),
        destination: sms::sme_address(to, plan),
        validity_period: sms::validity(VALIDITY_S),
        ..sms::short_message(coded)
    })
}

/// The data of a message for our port; `None` for a text, another port, or a part of something.
pub fn data_of(user_data: &UserData) -> Option<&[u8]> {
    let is_data = user_data.dcs().alphabet() == Alphabet::Octets;
    let is_ours = is_data && is_for_us(&user_data.parsed());
    is_ours.then(|| user_data.payload())
}

/// The same of a `deliver_sm`.
pub fn data_of_sm(message: &ShortMessage) -> Option<&[u8]> {
    // 8-bit binary in both spellings of SMPP, and as a message class of TS 23.038.
    let is_data = matches!(message.data_coding, 2 | SMPP_BINARY | 0xF4..=0xF7);
    if !is_data || !message.esm_class.has_udh() {
        return None;
    }
    let said = udh::parse(message.content());
    is_for_us(&said).then_some(said.payload)
}

fn ports() -> Ports {
    Ports::Sixteen {
        destination: SYNC_PORT,
        source: SYNC_PORT,
    }
}

fn is_for_us(said: &udh::UserData<'_>) -> bool {
    let is_ours = match said.ports {
        Some(Ports::Sixteen { destination, .. }) => destination == SYNC_PORT,
        _ => false,
    };
    is_ours && said.concatenation.is_none() && !said.malformed
}

#[cfg(test)]
mod tests;
