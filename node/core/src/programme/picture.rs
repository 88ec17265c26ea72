//! A dialogue drawn as a graph (SVG 1.1): blocks in rows by their distance from the first one.
//!
//! Boxes with a straight side show a screen, those with round ends do not, an end has a double
//! side. Lines that lead back are dashed. Nothing but this module decides where something stands,
//! so the same definition gives the same bytes.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::Programme;
use super::block::Block;
use super::definition::Dialogue;
use super::graph;

/// Width of a box in pixels.
const BOX_W: usize = 190;
/// Height of a box in pixels.
const BOX_H: usize = 40;
/// Space between boxes of a row in pixels.
const GAP_X: usize = 24;
/// Space between rows in pixels: lines are drawn there.
const GAP_Y: usize = 46;
/// Space around everything, and height of a title, in pixels.
const MARGIN: usize = 28;
/// How far lines that lead back stand out to the right, in pixels.
const DETOUR: usize = 180;
/// Most characters of a code in its box; a longer one is cut in its middle.
const LABEL_CHARS_MAX: usize = 24;

/// All dialogues of a programme, one below the other.
pub(super) fn picture(programme: &Programme) -> String {
    let mut body = String::new();
    let (mut width, mut top) = (0_usize, MARGIN);
    for dialogue in &programme.definition().dialogues {
        let drawn = draw(dialogue, top);
        body.push_str(&drawn.svg);
        width = width.max(drawn.width);
        top = drawn.bottom.saturating_add(MARGIN);
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{top}\" \
         viewBox=\"0 0 {width} {top}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <title>{}</title>\n\
         <defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" \
         markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\"/></marker></defs>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n{body}</svg>\n",
        escaped(programme.code())
    )
}

struct Drawn {
    svg: String,
    width: usize,
    bottom: usize,
}

fn draw(dialogue: &Dialogue, top: usize) -> Drawn {
    let rows = rows(dialogue);
    let widest = rows.iter().map(Vec::len).max().unwrap_or(0);
    let row_width = |count: usize| {
        let gaps = count.saturating_sub(1).saturating_mul(GAP_X);
        count.saturating_mul(BOX_W).saturating_add(gaps)
    };
    let width = row_width(widest)
        .saturating_add(MARGIN.saturating_mul(2))
        .saturating_add(DETOUR);
    let first = top.saturating_add(MARGIN);
    let mut places: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (index, row) in rows.iter().enumerate() {
        let free = row_width(widest).saturating_sub(row_width(row.len()));
        let mut x = MARGIN.saturating_add(free / 2);
        let y = first.saturating_add(index.saturating_mul(BOX_H.saturating_add(GAP_Y)));
        for code in row {
            places.insert(code, (x, y));
            x = x.saturating_add(BOX_W).saturating_add(GAP_X);
        }
    }
    let mut svg = format!(
        "<text x=\"{MARGIN}\" y=\"{top}\" font-size=\"16\" font-weight=\"bold\">{}</text>\n",
        escaped(&dialogue.code)
    );
    for block in &dialogue.blocks {
        for (to, is_straight) in graph::leads(dialogue, block) {
            if let (Some(from), Some(to)) = (places.get(block.code()), places.get(to)) {
                line(&mut svg, *from, *to, is_straight);
            }
        }
    }
    for block in &dialogue.blocks {
        if let Some(place) = places.get(block.code()) {
            node(&mut svg, block, *place);
        }
    }
    let height = rows.len().saturating_mul(BOX_H.saturating_add(GAP_Y));
    Drawn {
        svg,
        width,
        bottom: first.saturating_add(height),
    }
}

/// Codes of the blocks by their longest distance from the first one, in the definition's order.
fn rows(dialogue: &Dialogue) -> Vec<Vec<&str>> {
    let mut depth: BTreeMap<&str, usize> = BTreeMap::from([(dialogue.start.as_str(), 0)]);
    // A graph without straight loops settles after as many rounds as it has blocks.
    for _ in 0..dialogue.blocks.len() {
        let mut moved = false;
        for block in &dialogue.blocks {
            let Some(own) = depth.get(block.code()).copied() else {
                continue;
            };
            for (to, is_straight) in graph::leads(dialogue, block) {
                let below = own.saturating_add(1);
                let known = depth.get(to).copied();
                let deeper = is_straight && known.is_none_or(|known| known < below);
                if deeper || known.is_none() {
                    depth.insert(to, below);
                    moved = true;
                }
            }
        }
        if !moved {
            break;
        }
    }
    let count = depth
        .values()
        .max()
        .map_or(0, |most| most.saturating_add(1));
    let mut rows: Vec<Vec<&str>> = vec![Vec::new(); count];
    for block in &dialogue.blocks {
        let row = depth
            .get(block.code())
            .and_then(|depth| rows.get_mut(*depth));
        if let Some(row) = row {
            row.push(block.code());
        }
    }
    rows
}

fn line(svg: &mut String, from: (usize, usize), to: (usize, usize), is_straight: bool) {
    // Writing to a string cannot fail.
    if is_straight {
        let (x1, y1) = (
            from.0.saturating_add(BOX_W / 2),
            from.1.saturating_add(BOX_H),
        );
        let (x2, y2) = (to.0.saturating_add(BOX_W / 2), to.1);
        let bend = GAP_Y / 2;
        let _written = writeln!(
            svg,
            "<path d=\"M{x1} {y1}C{x1} {} {x2} {} {x2} {y2}\" fill=\"none\" stroke=\"#555\" \
             marker-end=\"url(#tip)\"/>",
            y1.saturating_add(bend),
            y2.saturating_sub(bend)
        );
        return;
    }
    let side = |(x, y): (usize, usize)| (x.saturating_add(BOX_W), y.saturating_add(BOX_H / 2));
    let ((x1, y1), (x2, y2)) = (side(from), side(to));
    let out = x1
        .max(x2)
        .saturating_add(DETOUR.min(20_usize.saturating_add(y1.abs_diff(y2) / 4)));
    let _written = writeln!(
        svg,
        "<path d=\"M{x1} {y1}C{out} {y1} {out} {y2} {x2} {y2}\" fill=\"none\" stroke=\"#888\" \
         stroke-dasharray=\"4 3\" marker-end=\"url(#tip)\"/>"
    );
}

fn node(svg: &mut String, block: &Block, (x, y): (usize, usize)) {
    let round = if block.is_shown() { 4 } else { BOX_H / 2 };
    let fill = match (block.is_shown(), block.is_end()) {
        (_, true) => "#e4efe4",
        (true, false) => "#ffffff",
        (false, false) => "#eef2f8",
    };
    let stroke = if block.is_end() { 3 } else { 1 };
    let middle = x.saturating_add(BOX_W / 2);
    let _written = write!(
        svg,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{BOX_W}\" height=\"{BOX_H}\" rx=\"{round}\" fill=\"{fill}\" \
         stroke=\"black\" stroke-width=\"{stroke}\"/>\n\
         <text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n\
         <text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\" font-size=\"10\" fill=\"#555\">{}</text>\n",
        y.saturating_add(17),
        escaped(&label(block.code())),
        y.saturating_add(31),
        block.kind_word()
    );
}

fn label(code: &str) -> String {
    let count = code.chars().count();
    if count <= LABEL_CHARS_MAX {
        return code.to_owned();
    }
    let half = LABEL_CHARS_MAX / 2;
    let head: String = code.chars().take(half).collect();
    let tail: String = code.chars().skip(count.saturating_sub(half)).collect();
    format!("{head}…{tail}")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
