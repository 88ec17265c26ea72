//! Ranges and cross-field rules that the types do not carry.

mod aggregator;
mod smpp;
mod village;

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::error::SettingsError;
use super::messages::{MessageSettings, minute_of_day, offset_minutes};
use super::{
    Auth, HubSettings, NodeSettings, OwnCellSettings, Route, ServeSettings, Settings,
    UpstreamSettings,
};

/// Longest name on screens, in characters.
const NAME_CHARS_MAX: usize = 40;
/// Most areas of one hub: its certificate names each with every lane.
const AREAS_MAX: usize = 50;
/// Most keywords that are routed; more are refused.
const KEYWORDS_MAX: usize = 100;
/// Most links, registries or clients; more are refused.
const ENTRIES_MAX: usize = 1_000;

/// Most hours for which a right staff PIN opens the screens of staff, a week; more is refused.
const STAFF_PIN_HOURS_MAX: u16 = 168;
/// Longest name of an external USSD entity, in characters; longer is refused.
const ENTITY_CHARS_MAX: usize = 32;
/// Shortest guard time of a home register, in seconds; shorter leaves no time to read.
const GUARD_S_MIN: u8 = 30;

/// One file under check.
pub(super) struct Rules<'a> {
    text: &'a str,
}

/// Refuses the first value that is out of range.
pub(super) fn check(settings: &Settings, text: &str) -> Result<(), SettingsError> {
    let rules = Rules { text };
    rules.node(&settings.node)?;
    if let Some(hub) = &settings.hub {
        rules.hub(hub)?;
    }
    let called = !settings.govstack.upstream.is_empty() || settings.govstack.serve.is_some();
    rules.that(
        !called || settings.hub.is_some(),
        "govstack",
        "belongs to a hub: add `[hub]`",
    )?;
    for (name, upstream) in &settings.govstack.upstream {
        rules.upstream(name, upstream)?;
    }
    if let Some(serve) = &settings.govstack.serve {
        rules.serve(serve)?;
    }
    if let Some(lan) = &settings.lan {
        super::lan::check(lan, &rules)?;
    }
    rules.messages(&settings.messages)?;
    rules.dialects(&settings.ussd_dialect)?;
    rules.links(settings)?;
    rules.applications(settings)?;
    super::modem::check(&settings.modem, &rules)?;
    super::sms_link::check(settings, &rules)?;
    rules.gateways(&settings.ussd_gateway)?;
    rules.http_sms(&settings.http_sms)?;
    if let Some(cell) = &settings.own_cell {
        rules.cell(cell)?;
    }
    rules.link_names(settings)
}

