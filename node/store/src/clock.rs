//! The one place of this package that reads a clock: monotonic time for the group commit.
//!
//! Wall-clock time is an argument of every transaction.

use std::time::Instant;

/// Now, for measuring how long a group has been open.
pub(crate) fn monotonic() -> Instant {
    Instant::now()
}
