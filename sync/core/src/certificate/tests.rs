//! Certificates: fields survive, grants mean what they say, nothing altered passes.

use proptest::prelude::*;
use ring::signature::KeyPair;

use super::*;

fn ca() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[1; 32]).unwrap()
}

fn public(key: &Ed25519KeyPair) -> [u8; 32] {
    key.public_key().as_ref().try_into().unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

fn certificate() -> NodeCertificate {
    let grant = |area, lanes: &[Lane], rights| ScopeGrant {
        programme: "maternal-child".to_owned(),
        area: Scope(area),
        lanes: lanes.to_vec(),
        rights,
    };
    NodeCertificate {
        realm: "example".to_owned(),
        hub: NodeId(1),
        node: NodeId(7),
        epoch: Epoch::new(2, 0),
        key: [9; 32],
        age_recipient: "age1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8qarc0sj9hjuh".to_owned(),
        serial: 12,
        kind: NodeKind::Node,
        issuer_number: 4711,
        scopes: vec![
            grant(
                0x100,
                &[Lane::Control, Lane::Registration],
                Rights::CAPTURE.with(Rights::READ),
            ),
            grant(0x200, &[Lane::Money, Lane::Registration], Rights::MONEY),
        ],
        not_before: at(1_767_225_600),
        not_after: at(1_767_225_600 + 400 * 86_400),
        min_version: 1,
        previous_heads: vec![(0x103, 44, [3; 32])],
    }
}

fn code(bytes: &[u8]) -> RefusalCode {
    verify(bytes, &public(&ca())).unwrap_err().code
}

#[test]
fn certificate_reads_as_it_was_signed() {
    let bytes = sign(&certificate(), &ca()).unwrap();
    assert_eq!(verify(&bytes, &public(&ca())), Ok(certificate()));
    assert!(bytes.len() < 400, "{}", bytes.len());
}

#[test]
fn grants_follow_area_lane_and_rights() {
    let certificate = certificate();
    assert!(certificate.grants(Scope(0x103)) && certificate.grants(Scope(0x201)));
    assert!(!certificate.grants(Scope(0x101)) && !certificate.grants(Scope(0x303)));
    assert!(!certificate.grants(Scope(0x107)), "no such lane");
    assert!(certificate.may_write(Scope(0x103)) && certificate.may_read(Scope(0x100)));
    assert!(
        certificate.may_write(Scope(0x201)),
        "money with the money right"
    );
    assert!(
        !certificate.may_write(Scope(0x203)),
        "no capture right there"
    );
    assert!(!certificate.may_read(Scope(0x203)) && !certificate.may_relay(Scope(0x103)));
}

#[test]
fn every_granted_lane_has_its_own_index() {
    let certificate = certificate();
    let indexes: Vec<_> = certificate
        .granted()
        .map(|scope| certificate.scope_index(scope))
        .collect();
    assert_eq!(indexes, [Some(0), Some(1), Some(2), Some(3)]);
    assert_eq!(certificate.scope_index(Scope(0x104)), None);
}

#[test]
fn validity_includes_both_ends() {
    let certificate = certificate();
    let code = |time: Timestamp| check_validity(&certificate, hlc::physical(time)).err();
    assert_eq!(code(certificate.not_before), None);
    assert_eq!(code(certificate.not_after), None);
    let outside = [at(1_767_225_599), at(1_767_225_601 + 400 * 86_400)];
    for time in outside {
        assert_eq!(
            code(time).map(|refusal| refusal.code),
            Some(RefusalCode::Certificate)
        );
    }
}

#[test]
fn fields_over_their_limits_are_not_signed() {
    let mut long = certificate();
    long.realm = "r".repeat(TEXT_BYTES_MAX + 1);
    let refused = sign(&long, &ca());
    assert_eq!(
        refused,
        Err(CertificateError::TooLarge {
            field: "realm",
            limit: TEXT_BYTES_MAX
        })
    );
    let mut issuer = certificate();
    issuer.issuer_number = 1 << 19;
    assert_eq!(
        sign(&issuer, &ca()),
        Err(CertificateError::Field("issuer_number"))
    );
    let mut lane = certificate();
    lane.scopes[0].area = Scope(0x103);
    assert_eq!(sign(&lane, &ca()), Err(CertificateError::Field("scopes")));
    let mut lanes = certificate();
    lanes.scopes = vec![lanes.scopes[0].clone(); 128];
    assert!(matches!(
        sign(&lanes, &ca()),
        Err(CertificateError::TooLarge {
            field: "scopes",
            ..
        })
    ));
}

#[test]
fn each_failure_has_its_code() {
    let bytes = sign(&certificate(), &ca()).unwrap();
    assert_eq!(code(&[]), RefusalCode::Malformed);
    assert_eq!(
        code(&vec![1; CERTIFICATE_BYTES_MAX + 1]),
        RefusalCode::TooLarge
    );
    let mut newer = bytes.clone();
    newer[0] = 2;
    assert_eq!(code(&newer), RefusalCode::Version);
    let other = Ed25519KeyPair::from_seed_unchecked(&[8; 32]).unwrap();
    let forged = verify(&bytes, &public(&other)).unwrap_err();
    assert_eq!(forged.code, RefusalCode::Signature);
}

#[test]
fn signed_nonsense_and_second_encodings_are_refused() {
    let signed_form = |content: Vec<u8>| {
        let signature = ca().sign(&signed(&content));
        [content.as_slice(), signature.as_ref()].concat()
    };
    assert_eq!(
        code(&signed_form(vec![1, 0xff, 0xff])),
        RefusalCode::Content
    );
    let mut longer = encode(&certificate()).unwrap();
    longer.push(0);
    assert_eq!(code(&signed_form(longer)), RefusalCode::Content);
}

proptest! {
    #[test]
    fn any_altered_byte_is_refused(at: prop::sample::Index, flip in 1_u8..=255) {
        let mut bytes = sign(&certificate(), &ca()).unwrap();
        *at.get_mut(&mut bytes) ^= flip;
        prop_assert!(verify(&bytes, &public(&ca())).is_err());
    }

    #[test]
    fn signed_bytes_never_panic_and_are_canonical(
        content in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        let content = [&[CERTIFICATE_VERSION], content.as_slice()].concat();
        let bytes = [content.as_slice(), ca().sign(&signed(&content)).as_ref()].concat();
        if let Ok(read) = verify(&bytes, &public(&ca())) {
            prop_assert_eq!(sign(&read, &ca()), Ok(bytes));
        }
    }
}
