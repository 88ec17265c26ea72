//! Where a settings file is wrong, and which known word was probably meant.

use core::fmt;

/// Most letters that a word may differ by to be proposed.
const DISTANCE_MAX: usize = 3;

/// Why settings were refused; surfaces at start and in `settings-check`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SettingsError {
    /// Line, from 1.
    pub line: usize,
    /// Dotted key, such as `node.country`; empty when the file is not TOML.
    pub key: String,
    /// The known key or value that comes nearest, if one does.
    pub nearest: Option<String>,
    /// What is wrong.
    pub reason: String,
}

impl std::error::Error for SettingsError {}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key.as_str() {
            "" => write!(f, "{}", self.reason),
            key => write!(f, "`{key}` {}", self.reason),
        }
    }
}

impl SettingsError {
    /// What to do about it, one line.
    pub fn hint(&self) -> String {
        match &self.nearest {
            Some(word) => format!("did you mean `{word}`?"),
            None => "run `outpost-firmware settings-template` to see every setting".to_owned(),
        }
    }

    /// A value that is out of range.
    pub(super) fn value(text: &str, key: &str, reason: &str) -> Self {
        let (line, key) = (line_of(text, key), key.to_owned());
        Self {
            line,
            key,
            nearest: None,
            reason: reason.to_owned(),
        }
    }

    /// What the TOML reader found.
    pub(super) fn of_toml(text: &str, error: &toml::de::Error) -> Self {
        let offset = error.span().map_or(0, |span| span.start);
        let line = text
            .bytes()
            .take(offset)
            .filter(|byte| *byte == b'\n')
            .count()
            + 1;
        let message = error.message().replace('\n', " ");
        let mut quoted = message.split('`').skip(1).step_by(2);
        let unknown = message.starts_with("unknown ");
        let (wrong, known) = if unknown {
            (
                quoted.next().unwrap_or_default(),
                quoted.collect::<Vec<_>>(),
            )
        } else {
            ("", Vec::new())
        };
        let key = match (key_at(text, line), message.starts_with("unknown field")) {
            (key, true) if last(&key) != wrong => join(&key, wrong),
            (key, _) => key,
        };
        let nearest = if message.contains("expected a sequence") {
            Some(format!("[[{key}]]"))
        } else {
            nearest(wrong, &known)
        };
        Self {
            line,
            key,
            nearest,
            reason: plain(&message, unknown),
        }
    }
}

fn plain(message: &str, unknown: bool) -> String {
    if !unknown {
        return format!("cannot be read: {message}");
    }
    let what = if message.starts_with("unknown field") {
        "no setting"
    } else {
        "no such value"
    };
    match message.split_once(", ") {
        Some((_, expected)) => format!("is {what}: {expected}"),
        None => format!("is {what}"),
    }
}

/// The dotted key on this line, sections included.
fn key_at(text: &str, line: usize) -> String {
    let mut section = String::new();
    for (at, row) in text.lines().enumerate() {
        let row = row.trim();
        let header = row.starts_with('[');
        if header {
            row.trim_matches(['[', ']', ' ']).clone_into(&mut section);
        }
        if at + 1 == line {
            return match row.split_once('=') {
                Some((key, _)) if !header => join(&section, key.trim()),
                _ => section,
            };
        }
    }
    section
}

/// The first line with this dotted key, else that of its section, else 1.
fn line_of(text: &str, key: &str) -> usize {
    let count = text.lines().count();
    let same = |line: &usize| key_at(text, *line) == key;
    let within = |line: &usize| {
        let at = key_at(text, *line);
        !at.is_empty() && key.starts_with(&at)
    };
    (1..=count)
        .find(same)
        .or_else(|| (1..=count).find(within))
        .unwrap_or(1)
}

fn join(section: &str, key: &str) -> String {
    if section.is_empty() {
        key.to_owned()
    } else {
        format!("{section}.{key}")
    }
}

fn last(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or_default()
}

/// The known word with the fewest changed letters.
fn nearest(wrong: &str, known: &[&str]) -> Option<String> {
    let near = known
        .iter()
        .map(|word| (distance(wrong, word), *word))
        .min()?;
    (near.0 <= DISTANCE_MAX).then(|| near.1.to_owned())
}

/// Levenshtein's distance: insertions, deletions and changes of one letter.
fn distance(one: &str, two: &str) -> usize {
    let two: Vec<char> = two.chars().collect();
    let mut row: Vec<usize> = (0..=two.len()).collect();
    for (at, letter) in one.chars().enumerate() {
        let mut next = vec![at + 1];
        for (place, other) in two.iter().enumerate() {
            let cell = |cells: &[usize], place: usize| cells.get(place).copied().unwrap_or(0);
            let change = cell(&row, place) + usize::from(letter != *other);
            let shift = cell(&row, place + 1).min(cell(&next, place)) + 1;
            next.push(change.min(shift));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}
