//! Sessions of staff on the pages of a hub: short, idle for a few minutes at most, few at once.
//!
//! They are kept in memory and end with the program: nothing on disk opens a page. A session names
//! a place of a staff list and holds no right of its own; what that place may do is asked anew with
//! each page, so a role that was taken back ends its sessions at once. Pure: time and random bytes
//! are arguments.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sync_core::Scope;

/// Seconds of a session, whatever is done in it; then whoever it is signs in again.
pub const SESSION_S_MAX: i64 = 4 * 3_600;
/// Seconds without a page after which a session is over: somebody may have left the desk.
pub const SESSION_IDLE_S_MAX: i64 = 15 * 60;
/// Sessions at once; one more ends that which is idle longest.
pub const SESSIONS_MAX: usize = 64;
/// Sessions of one place; one more ends that which is idle longest.
pub const SESSIONS_OF_ONE_MAX: usize = 4;

/// A secret of a session: its name in the cookie, or what its forms carry.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Secret(String);

impl core::fmt::Debug for Secret {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("[secret]")
    }
}

impl Secret {
    /// From random bytes.
    pub fn new(random: [u8; 32]) -> Self {
        let digit = |four: u8| char::from_digit(u32::from(four), 16).unwrap_or('0');
        let digits = random.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        Self(digits.map(digit).collect())
    }

    /// 64 hexadecimal digits in small letters; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let sound = text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        (text.len() == 64 && sound).then(|| Self(text.to_owned()))
    }

    /// Its digits, for cookie and form.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Whether two are the same, in a time that tells nothing.
    pub fn is(&self, other: &Self) -> bool {
        let pairs = self.0.bytes().zip(other.0.bytes());
        self.0.len() == other.0.len() && pairs.fold(0, |all, (a, b)| all | (a ^ b)) == 0
    }
}

/// One session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    /// Place of a staff list: area and index.
    pub place: (Scope, u32),
    /// What every form of it carries.
    pub form: Secret,
    opened: Timestamp,
    seen: Timestamp,
}

impl Session {
    fn is_live(&self, now: Timestamp) -> bool {
        let age = |since: Timestamp| now.duration_since(since).as_secs();
        // A clock that went back counts as long, since it may have been long.
        (0..SESSION_IDLE_S_MAX).contains(&age(self.seen))
            && (0..SESSION_S_MAX).contains(&age(self.opened))
    }
}

/// All sessions.
#[derive(Debug, Default)]
pub struct Sessions {
    live: BTreeMap<Secret, Session>,
}

impl Sessions {
    /// Opens a session under a name that nobody can guess.
    pub fn open(&mut self, name: Secret, place: (Scope, u32), form: Secret, now: Timestamp) {
        self.live.retain(|_, session| session.is_live(now));
        let own = |session: &Session| session.place == place;
        if self.live.values().filter(|one| own(one)).count() >= SESSIONS_OF_ONE_MAX {
            self.end_idlest(own);
        }
        if self.live.len() >= SESSIONS_MAX {
            self.end_idlest(|_| true);
        }
        let session = Session {
            place,
            form,
            opened: now,
            seen: now,
        };
        self.live.insert(name, session);
    }

    /// The session of a page that is asked for now; `None` where it is over.
    pub fn touch(&mut self, name: &Secret, now: Timestamp) -> Option<Session> {
        let session = self.live.get_mut(name)?;
        if !session.is_live(now) {
            self.live.remove(name);
            return None;
        }
        session.seen = now;
        Some(session.clone())
    }

    /// Ends a session.
    pub fn end(&mut self, name: &Secret) {
        self.live.remove(name);
    }

    fn end_idlest(&mut self, may: impl Fn(&Session) -> bool) {
        let idlest = self.live.iter().filter(|(_, session)| may(session));
        let idlest = idlest.min_by_key(|(_, session)| session.seen);
        if let Some(name) = idlest.map(|(name, _)| name.clone()) {
            self.live.remove(&name);
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::*;

    const OFFICER: (Scope, u32) = (Scope(16), 3);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1_000_000 + seconds)
    }

    fn secret(byte: u8) -> Secret {
        Secret::new([byte; 32])
    }

    #[test]
    fn a_session_ends_when_idle_when_old_when_ended_and_when_the_clock_goes_back() {
        let open = || {
            let mut sessions = Sessions::default();
            sessions.open(secret(1), OFFICER, secret(2), at(0));
            sessions
        };
        let mut idle = open();
        assert!(idle.touch(&secret(1), at(SESSION_IDLE_S_MAX - 1)).is_some());
        assert!(idle.touch(&secret(1), at(2 * SESSION_IDLE_S_MAX)).is_none());
        assert!(idle.touch(&secret(1), at(2 * SESSION_IDLE_S_MAX)).is_none());
        let mut old = open();
        for second in (0..SESSION_S_MAX).step_by(600) {
            assert!(old.touch(&secret(1), at(second)).is_some(), "{second}");
        }
        assert!(old.touch(&secret(1), at(SESSION_S_MAX)).is_none());
        let mut ended = open();
        ended.end(&secret(1));
        assert!(ended.touch(&secret(1), at(1)).is_none());
        assert!(open().touch(&secret(1), at(-1)).is_none());
        assert!(
            open().touch(&secret(2), at(1)).is_none(),
            "the form's is no name"
        );
        let session = open().touch(&secret(1), at(1)).unwrap();
        assert!(session.place == OFFICER && session.form.is(&secret(2)));
        assert!(!session.form.is(&secret(3)));
    }

    #[test]
    fn one_more_than_the_most_ends_the_idlest() {
        let mut sessions = Sessions::default();
        for byte in 0..4 {
            sessions.open(secret(byte), OFFICER, secret(99), at(i64::from(byte)));
        }
        sessions.touch(&secret(0), at(10));
        sessions.open(secret(4), OFFICER, secret(99), at(11));
        assert!(sessions.touch(&secret(0), at(12)).is_some());
        assert!(sessions.touch(&secret(1), at(12)).is_none());
        let mut many = Sessions::default();
        for byte in 0..70_u8 {
            let place = (Scope(16), u32::from(byte));
            many.open(secret(byte), place, secret(99), at(i64::from(byte)));
        }
        let live = (0..70_u8).filter(|byte| many.touch(&secret(*byte), at(71)).is_some());
        assert_eq!(live.count(), SESSIONS_MAX);
    }

    proptest! {
        #[test]
        fn what_a_cookie_holds_is_a_secret_or_nothing(text in ".{0,80}", random: [u8; 32]) {
            let made = Secret::new(random);
            let read = Secret::parse(made.text());
            prop_assert_eq!(read.as_ref(), Some(&made));
            let printed = format!("{made:?}");
            prop_assert!(!printed.contains(made.text()));
            let sound = text.len() == 64
                && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
            prop_assert_eq!(Secret::parse(&text).is_some(), sound);
        }
    }
}
