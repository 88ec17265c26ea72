//! IPA frames: a stream of octets becomes frames (Osmocom's multiplex: length, protocol, content).
//!
//! A length of two octets counts what follows the header of three; protocol 0xEE is followed by
//! one octet of extension. One frame, one buffer: nothing reads beyond its frame.

use super::{Reason, Refused};

/// Most octets that a frame may hold; a longer one ends the connection. The home register's own
/// messages stay far below: a USSD request has about 150 octets, a subscriber's record 400.
pub const FRAME_OCTETS_MAX: usize = 4_096;

/// Octets before the content: length and protocol.
const HEADER_OCTETS: usize = 3;
/// The protocol whose first octet is an extension.
const OSMOCOM: u8 = 0xEE;

/// Whose content a frame holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Protocol {
    /// 0xFE: connection management, [`super::ccm`].
    Ccm,
    /// 0xEE 0x05: GSUP, [`super::message`].
    Gsup,
    /// 0xEE 0x00: the control interface, [`super::ctrl`].
    Ctrl,
}

impl Protocol {
    fn octets(self) -> &'static [u8] {
        match self {
            Self::Ccm => &[0xFE],
            Self::Gsup => &[OSMOCOM, 0x05],
            Self::Ctrl => &[OSMOCOM, 0x00],
        }
    }
}

/// One frame.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    /// Whose content it is.
    pub protocol: Protocol,
    /// What follows protocol and extension.
    pub content: Vec<u8>,
}

/// What a push gave.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Cut {
    /// Frames that are whole now, in order; one of a protocol that is not ours is refused alone.
    pub frames: Vec<Result<Frame, Refused>>,
    /// Why the stream must not be read any further.
    pub bad: Option<Refused>,
}

/// Collects octets until a frame is whole.
#[derive(Default)]
pub struct Splitter {
    buffer: Vec<u8>,
}

impl Splitter {
    /// Takes what the socket gave and returns the frames that are whole now.
    ///
    /// Keeps less than [`FRAME_OCTETS_MAX`] and a header between calls, and nothing after a frame
    /// that is too long.
    pub fn push(&mut self, octets: &[u8]) -> Cut {
        self.buffer.extend_from_slice(octets);
        let mut cut = Cut::default();
        loop {
            let Some(&[high, low, protocol]) = self.buffer.first_chunk::<HEADER_OCTETS>() else {
                return cut;
            };
            let got = usize::from(u16::from_be_bytes([high, low]));
            if got > FRAME_OCTETS_MAX {
                self.buffer.clear();
                let limit = FRAME_OCTETS_MAX;
                cut.bad = Some(Reason::TooLarge { limit, got }.at(0));
                return cut;
            }
            let whole = got.saturating_add(HEADER_OCTETS);
            if self.buffer.len() < whole {
                return cut;
            }
            let rest = self.buffer.split_off(whole);
            let frame = core::mem::replace(&mut self.buffer, rest);
            let content = frame.get(HEADER_OCTETS..).unwrap_or_default();
            cut.frames.push(frame_of(protocol, content));
        }
    }

    /// Forgets a half frame, for a new connection.
    pub fn clear(&mut self) {
        self.buffer.clear();
    }

    /// Octets that wait for the rest of their frame.
    pub fn waiting(&self) -> usize {
        self.buffer.len()
    }
}

fn frame_of(protocol: u8, content: &[u8]) -> Result<Frame, Refused> {
    let (protocol, content) = match (protocol, content) {
        (0xFE, content) => (Protocol::Ccm, content),
        (OSMOCOM, []) => return Err(Reason::Truncated.at(0)),
        (OSMOCOM, [0x05, content @ ..]) => (Protocol::Gsup, content),
        (OSMOCOM, [0x00, content @ ..]) => (Protocol::Ctrl, content),
        (OSMOCOM, [other, ..]) => return Err(Reason::UnknownType(*other).at(0)),
        (other, _) => return Err(Reason::UnknownType(other).at(0)),
    };
    let content = content.to_vec();
    Ok(Frame { protocol, content })
}

impl Frame {
    /// The octets of the frame.
    ///
    /// # Errors
    /// [`Reason::TooLarge`] over [`FRAME_OCTETS_MAX`] octets.
    pub fn encode(&self) -> Result<Vec<u8>, Refused> {
        let [protocol, extension @ ..] = self.protocol.octets() else {
            return Err(Reason::Missing("protocol").at(0));
        };
        let got = self.content.len().saturating_add(extension.len());
        let limit = FRAME_OCTETS_MAX;
        let length = u16::try_from(got).ok().filter(|_| got <= limit);
        let [high, low] = length
            .ok_or(Reason::TooLarge { limit, got }.at(0))?
            .to_be_bytes();
        Ok([&[high, low, *protocol][..], extension, &self.content].concat())
    }
}

impl core::fmt::Debug for Frame {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let octets = self.content.len();
        write!(f, "Frame({:?}, {octets} octets)", self.protocol)
    }
}

impl core::fmt::Debug for Splitter {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Splitter({} octets)", self.buffer.len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame() -> impl Strategy<Value = Frame> {
        let protocol = prop_oneof![
            Just(Protocol::Ccm),
            Just(Protocol::Gsup),
            Just(Protocol::Ctrl)
        ];
        let content = prop::collection::vec(any::<u8>(), 0..200);
        (protocol, content).prop_map(|(protocol, content)| Frame { protocol, content })
    }

    proptest! {
        #[test]
        fn any_cut_of_the_stream_gives_the_same_frames(
            frames in prop::collection::vec(frame(), 0..8),
            cuts in prop::collection::vec(1_usize..50, 1..40),
        ) {
            let stream: Vec<u8> = frames.iter().flat_map(|frame| frame.encode().unwrap()).collect();
            let mut splitter = Splitter::default();
            let mut seen = Vec::new();
            let mut rest = &stream[..];
            for cut in cuts.iter().cycle() {
                if rest.is_empty() { break; }
                let (now, later) = rest.split_at((*cut).min(rest.len()));
                let cut = splitter.push(now);
                prop_assert_eq!(cut.bad, None);
                seen.extend(cut.frames.into_iter().map(Result::unwrap));
                rest = later;
            }
            prop_assert_eq!(seen, frames);
            prop_assert_eq!(splitter.waiting(), 0);
        }

        #[test]
        fn any_bytes_leave_a_bounded_buffer(
            chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..40),
        ) {
            let mut splitter = Splitter::default();
            for chunk in chunks {
                let cut = splitter.push(&chunk);
                prop_assert!(splitter.waiting() < FRAME_OCTETS_MAX + HEADER_OCTETS);
                if cut.bad.is_some() {
                    prop_assert_eq!(splitter.waiting(), 0);
                    break;
                }
            }
        }
    }

    #[test]
    fn a_frame_over_the_limit_is_neither_read_nor_written() {
        let limit = FRAME_OCTETS_MAX;
        let content = vec![0; limit + 1];
        let protocol = Protocol::Ccm;
        let refused = Reason::TooLarge {
            limit,
            got: limit + 1,
        };
        let frame = Frame { protocol, content };
        assert_eq!(frame.encode(), Err(refused.at(0)));
        let cut = Splitter::default().push(&[0x10, 0x01, 0xFE, 0]);
        assert_eq!((cut.frames.len(), cut.bad), (0, Some(refused.at(0))));
    }
}
