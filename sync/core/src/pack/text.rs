//! Texts: letters under the letter before, case by style, anything else as bytes of UTF-8.
//!
//! Layout and starting weights: `docs/protocols/packing.md` §4. The weights of names come from a
//! list of names of Uganda, Rwanda, Ghana, Nigeria, Malawi, Zambia, Haiti, Bangladesh, the
//! Philippines and Peru; they make frequent names cheap and no name impossible.

use super::coder::Coder;
use super::model::Tree;
use crate::document::TEXT_BYTES_MAX;

const SYMBOL_BITS: u32 = 6;
const SYMBOLS: usize = 1 << SYMBOL_BITS;
/// End of the text.
const END: u8 = 0;
const LETTER_A: u8 = 1;
const LETTER_Z: u8 = 26;
/// The next letter has the other case.
const SHIFT: u8 = 30;
/// A byte of UTF-8 follows.
const BYTE: u8 = 31;
/// Symbols with a character of their own, from 27; those without stand as U+0000.
const OTHERS: [char; 37] = [
    ' ', '-', '\'', '\0', '\0', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '.', '/', '_',
    ':', ',', '+', '(', ')', '*', '#', '&', '"', '@', ';', '=', '?', '!', '%', '<', '>', '|', '~',
];

/// Weights of end and a–z at the start of a word, after a vowel, after a consonant: digits of
/// base 36.
const NAME_WEIGHTS: [&[u8; 27]; 3] = [
    b"1zie85879aag8rod71dg9912154",
    b"z452221233156bi2118a5112123",
    b"bz114i124f11211b11222c13121",
];
/// What a weight counts against the weight 1 of each other symbol.
const NAME_SCALE: u64 = 8;
/// Observations that the weights of names stand for.
const NAME_SEEN: u8 = 8;
const CODE_SEEN: u8 = 1;

/// Case of the letters of a text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// The first letter of each word is a capital.
    Title,
    Upper,
    Lower,
}

impl Style {
    const ALL: [Self; 3] = [Self::Title, Self::Upper, Self::Lower];

    fn is_upper(self, before: u8) -> bool {
        match self {
            Self::Title => !is_letter(before) && before != BYTE,
            Self::Upper => true,
            Self::Lower => false,
        }
    }
}

fn is_letter(symbol: u8) -> bool {
    (LETTER_A..=LETTER_Z).contains(&symbol)
}

/// What a text is expected to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// A name of a person.
    Name,
    /// A code: letters, digits and signs.
    Code,
}

/// The model of one kind of text.
#[derive(Clone)]
pub(super) struct Texts {
    style: Tree,
    /// By the symbol before.
    symbols: Vec<Tree>,
    /// First byte of a character, and those behind it.
    bytes: [Tree; 2],
}

impl Texts {
    pub(super) fn new(kind: Kind) -> Self {
        let name_trees: Vec<_> = NAME_WEIGHTS.iter().map(|it| name_tree(it)).collect();
        let code_tree = code_tree();
        let symbols = (0_u8..).take(SYMBOLS).map(|before| match kind {
            Kind::Name => name_trees
                .get(class(before))
                .map_or_else(|| Tree::even(SYMBOL_BITS), Clone::clone),
            Kind::Code => code_tree.clone(),
        });
        let style = match kind {
            Kind::Name => [32, 8, 4],
            Kind::Code => [4, 8, 32],
        };
        Self {
            style: Tree::weighted(2, &style, 2),
            symbols: symbols.collect(),
            bytes: [Tree::even(8), Tree::even(8)],
        }
    }

    /// Writes the text, or reads one; `None` when what came is no text.
    pub(super) fn code<C: Coder>(&mut self, coder: &mut C, text: &str) -> Option<String> {
        let style = best_style(text);
        let number = Style::ALL.iter().position(|it| *it == style).unwrap_or(0);
        let number = self.style.code(coder, u8::try_from(number).unwrap_or(0));
        let style = *Style::ALL.get(usize::from(number))?;
        let symbols = spell(text, style);
        let mut given = symbols.iter();
        let (mut before, mut out) = (END, Spelling::new(style));
        loop {
            let (symbol, byte) = given.next().copied().unwrap_or((END, 0));
            let tree = self.symbols.get_mut(usize::from(before))?;
            let symbol = tree.code(coder, symbol);
            if symbol == END {
                return out.finish();
            }
            let byte = if symbol == BYTE {
                let tree = if before == BYTE {
                    &mut self.bytes[1]
                } else {
                    &mut self.bytes[0]
                };
                tree.code(coder, byte)
            } else {
                0
            };
            out.push(symbol, byte)?;
            if coder.is_over() {
                return None;
            }
            before = symbol;
        }
    }
}

/// Start of a word, after a vowel (and letters with signs, which are mostly vowels), after a
/// consonant.
fn class(before: u8) -> usize {
    if !is_letter(before) {
        return usize::from(before == BYTE);
    }
    match before - LETTER_A + b'a' {
        b'a' | b'e' | b'i' | b'o' | b'u' => 1,
        _ => 2,
    }
}

fn name_tree(digits: &[u8; 27]) -> Tree {
    let weigh = |digit: &u8| char::from(*digit).to_digit(36).map_or(1, u64::from) * NAME_SCALE;
    let mut weights: Vec<u64> = digits.iter().map(weigh).collect();
    // Space, hyphen and apostrophe, then the rest.
    weights.extend([2 * NAME_SCALE, 4, 4]);
    weights.resize(SYMBOLS, 1);
    Tree::weighted(SYMBOL_BITS, &weights, NAME_SEEN)
}

