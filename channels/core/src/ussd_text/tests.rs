//! Every group of the scheme, published packings, contradicting schemes, encode ∘ decode.

use proptest::prelude::*;

use super::*;
use crate::tpdu::hex;

fn octets(text: &str) -> Vec<u8> {
    hex::decode(text).unwrap()
}

#[test]
fn each_group_of_the_scheme_has_its_form() {
    // TS 23.038 §5, one row a group.
    for (values, form) in [
        (0x00..=0x0F, Form::Gsm7),
        (0x10..=0x10, Form::Gsm7AfterLanguage),
        (0x11..=0x11, Form::Ucs2AfterLanguage),
        (0x12..=0x3F, Form::Gsm7),
        (0x40..=0x43, Form::Gsm7),
        (0x44..=0x47, Form::Octets),
        (0x48..=0x4B, Form::Ucs2),
        (0x4C..=0x53, Form::Gsm7),
        (0x54..=0x57, Form::Octets),
        (0x58..=0x5B, Form::Ucs2),
        (0x60..=0x7F, Form::Compressed),
        (0x80..=0x93, Form::Gsm7),
        (0x94..=0x97, Form::Octets),
        (0x98..=0x9B, Form::Ucs2),
        (0xA0..=0xF3, Form::Gsm7),
        (0xF4..=0xF7, Form::Octets),
        (0xF8..=0xFB, Form::Gsm7),
        (0xFC..=0xFF, Form::Octets),
    ] {
        for value in values {
            assert_eq!(CbsDcs(value).form(), form, "{value:#x}");
            assert_eq!(CbsDcs(value).has_udh(), (0x90..=0x9F).contains(&value));
        }
    }
}

fn check(text: &str, packed: &str) {
    let written = encode(text, USSD_OCTETS_MAX).unwrap();
    assert_eq!(hex::encode(&written.octets), packed);
    let read = decode(written.dcs, &written.octets);
    assert_eq!((read.text.as_str(), read.instead), (text, None));
}

#[test]
fn codes_pack_as_networks_send_them() {
    check("*101#", "AA182C3602");
    // Seven characters: the seven bits left over are a carriage return.
    check("*101*4#", "AA182CA6A28D1A");
    check("*384#", "AA198E3602");
    // Eight characters: nothing is left over.
    check("*101*42#", "AA182CA6A2C946");
    check("ሰላም", "1230120B121D");
    check("", "");
}

#[test]
fn a_text_that_ends_in_a_carriage_return_on_the_boundary_gets_another() {
    // TS 23.038 §6.1.2.3.1.
    let written = encode("1234567\r", 160).unwrap();
    assert_eq!(written.octets.len(), 8);
    assert_eq!(decode(written.dcs, &written.octets).text, "1234567\r\r");
}

#[test]
fn the_limits_are_those_of_the_bearer() {
    let octets_of = |text: &str, max| encode(text, max).map(|written| written.octets.len());
    assert_eq!(octets_of(&"a".repeat(182), 160), Ok(160));
    let over = Err(TooLong {
        got: 161,
        limit: 160,
    });
    assert_eq!(octets_of(&"a".repeat(183), 999), over);
    assert_eq!(octets_of(&"ሰ".repeat(80), 160), Ok(160));
    assert_eq!(octets_of(&"a".repeat(128), 112), Ok(112));
    let over = Err(TooLong {
        got: 114,
        limit: 112,
    });
    assert_eq!(octets_of(&"ሰ".repeat(57), 112), over);
}

fn check_read(dcs: u8, content: &[u8], text: &str, instead: Option<Form>) {
    let read = decode(CbsDcs(dcs), content);
    assert_eq!(
        (read.text.as_str(), read.instead),
        (text, instead),
        "{dcs:#x}"
    );
}

