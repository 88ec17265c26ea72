//! The settings of one node or hub, the file `outpost.toml` (docs: the commented template).
//!
//! Unknown keys and values out of range are refused with line, key and the nearest known word.
//! No secret is a setting: a key that ends in `_variable` names an environment variable.

mod aggregator;
mod check;
mod error;
mod lan;
pub mod messages;
mod modem;
mod smpp;
mod sms_link;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use serde::Deserialize;

pub use aggregator::{
    HttpSmsSettings, ScreenPostSettings, SignatureAlgorithm, SignatureSettings, SignatureSpelling,
    UssdGatewaySettings,
};
pub use error::SettingsError;
pub use lan::{LanPeerSettings, LanSettings, LinkProfile};
use messages::MessageSettings;
pub use modem::ModemSettings;
pub use smpp::{
    Bind, CodePlaceSetting, EchoedParameter, LongTextSetting, SessionPlace, SmppAlphabet,
    SmppApplicationSettings, SmppClass, SmppServerSettings, SmppSettings, SmppTlsSettings,
    SmppVersion, UssdDialectSettings, shipped_dialects,
};
pub use sms_link::{SmsLane, SmsLinkSettings, SmsNodeSettings};

/// A commented `outpost.toml` with every setting.
pub fn template() -> &'static str {
    include_str!("outpost.toml")
}

/// Everything in `outpost.toml`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// This machine.
    pub node: NodeSettings,
    /// Present on a hub.
    pub hub: Option<HubSettings>,
    /// Neighbours on the LAN; without it none are met.
    pub lan: Option<LanSettings>,
    /// Building Blocks called and served.
    #[serde(default)]
    pub govstack: GovstackSettings,
    /// Rules of sending messages.
    #[serde(default)]
    pub messages: MessageSettings,
    /// SMPP links.
    #[serde(default)]
    pub smpp: Vec<SmppSettings>,
    /// A country's own dialects of USSD over SMPP.
    #[serde(default)]
    pub ussd_dialect: Vec<UssdDialectSettings>,
    /// The SMSC for local applications.
    pub smpp_server: Option<SmppServerSettings>,
    /// Applications that may bind there.
    #[serde(default)]
    pub smpp_application: Vec<SmppApplicationSettings>,
    /// Synchronisation by SMS.
    pub sms_link: Option<SmsLinkSettings>,
    /// GSM modems.
    #[serde(default)]
    pub modem: Vec<ModemSettings>,
    /// USSD over HTTP.
    #[serde(default)]
    pub ussd_gateway: Vec<UssdGatewaySettings>,
    /// SMS over an aggregator's HTTP API.
    #[serde(default)]
    pub http_sms: Vec<HttpSmsSettings>,
    /// USSD of an own 2G cell.
    pub own_cell: Option<OwnCellSettings>,
}

/// What keeps a computer's clock right; it decides whether dates can be counted from today.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClockSource {
    /// A time service over the network.
    Ntp,
    /// A clock with a battery.
    Rtc,
    /// Nothing that is known.
    #[default]
    Unknown,
}

/// This machine.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeSettings {
    /// Name on screens and pages, 1–40 characters.
    pub name: String,
    /// Folder of the store and the key file.
    pub folder: PathBuf,
    /// A small file on another medium or partition, by which a folder that was set back to an older
    /// copy is noticed; without it only the hub can.
    pub anchor: Option<PathBuf>,
    /// ISO 3166-1 alpha-2, upper case.
    pub country: String,
    /// BCP 47.
    pub language: String,
    /// How far the computer's clock can be trusted.
    #[serde(default)]
    pub clock: ClockSource,
    /// Short code shown as sender, 2–6 digits.
    pub sender: String,
    /// The code that people dial, such as `*384*7#`; without it `*`, the sender and `#`.
    pub dial: Option<String>,
    /// Folder of the site's own programmes; one there replaces the shipped one with its code.
    pub programmes: Option<PathBuf>,
    /// Codes of the shipped programmes that are offered; without them that for mother and child.
    #[serde(default)]
    pub services: Vec<String>,
    /// `host:port` of the hub; `None` = works alone.
    pub hub_address: Option<String>,
    /// How frames travel to the hub.
    #[serde(default = "default_hub_profile")]
    pub hub_profile: LinkProfile,
    /// Hours for which a right PIN opens the screens of staff on their phones, 0–168; 0 = none is
    /// asked.
    #[serde(default = "default_staff_pin_hours")]
    pub staff_pin_hours: u16,
}

fn default_hub_profile() -> LinkProfile {
    LinkProfile::Metered
}

/// Hours for which a right staff PIN opens the screens of staff where nothing else is set.
pub const STAFF_PIN_HOURS: u16 = 24;

fn default_staff_pin_hours() -> u16 {
    STAFF_PIN_HOURS
}

