//! USSD as a client: the airtime balance of the SIM (`+CUSD`, TS 27.007 §7.15).
//!
//! What a modem shows after a code is text, packed hex or UCS-2 hex, whatever `+CSCS` says: the
//! data coding scheme is tried first, then what is plausible. A balance is found by the pattern of
//! the operator, which is data.

use crate::gsm7::{self, packing};
use crate::tpdu::hex;

/// The place of the amount in a pattern.
const AMOUNT: &str = "{amount}";

/// What the network said in a USSD session.
#[derive(Clone, PartialEq, Eq)]
pub struct Said {
    /// `<m>`: 0 done, 1 an answer is wanted, 2 ended, 3 other client, 4 not supported, 5 time-out.
    pub mode: u8,
    /// The text, if there was one.
    pub text: Option<String>,
}

impl core::fmt::Debug for Said {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let characters = self.text.as_ref().map(|text| text.chars().count());
        write!(f, "Said(mode {}, {characters:?} characters)", self.mode)
    }
}

/// How an operator tells the balance of a SIM.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BalanceQuery {
    /// What is dialled, such as `*131#`.
    pub code: String,
    /// The answer with `{amount}` where the amount stands, such as `balance is UGX {amount}`;
    /// what stands before the first and after the last word may be left out.
    pub pattern: String,
}

impl BalanceQuery {
    /// The amount in hundredths of the currency; `None` when the text does not have the form.
    pub fn amount(&self, text: &str) -> Option<u64> {
        let (before, after) = self.pattern.split_once(AMOUNT)?;
        let text = fold(text);
        let (_, rest) = text.split_once(&fold(before))?;
        let rest = rest.trim_start();
        let end = rest
            .find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ','))
            .unwrap_or(rest.len());
        let (digits, tail) = rest.split_at_checked(end)?;
        let after = fold(after);
        if !tail.trim_start().starts_with(after.trim_start()) {
            return None;
        }
        hundredths(digits.trim_end_matches(['.', ',']))
    }
}

/// Lower case, with every run of white space as one blank.
fn fold(text: &str) -> String {
    let ends = text.ends_with(char::is_whitespace);
    let mut folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if ends && !folded.is_empty() {
        folded.push(' ');
    }
    folded.to_lowercase()
}

/// `1,234.50`, `1.234,50`, `1 234` without blanks: the last mark with one or two digits after it
/// parts the hundredths, every other mark groups.
fn hundredths(digits: &str) -> Option<u64> {
    let (whole, part) = match digits.rfind(['.', ',']) {
        Some(at) if (1..=2).contains(&digits.len().saturating_sub(at + 1)) => {
            let (whole, part) = digits.split_at_checked(at)?;
            (whole, part.trim_start_matches(['.', ',']))
        }
        _ => (digits, ""),
    };
    let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
    let part: u64 = format!("{part:0<2}").parse().ok()?;
    whole
        .parse::<u64>()
        .ok()?
        .checked_mul(100)?
        .checked_add(part)
}

/// The text of a `<str>` under its data coding scheme (TS 23.038 §5).
pub fn decode(text: &str, dcs: u8) -> String {
    let Ok(octets) = hex::decode(text) else {
        return text.to_owned();
    };
    if octets.len() < 2 {
        // One or two digits are more often a text such as a menu's last choice.
        return text.to_owned();
    }
    let ucs2 = ucs2(&octets);
    let said_ucs2 = matches!(dcs, 0x48..=0x4B | 0x11);
    match ucs2 {
        Some(decoded) if said_ucs2 || is_plausible(&decoded) => decoded,
        _ => {
            let decoded = gsm7::decode(&packing::unpack_ussd(&octets));
            if is_plausible(&decoded) {
                decoded
            } else {
                text.to_owned()
            }
        }
    }
}

fn ucs2(octets: &[u8]) -> Option<String> {
    let pairs = octets.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    let units = pairs
        .filter_map(|pair| <[u8; 2]>::try_from(pair).ok())
        .map(u16::from_be_bytes);
    char::decode_utf16(units).collect::<Result<_, _>>().ok()
}

/// Whether a text looks like one: printable, and letters and digits for the most part of it, of
/// few scripts. Hex that is read in the wrong alphabet gives characters from everywhere.
fn is_plausible(text: &str) -> bool {
    let printable = |c: char| !c.is_control() || matches!(c, '\n' | '\r');
    let latin = text.chars().filter(|c| u32::from(*c) < 0x250).count();
    let blanks = text.chars().filter(|c| *c == ' ').count();
    let count = text.chars().count();
    let one_script = latin == count || latin.saturating_mul(2) < count && blanks > 0;
    !text.is_empty() && text.chars().all(printable) && one_script
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(pattern: &str, text: &str) -> Option<u64> {
        let query = BalanceQuery {
            code: "*131#".to_owned(),
            pattern: pattern.to_owned(),
        };
        query.amount(text)
    }

    #[test]
    fn the_amount_is_found_by_the_operators_words() {
        let text = "Y'ello. Your airtime  balance is UGX 12,345.50. Dial *150#";
        assert_eq!(amount("balance is UGX {amount}", text), Some(1_234_550));
        assert_eq!(
            amount("solde: {amount} FCFA", "Votre solde: 1.500 FCFA"),
            Some(150_000)
        );
        assert_eq!(
            amount("solde: {amount} FCFA", "Votre solde: 1500,5 FCFA"),
            Some(150_050)
        );
        assert_eq!(amount("balance is {amount} KES", "Balance is 10 MB"), None);
        assert_eq!(amount("balance is {amount}", "Try again later"), None);
        assert_eq!(amount("balance is {amount}", "balance is nothing"), None);
    }

    #[test]
    fn text_packed_hex_and_ucs2_hex_are_all_read() {
        let text = "Balance is 500";
        assert_eq!(decode(text, 15), text);
        let septets = gsm7::encode(text).unwrap();
        assert_eq!(
            decode(&hex::encode(&packing::pack_ussd(&septets)), 15),
            text
        );
        let octets: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decode(&hex::encode(&octets), 0x48), text);
        // A scheme that is contradicted by its content (UCS-2 under 7, packed under 72).
        assert_eq!(decode(&hex::encode(&octets), 7), text);
    }

    #[test]
    fn amharic_in_ucs2_is_read_whatever_the_scheme() {
        let text = "ቀሪ ሂሳብ 50";
        let octets: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decode(&hex::encode(&octets), 0x48), text);
        assert_eq!(decode(&hex::encode(&octets), 15), text);
    }

    #[test]
    fn digits_that_only_look_like_hex_stay_text() {
        assert_eq!(decode("0", 15), "0");
        assert_eq!(decode("12", 15), "12");
    }
}
