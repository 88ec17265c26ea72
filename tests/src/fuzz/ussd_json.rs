//! Requests of HTTP gateways in every shipped dialect, their answers, and descriptions of dialects.

use channels_core::http_body::reading::Body;
use channels_core::http_body::{BODY_OCTETS_MAX, BadDescription, Encoding, Refused};
use channels_core::ussd_json::memory::{Memory, SESSIONS_MAX};
use channels_core::ussd_json::{Account, Asked, Dialect};
use channels_core::{LinkName, UssdOp};

use super::Reached;

/// Requests sent one after the other are parted by this octet, which JSON writes escaped.
const BETWEEN: u8 = b'\n';

/// Every dialect, every place in a session, every reason to refuse, a description either way.
pub(super) const REACHES: &[&str] = &[
    "sendexa",
    "oltranz",
    "ideamart",
    "hollatags",
    "begin",
    "continue",
    "abort",
    "retry",
    "taken",
    "refused: too large",
    "refused: no json",
    "refused: no form",
    "refused: missing",
    "refused: doubled",
    "refused: too long",
    "refused: wrong form",
    "description",
    "description: too large",
    "description: unreadable",
    "description: contradiction",
];

/// The form chooses a dialect; 4 reads a description, 5 the answer to a posted screen.
pub(super) fn run(form: u8, octets: &[u8], reached: &mut Reached) {
    match form % 6 {
        4 => describe(octets, reached),
        5 => {
            let ideamart = Dialect::named("ideamart").expect("a shipped dialect");
            if ideamart.was_taken(octets) {
                reached.insert("taken");
            }
        }
        form => {
            let dialect = Dialect::shipped().nth(usize::from(form));
            conversation(&dialect.expect("a shipped dialect"), octets, reached);
        }
    }
}

fn describe(octets: &[u8], reached: &mut Reached) {
    let Ok(text) = core::str::from_utf8(octets) else {
        return;
    };
    reached.insert(match Dialect::parse(text) {
        Ok(dialect) => {
            // Whatever is accepted must be usable on any request.
            if let Ok(asked) = dialect.read(octets) {
                answer(&dialect, &asked);
            }
            "description"
        }
        Err(BadDescription::TooLarge { .. }) => "description: too large",
        Err(BadDescription::Unreadable(_)) => "description: unreadable",
        Err(BadDescription::Contradiction(_)) => "description: contradiction",
    });
}

fn conversation(dialect: &Dialect, octets: &[u8], reached: &mut Reached) {
    let link = LinkName("gateway".to_owned());
    let mut memory = Memory::new(link, (160, 0), "nonce".to_owned());
    // A body over the limit is one request, so that its size is seen.
    let parts: Vec<&[u8]> = if octets.len() > BODY_OCTETS_MAX {
        vec![octets]
    } else {
        octets.split(|octet| *octet == BETWEEN).take(64).collect()
    };
    for request in parts {
        match dialect.read(request) {
            Ok(asked) => {
                step(dialect, &asked, &mut memory, reached);
                reached.insert(match dialect.name.as_str() {
                    "sendexa" => "sendexa",
                    "oltranz" => "oltranz",
                    "ideamart" => "ideamart",
                    _ => "hollatags",
                });
            }
            Err(refused) => refuse(&refused, reached),
        }
        assert!(memory.len() <= SESSIONS_MAX, "too many sessions");
    }
}

fn step(dialect: &Dialect, asked: &Asked, memory: &mut Memory, reached: &mut Reached) {
    let (first, _) = memory.step(dialect, asked);
    assert!(first.op == UssdOp::Abort || first.step.is_some());
    reached.insert(match first.op {
        UssdOp::Begin => "begin",
        UssdOp::Continue => "continue",
        UssdOp::Abort => "abort",
    });
    // Nothing was written yet, so the same request is the same step.
    let (again, pending) = memory.step(dialect, asked);
    assert!(again == first, "a repeat is another step");
    reached.insert("retry");
    memory.answered(&pending, true);
    answer(dialect, asked);
}

/// What we write is an object that holds the screen.
fn answer(dialect: &Dialect, asked: &Asked) {
    for end in [false, true] {
        let screen = "1 Yes\n2 No";
        let written = dialect
            .push(asked, &Account::default(), (screen, end))
            .unwrap_or_else(|| dialect.answer(asked, screen, end));
        // A request that is given back may be as long as a body may be, and grows.
        if written.len() <= BODY_OCTETS_MAX {
            let read = Body::parse(Encoding::Json, written.as_bytes());
            assert!(matches!(read, Ok(Body::Json(_))), "no object is written");
        }
    }
}

fn refuse(refused: &Refused, reached: &mut Reached) {
    reached.insert(match refused {
        Refused::TooLarge { .. } => "refused: too large",
        Refused::NotJson { .. } => "refused: no json",
        Refused::NotForm(_) => "refused: no form",
        Refused::Missing(_) => "refused: missing",
        Refused::Doubled(_) => "refused: doubled",
        Refused::TooLong(_) => "refused: too long",
        Refused::WrongForm(_) => "refused: wrong form",
    });
}
