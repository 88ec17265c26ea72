//! Answers, receipts, messages and descriptions of SMS APIs over HTTP.

use channels_core::http_body::ID_OCTETS_MAX;
use channels_core::sms_api::SmsApi;
use channels_core::{Address, LinkName, Msisdn, OutgoingSms, SubmitOutcome};

use super::Reached;

/// Every outcome, every callback of both APIs, a description either way.
pub(super) const REACHES: &[&str] = &[
    "sent",
    "later",
    "no credit",
    "failed",
    "unknown",
    "found",
    "receipt: delivered",
    "receipt: undelivered",
    "receipt: on its way",
    "receipt: by our id",
    "receipt: refused",
    "inbound",
    "inbound: without a date",
    "inbound: refused",
    "description",
    "description: refused",
];

/// The form chooses what the octets are, its next bit the API.
pub(super) fn run(form: u8, octets: &[u8], reached: &mut Reached) {
    let api = SmsApi::shipped().nth(usize::from(form / 8 % 2));
    let api = api.expect("a shipped API");
    match form % 8 {
        0 => outcome(&api, octets, reached),
        1 => found(&api, octets, reached),
        2 => receipt(&api, octets, reached),
        3 => inbound(&api, octets, reached),
        _ => describe(octets, reached),
    }
}

fn link() -> LinkName {
    LinkName("sms".to_owned())
}

fn sms() -> OutgoingSms {
    OutgoingSms {
        id: "00ff".to_owned(),
        to: Msisdn::parse("256772000001").expect("a number"),
        from: Address::parse("384").expect("a short code"),
        data: Vec::new(),
        text: "Amina".to_owned(),
        validity_s: 0,
    }
}

/// The first two octets are the status of HTTP.
fn outcome(api: &SmsApi, octets: &[u8], reached: &mut Reached) {
    let Some((status, body)) = octets.split_first_chunk::<2>() else {
        return;
    };
    let status = u16::from_be_bytes(*status);
    let outcome = api.outcome((status, body), &sms());
    if let SubmitOutcome::Sent { message_id } = &outcome {
        assert!((200..300).contains(&status), "sent by a failing status");
        assert!((1..=ID_OCTETS_MAX).contains(&message_id.len()));
    }
    reached.insert(match outcome {
        SubmitOutcome::Sent { .. } => "sent",
        SubmitOutcome::TryLater { .. } => "later",
        SubmitOutcome::NoCredit => "no credit",
        SubmitOutcome::Throttled { .. } => "throttled",
        SubmitOutcome::Failed { .. } => "failed",
        SubmitOutcome::Unknown => "unknown",
    });
}

fn found(api: &SmsApi, octets: &[u8], reached: &mut Reached) {
    let found = api.found((200, octets), &sms());
    if found != SubmitOutcome::Unknown {
        assert!(api.query.is_some(), "an answer to no question");
        reached.insert("found");
    }
}

fn receipt(api: &SmsApi, octets: &[u8], reached: &mut Reached) {
    let Ok(status) = api.receipt(octets, &link()) else {
        reached.insert("receipt: refused");
        return;
    };
    assert!((1..=ID_OCTETS_MAX).contains(&status.message_id.len()));
    if status.message_id == "00ff" {
        reached.insert("receipt: by our id");
    }
    reached.insert(match status.delivered {
        Some(true) => "receipt: delivered",
        Some(false) => "receipt: undelivered",
        None => "receipt: on its way",
    });
}

fn inbound(api: &SmsApi, octets: &[u8], reached: &mut Reached) {
    let Ok(message) = api.inbound(octets, &link()) else {
        reached.insert("inbound: refused");
        return;
    };
    assert!(
        message.text.len() <= octets.len(),
        "text longer than its body"
    );
    reached.insert("inbound");
    if message.sent.is_none() {
        reached.insert("inbound: without a date");
    }
}

fn describe(octets: &[u8], reached: &mut Reached) {
    let parsed = core::str::from_utf8(octets).map(SmsApi::parse);
    reached.insert(match parsed {
        Ok(Ok(_)) => "description",
        _ => "description: refused",
    });
}
