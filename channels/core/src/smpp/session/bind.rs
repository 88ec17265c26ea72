//! Binding: ours as ESME, the peer's as SMSC (SMPP 3.4 §4.1).

use jiff::Timestamp;

use super::super::pdu::{Bind, BindKind, Packet, Pdu};
use super::link::send;
use super::{Action, Bound, Meter, Note, Role, Session, State, account, after, status};

/// The version that we speak (SMPP 3.4 §5.2.4).
const VERSION: u8 = 0x34;

impl Session {
    /// The connection is up: as ESME, bind.
    pub(super) fn connected(&mut self, now: Timestamp, out: &mut Vec<Action>) {
        let Role::Esme(bind) = &self.role else { return };
        if self.state != State::Connecting {
            return;
        }
        let bind = Pdu::Bind(bind.clone());
        let sequence = self.next_sequence();
        let until = after(now, self.settings.bind_s);
        self.state = State::Open {
            until,
            bind: Some(sequence),
        };
        send(&Packet::new(sequence, bind), out);
    }

    /// ESME: the answer to our bind, whatever kind of response it came as.
    pub(super) fn bind_answered(
        &mut self,
        now: Timestamp,
        (status, system_id): (u32, String),
        version: Option<u8>,
        out: &mut Vec<Action>,
    ) {
        let Role::Esme(bind) = &self.role else { return };
        if status != status::OK {
            out.push(Action::Note(Note::BindRefused { status }));
            self.backoff.refused(status);
            self.close(out);
            return;
        }
        let kind = bind.kind;
        // A peer that leaves the version out is taken for 3.4: most do.
        let optional = version.is_none_or(|version| version >= VERSION);
        self.bound_now(
            now,
            Bound {
                kind,
                optional,
                account: None,
            },
            system_id,
            out,
        );
    }

    /// SMSC: somebody wants to bind.
    pub(super) fn bind_asked(
        &mut self,
        now: Timestamp,
        sequence: u32,
        bind: &Bind,
        out: &mut Vec<Action>,
    ) {
        let Role::Smsc {
            system_id,
            accounts,
        } = &self.role
        else {
            answer_bind(sequence, status::INCORRECT_BIND_STATUS, bind.kind, out);
            return;
        };
        let checked = account::check(accounts, bind).cloned();
        let system_id = system_id.clone();
        match (&self.state, checked) {
            (State::Open { .. }, Ok(account)) => {
                let interface_version = (bind.interface_version >= VERSION).then_some(VERSION);
                let pdu = Pdu::BindResp {
                    kind: bind.kind,
                    system_id,
                    interface_version,
                };
                send(&Packet::new(sequence, pdu), out);
                let meter = Meter::new(account.rate_per_s, now);
                let bound = Bound {
                    kind: bind.kind,
                    optional: interface_version.is_some(),
                    account: Some((account.senders, meter)),
                };
                self.bound_now(now, bound, account.system_id, out);
            }
            (State::Open { .. }, Err(status)) => {
                out.push(Action::Note(Note::BindRefused { status }));
                answer_bind(sequence, status, bind.kind, out);
                self.close(out);
            }
            _ => answer_bind(sequence, status::ALREADY_BOUND, bind.kind, out),
        }
    }

    fn bound_now(
        &mut self,
        now: Timestamp,
        bound: Bound,
        system_id: String,
        out: &mut Vec<Action>,
    ) {
        out.push(Action::Bound {
            kind: bound.kind,
            system_id,
        });
        self.backoff.reset();
        self.state = State::Bound(bound);
        self.heard(now);
    }
}

/// Refuses a bind.
fn answer_bind(sequence: u32, status: u32, kind: BindKind, out: &mut Vec<Action>) {
    let pdu = Pdu::BindResp {
        kind,
        system_id: String::new(),
        interface_version: None,
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
