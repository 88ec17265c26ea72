//! Keys, seals and certificates: what is made reads back, and only for whom it was made.

use super::*;
use crate::tls;

fn validity() -> Validity {
    Validity {
        not_before: "2026-01-01T00:00:00Z".parse().unwrap(),
        not_after: "2046-01-01T00:00:00Z".parse().unwrap(),
    }
}

#[test]
fn a_stored_key_is_the_same_key_and_prints_nothing() {
    let key = SigningKey::generate().unwrap();
    let again = SigningKey::from_pkcs8(key.pkcs8().to_vec()).unwrap();
    assert_eq!(again.public_key(), key.public_key());
    assert_eq!(key.pair().unwrap().public_key().as_ref(), key.public_key());
    assert_ne!(SigningKey::generate().unwrap(), key);
    assert_eq!(format!("{key:?}"), "SigningKey");
    let broken = SigningKey::from_pkcs8(vec![1, 2, 3]);
    assert!(matches!(broken, Err(IdentityError::Key(_))));
}

#[test]
fn a_sealed_secret_opens_for_its_recipient_only() {
    let node = AgeIdentity::generate();
    let other = AgeIdentity::generate();
    let mut sealed = seal(&node.recipient(), b"root").unwrap();
    assert_eq!(node.open(&sealed).unwrap(), b"root");
    assert!(matches!(other.open(&sealed), Err(IdentityError::Open(_))));
    let again = AgeIdentity::parse(&node.secret()).unwrap();
    assert_eq!(again.open(&sealed).unwrap(), b"root");
    assert_eq!(format!("{again:?}"), "AgeIdentity");
    let last = sealed.len() - 1;
    sealed[last] ^= 1;
    assert!(matches!(node.open(&sealed), Err(IdentityError::Open(_))));
    assert!(matches!(
        seal("age1nobody", b"root"),
        Err(IdentityError::AgeKey(_))
    ));
    let large = vec![0; SEALED_BYTES_MAX + 1];
    assert!(matches!(
        seal(&node.recipient(), &large),
        Err(IdentityError::TooLarge { .. })
    ));
    seal(&node.recipient(), &large[1..]).unwrap();
}

#[test]
fn an_authority_certifies_a_bare_public_key_in_few_bytes() {
    let hub = SigningKey::generate().unwrap();
    let authority = CertificateAuthority::create("hub ca", hub.clone(), validity()).unwrap();
    let node = SigningKey::generate().unwrap();
    let issued = authority
        .issue(&node.public_key(), "node-7", validity())
        .unwrap();
    assert_eq!(tls::public_key(&issued), Some(node.public_key()));
    assert_eq!(
        tls::public_key(authority.certificate()),
        Some(hub.public_key())
    );
    assert!(issued.len() <= 320, "{} bytes", issued.len());
    let stored = authority.certificate().to_vec();
    let restarted = CertificateAuthority::stored("hub ca", hub, stored);
    let again = restarted
        .issue(&node.public_key(), "node-7", validity())
        .unwrap();
    assert_eq!(again, issued, "the same request gives the same answer");
    assert_eq!(tls::public_key(b"no certificate"), None);
}

#[test]
fn one_time_codes_are_valid_and_differ() {
    let code = one_time_code().unwrap();
    assert_eq!(OneTimeCode::parse(&code.grouped()), Ok(code.clone()));
    assert_ne!(one_time_code().unwrap(), code);
    assert_ne!(random_key().unwrap(), random_key().unwrap());
}
