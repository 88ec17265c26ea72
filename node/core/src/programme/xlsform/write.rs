//! Writes a draft as the files of a programme.

use std::fmt::Write;

use super::convert::{Choice, Draft, Item, What};
use super::expression::quoted;
use crate::programme::{SERVICE_FILE, Source};
use crate::text::Texts;

/// Number of an imported programme on the home menu; its designer chooses another.
const NUMBER: u8 = 91;
/// Rounds of an imported loop.
const ROUNDS: u8 = 5;
/// The longest value of a text, a number or a date on a screen.
const LONGEST_TEXT: &str = "some words of an answer that is long";

pub(super) fn source(draft: &Draft) -> Source {
    let mut source = Source {
        folder: draft.code.clone(),
        ..Source::default()
    }
    .with(SERVICE_FILE, service(draft));
    for (language, _) in &draft.languages {
        source = source.with(&format!("texts/{language}.ftl"), texts(draft, language));
    }
    source
}

fn service(draft: &Draft) -> String {
    let mut out = String::new();
    let languages: Vec<String> = draft
        .languages
        .iter()
        .map(|(code, name)| {
            format!(
                "  {{ code = {}, name = {}, bearers = [\"ussd\", \"sms\"], words = [{}] }},\n",
                quoted(code),
                quoted(name),
                quoted(&draft.code)
            )
        })
        .collect();
    let saved = draft
        .items
        .iter()
        .filter(|item| !matches!(item.what, What::Note | What::Begin(_) | What::End));
    let fields: Vec<String> = saved
        .map(|item| {
            format!(
                "  {{ name = {}, longest = {} }},\n",
                quoted(&item.name),
                quoted(&longest(item))
            )
        })
        .collect();
    // Writing to a string cannot fail.
    let _written = write!(
        out,
        "# Made from an XLSForm; read it, then run `outpost service check`.\n\
         code = {code}\nversion = {version}\nnumber = {NUMBER}\ntitle = \"title\"\n\
         schemas = [\n  {{ name = \"person\", number = 1 }},\n  {{ name = \"registration\", number = 2 }},\n  \
         {{ name = \"consent\", number = 3 }},\n]\n\
         agreement = {{ code = {agreement}, revision = 1, text = \"title\", answer = \"consent\" }}\n\
         timing = {{ session_s = 120, person_s = 120, screens_max = 60, sessions_max = 9 }}\n\
         languages = [\n{languages}]\nfields = [\n{fields}]\nvalues = []\n\n\
         [[dialogues]]\ncode = \"form\"\naudience = [\"health_worker\"]\nstart = {start}\n",
        code = quoted(&draft.code),
        version = draft.version.max(1),
        agreement = quoted(&format!("{}/use", draft.code)),
        languages = languages.concat(),
        fields = fields.concat(),
        start = quoted(&draft.items.first().map_or_else(|| END.to_owned(), code)),
    );
    let mut loops: Vec<&Item> = Vec::new();
    for (index, item) in draft.items.iter().enumerate() {
        let next = following(draft, index, loops.last().copied());
        match &item.what {
            What::Begin(count) => {
                loops.push(item);
                repeat(&mut out, draft, (index, item), count);
            }
            What::End => {
                loops.pop();
            }
            _ => block(&mut out, item, &next),
        }
    }
    let _written = write!(
        out,
        "\n[[dialogues.blocks]]\nkind = \"message\"\ncode = \"{END}\"\ntext = \"{END}\"\n"
    );
    out
}

/// Code and text key of the last screen.
const END: &str = "the-end";

fn code(item: &Item) -> String {
    item.name.replace('_', "-")
}

/// The block behind an item; behind the last of a loop, the loop.
fn following(draft: &Draft, index: usize, inside: Option<&Item>) -> String {
    match draft.items.get(index.saturating_add(1)) {
        Some(next) if matches!(next.what, What::End) => {
            inside.map_or_else(|| following(draft, index.saturating_add(1), None), code)
        }
        Some(next) => code(next),
        None => END.to_owned(),
    }
}

fn repeat(out: &mut String, draft: &Draft, (index, item): (usize, &Item), count: &str) {
    let rest = draft.items.iter().enumerate().skip(index);
    let end = rest
        .filter(|(_, other)| matches!(other.what, What::End))
        .map(|(place, _)| place)
        .next();
    let next = end.map_or_else(|| END.to_owned(), |end| following(draft, end, None));
    let first = following(draft, index, Some(item));
    let _written = write!(
        out,
        "\n[[dialogues.blocks]]\nkind = \"repeat\"\ncode = {}\ncount = {}\nmax = {ROUNDS}\nfirst = {}\nnext = {}\n",
        quoted(&code(item)),
        quoted(count),
        quoted(&first),
        quoted(&next)
    );
}

