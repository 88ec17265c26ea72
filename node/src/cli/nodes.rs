//! `outpost hub close-node` and `node-areas`: an officer or administrator closes a board that was lost or
//! stolen; an administrator says which areas one serves.

use std::io::Write;

use clap::{Args, ValueEnum};
use firmware_config::settings::Settings;
use node::clock::Clock;
use node::roles::hub;
use node_core::revocation::Mode;
use node_store::SqliteStore;
use sync_core::Scope;

use super::configured::{area, clock};
use super::failure::Failure;
use super::office::number;
use super::say;

#[derive(Clone, Copy, ValueEnum, Debug)]
enum How {
    /// Nothing more is taken of it and it gets nothing; a board that was found is enrolled again
    Stop,
    /// The same for money alone
    FreezeMoney,
    /// Ends a freeze of money
    Lift,
}

impl How {
    fn mode(self) -> Mode {
        match self {
            Self::Stop => Mode::Stop,
            Self::FreezeMoney => Mode::FreezeMoney,
            Self::Lift => Mode::Lift,
        }
    }
}

#[derive(Args, Debug)]
pub(super) struct CloseNode {
    /// Name of the node, as `outpost hub nodes` lists it
    #[arg(long)]
    name: String,
    /// How hard
    #[arg(long, value_enum)]
    mode: How,
    /// Number of the officer or administrator who decides
    #[arg(long)]
    by: String,
    /// Why, without names: `stolen`
    #[arg(long)]
    reason: String,
}

#[derive(Args, Debug)]
pub(super) struct NodeAreas {
    /// Name of the node, as `outpost hub nodes` lists it
    #[arg(long)]
    name: String,
    /// Name of an area that it serves from now on, too
    #[arg(long)]
    add: Vec<String>,
    /// Name of an area that it serves no more
    #[arg(long)]
    end: Vec<String>,
    /// Number of the administrator who decides
    #[arg(long)]
    by: String,
}

/// Changes which areas a node serves.
pub(super) async fn areas(
    (store, settings): (&SqliteStore, &Settings),
    order: NodeAreas,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let by = number(&order.by)?;
    let scopes = |names: &[String]| -> Result<Vec<Scope>, Failure> {
        names.iter().map(|name| area(settings, name)).collect()
    };
    let (add, end) = (scopes(&order.add)?, scopes(&order.end)?);
    let what = (order.name.as_str(), add.as_slice(), end.as_slice());
    let changed = hub::change_areas(store, clock(settings), what, &by).await;
    let served = changed.map_err(|error| {
        Failure::of(
            "change the areas of the node",
            &error,
            "check its name with `outpost hub nodes`, the areas, and the number's role",
        )
    })?;
    let named = settings.hub.iter().flat_map(|hub| &hub.area);
    let named = named.filter(|area| served.contains(&Scope(area.scope)));
    let names: Vec<&str> = named.map(|area| area.name.as_str()).collect();
    say(
        out,
        &format!(
            "{} serves {} from its next contact on",
            order.name,
            names.join(", ")
        ),
    )
}

/// Gives the order.
pub(super) async fn close(
    store: &SqliteStore,
    clock: Clock,
    order: CloseNode,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let by = number(&order.by)?;
    let what = (
        order.name.as_str(),
        order.mode.mode(),
        order.reason.as_str(),
    );
    let list = hub::close(store, clock, what, &by).await.map_err(|error| {
        Failure::of(
            "close the node",
            &error,
            "check its name with `outpost hub nodes`, the reason, and the number's role",
        )
    })?;
    say(
        out,
        &format!("revocation list {list} holds here now; each node takes it at its next contact"),
    )
}

/// Lists the nodes.
pub(super) async fn list(store: &SqliteStore, out: &mut impl Write) -> Result<(), Failure> {
    let lines = hub::nodes(store).await;
    let lines = lines.map_err(|error| {
        Failure::of("list the nodes", &error, "check the folder of the settings")
    })?;
    for line in lines {
        say(out, &line)?;
    }
    Ok(())
}
