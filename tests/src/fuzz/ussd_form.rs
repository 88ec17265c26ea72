//! Posted forms of HTTP gateways: accepted ones come back, joined texts give their newest answer.

use core::fmt::Write;

use channels_core::ussd_form::joined::{JoinedTexts, SESSIONS_MAX};
use channels_core::ussd_form::{
    BODY_OCTETS_MAX, CODE_OCTETS_MAX, ID_OCTETS_MAX, Reason, Refused, StepForm, parse_end,
    parse_receipt, parse_sms, parse_step, screen,
};
use channels_core::{LinkName, UssdOp};

use super::Reached;

/// Forms posted one after the other are parted by this octet, which no form needs unescaped.
const BETWEEN: u8 = b'\n';

/// Every form, every reason to refuse one, and what joined texts lead to.
pub(super) const REACHES: &[&str] = &[
    "step",
    "end",
    "sms",
    "receipt",
    "begin",
    "continue",
    "abort",
    "end of our own",
    "refused: too large",
    "refused: too many fields",
    "refused: percent escape",
    "refused: not utf-8",
    "refused: missing",
    "refused: doubled",
    "refused: too long",
    "refused: wrong form",
    "retry",
];

/// Feeds a body to one of the forms.
pub(super) fn run(form: u8, body: &[u8], reached: &mut Reached) {
    match form % 5 {
        0 => step(body, reached),
        1 => end(body, reached),
        2 => sms(body, reached),
        3 => receipt(body, reached),
        _ => conversation(body, reached),
    }
}

fn link() -> LinkName {
    LinkName("gateway".to_owned())
}

fn refuse(refused: Refused, body: &[u8], reached: &mut Reached) {
    assert!(
        refused.offset <= body.len(),
        "the place lies outside the body"
    );
    reached.insert(match refused.reason {
        Reason::TooLarge { limit, got } => {
            assert!(limit == BODY_OCTETS_MAX && got == body.len());
            "refused: too large"
        }
        Reason::TooManyFields(_) => "refused: too many fields",
        Reason::PercentEscape => "refused: percent escape",
        Reason::NotUtf8 => "refused: not utf-8",
        Reason::Missing(_) => "refused: missing",
        Reason::Doubled(_) => "refused: doubled",
        Reason::TooLong(_) => "refused: too long",
        Reason::WrongForm(_) => "refused: wrong form",
    });
}

/// Writes fields as a form, all but letters and digits escaped.
fn write(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut body = String::new();
    for (name, value) in fields {
        if !body.is_empty() {
            body.push('&');
        }
        write!(body, "{name}=").expect("a string takes anything");
        for octet in value.bytes() {
            if octet.is_ascii_alphanumeric() {
                body.push(char::from(octet));
            } else {
                write!(body, "%{octet:02X}").expect("a string takes anything");
            }
        }
    }
    body.into_bytes()
}

/// A value that escaping made too long for a body is not compared.
fn fits(body: &[u8]) -> bool {
    body.len() <= BODY_OCTETS_MAX
}

fn step(body: &[u8], reached: &mut Reached) {
    let form = match parse_step(body) {
        Ok(form) => form,
        Err(refused) => return refuse(refused, body, reached),
    };
    reached.insert("step");
    assert!(
        (1..=ID_OCTETS_MAX).contains(&form.session.len()),
        "session name over its limit"
    );
    assert!(form.code.len() <= CODE_OCTETS_MAX, "code over its limit");
    assert!(form.text.len() <= body.len(), "text longer than its form");
    let again = write(&[
        ("sessionId", &form.session),
        ("phoneNumber", &form.from.to_e164()),
        ("networkCode", &form.network),
        ("serviceCode", &form.code),
        ("text", &form.text),
    ]);
    if fits(&again) {
        assert!(
            parse_step(&again) == Ok(form),
            "a step reads as another than was written"
        );
    }
}

fn end(body: &[u8], reached: &mut Reached) {
    let form = match parse_end(body) {
        Ok(form) => form,
        Err(refused) => return refuse(refused, body, reached),
    };
    reached.insert("end");
    let again = write(&[
        ("sessionId", &form.session),
        ("phoneNumber", &form.from.to_e164()),
        ("serviceCode", &form.code),
        ("status", if form.completed { "Success" } else { "Failed" }),
    ]);
    assert!(
        parse_end(&again) == Ok(form),
        "an end reads as another than was written"
    );
}

fn sms(body: &[u8], reached: &mut Reached) {
    let message = match parse_sms(body, &link()) {
        Ok(message) => message,
        Err(refused) => return refuse(refused, body, reached),
    };
    reached.insert("sms");
    let sent = message
        .sent
        .map(|sent| sent.to_string())
        .unwrap_or_default();
    let again = write(&[
        ("from", message.from.as_str()),
        ("to", message.to.as_str()),
        ("text", &message.text),
        ("date", &sent),
    ]);
    if fits(&again) {
        let read = parse_sms(&again, &link());
        assert!(
            read == Ok(message),
            "an SMS reads as another than was written"
        );
    }
}

fn receipt(body: &[u8], reached: &mut Reached) {
    let status = match parse_receipt(body, &link()) {
        Ok(status) => status,
        Err(refused) => return refuse(refused, body, reached),
    };
    reached.insert("receipt");
    let word = match status.delivered {
        Some(true) => "Success",
        Some(false) => "Failed",
        None => "Buffered",
    };
    let again = write(&[("id", &status.message_id), ("status", word)]);
    assert!(
        parse_receipt(&again, &link()) == Ok(status),
        "a receipt reads as another"
    );
}

/// Forms of one link one after the other; a step that comes twice gives the same event twice.
fn conversation(body: &[u8], reached: &mut Reached) {
    let mut texts = JoinedTexts::new();
    for form in body.split(|octet| *octet == BETWEEN).take(64) {
        // An end has all that a step needs, and its status besides.
        if let Ok(form) = parse_end(form) {
            let completed = form.completed;
            let step = texts.end(&link(), form, (182, 80));
            assert_eq!(
                step.is_none(),
                completed,
                "only an end that we caused is silent"
            );
            assert!(step.is_none_or(|step| step.op == UssdOp::Abort));
            reached.insert(if completed { "end of our own" } else { "abort" });
        } else if let Ok(form) = parse_step(form) {
            check_step(&mut texts, form, reached);
        }
        assert!(
            texts.len() <= SESSIONS_MAX,
            "too many sessions are remembered"
        );
    }
}

fn check_step(texts: &mut JoinedTexts, form: StepForm, reached: &mut Reached) {
    let joined = form.text.clone();
    let first = texts.step(&link(), form.clone(), (182, 80));
    assert!(joined.ends_with(&first.text), "an answer that nobody typed");
    assert_eq!(
        first.step.as_deref(),
        Some(joined.as_str()),
        "a step loses its name"
    );
    assert_eq!(first.op == UssdOp::Begin, joined.is_empty());
    reached.insert(if joined.is_empty() {
        "begin"
    } else {
        "continue"
    });
    let retry = texts.step(&link(), form, (182, 80));
    assert!(retry == first, "a retry is another step");
    reached.insert("retry");
    assert!(screen(&first.text, false).starts_with("CON "));
}
