//! Settings of SMPP: links to operators, dialects of USSD, and the SMSC for local applications.
//!
//! A dialect is data (CHANNELS rule CH7): those that ship are the same tables as a country's own.
//! Operation numbers are decimal: 17 and 18 read as hexadecimal are the classic mistake.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Deserialize;

/// The dialects that ship, as `[[ussd_dialect]]` tables.
const SHIPPED: &str = include_str!("dialects.toml");

/// One SMPP link: an account with one or several binds, over one or several addresses.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmppSettings {
    /// Name of the link.
    pub name: String,
    /// Address of the SMSC.
    pub address: SocketAddr,
    /// Further addresses of the same account, tried in turn.
    #[serde(default)]
    pub fallback_addresses: Vec<SocketAddr>,
    /// How many times to bind, 1–8.
    #[serde(default = "one")]
    pub binds: u32,
    /// Account, at most 15 characters (SMPP 3.4 §5.2.1).
    pub system_id: String,
    /// Environment variable with its password.
    pub password_variable: String,
    /// Kind of ESME, at most 12 characters (SMPP 3.4 §5.2.3).
    #[serde(default)]
    pub system_type: String,
    /// Kind of bind.
    #[serde(default)]
    pub bind: Bind,
    /// Version to say in the bind.
    #[serde(default)]
    pub version: SmppVersion,
    /// Numbers that we serve, at most 40 characters (SMPP 3.4 §5.2.7).
    #[serde(default)]
    pub address_range: String,
    /// How its USSD speaks: the name of a shipped dialect or of a `[[ussd_dialect]]`.
    #[serde(default = "standard")]
    pub dialect: String,
    /// What `data_coding` 0 means.
    #[serde(default)]
    pub alphabet: SmppAlphabet,
    /// How texts go that one message cannot hold.
    #[serde(default)]
    pub long_text: LongTextSetting,
    /// Country code without `+` for numbers in national form; without it they are refused.
    pub country_code: Option<String>,
    /// Type of number of our short codes, 0–6 (SMPP 3.4 §5.2.5).
    #[serde(default)]
    pub code_ton: u8,
    /// Numbering plan of our short codes, 0–18 (SMPP 3.4 §5.2.6).
    #[serde(default = "isdn")]
    pub code_npi: u8,
    /// Most requests without an answer, 1–100.
    #[serde(default = "ten")]
    pub window: u32,
    /// Most messages a second, 1–1000.
    #[serde(default = "ten")]
    pub rate: u32,
    /// Seconds for the bind, 1–120.
    #[serde(default = "bind_s")]
    pub bind_s: u16,
    /// Seconds for an answer, 1–120; after it the outcome is unknown.
    #[serde(default = "request_s")]
    pub request_s: u16,
    /// Seconds of silence before `enquire_link`, 1–600.
    #[serde(default = "idle_s")]
    pub idle_s: u16,
    /// TLS 1.3; without it only loopback addresses are taken.
    pub tls: Option<SmppTlsSettings>,
}

/// TLS of a link.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmppTlsSettings {
    /// Name in the server's certificate.
    pub server_name: String,
    /// PEM file with the certificates that the server's chain may end in.
    pub roots_file: PathBuf,
}

/// Kind of bind.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bind {
    /// Both directions.
    #[default]
    Transceiver,
    /// Out only.
    Transmitter,
    /// In only.
    Receiver,
}

/// Version to say in the bind (SMPP 3.4 §5.2.4).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
pub enum SmppVersion {
    /// 0x33: no optional parameters.
    #[serde(rename = "3.3")]
    V3_3,
    /// 0x34.
    #[default]
    #[serde(rename = "3.4")]
    V3_4,
    /// 0x50.
    #[serde(rename = "5.0")]
    V5_0,
}

/// What `data_coding` 0 means.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SmppAlphabet {
    /// GSM 7-bit, one septet an octet.
    #[default]
    Gsm7,
    /// ISO 8859-1.
    Latin1,
    /// IA5.
    Ascii,
}

/// How texts go that one message cannot hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LongTextSetting {
    /// Parts with a user data header.
    #[default]
    Udh,
    /// Parts with `sar_*` parameters.
    Sar,
    /// Whole, in `message_payload`.
    Payload,
}

