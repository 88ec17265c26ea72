//! Short message TPDUs, parsed and encoded both ways (3GPP TS 23.040 §9.2.2).
//!
//! SUBMIT goes to the network; DELIVER and STATUS-REPORT come from it. Both sides are here, because
//! the modem simulator plays the network. What a user data header means is in
//! [`crate::segment::udh`]. SUBMIT-REPORT, DELIVER-REPORT and COMMAND are not read: a modem keeps
//! the first two to itself, and we send no commands.
//!
//! Every value that a constructor or parser gives out can be encoded; parsing what was encoded
//! gives the same value. Spare bits, fill digits and octets after the end are not kept.

pub mod address;
pub mod dcs;
pub mod deliver;
pub mod hex;
pub mod status_report;
pub mod submit;
pub mod time;
pub mod user_data;

pub use address::TpAddress;
pub use dcs::{Alphabet, Class, Dcs};
pub use deliver::Deliver;
pub use status_report::{StatusGroup, StatusReport, TpStatus};
pub use submit::{Submit, Validity};
pub use time::{RelativeValidity, Scts};
pub use user_data::UserData;

/// Most octets of a TPDU without its SMSC prefix (TS 23.040 §9.2.2.2); octets after the end of
/// the user data are ignored, and a longer STATUS-REPORT loses its text.
pub const TPDU_OCTETS_MAX: usize = 164;

/// TP-MTI of DELIVER and of DELIVER-REPORT (TS 23.040 §9.2.3.1).
const MTI_DELIVER: u8 = 0;
/// TP-MTI of SUBMIT and of SUBMIT-REPORT.
const MTI_SUBMIT: u8 = 1;
/// TP-MTI of STATUS-REPORT and of COMMAND.
const MTI_STATUS_REPORT: u8 = 2;
/// The two bits of TP-MTI in the first octet.
const MTI_BITS: u8 = 0x03;
/// TP-UDHI in the first octet (TS 23.040 §9.2.3.23).
const UDHI: u8 = 0x40;

/// Why octets are no TPDU, or a value has no place in one; surfaces at the modem.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TpduError {
    /// The octets end too early.
    #[error("TPDU ends inside its {field}")]
    Truncated {
        /// The field that is not whole, in the standard's spelling.
        field: &'static str,
    },
    /// A type that does not travel in this direction or is not read here.
    #[error("TPDU of message type {mti} is not expected here")]
    Unexpected {
        /// TP-MTI, 0–3.
        mti: u8,
    },
    /// An address longer than the standard allows.
    #[error("TPDU address has {got} semi-octets, the limit is {limit}")]
    AddressTooLong {
        /// Its length in semi-octets.
        got: usize,
        /// The limit in semi-octets.
        limit: usize,
    },
    /// An address with characters that a TPDU cannot carry.
    #[error("address has characters that no TPDU carries")]
    BadAddress,
    /// Header and text together exceed one message.
    #[error("user data takes {got} units, the limit is {limit}")]
    TooLong {
        /// Septets or octets, header included.
        got: usize,
        /// The limit in the same units.
        limit: usize,
    },
    /// A header whose length octet is wrong, or a septet over 0x7F.
    #[error("user data has a wrong header length or a septet over 127")]
    BadUserData,
    /// Not pairs of hexadecimal digits.
    #[error("line is not pairs of hexadecimal digits")]
    BadHex,
}

/// The single bits of a first octet that do not change the layout (TS 23.040 §9.2.2).
///
/// Each type of TPDU keeps only the bits that it has.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Options(u8);

