//! `outpost slip`: proof of registration, to print, to send as a short code, to check, to revoke.
//!
//! Whoever presents a slip says number and birth year; they are compared and kept nowhere. A slip
//! that proves nothing ends the command with exit code 1.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use node::clock::Clock;
use node::slip::{SlipRunError, check, issue};
use node_console::slip::{SlipPage, page, svg};
use node_core::command::{Command, Outcome};
use node_core::role::Principal;
use node_core::slip::code::Code;
use node_core::slip::{Claim, SLIP_PREFIX, Slip};
use node_core::text::Texts;
use node_core::turn::{Committed, Turn};
use node_store::{CodeAnswer, HubStore, SqliteStore};
use sync_core::{ClockQuality, Scope};

use super::failure::Failure;
use super::say;
use super::tool::{Place, store as failed};

/// Longest text that is read from the standard input, in bytes; the rest is left out.
const INPUT_BYTES_MAX: u64 = 4_096;

#[derive(Args, Debug)]
pub(crate) struct SlipArguments {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    order: SlipCommand,
}

#[derive(Subcommand, Debug)]
enum SlipCommand {
    /// Sign a slip and write it as one A6 page (`.html`) or as its QR code alone (`.svg`)
    Print {
        /// Registration number of the person
        number: String,
        /// The file to write
        #[arg(long)]
        out: PathBuf,
        /// Print the number in large digits: only if the person wants it
        #[arg(long)]
        with_number: bool,
    },
    /// Make a short code for an SMS or a card
    Code {
        /// Registration number of the person
        number: String,
    },
    /// Check a slip or a short code; `-` reads the text from the standard input
    Verify {
        /// What the QR code says, or the short code
        text: String,
        /// Registration number that the presenter says
        #[arg(long)]
        rn: Option<String>,
        /// Birth year that the presenter says; leave it out where none is known
        #[arg(long, requires = "rn")]
        year: Option<String>,
    },
    /// Revoke all slips and codes of a person
    Revoke {
        /// Registration number of the person
        number: String,
    },
}

pub(crate) async fn run(arguments: SlipArguments, out: &mut impl Write) -> Result<(), Failure> {
    let language = arguments.place.language().to_owned();
    let store = arguments.place.open()?;
    match arguments.order {
        SlipCommand::Print {
            number,
            out: path,
            with_number,
        } => {
            let number = digits(&number)?;
            let slip = issue(&store, &number, now()).await.map_err(not_signed)?;
            let shown = with_number.then_some(number.as_str());
            write_slip(&path, &slip, shown, &language)?;
            say(out, &format!("slip written to {}", path.display()))?;
            say(out, "Ask for number and birth year where it is shown.")
        }
        SlipCommand::Code { number } => {
            let number = digits(&number)?;
            let give = Command::GiveSlipCode { number, nonce: 0 };
            let told = order(&store, give).await?;
            say(out, told.values.get("code").map_or("", String::as_str))
        }
        SlipCommand::Revoke { number } => {
            let number = digits(&number)?;
            let told = order(&store, Command::RevokeSlips { number }).await?;
            let count = told.values.get("revoked").map_or("0", String::as_str);
            say(out, &format!("{count} slips and codes revoked"))
        }
        SlipCommand::Verify { text, rn, year } => {
            let text = if text == "-" { standard_input()? } else { text };
            let claim = rn.map(|rn| Claim::parse(&rn, year.as_deref())).transpose();
            let claim = claim.map_err(|error| {
                Failure::of("read the claim", &error, "ask for number and year again")
            })?;
            verify(&store, text.trim(), claim, out).await
        }
    }
}

fn now() -> node_core::contact::Moment {
    Clock::system(ClockQuality::Unknown).now()
}

fn digits(number: &str) -> Result<String, Failure> {
    let claim = Claim::parse(number, None);
    let claim = claim.map_err(|error| {
        Failure::of(
            "read the number",
            &error,
            "compare it with the person's card",
        )
    })?;
    Ok(claim.number().to_owned())
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the form that `map_err` takes"
)]
fn not_signed(error: SlipRunError) -> Failure {
    Failure::of(
        "sign the slip",
        &error,
        "check the number; a node signs once it is enrolled",
    )
}

