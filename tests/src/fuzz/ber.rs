//! BER elements, components and USSD strings: what is read comes back, nothing reads outside.

use channels_core::gsup::ber::{self, ELEMENT_OCTETS_MAX, Reader};
use channels_core::gsup::component::Component;
use channels_core::gsup::string::{STRING_OCTETS_MAX, decode, encode_start};
use channels_core::gsup::{Reason, Refused};
use channels_core::ussd_text::{CbsDcs, UssdString};

use super::Reached;

/// Every kind of component, both alphabets, and every reason to refuse one.
pub(super) const REACHES: &[&str] = &[
    "element",
    "element in the long form",
    "invoke",
    "return result",
    "return result without a string",
    "return error",
    "reject",
    "reject without an id",
    "default alphabet",
    "UCS-2",
    "refused: truncated",
    "refused: leftover",
    "refused: length form",
    "refused: too large",
    "refused: unknown type",
    "refused: missing",
    "refused: wrong form",
    "refused: unknown operation",
    "refused: unknown alphabet",
];

/// Feeds octets to elements, a component, or a string.
pub(super) fn run(form: u8, octets: &[u8], reached: &mut Reached) {
    match form % 3 {
        0 => elements(octets, reached),
        1 => component(octets, reached),
        _ => string(octets, reached),
    }
}

fn refuse(refused: Refused, octets: &[u8], reached: &mut Reached) {
    assert!(
        refused.offset <= octets.len(),
        "the place lies outside the octets"
    );
    reached.insert(match refused.reason {
        Reason::Truncated => "refused: truncated",
        Reason::Leftover => "refused: leftover",
        Reason::LengthForm => "refused: length form",
        Reason::TooLarge { .. } => "refused: too large",
        Reason::UnknownType(_) => "refused: unknown type",
        Reason::Missing(_) => "refused: missing",
        Reason::Doubled(_) => "refused: doubled",
        Reason::WrongForm(_) => "refused: wrong form",
        Reason::UnknownOperation(_) => "refused: unknown operation",
        Reason::UnknownAlphabet(_) => "refused: unknown alphabet",
    });
}

fn elements(octets: &[u8], reached: &mut Reached) {
    let mut reader = Reader::new(octets, 0);
    for _ in 0..octets.len() {
        match reader.next_element() {
            Ok(Some(element)) => {
                let end = element.offset + element.content.len();
                assert!(end == reader.offset() && end <= octets.len());
                let head = element.offset - element.at;
                reached.insert(if head > 2 {
                    "element in the long form"
                } else {
                    "element"
                });
                check_written(element.tag, element.content, reached);
            }
            Ok(None) => return,
            Err(refused) => return refuse(refused, octets, reached),
        }
    }
}

fn check_written(tag: u8, content: &[u8], reached: &mut Reached) {
    match ber::element(tag, content) {
        Ok(written) => {
            let again = Reader::new(&written, 0).next_element();
            let again = again.expect("what we write is read").expect("an element");
            assert_eq!((again.tag, again.content), (tag, content));
        }
        Err(refused) => {
            assert!(content.len() > ELEMENT_OCTETS_MAX, "refused for nothing");
            refuse(refused, content, reached);
        }
    }
}

fn component(octets: &[u8], reached: &mut Reached) {
    let component = match Component::decode(octets) {
        Ok(component) => component,
        Err(refused) => return refuse(refused, octets, reached),
    };
    reached.insert(match &component {
        Component::Invoke { .. } => "invoke",
        Component::ReturnResult {
            result: Some(_), ..
        } => "return result",
        Component::ReturnResult { result: None, .. } => "return result without a string",
        Component::ReturnError { .. } => "return error",
        Component::Reject { id: Some(_), .. } => "reject",
        Component::Reject { id: None, .. } => "reject without an id",
    });
    if let Ok(written) = component.encode() {
        assert!(written.len() <= ELEMENT_OCTETS_MAX + 2);
        assert!(
            Component::decode(&written) == Ok(component),
            "a component reads as another than was written"
        );
    }
}

fn string(octets: &[u8], reached: &mut Reached) {
    let Some((&scheme, rest)) = octets.split_first() else {
        return;
    };
    let string = UssdString {
        dcs: CbsDcs(scheme),
        octets: rest.to_vec(),
    };
    let text = match decode(&string) {
        Ok(text) => text,
        Err(refused) => return refuse(refused, octets, reached),
    };
    let (written, whole) = encode_start(&text);
    assert!(written.octets.len() <= STRING_OCTETS_MAX);
    reached.insert(if written.dcs == CbsDcs::UCS2 {
        "UCS-2"
    } else {
        "default alphabet"
    });
    let read = decode(&written).expect("what we write is read");
    // A carriage return at the end may come doubled (TS 23.038 §6.1.2.3.1).
    let bare = read.trim_end_matches('\r');
    assert!(text.starts_with(bare) && (!whole || text.trim_end_matches('\r') == bare));
}
