//! Letters that survive paper, telephone and thumb: base 32 without I, L, O and U.
//!
//! Five bits a letter, most significant first. `O` reads as 0, `I` and `L` as 1, small letters as
//! large ones; blanks and hyphens are passed over. One value has one text: the bits that fill up the
//! last letter are zero.

const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The letter of a value, of which the low five bits count.
pub(super) fn letter(value: u8) -> char {
    let found = LETTERS.get(usize::from(value & 31));
    found.copied().map_or('0', char::from)
}

/// The value of a letter, 0–31.
pub(super) fn value(letter: char) -> Option<u8> {
    let letter = match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let at = LETTERS.iter().position(|l| char::from(*l) == letter)?;
    u8::try_from(at).ok()
}

/// The values of a text without blanks and hyphens; `None` when another character stands in it.
pub(super) fn values(text: &str) -> Option<Vec<u8>> {
    let letters = text.chars().filter(|c| !c.is_whitespace() && *c != '-');
    letters.map(value).collect()
}

/// The letters of some bytes.
pub(super) fn encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    let (mut held, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(letter(low(held >> bits)));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        text.push(letter(low(held << (5 - bits))));
    }
    text
}

/// Reads [`encode`] back; `None` for anything that it does not write.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut held, mut bits) = (0_u32, 0_u32);
    for value in values(text)? {
        held = (held << 5) | u32::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((held >> bits) & 0xFF).ok()?);
        }
        held &= (1 << bits) - 1;
    }
    (bits < 5 && held == 0).then_some(bytes)
}

fn low(value: u32) -> u8 {
    u8::try_from(value & 31).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn letters_that_look_alike_read_as_the_digit() {
        assert_eq!(decode("oo-iL"), decode("00 11"));
        assert_eq!(decode("00U0"), None);
        assert_eq!(decode("é000"), None);
        assert_eq!(decode("01"), None, "the bits that fill up are zero");
        assert_eq!(decode("04"), Some(vec![1]));
        assert_eq!(decode("0"), None, "half a byte");
    }

    proptest! {
        #[test]
        fn bytes_read_back(bytes in proptest::collection::vec(any::<u8>(), 0..140)) {
            prop_assert_eq!(decode(&encode(&bytes)), Some(bytes));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,60}") {
            if let Some(bytes) = decode(&text) {
                prop_assert_eq!(decode(&encode(&bytes)), Some(bytes));
            }
        }
    }
}
