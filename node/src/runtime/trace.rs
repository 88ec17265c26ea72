//! Trace ids: one random name per inbound step, in every log line that the step leaves.

use ring::rand::{SecureRandom, SystemRandom};

/// A random share of a back-off, so that nodes that lost the same hub do not return together.
pub fn jitter() -> u16 {
    let mut bytes = [0_u8; 2];
    if SystemRandom::new().fill(&mut bytes).is_err() {
        tracing::warn!("system gives no randomness for a back-off");
    }
    u16::from_be_bytes(bytes)
}

/// A new trace id: 16 hexadecimal digits, or all zero when the system gives no randomness.
pub fn new_id() -> String {
    let mut bytes = [0_u8; 8];
    if SystemRandom::new().fill(&mut bytes).is_err() {
        tracing::warn!("system gives no randomness for a trace id");
    }
    format!("{:016x}", u64::from_be_bytes(bytes))
}
