//! Components of supplementary services (TS 24.080 §3.6) that carry USSD (TS 24.090).
//!
//! Invoke, Return result, Return error and Reject, for the three operations of unstructured
//! supplementary services (TS 24.080 §4.5). Written are elements in the short form only, so a
//! string has at most [`super::string::STRING_OCTETS_MAX`] octets.

use super::ber::{self, Element, Reader};
use super::{Reason, Refused};
use crate::ussd_text::{CbsDcs, UssdString};

const INVOKE: u8 = 0xA1;
const RETURN_RESULT: u8 = 0xA2;
const RETURN_ERROR: u8 = 0xA3;
const REJECT: u8 = 0xA4;
/// Universal INTEGER; invoke ids, operations and error codes are such.
const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const NULL: u8 = 0x05;
const SEQUENCE: u8 = 0x30;
/// Context 0: the linked id of an invoke (TS 24.080 §3.6.1); passed over.
const LINKED_ID: u8 = 0x80;

/// Error code: the system cannot do it now (TS 24.080 §4.5, systemFailure 34).
pub const SYSTEM_FAILURE: u8 = 34;
/// Error code: something in the request is not expected (unexpectedDataValue 36).
pub const UNEXPECTED_DATA_VALUE: u8 = 36;
/// Error code: the string's alphabet is not known (unknownAlphabet 71).
pub const UNKNOWN_ALPHABET: u8 = 71;

/// What an invoke asks for (TS 24.080 §4.5).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Operation {
    /// 0x3B processUnstructuredSS-Request: a phone dialled a code.
    Process,
    /// 0x3C unstructuredSS-Request: a screen that waits for an answer.
    Request,
    /// 0x3D unstructuredSS-Notify: a screen that does not.
    Notify,
}

/// One component; personal where it carries a string.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Component {
    /// An operation is asked for.
    Invoke {
        /// Names the invocation in its direction.
        id: u8,
        /// The operation.
        operation: Operation,
        /// Its string.
        string: UssdString,
    },
    /// The operation was performed.
    ReturnResult {
        /// The invocation's id.
        id: u8,
        /// What came of it: a notification has nothing to tell.
        result: Option<(Operation, UssdString)>,
    },
    /// The operation failed.
    ReturnError {
        /// The invocation's id.
        id: u8,
        /// Error code (TS 24.080 §4.5).
        code: u8,
    },
    /// The invocation itself was wrong.
    Reject {
        /// The invocation's id, where it could be read.
        id: Option<u8>,
        /// Tag of the problem's kind, 0x80 to 0x83 (TS 24.080 §3.6.1).
        kind: u8,
        /// The problem.
        problem: u8,
    },
}

impl Operation {
    fn of(octet: u8) -> Option<Self> {
        match octet {
            0x3B => Some(Self::Process),
            0x3C => Some(Self::Request),
            0x3D => Some(Self::Notify),
            _ => None,
        }
    }

    fn octet(self) -> u8 {
        match self {
            Self::Process => 0x3B,
            Self::Request => 0x3C,
            Self::Notify => 0x3D,
        }
    }
}

impl Component {
    /// Reads the one component that a message carries.
    ///
    /// # Errors
    /// What is no component of USSD, with its place.
    pub fn decode(octets: &[u8]) -> Result<Self, Refused> {
        let mut outer = Reader::new(octets, 0);
        let element = outer.next_element()?.ok_or(Reason::Truncated.at(0))?;
        if !outer.is_empty() {
            return Err(Reason::Leftover.at(outer.offset()));
        }
        let mut parts = Reader::inside(&element);
        let component = match element.tag {
            INVOKE => invoke(&mut parts)?,
            RETURN_RESULT => return_result(&mut parts)?,
            RETURN_ERROR => Self::ReturnError {
                id: parts.expect_octet(INTEGER, "invoke id")?,
                code: parts.expect_octet(INTEGER, "error code")?,
            },
            REJECT => reject(&mut parts)?,
            other => return Err(Reason::UnknownType(other).at(0)),
        };
        // Parameters of an error may follow; nothing may follow the others.
        if parts.is_empty() || element.tag == RETURN_ERROR {
            Ok(component)
        } else {
            Err(Reason::Leftover.at(parts.offset()))
        }
    }

