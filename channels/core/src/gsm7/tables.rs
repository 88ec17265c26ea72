//! Which tables the septets of a message mean, and texts in them (3GPP TS 23.038 §6.2.1.2).
//!
//! A user data header announces a locking table, which replaces the default alphabet, and a
//! single shift table, which replaces its extension. Whether a recipient's phone knows a table is
//! the caller's to say. The data stand in `locking` and `single`.

use super::locking::{self, Positions};
use super::{DEFAULT, ESCAPE, EXTENSION, single};

/// A language with tables of its own; the number is the identifier (TS 23.038 §6.2.1.2.4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Language {
    /// 1.
    Turkish,
    /// 2; has a single shift table only.
    Spanish,
    /// 3.
    Portuguese,
    /// 4; also Assamese.
    Bengali,
    /// 5.
    Gujarati,
    /// 6; also Marathi and Nepali.
    Hindi,
    /// 7.
    Kannada,
    /// 8.
    Malayalam,
    /// 9.
    Oriya,
    /// 10.
    Punjabi,
    /// 11.
    Tamil,
    /// 12.
    Telugu,
    /// 13.
    Urdu,
}

impl Language {
    /// All of them, in the order of their identifiers, which begin with 1.
    pub const ALL: [Self; 13] = [
        Self::Turkish,
        Self::Spanish,
        Self::Portuguese,
        Self::Bengali,
        Self::Gujarati,
        Self::Hindi,
        Self::Kannada,
        Self::Malayalam,
        Self::Oriya,
        Self::Punjabi,
        Self::Tamil,
        Self::Telugu,
        Self::Urdu,
    ];

    /// The language of an identifier; `None` for 0 and for those that nobody has assigned.
    pub fn of_identifier(identifier: u8) -> Option<Self> {
        let place = usize::from(identifier).checked_sub(1)?;
        Self::ALL.get(place).copied()
    }

    /// The identifier, 1–13.
    pub fn identifier(self) -> u8 {
        let place = Self::ALL.iter().position(|&known| known == self);
        place
            .and_then(|place| u8::try_from(place).ok())
            .map_or(0, |place| place.saturating_add(1))
    }

    fn locking(self) -> Option<&'static Positions> {
        match self {
            Self::Turkish => Some(&locking::TURKISH),
            Self::Spanish => None,
            Self::Portuguese => Some(&locking::PORTUGUESE),
            Self::Bengali => Some(&locking::BENGALI),
            Self::Gujarati => Some(&locking::GUJARATI),
            Self::Hindi => Some(&locking::HINDI),
            Self::Kannada => Some(&locking::KANNADA),
            Self::Malayalam => Some(&locking::MALAYALAM),
            Self::Oriya => Some(&locking::ORIYA),
            Self::Punjabi => Some(&locking::PUNJABI),
            Self::Tamil => Some(&locking::TAMIL),
            Self::Telugu => Some(&locking::TELUGU),
            Self::Urdu => Some(&locking::URDU),
        }
    }

    fn single(self) -> &'static Positions {
        match self {
            Self::Turkish => &single::TURKISH,
            Self::Spanish => &single::SPANISH,
            Self::Portuguese => &single::PORTUGUESE,
            Self::Bengali => &single::BENGALI,
            Self::Gujarati => &single::GUJARATI,
            Self::Hindi => &single::HINDI,
            Self::Kannada => &single::KANNADA,
            Self::Malayalam => &single::MALAYALAM,
            Self::Oriya => &single::ORIYA,
            Self::Punjabi => &single::PUNJABI,
            Self::Tamil => &single::TAMIL,
            Self::Telugu => &single::TELUGU,
            Self::Urdu => &single::URDU,
        }
    }
}

/// The pair of tables that septets are read with; `None` is the default one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Tables {
    /// Replaces the default alphabet; a language without such a table leaves it.
    pub locking: Option<Language>,
    /// Replaces the extension table.
    pub single: Option<Language>,
}

/// The septets of one character: one, or an escape and one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Septets {
    One(u8),
    Escaped(u8),
}

impl Tables {
    /// The default alphabet with its extension table.
    pub const DEFAULT: Self = Self {
        locking: None,
        single: None,
    };

    /// The default alphabet with a language's single shift table.
    pub fn single(language: Language) -> Self {
        Self {
            locking: None,
            single: Some(language),
        }
    }

    /// Both tables of a language.
    pub fn both(language: Language) -> Self {
        Self {
            locking: language.locking().map(|_| language),
            single: Some(language),
        }
    }