fn code_tree() -> Tree {
    let weight = |symbol: u8| match symbol {
        END => 10,
        LETTER_A..=LETTER_Z => 3,
        32..=41 => 6,
        _ => 1,
    };
    let weights: Vec<u64> = (0_u8..).take(SYMBOLS).map(weight).collect();
    Tree::weighted(SYMBOL_BITS, &weights, CODE_SEEN)
}

/// The style that needs the fewest shifts, the first of equals.
fn best_style(text: &str) -> Style {
    let shifts = |style: &Style| {
        let symbols = spell(text, *style);
        symbols.iter().filter(|(it, _)| *it == SHIFT).count()
    };
    Style::ALL
        .into_iter()
        .min_by_key(shifts)
        .unwrap_or(Style::Title)
}

/// Symbols of a text, each with the byte that belongs to [`BYTE`]; the end is not among them.
fn spell(text: &str, style: Style) -> Vec<(u8, u8)> {
    let mut symbols: Vec<(u8, u8)> = Vec::with_capacity(text.len());
    for character in text.chars() {
        let before = symbols.last().map_or(END, |(symbol, _)| *symbol);
        if character.is_ascii_alphabetic() {
            if character.is_ascii_uppercase() != style.is_upper(before) {
                symbols.push((SHIFT, 0));
            }
            let lower = u8::try_from(character.to_ascii_lowercase()).unwrap_or(b'a');
            symbols.push((lower - b'a' + LETTER_A, 0));
        } else if let Some(symbol) = other(character) {
            symbols.push((symbol, 0));
        } else {
            let mut bytes = [0; 4];
            let encoded = character.encode_utf8(&mut bytes);
            symbols.extend(encoded.bytes().map(|byte| (BYTE, byte)));
        }
    }
    symbols
}

fn other(character: char) -> Option<u8> {
    let found = OTHERS
        .iter()
        .position(|it| *it == character && character != '\0')?;
    u8::try_from(found).ok()?.checked_add(LETTER_Z + 1)
}

/// A text as its symbols come in.
struct Spelling {
    style: Style,
    before: u8,
    is_shifted: bool,
    bytes: Vec<u8>,
}

impl Spelling {
    fn new(style: Style) -> Self {
        Self {
            style,
            before: END,
            is_shifted: false,
            bytes: Vec::new(),
        }
    }

    fn push(&mut self, symbol: u8, byte: u8) -> Option<()> {
        match symbol {
            // Only before a letter, and once: each text has one spelling in a style.
            _ if self.is_shifted && !is_letter(symbol) => return None,
            SHIFT => {
                self.is_shifted = true;
                return Some(());
            }
            BYTE => self.bytes.push(byte),
            _ if is_letter(symbol) => {
                let is_upper = self.style.is_upper(self.before) != self.is_shifted;
                let letter = symbol - LETTER_A + b'a';
                self.bytes.push(if is_upper {
                    letter.to_ascii_uppercase()
                } else {
                    letter
                });
                self.is_shifted = false;
            }
            _ => {
                let index = usize::from(symbol.checked_sub(LETTER_Z + 1)?);
                let character = *OTHERS.get(index).filter(|it| **it != '\0')?;
                self.bytes.push(u8::try_from(character).ok()?);
            }
        }
        self.before = symbol;
        (self.bytes.len() <= TEXT_BYTES_MAX).then_some(())
    }

    fn finish(self) -> Option<String> {
        if self.is_shifted {
            return None;
        }
        String::from_utf8(self.bytes).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::coder::{Decoder, Encoder};
    use super::*;

    fn packed(kind: Kind, texts: &[String]) -> Vec<u8> {
        let (mut encoder, mut model) = (Encoder::new(), Texts::new(kind));
        for text in texts {
            assert_eq!(model.code(&mut encoder, text).as_ref(), Some(text));
        }
        encoder.finish()
    }

    fn check(kind: Kind, texts: &[String]) {
        let bytes = packed(kind, texts);
        let (mut decoder, mut model) = (Decoder::new(&bytes), Texts::new(kind));
        for text in texts {
            assert_eq!(model.code(&mut decoder, "").as_ref(), Some(text));
        }
        assert!(decoder.is_at_end());
    }

    proptest! {
        #[test]
        fn any_texts_are_read_back(texts in proptest::collection::vec(any::<String>(), 0..5)) {
            check(Kind::Name, &texts);
            check(Kind::Code, &texts);
        }

        #[test]
        fn usual_texts_are_read_back(texts in proptest::collection::vec("[A-Za-z '0-9-]{0,30}", 0..9)) {
            check(Kind::Name, &texts);
            check(Kind::Code, &texts);
        }

        #[test]
        fn hostile_bytes_are_no_panic_and_stay_within_the_limit(
            bytes in proptest::collection::vec(any::<u8>(), 0..300),
        ) {
            let (mut decoder, mut model) = (Decoder::new(&bytes), Texts::new(Kind::Name));
            let read = model.code(&mut decoder, "");
            prop_assert!(read.is_none_or(|text| text.len() <= TEXT_BYTES_MAX));
        }
    }

    #[test]
    fn names_are_cheaper_than_five_bits_a_letter() {
        let names =
            ["Nakato", "Wanjiru", "Okello", "Aminata", "Tigist", "Njeri"].map(str::to_owned);
        let letters: usize = names.iter().map(String::len).sum();
        let bytes = packed(Kind::Name, &names);
        assert!(bytes.len() * 8 < letters * 5, "{} bytes", bytes.len());
        for name in [
            "MUKASA",
            "El Hadji",
            "Aïssatou",
            "o'Brien-SMITH",
            "ተስፋዬ",
            "فاطمة",
        ] {
            check(Kind::Name, &[name.to_owned()]);
        }
    }
}
