//! `outpost hub close-node`: an officer or administrator closes a board that was lost or stolen.

use std::io::Write;

use clap::{Args, ValueEnum};
use node::clock::Clock;
use node::roles::hub;
use node_core::revocation::Mode;
use node_store::SqliteStore;

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
