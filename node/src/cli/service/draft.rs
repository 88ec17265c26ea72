//! `outpost service import`: a folder made from an XLSForm; what it means is `node_core`'s.

use std::io::Write;
use std::path::Path;

use node_core::programme::xlsform;

use super::super::failure::Failure;
use super::super::say;
use super::scaffold::{code, write_new};

/// Reads the form, writes the folder, and tells what was left out.
pub(super) fn import(form: &Path, folder: &Path, out: &mut impl Write) -> Result<(), Failure> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let code = code(&name)?;
    let bytes = std::fs::read(form).map_err(|error| {
        let what = format!("failed to read the form {}: {error}", form.display());
        Failure::new(what, "name an XLSForm, a file that ends in .xlsx")
    })?;
    let imported = xlsform::import(&bytes, &code).map_err(|error| {
        Failure::of(
            "read the form",
            &error,
            "save it once more as .xlsx, with the sheets survey, choices and settings",
        )
    })?;
    write_new(folder, &imported.source)?;
    say(out, &format!("made {}", folder.display()))?;
    for remark in &imported.remarks {
        let line = format!("  {} row {}: {}", remark.sheet, remark.row, remark.text);
        say(out, &line)?;
    }
    say(
        out,
        "answers are not kept yet: lead the last question to a `run` block, then check the folder",
    )
}
