//! Finds values in bytes, in every form in which software tends to write them.
//!
//! A value is searched as it stands and in lower case, as base64 at each of the three alignments,
//! as hex, URL-encoded, and as UTF-16. Values of fewer than [`VALUE_CHARS_MIN`] characters are not
//! searchable: a `1` or a year stands everywhere. Words and short digit strings count only where
//! no letter or digit touches them, so that `Grace` is not found in `Graceful`.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Shortest value that is searched for.
pub(crate) const VALUE_CHARS_MIN: usize = 5;
/// Digits from which a number is searched for within longer runs, too.
const NUMBER_DIGITS_MIN: usize = 9;
/// Bytes by which patterns are found; every form of every value is at least as long.
const KEY_BYTES: usize = 4;

/// The names of the forms, for counting in controls.
pub(crate) const FORMS: [&str; 7] = [
    "plain",
    "lower case",
    "base64",
    "hex",
    "URL form",
    "UTF-16 LE",
    "UTF-16 BE",
];

/// All forms of all values, indexed by their first bytes.
#[derive(Default)]
pub(crate) struct Search {
    patterns: BTreeMap<[u8; KEY_BYTES], Vec<Pattern>>,
    values: usize,
}

struct Pattern {
    bytes: Vec<u8>,
    /// Whether neighbours that are letters or digits make it another word.
    whole: bool,
    form: &'static str,
    /// Number of the value; a finding must not print what it found.
    value: usize,
}

/// A value that stands where it must not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Hit {
    /// Number of the value, in the order in which they were given.
    pub(crate) value: usize,
    /// In which form.
    pub(crate) form: &'static str,
    /// Where.
    pub(crate) offset: usize,
}

impl Search {
    /// Prepares the search for the values that are long enough.
    pub(crate) fn new(values: &[&str]) -> Self {
        let mut search = Self::default();
        for value in values
            .iter()
            .filter(|v| v.chars().count() >= VALUE_CHARS_MIN)
        {
            let number = search.values;
            let digits = value.bytes().all(|b| b.is_ascii_digit());
            let whole = !digits || value.len() < NUMBER_DIGITS_MIN;
            for (form, bytes) in forms(value) {
                // Letters and digits alone look the same in some forms: then the first counts.
                if form != "plain" && bytes == value.as_bytes() {
                    continue;
                }
                let whole = whole && matches!(form, "plain" | "lower case" | "URL form");
                search.add(Pattern {
                    bytes,
                    whole,
                    form,
                    value: number,
                });
            }
            search.values += 1;
        }
        search
    }

    /// How many values are searched for.
    pub(crate) fn values(&self) -> usize {
        self.values
    }

    fn add(&mut self, pattern: Pattern) {
        let key = pattern.bytes[..KEY_BYTES]
            .try_into()
            .expect("every form is long enough");
        self.patterns.entry(key).or_default().push(pattern);
    }

    /// Everything that stands in the bytes.
    pub(crate) fn hits(&self, haystack: &[u8]) -> Vec<Hit> {
        let mut hits = Vec::new();
        for (offset, window) in haystack.windows(KEY_BYTES).enumerate() {
            let key: [u8; KEY_BYTES] = window.try_into().expect("a window has its size");
            for pattern in self.patterns.get(&key).into_iter().flatten() {
                if pattern.stands(haystack, offset) {
                    hits.push(Hit {
                        value: pattern.value,
                        form: pattern.form,
                        offset,
                    });
                }
            }
        }
        hits
    }
}

impl Pattern {
    fn stands(&self, haystack: &[u8], offset: usize) -> bool {
        let end = offset + self.bytes.len();
        if !haystack[offset..].starts_with(&self.bytes) {
            return false;
        }
        let touches = |at: Option<usize>| {
            at.and_then(|at| haystack.get(at))
                .is_some_and(u8::is_ascii_alphanumeric)
        };
        !self.whole || !touches(offset.checked_sub(1)) && !touches(Some(end))
    }
}

/// A value in all forms.
pub(crate) fn forms(value: &str) -> Vec<(&'static str, Vec<u8>)> {
    let utf16 = |bytes: fn(u16) -> [u8; 2]| value.encode_utf16().flat_map(bytes).collect();
    let mut forms = vec![
        ("plain", value.as_bytes().to_vec()),
        ("lower case", value.to_lowercase().into_bytes()),
        ("hex", hex(value.as_bytes()).into_bytes()),
        ("hex", hex(value.as_bytes()).to_uppercase().into_bytes()),
        ("URL form", url(value).into_bytes()),
        ("UTF-16 LE", utf16(u16::to_le_bytes)),
        ("UTF-16 BE", utf16(u16::to_be_bytes)),
    ];
    forms.extend((0..3).map(|alignment| ("base64", base64(value.as_bytes(), alignment))));
    forms
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or_default();
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

/// Every byte but letters and digits as `%XX`.
fn url(value: &str) -> String {
    let byte = |byte: u8| match byte {
        b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    value.bytes().map(byte).collect()
}

/// The characters of the base64 text that depend on the value alone, when so many bytes precede.
fn base64(value: &[u8], before: usize) -> Vec<u8> {
    let mut bytes = vec![0; before];
    bytes.extend_from_slice(value);
    let text = STANDARD.encode(&bytes).into_bytes();
    let first = (before * 8).div_ceil(6);
    let last = bytes.len() * 8 / 6;
    text[first..last].to_vec()
}
