//! Airtime: looks at the accounts of links once a minute and says what a person must know (CH25).

use std::collections::BTreeMap;
use std::time::Duration;

use node_core::message::budget::AirtimeAlarm;
use node_core::query::{Answer, LinkRow, Query};
use node_store::HubStore;
use tokio::sync::Notify;

use crate::clock::Clock;
use crate::runtime::bell::{Shutdown, wait};

/// How often the accounts are looked at.
pub const AIRTIME_INTERVAL_S: u64 = 60;

/// Which alarm of each link was said last.
type Said = BTreeMap<String, &'static str>;

/// Runs until the program shuts down.
pub async fn run<S: HubStore>(store: S, clock: Clock, mut shutdown: Shutdown) {
    let silent = Notify::new();
    let mut said = Said::new();
    loop {
        match store.query(Query::Links { at: clock.now().at }).await {
            Ok(Answer::Links(rows)) => {
                for row in &rows {
                    if is_new(&mut said, row) {
                        tell(row);
                    }
                }
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(error = %error, "accounts of links could not be read"),
        }
        let interval = Duration::from_secs(AIRTIME_INTERVAL_S);
        if !wait(&silent, interval, &mut shutdown).await {
            break;
        }
    }
}

/// Whether this alarm, or its end, was not said yet. Hours that run down are not said each time.
fn is_new(said: &mut Said, row: &LinkRow) -> bool {
    let word = match row.alarm {
        None => "none",
        Some(AirtimeAlarm::Low { .. }) => "low",
        Some(AirtimeAlarm::Empty) => "empty",
        Some(AirtimeAlarm::Stale) => "stale",
    };
    said.insert(row.link.clone(), word).unwrap_or("none") != word
}

fn tell(row: &LinkRow) {
    if let Some(alarm) = row.alarm {
        call_a_person(&row.link, alarm);
    } else {
        tracing::info!(link = %row.link, "airtime is enough again");
    }
}

fn call_a_person(link: &str, alarm: AirtimeAlarm) {
    tracing::error!(link = %link, alarm = %alarm, "airtime needs a person");
}

#[cfg(test)]
mod tests {
    use node_core::message::budget::{LinkBudget, Used};

    use super::*;

    fn row(alarm: Option<AirtimeAlarm>) -> LinkRow {
        LinkRow {
            link: "sim-1".to_owned(),
            budget: LinkBudget::default(),
            used: Used::default(),
            balance_minor: None,
            supply_hours: None,
            alarm,
        }
    }

    #[test]
    fn an_alarm_and_its_end_are_said_once() {
        let mut said = Said::new();
        assert!(!is_new(&mut said, &row(None)));
        assert!(is_new(
            &mut said,
            &row(Some(AirtimeAlarm::Low { hours: 60 }))
        ));
        assert!(!is_new(
            &mut said,
            &row(Some(AirtimeAlarm::Low { hours: 59 }))
        ));
        assert!(is_new(&mut said, &row(Some(AirtimeAlarm::Empty))));
        assert!(is_new(&mut said, &row(None)));
        assert!(!is_new(&mut said, &row(None)));
    }
}
