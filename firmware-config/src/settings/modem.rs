//! One GSM modem with its SIM: port, PIN, rates, balance, and how the board helps.
//!
//! Rules across fields and ranges are here as well; what a modem is told is not.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::Deserialize;

use super::check::Rules;
use super::error::SettingsError;

/// Most modems of one machine; more are refused.
const MODEMS_MAX: usize = 8;
/// Most SMS parts of one SIM in a day; more are refused.
const DAY_PARTS_MAX: u32 = 20_000;

/// One GSM modem.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModemSettings {
    /// Name in logs.
    pub name: String,
    /// The port.
    pub port: PathBuf,
    /// Number of the SIM, international.
    pub number: String,
    /// Bits a second.
    #[serde(default = "default_baud")]
    pub baud: u32,
    /// Environment variable with the PIN.
    pub pin_variable: Option<String>,
    /// For callers in national form, without `+`.
    pub country_code: Option<String>,
    /// Most SMS parts in a minute, 1–60.
    #[serde(default = "default_minute")]
    pub minute: u32,
    /// Most SMS parts in an hour, 1–3,600.
    #[serde(default = "default_hour")]
    pub hour: u32,
    /// Most SMS parts in a day, 1–20,000.
    #[serde(default = "default_day")]
    pub day: u32,
    /// What is dialled for the airtime balance.
    pub balance_code: Option<String>,
    /// Words of its answer, with `{amount}`.
    pub balance_pattern: Option<String>,
    /// Whether codes are given as packed hex.
    #[serde(default)]
    pub ussd_packed: bool,
    /// Program that rebinds and power-cycles.
    #[serde(default)]
    pub board_command: Vec<String>,
    /// File that gets the step instead.
    pub board_file: Option<PathBuf>,
}

fn default_baud() -> u32 {
    115_200
}

fn default_minute() -> u32 {
    10
}

fn default_hour() -> u32 {
    200
}

fn default_day() -> u32 {
    2_000
}

/// Refuses the first value that is out of range.
pub(super) fn check(modems: &[ModemSettings], rules: &Rules<'_>) -> Result<(), SettingsError> {
    let few = modems.len() <= MODEMS_MAX;
    rules.that(few, "modem", "is there more than 8 times")?;
    let (mut names, mut ports) = (BTreeSet::new(), BTreeSet::new());
    for modem in modems {
        rules.name(&modem.name, "modem.name")?;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let is_word = modem.name.chars().all(plain);
        rules.that(is_word, "modem.name", "must be letters, digits and hyphens")?;
        rules.that(names.insert(&modem.name), "modem.name", "is there twice")?;
        rules.that(
            modem.port.is_absolute(),
            "modem.port",
            "must be an absolute path",
        )?;
        rules.that(ports.insert(&modem.port), "modem.port", "is there twice")?;
        one(modem, rules)?;
    }
    Ok(())
}

fn one(modem: &ModemSettings, rules: &Rules<'_>) -> Result<(), SettingsError> {
    let digits = modem.number.strip_prefix('+').unwrap_or_default();
    let number = (7..=15).contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_digit());
    let form = "must be an international number such as +256772000100";
    rules.that(number, "modem.number", form)?;
    let baud = [
        9_600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600,
    ];
    rules.that(
        baud.contains(&modem.baud),
        "modem.baud",
        "must be a usual speed such as 115200",
    )?;
    if let Some(variable) = &modem.pin_variable {
        rules.variable(variable, "modem.pin_variable")?;
    }
    let code = modem.country_code.as_deref().is_none_or(|code| {
        (1..=3).contains(&code.len()) && code.chars().all(|c| c.is_ascii_digit())
    });
    rules.that(
        code,
        "modem.country_code",
        "must be 1 to 3 digits without +",
    )?;
    rules.that(
        (1..=60).contains(&modem.minute),
        "modem.minute",
        "must be 1 to 60",
    )?;
    rules.that(
        (1..=3_600).contains(&modem.hour),
        "modem.hour",
        "must be 1 to 3600",
    )?;
    rules.that(
        (1..=DAY_PARTS_MAX).contains(&modem.day),
        "modem.day",
        "must be 1 to 20000",
    )?;
    balance(modem, rules)?;
    let one_way = modem.board_command.is_empty() || modem.board_file.is_none();
    rules.that(
        one_way,
        "modem.board_file",
        "is there beside board_command: use one of them",
    )
}

fn balance(modem: &ModemSettings, rules: &Rules<'_>) -> Result<(), SettingsError> {
    let both = modem.balance_code.is_some() == modem.balance_pattern.is_some();
    rules.that(
        both,
        "modem.balance_pattern",
        "and balance_code belong together",
    )?;
    let code = modem.balance_code.as_deref().is_none_or(|code| {
        let plain = |c: char| c.is_ascii_digit() || matches!(c, '*' | '#');
        (2..=20).contains(&code.len()) && code.chars().all(plain)
    });
    rules.that(code, "modem.balance_code", "must be digits, * and #")?;
    let place = modem
        .balance_pattern
        .as_deref()
        .is_none_or(|pattern| pattern.matches("{amount}").count() == 1);
    let form = "must hold {amount} once";
    rules.that(place, "modem.balance_pattern", form)
}
