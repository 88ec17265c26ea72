//! Cuts a screen into pages that fit the smallest limit of a language's bearers.
//!
//! The cut depends on nothing but the screen, the language and, where that is narrower still, the
//! bearer (an own cell carries 128 septets). So a session that goes on over another bearer stands
//! at the same page, or on a narrow one near it. A character that the alphabet lacks (in a name) counts
//! as one: on a bearer that refuses UCS-2 it is shown as `?`.

use std::collections::VecDeque;

use channels_core::gsm7;

use crate::contact::BearerLimits;

/// Most pages of a screen; what does not fit on them is not shown.
pub(crate) const PAGES_MAX: usize = 40;

/// In which alphabet, and up to which length, screens of a language are cut.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Layout {
    /// Most septets or UTF-16 units of a page.
    pub max: usize,
    /// Whether the language itself needs UCS-2.
    pub ucs2: bool,
}

/// What stands on a screen, before it is cut.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct Parts {
    /// Lines of the text.
    pub text: Vec<String>,
    /// Numbered choices, digit included.
    pub choices: Vec<String>,
    /// The choice `0`, on the last page.
    pub zero: Option<String>,
    /// The key for going back, on every page but the first of a screen that begins.
    pub back: String,
    /// Whether the first page leads back, too.
    pub goes_back: bool,
    /// The key for the next page.
    pub more: String,
    /// Whether the last page leads on, too.
    pub goes_on: bool,
    /// A sentence and the page that it stands on.
    pub notice: Option<(String, usize)>,
}

/// Fewest septets or units of a bearer that pages are cut for; a narrower one is told so instead.
/// Footer, a sentence of refusal and one choice need about as many.
const PAGE_MIN: u16 = 50;

impl Layout {
    /// One SMS in the default alphabet.
    pub(crate) const ONE_SMS: Self = Self {
        max: 160,
        ucs2: false,
    };

    /// The same for a bearer that is narrower; pages are then cut for it alone.
    pub(crate) fn within(self, limits: BearerLimits) -> Self {
        let limit = if self.ucs2 { limits.ucs2 } else { limits.gsm7 };
        if limit < PAGE_MIN {
            return self;
        }
        Self {
            max: self.max.min(limit.into()),
            ..self
        }
    }

    /// Length of a text in the units of [`Self::max`].
    pub(crate) fn length(self, text: &str) -> usize {
        text.chars().map(|character| self.cost(character)).sum()
    }

    fn cost(self, character: char) -> usize {
        if self.ucs2 {
            return character.len_utf16();
        }
        let mut buffer = [0; 4];
        gsm7::septets(character.encode_utf8(&mut buffer)).unwrap_or(1)
    }

    fn joined(self, lines: &[&str]) -> usize {
        let breaks = lines.len().saturating_sub(1);
        lines
            .iter()
            .map(|line| self.length(line))
            .sum::<usize>()
            .saturating_add(breaks)
    }
}

/// The pages, at least one.
pub(crate) fn pages(parts: &Parts, layout: Layout) -> Vec<String> {
    let mut rest: VecDeque<String> = parts.text.iter().chain(&parts.choices).cloned().collect();
    let mut done = Vec::new();
    while done.len() < PAGES_MAX {
        if let Some((sentence, page)) = &parts.notice
            && *page == done.len()
        {
            rest.push_front(sentence.clone());
        }
        let goes_back = parts.goes_back || !done.is_empty();
        let back = goes_back.then_some(parts.back.as_str());
        let footer = last_footer(parts, back);
        let whole: Vec<&str> = rest.iter().map(String::as_str).chain(footer).collect();
        if layout.joined(&whole) <= layout.max {
            done.push(whole.join("\n"));
            break;
        }
        let footer: Vec<&str> = back.into_iter().chain([parts.more.as_str()]).collect();
        let room = layout
            .max
            .saturating_sub(layout.joined(&footer).saturating_add(1));
        let mut page = take(&mut rest, room, layout);
        page.extend(footer.into_iter().map(str::to_owned));
        done.push(page.join("\n"));
    }
    done
}

fn last_footer<'a>(parts: &'a Parts, back: Option<&'a str>) -> impl Iterator<Item = &'a str> {
    let more = parts.goes_on.then_some(parts.more.as_str());
    parts.zero.as_deref().into_iter().chain(back).chain(more)
}

/// Takes the lines that fit into `room`; cuts a line only when it would not fit a page of its own.
fn take(rest: &mut VecDeque<String>, room: usize, layout: Layout) -> Vec<String> {
    let mut page: Vec<String> = Vec::new();
    let mut used = 0_usize;
    while let Some(line) = rest.pop_front() {
        let separator = usize::from(!page.is_empty());
        let length = layout.length(&line).saturating_add(separator);
        if used.saturating_add(length) <= room {
            used = used.saturating_add(length);
            page.push(line);
            continue;
        }
        if page.is_empty() || layout.length(&line) > room {
            let left = room.saturating_sub(used.saturating_add(separator));
            let (head, tail) = cut(&line, left, layout, page.is_empty());
            if !head.is_empty() {
                page.push(head);
            }
            rest.push_front(tail);
        } else {
            rest.push_front(line);
        }
        break;
    }
    page
}

/// Cuts a line at the last blank within `room`, or inside a word when there is none and it must.
fn cut(line: &str, room: usize, layout: Layout, must: bool) -> (String, String) {
    let mut used = 0_usize;
    let mut head = String::new();
    let mut blank = None;
    for character in line.chars() {
        used = used.saturating_add(layout.cost(character));
        if character == ' ' {
            blank = Some(head.len());
        }
        if used > room {
            break;
        }
        head.push(character);
    }
    let end = match blank {
        Some(end) => end,
        // Without progress the loop over pages would only end at its limit.
        None if must => head
            .len()
            .max(line.chars().next().map_or(0, char::len_utf8)),
        None => 0,
    };
    let (first, second) = line.split_at_checked(end).unwrap_or((line, ""));
    (first.to_owned(), second.trim_start().to_owned())
}

/// The text with `?` for each character that the default alphabet lacks.
pub(crate) fn fold(text: &str) -> String {
    let mut buffer = [0; 4];
    text.chars()
        .map(|c| {
            if gsm7::septets(c.encode_utf8(&mut buffer)).is_some() {
                c
            } else {
                '?'
            }
        })
        .collect()
}
