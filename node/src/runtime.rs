//! The loops that join shells and store: contacts, messages, reminders, applications, effects,
//! both sides of sync.
//!
//! Each loop is generic over the store, owns no rules, and ends when its queue closes or the
//! program shuts down.

pub mod airtime;
pub mod anchor;
pub mod applications;
pub mod bell;
pub mod contacts;
pub mod effects;
pub mod hub_link;
pub mod ip_contact;
pub mod lan;
pub mod messages;
pub mod office;
pub mod pin;
pub mod reminders;
pub mod rewrap;
pub mod road;
pub mod session;
pub mod sms_link;
pub mod trace;
pub mod uplink;
pub mod watch;
