//! What the operator knows: phones, their sessions and inboxes, and the counters.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{oneshot, watch};

use channels_core::Msisdn;

use super::receipt::Receipt;
use super::{END_BIT, OperatorEvidence};
use crate::handset::{ReceivedSms, Screen};
use crate::smpp::smsc::{Submit, SubmitReply, Ussd};

/// Most phones; a message to a further one is answered "queue full".
const PHONES_MAX: usize = 100_000;
/// Most different messages that are remembered for counting; beyond that a new one is answered
/// "queue full", so that the counters never lie.
const MESSAGES_MAX: usize = 200_000;
/// Most messages in an inbox; the oldest is dropped then (the counters keep it).
const INBOX_MAX: usize = 1_000;
/// Ids count up from here: none of them is another one written in another base, as with the long
/// ids of real networks.
const FIRST_ID: u64 = 5_000_000_000;
/// `ussd_service_op`, decimal: a screen that waits for an answer.
const OP_ASK: u8 = 2;

/// `ESME_ROK`.
const STATUS_OK: u32 = 0x00;
/// `ESME_RINVDSTADR`: not a phone, or nobody waits for that screen.
const STATUS_BAD_DESTINATION: u32 = 0x0B;
/// `ESME_RMSGQFUL`.
const STATUS_QUEUE_FULL: u32 = 0x14;

/// One step that a phone is about to take.
pub(super) struct Turn {
    pub(super) system_id: String,
    pub(super) number: u8,
    pub(super) sequence: u8,
    pub(super) shown: oneshot::Receiver<Screen>,
}

impl Turn {
    /// `its_session_info`: the session's number, then the step's number in bits 7 to 1.
    pub(super) fn session(&self) -> [u8; 2] {
        [self.number, self.sequence << 1]
    }
}

/// What follows from a submit.
pub(super) struct Taken {
    /// For the application.
    pub(super) reply: SubmitReply,
    /// The receipt to send, if one is wanted.
    pub(super) receipt: Option<Receipt>,
    /// The screen to show after the reply has left: a network accepts first.
    pub(super) shown: Option<Shown>,
}

/// A screen on its way to a phone.
pub(super) struct Shown {
    waiting: oneshot::Sender<Screen>,
    screen: Screen,
}

impl Shown {
    /// Shows it. A phone that stopped waiting at this very moment misses it, as on a network.
    pub(super) fn show(self) {
        drop(self.waiting.send(self.screen));
    }
}

/// The operator's memory.
#[derive(Default)]
pub(super) struct Exchange {
    books: Mutex<Books>,
    /// Counts messages received by all phones.
    received: watch::Sender<u64>,
}

#[derive(Default)]
struct Books {
    phones: BTreeMap<Msisdn, Phone>,
    /// How often each (recipient, text) was accepted.
    messages: BTreeMap<(Msisdn, String), u64>,
    evidence: OperatorEvidence,
}

#[derive(Default)]
struct Phone {
    dials: u8,
    inbox: Vec<ReceivedSms>,
    session: Option<Session>,
}

struct Session {
    system_id: String,
    number: u8,
    sequence: u8,
    /// Whoever waits for the next screen.
    waiting: Option<oneshot::Sender<Screen>>,
    last: Option<Screen>,
}

impl Exchange {
    /// A poisoned lock still holds whole books: every entry is made in one step.
    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a session in place of any other on that phone.
    pub(super) fn begin(&self, phone: &Msisdn, system_id: &str) -> Turn {
        let mut books = self.books();
        let entry = books.phones.entry(phone.clone()).or_default();
        // Counted per phone, so that a number comes again as late as one octet allows.
        entry.dials = entry.dials.wrapping_add(1);
        let number = entry.dials;
        let (waiting, shown) = oneshot::channel();
        let (system_id, sequence) = (system_id.to_owned(), 0);
        let session = Session {
            system_id: system_id.clone(),
            number,
            sequence,
            waiting: Some(waiting),
            last: None,
        };
        entry.session = Some(session);
        Turn {
            system_id,
            number,
            sequence,
            shown,
        }
    }

    /// The next step of the open session; `None` when no screen waits for an answer.
    pub(super) fn go_on(&self, phone: &Msisdn) -> Option<Turn> {
        let mut books = self.books();
        let session = books.phones.get_mut(phone)?.session.as_mut()?;
        if session.waiting.is_some() || !session.last.as_ref().is_some_and(|last| last.open) {
            return None;
        }
        let (waiting, shown) = oneshot::channel();
        session.waiting = Some(waiting);
        // Seven bits; by then a screen of the same number is long gone.
        session.sequence = session.sequence.wrapping_add(1) & 0x7F;
        let Session {
            system_id,
            number,
            sequence,
            ..
        } = session;
        Some(Turn {
            system_id: system_id.clone(),
            number: *number,
            sequence: *sequence,
            shown,
        })
    }

    /// Drops the session of that number if it is still the phone's.
    pub(super) fn close(&self, phone: &Msisdn, number: u8) {
        let mut books = self.books();
        let Some(phone) = books.phones.get_mut(phone) else {
            return;
        };
        if phone
            .session
            .as_ref()
            .is_some_and(|session| session.number == number)
        {
            phone.session = None;
        }
    }

