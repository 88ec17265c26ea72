//! One example of everything: the seeds that a corpus grows from.
//!
//! They are encoded by the code under test, so that they follow every change of a format; the
//! program `seed` of the fuzz crate writes them.

#[path = "seed/aggregator.rs"]
mod aggregator;
#[path = "seed/bundle.rs"]
mod bundle;
#[path = "seed/fact.rs"]
mod fact;
#[path = "seed/frame.rs"]
mod frame;
#[path = "seed/gsup.rs"]
mod gsup;
#[path = "seed/modem.rs"]
mod modem;
#[path = "seed/pack.rs"]
mod pack;
#[path = "seed/paper.rs"]
mod paper;
#[path = "seed/signed.rs"]
mod signed;
#[path = "seed/smpp.rs"]
mod smpp;
#[path = "seed/sms_datagram.rs"]
mod sms_datagram;
#[path = "seed/sms_run.rs"]
mod sms_run;
#[path = "seed/text.rs"]
mod text;
#[path = "seed/tpdu.rs"]
mod tpdu;

use ring::digest::{SHA256, digest};

/// The seeds of a target; none for a name that is no target.
///
/// # Panics
/// When an example cannot be encoded: the seeds are wrong then.
pub fn inputs(target: &str) -> Vec<Vec<u8>> {
    match target {
        "smpp_pdu" => smpp::inputs(),
        "ussd_form" => text::forms(),
        "frame" => [frame::inputs(), signed::inputs()].concat(),
        "fact" => fact::inputs(),
        "segment" => text::segments(),
        "sms_api" => aggregator::apis(),
        "ussd_json" => aggregator::dialects(),
        "gsup" => gsup::frames(),
        "ber" => gsup::elements(),
        "tpdu" => tpdu::tpdus(),
        "ussd_text" => tpdu::strings(),
        "at_line" => modem::inputs(),
        "service" => paper::services(),
        "slip" => paper::slips(),
        "sms_datagram" => sms_datagram::inputs(),
        "sms_run" => sms_run::inputs(),
        "pack" => pack::inputs(),
        "bundle" => bundle::inputs(),
        _ => Vec::new(),
    }
}

/// The name of an input's file: the first 8 bytes of its SHA-256 in hex.
pub fn file_name(input: &[u8]) -> String {
    let hash = digest(&SHA256, input);
    let first = hash.as_ref().first_chunk::<8>();
    format!(
        "{:016x}",
        first.map_or(0, |bytes| u64::from_be_bytes(*bytes))
    )
}

/// An input: the form, then the rest.
fn form(form: u8, rest: impl AsRef<[u8]>) -> Vec<u8> {
    [&[form][..], rest.as_ref()].concat()
}
