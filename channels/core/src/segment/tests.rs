//! Limits of a part, the pairs that are never cut, and split ∘ decode = identity.

use proptest::prelude::*;

use super::*;

fn check(text: &str, encoding: Encoding, lengths: &[usize]) {
    let segments = split(text, 7).unwrap();
    let got: Vec<usize> = segments
        .iter()
        .map(|segment| segment.payload.len())
        .collect();
    assert_eq!(got, lengths);
    assert!(segments.iter().all(|segment| segment.encoding == encoding));
    assert_eq!(preview(text), (encoding, lengths.len()));
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
    check("", Encoding::Gsm7, &[0]);
    check(&"a".repeat(160), Encoding::Gsm7, &[160]);
    check(&"a".repeat(161), Encoding::Gsm7, &[153, 8]);
    check(&"a".repeat(306), Encoding::Gsm7, &[153, 153]);
    check(&"ê".repeat(70), Encoding::Ucs2, &[140]);
    check(&"ê".repeat(71), Encoding::Ucs2, &[134, 8]);
}

#[test]
fn an_escape_pair_is_never_cut() {
    check(
        &format!("{}€{}", "a".repeat(152), "b".repeat(20)),
        Encoding::Gsm7,
        &[152, 22],
    );
    check(
        &format!("{}€{}", "a".repeat(151), "b".repeat(20)),
        Encoding::Gsm7,
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
    assert_eq!(preview(&"a".repeat(153 * 20 + 1)), (Encoding::Gsm7, 21));
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
                (Encoding::Gsm7, true) => GSM7_SINGLE_MAX,
                (Encoding::Gsm7, false) => GSM7_PART_MAX,
                (Encoding::Ucs2, true) => UCS2_SINGLE_MAX * 2,
                (Encoding::Ucs2, false) => UCS2_PART_MAX * 2,
            };
            prop_assert!(segment.payload.len() <= limit);
        }
    }
}
