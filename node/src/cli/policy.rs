//! From `[messages]` of the settings to the stored rules of sending.

use firmware_config::settings::messages::{MessageSettings, minute_of_day, offset_minutes};
use node::clock::Clock;
use node_core::message::budget::LinkBudget;
use node_core::message::order::Order;
use node_core::message::policy::Policy;
use node_core::message::quiet::QuietHours;
use node_core::turn::Turn;
use node_store::{HubStore, SqliteStore};

use super::failure::Failure;

/// Writes the rules of the settings into the store: whatever sends from now on keeps them.
pub(super) async fn apply(
    store: &SqliteStore,
    clock: Clock,
    settings: &MessageSettings,
) -> Result<(), Failure> {
    let turn = Turn::Order(Order::SetPolicy(policy(settings)));
    match store.commit(turn, clock.now()).await {
        Ok(_) => Ok(()),
        Err(error) => Err(Failure::of(
            "write the rules of sending",
            &error,
            "check the data folder",
        )),
    }
}

fn policy(settings: &MessageSettings) -> Policy {
    let night = QuietHours::default();
    let quiet = settings.quiet_hours.then(|| QuietHours {
        from_min: minute_of_day(&settings.quiet_from).unwrap_or(night.from_min),
        until_min: minute_of_day(&settings.quiet_until).unwrap_or(night.until_min),
    });
    let links = settings.link.iter().map(|link| {
        let budget = LinkBudget {
            minute_parts: link.per_minute,
            hour_parts: link.per_hour,
            day_parts: link.per_day,
            price_minor: link.price,
            receipts: link.receipts,
        };
        (link.name.clone(), budget)
    });
    Policy {
        quiet,
        offset_min: offset_minutes(&settings.utc_offset).unwrap_or(0),
        own_numbers: settings.own_numbers.clone(),
        links: links.collect(),
        keywords: settings.keywords.clone(),
        approve_above: settings.approve_above,
        stale_days: settings.stale_days,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_become_the_rules_of_sending() {
        let mut settings = MessageSettings::default();
        assert_eq!(policy(&settings).quiet, Some(QuietHours::default()));
        settings.quiet_hours = false;
        settings.utc_offset = "-03:00".to_owned();
        let rules = policy(&settings);
        assert_eq!((rules.quiet, rules.offset_min), (None, -180));
    }
}
