//! What local applications hand to the node over its own SMSC, and what they hear back.
//!
//! An application has no say in links, times or budgets: its message is one of the outbox, in the
//! class that the settings give. Protocol and accounts are `channels`' business.

use channels_core::Msisdn;

use crate::turn::Private;
use crate::view::MessageClass;

/// One whole message of an application.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApplicationMessage {
    /// Its account.
    pub application: String,
    /// The source address that it named, back in the receipt; a short code or a name.
    pub source: String,
    /// Who gets it.
    pub to: Msisdn,
    /// The text.
    pub text: Private,
    /// Class, from the settings.
    pub class: MessageClass,
    /// Seconds after which it is stale.
    pub validity_s: u32,
    /// Whether the application wants to hear how it ended.
    pub wants_receipt: bool,
    /// Most messages of this application whose end it was not told; a further one is not taken.
    pub queue_max: u32,
}

/// The end of an application's message, to be told once it is final.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApplicationReceipt {
    /// Outbox id, which the application got as message id.
    pub id: String,
    /// The source address of its message.
    pub source: String,
    /// Who was to get it, E.164 with `+`.
    pub to: Private,
    /// Whether the phone has it.
    pub delivered: bool,
}
