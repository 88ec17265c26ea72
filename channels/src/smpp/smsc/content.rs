//! Between `deliver_sm`/`submit_sm` and the SMSC's plain messages.

use channels_core::Address;
use channels_core::segment::joiner::{Joiner, Outcome, Part, SetKey};
use channels_core::smpp::alphabet::{self, DefaultAlphabet};
use channels_core::smpp::inbox::place;
use channels_core::smpp::pdu::{ShortMessage, SmeAddress};
use channels_core::smpp::sms::{self, CodePlan, Coded};
use channels_core::smpp::{receipt, status};
use jiff::Timestamp;

use super::{Deliver, SmscError, Submit, Ussd};

/// The `deliver_sm` bodies of a delivery; several for a long text.
pub(super) fn deliver(
    deliver: &Deliver,
    reference: u8,
    default: DefaultAlphabet,
) -> Result<Vec<ShortMessage>, SmscError> {
    let source = sme_address(&deliver.from);
    let destination = sme_address(&deliver.to);
    if let Some(fields) = &deliver.receipt {
        // `write` turns a submitted message round; here from and to are right already.
        let submitted = ShortMessage {
            source: destination,
            destination: source,
            ..ShortMessage::default()
        };
        return Ok(vec![receipt::write(
            &submitted,
            &fields.message_id,
            fields.delivered,
        )]);
    }
    let contents = match deliver.ussd {
        Some(_) => {
            let (data_coding, octets) = alphabet::encode(&deliver.text, default);
            vec![Coded {
                has_udh: false,
                data_coding,
                octets,
            }]
        }
        None => sms::contents(&deliver.text, reference, default)
            .ok()
            .ok_or(SmscError::TooLong)?,
    };
    let parts = contents.into_iter().map(|content| {
        let mut part = sms::short_message(content);
        part.source = source.clone();
        part.destination = destination.clone();
        if let Some(ussd) = deliver.ussd {
            "USSD".clone_into(&mut part.service_type);
            part.optional.ussd_service_op = Some(ussd.op);
            part.optional.its_session_info = Some(ussd.session);
        }
        part
    });
    Ok(parts.collect())
}

fn sme_address(text: &str) -> SmeAddress {
    let unknown = || SmeAddress {
        ton: 0,
        npi: 0,
        address: text.to_owned(),
    };
    Address::parse(text).map_or_else(
        |_| unknown(),
        |address| sms::sme_address(&address, CodePlan::default()),
    )
}

/// What a `submit_sm` led to.
pub(super) enum Taken {
    /// A whole message; the set to settle when it was a long one.
    Whole(Box<Submit>, Option<SetKey>),
    /// A part of a long message, or a repeated one: accepted, nothing more to do yet.
    Part,
    /// Refused with this status.
    Refused(u32),
}

/// Reads a `submit_sm`, joining the parts of long texts.
pub(super) fn submit(
    message: &ShortMessage,
    joiner: &mut Joiner,
    now: Timestamp,
    default: DefaultAlphabet,
) -> Taken {
    let (place, tables, payload) = place(message);
    let content = alphabet::content(message.data_coding, payload, default).in_tables(tables);
    let Some(place) = place else {
        return Taken::Whole(Box::new(whole(message, content.to_text(), 1)), None);
    };
    let Ok(from) = Address::parse(&message.source.address) else {
        return Taken::Refused(status::INVALID_SOURCE);
    };
    let Ok(to) = Address::parse(&message.destination.address) else {
        return Taken::Refused(status::INVALID_DESTINATION);
    };
    // An evicted set belongs to an application that gave up: its last part was never accepted.
    let (outcome, _) = joiner.accept(
        Part {
            from,
            to,
            place,
            content,
        },
        now,
    );
    match outcome {
        Outcome::Waiting | Outcome::Known => Taken::Part,
        Outcome::Complete(joined) => {
            let submit = whole(message, joined.text, joined.key.total);
            Taken::Whole(Box::new(submit), Some(joined.key))
        }
    }
}

fn whole(message: &ShortMessage, text: String, parts: u8) -> Submit {
    let optional = &message.optional;
    let session = optional.its_session_info.unwrap_or_default();
    Submit {
        from: message.source.address.clone(),
        to: message.destination.address.clone(),
        text,
        ussd: optional.ussd_service_op.map(|op| Ussd { op, session }),
        registered_delivery: message.registered_delivery & 0x03 == 0x01,
        parts,
    }
}
