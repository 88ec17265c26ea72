//! A node that acknowledges before COMMIT, for the negative control of the crash suite:
//! `early_ack FOLDER ADDRESS` serves the store in a folder at the operator's address.

use std::future::pending;
use std::path::PathBuf;

use anyhow::Context;
use channels::smpp::esme::{Esme, EsmeConfig};
use channels_core::Address;
use channels_core::smpp::ussd::Dialect;
use node::clock::Clock;
use node::roles::station::Station;
use sync_core::ClockQuality;
use tests::crash::network::{PASSWORD, SHORT_CODE, SYSTEM_ID};
use tests::crash::person::LINK;
use tests::crash::probe::{Probe, copy};
use tests::early_ack::EarlyAck;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().context("name the folder of the store")?);
    let address = arguments
        .next()
        .context("name the operator's address")?
        .parse()?;
    let shadow = folder.with_extension("shadow");
    copy(&folder, &shadow);
    let probe = Probe::shipped(false);
    let store = EarlyAck::start(probe.open(&shadow)?, probe.open(&folder)?);
    let mut station = Station::start(store, Clock::system(ClockQuality::Ntp));
    let mut link = EsmeConfig::new(LINK, address, SYSTEM_ID, PASSWORD);
    link.profile.dialect = Dialect::STANDARD_COUNTED;
    station.attach(Esme::new(link)?, Address::ShortCode(SHORT_CODE.to_owned()));
    pending().await
}
