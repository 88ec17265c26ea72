//! `outpost simulate modem`: a GSM modem with SIM and network at a pseudo-terminal.
//!
//! Orders come line by line on standard input, so that a person or a script plays the network.

use std::io::Write;
use std::path::PathBuf;

use channels::modem_simulator::ModemSimulator;
use channels_core::modem_simulator::{Fault, Input, Settings, Submitted};
use channels_core::tpdu::TpAddress;
use channels_core::{Address, Msisdn};
use clap::{Args, Subcommand};
use tokio::sync::mpsc;

use super::demo::stop_signal;
use super::failure::Failure;
use super::say;

/// Orders that were read and wait; reading waits then.
const ORDERS_MAX: usize = 64;

/// What can be simulated.
#[derive(Subcommand, Debug)]
pub(crate) enum SimulateCommand {
    /// A GSM modem at a pseudo-terminal; orders on standard input: `text NUMBER TEXT`,
    /// `ring NUMBER`, `fault WORD on|off`
    Modem(ModemArguments),
}

#[derive(Args, Debug)]
pub(crate) struct ModemArguments {
    /// Number of the SIM; messages to it come back to it
    #[arg(long, default_value = "+256772000100")]
    number: String,
    /// A link that always leads to the terminal, also after the modem was unplugged
    #[arg(long)]
    link: Option<PathBuf>,
    /// Divides every delay; other programs keep their own clocks and want 1
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    time_scale: u32,
    /// Messages that each store holds
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=255))]
    capacity: u32,
    /// Milliseconds that the network takes for a message
    #[arg(long, default_value_t = 3_000, value_parser = clap::value_parser!(u32).range(0..=120_000))]
    submit_ms: u32,
    /// A fault to begin with, such as `no-network`; a wrong word prints all
    #[arg(long)]
    fault: Vec<String>,
}

/// Runs what was asked for.
pub(crate) async fn run(command: SimulateCommand, out: &mut impl Write) -> Result<(), Failure> {
    match command {
        SimulateCommand::Modem(arguments) => modem(arguments, out).await,
    }
}

fn number(text: &str) -> Result<Msisdn, Failure> {
    Msisdn::parse(text)
        .map_err(|error| Failure::of("read the number", &error, "write it like +256772000100"))
}

fn fault(word: &str) -> Result<Fault, Failure> {
    Fault::named(word).ok_or_else(|| {
        let known: Vec<&str> = Fault::ALL.into_iter().map(Fault::word).collect();
        let hint = format!("one of: {}", known.join(", "));
        Failure::new(format!("failed to find the fault {word}"), hint)
    })
}

async fn modem(arguments: ModemArguments, out: &mut impl Write) -> Result<(), Failure> {
    let settings = Settings {
        capacity: arguments.capacity,
        submit_ms: i64::from(arguments.submit_ms),
        time_scale: arguments.time_scale,
        ..Settings::new(number(&arguments.number)?)
    };
    let faults: Vec<Fault> = arguments
        .fault
        .iter()
        .map(|word| fault(word))
        .collect::<Result<_, _>>()?;
    let mut simulator = ModemSimulator::start(settings, arguments.link.clone())
        .map_err(|error| Failure::of("open a pseudo-terminal", &error, "check `--link`"))?;
    for fault in faults {
        simulator.order(Input::Switch(fault, true)).await;
    }
    let place = arguments.link.or(simulator.path()).unwrap_or_default();
    say(out, &format!("modem at {}", place.display()))?;
    let mut orders = read_orders();
    let stop = stop_signal();
    tokio::pin!(stop);
    loop {
        // All arms are cancel safe.
        tokio::select! {
            () = &mut stop => return Ok(()),
            Some(line) = orders.recv() => match order(&line) {
                Ok(input) => simulator.order(input).await,
                Err(failure) => {
                    say(out, &format!("{}; {}", failure.what(), failure.hint()))?;
                }
            },
            Some(submitted) = simulator.submitted() => say(out, &shown(&submitted))?,
        }
    }
}

/// The lines of standard input. Its end is no reason to end: a service has none.
fn read_orders() -> mpsc::Receiver<String> {
    let (lines, orders) = mpsc::channel(ORDERS_MAX);
    // A thread that nobody waits for: reading a terminal cannot be called off.
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            if lines.blocking_send(line).is_err() {
                break;
            }
        }
    });
    orders
}

fn order(line: &str) -> Result<Input, Failure> {
    let mut words = line.splitn(3, ' ');
    let (verb, object) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let rest = words.next().unwrap_or("");
    match verb {
        "text" => {
            let from = Address::Phone(number(object)?);
            let from = TpAddress::of(&from)
                .map_err(|error| Failure::of("read the number", &error, "use another one"))?;
            let text = rest.to_owned();
            Ok(Input::Text { from, text })
        }
        "ring" if object.is_empty() => Ok(Input::Ring(None)),
        "ring" => Ok(Input::Ring(Some(number(object)?))),
        "fault" => Ok(Input::Switch(fault(object)?, rest != "off")),
        _ => Err(Failure::new(
            format!("failed to read the order {verb}"),
            "say text, ring or fault",
        )),
    }
}

fn shown(submitted: &Submitted) -> String {
    let data = &submitted.submit.user_data;
    let place = data.concatenation().map_or(String::new(), |place| {
        format!(" ({}/{})", place.index, place.total)
    });
    let text = data.text().unwrap_or_else(|| "[data]".to_owned());
    let to = submitted.submit.destination.as_str();
    format!("submitted to {to}{place}: {text}")
}
