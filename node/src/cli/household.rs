//! `outpost hub … households`: what two sides made of one household, and how an officer settles it.

use std::io::Write;

use channels_core::Msisdn;
use clap::{Args, Subcommand};
use node::clock::Clock;
use node::roles::hub::{self, HubError};
use node_core::command::Command;
use node_core::household::Doubt;
use node_core::query::{Answer, Query};
use node_core::role::right::Right;
use node_store::{HubStore, SqliteStore};

use super::failure::Failure;
use super::say;

#[derive(Args, Debug)]
pub(super) struct Households {
    /// The programme, like cash-transfer
    #[arg(long)]
    programme: String,
    #[command(subcommand)]
    order: Order,
}

#[derive(Subcommand, Debug)]
enum Order {
    /// List people in several households, and households with several heads
    Doubts,
    /// Say that the households of two people are one
    Join(Pair),
    /// Say that the households of two people are two after all
    Part(Pair),
}

#[derive(Args, Debug)]
struct Pair {
    /// Registration numbers of two people, one of each household
    #[arg(num_args = 2, required = true)]
    numbers: Vec<String>,
    /// Number of the officer who decides
    #[arg(long)]
    by: String,
    /// Why, without names
    #[arg(long)]
    reason: String,
}

/// Gives the order.
pub(super) async fn order(
    store: &SqliteStore,
    clock: Clock,
    order: Households,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let (pair, same) = match order.order {
        Order::Doubts => return doubts(store, order.programme, out).await,
        Order::Join(pair) => (pair, true),
        Order::Part(pair) => (pair, false),
    };
    let failed = |error: HubError| {
        Failure::of(
            "settle the households",
            &error,
            "check both numbers and the officer's",
        )
    };
    let by = Msisdn::parse(&pair.by).map_err(|error| {
        Failure::of(
            "read the number",
            &error,
            "write it like --by +256770000001",
        )
    })?;
    let numbers = <[String; 2]>::try_from(pair.numbers).map_err(|_other| {
        Failure::new("failed to read two registration numbers", "name two people")
    })?;
    let command = Command::LinkHouseholds {
        programme: order.programme,
        persons: numbers,
        same,
        reason: pair.reason,
    };
    hub::in_the_name_of(store, clock, (&by, Right::Approve), command)
        .await
        .map_err(failed)?;
    say(
        out,
        if same {
            "one household now"
        } else {
            "two households now"
        },
    )
}

async fn doubts(
    store: &SqliteStore,
    programme: String,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let failed = |error| Failure::of("ask the store", &error, "check the data folder");
    let answer = store.query(Query::HouseholdDoubts { programme }).await;
    let Answer::Doubts(found) = answer.map_err(failed)? else {
        return Ok(());
    };
    for (doubt, numbers) in &found {
        let what = match doubt {
            Doubt::SeveralHouseholds { .. } => "lives in several households",
            Doubt::SeveralHeads { .. } => "are all head of one household",
        };
        say(out, &format!("{} {what}", numbers.join(" ")))?;
    }
    if found.is_empty() {
        say(out, "nothing to settle")?;
    }
    Ok(())
}
