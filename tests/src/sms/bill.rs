//! What the SMS of a world cost, by what they are.

use super::PRICE;

/// SMS by what they are, for the bill.
#[derive(Clone, Debug, Default)]
pub struct Bill {
    /// SMS of all ends.
    pub sent: u64,
    /// Parts of runs, each once.
    pub parts: u64,
    /// Parts again.
    pub repeats: u64,
    /// Acks.
    pub acks: u64,
    /// Queries.
    pub queries: u64,
    /// Receipts of their own.
    pub receipts: u64,
    /// Runs that were begun.
    pub runs: u64,
    /// Power cuts.
    pub cuts: u64,
}

impl Bill {
    /// What one needs who loses nothing: each part once, an ack for each run.
    pub fn least(&self) -> u64 {
        self.parts + self.runs
    }

    /// Money, in minor units.
    pub fn cost(&self) -> u64 {
        self.sent * PRICE
    }
}

impl core::fmt::Display for Bill {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "{} SMS for {} (least {}): {} parts of {} runs, {} repeats, {} acks, {} queries, \
             {} receipts; {} power cuts",
            self.sent,
            self.cost(),
            self.least(),
            self.parts,
            self.runs,
            self.repeats,
            self.acks,
            self.queries,
            self.receipts,
            self.cuts
        )
    }
}