impl Options {
    /// TP-RD of a SUBMIT: the SMSC refuses a second message of this reference and recipient.
    pub const REJECT_DUPLICATES: Self = Self(0x04);
    /// TP-MMS of a DELIVER or STATUS-REPORT: nothing more waits at the SMSC.
    pub const NO_MORE_MESSAGES: Self = Self(0x04);
    /// TP-LP of a DELIVER or STATUS-REPORT: forwarded already, do not answer automatically.
    pub const LOOP_PREVENTION: Self = Self(0x08);
    /// TP-SRR of a SUBMIT: send a status report. TP-SRI of a DELIVER: the sender gets one.
    /// TP-SRQ of a STATUS-REPORT: it answers a COMMAND.
    pub const REPORT: Self = Self(0x20);
    /// TP-RP: the sender's SMSC takes the answer.
    pub const REPLY_PATH: Self = Self(0x80);

    /// These bits and those.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of those bits are set.
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    fn kept(first: u8, mask: u8) -> Self {
        Self(first & mask)
    }
}

/// What the network delivers to a handset or modem.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FromNetwork {
    /// A message of a person or service.
    Deliver(Deliver),
    /// What became of a message of ours.
    StatusReport(StatusReport),
}

impl FromNetwork {
    /// Reads a TPDU without its SMSC prefix; a reserved type is read as DELIVER (TS 23.040
    /// §9.2.3.1).
    ///
    /// # Errors
    /// [`TpduError`] when it is cut short, too long, or a SUBMIT-REPORT.
    pub fn parse(octets: &[u8]) -> Result<Self, TpduError> {
        match octets.first().map(|first| first & MTI_BITS) {
            Some(MTI_SUBMIT) => Err(TpduError::Unexpected { mti: MTI_SUBMIT }),
            Some(MTI_STATUS_REPORT) => StatusReport::parse(octets).map(Self::StatusReport),
            _ => Deliver::parse(octets).map(Self::Deliver),
        }
    }

    /// The TPDU without SMSC prefix.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Deliver(deliver) => deliver.encode(),
            Self::StatusReport(report) => report.encode(),
        }
    }
}

/// A PDU parted into the SMSC address of its prefix and its TPDU.
pub type Prefixed<'a> = (Option<TpAddress>, &'a [u8]);

/// Parts a PDU as `+CMGS`, `+CMGL` and `+CMT` carry it into SMSC address and TPDU.
///
/// The prefix `00` means "the SMSC that the SIM names" and gives no address.
///
/// # Errors
/// [`TpduError`] when the prefix is cut short or its address has an impossible length.
pub fn split_smsc(octets: &[u8]) -> Result<Prefixed<'_>, TpduError> {
    let mut reader = Reader(octets);
    let length = reader.octet("SMSC address")?;
    let value = reader.take(usize::from(length), "SMSC address")?;
    let smsc = match value.split_first() {
        Some((&type_of_address, digits)) => {
            Some(TpAddress::of_smsc_octets(type_of_address, digits)?)
        }
        None => None,
    };
    Ok((smsc, reader.0))
}

/// Puts the SMSC prefix before a TPDU: `00`, or an address with its length in octets.
///
/// # Errors
/// [`TpduError::BadAddress`] when the SMSC is a name.
pub fn with_smsc(smsc: Option<&TpAddress>, tpdu: &[u8]) -> Result<Vec<u8>, TpduError> {
    let mut octets = match smsc {
        Some(smsc) => smsc.to_smsc_octets()?,
        None => vec![0],
    };
    octets.extend_from_slice(tpdu);
    Ok(octets)
}

/// Octets that are still to be read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn octet(&mut self, field: &'static str) -> Result<u8, TpduError> {
        let (&octet, rest) = self.0.split_first().ok_or(TpduError::Truncated { field })?;
        self.0 = rest;
        Ok(octet)
    }

    fn take(&mut self, count: usize, field: &'static str) -> Result<&'a [u8], TpduError> {
        let (taken, rest) = self
            .0
            .split_at_checked(count)
            .ok_or(TpduError::Truncated { field })?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], TpduError> {
        let (taken, rest) = self
            .0
            .split_first_chunk::<N>()
            .ok_or(TpduError::Truncated { field })?;
        self.0 = rest;
        Ok(*taken)
    }
}

#[cfg(test)]
mod tests;
