//! Comma separated values of RFC 4180 that a spreadsheet opens without doing what a cell says.
//!
//! A cell that begins like a formula gets an apostrophe in front, which spreadsheets show as text;
//! every cell stands in quotes, so that no cell can begin another one.

/// What tells spreadsheets that the text is UTF-8.
const MARK: &str = "\u{feff}";
/// First characters by which spreadsheets take a cell as a formula, their wide forms too, and those
/// that some of them drop before they look.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A file of rows, the heads of the columns first.
pub(super) fn file<const N: usize>(
    heads: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut file = MARK.to_owned();
    line(&mut file, heads);
    for row in rows {
        line(&mut file, row.each_ref().map(String::as_str));
    }
    file
}

fn line<const N: usize>(file: &mut String, cells: [&str; N]) {
    let cells = cells.map(cell);
    file.push_str(&cells.join(","));
    file.push_str("\r\n");
}

fn cell(text: &str) -> String {
    let first = text.trim_start_matches(' ').chars().next();
    let guard = if first.is_some_and(|first| FORMULA.contains(&first)) {
        "'"
    } else {
        ""
    };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_begins_a_formula_or_ends_its_quotes() {
        for (text, wanted) in [
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            ("+256770000061", "\"'+256770000061\""),
            ("-1", "\"'-1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\t=1", "\"'\t=1\""),
            ("\r=1", "\"'\r=1\""),
            ("  =1", "\"'  =1\""),
            ("＝1", "\"'＝1\""),
            // The control: what is no formula stays as it is.
            ("Kibo, clinic", "\"Kibo, clinic\""),
            ("a=b", "\"a=b\""),
            ("", "\"\""),
            ("\",=1,\"", "\"\"\",=1,\"\"\""),
        ] {
            assert_eq!(cell(text), wanted, "{text}");
        }
    }

    #[test]
    fn a_file_has_a_mark_heads_and_lines() {
        let rows = [["1".to_owned(), "ቅሬታ".to_owned()]];
        assert_eq!(
            file(["when", "why"], rows),
            "\u{feff}\"when\",\"why\"\r\n\"1\",\"ቅሬታ\"\r\n"
        );
        assert_eq!(file(["a"], []), "\u{feff}\"a\"\r\n");
    }
}
