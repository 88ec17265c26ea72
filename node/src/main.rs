//! The program `outpost`: reads its command line, runs one role, says in two lines what failed.

use std::io::Write;
use std::process::ExitCode;

mod cli;

/// Exit code of a failure that could not even be told.
const UNTOLD: u8 = 3;

fn main() -> ExitCode {
    match cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) if failure.is_closed_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            let mut out = std::io::stderr().lock();
            let written = writeln!(out, "error: {}", failure.what())
                .and_then(|()| writeln!(out, "hint: {}", failure.hint()));
            if written.is_err() {
                ExitCode::from(UNTOLD)
            } else {
                ExitCode::from(failure.code())
            }
        }
    }
}
