//! Fuzz targets as plain functions: coverage-guided runs and the replay of the corpus call them.
//!
//! A target takes any bytes, panics when a decoder breaks its promise, and says what it reached.
//! The first byte of an input chooses the form that the rest is fed to, so that one corpus covers
//! a family of formats. `tests/fuzz` builds this file alone, without the rest of this package:
//! paths are therefore relative, and nothing here may name another module of it.

use std::collections::BTreeSet;

#[path = "fuzz/at_line.rs"]
mod at_line;
#[path = "fuzz/ber.rs"]
mod ber;
#[path = "fuzz/bundle.rs"]
mod bundle;
#[path = "fuzz/fact.rs"]
mod fact;
#[path = "fuzz/frame.rs"]
mod frame;
#[path = "fuzz/gsup.rs"]
mod gsup;
#[path = "fuzz/pack.rs"]
mod pack;
#[path = "fuzz/planted.rs"]
pub mod planted;
#[path = "fuzz/seed.rs"]
pub mod seed;
#[path = "fuzz/segment.rs"]
mod segment;
#[path = "fuzz/service.rs"]
mod service;
#[path = "fuzz/signed.rs"]
mod signed;
#[path = "fuzz/slip.rs"]
mod slip;
#[path = "fuzz/smpp_pdu.rs"]
mod smpp_pdu;
#[path = "fuzz/smpp_session.rs"]
mod smpp_session;
#[path = "fuzz/sms_api.rs"]
mod sms_api;
#[path = "fuzz/sms_datagram.rs"]
mod sms_datagram;
#[path = "fuzz/sms_run.rs"]
mod sms_run;
#[path = "fuzz/tpdu.rs"]
mod tpdu;
#[path = "fuzz/ussd_form.rs"]
mod ussd_form;
#[path = "fuzz/ussd_json.rs"]
mod ussd_json;
#[path = "fuzz/ussd_text.rs"]
mod ussd_text;

/// Names of message types, refusals and states that an input led to.
pub type Reached = BTreeSet<&'static str>;

/// One fuzz target.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Name of the target, its binary and its corpus folder.
    pub name: &'static str,
    /// The target; panics on a broken promise.
    pub run: fn(&[u8]) -> Reached,
    /// What its corpus must reach, all together.
    pub reaches: &'static [&'static [&'static str]],
}

/// All targets.
pub const TARGETS: [Target; 18] = [
    Target {
        name: "smpp_pdu",
        run: smpp_pdu,
        reaches: &[smpp_pdu::REACHES, smpp_session::REACHES],
    },
    Target {
        name: "ussd_form",
        run: ussd_form,
        reaches: &[ussd_form::REACHES],
    },
    Target {
        name: "frame",
        run: frame,
        reaches: &[frame::REACHES, signed::REACHES],
    },
    Target {
        name: "fact",
        run: fact,
        reaches: &[fact::REACHES],
    },
    Target {
        name: "segment",
        run: segment,
        reaches: &[segment::REACHES],
    },
    Target {
        name: "ussd_json",
        run: ussd_json,
        reaches: &[ussd_json::REACHES],
    },
    Target {
        name: "sms_api",
        run: sms_api,
        reaches: &[sms_api::REACHES],
    },
    Target {
        name: "gsup",
        run: gsup,
        reaches: &[gsup::REACHES],
    },
    Target {
        name: "ber",
        run: ber,
        reaches: &[ber::REACHES],
    },
    Target {
        name: "tpdu",
        run: tpdu,
        reaches: &[tpdu::REACHES],
    },
    Target {
        name: "ussd_text",
        run: ussd_text,
        reaches: &[ussd_text::REACHES],
    },
    Target {
        name: "at_line",
        run: at_line,
        reaches: &[at_line::REACHES],
    },
    Target {
        name: "service",
        run: service,
        reaches: &[service::REACHES],
    },
    Target {
        name: "slip",
        run: slip,
        reaches: &[slip::REACHES],
    },
    Target {
        name: "sms_datagram",
        run: sms_datagram,
        reaches: &[sms_datagram::REACHES],
    },
    Target {
        name: "sms_run",
        run: sms_run,
        reaches: &[sms_run::REACHES],
    },
    Target {
        name: "pack",
        run: pack,
        reaches: &[pack::REACHES],
    },
    Target {
        name: "bundle",
        run: bundle,
        reaches: &[bundle::REACHES],
    },
];

/// SMPP: the decoder, the splitter, and the session machine of both roles.
///
/// # Panics
/// On a broken promise.
pub fn smpp_pdu(data: &[u8]) -> Reached {
    let mut reached = Reached::new();
    match data.split_first() {
        Some((0, rest)) => smpp_pdu::packet(rest, &mut reached),
        Some((1, rest)) => smpp_pdu::stream(rest, &mut reached),
        Some((2, rest)) => smpp_session::as_smsc(rest, &mut reached),
        Some((3, rest)) => smpp_session::as_esme(rest, &mut reached),
        _ => {}
    }
    reached
}

/// The form of HTTP gateways, and the newest answer in joined texts.
///
/// # Panics
/// On a broken promise.
pub fn ussd_form(data: &[u8]) -> Reached {
    let mut reached = Reached::new();
    if let Some((form, rest)) = data.split_first() {
        ussd_form::run(*form, rest, &mut reached);
    }
    reached
}

