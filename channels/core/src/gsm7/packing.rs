//! Packing of septets into octets (3GPP TS 23.038 §6.1.2), for SMS and for USSD.
//!
//! SMS carries a count of septets and may begin with fill bits after a header; USSD has no count
//! and fills seven spare bits with a carriage return (§6.1.2.3.1).

/// Carriage return, which fills seven spare bits of a USSD string.
const CARRIAGE_RETURN: u8 = 0x0D;

/// Packs septets, the first one in the lowest bits, after `fill_bits` (0–6) zero bits.
pub fn pack(septets: &[u8], fill_bits: u8) -> Vec<u8> {
    let mut octets = Vec::with_capacity(septets.len());
    let mut held: u16 = 0;
    let mut bits = u32::from(fill_bits.min(6));
    for &septet in septets {
        held |= u16::from(septet & 0x7F) << bits;
        bits += 7;
        if bits >= 8 {
            octets.push(low_octet(held));
            held >>= 8;
            bits -= 8;
        }
    }
    if bits > 0 {
        octets.push(low_octet(held));
    }
    octets
}

/// Unpacks at most `count` septets after `fill_bits` (0–6) bits; fewer when the octets end first.
pub fn unpack(octets: &[u8], count: usize, fill_bits: u8) -> Vec<u8> {
    let skipped = u32::from(fill_bits.min(6));
    let mut septets = Vec::with_capacity(count.min(octets.len().saturating_mul(8) / 7));
    let mut held: u16 = 0;
    let mut bits = 0_u32;
    let mut first = true;
    for &octet in octets {
        held |= u16::from(octet) << bits;
        bits += 8;
        if first {
            held >>= skipped;
            bits -= skipped;
            first = false;
        }
        while bits >= 7 && septets.len() < count {
            septets.push(low_octet(held & 0x7F));
            held >>= 7;
            bits -= 7;
        }
        if septets.len() >= count {
            break;
        }
    }
    septets
}

/// Packs a USSD string (TS 23.038 §6.1.2.3.1): seven spare bits hold a carriage return, and a
/// text that ends in one on an octet boundary gets a second.
pub fn pack_ussd(septets: &[u8]) -> Vec<u8> {
    let ends_on_boundary = septets.len().is_multiple_of(8);
    let padded =
        septets.len() % 8 == 7 || (ends_on_boundary && septets.last() == Some(&CARRIAGE_RETURN));
    if !padded {
        return pack(septets, 0);
    }
    let mut longer = septets.to_vec();
    longer.push(CARRIAGE_RETURN);
    pack(&longer, 0)
}

/// Unpacks a USSD string and takes off a carriage return that ends on an octet boundary.
pub fn unpack_ussd(octets: &[u8]) -> Vec<u8> {
    let mut septets = unpack(octets, octets.len().saturating_mul(8) / 7, 0);
    if septets.len().is_multiple_of(8) && septets.last() == Some(&CARRIAGE_RETURN) {
        septets.truncate(septets.len().saturating_sub(1));
    }
    septets
}

fn low_octet(value: u16) -> u8 {
    let [_, low] = value.to_be_bytes();
    low
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gsm7;
    use proptest::prelude::*;

    fn check(text: &str, octets: &[u8]) {
        let packed = pack_ussd(&gsm7::encode(text).unwrap());
        assert_eq!(packed, octets);
        assert_eq!(gsm7::decode(&unpack_ussd(&packed)), text);
    }

    #[test]
    fn published_codes_pack_as_networks_send_them() {
        check("*101#", &[0xAA, 0x18, 0x2C, 0x36, 0x02]);
        check("*101*4#", &[0xAA, 0x18, 0x2C, 0xA6, 0xA2, 0x8D, 0x1A]);
        check("*384#", &[0xAA, 0x19, 0x8E, 0x36, 0x02]);
    }

    #[test]
    fn fill_bits_align_the_text_after_a_header() {
        // After a header of six octets one bit is filled (TS 23.040 §9.2.3.24).
        let septets = gsm7::encode("hello").unwrap();
        let packed = pack(&septets, 1);
        assert_eq!(packed.first().map(|octet| octet & 1), Some(0));
        assert_eq!(unpack(&packed, 5, 1), septets);
    }

    #[test]
    fn a_final_carriage_return_on_the_boundary_is_doubled() {
        let septets = gsm7::encode("1234567\r").unwrap();
        assert_eq!(
            unpack_ussd(&pack_ussd(&septets)),
            gsm7::encode("1234567\r\r").unwrap()
        );
    }

    proptest! {
        #[test]
        fn unpacking_gives_back_what_was_packed(
            septets in proptest::collection::vec(0..128_u8, 0..200), fill in 0..7_u8,
        ) {
            prop_assert_eq!(unpack(&pack(&septets, fill), septets.len(), fill), septets.clone());
            let ussd = unpack_ussd(&pack_ussd(&septets));
            let doubled = septets.len() % 8 == 0 && septets.last() == Some(&CARRIAGE_RETURN);
            prop_assert_eq!(ussd.len(), septets.len() + usize::from(doubled));
            prop_assert!(ussd.starts_with(&septets));
        }

        #[test]
        fn unpacking_anything_is_bounded(
            octets in proptest::collection::vec(any::<u8>(), 0..300),
            count in any::<usize>(), fill in any::<u8>(),
        ) {
            let septets = unpack(&octets, count, fill);
            prop_assert!(septets.len() <= count && septets.len() <= octets.len() * 8 / 7);
            prop_assert!(unpack_ussd(&octets).iter().all(|&septet| septet < 128));
        }
    }
}
