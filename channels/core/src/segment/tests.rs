//! Limits of a part, the pairs that are never cut, and split ∘ decode = identity.

use proptest::prelude::*;

use super::*;
use crate::gsm7::Language;

fn check(text: &str, encoding: Encoding, lengths: &[usize]) {
    let segments = split(text, 7).unwrap();
    let got: Vec<usize> = segments
        .iter()
        .map(|segment| segment.payload.len())
        .collect();
    assert_eq!(got, lengths);
    assert!(segments.iter().all(|segment| segment.encoding == encoding));
    let seen = preview(text, &[], 25);
    assert_eq!((seen.encoding, seen.parts), (encoding, lengths.len()));
    assert_eq!(seen.price, 25 * u64::try_from(lengths.len()).unwrap());
    assert_eq!(joined(&segments), text);
}

fn joined(segments: &[Segment]) -> String {
    segments
        .iter()
        .map(|segment| decode(segment.encoding, &segment.payload))
        .collect()
}

#[test]
fn the_limits_of_the_standard_hold_on_both_sides() {
    check("", Encoding::GSM7, &[0]);
    check(&"a".repeat(160), Encoding::GSM7, &[160]);
    check(&"a".repeat(161), Encoding::GSM7, &[153, 8]);
    check(&"a".repeat(306), Encoding::GSM7, &[153, 153]);
    check(&"ê".repeat(70), Encoding::Ucs2, &[140]);
    check(&"ê".repeat(71), Encoding::Ucs2, &[134, 8]);
}

#[test]
fn an_escape_pair_is_never_cut() {
    check(
        &format!("{}€{}", "a".repeat(152), "b".repeat(20)),
        Encoding::GSM7,
        &[152, 22],
    );
    check(
        &format!("{}€{}", "a".repeat(151), "b".repeat(20)),
        Encoding::GSM7,
        &[153, 20],
    );
}

#[test]
fn a_surrogate_pair_is_never_cut() {
    check(
        &format!("{}😀{}", "ê".repeat(66), "b".repeat(10)),
        Encoding::Ucs2,
        &[132, 24],
    );
}

#[test]
fn a_letter_keeps_its_marks() {
    let text = format!("{}e\u{301}\u{302}{}", "ê".repeat(65), "b".repeat(10));
    check(&text, Encoding::Ucs2, &[130, 26]);
    check(&"\u{301}".repeat(80), Encoding::Ucs2, &[134, 26]);
}

#[test]
fn parts_carry_the_header_and_a_single_message_none() {
    let segments = split(&"a".repeat(161), 200).unwrap();
    assert_eq!(segments[0].udh, [5, 0, 3, 200, 2, 1]);
    assert_eq!(segments[1].udh, [5, 0, 3, 200, 2, 2]);
    assert_eq!(split("a", 200).unwrap()[0].udh, [0_u8; 0]);
}

#[test]
fn more_than_twenty_parts_are_refused_with_the_number() {
    assert_eq!(split(&"a".repeat(153 * 20), 1).unwrap().len(), 20);
    assert_eq!(
        split(&"a".repeat(153 * 20 + 1), 1),
        Err(TooManyParts { got: 21, limit: 20 })
    );
    assert_eq!(preview(&"a".repeat(153 * 20 + 1), &[], 1).parts, 21);
}

#[test]
fn broken_ucs2_shows_a_replacement_character() {
    assert_eq!(
        decode(Encoding::Ucs2, &[0, 0x61, 0xD8, 0x3D, 0]),
        "a\u{FFFD}\u{FFFD}"
    );
}

proptest! {
    #[test]
    fn every_part_stands_alone_and_together_they_are_the_text(
        text in prop_oneof!["[a-z{}€ ]{0,1500}", ".{0,400}", "[ሀ-ቿ😀e\u{301}]{0,600}"],
    ) {
        let segments = split(&text, 3).unwrap();
        prop_assert_eq!(joined(&segments), text);
        let single = segments.len() == 1;
        for segment in &segments {
            let limit = match (segment.encoding, single) {
                (Encoding::Gsm7(_), true) => GSM7_SINGLE_MAX,
                (Encoding::Gsm7(_), false) => GSM7_PART_MAX,
                (Encoding::Ucs2, true) => UCS2_SINGLE_MAX * 2,
                (Encoding::Ucs2, false) => UCS2_PART_MAX * 2,
            };
            prop_assert!(segment.payload.len() <= limit);
        }
    }
}

