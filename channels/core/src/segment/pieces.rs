//! Cuts a text where a part is full, never inside a character and not before a mark if avoidable.
//!
//! The same cut serves septets and UTF-16 units: the caller says what a character takes. Because
//! whole characters move, an escape pair and a surrogate pair stay together.

/// Joins what follows to what comes before, as in family signs and some conjuncts.
const ZERO_WIDTH_JOINER: char = '\u{200D}';

/// Cuts a text into pieces of at most `part` units, or one of at most `single`.
///
/// `None` when `cost` refuses a character.
pub(super) fn pieces(
    text: &str,
    (single, part): (usize, usize),
    cost: impl Fn(char) -> Option<usize>,
) -> Option<Vec<&str>> {
    let total = text.chars().try_fold(0_usize, |sum, character| {
        Some(sum.saturating_add(cost(character)?))
    })?;
    if total <= single {
        return Some(vec![text]);
    }
    let mut cuts = Cuts::new(part);
    for (at, character) in text.char_indices() {
        cuts.add(at, character, cost(character)?);
    }
    let ends = cuts.done.iter().copied().chain([text.len()]);
    let mut start = 0;
    let pieces = ends.map(|end| {
        let piece = text.get(start..end).unwrap_or_default();
        start = end;
        piece
    });
    Some(pieces.collect())
}

/// Where the pieces end, found in one pass.
struct Cuts {
    room: usize,
    /// Byte offsets at which a new piece begins.
    done: Vec<usize>,
    /// Units of the piece so far.
    units: usize,
    /// Where the last letter of the piece begins, and the units from there.
    letter: (usize, usize),
    /// Where the piece begins.
    start: usize,
    before: char,
}

impl Cuts {
    fn new(room: usize) -> Self {
        Self {
            room,
            done: Vec::new(),
            units: 0,
            letter: (0, 0),
            start: 0,
            before: ' ',
        }
    }

    fn add(&mut self, at: usize, character: char, cost: usize) {
        let belongs = is_mark(character) || self.before == ZERO_WIDTH_JOINER;
        self.before = character;
        let (letter, carried) = self.letter;
        if self.units.saturating_add(cost) > self.room {
            // A letter and marks that fill a piece cannot be kept whole.
            let whole = belongs && letter > self.start && carried.saturating_add(cost) <= self.room;
            let cut = if whole { letter } else { at };
            self.units = if whole { carried } else { 0 };
            self.done.push(cut);
            self.start = cut;
            self.letter = (cut, self.units);
        }
        self.units = self.units.saturating_add(cost);
        self.letter = if belongs {
            (self.letter.0, self.letter.1.saturating_add(cost))
        } else {
            (at, cost)
        };
    }
}

/// Marks that sit on the letter before them, in the scripts of our languages and of the tables.
fn is_mark(character: char) -> bool {
    matches!(u32::from(character),
        0x0300..=0x036F | 0x0610..=0x061A | 0x064B..=0x065F | 0x0670 | 0x06D6..=0x06DC
        | 0x06DF..=0x06E8 | 0x0900..=0x0903 | 0x093A..=0x093C | 0x093E..=0x094F
        | 0x0951..=0x0957 | 0x0962..=0x0963 | 0x0981..=0x0983 | 0x09BC | 0x09BE..=0x09CD | 0x09D7
        | 0x09E2..=0x09E3 | 0x0A01..=0x0A03 | 0x0A3C..=0x0A51 | 0x0A70..=0x0A71 | 0x0A75
        | 0x0A81..=0x0A83 | 0x0ABC | 0x0ABE..=0x0ACD | 0x0AE2..=0x0AE3 | 0x0B01..=0x0B03
        | 0x0B3C | 0x0B3E..=0x0B57 | 0x0B62..=0x0B63 | 0x0B82 | 0x0BBE..=0x0BCD | 0x0BD7
        | 0x0C00..=0x0C04 | 0x0C3C | 0x0C3E..=0x0C56 | 0x0C62..=0x0C63 | 0x0C81..=0x0C83 | 0x0CBC
        | 0x0CBE..=0x0CCD | 0x0CD5..=0x0CD6 | 0x0CE2..=0x0CE3 | 0x0D00..=0x0D03
        | 0x0D3B..=0x0D3C | 0x0D3E..=0x0D4D | 0x0D57 | 0x0D62..=0x0D63 | 0x0DCA..=0x0DDF
        | 0x0E31 | 0x0E34..=0x0E3A | 0x0E47..=0x0E4E | 0x102B..=0x103E | 0x135D..=0x135F
        | 0x17B4..=0x17D3 | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x200C..=0x200D
        | 0x20D0..=0x20FF | 0xFE00..=0xFE0F | 0xFE20..=0xFE2F | 0x1F3FB..=0x1F3FF)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, room: usize, expected: &[&str]) {
        let got = pieces(text, (room, room), |character| Some(character.len_utf16()));
        assert_eq!(got.as_deref(), Some(expected));
    }

    #[test]
    fn marks_and_joined_signs_move_with_their_letter() {
        check("abc", 3, &["abc"]);
        check("abcd", 3, &["abc", "d"]);
        check("abe\u{301}d", 3, &["ab", "e\u{301}d"]);
        check("ab\u{93F}\u{901}c", 3, &["a", "b\u{93F}\u{901}", "c"]);
        check(
            "a\u{1F469}\u{200D}\u{1F33E}",
            5,
            &["a", "\u{1F469}\u{200D}\u{1F33E}"],
        );
        check("a\u{1F44D}\u{1F3FD}", 4, &["a", "\u{1F44D}\u{1F3FD}"]);
    }

    #[test]
    fn what_cannot_be_kept_whole_is_cut_between_marks() {
        check("\u{301}\u{301}\u{301}", 2, &["\u{301}\u{301}", "\u{301}"]);
        check(
            "ae\u{301}\u{302}\u{303}",
            3,
            &["a", "e\u{301}\u{302}", "\u{303}"],
        );
        // Carried whole, letter and sign would be longer than a piece.
        check("ae\u{301}\u{1F3FD}", 3, &["ae\u{301}", "\u{1F3FD}"]);
    }

    #[test]
    fn a_character_without_cost_gives_no_pieces() {
        assert_eq!(pieces("ab", (9, 9), |c| (c == 'a').then_some(1)), None);
    }
}
