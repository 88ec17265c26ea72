//! `outpost hub take-back`: an officer takes back a registration that should not be, also when the
//! registry has it (decision 0055).

use std::io::Write;

use clap::Args;
use node::clock::Clock;
use node::roles::hub;
use node_core::command::Command;
use node_core::role::right::Right;
use node_store::SqliteStore;

use super::failure::Failure;
use super::office::{HEARD, number};
use super::say;

#[derive(Args, Debug)]
pub(super) struct TakeBack {
    /// The child's registration number
    #[arg(long)]
    number: String,
    /// Number of the officer who decides
    #[arg(long)]
    by: String,
}

/// Gives the order.
pub(super) async fn order(
    store: &SqliteStore,
    clock: Clock,
    order: TakeBack,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let by = number(&order.by)?;
    let entry = order.number;
    let command = Command::WithdrawEntry { entry };
    hub::in_the_name_of(store, clock, (&by, Right::Approve), command)
        .await
        .map_err(|error| {
            Failure::of(
                "take the registration back",
                &error,
                "check the child's number and the officer's",
            )
        })?;
    say(
        out,
        &format!(
            "taken back; {HEARD}, and `outpost hub erasures` lists what the registry still has"
        ),
    )
}
