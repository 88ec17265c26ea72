//! Reads an XLSForm (xlsx) into the files of a programme, as a draft for its designer.
//!
//! Questions, choices, groups, repeats, simple conditions and ranges, and the labels of each language
//! are carried over; everything else is a [`Remark`] with sheet and row. Nothing here decides
//! whether the result is good: `compile` does, as for any programme.

mod convert;
mod expression;
#[cfg(test)]
mod tests;
mod write;

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};

use super::Source;

/// Largest form file in bytes; a larger one is refused.
pub const FORM_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Most rows of a sheet that are read; a longer sheet is refused.
pub const FORM_ROWS_MAX: usize = 2_000;

/// A form as a programme.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Imported {
    /// The files; places are missing.
    pub source: Source,
    /// What could not be carried over, in the order of the sheets.
    pub remarks: Vec<Remark>,
}

/// Something that was left out or changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Remark {
    /// The sheet.
    pub sheet: &'static str,
    /// Its row, from 1; 0 for the whole sheet.
    pub row: usize,
    /// What was done, or must be.
    pub text: String,
}

/// Why a file could not be read; surfaces at the command line.
#[derive(Debug, thiserror::Error)]
pub enum XlsFormError {
    /// Above [`FORM_BYTES_MAX`].
    #[error("the file has more than {FORM_BYTES_MAX} bytes")]
    TooLarge,
    /// No xlsx file.
    #[error("the file is no xlsx workbook: {0}")]
    Workbook(String),
    /// The sheet that every form has.
    #[error("the workbook has no sheet named survey with the columns type and name")]
    Survey,
    /// Above [`FORM_ROWS_MAX`].
    #[error("a sheet has more than {FORM_ROWS_MAX} rows")]
    TooLong,
}

/// A row: cells by the header of their column, and its number.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
struct Row {
    number: usize,
    cells: BTreeMap<String, String>,
}

impl Row {
    /// A cell without blanks around it; empty when it is missing.
    fn cell(&self, header: &str) -> &str {
        self.cells.get(header).map_or("", |text| text.trim())
    }
}

/// The three sheets.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
struct Form {
    survey: Vec<Row>,
    choices: Vec<Row>,
    settings: Vec<Row>,
}

/// Reads a form.
///
/// # Errors
/// [`XlsFormError`] when the file is no workbook with a survey.
pub fn import(bytes: &[u8], code: &str) -> Result<Imported, XlsFormError> {
    if bytes.len() > FORM_BYTES_MAX {
        return Err(XlsFormError::TooLarge);
    }
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes))
        .map_err(|error: calamine::XlsxError| XlsFormError::Workbook(error.to_string()))?;
    let form = Form {
        survey: rows(&mut book, "survey")?,
        choices: rows(&mut book, "choices")?,
        settings: rows(&mut book, "settings")?,
    };
    let has = |header: &str| form.survey.iter().any(|row| !row.cell(header).is_empty());
    if !has("type") || !has("name") {
        return Err(XlsFormError::Survey);
    }
    let draft = convert::convert(&form, code);
    Ok(Imported {
        source: write::source(&draft),
        remarks: draft.remarks,
    })
}

/// The rows below the header of a sheet; none where the sheet is missing.
fn rows(book: &mut Xlsx<Cursor<&[u8]>>, name: &str) -> Result<Vec<Row>, XlsFormError> {
    let Ok(range) = book.worksheet_range(name) else {
        return Ok(Vec::new());
    };
    if range.height() > FORM_ROWS_MAX {
        return Err(XlsFormError::TooLong);
    }
    let first = range.start().map_or(0, |(row, _)| row);
    let first = usize::try_from(first).unwrap_or(0);
    let mut lines = range.rows().enumerate();
    let headers: Vec<String> = lines
        .next()
        .map(|(_, cells)| {
            cells
                .iter()
                .map(|cell| text(cell).trim().to_owned())
                .collect()
        })
        .unwrap_or_default();
    let rows = lines.map(|(index, cells)| Row {
        number: first.saturating_add(index).saturating_add(1),
        cells: headers
            .iter()
            .zip(cells)
            .filter(|(header, cell)| !header.is_empty() && !matches!(cell, Data::Empty))
            .map(|(header, cell)| (header.clone(), text(cell)))
            .collect(),
    });
    Ok(rows.filter(|row| !row.cells.is_empty()).collect())
}

fn text(cell: &Data) -> String {
    cell.to_string()
}
