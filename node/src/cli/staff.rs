//! `outpost hub grant` and `hub staff-code`: a role for a number, and the one-time code with which
//! its worker chooses her staff PIN.

use std::io::Write;

use clap::Args;
use firmware_config::settings::Settings;
use node::clock::Clock;
use node::roles::hub::{self, HubError};
use node::roles::staff;
use node_core::pin::{Pin, STAFF_CODE_DAYS_MAX};
use node_core::role::{Role, RoleGrant};
use node_store::SqliteStore;

use super::configured::area;
use super::failure::Failure;
use super::office::{HEARD, number, role};
use super::say;

#[derive(Args, Debug)]
pub(super) struct Grant {
    /// The role: health-worker, vendor, clerk, officer, administrator or auditor
    #[arg(long, default_value = "health-worker", value_parser = role)]
    role: Role,
    /// The number, like +256770000001
    #[arg(long)]
    phone: String,
    /// The person's name as staff know it
    #[arg(long)]
    name: String,
    /// Name of the area
    #[arg(long)]
    area: String,
    /// Language of the screens
    #[arg(long, default_value = "en")]
    language: String,
}

#[derive(Args, Debug)]
pub(super) struct StaffCode {
    /// The role, as in `grant`
    #[arg(long, default_value = "health-worker", value_parser = role)]
    role: Role,
    /// The number, like +256770000001
    #[arg(long)]
    phone: String,
    /// Name of the area
    #[arg(long)]
    area: String,
}

fn failed(error: &HubError) -> Failure {
    Failure::of("give the order", error, "check role, number and area")
}

/// Gives the role.
pub(super) async fn grant(
    store: &SqliteStore,
    settings: &Settings,
    (order, clock): (Grant, Clock),
    out: &mut impl Write,
) -> Result<(), Failure> {
    let scope = area(settings, &order.area)?;
    let begins = (scope, clock.now().at);
    let worker = hub::worker(&number(&order.phone)?, &order.name, &order.language, begins);
    let granted = RoleGrant {
        role: order.role,
        ..worker
    };
    let code = staff::grant(store, clock, granted)
        .await
        .map_err(|error| failed(&error))?;
    say(out, &format!("granted; {HEARD}"))?;
    match code {
        Some(code) => tell(&code, out),
        None => say(
            out,
            "the number held the role before, and its PIN stays until that grant ends; \
             `outpost hub staff-code` gives a new one-time code",
        ),
    }
}

/// Gives another code.
pub(super) async fn code(
    store: &SqliteStore,
    settings: &Settings,
    (order, clock): (StaffCode, Clock),
    out: &mut impl Write,
) -> Result<(), Failure> {
    let place = (area(settings, &order.area)?, order.role);
    let phone = number(&order.phone)?;
    let given = staff::renew_code(store, clock, &phone, place);
    let code = given.await.map_err(|error| failed(&error))?;
    say(
        out,
        &format!("the staff PIN of this number ends with all that it opened; {HEARD}"),
    )?;
    tell(&code, out)
}

fn tell(code: &Pin, out: &mut impl Write) -> Result<(), Failure> {
    let digits = code.digits();
    let (first, last) = digits.split_at_checked(4).unwrap_or((digits, ""));
    say(out, &format!("one-time code: {first} {last}"))?;
    say(
        out,
        &format!(
            "Tell it to the worker and to nobody else: she types it on her phone and chooses her \
             PIN. It is good for {STAFF_CODE_DAYS_MAX} days and once on each node."
        ),
    )
}
