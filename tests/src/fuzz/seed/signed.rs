//! Seeds of receipts, certificates, revocation lists and enrolment.

use ring::signature::Ed25519KeyPair;
use sync_core::certificate::{self, NodeCertificate, NodeKind, Rights, ScopeGrant};
use sync_core::enrolment::{EnrolRequest, EnrolResponse, Roots};
use sync_core::frame::SIGNATURE_BYTES;
use sync_core::id::{ChainId, Epoch, HubId, Lane, NodeId, Scope, Seq};
use sync_core::receipt::{self, Receipt};
use sync_core::revocation::{self, Revocation, RevocationList, RevocationMode};

use super::super::frame::{origin, public};
use super::super::signed::{RAW, STRETCHED};
use super::form;

/// Length of the HMAC behind a request.
const TAG_BYTES: usize = 32;

pub(super) fn inputs() -> Vec<Vec<u8>> {
    let key = origin();
    let receipt = receipt::sign(&receipt(), &key);
    let certificate = certificate::sign(&certificate(&key), &key).expect("a certificate");
    let list = revocation::sign(&revocations(), &key).expect("a revocation list");
    let request = request(&key).sign(&key, &STRETCHED).expect("a request");
    let mut inputs = Vec::new();
    for (number, bytes) in [(4, &receipt), (5, &certificate), (6, &list)] {
        let content = &bytes[..bytes.len() - SIGNATURE_BYTES];
        inputs.push(form(number, content));
        inputs.push(form(number | RAW, bytes));
        // Another version, a broken signature, nothing at all, a content cut short.
        inputs.push(form(number, [&[2], &content[1..]].concat()));
        inputs.push(form(
            number | RAW,
            [&bytes[..bytes.len() - 1], &[0xAA]].concat(),
        ));
        inputs.push(form(number | RAW, []));
        inputs.push(form(number, &content[..content.len() - 1]));
    }
    inputs.push(form(
        7,
        &request[..request.len() - SIGNATURE_BYTES - TAG_BYTES],
    ));
    inputs.push(form(7 | RAW, &request));
    inputs.push(form(
        8,
        answer(certificate, list).encode().expect("an answer"),
    ));
    let roots = Roots {
        enrolment: [1; 32],
        sms: [2; 32],
    };
    inputs.push(form(9, roots.encode().expect("roots")));
    inputs
}

fn receipt() -> Receipt {
    let chain = ChainId {
        hub: HubId([0xAA; 4]),
        origin: NodeId(7),
        epoch: Epoch::new(1, 0),
        scope: Scope(0x103),
    };
    Receipt {
        chain,
        up_to: Seq(6),
        hash: [1; 32],
        hlc: 1_767_225_600_000 << 16,
    }
}

fn certificate(key: &Ed25519KeyPair) -> NodeCertificate {
    NodeCertificate {
        realm: "golden".to_owned(),
        hub: NodeId(1),
        node: NodeId(7),
        epoch: Epoch::new(1, 0),
        key: public(key),
        age_recipient: "age1golden".to_owned(),
        serial: 1,
        kind: NodeKind::Node,
        issuer_number: 300,
        scopes: vec![ScopeGrant {
            programme: "maternal-child".to_owned(),
            area: Scope(0x100),
            lanes: vec![Lane::Control, Lane::Registration],
            rights: Rights::CAPTURE.with(Rights::READ),
        }],
        not_before: "2026-01-01T00:00:00Z".parse().expect("a time"),
        not_after: "2027-01-01T00:00:00Z".parse().expect("a time"),
        min_version: 1,
        previous_heads: vec![(0x103, 9, [2; 32])],
    }
}

fn revocations() -> RevocationList {
    let modes = [
        RevocationMode::Stop,
        RevocationMode::FreezeMoney,
        RevocationMode::Shred,
    ];
    let entries = modes.into_iter().map(|mode| Revocation {
        node: NodeId(7),
        epoch: Epoch::new(1, 0),
        mode,
        last: vec![(Scope(0x103), Seq(6))],
    });
    RevocationList {
        number: 1,
        entries: entries.collect(),
    }
}

fn request(key: &Ed25519KeyPair) -> EnrolRequest {
    EnrolRequest {
        slot: "kibo".to_owned(),
        public_key: public(key),
        age_recipient: "age1golden".to_owned(),
        epoch: Epoch::new(1, 0),
    }
}

fn answer(certificate: Vec<u8>, revocation_list: Vec<u8>) -> EnrolResponse {
    EnrolResponse {
        certificate: certificate.clone(),
        hub_certificate: certificate,
        tls_certificate: vec![0x30, 0x03],
        ca_certificate: vec![0x30, 0x03],
        ca_key: [1; 32],
        receipt_key: [2; 32],
        revocation_key: [6; 32],
        issuer_number: 300,
        leased_numbers: vec![100_000_000, 999_999_999],
        provisional_prefix: "7K".to_owned(),
        sealed_roots: vec![3; 40],
        revocation_list,
    }
}
