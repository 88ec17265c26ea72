//! From the settings of SMPP to what the channels take: links, dialects, secrets and roots.

use std::borrow::Cow;

use channels::smpp::esme::{EsmeConfig, TlsClient};
use channels::smpp::smsc::{Account, BindMode, Smsc, SmscConfig};
use channels_core::smpp::alphabet::DefaultAlphabet;
use channels_core::smpp::pdu::BindKind;
use channels_core::smpp::sms::{CodePlan, LongText};
use channels_core::smpp::ussd::{CodePlace, Dialect, Echo, SessionName};
use firmware_config::settings::{
    Bind, CodePlaceSetting, EchoedParameter, LongTextSetting, SessionPlace, Settings, SmppAlphabet,
    SmppApplicationSettings, SmppClass, SmppSettings, SmppVersion, UssdDialectSettings,
    shipped_dialects,
};
use node::runtime::applications::{Application, Desk, EVENTS_MAX};
use node_core::view::MessageClass;
use tokio::sync::mpsc;

use super::configured::secret;
use super::failure::Failure;

const HINT: &str = "check its section in the settings";

/// The configuration of a link.
pub(super) fn esme(link: &SmppSettings, settings: &Settings) -> Result<EsmeConfig, Failure> {
    let password = secret(&link.password_variable)?;
    let mut config = EsmeConfig::new(&link.name, link.address, &link.system_id, &password);
    config.addresses.extend(&link.fallback_addresses);
    config.binds = u8::try_from(link.binds).unwrap_or(u8::MAX);
    config.tls = tls(link)?;
    config.bind = bind_kind(link.bind);
    config.system_type.clone_from(&link.system_type);
    config.address_range.clone_from(&link.address_range);
    config.interface_version = match link.version {
        SmppVersion::V3_3 => 0x33,
        SmppVersion::V3_4 => 0x34,
        SmppVersion::V5_0 => 0x50,
    };
    config.profile.dialect = dialect_named(&link.dialect, settings)?;
    config.profile.alphabet = match link.alphabet {
        SmppAlphabet::Gsm7 => DefaultAlphabet::Gsm7,
        SmppAlphabet::Latin1 => DefaultAlphabet::Latin1,
        SmppAlphabet::Ascii => DefaultAlphabet::Ascii,
    };
    config.profile.long = match link.long_text {
        LongTextSetting::Udh => LongText::Udh,
        LongTextSetting::Sar => LongText::Sar,
        LongTextSetting::Payload => LongText::Payload,
    };
    config.profile.code_plan = CodePlan {
        ton: link.code_ton,
        npi: link.code_npi,
    };
    config.profile.country_code.clone_from(&link.country_code);
    config.settings.window = u8::try_from(link.window).unwrap_or(u8::MAX);
    config.settings.rate_per_s = u16::try_from(link.rate).unwrap_or(u16::MAX);
    config.settings.bind_s = link.bind_s;
    config.settings.request_s = link.request_s;
    config.settings.idle_s = link.idle_s;
    Ok(config)
}

fn bind_kind(bind: Bind) -> BindKind {
    match bind {
        Bind::Transceiver => BindKind::Transceiver,
        Bind::Transmitter => BindKind::Transmitter,
        Bind::Receiver => BindKind::Receiver,
    }
}

fn tls(link: &SmppSettings) -> Result<Option<TlsClient>, Failure> {
    let Some(tls) = &link.tls else {
        return Ok(None);
    };
    let roots = std::fs::read(&tls.roots_file)
        .map_err(|error| Failure::of("read the roots of an SMPP link", &error, HINT))?;
    TlsClient::try_new(&tls.server_name, &roots)
        .map(Some)
        .map_err(|error| Failure::of("prepare TLS of an SMPP link", &error, HINT))
}

/// The SMSC for local applications, where the settings have one.
pub(super) async fn desk(settings: &Settings) -> Result<Option<Desk>, Failure> {
    let Some(server) = &settings.smpp_server else {
        return Ok(None);
    };
    let mut accounts = Vec::new();
    for application in &settings.smpp_application {
        accounts.push(Account {
            system_id: application.system_id.clone(),
            password: secret(&application.password_variable)?,
            mode: application
                .bind
                .map_or(BindMode::Any, |bind| BindMode::Only(bind_kind(bind))),
            senders: application.senders.clone(),
            rate_per_s: application.rate,
        });
    }
    let applications = settings.smpp_application.iter().map(application).collect();
    let (events_in, events) = mpsc::channel(EVENTS_MAX);
    let smsc = Smsc::bind(server.listen, SmscConfig { accounts }, events_in)
        .await
        .map_err(|error| {
            let hint = "check `[smpp_server]` in the settings";
            Failure::of("listen for local applications", &error, hint)
        })?;
    Ok(Some(Desk {
        smsc,
        events,
        applications,
    }))
}

fn application(settings: &SmppApplicationSettings) -> Application {
    Application {
        system_id: settings.system_id.clone(),
        class: match settings.class {
            SmppClass::Health => MessageClass::Health,
            SmppClass::Reminder => MessageClass::Reminder,
            SmppClass::Broadcast => MessageClass::Broadcast,
        },
        validity_s: settings.validity_h.saturating_mul(3_600),
        queue_max: settings.queue,
    }
}

/// A country's own dialect of that name, else the shipped one.
fn dialect_named(name: &str, settings: &Settings) -> Result<Dialect, Failure> {
    let shipped = shipped_dialects()
        .map_err(|error| Failure::of("read the shipped dialects", &error, HINT))?;
    let mut all = settings.ussd_dialect.iter().chain(&shipped);
    let found = all.find(|dialect| dialect.name == name);
    // The settings were checked: the name is there.
    Ok(found.map_or(Dialect::STANDARD, dialect))
}

/// A dialect as the machines take it.
pub(super) fn dialect(settings: &UssdDialectSettings) -> Dialect {
    let echo = settings.echo.iter().map(|parameter| match parameter {
        EchoedParameter::SessionInfo => Echo::SessionInfo,
        EchoedParameter::Reference => Echo::Reference,
    });
    Dialect {
        name: Cow::Owned(settings.name.clone()),
        begin: settings.begin,
        answers: Cow::Owned(settings.answers.clone()),
        ask: settings.ask,
        end: settings.end,
        end_bit: settings.end_bit,
        aborts: Cow::Owned(settings.aborts.clone()),
        session: match settings.session {
            SessionPlace::FirstOctet => SessionName::FirstOctet,
            SessionPlace::Masked => SessionName::Masked(settings.mask.unwrap_or(u16::MAX)),
            SessionPlace::Reference => SessionName::Reference,
            SessionPlace::Caller => SessionName::Caller,
        },
        code: match settings.code {
            CodePlaceSetting::Either => CodePlace::Either,
            CodePlaceSetting::Text => CodePlace::Text,
            CodePlaceSetting::Destination => CodePlace::Destination,
        },
        echo: Cow::Owned(echo.collect()),
        counts: settings.counts,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_dialects_are_those_that_the_machines_are_tested_with() {
        let shipped: Vec<Dialect> = shipped_dialects().unwrap().iter().map(dialect).collect();
        assert_eq!(shipped, Dialect::ALL);
    }
}
