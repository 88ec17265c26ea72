//! What is particular about a link, and how its addresses are read (SMPP 3.4 §5.2.5).
//!
//! Numbers become E.164 here; which link has which profile is a matter of the settings.

use crate::address::Msisdn;
use crate::event::LinkName;
use crate::smpp::alphabet::DefaultAlphabet;
use crate::smpp::pdu::SmeAddress;
use crate::smpp::sms::{CodePlan, Form, LongText};
use crate::smpp::ussd::Dialect;

/// Type of number of a national number.
const TON_NATIONAL: u8 = 2;

/// What is particular about a link.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Profile {
    /// Its name.
    pub link: LinkName,
    /// How its USSD speaks.
    pub dialect: Dialect,
    /// What `data_coding` 0 means.
    pub alphabet: DefaultAlphabet,
    /// TON and NPI of our short codes.
    pub code_plan: CodePlan,
    /// How long texts go.
    pub long: LongText,
    /// Country code without `+` for callers in national form; `None`: they are refused.
    pub country_code: Option<String>,
    /// Most characters of a screen: GSM-7 septets, UCS-2 units.
    pub ussd_limits: (u16, u16),
}

impl Profile {
    /// A link with the standard dialect, GSM-7 and screens of 182 septets or 80 units.
    pub fn new(link: &str) -> Self {
        Self {
            link: LinkName(link.to_owned()),
            dialect: Dialect::STANDARD,
            alphabet: DefaultAlphabet::Gsm7,
            code_plan: CodePlan::default(),
            long: LongText::default(),
            country_code: None,
            ussd_limits: (182, 80),
        }
    }

    /// How messages are written on this link.
    pub fn form(&self) -> Form {
        Form {
            alphabet: self.alphabet,
            code_plan: self.code_plan,
            long: self.long,
        }
    }

    /// The phone behind a source address; `None` when it is none, or national without a country.
    pub(super) fn caller(&self, source: &SmeAddress) -> Option<Msisdn> {
        let digits = source.address.as_str();
        let is_dialled_abroad = source.ton != TON_NATIONAL && digits.starts_with("00");
        let national = source.ton == TON_NATIONAL || digits.starts_with('0');
        if is_dialled_abroad {
            return Msisdn::parse(digits.trim_start_matches('0')).ok();
        }
        match (&self.country_code, national) {
            (Some(code), true) => {
                let digits = digits.trim_start_matches('0');
                Msisdn::parse(&format!("{code}{digits}")).ok()
            }
            _ => Msisdn::parse(digits).ok(),
        }
    }
}
