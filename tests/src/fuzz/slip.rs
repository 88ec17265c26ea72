//! Proofs of registration as they are read: the text of a QR code, a short code, what was typed.

use node_core::slip::code::Code;
use node_core::slip::{Claim, Slip, SlipError};

use super::Reached;

/// Each form read, and each way to refuse it.
pub(super) const REACHES: &[&str] = &[
    "slip",
    "slip: malformed",
    "slip: too large",
    "slip: of a later version",
    "code",
    "code: refused",
    "claim",
    "claim: refused",
];

/// The form chooses what the text is.
pub(super) fn run(form: u8, octets: &[u8], reached: &mut Reached) {
    let text = String::from_utf8_lossy(octets);
    reached.insert(match form % 3 {
        0 => slip(&text),
        1 => code(&text),
        _ => claim(&text),
    });
}

fn slip(text: &str) -> &'static str {
    match Slip::parse(text) {
        Ok(slip) => {
            let again = Slip::parse(&slip.text()).expect("our own text");
            assert_eq!(again.id(), slip.id(), "another slip after writing it");
            "slip"
        }
        Err(SlipError::Malformed) => "slip: malformed",
        Err(SlipError::TooLarge) => "slip: too large",
        Err(SlipError::Version(_)) => "slip: of a later version",
    }
}

fn code(text: &str) -> &'static str {
    let Ok(code) = Code::parse(text) else {
        return "code: refused";
    };
    let again = Code::parse(&code.to_string()).expect("our own code");
    assert_eq!(again.id(), code.id(), "another code after writing it");
    assert_eq!(code.month().len(), 7);
    "code"
}

/// A number, a line end, a year.
fn claim(text: &str) -> &'static str {
    let mut lines = text.splitn(2, '\n');
    let number = lines.next().unwrap_or_default();
    match Claim::parse(number, lines.next()) {
        Ok(claim) => {
            assert!(claim.number().bytes().all(|digit| digit.is_ascii_digit()));
            "claim"
        }
        Err(_) => "claim: refused",
    }
}
