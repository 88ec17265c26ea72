//! Recognises screens and refusals by their texts, as a person does: nothing but what is shown.

use std::collections::BTreeMap;

use node_core::programme::block::{Block, Rule};
use node_core::programme::{Programme, Programmes, Source};
use node_core::text::Catalogue;

/// Languages whose screens are recognised.
const LANGUAGES: [&str; 3] = ["en", "fr", "sw"];
/// A mark that stands for each parameter of a text.
const MARK: &str = "\u{1}";

/// What a screen asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Asks {
    /// One of the numbers shown, or nothing.
    Choice,
    /// A name.
    Name,
    /// A telephone number.
    Phone,
    /// A registration number.
    Number,
    /// How many.
    Count,
    /// A PIN, old or new.
    Pin,
    /// A code of another register.
    Identifier,
    /// A birth date of years ago.
    LongAgo,
    /// A birth date of days ago.
    Recent,
}

/// The screens and refusals of all programmes.
#[derive(Debug)]
pub(crate) struct Screens {
    /// First line, name (dialogue and block), what it asks for.
    known: Vec<(FirstLine, String, Asks)>,
    /// Beginning of the sentence, key.
    sentences: Vec<(String, &'static str)>,
    names: BTreeMap<String, Asks>,
}

const SENTENCES: [&str; 23] = [
    "refuse-pin",
    "refuse-ahead",
    "refuse-choice",
    "refuse-choices",
    "refuse-empty",
    "refuse-name",
    "refuse-text",
    "refuse-identifier",
    "refuse-phone",
    "refuse-number",
    "refuse-day",
    "refuse-year-or-day",
    "refuse-future",
    "refuse-old",
    "refuse-recent",
    "refuse-long",
    "refuse-page",
    "refuse-month-or-day",
    "refuse-any-date",
    "refuse-registration-number",
    "refuse-check-digit",
    "refuse-amount",
    "refuse-pin",
];

impl Screens {
    /// Everything that these programmes can show.
    pub(crate) fn of(programmes: &Programmes) -> Self {
        let mut screens = Self {
            known: Vec::new(),
            sentences: Vec::new(),
            names: BTreeMap::new(),
        };
        for language in LANGUAGES {
            let system = programmes
                .texts()
                .catalogue(language)
                .expect("a shipped language");
            for key in SENTENCES {
                screens
                    .sentences
                    .push((FirstLine::of(system, key).begin, key));
            }
            screens.known.push((
                FirstLine::of(system, "resume-question"),
                "resume".to_owned(),
                Asks::Choice,
            ));
            for key in ["prove-new", "prove-pin"] {
                let name = key.to_owned();
                screens
                    .known
                    .push((FirstLine::of(system, key), name.clone(), Asks::Pin));
                screens.names.insert(name, Asks::Pin);
            }
            for programme in programmes.iter() {
                screens.add(programme, language);
            }
        }
        screens.names.insert("resume".to_owned(), Asks::Choice);
        // The longest line is the most exact one.
        screens
            .known
            .sort_by_key(|(line, _, _)| std::cmp::Reverse(line.len()));
        screens
    }

    fn add(&mut self, programme: &Programme, language: &str) {
        let mut sources = Source::shipped().into_iter();
        let source = sources.find(|source| source.folder == programme.code());
        let source = source.expect("a shipped programme lies in the folder of its code");
        let Some(texts) = source.files.get(&format!("texts/{language}.ftl")) else {
            return;
        };
        let catalogue = Catalogue::parse(language, texts).expect("the shipped texts are Fluent");
        for dialogue in &programme.definition().dialogues {
            for block in dialogue.blocks.iter().filter(|block| block.is_shown()) {
                let name = format!("{}/{}/{}", programme.code(), dialogue.code, block.code());
                let key = block.text_keys()[0];
                if catalogue.parameters(key).is_none() {
                    // Questions of the system before personal screens, which stand above.
                    continue;
                }
                self.known
                    .push((FirstLine::of(&catalogue, key), name.clone(), asks(block)));
                self.names.insert(name, asks(block));
            }
        }
    }

    /// Names of all screens.
    pub(crate) fn names(&self) -> impl Iterator<Item = &String> {
        self.names.keys()
    }

    /// Names of the screens that this text may be, and what it asks for. Dialogues share texts,
    /// such as the choice of a language.
    pub(crate) fn recognise(&self, text: &str) -> (Vec<&str>, Asks) {
        let lines: Vec<&str> = text.lines().collect();
        let found = self
            .known
            .iter()
            .find(|(line, _, _)| lines.iter().any(|shown| line.fits(shown)))
            .or_else(|| {
                let mut known = self.known.iter();
                known.find(|(line, _, _)| lines.iter().any(|shown| line.begins(shown)))
            });
        let Some((line, _, asks)) = found else {
            return (Vec::new(), Asks::Choice);
        };
        let same = self.known.iter().filter(|(other, _, _)| other == line);
        (same.map(|(_, name, _)| name.as_str()).collect(), *asks)
    }

    /// Key of the refusal that stands on this screen.
    pub(crate) fn refusal(&self, text: &str) -> Option<&'static str> {
        let first = text.lines().next()?;
        let fitting = self
            .sentences
            .iter()
            .filter(|(begin, _)| first.starts_with(begin));
        fitting
            .max_by_key(|(begin, _)| begin.len())
            .map(|(_, key)| *key)
    }
}

/// The first line of a text, cut at its parameters.
#[derive(Clone, PartialEq, Eq, Debug)]
struct FirstLine {
    /// Up to the first parameter.
    begin: String,
    /// What stands between and behind parameters.
    rest: Vec<String>,
}

impl FirstLine {
    fn of(catalogue: &Catalogue, key: &str) -> Self {
        let parameters = catalogue
            .parameters(key)
            .unwrap_or_else(|| panic!("{key} has no text"));
        let marks = parameters
            .iter()
            .map(|name| (name.clone(), MARK.to_owned()))
            .collect();
        let text = catalogue.text(key, &marks).expect("the text exists");
        let line = text.lines().next().unwrap_or("");
        let mut pieces = line.split(MARK).map(str::to_owned);
        let begin = pieces.next().unwrap_or_default();
        let rest = pieces.filter(|piece| !piece.trim().is_empty()).collect();
        Self { begin, rest }
    }

    fn len(&self) -> usize {
        self.begin.len() + self.rest.iter().map(String::len).sum::<usize>()
    }

    /// Whether a line on a screen is this one, with values for its parameters.
    fn fits(&self, shown: &str) -> bool {
        let Some(mut left) = shown.strip_prefix(&self.begin) else {
            return false;
        };
        let follows = |piece: &String| {
            let found = left.split_once(piece.as_str());
            left = found.map_or("", |(_, behind)| behind);
            found.is_some()
        };
        self.len() > 0 && self.rest.iter().all(follows)
    }

    /// Whether a line, which a page may have cut, begins like this one.
    fn begins(&self, shown: &str) -> bool {
        !self.begin.is_empty() && shown.starts_with(&self.begin)
    }
}

fn asks(block: &Block) -> Asks {
    match block {
        Block::Open(open) => match open.rule {
            Rule::Name | Rule::Text => Asks::Name,
            Rule::Phone => Asks::Phone,
            Rule::Identifier => Asks::Identifier,
            Rule::RegistrationNumber => Asks::Number,
        },
        Block::Date(date) if date.years_min > 0 => Asks::LongAgo,
        Block::Date(_) => Asks::Recent,
        Block::Numeric(_) => Asks::Count,
        _ => Asks::Choice,
    }
}
