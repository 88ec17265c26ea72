//! What each PDU of the peer does.

use jiff::Timestamp;

use super::super::pdu::{Packet, Pdu, ShortMessage, decode};
use super::link::send;
use super::{ASKED_MAX, Action, Note, Role, Session, State, status};

/// What the peer asked, as far as its answer depends on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Asked {
    /// `submit_sm`, to an SMSC.
    Submit,
    /// `deliver_sm`, to an ESME.
    Deliver,
    /// `data_sm`, to either.
    Data,
}

impl Session {
    /// One whole PDU.
    pub(super) fn read(&mut self, now: Timestamp, pdu: &[u8], out: &mut Vec<Action>) {
        match decode(pdu) {
            Ok(decoded) => {
                if decoded.set_aside > 0 {
                    out.push(Action::Note(Note::SetAside {
                        count: decoded.set_aside,
                    }));
                }
                self.packet(now, decoded.packet, out);
            }
            Err(refused) => {
                out.push(Action::Note(Note::Refused(refused)));
                send(&refused.answer(), out);
            }
        }
    }

    fn packet(&mut self, now: Timestamp, packet: Packet, out: &mut Vec<Action>) {
        let Packet {
            status,
            sequence,
            pdu,
        } = packet;
        match pdu {
            Pdu::Bind(bind) => self.bind_asked(now, sequence, &bind, out),
            Pdu::BindResp {
                system_id,
                interface_version,
                ..
            } => {
                if self.is_our_bind(sequence) {
                    self.bind_answered(now, (status, system_id), interface_version, out);
                } else {
                    out.push(Action::Note(Note::Unmatched));
                }
            }
            Pdu::SubmitSm(message) => self.asked(now, sequence, (Asked::Submit, message), out),
            Pdu::DeliverSm(message) => self.asked(now, sequence, (Asked::Deliver, message), out),
            Pdu::DataSm(message) => self.asked(now, sequence, (Asked::Data, message), out),
            Pdu::SubmitSmResp { message_id } | Pdu::DataSmResp { message_id } => {
                self.response(now, sequence, (status, message_id), out);
            }
            Pdu::DeliverSmResp | Pdu::OtherResp { .. } | Pdu::GenericNack => {
                self.nack_or_response(now, sequence, status, out);
            }
            Pdu::EnquireLink => send(&Packet::new(sequence, Pdu::EnquireLinkResp), out),
            Pdu::Unbind => {
                send(&Packet::new(sequence, Pdu::UnbindResp), out);
                self.close(out);
            }
            Pdu::UnbindResp if matches!(self.state, State::Unbinding { .. }) => self.close(out),
            Pdu::AlertNotification(source) => out.push(Action::Note(Note::Reachable(source))),
            // `heard` noted that the peer lives; an outbind tells an ESME nothing that its own
            // reconnecting does not do.
            Pdu::EnquireLinkResp | Pdu::UnbindResp | Pdu::Outbind => {}
        }
    }

    fn is_our_bind(&self, sequence: u32) -> bool {
        matches!(self.state, State::Open { bind: Some(bind), .. } if bind == sequence)
    }

    /// A response without content answers whatever has its number, our bind included.
    fn nack_or_response(
        &mut self,
        now: Timestamp,
        sequence: u32,
        status: u32,
        out: &mut Vec<Action>,
    ) {
        if self.is_our_bind(sequence) {
            // A generic_nack of status 0 is no bind either.
            let status = if status == status::OK {
                status::BIND_FAILED
            } else {
                status
            };
            self.bind_answered(now, (status, String::new()), None, out);
        } else {
            self.response(now, sequence, (status, String::new()), out);
        }
    }

    fn response(
        &mut self,
        now: Timestamp,
        sequence: u32,
        (status, message_id): (u32, String),
        out: &mut Vec<Action>,
    ) {
        if let (true, Some(pace)) = (status::is_throttling(status), &mut self.pace)
            && self.outgoing.again(sequence)
        {
            pace.throttled(now);
            out.push(Action::Note(Note::Throttled { status }));
            return;
        }
        let finished = self.outgoing.answered(sequence, status, message_id);
        out.push(finished.unwrap_or(Action::Note(Note::Unmatched)));
    }

    /// `submit_sm`, `deliver_sm` or `data_sm`: hand it to the shell, or say at once why not.
    fn asked(
        &mut self,
        now: Timestamp,
        sequence: u32,
        (kind, message): (Asked, Box<ShortMessage>),
        out: &mut Vec<Action>,
    ) {
        match self.admit(now, kind, &message) {
            Ok(()) => {
                self.tickets = self.tickets.saturating_add(1);
                self.asked.insert(self.tickets, (sequence, kind));
                out.push(Action::Asked {
                    ticket: self.tickets,
                    message,
                });
            }
            Err(status) => respond(sequence, kind, (status, String::new()), out),
        }
    }

    fn admit(&mut self, now: Timestamp, kind: Asked, message: &ShortMessage) -> Result<(), u32> {
        let waiting = self.asked.len();
        let State::Bound(bound) = &mut self.state else {
            return Err(status::INCORRECT_BIND_STATUS);
        };
        let (allowed, full) = match self.role {
            Role::Esme(_) => {
                let may = kind != Asked::Submit && bound.kind.receives();
                (may, status::ESME_TEMPORARY)
            }
            Role::Smsc { .. } => {
                let may = kind != Asked::Deliver && bound.kind.submits();
                (may, status::QUEUE_FULL)
            }
        };
        if !allowed {
            return Err(status::INCORRECT_BIND_STATUS);
        }
        if let Some((senders, meter)) = &mut bound.account {
            if !meter.admit(now) {
                return Err(status::THROTTLED);
            }
            if !senders.is_empty() && !senders.contains(&message.source.address) {
                return Err(status::INVALID_SOURCE);
            }
        }
        if waiting >= ASKED_MAX {
            Err(full)
        } else {
            Ok(())
        }
    }

    /// The shell's answer, after its commit.
    pub(super) fn answered(
        &mut self,
        ticket: u64,
        status: u32,
        message_id: String,
        out: &mut Vec<Action>,
    ) {
        if let Some((sequence, kind)) = self.asked.remove(&ticket) {
            respond(sequence, kind, (status, message_id), out);
        }
    }
}

fn respond(sequence: u32, kind: Asked, (status, message_id): (u32, String), out: &mut Vec<Action>) {
    let pdu = match kind {
        Asked::Submit => Pdu::SubmitSmResp { message_id },
        Asked::Deliver => Pdu::DeliverSmResp,
        Asked::Data => Pdu::DataSmResp { message_id },
    };
    send(
        &Packet {
            status,
            sequence,
            pdu,
        },
        out,
    );
}
