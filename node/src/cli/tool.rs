//! Tools: check, backup, restore.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use node::clock::Clock;
use node::roles::hub::programmes;
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
        let programmes = programmes(None, &[]).map_err(|error| {
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
            staff_pin_hours: 0,
            programmes,
        })
    }

    pub(super) fn language(&self) -> &str {
        &self.language
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
