//! The receiving half of a link: replays, reassembly, and what is to be acknowledged.
//!
//! Follows SYNC §11.4. A datagram comes here after its tag was verified; one that was taken before
//! changes nothing and is not answered (SY18). A run that is whole goes to the shell, whose answer
//! (committed, or refused) is what the ack says. The whole state is a value that is persisted.

mod assembly;

use serde::{Deserialize, Serialize};

use super::content::{ACK_ITEMS_MAX, Ack, AckItem, Part, QueryItem, Verdict};
use super::datagram::Head;
use super::link::{Delivery, Outcome};
use super::window::Windows;
use super::{Class, Nonce};
use crate::refusal::RefusalCode;

use assembly::Assembly;

/// Runs of one peer in reassembly; a ninth takes the place of the one that was silent longest,
/// whose sender is told to begin again.
const ASSEMBLIES_MAX: usize = 8;
/// Days without a new part until a run is dropped; its sender is told to begin again.
const ASSEMBLY_DAYS_MAX: i64 = 7;
/// Settled runs of one peer that are remembered for queries; the oldest is forgotten and would be
/// sent again, to be found known.
const SETTLED_MAX: usize = 64;
/// Octets of a receipt that an ack carries and that is kept for queries; a longer one is left out.
pub const RECEIPT_OCTETS_MAX: usize = 82;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// When a run that met "busy" is offered again, in milliseconds: 10 minutes.
const BUSY_MS: i64 = 10 * 60 * 1000;

/// What is persisted.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Receiver {
    pub(super) windows: Windows,
    runs: Vec<Assembly>,
    settled: Vec<SettledRun>,
    /// Answers to queries for runs that are not here.
    unknown: Vec<(Nonce, u8, bool)>,
}

/// A run that the shell answered for.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct SettledRun {
    run: Nonce,
    class: Class,
    /// 0 for accepted, else the number of a refusal.
    refusal: u8,
    receipt: Vec<u8>,
    asked: u8,
    is_due: bool,
}

impl Receiver {
    /// Takes one part, or a whole run as part 0 of 1; a delivery when the run is whole.
    pub(super) fn take_part(
        &mut self,
        now_ms: i64,
        head: Head,
        class: Class,
        part: Part<'_>,
    ) -> Option<Delivery> {
        let run = head.nonce.run(part.number)?;
        if self.settled.iter().any(|settled| settled.run == run) {
            return None;
        }
        let at = match self.runs.iter().position(|assembly| assembly.run == run) {
            Some(at) => at,
            None => self.begin(now_ms, run, class, part.parts),
        };
        let assembly = self.runs.get_mut(at)?;
        if assembly.class != class || !assembly.take(now_ms, part) {
            return None;
        }
        assembly.deliver(now_ms.saturating_add(BUSY_MS))
    }

    /// Notes that the peer asks for a run.
    pub(super) fn asked(&mut self, now_ms: i64, item: &QueryItem) {
        if let Some(settled) = self.settled.iter_mut().find(|it| it.run == item.run) {
            settled.asked = item.asked;
            settled.is_due = true;
        } else if let Some(assembly) = self.runs.iter_mut().find(|it| it.run == item.run) {
            assembly.asked(now_ms, item.asked);
        } else {
            let mut numbers = 0..item.parts;
            let is_lost = numbers.any(|number| {
                let nonce = item.run.of_part(number);
                nonce.is_none_or(|nonce| self.windows.has(nonce))
            });
            self.unknown.retain(|(run, ..)| *run != item.run);
            if self.unknown.len() < ACK_ITEMS_MAX {
                self.unknown.push((item.run, item.asked, is_lost));
            }
        }
    }

    /// Takes the shell's answer for a run that was delivered.
    pub(super) fn answered(&mut self, run: Nonce, outcome: Outcome) -> bool {
        let Some(at) = self.runs.iter().position(|it| it.run == run) else {
            return false;
        };
        let (refusal, receipt) = match outcome {
            // Its time to be offered again was set when it was delivered.
            Outcome::Refused(RefusalCode::Busy) => return false,
            Outcome::Refused(code) => (code.number(), Vec::new()),
            Outcome::Accepted { receipt } if receipt.len() <= RECEIPT_OCTETS_MAX => (0, receipt),
            Outcome::Accepted { .. } => (0, Vec::new()),
        };
        let assembly = self.runs.remove(at);
        self.settled.push(SettledRun {
            run,
            class: assembly.class,
            refusal,
            receipt,
            asked: assembly.last_asked(),
            is_due: true,
        });
        if self.settled.len() > SETTLED_MAX {
            self.settled.remove(0);
        }
        true
    }

