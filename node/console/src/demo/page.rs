//! Draws the demo page from its state. All words are in `templates/demo.html`.

use askama::Template;
use axum::http::StatusCode;
use node_core::status::Status;

use super::state::{DemoRefusal, DemoState, PhoneView};

/// Most registrations in the table, newest first; the count above it tells how many there are.
pub(super) const ROWS_MAX: usize = 40;
/// Most messages shown of one inbox, newest first; older ones are left out.
pub(super) const MESSAGES_MAX: usize = 12;

/// What went wrong, beside the field that it concerns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Notice {
    /// Call without a code.
    NothingTyped,
    /// A message without number or text.
    NothingWritten,
    /// Above the limit.
    TooLong,
    /// The demo refused.
    Refused(DemoRefusal),
}

impl Notice {
    /// A refused form is no success for scripts; people see the same page.
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::NothingTyped | Self::NothingWritten => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Refused(DemoRefusal::Unknown) => StatusCode::NOT_FOUND,
            Self::Refused(DemoRefusal::NoSession | DemoRefusal::NoSuchNumber) => {
                StatusCode::CONFLICT
            }
            Self::Refused(DemoRefusal::NoAnswer | DemoRefusal::Busy) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }
}

/// A key of the keypad and the letters on it.
struct Key {
    value: &'static str,
    letters: &'static str,
}

const KEYS: [Key; 12] = [
    Key {
        value: "1",
        letters: "",
    },
    Key {
        value: "2",
        letters: "abc",
    },
    Key {
        value: "3",
        letters: "def",
    },
    Key {
        value: "4",
        letters: "ghi",
    },
    Key {
        value: "5",
        letters: "jkl",
    },
    Key {
        value: "6",
        letters: "mno",
    },
    Key {
        value: "7",
        letters: "pqrs",
    },
    Key {
        value: "8",
        letters: "tuv",
    },
    Key {
        value: "9",
        letters: "wxyz",
    },
    Key {
        value: "*",
        letters: "",
    },
    Key {
        value: "0",
        letters: "",
    },
    Key {
        value: "#",
        letters: "",
    },
];

#[derive(Template)]
#[template(path = "demo.html")]
struct DemoPage<'a> {
    state: &'a DemoState,
    /// Place of the handset in the hand.
    chosen: usize,
    phone: &'a PhoneView,
    typed: &'a str,
    notice: Option<Notice>,
    keys: &'static [Key],
    /// Where a reply goes: the newest sender, else the service's own number.
    reply_to: String,
}

/// The whole page. An unknown handset shows the first one.
pub(super) fn render(
    state: &DemoState,
    chosen: usize,
    typed: &str,
    notice: Option<Notice>,
) -> Result<String, askama::Error> {
    let none = PhoneView::default();
    let chosen = if chosen < state.phones.len() {
        chosen
    } else {
        0
    };
    let phone = state.phones.get(chosen).unwrap_or(&none);
    let newest = phone.inbox.first().map(|sms| sms.from.clone());
    let reply_to = newest.unwrap_or_else(|| phone.short_code.clone());
    DemoPage {
        state,
        chosen,
        phone,
        typed,
        notice,
        keys: &KEYS,
        reply_to,
    }
    .render()
}

/// The mark beside a status word; read aloud it says nothing, the word does.
fn mark(status: Status) -> &'static str {
    match status {
        Status::Held => "●○○",
        Status::Carried => "●●○",
        Status::Accepted | Status::Effective => "●●●",
        Status::Rejected => "×",
        Status::Conflict => "◆",
        Status::Withdrawn => "–",
    }
}
