//! `outpost service`: what a programme designer asks of the program.
//!
//! Reads folders and prints; what is right and wrong with a programme is `node_core::programme`'s.

use std::io::Write;
use std::path::PathBuf;

use clap::Subcommand;
use node::programmes;
use node_core::programme::{self, Finding, Source};
use node_core::text::Texts;

use super::failure::Failure;
use super::say;

#[derive(Subcommand, Debug)]
pub(crate) enum ServiceCommand {
    /// Compile programmes and prove that every screen fits and every path ends
    Check {
        /// Folders of further programmes; the shipped ones are always checked
        folders: Vec<PathBuf>,
    },
}

pub(crate) fn run(command: ServiceCommand, out: &mut impl Write) -> Result<(), Failure> {
    let ServiceCommand::Check { folders } = command;
    let mut sources = Source::shipped();
    for folder in &folders {
        let read = programmes::read(folder).map_err(|error| {
            let what = format!(
                "failed to read the programme in {}: {error}",
                folder.display()
            );
            Failure::new(what, "name a folder that holds `service.toml` and `texts`")
        })?;
        sources.push(read);
    }
    let texts = Texts::shipped()
        .map_err(|error| Failure::of("read the system texts", &error, "report this"))?;
    let mut findings = 0;
    for source in &sources {
        match programme::compile(source) {
            Ok(programme) => print_programme(out, &programme, &texts)?,
            Err(found) => {
                findings += found.len();
                for finding in &found {
                    print_finding(out, finding)?;
                }
            }
        }
    }
    if findings == 0 {
        return Ok(());
    }
    Err(Failure::new(
        format!("{findings} findings"),
        "each line above names place and fix",
    ))
}

fn print_programme(
    out: &mut impl Write,
    programme: &programme::Programme,
    texts: &Texts,
) -> Result<(), Failure> {
    say(
        out,
        &format!(
            "{} version {}: no findings",
            programme.code(),
            programme.version()
        ),
    )?;
    for cost in programme.expectations(texts) {
        let line = format!(
            "  {} [{}]: at most {} screens, about {} s, {} sessions",
            cost.dialogue, cost.language, cost.screens, cost.seconds, cost.sessions
        );
        say(out, &line)?;
    }
    for (form, language, sample) in programme.samples() {
        say(out, &format!("  form {form} [{language}]: {sample}"))?;
    }
    Ok(())
}

fn print_finding(out: &mut impl Write, finding: &Finding) -> Result<(), Failure> {
    let language = finding
        .language
        .as_deref()
        .map(|l| format!(" [{l}]"))
        .unwrap_or_default();
    say(
        out,
        &format!(
            "{}: {}{language}: {}",
            finding.file, finding.place, finding.message
        ),
    )?;
    say(out, &format!("  fix: {}", finding.fix))
}
