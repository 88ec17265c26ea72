//! `outpost alert`: tell the people of an area of a danger, how it goes on, and that it is over.
//!
//! It works on the data folder beside the running program, with or without an uplink.

use std::io::Write;

use clap::{Args, Subcommand};
use node::clock::Clock;
use node_core::alert::{AlertKind, AlertLevel, AlertOrder};
use node_core::command::Command;
use node_core::query::{Answer, Query};
use node_core::role::Principal;
use node_core::turn::{Committed, Turn};
use node_store::{HubStore, SqliteStore};
use sync_core::{ClockQuality, Scope};

use super::failure::Failure;
use super::say;
use super::tool::{Place, store as failed};

#[derive(Args, Debug)]
pub(crate) struct AlertArguments {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    order: AlertCommand,
}

#[derive(Subcommand, Debug)]
enum AlertCommand {
    /// Raise an alert
    Raise {
        #[command(flatten)]
        words: Words,
        /// advice, warning or danger; only danger reaches numbers that said STOP
        #[arg(long, default_value = "warning", value_parser = level)]
        level: AlertLevel,
        /// Only this machine sends, to all whom it knows: where a node may be dead
        #[arg(long)]
        only_here: bool,
    },
    /// Tell more about the newest alert
    More(Words),
    /// Say that the newest alert is over; what has not left is withdrawn
    Clear(Words),
}

#[derive(Args, Debug)]
struct Words {
    /// The text, at most 300 characters
    #[arg(long)]
    text: String,
    /// Scope number of the area; without it all areas of this machine
    #[arg(long)]
    area: Option<u32>,
    /// Hours until it expires
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u32).range(1..=72))]
    hours: u32,
}

fn level(name: &str) -> Result<AlertLevel, String> {
    AlertLevel::parse(name).ok_or_else(|| "one of advice, warning, danger".to_owned())
}

pub(crate) async fn run(arguments: AlertArguments, out: &mut impl Write) -> Result<(), Failure> {
    let store = arguments.place.open()?;
    let (words, kind, level, only_here) = match arguments.order {
        AlertCommand::Raise {
            words,
            level,
            only_here,
        } => (words, AlertKind::Raised, level, only_here),
        AlertCommand::More(words) => (words, AlertKind::FollowUp, AlertLevel::Warning, false),
        AlertCommand::Clear(words) => (words, AlertKind::AllClear, AlertLevel::Warning, false),
    };
    for scope in areas(&store, words.area).await? {
        let order = AlertOrder {
            scope,
            kind,
            level,
            text: words.text.clone(),
            hours: words.hours,
            only_here,
            fresh: [0; 8],
        };
        raise(&store, order).await?;
        say(out, &format!("told to area {}", scope.0))?;
    }
    Ok(())
}

async fn areas(store: &SqliteStore, named: Option<u32>) -> Result<Vec<Scope>, Failure> {
    if let Some(area) = named {
        return Ok(vec![Scope(area)]);
    }
    let answer = store.query(Query::Self_).await;
    match answer.map_err(|error| failed("read the areas", &error))? {
        Answer::Self_(state) if !state.scopes.is_empty() => Ok(state.scopes),
        _ => Err(Failure::new(
            "failed to find an area: this machine is not enrolled",
            "enrol it, or raise the alert at the hub",
        )),
    }
}

async fn raise(store: &SqliteStore, order: AlertOrder) -> Result<(), Failure> {
    let turn = Turn::Command {
        principal: Principal::system(order.scope, "en"),
        command: Command::RaiseAlert(order),
    };
    let now = Clock::system(ClockQuality::Unknown).now();
    let told = store.commit(turn, now).await;
    match told.map_err(|error| failed("raise the alert", &error))? {
        Committed::Command(Ok(_)) => Ok(()),
        Committed::Command(Err(rejection)) => Err(Failure::new(
            format!("failed to raise the alert: {}", rejection.text),
            "1 to 300 characters; `more` and `clear` need an alert that holds",
        )),
        _ => Err(Failure::new("failed to raise the alert", "report this")),
    }
}