impl Rules<'_> {
    pub(super) fn that(&self, holds: bool, key: &str, reason: &str) -> Result<(), SettingsError> {
        if holds {
            Ok(())
        } else {
            Err(SettingsError::value(self.text, key, reason))
        }
    }

    pub(super) fn name(&self, name: &str, key: &str) -> Result<(), SettingsError> {
        let fits = (1..=NAME_CHARS_MAX).contains(&name.chars().count());
        let plain = !name.chars().any(char::is_control) && name.trim() == name;
        self.that(
            fits && plain,
            key,
            "must have 1 to 40 characters on one line",
        )
    }

    pub(super) fn variable(&self, name: &str, key: &str) -> Result<(), SettingsError> {
        let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        let fits = name.starts_with(|c: char| c.is_ascii_uppercase()) && name.chars().all(plain);
        self.that(
            fits,
            key,
            "must name an environment variable: A-Z, 0-9 and _",
        )
    }

    fn node(&self, node: &NodeSettings) -> Result<(), SettingsError> {
        self.name(&node.name, "node.name")?;
        self.that(
            node.folder.is_absolute(),
            "node.folder",
            "must be an absolute path",
        )?;
        let anchor = node.anchor.as_ref();
        self.that(
            anchor.is_none_or(|anchor| anchor.is_absolute() && !anchor.starts_with(&node.folder)),
            "node.anchor",
            "must be an absolute path outside `folder`",
        )?;
        let letters = node.country.chars().all(|c| c.is_ascii_uppercase());
        let country = node.country.len() == 2 && letters;
        self.that(
            country,
            "node.country",
            "must be two capital letters, ISO 3166-1",
        )?;
        let part = |part: &str| {
            (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric())
        };
        let first = node.language.split('-').next().unwrap_or_default().len();
        let language = (2..=3).contains(&first) && node.language.split('-').all(part);
        self.that(
            language,
            "node.language",
            "must be a language tag such as en or sw",
        )?;
        let digits = node.sender.chars().all(|c| c.is_ascii_digit());
        let sender = (2..=6).contains(&node.sender.len()) && digits;
        self.that(
            sender,
            "node.sender",
            "must be a short code of 2 to 6 digits",
        )?;
        let dial = node.dial.as_deref().is_none_or(village::is_dialled);
        self.that(dial, "node.dial", "must look like *384*7#")?;
        let own = node.programmes.as_deref();
        let own = own.is_none_or(std::path::Path::is_absolute);
        self.that(own, "node.programmes", "must be an absolute path")?;
        let hub = node.hub_address.as_deref().is_none_or(is_host_and_port);
        self.that(hub, "node.hub_address", "must be host:port")?;
        self.that(
            node.staff_pin_hours <= STAFF_PIN_HOURS_MAX,
            "node.staff_pin_hours",
            "must be 0 to 168 hours",
        )
    }

    fn messages(&self, messages: &MessageSettings) -> Result<(), SettingsError> {
        for (time, key) in [
            (&messages.quiet_from, "messages.quiet_from"),
            (&messages.quiet_until, "messages.quiet_until"),
        ] {
            let is_time = minute_of_day(time).is_some();
            self.that(is_time, key, "must be a time of day such as 21:00")?;
        }
        self.that(
            offset_minutes(&messages.utc_offset).is_some(),
            "messages.utc_offset",
            "must be an offset such as +03:00",
        )?;
        let is_number = |number: &String| {
            let digits = number.strip_prefix('+').unwrap_or_default();
            (5..=15).contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_digit())
        };
        self.that(
            messages.own_numbers.iter().all(is_number),
            "messages.own_numbers",
            "must be numbers like +256770000001",
        )?;
        self.that(
            messages.keywords.len() <= KEYWORDS_MAX,
            "messages.keywords",
            "may hold at most 100 words",
        )?;
        let mut names = BTreeSet::new();
        for link in &messages.link {
            self.name(&link.name, "messages.link.name")?;
            self.that(
                names.insert(&link.name),
                "messages.link.name",
                "is there twice",
            )?;
        }
        Ok(())
    }

    fn hub(&self, hub: &HubSettings) -> Result<(), SettingsError> {
        self.name(&hub.realm, "hub.realm")?;
        let some = (1..=AREAS_MAX).contains(&hub.area.len());
        self.that(some, "hub.area", "must be there 1 to 50 times")?;
        let (mut names, mut scopes) = (BTreeSet::new(), BTreeSet::new());
        for area in &hub.area {
            self.name(&area.name, "hub.area.name")?;
            let multiple = area.scope >= 16 && area.scope.is_multiple_of(8);
            self.that(
                multiple,
                "hub.area.scope",
                "must be a multiple of 8, from 16",
            )?;
            self.that(names.insert(&area.name), "hub.area.name", "is there twice")?;
            self.that(
                scopes.insert(area.scope),
                "hub.area.scope",
                "is there twice",
            )?;
        }
        let office = hub.office.as_ref();
        let near =
            office.is_none_or(|office| office.listen.ip().is_loopback() || office.tls_in_front);
        self.that(
            near,
            "hub.office.listen",
            "must be a loopback address, or have `tls_in_front = true`: passphrases and names are \
             in the clear without TLS",
        )?;
        self.villages(hub)
    }

    fn upstream(&self, name: &str, upstream: &UpstreamSettings) -> Result<(), SettingsError> {
        let key = |field: &str| format!("govstack.upstream.{name}.{field}");
        let section = format!("govstack.upstream.{name}");
        self.that(
            name == "registries",
            &section,
            "is no Building Block of this release",
        )?;
        let plain = upstream
            .url
            .strip_prefix("http://")
            .is_some_and(is_loopback);
        let tls = upstream.url.starts_with("https://");
        self.that(
            plain || tls,
            &key("url"),
            "must be https, or http to a loopback address",
        )?;
        let roots = !tls || upstream.roots_file.is_some();
        self.that(roots, &key("roots_file"), "is needed for https")?;
        let service = upstream
            .service
            .as_deref()
            .is_some_and(|service| is_path(service, 5));
        let routed = upstream.route == Route::Direct || service;
        let form = "must be INSTANCE/CLASS/MEMBER/APPLICATION/SERVICE for route r1";
        self.that(routed, &key("service"), form)?;
        let form = "must be INSTANCE/CLASS/MEMBER/SUBSYSTEM";
        self.that(is_path(&upstream.client, 4), &key("client"), form)?;
        match (upstream.auth, &upstream.secret_variable) {
            (Auth::None, _) => {}
            (_, Some(variable)) => self.variable(variable, &key("secret_variable"))?,
            (_, None) => self.that(false, &key("secret_variable"), "is needed for this auth")?,
        }
        let timeout = (1..=120).contains(&upstream.timeout_s);
        self.that(timeout, &key("timeout_s"), "must be 1 to 120")?;
        self.that(
            is_path(&upstream.registry, 1),
            &key("registry"),
            "must be one path word",
        )?;
        self.that(
            is_path(&upstream.version, 1),
            &key("version"),
            "must be one path word",
        )
    }

    fn serve(&self, serve: &ServeSettings) -> Result<(), SettingsError> {
        let guarded = serve.listen.ip().is_loopback();
        let reason = "must be a loopback address: TLS ends in front of it, on this machine";
        self.that(guarded, "govstack.serve.listen", reason)?;
        let some = (1..=ENTRIES_MAX).contains(&serve.registry.len());
        self.that(
            some,
            "govstack.serve.registry",
            "must be there 1 to 1000 times",
        )?;
        for registry in &serve.registry {
            let code = is_path(&registry.code, 1);
            self.that(
                code,
                "govstack.serve.registry.code",
                "must be one path word",
            )?;
            self.name(&registry.name, "govstack.serve.registry.name")?;
            let versions = &registry.versions;
            let words = !versions.is_empty() && versions.iter().all(|word| is_path(word, 1));
            self.that(
                words,
                "govstack.serve.registry.versions",
                "must be path words",
            )?;
        }
        for client in &serve.client {
            let form = "must be INSTANCE/CLASS/MEMBER/SUBSYSTEM";
            self.that(
                is_path(&client.client, 4),
                "govstack.serve.client.client",
                form,
            )?;
            self.variable(&client.key_variable, "govstack.serve.client.key_variable")?;
        }
        Ok(())
    }

    fn cell(&self, cell: &OwnCellSettings) -> Result<(), SettingsError> {
        self.name(&cell.name, "own_cell.name")?;
        self.that(
            cell.address.is_loopback(),
            "own_cell.address",
            "must be a loopback address: the home register authenticates nobody",
        )?;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let entity = (1..=ENTITY_CHARS_MAX).contains(&cell.entity.len());
        self.that(
            entity && cell.entity.chars().all(plain),
            "own_cell.entity",
            "must have 1 to 32 letters, digits or -",
        )?;
        self.that(
            cell.guard_s >= GUARD_S_MIN,
            "own_cell.guard_s",
            "must be 30 to 255",
        )
    }
}