    /// Lets time pass: drops what was silent for a week, offers again what met "busy".
    pub(super) fn pass(&mut self, now_ms: i64) -> (bool, Vec<Delivery>) {
        let before = self.runs.len();
        self.runs.retain(|assembly| assembly.lives(now_ms));
        let mut again = Vec::new();
        for assembly in &mut self.runs {
            if assembly.deliver_due(now_ms) {
                again.extend(assembly.deliver(now_ms.saturating_add(BUSY_MS)));
            }
        }
        (before != self.runs.len() || !again.is_empty(), again)
    }

    /// Offers every whole run again: after a start nobody knows what became of them.
    pub(super) fn redeliver(&mut self, now_ms: i64) -> Vec<Delivery> {
        let runs = self.runs.iter_mut();
        runs.filter_map(|assembly| assembly.deliver(now_ms.saturating_add(BUSY_MS)))
            .collect()
    }

    /// Whether an ack is due, and whether it speaks of an order of the hub.
    pub(super) fn ack_due(&self, now_ms: i64) -> Option<Class> {
        let settled = self.settled.iter().filter(|it| it.is_due);
        let open = self.runs.iter().filter(|it| it.ack_due(now_ms));
        let classes = settled.map(|it| it.class).chain(open.map(|it| it.class));
        let unknown = self.unknown.iter().map(|_| Class::Entries);
        classes.chain(unknown).max()
    }

    /// The ack that is due, at most `room` octets; its lines are settled by it.
    pub(super) fn take_ack(&mut self, now_ms: i64, room: usize) -> Ack {
        let mut ack = Ack {
            items: Vec::new(),
            receipt: Vec::new(),
        };
        let mut left = room.saturating_sub(1);
        for settled in self.settled.iter_mut().filter(|it| it.is_due) {
            let item = settled.item();
            if !fits(&ack, &item, left) {
                break;
            }
            left = left.saturating_sub(item.octets());
            if ack.receipt.is_empty() && settled.receipt.len() <= left {
                left = left.saturating_sub(settled.receipt.len());
                ack.receipt.clone_from(&settled.receipt);
            } else if !settled.receipt.is_empty() {
                // Its receipt goes with the next ack.
                left = left.saturating_add(item.octets());
                continue;
            }
            settled.is_due = false;
            ack.items.push(item);
        }
        let lines = |it: &&mut Assembly| it.ack_due(now_ms) || it.may_join(now_ms);
        for assembly in self.runs.iter_mut().filter(lines) {
            let item = assembly.item();
            if fits(&ack, &item, left) {
                left = left.saturating_sub(item.octets());
                assembly.acknowledged();
                ack.items.push(item);
            }
        }
        let unknown = core::mem::take(&mut self.unknown);
        for (run, asked, is_lost) in unknown {
            let item = AckItem {
                run,
                asked,
                verdict: if is_lost {
                    Verdict::Lost
                } else {
                    Verdict::Open(0)
                },
            };
            if fits(&ack, &item, left) {
                left = left.saturating_sub(item.octets());
                ack.items.push(item);
            } else {
                self.unknown.push((run, asked, is_lost));
            }
        }
        ack
    }

    /// When something is due next, in milliseconds.
    pub(super) fn wakes_ms(&self) -> Option<i64> {
        self.runs.iter().map(Assembly::wakes_ms).min()
    }

    fn begin(&mut self, now_ms: i64, run: Nonce, class: Class, parts: u8) -> usize {
        if self.runs.len() >= ASSEMBLIES_MAX {
            // Whole runs stay: the shell has yet to answer for them.
            let open = self.runs.iter().enumerate();
            let silent = open
                .filter(|(_, it)| !it.is_whole())
                .min_by_key(|(_, it)| it.last_ms());
            let at = silent.map_or(0, |(at, _)| at);
            self.runs.remove(at);
        }
        self.runs.push(Assembly::new(now_ms, run, class, parts));
        self.runs.len().saturating_sub(1)
    }
}

impl SettledRun {
    fn item(&self) -> AckItem {
        let verdict = match RefusalCode::parse(self.refusal) {
            Some(code) => Verdict::Refused(code),
            None => Verdict::Accepted,
        };
        AckItem {
            run: self.run,
            asked: self.asked,
            verdict,
        }
    }
}

fn fits(ack: &Ack, item: &AckItem, left: usize) -> bool {
    ack.items.len() < ACK_ITEMS_MAX && item.octets() <= left
}