/// One dialect of USSD over SMPP.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UssdDialectSettings {
    /// Its name.
    pub name: String,
    /// `ussd_service_op` to us, decimal: a person dialled a code.
    pub begin: u8,
    /// To us: a person answered.
    pub answers: Vec<u8>,
    /// From us: a screen that waits for an answer.
    pub ask: u8,
    /// From us: the last screen.
    pub end: u8,
    /// To us: the session was broken off.
    #[serde(default)]
    pub aborts: Vec<u8>,
    /// Whether bit 0 of `its_session_info` ends a session: ours with the last screen, the
    /// gateway's by breaking off.
    pub end_bit: bool,
    /// Where the session's name is.
    pub session: SessionPlace,
    /// For [`SessionPlace::Masked`]: the bits of `its_session_info` that name the session.
    pub mask: Option<u16>,
    /// Where the dialled code is.
    #[serde(default)]
    pub code: CodePlaceSetting,
    /// Parameters that a screen carries back as they came.
    pub echo: Vec<EchoedParameter>,
    /// Whether bits 7 to 1 of the second octet of `its_session_info` count the steps.
    #[serde(default)]
    pub counts: bool,
}

/// Where the session's name is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SessionPlace {
    /// First octet of `its_session_info`.
    FirstOctet,
    /// `its_session_info` under a mask.
    Masked,
    /// `user_message_reference`.
    Reference,
    /// Nowhere: one session a caller.
    Caller,
}

/// Where the dialled code is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CodePlaceSetting {
    /// In the text where it looks like a code, else in the destination.
    #[default]
    Either,
    /// In the text.
    Text,
    /// In the destination; the text is what follows it.
    Destination,
}

/// A parameter that is carried back.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EchoedParameter {
    /// `its_session_info` (0x1383).
    SessionInfo,
    /// `user_message_reference` (0x0204).
    Reference,
}

/// The SMSC for local applications.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmppServerSettings {
    /// Where applications bind: a loopback address.
    pub listen: SocketAddr,
}

/// One application that may bind to this machine and send by its links.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmppApplicationSettings {
    /// Its account, at most 15 characters (SMPP 3.4 §5.2.1).
    pub system_id: String,
    /// Environment variable with its password, at most 8 characters (SMPP 3.4 §5.2.2).
    pub password_variable: String,
    /// The one kind of bind that it may ask for; without it any.
    pub bind: Option<Bind>,
    /// Source addresses that it may name; empty = any.
    #[serde(default)]
    pub senders: Vec<String>,
    /// Most messages a second on one bind, 1–1000; more is answered 0x58.
    #[serde(default = "ten")]
    pub rate: u32,
    /// Most messages whose end it was not told, 1–100000; more is answered 0x14.
    #[serde(default = "thousand")]
    pub queue: u32,
    /// Class of its messages.
    pub class: SmppClass,
    /// Hours after which a message is stale, 1–168.
    #[serde(default = "day")]
    pub validity_h: u32,
}

/// Class of an application's messages; money and emergency are not for applications.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SmppClass {
    /// Referral, result, task.
    Health,
    /// Reminders.
    Reminder,
    /// Broadcast.
    Broadcast,
}

/// Tables of dialects and nothing else.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Dialects {
    ussd_dialect: Vec<UssdDialectSettings>,
}

/// The dialects that ship with the program.
///
/// # Errors
/// When the shipped file cannot be read, which a test rules out.
pub fn shipped_dialects() -> Result<Vec<UssdDialectSettings>, toml::de::Error> {
    let dialects: Dialects = toml::from_str(SHIPPED)?;
    Ok(dialects.ussd_dialect)
}

fn one() -> u32 {
    1
}

fn ten() -> u32 {
    10
}

fn thousand() -> u32 {
    1_000
}

fn day() -> u32 {
    24
}

fn isdn() -> u8 {
    1
}

fn bind_s() -> u16 {
    10
}

fn request_s() -> u16 {
    20
}

fn idle_s() -> u16 {
    30
}

fn standard() -> String {
    "standard".to_owned()
}
