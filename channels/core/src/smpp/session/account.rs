//! Who may bind to our SMSC, and as what.

use core::fmt;

use super::super::pdu::{Bind, BindKind};
use super::status;

/// An application that may bind.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// Its name, ≤ 15 ASCII characters (SMPP 3.4 §5.2.1).
    pub system_id: String,
    /// Its password, ≤ 8 ASCII characters (SMPP 3.4 §5.2.2).
    pub password: String,
    /// The kinds of bind that it may ask for.
    pub mode: BindMode,
    /// Source addresses that it may send from, else 0x0A; empty = any.
    pub senders: Vec<String>,
    /// Most `submit_sm` a second on one bind; more is answered 0x58.
    pub rate_per_s: u32,
}

/// What an account may bind as (SMPP 3.4 §2.2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BindMode {
    /// Any kind.
    Any,
    /// Only this kind.
    Only(BindKind),
}

impl BindMode {
    fn allows(self, kind: BindKind) -> bool {
        match self {
            Self::Any => true,
            Self::Only(only) => only == kind,
        }
    }
}

/// Finds the account of a bind, or the status that refuses it.
pub(super) fn check<'a>(accounts: &'a [Account], bind: &Bind) -> Result<&'a Account, u32> {
    let account = accounts
        .iter()
        .find(|account| account.system_id == bind.system_id);
    let account = account.ok_or(status::INVALID_SYSTEM_ID)?;
    if !is_equal(account.password.as_bytes(), bind.password.as_bytes()) {
        return Err(status::INVALID_PASSWORD);
    }
    if !account.mode.allows(bind.kind) {
        return Err(status::BIND_FAILED);
    }
    Ok(account)
}

/// Compares without stopping at the first difference, so that time tells nothing.
fn is_equal(ours: &[u8], theirs: &[u8]) -> bool {
    let differences = ours
        .iter()
        .zip(theirs)
        .fold(0, |seen, (a, b)| seen | (a ^ b));
    ours.len() == theirs.len() && differences == 0
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("system_id", &self.system_id)
            .field("mode", &self.mode)
            .field("senders", &self.senders.len())
            .field("rate_per_s", &self.rate_per_s)
            .finish_non_exhaustive()
    }
}
