//! The two cookies of the office's pages: the session, and the secret of the form of sign-in.
//!
//! Neither is read by scripts or sent from another site; over TLS their names bind them to this
//! host and path (RFC 6265bis §4.1.3.2).

use axum::http::HeaderMap;
use node_core::office::session::{SESSION_S_MAX, Secret};

use crate::guard::cookie;

/// Reads and writes them.
#[derive(Clone, Copy)]
pub(super) struct Cookies {
    /// Whether they are for TLS only.
    pub(super) tls: bool,
}

impl Cookies {
    fn name(self, what: &str) -> String {
        let bound = if self.tls { "__Host-" } else { "" };
        format!("{bound}outpost-{what}")
    }

    fn read(self, what: &str, headers: &HeaderMap) -> Option<Secret> {
        cookie(headers, &self.name(what)).and_then(Secret::parse)
    }

    fn write(self, what: &str, value: &str, age_s: i64) -> String {
        let secure = if self.tls { "; Secure" } else { "" };
        let name = self.name(what);
        format!("{name}={value}; Path=/; Max-Age={age_s}; HttpOnly; SameSite=Strict{secure}")
    }

    pub(super) fn session(self, headers: &HeaderMap) -> Option<Secret> {
        self.read("session", headers)
    }

    pub(super) fn door(self, headers: &HeaderMap) -> Option<Secret> {
        self.read("door", headers)
    }

    pub(super) fn set_session(self, session: &Secret) -> String {
        self.write("session", session.text(), SESSION_S_MAX)
    }

    pub(super) fn set_door(self, door: &Secret) -> String {
        self.write("door", door.text(), SESSION_S_MAX)
    }

    pub(super) fn forget_session(self) -> String {
        self.write("session", "", 0)
    }

    pub(super) fn forget_door(self) -> String {
        self.write("door", "", 0)
    }
}
