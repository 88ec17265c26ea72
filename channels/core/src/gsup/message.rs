//! GSUP messages of supplementary services: type, then TLVs with one octet of length.
//!
//! Only the three types of USSD are read; whatever else a home register may send to its switches
//! and gateways is refused. Unknown TLVs are passed over, known ones must not come twice.

use super::imsi::Imsi;
use super::{Reason, Refused};

/// Most octets of a component inside a message: its length has one octet; a longer one is
/// refused when it is written.
pub const COMPONENT_OCTETS_MAX: usize = 255;

const IMSI: u8 = 0x01;
const CAUSE: u8 = 0x02;
const MESSAGE_CLASS: u8 = 0x0A;
const SESSION_ID: u8 = 0x30;
const SESSION_STATE: u8 = 0x31;
const COMPONENT: u8 = 0x35;
/// The message class of USSD.
const USSD: u8 = 3;

/// What a message is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum MessageType {
    /// 0x20 `PROC_SS_REQUEST`: from the phone.
    Request,
    /// 0x21 `PROC_SS_ERROR`: the home register does not know the session.
    Error,
    /// 0x22 `PROC_SS_RESULT`: to the phone.
    Result,
}

/// Where in its session a message stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum SessionState {
    /// 1.
    Begin,
    /// 2.
    Continue,
    /// 3.
    End,
}

/// One message; personal.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// What it is.
    pub kind: MessageType,
    /// Whose SIM.
    pub imsi: Imsi,
    /// Session id, unique for an IMSI while it is open.
    pub session: u32,
    /// Where in the session.
    pub state: SessionState,
    /// Why, in an error (TS 24.008 §10.5.5.14).
    pub cause: Option<u8>,
    /// The supplementary-service component, [`super::component`]; empty for none.
    pub component: Vec<u8>,
}

/// TLVs as they come in.
#[derive(Default)]
struct Parts {
    imsi: Option<Imsi>,
    cause: Option<u8>,
    class: Option<u8>,
    session: Option<u32>,
    state: Option<SessionState>,
    component: Option<Vec<u8>>,
}

impl MessageType {
    fn of(octet: u8) -> Option<Self> {
        match octet {
            0x20 => Some(Self::Request),
            0x21 => Some(Self::Error),
            0x22 => Some(Self::Result),
            _ => None,
        }
    }

    fn octet(self) -> u8 {
        match self {
            Self::Request => 0x20,
            Self::Error => 0x21,
            Self::Result => 0x22,
        }
    }
}

impl SessionState {
    fn of(octet: u8) -> Option<Self> {
        match octet {
            1 => Some(Self::Begin),
            2 => Some(Self::Continue),
            3 => Some(Self::End),
            _ => None,
        }
    }

    fn octet(self) -> u8 {
        match self {
            Self::Begin => 1,
            Self::Continue => 2,
            Self::End => 3,
        }
    }
}

impl Message {
    /// Reads the content of a frame.
    ///
    /// # Errors
    /// A type that is not of supplementary services, a TLV that ends too early, comes twice or is
    /// not what it should be, or a missing IMSI, session id or state.
    pub fn decode(content: &[u8]) -> Result<Self, Refused> {
        let (kind, tlvs) = content.split_first().ok_or(Reason::Truncated.at(0))?;
        let kind = MessageType::of(*kind).ok_or(Reason::UnknownType(*kind).at(0))?;
        let parts = Parts::read(tlvs)?;
        let end = content.len();
        if let Some(class) = parts.class
            && class != USSD
        {
            return Err(Reason::WrongForm("message class").at(0));
        }
        Ok(Self {
            kind,
            imsi: parts.imsi.ok_or(Reason::Missing("IMSI").at(end))?,
            session: parts.session.ok_or(Reason::Missing("session id").at(end))?,
            state: parts
                .state
                .ok_or(Reason::Missing("session state").at(end))?,
            cause: parts.cause,
            component: parts.component.unwrap_or_default(),
        })
    }

