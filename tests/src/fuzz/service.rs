//! What people write by hand: service definitions, their texts, and lists that a hub publishes.

use node_core::programme::{SERVICE_FILE, Source, compile};
use node_core::reference::file;
use node_core::schema;

use super::Reached;

/// Programmes that compile and that do not, lists that are published and that are not.
pub(super) const REACHES: &[&str] = &[
    "definition: a programme",
    "definition: findings with a line",
    "texts: a programme",
    "texts: findings",
    "list: published",
    "list: findings of its content",
    "list: findings of its form",
];

/// A service of two screens.
pub(super) const DEFINITION: &str = r#"
code = "hours"
version = 1
number = 90
title = "title"
schemas = [
  { name = "person", number = 1 },
  { name = "registration", number = 2 },
  { name = "consent", number = 3 },
]
agreement = { code = "hours/use", revision = 1, text = "title", answer = "consent" }
timing = { session_s = 120, person_s = 30, screens_max = 16, sessions_max = 2 }
languages = [
  { code = "en", name = "English", bearers = ["ussd", "http", "sms"], words = ["HOURS"] },
]
fields = [ { name = "day", longest = "Saturday or Sunday" } ]
values = []
[[dialogues]]
code = "ask"
audience = ["citizen", "health_worker"]
start = "day"
[[dialogues.blocks]]
kind = "select_one"
code = "day"
ask = { text = "day", saves = "day", zero = { text = "exit", next = "bye" } }
choices = [
  { code = "week", text = "weekday", next = "open" },
  { code = "weekend", text = "weekend", next = "bye" },
]
[[dialogues.blocks]]
kind = "message"
code = "open"
text = "open"
[[dialogues.blocks]]
kind = "message"
code = "bye"
text = "bye"
"#;

/// Its texts.
pub(super) const TEXTS: &str = "title = Clinic hours
day = On which day will you come?
weekday = Monday to Friday
weekend = Saturday or Sunday
exit = Exit
open = The clinic is open from 8 to 4.
bye = Thank you. Goodbye.
";

/// The form chooses the file that the text is.
pub(super) fn run(form: u8, octets: &[u8], reached: &mut Reached) {
    let text = String::from_utf8_lossy(octets);
    match form % 3 {
        0 => definition(&text, TEXTS, reached),
        1 => texts(&text, reached),
        _ => list(&text, reached),
    }
}

fn source(definition: &str, texts: &str) -> Source {
    Source::default()
        .with(SERVICE_FILE, definition)
        .with("texts/en.ftl", texts)
        .with_places(Source::shipped_places())
}

fn definition(text: &str, texts: &str, reached: &mut Reached) {
    match compile(&source(text, texts)) {
        Ok(programme) => {
            assert!(
                !programme.languages().is_empty(),
                "a service in no language"
            );
            reached.insert("definition: a programme");
        }
        Err(findings) => {
            assert!(!findings.is_empty(), "refused without a reason");
            let explained = |fix: &str, message: &str| !fix.is_empty() && !message.is_empty();
            for finding in &findings {
                assert!(explained(&finding.fix, &finding.message), "{finding:?}");
            }
            if findings.iter().any(|finding| finding.line.is_some()) {
                reached.insert("definition: findings with a line");
            }
        }
    }
}

fn texts(text: &str, reached: &mut Reached) {
    let compiled = compile(&source(DEFINITION, text)).is_ok();
    reached.insert(if compiled {
        "texts: a programme"
    } else {
        "texts: findings"
    });
}

fn list(text: &str, reached: &mut Reached) {
    let Ok(file) = file::read(text) else {
        reached.insert("list: findings of its form");
        return;
    };
    let findings = file.list.check();
    if !findings.is_empty() {
        reached.insert("list: findings of its content");
        return;
    }
    let parts = file.list.parts(1).expect("a checked list is published");
    for part in &parts {
        let body = part.encode().expect("a part that fits an entry");
        assert!(body.len() <= node_core::fact::FACT_BYTES_MAX);
        assert_ne!(schema::of(part), 0);
    }
    reached.insert("list: published");
}
