//! Where a short message stands in a long text: user data header or `sar_*` parameters.

use super::ShortMessage;
use crate::gsm7::Tables;
use crate::segment::udh::{self, Concatenation, Reference};

/// Where a message stands in a long text, the tables of its septets, and its payload without a
/// header: from the user data header, else from the `sar_*` parameters.
pub fn place(message: &ShortMessage) -> (Option<Concatenation>, Tables, &[u8]) {
    if message.esm_class.has_udh() {
        let data = udh::parse(message.content());
        return (
            data.concatenation.filter(|place| place.total > 1),
            data.tables,
            data.payload,
        );
    }
    let optional = &message.optional;
    let sar = (
        optional.sar_msg_ref_num,
        optional.sar_total_segments,
        optional.sar_segment_seqnum,
    );
    let place = match sar {
        (Some(reference), Some(total), Some(index)) => Some(Concatenation {
            reference: Reference::Sixteen(reference),
            total,
            index,
        }),
        _ => None,
    };
    (
        place.filter(|place| place.total > 1 && place.is_plausible()),
        Tables::DEFAULT,
        message.content(),
    )
}
