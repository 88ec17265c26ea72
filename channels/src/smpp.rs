//! SMPP 3.4 over TCP: the ESME towards an operator and the SMSC towards local applications.
//!
//! Both shells run the machines of [`channels_core::smpp`]; they own sockets, clocks and queues
//! and decide nothing about the protocol.

pub(crate) mod clock;
pub mod esme;
pub mod smsc;
pub(crate) mod wire;

use channels_core::smpp::session::Note;

/// Logs what a session noticed; nothing in it is personal.
fn log(link: &str, note: &Note) {
    match note {
        Note::BindRefused { .. } => log_error(link, note),
        Note::Refused(_)
        | Note::BindTimeout
        | Note::Silent
        | Note::BadLength { .. }
        | Note::Throttled { .. } => log_warning(link, note),
        Note::SetAside { .. } | Note::Unsendable { .. } | Note::Unmatched | Note::Reachable(_) => {
            log_detail(link, note);
        }
    }
}

fn log_error(link: &str, note: &Note) {
    tracing::error!(smpp.link = link, smpp.note = ?note, "the link needs a person");
}

fn log_warning(link: &str, note: &Note) {
    tracing::warn!(smpp.link = link, smpp.note = ?note, "the link has a problem");
}

fn log_detail(link: &str, note: &Note) {
    tracing::debug!(smpp.link = link, smpp.note = ?note, "noted");
}
