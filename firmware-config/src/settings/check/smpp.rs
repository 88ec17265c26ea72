//! Ranges and cross-field rules of SMPP: links, dialects, local applications.

use std::collections::BTreeSet;

use super::super::error::SettingsError;
use super::super::smpp::{SessionPlace, SmppSettings, UssdDialectSettings, shipped_dialects};
use super::super::{Settings, SmppApplicationSettings};
use super::{ENTRIES_MAX, Rules};

/// Longest SMPP account, in characters (SMPP 3.4 §5.2.1: 15 and the terminator).
const SYSTEM_ID_CHARS_MAX: usize = 15;

impl Rules<'_> {
    pub(super) fn dialects(&self, dialects: &[UssdDialectSettings]) -> Result<(), SettingsError> {
        let mut names = shipped_names();
        for dialect in dialects {
            self.name(&dialect.name, "ussd_dialect.name")?;
            self.that(
                names.insert(dialect.name.clone()),
                "ussd_dialect.name",
                "is there already, or is that of a shipped dialect",
            )?;
            self.that(
                !dialect.answers.is_empty() && !dialect.answers.contains(&dialect.begin),
                "ussd_dialect.answers",
                "must hold an operation other than `begin`",
            )?;
            let aborts = &dialect.aborts;
            let ends = |op: &u8| dialect.answers.contains(op) || *op == dialect.begin;
            self.that(
                !aborts.iter().any(ends),
                "ussd_dialect.aborts",
                "must hold other operations than `begin` and `answers`",
            )?;
            let masked = dialect.session == SessionPlace::Masked;
            let mask = dialect.mask.unwrap_or(0);
            self.that(
                !masked || mask != 0,
                "ussd_dialect.mask",
                "must name the bits of the session, for session = \"masked\"",
            )?;
            self.that(
                dialect.ask != dialect.end || dialect.end_bit,
                "ussd_dialect.end",
                "must differ from `ask` where no end bit tells them apart",
            )?;
        }
        Ok(())
    }

    pub(super) fn links(&self, settings: &Settings) -> Result<(), SettingsError> {
        let links = &settings.smpp;
        self.that(
            links.len() <= ENTRIES_MAX,
            "smpp",
            "is there more than 1000 times",
        )?;
        let mut dialects = shipped_names();
        dialects.extend(settings.ussd_dialect.iter().map(|own| own.name.clone()));
        let mut names = BTreeSet::new();
        for link in links {
            self.name(&link.name, "smpp.name")?;
            self.that(names.insert(&link.name), "smpp.name", "is there twice")?;
            self.account(&link.system_id, "smpp.system_id")?;
            self.variable(&link.password_variable, "smpp.password_variable")?;
            let mut addresses = link.fallback_addresses.iter().chain([&link.address]);
            let near = addresses.all(|address| address.ip().is_loopback());
            self.that(
                near || link.tls.is_some(),
                "smpp.address",
                "must be a loopback address, or have `[smpp.tls]`",
            )?;
            self.that(
                dialects.contains(&link.dialect),
                "smpp.dialect",
                "must be standard, standard-counted, mica, 6d, tata, caller, or a `[[ussd_dialect]]`",
            )?;
            self.ranges(link)?;
        }
        Ok(())
    }

    fn ranges(&self, link: &SmppSettings) -> Result<(), SettingsError> {
        let text = |text: &str, most: usize| text.is_ascii() && text.len() <= most;
        let rules = [
            (
                (1..=8).contains(&link.binds),
                "smpp.binds",
                "must be 1 to 8",
            ),
            (
                text(&link.system_type, 12),
                "smpp.system_type",
                "must have at most 12 ASCII characters",
            ),
            (
                text(&link.address_range, 40),
                "smpp.address_range",
                "must have at most 40 ASCII characters",
            ),
            (link.code_ton <= 6, "smpp.code_ton", "must be 0 to 6"),
            (link.code_npi <= 18, "smpp.code_npi", "must be 0 to 18"),
            (
                (1..=100).contains(&link.window),
                "smpp.window",
                "must be 1 to 100",
            ),
            (
                (1..=1_000).contains(&link.rate),
                "smpp.rate",
                "must be 1 to 1000",
            ),
            (
                (1..=120).contains(&link.bind_s),
                "smpp.bind_s",
                "must be 1 to 120",
            ),
            (
                (1..=120).contains(&link.request_s),
                "smpp.request_s",
                "must be 1 to 120",
            ),
            (
                (1..=600).contains(&link.idle_s),
                "smpp.idle_s",
                "must be 1 to 600",
            ),
        ];
        for (holds, key, reason) in rules {
            self.that(holds, key, reason)?;
        }
        let country = link.country_code.as_deref().unwrap_or("1");
        let digits =
            (1..=3).contains(&country.len()) && country.bytes().all(|c| c.is_ascii_digit());
        self.that(
            digits,
            "smpp.country_code",
            "must be 1 to 3 digits without +",
        )
    }

    pub(super) fn applications(&self, settings: &Settings) -> Result<(), SettingsError> {
        let applications = &settings.smpp_application;
        if let Some(server) = &settings.smpp_server {
            self.that(
                server.listen.ip().is_loopback(),
                "smpp_server.listen",
                "must be a loopback address: SMPP carries passwords and numbers in the clear",
            )?;
        }
        self.that(
            applications.is_empty() || settings.smpp_server.is_some(),
            "smpp_application",
            "needs `[smpp_server]`",
        )?;
        self.that(
            applications.len() <= ENTRIES_MAX,
            "smpp_application",
            "is there more than 1000 times",
        )?;
        let mut names = BTreeSet::new();
        for application in applications {
            let key = "smpp_application.system_id";
            self.account(&application.system_id, key)?;
            self.that(names.insert(&application.system_id), key, "is there twice")?;
            self.application(application)?;
        }
        Ok(())
    }

    fn application(&self, application: &SmppApplicationSettings) -> Result<(), SettingsError> {
        self.variable(
            &application.password_variable,
            "smpp_application.password_variable",
        )?;
        let sender = |text: &String| (1..=20).contains(&text.len()) && text.is_ascii();
        self.that(
            application.senders.iter().all(sender),
            "smpp_application.senders",
            "must have 1 to 20 ASCII characters each",
        )?;
        self.that(
            (1..=1_000).contains(&application.rate),
            "smpp_application.rate",
            "must be 1 to 1000",
        )?;
        self.that(
            (1..=100_000).contains(&application.queue),
            "smpp_application.queue",
            "must be 1 to 100000",
        )?;
        self.that(
            (1..=168).contains(&application.validity_h),
            "smpp_application.validity_h",
            "must be 1 to 168",
        )
    }

    fn account(&self, system_id: &str, key: &str) -> Result<(), SettingsError> {
        let fits = (1..=SYSTEM_ID_CHARS_MAX).contains(&system_id.len()) && system_id.is_ascii();
        self.that(fits, key, "must have 1 to 15 ASCII characters")
    }
}

fn shipped_names() -> BTreeSet<String> {
    let shipped = shipped_dialects().unwrap_or_default();
    shipped.into_iter().map(|dialect| dialect.name).collect()
}
