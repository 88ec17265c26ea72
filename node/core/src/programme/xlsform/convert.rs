//! From the rows of a form to a draft: questions in order, choices, languages, and remarks.

use std::collections::{BTreeMap, BTreeSet};

use super::{Form, Remark, Row, expression};

/// Longest title that a home menu shows, in characters; a longer one is cut.
const TITLE_CHARS: usize = 30;

/// A programme in the making.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    pub(super) code: String,
    pub(super) version: u32,
    pub(super) title: String,
    /// Languages, the first being the default, with their own names.
    pub(super) languages: Vec<(String, String)>,
    pub(super) items: Vec<Item>,
    pub(super) remarks: Vec<Remark>,
}

/// A question, a note, or the edge of a repeat.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// Name of the answer.
    pub(super) name: String,
    /// Label by language.
    pub(super) label: BTreeMap<String, String>,
    pub(super) what: What,
    /// Its condition as TOML.
    pub(super) when: Option<String>,
}

/// Code of a choice, and its label by language.
pub(super) type Choice = (String, BTreeMap<String, String>);

/// What is asked or done.
#[derive(Clone, Debug)]
pub(super) enum What {
    Note,
    Text,
    Number {
        min: u32,
        max: u32,
        decimals: u8,
    },
    Date,
    /// Codes and labels by language.
    One(Vec<Choice>),
    Many(Vec<Choice>),
    /// A formula as TOML.
    Calculated(String),
    /// A loop over the rounds that an answer counts.
    Begin(String),
    End,
}

struct Reader<'a> {
    form: &'a Form,
    draft: Draft,
    /// Name of the answer by name of the question.
    names: BTreeMap<String, String>,
    /// Conditions of the groups that are open.
    groups: Vec<Option<String>>,
    /// Whether each open repeat became a loop.
    repeats: Vec<bool>,
}

pub(super) fn convert(form: &Form, code: &str) -> Draft {
    let settings = form.settings.first().cloned().unwrap_or_default();
    let mut reader = Reader {
        form,
        draft: Draft {
            code: code.to_owned(),
            version: settings.cell("version").parse().unwrap_or(1),
            title: settings
                .cell("form_title")
                .chars()
                .take(TITLE_CHARS)
                .collect(),
            languages: languages(form, settings.cell("default_language")),
            ..Draft::default()
        },
        names: BTreeMap::new(),
        groups: Vec::new(),
        repeats: Vec::new(),
    };
    if reader.draft.title.is_empty() {
        code.clone_into(&mut reader.draft.title);
    }
    for row in &form.survey {
        reader.row(row);
    }
    reader.draft
}

/// Languages of the labels; the default first.
fn languages(form: &Form, default: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let rows = form.survey.iter().chain(&form.choices);
    for header in rows.flat_map(|row| row.cells.keys()) {
        if let Some(language) = language_of(header)
            && !found.contains(&language)
        {
            found.push(language);
        }
    }
    if found.is_empty() {
        found.push(("en".to_owned(), "English".to_owned()));
    }
    found
        .sort_by_key(|(code, name)| (!default.contains(name.as_str()), code != "en", code.clone()));
    found
}

/// Code and name in `label::English (en)`.
fn language_of(header: &str) -> Option<(String, String)> {
    let (name, code) = header.strip_prefix("label::")?.trim().split_once('(')?;
    let code = code.trim().strip_suffix(')')?.trim().to_lowercase();
    let good = (2..=8).contains(&code.len())
        && code.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    good.then(|| (code, name.trim().to_owned()))
}

/// Small letters, digits and underlines, a letter first.
pub(super) fn name_of(text: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '_'
        }
    };
    let name: String = text.chars().map(plain).collect();
    if name.starts_with(|c: char| c.is_ascii_lowercase()) {
        name
    } else {
        format!("q{name}")
    }
}

