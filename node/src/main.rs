//! The program `outpost`: reads its command line, runs one role, says in two lines what failed.

use std::io::Write;
use std::process::ExitCode;

mod cli;

fn main() -> ExitCode {
    match cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) if failure.is_closed_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            let mut out = std::io::stderr().lock();
            let written = writeln!(out, "error: {}", failure.what())
                .and_then(|()| writeln!(out, "hint: {}", failure.hint()));
            if written.is_err() {
                ExitCode::from(3)
            } else {
                ExitCode::from(cli::FAILED)
            }
        }
    }
}
