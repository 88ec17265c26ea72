//! SMPP 3.4: splitter, PDUs, the session machine of both roles, USSD dialects, receipts, text.
//!
//! Nothing here opens a socket or reads a clock. The codec package stays behind [`pdu`]; every
//! other module speaks in the plain types of that module.

pub mod alphabet;
pub mod inbox;
pub mod pdu;
pub mod receipt;
pub mod session;
pub mod sms;
pub mod split;
pub mod status;
pub mod ussd;
