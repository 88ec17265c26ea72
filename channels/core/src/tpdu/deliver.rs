//! SMS-DELIVER, a message from the network to a handset (3GPP TS 23.040 §9.2.2.1).

use super::{Dcs, MTI_DELIVER, Options, Reader, Scts, TpAddress, TpduError, UDHI, UserData};

/// TP-MMS, TP-LP, TP-SRI and TP-RP.
const OPTIONS: u8 = 0xAC;

/// A message of a person or service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deliver {
    /// TP-MMS, TP-LP, TP-SRI, TP-RP.
    pub options: Options,
    /// Who sent it, TP-OA.
    pub origin: TpAddress,
    /// TP-PID; 0 for plain messages, 0x40–0x47 for those that replace an earlier one.
    pub protocol: u8,
    /// When the SMSC took it, TP-SCTS.
    pub submitted: Scts,
    /// TP-DCS and TP-UD.
    pub user_data: UserData,
}

impl Deliver {
    /// Reads the TPDU without its SMSC prefix, whatever TP-MTI says.
    ///
    /// # Errors
    /// [`TpduError`] when it is cut short or too long.
    pub fn parse(octets: &[u8]) -> Result<Self, TpduError> {
        let mut reader = Reader(octets);
        let first = reader.octet("first octet")?;
        let origin = TpAddress::read(&mut reader, "TP-OA")?;
        let protocol = reader.octet("TP-PID")?;
        let dcs = Dcs(reader.octet("TP-DCS")?);
        let submitted = Scts(reader.array("TP-SCTS")?);
        let user_data = UserData::read(&mut reader, dcs, first & UDHI != 0)?;
        Ok(Self {
            options: Options::kept(first, OPTIONS),
            origin,
            protocol,
            submitted,
            user_data,
        })
    }

    /// The TPDU without SMSC prefix.
    pub fn encode(&self) -> Vec<u8> {
        let udhi = if self.user_data.has_udhi() { UDHI } else { 0 };
        let mut octets = vec![MTI_DELIVER | udhi | self.options.0 & OPTIONS];
        self.origin.write(&mut octets);
        octets.push(self.protocol);
        octets.push(self.user_data.dcs().0);
        octets.extend(self.submitted.0);
        self.user_data.write(&mut octets);
        octets
    }
}
