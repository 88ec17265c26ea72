//! A dialogue session: data between two inputs, kept by the store, resumed after a cut.
//!
//! A format file: one version byte and the postcard form. It holds personal data and lies sealed
//! at rest; `Debug` prints none of it.

use core::fmt;
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sync_core::Scope;

use super::refusal::Notice;
use super::screen::Kept;
use super::staff::Guarded;
use crate::command::Rejection;
use crate::contact::{BearerLimits, Moment, SMS_CHANNEL};
use crate::programme::Programme;
use crate::role::{Principal, Role};

/// Version byte of this encoding.
pub const SESSION_VERSION: u8 = 3;
/// Largest encoded session in bytes; answers are capped far below it. A larger one is refused.
pub const SESSION_BYTES_MAX: usize = 16 * 1024;
/// How long staff may take up a session again, in seconds; later it starts anew.
pub const RESUME_STAFF_S: i64 = 24 * 60 * 60;
/// How long a citizen may take up a session again, in seconds; later it starts anew.
pub const RESUME_CITIZEN_S: i64 = 30 * 60;

/// In place of a block on the way back: the home menu.
pub(crate) const HOME: &str = "";

/// One conversation with one person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub(crate) programme: String,
    pub(crate) programme_version: u32,
    pub(crate) dialogue: String,
    pub(crate) block: String,
    pub(crate) page: u16,
    pub(crate) phase: Phase,
    pub(crate) notice: Option<Notice>,
    /// Answers in canonical form, by the name under which the definition saves them.
    pub(crate) answers: BTreeMap<String, String>,
    /// Values that commands gave back.
    pub(crate) values: BTreeMap<String, String>,
    /// The words of answers that were chosen from such values.
    pub(crate) labels: BTreeMap<String, String>,
    /// Blocks that were answered, for going back.
    pub(crate) path: Vec<String>,
    /// Where the next answer returns to, while one answer is being changed.
    pub(crate) back_to: Option<String>,
    pub(crate) language: String,
    pub(crate) language_chosen: bool,
    /// Whether the clock was good for "today" at the last step.
    pub(crate) clock_known: bool,
    pub(crate) role: Role,
    pub(crate) author: u32,
    pub(crate) scope: Scope,
    pub(crate) channel: String,
    pub(crate) started: Timestamp,
    pub(crate) updated: Timestamp,
    pub(crate) steps: u16,
    /// Code of the service that the opening named.
    pub(crate) wanted: Option<String>,
    /// What a `pin` block took, until its command is decided; never kept.
    #[serde(skip)]
    pub(crate) pin: Option<Secret>,
    /// The area whose places are listed, where places come in two levels.
    pub(crate) area: Option<String>,
    /// What stands before it, where its screens are those of staff.
    pub(crate) guarded: Option<Guarded>,
    /// What fits on the screen that it is shown on; belongs to the bearer, so it is not kept.
    #[serde(skip)]
    pub(crate) limits: Option<BearerLimits>,
}

/// A secret that was typed: it has no form that could be printed or kept.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(pub(crate) String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// What the session waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Phase {
    /// An answer to its block.
    Asking,
    /// The answer whether to go on where it stopped.
    Offering,
    /// The outcome of the command of its block.
    Running,
    /// Nothing: its block was the last screen.
    Finished,
    /// Nothing: its notice is the last screen.
    Closed,
    /// The code of the person's village; no dialogue has begun.
    Village,
    /// Which service, or before that which language; no dialogue has begun.
    Home,
}

impl Session {
    /// A new session of a principal, before its first block.
    pub(crate) fn new(principal: &Principal, now: Moment) -> Self {
        Self {
            programme: String::new(),
            programme_version: 0,
            dialogue: String::new(),
            block: String::new(),
            page: 0,
            phase: Phase::Asking,
            notice: None,
            answers: BTreeMap::new(),
            values: BTreeMap::new(),
            labels: BTreeMap::new(),
            path: Vec::new(),
            back_to: None,
            language: principal.language.clone(),
            language_chosen: !principal.language.is_empty(),
            clock_known: true,
            role: principal.role,
            author: principal.author,
            scope: principal.scope,
            channel: principal.channel.clone(),
            started: now.at,
            updated: now.at,
            steps: 0,
            wanted: None,
            pin: None,
            area: None,
            guarded: None,
            limits: None,
        }
    }

    /// Puts the session before the first block of a dialogue.
    pub(crate) fn begin(mut self, programme: &Programme, dialogue: &str) -> Self {
        programme.code().clone_into(&mut self.programme);
        self.programme_version = programme.version();
        dialogue.clone_into(&mut self.dialogue);
        self.language = programme.language_or_first(&self.language).to_owned();
        self
    }

    /// Names the bearer's limits before a step or a screen: one that is narrower than those of the
    /// programme gets more pages.
    pub fn shown_on(&mut self, limits: BearerLimits) {
        self.limits = Some(limits);
    }

    /// The language of its screens, BCP 47.
    pub fn language(&self) -> &str {
        &self.language
    }

