//! SMS-STATUS-REPORT: what became of a message (3GPP TS 23.040 §9.2.2.3, §9.2.3.15).
//!
//! What a status means for the sender's own book-keeping is not decided here.

use super::{
    Dcs, MTI_STATUS_REPORT, Options, Reader, Scts, TPDU_OCTETS_MAX, TpAddress, TpduError, UDHI,
    UserData,
};

/// TP-MMS, TP-LP and TP-SRQ.
const OPTIONS: u8 = 0x2C;
/// TP-PI: TP-PID follows (TS 23.040 §9.2.3.27).
const PI_PID: u8 = 0x01;
/// TP-PI: TP-DCS follows.
const PI_DCS: u8 = 0x02;
/// TP-PI: TP-UDL and TP-UD follow.
const PI_UDL: u8 = 0x04;
/// TP-PI: another octet of TP-PI follows.
const PI_MORE: u8 = 0x80;

/// TP-ST as it travels (TS 23.040 §9.2.3.15).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct TpStatus(pub u8);

/// What a status says, by its group.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum StatusGroup {
    /// The handset has it (0x00).
    Delivered,
    /// Passed on or replaced, but nobody says that the handset has it (0x01, 0x02, 0x10–0x1F).
    Sent,
    /// The SMSC is still trying (0x20–0x3F); another report follows.
    Trying,
    /// Permanent error (0x40–0x5F).
    Failed,
    /// Temporary error, and the SMSC tries no more (0x60–0x7F).
    GivenUp,
    /// Reserved values: to be taken as "service rejected", but nothing was really said.
    Reserved,
}

impl TpStatus {
    /// Received by the handset.
    pub const DELIVERED: Self = Self(0x00);
    /// The validity ended before it could be delivered.
    pub const EXPIRED: Self = Self(0x46);

    /// The group of the status.
    pub fn group(self) -> StatusGroup {
        match self.0 {
            0x00 => StatusGroup::Delivered,
            0x01 | 0x02 | 0x10..=0x1F => StatusGroup::Sent,
            0x20..=0x3F => StatusGroup::Trying,
            0x40..=0x5F => StatusGroup::Failed,
            0x60..=0x7F => StatusGroup::GivenUp,
            0x03..=0x0F | 0x80..=0xFF => StatusGroup::Reserved,
        }
    }
}

/// What became of a message of ours.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StatusReport {
    /// TP-MMS, TP-LP, TP-SRQ.
    pub options: Options,
    /// TP-MR of the message, as the modem counted it.
    pub reference: u8,
    /// Who it went to, TP-RA.
    pub recipient: TpAddress,
    /// When the SMSC took it, TP-SCTS.
    pub submitted: Scts,
    /// When it got this status, TP-DT.
    pub discharged: Scts,
    /// TP-ST.
    pub status: TpStatus,
    /// TP-PID, where TP-PI announces one.
    pub protocol: Option<u8>,
    /// TP-DCS and TP-UD, where TP-PI announces a text.
    pub user_data: Option<UserData>,
}

impl StatusReport {
    /// Reads the TPDU without its SMSC prefix, whatever TP-MTI says.
    ///
    /// Parameters after TP-ST that cannot be read or make it too long are left out: the status counts without them.
    ///
    /// # Errors
    /// [`TpduError`] when it ends before TP-ST or the recipient is too long.
    pub fn parse(octets: &[u8]) -> Result<Self, TpduError> {
        let mut reader = Reader(octets);
        let first = reader.octet("first octet")?;
        let reference = reader.octet("TP-MR")?;
        let recipient = TpAddress::read(&mut reader, "TP-RA")?;
        let submitted = Scts(reader.array("TP-SCTS")?);
        let discharged = Scts(reader.array("TP-DT")?);
        let status = TpStatus(reader.octet("TP-ST")?);
        let optional = Optional::read(&mut reader, first & UDHI != 0).unwrap_or_default();
        let mut report = Self {
            options: Options::kept(first, OPTIONS),
            reference,
            recipient,
            submitted,
            discharged,
            status,
            protocol: optional.protocol,
            user_data: optional.user_data,
        };
        if report.encode().len() > TPDU_OCTETS_MAX {
            report.user_data = None;
        }
        Ok(report)
    }

    /// The TPDU without SMSC prefix.
    pub fn encode(&self) -> Vec<u8> {
        let udhi = match &self.user_data {
            Some(user_data) if user_data.has_udhi() => UDHI,
            _ => 0,
        };
        let mut octets = vec![MTI_STATUS_REPORT | udhi | self.options.0 & OPTIONS];
        octets.push(self.reference);
        self.recipient.write(&mut octets);
        octets.extend(self.submitted.0);
        octets.extend(self.discharged.0);
        octets.push(self.status.0);
        let pid = self.protocol.map_or(0, |_| PI_PID);
        let text = self.user_data.as_ref().map_or(0, |_| PI_DCS | PI_UDL);
        if pid | text != 0 {
            octets.push(pid | text);
        }
        octets.extend(self.protocol);
        if let Some(user_data) = &self.user_data {
            octets.push(user_data.dcs().0);
            user_data.write(&mut octets);
        }
        octets
    }
}

/// What may follow TP-ST.
#[derive(Default)]
struct Optional {
    protocol: Option<u8>,
    user_data: Option<UserData>,
}

impl Optional {
    fn read(reader: &mut Reader<'_>, udhi: bool) -> Result<Self, TpduError> {
        let indicator = reader.octet("TP-PI")?;
        let mut more = indicator;
        while more & PI_MORE != 0 {
            more = reader.octet("TP-PI")?;
        }
        let mut optional = Self::default();
        if indicator & PI_PID != 0 {
            optional.protocol = Some(reader.octet("TP-PID")?);
        }
        // Without TP-DCS the text is in the default alphabet (TS 23.040 §9.2.3.27).
        let mut dcs = Dcs::default();
        if indicator & PI_DCS != 0 {
            dcs = Dcs(reader.octet("TP-DCS")?);
        }
        if indicator & PI_UDL != 0 {
            optional.user_data = Some(UserData::read(reader, dcs, udhi)?);
        }
        Ok(optional)
    }
}
