//! One message on its way through a modem: its parts, and what becomes of them together.

use channels_core::modem::Outcome;
use channels_core::modem::inbox::message_id;
use channels_core::segment;
use channels_core::tpdu::{Options, RelativeValidity, Submit, TpAddress, UserData, Validity};
use channels_core::{Address, OutgoingSms, SubmitOutcome, datagram};
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::Outgoing;

/// The code of a text that does not fit into any SMS, as SMPP numbers it.
const TOO_LONG: u32 = 0x01;
/// The code of a recipient that no TPDU carries, as SMPP numbers it.
const BAD_ADDRESS: u32 = 0x0B;
/// Seconds after which a message is tried again that the network did not want now.
const LATER_S: u32 = 60;
/// Times that a later part is tried when earlier ones have left; then the message is unknown.
const PART_TRIES_MAX: u32 = 5;

/// A message with its parts.
#[derive(Debug)]
pub(super) struct Submission {
    parts: Vec<Vec<u8>>,
    to: String,
    next: usize,
    tries: u32,
    /// Until when it waits for a modem.
    pub(super) until: Instant,
    /// For the answer.
    pub(super) done: oneshot::Sender<SubmitOutcome>,
}

/// What follows after a part.
pub(super) enum Next {
    /// Send the next part, or this one again.
    Part(Submission),
    /// Nothing has left: give it back.
    Back(Submission),
    /// It was answered.
    Done,
}

impl Submission {
    /// Splits a message; one that cannot be sent is answered at once.
    pub(super) fn prepare(outgoing: Outgoing, reference: u8, until: Instant) -> Option<Self> {
        let Outgoing { sms, done } = outgoing;
        match parts(&sms, reference) {
            Ok(parts) => Some(Self {
                parts,
                to: sms.to.as_str().to_owned(),
                next: 0,
                tries: 0,
                until,
                done,
            }),
            Err(code) => {
                finish(done, SubmitOutcome::Failed { code });
                None
            }
        }
    }

    /// The part to send now.
    pub(super) fn part(&self) -> Option<&[u8]> {
        self.parts.get(self.next).map(Vec::as_slice)
    }

    /// Whether a part of it may have reached the network.
    pub(super) fn has_left(&self) -> bool {
        self.next > 0
    }

    /// Takes the outcome of the part that was sent.
    pub(super) fn ended(mut self, outcome: Outcome) -> Next {
        match outcome {
            Outcome::Sent { reference } => {
                self.next = self.next.saturating_add(1);
                self.tries = 0;
                if self.part().is_some() {
                    return Next::Part(self);
                }
                // The last part carries the request for a report.
                let message_id = message_id(reference, &self.to);
                finish(self.done, SubmitOutcome::Sent { message_id });
            }
            Outcome::NotSent if !self.has_left() => return Next::Back(self),
            Outcome::Later if !self.has_left() => {
                finish(self.done, SubmitOutcome::TryLater { after_s: LATER_S });
            }
            Outcome::NotSent | Outcome::Later if self.tries < PART_TRIES_MAX => {
                self.tries = self.tries.saturating_add(1);
                return Next::Part(self);
            }
            Outcome::Failed { code } if !self.has_left() => {
                let code = u32::from(code);
                finish(self.done, SubmitOutcome::Failed { code });
            }
            // Parts have left and the rest will not: sent again it would come twice.
            Outcome::NotSent | Outcome::Later | Outcome::Failed { .. } | Outcome::Unknown => {
                finish(self.done, SubmitOutcome::Unknown);
            }
        }
        Next::Done
    }

    /// The node ended: what has not left is offered again after the next start.
    pub(super) fn abandon(self) {
        let outcome = if self.has_left() {
            SubmitOutcome::Unknown
        } else {
            SubmitOutcome::TryLater { after_s: 0 }
        };
        finish(self.done, outcome);
    }
}

/// The SUBMITs of a text, the last one asks for a status report; or the one of data for a program.
fn parts(sms: &OutgoingSms, reference: u8) -> Result<Vec<Vec<u8>>, u32> {
    if !sms.data.is_empty() {
        let submit = datagram::submit(&Address::Phone(sms.to.clone()), &sms.data);
        return submit.map(|submit| vec![submit]).map_err(|_unfit| TOO_LONG);
    }
    let to = TpAddress::of(&Address::Phone(sms.to.clone())).map_err(|_unfit| BAD_ADDRESS)?;
    let segments = segment::split(&sms.text, reference).map_err(|_many| TOO_LONG)?;
    let count = segments.len();
    let validity =
        (sms.validity_s > 0).then(|| Validity::Relative(RelativeValidity::at_most(sms.validity_s)));
    let mut parts = Vec::with_capacity(count);
    for (place, part) in segments.into_iter().enumerate() {
        let user_data = UserData::of_segment(part, None).map_err(|_unfit| TOO_LONG)?;
        let mut submit = Submit::to(to.clone(), user_data);
        submit.validity = validity;
        if place.saturating_add(1) == count {
            submit.options = Options::REPORT;
        }
        parts.push(submit.encode());
    }
    Ok(parts)
}

/// Answers the node, if it still waits.
pub(super) fn finish(done: oneshot::Sender<SubmitOutcome>, outcome: SubmitOutcome) {
    if done.send(outcome).is_err() {
        tracing::debug!("nobody waits for this message any more");
    }
}