/// Frames, receipts, certificates, revocation lists, enrolment, changes and the message stream.
///
/// # Panics
/// On a broken promise.
pub fn frame(data: &[u8]) -> Reached {
    let mut reached = Reached::new();
    match data.split_first() {
        Some((0, rest)) => frame::raw(rest, &mut reached),
        Some((1, rest)) => frame::forged(rest, &mut reached),
        Some((2, rest)) => frame::messages(rest, &mut reached),
        Some((3, rest)) => frame::changes(rest, &mut reached),
        Some((form, rest)) => signed::run(*form, rest, &mut reached),
        None => {}
    }
    reached
}

/// Facts and stored dialogue sessions.
///
/// # Panics
/// On a broken promise.
pub fn fact(data: &[u8]) -> Reached {
    let mut reached = Reached::new();
    match data.split_first() {
        Some((0, rest)) => fact::fact(rest, &mut reached),
        Some((1, rest)) => fact::session(rest, &mut reached),
        _ => {}
    }
    reached
}

/// Lines of a modem, and the machine at the simulated modem.
///
/// # Panics
/// On a broken promise.
pub fn at_line(data: &[u8]) -> Reached {
    let mut reached = Reached::new();
    match data.split_first() {
        Some((0, rest)) => at_line::split(rest, &mut reached),
        Some((_, rest)) => at_line::play(rest, &mut reached),
        None => {}
    }
    reached
}

/// User data headers, alphabets, packing, splitting and joining of texts.
///
/// # Panics
/// On a broken promise.
pub fn segment(data: &[u8]) -> Reached {
    let mut reached = Reached::new();
    if let Some((form, rest)) = data.split_first() {
        segment::run(*form, rest, &mut reached);
    }
    reached
}

/// Requests of gateways whose dialect is data.
///
/// # Panics
/// On a broken promise.
pub fn ussd_json(data: &[u8]) -> Reached {
    let mut reached = Reached::new();
    if let Some((form, rest)) = data.split_first() {
        ussd_json::run(*form, rest, &mut reached);
    }
    reached
}

/// Frames of an own cell's home register, its messages, and the machine that answers its phones.
///
/// # Panics
/// On a broken promise.
pub fn gsup(data: &[u8]) -> Reached {
    let mut reached = Reached::new();
    if let Some((form, rest)) = data.split_first() {
        gsup::run(*form, rest, &mut reached);
    }
    reached
}

/// Answers and callbacks of SMS APIs over HTTP.
///
/// # Panics
/// On a broken promise.
pub fn sms_api(data: &[u8]) -> Reached {
    let mut reached = Reached::new();
    if let Some((form, rest)) = data.split_first() {
        sms_api::run(*form, rest, &mut reached);
    }
    reached
}

/// Elements in BER, components of supplementary services, and USSD strings.
///
/// # Panics
/// On a broken promise.
pub fn ber(data: &[u8]) -> Reached {
    let mut reached = Reached::new();
    if let Some((form, rest)) = data.split_first() {
        ber::run(*form, rest, &mut reached);
    }
    reached
}

/// TPDUs of both directions, with and without SMSC prefix.
///
/// # Panics
/// On a broken promise.
pub fn tpdu(data: &[u8]) -> Reached {
    let mut reached = Reached::new();
    if let Some((form, rest)) = data.split_first() {
        tpdu::run(*form, rest, &mut reached);
    }
    reached
}

/// USSD strings under any data coding scheme.
///
/// # Panics
/// On a broken promise.
pub fn ussd_text(data: &[u8]) -> Reached {
    let mut reached = Reached::new();
    if let Some((form, rest)) = data.split_first() {
        ussd_text::run(*form, rest, &mut reached);
    }
    reached
}

/// Service definitions, their texts, and published lists.
///
/// # Panics
/// On a broken promise.
pub fn service(data: &[u8]) -> Reached {
    let mut reached = Reached::new();
    if let Some((form, rest)) = data.split_first() {
        service::run(*form, rest, &mut reached);
    }
    reached
}

/// Proofs of registration as they are read.
///
/// # Panics
/// On a broken promise.
pub fn slip(data: &[u8]) -> Reached {
    let mut reached = Reached::new();
    if let Some((form, rest)) = data.split_first() {
        slip::run(*form, rest, &mut reached);
    }
    reached
}

/// Datagrams of the SMS link, their texts and contents, and the machine behind the right key.
///
/// # Panics
/// On a broken promise.
pub fn sms_datagram(data: &[u8]) -> Reached {
    let mut reached = Reached::new();
    if let Some((form, rest)) = data.split_first() {
        sms_datagram::run(*form, rest, &mut reached);
    }
    reached
}

/// Short runs of the SMS link, and changes of the revocation list.
///
/// # Panics
/// On a broken promise.
pub fn sms_run(data: &[u8]) -> Reached {
    let mut reached = Reached::new();
    if let Some((form, rest)) = data.split_first() {
        sms_run::run(*form, rest, &mut reached);
    }
    reached
}

/// Packed runs of entries, and journals that are packed.
///
/// # Panics
/// On a broken promise.
pub fn pack(data: &[u8]) -> Reached {
    let mut reached = Reached::new();
    match data.split_first() {
        Some((0, rest)) => pack::hostile(rest, &mut reached),
        Some((_, rest)) => pack::journal(rest, &mut reached),
        None => {}
    }
    reached
}

/// Bundles of a stick as they are read, and names of files on it.
///
/// # Panics
/// On a broken promise.
pub fn bundle(data: &[u8]) -> Reached {
    let mut reached = Reached::new();
    if let Some((form, rest)) = data.split_first() {
        bundle::run(*form, rest, &mut reached);
    }
    reached
}
