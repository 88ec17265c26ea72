//! Rules for links to HTTP aggregators.

use std::collections::BTreeSet;
use std::path::Path;

use super::{ENTRIES_MAX, Rules, is_loopback, is_range};
use crate::settings::{
    HttpSmsSettings, Settings, SettingsError, SignatureSettings, UssdGatewaySettings,
};

/// Dialects that come with the program; `channels_core` gives each its meaning.
const DIALECTS: [&str; 5] = [
    "africas-talking",
    "sendexa",
    "oltranz",
    "ideamart",
    "hollatags",
];
/// SMS APIs that come with the program.
const APIS: [&str; 2] = ["africas-talking", "json"];

impl Rules<'_> {
    pub(super) fn gateways(&self, gateways: &[UssdGatewaySettings]) -> Result<(), SettingsError> {
        let few = gateways.len() <= ENTRIES_MAX;
        self.that(few, "ussd_gateway", "is there more than 1000 times")?;
        for gateway in gateways {
            self.name(&gateway.name, "ussd_gateway.name")?;
            self.variable(&gateway.secret_variable, "ussd_gateway.secret_variable")?;
            let signature = gateway.signature.as_ref();
            self.admission("ussd_gateway", &gateway.callers, signature)?;
            self.that(
                DIALECTS.contains(&gateway.dialect.as_str()) || is_file(&gateway.dialect),
                "ussd_gateway.dialect",
                "must be africas-talking, sendexa, oltranz, ideamart, hollatags, or an absolute path",
            )?;
            if let Some(post) = &gateway.post {
                let key = "ussd_gateway.post.url";
                self.address(&post.url, post.roots_file.is_some(), key)?;
                let key = "ussd_gateway.post.secret_variable";
                self.variable(&post.secret_variable, key)?;
            }
        }
        Ok(())
    }

    pub(super) fn http_sms(&self, links: &[HttpSmsSettings]) -> Result<(), SettingsError> {
        let few = links.len() <= ENTRIES_MAX;
        self.that(few, "http_sms", "is there more than 1000 times")?;
        for link in links {
            self.name(&link.name, "http_sms.name")?;
            self.that(
                APIS.contains(&link.api.as_str()) || is_file(&link.api),
                "http_sms.api",
                "must be africas-talking, json, or an absolute path",
            )?;
            self.address(&link.url, link.roots_file.is_some(), "http_sms.url")?;
            if let Some(url) = &link.query_url {
                self.address(url, link.roots_file.is_some(), "http_sms.query_url")?;
            }
            self.variable(&link.key_variable, "http_sms.key_variable")?;
            self.variable(&link.secret_variable, "http_sms.secret_variable")?;
            let rate = (1..=1_000).contains(&link.rate);
            self.that(rate, "http_sms.rate", "must be 1 to 1000")?;
            let timeout = (1..=60).contains(&link.timeout_s);
            self.that(timeout, "http_sms.timeout_s", "must be 1 to 60")?;
            self.admission("http_sms", &link.callers, link.signature.as_ref())?;
        }
        Ok(())
    }

    /// Receipts and sessions are told apart by the name of their link.
    pub(super) fn link_names(&self, settings: &Settings) -> Result<(), SettingsError> {
        let mut names: BTreeSet<&String> = settings.smpp.iter().map(|link| &link.name).collect();
        for gateway in &settings.ussd_gateway {
            let new = names.insert(&gateway.name);
            self.that(new, "ussd_gateway.name", "is the name of another link")?;
        }
        for link in &settings.http_sms {
            let new = names.insert(&link.name);
            self.that(new, "http_sms.name", "is the name of another link")?;
        }
        if let Some(cell) = &settings.own_cell {
            let new = names.insert(&cell.name);
            self.that(new, "own_cell.name", "is the name of another link")?;
        }
        Ok(())
    }

    fn admission(
        &self,
        section: &str,
        callers: &[String],
        signature: Option<&SignatureSettings>,
    ) -> Result<(), SettingsError> {
        let named = !callers.is_empty() || signature.is_some();
        self.that(
            named && callers.iter().all(|caller| is_range(caller)),
            &format!("{section}.callers"),
            "must be addresses or ranges such as 192.0.2.0/24; none only with a signature",
        )?;
        let Some(signature) = signature else {
            return Ok(());
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let header = !signature.header.is_empty() && signature.header.chars().all(plain);
        let key = format!("{section}.signature.header");
        self.that(header, &key, "must be the name of a header")?;
        let key = format!("{section}.signature.key_variable");
        self.variable(&signature.key_variable, &key)
    }

    fn address(&self, url: &str, has_roots: bool, key: &str) -> Result<(), SettingsError> {
        let host = |rest: &str| rest.split('/').next().is_some_and(is_loopback);
        let plain = url.strip_prefix("http://").is_some_and(host);
        let tls = url.starts_with("https://");
        let reason = "must be https, or http to a loopback address";
        self.that(plain || tls, key, reason)?;
        self.that(!tls || has_roots, key, "needs `roots_file` for https")
    }
}

fn is_file(text: &str) -> bool {
    Path::new(text).is_absolute()
}
