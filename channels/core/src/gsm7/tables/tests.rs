//! Anchors of each table with their clause, unknown escapes, and encode ∘ decode for all pairs.

use proptest::prelude::*;

use super::*;

/// Every pair: 14 locking tables, counted with the default one and Spanish's missing one.
fn pairs() -> impl Iterator<Item = Tables> {
    let languages = || (0..=13).map(Language::of_identifier);
    languages().flat_map(move |locking| languages().map(move |single| Tables { locking, single }))
}

fn check(tables: Tables, text: &str, septets: &[u8]) {
    assert_eq!(tables.encode(text).as_deref(), Some(septets), "{text}");
    assert_eq!(tables.decode(septets), text);
    assert_eq!(tables.septets(text), Some(septets.len()));
}

#[test]
fn each_table_has_its_anchors() {
    use Language::*;
    // TS 23.038 §A.2.1–§A.2.3 and §A.3.1, §A.3.3: letters of the Latin tables.
    check(
        Tables::single(Turkish),
        "ışğ€",
        &[0x1B, 0x69, 0x1B, 0x73, 0x1B, 0x67, 0x1B, 0x65],
    );
    check(Tables::both(Turkish), "ış€", &[0x07, 0x1D, 0x04]);
    check(Tables::single(Spanish), "Buenos días", b"Buenos d\x1Bias");
    check(
        Tables::single(Portuguese),
        "ação",
        &[0x61, 0x1B, 0x09, 0x1B, 0x7B, 0x6F],
    );
    check(Tables::both(Portuguese), "ação", &[0x61, 0x09, 0x7B, 0x6F]);
    // §A.3.4–§A.3.13: the first letter of each script, and its digit one behind the escape.
    for (language, letter, place, one) in [
        (Bengali, 'অ', 3, '১'),
        (Gujarati, 'અ', 3, '૧'),
        (Hindi, 'अ', 3, '१'),
        (Kannada, 'ಅ', 3, '೧'),
        (Malayalam, 'അ', 3, '൧'),
        (Oriya, 'ଅ', 3, '୧'),
        (Punjabi, 'ਅ', 3, '੧'),
        (Tamil, 'அ', 3, '௧'),
        (Urdu, 'ا', 0, '۱'),
    ] {
        let digit = if language == Bengali { 0x1A } else { 0x1D };
        check(
            Tables::both(language),
            &format!("{letter}{one}"),
            &[place, 0x1B, digit],
        );
    }
    check(Tables::both(Telugu), "అ౧", &[3, 0x1B, 0x1D]);
}

#[test]
fn phones_and_the_printed_tables_agree_on_the_comma() {
    for identifier in 4..=13 {
        let tables = Tables::both(Language::of_identifier(identifier).unwrap());
        check(tables, ",", b",");
        check(tables, "'", &[0x1B, 0x09]);
    }
}

#[test]
fn a_letter_that_a_table_lacks_does_not_fit() {
    assert_eq!(
        Tables::both(Language::Urdu).first_misfit("اغ"),
        Some((1, 'غ'))
    );
    let kannada = Tables::both(Language::Kannada);
    assert_eq!(kannada.first_misfit("ಡ"), Some((0, 'ಡ')));
    assert_eq!(kannada.decode(&[0x24, 0x3D]), "ಪಪ");
    assert_eq!(kannada.encode("ಪ"), Some(vec![0x3D]));
}

#[test]
fn a_language_without_a_locking_table_leaves_the_default_one() {
    let spanish = Tables {
        locking: Some(Language::Spanish),
        single: None,
    };
    assert_eq!(spanish.decode(&[0, 0x1B, 0x65]), "@€");
    assert_eq!(
        Tables::both(Language::Spanish),
        Tables::single(Language::Spanish)
    );
}

#[test]
fn unknown_escapes_show_the_locking_table() {
    let tables = Tables::both(Language::Hindi);
    // 0x6F after the escape is in no single shift table of Hindi: the letter "o" of the other.
    assert_eq!(tables.decode(&[0x1B, 0x6F]), "o");
    assert_eq!(tables.decode(&[0x61, 0x1B, 0x1B, 0x62]), "a b");
    assert_eq!(tables.decode(&[0x61, 0x1B]), "a");
    // A position without a character, and an octet that is no septet.
    assert_eq!(
        Tables::both(Language::Tamil).decode(&[0x00, 0x80]),
        " \u{FFFD}"
    );
}

#[test]
fn identifiers_of_the_standard_name_their_language() {
    for (language, identifier) in Language::ALL.into_iter().zip(1..) {
        assert_eq!(language.identifier(), identifier);
        assert_eq!(Language::of_identifier(identifier), Some(language));
    }
    for unassigned in [0, 14, 255] {
        assert_eq!(Language::of_identifier(unassigned), None);
    }
}

#[test]
fn every_character_of_every_pair_survives_a_round_trip() {
    for tables in pairs() {
        for septet in 0..0x80 {
            for septets in [vec![septet], vec![ESCAPE, septet]] {
                let text = tables.decode(&septets);
                let again = tables.encode(&text).map(|septets| tables.decode(&septets));
                assert_eq!(again, Some(text), "{tables:?} {septets:?}");
            }
        }
    }
}

proptest! {
    #[test]
    fn any_octets_give_a_text_that_encodes_again(
        octets in proptest::collection::vec(any::<u8>(), 0..200), locking in 0..14_u8, single in 0..14_u8,
    ) {
        let tables = Tables {
            locking: Language::of_identifier(locking),
            single: Language::of_identifier(single),
        };
        let text = tables.decode(&octets);
        prop_assert!(text.chars().count() <= octets.len());
        match tables.encode(&text) {
            Some(septets) => {
                prop_assert_eq!(Some(septets.len()), tables.septets(&text));
                prop_assert_eq!(tables.decode(&septets), text);
            }
            None => prop_assert!(octets.iter().any(|&octet| octet > 0x7F)),
        }
    }
}

/// What a second implementation wrote for random texts of every pair of tables.
const ORACLE: &str = include_str!("../../../../../tests/golden/national_tables.txt");

/// One line of it: the tables, the septets, the text.
fn oracle_line(line: &str) -> (Tables, Vec<u8>, String) {
    let words: Vec<&str> = line.split(' ').collect();
    let language = |word: &str| Language::of_identifier(word.parse().unwrap());
    let tables = Tables {
        locking: language(words[0]),
        single: language(words[1]),
    };
    let letter = |word: &&str| char::from_u32(u32::from_str_radix(word, 16).unwrap()).unwrap();
    let text = words[3..].iter().map(letter).collect();
    (tables, crate::tpdu::hex::decode(words[2]).unwrap(), text)
}

#[test]
fn a_second_implementation_reads_and_writes_the_same() {
    let lines: Vec<&str> = ORACLE
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    assert!(lines.len() >= 14 * 14);
    let mut other_choice = 0;
    for line in lines {
        let (tables, septets, text) = oracle_line(line);
        assert_eq!(tables.decode(&septets), text, "{line}");
        let ours = tables.encode(&text).unwrap();
        assert_eq!(tables.decode(&ours), text, "{line}");
        // Where a table has a character twice, either place is right.
        let doubled = |character: char| "*¡ಪ".contains(character);
        if text.chars().any(doubled) {
            other_choice += 1;
            assert_eq!(ours.len(), septets.len(), "{line}");
        } else {
            assert_eq!(ours, septets, "{line}");
        }
    }
    assert!(other_choice > 0, "no doubled character was met");
}
