//! TPDUs of both directions with and without SMSC prefix, and their user data.

use channels_core::segment::udh;
use channels_core::tpdu::{
    self, Alphabet, FromNetwork, StatusGroup, Submit, TPDU_OCTETS_MAX, TpAddress, UserData,
    Validity,
};

use super::Reached;

/// Every type of TPDU, form of validity, group of status, kind of address and alphabet.
pub(super) const REACHES: &[&str] = &[
    "deliver",
    "status-report",
    "submit",
    "submit-report refused",
    "command refused",
    "smsc",
    "no smsc",
    "no validity",
    "relative validity",
    "absolute validity",
    "enhanced validity",
    "delivered",
    "sent",
    "trying",
    "failed",
    "given up",
    "reserved status",
    "report with text",
    "telephone",
    "code",
    "name",
    "empty address",
    "long address refused",
    "gsm-7",
    "octets",
    "ucs-2",
    "compressed",
    "header",
    "broken header",
    "part",
    "ports",
    "tables",
    "truncated",
    "too long",
];

/// Feeds octets to one of the forms.
pub(super) fn run(form: u8, octets: &[u8], reached: &mut Reached) {
    match form % 3 {
        0 => from_network(octets, reached),
        1 => submit(octets, reached),
        _ => prefixed(octets, reached),
    }
}

fn from_network(octets: &[u8], reached: &mut Reached) {
    let value = match FromNetwork::parse(octets) {
        Ok(value) => value,
        Err(error) => return refused(error, reached),
    };
    let again = value.encode();
    assert!(again.len() <= TPDU_OCTETS_MAX, "a TPDU that is too long");
    assert_eq!(FromNetwork::parse(&again).as_ref(), Ok(&value));
    match value {
        FromNetwork::Deliver(deliver) => {
            reached.insert("deliver");
            address(&deliver.origin, reached);
            user_data(&deliver.user_data, reached);
        }
        FromNetwork::StatusReport(report) => {
            reached.insert("status-report");
            address(&report.recipient, reached);
            reached.insert(match report.status.group() {
                StatusGroup::Delivered => "delivered",
                StatusGroup::Sent => "sent",
                StatusGroup::Trying => "trying",
                StatusGroup::Failed => "failed",
                StatusGroup::GivenUp => "given up",
                StatusGroup::Reserved => "reserved status",
            });
            if let Some(text) = &report.user_data {
                reached.insert("report with text");
                user_data(text, reached);
            }
        }
    }
}

fn submit(octets: &[u8], reached: &mut Reached) {
    let submit = match Submit::parse(octets) {
        Ok(submit) => submit,
        Err(error) => return refused(error, reached),
    };
    let again = submit.encode();
    assert!(again.len() <= TPDU_OCTETS_MAX, "a TPDU that is too long");
    assert_eq!(Submit::parse(&again).as_ref(), Ok(&submit));
    reached.insert("submit");
    reached.insert(match submit.validity {
        None => "no validity",
        Some(Validity::Relative(validity)) => {
            assert!(validity.seconds() >= 300);
            "relative validity"
        }
        Some(Validity::Absolute(_)) => "absolute validity",
        Some(Validity::Enhanced(_)) => "enhanced validity",
    });
    address(&submit.destination, reached);
    user_data(&submit.user_data, reached);
}

fn prefixed(octets: &[u8], reached: &mut Reached) {
    let (smsc, rest) = match tpdu::split_smsc(octets) {
        Ok(parts) => parts,
        Err(error) => return refused(error, reached),
    };
    let again = tpdu::with_smsc(smsc.as_ref(), rest).expect("a prefix that was read");
    reached.insert(if smsc.is_some() { "smsc" } else { "no smsc" });
    assert_eq!(tpdu::split_smsc(&again), Ok((smsc, rest)));
    let hex = tpdu::hex::encode(&again);
    assert_eq!(tpdu::hex::decode(&hex), Ok(again));
    from_network(rest, reached);
}

fn address(address: &TpAddress, reached: &mut Reached) {
    assert!(address.as_str().chars().count() <= tpdu::address::SEMI_OCTETS_MAX);
    let who = address.to_address();
    reached.insert(match &who {
        None => "empty address",
        Some(channels_core::Address::Phone(_)) => "telephone",
        Some(channels_core::Address::ShortCode(_)) => "code",
        Some(channels_core::Address::Name(_)) => "name",
    });
    if let Some(who) = who {
        let ours = TpAddress::of(&who).expect("an address that was read");
        assert_eq!(ours.to_address(), Some(who), "an address reads as another");
    }
}

fn user_data(data: &UserData, reached: &mut Reached) {
    let dcs = data.dcs();
    if dcs.is_compressed() {
        reached.insert("compressed");
    } else {
        reached.insert(match dcs.alphabet() {
            Alphabet::Gsm7 => "gsm-7",
            Alphabet::Octets => "octets",
            Alphabet::Ucs2 => "ucs-2",
        });
    }
    assert_eq!(data.text().is_some(), dcs.alphabet() != Alphabet::Octets);
    assert!(data.payload().len() <= tpdu::user_data::SEPTETS_MAX);
    let said = data.parsed();
    if data.is_broken() {
        reached.insert("broken header");
        assert!(said.malformed && data.udh().is_empty());
    } else if !data.udh().is_empty() {
        reached.insert("header");
        assert!(udh::septets(data.udh().len()) <= tpdu::user_data::SEPTETS_MAX);
    }
    reached.extend(said.concatenation.map(|_| "part"));
    reached.extend(said.ports.map(|_| "ports"));
    if said.tables != channels_core::gsm7::Tables::DEFAULT {
        reached.insert("tables");
    }
}

fn refused(error: tpdu::TpduError, reached: &mut Reached) {
    reached.insert(match error {
        tpdu::TpduError::Truncated { .. } => "truncated",
        tpdu::TpduError::Unexpected { mti: 1 } => "submit-report refused",
        tpdu::TpduError::Unexpected { .. } => "command refused",
        tpdu::TpduError::AddressTooLong { .. } => "long address refused",
        tpdu::TpduError::TooLong { .. } => "too long",
        // An SMSC address that says it is a name.
        tpdu::TpduError::BadAddress => "name as smsc refused",
        tpdu::TpduError::BadUserData | tpdu::TpduError::BadHex => {
            panic!("a reader refuses what only a writer can meet")
        }
    });
}
