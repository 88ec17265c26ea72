//! The program `outpost-firmware`: prints and checks settings. Exit codes: 0 done, 1 refused,
//! 2 wrong usage.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;
use firmware_config::cli::{Cli, Failure};

fn main() -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    match Cli::parse().run(&mut out) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(Failure { error, hint }) => {
            let mut err = std::io::stderr().lock();
            writeln!(err, "error: {error}")?;
            writeln!(err, "hint: {hint}")?;
            Ok(ExitCode::FAILURE)
        }
    }
}
