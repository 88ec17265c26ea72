//! What hubs and nodes sign besides frames: receipts, certificates, revocation lists, enrolment.
//!
//! The content is the fuzzer's, the signature is right, so that the readers behind it are
//! reached; with form bit 128 the bytes go in as they are.

use ring::hmac;
use ring::signature::Ed25519KeyPair;
use sync_core::certificate::{self, CERTIFICATE_BYTES_MAX, GRANTED_LANES_MAX};
use sync_core::enrolment::{EnrolRequest, EnrolResponse, REQUEST_BYTES_MAX, Roots};
use sync_core::id::{Lane, Scope};
use sync_core::receipt;
use sync_core::refusal::Refusal;
use sync_core::revocation::{self, REVOCATION_BYTES_MAX};

use super::Reached;
use super::frame::{origin, public, refuse};

/// The bytes go in without a signature of ours.
pub(super) const RAW: u8 = 128;
/// What Argon2id would have made of the one-time code.
pub(super) const STRETCHED: [u8; 32] = [9; 32];

/// Everything that is signed, and what it is refused for.
pub(super) const REACHES: &[&str] = &[
    "a receipt",
    "a certificate",
    "a revocation list",
    "an enrolment request",
    "an enrolment answer",
    "roots",
    "signature",
    "version",
    "malformed",
    "content",
];

/// Feeds content to one of the forms.
pub(super) fn run(form: u8, content: &[u8], reached: &mut Reached) {
    let is_raw = form & RAW != 0;
    match form & !RAW {
        4 => receipt(&signed(b"outpost.receipt.1", content, is_raw), reached),
        5 => certificate(&signed(b"outpost.certificate.1", content, is_raw), reached),
        6 => revocations(&signed(b"outpost.revocation.1", content, is_raw), reached),
        7 => request(
            &signed(b"outpost.enrolment.key.1", content, is_raw),
            is_raw,
            reached,
        ),
        8 => answer(content, reached),
        9 => roots(content, reached),
        _ => {}
    }
}

fn signed(context: &[u8], content: &[u8], is_raw: bool) -> Vec<u8> {
    let mut bytes = content.to_vec();
    if !is_raw {
        bytes.extend(origin().sign(&[context, content].concat()).as_ref());
    }
    bytes
}

/// The key of all of them.
fn key() -> (Ed25519KeyPair, [u8; 32]) {
    let key = origin();
    let public = public(&key);
    (key, public)
}

/// What a reader took, or `None` with the refusal noted.
fn taken<T>(read: Result<T, Refusal>, name: &'static str, reached: &mut Reached) -> Option<T> {
    match read {
        Ok(value) => {
            reached.insert(name);
            Some(value)
        }
        Err(refusal) => {
            refuse(&refusal, reached);
            None
        }
    }
}

fn receipt(bytes: &[u8], reached: &mut Reached) {
    let (key, public) = key();
    if let Some(receipt) = taken(receipt::verify(bytes, &public), "a receipt", reached) {
        assert!(
            receipt::sign(&receipt, &key) == bytes,
            "a receipt has two encodings"
        );
    }
}

fn certificate(bytes: &[u8], reached: &mut Reached) {
    let (key, public) = key();
    let read = certificate::verify(bytes, &public);
    let Some(certificate) = taken(read, "a certificate", reached) else {
        return;
    };
    let again = certificate::sign(&certificate, &key).expect("what was read can be signed");
    assert!(
        again == bytes && bytes.len() <= CERTIFICATE_BYTES_MAX,
        "two encodings"
    );
    let granted: Vec<Scope> = certificate.granted().collect();
    assert!(granted.len() <= GRANTED_LANES_MAX);
    for scope in granted {
        assert!(certificate.grants(scope), "a granted scope is not granted");
        assert!(
            certificate.scope_index(scope).is_some(),
            "a granted scope has no index"
        );
        let money = scope.with_lane(Lane::Money);
        assert!(certificate.grants(money) || !certificate.may_write(money));
    }
}

fn revocations(bytes: &[u8], reached: &mut Reached) {
    let (key, public) = key();
    let read = revocation::verify(bytes, &public);
    if let Some(list) = taken(read, "a revocation list", reached) {
        let again = revocation::sign(&list, &key);
        assert!(
            again.as_deref() == Some(bytes),
            "a revocation list has two encodings"
        );
        assert!(bytes.len() <= REVOCATION_BYTES_MAX);
    }
}

/// The request names its own key, so seeds use the key that signs here.
fn request(proven: &[u8], is_raw: bool, reached: &mut Reached) {
    let mut bytes = proven.to_vec();
    if !is_raw {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &STRETCHED);
        let tag = hmac::sign(&key, &[b"outpost.enrolment.code.1", proven].concat());
        bytes.extend(tag.as_ref());
    }
    let read = EnrolRequest::open(&bytes);
    let Some(unproven) = taken(read, "an enrolment request", reached) else {
        return;
    };
    assert!(bytes.len() <= REQUEST_BYTES_MAX);
    assert!(
        unproven.clone().prove(&[0; 32]).is_err(),
        "a wrong code proves a request"
    );
    let Ok(request) = unproven.prove(&STRETCHED) else {
        return;
    };
    let again = request
        .sign(&origin(), &STRETCHED)
        .expect("what was proven can be signed");
    let reread = EnrolRequest::open(&again).and_then(|again| again.prove(&STRETCHED));
    assert!(reread == Ok(request), "a request reads as another");
}

fn answer(bytes: &[u8], reached: &mut Reached) {
    let read = EnrolResponse::decode(bytes);
    if let Some(answer) = taken(read, "an enrolment answer", reached) {
        let again = answer.encode().expect("what was read can be written");
        assert!(again.len() <= bytes.len(), "an answer grew");
        assert!(
            EnrolResponse::decode(&again) == Ok(answer),
            "an answer reads as another"
        );
    }
}

fn roots(bytes: &[u8], reached: &mut Reached) {
    if let Some(roots) = taken(Roots::decode(bytes), "roots", reached) {
        assert_eq!(
            roots.encode().ok().as_deref(),
            Some(bytes),
            "roots have two encodings"
        );
    }
}
