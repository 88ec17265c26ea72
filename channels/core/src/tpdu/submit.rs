//! SMS-SUBMIT, a message from a handset to the network (3GPP TS 23.040 §9.2.2.2).

use super::{
    Dcs, MTI_BITS, MTI_SUBMIT, Options, Reader, RelativeValidity, Scts, TpAddress, TpduError, UDHI,
    UserData,
};

/// TP-RD, TP-SRR and TP-RP.
const OPTIONS: u8 = 0xA4;
/// TP-VPF in the first octet (TS 23.040 §9.2.3.3).
const VPF_BITS: u8 = 0x18;
const VPF_ENHANCED: u8 = 0x08;
const VPF_RELATIVE: u8 = 0x10;
const VPF_ABSOLUTE: u8 = 0x18;

/// How long the SMSC keeps trying, TP-VP (TS 23.040 §9.2.3.12).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Validity {
    /// For so long after it was taken; the form that we send.
    Relative(RelativeValidity),
    /// Until this time.
    Absolute(Scts),
    /// Seven octets of the enhanced form, as they came (TS 23.040 §9.2.3.12.3).
    Enhanced([u8; 7]),
}

/// A message of ours, as `+CMGS` takes it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Submit {
    /// TP-RD, TP-SRR, TP-RP.
    pub options: Options,
    /// TP-MR; many modems put their own count in its place.
    pub reference: u8,
    /// Who gets it, TP-DA.
    pub destination: TpAddress,
    /// TP-PID; 0 for plain messages.
    pub protocol: u8,
    /// TP-VP; `None` leaves it to the SMSC.
    pub validity: Option<Validity>,
    /// TP-DCS and TP-UD.
    pub user_data: UserData,
}

impl Submit {
    /// A plain message without options and validity.
    pub fn to(destination: TpAddress, user_data: UserData) -> Self {
        Self {
            options: Options::default(),
            reference: 0,
            destination,
            protocol: 0,
            validity: None,
            user_data,
        }
    }

    /// Reads the TPDU without its SMSC prefix.
    ///
    /// # Errors
    /// [`TpduError`] when it is cut short, too long, or another type: DELIVER-REPORT or COMMAND.
    pub fn parse(octets: &[u8]) -> Result<Self, TpduError> {
        let mut reader = Reader(octets);
        let first = reader.octet("first octet")?;
        let mti = first & MTI_BITS;
        if mti != MTI_SUBMIT {
            return Err(TpduError::Unexpected { mti });
        }
        let reference = reader.octet("TP-MR")?;
        let destination = TpAddress::read(&mut reader, "TP-DA")?;
        let protocol = reader.octet("TP-PID")?;
        let dcs = Dcs(reader.octet("TP-DCS")?);
        let validity = match first & VPF_BITS {
            VPF_RELATIVE => {
                let octet = reader.octet("TP-VP")?;
                Some(Validity::Relative(RelativeValidity(octet)))
            }
            VPF_ABSOLUTE => Some(Validity::Absolute(Scts(reader.array("TP-VP")?))),
            VPF_ENHANCED => Some(Validity::Enhanced(reader.array("TP-VP")?)),
            _ => None,
        };
        let user_data = UserData::read(&mut reader, dcs, first & UDHI != 0)?;
        Ok(Self {
            options: Options::kept(first, OPTIONS),
            reference,
            destination,
            protocol,
            validity,
            user_data,
        })
    }

    /// The TPDU without SMSC prefix; its length is the number that `+CMGS` wants.
    pub fn encode(&self) -> Vec<u8> {
        let format = match self.validity {
            None => 0,
            Some(Validity::Relative(_)) => VPF_RELATIVE,
            Some(Validity::Absolute(_)) => VPF_ABSOLUTE,
            Some(Validity::Enhanced(_)) => VPF_ENHANCED,
        };
        let udhi = if self.user_data.has_udhi() { UDHI } else { 0 };
        let mut octets = vec![MTI_SUBMIT | format | udhi | self.options.0 & OPTIONS];
        octets.push(self.reference);
        self.destination.write(&mut octets);
        octets.push(self.protocol);
        octets.push(self.user_data.dcs().0);
        match self.validity {
            None => {}
            Some(Validity::Relative(RelativeValidity(octet))) => octets.push(octet),
            Some(Validity::Absolute(Scts(value)) | Validity::Enhanced(value)) => {
                octets.extend(value);
            }
        }
        self.user_data.write(&mut octets);
        octets
    }
}
