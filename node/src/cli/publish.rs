//! `outpost hub publish`: a list of reference data from a file to the nodes of one area or of all.
//!
//! Everything that is wrong with the file is told before anything is written, with place and fix.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use node::clock::Clock;
use node_core::command::Command;
use node_core::reference::ReferenceFinding;
use node_core::reference::file::{FILE_BYTES_MAX, read};
use node_core::role::{Principal, Role};
use node_core::turn::{Committed, Turn};
use node_store::{HubStore, SqliteStore};
use sync_core::Scope;

use super::failure::Failure;
use super::say;
use super::tool::store as failed;

#[derive(Args, Debug)]
pub(crate) struct Publication {
    /// The list, a TOML file
    file: PathBuf,
    /// Name of the area; without it all areas get the list
    #[arg(long)]
    pub(super) area: Option<String>,
    /// Only check the file
    #[arg(long)]
    check: bool,
}

pub(crate) async fn publish(
    store: &SqliteStore,
    clock: Clock,
    publication: &Publication,
    scopes: &[Scope],
    out: &mut impl Write,
) -> Result<(), Failure> {
    let text = text_of(&publication.file)?;
    let file = match read(&text) {
        Ok(file) => file,
        Err(findings) => return refuse(&findings, out),
    };
    let mut findings = file.list.check();
    findings.extend(file.list.parts(1).err());
    if !findings.is_empty() {
        return refuse(&findings, out);
    }
    if publication.check {
        let line = format!(
            "{}: {} items, no findings",
            file.list.list,
            file.list.items.len()
        );
        return say(out, &line);
    }
    for scope in scopes {
        let command = Command::PublishReference {
            scope: *scope,
            list: file.clone(),
        };
        let principal = Principal {
            role: Role::Administrator,
            channel: "console".to_owned(),
            ..Principal::system(*scope, "en")
        };
        let told = store.commit(Turn::Command { principal, command }, clock.now());
        let values = match told.await.map_err(|error| failed("publish", &error))? {
            Committed::Command(Ok(outcome)) => outcome.values,
            Committed::Command(Err(rejection)) => {
                let reason = rejection
                    .arguments
                    .get("finding")
                    .unwrap_or(&rejection.text);
                return Err(Failure::new(
                    format!(
                        "failed to publish: {}",
                        reason.replace("\n  fix:", "; fix:")
                    ),
                    "a code keeps its meaning for ever, because records name it",
                ));
            }
            _ => return Err(Failure::new("failed to publish", "report this")),
        };
        let value = |name: &str| values.get(name).map_or("0", String::as_str);
        let line = format!(
            "{} revision {}: {} items in {} parts, {} retired, area {}",
            file.list.list,
            value("revision"),
            value("items"),
            value("parts"),
            value("retired"),
            scope.0,
        );
        say(out, &line)?;
    }
    say(out, "Nodes show it after their next session.")
}

fn text_of(path: &PathBuf) -> Result<String, Failure> {
    let hint = "name a TOML file with `list` and `[[item]]`";
    let told = |error: std::io::Error| {
        Failure::new(format!("failed to read {}: {error}", path.display()), hint)
    };
    let bytes = std::fs::metadata(path).map_err(told)?.len();
    if usize::try_from(bytes).unwrap_or(usize::MAX) > FILE_BYTES_MAX {
        let what = format!("failed to read {}: it has {bytes} bytes", path.display());
        return Err(Failure::new(what, "split the list: 4 MiB are read"));
    }
    std::fs::read_to_string(path).map_err(told)
}

fn refuse(findings: &[ReferenceFinding], out: &mut impl Write) -> Result<(), Failure> {
    for finding in findings {
        say(out, &finding.to_string())?;
    }
    Err(Failure::new(
        format!("{} findings, nothing was published", findings.len()),
        "each line above names place and fix",
    ))
}
