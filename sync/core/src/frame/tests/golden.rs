//! Golden bytes under `tests/golden/frame`: every release reads those of all earlier ones.
//!
//! A failing comparison prints the bytes of today. They may only be accepted together with a new
//! version byte, a new file beside the old one, and `docs/protocols/frames.md`.

use jiff::Timestamp;

use super::*;
use crate::certificate::{self, NodeCertificate, NodeKind, Rights, ScopeGrant};
use crate::golden::{check, hex, unhex};
use crate::id::Lane;
use crate::receipt::{self, Receipt};
use crate::revocation::{self, Revocation, RevocationList, RevocationMode};

const FACT: &str = include_str!("../../../../../tests/golden/frame/fact-v1.hex");
const REGISTRATION: &str = include_str!("../../../../../tests/golden/frame/registration-v1.hex");
const RECEIPT: &str = include_str!("../../../../../tests/golden/frame/receipt-v1.hex");
const CERTIFICATE: &str = include_str!("../../../../../tests/golden/frame/certificate-v1.hex");
const REVOCATION: &str = include_str!("../../../../../tests/golden/frame/revocation-v1.hex");

fn fact(origin: &Origin) -> Vec<Entry> {
    let mut entry = origin.entry(1, EntryKind::Fact, None, b"golden fact".to_vec());
    entry.meta.author = 0;
    vec![entry]
}

#[test]
fn fact_frame_is_the_golden_one() {
    let origin = Origin::new(7);
    let entries = fact(&origin);
    check(FACT, &origin.seal(origin.start().1, &entries).unwrap());
    let opened = origin.open(&unhex(FACT), origin.start()).unwrap();
    assert_eq!((opened.header.form, &opened.entries[0].0), (0, &entries[0]));
}

/// Compressed: the bytes may differ with another zstd, reading them may not.
#[test]
fn registration_frame_of_the_first_release_opens() {
    let origin = Origin::new(7);
    let entries = origin.mixed();
    let today = origin.seal(origin.start().1, &entries).unwrap();
    let golden = unhex(REGISTRATION);
    let opened = origin.open(&golden, origin.start());
    let opened = opened.unwrap_or_else(|error| panic!("{error}; today:\n{}", hex(&today)));
    assert_eq!(opened.header.form, FORM_ZSTD);
    assert!(opened.entries.iter().map(|(entry, _)| entry).eq(&entries));
    let hashes_today = origin.open(&today, origin.start()).unwrap().entries;
    assert_eq!(opened.entries, hashes_today);
}

#[test]
fn receipt_is_the_golden_one() {
    let origin = Origin::new(7);
    let hub = Ed25519KeyPair::from_seed_unchecked(&[1; 32]).unwrap();
    let receipt = Receipt {
        chain: origin.chain,
        up_to: Seq(6),
        hash: [0x11; 32],
        hlc: 1_767_225_700_000 << 16,
    };
    check(RECEIPT, &receipt::sign(&receipt, &hub));
    assert_eq!(receipt::verify(&unhex(RECEIPT), &public(&hub)), Ok(receipt));
}

#[test]
fn certificate_is_the_golden_one() {
    let origin = Origin::new(7);
    let hub = Ed25519KeyPair::from_seed_unchecked(&[1; 32]).unwrap();
    let certificate = NodeCertificate {
        realm: "golden".to_owned(),
        hub: NodeId(1),
        node: origin.chain.origin,
        epoch: origin.chain.epoch,
        key: public(&origin.key),
        age_recipient: "age1golden".to_owned(),
        serial: 1,
        kind: NodeKind::Node,
        issuer_number: 4711,
        scopes: vec![ScopeGrant {
            programme: "maternal-child".to_owned(),
            area: Scope(0x100),
            lanes: vec![Lane::Control, Lane::Registration],
            rights: Rights::CAPTURE.with(Rights::READ),
        }],
        not_before: Timestamp::from_second(1_767_225_600).unwrap(),
        not_after: Timestamp::from_second(1_801_785_600).unwrap(),
        min_version: 1,
        previous_heads: vec![(0x103, 9, [0x22; 32])],
    };
    check(CERTIFICATE, &certificate::sign(&certificate, &hub).unwrap());
    assert_eq!(
        certificate::verify(&unhex(CERTIFICATE), &public(&hub)),
        Ok(certificate)
    );
}

#[test]
fn revocation_list_is_the_golden_one() {
    let hub = Ed25519KeyPair::from_seed_unchecked(&[2; 32]).unwrap();
    let list = RevocationList {
        number: 1,
        entries: vec![Revocation {
            node: NodeId(7),
            epoch: Epoch::new(1, 0),
            mode: RevocationMode::Stop,
            last: vec![(Scope(0x103), Seq(6))],
        }],
    };
    check(REVOCATION, &revocation::sign(&list, &hub).unwrap());
    assert_eq!(
        revocation::verify(&unhex(REVOCATION), &public(&hub)),
        Ok(list)
    );
}
