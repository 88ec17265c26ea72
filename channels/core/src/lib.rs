//! Telecom words and machines: numbers, alphabets, SMS texts, SMPP, USSD over SMPP, HTTP and GSUP.
//! Telecom words and machines: numbers, alphabets, SMS texts and TPDUs, SMPP, USSD.
//! Telecom words and machines: numbers, alphabets, SMS texts and TPDUs, modems, SMPP, USSD.
//!
//! Pure: no sockets, files, clocks or tasks. What a message means is not decided here.

pub mod address;
pub mod datagram;
pub mod event;
pub mod gsm7;
pub mod gsup;
pub mod http_body;
pub mod modem;
pub mod modem_simulator;
pub mod segment;
pub mod smpp;
pub mod sms_api;
pub mod tpdu;
pub mod ussd_form;
pub mod ussd_json;
pub mod ussd_text;

pub use address::{Address, Msisdn};
pub use event::{
    Balance, DataReceived, Inbound, LinkName, MissedCall, OutgoingSms, Reply, SmsReceived,
    SmsStatus, SubmitOutcome, UssdOp, UssdStep,
};