/// What only a hub has.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HubSettings {
    /// Where nodes connect.
    pub listen: SocketAddr,
    /// Name of the network.
    pub realm: String,
    /// The code that people dial, such as `*384*7#`; without it that of the node.
    pub dial: Option<String>,
    /// The areas, at least one.
    pub area: Vec<AreaSettings>,
    /// Pages of the district office; without it none are served.
    pub office: Option<OfficeSettings>,
}

/// Pages of the district office.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficeSettings {
    /// Where.
    pub listen: SocketAddr,
    /// Whether TLS ends in front of it, so that no browser reaches it without.
    #[serde(default)]
    pub tls_in_front: bool,
}

/// One area.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AreaSettings {
    /// Its name.
    pub name: String,
    /// Programme and area; a multiple of 8.
    pub scope: u32,
    /// What its people type as their village, 2–6 digits; each needs one where there are several.
    pub code: Option<String>,
}

/// Building Blocks called and served.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GovstackSettings {
    /// Called, by name; `registries` is the one of this release.
    #[serde(default)]
    pub upstream: BTreeMap<String, UpstreamSettings>,
    /// Served.
    pub serve: Option<ServeSettings>,
}

/// One Building Block that the hub calls.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpstreamSettings {
    /// Scheme, host and port.
    pub url: String,
    /// Straight or through a security server.
    pub route: Route,
    /// `INSTANCE/CLASS/MEMBER/APPLICATION/SERVICE`, for [`Route::R1`].
    pub service: Option<String>,
    /// Between service and operation.
    #[serde(default)]
    pub base_path: String,
    /// Name of the client header.
    pub client_header: ClientHeader,
    /// `INSTANCE/CLASS/MEMBER/SUBSYSTEM`.
    pub client: String,
    /// How we prove who we are.
    pub auth: Auth,
    /// Environment variable with token or key.
    pub secret_variable: Option<String>,
    /// Spelling of operations.
    #[serde(default)]
    pub generation: Generation,
    /// Seconds for one request, 1–120.
    #[serde(default = "default_timeout_s")]
    pub timeout_s: u32,
    /// PEM file, required for https.
    pub roots_file: Option<PathBuf>,
    /// Registry code there.
    pub registry: String,
    /// Its version text.
    pub version: String,
}

/// Straight or through a security server.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Route {
    /// Straight.
    Direct,
    /// Through the local security server.
    R1,
}

/// Name of the client header.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClientHeader {
    /// `Information-Mediator-Client`.
    #[default]
    InformationMediator,
    /// `X-GovStack-Client`.
    Govstack,
    /// `X-Road-Client`.
    XRoad,
    /// Not sent.
    None,
}

/// How we prove who we are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Auth {
    /// Not at all.
    None,
    /// Bearer token.
    Bearer,
    /// API key.
    ApiKey,
}

/// Spelling of operations.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
pub enum Generation {
    /// `updateOrCreate`.
    #[default]
    #[serde(rename = "1.4")]
    Camel,
    /// `update-or-create`.
    #[serde(rename = "1.0")]
    Hyphens,
}

/// Registries served from this hub's own store.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServeSettings {
    /// Where.
    pub listen: SocketAddr,
    /// Name of the header that names the caller.
    #[serde(default)]
    pub client_header: ClientHeader,
    /// Scheme and host of the addresses in lists.
    pub public_url: Option<String>,
    /// The registries, at least one.
    pub registry: Vec<RegistrySettings>,
    /// Who may call; empty = whoever reaches a loopback address.
    #[serde(default)]
    pub client: Vec<ClientSettings>,
}

/// One served registry.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegistrySettings {
    /// Code in the path.
    pub code: String,
    /// Name for people.
    pub name: String,
    /// Version texts, at least one.
    pub versions: Vec<String>,
}

/// One client that may call.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientSettings {
    /// `INSTANCE/CLASS/MEMBER/SUBSYSTEM`.
    pub client: String,
    /// Environment variable with its key.
    pub key_variable: String,
}

/// USSD of an own 2G cell, whose home register is `osmo-hlr`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnCellSettings {
    /// Name of the link.
    pub name: String,
    /// Loopback address of the home register; its ports are fixed.
    pub address: IpAddr,
    /// Name of the external USSD entity in the home register's configuration.
    pub entity: String,
    /// `ncss-guard-timeout` there, in seconds, 30–255.
    #[serde(default = "default_guard_s")]
    pub guard_s: u8,
}

fn default_guard_s() -> u8 {
    u8::MAX
}

fn default_timeout_s() -> u32 {
    20
}

impl Settings {
    /// Reads and checks `outpost.toml`.
    ///
    /// # Errors
    /// [`SettingsError`] with line, key and the nearest known word.
    pub fn parse(text: &str) -> Result<Self, SettingsError> {
        let settings: Self =
            toml::from_str(text).map_err(|error| SettingsError::of_toml(text, &error))?;
        check::check(&settings, text)?;
        Ok(settings)
    }
}

#[cfg(test)]
mod tests;