#[test]
fn rooms_are_those_of_the_standard_for_every_header() {
    let check = |encoding, reference, rooms_expected| {
        assert_eq!(rooms(encoding, reference), rooms_expected, "{encoding:?}");
    };
    let (eight, sixteen) = (Reference::Eight(0), Reference::Sixteen(0));
    let single = Encoding::Gsm7(Tables::single(Language::Spanish));
    let both = Encoding::Gsm7(Tables::both(Language::Turkish));
    check(Encoding::GSM7, eight, (GSM7_SINGLE_MAX, GSM7_PART_MAX));
    check(Encoding::GSM7, sixteen, (160, 152));
    check(Encoding::Ucs2, eight, (UCS2_SINGLE_MAX, UCS2_PART_MAX));
    check(Encoding::Ucs2, sixteen, (70, 66));
    check(single, eight, (155, 149));
    check(both, eight, (152, 146));
    check(single, sixteen, (155, 148));
}

fn check_choice(text: &str, allowed: &[Tables], encoding: Encoding, parts: usize) {
    let seen = preview(text, allowed, 3);
    assert_eq!((seen.encoding, seen.parts), (encoding, parts), "{text}");
    let segments = split_in(text, Reference::Sixteen(0x1234), allowed).unwrap();
    assert_eq!(joined(&segments), text);
    assert!(segments.iter().all(|segment| segment.encoding == encoding));
}

#[test]
fn the_fewest_parts_win_and_tables_must_save_one() {
    let hindi = [Tables::both(Language::Hindi)];
    let pair = Encoding::Gsm7(hindi[0]);
    let word = "नमस्ते ";
    // Three parts in UCS-2, one in the tables; not where the caller does not allow them.
    check_choice(&word.repeat(21), &hindi, pair, 1);
    check_choice(&word.repeat(21), &[], Encoding::Ucs2, 3);
    // One part either way: a phone without tables can read UCS-2.
    check_choice(&word.repeat(9), &hindi, Encoding::Ucs2, 1);
    // The default alphabet is kept unless a table saves a part.
    let turkish = [
        Tables::single(Language::Turkish),
        Tables::both(Language::Turkish),
    ];
    check_choice("10 €", &turkish, Encoding::GSM7, 1);
    check_choice(&"€".repeat(90), &turkish, Encoding::Gsm7(turkish[1]), 1);
    // A letter outside of both tables.
    check_choice(&format!("{}ሰ", word.repeat(21)), &hindi, Encoding::Ucs2, 3);
}

#[test]
fn pairs_beyond_the_limit_are_not_tried() {
    let many = [Tables::single(Language::Spanish); TABLE_PAIRS_MAX];
    let text = "नमस्ते ".repeat(21);
    let pairs = [&many[..], &[Tables::both(Language::Hindi)]].concat();
    assert_eq!(preview(&text, &pairs, 0).encoding, Encoding::Ucs2);
    assert_ne!(preview(&text, &pairs[1..], 0).encoding, Encoding::Ucs2);
}

#[test]
fn parts_in_tables_say_so_each_and_keep_marks_with_letters() {
    let tables = Tables::both(Language::Hindi);
    let text = format!("{}{}", "क".repeat(145), "कि".repeat(80));
    let segments = split_in(&text, Reference::Eight(7), &[tables]).unwrap();
    assert_eq!(segments[0].udh, [11, 0, 3, 7, 3, 1, 0x24, 1, 6, 0x25, 1, 6]);
    let texts: Vec<String> = segments
        .iter()
        .map(|segment| decode(segment.encoding, &segment.payload))
        .collect();
    assert_eq!(texts.concat(), text);
    assert_eq!(texts[0].chars().count(), 145);
    assert!(texts.iter().all(|text| text.starts_with('क')));
    assert!(segments.iter().all(|segment| segment.payload.len() <= 146));
}
