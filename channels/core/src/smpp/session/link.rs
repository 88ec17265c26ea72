//! The connection's life: connect, idle, unbind, close; and the pump that fills the window.

use jiff::Timestamp;

use super::super::pdu::{Optional, Packet, Pdu, ShortMessage, encode};
use super::{Action, Idle, Note, Outcome, Role, Session, State, after};

/// `enquire_link` without an answer that end the connection.
const MISSED_MAX: u8 = 2;

impl Session {
    pub(super) fn disconnected(&mut self, now: Timestamp, jitter: u8, out: &mut Vec<Action>) {
        if matches!(self.state, State::Waiting { .. } | State::Ended) {
            return;
        }
        self.lose_link(out);
        self.state = match self.role {
            Role::Esme(_) if !self.stopping => State::Waiting {
                until: self.backoff.next(now, jitter),
            },
            _ => State::Ended,
        };
    }

    pub(super) fn shutdown(&mut self, now: Timestamp, out: &mut Vec<Action>) {
        self.stopping = true;
        match self.state {
            State::Waiting { .. } => {
                self.lose_link(out);
                self.state = State::Ended;
            }
            State::Connecting | State::Open { .. } => self.close(out),
            State::Bound(_) => {
                let sequence = self.next_sequence();
                send(&Packet::new(sequence, Pdu::Unbind), out);
                out.push(Action::Unbound);
                let until = after(now, self.settings.request_s);
                self.state = State::Unbinding { until };
            }
            State::Unbinding { .. } | State::Closing | State::Ended => {}
        }
    }

    /// Ends the connection from our side; the shell reports when it is gone.
    pub(super) fn close(&mut self, out: &mut Vec<Action>) {
        self.lose_link(out);
        out.push(Action::Close);
        self.state = State::Closing;
    }

    /// Nothing more goes over this connection.
    fn lose_link(&mut self, out: &mut Vec<Action>) {
        if matches!(self.state, State::Bound(_)) {
            out.push(Action::Unbound);
        }
        out.extend(self.outgoing.end_all());
        self.asked.clear();
        self.splitter.clear();
        self.idle = Idle::default();
    }

    pub(super) fn timeout(&mut self, now: Timestamp, out: &mut Vec<Action>) {
        out.extend(self.outgoing.expire(now));
        match self.state {
            State::Waiting { until } if until <= now => {
                self.state = State::Connecting;
                out.push(Action::Connect);
            }
            State::Open { until, .. } if until <= now => {
                out.push(Action::Note(Note::BindTimeout));
                self.close(out);
            }
            State::Unbinding { until } if until <= now => self.close(out),
            State::Bound(_) if self.idle_deadline().is_some_and(|due| due <= now) => {
                self.enquire(now, out);
            }
            _ => {}
        }
    }

    pub(super) fn idle_deadline(&self) -> Option<Timestamp> {
        match (self.idle.asked, self.idle.heard) {
            (Some((_, due)), _) => Some(due),
            (None, Some(heard)) => Some(after(heard, self.settings.idle_s)),
            (None, None) => None,
        }
    }

    /// Silence: ask, ask again, then give the connection up.
    fn enquire(&mut self, now: Timestamp, out: &mut Vec<Action>) {
        if self.idle.asked.is_some() {
            self.idle.missed = self.idle.missed.saturating_add(1);
        }
        if self.idle.missed >= MISSED_MAX {
            out.push(Action::Note(Note::Silent));
            self.close(out);
            return;
        }
        let sequence = self.next_sequence();
        self.idle.asked = Some((sequence, after(now, self.settings.request_s)));
        send(&Packet::new(sequence, Pdu::EnquireLink), out);
    }

    /// Anything whole from the peer shows that it lives.
    pub(super) fn heard(&mut self, now: Timestamp) {
        self.idle = Idle {
            heard: Some(now),
            asked: None,
            missed: 0,
        };
    }

    pub(super) fn request(
        &mut self,
        now: Timestamp,
        (token, urgent): (u64, bool),
        mut message: ShortMessage,
        out: &mut Vec<Action>,
    ) {
        let State::Bound(bound) = &self.state else {
            out.push(Action::Finished {
                token,
                outcome: Outcome::NotSent,
            });
            return;
        };
        if !self.may_request() {
            out.push(Action::Finished {
                token,
                outcome: Outcome::NotSent,
            });
            return;
        }
        if !bound.optional {
            if !is_plain(&message.optional) {
                let field = "optional parameters";
                let outcome = Outcome::Unfit { field };
                out.push(Action::Finished { token, outcome });
                return;
            }
            message.optional = Optional::default();
        }
        let message = Box::new(message);
        let pdu = match self.role {
            Role::Esme(_) => Pdu::SubmitSm(message),
            Role::Smsc { .. } => Pdu::DeliverSm(message),
        };
        match encode(&Packet::new(0, pdu)) {
            Ok(octets) => out.extend(self.outgoing.push(now, (token, urgent), octets)),
            Err(error) => {
                let outcome = Outcome::Unfit { field: error.field };
                out.push(Action::Finished { token, outcome });
            }
        }
    }

    /// Sends what window and pace allow.
    pub(super) fn pump(&mut self, now: Timestamp, out: &mut Vec<Action>) {
        if !self.may_request() {
            return;
        }
        let due = after(now, self.settings.request_s);
        // Bounded by the window.
        while self.pace.as_ref().is_none_or(|pace| !pace.is_paused(now)) {
            let urgent = self.outgoing.next_is_urgent();
            let paced = self.pace.as_ref().is_none_or(|pace| pace.next() <= now);
            if !self.outgoing.can_send(paced) {
                return;
            }
            let sequence = self.next_sequence();
            let Some(octets) = self.outgoing.send(sequence, due) else {
                return;
            };
            out.push(Action::Send(octets));
            if let (Some(pace), false) = (&mut self.pace, urgent) {
                pace.sent(now);
            }
        }
    }

    pub(super) fn received(&mut self, now: Timestamp, octets: &[u8], out: &mut Vec<Action>) {
        let cut = self.splitter.push(octets);
        for pdu in cut.pdus {
            if self.is_deaf() {
                return;
            }
            self.heard(now);
            self.read(now, &pdu, out);
        }
        if let (Some(bad), false) = (cut.bad, self.is_deaf()) {
            out.push(Action::Note(Note::BadLength { length: bad.length }));
            let status = super::status::INVALID_COMMAND_LENGTH;
            // The number of the PDU is not known: 0 (SMPP 3.4 §4.3.1).
            send(
                &Packet {
                    status,
                    sequence: 0,
                    pdu: Pdu::GenericNack,
                },
                out,
            );
            self.close(out);
        }
    }

    fn is_deaf(&self) -> bool {
        matches!(
            self.state,
            State::Waiting { .. } | State::Connecting | State::Closing | State::Ended
        )
    }
}

/// Whether nothing is lost with a peer that reads no optional parameters (version 0x33).
fn is_plain(optional: &Optional) -> bool {
    optional.message_payload.is_none()
        && optional.sar_msg_ref_num.is_none()
        && optional.ussd_service_op.is_none()
}

/// Sends a PDU of our own making.
pub(super) fn send(packet: &Packet, out: &mut Vec<Action>) {
    match encode(packet) {
        Ok(octets) => out.push(Action::Send(octets)),
        Err(error) => out.push(Action::Note(Note::Unsendable { field: error.field })),
    }
}
