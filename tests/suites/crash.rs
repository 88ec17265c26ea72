//! Crashes: whatever was acknowledged is there afterwards, and no message leaves twice. Damaged tails
//! of the WAL, kills of the real process at any moment, a modem in trouble, and for each a control
//! that must be caught.
//!
//! `OUTPOST_KILLS`, `OUTPOST_WAL_CUTS` and `OUTPOST_MODEM_TROUBLES` make the run larger, `OUTPOST_RECORD` names the file
//! for its results.

mod crash {
    mod kills;
    mod modem;
    mod wal_tail;
}
