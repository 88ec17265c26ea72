//! The one place where this package reads the wall clock.

use jiff::Timestamp;

/// Now, by the machine's clock; only written into served records, never used for order.
pub fn now() -> Timestamp {
    Timestamp::now()
}
