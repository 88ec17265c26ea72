//! Trace ids: one random name per inbound step, in every log line that the step leaves.

use ring::rand::{SecureRandom, SystemRandom};

/// A new trace id: 16 hexadecimal digits, or all zero when the system gives no randomness.
pub fn new_id() -> String {
    let mut bytes = [0_u8; 8];
    if SystemRandom::new().fill(&mut bytes).is_err() {
        tracing::warn!("system gives no randomness for a trace id");
    }
    format!("{:016x}", u64::from_be_bytes(bytes))
}
