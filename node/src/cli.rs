//! The command line: what each command takes, and the two lines in which a failure is told.

mod account;
mod aggregator;
mod alert;
mod bundle;
mod cell;
mod configured;
mod demo;
mod failure;
mod household;
mod lan;
mod message;
mod modem;
mod nodes;
mod office;
mod phone;
mod policy;
mod publish;
mod service;
mod simulate;
mod slip;
mod smpp;
mod sms_link;
mod staff;
mod take_back;
mod tool;
mod upstream;

use std::io::Write;

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use failure::Failure;

/// What `--help` says about failures.
const EXIT_CODES: &str = "Exit codes: 0 done, 1 the work failed, 2 the command line is wrong, \
    3 a failure could not be told. A failure is told in two lines: what failed, and a hint.";

/// A GovStack edge node: registration, messages and queues without the internet.
#[derive(Parser, Debug)]
#[command(name = "outpost", version, about, max_term_width = 100, after_help = EXIT_CODES)]
struct Arguments {
    /// What is logged, such as `info` or `node=debug,warn`
    #[arg(long, global = true, env = "OUTPOST_LOG", default_value = "warn")]
    log: String,
    /// Log as one JSON object a line
    #[arg(long, global = true)]
    log_json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Run a node: its bearers and the road to its hub
    Run(office::RunArguments),
    /// Run a hub, or give it an order (slot, grant)
    Hub(office::HubArguments),
    /// Enrol this node at its hub with a one-time code
    Enrol(office::EnrolArguments),
    /// Everything in one process, with a page to try it on
    Demo(demo::DemoArguments),
    /// A telephone in the terminal
    Phone(phone::PhoneArguments),
    /// Look after messages: held, expired, broadcasts, inbox, airtime
    Message(message::MessageArguments),
    /// Verify chains, documents and views of a data folder
    Check(tool::CheckArguments),
    /// Copy a running store
    Backup(tool::BackupArguments),
    /// Make a data folder from a copy; it begins a new epoch
    Restore(tool::RestoreArguments),
    /// Tell the people of an area of a danger, how it goes on, and that it is over
    Alert(alert::AlertArguments),
    /// Proof of registration: print, check and revoke slips and short codes
    Slip(slip::SlipArguments),
    /// Carry news and receipts by USB stick
    Bundle(bundle::BundleArguments),
    /// Look at service definitions
    #[command(subcommand)]
    Service(service::ServiceCommand),
    /// Play a part of the outside world
    #[command(subcommand)]
    Simulate(simulate::SimulateCommand),
}

/// Reads the command line and runs the command.
pub(crate) fn run() -> Result<(), Failure> {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(asked) if !asked.use_stderr() => return asked.print().map_err(Failure::output),
        Err(wrong) => return Err(Failure::usage(&wrong)),
    };
    log(&arguments.log, arguments.log_json)?;
    install_panic_hook();
    let provider = rustls::crypto::ring::default_provider();
    if provider.install_default().is_err() {
        tracing::debug!("a crypto provider was installed before");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| {
            Failure::new(
                format!("failed to start the runtime: {error}"),
                "check the limits of this user",
            )
        })?;
    runtime.block_on(dispatch(arguments.command))
}

async fn dispatch(command: Command) -> Result<(), Failure> {
    let mut out = std::io::stdout();
    match command {
        Command::Run(arguments) => office::run(arguments, &mut out).await,
        Command::Hub(arguments) => office::hub(arguments, &mut out).await,
        Command::Enrol(arguments) => office::enrol(arguments, &mut out).await,
        Command::Demo(arguments) => demo::run(arguments, &mut out).await,
        Command::Phone(arguments) => phone::run(arguments, &mut out).await,
        Command::Message(arguments) => message::run(arguments, &mut out).await,
        Command::Alert(arguments) => alert::run(arguments, &mut out).await,
        Command::Slip(arguments) => slip::run(arguments, &mut out).await,
        Command::Bundle(arguments) => bundle::run(arguments, &mut out).await,
        Command::Check(arguments) => tool::check(arguments, &mut out).await,
        Command::Backup(arguments) => tool::backup(arguments, &mut out).await,
        Command::Restore(arguments) => tool::restore(&arguments, &mut out),
        Command::Service(command) => service::run(command, &mut out),
        Command::Simulate(command) => simulate::run(command, &mut out).await,
    }
}

/// Logs go to standard error, so that what a command prints can be piped.
fn log(filter: &str, json: bool) -> Result<(), Failure> {
    let wrong = |error: tracing_subscriber::filter::ParseError| {
        Failure::new(
            format!("failed to read the log filter: {error}"),
            "write for example `--log info`",
        )
    };
    let filter = EnvFilter::builder().parse(filter).map_err(wrong)?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let installed = if json {
        builder.json().try_init()
    } else {
        builder.with_ansi(false).try_init()
    };
    installed
        .map_err(|error| Failure::new(format!("failed to start logging: {error}"), "report this"))
}

/// A panic tells its place and nothing else: its message could hold what a peer sent.
fn install_panic_hook() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        tracing::error!(panic.place = %place, "a task panicked");
    }));
}

/// Prints one line.
fn say(out: &mut impl Write, text: &str) -> Result<(), Failure> {
    writeln!(out, "{text}").map_err(Failure::output)
}