fn block(out: &mut String, item: &Item, next: &str) {
    let code = code(item);
    let when = item
        .when
        .as_ref()
        .map_or_else(String::new, |when| format!(", when = {when}"));
    let ask = format!(
        "ask = {{ text = {}, saves = {}, next = {}, pages = 3{when} }}\n",
        quoted(&code),
        quoted(&item.name),
        quoted(next)
    );
    let (kind, rest) = match &item.what {
        What::Note => (
            "message",
            format!("text = {}\nnext = {}\n", quoted(&code), quoted(next)),
        ),
        What::Text => ("open", format!("{ask}rule = \"text\"\nmax = 100\n")),
        What::Number { min, max, decimals } => (
            "numeric",
            format!("{ask}min = {min}\nmax = {max}\ndecimals = {decimals}\n"),
        ),
        What::Date => ("date", format!("{ask}years_min = 0\nyears_max = 120\n")),
        What::One(choices) => ("select_one", format!("{ask}{}", listed(&code, choices))),
        What::Many(choices) => ("select_many", format!("{ask}{}", listed(&code, choices))),
        What::Calculated(formula) => (
            "calculate",
            format!(
                "saves = {}\nvalue = {formula}\nnext = {}\n",
                quoted(&item.name),
                quoted(next)
            ),
        ),
        What::Begin(_) | What::End => return,
    };
    let _written = write!(
        out,
        "\n[[dialogues.blocks]]\nkind = \"{kind}\"\ncode = {}\n{rest}",
        quoted(&code)
    );
}

fn listed(block: &str, choices: &[Choice]) -> String {
    let lines = choices.iter().enumerate().map(|(index, (code, _))| {
        format!(
            "  {{ code = {}, text = {} }},\n",
            quoted(code),
            quoted(&choice_key(block, index))
        )
    });
    format!("choices = [\n{}]\n", lines.collect::<String>())
}

fn choice_key(block: &str, index: usize) -> String {
    format!("{block}-choice-{}", index.saturating_add(1))
}

/// The longest value that a screen may have to show.
fn longest(item: &Item) -> String {
    let labels = |choices: &[Choice]| {
        let all = choices.iter().flat_map(|(_, labels)| labels.values());
        all.max_by_key(|label| label.chars().count())
            .cloned()
            .unwrap_or_default()
    };
    match &item.what {
        What::Number { max, .. } => format!("{max}.99"),
        What::Date => "30 Meskerem 2026".to_owned(),
        What::One(choices) | What::Many(choices) => labels(choices),
        _ => LONGEST_TEXT.to_owned(),
    }
}

fn texts(draft: &Draft, language: &str) -> String {
    let bye = Texts::shipped().map(|texts| texts.plain(language, "home-bye"));
    let mut out = String::from("# Made from an XLSForm. Not yet read by a native speaker.\n");
    let mut add = |key: &str, text: &str| {
        let _written = writeln!(out, "{key} = {}", fluent(draft, text));
    };
    add("title", &draft.title);
    for item in &draft.items {
        if matches!(item.what, What::Calculated(_) | What::Begin(_) | What::End) {
            continue;
        }
        let code = code(item);
        add(&code, item.label.get(language).map_or("", String::as_str));
        if let What::One(choices) | What::Many(choices) = &item.what {
            for (index, (_, labels)) in choices.iter().enumerate() {
                add(
                    &choice_key(&code, index),
                    labels.get(language).map_or("", String::as_str),
                );
            }
        }
    }
    add(END, &bye.unwrap_or_default());
    out
}

/// A label as a Fluent text: `${name}` becomes a parameter, lines are joined, signs are plain.
fn fluent(draft: &Draft, label: &str) -> String {
    let mut text = label.split_whitespace().collect::<Vec<_>>().join(" ");
    for item in &draft.items {
        text = text.replace(
            &format!("${{{}}}", item.name),
            &format!("\u{1}{}\u{2}", item.name),
        );
    }
    let text = text.replace(['{', '}', '$'], "");
    let text = text.replace('\u{1}', "{ $").replace('\u{2}', " }");
    if text.is_empty() {
        return "-".to_owned();
    }
    text
}
