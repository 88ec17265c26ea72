//! Published and hand-made TPDUs, and parse ∘ encode = identity for all three types.

use proptest::prelude::*;

use super::*;
use crate::address::{Address, Msisdn};
use crate::gsm7;
use crate::segment;

fn octets(text: &str) -> Vec<u8> {
    hex::decode(text).unwrap()
}

fn phone(digits: &str) -> TpAddress {
    TpAddress::of(&Address::Phone(Msisdn::parse(digits).unwrap())).unwrap()
}

fn text(text: &str) -> UserData {
    UserData::try_new(Dcs(0), vec![], gsm7::encode(text).unwrap()).unwrap()
}

fn deliver(octets: &[u8]) -> Deliver {
    let Ok(FromNetwork::Deliver(deliver)) = FromNetwork::parse(octets) else {
        panic!("a DELIVER")
    };
    assert_eq!(deliver.encode(), octets);
    deliver
}

#[test]
fn a_delivered_message_reads_as_the_standard_lays_it_out() {
    // TS 23.040 §9.2.2.1; SMSC +27381000015, sender +27838890001, zone +02:00.
    let pdu = octets("07917283010010F5040BC87238880900F10000993092516195800AE8329BFD4697D9EC37");
    let (smsc, tpdu) = split_smsc(&pdu).unwrap();
    assert_eq!(smsc.as_ref().map(TpAddress::as_str), Some("27381000015"));
    assert_eq!(with_smsc(smsc.as_ref(), tpdu), Ok(pdu.clone()));
    let deliver = deliver(tpdu);
    assert_eq!(deliver.user_data.text().as_deref(), Some("hellohello"));
    assert_eq!(deliver.origin.as_str(), "27838890001");
    assert_eq!(deliver.origin.type_of_address(), 0xC8);
    assert!(deliver.options.has(Options::NO_MORE_MESSAGES));
    assert_eq!(
        deliver.submitted.instant(),
        Some("1999-03-29T13:16:59Z".parse().unwrap())
    );
}

#[test]
fn a_submitted_message_is_written_as_the_standard_lays_it_out() {
    // TS 23.040 §9.2.2.2: four days of validity, TP-MR 0, "hellohello".
    let submit = Submit {
        validity: Some(Validity::Relative(RelativeValidity::at_most(4 * 86_400))),
        ..Submit::to(phone("46708251358"), text("hellohello"))
    };
    let pdu = octets("11000B916407281553F80000AA0AE8329BFD4697D9EC37");
    assert_eq!(submit.encode(), pdu);
    assert_eq!(Submit::parse(&pdu), Ok(submit));
    assert_eq!(with_smsc(None, &pdu).unwrap()[..2], [0x00, 0x11]);
}

#[test]
fn a_status_report_reads_as_the_standard_lays_it_out() {
    // TS 23.040 §9.2.2.3, TP-MR 0x37, delivered; then the same with TP-PI and a text.
    let plain = octets("06370B916407281553F8621190415070216211904151702100");
    let Ok(FromNetwork::StatusReport(report)) = FromNetwork::parse(&plain) else {
        panic!("a STATUS-REPORT")
    };
    assert_eq!(report.encode(), plain);
    assert_eq!(
        (report.reference, report.status),
        (0x37, TpStatus::DELIVERED)
    );
    assert_eq!(report.recipient, phone("46708251358"));
    assert!(report.submitted.instant() < report.discharged.instant());
    let full = StatusReport {
        protocol: Some(0),
        user_data: Some(text("ok")),
        ..report.clone()
    };
    assert_eq!(StatusReport::parse(&full.encode()), Ok(full.clone()));
    // Cut inside its text, the report itself still counts.
    let mut cut = full.encode();
    cut.pop();
    assert_eq!(StatusReport::parse(&cut), Ok(report));
}

#[test]
fn each_group_of_tp_st_has_its_meaning() {
    for (octets, group) in [
        (0x00..=0x00, StatusGroup::Delivered),
        (0x01..=0x02, StatusGroup::Sent),
        (0x03..=0x0F, StatusGroup::Reserved),
        (0x10..=0x1F, StatusGroup::Sent),
        (0x20..=0x3F, StatusGroup::Trying),
        (0x40..=0x5F, StatusGroup::Failed),
        (0x60..=0x7F, StatusGroup::GivenUp),
        (0x80..=0xFF, StatusGroup::Reserved),
    ] {
        for octet in octets {
            assert_eq!(TpStatus(octet).group(), group, "{octet:#x}");
        }
    }
    assert_eq!(TpStatus::EXPIRED.group(), StatusGroup::Failed);
}

