//! Which datagrams were taken: a window of 1,024 counters for each key and salt of the peer.
//!
//! Follows SECURITY §6. A peer that starts again draws a new salt and may count from an older
//! number (a card that was rewound in silence), so each salt has its own window. The caller
//! persists the value with what the datagram changed.

use serde::{Deserialize, Serialize};

use super::Nonce;

/// Counters of one salt that are told apart; an older one is refused as a replay.
pub const WINDOW_COUNTERS_MAX: u32 = 1024;
/// Salts with a window; beyond it the one that was silent longest is closed for good.
pub const SALTS_MAX: usize = 64;
/// Closed salts that are remembered, 5 octets each; beyond it new salts of the key are refused. A
/// sender takes its next key long before.
pub const CLOSED_SALTS_MAX: usize = 1024;

const WORD_BITS: u32 = 64;

/// What was taken of one salt of one key.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Window {
    key: u8,
    salt: [u8; 4],
    highest: u32,
    /// Bit `n` of all words: counter `highest − n` was taken.
    taken: [u64; 16],
}

impl Window {
    fn first(nonce: Nonce) -> Self {
        let mut taken = [0; 16];
        if let Some(word) = taken.first_mut() {
            *word = 1;
        }
        Self {
            key: nonce.key,
            salt: nonce.salt,
            highest: nonce.counter,
            taken,
        }
    }

    fn is_of(&self, nonce: Nonce) -> bool {
        self.key == nonce.key && self.salt == nonce.salt
    }

    fn has(&self, counter: u32) -> bool {
        match self.highest.checked_sub(counter) {
            None => false,
            Some(back) if back >= WINDOW_COUNTERS_MAX => true,
            Some(back) => {
                let word = usize::try_from(back / WORD_BITS).unwrap_or(usize::MAX);
                let word = self.taken.get(word).copied().unwrap_or(u64::MAX);
                word >> (back % WORD_BITS) & 1 == 1
            }
        }
    }

    fn take(&mut self, counter: u32) {
        if counter > self.highest {
            self.shift(counter.saturating_sub(self.highest));
            self.highest = counter;
        }
        let back = self.highest.saturating_sub(counter);
        let word = usize::try_from(back / WORD_BITS).unwrap_or(usize::MAX);
        if let Some(word) = self.taken.get_mut(word) {
            *word |= 1 << (back % WORD_BITS);
        }
    }

    fn shift(&mut self, by: u32) {
        let words = usize::try_from(by / WORD_BITS).unwrap_or(usize::MAX);
        let bits = by % WORD_BITS;
        let old = self.taken;
        let word_before = |at: usize| old.get(at).copied().unwrap_or(0);
        for (at, word) in self.taken.iter_mut().enumerate() {
            let high = at.checked_sub(words).map_or(0, word_before);
            let low = at
                .checked_sub(words)
                .and_then(|from| from.checked_sub(1))
                .map_or(0, word_before);
            let carried = low.checked_shr(WORD_BITS.saturating_sub(bits)).unwrap_or(0);
            *word = high << bits | carried;
        }
    }
}

/// What was taken from one peer.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Windows {
    /// The salt that spoke last stands last.
    open: Vec<Window>,
    closed: Vec<(u8, [u8; 4])>,
}

impl Windows {
    /// Whether a datagram with this nonce was taken, or can no longer be told from one that was.
    pub fn has(&self, nonce: Nonce) -> bool {
        match self.open.iter().find(|salt| salt.is_of(nonce)) {
            Some(salt) => salt.has(nonce.counter),
            None => self.is_closed(nonce) || self.is_full(nonce.key),
        }
    }

    /// Takes a datagram whose tag was verified; `false`, and nothing changes, when
    /// [`Windows::has`] it.
    pub fn take(&mut self, nonce: Nonce) -> bool {
        if self.has(nonce) {
            return false;
        }
        let at = self.open.iter().position(|salt| salt.is_of(nonce));
        let salt = match at {
            Some(at) => {
                let mut salt = self.open.remove(at);
                salt.take(nonce.counter);
                salt
            }
            None => Window::first(nonce),
        };
        self.open.push(salt);
        if self.open.len() > SALTS_MAX {
            let silent = self.open.remove(0);
            self.closed.push((silent.key, silent.salt));
        }
        true
    }

    /// Forgets everything of a key whose root was destroyed.
    pub fn forget(&mut self, key: u8) {
        self.open.retain(|salt| salt.key != key);
        self.closed.retain(|(closed, _)| *closed != key);
    }

    /// Keys that something is remembered of.
    pub fn keys(&self) -> impl Iterator<Item = u8> + '_ {
        let open = self.open.iter().map(|salt| salt.key);
        open.chain(self.closed.iter().map(|(key, _)| *key))
    }

    fn is_closed(&self, nonce: Nonce) -> bool {
        self.closed.contains(&(nonce.key, nonce.salt))
    }

    fn is_full(&self, key: u8) -> bool {
        let of_key = self.closed.iter().filter(|(closed, _)| *closed == key);
        of_key.count() >= CLOSED_SALTS_MAX
    }
}
