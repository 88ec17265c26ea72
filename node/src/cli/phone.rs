//! `outpost phone`: a telephone in the terminal.

use std::io::Write;
use std::path::PathBuf;

use channels_core::Msisdn;
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use node::clock::Clock;
use node::roles::phone::{self, PhoneConfig};
use node_core::role::Role;
use sync_core::ClockQuality;

use super::failure::Failure;

#[derive(Args, Debug)]
pub(crate) struct PhoneArguments {
    /// Keep the store in this folder; without it a temporary one is used
    #[arg(long)]
    data: Option<PathBuf>,
    /// The number that calls
    #[arg(long, default_value = "+256770000001")]
    number: String,
    /// Who holds the phone
    #[arg(long, value_enum, default_value = "worker")]
    role: Holder,
    /// A shipped service that is offered; may stand several times
    #[arg(long = "service", default_value = "maternal-child")]
    services: Vec<String>,
    /// Language of the screens
    #[arg(long, default_value = "en")]
    language: String,
    /// Folder of your own programmes, each in a folder of its own
    #[arg(long)]
    programmes: Option<PathBuf>,
    /// Write the conversation as a golden transcript
    #[arg(long)]
    record: Option<PathBuf>,
    /// Let the store's clock stand at this moment, such as 2026-03-14T09:00:00Z
    #[arg(long)]
    clock: Option<Timestamp>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Holder {
    /// A health worker
    Worker,
    /// An officer
    Officer,
    /// A citizen
    Citizen,
}

pub(crate) async fn run(arguments: PhoneArguments, out: &mut impl Write) -> Result<(), Failure> {
    let number = Msisdn::parse(&arguments.number).map_err(|error| {
        Failure::of(
            "read the number",
            &error,
            "write it like `--number +256770000001`",
        )
    })?;
    let role = match arguments.role {
        Holder::Worker => Role::HealthWorker,
        Holder::Officer => Role::Officer,
        Holder::Citizen => Role::Citizen,
    };
    let clock = match arguments.clock {
        Some(at) => Clock::fixed(at, ClockQuality::Fake),
        None => Clock::system(ClockQuality::Fake),
    };
    let config = PhoneConfig {
        folder: arguments.data,
        number,
        role,
        services: arguments.services,
        language: arguments.language,
        programmes: arguments.programmes,
        record: arguments.record,
        clock,
    };
    let mut input = std::io::BufReader::new(std::io::stdin());
    phone::run(config, &mut input, out).await.map_err(|error| {
        Failure::of(
            "use the phone",
            &error,
            "try a new folder, or leave `--data` away",
        )
    })
}