fn check_address(address: &Address, hex_octets: &str) {
    let written = TpAddress::of(address).unwrap();
    let mut found = Vec::new();
    written.write(&mut found);
    assert_eq!(hex::encode(&found), hex_octets);
    let read = TpAddress::read(&mut Reader(&found), "TP-OA").unwrap();
    assert_eq!(read, written);
    assert_eq!(read.to_address().as_ref(), Some(address));
}

#[test]
fn the_three_kinds_of_address_have_their_types() {
    // TS 23.040 §9.1.2.5.
    let phone = Address::Phone(Msisdn::parse("+26878000001").unwrap());
    check_address(&phone, "0B916278080000F1");
    check_address(&Address::ShortCode("384".to_owned()), "038183F4");
    check_address(&Address::ShortCode("*101#".to_owned()), "05811A10FB");
    check_address(&Address::Name("MTN".to_owned()), "06D04DAA13");
    check_address(
        &Address::Name("OutpostInfo".to_owned()),
        "14D0CF3A1DFE9ED3936EF31B",
    );
}

#[test]
fn a_name_of_seven_characters_has_no_eighth() {
    check_address(&Address::Name("MTNInfo".to_owned()), "0DD04DAA33E936BF01");
    // The same from a sender that counts whole octets.
    let read = TpAddress::read(&mut Reader(&octets("0ED04DAA33E936BF01")), "TP-OA").unwrap();
    assert_eq!(read.as_str(), "MTNInfo");
    assert_eq!(TpAddress::name("MTNInfo@"), Err(TpduError::BadAddress));
}

#[test]
fn what_no_address_field_carries_is_refused() {
    let too_long = TpduError::AddressTooLong { got: 21, limit: 20 };
    assert_eq!(TpAddress::digits(0x81, &"1".repeat(21)), Err(too_long));
    assert_eq!(TpAddress::digits(0x81, "12x"), Err(TpduError::BadAddress));
    assert_eq!(TpAddress::digits(0xD0, "12"), Err(TpduError::BadAddress));
    assert_eq!(TpAddress::name("ሰላም"), Err(TpduError::BadAddress));
    assert_eq!(TpAddress::name("twelve chars"), Err(too_long));
    let national = TpAddress::digits(0xA1, "0788123456").unwrap();
    assert_eq!(
        national.to_address(),
        Some(Address::ShortCode("0788123456".to_owned()))
    );
    assert!(!format!("{national:?}").contains("0788"));
}

#[test]
fn other_types_and_cut_ones_are_refused_by_name() {
    let refused = |octets: &[u8]| FromNetwork::parse(octets).unwrap_err().to_string();
    assert_eq!(refused(&[1]), "TPDU of message type 1 is not expected here");
    assert_eq!(refused(&[]), "TPDU ends inside its first octet");
    assert_eq!(Submit::parse(&[2]), Err(TpduError::Unexpected { mti: 2 }));
    let whole = Submit::to(phone("46708251358"), text("hello")).encode();
    for length in 0..whole.len() {
        let cut = Submit::parse(&whole[..length]);
        assert!(matches!(cut, Err(TpduError::Truncated { .. })));
    }
    assert_eq!(
        split_smsc(&[7, 0x91]),
        Err(TpduError::Truncated {
            field: "SMSC address"
        })
    );
}

#[test]
fn parts_of_a_long_text_travel_with_their_header_and_no_trailing_sign() {
    let words = "a€".repeat(90);
    let parts = segment::split(&words, 9).unwrap();
    let mut read = String::new();
    for (part, index) in parts.into_iter().zip(1..) {
        let user_data = UserData::of_segment(part, Some(Class::Flash)).unwrap();
        let submit = Submit::to(phone("46708251358"), user_data);
        let tpdu = submit.encode();
        assert!(tpdu.len() <= TPDU_OCTETS_MAX);
        let again = Submit::parse(&tpdu).unwrap();
        assert_eq!(again, submit);
        assert_eq!(
            again.user_data.concatenation().map(|place| place.index),
            Some(index)
        );
        assert_eq!(again.user_data.dcs().class(), Some(Class::Flash));
        read.push_str(&again.user_data.text().unwrap());
    }
    assert_eq!(read, words);
}

fn user_data() -> impl Strategy<Value = UserData> {
    let header = prop_oneof![
        Just(vec![]),
        proptest::collection::vec(any::<u8>(), 0..20).prop_map(|elements| {
            let length = u8::try_from(elements.len()).unwrap();
            [vec![length], elements].concat()
        }),
    ];
    let payload = proptest::collection::vec(any::<u8>(), 0..100);
    (any::<u8>(), header, payload).prop_map(|(dcs, udh, mut payload)| {
        if Dcs(dcs).alphabet() == Alphabet::Gsm7 {
            for septet in &mut payload {
                *septet &= 0x7F;
            }
        }
        UserData::try_new(Dcs(dcs), udh, payload).unwrap()
    })
}

