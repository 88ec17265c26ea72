//! Negative control: a decoder with a planted fault, which every search for faults must find.
//!
//! The fault is the usual one: a length field of the peer is trusted. Nothing but the control
//! calls this.

use super::Reached;

/// The SMPP target with a reader of `sm_length` that trusts the peer.
///
/// # Panics
/// On a `submit_sm` whose `sm_length` is longer than its PDU; else as [`super::smpp_pdu`].
pub fn smpp_pdu(data: &[u8]) -> Reached {
    let mut reached = super::smpp_pdu(data);
    if let Some((0, octets)) = data.split_first()
        && octets.get(4..8) == Some(&[0, 0, 0, 4])
        && text_octets(octets).is_some_and(|text| !text.is_empty())
    {
        reached.insert("text");
    }
    reached
}

/// The octets of `short_message`; everything before them is read with care.
fn text_octets(octets: &[u8]) -> Option<&[u8]> {
    let mut rest = octets.get(16..)?;
    // Octets of fixed length before each text (SMPP 3.4 §4.4.1).
    for fixed in [0, 2, 2, 3, 0] {
        rest = rest.get(fixed..)?;
        let end = rest.iter().position(|octet| *octet == 0)?;
        rest = rest.get(end + 1..)?;
    }
    let (head, rest) = rest.split_at_checked(5)?;
    Some(&rest[..usize::from(head[4])])
}