    /// The content of its frame.
    ///
    /// # Errors
    /// [`Reason::TooLarge`] for a component over [`COMPONENT_OCTETS_MAX`] octets.
    pub fn encode(&self) -> Result<Vec<u8>, Refused> {
        let mut content = vec![self.kind.octet()];
        write(&mut content, IMSI, &self.imsi.to_octets())?;
        if let Some(cause) = self.cause {
            write(&mut content, CAUSE, &[cause])?;
        }
        write(&mut content, MESSAGE_CLASS, &[USSD])?;
        write(&mut content, SESSION_ID, &self.session.to_be_bytes())?;
        write(&mut content, SESSION_STATE, &[self.state.octet()])?;
        if !self.component.is_empty() {
            write(&mut content, COMPONENT, &self.component)?;
        }
        Ok(content)
    }
}

fn write(content: &mut Vec<u8>, tag: u8, value: &[u8]) -> Result<(), Refused> {
    let (limit, got) = (COMPONENT_OCTETS_MAX, value.len());
    let length = u8::try_from(got).ok();
    let length = length.ok_or(Reason::TooLarge { limit, got }.at(content.len()))?;
    content.extend([tag, length]);
    content.extend(value);
    Ok(())
}

impl Parts {
    /// Reads TLVs; the first one stands at octet 1.
    fn read(mut octets: &[u8]) -> Result<Self, Refused> {
        let mut parts = Self::default();
        let mut at = 1_usize;
        loop {
            let (tag, length, rest) = match octets {
                [] => return Ok(parts),
                [_] => return Err(Reason::Truncated.at(at)),
                [tag, length, rest @ ..] => (*tag, usize::from(*length), rest),
            };
            let (value, rest) = rest
                .split_at_checked(length)
                .ok_or(Reason::Truncated.at(at))?;
            parts.take(tag, value, at)?;
            octets = rest;
            at = at.saturating_add(length).saturating_add(2);
        }
    }

    fn take(&mut self, tag: u8, value: &[u8], at: usize) -> Result<(), Refused> {
        match tag {
            IMSI => {
                let imsi = Imsi::from_octets(value).map_err(|refused| refused.reason.at(at))?;
                set(&mut self.imsi, imsi, "IMSI", at)
            }
            CAUSE => set(&mut self.cause, octet(value, "cause", at)?, "cause", at),
            MESSAGE_CLASS => {
                let class = octet(value, "message class", at)?;
                set(&mut self.class, class, "message class", at)
            }
            SESSION_ID => {
                let wrong = Reason::WrongForm("session id").at(at);
                let id = <[u8; 4]>::try_from(value).ok().ok_or(wrong)?;
                set(&mut self.session, u32::from_be_bytes(id), "session id", at)
            }
            SESSION_STATE => {
                let wrong = Reason::WrongForm("session state").at(at);
                let state = SessionState::of(octet(value, "session state", at)?);
                set(&mut self.state, state.ok_or(wrong)?, "session state", at)
            }
            COMPONENT => set(&mut self.component, value.to_vec(), "component", at),
            _ => Ok(()),
        }
    }
}

fn octet(value: &[u8], what: &'static str, at: usize) -> Result<u8, Refused> {
    match value {
        [octet] => Ok(*octet),
        _ => Err(Reason::WrongForm(what).at(at)),
    }
}

fn set<T>(place: &mut Option<T>, value: T, what: &'static str, at: usize) -> Result<(), Refused> {
    if place.replace(value).is_some() {
        return Err(Reason::Doubled(what).at(at));
    }
    Ok(())
}

impl core::fmt::Debug for Message {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let octets = self.component.len();
        write!(
            f,
            "Message({:?} {:?}, session {:#x}, {octets} octets of component)",
            self.kind, self.state, self.session
        )
    }
}