/// `parts` words of letters, digits, `-`, `_` and `.`, joined by `/`.
fn is_path(text: &str, parts: usize) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let word = |word: &str| {
        (1..=64).contains(&word.len()) && word.chars().all(plain) && !word.starts_with('.')
    };
    text.split('/').count() == parts && text.split('/').all(word)
}

pub(super) fn is_host_and_port(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':' | '[' | ']');
    text.rsplit_once(':').is_some_and(|(host, port)| {
        !host.is_empty() && host.chars().all(plain) && port.parse::<u16>().is_ok_and(|p| p > 0)
    })
}

/// Whether `host[:port]` is a loopback address.
fn is_loopback(authority: &str) -> bool {
    let authority = authority.trim_end_matches('/');
    let address = authority
        .parse::<std::net::SocketAddr>()
        .map(|socket| socket.ip());
    let bare = || authority.trim_matches(['[', ']']).parse::<IpAddr>();
    address
        .or_else(|_| bare())
        .is_ok_and(|address| address.is_loopback())
}

/// An address, or an address and a prefix length.
fn is_range(text: &str) -> bool {
    let (address, prefix) = text.split_once('/').unwrap_or((text, "0"));
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => prefix.parse::<u8>().is_ok_and(|bits| bits <= 32),
        Ok(IpAddr::V6(_)) => prefix.parse::<u8>().is_ok_and(|bits| bits <= 128),
        Err(_) => false,
    }
}
