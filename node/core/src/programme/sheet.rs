//! The screen sheet of a programme: every screen as a person sees it, to be read on paper.
//!
//! One page a language in Markdown. Names and numbers are the longest that the definition allows,
//! as the check measures them. It is made from the compiled programme, so it never says anything
//! that a phone would not show.

use std::fmt::Write;

use super::block::Block;
use super::{Programme, fit, graph};
use crate::dialogue::page;
use crate::dialogue::screen::{Kept, Situation, View};
use crate::text::Texts;

/// The sheet in one language.
pub(super) fn sheet(programme: &Programme, texts: &Texts, language: &str) -> String {
    let values = fit::longest_values(programme);
    let layout = programme.layout(language);
    let mut out = String::new();
    let title = programme.title(language);
    let unit = match layout {
        Some(layout) if layout.ucs2 => "UCS-2 units",
        _ => "septets",
    };
    let max = layout.map_or(0, |layout| layout.max);
    let head = format!(
        "# {title}\n\nScreens of `{}` version {}, language `{language}`: pages of at most {max} {unit}. \
         Values are the longest that may stand there.\n",
        programme.code(),
        programme.version()
    );
    out.push_str(&head);
    for dialogue in &programme.definition().dialogues {
        let view = View {
            programme,
            dialogue,
            texts,
            language,
            kept: Kept {
                values: &values,
                ..Kept::NOTHING
            },
        };
        let audience: Vec<String> = dialogue.audience.iter().map(|one| one.word()).collect();
        // Writing to a string cannot fail.
        let _written = write!(
            out,
            "\n## Dialogue {}\n\nFor: {}\n",
            dialogue.code,
            audience.join(", ")
        );
        let first = graph::first_screens(dialogue);
        for block in dialogue.blocks.iter().filter(|block| block.is_shown()) {
            screen(&mut out, &view, block, first.contains(block.code()));
        }
    }
    out
}

fn screen(out: &mut String, view: &View<'_>, block: &Block, is_first: bool) {
    let Some(layout) = view.programme.layout(view.language) else {
        return;
    };
    let situation = Situation {
        values: view.kept.values,
        clock_known: true,
        goes_back: !is_first,
    };
    let pages = page::pages(&view.parts(block, situation), layout);
    let _written = write!(out, "\n### {}\n", block.code());
    for text in pages {
        let _written = write!(out, "\n```text\n{text}\n```\n");
    }
}