    /// Encodes a text into unpacked septets; `None` when a character is in neither table.
    pub fn encode(self, text: &str) -> Option<Vec<u8>> {
        let mut septets = Vec::with_capacity(text.len());
        for character in text.chars() {
            match self.septets_of(character)? {
                Septets::One(septet) => septets.push(septet),
                Septets::Escaped(septet) => septets.extend([ESCAPE, septet]),
            }
        }
        Some(septets)
    }

    /// Decodes unpacked septets; never fails (TS 23.038 §6.2.1 note 1, §6.2.1.1 note 1).
    ///
    /// An escape before a septet that the single shift table lacks shows the locking table's
    /// character, a doubled escape a space, an escape at the end nothing. A position without a
    /// character shows a space, an octet over 0x7F, which is no septet, U+FFFD.
    pub fn decode(self, septets: &[u8]) -> String {
        let mut text = String::with_capacity(septets.len());
        let mut escaped = false;
        for &septet in septets {
            if escaped {
                escaped = false;
                text.push(self.after_escape(septet));
            } else if septet == ESCAPE {
                escaped = true;
            } else {
                text.push(self.unescaped(septet));
            }
        }
        text
    }

    /// How many septets a text takes, escapes counted; `None` when it does not fit the tables.
    pub fn septets(self, text: &str) -> Option<usize> {
        text.chars().try_fold(0_usize, |sum, character| {
            Some(sum.saturating_add(self.cost(character)?))
        })
    }

    /// How many septets a character takes: 1, or 2 with its escape.
    pub fn cost(self, character: char) -> Option<usize> {
        Some(match self.septets_of(character)? {
            Septets::One(_) => 1,
            Septets::Escaped(_) => 2,
        })
    }

    /// The first character outside both tables, with its place counted in characters from 0.
    pub fn first_misfit(self, text: &str) -> Option<(usize, char)> {
        text.chars()
            .enumerate()
            .find(|&(_, character)| self.septets_of(character).is_none())
    }

    fn septets_of(self, character: char) -> Option<Septets> {
        let one = match self.locking.and_then(Language::locking) {
            Some(table) => position(table, character),
            None => default_position(character),
        };
        if let Some(septet) = one.filter(|&septet| septet != ESCAPE) {
            return Some(Septets::One(septet));
        }
        let escaped = match self.single {
            Some(language) => position(language.single(), character),
            None => EXTENSION
                .iter()
                .find(|&&(_, known)| known == character)
                .map(|&(septet, _)| septet),
        };
        escaped.map(Septets::Escaped)
    }

    fn unescaped(self, septet: u8) -> char {
        let place = usize::from(septet);
        match self.locking.and_then(Language::locking) {
            Some(table) => table
                .get(place)
                .map_or(char::REPLACEMENT_CHARACTER, |&code| shown(code)),
            None => DEFAULT
                .get(place)
                .copied()
                .unwrap_or(char::REPLACEMENT_CHARACTER),
        }
    }

    fn after_escape(self, septet: u8) -> char {
        if septet == ESCAPE {
            return ' ';
        }
        let found = match self.single {
            Some(language) => language
                .single()
                .get(usize::from(septet))
                .filter(|&&code| code != 0)
                .map(|&code| shown(code)),
            None => EXTENSION
                .iter()
                .find(|&&(known, _)| known == septet)
                .map(|&(_, character)| character),
        };
        found.unwrap_or_else(|| self.unescaped(septet))
    }
}

/// The first position of a character; tables that have it twice mean the same by both.
fn position(table: &Positions, character: char) -> Option<u8> {
    let code = u16::try_from(u32::from(character)).ok()?;
    // Kannada's table has U+0CAA at 0x24 too, where phones show U+0CA1; 0x3D is safe.
    let from = usize::from(code == 0x0CAA) * 0x25;
    let found = table.iter().skip(from).position(|&known| known == code)?;
    let place = u8::try_from(found.saturating_add(from)).ok()?;
    (code != 0).then_some(place)
}

fn default_position(character: char) -> Option<u8> {
    let code = u8::try_from(character).ok();
    if let Some(code) = code
        && DEFAULT.get(usize::from(code)) == Some(&character)
    {
        return Some(code);
    }
    let place = DEFAULT.iter().position(|&known| known == character)?;
    u8::try_from(place).ok()
}

fn shown(code: u16) -> char {
    match char::from_u32(u32::from(code)) {
        Some('\0') | None => ' ',
        Some(character) => character,
    }
}

#[cfg(test)]
mod tests;
