//! Octets as pairs of hexadecimal digits, as AT commands carry PDUs (3GPP TS 27.005 §4.1).
//!
//! Written in capitals; read in either case. No blanks and no line ends are skipped here.

use super::TpduError;

const DIGITS: [char; 16] = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F',
];

/// Writes two capital digits for each octet.
pub fn encode(octets: &[u8]) -> String {
    octets
        .iter()
        .flat_map(|octet| [octet >> 4, octet & 0x0F])
        .filter_map(|digit| DIGITS.get(usize::from(digit)))
        .collect()
}

/// Reads pairs of digits.
///
/// # Errors
/// [`TpduError::BadHex`] on any other character and on an odd count.
pub fn decode(text: &str) -> Result<Vec<u8>, TpduError> {
    let digits: Vec<u8> = text
        .chars()
        .map(|character| {
            character
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
                .ok_or(TpduError::BadHex)
        })
        .collect::<Result<_, _>>()?;
    let pairs = digits.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return Err(TpduError::BadHex);
    }
    Ok(pairs
        .map(|pair| pair.iter().fold(0, |octet, digit| octet << 4 | digit))
        .collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_pairs_of_digits_are_read() {
        assert_eq!(decode("00aBfF"), Ok(vec![0x00, 0xAB, 0xFF]));
        assert_eq!(encode(&[0x00, 0xAB, 0xFF]), "00ABFF");
        for wrong in ["0", "0g", "0 0", "é0"] {
            assert_eq!(decode(wrong), Err(TpduError::BadHex));
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(octets in proptest::collection::vec(any::<u8>(), 0..99)) {
            prop_assert_eq!(decode(&encode(&octets)), Ok(octets));
        }
    }
}
