//! The one-time code of a slot: 15 random digits and a Verhoeff digit, typed by hand once.

use core::fmt;

/// Digits of a code, check digit included. Other lengths are refused.
pub const CODE_DIGITS: usize = 16;

/// Dihedral group D5: `MULTIPLY[a][b]` is a ∘ b.
const MULTIPLY: [[u8; 10]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
    [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
    [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
    [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
    [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
    [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
    [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
    [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
];

/// Permutation by position: row = position from the right modulo 8.
const PERMUTE: [[u8; 10]; 8] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
    [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
    [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
    [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
    [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
    [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
    [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
];

const INVERSE: [u8; 10] = [0, 4, 3, 2, 1, 5, 6, 7, 8, 9];

/// A code with a right check digit. `Debug` does not print it.
#[derive(Clone, PartialEq, Eq)]
pub struct OneTimeCode {
    digits: [u8; CODE_DIGITS],
}

/// What is wrong with a typed code.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CodeError {
    /// Not 16 digits; spaces and hyphens between them are fine.
    #[error("code has {got} digits instead of 16")]
    Length {
        /// How many there are.
        got: usize,
    },
    /// Something that is no digit.
    #[error("code has a character that is no digit")]
    Character,
    /// The check digit: one digit is wrong or two are swapped.
    #[error("code was mistyped: its check digit does not fit")]
    Mistyped,
}

impl OneTimeCode {
    /// From random digits 0–9; a value above 9 counts modulo 10, so draw them evenly.
    pub fn generate(random: &[u8; CODE_DIGITS - 1]) -> Self {
        let mut digits = [0; CODE_DIGITS];
        for (digit, random) in digits.iter_mut().zip(random) {
            *digit = random % 10;
        }
        let check = lookup(&INVERSE, checksum(&digits));
        if let Some(last) = digits.last_mut() {
            *last = check;
        }
        Self { digits }
    }

    /// Reads what a person typed.
    ///
    /// # Errors
    /// [`CodeError`] that says what to look at; a wrong code costs no try at the hub.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let typed = text.chars().filter(|c| !c.is_whitespace() && *c != '-');
        let mut read = Vec::with_capacity(CODE_DIGITS);
        for character in typed {
            let digit = character
                .to_digit(10)
                .and_then(|digit| u8::try_from(digit).ok());
            read.push(digit.ok_or(CodeError::Character)?);
        }
        let got = read.len();
        let digits: [u8; CODE_DIGITS] = read
            .try_into()
            .map_err(|_other_length: Vec<u8>| CodeError::Length { got })?;
        if checksum(&digits) == 0 {
            Ok(Self { digits })
        } else {
            Err(CodeError::Mistyped)
        }
    }

    /// The digits as one word: what is stretched.
    pub fn digits(&self) -> String {
        self.digits
            .iter()
            .map(|digit| char::from(b'0'.saturating_add(*digit)))
            .collect()
    }

    /// For paper and screens: four groups of four.
    pub fn grouped(&self) -> String {
        let digits = self.digits();
        let mut out = String::with_capacity(CODE_DIGITS + 3);
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && index % 4 == 0 {
                out.push(' ');
            }
            out.push(digit);
        }
        out
    }
}

impl fmt::Debug for OneTimeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTimeCode")
    }
}

fn checksum(digits: &[u8; CODE_DIGITS]) -> u8 {
    let rows = PERMUTE.iter().cycle();
    digits.iter().rev().zip(rows).fold(0, |sum, (digit, row)| {
        let row_of_sum = MULTIPLY.get(usize::from(sum)).unwrap_or(&INVERSE);
        lookup(row_of_sum, lookup(row, *digit))
    })
}

fn lookup(row: &[u8; 10], digit: u8) -> u8 {
    row.get(usize::from(digit)).copied().unwrap_or(0)
}
