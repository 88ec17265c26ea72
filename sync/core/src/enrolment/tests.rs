//! Enrolment: codes catch typing errors, requests prove key and code, bytes never panic.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn key(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

fn request(seed: u8) -> EnrolRequest {
    EnrolRequest {
        slot: "clinic-12".to_owned(),
        public_key: key(seed).public_key().as_ref().try_into().unwrap(),
        age_recipient: "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq".to_owned(),
        epoch: Epoch::new(1, 0),
    }
}

fn response() -> EnrolResponse {
    EnrolResponse {
        certificate: vec![1; 300],
        hub_certificate: vec![2; 300],
        tls_certificate: vec![3; 289],
        ca_certificate: vec![4; 289],
        ca_key: [5; 32],
        receipt_key: [6; 32],
        revocation_key: [8; 32],
        issuer_number: 7,
        leased_numbers: (0..2_000).collect(),
        provisional_prefix: "T7".to_owned(),
        sealed_roots: vec![8; 260],
        revocation_list: Vec::new(),
    }
}

#[test]
fn a_request_is_taken_with_its_key_and_its_code_only() {
    let bytes = request(1).sign(&key(1), &[9; 32]).unwrap();
    let opened = EnrolRequest::open(&bytes).unwrap();
    assert_eq!(opened.slot(), "clinic-12");
    assert_eq!(opened.clone().prove(&[9; 32]), Ok(request(1)));
    let wrong = opened.prove(&[8; 32]).unwrap_err();
    assert_eq!(wrong.code, RefusalCode::Certificate);
    assert_eq!(
        request(1).sign(&key(1), &[9; 32]).unwrap(),
        bytes,
        "the same request again"
    );
    let stolen = request(1).sign(&key(2), &[9; 32]).unwrap_err();
    assert_eq!(stolen.code, RefusalCode::Signature);
}

#[test]
fn oversized_and_other_versions_are_refused() {
    let long = EnrolRequest {
        slot: "x".repeat(SLOT_BYTES_MAX + 1),
        ..request(1)
    };
    assert_eq!(
        long.sign(&key(1), &[0; 32]).unwrap_err().code,
        RefusalCode::TooLarge
    );
    let limit = EnrolRequest {
        slot: "x".repeat(SLOT_BYTES_MAX),
        ..request(1)
    };
    EnrolRequest::open(&limit.sign(&key(1), &[0; 32]).unwrap()).unwrap();
    let mut bytes = request(1).sign(&key(1), &[9; 32]).unwrap();
    bytes[0] = 2;
    assert_eq!(
        EnrolRequest::open(&bytes).unwrap_err().code,
        RefusalCode::Version
    );
    let huge = vec![1; REQUEST_BYTES_MAX + 1];
    assert_eq!(
        EnrolRequest::open(&huge).unwrap_err().code,
        RefusalCode::TooLarge
    );
    let huge = EnrolResponse {
        revocation_list: vec![0; RESPONSE_BYTES_MAX],
        ..response()
    };
    assert_eq!(huge.encode().unwrap_err().code, RefusalCode::TooLarge);
}

#[test]
fn an_answer_and_its_roots_read_back_and_print_no_secret() {
    let bytes = response().encode().unwrap();
    assert_eq!(EnrolResponse::decode(&bytes), Ok(response()));
    let roots = Roots {
        enrolment: [1; 32],
        sms: [2; 32],
    };
    assert_eq!(Roots::decode(&roots.encode().unwrap()), Ok(roots.clone()));
    assert_eq!(format!("{roots:?}"), "Roots");
    let code = OneTimeCode::generate(&[1; 15]);
    assert_eq!(format!("{code:?}"), "OneTimeCode");
}

#[test]
fn codes_are_written_in_groups_and_read_in_any_spacing() {
    let code = OneTimeCode::generate(&[2, 3, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(code.digits().len(), CODE_DIGITS);
    assert_eq!(code.grouped().len(), CODE_DIGITS + 3);
    assert_eq!(OneTimeCode::parse(&code.grouped()), Ok(code.clone()));
    assert_eq!(
        OneTimeCode::parse(&code.grouped().replace(' ', "-")),
        Ok(code.clone())
    );
    assert_eq!(OneTimeCode::parse("123"), Err(CodeError::Length { got: 3 }));
    assert_eq!(
        OneTimeCode::parse("12345678901234ab"),
        Err(CodeError::Character)
    );
}

#[test]
fn the_check_digit_is_that_of_verhoeff() {
    // 236 has the check digit 3 (the published example), also behind zeros.
    let code = OneTimeCode::generate(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 3, 6]);
    assert_eq!(code.digits(), "0000000000002363");
}

proptest! {
    #[test]
    fn every_wrong_digit_and_every_swap_is_seen(
        random: [u8; 15],
        at in 0_usize..16,
        other in 1_u8..10,
    ) {
        let code = OneTimeCode::generate(&random);
        let mut digits = code.digits().into_bytes();
        digits[at] = b'0' + (digits[at] - b'0' + other) % 10;
        let typed = String::from_utf8(digits).unwrap();
        prop_assert_eq!(OneTimeCode::parse(&typed), Err(CodeError::Mistyped));
        let mut swapped = code.digits().into_bytes();
        let next = (at + 1).min(15);
        swapped.swap(at, next);
        let differs = swapped != code.digits().into_bytes();
        let parsed = OneTimeCode::parse(&String::from_utf8(swapped).unwrap());
        prop_assert_eq!(parsed.is_err(), differs);
    }

    #[test]
    fn hostile_bytes_are_refused_without_panic(bytes in vec(any::<u8>(), 0..400)) {
        prop_assert!(EnrolRequest::open(&bytes).is_err());
        if let Ok(decoded) = EnrolResponse::decode(&bytes) {
            prop_assert_eq!(EnrolResponse::decode(&decoded.encode().unwrap()), Ok(decoded));
        }
    }

    #[test]
    fn one_changed_bit_breaks_a_proof(at: prop::sample::Index, bit in 0_u8..8) {
        let mut bytes = request(1).sign(&key(1), &[9; 32]).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let taken = EnrolRequest::open(&bytes).and_then(|opened| opened.prove(&[9; 32]));
        prop_assert!(taken.is_err());
    }
}
