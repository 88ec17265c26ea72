//! A slip for the printer: one A6 page in black and white, its QR code drawn as SVG.
//!
//! The page holds the code, the day and how to use it. The registration number stands on it only
//! where the person wants that; name, village and programme never do. Squares are joined to one
//! path, so that printers leave no hair lines between them.

use core::fmt::Write as _;

use askama::Template;
use jiff::civil::Date;
use node_core::slip::Slip;
use node_core::text::Texts;
use qrcode::{Color, EcLevel, QrCode};

/// White squares around a QR code (ISO/IEC 18004 §9.1).
const QUIET: usize = 4;

/// What stands on the page besides the code.
#[derive(Clone, PartialEq, Eq)]
pub struct SlipPage<'a> {
    /// The slip.
    pub slip: &'a Slip,
    /// The number in large digits, where the person wants it.
    pub number: Option<&'a str>,
    /// Language of the words, BCP 47.
    pub language: &'a str,
}

impl core::fmt::Debug for SlipPage<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "SlipPage({:?})", self.slip.id())
    }
}

/// Why a page was not drawn; surfaces at `outpost slip print`.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The text does not fit a QR code, which no slip's text causes.
    #[error("the text of the slip fits no QR code")]
    Code(#[source] qrcode::types::QrError),
    /// The page itself.
    #[error("the page could not be drawn")]
    Page(#[source] askama::Error),
}

#[derive(Template)]
#[template(path = "slip.html")]
struct Page<'a> {
    language: &'a str,
    title: String,
    how: String,
    date: String,
    number: Option<String>,
    code: String,
}

/// The whole page as HTML.
///
/// # Errors
/// [`PageError`]; no slip and no text of ours cause one.
pub fn page(content: &SlipPage<'_>, texts: &Texts) -> Result<String, PageError> {
    let day = i64::from(content.slip.day());
    let date = Date::constant(1970, 1, 1).saturating_add(jiff::Span::new().days(day));
    let page = Page {
        language: content.language,
        title: texts.plain(content.language, "slip-title"),
        how: texts.plain(content.language, "slip-how"),
        date: date.to_string(),
        number: content.number.map(grouped),
        code: svg(&content.slip.text())?,
    };
    page.render().map_err(PageError::Page)
}

/// A QR code as SVG, a square of one unit each, the white border included.
///
/// # Errors
/// [`PageError::Code`] when the text is too long.
pub fn svg(text: &str) -> Result<String, PageError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(PageError::Code)?;
    let width = code.width();
    let side = width.saturating_add(2 * QUIET);
    let mut path = String::new();
    for (y, row) in code.to_colors().chunks(width.max(1)).enumerate() {
        let mut x = 0_usize;
        for run in row.chunk_by(|a, b| a == b) {
            if run.first() == Some(&Color::Dark) {
                let (left, top) = (x.saturating_add(QUIET), y.saturating_add(QUIET));
                let long = run.len();
                // Writing into a String cannot fail.
                write!(path, "M{left} {top}h{long}v1h-{long}z").unwrap_or_default();
            }
            x = x.saturating_add(run.len());
        }
    }
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" \
         shape-rendering=\"crispEdges\" role=\"img\" aria-label=\"QR\">\
         <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path d=\"{path}\"/></svg>"
    ))
}

/// Digits in groups of three or four, as people read them aloud.
fn grouped(number: &str) -> String {
    let digits: Vec<char> = number.chars().collect();
    let groups = digits
        .chunks(4)
        .map(|group| group.iter().collect::<String>());
    groups.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "OP:04HMASR0000001G00000040000000A02H0C1G60R30C1G60R30C1G60R30";

    #[test]
    fn a_code_is_one_path_within_its_border() {
        let svg = svg(TEXT).unwrap();
        let side: usize = svg
            .split("viewBox=\"0 0 ")
            .nth(1)
            .and_then(|rest| rest.split(' ').next())
            .unwrap()
            .parse()
            .unwrap();
        assert_eq!((side - 2 * QUIET - 17) % 4, 0, "versions grow by four");
        let path = svg.split("d=\"").nth(2).unwrap();
        let corners = path.split('M').skip(1);
        let mut dark = 0;
        for corner in corners {
            let (x, rest) = corner.split_once(' ').unwrap();
            let (y, rest) = rest.split_once('h').unwrap();
            let (long, _) = rest.split_once('v').unwrap();
            let [x, y, long] = [x, y, long].map(|n| n.parse::<usize>().unwrap());
            assert!(x >= QUIET && x + long <= side - QUIET, "{corner}");
            assert!((QUIET..side - QUIET).contains(&y));
            dark += long;
        }
        let squares = (side - 2 * QUIET) * (side - 2 * QUIET);
        assert!(dark * 10 > squares * 4 && dark * 10 < squares * 6, "{dark}");
        let long = super::svg(&"A".repeat(5_000));
        assert!(matches!(long, Err(PageError::Code(_))));
    }

    #[test]
    fn numbers_are_read_in_groups() {
        assert_eq!(grouped("2350819465"), "2350 8194 65");
        assert_eq!(grouped(""), "");
    }
}
