//! Synchronisation by SMS, as the settings say: over a bearer that is attached already.

use std::collections::BTreeMap;

use channels_core::Msisdn;
use firmware_config::settings::{Settings, SmsLane, SmsLinkSettings};
use jiff::SignedDuration;
use node::roles::station::Station;
use node::runtime::sms_link::desk::{SmsLinkConfig, fresh_salt};
use node_store::SqliteStore;
use sync_core::Lane;
use sync_core::sms::purse::{Cap, Tariff};

use super::failure::Failure;

/// Joins this end by SMS, if the settings say so.
pub(super) async fn attach(
    station: &mut Station<SqliteStore>,
    settings: &Settings,
) -> Result<(), Failure> {
    let Some(link) = &settings.sms_link else {
        return Ok(());
    };
    let config = config(settings, link)?;
    station.join_by_sms(config).await.map_err(|error| {
        let hint = "check `[sms_link]` of the settings and the data folder";
        Failure::of("start the SMS link", &error, hint)
    })
}

fn config(settings: &Settings, link: &SmsLinkSettings) -> Result<SmsLinkConfig, Failure> {
    let mut numbers = BTreeMap::new();
    if let Some(hub) = &link.hub {
        numbers.insert(String::new(), number(hub)?);
    }
    for node in &link.node {
        numbers.insert(node.name.clone(), number(&node.number)?);
    }
    let lane = |lane: &SmsLane| match lane {
        SmsLane::Referrals => Lane::Referral,
        SmsLane::Registrations => Lane::Registration,
        SmsLane::Audit => Lane::Audit,
    };
    let cap = |messages: u32, cost: u32| Cap {
        messages: messages.into(),
        cost: cost.into(),
    };
    Ok(SmsLinkConfig {
        sim: link.link.clone(),
        tariff: Tariff {
            price: link.price.into(),
            day: cap(link.day_messages, link.day_cost),
            month: cap(link.month_messages, link.month_cost),
        },
        lanes: link.lanes.iter().map(lane).collect(),
        after: SignedDuration::from_hours(link.after_hours.into()),
        gather: SignedDuration::from_mins(link.gather_minutes.into()),
        salt: fresh_salt,
        is_hub: settings.hub.is_some(),
        numbers,
    })
}

fn number(text: &str) -> Result<Msisdn, Failure> {
    Msisdn::parse(text).map_err(|error| {
        Failure::of(
            "read a number of the SMS link",
            &error,
            "write it like +256772000100",
        )
    })
}