    /// Whether nothing more can be typed into it.
    pub fn is_finished(&self) -> bool {
        matches!(self.phase, Phase::Finished | Phase::Closed)
    }

    /// The service that the opening named, to be kept when the dialogue is opened once more.
    pub fn wanted(&self) -> Option<&str> {
        self.wanted.as_deref()
    }

    /// When the person last did something.
    pub fn updated(&self) -> Timestamp {
        self.updated
    }

    /// Code of the block that it stands at, for logs and transcripts; not personal.
    pub fn block(&self) -> &str {
        &self.block
    }

    /// Whether the last input was refused, so that its screen stands behind a sentence.
    pub fn is_refused(&self) -> bool {
        self.notice.is_some()
    }

    /// The content of an answer or, where there is none, of a value.
    pub(crate) fn content(&self, name: &str) -> Option<&str> {
        let found = self.answers.get(name).or_else(|| self.values.get(name));
        found.map(String::as_str)
    }

    /// What its screens are made of besides the answers.
    pub(crate) fn kept(&self) -> Kept<'_> {
        Kept {
            values: &self.values,
            labels: &self.labels,
            area: self.area.as_deref(),
            by_sms: Some(self.channel == SMS_CHANNEL),
        }
    }

    /// Whether this principal may go on with it now.
    pub(crate) fn resumes_for(&self, principal: &Principal, now: Moment) -> bool {
        let answered = self.path.iter().any(|block| block != HOME);
        answered && self.waits_for(principal, now)
    }

    /// Whether its last screen still waits for an answer of this principal.
    pub fn waits_for(&self, principal: &Principal, now: Moment) -> bool {
        let window_s = match self.role {
            Role::Citizen => RESUME_CITIZEN_S,
            _ => RESUME_STAFF_S,
        };
        // A wall clock that went back gives a negative age, which counts as fresh.
        !self.is_finished()
            && self.role == principal.role
            && self.author == principal.author
            && self.scope == principal.scope
            && now.at.duration_since(self.updated).as_secs() <= window_s
    }

    /// Forgets what was typed once it is no longer needed.
    pub(crate) fn finish(&mut self, phase: Phase) {
        self.phase = phase;
        self.answers.clear();
        self.labels.clear();
        self.path.clear();
        self.back_to = None;
    }

    /// Ends with one system text as the last screen.
    pub(crate) fn close(&mut self, notice: Notice) {
        self.notice = Some(notice);
        self.page = 0;
        self.finish(Phase::Closed);
    }

    /// The bytes that the store keeps.
    ///
    /// # Errors
    /// [`SessionError::TooLarge`] above [`SESSION_BYTES_MAX`].
    pub fn encode(&self) -> Result<Vec<u8>, SessionError> {
        let mut bytes = vec![SESSION_VERSION];
        bytes.extend(postcard::to_stdvec(self).map_err(SessionError::Encode)?);
        if bytes.len() > SESSION_BYTES_MAX {
            return Err(SessionError::TooLarge {
                limit: SESSION_BYTES_MAX,
                got: bytes.len(),
            });
        }
        Ok(bytes)
    }

    /// Reads a stored session.
    ///
    /// # Errors
    /// An unknown version, malformed bytes, or bytes left over.
    pub fn decode(bytes: &[u8]) -> Result<Self, SessionError> {
        match bytes {
            [SESSION_VERSION, rest @ ..] if bytes.len() <= SESSION_BYTES_MAX => {
                let (session, left) =
                    postcard::take_from_bytes(rest).map_err(SessionError::Decode)?;
                if left.is_empty() {
                    Ok(session)
                } else {
                    Err(SessionError::Leftover)
                }
            }
            [SESSION_VERSION, ..] => Err(SessionError::TooLarge {
                limit: SESSION_BYTES_MAX,
                got: bytes.len(),
            }),
            [version, ..] => Err(SessionError::Version { got: *version }),
            [] => Err(SessionError::Version { got: 0 }),
        }
    }
}

impl From<Rejection> for Notice {
    fn from(rejection: Rejection) -> Self {
        Self {
            key: rejection.text,
            arguments: rejection.arguments,
            page: 0,
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("dialogue", &self.dialogue)
            .field("block", &self.block)
            .field("page", &self.page)
            .field("phase", &self.phase)
            .field("answers", &self.answers.len())
            .finish_non_exhaustive()
    }
}

/// Why a stored session could not be read or written; surfaces in the store's turn, which then
/// starts a new one.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// Above [`SESSION_BYTES_MAX`].
    #[error("session has {got} bytes, the limit is {limit}")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
        /// What came.
        got: usize,
    },
    /// A version byte of another release.
    #[error("session has the unknown version {got}")]
    Version {
        /// The byte.
        got: u8,
    },
    /// Bytes behind the session.
    #[error("session is followed by bytes that belong to nothing")]
    Leftover,
    /// Malformed.
    #[error("session is malformed")]
    Decode(#[source] postcard::Error),
    /// Cannot be written.
    #[error("session could not be encoded")]
    Encode(#[source] postcard::Error),
}