fn address() -> impl Strategy<Value = TpAddress> {
    prop_oneof![
        ("[0-9*#a-c]{0,20}", 0_u8..=0x4F)
            .prop_map(|(digits, kind)| TpAddress::digits(kind, &digits).unwrap()),
        "[A-Za-z0-9@é]{0,7}".prop_map(|name| TpAddress::name(&name).unwrap()),
    ]
}

proptest! {
    #[test]
    fn whatever_is_encoded_parses_to_the_same(
        (origin, user_data, submitted) in (address(), user_data(), any::<[u8; 7]>()),
        (bits, reference, protocol, vp) in any::<(u8, u8, u8, Option<[u8; 7]>)>(),
    ) {
        let deliver = Deliver {
            options: Options::kept(bits, 0xAC), origin: origin.clone(), protocol,
            submitted: Scts(submitted), user_data: user_data.clone(),
        };
        let validity = match (vp, bits & 3) {
            (None, _) => None,
            (Some([first, ..]), 0) => Some(Validity::Relative(RelativeValidity(first))),
            (Some(octets), 1) => Some(Validity::Absolute(Scts(octets))),
            (Some(octets), _) => Some(Validity::Enhanced(octets)),
        };
        let submit = Submit {
            options: Options::kept(bits, 0xA4), reference, destination: origin.clone(), protocol,
            validity, user_data: user_data.clone(),
        };
        let report = StatusReport {
            options: Options::kept(bits, 0x2C), reference, recipient: origin,
            submitted: Scts(submitted), discharged: Scts(submitted), status: TpStatus(protocol),
            protocol: vp.map(|_| protocol), user_data: Some(user_data),
        };
        prop_assert_eq!(Submit::parse(&submit.encode()), Ok(submit));
        for value in [FromNetwork::Deliver(deliver), FromNetwork::StatusReport(report)] {
            prop_assert_eq!(FromNetwork::parse(&value.encode()), Ok(value));
        }
    }

    #[test]
    fn whatever_parses_encodes_to_a_tpdu_of_the_same_meaning(
        first: u8, rest in proptest::collection::vec(any::<u8>(), 0..200),
        short in proptest::collection::vec(0_u8..16, 0..60),
    ) {
        for rest in [rest, short] {
            let octets = [vec![first], rest].concat();
            if let Ok(value) = FromNetwork::parse(&octets) {
                let again = value.encode();
                prop_assert!(again.len() <= TPDU_OCTETS_MAX);
                prop_assert_eq!(FromNetwork::parse(&again), Ok(value));
            }
            if let Ok(submit) = Submit::parse(&octets) {
                prop_assert_eq!(Submit::parse(&submit.encode()), Ok(submit));
            }
            if let Ok((smsc, tpdu)) = split_smsc(&octets) {
                let again = with_smsc(smsc.as_ref(), tpdu).unwrap();
                prop_assert_eq!(split_smsc(&again), Ok((smsc, tpdu)));
            }
        }
    }
}

/// Parts with a 16-bit reference, read back one by one (a known fault of other codecs: the
/// first character of a part is lost).
#[test]
fn a_part_with_a_16_bit_reference_keeps_its_first_character() {
    let words = "0123456789".repeat(20);
    let reference = segment::udh::Reference::Sixteen(0xABCD);
    let parts = segment::split_in(&words, reference, &[]).unwrap();
    let texts: Vec<String> = parts
        .into_iter()
        .map(|part| {
            let submit = Submit::to(
                phone("46708251358"),
                UserData::of_segment(part, None).unwrap(),
            );
            let read = Submit::parse(&submit.encode()).unwrap();
            read.user_data.text().unwrap()
        })
        .collect();
    let (first, second) = words.split_at(152);
    assert_eq!(texts, [first, second]);
}

/// Another fault of other codecs: seven fill bits read as one more septet, `@`.
#[test]
fn a_part_with_a_header_gains_no_trailing_sign() {
    for length in 1..=153 {
        let udh = vec![5, 0, 3, 1, 2, 1];
        let user_data = UserData::try_new(Dcs(0), udh, vec![b'x'; length]).unwrap();
        let submit = Submit::to(phone("46708251358"), user_data);
        let read = Submit::parse(&submit.encode()).unwrap();
        assert_eq!(read.user_data.text(), Some("x".repeat(length)));
    }
}
