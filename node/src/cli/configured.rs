//! What a settings file means for the programs that it starts: clock, sender, node, hub, areas.

use std::path::PathBuf;
use std::time::Duration;

use channels_core::Address;
use firmware_config::settings::{AreaSettings, ClockSource, HubSettings, Settings};
use node::clock::Clock;
use node::roles::hub::HubConfig;
use node::roles::node::{NodeConfig, SmppLink};
use node_core::village::{Village, Villages};
use sync_core::{ClockQuality, Scope};

use super::failure::Failure;
use super::lan;

/// Longest pause between two sessions of a node with its hub, without news.
const SYNC_INTERVAL: Duration = Duration::from_secs(30);

/// The computer's clock, as good as the settings say that its time service is.
pub(super) fn clock(settings: &Settings) -> Clock {
    Clock::system(match settings.node.clock {
        ClockSource::Ntp => ClockQuality::Ntp,
        ClockSource::Rtc => ClockQuality::Rtc,
        ClockSource::Unknown => ClockQuality::Unknown,
    })
}

pub(super) fn settings(path: &PathBuf) -> Result<Settings, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let what = format!("failed to read the settings {}: {error}", path.display());
        Failure::new(
            what,
            "print a template with `outpost-firmware settings-template`",
        )
    })?;
    Settings::parse(&text).map_err(|error| {
        let what = format!("failed to read the settings {}: {error}", path.display());
        Failure::new(what, error.hint())
    })
}

/// A secret from the environment variable that the settings name.
pub(super) fn secret(variable: &str) -> Result<String, Failure> {
    std::env::var(variable).map_err(|error| {
        Failure::of(
            &format!("read the environment variable {variable}"),
            &error,
            "set it, then start again",
        )
    })
}

pub(super) fn sender(settings: &Settings) -> Address {
    Address::parse(&settings.node.sender)
        .unwrap_or_else(|_unusable| Address::ShortCode(settings.node.sender.clone()))
}

pub(super) fn node_config(settings: &Settings) -> NodeConfig {
    NodeConfig {
        folder: settings.node.folder.clone(),
        name: settings.node.name.clone(),
        country: settings.node.country.clone(),
        language: settings.node.language.clone(),
        sender: settings.node.sender.clone(),
        dial: dial(settings),
        programmes: settings.node.programmes.clone(),
        services: settings.node.services.clone(),
        staff_pin_hours: settings.node.staff_pin_hours,
        smpp: Vec::<SmppLink>::new(),
        interval: SYNC_INTERVAL,
        hub_profile: lan::profile(settings.node.hub_profile),
        lan: settings.lan.as_ref().map(lan::config),
        clock: clock(settings),
    }
}

pub(super) fn hub_config(settings: &Settings, listens: bool) -> Result<HubConfig, Failure> {
    let Some(hub) = &settings.hub else {
        return Err(Failure::new(
            "failed to start a hub: the settings have no `[hub]`",
            "add the section, or start a node with `outpost run`",
        ));
    };
    Ok(HubConfig {
        folder: settings.node.folder.clone(),
        name: settings.node.name.clone(),
        realm: hub.realm.clone(),
        areas: hub.area.iter().map(|area| Scope(area.scope)).collect(),
        villages: villages(settings, hub),
        country: settings.node.country.clone(),
        language: settings.node.language.clone(),
        sender: settings.node.sender.clone(),
        programmes: settings.node.programmes.clone(),
        services: settings.node.services.clone(),
        staff_pin_hours: settings.node.staff_pin_hours,
        listen: listens.then_some(hub.listen),
        clock: clock(settings),
    })
}

/// The code that people dial: as set, else made of the sender.
fn dial(settings: &Settings) -> String {
    let own = settings.node.dial.clone();
    own.unwrap_or_else(|| format!("*{}#", settings.node.sender))
}

fn villages(settings: &Settings, hub: &HubSettings) -> Villages {
    let village = |area: &AreaSettings| {
        let code = area.code.clone()?;
        let area = Scope(area.scope);
        Some(Village { code, area })
    };
    Villages {
        dial: hub.dial.clone().unwrap_or_else(|| dial(settings)),
        list: hub.area.iter().filter_map(village).collect(),
    }
}

/// The area of this name.
pub(super) fn area(settings: &Settings, name: &str) -> Result<Scope, Failure> {
    let areas = settings.hub.iter().flat_map(|hub| &hub.area);
    let found = areas.clone().find(|area| area.name == name);
    found.map(|area| Scope(area.scope)).ok_or_else(|| {
        let known: Vec<_> = areas.map(|area| area.name.as_str()).collect();
        let hint = format!("the settings name: {}", known.join(", "));
        Failure::new(format!("failed to find the area {name}"), hint)
    })
}