impl Reader<'_> {
    fn remark(&mut self, sheet: &'static str, row: usize, text: impl Into<String>) {
        let text = text.into();
        self.draft.remarks.push(Remark { sheet, row, text });
    }

    fn row(&mut self, row: &Row) {
        let kind = row.cell("type").to_owned();
        let mut words = kind.split_whitespace();
        let what = match (words.next().unwrap_or(""), words.next().unwrap_or("")) {
            ("", _) => return,
            ("begin", "group") | ("begin_group", _) => {
                let when = self.when(row);
                self.groups.push(when);
                return;
            }
            ("end", "group") | ("end_group", _) => {
                self.groups.pop();
                return;
            }
            ("begin", "repeat") | ("begin_repeat", _) => return self.begin(row),
            ("end", "repeat") | ("end_repeat", _) => {
                if self.repeats.pop() == Some(true) {
                    self.push(row, What::End);
                }
                return;
            }
            ("note", _) => Some(What::Note),
            ("text", _) => Some(What::Text),
            ("date", _) => Some(What::Date),
            ("integer", _) => Some(self.number(row, 0)),
            ("decimal", _) => Some(self.number(row, 2)),
            ("select_one", list) => self.choices(row, list).map(What::One),
            ("select_multiple", list) => self.choices(row, list).map(What::Many),
            ("calculate", _) => self.calculated(row),
            ("start" | "end" | "today" | "deviceid" | "phonenumber" | "username" | "audit", _) => {
                self.remark(
                    "survey",
                    row.number,
                    format!("{kind} is left out: every entry carries it"),
                );
                None
            }
            _ => {
                self.remark(
                    "survey",
                    row.number,
                    format!("{kind} cannot be asked on a keypad and is left out"),
                );
                None
            }
        };
        if let Some(what) = what {
            self.push(row, what);
        }
    }

    fn push(&mut self, row: &Row, what: What) {
        let own = row.cell("name").to_owned();
        let mut name = name_of(&own);
        let taken: BTreeSet<&String> = self.names.values().collect();
        if matches!(what, What::End | What::Begin(_)) {
            name = format!("{name}_{}", row.number);
        } else if taken.contains(&name) {
            name = format!("{name}_{}", row.number);
            self.remark(
                "survey",
                row.number,
                format!("{own} stands twice; this one is {name}"),
            );
        }
        let own_when = self.when(row);
        let conditions: Vec<String> = self
            .groups
            .iter()
            .flatten()
            .cloned()
            .chain(own_when)
            .collect();
        let when = match conditions.as_slice() {
            [] => None,
            [only] => Some(only.clone()),
            all => Some(format!("{{ all = [{}] }}", all.join(", "))),
        };
        if when.is_some() && matches!(what, What::Note | What::Calculated(_) | What::Begin(_)) {
            let text = "its condition is left out: only questions have one; use a `case` block";
            self.remark("survey", row.number, text);
        }
        let label = self.label("survey", row);
        self.names.insert(own, name.clone());
        for column in [
            "hint",
            "constraint_message",
            "choice_filter",
            "default",
            "media::image",
        ] {
            if !row.cell(column).is_empty() {
                self.remark("survey", row.number, format!("{column} is left out"));
            }
        }
        self.draft.items.push(Item {
            name,
            label,
            what,
            when,
        });
    }

    /// The label in each language; the first one's where a translation is missing.
    fn label(&mut self, sheet: &'static str, row: &Row) -> BTreeMap<String, String> {
        let plain = row.cell("label").to_owned();
        let mut labels = BTreeMap::new();
        for (code, name) in self.draft.languages.clone() {
            let header = format!("label::{name} ({code})");
            let own = row.cell(&header).to_owned();
            let text = if own.is_empty() { plain.clone() } else { own };
            labels.insert(code, text);
        }
        let first = labels.values().find(|text| !text.is_empty()).cloned();
        let first = first.unwrap_or_else(|| row.cell("name").to_owned());
        let mut missing = Vec::new();
        for (code, text) in &mut labels {
            if text.is_empty() {
                text.clone_from(&first);
                missing.push(code.clone());
            }
        }
        let shown =
            !matches!(row.cell("type"), "calculate") && !row.cell("type").starts_with("end");
        if shown && !missing.is_empty() && !row.cell("type").starts_with("begin") {
            self.remark(
                sheet,
                row.number,
                format!("no label in {}", missing.join(", ")),
            );
        }
        labels
    }

    fn known(&self, question: &str) -> Option<String> {
        self.names.get(question).cloned()
    }

    fn when(&mut self, row: &Row) -> Option<String> {
        let text = row.cell("relevant").to_owned();
        if text.is_empty() {
            return None;
        }
        let condition = expression::condition(&text, &|question| self.known(question));
        if condition.is_none() {
            self.remark(
                "survey",
                row.number,
                format!("relevant is left out, write it by hand: {text}"),
            );
        }
        condition
    }

    fn number(&mut self, row: &Row, decimals: u8) -> What {
        let text = row.cell("constraint").to_owned();
        let range = if text.is_empty() {
            Some((None, None))
        } else {
            expression::range(&text)
        };
        if range.is_none() {
            self.remark(
                "survey",
                row.number,
                format!("constraint is left out, write it by hand: {text}"),
            );
        }
        let (min, max) = range.unwrap_or((None, None));
        What::Number {
            min: min.unwrap_or(0),
            max: max.unwrap_or(999_999),
            decimals,
        }
    }

    fn choices(&mut self, row: &Row, list: &str) -> Option<Vec<Choice>> {
        let form = self.form;
        let of_list =
            |choice: &&Row| choice.cell("list_name") == list || choice.cell("list name") == list;
        let rows: Vec<&Row> = form.choices.iter().filter(of_list).collect();
        if rows.is_empty() {
            self.remark(
                "survey",
                row.number,
                format!("the list {list} has no choices, the question is left out"),
            );
            return None;
        }
        let mut choices = Vec::new();
        for choice in rows {
            let label = self.label("choices", choice);
            choices.push((choice.cell("name").replace(' ', "-"), label));
        }
        Some(choices)
    }

    fn calculated(&mut self, row: &Row) -> Option<What> {
        let text = row.cell("calculation").to_owned();
        let formula = expression::sum(&text, &|question| self.known(question));
        let Some((is_sum, operands)) = formula else {
            self.remark(
                "survey",
                row.number,
                format!("calculation is left out, write it by hand: {text}"),
            );
            return None;
        };
        let operands: Vec<String> = operands
            .iter()
            .map(|name| expression::quoted(name))
            .collect();
        let key = if is_sum { "sum" } else { "difference" };
        Some(What::Calculated(format!(
            "{{ {key} = [{}] }}",
            operands.join(", ")
        )))
    }

    fn begin(&mut self, row: &Row) {
        let count = row.cell("repeat_count").to_owned();
        let name = expression::reference(&count).and_then(|question| self.known(question));
        let nested = self.repeats.iter().any(|is_loop| *is_loop);
        self.repeats.push(name.is_some() && !nested);
        match name {
            Some(name) if !nested => self.push(row, What::Begin(name)),
            _ => {
                let text = "the repeat is asked once: it has no repeat_count that names an answer, or lies in another";
                self.remark("survey", row.number, text);
            }
        }
    }
}
