//! What is wrong with a programme, where, and what to do about it.

use core::fmt;

/// One thing that keeps a programme from being offered to people.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Finding {
    /// The file, relative to the programme's folder.
    pub file: String,
    /// Line of the file, from 1, where it is known.
    pub line: Option<usize>,
    /// The line (`line 12`), or the key or block (`dialogue register, block menu`).
    pub place: String,
    /// The language, where the finding is about one.
    pub language: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub fix: String,
}

impl Finding {
    /// A finding that concerns no language.
    pub(crate) fn new(
        file: &str,
        place: impl Into<String>,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            file: file.to_owned(),
            line: None,
            place: place.into(),
            language: None,
            message: message.into(),
            fix: fix.into(),
        }
    }

    /// The same finding for one language.
    #[must_use]
    pub(crate) fn in_language(mut self, language: &str) -> Self {
        self.language = Some(language.to_owned());
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ", {}", self.place)?;
        if let Some(language) = &self.language {
            write!(f, " [{language}]")?;
        }
        write!(f, ": {}\nhint: {}", self.message, self.fix)
    }
}
