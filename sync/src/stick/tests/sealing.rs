//! The seal: only its recipients open it, cut or changed it gives what came before, and no more.

use std::io::Cursor;

use age::secrecy::SecretString;
use sync_core::bundle::Part;

use super::*;
use crate::identity::AgeIdentity;
use crate::stick::sealed::{HEAD_BYTES_MAX, RECIPIENTS_MAX, SealedBundle, seal};

fn sealed(to: &[&AgeIdentity], bundle: &[u8]) -> Vec<u8> {
    let recipients: Vec<String> = to.iter().map(|key| key.recipient()).collect();
    let recipients: Vec<&str> = recipients.iter().map(String::as_str).collect();
    seal(&recipients, bundle).unwrap()
}

/// Items that come out, whether the end did, and what ended it.
fn play(bytes: &[u8], key: &AgeIdentity) -> (usize, bool, Option<StickError>) {
    let opened = SealedBundle::open(Cursor::new(bytes), std::slice::from_ref(key));
    let mut opened = match opened {
        Ok(opened) => opened,
        Err(error) => return (0, false, Some(error)),
    };
    let (mut items, mut is_whole) = (0, false);
    loop {
        match opened.next_part() {
            Ok(Some(Part::Item(item))) => {
                assert_eq!(item, Item::Receipt(vec![6; 129]));
                items += 1;
            }
            Ok(Some(Part::End)) => is_whole = true,
            Ok(Some(Part::Manifest(_))) => {}
            Ok(None) => return (items, is_whole, None),
            Err(error) => return (items, is_whole, Some(error)),
        }
    }
}

#[test]
fn every_recipient_opens_it_and_nobody_else() {
    let (hub, centre, other) = (
        AgeIdentity::generate(),
        AgeIdentity::generate(),
        AgeIdentity::generate(),
    );
    let bytes = sealed(&[&hub, &centre], &bundle(2_000));
    for key in [&hub, &centre] {
        let (items, is_whole, error) = play(&bytes, key);
        assert_eq!((items, is_whole), (2_000, true));
        assert!(error.is_none());
    }
    assert!(matches!(play(&bytes, &other).2, Some(StickError::NotOurs)));
    let plain = bytes.windows(20).any(|window| window == [6; 20]);
    assert!(!plain, "the content is readable");
}

#[test]
fn recipients_are_keys_and_few() {
    let key = AgeIdentity::generate().recipient();
    let many = vec![key.as_str(); RECIPIENTS_MAX + 1];
    for wrong in [&[][..], &["age1"], &["hub@example.org"], &many] {
        assert!(matches!(seal(wrong, b"x"), Err(StickError::Recipient(_))));
    }
    assert!(seal(&many[1..], b"x").is_ok_and(|sealed| sealed.len() > 100));
}

/// A passphrase costs what its writer likes: it is refused before it is tried.
#[test]
fn a_passphrase_is_refused() {
    let key = AgeIdentity::generate();
    let mut recipient = age::scrypt::Recipient::new(SecretString::from("winter".to_owned()));
    recipient.set_work_factor(2);
    let bytes = age::encrypt(&recipient, &bundle(1)).unwrap();
    assert!(matches!(play(&bytes, &key).2, Some(StickError::Passphrase)));
}

#[test]
fn what_is_no_sealed_file_is_refused() {
    let key = AgeIdentity::generate();
    let good = sealed(&[&key], &bundle(1));
    let endless = [
        b"age-encryption.org/v1\n-> X25519 ",
        &[b'A'; HEAD_BYTES_MAX][..],
        b"\n--- \n",
    ]
    .concat();
    let plain = bundle(1);
    for bytes in [&b""[..], b"PK\x03\x04", &plain, &endless, &good[..40]] {
        let error = play(bytes, &key).2;
        assert!(matches!(error, Some(StickError::NoSeal(_))), "{error:?}");
    }
    assert!(play(&good, &key).2.is_none());
}

/// Three chunks of the seal: a cut or a changed byte costs its chunk and what follows.
#[test]
fn whole_items_before_the_damage_come_out() {
    let key = AgeIdentity::generate();
    let bytes = sealed(&[&key], &bundle(1_400));
    let (mut most, mut steps) = (0, 0);
    for at in (0..bytes.len()).step_by(4_211) {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        for damaged in [&bytes[..at], &changed] {
            let (items, is_whole, error) = play(damaged, &key);
            assert!(error.is_some() && !is_whole, "damage at {at}");
            let sure = at.saturating_sub(2 * 65_536) / 134;
            assert!(items >= sure && items * 134 < at + 1, "{items} before {at}");
            most = most.max(items);
        }
        steps += 1;
    }
    assert!(most > 900 && steps > 40, "{most} items in {steps} steps");
}
