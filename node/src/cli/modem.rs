//! The modems of the settings: one channel that owns all of them.

use channels::gsm_modem::{Board, GsmModems, ModemConfig};
use channels_core::modem::{BalanceQuery, Pin, Rates, Settings as Habits};
use channels_core::{Address, LinkName, Msisdn};
use firmware_config::settings::{ModemSettings, Settings};
use node::roles::station::Station;
use node_store::SqliteStore;

use super::configured::{secret, sender};
use super::failure::Failure;

/// Name of the link that all modems of a node share: a message goes by whichever is free.
const LINK: &str = "modem";

/// Attaches the modems, if the settings name any.
pub(super) fn attach(
    station: &mut Station<SqliteStore>,
    settings: &Settings,
) -> Result<(), Failure> {
    if settings.modem.is_empty() {
        return Ok(());
    }
    let modems = settings
        .modem
        .iter()
        .map(|modem| config(settings, modem))
        .collect::<Result<Vec<_>, _>>()?;
    let channel = GsmModems::new(LinkName(LINK.to_owned()), modems).map_err(|error| {
        let hint = "check the `[[modem]]` sections of the settings";
        Failure::of("configure the modems", &error, hint)
    })?;
    station.attach(channel, sender(settings));
    Ok(())
}

fn config(settings: &Settings, modem: &ModemSettings) -> Result<ModemConfig, Failure> {
    let own = Msisdn::parse(&modem.number).map_err(|error| {
        Failure::of(
            "read a modem's number",
            &error,
            "write it like +256772000100",
        )
    })?;
    let pin = match &modem.pin_variable {
        Some(variable) => Some(Pin::parse(&secret(variable)?).ok_or_else(|| {
            let what = format!("failed to read the PIN in {variable}");
            Failure::new(what, "a PIN has four to eight digits")
        })?),
        None => None,
    };
    let balance = modem
        .balance_code
        .clone()
        .zip(modem.balance_pattern.clone());
    Ok(ModemConfig {
        name: modem.name.clone(),
        port: modem.port.clone(),
        baud: modem.baud,
        own: Address::Phone(own),
        settings: Habits {
            pin,
            pin_was_tried: false,
            country_code: modem.country_code.clone(),
            rates: Rates {
                minute: modem.minute,
                hour: modem.hour,
                day: modem.day,
            },
            balance: balance.map(|(code, pattern)| BalanceQuery { code, pattern }),
            ussd_is_packed: modem.ussd_packed,
        },
        board: Board {
            command: modem.board_command.clone(),
            file: modem.board_file.clone(),
        },
        folder: settings.node.folder.clone(),
    })
}
