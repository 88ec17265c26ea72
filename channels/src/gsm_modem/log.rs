//! What the log says of a modem: no number, no text.

use std::io;

use channels_core::modem::network_time::{Trust, Verdict};
use channels_core::modem::{Alarm, Note, Step};

pub(super) fn pin_try_not_written(modem: &str, error: &io::Error) {
    tracing::error!(modem.name = modem, %error, "the try of the PIN cannot be written down");
}

pub(super) fn pin_mark_stays(modem: &str, error: &io::Error) {
    tracing::error!(modem.name = modem, %error, "the mark of the PIN cannot be removed");
}

pub(super) fn port_lost(modem: &str, error: &io::Error) {
    tracing::warn!(modem.name = modem, %error, "the port is not there");
}

/// What became of a step that only the board can do; `Ok(false)` when it has no way to do it.
pub(super) fn helped(modem: &str, step: Step, helped: &io::Result<bool>) {
    match helped {
        Ok(true) => step_done(modem, step),
        Ok(false) => step_impossible(modem, step),
        Err(error) => step_failed(modem, step, error),
    }
}

fn step_done(modem: &str, step: Step) {
    tracing::info!(modem.name = modem, modem.step = ?step, "the board did it");
}

fn step_impossible(modem: &str, step: Step) {
    tracing::warn!(modem.name = modem, modem.step = ?step, "the board has no way to do this step");
}

fn step_failed(modem: &str, step: Step, error: &io::Error) {
    tracing::error!(modem.name = modem, modem.step = ?step, %error, "the board did not do it");
}

pub(super) fn dropped(modem: &str, what: &str) {
    tracing::warn!(modem.name = modem, what, "dropped");
}

pub(super) fn time_told(modem: &str, verdict: Verdict) {
    let agreed = verdict.trust == Trust::Agreed;
    tracing::info!(
        modem.name = modem,
        clock.behind_s = verdict.behind_s,
        clock.agreed = agreed,
        "the network told the time"
    );
}

pub(super) fn balance(modem: &str, hundredths: u64) {
    tracing::info!(
        modem.name = modem,
        balance.hundredths = hundredths,
        "airtime"
    );
}

pub(super) fn balance_unread(modem: &str) {
    tracing::warn!(
        modem.name = modem,
        "the answer to the balance code has no amount: check its pattern"
    );
}

pub(super) fn balance_untold(modem: &str) {
    tracing::warn!(
        modem.name = modem,
        "the node is busy: the balance is asked again tomorrow"
    );
}

pub(super) fn no_last_answer(modem: &str) {
    tracing::warn!(
        modem.name = modem,
        "the network did not answer before the end: the message is unknown"
    );
}

pub(super) fn alarm(modem: &str, link: &str, alarm: Alarm) {
    tracing::error!(modem.name = modem, link.name = link, modem.alarm = ?alarm, "the modem needs help");
}

pub(super) fn note(modem: &str, note: &Note) {
    match note {
        Note::Climbed(_) | Note::BrokenPdu | Note::Odd(_) => odd(modem, note),
        Note::Signal(_) => signal(modem, note),
        _ => news(modem, note),
    }
}

fn odd(modem: &str, note: &Note) {
    tracing::warn!(modem.name = modem, modem.note = ?note, "modem");
}

fn signal(modem: &str, note: &Note) {
    tracing::debug!(modem.name = modem, modem.note = ?note, "modem");
}

fn news(modem: &str, note: &Note) {
    tracing::info!(modem.name = modem, modem.note = ?note, "modem");
}
