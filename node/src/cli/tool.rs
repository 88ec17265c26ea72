//! Tools: check, backup, restore, service definitions.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};
use node::clock::Clock;
use node::roles::hub::programmes;
use node_core::programme::{self, Finding, PLACES_FILE, SERVICE_FILE, Source};
use node_core::text::Texts;
use node_store::{SqliteStore, StoreConfig, StoreError};
use sync_core::ClockQuality;

use super::failure::Failure;
use super::say;

/// Where a store lies and how it was run.
#[derive(Args, Debug)]
pub(crate) struct Place {
    /// The data folder
    #[arg(long)]
    data: PathBuf,
    /// Country with which it ran, ISO 3166-1
    #[arg(long, default_value = "UG")]
    country: String,
    /// Language with which it ran, BCP 47
    #[arg(long, default_value = "en")]
    language: String,
}

impl Place {
    fn config(&self, folder: &Path) -> Result<StoreConfig, Failure> {
        let programmes = programmes().map_err(|error| {
            Failure::of(
                "compile the programmes",
                &error,
                "run `outpost service check`",
            )
        })?;
        Ok(StoreConfig {
            folder: folder.to_path_buf(),
            name: "tool".to_owned(),
            is_hub: false,
            villages: Arc::default(),
            country: self.country.clone(),
            language: self.language.clone(),
            sender: "384".to_owned(),
            programmes,
        })
    }

    pub(super) fn open(&self) -> Result<SqliteStore, Failure> {
        if !self.data.join("outpost.db").is_file() {
            let what = format!(
                "failed to open {}: there is no store in it",
                self.data.display()
            );
            return Err(Failure::new(
                what,
                "name the folder that holds `outpost.db`",
            ));
        }
        SqliteStore::open(self.config(&self.data)?).map_err(|error| store("open the store", &error))
    }
}

pub(super) fn store(what: &str, error: &StoreError) -> Failure {
    Failure::of(what, error, "check the folder and its key file")
}

#[derive(Args, Debug)]
pub(crate) struct CheckArguments {
    #[command(flatten)]
    place: Place,
    /// Rebuild all views from the journal and compare
    #[arg(long)]
    rebuild: bool,
}

pub(crate) async fn check(arguments: CheckArguments, out: &mut impl Write) -> Result<(), Failure> {
    let opened = arguments.place.open()?;
    let report = tokio::task::spawn_blocking(move || opened.check(arguments.rebuild))
        .await
        .map_err(|error| Failure::of("check the store", &error, "run it again with `--log info`"))?
        .map_err(|error| store("check the store", &error))?;
    write!(out, "{report}").map_err(Failure::output)?;
    if report.is_sound() {
        return Ok(());
    }
    let what = format!("the store has {} defects", report.defects);
    Err(Failure::new(
        what,
        "keep the folder as it is and restore a backup into a new one",
    ))
}

#[derive(Args, Debug)]
pub(crate) struct BackupArguments {
    #[command(flatten)]
    place: Place,
    /// Folder for the copy of the database
    #[arg(long)]
    to: PathBuf,
    /// Folder for the copy of the key file: keep it apart from the database
    #[arg(long)]
    keys: PathBuf,
}

pub(crate) async fn backup(
    arguments: BackupArguments,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let opened = arguments.place.open()?;
    let (to, keys) = (arguments.to.clone(), arguments.keys.clone());
    tokio::task::spawn_blocking(move || opened.backup(&to, &keys))
        .await
        .map_err(|error| Failure::of("copy the store", &error, "run it again with `--log info`"))?
        .map_err(|error| store("copy the store", &error))?;
    say(
        out,
        &format!("database copied to {}", arguments.to.display()),
    )?;
    say(
        out,
        &format!(
            "keys copied to {}: whoever has both copies reads everything",
            arguments.keys.display()
        ),
    )
}

#[derive(Args, Debug)]
pub(crate) struct RestoreArguments {
    #[command(flatten)]
    place: Place,
    /// Folder with the copy of the database
    #[arg(long)]
    from: PathBuf,
    /// Folder with the copy of the key file
    #[arg(long)]
    keys: PathBuf,
}

pub(crate) fn restore(arguments: &RestoreArguments, out: &mut impl Write) -> Result<(), Failure> {
    let config = arguments.place.config(&arguments.place.data)?;
    let now = Clock::system(ClockQuality::Unknown).now();
    let restored = SqliteStore::restore(&arguments.from, &arguments.keys, config, now);
    restored.map_err(|error| store("restore the store", &error))?;
    say(
        out,
        &format!("restored into {}", arguments.place.data.display()),
    )?;
    say(
        out,
        "A new epoch has begun. A hub goes on with it; a node captures, and brings its entries to the hub once it is enrolled again.",
    )
}

#[derive(Subcommand, Debug)]
pub(crate) enum ServiceCommand {
    /// Compile programmes and prove that every screen fits and every path ends
    Check {
        /// Folders of further programmes; the shipped ones are always checked
        folders: Vec<PathBuf>,
    },
}

pub(crate) fn service(command: ServiceCommand, out: &mut impl Write) -> Result<(), Failure> {
    let ServiceCommand::Check { folders } = command;
    let mut sources = vec![Source::maternal_child()];
    for folder in &folders {
        sources.push(read_source(folder)?);
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

/// Reads a programme's files: `service.toml`, `places.toml`, `texts/*.ftl`.
fn read_source(folder: &Path) -> Result<Source, Failure> {
    let unreadable = |error: std::io::Error| {
        let what = format!(
            "failed to read the programme in {}: {error}",
            folder.display()
        );
        Failure::new(what, "name a folder that holds `service.toml` and `texts`")
    };
    let mut files = BTreeMap::new();
    for name in [SERVICE_FILE, PLACES_FILE] {
        let text = std::fs::read_to_string(folder.join(name)).map_err(unreadable)?;
        files.insert(name.to_owned(), text);
    }
    for entry in std::fs::read_dir(folder.join("texts")).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "ftl") {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let text = std::fs::read_to_string(&path).map_err(unreadable)?;
            files.insert(format!("texts/{name}"), text);
        }
    }
    Ok(Source { files })
}
