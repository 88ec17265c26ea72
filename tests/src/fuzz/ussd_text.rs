//! USSD strings under any scheme, and texts that are written and read again.

use channels_core::ussd_text::{self, CbsDcs, Form, USSD_OCTETS_MAX};

use super::Reached;

/// Every form, both contradictions, and what is refused.
pub(super) const REACHES: &[&str] = &[
    "gsm-7",
    "gsm-7 after a language",
    "octets",
    "ucs-2",
    "ucs-2 after a language",
    "compressed",
    "header",
    "language named",
    "ucs-2 instead",
    "gsm-7 instead",
    "octets instead",
    "written in gsm-7",
    "written in ucs-2",
    "too long",
];

/// Feeds octets to one of the forms.
pub(super) fn run(form: u8, data: &[u8], reached: &mut Reached) {
    if form.is_multiple_of(2) {
        read(data, reached);
    } else {
        written(data, reached);
    }
}

fn read(data: &[u8], reached: &mut Reached) {
    let Some((&dcs, octets)) = data.split_first() else {
        return;
    };
    let dcs = CbsDcs(dcs);
    reached.insert(match dcs.form() {
        Form::Gsm7 => "gsm-7",
        Form::Gsm7AfterLanguage => "gsm-7 after a language",
        Form::Octets => "octets",
        Form::Ucs2 => "ucs-2",
        Form::Ucs2AfterLanguage => "ucs-2 after a language",
        Form::Compressed => "compressed",
    });
    if dcs.has_udh() {
        reached.insert("header");
    }
    let text = ussd_text::decode(dcs, octets);
    assert!(text.text.chars().count() <= octets.len() * 8 / 7 + 1);
    reached.extend(text.language.map(|_| "language named"));
    reached.extend(text.instead.map(|form| {
        assert_ne!(form, dcs.form(), "a contradiction that is none");
        match form {
            Form::Ucs2 => "ucs-2 instead",
            Form::Gsm7 => "gsm-7 instead",
            Form::Octets => "octets instead",
            other => panic!("read as {other:?}, which nobody sends by mistake"),
        }
    }));
}

fn written(data: &[u8], reached: &mut Reached) {
    let text = String::from_utf8_lossy(data);
    let string = match ussd_text::encode(&text, USSD_OCTETS_MAX) {
        Ok(string) => string,
        Err(error) => {
            assert!(error.got > USSD_OCTETS_MAX);
            reached.insert("too long");
            return;
        }
    };
    assert!(string.octets.len() <= USSD_OCTETS_MAX);
    reached.insert(match string.dcs {
        CbsDcs::GSM7 => "written in gsm-7",
        _ => "written in ucs-2",
    });
    let again = ussd_text::decode(string.dcs, &string.octets);
    // Noise may look like a contradiction; words never do, see the unit tests.
    if again.instead.is_none() {
        assert!(again.text.starts_with(&*text), "a text reads as another");
        assert!(
            again.text.len() <= text.len() + 1,
            "more than one return was added"
        );
    }
}
