//! `outpost service new`: a folder with a small service that works as it stands.

use std::io::Write;
use std::path::Path;

use node_core::programme::{SERVICE_FILE, Source};

use super::super::failure::Failure;
use super::super::say;

/// Longest code of a programme, in characters; a longer name is refused.
const CODE_CHARS_MAX: usize = 30;

/// The files of a new service with this code.
pub(crate) fn source(code: &str) -> Source {
    let service = include_str!("template.toml").replace("CODE", code);
    let texts = include_str!("template.ftl");
    Source {
        folder: code.to_owned(),
        ..Source::default()
    }
    .with(SERVICE_FILE, service)
    .with("texts/en.ftl", texts)
}

/// Makes the folder.
pub(crate) fn make(folder: &Path, out: &mut impl Write) -> Result<(), Failure> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    write_new(folder, &source(&code(&name)?))?;
    say(out, &format!("made {}", folder.display()))?;
    say(
        out,
        "next: change its files, then `outpost service check` with its folder",
    )
}

/// The code of a programme from the name of its folder.
pub(super) fn code(name: &str) -> Result<String, Failure> {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let length = (1..=CODE_CHARS_MAX).contains(&name.len());
    if length && name.chars().all(good) && name.starts_with(|c: char| c.is_ascii_lowercase()) {
        return Ok(name.to_owned());
    }
    Err(Failure::new(
        format!("{name} cannot be the code of a programme"),
        "name the folder in small letters, digits and hyphens, such as clinic-hours",
    ))
}

/// Writes files into a folder that is not there yet.
pub(super) fn write_new(folder: &Path, source: &Source) -> Result<(), Failure> {
    if folder.exists() {
        return Err(Failure::new(
            format!("{} is there already", folder.display()),
            "name a folder that does not exist yet",
        ));
    }
    for (name, text) in &source.files {
        let path = folder.join(name);
        let parent = path.parent().unwrap_or(folder);
        let written = std::fs::create_dir_all(parent).and_then(|()| std::fs::write(&path, text));
        written.map_err(|error| {
            let what = format!("failed to write {}: {error}", path.display());
            Failure::new(what, "check the place and its rights")
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use node_core::programme::compile;

    use super::*;

    #[test]
    fn a_new_service_has_no_findings() {
        let source = source("clinic-hours").with_places(Source::shipped_places());
        let programme = compile(&source).unwrap();
        assert_eq!(programme.code(), "clinic-hours");
    }

    #[test]
    fn only_plain_names_are_codes() {
        for good in ["a", "clinic-hours", "sms2"] {
            assert_eq!(code(good).ok().as_deref(), Some(good));
        }
        let long = "a".repeat(CODE_CHARS_MAX + 1);
        for bad in ["", "Clinic", "2nd", "a b", "../x", "a\"", long.as_str()] {
            assert!(code(bad).is_err(), "{bad}");
        }
    }
}
