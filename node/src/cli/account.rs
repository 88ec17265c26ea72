//! `outpost hub account`: opens the account of a number on the pages of its hub; and where these
//! pages are served.

use std::io::{BufRead, Read, Write};

use clap::Args;
use firmware_config::settings::Settings;
use node::clock::Clock;
use node::roles::office::{self, OfficeConfig};
use node::roles::station::Station;
use node_core::pin::{PASSPHRASE_CHARS_MAX, PASSPHRASE_CHARS_MIN, Pin};
use node_core::role::Role;
use node_store::SqliteStore;

use super::failure::Failure;
use super::say;

/// Most bytes of the line with the passphrase; what is longer is cut off, and then too long.
const LINE_BYTES_MAX: u64 = 4_096;

#[derive(Args, Debug)]
pub(crate) struct Account {
    /// The role, as in `grant`; the number must hold it
    #[arg(long, default_value = "officer", value_parser = super::office::role)]
    role: Role,
    /// The number, like +256770000001
    #[arg(long)]
    phone: String,
}

/// Serves the pages where the settings say so; the end of the line that says where.
pub(super) async fn serve(
    station: &mut Station<SqliteStore>,
    settings: &Settings,
) -> Result<String, Failure> {
    let Some(own) = settings.hub.as_ref().and_then(|hub| hub.office.as_ref()) else {
        return Ok(String::new());
    };
    let config = OfficeConfig {
        name: settings.node.name.clone(),
        tls: own.tls_in_front,
    };
    let served = office::serve(station, own.listen, config).await;
    let address = served.map_err(|error| {
        Failure::of(
            "serve the office's pages",
            &error,
            "check `[hub.office]` in the settings",
        )
    })?;
    Ok(format!(", its pages are at http://{address}/office"))
}

/// Reads the passphrase from one line of standard input, so that no list of processes shows it.
pub(super) async fn open(
    store: &SqliteStore,
    clock: Clock,
    account: &Account,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let phone = super::office::number(&account.phone)?;
    let mut line = String::new();
    let read = std::io::stdin()
        .lock()
        .take(LINE_BYTES_MAX)
        .read_line(&mut line);
    let hint = format!(
        "give {PASSPHRASE_CHARS_MIN} to {PASSPHRASE_CHARS_MAX} characters of several kinds on one \
         line of standard input"
    );
    read.map_err(|error| Failure::of("read the passphrase", &error, &hint))?;
    let passphrase = Pin::passphrase(&line)
        .ok_or_else(|| Failure::new("failed to take the passphrase: it is too weak", hint))?;
    let opened = office::open_account(store, clock, (&phone, account.role), &passphrase);
    let failed = |error| {
        Failure::of(
            "open the account",
            &error,
            "give the number the role first: `outpost hub grant`",
        )
    };
    opened.await.map_err(failed)?;
    say(
        out,
        &format!(
            "account opened: sign in as {} with this number",
            account.role.words()
        ),
    )
}