    /// Takes what an application submitted.
    pub(super) fn submit(&self, system_id: &str, submit: Submit) -> Taken {
        let Ok(to) = Msisdn::parse(&submit.to) else {
            return refused(STATUS_BAD_DESTINATION);
        };
        if let Some(ussd) = submit.ussd {
            let (status, shown) = self.books().screen((system_id, &to), ussd, submit.text);
            return Taken {
                shown,
                ..refused(status)
            };
        }
        let taken = self.books().message(to, &submit);
        let Some(order) = taken else {
            return refused(STATUS_QUEUE_FULL);
        };
        self.received.send_replace(order);
        let message_id = format!("{}", FIRST_ID.saturating_add(order));
        let receipt = submit.registered_delivery.then(|| Receipt {
            message_id: message_id.clone(),
            from: submit.to,
            to: submit.from,
        });
        Taken {
            reply: SubmitReply::new(STATUS_OK, message_id),
            receipt,
            shown: None,
        }
    }

    pub(super) fn receipt_given(&self) {
        let mut books = self.books();
        books.evidence.receipts = books.evidence.receipts.saturating_add(1);
    }

    pub(super) fn receipt_dropped(&self) {
        let mut books = self.books();
        books.evidence.receipts_dropped = books.evidence.receipts_dropped.saturating_add(1);
    }

    pub(super) fn inbox(&self, phone: &Msisdn) -> Vec<ReceivedSms> {
        self.books()
            .phones
            .get(phone)
            .map(|phone| phone.inbox.clone())
            .unwrap_or_default()
    }

    pub(super) async fn inbox_reaches(&self, phone: &Msisdn, count: usize) -> Vec<ReceivedSms> {
        let mut received = self.received.subscribe();
        loop {
            let inbox = self.inbox(phone);
            // The sender lives in `self`, so waiting cannot fail.
            if inbox.len() >= count || received.changed().await.is_err() {
                return inbox;
            }
        }
    }

    pub(super) fn phones(&self) -> Vec<Msisdn> {
        self.books().phones.keys().cloned().collect()
    }

    pub(super) fn evidence(&self) -> OperatorEvidence {
        self.books().evidence
    }
}

impl Books {
    /// Notes a screen for the phone that waits for it; gives the status for the application.
    fn screen(
        &mut self,
        (system_id, to): (&str, &Msisdn),
        ussd: Ussd,
        text: String,
    ) -> (u32, Option<Shown>) {
        let [number, second] = ussd.session;
        let open = ussd.op == OP_ASK && second & END_BIT == 0;
        let screen = Screen {
            text,
            open,
            network: false,
        };
        let session = self
            .phones
            .get_mut(to)
            .and_then(|phone| phone.session.as_mut())
            .filter(|session| session.system_id == system_id && session.number == number);
        let Some(session) = session else {
            self.evidence.screens_stray = self.evidence.screens_stray.saturating_add(1);
            return (STATUS_BAD_DESTINATION, None);
        };
        if let Some(waiting) = session.waiting.take() {
            session.last = Some(screen.clone());
            self.evidence.screens = self.evidence.screens.saturating_add(1);
            let shown = Shown { waiting, screen };
            return (STATUS_OK, Some(shown));
        }
        if session.last.as_ref() == Some(&screen) {
            self.evidence.screens_repeated = self.evidence.screens_repeated.saturating_add(1);
            return (STATUS_OK, None);
        }
        self.evidence.screens_stray = self.evidence.screens_stray.saturating_add(1);
        (STATUS_BAD_DESTINATION, None)
    }

    /// Puts a message into its inbox; its number, or `None` when the books are full.
    fn message(&mut self, to: Msisdn, submit: &Submit) -> Option<u64> {
        let room = self.messages.len() < MESSAGES_MAX;
        if self.phones.len() >= PHONES_MAX && !self.phones.contains_key(&to) {
            return None;
        }
        match self.messages.entry((to.clone(), submit.text.clone())) {
            Entry::Occupied(mut times) => {
                *times.get_mut() = times.get().saturating_add(1);
                self.evidence.duplicate_texts = self.evidence.duplicate_texts.saturating_add(1);
            }
            Entry::Vacant(_) if !room => return None,
            Entry::Vacant(first) => drop(first.insert(1)),
        }
        self.evidence.submits = self.evidence.submits.saturating_add(1);
        let order = self.evidence.submits;
        let inbox = &mut self.phones.entry(to).or_default().inbox;
        if inbox.len() >= INBOX_MAX {
            inbox.remove(0);
        }
        inbox.push(ReceivedSms {
            from: submit.from.clone(),
            text: submit.text.clone(),
            order,
        });
        Some(order)
    }
}

fn refused(status: u32) -> Taken {
    Taken {
        reply: SubmitReply::new(status, String::new()),
        receipt: None,
        shown: None,
    }
}

#[cfg(test)]
mod tests;