fn write_slip(
    path: &Path,
    slip: &Slip,
    number: Option<&str>,
    language: &str,
) -> Result<(), Failure> {
    let texts = Texts::shipped()
        .map_err(|error| Failure::of("read the system texts", &error, "report this"))?;
    let content = SlipPage {
        slip,
        number,
        language,
    };
    let drawn = if path.extension().is_some_and(|extension| extension == "svg") {
        svg(&slip.text())
    } else {
        page(&content, &texts)
    };
    let drawn = drawn.map_err(|error| Failure::of("draw the slip", &error, "report this"))?;
    std::fs::write(path, drawn)
        .map_err(|error| Failure::of("write the slip", &error, "check the path of `--out`"))
}

fn standard_input() -> Result<String, Failure> {
    use std::io::Read as _;
    let mut text = String::new();
    std::io::stdin()
        .take(INPUT_BYTES_MAX)
        .read_to_string(&mut text)
        .map_err(|error| Failure::of("read the standard input", &error, "pipe the text in"))?;
    Ok(text)
}

/// As whoever runs the machine; the node's own area is that of the person.
async fn order(store: &SqliteStore, command: Command) -> Result<Outcome, Failure> {
    let principal = Principal::system(Scope(0), "en");
    let told = store.commit(Turn::Command { principal, command }, now());
    match told
        .await
        .map_err(|error| failed("give the order", &error))?
    {
        Committed::Command(Ok(outcome)) => Ok(outcome),
        Committed::Command(Err(rejection)) => Err(Failure::new(
            format!("failed to give the order: {}", rejection.text),
            "check the number; a node makes codes once it has met its hub",
        )),
        _ => Err(Failure::new("failed to give the order", "report this")),
    }
}

async fn verify(
    store: &SqliteStore,
    text: &str,
    claim: Option<Claim>,
    out: &mut impl Write,
) -> Result<(), Failure> {
    if text.to_ascii_uppercase().starts_with(SLIP_PREFIX) {
        let slip = Slip::parse(text)
            .map_err(|error| Failure::of("read the slip", &error, "scan it once more"))?;
        return verify_slip(store, slip, claim, out).await;
    }
    let code = Code::parse(text)
        .map_err(|error| Failure::of("read the code", &error, "compare every letter"))?;
    let Some(claim) = claim else {
        return Err(Failure::new(
            "failed to check the code: nobody is named",
            "ask for number and birth year, and name them with `--rn` and `--year`",
        ));
    };
    let answer = store.check_code(code, claim).await;
    match answer.map_err(|error| failed("check the code", &error))? {
        CodeAnswer::Valid { programme } => say(
            out,
            &format!(
                "valid: {programme}, by a node of an area known here, {}",
                code.month()
            ),
        ),
        CodeAnswer::NotValid => Err(Failure::new(
            "the code is not valid for this number and birth year here",
            "a code of another area is checked by its nodes or by the hub",
        )),
        CodeAnswer::Revoked => Err(Failure::new(
            "the code is revoked: the registration does not hold any more",
            "ask the office of the person's area",
        )),
    }
}

async fn verify_slip(
    store: &SqliteStore,
    slip: Slip,
    claim: Option<Claim>,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let issuer = slip.issuer();
    let told = check(store, slip, claim, now()).await;
    match told.map_err(|error| Failure::of("check the slip", &error, "try again"))? {
        Ok(Some(programme)) => say(
            out,
            &format!("valid: {programme}, signed by node {}", issuer.node.0),
        ),
        Ok(None) => {
            say(out, &format!("signed by node {}", issuer.node.0))?;
            say(
                out,
                "It proves something only with `--rn` and `--year` of the presenter.",
            )
        }
        Err(fault) => Err(Failure::new(
            format!("the slip proves nothing: {fault}"),
            "ask the person for number and birth year again, or the issuing office",
        )),
    }
}
