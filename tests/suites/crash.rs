//! Crashes: whatever was acknowledged is there afterwards. Damaged tails of the WAL, kills of the
//! real process at any moment, and for each a control that must be caught.
//!
//! `OUTPOST_KILLS` and `OUTPOST_WAL_CUTS` make the run larger, `OUTPOST_RECORD` names the file
//! for its results.

mod crash {
    mod kills;
    mod wal_tail;
}