    /// The octets of the component.
    ///
    /// # Errors
    /// [`Reason::TooLarge`] when an element would need a length in the long form.
    pub fn encode(&self) -> Result<Vec<u8>, Refused> {
        match self {
            Self::Invoke {
                id,
                operation,
                string,
            } => {
                let parts = [integer(*id), integer(operation.octet()), argument(string)?];
                ber::element(INVOKE, &parts.concat())
            }
            Self::ReturnResult { id, result } => {
                let mut parts = integer(*id);
                if let Some((operation, string)) = result {
                    let inner = [integer(operation.octet()), argument(string)?].concat();
                    parts.extend(ber::element(SEQUENCE, &inner)?);
                }
                ber::element(RETURN_RESULT, &parts)
            }
            Self::ReturnError { id, code } => {
                ber::element(RETURN_ERROR, &[integer(*id), integer(*code)].concat())
            }
            Self::Reject { id, kind, problem } => {
                let id = id.map_or_else(|| vec![NULL, 0], integer);
                ber::element(REJECT, &[id, vec![*kind, 1, *problem]].concat())
            }
        }
    }

    /// The invoke id of a component that may be unreadable otherwise; for answering it.
    pub fn invoke_id(octets: &[u8]) -> Option<u8> {
        let element = Reader::new(octets, 0).next_element().ok().flatten()?;
        Reader::inside(&element)
            .expect_octet(INTEGER, "invoke id")
            .ok()
    }
}

fn integer(value: u8) -> Vec<u8> {
    vec![INTEGER, 1, value]
}

/// USSD-Arg and USSD-Res have the same form (TS 29.002 §17.7.4): scheme and string.
fn argument(string: &UssdString) -> Result<Vec<u8>, Refused> {
    let scheme = ber::element(OCTET_STRING, &[string.dcs.0])?;
    let octets = ber::element(OCTET_STRING, &string.octets)?;
    ber::element(SEQUENCE, &[scheme, octets].concat())
}

fn string(parts: &mut Reader<'_>) -> Result<UssdString, Refused> {
    let sequence = parts.expect(SEQUENCE, "USSD argument")?;
    let mut inner = Reader::inside(&sequence);
    let dcs = CbsDcs(inner.expect_octet(OCTET_STRING, "data coding scheme")?);
    let octets = inner.expect(OCTET_STRING, "USSD string")?;
    // An alerting pattern or a number may follow (TS 29.002 §17.7.4); neither is for us.
    while inner.next_element()?.is_some() {}
    Ok(UssdString {
        dcs,
        octets: octets.content.to_vec(),
    })
}

fn operation(octet: u8, at: usize) -> Result<Operation, Refused> {
    Operation::of(octet).ok_or(Reason::UnknownOperation(octet).at(at))
}

fn invoke(parts: &mut Reader<'_>) -> Result<Component, Refused> {
    let id = parts.expect_octet(INTEGER, "invoke id")?;
    let code = match parts.next_element()? {
        Some(element) if element.tag == LINKED_ID => parts.expect(INTEGER, "operation")?,
        Some(element) if element.tag == INTEGER => element,
        _ => return Err(Reason::Missing("operation").at(parts.offset())),
    };
    let operation = operation(ber::octet(&code, "operation")?, code.at)?;
    let string = string(parts)?;
    Ok(Component::Invoke {
        id,
        operation,
        string,
    })
}

fn return_result(parts: &mut Reader<'_>) -> Result<Component, Refused> {
    let id = parts.expect_octet(INTEGER, "invoke id")?;
    let result = match parts.next_element()? {
        None => None,
        Some(element) if element.tag == SEQUENCE => Some(result(&element)?),
        Some(element) => return Err(Reason::Missing("result").at(element.at)),
    };
    Ok(Component::ReturnResult { id, result })
}

fn result(element: &Element<'_>) -> Result<(Operation, UssdString), Refused> {
    let mut inner = Reader::inside(element);
    let code = inner.expect(INTEGER, "operation")?;
    let operation = operation(ber::octet(&code, "operation")?, code.at)?;
    let string = string(&mut inner)?;
    if inner.is_empty() {
        Ok((operation, string))
    } else {
        Err(Reason::Leftover.at(inner.offset()))
    }
}

fn reject(parts: &mut Reader<'_>) -> Result<Component, Refused> {
    let at = parts.offset();
    let id = match parts.next_element()? {
        Some(element) if element.tag == NULL && element.content.is_empty() => None,
        Some(element) if element.tag == INTEGER => Some(ber::octet(&element, "invoke id")?),
        _ => return Err(Reason::Missing("invoke id").at(at)),
    };
    let at = parts.offset();
    match parts.next_element()? {
        Some(problem) if (0x80..=0x83).contains(&problem.tag) => Ok(Component::Reject {
            id,
            kind: problem.tag,
            problem: ber::octet(&problem, "problem")?,
        }),
        _ => Err(Reason::Missing("problem").at(at)),
    }
}
