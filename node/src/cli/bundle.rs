//! `outpost bundle`: what goes onto a stick, what is taken from it, and a look at what lies there.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use node::roles::hub;
use node::roles::node as node_role;
use node::stick::{Carrier, CarryError, Extent, Fate};
use node_store::SqliteStore;
use sync::stick::{Stick, StickError};

use super::configured::{clock, hub_config, node_config, settings};
use super::failure::Failure;

#[derive(Args, Debug)]
pub(crate) struct BundleArguments {
    /// The settings file of this node or hub
    #[arg(long, global = true, default_value = "/etc/outpost/outpost.toml")]
    config: PathBuf,
    #[command(subcommand)]
    order: BundleOrder,
}

#[derive(Subcommand, Debug)]
enum BundleOrder {
    /// Write what the other side does not have: a node for its hub, a hub for its nodes
    Export {
        /// The folder at which the stick is mounted
        #[arg(long)]
        to: PathBuf,
    },
    /// Take what is on a stick for this device; a hub then writes its answers onto the same stick
    Import {
        /// The folder at which the stick is mounted
        folder: PathBuf,
    },
    /// Look at a stick or at one bundle; nothing is taken
    Inspect {
        /// The folder at which the stick is mounted, or a file
        place: PathBuf,
    },
    /// Copy the bundles of everybody from one stick to another, as they are
    Carry {
        /// The folder of the stick that has them
        from: PathBuf,
        /// The folder of the other stick
        #[arg(long)]
        to: PathBuf,
    },
}

pub(crate) async fn run(arguments: BundleArguments, out: &mut impl Write) -> Result<(), Failure> {
    if let BundleOrder::Carry { from, to } = &arguments.order {
        return carry(&stick(from)?, &stick(to)?, out);
    }
    let settings = settings(&arguments.config)?;
    let clock = clock(&settings);
    let store: SqliteStore = if settings.hub.is_some() {
        let opened = hub::open(&hub_config(&settings, false)?).await;
        opened.map_err(|error| Failure::of("open the hub", &error, "check the data folder"))?
    } else {
        let opened = node_role::open(&node_config(&settings));
        opened.map_err(|error| Failure::of("open the node", &error, "check the data folder"))?
    };
    let carrier = Carrier::open(store, clock).await.map_err(failed)?;
    match arguments.order {
        BundleOrder::Export { to } => {
            let report = carrier.export(&stick(&to)?, None).await.map_err(failed)?;
            write!(out, "{report}").map_err(Failure::output)?;
            if report.extent != Extent::All {
                let hint = "empty it or take another one, then export again";
                return Err(Failure::new("failed to copy everything to the stick", hint));
            }
            Ok(())
        }
        BundleOrder::Import { folder } => import(&carrier, &stick(&folder)?, out).await,
        BundleOrder::Inspect { place } if place.is_dir() => {
            let report = carrier.inspect(&stick(&place)?).map_err(failed)?;
            write!(out, "{report}").map_err(Failure::output)
        }
        BundleOrder::Inspect { place } => {
            let seen = carrier.inspect_file(&place).map_err(failed)?;
            writeln!(out, "{seen}").map_err(Failure::output)
        }
        BundleOrder::Carry { .. } => Ok(()),
    }
}

async fn import(carrier: &Carrier, stick: &Stick, out: &mut impl Write) -> Result<(), Failure> {
    let report = carrier.import(stick).await.map_err(failed)?;
    write!(out, "{report}").map_err(Failure::output)?;
    let is_whole = |fate: &Fate| *fate == Fate::Whole;
    let damaged = report.files.iter().filter(|file| !is_whole(&file.fate));
    match damaged.count() {
        0 => Ok(()),
        count => Err(Failure::new(
            format!("failed to take all of {count} bundles"),
            "what was whole is taken; copy the stick again at its sender",
        )),
    }
}

fn carry(from: &Stick, to: &Stick, out: &mut impl Write) -> Result<(), Failure> {
    let of_stick = |error: StickError| failed(error.into());
    let listing = from.list().map_err(of_stick)?;
    let mut carried = 0_u32;
    for found in &listing.found {
        match to.carry(from, &found.name) {
            Ok(()) => carried = carried.saturating_add(1),
            Err(StickError::Exists) => {}
            Err(StickError::Empty | StickError::NotRegular | StickError::TooLarge { .. }) => {
                writeln!(out, "{}: cannot be carried, left", found.name)
                    .map_err(Failure::output)?;
            }
            Err(error) => return Err(of_stick(error)),
        }
    }
    writeln!(out, "{carried} bundles are copied and verified").map_err(Failure::output)
}

fn stick(folder: &std::path::Path) -> Result<Stick, Failure> {
    Stick::open(folder).map_err(|error| {
        let what = format!("open {}", folder.display());
        Failure::of(
            &what,
            &error,
            "name the folder at which the stick is mounted",
        )
    })
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the form that `map_err` takes"
)]
fn failed(error: CarryError) -> Failure {
    let hint = match &error {
        CarryError::NotEnrolled => "enrol it with `outpost enrol`",
        CarryError::Stick(StickError::Full) => "empty the stick or take another one",
        CarryError::Stick(StickError::ReadOnly) => "check the lock of the stick and its mount",
        CarryError::Stick(_) => "plug the stick in again, then repeat the command",
        _ => "check the data folder with `outpost check`",
    };
    Failure::of("carry by stick", &error, hint)
}
