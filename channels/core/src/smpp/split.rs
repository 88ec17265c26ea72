//! Cuts a byte stream into PDUs: one PDU, one buffer (SMPP 3.4 §3.2).
//!
//! The codec package does not stop at `command_length`, so it is never given more than one PDU.

/// Octets of the PDU header (SMPP 3.4 §3.2); a smaller `command_length` cannot be followed.
pub const HEADER_OCTETS: usize = 16;
/// Most octets of one PDU: `message_payload` of 65,535 and room for everything else; a longer
/// one ends the connection, because the start of the next PDU cannot be known safely.
pub const PDU_OCTETS_MAX: usize = 70_000;

/// A `command_length` that no PDU has; the connection cannot be read any further.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("command_length {length} is not within 16 to 70000")]
pub struct BadLength {
    /// What the peer wrote.
    pub length: u32,
}

/// What a push gave.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Cut {
    /// The PDUs that are whole now, in order.
    pub pdus: Vec<Vec<u8>>,
    /// Why the stream cannot be read beyond them.
    pub bad: Option<BadLength>,
}

/// Collects octets until a PDU is whole.
#[derive(Default)]
pub struct Splitter {
    buffer: Vec<u8>,
}

impl Splitter {
    /// Takes what the socket gave and returns the PDUs that are whole now.
    ///
    /// Keeps less than [`PDU_OCTETS_MAX`] octets between calls, and nothing after a bad length.
    pub fn push(&mut self, octets: &[u8]) -> Cut {
        self.buffer.extend_from_slice(octets);
        let mut cut = Cut::default();
        loop {
            match self.next_length() {
                Ok(Some(length)) => {
                    let rest = self.buffer.split_off(length);
                    cut.pdus.push(core::mem::replace(&mut self.buffer, rest));
                }
                Ok(None) => return cut,
                Err(bad) => {
                    self.buffer.clear();
                    cut.bad = Some(bad);
                    return cut;
                }
            }
        }
    }

    /// Forgets a half PDU, for a new connection.
    pub fn clear(&mut self) {
        self.buffer.clear();
    }

    /// Octets that wait for the rest of their PDU.
    pub fn waiting(&self) -> usize {
        self.buffer.len()
    }

    /// Length of the first PDU when it is here as a whole.
    fn next_length(&self) -> Result<Option<usize>, BadLength> {
        let Some(first) = self.buffer.first_chunk::<4>() else {
            return Ok(None);
        };
        let length = u32::from_be_bytes(*first);
        let octets = usize::try_from(length).unwrap_or(usize::MAX);
        if !(HEADER_OCTETS..=PDU_OCTETS_MAX).contains(&octets) {
            return Err(BadLength { length });
        }
        Ok((self.buffer.len() >= octets).then_some(octets))
    }
}

impl core::fmt::Debug for Cut {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Cut({} PDUs, {:?})", self.pdus.len(), self.bad)
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

    fn pdu(body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + HEADER_OCTETS).unwrap();
        [&length.to_be_bytes()[..], &[0; 12], body].concat()
    }

    #[test]
    fn a_length_outside_the_limits_ends_the_stream_and_keeps_nothing() {
        for length in [0_u32, 15, 70_001, 825_373_492] {
            let mut splitter = Splitter::default();
            let stream = [pdu(b"x"), length.to_be_bytes().to_vec()].concat();
            let cut = splitter.push(&stream);
            assert_eq!((cut.pdus.len(), cut.bad), (1, Some(BadLength { length })));
            assert_eq!(splitter.waiting(), 0);
        }
    }

    proptest! {
        #[test]
        fn any_cut_of_the_stream_gives_the_same_pdus(
            bodies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..8),
            cuts in prop::collection::vec(1usize..50, 1..40),
        ) {
            let whole: Vec<Vec<u8>> = bodies.iter().map(|body| pdu(body)).collect();
            let stream = whole.concat();
            let mut splitter = Splitter::default();
            let mut seen = Vec::new();
            let mut rest = &stream[..];
            for cut in cuts.iter().cycle() {
                if rest.is_empty() { break; }
                let (now, later) = rest.split_at((*cut).min(rest.len()));
                let cut = splitter.push(now);
                prop_assert_eq!(cut.bad, None);
                seen.extend(cut.pdus);
                rest = later;
            }
            prop_assert_eq!(seen, whole);
            prop_assert_eq!(splitter.waiting(), 0);
        }

        #[test]
        fn any_bytes_leave_a_bounded_buffer(
            chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..20),
        ) {
            let mut splitter = Splitter::default();
            for chunk in chunks {
                let cut = splitter.push(&chunk);
                prop_assert!(cut.pdus.iter().all(|pdu| pdu.len() <= PDU_OCTETS_MAX));
                prop_assert!(splitter.waiting() < PDU_OCTETS_MAX);
                if cut.bad.is_some() { break; }
            }
        }
    }
}
