//! Synchronisation by SMS where there is no IP: whose SIM, with whom, when, and at what price.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::Settings;
use super::check::Rules;
use super::error::SettingsError;

/// Most nodes of one hub that are reached by SMS; more are refused.
const NODES_MAX: usize = 64;
/// Longest wait for a contact over IP, in hours: a month; more are refused.
const AFTER_HOURS_MAX: u32 = 744;
/// Longest wait of entries for others, in minutes: a day; more are refused.
const GATHER_MINUTES_MAX: u32 = 1_440;
/// Most messages of one SIM in a month; more are refused.
const MONTH_MESSAGES_MAX: u32 = 600_000;
/// Name that the modems of a machine share.
const MODEMS: &str = "modem";

/// Synchronisation by SMS.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmsLinkSettings {
    /// Name of the link whose SIM carries it.
    #[serde(default = "default_link")]
    pub link: String,
    /// Number of the hub's SIM, on a node.
    pub hub: Option<String>,
    /// Hours without a contact over IP, 0–744.
    #[serde(default = "default_after_hours")]
    pub after_hours: u32,
    /// Lanes that leave beside alerts and payments.
    #[serde(default = "default_lanes")]
    pub lanes: Vec<SmsLane>,
    /// Minutes that entries of these lanes wait for others, 0–1,440.
    #[serde(default = "default_gather_minutes")]
    pub gather_minutes: u32,
    /// Price of one SMS in minor units.
    pub price: u32,
    /// Most messages of the SIM in a day, texts to people counted.
    #[serde(default = "default_day_messages")]
    pub day_messages: u32,
    /// Most messages of the SIM in a month, texts to people counted.
    #[serde(default = "default_month_messages")]
    pub month_messages: u32,
    /// Most money in a day, minor units.
    pub day_cost: u32,
    /// Most money in a month, minor units.
    pub month_cost: u32,
    /// Nodes of a hub.
    #[serde(default)]
    pub node: Vec<SmsNodeSettings>,
}

/// A node that its hub reaches by SMS.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmsNodeSettings {
    /// Its name, as its slot was opened.
    pub name: String,
    /// Number of its SIM.
    pub number: String,
}

/// A lane that an operator may let go by SMS.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SmsLane {
    /// Referrals.
    Referrals,
    /// Registrations and reference data.
    Registrations,
    /// Audit.
    Audit,
}

fn default_link() -> String {
    MODEMS.to_owned()
}

fn default_after_hours() -> u32 {
    12
}

fn default_lanes() -> Vec<SmsLane> {
    vec![SmsLane::Referrals, SmsLane::Registrations]
}

fn default_gather_minutes() -> u32 {
    30
}

fn default_day_messages() -> u32 {
    200
}

fn default_month_messages() -> u32 {
    2_000
}

/// Refuses the first value that is out of range.
pub(super) fn check(settings: &Settings, rules: &Rules<'_>) -> Result<(), SettingsError> {
    let Some(link) = &settings.sms_link else {
        return Ok(());
    };
    let modems = link.link == MODEMS && !settings.modem.is_empty();
    let smpp = settings.smpp.iter().any(|smpp| smpp.name == link.link);
    rules.that(
        modems || smpp,
        "sms_link.link",
        "must be \"modem\" with a `[[modem]]`, or the name of an SMPP link",
    )?;
    let is_hub = settings.hub.is_some();
    rules.that(
        is_hub || link.hub.is_some(),
        "sms_link.hub",
        "is needed on a node: the number of its hub's SIM",
    )?;
    rules.that(
        is_hub || link.node.is_empty(),
        "sms_link.node",
        "belongs to a hub",
    )?;
    if let Some(number) = &link.hub {
        rules.that(is_number(number), "sms_link.hub", NUMBER)?;
    }
    rules.that(
        link.node.len() <= NODES_MAX,
        "sms_link.node",
        "is there more than 64 times",
    )?;
    let mut names = BTreeSet::new();
    for node in &link.node {
        rules.name(&node.name, "sms_link.node.name")?;
        rules.that(
            names.insert(&node.name),
            "sms_link.node.name",
            "is there twice",
        )?;
        rules.that(is_number(&node.number), "sms_link.node.number", NUMBER)?;
    }
    ranges(link, rules)
}

const NUMBER: &str = "must be a number like +256770000001";

fn ranges(link: &SmsLinkSettings, rules: &Rules<'_>) -> Result<(), SettingsError> {
    rules.that(
        link.after_hours <= AFTER_HOURS_MAX,
        "sms_link.after_hours",
        "must be 0 to 744 hours",
    )?;
    rules.that(
        link.gather_minutes <= GATHER_MINUTES_MAX,
        "sms_link.gather_minutes",
        "must be 0 to 1440 minutes",
    )?;
    rules.that(
        (1..=MONTH_MESSAGES_MAX).contains(&link.month_messages),
        "sms_link.month_messages",
        "must be 1 to 600000",
    )?;
    rules.that(
        (1..=link.month_messages).contains(&link.day_messages),
        "sms_link.day_messages",
        "must be 1 to those of a month",
    )?;
    rules.that(
        link.day_cost <= link.month_cost,
        "sms_link.day_cost",
        "must be at most that of a month",
    )
}

fn is_number(number: &str) -> bool {
    let digits = number.strip_prefix('+').unwrap_or_default();
    (5..=15).contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_digit())
}
