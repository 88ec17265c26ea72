//! `outpost service`: what a programme designer asks of the program.
//!
//! Reads folders and prints; what is right and wrong with a programme is `node_core::programme`'s.

mod draft;
mod scaffold;

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use node::programmes;
use node_core::programme::{self, Finding, Programme, Source, Way};
use node_core::text::Texts;

use super::failure::Failure;
use super::say;

#[derive(Subcommand, Debug)]
pub(crate) enum ServiceCommand {
    /// Compile programmes and prove that every screen fits and every path ends
    Check(CheckArguments),
    /// Make a folder from an XLSForm, and list what could not be carried over
    Import {
        /// The form, an xlsx file
        form: PathBuf,
        /// The folder; its name becomes the code of the programme
        folder: PathBuf,
    },
    /// Make a folder with a small service that works as it stands
    New {
        /// The folder; its name becomes the code of the programme
        folder: PathBuf,
    },
}

#[derive(Args, Debug)]
pub(crate) struct CheckArguments {
    /// Folders of further programmes; the shipped ones are always checked
    folders: Vec<PathBuf>,
    /// Draw the dialogues of each programme into this folder, as CODE.svg
    #[arg(long)]
    graph: Option<PathBuf>,
    /// Write every screen of each programme into this folder, as CODE.LANGUAGE.md
    #[arg(long)]
    sheet: Option<PathBuf>,
}

pub(crate) fn run(command: ServiceCommand, out: &mut impl Write) -> Result<(), Failure> {
    match command {
        ServiceCommand::Check(arguments) => check(&arguments, out),
        ServiceCommand::Import { form, folder } => draft::import(&form, &folder, out),
        ServiceCommand::New { folder } => scaffold::make(&folder, out),
    }
}

fn check(arguments: &CheckArguments, out: &mut impl Write) -> Result<(), Failure> {
    let mut sources = Source::shipped();
    for folder in &arguments.folders {
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
            Ok(programme) => {
                print_programme(out, &programme, &texts)?;
                write_papers(&programme, &texts, arguments)?;
            }
            Err(found) => {
                findings += found.len();
                say(out, &format!("{}: {} findings", source.folder, found.len()))?;
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
    programme: &Programme,
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
    for way in programme.ways(texts) {
        print_way(out, &way)?;
    }
    Ok(())
}

fn print_way(out: &mut impl Write, way: &Way) -> Result<(), Failure> {
    let by = way.by.join(" > ");
    let alike = if way.ways > 1 {
        format!(" ({} ways)", way.ways)
    } else {
        String::new()
    };
    let prices = [("USSD", &way.ussd_price), ("SMS", &way.sms_price)];
    let prices = prices.into_iter().filter_map(|(bearer, price)| {
        let price = price.as_ref()?;
        Some(format!(", {price} by {bearer}"))
    });
    let prices: String = prices.collect();
    let line = format!(
        "  {} [{}] {by}{alike}: {} screens, about {} s, {} sessions{prices}",
        way.dialogue, way.language, way.screens, way.seconds, way.sessions
    );
    say(out, &line)
}

/// Graphs and screen sheets, where they were asked for.
fn write_papers(
    programme: &Programme,
    texts: &Texts,
    arguments: &CheckArguments,
) -> Result<(), Failure> {
    if let Some(folder) = &arguments.graph {
        let name = format!("{}.svg", programme.code());
        write_paper(folder, &name, &programme.picture())?;
    }
    if let Some(folder) = &arguments.sheet {
        for language in programme.languages() {
            let name = format!("{}.{}.md", programme.code(), language.code);
            write_paper(folder, &name, &programme.sheet(texts, &language.code))?;
        }
    }
    Ok(())
}

fn write_paper(folder: &Path, name: &str, text: &str) -> Result<(), Failure> {
    let path = folder.join(name);
    let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, text));
    written.map_err(|error| {
        let what = format!("failed to write {}: {error}", path.display());
        Failure::new(what, "check the folder and its rights")
    })
}

fn print_finding(out: &mut impl Write, finding: &Finding) -> Result<(), Failure> {
    let language = finding
        .language
        .as_deref()
        .map(|language| format!(" [{language}]"))
        .unwrap_or_default();
    let line = finding
        .line
        .map_or_else(String::new, |line| format!(":{line}"));
    say(
        out,
        &format!(
            "  {}{line}: {}{language}: {}",
            finding.file, finding.place, finding.message
        ),
    )?;
    say(out, &format!("    fix: {}", finding.fix))
}