#[test]
fn a_language_before_the_text_is_taken_off() {
    let packed = packing::pack_ussd(&gsm7::encode("sw\rSalio: 120").unwrap());
    let read = decode(CbsDcs(0x10), &packed);
    assert_eq!(
        (read.text.as_str(), read.language),
        ("Salio: 120", Some(['s', 'w']))
    );
    let name = packing::pack(&gsm7::encode("am").unwrap(), 0);
    let read = decode(CbsDcs(0x11), &[name, ucs2("ሰላም")].concat());
    assert_eq!(
        (read.text.as_str(), read.language),
        ("ሰላም", Some(['a', 'm']))
    );
    // Nothing that names a language stays text.
    check_read(
        0x10,
        &packing::pack_ussd(&gsm7::encode("12").unwrap()),
        "12",
        None,
    );
    check_read(0x11, &[0x12], "\u{FFFD}", None);
}

#[test]
fn other_forms_are_read_by_their_scheme() {
    let packed = encode("Balance 12", 160).unwrap().octets;
    for dcs in [0x00, 0x01, 0x0F, 0x20, 0x40, 0x50, 0xF0, 0x80] {
        check_read(dcs, &packed, "Balance 12", None);
    }
    check_read(0x44, &[0x43, 0xE9], "Cé", None);
    check_read(0xF4, b"ok", "ok", None);
    check_read(0x60, &[0x41], "A", None);
    // After a header of four octets three bits are filled.
    let with_header = [
        &[3, 0x24, 1, 0][..],
        &packing::pack(&gsm7::encode("Hello").unwrap(), 3),
    ]
    .concat();
    check_read(0x90, &with_header, "Hello", None);
    check_read(
        0x98,
        &[&[2, 0x7F, 0][..], &ucs2("ሰላም")].concat(),
        "ሰላም",
        None,
    );
}

#[test]
fn a_peer_that_knows_its_schemes_is_taken_at_its_word() {
    let (content, said) = (ucs2("Balance 12 $"), CbsDcs(7));
    assert_eq!(decode(said, &content).instead, Some(Form::Ucs2));
    let read = decode_as_said(said, &content);
    assert_eq!(read.instead, None);
    assert_eq!(read.text, gsm7::decode(&packing::unpack_ussd(&content)));
    let words = encode("ሰላም", 160).unwrap();
    assert_eq!(decode_as_said(words.dcs, &words.octets).text, "ሰላም");
}

#[test]
fn content_is_trusted_over_a_contradicting_scheme() {
    // obsy/sms_tool #13: UCS-2 under scheme 7.
    check_read(7, &ucs2("Balance 12 $"), "Balance 12 $", Some(Form::Ucs2));
    check_read(0x0F, &ucs2("ሰላም! 12"), "ሰላም! 12", Some(Form::Ucs2));
    // Unpacked characters under 0x0F.
    check_read(
        0x0F,
        b"Your balance is 12",
        "Your balance is 12",
        Some(Form::Octets),
    );
    // Packed septets under 0x48.
    check_read(
        0x48,
        &encode("Your balance is 12", 160).unwrap().octets,
        "Your balance is 12",
        Some(Form::Gsm7),
    );
    // Too short to be sure: the scheme's word counts.
    check_read(0x0F, &octets("AA182C3602"), "*101#", None);
    check_read(0x48, &octets("1230"), "ሰ", None);
}

#[test]
fn neither_form_shows_words_in_its_debug_output() {
    let written = encode("secret", 160).unwrap();
    let read = decode(written.dcs, &written.octets);
    assert!(!format!("{written:?}{read:?}").contains("secret"));
}

proptest! {
    #[test]
    fn what_we_send_is_read_as_it_was_written(
        text in prop_oneof!["[ -~\n]{0,160}", "[A-Za-z0-9 .,:;*#@\n]{0,182}", "[ሀ-ቿa-z0-9 ]{0,80}", "[а-я0-9 ]{0,80}"],
    ) {
        if let Ok(written) = encode(&text, USSD_OCTETS_MAX) {
            let read = decode(written.dcs, &written.octets);
            prop_assert_eq!(read.instead, None);
            prop_assert_eq!(read.text, text);
        }
    }

    #[test]
    fn any_octets_under_any_scheme_are_read(
        dcs: u8, content in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let read = decode(CbsDcs(dcs), &content);
        prop_assert!(read.text.chars().count() <= content.len() * 8 / 7);
    }
}
